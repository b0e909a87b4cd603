"""Many cases on one HTML page, in the order of the policy, with a link to each case.

Without scripts the page is a plain table. With them it can be sorted, searched and saved for a
spreadsheet; a long list is then drawn a piece at a time.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskmodel.domain.codebook import DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.report.html_pages import check_link, embed_data, render_page
from riskmodel.report.number_format import (
    format_count,
    format_date,
    format_percent,
    format_short_date,
    format_week,
    format_weeks,
    format_whole_weeks,
)
from riskmodel.report.phrases import one_line, say
from riskmodel.report.pictures import draw_mini_bar

__all__ = ["WorklistFrame", "WorklistRow", "render_worklist"]


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One case on the worklist.

    Parameters
    ----------
    case_id : str
        Pseudonym.
    href : str
        Relative path of the case's page; not shown where the case was not scored.
    assessed_week : float
        Weeks from the first absence day.
    risk, risk_low, risk_high : float or None
        Probability with its interval; all None where the case was not scored.
    expected_weeks : float or None
        Median duration in weeks; None where the case was not scored.
    tier_label : Label or None
        The tier; None without a recommendation.
    deciding_reason : Label or None
        The rule that decided, or why the case was not scored.
    missing_count : int
        Number of facts that are missing, of those that apply to the case.
    due_week : float or None
        Week from the first absence day by which the next contact is due.
    due_day : date or None
        The last working day by which it is due, where the first absence day is known.
    due_label : Label or None
        What is due.
    expected_range : tuple of float or None
        Weeks between which 8 out of 10 courses like it end.

    Raises
    ------
    ValueError
        If the link leaves the folder, or the interval does not hold the risk.
    """

    case_id: str
    href: str
    assessed_week: float
    risk: float | None
    risk_low: float | None
    risk_high: float | None
    expected_weeks: float | None
    tier_label: Label | None
    deciding_reason: Label | None
    missing_count: int
    due_week: float | None = None
    due_day: datetime.date | None = None
    due_label: Label | None = None
    expected_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check_link(self.href)
        given = [self.risk_low, self.risk, self.risk_high]
        known = [figure for figure in given if figure is not None]
        rising = len(known) == len(given) and known == sorted(known)
        if known and not (rising and known[0] >= 0 and known[-1] <= 1):
            msg = (
                "risk_low, risk and risk_high must rise within [0, 1] or all be None, "
                f"got {given} for one row; score the case again."
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class WorklistFrame:
    """What holds for all rows of a worklist.

    Parameters
    ----------
    horizon_weeks : float
        The horizon of the risks.
    model_version : str
        Digest that identifies the bundle.
    data_kind : {"synthetic", "public", "case_records"}
        What the model was trained on; synthetic pages are watermarked.
    policy_name, policy_version : str
        Which policy spoke; empty without one.
    site : str
        Municipality, or empty.
    made_on : datetime.date or None
        Date shown on the page.
    order : Label or None
        The order of the list in words, down to what settles a tie; None for a list that is in
        falling order of risk.
    own_judgement_first : bool
        Whether risk, recommendation and rule are hidden until the reader asks for them.
    """

    horizon_weeks: float
    model_version: str
    data_kind: DataKind
    policy_name: str = ""
    policy_version: str = ""
    site: str = ""
    made_on: datetime.date | None = None
    order: Label | None = None
    own_judgement_first: bool = False


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its key, how it is first sorted, and whether it shows the calculation."""

    key: str
    word: str
    css: str = ""
    sense: int = 1
    text: bool = False
    calculated: bool = False


_COLUMNS = (
    _Column("case_id", "w_case", text=True),
    _Column("week", "w_week", "number"),
    _Column("due", "wl_due"),
    _Column("group", "wl_tier", "calculated", calculated=True),
    _Column("risk", "w_risk", "number calculated", sense=-1, calculated=True),
    _Column("width", "w_range", "calculated", sense=-1, calculated=True),
    _Column("expected", "w_expected", "number calculated", sense=-1, calculated=True),
    _Column("reason", "w_reason", "calculated", text=True, calculated=True),
    _Column("missing", "w_missing", "number", sense=-1),
)
_EXPORTED = (
    _Column("case_id", "w_case"),
    _Column("week", "w_week"),
    _Column("due_week", "wl_due"),
    _Column("due_day", "wl_due_day"),
    _Column("due_what", "wl_due_what", calculated=True),
    _Column("tier", "wl_tier", calculated=True),
    _Column("risk_shown", "w_risk", calculated=True),
    _Column("low_shown", "wl_low", calculated=True),
    _Column("high_shown", "wl_high", calculated=True),
    _Column("expected_shown", "w_expected", calculated=True),
    _Column("reason", "w_reason", calculated=True),
    _Column("missing", "w_missing"),
)
_SCRIPT, _COVER = "worklist.js", "cover.js"


def render_worklist(rows: Sequence[WorklistRow], frame: WorklistFrame, lang: Language) -> str:
    """Return the worklist as an HTML page.

    Parameters
    ----------
    rows : sequence of WorklistRow
        Cases in the order they should be read.
    frame : WorklistFrame
        What holds for all rows.
    lang : {"da", "en"}
        Language.

    Returns
    -------
    str
        The whole document.
    """
    names = [_tier_name(row, lang) for row in rows]
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    synthetic = frame.data_kind == "synthetic"
    order = say("wl_order_risk", lang) if frame.order is None else frame.order.text(lang)
    values = {
        "mark": say("synthetic_mark", lang) if synthetic else "",
        "context": _context(frame, lang),
        "intro": say("worklist_intro", lang, weeks=format_weeks(frame.horizon_weeks, lang)),
        "order": one_line(order),
        "has_policy": frame.order is not None,
        "covers": frame.own_judgement_first,
        "total": format_count(len(rows), lang),
        "groups": [
            {"name": name, "count": format_count(count, lang)} for name, count in counts.items()
        ],
        "columns": [{"css": one.css, "label": say(one.word, lang)} for one in _COLUMNS],
        "rows": [_row(row, name, lang) for row, name in zip(rows, names, strict=True)],
        "data": embed_data("worklist-data", _data(rows, names, lang)),
    }
    scripts = [_SCRIPT] if rows else []
    if rows and frame.own_judgement_first:
        scripts.insert(0, _COVER)
    return render_page("worklist.html.j2", lang, values, scripts=scripts)


def _tier_name(row: WorklistRow, lang: Language) -> str:
    name = say("no_tier_group", lang) if row.tier_label is None else row.tier_label.text(lang)
    return one_line(name)


def _data(rows: Sequence[WorklistRow], names: Sequence[str], lang: Language) -> dict[str, object]:
    """Return what the script sorts by and writes into a spreadsheet."""
    groups = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return {
        "lang": lang,
        "decimal": "," if lang == "da" else ".",
        "file": f"{say('worklist', lang).lower()}.csv",
        "columns": [
            {"key": one.key, "sense": one.sense, "text": one.text, "calculated": one.calculated}
            for one in _COLUMNS
        ],
        "exported": [
            {"key": one.key, "label": say(one.word, lang), "calculated": one.calculated}
            for one in _EXPORTED
        ],
        "values": {
            "case_id": [one_line(row.case_id) for row in rows],
            "week": [_finite(row.assessed_week) for row in rows],
            "due": [_sort_key_of_due(row) for row in rows],
            "due_week": [_finite(row.due_week) for row in rows],
            "due_day": [row.due_day.isoformat() if row.due_day else None for row in rows],
            "due_what": [_text(row.due_label, lang) for row in rows],
            "group": [groups[name] for name in names],
            "tier": list(names),
            "risk": [row.risk for row in rows],
            "width": [
                None
                if row.risk_high is None or row.risk_low is None
                else row.risk_high - row.risk_low
                for row in rows
            ],
            "risk_shown": [_percent(row.risk) for row in rows],
            "low_shown": [_percent(row.risk_low) for row in rows],
            "high_shown": [_percent(row.risk_high) for row in rows],
            "expected": [_finite(row.expected_weeks) for row in rows],
            "expected_shown": [_rounded(row.expected_weeks) for row in rows],
            "reason": [_text(row.deciding_reason, lang) for row in rows],
            "missing": [row.missing_count for row in rows],
        },
        "words": {
            "count": say("wl_count", lang, shown="{shown}", count="{count}"),
            "first": say("wl_first", lang, shown="{shown}"),
            "more": say("wl_more", lang, count="{count}"),
        },
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _percent(chance: float | None) -> float | None:
    return None if chance is None else round(100 * chance, 1)


def _rounded(weeks: float | None) -> float | None:
    known = _finite(weeks)
    return None if known is None else round(known, 1)


def _text(label: Label | None, lang: Language) -> str | None:
    return None if label is None else one_line(label.text(lang))


def _sort_key_of_due(row: WorklistRow) -> float | None:
    """Return the day it is due where days are known, else the weeks that are left."""
    if row.due_day is not None:
        return float(row.due_day.toordinal())
    return None if row.due_week is None else row.due_week - row.assessed_week


def _context(frame: WorklistFrame, lang: Language) -> str:
    parts = [one_line(frame.site)]
    if frame.made_on is not None:
        parts.append(format_date(frame.made_on, lang))
    if frame.policy_name:
        name, version = one_line(frame.policy_name), one_line(frame.policy_version)
        parts.append(say("policy_version", lang, name=name, version=version).rstrip("."))
    version = one_line(frame.model_version)
    parts.append(say("model_version", lang, version=version).rstrip("."))
    return " · ".join(part for part in parts if part)


def _row(row: WorklistRow, tier: str, lang: Language) -> dict[str, str]:
    cells = {
        "href": row.href if row.risk is not None else "",
        "case_id": one_line(row.case_id),
        "week": format_week(row.assessed_week, lang),
        "due": _due(row, lang),
        "tier": tier,
        "risk": say("not_scored", lang),
        "range": "",
        "picture": "",
        "expected": "",
        "expected_range": "",
        "reason": _text(row.deciding_reason, lang) or "",
        "missing": format_count(row.missing_count, lang),
    }
    if row.risk is not None and row.risk_low is not None and row.risk_high is not None:
        low, high = format_percent(row.risk_low, lang), format_percent(row.risk_high, lang)
        cells["risk"] = format_percent(row.risk, lang)
        cells["range"] = say("from_to", lang, low=low, high=high)
        cells["picture"] = Markup(draw_mini_bar(row.risk, row.risk_low, row.risk_high))
    if row.expected_weeks is not None and math.isfinite(row.expected_weeks):
        cells["expected"] = format_whole_weeks(row.expected_weeks, lang)
        cells["expected_range"] = _between_weeks(row.expected_range, lang)
    return cells


def _between_weeks(interval: tuple[float, float] | None, lang: Language) -> str:
    if interval is None:
        return ""
    low, high = (format_week(round(end), lang) for end in interval)
    return say("from_to", lang, low=low, high=high)


def _due(row: WorklistRow, lang: Language) -> str:
    if row.due_day is not None:
        return format_short_date(row.due_day, lang)
    if row.due_week is None:
        return ""
    return say("wl_due_week", lang, week=format_week(row.due_week, lang))
