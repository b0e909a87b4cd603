"""Fits a model to local cases: no more than they can carry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.errors import InputError
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.model.spread import Spread
from riskmodel.model.tables import AdditiveTables, TableValues
from riskmodel.stats.updating import ModelUpdate, choose_update
from riskmodel.training.fit import find_training_rows

__all__ = ["UpdatedModel", "update_model"]

FloatArray = npt.NDArray[np.float64]

EVENTS_PER_THEME = 10


@dataclass(frozen=True, slots=True)
class UpdatedModel:
    """A model after an update, and why it went so far and no further.

    Parameters
    ----------
    model : RiskModel
        The updated model; the same tables where it was left as it is.
    update : ModelUpdate
        Tests and estimates.
    themes : tuple of str
        Themes whose terms were given weights of their own, in the order of ``effects``.
    n_persons, n_events : int
        Local persons, each at the first assessment, and long courses among them.
    """

    model: RiskModel
    update: ModelUpdate
    themes: tuple[str, ...]
    n_persons: int
    n_events: int

    @property
    def reason(self) -> str:
        """The decision in one sentence, with the tests that led to it."""
        words = {
            "leave": "left as it is: nothing more fits the local cases significantly better",
            "intercept": "moved up or down as a whole: the local level differs",
            "slope": "moved and stretched: the local level and spread differ",
            "re-estimate": "re-weighted by theme: some themes weigh differently here",
        }[self.update.step]
        tests = "; ".join(f"{one.step}: p = {one.p_value:.3f}" for one in self.update.tests)
        return f"The model was {words} ({self.n_persons} persons, {self.n_events} long; {tests})."


def update_model(model: RiskModel, table: CaseTable, *, alpha: float = 0.05) -> UpdatedModel:
    """Update a model with local closed cases by the closed testing procedure.

    Leaving the model, moving its intercept, its intercept and slope, and weighing each theme
    of the codebook anew are compared; the smallest change that is not significantly worse
    is made. One theme may get a weight of its own for every ten local courses of the rarer
    kind, those that vary most first. Each person counts once, at the first assessment.

    Parameters
    ----------
    model : RiskModel
        Trained elsewhere, on many cases.
    table : CaseTable
        Local cases, read with the model's codebook.
    alpha : float
        Level of each test.

    Returns
    -------
    UpdatedModel

    Raises
    ------
    InputError
        If the cases cannot be learned from.

    References
    ----------
    Vergouwe et al. (2017), doi 10.1002/sim.7179.
    """
    cases = score_cases(model, table)
    rows = find_training_rows(table)
    usable = np.flatnonzero((rows.weight > 0) & cases.scored)
    order = usable[np.argsort(table.assessed_week[usable], kind="stable")]
    _, first = np.unique(table.group[order], return_index=True)
    chosen = order[np.sort(first)]
    if len(np.unique(rows.long_course[chosen])) < 2:
        msg = "An update needs local courses of both kinds, longer and shorter than the horizon."
        raise InputError(msg)
    events = int(rows.long_course[chosen].sum())
    rarer = min(events, len(chosen) - events)
    themes, design = _sum_by_theme(cases.take(chosen), max(1, rarer // EVENTS_PER_THEME))
    update = choose_update(
        cases.scores.score[chosen],
        design,
        rows.long_course[chosen],
        sample_weight=rows.weight[chosen],
        alpha=alpha,
    )
    return UpdatedModel(
        model=_apply(model, update, themes),
        update=update,
        themes=themes,
        n_persons=len(chosen),
        n_events=events,
    )


def _sum_by_theme(cases: ScoredCases, most: int) -> tuple[tuple[str, ...], FloatArray]:
    """Contributions of the themes that vary most among the rows, shape (n, n_themes)."""
    fields = cases.model.codebook.indicators
    found = {}
    for theme in dict.fromkeys(one.theme for one in fields):
        columns = [index for index, one in enumerate(fields) if one.theme == theme]
        total = cases.scores.contributions[:, columns].sum(axis=1)
        if np.ptp(total) > 0:
            found[theme] = total
    kept = sorted(found, key=lambda theme: -float(np.var(found[theme])))[:most]
    names = tuple(theme for theme in found if theme in kept)
    return names, np.column_stack([found[theme] for theme in names])


def _apply(model: RiskModel, update: ModelUpdate, themes: tuple[str, ...]) -> RiskModel:
    """Return the model with its terms weighed; the curve keeps its meaning of the score."""
    if update.step == "leave":
        return model
    change = dict(zip(themes, update.effects, strict=True))
    # A weight below zero would turn a term's direction around, which no codebook allows.
    weights = np.array(
        [
            max(update.slope + float(change.get(one.theme, 0.0)), 0.0)
            for one in model.codebook.indicators
        ]
    )
    intercept = update.intercept + update.slope * model.base_value
    return replace(
        model,
        tables=_weigh_tables(model.tables, weights, intercept),
        spread=_weigh_spread(model.spread, weights),
        version="unsaved",
    )


def _weigh_tables(tables: AdditiveTables, weights: FloatArray, intercept: float) -> AdditiveTables:
    old = tables.values
    values = TableValues(
        intercept=float(intercept),
        steps=tuple(w * steps for w, steps in zip(weights, old.steps, strict=True)),
        slopes=weights * old.slopes,
        pairs={
            (i, j): 0.5 * (weights[i] + weights[j]) * table for (i, j), table in old.pairs.items()
        },
    )
    return replace(tables, values=values)


def _weigh_spread(spread: Spread, weights: FloatArray) -> Spread:
    return replace(
        spread,
        steps=tuple(w * steps for w, steps in zip(weights, spread.steps, strict=True)),
        slopes=weights[:, None] * spread.slopes,
        pairs=tuple(
            ((i, j), 0.5 * (weights[i] + weights[j]) * table) for (i, j), table in spread.pairs
        ),
    )
