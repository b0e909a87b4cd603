"""What equal thresholds and what equal miss rates would each mean for groups.

The two cannot both hold where groups differ in how well, or how often, risks reach a
threshold. Which of them is fair is not for a calculation to say; what each costs is.

Intervals hold what those of the other figures of a year do: draws of persons, and for people
and talks the chance of the year. A threshold of equal miss rates is itself found from the cases,
so its range is where draws of persons would have put it; people, talks and the share not reached
are those at the threshold found, as everywhere beside a threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import MIN_CELL, protect_small_groups
from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.stats.resampling import percentile_interval
from riskmodel.visitation.consequences import Consequences, Tally, find_acted_share
from riskmodel.visitation.differencing import PublishedRows
from riskmodel.visitation.inflow import WEEKS_A_YEAR
from riskmodel.visitation.judged_cases import JudgedCases
from riskmodel.visitation.offers import OWN_TRACK, Offer, Visitation
from riskmodel.visitation.threshold_choice import CANDIDATES

__all__ = ["EqualTreatment", "GroupTreatment", "compare_equal_treatment"]

BoolArray = npt.NDArray[np.bool_]
CLOSEST: Final = 1e-9
NAMES: Final = ("people", "talks", "talks²", "long", "unreached")


@dataclass(frozen=True, slots=True)
class GroupTreatment:
    """One group under one way of being equal.

    Parameters
    ----------
    level : str
        The group.
    upper : Estimate
        Its upper threshold; without an interval where it is the one chosen for all.
    people, talks_a_week : Estimate
        People a year who are offered talks, and their talks a week.
    unreached_rate : Estimate
        Share of its long courses that are not offered talks.
    """

    level: str
    upper: Estimate
    people: Estimate
    talks_a_week: Estimate
    unreached_rate: Estimate


@dataclass(frozen=True, slots=True)
class EqualTreatment:
    """A field's groups under equal thresholds and under equal miss rates.

    Parameters
    ----------
    field : str
        The field.
    same_thresholds, same_miss_rates : tuple of GroupTreatment
        Groups in the same order; those of few persons are left out of both.
    total_people, total_talks : tuple of Estimate
        People a year and talks a week of the groups shown, under each.
    """

    field: str
    same_thresholds: tuple[GroupTreatment, ...]
    same_miss_rates: tuple[GroupTreatment, ...]
    total_people: tuple[Estimate, Estimate]
    total_talks: tuple[Estimate, Estimate]


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
    long courses that are not offered talks comes closest to that of everybody. Groups of few
    persons are left out, with as many others as it takes. Of real persons so are groups with few
    of them on a rung, and a threshold is passed over where its row, alone or subtracted from
    that of equal thresholds, would show few.

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
    decided = visitation.floor != OWN_TRACK
    members = [(level_of == number) & decided for number in range(len(levels))]
    cases = consequences.scale.cases
    shown = _find_shown(cases, chosen, members, decided)
    if len(shown) < 2:
        return None
    candidates = np.unique(np.append(CANDIDATES, chosen.upper))
    offers = [visitation.offer(min(chosen.lower, cut), float(cut)) for cut in candidates]
    target = _measure(consequences, [chosen], decided * 1.0)
    same: list[GroupTreatment] = []
    moved: list[GroupTreatment] = []
    found: list[tuple[BoolArray, tuple[Offer, Offer]]] = []
    for number in shown:
        rows = members[number]
        allowed = [offers[one] for one in _find_allowed(cases, chosen, offers, rows)]
        place, upper = _find_closest(consequences, allowed, chosen.upper, rows * 1.0, target)
        pair = (chosen, allowed[place])
        cuts = (Estimate(chosen.upper), upper)
        for offer, cut, way in zip(pair, cuts, (same, moved), strict=True):
            sums = _add_up(consequences, [offer], [rows])
            way.append(_tell(levels[number], cut, sums))
        found.append((rows, pair))
    everybody = [rows for rows, _ in found]
    first, second = (
        _add_up(consequences, [pair[way] for _, pair in found], everybody) for way in (0, 1)
    )
    totals = [_tell("", Estimate(math.nan), one) for one in (first, second)]
    return EqualTreatment(
        field=field,
        same_thresholds=tuple(same),
        same_miss_rates=tuple(moved),
        total_people=(totals[0].people, totals[1].people),
        total_talks=(totals[0].talks_a_week, totals[1].talks_a_week),
    )


def _count_rungs(cases: JudgedCases, offer: Offer, member: BoolArray) -> dict[str, int]:
    """Return a group's persons on each rung, by length of course."""
    return {
        f"{rung} {kind}": cases.count_persons(
            member & (offer.rung == rung) & (cases.long_course == kind)
        )
        for rung in np.unique(offer.rung)
        for kind in (0, 1)
    }


def _find_shown(
    cases: JudgedCases, chosen: Offer, members: Sequence[BoolArray], decided: BoolArray
) -> list[int]:
    """Return the groups to show: no few persons follow from one, nor from everybody less them."""
    long, short = (
        np.array([cases.count_persons(rows & (cases.long_course == kind)) for rows in members])
        for kind in (1, 0)
    )
    # Rounding would not do: a year's figures may be many times those of the cases.
    whole = [one == "shown" for one in protect_small_groups(long, short, MIN_CELL)]

    def tells_few(rows: BoolArray) -> bool:
        published = PublishedRows(cases.floor)
        published.admit({})
        return not published.admit(_count_rungs(cases, chosen, rows))

    shown = [number for number, rows in enumerate(members) if whole[number] and not tells_few(rows)]
    shown.sort(key=lambda number: cases.count_persons(members[number]), reverse=True)
    while shown and tells_few(decided & ~np.any([members[one] for one in shown], axis=0)):
        shown.pop()
    return sorted(shown)


def _find_allowed(
    cases: JudgedCases, chosen: Offer, offers: Sequence[Offer], member: BoolArray
) -> IntArray:
    """Return the offers whose row shows no few persons, alone or less that of the chosen one."""
    own = _count_rungs(cases, chosen, member)
    allowed = []
    for place, offer in enumerate(offers):
        rows = PublishedRows(cases.floor)
        rows.admit({})
        rows.admit(own)
        if rows.admit(_count_rungs(cases, offer, member)):
            allowed.append(place)
    return np.array(allowed, dtype=np.intp)


def _find_closest(
    consequences: Consequences,
    offers: Sequence[Offer],
    wished: float,
    member: FloatArray,
    target: tuple[FloatArray, FloatArray],
) -> tuple[int, Estimate]:
    """Return the place of the threshold whose share not reached is closest to everybody's.

    Among thresholds equally close it is the one nearest to everybody's. The interval is that of
    the same choice on every draw of persons.
    """
    point, drawn = _measure(consequences, offers, member)
    candidates = np.array([one.upper for one in offers])
    order = np.argsort(np.abs(candidates - wished), kind="stable")

    def choose(rate: FloatArray, wanted: FloatArray) -> IntArray:
        away = np.abs(rate - wanted)[:, order]
        away = np.where(np.isnan(away), np.inf, away)
        near = away <= away.min(axis=1, keepdims=True) + CLOSEST
        return np.asarray(order[np.argmax(near, axis=1)], dtype=np.intp)

    place = int(choose(point[None, :], target[0][None, :])[0])
    low, high = percentile_interval(candidates[choose(drawn, target[1])])
    return place, Estimate(float(candidates[place]), float(low), float(high))


def _measure(
    consequences: Consequences, offers: Sequence[Offer], member: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the share of long courses not offered talks, by offer: points, and draws."""
    long = consequences.scale.cases.long_course * member
    share = consequences.scale.inflow.adviser_share
    unreached = [long * (1 - find_acted_share(one, share)) for one in offers]
    point, drawn = consequences.scale.sum_all(np.column_stack([*unreached, long]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return point[:-1] / point[-1], drawn[:, :-1] / drawn[:, -1:]


def _add_up(
    consequences: Consequences, offers: Sequence[Offer], members: Sequence[BoolArray]
) -> Tally:
    """Return a year's sums over groups, each under its own offer."""
    cases, inflow = consequences.scale.cases, consequences.scale.inflow
    columns = np.zeros((len(cases), len(NAMES)))
    for offer, member in zip(offers, members, strict=True):
        acted = find_acted_share(offer, inflow.adviser_share)
        talks = [consequences.count_talks(offer, power) for power in (1, 2)]
        long = cases.long_course
        own = np.column_stack([acted, *talks, long, long * (1 - acted)])
        columns[member] = own[member]
    point, drawn = consequences.scale.sum_all(columns)
    return Tally(
        {name: float(one) for name, one in zip(NAMES, point, strict=True)},
        {name: drawn[:, place] for place, name in enumerate(NAMES)},
        frozenset(),
        np.random.default_rng(consequences.seed),
    )


def _tell(level: str, upper: Estimate, sums: Tally) -> GroupTreatment:
    return GroupTreatment(
        level,
        upper,
        sums.count("people"),
        sums.total("talks", WEEKS_A_YEAR),
        sums.rate("unreached", "long"),
    )
