"""The rules' catalogue: whole in both languages, plain words, nothing unused, nothing beside it."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from riskmodel.domain.labels import LANGUAGES, Label
from riskmodel.domain.text_catalogue import Phrase
from riskmodel.report.readability import (
    HARDEST_LIX,
    LONGEST_SENTENCE,
    compute_lix,
    find_banned_words,
    split_sentences,
    split_words,
)
from riskmodel.visitation import rule_phrases
from riskmodel.visitation.policy import BUILT_IN_RULES, WorklistKey
from riskmodel.visitation.regimes import Certainty
from riskmodel.visitation.rule_phrases import PHRASES
from riskmodel.visitation.thresholds import ThresholdStatus

VISITATION = Path(rule_phrases.__file__).parent
# What keys begin with that a module chooses between before it asks.
NAMED_STARTS = ("asks_", "bound_", "caution_", "contact_", "joined_")
SPEAKERS = ("say", "say_count", "label")
# Sentences that stand beside a letter of the Danish alphabet or a common word give it away.
DANISH = re.compile(
    r"[æøåÆØÅ»«]|\b(?:af|og|eller|ikke|sagen|sager|risikoen|uge|uger|mindst|ellers|fra|borgeren"
    r"|indsats|oplysning|oplysninger|mangler|reglerne|samtale|samtaler|er|et|til|hvor)\b",
    re.IGNORECASE,
)


def slots(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def labels_of(phrase: Phrase) -> tuple[Label, ...]:
    return (phrase.one, phrase.many) if phrase.counted else (phrase.many,)


@pytest.mark.parametrize("key", sorted(PHRASES.phrases))
def test_an_entry_is_whole_and_plain_in_both_languages(key):
    for label in labels_of(PHRASES.phrases[key]):
        assert slots(label.da) == slots(label.en)
        assert label.da.endswith(".") == label.en.endswith(".")
        for lang in LANGUAGES:
            text = label.text(lang)
            assert text == text.strip()
            assert find_banned_words(text, lang) == []
            assert all(len(split_words(one)) <= LONGEST_SENTENCE for one in split_sentences(text))


def test_the_forms_of_a_count_differ_only_where_the_language_does():
    for phrase in PHRASES.phrases.values():
        if phrase.counted:
            assert phrase.one != phrase.many
            assert slots(phrase.one.da) == slots(phrase.many.da)


def test_the_sentences_are_easy_to_read():
    texts = [phrase.many.da for phrase in PHRASES.phrases.values()]
    told = "\n".join(re.sub(r"\{\w+\}", "x", text) for text in texts if text.endswith("."))
    assert compute_lix(told) <= HARDEST_LIX


def test_the_file_is_a_catalogue_that_gettext_tools_accept():
    catalogue = read_po(BytesIO((VISITATION / PHRASES.path).read_bytes()), locale="da")
    assert not list(catalogue.check())
    assert len(catalogue) == len(PHRASES.phrases)
    told = {one.context: "python-brace-format" in one.flags for one in catalogue if one.id}
    assert told == {key: "{" in one.many.en for key, one in PHRASES.phrases.items()}


def read_modules() -> dict[str, ast.Module]:
    return {path.name: ast.parse(path.read_text()) for path in sorted(VISITATION.glob("*.py"))}


def keys_said(tree: ast.AST) -> set[str]:
    """Return the keys that a module names where it asks the catalogue, f-strings as patterns."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if not isinstance(owner, ast.Name) or owner.id != "PHRASES":
            continue
        if node.func.attr == "labels":
            names = BUILT_IN_RULES if isinstance(node.args[1], ast.Name) else None
            names = names or ast.literal_eval(node.args[1])
            found |= {re.escape(ast.literal_eval(node.args[0]) + name) for name in names}
        else:
            assert node.func.attr in SPEAKERS
            found |= set(patterns_of(node.args[0]))
    return found


def patterns_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield re.escape(str(node.value))
    elif isinstance(node, ast.IfExp):
        yield from (*patterns_of(node.body), *patterns_of(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"\w+"
            for one in node.values
        )


def texts_in(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_key_that_is_asked_for_is_there_and_every_entry_is_used():
    trees = {
        name: tree for name, tree in read_modules().items()
        if any(isinstance(one, ast.Name) and one.id == "PHRASES" for one in ast.walk(tree))
    }  # fmt: skip
    patterns = set().union(*map(keys_said, trees.values()))
    assert len(patterns) > 50
    keys = set(PHRASES.phrases)
    missing = {one for one in patterns if not any(re.fullmatch(one, key) for key in keys)}
    assert missing == set()
    # A key may also stand in a local name or a table of the module.
    named = set().union(*map(texts_in, trees.values()))
    assert {one for one in named if one.startswith(NAMED_STARTS)} <= keys
    said = {key for key in keys if any(re.fullmatch(one, key) for one in patterns)}
    assert sorted(keys - said - named) == []


def test_every_word_of_the_program_has_its_phrase():
    words = {
        "certainty_": get_args(Certainty),
        "status_": get_args(ThresholdStatus),
        "threshold_": ("lower", "upper"),
        "order_": get_args(WorklistKey),
        "heading_": (
            "validity", "law", "thresholds", "exceptions", "gate", "uncomplicated", "caution",
            "tiers", "assessments", "audit", "worklist",
        ),
    }  # fmt: skip
    for start, names in words.items():
        found = {key.removeprefix(start) for key in PHRASES.phrases if key.startswith(start)}
        assert found - {"within", "ties"} == set(names)
    assert set(words["heading_"]) <= texts_in(read_modules()["policy_text.py"])


def speaks_beside_the_catalogue(tree: ast.AST) -> Iterator[str]:
    """Yield what a module says by itself: labels of its own, choices by language, Danish."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Label":
            given = [*node.args, *(one.value for one in node.keywords)]
            plain = [one for one in given if isinstance(one, ast.Constant | ast.JoinedStr)]
            if any(re.search(r"\w", text) for one in plain for text in texts_in(one)):
                yield f"line {node.lineno}: Label"
        elif isinstance(node, ast.If | ast.IfExp):
            asks = {"da", "en"} & texts_in(node.test)
            branches = node.body if isinstance(node.body, list) else [node.body]
            says = {text for one in branches for text in texts_in(one)}
            if asks and any(re.search(r"[^\W_]{2} |[^\W_]{3}", text) for text in says):
                yield f"line {node.lineno}: chosen by language"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            documents = isinstance(parents.get(node), ast.Expr)
            if not documents and DANISH.search(node.value):
                yield f"line {node.lineno}: {node.value}"


def test_no_sentence_stands_beside_the_catalogue():
    found = {name: list(speaks_beside_the_catalogue(tree)) for name, tree in read_modules().items()}
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize(
    "source",
    [
        'LABEL = Label(da="Nedre", en="Lower")',
        'Label("Nedre", "Lower")',
        'word = "must" if lang == "en" else "kan"',
        'if lang == "da":\n    yield f"Risiko {risk}"',
        'text = "Sagen vurderes"',
        'text = f"x {n} højst"',
    ],
)
def test_the_search_finds_what_it_must(source):
    assert list(speaks_beside_the_catalogue(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        '"""En Label(da="Nedre")."""',
        'label = Label(da=word("da"), en=word("en"))',
        'gap = " " if lang == "da" else ""',
        'msg = "lower must lie below upper."',
        'PHRASES.say("quoted", lang, words=words)',
    ],
)
def test_the_search_leaves_the_rest(source):
    assert not list(speaks_beside_the_catalogue(ast.parse(source)))
