"""Pictures of a whole model: figures of its tables, intervals of its spread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.explanation.contributions import explain_case
from riskmodel.io.tables import read_cases
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.report.model_pictures import (
    compute_importance,
    draw_tables,
    plot_indicator,
    plot_model_importance,
)


@pytest.fixture(scope="module")
def cases(fitted, history) -> ScoredCases:
    return score_cases(fitted.model, history)


def test_importance_is_the_mean_size_of_the_contributions(cases):
    table = compute_importance(cases, n_draws=20)
    values = np.abs(cases.scores.contributions[cases.scored]).mean(axis=0)
    names = [one.name for one in cases.model.codebook.indicators]
    expected = dict(zip(names, values, strict=True))
    assert table["log_odds"].is_monotonic_decreasing
    assert table["log_odds"].to_numpy() == pytest.approx([expected[one] for one in table["field"]])
    assert (table["low"] <= table["high"]).all()


def test_draws_scatter_as_the_spread_says(cases):
    model = cases.model
    X = encode_fields(cases.table)[:40]
    entries = model.tables.assign(X)
    drawn = np.array([one.score(X, entries) for one in draw_tables(model, 4000, random_state=3)])
    learned = replace(model.spread, unlearned=0.0, hidden=0.0)
    expected = learned.standard_deviation(model.tables, X, entries)
    assert drawn.std(axis=0) / expected == pytest.approx(np.ones(40), abs=0.06)
    assert drawn.mean(axis=0) == pytest.approx(model.tables.score(X), abs=0.1)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_pictures_are_png_with_a_table_and_the_same_each_time(cases, lang):
    for draw in (
        lambda: plot_model_importance(cases, lang, n_draws=10),
        lambda: plot_indicator(cases, "expected_duration_citizen_weeks", lang, n_draws=10),
        lambda: plot_indicator(cases, "function_work", lang, n_draws=10),
    ):
        first, second = draw(), draw()
        assert first._repr_png_().startswith(b"\x89PNG")
        assert first.png == second.png
        assert len(first.table)


def test_an_indicators_curve_is_its_table(cases):
    name = "function_work"
    model = cases.model
    column = [one.name for one in model.codebook.indicators].index(name)
    table = plot_indicator(cases, name, n_draws=10).table
    steps = model.tables.values.steps[column][:-1]
    known = ~table["log_odds"].isna().to_numpy()
    shift = table["log_odds"].to_numpy()[known] - steps[known]
    if not any(column in pair for pair in model.tables.values.pairs):
        assert shift == pytest.approx(np.full(known.sum(), shift[0]))
    assert (table["low"] <= table["high"]).to_numpy()[known].all()


def test_an_unknown_indicator_is_named_with_the_known_ones(cases):
    with pytest.raises(ValueError, match=r"no indicator of this model; use one of expected_"):
        plot_indicator(cases, "sex")


def test_notebook_views_hold_the_figures_and_no_key(fitted, codebook, open_file):
    cases = score_cases(fitted.model, read_cases(open_file, codebook))
    summary = cases._repr_html_()
    assert f"{int(cases.scored.sum())} assessments scored" in summary
    assert f"{cases.scores.risk[cases.scored].max():.3f}" in summary
    row = int(np.flatnonzero(cases.scored)[0])
    explanation = explain_case(cases, row)
    page = explanation._repr_html_()
    assert f"{explanation.risk:.1%}" in page
    assert page.count("<tr>") == len(explanation.contributions) + 1
    plain = f"{cases!r} {cases.table!r} {explanation!r} {fitted.model!r}"
    assert f"{explanation.risk:.3f}" in plain
    for case in cases.table.case_id:
        assert str(case) not in summary + page + plain


def test_notebook_views_escape_labels(example):
    explanation, _ = example()
    hostile = explanation.contributions[0].label.__class__("<b>", "<script>")
    changed = tuple(
        one.__class__(**{**{name: getattr(one, name) for name in one.__slots__}, "label": hostile})
        for one in explanation.contributions
    )
    page, _ = example(contributions=changed)
    assert "<script>" not in page._repr_html_()
    assert "&lt;script&gt;" in page._repr_html_()
