"""How contributions and curve move: the interval of each figure of a case.

A model keeps how its tables differ between bootstrap refits, along a few directions
(`riskmodel.model.spread`). Each figure that is a sum of table entries moves with them, and so
its 90 % interval is the figure with 1.645 times the length of that movement to either side.
What no refit learned is divided equally among the indicators: each contribution has a direction
of its own for its part. What no fact shows belongs to the risk as a whole and not to a single
fact: it is in the interval of the risk and of the curve, and not in these.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from riskmodel.model.risk_model import NORMAL_90, RiskModel
from riskmodel.model.scoring import STEP
from riskmodel.stats.logistic import sigmoid

__all__ = [
    "contribution_sways",
    "find_reference_interval",
    "length",
    "refit_sways",
    "score_sway",
    "steepness",
    "sum_sways",
]

FloatArray = npt.NDArray[np.float64]


def length(sway: Sequence[float]) -> float:
    """Return the length of a movement: half the width of the 90 % interval.

    Examples
    --------
    >>> length((3.0, 4.0))
    5.0
    """
    return math.sqrt(math.fsum(one * one for one in sway))


def sum_sways(sways: Iterable[Sequence[float]]) -> tuple[float, ...]:
    """Return the movement of a sum; parts that move against each other cancel.

    Examples
    --------
    >>> sum_sways([(1.0, 2.0), (-1.0, 0.5)])
    (0.0, 2.5)
    """
    return tuple(math.fsum(column) for column in zip(*sways, strict=True))


def contribution_sways(model: RiskModel, X: FloatArray, week: FloatArray) -> FloatArray:
    """Return how each contribution moves, shape (n, n_indicators, n_directions + n_indicators).

    The first directions are those of the refits; the last are one for each indicator, which
    hold its part of what no refit learned. So the variances of these parts add up to what the
    interval of the risk holds for it, and a sum of contributions is in doubt by the parts of
    its own indicators.

    Parameters
    ----------
    model : RiskModel
        The model.
    X : ndarray of float, shape (n, n_indicators)
        Encoded rows.
    week : ndarray of float, shape (n,)
        Week of the assessment of each.

    Returns
    -------
    ndarray of float
        In log-odds; the length of each vector is half the width of a 90 % interval.

    Notes
    -----
    How often such an interval holds what unlimited data would show is measured in
    docs/explanations.md.
    """
    by_refit = refit_sways(model, X, week)
    n_rows, n_fields, _ = by_refit.shape
    own = NORMAL_90 * model.spread.unlearned_of_one(n_fields) * np.eye(n_fields)
    return np.concatenate([by_refit, np.broadcast_to(own, (n_rows, n_fields, n_fields))], axis=2)


def refit_sways(model: RiskModel, X: FloatArray, week: FloatArray) -> FloatArray:
    """Return how each contribution moves over refits, shape (n, n_indicators, n_directions).

    Parameters
    ----------
    model : RiskModel
        The model.
    X : ndarray of float, shape (n, n_indicators)
        Encoded rows.
    week : ndarray of float, shape (n,)
        Week of the assessment of each.

    Returns
    -------
    ndarray of float
        In log-odds; the length of each vector is half the width of a 90 % interval.
    """
    X = model.within_training_weeks(X, week)
    loadings = model.spread.contribution_loadings(model.tables, X, model.tables.assign(X))
    return np.asarray(NORMAL_90 * loadings)


def score_sway(model: RiskModel, sways: FloatArray) -> FloatArray:
    """Return how scores move over refits, shape (n, n_directions), from `refit_sways`."""
    start = NORMAL_90 * model.spread.scale * model.spread.intercept
    return np.asarray(start + sways.sum(axis=1))


def steepness(model: RiskModel, score: FloatArray, week: FloatArray) -> FloatArray:
    """Return by how much the risk rises for one log-odds at each score, shape (n,)."""
    horizon, none = model.codebook.primary_horizon, np.zeros(len(score))
    above, _, _ = model.risk_between(score + STEP, none, week, horizon)
    below, _, _ = model.risk_between(score - STEP, none, week, horizon)
    return np.asarray((above - below) / (2 * STEP))


def find_reference_interval(model: RiskModel) -> tuple[float, float]:
    """Return the 90 % interval of the reference risk over refits."""
    margin = NORMAL_90 * model.spread.scale * float(np.linalg.norm(model.spread.intercept))
    low, high = sigmoid(np.array([model.base_value - margin, model.base_value + margin]))
    return float(low), float(high)
