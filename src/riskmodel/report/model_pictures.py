"""Pictures of a whole model for a notebook: which indicators weigh most, and how each one works.

They need a saved model and some scored cases, and no training: the intervals come from the
spread that every model carries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.labels import Language
from riskmodel.evaluation.term_curves import compute_term
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import ScoredCases
from riskmodel.model.tables import AdditiveTables
from riskmodel.report.plots import plot_term
from riskmodel.report.plots_canvas import COLOURS, open_canvas
from riskmodel.stats.resampling import percentile_interval

__all__ = [
    "ModelPicture",
    "compute_importance",
    "draw_tables",
    "plot_indicator",
    "plot_model_importance",
]

FloatArray = npt.NDArray[np.float64]
LEVEL = 0.9
N_DRAWS = 200
MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class ModelPicture:
    """A picture with its table twin; a notebook shows the picture.

    Parameters
    ----------
    png : bytes
        The picture.
    table : DataFrame
        The figures that it is drawn from.
    """

    png: bytes
    table: pd.DataFrame

    def _repr_png_(self) -> bytes:
        return self.png


def draw_tables(
    model: RiskModel, n_draws: int = N_DRAWS, *, random_state: int = 0
) -> list[AdditiveTables]:
    """Draw scores that the training could as well have found.

    Each draw moves all tables together along the directions in which refits differ.

    Parameters
    ----------
    model : RiskModel
        The model.
    n_draws : int
        Number of draws.
    random_state : int
        Seed.
    """
    spread, values = model.spread, model.tables.values
    rng = np.random.default_rng(random_state)
    drawn = []
    for _ in range(n_draws):
        z = spread.scale * rng.standard_normal(len(spread.intercept))
        moved = replace(
            values,
            intercept=values.intercept + float(spread.intercept @ z),
            steps=tuple(
                own + moves @ z for own, moves in zip(values.steps, spread.steps, strict=True)
            ),
            slopes=values.slopes + spread.slopes @ z,
            pairs={pair: values.pairs.get(pair, 0.0) + moves @ z for pair, moves in spread.pairs},
        )
        drawn.append(replace(model.tables, values=moved))
    return drawn


def compute_importance(
    cases: ScoredCases, lang: Language = "en", *, n_draws: int = N_DRAWS
) -> pd.DataFrame:
    """Return the mean size of each indicator's contribution with its 90 % interval.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases; the importance is that among them.
    lang : {"da", "en"}
        Language of the labels.
    n_draws : int
        Draws for the intervals.

    Returns
    -------
    DataFrame
        One row per indicator, the largest first: ``field``, ``label``, ``log_odds``, ``low``
        and ``high``, the mean absolute contribution in log-odds.
    """
    model, week = cases.model, cases.table.assessed_week
    X = model.within_training_weeks(encode_fields(cases.table), week)[cases.scored]
    entries = model.tables.assign(X)

    def size(tables: AdditiveTables) -> FloatArray:
        found: FloatArray = np.abs(tables.contributions(X, entries)).mean(axis=0)
        return found

    draws = np.array([size(one) for one in draw_tables(model, n_draws)])
    low, high = percentile_interval(draws, LEVEL)
    fields = model.codebook.indicators
    frame = pd.DataFrame(
        {
            "field": [one.name for one in fields],
            "label": [one.label.text(lang) for one in fields],
            "log_odds": size(model.tables),
            "low": low,
            "high": high,
        }
    )
    return frame.sort_values(["log_odds", "field"], ascending=[False, True], ignore_index=True)


def plot_model_importance(
    cases: ScoredCases, lang: Language = "en", *, n_draws: int = N_DRAWS
) -> ModelPicture:
    """Draw the importance of the indicators, the largest on top.

    Parameters
    ----------
    cases, lang, n_draws
        As in `compute_importance`.
    """
    table = compute_importance(cases, lang, n_draws=n_draws)
    shown = table.head(MOST_BARS)
    places = np.arange(len(shown))[::-1]
    words = {"da": "Gennemsnitlig størrelse af bidrag (log-odds)",
             "en": "Mean size of contribution (log-odds)"}  # fmt: skip
    with open_canvas(7.2, 0.9 + 0.3 * len(shown)) as canvas:
        axes = canvas.main
        axes.barh(places, shown["log_odds"], color=COLOURS["band"], height=0.6)
        axes.hlines(places, shown["low"], shown["high"], color=COLOURS["ink"], linewidth=1.5)
        axes.set_yticks(places, shown["label"].tolist())
        axes.grid(visible=False, axis="y")
        axes.set(xlabel=words[lang], xlim=(0, None))
    return ModelPicture(canvas.png, table)


def plot_indicator(
    cases: ScoredCases, name: str, lang: Language = "en", *, n_draws: int = N_DRAWS
) -> ModelPicture:
    """Draw what one indicator adds to the score, above where the cases lie.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases; bins and levels with fewer than five persons are hidden.
    name : str
        An indicator of the codebook.
    lang : {"da", "en"}
        Language of the labels.
    n_draws : int
        Draws for the 90 % range.

    Raises
    ------
    ValueError
        If the codebook has no such indicator.
    """
    model = cases.model
    names = [one.name for one in model.codebook.indicators]
    if name not in names:
        msg = f"{name!r} is no indicator of this model; use one of {', '.join(names)}."
        raise ValueError(msg)
    column = names.index(name)
    field = model.codebook.indicators[column]
    X = model.within_training_weeks(encode_fields(cases.table), cases.table.assessed_week)
    term = compute_term(
        column,
        field,
        _without_pairs(model.tables),
        [_without_pairs(one) for one in draw_tables(model, n_draws)],
        X[cases.scored],
        cases.table.group[cases.scored],
    )
    levels = {one.value: one.label for one in field.levels}
    return ModelPicture(plot_term(term, field.label, levels, lang), term.to_frame())


def _without_pairs(tables: AdditiveTables) -> AdditiveTables:
    return replace(tables, values=replace(tables.values, pairs={}))
