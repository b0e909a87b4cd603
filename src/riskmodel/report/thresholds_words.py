"""What the thresholds report says, in both languages.

It stands in ``locale/da/LC_MESSAGES/thresholds.po``: the key as context, the English text, the
Danish one. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.domain.text_catalogue import PhraseBook

__all__ = ["THRESHOLD_PHRASES", "say_threshold"]

THRESHOLD_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/thresholds.po")


def say_threshold(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the thresholds report with its values filled in.

    Examples
    --------
    >>> say_threshold("of_hundred", "en", n=5)
    '5 in 100'
    """
    return THRESHOLD_PHRASES.say(key, lang, **values)
