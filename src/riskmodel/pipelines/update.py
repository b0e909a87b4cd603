"""Updating: a trained model and a few local closed cases in; no more change than they can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import InputError
from riskmodel.evaluation.course_counts import refuse_one_sided
from riskmodel.evaluation.leak_guards import refuse_leaks
from riskmodel.io.bundle import UPDATE, check_target, load_bundle, save_bundle
from riskmodel.io.config import read_codebook
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.run_record import RunRecord
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.tracking import log_run
from riskmodel.io.tracking_store import find_store
from riskmodel.io.training_config import TrainingConfig, read_training_config
from riskmodel.model.risk_model import RiskModel
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.serving import describe_served_model
from riskmodel.report.model_card import render_updated_card
from riskmodel.training.fit import fingerprint_cases
from riskmodel.training.updating import UpdatedModel, update_model

__all__ = ["UpdateRun", "UpdateSummary", "update"]

NOT_JUDGED = (
    "How well the updated model does here is not known: the cases that it was fitted to cannot "
    "tell. Judge it on later local cases with riskmodel evaluate before it is used."
)


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """What an update decided, in a few figures.

    Parameters
    ----------
    step : {"leave", "intercept", "slope", "re-estimate"}
        How far the model was changed.
    reasons : tuple of str
        The decision and the tests that led to it, a sentence each.
    intercept, slope : float
        What the score was moved by, in log-odds, and stretched by; 0 and 1 where it was left.
    theme_weights : dict of str to float
        Change of the weight of themes that were weighed anew.
    p_values : dict of str to float
        Of each test, by the smaller update that was tested.
    persons, events : int
        Local persons, and long courses among them.
    parent_version, model_version : str
        The model before and after; equal where it was left as it is.
    out : str
        Folder of the updated model; empty where it was left as it is.
    run_id, registered_version : str
        In MLflow; empty where the run was not logged.
    """

    step: str
    reasons: tuple[str, ...]
    intercept: float
    slope: float
    theme_weights: dict[str, float]
    p_values: dict[str, float]
    persons: int
    events: int
    parent_version: str
    model_version: str
    out: str = ""
    run_id: str = ""
    registered_version: str = ""

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        lines = list(self.reasons)
        if self.out:
            lines.append(
                f"level moved by {self.intercept:+.2f} log-odds, score times {self.slope:.2f}"
            )
            lines += [
                f"  weight of {theme}: {change:+.2f}"
                for theme, change in self.theme_weights.items()
            ]
            lines += [f"model {self.model_version} saved in {self.out}", NOT_JUDGED]
        else:
            lines.append(f"nothing was saved; go on with model {self.parent_version}")
        if self.run_id:
            registered = f", registered as version {self.registered_version}"
            lines.append(f"MLflow run {self.run_id}{registered if self.registered_version else ''}")
        return "\n".join(lines)

    def to_mapping(self) -> dict[str, Any]:
        """Return what is kept with the updated model and in MLflow."""
        return {
            "schema": "riskmodel.update/1",
            "step": self.step,
            "reasons": list(self.reasons),
            "intercept": self.intercept,
            "slope": self.slope,
            "theme_weights": self.theme_weights,
            "p_values": self.p_values,
            "persons": self.persons,
            "long_courses": self.events,
            "parent_version": self.parent_version,
            "not_judged": NOT_JUDGED,
        }


@dataclass(frozen=True, slots=True, repr=False)
class UpdateRun:
    """Everything that an update made, for notebooks.

    Parameters
    ----------
    summary : UpdateSummary
        A few figures.
    model : RiskModel
        The updated model; the model given where it was left as it is.
    updated : UpdatedModel
        Tests and estimates.
    """

    summary: UpdateSummary
    model: RiskModel
    updated: UpdatedModel

    def __repr__(self) -> str:
        return self.summary.to_text()


@one_run_per_target
def update(
    model_path: Path | str,
    paths: Sequence[Path | str] | Path | str,
    *,
    out: Path | str,
    codebook_path: Path | str | None = None,
    config_path: Path | str | None = None,
    policy_path: Path | str | None = None,
    track: bool = True,
    tracking_root: Path | str | None = None,
    legal_basis: Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> UpdateRun:
    """Fit a trained model to a few local closed cases, and save it where that changes it.

    The closed testing procedure of `riskmodel.training.updating.update_model` decides between
    leaving the model, moving its level, moving and stretching it, and weighing themes anew.
    Whatever it decides is logged with the reason.

    Parameters
    ----------
    model_path : Path or str
        Folder of the saved model.
    paths : sequence of Path or str
        Files of local closed cases that the model was not trained on.
    out : Path or str
        Folder to save the updated model in; nothing is saved where the model is left as it is.
    codebook_path : Path or str, optional
        Codebook of the local cases; the model's own by default. It may differ in the kind of
        data, its name and version only: real cases stay real where the model is of synthetic ones.
    config_path : Path or str, optional
        Training settings; only where MLflow files the run and the model is taken from them.
    policy_path : Path or str, optional
        Policy logged with the model, so that a served model gives tiers.
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
    UpdateRun
        Its ``summary`` is what the command prints.

    Raises
    ------
    InputError
        If the cases are wrong, too few of either kind, leak the outcome, or are those that the
        model was trained on; if `out` is the model itself; nothing was written.
    """
    folder, origin = Path(out), Path(model_path)
    config = read_training_config(None if config_path is None else Path(config_path))
    model = load_bundle(origin)
    codebook = _choose_codebook(model, codebook_path)
    check_legal_basis(codebook.data_kind, "training", legal_basis)
    if folder.resolve() == origin.resolve():
        msg = "--out must be another folder than the model's: the model stays as it was."
        raise InputError(msg)
    check_target(folder, overwrite=overwrite)
    policy = None if policy_path is None else Path(policy_path)
    if policy is not None:
        read_policy(policy, codebook)
    progress("reading cases")
    files = [Path(one) for one in ([paths] if isinstance(paths, str | Path) else paths)]
    cases = read_cases(files, codebook, require_outcomes=True)
    _refuse(cases, model)
    progress(f"updating with {len(cases)} assessments")
    updated = update_model(model, cases)
    run = _save(updated, model, cases, folder, overwrite=overwrite)
    if not track:
        return run
    progress("logging the run to MLflow")
    record = _describe(run, config, policy)
    logged = log_run(record, find_store(None if tracking_root is None else Path(tracking_root)))
    if logged is None:
        return run
    summary = replace(
        run.summary, run_id=logged.run_id, registered_version=logged.registered_version or ""
    )
    return replace(run, summary=summary)


def _choose_codebook(model: RiskModel, path: Path | str | None) -> Codebook:
    if path is None:
        return model.codebook
    codebook = read_codebook(Path(path))
    own = model.codebook
    same = replace(codebook, name=own.name, version=own.version, data_kind=own.data_kind)
    if same != own:
        msg = (
            "The codebook of the local cases may differ from the model's in the kind of data, its "
            f"name and version only, and {Path(path).name} differs in more. Record the cases by "
            "the model's codebook, or train a model of their own."
        )
        raise InputError(msg)
    return codebook


def _refuse(cases: CaseTable, model: RiskModel) -> None:
    if fingerprint_cases(cases) == model.provenance.data_fingerprint:
        msg = (
            "An update needs cases that the model was not trained on, and this is its training "
            "table. Give the local cases that were closed since."
        )
        raise InputError(msg)
    refuse_one_sided(cases)
    refuse_leaks(cases)


def _save(
    updated: UpdatedModel, parent: RiskModel, cases: CaseTable, out: Path, *, overwrite: bool
) -> UpdateRun:
    """Save the model where it was changed; its parent's figures are not its own and stay behind."""
    found, codebook = updated.update, cases.codebook
    summary = UpdateSummary(
        step=found.step,
        reasons=updated.list_reasons(),
        intercept=found.intercept,
        slope=found.slope,
        theme_weights={
            theme: float(change)
            for theme, change in zip(updated.themes, found.effects, strict=True)
            if found.step == "re-estimate"
        },
        p_values={one.step: one.p_value for one in found.tests},
        persons=updated.n_persons,
        events=updated.n_events,
        parent_version=parent.version,
        model_version=parent.version,
    )
    if found.step == "leave":
        return UpdateRun(summary, parent, updated)
    model = replace(
        updated.model,
        codebook=codebook,
        provenance=replace(updated.model.provenance, data_kind=codebook.data_kind),
    )
    documents = {
        UPDATE: encode_json(summary.to_mapping()),
        "model_card.md": render_updated_card(
            model, parent, (*summary.reasons, NOT_JUDGED)
        ).encode(),
    }
    model = save_bundle(model, out, extra=documents, overwrite=overwrite)
    summary = replace(summary, model_version=model.version, out=str(out))
    return UpdateRun(summary, model, updated)


def _describe(run: UpdateRun, config: TrainingConfig, policy: Path | None) -> RunRecord:
    """Return the update as it is logged: figures, and the reason as a tag."""
    summary, model = run.summary, run.model
    codebook = model.codebook
    served = None
    if summary.out:
        served = describe_served_model(
            Path(summary.out),
            codebook,
            policy=policy,
            registered_name=config.registered_name or f"riskmodel-{codebook.name}",
            alias=config.alias,
        )
    return RunRecord(
        experiment=config.experiment,
        run_name=f"{codebook.name}-update-{summary.parent_version}",
        parameters={
            "codebook": f"{codebook.name} {codebook.version}",
            "update.step": summary.step,
            "update.parent_version": summary.parent_version,
        },
        metrics={
            "update.intercept": summary.intercept,
            "update.slope": summary.slope,
            **{f"update.p_value.{step}": p for step, p in summary.p_values.items()},
        },
        tags={
            "data_kind": model.provenance.data_kind,
            "model_version": summary.model_version,
            "update_step": summary.step,
            "update_reason": " ".join(summary.reasons),
        },
        data_name=codebook.name,
        data_fingerprint=model.provenance.data_fingerprint,
        data_counts={"persons": summary.persons, "long_courses": summary.events},
        documents={"update.json": encode_json(summary.to_mapping())},
        model=served,
    )
