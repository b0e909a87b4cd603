"""Who the figures are given for, and which of them must be hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Field
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.figures import Family
from riskmodel.model.curve_fitting import find_landmarks

__all__ = [
    "DEFAULT_GROUP_FIELDS",
    "MISSING",
    "OTHER_SITES",
    "Grouping",
    "find_groupings",
    "name_sites",
]

IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

DEFAULT_GROUP_FIELDS = ("age_band", "diagnosis_group", "employment_status")
MISSING = "(missing)"
OTHER_SITES = "(other)"
"""Stands for the small sites that the codebook does not list: a name of few says who they are."""

NUMBER_PARTS = 4
MOST_SITES = 30


@dataclass(frozen=True, slots=True)
class Grouping:
    """A split of the rows into levels.

    Parameters
    ----------
    family : {"landmark", "site", "group"}
        Kind of split.
    field : str
        Field or column that splits.
    levels : tuple of str
        Names of the levels.
    level_of : ndarray of int, shape (n,)
        Position of each row's level.
    """

    family: Family
    field: str
    levels: tuple[str, ...]
    level_of: IntArray


def find_groupings(
    table: CaseTable, group_fields: Sequence[str] | None = None
) -> tuple[Grouping, ...]:
    """Return the splits by landmark, site and group; those with one level are left out.

    Parameters
    ----------
    table : CaseTable
        The rows.
    group_fields : sequence of str, optional
        Fields to split by. Default: the codebook's audit fields, and age band, diagnosis
        group and employment status where it has them.

    Raises
    ------
    ValueError
        If a field named is not in the table.
    """
    codebook = table.codebook
    if group_fields is None:
        audited = [one.name for one in codebook.audit_fields]
        present = {one.name for one in codebook.fields} & set(table.fields.columns)
        wanted = [*audited, *(name for name in DEFAULT_GROUP_FIELDS if name not in audited)]
        group_fields = [name for name in wanted if name in present]
    unknown = sorted(set(group_fields) - set(table.fields.columns))
    if unknown:
        msg = f"group fields must be fields of the table, got {unknown}."
        raise ValueError(msg)
    found = [_by_landmark(table), _by_site(table)]
    found += [
        _by_field(codebook.find_field(name), table.fields[name])
        for name in group_fields
        if codebook.find_field(name).type != "date"
    ]
    return tuple(one for one in found if len(one.levels) > 1)


def name_sites(table: CaseTable) -> npt.NDArray[np.str_]:
    """Return each row's site by the name that may be shown.

    Parameters
    ----------
    table : CaseTable
        The cases.

    Returns
    -------
    ndarray of str, shape (n,)
        `OTHER_SITES` for sites of fewer than five persons that the codebook does not list: what
        stands in so few cells may be anything, a name, too.
    """
    names, place = np.unique(table.site, return_inverse=True)
    people = pd.DataFrame({"site": place, "person": table.group}).drop_duplicates()
    counts = np.bincount(people["site"], minlength=len(names))
    listed = {
        level
        for one in table.codebook.fields
        if one.name == table.codebook.site
        for level in one.level_values
    }
    shown = [
        str(name) if count >= MIN_CELL or name in listed or not name else OTHER_SITES
        for name, count in zip(names, counts, strict=True)
    ]
    return np.array(shown, dtype=np.str_)[place]


def _by_landmark(table: CaseTable) -> Grouping:
    landmarks = find_landmarks(table.assessed_week)
    place = np.maximum(np.searchsorted(landmarks, table.assessed_week, side="right") - 1, 0)
    name = table.codebook.assessed_week
    field = name if isinstance(name, str) else "assessed_week"
    return Grouping("landmark", field, tuple(f"{week:g}" for week in landmarks), place)


def _by_site(table: CaseTable) -> Grouping:
    names, place = np.unique(name_sites(table), return_inverse=True)
    labels = tuple(str(name) or MISSING for name in names)
    if len(names) > MOST_SITES:
        labels, place = labels[:1], np.zeros(len(table), dtype=np.intp)
    return Grouping("site", table.codebook.site or "", labels, place.astype(np.intp))


def _by_field(field: Field, column: pd.Series) -> Grouping:
    if field.type == "number":
        return _by_number(field, column.to_numpy(dtype=np.float64))
    codes = column.cat.codes.to_numpy().astype(np.intp)
    levels = tuple(level.value for level in field.levels)
    place = np.where(codes < 0, len(levels), codes)
    return Grouping("group", field.name, (*levels, MISSING), place)


def _by_number(field: Field, values: npt.NDArray[np.float64]) -> Grouping:
    """Split at quartiles that are rounded to two digits, so that no exact value shows."""
    known = values[~np.isnan(values)]
    shares = np.arange(1, NUMBER_PARTS) / NUMBER_PARTS
    raw = np.quantile(known, shares) if len(known) else np.empty(0)
    edges = np.unique([float(f"{edge:.2g}") for edge in raw])
    place = np.searchsorted(edges, values, side="right")
    place = np.where(np.isnan(values), len(edges) + 1, place).astype(np.intp)
    texts = [f"{edge:g}" for edge in edges]
    levels = [f"under {texts[0]}"] if texts else ["all"]
    levels += [f"{low} to {high}" for low, high in pairwise(texts)]
    levels += [f"{texts[-1]} and over"] if texts else []
    return Grouping("group", field.name, (*levels, MISSING), place)
