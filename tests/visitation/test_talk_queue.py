"""The queue of talks against closed forms and against a walk through it talk by talk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.visitation.talk_queue import LONGEST_WAIT, run_queue, simulate_demand


def serve_one_by_one(demand, capacity):
    """Hold talks in order of due week, so many a week, and note how long each waited."""
    line, waits, backlog = [], [], []
    for week, due in enumerate(demand):
        line += [week] * due
        held, line = line[:capacity], line[capacity:]
        waits += [week - one for one in held]
        backlog.append(len(line))
    week = len(demand)
    while line:
        held, line = line[:capacity], line[capacity:]
        waits += [week - one for one in held]
        week += 1
    return np.array(waits), np.array(backlog)


@given(
    demand=st.lists(st.integers(0, 9), min_size=1, max_size=30),
    capacity=st.integers(1, 6),
)
def test_the_queue_is_that_of_talks_held_one_by_one(demand, capacity):
    queue = run_queue(np.array([demand], dtype=float), float(capacity))
    waits, backlog = serve_one_by_one(demand, capacity)
    assert np.array_equal(queue.backlog[0], backlog)
    for weeks in (0, 1, 3):
        share = np.mean(waits <= weeks) if len(waits) else 1.0
        assert queue.within[0, weeks] == pytest.approx(share)
    if len(waits) and waits.max() <= LONGEST_WAIT:
        at_nine_tenths = np.sort(waits)[int(np.ceil(0.9 * len(waits) - 1e-9)) - 1]
        assert queue.find_wait(0.9)[0] == at_nine_tenths


@pytest.mark.parametrize("load", [0.3, 0.7])
def test_the_mean_backlog_is_that_of_a_server_with_constant_service(load):
    # Pollaczek and Khinchine for constant service: load^2 / (2 (1 - load)) are left waiting.
    rng = np.random.default_rng(1)
    demand = rng.poisson(load, (300, 1500)).astype(float)
    found = run_queue(demand, 1.0).backlog[:, 300:].mean()
    assert found == pytest.approx(load**2 / (2 * (1 - load)), rel=0.05)


def test_more_than_the_capacity_is_never_caught_up():
    queue = run_queue(np.full((1, 52), 12.0), 10.0)
    assert queue.backlog[0, -1] == pytest.approx(104)
    assert queue.find_wait(0.99)[0] == 10
    assert np.isinf(run_queue(np.full((1, 52), 1000.0), 1.0).find_wait(0.5)[0])


def test_every_case_brings_its_talks_a_year_after_year():
    # In the long run as many talks fall due as cases bring, whatever the season and the lag.
    season = np.linspace(1, 3, 52)
    season /= season.sum()
    work = np.zeros((2, 41))
    work[0, [0, 10, 40]] = 1.0
    work[1, 3] = 2.5
    cases = np.tile([40.0, 20.0], (3000, 1))
    demand = simulate_demand(cases, work, season, np.random.default_rng(3))
    assert demand.sum(axis=1).mean() == pytest.approx(40 * 3 + 20 * 2.5, rel=0.01)
    # Due in a week is what came the lag before it, of last year where it is that long ago.
    expected = 40 * (season + np.roll(season, 10) + np.roll(season, 40))
    expected += 20 * 2.5 * np.roll(season, 3)
    assert demand.mean(axis=0) == pytest.approx(expected, rel=0.08)


def test_weekly_talks_are_poisson_where_each_case_brings_one():
    season = np.full(52, 1 / 52)
    demand = simulate_demand(
        np.full((400, 1), 520.0), np.ones((1, 1)), season, np.random.default_rng(4)
    )
    assert demand.mean() == pytest.approx(10, rel=0.02)
    assert demand.var() == pytest.approx(10, rel=0.06)


@pytest.mark.parametrize("capacity", [0.0, -1.0, np.nan])
def test_nobody_to_hold_talks_is_refused(capacity):
    with pytest.raises(ValueError, match="more than 0"):
        run_queue(np.ones((1, 3)), capacity)
