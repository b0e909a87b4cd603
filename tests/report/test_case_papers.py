"""The citizen's letter and the argument note: the figures of the page, in plainer words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation, find_points_interval
from riskmodel.report.case_json import case_document
from riskmodel.report.case_papers import LETTER_FACTORS, describe_letter, describe_note
from riskmodel.report.case_text import render_case_text
from riskmodel.report.case_words import describe_case
from riskmodel.report.number_format import format_percent, format_points, format_points_range
from riskmodel.report.paper_pages import render_paper_page, render_paper_text
from riskmodel.report.phrase_catalogue import NOT_FOR, say
from riskmodel.report.readability import (
    HARDEST_LETTER_LIX,
    HARDEST_LIX,
    LONGEST_SENTENCE,
    compute_lix,
    find_banned_words,
    split_sentences,
    split_words,
)
from riskmodel.visitation.recommendation import Recommendation

SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LOTS = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def prose(paper) -> str:
    """Return the sentences of a paper: no facts as entered, no blanks."""
    lines = [line for section in paper.sections for line in (*section.paragraphs, *section.points)]
    return "\n".join([*(section.heading for section in paper.sections), *lines])


def parse(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


def text_of(element: ET.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def figures_in(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


@pytest.mark.slow
@LOTS
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    lang=st.sampled_from(LANGUAGES),
)
def test_a_letter_tells_what_the_record_holds(explanation, recommendation, lang):
    paper = describe_letter(explanation, recommendation, lang)
    text = render_paper_text(paper)
    for figure in (explanation.risk, explanation.risk_low, explanation.risk_high,
                   explanation.reference_risk):  # fmt: skip
        assert format_percent(figure, lang) in text
    largest = [one for one in explanation.by_size if abs(one.points) >= 1][:LETTER_FACTORS]
    weighs = next(one for one in paper.sections if one.heading == say("letter_h_weighs", lang))
    rest = explanation.by_size[len(largest) :]
    assert len(weighs.points) == len(largest) + bool(rest)
    up, down = say("direction_up", lang), say("direction_down", lang)
    for point, one in zip(weighs.points, largest, strict=False):
        assert point.startswith(one.label.text(lang))
        told = split_words(point.partition(". ")[2].partition("(")[0])
        assert (up in told, down in told) == (one.points > 0, one.points < 0)
    assert len(paper.facts) == len(explanation.contributions)
    assert not find_banned_words(text, lang)
    assert max(len(split_words(one)) for one in split_sentences(prose(paper))) <= LONGEST_SENTENCE
    synthetic = explanation.data_kind == "synthetic"
    assert (say("letter_synthetic", lang) in text) == synthetic


@SOME
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_letter_note_text_and_json_give_a_fact_the_same_size_and_the_same_doubt(explanation, lang):
    letter = describe_letter(explanation, None, lang)
    weighs = next(one for one in letter.sections if one.heading == say("letter_h_weighs", lang))
    document: dict[str, Any] = case_document(explanation, None, lang)
    page = {one["field"]: one for one in document["words"]["factors"]}
    found = {one["field"]: one for one in document["contributions"]}
    doubts = (say("pulls_unsure", lang), say("pulls_perhaps", lang))
    text = render_case_text(explanation, None, lang)
    note = render_paper_text(describe_note(explanation, None, lang))
    largest = [one for one in explanation.by_size if abs(one.points) >= 1][:LETTER_FACTORS]
    for point, one in zip(weighs.points, largest, strict=False):
        sentence = page[one.field]["sentence"]
        brackets = sentence[sentence.index("(") : sentence.index(")") + 1]
        assert page[one.field]["interval"] in brackets
        assert brackets in point
        assert sentence in text
        sure = found[one.field]["way_sure"]
        low, high = (round(end) for end in one.interval)
        assert sure == (low > 0 or high < 0)
        for told in (point, sentence):
            assert any(doubt in told for doubt in doubts) == (not sure)
        assert sentence in note
        assert found[one.field]["citizen_label"].casefold() in point.casefold()
    rest = explanation.by_size[len(largest) :]
    if rest:
        # What stands in the list adds up to the difference between this case and a typical one.
        told = format_points(sum(one.points for one in rest), lang)
        assert told in weighs.points[-1]
        assert format_points_range(find_points_interval(rest), lang) in weighs.points[-1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_citizen_reads_of_you_and_an_adviser_of_the_citizen(example, lang):
    plain, recommendation = example()
    first, *others = plain.contributions
    named = replace(
        first,
        citizen_label=Label("Hvor længe du selv regner med at være syg", "How long you expect"),
        citizen_value_label=Label("som du har sagt", "as you said"),
    )
    explanation, _ = example(contributions=(named, *others))
    letter = describe_letter(explanation, recommendation, lang)
    assert letter.facts[0] == (
        named.citizen_label.text(lang),
        named.citizen_value_label.text(lang),
    )
    text = render_paper_text(letter)
    assert named.label.text(lang) not in text
    assert say("letter_you", lang) not in text
    note = render_paper_text(describe_note(explanation, recommendation, lang))
    assert named.label.text(lang) in note
    assert named.citizen_label.text(lang) not in note
    told = case_document(explanation, recommendation, lang)["contributions"]
    assert told[0]["citizen_label"] == named.citizen_label.text(lang)
    assert told[1]["citizen_label"] == others[0].label.text(lang)


@pytest.mark.slow
@LOTS
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    change=st.none() | st.from_type(AssessmentChange),
    lang=st.sampled_from(LANGUAGES),
)
def test_a_note_argues_from_the_record_and_tells_the_other_side(
    explanation, recommendation, change, lang
):
    paper = describe_note(explanation, recommendation, lang, change=change)
    words = describe_case(explanation, recommendation, lang, change=change)
    by_heading = {section.heading: section for section in paper.sections}
    for key, sign in (("note_h_for", 1), ("note_h_against", -1)):
        expected = [
            f"{one.label}: {one.value}. {one.sentence}"
            for one in words.factors
            if abs(one.points) >= 1 and one.points * sign > 0 and one.sure
        ]
        section = by_heading[say(key, lang)]
        assert list(section.points) == expected
        assert bool(section.paragraphs) == (not expected)
    # Whatever the page counts is somewhere in the note: for, against, or in doubt.
    told = {line for section in paper.sections for line in section.points}
    for one in words.factors:
        line = f"{one.label}: {one.value}. {one.sentence}"
        assert (line in told) == one.counts
        if one.counts and not one.sure:
            assert line in by_heading[say("note_h_unsure", lang)].points
    assert by_heading[say("in_short", lang)].paragraphs == words.headline[:2]
    text = render_paper_text(paper)
    assert all(say(key, lang) in text for key in NOT_FOR)
    assert say("note_effect", lang) in text
    assert not find_banned_words(text, lang)


@SOME
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    lang=st.sampled_from(LANGUAGES),
    kind=st.sampled_from(["letter", "note"]),
)
def test_page_and_text_of_a_paper_say_the_same(explanation, recommendation, lang, kind):
    describe = describe_letter if kind == "letter" else describe_note
    paper = describe(explanation, recommendation, lang)
    page = render_paper_page(paper)
    tree = parse(page)
    body = text_of(tree.find("body"))
    text = " ".join(render_paper_text(paper).split())
    assert tree.get("lang") == lang
    assert len(page.encode()) < 100_000
    assert "://" not in page
    assert not list(tree.iter("script"))
    assert figures_in(body) == figures_in(text)
    for section in paper.sections:
        for line in (*section.paragraphs, *section.points):
            assert " ".join(line.split()) in body
            assert " ".join(line.split()) in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_letter_is_easy_to_read_and_the_note_is_plain(example, lang):
    explanation, recommendation = example()
    letter, note = (
        describe(explanation, recommendation, lang) for describe in (describe_letter, describe_note)
    )
    assert compute_lix(prose(letter)) <= HARDEST_LETTER_LIX
    assert compute_lix(prose(note)) <= HARDEST_LIX


def test_the_letter_says_what_a_citizen_must_be_told(example):
    explanation, recommendation = example()
    text = render_paper_text(describe_letter(explanation, recommendation, "da"))
    for words in (
        "computerprogram",
        "kunstig intelligens",
        "afgør ikke noget",
        "Din rådgiver",
        "Er du uenig",
        "må ikke bruges til at standse",
        "(kommunen udfylder): ____",
        "Telefon: ____",
        "I listen er »borgeren« dig",
    ):
        assert words in text, words
    # Rules of law on complaints are for the municipality to fill in, not for the program to state.
    text = prose(describe_letter(explanation, recommendation, "da"))
    for word in ("Ankestyrelsen", "fire uger", "4 uger", "forvaltningslov", "§"):
        assert word not in text


def test_a_case_at_low_risk_is_not_argued_up(example):
    explanation, _ = example()
    facts = tuple(one for one in explanation.contributions if one.points < 1)
    risk = explanation.reference_risk + sum(one.points for one in facts) / 100
    low, _ = example(
        contributions=facts, risk=risk, risk_low=risk / 2, risk_high=2 * risk,
        score=-1.1 + sum(one.log_odds for one in facts), base_value=-1.1,
    )  # fmt: skip
    note = describe_note(low, None, "da")
    section = next(one for one in note.sections if one.heading == "Det taler for mere")
    assert section.points == ()
    assert section.paragraphs == (say("note_for_none", "da"),)


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7*7 }}"])
@pytest.mark.parametrize("describe", [describe_letter, describe_note])
def test_every_value_is_escaped(example, payload, describe):
    plain, recommendation = example()
    hostile = Label(payload, payload)
    first = plain.contributions[0]
    facts = (
        type(first)(
            first.field, hostile, "x", payload, hostile, first.log_odds, first.points, first.sway
        ),
        *plain.contributions[1:],
    )
    explanation, _ = example(case_id=payload, site=payload, contributions=facts)
    page = render_paper_page(describe(explanation, recommendation, "da"))
    tree = parse(page)
    assert not [one for one in tree.iter() if one.tag in {"script", "img"}]
    assert payload in text_of(tree)


def test_headings_and_names_serve_a_screen_reader(example):
    explanation, recommendation = example()
    tree = parse(render_paper_page(describe_letter(explanation, recommendation, "da")))
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    named = {one.get("aria-labelledby") for one in tree.iter() if one.get("aria-labelledby")}
    assert named <= set(ids)
    assert len(list(tree.iter("h1"))) == 1
    assert all(one.find("caption") is not None for one in tree.iter("table"))


@pytest.mark.parametrize("lang", ["da", "en"])
def test_rules_out_of_force_are_warned_of_and_point_to_no_tier(example, lang):
    explanation, recommendation = example()
    held = replace(recommendation, adviser_chooses=False)
    ended = replace(held, in_force=False)
    tier = say("letter_tier", lang, tier=recommendation.tier_label.text(lang))
    before = describe_letter(explanation, held, lang)
    after = describe_letter(explanation, ended, lang)
    assert say("letter_out_of_force", lang) in after.warnings
    assert say("letter_out_of_force", lang) not in before.warnings
    assert tier in render_paper_text(before)
    assert tier not in render_paper_text(after)
    assert say("letter_out_of_force", lang) in render_paper_text(after)
    # The note is for the adviser, and so is its warning.
    note = describe_note(explanation, ended, lang)
    assert say("out_of_force", lang) in note.warnings
    assert say("out_of_force", lang) in render_paper_text(note)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_where_the_adviser_chooses_the_letter_points_to_no_tier(example, lang):
    explanation, recommendation = example()
    chosen = replace(recommendation, adviser_chooses=True)
    text = render_paper_text(describe_letter(explanation, chosen, lang))
    assert say("letter_adviser_chooses", lang) in text
    assert say("letter_tier", lang, tier=recommendation.tier_label.text(lang)) not in text
