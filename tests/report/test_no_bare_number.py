"""No figure that is an estimate stands without an interval, or without how many it rests on.

Case page, letter and note: every percentage and every contribution stands beside its interval,
or repeats a figure that does so on the same paper; limits of the rules are no estimates. In
tables of reports: a cell with a decimal or a percentage holds an interval, or its row or the
table's caption says how many it rests on. What is no estimate is listed below with the reason.
Words in pictures are left out: each picture has a table that says the same.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.model_change import ModelFigures, compare_models
from riskmodel.evaluation.record import evaluate
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.model.scoring import contributions_in_points, score_cases
from riskmodel.pipelines.thresholds import run_threshold_example
from riskmodel.report.case_page import render_case_page
from riskmodel.report.case_papers import describe_letter, describe_note
from riskmodel.report.comparison_page import ComparisonReport, render_comparison
from riskmodel.report.evaluation_page import render_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.number_format import format_limit
from riskmodel.report.paper_pages import render_paper_text
from riskmodel.visitation.recommendation import Recommendation

ROOT = Path(__file__).parents[2]
SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PERCENT = r"(?:under |over )?\d+(?:,\d+)?\s?%"
POINTS = r"(?:[+\N{MINUS SIGN}]\d+|0)"
RANGE = rf"(?:omkring )?(?:{PERCENT}(?: (?:til|og) {PERCENT})?|{POINTS}(?: til {POINTS})?)"
BESIDE = re.compile(rf"({PERCENT})(?: \(|; )(?:omkring {PERCENT}|{PERCENT} til {PERCENT})")
INTERVAL = re.compile(
    rf"{PERCENT} (?:til|og) {PERCENT}|{POINTS} til {POINTS}|omkring (?:{PERCENT}|{POINTS})"
)
# Figures that are no estimates, by the caption of their table, or the heading of their column.
NO_ESTIMATE = {
    "Opskriftens valg og indstillinger": "what the training chose or was told",
    "Tal, som andre tal regnes af": "what the municipality puts in, with its source",
    "Tærskel": "a threshold",
    "Øvre tærskel, samme tærskel": "a threshold",
    "Ni ud af ti samtaler holdes inden for": "worked out over the simulated years",
    "År, hvor kapaciteten rækker": "a share of the simulated years",
}


class Blocks(HTMLParser):
    """The texts of paragraphs, list items and rows, and the tables by caption."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.tables: list[tuple[str, list[list[str]]]] = []
        self._open: list[str] | None = None
        self._cell: list[str] | None = None
        self._caption: list[str] | None = None
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in {"svg", "script", "style"}
        if tag in {"p", "li", "tr", "dd"}:
            self._open = []
        if tag == "table":
            self.tables.append(("", []))
        if tag == "tr" and self.tables:
            self.tables[-1][1].append([])
        if tag in {"td", "th"}:
            self._cell = []
        if tag == "caption":
            self._caption = []

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"svg", "script", "style"}
        if tag in {"p", "li", "tr", "dd"} and self._open is not None:
            self.blocks.append(" ".join("".join(self._open).split()))
            self._open = None
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        if tag == "caption" and self._caption is not None:
            self.tables[-1] = (" ".join("".join(self._caption).split()), self.tables[-1][1])
            self._caption = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        for held in (self._open, self._cell, self._caption):
            if held is not None:
                held.append(f"{data} " if held is self._open else data)


def find_bare(blocks: list[str], known: set[str]) -> list[str]:
    """Return figures that stand alone: neither in an interval, nor beside one anywhere."""
    text = "\n".join(blocks)
    ranged = known | set(BESIDE.findall(text))
    bare = []
    for block in blocks:
        if INTERVAL.search(block) or re.search(r"\d vurderinger? af [\d.]+ borger", block):
            continue
        bare += [f"{one}: {block}" for one in re.findall(PERCENT, block) if one not in ranged]
    return bare


def known_figures(explanation: CaseExplanation, recommendation: Recommendation | None) -> set[str]:
    """Figures that need no interval of their own beside them: limits, and bands of risk.

    A rule's sentence repeats the risk that it compared; here it is that of a fixed example.
    """
    shares, told = [0.0, 1.0], set()
    if recommendation is not None:
        shares += [recommendation.lower_threshold, recommendation.upper_threshold]
        for one in recommendation.reasons:
            told |= set(re.findall(PERCENT, one.text.da))
    if explanation.similar is not None:
        shares += [explanation.similar.low, explanation.similar.high]
    limits = {format_limit(one, "da").replace("\N{NO-BREAK SPACE}", " ") for one in shares}
    return limits | told


@SOME
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    change=st.none() | st.from_type(AssessmentChange),
)
def test_page_letter_and_note_hold_no_bare_figure(explanation, recommendation, change):
    known = known_figures(explanation, recommendation)
    page = render_case_page(explanation, recommendation, "da", change=change)
    found = Blocks(page)
    own = {
        one
        for block in found.blocks
        if "Usikkerheden er" in block
        for one in re.findall(PERCENT, block)
    }
    assert find_bare(found.blocks, known | own) == []
    letter = render_paper_text(describe_letter(explanation, recommendation, "da"))
    note = render_paper_text(describe_note(explanation, recommendation, "da", change=change))
    for paper in (letter, note):
        lines = [" ".join(one.split()) for one in paper.split("\n\n")]
        assert find_bare(lines, known | own) == []
    for caption, rows in found.tables:
        if "Procentpoint" in rows[0]:
            at = rows[0].index("Procentpoint")
            for row in rows[1:]:
                assert row[at], caption
                assert re.fullmatch(RANGE, row[at + 1]), (caption, row)
    for one in re.findall(r"\((?:under )?\d+ procentpoint[^)]*\)", " ".join(found.blocks)):
        assert re.search(rf"; {RANGE}\)$", one), one
    pairs = {row[0]: row[1] for _, table in found.tables for row in table if len(row) == 2}
    assert "til" in pairs["I 8 ud af 10 sager"]


def test_the_scan_finds_a_bare_figure(example):
    explanation, recommendation = example()
    blocks = [*Blocks(render_case_page(explanation, recommendation, "da")).blocks, "Risiko: 71 %."]
    known = known_figures(explanation, recommendation)
    assert any(one.startswith("71 %") for one in find_bare(blocks, known))
    table = "<table><caption>x</caption><tr><th>a</th><th>b</th></tr><tr><th>c</th><td>0,71</td>"
    assert bare_cells(Blocks(f"{table}</tr></table>")) == [("x", "b", "0,71")]


def bare_cells(found: Blocks) -> list[tuple[str, str, str]]:
    """Return cells of tables that hold an estimate without interval and without a number."""
    counted = re.compile(r"\d[\d.]* (?:vurderinger|personer|borgere|sager|kommuner)")
    bare = []
    for caption, rows in found.tables:
        if not rows or caption in NO_ESTIMATE or counted.search(caption):
            continue
        heads = rows[0]
        counts = [
            place
            for place, head in enumerate(heads)
            if head.split(" (")[0] in {"Vurderinger", "Personer", "Sager", "Borgere", "Svar"}
        ]
        for row in rows[1:]:
            has_number = any(re.search(r"\d", row[place]) for place in counts if place < len(row))
            for head, cell in list(zip(heads, row, strict=False))[1:]:
                estimate = re.search(r"\d,\d|\d\s?%", cell)
                told = re.search(r"\btil\b|interval ukendt|\d af \d", cell)
                if estimate and not told and not has_number and head not in NO_ESTIMATE:
                    bare.append((caption, head, cell))
    return bare


@pytest.fixture(scope="module")
def evaluation_page(fitted, history) -> str:
    scores, week = score_cases(fitted.model, history).scores, history.assessed_week
    horizons = tuple(history.codebook.horizons)
    risks = np.full((len(history), len(horizons)), np.nan)
    for place, one in enumerate(horizons):
        rows = week < one
        risks[rows, place] = fitted.model.curve.survival(scores.score[rows], week[rows], one)
    held = HeldOutScores(
        horizons=horizons,
        primary_horizon=26.0,
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


def test_the_evaluation_report_holds_no_bare_figure(evaluation_page):
    found = Blocks(evaluation_page)
    assert sum(len(rows) for _, rows in found.tables) > 40
    assert bare_cells(found) == []


def test_the_comparison_of_models_holds_no_bare_figure(fitted, history):
    cases = score_cases(fitted.model, history)
    points = contributions_in_points(cases)
    names = [one.name for one in history.codebook.indicators]
    figures = [
        ModelFigures(
            version,
            np.clip(cases.risk_at(26.0)[0] * scale, 0, 1),
            {name: scale * points[:, place] for place, name in enumerate(names)},
        )
        for version, scale in (("old", 0.9), ("new", 1.0))
    ]
    change = compare_models(history, *figures, seen_by_current="not_known", n_draws=30)
    labels = ComparisonReport.label(history.codebook)
    page = render_comparison(ComparisonReport(change, None, labels, {}, "synthetic"), "da")
    found = Blocks(page)
    assert len(found.tables) == 2
    assert bare_cells(found) == []


@pytest.mark.slow
def test_the_thresholds_report_holds_no_bare_figure(bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    run_threshold_example(
        tmp_path / "thresholds",
        model_path=bundle,
        policy_path=ROOT / "configs" / "visitation" / "lejre-greve.yaml",
        codebook_path=ROOT / "configs" / "codebook.yaml",
    )
    found = Blocks((tmp_path / "thresholds" / "index.html").read_text())
    assert sum(len(rows) for _, rows in found.tables) > 40
    assert bare_cells(found) == []
