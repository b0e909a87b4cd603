"""A new model beside the current one, where the difference is known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.evaluation.model_change import ModelFigures, compare_models
from riskmodel.stats.calibration import calibration_slope
from riskmodel.stats.discrimination import auc
from riskmodel.stats.logistic import log_odds, sigmoid
from riskmodel.stats.scoring_rules import brier_score


@pytest.fixture(scope="module")
def known(history):
    """Rows whose state is seen, with a risk that knows something of it."""
    status = history.outcomes.status_at(26.0)
    rng = np.random.default_rng(3)
    risk = sigmoid(1.2 * (status.long_course - 0.5) + rng.normal(0, 1, len(history)))
    return np.where(history.assessed_week < 26, risk, np.nan)


def make_figures(version: str, risk, **points) -> ModelFigures:
    return ModelFigures(version, risk, points)


def test_the_same_model_differs_by_nothing(history, known):
    same = make_figures("a", known, age=10 * known)
    found = compare_models(history, same, same, seen_by_current="all", n_draws=30)
    for one in found.metrics:
        assert (one.difference.value, one.difference.low, one.difference.high) == (0, 0, 0)
        assert one.current == one.new
    assert (found.risk_moved.value, found.risk_moved.high) == (0, 0)
    assert [(one.field, one.moved.value) for one in found.indicators] == [("age", 0)]
    assert found.seen_by_current == "all"


def test_figures_and_differences_are_those_of_the_rows(history, known):
    """Halved log-odds keep the order, double the slope, and move every risk by what they do."""
    current = make_figures("old", sigmoid(0.5 * log_odds(known)), age=0 * known, gone=0 * known + 2)
    new = make_figures("new", known, age=0 * known + 3.5, extra=0 * known - 1)
    found = compare_models(history, current, new, seen_by_current="not_known", n_draws=200)
    metrics = {one.name: one for one in found.metrics}
    assert metrics["auc"].difference.value == 0
    slope = metrics["calibration_slope"]
    assert slope.new.value == pytest.approx(0.5 * slope.current.value, rel=1e-6)
    seen = ~np.isnan(known) & history.outcomes.status_at(26.0).known
    y = history.outcomes.status_at(26.0).long_course[seen]
    assert found.span.n_rows == seen.sum()
    assert found.span.n_events == y.sum()
    if np.all(history.outcomes.ended):
        assert metrics["auc"].new.value == pytest.approx(auc(y, known[seen]))
        assert metrics["brier"].difference.value == pytest.approx(
            brier_score(y, known[seen]) - brier_score(y, current.risk[seen])
        )
        assert slope.new.value == pytest.approx(calibration_slope(y, known[seen]), rel=1e-6)
        gap = 100 * np.abs(known - current.risk)[seen].mean()
        assert found.risk_moved.value == pytest.approx(gap)
    shifts = [(one.field, one.moved.value, one.known_to) for one in found.indicators]
    assert shifts == [("age", 3.5, "both"), ("gone", 2.0, "current"), ("extra", 1.0, "new")]
    one = metrics["brier"]
    assert one.difference.low <= one.difference.value <= one.difference.high


def test_what_both_share_cancels_in_the_difference(history, known):
    current = make_figures("old", sigmoid(log_odds(known) - 0.05))
    found = compare_models(
        history, current, make_figures("new", known), seen_by_current="not_known", n_draws=200
    )
    one = next(each for each in found.metrics if each.name == "brier")
    paired = one.difference.high - one.difference.low
    assert 0 < paired < 0.2 * (one.new.high - one.new.low)


def test_persons_are_drawn_whole_and_rows_without_either_risk_are_left_out(history, known):
    half = np.where(np.arange(len(history)) % 2 == 0, known, np.nan)
    found = compare_models(
        history,
        make_figures("old", half),
        make_figures("new", known),
        seen_by_current="not_known",
        n_draws=20,
    )
    judged = ~np.isnan(half) & history.outcomes.status_at(26.0).known
    assert found.span.n_rows == judged.sum()
    assert found.span.n_persons == len(set(history.group[judged]))


def test_too_few_persons_show_nothing(history, known):
    status = history.outcomes.status_at(26.0)
    long = np.flatnonzero((status.long_course == 1) & status.known & ~np.isnan(known))[:3]
    short = np.flatnonzero((status.long_course == 0) & status.known & ~np.isnan(known))[:40]
    rows = np.r_[long, short]
    figures = make_figures("a", known[rows], age=known[rows])
    found = compare_models(history.take(rows), figures, figures, seen_by_current="all")
    assert found.span.hidden
    assert (found.metrics, found.indicators) == ((), ())
    assert np.isnan(found.risk_moved.value)


def test_each_row_needs_a_risk_of_both(history, known):
    figures = make_figures("a", known)
    with pytest.raises(ValueError, match="risks, got"):
        compare_models(history, replace(figures, risk=known[1:]), figures, seen_by_current="all")
