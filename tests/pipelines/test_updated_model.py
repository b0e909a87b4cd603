"""A model that was updated with local cases, at work: what stays true, and what it must say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.io.bundle import load_bundle, save_bundle
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.explain import explain
from riskmodel.pipelines.score import FITNESS, score
from riskmodel.training.updating import update_model

POLICY = Path(__file__).parents[2] / "configs" / "visitation" / "lejre-greve.yaml"


@pytest.fixture(scope="module")
def local(history: CaseTable) -> CaseTable:
    """Return one assessment a person whose courses are far shorter than in training."""
    _, rows = np.unique(history.group, return_index=True)
    table = history.take(np.sort(rows))
    duration = np.where(np.arange(len(table)) % 12 == 0, 40.0, 20.0)
    ended = np.ones(len(table), dtype=bool)
    return replace(table, outcomes=Outcomes(duration, ended, ended.copy()))


@pytest.fixture(scope="module")
def updated(fitted, local) -> RiskModel:
    found = update_model(fitted.model, local)
    assert found.update.step != "leave"
    return found.model


@pytest.fixture(scope="module")
def updated_bundle(updated: RiskModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("updated") / "model"
    save_bundle(updated, folder)
    return folder


def test_it_comes_back_as_it_was_saved(updated, updated_bundle, local):
    again = load_bundle(updated_bundle)
    assert again.provenance == updated.provenance
    assert again.provenance.is_updated
    before, after = (score_cases(one, local).scores for one in (updated, again))
    assert np.array_equal(before.score, after.score)
    assert np.array_equal(before.margin, after.margin)


def test_scores_come_with_the_warning_that_it_was_not_judged(updated_bundle, open_file, tmp_path):
    """Its parent's figures are not its own; without any, silence would look like approval."""
    found = score([open_file], model_path=updated_bundle, out=tmp_path / "scores.csv")
    assert found.scored == 30
    assert FITNESS["not_judged"] in found.notes


def test_pages_cope_without_counts_of_earlier_courses(updated_bundle, open_file, tmp_path):
    told = {}
    for lang in ("da", "en"):
        explain([open_file], model_path=updated_bundle, policy_path=POLICY,
                out=tmp_path / lang, lang=lang)  # fmt: skip
        pages = {one.name: one.read_text() for one in (tmp_path / lang).rglob("*.html")}
        assert "index.html" in pages
        told[lang] = next(text for name, text in pages.items() if name != "index.html")
    assert "beregningen er tilpasset lokale sager" in told["da"]
    assert "Der er ikke tal at sammenligne med" in told["da"]
    assert "the calculation was fitted to local cases" in told["en"]


def test_a_model_that_was_not_updated_is_silent_on_it(bundle, open_file, tmp_path):
    found = score([open_file], model_path=bundle, out=tmp_path / "scores.csv")
    assert FITNESS["not_judged"] not in found.notes
    assert not load_bundle(bundle).provenance.is_updated
