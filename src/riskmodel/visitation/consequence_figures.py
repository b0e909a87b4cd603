"""The figures that say what a rule leads to in a year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.resampling import percentile_interval

__all__ = [
    "MINUTES_AN_HOUR",
    "Capacity",
    "Consequence",
    "QueueFigures",
    "TierCount",
    "around_median",
    "make_estimate",
]

MINUTES_AN_HOUR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the staff can hold in a week: talks, or hours; at most one of the two.

    Parameters
    ----------
    talks_a_week, hours_a_week : float or None
        More than 0.
    """

    talks_a_week: float | None = None
    hours_a_week: float | None = None

    def __post_init__(self) -> None:
        if self.talks_a_week is not None and self.hours_a_week is not None:
            msg = "give a capacity in talks or in hours, not both."
            raise ValueError(msg)
        for value in (self.talks_a_week, self.hours_a_week):
            if value is not None and not 0 < value < math.inf:
                msg = f"a capacity must be more than 0, got {value:g}."
                raise ValueError(msg)

    @property
    def in_hours(self) -> bool:
        """Whether it is counted in hours."""
        return self.hours_a_week is not None

    @property
    def known(self) -> bool:
        """Whether it is known at all."""
        return self.talks_a_week is not None or self.in_hours

    @property
    def work_a_week(self) -> float:
        """Talks, or minutes, a week; NaN where not known."""
        if self.hours_a_week is not None:
            return self.hours_a_week * MINUTES_AN_HOUR
        return math.nan if self.talks_a_week is None else self.talks_a_week


@dataclass(frozen=True, slots=True)
class TierCount:
    """People a year in one tier; hidden where few persons stand behind it."""

    tier: str
    people: Estimate
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How a year's talks get through the capacity.

    Parameters
    ----------
    median_wait, long_wait : Estimate
        Weeks within which half, and nine in ten, of a year's talks are held after they
        are due; infinite where it takes more than a year.
    backlog : Estimate
        Talks (or hours) left over when the year ends.
    fits_share : float
        Share of simulated years in which nine talks in ten are held in time.
    """

    median_wait: Estimate
    long_wait: Estimate
    backlog: Estimate
    fits_share: float


@dataclass(frozen=True, slots=True)
class Consequence:
    """What one rule leads to in a year. Figures of few persons are NaN.

    Parameters
    ----------
    rule : str
        "policy", "before_july_2026", "gate" or "citizen".
    lower, upper : float
        Thresholds; NaN where the rule reads no risk.
    tiers : tuple of TierCount
        People a year in each tier of the policy.
    light, adviser, at_risk, own_track : Estimate
        People a year below the lower threshold, in the adviser's band, from the upper
        threshold up, and on an exception's own track.
    long_light, long_adviser, long_at_risk : Estimate
        Long courses a year among them.
    miss_rate : Estimate
        Share of long courses that get the lightest tier; own tracks left out.
    found_rate : Estimate
        Share of long courses that are offered talks, the adviser's offers among them.
    talks_a_week, hours_a_week : Estimate
        Mean over the year.
    busy_week : Estimate
        Talks due in the 95th of a hundred weeks.
    talks_in_short_courses : Estimate
        Talks a year with people whose course turned out short.
    offered : Estimate
        People a year who are offered talks: all from the upper threshold up, and the share of
        the adviser's band that advisers offer them.
    queue : QueueFigures or None
        None where no capacity is known.
    """

    rule: str
    lower: float
    upper: float
    tiers: tuple[TierCount, ...]
    light: Estimate
    adviser: Estimate
    at_risk: Estimate
    own_track: Estimate
    long_light: Estimate
    long_adviser: Estimate
    long_at_risk: Estimate
    miss_rate: Estimate
    found_rate: Estimate
    talks_a_week: Estimate
    hours_a_week: Estimate
    busy_week: Estimate
    talks_in_short_courses: Estimate
    offered: Estimate
    queue: QueueFigures | None = None


def make_estimate(value: float, draws: FloatArray, *, hidden: bool = False) -> Estimate:
    """Return a figure with the middle 95 % of its draws; NaN where it must not be shown."""
    if hidden or not math.isfinite(value):
        return Estimate(math.nan)
    low, high = percentile_interval(draws)
    return Estimate(float(value), float(low), float(high))


def around_median(values: FloatArray) -> Estimate:
    """Return the median year with the limits of the middle 95 %; infinite ones stay so."""
    order = np.sort(values)
    low, middle, high = (
        float(order[round(share * (len(order) - 1))]) for share in (0.025, 0.5, 0.975)
    )
    return Estimate(middle, low, high)
