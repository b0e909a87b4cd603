"""What the page about employers says, in both languages.

It stands in ``locale/da/LC_MESSAGES/employers.po``: the key as context, the English text, the
Danish one. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.domain.text_catalogue import PhraseBook

__all__ = ["EMPLOYER_PHRASES", "say_employers"]

EMPLOYER_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/employers.po")


def say_employers(key: str, lang: Language, **values: object) -> str:
    """Return a text with its values filled in.

    Examples
    --------
    >>> say_employers("small", "en", n=3, cell=5)
    '3 employers with fewer than 5 people sick-listed are not shown.'
    """
    return EMPLOYER_PHRASES.say(key, lang, **values)
