"""Being lost to sight: its curve, and the weights that make up for it.

Conventions about entry and ties are those of `durations`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.durations import (
    FollowUp,
    IncidenceCurve,
    SurvivalCurve,
    cumulative_incidence,
    product_limit,
    survival_curve,
)

__all__ = [
    "IncidenceCurve",
    "SurvivalCurve",
    "censoring_curve",
    "censoring_weights",
    "cumulative_incidence",
    "survival_curve",
]


def censoring_curve(
    duration: npt.ArrayLike,
    ended: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> SurvivalCurve:
    """Estimate the probability of being seen for longer than a time, by Kaplan and Meier.

    Rows that end at a time leave the risk set before the censorings of that time.

    Parameters
    ----------
    duration, ended, entry, sample_weight
        As in `survival_curve`.

    Returns
    -------
    SurvivalCurve
        Steps at the times of censorings.

    Examples
    --------
    >>> curve = censoring_curve([2, 3, 3, 5], [True, True, False, True])
    >>> curve.times, curve.survival
    (array([3.]), array([0.5]))
    """
    rows = FollowUp.checked(duration, ended, entry, sample_weight)
    times, factors, at_risk = _censoring_factors(rows)
    return SurvivalCurve(times, np.cumprod(factors, dtype=np.float64), at_risk)


def censoring_weights(
    duration: npt.ArrayLike,
    ended: npt.ArrayLike,
    entry: npt.ArrayLike | None,
    horizon: float | FloatArray,
    *,
    sample_weight: npt.ArrayLike | None = None,
) -> FloatArray:
    r"""Return inverse-probability-of-censoring weights for the status at a horizon.

    A row whose status is known gets :math:`G(e) / G(\min(T, h)^-)`, with G the
    Kaplan-Meier curve of censoring, e the entry and T the duration: it stands for itself
    and for the rows like it that were lost to sight between entry and then. A row
    censored before the horizon gets zero. Weights are >= 1 or 0; they sum to about n,
    and are all 1 where nothing is censored before the horizon.

    Parameters
    ----------
    duration, ended, entry
        As in `survival_curve`.
    horizon : float or ndarray, shape (n,)
        The time at which the status is asked, of all rows or of each. An end on the horizon
        counts as ended by it; a row last seen on the horizon, still running, lasted longer.
    sample_weight : array_like, shape (n,), optional
        Row weights for the curve of censoring. The answer is not multiplied by them.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    Assumes that being lost to sight tells nothing about the course, given the entry.

    References
    ----------
    Graf et al. (1999), Stat Med 18:2529-2545.
    https://doi.org/10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5

    Examples
    --------
    The row lost at 10 is stood for by the two seen for longer:

    >>> censoring_weights([5, 10, 20, 30], [True, False, True, True], None, 26)
    array([1. , 0. , 1.5, 1.5])
    """
    rows = FollowUp.checked(duration, ended, entry, sample_weight)
    times, factors, _ = _censoring_factors(rows)
    # A factor of zero lies in no row's own span, so it may count as one here; the ratio
    # of G at two times then never becomes 0 / 0.
    log_g = np.concatenate([[0.0], np.cumsum(np.log(np.where(factors > 0, factors, 1.0)))])
    until = np.searchsorted(times, np.minimum(rows.duration, horizon), side="left")
    since = np.searchsorted(times, rows.entry, side="right")
    weight = np.exp(log_g[np.minimum(since, until)] - log_g[until])
    unknown = ~rows.ended & (rows.duration < horizon)
    return np.where(unknown, 0.0, weight)


def _censoring_factors(rows: FollowUp) -> tuple[FloatArray, FloatArray, FloatArray]:
    times, counts, at_risk = rows.tally(~rows.ended[:, None])
    ending_times, endings, _ = rows.tally(rows.ended[:, None])
    _, here, there = np.intersect1d(times, ending_times, assume_unique=True, return_indices=True)
    at_risk[here] -= endings[there, 0]
    return times, product_limit(counts[:, 0], at_risk), at_risk
