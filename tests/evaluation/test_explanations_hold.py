"""Contributions are exact: they add up to the score, and shap finds the same base value."""

from __future__ import annotations

import warnings
from importlib import import_module

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.model.scoring import score_cases
from riskmodel.training.fit import TrainingSettings, fit_risk_model


@pytest.mark.parametrize("seed", range(3))
def test_base_value_and_contributions_add_up_to_every_score(make_table, seed: int) -> None:
    table: CaseTable = make_table(120, seed)
    fitted = fit_risk_model(table, TrainingSettings(n_refits=2, n_folds=2, seed=seed))
    scores = score_cases(fitted.model, table).scores
    total = fitted.model.base_value + scores.contributions.sum(axis=1)
    assert np.abs(total - scores.score).max() < 1e-9
    # The base value is the mean score of the rows that it was trained on, to the last digits.
    mean = np.average(fitted.model.tables.score(fitted.rows.X), weights=fitted.rows.weight)
    assert fitted.model.base_value == pytest.approx(mean, abs=1e-12)


@pytest.mark.slow  # importing shap takes long
def test_shap_finds_the_same_base_value_and_the_same_values(make_table) -> None:
    table: CaseTable = make_table(150, 4, rows_per_person=1)
    fitted = fit_risk_model(table, TrainingSettings(n_refits=2, n_folds=2))
    tables, X = fitted.model.tables, fitted.rows.X
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shap = import_module("shap")
    background = shap.maskers.Independent(X, max_samples=len(X))
    found = shap.explainers.ExactExplainer(tables.score, background)(X[:12])
    np.testing.assert_allclose(found.base_values, fitted.model.base_value, atol=1e-9)
    np.testing.assert_allclose(found.values, tables.contributions(X[:12]), atol=1e-9)
