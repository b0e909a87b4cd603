"""How plain a text is: its sentences, its readability (LIX) and the words no page may use.

The tests hold every page, letter and note to these limits. A municipality that words its own
codebook or policy can hold its labels to them too.
"""

from __future__ import annotations

import re
from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.report.phrase_catalogue import BANNED_WORDS

__all__ = [
    "HARDEST_LETTER_LIX",
    "HARDEST_LIX",
    "LONGEST_SENTENCE",
    "compute_lix",
    "find_banned_words",
    "split_sentences",
    "split_words",
]

LONGEST_SENTENCE: Final = 25
HARDEST_LIX: Final = 40.0
HARDEST_LETTER_LIX: Final = 35.0
_LONG_WORD = 6


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; a colon or a line break ends one too.

    Examples
    --------
    >>> split_sentences("Risiko: 12,5 %. Den er lav.")
    ['Risiko', '12,5 %', 'Den er lav']
    """
    return [one for one in re.split(r"[.?!:](?:\s+|$)|\n", text) if one.strip()]


def split_words(text: str) -> list[str]:
    """Return the words and figures of a text.

    Examples
    --------
    >>> split_words("En 4-ugers plan (uge 8).")
    ['En', '4-ugers', 'plan', 'uge', '8']
    """
    return re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", text)


def compute_lix(text: str) -> float:
    """Return the readability index: words a sentence plus the percentage of long words.

    Below 35 is easy, 35 to 45 is ordinary newspaper text. A word is long from seven letters.

    Raises
    ------
    ValueError
        If the text has no words.

    References
    ----------
    Björnsson (1968), Läsbarhet.

    Examples
    --------
    >>> round(compute_lix("Det er en kort tekst. Den har langtrukne ordkonstruktioner."), 2)
    26.72
    """
    words = split_words(text)
    if not words:
        msg = "A text without words has no readability."
        raise ValueError(msg)
    long_words = sum(len(word) > _LONG_WORD for word in words)
    return len(words) / len(split_sentences(text)) + 100 * long_words / len(words)


def find_banned_words(text: str, lang: Language) -> list[str]:
    """Return the stems and phrases of `BANNED_WORDS` that a text holds.

    Examples
    --------
    >>> find_banned_words("Det skyldes arbejdet", "da")
    ['skyldes']
    """
    plain = text.casefold()
    return [one for one in BANNED_WORDS[lang] if re.search(rf"(?<!\w){re.escape(one)}", plain)]
