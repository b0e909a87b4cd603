"""Indicators that know the outcome, the person or the calendar are refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.codebook import DataKind, Field
from riskmodel.domain.labels import Label
from riskmodel.errors import InputError
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.leak_guards import find_leaks, find_suspected_leaks, refuse_leaks
from riskmodel.evaluation.record import evaluate

MakeTable = Callable[..., CaseTable]
ScoreBy = Callable[..., HeldOutScores]


def add_number(table: CaseTable, values: np.ndarray, name: str = "suspect") -> CaseTable:
    field = Field(
        name=name,
        label=Label(da=name, en=name),
        type="number",
        known_at="intake",
        range=(-1e12, 1e12),
    )
    fields = pd.concat([table.fields, pd.Series(values.astype(float), name=name)], axis=1)
    codebook = replace(table.codebook, fields=(*table.codebook.fields, field))
    return replace(table, codebook=codebook, fields=fields)


def test_a_fair_table_passes(make_table: MakeTable) -> None:
    for seed in range(5):
        table = make_table(200, seed, censored=0.2)
        assert find_leaks(table) == ()
        refuse_leaks(table)


def durations(table: CaseTable) -> np.ndarray:
    assert table.outcomes is not None
    return table.outcomes.duration_weeks


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (durations, "copy of the duration"),
        (lambda t: durations(t) * 7 + np.random.default_rng(0).normal(0, 1, len(t)), "copy of"),
        (lambda t: -np.sqrt(durations(t)), "copy of the duration"),
        (lambda t: durations(t) - t.assessed_week, "copy of the duration"),
        (lambda t: (durations(t) > 26) * 1.0, "nearly perfectly"),
        (lambda t: np.where(durations(t) > 26, 1.0, np.nan), "nearly perfectly"),
        (lambda t: np.arange(len(t)) + 1000.0, "identifier"),
        (lambda t: 1e9 + np.arange(len(t)) * 7919.0, "identifier"),
        (lambda t: 20260101.0 + np.arange(len(t)) % 28, "date"),
        (lambda t: 1012026.0 + 1e6 * (np.arange(len(t)) % 28), "date"),
    ],
)
def test_leaks_are_refused_with_the_reason(
    make_table: MakeTable, make: Callable[[CaseTable], np.ndarray], reason: str
) -> None:
    table = make_table(200, 1)
    suspect = add_number(table, make(table))
    [fault] = find_leaks(suspect)
    assert fault.column == "suspect"
    with pytest.raises(InputError, match=reason) as refused:
        refuse_leaks(suspect)
    assert refused.value.exit_code == 2
    assert "use: context" in str(refused.value)


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_copy_of_whether_the_course_has_ended_is_refused(
    make_table: MakeTable, noise: float
) -> None:
    table = make_table(300, 4, censored=0.4)
    assert table.outcomes is not None
    ended = table.outcomes.ended
    assert 30 < ended.sum() < 270
    wrong = np.random.default_rng(0).random(len(table)) < noise
    suspect = add_number(table, np.where(wrong, ~ended, ended).astype(float))
    [fault] = find_leaks(suspect)
    assert "whether the course has ended" in fault.problem
    open_only = add_number(table, np.where(ended, np.nan, 1.0))
    assert "whether the course has ended" in find_leaks(open_only)[0].problem


def test_a_copy_that_is_filled_in_for_some_is_refused(make_table: MakeTable) -> None:
    table = make_table(300, 5)
    rng = np.random.default_rng(1)
    copied = (durations(table) > 26).astype(float)
    some = add_number(table, np.where(rng.random(300) < 0.5, copied, np.nan))
    [fault] = find_leaks(some)
    assert "wherever it has a value" in fault.problem
    honest = rng.normal(size=300) + 1.5 * copied
    assert find_leaks(add_number(table, np.where(rng.random(300) < 0.5, honest, np.nan))) == ()


def test_honest_numbers_are_not_taken_for_leaks(make_table: MakeTable) -> None:
    table = make_table(200, 2)
    rng = np.random.default_rng(0)
    wage = np.round(rng.normal(400_000, 90_000, 200))
    assert len(np.unique(wage)) > 195
    strong = durations(table) + rng.normal(0, 15, 200)
    for values in (wage, strong, rng.integers(18, 67, 200), rng.normal(size=200)):
        assert find_leaks(add_number(table, values)) == ()


def test_few_events_are_no_proof_of_a_copy(make_table: MakeTable) -> None:
    table = make_table(14, 3)
    assert find_leaks(add_number(table, (durations(table) > 26) * 1.0)) == ()


def test_a_codebook_cannot_make_closure_fields_or_dates_indicators() -> None:
    label = Label(da="x", en="x")
    with pytest.raises(ValueError, match="closure"):
        Field(name="x", label=label, type="number", range=(0, 1), known_at="closure")
    with pytest.raises(ValueError, match="date"):
        Field(name="x", label=label, type="date", known_at="intake")


def test_an_auc_above_the_ceiling_is_a_suspected_leak(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(300, 4)
    long_course = durations(table) > 26
    rng = np.random.default_rng(0)
    risk = np.clip(0.3 + 0.4 * long_course + rng.normal(0, 0.15, 300), 0.01, 0.99)
    record = evaluate(score_by(table, risk), table, n_bootstrap=0)
    assert record.headline.figures["auc"].value > 0.9
    real = replace(table, codebook=replace(table.codebook, data_kind="case_records"))
    [warning] = find_suspected_leaks(record, real)
    assert warning.subject == "model"
    assert warning.ceiling == 0.85
    assert "0,85" in warning.text.da
    assert "0.85" in warning.text.en
    assert warning.text.da.startswith("Modellen har AUC 0,9")
    assert warning.text.en.startswith("The model has AUC 0.9")
    assert find_suspected_leaks(record, real, ceiling=0.999) == ()
    auc = record.headline.figures["auc"].value
    assert find_suspected_leaks(record, real, ceiling=auc, alone={"noise": auc}) == ()
    for ceiling in (0.5, 1.01):
        with pytest.raises(ValueError, match="ceiling"):
            find_suspected_leaks(record, real, ceiling=ceiling)


@pytest.mark.parametrize(
    ("kind", "limit"), [("case_records", 0.85), ("public", 0.95), ("synthetic", 0.95)]
)
def test_an_indicator_alone_is_held_to_the_ceiling_of_its_data(
    make_table: MakeTable, score_by: ScoreBy, kind: DataKind, limit: float
) -> None:
    table = make_table(100, 4)
    record = evaluate(score_by(table, np.full(100, 0.3)), table, n_bootstrap=0)
    given = replace(table, codebook=replace(table.codebook, data_kind=kind))
    found = find_suspected_leaks(record, given, alone={"low": limit, "high": limit + 0.01})
    assert [(one.subject, one.ceiling) for one in found] == [("high", limit)]
    assert found[0].text.da.startswith("Indikatoren high alene har AUC")
    assert found[0].text.en.startswith("The indicator high alone has AUC")


def test_a_category_with_a_level_of_its_own_for_each_of_few_persons_is_no_copy(
    make_table: Callable[..., CaseTable],
) -> None:
    table = make_table(40, 5, rows_per_person=4)
    _, person = np.unique(table.group, return_inverse=True)
    levels = ("back", "stress", "other")
    fields = table.fields.copy()
    fields["diagnosis_group"] = pd.Categorical(
        np.array(levels)[person % 3], categories=list(levels)
    )
    duration = np.where(person % 3 == 0, 40.0, 15.0)
    ended = np.ones(40, dtype=bool)
    assert (
        find_leaks(replace(table, fields=fields, outcomes=Outcomes(duration, ended, ended))) == ()
    )
