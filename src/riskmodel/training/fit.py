"""Fits a risk model on a table of cases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.model.curve_fitting import fit_curve
from riskmodel.model.encoding import encode_fields, find_input_specs
from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.model.risk_model import Provenance, RiskModel
from riskmodel.model.spread import HIDDEN_DEVIATION, find_spread, unlearned_deviation
from riskmodel.stats.censoring import censoring_weights
from riskmodel.training.leak_guards import refuse_leaks

__all__ = [
    "FittedModel",
    "TrainingRows",
    "TrainingSettings",
    "find_training_rows",
    "fit_risk_model",
]

FloatArray = npt.NDArray[np.float64]
FEWEST_PER_STATE = 2
FEWEST_PERSONS = 4
MOST_HIDDEN = 3.0


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a model is trained.

    Parameters
    ----------
    n_refits : int
        Bootstrap refits that the tables are averaged over, default=24.
    n_folds : int
        Folds of every cross-validation, default=5.
    pair_terms : bool
        Whether pair terms may be admitted, default=True.
    hidden_deviation : float
        How far true risks of cases with the same facts lie apart: a standard deviation in
        log-odds, default=HIDDEN_DEVIATION (0.6, that of the synthetic cases). It widens every
        case's interval and cannot be learned from outcomes; 0 gives intervals of the risk given the
        facts.
    seed : int
        Seed of everything random, default=0.
    n_jobs : int
        Processes, default=1. The result does not depend on it.
    """

    n_refits: int = 24
    n_folds: int = 5
    pair_terms: bool = True
    hidden_deviation: float = HIDDEN_DEVIATION
    seed: int = 0
    n_jobs: int = 1

    def __post_init__(self) -> None:
        for name, least in (("n_refits", 2), ("n_folds", 2), ("seed", 0)):
            if getattr(self, name) < least:
                msg = f"{name} must be at least {least}, got {getattr(self, name)}."
                raise ValueError(msg)
        if not 0 <= self.hidden_deviation <= MOST_HIDDEN:
            msg = f"hidden_deviation must lie in 0..{MOST_HIDDEN:g}, got {self.hidden_deviation}."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Rows laid out for fitting at the primary horizon.

    Parameters
    ----------
    X : ndarray of float, shape (n, n_indicators)
        Encoded indicators.
    long_course : ndarray of float, shape (n,)
        1 or 0; 0 where unknown, with weight 0.
    weight : ndarray of float, shape (n,)
        Inverse probability of the state being seen; 0 where it was not. Where the table has
        case weights, times these.
    """

    X: FloatArray
    long_course: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True)
class FittedModel:
    """A model and what only its training knows.

    Parameters
    ----------
    model : RiskModel
        Ready to score.
    estimator : AdditiveRiskClassifier
        The fitted estimator behind the tables.
    rows : TrainingRows
        What it was fitted on.
    """

    model: RiskModel
    estimator: AdditiveRiskClassifier
    rows: TrainingRows


def find_training_rows(table: CaseTable) -> TrainingRows:
    """Lay out a table for fitting.

    Courses still open before the horizon are never counted as short: they get weight 0,
    and closed ones like them stand in for them. Where the table has case weights, each row
    counts for as many cases as it stands for, so that the level of risk is that of the
    population that the cases were drawn from, and not of the draw.

    Raises
    ------
    InputError
        If the table has no outcomes, or too few long or short courses to learn from.
    """
    codebook = table.codebook
    if table.outcomes is None:
        msg = f"{table.source}: training needs the outcome columns of the codebook; add them."
        raise InputError(msg)
    horizon = codebook.primary_horizon
    status = table.outcomes.status_at(horizon)
    duration = np.maximum(table.outcomes.duration_weeks, table.assessed_week)
    case_weight = np.ones(len(table)) if table.case_weight is None else table.case_weight
    weight = case_weight * censoring_weights(
        duration, table.outcomes.ended, table.assessed_week, horizon, sample_weight=case_weight
    )
    asked = status.known & (table.assessed_week < horizon)
    weight = np.where(asked, weight, 0.0)
    long_course = np.where(asked, status.long_course, 0.0)
    n_long = int(long_course.sum())
    n_short = int(asked.sum()) - n_long
    if min(n_long, n_short) < FEWEST_PER_STATE:
        msg = (
            f"Training needs at least {FEWEST_PER_STATE} courses longer and {FEWEST_PER_STATE} "
            f"shorter than {horizon:g} weeks, got {n_long} and {n_short}; add cases or choose "
            "another primary_horizon in the codebook."
        )
        raise InputError(msg)
    if len(np.unique(table.group[asked])) < FEWEST_PERSONS:
        msg = f"Training needs at least {FEWEST_PERSONS} persons, got fewer; add cases."
        raise InputError(msg)
    return TrainingRows(encode_fields(table), long_course, weight)


def fit_risk_model(
    table: CaseTable, settings: TrainingSettings, *, guard_leaks: bool = True
) -> FittedModel:
    """Fit the score, the duration curve and the spread of refits.

    Parameters
    ----------
    table : CaseTable
        Closed cases, open ones among them allowed.
    settings : TrainingSettings
        How to train.
    guard_leaks : bool
        Refuse indicators that give the outcome or the person away, default=True. False is
        for parts of a table that has been guarded as a whole, such as folds.

    Raises
    ------
    InputError
        If the table cannot be learned from, or holds an indicator that is refused.
    """
    rows = find_training_rows(table)
    if guard_leaks:
        refuse_leaks(table)
    estimator = AdditiveRiskClassifier(
        find_input_specs(table.codebook),
        n_refits=settings.n_refits,
        n_folds=settings.n_folds,
        pair_terms=settings.pair_terms,
        random_state=settings.seed,
        n_jobs=settings.n_jobs,
    ).fit(rows.X, rows.long_course, sample_weight=rows.weight, groups=table.group)
    outcomes = table.outcomes
    if not isinstance(outcomes, Outcomes):
        msg = "training rows come from a table with outcomes."
        raise TypeError(msg)
    # Rows lost to sight before the primary horizon took no part in the fit, but the curve's
    # earlier weeks need them: the tables score them (they may know other rows of the person).
    held_out = np.where(
        np.isnan(estimator.held_out_score_),
        estimator.tables_.score(rows.X),
        estimator.held_out_score_,
    )
    curve = fit_curve(
        held_out,
        table.assessed_week,
        outcomes,
        table.codebook.primary_horizon,
        table.codebook.horizons,
        table.codebook.outcome.max_weeks,
        case_weight=table.case_weight,
        groups=table.group,
    )
    model = RiskModel(
        codebook=table.codebook,
        tables=estimator.tables_,
        curve=curve,
        spread=find_spread(
            estimator.tables_,
            estimator.refits_,
            unlearned=unlearned_deviation(estimator.effective_events_),
            hidden=settings.hidden_deviation,
        ),
        provenance=_describe(table, rows, settings, estimator),
    )
    return FittedModel(model, estimator, rows)


def _describe(
    table: CaseTable,
    rows: TrainingRows,
    settings: TrainingSettings,
    estimator: AdditiveRiskClassifier,
) -> Provenance:
    known = rows.weight > 0
    choice = estimator.choice_
    recipe = {
        "ridge_penalty": choice.penalty,
        "tree_rounds": float(choice.n_rounds),
        "pair_rounds": float(choice.n_pair_rounds),
        "joint_rounds": float(choice.n_joint_rounds),
        "pair_terms": float(len(choice.pairs)),
        "pair_gain": float(estimator.pair_gain_),
        "shrinkage": float(estimator.shrinkage_),
        "effective_events": float(estimator.effective_events_),
        "refits": float(len(estimator.refits_)),
        "hidden_deviation": float(settings.hidden_deviation),
    }
    return Provenance(
        data_kind=table.codebook.data_kind,
        data_fingerprint=fingerprint_cases(table),
        n_rows=len(table),
        n_persons=len(np.unique(table.group)),
        n_sites=len(np.unique(table.site)),
        n_known=int(known.sum()),
        n_events=int(rows.long_course[known].sum()),
        event_share=float(rows.weight @ rows.long_course / rows.weight.sum()),
        seed=settings.seed,
        package_version=version("riskmodel"),
        recipe=recipe,
    ).without_small_cells()


def fingerprint_cases(table: CaseTable) -> str:
    """Return a sha256 over the table's content; the order of rows matters."""
    digest = hashlib.sha256()
    parts = {
        "case_id": table.case_id,
        "group": table.group,
        "site": table.site,
        "assessed_week": table.assessed_week,
    }
    if table.outcomes is not None:
        parts["duration_weeks"] = table.outcomes.duration_weeks
        parts["ended"] = table.outcomes.ended
    if table.case_weight is not None:
        parts["case_weight"] = table.case_weight
    frame = pd.concat([pd.DataFrame(parts), table.fields], axis=1)
    digest.update("|".join(map(str, frame.columns)).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()
