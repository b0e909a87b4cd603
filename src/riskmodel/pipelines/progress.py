"""Words about what is going on, for people who wait."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[str], None]
"""Called with one line at each step."""


def silent(_message: str) -> None:
    """Say nothing."""
