"""Strength, weights and pair terms, decided on held-out rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from riskmodel.model.parts import PENALTIES, ROUNDS, Choice, HeldOut, Parts
from riskmodel.model.stacking import effective_events, find_intercept, find_weights
from riskmodel.stats.resampling import repeated_folds

__all__ = ["Search", "Stack"]

FloatArray = npt.NDArray[np.float64]

PAIRS_FROM_ROWS = 500
PAIR_GAIN = 3.0
PRIOR_EVENTS = 20.0
PRIOR_SD = 0.15
LINEAR_SHARE = 0.5
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
    held_out : ndarray of float, shape (n,)
        The weighted score of each row, by parts that did not see it.
    pair_gain : float
        Held-back gain in log-likelihood from pair terms; 0 where they were not tried.
    """

    choice: Choice
    weights: FloatArray
    held_out: FloatArray
    pair_gain: float


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

    def hold_out(self, *, try_pairs: bool) -> HeldOut:
        """Return held-out log-odds of every row at every strength, averaged over repeats."""
        n = self.parts.data.n
        n_repeats = int(np.clip(ROWS_PER_REPEAT // n, 1, MOST_REPEATS))
        folds = repeated_folds(
            n,
            self.n_folds,
            n_repeats,
            random_state=self.random_state,
            groups=self.groups,
            outcome=self.parts.y,
        )
        masks = [fold != number for fold in folds for number in range(self.n_folds)]
        masks = [mask for mask in masks if not mask.all()]
        found = Parallel(n_jobs=self.n_jobs)(
            delayed(self.parts.hold_out)(mask, self.weight, self.random_state, try_pairs=try_pairs)
            for mask in masks
        )
        linear = np.zeros((len(PENALTIES), n))
        trees = np.zeros((len(ROUNDS), n))
        pair_trees = np.zeros((len(ROUNDS) if try_pairs else 0, n))
        for mask, one in zip(masks, found, strict=True):
            linear[:, ~mask] += one.linear / n_repeats
            trees[:, ~mask] += one.trees / n_repeats
            pair_trees[:, ~mask] += one.pair_trees / n_repeats
        return HeldOut(linear, trees, pair_trees)

    def find_stack(self, *, pair_terms: bool) -> Stack:
        """Choose strengths and weights; admit pair terms only where a held-back gain pays."""
        data = self.parts.data
        try_pairs = pair_terms and data.n >= PAIRS_FROM_ROWS and len(data.bins) > 1
        held = self.hold_out(try_pairs=try_pairs)
        penalty, rounds = self._best(held.linear), self._best(held.trees)
        plain = np.array([held.linear[penalty], held.trees[rounds]])
        weights = self._weights(plain, np.array([LINEAR_SHARE, 1 - LINEAR_SHARE]))
        choice = Choice(PENALTIES[penalty], ROUNDS[rounds])
        additive = Stack(choice, weights, weights @ plain, 0.0)
        if not try_pairs:
            return additive
        pair_rounds = self._best(held.pair_trees)
        joint = np.vstack([plain, held.pair_trees[pair_rounds]])
        weights = self._weights(joint, np.full(3, 1 / 3))
        gain = self._log_likelihood(weights @ joint) - self._log_likelihood(additive.held_out)
        everyone = np.ones(data.n, dtype=np.bool_)
        pairs = self.parts.find_pairs(everyone, self.weight, self.random_state)
        if gain < PAIR_GAIN or not pairs:
            return replace(additive, pair_gain=gain)
        choice = replace(choice, n_pair_rounds=ROUNDS[pair_rounds], pairs=pairs)
        return Stack(choice, weights, weights @ joint, gain)

    def _best(self, scores: FloatArray) -> int:
        y = self.parts.y
        losses = [self.weight @ (np.logaddexp(0.0, score) - y * score) for score in scores]
        return int(np.argmin(losses))

    def _weights(self, scores: FloatArray, shares: FloatArray) -> FloatArray:
        events = effective_events(self.parts.y, self.weight)
        prior_mean = shares * events / (events + PRIOR_EVENTS)
        return find_weights(scores, self.parts.y, self.weight, prior_mean, PRIOR_SD)

    def _log_likelihood(self, score: FloatArray) -> float:
        y = self.parts.y
        score = score + find_intercept(score, y, self.weight)
        return float(self.weight @ (y * score - np.logaddexp(0.0, score)))
