r"""How long synthetic courses last, drawn and computed from the same closed form.

Given its facts :math:`x`, a course that has reached its intake week :math:`s_0` belongs to the
slow group with probability :math:`\pi(x)`. Recovery in group :math:`g` has the cumulative hazard
:math:`\Lambda_g(t) = (t / b_g)^{k_g} e^{\lambda(x)}`; all other endings have
:math:`\Lambda_c(t)`, piecewise linear. The risk is all-cause:

.. math::
    P(T > h \mid T > s, x) = e^{-[\Lambda_c(h) - \Lambda_c(s)]}
    \sum_g \pi_g(s) \, e^{-[\Lambda_g(h) - \Lambda_g(s)]}

where :math:`\pi_g(s)` is the chance of the group given what was seen up to :math:`s`: that the
course still runs, and what the reviews found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.synthetic_course_parameters import CourseParameters
from riskmodel.domain.synthetic_people import Facts

__all__ = ["CourseLaw", "DrawnCourses"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LAST_WEEK = 1e6
BISECTIONS = 45
HALF = 0.5


@dataclass(frozen=True, slots=True)
class DrawnCourses:
    """Courses as they went.

    Attributes
    ----------
    slow : ndarray of bool, shape (n,)
        Member of the slow group.
    weeks : ndarray of float, shape (n,)
        From the first absence day to the end, whatever its reason.
    recovered : ndarray of bool, shape (n,)
        False where another ending came first.
    """

    slow: BoolArray
    weeks: FloatArray
    recovered: BoolArray


@dataclass(frozen=True, slots=True)
class CourseLaw:
    """The law of the durations of n cases.

    Parameters
    ----------
    parameters : CourseParameters
        Shapes, scales and competing hazards.
    intake_week : ndarray of float, shape (n,)
        Every course has reached it.
    slow_log_odds : ndarray of float, shape (n,)
        Log-odds of the slow group at the intake week.
    recovery_log_hazard, competing_log_hazard : ndarray of float, shape (n,)
        Shifts of the two log-hazards.
    """

    parameters: CourseParameters
    intake_week: FloatArray
    slow_log_odds: FloatArray
    recovery_log_hazard: FloatArray
    competing_log_hazard: FloatArray

    @classmethod
    def from_facts(
        cls, parameters: CourseParameters, facts: Facts, intake_week: FloatArray
    ) -> CourseLaw:
        """Return the law that follows from the facts."""
        return cls(
            parameters=parameters,
            intake_week=intake_week,
            slow_log_odds=parameters.slow_log_odds + facts.effect,
            recovery_log_hazard=facts.site_log_hazard - parameters.hazard_slope * facts.effect,
            competing_log_hazard=parameters.competing_slope * facts.effect,
        )

    def __len__(self) -> int:
        return len(self.intake_week)

    def take(self, rows: npt.NDArray[np.intp]) -> CourseLaw:
        """Return the law of the chosen cases."""
        return CourseLaw(
            self.parameters,
            self.intake_week[rows],
            self.slow_log_odds[rows],
            self.recovery_log_hazard[rows],
            self.competing_log_hazard[rows],
        )

    def _recovery(self, weeks: FloatArray, *, slow: bool) -> FloatArray:
        own = self.parameters
        scale, shape = (
            (own.slow_scale_weeks, own.slow_shape)
            if slow
            else (own.fast_scale_weeks, own.fast_shape)
        )
        return np.asarray((weeks / scale) ** shape * np.exp(self.recovery_log_hazard))

    def _knots(self) -> tuple[FloatArray, FloatArray]:
        weeks = np.array([*self.parameters.competing_from_weeks, LAST_WEEK])
        hazards = np.array(self.parameters.competing_weekly_hazard)
        return weeks, np.concatenate(([0.0], np.cumsum(np.diff(weeks) * hazards)))

    def _competing(self, weeks: FloatArray) -> FloatArray:
        knots, heights = self._knots()
        return np.interp(weeks, knots, heights) * np.exp(self.competing_log_hazard)

    def draw(self, rng: np.random.Generator) -> DrawnCourses:
        """Draw one course for each case, all of them reaching the intake week.

        Inverts the cumulative hazards at standard exponential draws.
        """
        n, own = len(self), self.parameters
        slow = rng.random(n) < 1 / (1 + np.exp(-self.slow_log_odds))
        scale = np.where(slow, own.slow_scale_weeks, own.fast_scale_weeks)
        shape = np.where(slow, own.slow_shape, own.fast_shape)
        height = (self.intake_week / scale) ** shape
        height += rng.standard_exponential(n) * np.exp(-self.recovery_log_hazard)
        recovery = scale * height ** (1 / shape)
        knots, heights = self._knots()
        begun = np.interp(self.intake_week, knots, heights)
        begun += rng.standard_exponential(n) * np.exp(-self.competing_log_hazard)
        other = np.interp(begun, heights, knots)
        return DrawnCourses(
            slow=slow, weeks=np.minimum(recovery, other), recovered=recovery <= other
        )

    def compute_slow_log_odds(self, week: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the log-odds of the slow group, given what was seen up to a week.

        Parameters
        ----------
        week : ndarray of float, shape (n,)
            The course still runs at this week.
        log_ratio : ndarray of float, shape (n,)
            Log of how much likelier the findings of the reviews are in the slow group.
        """
        gone_slow = self._recovery(week, slow=True) - self._recovery(self.intake_week, slow=True)
        gone_fast = self._recovery(week, slow=False) - self._recovery(self.intake_week, slow=False)
        return np.asarray(self.slow_log_odds - gone_slow + gone_fast + log_ratio)

    def compute_risk(
        self, horizon: float | FloatArray, week: FloatArray, log_ratio: FloatArray
    ) -> FloatArray:
        """Return the probability that a course still runs after a horizon.

        Parameters
        ----------
        horizon : float or ndarray of float, shape (n,)
            Weeks from the first absence day, not before `week`.
        week, log_ratio : ndarray of float, shape (n,)
            See `compute_slow_log_odds`.

        Returns
        -------
        ndarray of float, shape (n,)
            In [0, 1].
        """
        until = np.broadcast_to(np.asarray(horizon, dtype=np.float64), week.shape)
        share_slow = 1 / (1 + np.exp(-self.compute_slow_log_odds(week, log_ratio)))
        slow = self._recovery(until, slow=True) - self._recovery(week, slow=True)
        fast = self._recovery(until, slow=False) - self._recovery(week, slow=False)
        other = self._competing(until) - self._competing(week)
        mixed = share_slow * np.exp(-slow) + (1 - share_slow) * np.exp(-fast)
        return np.asarray(np.exp(-other) * mixed)

    def compute_median(self, week: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the median duration in weeks from the first absence day.

        Parameters
        ----------
        week, log_ratio : ndarray of float, shape (n,)
            See `compute_slow_log_odds`.
        """
        low, high = week.copy(), np.full(len(week), 2000.0)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            later = self.compute_risk(middle, week, log_ratio) > HALF
            low, high = np.where(later, middle, low), np.where(later, high, middle)
        return np.asarray((low + high) / 2)
