"""A fact in words: a level by its label, a number as the language writes it, with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskmodel.domain.labels import Label, Language

if TYPE_CHECKING:
    from riskmodel.domain.codebook import Codebook, Field

__all__ = ["NOT_RELEVANT", "NOT_STATED", "name_site", "word_number", "word_quantity", "word_value"]

NOT_STATED: Final = Label(da="ikke oplyst", en="not stated")
NOT_RELEVANT: Final = Label(da="ikke relevant", en="not relevant")
_NOTHING: Final = Label(da="ingen", en="none")
_WEEK: Final = Label(da="uge {number}", en="week {number}")
# For one and for any other number.
_UNITS: Final[dict[str, tuple[Label, Label]]] = {
    "weeks": (Label(da="uge", en="week"), Label(da="uger", en="weeks")),
    "days": (Label(da="dag", en="day"), Label(da="dage", en="days")),
    "months": (Label(da="måned", en="month"), Label(da="måneder", en="months")),
    "years": (Label(da="år", en="year"), Label(da="år", en="years")),
    "hours": (Label(da="time", en="hour"), Label(da="timer", en="hours")),
    "dollars": (Label(da="dollar", en="dollar"), Label(da="dollar", en="dollars")),
    "kroner": (Label(da="krone", en="krone"), Label(da="kroner", en="kroner")),
}
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
        return _WEEK.text(lang).format(number=number)
    one, many = _UNITS.get(unit, (Label(unit, unit), Label(unit, unit)))
    return f"{number} {(one if number == '1' else many).text(lang)}"


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
        return field.missing_label or NOT_STATED
    if isinstance(value, str):
        return field.level_label(value) if field.levels else Label(value, value)
    if value == 0 and field.unit == _COUNT:
        return _NOTHING
    return Label(da=word_quantity(field, value, "da"), en=word_quantity(field, value, "en"))
