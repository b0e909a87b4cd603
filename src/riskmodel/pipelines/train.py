"""Training: closed cases in; a saved model, its evaluation and an MLflow run out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.labels import Language
from riskmodel.evaluation.cross_validation import HeldOutScores, count_folds, cross_validate
from riskmodel.evaluation.leak_guards import refuse_leaks
from riskmodel.evaluation.outcome_bands import OutcomeBand, bands_to_mapping, count_outcomes
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.record import evaluate as evaluate_scores
from riskmodel.io.bundle import OUTCOME_BANDS, check_target, save_bundle
from riskmodel.io.config import read_codebook
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.tracking import log_run
from riskmodel.io.tracking_store import find_store
from riskmodel.io.training_config import TrainingConfig, read_training_config
from riskmodel.model.risk_model import RiskModel
from riskmodel.pipelines.evaluate import publish_report
from riskmodel.pipelines.findings import find_out
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.run_description import describe_run
from riskmodel.report.evaluation_items import EvaluationReport
from riskmodel.report.evaluation_page import describe_evaluation
from riskmodel.report.model_card import render_model_card
from riskmodel.training.fit import FittedModel, fit_risk_model

__all__ = ["TrainSummary", "TrainingRun", "train"]

LOGGED_METRICS = (
    "auc",
    "brier",
    "scaled_brier",
    "base_rate_brier",
    "calibration_in_the_large",
    "calibration_slope",
    "observed_expected",
    "ici",
)


@dataclass(frozen=True, slots=True)
class TrainSummary:
    """What a training run did, in a few figures.

    Parameters
    ----------
    rows, persons, events : int
        Assessments, persons, and long courses at the primary horizon.
    auc_text : str
        AUC with horizon, landmark and share of long courses.
    figures : dict of str to tuple of float
        Held-out value and 95 % interval by metric.
    warnings : tuple of str
        What a reader should know before trusting the model.
    model_version, out : str
        The saved model.
    run_id, registered_version : str
        In MLflow; empty where the run was not logged.
    """

    rows: int
    persons: int
    events: int
    auc_text: str
    figures: dict[str, tuple[float, float, float]]
    warnings: tuple[str, ...]
    model_version: str
    out: str
    run_id: str = ""
    registered_version: str = ""

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        lines = [
            (
                f"model {self.model_version} saved in {self.out}: {self.rows} assessments of "
                f"{self.persons} persons, {self.events} long courses"
            ),
            f"held out: {self.auc_text}",
        ]
        for name, label in (
            ("brier", "Brier score"),
            ("base_rate_brier", "Brier score of the event share"),
            ("calibration_slope", "calibration slope"),
        ):
            if name in self.figures:
                value, low, high = self.figures[name]
                lines.append(f"  {label}: {value:.4f} ({low:.4f} to {high:.4f})")
        if self.run_id:
            registered = f", registered as version {self.registered_version}"
            lines.append(f"MLflow run {self.run_id}{registered if self.registered_version else ''}")
        return "\n".join([*lines, *(f"warning: {one}" for one in self.warnings)])


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Everything that a training made, for notebooks.

    Parameters
    ----------
    summary : TrainSummary
        A few figures.
    fitted : FittedModel
        The estimator behind the model.
    model : RiskModel
        The saved model.
    report : EvaluationReport
        Everything found out: held-out figures with intervals, key indicators, instability.
    held_out : HeldOutScores
        Scores of the training rows by models that did not see them.
    cases : CaseTable
        The training cases.
    """

    summary: TrainSummary
    fitted: FittedModel
    model: RiskModel
    report: EvaluationReport
    held_out: HeldOutScores
    cases: CaseTable

    @property
    def record(self) -> EvaluationRecord:
        """Held-out figures with intervals."""
        return self.report.record


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
    lang: Language = "da",
    track: bool = True,
    tracking_root: Path | str | None = None,
    legal_basis: Path | None = None,
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
    lang : {"da", "en"}
        Language of the report.
    track : bool
        Log the run to MLflow.
    tracking_root : Path or str, optional
        Folder that holds ``mlruns/``; the current folder, or MLFLOW_TRACKING_URI, by default.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    overwrite : bool
        Replace an earlier model at `out`.
    progress : callable
        Told about each step.

    Returns
    -------
    TrainingRun
        Its ``summary`` is what the command prints.
    """
    paths = [paths] if isinstance(paths, str | Path) else paths
    config = read_training_config(None if config_path is None else Path(config_path), seed)
    codebook = read_codebook(Path(codebook_path))
    check_legal_basis(codebook.data_kind, "training", legal_basis)
    check_target(Path(out), overwrite=overwrite)
    policy = None if policy_path is None else Path(policy_path)
    if policy is not None:
        read_policy(policy, codebook)
    progress("reading cases")
    cases = read_cases([Path(path) for path in paths], codebook, require_outcomes=True)
    settings = config.training
    refuse_leaks(cases)
    held_out, record = _judge(cases, config, progress)
    progress("fitting the model on all cases")
    fitted = fit_risk_model(cases, settings)
    report = find_out(fitted, record, cases, config, progress)
    evaluation = encode_json(describe_evaluation(report))
    card = render_model_card(fitted.model, record)
    model = save_bundle(
        fitted.model,
        out,
        extra={
            "evaluation.json": evaluation,
            "model_card.md": card.encode(),
            OUTCOME_BANDS: encode_json(bands_to_mapping(_count_outcomes(held_out, cases))),
        },
        overwrite=overwrite,
    )
    report = replace(report, model_version=model.version)
    summary = _summarise(model, report, held_out, str(out))
    if report_path is not None:
        publish_report(Path(report_path), report, lang)
    if track:
        progress("logging the run to MLflow")
        store = find_store(None if tracking_root is None else Path(tracking_root))
        description = describe_run(fitted, model, report, config, bundle=Path(out), policy=policy)
        logged = log_run(description, store)
        if logged is not None:
            summary = replace(
                summary,
                run_id=logged.run_id,
                registered_version=logged.registered_version or "",
            )
    return TrainingRun(summary, fitted, model, report, held_out, cases)


def _count_outcomes(held_out: HeldOutScores, cases: CaseTable) -> tuple[OutcomeBand, ...]:
    """Count how courses ended by held-out risk; none where the cases were drawn by outcome."""
    if cases.outcomes is None or cases.case_weight is not None:
        return ()
    status = cases.outcomes.status_at(held_out.primary_horizon)
    return count_outcomes(held_out.risk, cases.group, status.long_course, status.known)


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


def _summarise(
    model: RiskModel, report: EvaluationReport, held_out: HeldOutScores, out: str
) -> TrainSummary:
    block, origin = report.record.headline, model.provenance
    figures = {
        name: (one.value, one.low, one.high)
        for name, one in block.figures.items()
        if name in LOGGED_METRICS
    }
    return TrainSummary(
        rows=origin.n_rows,
        persons=origin.n_persons,
        events=origin.n_events,
        auc_text=block.auc_text,
        figures=figures,
        warnings=tuple(_warnings(model, report, held_out)),
        model_version=model.version,
        out=out,
    )


def _warnings(model: RiskModel, report: EvaluationReport, held_out: HeldOutScores) -> list[str]:
    found = []
    if model.provenance.data_kind == "synthetic":
        found.append("trained on synthetic cases: for trying out only, never for a real case")
    left_out = int((held_out.fold < 0).sum())
    if left_out:
        found.append(
            f"{left_out} of {len(held_out)} assessments have no held-out figures: without their "
            "fold there were too few long or short courses to learn from"
        )
    figures = report.record.headline.figures
    if figures and figures["brier"].value >= figures["base_rate_brier"].value:
        found.append(
            "worse on held-out cases than the event share said for everybody: do not use this model"
        )
    size = report.sample_size
    if size is not None and not size.enough:
        found.append(
            f"{size.n_persons} persons; {size.needed} would be needed for {size.n_parameters} "
            f"parameters at an AUC of {size.foreseen_auc:g} (Riley's criteria): the score is "
            "shrunk accordingly, and its intervals are wide"
        )
    return found + [one.text.en for one in report.leaks]
