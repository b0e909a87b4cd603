"""Figures of many bootstrap draws at once: draws are weights, so that arrays do the work.

Each function agrees, draw by draw, with the function of one sample that it names.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import FloatArray

__all__ = [
    "auc_of_draws",
    "draw_weights",
    "icc_of_draws",
    "interval_of_draws",
    "kappas_of_draws",
    "mean_of_draws",
]


def draw_weights(n_rows: int, n_draws: int, *, random_state: int) -> FloatArray:
    """Return how often each row is drawn, shape (n_draws + 1, n_rows).

    The first row is the sample itself: every row once.

    Examples
    --------
    >>> weights = draw_weights(4, 2, random_state=0)
    >>> weights[0].tolist(), weights.sum(axis=1).tolist()
    ([1.0, 1.0, 1.0, 1.0], [4.0, 4.0, 4.0])
    """
    rng = np.random.default_rng(random_state)
    drawn = rng.multinomial(n_rows, np.full(n_rows, 1.0 / n_rows), size=n_draws)
    return np.vstack([np.ones(n_rows), drawn])


def interval_of_draws(figures: FloatArray, level: float = 0.95) -> tuple[float, float, float]:
    """Return the figure of the sample, first in the array, and its percentile limits.

    Draws without a figure (NaN) are left out.

    Examples
    --------
    >>> interval_of_draws(np.array([50.0, *np.arange(101.0)]), level=0.5)
    (50.0, 25.0, 75.0)
    """
    known = figures[1:][~np.isnan(figures[1:])]
    if np.isnan(figures[0]) or not len(known):
        return float("nan"), float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(figures[0]), float(low), float(high)


def mean_of_draws(values: npt.ArrayLike, weights: FloatArray) -> FloatArray:
    """Return the mean of the values in each draw, shape (n_draws + 1,)."""
    return np.asarray(weights @ np.asarray(values, dtype=np.float64) / weights.sum(axis=1))


def auc_of_draws(y_true: npt.ArrayLike, score: npt.ArrayLike, weights: FloatArray) -> FloatArray:
    """Return `riskmodel.stats.discrimination.auc` in each draw, shape (n_draws + 1,).

    Examples
    --------
    >>> auc_of_draws([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8], np.ones((1, 4)))
    array([0.875])
    """
    y, s = np.asarray(y_true, dtype=np.float64), np.asarray(score, dtype=np.float64)
    events, others = weights[:, y == 1], weights[:, y == 0]
    gap = s[y == 1][:, None] - s[y == 0][None, :]
    wins = (gap > 0) + 0.5 * (gap == 0)
    pairs = events.sum(axis=1) * others.sum(axis=1)
    won = np.sum((events @ wins) * others, axis=1)
    found: FloatArray = np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)
    return found


def kappas_of_draws(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    n_levels: int,
    weights: FloatArray,
    *,
    linear: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Return `cohen_kappa` and `gwet_ac1` in each draw, shape (n_draws + 1,) each.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Levels by the two raters, as whole numbers from 0.
    n_levels : int
        Number of levels, also those nobody used.
    weights : ndarray of float, shape (n_draws + 1, n)
    linear : bool
        Whether kappa weighs disagreement by the distance of the levels.

    Examples
    --------
    >>> kappa, ac1 = kappas_of_draws([0, 0, 1, 1], [0, 1, 1, 1], 2, np.ones((1, 4)))
    >>> round(float(kappa[0]), 3), round(float(ac1[0]), 3)
    (0.5, 0.529)
    """
    cell = np.asarray(first, dtype=np.intp) * n_levels + np.asarray(second, dtype=np.intp)
    indicator = np.zeros((len(cell), n_levels**2))
    indicator[np.arange(len(cell)), cell] = 1.0
    table = (weights @ indicator).reshape(-1, n_levels, n_levels)
    table = table / table.sum(axis=(1, 2), keepdims=True)
    rows, columns = table.sum(axis=2), table.sum(axis=1)
    level = np.arange(n_levels)
    cost = np.abs(level[:, None] - level[None, :]).astype(np.float64)
    cost = cost if linear else (cost > 0).astype(np.float64)
    by_chance = np.einsum("dj,jk,dk->d", rows, cost, columns)
    seen = np.einsum("djk,jk->d", table, cost)
    share = np.divide(seen, by_chance, out=np.full(len(table), np.nan), where=by_chance > 0)
    use = (rows + columns) / 2.0
    expected = np.sum(use * (1.0 - use), axis=1) / max(n_levels - 1, 1)
    agreed = np.trace(table, axis1=1, axis2=2)
    return 1.0 - share, (agreed - expected) / (1.0 - expected)


def icc_of_draws(first: npt.ArrayLike, second: npt.ArrayLike, weights: FloatArray) -> FloatArray:
    """Return `icc_2_1` of two raters in each draw, shape (n_draws + 1,).

    Examples
    --------
    >>> icc_of_draws([1, 2, 3], [1, 2, 3], np.ones((1, 3)))
    array([1.])
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    n = weights.sum(axis=1)
    mean_a, mean_b = weights @ a / n, weights @ b / n
    # Sums over subjects of the squared mean and of the squared half difference.
    subject, half = (a + b) / 2.0, (a - b) / 2.0
    middle, shift = (mean_a + mean_b) / 2.0, (mean_a - mean_b) / 2.0
    of_subjects = 2.0 * (weights @ subject**2 - n * middle**2)
    of_raters = 2.0 * n * shift**2
    error = 2.0 * (weights @ half**2 - n * shift**2)
    rows = of_subjects / (n - 1.0)
    left = np.maximum(error, 0.0) / (n - 1.0)
    below = rows + left + 2.0 * (of_raters - left) / n
    found: FloatArray = np.divide(rows - left, below, out=np.full(len(n), np.nan), where=below > 0)
    return found
