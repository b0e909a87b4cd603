"""What an adviser judged and decided in one case, apart from what was recommended.

The case page writes the record as a small JSON file; monitoring reads many of them. It holds
no personal data beyond the case's pseudonym: no name, no free text, no person's initials.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from riskmodel.domain.privacy import find_cpr
from riskmodel.errors import Fault, InputError
from riskmodel.visitation.rule_phrases import PHRASES

__all__ = [
    "DECISION_FORMAT",
    "DEPARTURE_REASONS",
    "OWN_REASONS",
    "DecisionRecord",
    "check_team",
    "parse_decision_record",
]

DECISION_FORMAT: Final = "riskmodel.decision/1"

OWN_REASONS: Final = PHRASES.labels(
    "own_reason_",
    (
        "expected_duration",
        "function_level",
        "diagnosis_treatment",
        "employer",
        "own_belief",
        "life_situation",
        "earlier_courses",
        "other",
    ),
)

DEPARTURE_REASONS: Final = PHRASES.labels(
    "departure_reason_",
    (
        "knows_more",
        "facts_wrong",
        "citizen_wish",
        "already_agreed",
        "followed_elsewhere",
        "capacity",
        "other",
    ),
)

_KEYS = (
    "format", "case_id", "assessed_week", "own_judgement_first", "own_risk", "own_offer",
    "own_reason", "seen_tier", "decided_tier", "departure_reason", "model_version",
    "policy_version", "team", "decided_on",
)  # fmt: skip
_TEAM = re.compile(r"[A-Za-z0-9_-]{1,16}\Z")
_PLAIN_KEY = re.compile(r"[a-z_]{1,30}\Z")
_MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One adviser's own judgement and decision at one assessment.

    Parameters
    ----------
    case_id : str
        Pseudonym of the case: the codebook's key.
    assessed_week : float
        Weeks from the first absence day, >= 0.
    model_version : str
        Digest of the bundle whose figures were shown.
    policy_version : str
        Name, version and digest of the policy; empty without one.
    decided_on : date
        Day of the decision.
    own_judgement_first : bool
        Whether the own judgement was given before the model's figures were shown.
    own_risk : float or None
        The adviser's own chance of lasting beyond the horizon, in [0, 1].
    own_offer : bool or None
        Whether the adviser would offer contact.
    own_reason : str or None
        What weighs most in the own judgement; a key of `OWN_REASONS`.
    seen_tier : str or None
        Identifier of the recommended tier that was shown; None without a policy.
    decided_tier : str or None
        Identifier of the tier that the adviser chose; None while undecided.
    departure_reason : str or None
        Why another tier was chosen; a key of `DEPARTURE_REASONS`.
    team : str or None
        Code of a team, 1 to 16 letters, digits, _ and -; never a person.

    Raises
    ------
    ValueError
        If a figure is out of range, a code unknown, or a departure has no reason.

    Examples
    --------
    >>> record = DecisionRecord("S-1", 8, "3f2a", "demo@1+00000000", dt.date(2026, 8, 3),
    ...                         own_judgement_first=True, own_risk=0.3, own_offer=True,
    ...                         seen_tier="light", decided_tier="adviser_band",
    ...                         departure_reason="knows_more")
    >>> record.departs
    True
    >>> parse_decision_record(record.to_mapping(), "decision.json") == record
    True
    """

    case_id: str
    assessed_week: float
    model_version: str
    policy_version: str
    decided_on: dt.date
    own_judgement_first: bool
    own_risk: float | None = None
    own_offer: bool | None = None
    own_reason: str | None = None
    seen_tier: str | None = None
    decided_tier: str | None = None
    departure_reason: str | None = None
    team: str | None = None

    def __post_init__(self) -> None:
        for problem in _find_problems(self):
            raise ValueError(problem)

    @property
    def departs(self) -> bool:
        """Whether a tier was recommended and another one chosen."""
        return None not in {self.seen_tier, self.decided_tier} and (
            self.seen_tier != self.decided_tier
        )

    def to_mapping(self) -> dict[str, object]:
        """Return the record as plain JSON values, in a fixed order of keys."""
        values: dict[str, object] = {"format": DECISION_FORMAT}
        values |= {key: getattr(self, key) for key in _KEYS[1:]}
        values["decided_on"] = self.decided_on.isoformat()
        return values


def check_team(team: str) -> None:
    """Refuse a team that is no short code, or that looks like a personal number.

    Parameters
    ----------
    team : str
        Code of a team.

    Raises
    ------
    InputError
        If it is something else; the message never repeats it.

    Examples
    --------
    >>> check_team("nord-2")
    """
    if not _TEAM.match(team) or find_cpr(team) is not None:
        msg = (
            "--team must be a code of 1 to 16 letters, digits, _ and -, such as nord-2; never a "
            "person, and no number like a CPR number."
        )
        raise InputError(msg)


def _find_problems(record: DecisionRecord) -> Iterator[str]:
    own = (record.own_risk, record.own_offer)
    if not record.case_id.strip():
        yield "case_id must not be empty."
    yield from _find_personal_numbers(record)
    if not 0 <= record.assessed_week < math.inf:
        yield f"assessed_week must not be negative, got {record.assessed_week}."
    if record.own_risk is not None and not 0 <= record.own_risk <= 1:
        yield f"own_risk must lie from 0 to 1, got {record.own_risk}."
    if record.own_judgement_first and None in own:
        yield "own_judgement_first needs own_risk and own_offer."
    if record.own_reason not in {None, *OWN_REASONS}:
        yield f"own_reason must be one of {', '.join(OWN_REASONS)}."
    if record.departure_reason not in {None, *DEPARTURE_REASONS}:
        yield f"departure_reason must be one of {', '.join(DEPARTURE_REASONS)}."
    if record.departs != (record.departure_reason is not None):
        yield (
            "departure_reason must stand where another tier than the recommended one was "
            "chosen, and only there."
        )
    if record.team is not None and not _TEAM.match(record.team):
        yield "team must be a code of 1 to 16 letters, digits, _ and -."


def _find_personal_numbers(record: DecisionRecord) -> Iterator[str]:
    # Not in the versions: they hold digests, in which ten digits in a row mean nothing.
    for name in ("case_id", "seen_tier", "decided_tier", "team"):
        if find_cpr(getattr(record, name) or "") is not None:
            yield f"{name} must be a code; it looks like a civil registration number."


def parse_decision_record(mapping: object, source: str) -> DecisionRecord:
    """Build a record from the mapping in its file.

    Parameters
    ----------
    mapping : object
        What `DecisionRecord.to_mapping` returned, after a round trip through JSON.
    source : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        With every fault found; no message repeats a text from the file but known codes.
    """
    if not isinstance(mapping, Mapping) or mapping.get("format") != DECISION_FORMAT:
        raise InputError(
            Fault(source, f"is no decision record of format {DECISION_FORMAT}.",
                  "Use the file that the case page saved.", column="format")
        )  # fmt: skip
    reader = _Reader(mapping, source)
    fault: str | None = None
    try:
        record = DecisionRecord(
            case_id=reader.text("case_id"),
            assessed_week=reader.number("assessed_week") or 0.0,
            model_version=reader.text("model_version"),
            policy_version=reader.text("policy_version", empty=True),
            decided_on=reader.date("decided_on"),
            own_judgement_first=reader.flag("own_judgement_first") is True,
            own_risk=reader.number("own_risk", optional=True),
            own_offer=reader.flag("own_offer", optional=True),
            own_reason=reader.optional_text("own_reason"),
            seen_tier=reader.optional_text("seen_tier"),
            decided_tier=reader.optional_text("decided_tier"),
            departure_reason=reader.optional_text("departure_reason"),
            team=reader.optional_text("team"),
        )
    except ValueError as error:
        fault = str(error)
    reader.refuse_unknown()
    if fault is not None:
        raise InputError(Fault(source, fault, "Fill in the page again."))
    return record


class _Reader:
    """Reads the keys of one record; `refuse_unknown` ends it."""

    def __init__(self, mapping: Mapping[object, object], source: str) -> None:
        self._mapping, self._source = mapping, source
        self._faults: list[Fault] = []

    def _fault(self, key: str, rule: str) -> None:
        self._faults.append(Fault(self._source, rule, "Fill in the page again.", column=key))

    def text(self, key: str, *, empty: bool = False) -> str:
        found = self._mapping.get(key)
        if isinstance(found, str) and len(found) <= _MAX_TEXT and (found.strip() or empty):
            return found
        self._fault(key, f"must be text of at most {_MAX_TEXT} characters.")
        return "?"

    def optional_text(self, key: str) -> str | None:
        return None if self._mapping.get(key) is None else self.text(key)

    def number(self, key: str, *, optional: bool = False) -> float | None:
        found = self._mapping.get(key)
        if found is None and optional:
            return None
        if isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found):
            return float(found)
        self._fault(key, "must be a number.")
        return 0.0

    def flag(self, key: str, *, optional: bool = False) -> bool | None:
        found = self._mapping.get(key)
        if isinstance(found, bool) or (found is None and optional):
            return found
        self._fault(key, "must be true or false.")
        return None

    def date(self, key: str) -> dt.date:
        found = self._mapping.get(key)
        try:
            if isinstance(found, str):
                return dt.date.fromisoformat(found)
        except ValueError:
            pass
        self._fault(key, "must be a date: year-month-day.")
        return dt.date.min

    def refuse_unknown(self) -> None:
        for key in self._mapping:
            if key in _KEYS:
                continue
            # A key of another form may be somebody's name.
            named = key if isinstance(key, str) and _PLAIN_KEY.match(key) else "format"
            self._fault(named, f"a decision record has only the keys {', '.join(_KEYS)}.")
        if self._faults:
            raise InputError(self._faults)
