"""How long things last, where some are not seen to their end.

A row is at risk at time t if `entry < t <= duration`. Endings come before censorings at
the same time, so a row last seen at t, still running, was running after t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    check_columns,
    check_weights,
)

__all__ = [
    "FollowUp",
    "IncidenceCurve",
    "SurvivalCurve",
    "cumulative_incidence",
    "product_limit",
    "survival_curve",
]

CRUMB: Final = 1e-9


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A right-continuous step function that starts at 1 and never rises.

    Parameters
    ----------
    times : ndarray of float, shape (n_times,)
        Rising times at which something ended.
    survival : ndarray of float, shape (n_times,)
        Probability of lasting longer than each time, in [0, 1].
    at_risk : ndarray of float, shape (n_times,)
        Weight of the rows at risk at each time.
    """

    times: FloatArray
    survival: FloatArray
    at_risk: FloatArray

    def __post_init__(self) -> None:
        if not len(self.times) == len(self.survival) == len(self.at_risk):
            msg = "times, survival and at_risk must have the same length."
            raise ValueError(msg)
        if np.any(np.diff(self.times) <= 0):
            msg = "times must rise."
            raise ValueError(msg)

    def at(self, times: npt.ArrayLike) -> FloatArray:
        """Return the probability of lasting longer than the times given."""
        steps = np.searchsorted(self.times, np.asarray(times, dtype=np.float64), side="right")
        return self._value_after(steps)

    def before(self, times: npt.ArrayLike) -> FloatArray:
        """Return the left limits: the probability of lasting at least the times given."""
        steps = np.searchsorted(self.times, np.asarray(times, dtype=np.float64), side="left")
        return self._value_after(steps)

    def quantile(self, share: float) -> float:
        """Return the first time by which `share` have ended; infinite if none is seen.

        Examples
        --------
        >>> survival_curve([1, 2, 3, 4], [1, 1, 1, 0]).quantile(0.5)
        2.0
        """
        reached = np.flatnonzero(self.survival <= 1.0 - share + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else float("inf")

    def _value_after(self, steps: IntArray) -> FloatArray:
        return np.concatenate([[1.0], self.survival])[steps]


@dataclass(frozen=True, slots=True)
class IncidenceCurve:
    """Cumulative incidence of competing endings, as right-continuous steps.

    Parameters
    ----------
    times : ndarray of float, shape (n_times,)
        Rising times at which something ended.
    incidence : ndarray of float, shape (n_times, n_causes)
        Probability of having ended by cause 1, 2, ... at each time. Never falls; the
        rows plus the survival sum to 1.
    """

    times: FloatArray
    incidence: FloatArray

    def __post_init__(self) -> None:
        if self.incidence.shape[:-1] != self.times.shape:
            msg = "incidence must have one row per time and one column per cause."
            raise ValueError(msg)

    def at(self, times: npt.ArrayLike) -> FloatArray:
        """Return the incidence by the times given, shape (..., n_causes)."""
        steps = np.searchsorted(self.times, np.asarray(times, dtype=np.float64), side="right")
        start = np.zeros((1, self.incidence.shape[1]))
        return np.concatenate([start, self.incidence])[steps]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Rows with their spans of observation; make it by `checked`.

    Attributes
    ----------
    duration : ndarray of float, shape (n,)
        Time of the end, or of being last seen.
    ended : ndarray of bool, shape (n,)
        False where censored.
    entry : ndarray of float, shape (n,)
        Time of coming under observation; minus infinity for "from the start".
    weight : ndarray of float, shape (n,)
        Row weights >= 0.
    """

    duration: FloatArray
    ended: BoolArray
    entry: FloatArray
    weight: FloatArray

    @classmethod
    def checked(
        cls,
        duration: npt.ArrayLike,
        ended: npt.ArrayLike,
        entry: npt.ArrayLike | None,
        sample_weight: npt.ArrayLike | None,
    ) -> FollowUp:
        """Return checked rows; `survival_curve` describes the arguments.

        Raises
        ------
        ValueError
            If durations are negative or not finite, or a row entered after its duration.
        """
        (time,) = check_columns(duration=duration)
        n = len(time)
        (end,) = check_columns(n, ended=ended)
        if np.any(time < 0) or not np.all((end == 0) | (end == 1)):
            msg = "duration must not be negative, and ended must hold true or false only."
            raise ValueError(msg)
        start = np.zeros(n)
        if entry is not None:
            (start,) = check_columns(n, entry=np.broadcast_to(np.asarray(entry), (n,)))
        if np.any(start > time):
            msg = "entry must not be after duration; drop rows that ended before they entered."
            raise ValueError(msg)
        # From the start means: at risk even at time zero.
        start = np.where(start <= 0, -np.inf, start)
        return cls(time, end == 1, start, check_weights(sample_weight, n))

    def tally(self, kinds: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return times of endings, weight of each kind of ending, and weight at risk.

        Parameters
        ----------
        kinds : ndarray of bool, shape (n, n_kinds)
            Which rows end by which kind.
        """
        # A row that enters at the very time it ends was never at risk.
        counted = kinds.any(axis=1) & (self.duration > self.entry) & (self.weight > 0)
        times, position = np.unique(self.duration[counted], return_inverse=True)
        counts = np.zeros((len(times), kinds.shape[1]))
        np.add.at(counts, position, self.weight[counted, None] * kinds[counted])
        at_risk = _weight_from(self.duration, self.weight, times)
        at_risk -= _weight_from(self.entry, self.weight, times)
        return times, counts, at_risk


def survival_curve(
    duration: npt.ArrayLike,
    ended: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> SurvivalCurve:
    r"""Estimate survival by Kaplan and Meier, with late entry.

    :math:`\hat S(t) = \prod_{t_j \le t} (1 - d_j / n_j)` over the times of endings, with
    :math:`d_j` endings among :math:`n_j` rows at risk.

    Parameters
    ----------
    duration : array_like, shape (n,)
        Time from the start to the end, or to when the row was last seen; >= 0.
    ended : array_like of bool, shape (n,)
        False where the row was still running when last seen (censored).
    entry : array_like, shape (n,), or float, optional
        Time at which a row came under observation, at most its duration; rows with an
        entry of 0 were seen from the start.
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0.

    Returns
    -------
    SurvivalCurve
        Steps at the times of endings.

    Raises
    ------
    ValueError
        If durations are negative or not finite, or a row entered after its duration.

    References
    ----------
    Kaplan & Meier (1958), J Am Stat Assoc 53:457-481.
    https://doi.org/10.1080/01621459.1958.10501452

    Examples
    --------
    >>> survival_curve([2, 3, 3, 5], [True, True, False, True]).survival
    array([0.75, 0.5 , 0.  ])
    """
    rows = FollowUp.checked(duration, ended, entry, sample_weight)
    times, counts, at_risk = rows.tally(rows.ended[:, None])
    return SurvivalCurve(
        times, np.cumprod(product_limit(counts[:, 0], at_risk), dtype=np.float64), at_risk
    )


def cumulative_incidence(
    duration: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    n_causes: int | None = None,
) -> IncidenceCurve:
    r"""Estimate cumulative incidence of competing endings by Aalen and Johansen.

    :math:`\hat F_k(t) = \sum_{t_j \le t} \hat S(t_j^-) d_{kj} / n_j`. Treating other
    endings as censored would overstate each cause; this does not.

    Parameters
    ----------
    duration : array_like, shape (n,)
        As in `survival_curve`.
    cause : array_like of int, shape (n,)
        0 where censored, 1, 2, ... for the cause of ending.
    entry, sample_weight
        As in `survival_curve`.
    n_causes : int, optional
        Number of causes; the largest seen by default.

    Returns
    -------
    IncidenceCurve

    Raises
    ------
    ValueError
        If a cause is negative or not whole.

    References
    ----------
    Aalen & Johansen (1978), Scand J Stat 5:141-150. https://www.jstor.org/stable/4615704

    Examples
    --------
    >>> curve = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0])
    >>> curve.at(3)
    array([0.5 , 0.25])
    """
    (code,) = check_columns(cause=cause)
    if np.any((code < 0) | (code != np.round(code))):
        msg = "cause must hold 0 for censored and 1, 2, ... for the causes."
        raise ValueError(msg)
    rows = FollowUp.checked(duration, code > 0, entry, sample_weight)
    wanted = int(code.max(initial=0)) if n_causes is None else n_causes
    if code.max(initial=0) > wanted:
        msg = f"cause must be at most n_causes={wanted}, got {int(code.max())}."
        raise ValueError(msg)
    indicators = code[:, None] == np.arange(1, wanted + 1)
    times, counts, at_risk = rows.tally(indicators)
    survival = np.cumprod(product_limit(counts.sum(axis=1), at_risk), dtype=np.float64)
    before = np.concatenate([[1.0], survival])[:-1]
    jumps = (before / np.where(at_risk > 0, at_risk, 1.0))[:, None] * counts
    return IncidenceCurve(times, np.cumsum(jumps, axis=0))


def product_limit(counts: FloatArray, at_risk: FloatArray) -> FloatArray:
    """Return the factors `1 - counts / at_risk` of a Kaplan-Meier curve.

    Examples
    --------
    >>> product_limit(np.array([1.0, 2.0]), np.array([4.0, 2.0]))
    array([0.75, 0.  ])
    """
    share = counts / np.maximum(at_risk, np.where(counts > 0, counts, 1.0))
    # Sums of uneven weights leave a crumb at risk when the last row goes; it is nobody.
    return np.where(share > 1.0 - CRUMB, 0.0, 1.0 - share)


def _weight_from(values: FloatArray, weight: FloatArray, times: FloatArray) -> FloatArray:
    """Weight of the rows whose value is at least each time."""
    order = np.argsort(-values, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    heads: FloatArray = total[np.searchsorted(-values[order], -times, side="right")]
    return heads
