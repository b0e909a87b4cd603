"""One case put into words and figures once; page, text and JSON are drawn from the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.record import CaseExplanation, Contribution
from riskmodel.report.number_format import (
    format_count,
    format_percent,
    format_signed_points,
    format_week,
    format_whole_weeks,
)
from riskmodel.report.phrase_catalogue import DATA_KINDS, NOT_FOR, say_count
from riskmodel.report.phrases import (
    Direction,
    direction_of,
    one_line,
    phrase_band,
    phrase_comparison,
    phrase_duration,
    phrase_factor,
    phrase_missing,
    phrase_reasons,
    phrase_risk,
    phrase_tier,
    say,
)
from riskmodel.visitation.recommendation import Recommendation

__all__ = [
    "AskWords",
    "CaseWords",
    "FactorWords",
    "MissingWords",
    "RecommendationWords",
    "curve_marks",
    "describe_case",
    "last_week",
]

WEEK_MARKS = (8.0, 12.0, 26.0, 52.0)
FieldLabels = Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class FactorWords:
    """One fact and how it moves the risk, in one language."""

    field: str
    label: str
    value: str
    missing: bool
    points: float
    direction: Direction
    direction_word: str
    figure: str
    sentence: str


@dataclass(frozen=True, slots=True)
class MissingWords:
    """One missing fact and how far it could move the risk."""

    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AskWords:
    """What could be asked or checked about one fact that can be influenced."""

    label: str
    value: str
    ask: str


@dataclass(frozen=True, slots=True)
class RecommendationWords:
    """What the policy says, in one language; contacts are pairs of week and label."""

    tier: str
    description: str
    rules: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CaseWords:
    """All that is said about one case, in one language.

    Parameters
    ----------
    headline : tuple of str
        Three lines: the tier, the risk with its interval, the two largest reasons.
    chance, reference : str
        The risk of this case and of a typical case.
    watermark : str
        "syntetisk" where the model has only seen synthetic cases, else empty.
    duration_rows : tuple of (str, str)
        The duration picture as a table.
    marks : tuple of (str, str)
        Weeks and the risk of still being sick-listed after them.
    factors : tuple of FactorWords
        Largest contribution first.
    facts : tuple of FactorWords
        The same in codebook order.
    """

    lang: Language
    case_id: str
    context: str
    headline: tuple[str, str, str]
    chance: str
    reference: str
    watermark: str
    warnings: tuple[str, ...]
    risk: tuple[str, ...]
    duration: tuple[str, ...]
    duration_rows: tuple[tuple[str, str], ...]
    marks: tuple[tuple[str, str], ...]
    weights: tuple[str, ...]
    factors: tuple[FactorWords, ...]
    facts: tuple[FactorWords, ...]
    missing_note: str
    missing: tuple[MissingWords, ...]
    asks_note: str
    asks: tuple[AskWords, ...]
    recommendation: RecommendationWords | None
    not_for: tuple[str, ...]
    about: tuple[str, ...]


def last_week(explanation: CaseExplanation) -> float:
    """Return the last week that the duration curve speaks of."""
    if not explanation.curve:
        return explanation.horizon_weeks
    return explanation.curve[-1].week


def _chance_after(explanation: CaseExplanation, week: float) -> float:
    """Return the curve's value at a week; between its points it runs straight."""
    if week == explanation.horizon_weeks:
        return explanation.risk
    points = explanation.curve
    for left, right in pairwise(points):
        if left.week <= week <= right.week:
            share = (week - left.week) / (right.week - left.week)
            return left.probability + share * (right.probability - left.probability)
    return points[0].probability if week < points[0].week else points[-1].probability


def curve_marks(explanation: CaseExplanation) -> tuple[tuple[float, float], ...]:
    """Return the marked weeks after the assessment with the chance of passing each."""
    if not explanation.curve:
        return ((explanation.horizon_weeks, explanation.risk),)
    end = last_week(explanation)
    weeks = sorted({*WEEK_MARKS, explanation.horizon_weeks})
    ahead = [week for week in weeks if explanation.assessed_week < week <= end]
    return tuple((week, _chance_after(explanation, week)) for week in ahead)


def _describe_factor(one: Contribution, lang: Language) -> FactorWords:
    direction = direction_of(one.points)
    return FactorWords(
        field=one.field,
        label=one_line(one.label.text(lang)),
        value=say("missing", lang) if one.missing else one_line(one.value_label.text(lang)),
        missing=one.missing,
        points=one.points,
        direction=direction,
        direction_word=say(f"direction_{direction}", lang),
        figure=format_signed_points(one.points, lang),
        sentence=phrase_factor(one, lang),
    )


def _describe_missing(
    explanation: CaseExplanation, lang: Language
) -> tuple[str, tuple[MissingWords, ...]]:
    missing = explanation.missing
    if not missing:
        return say("nothing_missing", lang), ()
    total = len(explanation.contributions)
    widest = sorted(missing, key=lambda one: -_reach(one))
    return say("missing_count", lang, total=total, count=len(missing)), tuple(
        MissingWords(
            label=one_line(one.label.text(lang)),
            sentence=phrase_missing(explanation.risk, one, lang),
        )
        for one in widest
    )


def _reach(one: Contribution) -> float:
    return 0.0 if one.points_range is None else one.points_range[1] - one.points_range[0]


def _describe_asks(
    explanation: CaseExplanation, lang: Language
) -> tuple[str, tuple[AskWords, ...]]:
    open_facts = [
        one
        for one in explanation.contributions
        if one.actionable and one.ask is not None and (one.missing or one.points > 0)
    ]
    open_facts.sort(key=lambda one: (not one.missing, -one.points))
    asks = tuple(
        AskWords(
            label=one_line(one.label.text(lang)),
            value=say("missing", lang) if one.missing else one_line(one.value_label.text(lang)),
            ask=one_line(one.ask.text(lang)),
        )
        for one in open_facts
        if one.ask is not None
    )
    return say("asks" if asks else "no_asks", lang), asks


def _join_labels(
    fields: tuple[str, ...], explanation: CaseExplanation, labels: FieldLabels, lang: Language
) -> str:
    known = {one.field: one.label for one in explanation.contributions} | dict(labels)
    named = (known[field].text(lang) if field in known else field for field in fields)
    return ", ".join(one_line(name) for name in named)


def _describe_recommendation(
    recommendation: Recommendation,
    explanation: CaseExplanation,
    labels: FieldLabels,
    lang: Language,
) -> RecommendationWords:
    notes = [phrase_band(recommendation, lang)]
    if recommendation.missing_facts:
        named = _join_labels(recommendation.missing_facts, explanation, labels, lang)
        notes.insert(0, say("needed", lang, labels=named))
    return RecommendationWords(
        tier=one_line(recommendation.tier_label.text(lang)),
        description=one_line(recommendation.tier_description.text(lang)),
        rules=tuple(one_line(one.text.text(lang)) for one in recommendation.reasons),
        contacts=tuple(
            (format_week(one.week, lang), one_line(one.label.text(lang)))
            for one in recommendation.contacts
        ),
        notes=(*notes, say("decide", lang)),
        source=say(
            "policy_version",
            lang,
            name=one_line(recommendation.policy_name),
            version=one_line(recommendation.policy_version),
        ),
    )


def _describe_warnings(
    explanation: CaseExplanation, labels: FieldLabels, lang: Language
) -> tuple[str, ...]:
    warnings: list[str] = []
    if explanation.data_kind == "synthetic":
        warnings.append(say("synthetic", lang))
    if explanation.outside_training:
        named = _join_labels(explanation.outside_training, explanation, labels, lang)
        warnings.append(f"{say('outside', lang, labels=named)} {say('outside_advice', lang)}")
    return tuple(warnings)


def _describe_model(explanation: CaseExplanation, lang: Language) -> tuple[str, ...]:
    n = explanation.n_training_persons
    persons = say_count("person", lang, n, count=format_count(n, lang))
    return (
        say("trained", lang, kind=DATA_KINDS[explanation.data_kind].text(lang), count=persons),
        say("range_meaning", lang),
        say("only_these", lang),
        say("model_version", lang, version=one_line(explanation.model_version)),
    )


def _context(explanation: CaseExplanation, lang: Language) -> str:
    week = say("assessed", lang, week=format_week(explanation.assessed_week, lang))
    site = one_line(explanation.site)
    return f"{site} · {week}" if site else week


def _marks(explanation: CaseExplanation, lang: Language) -> tuple[tuple[str, str], ...]:
    return tuple(
        (format_week(week, lang), format_percent(chance, lang))
        for week, chance in curve_marks(explanation)
    )


def _duration_rows(explanation: CaseExplanation, lang: Language) -> tuple[tuple[str, str], ...]:
    expected, low, high = (
        format_whole_weeks(weeks, lang, last_week=last_week(explanation))
        for weeks in (
            explanation.expected_weeks,
            explanation.expected_weeks_low,
            explanation.expected_weeks_high,
        )
    )
    marks = (
        (say("mark_row", lang, week=week), chance) for week, chance in _marks(explanation, lang)
    )
    return (
        (say("expected_row", lang), expected),
        (say("range_row", lang), say("from_to", lang, low=low, high=high)),
        *marks,
    )


def describe_case(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language,
    *,
    labels: FieldLabels | None = None,
) -> CaseWords:
    """Put a case into words in one language.

    Parameters
    ----------
    explanation : CaseExplanation
        Risk, duration and contributions.
    recommendation : Recommendation or None
        What the policy says; None where no policy was given.
    lang : {"da", "en"}
        Language.
    labels : mapping of str to Label, optional
        Labels of fields that are not indicators, for facts that the policy needs.

    Returns
    -------
    CaseWords
        Every sentence and figure that page, text and JSON show.
    """
    names = labels or {}
    missing_note, missing = _describe_missing(explanation, lang)
    asks_note, asks = _describe_asks(explanation, lang)
    reference = format_percent(explanation.reference_risk, lang)
    chance = format_percent(explanation.risk, lang)
    return CaseWords(
        lang=lang,
        case_id=one_line(explanation.case_id),
        context=_context(explanation, lang),
        headline=(
            phrase_tier(explanation, recommendation, lang),
            phrase_risk(explanation, lang),
            phrase_reasons(explanation, lang),
        ),
        chance=chance,
        reference=reference,
        watermark=say("synthetic_mark", lang) if explanation.data_kind == "synthetic" else "",
        warnings=_describe_warnings(explanation, names, lang),
        risk=phrase_comparison(explanation, lang),
        duration=phrase_duration(explanation, last_week(explanation), lang),
        duration_rows=_duration_rows(explanation, lang),
        marks=_marks(explanation, lang),
        weights=(
            say("weights", lang, reference=reference, risk=chance),
            say("weights_rounded", lang),
        ),
        factors=tuple(_describe_factor(one, lang) for one in explanation.by_size),
        facts=tuple(_describe_factor(one, lang) for one in explanation.contributions),
        missing_note=missing_note,
        missing=missing,
        asks_note=asks_note,
        asks=asks,
        recommendation=None
        if recommendation is None
        else _describe_recommendation(recommendation, explanation, names, lang),
        not_for=tuple(say(key, lang) for key in NOT_FOR),
        about=_describe_model(explanation, lang),
    )
