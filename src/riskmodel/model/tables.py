"""An additive score kept as tables: one term per field and a few pair terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins

__all__ = ["AdditiveTables", "Line", "TableValues", "average_tables"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """Linear part of a number's term: clipped value minus center; 0 where missing."""

    center: float
    low: float
    high: float

    def values(self, column: FloatArray) -> FloatArray:
        """Return the linear part of each value at slope 1, shape (n,)."""
        part = np.clip(column, self.low, self.high) - self.center
        return np.where(np.isnan(column), 0.0, part)


@dataclass(frozen=True, slots=True)
class TableValues:
    """The figures of an additive score, apart from the bins that they belong to.

    Parameters
    ----------
    intercept : float
        Log-odds.
    steps : tuple of ndarray, shape (n_entries,) each
        One table per field, in log-odds; the last entry is for missing values.
    slopes : ndarray of float, shape (n_fields,)
        Linear part of numbers, in log-odds per unit; 0 for levels.
    pairs : mapping of (int, int) to ndarray, shape (n_entries_i, n_entries_j)
        Pair terms.
    """

    intercept: float
    steps: tuple[FloatArray, ...]
    slopes: FloatArray
    pairs: Mapping[Pair, FloatArray] = field(default_factory=dict)


def average_tables(parts: Sequence[TableValues], weights: Sequence[float]) -> TableValues:
    """Return the weighted sum of scores over the same bins, as one set of tables.

    Parameters
    ----------
    parts : sequence of TableValues
        Scores to add.
    weights : sequence of float
        Weight of each part.
    """
    pairs: dict[Pair, FloatArray] = {}
    for part, weight in zip(parts, weights, strict=True):
        for pair, table in part.pairs.items():
            pairs[pair] = pairs.get(pair, 0.0) + weight * table
    return TableValues(
        intercept=float(sum(w * part.intercept for part, w in zip(parts, weights, strict=True))),
        steps=tuple(
            np.sum([w * step for step, w in zip(same, weights, strict=True)], axis=0)
            for same in zip(*(part.steps for part in parts), strict=True)
        ),
        slopes=np.sum([w * part.slopes for part, w in zip(parts, weights, strict=True)], axis=0),
        pairs=pairs,
    )


@dataclass(frozen=True, slots=True)
class AdditiveTables:
    """An additive score: intercept + one term per field + pair terms, in log-odds.

    Parameters
    ----------
    bins : tuple of FieldBins
        Bins of each field.
    lines : tuple of Line
        Clipping limits and center of each field's linear part.
    values : TableValues
        The figures.
    """

    bins: tuple[FieldBins, ...]
    lines: tuple[Line, ...]
    values: TableValues

    def __post_init__(self) -> None:
        if not len(self.bins) == len(self.lines) == len(self.values.steps):
            msg = "bins, lines and steps must have one entry per field."
            raise ValueError(msg)
        for one, steps in zip(self.bins, self.values.steps, strict=True):
            if steps.shape != (one.n_entries,) or not np.all(np.isfinite(steps)):
                msg = f"the table of {one.name} must hold {one.n_entries} finite entries."
                raise ValueError(msg)
        for (i, j), table in self.values.pairs.items():
            shape = (self.bins[i].n_entries, self.bins[j].n_entries)
            if i >= j or table.shape != shape or not np.all(np.isfinite(table)):
                msg = f"pair term {i}, {j} must hold finite entries of shape {shape}, i < j."
                raise ValueError(msg)

    @property
    def n_fields(self) -> int:
        """Number of fields."""
        return len(self.bins)

    def assign(self, X: FloatArray) -> IntArray:
        """Return the table entry of every cell, shape (n_fields, n)."""
        entries = np.empty((self.n_fields, len(X)), dtype=np.intp)
        for column, one in enumerate(self.bins):
            entries[column] = one.assign(X[:, column])
        return entries

    def contributions(self, X: FloatArray, entries: IntArray | None = None) -> FloatArray:
        """Return each field's term, shape (n, n_fields); pair terms are split in half.

        The row sums plus the intercept are the score.
        """
        if entries is None:
            entries = self.assign(X)
        out = np.empty((len(X), self.n_fields))
        for column in range(self.n_fields):
            out[:, column] = self.values.steps[column][entries[column]]
            if self.values.slopes[column]:
                line = self.lines[column].values(X[:, column])
                out[:, column] += self.values.slopes[column] * line
        for (i, j), table in self.values.pairs.items():
            half = 0.5 * table[entries[i], entries[j]]
            out[:, i] += half
            out[:, j] += half
        return out

    def score(self, X: FloatArray, entries: IntArray | None = None) -> FloatArray:
        """Return the log-odds of each row, shape (n,)."""
        total = np.full(len(X), self.values.intercept)
        contributions = self.contributions(X, entries)
        for column in range(self.n_fields):
            total += contributions[:, column]
        return total

    def is_outside(self, X: FloatArray, entries: IntArray | None = None) -> npt.NDArray[np.bool_]:
        """Tell which cells hold values that training never saw, shape (n, n_fields)."""
        if entries is None:
            entries = self.assign(X)
        return np.column_stack(
            [one.is_outside(X[:, column], entries[column]) for column, one in enumerate(self.bins)]
        )
