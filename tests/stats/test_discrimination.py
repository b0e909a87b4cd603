"""Ranking: AUC, concordance and choosing a share of the rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from riskmodel.stats.censoring import censoring_curve
from riskmodel.stats.discrimination import auc, concordance, select_share

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, n=80):
    rng = np.random.default_rng(seed)
    score = np.round(rng.normal(size=n), 1)
    y = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(float)
    y[:2] = [0, 1]
    return y, score, rng.integers(0, 4, n) + 0.5 * (rng.random(n) < 0.5) + 0.1, rng


def plain_concordance(duration, ended, score, *, entry, weight, tau):
    """Compare every pair, as the definition reads."""
    good = pairs = 0.0
    n = len(duration)
    for i in range(n):
        if not ended[i] or duration[i] >= tau:
            continue
        for j in range(n):
            longer = duration[j] > duration[i] or (duration[j] == duration[i] and not ended[j])
            if longer and (entry[j] < duration[i] or entry[j] == 0):
                pair = weight[i][0] * weight[j][1]
                pairs += pair
                good += pair * ((score[j] > score[i]) + 0.5 * (score[j] == score[i]))
    return good / pairs


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_auc_agrees_with_scikit_learn_and_its_invariants(seed):
    y, score, weight, _ = draw(seed)
    value = auc(y, score, sample_weight=weight)
    assert value == pytest.approx(roc_auc_score(y, score, sample_weight=weight))
    assert auc(y, np.exp(3 * score) - 7, sample_weight=weight) == pytest.approx(value)
    assert auc(y, -score, sample_weight=weight) == pytest.approx(1 - value)
    assert auc(1 - y, score, sample_weight=weight) == pytest.approx(1 - value)
    counts = np.ceil(weight).astype(int)
    copies = np.repeat(np.arange(len(y)), counts)
    assert auc(y[copies], score[copies]) == pytest.approx(auc(y, score, sample_weight=counts))


def test_auc_of_one_class_is_undefined_and_of_a_constant_is_half():
    assert math.isnan(auc([1, 1], [0.1, 0.2]))
    assert auc([0, 1, 0], [3, 3, 3]) == 0.5


def test_auc_refuses_nonsense():
    with pytest.raises(ValueError, match="0 and 1 only"):
        auc([0, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="score must be finite"):
        auc([0, 1], [0.1, math.nan])
    with pytest.raises(ValueError, match="score must have 2 entries"):
        auc([0, 1], [0.1])


@given(seed=SEEDS, late=st.booleans(), uno=st.booleans())
@settings(max_examples=30, deadline=None)
def test_concordance_agrees_with_comparing_every_pair(seed, late, uno):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 40))
    duration = rng.integers(3, 15, n).astype(float)
    ended = rng.random(n) < 0.7
    ended[np.argmin(duration)] = True
    score = np.round(rng.normal(size=n), 1)
    weight = rng.random(n) + 0.1
    entry = np.floor(rng.random(n) * duration) if late and not uno else np.zeros(n)
    own = weight.copy()
    if uno:
        curve = censoring_curve(duration, ended, sample_weight=weight)
        own /= np.maximum(curve.before(duration), 1e-9) ** 2
    if ended.all() and np.ptp(duration) == 0:
        return
    pairs = np.column_stack([own, weight])
    value = concordance(
        duration,
        ended,
        score,
        entry=entry,
        sample_weight=weight,
        tau=12,
        method="uno" if uno else "harrell",
    )
    if math.isnan(value):
        with pytest.raises(ZeroDivisionError):
            plain_concordance(duration, ended, score, entry=entry, weight=pairs, tau=12)
        return
    expected = plain_concordance(duration, ended, score, entry=entry, weight=pairs, tau=12)
    assert value == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_harrell_agrees_with_lifelines(seed):
    rng = np.random.default_rng(seed)
    duration = rng.exponential(10, 300)
    ended = rng.random(300) < 0.6
    score = np.round(0.05 * duration + rng.normal(size=300), 1)
    theirs = concordance_index(duration, score, ended)
    assert concordance(duration, ended, score) == pytest.approx(theirs)
    assert concordance(duration, ended, 2 * score + 1) == pytest.approx(theirs)
    assert concordance(duration, ended, -score) == pytest.approx(1 - theirs)


def test_uno_does_not_drift_with_censoring_as_harrell_does():
    rng = np.random.default_rng(0)
    n = 20_000
    score = rng.normal(size=n)
    # Effects that fade: early endings are the easy ones, so censoring flatters Harrell's.
    life = np.where(score > 0, 6.0, 0.0) + rng.exponential(10, n)
    lost = rng.exponential(12, n)
    duration, ended = np.minimum(life, lost), life <= lost
    truth = concordance(life, np.ones(n), score, tau=25)
    uno = concordance(duration, ended, score, tau=25, method="uno")
    harrell = concordance(duration, ended, score, tau=25)
    assert uno == pytest.approx(truth, abs=0.01)
    assert abs(harrell - truth) > 2 * abs(uno - truth)


def test_without_censoring_uno_is_harrell():
    duration = np.arange(1.0, 30)
    score = np.sin(duration)
    ones = np.ones(29)
    assert concordance(duration, ones, score, method="uno") == concordance(duration, ones, score)


def test_concordance_edges():
    assert math.isnan(concordance([1, 2], [0, 0], [1, 2]))
    assert math.isnan(concordance([], [], []))
    assert concordance([1, 1], [1, 0], [1, 2]) == 1
    with pytest.raises(ValueError, match="allows no late entry"):
        concordance([2, 3], [1, 1], [1, 2], entry=[1, 1], method="uno")


def test_concordance_of_many_rows_is_quick():
    rng = np.random.default_rng(0)
    duration = rng.exponential(size=100_000)
    value = concordance(duration, np.ones(100_000), duration + rng.normal(size=100_000))
    assert 0.6 < value < 0.8


@given(seed=SEEDS, places=st.integers(1, 80))
@settings(max_examples=40, deadline=None)
def test_selection_agrees_with_scikit_learn(seed, places):
    y, _, _, rng = draw(seed)
    score = rng.permutation(80).astype(float)
    chosen = score >= np.sort(score)[-places]
    found = select_share(y, score, places / 80)
    assert found.sensitivity == pytest.approx(recall_score(y, chosen))
    assert found.ppv == pytest.approx(precision_score(y, chosen))
    assert found.specificity == pytest.approx(recall_score(y, chosen, pos_label=0))
    assert found.threshold == np.sort(score)[-places]
    if places < 80:
        expected = precision_score(y, chosen, pos_label=0)
        assert found.npv == pytest.approx(expected)
    if found.ppv > 0:
        assert found.number_needed_to_evaluate == pytest.approx(1 / found.ppv)
    else:
        assert found.number_needed_to_evaluate == math.inf


def test_ties_at_the_last_place_are_taken_in_part():
    found = select_share([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.5], 0.5)
    assert found.sensitivity == pytest.approx((1 + 1 / 3) / 2)
    assert found.ppv == pytest.approx(2 / 3)
    assert found.threshold == 0.5
    order = [2, 0, 3, 1]
    again = select_share(np.array([1, 0, 1, 0])[order], np.array([0.9, 0.5, 0.5, 0.5])[order], 0.5)
    assert again == found


@given(seed=SEEDS, share=st.floats(0.05, 1))
@settings(max_examples=40, deadline=None)
def test_selection_identities(seed, share):
    y, score, weight, _ = draw(seed)
    found = select_share(y, score, share, sample_weight=weight)
    prevalence = np.average(y, weights=weight)
    assert found.ppv * share == pytest.approx(found.sensitivity * prevalence)
    chosen = found.sensitivity * prevalence + (1 - found.specificity) * (1 - prevalence)
    assert chosen == pytest.approx(share)


@pytest.mark.parametrize("share", [0.0, 1.01, -1])
def test_selection_refuses_impossible_shares(share):
    with pytest.raises(ValueError, match=r"share must lie in \(0, 1\]"):
        select_share([0, 1], [0.1, 0.2], share)
