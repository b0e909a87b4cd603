"""A model that was updated with local cases, at work: what stays true, and what it must say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.errors import GateError, InputError, ModelError
from riskmodel.io.bundle import load_bundle, load_update, save_bundle
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases, write_table
from riskmodel.io.tracking_journal import TrackingWarning, decode_entry
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.explain import explain
from riskmodel.pipelines.score import FITNESS, MADE_UP, score
from riskmodel.pipelines.unseen_cases import refuse_seen
from riskmodel.pipelines.update import update
from riskmodel.pipelines.update_run import NOT_JUDGED
from riskmodel.training.updating import update_model

pytestmark = pytest.mark.slow  # whole commands, or many tables

WARNED = "ONLY a handful of persons: must not be used on any real case."
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
    assert load_bundle(bundle).provenance.data_kind == "synthetic"
    assert MADE_UP in found.notes
    assert not load_bundle(bundle).provenance.is_updated


@pytest.fixture(scope="module")
def learned(fitted, draw_cases, tmp_path_factory):
    """Return a model far off, the files it learned from and later ones, and it updated."""
    folder = tmp_path_factory.mktemp("learned")
    history, local = draw_cases("history", 250, 5), draw_cases("local", 400, 9)
    later = draw_cases("local", 60, 7)
    half = history["person_id"].isin(history["person_id"].unique()[:100])
    first_rows = history.index < history.index[half][-1] + 1
    for name, table in (("LOCAL", local), ("LATER", later)):
        for column in ("case_id", "person_id"):
            table[column] = f"SYN-{name}-" + table[column].astype(str)
    frames = {"first": history[first_rows], "second": history[~first_rows],
              "local": local, "later": later}  # fmt: skip
    for name, frame in frames.items():
        write_table(frame, folder / f"{name}.csv")
    files = {name: folder / f"{name}.csv" for name in frames}

    def read(*names: str) -> CaseTable:
        paths = [files[name] for name in names]
        return read_cases(paths, fitted.model.codebook, require_outcomes=True)

    values = fitted.model.tables.values
    far_off = replace(values, intercept=values.intercept + 1.5)
    parent = replace(fitted.model, tables=replace(fitted.model.tables, values=far_off))
    judged = {"warnings": [WARNED], "verdicts": []}
    save_bundle(parent, folder / "parent", extra={"evaluation.json": encode_json(judged)})
    files["parent"] = folder / "parent"
    found = update_model(parent, read("local"))
    assert found.update.step != "leave"
    return files, read, found.model


@pytest.mark.parametrize("names", [["first", "second"], ["local"]])
def test_no_table_that_it_learned_from_is_taken_for_new_cases(learned, names):
    _, read, model = learned
    with pytest.raises(InputError, match="not trained on"):
        refuse_seen(read(*names), [], model)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "not_compared"),
        (["first", "second", "local"], "compared"),
        (["local", "first", "second"], "compared"),
        (["first", "second"], "other_files"),
        (["local"], "other_files"),
        (["first", "local", "second"], "other_files"),
    ],
)
def test_files_are_compared_with_each_table_that_it_learned_from(learned, names, told):
    files, read, model = learned
    assert refuse_seen(read("later"), [files[name] for name in names], model) == told


def test_cases_of_either_table_are_refused(learned):
    files, read, model = learned
    both = [files["first"], files["second"], files["local"]]
    for name in ("second", "local"):
        some = read(name).take(np.arange(20))
        with pytest.raises(InputError, match="20 of 20 assessments have a case or person"):
            refuse_seen(some, both, model)


@pytest.fixture(scope="module")
def twice(learned, tmp_path_factory):
    """Return the folder of a model updated two times, and both runs; the log is out of order."""
    files, _, _ = learned
    folder = tmp_path_factory.mktemp("twice")
    (folder / "mlruns").mkdir()
    (folder / "mlruns" / "mlflow.db").write_text("no database")
    with pytest.warns(TrackingWarning, match="waits in the journal"):
        once = update(files["parent"], files["local"], out=folder / "once", tracking_root=folder)
    # At such a level of the tests nearly anything is changed.
    again = update(folder / "once", files["second"], out=folder / "again", alpha=0.999, track=False)
    return folder, once, again


def test_the_record_holds_each_test_and_the_updates_before(twice):
    folder, once, again = twice
    first, second = (load_update(folder / name) for name in ("once", "again"))
    for record, run in ((first, once), (second, again)):
        assert [one["p_value"] for one in record["tests"]] == list(run.summary.p_values.values())
        assert [one["degrees_of_freedom"] for one in record["tests"]] == [
            one.degrees for one in run.updated.update.tests
        ]
        assert min(record["persons"] - record["long_courses"], record["long_courses"]) >= 5
    assert first["earlier"] == []
    assert second["earlier"] == [{name: first[name] for name in first if name != "earlier"}]
    assert second["alpha"] == 0.999
    assert second["parent_version"] == once.summary.model_version


@pytest.mark.parametrize("name", ["once", "again"])
def test_the_card_warns_first_and_forgets_no_warning_of_the_training(twice, name):
    folder, _, _ = twice
    card = (folder / name / "model_card.md").read_text()
    warnings, rest = card.split("## Intended use")
    assert warnings.index(NOT_JUDGED) < warnings.index(WARNED.removesuffix("."))
    assert "Not evaluated." in rest
    assert load_update(folder / name)["warnings_before"] == [WARNED]
    assert not {"evaluation.json", "outcome_bands.json"} & {
        one.name for one in (folder / name).iterdir()
    }


def test_a_record_that_tells_of_no_update_is_refused(updated, tmp_path):
    save_bundle(updated, tmp_path / "model", extra={"update.json": b"[]"})
    with pytest.raises(ModelError, match="tells of no update"):
        load_update(tmp_path / "model")
    save_bundle(updated, tmp_path / "plain")
    assert load_update(tmp_path / "plain") == {}


def test_an_update_that_could_not_be_logged_waits_with_its_reason(twice):
    folder, once, _ = twice
    assert once.summary.run_id == ""
    [entry] = (folder / "mlruns").rglob("*.json")
    record = decode_entry(entry.read_bytes(), entry.name).record
    assert record.tags["update_reason"] == " ".join(once.summary.reasons)
    assert record.model.registered_name == "riskmodel-sick_leave_review"
    assert record.data_fingerprint == once.model.provenance.fingerprints[-1]


def test_cases_that_may_be_records_are_not_taken_for_made_up_ones(learned, tmp_path):
    """A model of synthetic cases must not be the way around the legal basis."""
    files, _, _ = learned
    table = pd.read_csv(files["later"], dtype=str)
    table["case_id"] = table["case_id"].str.replace("SYN-", "")
    table.to_csv(tmp_path / "later.csv", index=False)
    with pytest.raises(InputError, match="nothing shows that these cases are") as caught:
        update(files["parent"], tmp_path / "later.csv", out=tmp_path / "model", track=False)
    assert caught.value.faults[0].file == "later.csv"
    assert not (tmp_path / "model").exists()


def test_a_model_updated_with_records_asks_for_a_basis_and_stays_one_of_made_up_cases(
    learned, open_file, tmp_path
):
    files, _, _ = learned
    text = (POLICY.parents[1] / "codebook.yaml").read_text()
    real = tmp_path / "real.yaml"
    real.write_text(text.replace("data_kind: synthetic", "data_kind: case_records"))
    entry = "  basis: made up\n  recorded_by_role: officer\n  recorded_on: 2026-11-01\n"
    basis = tmp_path / "basis.yaml"
    basis.write_text(f"training:\n{entry}")
    given = {"out": tmp_path / "model", "codebook_path": real, "track": False}
    with pytest.raises(GateError, match="training"):
        update(files["parent"], files["local"], **given, legal_basis=tmp_path / "none.yaml")
    update(files["parent"], files["local"], **given, legal_basis=basis)
    model = load_bundle(tmp_path / "model")
    assert model.codebook.data_kind == "case_records"
    assert model.provenance.data_kind == "synthetic"
    with pytest.raises(GateError, match="scoring"):
        score([open_file], model_path=tmp_path / "model", out=tmp_path / "s.csv", legal_basis=basis)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.5])
def test_a_level_of_the_tests_that_is_none_is_refused(learned, tmp_path, alpha):
    files, _, _ = learned
    with pytest.raises(InputError, match="between 0 and 1"):
        update(files["parent"], files["later"], out=tmp_path / "m", alpha=alpha, track=False)


def test_a_notebook_shows_the_reason_and_the_tests(twice):
    _, once, _ = twice
    shown = once._repr_html_()
    assert once.summary.reasons[0] in shown
    assert shown.count("<tr>") == 1 + len(once.summary.tests)
    assert repr(once) == once.summary.to_text()
