"""Figures held against stated bars: in order, doubtful, or not in order.

The bars are ours, and are printed beside every verdict. That of the AUC comes from published
models of long sickness absence: 0.65 to 0.70 from registers (doi 10.1136/oemed-2019-106129)
and up to 0.79 with questionnaire fields (pubmed 40198330). No verdict makes a model fit for
use: for that, a promotion gate asks more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from riskmodel.evaluation.figures import Comparison, Estimate
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.sample_size import SampleSizeJudgement

__all__ = ["BARS", "Grade", "Verdict", "judge_record"]

Grade = Literal["good", "doubtful", "poor"]
BARS: dict[str, tuple[float, float]] = {
    "auc": (0.65, 0.79),
    "observed_expected": (0.9, 1.1),
    "calibration_slope": (0.9, 1.1),
    "interval_coverage": (0.75, 0.85),
    "instability": (0.05, 0.10),
}
DOUBTFUL: dict[str, tuple[float, float]] = {
    "observed_expected": (0.8, 1.25),
    "calibration_slope": (0.7, 1.4),
    "interval_coverage": (0.70, 0.90),
}
CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure against its bar.

    Parameters
    ----------
    key : str
        What is asked: "auc", "base_rate", "simplest", "challenger", "observed_expected",
        "calibration_slope", "transfer", "interval_coverage", "median_error", "instability"
        or "sample_size".
    value : Estimate
        The figure.
    against : float
        The other figure of a comparison; NaN where the bar is a range.
    grade : {"good", "doubtful", "poor"}
        In order, doubtful or not in order.
    """

    key: str
    value: Estimate
    against: float
    grade: Grade


def judge_record(
    record: EvaluationRecord,
    *,
    instability: InstabilityRecord | None = None,
    sample_size: SampleSizeJudgement | None = None,
    transfer: EvaluationRecord | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdicts that can be given, in the order they should be read.

    A range is kept where the figure lies in it and its interval in a wider one. Where there
    are far too few persons nothing is in order.

    Parameters
    ----------
    record : EvaluationRecord
        The evaluation.
    instability, sample_size, transfer : optional
        What else is known.
    """
    found: list[Verdict | None] = [None if sample_size is None else _judge_sample(sample_size)]
    figures = record.headline.figures
    if figures:
        found.append(_judge_auc(figures["auc"]))
        gaps = {one.other: one for one in record.comparisons}
        brier = figures["brier"].value
        found += [_judge_gap(key, gaps.get(key), brier) for key in ("base_rate", "simplest")]
        found += [
            _judge_range(key, figures[key]) for key in ("observed_expected", "calibration_slope")
        ]
        found.append(_judge_challenger(gaps.get("challenger"), brier))
    if transfer is not None and transfer.headline.figures:
        gap = next((one for one in transfer.comparisons if one.other == "base_rate"), None)
        found.append(_judge_gap("transfer", gap, transfer.headline.figures["brier"].value))
    duration = record.duration
    if not duration.span.hidden:
        found.append(_judge_range("interval_coverage", duration.interval_coverage))
        found.append(
            _judge_error(duration.median_absolute_error, duration.plain_median_absolute_error)
        )
    if instability is not None:
        found.append(_judge_instability(instability.mape))
    given = [one for one in found if one is not None and not math.isnan(one.value.value)]
    if sample_size is not None and sample_size.far_too_few:
        # So few persons can be right by chance; they cannot show that anything is.
        given = [replace(one, grade="doubtful") if one.grade == "good" else one for one in given]
    return tuple(given)


def _judge_sample(one: SampleSizeJudgement) -> Verdict:
    share = one.n_persons / one.needed
    grade: Grade = "good" if share >= 1 else "doubtful" if share >= 0.5 else "poor"
    return Verdict("sample_size", Estimate(float(one.n_persons)), float(one.needed), grade)


def _judge_auc(one: Estimate) -> Verdict:
    beyond_chance = one.low > CHANCE  # False without an interval
    grade: Grade = "poor"
    if beyond_chance:
        grade = "good" if round(one.value, 2) >= BARS["auc"][0] else "doubtful"
    elif math.isnan(one.low) and one.value > CHANCE:
        grade = "doubtful"
    return Verdict("auc", one, CHANCE, grade)


def _judge_gap(key: str, gap: Comparison | None, brier: float) -> Verdict | None:
    """Other minus model: above zero, the interval included, the model is surely better."""
    if gap is None:
        return None
    one = gap.brier
    grade: Grade = "good" if one.low > 0 else "doubtful" if one.value > 0 else "poor"
    return Verdict(key, one, brier + one.value, grade)


def _judge_challenger(gap: Comparison | None, brier: float) -> Verdict | None:
    if gap is None:
        return None
    one = gap.brier
    grade: Grade = "good" if one.value >= 0 else "poor" if one.high < 0 else "doubtful"
    return Verdict("challenger", one, brier + one.value, grade)


def _judge_range(key: str, one: Estimate) -> Verdict:
    grade: Grade = "poor"
    # As they are read beside the bar.
    shown, low, high = (round(each, 2) for each in (one.value, one.low, one.high))
    least, most = DOUBTFUL[key]
    if BARS[key][0] <= shown <= BARS[key][1] and not (low < least or high > most):
        grade = "good"
    elif least <= shown <= most:
        grade = "doubtful"
    return Verdict(key, one, math.nan, grade)


def _judge_error(own: Estimate, plain: Estimate) -> Verdict:
    grade: Grade = "good" if own.value < plain.value else "doubtful"
    if own.value > plain.value * (1 + BARS["instability"][0]):
        grade = "poor"
    return Verdict("median_error", own, plain.value, grade)


def _judge_instability(mape: float) -> Verdict:
    low, high = BARS["instability"]
    grade: Grade = "good" if mape <= low else "doubtful" if mape <= high else "poor"
    return Verdict("instability", Estimate(mape), math.nan, grade)
