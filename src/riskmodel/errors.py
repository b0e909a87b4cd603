"""Errors that end a command without a traceback, each kind with its exit code.

Every message states the rule, what was given, and the remedy. No message repeats a
personal number, a name or free text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "BusyError",
    "CodebookError",
    "Fault",
    "GateError",
    "InputError",
    "ModelError",
    "RiskModelError",
]

SHOWN_FAULTS = 20
CONFIG_ENDINGS = (".yaml", ".yml", ".json")


class RiskModelError(Exception):
    """Base of every error that riskmodel raises on purpose."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where it is, which rule it breaks, and the remedy.

    Parameters
    ----------
    file : str
        Name of the file, without its folders.
    problem : str
        The rule and what was given, without personal data.
    remedy : str
        What to do about it.
    row : int or None
        Row as a spreadsheet numbers it: the heading is row 1.
    column : str or None
        Heading of the column, or the key in a configuration file.
    """

    file: str
    problem: str
    remedy: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        row, column = ("line", "key") if self.file.endswith(CONFIG_ENDINGS) else ("row", "column")
        place = [self.file]
        if self.row is not None:
            place.append(f"{row} {self.row}")
        if self.column is not None:
            place.append(f"{column} {self.column}")
        return f"{', '.join(place)}: {self.problem} {self.remedy}".rstrip()


class InputError(RiskModelError):
    """The input or the configuration is wrong; nothing was written.

    Parameters
    ----------
    faults : Fault, str, or sequence of Fault
        All faults found, in reading order. The message shows the first twenty.
    """

    exit_code = 2

    def __init__(self, faults: Fault | str | Sequence[Fault]) -> None:
        if isinstance(faults, str):
            faults = Fault(file="input", problem=faults, remedy="")
            super().__init__(faults.problem)
        else:
            listed = [faults] if isinstance(faults, Fault) else list(faults)
            lines = [str(fault) for fault in listed[:SHOWN_FAULTS]]
            if len(listed) > SHOWN_FAULTS:
                more = len(listed) - SHOWN_FAULTS
                lines.append(f"... and {more} more {'fault' if more == 1 else 'faults'}")
            super().__init__("\n".join(lines))
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)


class CodebookError(InputError):
    """A codebook or another configuration file breaks a rule."""


class GateError(RiskModelError):
    """A gate refused: legal basis, evidence or anonymity."""

    exit_code = 3


class ModelError(RiskModelError):
    """The model is missing, damaged or not trusted."""

    exit_code = 4


class BusyError(RiskModelError):
    """Another run holds the target."""

    exit_code = 5
