"""The worklist: every case, in order, counted, linked, dated and escaped."""

from __future__ import annotations

import datetime as dt
import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.report.worklist_page import WorklistFrame, WorklistRow, render_worklist

FRAME = WorklistFrame(26.0, "b3f9c1d27a54", "synthetic", "Eksempelby", "2026.1", "Eksempelby")
ADVISER = Label("Rådgiverens vurdering", "The adviser's judgement")
TALK = Label("Tidlig samtale", "Early conversation")


def row(number: int, tier: Label | None = TALK, **changes: object) -> WorklistRow:
    values: dict = {
        "case_id": f"SYN-{number:04d}", "href": f"cases/SYN-{number:04d}.html",
        "assessed_week": 8.0, "risk": 0.46, "risk_low": 0.34, "risk_high": 0.58,
        "expected_weeks": 23.2, "tier_label": tier,
        "deciding_reason": Label("Risikoen er over grænsen på 45 %.", "The risk is above 45%."),
        "missing_count": 3, "due_week": 12.0,
    }  # fmt: skip
    return WorklistRow(**{**values, **changes})


def parse(page: str) -> ET.Element:
    """Return the page as a tree; the scripts are no XML and are left out."""
    bare = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    return ET.fromstring(bare.removeprefix("<!DOCTYPE html>\n"))


def text_of(cell: ET.Element) -> str:
    return " ".join("".join(cell.itertext()).split())


def cells(tree: ET.Element) -> list[list[str]]:
    (table,) = [one for one in tree.iter("table") if one.get("id") == "list"]
    return [[text_of(cell) for cell in line] for line in table.find("tbody")]


def data_of(tree: ET.Element) -> dict:
    (block,) = [one for one in tree.iter("script") if one.get("id") == "worklist-data"]
    return json.loads(block.text)


def test_rows_keep_the_order_they_are_given_in_and_tiers_are_counted():
    rows = [row(1, ADVISER), row(3, ADVISER), row(2), row(4, None)]
    tree = parse(render_worklist(rows, FRAME, "da"))
    assert [line[0] for line in cells(tree)] == ["SYN-0001", "SYN-0003", "SYN-0002", "SYN-0004"]
    counts = [[text_of(cell) for cell in line] for line in next(tree.iter("table")).find("tbody")]
    assert counts == [
        ["Rådgiverens vurdering", "2"], ["Tidlig samtale", "1"], ["Uden anbefaling", "1"],
        ["I alt", "4"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "figures"),
    [
        ("da", ["8", "uge 12", "Tidlig samtale", "46 %", "34 % til 58 %", "23 uger"]),
        ("en", ["8", "week 12", "Early conversation", "46%", "34% to 58%", "23 weeks"]),
    ],
)
def test_figures_are_written_in_the_language(lang, figures):
    (line,) = cells(parse(render_worklist([row(1)], FRAME, lang)))
    assert line[1:7] == figures
    assert line[8] == "3"


def test_a_day_is_shown_where_it_is_known():
    dated = row(1, due_day=dt.date(2026, 8, 5))
    assert cells(parse(render_worklist([dated], FRAME, "da")))[0][2] == "05.08.2026"
    assert cells(parse(render_worklist([dated], FRAME, "en")))[0][2] == "05/08/2026"
    assert cells(parse(render_worklist([row(1, due_week=None)], FRAME, "da")))[0][2] == ""


def test_a_case_that_was_not_scored_is_listed_without_a_link():
    bare = row(9, None, risk=None, risk_low=None, risk_high=None, expected_weeks=None)
    tree = parse(render_worklist([bare], FRAME, "da"))
    (line,) = cells(tree)
    assert line[0] == "SYN-0009"
    assert line[3:7] == ["Uden anbefaling", "ikke beregnet", "", ""]
    assert not [one for one in tree.iter("a") if "SYN" in one.get("href")]


@pytest.mark.parametrize(
    "changes",
    [
        {"risk_low": 0.5},
        {"risk": None},
        {"risk_high": 1.2},
        {"href": "javascript:alert(1)"},
        {"href": "https://host/x"},
    ],
)
def test_a_row_refuses_what_it_cannot_show(changes):
    with pytest.raises(ValueError, match=r"must"):
        row(1, **changes)


def test_the_order_is_stated_down_to_the_tie():
    order = Label("Højeste risiko først, så løbenummeret.", "Highest risk, then the identifier.")
    ordered = WorklistFrame(26.0, "b3f9c1d27a54", "public", order=order)
    assert order.da in "".join(parse(render_worklist([row(1)], ordered, "da")).itertext())
    plain = "".join(parse(render_worklist([row(1)], FRAME, "en")).itertext())
    assert "Order: The highest risk comes first." in plain


def test_what_is_sorted_and_saved_is_what_is_shown():
    rows = [row(1), row(2, ADVISER, risk=0.123456, risk_low=0.1, risk_high=0.2, due_week=None)]
    data = data_of(parse(render_worklist(rows, FRAME, "da")))
    values = data["values"]
    assert values["risk"] == [0.46, 0.123456]
    assert values["risk_shown"] == [46.0, 12.3]
    assert values["group"] == [0, 1]
    assert values["due"] == [4.0, None]
    assert all(len(column) == 2 for column in values.values())
    assert {one["key"] for one in data["columns"] + data["exported"]} <= set(values)


def test_only_a_policy_that_asks_first_covers_the_calculations():
    asking = WorklistFrame(26.0, "b3f9c1d27a54", "public", own_judgement_first=True)
    covered = render_worklist([row(1)], asking, "da")
    assert 'classList.add("covered")' in covered
    assert 'id="uncover"' in covered
    open_page = render_worklist([row(1)], FRAME, "da")
    assert 'classList.add("covered")' not in open_page
    assert 'id="uncover"' not in open_page


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_five_thousand_cases_stay_small_and_clean(lang):
    rows = [row(number, (ADVISER, TALK)[number % 2]) for number in range(5000)]
    page = render_worklist(rows, FRAME, lang)
    assert len(page.encode()) < 4_500_000
    assert "://" not in page
    tree = parse(page)
    assert len(cells(tree)) == 5000
    assert len({one.get("href") for one in tree.iter("a")}) == 5000 + 1


@given(
    payload=st.sampled_from(
        ['"><script>alert(1)</script>', "</script><script>alert(1)</script>", "<!--", "]]>",
         "{{ 7 * 7 }}", "&lt;b&gt;", "'; alert(1) //", "<img src=x onerror=alert(1)>"]
    )
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Co"]),
              min_size=1).filter(str.strip)
)  # fmt: skip
def test_hostile_text_is_shown_and_never_run(payload):
    hostile = Label(payload, payload)
    page = render_worklist(
        [row(1, hostile, case_id=payload, deciding_reason=hostile, due_label=hostile)],
        WorklistFrame(26.0, payload, "public", payload, payload, payload, order=hostile),
        "da",
    )
    tree = parse(page)
    assert page.count("<script") == 2
    assert cells(tree)[0][0] == " ".join(payload.split())
    assert data_of(tree)["values"]["tier"][0].split() == payload.split()


def test_an_empty_list_says_so():
    page = render_worklist([], FRAME, "da")
    assert "Der er ingen sager på listen." in "".join(parse(page).itertext())
    assert "<script" not in page


def test_structure_serves_keyboard_and_screen_reader():
    tree = parse(render_worklist([row(1), row(2, ADVISER)], FRAME, "da"))
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    inner = [one.get("href")[1:] for one in tree.iter("a") if one.get("href").startswith("#")]
    assert set(inner) <= set(ids)
    (table,) = [one for one in tree.iter("table") if one.get("id") == "list"]
    assert table.find("caption") is not None
    assert all(cell.get("scope") in {"row", "col"} for cell in table.iter("th"))
