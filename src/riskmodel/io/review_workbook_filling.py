"""Answers written into a form that exists, as a reviewer would: for examples and trials."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import openpyxl

from riskmodel.domain.labels import LANGUAGES, Language
from riskmodel.domain.privacy import escape_formula, unescape_formula
from riskmodel.domain.review import ReviewerAnswers, ReviewPlan
from riskmodel.domain.review_words import word
from riskmodel.errors import Fault, InputError
from riskmodel.io.atomic import write_atomically
from riskmodel.io.review_workbook import FIRST_ANSWER_COLUMN, FIRST_ROW, to_cell
from riskmodel.io.review_workbook_disagreements import DECISION_COLUMN, FIRST_DECISION_ROW

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["fill_decisions", "fill_review_workbook"]

PathLike = str | os.PathLike[str]
Key = tuple[str, str, str]


def fill_review_workbook(path: PathLike, plan: ReviewPlan, answers: ReviewerAnswers) -> int:
    """Write answers into the cells of an empty form, in place.

    Parameters
    ----------
    path : path
        The form.
    plan : ReviewPlan
        The plan that it was made from.
    answers : ReviewerAnswers
        Cases that the form does not list are left out.

    Returns
    -------
    int
        Cells filled.

    Raises
    ------
    InputError
        If a sheet of the form is missing.
    """
    frame = answers.answers
    keys = zip(frame["case_id"], frame["packet"], frame["field"], strict=True)
    given: dict[Key, str] = dict(zip(keys, frame["value"], strict=True))
    book = openpyxl.load_workbook(path)
    filled = 0
    for packet in plan.packets:
        lang, sheet = _find(book, {each: packet.label.text(each) for each in LANGUAGES}, path)
        for row in range(FIRST_ROW, sheet.max_row + 1):
            case_id = unescape_formula(str(sheet.cell(row, 1).value or ""))
            for column, one in enumerate(packet.questions, FIRST_ANSWER_COLUMN):
                value = given.get((case_id, packet.name, one.name))
                if value is not None:
                    answer = to_cell(one, value, lang)
                    answer = escape_formula(answer) if isinstance(answer, str) else answer
                    sheet.cell(row, column).value = answer
                    filled += 1
    _save(book, path)
    return filled


def fill_decisions(path: PathLike, plan: ReviewPlan, decisions: Mapping[Key, str]) -> int:
    """Write the decisions of a third person into the workbook of disagreements, in place.

    Parameters
    ----------
    path : path
        ``disagreements.xlsx`` of a merge.
    plan : ReviewPlan
    decisions : mapping of (case, packet, field) to str
        What is not in it stays open.

    Returns
    -------
    int
        Decisions written.

    Raises
    ------
    InputError
        If the workbook has no such sheet.
    """
    book = openpyxl.load_workbook(path)
    titles = {each: word("disagreements", each) for each in LANGUAGES}
    lang, sheet = _find(book, titles, path)
    filled = 0
    for row in range(FIRST_DECISION_ROW, sheet.max_row + 1):
        key = [str(sheet.cell(row, DECISION_COLUMN + shift).value or "") for shift in (1, 2, 3)]
        case_id, packet, field = unescape_formula(key[0]), key[1], key[2]
        value = decisions.get((case_id, packet, field))
        if value is not None:
            answer = to_cell(plan.packet(packet).find(field), value, lang)
            answer = escape_formula(answer) if isinstance(answer, str) else answer
            sheet.cell(row, DECISION_COLUMN).value = answer
            filled += 1
    _save(book, path)
    return filled


def _find(
    book: Workbook, titles: Mapping[Language, str], path: PathLike
) -> tuple[Language, Worksheet]:
    for lang, title in titles.items():
        if title in book.sheetnames:
            return lang, cast("Worksheet", book[title])
    problem = f"the workbook has no sheet named {titles['da']}."
    raise InputError(Fault(Path(path).name, problem, "Use the form as it was made."))


def _save(book: Workbook, path: PathLike) -> None:
    stream = io.BytesIO()
    book.save(stream)
    write_atomically(path, stream.getvalue())
