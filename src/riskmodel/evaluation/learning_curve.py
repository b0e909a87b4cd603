"""What more closed cases would give: performance at smaller sizes, and a careful look ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed

from riskmodel.domain.cases import CaseTable
from riskmodel.errors import InputError
from riskmodel.evaluation.figures import Estimate, read_estimate, to_mapping
from riskmodel.evaluation.judged_rows import find_judged_rows
from riskmodel.model.scoring import score_cases
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.discrimination import auc
from riskmodel.stats.resampling import assign_folds, percentile_interval
from riskmodel.stats.scoring_rules import brier_score
from riskmodel.training.fit import TrainingSettings, fit_risk_model

__all__ = ["LearningCurve", "LearningPoint", "compute_learning_curve"]

JUDGED_FOLDS = 3
SHARES = (0.25, 0.5, 1.0)
FEWEST_PERSONS = 30
N_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """Performance of models trained on a number of persons.

    Parameters
    ----------
    n_persons : int
        Persons with closed cases in training.
    n_draws : int
        Models fitted; 0 where the figures are foreseen, not measured.
    auc, brier : Estimate
        Mean over draws with its interval; the foreseen ones with that of the fitted curve.
    """

    n_persons: int
    n_draws: int
    auc: Estimate
    brier: Estimate


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Measured and foreseen performance by number of persons.

    Parameters
    ----------
    horizon_weeks : float
        The horizon.
    n_persons : int
        Persons there are now.
    measured : tuple of LearningPoint
        At smaller sizes than now, judged on persons not trained on.
    now : LearningPoint
        Foreseen with all persons there are.
    more : mapping of str to LearningPoint
        Foreseen with 50, 200, 500 more persons, by that number.
    gain : mapping of str to Estimate
        The same as falls of the Brier score from now.
    """

    horizon_weeks: float
    n_persons: int
    measured: tuple[LearningPoint, ...]
    now: LearningPoint
    more: Mapping[str, LearningPoint]
    gain: Mapping[str, Estimate]

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as JSON-able mappings; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return found

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> LearningCurve:
        """Return the record that `to_mapping` wrote."""
        values = dict(given)
        values["measured"] = tuple(map(_read_point, given["measured"]))
        values["now"] = _read_point(given["now"])
        values["more"] = {name: _read_point(one) for name, one in given["more"].items()}
        values["gain"] = {name: read_estimate(one) for name, one in given["gain"].items()}
        return cls(**values)

    def compute_points(self) -> pd.DataFrame:
        """Return one row per size, measured ones first."""
        rows = [
            {
                "n_persons": one.n_persons,
                "measured": one.n_draws > 0,
                "n_draws": one.n_draws,
                **{
                    f"{name}{suffix}": getattr(getattr(one, name), part)
                    for name in ("auc", "brier")
                    for suffix, part in (("", "value"), ("_low", "low"), ("_high", "high"))
                },
            }
            for one in (*self.measured, self.now, *self.more.values())
        ]
        return pd.DataFrame(rows)


def compute_learning_curve(
    table: CaseTable,
    settings: TrainingSettings,
    *,
    sizes: Sequence[int] | None = None,
    n_draws: int = 6,
    more: Sequence[int] = (50, 200, 500),
    n_jobs: int = 1,
) -> LearningCurve:
    """Train on ever more persons and extend the curve to more persons than there are.

    In each draw a third of the persons is kept for judging and the training persons of the
    smaller sizes are part of the larger ones. From the largest size measured the curve goes on
    as b / n, with b from all sizes and never in favour of fewer cases; its interval comes from
    resampling the draws, and does not hold the chance that new cases are of another kind.

    Parameters
    ----------
    table : CaseTable
        Cases with outcomes.
    settings : TrainingSettings
        The recipe; fewer refits are enough here.
    sizes : sequence of int, optional
        Numbers of training persons; default a quarter, half and all of two thirds.
    n_draws : int
        Splits; each costs a fit per size.
    more : sequence of int
        Numbers of further persons to look ahead to.
    n_jobs : int
        Processes over fits. The result does not depend on it.

    Raises
    ------
    InputError
        If there are too few persons for two sizes.
    """
    persons = np.unique(table.group)
    pool = len(persons) - -(-len(persons) // JUDGED_FOLDS)
    wanted = [round(share * pool) for share in SHARES] if sizes is None else sizes
    chosen = sorted({size for size in wanted if FEWEST_PERSONS <= size <= pool})
    if len(chosen) < 2:
        msg = (
            f"A learning curve needs two sizes from {FEWEST_PERSONS} to {pool} persons, got "
            f"{chosen}; add cases or leave this part out."
        )
        raise InputError(msg)
    tasks = [
        (draw, size, *_split(table, persons, draw, size, settings.seed))
        for draw in range(n_draws)
        for size in chosen
    ]
    found = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_judge)(table, train, test, replace(settings, n_jobs=1))
        for _, _, train, test in tasks
    )
    figures = np.array(found).reshape(n_draws, len(chosen), 2)
    return _describe(table, np.array(chosen, dtype=np.float64), figures, tuple(more))


def _split(
    table: CaseTable, persons: npt.NDArray[np.str_], draw: int, size: int, seed: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Rows to train on and rows to judge; the smaller sizes are part of the larger ones."""
    horizon = table.codebook.primary_horizon
    known = None if table.outcomes is None else table.outcomes.status_at(horizon).long_course
    fold = assign_folds(
        len(table),
        JUDGED_FOLDS,
        random_state=seed + draw // JUDGED_FOLDS,
        groups=table.group,
        outcome=known,
    )
    test = fold == draw % JUDGED_FOLDS
    free = np.setdiff1d(persons, table.group[test])
    order = np.random.default_rng([seed, draw]).permutation(len(free))
    return np.isin(table.group, free[order[:size]]), test


def _fit_and_judge(
    table: CaseTable,
    train: npt.NDArray[np.bool_],
    test: npt.NDArray[np.bool_],
    settings: TrainingSettings,
) -> tuple[float, float]:
    try:
        model = fit_risk_model(table.take(train), settings, guard_leaks=False).model
    except InputError:
        return np.nan, np.nan
    judged_table = table.take(test)
    scored = score_cases(model, judged_table)
    risk = np.where(scored.scored, scored.scores.risk, np.nan)
    judged = find_judged_rows(judged_table, table.codebook.primary_horizon, risk)
    if not len(judged):
        return np.nan, np.nan
    p = risk[judged.rows]
    return (
        auc(judged.y, p, sample_weight=judged.weight),
        brier_score(judged.y, p, sample_weight=judged.weight),
    )


def _describe(
    table: CaseTable, sizes: FloatArray, figures: FloatArray, more: tuple[int, ...]
) -> LearningCurve:
    n_now = len(np.unique(table.group))
    ahead = np.array([n_now, *(n_now + extra for extra in more)], dtype=np.float64)
    rng = np.random.default_rng(0)
    draws = rng.integers(len(figures), size=(N_RESAMPLES, len(figures)))
    lines, measured = {}, {}
    for column, (name, sign) in enumerate((("auc", -1.0), ("brier", 1.0))):
        values = figures[:, :, column]
        resampled = np.array([_extend(sizes, values[rows], ahead, sign) for rows in draws])
        best = _extend(sizes, values, ahead, sign)
        lines[name] = (best, resampled)
        means = np.array([_column_means(values[rows]) for rows in draws])
        measured[name] = (_column_means(values), means)

    def point(
        source: dict[str, tuple[FloatArray, FloatArray]], place: int, n: int, fits: int
    ) -> LearningPoint:
        limits = {
            name: _estimate(best[place], all_draws[:, place])
            for name, (best, all_draws) in source.items()
        }
        return LearningPoint(n, fits, limits["auc"], limits["brier"])

    fits = np.sum(~np.isnan(figures[:, :, 1]), axis=0)
    best, resampled = lines["brier"]
    return LearningCurve(
        horizon_weeks=table.codebook.primary_horizon,
        n_persons=n_now,
        measured=tuple(
            point(measured, place, int(size), int(fits[place])) for place, size in enumerate(sizes)
        ),
        now=point(lines, 0, n_now, 0),
        more={
            str(extra): point(lines, place + 1, n_now + extra, 0)
            for place, extra in enumerate(more)
        },
        gain={
            str(extra): _estimate(
                best[0] - best[place + 1], (resampled[:, :1] - resampled)[:, place + 1]
            )
            for place, extra in enumerate(more)
        },
    )


def _column_means(values: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    size = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.where(size > 0, total / np.maximum(size, 1), np.nan))


def _extend(sizes: FloatArray, values: FloatArray, ahead: FloatArray, sign: float) -> FloatArray:
    """Look ahead from the largest size measured, along b / n fitted by least squares to all.

    More cases are never foreseen to do worse than those measured.
    """
    known = ~np.isnan(values)
    if not known.any():
        return np.full(len(ahead), np.nan)
    x, y = np.broadcast_to(1.0 / sizes, values.shape)[known], values[known]
    away = x - x.mean()
    spread = float(np.sum(away**2))
    slope = float(np.sum(away * (y - y.mean()))) / spread if spread > 0 else 0.0
    slope = sign * max(sign * slope, 0.0)
    last = int(np.flatnonzero(known.any(axis=0))[-1])
    reached = float(values[known[:, last], last].mean())
    return np.asarray(reached + slope * (1.0 / ahead - 1.0 / sizes[last]), dtype=np.float64)


def _estimate(value: float, draws: FloatArray) -> Estimate:
    low, high = percentile_interval(draws)
    return Estimate(float(value), float(low), float(high))


def _read_point(given: Mapping[str, Any]) -> LearningPoint:
    return LearningPoint(
        given["n_persons"],
        given["n_draws"],
        read_estimate(given["auc"]),
        read_estimate(given["brier"]),
    )
