"""Every sentence is proven against the figures it speaks of."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.fact_words import FACT_PHRASES
from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.evaluation.outcome_bands import OutcomeBand
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_course import axis_end, axis_weeks, describe_change, last_week
from riskmodel.report.case_papers import describe_letter
from riskmodel.report.case_text import render_case_text
from riskmodel.report.case_words import describe_case
from riskmodel.report.number_format import (
    format_percent,
    format_points_range,
    format_signed_points,
    shown_percent,
    shown_points,
)
from riskmodel.report.phrase_catalogue import say
from riskmodel.report.phrases import (
    one_line,
    phrase_band,
    phrase_missing,
    phrase_reasons,
    phrase_similar,
)
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
        low, high = one.interval
        assert format_points_range((low, high), lang) in factor.sentence
        assert (say("pulls_unsure", lang) in factor.sentence) == (round(low) < 0 < round(high))
        touches = 0 in {round(low), round(high)}
        assert (say("pulls_perhaps", lang) in factor.sentence) == touches
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


@SOME
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_a_named_reason_whose_way_is_in_doubt_says_so(explanation, lang):
    named = [one for one in explanation.by_size[:2] if abs(shown_points(one.points)) >= 1]
    unsure = [one for one in named if round(one.interval[0]) <= 0 <= round(one.interval[1])]
    told = phrase_reasons(explanation, lang)
    doubts = (say("pulls_unsure", lang), say("pulls_perhaps", lang))
    assert sum(told.count(one) for one in doubts) == len(unsure)


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
    found = describe_case(explanation, None, lang).missing
    asked = {one.field for one in explanation.missing if one.applies}
    assert {one.field for one in found.facts} == asked
    for one in explanation.missing:
        if not one.applies:
            assert one.label.text(lang) in found.not_relevant
        sentence = phrase_missing(explanation.risk, one, lang)
        if one.points_range is not None:
            low, high = (
                min(1.0, max(0.0, explanation.risk + move / 100)) for move in one.points_range
            )
            assert format_percent(low, lang) in sentence
            assert format_percent(high, lang) in sentence
            shown = shown_percent(explanation.risk)
            value = one.value_label.text(lang)
            means = value != FACT_PHRASES.label("not_stated").text(lang)
            own = not means and not shown_percent(low) <= shown <= shown_percent(high)
            risk = format_percent(explanation.risk, lang)
            assert (say("missing_meaning", lang, value=value, risk=risk) in sentence) == means
            assert (say("missing_own", lang, risk=format_percent(explanation.risk, lang))
                    in sentence) == own  # fmt: skip


@SOME
@given(
    risk=st.floats(0, 1), moves=st.tuples(st.floats(-40, 5), st.floats(5, 40)),
    limit=st.floats(0.01, 0.99),
)  # fmt: skip
def test_a_limit_is_named_only_where_the_missing_fact_could_cross_it(example, risk, moves, limit):
    one = next(one for one in example()[0].contributions if one.missing)
    sentence = phrase_missing(risk, replace(one, points_range=moves), "da", (limit,))
    low, high = max(0.0, risk + moves[0] / 100), min(1.0, risk + moves[1] / 100)
    assert ("ligge over grænsen" in sentence) == (risk < limit <= high)
    assert ("ligge under grænsen" in sentence) == (low < limit <= risk)


def test_the_adviser_is_named_only_where_the_risk_lies_in_the_band(example):
    explanation, recommendation = example()
    for risk, inside in ((0.19, False), (0.2, True), (0.44, True), (0.45, False)):
        assert bool(phrase_band(risk, recommendation, "da")) == inside
    notes = describe_case(explanation, recommendation, "da").recommendation.notes
    assert not [one for one in notes if "mellem" in one]


@pytest.mark.parametrize(
    ("band", "words"),
    [
        (OutcomeBand(0.4, 0.5, 60, 88, 41), ("88 vurderinger af 60 borgere", "mellem 40 % og 50 %",
                                            "Ved 41 af de vurderinger")),
        (OutcomeBand(0.0, 0.5, 60, 88, None, "long"), ("under 50 %", "Færre end 5 af borgerne")),
        (OutcomeBand(0.4, 1.0, 60, 1088, None, "short"), ("1.088 vurderinger", "på 40 % eller",
                                                         "undtagen færre end 5")),
        (None, ("ikke tal at sammenligne", "mindst 20 borgere")),
    ],
)  # fmt: skip
def test_like_cases_are_told_as_counts(example, band, words):
    explanation, _ = example(similar=band)
    told = " ".join(" ".join(phrase_similar(explanation, "da")).split())
    assert [one for one in words if one not in told] == []


@SOME
@given(change=st.from_type(AssessmentChange), lang=st.sampled_from(LANGUAGES))
def test_the_rows_of_a_change_are_those_of_its_parts(change, lang):
    found = describe_change(change, lang)
    assert format_percent(change.earlier_risk, lang) in found.sentences[0]
    assert format_percent(change.later_risk, lang) in found.sentences[0]
    overlap = say("change_overlap", lang) in found.sentences
    assert overlap == change.within_uncertainty
    assert found.rows[0][-2:] == (
        format_signed_points(change.time_points, lang),
        format_points_range(change.time_interval, lang),
    )
    assert found.rows[-1][-2:] == (
        format_signed_points(change.points, lang),
        format_points_range(change.interval, lang),
    )
    named = {row[0] for row in found.rows[1:-1]}
    for one in change.facts:
        if one.label.text(lang) in named:
            assert one.changed
            assert abs(one.points) >= 1
    told = [one for one in change.facts if one.label.text(lang) in named]
    rest = change.fact_points - sum(one.points for one in told)
    if len(told) < len(change.facts):
        assert found.rows[-2][-2] == format_signed_points(rest, lang)


@SOME
@given(explanation=st.from_type(CaseExplanation))
def test_the_axis_ends_where_it_can_be_read(explanation):
    end, weeks = axis_end(explanation), axis_weeks(explanation)
    horizon = explanation.horizon_weeks
    assert horizon < end <= last_week(explanation)
    assert end <= max(4 * horizon, 1.1 * explanation.expected_weeks + horizon / 2)
    assert explanation.expected_weeks <= end or end == last_week(explanation)
    assert (weeks[0], weeks[-1]) == (0.0, end)
    assert list(weeks) == sorted(set(weeks))
    assert 3 <= len(weeks) <= 7


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


@pytest.mark.parametrize(
    ("doubts", "words"),
    [
        (("few_cases",), ["for få afsluttede sager"]),
        (("held_out",), ["på nye sager", "passede den ikke sikkert"]),
        (("few_cases", "held_out"), ["for få afsluttede sager", "passede den ikke sikkert"]),
        (("not_judged",), ["tilpasset lokale sager", "følger ikke tal med"]),
    ],
)
def test_uncertain_evidence_is_said_in_one_sentence(example, doubts, words):
    explanation, recommendation = example(doubts=doubts)
    text = " ".join(render_case_text(explanation, recommendation, "da").split())
    assert text.count("Grundlaget er usikkert") == 1
    told = text[text.index("Grundlaget er usikkert") :].split(".")[0]
    assert all(one in told for one in words)
    letter = describe_letter(explanation, recommendation, "da")
    assert any(
        "Grundlaget er usikkert" in line for one in letter.sections for line in one.paragraphs
    )
    sure, _ = example()
    assert "Grundlaget er usikkert" not in render_case_text(sure, recommendation, "da")
