"""Agreement of raters against published values, statsmodels and scikit-learn."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.inter_rater import cohens_kappa

from riskmodel.stats.agreement import (
    cohen_kappa,
    gwet_ac1,
    icc_2_1,
    interval_of_agreement,
    observed_agreement,
)

SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def rows_of(table):
    """Return the ratings behind a table of counts."""
    counts = np.asarray(table)
    first, second = np.indices(counts.shape)
    return np.repeat(first.ravel(), counts.ravel()), np.repeat(second.ravel(), counts.ravel())


@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["nominal", "linear", "quadratic"]))
@settings(max_examples=40, deadline=None)
def test_kappa_agrees_with_scikit_learn(seed, kind):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 4, (2, 40))
    second = np.where(rng.random(40) < 0.5, first, second)
    weight = rng.random(40) + 0.1
    ours = cohen_kappa(first, second, levels=[0, 1, 2, 3], disagreement=kind, sample_weight=weight)
    theirs = cohen_kappa_score(
        first,
        second,
        labels=[0, 1, 2, 3],
        weights=None if kind == "nominal" else kind,
        sample_weight=weight,
    )
    assert ours == pytest.approx(theirs)
    swapped = cohen_kappa(
        second, first, levels=[0, 1, 2, 3], disagreement=kind, sample_weight=weight
    )
    assert swapped == pytest.approx(ours)


def test_kappa_agrees_with_statsmodels():
    table = [[20, 5, 1], [10, 15, 4], [2, 3, 30]]
    first, second = rows_of(table)
    for kind, weights in (("nominal", None), ("linear", "linear"), ("quadratic", "quadratic")):
        theirs = cohens_kappa(np.array(table), wt=weights, return_results=False)
        ours = cohen_kappa(first, second, levels=[0, 1, 2], disagreement=kind)
        assert ours == pytest.approx(float(theirs))


def test_gwet_published_example():
    # Gwet (2008), table 2: 125 subjects, kappa -0.0234 and AC1 0.9408 at 94 % agreement.
    first, second = rows_of([[118, 5], [2, 0]])
    assert observed_agreement(first, second) == pytest.approx(0.944)
    assert cohen_kappa(first, second) == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac1(first, second) == pytest.approx(0.9408, abs=5e-5)


def test_gwet_of_three_categories_is_closed_form():
    # Each rater: five a, three b, two c; they agree on eight of ten.
    first, second = list("aaaaabbbcc"), list("aaaabbbacc")
    by_chance = (0.5 * 0.5 + 0.3 * 0.7 + 0.2 * 0.8) / 2
    expected = (0.8 - by_chance) / (1 - by_chance)
    assert gwet_ac1(first, second) == pytest.approx(expected)
    by_chance = (0.5 * 0.5 + 0.3 * 0.7 + 0.2 * 0.8) / 3
    expected = (0.8 - by_chance) / (1 - by_chance)
    assert gwet_ac1(first, second, levels=list("abcd")) == pytest.approx(expected)


def test_icc_is_the_published_one():
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)


@pytest.mark.parametrize("seed", range(4))
def test_icc_agrees_with_an_analysis_of_variance(seed):
    rng = np.random.default_rng(seed)
    n, k = 12, 3
    values = rng.normal(size=(n, 1)) + rng.normal(size=(1, k)) + 0.5 * rng.normal(size=(n, k))
    subject, rater = (part.ravel() for part in np.indices((n, k)))
    ones = np.ones((n * k, 1))
    subjects = (subject[:, None] == np.arange(1, n)).astype(float)
    raters = (rater[:, None] == np.arange(1, k)).astype(float)

    def residual(*parts):
        return OLS(values.ravel(), np.hstack([ones, *parts])).fit().ssr

    both = residual(subjects, raters)
    error = both / ((n - 1) * (k - 1))
    rows = (residual(raters) - both) / (n - 1)
    columns = (residual(subjects) - both) / (k - 1)
    expected = (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)
    assert icc_2_1(values) == pytest.approx(expected)


def test_perfect_chance_and_degenerate_agreement():
    same = ["a", "b", "c"] * 5
    assert cohen_kappa(same, same) == 1
    assert gwet_ac1(same, same) == 1
    assert icc_2_1([[1, 1], [2, 2], [5, 5]]) == pytest.approx(1)
    assert math.isnan(cohen_kappa(["a"] * 4, ["a"] * 4))
    assert gwet_ac1(["a"] * 4, ["a"] * 4) == 1
    assert math.isnan(icc_2_1([[1, 1], [1, 1]]))
    independent = rows_of(np.outer([6, 4], [3, 7]))
    assert cohen_kappa(*independent) == pytest.approx(0)


def test_raters_who_guess_average_to_nothing():
    rng = np.random.default_rng(0)
    ac1, kappa = [], []
    for _ in range(300):
        first, second = rng.integers(0, 2, (2, 60))
        ac1.append(gwet_ac1(first, second, levels=[0, 1]))
        kappa.append(cohen_kappa(first, second, levels=[0, 1]))
    assert np.mean(ac1) == pytest.approx(0, abs=0.03)
    assert np.mean(kappa) == pytest.approx(0, abs=0.03)


def test_linear_and_quadratic_agree_on_two_levels():
    first, second = rows_of([[8, 2], [3, 7]])
    values = {
        cohen_kappa(first, second, levels=[0, 1], disagreement=kind)
        for kind in ("nominal", "linear", "quadratic")
    }
    assert max(values) - min(values) < 1e-12


def test_interval_covers_its_estimate_and_keeps_subjects_whole():
    first, second = rows_of([[20, 5], [10, 15]])
    found = interval_of_agreement(cohen_kappa, first, second, n_draws=500)
    assert found.estimate == pytest.approx(0.4)
    # Fleiss, Cohen & Everitt's large-sample standard error of this table.
    error = cohens_kappa(np.array([[20, 5], [10, 15]])).std_kappa
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    ordered = partial(cohen_kappa, levels=[0, 1], disagreement="linear")
    assert interval_of_agreement(ordered, first, second, n_draws=20).n_undefined == 0
    table = interval_of_agreement(icc_2_1, SHROUT_FLEISS, n_draws=100)
    assert table.low <= table.estimate <= table.high
    with pytest.raises(ValueError, match="columns of one length"):
        interval_of_agreement(cohen_kappa, [1, 2], [1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cohen_kappa([1, 2], [1]), "same subjects"),
        (lambda: cohen_kappa([], []), "same subjects"),
        (lambda: cohen_kappa([1, 2], [1, 3], levels=[1, 2]), "one of the levels"),
        (lambda: cohen_kappa([1, 2], [1, 2], disagreement="linear"), "needs the levels"),
        (lambda: gwet_ac1([1.0, math.nan], [1.0, 1.0]), "levels must be finite"),
        (lambda: gwet_ac1([1.0, math.nan], [1.0, 1.0], levels=[1.0]), "none may be missing"),
        (lambda: icc_2_1([[1, 2]]), "at least two subjects"),
        (lambda: icc_2_1([[1, 2], [1, math.nan]]), "no missing values"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
