"""How much weight each part of the score gets, learned from held-out predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from riskmodel.stats.logistic import sigmoid

__all__ = ["between_events", "effective_events", "find_gain", "find_intercept", "find_weights"]

FloatArray = npt.NDArray[np.float64]


def effective_events(
    y: FloatArray, weight: FloatArray, groups: npt.NDArray[Any] | None = None
) -> float:
    """Return the smaller of the weighted numbers of events and non-events, at Kish's size.

    Rows of one person tell much the same: persons are counted, not their rows.

    Parameters
    ----------
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    groups : ndarray, shape (n,), optional
        Rows of one person share a group.

    Examples
    --------
    >>> y, weight = np.repeat([1.0, 0.0], 10), np.ones(20)
    >>> effective_events(y, weight), effective_events(y, weight, np.arange(20) // 2)
    (10.0, 5.0)
    """
    share = float(weight @ y / weight.sum())
    if groups is not None:
        _, person = np.unique(groups, return_inverse=True)
        weight = np.bincount(person, weights=weight).astype(np.float64)
    size = float(weight.sum() ** 2 / (weight @ weight))
    return size * min(share, 1 - share)


def between_events(y: FloatArray, weight: FloatArray, groups: npt.NDArray[Any]) -> float:
    """Return events between those counted by rows and by persons: their geometric mean.

    A person's later assessments hold new facts, but not as many as another person's first:
    counted by persons a case seen three times is shrunk as one, counted by rows eight rows
    of one person speak as eight persons (docs/recipe.md).

    Parameters
    ----------
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    groups : ndarray, shape (n,)
        Rows of one person share a group.

    Examples
    --------
    >>> y, weight = np.repeat([1.0, 0.0], 16), np.ones(32)
    >>> [between_events(y, weight, np.arange(32) // rows) for rows in (1, 4)]
    [16.0, 8.0]
    """
    by_row, by_person = effective_events(y, weight), effective_events(y, weight, groups)
    return float(np.sqrt(by_row * by_person))


def find_weights(
    held_out: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    prior_mean: FloatArray,
    prior_sd: float,
) -> FloatArray:
    """Fit the weight of each part by penalised likelihood, never below zero.

    Parameters
    ----------
    held_out : ndarray of float, shape (n_parts, n)
        Log-odds of each part for rows that it was not fitted on.
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    prior_mean : ndarray of float, shape (n_parts,)
        Weights to fall back to where the data say little.
    prior_sd : float
        How far the weights may move from the prior.

    Returns
    -------
    ndarray of float, shape (n_parts,)
        Weights >= 0; their sum below one is shrinkage towards the base rate.
    """
    centered = held_out - (held_out @ weight / weight.sum())[:, None]
    share = float(np.clip(weight @ y / weight.sum(), 1e-6, 1 - 1e-6))
    start = np.concatenate([[np.log(share / (1 - share))], prior_mean])

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        score = beta[0] + beta[1:] @ centered
        away = (beta[1:] - prior_mean) / prior_sd
        residual = weight * (sigmoid(score) - y)
        value = weight @ (np.logaddexp(0.0, score) - y * score) + 0.5 * away @ away
        gradient = np.concatenate([[residual.sum()], centered @ residual + away / prior_sd])
        return float(value), gradient

    bounds = [(None, None), *[(0.0, None)] * len(prior_mean)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x[1:], dtype=np.float64)


def find_intercept(score: FloatArray, y: FloatArray, weight: FloatArray) -> float:
    """Return the shift of the score at which the mean risk equals the share of events.

    Parameters
    ----------
    score, y, weight : ndarray of float, shape (n,)
        Log-odds, outcomes 0 or 1, and row weights.
    """
    events = float(np.clip(weight @ y / weight.sum(), 1e-6, 1 - 1e-6)) * weight.sum()
    low, high = -50.0, 50.0
    for _ in range(80):
        middle = (low + high) / 2
        if weight @ sigmoid(score + middle) > events:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def find_gain(
    score: FloatArray,
    other: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    groups: npt.NDArray[Any],
) -> float:
    """Return how much better a held-out score is than another, in log-likelihood.

    Each is first shifted to the share of events. Rows count between rows and persons, as
    events do in `between_events`: where each of two persons has four rows, as four.

    Parameters
    ----------
    score, other : ndarray of float, shape (n,)
        Log-odds of rows that neither was fitted on.
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    groups : ndarray, shape (n,)
        Rows of one person share a group.
    """
    counted = weight * np.sqrt(len(np.unique(groups)) / len(groups))

    def log_likelihood(one: FloatArray) -> float:
        shifted = one + find_intercept(one, y, weight)
        return float(counted @ (y * shifted - np.logaddexp(0.0, shifted)))

    return log_likelihood(score) - log_likelihood(other)
