"""How far each prediction moves when the model is refitted on other draws of the persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.domain.small_cells import protect_small_groups
from riskmodel.evaluation.figures import read_float, to_mapping
from riskmodel.evaluation.refits import refit_tables
from riskmodel.stats.logistic import sigmoid
from riskmodel.training.fit import FittedModel

__all__ = ["InstabilityBand", "InstabilityRecord", "measure_instability"]

BIN_WIDTH = 0.05
MOST_ROWS = 5000
STRONGEST = 3
LIMITS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class InstabilityBand:
    """Cases of about the same risk.

    Parameters
    ----------
    from_risk, to_risk : float
        Limits of the band of risk.
    n_rows : int
        Assessments in it; -1 where too few persons are, and then all figures are NaN.
    risk : float
        Mean risk by the model.
    low, high : float
        Means of the 2.5th and 97.5th percentile of each case's risk over the refits.
    mape : float
        Mean distance between a refit's risk and the model's.
    """

    from_risk: float
    to_risk: float
    n_rows: int
    risk: float
    low: float
    high: float
    mape: float


@dataclass(frozen=True, slots=True)
class InstabilityRecord:
    """Instability of the predictions; about groups of cases, never one.

    Parameters
    ----------
    n_rows, n_persons, n_refits : int
        Assessments looked at, their persons, and refits.
    mape : float
        Mean absolute prediction error over cases and refits, in probability.
    mape_90 : float
        The error that nine of ten cases do not exceed.
    same_strongest : float
        Mean share of a case's three strongest indicators that are also among the three
        strongest of a refit; 1 is perfectly stable.
    switched : mapping of str to float
        At each threshold, the share of pairs of case and refit that lie on another side of
        it than the model says.
    bands : tuple of InstabilityBand
        By the model's risk.
    """

    n_rows: int
    n_persons: int
    n_refits: int
    mape: float
    mape_90: float
    same_strongest: float
    switched: Mapping[str, float]
    bands: tuple[InstabilityBand, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as JSON-able mappings; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return found

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> InstabilityRecord:
        """Return the record that `to_mapping` wrote."""
        values = dict(given)
        values["bands"] = tuple(
            InstabilityBand(
                n_rows=int(one["n_rows"]),
                **{name: read_float(value) for name, value in one.items() if name != "n_rows"},
            )
            for one in given["bands"]
        )
        return cls(**values)

    def compute_bands(self) -> pd.DataFrame:
        """Return one row per band of risk that may be shown."""
        names = list(InstabilityBand.__slots__)
        rows = [[getattr(one, name) for name in names] for one in self.bands if one.n_rows > 0]
        return pd.DataFrame(rows, columns=names)


def measure_instability(
    fitted: FittedModel,
    group: np.ndarray[tuple[int], np.dtype[np.str_]],
    *,
    thresholds: tuple[float, ...] = (0.2, 0.35, 0.5),
    min_cell: int = 5,
) -> InstabilityRecord:
    """Compare each refit's risk of the training cases with the model's.

    The refits share what the held-out search decided (penalty, number of trees, shrinkage),
    so the instability of the whole recipe is larger than what is measured here.

    Parameters
    ----------
    fitted : FittedModel
        From `fit_risk_model`.
    group : ndarray of str, shape (n,)
        Person of each training row.
    thresholds : tuple of float
        Risks at which switching sides is counted.
    min_cell : int
        Bands with fewer persons are hidden.

    References
    ----------
    Riley & Collins (2023), Biom J 65:2200302. https://doi.org/10.1002/bimj.202200302
    """
    X = fitted.rows.X
    rows = np.arange(len(X))
    if len(X) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(len(X), MOST_ROWS, replace=False))
    risk = sigmoid(fitted.model.tables.score(X[rows]))
    own = _mark_strongest(fitted.model.tables.contributions(X[rows]))
    found, agreed = [], []
    for one in refit_tables(fitted, group):
        found.append(sigmoid(one.tables.score(X[rows])))
        theirs = _mark_strongest(one.tables.contributions(X[rows]))
        agreed.append((own & theirs).sum() / own.sum())
    refits = np.array(found)
    error = np.abs(refits - risk).mean(axis=0)
    low, high = np.quantile(refits, LIMITS, axis=0)
    n_bins = round(1 / BIN_WIDTH)
    place = np.minimum((risk / BIN_WIDTH).astype(np.intp), n_bins - 1)
    persons = np.array([len(np.unique(group[rows[place == one]])) for one in range(n_bins)])
    shown = protect_small_groups(persons, persons, min_cell)
    bands = []
    for number in range(n_bins):
        chosen = place == number
        if not chosen.any():
            continue
        hidden = shown[number] != "shown"
        means = [float(one[chosen].mean()) for one in (risk, low, high, error)]
        bands.append(
            InstabilityBand(
                round(number * BIN_WIDTH, 2),
                round((number + 1) * BIN_WIDTH, 2),
                -1 if hidden else int(chosen.sum()),
                *([np.nan] * 4 if hidden else means),
            )
        )
    return InstabilityRecord(
        n_rows=len(rows),
        n_persons=len(np.unique(group[rows])),
        n_refits=len(refits),
        mape=float(error.mean()),
        mape_90=float(np.quantile(error, 0.9)),
        same_strongest=float(np.mean(agreed)),
        switched={
            f"{cut:g}": float(np.mean((refits >= cut) != (risk >= cut))) for cut in thresholds
        },
        bands=tuple(bands),
    )


def _mark_strongest(
    contributions: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Mark the three largest sizes of each row; all fields where there are no more."""
    most = min(STRONGEST, contributions.shape[1])
    places = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :most]
    marked = np.zeros(contributions.shape, dtype=np.bool_)
    np.put_along_axis(marked, places, values=True, axis=1)
    return marked
