"""Everything that a choice of thresholds rests on, worked out in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from riskmodel.domain.codebook import Field
from riskmodel.evaluation.figures import Estimate, to_mapping
from riskmodel.visitation.consequence_figures import (
    MINUTES_AN_HOUR,
    Capacity,
    Consequence,
    around_median,
)
from riskmodel.visitation.consequences import Consequences
from riskmodel.visitation.differencing import PublishedRows, count_offer
from riskmodel.visitation.inflow import Inflow
from riskmodel.visitation.judged_cases import YearlyScale
from riskmodel.visitation.offers import Offer, RuleName, Visitation
from riskmodel.visitation.talk_queue import run_queue
from riskmodel.visitation.threshold_choice import (
    DecisionPoint,
    Suggestion,
    find_decision_curve,
    suggest_lower,
    suggest_upper,
)

__all__ = [
    "GRID",
    "SiteConsequence",
    "ThresholdRecord",
    "WeekOfYear",
    "Wishes",
    "work_out_thresholds",
]

GRID: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the management asks for; a wish left out is None.

    Parameters
    ----------
    capacity : Capacity
        Talks or hours a week.
    largest_miss_rate : float or None
        Largest share of long courses that may get the lightest tier.
    """

    capacity: Capacity
    largest_miss_rate: float | None = None


@dataclass(frozen=True, slots=True)
class SiteConsequence:
    """What the policy leads to in one municipality."""

    site: str
    cases_a_year: float
    borrowed: bool
    consequence: Consequence


@dataclass(frozen=True, slots=True)
class WeekOfYear:
    """One week of the simulated years, with the limits of the middle 95 %.

    Parameters
    ----------
    week : int
        1 to 52.
    due : Estimate
        Talks (or hours of work) that fall due.
    waiting : Estimate
        Talks (or hours) left over at the end of the week; NaN where no capacity is known.
    """

    week: int
    due: Estimate
    waiting: Estimate


@dataclass(frozen=True, slots=True)
class ThresholdRecord:
    """The consequences of thresholds, beside other rules, and what is suggested.

    Parameters
    ----------
    policy_name, policy_version : str
        Whose rules.
    horizon_weeks : float
        A course is long when it still runs after these weeks.
    n_cases, n_persons, n_long : int
        Closed cases judged, their persons, and persons with a long course.
    n_left_out : int
        Cases without a risk, or not seen for long enough.
    inflow : Inflow
        What a year brings.
    wishes : Wishes
        What the management asks for.
    n_draws, seed : int
        Simulated years, and the seed.
    proposal : Consequence
        At the thresholds of the policy.
    rules : tuple of Consequence
        Other rules: before 1 July 2026, the law's gate, the citizen's expectation.
    by_upper, by_lower : tuple of Consequence
        The upper threshold moved with the lower kept (or lowered to it), and the reverse.
    sites : tuple of SiteConsequence
        The proposal in each municipality.
    decision_curve : tuple of DecisionPoint
        Net benefit over upper thresholds.
    lower_choice, upper_choice : Suggestion or None
        Suggested thresholds; None where nothing was asked for.
    suggested : Consequence or None
        At the suggested thresholds; None where nothing was asked for or nothing fits.
    weeks : tuple of WeekOfYear
        The year at the suggested thresholds, or at the policy's.
    n_steps_left_out : int
        Thresholds left out of `by_upper` and `by_lower`, because a row beside them would have
        shown few persons by subtraction.
    """

    policy_name: str
    policy_version: str
    horizon_weeks: float
    n_cases: int
    n_persons: int
    n_long: int
    n_left_out: int
    inflow: Inflow
    wishes: Wishes
    n_draws: int
    seed: int
    proposal: Consequence
    rules: tuple[Consequence, ...]
    by_upper: tuple[Consequence, ...]
    by_lower: tuple[Consequence, ...]
    sites: tuple[SiteConsequence, ...]
    decision_curve: tuple[DecisionPoint, ...]
    lower_choice: Suggestion | None
    upper_choice: Suggestion | None
    suggested: Consequence | None
    weeks: tuple[WeekOfYear, ...]
    n_steps_left_out: int = 0

    @property
    def nothing_fits(self) -> bool:
        """Whether a wish was given that no threshold meets."""
        return any(
            one is not None and one.value is None for one in (self.lower_choice, self.upper_choice)
        )

    @property
    def chosen(self) -> Consequence:
        """The suggested thresholds where there are any, else those of the policy."""
        return self.suggested or self.proposal

    def to_mapping(self) -> dict[str, Any]:
        """Return all figures as JSON-able values."""
        mapped: dict[str, Any] = to_mapping(self)
        return mapped


def work_out_thresholds(
    visitation: Visitation,
    inflow: Inflow,
    wishes: Wishes,
    *,
    horizon_weeks: float,
    citizen_field: Field | None = None,
    n_left_out: int = 0,
    n_draws: int = 200,
    seed: int = 0,
) -> ThresholdRecord:
    """Work out what thresholds lead to, and which ones meet the wishes.

    Parameters
    ----------
    visitation : Visitation
        The policy applied to closed cases that the model was not trained on, each at its
        first assessment.
    inflow : Inflow
        What a year brings.
    wishes : Wishes
        Capacity and largest miss rate.
    horizon_weeks : float
        A course is long when it still runs after these weeks.
    citizen_field : Field or None
        The citizen's own expected duration.
    n_left_out : int
        Cases that could not be judged, for the record.
    n_draws, seed : int
        Simulated years, each with its own draw of persons; and the seed.
    """
    policy, cases = visitation.policy, visitation.cases
    scale = YearlyScale.of(cases, inflow, n_draws, seed)
    consequences = Consequences(scale, policy, wishes.capacity, seed)
    lower, upper = policy.lower.value, policy.upper.value
    citizen = visitation.offer_by_citizen(citizen_field, horizon_weeks)
    others: list[Offer | None] = [visitation.offer_by_gate(), citizen]
    if inflow.before_reform is not None:
        others.insert(0, visitation.offer_everybody())
    own = visitation.offer(lower, upper)
    lower_choice, upper_choice, suggested = _suggest(consequences, visitation, wishes)
    chosen = own if suggested is None else visitation.offer(*suggested)
    rows = _Rows(consequences, visitation, PublishedRows(cases.floor))
    proposal = rows.show(own)
    shown = rows.show(chosen)
    others_shown = tuple(rows.show(one) for one in others if one is not None)
    by_upper = rows.keep([(min(lower, cut), cut) for cut in _grid(upper)])
    by_lower = rows.keep([(cut, max(upper, cut)) for cut in _grid(lower)])
    return ThresholdRecord(
        policy_name=policy.name,
        policy_version=policy.policy_version,
        horizon_weeks=horizon_weeks,
        n_cases=len(cases),
        n_persons=cases.count_persons(cases.weight > 0),
        n_long=cases.count_persons(cases.long_course == 1),
        n_left_out=n_left_out,
        inflow=inflow,
        wishes=wishes,
        n_draws=n_draws,
        seed=seed,
        proposal=proposal,
        rules=others_shown,
        by_upper=by_upper,
        by_lower=by_lower,
        sites=tuple(
            SiteConsequence(one.site, one.cases_a_year, one.site in scale.borrowed, found)
            for one, found in zip(inflow.sites, consequences.find_by_site(own), strict=True)
        ),
        decision_curve=find_decision_curve(
            consequences,
            visitation,
            tuple(one.upper for one in by_upper),
            None if rows.hides("citizen") else citizen,
        ),
        lower_choice=lower_choice,
        upper_choice=upper_choice,
        suggested=None if suggested is None else shown,
        weeks=_follow_year(consequences, chosen),
        n_steps_left_out=len(_grid(upper)) + len(_grid(lower)) - len(by_upper) - len(by_lower),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Works out the rows that can be shown beside each other."""

    consequences: Consequences
    visitation: Visitation
    published: PublishedRows
    hidden: set[RuleName] = field(default_factory=set)

    def hides(self, rule: RuleName) -> bool:
        """Whether a row had to be shown without its people."""
        return rule in self.hidden

    def _admit(self, offer: Offer) -> bool:
        return self.published.admit(count_offer(self.visitation.cases, offer))

    def show(self, offer: Offer) -> Consequence:
        """Return a row that must stand, without its people where they would tell too much."""
        is_apart = self._admit(offer)
        if not is_apart:
            self.hidden.add(offer.rule)
        return self.consequences.find(offer, hide_people=not is_apart)

    def keep(self, steps: Sequence[tuple[float, float]]) -> tuple[Consequence, ...]:
        """Return the rows, by lower and upper threshold, that can stand beside the others."""
        offers = [self.visitation.offer(*step) for step in steps]
        return tuple(self.consequences.find(one) for one in offers if self._admit(one))


def _follow_year(consequences: Consequences, offer: Offer) -> tuple[WeekOfYear, ...]:
    """Return what falls due and what is left over in each week."""
    capacity = consequences.capacity
    unit = MINUTES_AN_HOUR if capacity.in_hours else 1.0
    due = consequences.simulate(offer, in_minutes=capacity.in_hours)
    left = run_queue(due, capacity.work_a_week).backlog if capacity.known else due * np.nan
    found = []
    for week in range(due.shape[1]):
        waiting = around_median(left[:, week] / unit) if capacity.known else Estimate(np.nan)
        found.append(WeekOfYear(week + 1, around_median(due[:, week] / unit), waiting))
    return tuple(found)


def _grid(own: float) -> tuple[float, ...]:
    """Thresholds to show, the policy's own among them."""
    return tuple(sorted({*GRID, own}))


def _suggest(
    consequences: Consequences, visitation: Visitation, wishes: Wishes
) -> tuple[Suggestion | None, Suggestion | None, tuple[float, float] | None]:
    lower, upper = visitation.policy.lower.value, visitation.policy.upper.value
    lower_choice = upper_choice = None
    if wishes.largest_miss_rate is not None:
        lower_choice = suggest_lower(consequences, visitation, wishes.largest_miss_rate)
        # A wish that sets no limit leaves the policy's threshold as it is.
        if lower_choice.value is not None and not lower_choice.at_the_end:
            lower = lower_choice.value
    if wishes.capacity.known:
        upper_choice = suggest_upper(consequences, visitation, lower)
        upper = upper if upper_choice.value is None else upper_choice.value
        # A miss rate sets a ceiling for the lower threshold; a capacity may ask for less.
        lower = min(lower, upper)
    asked = [one for one in (lower_choice, upper_choice) if one is not None]
    if not asked or any(one.value is None for one in asked):
        return lower_choice, upper_choice, None
    return lower_choice, upper_choice, (lower, upper)
