"""Review workbooks out: one sheet a packet, every answer checked by the spreadsheet itself."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import Label, Language
from riskmodel.domain.privacy import escape_formula
from riskmodel.domain.review import (
    OWN_THEMES,
    Packet,
    ReviewCase,
    ReviewerAnswers,
    ReviewPlan,
    check_reviewer,
    estimate_name,
    list_options,
)
from riskmodel.domain.review_words import GUIDE, name_theme, word
from riskmodel.io.atomic import write_atomically

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = [
    "FIRST_ANSWER_COLUMN",
    "FIRST_ROW",
    "LABEL_ROW",
    "NAME_ROW",
    "THEME_ROW",
    "UNIT_ROW",
    "FormBook",
    "allowed_text",
    "fill_guide_line",
    "fit_to_width",
    "make_validation",
    "save_form",
    "style_answer",
    "style_heading",
    "to_cell",
    "write_guide",
    "write_lists",
    "write_review_workbook",
]

THEME_ROW, LABEL_ROW, UNIT_ROW, NAME_ROW, FIRST_ROW = 1, 2, 3, 4, 5
FIRST_ANSWER_COLUMN = 3
PROMPT_LENGTH, TITLE_LENGTH = 250, 31
MADE_ON = dt.datetime(2000, 1, 1)  # noqa: DTZ001 (the same form gives the same bytes)

INK, QUIET, WASH, RULE, GREY = "1C2430", "4D5866", "E8F0F2", "D5D8D4", "D9D9D9"
ANSWER = PatternFill("solid", fgColor="FFFFFF")
HEADING = PatternFill("solid", fgColor=WASH)
THEME = PatternFill("solid", fgColor="1D5670")
WAITS = PatternFill("solid", bgColor=GREY)
THIN = Side(style="thin", color=RULE)
# Named in every style: a font without a name is shown as another one in LibreOffice.
FACE = "Calibri"
A4 = 9


@dataclass(frozen=True, slots=True)
class FormBook:
    """What all sheets of one workbook share."""

    book: Workbook
    plan: ReviewPlan
    lang: Language
    options: dict[tuple[str, ...], str]


def write_review_workbook(
    path: str | os.PathLike[str],
    plan: ReviewPlan,
    cases: tuple[ReviewCase, ...],
    reviewer: str,
    *,
    answers: ReviewerAnswers | None = None,
    lang: Language = "da",
) -> None:
    """Write the workbook of one reviewer.

    Parameters
    ----------
    path : path
        Ends in ``.xlsx``.
    plan : ReviewPlan
        The packets.
    cases : tuple of ReviewCase
        Rows of every sheet, in this order.
    reviewer : str
        Short code of the reviewer.
    answers : ReviewerAnswers or None
        Answers to fill in; empty cells without them.
    lang : {"da", "en"}
        Language of the labels.

    Raises
    ------
    InputError
        If the reviewer's code is no code, or the file cannot be written.
    """
    check_reviewer(reviewer)
    made = FormBook(Workbook(), plan, lang, {})
    guide = made.book.active
    if guide is None:
        msg = "a new workbook has a sheet"
        raise AssertionError(msg)
    write_guide(guide, made, reviewer, len(cases), GUIDE)
    lists = made.book.create_sheet(word("lists", lang))
    write_lists(lists, made)
    filled = _index_answers(answers)
    for packet in plan.packets:
        sheet = made.book.create_sheet(packet.label.text(lang))
        _write_packet(sheet, made, packet, cases, filled)
    save_form(path, made, lists)


def save_form(path: str | os.PathLike[str], made: FormBook, lists: Worksheet) -> None:
    """Hide the lists behind the other sheets, and write the workbook."""
    made.book.move_sheet(lists, offset=len(made.book.worksheets) - 2)
    lists.sheet_state = "hidden"
    made.book.properties.creator = "riskmodel"
    made.book.properties.created = made.book.properties.modified = MADE_ON
    stream = io.BytesIO()
    made.book.save(stream)
    write_atomically(path, stream.getvalue())


def _index_answers(answers: ReviewerAnswers | None) -> dict[tuple[str, str, str], str]:
    if answers is None:
        return {}
    frame = answers.answers
    keys = zip(frame["case_id"], frame["packet"], frame["field"], strict=True)
    return dict(zip(keys, frame["value"], strict=True))


def write_guide(
    sheet: Worksheet, made: FormBook, person: str, n: int, lines: Sequence[Label]
) -> None:
    """Fill the guide sheet: whose workbook it is, which form, and how to answer."""
    plan, lang = made.plan, made.lang
    sheet.title = word("guide", lang)
    title = plan.codebook.title
    sheet["A1"] = plan.codebook.name if title is None else title.text(lang)
    sheet["A1"].font = Font(name=FACE, size=16, bold=True, color=INK)
    facts = (
        (word("reviewer", lang), person),
        (word("codebook", lang), f"{plan.codebook.name} {plan.codebook.version}"),
        (word("form", lang), plan.fingerprint),
        (word("n", lang), str(n)),
    )
    for row, (name, value) in enumerate(facts, 3):
        sheet.cell(row, 1, name).font = Font(name=FACE, color=QUIET)
        sheet.cell(row, 2, value).font = Font(name=FACE, color=INK)
    for row, line in enumerate(lines, len(facts) + 4):
        cell = sheet.cell(row, 1, fill_guide_line(line, plan, lang))
        cell.font = Font(name=FACE, color=INK)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
        sheet.row_dimensions[row].height = 36
    sheet.row_dimensions[1].height = 28
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 80
    sheet.sheet_view.showGridLines = False
    sheet.protection.sheet = True
    fit_to_width(sheet)


def fill_guide_line(line: Label, plan: ReviewPlan, lang: Language) -> str:
    """Return a line of the guide with its weeks and codes."""
    week = plan.settings.later_week
    return line.text(lang).format(week=week, not_stated="998", not_applicable="999")


def fit_to_width(sheet: Worksheet) -> None:
    """Print a sheet on A4 across, as many pages long as it takes."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0


def write_lists(sheet: Worksheet, made: FormBook) -> None:
    """Write every list of options once; validations point to it."""
    column = 0
    for packet in made.plan.packets:
        for one in packet.questions:
            texts = tuple(option.label.text(made.lang) for option in list_options(one))
            if not one.levels or texts in made.options:
                continue
            column += 1
            for row, text in enumerate(texts, 1):
                sheet.cell(row, column, escape_formula(text))
            letter = get_column_letter(column)
            name = word("lists", made.lang)
            made.options[texts] = f"='{name}'!${letter}$1:${letter}${len(texts)}"
    sheet.protection.sheet = True


def _write_packet(
    sheet: Worksheet,
    made: FormBook,
    packet: Packet,
    cases: tuple[ReviewCase, ...],
    filled: dict[tuple[str, str, str], str],
) -> None:
    lang = made.lang
    for column, (key, name) in enumerate((("case", "case_id"), ("site", "site")), 1):
        style_heading(sheet.cell(LABEL_ROW, column, word(key, lang)))
        sheet.cell(NAME_ROW, column, name)
    last = FIRST_ROW + len(cases) - 1
    for row, case in enumerate(cases, FIRST_ROW):
        sheet.cell(row, 1, escape_formula(case.case_id)).font = Font(name=FACE, bold=True)
        sheet.cell(row, 2, escape_formula(case.site)).font = Font(name=FACE)
    theme = ""
    for column, one in enumerate(packet.questions, FIRST_ANSWER_COLUMN):
        _write_question(sheet, made, one, column, show_theme=one.theme != theme)
        theme = one.theme
        letter = get_column_letter(column)
        check = make_validation(one, lang, f"{letter}{FIRST_ROW}", made.options)
        check.add(f"{letter}{FIRST_ROW}:{letter}{last}")
        sheet.add_data_validation(check)
        for row, case in enumerate(cases, FIRST_ROW):
            cell = sheet.cell(row, column, to_cell(
                one, filled.get((case.case_id, packet.name, one.name)), lang
            ))  # fmt: skip
            style_answer(cell, one)
    _finish_packet(sheet, made, packet, last)


def _write_question(
    sheet: Worksheet, made: FormBook, one: Field, column: int, *, show_theme: bool
) -> None:
    theme = sheet.cell(THEME_ROW, column, name_theme(one.theme, made.lang) if show_theme else None)
    theme.fill, theme.font = THEME, Font(name=FACE, bold=True, color="FFFFFF")
    style_heading(sheet.cell(LABEL_ROW, column, one.label.text(made.lang)))
    unit = sheet.cell(UNIT_ROW, column, allowed_text(one, made.lang))
    unit.font = Font(name=FACE, size=9, color=QUIET)
    unit.alignment = Alignment(wrap_text=True, vertical="top")
    unit.fill = HEADING
    sheet.cell(NAME_ROW, column, one.name)
    longest = max([14, *(len(option.label.text(made.lang)) + 4 for option in list_options(one))])
    sheet.column_dimensions[get_column_letter(column)].width = min(30, longest)


def _finish_packet(sheet: Worksheet, made: FormBook, packet: Packet, last: int) -> None:
    sheet.row_dimensions[LABEL_ROW].height = 48
    sheet.row_dimensions[UNIT_ROW].height = 40
    sheet.row_dimensions[NAME_ROW].hidden = True
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 12
    sheet.freeze_panes = f"{get_column_letter(FIRST_ANSWER_COLUMN)}{FIRST_ROW}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.print_title_rows, sheet.print_title_cols = f"{THEME_ROW}:{UNIT_ROW}", "A:B"
    place = made.plan.packets.index(packet)
    if place == 0:
        return
    # A row stays grey until the own estimate (or the lock) of the packet before is written.
    before = made.plan.packets[place - 1]
    names = [one.name for one in before.questions]
    awaited = names.index(estimate_name(made.plan.codebook)) + FIRST_ANSWER_COLUMN
    letter = get_column_letter(awaited)
    condition = f"ISBLANK('{before.label.text(made.lang)}'!${letter}{FIRST_ROW})"
    if place > 1:
        # Where the course had ended before, packet 2 has no estimate.
        first = get_column_letter(FIRST_ANSWER_COLUMN)
        condition = (
            f"AND({condition},ISBLANK('{before.label.text(made.lang)}'!${first}{FIRST_ROW}))"
        )
    end = get_column_letter(FIRST_ANSWER_COLUMN + len(packet.questions) - 1)
    area = f"{get_column_letter(FIRST_ANSWER_COLUMN)}{FIRST_ROW}:{end}{last}"
    sheet.conditional_formatting.add(area, FormulaRule(formula=[condition], fill=WAITS))  # type: ignore[no-untyped-call]


def style_heading(cell: Cell) -> None:
    """Give a cell the look of a heading."""
    cell.font = Font(name=FACE, bold=True, color=INK)
    cell.fill = HEADING
    cell.alignment = Alignment(wrap_text=True, vertical="bottom")
    cell.border = Border(bottom=THIN)


def style_answer(cell: Cell, one: Field) -> None:
    """Give a cell the look of an answer, open for writing."""
    cell.font = Font(name=FACE)
    cell.protection = Protection(locked=False)
    cell.border = Border(bottom=THIN, right=THIN)
    cell.fill = ANSWER
    # Levels such as 1-4 must stay text: spreadsheets take them for dates.
    cell.number_format = {"date": "dd-mm-yyyy", "number": "General"}.get(one.type, "@")


def allowed_text(one: Field, lang: Language) -> str:
    """Return in words what may be written in a cell of a question."""
    if one.type == "date":
        return word("date", lang)
    if one.range is None:
        return word("choose", lang)
    unit = word(one.unit, lang) if one.unit in {
        "week", "weeks", "days", "years", "percent"
    } else "" if one.unit == "count" else one.unit or ""  # fmt: skip
    low, high = one.range
    parts = [word("from_to", lang, low=low, high=high, unit=unit).rstrip()]
    parts += [f"{option.value}: {option.label.text(lang).lower()}" for option in list_options(one)]
    return "; ".join(parts)


def make_validation(
    one: Field, lang: Language, cell: str, options: dict[tuple[str, ...], str]
) -> DataValidation:
    """Return the check that the spreadsheet makes of a question's cells.

    Parameters
    ----------
    one : Field
    lang : {"da", "en"}
    cell : str
        First of the cells, such as ``D5``.
    options : dict of tuple of str to str
        Where the list of each set of options stands.
    """
    if one.levels:
        texts = tuple(option.label.text(lang) for option in list_options(one))
        check = DataValidation(type="list", formula1=options[texts])
    elif one.type == "date":
        check = DataValidation(
            type="date", operator="between", formula1="DATE(2000,1,1)", formula2="DATE(2099,12,31)"
        )
    else:
        low, high = one.range or (0.0, 0.0)
        codes = "".join(f",{cell}={option.value}" for option in list_options(one))
        formula = f"OR(AND(ISNUMBER({cell}),{cell}>={low:g},{cell}<={high:g}){codes})"
        check = DataValidation(type="custom", formula1=formula)
    check.allow_blank = True
    check.showErrorMessage = check.showInputMessage = True
    check.errorTitle, check.error = word("wrong", lang), allowed_text(one, lang)[:PROMPT_LENGTH]
    check.promptTitle = one.label.text(lang)[:TITLE_LENGTH]
    check.prompt = _help_text(one, lang)[:PROMPT_LENGTH]
    return check


def _help_text(one: Field, lang: Language) -> str:
    if one.ask is None:
        return allowed_text(one, lang)
    # The codebook says what an adviser may ask the citizen; reviewers have only the file.
    ask = one.ask.text(lang)
    return ask if one.theme in OWN_THEMES else word("look_up", lang, ask=ask)


def to_cell(one: Field, value: str | None, lang: Language) -> str | float | dt.date | None:
    """Return an answer as a reviewer would have written it."""
    if value is None or pd.isna(value):
        return None
    for option in list_options(one):
        if option.value == value:
            return option.label.text(lang) if one.levels else float(value)
    if one.type == "date":
        return dt.date.fromisoformat(value)
    return float(value)
