"""A number with the word for what it counts, in English; catalogues hold the Danish of both."""

from __future__ import annotations

__all__ = ["tell_count"]


def tell_count(number: int, one: str, many: str) -> str:
    """Return a number and what it counts.

    Parameters
    ----------
    number : int
        How many.
    one, many : str
        The word for one, and for any other number.

    Examples
    --------
    >>> tell_count(1, "case", "cases"), tell_count(0, "case", "cases")
    ('1 case', '0 cases')
    """
    return f"{number} {one if number == 1 else many}"
