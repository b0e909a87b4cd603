"""Parquet files, read with the types they have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.errors import Fault, InputError
from riskmodel.io.raw_tables import MAX_COLUMNS, RawColumn, RawTable, check_file_name

if TYPE_CHECKING:
    from pyarrow import parquet

__all__ = ["read_parquet", "read_parquet_batches", "read_parquet_columns"]

MAX_ROWS = 50_000_000


def read_parquet(path: str | os.PathLike[str], has_levels: Callable[[str], bool]) -> RawTable:
    """Read a Parquet file.

    Parameters
    ----------
    path : path
    has_levels : callable
        Whether the column of a heading holds levels; its text is then read as codes.

    Raises
    ------
    InputError
        If the file is not Parquet, has no rows, or a column has a type without a meaning
        in a case table (lists, bytes, times of day).
    """
    with _open(path, has_levels) as (name, file):
        return _make_table(name, file.read(), 0)


def read_parquet_batches(
    path: str | os.PathLike[str],
    has_levels: Callable[[str], bool],
    *,
    batch_rows: int,
    needs_whole: Callable[[str], bool] = lambda _: False,
) -> Iterator[RawTable]:
    """Read a Parquet file in batches of rows, so that memory does not grow with the file.

    Parameters
    ----------
    path : path
    has_levels : callable
        As for `read_parquet`.
    batch_rows : int
        Rows of a batch.
    needs_whole : callable
        Whether the column of a heading, where it is text, can only be read as a whole; the
        file is then one batch.
    """
    with _open(path, has_levels) as (name, file):
        if any(needs_whole(one.name) and _holds_text(one.type) for one in file.schema_arrow):
            yield _make_table(name, file.read(), 0)
            return
        done = 0
        for batch in file.iter_batches(batch_size=batch_rows):
            yield _make_table(name, pa.Table.from_batches([batch]), done)
            done += batch.num_rows


def read_parquet_columns(
    path: str | os.PathLike[str], has_levels: Callable[[str], bool]
) -> Iterator[RawTable]:
    """Read all rows of a Parquet file, a column at a time.

    Where headings are alike, blank, or like paths, a column cannot be asked for by its
    heading, and all come at once.
    """
    with _open(path, has_levels) as (name, file):
        headings = file.schema_arrow.names
        if len(set(headings)) < len(headings) or any(not one or "." in one for one in headings):
            yield _make_table(name, file.read(), 0)
            return
        for place, heading in enumerate(headings, 1):
            rows = file.read(columns=[heading])
            cells = _as_plain_type(name, heading, place, rows.column(0))
            column = RawColumn(heading, place, cells)
            yield RawTable(file=name, columns=(column,), n_rows=rows.num_rows, typed=True)


@contextmanager
def _open(
    path: str | os.PathLike[str], has_levels: Callable[[str], bool]
) -> Iterator[tuple[str, parquet.ParquetFile]]:
    from pyarrow import parquet  # noqa: PLC0415

    target = Path(path)
    name = check_file_name(target)
    try:
        with parquet.ParquetFile(target) as probe:
            _check_size(name, probe.metadata.num_rows, len(probe.schema_arrow.names))
            chosen = [one for one in probe.schema_arrow.names if has_levels(one)]
        with parquet.ParquetFile(target, read_dictionary=chosen, pre_buffer=False) as file:
            yield name, file
    except (pa.ArrowException, OSError) as error:
        problem = f"the file cannot be read as Parquet ({type(error).__name__})."
        raise InputError(Fault(name, problem, "Export it again.")) from error


def _holds_text(kind: pa.DataType) -> bool:
    return _is_text(kind.value_type if pa.types.is_dictionary(kind) else kind)


def _check_size(name: str, rows: int, columns: int) -> None:
    if not rows:
        problem = "the file has a heading and no rows."
        raise InputError(Fault(name, problem, "Export it again with the cases.", row=2))
    if rows > MAX_ROWS:
        problem = f"the file says it has {rows} rows; at most {MAX_ROWS} are read."
        raise InputError(Fault(name, problem, "Split the file."))
    if columns > MAX_COLUMNS:
        problem = f"the file has {columns} columns; at most {MAX_COLUMNS} are read."
        raise InputError(Fault(name, problem, "Keep the columns of the codebook.", row=1))


def _make_table(name: str, table: pa.Table, done: int) -> RawTable:
    columns = tuple(
        RawColumn(heading, place, _as_plain_type(name, heading, place, column))
        for place, (heading, column) in enumerate(
            zip(table.column_names, table.columns, strict=True), 1
        )
    )
    return RawTable(
        file=name, columns=columns, n_rows=table.num_rows, typed=True, skipped_rows=done
    )


def _as_plain_type(name: str, heading: str, place: int, column: pa.ChunkedArray) -> pa.Array:
    """One array of integers, floats, true/false, dates, moments, text, or codes of text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        if _is_text(kind.value_type):
            if not pa.types.is_string(kind.value_type):
                column = column.cast(pa.dictionary(kind.index_type, pa.string()))
            return column.unify_dictionaries().combine_chunks()
        column, kind = column.cast(kind.value_type), kind.value_type
    if _is_text(kind) or pa.types.is_null(kind):
        column = column.cast(pa.string())
    elif pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column = pc.cast(column, pa.float64())
    elif not (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
    ):
        title = RawColumn(heading, place, pa.nulls(0)).title
        problem = f"the column has the type {str(kind).split('<')[0].split('[')[0]}."
        remedy = "Give numbers, text, true/false or dates."
        raise InputError(Fault(name, problem, remedy, column=title))
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )
