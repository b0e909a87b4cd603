"""The evidence gate on models that were really trained, judged and registered."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskmodel.errors import GateError, InputError, ModelError
from riskmodel.evaluation.evidence import WORDS
from riskmodel.evaluation.promotion import LEVELS
from riskmodel.io.bundle import load_bundle, save_bundle
from riskmodel.io.promotion_rules import read_rules
from riskmodel.io.run_record import RunRecord, ServedModel
from riskmodel.io.strict_json import encode_json
from riskmodel.io.table_writing import write_table
from riskmodel.io.tracking import load_registered, log_run
from riskmodel.io.tracking_store import find_store
from riskmodel.io.yaml_files import read_yaml
from riskmodel.pipelines.evaluate import evaluate
from riskmodel.pipelines.promote import PromotionReport, judge_promotion, promote
from riskmodel.pipelines.train import train
from riskmodel.pipelines.unseen_cases import UNSEEN

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[2] / "configs"
RULES = CONFIGS / "promotion.yaml"
FAST = "refits: 2\nfolds: 2\npair_terms: false\njobs: 1\nbootstrap_draws: 50\n"
TODAY = dt.date(2026, 11, 23)
STANDIN = """
import mlflow
import pandas as pd

class Standin(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        return model_input

mlflow.models.set_model(Standin())
"""


@pytest.fixture(scope="module")
def place(draw_cases, tmp_path_factory) -> Path:
    """Train a small model, and judge it on new cases."""
    folder = tmp_path_factory.mktemp("promotion")
    write_table(draw_cases("history", 100, 8), folder / "history.csv")
    new = draw_cases("history", 80, 9)
    for name in ("case_id", "person_id"):
        new[name] = "NEW-" + new[name]
    write_table(new, folder / "new.csv")
    (folder / "fast.yaml").write_text(FAST)
    train(
        folder / "history.csv",
        codebook_path=CONFIGS / "codebook.yaml",
        out=folder / "model",
        config_path=folder / "fast.yaml",
        track=False,
    )
    evaluate(
        folder / "model",
        [folder / "new.csv"],
        trained_on=[folder / "history.csv"],
        out=folder / "report",
    )
    return folder


@pytest.fixture(scope="module")
def report(place) -> PromotionReport:
    return judge_promotion(
        place / "model", evaluation=place / "report", rules=RULES, legal_basis=place / "none.yaml"
    )


def test_every_figure_that_the_rules_name_is_really_produced(report):
    known = {one.requirement.figure: one.found for one in report.record.findings}
    asked = {each.figure for one in read_rules(RULES).levels for each in one.requires}
    assert set(known) == asked
    missing = [
        name
        for name, found in known.items()
        if name and not isinstance(found, str) and pd.isna(found.value)
    ]
    # With so few persons no group and no site can be judged; all else is there.
    assert set(missing) == {"furthest_group", "transfer_furthest_site", "new_furthest_group"}


def test_a_synthetic_model_is_fit_for_demonstration_and_the_lacks_are_told(report):
    record = report.record
    assert (record.level, record.next_level) == ("demonstration", "exploration")
    states = {one.requirement.name: one.state for one in record.findings}
    assert states["not_synthetic"] == states["own_records"] == "not_met"
    assert states["new_cases_unseen"] == "met"
    assert states["basis_for_scoring"] == "not_met"
    assert states["impact_assessed"] == "not_known"
    assert "Kind of training data" in report.to_text("en")
    assert "Data til træning" in report.to_text("da")


def test_a_level_out_of_reach_is_refused_and_nothing_written(report, place):
    before = sorted(place.rglob("*"))
    for level in LEVELS[1:]:
        with pytest.raises(GateError, match="Nothing was changed"):
            promote(report, level, today=TODAY)
    assert sorted(place.rglob("*")) == before


def test_what_evaluate_says_of_unseen_cases_is_known_to_the_gate():
    assert set(WORDS["new_unseen"]) == set(UNSEEN)


def test_an_evaluation_of_another_model_is_refused(place, bundle):
    with pytest.raises(InputError, match="of another"):
        judge_promotion(bundle, evaluation=place / "report", rules=RULES)


def test_cases_that_were_not_compared_are_told(place):
    evaluate(place / "model", [place / "new.csv"], out=place / "hasty")
    found = judge_promotion(place / "model", evaluation=place / "hasty", rules=RULES)
    one = next(one for one in found.record.findings if one.requirement.name == "new_cases_unseen")
    assert (one.found, one.state) == ("not_compared", "not_met")


def relax(content: dict[str, Any]) -> dict[str, Any]:
    """Return rules whose bars every figure keeps, known or not by then."""
    relaxed = copy.deepcopy(content)
    kept = {"furthest_group", "transfer_furthest_site", "new_furthest_group"}
    for level in relaxed["levels"]:
        level["requires"] = [one for one in level["requires"] if one.get("figure") not in kept]
        for one in level["requires"]:
            one |= {key: -1e6 for key in ("at_least", "above") if key in one}
            one |= {key: 1e6 for key in ("at_most",) if key in one}
    return relaxed


@pytest.fixture(scope="module")
def records(place) -> Path:
    """The same model as if it were of case records, with all that people and files must say."""
    trained = load_bundle(place / "model")
    own = (place / "model" / "evaluation.json").read_bytes()
    origin = replace(trained.provenance, data_kind="case_records")
    folder = place / "records"
    model = save_bundle(
        replace(trained, provenance=origin), folder / "model", extra={"evaluation.json": own}
    )
    figures = json.loads((place / "report" / "evaluation.json").read_bytes())
    data = encode_json(figures | {"model_version": model.version})
    (folder / "report").mkdir()
    (folder / "report" / "evaluation.json").write_bytes(data)
    manifest = {"files": {"evaluation.json": hashlib.sha256(data).hexdigest()}}
    (folder / "report" / "manifest.json").write_text(json.dumps(manifest))
    answer = "{answer: yes, on: 2026-11-01, role: management}"
    lines = [f"{name}: {answer}" for name in read_rules(RULES).attested]
    (folder / "answers.yaml").write_text("\n".join([f"model_version: {model.version}", *lines]))
    entry = "{basis: made-up, recorded_by_role: tester, recorded_on: 2026-11-01}"
    uses = ("training", "scoring", "monitoring")
    (folder / "basis.yaml").write_text("\n".join(f"{use}: {entry}" for use in uses))
    (folder / "rules.yaml").write_bytes(encode_json(relax(read_yaml(RULES))))
    return folder


def judge_records(folder: Path, *without: str) -> PromotionReport:
    given = {
        "evaluation": folder / "report",
        "attestations": folder / "answers.yaml",
        "legal_basis": folder / "basis.yaml",
    }
    kept = {name: path for name, path in given.items() if name not in without}
    rules = folder / "rules.yaml"
    return judge_promotion(folder / "model", rules=rules, today=TODAY, **{
        "legal_basis": folder / "none.yaml", **kept})  # fmt: skip


@pytest.mark.parametrize(
    ("without", "level"),
    [
        ((), "operation"),
        (("evaluation",), "shadow_use"),
        (("attestations",), "exploration"),
        (("legal_basis",), "exploration"),
    ],
)
def test_each_file_opens_the_levels_that_ask_for_it(records, without, level):
    assert judge_records(records, *without).record.level == level


def test_a_model_without_figures_of_its_own_is_for_demonstration(records, tmp_path):
    save_bundle(load_bundle(records / "model"), tmp_path / "model")
    found = judge_promotion(
        tmp_path / "model", rules=records / "rules.yaml", legal_basis=records / "basis.yaml"
    )
    assert found.record.level == "demonstration"
    assert {one.requirement.figure for one in found.record.find_lacking("exploration")} == {
        "persons", "persons_rarer", "suspected_leaks"}  # fmt: skip
    assert "no figures of a training" in found.to_text("en")


def test_a_promotion_is_recorded_so_that_it_can_be_audited(records, tmp_path):
    found = judge_records(records)
    done = promote(found, "pilot", out=tmp_path / "audit", today=TODAY)
    assert done.record == tmp_path / "audit" / "pilot-1.json"
    content = json.loads(done.record.read_bytes())
    assert content["format"] == "riskmodel-promotion"
    assert (content["promoted_to"], content["level"]) == ("pilot", "operation")
    assert content["promoted_on"] == "2026-11-23"
    assert content["rules"] == found.record.rules.version
    assert content["sha256"]["model"].startswith(content["model_version"])
    files = {
        "evaluation": "model/evaluation.json",
        "new_evaluation": "report/evaluation.json",
        "attestations": "answers.yaml",
    }
    for key, name in files.items():
        assert content["sha256"][key] == hashlib.sha256((records / name).read_bytes()).hexdigest()
    figures = {one["requirement"]: one for one in content["findings"]}
    auc = json.loads((records / "report" / "evaluation.json").read_bytes())["evaluation"]
    whole = next(
        one["figures"]["auc"]
        for one in auc["blocks"]
        if (one["predictor"], one["span"]["family"]) == ("model", "all")
        and one["span"]["horizon_weeks"] == 26
    )
    assert figures["new_tells_apart"]["found"] == whole
    assert figures["impact_assessed"]["found"] == {
        "answer": True, "on": "2026-11-01", "role": "management"}  # fmt: skip
    assert "never sufficient" in content["note"]


def test_records_are_numbered_and_never_replaced(records, tmp_path):
    found, later = judge_records(records), TODAY + dt.timedelta(days=1)
    first = promote(found, "shadow_use", out=tmp_path, today=TODAY).record
    kept = first.read_bytes()
    assert promote(found, "shadow_use", out=tmp_path, today=TODAY).record == first
    second = promote(found, "shadow_use", out=tmp_path, today=later).record
    assert [first.name, second.name] == ["shadow_use-1.json", "shadow_use-2.json"]
    assert promote(found, "shadow_use", out=tmp_path, today=TODAY).record == first
    assert first.read_bytes() == kept
    assert sorted(one.name for one in tmp_path.iterdir()) == [first.name, second.name]


def test_the_record_stands_beside_the_model_and_leaves_it_whole(records):
    done = promote(judge_records(records), "demonstration", today=TODAY)
    assert done.record == records / "model_promotions" / "demonstration-1.json"
    load_bundle(records / "model")
    with pytest.raises(InputError, match="inside the saved model"):
        promote(judge_records(records), "pilot", out=records / "model" / "audit", today=TODAY)


def test_a_damaged_evaluation_in_the_model_is_told(records, tmp_path):
    model = load_bundle(records / "model")
    save_bundle(model, tmp_path / "odd", extra={"evaluation.json": b'{\n "evaluation": {}\n}\n'})
    with pytest.raises(ModelError, match="does not hold the figures"):
        judge_promotion(tmp_path / "odd", rules=RULES)


def test_an_alias_points_to_the_registered_model(records, tmp_path):
    store, found = find_store(tmp_path), judge_records(records)
    with pytest.raises(ModelError, match="registered"):
        promote(found, "pilot", out=tmp_path / "audit", alias=True, tracking_root=tmp_path)
    assert not (tmp_path / "audit").exists()
    code = tmp_path / "standin.py"
    code.write_text(STANDIN)
    for number, version in enumerate(("ffffffffffff", found.model.version)):
        served = ServedModel(
            bundle=records / "model",
            code=code,
            columns={"age": "double"},
            required=frozenset({"age"}),
            registered_name="sick-leave",
            alias="candidate",
        )
        logged = log_run(make_run(number, version, served), store)
        assert logged is not None
    done = promote(found, "pilot", out=tmp_path / "audit", alias=True, tracking_root=tmp_path)
    assert (done.registered_name, done.registered_version) == ("sick-leave", "2")
    fetched = load_registered("sick-leave", "pilot", store, tmp_path / "fetched")
    assert load_bundle(fetched).version == found.model.version
    assert json.loads(done.record.read_bytes())["registered"] == {
        "name": "sick-leave", "version": "2"}  # fmt: skip
    assert "alias pilot" in done.to_text()


def make_run(number: int, version: str, served: ServedModel) -> RunRecord:
    return RunRecord(
        experiment="sick-leave",
        run_name=f"run {number}",
        parameters={},
        metrics={},
        tags={"model_version": version},
        data_name="synthetic",
        data_fingerprint="",
        data_counts={},
        documents={},
        model=served,
    )
