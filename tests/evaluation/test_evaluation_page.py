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
from riskmodel.domain.labels import LANGUAGES, Label, Language
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.instability import measure_instability
from riskmodel.evaluation.key_indicators import find_key_indicators
from riskmodel.evaluation.leak_guards import find_suspected_leaks
from riskmodel.evaluation.learning_curve import _describe
from riskmodel.evaluation.record import evaluate
from riskmodel.evaluation.sample_size import judge_sample_size
from riskmodel.evaluation.term_curves import TermCurve, compute_terms
from riskmodel.report.evaluation_catalogue import ITEM_TITLES, SENTENCES
from riskmodel.report.evaluation_page import (
    EvaluationReport,
    describe_evaluation,
    render_evaluation,
)
from riskmodel.report.plots import (
    plot_calibration,
    plot_importance,
    plot_instability,
    plot_learning_curve,
    plot_net_benefit,
    plot_term,
)
from riskmodel.training.fit import FittedModel, TrainingSettings, fit_risk_model

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
        "abc123",
        transfer=evaluate(held, table, n_bootstrap=5, design="transfer between sites"),
        key=find_key_indicators(fitted, table.group),
        instability=measure_instability(fitted, table.group),
        learning=_describe(table, sizes, figures, (50, 200, 500)),
        sample_size=judge_sample_size(table),
        leaks=find_suspected_leaks(record, table, ceiling=0.55),
    )


def parse(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_item_is_there_in_order_filled_or_marked(
    report: EvaluationReport, lang: Language
) -> None:
    tree = parse(render_evaluation(report, lang))
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


def test_pictures_need_no_network_and_have_table_twins(report: EvaluationReport) -> None:
    page = render_evaluation(report, "da")
    tree = parse(page)
    images = list(tree.iter("img"))
    assert len(images) == 5
    captions = {"".join(one.itertext()) for one in tree.iter("caption")}
    for image in images:
        assert image.get("src", "").startswith("data:image/png;base64,")
        assert image.get("alt") in captions
    assert not re.search(r"https?:|//", re.sub(r"data:[^\"]*", "", page))


def test_figures_come_with_n_and_interval(report: EvaluationReport) -> None:
    page = render_evaluation(report, "en")
    head = report.record.headline
    auc = head.figures["auc"]
    assert f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}) at 26 weeks" in page
    assert f"of {head.span.n_rows} assessments" in page
    danish = render_evaluation(report, "da")
    assert f"{auc.value:.3f}".replace(".", ",") in danish
    assert "Suspected leak:" in page
    assert "Formodet lækage:" in danish


def test_nothing_is_about_one_person(report: EvaluationReport, table: CaseTable) -> None:
    texts = [render_evaluation(report, lang) for lang in LANGUAGES]
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


@pytest.mark.slow
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
