"""One case as plain text: for a terminal, a journal note or a printed sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_words import CaseWords, describe_case
from riskmodel.report.phrases import say
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["render_case_text"]


def render_case_text(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language,
    *,
    labels: Mapping[str, Label] | None = None,
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

    Returns
    -------
    str
        The first three lines hold the tier, the risk with its interval, and the two
        largest reasons. Ends with a line break.
    """
    words = describe_case(explanation, recommendation, lang, labels=labels)
    blocks = ["\n".join(words.headline), *words.warnings, words.context]
    blocks += [
        _block(lang, "h_recommendation", _recommendation_lines(words)),
        _block(lang, "h_risk", [" ".join(words.risk)]),
        _block(lang, "h_duration", [" ".join(words.duration), *_mark_lines(words)]),
        _block(lang, "h_weights", _weight_lines(words)),
        _block(lang, "h_missing", _missing_lines(words)),
        _block(lang, "h_asks", _ask_lines(words)),
        _block(lang, "h_not_for", _bullets(words.not_for)),
        _block(lang, "h_about", _about_lines(words)),
    ]
    return "\n\n".join(blocks) + "\n"


def _block(lang: Language, heading: str, lines: Iterable[str]) -> str:
    return "\n".join((say(heading, lang).upper(), *lines))


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _recommendation_lines(words: CaseWords) -> list[str]:
    advice = words.recommendation
    if advice is None:
        return [say("no_policy", words.lang)]
    lines = [advice.description]
    if advice.rules:
        lines += [f"{say('rules', words.lang)}:", *_bullets(advice.rules)]
    if advice.contacts:
        contacts = [
            say("contact", words.lang, week=week, label=label) for week, label in advice.contacts
        ]
        lines += [f"{say('contacts', words.lang)}:", *_bullets(contacts)]
    else:
        lines.append(say("no_contacts", words.lang))
    return [*lines, *advice.notes]


def _mark_lines(words: CaseWords) -> list[str]:
    return _bullets(
        say("mark", words.lang, week=week, chance=chance) for week, chance in words.marks
    )


def _weight_lines(words: CaseWords) -> list[str]:
    factors = [f"{one.label}: {one.value}. {one.sentence}" for one in words.factors]
    return [" ".join(words.weights), *_bullets(factors)]


def _missing_lines(words: CaseWords) -> list[str]:
    return [words.missing_note, *_bullets(f"{one.label}. {one.sentence}" for one in words.missing)]


def _ask_lines(words: CaseWords) -> list[str]:
    return [
        words.asks_note,
        *_bullets(f"{one.label}: {one.value}. {one.ask}" for one in words.asks),
    ]


def _about_lines(words: CaseWords) -> list[str]:
    source = () if words.recommendation is None else (words.recommendation.source,)
    return _bullets((*words.about, *source))
