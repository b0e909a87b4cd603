"""Everything that a training run finds out about its model, and the pictures of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.labels import Language
from riskmodel.errors import InputError
from riskmodel.evaluation.characteristics import describe_cases
from riskmodel.evaluation.cross_validation import HeldOutScores, transfer_between_sites
from riskmodel.evaluation.indicator_prices import price_by_refit
from riskmodel.evaluation.instability import measure_instability
from riskmodel.evaluation.key_indicators import KeyIndicators, find_key_indicators
from riskmodel.evaluation.leak_guards import find_suspected_leaks
from riskmodel.evaluation.learning_curve import LearningCurve, compute_learning_curve
from riskmodel.evaluation.record import EvaluationRecord, evaluate
from riskmodel.evaluation.refit_spread import measure_refit_spread
from riskmodel.evaluation.sample_size import SampleSizeJudgement, judge_sample_size
from riskmodel.evaluation.table_doubts import find_table_doubts
from riskmodel.io.training_config import TrainingConfig
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.plots import (
    plot_calibration,
    plot_endings,
    plot_importance,
    plot_instability,
    plot_learning_curve,
    plot_net_benefit,
)
from riskmodel.training.fit import FittedModel

__all__ = ["find_out", "picture_report", "try_sample_size"]

LEARNING_REFITS = 6


def find_out(
    fitted: FittedModel,
    held_out: HeldOutScores,
    record: EvaluationRecord,
    cases: CaseTable,
    config: TrainingConfig,
    progress: Progress = silent,
) -> EvaluationReport:
    """Compute what is told beside the held-out figures: refits, counts, other sites.

    Parameters
    ----------
    fitted : FittedModel
        Fitted on all cases.
    held_out : HeldOutScores
        Scores of the same recipe on cases held out.
    record : EvaluationRecord
        Figures of these scores.
    cases : CaseTable
        The training cases.
    config : TrainingConfig
        What to compute; the transfer between sites, the learning curve and the price of
        indicators by refitting cost fits.
    progress : callable
        Told about each step.
    """
    progress("finding out what carries the prediction")
    doubts = find_table_doubts(cases)
    return EvaluationReport(
        record=record,
        codebook=cases.codebook,
        model=fitted.model,
        transfer=_transfer(cases, config, progress),
        key=_find_key(fitted, held_out, cases, config, progress),
        instability=measure_instability(fitted, cases.group, min_cell=config.min_cell),
        spread=measure_refit_spread(fitted, cases.group),
        learning=_learn(cases, config, progress),
        sample_size=try_sample_size(cases),
        profile=describe_cases(cases, min_cell=config.min_cell),
        n_left_out=int((held_out.fold < 0).sum()),
        leaks=find_suspected_leaks(
            record, cases, ceiling=config.suspected_leak_auc, alone=doubts.auc_alone
        ),
        doubts=doubts,
    )


def _find_key(
    fitted: FittedModel,
    held_out: HeldOutScores,
    cases: CaseTable,
    config: TrainingConfig,
    progress: Progress,
) -> KeyIndicators:
    settings = config.training
    key = find_key_indicators(fitted, cases.group, seed=settings.seed)
    if config.key_indicators != "refit":
        return key
    progress("working the recipe out without each of the strongest indicators")
    return price_by_refit(
        key,
        cases,
        settings,
        held_out,
        n_bootstrap=config.bootstrap_draws,
        n_jobs=settings.n_jobs,
        on_step=progress,
    )


def _transfer(
    cases: CaseTable, config: TrainingConfig, progress: Progress
) -> EvaluationRecord | None:
    if not config.transfer or len(np.unique(cases.site)) < 2:
        return None
    progress("judging sites by models of the other sites")
    settings = config.training
    try:
        held_out = transfer_between_sites(
            cases,
            settings,
            n_jobs=settings.n_jobs,
            on_fold=lambda done, of: progress(f"  group {done} of {of} judged"),
        )
    except InputError:  # too few cases outside a site: the report then marks the item missing
        return None
    return evaluate(
        held_out,
        cases,
        n_bootstrap=config.bootstrap_draws,
        seed=settings.seed,
        min_cell=config.min_cell,
        design="transfer between sites",
    )


def _learn(cases: CaseTable, config: TrainingConfig, progress: Progress) -> LearningCurve | None:
    if not config.learning_curve:
        return None
    progress("working out what more cases would give")
    settings = replace(config.training, n_refits=LEARNING_REFITS)
    try:
        return compute_learning_curve(cases, settings, n_jobs=settings.n_jobs)
    except InputError as error:
        progress(f"  left out: {error}")
        return None


def try_sample_size(cases: CaseTable) -> SampleSizeJudgement | None:
    """Judge the number of cases; None where courses of one kind leave nothing to judge."""
    try:
        return judge_sample_size(cases)
    except InputError:
        return None


def picture_report(report: EvaluationReport, lang: Language = "da") -> dict[str, bytes]:
    """Return the pictures of a run as PNG by file name; hidden figures have none."""
    record, found = report.record, {}
    labels = {one.name: one.label for one in report.codebook.indicators}
    if report.key is not None:
        found["importance.png"] = plot_importance(report.key, labels, lang)
    if report.instability is not None:
        found["instability.png"] = plot_instability(report.instability, lang)
    if record.calibration is not None:
        found["calibration.png"] = plot_calibration(record.calibration, lang)
    if record.net_benefit is not None:
        found["net_benefit.png"] = plot_net_benefit(record.net_benefit, lang)
    if report.learning is not None:
        found["learning_curve.png"] = plot_learning_curve(report.learning, lang)
    shown = [one for one in record.endings if one.points]
    if shown:
        most = max(shown, key=lambda one: one.span.n_rows)
        found["endings.png"] = plot_endings(most, lang)
    return found
