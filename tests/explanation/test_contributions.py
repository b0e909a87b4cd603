"""One case explained: everything adds up, and shap's own object holds the same values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import Label
from riskmodel.evaluation.outcome_bands import OutcomeBand
from riskmodel.explanation.contributions import explain_case
from riskmodel.io.frame_cases import read_frame
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.report.shap_values import to_shap_explanation


@pytest.fixture(scope="module")
def model(fitted):
    return fitted.model


def score_facts(model, week: float = 8.0, **facts: object) -> ScoredCases:
    """Score one case of which only some facts are known."""
    codebook = model.codebook
    row = {one.name: [facts.get(one.name)] for one in codebook.indicators}
    row |= {"case_id": ["SYN-1"], codebook.group: ["SYN-P1"], "assessed_week": [week]}
    return score_cases(model, read_frame(pd.DataFrame(row), codebook))


def fact_strategy(one: Field) -> st.SearchStrategy[object]:
    if one.type == "number":
        return st.none() | st.sampled_from(one.range) | st.floats(*one.range)
    return st.none() | st.sampled_from([level.value for level in one.levels])


@settings(max_examples=25)
@given(data=st.data())
def test_every_case_adds_up(model, data):
    facts = {
        one.name: data.draw(fact_strategy(one), label=one.name)
        for one in model.codebook.indicators
        if one.name != "assessed_week"
    }
    week = data.draw(st.floats(3, 25.9), label="week")
    cases = score_facts(model, week, **facts)
    found = explain_case(cases, 0)
    log_odds = sum(one.log_odds for one in found.contributions)
    points = sum(one.points for one in found.contributions)
    assert found.base_value + log_odds == pytest.approx(found.score, abs=1e-9)
    assert 100 * found.reference_risk + points == pytest.approx(100 * found.risk, abs=1e-9)
    assert found.risk == cases.scores.risk[0]
    assert {one.field for one in found.missing} == {
        name for name, fact in facts.items() if fact is None
    }
    weeks = [one.week for one in found.curve]
    chances = [one.probability for one in found.curve]
    assert weeks == sorted(set(weeks))
    assert chances == sorted(chances, reverse=True)
    assert (weeks[0], chances[0]) == (week, 1.0)
    at_horizon = next(one.probability for one in found.curve if one.week == 26)
    assert at_horizon == pytest.approx(found.risk, abs=1e-12)


def test_a_case_without_any_fact(model):
    found = explain_case(score_facts(model), 0)
    assert len(found.missing) == len(model.codebook.indicators) - 1
    for one in found.missing:
        assert one.value is None
        named = model.codebook.find_field(one.field).missing_label
        assert one.value_label == (named or Label("ikke oplyst", "not stated"))


def test_the_reach_of_a_missing_fact_holds_every_answer(model):
    cases = score_facts(model)
    found = {one.field: one for one in explain_case(cases, 0).contributions}
    risk = cases.scores.risk[0]
    field = model.codebook.find_field("rtw_expectation")
    low, high = found[field.name].points_range
    for level in field.levels:
        known = score_facts(model, **{field.name: level.value}).scores.risk[0]
        assert low - 1e-9 <= 100 * (known - risk) <= high + 1e-9
    assert low < high
    name = "expected_duration_citizen_weeks"
    low, high = found[name].points_range
    limits = next(one.limits for one in model.tables.bins if one.name == name)
    for weeks in np.linspace(max(0, limits[0]), min(104, limits[1]), 40):
        known = score_facts(model, **{name: weeks}).scores.risk[0]
        assert low - 1e-9 <= 100 * (known - risk) <= high + 1e-9


def test_only_missing_facts_have_a_reach(model):
    found = explain_case(score_facts(model, rtw_expectation="certain"), 0)
    assert all((one.points_range is None) == (not one.missing) for one in found.contributions)


def test_facts_are_told_in_both_languages(model):
    found = explain_case(
        score_facts(model, expected_duration_gp_weeks=12.5, rtw_expectation="doubtful"), 0
    )
    words = {one.field: one.value_label for one in found.contributions}
    gp = words["expected_duration_gp_weeks"]
    assert (gp.da, gp.en) == ("12,5 uger", "12.5 weeks")
    assert (words["rtw_expectation"].da, words["rtw_expectation"].en) == ("tvivlsom", "doubtful")
    assert (words["assessed_week"].da, words["assessed_week"].en) == ("uge 8", "week 8")
    assert words["psychosocial_strain"].da == "ikke oplyst"
    assert words["partial_rtw_started_week"].da == "ikke startet eller ikke oplyst"


EMPLOYER = {"employer_contact_quality", "modified_tasks_offered", "capability_statement"}


def asked(model, **facts: object) -> set[str]:
    found = explain_case(score_facts(model, **facts), 0).contributions
    return {one.field for one in found if one.actionable and one.ask is not None}


def test_nobody_without_a_job_is_asked_about_the_employer(model):
    assert asked(model) >= EMPLOYER
    assert asked(model, employment_status="employed") >= EMPLOYER
    assert not asked(model, employment_status="unemployed") & EMPLOYER
    found = explain_case(score_facts(model, employment_status="unemployed"), 0).contributions
    applies = {one.field: one.applies for one in found}
    assert not any(applies[name] for name in EMPLOYER)
    words = {one.field: one.value_label.da for one in found}
    assert {words[name] for name in EMPLOYER} == {"ikke relevant"}
    assert applies["diagnosis_group"]


def test_what_is_settled_is_not_asked(model):
    assert "waiting_weeks" in asked(model)
    assert "waiting_weeks" in asked(model, waiting_weeks=3)
    assert "waiting_weeks" not in asked(model, waiting_weeks=0)
    assert "waiting_weeks" not in asked(model, treatment_status="ongoing")
    assert "partial_rtw_started_week" in asked(model)
    assert "partial_rtw_started_week" not in asked(model, partial_rtw_started_week=6)
    assert "psychosocial_strain" not in asked(model, psychosocial_strain=0)
    # Whether the talk was held by week 4 can be changed by nobody at the first assessment.
    assert "employer_talk_by_w4" not in asked(model)
    assert "modified_tasks_offered" not in asked(model, modified_tasks_offered="yes_used")


def test_a_week_that_is_missing_cannot_lie_after_the_assessment(model):
    cases = score_facts(model, week=8.0)
    found = {one.field: one for one in explain_case(cases, 0).contributions}
    low, high = found["partial_rtw_started_week"].points_range
    risks = [
        score_facts(model, partial_rtw_started_week=one).scores.risk[0]
        for one in np.arange(0, 8.01, 0.5)
    ]
    limits = [100 * (one - cases.scores.risk[0]) for one in (min(risks), max(risks))]
    assert (low, high) == pytest.approx(limits, abs=1e-9)


def test_a_case_stands_beside_the_closed_cases_of_like_risk(model):
    cases = score_facts(model)
    bands = (OutcomeBand(0.0, 0.05, 30, 30, None, "long"), OutcomeBand(0.05, 1.0, 90, 99, 40))
    assert explain_case(cases, 0, bands).similar is bands[1]
    assert explain_case(cases, 0).similar is None
    with pytest.raises(ValueError, match="does not hold the risk"):
        replace(explain_case(cases, 0), similar=bands[0])


def test_values_beyond_training_are_named(model):
    name = "expected_duration_citizen_weeks"
    place = [one.name for one in model.tables.bins].index(name)
    bins = list(model.tables.bins)
    bins[place] = replace(bins[place], limits=(0.0, 50.0))
    narrow = replace(model, tables=replace(model.tables, bins=tuple(bins)))
    assert name in explain_case(score_facts(narrow, **{name: 50.5}), 0).outside_training
    assert name not in explain_case(score_facts(narrow, **{name: 50}), 0).outside_training


def test_a_row_explains_the_same_among_others(model, history):
    cases = score_cases(model, history)
    alone = score_cases(model, history.take(np.array([7])))
    assert explain_case(cases, 7) == explain_case(alone, 0)


def test_a_case_without_a_score_is_not_explained(model):
    cases = score_facts(model, week=26.0)
    with pytest.raises(ValueError, match="at or after the horizon"):
        explain_case(cases, 0)


@pytest.mark.slow  # importing shap takes long
@pytest.mark.parametrize("lang", ["da", "en"])
def test_shap_gets_the_same_values(model, history, lang):
    shap = pytest.importorskip("shap")
    late = np.where(np.arange(len(history)) == 3, 30.0, history.assessed_week)
    cases = score_cases(model, replace(history, assessed_week=late))
    found = to_shap_explanation(cases, lang)
    kept = np.arange(len(history)) != 3
    assert isinstance(found, shap.Explanation)
    assert np.array_equal(found.values, cases.scores.contributions[kept])
    np.testing.assert_array_equal(found.data, encode_fields(cases.table)[kept])
    total = found.values.sum(axis=1) + found.base_values
    np.testing.assert_allclose(total, cases.scores.score[kept], atol=1e-9, rtol=0)
    assert found.feature_names[0] == model.codebook.indicators[0].label.text(lang)


@pytest.mark.slow  # shap compiles its maskers first
def test_shap_finds_the_same_values_on_its_own(model, history):
    shap = pytest.importorskip("shap")
    values = replace(model.tables.values, pairs={})
    tables = replace(model.tables, values=values)
    X = np.nan_to_num(encode_fields(history))
    background, rows = X[:8], X[20:22]
    explainer = shap.PermutationExplainer(tables.score, shap.maskers.Independent(background))
    found = explainer(rows, silent=True, max_evals=2 * X.shape[1] + 1)
    expected = tables.contributions(rows) - tables.contributions(background).mean(axis=0)
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
