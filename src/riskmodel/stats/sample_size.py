"""How many rows a model needs, and what to expect of one made from too few."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from scipy import special
from scipy.optimize import brentq

from riskmodel.stats.arrays import FloatArray

__all__ = [
    "SampleSize",
    "auc_half_width",
    "cox_snell_r2_from_auc",
    "expected_shrinkage",
    "max_cox_snell_r2",
    "minimum_sample_size",
    "share_half_width",
    "supported_parameters",
]

QUADRATURE_POINTS: Final = 100


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Rows needed to develop a model, by criterion.

    Attributes
    ----------
    n : int
        The largest of the three below.
    for_shrinkage : int
        Rows for which effects need shrinking by little.
    for_optimism : int
        Rows for which Nagelkerke's R2 looks better than it is by little.
    for_mean_risk : int
        Rows that give the mean risk within a margin.
    n_events : float
        Rows with the outcome among n.
    r2, max_r2 : float
        Cox-Snell R2 foreseen, and the largest that the event rate allows.
    """

    n: int
    for_shrinkage: int
    for_optimism: int
    for_mean_risk: int
    n_events: float
    r2: float
    max_r2: float


def max_cox_snell_r2(event_rate: float) -> float:
    r"""Return the largest Cox-Snell R2 that an event rate allows, in (0, 0.75].

    :math:`1 - (\phi^\phi (1 - \phi)^{1 - \phi})^2`.

    References
    ----------
    Riley et al. (2020), BMJ 368:m441. https://doi.org/10.1136/bmj.m441

    Examples
    --------
    >>> max_cox_snell_r2(0.5)
    0.75
    """
    _check_share(event_rate, "event_rate")
    return 1.0 - math.exp(2.0 * _null_log_likelihood(event_rate))


def cox_snell_r2_from_auc(auc: float, event_rate: float) -> float:
    r"""Return the Cox-Snell R2 of a model with a given AUC.

    Takes the linear predictor as normal with one variance among events and among others,
    their means :math:`\sqrt 2\,\Phi^{-1}(\mathrm{AUC})` apart. Where the published method
    simulates a million rows, this integrates, so the two agree within that simulation's
    error (under 1 %).

    Parameters
    ----------
    auc : float
        In [0.5, 1).
    event_rate : float
        Share with the outcome, in (0, 1).

    Returns
    -------
    float
        From 0 at an AUC of 0.5 towards `max_cox_snell_r2`.

    Raises
    ------
    ValueError
        If auc or event_rate is out of range.

    References
    ----------
    Riley, Van Calster & Collins (2021), Stat Med 40:859-864.
    https://doi.org/10.1002/sim.8806

    Examples
    --------
    >>> round(cox_snell_r2_from_auc(0.7, 0.35), 3)
    0.111
    """
    if not 0.5 <= auc < 1:
        msg = f"auc must lie in [0.5, 1), got {auc}."
        raise ValueError(msg)
    _check_share(event_rate, "event_rate")
    distance = math.sqrt(2.0) * float(special.ndtri(auc))
    if distance == 0:
        return 0.0
    nodes, mass = _normal_quadrature()
    start = math.log(event_rate / (1.0 - event_rate)) - distance**2 / 2.0
    among_events = start + distance * (nodes + distance)
    among_others = start + distance * nodes
    fitted = -event_rate * float(np.sum(mass * np.logaddexp(0.0, -among_events)))
    fitted -= (1.0 - event_rate) * float(np.sum(mass * np.logaddexp(0.0, among_others)))
    return max(0.0, 1.0 - math.exp(-2.0 * (fitted - _null_log_likelihood(event_rate))))


def minimum_sample_size(
    event_rate: float,
    n_parameters: int,
    *,
    auc: float | None = None,
    r2: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
) -> SampleSize:
    r"""Return how many rows the development of a model needs, after Riley et al.

    Shrinkage: :math:`n = P / ((S - 1) \ln(1 - R^2 / S))`. Optimism: the same with
    :math:`S = R^2 / (R^2 + \delta R^2_{max})`. Mean risk:
    :math:`n = (1.96 / \mathrm{margin})^2 \phi (1 - \phi)`.

    Parameters
    ----------
    event_rate : float
        Share with the outcome foreseen, in (0, 1).
    n_parameters : int
        Candidate parameters, also those that selection drops.
    auc, r2 : float, optional
        Performance foreseen: one of the AUC and the Cox-Snell R2.
    shrinkage : float
        Smallest factor by which effects should have to be multiplied.
    optimism : float
        Largest difference between apparent and true Nagelkerke R2.
    margin : float
        Largest half-width of the mean risk's 95 % interval.

    Returns
    -------
    SampleSize

    Raises
    ------
    ValueError
        Unless exactly one of auc and r2 is given, and values are in range.

    References
    ----------
    Riley et al. (2019), Stat Med 38:1276-1296. https://doi.org/10.1002/sim.7992

    Examples
    --------
    >>> needed = minimum_sample_size(0.174, 24, r2=0.288)
    >>> needed.n, needed.for_shrinkage, needed.for_optimism, needed.for_mean_risk
    (662, 623, 662, 221)
    """
    if n_parameters < 1:
        msg = f"n_parameters must be at least 1, got {n_parameters}."
        raise ValueError(msg)
    ceiling = max_cox_snell_r2(event_rate)
    foreseen = _foreseen_r2(event_rate, auc, r2)
    for name, value in (("shrinkage", shrinkage), ("optimism", optimism), ("margin", margin)):
        _check_share(value, name)
    if foreseen >= shrinkage:
        msg = f"shrinkage must exceed the R2 foreseen, got {shrinkage} and {foreseen:g}."
        raise ValueError(msg)
    optimism_shrinkage = foreseen / (foreseen + optimism * ceiling)
    by_shrinkage = math.ceil(_rows_for(shrinkage, n_parameters, foreseen))
    by_optimism = math.ceil(_rows_for(optimism_shrinkage, n_parameters, foreseen))
    by_mean = math.ceil((1.96 / margin) ** 2 * event_rate * (1.0 - event_rate))
    n = max(by_shrinkage, by_optimism, by_mean)
    return SampleSize(n, by_shrinkage, by_optimism, by_mean, n * event_rate, foreseen, ceiling)


def expected_shrinkage(
    n: float,
    n_parameters: int,
    event_rate: float,
    *,
    auc: float | None = None,
    r2: float | None = None,
) -> float:
    """Return by what effects fitted to n rows should be multiplied, on average.

    In (0, 1): the larger the better; 0.9 is the usual demand, below 0.7 a model should
    not be fitted without strong prior knowledge.

    Parameters
    ----------
    n : float
        Rows.
    n_parameters, event_rate, auc, r2
        As in `minimum_sample_size`, which this inverts.

    Returns
    -------
    float
        NaN where the R2 foreseen is zero.

    Raises
    ------
    ValueError
        As `minimum_sample_size`; and if n is not positive.

    References
    ----------
    Riley et al. (2019), Stat Med 38:1276-1296. https://doi.org/10.1002/sim.7992

    Examples
    --------
    >>> round(expected_shrinkage(60, 5, 0.35, auc=0.75), 2)
    0.7
    """
    if n <= 0 or n_parameters < 1:
        msg = f"n and n_parameters must be positive, got {n} and {n_parameters}."
        raise ValueError(msg)
    foreseen = _foreseen_r2(event_rate, auc, r2)
    if foreseen == 0:
        return float("nan")
    edge = 1e-12

    def excess(shrinkage: float) -> float:
        return _rows_for(shrinkage, n_parameters, foreseen) - n

    low, high = foreseen * (1.0 + edge), 1.0 - edge
    # Rows needed rise with the factor, without bound at one end and to zero at the other.
    if excess(low) >= 0:
        return low
    return float(brentq(excess, low, high)) if excess(high) > 0 else 1.0


def supported_parameters(
    n: float,
    event_rate: float,
    *,
    auc: float | None = None,
    r2: float | None = None,
    shrinkage: float = 0.9,
) -> float:
    """Return how many parameters n rows can carry at a shrinkage factor.

    Parameters
    ----------
    n : float
        Rows.
    event_rate, auc, r2, shrinkage
        As in `minimum_sample_size`.

    Returns
    -------
    float
        Not rounded; below 1 not even one parameter is safe.

    Examples
    --------
    >>> round(supported_parameters(60, 0.35, auc=0.7), 1)
    0.8
    """
    return n / _rows_for(shrinkage, 1, _foreseen_r2(event_rate, auc, r2))


def share_half_width(n: float, share: float, *, level: float = 0.95) -> float:
    """Return the half-width of a share's normal interval from n rows.

    Examples
    --------
    >>> round(share_half_width(60, 0.35), 2)
    0.12
    """
    _check_share(level, "level")
    return float(special.ndtri((1 + level) / 2)) * math.sqrt(share * (1 - share) / n)


def auc_half_width(auc: float, n_events: float, n_others: float, *, level: float = 0.95) -> float:
    r"""Return the half-width to expect of an AUC's interval, after Hanley and McNeil.

    From the variance :math:`[A(1-A) + (n_1-1)(Q_1-A^2) + (n_0-1)(Q_2-A^2)] / (n_1 n_0)`
    with :math:`Q_1 = A/(2-A)` and :math:`Q_2 = 2A^2/(1+A)`.

    Parameters
    ----------
    auc : float
        AUC foreseen, in (0, 1).
    n_events, n_others : float
        Rows with and without the outcome.
    level : float
        Confidence level.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If auc or level is out of range, or a class has no row.

    References
    ----------
    Hanley & McNeil (1982), Radiology 143:29-36.
    https://doi.org/10.1148/radiology.143.1.7063747

    Examples
    --------
    >>> round(auc_half_width(0.75, 30, 30), 2)
    0.12
    """
    _check_share(auc, "auc")
    _check_share(level, "level")
    if min(n_events, n_others) < 1:
        msg = f"each class needs a row, got {n_events} and {n_others}."
        raise ValueError(msg)
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    total = auc * (1 - auc) + (n_events - 1) * (q1 - auc**2) + (n_others - 1) * (q2 - auc**2)
    return float(special.ndtri((1 + level) / 2)) * math.sqrt(total / (n_events * n_others))


@lru_cache(maxsize=1)
def _normal_quadrature() -> tuple[FloatArray, FloatArray]:
    """Return nodes and masses that integrate over a standard normal."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(QUADRATURE_POINTS)
    return nodes, mass / mass.sum()


def _null_log_likelihood(event_rate: float) -> float:
    return event_rate * math.log(event_rate) + (1 - event_rate) * math.log(1 - event_rate)


def _rows_for(shrinkage: float, n_parameters: int, r2: float) -> float:
    if r2 == 0:
        return math.inf
    return n_parameters / ((shrinkage - 1.0) * math.log1p(-r2 / shrinkage))


def _foreseen_r2(event_rate: float, auc: float | None, r2: float | None) -> float:
    _check_share(event_rate, "event_rate")
    if (auc is None) == (r2 is None):
        msg = "give one of auc and r2."
        raise ValueError(msg)
    if auc is not None:
        return cox_snell_r2_from_auc(auc, event_rate)
    ceiling = max_cox_snell_r2(event_rate)
    if r2 is None or not 0 <= r2 < ceiling:
        msg = f"r2 must lie in [0, {ceiling:.3f}) at this event rate, got {r2}."
        raise ValueError(msg)
    return r2


def _check_share(value: float, name: str) -> None:
    if not 0 < value < 1:
        msg = f"{name} must lie in (0, 1), got {value}."
        raise ValueError(msg)
