"""Plots of what thresholds lead to; nothing is computed here.

Few lines, each named where it ends. Every plot has a table that says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.labels import Language
from riskmodel.evaluation.figures import Estimate
from riskmodel.report.plots_canvas import COLOURS, open_canvas
from riskmodel.report.thresholds_words import say_threshold
from riskmodel.visitation.consequence_figures import Capacity, Consequence
from riskmodel.visitation.threshold_choice import DecisionPoint
from riskmodel.visitation.threshold_record import WeekOfYear

__all__ = ["plot_by_lower", "plot_by_upper", "plot_decision_curve", "plot_weeks"]

FloatArray = npt.NDArray[np.float64]
WIDTH: Final = 6.4
MARGIN: Final = 0.25
PLATE: Final = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.0}


def plot_by_upper(
    steps: Sequence[Consequence], capacity: Capacity, marks: Sequence[float], lang: Language
) -> bytes:
    """Return talks a week, and long courses found, over the upper threshold.

    Parameters
    ----------
    steps : sequence of Consequence
        At rising upper thresholds.
    capacity : Capacity
        Drawn as a line where it is in talks.
    marks : sequence of float
        Thresholds to mark: the policy's, and the suggested one.
    lang : {"da", "en"}
        Language.
    """
    cuts = np.array([one.upper for one in steps])
    with open_canvas(WIDTH, 5.4, heights=(1.0, 1.0)) as canvas:
        upper, lower = canvas.axes
        _draw_band(upper, cuts, [one.talks_a_week for one in steps], "model")
        upper.set_title(say_threshold("talks", lang), loc="left", fontsize=10)
        if capacity.talks_a_week is not None:
            label = say_threshold("wish_talks", lang, n=_plain(capacity.talks_a_week, lang))
            upper.axhline(capacity.talks_a_week, color=COLOURS["challenger"], linewidth=1.5)
            upper.annotate(
                label, (cuts[-1], capacity.talks_a_week), color=COLOURS["challenger"],
                fontsize=9, ha="right", va="bottom",
            )  # fmt: skip
        upper.set_ylim(0, None)
        _draw_band(lower, cuts, [one.found_rate for one in steps], "model")
        lower.set_title(say_threshold("found", lang), loc="left", fontsize=10)
        lower.set(ylim=(0, 1.02), xlabel=say_threshold("upper", lang))
        lower.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
        _finish(canvas.axes, cuts, marks, lang)
    return canvas.png


def plot_by_lower(
    steps: Sequence[Consequence],
    largest_miss_rate: float | None,
    marks: Sequence[float],
    lang: Language,
) -> bytes:
    """Return people with the lightest tier, and long courses missed, over the lower threshold.

    Parameters
    ----------
    steps : sequence of Consequence
        At rising lower thresholds.
    largest_miss_rate : float or None
        Drawn as a line where it was asked for.
    marks : sequence of float
        Thresholds to mark.
    lang : {"da", "en"}
        Language.
    """
    cuts = np.array([one.lower for one in steps])
    with open_canvas(WIDTH, 5.4, heights=(1.0, 1.0)) as canvas:
        upper, lower = canvas.axes
        _draw_band(upper, cuts, [one.light for one in steps], "model")
        upper.set_title(say_threshold("light", lang), loc="left", fontsize=10)
        upper.set_ylim(0, None)
        _draw_band(lower, cuts, [one.miss_rate for one in steps], "challenger")
        lower.set_title(say_threshold("missed", lang), loc="left", fontsize=10)
        tops = [one.miss_rate.high for one in steps if np.isfinite(one.miss_rate.high)]
        top = max([0.05, *tops, 1.2 * (largest_miss_rate or 0.0)])
        if largest_miss_rate is not None:
            lower.axhline(largest_miss_rate, color=COLOURS["ink"], linewidth=1.2)
            shown = say_threshold("of_hundred", lang, n=_plain(100 * largest_miss_rate, lang))
            lower.annotate(shown, (cuts[0], largest_miss_rate), fontsize=9, ha="left", va="bottom")
        lower.set(ylim=(0, 1.1 * top), xlabel=say_threshold("lower", lang))
        lower.yaxis.set_major_formatter(lambda value, _: _plain(100 * value, lang))
        _finish(canvas.axes, cuts, marks, lang)
    return canvas.png


def plot_weeks(weeks: Sequence[WeekOfYear], capacity: Capacity, lang: Language) -> bytes:
    """Return what falls due and what waits in each week of the year.

    Parameters
    ----------
    weeks : sequence of WeekOfYear
        The year.
    capacity : Capacity
        Drawn as a line where known.
    lang : {"da", "en"}
        Language.
    """
    place = np.array([one.week for one in weeks], dtype=np.float64)
    heights = (1.0, 1.0) if capacity.known else (1.0,)
    with open_canvas(WIDTH, 2.6 * len(heights) + 0.4, heights=heights) as canvas:
        upper = canvas.main
        _draw_band(upper, place, [one.due for one in weeks], "model", dots=False)
        upper.set_title(say_threshold("due", lang), loc="left", fontsize=10)
        upper.set_ylim(0, None)
        bottom: Any = upper
        if capacity.known:
            worth = capacity.hours_a_week or capacity.talks_a_week or 0.0
            key = "wish_hours" if capacity.in_hours else "wish_talks"
            upper.axhline(worth, color=COLOURS["challenger"], linewidth=1.5)
            upper.annotate(
                say_threshold(key, lang, n=_plain(worth, lang)), (place[-1], worth),
                color=COLOURS["challenger"], fontsize=9, ha="right", va="bottom", bbox=PLATE,
            )  # fmt: skip
            bottom = canvas.axes[1]
            _draw_band(bottom, place, [one.waiting for one in weeks], "challenger", dots=False)
            bottom.set_title(say_threshold("waiting", lang), loc="left", fontsize=10)
            bottom.set_ylim(0, None)
        bottom.set(xlabel=say_threshold("week", lang), xlim=(1, place[-1]))
    return canvas.png


def plot_decision_curve(points: Sequence[DecisionPoint], lang: Language) -> bytes:
    """Return the net benefit of the policy, the risk alone, everybody and the citizen.

    Parameters
    ----------
    points : sequence of DecisionPoint
        At rising thresholds.
    lang : {"da", "en"}
        Language.
    """
    cuts = np.array([one.threshold for one in points])
    lines = {
        "policy": ("model", "-"),
        "risk": ("challenger", "--"),
        "everybody": ("all", ":"),
        "citizen": ("simplest", "-."),
    }
    with open_canvas(WIDTH, 4.2) as canvas:
        axes = canvas.main
        found = {name: _columns([getattr(one, name) for one in points]) for name in lines}
        tops = [np.nanmax(values[0]) for values in found.values() if np.isfinite(values[0]).any()]
        top = max([0.02, *(float(one) for one in tops)])
        least, most = -0.35 * top, 1.1 * top
        for name, (colour, style) in lines.items():
            value = found[name][0]
            inside = np.flatnonzero((value > least) & (value < most))
            if not len(inside):
                continue
            axes.plot(cuts, value, style, color=COLOURS[colour])
            last = inside[-1]
            at_edge = last == len(cuts) - 1
            axes.annotate(
                say_threshold(f"net_{name}", lang), (cuts[last], value[last]),
                xytext=(0, 5) if at_edge else (6, 6), textcoords="offset points", fontsize=9,
                color=COLOURS[colour], ha="right" if at_edge else "left",
                va="bottom" if at_edge else "center", bbox=PLATE,
            )  # fmt: skip
        axes.axhline(0, color=COLOURS["ink"], linewidth=1)
        axes.annotate(
            say_threshold("net_none", lang), (cuts[0], 0), fontsize=9, ha="left", va="top",
            xytext=(3, -3), textcoords="offset points",
        )  # fmt: skip
        axes.set(ylim=(least, most), ylabel=say_threshold("net_axis", lang))
        axes.set(xlabel=say_threshold("upper", lang), xlim=(cuts[0], cuts[-1]))
        axes.xaxis.set_major_formatter(_percent(lang))
        axes.yaxis.set_major_formatter(lambda value, _: _plain(value, lang, 2))
    return canvas.png


def _finish(axes: Any, cuts: FloatArray, marks: Sequence[float], lang: Language) -> None:
    for one in axes:
        for mark in marks:
            one.axvline(mark, color=COLOURS["quiet"], linewidth=1, linestyle=":")
        one.set_xlim(cuts[0], cuts[-1])
    axes[-1].xaxis.set_major_formatter(_percent(lang))


def _draw_band(
    axes: Any, place: FloatArray, line: Sequence[Estimate], colour: str, *, dots: bool = True
) -> None:
    value, low, high = _columns(line)
    axes.fill_between(place, low, high, color=COLOURS[colour], alpha=MARGIN, linewidth=0)
    # A point stands alone where its neighbours must not be shown.
    axes.plot(place, value, "o-" if dots else "-", color=COLOURS[colour], markersize=3)


def _columns(line: Sequence[Estimate]) -> tuple[FloatArray, FloatArray, FloatArray]:
    value, low, high = (
        np.array([getattr(one, part) for one in line], dtype=np.float64)
        for part in ("value", "low", "high")
    )
    return value, low, high


def _percent(lang: Language) -> Any:
    sign = "\N{NO-BREAK SPACE}%" if lang == "da" else "%"
    return lambda value, _: f"{100 * value:.0f}{sign}"


def _plain(value: float, lang: Language, digits: int = 1) -> str:
    shown = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    shown = shown.replace("-", "\N{MINUS SIGN}")
    return shown.replace(".", ",") if lang == "da" else shown
