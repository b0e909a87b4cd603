"""Personal numbers and names in a file: refused before anything else is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.id_columns import CODED_ID, IdColumnCount, count_id_column
from riskmodel.domain.privacy import find_cpr, find_cpr_number, looks_like_name
from riskmodel.errors import Fault
from riskmodel.io.raw_tables import FaultLog, MixedCells, RawColumn, RawTable

__all__ = ["check_personal_data"]

# Nine digits with at most a few signs between them: what find_cpr needs at the least.
MAYBE_CPR = r"([0-9][^0-9A-Za-z]{0,3}){8}[0-9]|[0-9][eE]|[^\x00-\x7f]"
BARE = r"^([0-9]{10}|[1-9][0-9]{8})$"
# What find_cpr finds in texts of several parts, as RE2 can tell it for a column at a time.
CPR_SHAPE = (
    r"(^|[^0-9])[0-9]{2}[\s._/-]{0,3}[0-9]{2}[\s._/-]{0,3}[0-9]{2}[\s._/-]{0,3}[0-9]{4}($|[^0-9])"
    r"|^\s*[+-]?[0-9]+[.,][0-9]+\s*$|[0-9][eE]|^\s*[0-9]{9}\s*$|[^\x00-\x7f]"
)
ORDINARY_NUMBER = r"^[+-]?[0-9]{1,8}[.,][0-9]+$"
MAYBE_NAME = r"^[^0-9]*\pL{2,}[^0-9]*[\s\pZ][^0-9]*\pL{2,}[^0-9]*$"
SMALLEST, LARGEST = 100_000_000, 10_000_000_000
SHOWN_HITS = 5
REMEDY = (
    "Replace it by a pseudonym that cannot be traced back, such as a letter and five digits; "
    "nothing was read."
)

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Found:
    """What in a column may be personal numbers, each different value once."""

    cells: int
    numbers: IntArray
    texts: list[str] = field(default_factory=list)
    coded: int = 0

    @property
    def count(self) -> IdColumnCount:
        return count_id_column(self.numbers, self.texts, self.cells, self.coded)


def check_personal_data(
    table: RawTable,
    columns: Mapping[str, RawColumn],
    codebook: Codebook,
    log: FaultLog,
    *,
    is_headed: bool = True,
) -> tuple[str, ...]:
    """Look for personal numbers in every heading and cell, and for names among the ids.

    Parameters
    ----------
    table : RawTable
    columns : mapping of str to RawColumn
        The columns whose name in the codebook is known.
    codebook : Codebook
    log : FaultLog
        Takes what is refused.
    is_headed : bool
        Whether the first row holds headings; otherwise unknown ones are not repeated.

    Returns
    -------
    tuple of str
        Notes on ids that resemble a personal number, among others of their form that do not.
    """
    names = {column.position: name for name, column in columns.items()}
    numbers = {one.name: one.range for one in codebook.fields if one.range is not None}
    tolerant = {codebook.key, codebook.group}
    tolerant |= {name for name, limits in numbers.items() if limits[1] >= SMALLEST}
    notes: list[str] = []
    for column in table.columns:
        name = names.get(column.position)
        hit = find_cpr(column.heading)
        if name is None and not is_headed:
            column = replace(column, heading="")  # noqa: PLW2901 - it may be a cell
        if hit is not None:
            problem = f"the heading holds what looks like a CPR number ({hit.masked})."
            log.add(Fault(table.file, problem, REMEDY, None if table.typed else 1, column.title))
        found = _search(column, is_number=name in numbers)
        hits = found.count.hits + found.count.separated if found is not None else 0
        if found is not None and hits:
            if name in tolerant and not found.count.refused:
                notes.append(
                    f"column {column.title}: {hits} of {found.cells} different values happen to "
                    "look like a CPR number; random ids do"
                )
            else:
                _refuse(table, column, log)
        if name in {codebook.key, codebook.group}:
            _check_names(table, column, log)
    return tuple(notes)


def _search(column: RawColumn, *, is_number: bool) -> _Found | None:
    """Return what may be personal numbers in a column; None where nothing has nine digits."""
    cells = column.cells
    if isinstance(cells, MixedCells) or pa.types.is_dictionary(cells.type):
        distinct = column.distinct
        typed = [value for value in distinct.others.values() if isinstance(value, int | float)]
        large = _large_numbers(np.array(typed, dtype=float))
        found = _search_texts(distinct.texts, is_number=is_number)
        if found is None and not len(large):
            return None
        texts = found.texts if found is not None else []
        bare = found.numbers if found is not None else large[:0]
        coded = found.coded if found is not None else 0
        return _Found(len(distinct), np.concatenate([bare, large]), texts, coded)
    if pa.types.is_string(cells.type):
        found = _search_texts(cells, is_number=is_number)
        if found is None:
            return None
        coded = pc.count_distinct(cells.filter(pc.match_substring_regex(cells, CODED_ID))).as_py()
        distinct_cells = pc.count_distinct(cells).as_py()
        return _Found(distinct_cells, np.unique(found.numbers), found.texts, coded)
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        large = np.unique(_large_numbers(cells.to_numpy(zero_copy_only=False)))
        return _Found(pc.count_distinct(cells).as_py(), large) if len(large) else None
    return None


def _large_numbers(values: npt.NDArray[np.int64 | np.float64]) -> IntArray:
    chosen = values[(values >= SMALLEST) & (values < LARGEST)]
    whole: IntArray = chosen[chosen == np.floor(chosen)].astype(np.int64)
    return whole


def _search_texts(texts: pa.Array, *, is_number: bool) -> _Found | None:
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest < len("1E8"):
        return None
    maybe = texts.filter(pc.match_substring_regex(texts, MAYBE_CPR))
    if is_number:
        maybe = maybe.filter(pc.invert(pc.match_substring_regex(maybe, ORDINARY_NUMBER)))
    if not len(maybe):
        return None
    is_bare = pc.match_substring_regex(maybe, BARE)
    numbers = maybe.filter(is_bare).cast(pa.int64()).to_numpy()
    others = maybe.filter(pc.invert(is_bare))
    others = others.filter(pc.match_substring_regex(others, CPR_SHAPE)).unique().to_pylist()
    coded = int(pc.sum(pc.match_substring_regex(texts, CODED_ID)).as_py() or 0)
    return _Found(len(texts), numbers, others, coded)


def _refuse(table: RawTable, column: RawColumn, log: FaultLog) -> None:
    distinct = column.distinct
    listed = 0
    for code, text in enumerate(distinct.texts.to_pylist()):
        value = distinct.others.get(code)
        hit = None
        if text is not None:
            hit = find_cpr(text)
        elif isinstance(value, int | float) and float(value).is_integer():
            hit = find_cpr_number(int(value))
        if hit is not None and len(distinct.rows_of(code)):
            problem = f"the cell holds what looks like a CPR number ({hit.masked})."
            log.add_rows(table, distinct.rows_of(code)[:SHOWN_HITS], column.title, problem, REMEDY)
            listed += 1
        if listed == SHOWN_HITS:
            return
    if not listed:
        problem = "the list of values of the column holds what looks like a CPR number."
        log.add(Fault(table.file, problem, REMEDY, column=column.title))


def _check_names(table: RawTable, column: RawColumn, log: FaultLog) -> None:
    cells = column.cells
    is_text = not isinstance(cells, MixedCells) and pa.types.is_string(cells.type)
    texts = cells if is_text else column.distinct.texts
    maybe = pc.match_substring_regex(texts, MAYBE_NAME).fill_null(False)  # noqa: FBT003
    if not pc.any(maybe).as_py():
        return
    distinct = column.distinct
    for code, text in enumerate(distinct.texts.to_pylist()):
        if text is not None and looks_like_name(text):
            problem = "the cell looks like a name (not shown)."
            log.add_rows(table, distinct.rows_of(code)[:SHOWN_HITS], column.title, problem, REMEDY)
