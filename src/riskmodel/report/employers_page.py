"""Employers beside what is expected of them, as one HTML page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from babel.numbers import format_decimal
from markupsafe import Markup

from riskmodel.domain.labels import Language
from riskmodel.monitoring.employers import EmployerFigures, EmployerLook
from riskmodel.report.employer_words import say_employers
from riskmodel.report.funnel_picture import FunnelPicture, FunnelPoint, draw_funnel
from riskmodel.report.monitor_words import say_monitor
from riskmodel.report.number_format import format_count
from riskmodel.report.phrases import one_line
from riskmodel.report.table_page import (
    NOTHING_SHOWN,
    Heading,
    Part,
    Table,
    format_share,
    render_table_page,
)
from riskmodel.stats.comparison import poisson_funnel

__all__ = ["render_employers"]

_LOCALES = {"da": "da_DK", "en": "en_GB"}
_PLACES = 60
_SHOWN_ROWS = 40
# Ratios above this make all others hard to tell apart; they are drawn at the edge.
_TALLEST = 6.0
_ROUND_NUMBERS = tuple(first * 10**power for power in range(5) for first in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns the figures into words in one language."""

    figures: EmployerFigures
    lang: Language

    def say(self, key: str, **values: object) -> str:
        return say_employers(key, self.lang, **values)

    def number(self, value: float | None, form: str = "0.0") -> str:
        if value is None or not math.isfinite(value):
            return NOTHING_SHOWN
        return str(format_decimal(value, format=form, locale=_LOCALES[self.lang]))


def render_employers(
    figures: EmployerFigures | None,
    lang: Language,
    *,
    horizon_weeks: float,
    letters: tuple[int, int] | None = None,
    synthetic: bool = False,
) -> str:
    """Return the page about employers.

    Parameters
    ----------
    figures : EmployerFigures or None
        The figures; without them the page tells of the service letters only.
    lang : {"da", "en"}
        Language.
    horizon_weeks : float
        A longer course is a long one.
    letters : tuple of int, optional
        Service letters, and employers who get one; None where no policy was given.
    synthetic : bool
        Whether to mark the page.
    """
    parts, context = [], say_employers("context_letters", lang)
    if figures is not None:
        writer = _Writer(figures, lang)
        parts = [_short(writer), _many(writer), _long(writer, horizon_weeks)]
        context = writer.say(
            "context",
            courses=format_count(figures.n_courses, lang),
            employers=format_count(figures.n_employers, lang),
        )
    if letters is not None:
        parts.append(_letters(letters, lang))
    return render_table_page(
        say_employers("title", lang),
        context,
        parts,
        lang,
        mark=say_monitor("mark", lang) if synthetic else "",
        warning=say_monitor("synthetic", lang),
    )


def _letters(letters: tuple[int, int], lang: Language) -> Part:
    key = "letters" if letters[0] else "letters_none"
    counts = [format_count(one, lang) for one in letters]
    line = say_employers(key, lang, letters=counts[0], employers=counts[1])
    return Part(say_employers("h_letters", lang), (line,))


def _short(writer: _Writer) -> Part:
    figures = writer.figures
    unusual = [one.employer for one in (*figures.many, *figures.long) if one.unusual]
    names = sorted(set(unusual))
    key = {0: "offer_none", 1: "offer_one"}.get(len(names), "offer")
    offer = writer.say(
        key,
        n=format_count(len(names), writer.lang),
        names=", ".join(one_line(name) for name in names),
    )
    looks = writer.say(
        "looks",
        n=format_count(figures.n_looks, writer.lang),
        rate=format_share(figures.rate, writer.lang),
    )
    small = writer.say(
        "small_one" if figures.n_too_small == 1 else "small",
        n=format_count(figures.n_too_small, writer.lang),
        cell=figures.min_cell,
    )
    notes = (looks, small) if figures.n_too_small else (looks,)
    lines = (offer, writer.say("one_sided"), writer.say("care"))
    return Part(writer.say("h_short"), lines, notes=notes, kind="headline")


def _many(writer: _Writer) -> Part:
    figures, title = writer.figures, writer.say("h_many")
    if figures.courses_per_head is None:
        key = "no_heads" if figures.n_counted == 0 else "few_heads"
        return Part(title, (writer.say(key, cell=figures.min_cell),))
    rate = writer.number(100 * figures.courses_per_head)
    intro = writer.say("many_intro_few", rate=rate)
    if figures.n_counted is not None:
        n = format_count(figures.n_counted, writer.lang)
        intro = writer.say("many_intro", rate=rate, n=n)
    return _look_part(writer, title, (intro,), figures.many)


def _long(writer: _Writer, horizon_weeks: float) -> Part:
    figures = writer.figures
    weeks = writer.number(horizon_weeks, "0.#")
    intro = writer.say("long_intro_few", weeks=weeks, cell=figures.min_cell)
    if figures.long_share is not None:
        intro = writer.say(
            "long_intro",
            weeks=weeks,
            share=format_share(figures.long_share, writer.lang),
            n=format_count(figures.n_known, writer.lang),
        )
    basis = writer.say("by_case" if figures.adjusted_for_cases else "by_share")
    return _look_part(writer, writer.say("h_long"), (intro, basis), figures.long)


def _look_part(
    writer: _Writer, title: str, lines: tuple[str, ...], looks: Sequence[EmployerLook]
) -> Part:
    keys = ("observed", "expected", "ratio", "limits")
    head = (
        Heading(writer.say("employer")),
        *(Heading(writer.say(key), number=True) for key in keys),
        Heading(writer.say("stands_out")),
    )
    rows = tuple(_row(writer, one) for one in looks[:_SHOWN_ROWS])
    shown = [one for one in looks if one.ratio is not None]
    pictures = (Markup(_draw(writer, shown)),) if len(shown) > 1 else ()
    notes = [writer.say("hidden_note", cell=writer.figures.min_cell)]
    if any((one.ratio or 0.0) > _find_levels(shown)[-1] for one in shown):
        notes.insert(0, writer.say("cut"))
    tables = (Table(title, head, rows),) if rows else ()
    return Part(title, lines, tables, tuple(notes), pictures=pictures)


def _row(writer: _Writer, one: EmployerLook) -> tuple[str, ...]:
    out = writer.say("yes" if one.unusual else "no")
    if one.ratio is None or one.observed is None:
        nothing = NOTHING_SHOWN
        return one_line(one.employer), writer.say("hidden"), nothing, nothing, nothing, out
    limits = f"{writer.number(one.low)} \N{EN DASH} {writer.number(one.high)}"
    return (
        one_line(one.employer),
        format_count(one.observed, writer.lang),
        writer.number(one.expected),
        writer.number(one.ratio),
        limits,
        out,
    )


def _find_levels(shown: Sequence[EmployerLook]) -> range:
    """Return the levels of the ratio's axis; what lies above the last is drawn at the edge."""
    highest = max([2.0, *(one.ratio or 0.0 for one in shown)])
    step = math.ceil(min(highest, _TALLEST) * 1.1 / 4)
    return range(0, 4 * step + 1, step)


def _make_point(writer: _Writer, one: EmployerLook, top: float) -> FunnelPoint:
    ratio, name = one.ratio or 0.0, one.employer if one.unusual else ""
    if ratio > top:
        # The point stands at the edge, so its ratio is written beside it.
        name = f"{one_line(one.employer)} ({writer.number(ratio)})"
    return FunnelPoint(one.expected or 0.0, ratio, name, one.unusual)


def _draw(writer: _Writer, shown: Sequence[EmployerLook]) -> str:
    steps = _find_levels(shown)
    points = [_make_point(writer, one, steps[-1]) for one in shown]
    largest = max(one.expected for one in points)
    places = np.linspace(
        max(0.5, min(one.expected for one in points) * 0.8), largest * 1.05, _PLACES
    )
    inner, outer = poisson_funnel(places), poisson_funnel(places, level=0.998)
    ticks = [one for one in _ROUND_NUMBERS if places[0] <= one <= places[-1]]
    return draw_funnel(
        FunnelPicture(
            points=points,
            expected=places.tolist(),
            inner=(inner[0].tolist(), inner[1].tolist()),
            outer=(outer[0].tolist(), outer[1].tolist()),
            ticks=[(float(one), writer.number(float(one), "0")) for one in ticks],
            levels=[(float(one), writer.number(float(one), "0")) for one in sorted({1, *steps})],
            across=writer.say("across"),
            up=writer.say("up"),
            inner_label=writer.say("inner"),
            outer_label=writer.say("outer"),
            summary=writer.say("picture", n=len(points), named=sum(one.marked for one in points)),
        )
    )
