"""LightGBM trees over bins, compiled into tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FieldBins, InputSpec
from riskmodel.model.tables import TableValues

__all__ = ["TreeRecipe", "compile_trees", "fit_trees", "tree_inputs"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TreeRecipe:
    """How the trees are grown.

    Parameters
    ----------
    groups : tuple of tuple of int
        Fields that may meet on one path of a tree; one field a group gives an additive
        score, two fields a group gives pair terms. Empty: paths of at most two fields.
    n_rounds : int
        Number of trees.
    learning_rate : float
        Shrinkage of each tree, in (0, 1].
    num_leaves, max_depth, min_data_in_leaf : int
        Size of a tree.
    l2 : float
        Ridge penalty on leaf values.
    max_levels_apart : int
        Up to so many levels are split off one by one. More are sorted and split as sets, and
        those with few rows (`cat_smooth`) never get a side of their own.
    random_cuts : bool
        Each split tries one cut of each field, drawn at random, in place of all of them.
    """

    n_rounds: int
    groups: tuple[tuple[int, ...], ...] = ()
    learning_rate: float = 0.05
    num_leaves: int = 4
    max_depth: int = -1
    min_data_in_leaf: int = 10
    l2: float = 5.0
    max_levels_apart: int = 4
    random_cuts: bool = False

    def parameters(self, specs: Sequence[InputSpec], seed: int) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        found: dict[str, Any] = {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "max_depth": self.max_depth,
            "min_data_in_leaf": self.min_data_in_leaf,
            "lambda_l2": self.l2,
            "min_data_in_bin": 1,
            "max_bin": 255,
            "extra_trees": self.random_cuts,
            "cat_smooth": 20.0,
            "cat_l2": 10.0,
            "max_cat_to_onehot": self.max_levels_apart,
            "min_data_per_group": self.min_data_in_leaf,
            "feature_pre_filter": False,
            "boost_from_average": True,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "seed": seed,
            "verbosity": -1,
        }
        if any(spec.direction for spec in specs):
            found["monotone_constraints"] = [spec.direction for spec in specs]
            found["monotone_constraints_method"] = "intermediate"
        if self.groups:
            found["interaction_constraints"] = [list(group) for group in self.groups]
        return found


def tree_inputs(entries: IntArray, bins: Sequence[FieldBins]) -> FloatArray:
    """Return table entries as LightGBM's input, shape (n, n_fields); NaN where missing."""
    inputs = entries.T.astype(np.float64)
    for column, one in enumerate(bins):
        inputs[entries[column] == one.n_values, column] = np.nan
    return inputs


def fit_trees(
    inputs: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    specs: Sequence[InputSpec],
    recipe: TreeRecipe,
    seed: int,
    *,
    start: FloatArray | None = None,
) -> lgb.Booster:
    """Grow the trees of a recipe on table entries.

    Parameters
    ----------
    inputs : ndarray of float, shape (n, n_fields)
        Table entries; NaN where missing.
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    specs : sequence of InputSpec
        What the columns hold.
    recipe : TreeRecipe
        How to grow.
    seed : int
        Seed of LightGBM.
    start : ndarray of float, shape (n,), optional
        Log-odds that the trees add to; they start from the share of events without.
    """
    categories = [index for index, spec in enumerate(specs) if spec.kind == "category"]
    data = lgb.Dataset(
        inputs, label=y, weight=weight, init_score=start, categorical_feature=categories
    )
    return lgb.train(recipe.parameters(specs, seed), data, num_boost_round=recipe.n_rounds)


def compile_trees(
    booster: lgb.Booster, bins: Sequence[FieldBins], n_rounds: int | None = None
) -> TableValues:
    """Write trees whose paths meet at most two fields as one and two way tables.

    Parameters
    ----------
    booster : lightgbm.Booster
        Grown on `tree_inputs`.
    bins : sequence of FieldBins
        Bins of the fields.
    n_rounds : int, optional
        Use the first trees only.

    Raises
    ------
    ValueError
        If a path meets more than two fields.
    """
    steps = tuple(np.zeros(one.n_entries) for one in bins)
    pairs: dict[tuple[int, int], FloatArray] = {}
    model = booster.dump_model(num_iteration=n_rounds if n_rounds is not None else -1)
    intercept = 0.0
    for tree in model["tree_info"]:
        for path, value in _leaves(tree["tree_structure"], bins, {}):
            chosen = sorted(path)
            if not chosen:
                intercept += value
            elif len(chosen) == 1:
                steps[chosen[0]][path[chosen[0]]] += value
            elif len(chosen) == 2:
                i, j = chosen
                shape = (bins[i].n_entries, bins[j].n_entries)
                table = pairs.setdefault((i, j), np.zeros(shape))
                table[np.ix_(path[i], path[j])] += value
            else:
                msg = f"a path may meet two fields at most, got {len(chosen)}."
                raise ValueError(msg)
    return TableValues(intercept, steps, np.zeros(len(bins)), pairs)


def _leaves(
    node: Mapping[str, Any], bins: Sequence[FieldBins], path: dict[int, Mask]
) -> list[tuple[dict[int, Mask], float]]:
    if "leaf_value" in node and "split_feature" not in node:
        return [(path, float(node["leaf_value"]))]
    index = int(node["split_feature"])
    goes_left = _left_mask(node, bins[index])
    before = path.get(index, np.ones(bins[index].n_entries, dtype=np.bool_))
    left = _leaves(node["left_child"], bins, {**path, index: before & goes_left})
    return left + _leaves(node["right_child"], bins, {**path, index: before & ~goes_left})


def _left_mask(node: Mapping[str, Any], one: FieldBins) -> Mask:
    """Tell which entries go left, the way LightGBM's decision does."""
    entries = np.arange(one.n_values)
    left = np.zeros(one.n_entries, dtype=np.bool_)
    if node["decision_type"] == "==":
        chosen = {int(code) for code in str(node["threshold"]).split("||")}
        left[:-1] = [entry in chosen for entry in entries]
        return left
    threshold = float(node["threshold"])
    left[:-1] = entries <= threshold
    left[-1] = node["default_left"] if node["missing_type"] == "NaN" else threshold >= 0
    return left
