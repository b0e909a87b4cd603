"""Made-up cases after a start, where contact itself shortens courses.

A policy contacts those at high risk. If contact works, their courses come out shorter than
their risk said, and what was seen no longer tells what the risk was. Here the risk without
contact and the effect of contact are known, so that a way of evaluating can be held against
the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["FeedbackSettings", "FollowedCases", "draw_followed_cases"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FeedbackSettings:
    """A world in which contact may shorten courses.

    Parameters
    ----------
    effect : float
        Change of the log-odds of a long course by contact; below zero it shortens.
    drift, stretch : float
        True log-odds without contact are drift + stretch * score; 0 and 1 mean that the
        model's risks still hold.
    bend : float
        Added for each unit of score above the threshold: the model's shape is then wrong
        where everybody is contacted.
    threshold : float
        Risk from which the policy contacts.
    ordinary_contact : float
        Share that an adviser contacts who sees no score, at any risk.
    mean_score, spread : float
        Mean and standard deviation of the score in log-odds.

    Raises
    ------
    ValueError
        If a share or the threshold is no probability, or the spread is not above zero.
    """

    effect: float = -0.7
    drift: float = 0.0
    stretch: float = 1.0
    bend: float = 0.0
    threshold: float = 0.4
    ordinary_contact: float = 0.5
    mean_score: float = -0.9
    spread: float = 1.1

    def __post_init__(self) -> None:
        if not (0 < self.threshold < 1 and 0 <= self.ordinary_contact <= 1 and self.spread > 0):
            msg = (
                "threshold must lie in (0, 1), ordinary_contact in [0, 1] and spread above 0, "
                f"got {self.threshold}, {self.ordinary_contact} and {self.spread}."
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class FollowedCases:
    """Cases after the start, and the truth behind them; all arrays have shape (n,).

    Attributes
    ----------
    risk : ndarray of float
        The model's risk of a long course without contact.
    lightest : ndarray of bool
        Cases below the threshold, which the policy leaves without contact.
    contacted : ndarray of bool
        Cases that were contacted.
    drawn_contact, drawn_without_score : ndarray of bool
        Cases drawn by lot for contact (it counts only in the lightest tier), and to be
        judged without a score.
    long_course : ndarray of float
        1 where the course was long, else 0.
    true_risk_without, true_risk_with : ndarray of float
        True risks without and with contact.
    """

    risk: FloatArray
    lightest: BoolArray
    contacted: BoolArray
    drawn_contact: BoolArray
    drawn_without_score: BoolArray
    long_course: FloatArray
    true_risk_without: FloatArray
    true_risk_with: FloatArray

    def __len__(self) -> int:
        return len(self.risk)


def draw_followed_cases(
    settings: FeedbackSettings,
    drawn_contact: BoolArray,
    drawn_without_score: BoolArray,
    *,
    random_state: int,
) -> FollowedCases:
    """Draw cases that a policy has followed, with the lots already drawn.

    Parameters
    ----------
    settings : FeedbackSettings
        The world.
    drawn_contact, drawn_without_score : ndarray of bool, shape (n,)
        Who was drawn for contact, and to be judged without a score; nobody where there is
        no audit arm.
    random_state : int
        Seed.

    Examples
    --------
    >>> nobody = np.zeros(1000, dtype=bool)
    >>> cases = draw_followed_cases(FeedbackSettings(), nobody, nobody, random_state=0)
    >>> bool(np.array_equal(cases.contacted, cases.risk >= 0.4))
    True
    """
    rng = np.random.default_rng(random_state)
    n = len(drawn_contact)
    score = rng.normal(settings.mean_score, settings.spread, n)
    edge = np.log(settings.threshold / (1 - settings.threshold))
    lightest = score < edge
    by_adviser = rng.random(n) < settings.ordinary_contact
    by_policy = ~lightest | drawn_contact
    contacted = np.where(drawn_without_score, by_adviser, by_policy)
    truth = (
        settings.drift + settings.stretch * score + settings.bend * np.maximum(score - edge, 0.0)
    )
    without, with_contact = _probability(truth), _probability(truth + settings.effect)
    chance = np.where(contacted, with_contact, without)
    return FollowedCases(
        risk=_probability(score),
        lightest=lightest,
        contacted=contacted,
        drawn_contact=drawn_contact & lightest & ~drawn_without_score,
        drawn_without_score=drawn_without_score,
        long_course=(rng.random(n) < chance).astype(np.float64),
        true_risk_without=without,
        true_risk_with=with_contact,
    )


def _probability(log_odds: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)
