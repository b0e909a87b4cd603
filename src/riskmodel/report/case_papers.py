"""The citizen's letter and the argument note: the same record as the case page, other readers.

Both are papers of sections that can be printed or edited. A blank is a line that a person
fills in by hand: the municipality's own guidance, names and reasons never come from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from riskmodel.domain.labels import Language
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import (
    CaseExplanation,
    address_citizen,
    find_points_interval,
)
from riskmodel.report.case_rules import FieldLabels
from riskmodel.report.case_words import CaseWords, describe_case
from riskmodel.report.number_format import format_percent, format_weeks
from riskmodel.report.phrase_catalogue import DATA_KINDS, say
from riskmodel.report.phrases import one_line, phrase_doubts, phrase_letter_pull, size_of
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["LETTER_FACTORS", "Paper", "PaperKind", "Section", "describe_letter", "describe_note"]

PaperKind = Literal["letter", "note"]
LETTER_FACTORS: Final = 5
_CITIZEN: Final[dict[Language, str]] = {"da": "borger", "en": "citizen"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, points and blank lines to fill in, in this order."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter or a note, ready to be drawn.

    Parameters
    ----------
    title : str
        Its title.
    watermark : str
        "syntetisk" where the model has only seen synthetic cases, else empty.
    warnings : tuple of str
        What must be read before anything else.
    blanks : tuple of str
        What is filled in at the top.
    reference : str
        Which case it is about.
    sections : tuple of Section
        The text.
    facts : tuple of (str, str)
        Facts that the figure rests on; empty where the paper has none of its own.
    about : tuple of str
        Model and policy.
    """

    kind: PaperKind
    lang: Language
    title: str
    watermark: str
    warnings: tuple[str, ...]
    blanks: tuple[str, ...]
    reference: str
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...]
    about: tuple[str, ...]


def describe_letter(
    explanation: CaseExplanation, recommendation: Recommendation | None, lang: Language
) -> Paper:
    """Return the letter that tells a citizen of the calculation.

    It says that a program was used, what it decides (nothing), the figure with its
    uncertainty, what weighs most and by how much, what the figure must not be used for, all
    facts behind it, and whom to turn to. Facts are named as the codebook names them to the
    citizen. How to complain is left for the municipality to fill in.

    Parameters
    ----------
    explanation : CaseExplanation
        Risk, duration and contributions.
    recommendation : Recommendation or None
        What the policy says.
    lang : {"da", "en"}
        Language.
    """
    explanation = address_citizen(explanation)
    words = describe_case(explanation, recommendation, lang)
    kind = DATA_KINDS[explanation.data_kind].text(lang)
    sections = (
        Section(
            say("letter_h_what", lang),
            (say("letter_used", lang, kind=kind), say("letter_role", lang)),
        ),
        _tell_figure(explanation, recommendation, words),
        _tell_weights(explanation, words),
        Section(
            say("letter_h_not", lang),
            (f"{say('letter_not_benefit', lang)} {say('letter_not_incapacity', lang)}",),
        ),
        Section(
            say("letter_h_disagree", lang),
            (say("letter_wrong", lang), say("letter_disagree", lang)),
            blanks=(say("letter_complaint", lang), "", ""),
        ),
        Section(
            say("letter_h_contact", lang),
            blanks=(
                say("letter_adviser", lang),
                say("letter_phone", lang),
                say("letter_mail", lang),
            ),
        ),
    )
    return Paper(
        kind="letter",
        lang=lang,
        title=say("letter_title", lang),
        watermark=words.watermark,
        warnings=_warn(explanation, recommendation, lang),
        blanks=(
            say("letter_municipality", lang),
            say("letter_date", lang),
            say("letter_name", lang),
        ),
        reference=f"{say('letter_number', lang)}: {words.case_id}",
        sections=sections,
        facts=tuple((one.label, one.value) for one in words.facts),
        about=_name_versions(words),
    )


def _warn(
    explanation: CaseExplanation, recommendation: Recommendation | None, lang: Language
) -> tuple[str, ...]:
    warnings = []
    if explanation.data_kind == "synthetic":
        warnings.append(say("letter_synthetic", lang))
    if recommendation is not None and not recommendation.in_force:
        warnings.append(say("letter_out_of_force", lang))
    return tuple(warnings)


def _tell_figure(
    explanation: CaseExplanation, recommendation: Recommendation | None, words: CaseWords
) -> Section:
    lang, advice = words.lang, words.recommendation
    weeks = format_weeks(explanation.horizon_weeks, lang)
    spread = say(
        "letter_spread",
        lang,
        low=format_percent(explanation.risk_low, lang),
        high=format_percent(explanation.risk_high, lang),
        reference=say("beside_range", lang, figure=words.reference, range=words.reference_interval),
    )
    told = [
        say("letter_figure", lang, weeks=weeks, risk=words.chance),
        spread,
        say("letter_not_you", lang),
    ]
    if explanation.doubts:
        told.append(phrase_doubts(explanation, lang))
    if advice is not None and recommendation is not None and recommendation.in_force:
        chooses = recommendation.adviser_chooses
        told.append(
            say("letter_adviser_chooses", lang)
            if chooses
            else say("letter_tier", lang, tier=advice.tier)
        )
    return Section(say("letter_h_figure", lang), tuple(told), blanks=(say("letter_chosen", lang),))


def _tell_weights(explanation: CaseExplanation, words: CaseWords) -> Section:
    """Say what each of the largest facts does, and what all others do together."""
    lang = words.lang
    largest = [one for one in explanation.by_size if size_of(one.points) is not None]
    largest = largest[:LETTER_FACTORS]
    points = [
        f"{fact.label}: {fact.value}. {phrase_letter_pull(one.points, one.interval, lang)}"
        for fact, one in zip(words.factors, largest, strict=False)
    ]
    told = [say("letter_weighs" if largest else "letter_weighs_none", lang)]
    if any(_CITIZEN[lang] in point.casefold() for point in points):
        told.append(say("letter_you", lang))
    rest = explanation.by_size[len(largest) :]
    if rest:
        together = phrase_letter_pull(
            sum(one.points for one in rest), find_points_interval(rest), lang
        )
        name = say("letter_rest" if largest else "letter_all", lang)
        points.append(f"{name} {together}")
    if points:
        told.append(say("letter_brackets", lang))
    return Section(say("letter_h_weighs", lang), (" ".join(told),), tuple(points))


def _name_versions(words: CaseWords) -> tuple[str, ...]:
    advice = words.recommendation
    return (words.about[-1], *(() if advice is None else advice.source))


def describe_note(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language,
    *,
    labels: FieldLabels | None = None,
    change: AssessmentChange | None = None,
) -> Paper:
    """Return the note that argues why a case should have more, and what speaks against it.

    A fact whose interval leaves in doubt which way it pulls argues for neither and is told
    among what is uncertain.

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
    """
    words = describe_case(explanation, recommendation, lang, labels=labels, change=change)
    return Paper(
        kind="note",
        lang=lang,
        title=say("note_title", lang, case=words.case_id),
        watermark=words.watermark,
        warnings=words.warnings,
        blanks=(),
        reference=words.context,
        sections=(
            Section(say("in_short", lang), words.headline[:2]),
            _tell_course(words),
            _argue(words, up=True),
            _argue(words, up=False),
            _say_uncertain(words),
            Section(say("h_similar", lang), (" ".join(words.similar),)),
            _say_rules(words),
            Section(
                say("h_asks", lang),
                (words.asks_note,),
                tuple(f"{one.label} ({one.value}). {one.ask}" for one in words.asks),
            ),
            Section(say("h_not_for", lang), points=(say("note_effect", lang), *words.not_for)),
            Section(say("note_h_own", lang), (say("note_draft", lang),), blanks=("",)),
            Section(say("note_h_wish", lang), blanks=("", say("own_sign", lang))),
        ),
        facts=(),
        about=_name_versions(words),
    )


def _tell_course(words: CaseWords) -> Section:
    told = [" ".join(words.risk), " ".join(words.duration)]
    if words.change.rows:
        told.append(" ".join(words.change.sentences))
    return Section(say("note_h_figure", words.lang), tuple(told))


def _argue(words: CaseWords, *, up: bool) -> Section:
    lang, way = words.lang, "up" if up else "down"
    points = tuple(
        f"{one.label}: {one.value}. {one.sentence}"
        for one in words.factors
        if one.counts and one.sure and one.direction == way
    )
    none = say("note_for_none" if up else "note_against_none", lang)
    heading = say("note_h_for" if up else "note_h_against", lang)
    return Section(heading, () if points else (none,), points)


def _say_uncertain(words: CaseWords) -> Section:
    lang, found = words.lang, words.missing
    doubtful = (one for one in words.factors if one.counts and not one.sure)
    points = (
        *(f"{one.label}: {one.value}. {one.sentence}" for one in doubtful),
        *(f"{one.label}. {one.sentence}" for one in found.facts),
    )
    told = (*words.about[1:4], found.note)
    if found.not_relevant:
        told += (found.not_relevant,)
    return Section(say("note_h_unsure", lang), told, points)


def _say_rules(words: CaseWords) -> Section:
    lang, advice = words.lang, words.recommendation
    heading = say("note_h_rules", lang)
    if advice is None:
        return Section(heading, (say("no_policy", lang),))
    contacts = tuple(one.sentence for one in advice.contacts)
    return Section(
        heading, (f"{one_line(advice.tier)}. {advice.description}",), (*advice.rules, *contacts)
    )
