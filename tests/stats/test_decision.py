"""Net benefit against dcurves and its own identities."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.stats.decision import (
    compute_decision_curve,
    net_benefit,
    net_benefit_of_all,
    net_interventions_avoided,
)

GRID = np.array([0.05, 0.1, 0.2, 0.35, 0.5, 0.8])
SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, n=200):
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(2, 4, n), 2)
    return (rng.random(n) < p).astype(float), p, rng.random(n) + 0.1


def test_net_benefit_agrees_with_dcurves():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dcurves import dca  # noqa: PLC0415

    y, p, _ = draw(0)
    p = p + 0.0013
    table = dca(
        data=pd.DataFrame({"y": y, "p": p}), outcome="y", modelnames=["p"], thresholds=GRID
    ).set_index(["model", "threshold"])["net_benefit"]
    np.testing.assert_allclose(net_benefit(y, p, GRID), table["p"].loc[GRID])
    np.testing.assert_allclose(net_benefit_of_all(y, GRID), table["all"].loc[GRID])
    assert (table["none"] == 0).all()


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_identities(seed):
    y, p, weight = draw(seed)
    curve = compute_decision_curve(y, p, GRID, sample_weight=weight)
    odds = GRID / (1 - GRID)
    for k, threshold in enumerate(GRID):
        act = p >= threshold
        true, false = (np.average(act & (y == one), weights=weight) for one in (1, 0))
        assert true - odds[k] * false == pytest.approx(curve.model[k], abs=1e-12)
        chosen = np.average(p >= threshold, weights=weight)
        assert curve.selected_share[k] == pytest.approx(chosen, abs=1e-12)
    assert (curve.model <= np.average(y, weights=weight) + 1e-12).all()
    np.testing.assert_allclose(
        curve.interventions_avoided * odds, curve.model - curve.everybody, atol=1e-12
    )
    copies = np.repeat(np.arange(len(y)), 3)
    np.testing.assert_allclose(net_benefit(y[copies], p[copies], GRID), net_benefit(y, p, GRID))
    weights3 = net_benefit(y, p, GRID, sample_weight=np.full(len(y), 3.0))
    np.testing.assert_allclose(weights3, net_benefit(y, p, GRID))


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_true_risks_are_never_worse_than_all_or_none_in_expectation(seed):
    # Outcomes replaced by their probabilities: two weighted rows stand for each row.
    _, p, _ = draw(seed)
    p = np.clip(p, 0.01, 0.99)
    y = np.repeat([1.0, 0.0], len(p))
    curve = compute_decision_curve(y, np.tile(p, 2), GRID, sample_weight=np.concatenate([p, 1 - p]))
    assert (curve.model >= curve.best_alternative - 1e-12).all()


def test_a_risk_equal_to_the_threshold_reaches_it():
    assert net_benefit([1], [0.2], [0.2])[0] == 1
    assert net_benefit([1], [0.2], [np.nextafter(0.2, 1)])[0] == 0


def test_perfect_risks_save_every_useless_action():
    y = np.array([1.0, 0, 0, 0])
    np.testing.assert_allclose(net_interventions_avoided(y, y, GRID), 0.75)
    np.testing.assert_allclose(net_benefit(y, y, GRID), 0.25)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1])
def test_thresholds_must_be_inside(threshold):
    with pytest.raises(ValueError, match=r"thresholds must lie in \(0, 1\)"):
        net_benefit([0, 1], [0.1, 0.2], [threshold])


def test_risks_must_be_probabilities():
    with pytest.raises(ValueError, match=r"y_prob must lie in \[0, 1\]"):
        net_benefit([0, 1], [0.1, 1.2], [0.5])
