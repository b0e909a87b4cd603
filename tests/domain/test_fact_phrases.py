"""The catalogue of facts in words, and how numbers and units are said with it."""

from __future__ import annotations

import ast
import string
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from riskmodel.domain import fact_words
from riskmodel.domain.codebook import Field
from riskmodel.domain.fact_words import FACT_PHRASES, word_quantity, word_value
from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.io.config import read_codebook

DOMAIN = Path(fact_words.__file__).parent
CODEBOOKS = sorted((Path(__file__).parents[2] / "configs").glob("**/codebook*.yaml"))


def make_field(unit: str | None) -> Field:
    return Field("wait", Label("Ventetid", "Wait"), "number", "review", unit=unit, range=(0, 1e6))


def test_the_file_is_a_catalogue_that_gettext_tools_accept():
    catalogue = read_po(BytesIO((DOMAIN / FACT_PHRASES.path).read_bytes()), locale="da")
    assert not list(catalogue.check())
    assert len(catalogue) == len(FACT_PHRASES.phrases)
    told = {one.context: "python-brace-format" in one.flags for one in catalogue if one.id}
    assert told == {key: "{" in one.many.en for key, one in FACT_PHRASES.phrases.items()}


@pytest.mark.parametrize("key", sorted(FACT_PHRASES.phrases))
def test_an_entry_is_whole_in_both_languages(key):
    phrase = FACT_PHRASES.phrases[key]
    assert phrase.counted == key.startswith("unit_")
    slots = [
        [name for _, name, _, _ in string.Formatter().parse(label.text(lang)) if name]
        for label in (phrase.one, phrase.many)
        for lang in LANGUAGES
    ]
    assert slots == [["count"] if phrase.counted else slots[0]] * 4


def test_every_key_that_is_asked_for_is_there_and_every_entry_is_used():
    asked = {
        node.args[0].value
        for path in [Path(fact_words.__file__), *DOMAIN.parent.glob("explanation/*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") == "FACT_PHRASES"
        and isinstance(node.args[0], ast.Constant)
    }
    named = {key for key in FACT_PHRASES.phrases if not key.startswith("unit_")}
    assert asked == named


def test_the_codebooks_name_no_unit_that_has_no_danish_word():
    fields = [field for path in CODEBOOKS for field in read_codebook(path).fields]
    units = {field.unit for field in fields if field.type == "number"}
    assert len(units) > 3
    known = {key.removeprefix("unit_") for key in FACT_PHRASES.phrases if key.startswith("unit_")}
    assert units - known <= {None, "count", "week"}


@pytest.mark.parametrize(
    ("unit", "value", "danish", "english"),
    [
        ("weeks", 1.0, "1 uge", "1 week"),
        ("weeks", 1.001, "1 uge", "1 week"),
        ("weeks", 0.0, "0 uger", "0 weeks"),
        ("weeks", 1.5, "1,5 uger", "1.5 weeks"),
        ("years", 1.0, "1 år", "1 year"),
        ("years", 41.0, "41 år", "41 years"),
        ("kroner", 12400.0, "12.400 kroner", "12,400 kroner"),
        ("dollars", 1.0, "1 dollar", "1 dollar"),
        ("week", 8.0, "uge 8", "week 8"),
        ("count", 3.0, "3", "3"),
        ("parsecs", 1.0, "1 parsecs", "1 parsecs"),
        (None, 2.5, "2,5", "2.5"),
    ],
)
def test_a_number_is_said_with_its_unit(unit, value, danish, english):
    field = make_field(unit)
    assert word_quantity(field, value, "da") == danish
    assert word_value(field, value) == Label(danish, english)


def test_what_is_not_there_is_said():
    assert word_value(make_field("weeks"), None) == Label("ikke oplyst", "not stated")
    assert word_value(make_field("count"), 0.0) == Label("ingen", "none")
