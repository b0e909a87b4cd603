"""The start of the evaluation report: warnings, and each figure against its bar."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from riskmodel.domain.labels import LANGUAGES, Label, Language
from riskmodel.evaluation.table_doubts import TableDoubts
from riskmodel.evaluation.verdicts import (
    BRIER_DIGITS,
    WEEK_DIGITS,
    WORSE_BY,
    Grade,
    Verdict,
    move_limits,
)
from riskmodel.report.evaluation_blocks import format_estimate, format_figure, format_share
from riskmodel.report.evaluation_report import EvaluationReport, Teller
from riskmodel.report.evaluation_words import GRADES, QUESTIONS, WARNINGS
from riskmodel.report.number_format import format_count, format_limit
from riskmodel.report.phrases import one_line

__all__ = ["SummaryLine", "list_warnings", "make_summary", "tell_doubts"]

BRIER_GAPS = {"base_rate", "simplest", "challenger", "transfer"}
WEEKS = {"median_error"}


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One question with its figure, its bar and the verdict in a word.

    Parameters
    ----------
    question, figure, bar, word : str
        As shown.
    grade : {"good", "doubtful", "poor"}
        For the eye; the word says the same.
    """

    question: str
    figure: str
    bar: str
    word: str
    grade: Grade


def make_summary(report: EvaluationReport, lang: Language) -> tuple[SummaryLine, ...]:
    """Return the verdicts of a report in words, in the order they should be read.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    lang : {"da", "en"}
        Language.
    """
    return tuple(_say(one, report, lang) for one in report.verdicts)


def list_warnings(report: EvaluationReport) -> tuple[Label, ...]:
    """Return what a reader should know before trusting the model, worst first.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    """
    found = []
    size = report.sample_size
    if size is None:
        found.append(WARNINGS["one_kind"])
    elif not size.enough:
        # New cases shrink no score: it was made of others.
        few = "too_few_new" if report.record.design == "new cases" else "too_few"
        key = "far_too_few" if size.far_too_few else few
        key = "far_too_few_of_one_kind" if size.n_events < 0 else key
        found.append(
            _fill(
                WARNINGS[key],
                n=size.n_persons,
                events=size.n_events,
                needed=size.needed,
                parameters=size.n_parameters,
                auc=size.foreseen_auc,
            )
        )
    if report.data_kind == "synthetic":
        found.append(WARNINGS["synthetic"])
    figures = report.record.headline.figures
    if figures and figures["brier"].value >= figures["base_rate_brier"].value:
        found.append(WARNINGS["useless"])
    if report.n_left_out:
        total = report.record.n_rows + report.record.n_not_scored
        found.append(_fill(WARNINGS["left_out"], left=report.n_left_out, n=total))
    found += [one.text for one in report.leaks]
    if report.doubts is not None:
        found += tell_doubts(report.doubts, told={one.subject for one in report.leaks})
    return tuple(found)


def tell_doubts(doubts: TableDoubts, *, told: Collection[str] = ()) -> tuple[Label, ...]:
    """Return what a table cannot teach, or teaches twice, in words.

    Parameters
    ----------
    doubts : TableDoubts
        What was found.
    told : collection of str
        Indicators whose strength was told already.
    """
    found = []
    for key, names in (("no_value", doubts.no_value), ("one_value", doubts.one_value)):
        if names:
            found.append(_fill(WARNINGS[key], names=", ".join(names)))
    if doubts.n_twins:
        found.append(_fill(WARNINGS["twins"], n=doubts.n_twins, total=doubts.n_rows))
    found += [
        _fill(WARNINGS["strong_alone"], name=name, auc=auc)
        for name, auc in doubts.strong_alone.items()
        if name not in told
    ]
    return tuple(found)


def _fill(label: Label, **values: float | str) -> Label:
    texts = []
    for lang in LANGUAGES:
        shown = {name: _show(value, lang) for name, value in values.items()}
        texts.append(label.text(lang).format(**shown))
    return Label(*texts)


def _show(value: float | str, lang: Language) -> str:
    if isinstance(value, str):
        return value
    return format_count(value, lang) if isinstance(value, int) else format_figure(value, lang, 2)


def _say(one: Verdict, report: EvaluationReport, lang: Language) -> SummaryLine:
    values = _values(one, report, lang)
    question, figure, bar = (
        QUESTIONS[f"{name}.{part}"].text(lang).format(**values)
        for name, part in (
            (one.key, "question"),
            (_name_figure(one, report), "figure"),
            (_name_bar(one), "bar"),
        )
    )
    return SummaryLine(question, figure, bar, GRADES[one.grade].text(lang), one.grade)


def _name_figure(one: Verdict, report: EvaluationReport) -> str:
    """Return whose words tell the figure: a weighted share and a tie have words of their own."""
    if one.key == "auc" and report.record.headline.span.weighted:
        return "auc_weighted"
    if one.key == "median_error" and round(one.value.value, 1) == round(one.against, 1):
        return "median_error_same"
    return one.key


def _name_bar(one: Verdict) -> str:
    moved = one.key == "interval_coverage" and not math.isnan(one.against)
    return "interval_coverage_moved" if moved else one.key


def _values(one: Verdict, report: EvaluationReport, lang: Language) -> dict[str, str]:
    """Return what the sentences of a verdict may name."""
    record = report.record
    judged = report.transfer if one.key == "transfer" and report.transfer else record
    figures = judged.headline.figures
    field = next(
        (each for each in report.codebook.indicators if each.name == record.simplest_field), None
    )
    share = record.headline.span.event_share
    digits = BRIER_DIGITS if one.key in BRIER_GAPS else WEEK_DIGITS if one.key in WEEKS else 2
    found = {
        "value": format_estimate(one.value, lang, digits),
        "against": format_figure(one.against, lang, digits),
        "own": format_figure(figures["brier"].value, lang, BRIER_DIGITS) if figures else "",
        "horizon": Teller(report, lang).horizon,
        "share": "" if math.isnan(share) else format_limit(round(share, 2), lang),
        "field": "" if field is None else one_line(field.label.text(lang)).lower(),
    }
    return found | _own_values(one, report, lang)


def _own_values(one: Verdict, report: EvaluationReport, lang: Language) -> dict[str, str]:
    """Return what the sentences of one kind of verdict name otherwise, or in addition."""
    record, value = report.record, one.value.value
    match one.key:
        case "sample_size":
            return {
                "value": format_count(int(value), lang),
                "against": format_count(int(one.against), lang),
            }
        case "challenger":
            margin = WORSE_BY * record.headline.figures["brier"].value
            return {"margin": format_figure(margin, lang, BRIER_DIGITS)}
        case "median_error":
            return {"gain": format_estimate(record.duration.median_error_gain, lang, WEEK_DIGITS)}
        case "interval_coverage":
            moved = 0.0 if math.isnan(one.against) else one.against
            limits = move_limits(one.key, moved)
            names = ("first", "last", "least", "most")
            told = {
                name: format_limit(limit, lang) for name, limit in zip(names, limits, strict=True)
            }
            share = record.duration.open_ended.value
            if moved:
                told["share"] = format_limit(round(share, 2), lang)
            return told | {"value": format_share(one.value, lang)}
        case "instability":
            return {"value": format_figure(100 * value, lang, 1)}
    return {}
