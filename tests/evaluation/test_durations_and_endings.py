"""Durations with courses still open, and endings that compete, against truth and lifelines."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.codebook import Level
from riskmodel.domain.labels import Label
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.record import EvaluationRecord, evaluate

MakeTable = Callable[..., CaseTable]
ScoreBy = Callable[..., HeldOutScores]


def cut_off(table: CaseTable, seed: int, mean: float = 25.0) -> CaseTable:
    """Lose courses to sight at times of their own."""
    assert table.outcomes is not None
    true = table.outcomes.duration_weeks
    until = table.assessed_week + 0.01 + np.random.default_rng(seed).exponential(mean, len(true))
    ended = true <= until
    seen = Outcomes(np.minimum(true, until), ended, ended & table.outcomes.recovered)
    return replace(table, outcomes=seen)


def with_reasons(table: CaseTable, seed: int = 0, recovering: float = 0.7) -> CaseTable:
    """Let some courses end by another road than recovery, later ones more often."""
    assert table.outcomes is not None
    reasons = tuple(Level(one, Label(one, one)) for one in ("fit", "pension"))
    outcome = replace(
        table.codebook.outcome, end_reason="end_reason", reasons=reasons, recovery=("fit",)
    )
    duration = table.outcomes.duration_weeks
    by_chance = np.random.default_rng(seed).random(len(duration))
    recovered = table.outcomes.ended & (by_chance < recovering * np.exp(-duration / 100))
    return replace(
        table,
        codebook=replace(table.codebook, outcome=outcome),
        outcomes=Outcomes(duration, table.outcomes.ended, recovered),
    )


def held_of(table: CaseTable, score_by: ScoreBy) -> HeldOutScores:
    """Expected durations that are about right, with an interval of about 80 %."""
    weeks = table.fields["expected_weeks"].fillna(20).to_numpy()
    held = score_by(table, 1 / (1 + np.exp(1.4 - 0.05 * weeks)))
    median = table.assessed_week + 12.5 * np.exp(0.05 * (weeks - 20))
    return replace(
        held,
        expected_weeks=median,
        expected_weeks_low=table.assessed_week + 0.1 * (median - table.assessed_week),
        expected_weeks_high=table.assessed_week + 3.3 * (median - table.assessed_week),
    )


@pytest.mark.slow
def test_open_courses_count_as_far_as_they_were_seen(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    whole = make_table(8000, 5, rows_per_person=1)
    censored = cut_off(whole, 6)
    assert censored.outcomes is not None
    assert whole.outcomes is not None
    assert 0.3 < 1 - censored.outcomes.ended.mean() < 0.6
    held = held_of(whole, score_by)
    seen = evaluate(held, censored, n_bootstrap=0).duration
    until = seen.until_weeks
    assert np.sum(censored.outcomes.duration_weeks >= until) >= 10
    assert np.sum(censored.outcomes.duration_weeks >= until + 1) < 10
    true = whole.outcomes.duration_weeks
    cut = np.minimum(true, until)
    error = np.abs(np.minimum(held.expected_weeks, until) - cut)
    high = np.minimum(held.expected_weeks_high, until)
    before = np.mean(true < held.expected_weeks_low)
    beyond = np.mean((true > high) & (high < until))
    assert seen.mean_absolute_error.value == pytest.approx(error.mean(), rel=0.03)
    assert seen.median_absolute_error.value == pytest.approx(np.median(error), rel=0.03)
    assert seen.ended_before.value == pytest.approx(before, abs=0.012)
    assert seen.lasted_beyond.value == pytest.approx(beyond, abs=0.012)
    assert seen.interval_coverage.value == pytest.approx(1 - before - beyond, abs=0.02)
    # Dropping the open courses would have told another story.
    ended = censored.outcomes.ended
    inside = (true >= held.expected_weeks_low) & (true <= held.expected_weeks_high)
    assert abs(inside[ended].mean() - (1 - before - beyond)) > 0.02
    assert abs(error[ended].mean() - error.mean()) > 2


def test_intervals_that_end_with_the_follow_up_hold_as_often_as_their_lower_end_alone(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    whole = make_table(3000, 7, rows_per_person=1)
    assert whole.outcomes is not None
    true = whole.outcomes.duration_weeks
    until = whole.assessed_week + 16.0
    seen = Outcomes(np.minimum(true, until), true <= until, true <= until)
    table = replace(whole, outcomes=seen)
    held = held_of(table, score_by)
    found = evaluate(held, table, n_bootstrap=0).duration
    assert found.open_ended.value == np.mean(held.expected_weeks_high >= found.until_weeks)
    assert found.open_ended.value > 0.9
    assert found.interval_coverage.value == pytest.approx(
        1 - found.ended_before.value - found.lasted_beyond.value
    )
    assert found.interval_coverage.value > 0.88
    assert evaluate(held, whole, n_bootstrap=0).duration.open_ended.value == 0
    gain = found.plain_median_absolute_error.value - found.median_absolute_error.value
    assert found.median_error_gain.value == pytest.approx(gain)


def test_figures_written_before_there_was_a_gain_are_still_read(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = make_table(200, 1)
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 200)), table, n_bootstrap=5)
    written = record.to_mapping()
    for name in ("median_error_gain", "open_ended"):
        del written["duration"][name]
    again = EvaluationRecord.from_mapping(written)
    assert math.isnan(again.duration.open_ended.value)
    assert again.duration.interval_coverage == record.duration.interval_coverage


def test_shares_before_within_and_beyond_add_up_at_every_landmark(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = cut_off(make_table(600, 2, landmarks=(4.0, 8.0, 12.0)), 1, mean=60)
    record = evaluate(held_of(table, score_by), table, n_bootstrap=30)
    assert [one.span.level for one in record.durations] == ["4", "8", "12"]
    for one in (record.duration, *record.durations):
        parts = (one.ended_before, one.interval_coverage, one.lasted_beyond)
        assert sum(part.value for part in parts) == pytest.approx(1)
        for part in (*parts, one.mean_absolute_error, one.median_absolute_error):
            assert part.low <= part.value <= part.high
    assert sum(one.span.n_rows for one in record.durations) == record.duration.span.n_rows


def test_durations_seen_to_their_end_are_not_cut(make_table: MakeTable, score_by: ScoreBy) -> None:
    table = make_table(200, 3)
    found = evaluate(held_of(table, score_by), table, n_bootstrap=0).duration
    assert math.isnan(found.until_weeks)
    assert found.span.n_events == found.span.n_rows == 200


def test_endings_are_those_of_lifelines(make_table: MakeTable, score_by: ScoreBy) -> None:
    # Entry at zero: lifelines has no late entry here.
    table = with_reasons(cut_off(make_table(900, 4, landmarks=(0.0,)), 2, mean=50))
    assert table.outcomes is not None
    record = evaluate(held_of(table, score_by), table, n_bootstrap=40)
    (curve,) = record.endings
    cause = np.where(table.outcomes.ended, np.where(table.outcomes.recovered, 1, 2), 0)
    weeks = np.array([one.weeks for one in curve.points])
    assert {12.0, 26.0, 52.0} <= set(weeks)
    for kind, name in ((1, "recovered"), (2, "other")):
        theirs = AalenJohansenFitter(calculate_variance=False, seed=1)
        theirs.fit(table.outcomes.duration_weeks, cause, event_of_interest=kind)
        expected = theirs.predict(weeks)
        ours = [getattr(one, name).value for one in curve.points]
        np.testing.assert_allclose(ours, np.ravel(expected), atol=2e-3)
    for one in curve.points:
        shares = (one.recovered, one.other, one.still)
        assert sum(share.value for share in shares) == pytest.approx(1)
        if one.weeks in {12.0, 26.0, 52.0}:
            assert all(share.low < share.value < share.high for share in shares)
        else:
            assert all(math.isnan(share.low) for share in shares)
    again = EvaluationRecord.from_mapping(json.loads(json.dumps(record.to_mapping())))
    assert again.to_mapping() == record.to_mapping()


@pytest.mark.parametrize("lost_after", [1e9, 40.0])
def test_endings_are_of_those_assessed_however_early_the_first_was(
    make_table: MakeTable, score_by: ScoreBy, lost_after: float
) -> None:
    # Assessed all through a week in which most end within days, and every third much later.
    table = with_reasons(make_table(3000, 6, landmarks=(4.0,), rows_per_person=1))
    assert table.outcomes is not None
    rng = np.random.default_rng(0)
    week = rng.uniform(4, 5, 3000)
    duration = week + rng.exponential(0.3, 3000) + np.where(np.arange(3000) % 3 == 0, 30.0, 0.0)
    whole = replace(
        table, assessed_week=week, outcomes=replace(table.outcomes, duration_weeks=duration)
    )
    seen = cut_off(whole, 3, mean=lost_after)
    (curve,) = evaluate(held_of(seen, score_by), seen, n_bootstrap=40).endings
    shown = {one.weeks: one for one in curve.points}
    for horizon in (12.0, 26.0):
        still = shown[horizon].still
        assert still.value == pytest.approx(np.mean(duration > horizon), abs=0.02)
        assert still.low < still.value < still.high


@pytest.mark.parametrize("seed", range(4))
def test_no_step_of_few_persons_is_shown(
    make_table: MakeTable, score_by: ScoreBy, seed: int
) -> None:
    table = with_reasons(make_table(90, seed, rows_per_person=1), seed, recovering=0.9)
    assert table.outcomes is not None
    record = evaluate(held_of(table, score_by), table, n_bootstrap=0)
    shown = 0
    for curve in record.endings:
        if curve.span.hidden:
            assert curve.points == ()
            continue
        at = table.assessed_week == float(curve.span.level)
        duration, recovered = table.outcomes.duration_weeks[at], table.outcomes.recovered[at]
        edges = [0.0, *(one.weeks for one in curve.points)]
        for low, high in pairwise(edges):
            step = (duration > low) & (duration <= high)
            for kind in (recovered, ~recovered):
                count = int(np.sum(step & kind))
                assert count == 0 or count >= 5
        assert np.sum(duration > edges[-1]) >= 5
        shown += len(curve.points)
    assert shown


def test_one_kind_of_ending_makes_no_curve(make_table: MakeTable, score_by: ScoreBy) -> None:
    table = make_table(100, 1)
    assert evaluate(held_of(table, score_by), table, n_bootstrap=0).endings == ()


def test_cases_count_for_as_many_as_they_stand_for(
    make_table: MakeTable, score_by: ScoreBy
) -> None:
    table = with_reasons(cut_off(make_table(240, 7, rows_per_person=1), 3, mean=60))
    stands_for = np.where(np.arange(240) % 3 == 0, 2, 1)
    twice = np.repeat(np.arange(240), stands_for)
    weighted = replace(table, case_weight=stands_for.astype(float))
    repeated = table.take(twice)
    ours = evaluate(held_of(weighted, score_by), weighted, n_bootstrap=0)
    theirs = evaluate(held_of(repeated, score_by), repeated, n_bootstrap=0)
    for name in (
        "interval_coverage",
        "mean_absolute_error",
        "median_absolute_error",
        "concordance",
    ):
        value = getattr(theirs.duration, name).value
        assert getattr(ours.duration, name).value == pytest.approx(value), name
    by_week = {one.weeks: one for one in theirs.endings[0].points}
    for one in ours.endings[0].points:
        if one.weeks in by_week:
            assert one.other.value == pytest.approx(by_week[one.weeks].other.value)
