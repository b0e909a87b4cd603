"""Closed cases at their first assessment, scaled to the cases that a year brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.errors import InputError
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.stats.resampling import bootstrap_counts
from riskmodel.visitation.inflow import Inflow

__all__ = ["FEWEST_OF_SITE", "JudgedCases", "YearlyScale"]

BoolArray = npt.NDArray[np.bool_]
FEWEST_OF_SITE: Final = 30
MOST_CELLS: Final = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class JudgedCases:
    """Cases whose state at the horizon was seen, each at its first assessment.

    Parameters
    ----------
    risk, risk_low, risk_high : ndarray of float, shape (n,)
        Risk with its interval, at the horizon of the policy.
    outside_training : ndarray of bool, shape (n,)
        Cases unlike anything in the training data.
    long_course : ndarray of float, shape (n,)
        1 where the course was long, else 0.
    duration_weeks, assessed_week : ndarray of float, shape (n,)
        Weeks from the first absence day to the end or the last day seen, and to the
        assessment.
    weight : ndarray of float, shape (n,)
        Inverse probability of the state being seen, > 0.
    person : ndarray of int, shape (n,)
        Number of the person.
    site : ndarray of str, shape (n,)
        Municipality.
    floor : int
        Fewest persons that the difference of two published rows may show; 0 where the cases
        are no real persons.

    Raises
    ------
    InputError
        If fewer than five persons had a long course, or a short one.
    """

    risk: FloatArray
    risk_low: FloatArray
    risk_high: FloatArray
    outside_training: BoolArray
    long_course: FloatArray
    duration_weeks: FloatArray
    assessed_week: FloatArray
    weight: FloatArray
    person: IntArray
    site: npt.NDArray[np.str_]
    floor: int = 0

    def __post_init__(self) -> None:
        n_long, n_short = (self.count_persons(self.long_course == value) for value in (1, 0))
        if min(n_long, n_short) < MIN_CELL:
            msg = (
                f"Thresholds need closed cases of at least {MIN_CELL} persons with a long course "
                f"and {MIN_CELL} with a short one; there are fewer of one kind. Add closed cases."
            )
            raise InputError(msg)

    def __len__(self) -> int:
        return len(self.risk)

    def count_persons(self, rows: BoolArray) -> int:
        """Return the number of persons behind some rows."""
        return len(np.unique(self.person[rows]))


@dataclass(frozen=True, slots=True, eq=False)
class YearlyScale:
    """Turns sums over the cases into figures a year, on the cases and on every draw.

    A municipality with few cases of its own, or none, borrows the cases of all.

    Parameters
    ----------
    cases : JudgedCases
        The cases.
    inflow : Inflow
        Cases a year of each municipality.
    rows_of_site : tuple of ndarray of int
        Cases that stand for each municipality.
    borrowed : tuple of str
        Municipalities that borrow the cases of all.
    counts : ndarray of uint8, shape (n, n_draws)
        How often each draw holds each case; persons are drawn whole.
    """

    cases: JudgedCases
    inflow: Inflow
    rows_of_site: tuple[IntArray, ...]
    borrowed: tuple[str, ...]
    counts: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, cases: JudgedCases, inflow: Inflow, n_draws: int, seed: int) -> YearlyScale:
        """Draw persons, and find the cases that stand for each municipality.

        Parameters
        ----------
        cases : JudgedCases
            The cases.
        inflow : Inflow
            Cases a year.
        n_draws, seed : int
            Bootstrap draws of persons, and the seed.
        """
        drawn = [
            np.minimum(one, 255).astype(np.uint8)
            for one in bootstrap_counts(len(cases), n_draws, random_state=seed, groups=cases.person)
        ]
        everybody = np.arange(len(cases))
        rows, borrowed = [], []
        for one in inflow.sites:
            own = np.flatnonzero(cases.site == one.site)
            if len(own) < FEWEST_OF_SITE:
                borrowed.append(one.site)
                own = everybody
            rows.append(own)
        return cls(cases, inflow, tuple(rows), tuple(borrowed), np.column_stack(drawn))

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.counts.shape[1])

    def sum_by_site(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what each municipality's cases of a year add up to.

        Parameters
        ----------
        columns : ndarray of float, shape (n, k)
            Figures of the cases, such as one for a long course.

        Returns
        -------
        point : ndarray of float, shape (n_sites, k)
        draws : ndarray of float, shape (n_draws, n_sites, k)
        """
        shares: dict[int, tuple[FloatArray, FloatArray]] = {}
        point, drawn = [], []
        for one, rows in zip(self.inflow.sites, self.rows_of_site, strict=True):
            # Municipalities that borrow all cases have the same shares.
            if id(rows) not in shares:
                shares[id(rows)] = self._find_shares(rows, columns[rows])
            own, on_draws = shares[id(rows)]
            point.append(one.cases_a_year * own)
            drawn.append(one.cases_a_year * on_draws)
        return np.stack(point), np.stack(drawn, axis=1)

    def sum_points(self, columns: FloatArray) -> FloatArray:
        """Return what the cases of a year add up to, without draws, shape (k,)."""
        total = np.zeros(columns.shape[1])
        for one, rows in zip(self.inflow.sites, self.rows_of_site, strict=True):
            weight = self.cases.weight[rows]
            total += one.cases_a_year * (weight @ columns[rows]) / weight.sum()
        return total

    def _find_shares(self, rows: IntArray, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        weight = self.cases.weight[rows]
        drawn = [
            (weights.T @ columns) / weights.sum(axis=0)[:, None]
            for weights in self._drawn_weights(rows)
        ]
        return (weight @ columns) / weight.sum(), np.concatenate(drawn)

    def sum_all(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what the cases of a year add up to over all municipalities.

        Parameters
        ----------
        columns : ndarray of float, shape (n, k)
            Figures of the cases.

        Returns
        -------
        point : ndarray of float, shape (k,)
        draws : ndarray of float, shape (n_draws, k)
        """
        point, draws = self.sum_by_site(columns)
        return point.sum(axis=0), draws.sum(axis=1)

    def _drawn_weights(self, rows: IntArray) -> Iterator[FloatArray]:
        """Weights of some cases on the draws, a few draws at a time."""
        step = max(1, MOST_CELLS // max(len(rows), 1))
        for start in range(0, self.n_draws, step):
            counts = self.counts[rows, start : start + step].astype(np.float64)
            weights = self.cases.weight[rows, None] * counts
            # A draw without any case of a small site keeps the site as it is.
            empty = weights.sum(axis=0) == 0
            weights[:, empty] = self.cases.weight[rows, None]
            yield weights
