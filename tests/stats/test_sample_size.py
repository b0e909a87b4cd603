"""Sample size criteria against published values and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from riskmodel.stats.discrimination import auc
from riskmodel.stats.logistic import fit_logistic, log_odds, logistic_log_likelihood, sigmoid
from riskmodel.stats.sample_size import (
    auc_half_width,
    cox_snell_r2_from_auc,
    expected_shrinkage,
    max_cox_snell_r2,
    minimum_sample_size,
    share_half_width,
    supported_parameters,
)


def test_largest_r2_is_as_published():
    # Riley et al. (2020), BMJ 368:m441, figure 3.
    rates = [0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01]
    published = [0.75, 0.74, 0.71, 0.63, 0.48, 0.33, 0.11]
    assert [round(max_cox_snell_r2(rate), 2) for rate in rates] == published
    assert max_cox_snell_r2(0.2) == pytest.approx(max_cox_snell_r2(0.8))


def test_criteria_are_those_of_the_published_example():
    # The binary example of R's pmsampsize: 24 parameters, prevalence 0.174, R2 0.288.
    needed = minimum_sample_size(0.174, 24, r2=0.288)
    found = (needed.n, needed.for_shrinkage, needed.for_optimism, needed.for_mean_risk)
    assert found == (662, 623, 662, 221)
    assert needed.n_events == pytest.approx(115.2, abs=0.1)
    assert round(needed.max_r2, 2) == 0.60


@pytest.mark.parametrize(
    ("event_rate", "auc_foreseen", "rows"),
    [
        (0.20, 0.70, (530, 1060, 2119)),
        (0.20, 0.75, (332, 664, 1328)),
        (0.35, 0.70, (377, 754, 1508)),
        (0.35, 0.75, (350, 476, 952)),
        (0.50, 0.75, (385, 436, 871)),
    ],
)
def test_rows_agree_with_the_simulated_table(event_rate, auc_foreseen, rows):
    # The table simulates the R2 from a million rows, which is good to about 0.7 %.
    for n_parameters, expected in zip((5, 10, 20), rows, strict=True):
        needed = minimum_sample_size(event_rate, n_parameters, auc=auc_foreseen)
        assert needed.n == pytest.approx(expected, rel=0.01)


def test_mean_risk_alone():
    rows = [minimum_sample_size(rate, 1, auc=0.9).for_mean_risk for rate in (0.2, 0.35, 0.5)]
    assert rows == [246, 350, 385]
    assert round(share_half_width(60, 0.35), 2) == 0.12
    assert round(share_half_width(30, 0.5), 2) == 0.18


def test_expected_shrinkage_at_sixty_rows():
    found = [round(expected_shrinkage(60, k, 0.35, auc=0.75), 2) for k in (3, 5, 10)]
    assert found == [0.79, 0.70, 0.55]


def test_parameters_that_sixty_rows_support():
    cases = [(0.2, 0.7, 0.6), (0.2, 0.75, 0.9), (0.35, 0.7, 0.8), (0.35, 0.75, 1.3)]
    cases.append((0.5, 0.75, 1.4))
    for event_rate, foreseen, expected in cases:
        assert round(supported_parameters(60, event_rate, auc=foreseen), 1) == expected


@pytest.mark.parametrize(("foreseen", "event_rate"), [(0.6, 0.1), (0.7, 0.35), (0.89, 0.174)])
def test_r2_agrees_with_the_published_simulation(foreseen, event_rate):
    rng = np.random.default_rng(0)
    n = 400_000
    y = (np.arange(n) < event_rate * n).astype(float)
    distance = 2**0.5 * norm.ppf(foreseen)
    predictor = rng.normal(size=n) + distance * y
    assert auc(y, predictor) == pytest.approx(foreseen, abs=0.005)
    fit = fit_logistic(np.column_stack([np.ones(n), predictor]), y)
    null = logistic_log_likelihood(y, np.full(n, log_odds(event_rate)))
    simulated = 1 - math.exp(-2 * (fit.log_likelihood - null) / n)
    assert cox_snell_r2_from_auc(foreseen, event_rate) == pytest.approx(simulated, rel=0.03)


@settings(deadline=None)
@given(st.floats(0.02, 0.98), st.floats(0.5, 0.99))
def test_r2_lies_between_nothing_and_the_largest(event_rate, foreseen):
    r2 = cox_snell_r2_from_auc(foreseen, event_rate)
    assert 0 <= r2 < max_cox_snell_r2(event_rate)
    assert r2 == pytest.approx(cox_snell_r2_from_auc(foreseen, 1 - event_rate), abs=1e-9)
    assert cox_snell_r2_from_auc(min(foreseen + 0.005, 0.995), event_rate) > r2


@settings(deadline=None)
@given(st.integers(1, 40), st.floats(0.05, 0.95), st.floats(0.55, 0.95))
def test_shrinkage_inverts_the_sample_size(n_parameters, event_rate, foreseen):
    needed = minimum_sample_size(event_rate, n_parameters, auc=foreseen)
    rows = needed.for_shrinkage
    assert expected_shrinkage(rows, n_parameters, event_rate, auc=foreseen) >= 0.9 - 1e-9
    assert supported_parameters(rows, event_rate, auc=foreseen) >= n_parameters - 1e-9
    fewer = expected_shrinkage(rows / 2, n_parameters, event_rate, auc=foreseen)
    assert fewer < 0.9


@pytest.mark.slow
def test_shrinkage_is_what_refitting_shows():
    rng = np.random.default_rng(0)
    beta = np.array([0.5, 0.5, 0.4, 0.0, 0.0])
    population = rng.normal(size=(200_000, 5))
    truth = sigmoid(population @ beta - 0.7)
    y = rng.random(200_000) < truth
    foreseen = auc(y, truth)
    slopes = []
    for draw in range(150):
        rows = rng.choice(200_000, 150, replace=False)
        design = np.column_stack([np.ones(150), population[rows]])
        fit = fit_logistic(design, y[rows])
        test = np.arange(draw * 1000, draw * 1000 + 4000)
        eta = fit.predict_log_odds(np.column_stack([np.ones(4000), population[test]]))
        slopes.append(fit_logistic(np.column_stack([np.ones(4000), eta]), y[test]).coefficients[1])
    expected = expected_shrinkage(150, 5, float(y.mean()), auc=foreseen)
    assert np.mean(slopes) == pytest.approx(expected, abs=0.06)


def test_limits_of_shrinkage():
    assert math.isnan(expected_shrinkage(60, 5, 0.3, auc=0.5))
    assert expected_shrinkage(1e12, 1, 0.3, auc=0.8) > 0.999
    assert expected_shrinkage(1, 50, 0.3, auc=0.6) < 0.2


def test_half_width_of_auc():
    assert round(auc_half_width(0.75, 30, 30), 2) == 0.12
    assert auc_half_width(0.75, 12, 48) == pytest.approx(0.17, abs=0.01)
    assert auc_half_width(0.75, 175, 325) == pytest.approx(0.05, abs=0.005)
    assert auc_half_width(0.75, 350, 650) == pytest.approx(0.03, abs=0.005)


def test_half_width_of_auc_is_exact_for_exponential_scores():
    rng = np.random.default_rng(0)
    others = rng.exponential(1, (4000, 30, 1))
    events = rng.exponential(3, (4000, 1, 20))
    seen = (events > others).mean(axis=(1, 2))
    assert seen.mean() == pytest.approx(0.75, abs=0.005)
    assert auc_half_width(0.75, 20, 30) == pytest.approx(1.96 * seen.std(), rel=0.04)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minimum_sample_size(0.3, 5), "give one of auc and r2"),
        (lambda: minimum_sample_size(0.3, 5, auc=0.7, r2=0.1), "give one of auc and r2"),
        (lambda: minimum_sample_size(0.3, 0, auc=0.7), "n_parameters must be at least 1"),
        (lambda: minimum_sample_size(0.3, 5, r2=0.8), "r2 must lie in"),
        (lambda: minimum_sample_size(1.0, 5, auc=0.7), "event_rate must lie in"),
        (lambda: minimum_sample_size(0.5, 5, auc=0.999, shrinkage=0.5), "must exceed the R2"),
        (lambda: cox_snell_r2_from_auc(0.4, 0.3), "auc must lie in"),
        (lambda: expected_shrinkage(0, 5, 0.3, auc=0.7), "must be positive"),
        (lambda: auc_half_width(0.7, 0, 5), "each class needs a row"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
