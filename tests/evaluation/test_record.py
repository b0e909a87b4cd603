"""The evaluation record: what it holds, what it hides, and what it survives."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.figures import MetricBlock, Span
from riskmodel.evaluation.judged_rows import draw_all, find_judged_rows
from riskmodel.evaluation.record import EvaluationRecord, evaluate
from riskmodel.report.evaluation_page import render_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.stats.decision import net_benefit

MakeTable = Callable[..., CaseTable]
ScoreBy = Callable[..., HeldOutScores]


def long_at_26(table: CaseTable) -> np.ndarray:
    assert table.outcomes is not None
    return table.outcomes.status_at(26).long_course


@pytest.mark.parametrize("seed", range(3))
def test_a_perfect_model_and_a_random_one(
    make_table: MakeTable, score_by: ScoreBy, seed: int
) -> None:
    table = make_table(300, seed)
    perfect = evaluate(
        score_by(table, np.where(long_at_26(table) == 1, 0.999, 0.001)), table, n_bootstrap=20
    )
    figures = perfect.headline.figures
    assert figures["auc"].value == figures["auc"].low == 1
    assert figures["scaled_brier"].value > 0.99
    guess = np.random.default_rng(seed).uniform(0.05, 0.95, len(table))
    random = evaluate(score_by(table, guess), table, n_bootstrap=60).headline.figures
    assert random["auc"].low < 0.5 < random["auc"].high
    assert random["scaled_brier"].value < 0
    assert random["calibration_slope"].low < 0.15


def test_the_record_survives_json(make_table: MakeTable, score_by: ScoreBy) -> None:
    table = make_table(150, 1, censored=0.3)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 150)), table, n_bootstrap=10)
    text = json.dumps(record.to_mapping(), allow_nan=False)
    again = EvaluationRecord.from_mapping(json.loads(text))
    assert again.to_mapping() == record.to_mapping()
    assert json.dumps(again.to_mapping()) == text
    assert type(again.headline) is MetricBlock
    assert again.calibration is not None
    assert record.calibration is not None
    assert again.calibration.bin_counts == record.calibration.bin_counts


def test_an_auc_is_printed_with_horizon_landmark_and_event_share(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(200, 2)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 200)), table, n_bootstrap=5)
    for block in record.blocks:
        if block.span.hidden:
            continue
        text = str(block)
        assert f"{block.span.horizon_weeks:g} weeks" in text
        assert "% long of" in text
        assert ("assessed from week" in text) == (block.span.family == "landmark")


def test_draws_keep_persons_together(make_table: MakeTable) -> None:
    table = make_table(60, rows_per_person=3)
    seen = draw_all({"counts": lambda counts: {"counts": counts}}, table.group, 7, 1)
    counts = seen["counts"]["counts"]
    assert counts.shape == (60, 7)
    for person in np.unique(table.group):
        rows = counts[table.group == person]
        assert np.all(rows == rows[0])


def test_repeating_every_row_of_a_person_does_not_narrow_intervals(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(120, 4, rows_per_person=1)
    risk = np.random.default_rng(0).uniform(0.1, 0.9, 120)
    twice = np.r_[np.arange(120), np.arange(120)]
    once = evaluate(score_by(table, risk), table, n_bootstrap=40).headline
    double = evaluate(score_by(table.take(twice), risk[twice]), table.take(twice), n_bootstrap=40)
    for name in ("auc", "brier", "observed_expected"):
        assert double.headline.figures[name].low == pytest.approx(once.figures[name].low)
        assert double.headline.figures[name].high == pytest.approx(once.figures[name].high)
    assert double.headline.span.n_persons == once.span.n_persons == 120


@pytest.mark.slow
def test_censored_courses_are_stood_for_not_counted_as_short(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    whole = make_table(6000, 5, rows_per_person=1)
    assert whole.outcomes is not None
    rng = np.random.default_rng(6)
    until = whole.assessed_week + 0.01 + rng.exponential(60, 6000)
    ended = whole.outcomes.duration_weeks <= until
    cut = Outcomes(np.minimum(whole.outcomes.duration_weeks, until), ended, ended)
    censored = CaseTable(
        whole.codebook,
        whole.case_id,
        whole.group,
        whole.site,
        whole.assessed_week,
        whole.fields,
        cut,
    )
    weeks = whole.fields["expected_weeks"].fillna(20).to_numpy()
    risk = 1 / (1 + np.exp(1.2 - 0.05 * weeks))
    true = evaluate(score_by(whole, risk), whole, n_bootstrap=0).headline
    seen = evaluate(score_by(censored, risk), censored, n_bootstrap=0)
    assert seen.n_unknown > 1000
    for name, tolerance in (("auc", 0.02), ("brier", 0.01), ("observed_expected", 0.06)):
        assert seen.headline.figures[name].value == pytest.approx(
            true.figures[name].value, abs=tolerance
        )
    naive = np.nanmean(np.where(ended | (cut.duration_weeks >= 26), cut.duration_weeks > 26, 0.0))
    assert naive < true.span.event_share - 0.05
    assert seen.headline.span.event_share == pytest.approx(true.span.event_share, abs=0.02)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.integers(14, 60), st.integers(0, 10**6))
def test_no_small_cell_is_ever_shown(
    make_table: MakeTable, score_by: ScoreBy, n: int, seed: int
) -> None:
    table = make_table(n, seed, sites=("Aby", "Bby", "Cby", "Dby"))
    risk = np.random.default_rng(seed).uniform(0.05, 0.95, n)
    record = evaluate(score_by(table, risk), table, n_bootstrap=3)
    for block in record.blocks:
        one = block.span
        if one.hidden:
            assert not block.figures
            assert one.n_rows == one.n_persons == one.n_events == 0
            assert math.isnan(one.event_share)
        else:
            assert one.n_persons >= 5
            assert one.n_events >= 5
            assert one.n_rows - one.n_events >= 5
    if record.calibration is not None:
        assert all(count in {-1, 0} or count >= 5 for count in record.calibration.bin_counts)
    if record.headline.span.hidden:
        assert record.calibration is record.net_benefit is record.brier_parts is None
        assert not record.comparisons


def test_curves_and_comparisons_are_those_of_the_statistics(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(400, 8)
    risk = np.clip(table.fields["expected_weeks"].fillna(20).to_numpy() / 60, 0.02, 0.98)
    record = evaluate(score_by(table, risk), table, n_bootstrap=30)
    y = long_at_26(table)
    frame = record.compute_net_benefit()
    model = frame[frame["offered_to"] == "model"]
    shown = model["value"].notna()
    expected = net_benefit(y, risk, model["threshold"].to_numpy())
    np.testing.assert_allclose(model["value"][shown], expected[shown.to_numpy()])
    assert np.all(model["low"][shown] <= model["high"][shown])
    price = record.price_of_transparency
    assert price is not None
    assert price.auc.value == pytest.approx(0)
    other = np.mean((np.clip(risk * 0.9 + 0.05, 0, 1) - y) ** 2) - np.mean((risk - y) ** 2)
    assert price.brier.value == pytest.approx(other)
    assert price.brier.low < price.brier.value < price.brier.high
    parts = record.brier_parts
    assert parts is not None
    total = parts.miscalibration.value - parts.discrimination.value + parts.uncertainty.value
    assert total == pytest.approx(parts.brier.value)


def test_duration_figures_by_hand(make_table: MakeTable, score_by: ScoreBy) -> None:
    table = make_table(200, 9)
    assert table.outcomes is not None
    held = score_by(table, np.full(200, 0.4))
    record = evaluate(held, table, n_bootstrap=20)
    duration = table.outcomes.duration_weeks
    error = np.abs(held.expected_weeks - duration)
    assert record.duration.mean_absolute_error.value == pytest.approx(error.mean())
    middle = np.sort(error)[99]
    assert record.duration.median_absolute_error.value == pytest.approx(middle)
    inside = (duration >= held.expected_weeks_low) & (duration <= held.expected_weeks_high)
    assert record.duration.interval_coverage.value == pytest.approx(inside.mean())


def test_rows_and_draws_are_checked(make_table: MakeTable, score_by: ScoreBy) -> None:
    table = make_table(50)
    held = score_by(table, np.linspace(0.1, 0.9, 50))
    with pytest.raises(ValueError, match="those of the table"):
        evaluate(held, make_table(40))
    with pytest.raises(ValueError, match="n_bootstrap"):
        evaluate(held, table, n_bootstrap=-1)
    bare = CaseTable(
        table.codebook,
        table.case_id,
        table.group,
        table.site,
        table.assessed_week,
        table.fields,
    )
    with pytest.raises(InputError, match="outcome columns"):
        evaluate(held, bare)


def test_rows_assessed_after_the_horizon_are_not_judged(make_table: MakeTable) -> None:
    table = make_table(80, landmarks=(4.0, 30.0))
    judged = find_judged_rows(table, 26.0, np.full(80, 0.5))
    assert np.all(table.assessed_week[judged.rows] < 26)


def test_a_weighted_share_is_called_so_where_it_is_not_the_count_by_the_number() -> None:
    plain = Span(26.0, n_rows=200, n_persons=200, n_events=60, event_share=0.3)
    assert plain.describe().endswith("30 % long of 200")
    weighted = replace(plain, event_share=0.34)
    assert weighted.describe().endswith("34 % long (weighted) of 200")
    rounded = replace(weighted, rounded=True)
    assert rounded.describe().endswith("34 % long of about 200")


def test_few_courses_not_seen_to_the_horizon_are_not_counted(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    whole = make_table(200, 3, rows_per_person=1)
    assert whole.outcomes is not None
    risk = np.linspace(0.1, 0.9, 200)
    for n_open, told in ((0, 0), (1, -1), (4, -1), (5, 5)):
        duration, ended = whole.outcomes.duration_weeks.copy(), whole.outcomes.ended.copy()
        duration[:n_open], ended[:n_open] = whole.assessed_week[:n_open] + 1, False
        table = replace(whole, outcomes=Outcomes(duration, ended, ended))
        record = evaluate(score_by(table, risk), table, n_bootstrap=0)
        assert record.n_unknown == told
        page = render_evaluation(EvaluationReport(record, table.codebook), "en")
        shown = "fewer than 5" if told < 0 else str(told)
        assert f"For {shown} the state at 26 weeks was not seen" in page
