"""The points form's catalogue: whole in both languages, plain words, nothing unused."""

from __future__ import annotations

import ast
import re
import string
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.domain.scorecard import PointBand, PointItem
from riskmodel.evaluation.points_figures import FORM_METRICS
from riskmodel.report import scorecard_page
from riskmodel.report.readability import (
    HARDEST_LIX,
    LONGEST_SENTENCE,
    compute_lix,
    find_banned_words,
    split_sentences,
    split_words,
)
from riskmodel.report.scorecard_page import _write_line
from riskmodel.report.scorecard_words import SCORECARD_PHRASES, say_scorecard

REPORT = Path(scorecard_page.__file__).parent
DESIGNS = ("new cases", "cross-validated")
UNITS = ("unit_weeks", "unit_days", "unit_years")
# The names of figures are terms, and what the points do not say names causes to deny them.
TERMS = {*FORM_METRICS, "limits"}


@pytest.mark.parametrize("key", sorted(SCORECARD_PHRASES.phrases))
def test_an_entry_is_whole_and_plain_in_both_languages(key):
    phrase = SCORECARD_PHRASES.phrases[key]
    assert not phrase.counted
    label = phrase.many
    assert slots(label.da) == slots(label.en)
    assert label.da.endswith(".") == label.en.endswith(".")
    for lang in LANGUAGES:
        text = label.text(lang)
        assert text == text.strip()
        assert all(len(split_words(one)) <= LONGEST_SENTENCE for one in split_sentences(text))
        assert key in TERMS or find_banned_words(text, lang) == []


def slots(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_sentences_are_easy_to_read():
    texts = [one.many.da for one in SCORECARD_PHRASES.phrases.values()]
    told = "\n".join(re.sub(r"\{\w+\}", "x", text) for text in texts if text.endswith("."))
    assert compute_lix(told) <= HARDEST_LIX


def test_the_file_is_a_catalogue_that_gettext_tools_accept():
    catalogue = read_po(BytesIO((REPORT / SCORECARD_PHRASES.path).read_bytes()), locale="da")
    assert not list(catalogue.check())
    assert len(catalogue) == len(SCORECARD_PHRASES.phrases)
    told = {one.context: "python-brace-format" in one.flags for one in catalogue if one.id}
    assert told == {key: "{" in one.many.en for key, one in SCORECARD_PHRASES.phrases.items()}


def test_every_key_that_is_asked_for_is_there_and_every_entry_is_used():
    tree = ast.parse(Path(scorecard_page.__file__).read_text())
    named = {
        found.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "say_scorecard")
        for found in ast.walk(node.args[0])
        if isinstance(found, ast.Constant)
    }
    template = (REPORT / "templates" / "scorecard.html.j2").read_text()
    shown = set(re.findall(r"\bword\.(\w+)", template))
    assert len(named) > 15
    assert len(shown) > 15
    assert named | shown | {*DESIGNS, *FORM_METRICS, *UNITS} == set(SCORECARD_PHRASES.phrases)
    assert not any("{" in SCORECARD_PHRASES.label(key).en for key in shown)


@pytest.mark.parametrize(
    ("unit", "told"), [("weeks", "Ventetid (uger)"), ("kroner", "Ventetid"), ("points", "Ventetid")]
)
def test_a_line_names_its_unit_and_no_other_word_of_the_form(unit, told):
    wait = Field("wait", Label("Ventetid", "Wait"), "number", "review", unit=unit, range=(0, 104))
    assert _write_line(PointItem(wait, (PointBand(2, low=8.0),)), "da").label == told


def test_a_sentence_is_filled_in():
    assert say_scorecard("between", "da", low="8", high="12") == "8 til under 12"
    with pytest.raises(KeyError):
        say_scorecard("between", "da", low="8")
