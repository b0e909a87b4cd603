"""The recommendation for one case, with its rules as sentences."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import Label, Language
from riskmodel.visitation.circumstances import (
    find_circumstances,
    find_first_days,
    find_weeks_later,
    read_day,
)
from riskmodel.visitation.conditions import (
    FALSE,
    TRUE,
    Condition,
    Facts,
    fields_behind,
    fields_named,
)
from riskmodel.visitation.policy import (
    AUDIT_RULES,
    BUILT_IN_RULES,
    MISSING,
    OwnTrack,
    Policy,
    Requirement,
)
from riskmodel.visitation.recommend import AUDIT_ARMS, recommend_cases
from riskmodel.visitation.recommendation import Reason, Recommendation
from riskmodel.visitation.rule_phrases import PHRASES
from riskmodel.visitation.schedule import DueAssessment, find_last_day
from riskmodel.visitation.wording import (
    in_both,
    quote,
    word_fact,
    word_horizon,
    word_percent_against,
)

__all__ = ["describe_rule", "explain_recommendation"]

_RULES: Final = PHRASES.labels("rule_", BUILT_IN_RULES)
# Rules about the risk, told of a case with its figures.
_WITH_FIGURES: Final = PHRASES.labels(
    "case_",
    ("risk_high", "risk_between", "risk_low", "interval_straddles", "interval_straddles_upper"),
)


def describe_rule(policy: Policy, rule: str) -> Label:
    """Return what a rule in the column ``reasons`` says, without a case's figures.

    Parameters
    ----------
    policy : Policy
        The policy that the rule stands in.
    rule : str
        One of ``policy.rule_ids``.

    Raises
    ------
    KeyError
        If the policy has no such rule.
    """
    if rule in _RULES:
        return _RULES[rule]
    if rule in AUDIT_RULES and policy.audit is not None:
        lot = policy.audit.contact if rule == "audit_contact" else policy.audit.without_score
        return lot.text
    for requirement in policy.requirements:
        if requirement.id == rule:
            return requirement.not_met
    for track in policy.own_tracks:
        if track.id == rule:
            return track.text
    for field in policy.facts_asked:
        if MISSING + field.name == rule:
            return _word_missing(field)
    raise KeyError(rule)


def explain_recommendation(
    policy: Policy,
    facts: pd.DataFrame,
    *,
    assessed_week: float,
    risk: float,
    risk_low: float,
    risk_high: float,
    outside_training: bool,
    case_id: str | None = None,
) -> Recommendation:
    """Recommend a tier for one assessment and say why.

    Parameters
    ----------
    policy : Policy
        The rules.
    facts : DataFrame, shape (1, n_fields)
        The case's row of `CaseTable.fields`.
    assessed_week : float
        Weeks from the first absence day.
    risk, risk_low, risk_high : float
        Probability with its interval; NaN where the case was not scored.
    outside_training : bool
        Whether the case is unlike anything in the training data.
    case_id : str, optional
        Key of the policy's lots; without it the case is not drawn.

    Returns
    -------
    Recommendation

    Raises
    ------
    ValueError
        If there is not exactly one row, or a risk lies outside [0, 1].
    """
    if len(facts) != 1:
        msg = f"facts must hold exactly one row, got {len(facts)}."
        raise ValueError(msg)
    week = np.array([assessed_week], dtype=np.float64)
    figures = {"risk": risk, "low": risk_low, "high": risk_high}
    cases = recommend_cases(
        policy,
        facts,
        assessed_week=week,
        risk=np.array([risk], dtype=np.float64),
        risk_low=np.array([risk_low], dtype=np.float64),
        risk_high=np.array([risk_high], dtype=np.float64),
        outside_training=np.array([outside_training], dtype=np.bool_),
        circumstances=find_circumstances(
            policy, facts, week, None if case_id is None else np.array([case_id])
        ),
    )
    days = find_first_days(policy, facts)
    first_day, today = read_day(days[0]), read_day(find_weeks_later(days, week)[0])
    regime = policy.find_regime(today)
    tier = policy.tiers[int(cases.tier_code[0])]
    speaker = _CaseSpeaker(policy, Facts(facts, week, policy.week_name), figures)
    return Recommendation(
        tier=tier.id,
        tier_label=tier.label,
        tier_description=tier.description,
        reasons=tuple(
            Reason(rule, speaker.speak(rule)) for rule in cases.name_rules(int(cases.led[0]))
        ),
        missing_facts=cases.name_missing_facts(0),
        contacts=tier.plan_contacts(assessed_week, first_day),
        lower_threshold=policy.lower.value,
        upper_threshold=policy.upper.value,
        policy_name=policy.name,
        policy_version=policy.policy_version,
        distance_to_lower=_read_number(cases.distance_to_lower[0]),
        distance_to_upper=_read_number(cases.distance_to_upper[0]),
        regime=None if regime is None else regime.title,
        assessed_on=today,
        next_assessment=_find_due(policy, assessed_week, first_day, today),
        audit_text=_word_lot(policy, AUDIT_ARMS[int(cases.arm_code[0])]),
        in_force=today is None or policy.holds_on(today),
        adviser_chooses=tier.id == policy.ladder.between,
    )


def _read_number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _find_due(
    policy: Policy, assessed_week: float, first_day: dt.date | None, today: dt.date | None
) -> DueAssessment | None:
    if policy.reassessment is None:
        return None
    week = float(policy.reassessment.find_next(np.array([assessed_week]))[0])
    if np.isnan(week):
        return None
    if first_day is None:
        return DueAssessment(week)
    return DueAssessment(week, find_last_day(first_day, week, not_before=today))


def _word_lot(policy: Policy, arm: str) -> Label | None:
    return describe_rule(policy, f"audit_{arm}") if arm else None


class _CaseSpeaker:
    """Words rules with one case's figures and facts."""

    def __init__(self, policy: Policy, facts: Facts, figures: dict[str, float]) -> None:
        self._policy = policy
        self._facts = facts
        self._figures = figures
        self._rules = {rule.id: rule for rule in policy.rules}

    def speak(self, rule: str) -> Label:
        """Return the sentence of one rule."""
        if rule in _WITH_FIGURES:
            return in_both(lambda lang: self._fill(_WITH_FIGURES[rule], lang))
        found = self._rules.get(rule)
        if isinstance(found, Requirement):
            return self._add_facts(found.not_met, found.condition, FALSE)
        if isinstance(found, OwnTrack):
            return self._add_facts(found.text, found.condition, TRUE)
        return describe_rule(self._policy, rule)

    def _fill(self, sentence: Label, lang: Language) -> str:
        policy = self._policy
        thresholds = {"lower": policy.lower.value, "upper": policy.upper.value}
        words = {
            name: word_percent_against(value, list(thresholds.values()), lang)
            for name, value in self._figures.items()
        }
        words |= {
            name: word_percent_against(value, [self._figures["risk"]], lang)
            for name, value in thresholds.items()
        }
        horizon = word_horizon(policy.horizon_weeks, lang)
        return sentence.text(lang).format(horizon=horizon, **words)

    def _add_facts(self, sentence: Label, condition: Condition, value: int) -> Label:
        behind = fields_behind(condition, self._facts, value)
        fields = [field for field in fields_named(condition) if behind[field.name][0]]

        def word(lang: Language) -> str:
            stated = [word_fact(field, self._facts.read_value(field, 0), lang) for field in fields]
            return f"{sentence.text(lang)} ({'; '.join(stated)})" if stated else sentence.text(lang)

        return in_both(word)


def _word_missing(field: Field) -> Label:
    return in_both(
        lambda lang: PHRASES.say("fact_missing", lang, fact=quote(field.label.text(lang), lang))
    )
