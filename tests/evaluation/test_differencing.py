"""Nothing of few persons follows from subtracting one shown figure from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.curve_figures import THRESHOLDS, find_few_between
from riskmodel.evaluation.groups import find_groupings
from riskmodel.evaluation.judged_rows import JudgedRows
from riskmodel.evaluation.metric_blocks import plan_blocks

MakeTable = Callable[..., CaseTable]
ScoreBy = Callable[..., HeldOutScores]
MIN_CELL = 5


def persons(judged: JudgedRows, chosen: np.ndarray) -> int:
    return len(np.unique(judged.person[chosen]))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 400), width=st.sampled_from([0.3, 1.0, 2.5]))
def test_no_two_thresholds_differ_by_few_persons(seed: int, n: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(-0.5, width, size=n)))
    judged = JudgedRows(
        horizon_weeks=26.0,
        rows=np.arange(n),
        y=(rng.random(n) < p).astype(np.float64),
        weight=np.ones(n),
        person=rng.integers(0, max(n // 2, 1), size=n),
    )
    hidden = find_few_between(judged, p, THRESHOLDS, MIN_CELL)
    shown = [cut for cut, hide in zip(THRESHOLDS, hidden, strict=True) if not hide]
    for low, high in combinations([-np.inf, *shown, np.inf], 2):
        for kind in (0.0, 1.0):
            between = persons(judged, (p >= low) & (p < high) & (judged.y == kind))
            assert between == 0 or between >= MIN_CELL or (low, high) == (-np.inf, np.inf)


def test_enough_between_all_thresholds_hides_none() -> None:
    p = np.repeat(np.arange(0.0, 1.0, 0.0125), 20)
    judged = JudgedRows(
        26.0,
        np.arange(len(p)),
        np.tile([0.0, 1.0], len(p) // 2),
        np.ones(len(p)),
        np.arange(len(p)),
    )
    assert not any(find_few_between(judged, p, THRESHOLDS, MIN_CELL))


def count_by_level(
    held: HeldOutScores, table: CaseTable
) -> dict[tuple[str, str], dict[str, list[JudgedRows]]]:
    blocks = plan_blocks(held, table, find_groupings(table), MIN_CELL)
    found: dict[tuple[str, str], dict[str, list[JudgedRows]]] = defaultdict(dict)
    for one in blocks:
        if one.predictor == "model" and not one.span.hidden and not one.span.rounded:
            levels = found[one.span.family, one.span.field]
            levels.setdefault(one.span.level, []).append(one.judged)
    return found


def test_no_two_horizons_of_a_level_differ_by_few_persons(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    n_compared = 0
    for seed, n in ((0, 120), (1, 200), (2, 320), (3, 600), (4, 1200)):
        table = make_table(n, seed)
        weeks = table.fields["expected_weeks"].fillna(20).to_numpy()
        held = score_by(table, 1 / (1 + np.exp(1.4 - 0.05 * weeks)))
        for levels in count_by_level(held, table).values():
            for tables in levels.values():
                for one, other in combinations(tables, 2):
                    n_compared += 1
                    for kind in (0.0, 1.0):
                        rows = np.setxor1d(one.rows[one.y == kind], other.rows[other.y == kind])
                        between = {
                            *one.person[np.isin(one.rows, rows)],
                            *other.person[np.isin(other.rows, rows)],
                        }
                        assert len(between) == 0 or len(between) >= MIN_CELL
    assert n_compared > 20


def test_the_primary_horizon_is_the_one_that_stays(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(400, 1)
    held = score_by(table, np.full(len(table), 0.4))
    blocks = plan_blocks(held, table, find_groupings(table), MIN_CELL)
    of_all = {
        one.span.horizon_weeks: one.span.hidden
        for one in blocks
        if one.predictor == "model" and one.span.family == "all"
    }
    assert list(of_all) == list(held.horizons)
    assert not of_all[held.primary_horizon]


def test_two_who_ended_between_two_horizons_do_not_show(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(800, 1, rows_per_person=1)
    assert table.outcomes is not None
    woman = (table.fields["sex"] == "f").to_numpy()
    weeks = table.outcomes.duration_weeks
    between = np.flatnonzero(woman & (weeks > 26) & (weeks <= 52))
    moved = weeks.copy()
    moved[between[2:]] = 60.0
    ended = np.ones(len(table), dtype=bool)
    held = score_by(table, np.full(len(table), 0.4))
    for durations, hidden in ((weeks, False), (moved, True)):
        changed = replace(table, outcomes=Outcomes(durations, ended, ended))
        blocks = plan_blocks(held, changed, find_groupings(changed), MIN_CELL)
        found = {
            (one.span.horizon_weeks, one.span.level): one.span.hidden or one.span.rounded
            for one in blocks
            if one.predictor == "model" and one.span.field == "sex"
        }
        assert not found[26.0, "f"]
        assert found[52.0, "f"] == found[52.0, "m"] == hidden
