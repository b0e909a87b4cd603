"""The course of one case in words: how long it may last, and what changed since last time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.number_format import (
    format_percent,
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


def chance_after(explanation: CaseExplanation, week: float) -> float:
    """Return the curve's value at a week; between its points it runs straight."""
    if week == explanation.horizon_weeks:
        return explanation.risk
    points = explanation.curve
    for left, right in pairwise(points):
        if left.week <= week <= right.week:
            share = (week - left.week) / (right.week - left.week)
            return left.probability + share * (right.probability - left.probability)
    return points[0].probability if week < points[0].week else points[-1].probability


def curve_marks(explanation: CaseExplanation) -> tuple[tuple[float, float], ...]:
    """Return the marked weeks after the assessment with the chance of passing each."""
    if not explanation.curve:
        return ((explanation.horizon_weeks, explanation.risk),)
    end = last_week(explanation)
    weeks = sorted({*WEEK_MARKS, explanation.horizon_weeks})
    ahead = [week for week in weeks if explanation.assessed_week < week <= end]
    return tuple((week, chance_after(explanation, week)) for week in ahead)


def list_marks(explanation: CaseExplanation, lang: Language) -> tuple[tuple[str, str], ...]:
    """Return the marked weeks and the risk of still being sick-listed after each, as text."""
    return tuple(
        (format_week(week, lang), format_percent(chance, lang))
        for week, chance in curve_marks(explanation)
    )


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
    """What changed since the last assessment; rows are what, before, now, points."""

    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str, str, str], ...]


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
        format_percent(risk, lang) for risk in (change.earlier_risk, change.later_risk)
    )
    moved = say("change_from_to", lang, earlier=earlier, later=later, before=before, after=after)
    overlap = say("change_overlap" if change.within_uncertainty else "change_apart", lang)
    changed = [one for one in change.facts if one.changed]
    shown = [one for one in changed if size_of(one.points) is not None][:_SHOWN_CHANGES]
    rest = change.fact_points - sum(one.points for one in shown)
    rows = [
        (say("change_time", lang), earlier, later, format_signed_points(change.time_points, lang))
    ]
    rows += [
        (
            one_line(one.label.text(lang)),
            one_line(one.before_label.text(lang)),
            one_line(one.after_label.text(lang)),
            format_signed_points(one.points, lang),
        )
        for one in shown
    ]
    if len(shown) < len(change.facts):
        rows.append((say("change_rest", lang), "", "", format_signed_points(rest, lang)))
    rows.append(
        (say("change_total", lang), before, after, format_signed_points(change.points, lang))
    )
    sentences = (moved, overlap) if changed else (moved, overlap, say("change_no_facts", lang))
    return ChangeWords(sentences, tuple(rows))
