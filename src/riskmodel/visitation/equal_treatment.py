"""What equal thresholds and what equal miss rates would each mean for groups.

The two cannot both hold where groups differ in how well, or how often, risks reach a
threshold. Which of them is fair is not for a calculation to say; what each costs is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.visitation.consequences import Consequences, find_acted_share
from riskmodel.visitation.inflow import WEEKS_A_YEAR
from riskmodel.visitation.offers import OWN_TRACK, Offer, Visitation
from riskmodel.visitation.threshold_choice import CANDIDATES

__all__ = ["EqualTreatment", "GroupTreatment", "compare_equal_treatment"]

CLOSEST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class GroupTreatment:
    """One group under one way of being equal.

    Parameters
    ----------
    level : str
        The group.
    upper : float
        Its upper threshold.
    people, talks_a_week : float
        People a year who are offered talks, and their talks a week.
    unreached_rate : float
        Share of its long courses that are not offered talks.
    """

    level: str
    upper: float
    people: float
    talks_a_week: float
    unreached_rate: float


@dataclass(frozen=True, slots=True)
class EqualTreatment:
    """A field's groups under equal thresholds and under equal miss rates.

    Parameters
    ----------
    field : str
        The field.
    same_thresholds, same_miss_rates : tuple of GroupTreatment
        Groups in the same order; those of few persons are left out of both.
    total_people, total_talks : tuple of float
        People a year and talks a week of the groups shown, under each.
    """

    field: str
    same_thresholds: tuple[GroupTreatment, ...]
    same_miss_rates: tuple[GroupTreatment, ...]
    total_people: tuple[float, float]
    total_talks: tuple[float, float]


def compare_equal_treatment(
    consequences: Consequences,
    visitation: Visitation,
    chosen: Offer,
    field: str,
    levels: tuple[str, ...],
    level_of: IntArray,
) -> EqualTreatment | None:
    """Compare one upper threshold for all with one miss rate for all.

    For equal miss rates each group's upper threshold is moved to where the share of its
    long courses that are not offered talks comes closest to that of everybody.

    Parameters
    ----------
    consequences : Consequences
        Cases, inflow and draws.
    visitation : Visitation
        The policy applied to the cases.
    chosen : Offer
        By the policy at the thresholds chosen.
    field : str
        The field that splits.
    levels : tuple of str
        Names of its levels.
    level_of : ndarray of int, shape (n,)
        Level of each case.

    Returns
    -------
    EqualTreatment or None
        None where fewer than two groups have enough persons to be shown.

    References
    ----------
    Kleinberg et al. (2017), Inherent Trade-Offs in the Fair Determination of Risk Scores,
    ITCS 43. https://doi.org/10.4230/LIPIcs.ITCS.2017.43
    """
    cases = consequences.scale.cases
    decided = visitation.floor != OWN_TRACK
    members = [(level_of == number) & decided for number in range(len(levels))]
    shown = [
        number
        for number, rows in enumerate(members)
        if min(cases.count_persons(rows & (cases.long_course == kind)) for kind in (0, 1))
        >= MIN_CELL
    ]
    if len(shown) < 2:
        return None
    candidates = np.unique(np.append(CANDIDATES, chosen.upper))
    offers = [visitation.offer(min(chosen.lower, cut), float(cut)) for cut in candidates]
    brought = [_bring(consequences, one) for one in (chosen, *offers)]
    target = _measure(consequences, brought[0], decided * 1.0)[2]
    same, moved = [], []
    for number in shown:
        own = members[number] * 1.0
        measured = [_measure(consequences, one, own) for one in brought]
        same.append(GroupTreatment(levels[number], chosen.upper, *measured.pop(0)))
        away = np.array([abs(one[2] - target) for one in measured])
        # Among thresholds equally close, the one nearest to everybody's.
        best = np.flatnonzero(away <= away.min() + CLOSEST)
        place = int(best[np.argmin(np.abs(candidates[best] - chosen.upper))])
        moved.append(GroupTreatment(levels[number], float(candidates[place]), *measured[place]))
    return EqualTreatment(
        field=field,
        same_thresholds=tuple(same),
        same_miss_rates=tuple(moved),
        total_people=(sum(one.people for one in same), sum(one.people for one in moved)),
        total_talks=(sum(one.talks_a_week for one in same), sum(one.talks_a_week for one in moved)),
    )


def _bring(consequences: Consequences, offer: Offer) -> tuple[FloatArray, FloatArray]:
    """Return the chance of being offered talks, and the talks, of every case."""
    share = consequences.scale.inflow.adviser_share
    return find_acted_share(offer, share), consequences.count_talks(offer)


def _measure(
    consequences: Consequences, brought: tuple[FloatArray, FloatArray], member: FloatArray
) -> tuple[float, float, float]:
    """Return people offered a year, talks a week, and the share of long courses not offered."""
    acted, talks = brought
    long = consequences.scale.cases.long_course * member
    columns = np.column_stack([acted * member, talks * member, long, long * (1 - acted)])
    people, held, all_long, unreached = consequences.scale.sum_points(columns)
    rate = unreached / all_long if all_long > 0 else math.nan
    return float(people), float(held / WEEKS_A_YEAR), float(rate)
