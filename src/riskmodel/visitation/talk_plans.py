"""Which talks fall due in which week after an assessment, while the course still runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.visitation.inflow import TalkWeeks
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.tiers import FixedContact, RepeatedContact, Tier

__all__ = ["ADVISER_OFFERED", "BEFORE_REFORM", "Care", "TalkPlans", "list_cares", "plan_talks"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

ADVISER_OFFERED: Final = "adviser offers"
BEFORE_REFORM: Final = "before reform"


@dataclass(frozen=True, slots=True)
class Care:
    """What one group of cases is given.

    Parameters
    ----------
    name : str
        Identifier of a tier, "adviser offers" for a case of the band that the adviser
        offers the at-risk tier's talks, or "before reform".
    contacts : tuple of FixedContact or RepeatedContact
        The talks.
    looks : int
        Times that an adviser looks at the case before choosing.
    """

    name: str
    contacts: tuple[FixedContact | RepeatedContact, ...]
    looks: int = 0

    def list_weeks(self, assessed_week: float, until_week: float) -> tuple[float, ...]:
        """Return the weeks from the first absence day in which a talk is due, rising.

        Parameters
        ----------
        assessed_week : float
            Week of the assessment; talks that lie behind are left out.
        until_week : float
            Repeated talks are planned until this week.

        Examples
        --------
        >>> from riskmodel.domain.labels import Label
        >>> talk = Label("Samtale", "Talk")
        >>> care = Care("at_risk", (FixedContact(8, talk), RepeatedContact((4, 8), 8, talk)))
        >>> care.list_weeks(5, 30)
        (8, 16, 24)
        """
        weeks: list[float] = []
        for contact in self.contacts:
            if isinstance(contact, FixedContact):
                planned = contact.plan(assessed_week)
                weeks += [] if planned is None else [planned.week]
                continue
            week = contact.plan(assessed_week).week
            while week <= until_week:
                weeks.append(week)
                week = contact.plan(week).week
        return tuple(sorted(weeks))


def list_cares(
    policy: Policy, tier_talk_weeks: Mapping[str, TalkWeeks], before: TalkWeeks | None
) -> tuple[Care, ...]:
    """Return the care of every tier, then that of cases the adviser offers talks to.

    Parameters
    ----------
    policy : Policy
        Its tiers hold the contacts.
    tier_talk_weeks : mapping of str to TalkWeeks
        Talks of tiers whose contacts the policy leaves out.
    before : TalkWeeks or None
        Talks under the rules before 1 July 2026; the last care where given.
    """
    cares = [
        Care(
            tier.id,
            _as_contacts(tier_talk_weeks.get(tier.id), tier) or tier.contacts,
            looks=int(tier.id == policy.ladder.between),
        )
        for tier in policy.tiers
    ]
    at_risk = policy.find_tier(policy.ladder.from_upper)
    cares.append(Care(ADVISER_OFFERED, at_risk.contacts, looks=1))
    if before is not None:
        cares.append(Care(BEFORE_REFORM, _as_contacts(before, at_risk)))
    return tuple(cares)


def _as_contacts(weeks: TalkWeeks | None, tier: Tier) -> tuple[FixedContact, ...]:
    if weeks is None:
        return ()
    return tuple(FixedContact(week, tier.label) for week in weeks.weeks)


@dataclass(frozen=True, slots=True, eq=False)
class TalkPlans:
    """Talks of every case under every care.

    Parameters
    ----------
    n_talks : ndarray of int, shape (n_cares, n)
        Talks that fall due while the course runs.
    pattern : ndarray of int, shape (n_cares, n)
        Row of `due` that says when.
    due : ndarray of float, shape (n_patterns, n_lags)
        Talks due so many weeks after the assessment.
    looks : ndarray of float, shape (n_cares,)
        Looks at the case, in the week of the assessment.
    """

    n_talks: IntArray
    pattern: IntArray
    due: FloatArray
    looks: FloatArray


def plan_talks(
    cares: Sequence[Care],
    assessed_week: FloatArray,
    duration_weeks: FloatArray,
    until_week: float,
) -> TalkPlans:
    """Plan the talks of every case under every care.

    A talk is held while the person is still sick-listed in its week, so a course that ends
    needs no further talks. Courses are taken to last as they did.

    Parameters
    ----------
    cares : sequence of Care
        What can be given.
    assessed_week, duration_weeks : ndarray of float, shape (n,)
        Week of the assessment, and of the end or the last day seen.
    until_week : float
        Repeated talks are planned until this week.
    """
    starts, place = np.unique(assessed_week, return_inverse=True)
    rows: dict[tuple[int, ...], int] = {}
    n_talks = np.zeros((len(cares), len(assessed_week)), dtype=np.intp)
    pattern = np.zeros_like(n_talks)
    for number, care in enumerate(cares):
        for position, start in enumerate(starts):
            weeks = np.array(care.list_weeks(float(start), until_week))
            lags = tuple(max(0, math.floor(week - start)) for week in weeks)
            mine = np.flatnonzero(place == position)
            # At the assessment the person is sick-listed, whatever rounding says.
            held = np.searchsorted(weeks, np.maximum(duration_weeks[mine], start + 1e-9))
            n_talks[number, mine] = held
            codes = [rows.setdefault(lags[:k], len(rows)) for k in range(len(lags) + 1)]
            pattern[number, mine] = np.array(codes)[held]
    longest = 1 + max((max(lags) for lags in rows if lags), default=0)
    due = np.zeros((len(rows), longest))
    for lags, row in rows.items():
        np.add.at(due[row], list(lags), 1.0)
    looks = np.array([care.looks for care in cares], dtype=np.float64)
    return TalkPlans(n_talks, pattern, due, looks)
