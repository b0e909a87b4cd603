"""The record of what changed between two assessments of one case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from riskmodel.domain.labels import Label
from riskmodel.explanation.uncertainty import length, sum_sways

__all__ = ["AssessmentChange", "FactChange", "find_change_interval"]

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact's share of the change in risk.

    Parameters
    ----------
    field : str
        Name of the codebook field.
    label : Label
        What people call it.
    before, after : float or str or None
        The fact at the earlier and at the later assessment; None where it was missing.
    before_label, after_label : Label
        The same in words, with the unit.
    points : float
        Share of the change, in percentage points (-100 to 100).
    sway : tuple of float
        How the points move over refits; the length is half the width of the 90 % interval.
    """

    field: str
    label: Label
    before: float | str | None
    after: float | str | None
    before_label: Label
    after_label: Label
    points: float
    sway: tuple[float, ...]

    @property
    def changed(self) -> bool:
        """Whether the fact itself differs; else it weighs differently beside one that does."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class AssessmentChange:
    """How one case's risk moved from one assessment to the next, and why.

    Parameters
    ----------
    case_id : str
        Pseudonym.
    earlier_week, later_week : float
        Weeks from the first absence day; the earlier lies before the later.
    earlier_risk, later_risk : float
        Risk at each, for the same horizon.
    earlier_interval, later_interval : tuple of float
        The 90 % interval of each risk.
    time_points : float
        What the weeks that passed did, with every fact as it was before, in percentage points.
    facts : tuple of FactChange
        What the changed facts did at the later week, largest first; facts that neither changed
        nor moved the risk are left out.
    horizon_weeks : float
        Horizon of both risks.
    time_sway, sway : tuple of float
        How the time part, and the change as a whole, move over refits. The interval of the
        change is that of the difference: what both risks share cancels.

    Raises
    ------
    ValueError
        If the weeks do not rise, or the parts do not add up to the change.

    Examples
    --------
    >>> change = AssessmentChange(
    ...     "S-1", 4, 8, 0.20, 0.26, (0.15, 0.25), (0.2, 0.33), 6.0, (), 26, (2.0,), (2.0,)
    ... )
    >>> round(change.points, 6), change.within_uncertainty
    (6.0, True)
    """

    case_id: str
    earlier_week: float
    later_week: float
    earlier_risk: float
    later_risk: float
    earlier_interval: tuple[float, float]
    later_interval: tuple[float, float]
    time_points: float
    facts: tuple[FactChange, ...]
    horizon_weeks: float
    time_sway: tuple[float, ...]
    sway: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.earlier_week < self.later_week:
            msg = (
                "the earlier assessment must lie before the later one, got weeks "
                f"{self.earlier_week:g} and {self.later_week:g}."
            )
            raise ValueError(msg)
        if abs(self.time_points + self.fact_points - self.points) > _TOLERANCE:
            msg = "what time and facts did must add up to the change of the risk."
            raise ValueError(msg)

    @property
    def points(self) -> float:
        """Later risk minus earlier risk, in percentage points."""
        return 100.0 * (self.later_risk - self.earlier_risk)

    @property
    def fact_points(self) -> float:
        """What all facts together did, in percentage points."""
        return sum(one.points for one in self.facts)

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval of the change over refits, in percentage points."""
        return _widen(self.points, self.sway)

    @property
    def time_interval(self) -> tuple[float, float]:
        """The 90 % interval of what time did, in percentage points."""
        return _widen(self.time_points, self.time_sway)

    @property
    def within_uncertainty(self) -> bool:
        """Whether the two 90 % intervals overlap, so that the change may be slight or none."""
        return (
            self.earlier_interval[0] <= self.later_interval[1]
            and self.later_interval[0] <= self.earlier_interval[1]
        )


def find_change_interval(facts: Iterable[FactChange]) -> tuple[float, float]:
    """Return the 90 % interval of what some changed facts did together, in percentage points.

    Parameters
    ----------
    facts : iterable of FactChange
        One or more facts of one change.
    """
    chosen = tuple(facts)
    return _widen(sum(one.points for one in chosen), sum_sways(one.sway for one in chosen))


def _widen(points: float, sway: tuple[float, ...]) -> tuple[float, float]:
    return points - length(sway), points + length(sway)
