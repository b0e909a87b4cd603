"""The cases drawn for a management audit, as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riskmodel.domain.labels import Label, Language
from riskmodel.report.monitor_words import say_monitor
from riskmodel.report.number_format import format_count, format_week
from riskmodel.report.phrases import one_line
from riskmodel.report.table_page import (
    NOTHING_SHOWN,
    Heading,
    Part,
    Table,
    format_share,
    render_table_page,
)

__all__ = ["AuditCase", "AuditList", "AuditSignal", "render_audit"]


@dataclass(frozen=True, slots=True)
class AuditSignal:
    """One signal: what it adds to a case's size, and how many cases show it."""

    name: str
    adds: float
    in_frame: int
    in_sample: int


@dataclass(frozen=True, slots=True)
class AuditCase:
    """One case that was drawn.

    Parameters
    ----------
    case_id : str
        Pseudonym.
    assessed_week : float
        Weeks from the first absence day.
    seen_tier, decided_tier : str or None
        What was recommended and decided.
    signals : tuple of str
        Why its chance was larger.
    probability : float
        Chance of being drawn, in (0, 1].
    """

    case_id: str
    assessed_week: float
    seen_tier: str | None
    decided_tier: str | None
    signals: tuple[str, ...]
    probability: float

    @property
    def weight(self) -> float:
        """How many cases it stands for."""
        return 1.0 / self.probability


@dataclass(frozen=True, slots=True)
class AuditList:
    """What was drawn, and from what.

    Parameters
    ----------
    n_frame : int
        Cases that could be drawn.
    cases : tuple of AuditCase
        Those drawn, by identifier.
    signals : tuple of AuditSignal
        What raised the chances.
    salt, policy_version : str
        What the lot and the tiers depend on.
    """

    n_frame: int
    cases: tuple[AuditCase, ...]
    signals: tuple[AuditSignal, ...]
    salt: str
    policy_version: str


def render_audit(
    drawn: AuditList,
    lang: Language,
    *,
    tiers: Mapping[str, Label] | None = None,
    synthetic: bool = False,
) -> str:
    """Return the page with the cases for a management audit.

    Parameters
    ----------
    drawn : AuditList
        The draw.
    lang : {"da", "en"}
        Language.
    tiers : mapping of str to Label, optional
        What tiers are called.
    synthetic : bool
        Whether to mark the page.
    """
    writer = _Writer(drawn, lang, tiers or {})
    context = writer.say(
        "audit_context",
        drawn=format_count(len(drawn.cases), lang),
        frame=format_count(drawn.n_frame, lang),
        salt=one_line(drawn.salt),
        policy=one_line(drawn.policy_version) or writer.say("no_policy"),
    )
    how = Part(
        writer.say("h_how"),
        (writer.say("how"), writer.say("how_again")),
        (_tell_signals(writer),),
        kind="headline",
    )
    cases = Part(writer.say("h_cases"), (), (_list_cases(writer),), (writer.say("audit_care"),))
    return render_table_page(
        writer.say("audit_title"),
        context,
        (how, cases),
        lang,
        mark=writer.say("mark") if synthetic else "",
        warning=writer.say("synthetic"),
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns the draw into words in one language."""

    drawn: AuditList
    lang: Language
    tiers: Mapping[str, Label]

    def say(self, key: str, **values: object) -> str:
        return say_monitor(key, self.lang, **values)

    def name(self, tier: str | None) -> str:
        if tier is None:
            return NOTHING_SHOWN
        return one_line(self.tiers[tier].text(self.lang) if tier in self.tiers else tier)

    def heads(self, words: Sequence[str], numbers: Sequence[str]) -> tuple[Heading, ...]:
        return (
            *(Heading(self.say(key)) for key in words),
            *(Heading(self.say(key), number=True) for key in numbers),
        )


def _tell_signals(writer: _Writer) -> Table:
    rows = tuple(
        (
            writer.say(one.name),
            format_week(one.adds, writer.lang),
            format_count(one.in_frame, writer.lang),
            format_count(one.in_sample, writer.lang),
        )
        for one in writer.drawn.signals
    )
    head = writer.heads(("signal",), ("adds", "in_frame", "in_sample"))
    return Table(writer.say("signals"), head, rows)


def _list_cases(writer: _Writer) -> Table:
    rows = tuple(
        (
            one_line(one.case_id),
            format_week(one.assessed_week, writer.lang),
            writer.name(one.seen_tier),
            writer.name(one.decided_tier),
            tuple(writer.say(signal) for signal in one.signals) or NOTHING_SHOWN,
            format_share(one.probability, writer.lang),
            format_week(one.weight, writer.lang),
        )
        for one in writer.drawn.cases
    )
    head = (
        *writer.heads(("case",), ("week",)),
        *writer.heads(("recommended", "decided", "signals"), ("chance", "weight")),
    )
    return Table(writer.say("drawn_cases"), head, rows)
