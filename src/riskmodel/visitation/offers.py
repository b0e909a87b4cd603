"""Who is offered what: by a policy at any thresholds, and by the rules it is compared with.

The risk of a case only ever lifts it up the ladder from where the policy's other rules
leave it, and no further than they let it. So those rules are asked twice, with the lowest
risk and with the highest, and any pair of thresholds is then a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Field
from riskmodel.visitation.judged_cases import JudgedCases
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import recommend_cases
from riskmodel.visitation.thresholds import Threshold

__all__ = ["ADVISER", "AT_RISK", "LIGHT", "OWN_TRACK", "Offer", "RuleName", "Visitation"]

IntArray = npt.NDArray[np.intp]
RuleName = Literal["policy", "before_july_2026", "gate", "citizen"]

LIGHT: Final = 0
ADVISER: Final = 1
AT_RISK: Final = 2
OWN_TRACK: Final = 3
NEVER_REACHED: Final = Threshold(1 - 1e-9)
ALWAYS_REACHED: Final = Threshold(1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What every case is offered under one rule.

    Parameters
    ----------
    rule : str
        Which rule.
    lower, upper : float
        Thresholds; NaN where the rule reads no risk.
    rung : ndarray of int, shape (n,)
        `LIGHT`, `ADVISER`, `AT_RISK`, or `OWN_TRACK` where an exception of the policy
        settles the tier before the risk is looked at.
    tier : ndarray of int, shape (n,)
        Position of the tier in the policy.
    everybody : bool
        Whether the rungs get the talks of the rules before 1 July 2026.
    """

    rule: RuleName
    lower: float
    upper: float
    rung: IntArray
    tier: IntArray
    everybody: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Visitation:
    """A policy applied to cases, ready for any thresholds.

    Parameters
    ----------
    policy : Policy
        The rules.
    cases : JudgedCases
        The cases.
    facts : DataFrame, shape (n, n_fields)
        What is known of them.
    floor, tier : ndarray of int, shape (n,)
        Rung and tier that the policy's rules other than the risk ask for.
    ceiling : ndarray of int, shape (n,)
        Highest rung that a risk can lift each case to: the adviser's where a needed fact is
        missing or the case lies outside the training data.
    """

    policy: Policy
    cases: JudgedCases
    facts: pd.DataFrame
    floor: IntArray
    tier: IntArray
    ceiling: IntArray

    @classmethod
    def of(cls, policy: Policy, cases: JudgedCases, facts: pd.DataFrame) -> Visitation:
        """Ask the policy's rules other than the risk.

        Parameters
        ----------
        policy : Policy
            The rules.
        cases : JudgedCases
            The cases.
        facts : DataFrame, shape (n, n_fields)
            Columns as in `CaseTable.fields`.
        """
        rung, tier = _ask(policy, cases, facts, cases.outside_training)
        ceiling, _ = _ask(policy, cases, facts, cases.outside_training, risk=1.0)
        return cls(policy, cases, facts, rung, tier, ceiling)

    def offer(self, lower: float, upper: float) -> Offer:
        """Return what is offered at two thresholds.

        Parameters
        ----------
        lower, upper : float
            Probabilities in (0, 1); lower <= upper.

        Raises
        ------
        ValueError
            If lower is above upper.
        """
        if lower > upper:
            msg = f"the lower threshold must not be above the upper, got {lower} and {upper}."
            raise ValueError(msg)
        cases, below, above = self.cases, Threshold(lower), Threshold(upper)
        unsure = np.isnan(cases.risk_low) | np.isnan(cases.risk_high) | np.isnan(cases.risk)
        looked_at = below.is_reached(cases.risk) | below.is_reached(cases.risk_high) | unsure
        asked = np.where(above.is_reached(cases.risk) & ~unsure, AT_RISK, looked_at * ADVISER)
        own = self.floor == OWN_TRACK
        lifted = np.maximum(self.floor, np.minimum(asked, self.ceiling))
        rung = np.where(own, OWN_TRACK, lifted)
        return Offer("policy", lower, upper, rung, self._find_tiers(rung))

    def offer_by_gate(self) -> Offer | None:
        """Return what the law's gate alone asks for; None where the policy has no gate.

        Who does not meet it is offered the at-risk tier; who cannot be answered for is the
        adviser's.
        """
        gate = [one for one in self.policy.requirements if one.kind == "gate"]
        if not gate:
            return None
        strict = [replace(one, at_least=self.policy.ladder.from_upper) for one in gate]
        plain = replace(self.policy, requirements=tuple(strict), needed_facts=())
        rung, tier = _ask(plain, self.cases, self.facts, np.zeros(len(self.cases), dtype=np.bool_))
        return Offer("gate", np.nan, np.nan, rung, tier)

    def offer_by_citizen(self, field: Field | None, horizon_weeks: float) -> Offer | None:
        """Return what the citizen's expectation alone asks for.

        Who expects more than the horizon is offered the at-risk tier; who has not been
        asked is the adviser's.

        Parameters
        ----------
        field : Field or None
            Expected duration in weeks; None, or a field that is no number, gives None.
        horizon_weeks : float
            Weeks from the first absence day.
        """
        if field is None or field.type != "number" or field.name not in self.facts.columns:
            return None
        weeks = self.facts[field.name].to_numpy(dtype=np.float64)
        asked = np.where(np.isnan(weeks), ADVISER, (weeks > horizon_weeks) * AT_RISK)
        own = self.floor == OWN_TRACK
        rung = np.where(own, OWN_TRACK, asked)
        return Offer("citizen", np.nan, np.nan, rung, self._find_tiers(rung))

    def offer_everybody(self) -> Offer:
        """Return the rules before 1 July 2026: a course of talks for everybody."""
        own = self.floor == OWN_TRACK
        rung = np.where(own, OWN_TRACK, AT_RISK)
        tiers = self._find_tiers(rung)
        return Offer("before_july_2026", np.nan, np.nan, rung, tiers, everybody=True)

    def _find_tiers(self, rung: IntArray) -> IntArray:
        codes = np.array([self.policy.tier_ids.index(one) for one in self.policy.ladder.rungs])
        return np.where(rung == OWN_TRACK, self.tier, codes[np.minimum(rung, AT_RISK)])


def _ask(
    policy: Policy,
    cases: JudgedCases,
    facts: pd.DataFrame,
    outside: npt.NDArray[np.bool_],
    *,
    risk: float = 0.0,
) -> tuple[IntArray, IntArray]:
    """Return rung and tier where everybody's risk is the same, and sure."""
    same = np.full(len(cases), risk)
    reached = ALWAYS_REACHED if risk else NEVER_REACHED
    bare = replace(policy, lower=reached, upper=reached)
    found = recommend_cases(
        bare,
        facts,
        assessed_week=cases.assessed_week,
        risk=same,
        risk_low=same,
        risk_high=same,
        outside_training=outside,
    )
    rungs: Sequence[int] = [policy.tier_ids.index(one) for one in policy.ladder.rungs]
    rung_of_tier = np.full(len(policy.tiers), OWN_TRACK, dtype=np.intp)
    rung_of_tier[list(rungs)] = (LIGHT, ADVISER, AT_RISK)
    tier = found.tier_code.astype(np.intp)
    return rung_of_tier[tier], tier
