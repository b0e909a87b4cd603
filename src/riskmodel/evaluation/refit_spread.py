"""Figures of single refits on persons that they did not see: chance in training held too.

The bootstrap intervals of an evaluation draw the persons who judge and leave the models as
they are. Here both change: each refit was fitted on another draw of the persons and is
judged by those that its draw left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.evaluation.drawn_figures import find_estimate
from riskmodel.evaluation.figures import Estimate, read_estimate, to_mapping
from riskmodel.evaluation.refits import refit_tables
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.discrimination import auc
from riskmodel.stats.logistic import sigmoid
from riskmodel.stats.scoring_rules import brier_score
from riskmodel.training.fit import FittedModel

__all__ = ["RefitSpread", "measure_refit_spread"]

LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class RefitSpread:
    """How far figures move when both the training and the judging persons change.

    Parameters
    ----------
    n_refits : int
        Refits judged.
    horizon_weeks : float
        The horizon.
    auc, brier : Estimate
        Mean over refits of the figures on unseen persons; the interval holds nine in ten
        refits.
    auc_optimism, brier_optimism : float
        By how much a refit looks better on the persons it was fitted on; >= 0 if anything.
    """

    n_refits: int
    horizon_weeks: float
    auc: Estimate
    brier: Estimate
    auc_optimism: float
    brier_optimism: float

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as JSON-able mappings; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return found

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> RefitSpread:
        """Return the record that `to_mapping` wrote."""
        figures = {name: read_estimate(given[name]) for name in ("auc", "brier")}
        return cls(**{**given, **figures})


def measure_refit_spread(fitted: FittedModel, group: npt.NDArray[np.str_]) -> RefitSpread:
    """Judge each refit by the persons that its draw left out.

    A single refit is a little worse than their mean, which is the model, and it was fitted
    on about 63 % of the persons; so read the width, not the level. The refits share what
    the held-out search decided, which had seen everybody.

    Parameters
    ----------
    fitted : FittedModel
        From `fit_risk_model`.
    group : ndarray of str, shape (n,)
        Person of each training row.

    References
    ----------
    Efron & Tibshirani (1997), J Am Stat Assoc 92:548-560. https://doi.org/10.2307/2965703
    """
    X, y, weight = fitted.rows.X, fitted.rows.long_course, fitted.rows.weight
    known = weight > 0
    found = []
    for one in refit_tables(fitted, group):
        risk = sigmoid(one.tables.score(X))
        sides = (one.unseen & known, ~one.unseen & known)
        if all(0 < y[side].sum() < side.sum() for side in sides):
            found.append([_judge(y[side], risk[side], weight[side]) for side in sides])
    figures = np.array(found).reshape(-1, 2, 2)
    unseen, own = figures[:, 0], figures[:, 1]
    gap = (own - unseen).mean(axis=0) if len(figures) else np.full(2, np.nan)
    return RefitSpread(
        n_refits=len(figures),
        horizon_weeks=fitted.model.codebook.primary_horizon,
        auc=_spread(unseen[:, 0]),
        brier=_spread(unseen[:, 1]),
        auc_optimism=float(gap[0]),
        brier_optimism=float(-gap[1]),
    )


def _judge(y: FloatArray, risk: FloatArray, weight: FloatArray) -> tuple[float, float]:
    return auc(y, risk, sample_weight=weight), brier_score(y, risk, sample_weight=weight)


def _spread(values: FloatArray) -> Estimate:
    mean = float(values.mean()) if len(values) else np.nan
    return find_estimate(mean, values, LEVEL)
