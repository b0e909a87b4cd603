"""Calibration against statsmodels, scikit-learn and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from statsmodels.nonparametric.smoothers_lowess import lowess

from riskmodel.stats.calibration import (
    ReliabilityCurve,
    calibration_errors,
    calibration_intercept,
    calibration_slope,
    compute_reliability,
    compute_smooth_calibration,
    observed_expected_ratio,
)
from riskmodel.stats.logistic import log_odds, sigmoid

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, n=150):
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(2, 3, n), 2).clip(0.01, 0.99)
    y = (rng.random(n) < p).astype(float)
    y[:2] = [0, 1]
    return y, p, rng.random(n) + 0.1, rng


@pytest.mark.parametrize("seed", range(4))
def test_intercept_and_slope_agree_with_statsmodels(seed):
    y, p, weight, _ = draw(seed)
    family = sm.families.Binomial()
    eta = log_odds(p)
    large = sm.GLM(y, np.ones(len(y)), family=family, offset=eta, freq_weights=weight).fit()
    line = sm.GLM(y, sm.add_constant(eta), family=family, freq_weights=weight).fit()
    ours = calibration_intercept(y, p, sample_weight=weight)
    assert ours == pytest.approx(large.params[0], abs=1e-7)
    slope = calibration_slope(y, p, sample_weight=weight)
    assert slope == pytest.approx(line.params[1], rel=1e-6)


@given(seed=SEEDS, shift=st.floats(-2, 2), scale=st.floats(0.3, 3))
@settings(max_examples=25, deadline=None)
def test_intercept_and_slope_undo_what_was_done_to_the_risks(seed, shift, scale):
    y, p, weight, _ = draw(seed)
    moved = sigmoid(log_odds(p) - shift)
    before = calibration_intercept(y, p, sample_weight=weight)
    after = calibration_intercept(y, moved, sample_weight=weight)
    assert after - before == pytest.approx(shift, abs=1e-6)
    stretched = sigmoid(log_odds(p) * scale + shift)
    slope = calibration_slope(y, p, sample_weight=weight)
    assert calibration_slope(y, stretched, sample_weight=weight) * scale == pytest.approx(
        slope, rel=1e-5, abs=1e-6
    )


def test_slope_of_two_points_is_closed_form():
    p = np.repeat([0.2, 0.6], 10)
    y = np.concatenate([np.arange(10) < 3, np.arange(10) < 5])
    expected = (log_odds(0.5) - log_odds(0.3)) / (log_odds(0.6) - log_odds(0.2))
    assert calibration_slope(y, p) == pytest.approx(expected)


def test_undefined_figures_are_nan():
    assert math.isnan(calibration_intercept([1, 1], [0.5, 0.6]))
    assert math.isnan(calibration_slope([1, 0], [0.5, 0.5]))
    assert math.isnan(calibration_slope([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]))
    assert math.isnan(observed_expected_ratio([0, 0], [0, 0]))
    assert observed_expected_ratio([0, 1], [0, 0]) == math.inf


def test_risks_of_zero_and_one_are_survived():
    y = [0, 1, 1, 0, 1, 0]
    p = [0.0, 1.0, 0.0, 0.4, 0.7, 0.3]
    assert math.isfinite(calibration_intercept(y, p))
    assert math.isfinite(calibration_slope(y, p))


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_reliability_agrees_with_scikit_learn(seed):
    y, p, weight, _ = draw(seed)
    curve = compute_reliability(y, p, sample_weight=weight)
    theirs = IsotonicRegression().fit(p, y, sample_weight=weight).predict(curve.predicted)
    np.testing.assert_allclose(curve.observed, theirs, atol=1e-10)
    total = np.sum(curve.weight * curve.observed)
    assert total == pytest.approx(np.sum(weight * y))


@pytest.mark.parametrize("span", [0.5, 0.75, 1.0])
def test_smooth_curve_agrees_with_lowess(span):
    rng = np.random.default_rng(0)
    p = np.sort(rng.random(120))
    y = (rng.random(120) < p**2).astype(float)
    theirs = lowess(y, p, frac=span, it=0, delta=0.0)
    curve = compute_smooth_calibration(y, p, span=span)
    np.testing.assert_allclose(curve.predicted, p)
    np.testing.assert_allclose(curve.observed, np.clip(theirs[:, 1], 0, 1), atol=1e-6)


@pytest.mark.parametrize("n", [5000, 60_000])
def test_smooth_curve_of_many_rows_finds_the_truth(n):
    rng = np.random.default_rng(0)
    p = rng.random(n)
    curve = compute_smooth_calibration((rng.random(n) < p**2).astype(float), p, span=0.3)
    assert len(curve.predicted) <= 202
    inner = (curve.predicted > 0.05) & (curve.predicted < 0.95)
    assert np.abs(curve.observed - curve.predicted**2)[inner].max() < 0.05
    assert curve.weight.sum() == pytest.approx(n)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_weights_are_duplicates_and_order_does_not_matter(seed):
    y, p, _, rng = draw(seed, n=60)
    counts = rng.integers(0, 4, 60)
    counts[:2] = 1
    copies = rng.permutation(np.repeat(np.arange(60), counts))
    for figure in (observed_expected_ratio, calibration_intercept, calibration_slope):
        weighted = figure(y, p, sample_weight=counts)
        assert weighted == pytest.approx(figure(y[copies], p[copies]), rel=1e-6, abs=1e-8)
    weighted = calibration_errors(y, p, sample_weight=counts)
    again = calibration_errors(y[copies], p[copies])
    for name in ("ici", "e50", "e90", "e_max"):
        assert getattr(weighted, name) == pytest.approx(getattr(again, name), abs=1e-9)


def test_errors_by_hand_and_in_order():
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    y = (rng.random(20_000) < np.clip(p + 0.1, 0, 1)).astype(float)
    errors = calibration_errors(y, p, span=0.3)
    # |min(p + 0.1, 1) - p| is 0.1 on nine tenths and falls to zero on the last.
    assert errors.ici == pytest.approx(0.095, abs=0.01)
    assert errors.e50 == pytest.approx(0.1, abs=0.02)
    y, p, weight, _ = draw(3)
    errors = calibration_errors(y, p, sample_weight=weight)
    assert 0 <= errors.e50 <= errors.e90 <= errors.e_max <= 1
    assert 0 <= errors.ici <= errors.e_max


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_few_rows_give_finite_curves(n):
    y = np.arange(n) % 2
    p = np.linspace(0.2, 0.8, n)
    assert np.isfinite(compute_smooth_calibration(y, p).observed).all()
    assert math.isfinite(calibration_errors(y, p).ici)


def test_one_heavy_risk_does_not_break_the_smoother():
    p = np.concatenate([np.full(900, 0.3), np.linspace(0, 1, 100)])
    y = (np.arange(1000) % 10 < 3).astype(float)
    curve = compute_smooth_calibration(y, p, span=0.5)
    assert np.isfinite(curve.observed).all()
    assert float(curve.at(0.3)) == pytest.approx(0.3, abs=0.02)


def test_refuses():
    with pytest.raises(ValueError, match=r"span must lie in \(0, 1\]"):
        compute_smooth_calibration([0, 1], [0.1, 0.2], span=0)
    with pytest.raises(ValueError, match="at least one row"):
        calibration_intercept([], [])
    with pytest.raises(ValueError, match="predicted must rise"):
        ReliabilityCurve(np.array([0.2, 0.1]), np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="predicted must rise"):
        ReliabilityCurve(np.array([0.2, 0.2]), np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="same length"):
        ReliabilityCurve(np.array([0.2]), np.zeros(2), np.ones(2))


def test_error_percentiles_are_those_of_the_rows():
    y, p, weight, _ = draw(5)
    error = np.abs(compute_smooth_calibration(y, p, sample_weight=weight).at(p) - p)
    found = calibration_errors(y, p, sample_weight=weight)
    for name, share in (("e50", 0.5), ("e90", 0.9)):
        expected = np.quantile(error, share, weights=weight, method="inverted_cdf")
        assert getattr(found, name) == pytest.approx(expected)


def test_rows_without_weight_say_nothing():
    y, p, weight, _ = draw(6)
    wild = np.linspace(0.001, 0.999, 30)
    longer = np.r_[y, wild < 0.5], np.r_[p, wild], np.r_[weight, np.zeros(30)]
    for figure in (observed_expected_ratio, calibration_intercept, calibration_slope):
        plain = figure(y, p, sample_weight=weight)
        assert figure(*longer[:2], sample_weight=longer[2]) == pytest.approx(plain)
    assert math.isnan(calibration_slope([0, 1, 1], [0.3, 0.3, 0.9], sample_weight=[1, 1, 0]))
    errors = [
        calibration_errors(*one[:2], sample_weight=one[2]) for one in ((y, p, weight), longer)
    ]
    for name in ("ici", "e50", "e90", "e_max"):
        assert getattr(errors[1], name) == pytest.approx(getattr(errors[0], name))


def test_nine_of_ten_rows_are_enough_for_the_ninth_error():
    y, p = np.arange(10) % 2, np.linspace(0.05, 0.95, 10) ** 2
    error = np.sort(np.abs(compute_smooth_calibration(y, p).at(p) - p))
    found = calibration_errors(y, p)
    assert (found.e50, found.e90, found.e_max) == pytest.approx((error[4], error[8], error[9]))


def test_the_weight_of_a_point_is_that_of_the_risks_from_it_to_the_next():
    rng = np.random.default_rng(2)
    p, weight = rng.random(5000), rng.random(5000)
    curve = compute_smooth_calibration(rng.random(5000) < p, p, sample_weight=weight)
    assert curve.predicted[0] == pytest.approx(p.min(), abs=2e-3)
    assert curve.predicted[-1] == pytest.approx(p.max(), abs=2e-3)
    assert np.ptp(curve.weight[1:-1]) < 0.5 * curve.weight[1:-1].mean()
    cumulated = np.cumsum(curve.weight)[:-1] / weight.sum()
    below = np.array([weight[p < one].sum() for one in curve.predicted[1:]]) / weight.sum()
    assert np.abs(cumulated - below).max() < 2e-3
