"""The tables of the thresholds report; every figure with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Language
from riskmodel.evaluation.fairness import GroupFairness, LevelFairness
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.groups import MISSING
from riskmodel.report.evaluation_blocks import Table, clean_cells
from riskmodel.report.number_format import format_count, format_limit
from riskmodel.report.thresholds_words import say_threshold
from riskmodel.visitation.consequence_figures import Consequence
from riskmodel.visitation.equal_treatment import EqualTreatment
from riskmodel.visitation.inflow import Inflow, Origin
from riskmodel.visitation.threshold_choice import DecisionPoint
from riskmodel.visitation.threshold_record import ThresholdRecord, WeekOfYear

__all__ = [
    "make_assumption_table",
    "make_curve_table",
    "make_equal_table",
    "make_group_table",
    "make_lower_table",
    "make_rule_table",
    "make_site_table",
    "make_upper_table",
    "make_week_table",
    "name_level",
    "show",
    "show_number",
    "show_share",
    "show_wait",
]

SMALL: Final = 10.0
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
CERTAINTIES: Final = {"own_count": "own_count", "computed": "computed", "assumption": "assumed"}


def show_number(value: float, lang: Language, digits: int = 0) -> str:
    """Return a figure with the language's marks.

    Examples
    --------
    >>> show_number(1985.6, "da"), show_number(3.25, "da", 1)
    ('1.986', '3,2')
    """
    if not digits:
        return format_count(round(value), lang).replace("-", "\N{MINUS SIGN}")
    shown = f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return shown.replace(".", ",") if lang == "da" else shown


def show(one: Estimate, lang: Language, digits: int | None = None) -> str:
    """Return a figure with its interval; those that must not be shown read "hidden".

    Examples
    --------
    >>> show(Estimate(41.7, 38.2, 45.3), "da").replace(NO_BREAK, " ")
    '42 (38 til 45)'
    >>> show(Estimate(math.nan), "en")
    'hidden'
    """
    if math.isnan(one.value):
        return say_threshold("hidden", lang)
    places = digits if digits is not None else int(0 < abs(one.value) < SMALL)
    if math.isnan(one.low):
        return show_number(one.value, lang, places)
    value, low, high = (show_number(each, lang, places) for each in (one.value, one.low, one.high))
    shown = say_threshold("interval", lang, value=value, low=low, high=high)
    # A line may end before the bracket, not within it.
    head, _, bracket = shown.partition("(")
    return f"{head}({bracket.replace(' ', NO_BREAK)}"


def show_share(one: Estimate, lang: Language) -> str:
    """Return a share as so many in a hundred, with its interval.

    Examples
    --------
    >>> show_share(Estimate(0.79, 0.76, 0.83), "en").replace(NO_BREAK, " ")
    '79 (76 to 83)'
    """
    return show(Estimate(*(100 * each for each in (one.value, one.low, one.high))), lang, 0)


def show_wait(weeks: float, lang: Language) -> str:
    """Return a wait in whole weeks.

    Examples
    --------
    >>> show_wait(0, "da"), show_wait(2, "da"), show_wait(math.inf, "en")
    ('samme uge', '2 uger', 'over a year')
    """
    if not math.isfinite(weeks):
        return say_threshold("over_year", lang)
    if weeks < 1:
        return say_threshold("same_week", lang)
    words = {"da": ("uge", "uger"), "en": ("week", "weeks")}[lang]
    return f"{weeks:.0f} {words[weeks != 1]}"


def _limit(value: float, lang: Language) -> str:
    return say_threshold("unknown", lang) if math.isnan(value) else format_limit(value, lang)


def name_rule(one: Consequence, lang: Language, *, suggested: bool = False) -> str:
    """Return what a rule is called, with its thresholds where it has some."""
    key = "rule_suggested" if suggested else f"rule_{one.rule}"
    lower, upper = _limit(one.lower, lang), _limit(one.upper, lang)
    return say_threshold(key, lang, lower=lower, upper=upper)


def _head(keys: Sequence[str], lang: Language) -> tuple[str, ...]:
    return tuple(say_threshold(key, lang) for key in keys)


def make_rule_table(record: ThresholdRecord, lang: Language) -> Table:
    """Return the policy, the suggestion and the other rules, a column each."""
    named = [(record.proposal, False)]
    named += [(record.suggested, True)] if record.suggested is not None else []
    named += [(one, False) for one in record.rules]
    header = [say_threshold("figure", lang)]
    header += [name_rule(one, lang, suggested=suggested) for one, suggested in named]
    rules = [one for one, _ in named]
    # Not every rule has an upper threshold to be reached.
    rows = [
        ("without_discretion" if key == "at_risk" else key, cells)
        for key, cells in _list_figures(rules, lang)
    ]
    rows.append(("short_talks", [show(one.talks_in_short_courses, lang) for one in rules]))
    queues = [one.queue for one in rules if one.queue is not None]
    if queues:
        rows.append(("wait", [show_wait(one.long_wait.value, lang) for one in queues]))
    return _as_columns(say_threshold("rules_caption", lang), header, rows, lang)


def _list_figures(rules: Sequence[Consequence], lang: Language) -> list[tuple[str, list[str]]]:
    """Return the figures of several rules, a line each."""
    counts = ("offered", "at_risk", "adviser", "light")
    lines = [(key, [show(getattr(one, key), lang) for one in rules]) for key in counts]
    lines.append(("talks", [show(one.talks_a_week, lang) for one in rules]))
    lines.append(("hours", [show(one.hours_a_week, lang) for one in rules]))
    lines.append(("found", [show_share(one.found_rate, lang) for one in rules]))
    lines.append(("missed", [show_share(one.miss_rate, lang) for one in rules]))
    return lines


def _as_columns(
    caption: str, header: Sequence[str], lines: Sequence[tuple[str, list[str]]], lang: Language
) -> Table:
    rows = [clean_cells([say_threshold(key, lang), *cells]) for key, cells in lines]
    return Table(caption, clean_cells(header), tuple(rows))


def make_upper_table(record: ThresholdRecord, lang: Language) -> Table:
    """Return what each upper threshold leads to."""
    keys = [
        "upper",
        "offered",
        "at_risk",
        "adviser",
        "talks",
        "hours",
        "busy",
        "found",
        "short_talks",
    ]
    known = record.wishes.capacity.known
    keys += ["wait", "fits"] if known else []
    rows = []
    for one in record.by_upper:
        cells = [
            _limit(one.upper, lang),
            show(one.offered, lang),
            show(one.at_risk, lang),
            show(one.adviser, lang),
            show(one.talks_a_week, lang),
            show(one.hours_a_week, lang),
            show(one.busy_week, lang),
            show_share(one.found_rate, lang),
            show(one.talks_in_short_courses, lang),
        ]
        if one.queue is not None:
            cells += [
                show_wait(one.queue.long_wait.value, lang),
                _whole_percent(one.queue.fits_share, lang),
            ]
        rows.append(clean_cells(cells))
    return Table(say_threshold("by_upper", lang), _head(keys, lang), tuple(rows), folded=True)


def make_lower_table(record: ThresholdRecord, lang: Language) -> Table:
    """Return what each lower threshold leads to."""
    keys = ("lower", "light", "adviser", "missed", "long_light", "talks", "hours")
    rows = [
        clean_cells(
            [
                _limit(one.lower, lang),
                show(one.light, lang),
                show(one.adviser, lang),
                show_share(one.miss_rate, lang),
                show(one.long_light, lang),
                show(one.talks_a_week, lang),
                show(one.hours_a_week, lang),
            ]
        )
        for one in record.by_lower
    ]
    return Table(say_threshold("by_lower", lang), _head(keys, lang), tuple(rows), folded=True)


def make_week_table(weeks: Sequence[WeekOfYear], lang: Language) -> Table:
    """Return what falls due and what waits in each week."""
    known = not math.isnan(weeks[0].waiting.value)
    keys = ("week", "due", "waiting") if known else ("week", "due")
    rows = [
        clean_cells(
            [str(one.week), show(one.due, lang, 0), *([show(one.waiting, lang, 0)] * known)]
        )
        for one in weeks
    ]
    return Table(say_threshold("queue_caption", lang), _head(keys, lang), tuple(rows), folded=True)


def make_curve_table(points: Sequence[DecisionPoint], lang: Language) -> Table:
    """Return the net benefit at each threshold."""
    keys = ("upper", "net_policy", "net_risk", "net_everybody", "net_citizen")
    rows = [
        clean_cells(
            [
                _limit(one.threshold, lang),
                *(
                    show(each, lang, 3)
                    for each in (one.policy, one.risk, one.everybody, one.citizen)
                ),
            ]
        )
        for one in points
    ]
    return Table(say_threshold("net_axis", lang), _head(keys, lang), tuple(rows), folded=True)


def make_site_table(record: ThresholdRecord, lang: Language) -> Table:
    """Return the policy's consequences, a column for each municipality."""
    header = [say_threshold("figure", lang), *(one.site.capitalize() for one in record.sites)]
    cases = [format_count(round(one.cases_a_year), lang) for one in record.sites]
    lines = [("cases_a_year", cases)]
    lines += _list_figures([one.consequence for one in record.sites], lang)
    return _as_columns(say_threshold("sites_caption", lang), header, lines, lang)


def name_level(codebook: Codebook, field: str, level: str, lang: Language) -> str:
    """Return what a level is called."""
    if level == MISSING:
        return say_threshold("missing_level", lang)
    try:
        return codebook.find_field(field).level_label(level).text(lang)
    except KeyError:
        return level


def make_group_table(
    at_lower: GroupFairness, at_upper: GroupFairness, codebook: Codebook, title: str, lang: Language
) -> Table:
    """Return how both choices fall on the groups of one field."""
    keys = ["level", "persons", "selection_rate_lower", "miss_rate_lower", "selection_rate_upper"]
    keys += ["miss_rate_upper", "false_alarm_rate_upper", "excess"]
    rows = []
    for below, above in zip(at_lower.levels, at_upper.levels, strict=True):
        cells = [name_level(codebook, at_lower.field, below.level, lang), _persons(below, lang)]
        pairs = [(below, "selection_rate"), (below, "miss_rate"), (above, "selection_rate")]
        pairs += [(above, "miss_rate"), (above, "false_alarm_rate"), (above, "excess")]
        cells += [
            say_threshold("unknown", lang) if one.hidden else show_share(one.figures[name], lang)
            for one, name in pairs
        ]
        rows.append(clean_cells(cells))
    return Table(title, _head(keys, lang), tuple(rows), folded=True)


def _persons(one: LevelFairness, lang: Language) -> str:
    if one.hidden:
        return say_threshold("too_few", lang)
    count = format_count(one.n_persons, lang)
    return say_threshold("about", lang, n=count) if one.rounded else count


def make_equal_table(one: EqualTreatment, codebook: Codebook, title: str, lang: Language) -> Table:
    """Return what one threshold for all, and one miss rate for all, mean for each group."""
    same, moved = say_threshold("equal_same", lang), say_threshold("equal_moved", lang)
    header = [say_threshold("level", lang)]
    for key in ("upper", "equal_people", "talks", "equal_missed"):
        header += [f"{say_threshold(key, lang)}, {way}" for way in (same, moved)]
    rows = []
    for first, second in zip(one.same_thresholds, one.same_miss_rates, strict=True):
        both = (first, second)
        cells = [name_level(codebook, one.field, first.level, lang)]
        cells += [_show_threshold(each.upper, lang) for each in both]
        cells += [show(each.people, lang, 0) for each in both]
        cells += [show(each.talks_a_week, lang, 1) for each in both]
        cells += [show_share(each.unreached_rate, lang) for each in both]
        rows.append(clean_cells(cells))
    nothing = say_threshold("unknown", lang)
    total = [say_threshold("all_groups", lang), nothing, nothing]
    total += [show(each, lang, 0) for each in one.total_people]
    total += [show(each, lang, 1) for each in one.total_talks]
    rows.append(clean_cells([*total, nothing, nothing]))
    return Table(title, tuple(header), tuple(rows))


def _show_threshold(one: Estimate, lang: Language) -> str:
    """Return a threshold, with the range that other cases would have put it in."""
    value = format_limit(one.value, lang)
    if math.isnan(one.low):
        return value
    low, high = (format_limit(each, lang) for each in (one.low, one.high))
    bracket = say_threshold("interval", lang, value="", low=low, high=high).strip()
    return f"{value} {bracket.replace(' ', NO_BREAK)}"


def make_assumption_table(inflow: Inflow, tiers: dict[str, str], lang: Language) -> Table:
    """Return every figure that others are worked out from, with where it comes from."""
    origin = inflow.origins
    lines: list[tuple[str, str, Origin]] = [
        (
            say_threshold("inflow_of", lang, site=one.site.capitalize()),
            format_count(round(one.cases_a_year), lang),
            one.origin,
        )
        for one in inflow.sites
    ]
    shares = inflow.season * len(inflow.season)
    named = {
        "season": f"{show_number(min(shares), lang, 2)} / {show_number(max(shares), lang, 2)}",
        "minutes": f"{inflow.talk_minutes:g} / {inflow.look_minutes:g}",
        "adviser_offers": _whole_percent(inflow.adviser_share, lang),
        "fits": (
            f"{show_wait(inflow.longest_wait_weeks, lang)}, "
            f"{_whole_percent(inflow.share_of_years, lang)}"
        ),
    }
    keys = {"fits": "fits_rule"}
    lines += [
        (say_threshold(keys.get(name, name), lang), text, origin[name])
        for name, text in named.items()
        if name in origin
    ]
    lines += [
        (say_threshold("tier_weeks", lang, tier=tiers[name]), _list_weeks(one.weeks), one.origin)
        for name, one in inflow.tier_talk_weeks.items()
        if name in tiers
    ]
    if inflow.before_reform is not None:
        before = inflow.before_reform
        lines.append((say_threshold("before", lang), _list_weeks(before.weeks), before.origin))
    rows = tuple(
        clean_cells(
            [name, text, say_threshold(CERTAINTIES[one.certainty], lang), one.source.text(lang)]
        )
        for name, text, one in lines
    )
    header = _head(("assumption", "figure", "certainty", "source"), lang)
    return Table(say_threshold("assumptions_caption", lang), header, rows)


def _list_weeks(weeks: Sequence[float]) -> str:
    return ", ".join(f"{week:g}" for week in weeks)


def _whole_percent(share: float, lang: Language) -> str:
    if math.isnan(share):
        return say_threshold("unknown", lang)
    sign = "\N{NO-BREAK SPACE}%" if lang == "da" else "%"
    return f"{100 * share:.0f}{sign}"
