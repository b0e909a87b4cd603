"""Fitting: what is learned from, what is refused, and nothing personal is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.model.risk_model import RiskModel
from riskmodel.training.fit import (
    TrainingSettings,
    find_training_rows,
    fingerprint_cases,
    fit_risk_model,
)


def with_outcomes(table: CaseTable, weeks, ended) -> CaseTable:
    n = len(table)
    duration = np.resize(np.asarray(weeks, dtype=float), n)
    over = np.resize(np.asarray(ended, dtype=bool), n)
    return replace(table, outcomes=Outcomes(duration, over, np.ones(n, dtype=bool)))


def test_open_courses_are_never_counted_as_short(history):
    table = with_outcomes(history, [30.0, 20.0, 20.0, 26.0], [True, True, False, False])
    rows = find_training_rows(table)
    np.testing.assert_array_equal(rows.long_course[:4], [1, 0, 0, 1])
    assert rows.weight[2] == 0
    assert np.all(rows.weight[[0, 1, 3]] > 0)


def test_closed_courses_stand_in_for_open_ones(history):
    table = with_outcomes(history, [30.0, 20.0, 14.0, 30.0], [True, True, False, True])
    weight = find_training_rows(table).weight
    seen_early = with_outcomes(history, [30.0, 20.0, 14.0, 30.0], [True, True, True, True])
    plain = find_training_rows(seen_early).weight
    assert weight[0] > plain[0] == 1


def test_assessments_after_the_horizon_do_not_count(history):
    late = replace(history, assessed_week=np.where(history.group == history.group[0], 26.0, 8.0))
    weight = find_training_rows(late).weight
    assert np.all(weight[history.group == history.group[0]] == 0)


def test_training_needs_outcomes(history):
    with pytest.raises(InputError, match="needs the outcome columns"):
        find_training_rows(replace(history, outcomes=None))


@pytest.mark.parametrize(
    ("weeks", "counts"), [([30.0], r"got \d+ and 0;"), ([9.0], r"got 0 and \d+;")]
)
def test_training_needs_both_kinds_of_courses(history, weeks, counts):
    with pytest.raises(InputError, match=counts):
        fit_risk_model(with_outcomes(history, weeks, [True]), TrainingSettings(n_refits=2))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"n_refits": 1}, "n_refits"), ({"n_folds": 1}, "n_folds"), ({"seed": -1}, "seed")],
)
def test_settings_check_themselves(change, message):
    with pytest.raises(ValueError, match=message):
        TrainingSettings(**change)


def test_provenance_counts_what_was_there(fitted, history):
    found = fitted.model.provenance
    status = history.outcomes.status_at(26)
    assert found.n_rows == len(history)
    assert found.n_persons == len(set(history.group))
    assert found.n_sites == len(set(history.site))
    assert found.n_known == status.known.sum()
    assert found.n_events == np.nansum(status.long_course)
    assert found.data_kind == "synthetic"
    assert found.data_fingerprint == fingerprint_cases(history)


def test_the_fingerprint_sees_every_change(history):
    before = fingerprint_cases(history)
    assert fingerprint_cases(history.take(np.arange(len(history)))) == before
    fields = history.fields.copy()
    fields.iloc[0, 0] = 1.25
    durations = history.outcomes.duration_weeks.copy()
    durations[0] += 1
    changed = (
        history.take(np.arange(len(history))[::-1]),
        replace(history, fields=fields),
        replace(history, outcomes=replace(history.outcomes, duration_weeks=durations)),
        replace(history, outcomes=None),
    )
    assert len({before, *map(fingerprint_cases, changed)}) == 5


def figures_of(model: RiskModel) -> list[bytes]:
    values = model.tables.values
    return [np.concatenate(values.steps).tobytes(), values.slopes.tobytes()]


@pytest.mark.slow
def test_the_same_cases_and_seed_give_the_same_model(history):
    small = history.take(np.arange(120))
    runs = [
        fit_risk_model(small, TrainingSettings(n_refits=2, n_folds=2, pair_terms=False, seed=seed))
        for seed in (1, 1, 2)
    ]
    first, again, other = (figures_of(run.model) for run in runs)
    assert first == again != other


def test_leaks_are_refused_in_a_notebook_too(history):
    fields = history.fields.copy()
    name = "expected_duration_citizen_weeks"
    fields[name] = history.outcomes.duration_weeks
    leaky = replace(history, fields=fields)
    quick = TrainingSettings(n_refits=2, n_folds=2, pair_terms=False)
    with pytest.raises(InputError, match="is a copy of the duration") as caught:
        fit_risk_model(leaky, quick)
    assert [one.column for one in caught.value.faults] == [name]
    part = fit_risk_model(leaky.take(np.arange(60)), quick, guard_leaks=False)
    assert part.model.provenance.n_rows == 60
