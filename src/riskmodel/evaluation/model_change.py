"""A new model beside the current one, on the same rows: what is better, and what moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.drawn_figures import compute_points, draw_figures, find_estimate
from riskmodel.evaluation.figures import Estimate, Span
from riskmodel.evaluation.judged_rows import JudgedRows, draw_all, find_judged_rows
from riskmodel.stats.arrays import FloatArray

__all__ = [
    "COMPARED",
    "IndicatorShift",
    "MetricChange",
    "ModelChange",
    "ModelFigures",
    "SeenBefore",
    "compare_models",
]

COMPARED: Final = ("auc", "brier", "calibration_slope")
SeenBefore = Literal["all", "not_known"]
_ABSENT = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ModelFigures:
    """What one model says of every row of a table.

    Parameters
    ----------
    version : str
        Which model.
    risk : ndarray of float, shape (n,)
        Risk at the primary horizon; NaN where there is none.
    points : mapping of str to ndarray of float, shape (n,)
        Contribution of each indicator, in percentage points.
    """

    version: str
    risk: FloatArray
    points: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class MetricChange:
    """One metric of both models on the same rows; the difference is new minus current."""

    name: str
    current: Estimate
    new: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class IndicatorShift:
    """How far one indicator's contribution moved, on average over the rows.

    Parameters
    ----------
    field : str
        Name of the indicator.
    moved : Estimate
        Mean absolute difference of its contributions, in percentage points.
    known_to : {"both", "new", "current"}
        Which of the models has it; where one has not, its contribution there counts as 0.
    """

    field: str
    moved: Estimate
    known_to: Literal["both", "new", "current"]


@dataclass(frozen=True, slots=True)
class ModelChange:
    """A new model beside the current one on the same rows.

    Parameters
    ----------
    current_version, new_version : str
        Which models.
    span : Span
        The rows: those that both scored and whose state at the horizon was seen.
    seen_by_current : {"all", "not_known"}
        Whether the current model was trained on this very table, or it is not known which
        rows it has seen. The new model's risks are held out either way.
    metrics : tuple of MetricChange
        In the order of `COMPARED`; empty where the rows are too few to show.
    risk_moved : Estimate
        Mean absolute difference of the two risks, in percentage points.
    indicators : tuple of IndicatorShift
        Largest movement first; empty where the rows are too few to show.
    n_draws, seed : int
        Bootstrap draws of persons behind the intervals, and their seed.
    """

    current_version: str
    new_version: str
    span: Span
    seen_by_current: SeenBefore
    metrics: tuple[MetricChange, ...]
    risk_moved: Estimate
    indicators: tuple[IndicatorShift, ...]
    n_draws: int
    seed: int


def compare_models(
    table: CaseTable,
    current: ModelFigures,
    new: ModelFigures,
    *,
    seen_by_current: SeenBefore,
    n_draws: int = 200,
    seed: int = 0,
    min_cell: int = MIN_CELL,
) -> ModelChange:
    """Compare two models on the same rows, with intervals of the differences by person.

    Parameters
    ----------
    table : CaseTable
        Closed cases.
    current, new : ModelFigures
        What each model says of the rows. The new model's risks should be held out.
    seen_by_current : {"all", "not_known"}
        What is known of the rows that the current model was trained on.
    n_draws, seed : int
        Bootstrap draws of persons, and their seed; both models are judged on the same draws,
        so that what they share cancels.
    min_cell : int
        Fewest persons of either outcome for anything to be shown.

    Raises
    ------
    ValueError
        If a model has not one risk a row.
    """
    if not len(current.risk) == len(new.risk) == len(table):
        msg = f"each model needs {len(table)} risks, got {len(current.risk)} and {len(new.risk)}."
        raise ValueError(msg)
    both = np.where(np.isnan(current.risk), np.nan, new.risk)
    rows = find_judged_rows(table, table.codebook.primary_horizon, both)
    protection = rows.protection(min_cell)
    span = rows.span(protection=protection)
    moved = find_estimate(float("nan"), ())
    metrics: tuple[MetricChange, ...] = ()
    indicators: tuple[IndicatorShift, ...] = ()
    if protection == "shown":
        metrics, indicators, moved = _compute(rows, current, new, n_draws, seed)
    return ModelChange(
        current_version=current.version,
        new_version=new.version,
        span=span,
        seen_by_current=seen_by_current,
        metrics=metrics,
        risk_moved=moved,
        indicators=indicators,
        n_draws=n_draws,
        seed=seed,
    )


def _compute(
    rows: JudgedRows,
    current: ModelFigures,
    new: ModelFigures,
    n_draws: int,
    seed: int,
) -> tuple[tuple[MetricChange, ...], tuple[IndicatorShift, ...], Estimate]:
    at, y, weight = rows.rows, rows.y, rows.weight
    risks = {"current": current.risk[at], "new": new.risk[at]}
    names = list(dict.fromkeys([*new.points, *current.points]))
    gaps = np.column_stack(
        [
            *(np.abs(_points_of(new, name, at) - _points_of(current, name, at)) for name in names),
            100 * np.abs(risks["new"] - risks["current"]),
        ]
    )

    def draw(counts: FloatArray) -> dict[str, FloatArray]:
        found: dict[str, FloatArray] = {}
        for who, risk in risks.items():
            drawn = draw_figures(y, risk, weight, counts)
            found |= {f"{who}.{name}": drawn[name] for name in COMPARED}
        return found

    def shift(counts: FloatArray) -> dict[str, FloatArray]:
        total = weight[:, None] * counts
        return {"gaps": np.einsum("ik,ij->kj", gaps, total) / total.sum(axis=0)}

    drawn = draw_all({"metrics": draw, "shifts": shift}, rows.person.astype(str), n_draws, seed)
    points = {who: compute_points(y, risk, weight) for who, risk in risks.items()}
    metrics = tuple(
        MetricChange(
            name,
            find_estimate(points["current"][name], drawn["metrics"][f"current.{name}"]),
            find_estimate(points["new"][name], drawn["metrics"][f"new.{name}"]),
            find_estimate(
                points["new"][name] - points["current"][name],
                drawn["metrics"][f"new.{name}"] - drawn["metrics"][f"current.{name}"],
            ),
        )
        for name in COMPARED
    )
    means = weight @ gaps / weight.sum()
    shifts = [
        find_estimate(float(mean), draws)
        for mean, draws in zip(means, drawn["shifts"]["gaps"], strict=True)
    ]
    indicators = [
        IndicatorShift(name, one, _known_to(name, current, new))
        for name, one in zip(names, shifts, strict=False)
    ]
    indicators.sort(key=lambda one: -one.moved.value)
    return metrics, tuple(indicators), shifts[-1]


def _points_of(model: ModelFigures, name: str, at: npt.NDArray[np.intp]) -> FloatArray:
    return model.points[name][at] if name in model.points else np.full(len(at), _ABSENT)


def _known_to(
    name: str, current: ModelFigures, new: ModelFigures
) -> Literal["both", "new", "current"]:
    if name not in current.points:
        return "new"
    return "both" if name in new.points else "current"
