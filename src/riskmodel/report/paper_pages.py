"""A letter or a note as plain text to edit, and as a page to print."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from riskmodel.report.case_papers import Paper, Section
from riskmodel.report.case_text import bullets
from riskmodel.report.html_pages import render_page
from riskmodel.report.number_format import format_date
from riskmodel.report.phrase_catalogue import say

__all__ = ["render_paper_page", "render_paper_text"]

_BLANK = "_" * 40


def render_paper_page(paper: Paper, *, made_on: datetime.date | None = None) -> str:
    """Return a letter or a note as one HTML page, made to be printed.

    Parameters
    ----------
    paper : Paper
        From `riskmodel.report.case_papers`.
    made_on : date, optional
        Date shown on the page.
    """
    day = None if made_on is None else format_date(made_on, paper.lang)
    return render_page("paper.html.j2", paper.lang, {"paper": paper, "made_on": day})


def render_paper_text(paper: Paper) -> str:
    """Return a letter or a note as plain text that can be edited; ends with a line break."""
    top = [paper.title.upper(), paper.reference, *(_blank(one) for one in paper.blanks)]
    blocks = [*paper.warnings, "\n".join(top)]
    blocks += ["\n".join(_section_lines(section)) for section in paper.sections]
    if paper.facts:
        heading = say("letter_h_facts", paper.lang).upper()
        blocks.append("\n".join([heading, *bullets(f"{a}: {b}" for a, b in paper.facts)]))
    blocks.append("\n".join(paper.about))
    return "\n\n".join(blocks) + "\n"


def _section_lines(section: Section) -> Iterator[str]:
    yield section.heading.upper()
    yield from section.paragraphs
    yield from bullets(section.points)
    yield from (_blank(one) for one in section.blanks)


def _blank(label: str) -> str:
    return f"{label}: {_BLANK}" if label else _BLANK
