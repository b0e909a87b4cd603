"""Cases drawn with unequal chances: the model is that of the population, not of the draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.review_sampling import correct_intercept, draw_sample
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.table_writing import case_frame, write_table
from riskmodel.io.tables import read_cases
from riskmodel.model.encoding import encode_fields
from riskmodel.stats.logistic import log_odds, sigmoid
from riskmodel.training.fit import TrainingSettings, find_training_rows, fit_risk_model

QUICK = TrainingSettings(n_refits=4, n_folds=3, pair_terms=False)


@pytest.fixture(scope="module")
def population(review_codebook, draw_cases) -> CaseTable:
    """1,600 synthetic cases, each at intake."""
    frame = draw_cases("history", 1600, 11)
    first = frame.drop_duplicates("case_id").drop_duplicates("person_id")
    return read_frame(first.reset_index(drop=True), review_codebook, require_outcomes=True)


@pytest.fixture(scope="module")
def drawn(population: CaseTable) -> CaseTable:
    """All long courses and one in four of the short ones, with their weights."""
    long_course = population.outcomes.status_at(26).long_course
    n_long, n_short = int(long_course.sum()), int((long_course == 0).sum())
    n_drawn = n_short // 4
    sample = draw_sample(
        pd.Series(np.where(long_course == 1, "long", "short")),
        n_long + n_drawn,
        share={"long": n_long, "short": n_drawn},
        seed=3,
    )
    assert {round(one.fraction, 2) for one in sample.strata} == {1.0, 0.25}
    return replace(population.take(sample.rows), case_weight=1 / sample.fraction)


def test_rows_count_for_the_cases_that_they_stand_for(drawn: CaseTable) -> None:
    weighted, plain = (
        find_training_rows(drawn),
        find_training_rows(replace(drawn, case_weight=None)),
    )
    np.testing.assert_allclose(weighted.weight, plain.weight * drawn.case_weight)


def test_one_weight_for_all_changes_nothing(history: CaseTable) -> None:
    heavy = replace(history, case_weight=np.full(len(history), 7.0))
    models = [fit_risk_model(one, QUICK).model for one in (history, heavy)]
    X = encode_fields(history)
    first, second = (one.score(X, history.assessed_week) for one in models)
    np.testing.assert_allclose(second.score, first.score, atol=1e-6)
    np.testing.assert_allclose(second.expected_weeks, first.expected_weeks, atol=1e-4)


@pytest.mark.slow
def test_a_draw_by_outcome_recovers_the_level_of_the_population(
    population: CaseTable, drawn: CaseTable
) -> None:
    share = population.outcomes.status_at(26).long_course.mean()
    X, week = encode_fields(population), population.assessed_week
    weighted = fit_risk_model(drawn, QUICK).model
    plain = fit_risk_model(replace(drawn, case_weight=None), QUICK).model
    risk, naive = (one.score(X, week).risk for one in (weighted, plain))
    assert risk.mean() == pytest.approx(share, abs=0.03)
    assert naive.mean() > share + 0.2
    assert weighted.provenance.event_share == pytest.approx(share, abs=0.01)
    # The whole curve follows: the share beyond 12 weeks, too.
    score = weighted.score(X, week).score
    beyond = weighted.curve.survival(score, week, 12.0).mean()
    assert beyond == pytest.approx((population.outcomes.duration_weeks > 12).mean(), abs=0.04)
    # Prentice and Pyke: without weights only the level is wrong, by the log of the fractions.
    level = np.median(log_odds(naive) - log_odds(risk))
    assert level == pytest.approx(-correct_intercept(0.0, 1.0, 0.25), abs=0.35)


def test_weights_are_read_and_written_with_the_cases(
    drawn: CaseTable, review_codebook, tmp_path
) -> None:
    path = tmp_path / "cases.parquet"
    write_table(case_frame(drawn), path)
    again = read_cases(path, review_codebook)
    np.testing.assert_array_equal(again.case_weight, drawn.case_weight)
    assert read_cases(path, review_codebook).take(np.array([2, 0])).case_weight.tolist() == [
        drawn.case_weight[2],
        drawn.case_weight[0],
    ]


@pytest.mark.parametrize("value", [0.25, np.nan])
def test_a_fraction_or_a_gap_is_no_weight(drawn: CaseTable, review_codebook, value) -> None:
    frame = case_frame(drawn.take(np.arange(20)))
    frame["case_weight"] = value
    with pytest.raises(Exception, match="case_weight"):
        read_frame(frame, review_codebook)


def test_weights_must_be_positive(drawn: CaseTable) -> None:
    with pytest.raises(ValueError, match="case_weight must be finite and above 0"):
        replace(drawn, case_weight=np.zeros(len(drawn)))


def test_the_level_of_a_weighted_intercept_is_the_populations() -> None:
    """The identity behind it, on odds alone: one long in five, drawn 4 to 1."""
    assert sigmoid(correct_intercept(0.0, 1.0, 0.25)) == pytest.approx(0.2)
