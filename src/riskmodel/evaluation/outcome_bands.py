"""How courses of like risk ended: counts, never a person.

Closed cases are laid in bands of the risk that a model gave them without having seen them. A
case that is explained is set beside the persons in its own band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

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

Few = Literal["", "long", "short"]
MIN_COMPARED: Final = 20
_BANDS: Final = 10


@dataclass(frozen=True, slots=True)
class OutcomeBand:
    """Assessments whose risk lay in one band, and how many were of a long course.

    Parameters
    ----------
    low, high : float
        Band of risk: `low` included, `high` not (except 1); whole percentages.
    persons : int
        Persons in the band, at least `MIN_COMPARED`.
    assessments : int
        Their assessments in the band whose course is known at the horizon.
    long_assessments : int or None
        How many of these were of a long course; None where the long or the short courses
        are of too few persons to be counted.
    few : {"long", "short", ""}
        Which of the two are of fewer than `MIN_CELL` persons, none among them included.

    Raises
    ------
    ValueError
        If the band is no band, or holds too few persons.

    Examples
    --------
    >>> OutcomeBand(0.2, 0.4, 50, 80, 24).few
    ''
    """

    low: float
    high: float
    persons: int
    assessments: int
    long_assessments: int | None
    few: Few = ""

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high <= 1:
            msg = f"a band of risk must rise within [0, 1], got {self.low} to {self.high}."
            raise ValueError(msg)
        if self.persons < MIN_COMPARED or self.assessments < self.persons:
            msg = (
                f"a band must hold at least {MIN_COMPARED} persons with an assessment each, "
                f"got {self.persons} with {self.assessments}."
            )
            raise ValueError(msg)
        if self.few not in get_args(Few) or (self.long_assessments is None) != bool(self.few):
            msg = f"a band tells a count or what is few, got {self.long_assessments}, {self.few}."
            raise ValueError(msg)
        if not 0 <= (self.long_assessments or 0) <= self.assessments:
            msg = f"a band cannot hold {self.long_assessments} of {self.assessments}."
            raise ValueError(msg)


def count_outcomes(
    risk: FloatArray, person: npt.NDArray[np.str_], long_course: FloatArray, known: BoolArray
) -> tuple[OutcomeBand, ...]:
    """Count assessments and long courses by bands of risk.

    The bands start as tenths of the assessments, with edges on whole percentages. A band
    with fewer than `MIN_COMPARED` persons is joined to the next. Assessments are counted, and
    not persons, since a risk speaks of those who are still sick-listed at the assessment:
    long courses have more of them. Where the long or the short courses are of fewer than
    `MIN_CELL` persons, the count is not told. Totals are known from the evaluation, so a
    count that would follow from them is not left alone: its band is joined to a neighbour.

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
    >>> [(one.low, one.high, one.persons, one.long_assessments) for one in bands]
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
    while len(bands) > 1 and _follows_from_total(bands, risk, person, long_course):
        first = next(place for place, one in enumerate(bands) if one.few)
        first = min(first, len(bands) - 2)
        low, high = bands[first].low, bands[first + 1].high
        joined = _count(low, high, risk, person, long_course)
        bands[first : first + 2] = [joined] if joined is not None else []
    return tuple(bands) if len(bands) > 1 else ()


def _follows_from_total(
    bands: Sequence[OutcomeBand],
    risk: FloatArray,
    person: npt.NDArray[np.str_],
    long_course: FloatArray,
) -> bool:
    """Tell whether total less the counts told gives a count of few persons away."""
    kept_back = [one for one in bands if one.few]
    if not kept_back:
        return False
    rows = np.any([_inside(one.low, one.high, risk) for one in kept_back], axis=0)
    states = [len(np.unique(person[rows & (long_course == state)])) for state in (0, 1)]
    return len(kept_back) == 1 or min(states) < MIN_CELL


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
    long_rows = rows & (long_course == 1)
    few: Few = ""
    if len(np.unique(person[long_rows])) < MIN_CELL:
        few = "long"
    elif len(np.unique(person[rows & ~long_rows])) < MIN_CELL:
        few = "short"
    counted = None if few else int(long_rows.sum())
    return OutcomeBand(low, high, persons, int(rows.sum()), counted, few)


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
                "assessments": one.assessments,
                "long_assessments": one.long_assessments,
                "few": one.few,
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
            assessments=int(one["assessments"]),
            long_assessments=_read_count(one["long_assessments"]),
            few=one["few"],
        )
        for one in mapping["bands"]
    )


def _read_count(value: Any) -> int | None:
    return None if value is None else int(value)
