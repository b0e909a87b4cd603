"""Scoring: one row is a batch of one, figures agree with each other, nobody is left out."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.tables import case_frame, read_cases
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel, Scores
from riskmodel.model.scoring import BLOCK_ROWS, contributions_in_points, score_cases

COLUMNS = [
    "case_id", "assessed_week", "risk", "risk_low", "risk_high", "expected_weeks",
    "expected_weeks_low", "expected_weeks_high", "tier", "reasons", "scored",
    "not_scored_reason", "model_version", "policy_version",
]  # fmt: skip
FIGURES = [one.name for one in fields(Scores)]


@pytest.fixture(scope="module")
def model(fitted) -> RiskModel:
    return fitted.model


@pytest.fixture(scope="module")
def open_cases(open_file, codebook) -> CaseTable:
    return read_cases(open_file, codebook)


def place_at(table: CaseTable, week: float) -> CaseTable:
    """Return a table with all its assessments at one week."""
    return replace(table, assessed_week=np.full(len(table), week))


def assert_same_bits(found: Scores, expected: Scores) -> None:
    for name in FIGURES:
        assert getattr(found, name).tobytes() == getattr(expected, name).tobytes(), name


def test_one_row_scores_as_it_does_in_a_batch(model, history):
    table = replace(history, assessed_week=history.assessed_week + 0.3)
    batch = score_cases(model, table).scores
    for row in range(60):
        chosen = np.array([row])
        assert_same_bits(score_cases(model, table.take(chosen)).scores, batch.take(chosen))


def test_more_rows_than_a_block_score_as_they_do_in_few(model, history):
    many = history.take(np.arange(2 * BLOCK_ROWS + 17) % len(history))
    found = score_cases(model, many).scores
    once = score_cases(model, history).scores
    assert_same_bits(found, once.take(np.arange(len(many)) % len(history)))


def test_the_order_of_rows_changes_nothing(model, history):
    order = np.random.default_rng(1).permutation(len(history))
    batch = score_cases(model, history).scores
    assert_same_bits(score_cases(model, history.take(order)).scores, batch.take(order))


def test_the_order_of_columns_changes_nothing(model, codebook, open_cases):
    frame = case_frame(open_cases)
    turned = read_frame(frame[frame.columns[::-1]], codebook)
    expected = score_cases(model, open_cases).scores
    assert_same_bits(score_cases(model, turned).scores, expected)


@given(week=st.floats(3, 25.99))
def test_figures_of_a_row_agree(model, history, week):
    table = place_at(history, week)
    cases = score_cases(model, table)
    scores = cases.scores
    assert np.all(scores.risk_low <= scores.risk)
    assert np.all(scores.risk <= scores.risk_high)
    assert np.all((scores.risk_low >= 0) & (scores.risk_high <= 1))
    assert np.all(scores.expected_weeks >= week)
    assert np.all(scores.expected_weeks_low <= scores.expected_weeks)
    assert np.all(scores.expected_weeks <= scores.expected_weeks_high)
    total = model.base_value + scores.contributions.sum(axis=1)
    np.testing.assert_allclose(total, scores.score, atol=1e-9, rtol=0)
    points = contributions_in_points(cases).sum(axis=1) / 100
    np.testing.assert_allclose(points, scores.risk - model.reference_risk, atol=1e-9, rtol=0)
    clear = np.abs(scores.risk - 0.5) > 1e-6
    longer = scores.expected_weeks > model.codebook.primary_horizon
    assert np.array_equal(longer[clear], scores.risk[clear] > 0.5)


@given(week=st.floats(3, 25.9))
def test_points_follow_the_sign_of_the_contributions(model, history, week):
    cases = score_cases(model, place_at(history, week))
    points = contributions_in_points(cases)
    names = [one.name for one in model.codebook.indicators]
    others = [place for place, name in enumerate(names) if name != "assessed_week"]
    log_odds = cases.scores.contributions[:, others]
    assert np.all(points[:, others] * log_odds >= 0)
    assert np.abs(points).max() <= 100


def test_points_at_the_reference_score(model, history):
    cases = score_cases(model, history)
    level = np.zeros_like(cases.scores.contributions)
    level[:, 0], level[:, 1] = 1.0, -1.0
    at_base = replace(
        cases.scores,
        contributions=level,
        score=np.full(len(history), model.base_value),
        risk=model.curve.survival(
            np.full(len(history), model.base_value), history.assessed_week, 26.0
        ),
    )
    points = contributions_in_points(replace(cases, scores=at_base))
    assert points[:, 0] == pytest.approx(-points[:, 1], abs=1e-3)
    assert np.all(points[:, 0] > 1)


def drop_week(model: RiskModel) -> RiskModel:
    """Return the model with an assessed week that is no indicator."""
    week = replace(model.codebook.assessed_week_field, name="seen_in_week", use="context")
    codebook = replace(
        model.codebook, assessed_week="seen_in_week", fields=(*model.codebook.fields, week)
    )
    values = model.tables.values
    values = replace(values, steps=values.steps[:-1], slopes=values.slopes[:-1], pairs={})
    tables = replace(
        model.tables, bins=model.tables.bins[:-1], lines=model.tables.lines[:-1], values=values
    )
    spread = model.spread
    spread = replace(spread, steps=spread.steps[:-1], slopes=spread.slopes[:-1], pairs=())
    return replace(model, codebook=codebook, tables=tables, spread=spread)


def test_points_add_up_where_the_week_is_no_indicator(model, history):
    other = drop_week(model)
    table = replace(place_at(history, 9.5), codebook=other.codebook)
    cases = score_cases(other, table)
    X = encode_fields(table)
    np.testing.assert_array_equal(other.within_training_weeks(X, table.assessed_week), X)
    np.testing.assert_allclose(
        contributions_in_points(cases).sum(axis=1) / 100,
        cases.scores.risk - other.reference_risk,
        atol=1e-9,
        rtol=0,
    )


@st.composite
def encoded_rows(draw: st.DrawFn) -> list[float]:
    """Draw one row of 34 shares; None stands for missing, others may lie outside [0, 1]."""
    return draw(
        st.lists(
            st.none() | st.floats(0, 1) | st.sampled_from([-1e12, 1e300, np.inf, -np.inf]),
            min_size=34,
            max_size=34,
        )
    )


def encode_shares(model: RiskModel, shares: list[float]) -> np.ndarray:
    """Return one encoded row: shares of each field's limits, levels rounded down."""
    row = np.full((1, model.tables.n_fields), np.nan)
    for column, (one, share) in enumerate(zip(model.tables.bins, shares, strict=True)):
        if share is None:
            continue
        low, high = one.limits
        if one.kind == "number":
            row[0, column] = low + share * (high - low)
        else:
            row[0, column] = min(int(np.clip(share, 0, 1) * one.n_values), one.n_values - 1)
    return row


@given(shares=encoded_rows(), week=st.floats(3, 25.99))
def test_any_row_gets_finite_figures_that_add_up(model, shares, week):
    scores = model.score(encode_shares(model, shares), np.array([week]))
    for name in FIGURES:
        assert np.all(np.isfinite(getattr(scores, name))), name
    assert scores.risk_low[0] <= scores.risk[0] <= scores.risk_high[0]
    assert model.base_value + scores.contributions.sum() == pytest.approx(scores.score[0], abs=1e-9)


def test_values_beyond_training_are_told(model):
    inside = np.array([[np.mean(one.limits) for one in model.tables.bins]])
    number = next(i for i, one in enumerate(model.tables.bins) if one.kind == "number")
    outside = inside.copy()
    outside[0, number] = model.tables.bins[number].limits[1] + 1
    week = np.array([8.0])
    before, after = (model.score(X, week).outside for X in (inside, outside))
    assert after[0, number]
    assert not before[0, number]


def test_the_output_has_the_agreed_columns(model, open_cases):
    frame = score_cases(model, open_cases).to_frame()
    assert list(frame.columns) == COLUMNS
    assert list(frame["case_id"]) == list(open_cases.case_id)
    assert frame["scored"].all()
    assert (frame[["tier", "reasons", "not_scored_reason", "policy_version"]] == "").all(axis=None)
    wide = score_cases(model, open_cases).to_frame(contributions=True)
    added = [f"contribution.{one.name}" for one in model.codebook.indicators]
    assert list(wide.columns) == COLUMNS + added
    difference = 100 * (wide["risk"] - model.reference_risk)
    np.testing.assert_allclose(wide[added].sum(axis=1), difference, atol=1e-7)


@pytest.mark.parametrize(
    ("week", "reason"),
    [
        (26.0, "assessed at or after the horizon"),
        (40.0, "assessed at or after the horizon"),
        (2.9, "assessed earlier than any training case"),
        (25.9, ""),
        (3.0, ""),
    ],
)
def test_who_is_not_scored_is_listed_with_the_reason(model, open_cases, week, reason):
    frame = score_cases(model, place_at(open_cases, week)).to_frame(contributions=True)
    assert len(frame) == len(open_cases)
    assert set(frame["not_scored_reason"]) == {reason}
    assert set(frame["scored"]) == {not reason}
    figures = frame.drop(columns=[*COLUMNS[8:], "case_id", "assessed_week"])
    assert figures.isna().all(axis=None) if reason else figures.notna().all(axis=None)


def test_risks_rise_and_fall_with_the_horizon(model, open_cases):
    cases = score_cases(model, place_at(open_cases, 8.0))
    at_12, at_26, at_52 = (cases.risk_at(week)[0] for week in (12.0, 26.0, 52.0))
    assert np.all((at_12 >= at_26) & (at_26 >= at_52))
    assert np.array_equal(at_26, cases.scores.risk)
    assert all(np.isnan(one).all() for one in cases.risk_at(8.0))


def test_a_table_of_another_codebook_is_refused(model, open_cases):
    short = replace(open_cases.codebook, fields=open_cases.codebook.fields[1:])
    with pytest.raises(ValueError, match="the model's codebook"):
        score_cases(model, replace(open_cases, codebook=short))


def test_tables_must_be_those_of_the_codebook(model):
    short = replace(model.codebook, fields=model.codebook.fields[1:])
    with pytest.raises(ValueError, match="codebook's indicators"):
        replace(model, codebook=short)


def test_no_rows_give_no_scores(model, open_cases):
    assert len(score_cases(model, open_cases.take(np.array([], dtype=int))).to_frame()) == 0
