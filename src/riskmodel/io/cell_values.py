"""What one cell means: a number, a level or a date, or the reason why it is none."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from riskmodel.domain.codebook import YES_NO_LEVELS, Level
from riskmodel.domain.privacy import shown
from riskmodel.io.headings import fold

__all__ = [
    "BadCell",
    "DateForm",
    "LevelReader",
    "as_text",
    "explain_number",
    "parse_date",
    "parse_number",
]

DateForm = Literal["iso", "danish"]

NUMBER = re.compile(r"(-?[0-9]+)(?:([.,])([0-9]+))?([eE][+-]?[0-9]{1,3})?")
THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
NOTHING_WORDS = frozenset(
    {"na", "n/a", "n.a.", "nan", "none", "null", "nil", "-", "--", "?", "missing", "mangler"}
)
INFINITE_WORDS = frozenset({"inf", "-inf", "+inf", "infinity", "-infinity", "+infinity", "∞"})
YES_NO_WORDS = {
    "no": ("nej", "no", "0", "false", "falsk"),
    "yes": ("ja", "yes", "1", "true", "sandt", "sand"),
}
EARLIEST_YEAR = 1900
LEVELS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class BadCell:
    """Why a cell is refused, and what to do."""

    problem: str
    remedy: str


def _describe_nothing(text: str) -> BadCell | None:
    if text.casefold() in NOTHING_WORDS:
        problem = "the cell holds a word for a missing value."
        remedy = "Empty the cell, or list the word in the missing_codes of the codebook."
        return BadCell(problem, remedy)
    if text.startswith("#"):
        return BadCell("the cell holds a spreadsheet error.", "Correct the formula or empty it.")
    return None


def parse_number(text: str) -> tuple[float, str] | None:
    """Return the number and its decimal mark, or None where the text is no plain number.

    Examples
    --------
    >>> parse_number("12,5"), parse_number("12"), parse_number("12 weeks")
    ((12.5, ','), (12.0, ''), None)
    """
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    return float(text.replace(",", ".")), found[2] or ""


def explain_number(text: str) -> BadCell:
    """Say why a text is no number."""
    nothing = _describe_nothing(text)
    if nothing is not None:
        return nothing
    if text.casefold() in INFINITE_WORDS:
        return BadCell("the number must be finite.", "Empty the cell if the value is unknown.")
    if re.fullmatch(r"-?[0-9][0-9.,]*\s*%", text):
        problem = "the cell holds a percent sign."
        return BadCell(problem, "Give the number alone, in the unit of the codebook.")
    if THOUSANDS.fullmatch(text) or re.fullmatch(r"-?[0-9]{1,3}([., ][0-9]{3})+[.,][0-9]+", text):
        problem = "the number has a separator for thousands."
        return BadCell(problem, "Write it without, and with one decimal mark at most.")
    if re.match(r"-?[0-9]", text) and re.search(r"[^\W\d_]", text):
        problem = "the cell holds more than a number, such as a unit."
        return BadCell(problem, "Give the number alone, in the unit of the codebook.")
    return BadCell("a number is needed, the cell holds text.", "Correct it or empty it.")


def parse_date(text: str, form: DateForm) -> dt.date | BadCell:
    """Return the date that a text holds in one of the two forms, or what is wrong.

    Examples
    --------
    >>> parse_date("03-04-2025", "danish")
    datetime.date(2025, 4, 3)
    """
    pattern = r"(\d{4})-(\d\d)-(\d\d)" if form == "iso" else r"(\d\d)-(\d\d)-(\d{4})"
    found = re.fullmatch(pattern, text, re.ASCII)
    if found is None:
        return _explain_date(text)
    parts = [int(part) for part in found.groups()]
    year, month, day = parts if form == "iso" else reversed(parts)
    try:
        value = dt.date(year, month, day)
    except ValueError:
        swapped = month > 12 and day <= 12
        problem = "the date does not exist" + (
            ": day and month seem swapped." if swapped else " in the calendar."
        )
        return BadCell(problem, "Write dd-mm-yyyy or yyyy-mm-dd.")
    if value.year < EARLIEST_YEAR:
        return BadCell(f"the date lies before {EARLIEST_YEAR}.", "Correct it or empty it.")
    return value


def _explain_date(text: str) -> BadCell:
    nothing = _describe_nothing(text)
    if nothing is not None:
        return nothing
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d|\d\d-\d\d-\d{4} \d", text):
        problem = "the cell holds a time of day or a time zone besides the date."
        return BadCell(problem, "Give the date alone.")
    problem = "the cell is not a date in the form dd-mm-yyyy or yyyy-mm-dd."
    return BadCell(problem, "Write dd-mm-yyyy or yyyy-mm-dd, the same in the whole column.")


def _name_level(level: Level) -> str:
    """Return a level as a message lists it: its value, and its Danish label if it has one."""
    same = fold(level.value) == fold(level.label.da)
    return level.value if same else f"{level.value} ({level.label.da})"


class LevelReader:
    """Finds the level that a cell names, by value or by label.

    Parameters
    ----------
    levels : sequence of Level
    missing_codes : collection of str

    Examples
    --------
    >>> from riskmodel.domain.labels import Label
    >>> reader = LevelReader([Level("low", Label("Lav", "Low")), Level("2", Label("To", "Two"))])
    >>> reader.find("LAV"), reader.find("2.0"), reader.find(2)
    (0, 1, 1)
    """

    def __init__(self, levels: Sequence[Level], missing_codes: Collection[str] = ()) -> None:
        self._missing = {fold(code) for code in missing_codes}
        self._values = [level.value for level in levels]
        self._listed = [_name_level(level) for level in levels]
        labels: dict[str, set[int]] = {}
        for code, level in enumerate(levels):
            for label in (level.label.da, level.label.en):
                labels.setdefault(fold(label), set()).add(code)
        if tuple(self._values) == tuple(level.value for level in YES_NO_LEVELS):
            for value, words in YES_NO_WORDS.items():
                for word in words:
                    labels.setdefault(word, set()).add(self._values.index(value))
        folded: dict[str, set[int]] = {}
        for code, value in enumerate(self._values):
            folded.setdefault(fold(value), set()).add(code)
        self._codes = {**labels, **folded}
        self._exact = {value: code for code, value in enumerate(self._values)}

    def find(self, value: object) -> int | BadCell | None:
        """Return the place of the level, None for a missing code, or what is wrong."""
        if isinstance(value, dt.date):
            problem = "the cell holds a date; spreadsheets make one of texts such as 1-4."
            return BadCell(problem, "Format the column as text and write the level again.")
        text = as_text(value)
        if text in self._exact:
            return self._exact[text]
        whole = re.sub(r"[.,]0+\Z", "", text) if NUMBER.fullmatch(text) else text
        for written in (fold(text), fold(whole)):
            codes = self._codes.get(written, set())
            if len(codes) == 1:
                return next(iter(codes))
            if written in self._missing:
                return None
        return self._explain(text)

    def _explain(self, text: str) -> BadCell:
        nothing = _describe_nothing(text)
        if nothing is not None:
            return nothing
        number = shown(text)
        given = "text (not shown)" if number is None else number
        clear = {word: min(codes) for word, codes in self._codes.items() if len(codes) == 1}
        near = difflib.get_close_matches(fold(text), list(clear), n=1)
        hint = f"Did you mean {self._values[clear[near[0]]]}? " if near else ""
        allowed = ", ".join(self._listed[:LEVELS_SHOWN])
        allowed += ", ..." if len(self._listed) > LEVELS_SHOWN else ""
        problem = f"the cell is not one of the levels, it holds {given}."
        return BadCell(problem, f"{hint}Use one of {allowed}, or empty the cell.")


def as_text(value: object) -> str:
    """Return a value that is no text as the text that a person would have typed.

    Examples
    --------
    >>> as_text(2.0), as_text(True)
    ('2', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
