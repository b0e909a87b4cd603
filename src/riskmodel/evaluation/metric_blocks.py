"""Metric blocks: one for every horizon, landmark, site and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.small_cells import Protection, protect_small_groups
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.drawn_figures import compute_points, draw_figures, find_estimate
from riskmodel.evaluation.figures import (
    METRICS,
    Comparison,
    Estimate,
    MetricBlock,
    Predictor,
    Span,
)
from riskmodel.evaluation.groups import Grouping
from riskmodel.evaluation.horizon_differences import find_few_between_horizons
from riskmodel.evaluation.judged_rows import Draw, JudgedRows, find_judged_rows
from riskmodel.stats.arrays import FloatArray

__all__ = ["PlannedBlock", "compare_predictors", "finish_block", "plan_blocks"]

ROUNDED_DIGITS = 2
OTHERS: tuple[Predictor, ...] = ("challenger", "simplest", "base_rate")


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block to be computed.

    Parameters
    ----------
    span : Span
        The rows in words and counts.
    predictor : {"model", "challenger", "simplest", "base_rate"}
        Whose risks.
    judged : JudgedRows
        The rows.
    p : ndarray of float, shape (m,)
        The risks.
    base : ndarray of float, shape (m,)
        Risks of the base rate by assessed week.
    """

    span: Span
    predictor: Predictor
    judged: JudgedRows
    p: FloatArray
    base: FloatArray

    @property
    def name(self) -> str:
        """Key among all blocks."""
        one = self.span
        return f"{self.predictor}|{one.horizon_weeks:g}|{one.family}|{one.field}|{one.level}"

    @property
    def draw(self) -> Draw:
        """The block's figures as a task of `draw_all`."""
        return partial(_draw, self)


def _draw(block: PlannedBlock, counts: FloatArray) -> Mapping[str, FloatArray]:
    judged = block.judged
    return draw_figures(judged.y, block.p, judged.weight, counts[judged.rows], block.base)


def plan_blocks(
    held_out: HeldOutScores, table: CaseTable, groupings: Sequence[Grouping], min_cell: int
) -> list[PlannedBlock]:
    """List all blocks, with what must be hidden marked.

    Parameters
    ----------
    held_out : HeldOutScores
        Figures of the rows.
    table : CaseTable
        The same rows.
    groupings : sequence of Grouping
        Splits of the rows.
    min_cell : int
        Smallest number of persons with, and without, a long course that is shown.
    """
    by_horizon: dict[float, list[PlannedBlock]] = {}
    taken: list[JudgedRows] = []
    # The primary horizon comes first: others give way where they would tell few persons.
    for horizon in sorted(held_out.horizons, key=lambda one: one != held_out.primary_horizon):
        column = held_out.horizons.index(horizon)
        risk = held_out.risks[:, column]
        judged = find_judged_rows(table, horizon, risk)
        base = held_out.base_risks[:, column]
        by_horizon[horizon] = _plan_horizon(judged, risk, base, groupings, taken, min_cell)
        if not by_horizon[horizon][0].span.hidden:
            taken.append(judged)
    blocks = [block for horizon in held_out.horizons for block in by_horizon[horizon]]
    others: tuple[tuple[Predictor, FloatArray], ...] = (
        ("challenger", held_out.challenger_risk),
        ("simplest", held_out.simplest_risk),
        ("base_rate", held_out.base_risk),
    )
    for predictor, risk in others:
        judged = find_judged_rows(table, held_out.primary_horizon, risk)
        if len(judged):
            span = judged.span(protection=judged.protection(min_cell))
            base = held_out.base_risk[judged.rows]
            blocks.append(PlannedBlock(span, predictor, judged, risk[judged.rows], base))
    return blocks


def _plan_horizon(
    judged: JudgedRows,
    risk: FloatArray,
    base: FloatArray,
    groupings: Sequence[Grouping],
    taken: Sequence[JudgedRows],
    min_cell: int,
) -> list[PlannedBlock]:
    near = find_few_between_horizons(judged, taken, None, min_cell)
    of_all: Protection = "hidden" if near.any() else judged.protection(min_cell)
    span = judged.span(protection=of_all)
    blocks = [PlannedBlock(span, "model", judged, risk[judged.rows], base[judged.rows])]
    for split in groupings:
        place = split.level_of[judged.rows]
        parts = [judged.take(place == number) for number in range(len(split.levels))]
        # A level that differs by few from another horizon's counts as one of few persons.
        apart = ~find_few_between_horizons(judged, taken, split, min_cell)
        protections = protect_small_groups(
            np.array([part.n_persons_long for part in parts]) * apart,
            np.array([part.n_persons_short for part in parts]) * apart,
            min_cell,
            near=~apart,
        )
        for level, part, own in zip(split.levels, parts, protections, strict=True):
            if len(part):
                protection = of_all if of_all == "hidden" else own
                shown = part.span(split.family, split.field, level, protection=protection)
                blocks.append(PlannedBlock(shown, "model", part, risk[part.rows], base[part.rows]))
    return blocks


def finish_block(block: PlannedBlock, drawn: Mapping[str, FloatArray] | None) -> MetricBlock:
    """Return a block's figures with the intervals of its draws."""
    if block.span.hidden:
        return MetricBlock(block.span, block.predictor, {})
    points = _points_of(block)
    figures = {
        name: find_estimate(
            points[name], drawn[name] if drawn is not None else (), reflected=name == "ici"
        )
        for name in METRICS
    }
    if block.span.rounded:
        figures = {name: one.rounded(ROUNDED_DIGITS) for name, one in figures.items()}
    return MetricBlock(block.span, block.predictor, figures)


def compare_predictors(
    blocks: Sequence[PlannedBlock],
    drawn: Mapping[str, Mapping[str, FloatArray]],
    horizon: float,
) -> list[Comparison]:
    """Return challenger, simplest rule and base rate, each minus the model.

    Parameters
    ----------
    blocks : sequence of PlannedBlock
        All blocks; only those of all rows at the horizon are used.
    drawn : mapping
        Draws of each block.
    horizon : float
        The primary horizon.
    """
    whole = {
        one.predictor: one
        for one in blocks
        if one.span.family == "all" and one.span.horizon_weeks == horizon
    }
    model = whole.get("model")
    if model is None or model.span.hidden:
        return []
    own = _points_of(model)
    own_draws = drawn.get(model.name, {})
    found = []
    for name in OTHERS:
        other = whole.get(name)
        if other is None or not np.array_equal(other.judged.rows, model.judged.rows):
            continue
        points = _points_of(other)
        theirs = drawn.get(other.name, {})
        gaps = {
            key: _gap(points[key], own[key], theirs.get(key), own_draws.get(key))
            for key in ("auc", "brier")
        }
        found.append(Comparison(name, model.span, gaps["auc"], gaps["brier"]))
    return found


def _points_of(block: PlannedBlock) -> dict[str, float]:
    return compute_points(block.judged.y, block.p, block.judged.weight, block.base)


def _gap(
    other: float, own: float, their_draws: FloatArray | None, own_draws: FloatArray | None
) -> Estimate:
    if their_draws is None or own_draws is None:
        return Estimate(other - own)
    return find_estimate(other - own, their_draws - own_draws)
