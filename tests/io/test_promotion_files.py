"""Rules, answers and evaluations of the evidence gate: read strictly, and nothing repeated."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from riskmodel.errors import CodebookError, InputError, ModelError
from riskmodel.evaluation.evidence import FIGURES, Attestation
from riskmodel.evaluation.promotion import LEVELS
from riskmodel.io.bundle import save_bundle
from riskmodel.io.promotion_evidence import (
    ROLES,
    read_attestations,
    read_new_evaluation,
    read_saved_evaluation,
)
from riskmodel.io.promotion_rules import parse_rules, read_rules
from riskmodel.io.yaml_files import read_yaml

SHIPPED = Path(__file__).parents[2] / "configs" / "promotion.yaml"
CONTENT = read_yaml(SHIPPED)
TODAY = dt.date(2026, 11, 23)
VERSION = "0a1b2c3d4e5f"
NAMES = ("impact_assessed", "owner_appointed")
# Made-up; a name and a personal number that no message may repeat.
NAME, CPR = "Testine Opdigtet", "010190-1234"


def test_the_shipped_rules_are_valid():
    rules = read_rules(SHIPPED)
    assert tuple(one.level for one in rules.levels) == LEVELS
    assert [len(one.requires) for one in rules.levels] == [0, 4, 11, 19, 10]
    assert re.fullmatch(r"promotion@1\+[0-9a-f]{8}", rules.version)


def test_every_bar_of_the_shipped_rules_says_why_and_on_what_grounds():
    for level in read_rules(SHIPPED).levels:
        for one in level.requires:
            assert one.figure in FIGURES or one.attested
            for text in (one.why.da, one.why.en):
                assert text.endswith((".", "?"))
            assert one.ask.da != one.ask.en or one.ask.da.isupper()
            if one.grounds in {"published", "law"}:
                assert one.source.startswith(("https://doi.org/10.", "GDPR (EU) 2016/679, article"))


def test_the_digest_follows_the_content_and_not_the_layout():
    again = parse_rules(dict(reversed(CONTENT.items())), "other.yaml")
    assert again.version == read_rules(SHIPPED).version
    changed = copy.deepcopy(CONTENT)
    changed["enough_persons"] = 101
    assert parse_rules(changed, "other.yaml").version != again.version


def change(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    """Return the shipped rules with one place changed; None takes it out."""
    changed: Any = copy.deepcopy(CONTENT)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


PILOT = ("levels", 3, "requires", 0)
BROKEN = {
    "an unknown key": (("bars",), 1, "not known"),
    "no version": (("version",), None, "required"),
    "persons": (("enough_persons",), 0, "whole number"),
    "half a person": (("enough_persons",), 2.5, "whole number"),
    "persons in words": (("enough_persons",), "many", "must be a number"),
    "no levels": (("levels",), [], "five levels"),
    "a level less": (("levels", 4), None, "five levels"),
    "a level twice": (("levels", 4), CONTENT["levels"][3], "five levels"),
    "another level": (("levels", 0, "level"), "trial", "one of demonstration"),
    "no meaning": (("levels", 0, "means"), None, "required"),
    "one language": (("levels", 0, "means"), {"da": "Kun dansk."}, "both languages"),
    "no list": (("levels", 0, "requires"), {"a": 1}, "must be a list"),
    "no requirement": (("levels", 1, "requires", 0), "data_kind", "Keys with values"),
    "an unknown key of one": ((*PILOT, "minimum"), 1, "not known"),
    "no name": ((*PILOT, "name"), None, "required"),
    "the same name": ((*PILOT, "name"), "not_synthetic", "two requirements are named"),
    "no reason": ((*PILOT, "why"), None, "required"),
    "no grounds": ((*PILOT, "grounds"), None, "required"),
    "other grounds": ((*PILOT, "grounds"), "feeling", "one of published"),
    "no source": ((*PILOT, "source"), None, "must have a source"),
    "another figure": ((*PILOT, "figure"), "accuracy", "one of"),
    "no figure": ((*PILOT, "figure"), None, "attested: true"),
    "no bar": ((*PILOT, "at_least"), None, "at_least or above"),
    "two lower bars": ((*PILOT, "above"), 0, "at_least or above"),
    "crossed bars": ((*PILOT, "at_most"), 0.5, "not above the upper"),
    "no finite bar": ((*PILOT, "at_least"), float("inf"), "finite"),
    "a bar in words": ((*PILOT, "at_least"), "high", "must be a number"),
    "words of a number": ((*PILOT, "one_of"), ["compared"], "at_least or above"),
    "a bar of a word": (("levels", 1, "requires", 0, "at_least"), 1, "is a word"),
    "another word": (("levels", 1, "requires", 0, "one_of"), ["real"], "is a word"),
    "attested with a bar": ((*PILOT, "attested"), True, "no figure and no bar"),
    "attested in words": ((*PILOT, "attested"), "maybe", "true or false"),
    "synthetic data": (
        ("levels", 1, "requires", 0, "one_of"), ["synthetic", "public"], "not let other data"),
    "public data": (("levels", 2, "requires", 0, "one_of"), ["public"], "not let other data"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_rules_that_break_a_rule_are_refused(name):
    path, value, told = BROKEN[name]
    with pytest.raises(CodebookError, match=re.escape(told)) as refused:
        parse_rules(change(path, value), "mine.yaml")
    assert all(one.file == "mine.yaml" and one.remedy for one in refused.value.faults)


def test_a_pilot_without_new_cases_is_refused():
    asked = [one for one in CONTENT["levels"][3]["requires"]
             if not one.get("figure", "").startswith("new_")]  # fmt: skip
    with pytest.raises(CodebookError, match="figure on new cases"):
        parse_rules(change(("levels", 3, "requires"), asked), "mine.yaml")


def test_all_faults_are_told_at_once():
    changed = change(("version",), None)
    changed["levels"][1]["requires"][0]["grounds"] = "feeling"
    with pytest.raises(CodebookError) as refused:
        parse_rules(changed, "mine.yaml")
    assert len(refused.value.faults) == 2


def write_answers(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    return path


def test_answers_are_read(tmp_path):
    text = (
        f"model_version: {VERSION}\n"
        "impact_assessed: {answer: yes, on: 2026-11-01, role: data_protection_officer}\n"
        "owner_appointed: {answer: no, on: 2026-11-23, role: management}\n"
    )
    path = write_answers(tmp_path, text)
    found, digest = read_attestations(path, NAMES, VERSION, TODAY)
    assert found == {
        "impact_assessed": Attestation(True, dt.date(2026, 11, 1), "data_protection_officer"),
        "owner_appointed": Attestation(False, TODAY, "management"),
    }
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    empty = write_answers(tmp_path, f'model_version: "{VERSION}"\n')
    assert read_attestations(empty, NAMES, VERSION, TODAY)[0] == {}


def test_the_version_may_look_like_a_number(tmp_path):
    path = write_answers(tmp_path, "model_version: 123456789012\n")
    assert read_attestations(path, NAMES, "123456789012", TODAY)[0] == {}


ANSWER = "impact_assessed: {{answer: {answer}, on: {on}, role: {role}}}\n"
GOOD = {"answer": "yes", "on": "2026-11-01", "role": "management"}
BAD_ANSWERS = {
    "a name as role": (ANSWER.format(**GOOD | {"role": NAME}), "names do not belong"),
    "a name as answer": (ANSWER.format(**GOOD | {"answer": NAME}), "yes or no"),
    "a name as date": (ANSWER.format(**GOOD | {"on": NAME}), "yyyy-mm-dd"),
    "a name as key": (f"{NAME}: yes\n", "not shown"),
    "a name as a further key": (
        f"impact_assessed: {{answer: yes, on: 2026-11-01, role: management, by: {NAME}}}\n",
        "exactly",
    ),
    "a name as text": (f"impact_assessed: {NAME} said yes\n", "exactly"),
    "a name in a list": (ANSWER.format(**GOOD | {"role": f"[{NAME}]"}), "names do not belong"),
    "a name twice as key": (f"{NAME}: yes\n{NAME}: no\n", "each key once"),
    "a name and no YAML": (f"{NAME}: [yes\n", "plain YAML"),
    "a personal number": (ANSWER.format(**GOOD | {"role": CPR}), "plain YAML"),
    "a day to come": (ANSWER.format(**GOOD | {"on": "2026-11-24"}), "not lie ahead"),
    "a day long ago": (ANSWER.format(**GOOD | {"on": "1990-01-01"}), "not lie ahead"),
    "no day": (ANSWER.format(**GOOD | {"on": "2026-02-30"}), "yyyy-mm-dd"),
    "true for yes": (ANSWER.format(**GOOD | {"answer": "true"}), "yes or no"),
    "a list for yes": (ANSWER.format(**GOOD | {"answer": "[yes]"}), "yes or no"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_bad_answers_are_refused_and_not_repeated(name, tmp_path):
    text, told = BAD_ANSWERS[name]
    path = write_answers(tmp_path, f"model_version: {VERSION}\n{text}")
    with pytest.raises(CodebookError, match=told) as refused:
        read_attestations(path, NAMES, VERSION, TODAY)
    for secret in (*NAME.split(), CPR, CPR.replace("-", "")):
        assert secret not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("head", ["model_version: ffffffffffff\n", "", "model_version: [a]\n"])
def test_answers_about_another_model_are_refused(head, tmp_path):
    path = write_answers(tmp_path, head + ANSWER.format(**GOOD))
    with pytest.raises(CodebookError, match="about this model") as refused:
        read_attestations(path, NAMES, VERSION, TODAY)
    assert VERSION in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CodebookError, match=r"answers\.yaml"):
        read_attestations(tmp_path / "answers.yaml", NAMES, VERSION, TODAY)


def test_roles_are_words_of_work():
    assert all(re.fullmatch(r"[a-z_]+", one) for one in ROLES)


def write_evaluation(folder: Path, **changes: object) -> Path:
    content = {"model_version": VERSION, "evaluation": {"design": "new cases"}} | changes
    data = json.dumps(content).encode()
    folder.mkdir()
    (folder / "evaluation.json").write_bytes(data)
    manifest = {"files": {"evaluation.json": hashlib.sha256(data).hexdigest()}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_an_evaluation_is_read_from_its_folder_or_file(tmp_path):
    folder = write_evaluation(tmp_path / "report")
    found = read_new_evaluation(folder, VERSION)
    assert found.content["model_version"] == VERSION
    assert found == read_new_evaluation(folder / "evaluation.json", VERSION)
    assert found.sha256 == hashlib.sha256((folder / "evaluation.json").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model_version": "ffffffffffff"}, "of another"),
        ({"evaluation": {"design": "cross-validation"}}, "training run"),
        ({"evaluation": None}, "training run"),
    ],
)
def test_another_evaluation_is_refused(changes, told, tmp_path):
    folder = write_evaluation(tmp_path / "report", **changes)
    with pytest.raises(InputError, match=told) as refused:
        read_new_evaluation(folder, VERSION)
    assert refused.value.exit_code == 2


def test_a_changed_evaluation_is_refused(tmp_path):
    folder = write_evaluation(tmp_path / "report")
    file = folder / "evaluation.json"
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(InputError, match="was changed"):
        read_new_evaluation(folder, VERSION)
    file.write_text("{")
    with pytest.raises(InputError, match="must be JSON"):
        read_new_evaluation(folder, VERSION)
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_new_evaluation(folder, VERSION)


def test_the_evaluation_in_a_saved_model(fitted, tmp_path):
    save_bundle(fitted.model, tmp_path / "bare")
    assert read_saved_evaluation(tmp_path / "bare").document is None
    data = b'{\n "data_kind": "synthetic"\n}\n'
    model = save_bundle(fitted.model, tmp_path / "judged", extra={"evaluation.json": data})
    found = read_saved_evaluation(tmp_path / "judged")
    assert found.document.content == {"data_kind": "synthetic"}
    assert found.document.sha256 == hashlib.sha256(data).hexdigest()
    assert found.model_sha256.startswith(model.version)
    save_bundle(fitted.model, tmp_path / "odd", extra={"evaluation.json": b"[]\n"})
    with pytest.raises(ModelError, match="no figures"):
        read_saved_evaluation(tmp_path / "odd")
