"""Synthetic columns, named, ordered and typed as a codebook wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.errors import CodebookError, Fault

__all__ = ["build_frame"]

SOURCE = "codebook"


def build_frame(
    observed: Mapping[str, Any], levels: Mapping[str, tuple[str, ...]], codebook: Codebook
) -> pd.DataFrame:
    """Return the observed fields as a table with the columns of a codebook.

    Parameters
    ----------
    observed : mapping of str to ndarray, shape (n,)
        Positions of levels (int, -1 where missing), numbers, texts or dates.
    levels : mapping of str to tuple of str
        Levels of the fields that hold positions.
    codebook : Codebook
        Names and orders the columns. The key, group, site, week and outcome columns come
        first; fields that the generator does not know and no model uses are left out.

    Raises
    ------
    CodebookError
        If an indicator is unknown to the generator, or a level is unknown to the codebook.
    """
    fields = {one.name: one for one in codebook.fields}
    names = list(dict.fromkeys([*_role_columns(codebook), *fields]))
    faults = [
        Fault(SOURCE, "The synthetic generator cannot make this indicator.", _REMEDY, column=name)
        for name in names
        if name not in observed and (name not in fields or fields[name].is_indicator)
    ]
    columns: dict[str, Any] = {}
    for name in names:
        if name not in observed:
            continue
        values, field = observed[name], fields.get(name)
        if name in levels:
            wanted = None if name == codebook.site else field
            columns[name] = _label(name, values, levels[name], wanted, faults)
        elif field is not None and field.type in {"category", "ordinal", "yes_no"}:
            columns[name] = pd.Categorical(values, categories=list(field.level_values))
        elif field is not None and field.type == "number":
            columns[name] = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(np.float64)
        elif field is not None and field.type == "date":
            columns[name] = pd.to_datetime(pd.Series(values), format="%Y-%m-%d")
        else:
            columns[name] = values
    if faults:
        raise CodebookError(faults)
    return pd.DataFrame(columns)


_REMEDY = "Use configs/codebook.yaml, or set use: context for the field."


def _role_columns(codebook: Codebook) -> Sequence[str]:
    week = [codebook.assessed_week] if isinstance(codebook.assessed_week, str) else []
    site = [codebook.site] if codebook.site else []
    return [codebook.key, codebook.group, *site, *week, *codebook.outcome.columns]


def _label(
    name: str,
    codes: npt.NDArray[np.int64],
    levels: tuple[str, ...],
    field: Field | None,
    faults: list[Fault],
) -> Any:
    if field is not None and field.type == "number":
        numbers = np.array([float(level.rstrip("+")) for level in levels] + [np.nan])
        return numbers[codes]
    if field is None:
        return pd.Categorical.from_codes(codes, categories=pd.Index(levels))
    unknown = sorted(set(levels) - set(field.level_values))
    if unknown:
        problem = f"The synthetic generator uses levels that the codebook lacks: {unknown}."
        faults.append(Fault(SOURCE, problem, "Add the levels, or correct them.", column=name))
        return codes
    order = np.array([field.level_values.index(level) for level in levels] + [-1])
    return pd.Categorical.from_codes(order[codes], categories=pd.Index(field.level_values))
