"""Recommendations beside decisions, as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from riskmodel.domain.labels import Label, Language
from riskmodel.monitoring.decision_figures import DecisionFigures, Influence
from riskmodel.monitoring.shares import OTHER, GroupShare, Share
from riskmodel.report.monitor_words import say_monitor
from riskmodel.report.number_format import format_count
from riskmodel.report.phrases import one_line
from riskmodel.report.table_page import (
    NOTHING_SHOWN,
    Heading,
    Part,
    Table,
    format_share,
    render_table_page,
)

__all__ = ["render_decisions"]


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns the figures into words in one language."""

    figures: DecisionFigures
    lang: Language
    tiers: Mapping[str, Label] = field(default_factory=dict)
    reasons: Mapping[str, Label] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        return say_monitor(key, self.lang, **values)

    def name(self, key: str, names: Mapping[str, Label]) -> str:
        return one_line(names[key].text(self.lang) if key in names else key)

    def count(self, value: int | None) -> str:
        return self.say("hidden") if value is None else format_count(value, self.lang)

    def percent(self, value: float | None) -> str:
        if value is None:
            return NOTHING_SHOWN
        # A share of decisions can be all or none; a risk never is.
        return format_share(value, self.lang)

    def points(self, value: float) -> str:
        return format_count(abs(round(value)), self.lang)

    def signed(self, value: float) -> str:
        shown = format_count(abs(round(value)), self.lang)
        return f"\N{MINUS SIGN}{shown}" if round(value) < 0 else shown

    def limits(self, one: Share) -> str:
        if one.low is None or one.high is None:
            return NOTHING_SHOWN
        return f"{self.percent(one.low)} \N{EN DASH} {self.percent(one.high)}"

    def row(self, words: str, one: Share) -> tuple[str, ...]:
        counts = self.count(one.count), self.count(one.n)
        return words, *counts, self.percent(one.value), self.limits(one)

    def head(self, first: str) -> tuple[Heading, ...]:
        numbers = (
            Heading(self.say(key), number=True) for key in ("count", "of", "share", "limits")
        )
        return (Heading(self.say(first)), *numbers)


def render_decisions(
    figures: DecisionFigures,
    lang: Language,
    *,
    policy: str = "",
    tiers: Mapping[str, Label] | None = None,
    reasons: Mapping[str, Label] | None = None,
    synthetic: bool = False,
) -> str:
    """Return the page about recorded decisions.

    Parameters
    ----------
    figures : DecisionFigures
        The figures.
    lang : {"da", "en"}
        Language.
    policy : str
        Version of the policy; empty where none was given.
    tiers, reasons : mapping of str to Label, optional
        What tiers and reasons of departure are called.
    synthetic : bool
        Whether to mark the page.
    """
    writer = _Writer(figures, lang, tiers or {}, reasons or {})
    context = writer.say(
        "made_from",
        n=writer.count(figures.n_records),
        cases=writer.count(figures.n_cases),
        policy=one_line(policy) or writer.say("no_policy"),
    )
    parts = (
        _overview(writer),
        _agreement(writer),
        _reasons(writer),
        _practice(writer),
        _influence(writer),
    )
    return render_table_page(
        writer.say("title"),
        context,
        parts,
        lang,
        mark=writer.say("mark") if synthetic else "",
        warning=writer.say("synthetic"),
    )


def _overview(writer: _Writer) -> Part:
    figures, agreement = writer.figures, writer.figures.agreement
    lines = [
        _tell_share(writer, "followed_line", agreement)
        if agreement.shown
        else writer.say("followed_hidden")
    ]
    if figures.own_first.shown:
        lines.append(_tell_share(writer, "first_line", figures.own_first))
    lines.append(writer.say("care"))
    notes = []
    if figures.n_unmatched:
        notes.append(writer.say("unmatched", n=writer.count(figures.n_unmatched)))
    if figures.n_other_tier:
        notes.append(writer.say("other_tier", n=writer.count(figures.n_other_tier)))
    if figures.n_unknown_tier:
        notes.append(writer.say("unknown_tier", n=writer.count(figures.n_unknown_tier)))
    return Part(writer.say("h_overview"), tuple(lines), notes=tuple(notes), kind="headline")


def _tell_share(writer: _Writer, key: str, one: Share) -> str:
    return writer.say(
        key,
        share=writer.percent(one.value),
        n=writer.count(one.n),
        low=writer.percent(one.low),
        high=writer.percent(one.high),
    )


def _agreement(writer: _Writer) -> Part:
    figures = writer.figures
    shares = [("followed", figures.agreement)]
    if figures.influence is not None:
        shares += [
            ("heavier", figures.heavier),
            ("lighter", figures.lighter),
            ("beside", figures.beside),
        ]
    shares.append(("own_first", figures.own_first))
    rows = tuple(writer.row(writer.say(key), one) for key, one in shares)
    tables = [Table(writer.say("all_decisions"), writer.head("measure"), rows)]
    if figures.by_tier:
        body = _group_rows(writer, figures.by_tier, writer.tiers)
        tables.append(Table(writer.say("by_tier"), writer.head("recommended"), body))
    note = writer.say("hidden_note", n=figures.min_cell)
    return Part(writer.say("h_agreement"), (), tuple(tables), (note,))


def _reasons(writer: _Writer) -> Part:
    title = writer.say("h_reasons")
    if not writer.figures.reasons:
        return Part(title, (writer.say("no_reasons"),))
    head = (Heading(writer.say("reason")), Heading(writer.say("count"), number=True))
    by_count = sorted(writer.figures.reasons.items(), key=lambda one: -(one[1] or 0))
    rows = tuple((writer.name(key, writer.reasons), writer.count(n)) for key, n in by_count)
    return Part(title, (), (Table(writer.say("by_reason"), head, rows),))


def _practice(writer: _Writer) -> Part:
    figures = writer.figures
    tables = tuple(
        Table(writer.say(caption), writer.head(first), _group_rows(writer, groups))
        for caption, first, groups in (
            ("by_team", "team", figures.by_team),
            ("by_month", "month", figures.by_month),
            ("first_by_month", "month", figures.own_first_by_month),
        )
        if groups
    )
    lines = (writer.say("practice_intro"),) if tables else (writer.say("no_groups"),)
    return Part(writer.say("h_practice"), lines, tables)


def _group_rows(
    writer: _Writer, groups: tuple[GroupShare, ...], names: Mapping[str, Label] | None = None
) -> tuple[tuple[str, ...], ...]:
    return tuple(
        writer.row(
            writer.say("other") if one.name == OTHER else writer.name(one.name, names or {}),
            one.share,
        )
        for one in groups
    )


def _influence(writer: _Writer) -> Part:
    title, found = writer.say("h_influence"), writer.figures.influence
    if found is None:
        return Part(title, (writer.say("needs_policy"),), kind="limits")
    told = {
        "clear_decisions": (("switched", found.switched), ("kept", found.kept)),
        "by_order": (("agreed_first", found.agreed_first), ("agreed_after", found.agreed_after)),
        "by_lot": (
            ("offered_hidden", found.offered_without_score),
            ("offered_shown", found.offered_with_score),
        ),
    }
    tables = tuple(
        Table(
            writer.say(caption),
            writer.head("measure"),
            tuple(writer.row(writer.say(key), one) for key, one in shares),
        )
        for caption, shares in told.items()
    )
    notes = (writer.say("influence_read"),)
    return Part(title, _compare(writer, found), tables, notes, kind="limits")


def _compare(writer: _Writer, found: Influence) -> tuple[str, ...]:
    lines = []
    gap, apart = found.gap, found.difference
    if apart.value is not None and apart.low is not None and apart.high is not None:
        shown = round(100 * apart.value)
        way = writer.say("more" if shown > 0 else "less")
        lines.append(
            writer.say(
                "difference" if shown else "no_difference",
                points=writer.points(shown),
                way=way,
                low=writer.signed(100 * apart.low),
                high=writer.signed(100 * apart.high),
            )
        )
    if None not in {gap.mean, gap.low, gap.high, gap.size}:
        mean, low, high = (float(one or 0.0) for one in (gap.mean, gap.low, gap.high))
        lines.append(
            writer.say(
                "gap",
                points=writer.points(mean),
                way=writer.say("above" if mean >= 0 else "below"),
                low=writer.signed(low),
                high=writer.signed(high),
                size=writer.points(float(gap.size or 0.0)),
                n=writer.count(gap.n),
            )
        )
    return tuple(lines)
