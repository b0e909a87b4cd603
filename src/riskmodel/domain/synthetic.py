"""Synthetic sick-leave cases whose true risk is known.

The generator draws the facts of a case, then a course that depends on them, then what the
documents say about both. The risk that each case truly has is computed from the facts and
stands beside the table, so that a model can be compared with the truth and not only with
outcomes. Nothing in the tables comes from a real person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import ASSESSED_WEEK, Codebook
from riskmodel.domain.synthetic_closure import Closure, close_cases
from riskmodel.domain.synthetic_columns import build_frame
from riskmodel.domain.synthetic_courses import CourseLaw, DrawnCourses
from riskmodel.domain.synthetic_documents import (
    Column,
    Documents,
    describe_assessment,
    draw_documents,
)
from riskmodel.domain.synthetic_parameters import SelectionParameters, SyntheticParameters
from riskmodel.domain.synthetic_people import Facts, draw_facts, draw_people, list_levels
from riskmodel.domain.synthetic_reviews import ReviewState, advance_reviews, start_reviews
from riskmodel.errors import InputError

__all__ = ["CASE_PREFIX", "SyntheticCases", "make_cases"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_T = TypeVar("_T")

CASE_PREFIX = "SYN-"
PERSON_PREFIX = "SYN-P"
MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class SyntheticCases:
    """A synthetic case table and the truth behind it.

    Attributes
    ----------
    frame : DataFrame, one row per assessment
        Columns named and ordered as in the codebook, as a municipality would deliver them.
        Ordinal, category and yes/no fields are pandas categoricals; missing is missing.
    truth : DataFrame, one row per assessment, in the order of `frame`
        ``case_id``, ``assessed_week``; ``true_risk_<h>w``, the probability that the course
        still runs after week h, given that it runs at the assessment and given the true
        facts (missing where h is not after the assessment); ``true_median_weeks``;
        ``true_duration_weeks``, the course as it went, never censored; and ``slow``, the
        recovery group, which nobody could know.
    """

    frame: pd.DataFrame
    truth: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Pool:
    """Cases before their assessments are written out; all arrays have shape (n,)."""

    person: IntArray
    facts: Facts
    law: CourseLaw
    courses: DrawnCourses


def make_cases(
    parameters: SyntheticParameters,
    codebook: Codebook,
    *,
    n_cases: int | None = None,
    random_state: int = 0,
) -> SyntheticCases:
    """Draw synthetic cases.

    Parameters
    ----------
    parameters : SyntheticParameters
        Settings of the generator.
    codebook : Codebook
        Names the columns to write and their levels.
    n_cases : int, optional
        Number of cases; a case has up to one row per assessed week. By default as the
        preset says.
    random_state : int
        The same seed gives the same cases.

    Returns
    -------
    SyntheticCases

    Raises
    ------
    InputError
        If `n_cases` is below 1, or so few drawn cases pass the selection that it cannot
        be filled.
    CodebookError
        If the codebook asks for an indicator or a level that the generator cannot make.

    Notes
    -----
    What a model could know at best is less than the truth: a certificate that was never
    requested hides its finding, ratings are a step off, expected durations are rounded.
    """
    selection = parameters.selection
    wanted = selection.default_cases if n_cases is None else n_cases
    if wanted < 1:
        msg = f"n_cases must be at least 1, got {wanted}."
        raise InputError(msg)
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(random_state).spawn(4)]
    pool, closure = _fill(parameters, codebook.primary_horizon, wanted, streams)
    documents = draw_documents(parameters, pool.facts, streams[2])
    parts = _assess(parameters, pool, documents, streams[3])
    observed, truth = _write_out(parameters, codebook, (pool, closure, documents), parts)
    return SyntheticCases(build_frame(observed, list_levels(parameters), codebook), truth)


def _fill(
    parameters: SyntheticParameters,
    horizon: float,
    wanted: int,
    streams: list[np.random.Generator],
) -> tuple[_Pool, Closure]:
    people_rng, closure_rng, _, _ = streams
    size = wanted
    for _ in range(MOST_ROUNDS):
        pool = _draw_pool(parameters, size, people_rng)
        last = _last_assessed_week(parameters.selection, pool)
        closure = close_cases(parameters, pool.facts, pool.courses, last, closure_rng)
        rows = _select(parameters, pool, closure, horizon, wanted)
        if rows is not None:
            return _take(pool, rows), _take(closure, rows)
        size *= 2
    msg = (
        f"Only too few of {size // 2} drawn cases pass the selection of preset "
        f"{parameters.preset}, {wanted} are wanted; widen the dates or the selection."
    )
    raise InputError(msg)


def _draw_pool(parameters: SyntheticParameters, n: int, rng: np.random.Generator) -> _Pool:
    people = parameters.people
    spells = np.minimum(rng.geometric(1 - people.repeat_share, n), people.max_spells)
    n_persons = int(np.searchsorted(np.cumsum(spells), n)) + 1
    spells = spells[:n_persons]
    spells[-1] -= int(spells.sum()) - n
    person = draw_people(parameters, n_persons, rng)
    window = (people.first_absence_to - people.first_absence_from).days + 1
    begun = np.datetime64(people.first_absence_from, "D")
    start = begun + rng.integers(0, window, n_persons).astype("timedelta64[D]")
    prior = np.zeros(n_persons)
    parts: list[_Pool] = []
    for rank in range(int(spells.max())):
        who = np.flatnonzero(spells > rank)
        own = {field: codes[who] for field, codes in person.items()}
        facts = draw_facts(parameters, own, start[who], prior[who], rng)
        law = CourseLaw.from_facts(parameters.course, facts, _intake_week(parameters, facts))
        courses = law.draw(rng)
        parts.append(_Pool(who, facts, law, courses))
        gap = rng.integers(people.repeat_gap_weeks[0], people.repeat_gap_weeks[1] + 1, len(who))
        days = np.ceil(7 * (np.minimum(courses.weeks, 520) + gap)).astype("timedelta64[D]")
        start[who] = start[who] + days
        prior[who] = courses.weeks
    pool = _join(parts)
    return _take(pool, np.argsort(pool.person, kind="stable"))


def _intake_week(parameters: SyntheticParameters, facts: Facts) -> FloatArray:
    employed = list_levels(parameters)["employment_status"].index("employed")
    own = parameters.selection
    return np.where(
        facts.codes["employment_status"] == employed,
        float(own.intake_week_employed),
        float(own.intake_week_not_employed),
    )


def _seen_weeks(selection: SelectionParameters, pool: _Pool) -> FloatArray:
    if selection.extraction_date is None:
        return np.full(len(pool.person), np.inf)
    last_day = np.datetime64(selection.extraction_date, "D")
    return (last_day - pool.facts.first_absence).astype(np.float64) / 7


def _last_assessed_week(selection: SelectionParameters, pool: _Pool) -> FloatArray:
    last = pool.law.intake_week
    if selection.rows == "intake":
        return last
    until = np.minimum(pool.courses.weeks, _seen_weeks(selection, pool))
    for week in selection.review_weeks:
        last = np.where(until > week, week, last)
    return last


def _select(
    parameters: SyntheticParameters, pool: _Pool, closure: Closure, horizon: float, wanted: int
) -> npt.NDArray[np.intp] | None:
    selection = parameters.selection
    fits = _seen_weeks(selection, pool) > pool.law.intake_week
    if selection.keep != "all":
        fits &= closure.ended == (selection.keep == "closed")
    if selection.long_share is None:
        chosen = np.flatnonzero(fits)[:wanted]
        return chosen if len(chosen) == wanted else None
    n_sites = len(parameters.people.sites)
    rows: list[npt.NDArray[np.intp]] = []
    beyond = closure.duration_weeks > horizon
    for site in range(n_sites):
        quota = wanted // n_sites + (site < wanted % n_sites)
        n_long = round(quota * selection.long_share)
        inside = fits & (pool.facts.codes["municipality"] == site)
        for stratum, number in ((inside & beyond, n_long), (inside & ~beyond, quota - n_long)):
            found = np.flatnonzero(stratum)[:number]
            if len(found) < number:
                return None
            rows.append(found)
    return np.sort(np.concatenate(rows))


@dataclass(frozen=True, slots=True)
class _Assessed:
    """The cases that were assessed at one landmark, by position in the pool."""

    rows: npt.NDArray[np.intp]
    state: ReviewState


def _assess(
    parameters: SyntheticParameters,
    pool: _Pool,
    documents: Documents,
    rng: np.random.Generator,
) -> list[_Assessed]:
    selection = parameters.selection
    rows = np.arange(len(pool.person))
    state = start_reviews(
        parameters, pool.facts, pool.law.intake_week, documents.citizen_intended_weeks, rng
    )
    parts = [_Assessed(rows, state)]
    until = np.minimum(pool.courses.weeks, _seen_weeks(selection, pool))
    for week in () if selection.rows == "intake" else selection.review_weeks:
        running = until[rows] > week
        rows, state = rows[running], _take(state, np.flatnonzero(running))
        slow = pool.courses.slow[rows]
        state = advance_reviews(parameters, state, slow=slow, week=week, rng=rng)
        parts.append(_Assessed(rows, state))
    if selection.rows != "latest":
        return parts
    latest = np.zeros(len(pool.person), dtype=np.int64)
    for position, part in enumerate(parts):
        latest[part.rows] = position
    kept = [np.flatnonzero(latest[part.rows] == i) for i, part in enumerate(parts)]
    return [_take(part, rows) for part, rows in zip(parts, kept, strict=True)]


def _write_out(
    parameters: SyntheticParameters,
    codebook: Codebook,
    cases: tuple[_Pool, Closure, Documents],
    parts: list[_Assessed],
) -> tuple[dict[str, Any], pd.DataFrame]:
    pool, closure, documents = cases
    described: list[dict[str, Column]] = []
    truths: list[dict[str, FloatArray]] = []
    for part in parts:
        facts, papers = _take(pool.facts, part.rows), _take(documents, part.rows)
        described.append(describe_assessment(parameters, facts, papers, part.state))
        law = pool.law.take(part.rows)
        truths.append(_compute_truth(law, part.state, codebook.horizons))
    row_case = np.concatenate([part.rows for part in parts])
    week = np.concatenate([part.state.week for part in parts])
    order = np.lexsort((week, row_case))
    row_case, week = row_case[order], week[order]
    observed: dict[str, Any] = {
        name: np.concatenate([part[name] for part in described])[order] for name in described[0]
    }
    case_id = np.array([f"{CASE_PREFIX}{i + 1:07d}" for i in range(len(pool.person))], dtype=object)
    person_id = np.array([f"{PERSON_PREFIX}{i + 1:07d}" for i in pool.person], dtype=object)
    observed |= {
        codebook.key: case_id[row_case],
        "person_id": person_id[row_case],
        ASSESSED_WEEK: week,
        "first_absence_date": pool.facts.first_absence[row_case].astype("datetime64[s]"),
        "duration_weeks": closure.duration_weeks[row_case],
        "ended": np.where(closure.ended, "yes", "no").astype(object)[row_case],
        "end_reason": closure.end_reason[row_case],
        **{name: values[row_case] for name, values in closure.fields.items()},
    }
    truth = {name: np.concatenate([part[name] for part in truths])[order] for name in truths[0]}
    head = {"case_id": case_id[row_case], ASSESSED_WEEK: week}
    tail = {
        "true_duration_weeks": pool.courses.weeks[row_case],
        "slow": pool.courses.slow[row_case],
    }
    return observed, pd.DataFrame({**head, **truth, **tail})


def _compute_truth(
    law: CourseLaw, state: ReviewState, horizons: tuple[float, ...]
) -> dict[str, FloatArray]:
    truth: dict[str, FloatArray] = {}
    for horizon in horizons:
        later = np.maximum(state.week, horizon)
        risk = law.compute_risk(later, state.week, state.log_ratio)
        truth[f"true_risk_{horizon:g}w"] = np.where(horizon > state.week, risk, np.nan)
    truth["true_median_weeks"] = law.compute_median(state.week, state.log_ratio)
    return truth


def _take(one: _T, rows: npt.NDArray[np.intp]) -> _T:
    """Return the same dataclass over the chosen rows of all its arrays."""
    return _rebuild(one, lambda parts: parts[0][rows], [one])


def _join(parts: list[_T]) -> _T:
    """Return one dataclass over the rows of all parts, one after the other."""
    return _rebuild(parts[0], np.concatenate, parts)


def _rebuild(first: _T, combine: Any, parts: list[_T]) -> _T:
    changed: dict[str, Any] = {}
    for one in fields(first):  # type: ignore[arg-type]
        values = [getattr(part, one.name) for part in parts]
        if isinstance(values[0], np.ndarray):
            changed[one.name] = combine(values)
        elif isinstance(values[0], Mapping):
            keys = values[0]
            changed[one.name] = {key: combine([value[key] for value in values]) for key in keys}
        elif isinstance(values[0], Facts | CourseLaw | DrawnCourses | ReviewState):
            changed[one.name] = _rebuild(values[0], combine, values)
    return replace(first, **changed)  # type: ignore[type-var]
