"""Curves of one predictor on all rows: calibration, the Brier score's parts, net benefit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import isotonic_regression

from riskmodel.domain.small_cells import protect_small_groups
from riskmodel.evaluation.drawn_figures import DrawnRisks, find_estimate
from riskmodel.evaluation.figures import (
    BrierParts,
    CalibrationCurve,
    Estimate,
    NetBenefitCurve,
)
from riskmodel.evaluation.judged_rows import JudgedRows
from riskmodel.evaluation.metric_blocks import PlannedBlock
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.calibration import compute_smooth_calibration
from riskmodel.stats.decision import net_benefit, net_benefit_of_all
from riskmodel.stats.resampling import percentile_interval
from riskmodel.stats.scoring_rules import decompose_brier_score

__all__ = ["THRESHOLDS", "BrierTask", "CalibrationTask", "NetBenefitTask", "find_few_between"]

THRESHOLDS = tuple(round(0.05 + 0.025 * step, 3) for step in range(31))
BIN_EDGES = tuple(round(0.05 * step, 2) for step in range(21))
MOST_RISKS_SPLIT = 500
NEVER_NEGATIVE = frozenset({"miscalibration", "discrimination"})


@dataclass(frozen=True, slots=True)
class CalibrationTask:
    """The smooth calibration curve of a block, on a grid of whole percentages.

    Parameters
    ----------
    block : PlannedBlock
        Risks of all rows.
    grid : ndarray of float, shape (n_points,)
        Risks at which the curve is given.
    """

    block: PlannedBlock
    grid: FloatArray

    @classmethod
    def of(cls, block: PlannedBlock, min_cell: int) -> CalibrationTask:
        """Choose a grid that leaves out the few lowest and highest risks."""
        p = np.sort(block.p)
        low = np.ceil(100 * p[min(min_cell, len(p)) - 1])
        high = np.floor(100 * p[-min(min_cell, len(p))])
        grid = np.arange(low, high + 1) / 100 if high >= low else np.array([np.round(p.mean(), 2)])
        return cls(block, np.round(grid, 2))

    def __call__(self, counts: FloatArray) -> Mapping[str, FloatArray]:
        """Return the curve on every draw."""
        judged = self.block.judged
        drawn = DrawnRisks.of(judged.y, self.block.p, judged.weight, counts[judged.rows])
        return {"observed": drawn.smooth(self.grid)}

    def finish(self, drawn: Mapping[str, FloatArray] | None, min_cell: int) -> CalibrationCurve:
        """Return the curve with the limits of its draws, and the histogram."""
        judged = self.block.judged
        curve = compute_smooth_calibration(judged.y, self.block.p, sample_weight=judged.weight)
        low = high = np.full(len(self.grid), np.nan)
        if drawn is not None:
            low, high = percentile_interval(drawn["observed"].T)
        return CalibrationCurve(
            span=self.block.span,
            risk=tuple(self.grid.tolist()),
            observed=tuple(curve.at(self.grid).tolist()),
            low=tuple(np.asarray(low).tolist()),
            high=tuple(np.asarray(high).tolist()),
            bin_edges=BIN_EDGES,
            bin_counts=_count_bins(self.block.p, judged, min_cell),
        )


def _count_bins(p: FloatArray, judged: JudgedRows, min_cell: int) -> tuple[int, ...]:
    place = np.minimum(np.searchsorted(BIN_EDGES, p, side="right") - 1, len(BIN_EDGES) - 2)
    rows = np.bincount(place, minlength=len(BIN_EDGES) - 1)
    persons = np.array([len(np.unique(judged.person[place == one])) for one in range(len(rows))])
    protections = protect_small_groups(persons, persons, min_cell)
    hidden = (np.array(protections) != "shown") & (rows > 0)
    return tuple(np.where(hidden, -1, rows).tolist())


@dataclass(frozen=True, slots=True)
class BrierTask:
    """The three parts of a block's Brier score.

    Parameters
    ----------
    block : PlannedBlock
        Risks of all rows.
    """

    block: PlannedBlock

    def __call__(self, counts: FloatArray) -> Mapping[str, FloatArray]:
        """Return the parts on every draw."""
        judged = self.block.judged
        drawn = DrawnRisks.of(judged.y, self.block.p, judged.weight, counts[judged.rows])
        if len(drawn.risk) > MOST_RISKS_SPLIT:
            drawn = drawn.coarsened(MOST_RISKS_SPLIT)
        total = drawn.long + drawn.short
        score, share = drawn.brier(), drawn.share()
        best = np.full(len(score), np.nan)
        for number in range(len(score)):
            held = total[:, number] > 0
            weight, long = total[held, number], drawn.long[held, number]
            fitted = isotonic_regression(long / weight, weights=weight).x
            best[number] = np.sum(long * (1 - 2 * fitted) + weight * fitted**2) / weight.sum()
        uncertainty = share * (1 - share)
        return {
            "brier": score,
            "miscalibration": score - best,
            "discrimination": uncertainty - best,
            "uncertainty": uncertainty,
        }

    def finish(self, drawn: Mapping[str, FloatArray] | None) -> BrierParts:
        """Return the parts with the intervals of their draws."""
        judged = self.block.judged
        parts = decompose_brier_score(judged.y, self.block.p, sample_weight=judged.weight)
        values = {
            "brier": parts.brier_score,
            "miscalibration": parts.miscalibration,
            "discrimination": parts.discrimination,
            "uncertainty": parts.uncertainty,
        }
        found = {
            name: find_estimate(
                value, () if drawn is None else drawn[name], reflected=name in NEVER_NEGATIVE
            )
            for name, value in values.items()
        }
        return BrierParts(span=self.block.span, **found)


@dataclass(frozen=True, slots=True)
class NetBenefitTask:
    """Net benefit of several ways of offering on the same rows.

    Parameters
    ----------
    judged : JudgedRows
        The rows.
    risks : mapping of str to ndarray of float, shape (m,)
        Risks by predictor; "model" among them.
    """

    judged: JudgedRows
    risks: Mapping[str, FloatArray]

    def __call__(self, counts: FloatArray) -> Mapping[str, FloatArray]:
        """Return every curve on every draw, shape (n_thresholds, n_draws) each."""
        judged, counts = self.judged, counts[self.judged.rows]
        odds = (np.array(THRESHOLDS) / (1 - np.array(THRESHOLDS)))[:, None]
        size = np.einsum("i,ij->j", judged.weight, counts)
        long = np.einsum("i,ij->j", judged.weight * judged.y, counts)
        found = {}
        for name, p in self.risks.items():
            true, false = (self._reached(p, one, counts) for one in (judged.y, 1 - judged.y))
            found[name] = (true - false * odds) / size
        found["all"] = (long - (size - long) * odds) / size
        found["gain"] = found["model"] - np.maximum(found["all"], 0)
        return found

    def _reached(self, p: FloatArray, chosen: FloatArray, counts: FloatArray) -> FloatArray:
        """Weight of the chosen rows at or above each threshold."""
        place = np.searchsorted(THRESHOLDS, p, side="right")
        shape = (len(THRESHOLDS) + 1, len(p))
        by_place = sparse.csr_array(
            (self.judged.weight * chosen, (place, np.arange(len(p)))), shape=shape
        )
        summed = np.asarray(by_place @ counts)
        return np.cumsum(summed[::-1], axis=0)[::-1][1:]

    def finish(self, drawn: Mapping[str, FloatArray] | None, min_cell: int) -> NetBenefitCurve:
        """Return the curves with the intervals of their draws."""
        judged = self.judged
        y, w = judged.y, judged.weight
        everybody = net_benefit_of_all(y, THRESHOLDS, sample_weight=w)
        values = {
            name: net_benefit(y, p, THRESHOLDS, sample_weight=w) for name, p in self.risks.items()
        }
        values["all"] = everybody
        values["gain"] = values["model"] - np.maximum(everybody, 0)
        few = {
            name: find_few_between(judged, p, THRESHOLDS, min_cell)
            for name, p in self.risks.items()
        }
        few["gain"] = few["model"]
        curves = {
            name: tuple(
                Estimate(np.nan)
                if name in few and few[name][number]
                else find_estimate(float(value), () if drawn is None else drawn[name][number])
                for number, value in enumerate(line)
            )
            for name, line in values.items()
        }
        gain = curves.pop("gain")
        return NetBenefitCurve(judged.span(), THRESHOLDS, curves, gain)


def find_few_between(
    judged: JudgedRows, p: FloatArray, thresholds: Sequence[float], min_cell: int
) -> list[bool]:
    """Tell which thresholds must be hidden so that no two figures differ by few persons.

    A figure at a threshold gives the long and the short courses at or above it. From two of
    them, or from one and the counts of all, follow those in between; each of these must be
    nobody or enough.

    Parameters
    ----------
    judged : JudgedRows
        The rows.
    p : ndarray of float, shape (m,)
        Their risks.
    thresholds : sequence of float
        Rising.
    min_cell : int
        Fewest persons that a difference may show.

    Returns
    -------
    list of bool
        True where a threshold must be hidden.
    """

    def is_apart(low: float, high: float) -> bool:
        between = (p >= low) & (p < high)
        counts = (
            len(np.unique(judged.person[between & (judged.y == kind)])) for kind in (0.0, 1.0)
        )
        return all(one == 0 or one >= min_cell for one in counts)

    shown = [-np.inf]
    for cut in thresholds:
        if is_apart(shown[-1], cut):
            shown.append(cut)
    while len(shown) > 1 and not is_apart(shown[-1], np.inf):
        shown.pop()
    return [cut not in shown for cut in thresholds]
