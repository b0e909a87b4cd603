"""Who changes tier, against cases that were moved by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.labels import Label
from riskmodel.io.policy_files import read_policy
from riskmodel.visitation.inflow import Inflow, Origin, SiteInflow
from riskmodel.visitation.judged_cases import JudgedCases
from riskmodel.visitation.offers import Visitation
from riskmodel.visitation.tier_change import compare_tiers
from riskmodel.visitation.tiers import FixedContact

CONFIGS = Path(__file__).parents[2] / "configs"
TALK = Label("Samtale", "Talk")
N = 200


@pytest.fixture(scope="module")
def policy(review_codebook):
    """Two thresholds; two talks from the upper one, none below."""
    policy = read_policy(CONFIGS / "visitation" / "risk-only.yaml", review_codebook)
    talks = (FixedContact(8, TALK), FixedContact(12, TALK))
    tiers = tuple(
        replace(tier, contacts=talks if tier.id == "at_risk" else ()) for tier in policy.tiers
    )
    return replace(policy, tiers=tiers)


@pytest.fixture(scope="module")
def inflow():
    counted = Origin("own_count", Label("Optalt", "Counted"))
    return Inflow((SiteInflow("a", 520.0, counted),), adviser_share=0.0)


def make_visitation(policy, risk, person=None):
    long = np.arange(len(risk)) % 2
    cases = JudgedCases(
        risk=risk,
        risk_low=risk,
        risk_high=risk,
        outside_training=np.zeros(len(risk), dtype=bool),
        long_course=long.astype(float),
        duration_weeks=np.where(long == 1, 40.0, 20.0),
        assessed_week=np.full(len(risk), 5.0),
        weight=np.ones(len(risk)),
        person=np.arange(len(risk)) if person is None else person,
        site=np.full(len(risk), "a"),
    )
    return Visitation.of(policy, cases, pd.DataFrame(index=range(len(risk))))


def three_levels(policy) -> np.ndarray:
    """Below, between and above the thresholds, by turns."""
    lower, upper = policy.lower.value, policy.upper.value
    levels = np.array([lower / 2, (lower + upper) / 2, (1 + upper) / 2])
    return levels[np.arange(N) % 3]


def compare(policy, inflow, before, after, **more):
    return compare_tiers(
        make_visitation(policy, before, **more),
        make_visitation(policy, after, **more),
        inflow,
        horizon_weeks=26.0,
        n_draws=50,
    )


def test_nobody_moves_where_the_risks_are_the_same(policy, inflow):
    risk = three_levels(policy)
    found = compare(policy, inflow, risk, risk)
    counts = np.array(found.moved, dtype=float)
    assert counts.sum() == N
    assert np.all(counts == np.diag(np.diag(counts)))
    assert (found.changed_share.value, found.changed_share.high) == (0, 0)
    for work in (found.talks, found.hours):
        assert (work.difference.value, work.difference.low, work.difference.high) == (0, 0, 0)
        assert work.current == work.new


def test_known_moves_are_counted_and_change_the_work_by_what_they_ask(policy, inflow):
    before = three_levels(policy)
    after = before.copy()
    risen = np.flatnonzero(before == before.min())[:20]
    after[risen] = before.max()
    found = compare(policy, inflow, before, after)
    places = [policy.tier_ids.index(one) for one in policy.ladder.rungs]
    assert found.moved[places[0]][places[2]] == 20
    assert found.changed_share.value == pytest.approx(20 / N)
    # 520 cases a year, one in ten of them two talks more: two talks a week.
    assert found.talks.difference.value == pytest.approx(2.0)
    assert found.talks.difference.low < 2.0 < found.talks.difference.high
    assert found.talks.new.value - found.talks.current.value == pytest.approx(2.0)
    assert found.hours.difference.value == pytest.approx(2 * inflow.talk_minutes / 60)
    paired = found.talks.difference.high - found.talks.difference.low
    assert paired < found.talks.new.high - found.talks.new.low


def test_few_persons_are_hidden_and_do_not_follow_from_the_rest(policy, inflow):
    before = three_levels(policy)
    after = before.copy()
    after[np.flatnonzero(before == before.min())[:3]] = before.max()
    found = compare(policy, inflow, before, after)
    places = [policy.tier_ids.index(one) for one in policy.ladder.rungs]
    assert found.moved[places[0]][places[2]] is None
    assert sum(one is None for row in found.moved for one in row) >= 4
    assert np.isnan(found.changed_share.value)
    assert np.isnan([found.talks.new.value, found.talks.difference.value]).all()


def test_six_cases_of_one_person_are_one_person(policy, inflow):
    before = three_levels(policy)
    after = before.copy()
    chosen = np.flatnonzero(before == before.min())[:6]
    after[chosen] = before.max()
    person = np.arange(N)
    person[chosen] = chosen[0]
    found = compare(policy, inflow, before, after, person=person)
    places = [policy.tier_ids.index(one) for one in policy.ladder.rungs]
    assert found.moved[places[0]][places[2]] is None


def test_both_must_be_about_the_same_cases(policy, inflow):
    risk = three_levels(policy)
    with pytest.raises(ValueError, match="same cases"):
        compare_tiers(
            make_visitation(policy, risk),
            make_visitation(policy, risk[:-1]),
            inflow,
            horizon_weeks=26.0,
        )
