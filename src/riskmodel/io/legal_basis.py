"""The gate of the legal basis: case records are used only where a basis is on record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from riskmodel.domain.codebook import DataKind
from riskmodel.domain.privacy import mask_cpr
from riskmodel.errors import CodebookError, Fault, GateError
from riskmodel.io.yaml_files import read_yaml

__all__ = ["LEGAL_BASIS_FILE", "LegalUse", "check_legal_basis"]

LegalUse = Literal["training", "scoring", "monitoring"]
LEGAL_BASIS_FILE = Path("configs/legal_basis.yaml")
_KEYS = {"basis", "recorded_by_role", "recorded_on"}


def check_legal_basis(data_kind: DataKind, use: LegalUse, path: Path | None = None) -> None:
    """Refuse case records where no legal basis is recorded for this use.

    Synthetic and published data pass. Training, scoring and monitoring need a record each.

    Parameters
    ----------
    data_kind : {"synthetic", "public", "case_records"}
        From the codebook.
    use : {"training", "scoring", "monitoring"}
        What the records are about to be used for.
    path : Path, optional
        The record; `configs/legal_basis.yaml` in the current folder where none is given.

    Raises
    ------
    GateError
        If no basis is recorded.
    CodebookError
        If the record itself breaks a rule.
    """
    if data_kind != "case_records":
        return
    path = path or LEGAL_BASIS_FILE
    if not path.is_file():
        _refuse(use, f"there is no {mask_cpr(path.name)}")
    entry = read_yaml(path).get(use)
    if entry is None:
        _refuse(use, f"{mask_cpr(path.name)} records none")
    if not isinstance(entry, dict) or set(entry) != _KEYS or not all(map(_is_text, entry.values())):
        fault = Fault(
            file=mask_cpr(path.name),
            column=use,
            problem=f"a record needs exactly {', '.join(sorted(_KEYS))}, each with text.",
            remedy="Write the law and section, the role that recorded it, and the date.",
        )
        raise CodebookError(fault)
    try:
        dt.date.fromisoformat(str(entry["recorded_on"]))
    except ValueError:
        fault = Fault(
            file=mask_cpr(path.name),
            column=f"{use}.recorded_on",
            problem="the date must be written as yyyy-mm-dd.",
            remedy="Correct the date.",
        )
        raise CodebookError(fault) from None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse(use: LegalUse, found: str) -> None:
    msg = (
        f"Case records may be used for {use} only where a legal basis is on record; {found}. "
        f"Have the responsible office record the basis for {use} in configs/legal_basis.yaml "
        "(see docs/legal-basis.md)."
    )
    raise GateError(msg)
