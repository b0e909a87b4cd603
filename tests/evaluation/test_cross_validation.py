"""Rows are judged by models that saw neither them nor their persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation import cross_validation
from riskmodel.evaluation.base_rates import find_base_rates
from riskmodel.evaluation.cross_validation import (
    count_folds,
    cross_validate,
    transfer_between_sites,
)
from riskmodel.evaluation.judged_rows import find_judged_rows
from riskmodel.evaluation.new_cases import judge_new_cases
from riskmodel.evaluation.simplest_rule import find_simplest_field, fit_simplest_rule
from riskmodel.training.fit import FittedModel, TrainingSettings, fit_risk_model

MakeTable = Callable[..., CaseTable]


@pytest.fixture(scope="session")
def fitted(make_table: MakeTable, quick: TrainingSettings) -> FittedModel:
    return fit_risk_model(make_table(60, 1), quick)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, fitted: FittedModel) -> list[CaseTable]:
    """Tables that models were asked to be fitted on, in order; one model stands for all."""
    tables: list[CaseTable] = []

    def fit(table: CaseTable, settings: TrainingSettings, *, guard_leaks: bool) -> FittedModel:
        assert settings.n_jobs == 1
        assert not guard_leaks  # the whole table is guarded, not its folds
        tables.append(table)
        return fitted

    monkeypatch.setattr(cross_validation, "fit_risk_model", fit)
    return tables


def test_every_row_is_held_out_with_its_person(
    make_table: MakeTable, quick: TrainingSettings, seen: list[CaseTable]
) -> None:
    table = make_table(90)
    held = cross_validate(table, quick)
    assert len(held) == 90
    assert len(seen) == 2
    for number, training in enumerate(seen):
        judged = table.group[held.fold == number]
        assert not set(judged) & set(training.group)
        assert len(judged) + len(training) == 90


def test_one_early_course_does_not_settle_the_plain_median(
    make_table: MakeTable, quick: TrainingSettings, seen: list[CaseTable]
) -> None:
    table = make_table(90, landmarks=(4.0,))
    assert table.outcomes is not None
    week = np.random.default_rng(0).uniform(4, 8, 90)
    left = table.outcomes.duration_weeks - table.assessed_week
    early = np.arange(90) % 30 < 2  # a person or two in every fold
    week[early], left[early] = 1.0, 0.2
    outcomes = replace(table.outcomes, duration_weeks=week + left)
    held = cross_validate(replace(table, assessed_week=week, outcomes=outcomes), quick)
    assert len(seen) == 2
    ahead = (held.plain_weeks - week)[~early]
    assert np.median(ahead) == pytest.approx(np.median(left[~early]), rel=0.5)


def test_the_figures_of_a_row_agree_with_each_other(
    make_table: MakeTable, quick: TrainingSettings
) -> None:
    table = make_table(60)
    held = cross_validate(table, quick)
    assert held.scored.all()
    assert held.simplest_field == "expected_weeks"
    late = np.array(held.horizons)[None, :] <= table.assessed_week[:, None]
    assert np.array_equal(np.isnan(held.risks), late)
    assert np.all(np.diff(held.risks, axis=1) <= 1e-12)
    np.testing.assert_allclose(held.risks[:, 1], held.risk)
    for risk in (held.challenger_risk, held.simplest_risk, held.base_risk):
        assert np.all((risk > 0) & (risk < 1))
    assert np.all(held.plain_weeks >= table.assessed_week)


def test_transfer_never_trains_on_the_judged_site_or_its_persons(
    make_table: MakeTable, quick: TrainingSettings, seen: list[CaseTable]
) -> None:
    table = make_table(160, rows_per_person=2, sites=("Aby", "Bby", "Cby"))
    held = transfer_between_sites(table, quick)
    assert held.fold_labels == ("Aby", "Bby", "Cby")
    for number, training in enumerate(seen):
        label = held.fold_labels[number]
        assert label not in training.site
        assert set(table.site[held.fold == number]) == {label}
        assert not set(table.group[table.site == label]) & set(training.group)


@pytest.mark.slow
def test_many_sites_are_judged_in_five_groups(
    make_table: MakeTable, quick: TrainingSettings, seen: list[CaseTable]
) -> None:
    sites = tuple(f"K{number}" for number in range(8))
    table = make_table(120, rows_per_person=1, sites=sites)
    held = transfer_between_sites(table, quick)
    assert len(held.fold_labels) == 5
    assert sorted(" + ".join(held.fold_labels).split(" + ")) == sorted(sites)
    for number, training in enumerate(seen):
        assert not set(table.site[held.fold == number]) & set(training.site)


def test_one_site_and_few_persons_are_refused(
    make_table: MakeTable, quick: TrainingSettings
) -> None:
    with pytest.raises(InputError, match="two sites"):
        transfer_between_sites(make_table(40, sites=("Aby",)), quick)
    with pytest.raises(InputError, match="at least 4 persons"):
        cross_validate(make_table(6, rows_per_person=2), quick)


def with_long_courses(table: CaseTable, n_long: int) -> CaseTable:
    """Make the first rows last 40 weeks and the others 15."""
    ended = np.ones(len(table), dtype=bool)
    duration = np.where(np.arange(len(table)) < n_long, 40.0, 15.0)
    return replace(table, outcomes=Outcomes(duration, ended, ended))


def test_few_persons_make_fewer_folds(
    make_table: MakeTable, quick: TrainingSettings, seen: list[CaseTable]
) -> None:
    many = replace(quick, n_folds=5)
    table = make_table(7, 3, rows_per_person=1)
    assert count_folds(table, many) == 3
    held = cross_validate(with_long_courses(table, 3), many)
    assert set(held.fold) == {0, 1, 2}
    assert len(seen) == 3


def test_a_fold_that_cannot_be_learned_from_has_no_figures(
    make_table: MakeTable, quick: TrainingSettings
) -> None:
    table = with_long_courses(make_table(40, rows_per_person=1), 3)
    held = cross_validate(table, quick)
    assert held.scored.any()
    assert not held.scored.all()
    assert np.array_equal(held.fold == -1, ~held.scored)
    assert np.isnan(held.risks[~held.scored]).all()
    assert np.isnan(held.base_risk[~held.scored]).all()


def test_no_fold_to_learn_from_is_told_with_the_counts_of_the_table(
    make_table: MakeTable, quick: TrainingSettings
) -> None:
    with pytest.raises(InputError, match="2 long and 38 short"):
        cross_validate(with_long_courses(make_table(40, rows_per_person=1), 2), quick)


def test_new_cases_are_judged_by_the_model_itself(
    make_table: MakeTable, fitted: FittedModel
) -> None:
    table = make_table(50, 2)
    held = judge_new_cases(fitted.model, table)
    assert held.scored.all()
    np.testing.assert_allclose(held.risks[:, 1], held.risk)
    assert np.isnan(held.challenger_risk).all()
    assert table.outcomes is not None
    y = table.outcomes.status_at(26).long_course
    for week in (4.0, 8.0):
        rows = table.assessed_week == week
        share = (y[rows].sum() + 10 * y.mean()) / (rows.sum() + 10)
        assert held.base_risk[rows] == pytest.approx(share)


def test_the_simplest_rule_rises_with_the_expectation(make_table: MakeTable) -> None:
    table = make_table(300, 3)
    field = find_simplest_field(table.codebook)
    assert field is not None
    assert field.name == "expected_weeks"
    assert table.outcomes is not None
    y = table.outcomes.status_at(26).long_course
    values = table.fields[field.name].to_numpy()
    rule = fit_simplest_rule(values, y, np.ones(300))
    risk = rule.risk(np.array([5.0, 20.0, 60.0, np.nan]))
    assert risk[0] < risk[1] < risk[2]
    assert 0 < risk[3] < 1
    missing = np.isnan(values)
    assert risk[3] == pytest.approx(y[missing].mean(), abs=0.03)


def test_the_base_rate_knows_the_assessed_week(make_table: MakeTable) -> None:
    table = make_table(400, 3, censored=0.4, landmarks=(4.0, 20.0))
    rates = find_base_rates(table, (26.0, 52.0))
    assert rates.landmarks.tolist() == [4.0, 20.0]
    assert rates.shares.shape == (2, 2)
    assert rates.shares[1, 0] > rates.shares[0, 0] + 0.1
    early, late = rates.at(np.array([2.0, 25.0]))
    assert np.array_equal(early, rates.shares[0])
    assert np.array_equal(late, rates.shares[1])
    judged = find_judged_rows(table, 26.0, np.zeros(400))
    place = table.assessed_week[judged.rows] == 20
    overall = np.average(judged.y, weights=judged.weight)
    kish = judged.weight.sum() / np.sum(judged.weight**2)
    size = kish * judged.weight[place].sum()
    own = np.average(judged.y[place], weights=judged.weight[place])
    assert rates.shares[1, 0] == pytest.approx((size * own + 10 * overall) / (size + 10))


def test_the_simplest_rule_knows_the_assessed_week() -> None:
    rng = np.random.default_rng(0)
    week = rng.choice([4.0, 12.0], 4000)
    values = rng.normal(20, 5, 4000)
    log_odds = 0.3 * (values - 20) / 5 + np.where(week == 12, 1.0, -1.0)
    y = (rng.random(4000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    rule = fit_simplest_rule(values, y, np.ones(4000), week)
    at = np.array([20.0, 20.0])
    found = rule.risk(at, np.array([4.0, 12.0]))
    expected = 1 / (1 + np.exp([1.0, -1.0]))
    np.testing.assert_allclose(found, expected, atol=0.04)
    plain = fit_simplest_rule(values, y, np.ones(4000))
    assert plain.risk(at[:1]) == pytest.approx(0.5, abs=0.03)
