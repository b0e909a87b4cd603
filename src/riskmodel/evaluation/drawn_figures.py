"""Figures of risks on every bootstrap draw at once.

Rows are put together by risk first; a draw is then a column of weights, and each figure a
sum over risks. Beyond two thousand different risks (three hundred for lines) neighbours
are merged, which moves an interval's limits by less than their own noise. Point estimates
are computed on the rows as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.calibration import (
    calibration_errors,
    calibration_intercept,
    calibration_slope,
    observed_expected_ratio,
)
from riskmodel.stats.discrimination import auc
from riskmodel.stats.logistic import log_odds, sigmoid
from riskmodel.stats.resampling import percentile_interval
from riskmodel.stats.scoring_rules import brier_score

__all__ = ["DrawnRisks", "compute_points", "draw_figures", "find_estimate"]

MOST_RISKS = 2000
LINE_RISKS = 300
SMOOTH_POINTS = 100
SPAN = 0.75
NEWTON_STEPS = 30
SEPARATED = 50.0
LEAST_WEIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class DrawnRisks:
    """Weight of the long and the short courses at each risk, on every draw.

    Parameters
    ----------
    risk : ndarray of float, shape (n_risks,)
        Rising.
    long, short : ndarray of float, shape (n_risks, n_draws)
        Weights.
    """

    risk: FloatArray
    long: FloatArray
    short: FloatArray

    @classmethod
    def of(cls, y: FloatArray, p: FloatArray, weight: FloatArray, counts: FloatArray) -> DrawnRisks:
        """Put rows together by risk.

        Parameters
        ----------
        y, p, weight : ndarray of float, shape (n,)
            Outcomes, risks and weights > 0.
        counts : ndarray of float, shape (n, n_draws)
            How often each draw holds each row.
        """
        risks, place = np.unique(p, return_inverse=True)
        if len(risks) > MOST_RISKS:
            order = np.argsort(p, kind="stable")
            place = np.empty(len(p), dtype=np.intp)
            place[order] = np.arange(len(p)) * MOST_RISKS // len(p)
            size = np.bincount(place, weight)
            risks = np.bincount(place, weight * p) / size
        shape = (len(risks), len(p))
        rows = np.arange(len(p))
        long = sparse.csr_array((weight * y, (place, rows)), shape=shape) @ counts
        short = sparse.csr_array((weight * (1 - y), (place, rows)), shape=shape) @ counts
        return cls(risks, long, short)

    def coarsened(self, n_bins: int) -> DrawnRisks:
        """Merge neighbours into about equally heavy bins."""
        # A risk that few draws happened to leave out weighs nothing, but keeps its place.
        total = np.maximum((self.long + self.short).sum(axis=1), LEAST_WEIGHT)
        ranks = (np.cumsum(total) - total / 2) / total.sum()
        _, place = np.unique((ranks * n_bins).astype(np.intp), return_inverse=True)
        heads = np.flatnonzero(np.r_[True, np.diff(place) > 0])
        risk = np.bincount(place, total * self.risk) / np.bincount(place, total)
        return DrawnRisks(
            risk, np.add.reduceat(self.long, heads, axis=0), np.add.reduceat(self.short, heads)
        )

    def auc(self) -> FloatArray:
        """Return the AUC of each draw; NaN where a class is missing."""
        below = np.cumsum(self.short, axis=0) - self.short / 2
        pairs = self.long.sum(axis=0) * self.short.sum(axis=0)
        return _divide((self.long * below).sum(axis=0), pairs)

    def brier(self) -> FloatArray:
        """Return the Brier score of each draw."""
        p = self.risk[:, None]
        loss = (self.long * (1 - p) ** 2 + self.short * p**2).sum(axis=0)
        return _divide(loss, (self.long + self.short).sum(axis=0))

    def share(self) -> FloatArray:
        """Return the share of long courses in each draw."""
        long = self.long.sum(axis=0)
        return _divide(long, long + self.short.sum(axis=0))

    def observed_expected(self) -> FloatArray:
        """Return observed over expected long courses in each draw."""
        expected = ((self.long + self.short) * self.risk[:, None]).sum(axis=0)
        return _divide(self.long.sum(axis=0), expected)

    def recalibrate(self, *, slope: bool) -> FloatArray:
        """Return the intercept at slope one, or the slope, of each draw by Newton's method."""
        eta = log_odds(self.risk)[:, None]
        total = self.long + self.short
        share = self.share()
        centre = _divide((total * eta).sum(axis=0), total.sum(axis=0))
        away = eta - centre
        # From the share of all rows upwards Newton's method does not overshoot.
        shift, factor = np.zeros(total.shape[1]), np.ones(total.shape[1])
        if slope:
            shift, factor = log_odds(np.clip(share, 0, 1)) - centre, np.zeros(total.shape[1])
        moved = np.full(total.shape[1], np.inf)
        for _ in range(NEWTON_STEPS):
            mean = sigmoid(centre + shift + factor * away)
            rest, spread = self.long - total * mean, total * mean * (1 - mean)
            gradient, bend = rest.sum(axis=0), spread.sum(axis=0)
            if slope:
                across, steep = (spread * away).sum(axis=0), (spread * away**2).sum(axis=0)
                tilt = (rest * away).sum(axis=0)
                size = bend * steep - across**2
                step = np.clip(_divide(steep * gradient - across * tilt, size), -2, 2)
                turn = np.clip(_divide(bend * tilt - across * gradient, size), -2, 2)
            else:
                step = np.clip(_divide(gradient, bend), -2, 2)
                turn = np.zeros_like(step)
            shift, factor = shift + step, factor + turn
            moved = np.abs(step) + np.abs(turn)
            if not np.any(moved > 1e-8):
                break
        found = factor if slope else shift
        fine = (moved < 1e-4) & (share > 0) & (share < 1) & (np.abs(found) < SEPARATED)
        return np.where(fine, found, np.nan)

    def smooth(self, points: FloatArray) -> FloatArray:
        """Return smoothed shares of long courses, shape (n_points, n_draws).

        Local straight lines whose widths are those of all rows, the same on every draw.
        """
        x, total = self.risk, self.long + self.short
        typical = total.mean(axis=1)
        near = np.abs(x - points[:, None])
        order = np.argsort(near, axis=1, kind="stable")
        reached = np.cumsum(typical[order], axis=1) >= SPAN * typical.sum() * (1 - 1e-12)
        last = order[np.arange(len(points)), np.argmax(reached, axis=1)]
        width = np.maximum(near[np.arange(len(points)), last], 1e-9)[:, None] * (1 + 1e-9)
        kernel = np.clip(1 - (near / width) ** 3, 0, None) ** 3
        mass = _product(kernel, total)
        centre, square = _product(kernel * x, total), _product(kernel * x**2, total)
        level, tilt = _product(kernel, self.long), _product(kernel * x, self.long)
        mean, height = _divide(centre, mass), _divide(level, mass)
        spread = _divide(square, mass) - mean**2
        product = _divide(tilt, mass) - mean * height
        slope = np.where(spread > 1e-10 * width**2, _divide(product, spread), 0.0)
        return np.asarray(np.clip(height + slope * (points[:, None] - mean), 0, 1))

    def ici(self) -> FloatArray:
        """Return the mean distance between smooth calibration curve and risk of each draw."""
        few = self.coarsened(SMOOTH_POINTS) if len(self.risk) > SMOOTH_POINTS else self
        error = np.abs(few.smooth(few.risk) - few.risk[:, None])
        total = few.long + few.short
        return _divide((error * total).sum(axis=0), total.sum(axis=0))


def draw_figures(
    y: FloatArray,
    p: FloatArray,
    weight: FloatArray,
    counts: FloatArray,
    base: FloatArray | None = None,
) -> dict[str, FloatArray]:
    """Return every metric on every draw, shape (n_draws,) each.

    Parameters
    ----------
    y, p, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, risks, and weights > 0.
    counts : ndarray of float, shape (n, n_draws)
        How often each draw holds each row.
    base : ndarray of float, shape (n,), optional
        Risks of the base rate; by default the share of these very rows.
    """
    drawn = DrawnRisks.of(y, p, weight, counts)
    few = drawn.coarsened(LINE_RISKS) if len(drawn.risk) > LINE_RISKS else drawn
    brier = drawn.brier()
    if base is None:
        share = drawn.share()
        bar = share * (1 - share)
    else:
        total = weight[:, None] * counts
        bar = _divide(np.einsum("i,ij->j", (base - y) ** 2, total), total.sum(axis=0))
    return {
        "auc": drawn.auc(),
        "brier": brier,
        "scaled_brier": 1 - _divide(brier, bar),
        "base_rate_brier": bar,
        "calibration_in_the_large": few.recalibrate(slope=False),
        "calibration_slope": few.recalibrate(slope=True),
        "observed_expected": drawn.observed_expected(),
        "ici": few.ici(),
    }


def compute_points(
    y: FloatArray, p: FloatArray, weight: FloatArray, base: FloatArray | None = None
) -> dict[str, float]:
    """Return every metric of all rows.

    Parameters
    ----------
    y, p, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, risks, and weights > 0.
    base : ndarray of float, shape (n,), optional
        Risks of the base rate; by default the share of these very rows.
    """
    share = float(np.sum(weight * y) / np.sum(weight))
    brier = brier_score(y, p, sample_weight=weight)
    bar = share * (1 - share) if base is None else brier_score(y, base, sample_weight=weight)
    return {
        "auc": auc(y, p, sample_weight=weight),
        "brier": brier,
        "scaled_brier": 1 - brier / bar if bar > 0 else np.nan,
        "base_rate_brier": bar,
        "calibration_in_the_large": calibration_intercept(y, p, sample_weight=weight),
        "calibration_slope": calibration_slope(y, p, sample_weight=weight),
        "observed_expected": observed_expected_ratio(y, p, sample_weight=weight),
        "ici": calibration_errors(y, p, sample_weight=weight).ici,
    }


def find_estimate(
    value: float, draws: npt.ArrayLike, level: float = 0.95, *, reflected: bool = False
) -> Estimate:
    """Return a figure with its interval; no interval where most draws lack the figure.

    Parameters
    ----------
    value : float
        The figure of all rows.
    draws : array_like of float, shape (n_draws,)
        The figure on each draw.
    level : float
        Level of the interval.
    reflected : bool
        Turn the percentile interval around the figure, and hold it at zero. For figures
        that noise can only add to (distances from perfect calibration): every draw adds
        the noise once more, so that a percentile interval lies too high.

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, section 5.2.
    https://doi.org/10.1017/CBO9780511802843
    """
    known = np.asarray(draws, dtype=np.float64)
    if not len(known) or np.mean(np.isfinite(known)) < 0.5:
        return Estimate(value)
    low, high = percentile_interval(np.where(np.isfinite(known), known, np.nan), level)
    if reflected:
        return Estimate(
            value, max(0.0, 2 * value - float(high)), max(value, 2 * value - float(low))
        )
    return Estimate(value, float(low), float(high))


def _product(first: FloatArray, second: FloatArray) -> FloatArray:
    """Matrix product whose sums do not depend on the number of threads."""
    return np.asarray(np.einsum("ij,jk->ik", first, second), dtype=np.float64)


def _divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    shape = np.broadcast_shapes(np.shape(top), np.shape(bottom))
    out = np.full(shape, np.nan)
    np.divide(top, bottom, out=out, where=np.broadcast_to(bottom, shape) != 0)
    return out
