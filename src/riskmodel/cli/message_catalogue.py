"""The Danish wording of what the command line says: messages matched against their templates.

Messages are written in English where they arise, as plain strings and f-strings, and stay so for
who calls riskmodel from Python. The catalogue has one entry per message: the English template
with ``{0}``, ``{1}``, ... for what is filled in, and the Danish one. A message is matched against
the templates and told in Danish with the same values; see
docs/decisions/0014-danish-command-line.md.

A message that tells a number has both its forms in one entry, as gettext has it: the program
chooses the English one (`riskmodel.domain.counting`), and that finds the Danish one.

``{0:truth}`` in a Danish template names the context in which the value is looked up as a word;
``{0:decimal}`` is a figure to read, told with a decimal comma. Values to type keep their point.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from riskmodel.domain.text_catalogue import read_messages

__all__ = ["CATALOGUE", "Entry", "read_entries", "translate", "translate_word"]

CATALOGUE: Final = "locale/da/LC_MESSAGES/messages.po"

_HOLE = re.compile(r"\{(\d+)(?::(\w+))?\}")
# Letters of fixed text from which a template that begins with a hole is tried early, and from
# which what fills a hole may hold whole sentences.
_TELLING_LETTERS: Final = 3
_CERTAIN_LETTERS: Final = 25
# Words that may fill a hole of a template that says little itself, such as "{0}: {1} of {2}".
_FEW_WORDS: Final = 3
# After a bracket, a colon begins what is said of all before it.
_VERDICT: Final = "): "
_NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?\d+(?:\.\d+)?%?")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_SENTENCE_ENDS = re.compile(r"(?<=[.?!]) (?=\S)|(?<=\)) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the catalogue.

    Parameters
    ----------
    context : str
        Empty for messages; otherwise where the word stands, or the library that says it.
    english, danish : str
        Templates.
    """

    context: str
    english: str
    danish: str


@lru_cache(maxsize=1)
def read_entries() -> tuple[Entry, ...]:
    """Return every entry of the catalogue, in the order of the file."""
    messages = read_messages("riskmodel.cli", CATALOGUE)
    return tuple(
        Entry(one.context, english, danish)
        for one in messages
        for english, danish in zip(one.english, one.danish, strict=True)
    )


@lru_cache(maxsize=1)
def _read_words() -> dict[tuple[str, str], str]:
    return {
        (one.context, _fill_braces(one.english)): _fill_braces(one.danish)
        for one in read_entries()
        if "{" not in one.english or _HOLE.search(one.english) is None
    }


def _fill_braces(template: str) -> str:
    return template.replace("{{", "{").replace("}}", "}")


class _Template:
    """A message with holes, and how to tell it in Danish."""

    def __init__(self, english: str, danish: str) -> None:
        pieces = _HOLE.split(english)
        texts = [_fill_braces(one) for one in pieces[::3]]
        self.order = [int(one) for one in pieces[1::3]]
        self.telltale = max(texts, key=len)
        self.letters = sum(one.isalpha() for text in texts for one in text)
        self.length = sum(map(len, texts))
        self.begins_open = not texts[0]
        self.is_vague = self.begins_open and self.letters < _TELLING_LETTERS
        # "note: {0}" holds a message of its own.
        self._holds_message = len(texts) == 2 and texts[0].endswith(": ") and not texts[1]
        self._texts = texts
        self._pattern: re.Pattern[str] | None = None
        self._danish = danish

    def match(self, text: str) -> str | None:
        """Return the Danish message, or None where the text is another message."""
        if self.telltale not in text:
            return None
        if self._pattern is None:
            self._pattern = re.compile("(.+?)".join(map(re.escape, self._texts)), re.DOTALL)
        found = self._pattern.fullmatch(text)
        if found is None or not all(map(self._may_hold, found.groups())):
            return None
        values = dict(zip(self.order, found.groups(), strict=True))

        def fill(hole: re.Match[str]) -> str:
            return _fill_in(values[int(hole[1])], hole[2])

        pieces = re.split(r"(\{\d+(?::\w+)?\})", self._danish)
        return "".join(
            _HOLE.sub(fill, one) if _HOLE.fullmatch(one) else _fill_braces(one) for one in pieces
        )

    def _may_hold(self, value: str) -> bool:
        if self.is_vague:
            return len(value.split()) <= _FEW_WORDS or _find(value) is not None
        if self.letters >= _CERTAIN_LETTERS or self._holds_message:
            return True
        return _SENTENCE_ENDS.search(value) is None and _VERDICT not in value


def _fill_in(value: str, context: str | None) -> str:
    """Return what stands in a hole, in Danish."""
    if _THOUSANDS.fullmatch(value):
        # A comma would be read as a decimal one, and a point as that of a value to type.
        return value.replace(",", "\N{NO-BREAK SPACE}")
    if context == "decimal" and _NUMBER.fullmatch(value):
        return value.replace(".", ",").replace("%", "\N{NO-BREAK SPACE}%")
    if context is None or context == "decimal":
        return translate(value)
    return _translate_words(context, value)


@lru_cache(maxsize=1)
def _read_templates() -> tuple[_Template, ...]:
    """Return the templates: those that begin with fixed text first, then by how much they have."""
    templates = (
        _Template(one.english, one.danish)
        for one in read_entries()
        if _HOLE.search(one.english) is not None
    )
    return tuple(sorted(templates, key=lambda one: (one.begins_open, -one.letters, -one.length)))


def translate_word(context: str, word: str) -> str:
    """Return the Danish word of a context; a word it does not know stays as it is.

    Examples
    --------
    >>> translate_word("place", "row"), translate_word("place", "ramme")
    ('række', 'ramme')
    """
    return _read_words().get((context, word), word)


def _translate_words(context: str, text: str) -> str:
    """Return a text with every word of a context in Danish, wherever it stands."""
    known = (one for home, one in _read_words() if home == context)
    longest_first = sorted(map(re.escape, known), key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)"
    return re.sub(pattern, lambda found: translate_word(context, found[0]), text)


def translate(text: str) -> str:
    """Return a message in Danish; what the catalogue does not hold stays as it is.

    Parameters
    ----------
    text : str
        One or more lines; each is told by itself.

    Examples
    --------
    >>> translate("the column is missing. Keep one of them.")
    'kolonnen mangler. Behold den ene.'
    >>> translate("  fold 3 of 10 judged")
    '  del 3 af 10 bedømt'
    """
    if "\n" in text:
        return "\n".join(translate(line) for line in text.split("\n"))
    bare = text.strip()
    if not bare:
        return text
    start = len(text) - len(text.lstrip())
    danish = _find(bare)
    return text if danish is None else text[:start] + danish + text[start + len(bare) :]


def _find(text: str) -> str | None:
    """Return a line in Danish as a whole or by its parts; None where nothing is known."""
    for find in (_find_whole, _find_sentences, _find_clauses, _find_after_colon, _find_in_columns):
        danish = find(text)
        if danish is not None:
            return danish
    return _match(text, vague=True)


def _find_whole(text: str) -> str | None:
    for form, restore in _vary_start(text):
        for context in ("", "report", "typer", "system"):
            word = _read_words().get((context, form))
            if word is not None:
                return restore(word)
        danish = _match(form, vague=False)
        if danish is not None:
            return restore(danish)
    return None


def _match(text: str, *, vague: bool) -> str | None:
    if " " not in text:
        return None
    for template in _read_templates():
        if template.is_vague == vague:
            danish = template.match(text)
            if danish is not None:
                return danish
    return None


def _vary_start(text: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield a text as it stands, and with a small first letter: rules are quoted either way."""
    yield text, str
    if text[0].isupper():
        yield text[0].lower() + text[1:], lambda danish: danish[:1].upper() + danish[1:]


def _find_sentences(text: str) -> str | None:
    """Tell sentence by sentence; the longest known beginning first."""
    ends = [one.start() for one in _SENTENCE_ENDS.finditer(text)]
    for end in reversed(ends):
        first = _find_whole(text[:end])
        if first is not None:
            return f"{first} {translate(text[end + 1 :])}"
    for end in ends:
        last = _find_whole(text[end + 1 :])
        if last is not None:
            return f"{translate(text[:end])} {last}"
    return None


def _find_clauses(text: str) -> str | None:
    """Tell a rule and its remedy that stand in one sentence, parted by a semicolon."""
    problem, parted, remedy = text.partition("; ")
    if not parted:
        return None
    first, last = _find_whole(f"{problem}."), _find_whole(remedy)
    if first is None or last is None:
        return None
    return f"{first.removesuffix('.')}; {last}"


def _find_after_colon(text: str) -> str | None:
    """Tell what stands after the name of a file or a key."""
    for colon in (one.start() for one in re.finditer(": ", text)):
        rest = text[colon + 2 :]
        danish = _find_whole(rest) or _find_sentences(rest) or _find_clauses(rest)
        if danish is not None:
            head = translate_word("severity", text[:colon])
            return f"{head if head != text[:colon] else translate(head)}: {danish}"
    return None


def _find_in_columns(text: str) -> str | None:
    """Tell the first cell of a row of text, and keep the second where it stood."""
    parted = re.fullmatch(r"(\S+(?: \S+)*)(  +)(.+)", text)
    if parted is None:
        return None
    danish = _find_whole(parted[1])
    if danish is None:
        return None
    width = len(parted[1]) + len(parted[2])
    return f"{danish:<{width - 1}} {parted[3]}"
