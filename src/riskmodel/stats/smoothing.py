"""Local straight lines through scattered points."""

from __future__ import annotations

from typing import Final

import numpy as np

from riskmodel.stats.arrays import FloatArray

__all__ = ["smooth_locally"]

BISECTIONS: Final = 50
FLAT: Final = 1e-12


def smooth_locally(
    points: FloatArray, x: FloatArray, y: FloatArray, weight: FloatArray, *, reach: float
) -> FloatArray:
    """Return, at each point, the height of a line fitted to the rows nearest to it.

    Rows count by weight and by the tricube of their distance.

    Parameters
    ----------
    points : ndarray of float, shape (n_points,)
        Where to smooth.
    x : ndarray of float, shape (n,)
        Rising.
    y : ndarray of float, shape (n,)
        Heights to smooth.
    weight : ndarray of float, shape (n,)
        Row weights > 0.
    reach : float
        Weight of the rows that each line uses, up to all of it.

    Returns
    -------
    ndarray of float, shape (n_points,)

    References
    ----------
    Cleveland (1979), J Am Stat Assoc 74:829-836.
    https://doi.org/10.1080/01621459.1979.10481038

    Examples
    --------
    A straight line stays as it is:

    >>> x = np.linspace(0, 1, 5)
    >>> smooth_locally(x[[1, 3]], x, 2 * x, np.ones(5), reach=4).round(6)
    array([0.5, 1.5])
    """
    width = _half_widths(points, x, weight, reach)
    distance = np.abs(x - points[:, None]) / width[:, None]
    kernel = weight * np.clip(1.0 - distance**3, 0.0, None) ** 3
    mass = kernel.sum(axis=1)
    centre = (kernel * x).sum(axis=1) / mass
    level = (kernel * y).sum(axis=1) / mass
    offset = x - centre[:, None]
    spread = (kernel * offset**2).sum(axis=1)
    product = (kernel * offset * y).sum(axis=1)
    # Where all weight sits on one risk there is no slope to find.
    sloped = spread > FLAT * width**2 * mass
    slope = np.where(sloped, product / np.where(sloped, spread, 1.0), 0.0)
    return np.asarray(level + slope * (points - centre), dtype=np.float64)


def _half_widths(points: FloatArray, x: FloatArray, weight: FloatArray, reach: float) -> FloatArray:
    """Distance from each point within which `reach` of weight lies, by bisection."""
    total = np.concatenate([[0.0], np.cumsum(weight)])
    low = np.zeros(len(points))
    high = np.full(len(points), max(float(x[-1] - x[0]), FLAT))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        upper = np.searchsorted(x, points + middle, side="right")
        lower = np.searchsorted(x, points - middle, side="left")
        enough = total[upper] - total[lower] >= reach * (1.0 - FLAT)
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return np.asarray(np.maximum(high, FLAT), dtype=np.float64)
