"""How courses of like risk ended: counts of persons, never a person.

Closed cases are laid in bands of the risk that a model gave them without having seen them. A
case that is explained is set beside the persons in its own band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import MIN_CELL

__all__ = [
    "MIN_COMPARED",
    "OutcomeBand",
    "bands_from_mapping",
    "bands_to_mapping",
    "count_outcomes",
    "find_band",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MIN_COMPARED: Final = 20
_BANDS: Final = 10


@dataclass(frozen=True, slots=True)
class OutcomeBand:
    """Persons whose risk lay in one band, and how many of them had a long course.

    Parameters
    ----------
    low, high : float
        Band of risk: `low` included, `high` not (except 1); whole percentages.
    persons : int
        Persons with a known ending in the band, at least `MIN_COMPARED`.
    long_low, long_high : int
        Fewest and most of them with a long course. The two are equal, or the count itself
        is of too few persons to be told and only its bounds are.

    Raises
    ------
    ValueError
        If the band is no band, or holds too few persons.

    Examples
    --------
    >>> OutcomeBand(0.2, 0.4, 50, 14, 14).told_exactly
    True
    """

    low: float
    high: float
    persons: int
    long_low: int
    long_high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high <= 1:
            msg = f"a band of risk must rise within [0, 1], got {self.low} to {self.high}."
            raise ValueError(msg)
        if self.persons < MIN_COMPARED:
            msg = f"a band must hold at least {MIN_COMPARED} persons, got {self.persons}."
            raise ValueError(msg)
        if not 0 <= self.long_low <= self.long_high <= self.persons:
            msg = f"a band cannot hold {self.long_low} to {self.long_high} of {self.persons}."
            raise ValueError(msg)

    @property
    def told_exactly(self) -> bool:
        """Whether the number of long courses is told, and not only its bounds."""
        return self.long_low == self.long_high


def count_outcomes(
    risk: FloatArray, person: npt.NDArray[np.str_], long_course: FloatArray, known: BoolArray
) -> tuple[OutcomeBand, ...]:
    """Count persons and long courses by bands of risk.

    The bands start as tenths of the assessments, with edges on whole percentages. A band
    with fewer than `MIN_COMPARED` persons is joined to the next. A person counts once in
    each band that one of the assessments lies in. A count of 1 to 4 long, or of 1 to 4
    short courses, is told by its bounds only, and so is none.

    Parameters
    ----------
    risk : ndarray of float, shape (n,)
        Risk by a model that had not seen the row; NaN where there is none.
    person : ndarray of str, shape (n,)
        Whose row it is.
    long_course : ndarray of float, shape (n,)
        1 or 0.
    known : ndarray of bool, shape (n,)
        Rows whose state at the horizon was seen.

    Returns
    -------
    tuple of OutcomeBand
        Rising and without gaps from 0 to 1; empty where there are too few persons for two.

    Examples
    --------
    >>> import numpy as np
    >>> risk = np.repeat([0.1, 0.7], 50)
    >>> person = np.arange(100).astype(str)
    >>> ended_long = np.r_[np.tile([1.0, 0, 0, 0, 0], 10), np.tile([1.0, 0], 25)]
    >>> bands = count_outcomes(risk, person, ended_long, np.ones(100, dtype=bool))
    >>> [(one.low, one.high, one.persons, one.long_low) for one in bands]
    [(0.0, 0.7, 50, 10), (0.7, 1.0, 50, 25)]
    """
    kept = known & ~np.isnan(risk)
    risk, person, long_course = risk[kept], person[kept], long_course[kept]
    if len(risk) == 0:
        return ()
    tenths = np.quantile(risk, np.arange(1, _BANDS) / _BANDS, method="inverted_cdf")
    edges = [0.0, *(float(one) for one in np.unique(np.round(tenths, 2)) if 0 < one < 1), 1.0]
    bands: list[OutcomeBand] = []
    start = 0
    while start < len(edges) - 1:
        found = None
        for stop in range(start + 1, len(edges)):
            found = _count(edges[start], edges[stop], risk, person, long_course)
            if found is not None and _rest_is_enough(edges[stop], risk, person):
                start = stop
                break
            found = None
        if found is None:
            break
        bands.append(found)
    return tuple(bands) if len(bands) > 1 else ()


def _inside(low: float, high: float, risk: FloatArray) -> BoolArray:
    return (risk >= low) & ((risk < high) | (high == 1.0))


def _rest_is_enough(edge: float, risk: FloatArray, person: npt.NDArray[np.str_]) -> bool:
    return edge == 1.0 or len(np.unique(person[risk >= edge])) >= MIN_COMPARED


def _count(
    low: float,
    high: float,
    risk: FloatArray,
    person: npt.NDArray[np.str_],
    long_course: FloatArray,
) -> OutcomeBand | None:
    rows = _inside(low, high, risk)
    persons = len(np.unique(person[rows]))
    if persons < MIN_COMPARED:
        return None
    n_long = len(np.unique(person[rows & (long_course == 1)]))
    if n_long < MIN_CELL:
        return OutcomeBand(low, high, persons, 0, MIN_CELL - 1)
    if persons - n_long < MIN_CELL:
        return OutcomeBand(low, high, persons, persons - MIN_CELL + 1, persons)
    return OutcomeBand(low, high, persons, n_long, n_long)


def find_band(bands: Sequence[OutcomeBand], risk: float) -> OutcomeBand | None:
    """Return the band that a risk lies in, or None where there are none."""
    for one in bands:
        if one.low <= risk < one.high or (one.high == 1.0 and risk >= one.low):
            return one
    return None


def bands_to_mapping(bands: Sequence[OutcomeBand]) -> dict[str, Any]:
    """Return bands as plain JSON values."""
    return {
        "fewest_persons": MIN_COMPARED,
        "bands": [
            {
                "low": one.low,
                "high": one.high,
                "persons": one.persons,
                "long_low": one.long_low,
                "long_high": one.long_high,
            }
            for one in bands
        ],
    }


def bands_from_mapping(mapping: Any) -> tuple[OutcomeBand, ...]:
    """Rebuild bands; every one checks itself.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the mapping does not describe bands.
    """
    return tuple(
        OutcomeBand(
            low=float(one["low"]),
            high=float(one["high"]),
            persons=int(one["persons"]),
            long_low=int(one["long_low"]),
            long_high=int(one["long_high"]),
        )
        for one in mapping["bands"]
    )
