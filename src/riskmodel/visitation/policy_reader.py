"""Reads the mappings of a policy: required keys, bounds, and unknown keys refused."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList, shown

__all__ = ["PolicyReader"]

T = TypeVar("T")
_NO_LABEL = Label(da="?", en="?")


class PolicyReader:
    """One mapping in a configuration file, with its key path.

    Every method notes a fault and returns a stand-in where the value is wrong, so that
    reading goes on; build objects only while `is_clean`.

    Parameters
    ----------
    mapping : object
        What stands in the file; anything but a mapping with text keys is a fault.
    path : str
        Key path, such as ``tiers[2]``; empty for the whole file.
    faults : FaultList
        Where faults are noted.
    """

    def __init__(self, mapping: object, path: str, faults: FaultList) -> None:
        self.path = path
        self.faults = faults
        self._already = len(faults.faults)
        self._asked: set[str] = set()
        self._mapping: dict[str, object] = {}
        self._readable = isinstance(mapping, Mapping) and all(
            isinstance(key, str) for key in mapping
        )
        if isinstance(mapping, Mapping) and self._readable:
            self._mapping = dict(mapping)
        else:
            faults.add(path, f"needs keys with values, got {shown(mapping)}.", "Write key: value.")

    @property
    def is_clean(self) -> bool:
        """Whether nothing wrong was found since reading of this mapping began."""
        return len(self.faults.faults) == self._already

    def locate(self, key: str) -> str:
        """Return the key path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        self._asked.add(key)
        return self._mapping.get(key) is not None

    def value(self, key: str) -> object:
        """Return whatever stands at the key; a fault if it is not there."""
        if not self.has(key):
            if self._readable:
                self.faults.add(self.locate(key), "is required and missing.", f"Add {key}.")
            return None
        return self._mapping[key]

    def text(self, key: str) -> str:
        """Return a non-empty text."""
        found = self.value(key)
        if found is None:
            return ""
        if isinstance(found, str) and found.strip():
            return found.strip()
        self.faults.add(
            self.locate(key), f"must be text, got {shown(found)}.", "Put it in quotation marks."
        )
        return ""

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where the key is missing or null."""
        return self.text(key) if self.has(key) else None

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """Return a text that must be one of some values."""
        found = self.text(key)
        listed = list(allowed)
        if found and found not in listed:
            self.faults.add(
                self.locate(key), f"has no value {found!r}.", f"Use one of {', '.join(listed)}."
            )
        return found

    def label(self, key: str) -> Label:
        """Return a text in both languages."""
        found = self.value(key)
        if found is None:
            return _NO_LABEL
        reader = PolicyReader(found, self.locate(key), self.faults)
        danish, english = reader.text("da"), reader.text("en")
        reader.finish()
        return Label(da=danish, en=english) if danish and english else _NO_LABEL

    def optional_label(self, key: str) -> Label | None:
        """Return a text in both languages, or None where the key is missing or null."""
        return self.label(key) if self.has(key) else None

    def number(self, key: str, low: float = -math.inf, high: float = math.inf) -> float:
        """Return a finite number within bounds, both included."""
        return self.check_number(key, self.value(key), low, high)

    def optional_number(self, key: str, low: float, high: float) -> float | None:
        """Return a number within bounds, or None where the key is missing or null."""
        return self.number(key, low, high) if self.has(key) else None

    def check_number(self, key: str, found: object, low: float, high: float) -> float:
        """Return a found value as a number; note a fault at the key if it is none."""
        if found is None:
            return math.nan
        if isinstance(found, bool) or not isinstance(found, int | float):
            self.faults.add(
                self.locate(key), f"must be a number, got {shown(found)}.", "Use a decimal point."
            )
            return math.nan
        if not (math.isfinite(found) and low <= found <= high):
            self.faults.add(
                self.locate(key),
                f"must lie from {low:g} to {high:g}, got {found:g}.",
                "Correct it.",
            )
            return math.nan
        return float(found)

    def flag(self, key: str) -> bool:
        """Return true or false."""
        found = self.value(key)
        if found is not None and not isinstance(found, bool):
            self.faults.add(
                self.locate(key), f"must be true or false, got {shown(found)}.", "Correct it."
            )
        return found is True

    def optional_date(self, key: str) -> dt.date | None:
        """Return a date, or None where the key is missing or null."""
        if not self.has(key):
            return None
        found = self._mapping[key]
        if isinstance(found, dt.date) and not isinstance(found, dt.datetime):
            return found
        try:
            return dt.date.fromisoformat(str(found))
        except ValueError:
            self.faults.add(
                self.locate(key), f"is no date: {found!r}.", "Write year-month-day: 2026-07-01."
            )
            return None

    def list_values(self, key: str) -> list[object]:
        """Return a list, or an empty one where the key is missing or null."""
        if not self.has(key):
            return []
        found = self._mapping[key]
        if isinstance(found, list):
            return found
        self.faults.add(self.locate(key), f"must be a list, got {shown(found)}.", "Use [a, b].")
        return []

    def list_readers(self, key: str) -> list[PolicyReader]:
        """Return one reader for each mapping in a list."""
        return [
            PolicyReader(one, f"{self.locate(key)}[{position}]", self.faults)
            for position, one in enumerate(self.list_values(key))
        ]

    def child(self, key: str) -> PolicyReader:
        """Return a reader for a required mapping below a key."""
        found = self.value(key)
        if found is None:
            return PolicyReader({}, self.locate(key), FaultList(self.faults.source))
        return PolicyReader(found, self.locate(key), self.faults)

    def build(self, factory: Callable[[], T]) -> T | None:
        """Return what the factory makes, or None where something was wrong.

        A ValueError of the factory becomes a fault at this mapping.
        """
        if not self.is_clean:
            return None
        try:
            return factory()
        except ValueError as error:
            self.faults.add(self.path, f"breaks a rule: {error}", "")
            return None

    def finish(self) -> None:
        """Note a fault for each key that nothing asked for."""
        for key in self._mapping:
            if key not in self._asked:
                self.faults.add(
                    self.locate(key),
                    "is not a key that is known here.",
                    f"Known: {', '.join(sorted(self._asked))}.",
                )
