"""Personal numbers, free text and formulas: how they are recognised and kept out.

A Danish personal number (CPR) is a date, DDMMYY, and four digits. Its check digit has not
held for everybody since 2007, so the date alone decides and the check digit only adds
weight. Nothing here returns any part of a personal number: hits carry ``******-****``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "MOD11_WEIGHTS",
    "CprHit",
    "cpr_like",
    "escape_formula",
    "find_cpr",
    "find_cpr_number",
    "looks_like_free_text",
    "looks_like_name",
    "mask_cpr",
    "mask_cpr_in_message",
    "shown",
    "unescape_formula",
]

FREE_TEXT_DISTINCT = 20
FREE_TEXT_MEAN_LENGTH = 25
SHOWN_DIGITS = 6
MASKED = "******-****"

MOD11_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_GAP = r"[\s._/\u2010-\u2015\u2212-]{0,3}"
_CPR = re.compile(rf"(?<![0-9])(\d\d){_GAP}(\d\d){_GAP}(\d\d){_GAP}(\d{{4}})(?![0-9])", re.ASCII)
_HASH = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}")
_LOST_ZERO = re.compile(r"[1-9][0-9]{8}")
_DECIMAL = re.compile(r"[+-]?([0-9]+)[.,]([0-9]+)")
_EXPONENT = re.compile(r"[0-9](?:[.,][0-9]+)?[eE][+]?[0-9]{1,2}")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_WORD = re.compile(r"[^\W\d_]{2,}")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class CprHit:
    """Digits that can be a personal number, without the number itself.

    Attributes
    ----------
    masked : str
        `MASKED`: as long as the number, and no digit of it.
    separated : bool
        Written with a separator: hardly chance.
    administrative : bool
        Day + 60, as given to people without residence.
    mod11 : bool
        The check digit holds too.
    """

    masked: str
    separated: bool
    administrative: bool
    mod11: bool


def cpr_like(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which integers of nine or ten digits start with a valid date DDMMYY.

    Parameters
    ----------
    numbers : ndarray of int64

    Examples
    --------
    >>> import numpy as np
    >>> cpr_like(np.array([101650000, 3113650000, 7101650000]))
    array([ True, False,  True])
    """
    day = numbers // 100_000_000
    month = numbers // 1_000_000 % 100
    year = numbers // 10_000 % 100
    day = np.where(day > 60, day - 60, day)
    is_month = (month >= 1) & (month <= 12)
    longest = _DAYS[np.where(is_month, month, 0)]
    longest = np.where((month == 2) & (year % 4 != 0), 28, longest)
    in_reach = (numbers >= 100_000_000) & (numbers < 10_000_000_000)
    return np.asarray(in_reach & is_month & (day >= 1) & (day <= longest))


def find_cpr_number(number: int) -> CprHit | None:
    """Return a hit where an integer can be a personal number, perhaps without its zero.

    Examples
    --------
    >>> find_cpr_number(101650000).masked
    '******-****'
    """
    if not 100_000_000 <= number < 10_000_000_000:
        return None
    if not cpr_like(np.array([number], dtype=np.int64))[0]:
        return None
    return _make_hit(f"{number:010d}", separated=False)


def _make_hit(digits: str, *, separated: bool) -> CprHit:
    total = sum(int(digit) * weight for digit, weight in zip(digits, MOD11_WEIGHTS, strict=True))
    return CprHit(
        masked=MASKED,
        separated=separated,
        administrative=int(digits[:2]) > 60,
        mod11=total % 11 == 0,
    )


def find_cpr(text: str) -> CprHit | None:
    """Return the first personal number that a text can hold, or None.

    Recognised are bare digits, digits with hyphens, dashes, blanks, dots or slashes, nine
    digits that lost a leading zero, decimals such as ``101650000.0`` and ``1.0165E+8``, and
    any of these inside other text. A UUID or a long hexadecimal hash never is one.

    Examples
    --------
    >>> find_cpr("see 010165-0000").masked
    '******-****'
    >>> find_cpr("300165-0000").separated, find_cpr("3002650000")
    (True, None)
    """
    plain = _plain(text)
    if _HASH.fullmatch(plain) and not plain.isdigit():
        return None
    decimal = _DECIMAL.fullmatch(plain)
    if decimal is not None:
        return _find_in_decimal(decimal[1], decimal[2])
    if _EXPONENT.fullmatch(plain):
        value = float(plain.replace(",", "."))
        return find_cpr_number(int(value)) if value.is_integer() and value < 1e11 else None
    if _LOST_ZERO.fullmatch(plain):
        return find_cpr_number(int(plain))
    for start in range(len(plain)):
        found = _CPR.match(plain, start)
        if found is not None:
            digits = "".join(found.groups())
            if cpr_like(np.array([int(digits)], dtype=np.int64))[0]:
                return _make_hit(digits, separated=len(found[0]) > len(digits))
    return None


def _find_in_decimal(whole: str, decimals: str) -> CprHit | None:
    if len(whole) in {9, 10} and not decimals.strip("0"):
        return find_cpr_number(int(whole))
    if len(whole) == 6 and len(decimals) == 4 and int(whole) >= 10_000:
        hit = find_cpr_number(int(whole + decimals))
        return None if hit is None else _make_hit(whole + decimals, separated=True)
    return None


def _plain(text: str) -> str:
    """Fold full-width digits and drop characters that do not show."""
    if text.isascii():
        return text.strip()
    folded = unicodedata.normalize("NFKC", text)
    return "".join(one for one in folded if unicodedata.category(one) != "Cf").strip()


def mask_cpr(text: str) -> str:
    """Return a text with personal numbers, and other long runs of digits, starred.

    Examples
    --------
    >>> mask_cpr("list 010165-0000.csv")
    'list ******-****.csv'
    >>> mask_cpr("case 12345678901")
    'case ***********'
    """
    plain = _plain(text)

    def star(found: re.Match[str]) -> str:
        digits = "".join(found.groups())
        is_date = bool(cpr_like(np.array([int(digits)], dtype=np.int64))[0])
        return MASKED if is_date else found[0]

    masked = _CPR.sub(star, plain)
    if masked == plain:
        hit = find_cpr(plain)
        masked = plain if hit is None else hit.masked
    return re.sub(r"(?<![0-9])[0-9]{9,}", lambda found: "*" * len(found[0]), masked)


def mask_cpr_in_message(text: str) -> str:
    """Return a message with personal numbers starred, and everything else as it is.

    Unlike `mask_cpr` it leaves sizes and digests alone.

    Examples
    --------
    >>> mask_cpr_in_message("there is no file list 010165-0000.csv of 123456789012 bytes")
    'there is no file list ******-****.csv of 123456789012 bytes'
    """

    def star(found: re.Match[str]) -> str:
        start, end = found.span()
        before = re.search(r"[0-9a-fA-F-]*\Z", text[:start])
        after = re.match(r"[0-9a-fA-F-]*", text[end:])
        word = (before[0] if before else "") + found[0] + (after[0] if after else "")
        digits = "".join(found.groups())
        is_date = bool(cpr_like(np.array([int(digits)], dtype=np.int64))[0])
        is_digest = _HASH.fullmatch(word.strip("-")) is not None and not word.isdigit()
        return MASKED if is_date and not is_digest else found[0]

    return _CPR.sub(star, text)


def looks_like_free_text(values: Sequence[str]) -> bool:
    """Guess whether the different values of a text column are free text.

    More than 20 different values, or a mean length above 25 letters, is no closed list.

    Examples
    --------
    >>> looks_like_free_text(["yes", "no"]), looks_like_free_text(["a long story " * 3])
    (False, True)
    """
    if not values:
        return False
    mean_length = sum(map(len, values)) / len(values)
    return len(values) > FREE_TEXT_DISTINCT or mean_length > FREE_TEXT_MEAN_LENGTH


def looks_like_name(text: str) -> bool:
    """Guess whether a text can be a person's name: two or more words and no digit.

    Examples
    --------
    >>> looks_like_name("Anden Person"), looks_like_name("case 12")
    (True, False)
    """
    has_digit = any(letter.isdigit() for letter in text)
    return not has_digit and len(_WORD.findall(text)) >= 2 and len(text.split()) >= 2


def shown(text: str) -> str | None:
    """Return a cell's text where a message may repeat it, else None.

    Only short plain numbers are repeated. A word can be somebody's name, a long number can
    identify somebody, and a date can be that of a birth: messages name their kind alone.

    Examples
    --------
    >>> shown("250"), shown("12,5"), shown("mabye"), shown("12345678"), shown("02-01-1965")
    ('250', '12,5', None, None, None)
    """
    word = text.strip()
    digits = sum(letter.isdigit() for letter in word)
    return word if _PLAIN_NUMBER.fullmatch(word) and digits <= SHOWN_DIGITS else None


def escape_formula(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula.

    A text that starts with one of ``= + - @`` (also full-width), tab, a line end or NUL
    gets an apostrophe in front; so does one that starts with an apostrophe, so that
    `unescape_formula` gives every text back. Only text goes here: numbers stay numbers.

    Examples
    --------
    >>> escape_formula("=1+1"), escape_formula("plain")
    ("'=1+1", 'plain')
    """
    return f"'{text}" if text.startswith((*_FORMULA_START, "'")) else text


def unescape_formula(text: str) -> str:
    """Undo `escape_formula`.

    Examples
    --------
    >>> unescape_formula("'=1+1"), unescape_formula("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    return text[1:] if text[:1] == "'" and text[1:2] in {*_FORMULA_START, "'"} else text
