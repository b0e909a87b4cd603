"""The parts that the score is made of, fitted on one set of rows.

A ridge logistic regression, one-field trees, and - where there are cases enough - trees
over a few pairs of fields, grown on top of the other two. Each part is log-odds and can
be written as tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins, InputSpec, find_bins
from riskmodel.model.linear_part import LinearDesign, find_lines, fit_ridge_logistic
from riskmodel.model.pair_ranking import rank_pairs
from riskmodel.model.stacking import find_intercept
from riskmodel.model.tables import Line, TableValues
from riskmodel.model.tree_part import TreeRecipe, compile_trees, fit_trees, tree_inputs
from riskmodel.stats.logistic import sigmoid

__all__ = ["PAIR_ROUNDS", "PENALTIES", "ROUNDS", "Choice", "HeldOut", "PartData", "Parts"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Pair = tuple[int, int]

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
ROUNDS = (10, 20, 40, 80, 160, 320, 480)
PAIR_ROUNDS = (10, 20, 40, 80, 160, 320)
MAX_PAIRS = 10
LEARNING_RATE = 0.05
PAIR_LEARNING_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Choice:
    """Strength of each part, chosen on held-out rows.

    Parameters
    ----------
    penalty : float
        Ridge penalty.
    n_rounds, n_pair_rounds : int
        Number of one-field trees and of pair trees.
    pairs : tuple of (int, int)
        Fields that pair trees may join; empty where no pair pays.
    """

    penalty: float
    n_rounds: int
    n_pair_rounds: int = 0
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Log-odds of rows that the parts were not fitted on, at every strength.

    Attributes
    ----------
    linear : ndarray of float, shape (n_penalties, n)
    trees : ndarray of float, shape (n_rounds, n)
    """

    linear: FloatArray
    trees: FloatArray


@dataclass(frozen=True, slots=True)
class PartData:
    """Rows laid out for all parts, once.

    Parameters
    ----------
    specs : tuple of InputSpec
        What the columns hold.
    bins : tuple of FieldBins
        Bins of each field.
    lines : tuple of Line
        Center and limits of the numbers.
    linear : LinearDesign
        Layout of the linear part.
    design : ndarray of float, shape (n, n_columns)
        Rows of the linear part.
    entries : ndarray of int, shape (n_fields, n)
        Table entries.
    inputs : ndarray of float, shape (n, n_fields)
        Rows of the trees.
    """

    specs: tuple[InputSpec, ...]
    bins: tuple[FieldBins, ...]
    lines: tuple[Line, ...]
    linear: LinearDesign
    design: FloatArray
    entries: IntArray
    inputs: FloatArray

    @classmethod
    def lay_out(cls, X: FloatArray, specs: Sequence[InputSpec]) -> PartData:
        """Choose bins and lay out the rows."""
        bins = tuple(find_bins(X[:, index], spec) for index, spec in enumerate(specs))
        lines = find_lines(X, specs, bins)
        linear = LinearDesign.of(specs, bins, lines)
        entries = np.array([one.assign(X[:, index]) for index, one in enumerate(bins)])
        design, inputs = linear.matrix(X, entries), tree_inputs(entries, bins)
        return cls(tuple(specs), bins, lines, linear, design, entries, inputs)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.design)

    def recipe(self, n_rounds: int, pairs: tuple[Pair, ...] = ()) -> TreeRecipe:
        """Return how trees are grown on this many rows.

        Parameters
        ----------
        n_rounds : int
            Number of trees.
        pairs : tuple of (int, int), optional
            Fields that a tree may join; left out for one field a tree.
        """
        leaf = int(np.clip(self.n / 20, 5, 40))
        if pairs:
            return TreeRecipe(
                n_rounds,
                groups=pairs,
                learning_rate=PAIR_LEARNING_RATE,
                max_depth=2,
                min_data_in_leaf=leaf,
            )
        singles = tuple((index,) for index in range(len(self.specs)))
        return TreeRecipe(
            n_rounds, groups=singles, learning_rate=LEARNING_RATE, min_data_in_leaf=leaf
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """Fits parts of the score on chosen rows.

    Parameters
    ----------
    data : PartData
        All rows.
    y : ndarray of float, shape (n,)
        Outcomes 0 or 1.
    """

    data: PartData
    y: FloatArray

    def hold_out(self, fitted: Mask, weight: FloatArray, seed: int) -> HeldOut:
        """Fit on some rows and predict the others, at every strength.

        Parameters
        ----------
        fitted : ndarray of bool, shape (n,)
            Rows to fit on.
        weight : ndarray of float, shape (n,)
            Row weights.
        seed : int
            Seed of the trees.
        """
        data, others = self.data, ~fitted
        linear = np.empty((len(PENALTIES), int(others.sum())))
        start = None
        for index, penalty in reversed(list(enumerate(PENALTIES))):
            intercept, coefficients, start = self._linear(fitted, weight, penalty, start)
            linear[index] = intercept + data.design[others] @ coefficients
        booster = self._trees(fitted, weight, data.recipe(ROUNDS[-1]), seed)
        return HeldOut(linear, _staged(booster, data.inputs[others], ROUNDS))

    def hold_out_pairs(
        self, fitted: Mask, weight: FloatArray, choice: Choice, weights: FloatArray, seed: int
    ) -> FloatArray:
        """Grow pair trees on the main effects of some rows and predict the others.

        Parameters
        ----------
        fitted : ndarray of bool, shape (n,)
            Rows to fit on; the pairs are chosen on them, too.
        weight : ndarray of float, shape (n,)
            Row weights.
        choice : Choice
            Strength of the main effects.
        weights : ndarray of float, shape (2,)
            Weight of the linear part and of the one-field trees.
        seed : int
            Seed of the trees.

        Returns
        -------
        ndarray of float, shape (n_pair_rounds, n_others)
            What the pair trees add.
        """
        score = self._main_score(fitted, weight, choice, weights, seed)
        pairs = self.find_pairs(fitted, weight, score)
        recipe = self.data.recipe(PAIR_ROUNDS[-1], pairs)
        booster = self._trees(fitted, weight, recipe, seed, score)
        return _staged(booster, self.data.inputs[~fitted], PAIR_ROUNDS)

    def choose_pairs(
        self, weight: FloatArray, choice: Choice, weights: FloatArray, seed: int
    ) -> tuple[Pair, ...]:
        """Choose the pairs of fields on all rows."""
        everyone = np.ones(self.data.n, dtype=np.bool_)
        score = self._main_score(everyone, weight, choice, weights, seed)
        return self.find_pairs(everyone, weight, score)

    def find_pairs(self, fitted: Mask, weight: FloatArray, score: FloatArray) -> tuple[Pair, ...]:
        """Choose the pairs of fields that the main effects of the fitted rows leave most to."""
        risk, weight = sigmoid(score), weight[fitted]
        residual, spread = weight * (self.y[fitted] - risk), weight * risk * (1 - risk)
        entries = self.data.entries[:, fitted]
        return rank_pairs(entries, self.data.bins, residual, spread)[:MAX_PAIRS]

    def fit(
        self, weight: FloatArray, choice: Choice, weights: FloatArray, seed: int
    ) -> list[TableValues]:
        """Fit all parts with the chosen strengths on the rows of positive weight, as tables."""
        data, rows = self.data, weight > 0
        intercept, coefficients, _ = self._linear(rows, weight, choice.penalty)
        trees = self._trees(rows, weight, data.recipe(choice.n_rounds), seed)
        parts = [data.linear.tables(intercept, coefficients), compile_trees(trees, data.bins)]
        if choice.pairs:
            linear = intercept + data.design[rows] @ coefficients
            score = self._mixed(rows, weight, weights, linear, trees)
            recipe = data.recipe(choice.n_pair_rounds, choice.pairs)
            booster = self._trees(rows, weight, recipe, seed, score)
            parts.append(compile_trees(booster, data.bins))
        return parts

    def _linear(
        self, rows: Mask, weight: FloatArray, penalty: float, start: FloatArray | None = None
    ) -> tuple[float, FloatArray, FloatArray]:
        linear = self.data.linear
        return fit_ridge_logistic(
            self.data.design[rows],
            self.y[rows],
            weight[rows],
            penalty,
            linear.bounds(),
            is_level=linear.is_level(),
            start=start,
        )

    def _trees(
        self,
        rows: Mask,
        weight: FloatArray,
        recipe: TreeRecipe,
        seed: int,
        start: FloatArray | None = None,
    ) -> lgb.Booster:
        data = self.data
        return fit_trees(
            data.inputs[rows], self.y[rows], weight[rows], data.specs, recipe, seed, start=start
        )

    def _main_score(
        self, rows: Mask, weight: FloatArray, choice: Choice, weights: FloatArray, seed: int
    ) -> FloatArray:
        intercept, coefficients, _ = self._linear(rows, weight, choice.penalty)
        trees = self._trees(rows, weight, self.data.recipe(choice.n_rounds), seed)
        linear = intercept + self.data.design[rows] @ coefficients
        return self._mixed(rows, weight, weights, linear, trees)

    def _mixed(
        self,
        rows: Mask,
        weight: FloatArray,
        weights: FloatArray,
        linear: FloatArray,
        trees: lgb.Booster,
    ) -> FloatArray:
        """Weighted main effects of the fitted rows, at the share of events."""
        tree_score = trees.predict(self.data.inputs[rows], raw_score=True)
        score: FloatArray = weights[0] * linear + weights[1] * np.asarray(tree_score)
        score += find_intercept(score, self.y[rows], weight[rows])
        return score


def _staged(booster: lgb.Booster, inputs: FloatArray, rounds: Sequence[int]) -> FloatArray:
    return np.array(
        [booster.predict(inputs, raw_score=True, num_iteration=stage) for stage in rounds]
    )
