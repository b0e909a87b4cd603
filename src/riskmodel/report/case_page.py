"""One case as one self-contained HTML page: no script, no remote resource."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.change import AssessmentChange
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_course import (
    axis_end,
    axis_weeks,
    chance_after,
    curve_marks,
    last_week,
)
from riskmodel.report.case_rules import limits_of
from riskmodel.report.case_words import CaseWords, describe_case
from riskmodel.report.html_pages import PagePart, check_link, render_page
from riskmodel.report.number_format import (
    format_date,
    format_limit,
    format_percent,
    format_week,
    format_whole_weeks,
)
from riskmodel.report.phrases import say
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

__all__ = ["contribution_bars", "render_case_page"]

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
    change: AssessmentChange | None = None,
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
    change : AssessmentChange, optional
        What changed since the case's last assessment.

    Returns
    -------
    str
        The whole document.

    Raises
    ------
    ValueError
        If `home` is not a relative path.
    """
    words = describe_case(explanation, recommendation, lang, labels=labels, change=change)
    values = {
        "words": words,
        "home": None if home is None else check_link(home),
        "made_on": None if made_on is None else format_date(made_on, lang),
        "risk_picture": Markup(draw_risk(_risk_picture(explanation, recommendation, words))),
        "weights_picture": Markup(
            draw_contributions(
                contribution_bars(explanation, words),
                summary=f"{words.weights[0]} {words.headline[2]}",
                name="weights",
            )
        ),
        "curve_picture": _curve(explanation, recommendation, words),
        "parts": {part.name: part.html for part in parts},
    }
    scripts = [script for part in parts for script in part.scripts]
    return render_page("case.html.j2", lang, values, scripts=scripts)


def _levels(lang: Language) -> list[tuple[float, str]]:
    return [(chance, format_limit(chance, lang)) for chance in _QUARTERS]


def _risk_picture(
    explanation: CaseExplanation, recommendation: Recommendation | None, words: CaseWords
) -> RiskPicture:
    lang = words.lang
    limits = limits_of(explanation, recommendation)
    band = (limits[0], limits[1], say("advisers_band", lang)) if limits else None
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
    """Return the rows of the contributions picture, the reference first and the case last."""
    lang = words.lang
    start, end = explanation.reference_risk * 100, explanation.risk * 100
    return [
        ContributionBar(say("typical_case", lang), words.reference, start, start, total=True),
        *(
            ContributionBar(
                f"{row.label}: {row.value}" if row.value else row.label,
                row.figure,
                row.start,
                row.end,
                row.direction,
                margin=row.margin,
                lines=(row.label, row.value) if row.value else (),
            )
            for row in words.weight_rows
        ),
        ContributionBar(say("this_case", lang), words.chance, end, end, total=True),
    ]


def _curve(
    explanation: CaseExplanation, recommendation: Recommendation | None, words: CaseWords
) -> Markup | None:
    """Return the duration picture, or None where the curve has fewer than two points."""
    if len(explanation.curve) < 2:
        return None
    lang, end = words.lang, axis_end(explanation)
    shown = [one for one in explanation.curve if one.week < end]
    shown.append(chance_after(explanation, end))
    marks = [
        CurveMark(one.week, one.probability, format_percent(one.probability, lang))
        for one in curve_marks(explanation)
        if one.week <= end
    ]
    marks.sort(key=lambda mark: mark.week == explanation.horizon_weeks)
    contacts = () if recommendation is None else recommendation.contacts
    name = format_whole_weeks(explanation.expected_weeks, lang, last_week=last_week(explanation))
    picture = CurvePicture(
        points=[(one.week, one.probability) for one in shown],
        between=[(one.week, one.low, one.high) for one in shown],
        marks=marks,
        levels=_levels(lang)[1:],
        ticks=[(week, format_week(week, lang)) for week in axis_weeks(explanation)],
        median=(explanation.expected_weeks, say("expected_mark", lang, weeks=name)),
        interval=(explanation.expected_weeks_low, explanation.expected_weeks_high),
        axis=say("axis_weeks", lang),
        summary=" ".join(words.duration),
        rule_weeks=[
            (one.week, say("in_week", lang, week=format_week(one.week, lang)))
            for one in contacts
            if one.week <= end
        ],
    )
    return Markup(draw_curve(picture))
