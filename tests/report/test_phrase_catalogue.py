"""The catalogue: complete in both languages, the same slots, plain words, and nothing unused."""

from __future__ import annotations

import ast
import re
import string
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.report import phrase_catalogue
from riskmodel.report.phrase_catalogue import (
    BANNED_WORDS,
    NOT_FOR,
    Phrase,
    read_catalogue,
    say,
    say_count,
)
from riskmodel.report.readability import (
    LONGEST_SENTENCE,
    find_banned_words,
    split_sentences,
    split_words,
)

REPORT = Path(phrase_catalogue.__file__).parent
SPEAKERS = ("say", "say_count")
# Keys that are put together from a fixed start and a word of the program.
STARTS = ("size_", "direction_", "spread_", "kind_", "h_", "doubt_", "unscored_")


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def labels_of(phrase: Phrase) -> tuple[Label, ...]:
    return (phrase.one, phrase.many) if phrase.counted else (phrase.many,)


@pytest.mark.parametrize("key", sorted(read_catalogue()))
def test_an_entry_is_whole_and_plain_in_both_languages(key):
    for label in labels_of(read_catalogue()[key]):
        assert slots(label.da) == slots(label.en)
        for lang in LANGUAGES:
            text = label.text(lang)
            assert text == text.strip()
            assert not find_banned_words(text, lang)
            assert all(len(split_words(one)) <= LONGEST_SENTENCE for one in split_sentences(text))


def test_the_file_is_a_catalogue_that_gettext_tools_accept():
    catalogue = read_po(BytesIO((REPORT / phrase_catalogue.CATALOGUE).read_bytes()), locale="da")
    assert not list(catalogue.check())
    assert not [one.context for one in catalogue if one.id and one.fuzzy]
    assert not catalogue.obsolete
    assert (catalogue.num_plurals, catalogue.plural_expr) == (2, "(n != 1)")
    assert len(catalogue) == len(read_catalogue())


def asks_the_catalogue(source: str) -> bool:
    homes = {"riskmodel.report.phrases", "riskmodel.report.phrase_catalogue"}
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module in homes
        and any(one.name in SPEAKERS for one in node.names)
        for node in ast.walk(ast.parse(source))
    )


def keys_said(source: str) -> set[str]:
    """Return the keys that a module asks the catalogue for by name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= {
                one.value
                for one in node.args[:1]
                if node.func.id in SPEAKERS
                and isinstance(one, ast.Constant)
                and isinstance(one.value, str)
            }
    return found


def texts_in(source: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_key_that_is_asked_for_is_there_and_every_entry_is_used():
    modules = [path.read_text() for path in sorted(REPORT.glob("*.py"))]
    speaking = [one for one in modules if asks_the_catalogue(one)]
    templates = "\n".join(path.read_text() for path in (REPORT / "templates").glob("*.j2"))
    said = set().union(*map(keys_said, speaking))
    said |= set(re.findall(r"\bsay(?:_count)?\(\"(\w+)\"", templates))
    assert said <= set(read_catalogue()), sorted(said - set(read_catalogue()))
    used = said.union(NOT_FOR, *map(texts_in, speaking))
    unused = {one for one in read_catalogue() if one not in used and not one.startswith(STARTS)}
    assert not unused, sorted(unused)


def test_the_number_chooses_the_form():
    assert [say_count("week", "da", one) for one in (0, 1, 2)] == ["0 uger", "1 uge", "2 uger"]
    assert say_count("week", "en", 1) == "1 week"
    with pytest.raises(KeyError):
        say("no such phrase", "da")
    with pytest.raises(KeyError):
        say("risk", "da")


def test_every_limit_of_the_figure_is_said_in_both_languages():
    assert "§ 7" in say("not_for_incapacity", "da")
    assert all(say(key, lang) for key in NOT_FOR for lang in LANGUAGES)


def test_banned_words_are_found():
    assert find_banned_words("Det skyldes arbejdet", "da") == ["skyldes"]
    assert find_banned_words("Årsagen er en anden", "da") == ["årsag"]
    assert find_banned_words("It is because of work", "en") == ["because"]
    assert find_banned_words("Vores SHAP-værdier", "da") == ["shap"]
    assert not find_banned_words("Det er en sag", "da")
    assert all(stem == stem.casefold() for stems in BANNED_WORDS.values() for stem in stems)
