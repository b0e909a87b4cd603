"""The figures of an evaluation: plain records that say where and on whom they hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

__all__ = [
    "METRICS",
    "BrierParts",
    "CalibrationCurve",
    "Comparison",
    "DurationFigures",
    "EndingCurve",
    "EndingPoint",
    "Estimate",
    "Family",
    "MetricBlock",
    "NetBenefitCurve",
    "Predictor",
    "Span",
]

Family = Literal["all", "landmark", "site", "group"]
Predictor = Literal["model", "challenger", "simplest", "base_rate"]
METRICS = (
    "auc",
    "brier",
    "scaled_brier",
    "base_rate_brier",
    "calibration_in_the_large",
    "calibration_slope",
    "observed_expected",
    "ici",
)


@dataclass(frozen=True, slots=True)
class Span:
    """The rows that a figure holds for.

    Parameters
    ----------
    horizon_weeks : float
        The horizon; NaN where the figure has none.
    family, field, level : str
        "all"; or "landmark", "site" or "group" with the field and its level.
    n_rows, n_persons, n_events : int
        Assessments whose state at the horizon was seen, their persons, and long courses
        among them. Zero where hidden.
    event_share : float
        Share of long courses, weighted for censoring; NaN where hidden.
    hidden : bool
        Whether there were too few persons with or without a long course to show anything,
        or the rows had to be hidden so that others stay hidden.
    rounded : bool
        Whether counts are rounded to tens and figures to two decimals so that others stay
        hidden.
    """

    horizon_weeks: float
    family: Family = "all"
    field: str = ""
    level: str = ""
    n_rows: int = 0
    n_persons: int = 0
    n_events: int = 0
    event_share: float = math.nan
    hidden: bool = False
    rounded: bool = False

    @property
    def weighted(self) -> bool:
        """Whether the share, in tenths of a per cent, is not the count divided by the number."""
        if self.hidden or self.rounded or not self.n_rows:
            return False
        return abs(self.event_share - self.n_events / self.n_rows) >= 0.0005

    def describe(self) -> str:
        """Return horizon, whom it holds for and the share of long courses, in a few words."""
        whom = {
            "all": "all assessments",
            "landmark": f"assessed from week {self.level}",
            "site": f"site {self.level}",
            "group": f"{self.field} = {self.level}",
        }[self.family]
        if self.hidden:
            return f"{self.horizon_weeks:g} weeks, {whom}, too few to show"
        n = f"{'about ' * self.rounded}{self.n_rows}"
        share = f"{100 * self.event_share:.0f}"
        if self.weighted:
            return f"{self.horizon_weeks:g} weeks, {whom}, {share} % long (weighted) of {n}"
        return f"{self.horizon_weeks:g} weeks, {whom}, {share} % long of {n}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its bootstrap interval by person; NaN where it has none.

    Examples
    --------
    >>> str(Estimate(0.71, 0.66, 0.76))
    '0.710 (0.660 to 0.760)'
    """

    value: float
    low: float = math.nan
    high: float = math.nan

    def rounded(self, digits: int) -> Estimate:
        """Return the figure and its limits with fewer decimals."""
        return Estimate(*(round(one, digits) for one in (self.value, self.low, self.high)))

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "not known"
        if math.isnan(self.low) or math.isnan(self.high):
            return f"{self.value:.3f} (interval not known)"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


NOT_KNOWN: Final = Estimate(math.nan)


@dataclass(frozen=True, slots=True)
class MetricBlock:
    """All figures of one predictor on one span.

    Parameters
    ----------
    span : Span
        The rows.
    predictor : {"model", "challenger", "simplest", "base_rate"}
        Whose risks.
    figures : mapping of str to Estimate
        One entry per name in `METRICS`; empty where the span is hidden.

    Examples
    --------
    >>> span = Span(26.0, "landmark", "assessed_week", "8", 231, 231, 80, 0.346)
    >>> print(MetricBlock(span, "model", {"auc": Estimate(0.74, 0.7, 0.78)}).auc_text)
    AUC 0.740 (0.700 to 0.780) at 26 weeks, assessed from week 8, 35 % long of 231
    """

    span: Span
    predictor: Predictor
    figures: Mapping[str, Estimate]

    @property
    def auc_text(self) -> str:
        """The AUC with horizon, landmark and share of long courses: it means little alone."""
        return f"AUC {self.figures.get('auc', Estimate(math.nan))} at {self.span.describe()}"

    def __str__(self) -> str:
        return self.auc_text


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another predictor minus the model on the same rows, with paired intervals.

    Parameters
    ----------
    other : {"challenger", "simplest", "base_rate"}
        What the model is compared with.
    span : Span
        The rows.
    auc, brier : Estimate
        Differences: an AUC below zero, or a Brier score above zero, speaks for the model.
    """

    other: str
    span: Span
    auc: Estimate
    brier: Estimate


@dataclass(frozen=True, slots=True)
class BrierParts:
    """The Brier score split in three: miscalibration - discrimination + uncertainty."""

    span: Span
    brier: Estimate
    miscalibration: Estimate
    discrimination: Estimate
    uncertainty: Estimate


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Observed share of long courses against risk, on a grid of whole percentages.

    Parameters
    ----------
    span : Span
        The rows.
    risk : tuple of float
        Risks, between the few lowest and the few highest in the data.
    observed, low, high : tuple of float
        Smoothed share with its interval at each risk.
    bin_edges : tuple of float
        Edges of the histogram.
    bin_counts : tuple of int
        Assessments in each bin; -1 where too few persons are in it.
    """

    span: Span
    risk: tuple[float, ...]
    observed: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    bin_edges: tuple[float, ...]
    bin_counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NetBenefitCurve:
    """Net benefit of each way of offering, in long courses found per assessment.

    Parameters
    ----------
    span : Span
        The rows.
    thresholds : tuple of float
        Risks from which contact is offered.
    curves : mapping of str to tuple of Estimate
        "model", "all", "challenger" and "simplest"; offering nobody has zero. NaN where
        too few persons lie on one side of the threshold.
    gain_over_all : tuple of Estimate
        Model minus the better of all and nobody, with a paired interval.
    """

    span: Span
    thresholds: tuple[float, ...]
    curves: Mapping[str, tuple[Estimate, ...]]
    gain_over_all: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class DurationFigures:
    """How well the expected duration is foretold, in weeks.

    The duration is the time to the end of the course by whatever road. Courses still open
    count as far as they were seen; beyond that others like them stand in for them.

    Parameters
    ----------
    span : Span
        The rows; `n_events` of them were seen to end, -1 where few were not.
    until_weeks : float
        Longer durations, seen or expected, count as this one: fewer than ten persons were
        followed longer. NaN where every course was seen to its end.
    concordance : Estimate
        Share of pairs of cases put in the right order; its interval is normal.
    mean_absolute_error, plain_mean_absolute_error : Estimate
        Of the expected duration, and of the plain median of the training cases that were
        still sick-listed at the assessed week.
    median_absolute_error, plain_median_absolute_error : Estimate
        The same in the middle of the cases.
    interval_coverage, ended_before, lasted_beyond : Estimate
        Shares of courses that ended within their 80 % interval, before it, and that lasted
        beyond it; they add up to one.
    interval_width : Estimate
        Median width of the interval.
    median_error_gain : Estimate
        The plain median's error in the middle of the cases less that of the expected duration:
        above zero where the expected duration is nearer.
    open_ended : Estimate
        Share of the intervals whose upper end lies where the follow-up ends or later: no course
        can be seen to last beyond it.
    """

    span: Span
    until_weeks: float
    concordance: Estimate
    mean_absolute_error: Estimate
    plain_mean_absolute_error: Estimate
    median_absolute_error: Estimate
    plain_median_absolute_error: Estimate
    interval_coverage: Estimate
    ended_before: Estimate
    lasted_beyond: Estimate
    interval_width: Estimate
    median_error_gain: Estimate = NOT_KNOWN
    open_ended: Estimate = NOT_KNOWN


@dataclass(frozen=True, slots=True)
class EndingPoint:
    """What has become of the courses by a week; the three shares add up to one.

    Parameters
    ----------
    weeks : float
        Weeks from the first absence day.
    recovered, other, still : Estimate
        Share that ended by recovery, that ended by another road, and that still runs.
    """

    weeks: float
    recovered: Estimate
    other: Estimate
    still: Estimate


@dataclass(frozen=True, slots=True)
class EndingCurve:
    """Cumulative incidence of the two kinds of ending, for those assessed at a landmark.

    Parameters
    ----------
    span : Span
        The rows; `n_events` of them were seen to end.
    points : tuple of EndingPoint
        Rising weeks at which enough persons more had ended to show it; intervals at the
        codebook's horizons.
    """

    span: Span
    points: tuple[EndingPoint, ...]


def to_mapping(value: object) -> Any:
    """Return records as plain mappings, lists and figures; NaN becomes None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): to_mapping(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [to_mapping(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: to_mapping(getattr(value, one.name)) for one in fields(value)}  # type: ignore[arg-type]
    return value


def read_float(value: object) -> float:
    """Return a figure; None becomes NaN."""
    return math.nan if value is None else float(value)  # type: ignore[arg-type]


def read_span(given: Mapping[str, Any]) -> Span:
    """Return a span from its mapping."""
    floats = {name: read_float(given[name]) for name in ("horizon_weeks", "event_share")}
    return Span(**{**given, **floats})


def read_durations(given: Mapping[str, Any]) -> DurationFigures:
    """Return duration figures from their mapping."""
    names = [name for name in given if name not in {"span", "until_weeks"}]
    return DurationFigures(
        span=read_span(given["span"]),
        until_weeks=read_float(given["until_weeks"]),
        **{name: read_estimate(given[name]) for name in names},
    )


def read_endings(given: Mapping[str, Any]) -> EndingCurve:
    """Return a curve of endings from its mapping."""
    points = [
        EndingPoint(
            float(one["weeks"]),
            *(read_estimate(one[name]) for name in ("recovered", "other", "still")),
        )
        for one in given["points"]
    ]
    return EndingCurve(read_span(given["span"]), tuple(points))


def read_estimate(given: Mapping[str, Any]) -> Estimate:
    """Return an estimate from its mapping."""
    return Estimate(*(read_float(given[name]) for name in ("value", "low", "high")))
