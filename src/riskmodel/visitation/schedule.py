"""When a case is to be assessed again, and the days that weeks fall on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.labels import Label

__all__ = [
    "DueAssessment",
    "Reassessment",
    "find_easter",
    "find_last_day",
    "find_last_days",
    "list_days_off",
]

FloatArray = npt.NDArray[np.float64]

_YEARS: Final = range(1970, 2101)
_NO_PRAYER_DAY_FROM: Final = 2024


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
        The last working day by which it is made; None where the first absence day is unknown.
    """

    week: float
    day: dt.date | None = None


@lru_cache(maxsize=256)
def list_days_off(year: int) -> tuple[dt.date, ...]:
    """Return the days of a year, besides Saturdays and Sundays, on which no contact falls due.

    Danish public holidays, and three days on which town halls are closed as a rule:
    Constitution Day (5 June), 24 and 31 December. General Prayer Day was one until 2023.

    Examples
    --------
    >>> [day.isoformat() for day in list_days_off(2026)][1:4]
    ['2026-04-02', '2026-04-03', '2026-04-06']
    """
    easter = find_easter(year)
    moving = [-3, -2, 1, 39, 50]
    if year < _NO_PRAYER_DAY_FROM:
        moving.append(26)
    fixed = ((1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31))
    days = [easter + dt.timedelta(days=after) for after in moving]
    return tuple(sorted({*days, *(dt.date(year, month, day) for month, day in fixed)}))


def find_easter(year: int) -> dt.date:
    """Return Easter Sunday of a year in the Gregorian calendar.

    References
    ----------
    J. Meeus, Astronomical Algorithms (1991), chapter 8.

    Examples
    --------
    >>> find_easter(2026)
    datetime.date(2026, 4, 5)
    """
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, left = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leaps - shift + 15) % 30
    week = (32 + 2 * left + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


@lru_cache(maxsize=1)
def _working_days() -> np.busdaycalendar:
    days = [day for year in _YEARS for day in list_days_off(year)]
    return np.busdaycalendar(holidays=np.array(days, dtype="datetime64[D]"))


def find_last_day(first_day: dt.date, week: float, *, not_before: dt.date | None = None) -> dt.date:
    """Return the day by which something due by the end of a week of absence is done.

    The end of week 8 is the 56th day; week 0 is the first absence day itself. Where that is a
    Saturday, a Sunday or one of `list_days_off`, it is the last working day before it; where
    that lies before the first absence day, or before `not_before`, the first working day from
    there on. Contacts, new assessments and letters to employers all go by this rule.

    Parameters
    ----------
    first_day : date
        First absence day.
    week : float
        Weeks from it.
    not_before : date, optional
        The day of the assessment: nothing falls due before it.

    Examples
    --------
    >>> find_last_day(dt.date(2026, 7, 1), 8), find_last_day(dt.date(2026, 7, 1), 0)
    (datetime.date(2026, 8, 25), datetime.date(2026, 7, 1))

    The 56th day is Boxing Day; the last working day before it is the 23rd.

    >>> find_last_day(dt.date(2026, 11, 1), 8)
    datetime.date(2026, 12, 23)
    """
    day = np.array([first_day], dtype="datetime64[D]")
    floor = None if not_before is None else np.array([not_before], dtype="datetime64[D]")
    found = find_last_days(day, np.array([week], dtype=np.float64), not_before=floor)
    return dt.date.fromisoformat(str(found[0]))


def find_last_days(
    first_day: npt.NDArray[np.datetime64],
    week: FloatArray,
    *,
    not_before: npt.NDArray[np.datetime64] | None = None,
) -> npt.NDArray[np.datetime64]:
    """Return `find_last_day` of each row; NaT where the first day or the week is unknown.

    Parameters
    ----------
    first_day : ndarray of datetime64, shape (n,)
        First absence days.
    week : ndarray of float, shape (n,)
        Weeks from them.
    not_before : ndarray of datetime64, shape (n,), optional
        Days of the assessments.

    Examples
    --------
    >>> find_last_days(np.array(["2026-07-01"], dtype="datetime64[D]"), np.array([8.0]))
    array(['2026-08-25'], dtype='datetime64[D]')
    """
    start = first_day.astype("datetime64[D]")
    floor = start if not_before is None else np.fmax(start, not_before.astype("datetime64[D]"))
    found = np.full(len(start), np.datetime64("NaT"), dtype="datetime64[D]")
    known = ~np.isnan(week) & ~np.isnat(start)
    after = np.maximum(0, np.ceil(7 * week[known]) - 1).astype("timedelta64[D]")
    calendar = _working_days()
    last = np.busday_offset(start[known] + after, 0, roll="backward", busdaycal=calendar)
    least = np.busday_offset(floor[known], 0, roll="forward", busdaycal=calendar)
    found[known] = np.where(last < floor[known], least, last)
    return found
