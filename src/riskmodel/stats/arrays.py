"""Checks of the arrays that statistics receive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "check_binary",
    "check_columns",
    "check_probabilities",
    "check_weights",
    "weighted_mean",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


def check_columns(n: int | None = None, **columns: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Return one-dimensional finite float arrays of one length.

    Parameters
    ----------
    n : int or None
        The length wanted; None takes the first column's.
    **columns : array_like
        The columns by the name that an error shall show.

    Raises
    ------
    ValueError
        If a column is not one-dimensional, not finite, or of another length.

    Examples
    --------
    >>> (risk,) = check_columns(risk=[0, 1])
    >>> risk
    array([0., 1.])
    """
    checked = []
    for name, column in columns.items():
        values = np.asarray(column, dtype=np.float64)
        if values.ndim != 1:
            msg = f"{name} must have one dimension, got {values.ndim}."
            raise ValueError(msg)
        n = len(values) if n is None else n
        if len(values) != n:
            msg = f"{name} must have {n} entries like the other columns, got {len(values)}."
            raise ValueError(msg)
        if not np.all(np.isfinite(values)):
            count = int(np.count_nonzero(~np.isfinite(values)))
            msg = f"{name} must be finite, got {count} missing or infinite; drop those rows."
            raise ValueError(msg)
        checked.append(values)
    return tuple(checked)


def check_weights(sample_weight: npt.ArrayLike | None, n: int) -> FloatArray:
    """Return weights of n rows: finite, not negative, not all zero; None gives ones.

    Raises
    ------
    ValueError
        If the weights break a rule.

    Examples
    --------
    >>> check_weights(None, 3)
    array([1., 1., 1.])
    """
    if sample_weight is None:
        return np.ones(n)
    (weight,) = check_columns(n, sample_weight=sample_weight)
    if np.any(weight < 0) or (n and not np.any(weight > 0)):
        msg = "sample_weight must not be negative, and at least one must be positive."
        raise ValueError(msg)
    return weight


def check_binary(y_true: npt.ArrayLike, n: int | None = None) -> FloatArray:
    """Return outcomes as floats that are 0 or 1.

    Raises
    ------
    ValueError
        If another value occurs.

    Examples
    --------
    >>> check_binary([True, False])
    array([1., 0.])
    """
    (y,) = check_columns(n, y_true=y_true)
    if not np.all((y == 0) | (y == 1)):
        msg = "y_true must hold 0 and 1 only; give unknown outcomes a weight of zero."
        raise ValueError(msg)
    return y


def check_probabilities(y_prob: npt.ArrayLike, n: int | None = None) -> FloatArray:
    """Return probabilities as floats in [0, 1].

    Raises
    ------
    ValueError
        If a value lies outside.

    Examples
    --------
    >>> check_probabilities([0, 0.5])
    array([0. , 0.5])
    """
    (p,) = check_columns(n, y_prob=y_prob)
    if np.any((p < 0) | (p > 1)):
        msg = f"y_prob must lie in [0, 1], got {p.min():g} to {p.max():g}."
        raise ValueError(msg)
    return p


def weighted_mean(values: FloatArray, weight: FloatArray) -> float:
    """Return the weighted mean, the same with any number of threads; NaN of no rows.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 3.0]), np.array([3.0, 1.0]))
    1.5
    """
    total = float(np.sum(weight))
    return float(np.sum(weight * values)) / total if total > 0 else float("nan")
