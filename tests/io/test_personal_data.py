"""Personal numbers in a case file are refused wherever they hide, and never repeated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.privacy import find_cpr
from riskmodel.errors import InputError
from riskmodel.io.personal_data import _search_texts
from riskmodel.io.tables import read_cases, read_cases_with_notes

Rows = list[dict[str, str]]
Write = Callable[..., Path]

# The same date with four digits that pass, and fail, the check.
NUMBERS = {"checked": "0101651010", "unchecked": "0101651011"}


def parted(number: str, sign: str) -> str:
    return number[:6] + sign + number[6:]


def in_column(column: str, write: Callable[[str], str]) -> Callable[[Rows, str], object]:
    """Put a number in one cell of a column."""
    return lambda rows, number: rows[2].update({column: write(number)})


def in_ids(rows: Rows, number: str) -> None:
    """Make a whole column of ids bare numbers."""
    for place, row in enumerate(rows):
        row["person_id"] = str(int(number[:6]) + place * 10_000).zfill(6) + number[6:]


def in_ids_without_zero(rows: Rows, number: str) -> None:
    in_ids(rows, number)
    for row in rows:
        row["person_id"] = row["person_id"].removeprefix("0")


def in_heading(rows: Rows, number: str) -> None:
    for row in rows:
        row[f"note {parted(number, '-')}"] = "1"


def in_bare_heading(rows: Rows, number: str) -> None:
    for row in rows:
        row[number] = "1"


def in_unknown_column(rows: Rows, number: str) -> None:
    for row in rows:
        row["note"] = f"spoke to {number} on Monday"


PLACES: dict[str, Callable[[Rows, str], object]] = {
    "ids": in_ids,
    "ids without zero": in_ids_without_zero,
    "one hyphened id": in_column("case_id", lambda number: parted(number, "-")),
    "one en-dashed id": in_column("case_id", lambda number: parted(number, "\N{EN DASH}")),
    "one spaced id": in_column("person_id", lambda number: parted(number, " ")),
    "one hyphened site": in_column("municipality", lambda number: parted(number, "-")),
    "heading": in_heading,
    "bare heading": in_bare_heading,
    "free text": in_unknown_column,
    "level": in_column("diagnosis", lambda number: f"back {number}"),
    "integer": in_column("age", lambda number: number.removeprefix("0")),
    "float": in_column("age", lambda number: number.removeprefix("0") + ",0"),
    "date": in_column("first_day", lambda number: number),
    "outcome": in_column("duration_weeks", lambda number: number),
    "reason": in_column("end_reason", lambda number: parted(number, "-")),
}


def assert_refused(error: InputError, number: str) -> None:
    """Only the personal number is told of, masked, with the place."""
    text = str(error)
    assert "CPR" in text
    for secret in (number, number.removeprefix("0"), parted(number, "-"), number[6:]):
        assert secret not in text
    assert all("CPR" in fault.problem for fault in error.faults)
    assert all(fault.row is not None and fault.column for fault in error.faults)


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_hiding_places(
    kind: str, place: str, number: str, rows: Rows, tmp_path: Path, codebook: Codebook
) -> None:
    PLACES[place](rows, number)
    path = tmp_path / f"cases.{kind}"
    if kind == "csv":
        lines = [list(rows[0]), *(list(row.values()) for row in rows)]
        path.write_text("".join(";".join(line) + "\n" for line in lines), encoding="utf-8")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for line in [list(rows[0]), *(list(row.values()) for row in rows)]:
            book.worksheets[0].append(line)
        book.save(path)
    else:
        table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
        parquet.write_table(table, path)
    with pytest.raises(InputError) as caught:
        read_cases(path, codebook)
    if kind == "parquet" and "heading" in place:
        assert "CPR" in str(caught.value)
        assert number not in str(caught.value)
    else:
        assert_refused(caught.value, number)


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS.keys())
def test_file_and_sheet_names(
    number: str, write_cases: Write, tmp_path: Path, codebook: Codebook
) -> None:
    for name in (f"cases {number}.csv", f"{parted(number, '-')}.csv", f"{number[1:]}.csv"):
        with pytest.raises(InputError, match=r"CPR") as caught:
            read_cases(write_cases(name=name), codebook)
        assert number[6:] not in str(caught.value)
    book = openpyxl.Workbook()
    book.worksheets[0].append(["case_id"])
    book.create_sheet(parted(number, "-"))
    book.save(tmp_path / "cases.xlsx")
    with pytest.raises(InputError, match="name of a sheet") as caught:
        read_cases(tmp_path / "cases.xlsx", codebook)
    assert number[6:] not in str(caught.value)


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string()])
def test_typed_columns_of_parquet(
    kind: pa.DataType, rows: Rows, tmp_path: Path, codebook: Codebook
) -> None:
    numbers = pa.array([101651011 + 1_000_000 * place for place in range(6)])
    columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    for name in ("case_id", "age", "municipality"):
        path = tmp_path / "cases.parquet"
        parquet.write_table(pa.table({**columns, name: numbers.cast(kind)}), path)
        with pytest.raises(InputError, match=rf"column {name}.*CPR"):
            read_cases(path, codebook)


def test_typed_cells_of_a_workbook(rows: Rows, tmp_path: Path, codebook: Codebook) -> None:
    book = openpyxl.Workbook()
    for line in [list(rows[0]), *(list(row.values()) for row in rows)]:
        book.worksheets[0].append(line)
    book.worksheets[0]["F2"] = dt.date(2025, 1, 1)
    book.worksheets[0]["F3"] = 101651011
    book.save(tmp_path / "cases.xlsx")
    with pytest.raises(InputError, match=r"row 3, column age.*CPR"):
        read_cases(tmp_path / "cases.xlsx", codebook)


@pytest.mark.parametrize("column", ["case_id", "person_id"])
@pytest.mark.parametrize("written", ["0101651011", "K0101651011"])
def test_one_bare_id_among_others_is_refused(
    column: str, written: str, write_cases: Write, codebook: Codebook
) -> None:
    path = write_cases(lambda rows: rows[5].update({column: written}))
    with pytest.raises(InputError, match=rf"row 7, column {column}.*CPR") as caught:
        read_cases(path, codebook)
    assert "651011" not in str(caught.value)


def test_one_among_ten_digit_ids_is_let_through_with_a_note(
    write_cases: Write, codebook: Codebook
) -> None:
    def number(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["case_id"] = f"99{place}0000000"
        rows[5]["case_id"] = "0101651011"

    result = read_cases_with_notes(write_cases(number), codebook)
    assert result.cases.case_id[5] == "0101651011"
    assert any("1 of 6 different values" in note for note in result.notes)


@given(
    st.one_of(
        st.text("0123456789-. /,eES\t", max_size=24),
        st.from_regex(r"[S ]{0,2}[0-3][0-9][-. ]?[01][0-9][-. ]?[0-9]{2}[-./ ]{0,3}[0-9]{4}[ x9]?",
                      fullmatch=True),
    )
)  # fmt: skip
def test_nothing_that_can_be_a_number_is_passed_over(text: str) -> None:
    found = _search_texts(pa.array([text]), is_number=False)
    if find_cpr(text) is not None:
        assert found is not None
        assert found.count.hits + found.count.separated == 1


def test_random_ten_digit_ids_are_let_through(
    codebook: Codebook, tmp_path: Path, rows: Rows
) -> None:
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(60):
        columns = {name: pa.array([rows[2][name]] * 60) for name in rows[0]}
        ids = pa.array([f"{one:010d}" for one in rng.integers(0, 10**10, 60)])
        path = tmp_path / "cases.parquet"
        parquet.write_table(pa.table({**columns, "case_id": ids, "person_id": ids}), path)
        try:
            read_cases(path, codebook)
        except InputError:
            refused += 1
    assert refused == 0


def test_wide_numbers_are_judged_as_ids_are(write_cases: Write, codebook: Codebook) -> None:
    wide = replace(codebook.fields[1], name="account", label=codebook.fields[1].label,
                   range=(0.0, 1e12), use="context")  # fmt: skip
    fields = (*codebook.fields, wide)

    def add(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["account"] = f"45{place}0000000"
        rows[3]["account"] = "0101651011"

    table = read_cases(write_cases(add), replace(codebook, fields=fields))
    assert table.fields["account"].iloc[3] == 101651011

    def fill(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["account"] = f"0{place + 1}01651011"

    with pytest.raises(InputError, match=r"column account.*CPR"):
        read_cases(write_cases(fill), replace(codebook, fields=fields))


def test_value_that_no_row_uses_is_refused_too(
    rows: Rows, tmp_path: Path, codebook: Codebook
) -> None:
    values = pa.array(["back", "stress", "breath", "010165-1011"])
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 0, 1, 2, 1, 1]), values)
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    place = table.schema.get_field_index("diagnosis")
    path = tmp_path / "cases.parquet"
    parquet.write_table(table.set_column(place, "diagnosis", codes), path)
    with pytest.raises(InputError, match=r"column diagnosis: the list of values.*CPR"):
        read_cases(path, codebook)


def test_words_with_other_digits_are_no_name(write_cases: Write, codebook: Codebook) -> None:
    path = write_cases(lambda rows: rows[5].update(case_id="sag \N{ARABIC-INDIC DIGIT THREE} nord"))
    assert len(read_cases(path, codebook)) == 6


def test_names_of_ids_in_every_format(rows: Rows, tmp_path: Path, codebook: Codebook) -> None:
    rows[1]["case_id"] = "Anden Person"
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    for kind in (pa.string(), pa.dictionary(pa.int32(), pa.string())):
        place = table.schema.get_field_index("case_id")
        parquet.write_table(
            table.set_column(place, "case_id", table["case_id"].cast(kind)),
            tmp_path / "cases.parquet",
        )
        with pytest.raises(InputError, match=r"row 3, column case_id.*name") as caught:
            read_cases(tmp_path / "cases.parquet", codebook)
        assert "Anden" not in str(caught.value)
