"""Saved models: a sealed folder of plain JSON and Markdown, checked before it is used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.errors import InputError, ModelError
from riskmodel.evaluation.outcome_bands import OutcomeBand, bands_from_mapping
from riskmodel.io.output_targets import check_output_place, is_empty_folder
from riskmodel.io.sealed_folder import is_older_folder, read_sealed_folder, write_sealed_folder
from riskmodel.io.strict_json import encode_json
from riskmodel.model.binning import FieldBins
from riskmodel.model.documents import model_from_documents, model_to_documents
from riskmodel.model.risk_model import RiskModel

__all__ = [
    "OUTCOME_BANDS",
    "UPDATE",
    "check_target",
    "load_bundle",
    "load_grades",
    "load_outcome_bands",
    "load_update",
    "load_warnings",
    "save_bundle",
]

FloatArray = npt.NDArray[np.float64]

PARTS = ("codebook", "tables", "spread", "curve", "provenance")
GOLDEN = "golden.json"
CARD = "model_card.md"
OUTCOME_BANDS = "outcome_bands.json"
EVALUATION = "evaluation.json"
UPDATE = "update.json"
REQUIRED = frozenset({*(f"{part}.json" for part in PARTS), GOLDEN})
ALLOWED = REQUIRED | {CARD, EVALUATION, OUTCOME_BANDS, UPDATE}
GOLDEN_ROWS = 24
EXACT = ("score", "contributions", "outside")
CLOSE = (
    "risk", "risk_low", "risk_high", "margin",
    "expected_weeks", "expected_weeks_low", "expected_weeks_high",
)  # fmt: skip


def save_bundle(
    model: RiskModel,
    path: Path | str,
    *,
    extra: Mapping[str, bytes] | None = None,
    overwrite: bool = False,
) -> RiskModel:
    """Save a model, and return it with the version that the content gives it.

    Parameters
    ----------
    model : RiskModel
        The model.
    path : Path or str
        Folder to make.
    extra : mapping of str to bytes, optional
        ``model_card.md``, ``evaluation.json``, ``outcome_bands.json`` and ``update.json``.
    overwrite : bool
        Replace another saved model at that path.

    Raises
    ------
    InputError
        If the path holds anything else, or another model and `overwrite` is False.
    """
    documents = {
        f"{name}.json": encode_json(document)
        for name, document in model_to_documents(model).items()
    }
    documents[GOLDEN] = encode_json(_make_golden(model, documents))
    documents.update(extra or {})
    version = write_sealed_folder(path, documents, allowed=ALLOWED, overwrite=overwrite)
    return replace(model, version=version)


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse, before a long training, a target that the model could not be saved in.

    Raises
    ------
    InputError
        If its name holds a personal number or it lies in a saved model; if the path holds
        something and `overwrite` is False, or something else than a saved model; or if its
        parent is no folder that can be written.
    """
    check_output_place(path)
    if path.exists() and not overwrite:
        msg = f"{path.name}: there is something here already; add --overwrite or choose another."
        raise InputError(msg)
    if path.exists() and not is_empty_folder(path):
        try:
            read_sealed_folder(path, allowed=ALLOWED, required=frozenset())
        except ModelError as error:
            if not is_older_folder(path):
                msg = (
                    f"{path.name}: what stands here is no whole saved model, so it is left alone "
                    f"({error}) Choose another name, or remove it yourself."
                )
                raise InputError(msg) from error
    parent = next(one for one in path.absolute().parents if one.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        msg = f"{path.name}: its folder cannot be written; choose another place."
        raise InputError(msg)


def load_bundle(path: Path | str, *, expected_sha256: str | None = None) -> RiskModel:
    """Load a saved model after all checks; made-up golden rows must score as when saved.

    Scores and contributions are looked up, multiplied and added, which every machine does
    alike: they must be equal bit for bit. Figures that pass through exponentials, which
    differ between processors in the last digit, must agree to 1e-12.

    Parameters
    ----------
    path : Path or str
        The folder.
    expected_sha256 : str, optional
        Digest that the folder must have, 64 hex digits.

    Raises
    ------
    ModelError
        If anything about the folder is not as it was when it was saved.
    """
    folder = read_sealed_folder(
        path, allowed=ALLOWED, required=REQUIRED, expected_sha256=expected_sha256
    )
    try:
        documents = {name: folder.parse(f"{name}.json") for name in PARTS}
        model = model_from_documents(documents, folder.version)  # type: ignore[arg-type]
        same = _is_same(folder.parse(GOLDEN), _make_golden(model, folder.documents))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, InputError) as error:
        msg = (
            f"{Path(path).name}: the files do not describe a model "
            f"({type(error).__name__}). Train again or take a fresh copy."
        )
        raise ModelError(msg) from error
    if not same:
        msg = (
            f"{Path(path).name}, {GOLDEN}: the golden rows do not score as they did when the "
            "model was saved. Use the version of riskmodel that saved it, or train again."
        )
        raise ModelError(msg)
    return model


def load_outcome_bands(path: Path | str) -> tuple[OutcomeBand, ...]:
    """Load how closed cases ended by bands of risk; empty where the model was saved without.

    Parameters
    ----------
    path : Path or str
        The folder.

    Raises
    ------
    ModelError
        If the folder is not as it was when it was saved, or the bands are none.
    """
    found = _read_beside(path, OUTCOME_BANDS)
    if found is None:
        return ()
    try:
        return bands_from_mapping(found)
    except (KeyError, TypeError, ValueError) as error:
        msg = (
            f"{Path(path).name}, {OUTCOME_BANDS}: the file does not describe bands of risk "
            f"({type(error).__name__}). Train again or take a fresh copy."
        )
        raise ModelError(msg) from error


def load_warnings(path: Path | str) -> tuple[str, ...]:
    """Load what the evaluation warned of; empty where the model was saved without.

    Parameters
    ----------
    path : Path or str
        The folder.

    Raises
    ------
    ModelError
        If the folder is not as it was when it was saved, or the warnings are none.
    """
    found = _read_beside(path, EVALUATION)
    try:
        return () if found is None else tuple(str(one) for one in found["warnings"])
    except (KeyError, TypeError) as error:
        raise _refuse_evaluation(path, error) from error


def load_update(path: Path | str) -> dict[str, Any]:
    """Load how the model was updated with local cases; empty where it was not.

    Parameters
    ----------
    path : Path or str
        The folder.

    Raises
    ------
    ModelError
        If the folder is not as it was when it was saved, or the document tells of no update.
    """
    found = _read_beside(path, UPDATE)
    if found is None:
        return {}
    if not isinstance(found, dict) or "step" not in found:
        msg = f"{Path(path).name}, {UPDATE}: the file tells of no update. Take a fresh copy."
        raise ModelError(msg)
    return found


def load_grades(path: Path | str) -> dict[str, str]:
    """Load the grades that the evaluation gave the model; empty where it has no evaluation.

    Parameters
    ----------
    path : Path or str
        The folder.

    Raises
    ------
    ModelError
        If the folder is not as it was when it was saved, or the verdicts are none.
    """
    found = _read_beside(path, EVALUATION)
    try:
        verdicts = [] if found is None else found["verdicts"]
        return {str(one["question"]): str(one["grade"]) for one in verdicts}
    except (KeyError, TypeError) as error:
        raise _refuse_evaluation(path, error) from error


def _read_beside(path: Path | str, name: str) -> Any:
    """Parse a document that a saved model may hold; None where it does not."""
    folder = read_sealed_folder(path, allowed=ALLOWED, required=REQUIRED)
    return folder.parse(name) if name in folder.documents else None


def _refuse_evaluation(path: Path | str, error: Exception) -> ModelError:
    msg = (
        f"{Path(path).name}, {EVALUATION}: the file holds no verdicts "
        f"({type(error).__name__}). Train again or take a fresh copy."
    )
    return ModelError(msg)


def _make_golden(model: RiskModel, documents: Mapping[str, bytes]) -> dict[str, Any]:
    """Score made-up rows that reach every entry of every field's table and every landmark.

    A digest of the parts stands beside them, so that a figure which no row reaches cannot be
    changed alone either.
    """
    bins = model.tables.bins
    n_rows = max(GOLDEN_ROWS, *(one.n_entries for one in bins))
    columns = [_reach_entries(one, column, n_rows) for column, one in enumerate(bins)]
    starts = np.array([one.landmark for one in model.curve.landmarks])
    row = np.arange(n_rows)
    week = starts[row % len(starts)] + 0.5 * (row // len(starts) % 2)
    scores = model.score(np.column_stack(columns), week)
    parts = b"".join(documents[f"{name}.json"] for name in PARTS)
    return {
        "parts_sha256": hashlib.sha256(parts).hexdigest(),
        **{name: _hex(getattr(scores, name)) for name in (*EXACT, *CLOSE)},
    }


def _reach_entries(one: FieldBins, column: int, n_rows: int) -> FloatArray:
    """Values that take the entries in turn, each column from another one on."""
    row = np.arange(n_rows)
    entry = (row + column) % one.n_entries
    values = entry.astype(np.float64)
    if one.kind == "number":
        bounds = np.concatenate([one.limits[:1], one.edges, one.limits[1:]])
        inside = np.minimum(entry, one.n_values - 1)
        share = (row * 7 + column * 3) % 11 / 11
        values = bounds[inside] + share * (bounds[inside + 1] - bounds[inside])
    return np.where(entry == one.n_values, np.nan, values)


def _hex(values: FloatArray) -> list[str]:
    return [float(value).hex() for value in values.ravel()]


def _is_same(saved: Any, found: dict[str, Any]) -> bool:
    exact = ("parts_sha256", *EXACT)
    if set(saved) != set(found) or any(saved[name] != found[name] for name in exact):
        return False
    for name in CLOSE:
        before, now = (
            np.array([float.fromhex(one) for one in each[name]]) for each in (saved, found)
        )
        if before.shape != now.shape or not np.allclose(before, now, rtol=1e-12, atol=1e-12):
            return False
    return True
