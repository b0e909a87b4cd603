"""Tables as they come: open courses, repeated persons, gaps, constants, levels never seen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import score_cases
from riskmodel.training.fit import TrainingSettings, find_training_rows, fit_risk_model

QUICK = TrainingSettings(n_refits=3, n_folds=2, pair_terms=False)


@pytest.fixture(scope="module")
def table(history: CaseTable) -> CaseTable:
    """All assessments at intake of the synthetic history."""
    return history.take(history.assessed_week <= 5)


def lose_to_sight(table: CaseTable, share: float, latest: float, seed: int = 0) -> CaseTable:
    """Stop following some courses at a week drawn between intake and `latest`."""
    rng = np.random.default_rng(seed)
    seen = np.where(
        rng.random(len(table)) < share, rng.uniform(table.assessed_week, latest), np.inf
    )
    duration, old = table.outcomes.duration_weeks, table.outcomes
    ended = old.ended & (duration <= seen)
    known = Outcomes(np.minimum(duration, seen), ended, old.recovered & ended)
    return replace(table, outcomes=known)


def with_field(table: CaseTable, name: str, values: pd.Series) -> CaseTable:
    fields = table.fields.copy()
    fields[name] = values
    return replace(table, fields=fields)


def check_scores(table: CaseTable, training: CaseTable) -> np.ndarray:
    """Fit on one table and score another; every figure is in order."""
    scores = score_cases(fit_risk_model(training, QUICK).model, table).scores
    assert np.all((scores.risk_low <= scores.risk) & (scores.risk <= scores.risk_high))
    assert np.all((scores.risk > 0) & (scores.risk < 1))
    assert np.all(scores.expected_weeks_low <= scores.expected_weeks_high)
    return scores.risk


def test_courses_lost_to_sight_leave_the_level_unmoved(table: CaseTable) -> None:
    lost = lose_to_sight(table, 0.66, 30.0)
    status = lost.outcomes.status_at(26)
    assert np.mean(~status.known) > 0.25
    rows = find_training_rows(lost)
    share = table.outcomes.status_at(26).long_course.mean()
    assert rows.weight @ rows.long_course / rows.weight.sum() == pytest.approx(share, abs=0.08)
    naive = np.nan_to_num(status.long_course).mean()
    assert naive < share - 0.08
    risk = check_scores(table, lost)
    assert risk.mean() == pytest.approx(share, abs=0.09)


def test_a_follow_up_that_ends_before_the_horizon_is_told(table: CaseTable) -> None:
    short = lose_to_sight(table, 1.0, 20.0)
    with pytest.raises(InputError, match="longer and 2 shorter than 26 weeks, got 0"):
        fit_risk_model(short, QUICK)


def test_horizons_that_nobody_was_followed_to_lie_below_those_reached(table: CaseTable) -> None:
    seen = np.minimum(table.outcomes.duration_weeks, 30.0)
    ended = table.outcomes.ended & (table.outcomes.duration_weeks <= 30)
    cut = replace(table, outcomes=Outcomes(seen, ended, ended))
    model = fit_risk_model(cut, QUICK).model
    assert max(model.codebook.horizons) > 30
    assert max(one.weeks.max() for one in model.curve.landmarks) <= 30
    score = model.score(encode_fields(table), table.assessed_week).score
    chances = [
        model.curve.survival(score, table.assessed_week, week) for week in (12.0, 26.0, 30.0, 52.0)
    ]
    for sooner, later in pairwise(chances):
        assert np.all(later <= sooner)
    assert np.all((chances[-1] > 0) & (chances[-1] < chances[-2]))


def test_a_person_with_many_spells_is_one_person(table: CaseTable) -> None:
    """Forty copies of one long course are one witness, and set no step of their own."""
    rows = np.concatenate([np.arange(len(table)), np.zeros(40, dtype=np.intp)])
    many = table.take(rows)
    many = replace(many, case_id=np.array([f"c{number}" for number in range(len(many))]))
    fitted = fit_risk_model(many, QUICK)
    assert fitted.model.provenance.n_persons == len(set(table.group))
    plain = fit_risk_model(table, QUICK)
    for one, other in zip(fitted.model.tables.bins, plain.model.tables.bins, strict=True):
        assert one.limits == other.limits
        assert one.kind == "number" or one.seen.tolist() == other.seen.tolist()


def test_a_third_missing_is_a_level_of_its_own(table: CaseTable) -> None:
    """Here those with a gap stay longer, whatever the value would have been."""
    rng = np.random.default_rng(1)
    name = "prior_sick_weeks_24m"
    long_course = table.outcomes.status_at(26).long_course == 1
    gap = rng.random(len(table)) < np.where(long_course, 0.6, 0.2)
    assert 0.25 < gap.mean() < 0.41
    holed = with_field(table, name, table.fields[name].mask(gap))
    model = fit_risk_model(holed, QUICK).model
    column = [one.name for one in model.codebook.indicators].index(name)
    filled = encode_fields(holed)
    filled[:, column] = np.where(gap, 0.0, filled[:, column])
    week = table.assessed_week
    with_gap, without = (model.score(X, week).score for X in (encode_fields(holed), filled))
    assert np.all(with_gap[gap] > without[gap])
    check_scores(table, holed)


def test_a_constant_field_says_nothing(table: CaseTable) -> None:
    name = "comorbidity_count"
    first = table.fields[name].cat.categories[0]
    values = pd.Series([first] * len(table), dtype=table.fields[name].dtype)
    flat = with_field(table, name, values)
    model = fit_risk_model(flat, QUICK).model
    column = [one.name for one in model.codebook.indicators].index(name)
    X, week = encode_fields(flat), flat.assessed_week
    assert not model.score(X, week).contributions[:, column].any()
    moved = X.copy()
    moved[:, column] = 1.0
    np.testing.assert_array_equal(model.score(moved, week).risk, model.score(X, week).risk)


def test_a_level_never_seen_is_neutral_and_marked(table: CaseTable) -> None:
    name = "diagnosis_group"
    level = table.fields[name].cat.categories[-1]
    known = table.take((table.fields[name] != level).to_numpy())
    model = fit_risk_model(known, QUICK).model
    column = [one.name for one in model.codebook.indicators].index(name)
    new = with_field(table, name, pd.Series([level] * len(table), dtype=table.fields[name].dtype))
    scores = score_cases(model, new).scores
    assert np.all(scores.outside[:, column])
    assert not scores.contributions[:, column].any()
    assert np.all(np.isfinite(scores.risk))
