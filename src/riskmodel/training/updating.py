"""Fits a model to local cases: no more than they can carry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.errors import InputError
from riskmodel.model.risk_model import Provenance, RiskModel
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.model.spread import Spread
from riskmodel.model.tables import AdditiveTables, TableValues
from riskmodel.stats.logistic import fit_logistic
from riskmodel.stats.updating import ClosedTest, ModelUpdate, choose_update
from riskmodel.training.fit import find_training_rows, fingerprint_cases

__all__ = ["UpdatedModel", "update_model"]

FloatArray = npt.NDArray[np.float64]

DECIDED = {
    "leave": (
        "The model was left as it is: nothing more fits the local cases significantly better."
    ),
    "intercept": "The model was moved up or down as a whole: the local level differs.",
    "slope": "The model was moved and stretched: the local level and spread differ.",
    "re-estimate": "The model was weighed anew by theme: some themes weigh differently here.",
}
TESTED = {
    "leave": "Leaving it as it is",
    "intercept": "Moving its level only",
    "slope": "Moving and stretching it",
}
EVENTS_PER_THEME = 10
SAME = 1e-9


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
    level_error : float
        Standard error of the local level, in log-odds; the updated model's intervals have
        it besides their own.
    dropped : tuple of str
        Themes that would have turned around here; they no longer count.
    """

    model: RiskModel
    update: ModelUpdate
    themes: tuple[str, ...]
    n_persons: int
    n_events: int
    level_error: float
    dropped: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The decision, with the tests that led to it."""
        return " ".join(self.list_reasons())

    def list_reasons(self) -> tuple[str, ...]:
        """Return the decision and each test that led to it, a sentence each."""
        tests = [_tell_test(one, enough=one.step == self.update.step) for one in self.update.tests]
        turned = f"No longer counted, as they would turn around: {', '.join(self.dropped)}."
        flat = "No theme is left: the updated model gives everybody assessed in a week one risk."
        return (
            DECIDED[self.update.step],
            f"Local cases: {self.n_persons} persons, {self.n_events} of them with a long course.",
            *tests,
            *([turned] if self.dropped else []),
            *([flat] if self.dropped and not _tells_apart(self.model.tables.values) else []),
        )


def _tells_apart(values: TableValues) -> bool:
    tables = (*values.steps, values.slopes, *values.pairs.values())
    return any(bool(np.any(one)) for one in tables)


def _tell_test(one: ClosedTest, *, enough: bool) -> str:
    what, p = TESTED[one.step], one.p_text
    if enough:
        return (
            f"{what} does not fit significantly worse than the largest change that the cases can "
            f"carry ({p})."
        )
    return (
        f"{what} fits significantly worse than the largest change that the cases can carry ({p})."
    )


def update_model(model: RiskModel, table: CaseTable, *, alpha: float = 0.05) -> UpdatedModel:
    """Update a model with local closed cases by the closed testing procedure.

    Leaving the model, moving its intercept, its intercept and slope, and weighing each theme
    of the codebook anew are compared; the smallest change that is not significantly worse
    is made. One theme may get a weight of its own for every ten local courses of the rarer
    kind, those that vary most first; none, where the cases cannot settle these weights.
    Each person counts once, at the first assessment that counts. Assessments later than all in
    training do not count, nor those before the first landmark: there the score is not itself
    the log-odds of a long course, for it leaves out that the person lasted until then. Weights
    for censoring count as the number of rows that they are worth.

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
        If the cases cannot be learned from, few persons' courses are long or few short, or all
        were assessed later than those in training.

    References
    ----------
    Vergouwe et al. (2017), doi 10.1002/sim.7179.
    """
    cases = score_cases(model, table)
    rows = find_training_rows(table)
    chosen = _choose_rows(cases, rows.weight)
    y = rows.long_course[chosen]
    events = int(y.sum())
    rarer = min(events, len(chosen) - events)
    if rarer < MIN_CELL:
        msg = (
            "An update needs local courses of five persons at least of either kind, longer and "
            "shorter than the horizon: fewer settle nothing, and their number could be worked "
            "out from the updated model. Add cases."
        )
        raise InputError(msg)
    score = cases.scores.score[chosen]
    weight = rows.weight[chosen]
    weight = weight * (weight.sum() / np.sum(weight**2))  # they sum to Kish's effective size
    themes, design = _sum_by_theme(cases.take(chosen), max(1, rarer // EVENTS_PER_THEME))
    update = choose_update(score, design, y, sample_weight=weight, alpha=alpha)
    if update.unstable:
        themes, design = (), design[:, :0]
        update = choose_update(score, design, y, sample_weight=weight, alpha=alpha)
    weights = _weigh_terms(model, update, themes)
    # A weight below zero would turn a term's direction around, which no codebook allows.
    kept = np.maximum(weights, 0.0)
    rest = np.einsum("ij,j->i", cases.scores.contributions[chosen], kept)
    level = fit_logistic(np.ones((len(chosen), 1)), y, weights=weight, offset=rest)
    error = float(level.standard_errors[0])
    changed = model
    if update.step != "leave":
        moved = float(level.coefficients[0])
        changed = replace(
            _apply(model, kept, moved, error),
            provenance=_describe(model, _as_made(update, moved), table, len(chosen)),
        )
    indicators = model.codebook.indicators
    turned = [one.theme for one, own in zip(indicators, weights, strict=True) if own < 0]
    dropped = tuple(dict.fromkeys(turned))
    return UpdatedModel(changed, update, themes, len(chosen), events, error, dropped)


def _choose_rows(cases: ScoredCases, weight: FloatArray) -> npt.NDArray[np.intp]:
    """Each person's first row whose state was seen and whose score is its log-odds."""
    curve, week = cases.model.curve, cases.table.assessed_week
    as_trained = curve.training_week(week) == week
    usable = np.flatnonzero((weight > 0) & cases.scored & as_trained)
    if not len(usable):
        msg = (
            f"An update needs closed cases assessed in weeks {curve.landmarks[0].landmark:g} to "
            f"{curve.last_week:g}, as those in training, got none; add such assessments, or "
            "train a model on the local cases."
        )
        raise InputError(msg)
    order = usable[np.lexsort((cases.table.case_id[usable], week[usable]))]
    _, first = np.unique(cases.table.group[order], return_index=True)
    return np.asarray(order[np.sort(first)])


def _as_made(update: ModelUpdate, level: float) -> ModelUpdate:
    """Return the update as it was made: a slope that would turn terms around is none."""
    if update.slope >= 0:
        return update
    return replace(update, slope=0.0, intercept=level)


def _describe(
    model: RiskModel, update: ModelUpdate, table: CaseTable, n_persons: int
) -> Provenance:
    """Tell of the update; each table keeps its fingerprint, and all of them get one together."""
    own, origin = fingerprint_cases(table), model.provenance
    recipe = {
        **origin.recipe,
        "updated": origin.recipe.get("updated", 0.0) + 1.0,
        "update_persons": float(n_persons),
        "update_intercept": update.intercept,
        "update_slope": update.slope,
    }
    return replace(
        origin,
        data_fingerprint=hashlib.sha256((origin.data_fingerprint + own).encode()).hexdigest(),
        recipe=recipe,
        fingerprints=(*(origin.fingerprints or (origin.data_fingerprint,)), own),
    )


def _sum_by_theme(cases: ScoredCases, most: int) -> tuple[tuple[str, ...], FloatArray]:
    """Contributions of the themes that vary most among the rows, shape (n, n_themes)."""
    fields = cases.model.codebook.indicators
    found = {}
    for theme in dict.fromkeys(one.theme for one in fields):
        columns = [index for index, one in enumerate(fields) if one.theme == theme]
        total = cases.scores.contributions[:, columns].sum(axis=1)
        if np.ptp(total) > SAME:
            found[theme] = total
    kept = sorted(found, key=lambda theme: -float(np.var(found[theme])))[:most]
    names = tuple(theme for theme in found if theme in kept)
    nothing = np.empty((len(cases.table), 0))
    return names, np.column_stack([nothing, *(found[theme] for theme in names)])


def _weigh_terms(model: RiskModel, update: ModelUpdate, themes: tuple[str, ...]) -> FloatArray:
    """Weight of each indicator's contribution after the update."""
    change = dict(zip(themes, update.effects, strict=True))
    return np.array(
        [update.slope + float(change.get(one.theme, 0.0)) for one in model.codebook.indicators]
    )


def _apply(model: RiskModel, weights: FloatArray, intercept: float, error: float) -> RiskModel:
    """Return the model with its terms weighed; the curve keeps its meaning of the score."""
    return replace(
        model,
        tables=_weigh_tables(model.tables, weights, intercept),
        spread=_weigh_spread(model.spread, weights, error),
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


def _weigh_spread(spread: Spread, weights: FloatArray, error: float) -> Spread:
    """Weigh the loadings, and add a direction of the local level's own uncertainty.

    What the local cases leave open about slope and themes is not in it, so far from the mean
    the intervals of a stretched model are somewhat too narrow; near it they are somewhat too
    wide, for the spread of the level before stays.
    """

    def widen(loadings: FloatArray) -> FloatArray:
        return np.concatenate([loadings, np.zeros((*loadings.shape[:-1], 1))], axis=-1)

    return replace(
        spread,
        # The scale is for refits; the standard error needs none.
        intercept=np.append(spread.intercept, error / spread.scale),
        steps=tuple(widen(w * steps) for w, steps in zip(weights, spread.steps, strict=True)),
        slopes=widen(weights[:, None] * spread.slopes),
        pairs=tuple(
            ((i, j), widen(0.5 * (weights[i] + weights[j]) * table))
            for (i, j), table in spread.pairs
        ),
    )
