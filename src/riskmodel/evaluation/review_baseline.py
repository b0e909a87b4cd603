"""How well people foresaw the outcome before they read it, against two simple rules."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.scorecard import PointItem, sum_points
from riskmodel.domain.small_cells import suppress_small_cells
from riskmodel.evaluation.review_agreement import NOTHING, Estimate
from riskmodel.evaluation.simplest_rule import find_simplest_field, fit_simplest_rule
from riskmodel.stats.intervals import clopper_pearson
from riskmodel.stats.weighted_draws import (
    auc_of_draws,
    draw_weights,
    interval_of_draws,
    mean_of_draws,
)

__all__ = ["CalibrationBin", "Judge", "compute_judges"]

FloatArray = npt.NDArray[np.float64]
FEWEST_CASES = 20
BOTH = "both"


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Cases given about the same risk.

    Attributes
    ----------
    n : int or None
        Cases; None where hidden.
    foreseen : float
        Mean risk given.
    observed : Estimate
        Share of long courses with its exact interval.
    """

    n: int | None
    foreseen: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class Judge:
    """A person or a rule that gave each case a risk.

    Attributes
    ----------
    name : str
        Code of the reviewer, ``both`` for the mean of the two, ``citizen`` for the citizen's
        own expected duration, ``fixed_score`` for points given in advance, or ``share`` for
        the share of long courses for everybody.
    packet : str
        After which packet.
    n, n_long : int
        Cases, and long courses among them.
    auc, brier : Estimate
        Area under the curve (0.5 tells nothing, 1 is perfect) and Brier score (0 is perfect).
    too_high : Estimate
        Mean risk given minus the share of long courses.
    bins : tuple of CalibrationBin
    offered : float
        Share of the cases that would have been offered contact; NaN for rules.
    """

    name: str
    packet: str
    n: int
    n_long: int
    auc: Estimate
    brier: Estimate
    too_high: Estimate
    bins: tuple[CalibrationBin, ...]
    offered: float = math.nan


@dataclass(frozen=True, slots=True)
class _Setting:
    min_cell: int
    n_draws: int
    random_state: int


def compute_judges(
    table: CaseTable,
    long_course: FloatArray,
    estimates: pd.DataFrame,
    fixed_score: tuple[PointItem, ...],
    *,
    min_cell: int,
    n_draws: int,
    random_state: int = 0,
) -> tuple[Judge, ...]:
    """Judge the reviewers' own estimates and the simple rules on the same cases.

    Parameters
    ----------
    table : CaseTable
        One row per case, as known at intake.
    long_course : ndarray of float, shape (n,)
        1 or 0; NaN where the outcome is not known.
    estimates : DataFrame
        As in `riskmodel.domain.review_merge.MergedReview`.
    fixed_score : tuple of PointItem
        Points given in advance; no such judge where there are none.
    min_cell, n_draws, random_state : int
        Smallest count shown; draws and seed of the bootstrap over cases.

    Returns
    -------
    tuple of Judge

    Notes
    -----
    The two rules give no risk by themselves: a logistic curve over the citizen's expected
    weeks, and one over the sum of points, turn them into one. Each case's risk comes from a
    curve fitted to all the other cases, so no case is judged by itself. Their AUC is that of
    the weeks and of the sum, which need no curve; a missing value takes the middle one.
    """
    setting = _Setting(min_cell, n_draws, random_state)
    known = ~np.isnan(long_course)
    outcome = dict(zip(table.case_id[known].tolist(), long_course[known].tolist(), strict=True))
    judges = _judge_people(estimates, outcome, setting)
    y = long_course[known]
    if known.sum() >= FEWEST_CASES and 0 < y.sum() < len(y):
        for name, values in _rule_values(table.take(known), fixed_score).items():
            ranked = np.where(np.isnan(values), np.nanmedian(values), values)
            risk = _leave_one_out(values, y)
            judges.append(_judge(name, "intake", y, risk, setting, ranked=ranked))
        share = (y.sum() - y) / (len(y) - 1)
        judges.append(_judge("share", "intake", y, share, setting, with_auc=False))
    return tuple(judges)


def _judge_people(
    estimates: pd.DataFrame, outcome: dict[str, float], setting: _Setting
) -> list[Judge]:
    judges = []
    rows = estimates[estimates["case_id"].isin(outcome) & estimates["p_long"].notna()]
    for packet in ("intake", "later"):
        inside = rows[rows["packet"] == packet]
        people = [(code, part) for code, part in inside.groupby("reviewer")]
        wide = inside.groupby("case_id").agg(p_long=("p_long", "mean"), n=("p_long", "size"))
        double = wide[wide["n"] == 2].reset_index()
        if len(people) > 1 and len(double):
            people.append((BOTH, double))
        for code, part in people:
            y = np.array([outcome[case] for case in part["case_id"]])
            if len(y) < FEWEST_CASES:
                continue
            offered = math.nan
            if "would_offer_contact" in part:
                offered = float((part["would_offer_contact"] == "yes").mean())
            risk = part["p_long"].to_numpy(dtype=np.float64)
            judges.append(_judge(str(code), packet, y, risk, setting, offered=offered))
    return judges


def _rule_values(table: CaseTable, items: tuple[PointItem, ...]) -> dict[str, FloatArray]:
    rules: dict[str, FloatArray] = {}
    simplest = find_simplest_field(table.codebook)
    if simplest is not None and simplest.name in table.fields.columns:
        column = table.fields[simplest.name]
        if simplest.type == "number":
            rules["citizen"] = column.to_numpy(dtype=np.float64)
        else:
            codes = column.cat.codes.to_numpy().astype(np.float64)
            rules["citizen"] = np.where(codes < 0, np.nan, codes)
    if items:
        rules["fixed_score"] = sum_points(items, table.fields).astype(np.float64)
    return rules


def _leave_one_out(values: FloatArray, y: FloatArray) -> FloatArray:
    risk = np.empty(len(y))
    for row in range(len(y)):
        weight = np.ones(len(y))
        weight[row] = 0.0
        risk[row] = fit_simplest_rule(values, y, weight).risk(values[row : row + 1])[0]
    return risk


def _judge(
    name: str,
    packet: str,
    y: FloatArray,
    risk: FloatArray,
    setting: _Setting,
    *,
    offered: float = math.nan,
    ranked: FloatArray | None = None,
    with_auc: bool = True,
) -> Judge:
    weights = draw_weights(len(y), setting.n_draws, random_state=setting.random_state)
    ordered = risk if ranked is None else ranked
    two_sided = with_auc and 0 < y.sum() < len(y)
    return Judge(
        name=name,
        packet=packet,
        n=len(y),
        n_long=int(y.sum()),
        auc=_estimate(auc_of_draws(y, ordered, weights)) if two_sided else NOTHING,
        brier=_estimate(mean_of_draws((risk - y) ** 2, weights)),
        too_high=_estimate(mean_of_draws(risk - y, weights)),
        bins=_bins(y, risk, ordered, setting.min_cell) if with_auc else (),
        offered=offered,
    )


def _estimate(figures: FloatArray) -> Estimate:
    return Estimate(*interval_of_draws(figures))


def _bins(
    y: FloatArray, risk: FloatArray, ordered: FloatArray, min_cell: int
) -> tuple[CalibrationBin, ...]:
    """Group cases by what they were given, into thirds or else halves without small cells."""
    bins: list[CalibrationBin] = []
    for parts in (3, 2):
        cuts = np.unique(np.quantile(ordered, np.arange(1, parts) / parts))
        group = np.searchsorted(cuts, ordered, side="left")
        counts = pd.DataFrame(
            {
                "short": np.bincount(group[y == 0], minlength=len(cuts) + 1),
                "long": np.bincount(group[y == 1], minlength=len(cuts) + 1),
            }
        )
        hidden = suppress_small_cells(counts, min_cell=min_cell).isna().any(axis=1).to_numpy()
        bins = [
            _bin(y[group == i], risk[group == i], hide=bool(hidden[i]))
            for i in range(len(cuts) + 1)
            if np.any(group == i)
        ]
        if not hidden.any():
            break
    return tuple(bins)


def _bin(y: FloatArray, risk: FloatArray, *, hide: bool) -> CalibrationBin:
    if hide:
        return CalibrationBin(None, math.nan, NOTHING)
    n, n_long = len(y), int(y.sum())
    low, high = clopper_pearson(n_long, n)
    observed = Estimate(n_long / n, float(low), float(high))
    return CalibrationBin(n, float(risk.mean()), observed)
