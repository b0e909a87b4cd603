"""Tables that are no cases: a few named columns, read with the same suspicion."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.errors import Fault, InputError
from riskmodel.io.column_values import NumberRule, convert_numbers, convert_texts
from riskmodel.io.csv_files import read_csv
from riskmodel.io.excel_files import read_excel
from riskmodel.io.parquet_files import read_parquet
from riskmodel.io.personal_data import check_personal_data
from riskmodel.io.raw_tables import FaultLog, RawColumn, RawTable, check_file_name

__all__ = ["read_named_columns"]

PathLike = str | os.PathLike[str]
CASE_COLUMN = "case_id"


def read_named_columns(
    path: PathLike,
    codebook: Codebook,
    *,
    texts: Collection[str],
    numbers: Mapping[str, tuple[float, float]] | None = None,
    optional: Collection[str] = (),
) -> pd.DataFrame:
    """Read columns by their headings; others are left out, but personal numbers refused.

    Parameters
    ----------
    path : path
        CSV, Excel or Parquet file.
    codebook : Codebook
        Its key column may also be called ``case_id``.
    texts : collection of str
        Headings of texts.
    numbers : mapping of str to (float, float)
        Headings of numbers, and the smallest and largest that is allowed.
    optional : collection of str
        Those of them that need not be there; they are missing then.

    Returns
    -------
    DataFrame, shape (n, n_texts + n_numbers)
        Texts as str, None where empty; numbers as float64, NaN where empty.

    Raises
    ------
    InputError
        If a column is missing, a cell is no number, or the file holds personal numbers.
    """
    ranges = numbers or {}
    wanted = (*texts, *ranges)
    table = _read_raw(path, wanted)
    columns = _find_columns(table, codebook)
    log = FaultLog()
    known = {
        codebook.key if name == CASE_COLUMN else name: one
        for name, one in columns.items()
        if name in wanted
    }
    check_personal_data(table, known, codebook, log)
    log.raise_if_any()
    absent = [name for name in wanted if name not in columns and name not in optional]
    if absent:
        problem = f"the table has no column {', '.join(absent)}."
        raise InputError(Fault(table.file, problem, "Add it, or correct its heading.", 1))
    found: dict[str, object] = {
        name: _read_texts(columns[name]) if name in columns else [None] * table.n_rows
        for name in texts
    }
    rules = {
        name: (columns[name], NumberRule(*limits))
        for name, limits in ranges.items()
        if name in columns
    }
    values, _ = convert_numbers(table, rules, log)
    log.raise_if_any()
    nothing: npt.NDArray[np.float64] = np.full(table.n_rows, np.nan)
    found |= {name: values.get(name, nothing) for name in ranges}
    return pd.DataFrame({name: found[name] for name in wanted})


def _read_raw(path: PathLike, wanted: Collection[str]) -> RawTable:
    ending = Path(path).suffix.lower()
    if ending in {".csv", ".txt", ".tsv"}:
        return read_csv(path, lambda headings: sum(one.strip() in wanted for one in headings))
    if ending in {".xlsx", ".xlsm"}:
        return read_excel(path)
    if ending in {".parquet", ".pq"}:
        return read_parquet(path, lambda _: False)
    problem = "only .csv, .txt, .tsv, .xlsx and .parquet files are read."
    raise InputError(Fault(check_file_name(path), problem, "Save the table in one of these."))


def _find_columns(table: RawTable, codebook: Codebook) -> dict[str, RawColumn]:
    columns: dict[str, RawColumn] = {}
    for column in table.columns:
        heading = column.heading.strip()
        columns.setdefault(CASE_COLUMN if heading == codebook.key else heading, column)
    return columns


def _read_texts(column: RawColumn) -> list[str | None]:
    found = convert_texts(column).to_pylist()
    return [None if text is None else str(text).strip() or None for text in found]
