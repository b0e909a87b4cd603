r"""Measure expected durations against the plain median, on any table of cases.

    python benchmarks/compare_durations.py --codebook configs/codebook.yaml CASES... \
        --sizes 60 200 1000 --draws 20

Each draw fits the whole recipe on `size` rows of whole persons and judges the rest. The plain
median is told in two ways: **one** median of the training courses for everybody (raised to the
assessed week where that is later), and the median of those **still** sick-listed at the case's own
assessed week. Errors and coverage are those of closed courses; coverage of all courses, open ones
counted as far as they were seen, stands beside it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation.cross_validation import find_plain_weeks
from riskmodel.evaluation.duration_figures import DurationTask
from riskmodel.evaluation.figures import Span
from riskmodel.evaluation.new_cases import judge_new_cases
from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases
from riskmodel.stats.discrimination import concordance
from riskmodel.stats.durations import survival_curve
from riskmodel.training.fit import TrainingSettings, fit_risk_model

__all__ = ["compare_durations", "draw_cases", "find_one_median", "judge_draw", "main", "summarise"]

FloatArray = npt.NDArray[np.float64]

MOST_JUDGED = 6000


def _outcomes(table: CaseTable) -> Outcomes:
    if table.outcomes is None:
        msg = f"{table.source}: durations can be judged only where outcomes are known."
        raise InputError(msg)
    return table.outcomes


def draw_cases(table: CaseTable, size: int, seed: int) -> tuple[CaseTable, CaseTable] | None:
    """Split into rows to fit on and rows to judge; persons are never split.

    Returns
    -------
    tuple of CaseTable, or None
        At least `size` rows and at most 6,000 others; None where the table is too short.
    """
    persons, code = np.unique(table.group.astype(str), return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(persons))[code]
    order = np.argsort(place, kind="stable")
    if size >= len(order):
        return None
    n_fitted = int(np.searchsorted(place[order], place[order[size - 1]], side="right"))
    if n_fitted == len(order):
        return None
    return table.take(order[:n_fitted]), table.take(order[n_fitted:][:MOST_JUDGED])


def find_one_median(table: CaseTable) -> float:
    """Return the median duration of the courses, each counted once, open ones as seen so far."""
    outcomes = _outcomes(table)
    _, first = np.unique(table.case_id.astype(str), return_index=True)
    found = survival_curve(outcomes.duration_weeks[first], outcomes.ended[first]).quantile(0.5)
    return found if np.isfinite(found) else float(outcomes.duration_weeks.max())


def judge_draw(table: CaseTable, size: int, draw: int) -> dict[str, float] | None:
    """Fit on one draw and judge the rest; None where the draw cannot be learned from."""
    split = draw_cases(table, size, draw)
    if split is None:
        return None
    training, judged = split
    try:
        with threadpool_limits(1):
            model = fit_risk_model(training, TrainingSettings(seed=draw), guard_leaks=False).model
    except InputError:
        return None
    week = judged.assessed_week
    still = find_plain_weeks(training, week)
    held = replace(judge_new_cases(model, judged), plain_weeks=still)
    outcomes = _outcomes(judged)
    asked = held.scored & (outcomes.duration_weeks > week)
    closed = asked & outcomes.ended
    true = outcomes.duration_weeks[closed]
    low, high = held.expected_weeks_low[closed], held.expected_weeks_high[closed]
    everybody = DurationTask.of(held, judged, asked, Span(float("nan")))
    told = everybody(np.ones((len(judged), 1)))
    one = np.maximum(find_one_median(training), week)
    return {
        "size": size,
        "draw": draw,
        "coverage": float(np.mean((true >= low) & (true <= high))),
        "before": float(np.mean(true < low)),
        "beyond": float(np.mean(true > high)),
        "coverage_all": float(told["interval_coverage"][0]),
        "width": float(np.median(high - low)),
        "ours": float(np.median(np.abs(held.expected_weeks[closed] - true))),
        "one": float(np.median(np.abs(one[closed] - true))),
        "still": float(np.median(np.abs(still[closed] - true))),
        "mean_ours": float(np.mean(np.abs(held.expected_weeks[closed] - true))),
        "mean_still": float(np.mean(np.abs(still[closed] - true))),
        "concordance": concordance(
            outcomes.duration_weeks[asked],
            outcomes.ended[asked],
            held.expected_weeks[asked],
            entry=week[asked],
        ),
    }


def compare_durations(
    table: CaseTable, sizes: Sequence[int], n_draws: int, *, n_jobs: int = 1
) -> pd.DataFrame:
    """Return the figures of every draw, one row each.

    Parameters
    ----------
    table : CaseTable
        What to draw from.
    sizes : sequence of int
        Rows to fit on.
    n_draws : int
        Draws for each size.
    n_jobs : int
        Processes.
    """
    found = Parallel(n_jobs=n_jobs)(
        delayed(judge_draw)(table, size, draw) for size in sizes for draw in range(n_draws)
    )
    return pd.DataFrame([row for row in found if row is not None])


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over draws; `gain_*` is the plain median's error less ours.

    `worse_*` counts the draws in which ours was the larger error.
    """
    rows = []
    for size, part in table.groupby("size", sort=False):
        row: dict[str, object] = {"size": size, "draws": len(part)}
        for name in ("coverage", "coverage_all", "before", "beyond", "width", "ours"):
            row[name] = part[name].mean()
        row["coverage_range"] = f"{part['coverage'].min():.2f}-{part['coverage'].max():.2f}"
        for plain in ("one", "still"):
            gain = part[plain] - part["ours"]
            row[f"gain_{plain}"] = gain.mean()
            row[f"gain_{plain}_se"] = gain.std(ddof=1) / np.sqrt(len(gain))
            row[f"worse_{plain}"] = int((gain < 0).sum())
        gain = part["mean_still"] - part["mean_ours"]
        row["mean_gain_still"] = gain.mean()
        row["mean_gain_still_se"] = gain.std(ddof=1) / np.sqrt(len(gain))
        row["concordance"] = part["concordance"].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="+", type=Path, help="tables of closed and open cases")
    parser.add_argument("--codebook", required=True, type=Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=[60, 200, 1000])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, help="CSV file for the figures of every draw")
    chosen = parser.parse_args(arguments)
    cases = read_cases(list(chosen.cases), read_codebook(chosen.codebook), require_outcomes=True)
    print(f"{len(cases)} rows, {len(np.unique(cases.group.astype(str)))} persons")
    table = compare_durations(cases, chosen.sizes, chosen.draws, n_jobs=chosen.jobs)
    if chosen.out is not None:
        table.to_csv(chosen.out, index=False)
    with pd.option_context("display.width", 200, "display.float_format", "{:.3f}".format):
        print(summarise(table).T.to_string(header=False))


if __name__ == "__main__":
    main()
