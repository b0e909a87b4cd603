"""Plots of what an evaluation computed; nothing is computed here.

Every plot has a table that says the same (`compute_*` of its record), and is returned as
the bytes of a PNG.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.figures import CalibrationCurve, EndingCurve, Estimate, NetBenefitCurve
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.key_indicators import KeyIndicators
from riskmodel.evaluation.learning_curve import LearningCurve
from riskmodel.evaluation.term_curves import TermCurve
from riskmodel.report.evaluation_words import PICTURE_WORDS
from riskmodel.report.phrases import one_line
from riskmodel.report.plots_canvas import COLOURS, open_canvas

__all__ = [
    "plot_calibration",
    "plot_endings",
    "plot_importance",
    "plot_instability",
    "plot_learning_curve",
    "plot_net_benefit",
    "plot_term",
]

MOST_BARS = 15
LONGEST_LABEL = 42


def plot_calibration(curve: CalibrationCurve, lang: Language) -> bytes:
    """Return the smooth calibration curve with its interval above a histogram of risks."""
    with open_canvas(6.0, 5.2, heights=(4.0, 1.0)) as canvas:
        upper, lower = canvas.axes
        upper.plot([0, 1], [0, 1], "--", color=COLOURS["quiet"], linewidth=1)
        upper.annotate(
            PICTURE_WORDS["perfect"].text(lang), (0.93, 0.93), rotation=38, color=COLOURS["quiet"],
            ha="right", va="bottom", fontsize=8,
        )  # fmt: skip
        upper.fill_between(curve.risk, curve.low, curve.high, color=COLOURS["band"], alpha=0.5)
        upper.plot(curve.risk, curve.observed, color=COLOURS["model"])
        upper.set(ylabel=PICTURE_WORDS["share"].text(lang), xlim=(0, 1), ylim=(0, 1))
        _draw_counts(lower, curve.bin_edges, curve.bin_counts)
        lower.set(
            xlabel=PICTURE_WORDS["risk"].text(lang), ylabel=PICTURE_WORDS["assessments"].text(lang)
        )
        _as_percent(upper, "y", lang)
        _as_percent(lower, "x", lang)
    return canvas.png


def plot_net_benefit(curve: NetBenefitCurve, lang: Language) -> bytes:
    """Return net benefit over thresholds of every way of offering, the model with interval."""
    with open_canvas() as canvas:
        axes = canvas.main
        cuts = np.array(curve.thresholds)
        styles = {"all": ":", "simplest": "-.", "challenger": "--", "model": "-"}
        for name, style in styles.items():
            if name not in curve.curves:
                continue
            value, low, high = _columns(curve.curves[name])
            axes.plot(cuts, value, style, color=COLOURS[name], label=PICTURE_WORDS[name].text(lang))
            if name == "model":
                axes.fill_between(cuts, low, high, color=COLOURS["band"], alpha=0.4)
        axes.axhline(0, color=COLOURS["ink"], linewidth=1, label=PICTURE_WORDS["none"].text(lang))
        top = np.nanmax([0.02, *_columns(curve.curves["model"])[2]])
        axes.set(ylim=(-0.25 * top, 1.15 * top), xlabel=PICTURE_WORDS["threshold"].text(lang))
        axes.set_ylabel(PICTURE_WORDS["net_benefit"].text(lang))
        axes.legend(loc="upper right", fontsize=9)
        _as_percent(axes, "x", lang)
        _with_commas(axes, "y", lang)
    return canvas.png


def plot_importance(key: KeyIndicators, labels: Mapping[str, Label], lang: Language) -> bytes:
    """Return mean sizes of contributions, the strongest first, with their range over refits."""
    roles = key.roles[:MOST_BARS]
    with open_canvas(6.8, 0.9 + 0.33 * len(roles)) as canvas:
        axes = canvas.main
        places = np.arange(len(roles))[::-1]
        value, low, high = _columns([one.mean_points for one in roles])
        axes.barh(places, value, color=COLOURS["band"], height=0.6)
        axes.hlines(places, low, high, color=COLOURS["ink"], linewidth=1.5)
        names = [
            _shorten(labels[one.name].text(lang) if one.name in labels else one.name)
            for one in roles
        ]
        axes.set_yticks(places, names)
        axes.grid(visible=False, axis="y")
        axes.set(xlabel=PICTURE_WORDS["points"].text(lang), xlim=(0, None))
        _with_commas(axes, "x", lang)
    return canvas.png


def plot_endings(curve: EndingCurve, lang: Language) -> bytes:
    """Return the shares recovered, ended otherwise and still sick-listed over the weeks."""
    with open_canvas() as canvas:
        axes = canvas.main
        # At the assessment itself all were still sick-listed.
        start = float(curve.span.level or 0)
        weeks = np.array([start, *(one.weeks for one in curve.points)])
        parts = [
            np.array([begin, *(getattr(one, name).value for one in curve.points)])
            for name, begin in (("recovered", 0.0), ("other", 0.0), ("still", 1.0))
        ]
        axes.stackplot(
            weeks, *parts, colors=[COLOURS["band"], COLOURS["challenger"], COLOURS["rule"]],
            labels=[PICTURE_WORDS[name].text(lang) for name in ("recovered", "other", "still")],
        )  # fmt: skip
        axes.plot(weeks, parts[0], color=COLOURS["model"])
        axes.plot(weeks, parts[0] + parts[1], color=COLOURS["ink"], linewidth=1)
        axes.set(xlim=(weeks[0], weeks[-1]), ylim=(0, 1), xlabel=PICTURE_WORDS["weeks"].text(lang))
        axes.set_ylabel(PICTURE_WORDS["courses"].text(lang))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=3, fontsize=9)
        _as_percent(axes, "y", lang)
    return canvas.png


def plot_term(
    term: TermCurve, label: Label, level_labels: Mapping[str, Label], lang: Language
) -> bytes:
    """Return one indicator's curve, or a point per level, above where the cases lie."""
    with open_canvas(6.0, 4.2, heights=(3.0, 1.0)) as canvas:
        upper, lower = canvas.axes
        upper.axhline(0, color=COLOURS["quiet"], linewidth=1)
        upper.set_ylabel(PICTURE_WORDS["log_odds"].text(lang))
        lower.set(xlabel=_shorten(label.text(lang)), ylabel=PICTURE_WORDS["assessments"].text(lang))
        if term.numeric:
            upper.fill_between(term.places, term.low, term.high, color=COLOURS["band"], alpha=0.5)
            upper.plot(term.places, term.value, color=COLOURS["model"])
            _draw_counts(lower, term.edges, term.counts)
            _with_commas(lower, "x", lang)
        else:
            upper.vlines(term.places, term.low, term.high, color=COLOURS["band"], linewidth=6)
            upper.plot(term.places, term.value, "o", color=COLOURS["model"])
            edges = [place - 0.4 for place in term.places]
            _draw_counts(lower, [*edges, edges[-1] + 1], term.counts, width=0.8)
            names = [_shorten(_name(one, level_labels, lang), 18) for one in term.levels]
            lower.set_xticks(term.places, names, rotation=35, ha="right", fontsize=8)
        _with_commas(upper, "y", lang)
    return canvas.png


def plot_learning_curve(curve: LearningCurve, lang: Language) -> bytes:
    """Return the Brier score by number of persons, measured and foreseen."""
    with open_canvas() as canvas:
        axes = canvas.main
        series = (
            ("measured", curve.measured, "o-", "model"),
            ("foreseen", (curve.now, *curve.more.values()), "s--", "challenger"),
        )
        for word, points, style, colour in series:
            sizes = np.array([one.n_persons for one in points])
            value, low, high = _columns([one.brier for one in points])
            axes.fill_between(sizes, low, high, color=COLOURS[colour], alpha=0.15, linewidth=0)
            axes.plot(
                sizes, value, style, color=COLOURS[colour], label=PICTURE_WORDS[word].text(lang)
            )
        axes.set(
            xlabel=PICTURE_WORDS["persons"].text(lang), ylabel=PICTURE_WORDS["brier"].text(lang)
        )
        axes.legend(fontsize=9)
        _with_commas(axes, "y", lang)
    return canvas.png


def plot_instability(record: InstabilityRecord, lang: Language) -> bytes:
    """Return the range of the refits' risks by the model's risk, one bar per band of cases."""
    bands = [one for one in record.bands if one.n_rows > 0]
    with open_canvas(5.6, 4.6) as canvas:
        axes = canvas.main
        axes.plot([0, 1], [0, 1], "--", color=COLOURS["quiet"], linewidth=1)
        risk = [one.risk for one in bands]
        low, high = [one.low for one in bands], [one.high for one in bands]
        axes.vlines(risk, low, high, color=COLOURS["band"], linewidth=7)
        axes.plot(risk, risk, "o", color=COLOURS["model"], markersize=4)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set(xlabel=PICTURE_WORDS["risk"].text(lang), ylabel=PICTURE_WORDS["refits"].text(lang))
        _as_percent(axes, "x", lang)
        _as_percent(axes, "y", lang)
    return canvas.png


def _columns(line: Sequence[Estimate]) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    return tuple(
        np.array([getattr(one, part) for one in line], dtype=np.float64)
        for part in ("value", "low", "high")
    )


def _draw_counts(
    axes: object, edges: Sequence[float], counts: Sequence[int], width: float | None = None
) -> None:
    """Draw a histogram; bins that must not be shown are hatched at the least height."""
    size = np.array(counts)
    starts = np.array(edges[:-1])
    widths = np.diff(edges) if width is None else np.full(len(starts), width)
    least = max(1.0, 0.04 * float(size.max(initial=1)))
    shown = size >= 0
    bar = axes.bar  # type: ignore[attr-defined]
    bar(starts[shown], size[shown], widths[shown], align="edge", color=COLOURS["band"])
    bar(
        starts[~shown], np.full(int((~shown).sum()), least), widths[~shown], align="edge",
        color="none", edgecolor=COLOURS["quiet"], hatch="////", linewidth=0.5,
    )  # fmt: skip


def _as_percent(axes: object, side: str, lang: Language) -> None:
    sign = "\N{NO-BREAK SPACE}%" if lang == "da" else "%"
    axis = getattr(axes, f"{side}axis")
    axis.set_major_formatter(lambda value, _: f"{100 * value:.0f}{sign}")


def _with_commas(axes: object, side: str, lang: Language) -> None:
    mark = "," if lang == "da" else "."
    axis = getattr(axes, f"{side}axis")
    axis.set_major_formatter(
        lambda value, _: f"{value:.6g}".replace("-", "\N{MINUS SIGN}").replace(".", mark)
    )


def _name(key: str, labels: Mapping[str, Label], lang: Language) -> str:
    return labels[key].text(lang) if key in labels else key


def _shorten(text: str, longest: int = LONGEST_LABEL) -> str:
    plain = one_line(text)
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"
