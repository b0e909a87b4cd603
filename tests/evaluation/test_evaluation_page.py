"""The evaluation report: every item, every figure with its interval, nobody in person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Level
from riskmodel.domain.labels import LANGUAGES, Label, Language
from riskmodel.evaluation.characteristics import describe_cases
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.instability import measure_instability
from riskmodel.evaluation.key_indicators import find_key_indicators
from riskmodel.evaluation.leak_guards import find_suspected_leaks
from riskmodel.evaluation.learning_curve import _describe
from riskmodel.evaluation.record import evaluate
from riskmodel.evaluation.refit_spread import measure_refit_spread
from riskmodel.evaluation.sample_size import judge_sample_size
from riskmodel.evaluation.term_curves import TermCurve, compute_terms
from riskmodel.report.evaluation_page import describe_evaluation, render_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_summary import list_warnings, make_summary
from riskmodel.report.evaluation_words import CAPTIONS, GRADES, ITEM_PARTS, ITEM_TITLES, SENTENCES
from riskmodel.report.model_card import render_model_card
from riskmodel.report.plots import (
    plot_calibration,
    plot_endings,
    plot_importance,
    plot_instability,
    plot_learning_curve,
    plot_net_benefit,
    plot_term,
)
from riskmodel.training.fit import FittedModel, TrainingSettings, fit_risk_model

pytestmark = pytest.mark.slow

MakeTable = Callable[..., CaseTable]
PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def table(make_table: MakeTable) -> CaseTable:
    return make_table(240, 1)


@pytest.fixture(scope="module")
def fitted(table: CaseTable) -> FittedModel:
    return fit_risk_model(table, TrainingSettings(n_refits=4, n_folds=2, pair_terms=False))


@pytest.fixture(scope="module")
def report(
    table: CaseTable, fitted: FittedModel, score_by: Callable[..., HeldOutScores]
) -> EvaluationReport:
    weeks = table.fields["expected_weeks"].fillna(20).to_numpy()
    held = score_by(table, 1 / (1 + np.exp(1.4 - 0.05 * weeks)))
    record = evaluate(held, table, n_bootstrap=20)
    sizes = np.array([40.0, 80.0])
    figures = np.tile(np.array([[0.6, 0.24], [0.65, 0.22]]), (3, 1, 1))
    return EvaluationReport(
        record,
        table.codebook,
        model=fitted.model,
        transfer=evaluate(held, table, n_bootstrap=5, design="transfer between sites"),
        key=find_key_indicators(fitted, table.group),
        instability=measure_instability(fitted, table.group),
        spread=measure_refit_spread(fitted, table.group),
        profile=describe_cases(table),
        learning=_describe(table, sizes, figures, (50, 200, 500)),
        sample_size=judge_sample_size(table),
        leaks=find_suspected_leaks(record, table, ceiling=0.55),
    )


@pytest.fixture(scope="module")
def pages(report: EvaluationReport) -> dict[Language, str]:
    """The page in both languages; drawing its pictures is the dear part."""
    return {lang: render_evaluation(report, lang) for lang in LANGUAGES}


def parse(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_item_is_there_in_order_filled_or_marked(
    report: EvaluationReport, pages: dict[Language, str], lang: Language
) -> None:
    tree = parse(pages[lang])
    headings = [one for one in tree.iter("h3") if one.get("id", "").startswith("item-")]
    assert [one.get("id") for one in headings] == [f"item-{number}" for number in ITEM_TITLES]
    word = SENTENCES["missing"].text(lang)
    marked = {one.get("id") for one in headings if one.find("span") is not None}
    document = describe_evaluation(report)
    assert marked == {f"item-{one['item']}" for one in document["tripod_ai"] if not one["filled"]}
    assert all(
        f"({word})" in "".join(one.itertext()) for one in headings if one.get("id") in marked
    )
    assert "item-18a" in marked
    assert "item-23a" not in marked


def test_pictures_need_no_network_and_have_table_twins(pages: dict[Language, str]) -> None:
    page = pages["da"]
    tree = parse(page)
    images = list(tree.iter("img"))
    assert len(images) == 5
    captions = {"".join(one.itertext()) for one in tree.iter("caption")}
    for image in images:
        assert image.get("src", "").startswith("data:image/png;base64,")
        assert image.get("alt") in captions
    assert not re.search(r"https?:|//", re.sub(r"data:[^\"]*", "", page))


def test_figures_come_with_n_and_interval(
    report: EvaluationReport, pages: dict[Language, str]
) -> None:
    page = pages["en"]
    head = report.record.headline
    auc = head.figures["auc"]
    assert f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}) at 26 weeks" in page
    assert f"of {head.span.n_rows} assessments" in page
    assert f"from {head.span.n_persons} persons" in page
    danish = pages["da"]
    assert f"{auc.value:.3f}".replace(".", ",") in danish
    assert "Suspected leak:" in page
    assert "Mistanke om lækage:" in danish


def test_nothing_is_about_one_person(report: EvaluationReport, pages: dict[Language, str]) -> None:
    texts = list(pages.values())
    texts.append(json.dumps(describe_evaluation(report), allow_nan=False))
    for text in texts:
        plain = re.sub(r"data:[^\"]*", "", text)
        assert not re.search(r"\b[SP]-\d+\b", plain)


def test_notes_fill_items_and_are_escaped(report: EvaluationReport) -> None:
    noted = replace(report, notes={"18a": Label("<b>Ingen</b>", "<b>None</b>")})
    page = render_evaluation(noted, "en")
    assert "&lt;b&gt;None&lt;/b&gt;" in page
    assert "<b>None" not in page
    filled = {one["item"]: one["filled"] for one in describe_evaluation(noted)["tripod_ai"]}
    assert filled["18a"]
    assert not filled["18b"]
    with pytest.raises(ValueError, match="TRIPOD"):
        replace(report, notes={"99": Label("x", "x")})


def test_a_record_with_everything_hidden_still_makes_a_page(
    make_table: MakeTable, score_by: Callable[..., HeldOutScores]
) -> None:
    table = make_table(8, 3)
    record = evaluate(score_by(table, np.linspace(0.2, 0.8, 8)), table, n_bootstrap=3)
    assert record.headline.span.hidden
    bare = EvaluationReport(record, table.codebook)
    for lang in LANGUAGES:
        page = render_evaluation(bare, lang)
        assert SENTENCES["hidden_all"].text(lang) in page
        assert not list(parse(page).iter("img"))
    json.dumps(describe_evaluation(bare), allow_nan=False)


def test_plots_are_the_same_bytes_every_time(report: EvaluationReport) -> None:
    assert report.record.calibration is not None
    assert report.record.net_benefit is not None
    assert report.key is not None
    assert report.instability is not None
    assert report.learning is not None
    labels = {"expected_weeks": Label("Forventet $x_1$", "Expected $x_1$")}
    for draw in (
        lambda: plot_calibration(report.record.calibration, "da"),
        lambda: plot_net_benefit(report.record.net_benefit, "en"),
        lambda: plot_importance(report.key, labels, "da"),
        lambda: plot_instability(report.instability, "en"),
        lambda: plot_learning_curve(report.learning, "da"),
    ):
        first = draw()
        assert first.startswith(PNG)
        assert draw() == first
        assert b"matplotlib" not in first.lower()


def test_terms_are_those_of_the_model_and_hide_few(table: CaseTable, fitted: FittedModel) -> None:
    terms: dict[str, TermCurve] = {one.name: one for one in compute_terms(fitted, table.group)}
    tables, X = fitted.model.tables, fitted.rows.X
    names = [one.name for one in table.codebook.indicators]
    weeks = terms["expected_weeks"]
    asked = np.full((len(weeks.places), len(names)), np.nan)
    asked[:, 0] = weeks.places
    expected = tables.contributions(asked)[:, 0] - tables.contributions(X)[:, 0].mean()
    np.testing.assert_allclose(weeks.value, expected)
    assert all(place == round(place, 1) for place in weeks.edges[:1])
    diagnosis = terms["diagnosis_group"]
    assert diagnosis.levels == ("back", "stress", "other")
    assert sum(diagnosis.counts) == 240
    assert all(count in {-1, 0} or count >= 5 for count in weeks.counts)
    for one in terms.values():
        assert plot_term(one, Label("Felt", "Field"), {}, "da").startswith(PNG)
        assert len(one.to_frame()) == len(one.value)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_starts_with_every_verdict_and_its_bar(
    report: EvaluationReport, pages: dict[Language, str], lang: Language
) -> None:
    tree = parse(pages[lang])
    (summary,) = (one for one in tree.iter("table") if one.get("class") == "verdicts")
    rows = ["".join(row.itertext()) for row in summary.iter("tr")][1:]
    lines = make_summary(report, lang)
    assert len(rows) == len(lines) == len(report.verdicts) >= 9
    for row, line, verdict in zip(rows, lines, report.verdicts, strict=True):
        assert line.question in row
        assert line.figure in row
        assert line.bar in row
        assert row.endswith(GRADES[verdict.grade].text(lang))
        assert "{" not in row
    auc = next(line for line, one in zip(lines, report.verdicts, strict=True) if one.key == "auc")
    assert "26" in auc.figure
    assert "%" in auc.figure
    assert pages[lang].index('class="verdicts"') < pages[lang].index("item-3a")


def test_weighted_shares_and_intervals_without_an_end_are_told_as_such(
    report: EvaluationReport,
) -> None:
    plain = render_evaluation(report, "en")
    record = report.record
    whole = tuple(
        replace(one, span=replace(one.span, event_share=one.span.event_share + 0.05))
        if one.span.family == "all" and not one.span.hidden
        else one
        for one in record.blocks
    )
    duration = replace(
        record.duration, open_ended=Estimate(0.6), interval_coverage=Estimate(0.86, 0.83, 0.9)
    )
    told = replace(report, record=replace(record, blocks=whole, duration=duration))
    page = render_evaluation(told, "en")
    for text in (
        "(weighted share ",
        "long (weighted)",
        "Long courses (weighted share)",
        "Shares of long courses are weighted",
        "60% of the 80% intervals end where the follow-up does, or later",
        "81% to 91%, surely within 76% to 96%; moved up from 75% to 85%, for 60% of the intervals",
    ):
        assert text in page, text
        assert text not in plain, text


def test_interval_methods_and_their_limits_are_told(report: EvaluationReport) -> None:
    texts = {one["item"]: " ".join(one["text"]) for one in describe_evaluation(report)["tripod_ai"]}
    assert "reflected around the figure" in texts["12e"]
    assert "Concordance: normal" in texts["12e"]
    assert "not refitted in the draws" in texts["12e"]
    assert f"{report.spread.n_refits} refits to other draws" in texts["12e"]
    assert f"shows ({report.model.spread.hidden:.2f} log-odds)" in texts["15"]
    assert f"{report.model.spread.hidden:g} log-odds for what no" in render_model_card(
        report.model, report
    )


def test_few_cases_are_warned_of_first_and_loudly(report: EvaluationReport) -> None:
    size = report.sample_size
    assert size is not None
    few = replace(report, sample_size=replace(size, n_persons=12, n_events=4))
    page = render_evaluation(few, "en")
    assert "ONLY 12 PERSONS, 4 of them" in page
    assert page.index("ONLY 12 PERSONS") < page.index("<main")
    assert "must not be used on any real case" in list_warnings(few)[0].en
    assert "KUN 12 PERSONER" in render_evaluation(few, "da")
    assert not [one for one in list_warnings(replace(report, sample_size=replace(size, needed=1)))
                if "needed" in one.en]  # fmt: skip


def test_new_cases_are_not_said_to_shrink_a_score(report: EvaluationReport) -> None:
    size = report.sample_size
    assert size is not None
    short = replace(report, sample_size=replace(size, n_persons=200, n_events=80, needed=900))
    new = replace(short, record=replace(short.record, design="new cases"))
    assert "the score is shrunk accordingly" in list_warnings(short)[0].en
    told = list_warnings(new)[0]
    assert "200 persons" in told.en
    assert "shrunk" not in told.en
    assert "200 personer" in told.da


def test_every_item_stands_in_a_part_and_no_key_in_two_places() -> None:
    assert not set(SENTENCES) & set(CAPTIONS)
    assert list(ITEM_PARTS) == list(ITEM_TITLES)


def test_every_item_can_be_filled(report: EvaluationReport) -> None:
    missing = [one["item"] for one in describe_evaluation(report)["tripod_ai"] if not one["filled"]]
    notes = {number: Label("Skrevet af os.", "Written by us.") for number in missing}
    page = render_evaluation(replace(report, notes=notes), "en")
    assert f"All {len(ITEM_TITLES)} items of TRIPOD+AI are filled in." in page
    assert "(missing)" not in page.split("item-1")[1]


def test_endings_are_told_drawn_and_tabled(
    make_table: MakeTable, score_by: Callable[..., HeldOutScores]
) -> None:
    table = make_table(400, 6, landmarks=(4.0,))
    reasons = tuple(Level(one, Label(one, one)) for one in ("fit", "pension"))
    outcome = replace(
        table.codebook.outcome, end_reason="end_reason", reasons=reasons, recovery=("fit",)
    )
    assert table.outcomes is not None
    recovered = np.arange(400) % 3 > 0
    table = replace(
        table,
        codebook=replace(table.codebook, outcome=outcome),
        outcomes=replace(table.outcomes, recovered=recovered),
    )
    record = evaluate(score_by(table, np.linspace(0.1, 0.9, 400)), table, n_bootstrap=10)
    told = EvaluationReport(record, table.codebook)
    page = render_evaluation(told, "en")
    (point,) = (one for one in record.endings[0].points if one.weeks == 26)
    assert f"{100 * point.recovered.value:.0f}% had recovered by week 26" in page
    assert "Recovered: fit. Other reasons: pension." in page
    assert "How the courses ended, by assessed week" in page
    first = plot_endings(record.endings[0], "da")
    assert first.startswith(PNG)
    assert plot_endings(record.endings[0], "da") == first
