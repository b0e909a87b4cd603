"""Persons are counted once, and too few of one kind never stop a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation.sample_size import (
    SampleSizeJudgement,
    count_parameters,
    judge_sample_size,
)
from riskmodel.pipelines.findings import try_sample_size

MakeTable = Callable[..., CaseTable]


def lasting(table: CaseTable, weeks: np.ndarray) -> CaseTable:
    ended = np.ones(len(table), dtype=bool)
    return replace(table, outcomes=Outcomes(weeks, ended, ended))


def test_a_person_counts_at_the_first_assessment(make_table: MakeTable) -> None:
    table = make_table(40, rows_per_person=2)
    week = np.tile([4.0, 8.0], 20)
    later_long = np.tile([15.0, 40.0], 20)
    later_long[:10] = 40.0
    judged = judge_sample_size(lasting(replace(table, assessed_week=week), later_long))
    assert (judged.n_persons, judged.n_events) == (20, 5)


def test_the_order_of_the_rows_does_not_matter(make_table: MakeTable) -> None:
    """A person with two courses assessed in the same week counts by the same one."""
    table = make_table(80, landmarks=(4.0,))
    found = {
        judge_sample_size(table.take(np.random.default_rng(seed).permutation(80))).n_events
        for seed in range(8)
    }
    assert len(found) == 1


@pytest.mark.parametrize("weeks", [15.0, 40.0])
def test_courses_of_one_kind_leave_the_judgement_out(make_table: MakeTable, weeks: float) -> None:
    table = lasting(make_table(30), np.full(30, weeks))
    with pytest.raises(InputError, match="of 15 at their first assessments"):
        judge_sample_size(table)
    assert try_sample_size(table) is None


@pytest.mark.parametrize("long", [1, 4, 5, 50, 95, 96, 99])
def test_fewer_than_five_of_a_kind_are_not_counted_out(make_table: MakeTable, long: int) -> None:
    table = make_table(100, rows_per_person=1, landmarks=(4.0,))

    def judge(long: int) -> SampleSizeJudgement:
        return judge_sample_size(lasting(table, np.where(np.arange(100) < long, 40.0, 15.0)))

    found = judge(long)
    if 5 <= long <= 95:
        assert found.n_events == long
        assert SampleSizeJudgement.from_mapping(found.to_mapping()) == found
    else:
        # Nothing tells one from four: all figures are those of five.
        assert found == replace(judge(5 if long < 5 else 95), n_events=-1)
        assert found.far_too_few


@pytest.mark.parametrize(
    ("persons", "events", "too_few"),
    [(50, 15, False), (50, 35, False), (49, 20, True), (50, 14, True), (50, 36, True)],
)
def test_fifty_persons_and_fifteen_of_each_kind_are_the_least(
    make_table: MakeTable, persons: int, events: int, too_few: bool
) -> None:
    judged = judge_sample_size(make_table(100))
    assert replace(judged, n_persons=persons, n_events=events).far_too_few == too_few


def test_a_category_has_a_parameter_for_each_level_but_one(make_table: MakeTable) -> None:
    indicators = make_table(10).codebook.indicators
    kinds = {one.type for one in indicators}
    assert "category" in kinds
    assert len(kinds) > 1
    levels = sum(len(one.levels) for one in indicators if one.type == "category")
    categories = sum(one.type == "category" for one in indicators)
    others = len(indicators) - categories
    assert count_parameters(make_table(10)) == levels - categories + others
