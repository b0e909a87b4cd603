"""The closed test: levels, steps and what the update predicts."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import chi2

from riskmodel.stats.logistic import sigmoid
from riskmodel.stats.updating import ClosedTest, choose_update

BETA = np.array([0.8, -0.6, 0.4])


def draw(seed, n=400, *, intercept=-0.5, slope=1.0, change=(0.0, 0.0, 0.0)):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n, 3))
    eta = -0.5 + design @ BETA
    truth = intercept + slope * (eta + 0.5) + design @ np.asarray(change)
    return eta, design, (rng.random(n) < sigmoid(truth)).astype(float)


def share_of_steps(n_trials=300, **truth):
    steps = [choose_update(*draw(seed, **truth)).step for seed in range(n_trials)]
    return {step: steps.count(step) / n_trials for step in set(steps)}


def test_a_right_model_is_left_alone_at_the_level_promised():
    assert share_of_steps()["leave"] == pytest.approx(0.95, abs=0.035)


@pytest.mark.slow
def test_a_wrong_intercept_is_found_and_no_more_is_changed():
    shares = share_of_steps(intercept=0.6)
    assert shares["intercept"] > 0.9
    assert shares.get("re-estimate", 0) < 0.09


@pytest.mark.slow
def test_a_wrong_slope_is_found():
    assert share_of_steps(n_trials=150, n=1500, slope=0.4)["slope"] > 0.9


def test_wrong_effects_are_found():
    shares = share_of_steps(n_trials=60, n=1000, change=(-0.8, 0.0, 0.6))
    assert shares["re-estimate"] > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_tests_agree_with_statsmodels(seed):
    eta, design, y = draw(seed, intercept=0.1, change=(-0.5, 0.5, 0.0))
    weight = np.random.default_rng(seed).integers(1, 3, len(y)).astype(float)
    family = sm.families.Binomial()
    ones = np.ones((len(y), 1))
    full = sm.GLM(y, np.hstack([ones, design]), family=family, freq_weights=weight).fit()
    large = sm.GLM(y, ones, family=family, offset=eta, freq_weights=weight).fit()
    line = sm.GLM(y, sm.add_constant(eta), family=family, freq_weights=weight).fit()
    update = choose_update(eta, design, y, sample_weight=weight)
    assert update.log_likelihoods["re-estimate"] == pytest.approx(full.llf)
    assert update.log_likelihoods["intercept"] == pytest.approx(large.llf)
    assert update.log_likelihoods["slope"] == pytest.approx(line.llf)
    left = sm.GLM(y, np.zeros((len(y), 0)), family=family, offset=eta, freq_weights=weight)
    as_it_is = left.loglike_mu(sigmoid(eta))
    assert update.log_likelihoods["leave"] == pytest.approx(as_it_is)
    assert len(update.tests) > 1
    likelihoods = (as_it_is, large.llf, line.llf)
    for test, degrees, smaller in zip(update.tests, (4, 3, 2), likelihoods, strict=False):
        assert test.degrees == degrees
        assert test.statistic == pytest.approx(2 * (full.llf - smaller), abs=1e-6)
        assert test.p_value == pytest.approx(chi2.sf(2 * (full.llf - smaller), degrees))
    if update.step == "re-estimate":
        fitted = sigmoid(update.predict_log_odds(eta, design))
        np.testing.assert_allclose(fitted, full.fittedvalues, atol=1e-7)


def test_predictions_of_each_step():
    eta, design, y = draw(0)
    left = choose_update(eta, design, y)
    assert (left.step, left.intercept, left.slope) == ("leave", 0.0, 1.0)
    assert left.predict_log_odds(eta, design).tolist() == eta.tolist()
    eta, design, y = draw(1, intercept=0.7)
    shifted = choose_update(eta, design, y)
    np.testing.assert_allclose(shifted.predict_log_odds(eta, design), eta + shifted.intercept)
    assert shifted.intercept == pytest.approx(1.2, abs=0.3)
    assert sigmoid(shifted.predict_log_odds(eta, design)).mean() == pytest.approx(y.mean())
    eta, design, y = draw(2, n=3000, slope=0.4)
    line = choose_update(eta, design, y)
    assert line.slope == pytest.approx(0.4, abs=0.1)
    assert not line.effects.any()


def test_a_predictor_outside_the_design_keeps_the_steps_nested():
    rng = np.random.default_rng(0)
    eta = rng.normal(size=500)
    design = np.sin(4 * eta)[:, None]
    y = (rng.random(500) < sigmoid(eta + 1.5 * design[:, 0])).astype(float)
    update = choose_update(eta, design, y)
    assert [test.degrees for test in update.tests] == [3, 2, 1]
    values = update.log_likelihoods
    assert values["leave"] <= values["intercept"] <= values["slope"] <= values["re-estimate"]
    assert update.step == "re-estimate"
    assert update.slope == pytest.approx(1, abs=0.4)
    assert update.effects[0] == pytest.approx(1.5, abs=0.4)
    assert not update.unstable


def test_separation_is_said():
    rng = np.random.default_rng(0)
    design = rng.normal(size=(60, 2))
    update = choose_update(np.zeros(60), design, design[:, 0] > 0)
    assert update.step == "re-estimate"
    assert update.unstable
    assert np.isfinite(update.effects).all()


def test_a_design_that_is_the_predictor_alone_never_needs_re_estimation():
    eta, _, y = draw(0, n=2000, slope=0.3)
    update = choose_update(eta, eta[:, None], y)
    assert update.step == "slope"
    assert update.tests[-1].degrees == 0


def test_a_predictor_that_is_the_same_for_all_has_no_slope_to_test():
    _, design, y = draw(0, change=(2.0, 0.0, 0.0))
    update = choose_update(np.full(len(y), -0.5), design, y)
    assert update.step == "re-estimate"
    assert [test.degrees for test in update.tests] == [4, 3, 3]


def test_a_weight_is_a_number_of_rows_and_rows_of_no_weight_say_nothing():
    eta, design, y = draw(3, change=(-0.8, 0.0, 0.6))
    weight = np.random.default_rng(3).integers(0, 4, len(y))
    # Rows without weight would part the predictor from the design.
    given = choose_update(np.where(weight > 0, eta, eta**2), design, y, sample_weight=weight)
    rows = np.repeat(np.arange(len(y)), weight)
    repeated = choose_update(eta[rows], design[rows], y[rows])
    assert given.step == repeated.step == "re-estimate"
    assert given.unstable == repeated.unstable is False
    assert given.log_likelihoods == pytest.approx(repeated.log_likelihoods)
    for one, other in zip(given.tests, repeated.tests, strict=True):
        assert one.degrees == other.degrees
        assert one.statistic == pytest.approx(other.statistic)


@pytest.mark.parametrize("p_value", [0.04996, 0.0497, 0.0499999])
def test_a_p_value_below_the_level_is_told_as_below(p_value):
    assert float(ClosedTest("leave", 4.0, 1, p_value).p_text.removeprefix("p = ")) < 0.05


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 0.0}, "alpha must lie"),
        ({"design": np.ones((2, 1))}, "design must have 3 rows"),
        ({"y": [0, 1, 0.5]}, "0 and 1 only"),
        ({"linear_predictor": [0, 1, np.nan]}, "linear_predictor must be finite"),
    ],
)
def test_refuses(change, message):
    arguments = {
        "linear_predictor": [0.0, 1.0, 2.0],
        "design": np.ones((3, 1)),
        "y": [0, 1, 1],
    } | change
    with pytest.raises(ValueError, match=message):
        choose_update(**arguments)
