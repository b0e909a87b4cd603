"""Survival curves, competing endings and censoring weights."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from riskmodel.domain.cases import Outcomes
from riskmodel.stats.censoring import (
    IncidenceCurve,
    SurvivalCurve,
    censoring_curve,
    censoring_weights,
    cumulative_incidence,
    survival_curve,
)

# Remission times of 21 patients on 6-MP (Freireich et al. 1963), the textbook example.
REMISSION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def draw(seed, n=120, *, late=False):
    rng = np.random.default_rng(seed)
    life = np.ceil(rng.exponential(20, n))
    lost = np.ceil(rng.exponential(30, n))
    entry = rng.integers(0, 12, n) if late else np.zeros(n)
    seen = np.minimum(life, lost) > entry
    duration, ended = np.minimum(life, lost)[seen], (life <= lost)[seen]
    return duration, ended, entry[seen].astype(float), rng


def test_remission_curve_is_the_published_one():
    curve = survival_curve(REMISSION, RELAPSED)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    np.testing.assert_allclose(curve.survival, published, atol=5e-4)
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.quantile(0.5) == 23
    assert curve.quantile(0.9) == np.inf


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("late", [False, True])
def test_survival_agrees_with_lifelines(seed, late):
    duration, ended, entry, rng = draw(seed, late=late)
    weight = rng.integers(1, 4, len(duration)).astype(float)
    theirs = KaplanMeierFitter().fit(duration, ended, entry=entry if late else None, weights=weight)
    ours = survival_curve(duration, ended, entry=entry, sample_weight=weight)
    grid = np.arange(duration.min(), 60.0)
    expected = theirs.survival_function_at_times(grid).to_numpy()
    np.testing.assert_allclose(ours.at(grid), expected, atol=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_survival_and_incidence_agree_with_plain_loops(seed):
    duration, ended, entry, rng = draw(seed, late=True)
    cause = np.where(ended, rng.integers(1, 4, len(duration)), 0)
    weight = rng.random(len(duration))
    survival, incidence = 1.0, np.zeros(3)
    ours = survival_curve(duration, ended, entry=entry, sample_weight=weight)
    causes = cumulative_incidence(duration, cause, entry=entry, sample_weight=weight)
    for time in np.unique(duration[ended]):
        at_risk = weight[(duration >= time) & ((entry < time) | (entry == 0))].sum()
        for k in (1, 2, 3):
            count = weight[(duration == time) & (cause == k)].sum()
            incidence[k - 1] += survival * count / at_risk
        survival *= 1 - weight[(duration == time) & ended].sum() / at_risk
        assert ours.at(time) == pytest.approx(survival)
        np.testing.assert_allclose(causes.at(time), incidence)


def test_incidence_agrees_with_lifelines_without_ties():
    rng = np.random.default_rng(0)
    duration = rng.exponential(10, 200)
    cause = rng.integers(0, 3, 200)
    ours = cumulative_incidence(duration, cause)
    theirs = AalenJohansenFitter(calculate_variance=False).fit(duration, cause, event_of_interest=2)
    found = theirs.cumulative_density_.iloc[:, 0]
    np.testing.assert_allclose(ours.at(found.index)[:, 1], found, atol=1e-10)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_causes_and_survival_sum_to_one_and_merge(seed):
    duration, ended, entry, rng = draw(seed, n=60, late=True)
    cause = np.where(ended, rng.integers(1, 4, len(duration)), 0)
    causes = cumulative_incidence(duration, cause, entry=entry, n_causes=3)
    merged = cumulative_incidence(duration, np.minimum(cause, 1), entry=entry, n_causes=1)
    curve = survival_curve(duration, ended, entry=entry)
    total = causes.incidence.sum(axis=1)
    np.testing.assert_allclose(total + curve.at(causes.times), 1, atol=1e-12)
    np.testing.assert_allclose(merged.incidence[:, 0], total, atol=1e-12)
    assert (np.diff(causes.incidence, axis=0) >= 0).all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_without_censoring_the_curve_is_the_empirical_one(seed):
    duration = np.random.default_rng(seed).integers(0, 20, 50).astype(float)
    curve = survival_curve(duration, np.ones(50))
    grid = np.arange(-1, 25)
    np.testing.assert_allclose(curve.at(grid), [(duration > t).mean() for t in grid], atol=1e-12)
    np.testing.assert_allclose(
        curve.before(grid), [(duration >= t).mean() for t in grid], atol=1e-12
    )
    assert (censoring_weights(duration, np.ones(50), None, 12) == 1).all()
    assert len(censoring_curve(duration, np.ones(50)).times) == 0


@given(seed=st.integers(0, 2**32 - 1), late=st.booleans())
@settings(max_examples=40, deadline=None)
def test_weights_are_zero_or_at_least_one_and_ignore_row_order(seed, late):
    duration, ended, entry, rng = draw(seed, n=60, late=late)
    weight = censoring_weights(duration, ended, entry, 26)
    assert np.isfinite(weight).all()
    assert ((weight == 0) | (weight >= 1 - 1e-12)).all()
    known = ~np.isnan(Outcomes(duration, ended, ended).status_at(26).long_course)
    assert ((weight > 0) == known).all()
    order = rng.permutation(len(duration))
    again = censoring_weights(duration[order], ended[order], entry[order], 26)
    np.testing.assert_allclose(again, weight[order])
    twice = np.repeat(np.arange(len(duration)), 2)
    doubled = censoring_weights(duration[twice], ended[twice], entry[twice], 26)
    np.testing.assert_allclose(doubled, weight[twice])


@pytest.mark.parametrize("seed", range(5))
def test_weighted_share_is_kaplan_meier_where_all_enter_at_once(seed):
    duration, ended, _, _ = draw(seed)
    weight = censoring_weights(duration, ended, None, 26)
    longer = np.nan_to_num(Outcomes(duration, ended, ended).status_at(26).long_course)
    share = np.sum(weight * longer) / len(duration)
    assert share == pytest.approx(survival_curve(duration, ended).at(26))
    assert weight.sum() == pytest.approx(len(duration))


def test_weights_recover_the_truth_of_late_entrants_on_average():
    rng = np.random.default_rng(0)
    totals, shares = [], []
    for _ in range(300):
        n = 400
        entry = rng.choice([0.0, 8.0, 12.0], n)
        life = entry + rng.exponential(30, n)
        lost = entry + rng.exponential(60, n)
        duration, ended = np.minimum(life, lost), life <= lost
        weight = censoring_weights(duration, ended, entry, 26)
        totals.append(weight.sum() / n)
        late = entry == 12
        longer = np.nan_to_num(Outcomes(duration, ended, ended).status_at(26).long_course)
        shares.append(np.sum((weight * longer)[late]) / np.sum(weight[late]))
    assert np.mean(totals) == pytest.approx(1, abs=0.005)
    assert np.mean(shares) == pytest.approx(np.exp(-14 / 30), abs=0.01)


def test_ties_and_limits_by_hand():
    duration, ended = [5, 5, 5, 8, 26, 26, 30], [1, 0, 1, 1, 1, 0, 1]
    curve = censoring_curve(duration, ended)
    assert curve.times.tolist() == [5, 26]
    assert curve.at_risk.tolist() == [5, 2]
    np.testing.assert_allclose(curve.survival, [4 / 5, 2 / 5])
    weight = censoring_weights(duration, ended, None, 26)
    np.testing.assert_allclose(weight, [1, 0, 1, 1.25, 1.25, 1.25, 1.25])


def test_an_early_risk_set_that_empties_does_not_poison_later_entrants():
    duration, ended = [3.0, 20, 30, 30], [False, False, True, True]
    entry = [1.0, 5, 5, 5]
    assert censoring_curve(duration, ended, entry=entry).survival[0] == 0
    weight = censoring_weights(duration, ended, entry, 26)
    np.testing.assert_allclose(weight, [0, 0, 1.5, 1.5])


def test_uneven_weights_leave_no_crumb_of_survival():
    rng = np.random.default_rng(0)
    weight = rng.random(5000) * 1e3
    curve = survival_curve(rng.exponential(1, 5000), np.ones(5000), sample_weight=weight)
    assert curve.survival[-1] == 0


def test_zero_weight_rows_change_nothing():
    curve = survival_curve([1, 2, 3, 4], [1, 1, 0, 1], sample_weight=[1, 0, 1, 1])
    assert curve.times.tolist() == [1, 4]
    np.testing.assert_allclose(curve.survival, [2 / 3, 0])


def test_a_row_that_ends_as_it_enters_was_never_at_risk():
    curve = survival_curve([8, 10], [1, 1], entry=[8, 0])
    assert curve.times.tolist() == [10]
    assert censoring_weights([8, 10], [1, 1], [8, 0], 26).tolist() == [1, 1]


def test_exponential_truth_is_recovered():
    rng = np.random.default_rng(5)
    life, lost = rng.exponential(20, 20_000), rng.uniform(0, 60, 20_000)
    curve = survival_curve(np.minimum(life, lost), life <= lost)
    grid = np.array([5.0, 15, 30])
    np.testing.assert_allclose(curve.at(grid), scipy.stats.expon(scale=20).sf(grid), atol=0.012)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"duration": [-1, 2]}, "must not be negative"),
        ({"duration": [np.nan, 2]}, "duration must be finite"),
        ({"ended": [0, 2]}, "true or false only"),
        ({"entry": [3, 0]}, "entry must not be after duration"),
        ({"ended": [1]}, "ended must have 2 entries"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        survival_curve(**({"duration": [1, 2], "ended": [1, 0]} | arguments))


def test_curves_and_causes_refuse_nonsense():
    one = np.ones(1)
    with pytest.raises(ValueError, match="same length"):
        SurvivalCurve(one, np.ones(2), one)
    with pytest.raises(ValueError, match="times must rise"):
        SurvivalCurve(np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="one row per time"):
        IncidenceCurve(one, np.ones((2, 1)))
    with pytest.raises(ValueError, match="0 for censored"):
        cumulative_incidence([1, 2], [0.5, 1])
    with pytest.raises(ValueError, match="at most n_causes=1"):
        cumulative_incidence([1, 2], [2, 1], n_causes=1)


def test_a_row_lost_as_another_enters_is_not_its_like():
    weight = censoring_weights([8, 30, 40], [0, 1, 1], [0, 8, 0], 26)
    assert weight.tolist() == [0, 1, 2]
