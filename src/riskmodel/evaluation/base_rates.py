"""The share of long courses by assessed week: the bar that a model must get over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.judged_rows import find_judged_rows
from riskmodel.model.curve_fitting import find_landmarks
from riskmodel.stats.arrays import FloatArray

__all__ = ["BaseRates", "find_base_rates"]

PRIOR_ROWS = 10.0


@dataclass(frozen=True, slots=True)
class BaseRates:
    """Shares of long courses among those assessed at about the same week.

    Parameters
    ----------
    landmarks : ndarray of float, shape (n_landmarks,)
        Rising weeks; a row belongs to the last one at or before it, early ones to the first.
    shares : ndarray of float, shape (n_landmarks, n_horizons)
        In [0, 1]; NaN where no row was asked.
    """

    landmarks: FloatArray
    shares: FloatArray

    def at(self, assessed_week: FloatArray) -> FloatArray:
        """Return the shares of rows assessed at these weeks, shape (n, n_horizons)."""
        place = np.searchsorted(self.landmarks, assessed_week, side="right") - 1
        return np.asarray(self.shares[np.maximum(place, 0)])


def find_base_rates(table: CaseTable, horizons: Sequence[float]) -> BaseRates:
    """Find what somebody who knows only the assessed week would say.

    Someone still sick-listed at week 12 has a longer course ahead than most at intake, so
    one share for all assessments would be too easy to beat. Each landmark's share is drawn
    towards the share of all by the weight of ten rows; courses lost to sight are stood for
    by others like them.

    Parameters
    ----------
    table : CaseTable
        Cases with outcomes.
    horizons : sequence of float
        Weeks from the first absence day.
    """
    landmarks = find_landmarks(table.assessed_week)
    shares = np.full((len(landmarks), len(horizons)), np.nan)
    for column, horizon in enumerate(horizons):
        judged = find_judged_rows(table, horizon, np.zeros(len(table)))
        if not len(judged):
            continue
        place = np.searchsorted(landmarks, table.assessed_week[judged.rows], side="right") - 1
        # Kish's size: rows that stand for many others do not make the data more.
        weight = judged.weight * (judged.weight.sum() / np.sum(judged.weight**2))
        size = np.bincount(place, weight, len(landmarks))
        long = np.bincount(place, weight * judged.y, len(landmarks))
        shares[:, column] = (long + PRIOR_ROWS * long.sum() / size.sum()) / (size + PRIOR_ROWS)
    return BaseRates(landmarks, shares)
