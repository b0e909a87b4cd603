"""Risks and contributions by each refit of a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.model.tables import AdditiveTables
from riskmodel.stats.logistic import sigmoid
from riskmodel.stats.resampling import bootstrap_counts
from riskmodel.training.fit import FittedModel

__all__ = ["Refit", "refit_tables", "size_in_points"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Refit:
    """One bootstrap refit.

    Parameters
    ----------
    tables : AdditiveTables
        Its score.
    unseen : ndarray of bool, shape (n,)
        Training rows whose persons its draw left out, their state known.
    """

    tables: AdditiveTables
    unseen: npt.NDArray[np.bool_]


def refit_tables(fitted: FittedModel, group: npt.NDArray[np.str_]) -> Iterator[Refit]:
    """Yield the refits that the model is the mean of, with the rows that each did not see.

    Parameters
    ----------
    fitted : FittedModel
        From `fit_risk_model`.
    group : ndarray of str, shape (n,)
        Person of each training row.
    """
    estimator, rows = fitted.estimator, fitted.rows
    used = rows.weight > 0
    y = rows.long_course[used]
    draws = bootstrap_counts(
        int(used.sum()),
        estimator.n_refits,
        random_state=estimator.random_state,
        groups=group[used],
    )
    usable = [draw for draw in draws if 0 < float(np.sum(y * (draw > 0))) < np.sum(draw > 0)]
    if len(usable) != len(estimator.refits_):
        usable = [np.ones(len(y))] * len(estimator.refits_)
    for draw, values in zip(usable, estimator.refits_, strict=True):
        unseen = np.zeros(len(used), dtype=np.bool_)
        unseen[used] = draw == 0
        yield Refit(replace(fitted.model.tables, values=values), unseen)


def size_in_points(tables: AdditiveTables, X: FloatArray) -> FloatArray:
    """Return contributions in percentage points by one set of tables, shape (n, n_fields).

    Log-odds times the slope between the intercept and the row's score.
    """
    contributions = tables.contributions(X)
    start = tables.values.intercept
    distance = contributions.sum(axis=1)
    base = float(sigmoid(np.array([start]))[0])
    near = np.abs(distance) < 1e-9
    slope = np.divide(
        sigmoid(start + distance) - base,
        distance,
        out=np.full(len(X), base * (1 - base)),
        where=~near,
    )
    return np.asarray(100.0 * contributions * slope[:, None], dtype=np.float64)
