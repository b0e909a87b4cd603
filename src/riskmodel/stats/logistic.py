"""Penalised logistic regression for small designs, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import FloatArray, check_columns, check_weights

__all__ = ["LogisticFit", "fit_logistic", "log_odds", "logistic_log_likelihood", "sigmoid"]

MAX_HALVINGS: Final = 40
FLOOR: Final = 1e-10
FLAT: Final = 1e-6
"""Share of the largest possible curvature below which the data say nothing more."""


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A fitted logistic regression.

    Attributes
    ----------
    coefficients : ndarray of float, shape (n_columns,)
        Posterior mode; the maximum-likelihood estimate where there is no penalty.
    covariance : ndarray of float, shape (n_columns, n_columns)
        Inverse of the information plus the prior precision, at the mode. It takes the
        weights as counts of rows; bootstrap where they are something else.
    log_likelihood : float
        Weighted log-likelihood at the mode, without the penalty; never above zero.
    converged : bool
        False where the steps ran out.
    separated : bool
        True where some direction of the design has no curvature left: outcomes are
        perfectly separated, or columns repeat each other, and no prior settles it. The
        coefficients are then finite, but one answer of many.
    """

    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood: float
    converged: bool = True
    separated: bool = False

    @property
    def standard_errors(self) -> FloatArray:
        """Square roots of the covariance's diagonal, shape (n_columns,)."""
        return np.sqrt(np.diag(self.covariance))

    def predict_log_odds(
        self, design: npt.ArrayLike, offset: npt.ArrayLike | None = None
    ) -> FloatArray:
        """Return offset + design @ coefficients, one row's answer free of the other rows."""
        x = np.asarray(design, dtype=np.float64)
        eta = _apply(x, self.coefficients)
        return eta if offset is None else eta + np.asarray(offset, dtype=np.float64)


def sigmoid(log_odds: npt.ArrayLike) -> FloatArray:
    """Return probabilities of log-odds, without overflow.

    Examples
    --------
    >>> sigmoid([0.0, 1000.0, -1000.0])
    array([0.5, 1. , 0. ])
    """
    eta = np.asarray(log_odds, dtype=np.float64)
    small = np.exp(-np.abs(eta))
    return np.asarray(np.where(eta >= 0, 1.0, small) / (1.0 + small), dtype=np.float64)


def log_odds(probability: npt.ArrayLike, *, margin: float = 1e-12) -> FloatArray:
    """Return log-odds of probabilities, kept `margin` away from 0 and 1.

    Examples
    --------
    >>> log_odds([0.5, 1.0]).round(2)
    array([ 0.  , 27.63])
    """
    p = np.clip(np.asarray(probability, dtype=np.float64), margin, 1.0 - margin)
    return np.log(p) - np.log1p(-p)


def logistic_log_likelihood(
    y: npt.ArrayLike, log_odds: npt.ArrayLike, *, weights: npt.ArrayLike | None = None
) -> float:
    """Return the weighted log-likelihood of outcomes under log-odds; never above zero.

    Examples
    --------
    >>> round(logistic_log_likelihood([1, 0], [0.0, 0.0]), 4)
    -1.3863
    """
    target, eta = np.asarray(y, dtype=np.float64), np.asarray(log_odds, dtype=np.float64)
    # log(1 + e^eta) - y * eta, written so that no term overflows or cancels.
    loss = np.maximum(eta, 0.0) - target * eta + np.log1p(np.exp(-np.abs(eta)))
    return -float(np.sum(loss if weights is None else np.asarray(weights) * loss))


def fit_logistic(
    design: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    prior_mean: npt.ArrayLike | None = None,
    prior_precision: npt.ArrayLike | float | None = None,
    max_steps: int = 100,
    tolerance: float = 1e-10,
) -> LogisticFit:
    r"""Fit a logistic regression with Gaussian priors.

    Maximises :math:`\sum_i w_i [y_i \eta_i - \log(1 + e^{\eta_i})] - \frac12 \sum_j
    \lambda_j (\beta_j - m_j)^2` with :math:`\eta = o + X\beta`, by Newton's method with
    step halving. The problem is concave, so the mode does not depend on the start.

    Parameters
    ----------
    design : array_like, shape (n, n_columns)
        Columns of the model; the intercept is a column of ones that the caller adds.
    y : array_like, shape (n,)
        Outcomes in [0, 1]; fractions count as that share of a row.
    weights : array_like, shape (n,), optional
        Row weights >= 0.
    offset : array_like, shape (n,), optional
        Log-odds known beforehand, with a coefficient fixed at one.
    prior_mean : array_like, shape (n_columns,), optional
        Means of the priors; zero by default.
    prior_precision : array_like, shape (n_columns,), or float, optional
        Inverse variances of the priors; zero leaves a column free. Default: no prior.
    max_steps : int
        Largest number of Newton steps.
    tolerance : float
        Stop after a step that promises to raise the objective by less than this.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ValueError
        If an input is not finite, has another shape, or y lies outside [0, 1].

    References
    ----------
    Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section
    4.4. https://doi.org/10.1007/978-0-387-84858-7

    Examples
    --------
    Three of four are ones, so the intercept is log(3):

    >>> fit = fit_logistic(np.ones((4, 1)), [1, 1, 1, 0])
    >>> bool(np.isclose(fit.coefficients[0], np.log(3)))
    True
    """
    x, target, w, shift = _check_inputs(design, y, weights, offset)
    n_columns = x.shape[1]
    mean = _check_prior(prior_mean, n_columns, "prior_mean")
    precision = _check_prior(prior_precision, n_columns, "prior_precision")
    if np.any(precision < 0):
        msg = "prior_precision must not be negative; use 0 to leave a column free."
        raise ValueError(msg)
    problem = _Problem(x, target, w, shift, mean, precision)
    beta = mean.copy()
    value = problem.objective(beta)
    converged = False
    for _ in range(max_steps):
        gradient, information = problem.derivatives(beta)
        step = _solve(information, gradient)
        beta, value, moved = problem.search(beta, value, step)
        if not moved or 0.5 * float(np.sum(gradient * step)) < tolerance:
            converged = True
            break
    _, information = problem.derivatives(beta, floor=0.0)
    return LogisticFit(
        coefficients=beta,
        covariance=_inverse(information),
        log_likelihood=problem.log_likelihood(beta),
        converged=converged,
        separated=problem.is_flat(information),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    x: FloatArray
    y: FloatArray
    w: FloatArray
    offset: FloatArray
    mean: FloatArray
    precision: FloatArray

    def log_likelihood(self, beta: FloatArray) -> float:
        eta = self.offset + _apply(self.x, beta)
        return logistic_log_likelihood(self.y, eta, weights=self.w)

    def objective(self, beta: FloatArray) -> float:
        penalty = 0.5 * float(np.sum(self.precision * (beta - self.mean) ** 2))
        return self.log_likelihood(beta) - penalty

    def derivatives(
        self, beta: FloatArray, *, floor: float = FLOOR
    ) -> tuple[FloatArray, FloatArray]:
        p = sigmoid(self.offset + _apply(self.x, beta))
        gradient = np.einsum("ij,i->j", self.x, self.w * (self.y - p))
        gradient -= self.precision * (beta - self.mean)
        # The floor keeps a step where every row is hopelessly wrong; it moves no mode.
        curvature = np.maximum(p * (1.0 - p), floor)
        information = _cross(self.x, self.w * curvature) + np.diag(self.precision)
        return gradient, information

    def search(
        self, beta: FloatArray, value: float, step: FloatArray
    ) -> tuple[FloatArray, float, bool]:
        """Halve the step until the objective rises; stay where none does."""
        for _ in range(MAX_HALVINGS):
            candidate = beta + step
            reached = self.objective(candidate)
            if reached > value:
                return candidate, reached, True
            step = step / 2.0
        return beta, value, False

    def is_flat(self, information: FloatArray) -> bool:
        ceiling = _cross(self.x, self.w / 4.0) + np.diag(self.precision)
        scale = np.sqrt(np.diag(ceiling))
        if np.any(scale == 0):
            return True
        values, vectors = np.linalg.eigh(ceiling / np.outer(scale, scale))
        if values[0] < FLAT * values[-1]:
            return True
        white = vectors / np.sqrt(values) / scale[:, None]
        curvature = np.linalg.eigvalsh(white.T @ information @ white)
        return bool(curvature[0] < FLAT)


def _check_inputs(
    design: npt.ArrayLike,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    offset: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    x = np.asarray(design, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] == 0:
        msg = f"design must have rows and columns, got shape {x.shape}."
        raise ValueError(msg)
    if not np.all(np.isfinite(x)):
        msg = "design must be finite; encode missing values before fitting."
        raise ValueError(msg)
    n = len(x)
    (target,) = check_columns(n, y=y)
    if np.any((target < 0) | (target > 1)):
        msg = f"y must lie in [0, 1], got {target.min():g} to {target.max():g}."
        raise ValueError(msg)
    shift = np.zeros(n) if offset is None else check_columns(n, offset=offset)[0]
    return x, target, check_weights(weights, n), shift


def _check_prior(values: npt.ArrayLike | None, n_columns: int, name: str) -> FloatArray:
    given = np.zeros(n_columns) if values is None else np.asarray(values, dtype=np.float64)
    if given.ndim == 0:
        given = np.full(n_columns, float(given))
    return check_columns(n_columns, **{name: given})[0].copy()


# Sums over rows use einsum, not BLAS: they then come out the same with 1 or 2 threads.
def _apply(x: FloatArray, beta: FloatArray) -> FloatArray:
    eta: FloatArray = np.einsum("ij,j->i", x, beta)
    return eta


def _cross(x: FloatArray, w: FloatArray) -> FloatArray:
    cross: FloatArray = np.einsum("ij,ik->jk", x * w[:, None], x)
    return cross


def _solve(information: FloatArray, gradient: FloatArray) -> FloatArray:
    step: FloatArray = _inverse(information) @ gradient
    return step


def _inverse(information: FloatArray) -> FloatArray:
    """Invert a symmetric matrix on the directions that it knows; zero on the others."""
    scale = np.sqrt(np.diag(information))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    known = values > max(values[-1], 0.0) * len(values) * np.finfo(np.float64).eps * 8
    inverted = np.where(known, 1.0 / np.where(known, values, 1.0), 0.0)
    inverse: FloatArray = (vectors * inverted) @ vectors.T / np.outer(scale, scale)
    return inverse
