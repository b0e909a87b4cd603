"""The review of closed cases as one HTML page."""

from __future__ import annotations

import math

from riskmodel.domain.labels import Language
from riskmodel.domain.review import ReviewPlan
from riskmodel.domain.review_words import PACKET_LABELS
from riskmodel.evaluation.review_agreement import Agreement
from riskmodel.evaluation.review_baseline import Judge
from riskmodel.evaluation.review_fields import Association, FieldUse, LevelShare
from riskmodel.evaluation.review_record import ReviewRecord
from riskmodel.report.number_format import format_count, format_week, format_weeks
from riskmodel.report.phrases import one_line
from riskmodel.report.review_writer import ReviewWriter
from riskmodel.report.table_page import (
    NOTHING_SHOWN,
    Cell,
    Heading,
    Part,
    Table,
    render_table_page,
)

__all__ = ["render_review"]


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
    writer = ReviewWriter(record, plan, lang)
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


def _flow(writer: ReviewWriter) -> Part:
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
    sites = [(name or NOTHING_SHOWN, writer.count(n)) for name, n in flow.by_site.items()]
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


def _safe(writer: ReviewWriter, value: int) -> str:
    return writer.count(None if 0 < value < writer.record.min_cell else value)


def _agreement(writer: ReviewWriter) -> Part:
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


def _agreement_row(writer: ReviewWriter, one: Agreement) -> tuple[Cell, ...]:
    sites = [
        f"{other.site}: {writer.interval(other.figure)}"
        for other in writer.record.agreement
        if (other.packet, other.field) == (one.packet, one.field) and other.site
    ]
    return (
        writer.label(one.field, one.packet),
        _pairs(writer, one),
        writer.interval(one.figure),
        writer.interval(one.ac1),
        sites or NOTHING_SHOWN,
        _verdict(writer, one),
    )


def _pairs(writer: ReviewWriter, one: Agreement) -> str:
    if one.n is None and one.n_at_least is not None:
        return writer.say("at_least", value=format_count(one.n_at_least, writer.lang))
    return writer.count(one.n)


def _verdict(writer: ReviewWriter, one: Agreement) -> str:
    if not one.weak_sites:
        return writer.say(one.verdict)
    sites = ", ".join(map(one_line, one.weak_sites))
    return writer.say("usable_not_in", sites=sites)


def _fields(writer: ReviewWriter) -> Part:
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


def _field_row(writer: ReviewWriter, one: FieldUse) -> tuple[Cell, ...]:
    counts = (one.n_value, one.n_not_stated, one.n_not_applicable, one.n_unanswered, one.n_open)
    spread: Cell = [
        f"{writer.level(one.field, value, one.packet)}: {writer.count(n)}"
        for value, n in one.levels.items()
        if n != 0
    ]
    if not math.isnan(one.median):
        quartiles = (one.median, one.low_quartile, one.high_quartile)
        median, low, high = (writer.number(value, "0.#") for value in quartiles)
        spread = writer.say("quartiles", median=median, low=low, high=high)
    label = writer.label(one.field, one.packet)
    return (label, _safe(writer, one.n), *map(writer.count, counts), spread or NOTHING_SHOWN)


def _indicators(writer: ReviewWriter) -> Part:
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


def _indicator_row(writer: ReviewWriter, one: Association) -> tuple[Cell, ...]:
    levels = [_level_text(writer, one.field, level) for level in one.levels]
    return (
        writer.label(one.field),
        writer.count(one.n),
        writer.interval(one.superiority, percent=True),
        writer.say(one.prior) if one.prior != "none" else NOTHING_SHOWN,
        writer.say(one.found) if one.superiority.known else NOTHING_SHOWN,
        levels or NOTHING_SHOWN,
    )


def _level_text(writer: ReviewWriter, name: str, one: LevelShare) -> str:
    label = " / ".join(writer.level(name, value) for value in one.values)
    if one.n is None:
        return f"{label}: {writer.say('hidden')}"
    figures = (one.share.value, one.share.low, one.share.high)
    share, low, high = map(writer.counted_share, figures)
    return f"{label}: " + writer.say("of", share=share, n=one.n, low=low, high=high)


def _judges(writer: ReviewWriter) -> Part | None:
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
         writer.interval(group.observed, counted=True))
        for one in writer.record.judges
        if one.packet == "intake"
        for group in one.bins
        if group.n is not None
    )  # fmt: skip
    if bins:
        bin_head = writer.heads("judge", "pairs", "foreseen", "observed", numbers=(1, 2, 3))
        tables.append(Table(writer.say("calibration"), bin_head, bins))
    notes = (
        (writer.say("bins_hidden", n=writer.record.min_cell),) if _some_bins_hidden(writer) else ()
    )
    return Part(writer.say("h_judges"), (writer.say("judges_intro"),), tuple(tables), notes)


def _some_bins_hidden(writer: ReviewWriter) -> bool:
    judges = [one for one in writer.record.judges if one.packet == "intake"]
    return any(group.n is None for one in judges for group in one.bins)


def _judge_name(writer: ReviewWriter, name: str) -> str:
    known = {"both", "citizen", "fixed_score", "share"}
    return writer.say(name) if name in known else writer.say("reviewer", code=one_line(name))


def _judge_row(writer: ReviewWriter, one: Judge) -> tuple[Cell, ...]:
    return (
        _judge_name(writer, one.name),
        writer.count(one.n),
        writer.interval(one.auc),
        writer.interval(one.brier),
        writer.interval(one.too_high),
        writer.share(one.offered),
    )


def _sites(writer: ReviewWriter) -> Part | None:
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


def _limits(writer: ReviewWriter) -> Part | None:
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
    notes = (writer.say("needed_floor"), writer.say("not_for"))
    return Part(title, lines, (table,), notes, kind="limits")
