"""Every message of the sources stands in the Danish catalogue, once and with the same holes."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import typer
from babel.messages.pofile import read_po

from riskmodel import cli
from riskmodel.cli import message_catalogue
from riskmodel.cli.message_catalogue import CATALOGUE, Entry, read_entries, translate
from riskmodel.report.evaluation_words import GRADES, QUESTIONS, WARNINGS
from riskmodel.report.readability import (
    LONGEST_SENTENCE,
    compute_lix,
    split_sentences,
    split_words,
)

FILE = Path(message_catalogue.__file__).parent / CATALOGUE
MESSAGES = [one for one in read_entries() if not one.context]
TEMPLATES = {one.english for one in read_entries()}
HOLE = re.compile(r"\{(\d+)(?::\w+)?\}")
HARDEST_ERROR_LIX = 45.0

# Contexts whose words the program writes; those of libraries have no place in the sources.
LIBRARIES = ("typer", "system")
OWN_WORDS = ("packet", "place", "purpose", "severity", "stratum", "truth", "verdict")

# A module that tells the text of a ValueError as a fault.
QUOTES = re.compile(
    r"except [^:\n]*ValueError[^:\n]* as error:\s[^\n]*(?:\n[^\n]*){0,3}str\(error\)"
    r"|breaks a rule: \{error\}"
)


def list_help_texts() -> dict[str, str]:
    """Return the paragraphs of help of every command, with the command."""
    found: dict[str, str] = {}

    def walk(command: Any, path: str) -> None:
        texts = [command.help, command.epilog, *(getattr(p, "help", "") for p in command.params)]
        for text in filter(None, texts):
            for paragraph in text.split("\n\n"):
                if not paragraph.startswith("riskmodel "):
                    found.setdefault(" ".join(paragraph.split()), path)
        for name, one in getattr(command, "commands", {}).items():
            walk(one, f"{path} {name}")

    walk(typer.main.get_command(cli.app), "riskmodel")
    return found


def test_every_message_of_the_sources_is_translated(message_templates):
    wanted = message_templates.collect(required=True)
    assert len(wanted) > 700
    missing = {place: text for text, place in wanted.items() if text not in TEMPLATES}
    assert missing == {}, f"give each a msgstr in {FILE.name}"


def test_every_help_text_is_translated():
    texts = list_help_texts()
    assert len(texts) > 80
    missing = {path: text for text, path in texts.items() if text not in TEMPLATES}
    assert missing == {}, f"give each a msgstr in {FILE.name}"


def test_no_translation_is_left_over(message_templates):
    used = set(message_templates.collect(required=False)) | set(list_help_texts())
    left = sorted(one.english for one in MESSAGES if one.english not in used)
    assert left == [], "nothing in the sources says this any more: remove it"
    own = {one.english for one in read_entries() if one.context in OWN_WORDS}
    assert own <= used


def test_the_search_for_messages_finds_what_it_must(templates_of, tmp_path):
    module = tmp_path / "io" / "example.py"
    module.parent.mkdir()
    module.write_text(
        "PLACE = 'in the file'\n"
        "def read(n, found):\n"
        "    '''Read: this sentence is documentation.'''\n"
        "    kind = 'a word' if found else 'a number'\n"
        "    problem = f'the cell {PLACE} holds {kind}, got {n!r}.'\n"
        "    raise InputError(Fault('a', problem, 'Correct it.' + (' Twice.' if n else '')))\n"
        "def check(n, progress):\n"
        "    progress(f'reading {n} files')\n"
        "    msg = 'a caller is wrong.'\n"
        "    raise ValueError(msg)\n"
    )
    assert set(templates_of(tmp_path)) == {
        "the cell in the file holds a word, got {0}.",
        "the cell in the file holds a number, got {0}.",
        "Correct it.",
        "Correct it. Twice.",
        "reading {0} files",
    }


def test_rules_that_become_faults_are_known(message_templates):
    """A module that turns the text of a ValueError into a fault makes its rules messages."""
    turning = {one.name for one in message_templates.read_modules() if QUOTES.search(one.text)}
    assert turning == {
        "domain/field_parsing.py",
        "domain/points_form.py",
        "domain/review_settings.py",
        "domain/scorecard.py",
        "domain/synthetic_settings.py",
        "io/training_config.py",
        "visitation/decision_record.py",
        "visitation/policy_reader.py",
    }, "see that the modules whose rules a new one quotes are in RERAISED"


def check_holes(entry: Entry) -> bool:
    """Whether a translation fills the same holes, each once in the English text, and ends alike."""
    english, danish = HOLE.findall(entry.english), HOLE.findall(entry.danish)
    ends_alike = entry.context or entry.english.endswith(".") == entry.danish.endswith(".")
    # Of what libraries say, a translation may leave out what helps nobody.
    fills = (
        set(danish) <= set(english) if entry.context in LIBRARIES else set(danish) == set(english)
    )
    in_order = english == [str(number) for number in range(len(english))]
    return bool(entry.danish.strip() and fills and in_order and ends_alike)


def test_a_translation_fills_the_same_holes():
    assert [one for one in read_entries() if not check_holes(one)] == []
    assert check_holes(Entry("", "{0} of {1}.", "af {1}: {0}."))
    assert not check_holes(Entry("", "{0} of {1}.", "{0} af {0}."))
    assert not check_holes(Entry("", "{0} is wrong.", "{0} er forkert"))
    assert not check_holes(Entry("", "Wrong.", ""))


def fill(template: str) -> str:
    """Return a template with a made-up word in each hole."""
    text = HOLE.sub(lambda hole: f"<q{hole[1]}>", template)
    return text.replace("{{", "{").replace("}}", "}")


def test_a_message_is_told_by_its_own_translation():
    """No other template takes it, however alike they are."""
    told = {fill(one.english): translate(fill(one.english)) for one in MESSAGES}
    wanted = {fill(one.english): fill(one.danish) for one in MESSAGES}
    assert {text: told[text] for text in told if told[text] != wanted[text]} == {}


def test_a_message_is_told_in_its_place(find_english):
    for before, after in (("", ""), ("  ", ""), ("cases.csv: ", "")):
        for problem in ("the column is missing.", "the number must lie from 0 to 104."):
            told = translate(f"{before}{problem}{after}")
            assert told.startswith(before)
            assert find_english(told.removeprefix(before)) == []


def test_what_the_catalogue_does_not_hold_stays_as_it_is():
    for text in ("", "  ", "Sagen er åben.", "x", "a: b", "out/model", "uge 8; uge 12"):
        assert translate(text) == text


def test_the_file_is_plain_gettext():
    """Read by hand for speed; Babel must read the same."""
    theirs = [
        Entry(one.context or "", str(english), str(danish))
        for one in read_po(BytesIO(FILE.read_bytes()), locale="da", abort_invalid=True)
        if one.id
        for english, danish in zip(
            one.id if one.pluralizable else (one.id,),
            one.string if one.pluralizable else (one.string,),
            strict=True,
        )
    ]
    assert theirs == list(read_entries())
    assert not re.search(r"^#, fuzzy|^#~", FILE.read_text(encoding="utf-8"), re.M)


def test_verdicts_are_worded_as_in_the_report():
    """The report has its own words in both languages; a terminal shows the same ones."""
    labels = [*GRADES.values(), *WARNINGS.values(), *QUESTIONS.values()]
    wanted = set()
    for label in labels:
        names = list(dict.fromkeys(re.findall(r"\{(\w+)\}", label.en)))
        english, danish = (
            re.sub(r"\{(\w+)\}", lambda hole, names=names: f"{{{names.index(hole[1])}}}", text)
            for text in (label.en, label.da)
        )
        wanted.add((english, danish))
    given = [one for one in read_entries() if one.context == "report"]
    assert {(one.english, one.danish.replace(":decimal", "")) for one in given} == wanted


def test_no_message_stands_twice():
    counted = Counter((one.context, one.english) for one in read_entries())
    assert [one for one, count in counted.items() if count > 1] == []


def test_the_danish_holds_no_english(find_english):
    assert {
        one.danish: found for one in MESSAGES if (found := find_english(HOLE.sub("x", one.danish)))
    } == {}
    assert find_english("Vælg another name til --out, i the.csv.") == ["another"]


def test_sentences_are_short(strip_typed):
    for one in MESSAGES:
        text = strip_typed(HOLE.sub("x", one.danish))
        lengths = [len(split_words(sentence)) for sentence in split_sentences(text)]
        assert max(lengths, default=0) <= LONGEST_SENTENCE, one.danish


def test_messages_are_easy_to_read(message_templates):
    """LIX is a measure of texts, so it is taken of all messages of a layer together."""
    danish = {one.english: one.danish for one in MESSAGES}
    texts: dict[str, list[str]] = {}
    for text, place in message_templates.collect(required=True).items():
        if text.endswith(".") and text in danish:
            texts.setdefault(place.split("/")[0], []).append(HOLE.sub("x", danish[text]))
    assert len(texts) >= 6
    assert {layer: lix for layer, told in texts.items()
            if (lix := compute_lix("\n".join(told))) > HARDEST_ERROR_LIX} == {}  # fmt: skip


def test_a_verdict_is_danish_to_its_end():
    told = translate(
        "  Can the model tell long from short? AUC 0.73 (0.67 to 0.80) at 26 weeks, all "
        "assessments, 44% long (bar: at least 0.65, surely at least 0.60; 0.5 is a guess, "
        "published models reach 0.65 to 0.79): in order"
    )
    assert "26 uger, alle vurderinger, 44 % lange (krav: mindst 0,65" in told.replace("\xa0", " ")
    assert told.endswith("): i orden")
