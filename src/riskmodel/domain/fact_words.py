"""A fact in words: a level by its label, a number as the language writes it, with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskmodel.domain.labels import Label, Language
from riskmodel.domain.text_catalogue import PhraseBook

if TYPE_CHECKING:
    from riskmodel.domain.codebook import Codebook, Field

__all__ = ["FACT_PHRASES", "name_site", "word_number", "word_quantity", "word_value"]

FACT_PHRASES: Final = PhraseBook("riskmodel.domain", "locale/da/LC_MESSAGES/facts.po")
_COUNT: Final = "count"


def name_site(codebook: Codebook, site: str) -> Label | None:
    """Return what a municipality is called: its level's label, the name in the cases, or None.

    Parameters
    ----------
    codebook : Codebook
        It may describe the municipality as a field with levels.
    site : str
        As it stands in the cases; empty where there is none.
    """
    for field in codebook.fields:
        if field.name == codebook.site and site in field.level_values:
            return field.level_label(site)
    return Label(da=site, en=site) if site.strip() else None


def word_number(value: float, lang: Language) -> str:
    """Return a number as the language writes it, with two decimals at most.

    Examples
    --------
    >>> word_number(12.5, "da"), word_number(8.0, "en"), word_number(12400, "da")
    ('12,5', '8', '12.400')
    """
    from babel.numbers import format_decimal  # noqa: PLC0415 - scoring words nothing

    return str(format_decimal(value, format="#,##0.##", locale=lang))


def word_quantity(field: Field, value: float, lang: Language) -> str:
    """Return a number of a field with its unit.

    Examples
    --------
    >>> from riskmodel.domain.codebook import Field
    >>> wait = Field("wait", Label("Ventetid", "Wait"), "number", "review", unit="weeks",
    ...              range=(0, 104))
    >>> word_quantity(wait, 1, "da"), word_quantity(wait, 3.428571, "da")
    ('1 uge', '3,43 uger')
    """
    number = word_number(value, lang)
    unit = field.unit
    if unit is None or unit == _COUNT:
        return number
    if unit == "week":
        return FACT_PHRASES.say("week_number", lang, number=number)
    key = f"unit_{unit}"
    if key not in FACT_PHRASES.phrases:
        return f"{number} {unit}"
    # The form follows the number as it is written, so that 1.001 is one week too.
    return FACT_PHRASES.say_count(key, lang, 1.0 if number == "1" else 0.0, count=number)


def word_value(field: Field, value: float | str | None) -> Label:
    """Return a fact in both languages, without its label.

    Parameters
    ----------
    field : Field
        The field.
    value : float or str or None
        A number, the value of a level, or None where it is missing.

    Raises
    ------
    KeyError
        If the field has no such level.

    Examples
    --------
    >>> from riskmodel.domain.codebook import Field
    >>> strain = Field("strain", Label("Forhold", "Strain"), "number", "review", unit="count",
    ...                range=(0, 5))
    >>> word_value(strain, 0.0).da, word_value(strain, 2.0).da, word_value(strain, None).en
    ('ingen', '2', 'not stated')
    """
    if value is None:
        return field.missing_label or FACT_PHRASES.label("not_stated")
    if isinstance(value, str):
        return field.level_label(value) if field.levels else Label(value, value)
    if value == 0 and field.unit == _COUNT:
        return FACT_PHRASES.label("nothing")
    return Label(da=word_quantity(field, value, "da"), en=word_quantity(field, value, "en"))
