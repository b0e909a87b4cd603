"""Figures held against stated bars: in order, doubtful, or not in order.

The bars are ours, and are printed beside every verdict. That of the AUC comes from published
models of long sickness absence: 0.65 to 0.70 from registers (doi 10.1136/oemed-2019-106129)
and up to 0.79 with questionnaire fields (pubmed 40198330). No verdict makes a model fit for
use: for that, a promotion gate asks more.

One rule holds for all: a figure is in order where it keeps its bar and its whole interval keeps
a wider limit, both as they are shown. So no figure without an interval is in order, and few
cases, whose intervals are wide, make it doubtful. The number of cases and the stability of
each risk are counted, not estimated, and have no interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from riskmodel.evaluation.figures import Comparison, DurationFigures, Estimate
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.sample_size import SampleSizeJudgement

__all__ = [
    "BARS",
    "BRIER_DIGITS",
    "DOUBTFUL",
    "OPEN_ENDED",
    "WEEK_DIGITS",
    "WORSE_BY",
    "Grade",
    "Verdict",
    "judge_record",
    "move_limits",
]

Grade = Literal["good", "doubtful", "poor"]
BARS: dict[str, tuple[float, float]] = {
    "auc": (0.65, 0.79),
    "observed_expected": (0.9, 1.1),
    "calibration_slope": (0.9, 1.1),
    "interval_coverage": (0.75, 0.85),
    "instability": (0.05, 0.10),
}
DOUBTFUL: dict[str, tuple[float, float]] = {
    "auc": (0.60, 1.0),
    "observed_expected": (0.8, 1.25),
    "calibration_slope": (0.7, 1.4),
    "interval_coverage": (0.70, 0.90),
}
CHANCE = 0.5
WORSE_BY = 0.02
"""Share of its own Brier score that a model may surely lose at most to the challenger."""

OPEN_ENDED = 0.1
"""Share of intervals without an upper end from which on the bar of their coverage moves."""

BEYOND = 0.1
"""Share of courses that an 80 % interval leaves beyond its upper end."""

WORSE_BY_WEEKS = 0.05
BRIER_DIGITS, WEEK_DIGITS = 4, 1


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
        The other figure of a comparison. Of a range NaN, but for a coverage whose bar has
        moved: how far, as a share.
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

    Where there are far too few persons nothing is in order.

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
    if not record.duration.span.hidden:
        found += [_judge_coverage(record.duration), _judge_error(record.duration)]
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
    shown = one.rounded(2)
    grade: Grade = "poor"
    if shown.value >= BARS["auc"][0] and shown.low >= DOUBTFUL["auc"][0]:
        grade = "good"
    elif one.low > CHANCE or (math.isnan(one.low) and one.value > CHANCE):
        grade = "doubtful"
    return Verdict("auc", one, CHANCE, grade)


def _judge_gap(key: str, gap: Comparison | None, brier: float) -> Verdict | None:
    """Other minus model: above zero, the interval included, the model is surely better."""
    if gap is None:
        return None
    shown = gap.brier.rounded(BRIER_DIGITS)
    grade: Grade = "good" if shown.low > 0 else "doubtful" if shown.value > 0 else "poor"
    return Verdict(key, gap.brier, brier + gap.brier.value, grade)


def _judge_challenger(gap: Comparison | None, brier: float) -> Verdict | None:
    if gap is None:
        return None
    shown = gap.brier.rounded(BRIER_DIGITS)
    grade: Grade = "poor" if shown.high < 0 else "doubtful"
    if shown.value >= 0 and shown.low >= -round(WORSE_BY * brier, BRIER_DIGITS):
        grade = "good"
    return Verdict("challenger", gap.brier, brier + gap.brier.value, grade)


def _judge_range(key: str, one: Estimate, moved: float = 0.0) -> Verdict:
    grade: Grade = "poor"
    shown = one.rounded(2)
    first, last, least, most = move_limits(key, moved)
    if first <= shown.value <= last and shown.low >= least and shown.high <= most:
        grade = "good"
    elif least <= shown.value <= most:
        grade = "doubtful"
    return Verdict(key, one, moved or math.nan, grade)


def move_limits(key: str, moved: float) -> tuple[float, float, float, float]:
    """Return a range and its wider limits, moved up by a share.

    Examples
    --------
    >>> move_limits("interval_coverage", 0.05)
    (0.8, 0.9, 0.75, 0.95)
    """
    found = [round(limit + moved, 2) for limit in (*BARS[key], *DOUBTFUL[key])]
    return found[0], found[1], found[2], found[3]


def _judge_coverage(one: DurationFigures) -> Verdict:
    """No course is seen beyond an interval that ends with the follow-up, so it holds more often."""
    share = one.open_ended.value
    moved = round(BEYOND * share, 2) if share >= OPEN_ENDED else 0.0
    return _judge_range("interval_coverage", one.interval_coverage, moved)


def _judge_error(one: DurationFigures) -> Verdict:
    own, plain = one.median_absolute_error, one.plain_median_absolute_error.value
    gain = one.median_error_gain.rounded(WEEK_DIGITS)
    grade: Grade = "doubtful"
    if gain.value > 0 and gain.low > 0:
        grade = "good"
    elif gain.high < 0 or own.value > plain * (1 + WORSE_BY_WEEKS):
        grade = "poor"
    return Verdict("median_error", own, plain, grade)


def _judge_instability(mape: float) -> Verdict:
    low, high = BARS["instability"]
    grade: Grade = "good" if mape <= low else "doubtful" if mape <= high else "poor"
    return Verdict("instability", Estimate(mape), math.nan, grade)
