"""What the evaluation report says, in both languages.

It stands in ``locale/da/LC_MESSAGES/evaluation.po``: the key as context, the English text, the
Danish one. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from riskmodel.domain.labels import Label
from riskmodel.domain.text_catalogue import PhraseBook

__all__ = [
    "CAPTIONS",
    "EVALUATION_PHRASES",
    "GRADES",
    "ITEM_PARTS",
    "ITEM_TITLES",
    "METRIC_LABELS",
    "PARTS",
    "PICTURE_WORDS",
    "QUESTIONS",
    "RECIPE",
    "SENTENCES",
    "TABLE_WORDS",
    "WARNINGS",
]

EVALUATION_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/evaluation.po")

CAPTIONS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("caption.")
SENTENCES: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("sentence.")
WARNINGS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("warning.")
METRIC_LABELS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("metric.")
TABLE_WORDS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("word.")
PICTURE_WORDS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("picture.")
RECIPE: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("recipe.")

GRADES: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("grade.")
QUESTIONS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("verdict.")
"""``KEY.question``, ``KEY.figure`` and ``KEY.bar`` of each verdict."""

PARTS: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("part.")
ITEM_TITLES: Final[Mapping[str, Label]] = EVALUATION_PHRASES.under("item.")
"""Items of TRIPOD+AI by number, in order."""

ITEM_PARTS: Final[Mapping[str, str]] = {
    number: part
    for part, numbers in (
        ("title", "1 2"),
        ("introduction", "3a 3b 3c 4"),
        (
            "methods",
            "5a 5b 6a 6b 6c 7 8a 8b 8c 9a 9b 9c 10 11 12a 12b 12c 12d 12e 12f 12g 13 14 15 16 17",
        ),
        ("open", "18a 18b 18c 18d 18e 18f 19"),
        ("results", "20a 20b 20c 21 22 23a 23b 24"),
        ("discussion", "25 26 27a 27b 27c"),
    )
    for number in numbers.split()
}
"""The part of the report that each item stands in."""
