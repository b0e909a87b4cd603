"""Scoring rules against scikit-learn and model-diagnostics, and their identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_diagnostics.scoring import SquaredError, decompose
from sklearn.metrics import brier_score_loss

from riskmodel.domain.cases import Outcomes
from riskmodel.stats.censoring import censoring_weights
from riskmodel.stats.scoring_rules import (
    brier_score,
    decompose_brier_score,
)

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, n=150):
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(2, 3, n), 2).clip(0.01, 0.99)
    y = (rng.random(n) < p**1.5).astype(float)
    y[:2] = [0, 1]
    return y, p, rng.random(n) + 0.1


@pytest.mark.parametrize("seed", range(4))
def test_scores_agree_with_scikit_learn(seed):
    y, p, weight = draw(seed)
    ours = brier_score(y, p, sample_weight=weight)
    assert ours == pytest.approx(brier_score_loss(y, p, sample_weight=weight))


@pytest.mark.parametrize("seed", range(4))
def test_decomposition_agrees_with_model_diagnostics(seed):
    y, p, weight = draw(seed)
    table = decompose(y, p, weights=weight, scoring_function=SquaredError(), functional="mean")
    parts = decompose_brier_score(y, p, sample_weight=weight)
    for name in ("miscalibration", "discrimination", "uncertainty"):
        assert getattr(parts, name) == pytest.approx(float(table[name][0]), abs=1e-9)
    assert parts.brier_score == pytest.approx(float(table["score"][0]))


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_decomposition_adds_up_and_has_its_signs(seed):
    y, p, weight = draw(seed)
    parts = decompose_brier_score(y, p, sample_weight=weight)
    total = parts.miscalibration - parts.discrimination + parts.uncertainty
    assert total == pytest.approx(parts.brier_score, abs=1e-12)
    assert parts.miscalibration >= -1e-12
    assert -1e-12 <= parts.discrimination <= parts.uncertainty + 1e-12
    stretched = decompose_brier_score(y, p**2, sample_weight=weight)
    assert stretched.discrimination == pytest.approx(parts.discrimination, abs=1e-12)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_weights_are_duplicates(seed):
    y, p, _ = draw(seed, n=40)
    counts = np.random.default_rng(seed).integers(0, 4, 40)
    counts[:2] = 1
    copies = np.repeat(np.arange(40), counts)
    weighted = brier_score(y, p, sample_weight=counts)
    assert weighted == pytest.approx(brier_score(y[copies], p[copies]))


def test_certainty_scores_zero_when_right_and_one_when_wrong():
    y = np.array([1.0, 0, 0, 0])
    assert brier_score(y, y) == 0
    assert brier_score(y, 1 - y) == 1
    assert brier_score(y, np.full(4, 0.25)) == pytest.approx(0.25 * 0.75)


def test_the_true_risk_has_the_best_expected_score():
    truth = np.linspace(0.05, 0.95, 19)
    y = np.repeat([1.0, 0.0], 19)
    weight = np.concatenate([truth, 1 - truth])
    best = brier_score(y, np.tile(truth, 2), sample_weight=weight)
    for other in (truth**2, np.sqrt(truth), np.full(19, 0.5)):
        assert brier_score(y, np.tile(other, 2), sample_weight=weight) > best


def test_censoring_weights_recover_the_uncensored_brier_score():
    rng = np.random.default_rng(0)
    n = 200_000
    scale = rng.uniform(10, 60, n)
    life, lost = rng.exponential(scale), rng.uniform(5, 60, n)
    risk = np.exp(-26 / scale)
    full = brier_score(life > 26, risk)
    duration, ended = np.minimum(life, lost), life <= lost
    weight = censoring_weights(duration, ended, None, 26)
    y = np.nan_to_num(Outcomes(duration, ended, ended).status_at(26).long_course)
    assert brier_score(y, risk, sample_weight=weight) == pytest.approx(full, abs=0.002)
    naive = brier_score(y, risk, sample_weight=weight > 0)
    assert abs(naive - full) > 0.004
