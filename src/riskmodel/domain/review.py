"""The review of closed cases: which questions stand in which packet, and who answered what.

A reviewer reads a case in three packets and writes an own estimate of the risk before the
next packet is opened, so that what the reviewer could foresee is known apart from what the
reviewer learned later.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

from riskmodel.domain.codebook import Codebook, Field, Level
from riskmodel.domain.labels import Label
from riskmodel.domain.review_settings import ReviewSettings
from riskmodel.domain.review_words import PACKET_LABELS, REVIEW_WORDS
from riskmodel.errors import InputError

__all__ = [
    "ANSWER_COLUMNS",
    "LOCKED_ON",
    "OWN_THEMES",
    "STILL_SICK_LISTED",
    "WOULD_OFFER_CONTACT",
    "Packet",
    "PacketName",
    "ReviewCase",
    "ReviewPlan",
    "ReviewerAnswers",
    "check_reviewer",
    "estimate_name",
    "list_options",
    "plan_review",
]

PacketName = Literal["intake", "later", "outcome"]

STILL_SICK_LISTED: Final = "still_sick_listed"
WOULD_OFFER_CONTACT: Final = "would_offer_contact"
LOCKED_ON: Final = "locked_on"
ANSWER_COLUMNS: Final = ("case_id", "packet", "field", "value")
MISSING_NAMES: Final = {"998": "not_stated", "999": "not_applicable"}
OWN_THEMES: Final = ("own_judgement", "lock")
_REVIEWER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,7}\Z")


def estimate_name(codebook: Codebook) -> str:
    """Return the name of the reviewer's own estimate, such as ``p_long_26w``."""
    return f"p_long_{codebook.primary_horizon:g}w"


def list_options(field: Field) -> tuple[Level, ...]:
    """Return what may be chosen for a field: its levels, then its codes for missing values.

    Examples
    --------
    >>> talk = Field("talk", Label("Samtale", "Talk"), "yes_no", "intake",
    ...              missing_codes=("998",))
    >>> [option.label.en for option in list_options(talk)]
    ['no', 'yes', 'not stated']
    """
    return (*field.levels, *(_name_missing(code) for code in field.missing_codes))


def _name_missing(code: str) -> Level:
    if code in MISSING_NAMES:
        return Level(code, REVIEW_WORDS[MISSING_NAMES[code]])
    words = REVIEW_WORDS["missing"]
    return Level(code, Label(da=words.da.format(code=code), en=words.en.format(code=code)))


@dataclass(frozen=True, slots=True)
class Packet:
    """What a reviewer reads at one go, and is asked about.

    Parameters
    ----------
    name : {"intake", "later", "outcome"}
    label : Label
    week : float or None
        Week of the assessment that its answers describe; None for the outcome.
    questions : tuple of Field
        In the order asked; the own estimate comes after the facts, the date of locking last.
    """

    name: PacketName
    label: Label
    week: float | None
    questions: tuple[Field, ...]

    def find(self, name: str) -> Field:
        """Return a question.

        Raises
        ------
        KeyError
            If the packet does not ask it.
        """
        for one in self.questions:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def facts(self) -> tuple[Field, ...]:
        """Questions about the case, without those about the reviewer's own judgement."""
        return tuple(one for one in self.questions if one.theme not in OWN_THEMES)


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """All packets of a review.

    Parameters
    ----------
    codebook : Codebook
        Where the questions come from.
    settings : ReviewSettings
        Weeks of the packets, and fields that are not asked.
    packets : tuple of Packet
        In the order they are opened.
    """

    codebook: Codebook
    settings: ReviewSettings
    packets: tuple[Packet, ...]

    def packet(self, name: str) -> Packet:
        """Return the packet of a name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in self.packets:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def fingerprint(self) -> str:
        """A digest of all questions, their options and ranges: answers fit only their form."""
        parts = [self.codebook.name, self.codebook.version]
        for packet in self.packets:
            parts.append(f"{packet.name} {packet.week}")
            for one in packet.questions:
                options = [option.value for option in list_options(one)]
                parts.append(f"{one.name} {one.type} {one.range} {options}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def plan_review(codebook: Codebook, settings: ReviewSettings) -> ReviewPlan:
    """Lay out the packets that a codebook gives.

    The intake packet asks what is known at intake, with the first value of what may change;
    the later packet asks again what may change; the outcome packet asks the rest.

    Parameters
    ----------
    codebook : Codebook
    settings : ReviewSettings

    Raises
    ------
    InputError
        If a field that is to be left out does not exist, two options of a question read the
        same, or the codebook has no column for the assessed week.
    """
    names = {one.name for one in codebook.fields}
    unknown = sorted(set(settings.leave_out) - names)
    if unknown:
        msg = f"leave_out names fields that the codebook has not: {', '.join(unknown)}."
        raise InputError(msg)
    if not isinstance(codebook.assessed_week, str):
        msg = "A review has two assessments a case: name the assessed_week column in the codebook."
        raise InputError(msg)
    barred = {codebook.key, codebook.group, codebook.site, codebook.assessed_week}
    asked = [one for one in codebook.fields if one.name not in {*settings.leave_out, *barred}]
    early = [one for one in asked if one.known_at != "closure"]
    again = [one for one in asked if one.known_at == "review"]
    late = [one for one in asked if one.known_at == "closure"]
    own = _own_questions(codebook, settings)
    judged = (own["estimate"], own["would_offer"], own["locked"])
    packets = (
        Packet("intake", PACKET_LABELS["intake"], settings.intake_week, (*early, *judged)),
        Packet(
            "later", PACKET_LABELS["later"], settings.later_week, (own["still"], *again, *judged)
        ),
        Packet(
            "outcome",
            PACKET_LABELS["outcome"],
            None,
            (*_outcome_questions(codebook), *late, own["locked"]),
        ),
    )
    for packet in packets:
        _check_options(packet)
    return ReviewPlan(codebook, settings, packets)


def _own_questions(codebook: Codebook, settings: ReviewSettings) -> dict[str, Field]:
    words = REVIEW_WORDS
    horizon, week = codebook.primary_horizon, settings.later_week
    estimate = words["estimate"]
    still = words["still"]
    return {
        "estimate": Field(
            name=estimate_name(codebook),
            label=Label(estimate.da.format(weeks=horizon), estimate.en.format(weeks=horizon)),
            type="number",
            known_at="intake",
            use="context",
            theme="own_judgement",
            unit="percent",
            range=(0.0, 100.0),
            ask=words["estimate_ask"],
        ),
        "would_offer": Field(
            name=WOULD_OFFER_CONTACT,
            label=words["would_offer"],
            type="yes_no",
            known_at="intake",
            use="context",
            theme="own_judgement",
            ask=words["would_offer_ask"],
        ),
        "still": Field(
            name=STILL_SICK_LISTED,
            label=Label(still.da.format(week=week), still.en.format(week=week)),
            type="yes_no",
            known_at="review",
            use="context",
            theme="procedure",
            ask=words["still_ask"],
        ),
        "locked": Field(
            name=LOCKED_ON,
            label=words["locked"],
            type="date",
            known_at="intake",
            use="context",
            theme="lock",
            ask=words["locked_ask"],
        ),
    }


def _outcome_questions(codebook: Codebook) -> tuple[Field, ...]:
    outcome, words = codebook.outcome, REVIEW_WORDS
    found = [
        Field(
            name=outcome.duration_weeks,
            label=words["duration"],
            type="number",
            known_at="closure",
            use="context",
            theme="closure",
            unit="weeks",
            range=(0.0, outcome.max_weeks),
        )
    ]
    if outcome.ended is not None:
        found.append(
            Field(
                name=outcome.ended,
                label=words["ended"],
                type="yes_no",
                known_at="closure",
                use="context",
                theme="closure",
            )
        )
    if outcome.end_reason is not None:
        found.append(
            Field(
                name=outcome.end_reason,
                label=words["end_reason"],
                type="category",
                known_at="closure",
                use="context",
                theme="closure",
                levels=outcome.reasons,
            )
        )
    declared = {one.name for one in codebook.fields}
    return tuple(one for one in found if one.name not in declared)


def _check_options(packet: Packet) -> None:
    for one in packet.questions:
        for lang in ("da", "en"):
            texts = [option.label.text(lang).casefold() for option in list_options(one)]
            if len(set(texts)) < len(texts):
                msg = (
                    f"Field {one.name} has two options that read the same ({lang}); give each "
                    "level a label of its own in the codebook."
                )
                raise InputError(msg)


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """One closed case on the list of a review.

    Parameters
    ----------
    case_id : str
    site : str
        Municipality; empty where the codebook names no site.
    group : str
        The person; the case's own id where persons are not told apart.
    """

    case_id: str
    site: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        if not self.case_id.strip():
            msg = "a case needs an id."
            raise ValueError(msg)
        if not self.group:
            object.__setattr__(self, "group", self.case_id)


@dataclass(frozen=True, slots=True)
class ReviewerAnswers:
    """What one reviewer answered.

    Parameters
    ----------
    reviewer : str
        Short code; never a name.
    cases : tuple of ReviewCase
        In the order of the workbook.
    answers : DataFrame
        ``case_id``, ``packet``, ``field``, ``value``, one row per answered question; values
        are texts: the level or code, a number with a decimal point, a date as yyyy-mm-dd.
    source : str
        Name of the workbook.
    places : mapping of (case, packet, field) to (sheet, row, cell)
        Where each answer stands, for messages.
    n_made : int or None
        Rows that the form was made with, where it says so.

    Raises
    ------
    InputError
        If a code, a case or a question breaks a rule.
    """

    reviewer: str
    cases: tuple[ReviewCase, ...]
    answers: pd.DataFrame
    source: str = "answers"
    places: Mapping[tuple[str, str, str], tuple[str, int, str]] = field(default_factory=dict)
    n_made: int | None = None

    def __post_init__(self) -> None:
        check_reviewer(self.reviewer)
        ids = [case.case_id for case in self.cases]
        if len(set(ids)) < len(ids):
            msg = f"{self.source}: a case stands twice; list every case once."
            raise InputError(msg)
        if tuple(self.answers.columns) != ANSWER_COLUMNS:
            msg = f"answers must have the columns {', '.join(ANSWER_COLUMNS)}."
            raise ValueError(msg)
        if self.answers.duplicated(["case_id", "packet", "field"]).any():
            msg = f"{self.source}: a question is answered twice for one case."
            raise InputError(msg)
        if not set(self.answers["case_id"]) <= set(ids):
            msg = f"{self.source}: there are answers for a case that is not listed."
            raise InputError(msg)


def check_reviewer(code: str) -> None:
    """Refuse what is no short code for a person.

    Raises
    ------
    InputError
        If the code has blanks, other signs or more than eight characters.

    Examples
    --------
    >>> check_reviewer("L1")
    """
    if not _REVIEWER.match(code):
        msg = (
            "A reviewer is named by a short code: a letter, then up to seven letters or digits, "
            "such as L1; names do not belong in the workbooks."
        )
        raise InputError(msg)
