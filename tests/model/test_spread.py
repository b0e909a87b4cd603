"""Intervals from refits: what the directions say, and how much truth they cover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.domain.synthetic import make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.yaml_files import read_yaml
from riskmodel.model.documents import model_from_documents, model_to_documents
from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.model.scoring import score_cases
from riskmodel.model.spread import find_spread, unlearned_deviation
from riskmodel.model.tables import AdditiveTables
from riskmodel.stats.logistic import sigmoid
from riskmodel.training.fit import TrainingSettings, fit_risk_model

FloatArray = npt.NDArray[np.float64]
Draw = Callable[[int, int], tuple[CaseTable, FloatArray]]

CONFIGS = Path(__file__).parents[2] / "configs"
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
    wide = find_spread(tables, fitted.refits_, scale=1.6, unlearned=0.7, hidden=0.4)
    first = plain.standard_deviation(tables, rows, entries)
    second = wide.standard_deviation(tables, rows, entries)
    assert second == pytest.approx(np.sqrt((1.6 * first) ** 2 + 0.7**2 + 0.4**2))


def test_the_deviation_is_to_the_bit_what_adding_row_by_row_gives(
    fitted: AdditiveRiskClassifier,
) -> None:
    tables = fitted.tables_
    rows, _, _ = make_rows(50, 1)
    entries = tables.assign(rows)
    plain = find_spread(tables, fitted.refits_)
    shape = (tables.bins[0].n_entries, tables.bins[1].n_entries, len(plain.intercept))
    table = np.random.default_rng(0).normal(size=shape)
    spread = replace(plain, pairs=(((0, 1), table),), hidden=0.3)
    found = spread.standard_deviation(tables, rows, entries)
    for row in range(len(rows)):
        total = spread.intercept.copy()
        for index in range(tables.n_fields):
            total += spread.steps[index][entries[index, row]]
            if spread.slopes[index].any():
                value = tables.lines[index].values(rows[[row], index])[0]
                total += value * spread.slopes[index]
        total += table[entries[0, row], entries[1, row]]
        square = spread.scale**2 * np.einsum("ij,ij->i", total[None], total[None])
        assert found[row] == np.sqrt(square + 0.3**2)[0]


def test_the_unlearned_part_falls_with_events() -> None:
    values = [unlearned_deviation(n) for n in (0, 5, 50, 500, 5000)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(np.sqrt(0.75))
    assert values[-1] < 0.1


def test_what_cannot_be_is_refused(fitted: AdditiveRiskClassifier) -> None:
    for name, value in (("scale", -1.0), ("hidden", np.nan), ("unlearned", np.inf)):
        with pytest.raises(ValueError, match=f"{name} must be finite and not negative"):
            find_spread(fitted.tables_, fitted.refits_, **{name: value})


@pytest.fixture(scope="module")
def draw_with_truth(
    review_codebook: Codebook,
) -> Callable[[int, int], tuple[CaseTable, FloatArray]]:
    """Return a function that draws synthetic cases with their true risks: number, seed."""
    parameters = parse_synthetic_parameters(read_yaml(CONFIGS / "synthetic.yaml"), "history")

    def draw(n_cases: int, seed: int) -> tuple[CaseTable, FloatArray]:
        made = make_cases(parameters, review_codebook, n_cases=n_cases, random_state=seed)
        table = read_frame(made.frame, review_codebook, require_outcomes=True)
        return table, made.truth["true_risk_26w"].to_numpy()

    return draw


@pytest.mark.slow
@pytest.mark.parametrize(("n_cases", "seeds"), [(90, (71, 72)), (450, (81, 82))])
def test_nine_in_ten_intervals_hold_the_true_risk(
    draw_with_truth: Draw,
    n_cases: int,
    seeds: tuple[int, ...],
) -> None:
    """By the rule of the product, on seeds that had no part in settling it.

    A case has some 2.3 assessments, so these are about 200 and 1,000 rows.
    """
    covered = []
    for seed in seeds:
        table, _ = draw_with_truth(n_cases, seed)
        model = fit_risk_model(table, TrainingSettings(n_refits=12, seed=seed)).model
        judged, truth = draw_with_truth(900, 1000 + seed)
        scores = score_cases(model, judged).scores
        covered.append(np.mean((scores.risk_low <= truth) & (truth <= scores.risk_high)))
    assert 0.85 <= np.mean(covered) <= 0.95


def test_the_hidden_part_is_a_setting_and_stays_on_record(history: CaseTable) -> None:
    table = history.take(np.arange(120))
    quick = TrainingSettings(n_refits=2, n_folds=2, pair_terms=False)
    bare, usual = (
        fit_risk_model(table, replace(quick, hidden_deviation=value)).model for value in (0.0, 0.6)
    )
    assert (bare.spread.hidden, usual.spread.hidden) == (0.0, 0.6)
    assert usual.provenance.recipe["hidden_deviation"] == 0.6
    again = model_from_documents(model_to_documents(usual), "v")
    assert again.spread.hidden == 0.6
    margins = [score_cases(model, table).scores.margin for model in (bare, usual)]
    assert margins[1] ** 2 - margins[0] ** 2 == pytest.approx(np.full(120, (NORMAL_90 * 0.6) ** 2))
    with pytest.raises(ValueError, match="hidden_deviation must lie in"):
        TrainingSettings(hidden_deviation=3.5)
