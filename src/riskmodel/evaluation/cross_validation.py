"""Figures of cases that the model did not see: the whole recipe refitted in every fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import InputError
from riskmodel.evaluation.base_rates import find_base_rates
from riskmodel.evaluation.groups import name_sites
from riskmodel.evaluation.simplest_rule import find_simplest_field, fit_simplest_rule
from riskmodel.model.challenger import fit_challenger
from riskmodel.model.encoding import encode_fields, find_input_specs
from riskmodel.model.scoring import score_cases
from riskmodel.stats.durations import FollowUp, SurvivalCurve, product_limit
from riskmodel.stats.resampling import assign_folds
from riskmodel.training.fit import TrainingSettings, find_training_rows, fit_risk_model

__all__ = [
    "MOST_SITE_FOLDS",
    "HeldOutScores",
    "count_folds",
    "cross_validate",
    "find_plain_weeks",
    "transfer_between_sites",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_SITE_FOLDS = 5
FEWEST_FOLDS = 2
PERSONS_PER_FOLD = 2


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """Figures of each row by models that saw neither it nor its person.

    NaN where no model could score the row: assessed at or after the horizon, or earlier
    than any case that the model was trained on.

    Attributes
    ----------
    horizons : tuple of float
        Horizons of `risks`, in weeks.
    primary_horizon : float
        Horizon of `risk`, `challenger_risk` and `simplest_risk`.
    fold_labels : tuple of str
        Name of each fold; sites where it was judged on sites.
    simplest_field : str
        Field of the simplest rule; empty where the codebook has none.
    fold : ndarray of int, shape (n,)
        Fold that held the row out; -1 where no model was fitted for it.
    score, risk : ndarray of float, shape (n,)
        Log-odds, and probability of lasting beyond the primary horizon.
    risks : ndarray of float, shape (n, n_horizons)
        Probability of lasting beyond each horizon; NaN where the horizon is not after the
        assessed week.
    expected_weeks, expected_weeks_low, expected_weeks_high : ndarray of float, shape (n,)
        Median duration with its 80 % interval.
    plain_weeks : ndarray of float, shape (n,)
        Median duration of the training rows still sick-listed at the assessed week.
    base_risks : ndarray of float, shape (n, n_horizons)
        Share of long courses in training among those assessed at about the same week.
    challenger_risk, simplest_risk : ndarray of float, shape (n,)
        By unrestricted trees, and by the simplest rule (NaN where there is none). Both know
        the assessed week.
    """

    horizons: tuple[float, ...]
    primary_horizon: float
    fold_labels: tuple[str, ...]
    simplest_field: str
    fold: IntArray
    score: FloatArray
    risk: FloatArray
    risks: FloatArray
    expected_weeks: FloatArray
    expected_weeks_low: FloatArray
    expected_weeks_high: FloatArray
    plain_weeks: FloatArray
    base_risks: FloatArray
    challenger_risk: FloatArray
    simplest_risk: FloatArray

    def __post_init__(self) -> None:
        n = len(self.fold)
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray) and len(value) != n:
                msg = f"{one.name} must have {n} rows like fold, got {len(value)}."
                raise ValueError(msg)
        for name in ("risks", "base_risks"):
            shape = getattr(self, name).shape
            if shape != (n, len(self.horizons)):
                msg = f"{name} must have shape {(n, len(self.horizons))}, got {shape}."
                raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.fold)

    @property
    def scored(self) -> npt.NDArray[np.bool_]:
        """Rows that a model scored."""
        return ~np.isnan(self.risk)

    @property
    def base_risk(self) -> FloatArray:
        """Share of long courses at the primary horizon, by assessed week, shape (n,)."""
        return np.asarray(self.base_risks[:, self.horizons.index(self.primary_horizon)])


def count_folds(table: CaseTable, settings: TrainingSettings) -> int:
    """Return the number of folds that `cross_validate` uses: two persons in each at least.

    Raises
    ------
    InputError
        If there are fewer than four persons.
    """
    n_persons = len(np.unique(table.group))
    n_folds = min(settings.n_folds, n_persons // PERSONS_PER_FOLD)
    if n_folds < FEWEST_FOLDS:
        msg = (
            f"Cross-validation needs at least {FEWEST_FOLDS * PERSONS_PER_FOLD} persons, got "
            f"{n_persons}; add cases."
        )
        raise InputError(msg)
    return n_folds


def cross_validate(
    table: CaseTable,
    settings: TrainingSettings,
    *,
    n_jobs: int = 1,
    on_fold: Callable[[int], None] | None = None,
) -> HeldOutScores:
    """Hold out every row once; persons are never split.

    Parameters
    ----------
    table : CaseTable
        Closed cases, open ones among them allowed.
    settings : TrainingSettings
        The recipe, refitted in whole (also its inner choices) in each of the folds.
    n_jobs : int
        Processes over folds. The result does not depend on it.
    on_fold : callable, optional
        Told the number of folds that are done, after each.

    Raises
    ------
    InputError
        If no fold leaves cases to learn from, or there are fewer than four persons.

    Notes
    -----
    Every fold holds out at least two persons, so few persons make fewer folds. Rows of a
    fold whose other rows cannot be learned from have NaN, and fold -1.
    """
    n_folds = count_folds(table, settings)
    long_course = _outcomes(table).status_at(table.codebook.primary_horizon).long_course
    rows = find_training_rows(table)
    fold = assign_folds(
        len(table),
        n_folds,
        random_state=settings.seed,
        groups=table.group,
        outcome=long_course,
    )
    labels = tuple(str(number + 1) for number in range(n_folds))
    masks = [(fold != number, fold == number) for number in range(n_folds)]
    running = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_try_hold_out)(table, train, test, replace(settings, n_jobs=1))
        for train, test in masks
    )
    parts = []
    for part in running:
        parts.append(part)
        if on_fold is not None:
            on_fold(len(parts))
    judged = [(test, part) for (_, test), part in zip(masks, parts, strict=True) if part]
    if not judged:
        known = rows.weight > 0
        n_long = int(rows.long_course[known].sum())
        msg = (
            "Cross-validation needs long and short courses outside some fold, and the table has "
            f"too few: {n_long} long and {int(known.sum()) - n_long} short at "
            f"{table.codebook.primary_horizon:g} weeks; add cases or choose another "
            "primary_horizon in the codebook."
        )
        raise InputError(msg)
    return _join(table, fold, labels, [test for test, _ in judged], [part for _, part in judged])


def transfer_between_sites(
    table: CaseTable,
    settings: TrainingSettings,
    *,
    n_jobs: int = 1,
    on_fold: Callable[[int, int], None] | None = None,
) -> HeldOutScores:
    """Judge each site by a model trained on the other sites only.

    Persons with a case in the judged site are left out of training too. More than five
    sites are put together into five groups of about the same size.

    Parameters
    ----------
    table, settings, n_jobs
        As in `cross_validate`. A site whose counterparts cannot be learned from has NaN.
    on_fold : callable, optional
        Called with the number of groups of sites judged so far, and of all.

    Raises
    ------
    InputError
        If there are fewer than two sites, or no site can be judged.
    """
    sites = np.unique(name_sites(table))
    if len(sites) < 2:
        msg = (
            f"Transfer between sites needs at least two sites, got {len(sites)}; "
            "name the site column in the codebook, or leave this part out."
        )
        raise InputError(msg)
    fold, labels = _group_sites(name_sites(table), settings.seed)
    masks = []
    for number in range(len(labels)):
        test = fold == number
        masks.append((~test & ~np.isin(table.group, table.group[test]), test))
    parts = []
    for part in Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_try_hold_out)(table, train, test, replace(settings, n_jobs=1))
        for train, test in masks
    ):
        parts.append(part)
        if on_fold is not None:
            on_fold(len(parts), len(masks))
    judged = [(test, part) for (_, test), part in zip(masks, parts, strict=True) if part]
    if not judged:
        msg = "Transfer between sites found too few cases outside every site; add cases."
        raise InputError(msg)
    tests, found = [test for test, _ in judged], [part for _, part in judged]
    return _join(table, fold, labels, tests, found)


def _group_sites(site: npt.NDArray[np.str_], seed: int) -> tuple[IntArray, tuple[str, ...]]:
    names = np.unique(site)
    if len(names) <= MOST_SITE_FOLDS:
        fold = np.searchsorted(names, site)
        return fold.astype(np.intp), tuple(map(str, names))
    fold = assign_folds(len(site), MOST_SITE_FOLDS, random_state=seed, groups=site)
    labels = [" + ".join(np.unique(site[fold == number])) for number in range(MOST_SITE_FOLDS)]
    return fold, tuple(labels)


def _outcomes(table: CaseTable) -> Outcomes:
    if table.outcomes is None:
        msg = f"{table.source}: evaluation needs the outcome columns of the codebook; add them."
        raise InputError(msg)
    return table.outcomes


def _try_hold_out(
    table: CaseTable,
    train: npt.NDArray[np.bool_],
    test: npt.NDArray[np.bool_],
    settings: TrainingSettings,
) -> dict[str, FloatArray] | None:
    try:
        return _hold_out(table, train, test, settings)
    except InputError:
        return None


def _hold_out(
    table: CaseTable,
    train: npt.NDArray[np.bool_],
    test: npt.NDArray[np.bool_],
    settings: TrainingSettings,
) -> dict[str, FloatArray]:
    """Fit everything on some rows and give all figures of others."""
    training, judged = table.take(train), table.take(test)
    fitted = fit_risk_model(training, settings, guard_leaks=False)
    model, rows = fitted.model, fitted.rows
    scored = score_cases(model, judged)
    scores = scored.scores
    week, asked = judged.assessed_week, scored.scored
    risks = np.column_stack(
        [
            np.where(week < horizon, model.curve.survival(scores.score, week, horizon), np.nan)
            for horizon in table.codebook.horizons
        ]
    )
    inputs = model.within_training_weeks(encode_fields(judged), week)
    challenger = fit_challenger(
        rows.X, rows.long_course, rows.weight, find_input_specs(table.codebook), seed=settings.seed
    )
    names = [one.name for one in table.codebook.indicators]
    week_column = table.codebook.assessed_week
    simplest = np.full(len(judged), np.nan)
    field = find_simplest_field(table.codebook)
    if field is not None:
        column = names.index(field.name)
        at = names.index(week_column) if week_column in names else None
        rule = fit_simplest_rule(
            rows.X[:, column],
            rows.long_course,
            rows.weight,
            None if at is None else rows.X[:, at],
        )
        simplest = rule.risk(inputs[:, column], None if at is None else inputs[:, at])
    found = {
        "score": scores.score,
        "risk": scores.risk,
        "expected_weeks": scores.expected_weeks,
        "expected_weeks_low": scores.expected_weeks_low,
        "expected_weeks_high": scores.expected_weeks_high,
        "plain_weeks": find_plain_weeks(training, week),
        "challenger_risk": challenger.risk(inputs),
        "simplest_risk": simplest,
    }
    found = {name: np.where(asked, values, np.nan) for name, values in found.items()}
    # Late assessments have no risk at the primary horizon, but at the later ones they do.
    early = week < model.curve.landmarks[0].landmark
    found["risks"] = np.where(early[:, None], np.nan, risks)
    shares = find_base_rates(training, table.codebook.horizons).at(week)
    found["base_risks"] = np.where(np.isnan(found["risks"]), np.nan, shares)
    return found


def find_plain_weeks(training: CaseTable, week: FloatArray) -> FloatArray:
    """Return the median duration of the training rows still sick-listed at each week.

    Parameters
    ----------
    training : CaseTable
        Courses, open ones counted as seen so far.
    week : ndarray of float, shape (n,)
        Weeks asked about; the median is never earlier.

    Raises
    ------
    InputError
        If the table has no outcomes.
    """
    outcomes = _outcomes(training)
    duration = np.maximum(outcomes.duration_weeks, training.assessed_week)
    followed = FollowUp.checked(
        duration, outcomes.ended, training.assessed_week, training.case_weight
    )
    ends, counts, at_risk = followed.tally(followed.ended[:, None])
    lasting = product_limit(counts[:, 0], at_risk)
    # That the few assessed so early had all ended says nothing of those assessed later.
    lasting[:-1][lasting[:-1] == 0] = 1.0
    curve = SurvivalCurve(ends, np.cumprod(lasting, dtype=np.float64), at_risk)
    times = np.append(curve.times, max(float(duration.max()), 0.0))
    left = np.append(curve.survival, 0.0)
    half = 0.5 * curve.at(week)
    first = np.searchsorted(-left, -half - 1e-12, side="left")
    return np.asarray(np.maximum(times[first], week), dtype=np.float64)


def _join(
    table: CaseTable,
    fold: IntArray,
    labels: tuple[str, ...],
    tests: list[npt.NDArray[np.bool_]],
    parts: list[dict[str, FloatArray]],
) -> HeldOutScores:
    n = len(table)
    whole = {name: np.full((n, *values.shape[1:]), np.nan) for name, values in parts[0].items()}
    judged = np.zeros(n, dtype=np.bool_)
    for test, part in zip(tests, parts, strict=True):
        judged |= test
        for name, values in part.items():
            whole[name][test] = values
    field = find_simplest_field(table.codebook)
    return HeldOutScores(
        horizons=table.codebook.horizons,
        primary_horizon=table.codebook.primary_horizon,
        fold_labels=labels,
        simplest_field="" if field is None else field.name,
        fold=np.where(judged, fold, -1),
        **whole,
    )
