"""Pictures are valid SVG, keep inside their frame, and show direction without colour."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.report.pictures import (
    ContributionBar,
    CurveMark,
    CurvePicture,
    RiskPicture,
    draw_contributions,
    draw_curve,
    draw_mini_bar,
    draw_risk,
)

LEVELS = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")]
SHARES = st.floats(0, 1)


def percents(tree: ET.Element) -> list[float]:
    found = [one.get(name) for one in tree.iter() for name in ("x", "x1", "x2", "cx")]
    return [float(one[:-1]) for one in found if one and one.endswith("%")]


@settings(deadline=None)
@given(ends=st.tuples(SHARES, SHARES, SHARES).map(sorted), reference=SHARES)
def test_risk_picture_places_what_it_is_given(ends, reference):
    low, risk, high = ends
    picture = RiskPicture(
        risk=risk, interval=(low, high), reference=reference, levels=LEVELS,
        case_label="Denne sag", reference_label="Typisk sag", summary="Risiko",
        band=(0.2, 0.45, "Bånd"),
    )  # fmt: skip
    tree = ET.fromstring(draw_risk(picture))
    assert all(0 <= one <= 100 for one in percents(tree))
    lines = {one.get("class"): float(one.get("x1")[:-1]) for one in tree.iter("line")}
    assert lines["case"] == pytest.approx(risk * 100, abs=0.01)
    assert lines["reference"] == pytest.approx(reference * 100, abs=0.01)
    bar = next(one for one in tree.iter("rect") if one.get("class") == "interval")
    assert float(bar.get("width")[:-1]) == pytest.approx((high - low) * 100, abs=0.011)


@settings(deadline=None)
@given(steps=st.lists(st.floats(-30, 30), max_size=9))
def test_contribution_rows_differ_in_place_sign_and_pattern(steps):
    bars = [ContributionBar("Typisk sag", "50 %", 50, 50, total=True)]
    for step in steps:
        at = bars[-1].end
        way = "up" if step > 0.05 else "down" if step < -0.05 else "none"
        bars.append(ContributionBar("Forhold", f"{step:+.0f}", at, at + step, way))
    tree = ET.fromstring(draw_contributions(bars, summary="Vægt", name="weights"))
    assert all(0 <= one <= 100 for one in percents(tree))
    shapes = [one for one in tree.iter("rect") if one.get("class") in {"up", "down", "none"}]
    assert len(shapes) == len(steps)
    pattern = tree.find("defs/pattern").get("id")
    for bar, shape in zip(bars[1:], shapes, strict=True):
        assert shape.get("class") == bar.direction
        assert (shape.get("fill") == f"url(#{pattern})") == (bar.direction == "down")
        assert float(shape.get("width")[:-1]) > 0


def test_curve_keeps_crowded_figures_apart_and_the_last_mark_written():
    picture = CurvePicture(
        points=[(0.0, 1.0), (26.0, 0.98), (104.0, 0.9)],
        marks=[CurveMark(8.0, 0.99, "99 %"), CurveMark(12.0, 0.99, "98 %"),
               CurveMark(26.0, 0.98, "97 %")],
        levels=LEVELS, ticks=[(0.0, "0"), (104.0, "104")],
        median=(104.0, "Forventet over 104 uger"),
        interval=(40.0, float("inf")), axis="Uger", summary="Varighed",
    )  # fmt: skip
    tree = ET.fromstring(draw_curve(picture))
    written = [one.text for one in tree.iter("text") if one.get("class") == "figure"]
    assert written == ["97 %", "98 %"]
    assert len(list(tree.iter("circle"))) == 3
    assert all(0 <= one <= 100 for one in percents(tree))


def test_an_early_rule_is_named_above_the_highest_level_and_not_across_it():
    picture = CurvePicture(
        points=[(8.0, 1.0), (104.0, 0.2)], marks=[], median=(30.0, "30"), interval=(10.0, 60.0),
        levels=[(1.0, "100 %")], ticks=[], axis="", summary="", rule_weeks=[(12.0, "uge 12")],
    )  # fmt: skip
    tree = ET.fromstring(draw_curve(picture))
    height = {one.text: float(one.get("y")) for one in tree.iter("text")}
    assert height["100 %"] - height["uge 12"] >= 15


def test_text_in_a_picture_is_escaped_and_cut():
    hostile = '"/><script>alert(1)</script>' + "x" * 100
    bars = [ContributionBar(hostile, hostile, 10, 20, "up")]
    tree = ET.fromstring(draw_contributions(bars, summary=hostile, name="weights"))
    assert not list(tree.iter("script"))
    assert tree.get("aria-label") == hostile
    assert next(tree.iter("text")).text.endswith("…")


@given(ends=st.tuples(SHARES, SHARES, SHARES).map(sorted))
def test_mini_bar_stays_inside(ends):
    low, risk, high = ends
    tree = ET.fromstring(draw_mini_bar(risk, low, high))
    for one in tree:
        assert float(one.get("x")) >= 0
        assert float(one.get("x")) + float(one.get("width")) <= 100
