"""What an item of the evaluation report is made of: text, tables and pictures."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskmodel.domain.labels import Language
from riskmodel.evaluation.figures import Estimate
from riskmodel.report.number_format import format_count, format_limit
from riskmodel.report.phrases import one_line

__all__ = [
    "Block",
    "Item",
    "Picture",
    "Table",
    "clean_cells",
    "format_estimate",
    "format_figure",
    "format_hidden_count",
    "format_share",
]

NO_FIGURE = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row is its heading.

    Parameters
    ----------
    caption : str
        What it shows, with n.
    header : tuple of str
        Headings of the columns.
    rows : tuple of tuple of str
        Cells as shown.
    folded : bool
        Whether it is shown only when unfolded: the twin of a picture.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            msg = f"every row must have {len(self.header)} cells like the header."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the text that stands for it.

    Parameters
    ----------
    png : bytes
        The picture.
    text : str
        What it shows.
    """

    png: bytes
    text: str

    @property
    def address(self) -> Markup:
        """The picture as an address that needs no network."""
        encoded = base64.b64encode(self.png).decode()
        return Markup("data:image/png;base64,{}").format(encoded)


Block = str | Table | Picture


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the reporting checklist.

    Parameters
    ----------
    number : str
        Its number in TRIPOD+AI.
    part : str
        Part of the report that it belongs to.
    title : str
        What it asks for.
    blocks : tuple of str, Table or Picture
        The answer; empty where it is missing.
    """

    number: str
    part: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def filled(self) -> bool:
        """Whether there is an answer."""
        return bool(self.blocks)


def format_figure(value: float, lang: Language, digits: int = 3) -> str:
    """Return a figure with a fixed number of decimals; a dash where it is not known.

    Examples
    --------
    >>> format_figure(0.7123, "da"), format_figure(12.0, "en", 1)
    ('0,712', '12.0')
    """
    if not math.isfinite(value):
        return NO_FIGURE
    shown = f"{value:.{digits}f}"
    if float(shown) == 0:
        shown = shown.lstrip("-")
    shown = shown.replace("-", "\N{MINUS SIGN}")
    return shown.replace(".", ",") if lang == "da" else shown


def format_estimate(one: Estimate | None, lang: Language, digits: int = 3) -> str:
    """Return a figure with its interval.

    Examples
    --------
    >>> format_estimate(Estimate(0.712, 0.66, 0.76), "en", 2)
    '0.71 (0.66 to 0.76)'
    """
    if one is None or not math.isfinite(one.value):
        return NO_FIGURE
    value = format_figure(one.value, lang, digits)
    if not (math.isfinite(one.low) and math.isfinite(one.high)):
        unknown = "interval ukendt" if lang == "da" else "interval not known"
        return f"{value} ({unknown})"
    word = "til" if lang == "da" else "to"
    low, high = format_figure(one.low, lang, digits), format_figure(one.high, lang, digits)
    return f"{value} ({low} {word} {high})"


def format_share(one: Estimate, lang: Language) -> str:
    """Return a share with its interval in whole percent.

    Examples
    --------
    >>> format_share(Estimate(0.812, 0.778, 0.84), "en")
    '81% (78% to 84%)'
    """
    if math.isnan(one.value):
        return format_figure(one.value, lang)
    shown = format_limit(round(one.value, 2), lang)
    if math.isnan(one.low) or math.isnan(one.high):
        return shown
    low, high = (format_limit(round(part, 2), lang) for part in (one.low, one.high))
    word = "til" if lang == "da" else "to"
    return f"{shown} ({low} {word} {high})"


def format_hidden_count(count: int, lang: Language, least: int) -> str:
    """Return a count; those that must not be shown read "hidden".

    Examples
    --------
    >>> format_hidden_count(-1, "en", 5), format_hidden_count(1200, "en", 5)
    ('hidden', '1,200')
    """
    if count < 0 or 0 < count < least:
        return "skjult" if lang == "da" else "hidden"
    return format_count(count, lang)


def clean_cells(cells: Sequence[str]) -> tuple[str, ...]:
    """Return cells on one line each."""
    return tuple(one_line(cell) for cell in cells)
