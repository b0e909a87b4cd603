"""What changed between two assessments of one case, and which facts it is due to.

Two steps lead from the earlier risk to the later one. First the weeks pass while every fact
stays as it was; then, at the later week, the facts change. Each step is worked out with the
model itself, so the parts add up to the change exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.explanation.change_record import (
    AssessmentChange,
    FactChange,
    find_change_interval,
)
from riskmodel.explanation.contributions import word_facts
from riskmodel.explanation.uncertainty import (
    refit_sways,
    score_sway,
    steepness,
    sum_sways,
)
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import SAME_SCORE, ScoredCases

__all__ = [
    "AssessmentChange",
    "ChangedCases",
    "FactChange",
    "compare_assessments",
    "describe_change",
    "find_change_interval",
    "find_previous_rows",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
_NO_MOVE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ChangedCases:
    """The same for many pairs of assessments, as arrays.

    Parameters
    ----------
    earlier_rows, later_rows : ndarray of int, shape (n_pairs,)
        Positions in the scored table.
    time_points : ndarray of float, shape (n_pairs,)
        What passing time did, in percentage points.
    fact_points : ndarray of float, shape (n_pairs, n_indicators)
        What each fact did, in percentage points, in the order of the codebook's indicators.
        With `time_points` each row adds up to the change of the risk.
    slope : ndarray of float, shape (n_pairs,)
        Percentage points for one log-odds between the two scores at the later week.
    """

    earlier_rows: IntArray
    later_rows: IntArray
    time_points: FloatArray
    fact_points: FloatArray
    slope: FloatArray

    def __len__(self) -> int:
        return len(self.later_rows)


def find_previous_rows(cases: ScoredCases) -> IntArray:
    """Return for each row the row of the same case's assessment before it, or -1.

    Only rows with a score count, and of two assessments in one week the later row in the
    table. The order of the table plays no other part.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    week = cases.table.assessed_week
    previous = np.full(len(week), -1, dtype=np.intp)
    scored = np.flatnonzero(cases.scored)
    names, codes = np.unique(cases.table.case_id[scored], return_inverse=True)
    if len(names) == len(scored):
        return previous
    order = np.lexsort((scored, week[scored], codes))
    rows, codes = scored[order], codes[order]
    new_case = np.diff(codes, prepend=-1) != 0
    new_week = new_case | (np.diff(week[rows], prepend=-np.inf) != 0)
    place = np.arange(len(rows))
    before = np.maximum.accumulate(np.where(new_week, place, 0)) - 1
    follows = before >= np.maximum.accumulate(np.where(new_case, place, 0))
    previous[rows[follows]] = rows[before[follows]]
    return previous


def compare_assessments(
    cases: ScoredCases, later_rows: IntArray, earlier_rows: IntArray
) -> ChangedCases:
    r"""Split the change of the risk between pairs of rows into time and facts.

    With :math:`p(x, t)` the risk of facts x at week t, the time part is
    :math:`p(x_0, t_1) - p(x_0, t_0)`, and fact i gets
    :math:`(c_i(x_1, t_1) - c_i(x_0, t_1)) \cdot s`, where c are contributions in log-odds
    and s is the mean slope of the risk between the two scores: the Aumann-Shapley value
    through the link, which adds up exactly.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    later_rows, earlier_rows : ndarray of int, shape (n_pairs,)
        Positions of the two assessments; each must have a score.

    Returns
    -------
    ChangedCases

    Raises
    ------
    ValueError
        If a row has no score, the two rows are of different cases, or weeks do not rise.

    References
    ----------
    Aumann & Shapley (1974), Values of Non-Atomic Games. ISBN 978-0-691-08103-8
    """
    _check_pairs(cases, later_rows, earlier_rows)
    model = cases.model
    week = cases.table.assessed_week[later_rows]
    waited = _move_to_week(cases, earlier_rows, week)
    scores = model.score(waited, week)
    then, now = cases.scores.take(earlier_rows), cases.scores.take(later_rows)
    distance = now.score - scores.score
    near = np.abs(distance) < SAME_SCORE
    level = steepness(model, scores.score, week)
    slope = 100.0 * np.divide(now.risk - scores.risk, distance, out=level, where=~near)
    return ChangedCases(
        earlier_rows=earlier_rows,
        later_rows=later_rows,
        time_points=100.0 * (scores.risk - then.risk),
        fact_points=(now.contributions - scores.contributions) * slope[:, None],
        slope=slope,
    )


def describe_change(cases: ScoredCases, later_row: int, earlier_row: int) -> AssessmentChange:
    """Compare two assessments of one case and name the facts that differ.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases, both rows among them.
    later_row, earlier_row : int
        Positions; see `find_previous_rows`.

    Raises
    ------
    ValueError
        As `compare_assessments`.
    """
    pair = compare_assessments(
        cases, np.array([later_row], dtype=np.intp), np.array([earlier_row], dtype=np.intp)
    )
    before, after = (cases.take(np.array([row], dtype=np.intp)) for row in (earlier_row, later_row))
    week_name = cases.model.codebook.assessed_week
    sways = _sway_change(cases, later_row, earlier_row, float(pair.slope[0]))
    facts, time_points, time_sway = [], float(pair.time_points[0]), sways.time
    facts_before, facts_after = (word_facts(cases, row) for row in (earlier_row, later_row))
    for (field, old, old_label), (_, new, new_label), points, sway in zip(
        facts_before, facts_after, pair.fact_points[0].tolist(), sways.facts, strict=True
    ):
        if field.name == week_name:
            # The week itself is the same in both; a pair term with a changed fact may
            # still credit it with a share.
            time_points += points
            time_sway = sum_sways([time_sway, sway])
            continue
        if old == new and abs(points) < _NO_MOVE:
            continue
        facts.append(
            FactChange(
                field=field.name,
                label=field.label,
                before=old,
                after=new,
                before_label=old_label,
                after_label=new_label,
                points=points,
                sway=sway,
            )
        )
    return AssessmentChange(
        case_id=str(after.table.case_id[0]),
        earlier_week=float(before.table.assessed_week[0]),
        later_week=float(after.table.assessed_week[0]),
        earlier_risk=float(before.scores.risk[0]),
        later_risk=float(after.scores.risk[0]),
        earlier_interval=_interval(before),
        later_interval=_interval(after),
        time_points=time_points,
        facts=tuple(sorted(facts, key=lambda one: -abs(one.points))),
        horizon_weeks=cases.model.codebook.primary_horizon,
        time_sway=time_sway,
        sway=sways.change,
    )


def _interval(one: ScoredCases) -> tuple[float, float]:
    return float(one.scores.risk_low[0]), float(one.scores.risk_high[0])


@dataclass(frozen=True, slots=True)
class _Sways:
    """How time, each fact and the whole change move over refits, in percentage points."""

    time: tuple[float, ...]
    facts: tuple[tuple[float, ...], ...]
    change: tuple[float, ...]


def _sway_change(cases: ScoredCases, later_row: int, earlier_row: int, slope: float) -> _Sways:
    """Work out the movements of a change, to first order in those of the scores."""
    model, table = cases.model, cases.table
    rows = np.array([earlier_row, later_row], dtype=np.intp)
    then, now = table.assessed_week[rows]
    week = np.array([then, now, now])
    X = encode_fields(table.take(rows))
    waited = _move_to_week(cases, rows[:1], week[1:2])
    stacked = np.vstack([X[:1], waited, X[1:]])
    by_fact = refit_sways(model, stacked, week)
    whole = score_sway(model, by_fact)
    score = model.score(stacked, week).score
    risk = 100.0 * steepness(model, score, week)[:, None] * whole
    return _Sways(
        time=tuple((risk[1] - risk[0]).tolist()),
        facts=tuple(tuple(one) for one in (slope * (by_fact[2] - by_fact[1])).tolist()),
        change=tuple((risk[2] - risk[0]).tolist()),
    )


def _check_pairs(cases: ScoredCases, later_rows: IntArray, earlier_rows: IntArray) -> None:
    table = cases.table
    if not np.all(cases.scored[later_rows] & cases.scored[earlier_rows]):
        msg = "both assessments need a score to be compared."
        raise ValueError(msg)
    if np.any(table.case_id[later_rows] != table.case_id[earlier_rows]):
        msg = "only assessments of the same case can be compared."
        raise ValueError(msg)
    if np.any(table.assessed_week[later_rows] <= table.assessed_week[earlier_rows]):
        msg = "the earlier assessment must lie before the later one."
        raise ValueError(msg)


def _move_to_week(cases: ScoredCases, rows: IntArray, week: FloatArray) -> FloatArray:
    """Return the input matrix of rows as if their facts still stood at a later week."""
    X = encode_fields(cases.table.take(rows))
    codebook = cases.model.codebook
    names = [one.name for one in codebook.indicators]
    if codebook.assessed_week in names:
        X[:, names.index(str(codebook.assessed_week))] = week
    return X
