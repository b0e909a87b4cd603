"""A table as it stands in a file: headings and distinct cells, before the codebook is asked."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.domain.privacy import find_cpr, mask_cpr, unescape_formula
from riskmodel.errors import Fault, InputError

__all__ = [
    "FAULTS_PER_COLUMN",
    "MAX_COLUMNS",
    "DistinctCells",
    "FaultLog",
    "MixedCells",
    "RawColumn",
    "RawTable",
    "check_file_name",
    "clean_texts",
    "make_mixed_cells",
]

MAX_COLUMNS = 2000
FAULTS_PER_COLUMN = 100
FAULTS_IN_ALL = 1000
HEADING_LENGTH = 60
FIRST_ROW = 2

CodeArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MixedCells:
    """Cells of several types, as a spreadsheet holds them: a code per row into the values.

    Code -1 is an empty cell.
    """

    codes: CodeArray
    values: tuple[object, ...]


@dataclass(frozen=True)
class RawColumn:
    """One column of a file.

    Parameters
    ----------
    heading : str
        As written.
    position : int
        Counted from 1.
    cells : pyarrow.Array or MixedCells
        One entry a row.
    protected : bool
        Whether an apostrophe in front protects text from being taken for a formula.
    """

    heading: str
    position: int
    cells: pa.Array | MixedCells
    protected: bool = False

    @property
    def title(self) -> str:
        """The heading as a message may repeat it."""
        text = mask_cpr(" ".join(self.heading.split()))
        if not text.isprintable() or len(text) > HEADING_LENGTH:
            return f"number {self.position}"
        return text or f"number {self.position}"

    @cached_property
    def distinct(self) -> DistinctCells:
        """The different values of the column; blank cells count as empty."""
        return _find_distinct(self.cells, protected=self.protected)


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file, or a batch of its rows, before the codebook is asked.

    Parameters
    ----------
    file : str
        Name for messages: the file, and the sheet in square brackets.
    columns : tuple of RawColumn
    n_rows : int
        Rows below the heading.
    delimiter : str
        What separates the cells of a text file; empty for other files.
    typed : bool
        Whether the file itself tells numbers from text in every column.
    notes : tuple of str
        What the reader had to find out or chose, in words.
    skipped_rows : int
        Rows of the file before this batch.
    sheets : tuple of str
        The sheets of a workbook as messages may name them; empty for other files.
    """

    file: str
    columns: tuple[RawColumn, ...]
    n_rows: int
    delimiter: str = ""
    typed: bool = False
    notes: tuple[str, ...] = ()
    skipped_rows: int = 0
    sheets: tuple[str, ...] = ()

    def sheet_row(self, index: int) -> int:
        """Return the row number that a spreadsheet shows."""
        return index + FIRST_ROW + self.skipped_rows


class FaultLog:
    """Faults found so far; a column that is wrong all the way down is not listed in full."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._per_column: Counter[tuple[str, str | None]] = Counter()

    def add(self, fault: Fault) -> None:
        """Add one fault, unless its column has enough already."""
        place = (fault.file, fault.column)
        self._per_column[place] += 1
        if self._per_column[place] <= FAULTS_PER_COLUMN and len(self._faults) < FAULTS_IN_ALL:
            self._faults.append(fault)

    def add_rows(
        self,
        table: RawTable,
        rows: Iterable[int] | npt.NDArray[np.intp],
        column: str,
        problem: str,
        remedy: str,
    ) -> None:
        """Add the same fault for several rows, counted from 0."""
        chosen = np.asarray(rows, dtype=np.intp)
        for index in chosen[:FAULTS_PER_COLUMN].tolist():
            self.add(Fault(table.file, problem, remedy, table.sheet_row(index), column))

    def has(self, table: RawTable, column: str) -> bool:
        """Whether a column of a file has a fault."""
        return self._per_column[table.file, column] > 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not self._faults

    def take(self, other: FaultLog) -> None:
        """Add what another log has."""
        for fault in other._faults:
            self.add(fault)

    def clear(self) -> None:
        """Forget what was found."""
        self._faults.clear()
        self._per_column.clear()

    def raise_if_any(self) -> None:
        """Raise what was found, by row.

        Raises
        ------
        InputError
            If there is a fault.
        """
        if self._faults:
            files = {fault.file: place for place, fault in reversed([*enumerate(self._faults)])}
            raise InputError(sorted(self._faults, key=lambda one: (files[one.file], one.row or 0)))


def check_file_name(path: str | os.PathLike[str]) -> str:
    """Return the name of a file for messages.

    Raises
    ------
    InputError
        If the name holds a personal number, or no such file can be read.
    """
    target = Path(path)
    name = mask_cpr(target.name)
    if find_cpr(target.stem) is not None:
        problem = "the name of the file holds what looks like a CPR number."
        raise InputError(Fault(name, problem, "Rename the file; nothing was read."))
    if not target.exists():
        raise InputError(Fault(name, "the file does not exist.", "Check the name and the folder."))
    if not target.is_file():
        raise InputError(Fault(name, "this is no file.", "Give the files one by one."))
    if target.stat().st_size == 0:
        raise InputError(Fault(name, "the file is empty.", "Export it again.", row=1))
    return name


@dataclass(frozen=True, slots=True)
class DistinctCells:
    """A column as a code per row into its different values.

    Parameters
    ----------
    codes : ndarray of int32, shape (n,)
        -1 where the cell is empty.
    texts : pyarrow.Array of string
        Cleaned text of each value; null where the value is no text.
    others : dict of int to object
        The values that are no text, by code: int, float, bool, date or datetime.
    """

    codes: CodeArray
    texts: pa.Array
    others: dict[int, object]

    def __len__(self) -> int:
        return len(self.texts)

    def rows_of(self, code: int) -> npt.NDArray[np.intp]:
        """Return the rows that hold a value."""
        return np.flatnonzero(self.codes == code)


def _find_distinct(cells: pa.Array | MixedCells, *, protected: bool) -> DistinctCells:
    if isinstance(cells, MixedCells):
        others = {
            code: value for code, value in enumerate(cells.values) if not isinstance(value, str)
        }
        listed = [value if isinstance(value, str) else None for value in cells.values]
        texts = clean_texts(pa.array(listed, pa.string()), protected=protected)
        return _without_blanks(cells.codes, texts, others)
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    values = cells.dictionary
    if pa.types.is_string(values.type):
        return _without_blanks(codes, clean_texts(values, protected=protected), {})
    others = dict(enumerate(values.to_pylist()))
    return DistinctCells(codes, pa.nulls(len(values), pa.string()), others)


def _without_blanks(codes: CodeArray, texts: pa.Array, others: dict[int, object]) -> DistinctCells:
    blank = pc.equal(texts, "").fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    if blank.any():
        emptied = np.append(np.where(blank, -1, np.arange(len(texts))), -1).astype(np.int32)
        codes = emptied[codes]
    return DistinctCells(codes, texts, others)


def clean_texts(texts: pa.Array, *, protected: bool) -> pa.Array:
    """Return texts trimmed, with composed letters; `protected` ones lose their apostrophe."""
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        # Not pc.utf8_normalize: it took composed letters apart when asked for NFC.
        composed = [one and unicodedata.normalize("NFC", one) for one in texts.to_pylist()]
        texts = pa.array(composed, pa.string())
    texts = pc.utf8_trim_whitespace(texts)
    if protected and pc.any(pc.starts_with(texts, "'")).as_py():
        bare = [None if one is None else unescape_formula(one) for one in texts.to_pylist()]
        texts = pa.array(bare, pa.string())
    return texts


def make_mixed_cells(cells: Sequence[object]) -> MixedCells:
    """Return cells as codes; True, 1 and 1.0 stay different values, None is empty."""
    places: dict[tuple[type, object], int] = {}
    codes = np.empty(len(cells), dtype=np.int32)
    for row, value in enumerate(cells):
        codes[row] = -1 if value is None else places.setdefault((type(value), value), len(places))
    return MixedCells(codes, tuple(value for _, value in places))
