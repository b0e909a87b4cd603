"""Figures of new cases by a model that is ready, for an evaluation of it."""

from __future__ import annotations

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.base_rates import find_base_rates
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases

__all__ = ["judge_new_cases"]


def judge_new_cases(model: RiskModel, table: CaseTable) -> HeldOutScores:
    """Score cases that took no part in training.

    That they did not is for the caller to make sure: nothing in a model tells. There is no
    challenger and no simplest rule. The plain duration is that of a case with the mean score
    of the training cases; the base rate is the share of long courses among these very cases
    by assessed week, for a model does not keep that of its training.

    Parameters
    ----------
    model : RiskModel
        The model to judge.
    table : CaseTable
        Cases read with its codebook.
    """
    scored = score_cases(model, table)
    scores, week = scored.scores, table.assessed_week
    curve, codebook = model.curve, model.codebook
    early = week < curve.landmarks[0].landmark
    columns = []
    for horizon in codebook.horizons:
        survival = curve.survival(scores.score, week, horizon)
        columns.append(np.where((week < horizon) & ~early, survival, np.nan))
    typical = np.full(len(table), model.base_value)
    risks = np.column_stack(columns)
    shares = find_base_rates(table, codebook.horizons).at(week)
    kept = np.where(scored.scored, 1.0, np.nan)
    nothing = np.full(len(table), np.nan)
    return HeldOutScores(
        horizons=codebook.horizons,
        primary_horizon=codebook.primary_horizon,
        fold_labels=(),
        simplest_field="",
        fold=np.where(scored.scored, 0, -1),
        score=scores.score * kept,
        risk=scores.risk * kept,
        risks=risks,
        expected_weeks=scores.expected_weeks * kept,
        expected_weeks_low=scores.expected_weeks_low * kept,
        expected_weeks_high=scores.expected_weeks_high * kept,
        plain_weeks=curve.expected_weeks(typical, week)[0] * kept,
        base_risks=np.where(np.isnan(risks), np.nan, shares),
        challenger_risk=nothing,
        simplest_risk=nothing,
    )
