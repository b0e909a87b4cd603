"""Figures as people read them: whole percentages, percentage points, weeks and dates.

A risk of a person is never shown as 0 % or 100 %.
"""

from __future__ import annotations

import datetime
import math
from functools import lru_cache

from babel.dates import format_date as babel_date
from babel.numbers import format_decimal
from babel.numbers import format_percent as babel_percent

from riskmodel.domain.labels import Language
from riskmodel.report.phrase_catalogue import SMALLEST_POINTS, say, say_count

__all__ = [
    "format_count",
    "format_date",
    "format_limit",
    "format_percent",
    "format_percent_range",
    "format_points",
    "format_points_range",
    "format_short_date",
    "format_signed_points",
    "format_week",
    "format_weeks",
    "format_whole_weeks",
    "shown_percent",
    "shown_points",
]

_LOCALES: dict[Language, str] = {"da": "da_DK", "en": "en_GB"}
_LIMIT_PATTERNS: dict[Language, str] = {"da": "#,##0.#\N{NO-BREAK SPACE}%", "en": "#,##0.#%"}
_SMALLEST, _LARGEST = 0.01, 0.99


def shown_percent(probability: float) -> int:
    """Return the whole percentage that a probability is shown as.

    0 stands for "under 1 %" and 100 for "over 99 %".

    Raises
    ------
    ValueError
        If the probability is not in [0, 1].

    Examples
    --------
    >>> shown_percent(0.382), shown_percent(0.004), shown_percent(0.996)
    (38, 0, 100)
    """
    if not 0 <= probability <= 1:
        msg = f"A probability must lie in [0, 1], got {probability}."
        raise ValueError(msg)
    if probability < _SMALLEST:
        return 0
    return 100 if probability > _LARGEST else round(probability * 100)


@lru_cache(maxsize=512)
def _whole_percent(percent: int, lang: Language) -> str:
    return str(babel_percent(percent / 100, locale=_LOCALES[lang]))


def format_percent(probability: float, lang: Language) -> str:
    """Return a person's risk as a whole percentage, never 0 % or 100 %.

    Examples
    --------
    >>> format_percent(0.382, "en"), format_percent(0.004, "en"), format_percent(1.0, "en")
    ('38%', 'under 1%', 'over 99%')
    """
    percent = shown_percent(probability)
    if percent == 0:
        return say("under", lang, figure=_whole_percent(1, lang))
    if percent == 100:
        return say("over", lang, figure=_whole_percent(99, lang))
    return _whole_percent(percent, lang)


@lru_cache(maxsize=128)
def format_limit(share: float, lang: Language) -> str:
    """Return a threshold as a percentage with at most one decimal.

    Examples
    --------
    >>> format_limit(0.125, "en"), format_limit(0.2, "en")
    ('12.5%', '20%')
    """
    return str(babel_percent(share, format=_LIMIT_PATTERNS[lang], locale=_LOCALES[lang]))


def shown_points(points: float) -> int:
    """Return the whole percentage points shown, signed; 0 stands for "under 1".

    Examples
    --------
    >>> shown_points(9.4), shown_points(-0.97), shown_points(-3.6)
    (9, 0, -4)
    """
    return 0 if abs(points) < SMALLEST_POINTS else round(points)


def format_points(points: float, lang: Language) -> str:
    """Return a size in percentage points without its sign.

    Examples
    --------
    >>> format_points(-9.4, "en"), format_points(1.2, "en"), format_points(0.4, "en")
    ('9 percentage points', '1 percentage point', 'under 1 percentage point')
    """
    size = abs(shown_points(points))
    if size == 0:
        return say_count("point", lang, 1, count=say("under", lang, figure=1))
    return say_count("point", lang, size)


def format_signed_points(points: float, lang: Language) -> str:
    """Return percentage points with a plus or a true minus sign, for pictures and tables.

    Examples
    --------
    >>> format_signed_points(9.4, "en"), format_signed_points(0.4, "en")
    ('+9', 'under 1')
    """
    size = shown_points(points)
    if size == 0:
        return say("under", lang, figure=1)
    return f"+{size}" if size > 0 else f"\N{MINUS SIGN}{-size}"


def _whole_points(points: float) -> str:
    whole = round(points)
    if whole == 0:
        return "0"
    return f"+{whole}" if whole > 0 else f"\N{MINUS SIGN}{-whole}"


def format_points_range(interval: tuple[float, float], lang: Language) -> str:
    """Return the interval of percentage points, signed and whole.

    Examples
    --------
    >>> format_points_range((4.6, 13.2), "en"), format_points_range((-0.2, 0.3), "en")
    ('+5 to +13', 'about 0')
    """
    low, high = (_whole_points(end) for end in interval)
    return say("about", lang, figure=low) if low == high else _from_to(low, high, lang)


def format_percent_range(interval: tuple[float, float], lang: Language) -> str:
    r"""Return the interval of a chance in whole percentages.

    Examples
    --------
    >>> format_percent_range((0.34, 0.58), "da"), format_percent_range((0.221, 0.223), "en")
    ('34\xa0% til 58\xa0%', 'about 22%')
    """
    low, high = (format_percent(end, lang) for end in interval)
    return say("about", lang, figure=low) if low == high else _from_to(low, high, lang)


def _from_to(low: str, high: str, lang: Language) -> str:
    return say("from_to", lang, low=low, high=high)


@lru_cache(maxsize=4096)
def format_week(week: float, lang: Language) -> str:
    """Return the number of a week, with one decimal only where it is needed.

    Examples
    --------
    >>> format_week(8.0, "da"), format_week(4.5, "da")
    ('8', '4,5')
    """
    return str(format_decimal(round(week, 1), format="0.#", locale=_LOCALES[lang]))


def format_weeks(weeks: float, lang: Language, *, last_week: float = math.inf) -> str:
    """Return a number of weeks; beyond the last known week it reads "over …".

    Examples
    --------
    >>> format_weeks(26, "da"), format_weeks(1, "da"), format_weeks(120, "da", last_week=104)
    ('26 uger', '1 uge', 'over 104 uger')
    """
    beyond = weeks >= last_week or not math.isfinite(weeks)
    shown = last_week if beyond else weeks
    figure = format_week(shown, lang)
    text = say_count("week", lang, 1 if figure == "1" else 2, count=figure)
    return say("over", lang, figure=text) if beyond else text


def format_whole_weeks(weeks: float, lang: Language, *, last_week: float = math.inf) -> str:
    """Return a duration in whole weeks; beyond the last known week it reads "over …".

    Examples
    --------
    >>> format_whole_weeks(23.2, "da"), format_whole_weeks(math.inf, "da", last_week=52)
    ('23 uger', 'over 52 uger')
    """
    whole = float(round(weeks)) if math.isfinite(weeks) else weeks
    return format_weeks(whole, lang, last_week=last_week)


def format_count(count: int, lang: Language) -> str:
    """Return a count with the language's thousands separator.

    Examples
    --------
    >>> format_count(12400, "da"), format_count(12400, "en")
    ('12.400', '12,400')
    """
    return str(format_decimal(count, locale=_LOCALES[lang]))


def format_date(day: datetime.date, lang: Language) -> str:
    """Return a date in words.

    Examples
    --------
    >>> format_date(datetime.date(2026, 11, 22), "da")
    '22. november 2026'
    """
    return str(babel_date(day, "long", locale=_LOCALES[lang]))


def format_short_date(day: datetime.date, lang: Language) -> str:
    """Return a date in figures, for a column of dates.

    Examples
    --------
    >>> format_short_date(datetime.date(2026, 8, 5), "da")
    '05.08.2026'
    """
    return str(babel_date(day, "dd.MM.y" if lang == "da" else "dd/MM/y", locale=_LOCALES[lang]))
