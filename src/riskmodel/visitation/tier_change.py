"""Who changes tier when one model takes another's place, and what it does to the work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.domain.small_cells import MIN_CELL, suppress_small_cells
from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray
from riskmodel.visitation.consequence_figures import MINUTES_AN_HOUR, Capacity, make_estimate
from riskmodel.visitation.consequences import Consequences
from riskmodel.visitation.inflow import WEEKS_A_YEAR, Inflow
from riskmodel.visitation.judged_cases import YearlyScale
from riskmodel.visitation.offers import Offer, Visitation

__all__ = ["TierChange", "WorkChange", "compare_tiers"]


@dataclass(frozen=True, slots=True)
class WorkChange:
    """Work a week by the current and by the new model; the difference is new minus current.

    Parameters
    ----------
    current, new, difference : Estimate
        Talks, or hours, a week, with 95 % intervals.
    """

    current: Estimate
    new: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class TierChange:
    """Cases by the tier that each model's risk leads to, under one policy.

    Parameters
    ----------
    policy_version : str
        Which rules.
    horizon_weeks : float
        Horizon of the risks that the rules compare.
    tier_ids : tuple of str
        Tiers of the policy, in its order.
    n_cases, n_persons : int
        Cases, each at its first assessment, and their persons.
    moved : tuple of tuple of int or None
        Cases by tier under the current model (rows) and under the new one (columns); None
        where there are too few persons to show, or the figure would give others away.
    changed_share : Estimate
        Share of the cases that change tier.
    talks, hours : WorkChange
        Work a week, at the yearly number of cases of the inflow; hidden with the share, since
        the difference of two sums tells how many changed tier.
    n_draws, seed : int
        Draws behind the intervals, and their seed.
    """

    policy_version: str
    horizon_weeks: float
    tier_ids: tuple[str, ...]
    n_cases: int
    n_persons: int
    moved: tuple[tuple[int | None, ...], ...]
    changed_share: Estimate
    talks: WorkChange
    hours: WorkChange
    n_draws: int
    seed: int


def compare_tiers(
    current: Visitation,
    new: Visitation,
    inflow: Inflow,
    *,
    horizon_weeks: float,
    n_draws: int = 200,
    seed: int = 0,
    min_cell: int = MIN_CELL,
) -> TierChange:
    """Compare what two models lead to under the policy's own thresholds.

    Parameters
    ----------
    current, new : Visitation
        The same policy and cases, with each model's risks.
    inflow : Inflow
        What a year brings.
    horizon_weeks : float
        Horizon of the risks.
    n_draws, seed : int
        Simulated years, and the seed: the same for both, so that the years they share cancel.
    min_cell : int
        Smallest number of persons that is shown.

    Raises
    ------
    ValueError
        If the two are not about the same cases.
    """
    if not np.array_equal(current.cases.person, new.cases.person):
        msg = "both models must be held against the same cases."
        raise ValueError(msg)
    policy = new.policy
    before, after = (one.offer(policy.lower.value, policy.upper.value) for one in (current, new))
    scale = YearlyScale.of(new.cases, inflow, n_draws, seed)
    work = Consequences(scale, policy, Capacity(), seed)
    changed = (before.tier != after.tier).astype(np.float64)
    point, drawn = scale.sum_all(np.column_stack([changed, np.ones(len(changed))]))
    few = 0 < new.cases.count_persons(changed == 1) < min_cell
    return TierChange(
        policy_version=policy.policy_version,
        horizon_weeks=horizon_weeks,
        tier_ids=policy.tier_ids,
        n_cases=len(new.cases),
        n_persons=len(np.unique(new.cases.person)),
        moved=_count_moves(before, after, new, min_cell),
        changed_share=make_estimate(
            float(point[0] / point[1]),
            drawn[:, 0] / drawn[:, 1],
            hidden=few,
        ),
        talks=_compare_work(work, before, after, minutes=False, few=few),
        hours=_compare_work(work, before, after, minutes=True, few=few),
        n_draws=n_draws,
        seed=seed,
    )


def _count_moves(
    before: Offer, after: Offer, new: Visitation, min_cell: int
) -> tuple[tuple[int | None, ...], ...]:
    places = range(len(new.policy.tiers))
    cells = [[(before.tier == i) & (after.tier == j) for j in places] for i in places]
    cases = pd.DataFrame([[int(cell.sum()) for cell in row] for row in cells])
    persons = pd.DataFrame([[new.cases.count_persons(cell) for cell in row] for row in cells])
    # A person may have several cases, so either count could be the smaller one.
    dark = suppress_small_cells(persons, min_cell=min_cell).isna()
    shown = suppress_small_cells(cases, min_cell=min_cell).mask(dark)
    return tuple(
        tuple(None if pd.isna(count) else int(count) for count in row)
        for row in shown.itertuples(index=False)
    )


def _compare_work(
    work: Consequences, before: Offer, after: Offer, *, minutes: bool, few: bool
) -> WorkChange:
    def find(offer: Offer) -> FloatArray:
        return work.count_minutes(offer) if minutes else work.count_talks(offer)

    then, now = find(before), find(after)
    unit = WEEKS_A_YEAR * (MINUTES_AN_HOUR if minutes else 1.0)
    columns = np.column_stack([then, now, now - then]) / unit
    point, drawn = work.scale.sum_all(columns)
    squares = work.scale.sum_all(columns**2)[1]
    # How many cases a year brings: its variance is the sum of the squares.
    chance = np.random.default_rng(work.seed).standard_normal(len(drawn))
    year = drawn + chance[:, None] * np.sqrt(squares)
    return WorkChange(
        *(
            make_estimate(float(value), one, hidden=few)
            for value, one in zip(point, year.T, strict=True)
        )
    )
