"""Suggested thresholds for a capacity or a largest miss rate, and how sure the suggestion is.

The lower threshold decides who is left with the lightest tier, so a largest miss rate sets
it. The upper threshold decides who is offered talks, so the capacity sets it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray
from riskmodel.visitation.consequence_figures import MINUTES_AN_HOUR, make_estimate
from riskmodel.visitation.consequences import Consequences, find_acted_share
from riskmodel.visitation.differencing import PublishedRows, count_reached
from riskmodel.visitation.offers import LIGHT, OWN_TRACK, Offer, Visitation
from riskmodel.visitation.thresholds import Threshold

__all__ = [
    "CANDIDATES",
    "DecisionPoint",
    "Suggestion",
    "find_decision_curve",
    "suggest_lower",
    "suggest_upper",
]

CANDIDATES: Final = np.arange(1, 100) / 100


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold that a wish leads to.

    Parameters
    ----------
    threshold : {"lower", "upper"}
        Which threshold.
    wish : float
        Largest miss rate as a share, or talks (or hours) a week.
    value : float or None
        The threshold; None where none of 1 % to 99 % fits.
    low, high : float
        Thresholds that the middle 95 % of simulated years (of draws of persons, for the
        lower threshold) would each have led to; those that nothing fits count as beyond the
        end. NaN where none led to any.
    holds_share : float
        Share of these years or draws in which the wish is met at `value`, or, where nothing
        fits, at the threshold that comes closest.
    at_the_end : bool
        Whether even the last threshold fits: then the wish sets no limit.
    least : float
        What the last threshold still asks for: talks or hours a week; NaN for a miss rate.
    """

    threshold: Literal["lower", "upper"]
    wish: float
    value: float | None
    low: float
    high: float
    holds_share: float
    at_the_end: bool
    least: float = math.nan


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """Net benefit at one threshold, in long courses found per case.

    Parameters
    ----------
    threshold : float
        Risk from which talks are offered; one talk course in vain weighs
        threshold / (1 - threshold) of one that reaches a long course.
    policy, risk, everybody, citizen : Estimate
        Net benefit of the policy at that threshold, of the risk alone without the policy's
        other rules, of offering talks to all, and of the citizen's expectation;
        offering nobody has zero. NaN where not known.
    """

    threshold: float
    policy: Estimate
    risk: Estimate
    everybody: Estimate
    citizen: Estimate


def suggest_upper(consequences: Consequences, visitation: Visitation, lower: float) -> Suggestion:
    """Return the lowest upper threshold whose talks the capacity can hold.

    A threshold fits where nine talks in ten are held in time in enough simulated years,
    both as the inflow says.

    Parameters
    ----------
    consequences : Consequences
        With a known capacity.
    visitation : Visitation
        The policy applied to the cases.
    lower : float
        Lower threshold; it gives way where the upper one falls below it.
    """
    inflow = consequences.scale.inflow
    holds = np.stack(
        [
            consequences.run(visitation.offer(min(lower, upper), upper)).find_wait(0.9)
            <= inflow.longest_wait_weeks
            for upper in CANDIDATES
        ],
        axis=1,
    )
    capacity = consequences.capacity
    wish = capacity.hours_a_week if capacity.in_hours else capacity.talks_a_week
    last = float(CANDIDATES[-1])
    work = consequences.simulate(
        visitation.offer(min(lower, last), last), in_minutes=capacity.in_hours
    )
    least = float(work.mean()) / (MINUTES_AN_HOUR if capacity.in_hours else 1.0)
    wish = math.nan if wish is None else wish
    found = _settle("upper", wish, CANDIDATES, holds, inflow.share_of_years)
    return replace(found, least=least)


def suggest_lower(
    consequences: Consequences, visitation: Visitation, largest_miss_rate: float
) -> Suggestion:
    """Return the highest lower threshold that misses few enough long courses.

    It is looked for up to the upper threshold of the policy.

    Parameters
    ----------
    consequences : Consequences
        Cases, inflow and draws.
    visitation : Visitation
        The policy applied to the cases.
    largest_miss_rate : float
        Largest share of long courses that may get the lightest tier, in [0, 1).

    Raises
    ------
    ValueError
        If the miss rate is out of range.
    """
    if not 0 <= largest_miss_rate < 1:
        msg = f"a largest miss rate must lie in [0, 1), got {largest_miss_rate:g}."
        raise ValueError(msg)
    long = consequences.scale.cases.long_course
    upper = visitation.policy.upper.value
    candidates = np.unique(np.append(CANDIDATES[upper > CANDIDATES], upper))
    light = [visitation.offer(lower, upper).rung == LIGHT for lower in candidates]
    decided = (visitation.floor != OWN_TRACK) * long
    columns = np.column_stack([*(one * long for one in light), decided])
    drawn = consequences.scale.sum_all(columns)[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        missed = drawn[:, :-1] / drawn[:, -1:]
    holds = missed <= largest_miss_rate
    share = consequences.scale.inflow.share_of_years
    return _settle("lower", largest_miss_rate, candidates[::-1], holds[:, ::-1], share)


def _settle(
    threshold: Literal["lower", "upper"],
    wish: float,
    candidates: FloatArray,
    holds: npt.NDArray[np.bool_],
    share_of_years: float,
) -> Suggestion:
    """Choose the first candidate from which on all hold in enough years."""
    share = holds.mean(axis=0)
    failing = np.flatnonzero(share < share_of_years)
    first = int(failing[-1]) + 1 if len(failing) else 0
    any_fits = first < len(candidates)
    beyond = np.append(candidates, 1.0 if threshold == "upper" else 0.0)
    # In one simulated year chance may let a candidate fail between two that hold.
    chosen = np.sort(beyond[np.sum(~holds, axis=1)])
    low, high = math.nan, math.nan
    if holds.any():
        low, high = (float(chosen[round(part * (len(chosen) - 1))]) for part in (0.025, 0.975))
    return Suggestion(
        threshold=threshold,
        wish=wish,
        value=float(candidates[first]) if any_fits else None,
        low=low,
        high=high,
        holds_share=float(share[first] if any_fits else share.max()),
        at_the_end=first == 0,
    )


def find_decision_curve(
    consequences: Consequences,
    visitation: Visitation,
    thresholds: tuple[float, ...],
    citizen: Offer | None,
) -> tuple[DecisionPoint, ...]:
    """Return the net benefit of offering talks, over upper thresholds.

    From two points of a curve the persons between their thresholds can be worked out, so a
    point of the risk alone that would show too few of them is left open.

    Parameters
    ----------
    consequences : Consequences
        Cases, inflow and draws.
    visitation : Visitation
        The policy applied to the cases.
    thresholds : tuple of float
        Upper thresholds, rising.
    citizen : Offer or None
        What the citizen's expectation alone asks for.

    References
    ----------
    Vickers & Elkin (2006), Med Decis Making 26:565-574.
    https://doi.org/10.1177/0272989X06295361
    """
    cases, share = consequences.scale.cases, consequences.scale.inflow.adviser_share
    lower = visitation.policy.lower.value
    decided = visitation.floor != OWN_TRACK

    def worth(acted: npt.ArrayLike, cut: float, *, hidden: bool = False) -> Estimate:
        odds = cut / (1 - cut)
        gain = (
            np.asarray(acted, dtype=np.float64)
            * decided
            * (cases.long_course - (1 - cases.long_course) * odds)
        )
        point, drawn = consequences.scale.sum_all(np.column_stack([gain, decided * 1.0]))
        with np.errstate(invalid="ignore", divide="ignore"):
            return make_estimate(
                float(point[0] / point[1]), drawn[:, 0] / drawn[:, 1], hidden=hidden
            )

    found, shown = [], PublishedRows(cases.floor)
    nobody = np.full(len(cases), math.nan)
    of_citizen = nobody if citizen is None else find_acted_share(citizen, share)
    for cut in thresholds:
        offer = visitation.offer(min(lower, cut), cut)
        over = Threshold(cut).is_reached(cases.risk) & decided
        few = min(cases.count_persons(over), cases.count_persons(~over & decided)) < MIN_CELL
        close = few or not shown.admit(count_reached(cases, over))
        found.append(
            DecisionPoint(
                threshold=cut,
                policy=worth(find_acted_share(offer, share), cut, hidden=few),
                risk=worth(Threshold(cut).is_reached(cases.risk), cut, hidden=close),
                everybody=worth(np.ones(len(cases)), cut),
                citizen=worth(of_citizen, cut, hidden=citizen is None),
            )
        )
    return tuple(found)
