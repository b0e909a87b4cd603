"""Files made to exhaust memory or time are refused before they can."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from riskmodel.domain.codebook import Codebook
from riskmodel.errors import InputError
from riskmodel.io import excel_files
from riskmodel.io.tables import read_cases

ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><worksheet>&j;</worksheet>"
)


def make_book(path: Path) -> Path:
    """Write a workbook with one row."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["case_id"])
    book.worksheets[0].append(["S1"])
    book.save(path)
    return path


def change_part(path: Path, part: str, data: bytes) -> None:
    """Replace or add a part of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**parts, part: data}.items():
            new.writestr(name, content)


def huge_text_file(path: Path) -> None:
    path.write_bytes(b"case_id;age\r\n")
    os.truncate(path, 2_000_000_000)


def many_columns(path: Path) -> None:
    path.write_text("case_id;" + ";".join(f"c{place}" for place in range(500_000)) + "\r\nS1\r\n")


def some_columns_too_many(path: Path) -> None:
    path.write_text("case_id;" + ";".join(f"c{place}" for place in range(3000)) + "\r\nS1\r\n")


def huge_cell(path: Path) -> None:
    path.write_bytes(b"case_id;age\r\nS1;" + b"x" * 100_000_000 + b"\r\n")


def long_cell(path: Path) -> None:
    path.write_bytes(b"case_id;age\r\nS1;" + b'"' + b"x" * 1_000_000 + b'"\r\n')


def zip_bomb(path: Path) -> None:
    make_book(path)
    change_part(path, "xl/worksheets/sheet9.xml", b" " * 50_000_000)


def larger_zip_bomb(path: Path) -> None:
    make_book(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        for place in range(7):
            book.writestr(f"xl/media/{place}.xml", os.urandom(1000) + b" " * 50_000_000)


def billion_laughs(path: Path) -> None:
    make_book(path)
    change_part(path, "xl/worksheets/sheet1.xml", ENTITIES.encode())


def billion_laughs_wide(path: Path) -> None:
    make_book(path)
    change_part(path, "xl/worksheets/sheet1.xml", ENTITIES.encode("utf-16-be"))


def far_cell(path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "case_id"
    book.worksheets[0]["XFD2"] = "x"
    book.save(path)


def far_row(path: Path) -> None:
    make_book(path)
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    for row in (1, 9_999_999_999):
        sheet += f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>case_id</t></is></c></row>'
    change_part(path, "xl/worksheets/sheet1.xml", f"{sheet}</sheetData></worksheet>".encode())


def parquet_rows(path: Path) -> None:
    table = pa.table({"case_id": pa.array(["S1"] * 1000).dictionary_encode()})
    with parquet.ParquetWriter(path, table.schema) as writer:
        for _ in range(20):
            writer.write_table(table)


def parquet_columns(path: Path) -> None:
    parquet.write_table(pa.table({f"c{place}": [1] for place in range(3000)}), path)


BOMBS: dict[str, tuple[Callable[[Path], object], str]] = {
    "huge.csv": (huge_text_file, "larger than 1000 MB"),
    "columns.csv": (many_columns, r"3000|500001 columns|longer than 4 MB"),
    "somecolumns.csv": (some_columns_too_many, "3001 columns"),
    "cell.csv": (huge_cell, "row 2: the row is longer than 4 MB"),
    "longcell.csv": (long_cell, "row 2.*quote"),
    "zip.xlsx": (zip_bomb, "unpacks to"),
    "zips.xlsx": (larger_zip_bomb, "unpacks to 350 MB"),
    "laughs.xlsx": (billion_laughs, "XML entities"),
    "wide.xlsx": (billion_laughs_wide, "XML entities"),
    "far.xlsx": (far_cell, "16384 columns"),
    "rows.xlsx": (far_row, "more than 1048576 rows"),
    "columns.parquet": (parquet_columns, "3000 columns"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_soon(name: str, tmp_path: Path, codebook: Codebook) -> None:
    make, says = BOMBS[name]
    path = tmp_path / name
    make(path)
    start = time.process_time()
    with pytest.raises(InputError, match=says):
        read_cases(path, codebook)
    assert time.process_time() - start < 10


def test_rows_of_parquet_are_limited(
    tmp_path: Path, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskmodel.io.parquet_files.MAX_ROWS", 1000)
    parquet_rows(tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="20000 rows"):
        read_cases(tmp_path / "rows.parquet", codebook)


def test_parts_of_a_workbook_are_limited(
    tmp_path: Path, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_files, "MAX_PARTS", 3)
    with pytest.raises(InputError, match="unpacks to 0 MB in"):
        read_cases(make_book(tmp_path / "parts.xlsx"), codebook)


def test_declaration_over_the_edge_of_a_piece(
    tmp_path: Path, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_files, "SCAN_BYTES", 11)
    billion_laughs(tmp_path / "laughs.xlsx")
    with pytest.raises(InputError, match="XML entities"):
        read_cases(tmp_path / "laughs.xlsx", codebook)


PROGRAM = """
import sys
from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.labels import Label
from riskmodel.errors import InputError
from riskmodel.io.tables import read_cases
import openpyxl
label = Label("Alder", "Age")
age = Field(name="age", label=label, type="number", known_at="intake", range=(16, 70))
codebook = Codebook(name="x", version="1", data_kind="public", key="case_id", fields=(age,))
try:
    read_cases(sys.argv[1], codebook)
except InputError as error:
    status = open("/proc/self/status").read()
    print(status.split("VmHWM:")[1].split()[0])
    sys.exit(error.exit_code)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["huge.csv", "cell.csv", "columns.csv", "zips.xlsx", "laughs.xlsx"]
)
def test_bombs_stay_under_500_mb(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    BOMBS[name][0](path)
    command = [sys.executable, "-c", PROGRAM, str(path)]
    done = subprocess.run(command, check=False, timeout=120, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert int(done.stdout) < 500_000
