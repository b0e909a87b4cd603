"""Cases from a data frame in memory, checked by the same rules as a file."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import Fault, InputError
from riskmodel.io.case_joining import check_unique, join_parts
from riskmodel.io.case_reading import check_outcomes_complete, convert_cases
from riskmodel.io.headings import HeadingMap
from riskmodel.io.personal_data import check_personal_data
from riskmodel.io.raw_tables import FaultLog, MixedCells, RawColumn, RawTable, make_mixed_cells

__all__ = ["read_frame"]

# Messages count the rows of a frame from 1; those of a file start below its heading.
_NO_HEADING = -1


def read_frame(
    frame: pd.DataFrame,
    codebook: Codebook,
    *,
    require_outcomes: bool = False,
    today: dt.date | None = None,
    source: str = "frame",
) -> CaseTable:
    """Check a data frame against a codebook, as `riskmodel.io.tables.read_cases` checks a file.

    Parameters
    ----------
    frame : DataFrame, shape (n, n_columns)
        Columns by their name or label in the codebook; the index is left out. Blank cells are
        None, NaN or empty text.
    codebook : Codebook
        The codebook that the rows must obey.
    require_outcomes : bool
        Refuse missing outcome columns and blank outcomes.
    today : date or None
        Later dates are refused; the clock's date where None.
    source : str
        What messages call the frame.

    Returns
    -------
    CaseTable
        In the order of the frame.

    Raises
    ------
    InputError
        If anything is wrong, with all faults found; rows are counted from 1.
    """
    if not len(frame):
        raise InputError(Fault(source, "there are no rows.", "Give at least one case."))
    table = RawTable(
        file=source,
        columns=tuple(
            RawColumn(str(heading), place, _cells(frame.iloc[:, place - 1]))
            for place, heading in enumerate(frame.columns, 1)
        ),
        n_rows=len(frame),
        typed=True,
        skipped_rows=_NO_HEADING,
    )
    headings, personal, log = FaultLog(), FaultLog(), FaultLog()
    known = HeadingMap(codebook, require_outcomes=require_outcomes)
    columns = known.match(table, headings)
    is_headed = known.is_heading_row(table)
    check_personal_data(table, columns, codebook, personal, is_headed=is_headed)
    personal.raise_if_any()
    headings.raise_if_any()
    part = convert_cases(table, columns, codebook, log, today or dt.datetime.now(tz=dt.UTC).date())
    if require_outcomes:
        check_outcomes_complete(part, columns, codebook, log)
    check_unique([part], codebook, log)
    log.raise_if_any()
    return join_parts([part], codebook)


def _cells(column: pd.Series) -> pa.Array | MixedCells:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    kind = column.dtype.kind if hasattr(column.dtype, "kind") else "O"
    if kind in "iufb" and not pd.api.types.is_extension_array_dtype(column.dtype):
        return pa.array(column.to_numpy(), from_pandas=True)
    if kind == "M":
        return pa.array(column, from_pandas=True)
    values = [None if _is_blank(value) else value for value in column.tolist()]
    if all(value is None or type(value) is str for value in values):
        return pa.array(values, pa.string())
    return make_mixed_cells(values)


def _is_blank(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124
