"""No page breaks a rule of WCAG 2.2 AA that axe can check, in light and in dark."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from riskmodel.domain.labels import Label
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.record import evaluate
from riskmodel.model.encoding import encode_fields
from riskmodel.report.evaluation_page import EvaluationReport, render_evaluation
from riskmodel.report.worklist_page import WorklistFrame, WorklistRow, render_worklist

pytestmark = pytest.mark.slow

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCHEMES = ["light", "dark"]


def broken_rules(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]}).response
    assert found["passes"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module")
def worklist() -> str:
    tier = Label("Rådgiverens skøn", "Adviser's discretion")
    rows = [
        WorklistRow(f"SYN-{place}", f"cases/{place}.html", 8.0, 0.4, 0.2, 0.6, 23.0, tier, tier, 2)
        for place in range(30)
    ]
    frame = WorklistFrame(26.0, "b3f9", "synthetic", order=tier, own_judgement_first=True)
    return render_worklist(rows, frame, "da")


@pytest.fixture(scope="module")
def evaluation(fitted, history) -> str:
    """Return an evaluation report of scores in training, which is all that its look needs."""
    scores, week, horizons = (
        fitted.model.score(encode_fields(history), history.assessed_week),
        history.assessed_week,
        history.codebook.horizons,
    )
    risks = np.column_stack([np.where(week < one, scores.risk, np.nan) for one in horizons])
    held = HeldOutScores(
        horizons=horizons,
        primary_horizon=history.codebook.primary_horizon,
        fold_labels=("1",),
        simplest_field="expected_duration_citizen_weeks",
        fold=np.zeros(len(history), dtype=np.intp),
        score=scores.score,
        risk=scores.risk,
        risks=risks,
        expected_weeks=scores.expected_weeks,
        expected_weeks_low=scores.expected_weeks_low,
        expected_weeks_high=scores.expected_weeks_high,
        plain_weeks=week + 20.0,
        base_risks=np.where(np.isnan(risks), np.nan, 0.4),
        challenger_risk=np.clip(scores.risk * 0.9 + 0.05, 0, 1),
        simplest_risk=np.full(len(history), 0.4),
    )
    record = evaluate(held, history, n_bootstrap=20)
    return render_evaluation(EvaluationReport(record, history.codebook), "da")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1000), ("dark", 640)])
def test_the_case_page_before_and_after_the_judgement(open_page, render, scheme, width):
    page = open_page(render(), color_scheme=scheme, viewport={"width": width, "height": 900})
    assert broken_rules(page) == []
    page.click("#own-form button")
    assert broken_rules(page) == []
    page.fill("#own-risk", "30")
    page.check("input[name=own-offer][value=yes]")
    page.select_option("#own-reason", "other")
    page.click("#own-form button")
    page.click("#what-if summary")
    page.locator("#what-if-form input").nth(0).fill("x")
    page.click("#decision-form button[type=submit]")
    assert broken_rules(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_worklist(open_page, worklist, scheme):
    page = open_page(worklist, color_scheme=scheme)
    assert broken_rules(page) == []
    page.click("#uncover")
    page.click(".sort >> nth=4")
    assert broken_rules(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_evaluation_report(open_page, evaluation, scheme):
    page = open_page(evaluation, color_scheme=scheme)
    assert broken_rules(page) == []


def test_a_fault_is_found(open_page):
    faulty = "<!DOCTYPE html><html lang='da'><title>x</title><main><h1>x</h1><img src=''></main>"
    assert any(one.startswith("image-alt") for one in broken_rules(open_page(faulty)))


def test_headings_fall_by_one_and_order_is_that_of_the_page(open_page, render):
    page = open_page(render(first=False))
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tops = page.eval_on_selector_all(
        "main > section", "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0


def test_each_picture_has_a_name_or_a_twin(open_page, render):
    page = open_page(render(first=False))
    for picture in page.locator("svg:not(svg svg)").all():
        named = picture.get_attribute("aria-labelledby") or picture.get_attribute("aria-label")
        hidden = picture.evaluate("one => one.closest('[aria-hidden=true]') !== null")
        assert named or hidden or picture.locator("title").count() == 1
        section = picture.locator("xpath=ancestor::section[1]")
        assert section.locator("table").count() >= 1
