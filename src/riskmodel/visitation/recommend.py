"""Applies a policy: a tier for every assessment, with the rules that led to it.

One evaluation serves a million rows and a single case, so both always agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.visitation.audit import AuditArm
from riskmodel.visitation.circumstances import Circumstances
from riskmodel.visitation.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    Answers,
    Condition,
    Facts,
    answer,
    fields_behind,
    fields_compared,
)
from riskmodel.visitation.policy import MISSING, Policy

__all__ = ["AUDIT_ARMS", "SEPARATOR", "RecommendedCases", "recommend_cases"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
RuleBits = npt.NDArray[np.uint64]

SEPARATOR = "; "
AUDIT_ARMS = ("", "contact", "without_score")
_BLOCK_ROWS = 1 << 15
_LIGHTEST, _ADVISER, _AT_RISK = 0, 1, 2
_SORT_SIGN = {"falling": -1.0, "rising": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class RecommendedCases:
    """What a policy recommends for each assessment; the decisions are the advisers'.

    Parameters
    ----------
    policy : Policy
        The policy that spoke.
    tier_code : ndarray of int, shape (n,)
        Position of the tier in ``policy.tiers``.
    led : ndarray of uint64, shape (n,)
        Bit i is set where rule i of ``policy.rule_ids`` led to the tier.
    missing : ndarray of uint64, shape (n,)
        Bit i is set where rule i names a fact that was asked for and is missing.
    risk : ndarray of float, shape (n,)
        The risk that was compared; NaN where there is none, or it is hidden by lot.
    arm_code : ndarray of int, shape (n,)
        Position in `AUDIT_ARMS`: drawn for contact, drawn to be judged without a score, or
        neither.
    """

    policy: Policy
    tier_code: npt.NDArray[np.int8]
    led: RuleBits
    missing: RuleBits
    risk: FloatArray
    arm_code: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.tier_code)

    @property
    def audit_arm(self) -> pd.Categorical:
        """Each row's arm; empty for cases that go by the rules."""
        return pd.Categorical.from_codes(
            self.arm_code, categories=pd.Index(AUDIT_ARMS, dtype=object)
        )

    @property
    def tiers(self) -> pd.Categorical:
        """Identifier of each row's tier."""
        return pd.Categorical.from_codes(
            self.tier_code, categories=pd.Index(self.policy.tier_ids, dtype=object)
        )

    @property
    def reasons(self) -> pd.Categorical:
        """The rules that led to each row's tier, the deciding one first."""
        codes, combinations = pd.factorize(self.led)
        rules = self.policy.rule_ids
        texts = [SEPARATOR.join(_name_bits(rules, int(bits))) for bits in combinations]
        return pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype=object))

    def name_rules(self, bits: int) -> tuple[str, ...]:
        """Return the identifiers of the rules whose bits are set."""
        return _name_bits(self.policy.rule_ids, bits)

    def name_missing_facts(self, row: int) -> tuple[str, ...]:
        """Return the fields that the policy asked for and one row lacks."""
        rules = self.name_rules(int(self.missing[row]))
        return tuple(rule.removeprefix(MISSING) for rule in rules)

    @property
    def distance_to_lower(self) -> FloatArray:
        """Risk minus the lower threshold, as a fraction."""
        return self.policy.lower.measure_distance(self.risk)

    @property
    def distance_to_upper(self) -> FloatArray:
        """Risk minus the upper threshold, as a fraction."""
        return self.policy.upper.measure_distance(self.risk)

    def order_worklist(self, assessed_week: FloatArray, case_id: npt.NDArray[np.str_]) -> IntArray:
        """Return row positions in the order of the policy's worklist.

        First by tier, then by the policy's keys, where a case without a risk comes first,
        then by case identifier, so that the order never depends on the input's.

        Parameters
        ----------
        assessed_week : ndarray of float, shape (n,)
            Week of the assessment.
        case_id : ndarray of str, shape (n,)
            Pseudonym of the case.
        """
        places = [self.policy.worklist_tiers.index(tier) for tier in self.policy.tier_ids]
        keys: list[npt.NDArray[np.generic]] = [np.asarray(places)[self.tier_code]]
        columns = {"risk": self.risk, "assessed_week": assessed_week}
        for key in self.policy.worklist_keys:
            name, _, sense = key.rpartition("_")
            values = _SORT_SIGN[sense] * columns[name]
            keys.append(np.where(np.isnan(values), -np.inf, values))
        keys.extend((assessed_week, np.asarray(case_id, dtype=np.str_)))
        return np.lexsort(keys[::-1])


def _name_bits(rules: tuple[str, ...], bits: int) -> tuple[str, ...]:
    named = []
    while bits:
        lowest = bits & -bits
        named.append(rules[lowest.bit_length() - 1])
        bits ^= lowest
    return tuple(named)


@dataclass(frozen=True, slots=True, eq=False)
class _Risks:
    """Risks with their intervals, checked."""

    risk: FloatArray
    low: FloatArray
    high: FloatArray
    outside_training: BoolArray

    def __post_init__(self) -> None:
        if len({len(self.risk), len(self.low), len(self.high), len(self.outside_training)}) > 1:
            msg = "risk, risk_low, risk_high and outside_training must have the same length."
            raise ValueError(msg)
        for name, values in (("risk", self.risk), ("low", self.low), ("high", self.high)):
            if bool(np.any((values < 0) | (values > 1))):
                msg = f"{name} must hold probabilities from 0 to 1, or NaN where not scored."
                raise ValueError(msg)

    def take(self, rows: slice) -> _Risks:
        return _Risks(self.risk[rows], self.low[rows], self.high[rows], self.outside_training[rows])

    def hide(self, rows: BoolArray) -> _Risks:
        """Return the same without the figures of some rows."""
        if not rows.any():
            return self
        risk, low, high = (np.where(rows, np.nan, one) for one in (self.risk, self.low, self.high))
        return _Risks(risk, low, high, self.outside_training & ~rows)


def recommend_cases(
    policy: Policy,
    facts: pd.DataFrame,
    *,
    assessed_week: FloatArray,
    risk: FloatArray,
    risk_low: FloatArray,
    risk_high: FloatArray,
    outside_training: BoolArray,
    circumstances: Circumstances | None = None,
) -> RecommendedCases:
    """Recommend a tier for every assessment.

    An exception of the policy goes to its own tier before the risk is looked at.
    Otherwise a case is unsure, and the adviser's, where a needed fact is missing, an exception
    cannot be answered, the case lies outside the training data, there is no risk or no
    interval, or the policy is not in force on that day: the risk then gives neither the
    lightest nor the heaviest tier. Doubt counts towards more contact: an interval that reaches
    over the lower threshold bars the lightest tier, one that reaches under the upper threshold
    is told and bars nothing. Any other risk asks for its own rung of the ladder. A requirement
    that is not met asks for the adviser's tier, or heavier where the policy says so; one that
    cannot be answered, for the adviser's. The heaviest tier asked for wins, so raising a risk
    never gives a lighter tier. The lots of the policy's audit arm come last: a case drawn for
    contact leaves the lightest tier, and one drawn to be judged without a score counts as
    unscored.

    Parameters
    ----------
    policy : Policy
        The rules.
    facts : DataFrame, shape (n, n_fields)
        Columns as in `CaseTable.fields`; an absent column is missing everywhere.
    assessed_week : ndarray of float, shape (n,)
        Weeks from the first absence day.
    risk, risk_low, risk_high : ndarray of float, shape (n,)
        Probability with its interval; NaN where the case was not scored.
    outside_training : ndarray of bool, shape (n,)
        Rows unlike anything in the training data.
    circumstances : Circumstances, optional
        The calendar and the lots; without it the policy holds for all and nobody is drawn,
        as when a policy is tried on closed cases.

    Returns
    -------
    RecommendedCases

    Raises
    ------
    ValueError
        If lengths differ or a risk lies outside [0, 1].
    """
    risks = _Risks(
        np.asarray(risk, dtype=np.float64),
        np.asarray(risk_low, dtype=np.float64),
        np.asarray(risk_high, dtype=np.float64),
        np.asarray(outside_training, dtype=np.bool_),
    )
    held = circumstances or _no_circumstances(len(risks.risk))
    if len(held) != len(risks.risk):
        msg = "circumstances and risk must have the same length."
        raise ValueError(msg)
    risks = risks.hide(held.audit.without_score)
    named = [field.name for field in policy.fields_named if field.name in facts.columns]
    known = Facts(facts[named], np.asarray(assessed_week, dtype=np.float64), policy.week_name)
    if len(known) != len(risks.risk):
        msg = "facts and risk must have the same length."
        raise ValueError(msg)
    n = len(known)
    tier_code, arm_code = np.empty(n, dtype=np.int8), np.empty(n, dtype=np.int8)
    led, missing = np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.uint64)
    for start in range(0, n, _BLOCK_ROWS):
        rows = slice(start, min(n, start + _BLOCK_ROWS))
        block = _Block(policy, known.take(rows), risks.take(rows), held.take(rows))
        tier_code[rows], led[rows], missing[rows], arm_code[rows] = block.evaluate()
    return RecommendedCases(policy, tier_code, led, missing, risks.risk, arm_code)


def _no_circumstances(n: int) -> Circumstances:
    nobody = np.zeros(n, dtype=np.bool_)
    return Circumstances(~nobody, AuditArm(nobody, nobody, 0.0, 0.0))


class _Block:
    """Evaluates every rule of a policy on some rows."""

    def __init__(self, policy: Policy, facts: Facts, risks: _Risks, held: Circumstances) -> None:
        n = len(facts)
        self._policy = policy
        self._facts = facts
        self._risks = risks
        self._held = held
        self._bit = {rule: np.uint64(1 << place) for place, rule in enumerate(policy.rule_ids)}
        self._rung = np.zeros(n, dtype=np.int8)
        self._fired = np.zeros(n, dtype=np.uint64)
        self._missing = np.zeros(n, dtype=np.uint64)
        self._unsure = np.zeros(n, dtype=np.bool_)
        self._bits_of_rung = np.zeros(3, dtype=np.uint64)

    def evaluate(
        self,
    ) -> tuple[npt.NDArray[np.int8], RuleBits, RuleBits, npt.NDArray[np.int8]]:
        """Return tier codes, the rules that led to them, the missing facts and the arms."""
        policy = self._policy
        self._look_at_needed_facts()
        self._note_unsure("not_in_force", ~self._held.in_force)
        tracks = [answer(track.condition, self._facts) for track in policy.own_tracks]
        for track, answers in zip(policy.own_tracks, tracks, strict=True):
            self._note_unknown(answers, track.condition)
            self._unsure |= answers == UNKNOWN
        self._look_at_requirements()
        self._look_at_risk()
        codes = np.array([policy.tier_ids.index(tier) for tier in policy.ladder.rungs])
        tier_code = codes[self._rung].astype(np.int8)
        led = self._fired & self._bits_of_rung[self._rung]
        waiting = np.ones(len(self._facts), dtype=np.bool_)
        for track, answers in zip(policy.own_tracks, tracks, strict=True):
            goes = waiting & (answers == TRUE)
            tier_code[goes] = policy.tier_ids.index(track.tier)
            led[goes] = self._bit[track.id]
            waiting &= ~goes
        self._missing[~waiting] = 0
        return tier_code, led, self._missing, self._apply_lots(waiting, tier_code, led)

    def _apply_lots(
        self, on_ladder: BoolArray, tier_code: npt.NDArray[np.int8], led: RuleBits
    ) -> npt.NDArray[np.int8]:
        """Move cases drawn for contact out of the lightest tier; return each row's arm."""
        policy, audit = self._policy, self._held.audit
        arm = np.where(audit.without_score, AUDIT_ARMS.index("without_score"), 0).astype(np.int8)
        drawn = audit.contact & on_ladder & (self._rung == _LIGHTEST)
        if policy.audit is not None and drawn.any():
            tier_code[drawn] = policy.tier_ids.index(policy.audit.contact_tier)
            led[drawn] = self._bit["audit_contact"]
            arm[drawn] = AUDIT_ARMS.index("contact")
        return arm

    def _note(self, rule: str, rows: BoolArray, rung: int) -> None:
        bit = self._bit[rule]
        self._bits_of_rung[rung] |= bit
        if not rows.any():
            return
        self._fired |= rows * bit
        if rung > _LIGHTEST:
            np.maximum(self._rung, rows * np.int8(rung), out=self._rung)

    def _note_unsure(self, rule: str, rows: BoolArray) -> None:
        self._note(rule, rows, _ADVISER)
        self._unsure |= rows

    def _look_at_risk(self) -> None:
        policy, risks = self._policy, self._risks
        unscored = np.isnan(risks.risk)
        over_lower = policy.lower.is_reached(risks.risk)
        over_upper = policy.upper.is_reached(risks.risk)
        below = ~over_lower & ~unscored
        no_interval = np.isnan(risks.low) | np.isnan(risks.high)
        hidden = self._held.audit.without_score
        self._note_unsure("not_scored", unscored & ~hidden)
        if policy.audit is not None:
            self._note_unsure("audit_without_score", hidden)
        reaches_over = below & policy.lower.is_reached(risks.high)
        self._note_unsure("interval_straddles", reaches_over)
        self._note_unsure("interval_missing", (below | over_upper) & no_interval)
        self._note_unsure("outside_training", risks.outside_training)
        self._note("risk_high", over_upper & ~self._unsure, _AT_RISK)
        reaches_under = over_upper & ~policy.upper.is_reached(risks.low) & ~no_interval
        self._note("interval_straddles_upper", reaches_under & ~self._unsure, _AT_RISK)
        self._note("risk_between", over_lower & ~over_upper, _ADVISER)
        self._note("risk_low", below, _LIGHTEST)

    def _look_at_requirements(self) -> None:
        rungs = self._policy.ladder.rungs
        for rule in self._policy.requirements:
            answers = answer(rule.condition, self._facts)
            self._note(rule.id, answers == FALSE, rungs.index(rule.at_least))
            self._note_unknown(answers, rule.condition)

    def _look_at_needed_facts(self) -> None:
        for field in self._policy.needed_facts:
            lacking = self._facts.find_missing(field)
            self._note_missing(field.name, lacking)
            self._unsure |= lacking

    def _note_missing(self, field: str, rows: BoolArray) -> None:
        if not rows.any():
            return
        self._note(MISSING + field, rows, _ADVISER)
        self._missing |= rows * self._bit[MISSING + field]

    def _note_unknown(self, answers: Answers, condition: Condition) -> None:
        is_unknown = answers == UNKNOWN
        compared = fields_compared(condition)
        if len(compared) == 1:
            self._note_missing(compared[0].name, is_unknown)
            return
        unknown = np.flatnonzero(is_unknown)
        if not len(unknown):
            return
        behind = fields_behind(condition, self._facts.take(unknown), UNKNOWN)
        for field, lacking in behind.items():
            rows = np.zeros(len(answers), dtype=np.bool_)
            rows[unknown[lacking]] = True
            self._note_missing(field, rows)
