"""A points form: what gives points, what a sum stands for, and how such a form is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.mapping_reader import FaultList, MappingReader
from riskmodel.domain.scorecard import PointItem, SumRisk

__all__ = [
    "FormSettings",
    "PointsForm",
    "group_sums",
    "list_form_columns",
    "parse_form_settings",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FormSettings:
    """How a points form is made from a model.

    Parameters
    ----------
    most_points : int
        Largest sum that the form may give, default=20.
    most_indicators : int
        Most lines of the form, default=8.
    most_bands : int
        Most answers of a line that give different points, besides a missing one, default=4.
    most_missing : int
        With more missing answers than this the sum is not used, default=2.
    smallest_gain : float
        A line must explain at least this share of what the model tells apart, default=0.01.
    min_cell : int
        Fewest assessments behind a risk on the form, default=5.
    leave_out : tuple of str
        Indicators that may not stand on the form.
    bootstrap_draws : int
        Draws behind every interval, default=300.
    """

    most_points: int = 20
    most_indicators: int = 8
    most_bands: int = 4
    most_missing: int = 2
    smallest_gain: float = 0.01
    min_cell: int = 5
    leave_out: tuple[str, ...] = ()
    bootstrap_draws: int = 300

    def __post_init__(self) -> None:
        rules = (
            ("most_points", 3, 30),
            ("most_indicators", 1, 10),
            ("most_bands", 2, 5),
            ("most_missing", 0, 10),
            ("smallest_gain", 0, 0.5),
            ("min_cell", 3, 50),
            ("bootstrap_draws", 50, 10_000),
        )
        for name, low, high in rules:
            if not low <= getattr(self, name) <= high:
                msg = f"{name} must lie from {low} to {high}, got {getattr(self, name):g}."
                raise ValueError(msg)


def parse_form_settings(
    mapping: Mapping[str, object], codebook: Codebook, source: str
) -> FormSettings:
    """Read the settings from the mapping in a YAML file; keys left out keep their defaults.

    Raises
    ------
    CodebookError
        With every fault found.
    """
    faults = FaultList(source)
    head = MappingReader(mapping, "", faults, tuple(one.name for one in fields(FormSettings)))
    given: dict[str, object] = {}
    for one in fields(FormSettings):
        if not head.has(one.name):
            continue
        if one.name == "leave_out":
            given[one.name] = head.texts(one.name, "Write leave_out: [name, name].")
            known = {each.name for each in codebook.indicators}
            for name in head.texts(one.name, "Write leave_out: [name, name]."):
                if name not in known:
                    head.note(one.name, f"{name} is no indicator.", "Correct the name.")
            continue
        number = head.number(one.name)
        if number is not None and isinstance(one.default, int):
            if not float(number).is_integer():
                head.note(one.name, f"{one.name} must be a whole number.", "Leave out decimals.")
                continue
            number = int(number)
        if number is not None:
            given[one.name] = number
    settings = FormSettings()
    try:
        settings = FormSettings(**given)  # type: ignore[arg-type]
    except ValueError as error:
        faults.add("", str(error), "Correct the setting.")
    faults.raise_if_any()
    return settings


@dataclass(frozen=True, slots=True)
class PointsForm:
    """Whole points for what is known of a case, and the risk that each sum stands for.

    Parameters
    ----------
    items : tuple of PointItem
        The lines.
    sums : tuple of SumRisk
        Rising ranges of sums, without gaps, from the least to the most that the lines give;
        empty where no cases were there to reckon risks from.
    intercept, per_point : float
        Log-odds of the risk at no points, and of each further point; NaN without `sums`.
    most_missing : int
        With more missing answers than this the sum is not used.
    n_assessments : int
        Assessments that the risks of `sums` were reckoned from.

    Raises
    ------
    ValueError
        If there are no lines, or the ranges of sums leave gaps or their risks fall.
    """

    items: tuple[PointItem, ...]
    sums: tuple[SumRisk, ...] = ()
    intercept: float = math.nan
    per_point: float = math.nan
    most_missing: int = 2
    n_assessments: int = 0

    def __post_init__(self) -> None:
        if not self.items:
            msg = "a points form needs at least one line."
            raise ValueError(msg)
        edges = [(one.low, one.high) for one in self.sums]
        if edges:
            joined = all(a[1] + 1 == b[0] for a, b in pairwise(edges))
            if not joined or edges[0][0] != self.least or edges[-1][1] != self.most:
                msg = f"sums must run from {self.least} to {self.most} without gaps, got {edges}."
                raise ValueError(msg)
            if any(a.risk > b.risk + 1e-12 for a, b in pairwise(self.sums)):
                msg = "the risk must not fall as the sum rises."
                raise ValueError(msg)

    @property
    def least(self) -> int:
        """Smallest sum that the lines can give."""
        return sum(one.least for one in self.items)

    @property
    def most(self) -> int:
        """Largest sum that the lines can give."""
        return sum(one.most for one in self.items)

    def add_up(self, columns: pd.DataFrame) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Return the sum of each row, and whether enough is known for it to be used.

        Parameters
        ----------
        columns : DataFrame, shape (n, n_fields)
            From `list_form_columns`.
        """
        total = np.zeros(len(columns), dtype=np.int64)
        missing = np.zeros(len(columns), dtype=np.int64)
        for item in self.items:
            total += item.points_of(columns[item.field.name])
            missing += columns[item.field.name].isna().to_numpy()
        return total, missing <= self.most_missing

    def read_risk(self, total: IntArray) -> FloatArray:
        """Return the risk that a sum stands for, as read off the form, shape (n,).

        Raises
        ------
        ValueError
            If the form has no risks.
        """
        if not self.sums:
            msg = "the form has points but no risks; make it with cases."
            raise ValueError(msg)
        place = np.searchsorted([one.high for one in self.sums], total)
        risk: FloatArray = np.array([one.risk for one in self.sums])[place]
        return risk

    def first_sum(self, risk: float) -> int | None:
        """Return the smallest sum with at least this risk; None where no sum has."""
        return next((one.low for one in self.sums if one.risk >= risk), None)


def list_form_columns(
    fields_of_rows: pd.DataFrame, assessed_week: FloatArray, codebook: Codebook
) -> pd.DataFrame:
    """Return what the lines of a form ask: the fields of a table, and the assessed week."""
    if isinstance(codebook.assessed_week, str):
        return fields_of_rows.assign(**{codebook.assessed_week: assessed_week})
    return fields_of_rows


def group_sums(
    sums: Sequence[int], risks: FloatArray, weights: FloatArray, counts: IntArray, min_cell: int
) -> tuple[SumRisk, ...]:
    """Put neighbouring sums together until each group holds enough assessments.

    Parameters
    ----------
    sums : sequence of int
        Rising by one.
    risks, weights : ndarray of float, shape (n_sums,)
        Risk of each sum, rising; and weight of the assessments that have it.
    counts : ndarray of int, shape (n_sums,)
        Assessments that have it.
    min_cell : int
        Fewest assessments of a group.

    Examples
    --------
    >>> found = group_sums([0, 1, 2], np.array([0.1, 0.2, 0.3]), np.array([9.0, 1.0, 9.0]),
    ...                    np.array([9, 1, 9]), 5)
    >>> [(one.low, one.high, round(one.risk, 2)) for one in found]
    [(0, 0, 0.1), (1, 2, 0.29)]
    """
    groups: list[list[int]] = []
    waiting: list[int] = []
    for place in range(len(sums)):
        waiting.append(place)
        if counts[waiting].sum() >= min_cell:
            groups.append(waiting)
            waiting = []
    if waiting:
        if groups:
            groups[-1].extend(waiting)
        else:
            groups.append(waiting)
    found = []
    for places in groups:
        weight = weights[places]
        whole = float(weight.sum())
        risk = float(weight @ risks[places] / whole) if whole > 0 else float(risks[places].mean())
        share = whole / float(weights.sum()) if weights.sum() > 0 else 0.0
        found.append(SumRisk(sums[places[0]], sums[places[-1]], risk, share))
    return tuple(found)
