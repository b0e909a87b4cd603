"""How trees are grown on so many rows: their size, and how they may cut a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskmodel.model.binning import FEWEST_PERSONS, InputSpec
from riskmodel.model.tree_part import TreeRecipe

__all__ = ["TreeGrowth"]

Pair = tuple[int, int]

LEARNING_RATE = 0.1
JOINT_LEARNING_RATE = 0.05
JOINT_L2 = 10.0
MAX_LEVELS_APART = 32
ROWS_OF_SMALL_LEAVES = 200


@dataclass(frozen=True, slots=True)
class TreeGrowth:
    """Recipes of the trees of each part.

    Trees over pairs cut at random: the best of all cuts of two fields at once is found by chance
    too often, and many trees of random cuts give a smooth surface.

    Parameters
    ----------
    specs : sequence of InputSpec
        What the columns hold.
    n, n_persons : int
        Number of rows, those held out included, and of persons behind them.
    """

    specs: Sequence[InputSpec]
    n: int
    n_persons: int

    def singly(self, n_rounds: int) -> TreeRecipe:
        """Return how trees of one field each are grown.

        A leaf needs the rows of five persons, as a bin does: what is special about a field
        often shows at its ends. With few rows a leaf of two is left to what a bin needs.

        Parameters
        ----------
        n_rounds : int
            Number of trees.
        """
        of_few = round(FEWEST_PERSONS * self.n / self.n_persons)
        return TreeRecipe(
            n_rounds,
            groups=self._singles,
            learning_rate=LEARNING_RATE,
            num_leaves=2,
            min_data_in_leaf=max(2, min(int((self.n / ROWS_OF_SMALL_LEAVES) ** 2), of_few)),
            l2=0.0,
            max_levels_apart=MAX_LEVELS_APART,
        )

    def on_top(self, n_rounds: int, pairs: tuple[Pair, ...]) -> TreeRecipe:
        """Return how trees over pairs are grown on top of the main effects.

        Parameters
        ----------
        n_rounds : int
            Number of trees.
        pairs : tuple of (int, int)
            Fields that a tree may join.
        """
        return TreeRecipe(
            n_rounds,
            groups=pairs,
            learning_rate=LEARNING_RATE,
            max_depth=2,
            min_data_in_leaf=int(np.clip(self.n / 20, 5, 40)),
            random_cuts=True,
        )

    def from_nothing(self, n_rounds: int, pairs: tuple[Pair, ...]) -> TreeRecipe:
        """Return how trees are grown from nothing, each on one field or one of the pairs.

        Parameters
        ----------
        n_rounds : int
            Number of trees.
        pairs : tuple of (int, int)
            Fields that a tree may join.
        """
        return TreeRecipe(
            n_rounds,
            groups=(*pairs, *self._singles),
            learning_rate=JOINT_LEARNING_RATE,
            min_data_in_leaf=int(np.clip(self.n / 10, 5, 20)),
            l2=JOINT_L2,
            random_cuts=True,
        )

    @property
    def _singles(self) -> tuple[tuple[int, ...], ...]:
        return tuple((index,) for index in range(len(self.specs)))
