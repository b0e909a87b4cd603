"""Penalised logistic regression against statsmodels, scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from riskmodel.stats.logistic import fit_logistic, log_odds, sigmoid


def draw(seed, n=300, n_columns=4):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.normal(size=(n, n_columns - 1))])
    beta = rng.normal(scale=0.7, size=n_columns)
    y = (rng.random(n) < sigmoid(design @ beta)).astype(float)
    weights = rng.integers(1, 4, n).astype(float)
    return design, y, weights, rng


@pytest.mark.parametrize("seed", range(5))
def test_maximum_likelihood_agrees_with_statsmodels(seed):
    design, y, weights, rng = draw(seed)
    offset = rng.normal(size=len(y))
    theirs = sm.GLM(
        y, design, family=sm.families.Binomial(), offset=offset, freq_weights=weights
    ).fit(tol=1e-12)
    ours = fit_logistic(design, y, weights=weights, offset=offset)
    assert ours.converged
    assert not ours.separated
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-6, atol=1e-9)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_ridge_agrees_with_scikit_learn(seed):
    design, y, weights, _ = draw(seed)
    theirs = LogisticRegression(C=0.25, tol=1e-10, solver="newton-cholesky").fit(
        design[:, 1:], y, sample_weight=weights
    )
    ours = fit_logistic(design, y, weights=weights, prior_precision=[0, 4, 4, 4])
    np.testing.assert_allclose(ours.coefficients[0], theirs.intercept_[0], rtol=1e-5)
    np.testing.assert_allclose(ours.coefficients[1:], theirs.coef_[0], rtol=1e-5)


def test_prior_mean_is_the_mode_that_a_general_optimiser_finds():
    design, y, _, _ = draw(8, n=40)
    mean, precision = np.array([0.5, -1, 2, 0]), np.array([1, 3, 0.2, 10])

    def loss(beta):
        eta = design @ beta
        fit = np.sum(np.logaddexp(0, eta) - y * eta)
        return fit + 0.5 * np.sum(precision * (beta - mean) ** 2)

    found = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-9}).x
    fit = fit_logistic(design, y, prior_mean=mean, prior_precision=precision)
    np.testing.assert_allclose(fit.coefficients, found, atol=1e-6)


def test_a_tight_prior_holds_and_no_rows_of_weight_leave_the_prior():
    design, y, _, _ = draw(1)
    mean = np.array([0.1, 0.2, 0.3, 0.4])
    fit = fit_logistic(design, y, prior_mean=mean, prior_precision=1e12)
    np.testing.assert_allclose(fit.coefficients, mean, atol=1e-8)
    fit = fit_logistic(np.ones((0, 1)), [], prior_mean=[0.7], prior_precision=[4.0])
    assert fit.coefficients[0] == 0.7
    assert fit.covariance[0, 0] == pytest.approx(0.25)


def test_intercept_alone_is_the_log_odds_of_the_weighted_share():
    fit = fit_logistic(np.ones((3, 1)), [1, 0, 0.5], weights=[2, 1, 1])
    assert fit.coefficients[0] == pytest.approx(log_odds(2.5 / 4))
    assert fit.standard_errors[0] == pytest.approx((4 * 0.625 * 0.375) ** -0.5)


def test_separation_is_finite_and_said():
    x = np.array([-2.0, -1, 1, 2])
    design = np.column_stack([np.ones(4), x])
    fit = fit_logistic(design, x > 0)
    assert fit.separated
    assert np.all(np.isfinite(fit.coefficients))
    assert fit.log_likelihood > -1e-6
    held = fit_logistic(design, x > 0, prior_precision=1.0)
    assert not held.separated
    assert 0 < held.coefficients[1] < 3


def test_repeated_columns_share_the_effect_and_are_said():
    x = np.array([-1.0, 0, 1, 2, 3, 4])
    y = np.array([0, 1, 0, 1, 0, 1.0])
    single = fit_logistic(np.column_stack([np.ones(6), x]), y)
    double = fit_logistic(np.column_stack([np.ones(6), x, x]), y)
    assert double.separated
    assert double.log_likelihood == pytest.approx(single.log_likelihood)
    assert double.coefficients[1:].sum() == pytest.approx(single.coefficients[1])


@pytest.mark.parametrize("shift", [50.0, 700.0, -700.0, 1e4])
def test_an_absurd_offset_is_corrected(shift):
    fit = fit_logistic(np.ones((4, 1)), [0, 1, 0, 1], offset=np.full(4, shift))
    assert fit.converged
    assert fit.coefficients[0] == pytest.approx(-shift)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_weights_are_duplicates_and_units_do_not_matter(seed):
    design, y, weights, rng = draw(seed, n=60, n_columns=3)
    fit = fit_logistic(design, y, weights=weights, prior_precision=0.1)
    copies = np.repeat(np.arange(60), weights.astype(int))
    again = fit_logistic(design[copies], y[copies], prior_precision=0.1)
    np.testing.assert_allclose(fit.coefficients, again.coefficients, rtol=1e-6, atol=1e-8)
    unit = 10.0 ** rng.integers(-6, 7, size=3)
    scaled = fit_logistic(design * unit, y, weights=weights, prior_precision=0.1 * unit**2)
    np.testing.assert_allclose(scaled.coefficients * unit, fit.coefficients, rtol=1e-5, atol=1e-7)
    score = design.T @ (weights * (y - sigmoid(design @ fit.coefficients)))
    np.testing.assert_allclose(score, 0.1 * fit.coefficients, atol=1e-5)


def test_prediction_of_a_row_does_not_depend_on_the_others():
    design, y, _, _ = draw(4)
    fit = fit_logistic(design, y)
    whole = fit.predict_log_odds(design, offset=np.ones(len(y)))
    single = [fit.predict_log_odds(row[None], offset=[1.0])[0] for row in design]
    assert whole.tolist() == single


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"design": np.ones(3)}, "design must have rows and columns"),
        ({"design": np.full((3, 1), np.nan)}, "design must be finite"),
        ({"y": [0, 1, 2]}, r"y must lie in \[0, 1\]"),
        ({"y": [0, 1]}, "y must have 3 entries"),
        ({"y": [0, 1, np.nan]}, "y must be finite"),
        ({"weights": [1, 1, -1]}, "must not be negative"),
        ({"weights": [0, 0, 0]}, "at least one must be positive"),
        ({"offset": [0, np.inf, 0]}, "offset must be finite"),
        ({"prior_precision": -1.0}, "prior_precision must not be negative"),
        ({"prior_mean": [0, 0]}, "prior_mean must have 1 entries"),
    ],
)
def test_refuses(change, message):
    arguments = {"design": np.ones((3, 1)), "y": [0, 1, 1]} | change
    with pytest.raises(ValueError, match=message):
        fit_logistic(arguments.pop("design"), arguments.pop("y"), **arguments)


def test_link_functions_are_inverse_and_safe():
    eta = np.linspace(-27, 27, 200)
    np.testing.assert_allclose(log_odds(sigmoid(eta)), eta, atol=2e-3)
    np.testing.assert_allclose(log_odds(sigmoid(eta[80:120])), eta[80:120], rtol=1e-10, atol=1e-12)
    assert np.all(np.isfinite(log_odds([0.0, 1.0])))
    assert sigmoid(-800.0) == 0.0
