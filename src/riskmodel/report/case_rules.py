"""What the policy says about one case, and what the model is, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.number_format import (
    format_count,
    format_date,
    format_percent,
    format_week,
)
from riskmodel.report.phrase_catalogue import DATA_KINDS, say, say_count
from riskmodel.report.phrases import one_line, phrase_band
from riskmodel.visitation.recommendation import PlannedContact, Recommendation

__all__ = [
    "ContactWords",
    "FieldLabels",
    "RecommendationWords",
    "compared_risk",
    "describe_model",
    "describe_recommendation",
    "describe_warnings",
    "limits_of",
]

FieldLabels = Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class ContactWords:
    """One planned contact: its week, its last day (empty where unknown) and what it is."""

    week: str
    day: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RecommendationWords:
    """What the policy says, in one language."""

    tier: str
    description: str
    rules: tuple[str, ...]
    contacts: tuple[ContactWords, ...]
    notes: tuple[str, ...]
    source: tuple[str, ...]


def compared_risk(explanation: CaseExplanation, recommendation: Recommendation) -> float:
    """Return the risk that the policy compared, which may be that of another horizon."""
    if recommendation.distance_to_lower is None:
        return explanation.risk
    return recommendation.lower_threshold + recommendation.distance_to_lower


def limits_of(
    explanation: CaseExplanation, recommendation: Recommendation | None
) -> tuple[float, ...]:
    """Return the limits that this case's risk is held against; none where they speak of another."""
    if recommendation is None:
        return ()
    same = math.isclose(
        compared_risk(explanation, recommendation), explanation.risk, rel_tol=0, abs_tol=1e-9
    )
    if not same:
        return ()
    return (recommendation.lower_threshold, recommendation.upper_threshold)


def _join_labels(
    fields: tuple[str, ...], explanation: CaseExplanation, labels: FieldLabels, lang: Language
) -> str:
    known = {one.field: one.label for one in explanation.contributions} | dict(labels)
    named = (known[field].text(lang) if field in known else field for field in fields)
    return ", ".join(one_line(name) for name in named)


def _describe_contact(one: PlannedContact, lang: Language) -> ContactWords:
    week, label = format_week(one.week, lang), one_line(one.label.text(lang))
    if one.day is None:
        return ContactWords(week, "", label, say("contact", lang, week=week, label=label))
    day = format_date(one.day, lang)
    told = say("contact_day", lang, week=week, day=day, label=label)
    return ContactWords(week, day, label, told)


def _describe_due(recommendation: Recommendation, lang: Language) -> list[str]:
    due = recommendation.next_assessment
    if due is None:
        return []
    week = format_week(due.week, lang)
    if due.day is None:
        return [say("due", lang, week=week)]
    return [say("due_day", lang, week=week, day=format_date(due.day, lang))]


def describe_recommendation(
    recommendation: Recommendation,
    explanation: CaseExplanation,
    labels: FieldLabels,
    lang: Language,
) -> RecommendationWords:
    """Put a recommendation into words.

    Parameters
    ----------
    recommendation : Recommendation
        What the policy says.
    explanation : CaseExplanation
        The case it is about.
    labels : mapping of str to Label
        Labels of fields that are not indicators.
    lang : {"da", "en"}
        Language.
    """
    notes = []
    if recommendation.missing_facts:
        named = _join_labels(recommendation.missing_facts, explanation, labels, lang)
        notes.append(say("needed", lang, labels=named))
    if recommendation.audit_text is not None:
        notes.append(one_line(recommendation.audit_text.text(lang)))
    band = phrase_band(compared_risk(explanation, recommendation), recommendation, lang)
    notes += [band] if band else []
    notes += [*_describe_due(recommendation, lang), say("decide", lang)]
    source = [
        say(
            "policy_version",
            lang,
            name=one_line(recommendation.policy_name),
            version=one_line(recommendation.policy_version),
        )
    ]
    if recommendation.regime is not None:
        regime = one_line(recommendation.regime.text(lang)).rstrip(".")
        source.append(say("regime", lang, regime=regime))
    return RecommendationWords(
        tier=one_line(recommendation.tier_label.text(lang)),
        description=one_line(recommendation.tier_description.text(lang)),
        rules=tuple(one_line(one.text.text(lang)) for one in recommendation.reasons),
        contacts=tuple(_describe_contact(one, lang) for one in recommendation.contacts),
        notes=tuple(notes),
        source=tuple(source),
    )


def describe_warnings(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    labels: FieldLabels,
    lang: Language,
) -> tuple[str, ...]:
    """Say what the reader must know first: synthetic, outside the training, rules not in force."""
    warnings: list[str] = []
    if explanation.data_kind == "synthetic":
        warnings.append(say("synthetic", lang))
    if explanation.outside_training:
        named = _join_labels(explanation.outside_training, explanation, labels, lang)
        warnings.append(f"{say('outside', lang, labels=named)} {say('outside_advice', lang)}")
    if recommendation is not None and not recommendation.in_force:
        warnings.append(say("out_of_force", lang))
    return tuple(warnings)


def _describe_hidden(explanation: CaseExplanation, lang: Language) -> str:
    if explanation.hidden_range is None:
        return say("range_no_hidden", lang)
    low, high = (format_percent(end, lang) for end in explanation.hidden_range)
    return f"{say('range_hidden', lang)} {say('range_hidden_alone', lang, low=low, high=high)}"


def describe_model(explanation: CaseExplanation, lang: Language) -> tuple[str, ...]:
    """Say what the model was trained on, what its uncertainty covers, and which one it is."""
    n = explanation.n_training_persons
    return (
        say(
            "trained",
            lang,
            kind=DATA_KINDS[explanation.data_kind].text(lang),
            count=say_count("person", lang, n, count=format_count(n, lang)),
        ),
        say("range_meaning", lang),
        _describe_hidden(explanation, lang),
        say("only_these", lang),
        say("model_version", lang, version=one_line(explanation.model_version)),
    )
