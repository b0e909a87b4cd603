"""Case tables in and out: CSV, Excel and Parquet, checked against the codebook."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import Fault, InputError
from riskmodel.io.case_joining import (
    Batch,
    check_same_columns,
    check_unique,
    check_unique_batches,
    join_parts,
    list_columns,
    mark_batch,
)
from riskmodel.io.case_reading import CasePart, check_outcomes_complete, convert_cases
from riskmodel.io.csv_files import ENCODINGS, read_csv
from riskmodel.io.excel_files import read_excel
from riskmodel.io.headings import HeadingMap
from riskmodel.io.parquet_files import (
    read_parquet,
    read_parquet_batches,
    read_parquet_columns,
)
from riskmodel.io.personal_data import check_personal_data
from riskmodel.io.raw_tables import FaultLog, RawColumn, RawTable, check_file_name
from riskmodel.io.table_writing import case_frame, open_table, write_table

__all__ = [
    "CaseBatches",
    "CasesRead",
    "case_frame",
    "open_table",
    "read_cases",
    "read_cases_with_notes",
    "write_table",
]

PathLike = str | os.PathLike[str]

TEXT_ENDINGS = frozenset({".csv", ".txt", ".tsv"})
EXCEL_ENDINGS = frozenset({".xlsx", ".xlsm"})
PARQUET_ENDINGS = frozenset({".parquet", ".pq"})
BATCH_ROWS = 65_536


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
    check_same_columns([(part.table.file, list_columns(part)) for part in parts], reader.log)
    check_unique(parts, codebook, reader.log)
    reader.log.raise_if_any()
    notes = dict.fromkeys(note for part in parts for note in _list_notes(part))
    return CasesRead(join_parts(parts, codebook), tuple(notes))


def _list_notes(part: CasePart) -> list[str]:
    return [f"{part.table.file}: {note}" for note in (*part.table.notes, *part.notes)]


class CaseBatches:
    """Cases of files, read as `read_cases` does, a batch of rows at a time.

    Parquet files are read in batches, so memory does not grow with the file but by eight
    bytes a row. Other files are read whole, and so are Parquet files with numbers or dates
    written as text. Once a cell is wrong no more batches are given; all faults are raised
    after the last row, so results must not be published before the end (see
    `riskmodel.io.atomic`). Each batch has outcomes or not on its own.

    Parameters
    ----------
    paths, codebook, require_outcomes, sheet, today
        As for `read_cases`.
    batch_rows : int
        Most rows of a batch.
    """

    def __init__(
        self,
        paths: PathLike | Sequence[PathLike],
        codebook: Codebook,
        *,
        batch_rows: int = BATCH_ROWS,
        require_outcomes: bool = False,
        sheet: str | None = None,
        today: dt.date | None = None,
    ) -> None:
        self._paths = _list_paths(paths)
        self._codebook = codebook
        self._batch_rows = batch_rows
        self._reader = _Reader(
            codebook, require_outcomes=require_outcomes, encoding=None, sheet=sheet, today=today
        )
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """How the files were read; complete after the last batch."""
        return tuple(self._notes)

    def __iter__(self) -> Iterator[CaseTable]:
        log, files, batches = self._reader.log, list[tuple[str, set[str]]](), list[Batch]()
        for path in self._paths:
            for checked in self._reader.read_batches(path, self._batch_rows):
                (part,) = self._reader.convert([checked])
                if not checked.table.skipped_rows:
                    files.append((part.table.file, list_columns(part)))
                    check_same_columns([files[0], files[-1]], log)
                self._notes |= dict.fromkeys(_list_notes(part))
                batches.append(mark_batch(part))
                if log.is_empty:
                    yield from self._cut(join_parts([part], self._codebook))
        check_unique_batches(batches, self._codebook, log)
        log.raise_if_any()

    def _cut(self, cases: CaseTable) -> Iterator[CaseTable]:
        if len(cases) <= self._batch_rows:
            yield cases
            return
        for start in range(0, len(cases), self._batch_rows):
            yield cases.take(np.arange(start, min(start + self._batch_rows, len(cases))))


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

    def read_batches(self, path: PathLike, batch_rows: int) -> Iterator[_Checked]:
        """Read a file in batches where its format allows it."""
        if Path(path).suffix.lower() not in PARQUET_ENDINGS:
            yield self.read(path)
            return
        has_levels, needs_whole = self._headings.has_levels, self._headings.needs_marks
        judged: tuple[str, ...] | None = None
        for table in read_parquet_batches(
            path, has_levels, batch_rows=batch_rows, needs_whole=needs_whole
        ):
            headings, personal = FaultLog(), FaultLog()
            columns = self._headings.match(table, headings)
            look = partial(
                check_personal_data,
                columns=columns,
                codebook=self._codebook,
                log=personal,
                is_headed=self._headings.is_heading_row(table),
            )
            if judged is None and (look(table) or not personal.is_empty):
                # Whether ids resemble personal numbers by chance, the whole column tells.
                personal.clear()
                judged = tuple(
                    note for one in read_parquet_columns(path, has_levels) for note in look(one)
                )
                personal.raise_if_any()
            headings.raise_if_any()
            yield _Checked(table, columns, judged or ())

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
            log = FaultLog()
            part = convert_cases(one.table, one.columns, self._codebook, log, self._today)
            if self._require_outcomes:
                check_outcomes_complete(part, one.columns, self._codebook, log)
            self.log.take(log)
            parts.append(replace(part, notes=(*one.notes, *part.notes)))
        return parts


def _list_paths(paths: PathLike | Sequence[PathLike]) -> list[PathLike]:
    listed = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not listed:
        msg = "no file was given; name at least one file of cases."
        raise InputError(msg)
    return listed
