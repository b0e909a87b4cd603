"""The simplest rule to beat: the citizen's own expected duration, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.stats.logistic import fit_logistic, sigmoid

__all__ = ["SimplestRule", "find_simplest_field", "fit_simplest_rule"]

FloatArray = npt.NDArray[np.float64]

THEME = "expected_duration"
PRIOR_PRECISION = np.array([0.0, 0.1, 0.1])


@dataclass(frozen=True, slots=True)
class SimplestRule:
    """A logistic curve over one field; missing values have a risk of their own.

    Parameters
    ----------
    center, scale : float
        The field is read as (value - center) / scale.
    coefficients : ndarray of float, shape (3,)
        Intercept, slope, and the shift where the value is missing.
    """

    center: float
    scale: float
    coefficients: FloatArray

    def risk(self, values: FloatArray) -> FloatArray:
        """Return the probability of a long course, shape (n,)."""
        return sigmoid(_design(values, self.center, self.scale) @ self.coefficients)


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


def fit_simplest_rule(values: FloatArray, y: FloatArray, weight: FloatArray) -> SimplestRule:
    """Fit the curve, with a weak prior that keeps it finite on few rows.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        The field; NaN where missing.
    y, weight : ndarray of float, shape (n,)
        Outcomes 0 or 1, and row weights.
    """
    known = values[~np.isnan(values) & (weight > 0)]
    center = float(known.mean()) if len(known) else 0.0
    scale = float(known.std()) if len(known) and known.std() > 0 else 1.0
    fitted = fit_logistic(
        _design(values, center, scale), y, weights=weight, prior_precision=PRIOR_PRECISION
    )
    return SimplestRule(center, scale, fitted.coefficients)


def _design(values: FloatArray, center: float, scale: float) -> FloatArray:
    missing = np.isnan(values)
    place = np.where(missing, 0.0, (values - center) / scale)
    return np.column_stack([np.ones(len(values)), place, missing.astype(np.float64)])
