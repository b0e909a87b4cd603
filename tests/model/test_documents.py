"""A model as JSON values, and back: the same figures, and nothing that is no model."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from riskmodel.explanation.contributions import explain_case
from riskmodel.model.documents import model_from_documents, model_to_documents
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.model.spread import Spread


@pytest.fixture(scope="module")
def with_pair(fitted) -> RiskModel:
    """The small model with a pair term of two fields, made up."""
    model: RiskModel = fitted.model
    bins, rng = model.tables.bins, np.random.default_rng(4)
    shape = (bins[0].n_entries, bins[2].n_entries)
    values = replace(model.tables.values, pairs={(0, 2): rng.normal(size=shape)})
    width = len(model.spread.intercept)
    pairs = (((0, 2), rng.normal(size=(*shape, width))),)
    return replace(
        model,
        tables=replace(model.tables, values=values),
        spread=replace(model.spread, pairs=pairs),
    )


def through_json(model: RiskModel) -> RiskModel:
    documents = {
        name: json.loads(json.dumps(document, allow_nan=False))
        for name, document in model_to_documents(model).items()
    }
    return model_from_documents(documents, "made-up")


def test_figures_survive_bit_for_bit(with_pair, history):
    X, week = encode_fields(history), history.assessed_week
    again = through_json(with_pair)
    before, after = (one.score(X, week) for one in (with_pair, again))
    for name in ("score", "contributions", "risk", "margin", "expected_weeks_high", "outside"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes(), name
    assert again.version == "made-up"
    assert again.codebook == with_pair.codebook
    assert again.provenance == with_pair.provenance
    assert model_to_documents(again) == model_to_documents(with_pair)


def test_pair_terms_are_shared_by_both_fields(with_pair, fitted, history):
    X = encode_fields(history)
    added = with_pair.tables.contributions(X) - fitted.model.tables.contributions(X)
    if not fitted.model.tables.values.pairs:
        np.testing.assert_allclose(added[:, 0], added[:, 2], atol=1e-12)
        assert np.abs(added[:, 0]).max() > 0.1
        assert not np.delete(added, [0, 2], axis=1).any()


@pytest.mark.parametrize("fields", [[2, 0], [0, 0], [0, 99], [-1, 2], [0], "ab", None])
def test_a_pair_of_no_two_fields_is_refused(with_pair, fields):
    documents = json.loads(json.dumps(model_to_documents(with_pair)))
    documents["tables"]["pairs"][0]["fields"] = fields
    with pytest.raises((ValueError, TypeError, IndexError)):
        model_from_documents(documents, "made-up")


@pytest.mark.parametrize(
    ("part", "key"),
    [("tables", "steps"), ("tables", "edges"), ("spread", "slopes"), ("curve", "at_low")],
)
def test_figures_that_are_not_finite_are_refused(fitted, part, key):
    documents = json.loads(json.dumps(model_to_documents(fitted.model)))
    holder = documents[part]
    while key not in holder:
        holder = next(
            one for name in ("fields", "landmarks") for one in holder.get(name, ()) if one.get(key)
        )
    values = holder[key]
    while isinstance(values[0], list):
        values = values[0]
    values[0] = float("nan")
    with pytest.raises(ValueError, match="finite"):
        model_from_documents(documents, "made-up")


def test_a_model_that_found_nothing_still_explains_itself(fitted, history):
    """All tables zero, as where few cases are shrunk to their share."""
    model = fitted.model
    values = replace(
        model.tables.values,
        steps=tuple(np.zeros_like(one) for one in model.tables.values.steps),
        slopes=np.zeros_like(model.tables.values.slopes),
        pairs={},
    )
    spread = Spread(
        model.spread.intercept,
        tuple(np.zeros_like(one) for one in model.spread.steps),
        np.zeros_like(model.spread.slopes),
        (),
        model.spread.scale,
    )
    flat = replace(model, tables=replace(model.tables, values=values), spread=spread)
    cases = score_cases(flat, replace(history, assessed_week=history.assessed_week + 0.7))
    for row in range(20):
        found = explain_case(cases, row)
        others = [one.points for one in found.contributions if one.field != "assessed_week"]
        assert not np.any(others)
