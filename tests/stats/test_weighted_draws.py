"""Draws as weights give what each figure gives on the drawn rows."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.stats.agreement import cohen_kappa, gwet_ac1, icc_2_1
from riskmodel.stats.discrimination import auc
from riskmodel.stats.weighted_draws import (
    auc_of_draws,
    draw_weights,
    icc_of_draws,
    interval_of_draws,
    kappas_of_draws,
    mean_of_draws,
)

N, DRAWS = 40, 25


@pytest.fixture
def weights() -> np.ndarray:
    return draw_weights(N, DRAWS, random_state=3)


@pytest.fixture
def ratings() -> np.ndarray:
    rng = np.random.default_rng(8)
    first = rng.integers(0, 4, N)
    return np.column_stack([first, np.where(rng.random(N) < 0.6, first, rng.integers(0, 4, N))])


def rows_of(weights: np.ndarray) -> list[np.ndarray]:
    return [np.repeat(np.arange(N), one.astype(int)) for one in weights]


@pytest.mark.parametrize("how", ["nominal", "linear"])
def test_kappas(weights: np.ndarray, ratings: np.ndarray, how: str) -> None:
    first, second = ratings.T
    kappa, ac1 = kappas_of_draws(first, second, 4, weights, linear=how == "linear")
    for place, rows in enumerate(rows_of(weights)):
        a, b = ratings[rows].T
        assert kappa[place] == pytest.approx(
            cohen_kappa(a, b, levels=range(4), disagreement=how), abs=1e-12
        )
        assert ac1[place] == pytest.approx(gwet_ac1(a, b, levels=range(4)), abs=1e-12)


def test_icc(weights: np.ndarray, ratings: np.ndarray) -> None:
    found = icc_of_draws(ratings[:, 0], ratings[:, 1], weights)
    for place, rows in enumerate(rows_of(weights)):
        assert found[place] == pytest.approx(icc_2_1(ratings[rows]), abs=1e-12)


def test_auc_and_mean(weights: np.ndarray, ratings: np.ndarray) -> None:
    y = (ratings[:, 0] + np.arange(N) % 3 > 2).astype(float)
    found = auc_of_draws(y, ratings[:, 1], weights)
    means = mean_of_draws(ratings[:, 1], weights)
    for place, rows in enumerate(rows_of(weights)):
        assert found[place] == pytest.approx(auc(y[rows], ratings[rows, 1]), abs=1e-12)
        assert means[place] == pytest.approx(ratings[rows, 1].mean())


def test_the_first_draw_is_the_sample_and_seeds_repeat(weights: np.ndarray) -> None:
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == N).all()
    assert (weights == draw_weights(N, DRAWS, random_state=3)).all()
    assert (weights[1:] != draw_weights(N, DRAWS, random_state=4)[1:]).any()


def test_what_cannot_be_told_is_nan() -> None:
    ones = np.ones((3, 4))
    assert np.isnan(auc_of_draws([1, 1, 1, 1], [1, 2, 3, 4], ones)).all()
    kappa, ac1 = kappas_of_draws([1] * 4, [1] * 4, 3, ones)
    assert np.isnan(kappa).all()
    assert (ac1 == 1).all()
    assert np.isnan(interval_of_draws(np.array([np.nan, 1.0]))).all()
