"""What became of the courses: recovery and other endings compete.

A course that ends by another road than recovery has ended, so it is not waiting to recover.
Counting it as lost to sight would overstate recovery; these shares do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.small_cells import protect_small_groups
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.drawn_figures import find_estimate
from riskmodel.evaluation.figures import EndingCurve, EndingPoint, Family, Span
from riskmodel.evaluation.groups import Grouping
from riskmodel.evaluation.judged_rows import find_case_weights, require_outcomes
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.stats.censoring import censoring_weights

__all__ = ["EndingTask", "plan_endings"]

STEP_WEEKS = 4.0
RECOVERED, OTHER = 1, 2


@dataclass(frozen=True, slots=True)
class EndingTask:
    """The two kinds of ending among the courses assessed at one landmark.

    Parameters
    ----------
    span : Span
        The rows in words and counts; the horizon is NaN.
    weeks : ndarray of float, shape (n_weeks,)
        Weeks at which enough persons more had ended to show it.
    drawn_weeks : ndarray of float, shape (n_drawn,)
        Those of them that get intervals: the codebook's horizons.
    rows : ndarray of int, shape (m,)
        Positions of the courses that were still running at their assessment.
    duration, entry : ndarray of float, shape (m,)
        Weeks from the first absence day.
    cause : ndarray of int, shape (m,)
        0 where still open, 1 recovered, 2 ended otherwise.
    weight : ndarray of float, shape (m,)
        Cases that each row stands for.
    """

    span: Span
    weeks: FloatArray
    drawn_weeks: FloatArray
    rows: IntArray
    duration: FloatArray
    entry: FloatArray
    cause: IntArray
    weight: FloatArray

    @property
    def name(self) -> str:
        """Key among all tasks."""
        return f"endings|{self.span.level}"

    def __call__(self, counts: FloatArray) -> Mapping[str, FloatArray]:
        """Return the shares at the weeks with intervals on every draw."""
        return self._find_shares(self.drawn_weeks, counts[self.rows])

    def _find_shares(self, weeks: FloatArray, drawn: FloatArray) -> Mapping[str, FloatArray]:
        """Return the share ended by each week and road, shape (n_draws,) each.

        By inverse probability of being seen, from the own assessment until the week. Where
        all were assessed in one week this is the estimate by Aalen and Johansen. Where they
        were not, that estimate would speak of those still running at the earliest
        assessment, however few they were, and not of those assessed.
        """
        found = {}
        for week in weeks:
            weight = self.weight * censoring_weights(
                self.duration, self.cause > 0, self.entry, float(week), sample_weight=self.weight
            )
            total = np.einsum("i,ij->j", weight, drawn)
            for kind in (RECOVERED, OTHER):
                ended = weight * ((self.cause == kind) & (self.duration <= week))
                found[f"{week:g}|{kind}"] = np.einsum("i,ij->j", ended, drawn) / np.where(
                    total > 0, total, np.nan
                )
        return found

    def finish(self, drawn: Mapping[str, FloatArray] | None) -> EndingCurve:
        """Return the curve, with the intervals of its draws at the horizons."""
        if self.span.hidden:
            return EndingCurve(self.span, ())
        found = self._find_shares(self.weeks, np.ones((len(self.rows), 1)))
        nothing = np.zeros(0)
        points = []
        for week in self.weeks:
            recovered, other = (float(found[f"{week:g}|{kind}"][0]) for kind in (RECOVERED, OTHER))
            ways = [
                nothing if drawn is None else drawn.get(f"{week:g}|{kind}", nothing)
                for kind in (RECOVERED, OTHER)
            ]
            shares = (recovered, other, 1 - recovered - other)
            draws = (*ways, 1 - ways[0] - ways[1])
            points.append(
                EndingPoint(
                    float(week),
                    *(find_estimate(float(one), d) for one, d in zip(shares, draws, strict=True)),
                )
            )
        return EndingCurve(self.span, tuple(points))


def plan_endings(
    held_out: HeldOutScores, table: CaseTable, groupings: Sequence[Grouping], min_cell: int
) -> list[EndingTask]:
    """List one task per landmark; none where the codebook tells no endings apart.

    Parameters
    ----------
    held_out : HeldOutScores
        Tells which rows were judged.
    table : CaseTable
        The same rows.
    groupings : sequence of Grouping
        Splits of the rows; those by landmark are used.
    min_cell : int
        A week is shown where nobody, or this many persons, ended by each road since the last
        week shown, and nobody or this many have not ended.
    """
    if table.codebook.outcome.end_reason is None:
        return []
    outcomes = require_outcomes(table)
    asked = ~np.isnan(held_out.expected_weeks) & (outcomes.duration_weeks > table.assessed_week)
    splits = [one for one in groupings if one.family == "landmark"]
    levels = splits[0].levels if splits else ("",)
    place = splits[0].level_of if splits else np.zeros(len(table), dtype=np.intp)
    field = splits[0].field if splits else ""
    masks = [asked & (place == number) for number in range(len(levels))]
    persons = np.array([len(np.unique(table.group[mask])) for mask in masks])
    shown = protect_small_groups(persons, persons, 2 * min_cell)
    family: Family = "landmark" if splits else "all"
    spans = [
        Span(math.nan, family, field, level, hidden=bool(own != "shown" or size < 2 * min_cell))
        for level, own, size in zip(levels, shown, persons, strict=True)
    ]
    return [
        _plan(table, np.flatnonzero(mask), span, min_cell)
        for mask, span in zip(masks, spans, strict=True)
    ]


def _plan(table: CaseTable, rows: IntArray, span: Span, min_cell: int) -> EndingTask:
    outcomes = require_outcomes(table)
    ended = outcomes.ended[rows]
    cause = np.where(ended, np.where(outcomes.recovered[rows], RECOVERED, OTHER), 0)
    weeks = np.zeros(0) if span.hidden else _choose_weeks(table, rows, cause, min_cell)
    if not len(weeks):
        rows, cause, span = rows[:0], cause[:0], replace(span, hidden=True)
    else:
        few = 0 < len(rows) - ended.sum() < min_cell
        span = replace(
            span,
            n_rows=len(rows),
            n_persons=len(np.unique(table.group[rows])),
            n_events=-1 if few else int(ended.sum()),
        )
    return EndingTask(
        span,
        weeks,
        np.intersect1d(weeks, table.codebook.horizons),
        rows,
        outcomes.duration_weeks[rows],
        table.assessed_week[rows],
        cause.astype(np.intp),
        find_case_weights(table)[rows],
    )


def _choose_weeks(table: CaseTable, rows: IntArray, cause: IntArray, min_cell: int) -> FloatArray:
    """Weeks whose steps are all of nobody or of enough persons; the horizons come first."""
    if not len(rows):
        return np.zeros(0)
    outcomes = require_outcomes(table)
    duration, person = outcomes.duration_weeks[rows], table.group[rows]
    start, last = table.assessed_week[rows].max(), duration.max()
    horizons = [week for week in table.codebook.horizons if start < week <= last]
    steps = np.arange(STEP_WEEKS * (start // STEP_WEEKS + 1), last, STEP_WEEKS)

    def few(after: float, until: float) -> bool:
        step = (duration > after) & (duration <= until)
        counts = [len(np.unique(person[step & (cause == kind)])) for kind in (RECOVERED, OTHER)]
        return any(0 < count < min_cell for count in counts)

    chosen: list[float] = []
    for week in [*horizons, *steps.tolist()]:
        if week in chosen:
            continue
        earlier = max((one for one in chosen if one < week), default=-math.inf)
        later = min((one for one in chosen if one > week), default=math.inf)
        left = len(np.unique(person[duration > week]))
        if left >= min_cell and not few(earlier, week) and not few(week, later):
            chosen.append(week)
    return np.array(sorted(chosen), dtype=np.float64)
