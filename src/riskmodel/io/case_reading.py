"""From the columns of one file to checked arrays, as the codebook describes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.domain.cases import CASE_WEIGHT
from riskmodel.domain.codebook import YES_NO_LEVELS, Codebook, Field, Level
from riskmodel.domain.synthetic import CASE_PREFIX
from riskmodel.io.column_values import (
    DateArray,
    FloatArray,
    LevelCodes,
    NumberRule,
    convert_dates,
    convert_levels,
    convert_numbers,
    convert_texts,
)
from riskmodel.io.raw_tables import FaultLog, RawColumn, RawTable

__all__ = ["CasePart", "check_outcomes_complete", "convert_cases"]

LONGEST_ID = 100
LATEST_WEEK = 1040.0
LARGEST_WEIGHT = 1e6
SYNTHETIC_DAYS = 3 * 366
EMPTY_REMEDY = "Fill it in, or remove the row."


@dataclass(frozen=True, slots=True)
class CasePart:
    """The cases of one file, or of one batch of its rows.

    Attributes
    ----------
    table : RawTable
        Where the rows come from.
    case_id, group : pyarrow.Array of string
    site : ndarray of str
    assessed_week : ndarray of float
    fields : dict of str to array
        In codebook order, as they go into the frame.
    duration_weeks : ndarray of float or None
        NaN where blank; None where the file has no such column.
    ended : ndarray of int or None
        1, 0, or -1 where blank; None where the column is declared and not there.
    end_reason : ndarray of int or None
        Place in the reasons, -1 where blank; None where there is no such column.
    case_weight : ndarray of float or None
        None where the file has no such column.
    notes : tuple of str
    key_title : str
        Heading of the key.
    """

    table: RawTable
    case_id: pa.Array
    group: pa.Array
    site: npt.NDArray[np.str_]
    assessed_week: FloatArray
    fields: dict[str, FloatArray | DateArray | pd.Categorical]
    duration_weeks: FloatArray | None
    ended: LevelCodes | None
    end_reason: LevelCodes | None
    case_weight: FloatArray | None
    notes: tuple[str, ...]
    key_title: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the steps below share."""

    table: RawTable
    columns: Mapping[str, RawColumn]
    codebook: Codebook
    log: FaultLog
    today: dt.date

    def report(self, rows: npt.NDArray[np.intp], name: str, problem: str, remedy: str) -> None:
        column = self.columns[name].title
        self.log.add_rows(self.table, rows, column, problem, remedy)

    def report_blank(self, blank: npt.NDArray[np.bool_], name: str, problem: str) -> None:
        """Report blank cells, unless the column has faults that may explain them."""
        if blank.any() and not self.log.has(self.table, self.columns[name].title):
            self.report(np.flatnonzero(blank), name, problem, EMPTY_REMEDY)

    def missing_codes(self, name: str) -> tuple[str, ...]:
        return next((one.missing_codes for one in self.codebook.fields if one.name == name), ())


def convert_cases(
    table: RawTable,
    columns: Mapping[str, RawColumn],
    codebook: Codebook,
    log: FaultLog,
    today: dt.date,
) -> CasePart:
    """Turn the columns of a file into arrays and check every cell.

    Parameters
    ----------
    table : RawTable
    columns : mapping of str to RawColumn
        Columns by their name in the codebook; the required ones are there.
    codebook : Codebook
    log : FaultLog
        Takes what is wrong; the arrays may be used only if it stays empty.
    today : date
        Dates after it are refused (three years after it where the data are synthetic).
    """
    reading = _Reading(table, columns, codebook, log, today)
    numbers, notes = _convert_all_numbers(reading)
    fields = _convert_fields(reading, numbers)
    week = codebook.assessed_week
    weeks = numbers[week] if isinstance(week, str) else np.full(table.n_rows, float(week))
    if isinstance(week, str):
        reading.report_blank(np.isnan(weeks), week, "the week of the assessment is missing.")
    weight = None if _is_field(codebook, CASE_WEIGHT) else numbers.get(CASE_WEIGHT)
    if weight is not None:
        reading.report_blank(np.isnan(weight), CASE_WEIGHT, "the weight of the case is missing.")
    case_id = _convert_id(reading, codebook.key)
    part = CasePart(
        table=table,
        case_id=case_id,
        group=_convert_id(reading, codebook.group),
        site=_convert_site(reading, fields),
        assessed_week=weeks,
        fields=fields,
        duration_weeks=numbers.get(codebook.outcome.duration_weeks),
        ended=_convert_outcome(reading, codebook.outcome.ended, YES_NO_LEVELS),
        end_reason=_convert_outcome(reading, codebook.outcome.end_reason, codebook.outcome.reasons),
        case_weight=weight,
        notes=(*notes, *_find_kind_doubts(codebook, case_id)),
        key_title=columns[codebook.key].title,
    )
    _check_course(reading, part)
    _check_date_order(reading, part)
    return part


def _convert_all_numbers(reading: _Reading) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    codebook = reading.codebook
    rules = {
        one.name: NumberRule(*one.range, one.missing_codes, one.unit or "")
        for one in codebook.fields
        if one.range is not None
    }
    duration = codebook.outcome.duration_weeks
    longest = codebook.outcome.max_weeks
    rules.setdefault(
        duration, NumberRule(0.0, longest, reading.missing_codes(duration), unit="weeks")
    )
    week = codebook.assessed_week
    if isinstance(week, str):
        codes = reading.missing_codes(week)
        rules.setdefault(week, NumberRule(0.0, LATEST_WEEK, codes, unit="weeks"))
    if not _is_field(codebook, CASE_WEIGHT):
        rules.setdefault(CASE_WEIGHT, NumberRule(1.0, LARGEST_WEIGHT))
    chosen = {
        name: (reading.columns[name], rule)
        for name, rule in rules.items()
        if name in reading.columns
    }
    values, mark = convert_numbers(reading.table, chosen, reading.log)
    return values, ("numbers have a decimal comma",) if mark == "," else ()


def _is_field(codebook: Codebook, name: str) -> bool:
    return any(one.name == name for one in codebook.fields)


def _convert_fields(
    reading: _Reading, numbers: Mapping[str, FloatArray]
) -> dict[str, FloatArray | DateArray | pd.Categorical]:
    ahead = SYNTHETIC_DAYS if reading.codebook.data_kind == "synthetic" else 0
    latest = reading.today + dt.timedelta(days=ahead)
    fields: dict[str, FloatArray | DateArray | pd.Categorical] = {}
    for one in reading.codebook.fields:
        column = reading.columns.get(one.name)
        if column is None:
            continue
        if one.type == "number":
            fields[one.name] = numbers[one.name]
        elif one.type == "date":
            codes = one.missing_codes
            fields[one.name] = convert_dates(reading.table, column, codes, latest, reading.log)
        else:
            fields[one.name] = _convert_category(reading, column, one)
    return fields


def _convert_category(reading: _Reading, column: RawColumn, one: Field) -> pd.Categorical:
    codes = convert_levels(reading.table, column, one.levels, one.missing_codes, reading.log)
    kind = _find_kind(one.level_values, ordered=one.type == "ordinal")
    return pd.Categorical.from_codes(codes, dtype=kind, validate=False)


@lru_cache(maxsize=1024)
def _find_kind(values: tuple[str, ...], *, ordered: bool) -> pd.CategoricalDtype:
    """Return a type made once for all batches: that takes as long as to read some thousand rows."""
    return pd.CategoricalDtype(list(values), ordered=ordered)


def _convert_id(reading: _Reading, name: str) -> pa.Array:
    texts = convert_texts(reading.columns[name])
    blank = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    reading.report_blank(blank, name, "the cell is blank, and every row needs it.")
    _check_length(reading, texts, name)
    return texts


def _find_kind_doubts(codebook: Codebook, case_id: pa.Array) -> tuple[str, ...]:
    """Tell where records may be read by the codebook of made cases, and the other way round."""
    is_synthetic = codebook.data_kind == "synthetic"
    if is_synthetic == pc.all(pc.starts_with(case_id, CASE_PREFIX)).as_py():
        return ()
    if not is_synthetic:
        made = (
            f"the codebook says data_kind: {codebook.data_kind}, and all ids are those of made "
            "cases: a model of them is evidence of nothing"
        )
        return (made,)
    doubt = (
        "the codebook says data_kind: synthetic, and nothing shows that these cases are. If they "
        "are records, that a legal basis is on record was not looked into"
    )
    return (doubt,)


def _check_length(reading: _Reading, texts: pa.Array, name: str) -> None:
    too_long = pc.greater(pc.utf8_length(texts), LONGEST_ID)
    if pc.any(too_long).as_py():
        rows = np.flatnonzero(too_long.to_numpy(zero_copy_only=False))
        problem = f"the text is longer than {LONGEST_ID} letters (not shown)."
        reading.report(rows, name, problem, "Use a short pseudonym; free text has no place here.")


def _convert_site(
    reading: _Reading, fields: Mapping[str, FloatArray | DateArray | pd.Categorical]
) -> npt.NDArray[np.str_]:
    name = reading.codebook.site
    if name is None or name not in reading.columns:
        return np.full(reading.table.n_rows, "")
    field = fields.get(name)
    if isinstance(field, pd.Categorical):
        listed = [*field.categories.tolist(), ""]
        return np.asarray(listed, dtype=np.str_).take(field.codes, mode="wrap")
    texts = convert_texts(reading.columns[name])
    _check_length(reading, texts, name)
    coded = texts.dictionary_encode()
    listed = coded.dictionary.to_pylist()
    sites: npt.NDArray[np.str_] = np.asarray(listed, dtype=np.str_)[coded.indices.to_numpy()]
    return sites


def _convert_outcome(
    reading: _Reading, name: str | None, levels: tuple[Level, ...]
) -> LevelCodes | None:
    if name is None or name not in reading.columns:
        return None
    codes = reading.missing_codes(name)
    return convert_levels(reading.table, reading.columns[name], levels, codes, reading.log)


def _check_course(reading: _Reading, part: CasePart) -> None:
    """Check what the outcome columns say against each other."""
    outcome = reading.codebook.outcome
    if part.duration_weeks is not None:
        early = np.flatnonzero(part.duration_weeks < part.assessed_week)
        problem = "the course ended, or was last seen, before the week of the assessment."
        reading.report(
            early, outcome.duration_weeks, problem, "Correct one of the two, or remove the row."
        )
        beyond = np.flatnonzero(part.duration_weeks > outcome.max_weeks)
        problem = f"the course is longer than {outcome.max_weeks:g} weeks."
        reading.report(beyond, outcome.duration_weeks, problem, "Correct the duration.")
    if part.end_reason is not None and part.ended is not None and outcome.end_reason is not None:
        open_case = np.flatnonzero((part.ended == 0) & (part.end_reason >= 0))
        problem = "the case has a reason of ending and has not ended."
        reading.report(
            open_case, outcome.end_reason, problem, "Empty the reason, or correct ended."
        )


def _check_date_order(reading: _Reading, part: CasePart) -> None:
    """Report dates known at closure that lie before one known at intake."""
    dates = [
        one for one in reading.codebook.fields if one.type == "date" and one.name in part.fields
    ]
    for start in dates:
        for end in dates:
            if start.known_at == "intake" and end.known_at == "closure":
                first = np.asarray(part.fields[start.name])
                last = np.asarray(part.fields[end.name])
                problem = f"the date lies before {start.name}: the course ends before it starts."
                remedy = "Correct one of the two dates."
                reading.report(np.flatnonzero(last < first), end.name, problem, remedy)


def check_outcomes_complete(
    part: CasePart, columns: Mapping[str, RawColumn], codebook: Codebook, log: FaultLog
) -> None:
    """Report blank outcomes: duration, whether the course ended, and the reason if it did."""
    outcome = codebook.outcome
    reading = _Reading(part.table, columns, codebook, log, dt.date.max)
    n = part.table.n_rows
    if part.duration_weeks is not None:
        blank = np.isnan(part.duration_weeks)
        reading.report_blank(blank, outcome.duration_weeks, "the duration is missing.")
    ended = np.ones(n, dtype=np.int16) if part.ended is None else part.ended
    if outcome.ended is not None:
        problem = "it is not said whether the course has ended."
        reading.report_blank(ended < 0, outcome.ended, problem)
    if outcome.end_reason is not None and part.end_reason is not None:
        problem = "the course has ended and the reason is missing."
        reading.report_blank((ended == 1) & (part.end_reason < 0), outcome.end_reason, problem)
