"""How much of a model new data may change: as little as they can justify."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmodel.stats.arrays import FloatArray, check_binary, check_columns, check_weights
from riskmodel.stats.logistic import LogisticFit, fit_logistic, logistic_log_likelihood

__all__ = ["ClosedTest", "ModelUpdate", "UpdateStep", "choose_update"]

UpdateStep = Literal["leave", "intercept", "slope", "re-estimate"]
STEPS: Final[tuple[UpdateStep, ...]] = ("leave", "intercept", "slope")


@dataclass(frozen=True, slots=True)
class ClosedTest:
    """One likelihood-ratio test of a smaller update against re-estimation.

    Attributes
    ----------
    step : str
        The update tested.
    statistic : float
        Twice the difference of log-likelihoods; >= 0.
    degrees : int
        Degrees of freedom.
    p_value : float
        Chance of a statistic at least this large were the smaller update enough.
    """

    step: UpdateStep
    statistic: float
    degrees: int
    p_value: float

    @property
    def p_text(self) -> str:
        """The p-value in words; 0.0497 is not rounded to 0.050.

        Examples
        --------
        >>> [ClosedTest("leave", 4.0, 1, p).p_text for p in (0.0002, 0.0497, 0.256)]
        ['p < 0.001', 'p = 0.0497', 'p = 0.256']
        """
        if self.p_value < 0.001:
            return "p < 0.001"
        if 0.0495 <= self.p_value < 0.05:
            return f"p = {min(self.p_value, 0.0499):.4f}"
        return f"p = {self.p_value:.3f}"


@dataclass(frozen=True, slots=True)
class ModelUpdate:
    """The update that the closed test chose.

    The updated log-odds are `intercept + slope * linear_predictor + design @ effects`.

    Attributes
    ----------
    step : {"leave", "intercept", "slope", "re-estimate"}
        "slope" stands for intercept and slope.
    intercept, slope : float
        0 and 1 where the model is left as it is.
    effects : ndarray of float, shape (n_columns,)
        Changes of the design's coefficients; zero unless re-estimated.
    tests : tuple of ClosedTest
        The tests made, in order; the last one decided.
    log_likelihoods : dict
        Log-likelihood of each step, also of those not tested.
    unstable : bool
        True where re-estimation was chosen but separates the outcomes, or its columns
        repeat each other: collect more rows before using it.
    """

    step: UpdateStep
    intercept: float
    slope: float
    effects: FloatArray
    tests: tuple[ClosedTest, ...]
    log_likelihoods: dict[UpdateStep, float]
    unstable: bool = False

    def predict_log_odds(
        self, linear_predictor: npt.ArrayLike, design: npt.ArrayLike
    ) -> FloatArray:
        """Return the updated log-odds, shape (n,)."""
        eta = np.asarray(linear_predictor, dtype=np.float64)
        change: FloatArray = np.einsum("ij,j->i", np.asarray(design, np.float64), self.effects)
        return self.intercept + self.slope * eta + change


def choose_update(
    linear_predictor: npt.ArrayLike,
    design: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    alpha: float = 0.05,
) -> ModelUpdate:
    """Choose how far to update a logistic model by the closed testing procedure.

    Re-estimation of all coefficients is compared with leaving the model as it is, then
    with a new intercept, then with a new intercept and slope. The first that is not
    significantly worse is chosen; re-estimation is, where all are. Each test is made at
    the full alpha, and yet the chance of updating a model that is right stays at alpha.

    Parameters
    ----------
    linear_predictor : array_like, shape (n,)
        Log-odds by the model as it is, for the new rows.
    design : array_like, shape (n, n_columns)
        The model's columns without the intercept.
    y : array_like, shape (n,)
        Outcomes, 0 or 1, of the new rows.
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0. The tests take them as counts of rows.
    alpha : float
        Level of each test, in (0, 1).

    Returns
    -------
    ModelUpdate

    Raises
    ------
    ValueError
        If shapes differ, values are missing, or alpha is out of range.

    Notes
    -----
    Where the linear predictor is not a sum of the design's columns it joins them, so that
    the smaller updates stay special cases of re-estimation.

    References
    ----------
    Vergouwe et al. (2017), Stat Med 36:4529-4539. https://doi.org/10.1002/sim.7179

    Examples
    --------
    Twice as many events as foreseen, at every risk alike:

    >>> eta = np.repeat([-2.0, -1.0], 100)
    >>> y = np.concatenate([np.arange(100) < 24, np.arange(100) < 54])
    >>> update = choose_update(eta, eta[:, None], y)
    >>> update.step, [test.step for test in update.tests]
    ('intercept', ['leave', 'intercept'])
    """
    if not 0 < alpha < 1:
        msg = f"alpha must lie in (0, 1), got {alpha}."
        raise ValueError(msg)
    (eta,) = check_columns(linear_predictor=linear_predictor)
    columns = np.asarray(design, dtype=np.float64)
    if columns.ndim != 2 or len(columns) != len(eta):
        msg = f"design must have {len(eta)} rows, got shape {columns.shape}."
        raise ValueError(msg)
    target = check_binary(y, len(eta))
    w = check_weights(sample_weight, len(eta))
    ones = np.ones((len(eta), 1))
    full_design = np.column_stack([ones, eta, columns])
    without = np.column_stack([ones, columns])
    spanned = _rank(full_design[w > 0]) == _rank(without[w > 0])
    candidates: dict[UpdateStep, LogisticFit] = {
        "intercept": fit_logistic(ones, target, weights=w, offset=eta),
        "slope": fit_logistic(full_design[:, :2], target, weights=w),
        # What is fitted are the changes of the coefficients, from the model as it is.
        "re-estimate": fit_logistic(
            without if spanned else full_design, target, weights=w, offset=eta
        ),
    }
    likelihood = {step: fit.log_likelihood for step, fit in candidates.items()}
    likelihood["leave"] = logistic_log_likelihood(target, eta, weights=w)
    step, tests = _test_down(likelihood, _degrees(full_design[w > 0]), alpha)
    found = np.zeros(1) if step == "leave" else candidates[step].coefficients
    slope = float(found[1]) if step == "slope" else 1.0
    effects = np.zeros(columns.shape[1])
    if step == "re-estimate":
        slope = 1.0 if spanned else 1.0 + float(found[1])
        effects = found[1:] if spanned else found[2:]
    return ModelUpdate(
        step=step,
        intercept=float(found[0]),
        slope=slope,
        effects=effects,
        tests=tests,
        log_likelihoods=likelihood,
        unstable=step == "re-estimate" and candidates[step].separated,
    )


def _rank(design: FloatArray) -> int:
    largest = np.abs(design).max(axis=0, initial=0.0)
    return int(np.linalg.matrix_rank(design / np.where(largest > 0, largest, 1.0)))


def _degrees(design: FloatArray) -> tuple[int, int, int]:
    """Free coefficients of re-estimation beyond leaving, intercept, and slope."""
    rank = _rank(design)
    return rank, rank - 1, rank - _rank(design[:, :2])


def _test_down(
    likelihood: dict[UpdateStep, float], degrees: tuple[int, int, int], alpha: float
) -> tuple[UpdateStep, tuple[ClosedTest, ...]]:
    tests: list[ClosedTest] = []
    for step, df in zip(STEPS, degrees, strict=True):
        statistic = max(0.0, 2.0 * (likelihood["re-estimate"] - likelihood[step]))
        p_value = float(special.chdtrc(df, statistic)) if df > 0 else 1.0
        tests.append(ClosedTest(step, statistic, df, p_value))
        if p_value >= alpha:
            return step, tuple(tests)
    return "re-estimate", tuple(tests)
