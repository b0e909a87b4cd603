"""Which few indicators carry the prediction, and what leaving each one out would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from riskmodel.evaluation.drawn_figures import find_estimate
from riskmodel.evaluation.figures import Estimate, read_estimate, read_float, to_mapping
from riskmodel.evaluation.refits import Refit, refit_tables, size_in_points
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.discrimination import auc
from riskmodel.stats.logistic import sigmoid
from riskmodel.stats.resampling import percentile_interval
from riskmodel.stats.scoring_rules import brier_score
from riskmodel.training.fit import FittedModel

__all__ = [
    "FewFields",
    "IndicatorRole",
    "KeyIndicators",
    "find_key_indicators",
]

FIRST = 5
MOST_ROWS = 5000
LEVEL = 0.9
PriceMethod = Literal["permuted among unseen cases", "refitted without it"]


@dataclass(frozen=True, slots=True)
class IndicatorRole:
    """What one indicator does in the model.

    Parameters
    ----------
    name : str
        Field of the codebook.
    mean_points : Estimate
        Mean size of its contribution in percentage points; interval over refits.
    among_first : float
        Share of the refits in which it is one of the five strongest.
    price_brier, price_auc : Estimate
        Rise of the Brier score and fall of the AUC without it; positive means that it is
        needed. Indicators that tell the same stand in for each other.
    price_method : str
        How the price was found.
    """

    name: str
    mean_points: Estimate
    among_first: float
    price_brier: Estimate
    price_auc: Estimate
    price_method: PriceMethod


@dataclass(frozen=True, slots=True)
class FewFields:
    """A model of the strongest indicators only, held out like the whole one.

    Parameters
    ----------
    names : tuple of str
        Its indicators.
    auc, brier : Estimate
        Held out.
    share_of_gain : float
        Share of the whole model's gain over the base rate (in Brier score) that it keeps.
    """

    names: tuple[str, ...]
    auc: Estimate
    brier: Estimate
    share_of_gain: float


@dataclass(frozen=True, slots=True)
class KeyIndicators:
    """All indicators, strongest first.

    Parameters
    ----------
    n_rows, n_refits : int
        What they were found on.
    horizon_weeks : float
        Horizon of the prices.
    roles : tuple of IndicatorRole
        By mean contribution, largest first.
    few : tuple of FewFields
        Models of the strongest indicators only; empty where none was fitted.
    """

    n_rows: int
    n_refits: int
    horizon_weeks: float
    roles: tuple[IndicatorRole, ...]
    few: tuple[FewFields, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as JSON-able mappings; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return found

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> KeyIndicators:
        """Return the record that `to_mapping` wrote."""
        roles = []
        for one in given["roles"]:
            figures = {
                name: read_estimate(one[name])
                for name in ("mean_points", "price_brier", "price_auc")
            }
            roles.append(IndicatorRole(**{**one, **figures}))
        few = [
            FewFields(
                tuple(one["names"]),
                read_estimate(one["auc"]),
                read_estimate(one["brier"]),
                read_float(one["share_of_gain"]),
            )
            for one in given["few"]
        ]
        return cls(**{**given, "roles": tuple(roles), "few": tuple(few)})

    def compute_roles(self) -> pd.DataFrame:
        """Return one row per indicator, strongest first."""
        rows = [
            {
                "indicator": one.name,
                "mean_points": one.mean_points.value,
                "mean_points_low": one.mean_points.low,
                "mean_points_high": one.mean_points.high,
                "among_first": one.among_first,
                "price_brier": one.price_brier.value,
                "price_brier_low": one.price_brier.low,
                "price_brier_high": one.price_brier.high,
                "price_auc": one.price_auc.value,
                "price_auc_low": one.price_auc.low,
                "price_auc_high": one.price_auc.high,
                "price_method": one.price_method,
            }
            for one in self.roles
        ]
        return pd.DataFrame(rows)


def find_key_indicators(
    fitted: FittedModel, group: np.ndarray[tuple[int], np.dtype[np.str_]], *, seed: int = 0
) -> KeyIndicators:
    """Rank the indicators from the refits that the model is the mean of.

    The price of leaving an indicator out is found without fitting again: each refit scores
    the cases that its draw left out, once as they are and once with the indicator's values
    permuted among them. `indicator_prices.price_by_refit` is dearer and says what a model that
    never had the indicator would lose.

    Parameters
    ----------
    fitted : FittedModel
        From `fit_risk_model`.
    group : ndarray of str, shape (n,)
        Person of each training row.
    seed : int
        Seed of the permutations.
    """
    names = [one.name for one in fitted.model.codebook.indicators]
    refits = list(refit_tables(fitted, group))
    X, known = fitted.rows.X, fitted.rows.weight > 0
    rows = np.flatnonzero(known)
    rng = np.random.default_rng(seed)
    if len(rows) > MOST_ROWS:
        rows = np.sort(rng.choice(rows, MOST_ROWS, replace=False))
    sizes = np.array([np.abs(size_in_points(one.tables, X[rows])).mean(axis=0) for one in refits])
    own = np.abs(size_in_points(fitted.model.tables, X[rows])).mean(axis=0)
    ranks = np.argsort(np.argsort(-sizes, axis=1, kind="stable"), axis=1, kind="stable")
    among_first = ((ranks < FIRST) & (sizes > 0)).mean(axis=0)
    prices = np.array([_price_unseen(fitted, one, rng) for one in refits])
    low, high = percentile_interval(sizes, LEVEL)
    roles = [
        IndicatorRole(
            name=name,
            mean_points=Estimate(float(own[column]), float(low[column]), float(high[column])),
            among_first=float(among_first[column]),
            price_brier=_mean_with_interval(prices[:, 0, column]),
            price_auc=_mean_with_interval(prices[:, 1, column]),
            price_method="permuted among unseen cases",
        )
        for column, name in enumerate(names)
    ]
    roles.sort(key=lambda one: (-one.mean_points.value, one.name))
    horizon = fitted.model.codebook.primary_horizon
    return KeyIndicators(int(known.sum()), len(refits), horizon, tuple(roles))


def _price_unseen(fitted: FittedModel, refit: Refit, rng: np.random.Generator) -> FloatArray:
    """Rise of Brier score and fall of AUC per field, shape (2, n_fields); NaN if undefined."""
    rows = np.flatnonzero(refit.unseen)
    X, y, weight = fitted.rows.X, fitted.rows.long_course, fitted.rows.weight
    if len(rows) > MOST_ROWS:
        rows = rng.choice(rows, MOST_ROWS, replace=False)
    if len(rows) < 2 or np.ptp(y[rows]) == 0:
        return np.full((2, X.shape[1]), np.nan)
    given, true, own = X[rows], y[rows], weight[rows]
    score = refit.tables.score(given)
    before = brier_score(true, sigmoid(score), sample_weight=own)
    area = auc(true, score, sample_weight=own)
    out = np.zeros((2, X.shape[1]))
    for column in range(X.shape[1]):
        mixed = given.copy()
        mixed[:, column] = rng.permutation(mixed[:, column])
        moved = refit.tables.score(mixed)
        out[0, column] = brier_score(true, sigmoid(moved), sample_weight=own) - before
        out[1, column] = area - auc(true, moved, sample_weight=own)
    return out


def _mean_with_interval(draws: FloatArray) -> Estimate:
    known = draws[~np.isnan(draws)]
    return find_estimate(float(known.mean()) if len(known) else np.nan, draws, LEVEL)
