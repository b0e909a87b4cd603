"""Training files end to end, small: the saved model scores, and the same run gives it again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from riskmodel.errors import CodebookError, GateError, InputError
from riskmodel.io.bundle import load_bundle, load_outcome_bands
from riskmodel.io.tables import write_table
from riskmodel.pipelines.evaluate import evaluate
from riskmodel.pipelines.score import score
from riskmodel.pipelines.train import TrainingRun, train
from riskmodel.report.comparison_page import render_comparison

pytestmark = pytest.mark.slow

CODEBOOK = Path(__file__).parents[2] / "configs" / "codebook.yaml"
FAST = "refits: 2\nfolds: 2\npair_terms: false\njobs: 1\nbootstrap_draws: 50\n"


@pytest.fixture(scope="module")
def workplace(draw_cases, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    write_table(draw_cases("history", 100, 8), folder / "history.csv")
    (folder / "fast.yaml").write_text(FAST)
    return folder


def run_training(workplace: Path, name: str, **changes: object) -> TrainingRun:
    settings: dict = {
        "codebook_path": CODEBOOK,
        "out": workplace / name,
        "config_path": workplace / "fast.yaml",
        "track": False,
        **changes,
    }
    return train([workplace / "history.csv"], **settings)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def trained(workplace, told) -> TrainingRun:
    return run_training(workplace, "model", progress=told.append)


def test_progress_is_told(trained, told):
    assert told[0] == "reading cases"
    assert len(told) > 3


def test_the_model_is_saved_with_how_closed_cases_ended(trained, workplace):
    bands = load_outcome_bands(workplace / "model")
    held_out, cases = trained.held_out, trained.cases
    status = cases.outcomes.status_at(26.0)
    seen = status.known & held_out.scored
    assert sum(one.assessments for one in bands) == seen.sum()
    for one in bands:
        inside = seen & (held_out.risk >= one.low) & ((held_out.risk < one.high) | (one.high == 1))
        assert one.persons == len(set(cases.group[inside]))
        if one.long_assessments is not None:
            assert one.long_assessments == status.long_course[inside].sum()


def test_the_summary_tells_what_was_trained(trained, workplace):
    summary, rows = trained.summary, pd.read_csv(workplace / "history.csv")
    assert summary.rows == len(rows)
    assert summary.persons == rows["person_id"].nunique()
    assert summary.model_version == load_bundle(workplace / "model").version
    assert (summary.run_id, summary.registered_version) == ("", "")
    assert "26" in summary.auc_text
    assert summary.model_version in summary.to_text()


def test_the_saved_model_scores_open_cases(trained, workplace, open_file):
    out = workplace / "scores.csv"
    told = score([open_file], model_path=workplace / "model", out=out)
    assert told.scored + told.not_scored == 30
    assert told.model_version == trained.summary.model_version


def test_the_card_and_the_evaluation_go_with_the_model(trained, workplace):
    names = {path.name for path in (workplace / "model").iterdir()}
    assert {"model_card.md", "evaluation.json"} <= names
    evaluation = json.loads((workplace / "model" / "evaluation.json").read_text())
    assert evaluation["evaluation"] == trained.report.record.to_mapping()
    assert (workplace / "model" / "model_card.md").read_text().startswith("# ")


def test_the_same_training_gives_the_same_bytes(trained, workplace):
    again = run_training(workplace, "again")
    assert again.summary.model_version == trained.summary.model_version
    for path in (workplace / "model").iterdir():
        assert path.read_bytes() == (workplace / "again" / path.name).read_bytes(), path.name


def test_no_case_is_in_the_saved_files(trained, workplace):
    content = b"".join(path.read_bytes() for path in (workplace / "model").iterdir()).decode()
    rows = pd.read_csv(workplace / "history.csv", dtype=str)
    for column in ("case_id", "person_id"):
        assert not [one for one in rows[column].unique() if f'"{one}"' in content]


def test_training_without_outcomes_is_refused(workplace, tmp_path):
    rows = pd.read_csv(workplace / "history.csv", dtype=str)
    path = tmp_path / "open.csv"
    rows.drop(columns=["duration_weeks", "ended", "end_reason"]).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"open\.csv"):
        train([path], codebook_path=CODEBOOK, out=tmp_path / "model", track=False)
    assert not (tmp_path / "model").exists()


def test_case_records_need_a_basis_for_training(workplace, tmp_path):
    codebook = tmp_path / "codebook.yaml"
    text = CODEBOOK.read_text().replace("data_kind: synthetic", "data_kind: case_records")
    codebook.write_text(text)
    basis = tmp_path / "legal_basis.yaml"
    entry = "  basis: made up\n  recorded_by_role: officer\n  recorded_on: 2026-12-01\n"
    basis.write_text(f"scoring:\n{entry}")
    with pytest.raises(GateError, match="training"):
        run_training(workplace, "refused", codebook_path=codebook, legal_basis=basis)
    assert not (workplace / "refused").exists()


@pytest.mark.parametrize("text", ["refit: 2\n", "refits: 1\n", "refits: many\n", "[1]\n"])
def test_wrong_settings_are_named(workplace, tmp_path, text):
    config = tmp_path / "train.yaml"
    config.write_text(text)
    with pytest.raises(CodebookError, match=r"train\.yaml"):
        run_training(workplace, "refused", config_path=config)


def test_few_long_courses_give_a_model_and_a_warning(workplace, draw_cases, tmp_path):
    frame = draw_cases("history", 40, 9)
    long_rows = frame.index[frame["duration_weeks"].astype(float) > 26]
    one_each = frame.loc[long_rows].drop_duplicates("person_id").index[:3]
    write_table(frame.drop(index=long_rows.difference(one_each)), tmp_path / "few.csv")
    run = train(
        [tmp_path / "few.csv"],
        codebook_path=CODEBOOK,
        out=tmp_path / "model",
        config_path=workplace / "fast.yaml",
        track=False,
    )
    assert run.summary.events == -1  # three persons are too few to be counted
    assert 0 < run.held_out.scored.sum() < len(run.cases)
    assert any("no held-out figures" in one for one in run.summary.warnings)
    assert "ONLY" in run.summary.warnings[0]
    card = (tmp_path / "model" / "model_card.md").read_text()
    assert card.index("must not be used on any real case") < card.index("## Intended use")


@pytest.mark.parametrize(
    ("duration", "ended", "lacking"),
    [(40, "yes", "not two short"), (20, "yes", "not two long"), (20, "no", "to its end")],
)
def test_a_one_sided_table_is_refused_at_once(
    workplace, draw_cases, tmp_path, duration, ended, lacking
):
    frame = draw_cases("history", 30, 4)
    frame = frame[frame["assessed_week"].astype(float) < 15]
    frame["duration_weeks"], frame["ended"] = str(duration), ended
    if ended == "no":
        frame["end_reason"] = ""
    write_table(frame, tmp_path / "one.csv")
    told: list[str] = []
    with pytest.raises(InputError, match=lacking) as caught:
        train(
            [tmp_path / "one.csv"],
            codebook_path=CODEBOOK,
            out=tmp_path / "model",
            config_path=workplace / "fast.yaml",
            track=False,
            progress=told.append,
        )
    assert str(len(frame)) in str(caught.value)
    assert told == ["reading cases"]


def test_a_run_reads_well_in_a_notebook(trained):
    assert repr(trained) == trained.summary.to_text()
    shown = trained._repr_html_()
    assert "Can the model tell long from short?" in shown
    assert "<script" not in shown
    assert len(shown) < 10_000
    assert repr(trained.record) == str(trained.record)
    assert "<table" in trained.record._repr_html_()


@pytest.mark.parametrize("text", ["99z: x\n", '"18a": {da: kun}\n', '"18a": 7\n', '"18a": ""\n'])
def test_wrong_notes_are_named(workplace, tmp_path, text):
    notes = tmp_path / "notes.yaml"
    notes.write_text(text)
    with pytest.raises(CodebookError, match=r"notes\.yaml"):
        run_training(workplace, "refused", notes_path=notes)


def test_new_cases_are_compared_with_the_training_files(trained, workplace, tmp_path, draw_cases):
    model, history = workplace / "model", workplace / "history.csv"
    with pytest.raises(InputError, match="training table"):
        evaluate(model, [history])
    frame = draw_cases("history", 100, 8)
    write_table(frame.iloc[::-1], tmp_path / "turned.csv")
    with pytest.raises(InputError, match="have a case or person") as caught:
        evaluate(model, [tmp_path / "turned.csv"], trained_on=[history])
    assert not [one for one in frame["person_id"].unique() if one in str(caught.value)]
    other = draw_cases("history", 60, 77)
    for column in ("case_id", "person_id"):
        other[column] = "N-" + other[column]
    write_table(other, tmp_path / "new.csv")
    (tmp_path / "notes.yaml").write_text('"18a": Kommunen betaler.\n')
    found = evaluate(
        model,
        [tmp_path / "new.csv"],
        trained_on=[history],
        out=tmp_path / "report",
        notes_path=tmp_path / "notes.yaml",
    )
    assert found.unseen == "No case or person is in the table that this model was trained on."
    assert found.verdicts
    assert [one for one in found.warnings if one.startswith("trained on synthetic cases")]
    assert "\nwarning: trained on synthetic cases" in found.to_text()
    assert "Not made sure" in evaluate(model, [tmp_path / "new.csv"]).unseen
    partly = evaluate(model, [tmp_path / "new.csv"], trained_on=[tmp_path / "turned.csv"])
    assert "not, row for row" in partly.unseen
    page = (tmp_path / "report" / "index.html").read_text()
    assert "verdicts" in page
    assert "Kommunen betaler." in page


def test_a_new_model_is_compared_with_the_current_one_in_the_same_command(
    trained, workplace, draw_cases
):
    """The current model was trained on the very table, so it knows it; and the page says so."""
    configs = CODEBOOK.parent
    (workplace / "later").mkdir()
    run = run_training(
        workplace,
        "later/model",
        seed=9,
        compare_with=workplace / "model",
        policy_path=configs / "visitation" / "lejre-greve.yaml",
        inflow_path=configs / "inflow.yaml",
    )
    folder = workplace / "later" / "model_comparison"
    assert run.summary.comparison == str(folder)
    assert "compared with the current model" in run.summary.to_text()
    found = json.loads((folder / "comparison.json").read_text())
    change, tiers = found["change"], found["tiers"]
    assert change["current_version"] == trained.model.version
    assert change["new_version"] == run.model.version
    assert change["seen_by_current"] == "all"
    assert {one["name"] for one in change["metrics"]} == {"auc", "brier", "calibration_slope"}
    for one in change["metrics"]:
        assert one["difference"]["low"] <= one["difference"]["value"] <= one["difference"]["high"]
    headline = run.record.headline.figures
    for one in change["metrics"]:
        assert one["new"]["value"] == pytest.approx(headline[one["name"]].value)
    moved = [one["moved"]["value"] for one in change["indicators"]]
    assert moved == sorted(moved, reverse=True)
    assert moved[0] > 0
    assert len(tiers["moved"]) == len(tiers["tier_ids"])
    page = (folder / "index.html").read_text()
    assert "Den nuværende model er trænet på netop disse sager." in page
    assert "http" not in page.replace("http-equiv", "")
    english = render_comparison(run.comparison, "en")
    assert "The current model was trained on these very cases" in english
    other = CODEBOOK.read_text().replace("primary_horizon: 26", "primary_horizon: 52")
    (workplace / "other.yaml").write_text(other)
    with pytest.raises(InputError, match="same horizon"):
        run_training(
            workplace,
            "third",
            codebook_path=workplace / "other.yaml",
            compare_with=workplace / "model",
        )
