"""The reviewed catalogue of what the visitation rules say, in Danish and English.

It stands in ``locale/da/LC_MESSAGES/rules.po``: the sentences of each case's reasons, of a policy
told in plain words, and the reasons that an adviser chooses from. What one policy alone says
stands in its own file. `riskmodel.domain.text_catalogue` says how a catalogue is read.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.text_catalogue import PhraseBook

__all__ = ["PHRASES"]

PHRASES: Final = PhraseBook("riskmodel.visitation", "locale/da/LC_MESSAGES/rules.po")
