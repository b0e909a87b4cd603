"""One evaluation as one structured record: every figure with n and its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.curve_figures import BrierTask, CalibrationTask, NetBenefitTask
from riskmodel.evaluation.duration_figures import plan_durations
from riskmodel.evaluation.endings import plan_endings
from riskmodel.evaluation.figures import (
    METRICS,
    BrierParts,
    CalibrationCurve,
    Comparison,
    DurationFigures,
    EndingCurve,
    Estimate,
    MetricBlock,
    NetBenefitCurve,
    read_durations,
    read_endings,
    read_estimate,
    read_float,
    read_span,
    to_mapping,
)
from riskmodel.evaluation.groups import find_groupings
from riskmodel.evaluation.judged_rows import Draw, draw_all
from riskmodel.evaluation.metric_blocks import (
    PlannedBlock,
    compare_predictors,
    finish_block,
    plan_blocks,
)
from riskmodel.stats.arrays import FloatArray

__all__ = ["Design", "EvaluationRecord", "evaluate"]

Design = Literal["cross-validation", "transfer between sites", "new cases"]
MIN_CELL = 5
Drawn = Mapping[str, Mapping[str, FloatArray]]


@dataclass(frozen=True, slots=True, repr=False)
class EvaluationRecord:
    """What an evaluation found. Nothing in it is about one person.

    Parameters
    ----------
    design : {"cross-validation", "transfer between sites", "new cases"}
        How the cases were kept from the models that judged them.
    n_rows, n_persons, n_sites : int
        Assessments scored, their persons and sites.
    n_not_scored : int
        Assessments that no model could score.
    n_unknown : int
        Scored assessments whose state at the primary horizon was not seen; others stand in
        for them by weight. -1 where they are of few persons.
    n_bootstrap, seed, min_cell : int
        Draws of persons, their seed, and the smallest number of persons shown.
    primary_horizon : float
        Weeks.
    simplest_field : str
        Field of the simplest rule; empty without one.
    blocks : tuple of MetricBlock
        Figures overall, per horizon, landmark, site and group.
    comparisons : tuple of Comparison
        Challenger, simplest rule and base rate, each minus the model.
    brier_parts, calibration, net_benefit : None where all had to be hidden
        Of the model at the primary horizon.
    duration : DurationFigures
        The expected duration.
    durations : tuple of DurationFigures
        The same by landmark; empty with one landmark.
    endings : tuple of EndingCurve
        What became of the courses, by landmark: recovery and other endings compete. Empty
        where the codebook tells no endings apart.
    """

    design: Design
    n_rows: int
    n_persons: int
    n_sites: int
    n_not_scored: int
    n_unknown: int
    n_bootstrap: int
    seed: int
    min_cell: int
    primary_horizon: float
    simplest_field: str
    blocks: tuple[MetricBlock, ...]
    comparisons: tuple[Comparison, ...]
    brier_parts: BrierParts | None
    calibration: CalibrationCurve | None
    net_benefit: NetBenefitCurve | None
    duration: DurationFigures
    durations: tuple[DurationFigures, ...] = ()
    endings: tuple[EndingCurve, ...] = ()

    def find_blocks(self, family: str) -> list[MetricBlock]:
        """Return the model's blocks of one family at the primary horizon."""
        return [
            one
            for one in self.blocks
            if one.predictor == "model"
            and one.span.family == family
            and one.span.horizon_weeks == self.primary_horizon
        ]

    @property
    def headline(self) -> MetricBlock:
        """The model on all rows at the primary horizon."""
        return next(
            one
            for one in self.blocks
            if one.predictor == "model"
            and one.span.family == "all"
            and one.span.horizon_weeks == self.primary_horizon
        )

    @property
    def price_of_transparency(self) -> Comparison | None:
        """Challenger minus model; None where it was not fitted or is hidden."""
        return next((one for one in self.comparisons if one.other == "challenger"), None)

    def __str__(self) -> str:
        return f"{self.design}: {self.headline.auc_text}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Show the model's figures by horizon and landmark as a table in a notebook."""
        frame = self.compute_metrics()
        shown = frame[
            (frame["predictor"] == "model") & frame["family"].isin(["all", "landmark"])
        ].assign(of=lambda rows: rows["family"].where(rows["level"] == "", "week " + rows["level"]))
        keys = ["horizon_weeks", "of", "n_rows", "n_events"]
        table = shown.pivot_table(index=keys, columns="metric", values="value", sort=False)
        shares = table.reindex(columns=[name for name in METRICS if name in table]).round(3)
        return f"<p>{self}</p>" + str(shares.to_html())

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as JSON-able mappings; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return found

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> EvaluationRecord:
        """Return the record that `to_mapping` wrote."""
        values = dict(given)
        values["blocks"] = tuple(
            MetricBlock(
                read_span(one["span"]),
                one["predictor"],
                {name: read_estimate(figure) for name, figure in one["figures"].items()},
            )
            for one in given["blocks"]
        )
        values["comparisons"] = tuple(
            Comparison(one["other"], read_span(one["span"]), *_estimates(one, ("auc", "brier")))
            for one in given["comparisons"]
        )
        values["brier_parts"] = _read_brier(given["brier_parts"])
        values["calibration"] = _read_calibration(given["calibration"])
        values["net_benefit"] = _read_net_benefit(given["net_benefit"])
        values["duration"] = read_durations(given["duration"])
        values["durations"] = tuple(map(read_durations, given["durations"]))
        values["endings"] = tuple(map(read_endings, given["endings"]))
        return cls(**values)

    def compute_metrics(self) -> pd.DataFrame:
        """Return one row per block and metric."""
        rows = [
            {
                "horizon_weeks": one.span.horizon_weeks,
                "family": one.span.family,
                "field": one.span.field,
                "level": one.span.level,
                "predictor": one.predictor,
                "n_rows": one.span.n_rows,
                "n_persons": one.span.n_persons,
                "n_events": one.span.n_events,
                "event_share": one.span.event_share,
                "hidden": one.span.hidden,
                "metric": name,
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
            }
            for one in self.blocks
            for name, figure in (one.figures.items() or [("", Estimate(np.nan))])
        ]
        return pd.DataFrame(rows)

    def compute_calibration(self) -> pd.DataFrame:
        """Return the smooth calibration curve, one row per risk on the grid."""
        curve = self.calibration
        columns = ("risk", "observed", "low", "high")
        if curve is None:
            return pd.DataFrame(columns=list(columns), dtype=np.float64)
        return pd.DataFrame({name: getattr(curve, name) for name in columns})

    def compute_net_benefit(self) -> pd.DataFrame:
        """Return net benefit, one row per way of offering and threshold."""
        curve = self.net_benefit
        lines = {} if curve is None else {**curve.curves, "gain over all or none": None}
        rows = []
        for name, line in lines.items():
            if curve is None:
                continue
            for cut, one in zip(curve.thresholds, line or curve.gain_over_all, strict=True):
                rows.append((name, cut, one.value, one.low, one.high))
        return pd.DataFrame(rows, columns=["offered_to", "threshold", "value", "low", "high"])


def evaluate(
    held_out: HeldOutScores,
    table: CaseTable,
    *,
    n_bootstrap: int = 200,
    seed: int = 0,
    min_cell: int = MIN_CELL,
    design: Design = "cross-validation",
    group_fields: Sequence[str] | None = None,
) -> EvaluationRecord:
    """Compute all figures of held-out scores, with bootstrap intervals by person.

    Parameters
    ----------
    held_out : HeldOutScores
        From `cross_validate`, `transfer_between_sites` or `judge_new_cases`.
    table : CaseTable
        The same rows, with outcomes.
    n_bootstrap : int
        Draws of persons; 0 gives no intervals. The models are not refitted for them.
    seed : int
        Seed of the draws.
    min_cell : int
        Figures of fewer persons with, or without, a long course are hidden.
    design : str
        How the scores came about.
    group_fields : sequence of str, optional
        Fields to compare groups by; by default see `find_groupings`.

    Raises
    ------
    ValueError
        If the scores are not those of the table, or a number is out of range.
    InputError
        If the table has no outcomes.
    """
    if len(held_out) != len(table):
        msg = f"the scores must be those of the table, got {len(held_out)} and {len(table)} rows."
        raise ValueError(msg)
    if n_bootstrap < 0 or min_cell < 1:
        msg = f"n_bootstrap must be >= 0 and min_cell >= 1, got {n_bootstrap} and {min_cell}."
        raise ValueError(msg)
    groupings = find_groupings(table, group_fields)
    blocks = plan_blocks(held_out, table, groupings, min_cell)
    model = _find_model_block(blocks, held_out.primary_horizon)
    durations = plan_durations(held_out, table, groupings, min_cell)
    endings = plan_endings(held_out, table, groupings, min_cell)
    tasks: dict[str, Draw] = {one.name: one.draw for one in blocks if not one.span.hidden}
    curves = None if model.span.hidden else _Curves.of(model, blocks, min_cell)
    if curves is not None:
        tasks |= curves.tasks
    tasks |= {one.name: one for one in durations if not one.span.hidden}
    tasks |= {one.name: one for one in endings if not one.span.hidden}
    drawn = draw_all(tasks, table.group, n_bootstrap, seed)
    told = [
        one.finish(drawn.get(one.name), held_out, table, n_draws=n_bootstrap, seed=seed)
        for one in durations
    ]
    scored = ~np.isnan(held_out.risks).all(axis=1)
    return EvaluationRecord(
        design=design,
        n_rows=int(scored.sum()),
        n_persons=len(np.unique(table.group[scored])),
        n_sites=len(np.unique(table.site[scored])),
        n_not_scored=int((~scored).sum()),
        n_unknown=_count_unknown(held_out, table, model, min_cell),
        n_bootstrap=n_bootstrap,
        seed=seed,
        min_cell=min_cell,
        primary_horizon=held_out.primary_horizon,
        simplest_field=held_out.simplest_field,
        blocks=tuple(finish_block(one, drawn.get(one.name)) for one in blocks),
        comparisons=tuple(compare_predictors(blocks, drawn, held_out.primary_horizon)),
        brier_parts=None if curves is None else curves.finish_brier(drawn),
        calibration=None if curves is None else curves.finish_calibration(drawn, min_cell),
        net_benefit=None if curves is None else curves.finish_net_benefit(drawn, min_cell),
        duration=told[0],
        durations=tuple(told[1:]),
        endings=tuple(one.finish(drawn.get(one.name)) for one in endings),
    )


@dataclass(frozen=True, slots=True)
class _Curves:
    brier: BrierTask
    calibration: CalibrationTask
    net_benefit: NetBenefitTask

    @classmethod
    def of(cls, model: PlannedBlock, blocks: Iterable[PlannedBlock], min_cell: int) -> _Curves:
        risks: dict[str, FloatArray] = {
            one.predictor: one.p
            for one in blocks
            if one.span.family == "all"
            and one.span.horizon_weeks == model.span.horizon_weeks
            and np.array_equal(one.judged.rows, model.judged.rows)
        }
        return cls(
            BrierTask(model),
            CalibrationTask.of(model, min_cell),
            NetBenefitTask(model.judged, risks),
        )

    @property
    def tasks(self) -> dict[str, Draw]:
        return {
            "brier_parts": self.brier,
            "calibration": self.calibration,
            "net_benefit": self.net_benefit,
        }

    def finish_brier(self, drawn: Drawn) -> BrierParts:
        return self.brier.finish(drawn.get("brier_parts"))

    def finish_calibration(self, drawn: Drawn, min_cell: int) -> CalibrationCurve:
        return self.calibration.finish(drawn.get("calibration"), min_cell)

    def finish_net_benefit(self, drawn: Drawn, min_cell: int) -> NetBenefitCurve:
        return self.net_benefit.finish(drawn.get("net_benefit"), min_cell)


def _count_unknown(
    held_out: HeldOutScores, table: CaseTable, model: PlannedBlock, min_cell: int
) -> int:
    """Rows with a risk whose state was not seen; -1 where they are of few persons."""
    unknown = np.setdiff1d(np.flatnonzero(held_out.scored), model.judged.rows)
    few = 0 < len(np.unique(table.group[unknown])) < min_cell
    return -1 if few else len(unknown)


def _find_model_block(blocks: Iterable[PlannedBlock], horizon: float) -> PlannedBlock:
    return next(
        one
        for one in blocks
        if one.predictor == "model"
        and one.span.family == "all"
        and one.span.horizon_weeks == horizon
    )


def _estimates(given: Mapping[str, Any], names: Iterable[str]) -> list[Estimate]:
    return [read_estimate(given[name]) for name in names]


def _floats(values: Iterable[object]) -> tuple[float, ...]:
    return tuple(read_float(one) for one in values)


def _read_brier(given: Mapping[str, Any] | None) -> BrierParts | None:
    if given is None:
        return None
    names = ("brier", "miscalibration", "discrimination", "uncertainty")
    return BrierParts(read_span(given["span"]), *_estimates(given, names))


def _read_calibration(given: Mapping[str, Any] | None) -> CalibrationCurve | None:
    if given is None:
        return None
    return CalibrationCurve(
        span=read_span(given["span"]),
        **{name: _floats(given[name]) for name in ("risk", "observed", "low", "high")},
        bin_edges=_floats(given["bin_edges"]),
        bin_counts=tuple(int(count) for count in given["bin_counts"]),
    )


def _read_net_benefit(given: Mapping[str, Any] | None) -> NetBenefitCurve | None:
    if given is None:
        return None
    return NetBenefitCurve(
        read_span(given["span"]),
        _floats(given["thresholds"]),
        {name: tuple(map(read_estimate, line)) for name, line in given["curves"].items()},
        tuple(map(read_estimate, given["gain_over_all"])),
    )
