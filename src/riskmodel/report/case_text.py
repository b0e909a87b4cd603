"""One case as plain text: for a terminal, a journal note or a printed sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_words import CaseWords, describe_case
from riskmodel.report.phrases import say
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["bullets", "render_case_text"]


def render_case_text(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language,
    *,
    labels: Mapping[str, Label] | None = None,
    change: AssessmentChange | None = None,
) -> str:
    """Return one case as plain text.

    Parameters
    ----------
    explanation : CaseExplanation
        Risk, duration and contributions.
    recommendation : Recommendation or None
        What the policy says.
    lang : {"da", "en"}
        Language.
    labels : mapping of str to Label, optional
        Labels of fields that are not indicators.
    change : AssessmentChange, optional
        What changed since the case's last assessment.

    Returns
    -------
    str
        The first three lines hold the tier, the risk with its interval, and the two
        largest reasons. Ends with a line break.
    """
    words = describe_case(explanation, recommendation, lang, labels=labels, change=change)
    blocks = ["\n".join(words.headline), *words.warnings, words.context]
    blocks += [
        _block(lang, "h_risk", [" ".join(words.risk), *_pair_lines(words.risk_rows)]),
        _block(lang, "h_weights", _weight_lines(words)),
        _block(lang, "h_duration", [" ".join(words.duration), *_pair_lines(words.duration_rows)]),
        _block(lang, "h_missing", _missing_lines(words)),
        _block(lang, "h_facts", bullets(f"{one.label}: {one.value}" for one in words.facts)),
        _block(lang, "h_asks", _ask_lines(words)),
        _block(lang, "h_similar", [" ".join(words.similar)]),
        _block(lang, "h_change", _change_lines(words)),
        _block(lang, "h_recommendation", _recommendation_lines(words)),
        _block(lang, "h_not_for", bullets(words.not_for)),
        _block(lang, "h_about", _about_lines(words)),
    ]
    return "\n\n".join(blocks) + "\n"


def _block(lang: Language, heading: str, lines: Iterable[str]) -> str:
    return "\n".join((say(heading, lang).upper(), *lines))


def bullets(lines: Iterable[str]) -> list[str]:
    """Return lines as a list of points."""
    return [f"- {line}" for line in lines]


def _pair_lines(rows: Iterable[tuple[str, str]]) -> list[str]:
    return bullets(f"{name}: {figure}" for name, figure in rows)


def _recommendation_lines(words: CaseWords) -> list[str]:
    advice = words.recommendation
    if advice is None:
        return [say("no_policy", words.lang)]
    lines = [f"{advice.tier}. {advice.description}"]
    if advice.rules:
        lines += [f"{say('rules', words.lang)}:", *bullets(advice.rules)]
    if advice.contacts:
        contacts = bullets(one.sentence for one in advice.contacts)
        lines += [f"{say('contacts', words.lang)}:", *contacts]
    else:
        lines.append(say("no_contacts", words.lang))
    return [*lines, *advice.notes]


def _weight_lines(words: CaseWords) -> list[str]:
    lang = words.lang
    rows = [f"{say('typical_case', lang)}: {words.reference} ({words.reference_interval})"]
    for row in words.weight_rows:
        figure = say("with_range", lang, figure=row.figure, range=row.interval)
        rows.append(
            f"{row.label}: {row.value} ({figure})" if row.value else f"{row.label} ({figure})"
        )
    rows.append(f"{say('this_case', lang)}: {words.chance} ({words.chance_interval})")
    told = [f"{one.label}: {one.value}. {one.sentence}" for one in words.factors if one.counts]
    return [" ".join(words.weights), *bullets(rows), say("weights_sentences", lang), *bullets(told)]


def _missing_lines(words: CaseWords) -> list[str]:
    found = words.missing
    lines = [found.note, *bullets(f"{one.label}. {one.sentence}" for one in found.facts)]
    return [*lines, found.not_relevant] if found.not_relevant else lines


def _change_lines(words: CaseWords) -> list[str]:
    rows = []
    for name, before, now, figure, interval in words.change.rows:
        moved = f"{before} \N{RIGHTWARDS ARROW} {now} " if before or now else ""
        told = say("with_range", words.lang, figure=figure, range=interval)
        rows.append(f"{name}: {moved}({told})")
    return [" ".join(words.change.sentences), *bullets(rows)]


def _ask_lines(words: CaseWords) -> list[str]:
    return [
        words.asks_note,
        *bullets(f"{one.label}: {one.value}. {one.ask}" for one in words.asks),
    ]


def _about_lines(words: CaseWords) -> list[str]:
    source = () if words.recommendation is None else words.recommendation.source
    return bullets((*words.about, *source))
