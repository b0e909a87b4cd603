"""Scoring a table of cases: one row out for every row in, with a reason where there is none."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel, Scores

__all__ = [
    "CONTRIBUTION_PREFIX",
    "NOT_SCORED_EARLY",
    "NOT_SCORED_LATE",
    "ScoredCases",
    "contributions_in_points",
    "points_per_log_odds",
    "score_cases",
]

FloatArray = npt.NDArray[np.float64]
CONTRIBUTION_PREFIX = "contribution."
# Scores closer than this to the reference get the slope at the reference.
SAME_SCORE = 1e-9
STEP = 1e-4
# Rows whose working arrays fit in the processor's cache; each row's figures are its own.
BLOCK_ROWS = 8192
NOT_SCORED_LATE = "assessed at or after the horizon"
NOT_SCORED_EARLY = "assessed earlier than any training case"


@dataclass(frozen=True, slots=True)
class ScoredCases:
    """Cases with their figures.

    Parameters
    ----------
    model : RiskModel
        The model that scored.
    table : CaseTable
        The cases.
    scores : Scores
        Figures of each row; to be ignored where `not_scored` gives a reason.
    not_scored : ndarray of object, shape (n,)
        Why a row has no score; empty where it has one.
    """

    model: RiskModel
    table: CaseTable
    scores: Scores
    not_scored: npt.NDArray[np.object_]

    @property
    def scored(self) -> npt.NDArray[np.bool_]:
        """Rows that have a score."""
        return np.asarray(self.not_scored == "", dtype=np.bool_)

    @property
    def outside_training(self) -> npt.NDArray[np.bool_]:
        """Rows with a value that training never saw."""
        return np.asarray(self.scores.outside.any(axis=1), dtype=np.bool_)

    def take(self, rows: npt.NDArray[np.intp]) -> ScoredCases:
        """Return chosen rows with their figures."""
        return ScoredCases(
            self.model, self.table.take(rows), self.scores.take(rows), self.not_scored[rows]
        )

    def risk_at(self, horizon_weeks: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return risk and 90 % interval at a horizon, NaN where there is no score.

        Parameters
        ----------
        horizon_weeks : float
            Weeks from the first absence day; rows assessed at or after it get NaN.
        """
        scores, week = self.scores, self.table.assessed_week
        asked = self.scored & (week < horizon_weeks)
        if horizon_weeks == self.model.codebook.primary_horizon:
            found = (scores.risk, scores.risk_low, scores.risk_high)
        else:
            found = self.model.risk_between(scores.score, scores.margin, week, horizon_weeks)
        risk, low, high = (np.where(asked, each, np.nan) for each in found)
        return risk, low, high

    def to_frame(self, *, contributions: bool = False) -> pd.DataFrame:
        """Return one row per assessment, in input order.

        Parameters
        ----------
        contributions : bool
            Add a column ``contribution.<field>`` per indicator, in percentage points.
        """
        scored, scores = self.scored, self.scores

        def shown(values: FloatArray) -> FloatArray:
            return np.where(scored, values, np.nan)

        columns: dict[str, object] = {
            "case_id": self.table.case_id,
            "assessed_week": self.table.assessed_week,
            "risk": shown(scores.risk),
            "risk_low": shown(scores.risk_low),
            "risk_high": shown(scores.risk_high),
            "expected_weeks": shown(scores.expected_weeks),
            "expected_weeks_low": shown(scores.expected_weeks_low),
            "expected_weeks_high": shown(scores.expected_weeks_high),
            "tier": "",
            "reasons": "",
            "scored": scored,
            "not_scored_reason": self.not_scored,
            "model_version": self.model.version,
            "policy_version": "",
        }
        if contributions:
            points = contributions_in_points(self)
            for index, one in enumerate(self.model.codebook.indicators):
                columns[CONTRIBUTION_PREFIX + one.name] = shown(points[:, index])
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        scored = int(self.scored.sum())
        return f"ScoredCases({scored} of {len(self.table)} assessments, model {self.model.version})"

    def _repr_html_(self) -> str:
        """Return the distribution of the figures for a notebook.

        Cases are not listed: a notebook is stored with what it shows.
        """
        frame = self.to_frame()
        shown = frame[["risk", "risk_low", "risk_high", "expected_weeks"]].describe()
        shown = shown.drop(index="count").round(3)
        left_out = int((~self.scored).sum())
        head = f"<p>{int(self.scored.sum())} assessments scored, {left_out} not.</p>"
        return head + str(shown.to_html(border=0))


def contributions_in_points(cases: ScoredCases) -> FloatArray:
    """Return contributions in percentage points, shape (n, n_indicators).

    Two steps lead from the reference risk to the risk of a case. The week of the assessment
    moves the reference itself: what lasting until that week does to it counts for the
    assessed week (for all indicators alike where the week is none). From there each
    contribution in log-odds is multiplied by one slope, (risk - moved reference risk) /
    (score - base value): the Aumann-Shapley value through the link. Rows add up to
    risk - reference risk.

    Parameters
    ----------
    cases : ScoredCases
        Rows without a score get figures too; they are to be ignored.
    """
    model = cases.model
    slope, moved = points_per_log_odds(cases)
    points = cases.scores.contributions * slope[:, None]
    names = [one.name for one in model.codebook.indicators]
    if model.codebook.assessed_week in names:
        points[:, names.index(str(model.codebook.assessed_week))] += moved
    else:
        points += moved[:, None] / len(names)
    return points


def points_per_log_odds(cases: ScoredCases) -> tuple[FloatArray, FloatArray]:
    """Return what turns contributions from log-odds into percentage points.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.

    Returns
    -------
    slope : ndarray of float, shape (n,)
        Percentage points for one log-odds of contribution.
    moved : ndarray of float, shape (n,)
        What the week of the assessment does to the reference risk, in percentage points.
    """
    model, scores, week = cases.model, cases.scores, cases.table.assessed_week
    base = model.base_value
    at_base = _risk_at_score(model, base, week)
    distance = scores.score - base
    near = np.abs(distance) < SAME_SCORE
    step = _risk_at_score(model, base + STEP, week) - _risk_at_score(model, base - STEP, week)
    slope = np.divide(scores.risk - at_base, distance, out=step / (2 * STEP), where=~near)
    return 100.0 * slope, 100.0 * (at_base - model.reference_risk)


def _risk_at_score(model: RiskModel, score: float, assessed_week: FloatArray) -> FloatArray:
    """Return the risk that one score has at each row's week, shape (n,)."""
    weeks, place = np.unique(assessed_week, return_inverse=True)
    horizon = model.codebook.primary_horizon
    risk: FloatArray = model.curve.survival(np.full(len(weeks), score), weeks, horizon)[place]
    return risk


def score_cases(model: RiskModel, table: CaseTable) -> ScoredCases:
    """Score every assessment of a table.

    Parameters
    ----------
    model : RiskModel
        The model; the table must have been read with its codebook.
    table : CaseTable
        The cases.

    Raises
    ------
    ValueError
        If the table was read with another codebook's indicators.
    """
    names = [one.name for one in model.codebook.indicators]
    if names != [one.name for one in table.codebook.indicators]:
        msg = "the table must be read with the model's codebook."
        raise ValueError(msg)
    scores = _score_in_blocks(model, encode_fields(table), table.assessed_week)
    week = table.assessed_week
    reasons = np.full(len(table), "", dtype=object)
    reasons[week >= model.codebook.primary_horizon] = NOT_SCORED_LATE
    reasons[week < model.curve.landmarks[0].landmark] = NOT_SCORED_EARLY
    return ScoredCases(model, table, scores, reasons)


def _score_in_blocks(model: RiskModel, X: FloatArray, assessed_week: FloatArray) -> Scores:
    starts = range(0, len(X), BLOCK_ROWS)
    if len(starts) <= 1:
        return model.score(X, assessed_week)
    blocks = [slice(start, start + BLOCK_ROWS) for start in starts]
    parts = [model.score(X[rows], assessed_week[rows]) for rows in blocks]
    names = [one.name for one in fields(Scores)]
    return Scores(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )
