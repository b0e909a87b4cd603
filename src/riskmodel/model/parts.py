"""The parts that the score is made of, fitted on one set of rows.

A ridge logistic regression, one-field trees, and - where there are cases enough - trees
over a few pairs of fields: once grown on top of the other two, and once from nothing, with
the single fields beside the pairs. Each part is log-odds and can be written as tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins, InputSpec, find_bins
from riskmodel.model.linear_part import LinearDesign, find_lines, fit_ridge_logistic
from riskmodel.model.pair_ranking import rank_pairs
from riskmodel.model.pooling import SharedSteps, find_shared_steps, share_steps
from riskmodel.model.stacking import find_intercept
from riskmodel.model.tables import Line, TableValues
from riskmodel.model.tree_growth import TreeGrowth
from riskmodel.model.tree_part import TreeRecipe, compile_trees, fit_trees, tree_inputs
from riskmodel.stats.logistic import sigmoid

__all__ = [
    "JOINT_ROUNDS",
    "PAIR_ROUNDS",
    "PENALTIES",
    "ROUNDS",
    "Choice",
    "HeldOut",
    "HeldOutPairs",
    "PartData",
    "Parts",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Pair = tuple[int, int]

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
ROUNDS = (10, 20, 40, 80, 160, 320, 480)
PAIR_ROUNDS = (10, 20, 40, 80, 160, 320)
JOINT_ROUNDS = (20, 40, 80, 160, 320)
MAX_PAIRS = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """Strength of each part, chosen on held-out rows.

    Parameters
    ----------
    penalty : float
        Ridge penalty.
    n_rounds, n_pair_rounds, n_joint_rounds : int
        Number of one-field trees, of pair trees on top of the main effects, and of trees
        grown from nothing over single fields and pairs.
    pairs : tuple of (int, int)
        Fields that pair trees may join; empty where no pair pays.
    """

    penalty: float
    n_rounds: int
    n_pair_rounds: int = 0
    n_joint_rounds: int = 0
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
class HeldOutPairs:
    """What pair trees say of rows that they were not grown on, at every number of rounds.

    Attributes
    ----------
    added : ndarray of float, shape (n_pair_rounds, n)
        What trees on top of the main effects add to them.
    joint : ndarray of float, shape (n_joint_rounds, n)
        Log-odds of the trees grown from nothing.
    """

    added: FloatArray
    joint: FloatArray


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
    shared : tuple of SharedSteps
        Entries of each field that share a step, or have none.
    entries : ndarray of int, shape (n_fields, n)
        Table entries, as they are fitted.
    inputs : ndarray of float, shape (n, n_fields)
        Rows of the trees.
    n_persons : int
        Persons behind the rows.
    """

    specs: tuple[InputSpec, ...]
    bins: tuple[FieldBins, ...]
    lines: tuple[Line, ...]
    linear: LinearDesign
    shared: tuple[SharedSteps, ...]
    design: FloatArray
    entries: IntArray
    inputs: FloatArray
    n_persons: int

    @classmethod
    def lay_out(
        cls, X: FloatArray, specs: Sequence[InputSpec], groups: npt.NDArray[Any] | None = None
    ) -> PartData:
        """Choose bins and lay out the rows.

        Parameters
        ----------
        X : ndarray of float, shape (n, n_fields)
            Rows.
        specs : sequence of InputSpec
            What the columns hold.
        groups : ndarray, shape (n,), optional
            Rows of one person share a group; each row is a person where left out.
        """
        persons = np.arange(len(X))
        if groups is not None:
            persons = np.unique(groups, return_inverse=True)[1]
        bins = [find_bins(X[:, index], spec, persons) for index, spec in enumerate(specs)]
        found = np.array([one.assign(X[:, index]) for index, one in enumerate(bins)])
        shared = [
            find_shared_steps(row, one, persons) for row, one in zip(found, bins, strict=True)
        ]
        for index, (one, own) in enumerate(zip(bins, shared, strict=True)):
            # A level of one or two persons counts as one that training never saw.
            bins[index] = replace(one, seen=one.seen & ~np.append(own.silent[:-1], False))
        lines = find_lines(X, specs, bins, persons)
        linear = LinearDesign.of(specs, bins, lines, shared)
        entries = np.array([own.entry[row] for row, own in zip(found, shared, strict=True)])
        return cls(
            tuple(specs),
            tuple(bins),
            lines,
            linear,
            tuple(shared),
            linear.matrix(X, entries),
            entries,
            tree_inputs(entries, bins),
            len(np.unique(persons)),
        )

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.design)

    @property
    def growth(self) -> TreeGrowth:
        """How trees are grown on so many rows of these fields."""
        return TreeGrowth(self.specs, self.n, self.n_persons)


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
        booster = self._trees(fitted, weight, data.growth.singly(ROUNDS[-1]), seed)
        return HeldOut(linear, _staged(booster, data.inputs[others], ROUNDS))

    def hold_out_pairs(
        self, fitted: Mask, weight: FloatArray, choice: Choice, weights: FloatArray, seed: int
    ) -> HeldOutPairs:
        """Grow pair trees on some rows and predict the others.

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
        """
        score = self._main_score(fitted, weight, choice, weights, seed)
        pairs = self.find_pairs(fitted, weight, score)
        others = self.data.inputs[~fitted]
        on_top = self.data.growth.on_top(PAIR_ROUNDS[-1], pairs)
        joint = self.data.growth.from_nothing(JOINT_ROUNDS[-1], pairs)
        return HeldOutPairs(
            _staged(self._trees(fitted, weight, on_top, seed, score), others, PAIR_ROUNDS),
            _staged(self._trees(fitted, weight, joint, seed), others, JOINT_ROUNDS),
        )

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
        """Fit all parts with the chosen strengths on the rows of positive weight, as tables.

        Parameters
        ----------
        weight : ndarray of float, shape (n,)
            Row weights.
        choice : Choice
            Strength of each part.
        weights : ndarray of float, shape (2,)
            Weight of the linear part and of the one-field trees under the pair trees.
        seed : int
            Seed of the trees.

        Returns
        -------
        list of TableValues
            Linear part, one-field trees and, where pairs were admitted, pair trees on top and
            joint trees.
        """
        data, rows = self.data, weight > 0
        intercept, coefficients, _ = self._linear(rows, weight, choice.penalty)
        trees = self._trees(rows, weight, data.growth.singly(choice.n_rounds), seed)
        parts = [data.linear.tables(intercept, coefficients), self._compile(trees)]
        if choice.pairs:
            linear = intercept + data.design[rows] @ coefficients
            score = self._mixed(rows, weight, weights, linear, trees)
            recipe = data.growth.on_top(choice.n_pair_rounds, choice.pairs)
            joint = data.growth.from_nothing(choice.n_joint_rounds, choice.pairs)
            parts.append(self._compile(self._trees(rows, weight, recipe, seed, score)))
            parts.append(self._compile(self._trees(rows, weight, joint, seed)))
        return parts

    def _compile(self, booster: lgb.Booster) -> TableValues:
        return share_steps(compile_trees(booster, self.data.bins), self.data.shared)

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
        trees = self._trees(rows, weight, self.data.growth.singly(choice.n_rounds), seed)
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
