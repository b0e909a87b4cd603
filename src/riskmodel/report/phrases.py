"""Sentences about one case, each made from the figures it states.

Size words follow the figure that is shown, so a sentence and its figure cannot disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from riskmodel.domain.fact_words import FACT_PHRASES
from riskmodel.domain.labels import Language
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.outcome_bands import MIN_COMPARED
from riskmodel.explanation.record import CaseExplanation, Contribution
from riskmodel.report.number_format import (
    format_count,
    format_limit,
    format_percent,
    format_percent_range,
    format_points,
    format_points_range,
    format_week,
    format_weeks,
    format_whole_weeks,
    shown_percent,
    shown_points,
)
from riskmodel.report.phrase_catalogue import DATA_KINDS, GAP_STEPS, SIZE_STEPS, SPREAD_STEPS, say
from riskmodel.visitation.recommendation import Recommendation

__all__ = [
    "Direction",
    "direction_of",
    "is_way_sure",
    "one_line",
    "phrase_band",
    "phrase_comparison",
    "phrase_doubts",
    "phrase_duration",
    "phrase_factor",
    "phrase_letter_pull",
    "phrase_missing",
    "phrase_reasons",
    "phrase_reference",
    "phrase_risk",
    "phrase_similar",
    "phrase_spread",
    "phrase_tier",
    "say",
    "size_of",
]

Direction = Literal["up", "down", "none"]

_NO_MOVE = 0.05
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def one_line(text: str) -> str:
    r"""Return the text on one line, without control and direction-changing characters.

    Examples
    --------
    >>> one_line("two\nlines\u202e")
    'two lines'
    """
    spaced = re.sub(r"[ \t\r\n\v\f\x85\u2028\u2029]+", " ", text)
    return "".join(one for one in spaced if unicodedata.category(one) not in _HIDDEN).strip()


def direction_of(points: float) -> Direction:
    """Return which way a contribution pulls; none where it is below 0.05 points."""
    if abs(points) < _NO_MOVE:
        return "none"
    return "up" if points > 0 else "down"


def is_way_sure(interval: tuple[float, float]) -> bool:
    """Whether the interval, in the whole points that are shown, lies on one side of zero.

    Examples
    --------
    >>> is_way_sure((0.6, 4.0)), is_way_sure((0.4, 4.0)), is_way_sure((-3.0, 1.0))
    (True, False, False)
    """
    low, high = (round(end) for end in interval)
    return low > 0 or high < 0


def size_of(points: float) -> str | None:
    """Return the size word's key for a contribution, or None where it hardly counts.

    Examples
    --------
    >>> size_of(9.4), size_of(-2.4), size_of(0.7)
    ('much', 'little', None)
    """
    shown = abs(shown_points(points))
    return next((word for step, word in SIZE_STEPS if shown >= step), None)


def _pull(key: str, one: Contribution, size: str, lang: Language) -> str:
    return say(
        key,
        lang,
        label=one_line(one.label.text(lang)),
        value=one_line(one.value_label.text(lang)),
        size=say(f"size_{size}", lang),
        direction=say(f"direction_{direction_of(one.points)}", lang),
        points=_points_told(one.points, one.interval, lang),
    )


def _points_told(points: float, interval: tuple[float, float], lang: Language) -> str:
    """Return the size of a pull with its interval, as it stands in brackets."""
    shown = format_points_range(interval, lang)
    return say("with_range", lang, figure=format_points(points, lang), range=shown)


def phrase_reference(explanation: CaseExplanation, lang: Language) -> str:
    """Return the risk of a typical case with its interval, as it stands in brackets."""
    figure = format_percent(explanation.reference_risk, lang)
    interval = format_percent_range(explanation.reference_interval, lang)
    return say("with_range", lang, figure=figure, range=interval)


def phrase_factor(one: Contribution, lang: Language) -> str:
    """Return the sentence that says how one fact moves the risk."""
    return _phrase_pull("pulls", one.points, one.interval, lang)


def phrase_letter_pull(points: float, interval: tuple[float, float], lang: Language) -> str:
    """Return the sentence that tells the citizen how facts move the figure.

    It has the figures, the size word and the doubt of `phrase_factor`.

    Parameters
    ----------
    points : float
        What one fact, or several together, move the risk by, in percentage points.
    interval : tuple of float
        Its 90 % interval.
    lang : {"da", "en"}
        Language.
    """
    return _phrase_pull("letter_pulls", points, interval, lang)


def _phrase_pull(key: str, points: float, interval: tuple[float, float], lang: Language) -> str:
    size, told = size_of(points), _points_told(points, interval, lang)
    if size is None:
        return say("hardly_pulls", lang, points=told)
    direction = say(f"direction_{direction_of(points)}", lang)
    sentence = say(key, lang, size=say(f"size_{size}", lang), direction=direction, points=told)
    return " ".join(one for one in (sentence, phrase_doubt(interval, lang)) if one)


def phrase_doubt(interval: tuple[float, float], lang: Language) -> str:
    """Return the sentence that doubts a pull, or nothing where its way is sure.

    Parameters
    ----------
    interval : tuple of float
        90 % interval of the pull, in percentage points.
    lang : {"da", "en"}
        Language.
    """
    if is_way_sure(interval):
        return ""
    low, high = (round(end) for end in interval)
    return say("pulls_unsure" if low < 0 < high else "pulls_perhaps", lang)


def phrase_reasons(explanation: CaseExplanation, lang: Language) -> str:
    """Return the line that names the two facts with the largest contributions."""
    sentences: list[str] = []
    for key, one in zip(("first_reason", "second_reason"), explanation.by_size, strict=False):
        size = size_of(one.points)
        if size is None:
            sentences.append(say("only_reason" if sentences else "no_reason", lang))
            break
        sentences.append(_pull(key, one, size, lang))
        sentences.append(phrase_doubt(one.interval, lang))
    return " ".join(filter(None, sentences)) or say("no_reason", lang)


def phrase_tier(
    explanation: CaseExplanation, recommendation: Recommendation | None, lang: Language
) -> str:
    """Return the line that names the tier."""
    case = one_line(explanation.case_id)
    if recommendation is None:
        return say("no_tier", lang, case=case)
    return say("tier", lang, case=case, tier=one_line(recommendation.tier_label.text(lang)))


def phrase_spread(explanation: CaseExplanation, lang: Language) -> str:
    """Return the sentence that gives the interval of the risk in words and figures."""
    low, high = shown_percent(explanation.risk_low), shown_percent(explanation.risk_high)
    spread = next(word for step, word in SPREAD_STEPS if high - low >= step)
    return say(
        "spread_none" if low == high else "spread",
        lang,
        spread=say(f"spread_{spread}", lang),
        low=format_percent(explanation.risk_low, lang),
        high=format_percent(explanation.risk_high, lang),
    )


def phrase_risk(explanation: CaseExplanation, lang: Language) -> str:
    """Return the line with the risk, its horizon and its interval."""
    risk = say(
        "risk",
        lang,
        weeks=format_weeks(explanation.horizon_weeks, lang),
        risk=format_percent(explanation.risk, lang),
    )
    return f"{risk} {phrase_spread(explanation, lang)}"


def phrase_comparison(explanation: CaseExplanation, lang: Language) -> tuple[str, ...]:
    """Return sentences that set the risk beside 100 like cases and the reference."""
    count = shown_percent(explanation.risk)
    hundred = {0: "of_hundred_few", 100: "of_hundred_most"}.get(count, "of_hundred")
    reference = phrase_reference(explanation, lang)
    gap = count - shown_percent(explanation.reference_risk)
    size = next((word for step, word in GAP_STEPS if abs(gap) >= step), None)
    weeks = format_weeks(explanation.horizon_weeks, lang)
    sentences = [say(hundred, lang, count=count, weeks=weeks)]
    if size is None:
        sentences.append(say("level", lang, reference=reference))
    else:
        key = "above" if gap > 0 else "below"
        sentences.append(say(key, lang, size=say(f"size_{size}", lang), reference=reference))
    if explanation.assessed_week > 0:
        sentences.append(say("given_week", lang, week=format_week(explanation.assessed_week, lang)))
    if explanation.doubts:
        sentences.append(phrase_doubts(explanation, lang))
    return tuple(sentences)


def phrase_doubts(explanation: CaseExplanation, lang: Language) -> str:
    """Return the sentence that says why the evidence is uncertain, or nothing."""
    doubts = explanation.doubts
    if not doubts:
        return ""
    return say("doubt_both" if len(doubts) > 1 else f"doubt_{doubts[0]}", lang)


def phrase_duration(
    explanation: CaseExplanation, last_week: float, lang: Language
) -> tuple[str, ...]:
    """Return sentences with the expected duration and its range.

    Parameters
    ----------
    explanation : CaseExplanation
        The case.
    last_week : float
        The last week the model can speak of; later weeks read "over …".
    lang : {"da", "en"}
        Language.
    """

    def weeks(value: float) -> str:
        return format_whole_weeks(value, lang, last_week=last_week)

    known = explanation.expected_weeks < last_week
    low, high = explanation.expected_weeks_low, explanation.expected_weeks_high
    shown_low = format_week(round(low), lang) if low < last_week else weeks(low)
    sentences = [
        say("expected" if known else "expected_over", lang, weeks=weeks(explanation.expected_weeks))
    ]
    if known:
        sentences.append(say("expected_half", lang))
    if weeks(low) != weeks(high):
        sentences.append(say("expected_range", lang, low=shown_low, high=weeks(high)))
    return (*sentences, say("expected_care", lang))


def phrase_missing(
    risk: float, one: Contribution, lang: Language, limits: Sequence[float] = ()
) -> str:
    """Return the sentences that say how far a missing fact could move the risk.

    Parameters
    ----------
    risk : float
        The risk as it is without the fact.
    one : Contribution
        The missing fact.
    lang : {"da", "en"}
        Language.
    limits : sequence of float, optional
        Limits of the rules; those that the fact could move the risk across are named.
    """
    if one.points_range is None:
        return say("missing_unknown", lang)
    low, high = (min(1.0, max(0.0, risk + move / 100)) for move in one.points_range)
    shown_low, shown, shown_high = (shown_percent(each) for each in (low, risk, high))
    is_one = shown_low == shown_high
    ends = {"low": format_percent(low, lang), "high": format_percent(high, lang)}
    now, value = format_percent(risk, lang), one.value_label.text(lang)
    if value != FACT_PHRASES.label("not_stated").text(lang):
        # No entry may be an answer too, such as "not started": then the risk stays.
        told = [say("missing_meaning", lang, value=one_line(value), risk=now)]
        told.append(say("missing_other_still" if is_one else "missing_other_move", lang, **ends))
    else:
        told = [say("missing_still" if is_one else "missing_move", lang, **ends)]
        if not shown_low <= shown <= shown_high:
            # Being missing is a level of its own: no answer need give the risk of today.
            told.append(say("missing_own", lang, risk=now))
    for limit in limits:
        if risk < limit <= high:
            told.append(say("missing_over", lang, limit=format_limit(limit, lang)))
        elif low < limit <= risk:
            told.append(say("missing_under", lang, limit=format_limit(limit, lang)))
    return " ".join(told)


def phrase_band(risk: float, recommendation: Recommendation, lang: Language) -> str:
    """Return the sentence on the adviser's band, or nothing where the risk is outside it."""
    low, high = recommendation.lower_threshold, recommendation.upper_threshold
    if not low <= risk < high:
        return ""
    return say("band", lang, low=format_limit(low, lang), high=format_limit(high, lang))


def phrase_similar(explanation: CaseExplanation, lang: Language) -> tuple[str, ...]:
    """Return sentences that set the case beside closed cases of like risk, as counts."""
    band = explanation.similar
    if band is None:
        return (say("similar_none", lang, count=MIN_COMPARED),)
    low, high = format_limit(band.low, lang), format_limit(band.high, lang)
    if band.low == 0:
        where = say("range_under", lang, high=high)
    elif band.high == 1:
        where = say("range_from", lang, low=low)
    else:
        where = say("range_between", lang, low=low, high=high)
    weeks = format_weeks(explanation.horizon_weeks, lang)
    if band.long_assessments is None:
        key = "similar_few_long" if band.few == "long" else "similar_few_short"
        ended = say(key, lang, count=MIN_CELL, weeks=weeks)
    else:
        count = format_count(band.long_assessments, lang)
        ended = say("similar_long", lang, count=count, weeks=weeks)
    return (
        say(
            "similar_persons",
            lang,
            assessments=format_count(band.assessments, lang),
            persons=format_count(band.persons, lang),
            kind=DATA_KINDS[explanation.data_kind].text(lang),
            range=where,
        ),
        ended,
        say("similar_how", lang, count=MIN_COMPARED),
    )
