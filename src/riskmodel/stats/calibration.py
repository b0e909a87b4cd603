"""Whether a risk means what it says: of the rows at 30 %, three in ten have the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from riskmodel.stats.arrays import (
    FloatArray,
    check_binary,
    check_probabilities,
    check_weights,
    weighted_mean,
)
from riskmodel.stats.logistic import fit_logistic, log_odds
from riskmodel.stats.smoothing import smooth_locally

__all__ = [
    "CalibrationErrors",
    "ReliabilityCurve",
    "calibration_errors",
    "calibration_intercept",
    "calibration_slope",
    "compute_reliability",
    "compute_smooth_calibration",
    "observed_expected_ratio",
]

MAX_POINTS: Final = 2000
GRID_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """Observed share against predicted risk.

    Parameters
    ----------
    predicted : ndarray of float, shape (n_points,)
        Rising, distinct risks.
    observed : ndarray of float, shape (n_points,)
        Estimated share with the outcome at each risk, in [0, 1]; NaN where unknown.
    weight : ndarray of float, shape (n_points,)
        Weight of the rows at each risk.
    """

    predicted: FloatArray
    observed: FloatArray
    weight: FloatArray

    def __post_init__(self) -> None:
        if not len(self.predicted) == len(self.observed) == len(self.weight):
            msg = "predicted, observed and weight must have the same length."
            raise ValueError(msg)
        if np.any(np.diff(self.predicted) <= 0):
            msg = "predicted must rise."
            raise ValueError(msg)

    def at(self, risk: npt.ArrayLike) -> FloatArray:
        """Return the observed share at the risks given, linear between points."""
        return np.interp(np.asarray(risk, dtype=np.float64), self.predicted, self.observed)


@dataclass(frozen=True, slots=True)
class CalibrationErrors:
    """Distances between the smooth calibration curve and the predicted risks.

    All are in [0, 1], in the unit of risk; the smaller the better, zero is perfect.

    Attributes
    ----------
    ici : float
        Mean over the rows (integrated calibration index).
    e50, e90 : float
        Median and 90th percentile over the rows.
    e_max : float
        Largest over the rows.
    """

    ici: float
    e50: float
    e90: float
    e_max: float


def observed_expected_ratio(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    """Return the observed number of outcomes over the number expected.

    In [0, inf); 1 is right on average, above 1 the risks are too low.

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
        NaN where nothing is expected and nothing was observed.

    References
    ----------
    Debray et al. (2017), BMJ 356:i6460. https://doi.org/10.1136/bmj.i6460

    Examples
    --------
    >>> observed_expected_ratio([1, 0, 1, 0], [0.25, 0.25, 0.25, 0.25])
    2.0
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    observed, expected = float(np.sum(w * y)), float(np.sum(w * p))
    if expected == 0:
        return float("inf") if observed > 0 else float("nan")
    return observed / expected


def calibration_intercept(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    r"""Return calibration in the large: the shift of log-odds that makes risks right on average.

    The intercept a of :math:`\mathrm{logit} P(y=1) = a + \mathrm{logit}(p)`. Zero is
    perfect; above zero the risks are too low.

    Parameters
    ----------
    y_true, y_prob, sample_weight
        As in `observed_expected_ratio`.

    Returns
    -------
    float
        NaN where all rows have the same outcome.

    References
    ----------
    Van Calster et al. (2019), BMC Med 17:230. https://doi.org/10.1186/s12916-019-1466-7

    Examples
    --------
    >>> round(calibration_intercept([1, 0, 1, 0], [0.25, 0.25, 0.25, 0.25]), 4)
    1.0986
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    if not 0 < weighted_mean(y, w) < 1:
        return float("nan")
    fit = fit_logistic(np.ones((len(y), 1)), y, weights=w, offset=log_odds(p))
    return float(fit.coefficients[0])


def calibration_slope(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    r"""Return the slope of the outcome's log-odds on the log-odds of the risk.

    The slope b of :math:`\mathrm{logit} P(y=1) = a + b\,\mathrm{logit}(p)`. One is perfect;
    below one the risks are too extreme, as after overfitting; zero is no information.

    Parameters
    ----------
    y_true, y_prob, sample_weight
        As in `observed_expected_ratio`.

    Returns
    -------
    float
        NaN where all rows have the same outcome or the same risk, or where the risks
        separate the outcomes perfectly.

    References
    ----------
    Cox (1958), Biometrika 45:562-565. https://doi.org/10.1093/biomet/45.3-4.562

    Examples
    --------
    >>> y, p = [0, 0, 0, 1, 0, 1, 1, 1], [0.1] * 4 + [0.9] * 4
    >>> round(calibration_slope(y, p), 3)
    0.5
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    counted = w > 0
    eta = log_odds(p)
    if not 0 < weighted_mean(y, w) < 1 or np.ptp(eta[counted]) == 0:
        return float("nan")
    fit = fit_logistic(np.column_stack([np.ones(len(y)), eta]), y, weights=w)
    return float("nan") if fit.separated else float(fit.coefficients[1])


def compute_reliability(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> ReliabilityCurve:
    """Return the reliability curve by isotonic regression (CORP), with no bins to choose.

    The rising curve that fits the outcomes best, by pooling adjacent violators.

    Parameters
    ----------
    y_true, y_prob, sample_weight
        As in `observed_expected_ratio`.

    Returns
    -------
    ReliabilityCurve
        One point per distinct risk with weight.

    References
    ----------
    Dimitriadis, Gneiting & Jordan (2021), PNAS 118:e2016191118.
    https://doi.org/10.1073/pnas.2016191118

    Examples
    --------
    >>> compute_reliability([0, 1, 0, 1], [0.1, 0.3, 0.5, 0.9]).observed
    array([0. , 0.5, 0.5, 1. ])
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    predicted, share, weight = _pool(y, p, w)
    observed = isotonic_regression(share, weights=weight, increasing=True).x
    return ReliabilityCurve(predicted, np.asarray(observed, dtype=np.float64), weight)


def compute_smooth_calibration(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    span: float = 0.75,
) -> ReliabilityCurve:
    """Return a smooth calibration curve: local straight lines with tricube weights.

    Parameters
    ----------
    y_true, y_prob, sample_weight
        As in `observed_expected_ratio`.
    span : float
        Share of the weight that each local line uses, in (0, 1]; larger is smoother.

    Returns
    -------
    ReliabilityCurve
        At most 200 points. With few rows (below some 200) the curve is mostly noise.

    Raises
    ------
    ValueError
        If span does not lie in (0, 1].

    Notes
    -----
    Beyond 2,000 distinct risks, neighbours are merged before smoothing.

    References
    ----------
    Cleveland (1979), J Am Stat Assoc 74:829-836.
    https://doi.org/10.1080/01621459.1979.10481038
    Austin & Steyerberg (2014), Stat Med 33:517-535. https://doi.org/10.1002/sim.5941

    Examples
    --------
    >>> p = np.linspace(0.05, 0.95, 400)
    >>> y = (np.arange(400) * 0.6180339887 % 1) < p
    >>> curve = compute_smooth_calibration(y, p)
    >>> bool(np.abs(curve.observed - curve.predicted).max() < 0.03)
    True
    """
    if not 0 < span <= 1:
        msg = f"span must lie in (0, 1], got {span}."
        raise ValueError(msg)
    y, p, w = _checked(y_true, y_prob, sample_weight)
    x, share, weight = _merge(*_pool(y, p, w))
    points = x
    if len(x) > GRID_POINTS:
        ranks = np.cumsum(weight) / weight.sum()
        wanted = np.linspace(0, 1, GRID_POINTS)
        points = np.unique(np.concatenate([x[:1], np.interp(wanted, ranks, x), x[-1:]]))
    reach = span * float(weight.sum())
    observed = smooth_locally(points, x, share, weight, reach=reach)
    position = np.clip(np.searchsorted(points, x, side="right") - 1, 0, len(points) - 1)
    mass = _sum_by(position, weight, len(points))
    return ReliabilityCurve(points, np.clip(observed, 0.0, 1.0), mass)


def calibration_errors(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    span: float = 0.75,
) -> CalibrationErrors:
    """Return how far the smooth calibration curve lies from the predicted risks.

    Parameters
    ----------
    y_true, y_prob, sample_weight, span
        As in `compute_smooth_calibration`.

    Returns
    -------
    CalibrationErrors

    Notes
    -----
    Never negative, so noise adds to it: a perfect model has errors above zero too, the
    more so the fewer rows.

    References
    ----------
    Austin & Steyerberg (2019), Stat Med 38:4051-4065. https://doi.org/10.1002/sim.8281

    Examples
    --------
    Risks of 20 % where 40 % have the outcome:

    >>> errors = calibration_errors([1, 1, 0, 0, 0] * 4, [0.2] * 20)
    >>> round(errors.ici, 3), round(errors.e_max, 3)
    (0.2, 0.2)
    """
    y, p, w = _checked(y_true, y_prob, sample_weight)
    curve = compute_smooth_calibration(y, p, sample_weight=w, span=span)
    error = np.abs(curve.at(p) - p)
    order = np.argsort(error, kind="stable")
    ranks = np.cumsum(w[order]) / w.sum()
    # The smallest error that at least the share of the weight does not exceed.
    e50, e90 = error[order][np.searchsorted(ranks, [0.5 - 1e-12, 0.9 - 1e-12])]
    return CalibrationErrors(
        ici=weighted_mean(error, w),
        e50=float(e50),
        e90=float(e90),
        e_max=float(error[w > 0].max()),
    )


def _checked(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, sample_weight: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    y = check_binary(y_true)
    if len(y) == 0:
        msg = "calibration needs at least one row, got none."
        raise ValueError(msg)
    return y, check_probabilities(y_prob, len(y)), check_weights(sample_weight, len(y))


def _pool(y: FloatArray, p: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Distinct risks with their share of outcomes and weight."""
    risks, position = np.unique(p[w > 0], return_inverse=True)
    weight = _sum_by(position, w[w > 0])
    return risks, _sum_by(position, (w * y)[w > 0]) / weight, weight


def _merge(
    x: FloatArray, share: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Average neighbouring risks so that few points remain."""
    if len(x) <= MAX_POINTS:
        return x, share, weight
    ranks = np.cumsum(weight) - weight / 2
    bins = np.minimum((ranks / weight.sum() * MAX_POINTS).astype(np.intp), MAX_POINTS - 1)
    _, position = np.unique(bins, return_inverse=True)
    mass = _sum_by(position, weight)
    merged = _sum_by(position, weight * x) / mass
    return merged, _sum_by(position, weight * share) / mass, mass


def _sum_by(position: npt.NDArray[np.intp], values: FloatArray, n: int = 0) -> FloatArray:
    return np.asarray(np.bincount(position, values, n), dtype=np.float64)
