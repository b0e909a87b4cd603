"""The queue of talks over a year: what falls due, what the staff can hold, who waits.

Cases come by a Poisson process with seasons. Each brings work in given weeks after it came.
Work that cannot be done in its week waits in order of due date. Weeks and work are whole
numbers of weeks and any unit of work (talks or minutes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from riskmodel.stats.arrays import FloatArray

__all__ = ["Queue", "run_queue", "simulate_demand"]

LONGEST_WAIT: Final = 52


@dataclass(frozen=True, slots=True, eq=False)
class Queue:
    """A queue in each of several simulated years.

    Parameters
    ----------
    demand, backlog : ndarray of float, shape (n_years, n_weeks)
        Work falling due in each week, and left undone at the end of each week.
    within : ndarray of float, shape (n_years, LONGEST_WAIT + 1)
        Share of the work that is done at most so many weeks after it was due.
    """

    demand: FloatArray
    backlog: FloatArray
    within: FloatArray

    def find_wait(self, share: float) -> FloatArray:
        """Return the weeks within which a share of each year's work is done, shape (n_years,).

        Infinite where that takes more than a year.
        """
        reached = self.within >= share - 1e-12
        first = np.argmax(reached, axis=1).astype(np.float64)
        return np.where(reached.any(axis=1), first, np.inf)


def simulate_demand(
    cases_a_year: FloatArray,
    work: FloatArray,
    season: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw the work that falls due in each week of a year.

    The year before brings its cases too, so that the talks which they still need are
    there from the first week.

    Parameters
    ----------
    cases_a_year : ndarray of float, shape (n_years, n_patterns)
        Expected cases a year that bring each pattern of work; one row for each year drawn.
    work : ndarray of float, shape (n_patterns, n_lags)
        Work of one case so many weeks after it came.
    season : ndarray of float, shape (n_weeks,)
        Share of the year's cases in each week; sums to one.
    rng : Generator
        Source of chance.

    Returns
    -------
    ndarray of float, shape (n_years, n_weeks)
    """
    n_weeks, n_lags = len(season), work.shape[1]
    demand = np.zeros((len(cases_a_year), n_weeks))
    weeks_before = min(n_lags - 1, n_weeks)
    shares = np.concatenate([season[n_weeks - weeks_before :], season])
    for pattern in range(len(work)):
        came = rng.poisson(cases_a_year[:, pattern, None] * shares)
        for lag in np.flatnonzero(work[pattern]):
            first = weeks_before - lag
            start = max(first, 0)
            part = came[:, start : first + n_weeks]
            demand[:, start - first :] += work[pattern, lag] * part
    return demand


def run_queue(demand: FloatArray, capacity: float) -> Queue:
    """Let the work of each year wait in line for a weekly capacity; each year begins empty.

    Nobody leaves the line, so waits are on the high side where courses end meanwhile.

    Parameters
    ----------
    demand : ndarray of float, shape (n_years, n_weeks)
        Work falling due in each week.
    capacity : float
        Work that can be done in a week, > 0.

    Raises
    ------
    ValueError
        If the capacity is not more than 0.

    References
    ----------
    Lindley (1952), Math Proc Camb Philos Soc 48:277-289.
    https://doi.org/10.1017/S0305004100027638

    Examples
    --------
    >>> queue = run_queue(np.array([[3.0, 0.0, 0.0, 0.0]]), 2.0)
    >>> queue.backlog
    array([[1., 0., 0., 0.]])
    >>> queue.within[0, :2]
    array([0.66666667, 1.        ])
    """
    if not capacity > 0:
        msg = f"capacity must be more than 0, got {capacity}."
        raise ValueError(msg)
    surplus = np.cumsum(demand - capacity, axis=1)
    lowest = np.minimum(np.minimum.accumulate(surplus, axis=1), 0.0)
    backlog = surplus - lowest
    ahead = np.hstack([np.zeros((len(demand), 1)), backlog[:, :-1]])
    total = demand.sum(axis=1)
    within = np.ones((len(demand), LONGEST_WAIT + 1))
    for wait in range(LONGEST_WAIT + 1):
        room = np.clip((wait + 1) * capacity - ahead, 0.0, demand)
        np.divide(room.sum(axis=1), total, out=within[:, wait], where=total > 0)
    return Queue(demand, backlog, within)
