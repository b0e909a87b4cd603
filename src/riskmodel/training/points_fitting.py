"""A points form from a model: whole points that keep as much of its risks as few lines can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.points_form import (
    FormSettings,
    PointsForm,
    group_sums,
    list_form_columns,
)
from riskmodel.domain.scorecard import MOST_POINTS, PointBand, PointItem
from riskmodel.errors import InputError
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.stats.logistic import fit_logistic, sigmoid
from riskmodel.training.points_bands import CandidateLine, find_candidate_line

__all__ = ["attach_risks", "compile_points_form"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
FEWEST_ROWS = 50
MOST_ROWS = 20_000
FINE = 40.0
MOST_PASSES = 30
# The week of the assessment is never missing, so it needs no such box.
ALWAYS_KNOWN = "assessment"
SMALLEST_STEP = 1e-9
# Half an assessment at either end of the sums: the slope stays finite whatever the cases.
WEAK_PRIOR = np.array([0.0, 1e-3])


@dataclass(frozen=True, slots=True)
class _Target:
    """The risks that the form is to keep."""

    risk: FloatArray
    weight: FloatArray

    def fit(self, total: IntArray) -> tuple[float, float, float]:
        """Return intercept, slope and mean loss of the risks given a sum."""
        low = int(total.min())
        mass = np.bincount(total - low, self.weight)
        held = mass > 0
        mean = np.bincount(total - low, self.weight * self.risk)[held] / mass[held]
        sums = (np.flatnonzero(held) + low).astype(np.float64)
        design = np.column_stack([np.ones(len(sums)), sums])
        whole = float(mass.sum())
        fitted = fit_logistic(
            design, mean, weights=mass[held] / whole, prior_precision=WEAK_PRIOR / FINE**2
        )
        return (
            float(fitted.coefficients[0]),
            float(fitted.coefficients[1]),
            -float(fitted.log_likelihood),
        )


def compile_points_form(model: RiskModel, table: CaseTable, settings: FormSettings) -> PointsForm:
    """Turn a model's tables into a points form.

    Lines are taken one by one, each time the indicator that brings the form closest to the
    model's risks. The tables' log-odds are then scaled and rounded to whole points, at the
    scale that loses least for sums up to ``most_points``, and single points are moved as long
    as that brings the form closer. Signs that the codebook asks for are kept. The risk of a
    sum is the mean of the model's risks at that sum, smoothed by a logistic curve.

    Parameters
    ----------
    model : RiskModel
    table : CaseTable
        Cases like those that the form is for; their outcomes are not looked at. Case weights
        are kept to.
    settings : FormSettings

    Raises
    ------
    InputError
        If there are too few cases, or the model tells no cases apart.
    """
    scored = score_cases(model, table)
    rows = np.flatnonzero(scored.scored & (table.assessed_week < model.codebook.primary_horizon))
    if len(rows) < FEWEST_ROWS:
        msg = (
            f"A points form needs at least {FEWEST_ROWS} assessments before week "
            f"{model.codebook.primary_horizon:g}, got {len(rows)}; give more cases."
        )
        raise InputError(msg)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    mass = np.ones(len(rows)) if table.case_weight is None else table.case_weight[rows]
    target = _Target(scored.scores.risk[rows], mass)
    encoded = encode_fields(table.take(rows))
    lines = []
    for place, one in enumerate(model.codebook.indicators):
        if one.name in settings.leave_out:
            continue
        line = find_candidate_line(
            one, encoded[:, place], model.tables, place, mass, settings.most_bands
        )
        if line is not None and np.ptp(line.effects[:-1]) > 0:
            lines.append(line)
    chosen = _choose_lines(lines, target, settings)
    points = _round_points(chosen, target, settings.most_points)
    points = _move_points(chosen, points, target, settings.most_points)
    items = _write_items(chosen, points)
    if not items:
        msg = "The model tells these cases too little apart for a points form; give other cases."
        raise InputError(msg)
    form = PointsForm(items, most_missing=settings.most_missing)
    return attach_risks(form, table.take(rows), target.risk, mass, settings.min_cell)


def attach_risks(
    form: PointsForm,
    table: CaseTable,
    risk: FloatArray,
    weight: FloatArray,
    min_cell: int,
) -> PointsForm:
    """Give each sum of a form its risk.

    Parameters
    ----------
    form : PointsForm
    table : CaseTable
        Rows to reckon from.
    risk : ndarray of float, shape (n,)
        Risks of the rows, or their outcomes 0 and 1.
    weight : ndarray of float, shape (n,)
        Row weights.
    min_cell : int
        Fewest assessments behind a risk.
    """
    columns = list_form_columns(table.fields, table.assessed_week, table.codebook)
    total, usable = form.add_up(columns)
    if usable.sum() < FEWEST_ROWS // 2:
        msg = (
            f"Only {int(usable.sum())} assessments have answers enough for the form; give more "
            "cases, or raise most_missing."
        )
        raise InputError(msg)
    mass = weight[usable]
    intercept, per_point, _ = _Target(risk[usable], mass).fit(total[usable])
    per_point = max(per_point, 0.0)
    sums = range(form.least, form.most + 1)
    found = group_sums(
        sums,
        sigmoid(intercept + per_point * np.array(sums)),
        np.bincount(total[usable] - form.least, mass, minlength=len(sums)).astype(np.float64),
        np.bincount(total[usable] - form.least, minlength=len(sums)).astype(np.int64),
        min_cell,
    )
    return replace(
        form,
        sums=found,
        intercept=intercept,
        per_point=per_point,
        n_assessments=int(usable.sum()),
    )


def _choose_lines(
    lines: Sequence[CandidateLine], target: _Target, settings: FormSettings
) -> list[CandidateLine]:
    share = np.full(len(target.risk), np.average(target.risk, weights=target.weight))
    nothing = _loss(share, target)
    everything = _loss(target.risk, target)
    chosen: list[CandidateLine] = []
    score = np.zeros(len(target.risk))
    reached = nothing
    left = list(lines)
    while left and len(chosen) < settings.most_indicators:
        losses = [target.fit(_fine(score + one.effects[one.codes]))[2] for one in left]
        best = int(np.argmin(losses))
        if reached - losses[best] <= settings.smallest_gain * (nothing - everything):
            break
        reached = losses[best]
        line = left.pop(best)
        chosen.append(line)
        score = score + line.effects[line.codes]
    return chosen


def _loss(given: FloatArray, target: _Target) -> float:
    p = np.clip(given, 1e-12, 1 - 1e-12)
    each = target.risk * np.log(p) + (1 - target.risk) * np.log1p(-p)
    return -float(np.average(each, weights=target.weight))


def _fine(score: FloatArray) -> IntArray:
    return np.rint(FINE * score).astype(np.int64)


def _add(lines: Sequence[CandidateLine], points: Sequence[IntArray]) -> IntArray:
    total = np.zeros(len(lines[0].codes), dtype=np.int64)
    for line, given in zip(lines, points, strict=True):
        total += given[line.codes]
    return total


def _round_points(
    lines: Sequence[CandidateLine], target: _Target, most_points: int
) -> list[IntArray]:
    """Return whole points at the scale that loses least."""
    if not lines:
        return []
    effects = [one.effects - one.effects.min() for one in lines]
    whole = sum(float(one.max()) for one in effects)
    best: tuple[float, list[IntArray]] | None = None
    for tenths in range(10 * min(len(lines), most_points), 10 * most_points + 1, 5):
        scale = tenths / 10 / whole
        points = [np.rint(scale * one).astype(np.int64) for one in effects]
        if sum(int(one.max()) for one in points) > most_points or not any(map(np.any, points)):
            continue
        loss = target.fit(_add(lines, points))[2]
        if best is None or loss < best[0] - SMALLEST_STEP:
            best = loss, points
    return [np.zeros_like(one, dtype=np.int64) for one in effects] if best is None else best[1]


def _move_points(
    lines: Sequence[CandidateLine], points: list[IntArray], target: _Target, most_points: int
) -> list[IntArray]:
    """Move single points up and down while that brings the form closer to the model."""
    if not lines:
        return points
    total = _add(lines, points)
    reached = target.fit(total)[2]
    for _ in range(MOST_PASSES):
        moved = False
        for number, line in enumerate(lines):
            for band in range(len(line.bands)):
                for step in (1, -1):
                    tried = points[number].copy()
                    tried[band] += step
                    others = sum(int(one.max()) for one in points) - int(points[number].max())
                    if not _is_allowed(tried, line.direction, most_points - others):
                        continue
                    shifted = total + step * (line.codes == band)
                    loss = target.fit(shifted)[2]
                    if loss < reached - SMALLEST_STEP:
                        points[number], total, reached, moved = tried, shifted, loss, True
        if not moved:
            break
    return points


def _is_allowed(points: IntArray, direction: int, room: int) -> bool:
    steps = np.diff(points[:-1]) * direction
    return bool(points.min() >= 0 and points.max() <= min(MOST_POINTS, room) and np.all(steps >= 0))


def _write_items(
    lines: Sequence[CandidateLine], points: Sequence[IntArray]
) -> tuple[PointItem, ...]:
    """Write lines without spare points, and bands with the same points as one."""
    items = []
    for line, given in zip(lines, points, strict=True):
        asked = given[:-1] if line.field.theme == ALWAYS_KNOWN else given
        spare = given - asked.min()
        if not (asked > asked.min()).any():
            continue
        bands: list[PointBand] = []
        for band, count in zip(line.bands, spare.tolist(), strict=True):
            if band.missing and line.field.theme == ALWAYS_KNOWN:
                continue
            same = next(
                (place for place, one in enumerate(bands) if _may_join(one, band, count)), None
            )
            if same is None:
                bands.append(replace(band, points=count))
            elif band.levels:
                kept = {*bands[same].levels, *band.levels}
                levels = tuple(one for one in line.field.level_values if one in kept)
                bands[same] = replace(bands[same], levels=levels)
            else:
                bands[same] = replace(bands[same], high=band.high)
        items.append(PointItem(line.field, tuple(bands)))
    return tuple(items)


def _may_join(one: PointBand, other: PointBand, points: int) -> bool:
    if one.points != points or one.missing or other.missing:
        return False
    return bool(other.levels) or one.high == other.low
