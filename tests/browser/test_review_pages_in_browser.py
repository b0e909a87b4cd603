"""The review report and the points form: no rule of WCAG broken, nothing cut at any width."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from riskmodel.domain.points_form import FormSettings
from riskmodel.domain.review import plan_review
from riskmodel.domain.review_merge import merge_answers
from riskmodel.domain.review_raters import ReviewerHabits, simulate_reviewer
from riskmodel.evaluation.points_figures import FormRisks, judge_points_form, read_form
from riskmodel.evaluation.review_record import compute_review
from riskmodel.io.review_cases import read_review_settings
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.review_example import draw_review_cases
from riskmodel.pipelines.review_merge import check_merged
from riskmodel.report.review_page import render_review
from riskmodel.report.scorecard_page import Scorecard, render_scorecard
from riskmodel.training.points_fitting import compile_points_form

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[2] / "configs"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS = [400, 700, 1200]


def broken_rules(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]}).response
    assert found["passes"]
    return [
        f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]
    ]


@pytest.fixture(scope="module")
def report(review_codebook) -> str:
    plan = plan_review(
        review_codebook, read_review_settings(CONFIGS / "review.yaml", review_codebook)
    )
    cases = draw_review_cases(plan, CONFIGS / "synthetic.yaml")
    risk = cases.truth["true_risk_26w"].to_numpy()
    answers = [
        simulate_reviewer(
            cases.frame, risk, plan, reviewer=code, habits=ReviewerHabits(), random_state=seed
        )
        for code, seed in (("L1", 1), ("G1", 2))
    ]
    merged = merge_answers(plan, answers)
    return render_review(compute_review(merged, check_merged(merged)), plan, "da")


@pytest.fixture(scope="module")
def form(fitted, history, policy) -> str:
    """Return a form with figures in training, which is all that its look needs."""
    made = compile_points_form(fitted.model, history, FormSettings())
    risks = FormRisks(
        read_form(made, history),
        score_cases(fitted.model, history).scores.risk,
        np.full(len(history), 0.3),
    )
    figures = judge_points_form(history, risks, design="new cases", n_draws=50)
    card = Scorecard(
        made, history.codebook, "b3f9", from_model=True, figures=figures, policy=policy
    )
    return render_scorecard(card, "da")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report", "form"])
def test_no_rule_of_accessibility_is_broken(open_page, request, name, scheme):
    page = open_page(request.getfixturevalue(name), color_scheme=scheme)
    assert broken_rules(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report", "form"])
def test_no_width_makes_a_page_scroll_sideways(open_page, request, name, width):
    page = open_page(request.getfixturevalue(name), viewport={"width": width, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
