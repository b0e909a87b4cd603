"""Words about what is going on, for people who wait."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Called with one line at each step."""

    def __call__(self, message: str) -> None:
        """Tell what begins now."""


def silent(message: str) -> None:  # noqa: ARG001
    """Say nothing."""
