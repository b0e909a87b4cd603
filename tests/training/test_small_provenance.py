"""What a model tells of its training holds no count of few, nor anything it follows from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.evaluation.sample_size import judge_sample_size
from riskmodel.io.bundle import load_bundle, save_bundle
from riskmodel.model.documents import model_from_documents, model_to_documents
from riskmodel.model.recipe_version import RECIPE_VERSION, UNKNOWN_RECIPE
from riskmodel.model.risk_model import Provenance
from riskmodel.model.spread import unlearned_deviation
from riskmodel.report.model_card import render_model_card
from riskmodel.training.fit import FittedModel, TrainingSettings, fit_risk_model


def make_provenance(n_long: int, n_short: int, n_open: int) -> Provenance:
    known = n_long + n_short
    return Provenance(
        data_kind="synthetic",
        data_fingerprint="0" * 64,
        n_rows=known + n_open,
        n_persons=known + n_open,
        n_sites=1,
        n_known=known,
        n_events=n_long,
        event_share=n_long / known,
        seed=0,
        package_version="1",
        recipe={"effective_events": float(min(n_long, n_short)), "refits": 4.0},
    )


@given(n_long=st.integers(1, 40), n_short=st.integers(1, 40), n_open=st.integers(0, 20))
def test_no_two_small_counts_are_told_apart(n_long: int, n_short: int, n_open: int) -> None:
    told = make_provenance(n_long, n_short, n_open).without_small_cells()
    assert told.without_small_cells() == told
    few = min(n_long, n_short) < 5
    few_open = 0 < n_open < 5
    assert (told.n_events == -1) == (few or few_open)
    assert (told.n_known == -1) == few_open
    if n_long < 5 and n_short > 4 and not few_open:
        for other in range(1, 5):
            rows = make_provenance(other, n_long + n_short - other, n_open)
            if min(other, n_long + n_short - other) == other:
                assert rows.without_small_cells() == told


@given(n_long=st.integers(5, 400), n_short=st.integers(5, 400), n_open=st.integers(1, 4))
def test_few_open_courses_do_not_follow_from_the_share(
    n_long: int, n_short: int, n_open: int
) -> None:
    """What is kept fits every number of open courses from none to four."""
    told = make_provenance(n_long, n_short, n_open).without_small_cells()
    assert "effective_events" not in told.recipe
    step = max(0.01, 4 / told.n_rows)
    for n_other in range(5):
        known = told.n_rows - n_other
        shares = np.arange(known + 1) / known
        assert np.any(np.abs(shares - told.event_share) <= step / 2 + 1e-6)


@pytest.mark.parametrize("n_open", range(1, 5))
def test_few_long_and_few_open_courses_hide_both(n_open: int) -> None:
    shares = {
        make_provenance(3, 57 - one, one).without_small_cells().event_share
        for one in (n_open, n_open % 4 + 1)
    }
    assert len(shares) == 1


def test_unlearned_deviation_does_not_tell_few_courses_apart() -> None:
    assert len({unlearned_deviation(n) for n in (0.5, 2.0, 3.0, 4.9)}) == 1
    assert unlearned_deviation(3) > unlearned_deviation(5)


@pytest.fixture(scope="module")
def few_long(history: CaseTable) -> CaseTable:
    """Sixty rows, three persons of which have long courses."""
    rows = history.take(np.unique(history.group, return_index=True)[1][:60])
    weeks = np.where(np.arange(60) < 3, 60.0, np.linspace(13, 25, 60))
    ended = np.ones(60, dtype=bool)
    return replace(rows, outcomes=Outcomes(weeks, ended, ended))


@pytest.fixture(scope="module")
def small_model(few_long: CaseTable) -> FittedModel:
    return fit_risk_model(few_long, TrainingSettings(n_refits=2, pair_terms=False))


def test_a_saved_model_of_three_long_courses_does_not_say_three(
    small_model: FittedModel, tmp_path
) -> None:
    model = small_model.model
    assert model.provenance.n_events == -1
    assert model.provenance.event_share == pytest.approx(2.5 / 60)
    assert "effective_events" not in model.provenance.recipe
    saved = save_bundle(model, tmp_path / "model")
    assert load_bundle(tmp_path / "model").provenance == saved.provenance
    card = render_model_card(model, None)
    assert "long courses among them: not shown" in card
    assert "effective_events" not in card


def test_needs_of_three_long_courses_are_those_of_five(few_long: CaseTable) -> None:
    found = judge_sample_size(few_long)
    weeks = np.where(np.arange(60) < 4, 60.0, 13.0)
    ended = np.ones(60, dtype=bool)
    other = judge_sample_size(replace(few_long, outcomes=Outcomes(weeks, ended, ended)))
    assert found.n_events == -1
    assert found == other
    assert found.far_too_few


def test_a_model_saved_before_versions_of_the_recipe_loads(small_model: FittedModel) -> None:
    documents = model_to_documents(small_model.model)
    assert documents["provenance"]["recipe_version"] == RECIPE_VERSION
    del documents["provenance"]["recipe_version"]
    assert model_from_documents(documents, "x").provenance.recipe_version == UNKNOWN_RECIPE
