"""The tables of the evaluation report; every figure with n and its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.figures import MetricBlock, Span
from riskmodel.evaluation.groups import MISSING, OTHER_SITES
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.key_indicators import IndicatorRole, KeyIndicators
from riskmodel.evaluation.learning_curve import LearningCurve
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.sample_size import SampleSizeJudgement
from riskmodel.report.evaluation_blocks import (
    Table,
    clean_cells,
    format_estimate,
    format_figure,
    format_hidden_count,
)
from riskmodel.report.evaluation_words import METRIC_LABELS, TABLE_WORDS
from riskmodel.report.number_format import format_count, format_limit, format_week

__all__ = [
    "make_calibration_table",
    "make_comparison_table",
    "make_indicator_table",
    "make_instability_table",
    "make_learning_table",
    "make_metric_tables",
    "make_net_benefit_table",
    "make_sample_size_table",
    "say_word",
]

DIGITS: Final = {"brier": 3, "base_rate_brier": 3, "ici": 3}
RANKING: Final = ("auc", "brier", "scaled_brier", "base_rate_brier")
CALIBRATION: Final = ("calibration_in_the_large", "calibration_slope", "observed_expected", "ici")


def say_word(key: str, lang: Language) -> str:
    """Return one of this module's words."""
    return TABLE_WORDS[key].text(lang)


def make_metric_tables(
    blocks: Iterable[MetricBlock],
    caption: str,
    first: str,
    lang: Language,
    levels: Mapping[str, Label],
) -> tuple[Table, Table]:
    """Return the figures of several blocks, one row each: how well they rank, and calibration.

    Parameters
    ----------
    blocks : iterable of MetricBlock
        The blocks.
    caption : str
        What they are.
    first : {"horizon", "landmark", "site", "group"}
        What the first column names.
    lang : {"da", "en"}
        Language.
    levels : mapping of str to Label
        Labels of the levels; others are shown as they are.
    """
    blocks = list(blocks)
    found = []
    for word, keys in (("ranking", RANKING), ("calibration", CALIBRATION)):
        events = "events_weighted" if any(one.span.weighted for one in blocks) else "events"
        header = [say_word(one, lang) for one in (first, "n", "persons", events)]
        header += [METRIC_LABELS[key].text(lang) for key in keys]
        rows = [
            clean_cells(
                [
                    _name_row(block.span, first, lang, levels),
                    *_counts(block.span, lang),
                    *(
                        format_estimate(block.figures.get(key), lang, DIGITS.get(key, 2))
                        for key in keys
                    ),
                ]
            )
            for block in blocks
        ]
        found.append(Table(f"{caption}: {say_word(word, lang)}", tuple(header), tuple(rows)))
    return found[0], found[1]


def _name_row(span: Span, first: str, lang: Language, levels: Mapping[str, Label]) -> str:
    if first == "horizon":
        return format_week(span.horizon_weeks, lang)
    if span.level == MISSING:
        return say_word("missing_level", lang)
    if span.level == OTHER_SITES:
        return say_word("other_sites", lang)
    return levels[span.level].text(lang) if span.level in levels else span.level


def _counts(span: Span, lang: Language) -> list[str]:
    if span.hidden:
        return [say_word("hidden", lang), "", ""]
    share = format_limit(round(span.event_share, 3), lang)
    counts = [format_count(one, lang) for one in (span.n_rows, span.n_persons, span.n_events)]
    if span.rounded:
        counts = [say_word("about", lang).format(n=one) for one in counts]
    return [*counts[:2], f"{counts[2]} ({share})"]


def make_comparison_table(record: EvaluationRecord, caption: str, lang: Language) -> Table:
    """Return what others score compared with the model."""
    rows = tuple(
        (
            say_word(one.other, lang),
            format_estimate(one.auc, lang),
            format_estimate(one.brier, lang, 4),
        )
        for one in record.comparisons
    )
    header = tuple(say_word(key, lang) for key in ("other", "auc_gap", "brier_gap"))
    return Table(caption, header, rows)


def make_calibration_table(record: EvaluationRecord, caption: str, lang: Language) -> Table:
    """Return the calibration curve at every fifth whole percentage, and the histogram."""
    curve = record.calibration
    if curve is None:
        return Table(caption, (say_word("risk", lang),), ())
    header = tuple(say_word(key, lang) for key in ("risk", "observed", "n"))
    last = len(curve.bin_edges) - 2
    rows = []
    for at, observed, low, high in zip(
        curve.risk, curve.observed, curve.low, curve.high, strict=True
    ):
        if round(100 * at) % 5 and len(curve.risk) > 5:
            continue
        place = min(round(100 * at) // 5, last)
        word = "til" if lang == "da" else "to"
        shares = [format_limit(round(one, 3), lang) for one in (observed, low, high) if one == one]  # noqa: PLR0124
        shown = shares[0] + (f" ({shares[1]} {word} {shares[2]})" if len(shares) > 1 else "")
        count = format_hidden_count(curve.bin_counts[place], lang, record.min_cell)
        rows.append((format_limit(at, lang), shown, count))
    return Table(caption, header, tuple(rows), folded=True)


def make_net_benefit_table(record: EvaluationRecord, caption: str, lang: Language) -> Table:
    """Return net benefit at every other threshold."""
    curve = record.net_benefit
    if curve is None:
        return Table(caption, (say_word("threshold", lang),), ())
    names = [name for name in ("model", "all", "simplest", "challenger") if name in curve.curves]
    titles = {"all": "everybody"}
    header = [say_word("threshold", lang), *(say_word(titles.get(one, one), lang) for one in names)]
    rows = []
    for number in range(0, len(curve.thresholds), 2):
        cells = [format_limit(curve.thresholds[number], lang)]
        cells += [format_estimate(curve.curves[name][number], lang) for name in names]
        rows.append((*cells, format_estimate(curve.gain_over_all[number], lang)))
    return Table(caption, (*header, say_word("gain", lang)), tuple(rows), folded=True)


def make_indicator_table(
    key: KeyIndicators, labels: Mapping[str, Label], caption: str, lang: Language
) -> Table:
    """Return every indicator's contribution and the price of leaving it out."""
    header = tuple(
        say_word(one, lang) for one in ("indicator", "points", "first", "price_brier", "price_auc")
    )
    rows = tuple(
        clean_cells(
            (
                _name_indicator(one, labels, lang),
                format_estimate(one.mean_points, lang, 1),
                format_limit(round(one.among_first, 2), lang),
                format_estimate(one.price_brier, lang, 4),
                format_estimate(one.price_auc, lang),
            )
        )
        for one in key.roles
    )
    return Table(caption, header, rows)


def _name_indicator(one: IndicatorRole, labels: Mapping[str, Label], lang: Language) -> str:
    name = labels[one.name].text(lang) if one.name in labels else one.name
    return f"{name} *" if one.price_method == "refitted without it" else name


def make_learning_table(curve: LearningCurve, caption: str, lang: Language) -> Table:
    """Return measured and foreseen performance by number of persons."""
    header = (
        say_word("persons", lang),
        say_word("kind", lang),
        METRIC_LABELS["auc"].text(lang),
        METRIC_LABELS["brier"].text(lang),
    )
    rows = tuple(
        (
            format_count(one.n_persons, lang),
            say_word("measured" if one.n_draws else "foreseen", lang),
            format_estimate(one.auc, lang),
            format_estimate(one.brier, lang, 4),
        )
        for one in (*curve.measured, curve.now, *curve.more.values())
    )
    return Table(caption, header, rows)


def make_instability_table(record: InstabilityRecord, caption: str, lang: Language) -> Table:
    """Return how far risks move on refitting, by band of risk."""
    header = tuple(say_word(key, lang) for key in ("from_to", "n", "range", "mape"))
    word = "til" if lang == "da" else "to"
    rows = []
    for one in record.bands:
        span = f"{format_limit(one.from_risk, lang)} {word} {format_limit(one.to_risk, lang)}"
        if one.n_rows < 0:
            rows.append((span, say_word("hidden", lang), "", ""))
            continue
        low, high = (format_limit(round(part, 3), lang) for part in (one.low, one.high))
        rows.append(
            (
                span,
                format_count(one.n_rows, lang),
                f"{low} {word} {high}",
                format_figure(100 * one.mape, lang, 1),
            )
        )
    return Table(caption, header, tuple(rows), folded=True)


def make_sample_size_table(one: SampleSizeJudgement, caption: str, lang: Language) -> Table:
    """Return the cases there are and the cases that are needed."""
    counts = (
        ("persons", one.n_persons),
        ("events", one.n_events),
        ("parameters", one.n_parameters),
        ("needed", one.needed),
        ("for_shrinkage", one.for_shrinkage),
        ("for_optimism", one.for_optimism),
        ("for_mean_risk", one.for_mean_risk),
    )
    rows = [
        (say_word(key, lang), format_count(count, lang) if count >= 0 else say_word("hidden", lang))
        for key, count in counts
    ]
    rows.append((say_word("supported", lang), format_figure(one.supported_parameters, lang, 1)))
    rows.append((say_word("shrinkage", lang), format_figure(one.expected_shrinkage, lang, 2)))
    count = "Antal" if lang == "da" else "Number"
    return Table(caption, (say_word("figure", lang), count), tuple(rows))
