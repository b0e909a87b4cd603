"""One case put into words and figures once; page, text and JSON are drawn from the result."""

from __future__ import annotations

from dataclasses import dataclass

from riskmodel.domain.labels import Language
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation, CurvePoint
from riskmodel.report.case_course import (
    ChangeWords,
    curve_marks,
    describe_change,
    last_week,
    list_duration,
    list_marks,
    tell_chance,
)
from riskmodel.report.case_facts import (
    AskWords,
    FactorWords,
    MissingFacts,
    WeightRow,
    describe_asks,
    describe_factor,
    describe_missing,
    list_weights,
)
from riskmodel.report.case_rules import (
    FieldLabels,
    RecommendationWords,
    describe_model,
    describe_recommendation,
    describe_warnings,
    limits_of,
)
from riskmodel.report.number_format import (
    format_limit,
    format_percent,
    format_percent_range,
    format_week,
)
from riskmodel.report.phrase_catalogue import NOT_FOR, say
from riskmodel.report.phrases import (
    one_line,
    phrase_comparison,
    phrase_duration,
    phrase_reasons,
    phrase_reference,
    phrase_risk,
    phrase_similar,
    phrase_tier,
)
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["CaseWords", "curve_marks", "describe_case", "last_week"]


@dataclass(frozen=True, slots=True)
class CaseWords:
    """All that is said about one case, in one language.

    Parameters
    ----------
    headline : tuple of str
        Three lines: the tier, the risk with its interval, the two largest reasons.
    chance, reference : str
        The risk of this case and of a typical case.
    chance_interval, reference_interval : str
        Their 90 % intervals.
    watermark : str
        "syntetisk" where the model has only seen synthetic cases, else empty.
    risk_rows, duration_rows : tuple of (str, str)
        The pictures of risk and duration as tables.
    marks : tuple of (str, str)
        Weeks and the risk of still being sick-listed after them.
    weight_rows : tuple of WeightRow
        The picture of contributions as a table: the largest facts, and the rest in one row.
    factors : tuple of FactorWords
        Every fact, largest contribution first.
    facts : tuple of FactorWords
        The same in codebook order.
    similar : tuple of str
        Closed cases of like risk, as counts.
    change : ChangeWords
        What changed since the last assessment.
    """

    lang: Language
    case_id: str
    context: str
    headline: tuple[str, str, str]
    chance: str
    reference: str
    chance_interval: str
    reference_interval: str
    watermark: str
    warnings: tuple[str, ...]
    risk: tuple[str, ...]
    risk_rows: tuple[tuple[str, str], ...]
    duration: tuple[str, ...]
    duration_rows: tuple[tuple[str, str], ...]
    marks: tuple[tuple[str, str], ...]
    weights: tuple[str, ...]
    weight_rows: tuple[WeightRow, ...]
    factors: tuple[FactorWords, ...]
    facts: tuple[FactorWords, ...]
    missing: MissingFacts
    asks_note: str
    asks: tuple[AskWords, ...]
    similar: tuple[str, ...]
    change: ChangeWords
    recommendation: RecommendationWords | None
    not_for: tuple[str, ...]
    about: tuple[str, ...]


def _context(explanation: CaseExplanation, lang: Language) -> str:
    week = say("assessed", lang, week=format_week(explanation.assessed_week, lang))
    label = explanation.site_label
    site = one_line(explanation.site if label is None else label.text(lang))
    return f"{site} · {week}" if site else week


def _risk_rows(
    explanation: CaseExplanation, recommendation: Recommendation | None, lang: Language
) -> tuple[tuple[str, str], ...]:
    interval = format_percent_range((explanation.risk_low, explanation.risk_high), lang)
    reference = CurvePoint(
        explanation.horizon_weeks, explanation.reference_risk, *explanation.reference_interval
    )
    rows = [
        (say("this_case", lang), format_percent(explanation.risk, lang)),
        (say("uncertainty", lang), interval),
        (say("typical_case", lang), tell_chance(reference, lang)),
    ]
    limits = limits_of(explanation, recommendation)
    if limits:
        low, high = (format_limit(limit, lang) for limit in limits)
        rows.append((say("advisers_band", lang), say("from_to", lang, low=low, high=high)))
    return tuple(rows)


def describe_case(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language,
    *,
    labels: FieldLabels | None = None,
    change: AssessmentChange | None = None,
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
    change : AssessmentChange, optional
        What changed since the case's last assessment.

    Returns
    -------
    CaseWords
        Every sentence and figure that page, text and JSON show.
    """
    names = labels or {}
    asks_note, asks = describe_asks(explanation, lang)
    reference = format_percent(explanation.reference_risk, lang)
    chance = format_percent(explanation.risk, lang)
    factors = tuple(describe_factor(one, lang) for one in explanation.by_size)
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
        chance_interval=format_percent_range((explanation.risk_low, explanation.risk_high), lang),
        reference_interval=format_percent_range(explanation.reference_interval, lang),
        watermark=say("synthetic_mark", lang) if explanation.data_kind == "synthetic" else "",
        warnings=describe_warnings(explanation, recommendation, names, lang),
        risk=phrase_comparison(explanation, lang),
        risk_rows=_risk_rows(explanation, recommendation, lang),
        duration=phrase_duration(explanation, last_week(explanation), lang),
        duration_rows=list_duration(explanation, recommendation, lang),
        marks=list_marks(explanation, lang),
        weights=(
            say("weights", lang, reference=phrase_reference(explanation, lang), risk=chance),
            say("weights_rounded", lang),
            say("weights_range", lang),
        ),
        weight_rows=list_weights(explanation, factors, lang),
        factors=factors,
        facts=tuple(describe_factor(one, lang) for one in explanation.contributions),
        missing=describe_missing(explanation, limits_of(explanation, recommendation), lang),
        asks_note=asks_note,
        asks=asks,
        similar=phrase_similar(explanation, lang),
        change=describe_change(change, lang),
        recommendation=None
        if recommendation is None
        else describe_recommendation(recommendation, explanation, names, lang),
        not_for=tuple(say(key, lang) for key in NOT_FOR),
        about=describe_model(explanation, lang),
    )
