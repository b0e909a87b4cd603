"""The catalogues of the reports: whole in both languages, and no entry that nothing says."""

from __future__ import annotations

import re
import string
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from riskmodel.domain.text_catalogue import PhraseBook
from riskmodel.report import evaluation_words

REPORT = Path(evaluation_words.__file__).parent
NAMES = (
    "comparison", "employers", "evaluation", "monitor", "promotion", "review", "thresholds",
)  # fmt: skip
GROUPS = {
    "caption", "grade", "item", "metric", "part", "picture", "recipe", "sentence", "verdict",
    "warning", "word",
}  # fmt: skip


def read_book(name: str) -> PhraseBook:
    return PhraseBook("riskmodel.report", f"locale/da/LC_MESSAGES/{name}.po")


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_whole_in_both_languages(name: str) -> None:
    for key, phrase in read_book(name).phrases.items():
        label = phrase.many
        assert not phrase.counted, key
        assert slots(label.da) == slots(label.en), key
        assert (label.da == label.da.strip(), label.en == label.en.strip()) == (True, True), key
        assert label.da.endswith(".") == label.en.endswith("."), key
        # A figure never stands at the end of a line without its sign.
        assert not re.search(r"\d %", label.da), key


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_a_catalogue_that_gettext_tools_accept(name: str) -> None:
    book = read_book(name)
    catalogue = read_po(BytesIO((REPORT / book.path).read_bytes()), locale="da")
    for one in catalogue:
        one.flags.discard("python-format")  # Babel takes every per cent sign for one.
    assert not list(catalogue.check())
    told = {one.context: "python-brace-format" in one.flags for one in catalogue if one.id}
    assert told == {key: "{" in one.many.en for key, one in book.phrases.items()}


@pytest.mark.parametrize("name", NAMES)
def test_no_entry_is_left_that_nothing_says(name: str) -> None:
    sources = [*REPORT.parent.rglob("*.py"), *(REPORT / "templates").iterdir()]
    written = "\n".join(one.read_text(encoding="utf-8") for one in sources)
    words = set(re.findall(r"\w+", written))
    starts = tuple(set(re.findall(r'f"(\w+_)\{', written)))
    ends = tuple(set(re.findall(r'\}(_\w+)"', written)))
    for key in read_book(name).phrases:
        last = key.removeprefix(f"{key.split('.')[0]}.").split(".")[0]
        assert last in words or last.startswith(starts) or last.endswith(ends), key


def test_the_groups_of_the_evaluation_are_those_that_are_read() -> None:
    found = {key.split(".")[0] for key in read_book("evaluation").phrases}
    assert found == GROUPS
    for group in GROUPS:
        labels = evaluation_words.EVALUATION_PHRASES.under(f"{group}.")
        assert any(labels == getattr(evaluation_words, one) for one in evaluation_words.__all__
                   if one not in {"EVALUATION_PHRASES", "ITEM_PARTS"})  # fmt: skip
    parts = {key.rpartition(".")[2] for key in evaluation_words.QUESTIONS}
    assert parts == {"question", "figure", "bar"}
