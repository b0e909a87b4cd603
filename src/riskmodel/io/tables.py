"""Case tables in and out: CSV, Excel and Parquet, checked against the codebook."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import Fault, InputError
from riskmodel.io.case_joining import (
    Batch,
    check_same_columns,
    check_unique,
    check_unique_batches,
    join_parts,
    mark_batch,
)
from riskmodel.io.case_reading import CasePart, check_outcomes_complete, convert_cases
from riskmodel.io.csv_files import ENCODINGS, read_csv
from riskmodel.io.excel_files import read_excel
from riskmodel.io.headings import HeadingMap
from riskmodel.io.parquet_files import read_parquet, read_parquet_batches
from riskmodel.io.personal_data import check_personal_data
from riskmodel.io.raw_tables import FaultLog, RawColumn, RawTable, check_file_name
from riskmodel.io.table_writing import case_frame, open_table, write_table

__all__ = [
    "CasesRead",
    "case_frame",
    "iterate_cases",
    "open_table",
    "read_cases",
    "read_cases_with_notes",
    "write_table",
]

PathLike = str | os.PathLike[str]

TEXT_ENDINGS = frozenset({".csv", ".txt", ".tsv"})
EXCEL_ENDINGS = frozenset({".xlsx", ".xlsm"})
PARQUET_ENDINGS = frozenset({".parquet", ".pq"})
BATCH_ROWS = 262_144


@dataclass(frozen=True, slots=True)
class CasesRead:
    """Cases, and what the reader had to find out to read them."""

    cases: CaseTable
    notes: tuple[str, ...]


def read_cases(
    paths: PathLike | Sequence[PathLike],
    codebook: Codebook,
    *,
    require_outcomes: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    today: dt.date | None = None,
) -> CaseTable:
    """Read one or several files of cases and check every cell.

    Nothing is guessed in silence and nothing is dropped: a cell that breaks a rule of the
    codebook is a fault that names the file, the row, the column and the remedy.

    Parameters
    ----------
    paths : path or sequence of path
        CSV (``.csv``, ``.txt``, ``.tsv``), Excel (``.xlsx``) or Parquet files with the same
        columns; their rows follow each other.
    codebook : Codebook
    require_outcomes : bool
        Refuse missing outcome columns and blank outcomes. Otherwise the table has no
        outcomes unless all of them are there.
    encoding : {"utf-8", "cp1252"} or None
        Encoding of text files; None reads UTF-8, else cp1252 with a note.
    sheet : str or None
        Sheet of the workbooks, by name or by number from 1; the first one where None.
    today : date or None
        Later dates are refused; the clock's date where None.

    Returns
    -------
    CaseTable

    Raises
    ------
    InputError
        If anything is wrong, with all faults found. Personal numbers are looked for first,
        and where there are some the error says nothing else.
    """
    return read_cases_with_notes(
        paths,
        codebook,
        require_outcomes=require_outcomes,
        encoding=encoding,
        sheet=sheet,
        today=today,
    ).cases


def read_cases_with_notes(
    paths: PathLike | Sequence[PathLike],
    codebook: Codebook,
    *,
    require_outcomes: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    today: dt.date | None = None,
) -> CasesRead:
    """Read cases as `read_cases` does, with notes such as "read as cp1252"."""
    reader = _Reader(
        codebook, require_outcomes=require_outcomes, encoding=encoding, sheet=sheet, today=today
    )
    parts = reader.convert([reader.read(path) for path in _list_paths(paths)])
    check_same_columns(parts, reader.log)
    check_unique(parts, codebook, reader.log)
    reader.log.raise_if_any()
    notes = dict.fromkeys(
        f"{part.table.file}: {note}" for part in parts for note in (*part.table.notes, *part.notes)
    )
    return CasesRead(join_parts(parts, codebook), tuple(notes))


def iterate_cases(
    paths: PathLike | Sequence[PathLike],
    codebook: Codebook,
    *,
    batch_rows: int = BATCH_ROWS,
    require_outcomes: bool = False,
    today: dt.date | None = None,
) -> Iterator[CaseTable]:
    """Read cases as `read_cases` does, a batch of rows at a time.

    Parquet files are read in batches, so memory does not grow with the file; other files
    are read whole. Faults are raised when their batch is reached, and cases that stand
    twice after the last batch, so results must not be published before the end (see
    `riskmodel.io.atomic`). Each batch has outcomes or not on its own.

    Parameters
    ----------
    batch_rows : int
        Rows of a batch.
    """
    reader = _Reader(codebook, require_outcomes=require_outcomes, encoding=None, today=today)
    first: CasePart | None = None
    batches: list[Batch] = []
    for path in _list_paths(paths):
        for table in reader.read_batches(path, batch_rows):
            parts = reader.convert([reader.check(table)])
            first = first or parts[0]
            check_same_columns([first, *parts], reader.log)
            check_unique(parts, codebook, reader.log)
            reader.log.raise_if_any()
            batches.append(mark_batch(parts[0]))
            yield join_parts(parts, codebook)
    check_unique_batches(batches, codebook, reader.log)
    reader.log.raise_if_any()


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file whose headings are known and that holds no personal numbers."""

    table: RawTable
    columns: dict[str, RawColumn]
    notes: tuple[str, ...]


class _Reader:
    """Reads files of one codebook; `log` takes the faults that do not stop the reading."""

    def __init__(
        self,
        codebook: Codebook,
        *,
        require_outcomes: bool,
        encoding: str | None,
        today: dt.date | None,
        sheet: str | None = None,
    ) -> None:
        if encoding is not None and encoding not in ENCODINGS:
            msg = f"encoding must be one of {', '.join(ENCODINGS)}, got {encoding!r}."
            raise InputError(msg)
        self._codebook = codebook
        self._headings = HeadingMap(codebook, require_outcomes=require_outcomes)
        self._require_outcomes = require_outcomes
        self._encoding = encoding
        self._sheet = sheet
        self._today = today or dt.datetime.now(tz=dt.UTC).date()
        self.log = FaultLog()

    def read(self, path: PathLike) -> _Checked:
        """Read a whole file."""
        ending = Path(path).suffix.lower()
        if ending in TEXT_ENDINGS:
            known = self._headings.count_known
            return self.check(read_csv(path, known, encoding=self._encoding))
        if ending in EXCEL_ENDINGS:
            return self.check(read_excel(path, self._sheet))
        if ending in PARQUET_ENDINGS:
            return self.check(read_parquet(path, self._headings.has_levels))
        name = check_file_name(path)
        problem = "only .csv, .txt, .tsv, .xlsx and .parquet files are read."
        raise InputError(Fault(name, problem, "Save it as CSV UTF-8, Excel (.xlsx) or Parquet."))

    def read_batches(self, path: PathLike, batch_rows: int) -> Iterator[RawTable]:
        """Read a file in batches where its format allows it."""
        if Path(path).suffix.lower() in PARQUET_ENDINGS:
            has_levels = self._headings.has_levels
            yield from read_parquet_batches(path, has_levels, batch_rows=batch_rows)
        else:
            yield self.read(path).table

    def check(self, table: RawTable) -> _Checked:
        """Find the columns, and refuse personal numbers before anything else is said."""
        headings, personal = FaultLog(), FaultLog()
        columns = self._headings.match(table, headings)
        notes = check_personal_data(
            table,
            columns,
            self._codebook,
            personal,
            is_headed=self._headings.is_heading_row(table),
        )
        personal.raise_if_any()
        headings.raise_if_any()
        return _Checked(table, columns, notes)

    def convert(self, checked: Sequence[_Checked]) -> list[CasePart]:
        """Turn files into arrays; what is wrong goes to the log."""
        parts = []
        for one in checked:
            part = convert_cases(one.table, one.columns, self._codebook, self.log, self._today)
            if self._require_outcomes:
                check_outcomes_complete(part, one.columns, self._codebook, self.log)
            parts.append(replace(part, notes=(*one.notes, *part.notes)))
        return parts


def _list_paths(paths: PathLike | Sequence[PathLike]) -> list[PathLike]:
    listed = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not listed:
        msg = "no file was given; name at least one file of cases."
        raise InputError(msg)
    return listed
