"""The list of disagreements as a workbook for a third person, and the decisions read back."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment

from riskmodel.domain.labels import LANGUAGES, Language
from riskmodel.domain.privacy import escape_formula, unescape_formula
from riskmodel.domain.review import ReviewPlan, check_reviewer
from riskmodel.domain.review_merge import DECISION_COLUMNS, MergedReview
from riskmodel.domain.review_words import DECISION_GUIDE, word
from riskmodel.errors import Fault, InputError
from riskmodel.io.cell_values import BadCell
from riskmodel.io.raw_tables import FaultLog
from riskmodel.io.review_workbook import (
    FormBook,
    fit_to_width,
    make_validation,
    save_form,
    style_answer,
    style_heading,
    to_cell,
    write_guide,
    write_lists,
)
from riskmodel.io.review_workbook_cells import name_cell, open_review_workbook, read_answer
from riskmodel.io.review_workbook_reading import find_sheet, read_guide, refuse_notes
from riskmodel.io.review_workbook_strays import refuse_strays

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = [
    "DECISION_COLUMN",
    "FIRST_DECISION_ROW",
    "read_decisions",
    "write_disagreements",
]

FIRST_DECISION_ROW = 2
DECISION_COLUMN = 7
HIDDEN = ("case_id", "packet", "field", "first", "second")
WIDTHS = (16, 12, 16, 40, 26, 26, 26)


def write_disagreements(
    path: str | os.PathLike[str], merged: MergedReview, adjudicator: str, *, lang: Language = "da"
) -> None:
    """Write what the reviewers disagree on, with room for the decision of a third person.

    Who gave which answer is not told: the two stand in an order of their own in each row, so
    that an answer cannot be told by its column. `read_decisions` puts them back.

    Parameters
    ----------
    path : path
        Ends in ``.xlsx``.
    merged : MergedReview
    adjudicator : str
        Short code of the third person.
    lang : {"da", "en"}

    Raises
    ------
    InputError
        If the code is no code, or the file cannot be written.
    """
    check_reviewer(adjudicator)
    made = FormBook(Workbook(), merged.plan, lang, {})
    guide = made.book.worksheets[0]
    write_guide(guide, made, adjudicator, len(merged.disagreements), DECISION_GUIDE)
    lists = made.book.create_sheet(word("lists", lang))
    write_lists(lists, made)
    sheet = made.book.create_sheet(word("disagreements", lang))
    answers = [f"{word('reviewer', lang)} {number}" for number in (1, 2)]
    titles = [word(key, lang) for key in ("case", "site", "packet", "question")]
    for column, title in enumerate((*titles, *answers, word("decision", lang), *HIDDEN), 1):
        style_heading(sheet.cell(1, column, title))
    for row, one in enumerate(merged.disagreements.to_dict("records"), FIRST_DECISION_ROW):
        _write_row(sheet, made, row, {str(key): value for key, value in one.items()})
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[_letter(column)].width = width
    for column in range(DECISION_COLUMN + 1, DECISION_COLUMN + 1 + len(HIDDEN)):
        sheet.column_dimensions[_letter(column)].hidden = True
    sheet.freeze_panes = f"A{FIRST_DECISION_ROW}"
    sheet.protection.sheet = True
    sheet.print_title_rows = f"1:{FIRST_DECISION_ROW - 1}"
    fit_to_width(sheet)
    save_form(path, made, lists)


def _letter(column: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column - 1]


def _write_row(sheet: Worksheet, made: FormBook, row: int, one: dict[str, str | None]) -> None:
    lang = made.lang
    packet = made.plan.packet(str(one["packet"]))
    field = packet.find(str(one["field"]))
    sheet.cell(row, 1, escape_formula(str(one["case_id"])))
    sheet.cell(row, 2, escape_formula(str(one["site"])))
    sheet.cell(row, 3, packet.label.text(lang))
    sheet.cell(row, 4, field.label.text(lang)).alignment = Alignment(wrap_text=True)
    key = (str(one["case_id"]), str(one["packet"]), str(one["field"]))
    shown = dict(one)
    if _is_turned(key):
        shown["first"], shown["second"] = one["second"], one["first"]
    for column, place in ((5, "first"), (6, "second")):
        value = shown[place]
        sheet.cell(
            row, column, word("none", lang) if value is None else to_cell(field, value, lang)
        )
    cell = sheet.cell(row, DECISION_COLUMN, None)
    style_answer(sheet[cell.coordinate], field)
    check = make_validation(field, lang, cell.coordinate, made.options)
    check.add(cell.coordinate)
    sheet.add_data_validation(check)
    for column, place in enumerate(HIDDEN, DECISION_COLUMN + 1):
        sheet.cell(row, column, escape_formula(shown[place] or "")).number_format = "@"


def _is_turned(key: tuple[str, str, str]) -> bool:
    """Whether the second reviewer's answer stands first: drawn from case, packet and question."""
    return hashlib.sha256("\n".join(key).encode()).digest()[0] % 2 == 1


def read_decisions(path: str | os.PathLike[str], plan: ReviewPlan) -> pd.DataFrame:
    """Read the decisions of the third person; disagreements left empty stay open.

    Returns
    -------
    DataFrame
        Columns `riskmodel.domain.review_merge.DECISION_COLUMNS`, all texts.

    Raises
    ------
    InputError
        If the workbook is not the one that was made, or a cell breaks a rule.
    """
    name, book = open_review_workbook(path)
    read_guide(name, book, plan)
    strays = FaultLog()
    refuse_strays(name, book, plan, strays)
    strays.raise_if_any()
    sheet = find_sheet(name, book, {word("disagreements", lang) for lang in LANGUAGES})
    place = f"{name} [{sheet.title}]"
    last = DECISION_COLUMN + len(HIDDEN)
    heading = [sheet.cell(1, column).value for column in range(DECISION_COLUMN + 1, last + 1)]
    if heading != list(HIDDEN):
        problem = "the columns are not those of the list of disagreements."
        raise InputError(Fault(place, problem, "Use the workbook as it was made."))
    log = FaultLog()
    rows = []
    end = FIRST_DECISION_ROW - 1
    for row in range(FIRST_DECISION_ROW, sheet.max_row + 1):
        key = [sheet.cell(row, column).value for column in range(DECISION_COLUMN + 1, last + 1)]
        texts = ["" if value is None else str(value) for value in key]
        if not texts[0]:
            continue
        end = row
        if _is_turned((unescape_formula(texts[0]), texts[1], texts[2])):
            texts[3], texts[4] = texts[4], texts[3]
        decision = _read_decision(sheet, place, row, plan, (texts[1], texts[2]), log)
        rows.append((*texts, decision or ""))
    refuse_notes(sheet, place, (end, last), log)
    log.raise_if_any()
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype=object)


def _read_decision(
    sheet: Worksheet, place: str, row: int, plan: ReviewPlan, asked: tuple[str, str], log: FaultLog
) -> str | None:
    cell = sheet.cell(row, DECISION_COLUMN)
    try:
        field = plan.packet(asked[0]).find(asked[1])
    except KeyError:
        problem = "the row is about a question that the form has not."
        log.add(Fault(place, problem, "Use the workbook as it was made.", row))
        return None
    answer = read_answer(cell, field)
    if isinstance(answer, BadCell):
        log.add(Fault(place, answer.problem, answer.remedy, row, name_cell(cell, field)))
        return None
    return answer
