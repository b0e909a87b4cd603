"""The simplest rule to beat: the citizen's own expected duration at the assessed week."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.stats.logistic import fit_logistic, sigmoid

__all__ = ["SimplestRule", "find_simplest_field", "fit_simplest_rule"]

FloatArray = npt.NDArray[np.float64]

THEME = "expected_duration"
PRIOR_PRECISION = np.array([0.0, 0.1, 0.1, 0.1])


@dataclass(frozen=True, slots=True)
class SimplestRule:
    """A logistic curve over one field and the assessed week.

    Values that are missing have a risk of their own. The week is known to anybody, so the
    rule must have it too: without it a model would win by knowing the calendar.

    Parameters
    ----------
    center, scale : float
        The field is read as (value - center) / scale.
    week_center, week_scale : float
        The same for the assessed week.
    coefficients : ndarray of float, shape (4,)
        Intercept, slope, the shift where the value is missing, and the slope of the week.
    """

    center: float
    scale: float
    week_center: float
    week_scale: float
    coefficients: FloatArray

    def risk(self, values: FloatArray, assessed_week: FloatArray | None = None) -> FloatArray:
        """Return the probability of a long course, shape (n,); the mean week by default."""
        return sigmoid(self.design(values, assessed_week) @ self.coefficients)

    def design(self, values: FloatArray, assessed_week: FloatArray | None) -> FloatArray:
        """Return the columns that the coefficients belong to, shape (n, 4)."""
        missing = np.isnan(values)
        place = np.where(missing, 0.0, (values - self.center) / self.scale)
        week = np.zeros(len(values))
        if assessed_week is not None:
            week = (assessed_week - self.week_center) / self.week_scale
        return np.column_stack([np.ones(len(values)), place, missing.astype(np.float64), week])


def find_simplest_field(codebook: Codebook) -> Field | None:
    """Return the first indicator about the expected duration; None where there is none.

    Numbers come before ordered levels.
    """
    themed = [one for one in codebook.indicators if one.theme == THEME]
    for kind in ("number", "ordinal"):
        for one in themed:
            if one.type == kind:
                return one
    return None


def fit_simplest_rule(
    values: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    assessed_week: FloatArray | None = None,
) -> SimplestRule:
    """Fit the curve, with a weak prior that keeps it finite on few rows.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        The field; NaN where missing.
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    assessed_week : ndarray of float, shape (n,), optional
        Weeks from the first absence day; leave out where all were assessed alike.
    """
    used = weight > 0
    field = _standardise(values[~np.isnan(values) & used])
    week = np.zeros(0) if assessed_week is None else assessed_week[used]
    empty = SimplestRule(*field, *_standardise(week), np.zeros(4))
    fitted = fit_logistic(
        empty.design(values, assessed_week), y, weights=weight, prior_precision=PRIOR_PRECISION
    )
    return replace(empty, coefficients=fitted.coefficients)


def _standardise(known: FloatArray) -> tuple[float, float]:
    """Return centre and scale; 0 and 1 where nothing is known, 1 where nothing varies."""
    if not len(known):
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0
