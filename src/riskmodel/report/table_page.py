"""A page of sections with lines, pictures and tables, as reports on many cases are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskmodel.domain.labels import Language
from riskmodel.report.html_pages import render_page
from riskmodel.report.number_format import format_percent

__all__ = ["NOTHING_SHOWN", "Cell", "Heading", "Part", "Table", "format_share", "render_table_page"]

Cell = str | Sequence[str]
NOTHING_SHOWN = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; numbers stand to the right."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the page."""

    caption: str
    head: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the page.

    Parameters
    ----------
    title : str
        Heading of the section.
    lines : tuple of str
        Paragraphs.
    tables : tuple of Table
        Below the paragraphs and the pictures.
    notes : tuple of str
        Small print at the end.
    kind : str
        Class of the section in the style sheet.
    pictures : tuple of Markup
        SVG made by riskmodel.
    """

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    kind: str = ""
    pictures: tuple[Markup, ...] = ()


def format_share(value: float, lang: Language) -> str:
    """Return a share as a percentage; all and none are told apart from nearly so.

    Examples
    --------
    >>> format_share(1.0, "en"), format_share(0.999, "en"), format_share(0.0, "en")
    ('100%', 'over 99%', '0%')
    """
    if value in {0.0, 1.0}:
        gap = "\N{NO-BREAK SPACE}" if lang == "da" else ""
        return f"{100 * value:.0f}{gap}%"
    return format_percent(value, lang)


def render_table_page(
    title: str,
    context: str,
    parts: Sequence[Part],
    lang: Language,
    *,
    mark: str = "",
    warning: str = "",
) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    title, context : str
        Heading, and the line below it.
    parts : sequence of Part
        The sections.
    lang : {"da", "en"}
        Language.
    mark, warning : str
        Watermark and its sentence; empty for none.
    """
    values = {
        "title": title,
        "context": context,
        "mark": mark,
        "warning": warning,
        "parts": list(parts),
    }
    return render_page("review.html.j2", lang, values)
