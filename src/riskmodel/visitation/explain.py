"""The recommendation for one case, with its rules as sentences."""

from __future__ import annotations

import datetime as dt

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
from riskmodel.visitation.policy import AUDIT_RULES, MISSING, OwnTrack, Policy, Requirement
from riskmodel.visitation.recommend import AUDIT_ARMS, recommend_cases
from riskmodel.visitation.recommendation import Reason, Recommendation
from riskmodel.visitation.schedule import DueAssessment, find_last_day
from riskmodel.visitation.wording import in_both, quote, word_fact, word_percent_against

__all__ = ["describe_rule", "explain_recommendation"]

_SENTENCES: dict[str, Label] = {
    "not_scored": Label(
        da="Sagen har ingen beregnet risiko, så rådgiveren vurderer den.",
        en="The case has no estimated risk, so the adviser judges it.",
    ),
    "risk_high": Label(
        da="Risikoen{horizon} er {risk} og når den øvre grænse på {upper}.",
        en="The risk{horizon} is {risk} and reaches the upper threshold of {upper}.",
    ),
    "risk_between": Label(
        da="Risikoen{horizon} er {risk} og ligger mellem grænserne på {lower} og {upper}, "
        "hvor rådgiverens skøn gælder.",
        en="The risk{horizon} is {risk} and lies between the thresholds of {lower} and {upper}, "
        "where the adviser's discretion applies.",
    ),
    "risk_low": Label(
        da="Risikoen{horizon} er {risk} og ligger under den nedre grænse på {lower}. "
        "Alle øvrige krav i reglerne er opfyldt.",
        en="The risk{horizon} is {risk} and lies below the lower threshold of {lower}. "
        "All other requirements of the policy are met.",
    ),
    "interval_straddles": Label(
        da="Usikkerheden om risikoen{horizon} går fra {low} til {high}. Den når op over "
        "den nedre grænse på {lower}, så rådgiveren vælger.",
        en="The uncertainty of the risk{horizon} runs from {low} to {high}. It reaches over "
        "the lower threshold of {lower}, so the adviser chooses.",
    ),
    "interval_straddles_upper": Label(
        da="Usikkerheden om risikoen{horizon} går fra {low} til {high}. Den når ned under den øvre "
        "grænse på {upper}.",
        en="The uncertainty of the risk{horizon} runs from {low} to {high}. It reaches below the "
        "upper threshold of {upper}.",
    ),
    "interval_missing": Label(
        da="Usikkerheden om risikoen er ikke beregnet.",
        en="The uncertainty of the risk has not been estimated.",
    ),
    "outside_training": Label(
        da="Sagen ligger uden for de sager, modellen er trænet på.",
        en="The case lies outside the cases that the model was trained on.",
    ),
    "not_in_force": Label(
        da="Reglerne her gælder ikke den dag, sagen vurderes, så rådgiveren vurderer den.",
        en="The rules here are not in force on the day of the assessment, so the adviser "
        "judges it.",
    ),
}
_MISSING_SENTENCE = Label(da="Oplysningen {field} mangler.", en="The fact {field} is missing.")
_GENERAL: dict[str, Label] = {
    "not_scored": _SENTENCES["not_scored"],
    "risk_high": Label(
        da="Risikoen når den øvre grænse.",
        en="The risk reaches the upper threshold.",
    ),
    "risk_between": Label(
        da="Risikoen ligger mellem grænserne, hvor rådgiverens skøn gælder.",
        en="The risk lies between the thresholds, where the adviser's discretion applies.",
    ),
    "risk_low": Label(
        da="Risikoen ligger under den nedre grænse, og alle øvrige krav er opfyldt.",
        en="The risk lies below the lower threshold and all other requirements are met.",
    ),
    "interval_straddles": Label(
        da="Usikkerheden om risikoen går op over den nedre grænse.",
        en="The uncertainty of the risk reaches over the lower threshold.",
    ),
    "interval_straddles_upper": Label(
        da="Usikkerheden om risikoen går ned under den øvre grænse.",
        en="The uncertainty of the risk reaches below the upper threshold.",
    ),
    "interval_missing": _SENTENCES["interval_missing"],
    "outside_training": _SENTENCES["outside_training"],
    "not_in_force": _SENTENCES["not_in_force"],
}


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
    if rule in _GENERAL:
        return _GENERAL[rule]
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
        next_assessment=_find_due(policy, assessed_week, first_day),
        audit_text=_word_lot(policy, AUDIT_ARMS[int(cases.arm_code[0])]),
        in_force=today is None or policy.holds_on(today),
        adviser_chooses=tier.id == policy.ladder.between,
    )


def _read_number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _find_due(
    policy: Policy, assessed_week: float, first_day: dt.date | None
) -> DueAssessment | None:
    if policy.reassessment is None:
        return None
    week = float(policy.reassessment.find_next(np.array([assessed_week]))[0])
    if np.isnan(week):
        return None
    return DueAssessment(week, None if first_day is None else find_last_day(first_day, week))


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
        if rule in _SENTENCES:
            return in_both(lambda lang: self._fill(_SENTENCES[rule], lang))
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
        return sentence.text(lang).format(horizon=_word_horizon(policy, lang), **words)

    def _add_facts(self, sentence: Label, condition: Condition, value: int) -> Label:
        behind = fields_behind(condition, self._facts, value)
        fields = [field for field in fields_named(condition) if behind[field.name][0]]

        def word(lang: Language) -> str:
            stated = [word_fact(field, self._facts.read_value(field, 0), lang) for field in fields]
            return f"{sentence.text(lang)} ({'; '.join(stated)})" if stated else sentence.text(lang)

        return in_both(word)


def _word_missing(field: Field) -> Label:
    return in_both(
        lambda lang: _MISSING_SENTENCE.text(lang).format(field=quote(field.label.text(lang), lang))
    )


def _word_horizon(policy: Policy, lang: Language) -> str:
    if policy.horizon_weeks is None:
        return ""
    weeks = f"{policy.horizon_weeks:g}"
    if lang == "da":
        return f" for fortsat at være sygemeldt efter {weeks} uger"
    return f" of still being sick-listed after {weeks} weeks"
