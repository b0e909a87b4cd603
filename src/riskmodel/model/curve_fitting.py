"""Fitting the duration curve to held-out scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from riskmodel.domain.cases import Outcomes
from riskmodel.model.curve import DurationCurve, LandmarkCurve
from riskmodel.stats.censoring import censoring_weights, survival_curve
from riskmodel.stats.logistic import fit_logistic
from riskmodel.stats.resampling import assign_folds

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
CURVE_ROWS = 10
FEWEST_AT_RISK = 10
TAIL_STEPS = 5
LEVEL_FOLDS = 5
MOST_FOLDED_PERSONS = 5000
FEWEST_COUNTED_PERSONS = 20
MARGINS = np.arange(0.02, 0.3, 0.01)


def find_landmarks(assessed_week: FloatArray, fewest_rows: int = LANDMARK_ROWS) -> FloatArray:
    """Return the whole weeks with assessments enough to be told apart, by default twenty.

    The first is the week of the earliest assessment, so that every row has a landmark before
    it. With more than eight such weeks, those at the quantiles of the assessments are taken.
    """
    whole = np.floor(assessed_week)
    weeks, counts = np.unique(whole, return_counts=True)
    chosen = np.union1d(weeks[:1], weeks[counts >= fewest_rows])
    if len(chosen) > MOST_LANDMARKS or (len(chosen) == 1 < len(weeks)):
        shares = np.linspace(0, 1, MOST_LANDMARKS + 1)[1:-1]
        chosen = np.union1d(weeks[:1], np.quantile(whole, shares, method="lower"))
    # Rows after a landmark belong to it up to the next; too few of them get no curve.
    held = np.diff(np.append(np.searchsorted(np.sort(whole), chosen), len(whole)))
    return np.asarray(chosen[(held >= fewest_rows) | (chosen == weeks[0])])


@dataclass(frozen=True, slots=True)
class _Courses:
    """Rows of one landmark: entry, end, score, and the weight that each stands for."""

    score: FloatArray
    entry: FloatArray
    duration: FloatArray
    ended: npt.NDArray[np.bool_]
    weight: FloatArray

    def take(self, rows: npt.NDArray[np.bool_]) -> _Courses:
        return _Courses(*(getattr(self, one.name)[rows] for one in fields(self)))


def fit_curve(
    score: FloatArray,
    assessed_week: FloatArray,
    outcomes: Outcomes,
    primary_horizon: float,
    horizons: tuple[float, ...],
    longest: float,
    *,
    case_weight: FloatArray | None = None,
    groups: npt.ArrayLike | None = None,
) -> DurationCurve:
    """Fit the curves of all landmarks, and settle the interval by curves of other persons.

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
        Weeks that the grid must hold where they were reached.
    longest : float
        Longest duration ever stated.
    case_weight : ndarray of float, shape (n,), optional
        How many cases each row stands for, where they were drawn with unequal chances.
    groups : array_like, shape (n,), optional
        Persons; each row its own by default.
    """
    usable = (outcomes.duration_weeks > assessed_week) & (assessed_week < primary_horizon)
    courses = _Courses(
        score[usable],
        assessed_week[usable],
        outcomes.duration_weeks[usable],
        outcomes.ended[usable],
        np.ones(int(usable.sum())) if case_weight is None else case_weight[usable],
    )
    persons = np.arange(len(usable)) if groups is None else np.asarray(groups)
    settings = (primary_horizon, horizons, longest)
    curve = _fit_landmarks(courses, settings)
    return replace(curve, levels=_settle_levels(curve, courses, persons[usable], settings))


def _fit_landmarks(
    courses: _Courses, settings: tuple[float, tuple[float, ...], float]
) -> DurationCurve:
    primary_horizon, horizons, longest = settings
    # Joined with an earlier one, a landmark of few would get a median that is too early.
    landmarks = find_landmarks(courses.entry, CURVE_ROWS)
    chosen = np.searchsorted(landmarks, courses.entry, side="right") - 1
    curves = tuple(
        _fit_landmark(courses.take(chosen == index), float(landmark), primary_horizon, horizons)
        for index, landmark in enumerate(landmarks)
    )
    last_week = float(np.floor(courses.entry.max()))
    return DurationCurve(curves, last_week, (0.9, 0.1), longest)


def _find_grid(
    landmark: float, courses: _Courses, primary_horizon: float, horizons: tuple[float, ...]
) -> FloatArray:
    """Whole weeks at even steps of the survival curve, and the horizons that were reached.

    Whole weeks are a public grid, so that no person's day of ending is kept. The curve is
    that of those assessed: from the earliest assessment on it would hang on a few.
    """
    curve = survival_curve(courses.duration, courses.ended, sample_weight=courses.weight)
    places = np.searchsorted(-curve.survival, -GRID_SHARES, side="left")
    found = np.ceil(curve.times[places[places < len(curve.times)]])
    grid = np.union1d(found, np.asarray(horizons))
    left = np.array([np.sum((courses.entry < week) & (courses.duration >= week)) for week in grid])
    grid = grid[left >= FEWEST_AT_RISK]
    return np.union1d(grid[grid > landmark], [primary_horizon])


def _fit_landmark(
    courses: _Courses, landmark: float, primary_horizon: float, horizons: tuple[float, ...]
) -> LandmarkCurve:
    low, high = (float(f"{value:.3f}") for value in np.quantile(courses.score, ANCHOR_QUANTILES))
    anchors = (low, high) if high - low > 0.01 else (low - 0.5, high + 0.5)
    weeks = _find_grid(landmark, courses, primary_horizon, horizons)
    found = [_fit_week(courses, week, anchors) for week in weeks]
    log_odds, trust = np.array([one[0] for one in found]), np.array([one[1] for one in found])
    pinned = weeks == primary_horizon
    log_odds[pinned] = anchors
    trust[pinned] = PINNED
    at_low, at_high = (
        isotonic_regression(log_odds[:, side], sample_weight=trust, increasing=False)
        for side in (0, 1)
    )
    rate = _tail_rate(courses, weeks)
    return LandmarkCurve(landmark, weeks, at_low, np.maximum(at_high, at_low), anchors, rate)


def _fit_week(
    courses: _Courses, week: float, anchors: tuple[float, float]
) -> tuple[FloatArray, float]:
    """Log-odds of lasting beyond a week at both anchors, and the weight of the rows behind."""
    # A row that entered later was not at risk before: it must not count as having lasted.
    asked = courses.take(courses.entry < week)
    weight = _weigh(asked, week)
    known = weight > 0
    if not known.any():
        return np.array(anchors), 1.0
    beyond = (asked.duration > week) | (~asked.ended & (asked.duration >= week))
    # Kish's size: rows that stand for many others do not make the data more.
    weight *= weight.sum() / np.sum(weight**2)
    center = float(asked.score.mean())
    fitted = fit_logistic(
        np.column_stack([np.ones(len(weight)), asked.score - center])[known],
        beyond[known].astype(np.float64),
        weights=weight[known],
        prior_mean=np.array([0.0, 1.0]),
        prior_precision=np.array([INTERCEPT_PRIOR_SD**-2, SLOPE_PRIOR_SD**-2]),
    )
    at_anchors = np.column_stack([np.ones(2), np.array(anchors) - center])
    log_odds = at_anchors @ np.maximum(fitted.coefficients, [-np.inf, 0.0])
    return np.asarray(log_odds), max(float(weight[known].sum()), 1.0)


def _weigh(courses: _Courses, week: float | FloatArray) -> FloatArray:
    """Weights for the state at a week: of the draw, and for those lost to sight before it."""
    return courses.weight * censoring_weights(
        courses.duration, courses.ended, courses.entry, week, sample_weight=courses.weight
    )


def _tail_rate(courses: _Courses, weeks: FloatArray) -> float:
    """Share that ends per week late in the curve, drawn towards the share over all weeks."""
    share = courses.weight / courses.weight.mean()
    overall = (np.sum(share * courses.ended) + 0.5) / (
        np.sum(share * (courses.duration - courses.entry)) + 1.0
    )
    since = np.maximum(weeks[max(len(weeks) - TAIL_STEPS, 0)], courses.entry)
    late = courses.duration > since
    at_risk = float(np.sum((share * (courses.duration - since))[late]))
    rate = (np.sum(share[late & courses.ended]) + 1.0) / (at_risk + 1.0 / overall)
    return float(f"{rate:.2g}")


def _settle_levels(
    curve: DurationCurve,
    courses: _Courses,
    persons: npt.NDArray[np.generic],
    settings: tuple[float, tuple[float, ...], float],
) -> tuple[float, float]:
    """Choose the interval's levels so that it covers 80 % of courses the curve did not know.

    Covered is lasting at least until the lower end less lasting beyond the upper end; a
    course still open counts for either as far as it was seen. Up to 5,000 persons the ends are
    those of curves fitted to other persons: a curve flatters itself on the rows that drew it,
    and the more the fewer they are. Beyond that they are its own. As in split-conformal
    prediction 80 % of one person more than there are must be covered (under twenty count as
    twenty, lest nearly everybody must be).
    """
    n_persons = len(np.unique(persons))
    if len(courses.score) < FEWEST_AT_RISK or n_persons < 2:
        return 0.9, 0.1
    parts = [(np.ones(len(persons), dtype=np.bool_), curve)]
    if n_persons <= MOST_FOLDED_PERSONS:
        fold = assign_folds(
            len(persons), min(LEVEL_FOLDS, n_persons), random_state=0, groups=persons
        )
        parts = [
            (fold == one, _fit_landmarks(courses.take(fold != one), settings))
            for one in np.unique(fold)
        ]
    goal = INTERVAL * (1 + 1 / max(n_persons, FEWEST_COUNTED_PERSONS))
    best, found = np.inf, (0.9, 0.1)
    for margin in MARGINS:
        low, high = (_find_ends(parts, courses, share) for share in (1 - margin, margin))
        covered = _share_lasting(courses, low, at_least=True)
        covered -= _share_lasting(courses, high, at_least=False)
        if abs(covered - goal) < best - 1e-12:
            best, found = abs(covered - goal), (float(1 - margin), float(margin))
    return found


@dataclass(frozen=True, slots=True)
class _Ends:
    """One end of each row's interval, with the week that its curve reaches and the rate after.

    An end cut off at the longest course says "at least so long": `cut` is the share that lasts
    beyond it all the same.
    """

    share: float
    cut: npt.NDArray[np.bool_]
    week: FloatArray
    last: FloatArray
    rate: FloatArray


def _find_ends(
    parts: Sequence[tuple[npt.NDArray[np.bool_], DurationCurve]], courses: _Courses, share: float
) -> _Ends:
    n = len(courses.score)
    ends = _Ends(share, np.zeros(n, dtype=np.bool_), np.empty(n), np.empty(n), np.empty(n))
    for rows, curve in parts:
        entry = courses.entry[rows]
        starts = np.array([one.landmark for one in curve.landmarks])
        place = np.maximum(np.searchsorted(starts, entry, side="right") - 1, 0)
        ends.week[rows] = curve.quantile(courses.score[rows], entry, share)
        ends.cut[rows] = ends.week[rows] >= curve.longest
        ends.last[rows] = np.array([one.weeks[-1] for one in curve.landmarks])[place]
        ends.rate[rows] = np.array([one.tail_rate for one in curve.landmarks])[place]
    return ends


def _share_lasting(courses: _Courses, ends: _Ends, *, at_least: bool) -> float:
    """Weighted share of rows that lasted to, or beyond, a week of their own.

    Beyond the last week of the curve nothing was seen, so its own rate of ending leads on;
    where the end was cut off, the curve's own share counts.
    """
    seen = np.minimum(ends.week, ends.last)
    weight = _weigh(courses, seen)
    beyond = (courses.duration > seen) | (~courses.ended & (courses.duration >= seen))
    lasted = courses.duration >= seen if at_least else beyond
    kept = lasted * np.exp(-ends.rate * (ends.week - seen))
    lasting = weight * np.where(ends.cut, ends.share, kept)
    return float(lasting.sum() / max(weight.sum(), 1e-12))
