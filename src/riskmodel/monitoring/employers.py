"""Employers with more courses, or more long ones, than their size and their cases explain.

A high figure is no blame: it says where a visit is likely to be of use. Employers are
pseudonyms here; where few people are behind a figure it is not shown, nor are as many others as
it takes to keep it from following by subtraction from the totals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.small_cells import MIN_CELL, protect_small_groups
from riskmodel.stats.comparison import (
    benjamini_hochberg,
    poisson_binomial,
    poisson_p_value,
    tail_p_value,
)
from riskmodel.stats.intervals import clopper_pearson, poisson_limits

__all__ = ["EMPLOYER_COLUMNS", "EmployerFigures", "EmployerLook", "compute_employer_figures"]

FloatArray = npt.NDArray[np.float64]

EMPLOYER_COLUMNS = ("employer", "case_id", "person", "long_course", "risk", "headcount")
_STEPS = 80


@dataclass(frozen=True, slots=True)
class EmployerLook:
    """One employer seen from one side.

    Parameters
    ----------
    employer : str
        Pseudonym.
    observed : int or None
        Courses, or long courses; None where few people would show.
    expected : float or None
        What chance alone would give an employer of this size with these cases.
    ratio, low, high : float or None
        Observed over expected with exact 95 % limits.
    adjusted_p : float or None
        How surprising it is, adjusted for all looks at all employers, rounded up to hundredths
        (the exact figure can be that of another look, which may be hidden); None where hidden.
    unusual : bool
        Whether there are more than expected, beyond what many looks would bring by chance.
    """

    employer: str
    observed: int | None
    expected: float | None
    ratio: float | None
    low: float | None
    high: float | None
    adjusted_p: float | None
    unusual: bool


@dataclass(frozen=True, slots=True)
class EmployerFigures:
    """Every employer that can be judged.

    Parameters
    ----------
    n_employers, n_courses : int
        In all.
    n_too_small : int
        Employers with fewer people than `min_cell`, told nowhere.
    n_looks : int
        Comparisons that were made.
    n_known : int
        Courses whose length is known.
    n_counted : int or None
        Courses of employers whose headcount is known; None where it would give the courses of
        few people away.
    long_share : float or None
        Share of long courses among those whose length is known; None where few people have
        long ones, or short ones, or all are of one employer whose figures are hidden.
    courses_per_head : float or None
        Courses per employee of the employers whose headcount is known; None where there are
        none, or few people with courses.
    adjusted_for_cases : bool
        Whether the expected long courses follow each case's own risk.
    many, long : tuple of EmployerLook
        Number of courses, where the headcount is known; and long courses. Largest ratio
        first, those without figures last.
    rate : float
        Share of the unusual ones that may be there by chance.
    min_cell : int
        Smallest number of people that is shown.
    """

    n_employers: int
    n_courses: int
    n_too_small: int
    n_looks: int
    n_known: int
    n_counted: int | None
    long_share: float | None
    courses_per_head: float | None
    adjusted_for_cases: bool
    many: tuple[EmployerLook, ...]
    long: tuple[EmployerLook, ...]
    rate: float
    min_cell: int


@dataclass(frozen=True, slots=True)
class _Look:
    """One comparison before the adjustment."""

    employer: str
    observed: int
    expected: float
    low: float
    high: float
    p: float
    shown: bool
    may_flag: bool


def compute_employer_figures(
    courses: pd.DataFrame, *, min_cell: int = MIN_CELL, rate: float = 0.05
) -> EmployerFigures:
    """Compare employers with what is expected of them.

    The number of courses is compared with the employer's share of all employees (Poisson);
    the number of long courses with the sum of its cases' risks, shifted so that they fit on
    average, or with the common share (Poisson binomial). All p-values of both kinds are
    adjusted together.

    Parameters
    ----------
    courses : DataFrame
        One row per course with the columns `EMPLOYER_COLUMNS`: ``long_course`` is 1, 0 or
        NaN where not known; ``risk`` and ``headcount`` are NaN where not known.
    min_cell : int
        Smallest number of people that is shown, from 3 to 20.
    rate : float
        Rate of false alarms that is accepted among the unusual ones, in (0, 1).

    Returns
    -------
    EmployerFigures

    Notes
    -----
    Totals are told, so hidden employers' courses and long courses are what the shown ones leave
    over. Figures of the smallest other employers are hidden until that is at least two
    employers' and `min_cell` people's of each kind. An employer whose number of courses is
    hidden has its long courses hidden too, since the expected number tells how many courses
    there are. How many courses have no known length is not taken for a secret.

    Raises
    ------
    ValueError
        If a column is missing, a course stands twice, no length is known, or an employer
        has two headcounts.

    References
    ----------
    Spiegelhalter (2005), Stat Med 24:1185-1202. https://doi.org/10.1002/sim.1970
    """
    _check_courses(courses)
    people = courses.groupby("employer")["person"].nunique()
    large = people[people >= min_cell].index
    kept = courses[courses["employer"].isin(large)]
    hidden, tells_counted = _hide_courses(courses, min_cell)
    many, per_head = _look_at_counts(courses, kept, hidden)
    long, share, adjusted_for_cases = _look_at_long(courses, kept, min_cell, hidden)
    looks = [*many, *long]
    adjusted = benjamini_hochberg([one.p for one in looks]) if looks else np.empty(0)
    told = [_tell(one, float(p), rate=rate) for one, p in zip(looks, adjusted, strict=True)]
    return EmployerFigures(
        n_employers=len(people),
        n_courses=len(courses),
        n_too_small=len(people) - len(large),
        n_looks=len(looks),
        n_known=int(courses["long_course"].notna().sum()),
        n_counted=int(courses["headcount"].notna().sum()) if tells_counted else None,
        long_share=share,
        courses_per_head=per_head,
        adjusted_for_cases=adjusted_for_cases,
        many=_sort(told[: len(many)]),
        long=_sort(told[len(many) :]),
        rate=rate,
        min_cell=min_cell,
    )


def _hide_courses(courses: pd.DataFrame, min_cell: int) -> tuple[set[str], bool]:
    """Return employers whose number of courses is hidden, and whether those counted are told.

    Those with and without a headcount each have a total. Where one of the totals is itself of
    few people, only the sum of both is told, and they hide each other.
    """
    people = courses.groupby("employer")["person"].nunique()
    has_heads = courses.groupby("employer")["headcount"].first().notna()
    parts = [people[has_heads], people[~has_heads]]
    hidden = [_hide_few(one, one, min_cell) for one in parts]
    if any(
        _follows(part[list(names)], part[list(names)], min_cell)
        for part, names in zip(parts, hidden, strict=True)
    ):
        return set().union(*hidden, _hide_few(people, people, min_cell)), False
    return set().union(*hidden), True


def _hide_few(
    events: pd.Series, others: pd.Series, min_cell: int, near: set[str] | None = None
) -> set[str]:
    """Return the employers that may not be shown; counts of people by employer."""
    held_back = None if near is None else np.asarray(events.index.isin(list(near)), dtype=np.bool_)
    found = protect_small_groups(
        events.to_numpy(dtype=np.int64), others.to_numpy(dtype=np.int64), min_cell, near=held_back
    )
    # Rounded figures would need rounded limits and ratios: large employers are hidden as well.
    return {str(one) for one, how in zip(events.index, found, strict=True) if how != "shown"}


def _follows(events: pd.Series, others: pd.Series, min_cell: int) -> bool:
    """Whether what the hidden employers have together tells of few people, or of one employer."""
    return len(events) == 1 or (
        len(events) > 0 and min(int(events.sum()), int(others.sum())) < min_cell
    )


def _check_courses(courses: pd.DataFrame) -> None:
    absent = [name for name in EMPLOYER_COLUMNS if name not in courses.columns]
    if absent:
        msg = f"the courses lack the columns {', '.join(absent)}."
        raise ValueError(msg)
    if courses["case_id"].duplicated().any():
        msg = "the courses must hold each case once."
        raise ValueError(msg)
    if not courses["long_course"].notna().any():
        msg = "no course has a known length."
        raise ValueError(msg)
    if (courses.groupby("employer")["headcount"].nunique() > 1).any():
        msg = "an employer must have one headcount."
        raise ValueError(msg)


def _look_at_counts(
    courses: pd.DataFrame, kept: pd.DataFrame, hidden: set[str]
) -> tuple[list[_Look], float | None]:
    counted = courses[courses["headcount"].notna()]
    if counted["employer"].isin(hidden).all():
        return [], None
    heads = counted.groupby("employer")["headcount"].first()
    rate = len(counted) / float(heads.sum())
    looks = []
    for employer, rows in kept[kept["headcount"].notna()].groupby("employer"):
        observed, expected = len(rows), rate * float(heads[employer])
        low, high = poisson_limits(observed, expected)
        looks.append(
            _Look(
                employer=str(employer),
                observed=observed,
                expected=expected,
                low=float(low),
                high=float(high),
                p=float(poisson_p_value(observed, expected)),
                shown=employer not in hidden,
                may_flag=True,
            )
        )
    return looks, rate


def _look_at_long(
    courses: pd.DataFrame, kept: pd.DataFrame, min_cell: int, near: set[str]
) -> tuple[list[_Look], float | None, bool]:
    known = courses[courses["long_course"].notna()]
    share = float(known["long_course"].mean())
    by_case = bool(known["risk"].notna().all()) and 0 < share < 1
    chance = pd.Series(share, index=known.index)
    if by_case:
        chance[:] = _shift_to_mean(known["risk"].to_numpy(dtype=np.float64), share)
    hidden, tells_share = _hide_long(known, min_cell, near)
    looks = []
    for employer, rows in known[known.index.isin(kept.index)].groupby("employer"):
        if rows["person"].nunique() < min_cell:
            continue
        observed, n = int(rows["long_course"].sum()), len(rows)
        own = chance[rows.index].to_numpy(dtype=np.float64)
        expected = float(own.sum())
        low, high = clopper_pearson(observed, n)
        looks.append(
            _Look(
                employer=str(employer),
                observed=observed,
                expected=expected,
                low=float(low) * n / expected if expected else 0.0,
                high=float(high) * n / expected if expected else np.inf,
                p=tail_p_value(observed, poisson_binomial(own)),
                shown=employer not in hidden,
                may_flag=observed >= min_cell,
            )
        )
    return looks, share if tells_share else None, by_case


def _hide_long(known: pd.DataFrame, min_cell: int, near: set[str]) -> tuple[set[str], bool]:
    """Return employers whose long courses are hidden, and whether the common share is told."""
    people = known.groupby(["employer", "long_course"])["person"].nunique().unstack(fill_value=0)
    people = people.reindex(columns=[1.0, 0.0], fill_value=0)
    hidden = _hide_few(people[1.0], people[0.0], min_cell, near)
    rest = people.loc[people.index.isin(list(hidden))]
    return hidden, not _follows(rest[1.0], rest[0.0], min_cell)


def _shift_to_mean(risk: FloatArray, share: float) -> FloatArray:
    """Move all log-odds by the same amount, so that the mean risk is the share that was seen."""
    inside = np.clip(risk, 1e-9, 1 - 1e-9)
    odds = np.log(inside / (1 - inside))
    low, high = -40.0, 40.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if float(np.mean(1 / (1 + np.exp(-(odds + middle))))) < share:
            low = middle
        else:
            high = middle
    return np.asarray(1 / (1 + np.exp(-(odds + (low + high) / 2))))


def _tell(one: _Look, adjusted: float, *, rate: float) -> EmployerLook:
    unusual = one.may_flag and adjusted <= rate and one.observed > one.expected
    if not one.shown:
        return EmployerLook(one.employer, None, None, None, None, None, None, unusual)
    return EmployerLook(
        employer=one.employer,
        observed=one.observed,
        expected=one.expected,
        ratio=one.observed / one.expected,
        low=one.low,
        high=one.high,
        adjusted_p=min(float(np.ceil(100 * adjusted)) / 100, 1.0),
        unusual=unusual,
    )


def _sort(looks: list[EmployerLook]) -> tuple[EmployerLook, ...]:
    def place(one: EmployerLook) -> tuple[bool, float, str]:
        return not one.unusual, -(one.ratio or 0.0), one.employer

    return tuple(sorted(looks, key=place))
