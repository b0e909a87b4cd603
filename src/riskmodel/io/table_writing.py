"""Tables written whole, safe for spreadsheets, and the same bytes for the same frame."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from riskmodel.domain.cases import CASE_WEIGHT, CaseTable
from riskmodel.domain.privacy import escape_formula
from riskmodel.errors import InputError
from riskmodel.io.atomic import open_atomically, write_atomically

__all__ = ["case_frame", "encode_table", "open_table", "write_table"]

ENDINGS = (".csv", ".xlsx", ".parquet")
XLSX_ROWS = 1_048_575
PARQUET_GROUP_ROWS = 65_536
SHEET = "riskmodel"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
FIXED_MOMENT = b"2000-01-01T00:00:00Z"
NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

ObjectArray = npt.NDArray[np.object_]


def write_table(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    danish: bool = False,
    overwrite: bool = True,
) -> None:
    """Write a frame as CSV, Excel or Parquet, by the ending of the name.

    The file is written beside its place and renamed, so it is there whole or not at all,
    and the same frame gives the same bytes.

    Parameters
    ----------
    frame : DataFrame
        Columns of numbers, text, categories, true/false or dates; the index is left out.
    path : path
        ``.csv`` (UTF-8, comma, numbers to the last digit), ``.xlsx`` or ``.parquet``.
    danish : bool
        CSV with semicolons, decimal comma and a byte order mark, as Danish spreadsheet
        programs open it.
    overwrite : bool
        Whether a file with another content may be replaced.

    Raises
    ------
    InputError
        If the ending is unknown, the sheet would be too long, or the file cannot be written;
        if there is another file and `overwrite` is False.
    """
    data = encode_table(frame, Path(path).suffix.lower(), danish=danish)
    write_atomically(path, data, overwrite=overwrite)


@contextmanager
def open_table(
    path: str | os.PathLike[str], *, danish: bool = False, overwrite: bool = True
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write a table frame by frame, so that memory does not grow with it.

    The file takes its place when the block ends without an error, and has the bytes that
    `write_table` writes for all frames as one. Parquet and CSV files grow with the frames;
    those of an Excel sheet are kept until the end.

    Parameters
    ----------
    path : path
        As for `write_table`.
    danish, overwrite : bool
        As for `write_table`.

    Yields
    ------
    callable
        Takes the next frame; all have the columns and types of the first one.

    Raises
    ------
    InputError
        As `write_table` does; also if no frame was given.
    """
    ending = Path(path).suffix.lower()
    _check_ending(ending)
    with open_atomically(path, overwrite=overwrite) as file, ExitStack() as stack:
        kept: list[pd.DataFrame] = []
        groups: list[_ParquetGroups] = []

        def write(frame: pd.DataFrame) -> None:
            if ending == ".xlsx":
                kept.append(frame)
            elif ending == ".csv":
                file.write(_encode_csv(frame, danish=danish, heading=not kept))
                kept[:] = [frame.iloc[:0]]
            else:
                table = pa.Table.from_pandas(frame, preserve_index=False)
                if not groups:
                    groups.append(stack.enter_context(_ParquetGroups(file, table.schema)))
                groups[0].add(table)

        yield write
        if not kept and not groups:
            msg = f"{Path(path).name}: there is nothing to write."
            raise InputError(msg)
        if ending == ".xlsx":
            file.write(_encode_xlsx(pd.concat(kept, ignore_index=True)))


def _check_ending(ending: str) -> None:
    if ending not in ENDINGS:
        msg = f"tables are written as {', '.join(ENDINGS)}, got the ending {ending!r}."
        raise InputError(msg)


def encode_table(frame: pd.DataFrame, ending: str, *, danish: bool = False) -> bytes:
    """Return the bytes that `write_table` writes."""
    _check_ending(ending)
    if ending == ".csv":
        return _encode_csv(frame, danish=danish)
    return _encode_xlsx(frame) if ending == ".xlsx" else _encode_parquet(frame)


def _encode_csv(frame: pd.DataFrame, *, danish: bool, heading: bool = True) -> bytes:
    mark = "," if danish else "."
    columns = [_format_column(frame.iloc[:, place], mark) for place in range(frame.shape[1])]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if danish else ",", lineterminator="\r\n")
    if heading:
        writer.writerow([escape_formula(str(name)) for name in frame.columns])
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8-sig" if danish and heading else "utf-8")


def _format_column(column: pd.Series, mark: str) -> list[str]:
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        texts = _format_column(pd.Series(kind.categories), mark)
        return [texts[code] if code >= 0 else "" for code in column.cat.codes.tolist()]
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_integer_dtype(kind):
        return ["" if value is pd.NA else str(value).lower() for value in column.tolist()]
    if pd.api.types.is_float_dtype(kind):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan).tolist()
        return [_format_float(number).replace(".", mark) for number in numbers]
    return [_format_value(value, mark) for value in column.tolist()]


def _format_float(number: float) -> str:
    return "" if np.isnan(number) else repr(number)


def _format_value(value: object, mark: str) -> str:
    if _is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value).lower()
    if isinstance(value, float | np.floating):
        return _format_float(float(value)).replace(".", mark)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return escape_formula(str(value))


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124


def _encode_parquet(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = io.BytesIO()
    with _ParquetGroups(sink, table.schema) as groups:
        groups.add(table)
    return sink.getvalue()


class _ParquetGroups:
    """Writes groups of `PARQUET_GROUP_ROWS` rows, whatever tables the rows come in.

    Where the groups begin is part of a file's bytes, so it must not follow the tables.
    """

    def __init__(self, sink: BinaryIO, schema: pa.Schema) -> None:
        self._sink = sink
        self._schema = schema
        self._waiting: list[pa.Table] = [schema.empty_table()]
        self._n_waiting = 0
        self._is_empty = True

    def __enter__(self) -> Self:
        from pyarrow import parquet  # noqa: PLC0415

        self._file = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and (self._n_waiting or self._is_empty):
            self._write(pa.concat_tables(self._waiting))
        self._file.close()

    def add(self, table: pa.Table) -> None:
        """Take the next rows; write the groups that are full."""
        self._waiting.append(table.cast(self._schema))
        self._n_waiting += table.num_rows
        if self._n_waiting >= PARQUET_GROUP_ROWS:
            rows = pa.concat_tables(self._waiting)
            while rows.num_rows >= PARQUET_GROUP_ROWS:
                self._write(rows.slice(0, PARQUET_GROUP_ROWS))
                rows = rows.slice(PARQUET_GROUP_ROWS)
            self._waiting, self._n_waiting = [rows], rows.num_rows

    def _write(self, rows: pa.Table) -> None:
        self._is_empty = False
        # One piece a column: where pieces meet, pages of the file would end.
        self._file.write_table(rows.combine_chunks(), row_group_size=PARQUET_GROUP_ROWS)


def _encode_xlsx(frame: pd.DataFrame) -> bytes:
    import openpyxl  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    if len(frame) > XLSX_ROWS:
        msg = f"a sheet holds {XLSX_ROWS} rows, got {len(frame)}; write .csv or .parquet."
        raise InputError(msg)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)

    def make_cell(value: object) -> object:
        plain = _as_sheet_value(value)
        if not isinstance(plain, str | float):
            return plain
        # Left alone, openpyxl cuts numbers to 16 digits and takes some texts for formulas.
        cell = WriteOnlyCell(sheet)
        cell.value = plain if isinstance(plain, str) else repr(plain)
        cell.data_type = "s" if isinstance(plain, str) else "n"
        return cell

    sheet.append([make_cell(str(name)) for name in frame.columns])
    for row in zip(
        *(frame.iloc[:, place].tolist() for place in range(frame.shape[1])), strict=True
    ):
        sheet.append([make_cell(value) for value in row])
    sink = io.BytesIO()
    book.save(sink)
    return _with_fixed_times(sink.getvalue())


def _as_sheet_value(value: object) -> object:
    if _is_missing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, bool | int | float | dt.date):
        return value
    # Excel's own way to keep signs that XML has not: _xHHHH_.
    return NOT_IN_XML.sub(lambda one: f"_x{ord(one[0]):04X}_", escape_formula(str(value)))


def _with_fixed_times(book: bytes) -> bytes:
    """Take the clock out of a workbook."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(sink, "w") as new:
        for part in sorted(old.infolist(), key=lambda one: one.filename):
            data = old.read(part)
            if part.filename == "docProps/core.xml":
                data = re.sub(rb"(?<=W3CDTF\">)[^<]+", FIXED_MOMENT, data)
            fixed = zipfile.ZipInfo(part.filename, ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            new.writestr(fixed, data)
    return sink.getvalue()


def case_frame(cases: CaseTable) -> pd.DataFrame:
    """Return checked cases as a frame that `write_table` writes and `read_cases` reads back.

    Columns have the names of the codebook. Of the outcomes, the reason of ending is not
    kept by a case table, so it is there only where it is a field of the codebook too.
    """
    codebook = cases.codebook
    columns: dict[str, object] = {codebook.key: cases.case_id, codebook.group: cases.group}
    if codebook.site is not None:
        columns[codebook.site] = cases.site
    if isinstance(codebook.assessed_week, str):
        columns[codebook.assessed_week] = cases.assessed_week
    columns |= {str(name): cases.fields[name].array for name in cases.fields}
    if cases.outcomes is not None:
        columns[codebook.outcome.duration_weeks] = cases.outcomes.duration_weeks
        if codebook.outcome.ended is not None:
            columns[codebook.outcome.ended] = np.where(cases.outcomes.ended, "yes", "no")
    if cases.case_weight is not None:
        columns[CASE_WEIGHT] = cases.case_weight
    return pd.DataFrame(columns)
