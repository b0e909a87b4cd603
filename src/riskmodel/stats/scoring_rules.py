"""Proper scoring rules: one figure for ranking and calibration together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from riskmodel.stats.arrays import (
    FloatArray,
    check_binary,
    check_probabilities,
    check_weights,
    weighted_mean,
)
from riskmodel.stats.calibration import compute_reliability

__all__ = [
    "BrierDecomposition",
    "brier_score",
    "decompose_brier_score",
]


@dataclass(frozen=True, slots=True)
class BrierDecomposition:
    """A Brier score as miscalibration - discrimination + uncertainty.

    Attributes
    ----------
    brier_score : float
        In [0, 1]; the smaller the better.
    miscalibration : float
        What recalibrating by the best rising curve would save; >= 0, smaller is better.
    discrimination : float
        What the recalibrated risks save over the base rate; >= 0, larger is better.
    uncertainty : float
        Score of the base rate, in [0, 0.25]; a property of the data, not of the model.
    """

    brier_score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def brier_score(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    r"""Return the mean squared distance between risk and outcome.

    :math:`\sum w (p - y)^2 / \sum w`. The smaller the better, minimum zero; always saying
    0.5 gives 0.25. With weights of `censoring_weights` it estimates the score that would
    be seen without censoring.

    Parameters
    ----------
    y_true : array_like, shape (n,)
        Outcomes, 0 or 1.
    y_prob : array_like, shape (n,)
        Risks in [0, 1].
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0.

    Returns
    -------
    float

    References
    ----------
    Brier (1950), Mon Weather Rev 78:1-3.
    https://doi.org/10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2

    Examples
    --------
    >>> brier_score([1, 0], [0.5, 0.5])
    0.25
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    return weighted_mean((p - y) ** 2, w)


def decompose_brier_score(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> BrierDecomposition:
    """Split the Brier score by the isotonic reliability curve (CORP).

    Parameters
    ----------
    y_true, y_prob, sample_weight
        As in `brier_score`.

    Returns
    -------
    BrierDecomposition

    References
    ----------
    Dimitriadis, Gneiting & Jordan (2021), PNAS 118:e2016191118.
    https://doi.org/10.1073/pnas.2016191118

    Examples
    --------
    >>> parts = decompose_brier_score([0, 1, 0, 1], [0.1, 0.3, 0.5, 0.9])
    >>> round(parts.miscalibration, 4), parts.discrimination, parts.uncertainty
    (0.065, 0.125, 0.25)
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    recalibrated = compute_reliability(y, p, sample_weight=w).at(p)
    score = weighted_mean((p - y) ** 2, w)
    best = weighted_mean((recalibrated - y) ** 2, w)
    share = weighted_mean(y, w)
    uncertainty = share * (1.0 - share)
    return BrierDecomposition(
        brier_score=score,
        miscalibration=score - best,
        discrimination=uncertainty - best,
        uncertainty=uncertainty,
    )


def _checked(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, sample_weight: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    y = check_binary(y_true)
    return y, check_probabilities(y_prob, len(y)), check_weights(sample_weight, len(y))
