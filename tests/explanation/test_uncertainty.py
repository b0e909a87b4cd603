"""Intervals of contributions, reference and change are those that the refits themselves give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.explanation.change import describe_change, find_change_interval
from riskmodel.explanation.contributions import explain_case
from riskmodel.explanation.record import find_points_interval
from riskmodel.explanation.uncertainty import (
    contribution_sways,
    length,
    refit_sways,
    score_sway,
)
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import NORMAL_90
from riskmodel.model.scoring import score_cases
from riskmodel.model.spread import find_spread
from riskmodel.model.tables import AdditiveTables


@pytest.fixture(scope="module")
def model(fitted):
    """The model with the refits' own spread: no factor, and nothing beside it."""
    spread = find_spread(fitted.model.tables, fitted.estimator.refits_, scale=1.0)
    return replace(fitted.model, spread=spread)


@pytest.fixture(scope="module")
def refits(fitted) -> list[AdditiveTables]:
    tables = fitted.model.tables
    return [AdditiveTables(tables.bins, tables.lines, one) for one in fitted.estimator.refits_]


def test_the_interval_of_a_contribution_is_the_spread_over_refits(model, refits, history):
    table = history.take(np.arange(40))
    X = encode_fields(table)
    seen = model.within_training_weeks(X, table.assessed_week)
    by_refit = np.array([one.contributions(seen) for one in refits])
    expected = NORMAL_90 * by_refit.std(axis=0, ddof=1)
    found = np.linalg.norm(refit_sways(model, X, table.assessed_week), axis=2)
    # The directions keep 99.5 % of the variance over all tables.
    np.testing.assert_allclose(found, expected, atol=0.02 * expected.max(), rtol=0.1)


def test_contributions_and_start_move_as_the_score_does(model, history):
    table = history.take(np.arange(40))
    X, week = encode_fields(table), table.assessed_week
    whole = score_sway(model, refit_sways(model, X, week))
    seen = model.within_training_weeks(X, week)
    deviation = model.spread.standard_deviation(model.tables, seen, model.tables.assign(seen))
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), NORMAL_90 * deviation, rtol=1e-9)


def test_facts_that_move_against_each_other_leave_less_in_doubt(model, history):
    explanation = explain_case(score_cases(model, history), 5)
    facts = explanation.contributions
    low, high = find_points_interval(facts)
    alone = sum((one.interval[1] - one.interval[0]) / 2 for one in facts)
    assert 0 < (high - low) / 2 < alone
    centre = 100 * (explanation.risk - explanation.reference_risk)
    assert (low + high) / 2 == pytest.approx(centre, abs=1e-9)
    for one in facts:
        assert one.interval[0] <= one.points <= one.interval[1]
    low, high = explanation.reference_interval
    assert low < explanation.reference_risk < high


def test_what_no_refit_learned_is_divided_among_the_contributions(model, history):
    unlearned = replace(model, spread=replace(model.spread, unlearned=0.5))
    table = history.take(np.arange(40))
    X, week = encode_fields(table), table.assessed_week
    by_refit, both = refit_sways(model, X, week), contribution_sways(unlearned, X, week)
    n_fields = by_refit.shape[1]
    each = np.linalg.norm(both, axis=2) ** 2 - np.linalg.norm(by_refit, axis=2) ** 2
    np.testing.assert_allclose(each, (NORMAL_90 * 0.5) ** 2 / n_fields, rtol=1e-6)
    # Together they hold what the score's interval holds, and a part of them holds its part.
    for chosen in (slice(None), slice(0, 5)):
        summed = both[:, chosen].sum(axis=1), by_refit[:, chosen].sum(axis=1)
        square, refits_square = (np.linalg.norm(one, axis=1) ** 2 for one in summed)
        share = len(range(n_fields)[chosen]) / n_fields
        np.testing.assert_allclose(
            square - refits_square, share * (NORMAL_90 * 0.5) ** 2, rtol=1e-6
        )
    # With nothing left to learn, the refits are all there is.
    np.testing.assert_allclose(
        np.linalg.norm(contribution_sways(model, X, week), axis=2) ** 2
        - np.linalg.norm(by_refit, axis=2) ** 2,
        (NORMAL_90 * model.spread.unlearned) ** 2 / n_fields,
        atol=1e-12,
    )


def test_a_wider_spread_widens_what_comes_from_refits_and_only_that(model, history):
    twice = replace(model, spread=replace(model.spread, scale=2.0))
    unlearned = replace(model, spread=replace(model.spread, unlearned=0.5))
    one, two, three = (
        explain_case(score_cases(each, history), 5) for each in (model, twice, unlearned)
    )
    for a, b, c in zip(one.contributions, two.contributions, three.contributions, strict=True):
        assert length(b.sway) == pytest.approx(2 * length(a.sway), rel=1e-9)
        # What no refit learned widens each contribution by the same, in log-odds.
        assert length(c.sway) > length(a.sway)
    at = next(place for place, point in enumerate(one.curve) if point.week == 26)
    assert three.curve[at].high > one.curve[at].high
    assert (one.curve[at].low, one.curve[at].high) == pytest.approx((one.risk_low, one.risk_high))


def test_the_interval_of_a_change_is_that_of_the_difference(model, refits, history):
    """To first order: the change of each refit's own two risks, by the same curve."""
    week = history.assessed_week
    row = next(
        place
        for place in range(1, len(history))
        if history.case_id[place] == history.case_id[place - 1] and week[place] > week[place - 1]
    )
    cases = score_cases(model, history)
    change = describe_change(cases, row, row - 1)
    rows = np.array([row - 1, row])
    X = model.within_training_weeks(encode_fields(history.take(rows)), week[rows])
    moved = []
    for one in refits:
        risk = model.curve.survival(one.score(X), week[rows], 26.0)
        moved.append(100 * (risk[1] - risk[0]))
    expected = NORMAL_90 * np.std(moved, ddof=1)
    half = (change.interval[1] - change.interval[0]) / 2
    assert half == pytest.approx(expected, rel=0.15)
    assert sum(change.interval) / 2 == pytest.approx(change.points)
    if change.facts:
        low, high = find_change_interval(change.facts)
        assert (low + high) / 2 == pytest.approx(change.fact_points)
