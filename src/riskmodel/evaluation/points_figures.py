"""How good a points form is, and what it loses against the model that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.points_form import FormSettings, PointsForm, list_form_columns
from riskmodel.errors import InputError
from riskmodel.evaluation.drawn_figures import compute_points, draw_figures, find_estimate
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.judged_rows import Draw, JudgedRows, draw_all, find_judged_rows
from riskmodel.model.scoring import score_cases
from riskmodel.stats.resampling import assign_folds
from riskmodel.training.fit import TrainingSettings, fit_risk_model
from riskmodel.training.points_fitting import attach_risks, compile_points_form

__all__ = [
    "FORM_METRICS",
    "FormFigures",
    "FormRisks",
    "fit_fixed_form",
    "hold_out_folds",
    "judge_points_form",
    "read_form",
]

FloatArray = npt.NDArray[np.float64]
Design = Literal["new cases", "cross-validated"]
FORM_METRICS = ("auc", "brier", "calibration_in_the_large", "calibration_slope")
FEWEST_EVENTS = 10
N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class FormRisks:
    """Risks of the same rows, none by a form or a model that learned from their outcomes.

    Attributes
    ----------
    form : ndarray of float, shape (n,)
        As read off the form; NaN where too much is missing for it.
    model : ndarray of float, shape (n,)
        By the full model; all NaN where there is none.
    share : ndarray of float, shape (n,)
        The share of long courses said for everybody; NaN for the rows' own share.
    """

    form: FloatArray
    model: FloatArray
    share: FloatArray


@dataclass(frozen=True, slots=True)
class FormFigures:
    """Figures of a form and a model on the same rows, with 95 % intervals by person.

    Attributes
    ----------
    design : {"new cases", "cross-validated"}
        Rows that took no part in training, or rows held out in turn.
    n_rows, n_persons, n_events : int
        Assessments judged, their persons, and long courses among them.
    n_unusable : int
        Assessments with too many missing answers for the form.
    form, model, lost : mapping of str to Estimate
        `FORM_METRICS` of the form and the model, and form minus model; the last two are empty
        where there is no model.
    share_brier : float
        Brier score of the share of long courses said for everybody.
    """

    design: Design
    n_rows: int
    n_persons: int
    n_events: int
    n_unusable: int
    form: Mapping[str, Estimate]
    model: Mapping[str, Estimate]
    lost: Mapping[str, Estimate]
    share_brier: float


def judge_points_form(
    table: CaseTable,
    risks: FormRisks,
    *,
    design: Design,
    n_draws: int,
    seed: int = 0,
) -> FormFigures | None:
    """Judge a form and the model behind it on the same assessments.

    Parameters
    ----------
    table : CaseTable
        Cases with outcomes.
    risks : FormRisks
    design : {"new cases", "cross-validated"}
    n_draws, seed : int
        Draws and seed of the bootstrap by person.

    Returns
    -------
    FormFigures or None
        None with fewer than ten long or ten short courses.
    """
    with_model = bool(np.isfinite(risks.model).any())
    both = risks.form + risks.model if with_model else risks.form
    judged = find_judged_rows(table, table.codebook.primary_horizon, both)
    n_events = int(judged.y.sum())
    if min(n_events, len(judged) - n_events) < FEWEST_EVENTS:
        return None
    people = {"form": risks.form, **({"model": risks.model} if with_model else {})}
    drawn = draw_all(
        {name: _task(judged, risk) for name, risk in people.items()}, table.group, n_draws, seed
    )
    points = {
        name: compute_points(judged.y, risk[judged.rows], judged.weight)
        for name, risk in people.items()
    }
    figures = {
        name: {key: find_estimate(points[name][key], drawn[name][key]) for key in FORM_METRICS}
        for name in people
    }
    lost: dict[str, Estimate] = {}
    if with_model:
        for key in FORM_METRICS:
            gap = drawn["form"][key] - drawn["model"][key]
            lost[key] = find_estimate(points["form"][key] - points["model"][key], gap)
    given = risks.share[judged.rows]
    own = float(np.average(judged.y, weights=judged.weight))
    share = np.where(np.isnan(given), own, given)
    asked = (table.assessed_week < table.codebook.primary_horizon) & np.isnan(risks.form)
    return FormFigures(
        design=design,
        n_rows=len(judged),
        n_persons=len(np.unique(judged.person)),
        n_events=n_events,
        n_unusable=int(asked.sum()),
        form=figures["form"],
        model=figures.get("model", {}),
        lost=lost,
        share_brier=float(np.average((share - judged.y) ** 2, weights=judged.weight)),
    )


def _task(judged: JudgedRows, risk: FloatArray) -> Draw:
    def compute(counts: FloatArray) -> Mapping[str, FloatArray]:
        return draw_figures(judged.y, risk[judged.rows], judged.weight, counts[judged.rows])

    return compute


def read_form(form: PointsForm, table: CaseTable) -> FloatArray:
    """Return the risk read off a form for each row; NaN where too much is missing."""
    columns = list_form_columns(table.fields, table.assessed_week, table.codebook)
    total, usable = form.add_up(columns)
    early = table.assessed_week < table.codebook.primary_horizon
    return np.where(usable & early, form.read_risk(total), np.nan)


def hold_out_folds(
    table: CaseTable,
    form_settings: FormSettings,
    *,
    training: TrainingSettings | None = None,
    fixed: PointsForm | None = None,
    seed: int = 0,
) -> FormRisks:
    """Return risks of each row by a form made without its person.

    Parameters
    ----------
    table : CaseTable
        Cases with outcomes.
    form_settings : FormSettings
    training : TrainingSettings, optional
        Then model and form are both made anew for each fold.
    fixed : PointsForm, optional
        Points that are given; then only the risks of the sums are reckoned anew, from the
        outcomes of the other folds.
    seed : int
        Seed of the folds.

    Raises
    ------
    InputError
        If no fold can be held out.
    """
    if table.outcomes is None:
        msg = f"{table.source}: the loss in accuracy needs the outcome columns; add them."
        raise InputError(msg)
    long_course = table.outcomes.status_at(table.codebook.primary_horizon).long_course
    n_persons = len(np.unique(table.group))
    if n_persons < 2 * N_FOLDS:
        msg = f"A form needs cases of at least {2 * N_FOLDS} persons, got {n_persons}; add cases."
        raise InputError(msg)
    fold = assign_folds(
        len(table), N_FOLDS, random_state=seed, groups=table.group, outcome=long_course
    )
    nothing = np.full(len(table), np.nan)
    found = FormRisks(nothing.copy(), nothing.copy(), nothing.copy())
    for number in range(N_FOLDS):
        held, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        others = table.take(rest)
        if fixed is not None:
            form = fit_fixed_form(fixed, others, form_settings)
        elif training is not None:
            model = fit_risk_model(others, training, guard_leaks=False).model
            form = compile_points_form(model, others, form_settings)
            scored = score_cases(model, table.take(held))
            found.model[held] = np.where(scored.scored, scored.scores.risk, np.nan)
        else:
            msg = "give training settings or a fixed form."
            raise ValueError(msg)
        found.form[held] = read_form(form, table.take(held))
        judged = find_judged_rows(others, table.codebook.primary_horizon, np.zeros(len(others)))
        found.share[held] = float(np.average(judged.y, weights=judged.weight))
    return found


def fit_fixed_form(form: PointsForm, table: CaseTable, settings: FormSettings) -> PointsForm:
    """Give fixed points their risks, from the outcomes of cases."""
    judged = find_judged_rows(table, table.codebook.primary_horizon, np.zeros(len(table)))
    rows = table.take(judged.rows)
    return attach_risks(form, rows, judged.y, judged.weight, settings.min_cell)
