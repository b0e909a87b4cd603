"""Updating with local cases: no more than they can carry, and then the right thing."""

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import Outcomes
from riskmodel.errors import InputError
from riskmodel.model.scoring import score_cases
from riskmodel.training.updating import update_model


def redraw(model, table, seed, *, shift=0.0, slope=1.0):
    """The same people with outcomes drawn from the model's own risk, moved and stretched."""
    scores = score_cases(model, table).scores
    log_odds = shift + model.base_value + slope * (scores.score - model.base_value)
    rng = np.random.default_rng(seed)
    long_course = rng.random(len(table)) < 1 / (1 + np.exp(-log_odds))
    duration = np.where(long_course, 40.0, 20.0)
    ended = np.ones(len(table), dtype=bool)
    return replace(table, outcomes=Outcomes(duration, ended, ended))


@pytest.fixture
def first(history):
    """Each person at the first assessment, in random order."""
    _, rows = np.unique(history.group, return_index=True)
    return history.take(np.sort(rows))


def test_a_model_that_is_right_is_left_alone(fitted, first):
    model = fitted.model
    steps = [update_model(model, redraw(model, first, seed)).update.step for seed in range(40)]
    assert steps.count("leave") >= 33  # 38 expected at the level of 5 %


def test_another_level_moves_the_intercept(fitted, first):
    model = fitted.model
    updated = update_model(model, redraw(model, first, 1, shift=-1.5))
    assert updated.update.step == "intercept"
    before, after = model.base_value, updated.model.base_value
    assert after - before == pytest.approx(-1.5, abs=0.5)
    old, new = (score_cases(one, first).scores for one in (model, updated.model))
    assert np.allclose(new.score - old.score, updated.update.intercept)
    assert np.array_equal(old.contributions, new.contributions)
    assert "moved up or down" in updated.reason


def test_another_spread_stretches_the_terms(fitted, first):
    model = fitted.model
    updated = update_model(model, redraw(model, first, 2, slope=0.1))
    assert updated.update.step in {"slope", "re-estimate"}
    old, new = (score_cases(one, first).scores for one in (model, updated.model))
    assert new.score.std() < 0.6 * old.score.std()


@pytest.mark.parametrize("seed", range(4))
def test_the_tables_do_what_the_update_says(fitted, first, seed):
    model = fitted.model
    updated = update_model(model, redraw(model, first, seed, shift=1.0, slope=0.3))
    old = score_cases(model, first).scores
    new = score_cases(updated.model, first).scores
    themes = [one.theme for one in model.codebook.indicators]
    design = np.column_stack(
        [
            old.contributions[:, [theme == one for one in themes]].sum(axis=1)
            for theme in updated.themes
        ]
    )
    if np.all(updated.update.slope + updated.update.effects >= 0):
        wanted = updated.update.predict_log_odds(old.score, design)
        assert np.allclose(new.score, wanted, atol=1e-9)
    total = new.contributions.sum(axis=1) + updated.model.base_value
    assert np.allclose(total, new.score, atol=1e-9)


def test_one_kind_of_course_is_not_enough(fitted, first):
    short = np.full(len(first), 10.0)
    ended = np.ones(len(first), dtype=bool)
    with pytest.raises(InputError, match="at least 2 courses longer"):
        update_model(fitted.model, replace(first, outcomes=Outcomes(short, ended, ended)))
