"""Who the cases are about: each indicator in a few rounded figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Field
from riskmodel.evaluation.figures import read_float, to_mapping

__all__ = ["CaseProfile", "FieldProfile", "describe_cases"]

FEWEST_FOR_QUARTILES = 20
YEAR_ENDS = (0.02, 0.98)


@dataclass(frozen=True, slots=True)
class FieldProfile:
    """One indicator over the assessments.

    Parameters
    ----------
    name : str
        Field of the codebook.
    missing : float
        Share of assessments where it is missing, in whole percent; NaN where that, or
        having it, is about too few persons.
    quartiles : tuple of float
        Of a number, rounded to two digits; empty for others and for few persons.
    level : str
        The most common level of an ordinal, category or yes/no field; empty for numbers.
    level_share : float
        Its share of the assessments that have the field, in whole percent; NaN if hidden.
    """

    name: str
    missing: float
    quartiles: tuple[float, ...] = ()
    level: str = ""
    level_share: float = math.nan


@dataclass(frozen=True, slots=True)
class CaseProfile:
    """All indicators, and the years that the courses began in.

    Parameters
    ----------
    n_rows, n_persons : int
        Assessments and persons.
    years : tuple of int
        First and last year, the few earliest and latest left out; empty without dates.
    fields : tuple of FieldProfile
        In codebook order.
    """

    n_rows: int
    n_persons: int
    years: tuple[int, ...]
    fields: tuple[FieldProfile, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as JSON-able mappings; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return found

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> CaseProfile:
        """Return the record that `to_mapping` wrote."""
        fields = [
            FieldProfile(
                one["name"],
                read_float(one["missing"]),
                tuple(one["quartiles"]),
                one["level"],
                read_float(one["level_share"]),
            )
            for one in given["fields"]
        ]
        return cls(given["n_rows"], given["n_persons"], tuple(given["years"]), tuple(fields))


def describe_cases(table: CaseTable, *, min_cell: int = 5) -> CaseProfile:
    """Describe the indicators of a table without telling of few persons.

    Parameters
    ----------
    table : CaseTable
        The cases.
    min_cell : int
        Shares of fewer persons are hidden.
    """
    return CaseProfile(
        n_rows=len(table),
        n_persons=len(np.unique(table.group)),
        years=_find_years(table),
        fields=tuple(
            _describe(one, table.fields[one.name], table, min_cell)
            for one in table.codebook.indicators
            if one.name in table.fields.columns
        ),
    )


def _describe(field: Field, column: pd.Series, table: CaseTable, min_cell: int) -> FieldProfile:
    missing = column.isna().to_numpy()
    few = any(0 < _count(table, side) < min_cell for side in (missing, ~missing))
    share = math.nan if few else round(float(missing.mean()), 2)
    known = column[~missing]
    if field.type == "number":
        enough = _count(table, ~missing) >= FEWEST_FOR_QUARTILES
        quartiles = np.quantile(known.to_numpy(), (0.25, 0.5, 0.75)) if enough else ()
        return FieldProfile(field.name, share, tuple(float(f"{one:.2g}") for one in quartiles))
    counts = known.value_counts()
    if not len(counts) or counts.iloc[0] == 0:
        return FieldProfile(field.name, share)
    level = str(counts.index[0])
    having = (column == level).to_numpy()
    hidden = any(0 < _count(table, side) < min_cell for side in (having, ~having & ~missing))
    part = math.nan if hidden else round(float(counts.iloc[0] / len(known)), 2)
    return FieldProfile(field.name, share, (), level, part)


def _count(table: CaseTable, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return len(np.unique(table.group[rows]))


def _find_years(table: CaseTable) -> tuple[int, ...]:
    """Years of the codebook's first date that is known at intake."""
    for one in table.codebook.fields:
        if one.type == "date" and one.known_at == "intake" and one.name in table.fields.columns:
            years = table.fields[one.name].dt.year.dropna()
            if len(years) >= FEWEST_FOR_QUARTILES:
                return tuple(int(year) for year in years.quantile(YEAR_ENDS, interpolation="lower"))
    return ()
