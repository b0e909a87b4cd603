"""How well the expected duration and its interval are foretold, open courses counted too.

The duration of a course is the time to its end by whatever road. Where courses are still
open, what can be told of it ends where ten persons were followed: errors are those of
durations cut there, and coverage is the share reaching the interval's lower end less the
share lasting beyond its upper end, each weighted by the inverse probability of being seen
until then.
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
from riskmodel.evaluation.figures import DurationFigures, Estimate, Span
from riskmodel.evaluation.groups import Grouping
from riskmodel.evaluation.judged_rows import find_case_weights, require_outcomes
from riskmodel.stats.arrays import BoolArray, FloatArray, IntArray
from riskmodel.stats.censoring import censoring_weights
from riskmodel.stats.discrimination import concordance
from riskmodel.stats.resampling import bootstrap_counts

__all__ = ["DurationTask", "plan_durations"]

CONCORDANCE_CELLS = 400_000
FEWEST_DRAWS = 20
FEWEST_FOLLOWED = 10
NORMAL_95 = 1.959963984540054
ALL = "durations"
N_FIGURES = 11


@dataclass(frozen=True, slots=True)
class DurationTask:
    """Errors and coverage of the expected duration.

    Parameters
    ----------
    span : Span
        The rows in words and counts; the horizon is NaN.
    until : float
        Durations are cut here; infinite where all courses were seen to their end.
    rows : ndarray of int, shape (m,)
        Positions of the courses that were still running at their assessment.
    weights : mapping of str to ndarray of float, shape (m,)
        Cases that each row stands for; that times the inverse probability of having been
        seen until the cut, until the lower and until the upper end of the interval, 0 where
        lost to sight before.
    figures : mapping of str to ndarray of float, shape (m,)
        Absolute error and the plain median's, both cut; whether the course reached the
        lower end and lasted beyond the upper; the width of the interval; and whether its upper
        end is the cut or lies later.
    """

    span: Span
    until: float
    rows: IntArray
    weights: Mapping[str, FloatArray]
    figures: Mapping[str, FloatArray]

    @property
    def name(self) -> str:
        """Key among all tasks."""
        return f"{ALL}|{self.span.family}|{self.span.level}"

    @classmethod
    def of(
        cls, held_out: HeldOutScores, table: CaseTable, chosen: BoolArray, span: Span
    ) -> DurationTask:
        """Lay out the chosen courses.

        Parameters
        ----------
        held_out : HeldOutScores
            Expected durations.
        table : CaseTable
            The same rows.
        chosen : ndarray of bool, shape (n,)
            Rows with an expected duration that were running at their assessment.
        span : Span
            What the rows are.
        """
        outcomes = require_outcomes(table)
        until = _find_cut(outcomes.duration_weeks[chosen], outcomes.ended[chosen], table, chosen)
        rows = np.flatnonzero(chosen & (table.assessed_week < until))
        true, ended = outcomes.duration_weeks[rows], outcomes.ended[rows]
        week = table.assessed_week[rows]
        low = np.minimum(held_out.expected_weeks_low[rows], until)
        high = np.minimum(held_out.expected_weeks_high[rows], until)
        beyond = (true > high) | (~ended & (true >= high))
        cut = np.minimum(true, until)
        own = find_case_weights(table)[rows]

        def weigh(end: float | FloatArray) -> FloatArray:
            return own * censoring_weights(true, ended, week, end, sample_weight=own)

        weights = {
            "own": own,
            "cut": weigh(until),
            "low": weigh(low),
            # Nothing is beyond an upper end at the cut: known of every row.
            "high": np.where(high < until, weigh(high), own),
        }
        figures = {
            "absolute_error": np.abs(np.minimum(held_out.expected_weeks[rows], until) - cut),
            "plain_absolute_error": np.abs(np.minimum(held_out.plain_weeks[rows], until) - cut),
            "reached_low": (true >= low).astype(np.float64),
            "beyond_high": (beyond & (high < until)).astype(np.float64),
            "interval_width": (
                held_out.expected_weeks_high[rows] - held_out.expected_weeks_low[rows]
            ),
            "open_ended": (high >= until).astype(np.float64),
        }
        return cls(span, until, rows, weights, figures)

    def __call__(self, counts: FloatArray) -> Mapping[str, FloatArray]:
        """Return every figure on every draw."""
        drawn = counts[self.rows]
        at_cut = self.weights["cut"][:, None] * drawn
        found = {}
        for name in ("absolute_error", "plain_absolute_error"):
            found[f"mean_{name}"] = _weighted_means(self.figures[name], at_cut)
            found[f"median_{name}"] = _weighted_medians(self.figures[name], at_cut)
        found["median_error_gain"] = (
            found["median_plain_absolute_error"] - found["median_absolute_error"]
        )
        own = self.weights["own"][:, None] * drawn
        before = 1 - _weighted_means(
            self.figures["reached_low"], self.weights["low"][:, None] * drawn
        )
        beyond = _weighted_means(self.figures["beyond_high"], self.weights["high"][:, None] * drawn)
        return found | {
            "ended_before": before,
            "lasted_beyond": beyond,
            "interval_coverage": 1 - before - beyond,
            "interval_width": _weighted_medians(self.figures["interval_width"], own),
            "open_ended": _weighted_means(self.figures["open_ended"], own),
        }

    def finish(
        self,
        drawn: Mapping[str, FloatArray] | None,
        held_out: HeldOutScores,
        table: CaseTable,
        *,
        n_draws: int,
        seed: int,
    ) -> DurationFigures:
        """Return the figures with the intervals of their draws."""
        if self.span.hidden:
            return DurationFigures(self.span, math.nan, *([Estimate(math.nan)] * N_FIGURES))
        points = {name: float(one[0]) for name, one in self(np.ones((len(table), 1))).items()}
        found = {
            name: find_estimate(value, () if drawn is None else drawn[name])
            for name, value in points.items()
        }
        return DurationFigures(
            span=self.span,
            until_weeks=self.until if math.isfinite(self.until) else math.nan,
            concordance=_concordance(held_out, table, self.rows, n_draws=n_draws, seed=seed),
            mean_absolute_error=found["mean_absolute_error"],
            plain_mean_absolute_error=found["mean_plain_absolute_error"],
            median_absolute_error=found["median_absolute_error"],
            plain_median_absolute_error=found["median_plain_absolute_error"],
            interval_coverage=found["interval_coverage"],
            ended_before=found["ended_before"],
            lasted_beyond=found["lasted_beyond"],
            interval_width=found["interval_width"],
            median_error_gain=found["median_error_gain"],
            open_ended=found["open_ended"],
        )


def plan_durations(
    held_out: HeldOutScores, table: CaseTable, groupings: Sequence[Grouping], min_cell: int
) -> list[DurationTask]:
    """List the task of all rows, then one per landmark, with what must be hidden marked.

    Parameters
    ----------
    held_out : HeldOutScores
        Expected durations.
    table : CaseTable
        The same rows.
    groupings : sequence of Grouping
        Splits of the rows; those by landmark are used.
    min_cell : int
        Twice as many persons are needed to show anything.
    """
    outcomes = require_outcomes(table)
    asked = ~np.isnan(held_out.expected_weeks) & (outcomes.duration_weeks > table.assessed_week)
    tasks = [_plan(held_out, table, asked, Span(math.nan), min_cell)]
    if tasks[0].span.hidden:
        return tasks
    for split in groupings:
        if split.family != "landmark":
            continue
        masks = [asked & (split.level_of == number) for number in range(len(split.levels))]
        persons = np.array([len(np.unique(table.group[mask])) for mask in masks])
        shown = protect_small_groups(persons, persons, 2 * min_cell)
        for level, mask, own in zip(split.levels, masks, shown, strict=True):
            span = Span(math.nan, split.family, split.field, level, hidden=own != "shown")
            tasks.append(_plan(held_out, table, mask, span, min_cell))
    return tasks


def _plan(
    held_out: HeldOutScores, table: CaseTable, chosen: BoolArray, span: Span, min_cell: int
) -> DurationTask:
    persons = len(np.unique(table.group[chosen]))
    hidden = replace(span, hidden=True)
    if span.hidden or persons < 2 * min_cell:
        return DurationTask(hidden, math.nan, np.zeros(0, dtype=np.intp), {}, {})
    n_rows, ended = int(chosen.sum()), int(require_outcomes(table).ended[chosen].sum())
    few = 0 < n_rows - ended < min_cell or 0 < ended < min_cell
    shown = replace(span, n_rows=n_rows, n_persons=persons, n_events=-1 if few else ended)
    task = DurationTask.of(held_out, table, chosen, shown)
    return task if len(task.rows) else replace(task, span=hidden)


def _find_cut(duration: FloatArray, ended: BoolArray, table: CaseTable, chosen: BoolArray) -> float:
    """Last whole week that ten persons were followed to; infinite where all have ended."""
    if ended.all():
        return math.inf
    _, person = np.unique(table.group[chosen], return_inverse=True)
    followed = np.zeros(person.max() + 1)
    np.maximum.at(followed, person, duration)
    return float(np.floor(np.sort(followed)[-min(FEWEST_FOLLOWED, len(followed))]))


def _weighted_means(values: FloatArray, weight: FloatArray) -> FloatArray:
    total = weight.sum(axis=0)
    sums = np.einsum("i,ij->j", values, weight)
    return np.asarray(np.divide(sums, total, out=np.full(len(total), np.nan), where=total > 0))


def _weighted_medians(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Smallest value that at least half of each column's weight does not exceed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order], axis=0)
    place = np.argmax(reached >= 0.5 * reached[-1], axis=0)
    return np.where(reached[-1] > 0, values[order][place], np.nan)


def _concordance(
    held_out: HeldOutScores, table: CaseTable, rows: IntArray, *, n_draws: int, seed: int
) -> Estimate:
    """Concordance of the expected duration; its interval is normal, from fewer draws.

    Sorting for every draw is the dear part of the evaluation, and a standard deviation
    settles sooner than a percentile.
    """
    outcomes, own = require_outcomes(table), find_case_weights(table)

    def of(counts: FloatArray) -> float:
        used = rows[counts[rows] > 0]
        return concordance(
            outcomes.duration_weeks[used],
            outcomes.ended[used],
            held_out.expected_weeks[used],
            entry=table.assessed_week[used],
            sample_weight=own[used] * counts[used],
        )

    value = of(np.ones(len(table)))
    fewer = int(np.clip(CONCORDANCE_CELLS // max(len(rows), 1), FEWEST_DRAWS, max(n_draws, 1)))
    if n_draws < FEWEST_DRAWS or math.isnan(value):
        return Estimate(value)
    draws = bootstrap_counts(len(table), fewer, random_state=seed, groups=table.group)
    spread = float(np.nanstd([of(counts) for counts in draws], ddof=1))
    return Estimate(
        value, max(value - NORMAL_95 * spread, 0.0), min(value + NORMAL_95 * spread, 1.0)
    )
