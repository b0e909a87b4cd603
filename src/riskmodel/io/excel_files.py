"""Excel workbooks: guarded against bombs, read as values, never as formulas."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.domain.privacy import find_cpr
from riskmodel.errors import Fault, InputError
from riskmodel.io.raw_tables import (
    MAX_COLUMNS,
    FaultLog,
    RawColumn,
    RawTable,
    check_file_name,
    make_mixed_cells,
)

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["explain_damage", "guard_workbook", "read_excel"]

MAX_UNPACKED_BYTES = 300_000_000
MAX_RATIO = 100
RATIO_FROM_BYTES = 10_000_000
MAX_ROWS = 1_048_576
MAX_PARTS = 5_000
SCAN_BYTES = 1_000_000
CODED_SIGN = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
USUAL_SHEET = re.compile(
    r"(?:ark|sheet|blad|tabel|table|data|sager|cases|skema|liste|oversigt|vejledning|readme|"
    r"guide|riskmodel)[ _-]?[0-9]{0,3}",
    re.IGNORECASE,
)
DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


def read_excel(path: str | os.PathLike[str], sheet: str | None = None) -> RawTable:
    """Read one sheet of an Excel workbook; a note tells where there are more.

    Parameters
    ----------
    path : path
    sheet : str or None
        Name of the sheet, or its number counted from 1; the first one where None.

    Raises
    ------
    InputError
        If the file is no workbook, would unpack to far more than its size, declares XML
        entities, or holds formulas without saved values; if there is no such sheet.
    """
    target = Path(path)
    name = check_file_name(target)
    with explain_damage(name):
        has_formulas = guard_workbook(target, name)
        with closing(_open(target, values=True)) as book:
            names = [one.title for one in book.worksheets]
            if any(find_cpr(one) is not None for one in names):
                problem = "the name of a sheet holds what looks like a CPR number."
                raise InputError(Fault(name, problem, "Rename the sheet; nothing was read."))
            place = _find_sheet(name, names, sheet)
            shown = tuple(_show_sheet(one) for one in names)
            named = USUAL_SHEET.fullmatch(names[place].strip()) is not None
            file = f"{name} [{names[place].strip() if named else f'sheet {place + 1}'}]"
            headings, rows = _read_rows(book, place, file)
            notes: tuple[str, ...] = ()
            if len(names) > 1:
                which = "the first one" if place == 0 else f"number {place + 1}"
                notes = (f"{len(names)} sheets; only {which} was read",)
            if has_formulas:
                notes += _check_formulas(target, place, file, headings, rows)
    return replace(_make_table(file, headings, rows, notes), sheets=shown)


def _find_sheet(name: str, names: Sequence[str], asked: str | None) -> int:
    if asked is None:
        return 0
    wanted = asked.strip().casefold()
    for place, one in enumerate(names):
        if wanted in {one.strip().casefold(), str(place + 1)}:
            return place
    listed = ", ".join(f"{number} {_show_sheet(one)}" for number, one in enumerate(names, 1))
    problem = f"there is no such sheet; the workbook has {listed}."
    raise InputError(Fault(name, problem, "Give --sheet one of these names or numbers."))


def _show_sheet(name: str) -> str:
    """Return the name of a sheet where it is a usual word; it might be a person's."""
    return name if USUAL_SHEET.fullmatch(name.strip()) else "(name not shown)"


@contextmanager
def explain_damage(name: str) -> Iterator[None]:
    """Turn whatever a damaged workbook raises into an InputError that names the file."""
    try:
        yield
    except InputError:
        raise
    # A damaged workbook can raise nearly anything inside the zip, XML and openpyxl readers.
    except Exception as error:
        problem = f"the file cannot be read as an Excel workbook ({type(error).__name__})."
        remedy = "Save it as .xlsx again, without a password."
        raise InputError(Fault(name, problem, remedy)) from error


def guard_workbook(path: Path, name: str) -> bool:
    """Refuse bombs before anything is parsed; tell whether a sheet holds formulas.

    Parameters
    ----------
    path : Path
        The workbook.
    name : str
        What messages call it.

    Raises
    ------
    InputError
        If the workbook would unpack to far more than its size, or declares XML entities.
    """
    has_formulas = False
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        packed = sum(part.compress_size for part in parts)
        too_dense = unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or too_dense:
            problem = f"the workbook unpacks to {unpacked // 1_000_000} MB in {len(parts)} parts."
            remedy = "Save the one sheet with the cases as CSV UTF-8 or Parquet."
            raise InputError(Fault(name, problem, remedy))
        for part in parts:
            has_formulas |= _scan_part(archive, part, name)
    return has_formulas


def _scan_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bool:
    words = [word.encode(code) for word in DECLARATIONS for code in ("ascii", "utf-16-le")]
    words += [word.encode("utf-16-be") for word in DECLARATIONS]
    has_formulas = False
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(SCAN_BYTES):
            window = tail + chunk
            if any(word in window for word in words):
                problem = "the workbook declares XML entities, which no case file needs."
                raise InputError(Fault(name, problem, "Save it as .xlsx again from Excel."))
            has_formulas = has_formulas or b"<f>" in window or b"<f " in window
            tail = chunk[-32:]
    return has_formulas and part.filename.startswith("xl/worksheets/")


def _open(path: Path, *, values: bool) -> Workbook:
    import openpyxl  # noqa: PLC0415

    return openpyxl.load_workbook(path, read_only=True, data_only=values, keep_links=False)


def _iterate(book: Workbook, place: int) -> Iterator[tuple[Any, ...]]:
    sheet = book.worksheets[place]
    # The size that a file states for itself may be wrong; the rows are not.
    sheet.reset_dimensions()
    return sheet.iter_rows(values_only=True)


def _read_rows(book: Workbook, place: int, file: str) -> tuple[list[str], list[tuple[object, ...]]]:
    source = _iterate(book, place)
    headings = ["" if one is None else str(one) for one in next(source, ())]
    while headings and not headings[-1].strip():
        headings.pop()
    if not headings:
        problem = "the first row of the sheet is empty."
        remedy = "Put the headings in the first row, or name another sheet with --sheet."
        raise InputError(Fault(file, problem, remedy, row=1))
    width = len(headings)
    _check_size(file, width, 1)
    log = FaultLog()
    rows: list[tuple[object, ...]] = []
    blank = 0
    for number, cells in enumerate(source, 2):
        _check_size(file, len(cells), number)
        if all(cell is None for cell in cells):
            blank += 1
            continue
        if any(cell is not None for cell in cells[width:]):
            problem = f"the row has more cells than the {width} headings."
            log.add(Fault(file, problem, "Give the column a heading, or clear it.", number))
        # Blank rows count only where a row with cells follows them.
        rows += [(None,) * width] * blank
        blank = 0
        rows.append((*cells[:width], *(None,) * (width - len(cells))))
    log.raise_if_any()
    if not rows:
        problem = "the sheet has a heading and no rows."
        remedy = "Export it again with the cases, or name another sheet with --sheet."
        raise InputError(Fault(file, problem, remedy, row=2))
    return headings, rows


def _check_size(file: str, width: int, row: int) -> None:
    if row > MAX_ROWS:
        problem = f"the sheet says it has more than {MAX_ROWS} rows."
        raise InputError(Fault(file, problem, "Remove what stands below the cases."))
    if width > MAX_COLUMNS:
        problem = f"the row has {width} columns; at most {MAX_COLUMNS} are read."
        raise InputError(Fault(file, problem, "Keep the columns of the codebook.", row))


def _check_formulas(
    path: Path, place: int, file: str, headings: list[str], rows: list[tuple[object, ...]]
) -> tuple[str, ...]:
    """Refuse formulas whose value was not saved: they would be read as empty cells."""
    log = FaultLog()
    found = 0
    with closing(_open(path, values=False)) as book:
        source = _iterate(book, place)
        next(source)
        for number, (formulas, values) in enumerate(zip_longest(source, rows, fillvalue=()), 2):
            for column, formula in enumerate(formulas, 1):
                value = values[column - 1] if column <= len(values) else None
                if formula is None or (type(formula) is type(value) and formula == value):
                    continue
                found += 1
                if value is None:
                    heading = "".join(headings[column - 1 : column])
                    title = RawColumn(heading, column, make_mixed_cells([])).title
                    problem = "the cell holds a formula without a saved value."
                    remedy = "Open and save the file in Excel, or paste the values."
                    log.add(Fault(file, problem, remedy, number, title))
    log.raise_if_any()
    return (f"{found} cells hold formulas; their saved values were read",) if found else ()


def _decode(cell: object) -> object:
    """Undo the way in which workbooks keep signs that XML has not: _xHHHH_."""
    if isinstance(cell, str) and "_x" in cell:
        return CODED_SIGN.sub(lambda one: chr(int(one[1], 16)), cell)
    return cell


def _make_table(
    file: str, headings: list[str], rows: list[tuple[object, ...]], notes: tuple[str, ...]
) -> RawTable:
    columns = tuple(
        RawColumn(heading, place, make_mixed_cells([*map(_decode, cells)]), protected=True)
        for place, (heading, cells) in enumerate(
            zip(headings, zip(*rows, strict=True), strict=True), 1
        )
    )
    return RawTable(file=file, columns=columns, n_rows=len(rows), notes=notes)
