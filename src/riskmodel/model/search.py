"""Strength, weights and pair terms, decided on held-out rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from riskmodel.model.parts import (
    JOINT_ROUNDS,
    PAIR_ROUNDS,
    PENALTIES,
    ROUNDS,
    Choice,
    HeldOut,
    Parts,
)
from riskmodel.model.stacking import between_events, find_gain, find_weights
from riskmodel.stats.resampling import repeated_folds

__all__ = ["Search", "Stack"]

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

PAIRS_FROM_ROWS = 500
PAIR_GAIN = 2.0
PRIOR_EVENTS = 8.0
PRIOR_SD = 0.4
MAIN_SHARES = np.array([0.66, 0.44])
PAIR_SHARES = np.array([0.4, 0.2, 0.5, 0.4])
MOST_REPEATS = 6
ROWS_PER_REPEAT = 2000


@dataclass(frozen=True, slots=True)
class Stack:
    """What the held-out predictions decided.

    Attributes
    ----------
    choice : Choice
        Strength of each part, and the pairs admitted.
    weights : ndarray of float, shape (n_parts,)
        Weight of each part.
    main_weights : ndarray of float, shape (2,)
        Weight of the linear part and of the one-field trees without pair terms; pair trees
        are grown on top of this score.
    held_out : ndarray of float, shape (n,)
        The weighted score of each row, by parts that did not see it.
    pair_gain : float
        Held-back gain in log-likelihood from pair terms, a row counted less where its person
        has more of them; 0 where pairs were not tried.
    """

    choice: Choice
    weights: FloatArray
    main_weights: FloatArray
    held_out: FloatArray
    pair_gain: float

    @property
    def shrinkage(self) -> float:
        """Weight of the parts that speak for the whole score; below one it is shrunk.

        Pair trees on top add to the others and do not count.
        """
        return float(self.weights.sum() - self.weights[2:3].sum())


@dataclass(frozen=True, slots=True)
class Search:
    """Repeated cross-validation of the parts, groups never split.

    Parameters
    ----------
    parts : Parts
        What is fitted.
    weight : ndarray of float, shape (n,)
        Row weights.
    groups : ndarray, shape (n,)
        Rows of one person share a group.
    n_folds, random_state : int
        Folds, and the seed.
    n_jobs : int or None
        Processes.
    """

    parts: Parts
    weight: FloatArray
    groups: npt.NDArray[Any]
    n_folds: int
    random_state: int
    n_jobs: int | None

    def find_stack(self, *, pair_terms: bool) -> Stack:
        """Choose strengths and weights; admit pair terms only where a held-back gain pays."""
        masks = self._masks()
        held = self._hold_out(masks)
        penalty, rounds = self._best(held.linear), self._best(held.trees)
        main = np.array([held.linear[penalty], held.trees[rounds]])
        weights = self._weights(main, MAIN_SHARES)
        choice = Choice(PENALTIES[penalty], ROUNDS[rounds])
        additive = Stack(choice, weights, weights, weights @ main, 0.0)
        data = self.parts.data
        if not pair_terms or data.n < PAIRS_FROM_ROWS or len(data.bins) < 2:
            return additive
        return self._with_pairs(additive, main, masks)

    def _with_pairs(self, additive: Stack, main: FloatArray, masks: list[Mask]) -> Stack:
        choice, seed = additive.choice, self.random_state
        found = Parallel(n_jobs=self.n_jobs)(
            delayed(self.parts.hold_out_pairs)(mask, self.weight, choice, additive.weights, seed)
            for mask in masks
        )
        added = self._average([one.added for one in found], masks)
        joint = self._average([one.joint for one in found], masks)
        on_top, alone = self._best(additive.held_out + added), self._best(joint)
        parts = np.vstack([main, added[on_top], joint[alone]])
        weights = self._weights(parts, PAIR_SHARES)
        held_out = weights @ parts
        gain = find_gain(held_out, additive.held_out, self.parts.y, self.weight, self.groups)
        if gain < PAIR_GAIN:
            return replace(additive, pair_gain=gain)
        pairs = self.parts.choose_pairs(self.weight, choice, additive.weights, seed)
        choice = replace(
            choice,
            n_pair_rounds=PAIR_ROUNDS[on_top],
            n_joint_rounds=JOINT_ROUNDS[alone],
            pairs=pairs,
        )
        return Stack(choice, weights, additive.weights, held_out, gain)

    def _masks(self) -> list[Mask]:
        """Rows to fit on, for each fold of each repeat."""
        n = self.parts.data.n
        folds = repeated_folds(
            n,
            self.n_folds,
            self._n_repeats,
            random_state=self.random_state,
            groups=self.groups,
            outcome=self.parts.y,
        )
        masks = [fold != number for fold in folds for number in range(self.n_folds)]
        return [mask for mask in masks if not mask.all()]

    @property
    def _n_repeats(self) -> int:
        return int(np.clip(ROWS_PER_REPEAT // self.parts.data.n, 1, MOST_REPEATS))

    def _hold_out(self, masks: list[Mask]) -> HeldOut:
        """Held-out log-odds of every row at every strength, averaged over repeats."""
        found = Parallel(n_jobs=self.n_jobs)(
            delayed(self.parts.hold_out)(mask, self.weight, self.random_state) for mask in masks
        )
        return HeldOut(
            self._average([one.linear for one in found], masks),
            self._average([one.trees for one in found], masks),
        )

    def _average(self, held: list[FloatArray], masks: list[Mask]) -> FloatArray:
        out = np.zeros((len(held[0]), self.parts.data.n))
        for mask, one in zip(masks, held, strict=True):
            out[:, ~mask] += one / self._n_repeats
        return out

    def _best(self, scores: FloatArray) -> int:
        y = self.parts.y
        losses = [self.weight @ (np.logaddexp(0.0, score) - y * score) for score in scores]
        return int(np.argmin(losses))

    def _weights(self, scores: FloatArray, shares: FloatArray) -> FloatArray:
        """Weights with a prior: with few events they start low and stay there.

        With `PRIOR_EVENTS` events the prior keeps half of the score. The fewer there are,
        the less the data may move it: three events cannot speak for a large weight.
        """
        events = between_events(self.parts.y, self.weight, self.groups)
        kept = events / (events + PRIOR_EVENTS)
        return find_weights(
            scores, self.parts.y, self._person_weight, shares * kept, PRIOR_SD * kept**2
        )

    @property
    def _person_weight(self) -> FloatArray:
        """Row weights whose sum is the number of persons: their rows tell much the same."""
        return self.weight * (len(np.unique(self.groups)) / len(self.groups))
