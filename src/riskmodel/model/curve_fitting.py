"""Fitting the duration curve to held-out scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from riskmodel.domain.cases import Outcomes
from riskmodel.model.curve import DurationCurve, LandmarkCurve
from riskmodel.stats.censoring import censoring_weights, survival_curve
from riskmodel.stats.logistic import fit_logistic

__all__ = ["find_landmarks", "fit_curve"]

FloatArray = npt.NDArray[np.float64]

GRID_SHARES = np.linspace(0.96, 0.02, 24)
ANCHOR_QUANTILES = (0.05, 0.95)
SLOPE_PRIOR_SD = 0.3
INTERCEPT_PRIOR_SD = 5.0
MOST_LANDMARKS = 8
PINNED = 1e9
INTERVAL = 0.8
LANDMARK_ROWS = 20


def find_landmarks(assessed_week: FloatArray) -> FloatArray:
    """Return the weeks that curves are fitted for: those with at least twenty assessments.

    The first is the earliest assessment, so that every row has a landmark before it. With
    more than eight different weeks, whole weeks at their quantiles are taken.
    """
    weeks, counts = np.unique(assessed_week, return_counts=True)
    chosen = np.union1d(weeks[:1], weeks[counts >= LANDMARK_ROWS])
    if len(chosen) > MOST_LANDMARKS or (len(chosen) == 1 < len(weeks)):
        shares = np.linspace(0, 1, MOST_LANDMARKS + 1)[1:-1]
        chosen = np.union1d(weeks[:1], np.floor(np.quantile(assessed_week, shares)))
        chosen = chosen[chosen >= weeks[0]]
    return chosen


def fit_curve(
    score: FloatArray,
    assessed_week: FloatArray,
    outcomes: Outcomes,
    primary_horizon: float,
    horizons: tuple[float, ...],
    longest: float,
) -> DurationCurve:
    """Fit the curves of all landmarks and settle the interval on the same held-out rows.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
        Log-odds at the primary horizon by models that the row was not fitted on. Rows that
        were lost to sight before that horizon must have one too: leaving them out would make
        the earlier weeks look short.
    assessed_week : ndarray of float, shape (n,)
        Weeks from the first absence day.
    outcomes : Outcomes
        Open courses count as seen so far; endings of every kind end the course.
    primary_horizon : float
        Week at which the curve equals the score itself.
    horizons : tuple of float
        Weeks that the grid must hold.
    longest : float
        Longest duration ever stated.
    """
    landmarks = find_landmarks(assessed_week)
    chosen = np.searchsorted(landmarks, assessed_week, side="right") - 1
    usable = ~np.isnan(score)
    curves = []
    for index, landmark in enumerate(landmarks):
        rows = usable & (chosen == index) & (outcomes.duration_weeks > assessed_week)
        if rows.sum() < 2 or landmark >= primary_horizon:
            continue
        curves.append(
            _fit_landmark(
                score[rows],
                float(landmark),
                entry=np.maximum(assessed_week[rows], landmark),
                duration=outcomes.duration_weeks[rows],
                ended=outcomes.ended[rows],
                primary_horizon=primary_horizon,
                horizons=horizons,
            )
        )
    raw = DurationCurve(tuple(curves), (0.9, 0.1), longest)
    levels = _settle_levels(raw, score[usable], assessed_week[usable], outcomes, usable)
    return DurationCurve(raw.landmarks, levels, longest)


def _find_grid(
    landmark: float,
    entry: FloatArray,
    duration: FloatArray,
    ended: npt.NDArray[np.bool_],
    wanted: tuple[float, ...],
) -> FloatArray:
    """Weeks at even steps of the survival curve, on a grid of tenths, and the horizons."""
    curve = survival_curve(duration, ended, entry=entry)
    places = np.searchsorted(-curve.survival, -GRID_SHARES, side="left")
    found = np.ceil(curve.times[places[places < len(curve.times)]] * 10) / 10
    grid = np.union1d(found, np.asarray(wanted))
    return np.asarray(grid[grid > landmark], dtype=np.float64)


def _fit_landmark(
    score: FloatArray,
    landmark: float,
    *,
    entry: FloatArray,
    duration: FloatArray,
    ended: npt.NDArray[np.bool_],
    primary_horizon: float,
    horizons: tuple[float, ...],
) -> LandmarkCurve:
    anchors = tuple(float(value) for value in np.quantile(score, ANCHOR_QUANTILES))
    if anchors[1] - anchors[0] < 1e-3:
        anchors = (anchors[0] - 0.5, anchors[1] + 0.5)
    weeks = _find_grid(landmark, entry, duration, ended, (primary_horizon, *horizons))
    center = float(score.mean())
    design = np.column_stack([np.ones(len(score)), score - center])
    at_anchors = np.column_stack([np.ones(2), np.array(anchors) - center])
    log_odds, trust = np.empty((len(weeks), 2)), np.empty(len(weeks))
    for index, week in enumerate(weeks):
        weight = censoring_weights(duration, ended, entry, week)
        known = weight > 0
        beyond = (duration[known] > week) | (~ended[known] & (duration[known] >= week))
        fitted = fit_logistic(
            design[known],
            beyond.astype(np.float64),
            weights=weight[known],
            prior_mean=np.array([0.0, 1.0]),
            prior_precision=np.array([INTERCEPT_PRIOR_SD**-2, SLOPE_PRIOR_SD**-2]),
        )
        log_odds[index] = at_anchors @ np.maximum(fitted.coefficients, [-np.inf, 0.0])
        trust[index] = max(weight[known].sum(), 1.0)
    pinned = weeks == primary_horizon
    log_odds[pinned] = anchors
    trust[pinned] = PINNED
    at_low, at_high = (
        isotonic_regression(log_odds[:, side], sample_weight=trust, increasing=False)
        for side in (0, 1)
    )
    last = weeks[-1]
    late = duration > last
    at_risk_weeks = float(np.sum(duration[late] - last))
    rate = (np.sum(late & ended) + 0.5) / (at_risk_weeks + 26.0)
    return LandmarkCurve(
        landmark, weeks, at_low, np.maximum(at_high, at_low), (anchors[0], anchors[1]), float(rate)
    )


def _settle_levels(
    curve: DurationCurve,
    score: FloatArray,
    assessed_week: FloatArray,
    outcomes: Outcomes,
    usable: npt.NDArray[np.bool_],
) -> tuple[float, float]:
    """Choose the interval's levels so that it covers 80 % of the held-out endings."""
    duration, ended = outcomes.duration_weeks[usable], outcomes.ended[usable]
    weight = censoring_weights(duration, ended, assessed_week, np.inf)
    asked = (weight > 0) & (duration > assessed_week)
    if asked.sum() < 10:
        return 0.9, 0.1
    best, found = np.inf, (0.9, 0.1)
    for margin in np.arange(0.02, 0.3, 0.01):
        low = curve.quantile(score[asked], assessed_week[asked], 1 - margin)
        high = curve.quantile(score[asked], assessed_week[asked], margin)
        covered = (duration[asked] >= low) & (duration[asked] <= high)
        miss = abs(float(weight[asked] @ covered / weight[asked].sum()) - INTERVAL)
        if miss < best - 1e-12:
            best, found = miss, (float(1 - margin), float(margin))
    return found
