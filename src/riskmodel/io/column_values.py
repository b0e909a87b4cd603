"""Columns of a file turned into arrays, every refused cell named by its row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.domain.codebook import Level
from riskmodel.domain.privacy import looks_like_free_text, shown
from riskmodel.io.cell_values import (
    BadCell,
    DateForm,
    LevelReader,
    as_text,
    explain_number,
    parse_date,
    parse_number,
)
from riskmodel.io.headings import fold
from riskmodel.io.raw_tables import (
    FAULTS_PER_COLUMN,
    DistinctCells,
    FaultLog,
    MixedCells,
    RawColumn,
    RawTable,
    clean_texts,
)

__all__ = ["NumberRule", "convert_dates", "convert_levels", "convert_numbers", "convert_texts"]

FloatArray = npt.NDArray[np.float64]
DateArray = npt.NDArray[np.datetime64]
LevelCodes = npt.NDArray[np.int16]

PLAIN = {
    "": r"^-?[0-9]+$",
    ".": r"^-?[0-9]+\.[0-9]+([eE][+-]?[0-9]{1,3})?$",
    ",": r"^-?[0-9]+,[0-9]+([eE][+-]?[0-9]{1,3})?$",
}
MAYBE_THOUSANDS = {".": r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$", ",": r"^-?[1-9][0-9]{0,2},[0-9]{3}$"}
NOTHING = r"[^\s\S]"
MARK_WORDS = {".": "decimal point", ",": "decimal comma"}


@dataclass(frozen=True, slots=True)
class NumberRule:
    """What a column of numbers may hold.

    Parameters
    ----------
    low, high : float
        Smallest and largest number, both included.
    missing_codes : tuple of str
        Codes that stand for a missing value.
    unit : str
        Unit, for messages.
    """

    low: float
    high: float
    missing_codes: tuple[str, ...] = ()
    unit: str = ""


def convert_numbers(
    table: RawTable,
    columns: dict[str, tuple[RawColumn, NumberRule]],
    log: FaultLog,
) -> tuple[dict[str, FloatArray], str]:
    """Turn columns into numbers; all of them must use the same decimal mark.

    Parameters
    ----------
    table : RawTable
    columns : dict of str to (RawColumn, NumberRule)
    log : FaultLog

    Returns
    -------
    values : dict of str to ndarray of float, shape (n,)
        NaN where a cell is empty, holds a missing code or is refused.
    mark : str
        The decimal mark of the texts: ``.``, ``,`` or empty where there is none.
    """
    mark = _find_mark(table, [column for column, _ in columns.values()], log)
    values = {
        name: _convert_number(table, column, rule, mark, log)
        for name, (column, rule) in columns.items()
    }
    return values, mark


def _find_mark(table: RawTable, columns: Sequence[RawColumn], log: FaultLog) -> str:
    """Return the decimal mark; another mark, or one that may part thousands, is a fault."""
    count = {".": 0, ",": 0}
    doubtful = {".": 0, ",": 0}
    texted = [column for column in columns if _has_text(column)]
    for column in texted:
        for mark in count:
            count[mark] += _count(column.distinct.texts, PLAIN[mark])
            doubtful[mark] += _count(column.distinct.texts, MAYBE_THOUSANDS[mark])
    for mark, other in ((",", "."), (".", ",")):
        if count[mark] and count[other] and _is_usual(table, mark, count):
            problem = f"the file has numbers with a {MARK_WORDS[mark]} and this one with another."
            remedy = "Write all numbers with the same decimal mark, without thousands marks."
            grouped = (
                f"the other numbers of the file have a {MARK_WORDS[mark]}, so this one may have "
                "a separator for thousands."
            )
            plain = "Write 1234 without a separator, or the decimals as in the other numbers."
            _report_mark(table, texted, MAYBE_THOUSANDS[other], BadCell(grouped, plain), log)
            reason = BadCell(problem, remedy)
            _report_mark(
                table, texted, PLAIN[other], reason, log, except_for=MAYBE_THOUSANDS[other]
            )
            return mark
    mark = "," if count[","] else "." if count["."] else ""
    foreign = "," if table.delimiter == "," else "."
    if mark == foreign and doubtful[mark] == count[mark] > 0:
        problem = "the number can be read as thousands or as decimals."
        remedy = "Write 1234 for thousands; write one decimal more or less for decimals."
        _report_mark(table, texted, PLAIN[mark], BadCell(problem, remedy), log)
    return mark


def _is_usual(table: RawTable, mark: str, count: dict[str, int]) -> bool:
    """Whether the other mark is the odd one out: by number, else by what goes with semicolons."""
    other = "." if mark == "," else ","
    if count[mark] != count[other]:
        return count[mark] > count[other]
    return (mark == ",") == (table.delimiter != ",")


def _has_text(column: RawColumn) -> bool:
    cells = column.cells
    if isinstance(cells, MixedCells):
        return bool(column.distinct.texts.null_count < len(column.distinct))
    is_text: bool = pa.types.is_dictionary(cells.type) or pa.types.is_string(cells.type)
    return is_text


def _count(texts: pa.Array, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0)


def _report_mark(
    table: RawTable,
    columns: Sequence[RawColumn],
    pattern: str,
    reason: BadCell,
    log: FaultLog,
    *,
    except_for: str = NOTHING,
) -> None:
    for column in columns:
        texts = column.distinct.texts
        found = pc.match_substring_regex(texts, pattern).fill_null(False)  # noqa: FBT003
        found = pc.and_not(found, pc.match_substring_regex(texts, except_for).fill_null(False))  # noqa: FBT003
        codes = np.flatnonzero(found.to_numpy(zero_copy_only=False))
        rows = np.flatnonzero(np.isin(column.distinct.codes, codes))
        log.add_rows(table, rows, column.title, reason.problem, reason.remedy)


def _convert_number(
    table: RawTable, column: RawColumn, rule: NumberRule, mark: str, log: FaultLog
) -> FloatArray:
    cells = column.cells
    if not isinstance(cells, MixedCells) and (
        pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type)
    ):
        # safe=False: integers too large for a float are out of every range anyway.
        values = cells.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _check_range(table, column, _drop_codes(values, rule), rule, log)
    distinct = column.distinct
    numbers, bad = _parse_distinct(distinct, rule, mark)
    _report_bad(table, column, bad, log)
    values = np.append(_drop_codes(numbers, rule), np.nan)[distinct.codes]
    return _check_range(table, column, values, rule, log)


def _parse_distinct(
    distinct: DistinctCells, rule: NumberRule, mark: str
) -> tuple[FloatArray, dict[int, BadCell]]:
    texts = distinct.texts
    numbers = np.full(len(texts), np.nan)
    plain = pc.match_substring_regex(texts, PLAIN[""])
    if mark:
        plain = pc.or_(plain, pc.match_substring_regex(texts, PLAIN[mark]))
    is_plain = plain.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    pointed = pc.replace_substring(texts.filter(pa.array(is_plain)), ",", ".")
    numbers[is_plain] = pc.cast(pointed, pa.float64()).to_numpy(zero_copy_only=False)
    bad: dict[int, BadCell] = {}
    for code in np.flatnonzero(~is_plain).tolist():
        text = texts[code].as_py()
        result = _parse_other(distinct.others[code]) if text is None else _parse_text(text, rule)
        if isinstance(result, BadCell):
            bad[code] = result
        else:
            numbers[code] = result
    return numbers, bad


def _parse_text(text: str, rule: NumberRule) -> float | BadCell:
    if not text or fold(text) in {fold(code) for code in rule.missing_codes}:
        return np.nan
    parsed = parse_number(text)
    # A number with the other decimal mark has been reported for the whole file.
    if parsed is None:
        return explain_number(text)
    return np.nan if parsed[1] else parsed[0]


def _parse_other(value: object) -> float | BadCell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    kind = "true or false" if isinstance(value, bool) else "a date or a time"
    return BadCell(f"a number is needed, the cell holds {kind}.", "Correct it or empty it.")


def _drop_codes(values: FloatArray, rule: NumberRule) -> FloatArray:
    codes = [parsed[0] for code in rule.missing_codes if (parsed := parse_number(code)) is not None]
    if codes and (found := np.isin(values, codes)).any():
        return np.where(found, np.nan, values)
    return values


def _check_range(
    table: RawTable, column: RawColumn, values: FloatArray, rule: NumberRule, log: FaultLog
) -> FloatArray:
    """Report numbers outside the range; NaN takes their place."""
    outside = (values < rule.low) | (values > rule.high)
    if not outside.any():
        return values
    unit = f" {rule.unit}" if rule.unit else ""
    for row in np.flatnonzero(outside)[:FAULTS_PER_COLUMN].tolist():
        value = float(values[row])
        if np.isinf(value):
            problem = "the number must be finite."
        else:
            number = shown(f"{value:g}")
            given = "" if number is None else f", got {number}"
            problem = f"the number must lie from {rule.low:g} to {rule.high:g}{unit}{given}."
        log.add_rows(table, [row], column.title, problem, "Correct it, or empty the cell.")
    return np.where(outside, np.nan, values)


def convert_levels(
    table: RawTable,
    column: RawColumn,
    levels: Sequence[Level],
    missing_codes: Collection[str],
    log: FaultLog,
) -> LevelCodes:
    """Turn a column into places in the list of levels; -1 where the value is missing."""
    reader = _make_reader(tuple(levels), tuple(missing_codes))
    distinct = column.distinct
    places = np.full(len(distinct) + 1, -1, dtype=np.int16)
    bad: dict[int, BadCell] = {}
    for code, text in enumerate(distinct.texts.to_pylist()):
        if text == "":
            continue
        if len(bad) == FAULTS_PER_COLUMN:
            break
        found = reader.find(distinct.others[code] if text is None else text)
        if isinstance(found, BadCell):
            bad[code] = found
        elif found is not None:
            places[code] = found
    wrong = [text for code in bad if (text := distinct.texts[code].as_py()) is not None]
    if looks_like_free_text(wrong):
        first = distinct.rows_of(next(iter(bad)))
        problem = "the column holds many texts that are no level; it looks like free text."
        remedy = "Give the levels of the codebook; free text (not shown) has no place here."
        log.add_rows(table, first[:1], column.title, problem, remedy)
    else:
        _report_bad(table, column, bad, log)
    codes: LevelCodes = places[distinct.codes]
    return codes


@lru_cache(maxsize=1024)
def _make_reader(levels: tuple[Level, ...], missing_codes: tuple[str, ...]) -> LevelReader:
    return LevelReader(levels, missing_codes)


def _report_bad(table: RawTable, column: RawColumn, bad: dict[int, BadCell], log: FaultLog) -> None:
    for code, reason in list(bad.items())[:FAULTS_PER_COLUMN]:
        rows = column.distinct.rows_of(code)
        log.add_rows(table, rows, column.title, reason.problem, reason.remedy)


def convert_dates(
    table: RawTable,
    column: RawColumn,
    missing_codes: Collection[str],
    latest: dt.date,
    log: FaultLog,
) -> DateArray:
    """Turn a column into dates; NaT where the value is missing.

    Parameters
    ----------
    latest : date
        Last day that is accepted.
    """
    distinct = column.distinct
    texts = distinct.texts.to_pylist()
    form = _find_form(text for text in texts if text)
    missing = {fold(code) for code in missing_codes}
    days = np.full(len(distinct) + 1, "NaT", dtype="datetime64[s]")
    bad: dict[int, BadCell] = {}
    for code, text in enumerate(texts):
        if text is not None and (not text or fold(text) in missing):
            continue
        found = _date_of(distinct.others[code]) if text is None else parse_date(text, form)
        if isinstance(found, BadCell):
            bad[code] = found
        elif found > latest:
            problem = f"the date lies after {latest.isoformat()}."
            bad[code] = BadCell(problem, "Correct the year, or the day and month.")
        else:
            days[code] = np.datetime64(found, "s")
    _report_bad(table, column, bad, log)
    dates: DateArray = days[distinct.codes]
    return dates


def _find_form(texts: Iterable[str]) -> DateForm:
    """Return the form that most of the different texts have."""
    listed = list(texts)
    iso = sum(re.match(r"\d{4}-\d\d-\d\d", text) is not None for text in listed)
    danish = sum(re.match(r"\d\d-\d\d-\d{4}", text) is not None for text in listed)
    return "danish" if danish > iso else "iso"


def _date_of(value: object) -> dt.date | BadCell:
    if isinstance(value, dt.datetime):
        if value.time() != dt.time() or value.tzinfo is not None:
            problem = "the cell holds a time of day or a time zone besides the date."
            return BadCell(problem, "Give the date alone.")
        return value.date()
    if isinstance(value, dt.date):
        return value
    problem = "a date is needed, the cell holds a number."
    return BadCell(problem, "Format the column as dates, or write dd-mm-yyyy.")


def convert_texts(column: RawColumn) -> pa.Array:
    """Turn a column into texts; empty texts where a cell is empty."""
    cells = column.cells
    if not isinstance(cells, MixedCells):
        if pa.types.is_string(cells.type):
            return clean_texts(cells.fill_null(""), protected=column.protected)
        if pa.types.is_integer(cells.type):
            return cells.cast(pa.string()).fill_null("")
    distinct = column.distinct
    texts = distinct.texts
    if distinct.others:
        listed = texts.to_pylist()
        for code, value in distinct.others.items():
            listed[code] = as_text(value)
        texts = pa.array(listed, pa.string())
    places = pa.array(distinct.codes, mask=distinct.codes < 0)
    return texts.take(places).fill_null("")
