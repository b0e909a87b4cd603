"""The classifier: its contract, its promises about tables, and what it must not keep."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskmodel.model.binning import InputSpec
from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.model.parts import Parts
from riskmodel.stats.logistic import sigmoid

SPECS = (
    InputSpec("weeks", "number", direction=1),
    InputSpec("group", "category", 9),
    InputSpec("scale", "ordinal", 5, direction=-1),
    InputSpec("age", "number"),
)
PROMISES_OF_CHANCE = (
    "weights enter the bootstrap refits as factors on the draws of rows, so a row given "
    "twice is drawn otherwise than a row of weight two"
)
EXPECTED_TO_FAIL = {
    "check_sample_weight_equivalence_on_dense_data": PROMISES_OF_CHANCE,
    "check_sample_weight_equivalence_on_sparse_data": PROMISES_OF_CHANCE,
}


def make_rows(n: int, seed: int = 0, *, joint: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [rng.gamma(2, 5, n), rng.integers(0, 8, n), rng.integers(0, 4, n), rng.normal(45, 12, n)]
    ).astype(float)
    X[X[:, 2] == 2, 2] = 3
    score = 0.05 * X[:, 0] - 0.3 * X[:, 2] + joint * (X[:, 1] < 4) * (X[:, 3] > 45) - 1.5
    y = (rng.random(n) < sigmoid(score)).astype(int)
    X[rng.random((n, 4)) < 0.1] = np.nan
    return X, y


@pytest.fixture(scope="module")
def fitted() -> AdditiveRiskClassifier:
    X, y = make_rows(1500)
    return AdditiveRiskClassifier(SPECS, n_refits=6).fit(X, y)


@parametrize_with_checks(
    [AdditiveRiskClassifier(n_refits=3, n_folds=2)],
    expected_failed_checks=lambda _: EXPECTED_TO_FAIL,
)
def test_scikit_learn_contract(estimator: Any, check: Any) -> None:
    check(estimator)


def test_pair_terms_are_admitted_where_they_pay(fitted: AdditiveRiskClassifier) -> None:
    assert (1, 3) in fitted.choice_.pairs
    assert fitted.pair_gain_ > 10
    assert len(fitted.weights_) == 4


@pytest.mark.slow
def test_contributions_are_interventional_shap_values(fitted: AdditiveRiskClassifier) -> None:
    background, _ = make_rows(1500)
    rows, _ = make_rows(12, seed=9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shap = import_module("shap")
    explainer = shap.explainers.ExactExplainer(
        fitted.tables_.score, shap.maskers.Independent(background, max_samples=len(background))
    )
    found = explainer(rows)
    assert fitted.tables_.contributions(rows) == pytest.approx(found.values, abs=1e-6)
    # The background is the training rows, whose mean score the intercept is.
    assert found.base_values == pytest.approx(fitted.tables_.values.intercept, abs=1e-6)


@pytest.mark.parametrize(("column", "direction"), [(0, 1), (2, -1)])
def test_directions_hold_for_every_pair_of_values(
    fitted: AdditiveRiskClassifier, column: int, direction: int
) -> None:
    rows, _ = make_rows(60, seed=4)
    values = np.arange(5.0) if column == 2 else np.concatenate([[-50.0], np.linspace(0, 80, 161)])
    scores = []
    for value in values:
        changed = rows.copy()
        changed[:, column] = value
        scores.append(fitted.decision_function(changed))
    assert np.diff(direction * np.array(scores), axis=0).min() >= -1e-9


def test_unseen_values_are_neutral(fitted: AdditiveRiskClassifier) -> None:
    rows, _ = make_rows(50, seed=5)
    rows[:, 1] = 8
    assert fitted.tables_.contributions(rows)[:, 1] == pytest.approx(np.zeros(50), abs=1e-12)
    assert fitted.tables_.is_outside(rows)[:, 1].all()


def test_missing_values_never_seen_are_neutral() -> None:
    X, y = make_rows(300)
    X[np.isnan(X[:, 3]), 3] = 40.0
    model = AdditiveRiskClassifier(SPECS, n_refits=3).fit(X, y)
    rows = X[:20].copy()
    rows[:, 3] = np.nan
    assert model.tables_.contributions(rows)[:, 3] == pytest.approx(np.zeros(20), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("n", [120, 1100])
def test_same_seed_same_bytes_with_one_process_or_two(n: int) -> None:
    X, y = make_rows(n)
    one, again, two = (
        AdditiveRiskClassifier(SPECS, n_refits=4, n_jobs=jobs).fit(X, y).tables_.score(X).tobytes()
        for jobs in (1, 1, 2)
    )
    assert one == again == two


def test_one_row_alone_scores_as_in_a_batch(fitted: AdditiveRiskClassifier) -> None:
    rows, _ = make_rows(300, seed=6)
    batch = fitted.decision_function(rows)
    alone = np.array([fitted.decision_function(row[None, :])[0] for row in rows])
    assert batch.tobytes() == alone.tobytes()


def test_weights_count_only_in_proportion() -> None:
    X, y = make_rows(200)
    weight = np.random.default_rng(0).uniform(0.5, 2, 200)
    first = AdditiveRiskClassifier(SPECS, n_refits=3).fit(X, y, sample_weight=weight)
    second = AdditiveRiskClassifier(SPECS, n_refits=3).fit(X, y, sample_weight=1024 * weight)
    assert first.decision_function(X) == pytest.approx(second.decision_function(X), abs=1e-9)


def test_rows_of_weight_zero_leave_no_trace() -> None:
    X, y = make_rows(220)
    weight = np.r_[np.ones(200), np.zeros(20)]
    X[200:, 0] = 12345.678
    first = AdditiveRiskClassifier(SPECS, n_refits=3).fit(X, y, sample_weight=weight)
    second = AdditiveRiskClassifier(SPECS, n_refits=3).fit(X[:200], y[:200])
    assert first.decision_function(X).tobytes() == second.decision_function(X).tobytes()
    assert np.isnan(first.held_out_score_[200:]).all()


def test_groups_are_never_split(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = make_rows(180)
    groups = np.repeat(np.arange(60), 3)
    seen: list[np.ndarray] = []
    plain = Parts.hold_out

    def spy(self: Parts, mask: np.ndarray, *rest: Any) -> Any:
        seen.append(mask)
        return plain(self, mask, *rest)

    monkeypatch.setattr(Parts, "hold_out", spy)
    AdditiveRiskClassifier(SPECS, n_refits=2).fit(X, y, groups=groups)
    assert len(seen) >= 5
    assert all(np.isin(mask.reshape(60, 3).sum(axis=1), (0, 3)).all() for mask in seen)


def test_no_personal_extreme_is_kept() -> None:
    X, y = make_rows(400)
    X[3, 0], X[5, 3] = 987.654, -321.123
    tables = AdditiveRiskClassifier(SPECS, n_refits=3).fit(X, y).tables_
    kept = [value for one in tables.bins for value in (*one.edges, *one.limits)]
    kept += [value for line in tables.lines for value in (line.center, line.low, line.high)]
    assert not {987.654, -321.123} & set(kept)
    assert not any(abs(abs(value) - 987.654) < 0.01 for value in kept)


def test_mean_risk_is_the_share_of_events(fitted: AdditiveRiskClassifier) -> None:
    X, y = make_rows(1500)
    assert fitted.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=1e-9)


@pytest.mark.slow
def test_little_is_claimed_where_nothing_is_to_be_found() -> None:
    rng = np.random.default_rng(0)
    gaps = []
    for seed in range(5):
        X = rng.normal(size=(60, 10))
        y = (rng.random(60) < 0.15).astype(int)
        y[:2] = (0, 1)
        model = AdditiveRiskClassifier(n_refits=6, random_state=seed).fit(X, y)
        risk = model.predict_proba(rng.normal(size=(500, 10)))[:, 1]
        gaps.append(np.mean((risk - y.mean()) ** 2))
    assert np.mean(gaps) < 0.002


def test_two_classes_are_needed() -> None:
    X, _ = make_rows(50)
    with pytest.raises(ValueError, match="exactly two classes"):
        AdditiveRiskClassifier(SPECS).fit(X, np.zeros(50))
