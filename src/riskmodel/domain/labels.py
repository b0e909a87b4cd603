"""Text in the two languages that riskmodel speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LANGUAGES", "Label", "Language"]

Language = Literal["da", "en"]
LANGUAGES: tuple[Language, ...] = ("da", "en")


@dataclass(frozen=True, slots=True)
class Label:
    """The same text in Danish and English.

    Examples
    --------
    >>> Label(da="Kommune", en="Municipality").text("da")
    'Kommune'
    """

    da: str
    en: str

    def __post_init__(self) -> None:
        if not self.da.strip() or not self.en.strip():
            msg = f"A label needs text in both languages, got da={self.da!r}, en={self.en!r}."
            raise ValueError(msg)

    def text(self, lang: Language) -> str:
        """Return the text in one language."""
        return self.da if lang == "da" else self.en
