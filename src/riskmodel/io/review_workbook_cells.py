"""What the cells of a review workbook hold, and what has no place in them."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.domain.codebook import Field
from riskmodel.domain.id_columns import CODED_ID, count_id_column
from riskmodel.domain.labels import LANGUAGES
from riskmodel.domain.privacy import find_cpr, find_cpr_number, unescape_formula
from riskmodel.domain.review import list_options
from riskmodel.domain.review_words import PACKET_LABELS, word
from riskmodel.errors import Fault, InputError
from riskmodel.io.cell_values import (
    BadCell,
    LevelReader,
    as_text,
    explain_number,
    parse_date,
    parse_number,
)
from riskmodel.io.excel_files import explain_damage, guard_workbook
from riskmodel.io.raw_tables import FaultLog, check_file_name

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["name_cell", "open_review_workbook", "read_answer", "read_case_id", "refuse_personal"]

NAME_ROW = 4
MAX_ROWS, MAX_COLUMNS = 5_000, 500
PERSONAL_REMEDY = "Replace it by a pseudonym that cannot be traced back; nothing was read."
DELETE_REMEDY = "Delete it; nothing was read."
ANSWER_REMEDY = "Delete it, and answer the question; nothing was read."
CASE_SHEETS = {label.text(lang) for label in PACKET_LABELS.values() for lang in LANGUAGES} | {
    word("disagreements", lang) for lang in LANGUAGES
}

OTHER_SHEETS = {word(key, lang) for key in ("guide", "lists") for lang in LANGUAGES}


def open_review_workbook(
    path: str | os.PathLike[str], questions: Collection[str] = ()
) -> tuple[str, Workbook]:
    """Open a workbook with its comments, and refuse what is none or holds personal numbers.

    Parameters
    ----------
    path : path
    questions : collection of str
        Names of questions that messages may repeat.

    Returns
    -------
    name : str
        Name of the file for messages.
    book : Workbook
        Formulas are kept as formulas.

    Raises
    ------
    InputError
        If the file is no workbook, is far too large, or holds a personal number.
    """
    import openpyxl  # noqa: PLC0415

    target = Path(path)
    name = check_file_name(target)
    _refuse_text_files(target, name)
    with explain_damage(name):
        guard_workbook(target, name)
        book = openpyxl.load_workbook(target, keep_links=False)
    for sheet in book.worksheets:
        if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
            problem = f"a sheet has {sheet.max_row} rows and {sheet.max_column} columns."
            remedy = "Copy the answers into a fresh form."
            raise InputError(Fault(name, problem, remedy))
    refuse_personal(name, book, questions)
    return name, book


def _refuse_text_files(target: Path, name: str) -> None:
    with target.open("rb") as file:
        start = file.read(4096)
    if target.suffix.lower() in {".csv", ".txt", ".tsv"} and b"\0" not in start:
        problem = "the file is text such as CSV and cannot be read as an Excel workbook."
        remedy = "Give the workbook that the reviewer filled in, an .xlsx file."
        raise InputError(Fault(name, problem, remedy))


def refuse_personal(name: str, book: Workbook, questions: Collection[str] = ()) -> None:
    """Refuse personal numbers anywhere: in cells, comments and the names of sheets.

    Raises
    ------
    InputError
        With the place of every number found; nothing else is said about the file.
    """
    log = FaultLog()
    for number, sheet in enumerate(book.worksheets, 1):
        title, has_ids = sheet.title, sheet.title in CASE_SHEETS
        # Names of sheets that are not the form's might be free text.
        title = title if has_ids or title in OTHER_SHEETS else f"sheet {number}"
        if find_cpr(sheet.title) is not None:
            problem = "the name of the sheet holds what looks like a CPR number."
            log.add(Fault(f"{name} [{title}]", problem, PERSONAL_REMEDY))
        for cell in _filled(sheet):
            is_id = (
                has_ids
                and cell.column == 1
                and cell.comment is None
                and isinstance(cell.value, str | int)
            )
            if not is_id and _is_personal(cell):
                problem = "the cell holds what looks like a CPR number."
                asked = sheet.cell(NAME_ROW, cell.column or 1).value if has_ids else None
                known = isinstance(asked, str) and asked in questions
                where = f"{cell.coordinate} ({asked})" if known else cell.coordinate
                remedy = ANSWER_REMEDY if known and cell.comment is None else DELETE_REMEDY
                log.add(Fault(f"{name} [{title}]", problem, remedy, cell.row, where))
        if has_ids:
            _check_ids(name, title, sheet, log)
    log.raise_if_any()


def _filled(sheet: Worksheet) -> Iterator[Cell | MergedCell]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None or cell.comment is not None:
                yield cell


def _is_personal(cell: Cell | MergedCell) -> bool:
    texts = [cell.value, cell.comment.text if cell.comment is not None else None]
    for value in texts:
        if isinstance(value, str) and find_cpr(value) is not None:
            return True
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if (
            is_number
            and float(str(value)).is_integer()
            and find_cpr_number(int(str(value).split(".")[0]))
        ):
            return True
    return False


def _check_ids(name: str, title: str, sheet: Worksheet, log: FaultLog) -> None:
    """Judge the first column as a column of ids: random ids resemble a number now and then."""
    texts = [as_text(row[0]) for row in sheet.iter_rows(max_col=1, values_only=True) if row[0]]
    others = [text for text in texts if sum(map(str.isdigit, text)) >= 9]
    bare = [int(text) for text in others if text.isascii() and text.isdigit() and len(text) < 11]
    rest = [text for text in others if not (text.isascii() and text.isdigit() and len(text) < 11)]
    if not others:
        return
    coded = sum(re.match(CODED_ID, text) is not None for text in set(texts))
    found = count_id_column(np.array(bare, dtype=np.int64), rest, len(set(texts)), coded)
    if found.refused:
        problem = "the column of cases holds what looks like CPR numbers."
        log.add(Fault(f"{name} [{title}]", problem, PERSONAL_REMEDY, None, "A"))


def name_cell(cell: Cell | MergedCell, one: Field) -> str:
    """Return how a message calls a cell: where it is, and what it asks."""
    return f"{cell.coordinate} ({one.name})"


def read_case_id(value: object) -> str:
    """Return a case's id as text."""
    return unescape_formula(as_text(value)).strip() if value is not None else ""


def read_answer(cell: Cell | MergedCell, one: Field) -> str | BadCell | None:
    """Return the answer in a cell: None where it is empty, or what is wrong with it."""
    value = cell.value
    if isinstance(value, str):
        value = unescape_formula(value).strip()
    if value is None or value == "":
        return None
    if cell.data_type == "f":
        return BadCell("the cell holds a formula.", "Write the answer itself.")
    if cell.data_type == "e":
        return BadCell("the cell holds a spreadsheet error.", "Write the answer, or empty it.")
    if one.levels:
        options = list_options(one)
        found = LevelReader(options).find(value)
        if isinstance(found, BadCell):
            labels = ", ".join(option.label.da for option in options[:12])
            return BadCell(found.problem, f"Choose from the list: {labels}.")
        return None if found is None else options[found].value
    return _read_date(value) if one.type == "date" else _read_number(value, one)


def _read_date(value: object) -> str | BadCell:
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, str):
        form = "danish" if value[2:3] == "-" else "iso"
        parsed = parse_date(value, form)  # type: ignore[arg-type]
        if isinstance(parsed, BadCell):
            return parsed
        value = parsed
    if not isinstance(value, dt.date):
        return BadCell("a date is needed.", "Write dd-mm-yyyy.")
    if not 2000 <= value.year <= 2099:
        return BadCell("the date lies outside 2000 to 2099.", "Correct the year.")
    return value.isoformat()


def _read_number(value: object, one: Field) -> str | BadCell:
    codes = list_options(one)
    if isinstance(value, str):
        place = LevelReader(codes).find(value) if codes else None
        if isinstance(place, int):
            return codes[place].value
        parsed = parse_number(value)
        if parsed is None:
            return explain_number(value)
        value = parsed[0]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return BadCell("a number is needed.", "Correct it, or empty the cell.")
    for option in codes:
        if parse_number(option.value) == (float(value), ""):
            return option.value
    low, high = one.range or (-np.inf, np.inf)
    if not low <= value <= high:
        unit = f" {one.unit}" if one.unit and one.unit != "count" else ""
        problem = f"the number must lie from {low:g} to {high:g}{unit}."
        return BadCell(problem, "Correct it, or empty the cell.")
    return f"{float(value):.10g}"
