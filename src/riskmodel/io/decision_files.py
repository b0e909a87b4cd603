"""Reading recorded decisions: the small files that case pages save, or a table of them."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.errors import Fault, InputError, ModelError
from riskmodel.io.plain_tables import read_named_columns
from riskmodel.io.strict_json import parse_json_strict
from riskmodel.visitation.decision_record import (
    DECISION_FORMAT,
    DecisionRecord,
    parse_decision_record,
)

__all__ = ["decision_frame", "keep_latest", "read_decisions"]

MAX_BYTES = 16_384
FIRST_ROW = 2
_TEXTS = (
    "case_id", "model_version", "policy_version", "decided_on", "own_judgement_first",
    "own_offer", "own_reason", "seen_tier", "decided_tier", "departure_reason", "team",
)  # fmt: skip
_NUMBERS = {"assessed_week": (0.0, 1040.0), "own_risk": (0.0, 1.0)}
_OPTIONAL = (
    "model_version", "policy_version", "own_offer", "own_reason", "departure_reason", "team",
    "own_risk",
)  # fmt: skip
_FLAGS = {
    "true": True, "yes": True, "ja": True, "1": True,
    "false": False, "no": False, "nej": False, "0": False,
}  # fmt: skip


def read_decisions(
    paths: Sequence[str | os.PathLike[str]], codebook: Codebook
) -> tuple[DecisionRecord, ...]:
    """Read decision records.

    Parameters
    ----------
    paths : sequence of path
        JSON files of one record, folders of them, or CSV, xlsx and Parquet tables with one
        record a row and the record's keys as headings.
    codebook : Codebook
        Its key column may also be called ``case_id``.

    Returns
    -------
    tuple of DecisionRecord
        In the order of the files.

    Raises
    ------
    InputError
        If there is no record, a file cannot be read, or a record breaks a rule.
    """
    found: list[DecisionRecord] = []
    for path in map(Path, paths):
        if path.is_dir():
            found.extend(_read_file(one) for one in sorted(path.glob("*.json")))
        elif path.suffix.lower() == ".json":
            found.append(_read_file(path))
        else:
            found.extend(_read_table(path, codebook))
    if not found:
        msg = "no decision record was found; give JSON files, folders that hold some, or a table."
        raise InputError(msg)
    return tuple(found)


def keep_latest(records: Iterable[DecisionRecord]) -> tuple[DecisionRecord, ...]:
    """Return the last record of each case and week: by day, then by place in the files."""
    latest: dict[tuple[str, float], DecisionRecord] = {}
    for one in sorted(records, key=lambda record: record.decided_on):
        latest[one.case_id, one.assessed_week] = one
    return tuple(latest[key] for key in sorted(latest))


def decision_frame(records: Sequence[DecisionRecord]) -> pd.DataFrame:
    """Return records as a table, one a row, missing where a record leaves something open."""
    frame = pd.DataFrame([one.to_mapping() for one in records]).drop(columns="format")
    frame["own_risk"] = frame["own_risk"].astype(float)
    frame["assessed_week"] = frame["assessed_week"].astype(float)
    return frame


def _read_file(path: Path) -> DecisionRecord:
    try:
        if path.stat().st_size > MAX_BYTES:
            problem = f"is larger than {MAX_BYTES} bytes, so it is no decision record."
            raise InputError(Fault(path.name, problem, "Leave it out."))
        content = parse_json_strict(path.read_bytes(), path.name, max_bytes=MAX_BYTES)
    except OSError as error:
        reason = error.strerror or "the disk reports an error"
        problem = f"cannot be read: {reason}."
        raise InputError(Fault(path.name, problem, "Check the name and the rights.")) from None
    except ModelError:
        problem = "is not plain JSON."
        raise InputError(Fault(path.name, problem, "Save the case page again.")) from None
    return parse_decision_record(content, path.name)


def _read_table(path: Path, codebook: Codebook) -> list[DecisionRecord]:
    if not path.is_file():
        raise InputError(Fault(path.name, "there is no such file.", "Check the name."))
    frame = read_named_columns(path, codebook, texts=_TEXTS, numbers=_NUMBERS, optional=_OPTIONAL)
    found, faults = [], []
    for row, values in enumerate(frame.to_dict("records"), start=FIRST_ROW):
        try:
            found.append(_read_row(values, path.name))
        except InputError as error:
            faults += [
                Fault(path.name, one.problem, "Correct the row.", row, one.column)
                for one in error.faults
            ]
    if faults:
        raise InputError(faults)
    return found


def _read_row(values: dict[object, object], source: str) -> DecisionRecord:
    content: dict[str, object] = {"format": DECISION_FORMAT}
    for key, value in values.items():
        is_empty = value is None or (isinstance(value, float) and math.isnan(value))
        content[str(key)] = None if is_empty else value
    for key in ("own_judgement_first", "own_offer"):
        text = content[key]
        content[key] = _FLAGS.get(str(text).casefold(), text) if text is not None else None
    for key in ("model_version", "policy_version"):
        content[key] = content[key] or ("?" if key == "model_version" else "")
    content["decided_on"] = _as_iso(content["decided_on"])
    return parse_decision_record(content, source)


def _as_iso(value: object) -> object:
    """Return a Danish or ISO date, perhaps with a time of midnight, as an ISO date."""
    text = str(value).removesuffix(" 00:00:00")
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date().isoformat()
        except ValueError:
            continue
    return value
