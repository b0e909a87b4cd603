"""The worklist: every case, in order, counted, linked and escaped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

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
        "missing_count": 3,
    }  # fmt: skip
    return WorklistRow(**{**values, **changes})


def parse(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


def cells(tree: ET.Element) -> list[list[str]]:
    lists = [one for one in tree.iter("table") if one.get("class") == "worklist"]
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in line]
        for table in lists
        for line in table.find("tbody")
    ]


def test_rows_keep_their_order_within_each_tier():
    rows = [row(1, ADVISER), row(2), row(3, ADVISER), row(4, None)]
    tree = parse(render_worklist(rows, FRAME, "da"))
    assert [line[0] for line in cells(tree)] == ["SYN-0001", "SYN-0003", "SYN-0002", "SYN-0004"]
    counts = [
        [" ".join("".join(cell.itertext()).split()) for cell in line]
        for line in next(tree.iter("table")).find("tbody")
    ]
    assert counts == [
        ["Rådgiverens vurdering", "2"], ["Tidlig samtale", "1"], ["Uden anbefaling", "1"],
        ["I alt", "4"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "figures"),
    [
        ("da", ["8", "46 %", "34 % til 58 %", "23 uger"]),
        ("en", ["8", "46%", "34% to 58%", "23 weeks"]),
    ],
)
def test_figures_are_written_in_the_language(lang, figures):
    (line,) = cells(parse(render_worklist([row(1)], FRAME, lang)))
    assert line[1:5] == figures
    assert line[6] == "3"


def test_a_case_that_was_not_scored_is_still_listed():
    bare = row(9, None, risk=None, risk_low=None, risk_high=None, expected_weeks=None)
    (line,) = cells(parse(render_worklist([bare], FRAME, "da")))
    assert line[:5] == ["SYN-0009", "8", "ikke beregnet", "", ""]


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


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_five_thousand_cases_stay_small_and_clean(lang):
    rows = [row(number, (ADVISER, TALK)[number % 2]) for number in range(5000)]
    page = render_worklist(rows, FRAME, lang)
    assert len(page.encode()) < 3_000_000
    assert "://" not in page
    assert "<script" not in page
    tree = parse(page)
    assert len(cells(tree)) == 5000
    assert len({one.get("href") for one in tree.iter("a")}) == 5000 + 3


def test_hostile_text_is_escaped():
    payload = '"><script>alert(1)</script>'
    hostile = Label(payload, payload)
    page = render_worklist(
        [row(1, hostile, case_id=payload, deciding_reason=hostile)],
        WorklistFrame(26.0, payload, "public", payload, payload, payload),
        "da",
    )
    tree = parse(page)
    assert not list(tree.iter("script"))
    assert cells(tree)[0][0] == payload


def test_an_empty_list_says_so():
    tree = parse(render_worklist([], FRAME, "da"))
    assert "Der er ingen sager på listen." in "".join(tree.itertext())


def test_structure_serves_keyboard_and_screen_reader():
    tree = parse(render_worklist([row(1), row(2, ADVISER)], FRAME, "da"))
    ids = {one.get("id") for one in tree.iter() if one.get("id")}
    inner = [one.get("href")[1:] for one in tree.iter("a") if one.get("href").startswith("#")]
    assert set(inner) <= ids
    for table in tree.iter("table"):
        if table.get("class") == "worklist":
            assert table.find("caption") is not None
            assert all(cell.get("scope") in {"row", "col"} for cell in table.iter("th"))
