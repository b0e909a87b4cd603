"""The duration curve: from one score to the chance of lasting beyond any week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.stats.logistic import sigmoid

__all__ = ["DurationCurve", "LandmarkCurve"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LandmarkCurve:
    """Chance of lasting beyond each week, for people still sick-listed at a landmark.

    At each week the log-odds are a rising broken line in the score, through two anchors
    and with slope one beyond them. The lines of later weeks lie lower at both anchors, so
    no two of them cross.

    Parameters
    ----------
    landmark : float
        Week of the assessments that the curve was fitted on.
    weeks : ndarray of float, shape (n_weeks,)
        Rising weeks after the landmark.
    at_low, at_high : ndarray of float, shape (n_weeks,)
        Log-odds at the two anchors; falling over the weeks.
    anchors : tuple of float
        Scores of the two anchors.
    tail_rate : float
        Share that ends per week after the last week, >= 0.
    """

    landmark: float
    weeks: FloatArray
    at_low: FloatArray
    at_high: FloatArray
    anchors: tuple[float, float]
    tail_rate: float

    def __post_init__(self) -> None:
        if not len(self.weeks) == len(self.at_low) == len(self.at_high) > 0:
            msg = "weeks, at_low and at_high must have the same positive length."
            raise ValueError(msg)
        if self.weeks[0] <= self.landmark or np.any(np.diff(self.weeks) <= 0):
            msg = "weeks must rise from after the landmark."
            raise ValueError(msg)
        if np.any(np.diff(self.at_low) > 0) or np.any(np.diff(self.at_high) > 0):
            msg = "the chance of lasting must not rise with the week."
            raise ValueError(msg)
        if not self.anchors[0] < self.anchors[1] or np.any(self.at_high < self.at_low):
            msg = "anchors must rise, and the chance of lasting must not fall with the score."
            raise ValueError(msg)

    def grid(self, score: FloatArray) -> FloatArray:
        """Return the chance of lasting beyond each week, shape (n, n_weeks)."""
        low, high = self.anchors
        inside = np.clip(score, low, high)
        share = ((inside - low) / (high - low))[:, None]
        log_odds = self.at_low * (1 - share) + self.at_high * share + (score - inside)[:, None]
        return sigmoid(log_odds)

    def _knots(self, score: FloatArray, start: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weeks and chances that the curve runs through, from (start, 1); shape (n, n_weeks + 1).

        Weeks up to the start are moved onto it.
        """
        chance = np.column_stack([np.ones(len(score)), self.grid(score)])
        weeks = np.concatenate([[self.landmark], self.weeks])
        passed = weeks[None, :] <= start[:, None]
        return np.maximum(weeks[None, :], start[:, None]), np.where(passed, 1.0, chance)

    def survival(self, score: FloatArray, start: FloatArray, week: FloatArray) -> FloatArray:
        """Return the chance of lasting beyond a week, given lasting until the start, shape (n,)."""
        weeks = np.concatenate([[self.landmark], self.weeks])
        upper = np.where(start < week, np.searchsorted(weeks, week), 0)
        upper = np.clip(upper, 1, len(weeks) - 1)
        before, after = np.maximum(weeks[upper - 1], start), np.maximum(weeks[upper], start)
        share = np.divide(
            week - before, after - before, out=np.ones(len(score)), where=after > before
        )
        share = np.clip(share, 0.0, 1.0)
        first, second = (self._chance_at(score, start, knot) for knot in (upper - 1, upper))
        tail = np.exp(-self.tail_rate * np.maximum(week - np.maximum(weeks[-1], start), 0.0))
        return np.asarray((first * (1 - share) + second * share) * tail)

    def reached(self, score: FloatArray, start: FloatArray, now: FloatArray) -> FloatArray:
        """Return the chance of lasting until now, given lasting until the start, shape (n,).

        It is 1 up to the start, where most assessments are.
        """
        chance = np.ones(len(score))
        later = np.flatnonzero(now > start)
        if len(later):
            chance[later] = self.survival(score[later], start[later], now[later])
        return chance

    def _chance_at(
        self, score: FloatArray, start: FloatArray, knot: npt.NDArray[np.intp]
    ) -> FloatArray:
        """One column of `_knots` a row, without the others; shape (n,)."""
        low, high = self.anchors
        inside = np.clip(score, low, high)
        share = (inside - low) / (high - low)
        place = np.maximum(knot - 1, 0)
        log_odds = self.at_low[place] * (1 - share) + self.at_high[place] * share
        passed = np.concatenate([[self.landmark], self.weeks])[knot] <= start
        return np.where(passed, 1.0, sigmoid(log_odds + (score - inside)))

    def quantiles(
        self, score: FloatArray, start: FloatArray, lasting: Sequence[FloatArray], longest: float
    ) -> list[FloatArray]:
        """Return the weeks that given shares last beyond, shape (n,) each.

        Parameters
        ----------
        score, start : ndarray of float, shape (n,)
            Score, and the week until which the courses have lasted.
        lasting : sequence of ndarray of float, shape (n,)
            Shares in (0, 1) that last beyond the weeks.
        longest : float
            Weeks are cut off here.
        """
        weeks, chance = self._knots(score, start)
        return [self._find_week(weeks, chance, one, longest) for one in lasting]

    def _find_week(
        self, weeks: FloatArray, chance: FloatArray, lasting: FloatArray, longest: float
    ) -> FloatArray:
        upper = np.sum(chance > lasting[:, None], axis=1)
        inside = np.clip(upper, 1, weeks.shape[1] - 1)
        rows = np.arange(len(lasting))
        before, after = chance[rows, inside - 1], chance[rows, inside]
        share = np.divide(
            before - lasting, before - after, out=np.ones(len(lasting)), where=before > after
        )
        first, second = weeks[rows, inside - 1], weeks[rows, inside]
        week = first + np.clip(share, 0.0, 1.0) * (second - first)
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = weeks[:, -1] + np.log(chance[:, -1] / lasting) / max(self.tail_rate, 1e-9)
        return np.asarray(np.minimum(np.where(upper >= weeks.shape[1], beyond, week), longest))


@dataclass(frozen=True, slots=True)
class DurationCurve:
    """Curves of all landmarks, asked at any assessed week.

    An assessment between two landmarks uses the earlier one's curve from its own week on;
    its score knows the week. An assessment later than all in training is scored as of the
    last week of training, given that the person is still sick-listed.

    Parameters
    ----------
    landmarks : tuple of LandmarkCurve
        At least one, rising.
    last_week : float
        Last assessed week in training, a whole number.
    levels : tuple of float
        Shares that last beyond the lower and the upper end of the 80 % interval; settled
        on held-out cases so that the interval covers 80 % of them.
    longest : float
        Longest duration that is ever stated, in weeks.
    """

    landmarks: tuple[LandmarkCurve, ...]
    last_week: float
    levels: tuple[float, float]
    longest: float

    def __post_init__(self) -> None:
        weeks = [one.landmark for one in self.landmarks]
        if not weeks or weeks != sorted(set(weeks)):
            msg = f"landmarks must rise, got {weeks}."
            raise ValueError(msg)
        if self.last_week < weeks[-1]:
            msg = f"last_week must not lie before the last landmark, got {self.last_week}."
            raise ValueError(msg)
        low, high = self.levels
        if not 0 < high < 0.5 < low < 1:
            msg = f"levels must lie on both sides of one half, lower end first, got {self.levels}."
            raise ValueError(msg)

    def training_week(self, assessed_week: FloatArray) -> FloatArray:
        """Return the week that each assessment is scored as of, shape (n,)."""
        return np.minimum(assessed_week, self.last_week)

    def _landmark_of(self, assessed_week: FloatArray) -> npt.NDArray[np.intp]:
        starts = np.array([one.landmark for one in self.landmarks])
        return np.maximum(np.searchsorted(starts, assessed_week, side="right") - 1, 0)

    def survival(
        self, score: FloatArray, assessed_week: FloatArray, week: FloatArray | float
    ) -> FloatArray:
        """Return P(duration > week, given duration > assessed week), shape (n,)."""
        week = np.broadcast_to(np.asarray(week, dtype=np.float64), score.shape)
        out = np.ones(len(score))
        chosen = self._landmark_of(assessed_week)
        for index, one in enumerate(self.landmarks):
            rows = chosen == index
            if rows.any():
                now = assessed_week[rows]
                start = np.maximum(self.training_week(now), one.landmark)
                lasting = one.survival(score[rows], start, np.maximum(week[rows], now))
                reached = one.reached(score[rows], start, now)
                out[rows] = np.minimum(lasting / reached, 1.0)
        return out

    def quantile(self, score: FloatArray, assessed_week: FloatArray, lasting: float) -> FloatArray:
        """Return the week that a share of people still sick-listed lasts beyond, shape (n,)."""
        week: FloatArray = self._quantiles(score, assessed_week, (lasting,))[0]
        return week

    def _quantiles(
        self, score: FloatArray, assessed_week: FloatArray, lasting: tuple[float, ...]
    ) -> FloatArray:
        """Return a row of weeks for each share, shape (n_shares, n)."""
        out = np.empty((len(lasting), len(score)))
        chosen = self._landmark_of(assessed_week)
        for index, one in enumerate(self.landmarks):
            rows = chosen == index
            if rows.any():
                now = assessed_week[rows]
                start = np.maximum(self.training_week(now), one.landmark)
                reached = one.reached(score[rows], start, now)
                shares = [share * reached for share in lasting]
                out[:, rows] = one.quantiles(score[rows], start, shares, self.longest)
        return np.asarray(np.maximum(out, assessed_week), dtype=np.float64)

    def expected_weeks(
        self, score: FloatArray, assessed_week: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the median duration and the ends of its 80 % interval, shape (n,) each."""
        median, low, high = self._quantiles(score, assessed_week, (0.5, *self.levels))
        return median, low, high
