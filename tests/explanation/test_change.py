from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable
from riskmodel.explanation.change import (
    AssessmentChange,
    compare_assessments,
    describe_change,
    find_previous_rows,
)
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.training.fit import FittedModel


@pytest.fixture(scope="module")
def several(fitted: FittedModel, history: CaseTable) -> ScoredCases:
    """Score 60 cases at weeks 4, 8 and 12, each time with the facts of another case."""
    rng = np.random.default_rng(3)
    n, weeks = 60, (4.0, 8.0, 12.0)
    rows = np.concatenate([rng.permutation(len(history))[:n] for _ in weeks])
    table = history.take(rows.astype(np.intp))
    fields = table.fields.copy()
    week = np.repeat(weeks, n)
    name = table.codebook.assessed_week
    if name in fields:
        fields[name] = week
    case = np.tile([f"SYN-{one:03d}" for one in range(n)], len(weeks))
    shuffled = rng.permutation(len(rows)).astype(np.intp)
    moved = CaseTable(table.codebook, case, table.group, table.site, week, fields, source="several")
    return score_cases(fitted.model, moved.take(shuffled))


def test_the_parts_add_up_to_the_change_of_the_risk(several: ScoredCases) -> None:
    previous = find_previous_rows(several)
    later = np.flatnonzero(previous >= 0)
    assert len(later) == 120
    pairs = compare_assessments(several, later, previous[later])
    change = 100 * (several.scores.risk[later] - several.scores.risk[previous[later]])
    parts = pairs.time_points + pairs.fact_points.sum(axis=1)
    np.testing.assert_allclose(parts, change, atol=1e-9)
    assert np.abs(change).max() > 5


def test_time_alone_is_the_risk_of_the_old_facts_at_the_later_week(several: ScoredCases) -> None:
    previous = find_previous_rows(several)
    later = np.flatnonzero(previous >= 0)
    earlier = previous[later]
    pairs = compare_assessments(several, later, earlier)
    old = several.table.take(earlier)
    waited = CaseTable(
        old.codebook,
        old.case_id,
        old.group,
        old.site,
        several.table.assessed_week[later],
        old.fields,
    )
    there = score_cases(several.model, waited).scores.risk
    np.testing.assert_allclose(
        pairs.time_points, 100 * (there - several.scores.risk[earlier]), atol=1e-9
    )


def test_facts_that_stay_do_nothing(fitted: FittedModel, history: CaseTable) -> None:
    taken = history.take(np.arange(5, dtype=np.intp))
    twice = np.tile(np.arange(5), 2).astype(np.intp)
    table = taken.take(twice)
    week = np.repeat([8.0, 12.0], 5)
    table = CaseTable(
        table.codebook, table.case_id, table.group, table.site, week, table.fields.copy()
    )
    cases = score_cases(fitted.model, table)
    for row in range(5):
        change = describe_change(cases, row + 5, row)
        assert change.facts == ()
        assert change.time_points == pytest.approx(change.points, abs=1e-9)


def test_one_changed_fact_bears_all_that_time_does_not(
    fitted: FittedModel, history: CaseTable
) -> None:
    table = history.take(np.zeros(2, dtype=np.intp))
    fields = table.fields.copy()
    fields["psychosocial_strain"] = [0.0, 4.0]
    table = CaseTable(
        table.codebook, table.case_id, table.group, table.site, np.array([8.0, 12.0]), fields
    )
    change = describe_change(score_cases(fitted.model, table), 1, 0)
    changed = [one for one in change.facts if one.changed]
    assert [one.field for one in changed] == ["psychosocial_strain"]
    assert (changed[0].before, changed[0].after) == (0.0, 4.0)
    assert change.fact_points + change.time_points == pytest.approx(change.points, abs=1e-9)
    assert changed[0].points > 0


@given(
    weeks=st.lists(st.sampled_from([4.0, 8.0, 12.0]), min_size=1, max_size=8),
    seed=st.integers(0, 99),
)
@settings(max_examples=30)
def test_the_previous_assessment_is_the_latest_before(
    several: ScoredCases, weeks: list[float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(several.table), len(weeks)).astype(np.intp)
    cases = several.take(rows)
    previous = find_previous_rows(cases)
    week, case = cases.table.assessed_week, cases.table.case_id
    for row in range(len(cases.table)):
        before = [
            (week[other], other)
            for other in range(len(week))
            if case[other] == case[row] and week[other] < week[row]
        ]
        assert previous[row] == (max(before)[1] if before else -1)


def test_rows_of_two_cases_are_not_compared(several: ScoredCases) -> None:
    case = several.table.case_id
    other = int(np.argmax(case != case[0]))
    with pytest.raises(ValueError, match="same case"):
        compare_assessments(several, np.array([0]), np.array([other]))


def test_rows_without_a_score_have_no_previous(several: ScoredCases) -> None:
    reasons = several.not_scored.copy()
    reasons[several.table.assessed_week == 8] = "some reason"
    cases = ScoredCases(several.model, several.table, several.scores, reasons)
    previous = find_previous_rows(cases)
    at_12 = several.table.assessed_week == 12
    assert np.all(several.table.assessed_week[previous[at_12]] == 4)
    assert np.all(previous[~at_12] == -1)
    with pytest.raises(ValueError, match="score"):
        compare_assessments(cases, np.flatnonzero(at_12)[:1], np.flatnonzero(reasons != "")[:1])


def test_a_change_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        AssessmentChange("S-1", 4, 8, 0.2, 0.3, (0.1, 0.3), (0.2, 0.4), 5.0, (), 26, (1.0,), (1.0,))


def test_the_input_of_the_pairs_is_left_as_it_was(several: ScoredCases) -> None:
    before = encode_fields(several.table)
    previous = find_previous_rows(several)
    later = np.flatnonzero(previous >= 0)
    compare_assessments(several, later, previous[later])
    np.testing.assert_array_equal(before, encode_fields(several.table))
