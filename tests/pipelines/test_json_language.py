"""JSON of a case: keys and codes are the same in every language, what is read follows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskmodel.pipelines.explain import explain_to_text

pytestmark = pytest.mark.slow  # whole commands, or many tables

POLICY = Path(__file__).parents[2] / "configs" / "visitation" / "lejre-greve.yaml"
# Codes and names: the same in both languages.
CODES = {
    "format", "case_id", "site", "field", "theme", "value", "direction", "size", "largest",
    "missing", "outside_training", "doubts", "few", "tier", "rule", "missing_facts", "day", "name",
    "version", "data_kind", "site_label",
}  # fmt: skip
# Words that are the same in Danish and English.
SAME = {"fast", "model", "neutral", "track", "under"}
WORD = re.compile(r"(?<![\w-])[^\W\d_]{2,}(?![\w-])")


def list_texts(found: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text with where it stands."""
    if isinstance(found, str):
        yield path, found
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from list_texts(value, (*path, str(key)))
    elif isinstance(found, list):
        for place, value in enumerate(found):
            yield from list_texts(value, (*path, str(place)))


def name_place(path: tuple[str, ...]) -> str:
    """Return the key that a text stands under; a list's texts stand under the list's."""
    return next(one for one in reversed(path) if not one.isdigit())


@pytest.fixture(scope="module")
def told(bundle: Path, open_file: Path) -> dict[str, list[dict[str, object]]]:
    """Return the JSON of the same cases in both languages."""
    return {
        lang: [
            json.loads(line)
            for line in explain_to_text(
                [open_file], model_path=bundle, policy_path=POLICY, form="json", lang=lang
            )
        ]
        for lang in ("da", "en")
    }


def test_every_sentence_follows_the_language(told: dict[str, list[dict[str, object]]]) -> None:
    read = 0
    for danish, english in zip(told["da"], told["en"], strict=True):
        pairs = list(zip(list_texts(danish), list_texts(english), strict=True))
        for (path, text), (other_path, other) in pairs:
            assert path == other_path
            within_words = path[0] == "words"
            if name_place(path) == "language":
                assert (text, other) == ("da", "en")
            elif name_place(path) in CODES and not within_words:
                assert text == other, path
            elif text == other and name_place(path) not in CODES:
                assert {one.casefold() for one in WORD.findall(text)} <= SAME, (path, text)
            else:
                read += 1
    assert read > 1000


def test_no_danish_stands_in_the_english(told: dict[str, list[dict[str, object]]]) -> None:
    for document in told["en"]:
        for path, text in list_texts(document):
            if name_place(path) in CODES:
                continue
            words = {one.strip(".,;:()").casefold() for one in text.split()}
            assert not words & {"og", "ikke", "til", "uge", "uger", "sagen", "er", "den"}, path
            assert not set(text) & set("æøåÆØÅ") or "IKKE" in text, (path, text)


def test_keys_are_the_same_in_both(told: dict[str, list[dict[str, object]]]) -> None:
    for danish, english in zip(told["da"], told["en"], strict=True):
        assert json.dumps(danish, indent=1).count("\n") == json.dumps(english, indent=1).count("\n")
        assert danish.keys() == english.keys()
