"""Persons are counted once, and too few of one kind never stop a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation.sample_size import judge_sample_size
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
