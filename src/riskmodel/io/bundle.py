"""Saved models: a sealed folder of plain JSON and Markdown, checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.errors import InputError, ModelError
from riskmodel.io.sealed_folder import read_sealed_folder, write_sealed_folder
from riskmodel.io.strict_json import encode_json
from riskmodel.model.documents import model_from_documents, model_to_documents
from riskmodel.model.risk_model import RiskModel, Scores

__all__ = ["load_bundle", "save_bundle"]

FloatArray = npt.NDArray[np.float64]

PARTS = ("codebook", "tables", "spread", "curve", "provenance")
GOLDEN = "golden.json"
CARD = "model_card.md"
REQUIRED = frozenset({*(f"{part}.json" for part in PARTS), GOLDEN})
ALLOWED = REQUIRED | {CARD, "evaluation.json"}
GOLDEN_ROWS = 24


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
        ``model_card.md`` and ``evaluation.json``.
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
    documents[GOLDEN] = encode_json(_make_golden(model))
    documents.update(extra or {})
    version = write_sealed_folder(path, documents, allowed=ALLOWED, overwrite=overwrite)
    return replace(model, version=version)


def load_bundle(path: Path | str, *, expected_sha256: str | None = None) -> RiskModel:
    """Load a saved model after all checks; made-up golden rows must score bit for bit.

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
        golden = folder.parse(GOLDEN)
        same = golden == _make_golden(model)
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


def _make_golden(model: RiskModel) -> dict[str, Any]:
    """Score made-up rows that reach every part of the tables."""
    rng = np.random.default_rng(20260701)
    columns = []
    for one in model.tables.bins:
        if one.kind == "number":
            column = np.round(rng.uniform(*one.limits, size=GOLDEN_ROWS), 3)
        else:
            column = rng.integers(one.n_values, size=GOLDEN_ROWS).astype(np.float64)
        column[rng.random(GOLDEN_ROWS) < 0.15] = np.nan
        columns.append(column)
    starts = [one.landmark for one in model.curve.landmarks]
    week = rng.choice(starts, size=GOLDEN_ROWS)
    scores = model.score(np.column_stack(columns), week)
    return {"assessed_week": [float(value).hex() for value in week], **_hex(scores)}


def _hex(scores: Scores) -> dict[str, Any]:
    named = ("score", "risk", "risk_low", "risk_high", "expected_weeks", "expected_weeks_high")
    found: dict[str, Any] = {
        name: [float(value).hex() for value in getattr(scores, name)] for name in named
    }
    found["contributions"] = [
        [float(value).hex() for value in row] for row in scores.contributions
    ]
    return found
