"""Limits of shares and counts, exact or close to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmodel.stats.arrays import FloatArray, check_weights

__all__ = ["clopper_pearson", "effective_size", "poisson_limits", "wilson"]

Limits = tuple[FloatArray, FloatArray]


def clopper_pearson(count: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> Limits:
    """Return exact limits of a share; they cover at least at the level, whatever the share.

    Parameters
    ----------
    count : array_like
        Rows with the property.
    n : array_like
        Rows; at least 1 and at least `count`. Need not be whole.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    low, high : ndarray of float
        In [0, 1].

    Raises
    ------
    ValueError
        If a count does not lie between 0 and n.

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26:404-413.
    https://doi.org/10.1093/biomet/26.4.404

    Examples
    --------
    >>> low, high = clopper_pearson(0, 30)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0, 0.1157)
    """
    k, size = _checked(count, n, level)
    tail = (1 - level) / 2
    low = special.betaincinv(np.maximum(k, 1e-300), size - k + 1, tail)
    high = special.betaincinv(k + 1, np.maximum(size - k, 1e-300), 1 - tail)
    return np.where(k > 0, low, 0.0), np.where(k < size, high, 1.0)


def wilson(count: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> Limits:
    """Return Wilson's score limits of a share; they cover at the level on average.

    Parameters
    ----------
    count, n, level
        As in `clopper_pearson`. For weighted rows give the share times `effective_size`,
        and `effective_size`.

    Returns
    -------
    low, high : ndarray of float
        In [0, 1].

    References
    ----------
    Wilson (1927), J Am Stat Assoc 22:209-212.
    https://doi.org/10.1080/01621459.1927.10502953

    Examples
    --------
    >>> low, high = wilson(15, 30)
    >>> round(float(low), 4), round(float(high), 4)
    (0.3315, 0.6685)
    """
    k, size = _checked(count, n, level)
    z = special.ndtri((1 + level) / 2)
    share = k / size
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)) * z / (1 + z**2 / size)
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    return np.where(k > 0, low, 0.0), np.where(k < size, high, 1.0)


def poisson_limits(
    count: npt.ArrayLike, exposure: npt.ArrayLike = 1.0, *, level: float = 0.95
) -> Limits:
    """Return exact limits of a rate of events, after Garwood.

    Parameters
    ----------
    count : array_like
        Events, >= 0.
    exposure : array_like
        What the rate is per, > 0; the expected count gives limits of observed/expected.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    low, high : ndarray of float
        Not negative.

    Raises
    ------
    ValueError
        If a count is negative or an exposure is not positive.

    References
    ----------
    Garwood (1936), Biometrika 28:437-442. https://doi.org/10.1093/biomet/28.3-4.437

    Examples
    --------
    >>> low, high = poisson_limits(10)
    >>> round(float(low), 3), round(float(high), 3)
    (4.795, 18.39)
    """
    k = np.asarray(count, dtype=np.float64)
    per = np.asarray(exposure, dtype=np.float64)
    if not (np.all(k >= 0) and np.all(per > 0) and 0 < level < 1):
        msg = "poisson_limits needs count >= 0, exposure > 0 and 0 < level < 1."
        raise ValueError(msg)
    tail = (1 - level) / 2
    low = np.where(k > 0, special.gammaincinv(np.maximum(k, 1e-300), tail), 0.0)
    return low / per, special.gammaincinv(k + 1, 1 - tail) / per


def effective_size(sample_weight: npt.ArrayLike) -> float:
    r"""Return how many equal rows carry as much as the weighted ones, after Kish.

    :math:`(\sum w)^2 / \sum w^2`, from 1 to n.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7. ISBN 978-0-471-48900-9

    Examples
    --------
    >>> effective_size([1, 1, 2, 0])
    2.6666666666666665
    """
    w = check_weights(sample_weight, len(np.asarray(sample_weight)))
    return float(w.sum() ** 2 / np.sum(w**2))


def _checked(count: npt.ArrayLike, n: npt.ArrayLike, level: float) -> tuple[FloatArray, FloatArray]:
    k = np.asarray(count, dtype=np.float64)
    size = np.asarray(n, dtype=np.float64)
    if not (np.all(size > 0) and np.all(k >= 0) and np.all(k <= size) and 0 < level < 1):
        msg = "a share needs n > 0, 0 <= count <= n and 0 < level < 1."
        raise ValueError(msg)
    return k, size
