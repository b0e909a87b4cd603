"""The parts that the score is made of, fitted on one set of rows.

A ridge logistic regression, one-field trees, and - where there are cases enough - trees
over a few pairs of fields. Each part is log-odds and can be written as tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins, InputSpec, find_bins
from riskmodel.model.linear_part import LinearDesign, find_lines, fit_ridge_logistic
from riskmodel.model.tables import Line, TableValues
from riskmodel.model.tree_part import TreeRecipe, compile_trees, fit_trees, tree_inputs

__all__ = ["PENALTIES", "ROUNDS", "Choice", "HeldOut", "PartData", "Parts", "rank_pairs"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Pair = tuple[int, int]

PENALTIES = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
ROUNDS = (10, 20, 40, 80, 160, 320, 480)
MAX_PAIRS = 10
RANKING_ROUNDS = 80


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
    trees, pair_trees : ndarray of float, shape (n_rounds, n)
        `pair_trees` is empty where pairs were not tried.
    """

    linear: FloatArray
    trees: FloatArray
    pair_trees: FloatArray


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
    inputs : ndarray of float, shape (n, n_fields)
        Rows of the trees.
    """

    specs: tuple[InputSpec, ...]
    bins: tuple[FieldBins, ...]
    lines: tuple[Line, ...]
    linear: LinearDesign
    design: FloatArray
    inputs: FloatArray

    @classmethod
    def lay_out(cls, X: FloatArray, specs: Sequence[InputSpec]) -> PartData:
        """Choose bins and lay out the rows."""
        bins = tuple(find_bins(X[:, index], spec) for index, spec in enumerate(specs))
        lines = find_lines(X, specs, bins)
        linear = LinearDesign.of(specs, bins, lines)
        entries = np.array([one.assign(X[:, index]) for index, one in enumerate(bins)])
        return cls(
            tuple(specs), bins, lines, linear, linear.matrix(X, entries), tree_inputs(entries, bins)
        )

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.design)

    def recipe(self, n_rounds: int, pairs: tuple[Pair, ...] | None = None) -> TreeRecipe:
        """Return how trees are grown on this many rows.

        Parameters
        ----------
        n_rounds : int
            Number of trees.
        pairs : tuple of (int, int), optional
            None for one field a tree; pairs for two; empty for any two.
        """
        leaf = int(np.clip(self.n / 20, 5, 40))
        singles = tuple((index,) for index in range(len(self.specs)))
        if pairs is None:
            return TreeRecipe(n_rounds, groups=singles, min_data_in_leaf=leaf)
        groups = (*pairs, *singles) if pairs else ()
        return TreeRecipe(n_rounds, groups=groups, max_depth=2, min_data_in_leaf=leaf)


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

    def _trees(
        self, rows: npt.NDArray[np.bool_], weight: FloatArray, recipe: TreeRecipe, seed: int
    ) -> lgb.Booster:
        data = self.data
        return fit_trees(data.inputs[rows], self.y[rows], weight[rows], data.specs, recipe, seed)

    def hold_out(
        self, fitted: npt.NDArray[np.bool_], weight: FloatArray, seed: int, *, try_pairs: bool
    ) -> HeldOut:
        """Fit on some rows and predict the others, at every strength.

        Parameters
        ----------
        fitted : ndarray of bool, shape (n,)
            Rows to fit on.
        weight : ndarray of float, shape (n,)
            Row weights.
        seed : int
            Seed of the trees.
        try_pairs : bool
            Whether to grow pair trees too.
        """
        data, others = self.data, ~fitted
        linear = np.empty((len(PENALTIES), int(others.sum())))
        bounds = data.linear.bounds()
        for index, penalty in enumerate(PENALTIES):
            intercept, coefficients = fit_ridge_logistic(
                data.design[fitted], self.y[fitted], weight[fitted], penalty, bounds
            )
            linear[index] = intercept + data.design[others] @ coefficients
        trees = self._staged(self._trees(fitted, weight, data.recipe(ROUNDS[-1]), seed), others)
        pair_trees = np.empty((0, int(others.sum())))
        if try_pairs:
            pairs = self.find_pairs(fitted, weight, seed)
            if pairs:
                recipe = data.recipe(ROUNDS[-1], pairs)
                pair_trees = self._staged(self._trees(fitted, weight, recipe, seed), others)
            else:
                pair_trees = trees
        return HeldOut(linear, trees, pair_trees)

    def _staged(self, booster: lgb.Booster, rows: npt.NDArray[np.bool_]) -> FloatArray:
        inputs = self.data.inputs[rows]
        return np.array(
            [booster.predict(inputs, raw_score=True, num_iteration=stage) for stage in ROUNDS]
        )

    def find_pairs(
        self, fitted: npt.NDArray[np.bool_], weight: FloatArray, seed: int
    ) -> tuple[Pair, ...]:
        """Choose the pairs of fields that free trees of depth two join to most effect."""
        booster = self._trees(fitted, weight, self.data.recipe(RANKING_ROUNDS, ()), seed)
        values = compile_trees(booster, self.data.bins)
        shares = [
            np.bincount(
                np.where(np.isnan(column), one.n_values, column).astype(np.intp),
                weights=weight[fitted],
                minlength=one.n_entries,
            )
            / weight[fitted].sum()
            for one, column in zip(self.data.bins, self.data.inputs[fitted].T, strict=True)
        ]
        return rank_pairs(values, shares)[:MAX_PAIRS]

    def fit(self, weight: FloatArray, choice: Choice, seed: int) -> list[TableValues]:
        """Fit all parts with the chosen strengths on the rows of positive weight, as tables."""
        data, rows = self.data, weight > 0
        intercept, coefficients = fit_ridge_logistic(
            data.design[rows], self.y[rows], weight[rows], choice.penalty, data.linear.bounds()
        )
        parts = [data.linear.tables(intercept, coefficients)]
        trees = self._trees(rows, weight, data.recipe(choice.n_rounds), seed)
        parts.append(compile_trees(trees, data.bins))
        if choice.pairs:
            recipe = data.recipe(choice.n_pair_rounds, choice.pairs)
            parts.append(compile_trees(self._trees(rows, weight, recipe, seed), data.bins))
        return parts


def rank_pairs(values: TableValues, shares: Sequence[FloatArray]) -> tuple[Pair, ...]:
    """Order pair terms by the variance that is left when both main effects are taken out.

    Parameters
    ----------
    values : TableValues
        Tables with pair terms.
    shares : sequence of ndarray, shape (n_entries,) each
        Share of rows in each entry of each field.

    Returns
    -------
    tuple of (int, int)
        Pairs with a positive variance, largest first.
    """
    strength: dict[Pair, float] = {}
    for (i, j), table in values.pairs.items():
        rest = table - (table @ shares[j])[:, None] - (shares[i] @ table)[None, :]
        rest += shares[i] @ table @ shares[j]
        strength[i, j] = float(shares[i] @ rest**2 @ shares[j])
    ranked = sorted(strength, key=lambda pair: (-strength[pair], pair))
    return tuple(pair for pair in ranked if strength[pair] > 0)
