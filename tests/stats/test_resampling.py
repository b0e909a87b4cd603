"""Folds and bootstrap draws: groups stay together, sizes and outcomes balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.stats.resampling import (
    assign_folds,
    bootstrap_counts,
    bootstrap_draws,
    bootstrap_indices,
    bootstrap_interval,
    percentile_interval,
    repeated_folds,
)


@given(seed=st.integers(0, 2**32 - 1), n_folds=st.integers(2, 7), largest=st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_folds_keep_groups_whole_and_are_level(seed, n_folds, largest):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, largest + 1, size=int(rng.integers(n_folds, 60)))
    groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    outcome = (rng.random(len(groups)) < rng.random()).astype(float)
    folds = assign_folds(len(groups), n_folds, random_state=seed, groups=groups, outcome=outcome)
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1
    assert set(folds) == set(range(n_folds))
    rarer = outcome == (outcome.mean() <= 0.5)
    positives = np.bincount(folds, rarer, minlength=n_folds)
    assert np.ptp(positives) <= largest
    if not rarer.any():
        assert np.ptp(np.bincount(folds)) <= largest


@given(seed=st.integers(0, 1000), n=st.integers(10, 80), n_folds=st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_single_rows_differ_by_one_at_most(seed, n, n_folds):
    outcome = np.random.default_rng(seed).random(n) < 0.3
    folds = assign_folds(n, n_folds, random_state=seed, outcome=outcome)
    assert np.ptp(np.bincount(folds)) <= 1
    assert np.ptp(np.bincount(folds, outcome, minlength=n_folds)) <= 1


def test_one_giant_group_is_levelled_by_the_others():
    groups = np.concatenate([np.zeros(100), np.arange(1, 401)])
    folds = assign_folds(500, 5, random_state=1, groups=groups)
    assert np.bincount(folds).tolist() == [100] * 5


def test_folds_do_not_depend_on_the_order_of_rows_but_on_the_seed():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 40, 200).astype(str)
    outcome = rng.random(200) < 0.4
    folds = assign_folds(200, 5, random_state=3, groups=groups, outcome=outcome)
    order = rng.permutation(200)
    again = assign_folds(200, 5, random_state=3, groups=groups[order], outcome=outcome[order])
    assert (folds[order] == again).all()
    other = assign_folds(200, 5, random_state=4, groups=groups, outcome=outcome)
    assert (folds != other).any()


def test_every_pair_of_rows_is_parted_about_as_often_as_chance_says():
    folds = repeated_folds(12, 3, 600, random_state=0)
    together = np.mean([(row[:, None] == row) for row in folds], axis=0)
    assert np.abs(together[~np.eye(12, dtype=bool)] - 3 / 11).max() < 0.09


def test_a_million_groups_are_dealt_quickly_and_evenly():
    folds = assign_folds(1_000_000, 10, random_state=0, outcome=np.arange(1_000_000) % 7 == 0)
    assert np.ptp(np.bincount(folds)) <= 1


def test_unknown_outcomes_are_allowed():
    outcome = [1, 0, np.nan, np.nan, 1, 0, np.nan, np.nan]
    folds = assign_folds(8, 2, random_state=0, outcome=outcome)
    assert np.bincount(folds).tolist() == [4, 4]
    assert folds[0] != folds[4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_folds": 1}, "between 2 and the number of groups 4"),
        ({"n_folds": 5}, "between 2 and the number of groups 4"),
        ({"n_folds": 2, "groups": ["a"]}, "groups must have one label"),
        ({"n_folds": 2, "outcome": [1]}, "outcome must have one value"),
    ],
)
def test_assign_folds_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        assign_folds(4, random_state=0, **arguments)


def test_draws_repeat_whole_groups_and_match_as_counts_and_rows():
    groups = np.array(["a", "b", "a", "c", "c", "c"])
    counts = list(bootstrap_counts(6, 50, random_state=5, groups=groups))
    rows = list(bootstrap_indices(6, 50, random_state=5, groups=groups))
    for count, row in zip(counts, rows, strict=True):
        assert np.bincount(row, minlength=6).tolist() == count.tolist()
        per_group = {name: set(count[groups == name]) for name in "abc"}
        assert all(len(values) == 1 for values in per_group.values())
        assert sum(values.pop() for values in per_group.values()) == 3


def test_a_draw_is_the_same_whatever_the_number_of_draws():
    few = list(bootstrap_counts(20, 3, random_state=9))
    many = list(bootstrap_counts(20, 30, random_state=9))
    assert np.array_equal(few, many[:3])


def test_counts_average_to_one_with_the_binomial_variance():
    counts = np.array(list(bootstrap_counts(50, 4000, random_state=0)))
    assert np.abs(counts.mean(axis=0) - 1).max() < 0.08
    assert counts.var() == pytest.approx(1 - 1 / 50, rel=0.03)


def test_interval_of_a_mean_agrees_with_its_normal_interval():
    x = np.random.default_rng(1).normal(size=400)
    found = bootstrap_interval(lambda rows: float(x[rows].mean()), 400, n_draws=4000)
    half = 1.96 * x.std() / 20
    assert found.estimate == pytest.approx(x.mean())
    assert found.low == pytest.approx(x.mean() - half, abs=0.01)
    assert found.high == pytest.approx(x.mean() + half, abs=0.01)
    assert (found.n_draws, found.n_undefined) == (4000, 0)


def test_clusters_widen_the_interval_by_the_design_effect():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(100), 10)
    x = rng.normal(size=100)[groups]

    def mean(rows):
        return float(x[rows].mean())

    alone = bootstrap_interval(mean, 1000, n_draws=1000)
    together = bootstrap_interval(mean, 1000, groups, n_draws=1000)
    ratio = (together.high - together.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(np.sqrt(10), rel=0.1)


@pytest.mark.slow
def test_coverage_of_the_percentile_interval_is_near_its_level():
    rng = np.random.default_rng(3)
    hits = 0
    for trial in range(200):
        x = rng.exponential(size=80)
        found = bootstrap_interval(
            lambda rows, x=x: float(x[rows].mean()), 80, n_draws=200, random_state=trial
        )
        hits += found.low <= 1 <= found.high
    assert 0.87 <= hits / 200 <= 0.98


def test_draws_without_a_value_are_counted_and_left_out():
    y = np.array([1.0, 0, 0, 0])

    def odds(rows):
        share = y[rows].mean()
        return float("nan") if share == 0 else float(share)

    found = bootstrap_interval(odds, 4, n_draws=500)
    assert 0.25 < found.n_undefined / 500 < 0.39
    assert found.low == 0.25
    empty = bootstrap_interval(lambda _: float("nan"), 4, n_draws=5)
    assert np.isnan(empty.low)
    assert empty.n_undefined == 5


def test_several_figures_are_drawn_at_once():
    x = np.arange(30.0)
    draws = bootstrap_draws(lambda rows: np.array([x[rows].mean(), x[rows].max()]), 30, n_draws=9)
    low, high = percentile_interval(draws, 0.8)
    assert draws.shape == (9, 2)
    assert (low < high).all()
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        percentile_interval(draws, 1.0)
