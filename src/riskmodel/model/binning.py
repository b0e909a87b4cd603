"""Bins: which entry of its table a value belongs to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "FEWEST_PERSONS",
    "FieldBins",
    "InputSpec",
    "Kind",
    "find_bins",
    "find_inner_range",
    "widen_to_grid",
]

Kind = Literal["number", "ordinal", "category"]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

FEWEST_BINS = 32
MOST_BINS = 64
PERSONS_PER_BIN = 16
FEWEST_PERSONS = 5
"""Persons that must stand behind a bin, a level's own step, and the range of a number."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a column of the input matrix holds.

    Parameters
    ----------
    name : str
        Name of the field.
    kind : {"number", "ordinal", "category"}
        Numbers are given as they are; levels as codes 0, 1, ..., `n_levels` - 1.
    n_levels : int
        Number of levels; 0 for numbers.
    direction : {-1, 0, 1}
        The score never rises (-1) or never falls (1) with the value; 0 leaves it free.
    """

    name: str
    kind: Kind = "number"
    n_levels: int = 0
    direction: int = 0

    def __post_init__(self) -> None:
        if (self.kind == "number") != (self.n_levels == 0):
            msg = f"n_levels must be 0 for numbers and positive for levels, got {self.n_levels}."
            raise ValueError(msg)
        if self.direction not in {-1, 0, 1} or (self.direction and self.kind == "category"):
            msg = f"direction must be -1, 0 or 1, and 0 for categories, got {self.direction}."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class FieldBins:
    """Bins of one field, with an entry of its own for missing values.

    Parameters
    ----------
    name : str
        Name of the field.
    kind : {"number", "ordinal", "category"}
        How the column is coded.
    edges : ndarray of float, shape (n_edges,)
        Rising lower edges of all bins but the first; empty for levels. Edges are
        the roundest numbers between two bins of five persons or more.
    n_values : int
        Number of bins without the missing entry, which comes last.
    seen : ndarray of bool, shape (n_values + 1,)
        Whether training held a row in the bin.
    limits : tuple of float
        Numbers beyond these lie outside the training data; rounded outward to the grid.
    """

    name: str
    kind: Kind
    edges: FloatArray
    n_values: int
    seen: npt.NDArray[np.bool_]
    limits: tuple[float, float]

    def __post_init__(self) -> None:
        if len(self.seen) != self.n_values + 1:
            msg = "seen needs one entry per bin and one for missing values."
            raise ValueError(msg)
        if self.kind == "number" and len(self.edges) != self.n_values - 1:
            msg = "a number needs one edge fewer than bins."
            raise ValueError(msg)
        if len(self.edges) and not (
            np.all(np.isfinite(self.edges)) and np.all(np.diff(self.edges) > 0)
        ):
            msg = "edges must be finite and rise."
            raise ValueError(msg)

    @property
    def n_entries(self) -> int:
        """Number of table entries: the bins and the missing entry."""
        return self.n_values + 1

    def assign(self, values: FloatArray) -> IntArray:
        """Return the table entry of each value.

        Parameters
        ----------
        values : ndarray of float, shape (n,)
            NaN stands for missing.

        Examples
        --------
        >>> bins = FieldBins("age", "number", np.array([30.0, 50.0]), 3,
        ...                  np.ones(4, dtype=bool), (18.0, 67.0))
        >>> bins.assign(np.array([29.0, 30.0, 60.0, np.nan]))
        array([0, 1, 2, 3])
        """
        missing = np.isnan(values)
        if self.kind == "number":
            entry = np.searchsorted(self.edges, values, side="right")
        else:
            entry = np.where(missing, 0, values).astype(np.intp)
        entry[missing] = self.n_values
        return entry

    def is_outside(self, values: FloatArray, entry: IntArray) -> npt.NDArray[np.bool_]:
        """Tell which values training never saw: unseen levels, or numbers beyond the limits."""
        outside: npt.NDArray[np.bool_] = ~self.seen[entry]
        if self.kind == "number":
            with np.errstate(invalid="ignore"):
                outside |= (values < self.limits[0]) | (values > self.limits[1])
        return outside


def widen_to_grid(low: float, high: float) -> tuple[float, float]:
    """Round a range outward to a coarse public grid, so that no exact extreme is kept.

    The grid's step is 1, 2 or 5 times a power of ten, about a twentieth of the range.

    Examples
    --------
    >>> widen_to_grid(18.3, 66.9)
    (10.0, 75.0)
    >>> widen_to_grid(42.42, 42.42)
    (42.2, 42.8)
    """
    span = max(high - low, abs(high) / 20, 1e-9)
    exponent = math.floor(math.log10(span / 20))
    digits = max(0, -exponent)
    step = next(
        size * 10.0**exponent for size in (1, 2, 5, 10) if size * 10.0**exponent >= span / 20
    )
    bottom, top = (math.floor(low / step) - 1) * step, (math.ceil(high / step) + 1) * step
    return round(bottom, digits), round(top, digits)


def find_inner_range(present: FloatArray, persons: IntArray | None = None) -> tuple[float, float]:
    """Return the fifth lowest and the fifth highest person's value: no extreme is looked at.

    With fewer than twenty persons the middle half is taken.

    Parameters
    ----------
    present : ndarray of float, shape (n,)
        Values, none missing.
    persons : ndarray of int, shape (n,), optional
        Rows of one person share a number; each row is a person where left out.

    Examples
    --------
    >>> find_inner_range(np.arange(100.0))
    (4.0, 95.0)
    >>> find_inner_range(np.arange(100.0), np.arange(100) // 2)
    (8.0, 91.0)
    """
    if len(present) == 0:
        return 0.0, 0.0
    order = np.argsort(present, kind="stable")
    lowest = highest = present[order]
    if persons is not None:
        ranked = persons[order]
        lowest = lowest[np.sort(np.unique(ranked, return_index=True)[1])]
        from_top = np.sort(np.unique(ranked[::-1], return_index=True)[1])
        highest = highest[::-1][from_top][::-1]
    skipped = min(FEWEST_PERSONS - 1, len(lowest) // 4)
    return float(lowest[skipped]), float(highest[-1 - skipped])


def find_bins(
    column: FloatArray,
    spec: InputSpec,
    persons: IntArray | None = None,
) -> FieldBins:
    """Choose the bins of one column.

    Parameters
    ----------
    column : ndarray of float, shape (n,)
        Values or level codes; NaN where missing.
    spec : InputSpec
        What the column holds.
    persons : ndarray of int, shape (n,), optional
        Rows of one person share a number; each row is a person where left out.

    Returns
    -------
    FieldBins
        Every bin of a number holds rows of at least five persons of the training data.
    """
    persons = np.arange(len(column)) if persons is None else persons
    present, persons = column[~np.isnan(column)], persons[~np.isnan(column)]
    any_missing = len(present) < len(column)
    if spec.kind != "number":
        counts = np.bincount(present.astype(np.intp), minlength=spec.n_levels)
        seen = np.append(counts > 0, any_missing)
        return FieldBins(
            spec.name, spec.kind, np.empty(0), spec.n_levels, seen, (0.0, spec.n_levels - 1.0)
        )
    order = np.argsort(present, kind="stable")
    edges = _number_edges(present[order], persons[order])
    low, high = find_inner_range(present, persons)
    limits = widen_to_grid(low, high)
    seen = np.append(np.full(len(edges) + 1, len(present) > 0), any_missing)
    return FieldBins(spec.name, "number", edges, len(edges) + 1, seen, limits)


def _number_edges(ordered: FloatArray, persons: IntArray) -> FloatArray:
    """Edges between quantiles, rounded to the coarsest grid that keeps them apart."""
    n, n_persons = len(ordered), len(np.unique(persons))

    def few(first: int, last: int) -> bool:
        return len(np.unique(persons[first:last])) < FEWEST_PERSONS

    edges: list[float] = []
    below = 0
    for position in _find_ranks(n, n_persons):
        upper = float(ordered[position])
        first = int(np.searchsorted(ordered, upper, side="left"))
        if few(below, first):
            first = int(np.searchsorted(ordered, upper, side="right"))
            if first >= n:
                break
            upper = float(ordered[first])
        if few(below, first) or few(first, n):
            continue
        edges.append(_simplest_between(float(ordered[first - 1]), upper))
        below = first
    return np.array(edges, dtype=np.float64)


def _find_ranks(n: int, n_persons: int) -> list[int]:
    """Numbers of rows below each edge that is wanted, rising.

    Bins are of like size but at both ends, where each is half of its neighbour's for as long
    as it holds five persons: few stand far out, and that is where a number may tell most.
    """
    most = int(np.clip(n_persons // PERSONS_PER_BIN, FEWEST_BINS, MOST_BINS))
    n_bins = min(most, n_persons // FEWEST_PERSONS)
    ranks = [round(number * n / n_bins) for number in range(1, n_bins)]
    parts = 2 * n_bins
    while ranks and n_persons >= FEWEST_PERSONS * parts:
        ranks = [round(n / parts), *ranks, n - round(n / parts)]
        parts *= 2
    return ranks


def _simplest_between(low: float, high: float) -> float:
    """Return the number with the fewest digits in (low, high]."""
    span = high - low
    exponent = math.floor(math.log10(span))
    while True:
        step = 10.0**exponent
        candidate = round(math.floor(high / step) * step, max(0, -exponent))
        if low < candidate <= high:
            return candidate
        exponent -= 1
        if exponent < -15 + math.floor(math.log10(max(abs(high), 1e-300))):
            return high
