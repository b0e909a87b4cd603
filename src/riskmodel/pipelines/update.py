"""Updating: a trained model and a few local closed cases in; no more change than they can carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook, DataKind
from riskmodel.domain.synthetic import CASE_PREFIX
from riskmodel.errors import Fault, InputError
from riskmodel.evaluation.course_counts import refuse_one_sided
from riskmodel.evaluation.leak_guards import refuse_leaks
from riskmodel.evaluation.table_doubts import TableDoubts, count_twins
from riskmodel.io.bundle import (
    UPDATE,
    check_target,
    load_bundle,
    load_update,
    load_warnings,
    save_bundle,
)
from riskmodel.io.config import read_codebook
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.run_record import MAX_PARAMETER_LENGTH, RunRecord
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.tracking import log_run
from riskmodel.io.tracking_store import find_store
from riskmodel.io.training_config import TrainingConfig, read_training_config
from riskmodel.model.risk_model import RiskModel
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.serving import describe_served_model
from riskmodel.pipelines.update_run import (
    NOT_JUDGED,
    UpdateRun,
    UpdateSummary,
    summarise_update,
)
from riskmodel.report.evaluation_summary import tell_doubts
from riskmodel.report.model_card import render_updated_card
from riskmodel.training.fit import fingerprint_cases
from riskmodel.training.updating import update_model

__all__ = ["UpdateRun", "UpdateSummary", "update"]

KINDS: Final[tuple[DataKind, ...]] = get_args(DataKind)
"""Kinds of data: each asks for more care than those before it, and shows more."""


@dataclass(frozen=True, slots=True)
class _Parent:
    """The model before, how it was updated itself, empty where it was not, and its warnings."""

    model: RiskModel
    update: Mapping[str, Any]
    warnings: tuple[str, ...]


@one_run_per_target
def update(
    model_path: Path | str,
    paths: Sequence[Path | str] | Path | str,
    *,
    out: Path | str,
    codebook_path: Path | str | None = None,
    config_path: Path | str | None = None,
    policy_path: Path | str | None = None,
    alpha: float = 0.05,
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
        data, its name and version only. The updated model needs the legal basis of the stricter
        kind, and counts as evidence of the weaker: one of synthetic cases stays marked so.
    config_path : Path or str, optional
        Training settings; only where MLflow files the run and the model is taken from them.
    policy_path : Path or str, optional
        Policy logged with the model, so that a served model gives tiers.
    alpha : float
        Level of each test, in (0, 1).
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
    strictest = max(codebook.data_kind, model.codebook.data_kind, key=KINDS.index)
    check_legal_basis(strictest, "training", legal_basis)
    _check(alpha, origin, folder, overwrite=overwrite)
    policy = None if policy_path is None else Path(policy_path)
    if policy is not None:
        read_policy(policy, model.codebook)
    progress("reading cases")
    files = [Path(one) for one in ([paths] if isinstance(paths, str | Path) else paths)]
    cases = read_cases(files, codebook, require_outcomes=True)
    kind = _find_kind(cases, given=codebook_path is not None)
    _refuse(cases, model)
    progress(f"updating with {len(cases)} assessments")
    updated = update_model(model, cases, alpha=alpha)
    summary = summarise_update(updated, model.version, alpha=alpha)
    run = UpdateRun(replace(summary, warnings=_find_twins(cases)), model, updated)
    if run.summary.step != "leave":
        run = _save(run, _ready_parent(model, origin), kind, folder, overwrite=overwrite)
    if not track:
        return run
    progress("logging the run to MLflow")
    record = _describe(run, config, policy, fingerprint_cases(cases))
    logged = log_run(record, find_store(None if tracking_root is None else Path(tracking_root)))
    if logged is None:
        return run
    summary = replace(
        run.summary, run_id=logged.run_id, registered_version=logged.registered_version or ""
    )
    return replace(run, summary=summary)


def _check(alpha: float, origin: Path, out: Path, *, overwrite: bool) -> None:
    if not 0 < alpha < 1:
        msg = f"alpha must lie between 0 and 1, got {alpha:g}."
        raise InputError(msg)
    if out.resolve() == origin.resolve():
        msg = "--out must be another folder than the model's: the model stays as it was."
        raise InputError(msg)
    check_target(out, overwrite=overwrite)


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


def _find_kind(cases: CaseTable, *, given: bool) -> DataKind:
    """Return the kind of the local cases; refuse those that may be records by another name."""
    kind = cases.codebook.data_kind
    if given or kind == "case_records":
        return kind
    if np.all(np.char.startswith(cases.case_id, CASE_PREFIX)):
        return "synthetic"
    problem = (
        f"the model's codebook says data_kind: {kind}, and nothing shows that these cases "
        "are: records may be used only where a legal basis is on record."
    )
    remedy = "Give the codebook that says what they are as --codebook."
    raise InputError(Fault(cases.source, problem, remedy))


def _refuse(cases: CaseTable, model: RiskModel) -> None:
    if model.provenance.has_learned_from(fingerprint_cases(cases)):
        msg = (
            "An update needs cases that the model has not learned from, and it was trained on this "
            "table or updated with it. Give the local cases that were closed since."
        )
        raise InputError(msg)
    refuse_one_sided(cases)
    refuse_leaks(cases)


def _find_twins(cases: CaseTable) -> tuple[str, ...]:
    """Tell of courses that seem to stand there twice: they would count for twice as much."""
    doubts = TableDoubts(len(cases), n_twins=count_twins(cases))
    return tuple(one.en for one in tell_doubts(doubts))


def _ready_parent(model: RiskModel, path: Path) -> _Parent:
    """Read what is kept beside a model; an updated one keeps the warnings of its training."""
    update = load_update(path)
    warnings = load_warnings(path) or tuple(map(str, update.get("warnings_before", ())))
    return _Parent(model, update, warnings)


def _save(
    run: UpdateRun, parent: _Parent, kind: DataKind, out: Path, *, overwrite: bool
) -> UpdateRun:
    """Save the updated model; its parent's figures are not its own and stay behind."""
    changed, origin = run.updated.model, parent.model
    # The evidence is as weak as its weakest part, and the law as strict as for the strictest.
    model = replace(
        changed,
        codebook=replace(
            origin.codebook, data_kind=max(kind, origin.codebook.data_kind, key=KINDS.index)
        ),
        provenance=replace(
            changed.provenance, data_kind=min(kind, origin.provenance.data_kind, key=KINDS.index)
        ),
    )
    card = render_updated_card(
        model,
        origin,
        run.summary.reasons,
        not_judged=NOT_JUDGED,
        warnings=parent.warnings,
    )
    documents = {
        UPDATE: encode_json(run.summary.to_mapping(parent.update, parent.warnings)),
        "model_card.md": card.encode(),
    }
    model = save_bundle(model, out, extra=documents, overwrite=overwrite)
    summary = replace(run.summary, model_version=model.version, out=str(out))
    return replace(run, summary=summary, model=model)


def _describe(
    run: UpdateRun, config: TrainingConfig, policy: Path | None, fingerprint: str
) -> RunRecord:
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
            "update.alpha": summary.alpha,
        },
        metrics={
            "update.intercept": summary.intercept,
            "update.slope": summary.slope,
            "update.level_error": summary.level_error,
            **{f"update.statistic.{one.step}": one.statistic for one in summary.tests},
            **{f"update.p_value.{step}": p for step, p in summary.p_values.items()},
        },
        tags={
            "data_kind": model.provenance.data_kind,
            "model_version": summary.model_version,
            "riskmodel_version": version("riskmodel"),
            "recipe_version": model.provenance.recipe_version,
            "update_step": summary.step,
            # Names of themes are the codebook's, and may be many; the document has them all.
            "update_reason": " ".join(summary.reasons)[:MAX_PARAMETER_LENGTH],
        },
        data_name=codebook.name,
        data_fingerprint=fingerprint,
        data_counts={"persons": summary.persons, "long_courses": summary.events},
        documents={"update.json": encode_json(summary.to_mapping())},
        model=served,
    )
