"""Tiers: what a policy can recommend, and the contacts that each of them offers."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

from riskmodel.domain.labels import Label
from riskmodel.visitation.recommendation import ContactTo, PlannedContact
from riskmodel.visitation.schedule import find_last_day

__all__ = ["FixedContact", "Ladder", "RepeatedContact", "Tier"]


@dataclass(frozen=True, slots=True)
class FixedContact:
    """A contact by a fixed week.

    Parameters
    ----------
    week : float
        Latest week from the first absence day, which is week 0.
    label : Label
        What the contact is.
    if_late : Label or None
        What to plan at once where the week has passed; None leaves it out.
    to : {"citizen", "employer"}
        Who is contacted.
    """

    week: float
    label: Label
    if_late: Label | None = None
    to: ContactTo = "citizen"

    def __post_init__(self) -> None:
        if not 0 <= self.week < math.inf:
            msg = f"week must not be negative, got {self.week}."
            raise ValueError(msg)

    def plan(self, assessed_week: float) -> PlannedContact | None:
        """Return the contact as it stands at an assessment, or None where it lies behind."""
        if assessed_week <= self.week:
            return PlannedContact(self.week, self.label, to=self.to)
        if self.if_late is not None:
            return PlannedContact(assessed_week, self.if_late, to=self.to)
        return None


@dataclass(frozen=True, slots=True)
class RepeatedContact:
    """Contacts that return every so many weeks.

    Parameters
    ----------
    every_weeks : tuple of float
        Shortest and longest time between two contacts.
    after_week : float
        Week that the first interval counts from.
    label : Label
        What the contact is.
    """

    every_weeks: tuple[float, float]
    after_week: float
    label: Label

    def __post_init__(self) -> None:
        shortest, longest = self.every_weeks
        if not 0 < shortest <= longest < math.inf:
            msg = f"every_weeks must be [shortest, longest], got {list(self.every_weeks)}."
            raise ValueError(msg)
        if not 0 <= self.after_week < math.inf:
            msg = f"after_week must not be negative, got {self.after_week}."
            raise ValueError(msg)

    def plan(self, assessed_week: float) -> PlannedContact:
        """Return the next one, at the latest week that the longest interval allows.

        Examples
        --------
        >>> talks = RepeatedContact((4, 8), 8, Label("Samtale", "Talk"))
        >>> [talks.plan(week).week for week in (0, 8, 16)]
        [16, 16, 24]
        """
        longest = self.every_weeks[1]
        passed = max(0, math.floor((assessed_week - self.after_week) / longest))
        return PlannedContact(self.after_week + longest * (passed + 1), self.label)


@dataclass(frozen=True, slots=True)
class Tier:
    """What a policy offers to a group of cases."""

    id: str
    label: Label
    description: Label
    contacts: tuple[FixedContact | RepeatedContact, ...] = ()

    @property
    def employer_contacts(self) -> tuple[FixedContact, ...]:
        """What goes to the employer, such as a service letter."""
        fixed = (one for one in self.contacts if isinstance(one, FixedContact))
        return tuple(one for one in fixed if one.to == "employer")

    def adds_contact_to(self, other: Tier) -> bool:
        """Return whether the citizen is contacted at times when another tier offers nothing.

        Examples
        --------
        >>> talk = FixedContact(8, Label("Samtale", "Talk"))
        >>> light = Tier("light", Label("Let", "Light"), Label("Intet", "Nothing"))
        >>> risk = Tier("at_risk", Label("Risiko", "At risk"), talk.label, (talk,))
        >>> risk.adds_contact_to(light), light.adds_contact_to(risk)
        (True, False)
        """
        return not self._citizen_times <= other._citizen_times

    @property
    def _citizen_times(self) -> frozenset[tuple[float, ...]]:
        return frozenset(
            (one.week,) if isinstance(one, FixedContact) else (one.after_week, *one.every_weeks)
            for one in self.contacts
            if isinstance(one, RepeatedContact) or one.to == "citizen"
        )

    def plan_contacts(
        self, assessed_week: float, first_day: dt.date | None = None
    ) -> tuple[PlannedContact, ...]:
        """Return the contacts still ahead at an assessment, earliest first.

        Parameters
        ----------
        assessed_week : float
            Weeks from the first absence day.
        first_day : date, optional
            The first absence day; with it each contact gets the working day by which it falls due.
        """
        planned = (contact.plan(assessed_week) for contact in self.contacts)
        ahead = [contact for contact in planned if contact is not None]
        if first_day is not None:
            today = first_day + dt.timedelta(days=math.floor(7 * assessed_week))
            ahead = [
                replace(one, day=find_last_day(first_day, one.week, not_before=today))
                for one in ahead
            ]
        return tuple(sorted(ahead, key=lambda contact: contact.week))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers that the risk leads to, by identifier, from the lightest up."""

    below_lower: str
    between: str
    from_upper: str

    @property
    def rungs(self) -> tuple[str, str, str]:
        """The three tiers, lightest first."""
        return self.below_lower, self.between, self.from_upper
