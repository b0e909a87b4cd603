"""`riskmodel promote` as its user runs it, in both languages."""

from __future__ import annotations

import json
import shutil

import pytest

from riskmodel.cli.promotion import LevelOfUse
from riskmodel.evaluation.promotion import LEVELS

pytestmark = pytest.mark.slow  # whole commands, or many tables

ALWAYS = {
    "da": "Tal og svar som disse er nødvendige, men aldrig nok. Kommunen beslutter, om og hvordan",
    "en": "Evidence is necessary, never sufficient. Whether and how the model is used is the mun",
}
FIT = {"da": "egner sig til: demonstration", "en": "is fit for: demonstration"}


@pytest.fixture
def model(bundle, tmp_path):
    """Return a model in a folder of its own."""
    return shutil.copytree(bundle, tmp_path / "place" / "model")


def test_the_levels_to_choose_from_are_all_levels():
    assert tuple(one.value for one in LevelOfUse) == LEVELS


@pytest.mark.parametrize("lang", ["da", "en"])
def test_it_says_what_a_synthetic_model_is_fit_for(run, model, lang, find_english):
    code, out, err = run("promote", model, "--lang", lang)
    assert (code, err) == (0, "")
    assert FIT[lang] in out.splitlines()[0]
    assert ALWAYS[lang] in out
    assert ("synthetic" if lang == "en" else "syntetiske") in out
    if lang == "da":
        assert find_english(out) == []


@pytest.mark.parametrize(
    ("lang", "told"),
    [("da", "rækker ikke til skyggedrift"), ("en", "does not reach shadow use")],
)
def test_a_level_out_of_reach_ends_with_3_and_changes_nothing(run, model, lang, told):
    before = sorted(model.parent.rglob("*"))
    code, out, err = run("promote", model, "--to", "shadow_use", "--lang", lang)
    assert code == 3
    assert told in err
    assert FIT[lang] in out
    assert sorted(model.parent.rglob("*")) == before


@pytest.mark.parametrize("level", LEVELS[1:])
def test_every_level_beyond_demonstration_is_refused(run, model, level, find_english):
    code, out, err = run("promote", model, "--to", level)
    assert code == 3
    assert find_english(out) == find_english(err) == []
    assert max(map(len, out.splitlines())) < 125


def test_json_is_one_document_in_either_case(run, model):
    code, out, _ = run("promote", model, "--to", "operation", "--json")
    refused = json.loads(out)
    assert (code, refused["level"], refused["record"]) == (3, "demonstration", None)
    assert len(refused["findings"]) == 44
    assert run("promote", model, "--to", "operation", "--json", "--lang", "en")[1] == out
    code, out, _ = run("promote", model, "--to", "demonstration", "--json")
    done = json.loads(out)
    assert code == 0
    assert done["record"].endswith("model_promotions/demonstration-1.json")
    assert "record" not in json.loads(run("promote", model, "--json")[1])


@pytest.mark.parametrize("option", [("--alias",), ("--out", "records")])
def test_what_belongs_to_a_promotion_needs_one(run, model, option):
    code, _, err = run("promote", model, *option)
    assert code == 2
    assert "--to" in err


def test_answers_with_a_name_are_refused_without_it(run, model, tmp_path):
    answers = tmp_path / "answers.yaml"
    answers.write_text("Testine Opdigtet: {answer: yes, on: 2026-11-01, role: management}\n")
    code, out, err = run("promote", model, "--attestations", answers, "--to", "demonstration")
    assert (code, out) == (2, "")
    assert "answers.yaml" in err
    assert "Testine" not in err
    assert not (model.parent / "model_promotions").exists()


def test_an_evaluation_of_a_training_run_is_refused(run, model, tmp_path):
    code, _, err = run("promote", model, "--evaluation", tmp_path)
    assert code == 2
    assert "riskmodel evaluate" in err


def test_a_model_that_is_not_there_ends_with_4(run, tmp_path):
    assert run("promote", tmp_path / "none")[0] == 4


def test_rules_of_ones_own(run, model, tmp_path):
    rules = tmp_path / "mine.yaml"
    rules.write_text("version: 1\n")
    code, _, err = run("promote", model, "--rules", rules)
    assert code == 2
    assert "mine.yaml" in err


def test_a_folder_with_a_personal_number_in_its_name_is_not_repeated(run, model):
    odd = model.rename(model.with_name("0101650000"))
    code, out, err = run("promote", odd, "--to", "demonstration")
    assert (code, out) == (2, "")
    assert "0101650000" not in err
    assert [one.name for one in odd.parent.iterdir()] == ["0101650000"]
