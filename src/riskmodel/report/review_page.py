"""The review of closed cases as one HTML page."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from babel.numbers import format_decimal

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Label, Language
from riskmodel.domain.review import ReviewPlan
from riskmodel.domain.review_words import PACKET_LABELS
from riskmodel.evaluation.review_agreement import Agreement, Estimate
from riskmodel.evaluation.review_baseline import Judge
from riskmodel.evaluation.review_fields import Association, FieldUse, LevelShare
from riskmodel.evaluation.review_record import ReviewRecord
from riskmodel.report.number_format import format_count, format_percent, format_week, format_weeks
from riskmodel.report.phrases import one_line
from riskmodel.report.review_words import REVIEW_TEXTS, say_review
from riskmodel.report.table_page import (
    NOTHING_SHOWN,
    Cell,
    Heading,
    Part,
    Table,
    render_table_page,
)

__all__ = ["render_review"]

_LOCALES = {"da": "da_DK", "en": "en_GB"}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns the figures of one review into words in one language."""

    record: ReviewRecord
    plan: ReviewPlan
    lang: Language
    labels: Mapping[str, Label] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        return say_review(key, self.lang, **values)

    def number(self, value: float, form: str = "0.00") -> str:
        if math.isnan(value):
            return NOTHING_SHOWN
        # No figure is shown as minus zero.
        shown = round(value, 2) + 0.0
        text = str(format_decimal(shown, format=form, locale=_LOCALES[self.lang]))
        return text.replace("-", "\N{MINUS SIGN}")

    def share(self, value: float) -> str:
        return NOTHING_SHOWN if math.isnan(value) else format_percent(value, self.lang)

    def interval(self, one: Estimate, *, percent: bool = False) -> str:
        if not one.known:
            return NOTHING_SHOWN
        show = self.share if percent else self.number
        return self.say("to", value=show(one.value), low=show(one.low), high=show(one.high))

    def count(self, value: int | None) -> str:
        return self.say("hidden") if value is None else format_count(value, self.lang)

    def label(self, name: str, packet: str = "intake") -> str:
        for one in self.plan.packet(packet).questions:
            if one.name == name:
                return one_line(one.label.text(self.lang))
        return self._book_label(name)

    def _book_label(self, name: str) -> str:
        try:
            return one_line(self.book.find_field(name).label.text(self.lang))
        except KeyError:
            return name

    @property
    def book(self) -> Codebook:
        return self.plan.codebook

    def level(self, name: str, value: str) -> str:
        try:
            return one_line(self.book.find_field(name).level_label(value).text(self.lang))
        except KeyError:
            return self._part_of_numbers(value)

    def _part_of_numbers(self, value: str) -> str:
        for sign, key in (("<=", "at_most"), (">", "more_than")):
            if value.startswith(sign):
                shown = self.number(float(value.removeprefix(sign)), "0.#")
                return self.say(key, value=shown)
        between = re.fullmatch(r"([0-9.]+)-([0-9.]+)", value)
        if between is None:
            return value
        low, high = (self.number(float(one), "0.#") for one in between.groups())
        return self.say("over_up_to", low=low, high=high)

    def heads(self, *keys: str, numbers: tuple[int, ...] = ()) -> tuple[Heading, ...]:
        return tuple(
            Heading(self.say(key) if key in REVIEW_TEXTS else key, place in numbers)
            for place, key in enumerate(keys)
        )


def render_review(record: ReviewRecord, plan: ReviewPlan, lang: Language) -> str:
    """Return the report of a review as one HTML page.

    Parameters
    ----------
    record : ReviewRecord
        The figures.
    plan : ReviewPlan
        What was asked; gives the questions their words.
    lang : {"da", "en"}
        Language.
    """
    writer = _Writer(record, plan, lang)
    synthetic = record.data_kind == "synthetic"
    parts = [
        _flow(writer),
        _agreement(writer),
        _fields(writer),
        _indicators(writer),
        _judges(writer),
        _sites(writer),
        _limits(writer),
    ]
    return render_table_page(
        writer.say("title"),
        writer.say("made_from", codebook=one_line(record.codebook)),
        [part for part in parts if part is not None],
        lang,
        mark=writer.say("mark") if synthetic else "",
        warning=writer.say("synthetic"),
    )


def _flow(writer: _Writer) -> Part:
    flow, record = writer.record.flow, writer.record
    steps = [
        (writer.say("frame"), flow.frame),
        (writer.say("drawn"), flow.drawn),
        (writer.say("listed"), flow.listed),
        (writer.say("double"), flow.double),
        (writer.say("estimated"), flow.estimated),
        (writer.say("later", week=format_week(record.later_week, writer.lang)), flow.later),
        (writer.say("outcome_known"), flow.outcome_known),
        (
            writer.say("long_course", weeks=format_weeks(record.horizon_weeks, writer.lang)),
            flow.long_course,
        ),
    ]
    rows = [(name, _safe(writer, value)) for name, value in steps if value is not None]
    sites = [(name or NOTHING_SHOWN, _safe(writer, n)) for name, n in flow.by_site.items()]
    by_step = writer.heads("step", "pairs", numbers=(1,))
    by_site = writer.heads("site", "pairs", numbers=(1,))
    lines = [writer.say("intro", n=flow.listed)]
    if flow.open_answers:
        lines.append(writer.say("open", n=format_count(flow.open_answers, writer.lang)))
    return Part(
        writer.say("h_flow"),
        tuple(lines),
        (
            Table(writer.say("steps"), by_step, tuple(rows)),
            Table(writer.say("sites"), by_site, tuple(sites)),
        ),
        (writer.say("hidden_note", n=record.min_cell),),
        kind="headline",
    )


def _safe(writer: _Writer, value: int) -> str:
    return writer.count(None if 0 < value < writer.record.min_cell else value)


def _agreement(writer: _Writer) -> Part:
    tables = []
    for packet, label in PACKET_LABELS.items():
        rows = [one for one in writer.record.agreement if one.packet == packet and not one.site]
        body = tuple(_agreement_row(writer, one) for one in rows)
        head = writer.heads(
            "question", "pairs", "figure", "ac1", "by_site", "verdict", numbers=(1, 2, 3)
        )
        if body:
            tables.append(Table(one_line(label.text(writer.lang)), head, body))
    record = writer.record
    intro = writer.say(
        "agreement_intro",
        usable=writer.number(record.usable_kappa),
        reword=writer.number(record.reword_kappa),
    )
    return Part(writer.say("h_agreement"), (intro,), tuple(tables))


def _agreement_row(writer: _Writer, one: Agreement) -> tuple[Cell, ...]:
    sites = [
        f"{other.site}: {writer.interval(other.figure)}"
        for other in writer.record.agreement
        if (other.packet, other.field) == (one.packet, one.field) and other.site
    ]
    return (
        writer.label(one.field, one.packet),
        _safe(writer, one.n),
        writer.interval(one.figure),
        writer.interval(one.ac1),
        sites or NOTHING_SHOWN,
        writer.say(one.verdict),
    )


def _fields(writer: _Writer) -> Part:
    head = writer.heads(
        "question",
        "pairs",
        "value",
        "not_stated",
        "not_applicable",
        "unanswered",
        "unsettled",
        "spread",
        numbers=(1, 2, 3, 4, 5, 6),
    )
    tables = []
    for packet, label in PACKET_LABELS.items():
        rows = tuple(
            _field_row(writer, one) for one in writer.record.fields if one.packet == packet
        )
        if rows:
            tables.append(Table(one_line(label.text(writer.lang)), head, rows))
    note = writer.say("hidden_note", n=writer.record.min_cell)
    return Part(writer.say("h_fields"), (), tuple(tables), (note,))


def _field_row(writer: _Writer, one: FieldUse) -> tuple[Cell, ...]:
    counts = (one.n_value, one.n_not_stated, one.n_not_applicable, one.n_unanswered, one.n_open)
    spread: Cell = [
        f"{writer.level(one.field, value)}: {writer.count(n)}"
        for value, n in one.levels.items()
        if n != 0
    ]
    if not math.isnan(one.median):
        quartiles = (one.median, one.low_quartile, one.high_quartile)
        median, low, high = (writer.number(value, "0.#") for value in quartiles)
        spread = writer.say("quartiles", median=median, low=low, high=high)
    label = writer.label(one.field, one.packet)
    return (label, writer.count(one.n), *map(writer.count, counts), spread or NOTHING_SHOWN)


def _indicators(writer: _Writer) -> Part:
    head = writer.heads(
        "question", "pairs", "superiority", "prior", "found", "levels", numbers=(1, 2)
    )
    found = writer.record.associations
    rows = tuple(_indicator_row(writer, one) for one in found)
    tested = sum(one.superiority.known for one in found)
    chance = writer.say("expected_by_chance", n=tested, chance=writer.number(0.05 * tested, "0.#"))
    table = Table(writer.say("h_indicators"), head, rows)
    notes = (chance, writer.say("balanced")) if writer.record.sampling else (chance,)
    intro = writer.say("indicators_intro")
    return Part(writer.say("h_indicators"), (intro,), (table,), notes)


def _indicator_row(writer: _Writer, one: Association) -> tuple[Cell, ...]:
    levels = [_level_text(writer, one.field, level) for level in one.levels]
    return (
        writer.label(one.field),
        _safe(writer, one.n),
        writer.interval(one.superiority, percent=True),
        writer.say(one.prior) if one.prior != "none" else NOTHING_SHOWN,
        writer.say(one.found) if one.superiority.known else NOTHING_SHOWN,
        levels or NOTHING_SHOWN,
    )


def _level_text(writer: _Writer, name: str, one: LevelShare) -> str:
    label = " / ".join(writer.level(name, value) for value in one.values)
    if one.n is None:
        return f"{label}: {writer.say('hidden')}"
    share, low, high = map(writer.share, (one.share.value, one.share.low, one.share.high))
    return f"{label}: " + writer.say("of", share=share, n=one.n, low=low, high=high)


def _judges(writer: _Writer) -> Part | None:
    if not writer.record.judges:
        return None
    head = writer.heads(
        "judge", "pairs", "auc", "brier", "too_high", "offered", numbers=(1, 2, 3, 4, 5)
    )
    tables = []
    for packet, label in PACKET_LABELS.items():
        judges = [one for one in writer.record.judges if one.packet == packet]
        if judges:
            rows = tuple(_judge_row(writer, one) for one in judges)
            tables.append(Table(one_line(label.text(writer.lang)), head, rows))
    bins = tuple(
        (_judge_name(writer, one.name), writer.count(group.n), writer.share(group.foreseen),
         writer.interval(group.observed, percent=True))
        for one in writer.record.judges
        if one.packet == "intake"
        for group in one.bins
    )  # fmt: skip
    if bins:
        bin_head = writer.heads("judge", "pairs", "foreseen", "observed", numbers=(1, 2, 3))
        tables.append(Table(writer.say("calibration"), bin_head, bins))
    return Part(writer.say("h_judges"), (writer.say("judges_intro"),), tuple(tables))


def _judge_name(writer: _Writer, name: str) -> str:
    known = {"both", "citizen", "fixed_score", "share"}
    return writer.say(name) if name in known else writer.say("reviewer", code=one_line(name))


def _judge_row(writer: _Writer, one: Judge) -> tuple[Cell, ...]:
    return (
        _judge_name(writer, one.name),
        writer.count(one.n),
        writer.interval(one.auc),
        writer.interval(one.brier),
        writer.interval(one.too_high),
        writer.share(one.offered),
    )


def _sites(writer: _Writer) -> Part | None:
    tables, lines = [], []
    pairs = dict.fromkeys((one.site, one.other) for one in writer.record.contrasts)
    for site, other in pairs:
        head = writer.heads("question", site, other, "superiority", numbers=(1, 2, 3))
        last = writer.say("higher_in", site=one_line(site))
        head = (*head[:3], Heading(last, number=True))
        rows = tuple(
            (writer.label(one.field), writer.count(one.n), writer.count(one.n_other),
             writer.interval(one.superiority, percent=True))
            for one in writer.record.contrasts
            if (one.site, one.other) == (site, other)
        )  # fmt: skip
        lines.append(writer.say("sites_intro", site=one_line(site), other=one_line(other)))
        tables.append(Table(one_line(f"{site} / {other}"), head, rows))
    return Part(writer.say("h_sites"), tuple(lines), tuple(tables)) if tables else None


def _limits(writer: _Writer) -> Part | None:
    limits = writer.record.limits
    if limits is None:
        return None
    number = writer.number
    lines = (
        writer.say(
            "limits_model",
            n=limits.n,
            long=limits.n_long,
            parameters=number(limits.supported_parameters, "0.0"),
        ),
        writer.say(
            "limits_width",
            share=number(100 * limits.share_half_width, "0"),
            auc=number(limits.auc_half_width),
            foreseen=number(limits.foreseen_auc),
            kappa=number(limits.kappa_half_width),
            usable=number(writer.record.usable_kappa),
        ),
        writer.say(
            "limits_need",
            auc=writer.count(limits.auc_cases),
            kappa=writer.count(limits.kappa_cases),
        ),
    )
    head = writer.heads("parameters", "needed", "", numbers=(0, 1, 2))
    head = (*head[:2], Heading(writer.say("shrinkage", n=limits.n), number=True))
    rows = tuple(
        (str(one.n_parameters), writer.count(one.n), number(one.shrinkage)) for one in limits.needs
    )
    title = writer.say("h_limits", n=limits.n)
    table = Table(title, head, rows)
    return Part(title, lines, (table,), (writer.say("not_for"),), kind="limits")
