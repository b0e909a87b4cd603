"""Whether a whole table holds anything to learn from, told before any work is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.errors import Fault, InputError
from riskmodel.evaluation.judged_rows import require_outcomes

__all__ = ["CourseCounts", "count_courses", "refuse_one_sided"]

FEWEST_PER_STATE = 2


@dataclass(frozen=True, slots=True)
class CourseCounts:
    """Assessments of a table by what is known at the primary horizon.

    Parameters
    ----------
    horizon_weeks : float
        The horizon.
    long, short : int
        Assessments before the horizon whose course was seen to last beyond it, or to end by it.
    unseen : int
        Those whose course was still open when last seen, before the horizon.
    late : int
        Assessments at or after the horizon, which nothing is asked of.
    """

    horizon_weeks: float
    long: int
    short: int
    unseen: int
    late: int

    def __str__(self) -> str:
        return (
            f"{self.long} long, {self.short} short, {self.unseen} still open when last seen and "
            f"{self.late} assessed after the horizon of {self.horizon_weeks:g} weeks"
        )


def count_courses(table: CaseTable) -> CourseCounts:
    """Count a table's assessments by what is known of them at the primary horizon.

    Raises
    ------
    InputError
        If the table has no outcomes.
    """
    horizon = table.codebook.primary_horizon
    long_course = require_outcomes(table).status_at(horizon).long_course
    asked = table.assessed_week < horizon
    return CourseCounts(
        horizon_weeks=horizon,
        long=int(np.sum(asked & (long_course == 1))),
        short=int(np.sum(asked & (long_course == 0))),
        unseen=int(np.sum(asked & np.isnan(long_course))),
        late=int(np.sum(~asked)),
    )


def refuse_one_sided(table: CaseTable) -> CourseCounts:
    """Stop at once where there are no two long and two short courses to learn from.

    Raises
    ------
    InputError
        With the counts of the whole table, what is lacking and the remedy.
    """
    found = count_courses(table)
    if min(found.long, found.short) >= FEWEST_PER_STATE:
        return found
    if found.long + found.short == 0:
        lacking = "no course was seen to its end or to the horizon"
        remedy = "Add closed cases: of open ones nothing is known yet."
    elif found.long < FEWEST_PER_STATE:
        lacking = "there are not two long courses to learn from"
        remedy = (
            "Add cases that lasted longer, or train with a codebook of an earlier primary_horizon."
        )
    else:
        lacking = "there are not two short courses to learn from"
        remedy = (
            "Add cases that ended earlier, or train with a codebook of a later primary_horizon."
        )
    raise InputError(Fault(file=table.source, problem=f"{lacking}: {found}.", remedy=remedy))
