"""Points on paper: whole numbers for what is known of a case, and the risk of each sum."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.mapping_reader import FaultList, MappingReader

__all__ = ["MOST_POINTS", "PointBand", "PointItem", "SumRisk", "parse_point_items", "sum_points"]

IntArray = npt.NDArray[np.int64]
MOST_POINTS = 20


@dataclass(frozen=True, slots=True)
class PointBand:
    """What gives points: a range of numbers, some levels, or a missing value.

    Parameters
    ----------
    points : int
        Whole points, from -20 to 20.
    low, high : float
        Numbers with low <= value < high; for number fields.
    levels : tuple of str
        For ordinal, category and yes/no fields.
    missing : bool
        Whether the band is for missing values.
    """

    points: int
    low: float = -math.inf
    high: float = math.inf
    levels: tuple[str, ...] = ()
    missing: bool = False

    def __post_init__(self) -> None:
        if not -MOST_POINTS <= self.points <= MOST_POINTS:
            msg = f"points must lie from -{MOST_POINTS} to {MOST_POINTS}, got {self.points}."
            raise ValueError(msg)
        if not self.low < self.high:
            msg = f"from must be smaller than below, got {self.low:g} and {self.high:g}."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class PointItem:
    """One line of a points form.

    Parameters
    ----------
    field : Field
        What is asked.
    bands : tuple of PointBand
        They must not overlap; what lies in none of them gives no points.

    Raises
    ------
    ValueError
        If a level is unknown or two bands overlap.
    """

    field: Field
    bands: tuple[PointBand, ...]

    def __post_init__(self) -> None:
        levels = [level for band in self.bands for level in band.levels]
        unknown = sorted(set(levels) - set(self.field.level_values))
        if unknown or len(set(levels)) < len(levels):
            msg = f"{self.field.name}: levels must exist and stand once, got {levels}."
            raise ValueError(msg)
        if self.field.type == "number":
            plain = sorted((band.low, band.high) for band in self.bands if not band.missing)
            if any(high > low for (_, high), (low, _) in pairwise(plain)):
                msg = f"{self.field.name}: the ranges overlap."
                raise ValueError(msg)

    @property
    def most(self) -> int:
        """Most points that the line can give."""
        return max(0, *(band.points for band in self.bands))

    @property
    def least(self) -> int:
        """Fewest points that the line can give."""
        return min(0, *(band.points for band in self.bands))

    def points_of(self, column: pd.Series) -> IntArray:
        """Return the points of each row, shape (n,).

        Parameters
        ----------
        column : Series
            Numbers, or a categorical over the field's levels; NaN where missing.
        """
        found = np.zeros(len(column), dtype=np.int64)
        absent = column.isna().to_numpy()
        for band in self.bands:
            if band.missing:
                found[absent] = band.points
            elif self.field.type == "number":
                values = column.to_numpy(dtype=np.float64)
                with np.errstate(invalid="ignore"):
                    found[(values >= band.low) & (values < band.high)] = band.points
            else:
                found[column.astype(object).isin(band.levels).to_numpy()] = band.points
        return found


@dataclass(frozen=True, slots=True)
class SumRisk:
    """What a range of sums stands for.

    Parameters
    ----------
    low, high : int
        Sums from `low` to `high`, both included.
    risk : float
        Probability of a long course.
    share : float
        Share of the cases with such a sum.
    """

    low: int
    high: int
    risk: float
    share: float


def sum_points(items: Sequence[PointItem], fields: pd.DataFrame) -> IntArray:
    """Return the sum of points of each row.

    Parameters
    ----------
    items : sequence of PointItem
    fields : DataFrame, shape (n, n_fields)
        Columns as in `riskmodel.domain.cases.CaseTable.fields`.

    Examples
    --------
    >>> from riskmodel.domain.labels import Label
    >>> weeks = Field("weeks", Label("Uger", "Weeks"), "number", "intake", range=(0, 104))
    >>> item = PointItem(weeks, (PointBand(1, 13, 26), PointBand(3, 26)))
    >>> sum_points([item], pd.DataFrame({"weeks": [4.0, 13.0, 26.0, None]})).tolist()
    [0, 1, 3, 0]
    """
    total = np.zeros(len(fields), dtype=np.int64)
    for item in items:
        total += item.points_of(fields[item.field.name])
    return total


def parse_point_items(
    listed: Sequence[object], codebook: Codebook, faults: FaultList, path: str
) -> tuple[PointItem, ...]:
    """Read the lines of a points form with fixed points.

    Parameters
    ----------
    listed : sequence
        Mappings with ``field``, ``source`` and ``points``; each of the points has ``give``
        and one of ``from``/``below``, ``levels`` and ``missing``.
    codebook : Codebook
        Fields that may be named: its indicators.
    faults : FaultList
        Takes what is wrong.
    path : str
        Where the list stands in the file.
    """
    items: list[PointItem] = []
    indicators = {one.name: one for one in codebook.indicators}
    for number, value in enumerate(listed, 1):
        place = f"{path}[{number}]"
        reader = MappingReader(value, place, faults, ("field", "source", "points"))
        name = reader.choice("field", tuple(indicators))
        reader.require("source", "Say where the points come from, or write assumption.")
        remedy = "Write points: [{from: 26, give: 3}] or [{levels: [yes], give: 1}]."
        bands = [
            _read_band(band, f"{place}.points[{i}]", faults)
            for i, band in enumerate(reader.items("points", remedy), 1)
        ]
        kept = tuple(band for band in bands if band is not None)
        if name is None or not kept or len(kept) < len(bands):
            continue
        try:
            items.append(PointItem(indicators[name], kept))
        except ValueError as error:
            faults.add(place, str(error), "Correct the points of the line.")
    return tuple(items)


def _read_band(value: object, path: str, faults: FaultList) -> PointBand | None:
    keys = ("from", "below", "levels", "missing", "give")
    # A plain number is no band; the reader notes it.
    reader = MappingReader(value if isinstance(value, Mapping) else None, path, faults, keys)
    give = reader.number("give")
    if give is None or not float(give).is_integer():
        reader.note("give", "give must be a whole number of points.", "Write give: 1.")
        return None
    low, high = reader.number("from"), reader.number("below")
    try:
        return PointBand(
            points=int(give),
            low=-math.inf if low is None else low,
            high=math.inf if high is None else high,
            levels=reader.texts("levels", "Write levels: [yes]."),
            missing=reader.flag("missing", default=False),
        )
    except ValueError as error:
        faults.add(path, str(error), "Correct the band.")
        return None
