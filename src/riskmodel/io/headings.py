"""Which heading of a file stands for which column of the codebook."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from riskmodel.domain.cases import CASE_WEIGHT
from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Label
from riskmodel.domain.privacy import looks_like_free_text
from riskmodel.errors import Fault
from riskmodel.io.raw_tables import FaultLog, RawColumn, RawTable

__all__ = ["HeadingMap", "fold"]

PART_LABELS = {
    "key": (Label("Løbenummer", "Case"), Label("Sagsnummer", "Case number")),
    "group": (Label("Person", "Person"),),
    "site": (Label("Kommune", "Municipality"),),
    "duration_weeks": (Label("Varighed i uger", "Duration in weeks"),),
    "ended": (Label("Afsluttet", "Ended"),),
    "end_reason": (Label("Ophørsårsag", "Reason of ending"),),
}
NEAREST_SHOWN = 6


@lru_cache(maxsize=4096)
def _fold_once(text: str) -> str:
    return fold(text)


def fold(text: str) -> str:
    """Return a text for comparison: composed letters, single blanks, no capitals.

    Signs that do not show, such as a second byte order mark, are left out.

    Examples
    --------
    >>> fold("  Første   Fraværsdag ") == fold("første fraværsdag")
    True
    """
    composed = unicodedata.normalize("NFC", text).casefold()
    if not composed.isascii():
        composed = "".join(one for one in composed if unicodedata.category(one) != "Cf")
    return " ".join(composed.split())


@dataclass(frozen=True, slots=True)
class _Parts:
    names: tuple[str, ...]
    required: tuple[str, ...]


def _list_parts(codebook: Codebook, *, require_outcomes: bool) -> _Parts:
    week = codebook.assessed_week
    required = [codebook.key, codebook.group]
    required += [week] if isinstance(week, str) else []
    required += [one.name for one in codebook.indicators]
    required += codebook.outcome.columns if require_outcomes else ()
    others = [codebook.site] if codebook.site else []
    others += [*codebook.outcome.columns, *(one.name for one in codebook.fields)]
    names = tuple(dict.fromkeys([*required, *others, CASE_WEIGHT]))
    return _Parts(names, tuple(dict.fromkeys(required)))


class HeadingMap:
    """Names and labels of a codebook, ready to be found in the heading of a file.

    Parameters
    ----------
    codebook : Codebook
    require_outcomes : bool
        Whether the outcome columns must be there.
    """

    def __init__(self, codebook: Codebook, *, require_outcomes: bool = False) -> None:
        self._codebook = codebook
        self._parts = _list_parts(codebook, require_outcomes=require_outcomes)
        self._meanings = self._list_meanings(codebook)
        leveled = {one.name for one in codebook.fields if one.levels}
        leveled |= {name for name in codebook.outcome.columns[1:] if name}
        self._leveled = leveled | ({codebook.site} if codebook.site else set())
        self._read_as_text = self._leveled | {codebook.key, codebook.group}

    def _list_meanings(self, codebook: Codebook) -> dict[str, set[str]]:
        """Every folded name and label; a label that two columns share has two meanings."""
        meanings: dict[str, set[str]] = {}
        labels = [(one.name, one.label) for one in (*codebook.fields, *codebook.indicators)]
        for name, label in labels:
            for text in (label.da, label.en):
                meanings.setdefault(fold(text), set()).add(name)
        columns = {
            "key": codebook.key,
            "group": codebook.group,
            "site": codebook.site,
            "duration_weeks": codebook.outcome.duration_weeks,
            "ended": codebook.outcome.ended,
            "end_reason": codebook.outcome.end_reason,
        }
        # The usual words for the other columns give way to the labels of the codebook.
        for part, usual in PART_LABELS.items():
            column = columns[part]
            for text in {fold(one) for label in usual for one in (label.da, label.en)}:
                if column is not None:
                    meanings.setdefault(text, {column})
        for name in self._parts.names:
            meanings[fold(name)] = {name}
        return meanings

    def find(self, heading: str) -> str | None:
        """Return the column that a heading names, None if there is none or more than one."""
        meanings = self._meanings.get(_fold_once(heading), set())
        return next(iter(meanings)) if len(meanings) == 1 else None

    def count_known(self, headings: Sequence[str]) -> int:
        """Return how many of the headings the codebook knows."""
        return sum(_fold_once(one) in self._meanings for one in headings)

    def has_levels(self, heading: str) -> bool:
        """Whether the column of a heading has few different values."""
        return self.find(heading) in self._leveled

    def needs_marks(self, heading: str) -> bool:
        """Whether the column of a heading has numbers or dates.

        Where they are written as text, the decimal mark and the form of the dates are
        those of most cells of the file, so no cell can be read before all have been seen.
        """
        name = self.find(heading)
        return name is not None and name not in self._read_as_text

    def match(self, table: RawTable, log: FaultLog) -> dict[str, RawColumn]:
        """Return the columns of a file by their name in the codebook.

        Unknown, repeated and ambiguous headings, and required columns that are missing, go
        to the log. Where most headings are unknown, the first row may hold cells instead, or
        the codebook be another one: that is told once, and the headings are not repeated.
        """
        found: dict[str, RawColumn] = {}
        is_heading_row = self.is_heading_row(table)
        if not is_heading_row:
            log.add(self._explain_foreign(table))
        for column in table.columns:
            name = self.find(column.heading)
            if name is None and is_heading_row:
                log.add(self._explain_unknown(table, column))
            elif name is not None and name in found:
                first = found[name]
                problem = (
                    f"columns {first.position} and {column.position} are both {name}, "
                    "by name or label."
                )
                remedy = "Keep one of them."
                log.add(Fault(table.file, problem, remedy, _heading_row(table), column.title))
            elif name is not None:
                found[name] = column
        for name in self._parts.required:
            if name not in found and is_heading_row:
                problem = "the column is missing."
                remedy = "Add it; a case where the value is unknown has an empty cell."
                log.add(Fault(table.file, problem, remedy, _heading_row(table), name))
        return found

    def is_heading_row(self, table: RawTable) -> bool:
        """Whether half of the headings are known, or half of what is required is there."""
        headings = [one.heading for one in table.columns]
        required = self._parts.required
        there = {self.find(heading) for heading in headings}.intersection(required)
        return 2 * self.count_known(headings) >= len(headings) or 2 * len(there) >= len(required)

    def _explain_foreign(self, table: RawTable) -> Fault:
        unknown = [one for one in table.columns if fold(one.heading) not in self._meanings]
        near = [
            f"column {one.position} {meant}"
            for one in unknown
            if (meant := self._find_nearest(one.heading)) is not None
        ]
        nearest = f" Nearest: {', '.join(near[:NEAREST_SHOWN])}." if near else ""
        problem = (
            f"{len(unknown)} of the {len(table.columns)} headings are not in the codebook "
            f"{self._codebook.name} (not shown: they may be cells).{nearest}"
        )
        first = ", ".join(self._parts.names[:NEAREST_SHOWN])
        sheets = ", ".join(f"{number} {name}" for number, name in enumerate(table.sheets, 1))
        other = f" Or choose another sheet with --sheet: {sheets}." if "," in sheets else ""
        remedy = (
            "Name the file's own codebook, where the command has --codebook, or give the names or "
            f"labels of this one in the first row: {first}, ...{other}"
        )
        return Fault(table.file, problem, remedy, _heading_row(table))

    def _find_nearest(self, heading: str) -> str | None:
        near = difflib.get_close_matches(fold(heading), list(self._meanings), n=1, cutoff=0.75)
        return " or ".join(sorted(self._meanings[near[0]])) if near else None

    def _explain_unknown(self, table: RawTable, column: RawColumn) -> Fault:
        row = _heading_row(table)
        if not column.heading.strip():
            problem = "the column has no heading."
            return Fault(table.file, problem, "Name it or remove it.", row, column.title)
        shared = self._meanings.get(fold(column.heading), set())
        if shared:
            problem = f"the label belongs to {' and '.join(sorted(shared))}."
            return Fault(table.file, problem, "Use the name instead.", row, column.title)
        problem = "the codebook has no such column."
        remedy = "Add it to the codebook, or remove it from the file: nothing is left out silently."
        meant = self._find_nearest(column.heading)
        if meant is not None:
            remedy = f"Did you mean {meant}? {remedy}"
        values = column.distinct.texts.to_pylist()
        texts = [one for one in values if one and any(map(str.isalpha, one))]
        if looks_like_free_text(texts):
            problem = "the codebook has no such column, and it looks like free text (not shown)."
            remedy = "Remove it; free text and names have no place in a case file."
        return Fault(table.file, problem, remedy, row, column.title)


def _heading_row(table: RawTable) -> int | None:
    return None if table.typed else 1
