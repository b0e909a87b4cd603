"""Which pairs of fields still hold something that their main effects do not explain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins

__all__ = ["coarsen", "rank_pairs"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Pair = tuple[int, int]

COARSE_BINS = 4
CELL_SHRINKAGE = 5.0


def coarsen(entries: IntArray, one: FieldBins, n_bins: int = COARSE_BINS) -> IntArray:
    """Join neighbouring entries of an ordered field into a few of like size.

    Parameters
    ----------
    entries : ndarray of int, shape (n,)
        Table entries of the field.
    one : FieldBins
        Bins of the field.
    n_bins : int
        Number of bins to keep; categories and short scales stay as they are.

    Returns
    -------
    ndarray of int, shape (n,)
        Missing values keep an entry of their own, the last.
    """
    if one.kind == "category" or one.n_values <= n_bins:
        return entries
    counts = np.bincount(entries, minlength=one.n_entries)[:-1]
    middle = np.cumsum(counts) - counts / 2
    place = np.minimum((middle / max(counts.sum(), 1) * n_bins).astype(np.intp), n_bins - 1)
    joined: IntArray = np.append(place, n_bins)[entries]
    return joined


def rank_pairs(
    entries: IntArray, bins: Sequence[FieldBins], residual: FloatArray, spread: FloatArray
) -> tuple[Pair, ...]:
    """Order pairs by how far residuals of the main effects depend on both fields at once.

    Each pair's statistic is the sum over the cells of a coarse grid of squared residual
    sums by their variance, less the same sums along both margins, standardised by its
    expectation and spread without interaction. Small cells count for less.

    Parameters
    ----------
    entries : ndarray of int, shape (n_fields, n)
        Table entries.
    bins : sequence of FieldBins
        Bins of the fields.
    residual : ndarray of float, shape (n,)
        Weighted outcome minus risk by main effects alone.
    spread : ndarray of float, shape (n,)
        Weighted variance of the outcome, risk x (1 - risk).

    Returns
    -------
    tuple of (int, int)
        All pairs, the most telling first.

    References
    ----------
    Lou, Caruana, Gehrke, Hooker (2013), doi 10.1145/2487575.2487579.
    """
    coarse = [coarsen(row, one) for row, one in zip(entries, bins, strict=True)]
    margins = [_cell_statistic(cells, residual, spread) for cells in coarse]
    strength: dict[Pair, float] = {}
    for i, j in combinations(range(len(bins)), 2):
        cells = coarse[i] + (int(coarse[i].max()) + 1) * coarse[j]
        both, freedom = _cell_statistic(cells, residual, spread)
        freedom = max(freedom - margins[i][1] - margins[j][1], 1.0)
        excess = both - margins[i][0] - margins[j][0] - freedom
        strength[i, j] = excess / np.sqrt(2 * freedom)
    return tuple(sorted(strength, key=lambda pair: (-strength[pair], pair)))


def _cell_statistic(
    cells: IntArray, residual: FloatArray, spread: FloatArray
) -> tuple[float, float]:
    total = np.bincount(cells, weights=residual)
    variance = np.bincount(cells, weights=spread)
    shrunken = variance + CELL_SHRINKAGE
    return float(np.sum(total**2 / shrunken)), float(np.sum(variance / shrunken))
