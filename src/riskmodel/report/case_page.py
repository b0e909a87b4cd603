"""One case as one self-contained HTML page: no script, no remote resource."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_words import CaseWords, curve_marks, describe_case, last_week
from riskmodel.report.html_pages import PagePart, check_link, render_page
from riskmodel.report.number_format import (
    format_date,
    format_limit,
    format_percent,
    format_signed_points,
    format_week,
    format_whole_weeks,
)
from riskmodel.report.phrases import direction_of, say
from riskmodel.report.pictures import (
    ContributionBar,
    CurveMark,
    CurvePicture,
    RiskPicture,
    draw_contributions,
    draw_curve,
    draw_risk,
)
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["SHOWN_BARS", "contribution_bars", "render_case_page"]

SHOWN_BARS = 8
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def render_case_page(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    lang: Language,
    *,
    labels: Mapping[str, Label] | None = None,
    home: str | None = None,
    made_on: datetime.date | None = None,
    parts: Sequence[PagePart] = (),
) -> str:
    """Return one case as an HTML page.

    Parameters
    ----------
    explanation : CaseExplanation
        Risk, duration and contributions.
    recommendation : Recommendation or None
        What the policy says.
    lang : {"da", "en"}
        Language.
    labels : mapping of str to Label, optional
        Labels of fields that are not indicators, for facts that the policy needs.
    home : str, optional
        Relative link to the worklist.
    made_on : datetime.date, optional
        Date shown on the page.
    parts : sequence of PagePart, optional
        Own judgement and what-if, with the scripts that they need.

    Returns
    -------
    str
        The whole document.

    Raises
    ------
    ValueError
        If `home` is not a relative path.
    """
    words = describe_case(explanation, recommendation, lang, labels=labels)
    values = {
        "words": words,
        "home": None if home is None else check_link(home),
        "made_on": None if made_on is None else format_date(made_on, lang),
        "risk_rows": _risk_rows(explanation, recommendation, words),
        "risk_picture": Markup(draw_risk(_risk_picture(explanation, recommendation, words))),
        "weights_picture": Markup(
            draw_contributions(
                contribution_bars(explanation, words),
                summary=f"{words.weights[0]} {words.headline[2]}",
                name="weights",
            )
        ),
        "curve_picture": _curve(explanation, words),
        "parts": {part.name: part.html for part in parts},
    }
    scripts = [script for part in parts for script in part.scripts]
    return render_page("case.html.j2", lang, values, scripts=scripts)


def _risk_rows(
    explanation: CaseExplanation, recommendation: Recommendation | None, words: CaseWords
) -> list[tuple[str, str]]:
    lang = words.lang
    low, high = explanation.risk_low, explanation.risk_high
    rows = [
        (say("this_case", lang), words.chance),
        (
            say("uncertainty", lang),
            say("from_to", lang, low=format_percent(low, lang), high=format_percent(high, lang)),
        ),
        (say("typical_case", lang), words.reference),
    ]
    if recommendation is not None:
        rows.append((say("advisers_band", lang), _band_figures(recommendation, lang)))
    return rows


def _band_figures(recommendation: Recommendation, lang: Language) -> str:
    return say(
        "from_to",
        lang,
        low=format_limit(recommendation.lower_threshold, lang),
        high=format_limit(recommendation.upper_threshold, lang),
    )


def _levels(lang: Language) -> list[tuple[float, str]]:
    return [(chance, format_limit(chance, lang)) for chance in _QUARTERS]


def _risk_picture(
    explanation: CaseExplanation, recommendation: Recommendation | None, words: CaseWords
) -> RiskPicture:
    lang = words.lang
    band = None
    if recommendation is not None:
        band = (
            recommendation.lower_threshold,
            recommendation.upper_threshold,
            say("advisers_band", lang),
        )
    return RiskPicture(
        risk=explanation.risk,
        interval=(explanation.risk_low, explanation.risk_high),
        reference=explanation.reference_risk,
        levels=_levels(lang),
        case_label=f"{say('this_case', lang)} {words.chance}",
        reference_label=f"{say('typical_case', lang)} {words.reference}",
        summary=words.headline[1],
        band=band,
    )


def contribution_bars(explanation: CaseExplanation, words: CaseWords) -> list[ContributionBar]:
    """Return the rows of the contributions picture.

    The largest eight facts have a row each; the rest share one. The rows run from the
    reference risk to this case's risk without a gap.
    """
    lang = words.lang
    at = explanation.reference_risk * 100
    bars = [ContributionBar(say("typical_case", lang), words.reference, at, at, total=True)]
    shown = len(words.factors) if len(words.factors) <= SHOWN_BARS + 1 else SHOWN_BARS
    for one in words.factors[:shown]:
        bars.append(
            ContributionBar(
                f"{one.label}: {one.value}", one.figure, at, at + one.points, one.direction
            )
        )
        at += one.points
    rest = words.factors[shown:]
    end = explanation.risk * 100
    if rest:
        moved = end - at
        bars.append(
            ContributionBar(
                say("others", lang, count=len(rest)),
                format_signed_points(moved, lang),
                at,
                end,
                direction_of(moved),
            )
        )
    return [*bars, ContributionBar(say("this_case", lang), words.chance, end, end, total=True)]


def _curve(explanation: CaseExplanation, words: CaseWords) -> Markup | None:
    """Return the duration picture, or None where the curve has fewer than two points."""
    if len(explanation.curve) < 2:
        return None
    lang, end = words.lang, last_week(explanation)
    marks = [
        CurveMark(week, chance, format_percent(chance, lang))
        for week, chance in curve_marks(explanation)
    ]
    marks.sort(key=lambda mark: mark.week == explanation.horizon_weeks)
    weeks = sorted({0.0, end, *(mark.week for mark in marks)})
    expected = min(explanation.expected_weeks, end)
    name = format_whole_weeks(explanation.expected_weeks, lang, last_week=end)
    picture = CurvePicture(
        points=[(one.week, one.probability) for one in explanation.curve],
        marks=marks,
        levels=_levels(lang)[1:],
        ticks=[(week, format_week(week, lang)) for week in weeks],
        median=(expected, say("expected_mark", lang, weeks=name)),
        interval=(explanation.expected_weeks_low, explanation.expected_weeks_high),
        axis=say("axis_weeks", lang),
        summary=" ".join(words.duration),
    )
    return Markup(draw_curve(picture))
