"""One case as a structured record with stable keys, ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.change import AssessmentChange, find_change_interval
from riskmodel.explanation.record import CaseExplanation, Contribution
from riskmodel.report.case_words import CaseWords, describe_case
from riskmodel.report.phrase_catalogue import say
from riskmodel.report.phrases import direction_of, is_way_sure, size_of
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["CASE_FORMAT", "case_document"]

CASE_FORMAT = "riskmodel.case/3"


def case_document(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language | None = None,
    *,
    labels: Mapping[str, Label] | None = None,
    change: AssessmentChange | None = None,
) -> dict[str, object]:
    """Return one case as nested dicts and lists of plain JSON values.

    Parameters
    ----------
    explanation : CaseExplanation
        Risk, duration and contributions.
    recommendation : Recommendation or None
        What the policy says.
    lang : {"da", "en"}, optional
        With a language, labels are strings and ``words`` holds the sentences of the page;
        without, each label is a mapping with both languages and ``words`` is None.
    labels : mapping of str to Label, optional
        Labels of fields that are not indicators.
    change : AssessmentChange, optional
        What changed since the case's last assessment.

    Returns
    -------
    dict
        The keys are the same for every case. Figures are unrounded; a figure that is not
        finite is None.
    """
    return {
        "format": CASE_FORMAT,
        "language": lang,
        "case_id": explanation.case_id,
        "site": explanation.site,
        "site_label": _label(explanation.site_label, lang),
        "assessed_week": _figure(explanation.assessed_week),
        "horizon_weeks": _figure(explanation.horizon_weeks),
        "risk": {
            "value": explanation.risk,
            "low": explanation.risk_low,
            "high": explanation.risk_high,
            "interval": 0.9,
            "hidden_range": None
            if explanation.hidden_range is None
            else list(explanation.hidden_range),
            "reference": explanation.reference_risk,
            "reference_interval": list(explanation.reference_interval),
        },
        "expected_weeks": {
            "value": _figure(explanation.expected_weeks),
            "low": _figure(explanation.expected_weeks_low),
            "high": _figure(explanation.expected_weeks_high),
            "interval": 0.8,
        },
        "curve": [
            {"week": one.week, "probability": one.probability, "low": one.low, "high": one.high}
            for one in explanation.curve
        ],
        "log_odds": {"value": explanation.score, "reference": explanation.base_value},
        "contributions": [_contribution(one, lang) for one in explanation.contributions],
        "largest": [one.field for one in explanation.by_size],
        "missing": [one.field for one in explanation.missing],
        "outside_training": list(explanation.outside_training),
        "similar": _similar(explanation),
        "doubts": list(explanation.doubts),
        "change": None if change is None else _change(change, lang),
        "recommendation": _recommendation(recommendation, lang),
        "model": {
            "version": explanation.model_version,
            "data_kind": explanation.data_kind,
            "synthetic": explanation.data_kind == "synthetic",
            "n_training_persons": explanation.n_training_persons,
        },
        "words": None
        if lang is None
        else _words(describe_case(explanation, recommendation, lang, labels=labels, change=change)),
    }


def _figure(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _label(label: Label | None, lang: Language | None) -> object:
    if label is None:
        return None
    return {"da": label.da, "en": label.en} if lang is None else label.text(lang)


def _contribution(one: Contribution, lang: Language | None) -> dict[str, object]:
    return {
        "field": one.field,
        "label": _label(one.label, lang),
        "theme": one.theme,
        "value": _figure(one.value) if isinstance(one.value, float) else one.value,
        "value_label": _label(one.value_label, lang),
        "citizen_label": _label(one.citizen_label or one.label, lang),
        "citizen_value_label": _label(one.citizen_value_label or one.value_label, lang),
        "log_odds": one.log_odds,
        "points": one.points,
        "points_interval": list(one.interval),
        "way_sure": is_way_sure(one.interval),
        "direction": direction_of(one.points),
        "size": size_of(one.points),
        "missing": one.missing,
        "points_range": None if one.points_range is None else list(one.points_range),
        "applies": one.applies,
        "actionable": one.actionable,
        "ask": _label(one.ask, lang),
    }


def _recommendation(
    recommendation: Recommendation | None, lang: Language | None
) -> dict[str, object] | None:
    if recommendation is None:
        return None
    return {
        "tier": recommendation.tier,
        "tier_label": _label(recommendation.tier_label, lang),
        "tier_description": _label(recommendation.tier_description, lang),
        "reasons": [
            {"rule": one.rule, "text": _label(one.text, lang)} for one in recommendation.reasons
        ],
        "missing_facts": list(recommendation.missing_facts),
        "contacts": [
            {
                "week": one.week,
                "day": None if one.day is None else one.day.isoformat(),
                "label": _label(one.label, lang),
            }
            for one in recommendation.contacts
        ],
        "lower_threshold": recommendation.lower_threshold,
        "upper_threshold": recommendation.upper_threshold,
        "policy": {
            "name": recommendation.policy_name,
            "version": recommendation.policy_version,
        },
    }


def _similar(explanation: CaseExplanation) -> dict[str, object] | None:
    band = explanation.similar
    if band is None:
        return None
    return {
        "risk_from": band.low,
        "risk_to": band.high,
        "persons": band.persons,
        "assessments": band.assessments,
        "long_assessments": band.long_assessments,
        "few": band.few,
    }


def _change(change: AssessmentChange, lang: Language | None) -> dict[str, object]:
    return {
        "earlier_week": change.earlier_week,
        "later_week": change.later_week,
        "earlier_risk": change.earlier_risk,
        "later_risk": change.later_risk,
        "earlier_interval": list(change.earlier_interval),
        "later_interval": list(change.later_interval),
        "intervals_overlap": change.within_uncertainty,
        "points": change.points,
        "points_interval": list(change.interval),
        "time_points": change.time_points,
        "time_interval": list(change.time_interval),
        "facts": [
            {
                "field": one.field,
                "label": _label(one.label, lang),
                "before": one.before,
                "after": one.after,
                "points": one.points,
                "points_interval": list(find_change_interval([one])),
            }
            for one in change.facts
        ],
    }


def _words(words: CaseWords) -> dict[str, object]:
    """Return every sentence and figure of the page, section by section."""
    lang, advice = words.lang, words.recommendation
    return {
        "context": words.context,
        "headline": list(words.headline),
        "warnings": list(words.warnings),
        "risk": list(words.risk),
        "risk_table": _pairs(words.risk_rows),
        "weights": list(words.weights),
        "weights_table": [
            _pick(one, "label", "value", "figure", "interval") for one in words.weight_rows
        ],
        "duration": list(words.duration),
        "duration_table": _pairs(words.duration_rows),
        "missing": [
            words.missing.note,
            *(f"{one.label}. {one.sentence}" for one in words.missing.facts),
            *([words.missing.not_relevant] if words.missing.not_relevant else []),
        ],
        "facts": [
            _pick(one, "field", "label", "value", "figure", "interval") for one in words.facts
        ],
        "factors": [_pick(one, "field", "figure", "interval", "sentence") for one in words.factors],
        "asks_note": words.asks_note,
        "asks": [{"label": one.label, "value": one.value, "ask": one.ask} for one in words.asks],
        "similar": list(words.similar),
        "change": list(words.change.sentences),
        "change_table": [list(row) for row in words.change.rows],
        "recommendation": [say("no_policy", lang)]
        if advice is None
        else [
            advice.tier,
            advice.description,
            *advice.rules,
            *(one.sentence for one in advice.contacts),
            *advice.notes,
        ],
        "not_for": list(words.not_for),
        "about": [*words.about, *(() if advice is None else advice.source)],
    }


def _pick(one: object, *names: str) -> dict[str, object]:
    return {name: getattr(one, name) for name in names}


def _pairs(rows: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "figure": figure} for name, figure in rows]
