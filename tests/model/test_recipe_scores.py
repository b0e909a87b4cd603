"""The same rows get the same scores for as long as the recipe keeps its version.

The fingerprint of the constants sees neither a number handed on by position nor two names that
change places; the scores do. After a change that was meant, raise the version and write them anew:

    RISKMODEL_REWRITE_GOLDEN=1 pytest tests/model/test_recipe_scores.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from riskmodel.model.binning import InputSpec
from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.model.recipe_version import RECIPE_VERSION
from riskmodel.stats.logistic import sigmoid

GOLDEN = Path(__file__).parents[1] / "data" / "recipe_scores.json"
SPECS = (
    InputSpec("weeks", "number", direction=1),
    InputSpec("group", "category", 9),
    InputSpec("scale", "ordinal", 4, direction=-1),
    InputSpec("age", "number"),
)
SHOWN = 12


def draw_rows(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    X = np.column_stack(
        [rng.gamma(2, 5, n), rng.integers(0, 8, n), rng.integers(0, 4, n), rng.normal(45, 12, n)]
    ).astype(float)
    joint = 2.5 * (X[:, 1] < 4) * (X[:, 3] > 45)
    y = (rng.random(n) < sigmoid(0.05 * X[:, 0] - 0.3 * X[:, 2] + joint - 1.5)).astype(int)
    X[rng.random((n, 4)) < 0.1] = np.nan
    return X, y, np.arange(n) // 2


def fit(n: int) -> AdditiveRiskClassifier:
    X, y, person = draw_rows(n)
    return AdditiveRiskClassifier(SPECS, n_refits=3).fit(X, y, groups=person)


@pytest.mark.parametrize("n", [60, 250, 900])
def test_scores_are_those_of_the_version(n: int) -> None:
    model = fit(n)
    assert bool(model.choice_.pairs) == (n == 900)
    scores = [round(float(one), 8) for one in model.decision_function(draw_rows(SHOWN)[0])]
    known = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if os.environ.get("RISKMODEL_REWRITE_GOLDEN") == "1":
        kept = known["scores"] if known["recipe_version"] == RECIPE_VERSION else {}
        found = {"recipe_version": RECIPE_VERSION, "scores": kept | {str(n): scores}}
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return
    told = "Was the recipe changed? Raise its version, and write the scores anew (see above)."
    assert known["recipe_version"] == RECIPE_VERSION, told
    np.testing.assert_allclose(scores, known["scores"][str(n)], rtol=0, atol=1e-3, err_msg=told)
