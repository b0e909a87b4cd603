"""What is written down once a synthetic course has ended, and so may never feed a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.domain.parameter_rules import Shares
from riskmodel.domain.synthetic_courses import DrawnCourses
from riskmodel.domain.synthetic_parameters import SyntheticParameters
from riskmodel.domain.synthetic_people import Facts, draw_shares, list_levels

__all__ = ["Closure", "close_cases"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

RECOVERY = "full_rtw"
EXTENSION_GROUNDS = (
    "vocational_rehab",
    "clarification",
    "treatment",
    "rehab_team_case",
    "life_threatening",
    "work_injury",
    "pension_application",
)
LONG_WEEKS = 26.0
OLD_CATEGORY_WEEKS = 8.0


@dataclass(frozen=True, slots=True)
class Closure:
    """How each case was last seen.

    Attributes
    ----------
    duration_weeks : ndarray of float, shape (n,)
        Recorded weeks to the end, or to the extraction date.
    ended : ndarray of bool, shape (n,)
        False where the course still ran at the extraction date.
    end_reason : ndarray of object, shape (n,)
        Reason of ending; None where the course still ran.
    fields : mapping of str to ndarray of object
        The closure fields; missing where the course still ran.
    """

    duration_weeks: FloatArray
    ended: BoolArray
    end_reason: ObjectArray
    fields: Mapping[str, ObjectArray]


def close_cases(
    parameters: SyntheticParameters,
    facts: Facts,
    courses: DrawnCourses,
    last_assessed_week: FloatArray,
    rng: np.random.Generator,
) -> Closure:
    """Record the end of every case, or that it was still open.

    Parameters
    ----------
    last_assessed_week : ndarray of float, shape (n,)
        Week of the last assessment; no recorded duration falls before it.
    """
    days, ended = _record_days(parameters, facts, courses, last_assessed_week, rng)
    reason = _draw_reasons(parameters, facts, courses, rng)
    reason = _keep_known(reason, ended)
    fields = _draw_hindsight(parameters, days / 7, reason, rng)
    end_date = facts.first_absence + days.astype("timedelta64[D]")
    fields["end_date"] = _as_dates(end_date, ended)
    fields["fit_date"] = _as_dates(end_date, np.asarray(reason == RECOVERY))
    return Closure(
        duration_weeks=np.round(days / 7, 2),
        ended=ended,
        end_reason=reason,
        fields={name: _keep_known(values, ended) for name, values in fields.items()},
    )


def _keep_known(values: npt.NDArray[Any], known: BoolArray) -> ObjectArray:
    kept = values.astype(object)
    kept[~known] = None
    return kept


def _as_dates(days: npt.NDArray[np.datetime64], known: BoolArray) -> ObjectArray:
    return _keep_known(days.astype(str), known)


def _record_days(
    parameters: SyntheticParameters,
    facts: Facts,
    courses: DrawnCourses,
    last_assessed_week: FloatArray,
    rng: np.random.Generator,
) -> tuple[FloatArray, BoolArray]:
    own, n = parameters.documents, len(courses.weeks)
    true_days = np.ceil(courses.weeks * 7)
    error = rng.normal(own.register_bias_weeks, own.register_sd_weeks, n)
    by_register = 7 * np.rint(courses.weeks + error)
    days = np.where(rng.random(n) < own.register_share, by_register, true_days)
    days = np.maximum(days, np.floor(last_assessed_week * 7) + 1)
    extraction = parameters.selection.extraction_date
    if extraction is None:
        return days, np.ones(n, dtype=bool)
    seen_days = (np.datetime64(extraction, "D") - facts.first_absence).astype(np.float64)
    seen_days = np.maximum(seen_days, 0.0)
    ended = true_days <= seen_days
    return np.where(ended, np.minimum(days, seen_days), seen_days), ended


def _draw_reasons(
    parameters: SyntheticParameters, facts: Facts, courses: DrawnCourses, rng: np.random.Generator
) -> ObjectArray:
    course, n = parameters.course, len(courses.weeks)
    regimes = list_levels(parameters)["triage_regime"]
    first, last = course.reassessment_weeks
    bunched = (courses.weeks >= first) & (courses.weeks <= last)
    reason = np.where(
        bunched,
        _draw_words(course.reasons_at_reassessment, n, rng),
        _draw_words(course.reasons_otherwise, n, rng),
    )
    for regime, names in course.regime_reasons.items():
        inside = facts.codes["triage_regime"] == regimes.index(regime)
        for old, new in names.items():
            reason = np.where(inside & (reason == old), new, reason)
    return np.asarray(np.where(courses.recovered, RECOVERY, reason), dtype=object)


def _draw_words(shares: Shares, n: int, rng: np.random.Generator) -> ObjectArray:
    return np.array(list(shares), dtype=object)[draw_shares(shares, n, rng)]


def _draw_hindsight(
    parameters: SyntheticParameters,
    weeks: FloatArray,
    reason: ObjectArray,
    rng: np.random.Generator,
) -> dict[str, ObjectArray]:
    own, n = parameters.documents, len(weeks)
    long, recovered = weeks > LONG_WEEKS, np.asarray(reason == RECOVERY)
    complicated = rng.random(n) < np.where(
        long, own.hindsight_share_long, own.hindsight_share_short
    )
    category = np.where(weeks <= OLD_CATEGORY_WEEKS, "1", np.where(complicated, "3", "2"))
    extended = weeks > parameters.course.reassessment_weeks[1]
    ground = rng.choice(np.array(EXTENSION_GROUNDS, dtype=object), n)
    rate = np.where(complicated, 1.5, 1.0) * parameters.review.contacts_per_week
    relapse = recovered & (rng.random(n) < own.relapse_share)
    team = extended & (rng.random(n) < np.where(complicated, 0.7, 0.3))
    return {
        "triage_category_old_at_end": category.astype(object),
        "complicated_in_hindsight": _yes_no(complicated),
        "extension_ground": np.where(extended, ground, "none").astype(object),
        "total_contacts": rng.poisson(rate * weeks).astype(object),
        "rehab_team_used": _yes_no(team),
        "relapse_12w": _yes_no(relapse),
    }


def _yes_no(flags: BoolArray) -> ObjectArray:
    return np.where(flags, "yes", "no").astype(object)
