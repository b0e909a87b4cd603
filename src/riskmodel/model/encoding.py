"""The one function that turns cases into the model's input matrix.

Training, scoring, explanation and the demo all call it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook, Field
from riskmodel.model.binning import InputSpec, Kind

__all__ = ["encode_fields", "find_input_specs"]

_SIGNS = {"increasing": 1, "decreasing": -1, "none": 0}


def find_input_specs(codebook: Codebook) -> tuple[InputSpec, ...]:
    """Return what each column of the input matrix holds, in the order of the indicators."""
    return tuple(_input_spec(one) for one in codebook.indicators)


def _input_spec(one: Field) -> InputSpec:
    kinds: dict[str, Kind] = {
        "number": "number",
        "ordinal": "ordinal",
        "yes_no": "ordinal",
        "category": "category",
    }
    return InputSpec(
        name=one.name,
        kind=kinds[one.type],
        n_levels=len(one.levels),
        direction=_SIGNS[one.direction],
    )


def encode_fields(table: CaseTable) -> npt.NDArray[np.float64]:
    """Return the indicators of a table as numbers.

    Parameters
    ----------
    table : CaseTable
        Validated cases; it must hold every indicator of its codebook.

    Returns
    -------
    ndarray of float, shape (n, n_indicators)
        Numbers as they are, levels as their position in the codebook, NaN where missing.
    """
    columns = [_encode(table, one) for one in table.codebook.indicators]
    return np.column_stack(columns) if len(table) else np.empty((0, len(columns)))


def _encode(table: CaseTable, one: Field) -> npt.NDArray[np.float64]:
    if one.name == table.codebook.assessed_week:
        return table.assessed_week
    column = table.fields[one.name]
    if one.type == "number":
        return column.to_numpy(dtype=np.float64)
    codes = column.cat.codes.to_numpy().astype(np.float64)
    codes[codes < 0] = np.nan
    return codes
