"""Every sentence is proven against the figures it speaks of."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_text import render_case_text
from riskmodel.report.case_words import describe_case
from riskmodel.report.number_format import format_percent
from riskmodel.report.phrases import one_line, phrase_missing, phrase_reasons
from riskmodel.report.readability import (
    HARDEST_LIX,
    LONGEST_SENTENCE,
    compute_lix,
    find_banned_words,
    split_sentences,
    split_words,
)
from riskmodel.visitation.recommendation import Recommendation

LOTS = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def expected_words(points: float, lang: str) -> tuple[str, str, str]:
    """Work out direction, size word and figure a second way, straight from the points."""
    ways = {"da": ("op", "ned"), "en": ("up", "down")}[lang]
    sizes = {"da": ("meget", "en del", "lidt"), "en": ("a lot", "somewhat", "a little")}[lang]
    figure = round(abs(points)) if abs(points) >= 1 else 0
    size = sizes[0] if figure >= 8 else sizes[1] if figure >= 3 else sizes[2]
    return ways[0] if points > 0 else ways[1], size, str(figure)


@pytest.mark.slow
@LOTS
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_every_sentence_agrees_with_its_contribution(explanation, lang):
    words = describe_case(explanation, None, lang)
    assert len(words.factors) == len(explanation.contributions)
    for factor, one in zip(words.factors, explanation.by_size, strict=True):
        direction, size, figure = expected_words(one.points, lang)
        sentence = factor.sentence.replace("\N{NO-BREAK SPACE}", " ")
        if abs(one.points) < 1:
            assert "under 1" in sentence
            assert re.search(r"\b(op|ned|meget|lidt|up|down)\b", sentence) is None
            continue
        order = f"{size} {direction}" if lang == "da" else f"{direction} {size}"
        assert re.search(rf"(risikoen|risk) {order} \({figure} p", sentence)
        sign = "+" if one.points > 0 else "\N{MINUS SIGN}"
        assert factor.figure == f"{sign}{figure}"
        assert factor.direction_word == direction


@pytest.mark.slow
@LOTS
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_named_reasons_are_the_two_largest(explanation, lang):
    line = phrase_reasons(explanation, lang)
    sizes = sorted((abs(one.points) for one in explanation.contributions), reverse=True)
    named = [one for one in explanation.contributions if f"{one.label.text(lang)} (" in line]
    assert len(named) == min(2, sum(size >= 1 for size in sizes))
    for one in named:
        assert abs(one.points) >= sizes[len(named) - 1]
        direction, size, figure = expected_words(one.points, lang)
        told = line[line.index(f"{one.label.text(lang)} (") :].split(".")[1]
        assert size in told
        assert f" {direction} " in told
        assert f"({figure} p" in told


@pytest.mark.slow
@LOTS
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    lang=st.sampled_from(LANGUAGES),
)
def test_text_opens_with_tier_risk_and_reasons_and_stays_plain(explanation, recommendation, lang):
    text = render_case_text(explanation, recommendation, lang)
    tier, risk, reasons = text.splitlines()[:3]
    assert explanation.case_id in tier
    if recommendation is not None:
        assert recommendation.tier_label.text(lang) in tier
    for figure in (explanation.risk, explanation.risk_low, explanation.risk_high):
        assert format_percent(figure, lang) in risk
    assert reasons == phrase_reasons(explanation, lang)
    assert not find_banned_words(text, lang)
    too_long = [one for one in split_sentences(text) if len(split_words(one)) > LONGEST_SENTENCE]
    assert not too_long
    assert re.search(r"(?<![\d,.])(0|100)\s?%", text) is None


@SOME
@given(explanation=st.from_type(CaseExplanation))
def test_comparison_follows_the_figures(explanation):
    sentence = describe_case(explanation, None, "da").risk[1]
    gap = explanation.risk - explanation.reference_risk
    assert ("højere" in sentence) <= (gap > 0.005)
    assert ("lavere" in sentence) <= (gap < -0.005)
    assert ("omtrent" in sentence) <= (abs(gap) < 0.03)
    assert format_percent(explanation.reference_risk, "da") in sentence


@SOME
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_advice_is_given_only_on_what_can_be_influenced(explanation, lang):
    words = describe_case(explanation, None, lang)
    by_label = {one.label.text(lang): one for one in explanation.contributions}
    for ask in words.asks:
        assert by_label[ask.label].actionable
        assert by_label[ask.label].ask is not None


@SOME
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_missing_facts_are_all_named_with_their_reach(explanation, lang):
    words = describe_case(explanation, None, lang)
    assert {one.label for one in words.missing} == {
        one.label.text(lang) for one in explanation.missing
    }
    for one in explanation.missing:
        sentence = phrase_missing(explanation.risk, one, lang)
        if one.points_range is not None:
            low = max(0.0, explanation.risk + one.points_range[0] / 100)
            assert format_percent(low, lang) in sentence


@pytest.mark.parametrize("lang", LANGUAGES)
def test_example_reads_easily(example, lang):
    explanation, recommendation = example(outside_training=("treatment",))
    text = render_case_text(explanation, recommendation, lang, labels=LABELS)
    assert compute_lix(text) <= HARDEST_LIX
    assert compute_lix("\n".join(text.splitlines()[:3])) <= HARDEST_LIX
    assert "standby-ordning" in text or "stand-by" in text


LABELS = {"standby": Label("standby-ordning", "stand-by scheme")}


def test_one_line_removes_hidden_characters():
    assert one_line("a\x00b\u202ec\n\nd\u00ade") == "abc de"


def test_duration_beyond_the_curve_reads_over(example):
    explanation, _ = example(expected_weeks_high=float("inf"))
    words = describe_case(explanation, None, "da")
    assert "mellem 10 og over 78 uger" in " ".join(words.duration)
    beyond, _ = example(expected_weeks=78.0, expected_weeks_high=78.0)
    assert "Forventet varighed: over 78 uger" in describe_case(beyond, None, "da").duration[0]


def test_outside_training_warns_by_label(example):
    explanation, _ = example(outside_training=("treatment", "unknown_field"))
    warning = describe_case(explanation, None, "da").warnings[-1]
    assert "Behandling, unknown_field" in warning


def test_text_does_not_depend_on_anything_but_the_record(example):
    explanation, recommendation = example()
    assert render_case_text(explanation, recommendation, "da") == render_case_text(
        explanation, recommendation, "da"
    )
