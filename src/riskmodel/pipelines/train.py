"""Training: closed cases in; a saved model, its evaluation and an MLflow run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.course_counts import refuse_one_sided
from riskmodel.evaluation.cross_validation import HeldOutScores, count_folds, cross_validate
from riskmodel.evaluation.leak_guards import refuse_leaks
from riskmodel.evaluation.outcome_bands import OutcomeBand, bands_to_mapping, count_outcomes
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.record import evaluate as evaluate_scores
from riskmodel.io.bundle import OUTCOME_BANDS, check_target, save_bundle
from riskmodel.io.config import read_codebook
from riskmodel.io.evaluation_notes import read_notes
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.tracking import log_run
from riskmodel.io.tracking_store import find_store
from riskmodel.io.training_config import TrainingConfig, read_training_config
from riskmodel.model.risk_model import RiskModel
from riskmodel.pipelines.compare_models import (
    CurrentModel,
    compare_with_current,
    publish_comparison,
    ready_current,
)
from riskmodel.pipelines.evaluate import publish_report
from riskmodel.pipelines.findings import find_out
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.run_description import describe_run
from riskmodel.pipelines.thresholds import INFLOW, read_inflow
from riskmodel.pipelines.training_run import TrainingRun, TrainSummary, summarise
from riskmodel.report.comparison_page import tell_comparison
from riskmodel.report.evaluation_page import describe_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_words import ITEM_TITLES
from riskmodel.report.model_card import render_model_card
from riskmodel.training.fit import FittedModel, fit_risk_model

__all__ = ["TrainSummary", "TrainingRun", "train"]


@dataclass(frozen=True, slots=True)
class _Order:
    """What a training is to be made of: read and checked before any work is done."""

    cases: CaseTable
    config: TrainingConfig
    policy: Path | None
    notes: Mapping[str, Label]


@one_run_per_target
def train(
    paths: Sequence[Path | str] | Path | str,
    *,
    codebook_path: Path | str,
    out: Path | str,
    config_path: Path | str | None = None,
    seed: int | None = None,
    policy_path: Path | str | None = None,
    report_path: Path | str | None = None,
    notes_path: Path | str | None = None,
    key_indicators: str | None = None,
    learning_curve: bool | None = None,
    lang: Language = "da",
    track: bool = True,
    tracking_root: Path | str | None = None,
    legal_basis: Path | None = None,
    compare_with: Path | str | None = None,
    inflow_path: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> TrainingRun:
    """Train a model, judge it on held-out cases, save it and log the run.

    Parameters
    ----------
    paths : sequence of Path or str
        Files of closed cases.
    codebook_path : Path or str
        Codebook that describes them.
    out : Path or str
        Folder to save the model in.
    config_path : Path or str, optional
        Training settings.
    seed : int, optional
        Overrides the seed of the settings.
    policy_path : Path or str, optional
        Policy logged with the model, so that a served model gives tiers.
    report_path : Path or str, optional
        Folder for the evaluation report (HTML and JSON).
    notes_path : Path or str, optional
        Texts for the items of the report that a program cannot know.
    key_indicators : {"permute", "refit"}, optional
        Overrides the settings: how the price of doing without an indicator is found.
    learning_curve : bool, optional
        Overrides the settings: whether to work out what more cases would give.
    lang : {"da", "en"}
        Language of the report.
    track : bool
        Log the run to MLflow.
    tracking_root : Path or str, optional
        Folder that holds ``mlruns/``; the current folder, or MLFLOW_TRACKING_URI, by default.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    compare_with : Path or str, optional
        Folder of the current model: the new one is compared with it on the training rows, in
        a folder beside `out` whose name ends in ``_comparison``. Who changes tier, and what
        it asks of the staff, is worked out where there is a policy.
    inflow_path : Path or str, optional
        What a year brings, for that work; ``configs/inflow.yaml`` by default.
    overwrite : bool
        Replace an earlier model at `out`.
    progress : callable
        Told about each step.

    Returns
    -------
    TrainingRun
        Its ``summary`` is what the command prints.

    Raises
    ------
    InputError
        If the cases are wrong, one-sided or leak the outcome; nothing was written.
    """
    config = _configure(config_path, seed, key_indicators, learning=learning_curve)
    codebook = read_codebook(Path(codebook_path))
    check_legal_basis(codebook.data_kind, "training", legal_basis)
    check_target(Path(out), overwrite=overwrite)
    policy = None if policy_path is None else Path(policy_path)
    rules = None if policy is None else read_policy(policy, codebook)
    notes = {} if notes_path is None else read_notes(Path(notes_path), ITEM_TITLES)
    progress("reading cases")
    files = [Path(one) for one in ([paths] if isinstance(paths, str | Path) else paths)]
    cases = read_cases(files, codebook, require_outcomes=True)
    current = None
    if compare_with is not None:
        current = ready_current(
            Path(compare_with),
            files,
            cases,
            policy=rules,
            inflow=None if rules is None else read_inflow(Path(inflow_path or INFLOW)),
            out=Path(out),
            overwrite=overwrite,
        )
    run = _make(_Order(cases, config, policy, notes), Path(out), progress, overwrite=overwrite)
    if report_path is not None:
        publish_report(Path(report_path), run.report, lang, overwrite=overwrite)
    if current is not None:
        progress("comparing with the current model")
        run = _compare(run, current, Path(out), lang, config.training.seed, overwrite=overwrite)
    if not track:
        return run
    progress("logging the run to MLflow")
    root = None if tracking_root is None else Path(tracking_root)
    return _log(run, config, policy, Path(out), root)


def _compare(
    run: TrainingRun,
    current: CurrentModel,
    out: Path,
    lang: Language,
    seed: int,
    *,
    overwrite: bool,
) -> TrainingRun:
    found = compare_with_current(current, run.model, run.held_out, run.cases, seed=seed)
    folder = publish_comparison(out, found, lang, overwrite=overwrite)
    lines = tell_comparison(found)
    summary = replace(run.summary, comparison=str(folder), comparison_lines=lines)
    return replace(run, summary=summary, comparison=found)


def _configure(
    path: Path | str | None, seed: int | None, key_indicators: str | None, *, learning: bool | None
) -> TrainingConfig:
    config = read_training_config(None if path is None else Path(path), seed)
    if key_indicators is not None:
        config = replace(config, key_indicators=key_indicators)
    return config if learning is None else replace(config, learning_curve=learning)


def _make(order: _Order, out: Path, progress: Progress, *, overwrite: bool) -> TrainingRun:
    """Judge the recipe, fit the model on all cases, find out about it and save it."""
    cases, config = order.cases, order.config
    counts = refuse_one_sided(cases)
    progress(f"  {len(cases)} assessments: {counts}")
    refuse_leaks(cases)
    held_out, record = _judge(cases, config, progress)
    progress("fitting the model on all cases")
    fitted = fit_risk_model(cases, config.training)
    report = find_out(fitted, held_out, record, cases, config, progress)
    report = replace(report, notes=order.notes)
    model = _save(fitted, report, _count_outcomes(held_out, cases), out, overwrite=overwrite)
    report = replace(report, model=model)
    return TrainingRun(summarise(model, report, str(out)), fitted, model, report, held_out, cases)


def _count_outcomes(held_out: HeldOutScores, cases: CaseTable) -> tuple[OutcomeBand, ...]:
    """Count how courses ended by held-out risk; not where cases were drawn by their outcome."""
    if cases.outcomes is None or cases.case_weight is not None:
        return ()
    status = cases.outcomes.status_at(held_out.primary_horizon)
    return count_outcomes(held_out.risk, cases.group, status.long_course, status.known)


def _save(
    fitted: FittedModel,
    report: EvaluationReport,
    bands: tuple[OutcomeBand, ...],
    out: Path,
    *,
    overwrite: bool,
) -> RiskModel:
    documents = {
        "evaluation.json": encode_json(describe_evaluation(report)),
        "model_card.md": render_model_card(fitted.model, report).encode(),
        OUTCOME_BANDS: encode_json(bands_to_mapping(bands)),
    }
    return save_bundle(fitted.model, out, extra=documents, overwrite=overwrite)


def _log(
    run: TrainingRun, config: TrainingConfig, policy: Path | None, out: Path, root: Path | None
) -> TrainingRun:
    description = describe_run(
        run.fitted,
        run.model,
        run.report,
        config,
        bundle=out,
        policy=policy,
        comparison=run.comparison,
    )
    logged = log_run(description, find_store(root))
    if logged is None:
        return run
    summary = replace(
        run.summary, run_id=logged.run_id, registered_version=logged.registered_version or ""
    )
    return replace(run, summary=summary)


def _judge(
    cases: CaseTable, config: TrainingConfig, progress: Progress
) -> tuple[HeldOutScores, EvaluationRecord]:
    """Hold every case out once, and compute the figures."""
    settings = config.training
    n_folds = count_folds(cases, settings)
    progress(f"judging the recipe: {n_folds} folds of {len(cases)} assessments")
    held_out = cross_validate(
        cases,
        settings,
        n_jobs=settings.n_jobs,
        on_fold=lambda done: progress(f"  fold {done} of {n_folds} judged"),
    )
    progress(f"computing figures with {config.bootstrap_draws} bootstrap draws")
    record = evaluate_scores(
        held_out,
        cases,
        n_bootstrap=config.bootstrap_draws,
        seed=settings.seed,
        min_cell=config.min_cell,
    )
    return held_out, record
