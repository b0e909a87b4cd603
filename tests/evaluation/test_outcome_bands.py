"""Counts of like cases: true to the rows, never of too few persons."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.outcome_bands import (
    MIN_COMPARED,
    OutcomeBand,
    bands_from_mapping,
    bands_to_mapping,
    count_outcomes,
    find_band,
)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 600), per_person=st.integers(1, 3))
def test_counts_are_those_of_the_rows_and_never_of_few(seed, n, per_person):
    rng = np.random.default_rng(seed)
    risk = rng.beta(0.8, 1.5, n)
    risk[rng.random(n) < 0.05] = np.nan
    person = np.array([f"P{one // per_person}" for one in range(n)])
    long_course = (rng.random(n) < np.nan_to_num(risk)).astype(float)
    known = rng.random(n) < 0.9
    bands = count_outcomes(risk, person, long_course, known)
    assert len(bands) != 1
    if bands:
        assert (bands[0].low, bands[-1].high) == (0.0, 1.0)
        assert all(one.high == other.low for one, other in pairwise(bands))
    for band in bands:
        seen = known & (risk >= band.low) & ((risk < band.high) | (band.high == 1.0))
        n_long = len(set(person[seen & (long_course == 1)]))
        n_short = len(set(person[seen & (long_course == 0)]))
        assert band.persons == len(set(person[seen])) >= MIN_COMPARED
        assert band.assessments == seen.sum()
        if n_long < MIN_CELL:
            assert (band.long_assessments, band.few) == (None, "long")
        elif n_short < MIN_CELL:
            assert (band.long_assessments, band.few) == (None, "short")
        else:
            assert band.long_assessments == (seen & (long_course == 1)).sum()


def test_no_count_of_few_follows_from_the_total():
    found = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(200, 1200))
        risk = rng.beta(1.2, 3, n)
        long_course = (rng.random(n) < risk) * 1.0
        bands = count_outcomes(risk, np.arange(n).astype(str), long_course, np.ones(n, dtype=bool))
        told = [one for one in bands if one.long_assessments is not None]
        hidden = sum(one.assessments for one in bands) - sum(one.assessments for one in told)
        left_long = long_course.sum() - sum(one.long_assessments for one in told)
        found += bool(bands)
        if hidden:
            assert len(bands) - len(told) > 1
            assert MIN_CELL <= left_long <= hidden - MIN_CELL
    assert found > 50


def test_few_persons_give_no_bands():
    n = 2 * MIN_COMPARED - 1
    risk = np.linspace(0.1, 0.9, n)
    person = np.arange(n).astype(str)
    known = np.ones(n, dtype=bool)
    assert count_outcomes(risk, person, (risk > 0.5) * 1.0, known) == ()
    assert count_outcomes(risk, person, (risk > 0.5) * 1.0, ~known) == ()
    one_person = np.full(1000, "P1")
    wide = np.linspace(0, 1, 1000)
    assert count_outcomes(wide, one_person, wide, np.ones(1000, dtype=bool)) == ()


def test_a_risk_finds_its_band():
    bands = (OutcomeBand(0.0, 0.3, 40, 60, None, "long"), OutcomeBand(0.3, 1.0, 40, 60, 20))
    assert [find_band(bands, one).low for one in (0.0, 0.2999, 0.3, 1.0)] == [0, 0, 0.3, 0.3]
    assert find_band((), 0.5) is None


def test_bands_survive_the_file():
    bands = (OutcomeBand(0.0, 0.3, 40, 60, None, "long"), OutcomeBand(0.3, 1.0, 40, 60, 20))
    assert bands_from_mapping(json.loads(json.dumps(bands_to_mapping(bands)))) == bands


@pytest.mark.parametrize(
    "values",
    [
        (0.3, 0.3, 40, 40, 9),
        (0.0, 1.1, 40, 40, 9),
        (0.0, 1.0, 19, 40, 9),
        (0.0, 1.0, 40, 39, 9),
        (0.0, 1.0, 40, 40, 41),
        (0.0, 1.0, 40, 40, 9, "long"),
        (0.0, 1.0, 40, 40, None),
        (0.0, 1.0, 40, 40, None, "many"),
    ],
)
def test_a_band_that_cannot_be_is_refused(values):
    with pytest.raises(ValueError, match="band"):
        OutcomeBand(*values)
