"""Following cases up: what is hidden by lot, when they are due again, and what has changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.explanation.change import compare_assessments, find_previous_rows
from riskmodel.model.scoring import ScoredCases
from riskmodel.visitation.audit import draw_audit_arm
from riskmodel.visitation.circumstances import find_first_days, find_weeks_later
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import RecommendedCases
from riskmodel.visitation.schedule import find_last_days

__all__ = ["HIDDEN_BY_LOT", "build_change_frame", "build_follow_up", "hide_drawn"]

HIDDEN_BY_LOT = "drawn by lot to be judged without a score"
CHANGE_PREFIX = "change."


def hide_drawn(cases: ScoredCases, policy: Policy | None) -> ScoredCases:
    """Return the cases without the scores that the policy's lot hides from the adviser.

    The figures can be had again for an evaluation by scoring the same file without a policy.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    policy : Policy or None
        With its audit arm; without one nothing is hidden.
    """
    if policy is None or policy.audit is None:
        return cases
    hidden = draw_audit_arm(cases.table.case_id, policy).without_score & cases.scored
    reasons = np.where(hidden, HIDDEN_BY_LOT, cases.not_scored).astype(object)
    return replace(cases, not_scored=reasons)


def build_follow_up(
    cases: ScoredCases, policy: Policy, recommended: RecommendedCases
) -> dict[str, npt.NDArray[np.generic]]:
    """Return the columns about lots and coming assessments that a policy adds to the scores.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    policy : Policy
        Each part of it that is there adds its columns.
    recommended : RecommendedCases
        What it recommends.

    Returns
    -------
    dict of str to ndarray
        ``audit_arm``, ``next_assessment_week`` and ``next_assessment_on`` (the last working
        day, as an ISO date; empty where the first absence day is unknown).
    """
    columns: dict[str, npt.NDArray[np.generic]] = {}
    if policy.audit is not None:
        columns["audit_arm"] = np.asarray(recommended.audit_arm, dtype=object)
    if policy.reassessment is not None:
        week = policy.reassessment.find_next(cases.table.assessed_week)
        columns["next_assessment_week"] = week
        first_day = find_first_days(policy, cases.table.fields)
        today = find_weeks_later(first_day, cases.table.assessed_week)
        columns["next_assessment_on"] = _write_days(
            find_last_days(first_day, week, not_before=today)
        )
    return columns


def _write_days(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.object_]:
    """Return each row's day as an ISO date, empty where it is unknown."""
    distinct, place = np.unique(days, return_inverse=True)
    texts = np.where(np.isnat(distinct), "", np.datetime_as_string(distinct))
    return np.asarray(texts.astype(object)[place])


def build_change_frame(cases: ScoredCases) -> pd.DataFrame:
    """Return one row for each assessment that has an earlier one of the same case.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases, several assessments of a case among them.

    Returns
    -------
    DataFrame
        ``case_id``, ``earlier_week``, ``assessed_week``, ``earlier_risk``, ``risk``, and in
        percentage points ``change``, ``change.time`` and one ``change.<field>`` per indicator,
        which add up to ``change``.
    """
    previous = find_previous_rows(cases)
    later = np.flatnonzero(previous >= 0)
    earlier = previous[later]
    pairs = compare_assessments(cases, later, earlier)
    table, risk = cases.table, cases.scores.risk
    codebook = cases.model.codebook
    columns: dict[str, object] = {
        "case_id": table.case_id[later],
        "earlier_week": table.assessed_week[earlier],
        "assessed_week": table.assessed_week[later],
        "earlier_risk": risk[earlier],
        "risk": risk[later],
        "change": 100.0 * (risk[later] - risk[earlier]),
    }
    names = [one.name for one in codebook.indicators]
    time = pairs.time_points
    if codebook.assessed_week in names:
        time = time + pairs.fact_points[:, names.index(str(codebook.assessed_week))]
    columns[CHANGE_PREFIX + "time"] = time
    for index, name in enumerate(names):
        if name != codebook.assessed_week:
            columns[CHANGE_PREFIX + name] = pairs.fact_points[:, index]
    return pd.DataFrame(columns)
