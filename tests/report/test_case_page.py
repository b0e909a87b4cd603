"""The case page: self-contained, escaped, well-formed, readable, and true to the record."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_facts import SHOWN_BARS
from riskmodel.report.case_json import case_document
from riskmodel.report.case_page import contribution_bars, render_case_page
from riskmodel.report.case_text import render_case_text
from riskmodel.report.case_words import describe_case
from riskmodel.visitation.recommendation import Recommendation

SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "{{ 7*7 }}",
    "&lt;b&gt; & </style></title>",
    "]]><![CDATA[",
    "javascript:alert(1)",
    "</text></svg><iframe>",
)
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "a", "p", "header", "nav", "h1", "h2", "h3",
    "main", "section", "figure", "table", "caption", "thead", "tbody", "tr", "th", "td", "ol", "ul",
    "li", "strong", "dl", "div", "dt", "dd", "span", "svg", "defs", "pattern", "rect", "line",
    "text", "circle", "polygon", "polyline", "details", "summary",
}  # fmt: skip


def parse(page: str) -> ET.Element:
    doctype = "<!DOCTYPE html>\n"
    assert page.startswith(doctype)
    return ET.fromstring(page.removeprefix(doctype))


def text_of(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def table_with(page: ET.Element, caption: str) -> list[list[str]]:
    for table in page.iter("table"):
        found = table.find("caption")
        if found is not None and found.text == caption:
            return [[text_of(cell) for cell in row] for row in table.iter("tr")]
    raise AssertionError(caption)


@SOME
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    lang=st.sampled_from(LANGUAGES),
)
def test_page_is_well_formed_small_and_self_contained(explanation, recommendation, lang):
    page = render_case_page(explanation, recommendation, lang)
    tree = parse(page)
    assert tree.get("lang") == lang
    assert {one.tag for one in tree.iter()} <= ALLOWED
    assert len(page.encode()) < 300_000
    assert "http://" not in page
    assert "https://" not in page
    for one in tree.iter():
        assert not {"src", "srcdoc", "action", "data", "style"} & set(one.attrib)
        assert not [name for name in one.attrib if name.startswith("on")]
        assert one.get("href", "#").startswith("#")


@SOME
@given(explanation=st.from_type(CaseExplanation), lang=st.sampled_from(LANGUAGES))
def test_tables_hold_the_figures_of_the_pictures(explanation, lang):
    words = describe_case(explanation, None, lang)
    bars = contribution_bars(explanation, words)
    facts = [bar for bar in bars if not bar.total]
    assert bars[0].end == pytest.approx(explanation.reference_risk * 100)
    assert bars[-1].end == pytest.approx(explanation.risk * 100)
    assert all(left.end == pytest.approx(right.start) for left, right in pairwise(bars))
    assert len(facts) <= SHOWN_BARS + 1
    tree = parse(render_case_page(explanation, None, lang))
    caption = {"da": "Billedet som tabel", "en": "The picture as a table"}
    rows = table_with(tree, caption[lang])[1:]
    assert [row[-2] for row in rows] == [text_of(_wrapped(bar.figure)) for bar in bars]
    assert all(row[-1] for row in rows)
    for bar, row in zip(facts, rows[1:-1], strict=True):
        assert bar.label == (f"{row[0]}: {row[1]}" if row[1] else row[0])
    if len(facts) < len(words.factors):
        every = {"da": "Alle oplysninger, de største først", "en": "All facts, the largest first"}
        listed = table_with(tree, every[lang])[1:]
        assert [row[-2] for row in listed] == [one.figure for one in words.factors]
        assert [row[-1] for row in listed] == [one.interval for one in words.factors]


def _wrapped(text: str) -> ET.Element:
    element = ET.Element("p")
    element.text = text
    return element


def figures_in(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def shown_text(tree: ET.Element) -> str:
    """Return what the page says in words: no pictures, no navigation."""
    main = next(tree.iter("main"))
    for parent in list(main.iter()):
        for child in [one for one in parent if one.tag == "svg"]:
            parent.remove(child)
    return " ".join(" ".join(main.itertext()).split())


def strings_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [one for each in value.values() for one in strings_in(each)]
    if isinstance(value, list):
        return [one for each in value for one in strings_in(each)]
    return [value] if isinstance(value, str) else []


@SOME
@given(
    explanation=st.from_type(CaseExplanation),
    recommendation=st.none() | st.from_type(Recommendation),
    change=st.none() | st.from_type(AssessmentChange),
    lang=st.sampled_from(LANGUAGES),
)
def test_page_text_and_json_say_the_same(explanation, recommendation, change, lang):
    page = parse(render_case_page(explanation, recommendation, lang, change=change))
    header = text_of(next(page.iter("header")))
    shown = shown_text(page)
    text = " ".join(render_case_text(explanation, recommendation, lang, change=change).split())
    record = case_document(explanation, recommendation, lang, change=change)
    document = json.loads(json.dumps(record))
    said = document["words"]
    names = ("headline", "risk", "duration", "weights", "similar", "change", "not_for", "about")
    for line in [one for name in names for one in said[name]]:
        plain = " ".join(line.split())
        assert plain in shown
        assert plain in text
    for factor, one in zip(said["factors"], explanation.by_size, strict=True):
        assert factor["field"] == one.field
        if abs(one.points) >= 1:
            assert " ".join(factor["sentence"].split()) in text
    for one in said["factors"]:
        del one["field"]
    for one in said["facts"]:
        del one["field"]
    everywhere = " ".join(strings_in(said))
    assert figures_in(f"{header} {shown}") == figures_in(text) == figures_in(everywhere)
    assert document["risk"]["value"] == explanation.risk
    assert [one["points"] for one in document["contributions"]] == [
        one.points for one in explanation.contributions
    ]


def test_json_keys_are_the_same_for_every_case(example):
    explanation, recommendation = example()
    bare, _ = example(contributions=(), risk=0.24, risk_low=0.2, score=-1.1,
                      expected_weeks_high=float("inf"))  # fmt: skip
    full, empty = case_document(explanation, recommendation), case_document(bare, None)
    assert list(full) == list(empty)
    assert empty["recommendation"] is None
    assert empty["expected_weeks"]["high"] is None
    json.dumps(empty, allow_nan=False)
    assert full["contributions"][0]["label"] == {
        "da": "Borgerens forventede varighed",
        "en": "Citizen's expected duration",
    }


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_value_is_escaped(example, payload, lang):
    plain, recommendation = example()
    hostile = Label(payload, payload)
    facts = tuple(
        type(one)(one.field, hostile, payload, payload, hostile, one.log_odds, one.points,
                  one.sway, one.missing, one.actionable, hostile, one.points_range, one.applies)
        for one in plain.contributions
    )  # fmt: skip
    explanation, _ = example(
        case_id=payload, site=payload, contributions=facts, model_version=payload,
        outside_training=(payload,),
    )  # fmt: skip
    advice = Recommendation(
        tier=payload, tier_label=hostile, tier_description=hostile,
        reasons=tuple(type(one)(payload, hostile) for one in recommendation.reasons),
        missing_facts=(payload,),
        contacts=tuple(type(one)(one.week, hostile) for one in recommendation.contacts),
        lower_threshold=0.2, upper_threshold=0.45, policy_name=payload, policy_version=payload,
    )  # fmt: skip
    page = render_case_page(explanation, advice, lang, labels={payload: hostile})
    tree = parse(page)
    reference = parse(render_case_page(plain, recommendation, lang))
    assert {one.tag for one in tree.iter()} == {one.tag for one in reference.iter()}
    assert not [name for one in tree.iter() for name in one.attrib if name.startswith("on")]
    assert " ".join(payload.split()) in text_of(tree)
    assert tree.find("body/header/h1").text.endswith(payload)


def test_rules_that_have_ended_are_told_before_the_tier(example):
    explanation, recommendation = example()
    warning = "Reglerne her gælder ikke den dag, sagen vurderes."
    assert warning not in render_case_page(explanation, recommendation, "da")
    page = render_case_page(explanation, replace(recommendation, in_force=False), "da")
    assert page.index(warning) < page.index(recommendation.tier_label.da)


def test_security_policy_allows_only_the_one_style_sheet(example):
    tree = parse(render_case_page(*example(), "da"))
    meta = [one.get("content") for one in tree.iter("meta") if one.get("http-equiv")]
    css = next(tree.iter("style")).text
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert meta == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert "url(" not in css
    assert "@import" not in css
    assert not list(tree.iter("script"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_structure_serves_keyboard_and_screen_reader(example, lang):
    tree = parse(render_case_page(*example(), lang, home="worklist.html"))
    levels = [int(one.tag[1]) for one in tree.iter() if one.tag in {"h1", "h2", "h3"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    named = {one.get("aria-labelledby") for one in tree.iter() if one.get("aria-labelledby")}
    assert named <= set(ids)
    skip = tree.find("body")[0]
    assert (skip.tag, skip.get("href")) == ("a", "#content")
    assert "content" in ids
    for table in tree.iter("table"):
        assert table.find("caption") is not None
        assert all(cell.get("scope") in {"row", "col"} for cell in table.iter("th"))
    pictures = [one for one in tree.iter("svg") if one.get("class")]
    assert len(pictures) == 3
    assert all(one.get("role") == "img" and one.get("aria-label") for one in pictures)


def test_html_parser_sees_the_same_elements(example):
    page = render_case_page(*example(), "da")
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append(tag)

    Reader().feed(page)
    assert seen == [one.tag for one in parse(page).iter()]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("synthetic", "opdigtede"), ("public", "forskningsdata"), ("case_records", "afsluttede")],
)
def test_page_says_what_the_model_was_trained_on(example, kind, words):
    explanation, recommendation = example(data_kind=kind)
    tree = parse(render_case_page(explanation, recommendation, "da"))
    assert words in text_of(tree)
    marks = [one for one in tree.iter("p") if one.get("class") == "mark"]
    assert bool(marks) == (kind == "synthetic")
    assert ("syntetisk" in tree.find("head/title").text) == (kind == "synthetic")


def test_page_without_curve_has_no_empty_picture(example):
    explanation, recommendation = example(curve=())
    tree = parse(render_case_page(explanation, recommendation, "da"))
    assert len([one for one in tree.iter("svg") if one.get("class")]) == 2


def test_date_and_way_back_are_shown(example):
    page = render_case_page(
        *example(), "da", home="worklist.html", made_on=datetime.date(2026, 11, 22)
    )
    assert "22. november 2026" in page
    assert '<a href="worklist.html">' in page


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "//host/x", "/etc/passwd", "https://host/", "a b", "\\\\host", ""],
)
def test_links_may_not_leave_the_folder(example, link):
    with pytest.raises(ValueError, match="relative path"):
        render_case_page(*example(), "da", home=link)


def _luminance(colour: str) -> float:
    colour = colour.lstrip("#")
    colour = "".join(one * 2 for one in colour) if len(colour) == 3 else colour
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_enough_contrast(example):
    css = next(parse(render_case_page(*example(), "da")).iter("style")).text
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    assert len(blocks) == 3
    assert contrast("#000", "#fff") == pytest.approx(21)
    for block in blocks:
        colour = dict(re.findall(r"--([\w-]+): (#\w+);", block))
        for ground in ("paper", "sheet", "wash"):
            for ink in ("ink", "quiet", "accent"):
                assert contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground)
        assert contrast(colour["warn"], colour["warn-ground"]) >= 4.5
        assert contrast(colour["warn"], colour["paper"]) >= 4.5
        for shape in ("up", "down", "ink"):
            assert contrast(colour[shape], colour["track"]) >= 3, shape
