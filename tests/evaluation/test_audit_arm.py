"""With the lots an evaluation after the start finds the truth; without them it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from riskmodel.domain.synthetic_feedback import FeedbackSettings, draw_followed_cases
from riskmodel.evaluation.audit_arm import AfterStart, evaluate_by_lot, evaluate_naively
from riskmodel.io.policy_files import read_policy
from riskmodel.stats.logistic import fit_logistic, log_odds
from riskmodel.visitation.audit import draw_audit_arm

CONFIGS = Path(__file__).parents[2] / "configs"
N_CASES = 3000
SEEDS = 40
SHARE = 0.1


class Runs(NamedTuple):
    """Figures over seeds; each has one row a seed: level, slope, effect."""

    values: np.ndarray
    held: np.ndarray


@pytest.fixture(scope="module")
def audited_policy(review_codebook):
    """The test policy, with a tenth of the cases in each lot."""
    policy = read_policy(CONFIGS / "visitation" / "lejre-greve.yaml", review_codebook)
    rules = policy.audit
    assert rules is not None
    lots = {
        name: replace(getattr(rules, name), share=SHARE) for name in ("contact", "without_score")
    }
    return replace(policy, audit=replace(rules, **lots))


def follow(settings, policy, seed, *, with_lots):
    ids = np.array([f"SYN-{seed:03d}-{number:05d}" for number in range(N_CASES)])
    arm = draw_audit_arm(ids, policy)
    nobody = np.zeros(N_CASES, dtype=bool)
    drawn = (arm.contact, arm.without_score) if with_lots else (nobody, nobody)
    shares = (arm.contact_share, arm.without_score_share) if with_lots else (0.0, 0.0)
    made = draw_followed_cases(settings, *drawn, random_state=seed)
    after = AfterStart(
        made.risk, made.long_course, made.contacted, made.lightest, made.drawn_contact,
        made.drawn_without_score, *shares,
    )  # fmt: skip
    return made, after


def run(settings, policy, evaluate, *, with_lots):
    values, held = [], []
    for seed in range(SEEDS):
        made, after = follow(settings, policy, seed, with_lots=with_lots)
        level = fit_logistic(
            np.ones((N_CASES, 1)), made.true_risk_without, offset=log_odds(made.risk)
        )
        truth = (float(level.coefficients[0]), settings.stretch, settings.effect)
        found = evaluate(after)
        figures = (found.calibration_in_the_large, found.calibration_slope, found.effect)
        values.append([one.value - true for one, true in zip(figures, truth, strict=True)])
        held.append([one.low <= true <= one.high for one, true in zip(figures, truth, strict=True)])
    return Runs(np.array(values), np.array(held))


WORLDS = {
    "risks hold": FeedbackSettings(),
    "risks have drifted": FeedbackSettings(drift=0.3, stretch=0.8),
}


@pytest.mark.parametrize("world", WORLDS)
def test_with_the_lots_the_truth_is_found(world, audited_policy):
    found = run(WORLDS[world], audited_policy, evaluate_by_lot, with_lots=True)
    errors = found.values.mean(axis=0)
    noise = found.values.std(axis=0) / np.sqrt(SEEDS)
    assert np.all(np.abs(errors) < 3.5 * noise + 0.01)
    # Of 40 intervals at 95 %, fewer than 34 hold with a chance below 0.002.
    assert np.all(found.held.sum(axis=0) >= 34)


@pytest.mark.parametrize("world", WORLDS)
def test_without_them_it_is_not(world, audited_policy):
    found = run(WORLDS[world], audited_policy, evaluate_naively, with_lots=False)
    level, slope, effect = found.values.mean(axis=0)
    # Contact that works makes good risks look too high and too spread out, and contact harmful.
    assert level < -0.2
    assert slope < -0.2
    assert effect > 1.0
    assert found.held.mean() < 0.05


def test_contact_that_does_nothing_leaves_ordinary_evaluation_right(audited_policy):
    found = run(FeedbackSettings(effect=0.0), audited_policy, evaluate_naively, with_lots=False)
    assert found.held[:, :2].sum(axis=0).min() >= 34
    # And yet those contacted end long far more often: they were at high risk.
    assert found.values[:, 2].mean() > 1.0


def test_the_effect_by_lot_needs_no_right_shape_of_the_risks(audited_policy):
    bent = FeedbackSettings(bend=-0.8)
    found = run(bent, audited_policy, evaluate_by_lot, with_lots=True)
    assert abs(found.values[:, 2].mean()) < 0.1
    assert found.held[:, 2].sum() >= 34


def test_the_effect_is_that_of_the_lot_and_not_of_an_advisers_choice(audited_policy):
    _, after = follow(FeedbackSettings(), audited_policy, 0, with_lots=True)
    # Contact in vain with those that an adviser saw would be long makes contact look harmful.
    chosen = after.lightest & (after.long_course == 1) & (np.arange(N_CASES) % 3 == 0)
    departed = replace(after, contacted=after.contacted | chosen)
    found, before = evaluate_by_lot(departed), evaluate_by_lot(after)
    assert found.effect == before.effect
    assert found.n_compared == before.n_compared == np.sum(after.drawn_contact & after.lightest)


def test_a_retraining_that_believes_the_outcomes_drops_people_whom_contact_helped(audited_policy):
    made, after = follow(FeedbackSettings(), audited_policy, 0, with_lots=False)
    at_risk = made.risk >= 0.4
    believed = evaluate_naively(after).recalibrate(made.risk)
    with_lots = follow(FeedbackSettings(), audited_policy, 0, with_lots=True)[1]
    by_lot = evaluate_by_lot(with_lots).recalibrate(made.risk)
    assert np.mean(believed[at_risk] < 0.4) > 0.4
    assert np.mean(by_lot[at_risk] < 0.4) < 0.2


def test_what_cannot_be_had_is_not_made_up(audited_policy):
    _, after = follow(FeedbackSettings(), audited_policy, 1, with_lots=False)
    found = evaluate_by_lot(after)
    assert np.isnan(found.effect.value)
    assert found.n_compared == 0
    # Risks are then judged in the lightest tier alone, where nobody was contacted.
    assert abs(found.calibration_in_the_large.value) < 0.3


def test_wrong_input_is_refused():
    one, yes = np.array([0.5]), np.array([True])
    with pytest.raises(ValueError, match="entry per case"):
        AfterStart(one, np.ones(2), yes, yes, yes, yes, 0.1, 0.1)
    with pytest.raises(ValueError, match="risk must lie"):
        AfterStart(np.array([1.0]), np.ones(1), yes, yes, yes, yes, 0.1, 0.1)
    with pytest.raises(ValueError, match="threshold must lie"):
        FeedbackSettings(threshold=1.5)
