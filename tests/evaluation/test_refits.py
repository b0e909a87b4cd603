"""Key indicators and instability from refits, sample size and learning curve."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from riskmodel.domain.cases import CaseTable
from riskmodel.errors import InputError
from riskmodel.evaluation import indicator_prices
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.indicator_prices import (
    keep_indicators,
    measure_few_fields,
    measure_price_by_refit,
    price_by_refit,
)
from riskmodel.evaluation.instability import InstabilityRecord, measure_instability
from riskmodel.evaluation.key_indicators import KeyIndicators, find_key_indicators
from riskmodel.evaluation.learning_curve import (
    LearningCurve,
    _extend,
    _split,
    compute_learning_curve,
)
from riskmodel.evaluation.refit_spread import RefitSpread, measure_refit_spread
from riskmodel.evaluation.refits import refit_tables, size_in_points
from riskmodel.evaluation.sample_size import (
    SampleSizeJudgement,
    count_parameters,
    judge_sample_size,
)
from riskmodel.stats.logistic import sigmoid
from riskmodel.training.fit import FittedModel, TrainingSettings, fit_risk_model

MakeTable = Callable[..., CaseTable]


@pytest.fixture(scope="session")
def training(make_table: MakeTable) -> CaseTable:
    return make_table(240, 1)


@pytest.fixture(scope="session")
def fitted(training: CaseTable) -> FittedModel:
    return fit_risk_model(training, TrainingSettings(n_refits=6, n_folds=2, pair_terms=False))


def test_refits_average_to_the_model_and_leave_persons_out(
    training: CaseTable, fitted: FittedModel
) -> None:
    refits = list(refit_tables(fitted, training.group))
    assert len(refits) == 6
    X = fitted.rows.X
    mean = np.mean([one.tables.contributions(X) for one in refits], axis=0)
    own = fitted.model.tables.contributions(X)
    # Each refit is centred on its own draw.
    np.testing.assert_allclose(mean - mean.mean(axis=0), own - own.mean(axis=0), atol=1e-6)
    for one in refits:
        assert 0.2 < one.unseen.mean() < 0.5
        assert not set(training.group[one.unseen]) & set(training.group[~one.unseen])


def test_points_add_up_to_the_difference_in_risk(fitted: FittedModel) -> None:
    tables, X = fitted.model.tables, fitted.rows.X
    points = size_in_points(tables, X)
    base = sigmoid(np.array([tables.values.intercept]))[0]
    np.testing.assert_allclose(points.sum(axis=1), 100 * (sigmoid(tables.score(X)) - base))


def test_the_field_that_matters_comes_first(training: CaseTable, fitted: FittedModel) -> None:
    found = find_key_indicators(fitted, training.group)
    assert found.roles[0].name == "expected_weeks"
    assert found.roles[0].among_first == 1
    assert found.roles[0].price_brier.value > 0.01
    assert found.roles[0].price_auc.value > 0.03
    noise = next(one for one in found.roles if one.name == "noise")
    assert abs(noise.price_brier.value) < 0.01
    points = [one.mean_points.value for one in found.roles]
    assert points == sorted(points, reverse=True)
    again = KeyIndicators.from_mapping(json.loads(json.dumps(found.to_mapping())))
    assert again.to_mapping() == found.to_mapping()
    assert list(found.compute_roles()["indicator"]) == [one.name for one in found.roles]


def test_instability_is_about_bands_of_cases(training: CaseTable, fitted: FittedModel) -> None:
    found = measure_instability(fitted, training.group, min_cell=5)
    risks = np.array(
        [sigmoid(one.tables.score(fitted.rows.X)) for one in refit_tables(fitted, training.group)]
    )
    own = sigmoid(fitted.model.tables.score(fitted.rows.X))
    assert found.mape == pytest.approx(np.abs(risks - own).mean())
    assert 0 < found.mape <= found.mape_90 < 0.5
    assert found.switched["0.5"] == pytest.approx(np.mean((risks >= 0.5) != (own >= 0.5)))
    X, own_table = fitted.rows.X, fitted.model.tables
    agreed = []
    for one in refit_tables(fitted, training.group):
        pairs = zip(own_table.contributions(X), one.tables.contributions(X), strict=True)
        tops = [[set(np.argsort(-np.abs(c), kind="stable")[:3]) for c in pair] for pair in pairs]
        agreed += [len(mine & theirs) / 3 for mine, theirs in tops]
    assert found.same_strongest == pytest.approx(np.mean(agreed))
    shown = found.compute_bands()
    assert (shown["n_rows"] >= 5).all()
    assert (shown["low"] <= shown["high"]).all()
    for band in found.bands:
        assert band.n_rows >= 5 or (band.n_rows == -1 and np.isnan(band.mape))
    text = json.dumps(found.to_mapping(), allow_nan=False)
    assert json.dumps(InstabilityRecord.from_mapping(json.loads(text)).to_mapping()) == text


def test_leaving_out_is_judged_on_the_same_rows(
    make_table: MakeTable,
    score_by: Callable[..., HeldOutScores],
    monkeypatch: pytest.MonkeyPatch,
    quick: TrainingSettings,
    training: CaseTable,
    fitted: FittedModel,
) -> None:
    table = make_table(300, 5)
    weeks = table.fields["expected_weeks"].fillna(20).to_numpy()
    good = score_by(table, sigmoid(0.08 * weeks - 2.2))
    plain = np.random.default_rng(0).uniform(0.35, 0.45, 300)
    asked = []

    def stub(given: CaseTable, *_: object, **__: object) -> HeldOutScores:
        names = [one.name for one in given.codebook.indicators]
        asked.append(names)
        return good if "expected_weeks" in names else score_by(table, plain)

    monkeypatch.setattr(indicator_prices, "cross_validate", stub)
    prices = measure_price_by_refit(table, quick, good, ["expected_weeks", "noise"], n_bootstrap=20)
    brier, area = prices["expected_weeks"]
    assert brier.low > 0
    assert area.low > 0.1
    assert prices["noise"][0].value == prices["noise"][1].value == 0
    assert asked[0] == ["noise", "diagnosis_group", "assessed_week"]
    few = measure_few_fields(
        table, quick, good, ["expected_weeks", "noise"], sizes=(1, 2), n_bootstrap=5
    )
    assert [one.names for one in few] == [("expected_weeks",)]
    assert few[0].share_of_gain == pytest.approx(1)
    assert keep_indicators(table, ["noise"]).codebook.audit_fields == table.codebook.audit_fields
    asked.clear()
    told: list[str] = []
    key = price_by_refit(
        find_key_indicators(fitted, training.group), table, quick, good, most=2, n_bootstrap=5,
        on_step=told.append,
    )  # fmt: skip
    assert len(told) == len(asked) == 3
    by_name = {one.name: one for one in key.roles}
    assert by_name["expected_weeks"].price_method == "refitted without it"
    assert by_name["expected_weeks"].price_brier.value == brier.value
    assert by_name["assessed_week"].price_method == "permuted among unseen cases"
    assert [len(one.names) for one in key.few] == [1]
    again = KeyIndicators.from_mapping(json.loads(json.dumps(key.to_mapping())))
    assert again.to_mapping() == key.to_mapping()


def test_the_spread_over_refits_holds_both_kinds_of_chance(
    training: CaseTable, fitted: FittedModel
) -> None:
    found = measure_refit_spread(fitted, training.group)
    assert found.n_refits == 6
    y, X = fitted.rows.long_course, fitted.rows.X
    by_hand = [
        brier_score_loss(y[one.unseen], sigmoid(one.tables.score(X[one.unseen])))
        for one in refit_tables(fitted, training.group)
    ]
    assert found.brier.value == pytest.approx(np.mean(by_hand))
    low, high = np.quantile(by_hand, (0.05, 0.95))
    assert (found.brier.low, found.brier.high) == pytest.approx((low, high))
    assert 0.6 < found.auc.low <= found.auc.value <= found.auc.high <= 1
    assert found.brier_optimism > 0
    assert found.auc_optimism > 0
    again = RefitSpread.from_mapping(json.loads(json.dumps(found.to_mapping())))
    assert again.to_mapping() == found.to_mapping()


def test_the_curve_finds_a_known_law() -> None:
    sizes = np.array([50.0, 100, 200])
    ahead = np.array([300.0, 800.0])
    values = np.tile(0.2 + 3 / sizes, (4, 1))
    np.testing.assert_allclose(_extend(sizes, values, ahead, 1.0), 0.2 + 3 / ahead)
    worse = np.tile(0.2 - 3 / sizes, (4, 1))
    np.testing.assert_allclose(_extend(sizes, worse, ahead, 1.0), worse[:, -1].mean())
    uneven = values + np.array([0.0, 0.05, -0.01])[: values.shape[1]]
    assert (_extend(sizes, uneven, ahead, 1.0) <= uneven[:, -1].mean()).all()
    holes = values.copy()
    holes[0, 0] = np.nan
    np.testing.assert_allclose(_extend(sizes, holes, ahead, 1.0), 0.2 + 3 / ahead)


def test_splits_are_nested_and_keep_persons_apart(make_table: MakeTable) -> None:
    table = make_table(180)
    persons = np.unique(table.group)
    small, test = _split(table, persons, 1, 30, 0)
    large, same = _split(table, persons, 1, 50, 0)
    assert np.array_equal(test, same)
    assert np.all(large[small])
    assert not set(table.group[large]) & set(table.group[test])
    assert len(np.unique(table.group[small])) == 30


@pytest.mark.slow
def test_a_learning_curve_of_a_tiny_table(make_table: MakeTable, quick: TrainingSettings) -> None:
    curve = compute_learning_curve(
        make_table(120, rows_per_person=1), quick, sizes=(40, 70), n_draws=2
    )
    assert [one.n_persons for one in curve.measured] == [40, 70]
    assert [one.n_draws for one in curve.measured] == [2, 2]
    assert curve.now.n_persons == 120
    assert curve.more["500"].n_persons == 620
    briers = [curve.now.brier.value, *(curve.more[key].brier.value for key in ("50", "200", "500"))]
    assert briers == sorted(briers, reverse=True)
    assert curve.gain["500"].value == pytest.approx(briers[0] - briers[-1])
    text = json.dumps(curve.to_mapping(), allow_nan=False)
    assert json.dumps(LearningCurve.from_mapping(json.loads(text)).to_mapping()) == text
    assert list(curve.compute_points()["measured"]) == [True, True, False, False, False, False]
    with pytest.raises(InputError, match="two sizes"):
        compute_learning_curve(make_table(60, rows_per_person=2), quick)


def test_sample_size_agrees_with_published_needs(make_table: MakeTable) -> None:
    table = make_table(200, 2)
    assert count_parameters(table) == 5
    found = judge_sample_size(table)
    assert found.n_persons == 100
    assert not found.enough
    assert found.needed == max(found.for_shrinkage, found.for_optimism, found.for_mean_risk)
    assert 0 < found.expected_shrinkage < 0.9
    again = SampleSizeJudgement.from_mapping(json.loads(json.dumps(found.to_mapping())))
    assert again == found
