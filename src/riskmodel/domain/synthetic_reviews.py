"""What changes from one assessment to the next in a synthetic case.

Each event has one chance in the fast and one in the slow group and depends on nothing else of
the course, so that the true risk after a review follows from Bayes' rule in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from riskmodel.domain.synthetic_parameters import SyntheticParameters
from riskmodel.domain.synthetic_people import Facts, list_levels

__all__ = ["REVIEW_EVENTS", "ReviewState", "advance_reviews", "start_reviews"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_EASIER = {"1": "0", "2": "1", "3": "2"}
REVIEW_EVENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "function_bodily_improves": ("function_bodily", _EASIER),
    "function_mental_improves": ("function_mental", _EASIER),
    "function_work_improves": ("function_work", _EASIER),
    "self_efficacy_rises": ("rtw_self_efficacy", {"low": "medium", "medium": "high"}),
    "employer_contact_worsens": (
        "employer_contact_quality",
        {"good": "neutral", "neutral": "strained"},
    ),
    "modified_tasks_taken_up": ("modified_tasks_offered", {"no": "yes_used"}),
    "treatment_begins": (
        "treatment_status",
        {"waiting": "ongoing", "planned_with_date": "ongoing"},
    ),
    "treatment_exhausted": ("treatment_status", {"ongoing": "exhausted"}),
    "partial_rtw_starts": ("partial_rtw", {"no": "yes"}),
}
PARTIAL_RTW_LEVELS = ("no", "yes")


@dataclass(frozen=True, slots=True)
class ReviewState:
    """The true facts of n cases at one assessment.

    Attributes
    ----------
    week : ndarray of float, shape (n,)
        Week of the assessment.
    codes : mapping of str to ndarray of int, shape (n,)
        Field to the position of the level.
    log_ratio : ndarray of float, shape (n,)
        Log of how much likelier the findings so far are in the slow group.
    partial_rtw_week : ndarray of float, shape (n,)
        Week in which partial return began; NaN where it has not.
    waited_weeks : ndarray of float, shape (n,)
        Weeks waited for treatment so far; NaN at intake, where nobody asks.
    contacts : ndarray of int, shape (n,)
        Conversations so far.
    """

    week: FloatArray
    codes: Mapping[str, IntArray]
    log_ratio: FloatArray
    partial_rtw_week: FloatArray
    waited_weeks: FloatArray
    contacts: IntArray
    waiting_since: FloatArray = field(repr=False)
    contact_rate: FloatArray = field(repr=False)


def start_reviews(
    parameters: SyntheticParameters,
    facts: Facts,
    intake_week: FloatArray,
    citizen_weeks: FloatArray,
    rng: np.random.Generator,
) -> ReviewState:
    """Return the state at intake.

    Parameters
    ----------
    intake_week : ndarray of float, shape (n,)
        Week of the first assessment.
    citizen_weeks : ndarray of float, shape (n,)
        The citizen's expected duration before rounding; decides who gets a light course.
    """
    review, n = parameters.review, len(intake_week)
    levels = list_levels(parameters)
    applies = facts.codes["employer_contact_quality"] != levels["employer_contact_quality"].index(
        "none"
    )
    regime = np.array(levels["triage_regime"])[facts.codes["triage_regime"]]
    light = np.isin(regime, review.light_regimes) & applies
    light &= citizen_weeks <= review.light_up_to_weeks
    rate = np.where(light, review.light_contacts_per_week, review.contacts_per_week)
    waiting = facts.codes["treatment_status"] == levels["treatment_status"].index("waiting")
    waited = np.minimum(rng.exponential(review.waiting_mean_weeks, n), intake_week)
    return ReviewState(
        week=intake_week,
        codes={**facts.codes, "partial_rtw": np.where(applies, 0, -1)},
        log_ratio=np.zeros(n),
        partial_rtw_week=np.full(n, np.nan),
        waited_weeks=np.full(n, np.nan),
        contacts=rng.poisson(rate),
        waiting_since=np.where(waiting, intake_week - waited, np.nan),
        contact_rate=rate,
    )


def advance_reviews(
    parameters: SyntheticParameters,
    state: ReviewState,
    *,
    slow: BoolArray,
    week: float,
    rng: np.random.Generator,
) -> ReviewState:
    """Return the state at the next assessment of courses that still run then.

    Parameters
    ----------
    slow : ndarray of bool, shape (n,)
        Member of the slow group.
    week : float
        Week of the next assessment.
    """
    levels = {**list_levels(parameters), "partial_rtw": PARTIAL_RTW_LEVELS}
    codes, log_ratio = dict(state.codes), state.log_ratio.copy()
    started = state.partial_rtw_week
    for name, (fast_chance, slow_chance) in parameters.review.events.items():
        column, moves = REVIEW_EVENTS[name]
        table = np.full(len(levels[column]) + 1, -1)
        for before, after in moves.items():
            table[levels[column].index(before)] = levels[column].index(after)
        # Judged by the state at the last assessment, so that the order of events is immaterial.
        target = table[state.codes[column]]
        possible = target >= 0
        happened = possible & (rng.random(len(slow)) < np.where(slow, slow_chance, fast_chance))
        came = np.log(slow_chance / fast_chance)
        stayed = np.log((1 - slow_chance) / (1 - fast_chance))
        log_ratio += np.where(happened, came, np.where(possible, stayed, 0.0))
        codes[column] = np.where(happened, target, codes[column])
        if name == "partial_rtw_starts":
            moment = state.week + rng.random(len(slow)) * (week - state.week)
            started = np.where(happened, np.ceil(moment), started)
    statement = levels["capability_statement"].index("yes")
    arrives = rng.random(len(slow)) < parameters.review.capability_statement_share
    codes["capability_statement"] = np.where(arrives, statement, codes["capability_statement"])
    still = codes["treatment_status"] == levels["treatment_status"].index("waiting")
    span = week - state.week
    return ReviewState(
        week=np.full(len(slow), float(week)),
        codes=codes,
        log_ratio=log_ratio,
        partial_rtw_week=started,
        waited_weeks=np.where(still, np.rint(week - state.waiting_since), 0.0),
        contacts=state.contacts + rng.poisson(state.contact_rate * span),
        waiting_since=state.waiting_since,
        contact_rate=state.contact_rate,
    )
