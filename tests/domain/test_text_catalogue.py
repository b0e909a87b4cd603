"""Catalogues: read as Babel reads them, all by one reader, and each in its package's folder."""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.labels import Label
from riskmodel.domain.text_catalogue import Message, PhraseBook, parse_messages, read_messages

SOURCE = Path(__file__).parents[2] / "src" / "riskmodel"
FILES = sorted(SOURCE.rglob("*.po"))


def read_by_babel(data: bytes) -> list[Message]:
    def forms(text: object) -> tuple[str, ...]:
        return (text,) if isinstance(text, str) else tuple(text)

    return [
        Message(one.context or "", forms(one.id), forms(one.string))
        for one in read_po(BytesIO(data), locale="da", abort_invalid=True)
        if one.id
    ]


def test_every_layer_that_speaks_has_a_catalogue():
    layers = {path.relative_to(SOURCE).parts[0] for path in FILES}
    assert layers == {"cli", "domain", "report", "visitation"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_babel_reads_the_same(path):
    package = f"riskmodel.{path.relative_to(SOURCE).parts[0]}"
    found = read_messages(package, path.relative_to(SOURCE / package.split(".")[1]).as_posix())
    assert list(found) == read_by_babel(path.read_bytes())
    assert len(found) > 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_is_one_that_gettext_tools_accept(path):
    catalogue = read_po(BytesIO(path.read_bytes()), locale="da", abort_invalid=True)
    assert not [one.id for one in catalogue if one.id and one.fuzzy]
    assert not catalogue.obsolete
    head = path.read_text(encoding="utf-8").split("\n\n")[0]
    # `PhraseBook.say_count` chooses by this rule.
    counted = any(one.pluralizable for one in catalogue)
    assert ("Plural-Forms: nplurals=2; plural=(n != 1);" in head) is counted
    assert "charset=utf-8" in head
    assert re.match(r"# \S.*\n(# .*\n)+msgid \"\"\n", head), "say what the file holds"


def test_nothing_else_reads_a_catalogue():
    readers = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(re.match(r"gettext|babel\.(messages|support)|pkgutil", one) for one in names):
                readers.add(path.relative_to(SOURCE).as_posix())
    assert readers == {"domain/text_catalogue.py"}


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
)
texts |= st.text('ab\\"\n\t {}', min_size=1)


def quote(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, unique_by=lambda one: one[0]))
def test_any_text_survives_the_file(entries):
    lines = ['msgid ""', 'msgstr ""', '"Content-Type: text/plain; charset=utf-8\\n"', ""]
    for context, english, danish in entries:
        lines += ["#. a comment", f"msgctxt {quote(context)}", f"msgid {quote(english)}"]
        lines += ['msgstr ""', *(quote(one) for one in re.split("(?<= )", danish)), ""]
    text = "\n".join(lines)
    wanted = [Message(context, (english,), (danish,)) for context, english, danish in entries]
    assert list(parse_messages(text)) == wanted
    assert list(parse_messages(text.replace("\n", "\r\n"))) == wanted
    assert read_by_babel(text.encode()) == wanted


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('msgid "a"\nmsgstr ""\n', "no Danish"),
        ('msgid "a"\n', "no Danish"),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n', "no Danish"),
        ('msgid "a"\nmsgstr "b\n', "line 2"),
        ('msgid "a"\nmsgid "a"\nmsgstr "b"\n', "line 2"),
        ('"a"\nmsgid "a"\nmsgstr "b"\n', "line 1"),
        ('msgid "a"\nmsgstr "b"\nmsgstr "c"\n', "line 3"),
        ('msgid "a"\nmsgword "b"\n', "line 2"),
        ('msgid "a"\nand more\n', "line 2"),
    ],
)
def test_what_is_no_catalogue_is_refused(text, problem):
    with pytest.raises(ValueError, match=problem):
        list(parse_messages(text))


@pytest.fixture
def book(monkeypatch) -> PhraseBook:
    text = (
        'msgctxt "weeks"\nmsgid "{count} week"\nmsgid_plural "{count} weeks"\n'
        'msgstr[0] "{count} uge"\nmsgstr[1] "{count} uger"\n\n'
        'msgctxt "word_risk"\nmsgid "The risk is {risk}."\nmsgstr "Risikoen er {risk}."\n'
    )
    made = PhraseBook("riskmodel.nowhere", "made.po")
    monkeypatch.setattr(
        "riskmodel.domain.text_catalogue.read_messages",
        lambda *_: tuple(parse_messages(text)),
    )
    return made


def test_a_phrase_is_said_with_its_values(book):
    assert book.say("word_risk", "da", risk="{5} %") == "Risikoen er {5} %."
    assert book.label("word_risk") == Label("Risikoen er {risk}.", "The risk is {risk}.")
    with pytest.raises(KeyError):
        book.say("word_risk", "da")
    with pytest.raises(KeyError):
        book.label("none")


def test_the_number_chooses_the_form(book):
    assert [book.say_count("weeks", "da", one) for one in (0, 1, 2)] == [
        "0 uger",
        "1 uge",
        "2 uger",
    ]
    assert book.say_count("weeks", "en", 1.0, count="one") == "one week"
    assert book.say_count("weeks", "en", 1.5, count="1.5") == "1.5 weeks"
    assert (book.phrases["weeks"].counted, book.phrases["word_risk"].counted) == (True, False)


def test_labels_are_read_when_they_are_asked_for(book):
    assert dict(book.labels("word_", ("risk",))) == {"risk": book.label("word_risk")}
    unread = PhraseBook("riskmodel.nowhere", "none.po").labels("word_", ("risk",))
    assert (list(unread), len(unread)) == (["risk"], 1)
    with pytest.raises(KeyError):
        unread["other"]
    every = book.under("word_")
    assert (dict(every), len(every)) == ({"risk": book.label("word_risk")}, 1)
    assert list(book.under("")) == ["weeks", "word_risk"]
    with pytest.raises(KeyError):
        every["weeks"]


def test_a_key_stands_once(monkeypatch):
    twice = (Message("a", ("x",), ("y",)), Message("a", ("z",), ("w",)))
    monkeypatch.setattr("riskmodel.domain.text_catalogue.read_messages", lambda *_: twice)
    with pytest.raises(ValueError, match="a stands twice"):
        PhraseBook("riskmodel", "none.po").label("a")


def test_a_missing_file_is_told():
    with pytest.raises(FileNotFoundError):
        read_messages("riskmodel.report", "locale/none.po")
