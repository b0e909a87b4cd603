"""What leaving an indicator out costs a model that never had it, and what a few suffice for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.cross_validation import HeldOutScores, cross_validate
from riskmodel.evaluation.drawn_figures import DrawnRisks, find_estimate
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.judged_rows import draw_all, find_judged_rows
from riskmodel.evaluation.key_indicators import FewFields, KeyIndicators
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.discrimination import auc
from riskmodel.stats.scoring_rules import brier_score
from riskmodel.training.fit import TrainingSettings

__all__ = ["keep_indicators", "measure_few_fields", "measure_price_by_refit", "price_by_refit"]

MOST_PRICED = 8
SIZES = (1, 3, 5)


def price_by_refit(
    key: KeyIndicators,
    table: CaseTable,
    settings: TrainingSettings,
    held_out: HeldOutScores,
    *,
    most: int = MOST_PRICED,
    n_bootstrap: int = 200,
    n_jobs: int = 1,
    on_step: Callable[[str], None] | None = None,
) -> KeyIndicators:
    """Return key indicators with the strongest ones' prices found by refitting without them.

    Parameters
    ----------
    key : KeyIndicators
        From `find_key_indicators`.
    table, settings, held_out
        As in `measure_price_by_refit`.
    most : int
        Indicators to price, strongest first; each costs a cross-validation.
    n_bootstrap, n_jobs : int
        Draws of persons for the paired intervals, and processes.
    on_step : callable, optional
        Told about each cross-validation.
    """
    order = [one.name for one in key.roles]
    week = table.codebook.assessed_week
    tell = on_step or (lambda _: None)
    prices: dict[str, tuple[Estimate, Estimate]] = {}
    for name in [one for one in order if one != week][:most]:
        tell(f"  without {name}")
        prices |= measure_price_by_refit(
            table, settings, held_out, [name], n_bootstrap=n_bootstrap, n_jobs=n_jobs
        )
    roles = [
        replace(
            one,
            price_brier=prices[one.name][0],
            price_auc=prices[one.name][1],
            price_method="refitted without it",
        )
        if one.name in prices
        else one
        for one in key.roles
    ]
    tell("  with the strongest few only")
    strongest = [one for one in order if one != week]
    few = measure_few_fields(
        table, settings, held_out, strongest,
        sizes=SIZES, n_bootstrap=n_bootstrap, n_jobs=n_jobs,
    )  # fmt: skip
    return replace(key, roles=tuple(roles), few=few)


def measure_price_by_refit(
    table: CaseTable,
    settings: TrainingSettings,
    held_out: HeldOutScores,
    names: Sequence[str],
    *,
    n_bootstrap: int = 200,
    n_jobs: int = 1,
) -> dict[str, tuple[Estimate, Estimate]]:
    """Return the rise of the Brier score and the fall of the AUC without each indicator.

    Every one costs a cross-validation of its own, so name the few that matter.

    Parameters
    ----------
    table, settings : CaseTable, TrainingSettings
        As given to `cross_validate`.
    held_out : HeldOutScores
        What it returned with all indicators.
    names : sequence of str
        Indicators to leave out, one at a time.
    n_bootstrap, n_jobs : int
        Draws of persons for the paired intervals, and processes.

    Returns
    -------
    dict of str to (Estimate, Estimate)
        Differences of Brier score and AUC; positive means that the indicator is needed.
    """
    found = {}
    for name in names:
        others = [one.name for one in table.codebook.indicators if one.name != name]
        without = cross_validate(keep_indicators(table, others), settings, n_jobs=n_jobs)
        brier, area = _paired(table, held_out, without, n_bootstrap, settings.seed)
        found[name] = (brier, area)
    return found


def measure_few_fields(
    table: CaseTable,
    settings: TrainingSettings,
    held_out: HeldOutScores,
    order: Sequence[str],
    *,
    sizes: Sequence[int] = (1, 3, 5),
    n_bootstrap: int = 200,
    n_jobs: int = 1,
) -> tuple[FewFields, ...]:
    """Cross-validate models of the strongest indicators only.

    The order was found on the same cases, so the figures flatter the small models a little.

    Parameters
    ----------
    table, settings, held_out, n_bootstrap, n_jobs
        As in `measure_price_by_refit`.
    order : sequence of str
        Indicators, strongest first.
    sizes : sequence of int
        Numbers of indicators to try.
    """
    judged = find_judged_rows(table, held_out.primary_horizon, held_out.risk)
    base = brier_score(judged.y, held_out.base_risk[judged.rows], sample_weight=judged.weight)
    whole = brier_score(judged.y, held_out.risk[judged.rows], sample_weight=judged.weight)
    found = []
    for size in sizes:
        if size >= len(order):
            continue
        names = tuple(order[:size])
        scores = cross_validate(keep_indicators(table, names), settings, n_jobs=n_jobs)
        p = scores.risk[judged.rows]
        figures = {
            "auc": auc(judged.y, p, sample_weight=judged.weight),
            "brier": brier_score(judged.y, p, sample_weight=judged.weight),
        }

        def task(counts: FloatArray, p: FloatArray = p) -> Mapping[str, FloatArray]:
            drawn = DrawnRisks.of(judged.y, p, judged.weight, counts[judged.rows])
            return {"auc": drawn.auc(), "brier": drawn.brier()}

        drawn = draw_all({"few": task}, table.group, n_bootstrap, settings.seed).get("few", {})
        estimates = {
            key: find_estimate(value, drawn.get(key, ())) for key, value in figures.items()
        }
        gain = (base - figures["brier"]) / (base - whole) if base > whole else np.nan
        found.append(FewFields(names, estimates["auc"], estimates["brier"], float(gain)))
    return tuple(found)


def keep_indicators(table: CaseTable, names: Sequence[str]) -> CaseTable:
    """Return the table with other indicators as context; the assessed week always stays.

    Parameters
    ----------
    table : CaseTable
        The cases.
    names : sequence of str
        Indicators to keep.
    """
    codebook = table.codebook
    fields = tuple(
        replace(one, use="context")
        if one.is_indicator and one.name not in names and one.name != codebook.assessed_week
        else one
        for one in codebook.fields
    )
    return replace(table, codebook=replace(codebook, fields=fields))


def _paired(
    table: CaseTable,
    held_out: HeldOutScores,
    without: HeldOutScores,
    n_bootstrap: int,
    seed: int,
) -> tuple[Estimate, Estimate]:
    judged = find_judged_rows(table, held_out.primary_horizon, held_out.risk + without.risk)
    risks = [one.risk[judged.rows] for one in (held_out, without)]

    def task(counts: FloatArray) -> Mapping[str, FloatArray]:
        full, less = (DrawnRisks.of(judged.y, p, judged.weight, counts[judged.rows]) for p in risks)
        return {"brier": less.brier() - full.brier(), "auc": full.auc() - less.auc()}

    drawn = draw_all({"pair": task}, table.group, n_bootstrap, seed).get("pair", {})
    brier = [brier_score(judged.y, p, sample_weight=judged.weight) for p in risks]
    area = [auc(judged.y, p, sample_weight=judged.weight) for p in risks]
    return (
        find_estimate(brier[1] - brier[0], drawn.get("brier", ())),
        find_estimate(area[0] - area[1], drawn.get("auc", ())),
    )
