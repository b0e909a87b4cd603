"""A simulated review of 60 synthetic cases by two reviewers whose agreement is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.review import ReviewerAnswers, ReviewPlan, plan_review
from riskmodel.domain.review_raters import ReviewerHabits, simulate_reviewer
from riskmodel.domain.review_settings import ReviewSettings
from riskmodel.domain.synthetic import SyntheticCases, make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.io.review_cases import read_review_settings
from riskmodel.io.yaml_files import read_yaml

CONFIGS = Path(__file__).parents[2] / "configs"
KAPPA = 0.7
WEAK = {"employer_contact_quality": 0.2}


@pytest.fixture(scope="session")
def settings(codebook: Codebook) -> ReviewSettings:
    return read_review_settings(CONFIGS / "review.yaml", codebook)


@pytest.fixture(scope="session")
def plan(codebook: Codebook, settings: ReviewSettings) -> ReviewPlan:
    return plan_review(codebook, settings)


@pytest.fixture(scope="session")
def draw_review(codebook: Codebook) -> Callable[..., SyntheticCases]:
    """Return a function that draws the cases of a review with their later assessments."""
    parameters = parse_synthetic_parameters(read_yaml(CONFIGS / "synthetic.yaml"), "review60")
    selection = replace(parameters.selection, rows="all")
    parameters = replace(parameters, selection=selection)

    def draw(n_cases: int, seed: int = 0) -> SyntheticCases:
        return make_cases(parameters, codebook, n_cases=n_cases, random_state=seed)

    return draw


@pytest.fixture(scope="session")
def review_cases(draw_review: Callable[..., SyntheticCases]) -> SyntheticCases:
    return draw_review(60, 3)


@pytest.fixture(scope="session")
def simulate(plan: ReviewPlan) -> Callable[..., ReviewerAnswers]:
    """Return a function that lets one simulated reviewer answer."""

    def answer(
        cases: SyntheticCases, reviewer: str, seed: int, habits: ReviewerHabits | None = None
    ) -> ReviewerAnswers:
        habits = habits or ReviewerHabits(kappa=KAPPA, kappa_by_field=WEAK)
        risk = cases.truth["true_risk_26w"].to_numpy()
        return simulate_reviewer(
            cases.frame, risk, plan, reviewer=reviewer, habits=habits, random_state=seed
        )

    return answer


@pytest.fixture(scope="session")
def two_reviewers(
    review_cases: SyntheticCases, simulate: Callable[..., ReviewerAnswers]
) -> tuple[ReviewerAnswers, ReviewerAnswers]:
    return simulate(review_cases, "L1", 11), simulate(review_cases, "G1", 12)
