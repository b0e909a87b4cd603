"""The additive risk classifier: scikit-learn's contract around tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)
from threadpoolctl import threadpool_limits

from riskmodel.model.binning import InputSpec
from riskmodel.model.parts import PartData, Parts
from riskmodel.model.pooling import silence
from riskmodel.model.purification import purify_tables
from riskmodel.model.search import Search
from riskmodel.model.stacking import effective_events, find_intercept
from riskmodel.model.tables import AdditiveTables, TableValues, average_tables
from riskmodel.stats.logistic import sigmoid
from riskmodel.stats.resampling import bootstrap_counts

__all__ = ["AdditiveRiskClassifier"]

FloatArray = npt.NDArray[np.float64]

PARALLEL_FROM_ROWS = 1000


class AdditiveRiskClassifier(ClassifierMixin, BaseEstimator):
    """Risk as an additive score: ridge logistic, one-field trees and a few pair terms.

    The parts are fitted on bootstrap refits, averaged and written as tables. Strengths,
    the weight of each part and the shrinkage towards the base rate are learned from
    held-out predictions with a prior that grows weaker with the number of events.

    Parameters
    ----------
    specs : sequence of InputSpec, optional
        What the columns of X hold; numbers when left out.
    n_refits : int
        Bootstrap refits, default=24.
    n_folds : int
        Folds of the inner cross-validation, default=5.
    pair_terms : bool
        Whether pair terms may be admitted, default=True.
    random_state : int
        Seed, default=0.
    n_jobs : int, optional
        Processes that joblib may use.

    Attributes
    ----------
    tables_ : AdditiveTables
        The score; the intercept is the mean score of the training rows.
    refits_ : tuple of TableValues
        The same tables from each refit.
    held_out_score_ : ndarray of float, shape (n,)
        Log-odds of the training rows by models that did not see them.
    weights_ : ndarray of float
        Weight of each part: linear, one-field trees and, where pairs were admitted, pair
        trees on top of these two and trees over fields and pairs at once.
    shrinkage_ : float
        Weight of the parts that speak for the whole score; below one it is shrunk.
    choice_ : Choice
        Strengths chosen.
    pair_gain_ : float
        Held-back gain in log-likelihood that pair terms brought.

    References
    ----------
    Lou, Caruana, Gehrke, Hooker (2013), doi 10.1145/2487575.2487579: additive models
    with pair terms. Breiman (1996), doi 10.1007/BF00117832: stacked regressions.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3))
    >>> y = (X[:, 0] + rng.normal(size=300) > 0).astype(int)
    >>> model = AdditiveRiskClassifier(n_refits=4).fit(X, y)
    >>> model.predict_proba(X).shape
    (300, 2)
    """

    def __init__(
        self,
        specs: Sequence[InputSpec] | None = None,
        *,
        n_refits: int = 24,
        n_folds: int = 5,
        pair_terms: bool = True,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.specs = specs
        self.n_refits = n_refits
        self.n_folds = n_folds
        self.pair_terms = pair_terms
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that NaN is allowed and that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
    ) -> Self:
        """Fit the tables.

        Parameters
        ----------
        X : array-like of float, shape (n, n_features)
            Numbers and level codes; NaN where missing.
        y : array-like, shape (n,)
            Two classes; the larger one is the event.
        sample_weight : array-like of float, shape (n,), optional
            Weights, such as inverse probabilities of being seen; rows of weight 0 are left out.
        groups : array-like, shape (n,), optional
            Rows of one person; never split between fitting and holding out.

        Raises
        ------
        ValueError
            If y does not hold exactly two classes.
        """
        rows, outcome = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64)
        weight = np.asarray(_check_sample_weight(sample_weight, rows, dtype=np.float64))
        labels = np.arange(len(rows)) if groups is None else np.asarray(groups)
        check_classification_targets(outcome)
        self.classes_ = np.unique(outcome)
        used = weight > 0
        if len(self.classes_) != 2 or len(np.unique(outcome[used])) != 2:
            msg = (
                "Only binary classification is supported; y must hold exactly two classes, "
                f"got {len(np.unique(outcome[used]))} class(es) in rows of positive weight."
            )
            raise ValueError(msg)
        event = (outcome == self.classes_[1]).astype(np.float64)
        with threadpool_limits(1):
            held_out = self._fit(rows[used], event[used], weight[used], labels[used])
        self.held_out_score_ = np.full(len(rows), np.nan)
        self.held_out_score_[used] = held_out
        return self

    def _fit(
        self, X: FloatArray, y: FloatArray, weight: FloatArray, groups: npt.NDArray[Any]
    ) -> FloatArray:
        specs = self.specs or tuple(InputSpec(f"x{index}") for index in range(X.shape[1]))
        data = PartData.lay_out(X, specs, groups)
        parts = Parts(data, y)
        weight = weight * (len(weight) / weight.sum())
        n_jobs = self.n_jobs if len(y) >= PARALLEL_FROM_ROWS else 1
        n_folds = min(self.n_folds, len(np.unique(groups)))
        search = Search(parts, weight, groups, n_folds, self.random_state, n_jobs)
        stack = search.find_stack(pair_terms=self.pair_terms)
        draws = bootstrap_counts(
            len(y), self.n_refits, random_state=self.random_state, groups=groups
        )
        usable = [draw for draw in draws if 0 < y @ (draw > 0) < np.sum(draw > 0)]
        usable = usable or [np.ones(len(y))]
        fitted = Parallel(n_jobs=n_jobs)(
            delayed(parts.fit)(
                weight * draw, stack.choice, stack.main_weights, self.random_state + number
            )
            for number, draw in enumerate(usable)
        )
        refits = [average_tables(one, list(stack.weights)) for one in fitted]
        mean = average_tables(refits, [1 / len(refits)] * len(refits))
        self.tables_ = _settle(data, mean, X, y, weight)
        self.refits_ = tuple(
            _settle(data, one, X, y, weight * draw).values
            for one, draw in zip(refits, usable, strict=True)
        )
        self.weights_, self.choice_, self.pair_gain_ = stack.weights, stack.choice, stack.pair_gain
        self.shrinkage_ = stack.shrinkage
        self.effective_events_ = effective_events(y, weight, groups)
        shift = find_intercept(stack.held_out, y, weight)
        return stack.held_out + shift

    def decision_function(self, X: npt.ArrayLike) -> FloatArray:
        """Return log-odds of the event, shape (n,)."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64)
        return self.tables_.score(rows)

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Return the probabilities of both classes, shape (n, 2)."""
        risk = sigmoid(self.decision_function(X))
        return np.column_stack([1 - risk, risk])

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the more probable class, shape (n,)."""
        is_event = self.decision_function(X) >= 0
        return np.asarray(self.classes_[is_event.astype(int)])


def _settle(
    data: PartData, raw: TableValues, X: FloatArray, y: FloatArray, weight: FloatArray
) -> AdditiveTables:
    """Purify tables and move the intercept so that the mean risk is the event share."""
    directions = [spec.direction for spec in data.specs]
    heard = silence(AdditiveTables(data.bins, data.lines, raw), X, weight, data.shared)
    tables = purify_tables(heard, X, weight, directions)
    intercept = tables.values.intercept + find_intercept(tables.score(X), y, weight)
    return replace(tables, values=replace(tables.values, intercept=intercept))
