"""How a rule treats groups: who is chosen, who is missed, and whether risks hold for each.

Point figures come from fairlearn's `MetricFrame`. Its own bootstrap draws rows, and a person
may have several cases, so the intervals come from draws of persons instead.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import protect_small_groups
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.groups import Grouping
from riskmodel.stats.arrays import FloatArray, IntArray
from riskmodel.stats.resampling import bootstrap_counts, percentile_interval

__all__ = [
    "FIGURES",
    "GroupFairness",
    "JudgedChoice",
    "LevelFairness",
    "compare_groups",
]

BoolArray = npt.NDArray[np.bool_]

FIGURES: Final = ("selection_rate", "miss_rate", "false_alarm_rate", "excess")
ROUNDED_DIGITS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class JudgedChoice:
    """Cases with a yes-or-no choice and an outcome.

    Parameters
    ----------
    chosen : ndarray of bool, shape (n,)
        What the rule chose.
    long_course : ndarray of float, shape (n,)
        1 where the course was long, else 0.
    risk : ndarray of float, shape (n,)
        Risk in [0, 1].
    weight : ndarray of float, shape (n,)
        Inverse probability of the outcome being seen, > 0.
    person : ndarray of int, shape (n,)
        Number of the person.
    """

    chosen: BoolArray
    long_course: FloatArray
    risk: FloatArray
    weight: FloatArray
    person: IntArray

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, one)) for one in self.__dataclass_fields__}
        if len(lengths) > 1:
            msg = "chosen, long_course, risk, weight and person must have the same length."
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.chosen)


@dataclass(frozen=True, slots=True)
class LevelFairness:
    """One group under a choice.

    Parameters
    ----------
    level : str
        The group.
    n_persons, n_long : int
        Persons, and persons with a long course; 0 where hidden, tens where rounded.
    figures : mapping of str to Estimate
        ``selection_rate``, share chosen; ``miss_rate``, share of long courses not chosen;
        ``false_alarm_rate``, share of short courses chosen; ``excess``, observed share of
        long courses minus mean risk (calibration in the large; above zero the risks are
        too low). Empty where hidden.
    gaps : mapping of str to Estimate
        The same figures minus those of all other groups together. Empty where hidden.
    hidden, rounded : bool
        Whether nothing is shown, or counts in tens and figures with two decimals, so that
        small groups stay hidden.
    """

    level: str
    n_persons: int
    n_long: int
    figures: Mapping[str, Estimate]
    gaps: Mapping[str, Estimate]
    hidden: bool = False
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class GroupFairness:
    """The groups of one field under a choice."""

    field: str
    levels: tuple[LevelFairness, ...]


def compare_groups(
    choice: JudgedChoice,
    groupings: Sequence[Grouping],
    *,
    min_cell: int,
    n_draws: int = 200,
    seed: int = 0,
) -> tuple[GroupFairness, ...]:
    """Compare how a choice falls on groups.

    Parameters
    ----------
    choice : JudgedChoice
        The cases.
    groupings : sequence of Grouping
        Splits of the cases; levels without a case are left out.
    min_cell : int
        Smallest number of persons with, and without, a long course that is shown.
    n_draws, seed : int
        Bootstrap draws of persons, and the seed.

    Returns
    -------
    tuple of GroupFairness
        One for each split, in the same order.

    Notes
    -----
    With many groups some gap will have an interval that leaves out zero by chance alone.

    References
    ----------
    Bird et al. (2020), Fairlearn, Microsoft MSR-TR-2020-32. Hardt et al. (2016),
    Equality of Opportunity in Supervised Learning, NeurIPS 29.
    """
    counts = np.stack(
        list(bootstrap_counts(len(choice), n_draws, random_state=seed, groups=choice.person)),
        axis=1,
    )
    return tuple(_compare_field(choice, one, min_cell, counts) for one in groupings)


def _compare_field(
    choice: JudgedChoice, grouping: Grouping, min_cell: int, counts: FloatArray
) -> GroupFairness:
    numbers = range(len(grouping.levels))
    members = [grouping.level_of == number for number in numbers]
    long = choice.long_course == 1

    def persons(rows: BoolArray) -> int:
        return len(np.unique(choice.person[rows]))

    n_long = [persons(rows & long) for rows in members]
    n_short = [persons(rows & ~long) for rows in members]
    cells = [
        [
            persons(rows & (long == kind) & (choice.chosen == way))
            for kind in (0, 1)
            for way in (0, 1)
        ]
        for rows in members
    ]
    # Counts follow from rates: a level is hidden where few are chosen, or few are not.
    near = np.array([any(0 < one < min_cell for one in row) for row in cells], dtype=np.bool_)
    protections = protect_small_groups(np.array(n_long), np.array(n_short), min_cell, near=near)
    points = _compute_points(choice, grouping.level_of)
    found = []
    for number in numbers:
        rows, protection = members[number], protections[number]
        level = grouping.levels[number]
        if not rows.any():
            continue
        if protection == "hidden":
            found.append(LevelFairness(level, 0, 0, {}, {}, hidden=True))
            continue
        rounded = protection == "rounded"
        own, rest = (_draw_figures(choice, one, counts) for one in (rows, ~rows))
        others = _draw_figures(choice, ~rows, np.ones((len(choice), 1)))
        figures = {
            name: _estimate(points[number][name], own[name], rounded=rounded) for name in FIGURES
        }
        gaps = {
            name: _estimate(
                points[number][name] - float(others[name][0]),
                own[name] - rest[name],
                rounded=rounded,
            )
            for name in FIGURES
        }
        digits = -1 if rounded else 0
        sizes = (round(persons(rows), digits), round(n_long[number], digits))
        found.append(LevelFairness(level, *sizes, figures, gaps, rounded=rounded))
    return GroupFairness(grouping.field, tuple(found))


def _estimate(value: float, draws: FloatArray, *, rounded: bool) -> Estimate:
    if not math.isfinite(value):
        return Estimate(math.nan)
    low, high = percentile_interval(draws)
    estimate = Estimate(value, float(low), float(high))
    return estimate.rounded(ROUNDED_DIGITS) if rounded else estimate


def _compute_points(choice: JudgedChoice, group: IntArray) -> dict[int, dict[str, float]]:
    """Return the figures of each group by fairlearn's `MetricFrame`."""
    # fairlearn loads scikit-learn, which a scoring process never does.
    from fairlearn.metrics import (  # noqa: PLC0415
        MetricFrame,
        false_negative_rate,
        false_positive_rate,
        mean_prediction,
        selection_rate,
    )

    metrics: dict[str, Any] = {
        "selection_rate": selection_rate,
        "miss_rate": false_negative_rate,
        "false_alarm_rate": false_positive_rate,
    }
    weights = {name: {"sample_weight": choice.weight} for name in metrics}
    long = choice.long_course.astype(np.intp)
    with warnings.catch_warnings():
        # A group without long courses has no miss rate; it comes out as NaN or zero.
        warnings.simplefilter("ignore")
        rates = MetricFrame(
            metrics=metrics,
            y_true=long,
            y_pred=choice.chosen.astype(np.intp),
            sensitive_features=group,
            sample_params=weights,
        ).by_group
        means = [
            MetricFrame(
                metrics=mean_prediction,
                y_true=long,
                y_pred=values,
                sensitive_features=group,
                sample_params={"sample_weight": choice.weight},
            ).by_group
            for values in (choice.long_course, choice.risk)
        ]
    excess = means[0] - means[1]
    found = {}
    for level in rates.index:
        rows = group == level
        one = {name: float(rates.loc[level, name]) for name in metrics}
        if not long[rows].any():
            one["miss_rate"] = math.nan
        if long[rows].all():
            one["false_alarm_rate"] = math.nan
        found[int(level)] = one | {"excess": float(excess.loc[level])}
    return found


def _draw_figures(
    choice: JudgedChoice, rows: BoolArray, counts: FloatArray
) -> dict[str, FloatArray]:
    """Return the figures of some rows on every draw of persons."""
    weight = choice.weight[rows, None] * counts[rows]
    long, chosen = choice.long_course[rows], choice.chosen[rows].astype(np.float64)

    def share(of: FloatArray, among: FloatArray) -> FloatArray:
        total = among @ weight
        found = np.full(total.shape, np.nan)
        np.divide((of * among) @ weight, total, out=found, where=total > 0)
        return found

    everybody = np.ones(len(long))
    return {
        "selection_rate": share(chosen, everybody),
        "miss_rate": share(1 - chosen, long),
        "false_alarm_rate": share(chosen, 1 - long),
        "excess": share(long - choice.risk[rows], everybody),
    }
