"""Numbers, facts and conditions in Danish and English words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from riskmodel.domain.codebook import Field
from riskmodel.domain.fact_words import word_number, word_quantity, word_value
from riskmodel.domain.labels import Label, Language
from riskmodel.visitation.conditions import (
    AllOf,
    AnyOf,
    AtMostOf,
    Condition,
    InLevels,
    InRange,
    IsMissing,
    Not,
)
from riskmodel.visitation.rule_phrases import PHRASES

__all__ = [
    "describe_condition",
    "in_both",
    "join_words",
    "quote",
    "word_fact",
    "word_horizon",
    "word_number",
    "word_percent",
    "word_percent_against",
]

_MAX_DECIMALS = 6
_MANY_LEVELS = 4
Joint = Literal["and", "or"]
_JOINTS: Final[dict[Joint, str]] = {"and": "joined_and", "or": "joined_or"}


def in_both(word: Callable[[Language], str]) -> Label:
    """Return a text written once per language."""
    return Label(da=word("da"), en=word("en"))


def word_percent(value: float, lang: Language, decimals: int = 0) -> str:
    """Return a fraction as a percentage.

    Examples
    --------
    >>> word_percent(0.255, "en", 1)
    '25.5%'
    """
    from babel.numbers import format_percent  # noqa: PLC0415

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    gap = "\N{NO-BREAK SPACE}" if lang == "da" else ""
    return str(format_percent(value, format=f"{pattern}{gap}%", locale=lang))


def word_percent_against(value: float, others: Sequence[float], lang: Language) -> str:
    """Return a percentage with as many decimals as it takes to differ from other figures.

    A risk of 0.1996 under a threshold of 0.20 is not written as "20 % is below 20 %".

    Examples
    --------
    >>> word_percent_against(0.1996, [0.2], "en")
    '19.96%'
    """
    for decimals in range(_MAX_DECIMALS):
        words = word_percent(value, lang, decimals)
        if all(word_percent(one, lang, decimals) != words for one in others if one != value):
            return words
    return word_percent(value, lang, _MAX_DECIMALS)


def word_fact(field: Field, value: float | str | None, lang: Language) -> str:
    """Return a fact with its label: a level by its label, a number with its unit."""
    return f"{field.label.text(lang)}: {word_value(field, value).text(lang)}"


def word_horizon(weeks: float | None, lang: Language) -> str:
    """Return what the risk is a risk of, with a space before it; empty without a horizon.

    Examples
    --------
    >>> word_horizon(26, "en"), word_horizon(1, "da"), word_horizon(None, "da")
    (' of still being sick-listed after 26 weeks', ' for fortsat at være sygemeldt efter 1 uge', '')
    """
    if weeks is None:
        return ""
    return " " + PHRASES.say_count("horizon", lang, weeks, count=word_number(weeks, lang))


def quote(words: str, lang: Language) -> str:
    """Return words in the quotation marks of the language.

    Examples
    --------
    >>> quote("Alder", "da"), quote("Age", "en")
    ('»Alder«', '"Age"')
    """
    return PHRASES.say("quoted", lang, words=words)


def join_words(words: Sequence[str], lang: Language, joint: Joint = "and") -> str:
    """Return words as a list in a sentence, joined by and or or.

    Examples
    --------
    >>> join_words(["a", "b", "c"], "da", "or")
    'a, b eller c'
    """
    if len(words) <= 1:
        return "".join(words)
    *first, last = words
    return PHRASES.say(_JOINTS[joint], lang, words=", ".join(first), last=last)


def describe_condition(condition: Condition, lang: Language, *, inside: bool = False) -> str:
    """Return what a condition asks, word for word from its fields and levels."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            joint: Joint = "and" if isinstance(condition, AllOf) else "or"
            words = [describe_condition(part, lang, inside=True) for part in parts]
            joined = join_words(words, lang, joint)
            return f"({joined})" if inside and len(parts) > 1 else joined
        case Not(part):
            words_inside = describe_condition(part, lang, inside=True)
            return PHRASES.say("asks_not", lang, condition=words_inside.strip("()"))
        case AtMostOf(parts, at_most):
            words = [describe_condition(part, lang, inside=True) for part in parts]
            return PHRASES.say(
                "asks_at_most_of",
                lang,
                count=word_number(at_most, lang),
                conditions="; ".join(words),
            )
        case _:
            return _describe_test(condition, lang)


def _describe_test(test: IsMissing | InLevels | InRange, lang: Language) -> str:
    fact = quote(test.field.label.text(lang), lang)
    if isinstance(test, IsMissing):
        return PHRASES.say("asks_missing" if test.missing else "asks_stated", lang, fact=fact)
    if isinstance(test, InLevels):
        others = [value for value in test.field.level_values if value not in test.allowed]
        excludes = len(test.allowed) >= _MANY_LEVELS > len(others)
        named = others if excludes else test.allowed
        labels = [test.field.level_label(value).text(lang) for value in named]
        key = "asks_is_not" if excludes else "asks_is"
        return PHRASES.say(key, lang, fact=fact, value=join_words(labels, lang, "or"))
    bounds = [
        PHRASES.say(key, lang, number=word_quantity(test.field, bound, lang))
        for key, bound in (("bound_at_least", test.at_least), ("bound_at_most", test.at_most))
        if bound is not None
    ]
    return PHRASES.say("asks_is", lang, fact=fact, value=join_words(bounds, lang))
