"""Few persons get no step of their own: bins and levels are counted by persons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.model.binning import FEWEST_PERSONS, InputSpec, find_bins, find_inner_range
from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.model.parts import PartData
from riskmodel.model.pooling import count_persons, find_shared_steps
from riskmodel.stats.logistic import sigmoid

TRADE = InputSpec("trade", "category", 8)


def lay_out(column: np.ndarray, spec: InputSpec, groups: np.ndarray | None = None) -> PartData:
    return PartData.lay_out(column.astype(float)[:, None], [spec], groups)


@given(seed=st.integers(0, 2**32 - 1), n_persons=st.integers(1, 80))
def test_every_bin_of_a_number_holds_five_persons(seed: int, n_persons: int) -> None:
    rng = np.random.default_rng(seed)
    persons = rng.integers(0, n_persons, 200)
    column = rng.choice([rng.normal(size=200), rng.integers(0, 6, 200).astype(float)])
    column[rng.random(200) < 0.3] = np.nan
    bins = find_bins(column, InputSpec("x"), persons)
    counts = count_persons(bins.assign(column), bins.n_entries, persons)[:-1]
    assert len(counts) == 1 or counts.min() >= FEWEST_PERSONS


def test_one_person_with_many_rows_sets_no_edge_and_no_limit() -> None:
    column = np.concatenate([np.linspace(20, 60, 200), np.full(40, 99.0)])
    persons = np.concatenate([np.arange(200), np.full(40, 500)])
    by_person, by_row = (find_bins(column, InputSpec("age"), who) for who in (persons, None))
    assert by_person.limits[1] < 70
    assert by_row.limits[1] > 99
    assert by_person.edges.max() < 60 < by_row.edges.max()


def test_the_inner_range_is_that_of_persons() -> None:
    values = np.array([1.0] * 10 + list(np.arange(2.0, 42.0)))
    persons = np.array([0] * 10 + list(range(1, 41)))
    low, high = find_inner_range(values, persons)
    assert (low, high) == (5.0, 37.0)
    assert find_inner_range(values) == (1.0, 37.0)


def test_rare_levels_share_a_step_and_lonely_ones_are_silent() -> None:
    column = np.repeat([0, 1, 2, 3], [60, 40, 3, 4])
    data = lay_out(column, TRADE)
    assert data.shared[0].entry.tolist() == [0, 1, 3, 3, 4, 5, 6, 7, 8]
    assert not data.shared[0].silent.any()
    alone = lay_out(np.repeat([0, 1, 2], [60, 40, 3]), TRADE)
    assert alone.shared[0].silent.tolist() == [False, False, True] + [False] * 6
    assert alone.bins[0].seen.tolist() == [True, True] + [False] * 7
    repeated = lay_out(
        np.repeat([0, 1, 2], [60, 40, 30]), TRADE, np.concatenate([np.arange(100), [1] * 30])
    )
    assert repeated.shared[0].silent[2]


@given(counts=st.lists(st.integers(0, 12), min_size=2, max_size=9))
def test_levels_of_a_scale_join_their_neighbours(counts: list[int]) -> None:
    column = np.repeat(np.arange(len(counts)), counts)
    spec = InputSpec("pain", "ordinal", len(counts))
    bins = find_bins(column.astype(float), spec)
    entry = find_shared_steps(column, bins, np.arange(len(column))).entry[:-1]
    assert np.all(np.diff(entry) >= 0)
    held = np.bincount(entry, weights=counts, minlength=len(counts))[np.unique(entry)]
    assert len(held) == 1 or held.min() >= FEWEST_PERSONS
    assert np.all(entry[entry] == entry)


@pytest.fixture(scope="module")
def fitted() -> tuple[AdditiveRiskClassifier, np.ndarray]:
    """Trade 5 and 6 are rare together, 7 was never seen; pain is missing for three persons."""
    rng = np.random.default_rng(4)
    n = 700
    trade = rng.integers(0, 5, n).astype(float)
    trade[:4], trade[4:7] = 5, 6
    pain, age = rng.normal(size=n), rng.normal(40, 10, n)
    slope = np.where(trade < 2, 1.5, -0.5)
    y = (rng.random(n) < sigmoid(slope * pain + (trade >= 5) * 2 - 0.5)).astype(int)
    pain[10:13] = np.nan
    X = np.column_stack([trade, pain, age])
    specs = (TRADE, InputSpec("pain"), InputSpec("age"))
    return AdditiveRiskClassifier(specs, n_refits=4, n_folds=3).fit(X, y), X


def test_levels_that_share_a_step_score_alike_everywhere(
    fitted: tuple[AdditiveRiskClassifier, np.ndarray],
) -> None:
    model, X = fitted
    assert model.choice_.pairs
    as_five, as_six, unseen = (np.copy(X) for _ in range(3))
    as_five[:, 0], as_six[:, 0], unseen[:, 0] = 5, 6, 7
    np.testing.assert_array_equal(model.decision_function(as_five), model.decision_function(as_six))
    assert np.abs(model.decision_function(as_five) - model.decision_function(unseen)).max() > 0.1
    for one in model.refits_:
        assert one.steps[0][5] == one.steps[0][6]


def test_a_level_never_seen_and_a_lonely_gap_say_nothing(
    fitted: tuple[AdditiveRiskClassifier, np.ndarray],
) -> None:
    model, X = fitted
    tables = model.tables_
    assert tables.values.steps[0][7] == 0.0
    assert tables.is_outside(np.array([[7.0, 0.0, 40.0]])).tolist() == [[True, False, False]]
    assert tables.values.steps[1][-1] == pytest.approx(0.0, abs=1e-12)
    lonely = tables.values.pairs[0, 1][:, -1]
    assert np.ptp(lonely[tables.bins[0].seen]) == pytest.approx(0.0, abs=1e-9)
    assert tables.contributions(X).mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
