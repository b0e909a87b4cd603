"""How well the expected duration and its interval are foretold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.drawn_figures import find_estimate
from riskmodel.evaluation.figures import DurationFigures, Estimate, Span
from riskmodel.evaluation.judged_rows import require_outcomes
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.stats.censoring import censoring_weights
from riskmodel.stats.discrimination import concordance
from riskmodel.stats.resampling import bootstrap_counts

__all__ = ["DurationTask"]

CONCORDANCE_CELLS = 400_000
FEWEST_DRAWS = 20
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class DurationTask:
    """Errors and coverage of the expected duration on ended courses.

    Parameters
    ----------
    span : Span
        The rows in words and counts; the horizon is NaN.
    rows : ndarray of int, shape (m,)
        Positions of the ended courses.
    weight : ndarray of float, shape (m,)
        Inverse probability of the end being seen, > 0.
    figures : mapping of str to ndarray of float, shape (m,)
        Absolute error, the plain median's, covered (0 or 1), and width.
    """

    span: Span
    rows: IntArray
    weight: FloatArray
    figures: Mapping[str, FloatArray]

    @classmethod
    def of(cls, held_out: HeldOutScores, table: CaseTable, min_cell: int) -> DurationTask:
        """Lay out the ended courses that were still running at their assessment."""
        outcomes = require_outcomes(table)
        week = table.assessed_week
        asked = ~np.isnan(held_out.expected_weeks) & (outcomes.duration_weeks > week)
        weight = np.zeros(len(table))
        if asked.any():
            weight[asked] = censoring_weights(
                outcomes.duration_weeks[asked], outcomes.ended[asked], week[asked], math.inf
            )
        rows = np.flatnonzero(asked & (weight > 0))
        true = outcomes.duration_weeks[rows]
        low, high = held_out.expected_weeks_low[rows], held_out.expected_weeks_high[rows]
        persons = len(np.unique(table.group[rows]))
        hidden = persons < 2 * min_cell
        span = (
            Span(math.nan, hidden=True)
            if hidden
            else Span(math.nan, n_rows=int(asked.sum()), n_persons=persons, n_events=len(rows))
        )
        figures = {
            "absolute_error": np.abs(held_out.expected_weeks[rows] - true),
            "plain_absolute_error": np.abs(held_out.plain_weeks[rows] - true),
            "interval_coverage": ((true >= low) & (true <= high)).astype(np.float64),
            "interval_width": high - low,
        }
        return cls(span, rows, weight[rows], figures)

    def __call__(self, counts: FloatArray) -> Mapping[str, FloatArray]:
        """Return every figure on every draw."""
        weight = self.weight[:, None] * counts[self.rows]
        found = {}
        for name in ("absolute_error", "plain_absolute_error"):
            found[f"mean_{name}"] = _weighted_means(self.figures[name], weight)
            found[f"median_{name}"] = _weighted_medians(self.figures[name], weight)
        coverage = _weighted_means(self.figures["interval_coverage"], weight)
        width = _weighted_medians(self.figures["interval_width"], weight)
        return found | {"interval_coverage": coverage, "interval_width": width}

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
        nothing = Estimate(math.nan)
        if self.span.hidden:
            return DurationFigures(self.span, *([nothing] * 7))
        points = {name: float(one[0]) for name, one in self(np.ones((len(table), 1))).items()}
        found = {
            name: find_estimate(value, () if drawn is None else drawn[name])
            for name, value in points.items()
        }
        return DurationFigures(
            span=self.span,
            concordance=_concordance(held_out, table, n_draws=n_draws, seed=seed),
            mean_absolute_error=found["mean_absolute_error"],
            plain_mean_absolute_error=found["mean_plain_absolute_error"],
            median_absolute_error=found["median_absolute_error"],
            plain_median_absolute_error=found["median_plain_absolute_error"],
            interval_coverage=found["interval_coverage"],
            interval_width=found["interval_width"],
        )


def _weighted_means(values: FloatArray, weight: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("i,ij->j", values, weight) / weight.sum(axis=0))


def _weighted_medians(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Smallest value that at least half of each column's weight does not exceed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order], axis=0)
    place = np.argmax(reached >= 0.5 * reached[-1], axis=0)
    return np.asarray(values[order][place], dtype=np.float64)


def _concordance(held_out: HeldOutScores, table: CaseTable, *, n_draws: int, seed: int) -> Estimate:
    """Concordance of the expected duration; its interval is normal, from fewer draws.

    Sorting for every draw is the dear part of the evaluation, and a standard deviation
    settles sooner than a percentile.
    """
    outcomes = require_outcomes(table)
    asked = ~np.isnan(held_out.expected_weeks) & (outcomes.duration_weeks > table.assessed_week)
    rows = np.flatnonzero(asked)

    def of(counts: FloatArray) -> float:
        used = rows[counts[rows] > 0]
        return concordance(
            outcomes.duration_weeks[used],
            outcomes.ended[used],
            held_out.expected_weeks[used],
            entry=table.assessed_week[used],
            sample_weight=counts[used],
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
