"""The journal: runs that could not be logged when they ended, kept to be logged later."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskmodel.errors import InputError, ModelError, RiskModelError
from riskmodel.io.atomic import write_atomically
from riskmodel.io.run_record import RunRecord, ServedModel, as_bytes
from riskmodel.io.strict_json import encode_json, parse_json_strict

__all__ = [
    "JournalEntry",
    "TrackingWarning",
    "decode_entry",
    "encode_entry",
    "first_line",
    "folder_seal",
    "keep_and_warn",
    "keep_entry",
]

MAX_JOURNAL_BYTES = 512 * 2**20


class TrackingWarning(UserWarning):
    """A run could not be logged now."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One attempt to log a run.

    Parameters
    ----------
    entry : str
        Identifies the attempt, so that it is logged once however often it is repeated.
    started_ms : int
        Time of the attempt, in milliseconds since 1970 UTC.
    record : RunRecord
        What to log.
    bundle_seal : str
        Digest of the bundle's files, empty without a bundle.
    """

    entry: str
    started_ms: int
    record: RunRecord
    bundle_seal: str = ""


def keep_entry(entry: JournalEntry, journal: Path) -> Path:
    """Write an entry into the journal's folder and return its file.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    file = journal / f"{entry.started_ms}-{entry.entry[:12]}.json"
    write_atomically(file, encode_entry(entry))
    return file


def encode_entry(entry: JournalEntry) -> bytes:
    """Return an entry as JSON that `decode_entry` reads back."""
    record = entry.record
    model = record.model
    content: dict[str, Any] = {
        "schema": 1,
        "entry": entry.entry,
        "started_ms": entry.started_ms,
        "experiment": record.experiment,
        "run_name": record.run_name,
        "parameters": dict(record.parameters),
        "metrics": record.finite_metrics,
        "undefined_metrics": list(record.undefined_metrics),
        "tags": dict(record.tags),
        "data": [record.data_name, record.data_fingerprint, dict(record.data_counts)],
        "documents": {
            path: base64.b64encode(as_bytes(data)).decode()
            for path, data in record.documents.items()
        },
        "model": None,
    }
    if model is not None:
        content["model"] = {
            "bundle": str(model.bundle.absolute()),
            "bundle_seal": entry.bundle_seal,
            "code": str(model.code.absolute()),
            "columns": dict(model.columns),
            "required": sorted(model.required),
            "parameters": dict(model.parameters),
            "requirements": list(model.requirements),
            "policy": [str(one.absolute()) for one in model.policy],
            "registered_name": model.registered_name,
            "alias": model.alias,
        }
    return encode_json(content)


def decode_entry(data: bytes, source: str) -> JournalEntry:
    """Read a journal entry.

    Raises
    ------
    InputError
        If the entry is damaged.
    """
    try:
        content: Any = parse_json_strict(data, source, max_bytes=MAX_JOURNAL_BYTES)
        model = content["model"]
        name, fingerprint, counts = content["data"]
        metrics = content["metrics"] | dict.fromkeys(content["undefined_metrics"], math.nan)
        record = RunRecord(
            experiment=content["experiment"],
            run_name=content["run_name"],
            parameters=content["parameters"],
            metrics=metrics,
            tags=content["tags"],
            data_name=name,
            data_fingerprint=fingerprint,
            data_counts=counts,
            documents={
                path: base64.b64decode(text, validate=True)
                for path, text in content["documents"].items()
            },
            model=None if model is None else _decode_model(model),
        )
        seal = "" if model is None else str(model["bundle_seal"])
        return JournalEntry(str(content["entry"]), int(content["started_ms"]), record, seal)
    except (ModelError, KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{source}: the journal entry is damaged. Remove it, then train again to log the run."
        raise InputError(msg) from error


def _decode_model(model: Mapping[str, Any]) -> ServedModel:
    return ServedModel(
        bundle=Path(model["bundle"]),
        code=Path(model["code"]),
        columns=model["columns"],
        required=frozenset(model["required"]),
        parameters=model["parameters"],
        requirements=tuple(model["requirements"]),
        policy=tuple(Path(one) for one in model["policy"]),
        registered_name=model["registered_name"],
        alias=model["alias"],
    )


def folder_seal(folder: Path) -> str:
    """Return a digest of the names and contents of a folder's files; empty if there is none."""
    try:
        listed = {
            str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
            for one in sorted(folder.rglob("*"))
            if one.is_file()
        }
    except OSError:
        return ""
    if not listed:
        return ""
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


def keep_and_warn(entry: JournalEntry, journal: Path, error: Exception) -> None:
    """Keep an entry that could not be logged, and warn of it in the name of the caller's caller."""
    reason = first_line(error)
    try:
        file = keep_entry(entry, journal)
    except InputError as failure:
        msg = f"The run was not logged ({reason}) and not kept in the journal ({failure})."
    else:
        msg = f"The run was not logged ({reason}); it waits in the journal as {file.name}."
    warnings.warn(msg, TrackingWarning, stacklevel=3)


def first_line(error: Exception) -> str:
    """Return what went wrong without MLflow's trailing detail, which may quote content."""
    if isinstance(error, RiskModelError):
        return str(error)
    text = str(error.strerror) if isinstance(error, OSError) else str(error)
    first = next(iter(text.strip().splitlines()), "no message")[:200].rstrip(".")
    return f"{type(error).__name__}: {first}."
