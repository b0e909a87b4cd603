"""Malformed case files: each is refused with file, row, column and remedy, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from riskmodel.domain.codebook import Codebook
from riskmodel.errors import InputError
from riskmodel.io.tables import read_cases

Rows = list[dict[str, str]]
Write = Callable[..., Path]


@dataclass(frozen=True)
class Malformed:
    """A change of a good file, and the fault that it must give."""

    kind: str
    row: int | None
    column: str | None
    says: str
    change: Callable[[Rows], object] | None = None
    edit: Callable[[str], str] = str
    encoding: str = "utf-8"
    declared: str | None = None
    data: bytes | None = None

    def __str__(self) -> str:
        return f"{self.kind}-{self.row}-{self.column}-{self.says[:12]}"


def put(row: int, column: str, text: str) -> Callable[[Rows], object]:
    """Set a cell; rows are numbered as in a spreadsheet."""
    return lambda rows: rows[row - 2].update({column: text})


def rename(old: str, new: str) -> Callable[[str], str]:
    """Change the heading."""
    return lambda text: text.replace(old, new, 1)


def on_line(number: int, old: str, new: str) -> Callable[[str], str]:
    """Replace text in one line."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return "".join(lines)

    return edit


def add_column(heading: str, text: str) -> Callable[[Rows], object]:
    """Add a column that the codebook does not have."""
    return lambda rows: [row.update({heading: text}) for row in rows]


def drop_column(heading: str) -> Callable[[Rows], object]:
    """Take a column away."""
    return lambda rows: [row.pop(heading) for row in rows]


def cell(kind: str, column: str, says: str, *texts: str) -> list[Malformed]:
    """Return the same fault for several texts in a cell."""
    return [
        Malformed(kind, 2 + place % 6, column, says, put(2 + place % 6, column, text))
        for place, text in enumerate(texts)
    ]


CASES = [
    Malformed("empty file", 1, None, "empty", data=b""),
    Malformed("empty file", 2, None, "no rows", edit=lambda text: text.splitlines()[0]),
    Malformed("header only", 2, None, "no rows", edit=lambda text: text.splitlines()[0] + "\r\n"),
    Malformed("header only", 2, None, "no rows",
              edit=lambda text: text.splitlines()[0] + "\r\n" + ";" * 14 + "\r\n"),
    Malformed("blank heading row", 1, None, "no heading", edit=lambda text: "\r\n" + text),
    Malformed("no heading", 1, None, "no heading",
              edit=lambda text: text.split("\r\n", 1)[1]),
    Malformed("wrong delimiter", 1, None, "no heading", edit=lambda text: text.replace(";", "|")),
    Malformed("wrong delimiter", 1, None, "no heading", edit=lambda text: text.replace(";", " ")),
    Malformed("mixed delimiters", 3, None, "cells", edit=on_line(3, ";", ",")),
    Malformed("mixed delimiters", 5, None, "cells", edit=on_line(5, ";", "\t")),
    Malformed("mixed delimiters", 2, None, "15 cells", edit=on_line(1, ";", ",")),
    Malformed("utf-16", 1, None, "UTF-16", encoding="utf-16"),
    Malformed("utf-16", 1, None, "UTF-16", encoding="utf-16-le"),
    Malformed("utf-16", 1, None, "UTF-16", encoding="utf-16-be"),
    Malformed("utf-32", 1, None, "UTF-16", encoding="utf-32"),
    Malformed("cp1252 declared utf-8", 5, None, "UTF-8 was declared",
              put(5, "diagnosis", "Åndenød"), encoding="cp1252", declared="utf-8"),
    Malformed("utf-8 declared cp1252", None, None, "cp1252 was declared",
              put(5, "diagnosis", "Åndenød"), declared="cp1252"),
    Malformed("neither encoding", 4, None, "neither", put(4, "municipality", "\x81"),
              encoding="latin-1"),
    Malformed("cut off in a letter", 8, None, "neither",
              edit=lambda text: text + "\x81", encoding="latin-1"),
    Malformed("NUL byte", 3, None, "NUL", edit=on_line(3, "P1", "P\0")),
    Malformed("NUL byte", 7, None, "NUL", edit=on_line(7, "P5", "\0")),
    Malformed("unclosed quote", 4, None, "quote", edit=on_line(4, "Greve", '"Greve')),
    Malformed("unclosed quote", 7, None, "quote", edit=on_line(7, "fit", '"fit')),
    Malformed("text after quote", 4, None, "quote", edit=on_line(4, "Greve", '"Greve"x')),
    Malformed("short row", 3, None, "14 cells", edit=on_line(3, ";ja;fit", ";fit")),
    Malformed("short row", 7, None, "1 cells", edit=lambda text: text.replace("S5;", "S5\r\n;")),
    Malformed("long row", 6, None, "16 cells", edit=on_line(6, "S4;", "S4;;")),
    Malformed("long row", 2, None, "16 cells",
              edit=lambda text: text.replace("\r\n", ";\r\n").replace(";\r\n", "\r\n", 1)),
    Malformed("empty row", 4, None, "empty", edit=on_line(4, "S2", "\r\nS2")),
    Malformed("blank row", 4, "case_id", "blank",
              edit=on_line(4, "S2", ";" * 14 + "\r\nS2")),
    Malformed("duplicate header", 1, "Age", "both age", add_column("Age", "40")),
    Malformed("duplicate header", 1, "Alder", "both age", add_column("Alder", "40")),
    Malformed("duplicate header", 1, "case_id", "both case_id",
              edit=rename("person_id", "case_id")),
    Malformed("missing column", 1, "age", "missing", drop_column("age")),
    Malformed("missing column", 1, "case_id", "missing", drop_column("case_id")),
    Malformed("missing column", 1, "person_id", "missing", drop_column("person_id")),
    Malformed("missing column", 1, "assessed_week", "missing", drop_column("assessed_week")),
    Malformed("missing column", 1, "duration_weeks", "missing", drop_column("duration_weeks")),
    Malformed("missing column", 1, "ended", "missing", drop_column("ended")),
    Malformed("missing column", 1, "end_reason", "missing", drop_column("end_reason")),
    Malformed("unknown column", 1, "shoe_size", "no such column", add_column("shoe_size", "42")),
    Malformed("unknown column", 1, "note", "free text",
              add_column("note", "a long story of a person who told much")),
    Malformed("no heading", 1, "number 16", "no heading", add_column(" ", "42")),
    Malformed("duplicate id", 7, "case_id", "row 6", put(7, "case_id", "S4")),
    Malformed("duplicate id", 3, "case_id", "row 2", put(3, "assessed_week", "0")),
    *cell("blank id", "case_id", "blank", "", " ", "\t", "\N{NO-BREAK SPACE}"),
    *cell("blank id", "person_id", "blank", "", "  "),
    *cell("long id", "case_id", "longer", "x" * 101),
    *cell("long site", "municipality", "longer", "x" * 101),
    *cell("name as id", "person_id", "name", "Anden Person", "Person, Anden", "Ånden Øst"),
    *cell("decimal point in a comma file", "expected_weeks", "decimal comma", "12.5", "4.75"),
    *cell("thousands dot", "expected_weeks", "separator for thousands", "1.234"),
    *cell("decimal point", "expected_weeks", "decimal comma and this one", "1.5"),
    *cell("thousands dot", "duration_weeks", "thousands", "1.234,50", "1.234.567", "1 234,5"),
    *cell("percent sign", "expected_weeks", "percent", "12%", "12 %", "12,5 %"),
    *cell("unit in the cell", "expected_weeks", "unit", "12 uger", "12uger", "3 mdr.", "8 w"),
    *cell("no number", "age", "number is needed", "forty", "+", "12-14", "1/2", "..", "4,", ",5"),
    *cell("date day/month swapped", "first_day", "swapped", "03-13-2025", "12-31-2024"),
    *cell("date form mixed", "first_day", "dd-mm-yyyy", "2025-02-03", "3-2-2025", "03.02.2025",
          "03/02/2025", "3. februar 2025", "20250203", "03-02-25"),
    *cell("impossible date", "first_day", "calendar", "31-02-2025", "29-02-2025", "00-01-2025",
          "31-04-2025"),
    *cell("impossible date", "first_day", "1900", "01-01-0925"),
    *cell("date in the future", "first_day", "after 2026-07-01", "02-07-2026", "01-01-2099"),
    *cell("time zone mix", "first_day", "time zone", "2025-02-03T00:00:00+01:00",
          "2025-02-03T10:00Z", "03-02-2025 10:00"),
    *cell("negative weeks", "duration_weeks", "from 0 to 520", "-3", "-0,5"),
    *cell("negative weeks", "assessed_week", "from 0", "-1"),
    *cell("out of range", "age", "from 16 to 70 years, got 250", "250"),
    *cell("out of range", "expected_weeks", "from 0 to 104", "104,01", "1e300", "-1", "500"),
    *cell("out of range", "duration_weeks", "from 0 to 520", "520,5", "9999"),
    *cell("unseen level", "diagnosis", "levels", "knee", "bakc", "rygg", "7", "Åndenøds"),
    *cell("unseen level", "function", "levels", "3", "-1", "2,5", "1x"),
    *cell("unseen level", "employer_talk", "levels", "måske", "2", "yes no"),
    *cell("NA text", "expected_weeks", "word for a missing", "NA", "nan", "None", "n/a", "null"),
    *cell("NA text", "diagnosis", "word for a missing", "NA", "None", "-", "?"),
    *cell("NA text", "first_day", "word for a missing", "NA", "null"),
    *cell("spreadsheet error", "age", "spreadsheet error", "#N/A", "#REF!"),
    *cell("inf text", "expected_weeks", "finite", "inf", "-inf", "Infinity", "1e999"),
    Malformed("end before start", 3, "duration_weeks", "before the week",
              put(3, "duration_weeks", "7,9")),
    Malformed("end before start", 5, "end_date", "ends before it starts",
              put(5, "end_date", "13-04-2025")),
    Malformed("outcome missing", 4, "duration_weeks", "missing", put(4, "duration_weeks", "")),
    Malformed("outcome missing", 4, "ended", "not said", put(4, "ended", "")),
    Malformed("outcome missing", 5, "end_reason", "reason is missing", put(5, "end_reason", "")),
    Malformed("reason of an open case", 4, "end_reason", "not ended", put(4, "end_reason", "fit")),
    Malformed("unknown reason", 5, "end_reason", "levels", put(5, "end_reason", "bored")),
    Malformed("week missing", 5, "assessed_week", "missing", put(5, "assessed_week", "")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_malformed_file_is_refused_at_its_place(
    case: Malformed, write_cases: Write, codebook: Codebook, today: dt.date
) -> None:
    path = write_cases(case.change, edit=case.edit, encoding=case.encoding, data=case.data)
    with pytest.raises(InputError) as caught:
        read_cases(path, codebook, require_outcomes=True, encoding=case.declared, today=today)
    assert caught.value.exit_code == 2
    found = [
        one
        for one in caught.value.faults
        if (one.row, one.column) == (case.row, case.column) and re.search(case.says, one.problem)
    ]
    assert found, str(caught.value)
    assert all(one.file == "cases.csv" and one.remedy for one in caught.value.faults)
    assert [one.name for one in path.parent.iterdir()] == ["cases.csv"]


def test_all_kinds_of_the_list_are_tried() -> None:
    kinds = {case.kind for case in CASES}
    assert len(kinds) >= 30
    assert len(CASES) >= 100


def test_all_faults_are_told_at_once(write_cases: Write, codebook: Codebook) -> None:
    def spoil(rows: Rows) -> None:
        put(2, "age", "250")(rows)
        put(3, "diagnosis", "knee")(rows)
        put(4, "first_day", "31-02-2025")(rows)
        put(5, "employer_talk", "måske")(rows)

    with pytest.raises(InputError) as caught:
        read_cases(write_cases(spoil), codebook)
    assert [fault.row for fault in caught.value.faults] == [2, 3, 4, 5]


def test_a_wrong_column_does_not_drown_the_others(write_cases: Write, codebook: Codebook) -> None:
    def spoil(rows: Rows) -> None:
        rows += [
            {**rows[0], "case_id": f"T{place}", "age": str(200 + place)} for place in range(500)
        ]
        put(2, "diagnosis", "knee")(rows)

    with pytest.raises(InputError) as caught:
        read_cases(write_cases(spoil), codebook)
    columns = [fault.column for fault in caught.value.faults]
    assert columns.count("age") == 100
    assert columns.count("diagnosis") == 1


def test_a_strange_column_of_numbers_is_not_taken_for_free_text(
    write_cases: Write, codebook: Codebook
) -> None:
    def spoil(rows: Rows) -> None:
        first = rows[0]
        names = (f"N{place}" for place in range(30))
        rows[:] = [{**first, "case_id": one, "shoe_size": f"{one[1:]},5"} for one in names]

    with pytest.raises(InputError, match="no such column") as caught:
        read_cases(write_cases(spoil), codebook)
    assert "free text" not in str(caught.value)


def test_free_text_in_a_column_of_levels_is_not_repeated(
    write_cases: Write, codebook: Codebook
) -> None:
    secret = "secret story about somebody"

    def spoil(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["diagnosis"] = f"{secret} {place}"

    with pytest.raises(InputError, match="free text") as caught:
        read_cases(write_cases(spoil), codebook)
    assert len(caught.value.faults) == 1
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["Anden Person", "Hansen", "12345678", "x" * 30])
def test_what_may_be_personal_is_not_repeated(
    text: str, write_cases: Write, codebook: Codebook
) -> None:
    for column in ("diagnosis", "age", "first_day", "employer_talk"):
        with pytest.raises(InputError) as caught:
            read_cases(write_cases(put(3, column, text)), codebook)
        assert text not in str(caught.value)


def test_a_near_miss_of_a_level_names_the_level_and_not_the_cell(
    write_cases: Write, codebook: Codebook
) -> None:
    with pytest.raises(InputError, match=r"Did you mean back\? Use one of back \(Ryg\)") as caught:
        read_cases(write_cases(put(3, "diagnosis", "bakc")), codebook)
    assert "bakc" not in str(caught.value)


def test_a_number_that_is_no_level_is_repeated(write_cases: Write, codebook: Codebook) -> None:
    with pytest.raises(InputError, match="it holds 17"):
        read_cases(write_cases(put(3, "function", "17")), codebook)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cases.xls", "only .csv"),
        ("cases", "only .csv"),
        ("missing.csv", "does not exist"),
    ],
)
def test_file_that_cannot_be_read(
    name: str, says: str, write_cases: Write, codebook: Codebook
) -> None:
    path = write_cases(name="cases.xls" if "xls" in name else "cases")
    with pytest.raises(InputError, match=says):
        read_cases(path.with_name(name), codebook)


def test_folder_empty_list_and_unknown_encoding(tmp_path: Path, codebook: Codebook) -> None:
    folder = tmp_path / "cases.csv"
    folder.mkdir()
    with pytest.raises(InputError, match="no file"):
        read_cases(folder, codebook)
    with pytest.raises(InputError, match="at least one file"):
        read_cases([], codebook)
    with pytest.raises(InputError, match="encoding must be one of"):
        read_cases(folder, codebook, encoding="latin-1")
