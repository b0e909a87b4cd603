"""The thresholds report as one HTML page for a committee, and its twin for machines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Language
from riskmodel.evaluation.fairness import GroupFairness
from riskmodel.evaluation.figures import Estimate, to_mapping
from riskmodel.report.evaluation_blocks import Block, Picture, Table
from riskmodel.report.html_pages import render_page
from riskmodel.report.number_format import format_limit, format_weeks
from riskmodel.report.phrases import one_line, say
from riskmodel.report.plots_thresholds import (
    plot_by_lower,
    plot_by_upper,
    plot_decision_curve,
    plot_weeks,
)
from riskmodel.report.thresholds_gaps import list_gaps, name_field
from riskmodel.report.thresholds_tables import (
    make_assumption_table,
    make_curve_table,
    make_equal_table,
    make_group_table,
    make_lower_table,
    make_rule_table,
    make_site_table,
    make_upper_table,
    make_week_table,
    show,
    show_number,
    show_share,
    show_wait,
)
from riskmodel.report.thresholds_words import say_threshold
from riskmodel.visitation.consequence_figures import Consequence
from riskmodel.visitation.equal_treatment import EqualTreatment
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.threshold_choice import Suggestion
from riskmodel.visitation.threshold_record import ThresholdRecord

__all__ = ["ThresholdsReport", "describe_thresholds", "render_thresholds"]

LITTLE: Final = 0.02
MOST_GAPS: Final = 8
NOTABLE: Final = 0.005


@dataclass(frozen=True, slots=True)
class ThresholdsReport:
    """What was worked out, and what the words need.

    Parameters
    ----------
    record : ThresholdRecord
        The figures.
    codebook : Codebook
        Labels of fields and levels.
    policy : Policy
        Labels of tiers.
    model_version : str
        Whose risks.
    at_lower, at_upper : tuple of GroupFairness
        How both choices fall on groups, the same fields in the same order.
    equal_treatment : tuple of EqualTreatment
        What being equal would cost, for audit fields.
    """

    record: ThresholdRecord
    codebook: Codebook
    policy: Policy
    model_version: str
    at_lower: tuple[GroupFairness, ...]
    at_upper: tuple[GroupFairness, ...]
    equal_treatment: tuple[EqualTreatment, ...]

    def say_suggestion(self, lang: Language) -> tuple[str, ...]:
        """Return what is suggested, or that nothing fits, in sentences."""
        record = self.record
        choices = [one for one in (record.lower_choice, record.upper_choice) if one is not None]
        if not choices:
            return (say_threshold("no_wish", lang),)
        said = [_say_choice(one, record, lang) for one in choices]
        found = record.suggested
        if found is not None:
            wanted = None if record.lower_choice is None else record.lower_choice.value
            at_the_end = record.lower_choice is not None and record.lower_choice.at_the_end
            if wanted is not None and found.lower < wanted and not at_the_end:
                said.append(say_threshold("lower_follows", lang))
            said.append(_say_together("together", found, lang))
        return tuple(said)


def render_thresholds(report: ThresholdsReport, lang: Language) -> str:
    """Return the thresholds report as an HTML page that needs no network.

    Parameters
    ----------
    report : ThresholdsReport
        What was worked out.
    lang : {"da", "en"}
        Language.
    """
    synthetic = report.codebook.data_kind == "synthetic"
    parts = (
        ("short", _say_short),
        ("suggestion", lambda one, its: iter(one.say_suggestion(its))),
        ("rules", _show_rules),
        ("by_upper", _show_upper),
        ("by_lower", _show_lower),
        ("queue", _show_queue),
        ("curve", _show_curve),
        ("sites", _show_sites),
        ("groups", _show_groups),
        ("equal", _show_equal),
        ("assumptions", _show_assumptions),
    )
    values = {
        "mark": say("synthetic_mark", lang) if synthetic else "",
        "title": say_threshold("title", lang),
        "context": say_threshold(
            "context",
            lang,
            policy=one_line(f"{report.policy.title.text(lang)} ({report.policy.version})"),
            model=one_line(report.model_version),
            weeks=format_weeks(report.record.horizon_weeks, lang),
        ),
        "parts": [
            {
                "title": say_threshold(key, lang),
                "blocks": [_show_block(block, lang) for block in make(report, lang)],
            }
            for key, make in parts
        ],
    }
    return render_page("thresholds.html.j2", lang, values, style="thresholds.css")


def describe_thresholds(report: ThresholdsReport) -> dict[str, Any]:
    """Return all figures of the report as JSON-able mappings.

    Parameters
    ----------
    report : ThresholdsReport
        What was worked out.
    """
    return {
        "model_version": report.model_version,
        "data_kind": report.codebook.data_kind,
        "codebook": {"name": report.codebook.name, "version": report.codebook.version},
        "thresholds": report.record.to_mapping(),
        "fairness": {
            "looked_at": to_mapping(report.at_lower),
            "offered_talks": to_mapping(report.at_upper),
            "equal_treatment": to_mapping(report.equal_treatment),
        },
        "suggestion": list(report.say_suggestion("en")),
    }


def _say_choice(one: Suggestion, record: ThresholdRecord, lang: Language) -> str:
    if one.threshold == "lower":
        sign = "\N{NO-BREAK SPACE}%" if lang == "da" else "%"
        wish = f"{show_number(100 * one.wish, lang, int(100 * one.wish % 1 > 0))}{sign}"
    else:
        key = "wish_hours" if record.wishes.capacity.in_hours else "wish_talks"
        wish = say_threshold(key, lang, n=show_number(one.wish, lang, int(one.wish % 1 > 0)))
    if one.value is None:
        least = show_number(one.least, lang) if one.threshold == "upper" else ""
        return say_threshold(f"{one.threshold}_none", lang, wish=wish, least=least)
    if one.at_the_end:
        return say_threshold(f"{one.threshold}_all", lang, wish=wish)
    sign = "\N{NO-BREAK SPACE}%" if lang == "da" else "%"
    return say_threshold(
        f"{one.threshold}_fits",
        lang,
        wish=wish,
        value=format_limit(one.value, lang),
        wait=show_wait(record.inflow.longest_wait_weeks, lang),
        holds=f"{100 * one.holds_share:.0f}{sign}",
        low=format_limit(one.low, lang),
        high=format_limit(one.high, lang),
    )


def _say_short(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    record = report.record
    own = record.proposal
    counts = {
        name: _say_number(getattr(own, name), lang)
        for name in ("offered", "at_risk", "adviser", "light")
    }
    share = format_limit(record.inflow.adviser_share, lang)
    limits = {name: format_limit(getattr(own, name), lang) for name in ("lower", "upper")}
    said = [say_threshold("proposal", lang, share=share, **limits, **counts)]
    if not math.isnan(own.own_track.value) and own.own_track.value > 0:
        said.append(say_threshold("proposal_own", lang, own=show(own.own_track, lang)))
    yield " ".join(said)
    yield say_threshold(
        "proposal_talks",
        lang,
        talks=show(own.talks_a_week, lang),
        hours=show(own.hours_a_week, lang),
        busy=show(own.busy_week, lang),
    )
    found, missed = own.found_rate, own.miss_rate
    if math.isnan(found.value):
        yield say_threshold("found_hidden", lang)
    else:
        key = "proposal_found_hidden" if math.isnan(missed.value) else "proposal_found"
        values = {"found": show_share(found, lang), "missed": show_share(missed, lang)}
        yield say_threshold(key, lang, **values)
    if math.isnan(own.light.value) or own.light.value < LITTLE * record.inflow.cases_a_year:
        yield say_threshold("little_light", lang)
    if record.suggested is not None:
        yield _say_together("short_suggested", record.suggested, lang)
    elif record.nothing_fits:
        yield " ".join(report.say_suggestion(lang))
    yield say_threshold("intervals", lang, n=show_number(record.n_cases, lang))
    yield say_threshold("decide", lang)


def _say_number(one: Estimate, lang: Language) -> str:
    return say_threshold("number_hidden", lang) if math.isnan(one.value) else show(one, lang)


def _say_together(key: str, one: Consequence, lang: Language) -> str:
    values = {
        "lower": format_limit(one.lower, lang),
        "upper": format_limit(one.upper, lang),
        "talks": show(one.talks_a_week, lang),
    }
    if math.isnan(one.found_rate.value):
        return say_threshold("together_hidden", lang, **values)
    return say_threshold(key, lang, **values, found=show_share(one.found_rate, lang))


def _show_rules(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    at_risk = report.policy.find_tier(report.policy.ladder.from_upper)
    yield say_threshold("rules_text", lang, tier=at_risk.label.text(lang))
    yield make_rule_table(report.record, lang)
    share = format_limit(report.record.inflow.adviser_share, lang)
    yield say_threshold("offered_note", lang, share=share)
    yield say_threshold("without_discretion_note", lang)
    yield say_threshold("hidden_note", lang)
    yield say_threshold("needless_note", lang)


def _show_upper(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    record = report.record
    lower = format_limit(record.proposal.lower, lang)
    yield say_threshold("by_upper_text", lang, lower=lower)
    marks = {one.upper for one in (record.proposal, record.chosen)}
    png = plot_by_upper(record.by_upper, record.wishes.capacity, sorted(marks), lang)
    yield Picture(png, say_threshold("by_upper_picture", lang))
    yield make_upper_table(record, lang)
    if record.n_steps_left_out:
        yield say_threshold("steps_left_out", lang, n=record.n_steps_left_out)


def _show_lower(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    record = report.record
    upper = format_limit(record.proposal.upper, lang)
    yield say_threshold("by_lower_text", lang, upper=upper)
    marks = {one.lower for one in (record.proposal, record.chosen)}
    png = plot_by_lower(record.by_lower, record.wishes.largest_miss_rate, sorted(marks), lang)
    yield Picture(png, say_threshold("by_lower_picture", lang))
    yield make_lower_table(record, lang)


def _show_queue(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    record, chosen = report.record, report.record.chosen
    capacity = record.wishes.capacity
    yield say_threshold("queue_text", lang)
    queue = chosen.queue
    if queue is None:
        yield say_threshold("queue_unknown", lang)
    else:
        unit = "waiting_hours" if capacity.in_hours else "waiting_talks"
        yield say_threshold(
            "queue_figures",
            lang,
            lower=format_limit(chosen.lower, lang),
            upper=format_limit(chosen.upper, lang),
            median=show_wait(queue.median_wait.value, lang),
            long=show_wait(queue.long_wait.value, lang),
            backlog=say_threshold(unit, lang, n=show(queue.backlog, lang, 0)),
        )
    key = "queue_picture_hours" if capacity.in_hours else "queue_picture"
    yield Picture(plot_weeks(record.weeks, capacity, lang), say_threshold(key, lang))
    yield make_week_table(record.weeks, lang)


def _show_curve(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    record = report.record
    yield say_threshold("curve_text", lang)
    yield Picture(
        plot_decision_curve(record.decision_curve, lang), say_threshold("curve_picture", lang)
    )
    here = next(one for one in record.decision_curve if one.threshold == record.proposal.upper)
    if here.policy.value < here.risk.value - NOTABLE:
        share = format_limit(record.inflow.adviser_share, lang)
        yield say_threshold("curve_low", lang, share=share)
    yield make_curve_table(record.decision_curve, lang)


def _show_sites(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    yield make_site_table(report.record, lang)
    borrowed = [one.site.capitalize() for one in report.record.sites if one.borrowed]
    if borrowed:
        yield say_threshold("borrowed", lang, sites=", ".join(borrowed))


def _show_groups(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    chosen = report.record.chosen
    lower, upper = format_limit(chosen.lower, lang), format_limit(chosen.upper, lang)
    yield say_threshold("groups_text", lang, lower=lower, upper=upper)
    gaps = sorted(list_gaps(report.codebook, report.at_lower, report.at_upper, lang), reverse=True)
    compared = sum(not level.hidden for one in report.at_upper for level in one.levels)
    if gaps:
        yield from (text for _, text in gaps[:MOST_GAPS])
        yield say_threshold("groups_many", lang, n=compared)
    else:
        yield say_threshold("groups_none", lang)
    for below, above in zip(report.at_lower, report.at_upper, strict=True):
        title = name_field(report.codebook, below.field, lang)
        yield make_group_table(below, above, report.codebook, title, lang)


def _show_equal(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    yield say_threshold("equal_text", lang)
    for one in report.equal_treatment:
        field = name_field(report.codebook, one.field, lang)
        title = say_threshold("equal_caption", lang, field=field)
        yield make_equal_table(one, report.codebook, title, lang)
    if not report.equal_treatment:
        yield say_threshold("equal_none", lang)


def _show_assumptions(report: ThresholdsReport, lang: Language) -> Iterator[Block]:
    record = report.record
    yield say_threshold(
        "assumptions_cases",
        lang,
        cases=show_number(record.n_cases, lang),
        persons=show_number(record.n_persons, lang),
        long=show_number(record.n_long, lang),
    )
    if record.n_left_out:
        left_out = show_number(record.n_left_out, lang)
        yield say_threshold("assumptions_left_out", lang, left_out=left_out)
    yield say_threshold("assumptions_courses", lang)
    share = format_limit(record.inflow.adviser_share, lang)
    yield say_threshold("assumptions_adviser", lang, share=share)
    tiers = {one.id: one.label.text(lang) for one in report.policy.tiers}
    yield make_assumption_table(record.inflow, tiers, lang)
    yield say_threshold("replace", lang)


def _show_block(block: Block, lang: Language) -> dict[str, object]:
    if isinstance(block, Table):
        if block.folded:
            summary = f"{say_threshold('behind', lang)}: {block.caption}"
            return {"kind": "folded", "table": block, "summary": summary}
        kind = "words" if block.caption == say_threshold("assumptions_caption", lang) else "table"
        return {"kind": kind, "table": block}
    if isinstance(block, Picture):
        return {"kind": "picture", "picture": block}
    return {"kind": "text", "text": block}
