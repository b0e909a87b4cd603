"""When a case is to be assessed again, and the days that weeks fall on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.labels import Label

__all__ = ["DueAssessment", "Reassessment", "find_last_day", "find_last_days"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reassessment:
    """The weeks at which a running course is assessed again.

    Parameters
    ----------
    weeks : tuple of float
        Rising weeks from the first absence day; at least one.
    basis : Label or None
        Where they come from.

    Raises
    ------
    ValueError
        If the weeks do not rise from 0 or above.

    Examples
    --------
    >>> plan = Reassessment((8, 12, 16))
    >>> plan.find_next(np.array([4.0, 8.0, 16.0]))
    array([ 8., 12., nan])
    """

    weeks: tuple[float, ...]
    basis: Label | None = None

    def __post_init__(self) -> None:
        rising = all(one < other for one, other in zip(self.weeks, self.weeks[1:], strict=False))
        if not self.weeks or self.weeks[0] < 0 or not rising:
            msg = f"weeks of assessment must rise from 0 or above, got {list(self.weeks)}."
            raise ValueError(msg)

    def find_next(self, assessed_week: FloatArray) -> FloatArray:
        """Return the next week of assessment after each row's; NaN after the last."""
        weeks = np.array([*self.weeks, np.nan], dtype=np.float64)
        place = np.searchsorted(weeks[:-1], assessed_week, side="right")
        return np.asarray(np.where(np.isnan(assessed_week), np.nan, weeks[place]))


@dataclass(frozen=True, slots=True)
class DueAssessment:
    """The next assessment of a case.

    Parameters
    ----------
    week : float
        Week from the first absence day.
    day : date or None
        The day it falls on; None where the first absence day is unknown.
    """

    week: float
    day: dt.date | None = None


def find_last_day(first_day: dt.date, week: float) -> dt.date:
    """Return the last day of a week of absence: "by the end of week 8" is the 56th day.

    Week 0 is the first absence day itself.

    Examples
    --------
    >>> find_last_day(dt.date(2026, 7, 1), 8), find_last_day(dt.date(2026, 7, 1), 0)
    (datetime.date(2026, 8, 25), datetime.date(2026, 7, 1))
    """
    return first_day + dt.timedelta(days=max(0, int(np.ceil(7 * week)) - 1))


def find_last_days(
    first_day: npt.NDArray[np.datetime64], week: FloatArray
) -> npt.NDArray[np.datetime64]:
    """Return `find_last_day` of each row; NaT where the first day or the week is unknown.

    Examples
    --------
    >>> find_last_days(np.array(["2026-07-01"], dtype="datetime64[D]"), np.array([8.0]))
    array(['2026-08-25'], dtype='datetime64[D]')
    """
    known = ~np.isnan(week)
    days = np.maximum(0, np.ceil(7 * np.where(known, week, 0.0)) - 1).astype("timedelta64[D]")
    return np.where(known, first_day.astype("datetime64[D]") + days, np.datetime64("NaT"))
