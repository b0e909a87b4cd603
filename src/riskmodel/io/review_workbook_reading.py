"""Review workbooks in: every answer checked, every fault named by workbook, sheet and cell."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.domain.labels import LANGUAGES
from riskmodel.domain.review import (
    ANSWER_COLUMNS,
    LOCKED_ON,
    STILL_SICK_LISTED,
    Packet,
    ReviewCase,
    ReviewerAnswers,
    ReviewPlan,
    estimate_name,
)
from riskmodel.domain.review_words import word
from riskmodel.errors import Fault, InputError
from riskmodel.io.cell_values import BadCell
from riskmodel.io.raw_tables import FaultLog
from riskmodel.io.review_workbook import FIRST_ANSWER_COLUMN, FIRST_ROW, NAME_ROW
from riskmodel.io.review_workbook_cells import (
    name_cell,
    open_review_workbook,
    read_answer,
    read_case_id,
)
from riskmodel.io.review_workbook_strays import refuse_strays

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["find_sheet", "read_guide", "read_review_workbook", "refuse_notes"]

FORM_REMEDY = "Copy the answers into a form made from this codebook and these settings."
NOTE_REMEDY = "Delete it; notes and free text have no place in the workbook."
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Reading:
    """What is read from one workbook."""

    name: str
    plan: ReviewPlan
    log: FaultLog
    answers: dict[Key, str]
    rows: dict[Key, tuple[str, int, str]]
    wrong: set[Key]


def read_review_workbook(path: str | os.PathLike[str], plan: ReviewPlan) -> ReviewerAnswers:
    """Read the workbook of one reviewer.

    Parameters
    ----------
    path : path
    plan : ReviewPlan
        The plan that the form was made from.

    Returns
    -------
    ReviewerAnswers

    Raises
    ------
    InputError
        If the workbook is no such form, or a cell breaks a rule; all faults are told at once.
        Personal numbers are looked for first, and then nothing else is said.
    """
    asked = {one.name for packet in plan.packets for one in packet.questions}
    name, book = open_review_workbook(path, asked)
    facts = read_guide(name, book, plan)
    reading = _Reading(name, plan, FaultLog(), {}, {}, set())
    refuse_strays(name, book, plan, reading.log)
    listed = [_read_sheet(reading, book, packet) for packet in plan.packets]
    if _check_cases(reading, book, listed):
        _check_order(reading, [one.case for one in listed[0]])
    reading.log.raise_if_any()
    frame = pd.DataFrame(
        [(*key, value) for key, value in reading.answers.items()],
        columns=list(ANSWER_COLUMNS),
        dtype=object,
    )
    made = facts.get("n", "")
    return ReviewerAnswers(
        facts.get("reviewer", ""),
        tuple(one.case for one in listed[0]),
        frame,
        source=name,
        places=reading.rows,
        n_made=int(made) if made.isdecimal() else None,
    )


def read_guide(name: str, book: Workbook, plan: ReviewPlan) -> dict[str, str]:
    """Return what the guide sheet says of the workbook: reviewer, codebook and form.

    Raises
    ------
    InputError
        If there is no such sheet, or the form belongs to another plan.
    """
    sheet = find_sheet(name, book, {word("guide", lang) for lang in LANGUAGES})
    names = {word(key, lang): key for key in ("reviewer", "form", "n") for lang in LANGUAGES}
    found: dict[str, str] = {}
    for key, value in sheet.iter_rows(min_row=3, max_row=8, max_col=2, values_only=True):
        if isinstance(key, str) and value is not None:
            found[names.get(key, key)] = str(value).strip()
    if found.get("form") != plan.fingerprint:
        problem = "the form was made from another codebook or other settings."
        raise InputError(Fault(name, problem, FORM_REMEDY))
    return found


def find_sheet(name: str, book: Workbook, titles: set[str]) -> Worksheet:
    """Return the sheet that has one of the names.

    Raises
    ------
    InputError
        If there is none.
    """
    for sheet in book.worksheets:
        if sheet.title in titles:
            return sheet
    problem = f"the workbook has no sheet named {sorted(titles)[-1]}."
    raise InputError(Fault(name, problem, "Use the form as it was made; do not rename sheets."))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A case and the row in which it stands."""

    case: ReviewCase
    row: int


def _read_sheet(reading: _Reading, book: Workbook, packet: Packet) -> list[_Listed]:
    titles = {packet.label.text(lang) for lang in LANGUAGES}
    sheet = find_sheet(reading.name, book, titles)
    place = f"{reading.name} [{sheet.title}]"
    asked = [one.name for one in packet.questions]
    heading = [sheet.cell(NAME_ROW, column).value for column in range(1, len(asked) + 3)]
    for column, (found, made) in enumerate(
        zip(heading, ["case_id", "site", *asked], strict=True), 1
    ):
        if found != made:
            cell = sheet.cell(NAME_ROW, column)
            problem = "the columns are not those of the form."
            raise InputError(Fault(place, problem, FORM_REMEDY, NAME_ROW, cell.coordinate))
    for span in sheet.merged_cells.ranges:
        problem = f"the cells {span.coord} are merged, so answers in them are lost."
        reading.log.add(Fault(place, problem, "Undo the merging and answer every cell."))
    cases: list[_Listed] = []
    for row in range(FIRST_ROW, sheet.max_row + 1):
        case_id = read_case_id(sheet.cell(row, 1).value)
        if case_id:
            case = ReviewCase(case_id, read_case_id(sheet.cell(row, 2).value))
            cases.append(_Listed(case, row))
            _read_row(reading, sheet, packet, row, case_id)
    last = FIRST_ROW + len(cases) - 1
    refuse_notes(sheet, place, (last, len(asked) + 2), reading.log)
    return cases


def _read_row(reading: _Reading, sheet: Worksheet, packet: Packet, row: int, case_id: str) -> None:
    for column, one in enumerate(packet.questions, FIRST_ANSWER_COLUMN):
        cell = sheet.cell(row, column)
        answer = read_answer(cell, one)
        key = (case_id, packet.name, one.name)
        place = (f"{reading.name} [{sheet.title}]", row, name_cell(cell, one))
        if isinstance(answer, BadCell):
            file, line, where = place
            reading.log.add(Fault(file, answer.problem, answer.remedy, line, where))
            reading.wrong.add(key)
        elif answer is not None:
            reading.answers[key] = answer
            reading.rows[key] = place


def _check_cases(reading: _Reading, book: Workbook, listed: list[list[_Listed]]) -> bool:
    """Whether each sheet lists the same cases once, in the same order; tell where not."""
    sheets = [
        find_sheet(reading.name, book, {packet.label.text(lang) for lang in LANGUAGES})
        for packet in reading.plan.packets
    ]
    whole = True
    for sheet, rows in zip(sheets, listed, strict=True):
        seen: set[str] = set()
        for one in rows:
            if one.case.case_id in seen:
                problem = "the case stands twice in the sheet."
                _note_row(reading, sheet, one.row, problem, "Keep one row of it, in every sheet.")
                whole = False
            seen.add(one.case.case_id)
    if not whole:
        return False
    cases = [[one.case for one in rows] for rows in listed]
    # The list that most sheets have is taken for the right one.
    right = max(cases, key=cases.count)
    for sheet, rows, own in zip(sheets, listed, cases, strict=True):
        if own == right:
            continue
        whole = False
        pairs = enumerate(zip(own, right, strict=False))
        place = next((at for at, (a, b) in pairs if a != b), min(len(own), len(right)))
        row = rows[place].row if place < len(rows) else FIRST_ROW + place
        problem = "the sheet does not list the cases of the other sheets in the same order."
        _note_row(reading, sheet, row, problem, "Restore the columns of case and municipality.")
    return whole


def _note_row(reading: _Reading, sheet: Worksheet, row: int, problem: str, remedy: str) -> None:
    place = f"{reading.name} [{sheet.title}]"
    reading.log.add(Fault(place, problem, remedy, row, f"A{row}"))


def refuse_notes(sheet: Worksheet, place: str, inside: tuple[int, int], log: FaultLog) -> None:
    """Refuse what stands beside the answers, and comments on cells.

    Parameters
    ----------
    sheet : Worksheet
    place : str
        Name of workbook and sheet for messages.
    inside : tuple of int
        Last row and last column of the form.
    log : FaultLog
        Takes what is refused.
    """
    for line in sheet.iter_rows():
        for cell in line:
            if cell.comment is not None:
                problem = "the cell has a comment."
                log.add(Fault(place, problem, NOTE_REMEDY, cell.row, cell.coordinate))
            outside = (cell.row or 0) > inside[0] or (cell.column or 0) > inside[1]
            if outside and cell.value is not None:
                problem = "the cell lies outside the form and holds something."
                log.add(Fault(place, problem, NOTE_REMEDY, cell.row, cell.coordinate))


def _check_order(reading: _Reading, cases: list[ReviewCase]) -> None:
    """Check what the packets must hold before the next one is opened."""
    estimate = estimate_name(reading.plan.codebook)
    for case in cases:
        got = {packet: reading.answers.get((case.case_id, packet, LOCKED_ON)) for packet in (
            "intake", "later", "outcome"
        )}  # fmt: skip
        dates = [date for date in got.values() if date is not None]
        if dates != sorted(dates):
            late = next(name for name, date in got.items() if date == dates[-1])
            _note(reading, (case.case_id, late, LOCKED_ON),
                  "the packet is locked before the packet in front of it.",
                  "Correct the dates.")  # fmt: skip
        first = (case.case_id, "later", STILL_SICK_LISTED)
        still = reading.answers.get(first)
        extra = [key for key in reading.answers if key[:2] == (case.case_id, "later")]
        if still == "no":
            for key in extra:
                if key[2] not in {STILL_SICK_LISTED, LOCKED_ON}:
                    _note(reading, key, "the course had ended, but the question is answered.",
                          "Empty the cell, or correct the first answer of the row.")  # fmt: skip
        elif extra and still is None and first not in reading.wrong:
            _note(reading, extra[0], "it is not said whether the person was still sick-listed.",
                  "Answer the first question of the row.")  # fmt: skip
        opened = [key for key in reading.answers if key[0] == case.case_id and key[1] != "intake"]
        own = (case.case_id, "intake", estimate)
        if opened and own not in reading.answers and own not in reading.wrong:
            _note(reading, opened[0], "the packet is filled without an own estimate in packet 1.",
                  "An estimate made afterwards is none: write it only if it was made in time, "
                  "otherwise empty the later packets.")  # fmt: skip


def _note(reading: _Reading, key: Key, problem: str, remedy: str) -> None:
    file, row, where = reading.rows[key]
    reading.log.add(Fault(file, problem, remedy, row, where))
