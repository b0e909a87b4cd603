r"""Gettext catalogues: the one way in which riskmodel reads its texts.

A catalogue is a ``.po`` file inside a package, as any translation tool opens it: ``msgid`` is the
English text, ``msgstr`` the Danish one, ``msgid_plural`` and ``msgstr[1]`` the two where a number
is told. It is read when it is first asked for, without a compiled twin and without Babel, which
would double the time of ``riskmodel --help``; the tests hold it to what Babel reads.

What each layer says stands in a catalogue of its own: the pages in ``report``, the rules in
``visitation``, the command line in ``cli``.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = ["Message", "Phrase", "PhraseBook", "PhraseLabels", "parse_messages", "read_messages"]

_ESCAPES: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_KEYWORDS: Final = ("msgctxt", "msgid", "msgid_plural", "msgstr", "msgstr[0]", "msgstr[1]")
_FIRST_KEYWORDS: Final = ("msgctxt", "msgid")


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a catalogue.

    Parameters
    ----------
    context : str
        What keeps it apart from other entries; empty where there is none.
    english, danish : tuple of str
        One text; where a number is told two, for one and for any other number.
    """

    context: str
    english: tuple[str, ...]
    danish: tuple[str, ...]


@cache
def read_messages(package: str, path: str) -> tuple[Message, ...]:
    """Return every entry of a catalogue in the order of the file; a file is read once.

    Parameters
    ----------
    package : str
        Package that the file lies in, such as ``riskmodel.report``.
    path : str
        Where it lies there.

    Raises
    ------
    FileNotFoundError
        If the installed package has no such file.
    ValueError
        If the file is no catalogue.
    """
    data = pkgutil.get_data(package, path)
    if data is None:  # pragma: no cover - a package that was not unpacked
        msg = f"{path} is not in the installed package; install riskmodel again."
        raise FileNotFoundError(msg)
    return tuple(parse_messages(data.decode("utf-8")))


def parse_messages(text: str) -> Iterator[Message]:
    r"""Yield the entries of a catalogue, without its head.

    Raises
    ------
    ValueError
        If a line is none of a catalogue's, or an entry lacks a text.

    Examples
    --------
    >>> text = 'msgid "one week"\nmsgid_plural "{count} weeks"\nmsgstr[0] "en uge"\n'
    >>> next(parse_messages(text + 'msgstr[1] "{count} "\n"uger"\n')).danish
    ('en uge', '{count} uger')
    """
    fields: dict[str, str] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line[0] == "#":
            continue
        if line[0] == '"':
            keyword, quoted, fits = name, line, bool(name)
        else:
            keyword, _, quoted = line.partition(" ")
            if keyword in _FIRST_KEYWORDS and name.startswith("msgstr"):
                yield from _build(fields)
                fields = {}
            fits = keyword in _KEYWORDS and keyword not in fields
        if not fits or not _is_quoted(quoted):
            msg = f"line {number} of the catalogue is no line of a gettext file; correct it."
            raise ValueError(msg)
        name = keyword
        fields[name] = fields.get(name, "") + _unquote(quoted)
    yield from _build(fields)


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == '"'


def _unquote(quoted: str) -> str:
    text = quoted[1:-1]
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), text)


def _build(fields: Mapping[str, str]) -> Iterator[Message]:
    if not fields.get("msgid"):
        return  # The head, or an empty file.
    counted = "msgid_plural" in fields
    names = ("msgstr[0]", "msgstr[1]") if counted else ("msgstr",)
    if not all(fields.get(name) for name in names):
        msg = f"The text {fields['msgid']!r} has no Danish in the catalogue; add its msgstr."
        raise ValueError(msg)
    english = (fields["msgid"], fields["msgid_plural"]) if counted else (fields["msgid"],)
    yield Message(fields.get("msgctxt", ""), english, tuple(fields[name] for name in names))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text of a catalogue that has a key.

    Parameters
    ----------
    one, many : Label
        The text for a count of one, and for any other; the same where nothing is counted.
    counted : bool
        Whether the two differ.
    """

    one: Label
    many: Label
    counted: bool


class PhraseBook:
    """The phrases of a catalogue whose contexts are keys.

    Parameters
    ----------
    package, path : str
        As in `read_messages`. Nothing is read before a phrase is asked for.
    """

    def __init__(self, package: str, path: str) -> None:
        self.package = package
        self.path = path

    @cached_property
    def phrases(self) -> Mapping[str, Phrase]:
        """Every phrase by its key.

        Raises
        ------
        ValueError
            If a key stands twice.
        """
        found: dict[str, Phrase] = {}
        for one in read_messages(self.package, self.path):
            if one.context in found:
                msg = f"The phrase {one.context} stands twice in the catalogue; give each key once."
                raise ValueError(msg)
            pairs = zip(one.danish, one.english, strict=True)
            labels = [Label(da=danish, en=english) for danish, english in pairs]
            found[one.context] = Phrase(labels[0], labels[-1], counted=len(labels) > 1)
        return MappingProxyType(found)

    def label(self, key: str) -> Label:
        """Return a phrase in both languages, its values not filled in.

        Raises
        ------
        KeyError
            If the catalogue has no such phrase.
        """
        return self.phrases[key].many

    def say(self, key: str, lang: Language, **values: object) -> str:
        """Return a phrase with its values filled in.

        Raises
        ------
        KeyError
            If the catalogue has no such phrase, or a value is missing.
        """
        return self.label(key).text(lang).format(**values)

    def say_count(self, key: str, lang: Language, number: float, **values: object) -> str:
        """Return a phrase in the form that a number asks for.

        Parameters
        ----------
        key : str
            Key of a phrase.
        lang : {"da", "en"}
            Language.
        number : float
            Chooses the form, which in both languages is that of one or of any other number; it
            is also the value ``count`` where none is given.
        **values
            Values to fill in.

        Raises
        ------
        KeyError
            If the catalogue has no such phrase, or a value is missing.
        """
        phrase = self.phrases[key]
        label = phrase.one if number == 1 else phrase.many
        return label.text(lang).format(**{"count": number, **values})

    def labels(self, start: str, names: tuple[str, ...]) -> Mapping[str, Label]:
        """Return phrases as labels by the last part of their keys; nothing is read yet.

        Parameters
        ----------
        start : str
            What the keys begin with.
        names : tuple of str
            How they go on.
        """
        return PhraseLabels(self, start, names)

    def under(self, start: str) -> Mapping[str, Label]:
        """Return every phrase whose key begins so, by the rest of it; nothing is read yet.

        Parameters
        ----------
        start : str
            What the keys begin with; empty for the whole catalogue.
        """
        return PhraseLabels(self, start)


class PhraseLabels(Mapping[str, Label]):
    """Phrases of a book as labels, read when the first is asked for; see `PhraseBook.labels`."""

    def __init__(self, book: PhraseBook, start: str, names: tuple[str, ...] | None = None) -> None:
        self._book = book
        self._start = start
        self._given = names

    @cached_property
    def _names(self) -> dict[str, None]:
        """The names in their order; those of the catalogue where none were given."""
        if self._given is not None:
            return dict.fromkeys(self._given)
        keys = (one for one in self._book.phrases if one.startswith(self._start))
        return dict.fromkeys(one.removeprefix(self._start) for one in keys)

    def __getitem__(self, name: str) -> Label:
        if name not in self._names:
            raise KeyError(name)
        return self._book.label(self._start + name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
