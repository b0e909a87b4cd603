"""Workbooks and Parquet files give the cases that the text file gives."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import InputError
from riskmodel.io import parquet_files
from riskmodel.io.tables import (
    CaseBatches,
    read_cases,
    read_cases_with_notes,
)

Rows = list[dict[str, str]]
Write = Callable[..., Path]
Make = Callable[..., Path]
AsTyped = Callable[[str, str], object]
Compare = Callable[[CaseTable, CaseTable], None]


@pytest.fixture(name="make_sheet")
def _fixture_make_sheet(as_typed: AsTyped) -> Make:
    return partial(_make_sheet, as_typed)


@pytest.fixture(name="make_parquet")
def _fixture_make_parquet(as_typed: AsTyped) -> Make:
    return partial(_make_parquet, as_typed)


def _make_sheet(as_typed: AsTyped, rows: Rows, path: Path, **changes: object) -> Path:
    """Write rows as a workbook with numbers and dates of their own types."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Ark1"
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([as_typed(column, text) for column, text in row.items()])
    for place, value in changes.items():
        sheet[place] = value
    book.create_sheet("Noter")
    book.save(path)
    return path


def test_workbook_gives_the_same_cases(
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    cases: CaseTable,
    assert_same_cases: Compare,
    make_sheet: Make,
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx")
    result = read_cases_with_notes(path, codebook)
    assert_same_cases(result.cases, cases)
    assert result.cases.source == "cases.xlsx [Ark1]"
    assert result.notes == ("cases.xlsx [Ark1]: 2 sheets; only the first one was read",)


def test_a_sheet_is_chosen_by_name_or_number(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_sheet: Make
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx")
    book = openpyxl.load_workbook(path)
    book.move_sheet(book.worksheets[1], -1)
    book.worksheets[0].title = "Anden Person"
    book.worksheets[1].title = "Sager 2"
    for _ in range(2):
        book.worksheets[0].append(["Anden", "Person", "skrev", "her"])
    book.save(path)
    for sheet in ("2", "sager 2", " Sager 2 "):
        result = read_cases_with_notes(path, codebook, sheet=sheet)
        assert result.cases.source == "cases.xlsx [Sager 2]"
        assert result.notes == ("cases.xlsx [Sager 2]: 2 sheets; only number 2 was read",)
    with pytest.raises(
        InputError, match=r"cases\.xlsx: there is no such sheet.* 2 Sager 2"
    ) as caught:
        read_cases(path, codebook, sheet="3")
    assert "Person" not in str(caught.value)
    with pytest.raises(
        InputError, match=r"\[sheet 1\].*--codebook.*--sheet: 1.*, 2 Sager 2"
    ) as caught:
        read_cases(path, codebook)
    assert "Person" not in str(caught.value)


def test_workbook_with_numbers_as_text(
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    cases: CaseTable,
    assert_same_cases: Compare,
    make_sheet: Make,
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx", E2="12,5", F3="40", I5="Ja", K2="03-02-2025")
    assert_same_cases(read_cases(path, codebook), cases)


@pytest.mark.parametrize(
    ("place", "value", "row", "column", "says"),
    [
        ("F3", True, 3, "age", "true or false"),
        ("F3", dt.datetime(2025, 1, 1), 3, "age", "a date or a time"),  # noqa: DTZ001
        ("F3", dt.time(12, 30), 3, "age", "a date or a time"),
        ("F4", 250, 4, "age", "got 250"),
        ("H4", dt.datetime(2025, 4, 1), 4, "diagnosis", "holds a date"),  # noqa: DTZ001
        ("H4", 17.5, 4, "diagnosis", "levels"),
        ("L4", 45_000.0, 4, "end_date", "a number"),
        ("K5", dt.datetime(2025, 4, 1, 10, 0), 5, "first_day", "time of day"),  # noqa: DTZ001
        ("E6", "1.234", 6, "expected_weeks", "thousands"),
        ("A6", None, 6, "case_id", "blank"),
        ("Q6", "x", 6, None, "more cells"),
        ("F6", "=1+1", 6, "age", "formula"),
        ("F6", "#N/A", 6, "age", "spreadsheet error"),
    ],
)
def test_workbook_faults_name_the_sheet(  # noqa: PLR0913
    place: str,
    value: object,
    row: int,
    column: str | None,
    says: str,
    *,
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    make_sheet: Make,
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx", **{place: value})
    with pytest.raises(InputError, match=says) as caught:
        read_cases(path, codebook)
    assert (caught.value.faults[0].file, caught.value.faults[0].row) == ("cases.xlsx [Ark1]", row)
    assert caught.value.faults[0].column == column


def test_ids_that_a_spreadsheet_made_numbers(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_sheet: Make
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx", A2=17, B2=17.0)
    table = read_cases(path, codebook)
    assert (table.case_id[0], table.group[0]) == ("17", "17")


def _make_parquet(as_typed: AsTyped, rows: Rows, path: Path, **columns: pa.Array) -> Path:
    """Write rows as Parquet with types; columns replace or add some."""
    data: dict[str, object] = {
        name: pa.array([as_typed(name, row[name]) for row in rows]) for name in rows[0]
    }
    table = pa.table({**data, **columns})
    parquet.write_table(table, path)
    return path


@pytest.mark.parametrize("kind", ["plain", "dictionary", "large", "int", "date", "texts"])
def test_parquet_gives_the_same_cases(
    kind: str,
    *,
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    cases: CaseTable,
    assert_same_cases: Compare,
    make_parquet: Make,
    as_typed: AsTyped,
) -> None:
    columns: dict[str, pa.Array] = {}
    texts = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    if kind == "dictionary":
        columns = {name: texts[name].dictionary_encode() for name in ("diagnosis", "case_id")}
        large = texts["sex"].cast(pa.large_string())
        columns["sex"] = large.dictionary_encode()
        columns["age"] = pa.array([int(row["age"]) for row in rows]).dictionary_encode()
    elif kind == "large":
        columns = {name: texts[name].cast(pa.large_string()) for name in ("diagnosis", "case_id")}
    elif kind == "int":
        columns["age"] = pa.array([int(row["age"]) for row in rows], pa.int8())
        columns["function"] = pa.array([int(row["function"] or -1) for row in rows])
        columns["function"] = pa.array([0, 1, 2, 0, None, 1], pa.int64())
        columns["assessed_week"] = pa.array([0, 8, 0, 0, 0, 0], pa.decimal128(5, 1))
    elif kind == "date":
        days = [as_typed("first_day", row["first_day"]) for row in rows]
        columns["first_day"] = pa.array(days).cast(pa.date32())
    elif kind == "texts":
        columns = texts
    path = make_parquet(rows, tmp_path / "cases.parquet", **columns)
    assert_same_cases(read_cases(path, codebook), cases)
    batches = list(CaseBatches(path, codebook, batch_rows=4))
    assert [len(batch) for batch in batches] == [4, 2]
    assert_same_cases(batches[0], cases.take(np.arange(4)))
    assert_same_cases(batches[1], cases.take(np.arange(4, 6)))


@pytest.mark.parametrize(
    ("column", "cells", "says"),
    [
        ("age", pa.array([250.0, 40, 40, 40, 40, 40]), "row 2, column age.*got 250"),
        ("age", pa.array([40, 40, 40, np.inf, 40, 40]), "row 5, column age.*finite"),
        ("age", pa.array([40, 40, 40, 1e300, 40, 40]), "row 5, column age.*from 16"),
        ("age", pa.array([True] * 6), "true or false"),
        ("age", pa.array(["40", "x", "40", "40", "40", "40"]), "row 3, column age"),
        ("age", pa.array([[1]] * 6), "column age: the column has the type list"),
        ("age", pa.array([b"1"] * 6), "column age: the column has the type binary"),
        ("case_id", pa.array([1, 2, 3, 4, 5, None]), "row 7, column case_id.*blank"),
        ("case_id", pa.array(["a", "b", "c", "d", "e", "e"]), "row 7.*row 6 too"),
        ("first_day", pa.array([1, 2, 3, 4, 5, 6]), "a number"),
        ("extra", pa.array([1, 2, 3, 4, 5, 6]), "column extra: the codebook has no such"),
        ("diagnosis", pa.array([1, 2, 3, 4, 5, 6]), "row 2, column diagnosis.*levels"),
    ],
)
def test_parquet_faults(
    column: str,
    cells: pa.Array,
    says: str,
    *,
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    make_parquet: Make,
) -> None:
    path = make_parquet(rows, tmp_path / "cases.parquet", **{column: cells})
    with pytest.raises(InputError, match=says):
        read_cases(path, codebook)
    with pytest.raises(InputError):
        list(CaseBatches(path, codebook, batch_rows=100))


def test_nan_in_parquet_is_missing(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_parquet: Make
) -> None:
    cells = pa.array([np.nan, 40, None, 998, 40, 40])
    path = make_parquet(rows, tmp_path / "cases.parquet", expected_weeks=cells)
    assert read_cases(path, codebook).fields["expected_weeks"].isna().sum() == 3


def test_all_missing_column_of_parquet(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_parquet: Make
) -> None:
    empty = pa.nulls(6)
    path = make_parquet(rows, tmp_path / "cases.parquet", age=empty, diagnosis=empty)
    fields = read_cases(path, codebook).fields
    assert fields[["age", "diagnosis"]].isna().to_numpy().all()


def test_rows_that_repeat_in_another_batch_are_found(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_parquet: Make
) -> None:
    ids = pa.array(["a", "b", "c", "d", "e", "c"])
    weeks = pa.array([0.0] * 6)
    path = make_parquet(rows, tmp_path / "cases.parquet", case_id=ids, assessed_week=weeks)
    with pytest.raises(InputError, match=r"row 7.*row 4 too"):
        list(CaseBatches(path, codebook, batch_rows=2))
    other = make_parquet(rows, tmp_path / "other.parquet")
    with pytest.raises(InputError, match=r"other\.parquet, row 2.*row 2 of cases\.parquet too"):
        list(CaseBatches([make_parquet(rows, path), other], codebook))


def test_repeats_are_found_by_their_weeks(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_parquet: Make
) -> None:
    frame = pd.DataFrame({"case_id": np.repeat(["b", "a", "c"], 2)})
    for weeks, wrong in (([0, 8, 0, 8, 0, 8], False), ([0, 8, 0, 8, 8, 8], True)):
        path = make_parquet(
            rows, tmp_path / "cases.parquet",
            case_id=pa.array(frame["case_id"]), assessed_week=pa.array(weeks, pa.float64()),
            duration_weeks=pa.array([40.0] * 6),
        )  # fmt: skip
        if wrong:
            with pytest.raises(InputError, match=r"row 7.*row 6 too"):
                read_cases(path, codebook)
        else:
            assert len(read_cases(path, codebook)) == 6


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0" * 100])
def test_damaged_file(ending: str, data: bytes, tmp_path: Path, codebook: Codebook) -> None:
    path = tmp_path / f"cases.{ending}"
    path.write_bytes(data)
    with pytest.raises(InputError, match="cannot be read as"):
        read_cases(path, codebook)


def test_parquet_cut_off_anywhere(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_parquet: Make
) -> None:
    path = make_parquet(rows, tmp_path / "cases.parquet")
    data = path.read_bytes()
    for size in range(4, len(data), len(data) // 20):
        path.write_bytes(data[:size])
        with pytest.raises(InputError):
            read_cases(path, codebook)


def test_files_without_rows(
    rows: Rows, tmp_path: Path, codebook: Codebook, make_parquet: Make
) -> None:
    path = make_parquet(rows, tmp_path / "cases.parquet")
    parquet.write_table(parquet.read_table(path).slice(0, 0), path)
    with pytest.raises(InputError, match="no rows"):
        read_cases(path, codebook)
    for lines in ([], [list(rows[0])], [[None, None]]):
        book = openpyxl.Workbook()
        for line in lines:
            book.worksheets[0].append(line)
        book.save(tmp_path / "cases.xlsx")
        with pytest.raises(InputError, match=r"no rows|first row of the sheet is empty"):
            read_cases(tmp_path / "cases.xlsx", codebook)


def test_workbook_with_blank_headings_and_rows(
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    cases: CaseTable,
    assert_same_cases: Compare,
    make_sheet: Make,
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx", Q1=" ", P1=" ", A9=" ")
    with pytest.raises(InputError, match=r"row 8, column case_id.*blank"):
        read_cases(path, codebook)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["A9"] = None
    book.worksheets[0]["A9"].number_format = "0.00"
    book.save(path)
    assert_same_cases(read_cases(path, codebook), cases)


def add_formula(path: Path, place: str, value: str) -> None:
    """Give a cell a formula with a saved value, as spreadsheet programs save it."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    new = re.sub(
        rf'<c r="{place}"[^>]*?(/>|>.*?</c>)', f'<c r="{place}"><f>1+1</f><v>{value}</v></c>', sheet
    )
    assert new != sheet
    parts["xl/worksheets/sheet1.xml"] = new.encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)


def test_saved_values_of_formulas_are_read(
    rows: Rows,
    tmp_path: Path,
    codebook: Codebook,
    cases: CaseTable,
    assert_same_cases: Compare,
    make_sheet: Make,
) -> None:
    path = make_sheet(rows, tmp_path / "cases.xlsx")
    add_formula(path, "F2", "40")
    result = read_cases_with_notes(path, codebook)
    assert_same_cases(result.cases, cases)
    assert any("1 cells hold formulas" in note for note in result.notes)
    make_sheet(rows, path, Q9="=1+1", A10=" ")
    with pytest.raises(InputError, match="row 9, column number 17: the cell holds a formula"):
        read_cases(path, codebook)


def test_types_that_parquet_gives_back_otherwise() -> None:
    for values in (pa.array(["a", "b"], pa.large_string()), pa.array([1, 2])):
        column = pa.chunked_array([values.dictionary_encode()])
        plain = parquet_files._as_plain_type("cases", "age", 1, column)
        assert plain.to_pylist() == values.to_pylist()
