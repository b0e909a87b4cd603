"""Tables about durations, endings, the cases and the recipe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.characteristics import CaseProfile, FieldProfile
from riskmodel.evaluation.figures import DurationFigures, EndingPoint
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.model.risk_model import RiskModel
from riskmodel.report.evaluation_blocks import (
    NO_FIGURE,
    Table,
    clean_cells,
    format_estimate,
    format_figure,
    format_share,
)
from riskmodel.report.evaluation_tables import say_word
from riskmodel.report.evaluation_words import RECIPE
from riskmodel.report.number_format import format_count, format_limit, format_week

__all__ = [
    "make_duration_table",
    "make_ending_table",
    "make_profile_table",
    "make_recipe_table",
]

DURATION_LINES: Final = (
    ("concordance", "concordance", 3),
    ("mae", "mean_absolute_error", 1),
    ("plain_mae", "plain_mean_absolute_error", 1),
    ("median_error", "median_absolute_error", 1),
    ("plain_median_error", "plain_median_absolute_error", 1),
    ("coverage", "interval_coverage", 2),
    ("before", "ended_before", 2),
    ("beyond", "lasted_beyond", 2),
    ("width", "interval_width", 1),
)
SHARES: Final = {"interval_coverage", "ended_before", "lasted_beyond"}


def make_duration_table(record: EvaluationRecord, caption: str, lang: Language) -> Table:
    """Return how well the expected duration is foretold, all assessments and by landmark."""
    shown = [one for one in (record.duration, *record.durations) if not one.span.hidden]
    names = [_name_column(one, lang) for one in shown]
    rows: list[tuple[str, ...]] = [
        (say_word("n", lang), *(format_count(one.span.n_rows, lang) for one in shown))
    ]
    rows += [
        (
            say_word(key, lang),
            *(
                format_share(getattr(one, name), lang)
                if name in SHARES
                else format_estimate(getattr(one, name), lang, digits)
                for one in shown
            ),
        )
        for key, name, digits in DURATION_LINES
    ]
    return Table(caption, (say_word("figure", lang), *names), tuple(rows))


def _name_column(one: DurationFigures, lang: Language) -> str:
    if one.span.family == "all":
        return say_word("all_assessments", lang)
    return say_word("in_week", lang).format(week=format_week(float(one.span.level), lang))


def make_ending_table(record: EvaluationRecord, caption: str, lang: Language) -> Table:
    """Return what had become of the courses at each horizon, by landmark."""
    header = tuple(
        say_word(key, lang)
        for key in ("landmark", "n", "by_week", "recovered", "other_ending", "still")
    )
    rows = []
    for curve in record.endings:
        if curve.span.hidden:
            continue
        week = format_week(float(curve.span.level), lang) if curve.span.level else NO_FIGURE
        for one in _with_intervals(curve.points):
            cells = (format_share(share, lang) for share in (one.recovered, one.other, one.still))
            n = format_count(curve.span.n_rows, lang)
            rows.append((week, n, format_week(one.weeks, lang), *cells))
    return Table(caption, header, tuple(rows))


def _with_intervals(points: Sequence[EndingPoint]) -> list[EndingPoint]:
    """Return the horizons; where nothing was drawn, every other point."""
    drawn = [one for one in points if not math.isnan(one.recovered.low)]
    return drawn or list(points[::2])


def make_profile_table(
    profile: CaseProfile, codebook: Codebook, caption: str, lang: Language
) -> Table:
    """Return each indicator in a few rounded figures."""
    header = tuple(say_word(key, lang) for key in ("indicator", "missing_share", "typical"))
    fields = {one.name: one for one in codebook.indicators}
    rows = tuple(
        clean_cells(
            (
                fields[one.name].label.text(lang),
                NO_FIGURE if math.isnan(one.missing) else format_limit(one.missing, lang),
                _say_typical(one, fields[one.name], lang),
            )
        )
        for one in profile.fields
    )
    return Table(caption, header, rows, folded=True)


def _say_typical(one: FieldProfile, field: Field, lang: Language) -> str:
    if one.quartiles:
        low, middle, high = (format_week(value, lang) for value in one.quartiles)
        return say_word("quartiles", lang).format(low=low, middle=middle, high=high)
    if not one.level or math.isnan(one.level_share):
        return NO_FIGURE
    labels = {level.value: level.label.text(lang) for level in field.levels}
    share = format_limit(one.level_share, lang)
    return say_word("most_common", lang).format(level=labels.get(one.level, one.level), share=share)


def make_recipe_table(model: RiskModel, caption: str, lang: Language) -> Table:
    """Return what the recipe chose, and the settings behind each case's interval."""
    rows = [
        (RECIPE[name].text(lang) if name in RECIPE else name, _short(value, lang))
        for name, value in model.provenance.recipe.items()
        if name not in {"updated", "hidden_deviation"}
    ]
    rows += [
        (say_word(f"spread_{name}", lang), _short(getattr(model.spread, name), lang))
        for name in ("scale", "unlearned", "hidden")
    ]
    recipe = Label("Opskriftens version", "Version of the recipe").text(lang)
    rows.append((recipe, model.provenance.recipe_version))
    rows.append((say_word("version", lang), model.provenance.package_version))
    header = (say_word("figure", lang), say_word("setting", lang))
    return Table(caption, header, tuple(rows), folded=True)


def _short(value: float, lang: Language) -> str:
    digits = 0 if value == round(value) else 2 if abs(value) >= 0.1 else 5
    return format_figure(value, lang, digits)
