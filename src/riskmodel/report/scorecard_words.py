"""What a points form says, in both languages.

It stands in ``locale/da/LC_MESSAGES/scorecard.po``: the key as context, the English text, the
Danish one. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.domain.text_catalogue import PhraseBook

__all__ = ["SCORECARD_PHRASES", "say_scorecard"]

SCORECARD_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/scorecard.po")


def say_scorecard(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the points form with its values filled in.

    Examples
    --------
    >>> say_scorecard("total", "en", most=20)
    'Points in all (at most 20)'
    """
    return SCORECARD_PHRASES.say(key, lang, **values)
