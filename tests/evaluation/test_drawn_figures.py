"""Figures on draws agree with the plain statistics, and with independent packages."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from riskmodel.evaluation.drawn_figures import (
    DrawnRisks,
    compute_points,
    draw_figures,
    find_estimate,
)
from riskmodel.evaluation.figures import METRICS
from riskmodel.stats.resampling import bootstrap_counts

EXACT = [name for name in METRICS if name != "ici"]


def draw(n: int, seed: int, digits: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(2, 3, n), digits).clip(0.001, 0.999)
    y = (rng.random(n) < p).astype(float)
    y[:2] = 0, 1
    return y, p, rng.uniform(1, 3, n)


@settings(max_examples=25, deadline=None)
@given(st.integers(12, 150), st.integers(0, 10**6), st.integers(1, 6))
def test_draws_of_everybody_give_the_point_estimates(n: int, seed: int, digits: int) -> None:
    y, p, w = draw(n, seed, digits)
    points = compute_points(y, p, w)
    drawn = draw_figures(y, p, w, np.ones((n, 2)))
    for name in EXACT:
        np.testing.assert_allclose(drawn[name], points[name], rtol=1e-5, atol=1e-6, err_msg=name)
    assert abs(drawn["ici"][0] - points["ici"]) < 0.03


def test_counts_act_as_repeated_rows() -> None:
    y, p, w = draw(80, 3)
    counts = np.random.default_rng(1).integers(0, 4, 80).astype(float)
    repeated = np.repeat(np.arange(80), counts.astype(int))
    points = compute_points(y[repeated], p[repeated], w[repeated])
    drawn = draw_figures(y, p, w, counts[:, None])
    for name in EXACT:
        assert drawn[name][0] == pytest.approx(points[name], rel=1e-5), name


def test_figures_agree_with_scikit_learn_and_statsmodels() -> None:
    y, p, w = draw(300, 5)
    drawn = draw_figures(y, p, w, np.ones((300, 1)))
    assert drawn["auc"][0] == pytest.approx(roc_auc_score(y, p, sample_weight=w))
    assert drawn["brier"][0] == pytest.approx(brier_score_loss(y, p, sample_weight=w))
    eta = np.log(p / (1 - p))
    family = sm.families.Binomial()
    line = sm.GLM(y, sm.add_constant(eta), family=family, freq_weights=w).fit()
    shift = sm.GLM(y, np.ones(300), family=family, offset=eta, freq_weights=w).fit()
    assert drawn["calibration_slope"][0] == pytest.approx(line.params[1], rel=1e-6)
    assert drawn["calibration_in_the_large"][0] == pytest.approx(shift.params[0], rel=1e-6)


def test_merging_many_risks_hardly_moves_a_figure() -> None:
    y, p, w = draw(20_000, 7, 12)
    points = compute_points(y, p, w)
    drawn = draw_figures(y, p, w, np.ones((20_000, 1)))
    for name in METRICS:
        assert drawn[name][0] == pytest.approx(points[name], abs=0.004), name


def test_risks_that_no_draw_holds_do_no_harm() -> None:
    y, p, w = draw(2000, 4)
    counts = np.zeros((2000, 1))
    counts[::7] = 1
    points = compute_points(y[::7], p[::7], w[::7])
    drawn = draw_figures(y, p, w, counts)
    for name in EXACT:
        assert drawn[name][0] == pytest.approx(points[name], abs=0.004), name
    assert drawn["ici"][0] == pytest.approx(points["ici"], abs=0.03)


def test_draws_of_one_class_or_separated_have_no_slope() -> None:
    y, p, w = np.array([0.0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]), np.ones(4)
    counts = np.array([[1.0, 1, 0, 0], [1, 1, 1, 1]]).T
    drawn = draw_figures(y, p, w, counts)
    assert np.isnan(drawn["auc"][0])
    assert drawn["auc"][1] == 1
    assert np.isnan(drawn["calibration_slope"]).all()


def test_an_interval_needs_half_of_the_draws() -> None:
    known = np.arange(101.0)
    assert find_estimate(50.0, known).low == pytest.approx(2.5)
    assert np.isnan(find_estimate(50.0, np.r_[known, np.full(150, np.nan)]).low)
    assert np.isnan(find_estimate(50.0, ()).high)


def test_a_straight_line_stays_straight_when_smoothed() -> None:
    risk = np.linspace(0.1, 0.9, 9)
    drawn = DrawnRisks(risk, (risk * 10)[:, None], ((1 - risk) * 10)[:, None])
    np.testing.assert_allclose(drawn.smooth(risk)[:, 0], risk, atol=1e-9)


def test_intervals_cover_the_truth_also_where_noise_only_adds() -> None:
    hits: dict[str, list[bool]] = {"auc": [], "ici": [], "calibration_slope": []}

    def draw_pairs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        f = np.repeat(rng.normal(-0.7, 0.9, n // 2), 2) + rng.normal(0, 0.5, n)
        y = (rng.random(n) < 1 / (1 + np.exp(-f))).astype(float)
        return y, 1 / (1 + np.exp(-(1.1 * f + 0.1))), np.repeat(np.arange(n // 2), 2)

    y, p, _ = draw_pairs(60_000, 999)
    truth = compute_points(y, p, np.ones(60_000))
    for seed in range(60):
        y, p, person = draw_pairs(150, seed)
        counts = np.column_stack(list(bootstrap_counts(150, 100, random_state=seed, groups=person)))
        drawn, points = draw_figures(y, p, np.ones(150), counts), compute_points(y, p, np.ones(150))
        for name, found in hits.items():
            one = find_estimate(points[name], drawn[name], reflected=name == "ici")
            found.append(one.low <= truth[name] <= one.high)
    for name, found in hits.items():
        assert np.mean(found) > 0.83, name
