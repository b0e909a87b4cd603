"""The list of cases that a review starts from: ids, municipality and what they are drawn by."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.review import ReviewCase
from riskmodel.domain.review_settings import ReviewSettings, parse_review_settings
from riskmodel.errors import Fault, InputError
from riskmodel.io.cell_values import parse_number
from riskmodel.io.column_values import convert_texts
from riskmodel.io.csv_files import read_csv
from riskmodel.io.excel_files import read_excel
from riskmodel.io.headings import HeadingMap
from riskmodel.io.parquet_files import read_parquet
from riskmodel.io.personal_data import check_personal_data
from riskmodel.io.raw_tables import FaultLog, RawColumn, RawTable, check_file_name
from riskmodel.io.yaml_files import read_yaml

__all__ = [
    "SAMPLED_FILE",
    "list_review_cases",
    "read_case_list",
    "read_review_settings",
    "read_sampling_fractions",
]

SAMPLED_FILE = "sampling.csv"
FRACTION = "sampling_fraction"


def read_review_settings(path: Path | None, codebook: Codebook) -> ReviewSettings:
    """Read the settings of a review; the defaults where there is no file.

    Raises
    ------
    CodebookError
        If the file cannot be read or breaks a rule.
    """
    if path is None:
        return ReviewSettings()
    return parse_review_settings(read_yaml(path), codebook, path.name)


def read_case_list(
    path: str | os.PathLike[str], codebook: Codebook, *, extra: Sequence[str] = ()
) -> pd.DataFrame:
    """Read the columns of a case list as texts.

    Parameters
    ----------
    path : path
        CSV, Excel or Parquet file, one row per case. Columns that are not asked for are left
        out, but personal numbers in any of them are refused.
    codebook : Codebook
        Names of the key, person and municipality columns.
    extra : sequence of str
        Further columns that must be there, by their codebook name or heading.

    Returns
    -------
    DataFrame, shape (n, 3 + n_extra)
        ``case_id``, ``site``, ``group`` and the extra columns, all texts.

    Raises
    ------
    InputError
        If a column is missing, an id is missing or stands twice, or the file holds personal
        numbers.
    """
    table = _read_raw(path, codebook)
    headings = HeadingMap(codebook)
    columns: dict[str, RawColumn] = {}
    for column in table.columns:
        columns.setdefault(headings.find(column.heading) or column.heading.strip(), column)
    log = FaultLog()
    check_personal_data(table, columns, codebook, log)
    log.raise_if_any()
    for name in (codebook.key, *extra):
        if name not in columns:
            problem = f"the list of cases has no column {name}."
            raise InputError(Fault(table.file, problem, "Correct the name, or add it.", 1, name))
    ids = _texts(columns[codebook.key])
    site = columns.get(codebook.site or "")
    group = columns.get(codebook.group)
    frame = {
        "case_id": ids,
        "site": [""] * len(ids) if site is None else _texts(site),
        "group": ids if group is None else _texts(group),
        **{name: _texts(columns[name]) for name in extra},
    }
    _check_ids(table, columns[codebook.key], ids)
    return pd.DataFrame(frame, dtype=object)


def _read_raw(path: str | os.PathLike[str], codebook: Codebook) -> RawTable:
    ending = Path(path).suffix.lower()
    headings = HeadingMap(codebook)
    if ending in {".csv", ".txt", ".tsv"}:
        return read_csv(path, headings.count_known)
    if ending in {".xlsx", ".xlsm"}:
        return read_excel(path)
    if ending in {".parquet", ".pq"}:
        return read_parquet(path, headings.has_levels)
    problem = "only .csv, .txt, .tsv, .xlsx and .parquet files are read."
    raise InputError(Fault(check_file_name(path), problem, "Save the list in one of these."))


def _texts(column: RawColumn) -> list[str]:
    return ["" if text is None else str(text) for text in convert_texts(column).to_pylist()]


def _check_ids(table: RawTable, column: RawColumn, ids: list[str]) -> None:
    log = FaultLog()
    seen: set[str] = set()
    again = []
    for row, text in enumerate(ids):
        if not text.strip():
            log.add_rows(table, [row], column.title, "the id is missing.", "Give every case one.")
        elif text in seen:
            again.append(row)
        seen.add(text)
    if len(again) == 1:
        problem = "the case stands twice; a review list has one row per case."
        log.add_rows(table, again, column.title, problem, "Keep one row of it.")
    elif again:
        # Most likely a list of assessments: one message says more than hundreds.
        problem = (
            f"{len(again)} rows repeat a case, the first one here; a review list has one row per "
            "case, not one per assessment."
        )
        log.add_rows(table, again[:1], column.title, problem, "Keep the first row of every case.")
    log.raise_if_any()


def list_review_cases(frame: pd.DataFrame) -> tuple[ReviewCase, ...]:
    """Return the cases of a list, in its order.

    Parameters
    ----------
    frame : DataFrame
        From `read_case_list`.
    """
    rows = zip(frame["case_id"], frame["site"], frame["group"], strict=True)
    return tuple(ReviewCase(*row) for row in rows)


def read_sampling_fractions(path: Path, codebook: Codebook) -> dict[str, float]:
    """Read with what chance each case was drawn.

    Parameters
    ----------
    path : Path
        ``sampling.csv`` of the draw.
    codebook : Codebook

    Returns
    -------
    dict of str to float
        Case to its sampling fraction, in (0, 1].

    Raises
    ------
    InputError
        If the file is none, or a fraction lies outside (0, 1].
    """
    frame = read_case_list(path, codebook, extra=(FRACTION,))
    found: dict[str, float] = {}
    for row, (case_id, text) in enumerate(zip(frame["case_id"], frame[FRACTION], strict=True)):
        parsed = parse_number(text.strip())
        if parsed is None or not 0 < parsed[0] <= 1:
            problem = "a sampling fraction must be a number above 0 and at most 1."
            remedy = "Use the file as `riskmodel review sample` wrote it."
            raise InputError(Fault(path.name, problem, remedy, row + 2, FRACTION))
        found[case_id] = parsed[0]
    return found
