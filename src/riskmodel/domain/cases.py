"""A validated table of assessments, and the outcomes that can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Codebook

__all__ = ["CASE_WEIGHT", "CaseTable", "Outcomes", "Status"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CASE_WEIGHT = "case_weight"
"""Name of the column with each row's weight, where the cases were drawn with unequal chances."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of each row at one horizon.

    Attributes
    ----------
    long_course : ndarray of float, shape (n,)
        1.0 where the person was still sick-listed after the horizon, 0.0 where the course
        had ended by then, NaN where it was not seen so far.
    """

    horizon_weeks: float
    long_course: FloatArray

    @property
    def known(self) -> BoolArray:
        """Rows whose state at the horizon was seen."""
        return ~np.isnan(self.long_course)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How long each course lasted and how it ended.

    Parameters
    ----------
    duration_weeks : ndarray of float, shape (n,)
        Weeks from the first absence day to the end, or to the last day seen; >= 0.
    ended : ndarray of bool, shape (n,)
        False where the course was still open when last seen (censored).
    recovered : ndarray of bool, shape (n,)
        True where the course ended by recovery; other endings are competing.
    """

    duration_weeks: FloatArray
    ended: BoolArray
    recovered: BoolArray

    def __post_init__(self) -> None:
        n = len(self.duration_weeks)
        if len(self.ended) != n or len(self.recovered) != n:
            msg = "duration_weeks, ended and recovered must have the same length."
            raise ValueError(msg)
        if not np.all(np.isfinite(self.duration_weeks)) or np.any(self.duration_weeks < 0):
            msg = "duration_weeks must be finite and not negative."
            raise ValueError(msg)

    def status_at(self, horizon_weeks: float) -> Status:
        """Return who was still sick-listed after a horizon.

        A course that ended on the horizon's last day is not long. A course still open and
        seen up to the horizon or beyond was running after it; one seen for a shorter time
        is unknown, never short.

        Examples
        --------
        >>> import numpy as np
        >>> seen = Outcomes(np.array([10.0, 30.0, 10.0, 26.0]),
        ...                 np.array([True, True, False, True]), np.ones(4, dtype=bool))
        >>> seen.status_at(26).long_course
        array([ 0.,  1., nan,  0.])
        """
        beyond = self.duration_weeks > horizon_weeks
        open_at_horizon = ~self.ended & (self.duration_weeks >= horizon_weeks)
        long_course = np.where(beyond | open_at_horizon, 1.0, np.where(self.ended, 0.0, np.nan))
        return Status(horizon_weeks=float(horizon_weeks), long_course=long_course)


@dataclass(frozen=True, slots=True)
class CaseTable:
    """Assessments that have been read and checked against a codebook.

    Parameters
    ----------
    codebook : Codebook
        The codebook that the rows obey.
    case_id : ndarray of str, shape (n,)
        Pseudonym of the case.
    group : ndarray of str, shape (n,)
        Rows of one person share it.
    site : ndarray of str, shape (n,)
        Municipality; empty strings where the codebook names no site.
    assessed_week : ndarray of float, shape (n,)
        Weeks from the first absence day to the assessment.
    fields : DataFrame, shape (n, n_fields)
        One column per codebook field that the table holds, in codebook order: numbers as
        float64 (NaN where missing), ordinal, category and yes/no as ordered or unordered
        pandas categoricals over exactly the codebook's levels, dates as datetime64.
    outcomes : Outcomes or None
        None where the table has no outcome columns.
    source : str
        Name of the file, without folders, for messages.
    case_weight : ndarray of float, shape (n,), or None
        How many cases of the population each row stands for: one over its chance of being
        drawn. None where every case was taken, or drawn with the same chance.
    """

    codebook: Codebook
    case_id: npt.NDArray[np.str_]
    group: npt.NDArray[np.str_]
    site: npt.NDArray[np.str_]
    assessed_week: FloatArray
    fields: pd.DataFrame
    outcomes: Outcomes | None = None
    source: str = "table"
    case_weight: FloatArray | None = None

    def __post_init__(self) -> None:
        n = len(self.case_id)
        parts = (self.group, self.site, self.assessed_week, self.fields)
        if any(len(part) != n for part in parts):
            msg = "case_id, group, site, assessed_week and fields must have the same length."
            raise ValueError(msg)
        if self.outcomes is not None and len(self.outcomes.duration_weeks) != n:
            msg = "outcomes must have one entry per row."
            raise ValueError(msg)
        weight = self.case_weight
        if weight is not None and not (
            weight.shape == (n,) and np.all(np.isfinite(weight)) and np.all(weight > 0)
        ):
            msg = "case_weight must be finite and above 0, one entry per row."
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.case_id)

    def __repr__(self) -> str:
        # No case: notebooks and tracebacks are stored with what they show.
        return f"CaseTable({len(self)} assessments, {len(set(self.group))} persons)"

    def take(self, rows: npt.NDArray[np.intp] | BoolArray) -> CaseTable:
        """Return the chosen rows, in the order given.

        Parameters
        ----------
        rows : ndarray of int or bool
            Positions, or a mask of length n.
        """
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        outcomes = self.outcomes
        if outcomes is not None:
            outcomes = Outcomes(
                outcomes.duration_weeks[index], outcomes.ended[index], outcomes.recovered[index]
            )
        return replace(
            self,
            case_id=self.case_id[index],
            group=self.group[index],
            site=self.site[index],
            assessed_week=self.assessed_week[index],
            fields=self.fields.iloc[index].reset_index(drop=True),
            outcomes=outcomes,
            case_weight=None if self.case_weight is None else self.case_weight[index],
        )
