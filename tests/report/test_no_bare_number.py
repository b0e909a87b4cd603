"""No figure that is an estimate stands without an interval, or without how many it rests on.

Case page, letter and note: every percentage and every contribution stands beside its interval,
or repeats a figure that does so on the same paper; limits of the rules are no estimates. In
tables of reports: a cell with a decimal or a percentage holds an interval, or its row or the
table's caption says how many it rests on. Of the review, the points form and the pages about
decisions, employers and audits the sentences are read too. What is no estimate is listed below
with the reason. Words in pictures are left out: each picture has a table that says the same.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.points_form import FormSettings
from riskmodel.domain.review import plan_review
from riskmodel.domain.review_merge import merge_answers
from riskmodel.domain.review_raters import ReviewerHabits, simulate_reviewer
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.model_change import ModelFigures, compare_models
from riskmodel.evaluation.points_figures import FormRisks, judge_points_form, read_form
from riskmodel.evaluation.record import evaluate
from riskmodel.evaluation.review_record import compute_review
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.io.policy_files import read_policy
from riskmodel.io.review_cases import read_review_settings
from riskmodel.model.scoring import contributions_in_points, score_cases
from riskmodel.monitoring.decision_figures import LadderNames, compute_decision_figures
from riskmodel.monitoring.employers import compute_employer_figures
from riskmodel.pipelines.review_example import draw_review_cases
from riskmodel.pipelines.review_merge import check_merged
from riskmodel.pipelines.thresholds import run_threshold_example
from riskmodel.report.audit_page import AuditCase, AuditList, AuditSignal, render_audit
from riskmodel.report.case_page import render_case_page
from riskmodel.report.case_papers import describe_letter, describe_note
from riskmodel.report.comparison_page import ComparisonReport, render_comparison
from riskmodel.report.decisions_page import render_decisions
from riskmodel.report.employers_page import render_employers
from riskmodel.report.evaluation_page import render_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.number_format import format_limit
from riskmodel.report.paper_pages import render_paper_text
from riskmodel.report.review_page import render_review
from riskmodel.report.scorecard_page import Scorecard, render_scorecard
from riskmodel.training.points_fitting import compile_points_form
from riskmodel.visitation.recommendation import Recommendation

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs"
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
    "Chance": "a chance of being drawn, fixed in advance",
    "Vægt": "one over that chance",
    "Målestok": "what a figure is held against, fixed in advance",
    "Lægger til": "a setting of the draw",
    "Krympning ved 60 sager": "worked out from the number of cases alone",
}
# Sentences of reports whose figures are no estimates, by how they begin (a pattern).
NO_ESTIMATE_LINES = {
    "Hvert kendetegn for sig": "says what 50 % means",
    r"Af \d+ kendetegn med et interval": "expected by chance, worked out from the number of tests",
    "Sandsynligheden for, at en sag fra": "says what 50 % means",
    "Usikkerheden er ±": "how wide intervals are with so many cases",
    "Kappa for kategorier": "limits for kappa that the review set",
    "I parentes 95 %-intervaller": "the level of the intervals",
    "Med 60 sager": "worked out from the number of cases alone",
    "For ±": "worked out from the number of cases alone",
    "Med få parametre": "worked out from the number of cases alone",
    "Læsernes egne skøn": "says what the ends of the scales mean",
    "Ligger andelen i den øverste række": "says what 0 % and 100 % mean",
    "Der er set på": "the rate of false alarms that was accepted",
    "Kodebog": "the level of the intervals",
    "Grænserne er": "limits of the policy",
}


class Blocks(HTMLParser):
    """The texts of paragraphs, list items and rows, and the tables by caption.

    `lines` holds the paragraphs and list items alone.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.lines: list[str] = []
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
            if tag in {"p", "li"}:
                self.lines.append(self.blocks[-1])
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


COUNTED = re.compile(
    r"\d[\d.]* (?:vurderinger|personer|borgere|sager|kommuner|forløb|beslutninger|skøn)"
)
COUNTS = {"Vurderinger", "Personer", "Sager", "Borgere", "Svar", "Ud af"}
TOLD = re.compile(r"\d\s?% (?:til|og|\N{EN DASH}) |\bmellem \S+ og |\(.* til .*\)")


def bare_lines(found: Blocks) -> list[str]:
    """Return sentences of a report that hold an estimate without interval or number."""
    bare = []
    for line in found.lines:
        exempt = any(re.match(one, line) for one in NO_ESTIMATE_LINES)
        if exempt or TOLD.search(line) or COUNTED.search(line):
            continue
        if re.search(r"\d,\d|\d\s?%|\d procentpoint", line):
            bare.append(line)
    return bare


def bare_cells(found: Blocks) -> list[tuple[str, str, str]]:
    """Return cells of tables that hold an estimate without interval and without a number."""
    bare = []
    for caption, rows in found.tables:
        if not rows or caption in NO_ESTIMATE or COUNTED.search(caption):
            continue
        heads = rows[0]
        counts = [place for place, head in enumerate(heads) if head.split(" (")[0] in COUNTS]
        ranges = [place for place, head in enumerate(heads) if head == "95 %-interval"]
        for row in rows[1:]:
            beside = [row[place] for place in (*counts, *ranges) if place < len(row)]
            has_number = any(re.search(r"\d", one) for one in beside)
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


@pytest.fixture(scope="module")
def review_page(review_codebook) -> str:
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


def test_the_review_report_holds_no_bare_figure(review_page):
    found = Blocks(review_page)
    assert sum(len(rows) for _, rows in found.tables) > 100
    assert bare_cells(found) == []
    assert bare_lines(found) == []


def test_the_points_form_holds_no_bare_figure(fitted, history):
    policy = read_policy(CONFIGS / "visitation" / "lejre-greve.yaml", history.codebook)
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
    found = Blocks(render_scorecard(card, "da"))
    # The table of sums has no room for more: the sentence below it says what it rests on.
    strips = [one for one in found.tables if one[1][0][0] == "Sum"]
    assert strips
    rests = rf"bygger på {made.n_assessments} vurderinger"
    assert 100 < made.n_assessments <= len(history)
    assert any(re.search(rests, one) for one in found.lines)
    found.tables = [one for one in found.tables if one not in strips]
    assert any("AUC" in row[0] for _, rows in found.tables for row in rows)
    assert bare_cells(found) == []
    assert bare_lines(found) == []


@pytest.fixture(scope="module")
def decisions() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 400
    tiers = np.array(["light", "adviser", "at_risk"])
    seen = rng.choice(tiers, n)
    chosen = np.where(rng.random(n) < 0.8, seen, rng.choice(tiers, n))
    own, is_first = rng.random(n), rng.random(n) < 0.6
    return pd.DataFrame(
        {
            "case_id": [f"SYN-{one:05d}" for one in range(n)],
            "assessed_week": 8.0,
            "decided_on": rng.choice(["2026-08-03", "2026-09-03"], n),
            "own_judgement_first": is_first,
            "own_risk": np.where(is_first, own, np.nan),
            "own_offer": pd.Series(own > 0.5, dtype=object).where(is_first),
            "seen_tier": seen.astype(object),
            "decided_tier": chosen.astype(object),
            "departure_reason": pd.Series("other", index=range(n)).where(seen != chosen),
            "team": rng.choice(["a", "b"], n).astype(object),
            "risk": rng.random(n),
            "tier": seen.astype(object),
            "audit_arm": None,
        }
    )


def test_the_page_about_decisions_holds_no_bare_figure(decisions):
    ladder = LadderNames(
        "light", "adviser", "at_risk", others=frozenset(), offering=frozenset({"at_risk"})
    )
    figures = compute_decision_figures(decisions, ladder)
    found = Blocks(render_decisions(figures, "da"))
    assert sum(len(rows) for _, rows in found.tables) > 15
    assert any("typiske afstand" in one for one in found.lines)
    assert bare_cells(found) == []
    assert bare_lines(found) == []


def test_the_page_about_employers_holds_no_bare_figure():
    rng = np.random.default_rng(3)
    employer = np.repeat(["A", "B", "C", "D"], [40, 60, 100, 9])
    n = len(employer)
    courses = pd.DataFrame(
        {
            "employer": employer.astype(object),
            "case_id": [f"SYN-{one:05d}" for one in range(n)],
            "person": [f"P-{one:05d}" for one in range(n)],
            "long_course": np.where(rng.random(n) < 0.1, np.nan, rng.random(n) < 0.3),
            "risk": np.nan,
            "headcount": pd.Series(employer).map({"A": 400, "B": 350, "C": 900, "D": 90}),
        }
    )
    figures = compute_employer_figures(courses)
    assert (figures.n_known, figures.n_counted) == (int(courses["long_course"].notna().sum()), n)
    found = Blocks(render_employers(figures, "da", horizon_weeks=26.0))
    assert len(found.tables) == 2
    assert bare_cells(found) == []
    assert bare_lines(found) == []


def test_the_page_of_an_audit_sample_holds_no_bare_figure():
    cases = tuple(
        AuditCase(f"SYN-{one}", 8.0, "light", "at_risk", ("not_scored",), 0.37) for one in range(3)
    )
    signals = (AuditSignal("not_scored", 1.5, 9, 3),)
    found = Blocks(render_audit(AuditList(40, cases, signals, "2026", "1"), "da"))
    assert "37" in str(found.tables)
    assert bare_cells(found) == []
    assert bare_lines(found) == []


def test_the_scan_finds_a_bare_sentence_and_spares_one_with_its_number():
    told = "I 37 % af 40 beslutninger (mellem 22 % og 53 %)."
    bare = "I 37 % af dem kom eget skøn først."
    assert bare_lines(Blocks(f"<p>{told}</p><p>{bare}</p>")) == [bare]
    # A count of other things does not excuse the figure's row.
    table = "<table><caption>x</caption><tr><th>a</th><th>b</th><th>95 %-interval</th></tr>"
    page = f"{table}<tr><th>c</th><td>0,71</td><td>–</td></tr></table>"
    assert bare_cells(Blocks(page)) == [("x", "b", "0,71")]
