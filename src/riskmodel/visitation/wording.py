"""Numbers, facts and conditions in Danish and English words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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

__all__ = [
    "describe_condition",
    "in_both",
    "join_words",
    "quote",
    "word_fact",
    "word_number",
    "word_percent",
    "word_percent_against",
]

_MAX_DECIMALS = 6
_MANY_LEVELS = 4


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


def quote(words: str, lang: Language) -> str:
    """Return words in the quotation marks of the language.

    Examples
    --------
    >>> quote("Alder", "da"), quote("Age", "en")
    ('»Alder«', '"Age"')
    """
    return f"»{words}«" if lang == "da" else f'"{words}"'


def join_words(words: Sequence[str], lang: Language, joint: str = "and") -> str:
    """Return words as a list in a sentence, joined by and or or.

    Examples
    --------
    >>> join_words(["a", "b", "c"], "da", "or")
    'a, b eller c'
    """
    joints = {"and": Label(da="og", en="and"), "or": Label(da="eller", en="or")}
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joints[joint].text(lang)} {words[-1]}"


def describe_condition(condition: Condition, lang: Language, *, inside: bool = False) -> str:
    """Return what a condition asks, word for word from its fields and levels."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            joint = "and" if isinstance(condition, AllOf) else "or"
            words = [describe_condition(part, lang, inside=True) for part in parts]
            joined = join_words(words, lang, joint)
            return f"({joined})" if inside and len(parts) > 1 else joined
        case Not(part):
            words_inside = describe_condition(part, lang, inside=True)
            return f"{'ikke' if lang == 'da' else 'not'} ({words_inside.strip('()')})"
        case AtMostOf(parts, at_most):
            words = [describe_condition(part, lang, inside=True) for part in parts]
            most = word_number(at_most, lang)
            head = f"højst {most} af disse" if lang == "da" else f"at most {most} of these"
            return f"{head}: {'; '.join(words)}"
        case _:
            return _describe_test(condition, lang)


def _describe_test(test: IsMissing | InLevels | InRange, lang: Language) -> str:
    name, danish = quote(test.field.label.text(lang), lang), lang == "da"
    if isinstance(test, IsMissing):
        if danish:
            return f"{name} {'mangler' if test.missing else 'er oplyst'}"
        return f"{name} is {'missing' if test.missing else 'stated'}"
    if isinstance(test, InLevels):
        others = [value for value in test.field.level_values if value not in test.allowed]
        if len(test.allowed) >= _MANY_LEVELS > len(others):
            labels = [test.field.level_label(value).text(lang) for value in others]
            return f"{name} {'er ikke' if danish else 'is not'} {join_words(labels, lang, 'or')}"
        labels = [test.field.level_label(value).text(lang) for value in test.allowed]
        return f"{name} {'er' if danish else 'is'} {join_words(labels, lang, 'or')}"
    bounds = []
    if test.at_least is not None:
        least = word_quantity(test.field, test.at_least, lang)
        bounds.append(f"{'mindst' if danish else 'at least'} {least}")
    if test.at_most is not None:
        most = word_quantity(test.field, test.at_most, lang)
        bounds.append(f"{'højst' if danish else 'at most'} {most}")
    return f"{name} {'er' if danish else 'is'} {join_words(bounds, lang)}"
