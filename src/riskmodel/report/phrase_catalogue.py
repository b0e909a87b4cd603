"""The reviewed phrase catalogue: every sentence that caseworkers and citizens meet.

The sentences stand in ``locale/da/LC_MESSAGES/riskmodel.po``: the key as context, the English
text, the Danish one. `riskmodel.domain.text_catalogue` says how the file is read. A sentence
never names a cause, never gives advice on a fixed fact and never uses a word from
`BANNED_WORDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from riskmodel.domain.labels import Label, Language
from riskmodel.domain.text_catalogue import Phrase, PhraseBook

__all__ = [
    "BANNED_WORDS",
    "CATALOGUE",
    "DATA_KINDS",
    "GAP_STEPS",
    "NOT_FOR",
    "SIZE_STEPS",
    "SMALLEST_POINTS",
    "SPREAD_STEPS",
    "UNSCORED",
    "Phrase",
    "read_catalogue",
    "say",
    "say_count",
]

CATALOGUE: Final = "locale/da/LC_MESSAGES/riskmodel.po"

# Shown percentage points from which each size word is used; below the last one, "hardly".
SIZE_STEPS: Final[tuple[tuple[int, str], ...]] = ((8, "much"), (3, "some"), (1, "little"))
SMALLEST_POINTS: Final[int] = 1

# Shown gap to a typical case, in percentage points, from which each size word is used.
GAP_STEPS: Final[tuple[tuple[int, str], ...]] = ((15, "much"), (5, "some"), (2, "little"))

# Shown width of the interval of a risk, in percentage points, from which each word is used.
SPREAD_STEPS: Final[tuple[tuple[int, str], ...]] = ((25, "large"), (10, "medium"), (0, "small"))

# What the figure is not for: keys of sentences that stand on every page, letter and note.
NOT_FOR: Final[tuple[str, ...]] = (
    "not_for_benefit",
    "not_for_incapacity",
    "not_for_reasons",
    "not_for_effect",
    "not_for_decision",
)

# Stems: a word that starts with one is banned too. A phrase is banned as it stands.
BANNED_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "da": (
        "fordi", "skyldes", "årsag", "forårsag", "på grund af", "pga", "grundet", "medfør",
        "bevirk", "som følge af", "fører til", "føre til", "resulter", "udløs", "derfor",
        "dermed", "betyder at", "gør at", "takket være", "effekten af", "virkningen af",
        "shap", "feature", "log-odds", "logit", "baseline", "response", "score", "koefficient",
        "variabel", "prædiktor", "median", "algoritme", "lightgbm", "auc", "e[f(x)]",
        "konfidens", "kalibrer", "percentil", "kvantil", "regression", "output", "input",
    ),
    "en": (
        "because", "due to", "cause", "leads to", "lead to", "results in", "as a result",
        "owing to", "thanks to", "therefore", "thereby", "effect of the", "impact of",
        "shap", "feature", "log-odds", "logit", "baseline", "response", "score", "coefficient",
        "variable", "predictor", "median", "algorithm", "lightgbm", "auc", "e[f(x)]",
        "confidence interval", "calibrat", "percentile", "quantile", "regression",
    ),
}  # fmt: skip


_BOOK: Final = PhraseBook("riskmodel.report", CATALOGUE)


def read_catalogue() -> Mapping[str, Phrase]:
    """Return every phrase by its key; the file is read once.

    Raises
    ------
    ValueError
        If a key stands twice, or a text lacks one of the languages.
    """
    return _BOOK.phrases


def say(key: str, lang: Language, **values: object) -> str:
    """Return a phrase with its values filled in.

    Raises
    ------
    KeyError
        If the catalogue has no such phrase, or a value is missing.

    Examples
    --------
    >>> say("made_on", "en", date="1 July 2026")
    'Made on 1 July 2026.'
    """
    return _BOOK.say(key, lang, **values)


def say_count(key: str, lang: Language, number: int, **values: object) -> str:
    """Return a phrase in the form that a number asks for.

    Parameters
    ----------
    key : str
        Key of a phrase.
    lang : {"da", "en"}
        Language.
    number : int
        Chooses the form; it is also the value ``count`` where none is given.
    **values
        Values to fill in.

    Examples
    --------
    >>> say_count("week", "da", 1), say_count("week", "da", 2)
    ('1 uge', '2 uger')
    """
    return _BOOK.say_count(key, lang, number, **values)


DATA_KINDS: Final[Mapping[str, Label]] = _BOOK.labels(
    "kind_", ("synthetic", "public", "case_records")
)
# Why a case has no figures: drawn to be judged without, too late or too early for the model.
UNSCORED: Final[Mapping[str, Label]] = _BOOK.labels("unscored_", ("by_lot", "late", "early"))
