"""What somebody added to a review workbook outside its answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from riskmodel.domain.labels import LANGUAGES
from riskmodel.domain.privacy import unescape_formula
from riskmodel.domain.review import Packet, ReviewPlan, list_options
from riskmodel.domain.review_words import DECISION_GUIDE, GUIDE, name_theme, word
from riskmodel.errors import Fault
from riskmodel.io.raw_tables import FaultLog
from riskmodel.io.review_workbook import (
    FIRST_ANSWER_COLUMN,
    LABEL_ROW,
    THEME_ROW,
    UNIT_ROW,
    allowed_text,
    fill_guide_line,
)

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["refuse_strays"]

PROPERTIES = ("title", "subject", "description", "keywords", "category")
FACTS = ("reviewer", "codebook", "form", "n")
FIRST_FACT_ROW = 3
REMEDY = "Delete it; notes and free text have no place in the workbook."


def refuse_strays(name: str, book: Workbook, plan: ReviewPlan, log: FaultLog) -> None:
    """Refuse sheets, headings, guide texts and document properties that the form has not.

    Nothing of them is read or repeated; they might hold free text on a person.

    Parameters
    ----------
    name : str
        Name of the workbook for messages.
    book : Workbook
    plan : ReviewPlan
        The plan that the form was made from.
    log : FaultLog
        Takes what is refused.
    """
    for one in PROPERTIES:
        if str(getattr(book.properties, one, None) or "").strip():
            problem = f"the properties of the document have a text under {one}."
            log.add(Fault(name, problem, "Empty it, in Excel under File and Info."))
    packets = {packet.label.text(lang): packet for packet in plan.packets for lang in LANGUAGES}
    guides = {word("guide", lang) for lang in LANGUAGES}
    lists = {word("lists", lang) for lang in LANGUAGES}
    lists_of = {word("disagreements", lang) for lang in LANGUAGES}
    for number, sheet in enumerate(book.worksheets, 1):
        title = sheet.title
        if title in packets:
            _refuse_headings(f"{name} [{title}]", sheet, packets[title], log)
        elif title in guides:
            _refuse_other_texts(f"{name} [{title}]", sheet, _guide_texts(plan), log, facts=True)
        elif title in lists:
            _refuse_other_texts(f"{name} [{title}]", sheet, _option_texts(plan), log)
        elif title not in lists_of:
            for cell in _filled(sheet):
                problem = "the sheet does not belong to the form and holds something."
                place = f"{name} [sheet {number}]"
                log.add(Fault(place, problem, REMEDY, cell.row, cell.coordinate))
                break


def _filled(sheet: Worksheet) -> Iterator[Cell | MergedCell]:
    for line in sheet.iter_rows():
        for cell in line:
            if cell.value is not None:
                yield cell


def _refuse_headings(place: str, sheet: Worksheet, packet: Packet, log: FaultLog) -> None:
    for row, column, made in _list_headings(packet):
        cell = sheet.cell(row, column)
        if cell.value is not None and str(cell.value).strip() not in made:
            problem = "the heading is not the one of the form."
            remedy = "Restore it; where labels of the codebook were changed, make new forms."
            log.add(Fault(place, problem, remedy, row, cell.coordinate))


def _list_headings(packet: Packet) -> Iterator[tuple[int, int, set[str]]]:
    for column, key in enumerate(("case", "site"), 1):
        yield LABEL_ROW, column, {word(key, lang) for lang in LANGUAGES}
        for row in (THEME_ROW, UNIT_ROW):
            yield row, column, set()
    for column, one in enumerate(packet.questions, FIRST_ANSWER_COLUMN):
        yield THEME_ROW, column, {name_theme(one.theme, lang).strip() for lang in LANGUAGES}
        yield LABEL_ROW, column, {one.label.text(lang).strip() for lang in LANGUAGES}
        yield UNIT_ROW, column, {allowed_text(one, lang).strip() for lang in LANGUAGES}


def _guide_texts(plan: ReviewPlan) -> set[str]:
    title = plan.codebook.title
    found = {plan.codebook.name, f"{plan.codebook.name} {plan.codebook.version}"}
    for lang in LANGUAGES:
        found |= {word(key, lang) for key in FACTS}
        found |= {fill_guide_line(line, plan, lang) for line in (*GUIDE, *DECISION_GUIDE)}
        found |= set() if title is None else {title.text(lang)}
    return {text.strip() for text in found}


def _option_texts(plan: ReviewPlan) -> set[str]:
    return {
        option.label.text(lang).strip()
        for packet in plan.packets
        for one in packet.questions
        for option in list_options(one)
        for lang in LANGUAGES
    }


def _refuse_other_texts(
    place: str, sheet: Worksheet, made: set[str], log: FaultLog, *, facts: bool = False
) -> None:
    # Reviewer, form and number of rows stand beside their names; they are checked as read.
    beside = range(FIRST_FACT_ROW, FIRST_FACT_ROW + len(FACTS)) if facts else range(0)
    for cell in _filled(sheet):
        if cell.column == 2 and cell.row in beside:
            continue
        if unescape_formula(str(cell.value)).strip() not in made:
            problem = "the cell holds a text that is not the form's."
            log.add(Fault(place, problem, REMEDY, cell.row, cell.coordinate))
