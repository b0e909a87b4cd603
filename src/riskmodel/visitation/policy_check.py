"""Tries a policy on many made-up cases and reports where its rules contradict each other."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Field
from riskmodel.visitation.conditions import (
    FALSE,
    TRUE,
    AllOf,
    AnyOf,
    AtMostOf,
    Condition,
    Facts,
    InRange,
    Not,
    answer,
    fields_named,
)
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import RecommendedCases, recommend_cases

__all__ = ["PolicyFinding", "check_policy", "list_trial_values", "make_combinations"]

FloatArray = npt.NDArray[np.float64]
_MAX_COMBINATIONS = 200_000


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """Something that a policy's rules do and that its author should know.

    Parameters
    ----------
    severity : {"error", "warning", "note"}
        Whether a promise is broken, a rule is without effect, or something is good to know.
    key : str
        Rule or part of the policy.
    problem, remedy : str
        What was found, and what to do.
    """

    severity: Literal["error", "warning", "note"]
    key: str
    problem: str
    remedy: str


def check_policy(
    policy: Policy, *, n_cases: int = 20_000, random_state: int = 0
) -> tuple[PolicyFinding, ...]:
    """Try a policy on made-up cases at every turning point of its rules.

    Checked are: every case gets exactly one known tier and at least one reason; raising
    the risk with the same facts never gives a lighter tier; a missing needed fact, a
    case outside the training data or one without a risk gets neither the lightest tier nor,
    from its risk, the heaviest; an interval over the lower threshold bars the lightest; every
    rule can be met and broken; every tier can be reached.

    Parameters
    ----------
    policy : Policy
        The policy.
    n_cases : int
        Made-up cases; the facts are drawn from the values where a rule's answer changes.
    random_state : int
        Seed of the draw.

    Returns
    -------
    tuple of PolicyFinding
        Empty where nothing was found.
    """
    findings = [*_find_idle_rules(policy)]
    trial = _Trial(policy, n_cases, np.random.default_rng(random_state))
    findings += trial.find_broken_promises()
    findings += trial.find_unreached_tiers()
    return tuple(findings)


def list_trial_values(field: Field, bounds: frozenset[float] = frozenset()) -> list[object]:
    """Return values of a field at which a rule could change its answer, and missing.

    Parameters
    ----------
    field : Field
        The field.
    bounds : frozenset of float
        Numbers that conditions compare it with.
    """
    if field.levels:
        return [*field.level_values, None]
    if field.type != "number" or field.range is None:
        return ["2026-07-01", None]
    low, high = field.range
    steps = {low, high, (low + high) / 2}
    steps |= {one for bound in bounds for one in (bound, np.nextafter(bound, -np.inf))}
    steps |= {float(np.nextafter(bound, np.inf)) for bound in bounds}
    return [*sorted(float(step) for step in steps if low <= step <= high), None]


def _list_bounds(condition: Condition, name: str) -> frozenset[float]:
    match condition:
        case AllOf(parts) | AnyOf(parts) | AtMostOf(parts):
            return frozenset().union(*(_list_bounds(part, name) for part in parts))
        case Not(part):
            return _list_bounds(part, name)
        case InRange(field, at_least, at_most) if field.name == name:
            return frozenset(bound for bound in (at_least, at_most) if bound is not None)
        case _:
            return frozenset()


def _list_values(policy: Policy) -> dict[str, tuple[Field, list[object]]]:
    values = {}
    for field in policy.fields_named:
        bounds = frozenset[float]().union(
            *(_list_bounds(rule.condition, field.name) for rule in policy.rules)
        )
        values[field.name] = (field, list_trial_values(field, bounds))
    return values


def _make_column(field: Field, values: list[object]) -> pd.Series:
    if field.levels:
        return pd.Series(pd.Categorical(values, categories=list(field.level_values)))
    if field.type == "number":
        return pd.Series(values, dtype=np.float64)
    return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)))


def make_combinations(policy: Policy, fields: tuple[Field, ...]) -> pd.DataFrame:
    """Return a table of every combination of the values at which rules change their answer.

    Parameters
    ----------
    policy : Policy
        Its rules give the turning points.
    fields : tuple of Field
        The fields to combine, all named by the policy.
    """
    values = _list_values(policy)
    combinations = list(
        itertools.islice(
            itertools.product(*(values[field.name][1] for field in fields)), _MAX_COMBINATIONS
        )
    )
    return pd.DataFrame(
        {
            field.name: _make_column(field, [row[place] for row in combinations])
            for place, field in enumerate(fields)
        }
    )


def _find_idle_rules(policy: Policy) -> list[PolicyFinding]:
    findings = []
    for rule in policy.rules:
        table = make_combinations(policy, fields_named(rule.condition))
        facts = Facts(table, np.zeros(len(table)), policy.week_name)
        answers = set(answer(rule.condition, facts).tolist())
        for value, word in ((TRUE, "true"), (FALSE, "false")):
            if value not in answers:
                findings.append(
                    PolicyFinding(
                        "warning",
                        rule.id,
                        f"its condition can never be {word}, so it settles nothing.",
                        "Correct the condition, or remove the rule.",
                    )
                )
    return findings


class _Trial:
    """Made-up cases, each at several risks."""

    def __init__(self, policy: Policy, n_cases: int, rng: np.random.Generator) -> None:
        self._policy = policy
        self._n = n_cases
        lower, upper = policy.lower.value, policy.upper.value
        steps = {0.0, lower, upper, 1.0, (lower + upper) / 2}
        steps |= {float(np.nextafter(bound, 0)) for bound in (lower, upper)}
        self._steps = sorted(steps)
        # Complete cases are made common, or a policy with many facts never reaches its
        # lightest tier in the draw.
        self._complete = rng.random(n_cases) < 0.5
        columns = {}
        for name, (field, values) in _list_values(policy).items():
            drawn = rng.integers(0, len(values), n_cases)
            held = rng.integers(0, len(values) - 1, n_cases)
            chosen = np.where(self._complete, held, drawn)
            columns[name] = _make_column(field, [values[place] for place in chosen])
        self._facts = self._favour_light(pd.DataFrame(columns, index=range(n_cases)), rng)
        self._week = rng.integers(0, 27, n_cases).astype(np.float64)
        self._outside = rng.random(n_cases) < 0.2
        self._width = np.where(rng.random(n_cases) < 0.5, 0.0, rng.random(n_cases))
        self._by_risk = [self._recommend(np.full(n_cases, step)) for step in self._steps]

    def _favour_light(self, facts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        # A tenth of the cases get, rule by rule, facts that meet every requirement.
        rows = np.flatnonzero(rng.random(self._n) < 0.1)
        if not len(rows) or not len(facts.columns):
            return facts
        for rule in self._policy.rules:
            wanted = FALSE if rule in self._policy.own_tracks else TRUE
            known = Facts(facts, np.zeros(self._n), self._policy.week_name)
            donors = np.flatnonzero(answer(rule.condition, known) == wanted)
            if len(donors):
                names = [field.name for field in fields_named(rule.condition)]
                names = [name for name in names if name in facts.columns]
                taken = rng.choice(donors, len(rows))
                facts.loc[rows, names] = facts.loc[taken, names].to_numpy()
        return facts

    def _recommend(self, risk: FloatArray, width: FloatArray | None = None) -> RecommendedCases:
        spread = self._width if width is None else width
        return recommend_cases(
            self._policy,
            self._facts,
            assessed_week=self._week,
            risk=risk,
            risk_low=np.clip(risk - spread, 0, 1),
            risk_high=np.clip(risk + spread, 0, 1),
            outside_training=self._outside,
        )

    def find_broken_promises(self) -> list[PolicyFinding]:
        """Return every promise that some made-up case breaks."""
        unscored = self._recommend(np.full(self._n, np.nan))
        findings = [
            _break("tiers", "a case gets no tier or no reason.")
            for cases in (*self._by_risk, unscored)
            if np.any(cases.tier_code < 0) or np.any(cases.led == 0)
        ]
        rungs = self._policy.ladder.rungs
        light, heavy = (self._policy.tier_ids.index(one) for one in (rungs[0], rungs[2]))
        by_facts = self._asks_for_heaviest()
        for step, cases in zip(self._steps, self._by_risk, strict=True):
            is_light = cases.tier_code == light
            over = self._policy.lower.is_reached(np.clip(step + self._width, 0, 1))
            if np.any(is_light & (over | self._outside | self._lacks_needed_fact())):
                findings.append(_break("ladder", "an uncertain case gets the lightest tier."))
            is_heavy = (cases.tier_code == heavy) & ~by_facts
            unsure = self._outside | self._lacks_needed_fact()
            under = ~self._policy.upper.is_reached(np.full(self._n, step))
            if np.any(is_heavy & (unsure | under)):
                findings.append(_break("ladder", "an uncertain case gets the heaviest tier."))
        if np.any(unscored.tier_code == light):
            findings.append(_break("ladder", "a case without a risk gets the lightest tier."))
        weights = np.stack([self._weigh(cases) for cases in self._by_risk])
        if np.any(np.diff(weights, axis=0) < 0):
            findings.append(_break("ladder", "a higher risk gives a lighter tier."))
        return list(dict.fromkeys(findings))

    def _lacks_needed_fact(self) -> npt.NDArray[np.bool_]:
        known = Facts(self._facts, self._week, self._policy.week_name)
        lacking = np.zeros(self._n, dtype=np.bool_)
        for field in self._policy.needed_facts:
            lacking |= known.find_missing(field)
        return lacking

    def _asks_for_heaviest(self) -> npt.NDArray[np.bool_]:
        """Rows that a rule or an exception sends to the heaviest tier, whatever the risk."""
        known = Facts(self._facts, self._week, self._policy.week_name)
        heavy, sent = self._policy.ladder.from_upper, np.zeros(self._n, dtype=np.bool_)
        for rule in self._policy.requirements:
            if rule.at_least == heavy:
                sent |= answer(rule.condition, known) == FALSE
        for track in self._policy.own_tracks:
            if track.tier == heavy:
                sent |= answer(track.condition, known) == TRUE
        return sent

    def _weigh(self, cases: RecommendedCases) -> FloatArray:
        rungs = self._policy.ladder.rungs
        weights = [rungs.index(one) if one in rungs else -1 for one in self._policy.tier_ids]
        return np.asarray(weights, dtype=np.float64)[cases.tier_code]

    def find_unreached_tiers(self) -> list[PolicyFinding]:
        """Return every tier and missing-fact rule that no made-up case led to."""
        reached = set(np.concatenate([cases.tier_code for cases in self._by_risk]).tolist())
        return [
            PolicyFinding(
                "warning",
                f"tiers.{tier}",
                "no made-up case reached it.",
                "Check the rules that should lead to it, or remove the tier.",
            )
            for place, tier in enumerate(self._policy.tier_ids)
            if place not in reached
        ]


def _break(key: str, problem: str) -> PolicyFinding:
    return PolicyFinding("error", key, problem, "This is a fault in riskmodel: please report it.")
