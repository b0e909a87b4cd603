"""Reading what is known of a model: its evaluations, and what people attest of it.

Nothing that a person wrote is ever repeated in a message: an answer in the wrong place may be
a name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from riskmodel.domain.privacy import mask_cpr
from riskmodel.errors import CodebookError, Fault, InputError, ModelError
from riskmodel.evaluation.evidence import Attestation
from riskmodel.io.bundle import ALLOWED, EVALUATION, REQUIRED
from riskmodel.io.output_targets import MANIFEST
from riskmodel.io.sealed_folder import read_sealed_folder
from riskmodel.io.strict_json import MAX_JSON_BYTES, parse_json_strict
from riskmodel.io.yaml_files import read_yaml

__all__ = [
    "ROLES",
    "Document",
    "SavedEvaluation",
    "read_attestations",
    "read_new_evaluation",
    "read_saved_evaluation",
]

ROLES: Final = (
    "adviser_representative",
    "data_protection_officer",
    "data_scientist",
    "information_security",
    "legal_adviser",
    "management",
    "model_owner",
    "works_council",
)
"""Roles that may answer; a closed list, so that no name can stand there."""

_ANSWERS: Final = {"yes": True, "no": False}
_KEYS: Final = {"answer", "on", "role"}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST: Final = dt.date(2020, 1, 1)
_NEW_CASES: Final = "new cases"


@dataclass(frozen=True, slots=True)
class Document:
    """A document and its digest.

    Parameters
    ----------
    content : mapping
        What it holds.
    sha256 : str
        Digest of the file.
    """

    content: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class SavedEvaluation:
    """A saved model's own evaluation.

    Parameters
    ----------
    document : Document or None
        ``evaluation.json``; None where the model was saved without.
    model_sha256 : str
        Digest of the whole model.
    """

    document: Document | None
    model_sha256: str


def read_saved_evaluation(path: Path) -> SavedEvaluation:
    """Read the evaluation in a saved model, after the checks of its seal.

    Raises
    ------
    ModelError
        If the folder is not as it was when it was saved.
    """
    folder = read_sealed_folder(path, allowed=ALLOWED, required=REQUIRED)
    data = folder.documents.get(EVALUATION)
    if data is None:
        return SavedEvaluation(None, folder.sha256)
    content = folder.parse(EVALUATION)
    if not isinstance(content, dict):
        msg = f"{path.name}, {EVALUATION}: it holds no figures. Train again or take a fresh copy."
        raise ModelError(msg)
    return SavedEvaluation(Document(content, hashlib.sha256(data).hexdigest()), folder.sha256)


def read_new_evaluation(path: Path, model_version: str) -> Document:
    """Read what `riskmodel evaluate --out` wrote of a model on new cases.

    Parameters
    ----------
    path : Path
        The folder, or its ``evaluation.json``.
    model_version : str
        Model that it must be of.

    Raises
    ------
    InputError
        If it is not whole and as it was written, of another model, or not on new cases.
    """
    file = path / EVALUATION if path.is_dir() else path
    name = mask_cpr(file.name)
    data, manifest = (_read_bytes(one) for one in (file, file.with_name(MANIFEST)))
    digest = hashlib.sha256(data).hexdigest()
    content, listed = (_parse(one, name) for one in (data, manifest))
    files = listed.get("files")
    if not isinstance(files, dict) or files.get(file.name) != digest:
        _refuse(name, "the file must be as riskmodel evaluate wrote it, and it was changed.")
    if content.get("model_version") != model_version:
        _refuse(name, "the figures must be of this model, and they are of another.")
    judged = content.get("evaluation")
    if not isinstance(judged, dict) or judged.get("design") != _NEW_CASES:
        _refuse(name, "the figures must be on new cases, and these are of a training run.")
    return Document(content, digest)


def _read_bytes(path: Path) -> bytes:
    name = mask_cpr(path.name)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_JSON_BYTES + 1)
    except OSError:
        _refuse(name, "the file must stand beside the report's other files, and cannot be read.")
    return data


def _parse(data: bytes, name: str) -> dict[str, Any]:
    try:
        content = parse_json_strict(data, name)
    except ModelError:
        content = None
    if not isinstance(content, dict):
        _refuse(name, "the file must be JSON as riskmodel evaluate writes it, and is not.")
    return content


def _refuse(name: str, problem: str) -> NoReturn:
    remedy = "Give the folder that riskmodel evaluate MODEL CASES --out FOLDER wrote."
    raise InputError(Fault(name, problem, remedy))


def read_attestations(
    path: Path, names: tuple[str, ...], model_version: str, today: dt.date
) -> tuple[dict[str, Attestation], str]:
    """Read what people attest of a model.

    Parameters
    ----------
    path : Path
        YAML: ``model_version``, and for each requirement ``{answer: yes, on: 2026-12-01,
        role: management}``. Requirements may be left out.
    names : tuple of str
        Requirements that can be attested.
    model_version : str
        Model that the file must name: what was attested of another says nothing of this one.
    today : datetime.date
        No answer may be later.

    Returns
    -------
    tuple of dict and str
        Answers by requirement, and the digest of the file.

    Raises
    ------
    CodebookError
        If the file breaks a rule. Nothing that stands in it is repeated.
    """
    file = mask_cpr(path.name)
    content = _read_quietly(path, file)
    faults: list[Fault] = []
    if str(content.pop("model_version", "")) != model_version:
        problem = "the answers must be about this model, and the file names another or none."
        remedy = f"Answer anew for this one, and write model_version: {model_version}."
        faults.append(Fault(file, problem, remedy, column="model_version"))
    unknown = len(set(content) - set(names))
    if unknown:
        problem = f"keys that are no requirement that people answer (not shown): {unknown}."
        faults.append(Fault(file, problem, f"The requirements are {', '.join(names)}."))
    found = {}
    for name in names:
        if name in content:
            answer = _read_answer(content[name], name, file, today)
            if isinstance(answer, Fault):
                faults.append(answer)
            else:
                found[name] = answer
    if faults:
        raise CodebookError(faults)
    return found, hashlib.sha256(path.read_bytes()).hexdigest()


def _read_quietly(path: Path, file: str) -> dict[str, Any]:
    """Read YAML; what the reader says of a fault may repeat a key, so only the line is told."""
    try:
        return dict(read_yaml(path))
    except CodebookError as error:
        row = error.faults[0].row
        if not path.is_file():
            raise
        problem = "the file must be plain YAML, each key once and without personal data."
        remedy = "See the example in docs/promotion.md."
        raise CodebookError(Fault(file, problem, remedy, row=row)) from None


def _read_answer(value: object, name: str, file: str, today: dt.date) -> Attestation | Fault:
    problem = "an answer must have exactly `answer`, `on` and `role`."
    remedy = "Write for example {answer: yes, on: 2026-12-01, role: management}."
    if not isinstance(value, dict) or set(value) != _KEYS:
        return Fault(file, problem, remedy, column=name)
    answer = _ANSWERS.get(str(value["answer"]))
    if answer is None:
        return Fault(file, "the answer must be yes or no.", remedy, column=f"{name}.answer")
    if value["role"] not in ROLES:
        problem = "the role must be one of the known roles; names do not belong here."
        remedy = f"The roles are {', '.join(ROLES)}."
        return Fault(file, problem, remedy, column=f"{name}.role")
    day = _read_day(value["on"])
    if day is None or not _EARLIEST <= day <= today:
        problem = "the date must be written as yyyy-mm-dd, and not lie ahead."
        return Fault(file, problem, "Correct the date.", column=f"{name}.on")
    return Attestation(answer, day, value["role"])


def _read_day(value: object) -> dt.date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
