"""The levels of a field, and the columns that say how a course ended."""

from __future__ import annotations

import math
from dataclasses import dataclass

from riskmodel.domain.labels import Label

__all__ = ["YES_NO_LEVELS", "Level", "Outcome"]


@dataclass(frozen=True, slots=True)
class Level:
    """One value that an ordinal, category or yes/no field may take.

    Parameters
    ----------
    value : str
        As it stands in the table.
    label : Label
        What people call it, as it stands inside a sentence: in lower case.
    citizen_label : Label or None
        What it is called to the citizen whom it is about; None where that is the label.
    """

    value: str
    label: Label
    citizen_label: Label | None = None


YES_NO_LEVELS = (
    Level("no", Label(da="nej", en="no")),
    Level("yes", Label(da="ja", en="yes")),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Columns that say how long a course lasted and how it ended.

    Parameters
    ----------
    duration_weeks : str
        Column with weeks from the first absence day to the end, or to the last day seen.
    ended : str or None
        Column that is yes where the course has ended; None where all rows are closed.
    end_reason : str or None
        Column with the reason of ending.
    reasons : tuple of Level
        Allowed reasons.
    recovery : tuple of str
        The reasons that mean recovery; all others are competing endings.
    max_weeks : float
        Longest duration accepted on reading.
    """

    duration_weeks: str = "duration_weeks"
    ended: str | None = "ended"
    end_reason: str | None = None
    reasons: tuple[Level, ...] = ()
    recovery: tuple[str, ...] = ()
    max_weeks: float = 1040.0

    def __post_init__(self) -> None:
        values = {reason.value for reason in self.reasons}
        unknown = sorted(set(self.recovery) - values)
        if unknown:
            msg = f"recovery must name listed reasons, got {unknown}."
            raise ValueError(msg)
        if self.end_reason is not None and (not values or not self.recovery):
            msg = "end_reason needs its reasons and which of them are recovery."
            raise ValueError(msg)
        if not 0 < self.max_weeks < math.inf:
            msg = f"max_weeks must be a positive number, got {self.max_weeks}."
            raise ValueError(msg)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the outcome columns that the codebook declares."""
        named = (self.duration_weeks, self.ended, self.end_reason)
        return tuple(name for name in named if name is not None)
