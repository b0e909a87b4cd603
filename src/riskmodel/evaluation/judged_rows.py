"""Rows whose state at a horizon was seen, with the weights that make up for the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.small_cells import Protection
from riskmodel.errors import InputError
from riskmodel.evaluation.figures import Family, Span
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.stats.censoring import censoring_weights
from riskmodel.stats.resampling import bootstrap_counts

__all__ = [
    "Draw",
    "JudgedRows",
    "draw_all",
    "find_case_weights",
    "find_judged_rows",
    "require_outcomes",
]

MOST_CELLS = 8_000_000

Draw = Callable[[FloatArray], Mapping[str, FloatArray]]


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """Rows with a known state at one horizon.

    Parameters
    ----------
    horizon_weeks : float
        The horizon.
    rows : ndarray of int, shape (m,)
        Positions in the table.
    y : ndarray of float, shape (m,)
        1 where the course was long, else 0.
    weight : ndarray of float, shape (m,)
        Inverse probability of the state being seen, > 0.
    person : ndarray of int, shape (m,)
        Number of the person.
    """

    horizon_weeks: float
    rows: IntArray
    y: FloatArray
    weight: FloatArray
    person: IntArray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: npt.NDArray[np.bool_]) -> JudgedRows:
        """Return the rows of a mask of length m."""
        return replace(
            self,
            rows=self.rows[chosen],
            y=self.y[chosen],
            weight=self.weight[chosen],
            person=self.person[chosen],
        )

    @property
    def n_persons(self) -> int:
        """Number of persons."""
        return len(np.unique(self.person))

    @property
    def n_persons_long(self) -> int:
        """Persons with a long course."""
        return len(np.unique(self.person[self.y == 1]))

    @property
    def n_persons_short(self) -> int:
        """Persons with a short course."""
        return len(np.unique(self.person[self.y == 0]))

    def protection(self, min_cell: int) -> Protection:
        """Return "hidden" where either outcome has too few persons to show anything."""
        small = min(self.n_persons_long, self.n_persons_short) < min_cell
        return "hidden" if small else "shown"

    def span(
        self,
        family: Family = "all",
        field: str = "",
        level: str = "",
        *,
        protection: Protection = "shown",
    ) -> Span:
        """Return what these rows are; counts are rounded or left out as protection asks."""
        if protection == "hidden":
            return Span(self.horizon_weeks, family, field, level, hidden=True)
        rounded = protection == "rounded"
        digits = -1 if rounded else 0
        share = float(np.sum(self.weight * self.y) / np.sum(self.weight))
        return Span(
            self.horizon_weeks,
            family,
            field,
            level,
            n_rows=round(len(self), digits),
            n_persons=round(self.n_persons, digits),
            n_events=round(int(self.y.sum()), digits),
            event_share=round(share, 2) if rounded else share,
            rounded=rounded,
        )


def require_outcomes(table: CaseTable) -> Outcomes:
    """Return the outcomes of a table.

    Raises
    ------
    InputError
        If it has none.
    """
    if table.outcomes is None:
        msg = f"{table.source}: evaluation needs the outcome columns of the codebook; add them."
        raise InputError(msg)
    return table.outcomes


def find_case_weights(table: CaseTable) -> FloatArray:
    """Return how many cases each row stands for, shape (n,); ones where all were taken."""
    return np.ones(len(table)) if table.case_weight is None else table.case_weight


def find_judged_rows(table: CaseTable, horizon: float, risk: FloatArray) -> JudgedRows:
    """Return the rows that have a risk and whose state at the horizon was seen.

    A course still open and seen for a shorter time is left out; others like it stand in
    for it by their weight, never as a short course. Cases drawn with unequal chances count
    for as many as they stand for.

    Parameters
    ----------
    table : CaseTable
        The cases with outcomes.
    horizon : float
        Weeks from the first absence day.
    risk : ndarray of float, shape (n,)
        NaN where a row is not judged.
    """
    outcomes = require_outcomes(table)
    week = table.assessed_week
    asked = (week < horizon) & ~np.isnan(risk)
    long_course = outcomes.status_at(horizon).long_course
    weight = np.zeros(len(table))
    if asked.any():
        duration = np.maximum(outcomes.duration_weeks, week)
        own = find_case_weights(table)
        weight[asked] = own[asked] * censoring_weights(
            duration[asked], outcomes.ended[asked], week[asked], horizon, sample_weight=own[asked]
        )
    rows = np.flatnonzero(asked & (weight > 0) & ~np.isnan(long_course))
    _, person = np.unique(table.group, return_inverse=True)
    return JudgedRows(
        float(horizon), rows, long_course[rows], weight[rows], person[rows].astype(np.intp)
    )


def draw_all(
    tasks: Mapping[str, Draw], group: npt.NDArray[np.str_], n_draws: int, seed: int
) -> dict[str, dict[str, FloatArray]]:
    """Compute every task on the same bootstrap draws of persons.

    Parameters
    ----------
    tasks : mapping of str to callable
        Takes counts of shape (n, n_draws) and returns arrays whose last axis is the draws.
    group : ndarray of str, shape (n,)
        Person of each row; all rows of a person are drawn together.
    n_draws, seed : int
        Number of draws, and the seed.

    Returns
    -------
    dict
        The arrays of each task, over all draws.
    """
    chunk = int(np.clip(MOST_CELLS // max(len(group), 1), 1, max(n_draws, 1)))
    found: dict[str, list[Mapping[str, FloatArray]]] = {name: [] for name in tasks}
    waiting: list[FloatArray] = []
    for number, counts in enumerate(
        bootstrap_counts(len(group), n_draws, random_state=seed, groups=group)
    ):
        waiting.append(counts)
        if len(waiting) == chunk or number == n_draws - 1:
            drawn = np.column_stack(waiting)
            waiting = []
            for name, task in tasks.items():
                found[name].append(task(drawn))
    return {
        name: {key: np.concatenate([one[key] for one in parts], axis=-1) for key in parts[0]}
        for name, parts in found.items()
        if parts
    }
