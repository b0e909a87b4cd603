"""Updating with local cases: no more than they can carry, and then the right thing."""

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.domain.cases import Outcomes
from riskmodel.errors import InputError
from riskmodel.model.documents import model_from_documents, model_to_documents
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import NORMAL_90
from riskmodel.model.scoring import score_cases
from riskmodel.stats.logistic import sigmoid
from riskmodel.stats.updating import choose_update
from riskmodel.training import updating
from riskmodel.training.fit import find_training_rows, fingerprint_cases
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


def with_pair(model):
    """The model with a made-up pair term of two fields of different themes."""
    rng, bins = np.random.default_rng(4), model.tables.bins
    themes = [one.theme for one in model.codebook.indicators]
    other = next(index for index, theme in enumerate(themes) if theme != themes[0])
    shape = (bins[0].n_entries, bins[other].n_entries)
    values = replace(model.tables.values, pairs={(0, other): rng.normal(size=shape)})
    loadings = rng.normal(size=(*shape, len(model.spread.intercept)))
    return replace(
        model,
        tables=replace(model.tables, values=values),
        spread=replace(model.spread, pairs=(((0, other), loadings),)),
    )


@pytest.fixture
def first(history):
    """Each person at the first assessment, in random order."""
    _, rows = np.unique(history.group, return_index=True)
    return history.take(np.sort(rows))


def test_a_model_that_is_right_is_left_alone(fitted, first):
    model = fitted.model
    steps = [update_model(model, redraw(model, first, seed)).update.step for seed in range(40)]
    assert steps.count("leave") >= 36  # 38 expected at the level of 5 %


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
    assert updated.update.step == "slope"
    old, new = (score_cases(one, first).scores for one in (model, updated.model))
    assert new.score.std() < 0.6 * old.score.std()


@pytest.mark.parametrize("seed", range(4))
def test_the_tables_do_what_the_update_says(fitted, first, seed):
    model = fitted.model
    updated = update_model(model, redraw(model, first, seed, shift=1.0, slope=0.3))
    assert updated.update.step == "slope"
    check_the_tables(model, updated, first)


def test_themes_that_weigh_differently_get_weights_of_their_own(fitted, first):
    model = fitted.model
    scores = score_cases(model, first).scores
    themes = np.array([one.theme for one in model.codebook.indicators])
    spread = {one: scores.contributions[:, themes == one].sum(axis=1).std() for one in set(themes)}
    second = sorted(spread, key=spread.get)[-2]
    strong = scores.contributions[:, themes == second].sum(axis=1)
    rest = scores.score - model.base_value - strong
    log_odds = 4.0 * strong / strong.std() + 1.5 * rest
    long_course = np.random.default_rng(0).random(len(first)) < sigmoid(log_odds)
    ended = np.ones(len(first), dtype=bool)
    duration = np.where(long_course, 40.0, 20.0)
    table = replace(first, outcomes=Outcomes(duration, ended, ended))
    updated = update_model(model, table)
    assert updated.update.step == "re-estimate"
    assert len(updated.themes) > 1
    check_the_tables(model, updated, first)


def check_the_tables(model, updated, first):
    old = score_cases(model, first).scores
    new = score_cases(updated.model, first).scores
    themes = [one.theme for one in model.codebook.indicators]
    design = np.column_stack(
        [
            old.contributions[:, [theme == one for one in themes]].sum(axis=1)
            for theme in updated.themes
        ]
    )
    assert not updated.dropped
    wanted = updated.update.predict_log_odds(old.score, design)
    # The level is fitted anew beside the terms: the same optimum, to a solver's tolerance.
    assert np.allclose(new.score, wanted, atol=1e-7)
    total = new.contributions.sum(axis=1) + updated.model.base_value
    assert np.allclose(total, new.score, atol=1e-9)


def test_terms_that_turn_around_are_dropped_and_the_level_still_fits(fitted, first):
    table = redraw(fitted.model, first, 0, shift=-1.0, slope=-1.0)
    updated = update_model(fitted.model, table)
    assert updated.update.slope < 0
    assert updated.dropped
    assert "turn around" in updated.reason
    assert "No theme is left" in updated.reason
    recipe = updated.model.provenance.recipe
    assert recipe["update_slope"] == 0
    assert recipe["update_intercept"] == pytest.approx(updated.model.base_value)
    risk = score_cases(updated.model, first).scores.risk
    share = np.mean(table.outcomes.duration_weeks > 26)
    assert risk.mean() == pytest.approx(share, abs=1e-6)
    contributions = score_cases(updated.model, first).scores.contributions
    gone = [one.theme in updated.dropped for one in fitted.model.codebook.indicators]
    assert not contributions[:, gone].any()
    before = score_cases(fitted.model, first).scores.contributions
    assert not np.any(np.diff(before, axis=0) * np.diff(contributions, axis=0) < 0)


def test_one_kind_of_course_is_not_enough(fitted, first):
    short = np.full(len(first), 10.0)
    ended = np.ones(len(first), dtype=bool)
    with pytest.raises(InputError, match="at least 2 courses longer"):
        update_model(fitted.model, replace(first, outcomes=Outcomes(short, ended, ended)))


@pytest.mark.parametrize("rare", ["long", "short"])
def test_a_handful_of_either_kind_of_course_is_refused(fitted, first, rare):
    few = np.arange(len(first)) < 4
    long_course = few if rare == "long" else ~few
    ended = np.ones(len(first), dtype=bool)
    outcomes = Outcomes(np.where(long_course, 40.0, 20.0), ended, ended)
    with pytest.raises(InputError, match="five persons at least of either kind"):
        update_model(fitted.model, replace(first, outcomes=outcomes))


@pytest.mark.parametrize("rare", ["long", "short"])
@pytest.mark.parametrize(("n_rare", "n_themes"), [(9, 1), (19, 1), (20, 2), (39, 3)])
def test_every_ten_of_the_rarer_kind_carry_the_weight_of_a_theme_that_varies_most(
    fitted, first, rare, n_rare, n_themes
):
    few = np.arange(len(first)) < n_rare
    ended = np.ones(len(first), dtype=bool)
    outcomes = Outcomes(np.where(few == (rare == "long"), 40.0, 20.0), ended, ended)
    updated = update_model(fitted.model, replace(first, outcomes=outcomes))
    contributions = score_cases(fitted.model, first).scores.contributions
    themes = np.array([one.theme for one in fitted.model.codebook.indicators])
    spread = {one: contributions[:, themes == one].sum(axis=1).var() for one in set(themes)}
    assert set(updated.themes) == set(sorted(spread, key=spread.get)[-n_themes:])


def test_a_person_counts_by_the_first_assessment(fitted, first):
    model, last_week = fitted.model, fitted.model.curve.last_week
    early = first.take(first.assessed_week < last_week)
    n = len(early)
    once, again = redraw(model, early, 1, shift=-1.5), redraw(model, early, 7, shift=3.0)
    parts = (again.outcomes, once.outcomes)  # the later assessments stand first
    twice = replace(
        early.take(np.tile(np.arange(n), 2)),
        case_id=np.array([f"S-{row}" for row in range(2 * n)]),
        assessed_week=np.concatenate([np.full(n, last_week), early.assessed_week]),
        outcomes=Outcomes(
            np.concatenate([one.duration_weeks for one in parts]),
            np.ones(2 * n, dtype=bool),
            np.ones(2 * n, dtype=bool),
        ),
    )
    updated = update_model(model, twice)
    assert updated.n_persons == n
    assert updated.update.intercept == pytest.approx(update_model(model, once).update.intercept)


def test_assessments_before_the_first_landmark_do_not_count(fitted, first):
    curve = fitted.model.curve
    model = replace(fitted.model, curve=replace(curve, landmarks=curve.landmarks[1:]))
    early = np.arange(len(first)) % 2 == 0
    week = np.where(early, 0.0, curve.landmarks[1].landmark)
    table = replace(redraw(model, first, 1, shift=-1.5), assessed_week=week)
    assert update_model(model, table).n_persons == np.sum(~early)


def test_every_term_and_its_uncertainty_is_weighed_pairs_with_the_mean_of_their_fields(
    fitted, first, monkeypatch
):
    def choose(score, design, *args, **more):
        found = choose_update(score, design, *args, **more)
        return replace(found, step="re-estimate", effects=np.linspace(-0.4, 0.9, design.shape[1]))

    monkeypatch.setattr(updating, "choose_update", choose)
    model = with_pair(fitted.model)
    updated = update_model(model, redraw(model, first, 2))
    change = dict(zip(updated.themes, updated.update.effects, strict=True))
    themes = [one.theme for one in model.codebook.indicators]
    weights = updated.update.slope + np.array([change.get(one, 0.0) for one in themes])
    assert np.all(weights > 0)
    (i, j) = model.spread.pairs[0][0]
    assert weights[i] != weights[j]
    old, new = (score_cases(one, first).scores for one in (model, updated.model))
    assert np.ptp(new.score - old.contributions @ weights) == pytest.approx(0.0, abs=1e-9)
    X = encode_fields(first)
    entries = model.tables.assign(X)
    before, after = (
        one.spread.contribution_loadings(model.tables, X, entries) for one in (model, updated.model)
    )
    total = np.einsum("ijk,j->ik", before, weights)
    assert np.allclose(after.sum(axis=1)[:, :-1], total)
    assert not after[:, :, -1].any()


def test_assessments_later_than_training_do_not_count(fitted, first):
    model = fitted.model
    moved = redraw(model, first, 1, shift=-1.5)
    late = np.arange(len(first)) % 2 == 0
    week = np.where(late, model.curve.last_week + 4.5, first.assessed_week)
    mixed = update_model(model, replace(moved, assessed_week=week))
    alone = update_model(model, moved.take(np.flatnonzero(~late)))
    assert mixed.n_persons == alone.n_persons == np.sum(~late)
    assert mixed.update.intercept == pytest.approx(alone.update.intercept)
    all_late = np.full(len(first), model.curve.last_week + 4.5)
    with pytest.raises(InputError, match=r"assessed in weeks .*got none"):
        update_model(model, replace(moved, assessed_week=all_late))


def test_weights_count_as_the_rows_they_are_worth(fitted, first, monkeypatch):
    model = fitted.model
    table = redraw(model, first, 1, shift=-0.6)
    plain = update_model(model, table)
    given = []

    def weigh(factor):
        def find(one):
            rows = find_training_rows(one)
            return replace(rows, weight=rows.weight * factor)

        return find

    def choose(*args, sample_weight, **more):
        given.append(sample_weight)
        return choose_update(*args, sample_weight=sample_weight, **more)

    monkeypatch.setattr(updating, "choose_update", choose)
    monkeypatch.setattr(updating, "find_training_rows", weigh(3.0))
    assert update_model(model, table).update.tests == pytest.approx(plain.update.tests)
    uneven = np.where(np.arange(len(table)) % 2 == 0, 1.0, 4.0)
    monkeypatch.setattr(updating, "find_training_rows", weigh(uneven))
    weighed = update_model(model, table)
    moved = weighed.model.base_value - model.base_value
    assert weighed.update.step == "intercept"
    assert moved == pytest.approx(weighed.update.intercept, abs=1e-6)
    assert given[0].sum() == pytest.approx(len(table))
    assert given[1].sum() == pytest.approx(uneven.sum() ** 2 / np.sum(uneven**2))


def test_open_courses_among_the_local_cases(fitted, first):
    table = redraw(fitted.model, first, 3, shift=-1.5)
    open_now = np.arange(len(first)) % 3 == 0
    duration = np.where(open_now, first.assessed_week + 1.0, table.outcomes.duration_weeks)
    ended = ~open_now
    updated = update_model(
        fitted.model, replace(table, outcomes=Outcomes(duration, ended, ended.copy()))
    )
    assert updated.n_persons == np.sum(~open_now)
    assert updated.update.intercept == pytest.approx(-1.5, abs=0.6)


def test_what_the_cases_cannot_settle_gets_no_weights_of_its_own(fitted, first, monkeypatch):
    def choose(score, design, *args, **more):
        found = choose_update(score, design, *args, **more)
        themes = design.shape[1]
        return replace(found, step="re-estimate", unstable=True) if themes else found

    monkeypatch.setattr(updating, "choose_update", choose)
    updated = update_model(fitted.model, redraw(fitted.model, first, 2, slope=0.1))
    assert updated.update.step == "slope"
    assert updated.themes == ()
    assert len(updated.update.effects) == 0


def test_people_who_are_all_alike_can_move_the_level_only(fitted, first):
    same = first.take(np.zeros(60, dtype=np.intp))
    group = np.array([f"P-{row}" for row in range(60)])
    duration = np.where(np.arange(60) < 55, 40.0, 20.0)
    ended = np.ones(60, dtype=bool)
    table = replace(same, group=group, outcomes=Outcomes(duration, ended, ended))
    updated = update_model(fitted.model, table)
    assert updated.themes == ()
    assert updated.update.step == "intercept"
    new = score_cases(updated.model, table).scores.score
    assert np.allclose(new, np.log(55 / 5), atol=1e-6)


def test_an_update_is_on_record_and_widens_the_intervals(fitted, first):
    model = fitted.model
    table = redraw(model, first, 1, shift=-1.5)
    updated = update_model(model, table)
    old, new = model.provenance, updated.model.provenance
    assert new.data_fingerprint not in {old.data_fingerprint, fingerprint_cases(table)}
    assert len(new.data_fingerprint) == 64
    assert new.fingerprints == (old.data_fingerprint, fingerprint_cases(table))
    assert all(map(new.has_learned_from, (new.data_fingerprint, *new.fingerprints)))
    assert not old.has_learned_from(fingerprint_cases(table))
    assert new.recipe == old.recipe | {
        "updated": 1.0,
        "update_persons": float(len(first)),
        "update_intercept": updated.update.intercept,
        "update_slope": 1.0,
    }
    before, after = (score_cases(one, table).scores.margin for one in (model, updated.model))
    error = updated.level_error
    assert 0.1 < error < 0.5
    assert np.allclose(after**2, before**2 + (NORMAL_90 * error) ** 2)
    again = model_from_documents(model_to_documents(updated.model), "x")
    assert again.provenance == new
    assert np.allclose(score_cases(again, table).scores.margin, after)


def test_a_second_update_keeps_the_trace_of_the_first(fitted, first):
    half = np.arange(len(first)) % 2 == 0
    tables = [
        redraw(fitted.model, first.take(np.flatnonzero(half)), 1, shift=-1.5),
        redraw(fitted.model, first.take(np.flatnonzero(~half)), 2, shift=1.5),
    ]
    once = update_model(fitted.model, tables[0]).model
    twice = update_model(once, tables[1]).model
    start = fitted.model.provenance.data_fingerprint
    assert twice.provenance.fingerprints == (start, *map(fingerprint_cases, tables))
    assert (once.provenance.recipe["updated"], twice.provenance.recipe["updated"]) == (1.0, 2.0)
    assert twice.provenance.data_fingerprint != once.provenance.data_fingerprint
    assert twice.base_value > fitted.model.base_value > once.base_value


def test_a_model_left_alone_is_the_same_model(fitted, first):
    found = [update_model(fitted.model, redraw(fitted.model, first, seed)) for seed in range(3)]
    left = [one.model for one in found if one.update.step == "leave"]
    assert left
    assert all(one is fitted.model for one in left)
