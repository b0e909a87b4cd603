"""What a rule leads to in a year: people, talks, hours, and long courses found and missed.

Every figure has an interval that holds two kinds of chance: which persons happened to be
among the closed cases (bootstrap by person), and how many cases a year happens to bring
(Poisson). Shares hold the first kind only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.small_cells import MIN_CELL, suppress_small_cells
from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.visitation.consequence_figures import (
    MINUTES_AN_HOUR,
    Capacity,
    Consequence,
    QueueFigures,
    TierCount,
    around_median,
    make_estimate,
)
from riskmodel.visitation.inflow import WEEKS_A_YEAR
from riskmodel.visitation.judged_cases import YearlyScale
from riskmodel.visitation.offers import ADVISER, AT_RISK, LIGHT, OWN_TRACK, Offer
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.talk_plans import (
    ADVISER_OFFERED,
    BEFORE_REFORM,
    Care,
    TalkPlans,
    list_cares,
    plan_talks,
)
from riskmodel.visitation.talk_queue import Queue, run_queue, simulate_demand

__all__ = ["Consequences", "Tally", "find_acted_share"]

HALF: Final = 0.5
HELD: Final = 0.9
BUSY_WEEK: Final = 0.95
RUNGS: Final[Mapping[str, int]] = {
    "light": LIGHT,
    "adviser": ADVISER,
    "at_risk": AT_RISK,
    "own_track": OWN_TRACK,
}
DECIDED: Final = ("light", "adviser", "at_risk")
FEWEST_BLURRED: Final = 10 * MIN_CELL


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Named sums of a year: on the cases, on every draw, and with the chance of the year.

    Parameters
    ----------
    point : mapping of str to float
        Sums over the cases of a year.
    drawn : mapping of str to ndarray of float, shape (n_draws,)
        The same on every draw of persons.
    hidden : frozenset of str
        Names of the counts of people that must not be shown.
    rng : Generator
        Chance of the year.
    """

    point: Mapping[str, float]
    drawn: Mapping[str, FloatArray]
    hidden: frozenset[str]
    rng: np.random.Generator

    def count(self, name: str) -> Estimate:
        """People a year."""
        year = self.rng.poisson(np.nan_to_num(self.drawn[name])).astype(np.float64)
        return make_estimate(self.point[name], year, hidden=name in self.hidden)

    def total(self, name: str, unit: float = 1.0, *, hidden: bool = False) -> Estimate:
        """Sum of what people bring; its variance is the sum of the squares."""
        chance = self.rng.standard_normal(len(self.drawn[name]))
        spread = np.sqrt(np.maximum(self.drawn[name + "²"], 0.0))
        year = np.maximum(self.drawn[name] + chance * spread, 0.0)
        return make_estimate(self.point[name] / unit, year / unit, hidden=hidden)

    def rate(self, name: str, of: str, *, hidden: bool = False) -> Estimate:
        """One sum as a share of another."""
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.float64(self.point[name]) / self.point[of]
            return make_estimate(float(value), self.drawn[name] / self.drawn[of], hidden=hidden)


@dataclass(frozen=True, slots=True, eq=False)
class Consequences:
    """Works out the consequences of offers, all on the same draws.

    Parameters
    ----------
    scale : YearlyScale
        Cases, inflow and draws.
    policy : Policy
        The rules.
    capacity : Capacity
        What the staff can hold.
    seed : int
        Seed of the years; the same for every rule, so that they can be compared.
    """

    scale: YearlyScale
    policy: Policy
    capacity: Capacity
    seed: int
    cares: tuple[Care, ...] = field(init=False)
    plans: TalkPlans = field(init=False)

    def __post_init__(self) -> None:
        inflow, cases = self.scale.inflow, self.scale.cases
        cares = list_cares(self.policy, inflow.tier_talk_weeks, inflow.before_reform)
        plans = plan_talks(cares, cases.assessed_week, cases.duration_weeks, inflow.until_week)
        object.__setattr__(self, "cares", cares)
        object.__setattr__(self, "plans", plans)

    def find(self, offer: Offer, *, hide_people: bool = False) -> Consequence:
        """Return what an offer leads to over all municipalities.

        Parameters
        ----------
        offer : Offer
            What every case is offered.
        hide_people : bool
            Hide every count of people, where another row shown would give few of them away.
        """
        columns = self._describe(offer)
        sums = self.scale.sum_all(np.column_stack(list(columns.values())))
        tally = self._tally(columns, sums, offer, np.arange(len(self.scale.cases)))
        if hide_people:
            people = (*RUNGS, *(f"tier {one}" for one in self.policy.tier_ids))
            long = (f"long {one}" for one in RUNGS)
            tally = replace(tally, hidden=frozenset((*people, *long, "offered")))
        talks = self.simulate(offer)
        queue = None
        if self.capacity.known:
            in_hours = self.capacity.in_hours
            work = self.simulate(offer, in_minutes=True) if in_hours else talks
            queue = self._describe_queue(run_queue(work, self.capacity.work_a_week))
        busy = np.quantile(talks, BUSY_WEEK, axis=1)
        return self._tell(offer, tally, make_estimate(float(np.median(busy)), busy), queue)

    def find_by_site(self, offer: Offer) -> tuple[Consequence, ...]:
        """Return what an offer leads to in each municipality, in the order of the inflow."""
        columns = self._describe(offer)
        point, drawn = self.scale.sum_by_site(np.column_stack(list(columns.values())))
        found = []
        for place, rows in enumerate(self.scale.rows_of_site):
            tally = self._tally(columns, (point[place], drawn[:, place]), offer, rows)
            found.append(self._tell(offer, tally, Estimate(math.nan), None))
        return tuple(found)

    def run(self, offer: Offer) -> Queue:
        """Return the simulated years of an offer under the capacity."""
        return run_queue(
            self.simulate(offer, in_minutes=self.capacity.in_hours), self.capacity.work_a_week
        )

    def simulate(self, offer: Offer, *, in_minutes: bool = False) -> FloatArray:
        """Return talks, or minutes, that fall due in each week of each simulated year.

        Parameters
        ----------
        offer : Offer
            What every case is offered.
        in_minutes : bool
            Count the minutes of talks and of looks at cases.

        Returns
        -------
        ndarray of float, shape (n_draws, 52)
        """
        inflow, due = self.scale.inflow, self.plans.due
        everyone = np.arange(len(self.scale.cases))
        # One column for each pattern of talks, and one for the look at a case.
        columns = np.zeros((len(everyone), len(due) + 1))
        for care, share in self._list_shares(offer):
            columns[everyone, self.plans.pattern[care]] += share
            columns[:, -1] += share * self.plans.looks[care]
        look = np.zeros((1, due.shape[1]))
        look[0, 0] = inflow.look_minutes if in_minutes else 0.0
        work = np.vstack([due * (inflow.talk_minutes if in_minutes else 1.0), look])
        used = np.flatnonzero(columns.any(axis=0) & work.any(axis=1))
        cases, work = self.scale.sum_all(columns[:, used])[1], work[used]
        rng = np.random.default_rng(self.seed)
        return simulate_demand(cases, work, inflow.season, rng)

    def _describe_queue(self, queue: Queue) -> QueueFigures:
        waits = {share: queue.find_wait(share) for share in (HALF, HELD)}
        unit = MINUTES_AN_HOUR if self.capacity.in_hours else 1.0
        return QueueFigures(
            median_wait=around_median(waits[HALF]),
            long_wait=around_median(waits[HELD]),
            backlog=around_median(queue.backlog[:, -1] / unit),
            fits_share=float(np.mean(waits[HELD] <= self.scale.inflow.longest_wait_weeks)),
        )

    def count_talks(self, offer: Offer, power: int = 1) -> FloatArray:
        """Return the expected talks with each case, or a power of them, shape (n,)."""
        talks = np.zeros(len(offer.rung))
        for care, share in self._list_shares(offer):
            talks += share * self.plans.n_talks[care].astype(np.float64) ** power
        return talks

    def count_minutes(self, offer: Offer) -> FloatArray:
        """Return the expected minutes of talks and looks with each case, shape (n,)."""
        inflow, minutes = self.scale.inflow, np.zeros(len(offer.rung))
        for care, share in self._list_shares(offer):
            talks, looks = self.plans.n_talks[care], self.plans.looks[care]
            minutes += share * (talks * inflow.talk_minutes + looks * inflow.look_minutes)
        return minutes

    def _list_shares(self, offer: Offer) -> Iterator[tuple[int, FloatArray]]:
        """Yield each care with the share of every case that gets it."""
        names = [care.name for care in self.cares]
        share = self.scale.inflow.adviser_share
        for place in range(len(self.policy.tiers)):
            mine = offer.tier == place
            if offer.everybody:
                mine &= offer.rung == OWN_TRACK
            in_band = offer.rung == ADVISER
            yield place, mine * np.where(in_band, 1.0 - share, 1.0)
        if offer.everybody:
            yield names.index(BEFORE_REFORM), (offer.rung != OWN_TRACK) * 1.0
            return
        yield names.index(ADVISER_OFFERED), (offer.rung == ADVISER) * share

    def _describe(self, offer: Offer) -> dict[str, FloatArray]:
        """Return the columns whose sums over a year's cases are the figures."""
        long = self.scale.cases.long_course
        inflow = self.scale.inflow
        columns = {
            f"tier {name}": (offer.tier == place) * 1.0
            for place, name in enumerate(self.policy.tier_ids)
        }
        decided = offer.rung != OWN_TRACK
        for name, rung in RUNGS.items():
            columns[name] = (offer.rung == rung) * 1.0
            columns[f"long {name}"] = columns[name] * long
        acted = find_acted_share(offer, inflow.adviser_share)
        columns |= {"long": long * decided, "found": long * acted, "offered": acted}
        names = ("talks", "talks²", "short talks", "short talks²", "minutes", "minutes²")
        columns |= {name: np.zeros(len(long)) for name in names}
        for care, share in self._list_shares(offer):
            talks = self.plans.n_talks[care].astype(np.float64)
            minutes = talks * inflow.talk_minutes + self.plans.looks[care] * inflow.look_minutes
            for name, values in (("talks", talks), ("minutes", minutes)):
                columns[name] += share * values
                columns[name + "²"] += share * values**2
            columns["short talks"] += share * talks * (1 - long) * decided
            columns["short talks²"] += share * talks**2 * (1 - long) * decided
        return columns

    def _tally(
        self,
        columns: Mapping[str, FloatArray],
        sums: tuple[FloatArray, FloatArray],
        offer: Offer,
        rows: IntArray,
    ) -> Tally:
        point, drawn = sums
        return Tally(
            {name: float(value) for name, value in zip(columns, point, strict=True)},
            {name: drawn[:, place] for place, name in enumerate(columns)},
            self._find_hidden(offer, rows),
            np.random.default_rng(self.seed),
        )

    def _find_hidden(self, offer: Offer, rows: IntArray) -> frozenset[str]:
        """Return the names of the sums that too few persons stand behind."""
        cases, rung, tier = self.scale.cases, offer.rung[rows], offer.tier[rows]
        long = cases.long_course[rows] == 1

        def persons(chosen: npt.NDArray[np.bool_]) -> int:
            return len(np.unique(cases.person[rows][chosen]))

        in_tier = pd.Series(
            [persons(tier == place) for place in range(len(self.policy.tiers))],
            index=[f"tier {name}" for name in self.policy.tier_ids],
        )
        dark = suppress_small_cells(in_tier, min_cell=MIN_CELL).isna()
        hidden = set(dark.index[dark])
        rarer = {}
        for name in DECIDED:
            both = [persons((rung == RUNGS[name]) & (long == kind)) for kind in (True, False)]
            # Who is no long course is a short one, so either count gives the other away.
            rarer[f"long {name}"] = min(filter(None, both), default=0)
        few = suppress_small_cells(pd.Series(rarer), min_cell=MIN_CELL).isna()
        hidden |= set(few.index[few])
        for name, code in RUNGS.items():
            tiers = {f"tier {self.policy.tier_ids[one]}" for one in np.unique(tier[rung == code])}
            if tiers & hidden:
                hidden |= {name, f"long {name}"}
        if hidden & {"at_risk", "adviser"}:
            hidden.add("offered")
        return frozenset(hidden)

    def _tell(
        self, offer: Offer, tally: Tally, busy_week: Estimate, queue: QueueFigures | None
    ) -> Consequence:
        hidden = tally.hidden
        # Sums over all rungs would give away what one of them hides.
        blurred = any(f"long {name}" in hidden for name in DECIDED)
        cases = self.scale.cases
        few = blurred and cases.count_persons(cases.long_course == 1) < FEWEST_BLURRED
        found = tally.rate("found", "long", hidden=few)
        short = tally.total("short talks", hidden=few)
        return Consequence(
            rule=offer.rule,
            lower=offer.lower,
            upper=offer.upper,
            tiers=tuple(
                TierCount(name, tally.count(f"tier {name}"), hidden=f"tier {name}" in hidden)
                for name in self.policy.tier_ids
            ),
            light=tally.count("light"),
            adviser=tally.count("adviser"),
            at_risk=tally.count("at_risk"),
            own_track=tally.count("own_track"),
            long_light=tally.count("long light"),
            long_adviser=tally.count("long adviser"),
            long_at_risk=tally.count("long at_risk"),
            miss_rate=tally.rate("long light", "long", hidden="long light" in hidden),
            found_rate=found.rounded(2) if blurred else found,
            talks_a_week=tally.total("talks", WEEKS_A_YEAR),
            hours_a_week=tally.total("minutes", WEEKS_A_YEAR * MINUTES_AN_HOUR),
            busy_week=busy_week,
            talks_in_short_courses=short.rounded(-1) if blurred else short,
            # Last, so that it changes no other figure's draws.
            offered=tally.count("offered"),
            queue=queue,
        )


def find_acted_share(offer: Offer, adviser_share: float) -> FloatArray:
    """Return the chance that each case is offered the at-risk tier's talks, shape (n,).

    Parameters
    ----------
    offer : Offer
        What every case is offered.
    adviser_share : float
        Chance of it in the adviser's band.
    """
    return np.where(offer.rung == AT_RISK, 1.0, (offer.rung == ADVISER) * adviser_share)
