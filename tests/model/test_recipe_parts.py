"""The parts of the score: ridge regression, trees written as tables, pair ranking."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.metrics import log_loss

from riskmodel.model.binning import InputSpec, find_bins, widen_to_grid
from riskmodel.model.linear_part import fit_ridge_logistic
from riskmodel.model.pair_ranking import rank_pairs
from riskmodel.model.parts import Choice, PartData, Parts
from riskmodel.model.purification import purify_tables
from riskmodel.model.stacking import (
    between_events,
    effective_events,
    find_gain,
    find_intercept,
    find_weights,
)
from riskmodel.model.tables import AdditiveTables, TableValues
from riskmodel.model.tree_part import TreeRecipe, compile_trees, fit_trees
from riskmodel.stats.logistic import sigmoid

SPECS = (
    InputSpec("weeks", "number", direction=1),
    InputSpec("group", "category", 9),
    InputSpec("scale", "ordinal", 4, direction=-1),
    InputSpec("age", "number"),
)


def make_rows(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [rng.gamma(2, 5, n), rng.integers(0, 8, n), rng.integers(0, 4, n), rng.normal(45, 12, n)]
    ).astype(float)
    score = 0.05 * X[:, 0] - 0.3 * X[:, 2] + 0.8 * (X[:, 1] == 3) * (X[:, 3] > 45) - 1
    y = (rng.random(n) < sigmoid(score)).astype(float)
    X[rng.random((n, 4)) < 0.1] = np.nan
    return X, y


def odd_rows(seed: int) -> np.ndarray:
    """Rows with missing values, an unseen level (8) and values beyond the training range."""
    X, _ = make_rows(200, seed)
    X[:20, 1], X[20:30, 0], X[30:40, 0], X[40:50] = 8, -1e6, 1e6, np.nan
    return X


def grow(data: PartData, y: np.ndarray, recipe: TreeRecipe):
    return fit_trees(data.inputs, y, np.ones(len(y)), data.specs, recipe, 0)


@pytest.mark.parametrize("pairs", [(), ((0, 1), (1, 3), (2, 3))])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_tables_equal_raw_scores_of_trees(pairs: tuple[tuple[int, int], ...], seed: int) -> None:
    X, y = make_rows(1500, seed)
    data = PartData.lay_out(X, SPECS)
    growth = data.growth
    booster = grow(data, y, growth.on_top(60, pairs) if pairs else growth.singly(60))
    tables = AdditiveTables(data.bins, data.lines, compile_trees(booster, data.bins))
    new = odd_rows(seed + 10)
    entries = tables.assign(new)
    inputs = entries.T.astype(float)
    for column, one in enumerate(data.bins):
        inputs[entries[column] == one.n_values, column] = np.nan
    assert tables.score(new) == pytest.approx(booster.predict(inputs, raw_score=True), abs=1e-12)
    assert bool(tables.values.pairs) == bool(pairs)


@pytest.mark.parametrize("part", ["on_top", "from_nothing"])
def test_trees_over_pairs_cut_at_random(part: str) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1000, 2))
    y = (rng.random(1000) < sigmoid(3 * (X[:, 0] > 0) * (X[:, 1] > 0) - 1)).astype(float)
    data = PartData.lay_out(X, [InputSpec("a"), InputSpec("b")])

    def count_cuts(recipe: TreeRecipe) -> int:
        table = compile_trees(grow(data, y, recipe), data.bins).pairs[0, 1][:-1, :-1]
        return int((np.abs(np.diff(table, axis=0)) > 1e-12).any(axis=1).sum())

    recipe = getattr(data.growth, part)(10, ((0, 1),))
    assert count_cuts(recipe) >= 2 * count_cuts(replace(recipe, random_cuts=False))
    assert not data.growth.singly(10).random_cuts


@pytest.mark.parametrize(
    ("persons", "expected"),
    [(60, 12), (160, 32), (320, 34), (500, 34), (800, 52), (1024, 66), (5000, 70)],
)
def test_bins_of_a_number_grow_with_the_persons(persons: int, expected: int) -> None:
    values = np.random.default_rng(0).permutation(persons) * 1.0
    assert find_bins(values, InputSpec("age")).n_values == expected


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_bins_halve_towards_both_ends_down_to_five_persons(rows: int) -> None:
    person = np.repeat(np.arange(4000), rows)
    values = np.repeat(np.random.default_rng(0).gamma(2, 5, 4000), rows)
    one = find_bins(values, InputSpec("weeks"), person)
    entry = one.assign(values)
    persons = np.array([len(np.unique(person[entry == k])) for k in range(one.n_values)])
    assert persons.min() >= 5
    assert np.ptp(persons[6:-6]) <= 2
    for end in (persons, persons[::-1]):
        assert end[0] < 10
        assert end[1:4] == pytest.approx([8, 16, 31], abs=1)


@pytest.mark.parametrize(
    ("n", "persons", "smallest"), [(60, 60, 2), (400, 400, 4), (1000, 1000, 5), (1000, 400, 12)]
)
def test_a_leaf_of_one_field_needs_rows_of_five_persons(
    n: int, persons: int, smallest: int
) -> None:
    X, _ = make_rows(n)
    data = PartData.lay_out(X, SPECS, np.arange(n) % persons)
    assert data.growth.singly(1).min_data_in_leaf == smallest


def test_paths_of_three_fields_are_refused() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 3))
    y = ((X > 0).sum(axis=1) % 2).astype(float)
    data = PartData.lay_out(X, [InputSpec(name) for name in "abc"])
    booster = grow(data, y, TreeRecipe(30, num_leaves=8))
    with pytest.raises(ValueError, match="two fields at most, got 3"):
        compile_trees(booster, data.bins)


def test_purified_pairs_have_no_main_effects_and_the_score_stays() -> None:
    X, y = make_rows(2000)
    data = PartData.lay_out(X, SPECS)
    booster = grow(data, y, data.growth.on_top(60, ((0, 1), (1, 3))))
    raw = AdditiveTables(data.bins, data.lines, compile_trees(booster, data.bins))
    pure = purify_tables(raw, X, np.ones(len(X)))
    assert pure.score(X) == pytest.approx(raw.score(X), abs=1e-10)
    assert pure.contributions(X).mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    entries = pure.assign(X)
    share = [
        np.bincount(entries[column], minlength=one.n_entries) / len(X)
        for column, one in enumerate(pure.bins)
    ]
    for (i, j), table in pure.values.pairs.items():
        rows, columns = table @ share[j], share[i] @ table
        assert np.ptp(rows[share[i] > 0]) < 1e-12
        assert np.ptp(columns[share[j] > 0]) < 1e-12
    again = purify_tables(pure, X, np.ones(len(X)))
    for first, second in zip(pure.values.steps, again.values.steps, strict=True):
        assert first == pytest.approx(second, abs=1e-12)


@pytest.mark.parametrize("penalty", [0.5, 30.0])
def test_ridge_meets_an_independent_optimiser_at_its_limits(penalty: float) -> None:
    rng = np.random.default_rng(3)
    design = rng.normal(size=(150, 12)) * rng.uniform(0.1, 9, 12)
    y = (rng.random(150) < sigmoid(design[:, 0] - design[:, 1])).astype(float)
    weight = rng.random(150)
    limits = [(0.0, None), (0.0, None), *[(None, None)] * 10]
    is_level = np.arange(12) > 8
    intercept, coefficients, _ = fit_ridge_logistic(
        design, y, weight, penalty, limits, is_level=is_level
    )
    mean = weight @ design / weight.sum()
    deviation = np.sqrt(weight @ (design - mean) ** 2 / weight.sum())
    scale = np.where(is_level, 1.0, deviation)

    def loss(beta: np.ndarray) -> float:
        score = beta[0] + design @ beta[1:]
        fit = weight @ (np.logaddexp(0, score) - y * score)
        return float(fit + penalty / 2 * np.sum((beta[1:] * scale) ** 2))

    found = minimize(
        loss, np.zeros(13), bounds=[(None, None), *limits], options={"ftol": 1e-13, "maxiter": 3000}
    )
    ours = loss(np.array([intercept, *coefficients]))
    assert ours <= found.fun + 1e-6 * abs(found.fun)
    assert coefficients[1] == 0.0


def test_rare_levels_are_drawn_to_the_others() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat([0.0, 1.0, 2.0], [150, 142, 8])
    y = np.where(group == 2, 1.0, (rng.random(300) < 0.3).astype(float))
    data = PartData.lay_out(group[:, None], [InputSpec("group", "category", 3)])
    table = Parts(data, y).fit(np.ones(300), Choice(10.0, 10), np.array([0.5, 0.5]), 0)[0]
    assert 0 < table.steps[0][2] < 0.6


def test_the_pair_that_holds_an_interaction_comes_first() -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(3000, 8))
    risk = sigmoid(X[:, 0] + 0.6 * X[:, 2] * X[:, 5])
    y = (rng.random(3000) < risk).astype(float)
    main = sigmoid(X[:, 0])
    bins = [find_bins(X[:, column], InputSpec(f"x{column}")) for column in range(8)]
    entries = np.array([one.assign(X[:, column]) for column, one in enumerate(bins)])
    assert rank_pairs(entries, bins, y - main, main * (1 - main))[0] == (2, 5)


def test_main_effects_left_over_do_not_make_a_pair() -> None:
    rng = np.random.default_rng(6)
    firsts = []
    for seed in range(10):
        X = np.random.default_rng(seed).normal(size=(1500, 6))
        y = (rng.random(1500) < sigmoid(0.5 * X[:, 0] + 0.4 * X[:, 1] * X[:, 4])).astype(float)
        flat = np.full(1500, y.mean())
        bins = [find_bins(X[:, column], InputSpec(f"x{column}")) for column in range(6)]
        entries = np.array([one.assign(X[:, column]) for column, one in enumerate(bins)])
        firsts.append(rank_pairs(entries, bins, y - flat, flat * (1 - flat))[0])
    assert firsts.count((1, 4)) >= 8


def test_edges_and_limits_repeat_no_persons_value() -> None:
    rng = np.random.default_rng(0)
    column = rng.normal(50, 10, 400).round(2)
    column[7], column[8] = 119.87, 3.13
    bins = find_bins(column, InputSpec("age"))
    kept = {*bins.edges.tolist(), *bins.limits}
    assert not kept & {119.87, 3.13}
    ordered = np.sort(column)
    assert 3.13 < bins.limits[0] < ordered[4]
    assert ordered[-5] < bins.limits[1] < 119.87
    counts = np.bincount(bins.assign(column))
    assert counts.min() >= 5


def test_grids_widen_outward() -> None:
    rng = np.random.default_rng(0)
    for low, high in np.sort(rng.normal(0, 1000, (200, 2)), axis=1):
        bottom, top = widen_to_grid(low, high)
        assert bottom < low <= high < top


def test_edges_rise_with_any_spacing() -> None:
    for values in ([0.0] * 50, [1.0] * 30 + [2.0] * 30, list(np.geomspace(1e-9, 1e9, 300))):
        bins = find_bins(np.array(values), InputSpec("x"))
        assert all(a < b for a, b in pairwise(bins.edges))
        assert np.all(np.bincount(bins.assign(np.array(values))) >= 5)


def test_weights_return_to_the_prior_where_nothing_is_known() -> None:
    y = np.array([0.0, 1.0] * 10)
    flat = np.zeros((2, 20))
    prior = np.array([0.3, 0.2])
    assert find_weights(flat, y, np.ones(20), prior, 0.1) == pytest.approx(prior)


def test_weights_follow_many_rows_and_never_fall_below_zero() -> None:
    rng = np.random.default_rng(0)
    good, bad = rng.normal(size=(2, 20_000))
    y = (rng.random(20_000) < sigmoid(good - 0.5 * bad)).astype(float)
    found = find_weights(np.array([good, bad]), y, np.ones(20_000), np.array([0.5, 0.5]), 0.2)
    assert found == pytest.approx([1.0, 0.0], abs=0.08)


@pytest.mark.parametrize("prior_sd", [0.1, 0.4, 5.0])
def test_weights_lie_where_likelihood_and_prior_are_highest_together(prior_sd: float) -> None:
    rng = np.random.default_rng(1)
    parts, weight = rng.normal(size=(2, 60)), rng.random(60) + 0.5
    y = (rng.random(60) < sigmoid(parts.sum(axis=0) - 1)).astype(float)
    prior = np.array([0.6, 0.3])

    def loss(at: np.ndarray) -> float:
        score = at[0] + at[1:] @ parts
        likelihood = weight @ (y * score - np.logaddexp(0, score))
        return float(0.5 * np.sum((at[1:] - prior) ** 2) / prior_sd**2 - likelihood)

    best = minimize(
        loss, [0, *prior], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10}
    )
    assert best.x[1:].min() > 0
    found = find_weights(parts, y, weight, prior, prior_sd)
    assert found == pytest.approx(best.x[1:], abs=1e-4)
    assert np.isfinite(find_weights(parts, np.zeros(60), weight, prior, prior_sd)).all()


def test_intercept_meets_the_share_of_events() -> None:
    rng = np.random.default_rng(0)
    score, weight = rng.normal(size=500), rng.random(500)
    y = (rng.random(500) < 0.2).astype(float)
    shift = find_intercept(score, y, weight)
    assert weight @ sigmoid(score + shift) == pytest.approx(weight @ y)


@pytest.mark.parametrize("rows_each", [1, 3, 8])
def test_later_assessments_count_for_less_than_other_persons(rows_each: int) -> None:
    y = np.repeat((np.arange(40) % 4 == 0).astype(float), rows_each)
    person, weight = np.repeat(np.arange(40), rows_each), np.ones(len(y))
    found = between_events(y, weight, person)
    assert found == pytest.approx(10 * rows_each**0.5)
    assert found == pytest.approx(between_events(1 - y, 5 * weight, person))


@pytest.mark.parametrize("rows_each", [1, 4, 9])
def test_a_gain_counts_later_assessments_for_less_than_other_persons(rows_each: int) -> None:
    y, score = np.tile([1.0, 0.0, 0.0, 1.0], 10), np.tile([1.0, -1.0, -2.0, 0.5], 10)
    other, weight, person = score / 3, np.ones(40), np.arange(40)
    once = find_gain(score, other, y, weight, person)
    assert once == pytest.approx(
        log_loss(y, sigmoid(other + find_intercept(other, y, weight)), normalize=False)
        - log_loss(y, sigmoid(score + find_intercept(score, y, weight)), normalize=False)
    )
    assert once > 1
    rows = [np.repeat(one, rows_each) for one in (score, other, y, weight, person)]
    assert find_gain(*rows) == pytest.approx(once * rows_each**0.5)
    rows[0], rows[1] = rows[1], rows[0] + 3.0
    assert find_gain(*rows) == pytest.approx(-once * rows_each**0.5)


def test_effective_events_count_the_rarer_outcome() -> None:
    y = np.array([1.0] * 12 + [0.0] * 48)
    assert effective_events(y, np.ones(60)) == pytest.approx(12)
    assert effective_events(1 - y, np.full(60, 7.0)) == pytest.approx(12)


def test_tables_refuse_wrong_shapes() -> None:
    X, _ = make_rows(100)
    data = PartData.lay_out(X, SPECS)
    steps = tuple(np.zeros(one.n_entries) for one in data.bins)
    with pytest.raises(ValueError, match="i < j"):
        AdditiveTables(
            data.bins, data.lines, TableValues(0.0, steps, np.zeros(4), {(1, 0): np.zeros((2, 2))})
        )
