"""Evidence: what is read from an evaluation equals what the cases say."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.evaluation.characteristics import describe_cases
from riskmodel.evaluation.evidence import (
    FIGURES,
    Evidence,
    read_new_case_figures,
    read_training_figures,
)
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.record import EvaluationRecord, evaluate
from riskmodel.evaluation.sample_size import judge_sample_size

N = 400


@pytest.fixture(scope="module")
def table(make_table) -> CaseTable:
    return make_table(N, 3, rows_per_person=1, landmarks=(4.0,))


@pytest.fixture(scope="module")
def risk() -> np.ndarray:
    return np.random.default_rng(1).uniform(0.2, 0.8, N)


@pytest.fixture(scope="module")
def record(table, risk, score_by) -> EvaluationRecord:
    return evaluate(score_by(table, risk), table, n_bootstrap=40)


@pytest.fixture(scope="module")
def document(table, record) -> dict[str, Any]:
    parts = {
        "evaluation": record.to_mapping(),
        "transfer": record.to_mapping(),
        "sample_size": judge_sample_size(table).to_mapping(),
        "instability": {"mape": 0.07},
        "suspected_leaks": [{"subject": "noise"}],
        "data_kind": "case_records",
        "cases": {**describe_cases(table).to_mapping(), "years": [2022, 2024]},
    }
    found: dict[str, Any] = json.loads(json.dumps(parts))
    return found


def read(document: dict[str, Any], **changes: object) -> dict[str, Estimate | str]:
    return read_training_figures(document | changes, enough_persons=1)


def find_ratios(by: np.ndarray, table: CaseTable, risk: np.ndarray) -> dict[object, float]:
    long = table.outcomes.status_at(26).long_course
    levels = np.unique(by)
    return {one: long[by == one].sum() / risk[by == one].sum() for one in levels}


def test_figures_are_those_of_the_evaluation(document, record):
    found = read(document)
    figures = record.headline.figures
    for name in ("auc", "observed_expected", "calibration_slope", "calibration_in_the_large"):
        assert found[name] == figures[name]
    gap = next(one for one in record.comparisons if one.other == "simplest")
    assert found["gain_on_simplest_rule"] == gap.brier
    assert found["suspected_leaks"] == Estimate(1.0, 1.0, 1.0)
    assert found["instability"].value == pytest.approx(7.0)
    assert set(found) <= set(FIGURES)
    assert set(FIGURES) - set(found) == {
        "data_kind", "legal_basis_scoring", "legal_basis_monitoring",
        *(name for name in FIGURES if name.startswith("new_")),
    }  # fmt: skip
    Evidence(found)


@pytest.mark.parametrize(
    ("risen", "kind", "leaks"),
    [(0.0, "case_records", 1), (0.85, "case_records", 1), (0.851, "case_records", 2),
     (0.9, "public", 1), (0.96, "synthetic", 2)],
)  # fmt: skip
def test_a_leak_is_counted_whatever_the_settings_let_pass(document, record, risen, kind, leaks):
    changed = copy.deepcopy(record.to_mapping())
    for one in changed["blocks"]:
        if one["span"]["family"] == "all" and one["predictor"] == "model":
            one["figures"]["auc"]["value"] = risen
    found = read(document, evaluation=changed, data_kind=kind)
    assert found["suspected_leaks"].value == leaks
    twice = [{"subject": "noise"}, {"subject": "model"}]
    found = read(document, evaluation=changed, data_kind=kind, suspected_leaks=twice)
    assert found["suspected_leaks"].value == 2


def test_persons_against_the_criteria(document, table):
    size = judge_sample_size(table)
    found = read(document)
    assert found["persons"].value == N
    assert found["persons_rarer"].value == min(size.n_events, N - size.n_events)
    assert found["persons_for_riley"].value == N / size.needed
    assert found["persons_for_mean_risk"].value == N / size.for_mean_risk
    changed = {"n_events": N - 30, "needed": 8 * N, "for_mean_risk": N // 2}
    other = read(document, sample_size=document["sample_size"] | changed)
    assert other["persons_rarer"].value == 30
    assert other["persons_for_riley"].value == pytest.approx(1 / 8)
    assert other["persons_for_mean_risk"].value == pytest.approx(2)
    few = {**document["sample_size"], "n_events": -1}
    assert "persons_rarer" not in read(document, sample_size=few)


def test_the_furthest_group_and_site_are_those_of_the_cases(document, table, risk, record):
    found = read(document)
    ratios = {}
    for field in ("sex", "diagnosis_group"):
        by = table.fields[field].astype(str).to_numpy()
        ratios |= find_ratios(by, table, risk)
    shown = [
        one
        for one in record.blocks
        if one.span.family == "group" and one.predictor == "model" and not one.span.hidden
        and one.span.horizon_weeks == 26
    ]  # fmt: skip
    assert len(shown) == len(ratios) > 3
    furthest = max(ratios.values(), key=lambda one: abs(math.log(one)))
    assert found["furthest_group"].value == pytest.approx(furthest, rel=1e-9)
    intervals = [one.figures["observed_expected"] for one in shown]
    assert found["furthest_group"].low == min(one.low for one in intervals)
    assert found["furthest_group"].high == max(one.high for one in intervals)
    sites = find_ratios(table.site, table, risk)
    furthest = max(sites.values(), key=lambda one: abs(math.log(one)))
    assert found["transfer_furthest_site"].value == pytest.approx(furthest, rel=1e-9)
    assert found["transfer_sites_not_judged"].value == 0


def test_small_groups_and_sites_do_not_count(document):
    found = read_training_figures(document, enough_persons=N)
    for name in ("furthest_group", "transfer_furthest_site"):
        assert math.isnan(found[name].value)
    assert found["transfer_sites_not_judged"].value == 2


def test_one_site_alone_is_no_comparison(document, table):
    largest = max(np.unique(table.site, return_counts=True)[1])
    found = read_training_figures(document, enough_persons=int(largest))
    assert math.isnan(found["transfer_furthest_site"].value)
    assert found["transfer_sites_not_judged"].value == 1


def test_what_was_not_worked_out_is_not_known(document, record, table, risk, score_by):
    bare = replace(record, comparisons=(), blocks=(record.headline,)).to_mapping()
    found = read(document, evaluation=bare, transfer=None, sample_size=None, instability=None)
    assert set(found) == {
        "auc", "observed_expected", "calibration_in_the_large", "calibration_slope",
        "suspected_leaks", "furthest_group",
    }  # fmt: skip
    assert math.isnan(found["furthest_group"].value)
    without = evaluate(score_by(table, risk), table, n_bootstrap=0).to_mapping()
    assert math.isnan(read(document, evaluation=without)["auc"].low)
    assert math.isnan(read(document, evaluation=without)["furthest_group"].value)


def read_new(document: dict[str, Any], trained: dict[str, Any] | None, **changes: object) -> Any:
    return read_new_case_figures(document | changes, trained, enough_persons=1)


def test_figures_on_new_cases_have_names_of_their_own(document):
    found = read_new(document, document, unseen="compared")
    assert all(name.startswith("new_") for name in found)
    assert set(found) <= set(FIGURES)
    assert found["new_auc"] == read(document)["auc"]
    assert found["new_unseen"] == "compared"
    assert "new_unseen" not in read_new(document, document)
    Evidence(found)


@pytest.mark.parametrize(("years", "later"), [([2025, 2026], 1), ([2024], 0), ([2022, 2026], -2)])
def test_years_are_counted_from_the_last_of_training(document, years, later):
    new = document["cases"] | {"years": years}
    assert read_new(document, document, cases=new)["new_years_later"].value == later


@pytest.mark.parametrize("years", [[], None])
def test_years_that_are_not_known(document, years):
    cases = None if years is None else document["cases"] | {"years": years}
    assert "new_years_later" not in read_new(document, document, cases=cases)
    assert "new_years_later" not in read_new(document, None)


@pytest.mark.parametrize("missing", ["evaluation", "suspected_leaks", "sample_size", "transfer"])
def test_a_document_without_its_parts_is_refused(document, missing):
    part = {name: value for name, value in document.items() if name != missing}
    with pytest.raises(KeyError):
        read_training_figures(part, enough_persons=1)
