"""The course of one case in words: how long it may last, and what changed since last time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.explanation.change import AssessmentChange, find_change_interval
from riskmodel.explanation.record import CaseExplanation, CurvePoint
from riskmodel.report.number_format import (
    format_percent,
    format_percent_range,
    format_points_range,
    format_signed_points,
    format_week,
    format_whole_weeks,
)
from riskmodel.report.phrase_catalogue import say
from riskmodel.report.phrases import one_line, size_of
from riskmodel.visitation.recommendation import Recommendation

__all__ = [
    "ChangeWords",
    "axis_end",
    "axis_weeks",
    "chance_after",
    "curve_marks",
    "describe_change",
    "last_week",
    "list_duration",
    "list_marks",
    "tell_chance",
]

WEEK_MARKS: Final = (8.0, 12.0, 26.0, 52.0)
_SHOWN_CHANGES: Final = 8


def last_week(explanation: CaseExplanation) -> float:
    """Return the last week that the duration curve speaks of."""
    if not explanation.curve:
        return explanation.horizon_weeks
    return explanation.curve[-1].week


def axis_end(explanation: CaseExplanation) -> float:
    """Return the week at which the picture of the duration ends.

    It shows twice the horizon and the expected duration, and the range up to four times the
    horizon; a few courses that last very long do not press the rest together.
    """
    step = explanation.horizon_weeks / 2
    expected, high = explanation.expected_weeks, explanation.expected_weeks_high
    farthest = 4 * explanation.horizon_weeks
    wanted = [2 * explanation.horizon_weeks, min(high, farthest)]
    if math.isfinite(expected):
        wanted.append(1.1 * expected)
    end = math.ceil(round(max(wanted) / step, 6)) * step
    return min(end, max(last_week(explanation), explanation.horizon_weeks))


def axis_weeks(explanation: CaseExplanation) -> tuple[float, ...]:
    """Return the weeks that are written on the axis: five or six at most."""
    end, step = axis_end(explanation), explanation.horizon_weeks / 2
    while end / step > 5:
        step *= 2
    weeks = [step * count for count in range(int(end / step) + 1)]
    kept = [week for week in weeks if end - week > 0.3 * step]
    return (*kept, end)


def chance_after(explanation: CaseExplanation, week: float) -> CurvePoint:
    """Return the curve at a week, with its interval; between its points it runs straight."""
    if week == explanation.horizon_weeks:
        return CurvePoint(week, explanation.risk, explanation.risk_low, explanation.risk_high)
    points = explanation.curve
    for left, right in pairwise(points):
        if left.week <= week <= right.week:
            share = (week - left.week) / (right.week - left.week)
            between = (
                start + share * (end - start)
                for start, end in (
                    (left.probability, right.probability),
                    (left.low, right.low),
                    (left.high, right.high),
                )
            )
            return CurvePoint(week, *between)
    return replace(points[0] if week < points[0].week else points[-1], week=week)


def curve_marks(explanation: CaseExplanation) -> tuple[CurvePoint, ...]:
    """Return the marked weeks after the assessment with the chance of passing each."""
    if not explanation.curve:
        return (chance_after(explanation, explanation.horizon_weeks),)
    end = last_week(explanation)
    weeks = sorted({*WEEK_MARKS, explanation.horizon_weeks})
    ahead = [week for week in weeks if explanation.assessed_week < week <= end]
    return tuple(chance_after(explanation, week) for week in ahead)


def list_marks(explanation: CaseExplanation, lang: Language) -> tuple[tuple[str, str], ...]:
    """Return the marked weeks and the risk of still being sick-listed after each, as text."""
    return tuple(
        (format_week(one.week, lang), tell_chance(one, lang)) for one in curve_marks(explanation)
    )


def tell_chance(one: CurvePoint, lang: Language) -> str:
    """Return a chance with its interval, as it stands in a table."""
    interval = format_percent_range((one.low, one.high), lang)
    return say("beside_range", lang, figure=format_percent(one.probability, lang), range=interval)


def list_duration(
    explanation: CaseExplanation, recommendation: Recommendation | None, lang: Language
) -> tuple[tuple[str, str], ...]:
    """Return the picture of the duration as rows of a table, the rules' weeks last."""
    expected, low, high = (
        format_whole_weeks(weeks, lang, last_week=last_week(explanation))
        for weeks in (
            explanation.expected_weeks,
            explanation.expected_weeks_low,
            explanation.expected_weeks_high,
        )
    )
    rows = [
        (say("expected_row", lang), expected),
        (say("range_row", lang), say("from_to", lang, low=low, high=high)),
    ]
    rows += [
        (say("mark_row", lang, week=week), chance) for week, chance in list_marks(explanation, lang)
    ]
    if recommendation is not None:
        rows += [
            (
                say("rule_week", lang, label=one_line(one.label.text(lang))),
                say("in_week", lang, week=format_week(one.week, lang)),
            )
            for one in recommendation.contacts
        ]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """What changed since the last assessment; rows are what, before, now, points, interval."""

    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str, str, str, str], ...]


def describe_change(change: AssessmentChange | None, lang: Language) -> ChangeWords:
    """Put the change since the last assessment into words.

    Parameters
    ----------
    change : AssessmentChange or None
        None where there is no earlier assessment.
    lang : {"da", "en"}
        Language.

    Returns
    -------
    ChangeWords
        The points of the rows add up, unrounded, to the last row.
    """
    if change is None:
        return ChangeWords((say("change_none", lang),), ())
    earlier, later = (format_week(week, lang) for week in (change.earlier_week, change.later_week))
    before, after = (
        tell_chance(CurvePoint(change.horizon_weeks, risk, *interval), lang)
        for risk, interval in (
            (change.earlier_risk, change.earlier_interval),
            (change.later_risk, change.later_interval),
        )
    )
    moved = say("change_from_to", lang, earlier=earlier, later=later, before=before, after=after)
    overlap = say("change_overlap" if change.within_uncertainty else "change_apart", lang)
    changed = [one for one in change.facts if one.changed]
    shown = [one for one in changed if size_of(one.points) is not None][:_SHOWN_CHANGES]
    others = [one for one in change.facts if one not in shown]
    rest = change.fact_points - sum(one.points for one in shown)
    time_interval = format_points_range(change.time_interval, lang)
    time_points = format_signed_points(change.time_points, lang)
    rows = [(say("change_time", lang), earlier, later, time_points, time_interval)]
    rows += [
        (
            one_line(one.label.text(lang)),
            one_line(one.before_label.text(lang)),
            one_line(one.after_label.text(lang)),
            format_signed_points(one.points, lang),
            format_points_range(find_change_interval([one]), lang),
        )
        for one in shown
    ]
    if others:
        interval = format_points_range(find_change_interval(others), lang)
        rows.append((say("change_rest", lang), "", "", format_signed_points(rest, lang), interval))
    rows.append(
        (
            say("change_total", lang),
            format_percent(change.earlier_risk, lang),
            format_percent(change.later_risk, lang),
            format_signed_points(change.points, lang),
            format_points_range(change.interval, lang),
        )
    )
    sentences = (moved, overlap) if changed else (moved, overlap, say("change_no_facts", lang))
    return ChangeWords(sentences, tuple(rows))
