"""Several files, or batches, of checked cases made into one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.domain.cases import CASE_WEIGHT, CaseTable, Outcomes
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import Fault
from riskmodel.io.case_reading import CasePart
from riskmodel.io.raw_tables import FaultLog, RawTable

__all__ = [
    "Batch",
    "check_same_columns",
    "check_unique",
    "check_unique_batches",
    "join_parts",
    "list_columns",
    "mark_batch",
]

REPEATS_SHOWN = 20
BLANK = np.uint64(0)


def check_same_columns(files: Sequence[tuple[str, set[str]]], log: FaultLog) -> None:
    """Report columns that some of the files have and others have not.

    Parameters
    ----------
    files : sequence of (str, set of str)
        Name and columns of each file.
    log : FaultLog
    """
    name_of_first, first = files[0]
    for file, columns in files[1:]:
        for name in sorted(first ^ columns):
            problem = f"the column is in one of {name_of_first} and this file, not in both."
            remedy = "Give all files the same columns, or read them one by one."
            log.add(Fault(file, problem, remedy, column=name))


def list_columns(part: CasePart) -> set[str]:
    """Return the names of what a file has beside its ids."""
    outcomes = {
        "duration": part.duration_weeks,
        "ended": part.ended,
        "reason of ending": part.end_reason,
        CASE_WEIGHT: part.case_weight,
    }
    return {*part.fields, *(name for name, values in outcomes.items() if values is not None)}


def check_unique(parts: Sequence[CasePart], codebook: Codebook, log: FaultLog) -> None:
    """Report rows whose case and week stand in an earlier row."""
    ids = pa.concat_arrays([part.case_id for part in parts])
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return
    codes = ids.dictionary_encode().indices.to_numpy().astype(np.int64)
    weeks = np.concatenate([part.assessed_week for part in parts])
    is_blank = pc.equal(ids, "").to_numpy(zero_copy_only=False)
    _, week_codes = np.unique(weeks, return_inverse=True)
    both = codes * (int(week_codes.max()) + 1) + week_codes
    repeated = np.flatnonzero(pd.Series(both).duplicated().to_numpy() & (~is_blank))
    places = _Places([(part.table, part.key_title) for part in parts], codebook)
    for row in repeated[:REPEATS_SHOWN].tolist():
        places.report(row, int(np.flatnonzero(both == both[row])[0]), log)


class _Places:
    """Finds the file, row and column of a row counted through several tables."""

    def __init__(self, tables: Sequence[tuple[RawTable, str]], codebook: Codebook) -> None:
        self._tables = tables
        self._starts = np.cumsum([0, *(table.n_rows for table, _ in tables)])
        varies = isinstance(codebook.assessed_week, str)
        self._what = "the case and week stand" if varies else "the case stands"

    def report(self, row: int, earlier: int, log: FaultLog) -> None:
        """Report a row whose case and week stand in an earlier row too."""
        table, place, title = self._find(row)
        first, first_place, _ = self._find(earlier)
        number = first.sheet_row(first_place)
        is_here = first.file == table.file and number != table.sheet_row(place)
        where = "" if is_here else f" of {first.file}"
        problem = f"{self._what} in row {number}{where} too."
        log.add_rows(table, [place], title, problem, "Remove one of them, or correct the id.")

    def _find(self, row: int) -> tuple[RawTable, int, str]:
        place = int(np.searchsorted(self._starts, row, side="right")) - 1
        table, title = self._tables[place]
        return table, row - int(self._starts[place]), title


@dataclass(frozen=True, slots=True)
class Batch:
    """What is kept of a batch of rows to find cases that stand in another batch too.

    Attributes
    ----------
    table : RawTable
        Without its columns.
    key_title : str
        Heading of the key.
    marks : ndarray of uint64, shape (n,)
        Differ with the case and the week; `BLANK` where the case has no id.
    """

    table: RawTable
    key_title: str
    marks: npt.NDArray[np.uint64]


def mark_batch(part: CasePart) -> Batch:
    """Return what is kept of a batch."""
    texts = part.case_id.to_numpy(zero_copy_only=False)
    cases = pd.util.hash_array(texts, categorize=False)
    marks = cases * np.uint64(31) + pd.util.hash_array(part.assessed_week, categorize=False)
    marks[pc.equal(part.case_id, "").to_numpy(zero_copy_only=False)] = BLANK
    return Batch(replace(part.table, columns=()), part.key_title, marks)


def check_unique_batches(batches: Sequence[Batch], codebook: Codebook, log: FaultLog) -> None:
    """Report rows whose case and week stand in an earlier row, of whichever batch."""
    marks = np.concatenate([one.marks for one in batches])
    ordered = np.sort(marks)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    alike = np.flatnonzero(np.isin(marks, twice[twice != BLANK])) if len(twice) else twice
    if not len(alike):
        return
    found = marks[alike]
    repeated = np.flatnonzero(pd.Series(found).duplicated().to_numpy())
    places = _Places([(one.table, one.key_title) for one in batches], codebook)
    for place in repeated[:REPEATS_SHOWN].tolist():
        first = int(alike[np.flatnonzero(found == found[place])[0]])
        places.report(int(alike[place]), first, log)


def join_parts(parts: Sequence[CasePart], codebook: Codebook) -> CaseTable:
    """Return the checked parts as one table, in the order given."""
    names = [part.table.file for part in parts]
    source = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    case_id = _as_texts([part.case_id for part in parts])
    same = all(part.group.equals(part.case_id) for part in parts)
    return CaseTable(
        codebook=codebook,
        case_id=case_id,
        group=case_id if same else _as_texts([part.group for part in parts]),
        site=np.concatenate([part.site for part in parts]),
        assessed_week=np.concatenate([part.assessed_week for part in parts]),
        fields=_join_fields(parts),
        outcomes=_join_outcomes(parts, codebook),
        source=source,
        case_weight=_join_weights(parts),
    )


def _join_weights(parts: Sequence[CasePart]) -> npt.NDArray[np.float64] | None:
    weights = [part.case_weight for part in parts if part.case_weight is not None]
    return np.concatenate(weights) if len(weights) == len(parts) else None


def _as_texts(arrays: Sequence[pa.Array]) -> npt.NDArray[np.str_]:
    """Return Arrow texts as a numpy array of fixed width."""
    texts = pa.concat_arrays(arrays)
    width = max(1, pc.max(pc.binary_length(texts)).as_py())
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        return np.asarray(texts.to_pylist(), dtype=np.str_)
    # Padded to one width the bytes of the column are the bytes of a numpy array.
    padded = pc.ascii_rpad(texts, width, "\0")
    return np.frombuffer(
        padded.buffers()[2], dtype=f"S{width}", count=len(padded), offset=padded.offset * width
    ).astype(np.str_)


def _join_fields(parts: Sequence[CasePart]) -> pd.DataFrame:
    # copy=False: gathering the numbers into one block would take longer than checking them.
    frames = [
        pd.DataFrame(part.fields, index=range(part.table.n_rows), copy=False) for part in parts
    ]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _join_outcomes(parts: Sequence[CasePart], codebook: Codebook) -> Outcomes | None:
    """Return the outcomes, or None where a column is missing or a cell is blank."""
    listed = [_find_outcomes(part, codebook) for part in parts]
    known = [one for one in listed if one is not None]
    if len(known) < len(listed):
        return None
    return Outcomes(
        duration_weeks=np.concatenate([one.duration_weeks for one in known]),
        ended=np.concatenate([one.ended for one in known]),
        recovered=np.concatenate([one.recovered for one in known]),
    )


def _find_outcomes(part: CasePart, codebook: Codebook) -> Outcomes | None:
    outcome = codebook.outcome
    if part.duration_weeks is None or np.isnan(part.duration_weeks).any():
        return None
    if outcome.ended is None:
        ended = np.ones(part.table.n_rows, dtype=bool)
    elif part.ended is None or (part.ended < 0).any():
        return None
    else:
        ended = part.ended == 1
    recovered = ended
    if part.end_reason is not None:
        if (ended & (part.end_reason < 0)).any():
            return None
        values = [reason.value in outcome.recovery for reason in outcome.reasons]
        recovered = ended & np.array([*values, False])[part.end_reason]
    return Outcomes(part.duration_weeks, ended, recovered)
