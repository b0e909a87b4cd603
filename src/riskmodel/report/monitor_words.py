"""What the pages about decisions and audits say, in both languages.

It stands in ``locale/da/LC_MESSAGES/monitor.po``: the key as context, the English text, the
Danish one. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.domain.text_catalogue import PhraseBook

__all__ = ["MONITOR_PHRASES", "say_monitor"]

MONITOR_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/monitor.po")


def say_monitor(key: str, lang: Language, **values: object) -> str:
    """Return a text with its values filled in.

    Examples
    --------
    >>> say_monitor("unmatched", "en", n=7)
    'Records that were not found among the scored cases: 7.'
    """
    return MONITOR_PHRASES.say(key, lang, **values)
