"""Guards against indicators that know the outcome, the person or the date: none is trained on."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.codebook import Field
from riskmodel.errors import Fault, InputError
from riskmodel.model.encoding import encode_fields
from riskmodel.stats.discrimination import auc

__all__ = ["find_auc_alone", "find_leaks", "refuse_leaks"]

FloatArray = npt.NDArray[np.float64]

COPY_AUC = 0.95
END_COPY_AUC = 0.98  # Higher: a year of entry alone may tell the recent courses that are open.
COPY_CORRELATION = 0.98
COPY_SHARE = 0.9
FEWEST_EACH = 10
FEWEST_KNOWN = 25
FEWEST_ROWS = 30
UNIQUE_SHARE = 0.99
LONG_NUMBER = 1e6
MOST_GAP = 3


def refuse_leaks(table: CaseTable) -> None:
    """Stop training on a table with an indicator that gives the outcome or the person away.

    Raises
    ------
    InputError
        With every indicator refused, the reason, and the remedy.
    """
    faults = find_leaks(table)
    if faults:
        raise InputError(faults)


def find_leaks(table: CaseTable) -> tuple[Fault, ...]:
    """Return the indicators that must not be trained on, each with its reason.

    Refused are fields known only at closure, dates (also dates written as numbers),
    identifiers, and copies of the outcome: a number that equals or orders like the
    duration, and any field that alone separates long from short courses, or ended from open
    ones, nearly perfectly. A field is a copy only where there are ten persons of each kind to tell.

    Parameters
    ----------
    table : CaseTable
        Cases with outcomes.

    Raises
    ------
    InputError
        If the table has no outcomes.
    """
    faults = []
    X = encode_fields(table)
    for column, one in enumerate(table.codebook.indicators):
        if one.name == table.codebook.assessed_week:
            continue
        reason = next(_reasons(one, X[:, column], table), None)
        if reason is not None:
            faults.append(
                Fault(
                    file=table.source,
                    column=one.name,
                    problem=f"the indicator {reason}.",
                    remedy="Set use: context for it in the codebook, or correct the data.",
                )
            )
    return tuple(faults)


def _reasons(one: Field, column: FloatArray, table: CaseTable) -> Iterator[str]:
    if one.known_at == "closure":
        yield "is known only when the case has ended, so it would show the model the outcome"
    if one.type == "date" or (one.type == "number" and _looks_like_dates(column)):
        yield "is a date, which identifies people and does not carry over to new cases"
    if _looks_like_identifier(one, column):
        yield "has a value of its own for nearly every case, as an identifier has"
    if one.type == "number" and _copies_duration(column, table):
        yield "is a copy of the duration, or nearly so"
    if find_auc_alone(one, column, table) > COPY_AUC:
        yield (
            f"alone separates long from short courses nearly perfectly (AUC above {COPY_AUC}), "
            "so it is taken for a copy of the outcome"
        )
    elif _find_auc_where_known(one, column, table) > END_COPY_AUC:
        yield (
            "separates long from short courses nearly perfectly wherever it has a value (AUC above "
            f"{END_COPY_AUC}), so it is taken for a copy of the outcome"
        )
    if _find_auc_of_end(one, column, table) > END_COPY_AUC:
        yield (
            f"alone separates ended from open courses nearly perfectly (AUC above {END_COPY_AUC}), "
            "so it is taken for a copy of whether the course has ended"
        )


def _whole_numbers(column: FloatArray) -> FloatArray:
    known = column[~np.isnan(column)]
    if len(known) < FEWEST_ROWS or np.any(known != np.round(known)):
        return np.empty(0)
    return known


def _looks_like_dates(column: FloatArray) -> bool:
    """Tell whether whole numbers read as yyyymmdd or ddmmyyyy, years 1900-2100."""
    known = _whole_numbers(column)
    if not len(known) or known.min() < LONG_NUMBER:
        return False
    head, tail = known // 10_000, known % 10_000
    for year, month, day in ((head, tail // 100, tail % 100), (tail, head % 100, head // 100)):
        plausible = (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12)
        if np.all(plausible & (day >= 1) & (day <= 31)):
            return True
    return False


def _looks_like_identifier(one: Field, column: FloatArray) -> bool:
    known = column[~np.isnan(column)]
    if len(known) < FEWEST_ROWS or len(np.unique(known)) < UNIQUE_SHARE * len(known):
        return False
    if one.type != "number":
        return True
    whole = _whole_numbers(column)
    if not len(whole):
        return False
    running = whole.max() - whole.min() < MOST_GAP * len(whole)
    return bool(running or whole.min() >= LONG_NUMBER)


def _copies_duration(column: FloatArray, table: CaseTable) -> bool:
    outcomes = _outcomes(table)
    rows = ~np.isnan(column) & outcomes.ended
    if rows.sum() < FEWEST_ROWS:
        return False
    value, duration = column[rows], outcomes.duration_weeks[rows]
    for true in (duration, duration - table.assessed_week[rows]):
        if np.ptp(true) == 0 or np.ptp(value) == 0:
            continue
        ranked = np.corrcoef(rankdata(value), rankdata(true))[0, 1]
        same = np.mean(np.abs(value - true) < 1e-6)
        if abs(ranked) > COPY_CORRELATION or same > COPY_SHARE:
            return True
    return False


def find_auc_alone(one: Field, column: FloatArray, table: CaseTable) -> float:
    """AUC of one field at the primary horizon, the better of both directions.

    Categories are ranked by the share of long courses among the other half of the persons;
    values that are missing count as a level of their own. NaN where fewer than ten persons
    have a long course, or a short one: with fewer, chance alone can separate them.
    """
    horizon = table.codebook.primary_horizon
    long_course = _outcomes(table).status_at(horizon).long_course
    rows = ~np.isnan(long_course) & (table.assessed_week < horizon)
    return _find_best_auc(one, column[rows], long_course[rows], table.group[rows])


def _find_auc_where_known(one: Field, column: FloatArray, table: CaseTable) -> float:
    """AUC of one field among the rows that have a value; NaN where they are few."""
    known = ~np.isnan(column)
    long_course = _outcomes(table).status_at(table.codebook.primary_horizon).long_course
    for state in (0.0, 1.0):
        if len(np.unique(table.group[known & (long_course == state)])) < FEWEST_KNOWN:
            return math.nan
    rows = known & ~np.isnan(long_course) & (table.assessed_week < table.codebook.primary_horizon)
    return _find_best_auc(one, column[rows], long_course[rows], table.group[rows])


def _find_auc_of_end(one: Field, column: FloatArray, table: CaseTable) -> float:
    """AUC of one field for whether the course has ended; NaN where nearly all have, or none."""
    ended = _outcomes(table).ended.astype(np.float64)
    return _find_best_auc(one, column, ended, table.group)


def _find_best_auc(
    one: Field, value: FloatArray, y: FloatArray, groups: npt.NDArray[np.str_]
) -> float:
    """AUC of a field, the better of both directions, missing values at either end."""
    _, person = np.unique(groups, return_inverse=True)
    if min(len(np.unique(person[y == state])) for state in (0, 1)) < FEWEST_EACH:
        return math.nan
    missing = np.isnan(value)
    found = [auc(y, missing.astype(np.float64))]
    if one.type == "category":
        found.append(auc(y, _shares_elsewhere(np.where(missing, -1, value), y, person % 2)))
    elif not missing.all():
        for place in (-np.inf, np.inf):
            edge = np.nanmin(value) - 1 if place < 0 else np.nanmax(value) + 1
            found.append(auc(y, np.where(missing, edge, value)))
    return float(max(max(one, 1 - one) for one in found))


def _shares_elsewhere(codes: FloatArray, y: FloatArray, half: npt.NDArray[np.intp]) -> FloatArray:
    """Share of long courses of each row's level among the rows of the other half.

    The halves are of persons: rows of one person in both would tell of each other.
    """
    _, level = np.unique(codes, return_inverse=True)
    out = np.empty(len(y))
    for own in (0, 1):
        others = half != own
        size = np.bincount(level[others], minlength=level.max() + 1)
        long = np.bincount(level[others], y[others], minlength=level.max() + 1)
        mean = y[others].mean()
        out[~others] = ((long + mean) / (size + 1))[level[~others]]
    return out


def _outcomes(table: CaseTable) -> Outcomes:
    if table.outcomes is None:
        msg = f"{table.source}: leaks show beside the outcome columns of the codebook; add them."
        raise InputError(msg)
    return table.outcomes
