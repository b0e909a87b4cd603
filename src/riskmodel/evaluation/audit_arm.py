"""Evaluation after a start: what cases drawn by lot tell that the others cannot.

Once a policy contacts those at high risk, observed outcomes are outcomes of contact. Two
lots keep the question open. Of the lightest tier some are contacted all the same, so the
effect of contact can be read off by comparing them with their like. Of all cases some are
judged without a score, so that some at high risk go without contact, and it can be seen
whether their risks hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.evaluation.figures import Estimate
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.logistic import fit_logistic, log_odds, sigmoid

__all__ = ["AfterStart", "AfterStartFigures", "evaluate_by_lot", "evaluate_naively"]

BoolArray = npt.NDArray[np.bool_]
FEWEST_EACH: Final = 5
NORMAL_95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class AfterStart:
    """Cases followed since a policy started, one row for each person.

    Parameters
    ----------
    risk : ndarray of float, shape (n,)
        The model's risk of a long course without contact, in (0, 1).
    long_course : ndarray of float, shape (n,)
        1 where the course was long, else 0.
    contacted : ndarray of bool, shape (n,)
        Cases that were contacted.
    lightest : ndarray of bool, shape (n,)
        Cases to which the policy recommended the lightest tier, before any lot.
    drawn_contact, drawn_without_score : ndarray of bool, shape (n,)
        Drawn for contact, and drawn to be judged without a score.
    contact_share, without_score_share : float
        Probability of each lot; the two are drawn independently.
    """

    risk: FloatArray
    long_course: FloatArray
    contacted: BoolArray
    lightest: BoolArray
    drawn_contact: BoolArray
    drawn_without_score: BoolArray
    contact_share: float
    without_score_share: float

    def __post_init__(self) -> None:
        arrays = (
            self.long_course,
            self.contacted,
            self.lightest,
            self.drawn_contact,
            self.drawn_without_score,
        )
        if any(len(one) != len(self.risk) for one in arrays):
            msg = "all columns must have one entry per case."
            raise ValueError(msg)
        if not np.all((self.risk > 0) & (self.risk < 1)):
            msg = "risk must lie in (0, 1)."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class AfterStartFigures:
    """What an evaluation after the start finds; a figure that cannot be had is NaN.

    Parameters
    ----------
    calibration_in_the_large : Estimate
        Shift in log-odds that the risks without contact need; 0 is right.
    calibration_slope : Estimate
        Their slope; 1 is right.
    effect : Estimate
        Change of the log-odds of a long course by contact.
    n_compared : int
        Cases that the effect rests on: those contacted, or by lot those drawn for contact.
    """

    calibration_in_the_large: Estimate
    calibration_slope: Estimate
    effect: Estimate
    n_compared: int

    def recalibrate(self, risk: FloatArray) -> FloatArray:
        """Return the risks as a retraining that believed this evaluation would give them.

        The score keeps its order; its slope is the one found, around the mean score.
        """
        score = log_odds(risk)
        mean = float(score.mean())
        shift = self.calibration_in_the_large.value
        return sigmoid(mean + shift + self.calibration_slope.value * (score - mean))


def evaluate_naively(cases: AfterStart) -> AfterStartFigures:
    """Judge the risks by all outcomes, and contact by who was contacted, as if nothing had begun.

    This is what an ordinary evaluation does. It is here to be compared with
    `evaluate_by_lot`, and to show how far off it is.

    Parameters
    ----------
    cases : AfterStart
        The cases.
    """
    everybody = np.ones(len(cases.risk))
    level, slope = _judge_risks(cases, everybody)
    contact = cases.contacted.astype(np.float64)
    if min(contact.sum(), (1 - contact).sum()) < FEWEST_EACH:
        return AfterStartFigures(level, slope, Estimate(math.nan), int(contact.sum()))
    effect = _estimate(np.column_stack([everybody, contact]), cases.long_course, everybody, 1)
    return AfterStartFigures(level, slope, effect, int(contact.sum()))


def evaluate_by_lot(cases: AfterStart) -> AfterStartFigures:
    """Judge the risks by cases that went without contact, and contact by those drawn for it.

    A case without contact stands for itself and for its like that were contacted: its
    weight is the inverse of the probability of going without contact, which the lots make
    known. At high risk only cases judged without a score can go without contact; without
    that lot the risks are judged in the lightest tier alone. The effect compares, within
    the lightest tier, those drawn for contact with those who were not, at equal score. It is
    that of being drawn, whoever was contacted in the end: where the lot was not kept to it is
    smaller than that of contact, but never that of an adviser's choice.

    Parameters
    ----------
    cases : AfterStart
        The cases.

    Notes
    -----
    Among cases judged without a score, contact must not depend on the course to come in any
    way that the risk does not know; an adviser who sees more than the model breaks this.
    The effect holds for cases at low risk, and for others only if it is the same there.

    References
    ----------
    Hernán & Robins (2020), Causal Inference: What If, chapters 2 and 12. Lenert et al.
    (2019), J Am Med Inform Assoc 26:1645-1650. https://doi.org/10.1093/jamia/ocz145
    """
    level, slope = _judge_risks(cases, _weigh_uncontacted(cases))
    compared = cases.lightest & ~cases.drawn_without_score
    drawn = cases.drawn_contact[compared].astype(np.float64)
    if min(drawn.sum(), (1 - drawn).sum()) < FEWEST_EACH:
        return AfterStartFigures(level, slope, Estimate(math.nan), int(drawn.sum()))
    design = np.column_stack([np.ones(len(drawn)), log_odds(cases.risk[compared]), drawn])
    effect = _estimate(design, cases.long_course[compared], np.ones(len(drawn)), 2)
    return AfterStartFigures(level, slope, effect, int(drawn.sum()))


def _weigh_uncontacted(cases: AfterStart) -> FloatArray:
    """Return the inverse probability of going without contact; zero where contacted."""
    hidden, share = cases.drawn_without_score, cases.without_score_share
    chance = np.zeros(len(cases.risk))
    for light in (True, False):
        rows = cases.lightest == light
        arm = rows & hidden
        left_alone = float(np.mean(~cases.contacted[arm])) if arm.any() else 0.0
        by_rule = 1 - cases.contact_share if light else 0.0
        chance[rows] = share * left_alone + (1 - share) * by_rule
    weight = np.zeros(len(chance))
    used = ~cases.contacted & (chance > 0)
    weight[used] = 1 / chance[used]
    return weight


def _judge_risks(cases: AfterStart, weight: FloatArray) -> tuple[Estimate, Estimate]:
    """Return calibration in the large and slope, with limits that hold for any weights."""
    rows = weight > 0
    long = cases.long_course[rows]
    if min(long.sum(), len(long) - long.sum()) < FEWEST_EACH:
        return Estimate(math.nan), Estimate(math.nan)
    score, w = log_odds(cases.risk[rows]), weight[rows]
    ones = np.ones((len(score), 1))
    level = _estimate(ones, long, w, 0, offset=score)
    slope = _estimate(np.column_stack([ones, score]), long, w, 1)
    return level, slope


def _estimate(
    design: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    column: int,
    *,
    offset: FloatArray | None = None,
) -> Estimate:
    """Return one coefficient with its 95 % limits by the sandwich variance."""
    fit = fit_logistic(design, y, weights=weight, offset=offset)
    rest = weight * (y - sigmoid(fit.predict_log_odds(design, offset)))
    meat = (design * rest[:, None]).T @ (design * rest[:, None])
    variance = (fit.covariance @ meat @ fit.covariance)[column, column]
    value, half = float(fit.coefficients[column]), NORMAL_95 * math.sqrt(max(variance, 0.0))
    return Estimate(value, value - half, value + half)
