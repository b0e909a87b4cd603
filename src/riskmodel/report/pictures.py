"""Inline SVG pictures: numbers and words in, markup out.

Horizontal places are percentages of the width, so that text keeps its size on every
screen. Colours come from the style sheet; direction is also shown by place, sign and
pattern. The markup holds no address, so it works inside a page without a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskmodel.report.phrases import Direction
from riskmodel.report.picture_parts import (
    Point,
    anchor_of,
    edge_of,
    picture_of,
    rect,
    shorten,
    text_at,
    trim,
    upright,
)

__all__ = [
    "ContributionBar",
    "CurveMark",
    "CurvePicture",
    "RiskPicture",
    "draw_contributions",
    "draw_curve",
    "draw_mini_bar",
    "draw_risk",
]

_LINE_LENGTH = 36
_PLOT_SHARE = 0.82
_ROW = 50
_CURVE_TOP, _CURVE_HEIGHT = 36, 200
_NEAR = (12.0, 18.0)


@dataclass(frozen=True, slots=True)
class ContributionBar:
    """One row of the contributions picture.

    Parameters
    ----------
    label : str
        Fact and value.
    lines : tuple of str
        The same on two lines, for a narrow screen; none where the label is short.
    figure : str
        The figure as text.
    start, end : float
        Risk in percent before and after the fact is counted in. Equal for a marker.
    direction : {"up", "down", "none"}
        Which way it pulls.
    total : bool
        Whether the row is the reference or the case itself.
    margin : float
        Half the width of the interval of what the fact moves, in percentage points.
    """

    label: str
    figure: str
    start: float
    end: float
    direction: Direction = "none"
    total: bool = False
    margin: float = 0.0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurveMark:
    """A marked point of the curve: week, chance in [0, 1] and the chance as text."""

    week: float
    chance: float
    figure: str


@dataclass(frozen=True, slots=True)
class RiskPicture:
    """What the picture of a risk shows.

    Parameters
    ----------
    risk, reference : float
        Probabilities.
    interval : tuple of float
        Lowest and highest probability.
    levels : sequence of (float, str)
        Probabilities on the axis and their labels.
    case_label, reference_label, summary : str
        Text at the two marks, and the picture in words.
    band : tuple of (float, float, str), optional
        Lower and upper threshold of the policy, and what the band between them is called.
    """

    risk: float
    interval: Point
    reference: float
    levels: Sequence[tuple[float, str]]
    case_label: str
    reference_label: str
    summary: str
    band: tuple[float, float, str] | None = None


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """What the picture of the duration shows.

    Parameters
    ----------
    points : sequence of (float, float)
        Rising weeks and their chances in [0, 1]; at least one, the last week above 0. The
        axis ends at the last one.
    marks : sequence of CurveMark
        Weeks that are marked on the curve, the most important last.
    levels : sequence of (float, str)
        Chances on the upright axis and their labels.
    ticks : sequence of (float, str)
        Weeks on the axis and their labels.
    median : tuple of (float, str)
        The expected duration and its label.
    interval : tuple of float
        Weeks between which 8 out of 10 courses end.
    axis, summary : str
        What the axis counts, and the picture in words.
    rule_weeks : sequence of (float, str)
        Weeks that the rules set a contact in, and their labels.
    between : sequence of (float, float, float)
        Rising weeks with the lowest and the highest chance at each.
    """

    points: Sequence[Point]
    marks: Sequence[CurveMark]
    levels: Sequence[tuple[float, str]]
    ticks: Sequence[tuple[float, str]]
    median: tuple[float, str]
    interval: Point
    axis: str
    summary: str
    rule_weeks: Sequence[tuple[float, str]] = ()
    between: Sequence[tuple[float, float, float]] = ()


def draw_risk(picture: RiskPicture) -> str:
    """Draw a risk with its interval against the reference, on a scale from 0 to 100 %.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    at, base = picture.risk * 100, picture.reference * 100
    low, high = (100 * end for end in picture.interval)
    parts = [
        text_at((at, 15), picture.case_label, "strong", anchor_of(at)),
        rect(0, 100, 26, 26, "track"),
        rect(low, high, 30, 18, "interval"),
        upright(base, 24, 60, "reference"),
        upright(at, 22, 56, "case"),
        text_at((base, 75), picture.reference_label, "quiet", anchor_of(base)),
    ]
    height = 104.0
    if picture.band is not None:
        lower, upper, words = picture.band[0] * 100, picture.band[1] * 100, picture.band[2]
        place, side = (lower, "start") if lower + upper < 100 else (upper, "end")
        parts.append(rect(lower, upper, 88, 7, "band"))
        parts.append(text_at((place, 113), words, "quiet", side))
        height = 148.0
    parts += [
        text_at((chance * 100, height - 6), label, "tick", edge_of(chance * 100))
        for chance, label in picture.levels
    ]
    return picture_of("risk", height, picture.summary, parts)


def _scale(bars: Sequence[ContributionBar]) -> tuple[float, float]:
    ends = [
        value
        for bar in bars
        for value in (bar.start, bar.end, bar.end - bar.margin, bar.end + bar.margin)
    ]
    low, high = min(ends), max(ends)
    room = max(high - low, 4.0) * 0.06
    return low - room, max(high - low, 4.0) + 2 * room


def draw_contributions(bars: Sequence[ContributionBar], *, summary: str, name: str) -> str:
    """Draw how the risk builds up from the reference to this case, one row a fact.

    Parameters
    ----------
    bars : sequence of ContributionBar
        Rows from top to bottom; each starts where the one before it ended.
    summary : str
        The picture in words.
    name : str
        Prefix of the pattern's id, unique within the page; letters only.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    low, width = _scale(bars)

    def place(value: float) -> float:
        return (value - low) / width * 100 * _PLOT_SHARE

    pattern = (
        f'<defs><pattern id="{name}-down" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="down-ground" width="6" height="6"/>'
        '<rect class="down-stripe" width="2.5" height="6"/></pattern></defs>'
    )
    parts = [pattern]
    for row, bar in enumerate(bars):
        top = row * _ROW
        kind = "strong" if bar.total else ""
        parts += _label(bar, top, kind)
        parts.append(rect(0, 100 * _PLOT_SHARE, top + 23, 16, "track"))
        parts.append(upright(place(bars[0].start), top + 23, top + 39, "reference"))
        if bar.total:
            parts.append(upright(place(bar.end), top + 20, top + 42, "case"))
        else:
            parts.append(_moved(place(bar.start), place(bar.end), top + 23, bar.direction, name))
            ends = place(bar.end - bar.margin), place(bar.end + bar.margin)
            parts.append(_whisker(ends, top + 31))
        parts.append(text_at((100, top + 37), bar.figure, f"figure {kind}".strip(), "end"))
    return picture_of("contributions", len(bars) * _ROW, summary, parts)


def _label(bar: ContributionBar, top: float, kind: str) -> list[str]:
    """Fact and value on one line, and on two for screens where one does not hold them."""
    if not bar.lines:
        return [text_at((0, top + 15), shorten(bar.label), kind)]
    parts = [text_at((0, top + 15), shorten(bar.label), f"one-line {kind}".strip())]
    for place, line in zip((top + 7, top + 20), bar.lines, strict=True):
        parts.append(text_at((0, place), shorten(line, _LINE_LENGTH), f"two-lines {kind}".strip()))
    return parts


def _whisker(ends: Point, y: float) -> str:
    low, high = ends
    along = f'x1="{trim(low)}%" x2="{trim(high)}%" y1="{trim(y)}" y2="{trim(y)}"'
    sides = [upright(end, y - 4, y + 4, "whisker") for end in ends]
    return f'<line class="whisker" {along}/>{"".join(sides)}'


def _moved(start: float, end: float, y: float, direction: Direction, name: str) -> str:
    fill = f' fill="url(#{name}-down)"' if direction == "down" else ""
    shown = rect(start, end if abs(end - start) > 0.5 else start + 0.5, y, 16, direction)
    return shown.replace("/>", f"{fill}/>") if fill else shown


def draw_curve(picture: CurvePicture) -> str:
    """Draw the chance of still being sick-listed, week by week.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    last = picture.points[-1][0]

    def across(week: float) -> float:
        return min(100.0, max(0.0, week / last * 100))

    floor = _CURVE_TOP + _CURVE_HEIGHT
    at = across(picture.median[0])
    parts = [_curve_path(picture.points, picture.between, last), _grid(picture.levels)]
    parts += _rule_lines([(across(week), words) for week, words in picture.rule_weeks], floor)
    if picture.median[0] <= last:
        parts.append(upright(at, floor - _CURVE_HEIGHT / 2, floor + 20, "median"))
        parts.append(upright(at, floor + 4, floor + 20, "case"))
    parts += [
        *_mark_points(picture.marks, last),
        rect(across(picture.interval[0]), across(picture.interval[1]), floor + 8, 8, "interval"),
        text_at((at, floor + 38), picture.median[1], "strong", anchor_of(at)),
    ]
    if picture.interval[1] > last:
        parts.append(text_at((100, floor + 16), "\N{RIGHTWARDS ARROW}", "strong", "end"))
    parts += [
        text_at((across(week), floor + 60), label, "tick", edge_of(across(week)))
        for week, label in picture.ticks
    ]
    parts.append(text_at((0, floor + 80), picture.axis, "quiet"))
    return picture_of("curve", floor + 88, picture.summary, parts)


def _rule_lines(weeks: Sequence[tuple[float, str]], floor: float) -> list[str]:
    """Uprights at the rules' weeks, each with its name on top unless one stands too close."""
    parts: list[str] = []
    written: list[float] = []
    for at, words in weeks:
        parts.append(upright(at, 16, floor, "reference"))
        if all(abs(at - other) > _NEAR[0] for other in written):
            written.append(at)
            parts.append(text_at((at, 12), words, "tick", edge_of(at)))
    return parts


def _grid(levels: Sequence[tuple[float, str]]) -> str:
    parts: list[str] = []
    for chance, label in levels:
        y = _CURVE_TOP + _CURVE_HEIGHT * (1 - chance)
        parts.append(f'<line class="grid" x1="0" x2="100%" y1="{trim(y)}" y2="{trim(y)}"/>')
        parts.append(text_at((0, y - 4), label, "tick", "start"))
    return "".join(parts)


def _curve_path(
    points: Sequence[Point], between: Sequence[tuple[float, float, float]], last: float
) -> str:
    coordinates = [f"{trim(week / last * 100)},{trim(100 - p * 100)}" for week, p in points]
    line = " ".join(coordinates)
    first, end = trim(points[0][0] / last * 100), trim(100.0)
    edge = [(week, high) for week, _, high in between]
    edge += [(week, low) for week, low, _ in reversed(between)]
    ring = " ".join(f"{trim(week / last * 100)},{trim(100 - p * 100)}" for week, p in edge)
    spread = f'<polygon class="spread" points="{ring}"/>' if ring else ""
    return (
        f'<svg y="{_CURVE_TOP}" width="100%" height="{_CURVE_HEIGHT}" viewBox="0 0 100 100" '
        f'preserveAspectRatio="none"><polygon class="area" points="{first},100 {line} {end},100"/>'
        f"{spread}"
        f'<polyline class="line" vector-effect="non-scaling-stroke" points="{line}"/></svg>'
    )


def _mark_points(marks: Sequence[CurveMark], last: float) -> list[str]:
    """Dots for all marks; a figure only where none that weighs more stands too close."""
    parts: list[str] = []
    written: list[Point] = []
    for mark in reversed(marks):
        at, y = mark.week / last * 100, _CURVE_TOP + _CURVE_HEIGHT * (1 - mark.chance)
        parts.append(f'<circle class="dot" cx="{trim(at)}%" cy="{trim(y)}" r="4.5"/>')
        if all(abs(at - other) > _NEAR[0] or abs(y - level) > _NEAR[1] for other, level in written):
            written.append((at, y))
            side, shift = ("end", -3) if at > 88 else ("start", 6)
            parts.append(text_at((at, y - 9), mark.figure, "figure", side, shift))
    return parts


def draw_mini_bar(risk: float, low: float, high: float) -> str:
    """Draw a small bar with a risk and its interval, for one row of a worklist.

    The figures stand beside it in the row, so readers of the screen pass it by.
    """
    left, at = min(99, round(low * 100)), round(risk * 100)
    width = max(1, round(high * 100) - left)
    return (
        '<svg class="mini" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">'
        f'<rect class="i" x="{left}" width="{width}" height="8"/>'
        f'<rect class="c" x="{min(98, at)}" width="2" height="8"/></svg>'
    )
