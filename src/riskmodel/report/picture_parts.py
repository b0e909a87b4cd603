"""Small parts of inline SVG: escaped text, bars and lines."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from riskmodel.report.phrases import one_line

__all__ = [
    "Point",
    "anchor_of",
    "edge_of",
    "picture_of",
    "rect",
    "shorten",
    "text_at",
    "trim",
    "upright",
]

Point = tuple[float, float]
LABEL_LENGTH = 52


def trim(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text_at(place: Point, words: str, kind: str = "", anchor: str = "", dx: int = 0) -> str:
    """Return a text; its place across is a percentage of the width."""
    name = f' class="{kind}"' if kind else ""
    side = f' text-anchor="{anchor}"' if anchor else ""
    shift = f' dx="{dx}"' if dx else ""
    at = f'x="{trim(place[0])}%" y="{trim(place[1])}"'
    return f"<text{name} {at}{side}{shift}>{escape(one_line(words))}</text>"


def rect(start: float, end: float, y: float, height: float, kind: str) -> str:
    """Return a bar between two percentages of the width."""
    left, right = min(start, end), max(start, end)
    return (
        f'<rect class="{kind}" x="{trim(left)}%" y="{trim(y)}" '
        f'width="{trim(right - left)}%" height="{trim(height)}"/>'
    )


def upright(at: float, top: float, bottom: float, kind: str) -> str:
    """Return an upright line."""
    place = f'x1="{trim(at)}%" x2="{trim(at)}%" y1="{trim(top)}" y2="{trim(bottom)}"'
    return f'<line class="{kind}" {place}/>'


def anchor_of(at: float) -> str:
    """Return which side of a label stands at a place, so that it stays inside."""
    if at < 20:
        return "start"
    return "end" if at > 80 else "middle"


def picture_of(kind: str, height: float, summary: str, parts: Sequence[str]) -> str:
    """Return the whole picture with its name in words."""
    name = escape(one_line(summary), quote=True)
    body = "".join(parts)
    return (
        f'<svg class="picture {kind}" role="img" aria-label="{name}" width="100%" '
        f'height="{trim(height)}">{body}</svg>'
    )


def shorten(words: str, most: int = LABEL_LENGTH) -> str:
    """Return words on one line, cut where they are too long."""
    plain = one_line(words)
    if len(plain) <= most:
        return plain
    return f"{plain[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def edge_of(at: float) -> str:
    """Return which side of a tick label stands at a place."""
    if at < 3:
        return "start"
    return "end" if at > 97 else "middle"
