"""Reading a mapping key by key, so that every fault is found in one go.

A reader never raises on a wrong value: it notes the fault and returns None or the
default, so that the reading goes on. `FaultList.raise_if_any` ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.errors import CodebookError, Fault

__all__ = ["FaultList", "MappingReader", "as_number", "as_text", "shown"]

_SHOWN_CHARACTERS = 40


def shown(value: object) -> str:
    """Return a value as it may appear in a message: short, on one line.

    Examples
    --------
    >>> shown("x" * 60)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def as_text(value: object) -> str | None:
    """Return the text of a single value as it is written in YAML; None if it is none.

    Examples
    --------
    >>> as_text(True), as_text(998), as_text("ja"), as_text([1])
    ('true', '998', 'ja', None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = str(value)
        return text if text.strip() else None
    return None


def as_number(value: object) -> float | None:
    """Return a number, or None where the value is none (a boolean is none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


@dataclass(slots=True)
class FaultList:
    """The faults found so far in one file.

    Parameters
    ----------
    source : str
        Name of the file, for messages.
    """

    source: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, path: str, problem: str, remedy: str) -> None:
        """Note one fault at a key path such as ``fields[3] age.range``."""
        self.faults.append(Fault(self.source, problem, remedy, column=path or None))

    def raise_if_any(self) -> None:
        """End the reading if a fault was found.

        Raises
        ------
        CodebookError
            With all faults, in the order found.
        """
        if self.faults:
            raise CodebookError(self.faults)


class MappingReader:
    """Reads the keys of one mapping and notes what is wrong.

    Parameters
    ----------
    value : object
        What should be a mapping; anything else is noted and read as an empty one.
    path : str
        Where it stands in the file; empty for the head.
    faults : FaultList
        Where faults are noted.
    keys : sequence of str
        The valid keys.
    hints : mapping of str to str
        Valid key for words that people are likely to use instead.
    """

    def __init__(
        self,
        value: object,
        path: str,
        faults: FaultList,
        keys: Sequence[str],
        hints: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.faults = faults
        self.is_mapping = isinstance(value, Mapping)
        self.mapping: Mapping[object, object] = value if isinstance(value, Mapping) else {}
        if not self.is_mapping:
            problem = f"Keys with values are needed here, got {shown(value)}."
            faults.add(path, problem, f"Valid keys are {', '.join(keys)}.")
        for key in self.mapping:
            if key not in keys:
                self._refuse_key(key, keys, hints or {})

    def _refuse_key(self, key: object, keys: Sequence[str], hints: Mapping[str, str]) -> None:
        word = str(key)
        close = get_close_matches(word.lower(), keys, n=1)
        nearest = hints.get(word.lower()) or (close[0] if close else None)
        remedy = f"Did you mean {nearest}?" if nearest else "Remove it, or correct its name."
        problem = f"The key {shown(key)} is not known."
        self.faults.add(self.path, problem, f"{remedy} Valid keys are {', '.join(keys)}.")

    def has(self, key: str) -> bool:
        """Whether the key is given with a value other than null."""
        return self.mapping.get(key) is not None

    def get(self, key: str) -> object:
        """Return the value as it stands, or None."""
        return self.mapping.get(key)

    def at(self, key: str) -> str:
        """Return the path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def note(self, key: str, problem: str, remedy: str) -> None:
        """Note a fault at a key."""
        self.faults.add(self.at(key), problem, remedy)

    def require(self, key: str, reason: str) -> bool:
        """Return whether the key is given, and note a fault with the reason if not."""
        if self.has(key):
            return True
        if self.is_mapping:
            self.note(key, f"The key {key} is required.", reason)
        return False

    def text(self, key: str) -> str | None:
        """Return a single value as text; None where it is absent or wrong."""
        if not self.has(key):
            return None
        text = as_text(self.get(key))
        if text is None:
            problem = f"{key} must be one word or text, got {shown(self.get(key))}."
            self.note(key, problem, f"Write {key}: and the text.")
        return text

    def choice(
        self, key: str, allowed: Sequence[str], hints: Mapping[str, str] | None = None
    ) -> str | None:
        """Return one of the allowed words; None where it is absent or wrong."""
        text = self.text(key)
        if text is None or text in allowed:
            return text
        close = get_close_matches(text.lower(), allowed, n=1)
        nearest = (hints or {}).get(text.lower()) or (close[0] if close else None)
        remedy = f"Did you mean {nearest}?" if nearest else f"Choose one of {', '.join(allowed)}."
        self.note(key, f"{key} must be one of {', '.join(allowed)}, got {shown(text)}.", remedy)
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.get(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.note(key, f"{key} must be true or false, got {shown(value)}.", "Write true or false.")
        return default

    def number(self, key: str) -> float | None:
        """Return a number; None where it is absent or wrong."""
        if not self.has(key):
            return None
        number = as_number(self.get(key))
        if number is None:
            problem = f"{key} must be a number, got {shown(self.get(key))}."
            self.note(key, problem, "Write the number without quotes, with a point as in 0.5.")
        return number

    def numbers(self, key: str) -> tuple[float, ...] | None:
        """Return a list of numbers; one number counts as a list of one."""
        if not self.has(key):
            return None
        found = [as_number(item) for item in self.items(key, f"Write {key}: [8, 26].")]
        kept = tuple(number for number in found if number is not None)
        if len(kept) != len(found):
            self.note(key, f"{key} must hold numbers only.", "Write numbers without quotes.")
            return None
        return kept

    def items(self, key: str, remedy: str) -> Sequence[object]:
        """Return a list; a single value counts as a list of one, a mapping is refused."""
        value = self.get(key)
        if value is None:
            return ()
        if isinstance(value, Mapping):
            self.note(key, f"{key} must be a list, got {shown(value)}.", remedy)
            return ()
        if isinstance(value, Sequence) and not isinstance(value, str):
            return value
        return (value,)

    def texts(self, key: str, remedy: str) -> tuple[str, ...]:
        """Return a list of single values as text; values that are no text are noted."""
        found = [as_text(item) for item in self.items(key, remedy)]
        if None in found:
            self.note(key, f"{key} must hold single values, none of them empty.", remedy)
        return tuple(text for text in found if text is not None)

    def label(self, key: str) -> Label | None:
        """Return text in both languages; plain text or one language serves for both."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            text = self.text(key)
            return None if text is None else Label(da=text, en=text)
        reader = MappingReader(value, self.at(key), self.faults, LANGUAGES, _LANGUAGE_HINTS)
        danish, english = reader.text("da"), reader.text("en")
        either = danish or english
        if either is None:
            self.note(key, f"{key} holds no text.", f"Write {key}: {{da: ..., en: ...}}.")
            return None
        return Label(da=danish or either, en=english or either)


_LANGUAGE_HINTS = {"dk": "da", "dansk": "da", "danish": "da", "eng": "en", "english": "en"}
