"""Ridge logistic regression with signs, written back as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from riskmodel.model.binning import FieldBins, InputSpec
from riskmodel.model.tables import Line, TableValues, logistic

__all__ = ["LinearDesign", "find_lines", "fit_ridge_logistic"]

FloatArray = npt.NDArray[np.float64]
CLIP_QUANTILES = (0.02, 0.98)


def find_lines(
    X: FloatArray, specs: Sequence[InputSpec], bins: Sequence[FieldBins]
) -> tuple[Line, ...]:
    """Choose center and clipping limits of each number, on the grid of its bins.

    Returns
    -------
    tuple of Line
        Levels get a line that is never used.
    """
    lines = []
    for column, spec in enumerate(specs):
        present = X[~np.isnan(X[:, column]), column]
        edges = bins[column].edges
        if spec.kind != "number" or len(present) == 0 or len(edges) == 0:
            lines.append(Line(0.0, 0.0, 0.0))
            continue
        low, high = np.quantile(present, CLIP_QUANTILES)
        low, high = bins[column].limits if low == high else (low, high)
        low, high = (float(f"{value:.2g}") for value in (low, high))
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
    """

    specs: tuple[InputSpec, ...]
    bins: tuple[FieldBins, ...]
    lines: tuple[Line, ...]
    columns: tuple[tuple[int, int], ...]

    @classmethod
    def of(
        cls, specs: Sequence[InputSpec], bins: Sequence[FieldBins], lines: Sequence[Line]
    ) -> LinearDesign:
        """List the design columns: a line, a one-hot entry per level, one for missing."""
        columns: list[tuple[int, int]] = []
        for index, (spec, one) in enumerate(zip(specs, bins, strict=True)):
            if spec.kind != "category" and (spec.kind != "number" or len(one.edges)):
                columns.append((index, -1))
            if spec.kind == "category":
                columns += [(index, entry) for entry in range(one.n_values) if one.seen[entry]]
            if one.seen[one.n_values]:
                columns.append((index, one.n_values))
        return cls(tuple(specs), tuple(bins), tuple(lines), tuple(columns))

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

    def tables(self, intercept: float, coefficients: FloatArray) -> TableValues:
        """Write coefficients of the raw design as tables."""
        steps = tuple(np.zeros(one.n_entries) for one in self.bins)
        slopes = np.zeros(len(self.bins))
        for (index, entry), value in zip(self.columns, coefficients, strict=True):
            if entry >= 0:
                steps[index][entry] += value
            elif self.specs[index].kind == "number":
                slopes[index] = value
            else:
                n_values = self.bins[index].n_values
                steps[index][:n_values] += value * (np.arange(n_values) - (n_values - 1) / 2)
        return TableValues(intercept=intercept, steps=steps, slopes=slopes)


def fit_ridge_logistic(  # noqa: PLR0913
    design: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    penalty: float,
    bounds: Sequence[tuple[float | None, float | None]],
    is_level: npt.NDArray[np.bool_],
) -> tuple[float, FloatArray]:
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

    Returns
    -------
    intercept : float
    coefficients : ndarray of float, shape (p,)
        On the raw scale.
    """
    total = weight.sum()
    mean = weight @ design / total
    deviation = np.sqrt(np.maximum(weight @ (design - mean) ** 2 / total, 1e-12))
    scale = np.where(is_level, 1.0, deviation)
    standard = (design - mean) / scale
    share = np.clip(weight @ y / total, 1e-6, 1 - 1e-6)

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        score = beta[0] + standard @ beta[1:]
        value = weight @ (np.logaddexp(0.0, score) - y * score) + 0.5 * penalty * beta[1:] @ beta[1:]
        residual = weight * (logistic(score) - y)
        gradient = np.concatenate([[residual.sum()], residual @ standard + penalty * beta[1:]])
        return float(value), gradient

    start = np.concatenate([[np.log(share / (1 - share))], np.zeros(design.shape[1])])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *bounds])
    coefficients = found.x[1:] / scale
    return float(found.x[0] - coefficients @ mean), coefficients
