"""Tables that teach a model nothing, or the same thing twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.leak_guards import find_suspected_leaks
from riskmodel.evaluation.record import evaluate
from riskmodel.evaluation.table_doubts import count_twins, find_table_doubts
from riskmodel.explanation.contributions import explain_case
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.report.evaluation_page import describe_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_summary import list_warnings, tell_doubts
from riskmodel.report.model_card import render_model_card
from riskmodel.training.fit import TrainingSettings, fit_risk_model

MakeTable = Callable[..., CaseTable]
ScoreBy = Callable[..., HeldOutScores]


def copy_rows(table: CaseTable, share: float = 1.0) -> CaseTable:
    """Add the first persons' rows again, as cases of other persons."""
    persons = np.unique(table.group)
    chosen = np.flatnonzero(np.isin(table.group, persons[: round(share * len(persons))]))
    both = table.take(np.concatenate([np.arange(len(table)), chosen]))
    mark = np.repeat(["", "again-"], [len(table), len(chosen)])
    return replace(
        both, case_id=np.char.add(mark, both.case_id), group=np.char.add(mark, both.group)
    )


def coarsen(table: CaseTable, names: list[str], step: float = 13.0) -> CaseTable:
    """Keep few fields, and durations in steps: most rows are then equal to others."""
    assert table.outcomes is not None
    duration = np.ceil(table.outcomes.duration_weeks / step) * step
    outcomes = replace(table.outcomes, duration_weeks=duration)
    return replace(table, fields=table.fields[names], outcomes=outcomes)


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_courses_that_stand_there_twice_are_counted(make_table: MakeTable, share: float) -> None:
    table = make_table(600, 1)
    assert count_twins(table) == 0
    assert count_twins(copy_rows(table, share)) == 2 * share * 600


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("names", [["diagnosis_group"], ["sex"], ["diagnosis_group", "sex"]])
def test_a_coarse_table_is_full_of_equal_rows_and_none_is_told(
    make_table: MakeTable, names: list[str], seed: int
) -> None:
    table = coarsen(make_table(2000, seed, censored=0.2), names)
    assert table.outcomes is not None
    rows = table.fields.assign(d=table.outcomes.duration_weeks, w=table.assessed_week)
    assert rows.duplicated(keep=False).mean() > 0.5
    assert count_twins(table) == 0


def test_a_coarse_table_is_known_for_repeated_by_its_even_counts(make_table: MakeTable) -> None:
    table = coarsen(make_table(2000, 3), ["diagnosis_group", "sex"])
    assert count_twins(copy_rows(table)) == 4000


def test_rows_of_one_person_are_no_twins(make_table: MakeTable) -> None:
    table = make_table(300, 2, rows_per_person=1)
    again = table.take(np.tile(np.arange(300), 2))
    assert count_twins(again) == 0
    assert count_twins(replace(copy_rows(table), outcomes=None)) == 0


def teach_nothing(table: CaseTable) -> CaseTable:
    fields = table.fields.copy()
    fields["noise"] = np.nan
    fields["diagnosis_group"] = pd.Categorical(
        ["back"] * len(table), categories=["back", "stress", "other"]
    )
    return replace(table, fields=fields)


@pytest.fixture(scope="module")
def silent(make_table: MakeTable) -> CaseTable:
    return teach_nothing(make_table(300, 1))


@pytest.fixture(scope="module")
def model(silent: CaseTable) -> RiskModel:
    return fit_risk_model(silent, TrainingSettings(n_refits=2, n_folds=2, pair_terms=False)).model


def test_a_later_value_of_what_training_never_saw_is_told_outside(
    silent: CaseTable, model: RiskModel
) -> None:
    later = silent.take(np.arange(4))
    fields = later.fields.copy()
    fields.loc[1, "noise"] = 0.5
    fields.loc[2, "diagnosis_group"] = "stress"
    fields.loc[3, "diagnosis_group"] = np.nan
    scored = score_cases(model, replace(later, fields=fields, outcomes=None))
    told = [set(explain_case(scored, row).outside_training) for row in range(4)]
    own = told[0]
    assert own <= {"expected_weeks"}  # noise and diagnosis are as in training
    assert [one - {"expected_weeks"} for one in told] == [
        set(), {"noise"}, {"diagnosis_group"}, {"diagnosis_group"},
    ]  # fmt: skip
    assert scored.outside_training[1:].all()


def test_warnings_stand_in_summary_report_and_model_card(
    silent: CaseTable, model: RiskModel, score_by: ScoreBy
) -> None:
    doubts = find_table_doubts(silent)
    assert (doubts.no_value, doubts.one_value) == (("noise",), ("diagnosis_group",))
    record = evaluate(score_by(silent, np.linspace(0.1, 0.9, 300)), silent, n_bootstrap=0)
    report = EvaluationReport(record, silent.codebook, doubts=doubts)
    told = [one.en for one in list_warnings(report)]
    card, written = render_model_card(model, report), describe_evaluation(report)["warnings"]
    for text in (
        "without a value in any row: noise;",
        "one and the same value in every row: diagnosis_group;",
    ):
        assert sum(text in one for one in told) == 1
        assert text in card
        assert sum(text in one for one in written) == 1


def test_an_indicator_that_is_strong_alone_is_told_whatever_the_data(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(400, 4)
    assert table.outcomes is not None
    long_course = table.outcomes.duration_weeks > 26
    noise = np.random.default_rng(0).normal(0, 0.6, 400)
    fields = table.fields.assign(noise=np.round(long_course + noise, 2))
    table = replace(table, fields=fields)
    doubts = find_table_doubts(table)
    assert list(doubts.strong_alone) == ["noise"]
    assert 0.85 < doubts.strong_alone["noise"] < 0.95
    [told] = tell_doubts(doubts)
    assert "the indicator noise alone tells long courses from short ones with AUC 0." in told.en
    assert "AUC 0," in told.da
    assert tell_doubts(doubts, told={"noise"}) == ()
    # Where the ceiling is as low it is a suspected leak, and told once.
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 400)), table, n_bootstrap=0)
    leaks = find_suspected_leaks(record, table, ceiling=0.85, alone=doubts.auc_alone)
    assert leaks == find_suspected_leaks(record, table, ceiling=0.85)
    report = EvaluationReport(record, table.codebook, leaks=leaks, doubts=doubts)
    assert sum("noise" in one.en for one in list_warnings(report)) == 1
    assert find_suspected_leaks(record, table, alone=doubts.auc_alone) == ()
