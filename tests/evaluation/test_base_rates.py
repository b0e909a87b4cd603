"""The share by week: counts by hand, drawn towards the share of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.evaluation.base_rates import BaseRates, find_base_rates

MakeTable = Callable[..., CaseTable]


@pytest.fixture
def table(make_table: MakeTable) -> CaseTable:
    """120 persons assessed in week 4, of whom 30 are long, and 80 in week 8, of whom 60 are."""
    week = np.repeat([4.0, 8.0], [120, 80])
    long = np.r_[np.arange(120) < 30, np.arange(80) < 60]
    ended = np.ones(200, dtype=bool)
    return replace(
        make_table(200, rows_per_person=1),
        assessed_week=week,
        outcomes=Outcomes(np.where(long, 40.0, 15.0), ended, ended),
    )


def test_shares_are_counts_with_ten_rows_of_the_share_of_all(table: CaseTable) -> None:
    found = find_base_rates(table, (26.0, 39.0))
    assert found.landmarks.tolist() == [4.0, 8.0]
    wanted = np.array([(30 + 10 * 0.45) / 130, (60 + 10 * 0.45) / 90])
    for column in range(2):
        assert found.shares[:, column] == pytest.approx(wanted)


def test_a_row_belongs_to_the_last_landmark_before_it_and_an_early_one_to_the_first() -> None:
    rates = BaseRates(np.array([4.0, 8.0]), np.array([[0.3, 0.1], [0.7, 0.5]]))
    found = rates.at(np.array([0.0, 4.0, 7.9, 8.0, 30.0]))
    assert found[:, 0].tolist() == [0.3, 0.3, 0.3, 0.7, 0.7]
    assert found[:, 1].tolist() == [0.1, 0.1, 0.1, 0.5, 0.5]


def test_rows_that_stand_for_many_do_not_make_the_data_more(table: CaseTable) -> None:
    plain = find_base_rates(table, (26.0,)).shares
    same = replace(table, case_weight=np.full(200, 7.0))
    assert find_base_rates(same, (26.0,)).shares == pytest.approx(plain)
    weight = np.where(np.arange(200) % 2 == 0, 1.0, 3.0)
    found = find_base_rates(replace(table, case_weight=weight), (26.0,)).shares
    kish = weight * weight.sum() / np.sum(weight**2)
    assert table.outcomes is not None
    long = table.outcomes.duration_weeks > 26
    share = kish @ long / kish.sum()
    for place, week in enumerate((4.0, 8.0)):
        rows = table.assessed_week == week
        wanted = (kish[rows] @ long[rows] + 10 * share) / (kish[rows].sum() + 10)
        assert found[place, 0] == pytest.approx(wanted)


def test_a_horizon_that_nobody_is_asked_for_has_no_share(table: CaseTable) -> None:
    found = find_base_rates(table, (3.0, 26.0))
    assert np.isnan(found.shares[:, 0]).all()
    assert np.isfinite(found.shares[:, 1]).all()
