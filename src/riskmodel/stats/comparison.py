"""Counts beside what was expected of them, when many are looked at at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.intervals import wilson

__all__ = [
    "benjamini_hochberg",
    "difference_from_limits",
    "newcombe_difference",
    "poisson_binomial",
    "poisson_funnel",
    "poisson_p_value",
    "tail_p_value",
]

Limits = tuple[FloatArray, FloatArray]
_FAR = 12.0


def newcombe_difference(
    count: float, n: float, other_count: float, other_n: float, *, level: float = 0.95
) -> tuple[float, float, float]:
    """Return the difference of two shares with limits from Wilson's limits of each.

    Parameters
    ----------
    count, n, other_count, other_n : float
        Rows with the property, and rows, in the two groups; each n > 0.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    difference, low, high : float
        First share minus the other, in [-1, 1].

    References
    ----------
    Newcombe (1998), Stat Med 17:873-890, method 10.
    https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I

    Examples
    --------
    >>> [round(one, 4) for one in newcombe_difference(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    """
    low, high = (float(one) for one in wilson(count, n, level=level))
    other_low, other_high = (float(one) for one in wilson(other_count, other_n, level=level))
    return difference_from_limits(
        (count / n, low, high), (other_count / other_n, other_low, other_high)
    )


def difference_from_limits(
    first: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return the difference of two independent figures with limits from the limits of each.

    With Wilson's limits this is Newcombe's method; limits that allow for clusters carry over.

    Parameters
    ----------
    first, other : tuple of float
        Figure, lower limit and upper limit.

    Returns
    -------
    difference, low, high : float
        First figure minus the other.

    References
    ----------
    Zou & Donner (2008), Stat Med 27:1693-1702. https://doi.org/10.1002/sim.3095

    Examples
    --------
    >>> found = difference_from_limits((0.8, 0.5, 0.9), (0.4, 0.2, 0.8))
    >>> [round(one, 3) for one in found]
    [0.4, -0.1, 0.624]
    """
    value, low, high = first
    other_value, other_low, other_high = other
    gap = value - other_value
    below = np.hypot(value - low, other_high - other_value)
    above = np.hypot(high - value, other_value - other_low)
    return gap, float(gap - below), float(gap + above)


def poisson_p_value(count: npt.ArrayLike, expected: npt.ArrayLike) -> FloatArray:
    """Return how surprising a count is beside a known expectation: twice the smaller tail.

    Parameters
    ----------
    count : array_like
        Events, >= 0.
    expected : array_like
        Expected events, > 0.

    Returns
    -------
    ndarray of float
        Exact two-sided p-values in (0, 1].

    Examples
    --------
    >>> poisson_p_value([3, 12], [3.0, 4.0]).round(4)
    array([1.    , 0.0018])
    """
    k, mean = np.asarray(count, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if not (np.all(k >= 0) and np.all(mean > 0)):
        msg = "poisson_p_value needs count >= 0 and expected > 0."
        raise ValueError(msg)
    at_most = special.gammaincc(k + 1, mean)
    at_least = np.where(k > 0, special.gammainc(np.maximum(k, 1e-300), mean), 1.0)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(at_most, at_least)))


def poisson_funnel(expected: npt.ArrayLike, *, level: float = 0.95) -> Limits:
    """Return between which ratios observed/expected lie by chance, for a funnel plot.

    The limits are exact Poisson quantiles, interpolated between whole counts so that the
    funnel is smooth.

    Parameters
    ----------
    expected : array_like
        Expected events, > 0.
    level : float
        Share of ratios between the limits where nothing but chance is at work.

    References
    ----------
    Spiegelhalter (2005), Stat Med 24:1185-1202. https://doi.org/10.1002/sim.1970

    Examples
    --------
    >>> low, high = poisson_funnel([1.0, 100.0])
    >>> low.round(2), high.round(2)
    (array([0. , 0.8]), array([2.9, 1.2]))
    """
    mean = np.asarray(expected, dtype=np.float64)
    if not np.all(mean > 0):
        msg = "poisson_funnel needs expected > 0."
        raise ValueError(msg)
    low = [_find_quantile(one, (1 - level) / 2) for one in mean.ravel()]
    high = [_find_quantile(one, (1 + level) / 2) for one in mean.ravel()]
    return np.reshape(low, mean.shape) / mean, np.reshape(high, mean.shape) / mean


def _find_quantile(mean: float, probability: float) -> float:
    counts = np.arange(np.ceil(mean + _FAR * np.sqrt(mean) + _FAR))
    below = special.gammaincc(counts + 1, mean)
    place = int(np.searchsorted(below, probability))
    before = below[place - 1] if place else 0.0
    step = (below[place] - probability) / (below[place] - before)
    return max(0.0, float(place) - float(step))


def poisson_binomial(probability: npt.ArrayLike) -> FloatArray:
    """Return the chance of each number of events among rows with chances of their own.

    Parameters
    ----------
    probability : array_like, shape (n,)
        Chance of the event in each row.

    Returns
    -------
    ndarray of float, shape (n + 1,)
        Chances of 0 to n events; they sum to one.

    Examples
    --------
    >>> poisson_binomial([0.5, 0.5]).tolist()
    [0.25, 0.5, 0.25]
    """
    p = np.asarray(probability, dtype=np.float64)
    if not np.all((p >= 0) & (p <= 1)):
        msg = "poisson_binomial needs chances in [0, 1]."
        raise ValueError(msg)
    chance = np.ones(1)
    for one in p:
        chance = np.append(chance * (1 - one), 0.0) + np.append(0.0, chance * one)
    return chance


def tail_p_value(count: int, chance: FloatArray) -> float:
    """Return twice the smaller tail of a distribution over counts, at most 1.

    Parameters
    ----------
    count : int
        Events seen.
    chance : ndarray of float, shape (n + 1,)
        From `poisson_binomial`.
    """
    tails = chance[: count + 1].sum(), chance[count:].sum()
    return float(min(1.0, 2 * min(tails)))


def benjamini_hochberg(p_value: npt.ArrayLike) -> FloatArray:
    """Return p-values adjusted for looking many times.

    Of those that are at most q, a share of about q or less is there by chance.

    Parameters
    ----------
    p_value : array_like, shape (n,)
        In [0, 1].

    Returns
    -------
    ndarray of float, shape (n,)
        In the order given.

    References
    ----------
    Benjamini & Hochberg (1995), J R Stat Soc B 57:289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_value, dtype=np.float64)
    if not np.all((p >= 0) & (p <= 1)):
        msg = "benjamini_hochberg needs p-values in [0, 1]."
        raise ValueError(msg)
    order = np.argsort(p)[::-1]
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled))
    return adjusted
