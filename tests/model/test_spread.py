"""Intervals from refits: what the directions say, and how much truth they cover."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.model.spread import find_spread, unlearned_deviation
from riskmodel.model.tables import AdditiveTables
from riskmodel.stats.logistic import sigmoid

NORMAL_90 = 1.6448536269514722


def make_rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8))
    truth = X @ (0.35 * np.array([2.0, -1.5, 1, -1, 0.5, 0, 0, 0])) + 0.4 * np.abs(X[:, 1]) - 1.3
    return X, (rng.random(n) < sigmoid(truth)).astype(int), truth


@pytest.fixture(scope="module")
def fitted() -> AdditiveRiskClassifier:
    X, y, _ = make_rows(300, 0)
    return AdditiveRiskClassifier(n_refits=12).fit(X, y)


def test_directions_give_the_deviation_of_the_refits(fitted: AdditiveRiskClassifier) -> None:
    tables = fitted.tables_
    rows, _, _ = make_rows(100, 1)
    scores = [AdditiveTables(tables.bins, tables.lines, one).score(rows) for one in fitted.refits_]
    spread = find_spread(tables, fitted.refits_, scale=1.0)
    found = spread.standard_deviation(tables, rows, tables.assign(rows))
    assert found == pytest.approx(np.std(scores, axis=0, ddof=1), rel=0.03)


def test_what_no_refit_learned_adds_to_the_variance(fitted: AdditiveRiskClassifier) -> None:
    tables = fitted.tables_
    rows, _, _ = make_rows(50, 1)
    entries = tables.assign(rows)
    plain = find_spread(tables, fitted.refits_, scale=1.0)
    wide = find_spread(tables, fitted.refits_, scale=1.6, unlearned=0.7)
    first = plain.standard_deviation(tables, rows, entries)
    second = wide.standard_deviation(tables, rows, entries)
    assert second == pytest.approx(np.sqrt((1.6 * first) ** 2 + 0.7**2))


def test_the_unlearned_part_falls_with_events() -> None:
    values = [unlearned_deviation(n) for n in (0, 5, 50, 500, 5000)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(0.65, abs=0.02)
    assert unlearned_deviation(5000, hidden=0.0) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 1000])
def test_nine_in_ten_intervals_hold_the_true_risk(n: int) -> None:
    covered = []
    for seed in range(3):
        X, y, _ = make_rows(n, seed)
        model = AdditiveRiskClassifier(n_refits=12, random_state=seed).fit(X, y)
        tables = model.tables_
        unlearned = unlearned_deviation(model.effective_events_, hidden=0.0)
        spread = find_spread(tables, model.refits_, unlearned=unlearned)
        rows, _, truth = make_rows(2000, 100 + seed)
        entries = tables.assign(rows)
        margin = NORMAL_90 * spread.standard_deviation(tables, rows, entries)
        covered.append(np.mean(np.abs(tables.score(rows, entries) - truth) <= margin))
    assert 0.80 <= np.mean(covered) <= 0.99
