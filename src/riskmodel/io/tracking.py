"""Logging of runs to MLflow: figures, documents and the bundle, never a case row.

A run that cannot be logged costs the log entry, not the training: it is kept in a journal
and logged later by `replay_journal`. MLflow is imported inside functions, with its telemetry
off; its address, log levels and environment are left as they were found.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import ModelError
from riskmodel.io.run_record import (
    LoggedRun,
    RunRecord,
    RunSummary,
    ServedModel,
    as_bytes,
)
from riskmodel.io.tracking_journal import (
    JournalEntry,
    TrackingWarning,
    decode_entry,
    first_line,
    folder_seal,
    keep_and_warn,
)
from riskmodel.io.tracking_store import (
    StoreError,
    TrackingStore,
    check_database,
    hold_store,
    holds_run,
    quiet_mlflow,
    reach_mlflow,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = [
    "TrackingWarning",
    "list_runs",
    "load_registered",
    "log_run",
    "replay_journal",
    "set_alias",
]

BUNDLE_ARTIFACT = "bundle"
POLICY_ARTIFACT = "policy"
POLICY_FILE = "policy.yaml"
MODEL_NAME = "model"
ENTRY_TAG = "riskmodel.entry"
_DATASET_DIGEST_LENGTH = 36
_BATCH = 100


def log_run(record: RunRecord, store: TrackingStore) -> LoggedRun | None:
    """Log a run; whatever goes wrong, the caller's work goes on.

    Parameters
    ----------
    record : RunRecord
        What to log.
    store : TrackingStore
        Where to log it; see `find_store`.

    Returns
    -------
    LoggedRun or None
        None where logging failed: a `TrackingWarning` says why, and the record waits in the
        journal for `replay_journal`.
    """
    seal = "" if record.model is None else folder_seal(record.model.bundle)
    entry = JournalEntry(uuid.uuid4().hex, time.time_ns() // 1_000_000, record, seal)
    try:
        return _log(entry, store)
    except Exception as error:  # noqa: BLE001 - a log must never cost the training
        keep_and_warn(entry, store.journal, error)
        return None


def replay_journal(store: TrackingStore) -> tuple[LoggedRun, ...]:
    """Log the runs that wait in the journal, oldest first.

    Returns
    -------
    tuple of LoggedRun
        The runs logged now. An entry that fails again stays, with a `TrackingWarning`.
    """
    logged = []
    for file in sorted(store.journal.glob("*.json")):
        try:
            entry = decode_entry(file.read_bytes(), file.name)
            model = entry.record.model
            if model is not None and folder_seal(model.bundle) != entry.bundle_seal:
                msg = f"the bundle {model.bundle.name} is gone or has changed since"
                raise StoreError(msg)  # noqa: TRY301
            logged.append(_log(entry, store))
        except Exception as error:  # noqa: BLE001 - one bad entry must not hold up the others
            msg = f"Journal entry {file.name} was not logged: {first_line(error)}"
            warnings.warn(msg, TrackingWarning, stacklevel=2)
        else:
            file.unlink(missing_ok=True)
    return tuple(logged)


def list_runs(
    store: TrackingStore, experiment: str | None = None, *, limit: int = 100
) -> tuple[RunSummary, ...]:
    """Return the finished and unfinished runs, newest first.

    Parameters
    ----------
    store : TrackingStore
        Where to look. A database that does not exist yet holds no runs and is not made.
    experiment : str or None
        One experiment, or all.
    limit : int
        Most runs to return.

    Raises
    ------
    StoreError
        If the store is damaged.
    """
    if store.database is not None:
        if not store.database.exists():
            return ()
        check_database(store.database)
    with reach_mlflow(store) as client:
        experiments = {one.experiment_id: one.name for one in client.search_experiments()}
        chosen = [key for key, name in experiments.items() if experiment in {None, name}]
        if not chosen:
            return ()
        found = client.search_runs(
            chosen, order_by=["attributes.start_time DESC"], max_results=limit
        )
    return tuple(
        RunSummary(
            run_id=run.info.run_id,
            experiment=experiments[run.info.experiment_id],
            run_name=run.info.run_name or "",
            status=run.info.status,
            started_ms=run.info.start_time,
            parameters=dict(run.data.params),
            metrics=dict(run.data.metrics),
            tags={k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.")},
        )
        for run in found
    )


def load_registered(name: str, alias: str, store: TrackingStore, destination: Path | str) -> Path:
    """Fetch the bundle of a registered model into a folder.

    Parameters
    ----------
    name, alias : str
        Registered name and alias, such as ``champion``.
    store : TrackingStore
        Where it is registered.
    destination : Path or str
        Folder to copy into; made if missing.

    Returns
    -------
    Path
        The bundle's folder. It comes from outside: check its seal on loading, as always.

    Raises
    ------
    ModelError
        If no such model is registered or it holds no bundle.
    """
    if store.database is not None:
        if not store.database.exists():
            msg = f"{store.database.name} does not exist, so no model is registered. Train first."
            raise ModelError(msg)
        check_database(store.database)
    Path(destination).mkdir(parents=True, exist_ok=True)
    with reach_mlflow(store):
        import mlflow  # noqa: PLC0415

        source = f"models:/{name}@{alias}/artifacts/{BUNDLE_ARTIFACT}"
        try:
            fetched = mlflow.artifacts.download_artifacts(
                artifact_uri=source, dst_path=str(destination)
            )
        except (mlflow.MlflowException, OSError) as error:
            msg = (
                f"{name}@{alias} could not be fetched from the registry: {first_line(error)} "
                "Check the name and the alias, or give the path of a saved model."
            )
            raise ModelError(msg) from error
    return Path(fetched)


def set_alias(name: str, alias: str, version: str, store: TrackingStore) -> None:
    """Let an alias point to a version of a registered model.

    Raises
    ------
    ModelError
        If the version is not registered.
    """
    with hold_store(store, _create_database), reach_mlflow(store) as client:
        from mlflow import MlflowException  # noqa: PLC0415

        try:
            client.set_registered_model_alias(name, alias, version)
        except MlflowException as error:
            msg = f"{name} version {version}: {first_line(error)} Check the name and the version."
            raise ModelError(msg) from error


def _log(entry: JournalEntry, store: TrackingStore) -> LoggedRun:
    with quiet_mlflow():
        # Takes seconds, so before other runs have to wait for this one.
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401, PLC0415

    with hold_store(store, _create_database), reach_mlflow(store) as client:
        record = entry.record
        experiment_id = _find_experiment(client, record.experiment, store)
        # An earlier attempt may have got as far as making the run.
        for earlier in client.search_runs([experiment_id], f"tags.`{ENTRY_TAG}` = '{entry.entry}'"):
            if earlier.info.status == "FINISHED":
                return LoggedRun(earlier.info.run_id, record.experiment)
            client.delete_run(earlier.info.run_id)
        run_id = client.create_run(
            experiment_id,
            start_time=entry.started_ms,
            run_name=record.run_name,
            tags=_tags(entry),
        ).info.run_id
        try:
            logged = _fill_run(client, run_id, entry)
            client.set_terminated(run_id, "FINISHED")
        except BaseException:
            with contextlib.suppress(Exception):
                client.set_terminated(run_id, "FAILED")
            raise
    if store.database is not None and not holds_run(store.database, run_id):
        msg = f"{store.database.name} was removed or replaced while the run was logged."
        raise StoreError(msg)
    return logged


def _fill_run(client: MlflowClient, run_id: str, entry: JournalEntry) -> LoggedRun:
    from mlflow.entities import Dataset, DatasetInput, Metric, Param  # noqa: PLC0415

    record = entry.record
    parameters = dict(record.parameters)
    parameters |= {f"data_{key}": count for key, count in record.data_counts.items()}
    if record.data_fingerprint:
        parameters["data_fingerprint"] = record.data_fingerprint
        dataset = Dataset(
            name=record.data_name,
            digest=record.data_fingerprint[:_DATASET_DIGEST_LENGTH],
            source_type="local",
            source="{}",
            profile=json.dumps(dict(record.data_counts)),
        )
        client.log_inputs(run_id, [DatasetInput(dataset)])
    metrics = [Metric(k, v, entry.started_ms, 0) for k, v in record.finite_metrics.items()]
    for start in range(0, len(metrics), _BATCH):
        client.log_batch(run_id, metrics=metrics[start : start + _BATCH])
    params = [Param(key, str(value)) for key, value in parameters.items()]
    for start in range(0, len(params), _BATCH):
        client.log_batch(run_id, params=params[start : start + _BATCH])
    with tempfile.TemporaryDirectory(prefix="riskmodel-") as staging:
        for path, data in record.documents.items():
            file = Path(staging, "documents", path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(as_bytes(data))
        if record.documents:
            client.log_artifacts(run_id, str(Path(staging, "documents")))
        if record.model is None:
            return LoggedRun(run_id, record.experiment)
        return _log_model(client, run_id, record, record.model, Path(staging))


def _log_model(
    client: MlflowClient, run_id: str, record: RunRecord, model: ServedModel, staging: Path
) -> LoggedRun:
    import mlflow  # noqa: PLC0415

    # Copied first, so that the logged model names no folder of this machine.
    code = shutil.copy(model.code, staging / model.code.name)
    artifacts = {BUNDLE_ARTIFACT: shutil.copytree(model.bundle, staging / BUNDLE_ARTIFACT)}
    if model.policy:
        artifacts[POLICY_ARTIFACT] = staging / POLICY_ARTIFACT
        artifacts[POLICY_ARTIFACT].mkdir()
        for number, file in enumerate(model.policy):
            shutil.copy(file, artifacts[POLICY_ARTIFACT] / (file.name if number else POLICY_FILE))
    # Not pyfunc.log_model, which files the model by the caller's active run and experiment.
    experiment_id = client.get_run(run_id).info.experiment_id
    made = client.create_logged_model(experiment_id, name=MODEL_NAME, source_run_id=run_id)
    logged = mlflow.models.Model.log(
        artifact_path=None,
        flavor=mlflow.pyfunc,
        name=MODEL_NAME,
        model_id=made.model_id,
        run_id=run_id,
        python_model=str(code),
        artifacts={key: str(path) for key, path in artifacts.items()},
        signature=_signature(model),
        pip_requirements=list(model.requirements),
        registered_model_name=model.registered_name,
        metadata={"columns": dict(model.columns), "required": sorted(model.required)},
    )
    version = logged.registered_model_version
    if model.alias is not None and version is not None:
        client.set_registered_model_alias(str(model.registered_name), model.alias, str(version))
    return LoggedRun(
        run_id,
        record.experiment,
        model_uri=logged.model_uri,
        registered_version=None if version is None else str(version),
    )


def _signature(model: ServedModel) -> Any:
    """Describe the parameters, and not the columns.

    Where a signature names columns, MLflow drops all others unseen, and repeats the rows of a
    request that do not fit. The served code checks every column itself.
    """
    from mlflow.models import ModelSignature  # noqa: PLC0415
    from mlflow.types import DataType, ParamSchema, ParamSpec  # noqa: PLC0415

    parameters = [ParamSpec(name, DataType[kind], None) for name, kind in model.parameters.items()]
    return ModelSignature(params=ParamSchema(parameters))


def _tags(entry: JournalEntry) -> dict[str, str]:
    tags = {**entry.record.tags, ENTRY_TAG: entry.entry}
    if entry.record.undefined_metrics:
        tags["riskmodel.undefined_metrics"] = ", ".join(entry.record.undefined_metrics)
    return tags


def _find_experiment(client: MlflowClient, name: str, store: TrackingStore) -> str:
    from mlflow import MlflowException  # noqa: PLC0415

    for _ in range(2):
        found = client.get_experiment_by_name(name)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                client.restore_experiment(found.experiment_id)
            return str(found.experiment_id)
        location = None if store.database is None else store.artifacts.as_uri()
        # Another process may have made it in between.
        with contextlib.suppress(MlflowException):
            return str(client.create_experiment(name, artifact_location=location))
    msg = f"The experiment {name!r} could not be created in the tracking store."
    raise StoreError(msg)


def _create_database(path: Path) -> None:
    with quiet_mlflow():
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415

        made: Any = SqlAlchemyStore(  # type: ignore[no-untyped-call]
            f"sqlite:///{path}", (path.parent / "artifacts").as_uri()
        )
        made.engine.dispose()
