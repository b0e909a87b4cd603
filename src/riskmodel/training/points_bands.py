"""The answers that a line of a points form tells apart, chosen from a model's table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from riskmodel.domain.codebook import Field
from riskmodel.domain.scorecard import PointBand
from riskmodel.model.binning import FieldBins
from riskmodel.model.tables import AdditiveTables

__all__ = ["CandidateLine", "find_candidate_line"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
SMALLEST_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """An indicator as a line of the form might ask it.

    Parameters
    ----------
    field : Field
        The indicator.
    bands : tuple of PointBand
        Its answers with no points yet; the last one is for a missing answer.
    codes : ndarray of int, shape (n,)
        Band of each row.
    effects : ndarray of float, shape (n_bands,)
        Mean of the model's term in each band, in log-odds.
    direction : {-1, 0, 1}
        Sign that the points of all bands but the missing one must keep.
    """

    field: Field
    bands: tuple[PointBand, ...]
    codes: IntArray
    effects: FloatArray
    direction: int


def find_candidate_line(
    field: Field,
    column: FloatArray,
    tables: AdditiveTables,
    place: int,
    weight: FloatArray,
    most_bands: int,
) -> CandidateLine | None:
    """Cut an indicator into few bands that keep most of its term.

    Of all ways to cut, the one with the smallest squared loss over the rows is taken; every
    band holds at least 4 % of them.

    Parameters
    ----------
    field : Field
    column : ndarray of float, shape (n,)
        The encoded indicator; NaN where missing.
    tables : AdditiveTables
        The model's tables.
    place : int
        The indicator's place in them.
    weight : ndarray of float, shape (n,)
        Row weights.
    most_bands : int
        Most bands besides the one for a missing answer.

    Returns
    -------
    CandidateLine or None
        None where the rows tell no two bands apart.
    """
    bins = tables.bins[place]
    term = tables.values.steps[place][bins.assign(column)]
    if tables.values.slopes[place]:
        term = term + tables.values.slopes[place] * tables.lines[place].values(column)
    known = ~np.isnan(column)
    cells, parts = _find_cells(field, bins, column, known)
    order = _order_cells(field, tables.values.steps[place], len(parts))
    mass, mean = _describe_cells(cells[known], term[known], weight[known], len(parts))
    empty = np.isnan(mean)
    if bins.kind != "number":
        mean[empty] = tables.values.steps[place][: len(parts)][empty]
    cuts = _cut(mass[order], np.nan_to_num(mean[order]), most_bands, weight.sum())
    if len(cuts) < 2:
        return None
    codes = np.full(len(column), len(cuts), dtype=np.intp)
    bands, effects = [], []
    for number, (first, last) in enumerate(cuts):
        inside = order[first:last]
        codes[known & np.isin(cells, inside)] = number
        bands.append(_name_band(field, [parts[cell] for cell in inside]))
        effects.append(float(np.average(mean[inside], weights=mass[inside])))
    absent = float(tables.values.steps[place][-1])
    direction = {"increasing": 1, "decreasing": -1, "none": 0}[field.direction]
    return CandidateLine(
        field,
        (*bands, PointBand(0, missing=True)),
        codes,
        np.array([*_keep_direction(effects, direction), absent]),
        direction,
    )


def _find_cells(
    field: Field, bins: FieldBins, column: FloatArray, known: npt.NDArray[np.bool_]
) -> tuple[IntArray, list[tuple[float, float] | str]]:
    """Return the finest cell of each row, and what each cell holds."""
    if bins.kind != "number":
        return np.where(known, column, 0).astype(np.intp), list(field.level_values)
    edges = bins.edges
    present = column[known]
    if len(present) and np.all(present == np.floor(present)):
        # On paper a cut between 12 and 13 weeks is written as 13.
        edges = np.unique(np.ceil(edges))
    bounds = [-math.inf, *edges.tolist(), math.inf]
    cells = np.searchsorted(edges, np.where(known, column, -math.inf), side="right")
    return cells.astype(np.intp), list(pairwise(bounds))


def _order_cells(field: Field, steps: FloatArray, n_cells: int) -> IntArray:
    """Return cells in the order in which neighbours may be joined."""
    if field.type == "category":
        return np.argsort(steps[:n_cells], kind="stable")
    return np.arange(n_cells)


def _describe_cells(
    cells: IntArray, term: FloatArray, weight: FloatArray, n_cells: int
) -> tuple[FloatArray, FloatArray]:
    mass = np.bincount(cells, weight, minlength=n_cells)
    total = np.bincount(cells, weight * term, minlength=n_cells)
    mean = np.divide(total, mass, out=np.full(n_cells, np.nan), where=mass > 0)
    # A cell that no row fell into goes with its neighbours at no cost.
    return np.maximum(mass, 1e-9), mean


def _cut(
    mass: FloatArray, mean: FloatArray, most_bands: int, whole: float
) -> list[tuple[int, int]]:
    """Return the cells of each band: the cuts with the smallest squared loss, by dynamic search."""
    n = len(mass)
    weight = np.concatenate([[0.0], np.cumsum(mass)])
    first = np.concatenate([[0.0], np.cumsum(mass * mean)])
    second = np.concatenate([[0.0], np.cumsum(mass * mean**2)])

    def loss(low: int, high: int) -> float:
        held = weight[high] - weight[low]
        if held < SMALLEST_SHARE * whole:
            return math.inf
        return float(second[high] - second[low] - (first[high] - first[low]) ** 2 / held)

    best: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {(0, 0): (0.0, ())}
    for bands in range(1, most_bands + 1):
        for end in range(1, n + 1):
            ways = [
                (best[bands - 1, start][0] + loss(start, end), (*best[bands - 1, start][1], end))
                for start in range(end)
                if (bands - 1, start) in best
            ]
            ways = [one for one in ways if math.isfinite(one[0])]
            if ways:
                best[bands, end] = min(ways)
    found = [best[bands, n] for bands in range(1, most_bands + 1) if (bands, n) in best]
    if not found:
        return []
    # No more bands than it takes: a cut must save a fiftieth of what one band would lose.
    smallest = found[0][0] / 50
    chosen = found[0]
    for one in found[1:]:
        if chosen[0] - one[0] > max(smallest, 1e-12):
            chosen = one
    return list(pairwise((0, *chosen[1])))


def _name_band(field: Field, parts: list[tuple[float, float] | str]) -> PointBand:
    if field.type == "number":
        spans = [part for part in parts if isinstance(part, tuple)]
        return PointBand(0, low=spans[0][0], high=spans[-1][1])
    chosen = {part for part in parts if isinstance(part, str)}
    return PointBand(0, levels=tuple(one for one in field.level_values if one in chosen))


def _keep_direction(effects: list[float], direction: int) -> list[float]:
    """Keep the sign that the codebook asks for, also where rows within a band mix otherwise."""
    if direction == 0:
        return effects
    return [float(one) for one in direction * np.maximum.accumulate(direction * np.array(effects))]
