"""Where a question makes sense: tests of the facts that a case already has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskmodel.domain.codebook import Field

__all__ = ["FactTest", "check_fact_tests"]


@dataclass(frozen=True, slots=True)
class FactTest:
    """A test of one fact; a fact that is missing passes, since nobody knows yet.

    Parameters
    ----------
    field : str
        Name of the field that is looked at.
    levels : tuple of str
        Levels that pass; empty for a number.
    at_least, at_most : float or None
        Limits of a number that passes, both included.
    missing : bool
        Whether only a missing fact passes.

    Raises
    ------
    ValueError
        If it tests nothing, or both levels and limits.

    Examples
    --------
    >>> waits = FactTest("waiting_weeks", at_least=1)
    >>> waits.holds(0.0), waits.holds(6.0), waits.holds(None)
    (False, True, True)
    """

    field: str
    levels: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    missing: bool = False

    def __post_init__(self) -> None:
        limited = self.at_least is not None or self.at_most is not None
        if bool(self.levels) + limited + self.missing != 1:
            msg = (
                f"ask_when must make one test of {self.field}; write in: [level] for levels, "
                "at_least: or at_most: for a number, or missing: true."
            )
            raise ValueError(msg)

    def holds(self, value: float | str | None) -> bool:
        """Return whether a value passes; a missing one does."""
        if value is None:
            return True
        if self.missing:
            return False
        if isinstance(value, str):
            return value in self.levels
        over = self.at_least is None or value >= self.at_least
        return over and (self.at_most is None or value <= self.at_most)


def check_fact_tests(fields: Sequence[Field]) -> None:
    """Refuse tests of fields, levels or numbers that the codebook does not have.

    Raises
    ------
    ValueError
        At the first such test; the text names both fields and the remedy.
    """
    known = {one.name: one for one in fields}
    for one in fields:
        for test in one.ask_when:
            asked = known.get(test.field)
            if asked is None or asked.known_at == "closure":
                msg = (
                    f"fields: ask_when of {one.name} looks at {test.field!r}, which is no fact "
                    "known at the assessment; name another field."
                )
                raise ValueError(msg)
            strange = sorted(set(test.levels) - set(asked.level_values))
            if strange or (not test.missing and (asked.type == "number") == bool(test.levels)):
                msg = (
                    f"fields: ask_when of {one.name} tests {test.field} by "
                    f"{strange or 'limits that it does not have'}; use its levels with in:, "
                    "or at_least: and at_most: for a number."
                )
                raise ValueError(msg)
