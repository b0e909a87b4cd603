"""Pages opened in headless Chromium, without a network; skipped where there is no browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskmodel.explanation.contributions import explain_case
from riskmodel.io.policy_files import read_policy
from riskmodel.io.tables import read_cases
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.pipelines.page_parts import PagePartsMaker
from riskmodel.report.case_page import render_case_page
from riskmodel.visitation.explain import explain_recommendation
from riskmodel.visitation.policy import Policy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CONFIGS = Path(__file__).parents[2] / "configs"

OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed; see .ci/chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a document from a file and fails on any complaint of it."""
    complaints: list[str] = []
    contexts = []

    def open_document(document: str, *, fragment: str = "", **options: object) -> Page:
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(document, encoding="utf-8")
        context = browser.new_context(offline=True, accept_downloads=True, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_document
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture(scope="session")
def open_cases(fitted, open_file, codebook) -> ScoredCases:
    return score_cases(fitted.model, read_cases(open_file, codebook))


@pytest.fixture(scope="session")
def policy(codebook) -> Policy:
    return read_policy(CONFIGS / "visitation" / "lejre-greve.yaml", codebook)


@pytest.fixture(scope="session")
def render(open_cases, policy) -> Callable[..., str]:
    """Return a function that makes the page of the first scored case, or of another."""

    def page(*, row: int = 0, first: bool = True, without_policy: bool = False) -> str:
        rules = None if without_policy else replace(policy, own_judgement_first=first)
        explanation = explain_case(open_cases, row)
        recommendation = None
        if rules is not None:
            recommendation = explain_recommendation(
                rules, open_cases.table.fields.iloc[[row]],
                assessed_week=explanation.assessed_week, risk=explanation.risk,
                risk_low=explanation.risk_low, risk_high=explanation.risk_high,
                outside_training=bool(explanation.outside_training),
            )  # fmt: skip
        parts = PagePartsMaker(open_cases, rules, "da").make(row, explanation, recommendation)
        return render_case_page(
            explanation, recommendation, "da", home="../index.html", parts=parts
        )

    return page
