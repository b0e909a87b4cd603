"""Rules that the settings of the synthetic generator obey, each with its own message."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

__all__ = [
    "Shares",
    "check_number",
    "check_positive",
    "check_probability_pair",
    "check_rising",
    "check_shares",
    "check_whole",
]

Shares = Mapping[str, float]


def check_number(name: str, value: object, low: float = -math.inf, high: float = math.inf) -> None:
    """Refuse anything but a finite number in ``[low, high]``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{name} must be a number, got {value!r}."
        raise TypeError(msg)
    if not (math.isfinite(value) and low <= value <= high):
        msg = f"{name} must be a number in [{low}, {high}], got {value}."
        raise ValueError(msg)


def check_positive(name: str, value: object) -> None:
    """Refuse anything but a number above zero."""
    check_number(name, value)
    if isinstance(value, int | float) and value <= 0:
        msg = f"{name} must be greater than 0, got {value}."
        raise ValueError(msg)


def check_whole(name: str, value: object, low: int) -> None:
    """Refuse anything but a whole number of at least `low`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        msg = f"{name} must be a whole number of at least {low}, got {value!r}."
        raise ValueError(msg)


def check_rising(name: str, values: Sequence[float], at_least: int = 1) -> None:
    """Refuse numbers that do not rise, or too few of them."""
    for value in values:
        check_number(name, value)
    if len(values) < at_least or list(values) != sorted(set(values)):
        msg = f"{name} must hold at least {at_least} numbers that rise, got {list(values)}."
        raise ValueError(msg)


def check_shares(name: str, shares: Shares) -> None:
    """Refuse shares that leave [0, 1] or do not add up to 1."""
    if not isinstance(shares, Mapping) or not shares:
        msg = f"{name} must map each level to its share, got {shares!r}."
        raise TypeError(msg)
    for level, share in shares.items():
        check_number(f"{name}.{level}", share, 0.0, 1.0)
    total = math.fsum(shares.values())
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        msg = f"{name} must have shares that add up to 1, they add up to {total:.6f}."
        raise ValueError(msg)


def check_probability_pair(name: str, pair: Sequence[float]) -> None:
    """Refuse anything but two probabilities strictly between 0 and 1."""
    if len(pair) != len(("fast", "slow")):
        msg = f"{name} must be two probabilities, [fast group, slow group], got {list(pair)}."
        raise ValueError(msg)
    for value in pair:
        check_number(name, value)
        if not 0 < value < 1:
            msg = f"{name} must lie strictly between 0 and 1, got {value}."
            raise ValueError(msg)
