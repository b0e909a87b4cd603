"""The form in which an adviser tries a case with other facts."""

from __future__ import annotations

import math
from typing import Any

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import Language
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.case_course import curve_marks, last_week, list_marks
from riskmodel.report.html_pages import PagePart, embed_data, render_part
from riskmodel.report.number_format import (
    format_limit,
    format_percent,
    format_percent_range,
    format_points_range,
    format_signed_points,
    format_week,
    format_weeks,
    format_whole_weeks,
)
from riskmodel.report.phrases import one_line, say
from riskmodel.report.what_if import Document, WhatIfTables, changeable_fields
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["render_what_if"]

_SCRIPTS = ("what_if.js", "what_if_form.js")


def render_what_if(
    tables: WhatIfTables,
    own: Document,
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    policy: Policy | None,
    lang: Language,
) -> PagePart | None:
    """Return the what-if part of a case page, or None where no fact can change.

    Parameters
    ----------
    tables : WhatIfTables
        What the pages of the case's week share.
    own : dict
        What `build_what_if` returned for the case.
    explanation : CaseExplanation
        The case.
    recommendation : Recommendation or None
        What the policy says.
    policy : Policy or None
        Its tiers are named.
    lang : {"da", "en"}
        Language.
    """
    fields = changeable_fields(tables.model.codebook)
    if not fields:
        return None
    facts = {one.field: one for one in explanation.contributions}
    controls = [
        _control(field, index, own["facts"][index], explanation.assessed_week, lang)
        for index, field in enumerate(fields)
    ]
    for control, field in zip(controls, fields, strict=True):
        fact = facts[field.name]
        control["now"] = one_line(fact.value_label.text(lang))
        control["points"] = say(
            "beside_range",
            lang,
            figure=format_signed_points(fact.points, lang),
            range=format_points_range(fact.interval, lang),
        )
    weeks = [one.week for one in curve_marks(explanation)]
    values = {
        "data": embed_data(
            "what-if-data",
            {
                "tables": tables.document,
                "own": own,
                "marks": weeks,
                "weeks": [one.week for one in explanation.curve],
                "last_week": last_week(explanation),
                "tiers": {}
                if policy is None
                else {one.id: one_line(one.label.text(lang)) for one in policy.tiers},
                "words": _words(lang),
            },
        ),
        "controls": controls,
        "rows": _rows(explanation, recommendation, lang),
        "marks": list_marks(explanation, lang),
        "has_curve": bool(explanation.curve),
        "levels": [(170 - 160 * one, format_limit(one, lang)) for one in (0.0, 0.5, 1.0)],
        "ticks": _ticks(explanation, weeks, lang),
    }
    return PagePart("what_if", render_part("what_if.html.j2", lang, values), _SCRIPTS)


def _ticks(
    explanation: CaseExplanation, weeks: list[float], lang: Language
) -> list[tuple[float, str]]:
    """Return where the marked weeks stand under the curve, and what they are called."""
    if not explanation.curve:
        return []
    first, last = explanation.curve[0].week, explanation.curve[-1].week
    return [
        (round(56 + 634 * (week - first) / (last - first), 1), format_week(week, lang))
        for week in (first, *weeks)
    ]


def _control(
    field: Field, index: int, fact: float | None, assessed_week: float, lang: Language
) -> dict[str, Any]:
    """Return what one fact can be set to; what is counted in weeks of the case lies behind it."""
    control: dict[str, Any] = {
        "id": f"what-if-{index}",
        "label": one_line(field.label.text(lang)),
        "options": [],
        "value": "",
        "hint": "",
        "error": "",
    }
    if field.type == "number":
        low, high = field.range or (-math.inf, math.inf)
        if field.unit == "week":
            high = max(min(high, assessed_week), low if fact is None else fact)
        figures = {"low": _plain(low, lang), "high": _plain(high, lang)}
        control |= {"low": low, "high": high}
        control["value"] = "" if fact is None else _plain(fact, lang)
        control["hint"] = say("wi_range", lang, **figures)
        control["error"] = say("wi_invalid", lang, **figures)
        return control
    control["options"] = [
        ("", say("wi_blank", lang), fact is None),
        *(
            (str(code), one_line(level.label.text(lang)), fact == code)
            for code, level in enumerate(field.levels)
        ),
    ]
    return control


def _plain(value: float, lang: Language) -> str:
    text = f"{value:.10g}"
    return text.replace(".", ",") if lang == "da" else text


def _rows(
    explanation: CaseExplanation, recommendation: Recommendation | None, lang: Language
) -> list[tuple[str, str, str]]:
    """Return name, label and present figure of each result."""
    end = last_week(explanation)
    expected, low, high = (
        format_whole_weeks(weeks, lang, last_week=end)
        for weeks in (
            explanation.expected_weeks,
            explanation.expected_weeks_low,
            explanation.expected_weeks_high,
        )
    )
    uncertain = format_percent_range((explanation.risk_low, explanation.risk_high), lang)
    weeks = format_weeks(explanation.horizon_weeks, lang)
    rows = [
        ("risk", say("wi_risk", lang, weeks=weeks), format_percent(explanation.risk, lang)),
        ("interval", say("uncertainty", lang), uncertain),
        ("expected", say("expected_row", lang), expected),
        ("range", say("range_row", lang), say("from_to", lang, low=low, high=high)),
    ]
    if recommendation is not None:
        tier = one_line(recommendation.tier_label.text(lang))
        rows.append(("tier", say("wi_tier", lang), tier))
    return rows


def _words(lang: Language) -> dict[str, str]:
    """Return the patterns in which the browser writes figures; ``{n}`` stands for the number."""
    percent = "{n}\N{NO-BREAK SPACE}%" if lang == "da" else "{n}%"
    return {
        "percent": percent,
        "under": say("under", lang, figure="{n}"),
        "over": say("over", lang, figure="{n}"),
        "week": format_weeks(1, lang).replace("1", "{n}"),
        "weeks": format_weeks(2, lang).replace("2", "{n}"),
        "decimal": "," if lang == "da" else ".",
        "from_to": say("from_to", lang, low="{low}", high="{high}"),
        "about": say("about", lang, figure="{n}"),
        "beside": say("beside_range", lang, figure="{figure}", range="{range}"),
        "same": say("wi_same", lang),
        "status": say("wi_status", lang, before="{before}", after="{after}"),
        "outside": say("wi_outside", lang),
    }
