"""A new model beside the current one, as one HTML page and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from riskmodel.domain.codebook import Codebook, DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.domain.text_catalogue import PhraseBook
from riskmodel.evaluation.figures import Estimate, to_mapping
from riskmodel.evaluation.model_change import IndicatorShift, MetricChange, ModelChange
from riskmodel.report.evaluation_blocks import format_estimate, format_share
from riskmodel.report.number_format import format_count, format_weeks
from riskmodel.report.phrases import one_line, say
from riskmodel.report.table_page import Heading, Part, Table, render_table_page
from riskmodel.visitation.tier_change import TierChange, WorkChange

__all__ = [
    "COMPARISON_FORMAT",
    "ComparisonReport",
    "describe_comparison",
    "render_comparison",
    "tell_comparison",
]

COMPARISON_FORMAT: Final = "riskmodel.comparison/1"
SHOWN_INDICATORS: Final = 12
_DIGITS: Final = {"auc": 3, "brier": 4, "calibration_slope": 2}

_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/comparison.po")


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """Everything that a comparison of two models tells.

    Parameters
    ----------
    change : ModelChange
        Figures and contributions.
    tiers : TierChange or None
        Tiers and work; None where there is no policy.
    labels : mapping of str to Label
        What indicators are called, those of both models.
    tier_labels : mapping of str to Label
        What tiers are called.
    data_kind : {"synthetic", "public", "case_records"}
        Kind of the cases.
    """

    change: ModelChange
    tiers: TierChange | None
    labels: Mapping[str, Label]
    tier_labels: Mapping[str, Label]
    data_kind: DataKind

    @classmethod
    def label(cls, *codebooks: Codebook) -> dict[str, Label]:
        """Return what the indicators of some codebooks are called; the first one wins."""
        found: dict[str, Label] = {}
        for codebook in codebooks:
            for one in codebook.indicators:
                found.setdefault(one.name, one.label)
        return found


def describe_comparison(report: ComparisonReport) -> dict[str, Any]:
    """Return a comparison as plain JSON values; what is hidden is None."""
    return {
        "format": COMPARISON_FORMAT,
        "data_kind": report.data_kind,
        "interval": 0.95,
        "change": to_mapping(report.change),
        "tiers": None if report.tiers is None else to_mapping(report.tiers),
    }


def render_comparison(report: ComparisonReport, lang: Language) -> str:
    """Return a comparison as an HTML page.

    Parameters
    ----------
    report : ComparisonReport
        What was worked out.
    lang : {"da", "en"}
        Language.
    """
    synthetic = report.data_kind == "synthetic"
    change = report.change
    return render_table_page(
        _word("title", lang),
        _word("context", lang, new=change.new_version, current=change.current_version),
        (
            _tell_short(report, lang),
            _tell_metrics(change, lang),
            *_tell_tiers(report, lang),
            *_tell_indicators(report, lang),
        ),
        lang,
        mark=say("synthetic_mark", lang) if synthetic else "",
        warning=say("synthetic", lang),
    )


def tell_comparison(report: ComparisonReport, lang: Language = "en") -> tuple[str, ...]:
    """Return the comparison in a few lines for a terminal."""
    change = report.change
    if change.span.hidden:
        return (_word("few", lang, least=MIN_CELL),)
    lines = [
        f"{_word(one.name, lang)}: {_word('difference', lang).lower()} "
        f"{format_estimate(one.difference, lang, _DIGITS[one.name])}"
        for one in change.metrics
    ]
    if report.tiers is not None:
        share = format_share(report.tiers.changed_share, lang)
        lines.append(_word("changed", lang, share=share))
        for key, one in (("talks", report.tiers.talks), ("hours", report.tiers.hours)):
            gap = format_estimate(one.difference, lang, 1)
            lines.append(f"{_word('work', lang)}, {_word(key, lang).lower()}: {gap}")
    return (*lines, _word(f"seen_{change.seen_by_current}", lang))


def _word(key: str, lang: Language, **values: object) -> str:
    return _PHRASES.say(key, lang, **values)


def _tell_short(report: ComparisonReport, lang: Language) -> Part:
    change = report.change
    lines = [_verdict(one, lang) for one in change.metrics if one.name != "calibration_slope"]
    if report.tiers is not None:
        lines.append(_word("changed", lang, share=format_share(report.tiers.changed_share, lang)))
    lines += [_word("held_out", lang), _word(f"seen_{change.seen_by_current}", lang)]
    return Part(_word("h_short", lang), tuple(lines), kind="headline")


def _verdict(one: MetricChange, lang: Language) -> str:
    """Say whether a metric is surely better, surely worse, or neither."""
    sign = -1.0 if one.name == "brier" else 1.0
    ends = sorted((sign * one.difference.low, sign * one.difference.high))
    key = "better" if ends[0] > 0 else "worse" if ends[1] < 0 else "unsure"
    return _word(key, lang, name=_word(f"short_{one.name}", lang))


def _tell_metrics(change: ModelChange, lang: Language) -> Part:
    span = change.span
    if span.hidden:
        return Part(_word("h_metrics", lang), (_word("few", lang, least=MIN_CELL),))
    about = _word(
        "rows",
        lang,
        rows=format_count(span.n_rows, lang),
        persons=format_count(span.n_persons, lang),
        events=format_count(span.n_events, lang),
        weeks=format_weeks(span.horizon_weeks, lang),
    )
    rows = tuple(
        (
            _word(one.name, lang),
            *_estimates((one.current, one.new, one.difference), lang, _DIGITS[one.name]),
        )
        for one in change.metrics
    )
    table = Table(_word("h_metrics", lang), _heads("metric", lang), rows)
    draws = _word("interval", lang, draws=format_count(change.n_draws, lang))
    return Part(_word("h_metrics", lang), (about,), (table,), (draws,))


def _heads(first: str, lang: Language) -> tuple[Heading, ...]:
    numbers = ("current", "new", "difference")
    return (
        Heading(_word(first, lang)),
        *(Heading(_word(key, lang), number=True) for key in numbers),
    )


def _estimates(ones: tuple[Estimate, ...], lang: Language, digits: int) -> tuple[str, ...]:
    return tuple(format_estimate(one, lang, digits) for one in ones)


def _tell_tiers(report: ComparisonReport, lang: Language) -> tuple[Part, ...]:
    found = report.tiers
    if found is None:
        return (Part(_word("h_tiers", lang), (_word("no_policy", lang),)),)
    names = [one_line(report.tier_labels[one].text(lang)) for one in found.tier_ids]
    rows = tuple(
        (name, *(_word("hidden", lang) if one is None else format_count(one, lang) for one in row))
        for name, row in zip(names, found.moved, strict=True)
    )
    head = (Heading(_word("from", lang)), *(Heading(name, number=True) for name in names))
    how = _word(
        "tiers_how",
        lang,
        cases=format_count(found.n_cases, lang),
        persons=format_count(found.n_persons, lang),
        policy=one_line(found.policy_version),
    )
    moves = Part(
        _word("h_tiers", lang),
        (how, _word("changed", lang, share=format_share(found.changed_share, lang))),
        (Table(_word("moves", lang), head, rows),),
        (_word("hidden_note", lang, least=MIN_CELL),),
    )
    work = Part(
        _word("h_work", lang),
        (_word("work_how", lang),),
        (
            Table(
                _word("work", lang),
                _heads("work", lang),
                (_work_row("talks", found.talks, lang), _work_row("hours", found.hours, lang)),
            ),
        ),
    )
    return moves, work


def _work_row(key: str, one: WorkChange, lang: Language) -> tuple[str, ...]:
    return (_word(key, lang), *_estimates((one.current, one.new, one.difference), lang, 1))


def _tell_indicators(report: ComparisonReport, lang: Language) -> tuple[Part, ...]:
    change = report.change
    if not change.indicators:
        return ()
    shown, rest = change.indicators[:SHOWN_INDICATORS], change.indicators[SHOWN_INDICATORS:]
    rows = tuple((_name(one, report, lang), format_estimate(one.moved, lang, 1)) for one in shown)
    head = (Heading(_word("fact", lang)), Heading(_word("moved", lang), number=True))
    how = _word("why_how", lang, moved=format_estimate(change.risk_moved, lang, 1))
    notes = (_word("rest", lang, count=len(rest)),) if rest else ()
    table = Table(_word("moves_most", lang), head, rows)
    return (Part(_word("h_why", lang), (how,), (table,), notes),)


def _name(one: IndicatorShift, report: ComparisonReport, lang: Language) -> str:
    name = one_line(report.labels[one.field].text(lang))
    return name if one.known_to == "both" else _word(f"only_{one.known_to}", lang, name=name)
