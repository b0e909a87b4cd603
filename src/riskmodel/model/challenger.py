"""The challenger: boosted trees that may join any fields, with moderate regularisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import InputSpec

__all__ = ["Challenger", "fit_challenger"]

FloatArray = npt.NDArray[np.float64]

FEWEST_ROUNDS, MOST_ROUNDS = 40, 300
ROWS_PER_ROUND = 10


@dataclass(frozen=True, slots=True)
class Challenger:
    """Unrestricted trees, for comparison only; never saved and never used for a case.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    """

    booster: lgb.Booster

    def risk(self, X: FloatArray) -> FloatArray:
        """Return the probability of a long course, shape (n,)."""
        return np.asarray(self.booster.predict(X, num_threads=1), dtype=np.float64)


def fit_challenger(
    X: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    specs: Sequence[InputSpec],
    *,
    seed: int = 0,
) -> Challenger:
    """Grow unrestricted trees; their number rises with the number of rows.

    Parameters
    ----------
    X : ndarray of float, shape (n, n_fields)
        Numbers and level codes; NaN where missing.
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights; rows of weight 0 are left out.
    specs : sequence of InputSpec
        What the columns hold.
    seed : int
        Seed of the draws of fields.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 2))
    >>> y = (X[:, 0] * X[:, 1] > 0).astype(float)
    >>> risk = fit_challenger(X, y, np.ones(200), [InputSpec("a"), InputSpec("b")]).risk(X)
    >>> bool(risk[y == 1].mean() > risk[y == 0].mean())
    True
    """
    used = weight > 0
    n = int(used.sum())
    leaf = int(np.clip(n / 20, 5, 40))
    parameters = {
        "objective": "binary",
        "learning_rate": 0.04,
        "num_leaves": 15,
        "max_depth": 5,
        "min_data_in_leaf": leaf,
        "min_data_per_group": leaf,
        "lambda_l2": 10.0,
        "feature_fraction": 0.7,
        "cat_smooth": 20.0,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    categories = [index for index, spec in enumerate(specs) if spec.kind == "category"]
    data = lgb.Dataset(X[used], label=y[used], weight=weight[used], categorical_feature=categories)
    rounds = int(np.clip(n / ROWS_PER_ROUND, FEWEST_ROUNDS, MOST_ROUNDS))
    return Challenger(lgb.train(parameters, data, num_boost_round=rounds))
