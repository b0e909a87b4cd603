"""A points form as one printable page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from babel.numbers import format_decimal

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.labels import Language
from riskmodel.domain.points_form import PointsForm
from riskmodel.domain.scorecard import PointBand, PointItem
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.points_figures import FORM_METRICS, FormFigures
from riskmodel.report.html_pages import render_page
from riskmodel.report.number_format import (
    format_count,
    format_limit,
    format_percent,
    format_week,
    format_weeks,
)
from riskmodel.report.phrases import one_line
from riskmodel.report.scorecard_words import SCORECARD_PHRASES, say_scorecard
from riskmodel.visitation.policy import Policy

__all__ = ["Scorecard", "render_scorecard"]

_LOCALES = {"da": "da_DK", "en": "en_GB"}
NOT_KNOWN = "\N{EN DASH}"
MOST_COLUMNS = 16
# Longer forms are printed in smaller letters, so that they still fill one page.
MOST_PLAIN_LINES, MOST_PLAIN_SUMS = 8, 21


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A points form and what is known of it.

    Parameters
    ----------
    form : PointsForm
    codebook : Codebook
        Gives the lines their words.
    source : str
        Version of the model, or name of the file with given points.
    from_model : bool
        Whether a model is behind the points.
    figures : FormFigures or None
        Accuracy; None where it was not measured.
    policy : Policy or None
        Whose thresholds are shown as sums.
    """

    form: PointsForm
    codebook: Codebook
    source: str
    from_model: bool
    figures: FormFigures | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """One answer to tick."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the form."""

    label: str
    boxes: tuple[Box, ...]


def render_scorecard(card: Scorecard, lang: Language) -> str:
    """Return a points form as one HTML page that prints on one side of A4.

    Parameters
    ----------
    card : Scorecard
    lang : {"da", "en"}
        Language.
    """

    def say(key: str, **values: object) -> str:
        return say_scorecard(key, lang, **values)

    form, book = card.form, card.codebook
    weeks = format_weeks(book.primary_horizon, lang)
    # Points given in advance, without cases, come from no data at all.
    synthetic = book.data_kind == "synthetic" and (card.from_model or bool(form.sums))
    if form.most_missing:
        missing = say("too_many_missing", n=form.most_missing)
    else:
        missing = say("none_missing")
    values = {
        "title": say("title", weeks=weeks),
        "context": say(
            "from_model" if card.from_model else "from_points",
            source=one_line(card.source),
            codebook=one_line(f"{book.name} {book.version}"),
        ),
        "mark": say("mark") if synthetic else "",
        "warning": say("synthetic"),
        "word": {
            key: say(key) for key, one in SCORECARD_PHRASES.phrases.items() if "{" not in one.one.en
        },
        "total": say("total", most=form.most),
        "dense": len(form.items) > MOST_PLAIN_LINES or len(form.sums) > MOST_PLAIN_SUMS,
        "lines": [_write_line(item, lang) for item in form.items],
        "missing": missing,
        "strips": list(_write_sums(form, lang)),
        "sums_mean": (
            say("sums_mean", weeks=weeks, n=format_count(form.n_assessments, lang))
            if form.sums
            else say("no_sums")
        ),
        "thresholds": _write_thresholds(card, lang) if form.sums else None,
        "figures": None if card.figures is None else _write_figures(card.figures, lang),
    }
    return render_page("scorecard.html.j2", lang, values, style="scorecard.css")


def _write_line(item: PointItem, lang: Language) -> Line:
    label = one_line(item.field.label.text(lang))
    unit = f"unit_{item.field.unit}"
    if unit in SCORECARD_PHRASES.phrases and item.field.type == "number":
        label += f" ({say_scorecard(unit, lang)})"
    boxes = [Box(_name_band(item.field, one, lang), one.points) for one in _list_bands(item)]
    return Line(label, tuple(boxes))


def _list_bands(item: PointItem) -> list[PointBand]:
    """Return every answer of a line in its natural order, those without points too."""
    named = [band for band in item.bands if not band.missing]
    missing = [band for band in item.bands if band.missing]
    if item.field.levels:
        order = item.field.level_values
        given = {level for band in named for level in band.levels}
        rest = tuple(one for one in order if one not in given)
        bands = [*named, *([PointBand(0, levels=rest)] if rest else [])]
        bands.sort(key=lambda band: order.index(band.levels[0]))
    else:
        bands, below = [], -math.inf
        for band in sorted(named, key=lambda one: one.low):
            if band.low > below:
                bands.append(PointBand(0, low=below, high=band.low))
            bands.append(band)
            below = band.high
        if below < math.inf:
            bands.append(PointBand(0, low=below))
    if not missing and item.field.theme != "assessment":
        missing = [PointBand(0, missing=True)]
    return [*bands, *missing]


def _name_missing(field: Field, lang: Language) -> str:
    """Return what a missing answer is called: some fields have a word of their own."""
    own = field.missing_label
    return say_scorecard("missing", lang) if own is None else one_line(own.text(lang)).lower()


def _name_band(field: Field, band: PointBand, lang: Language) -> str:
    if band.missing:
        return _name_missing(field, lang)
    if field.levels:
        labels = [one_line(field.level_label(one).text(lang)) for one in band.levels]
        return ", ".join(label[:1].lower() + label[1:] for label in labels)
    low, high = format_week(band.low, lang), format_week(band.high, lang)
    if math.isinf(band.low):
        return say_scorecard("below", lang, high=high)
    if math.isinf(band.high):
        return say_scorecard("from", lang, low=low)
    return say_scorecard("between", lang, low=low, high=high)


def _write_sums(form: PointsForm, lang: Language) -> Iterator[list[tuple[str, str]]]:
    """Yield the sums with their risks, in strips that fit the width of the page."""
    cells = [
        (
            str(one.low) if one.low == one.high else f"{one.low}\N{EN DASH}{one.high}",
            format_percent(one.risk, lang),
        )
        for one in form.sums
    ]
    n_strips = -(-len(cells) // MOST_COLUMNS)
    length = -(-len(cells) // n_strips) if cells else 0
    for start in range(0, len(cells), max(length, 1)):
        yield cells[start : start + length]


def _write_thresholds(card: Scorecard, lang: Language) -> dict[str, object] | None:
    policy, form = card.policy, card.form
    if policy is None:
        return None
    lower = form.first_sum(policy.lower.value)
    upper = form.first_sum(policy.upper.value)
    ends = (form.least, lower, upper, form.most + 1)
    starts = [form.most + 1 if one is None else one for one in ends]
    rows = []
    for place, tier in enumerate(policy.ladder.rungs):
        low, high = starts[place], starts[place + 1] - 1
        if low > high:
            continue
        if place == 0:
            words = say_scorecard("up_to", lang, high=high)
        elif high >= form.most:
            words = say_scorecard("from_sum", lang, low=low)
        else:
            words = say_scorecard("from_to_sum", lang, low=low, high=high)
        rows.append((words, one_line(policy.find_tier(tier).label.text(lang))))
    note = say_scorecard(
        "threshold_note",
        lang,
        lower=format_limit(policy.lower.value, lang),
        upper=format_limit(policy.upper.value, lang),
    )
    if not policy.is_approved:
        note += " " + say_scorecard("proposal", lang)
    name = one_line(policy.title.text(lang))
    return {"title": say_scorecard("thresholds", lang, policy=name), "rows": rows, "note": note}


def _write_figures(found: FormFigures, lang: Language) -> dict[str, object]:
    def number(value: float, digits: int = 2) -> str:
        if math.isnan(value):
            return NOT_KNOWN
        shown = round(value, digits) + 0.0
        text = str(format_decimal(shown, format="0." + "0" * digits, locale=_LOCALES[lang]))
        return text.replace("-", "\N{MINUS SIGN}")

    def interval(one: Estimate, digits: int) -> str:
        if math.isnan(one.low):
            return number(one.value, digits)
        value, low, high = (number(each, digits) for each in (one.value, one.low, one.high))
        return say_scorecard("to", lang, value=value, low=low, high=high)

    rows = []
    for name in FORM_METRICS:
        digits = 3 if name == "brier" else 2
        label = say_scorecard(name, lang, share=number(found.share_brier, 3))
        cells = [interval(found.form[name], digits)]
        if found.model:
            cells += [interval(found.model[name], digits), interval(found.lost[name], digits)]
        rows.append((label, cells))
    about = say_scorecard(
        found.design,
        lang,
        n=format_count(found.n_rows, lang),
        persons=format_count(found.n_persons, lang),
        long=format_count(found.n_events, lang),
    )
    if found.n_unusable:
        about += " " + say_scorecard("unusable", lang, n=format_count(found.n_unusable, lang))
    return {"about": about, "rows": rows, "with_model": bool(found.model)}
