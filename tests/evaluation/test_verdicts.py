"""Figures against bars, who the cases are about, and tables with nothing to learn from."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation.characteristics import CaseProfile, describe_cases
from riskmodel.evaluation.course_counts import count_courses, refuse_one_sided
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.record import EvaluationRecord, evaluate
from riskmodel.evaluation.sample_size import judge_sample_size
from riskmodel.evaluation.verdicts import judge_record
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_summary import make_summary

MakeTable = Callable[..., CaseTable]
ScoreBy = Callable[..., HeldOutScores]


def grades(record: EvaluationRecord, **others: object) -> dict[str, str]:
    return {one.key: one.grade for one in judge_record(record, **others)}  # type: ignore[arg-type]


def test_good_and_useless_risks_get_their_verdicts(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(1200, 1)
    assert table.outcomes is not None
    y = table.outcomes.status_at(26).long_course
    rng = np.random.default_rng(0)
    good = np.clip(0.4 + 0.2 * y + rng.normal(0, 0.1, 1200), 0.02, 0.98)
    share = y.mean()
    right = np.where(rng.random(1200) < 0.5, share + 0.15, share - 0.15)
    found = grades(evaluate(score_by(table, good), table, n_bootstrap=30))
    assert found["auc"] == found["base_rate"] == found["simplest"] == "good"
    assert found["calibration_slope"] == "poor"  # far too cautious
    useless = grades(evaluate(score_by(table, right), table, n_bootstrap=30))
    assert useless["auc"] == useless["base_rate"] == "poor"
    assert useless["observed_expected"] == "good"


def test_bars_are_kept_at_their_edges(make_table: MakeTable, score_by: ScoreBy) -> None:
    table = make_table(300, 2)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 300)), table, n_bootstrap=5)

    def with_figure(name: str, one: Estimate) -> EvaluationRecord:
        blocks = tuple(
            replace(block, figures={**block.figures, name: one})
            if block is record.headline
            else block
            for block in record.blocks
        )
        return replace(record, blocks=blocks)

    for value, low, grade in (
        (0.65, 0.6, "good"), (0.644, 0.6, "doubtful"), (0.9, 0.49, "poor"),
        (0.66, 0.507, "doubtful"), (0.9, math.nan, "doubtful"), (0.4, math.nan, "poor"),
    ):  # fmt: skip
        assert grades(with_figure("auc", Estimate(value, low, 0.95)))["auc"] == grade
    for value, grade in ((0.9, "good"), (1.1, "good"), (1.2, "doubtful"), (1.5, "poor")):
        changed = with_figure("calibration_slope", Estimate(value, value - 0.1, value + 0.1))
        assert grades(changed)["calibration_slope"] == grade
    for low, high, grade in ((0.7, 1.4, "good"), (0.69, 1.2, "doubtful"), (0.8, 1.41, "doubtful")):
        changed = with_figure("calibration_slope", Estimate(1.0, low, high))
        assert grades(changed)["calibration_slope"] == grade
    unknown = with_figure("calibration_slope", Estimate(1.0))
    assert grades(unknown)["calibration_slope"] == "doubtful"
    size = judge_sample_size(table)
    few = replace(size, n_persons=20, n_events=10)
    assert (
        "good" not in grades(with_figure("auc", Estimate(0.8, 0.7, 0.9)), sample_size=few).values()
    )
    for needed, grade in ((150, "good"), (300, "doubtful"), (301, "poor")):
        judged = replace(size, n_persons=150, needed=needed)
        assert grades(record, sample_size=judged)["sample_size"] == grade


@pytest.mark.parametrize(
    ("key", "one", "grade"),
    [
        ("challenger", Estimate(0.001, -0.002, 0.004), "good"),
        ("challenger", Estimate(0.001, -0.02, 0.02), "doubtful"),
        ("challenger", Estimate(-0.001, -0.003, 0.001), "doubtful"),
        ("challenger", Estimate(-0.003, -0.004, -0.001), "poor"),
        ("base_rate", Estimate(0.01, 0.002, 0.02), "good"),
        # Shown as 0.0000, which is not surely above 0.
        ("base_rate", Estimate(0.01, 0.00004, 0.02), "doubtful"),
        ("base_rate", Estimate(0.00004, -0.01, 0.02), "poor"),
    ],
)
def test_a_difference_is_judged_with_its_interval_as_shown(
    make_table: MakeTable, score_by: ScoreBy, key: str, one: Estimate, grade: str
) -> None:
    table = make_table(100, 2)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 100)), table, n_bootstrap=5)
    gap = replace(record.comparisons[0], other=key, brier=one)  # type: ignore[arg-type]
    block = replace(record.headline, figures={**record.headline.figures, "brier": Estimate(0.2)})
    blocks = tuple(block if each is record.headline else each for each in record.blocks)
    changed = replace(record, comparisons=(gap,), blocks=blocks)
    assert grades(changed)[key] == grade


@pytest.mark.parametrize(
    ("gain", "own", "grade"),
    [
        (Estimate(1.0, 0.2, 1.5), 9.0, "good"),
        (Estimate(1.0, 0.0, 1.5), 9.0, "doubtful"),
        (Estimate(0.04, 0.01, 0.1), 9.96, "doubtful"),
        (Estimate(0.0, -0.2, 0.2), 10.0, "doubtful"),
        (Estimate(1.0), 9.0, "doubtful"),
        (Estimate(-0.6, -2.0, 0.5), 10.6, "poor"),
        (Estimate(-0.3, -0.5, -0.1), 10.3, "poor"),
    ],
)
def test_the_expected_duration_is_better_only_where_weeks_are_surely_saved(
    make_table: MakeTable, score_by: ScoreBy, gain: Estimate, own: float, grade: str
) -> None:
    table = make_table(100, 2)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 100)), table, n_bootstrap=5)
    duration = replace(
        record.duration,
        median_absolute_error=Estimate(own),
        plain_median_absolute_error=Estimate(10.0),
        median_error_gain=gain,
    )
    changed = replace(record, duration=duration)
    assert grades(changed)["median_error"] == grade
    report = EvaluationReport(changed, table.codebook)
    [line] = [
        one
        for one, verdict in zip(make_summary(report, "en"), report.verdicts, strict=True)
        if verdict.key == "median_error"
    ]
    assert ("no better and no worse" in line.figure) == (round(own, 1) == 10.0)


def test_the_bar_of_the_coverage_moves_where_intervals_end_with_the_follow_up(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(100, 2)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 100)), table, n_bootstrap=5)

    def judge(open_ended: float, coverage: Estimate) -> str:
        duration = replace(
            record.duration, open_ended=Estimate(open_ended), interval_coverage=coverage
        )
        return grades(replace(record, duration=duration))["interval_coverage"]

    high = Estimate(0.94, 0.92, 0.96)
    assert judge(0.0, high) == "poor"
    assert judge(0.09, Estimate(0.85, 0.8, 0.9)) == "good"
    assert judge(0.5, Estimate(0.85, 0.8, 0.95)) == "good"
    assert judge(1.0, high) == "good"
    assert judge(1.0, Estimate(0.8, 0.78, 0.82)) == "doubtful"


def test_a_hidden_record_gets_no_verdict_on_figures(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(8, 3)
    record = evaluate(score_by(table, np.linspace(0.2, 0.8, 8)), table, n_bootstrap=3)
    assert judge_record(record) == ()


@pytest.mark.parametrize(
    ("mape", "grade"),
    [(0.05, "good"), (0.0501, "doubtful"), (0.1, "doubtful"), (0.1001, "poor"), (math.nan, None)],
)
def test_the_stability_of_each_risk_has_two_bars(
    make_table: MakeTable, score_by: ScoreBy, mape: float, grade: str | None
) -> None:
    table = make_table(100, 3)
    record = evaluate(score_by(table, np.linspace(0.2, 0.8, 100)), table, n_bootstrap=3)
    spread = InstabilityRecord(100, 50, 20, mape, 0.2, 1.0, {}, ())
    assert grades(record, instability=spread).get("instability") == grade


def test_cases_are_described_without_few_persons(make_table: MakeTable) -> None:
    table = make_table(200, 4, rows_per_person=1)
    found = describe_cases(table)
    by_name = {one.name: one for one in found.fields}
    weeks = table.fields["expected_weeks"]
    assert by_name["expected_weeks"].missing == round(float(weeks.isna().mean()), 2)
    middle = by_name["expected_weeks"].quartiles[1]
    assert middle == pytest.approx(float(weeks.median()), rel=0.05)
    assert middle == float(f"{middle:.2g}")
    level = table.fields["diagnosis_group"].value_counts()
    assert by_name["diagnosis_group"].level == level.index[0]
    assert by_name["diagnosis_group"].level_share == round(level.iloc[0] / 200, 2)
    few = describe_cases(table.take(np.arange(6)), min_cell=5)
    for one in few.fields:
        assert one.quartiles == ()
        assert math.isnan(one.level_share) or one.level_share == 1.0
    again = CaseProfile.from_mapping(json.loads(json.dumps(found.to_mapping())))
    assert again.to_mapping() == found.to_mapping()


@pytest.mark.parametrize(
    ("duration", "ended", "lacking"),
    [(40.0, True, "not two short"), (15.0, True, "not two long"), (15.0, False, "to its end")],
)
def test_a_one_sided_table_is_refused_with_its_own_counts(
    make_table: MakeTable, duration: float, ended: bool, lacking: str
) -> None:
    table = make_table(60, landmarks=(4.0, 8.0, 30.0))
    seen = np.full(60, ended)
    table = replace(table, outcomes=Outcomes(np.full(60, duration), seen, seen))
    found = count_courses(table)
    assert found.long + found.short + found.unseen + found.late == 60
    assert found.late == np.sum(table.assessed_week == 30)
    with pytest.raises(InputError, match=lacking) as caught:
        refuse_one_sided(table)
    assert str(found) in str(caught.value)
    mixed = np.where(np.arange(60) % 2, 15.0, 40.0)
    ends = np.ones(60, dtype=bool)
    fine = replace(table, outcomes=Outcomes(mixed, ends, ends))
    assert refuse_one_sided(fine) == count_courses(fine)
