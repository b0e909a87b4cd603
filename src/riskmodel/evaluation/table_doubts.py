"""What a table of cases cannot teach, or teaches twice: told before a model of it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.model.encoding import encode_fields
from riskmodel.training.leak_guards import find_auc_alone

__all__ = ["STRONG_ALONE", "TableDoubts", "count_twins", "find_aucs_alone", "find_table_doubts"]

HashArray = npt.NDArray[np.uint64]

STRONG_ALONE = 0.85
"""AUC of an indicator alone from which on it is asked when it became known."""

FEWEST_TWINS = 10
TWIN_SHARE = 0.01
MORE_THAN_CHANCE = 3.0
FEWEST_KINDS = 20


@dataclass(frozen=True, slots=True)
class TableDoubts:
    """What a reader should know of the cases behind a model.

    Parameters
    ----------
    no_value : tuple of str
        Indicators that no row has a value of.
    one_value : tuple of str
        Indicators that have one and the same value in every row.
    n_rows, n_twins : int
        Assessments, and those equal in every column to one of another person; 0 where they
        are no more than chance gives.
    auc_alone : mapping of str to float
        AUC of each indicator alone, NaN where there are too few courses to tell; empty
        without outcomes.
    """

    n_rows: int = 0
    no_value: tuple[str, ...] = ()
    one_value: tuple[str, ...] = ()
    n_twins: int = 0
    auc_alone: Mapping[str, float] = field(default_factory=dict)

    @property
    def strong_alone(self) -> dict[str, float]:
        """Indicators that alone tell long courses from short ones remarkably well."""
        return {name: one for name, one in self.auc_alone.items() if one > STRONG_ALONE}


def find_table_doubts(table: CaseTable) -> TableDoubts:
    """Return what a table cannot teach a model, or seems to teach it twice.

    Parameters
    ----------
    table : CaseTable
        The cases; twins and the strength of an indicator show only beside outcomes.
    """
    no_value, one_value = [], []
    for column, one in zip(encode_fields(table).T, table.codebook.indicators, strict=True):
        if one.name == table.codebook.assessed_week:
            continue
        missing = np.isnan(column)
        if missing.all():
            no_value.append(one.name)
        elif not missing.any() and np.ptp(column) == 0 and len(column) > 1:
            one_value.append(one.name)
    return TableDoubts(
        len(table),
        tuple(no_value),
        tuple(one_value),
        count_twins(table),
        {} if table.outcomes is None else find_aucs_alone(table),
    )


def find_aucs_alone(table: CaseTable) -> dict[str, float]:
    """Return the AUC of each indicator alone, as `find_auc_alone` finds it.

    Raises
    ------
    InputError
        If the table has no outcomes.
    """
    columns = zip(encode_fields(table).T, table.codebook.indicators, strict=True)
    return {one.name: find_auc_alone(one, column, table) for column, one in columns}


def count_twins(table: CaseTable) -> int:
    """Return how many rows equal another person's in every column; 0 where chance explains it.

    Persons and cases are left out of the comparison. A table of few, coarse fields holds many
    equal rows by itself, so it is asked what chance gives: among first assessments of equal
    fields, the outcome should agree about as often as among those of other fields at the same
    week. Three times as many pairs, one row in a hundred, and ten pairs more are told. Where
    every kind of row stands there an even number of times (or every third time, ...), of
    twenty kinds or more, the whole table is repeated, however coarse it is.

    Parameters
    ----------
    table : CaseTable
        Cases; without outcomes nothing can be told.
    """
    if table.outcomes is None or len(table) < FEWEST_TWINS:
        return 0
    fields = _hash_fields(table)
    outcome = _hash_outcomes(table.outcomes)
    whole = _join(fields, outcome)
    first = _find_first_rows(table)
    week = table.assessed_week[first]
    if not (
        _exceeds_chance(fields[first], outcome[first], week)
        or _is_repeated(np.unique(whole[first], return_counts=True)[1])
    ):
        return 0
    persons = pd.DataFrame({"row": whole, "person": table.group})
    return int((persons.groupby("row")["person"].transform("nunique") > 1).sum())


def _hash_fields(table: CaseTable) -> HashArray:
    """One number a row for all its fields and its week; the name of no person is in it."""
    codebook = table.codebook
    left_out = {codebook.key, codebook.group}
    kept = [name for name in table.fields.columns if name not in left_out]
    return _hash(table.fields[kept].assign(assessed_week=table.assessed_week))


def _hash_outcomes(outcomes: Outcomes) -> HashArray:
    return _hash(
        pd.DataFrame(
            {
                "duration": outcomes.duration_weeks,
                "ended": outcomes.ended,
                "recovered": outcomes.recovered,
            }
        )
    )


def _hash(frame: pd.DataFrame) -> HashArray:
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _join(one: HashArray, other: HashArray) -> HashArray:
    return _hash(pd.DataFrame({"one": one, "other": other}))


def _find_first_rows(table: CaseTable) -> npt.NDArray[np.intp]:
    """Positions of the earliest assessment of each person: courses of one person may be alike."""
    by_week = np.lexsort((table.case_id, table.assessed_week))
    _, place = np.unique(table.group[by_week], return_index=True)
    return by_week[place]


def _exceeds_chance(fields: HashArray, outcome: HashArray, week: npt.NDArray[np.float64]) -> bool:
    """Whether the outcomes of rows with equal fields agree far more often than of others."""
    at_week = _hash(pd.DataFrame({"week": week}))
    alike, twins = _count_pairs(fields), _count_pairs(_join(fields, outcome))
    others = _count_pairs(at_week) - alike
    if others <= 0:
        return False
    agreeing = _count_pairs(_join(at_week, outcome)) - twins
    expected = alike * agreeing / others
    fewest = max(FEWEST_TWINS, TWIN_SHARE * len(fields))
    return twins >= MORE_THAN_CHANCE * expected and twins - expected >= fewest


def _is_repeated(counts: npt.NDArray[np.intp]) -> bool:
    return len(counts) >= FEWEST_KINDS and int(np.gcd.reduce(counts)) > 1


def _count_pairs(codes: HashArray) -> float:
    count = np.unique(codes, return_counts=True)[1].astype(np.float64)
    return float(np.sum(count * (count - 1) / 2))
