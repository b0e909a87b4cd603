"""Making sure that a model is judged on cases that it has not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.errors import Fault, InputError
from riskmodel.io.tables import read_cases
from riskmodel.model.risk_model import RiskModel
from riskmodel.training.fit import fingerprint_cases

__all__ = ["UNSEEN", "refuse_seen"]

UNSEEN: Final = {
    "not_compared": (
        "Not made sure: that none of these cases was trained on. A model keeps no trace of a "
        "person; give the files it was trained on as --trained-on to have them compared."
    ),
    "other_files": (
        "No case or person is in the files given as --trained-on, but those are not, row for "
        "row, the table that this model was trained on."
    ),
    "compared": "No case or person is in the table that this model was trained on.",
}
"""How it was made sure that a model had not seen the cases."""


def refuse_seen(cases: CaseTable, trained_on: Sequence[Path], model: RiskModel) -> str:
    """Refuse cases that a model has learned from, and name in `UNSEEN` what was made sure.

    An updated model learned from several tables: the files given are compared with each, and
    `compared` is said where they are all of them.

    Parameters
    ----------
    cases : CaseTable
        Cases to judge the model on.
    trained_on : sequence of Path
        Files that it was trained on and updated with, those of one table in a row.
    model : RiskModel
        The model.

    Returns
    -------
    str
        A key of `UNSEEN`.

    Raises
    ------
    InputError
        If the cases are such a table, or share a case or person with the files.
    """
    origin, fingerprint = model.provenance, fingerprint_cases(cases)
    if fingerprint in origin.fingerprints[1:]:
        msg = (
            "A model must be judged on cases that it was not trained on, and these are the local "
            "cases that it was updated with. Judge it on later ones."
        )
        raise InputError(msg)
    if origin.has_learned_from(fingerprint):
        msg = (
            "A model must be judged on cases that it was not trained on, and this is its training "
            "table; its held-out figures are in the model's evaluation.json."
        )
        raise InputError(msg)
    if not trained_on:
        return "not_compared"
    if origin.fingerprints:
        tables, known = _read_tables(trained_on, model)
    else:
        tables = [read_cases(trained_on, model.codebook, require_outcomes=True)]
        known = origin.has_learned_from(fingerprint_cases(tables[0]))
    for table in tables:
        _refuse_shared(cases, table)
    return "compared" if known else "other_files"


def _read_tables(paths: Sequence[Path], model: RiskModel) -> tuple[list[CaseTable], bool]:
    """Read the tables of an updated model, each of one or several files in a row.

    Returns
    -------
    tuple of list of CaseTable, and bool
        What was read; and whether it is every table that the model learned from.
    """
    lacking = list(model.provenance.fingerprints)
    tables, start, known = [], 0, True
    while start < len(paths):
        table, stop = _read_one(paths, start, lacking, model)
        known = known and fingerprint_cases(table) in lacking
        if known:
            lacking.remove(fingerprint_cases(table))
        tables.append(table)
        start = stop
    return tables, known and not lacking


def _read_one(
    paths: Sequence[Path], start: int, lacking: Sequence[str], model: RiskModel
) -> tuple[CaseTable, int]:
    """Read the files that make up one of the tables; the first alone where none do."""
    alone = read_cases([paths[start]], model.codebook, require_outcomes=True)
    if fingerprint_cases(alone) in lacking:
        return alone, start + 1
    for stop in range(start + 2, len(paths) + 1):
        try:
            table = read_cases(paths[start:stop], model.codebook, require_outcomes=True)
        except InputError:
            break  # Files with other columns, or with the same cases, are no one table.
        if fingerprint_cases(table) in lacking:
            return table, stop
    return alone, start + 1


def _refuse_shared(cases: CaseTable, training: CaseTable) -> None:
    seen = np.isin(cases.group, training.group) | np.isin(cases.case_id, training.case_id)
    if seen.any():
        fault = Fault(
            file=cases.source,
            problem=(
                f"cases must not have been trained on, and {int(seen.sum())} of {len(cases)} "
                "assessments have a case or person of the training files."
            ),
            remedy="Take those cases out, or judge the model on later ones.",
        )
        raise InputError(fault)
