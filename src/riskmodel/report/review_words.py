"""What the report on a review of closed cases says, in both languages.

It stands in ``locale/da/LC_MESSAGES/review.po``: the key as context, the English text, the
Danish one. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.domain.text_catalogue import PhraseBook

__all__ = ["REVIEW_PHRASES", "say_review"]

REVIEW_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/review.po")


def say_review(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the review report with its values filled in.

    Examples
    --------
    >>> say_review("reviewer", "en", code="L1")
    'Reviewer L1'
    """
    return REVIEW_PHRASES.say(key, lang, **values)
