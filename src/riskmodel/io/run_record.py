"""What one training run leaves in the log: figures and documents, never a case row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

__all__ = [
    "ColumnType",
    "LoggedRun",
    "ParameterValue",
    "RunRecord",
    "RunSummary",
    "ServedModel",
    "interval_metrics",
]

ParameterValue = str | int | float | bool | None
ColumnType = Literal["double", "string"]

MAX_PARAMETER_LENGTH = 500
DOCUMENT_SUFFIXES = frozenset({".json", ".md", ".txt", ".csv", ".html", ".png", ".svg", ".yaml"})

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\- /]{0,200}\Z")
_LOCAL_PATH = re.compile(r"(?:^|[\s'\"=:(])(?:/[^/\s]+/|~/|[A-Za-z]:[\\/]|file:)")


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A bundle and what MLflow needs in order to serve it.

    Parameters
    ----------
    bundle : Path
        Folder of the bundle.
    code : Path
        The Python file that MLflow runs to load and score (models from code).
    columns : Mapping of str to {"double", "string"}
        Columns that a request may hold, kept beside the model for whoever writes requests.
    required : frozenset of str
        The columns that a request must hold, so that a misspelt heading is refused and not
        taken for a missing fact. Their cells may be null.
    parameters : Mapping of str to {"double", "string"}
        Optional parameters of a request.
    requirements : tuple of str
        Packages of the serving environment, pinned.
    policy : tuple of Path
        Policy file that gives the tier, then the files that it needs beside it.
    registered_name : str or None
        Name in the model registry; None leaves the model unregistered.
    alias : str or None
        Alias to give the new version, such as ``candidate``.
    """

    bundle: Path
    code: Path
    columns: Mapping[str, ColumnType]
    required: frozenset[str] = frozenset()
    parameters: Mapping[str, ColumnType] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    policy: tuple[Path, ...] = ()
    registered_name: str | None = None
    alias: str | None = None

    def __post_init__(self) -> None:
        if self.alias is not None and self.registered_name is None:
            msg = "An alias needs a registered_name to belong to."
            raise ValueError(msg)
        if not self.columns:
            msg = "A served model needs at least one column."
            raise ValueError(msg)
        unknown = sorted(self.required - set(self.columns))
        if unknown:
            msg = f"required must name columns, got {unknown}."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that is logged about one training run.

    Parameters
    ----------
    experiment, run_name : str
        Where the run is filed and what it is called.
    parameters : Mapping of str to str, int, float, bool or None
        Settings. No paths of this machine.
    metrics : Mapping of str to float
        Figures; intervals as ``name_low`` and ``name_high`` (see `interval_metrics`). A figure
        that is not finite is not logged but named in the tag ``riskmodel.undefined_metrics``.
    tags : Mapping of str to str
        Labels to search by.
    data_name, data_fingerprint : str
        What the training table is called and the digest of its content.
    data_counts : Mapping of str to int
        Rows, persons and the like.
    documents : Mapping of str to bytes or str
        Content by relative path: reports, tables of aggregates, figures as PNG.
    model : ServedModel or None
        The bundle to log with the run.

    Raises
    ------
    ValueError
        If a name, a value or a path breaks a rule.

    Examples
    --------
    >>> record = RunRecord("sick-leave", "demo", parameters={"seed": 7},
    ...                    metrics=interval_metrics("auc", 0.66, 0.61, 0.71))
    >>> sorted(record.metrics)
    ['auc', 'auc_high', 'auc_low']
    """

    experiment: str
    run_name: str
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    data_name: str = "cases"
    data_fingerprint: str = ""
    data_counts: Mapping[str, int] = field(default_factory=dict)
    documents: Mapping[str, bytes | str] = field(default_factory=dict)
    model: ServedModel | None = None

    def __post_init__(self) -> None:
        if not self.experiment.strip() or not self.run_name.strip():
            msg = "experiment and run_name must not be empty."
            raise ValueError(msg)
        for key in (*self.parameters, *self.metrics, *self.tags, *self.data_counts):
            if not _KEY.match(key):
                msg = f"Names hold letters, digits, spaces and _ . - / only, got {key!r}."
                raise ValueError(msg)
        for key, value in (*self.parameters.items(), *self.tags.items()):
            _check_value(key, value)
        for path in self.documents:
            _check_document_path(path)

    @property
    def finite_metrics(self) -> dict[str, float]:
        """The figures that are numbers."""
        return {key: float(value) for key, value in self.metrics.items() if math.isfinite(value)}

    @property
    def undefined_metrics(self) -> tuple[str, ...]:
        """Names of the figures that are NaN or infinite."""
        return tuple(sorted(set(self.metrics) - set(self.finite_metrics)))


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """Where a run was logged.

    Parameters
    ----------
    run_id, experiment : str
        Identify the run in the store.
    model_uri : str or None
        Address of the logged model, as MLflow's commands take it.
    registered_version : str or None
        Version in the model registry.
    """

    run_id: str
    experiment: str
    model_uri: str | None = None
    registered_version: str | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run found in the store.

    Parameters
    ----------
    run_id, experiment, run_name, status : str
        Identify the run and say whether it finished.
    started_ms : int
        Start, in milliseconds since 1970 UTC.
    parameters, metrics, tags : Mapping
        What was logged, without MLflow's own tags.
    """

    run_id: str
    experiment: str
    run_name: str
    status: str
    started_ms: int
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


def interval_metrics(name: str, value: float, low: float, high: float) -> dict[str, float]:
    """Return a figure with its interval as three metrics.

    Examples
    --------
    >>> interval_metrics("brier", 0.13, 0.12, 0.15)
    {'brier': 0.13, 'brier_low': 0.12, 'brier_high': 0.15}
    """
    return {name: float(value), f"{name}_low": float(low), f"{name}_high": float(high)}


def _check_value(key: str, value: ParameterValue) -> None:
    text = str(value)
    if len(text) > MAX_PARAMETER_LENGTH:
        msg = f"{key} must hold at most {MAX_PARAMETER_LENGTH} characters; log a document instead."
        raise ValueError(msg)
    if _LOCAL_PATH.search(text):
        msg = f"{key} must not name a folder of this machine; give the name of the file alone."
        raise ValueError(msg)


def _check_document_path(path: str) -> None:
    parts = path.split("/")
    plain = all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*", part) for part in parts)
    if not plain or Path(path).suffix not in DOCUMENT_SUFFIXES:
        allowed = " ".join(sorted(DOCUMENT_SUFFIXES))
        msg = f"A document needs a plain relative path ending in one of {allowed}, got {path!r}."
        raise ValueError(msg)


def as_bytes(data: bytes | str) -> bytes:
    """Return a document's content as bytes."""
    return data.encode("utf-8") if isinstance(data, str) else data
