"""Many cases on one static HTML page, grouped by tier, with a link to each case."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskmodel.domain.codebook import DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.report.html_pages import check_link, render_page
from riskmodel.report.number_format import (
    format_count,
    format_date,
    format_percent,
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
        Relative path of the case's page.
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
        Number of indicators that are missing.

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
    """

    horizon_weeks: float
    model_version: str
    data_kind: DataKind
    policy_name: str = ""
    policy_version: str = ""
    site: str = ""
    made_on: datetime.date | None = None


def render_worklist(rows: Sequence[WorklistRow], frame: WorklistFrame, lang: Language) -> str:
    """Return the worklist as an HTML page.

    Parameters
    ----------
    rows : sequence of WorklistRow
        Cases in the order they should be read. Tiers keep the order in which they first
        appear, and cases keep their order within a tier.
    frame : WorklistFrame
        What holds for all rows.
    lang : {"da", "en"}
        Language.

    Returns
    -------
    str
        The whole document.
    """
    grouped: dict[str, list[WorklistRow]] = {}
    for row in rows:
        name = say("no_tier_group", lang) if row.tier_label is None else row.tier_label.text(lang)
        grouped.setdefault(one_line(name), []).append(row)
    synthetic = frame.data_kind == "synthetic"
    values = {
        "mark": say("synthetic_mark", lang) if synthetic else "",
        "context": _context(frame, lang),
        "intro": say("worklist_intro", lang, weeks=format_weeks(frame.horizon_weeks, lang)),
        "total": format_count(len(rows), lang),
        "groups": [_group(name, members, lang) for name, members in grouped.items()],
    }
    return render_page("worklist.html.j2", lang, values)


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


def _group(name: str, rows: Sequence[WorklistRow], lang: Language) -> dict[str, object]:
    count = format_count(len(rows), lang)
    return {
        "name": name,
        "count": count,
        "caption": say("case_one" if len(rows) == 1 else "case_many", lang, count=count),
        "rows": [_row(row, lang) for row in rows],
    }


def _row(row: WorklistRow, lang: Language) -> dict[str, str]:
    cells = {
        "href": row.href,
        "case_id": one_line(row.case_id),
        "week": format_week(row.assessed_week, lang),
        "risk": say("not_scored", lang),
        "range": "",
        "picture": "",
        "expected": "",
        "reason": "" if row.deciding_reason is None else one_line(row.deciding_reason.text(lang)),
        "missing": format_count(row.missing_count, lang),
    }
    if row.risk is not None and row.risk_low is not None and row.risk_high is not None:
        low, high = format_percent(row.risk_low, lang), format_percent(row.risk_high, lang)
        cells["risk"] = format_percent(row.risk, lang)
        cells["range"] = say("from_to", lang, low=low, high=high)
        cells["picture"] = Markup(draw_mini_bar(row.risk, row.risk_low, row.risk_high))
    if row.expected_weeks is not None and math.isfinite(row.expected_weeks):
        cells["expected"] = format_whole_weeks(row.expected_weeks, lang)
    return cells
