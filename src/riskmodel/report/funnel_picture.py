"""A funnel plot as inline SVG: each employer's ratio beside what chance alone would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from riskmodel.report.phrases import one_line

__all__ = ["FunnelPicture", "FunnelPoint", "draw_funnel"]

_LEFT, _TOP, _WIDTH, _HEIGHT = 56.0, 14.0, 700.0, 260.0
_DOT = 4.5
# Names nearer than this, down and across, would cover each other.
_LINE, _REACH = 16.0, 120.0


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One employer: expected number, ratio of observed to expected, what stands beside it."""

    expected: float
    ratio: float
    name: str = ""
    marked: bool = False


@dataclass(frozen=True, slots=True)
class FunnelPicture:
    """What a funnel plot shows.

    Parameters
    ----------
    points : sequence of FunnelPoint
        Those beyond the highest level stand at the edge, as a triangle.
    expected : sequence of float
        Rising places at which the limits are given.
    inner, outer : tuple of sequence of float
        Lower and upper limits of the ratio, 95 % and 99.8 %.
    ticks, levels : sequence of (float, str)
        Places on the two axes and their labels.
    across, up, inner_label, outer_label, summary : str
        What the axes count, what the limits are called, and the picture in words.
    """

    points: Sequence[FunnelPoint]
    expected: Sequence[float]
    inner: tuple[Sequence[float], Sequence[float]]
    outer: tuple[Sequence[float], Sequence[float]]
    ticks: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]
    across: str
    up: str
    inner_label: str
    outer_label: str
    summary: str


def draw_funnel(picture: FunnelPicture) -> str:
    """Draw a funnel plot.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    first, last = picture.expected[0], picture.expected[-1]
    tallest = max(picture.levels)[0]

    def x(expected: float) -> float:
        # Square roots spread the many small employers, and make the funnel's sides straighter.
        span = math.sqrt(last) - math.sqrt(first)
        share = (math.sqrt(expected) - math.sqrt(first)) / span if span else 0.5
        return _LEFT + _WIDTH * min(1.0, max(0.0, share))

    def y(ratio: float) -> float:
        return _TOP + _HEIGHT * (1 - min(ratio, tallest) / tallest)

    parts = [_grid(value, label, y(value)) for value, label in picture.levels]
    parts += [
        f'<text class="tick" x="{x(value):.1f}" y="{_TOP + _HEIGHT + 20:.0f}" '
        f'text-anchor="middle">{_safe(label)}</text>'
        for value, label in picture.ticks
    ]
    for limits, kind in ((picture.outer, "median"), (picture.inner, "line")):
        for side in limits:
            places = zip(picture.expected, side, strict=True)
            points = " ".join(f"{x(one):.1f},{y(value):.1f}" for one, value in places)
            parts.append(f'<polyline class="{kind}" fill="none" points="{points}"/>')
    written: list[tuple[float, float]] = []
    for one in sorted(picture.points, key=lambda point: (y(point.ratio), x(point.expected))):
        at, height = x(one.expected), y(one.ratio)
        parts.append(_dot(at, height, marked=one.marked, cut=one.ratio > tallest))
        if one.name:
            others = [(x(each.expected), y(each.ratio)) for each in picture.points if each.marked]
            taken = [(place, low + 5) for place, low in others if place > at]
            parts.append(_name(at, height, one.name, written, taken))
    bottom = _TOP + _HEIGHT
    parts.append(_line(_LEFT, y(1.0), _LEFT + _WIDTH, y(1.0), "grid"))
    parts += [
        f'<text class="quiet" x="{_LEFT}" y="{bottom + 44:.0f}">{_safe(picture.across)}</text>',
        f'<text class="quiet" x="{_LEFT}" y="{bottom + 64:.0f}">{_safe(picture.up)}</text>',
        *_legend(picture, bottom + 84),
    ]
    name = escape(one_line(picture.summary), quote=True)
    return (
        f'<svg class="picture funnel" role="img" aria-label="{name}" width="100%" '
        f'viewBox="0 0 {_LEFT + _WIDTH + 20:.0f} {bottom + 96:.0f}">{"".join(parts)}</svg>'
    )


def _safe(words: str) -> str:
    return escape(one_line(words))


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}" {place}/>'


def _grid(value: float, label: str, at: float) -> str:
    text = f'<text class="tick" x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">'
    kind = "reference" if value == 1 else "grid"
    return f"{_line(_LEFT, at, _LEFT + _WIDTH, at, kind)}{text}{_safe(label)}</text>"


def _dot(at: float, height: float, *, marked: bool, cut: bool) -> str:
    kind = "up" if marked else "dot"
    if cut:
        corners = f"{at - _DOT:.1f},{height + _DOT:.1f} {at + _DOT:.1f},{height + _DOT:.1f}"
        return f'<polygon class="{kind}" points="{corners} {at:.1f},{height - _DOT:.1f}"/>'
    if not marked:
        return f'<circle class="dot" cx="{at:.1f}" cy="{height:.1f}" r="{_DOT}"/>'
    # Unusual employers are squares with their names, so that they stand out without colour.
    size = 2 * _DOT
    corner = f'x="{at - _DOT:.1f}" y="{height - _DOT:.1f}" width="{size}" height="{size}"'
    return f'<rect class="up" {corner}/>'


def _name(
    at: float,
    height: float,
    name: str,
    written: list[tuple[float, float]],
    taken: list[tuple[float, float]],
) -> str:
    """Return a name beside its point, below what it would cover there."""
    side, shift = ("end", -10) if at > _LEFT + 0.8 * _WIDTH else ("start", 10)
    base = height + 5
    covered = [*written, *taken]
    while any(abs(base - low) < _LINE and abs(at - place) < _REACH for place, low in covered):
        base += _LINE / 2
    written.append((at, base))
    text = f'<text class="strong" x="{at + shift:.1f}" y="{base:.1f}" text-anchor="{side}">'
    return f"{text}{_safe(name)}</text>"


def _legend(picture: FunnelPicture, at: float) -> list[str]:
    middle = _LEFT + _WIDTH / 2
    return [
        _line(_LEFT, at - 5, _LEFT + 30, at - 5, "line"),
        f'<text class="tick" x="{_LEFT + 38}" y="{at:.0f}">{_safe(picture.inner_label)}</text>',
        _line(middle, at - 5, middle + 30, at - 5, "median"),
        f'<text class="tick" x="{middle + 38}" y="{at:.0f}">{_safe(picture.outer_label)}</text>',
    ]
