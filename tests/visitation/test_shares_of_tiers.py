"""What the shipped policies lead to on the generator's history: a share for every tier.

The bands are wide enough for another seed and narrow enough to catch a policy that leaves a
tier empty or swallows everybody; why they lie where they do: docs/visitation.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.io.frame_cases import read_frame
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.training.fit import TrainingSettings, fit_risk_model
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import recommend_cases

pytestmark = pytest.mark.slow

LIGHTEST_SHARE = (0.05, 0.25)
HEAVIEST_SHARE = (0.15, 0.40)
LARGEST_MISSED = 0.07


@dataclass(frozen=True)
class Scored:
    """Cases at their first assessment, with a model that has not seen them."""

    model: RiskModel
    cases: CaseTable
    long: npt.NDArray[np.float64]

    def recommend(self, policy: Policy, *, hidden: float | None = None) -> npt.NDArray[np.str_]:
        model = self.model
        if hidden is not None:
            model = replace(model, spread=replace(model.spread, hidden=hidden))
        scored = score_cases(model, self.cases)
        risk, low, high = scored.risk_at(26.0)
        found = recommend_cases(
            policy,
            self.cases.fields,
            assessed_week=self.cases.assessed_week,
            risk=risk,
            risk_low=low,
            risk_high=high,
            outside_training=scored.outside_training,
        )
        return np.asarray(found.tiers, dtype=np.str_)


@pytest.fixture(scope="module")
def scored(review_codebook: Codebook, draw_cases: Callable[..., pd.DataFrame]) -> Scored:
    def read(n_cases: int, seed: int) -> CaseTable:
        return read_frame(
            draw_cases("history", n_cases, seed), review_codebook, require_outcomes=True
        )

    model = fit_risk_model(read(1000, 21), TrainingSettings(n_refits=8, n_folds=3)).model
    closed = read(2000, 22)
    first = closed.take(np.sort(np.unique(closed.case_id, return_index=True)[1]))
    assert first.outcomes is not None
    return Scored(model, first, first.outcomes.status_at(26.0).long_course)


@pytest.fixture(params=["lejre-greve", "vejle"])
def policy(request: pytest.FixtureRequest, read_shipped: Callable[[str], Policy]) -> Policy:
    return read_shipped(request.param)


def test_every_tier_of_the_ladder_has_a_sensible_share(scored: Scored, policy: Policy) -> None:
    tiers = scored.recommend(policy)
    on_ladder = np.isin(tiers, policy.ladder.rungs)
    share = {rung: float(np.mean(tiers[on_ladder] == rung)) for rung in policy.ladder.rungs}
    light, adviser, heavy = policy.ladder.rungs
    assert LIGHTEST_SHARE[0] < share[light] < LIGHTEST_SHARE[1], share
    assert HEAVIEST_SHARE[0] < share[heavy] < HEAVIEST_SHARE[1], share
    assert share[adviser] > 0.4, share


def test_few_long_courses_are_missed_and_most_at_risk_are_long(
    scored: Scored, policy: Policy
) -> None:
    tiers, long = scored.recommend(policy), scored.long
    light, adviser, heavy = policy.ladder.rungs
    on_ladder = np.isin(tiers, policy.ladder.rungs)
    share = {rung: float(np.nanmean(long[tiers == rung])) for rung in policy.ladder.rungs}
    overall = float(np.nanmean(long[on_ladder]))
    missed = np.nansum(long[tiers == light]) / np.nansum(long[on_ladder])
    assert missed < LARGEST_MISSED
    assert share[light] < overall / 2
    assert share[heavy] > 1.5 * overall
    assert share[light] < share[adviser] < share[heavy]


def test_a_narrower_interval_leaves_fewer_to_the_adviser(scored: Scored, policy: Policy) -> None:
    narrow, wide = scored.recommend(policy, hidden=0.0), scored.recommend(policy, hidden=0.6)
    band = policy.ladder.between
    assert np.mean(narrow == band) < np.mean(wide == band)
    # Nobody passes from one end of the ladder to the other, and none comes back to the band.
    assert not np.any((narrow == band) & (wide != band))
    assert not np.any((narrow != wide) & (wide != band))


def test_a_requirement_is_no_hurdle_that_refuses_nearly_all(scored: Scored, policy: Policy) -> None:
    free = replace(policy, requirements=(), needed_facts=())
    with_rules, without = scored.recommend(policy), scored.recommend(free)
    light = policy.ladder.below_lower
    kept = np.mean(with_rules[without == light] == light)
    assert 0.4 < kept < 0.9
