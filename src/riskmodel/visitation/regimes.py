"""The law by period, as dated data with sources and how sure each statement is."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList
from riskmodel.visitation.policy_reader import PolicyReader

__all__ = ["Certainty", "Regime", "Statement", "find_regime", "parse_regimes"]

Certainty = Literal["minutes", "public_source", "unverified"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said about the rules of a period.

    Parameters
    ----------
    text : Label
        The statement.
    certainty : {"minutes", "public_source", "unverified"}
        From a municipality's published minutes; found in a public source; or neither, and
        to be checked against the text of the law before anybody relies on it.
    source : str or None
        Where it was found; required unless unverified.
    """

    text: Label
    certainty: Certainty
    source: str | None = None

    def __post_init__(self) -> None:
        if self.certainty not in get_args(Certainty):
            msg = f"certainty must be one of {', '.join(get_args(Certainty))}."
            raise ValueError(msg)
        if self.source is None and self.certainty != "unverified":
            msg = "a statement without a source must have certainty: unverified."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Regime:
    """The rules that hold in one period.

    Parameters
    ----------
    id : str
        Identifier that a policy refers to.
    title : Label
        What the period is called.
    valid_from, valid_to : date or None
        First and last day; None where open.
    allows_exemption : bool
        Whether some courses need no conversation at all.
    expected : bool
        Whether the rules were not yet in force, or not seen, when this was written.
    statements : tuple of Statement
        What the rules say, each with its source.
    """

    id: str
    title: Label
    valid_from: dt.date | None
    valid_to: dt.date | None
    allows_exemption: bool
    expected: bool
    statements: tuple[Statement, ...]

    def __post_init__(self) -> None:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            msg = f"valid_from {self.valid_from} is later than valid_to {self.valid_to}."
            raise ValueError(msg)

    def covers(self, day: dt.date) -> bool:
        """Whether the rules hold on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def parse_regimes(mapping: object, source: str) -> tuple[Regime, ...]:
    """Build the periods from the mapping in a regimes file.

    Parameters
    ----------
    mapping : mapping
        With the one key ``regimes``, a list in order of time.
    source : str
        Name of the file, for messages.

    Returns
    -------
    tuple of Regime

    Raises
    ------
    CodebookError
        With every fault found.
    """
    faults = FaultList(source)
    reader = PolicyReader(mapping, "", faults)
    found = [_read_regime(one) for one in reader.list_readers("regimes")]
    reader.finish()
    regimes = tuple(regime for regime in found if regime is not None)
    _check_order(regimes, faults)
    faults.raise_if_any()
    return regimes


def find_regime(regimes: Sequence[Regime], day: dt.date) -> Regime | None:
    """Return the period that holds on a day, or None."""
    return next((regime for regime in regimes if regime.covers(day)), None)


def _read_regime(reader: PolicyReader) -> Regime | None:
    statements = [_read_statement(one) for one in reader.list_readers("statements")]
    name, title = reader.text("id"), reader.label("title")
    valid_from, valid_to = reader.optional_date("valid_from"), reader.optional_date("valid_to")
    allows = reader.flag("allows_exemption")
    expected = reader.flag("expected")
    reader.finish()
    return reader.build(
        lambda: Regime(
            id=name,
            title=title,
            valid_from=valid_from,
            valid_to=valid_to,
            allows_exemption=allows,
            expected=expected,
            statements=tuple(one for one in statements if one is not None),
        )
    )


def _read_statement(reader: PolicyReader) -> Statement | None:
    text = reader.label("text")
    certainty = reader.choice("certainty", get_args(Certainty))
    source = reader.optional_text("source")
    reader.finish()
    return reader.build(lambda: Statement(text, _as_certainty(certainty), source))


def _as_certainty(text: str) -> Certainty:
    return next(one for one in get_args(Certainty) if one == text)


def _check_order(regimes: tuple[Regime, ...], faults: FaultList) -> None:
    names = [regime.id for regime in regimes]
    if len(set(names)) != len(names):
        faults.add("regimes", f"must have different ids, got {names}.", "Rename one.")
    for earlier, later in itertools.pairwise(regimes):
        ends, begins = earlier.valid_to, later.valid_from
        if ends is None or begins is None or ends + dt.timedelta(days=1) != begins:
            faults.add(
                "regimes",
                f"{later.id} must begin the day after {earlier.id} ends.",
                "Correct valid_to or valid_from.",
            )
