"""`riskmodel update`: what is decided, kept and logged, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from riskmodel import cli
from riskmodel.errors import GateError, InputError
from riskmodel.io.bundle import load_bundle
from riskmodel.io.tables import read_cases, write_table
from riskmodel.io.tracking import list_runs
from riskmodel.io.tracking_store import find_store
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.evaluate import evaluate
from riskmodel.pipelines.update import update
from riskmodel.pipelines.update_run import NOT_JUDGED
from riskmodel.training.updating import update_model

pytestmark = pytest.mark.slow  # logs to MLflow

CODEBOOK = Path(__file__).parents[2] / "configs" / "codebook.yaml"


@pytest.fixture(scope="module")
def local_file(draw_cases, tmp_path_factory) -> Path:
    """Closed cases of two municipalities whose courses are far shorter than the history's."""
    path = tmp_path_factory.mktemp("local") / "local.csv"
    frame = draw_cases("local", 400, 9)
    long = frame["duration_weeks"].to_numpy() > 26
    write_table(frame[~long | (np.cumsum(long) % 3 == 0)], path)
    return path


@pytest.fixture(scope="module")
def moved(bundle, local_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("moved")
    run = update(bundle, local_file, out=folder / "model", tracking_root=folder)
    return folder, run


def test_the_saved_model_is_the_one_that_the_tests_chose(bundle, local_file, moved):
    folder, run = moved
    parent = load_bundle(bundle)
    cases = read_cases([local_file], parent.codebook, require_outcomes=True)
    wanted = update_model(parent, cases)
    saved = load_bundle(folder / "model")
    assert run.summary.step == wanted.update.step != "leave"
    assert run.summary.intercept < 0
    assert np.array_equal(
        score_cases(saved, cases).scores.score, score_cases(wanted.model, cases).scores.score
    )
    assert (
        score_cases(saved, cases).scores.risk.mean() < score_cases(parent, cases).scores.risk.mean()
    )


def test_figures_of_its_parent_stay_behind_and_the_reason_comes_along(bundle, moved):
    folder, run = moved
    names = {one.name for one in (folder / "model").iterdir()}
    assert not names & {"evaluation.json", "outcome_bands.json"}
    kept = json.loads((folder / "model" / "update.json").read_text())
    assert kept["reasons"] == list(run.summary.reasons)
    assert kept["parent_version"] == load_bundle(bundle).version != run.summary.model_version
    card = (folder / "model" / "model_card.md").read_text()
    assert NOT_JUDGED in card
    assert "Not evaluated." in card
    assert run.summary.reasons[0] in card


def test_the_run_is_logged_with_the_reason(moved):
    folder, run = moved
    [logged] = list_runs(find_store(folder))
    assert logged.run_id == run.summary.run_id
    assert logged.tags["update_reason"] == " ".join(run.summary.reasons)
    assert logged.metrics["update.intercept"] == pytest.approx(run.summary.intercept)
    assert logged.metrics["update.p_value.leave"] == run.summary.p_values["leave"] < 0.05
    assert run.summary.registered_version == "1"


def test_a_model_that_fits_is_left_and_that_is_logged_too(bundle, draw_cases, tmp_path):
    more = tmp_path / "more.csv"
    write_table(draw_cases("history", 120, 77), more)
    run = update(bundle, more, out=tmp_path / "model", tracking_root=tmp_path)
    assert run.summary.step == "leave"
    assert run.model.version == load_bundle(bundle).version == run.summary.model_version
    assert not (tmp_path / "model").exists()
    assert "nothing was saved" in run.summary.to_text()
    [logged] = list_runs(find_store(tmp_path))
    assert logged.tags["update_step"] == "leave"
    assert run.summary.registered_version == ""


def test_it_is_not_judged_on_the_cases_it_was_fitted_to(moved, local_file):
    folder, _ = moved
    with pytest.raises(InputError, match="not trained on"):
        evaluate(folder / "model", [local_file])


def test_cases_that_stand_there_twice_are_warned_of(bundle, draw_cases, tmp_path):
    once = draw_cases("local", 120, 9)
    again = once.assign(case_id=once["case_id"] + "b", person_id=once["person_id"] + "b")
    told = {}
    for name, frame in (("once", once), ("twice", pd.concat([once, again]))):
        path = tmp_path / f"{name}.csv"
        write_table(frame, path)
        run = update(bundle, path, out=tmp_path / name, track=False)
        told[name] = run.summary.warnings
        assert run.summary.to_text().startswith("warning: ") == bool(run.summary.warnings)
    assert told["once"] == ()
    assert "240 of 240 rows are equal" in told["twice"][0]


def test_few_courses_of_a_kind_are_refused_without_their_number(
    bundle, local_file, review_codebook, tmp_path
):
    cases = read_cases([local_file], review_codebook, require_outcomes=True)
    long = np.flatnonzero(cases.outcomes.status_at(26.0).long_course == 1)
    short = np.flatnonzero(cases.outcomes.status_at(26.0).long_course == 0)
    frame = _rows(local_file, [*long[:4], *short[:60]])
    few = tmp_path / "few.csv"
    write_table(frame, few)
    with pytest.raises(InputError, match="five persons at least of either kind") as refused:
        update(bundle, few, out=tmp_path / "model", track=False)
    assert not any(letter.isdigit() for letter in str(refused.value))
    assert not (tmp_path / "model").exists()


def test_the_training_table_and_the_models_own_folder_are_refused(
    bundle, draw_cases, local_file, tmp_path
):
    own = tmp_path / "own.csv"
    write_table(draw_cases("history", 250, 5), own)
    with pytest.raises(InputError, match="has not learned from"):
        update(bundle, own, out=tmp_path / "model", track=False)
    with pytest.raises(InputError, match="another folder"):
        update(bundle, local_file, out=bundle, overwrite=True, track=False)
    load_bundle(bundle)


def test_real_cases_need_a_legal_basis_though_the_model_is_of_synthetic_ones(
    bundle, local_file, tmp_path
):
    real = _codebook(tmp_path, data_kind="case_records")
    with pytest.raises(GateError):
        update(
            bundle, local_file, out=tmp_path / "model", codebook_path=real, track=False,
            legal_basis=tmp_path / "none.yaml",
        )  # fmt: skip
    assert not (tmp_path / "model").exists()


def test_the_law_is_that_of_the_stricter_kind_and_the_evidence_that_of_the_weaker(
    bundle, local_file, tmp_path
):
    public = _codebook(tmp_path, data_kind="public")
    run = update(bundle, local_file, out=tmp_path / "m", codebook_path=public, track=False)
    assert run.summary.step != "leave"
    saved, parent = load_bundle(tmp_path / "m"), load_bundle(bundle)
    assert parent.codebook.data_kind == saved.provenance.data_kind == "synthetic"
    assert saved.codebook.data_kind == "public"
    assert replace(saved.codebook, data_kind="synthetic") == parent.codebook
    with pytest.raises(InputError, match="updated with it"):
        update(tmp_path / "m", local_file, out=tmp_path / "again", track=False)


def test_a_codebook_of_other_fields_is_refused(bundle, local_file, tmp_path):
    other = _codebook(tmp_path, primary_horizon=12)
    with pytest.raises(InputError, match="differs in more"):
        update(bundle, local_file, out=tmp_path / "m", codebook_path=other, track=False)


def test_the_command_tells_it_in_both_languages(bundle, local_file, tmp_path, capsys, monkeypatch):
    said = {
        "en": ("log-odds, score times 1.00", "there is something here already"),
        "da": ("log-odds, scoren ganget med 1,00", "Der ligger allerede noget her"),
    }
    for lang, (moved_by, in_the_way) in said.items():
        monkeypatch.setenv("RISKMODEL_LANG", lang)
        given = [str(bundle), str(local_file), "--out", str(tmp_path / lang), "--no-track"]
        monkeypatch.setattr("sys.argv", ["riskmodel", "update", *given])
        assert _main() == 0
        assert moved_by in capsys.readouterr().out
        assert _main() == 2
        assert in_the_way in capsys.readouterr().err


def _main() -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def _rows(path: Path, rows: list[int]) -> pd.DataFrame:
    return pd.read_csv(path).iloc[rows]


def _codebook(folder: Path, **changes: object) -> Path:
    given = yaml.safe_load(CODEBOOK.read_text())
    path = folder / "codebook.yaml"
    path.write_text(yaml.safe_dump(given | changes, allow_unicode=True, sort_keys=False))
    return path
