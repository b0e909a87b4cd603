"""Ridge logistic regression with signs, written back as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins, InputSpec, find_inner_range, widen_to_grid
from riskmodel.model.pooling import SharedSteps
from riskmodel.model.tables import Line, TableValues
from riskmodel.stats.logistic import sigmoid

__all__ = ["LinearDesign", "find_lines", "fit_ridge_logistic"]

FloatArray = npt.NDArray[np.float64]
CLIP_QUANTILES = (0.02, 0.98)
MOST_STEPS = 50
SMALLEST_STEP = 1e-4
TOLERANCE = 1e-9


def find_lines(
    X: FloatArray,
    specs: Sequence[InputSpec],
    bins: Sequence[FieldBins],
    persons: npt.NDArray[np.intp] | None = None,
) -> tuple[Line, ...]:
    """Choose center and clipping limits of each number, on the grid of its bins.

    Parameters
    ----------
    X : ndarray of float, shape (n, n_fields)
        Rows.
    specs : sequence of InputSpec
        What the columns hold.
    bins : sequence of FieldBins
        Bins of the fields.
    persons : ndarray of int, shape (n,), optional
        Rows of one person share a number; each row is a person where left out.

    Returns
    -------
    tuple of Line
        Levels get a line that is never used.
    """
    lines = []
    for column, spec in enumerate(specs):
        there = ~np.isnan(X[:, column])
        present = X[there, column]
        edges = bins[column].edges
        if spec.kind != "number" or len(present) == 0 or len(edges) == 0:
            lines.append(Line(0.0, 0.0, 0.0))
            continue
        inner = find_inner_range(present, None if persons is None else persons[there])
        low, high = np.clip(np.quantile(present, CLIP_QUANTILES), *inner)
        low, high = widen_to_grid(float(low), float(high))
        center = float(f"{np.mean(np.clip(present, low, high)):.3g}")
        lines.append(Line(center, low, high))
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class LinearDesign:
    """Numeric design of the linear part, and how to write its coefficients as tables.

    Parameters
    ----------
    specs : tuple of InputSpec
        What the columns hold.
    bins : tuple of FieldBins
        Bins of each field.
    lines : tuple of Line
        Center and limits of the numbers.
    columns : tuple of (int, int)
        Field and table entry of each design column; entry -1 is the linear part.
    shared : tuple of SharedSteps
        Entries of each field that share a step.
    """

    specs: tuple[InputSpec, ...]
    bins: tuple[FieldBins, ...]
    lines: tuple[Line, ...]
    columns: tuple[tuple[int, int], ...]
    shared: tuple[SharedSteps, ...]

    @classmethod
    def of(
        cls,
        specs: Sequence[InputSpec],
        bins: Sequence[FieldBins],
        lines: Sequence[Line],
        shared: Sequence[SharedSteps],
    ) -> LinearDesign:
        """List the design columns: a line, a one-hot entry per level, one for missing."""
        columns: list[tuple[int, int]] = []
        for index, (spec, one) in enumerate(zip(specs, bins, strict=True)):
            if spec.kind != "category" and (spec.kind != "number" or len(one.edges)):
                columns.append((index, -1))
            if spec.kind == "category":
                own = shared[index].entry == np.arange(one.n_entries)
                chosen = np.flatnonzero(own[:-1] & one.seen[:-1])
                columns += [(index, int(entry)) for entry in chosen]
            if one.seen[one.n_values] and not shared[index].silent[one.n_values]:
                columns.append((index, one.n_values))
        return cls(tuple(specs), tuple(bins), tuple(lines), tuple(columns), tuple(shared))

    def matrix(self, X: FloatArray, entries: npt.NDArray[np.intp]) -> FloatArray:
        """Return the raw design, shape (n, n_columns)."""
        out = np.empty((len(X), len(self.columns)))
        for position, (index, entry) in enumerate(self.columns):
            if entry >= 0:
                out[:, position] = entries[index] == entry
            elif self.specs[index].kind == "number":
                out[:, position] = self.lines[index].values(X[:, index])
            else:
                code = np.where(np.isnan(X[:, index]), 0.0, X[:, index])
                center = (self.bins[index].n_values - 1) / 2
                out[:, position] = np.where(np.isnan(X[:, index]), 0.0, code - center)
        return out

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Sign limits of the design columns."""
        limits: list[tuple[float | None, float | None]] = []
        for index, entry in self.columns:
            sign = self.specs[index].direction if entry < 0 else 0
            limits.append((0.0 if sign > 0 else None, 0.0 if sign < 0 else None))
        return limits

    def is_level(self) -> npt.NDArray[np.bool_]:
        """Tell which design columns mark a level or a missing value."""
        return np.array([entry >= 0 for _, entry in self.columns], dtype=np.bool_)

    def _takers(self, index: int, entry: int) -> npt.NDArray[np.intp]:
        """Entries that take a step: categories share it, a scale has its line besides."""
        if self.specs[index].kind != "category":
            return np.array([entry])
        takes = (self.shared[index].entry == entry) & ~self.shared[index].silent
        return np.flatnonzero(takes)

    def tables(self, intercept: float, coefficients: FloatArray) -> TableValues:
        """Write coefficients of the raw design as tables."""
        steps = tuple(np.zeros(one.n_entries) for one in self.bins)
        slopes = np.zeros(len(self.bins))
        for (index, entry), value in zip(self.columns, coefficients, strict=True):
            if entry >= 0:
                steps[index][self._takers(index, entry)] += value
            elif self.specs[index].kind == "number":
                slopes[index] = value
            else:
                n_values = self.bins[index].n_values
                steps[index][:n_values] += value * (np.arange(n_values) - (n_values - 1) / 2)
        return TableValues(intercept=intercept, steps=steps, slopes=slopes)


def fit_ridge_logistic(
    design: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    penalty: float,
    bounds: Sequence[tuple[float | None, float | None]],
    *,
    is_level: npt.NDArray[np.bool_],
    start: FloatArray | None = None,
) -> tuple[float, FloatArray, FloatArray]:
    """Fit a logistic regression with a ridge penalty.

    Minimises the weighted negative log-likelihood plus ``penalty / 2`` times the sum of
    squared coefficients: of standardised numbers, and of levels as they are. So a rare
    level is drawn to the others as a random effect would be; standardised, it would go
    nearly free.

    Parameters
    ----------
    design : ndarray of float, shape (n, p)
        Raw design.
    y : ndarray of float, shape (n,)
        Outcomes 0 or 1.
    weight : ndarray of float, shape (n,)
        Row weights, >= 0.
    penalty : float
        Ridge penalty, > 0.
    bounds : sequence of (low, high)
        Limits of each coefficient.
    is_level : ndarray of bool, shape (p,)
        Columns that mark a level or a missing value.
    start : ndarray of float, shape (p + 1,), optional
        Where to start, such as the third value returned at another penalty.

    Returns
    -------
    intercept : float
    coefficients : ndarray of float, shape (p,)
        On the raw scale.
    solution : ndarray of float, shape (p + 1,)
        The penalised coefficients themselves, intercept first.
    """
    total = weight.sum()
    mean = weight @ design / total
    deviation = np.sqrt(np.maximum(weight @ (design - mean) ** 2 / total, 1e-12))
    scale = np.where(is_level, 1.0, deviation)
    standard = np.column_stack([np.ones(len(design)), (design - mean) / scale])
    share = np.clip(weight @ y / total, 1e-6, 1 - 1e-6)
    if start is None:
        start = np.concatenate([[np.log(share / (1 - share))], np.zeros(design.shape[1])])
    limits = np.array(
        [
            (-np.inf, np.inf),
            *((-np.inf if a is None else a, np.inf if b is None else b) for a, b in bounds),
        ]
    )
    ridge = np.append(0.0, np.full(design.shape[1], penalty))
    found = _projected_newton(standard, y, weight, ridge, limits, start)
    coefficients = found[1:] / scale
    return float(found[0] - coefficients @ mean), coefficients, found


def _projected_newton(
    standard: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    ridge: FloatArray,
    limits: FloatArray,
    start: FloatArray,
) -> FloatArray:
    """Minimise the penalised likelihood: Newton steps on the coefficients that are free.

    A coefficient at its limit that the gradient pushes outward stays there. Ridge
    regressions of a hundred columns settle in a handful of steps.
    """
    low, high = limits.T

    def loss(beta: FloatArray, score: FloatArray) -> float:
        return float(weight @ (np.logaddexp(0.0, score) - y * score) + 0.5 * ridge @ beta**2)

    beta = np.clip(start, low, high)
    score = standard @ beta
    now = loss(beta, score)
    for _ in range(MOST_STEPS):
        risk = sigmoid(score)
        gradient = (weight * (risk - y)) @ standard + ridge * beta
        stuck = ((beta <= low) & (gradient > 0)) | ((beta >= high) & (gradient < 0))
        free = np.flatnonzero(~stuck)
        part = standard[:, free]
        curvature = (part * (weight * risk * (1 - risk))[:, None]).T @ part
        curvature[np.diag_indices_from(curvature)] += ridge[free] + 1e-9
        step = np.zeros_like(beta)
        step[free] = np.linalg.solve(curvature, gradient[free])
        size = 1.0
        while size > SMALLEST_STEP:
            trial = np.clip(beta - size * step, low, high)
            trial_score = standard @ trial
            after = loss(trial, trial_score)
            if after < now:
                break
            size /= 2
        else:
            return beta
        gained = now - after
        beta, score, now = trial, trial_score, after
        if gained < TOLERANCE * (1.0 + abs(now)):
            break
    return beta
