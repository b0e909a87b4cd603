"""No subtraction of two published rows shows fewer than five, but some, real persons."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Label
from riskmodel.io.policy_files import read_policy
from riskmodel.visitation.consequence_figures import Capacity, Consequence
from riskmodel.visitation.differencing import PublishedRows
from riskmodel.visitation.inflow import Inflow, Origin, SiteInflow
from riskmodel.visitation.judged_cases import JudgedCases
from riskmodel.visitation.offers import Visitation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.threshold_record import ThresholdRecord, Wishes, work_out_thresholds

pytestmark = pytest.mark.slow  # whole commands, or many tables

CONFIGS = Path(__file__).parents[2] / "configs"
FLOOR = 5
A_YEAR = 1000.0


@pytest.fixture(scope="module")
def risk_only(review_codebook: Codebook) -> Policy:
    return read_policy(CONFIGS / "visitation" / "risk-only.yaml", review_codebook)


def make_cases(n: int, seed: int, floor: int) -> JudgedCases:
    rng = np.random.default_rng(seed)
    risk = rng.beta(1.5, 3.0, n)
    long = (rng.random(n) < risk).astype(float)
    long[:FLOOR], long[FLOOR : 2 * FLOOR] = 1.0, 0.0
    return JudgedCases(
        risk=risk,
        risk_low=np.maximum(risk - 0.06, 0.0),
        risk_high=np.minimum(risk + 0.06, 1.0),
        outside_training=rng.random(n) < 0.02,
        long_course=long,
        duration_weeks=np.where(long == 1, 40.0, rng.uniform(6, 26, n)),
        assessed_week=np.full(n, 5.0),
        weight=np.ones(n),
        person=np.arange(n),
        site=np.full(n, "a"),
        floor=floor,
    )


def work_out(policy: Policy, n: int, seed: int, floor: int = FLOOR) -> ThresholdRecord:
    cases = make_cases(n, seed, floor)
    visitation = Visitation.of(policy, cases, pd.DataFrame(index=range(n)))
    inflow = Inflow((SiteInflow("a", A_YEAR, Origin("own_count", Label("Talt", "Counted"))),))
    wishes = Wishes(Capacity(20.0), 0.1)
    return work_out_thresholds(visitation, inflow, wishes, horizon_weeks=26.0, n_draws=4, seed=seed)


def read_counts(row: Consequence, n: int) -> dict[str, float]:
    """Work the persons behind a row's figures out again, as a reader could."""
    people = {one.tier: one.people.value for one in row.tiers}
    for rung in ("light", "adviser", "at_risk"):
        people[rung] = getattr(row, rung).value
        people[f"long {rung}"] = getattr(row, f"long_{rung}").value
        people[f"short {rung}"] = people[rung] - people[f"long {rung}"]
    return {name: value * n / A_YEAR for name, value in people.items()}


def list_rows(record: ThresholdRecord) -> list[Consequence]:
    chosen = [] if record.suggested is None else [record.suggested]
    return [record.proposal, *chosen, *record.rules, *record.by_upper, *record.by_lower]


def list_differences(record: ThresholdRecord, n: int) -> list[float]:
    found = []
    for one, other in itertools.combinations(list_rows(record), 2):
        first, second = read_counts(one, n), read_counts(other, n)
        found += [abs(first[name] - second[name]) for name in first]
    return [one for one in found if not np.isnan(one)]


@settings(max_examples=12, deadline=None)
@given(n=st.integers(40, 300), seed=st.integers(0, 1000))
def test_no_difference_of_two_rows_shows_few_persons(risk_only: Policy, n: int, seed: int) -> None:
    differences = list_differences(work_out(risk_only, n, seed), n)
    assert differences
    assert not [one for one in differences if 0.5 < one < FLOOR - 0.5]


@pytest.mark.parametrize("seed", range(3))
def test_synthetic_cases_keep_every_threshold(risk_only: Policy, seed: int) -> None:
    real, made_up = (work_out(risk_only, 150, seed, floor) for floor in (FLOOR, 0))
    assert made_up.n_steps_left_out == 0
    assert real.n_steps_left_out > 0
    kept = len(real.by_upper) + len(real.by_lower) + real.n_steps_left_out
    assert kept == len(made_up.by_upper) + len(made_up.by_lower)
    # Without the guard the very same rows do show few persons.
    assert [one for one in list_differences(made_up, 150) if 0.5 < one < FLOOR - 0.5]
    assert real.proposal.upper in [one.upper for one in real.by_upper]
    assert real.proposal.lower in [one.lower for one in real.by_lower]
    # The JSON is made of the same rows.
    mapped = json.loads(json.dumps(real.to_mapping()))
    assert len(mapped["by_upper"]) == len(real.by_upper)


@settings(max_examples=12, deadline=None)
@given(n=st.integers(40, 300), seed=st.integers(0, 1000))
def test_the_decision_curve_shows_no_few_persons_either(
    risk_only: Policy, n: int, seed: int
) -> None:
    record, cases = work_out(risk_only, n, seed), make_cases(n, seed, FLOOR)
    cuts = [one.threshold for one in record.decision_curve if not np.isnan(one.risk.value)]
    # Long and short courses reached, which two known net benefits could give away.
    is_long = cases.long_course == 1
    reached = [((cases.risk >= cut) & is_long, (cases.risk >= cut) & ~is_long) for cut in cuts]
    for first, second in itertools.combinations(reached, 2):
        for one, other in zip(first, second, strict=True):
            assert not 0 < abs(int(one.sum()) - int(other.sum())) < FLOOR


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 40)), max_size=12))
def test_admitted_rows_stand_apart(rows: list[dict[str, int]]) -> None:
    shown = PublishedRows(FLOOR)
    admitted = [row for row in rows if shown.admit(row)]
    assert admitted[:1] == rows[:1]
    for one, other in itertools.combinations(admitted, 2):
        for name in {*one, *other}:
            assert not 0 < abs(one.get(name, 0) - other.get(name, 0)) < FLOOR
    everything = PublishedRows(0)
    assert all(everything.admit(row) for row in rows)
