"""The facts of one case in words: what each does, what is missing, what could be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from riskmodel.domain.labels import Language
from riskmodel.explanation.record import CaseExplanation, Contribution, find_points_interval
from riskmodel.report.number_format import format_points_range, format_signed_points
from riskmodel.report.phrase_catalogue import say, say_count
from riskmodel.report.phrases import (
    Direction,
    direction_of,
    is_way_sure,
    one_line,
    phrase_factor,
    phrase_missing,
    size_of,
)

__all__ = [
    "SHOWN_BARS",
    "AskWords",
    "FactorWords",
    "MissingFacts",
    "MissingWords",
    "WeightRow",
    "describe_asks",
    "describe_factor",
    "describe_missing",
    "list_weights",
]

SHOWN_BARS: Final = 8


@dataclass(frozen=True, slots=True)
class FactorWords:
    """One fact and how it moves the risk, in one language.

    `counts` tells whether it moves the risk by a whole percentage point, and `sure` whether
    its interval leaves no doubt which way.
    """

    field: str
    label: str
    value: str
    missing: bool
    points: float
    direction: Direction
    direction_word: str
    figure: str
    interval: str
    sentence: str
    counts: bool
    sure: bool


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One row of the picture of contributions, and of the table that says the same.

    `start` and `end` are risks in percent before and after the row is counted in, and
    `margin` is half the width of the interval of what lies between them.
    """

    label: str
    value: str
    direction: Direction
    direction_word: str
    figure: str
    interval: str
    start: float
    end: float
    margin: float


@dataclass(frozen=True, slots=True)
class MissingWords:
    """One missing fact and how far it could move the risk."""

    field: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class MissingFacts:
    """What is missing: how many, which could move the risk most, and which do not apply."""

    note: str
    facts: tuple[MissingWords, ...]
    not_relevant: str


@dataclass(frozen=True, slots=True)
class AskWords:
    """What could be asked or checked about one fact that can be influenced."""

    label: str
    value: str
    ask: str


def describe_factor(one: Contribution, lang: Language) -> FactorWords:
    """Put one fact and its contribution into words."""
    direction = direction_of(one.points)
    return FactorWords(
        field=one.field,
        label=one_line(one.label.text(lang)),
        value=one_line(one.value_label.text(lang)),
        missing=one.missing,
        points=one.points,
        direction=direction,
        direction_word=say(f"direction_{direction}", lang),
        figure=format_signed_points(one.points, lang),
        interval=format_points_range(one.interval, lang),
        sentence=phrase_factor(one, lang),
        counts=size_of(one.points) is not None,
        sure=is_way_sure(one.interval),
    )


def list_weights(
    explanation: CaseExplanation, factors: Sequence[FactorWords], lang: Language
) -> tuple[WeightRow, ...]:
    """Return the largest eight facts, and one row for the rest, from reference to risk.

    The rows run from the reference risk to this case's risk without a gap.
    """
    shown = len(factors) if len(factors) <= SHOWN_BARS + 1 else SHOWN_BARS
    at, rows = explanation.reference_risk * 100, []
    for one, fact in zip(factors[:shown], explanation.by_size, strict=False):
        end, (low, high) = at + one.points, fact.interval
        rows.append(
            WeightRow(
                one.label,
                one.value,
                one.direction,
                one.direction_word,
                one.figure,
                one.interval,
                at,
                end,
                (high - low) / 2,
            )
        )
        at = end
    rest, end = explanation.by_size[shown:], explanation.risk * 100
    if rest:
        direction = direction_of(end - at)
        low, high = find_points_interval(rest)
        rows.append(
            WeightRow(
                say_count("others", lang, len(rest)),
                "",
                direction,
                say(f"direction_{direction}", lang),
                format_signed_points(end - at, lang),
                format_points_range((low, high), lang),
                at,
                end,
                (high - low) / 2,
            )
        )
    return tuple(rows)


def _reach(one: Contribution) -> float:
    return 0.0 if one.points_range is None else one.points_range[1] - one.points_range[0]


def describe_missing(
    explanation: CaseExplanation, limits: Sequence[float], lang: Language
) -> MissingFacts:
    """Say what is missing, the fact that could move the risk most first.

    Parameters
    ----------
    explanation : CaseExplanation
        The case.
    limits : sequence of float
        Limits of the rules that speak of the same risk.
    lang : {"da", "en"}
        Language.
    """
    asked = [one for one in explanation.missing if one.applies]
    widest = sorted(asked, key=lambda one: -_reach(one))
    others = [one_line(one.label.text(lang)) for one in explanation.missing if not one.applies]
    total = len(explanation.contributions)
    return MissingFacts(
        note=say_count("missing_count", lang, len(asked), total=total)
        if asked
        else say("nothing_missing", lang),
        facts=tuple(
            MissingWords(
                field=one.field,
                label=one_line(one.label.text(lang)),
                sentence=phrase_missing(explanation.risk, one, lang, limits),
            )
            for one in widest
        ),
        not_relevant=say("not_relevant", lang, labels=", ".join(others)) if others else "",
    )


def describe_asks(explanation: CaseExplanation, lang: Language) -> tuple[str, tuple[AskWords, ...]]:
    """Say what could be asked about facts that can be influenced; missing ones first."""
    open_facts = [
        one for one in explanation.contributions if one.actionable and one.ask is not None
    ]
    open_facts.sort(key=lambda one: (not one.missing, -one.points))
    asks = tuple(
        AskWords(
            label=one_line(one.label.text(lang)),
            value=one_line(one.value_label.text(lang)),
            ask=one_line(one.ask.text(lang)),
        )
        for one in open_facts
        if one.ask is not None
    )
    return say("asks" if asks else "no_asks", lang), asks
