"""What holds for a case beside its facts and its risk: the calendar and the lot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.visitation.audit import AuditArm, draw_audit_arm
from riskmodel.visitation.policy import Policy

__all__ = [
    "Circumstances",
    "find_circumstances",
    "find_first_days",
    "find_weeks_later",
    "read_day",
]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
DayArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Circumstances:
    """Whether the policy is in force for each assessment, and who was drawn by lot.

    Parameters
    ----------
    in_force : ndarray of bool, shape (n,)
        False where the assessment is known to lie outside the policy's validity.
    audit : AuditArm
        The audit arm.
    """

    in_force: BoolArray
    audit: AuditArm

    def __post_init__(self) -> None:
        if len(self.in_force) != len(self.audit):
            msg = "in_force and audit must have the same length."
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.in_force)

    def take(self, rows: slice) -> Circumstances:
        """Return the circumstances of some rows."""
        return Circumstances(self.in_force[rows], self.audit.take(rows))


def find_circumstances(
    policy: Policy, facts: pd.DataFrame, assessed_week: FloatArray, case_ids: npt.ArrayLike | None
) -> Circumstances:
    """Look up the calendar and draw the lots.

    Parameters
    ----------
    policy : Policy
        Names the field with the first absence day, the validity and the lots.
    facts : DataFrame, shape (n, n_fields)
        Columns as in `CaseTable.fields`.
    assessed_week : ndarray of float, shape (n,)
        Weeks from the first absence day.
    case_ids : array_like of str, shape (n,), or None
        Keys of the lot; None draws nobody.

    Returns
    -------
    Circumstances
        A case without a first absence day counts as in force: nothing says that it is not.
    """
    day = find_weeks_later(find_first_days(policy, facts), assessed_week)
    in_force = np.isnat(day) | (day >= np.datetime64(policy.valid_from, "D"))
    if policy.valid_to is not None:
        in_force &= np.isnat(day) | (day <= np.datetime64(policy.valid_to, "D"))
    n = len(assessed_week)
    nobody = AuditArm(np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_), 0.0, 0.0)
    audit = nobody if case_ids is None else draw_audit_arm(case_ids, policy)
    return Circumstances(in_force, audit)


def find_first_days(policy: Policy, facts: pd.DataFrame) -> DayArray:
    """Return each row's first absence day; NaT where the table does not carry it."""
    field = policy.first_absence_day
    if field is None or field.name not in facts.columns:
        return np.full(len(facts), np.datetime64("NaT"), dtype="datetime64[D]")
    return np.asarray(facts[field.name].to_numpy(dtype="datetime64[s]").astype("datetime64[D]"))


def find_weeks_later(first_day: DayArray, weeks: FloatArray) -> DayArray:
    """Return the day that lies some weeks after the first absence day; NaT where unknown."""
    days = np.floor(np.where(np.isnan(weeks), 0.0, weeks) * 7).astype("timedelta64[D]")
    return np.asarray(np.where(np.isnan(weeks), np.datetime64("NaT"), first_day + days))


def read_day(day: np.datetime64) -> dt.date | None:
    """Return a day as a date, None where it is unknown."""
    return None if np.isnat(day) else day.astype("datetime64[D]").astype(dt.date)
