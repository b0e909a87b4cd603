"""Saved models: the same bits in a new process, no changed figure, no code, nothing personal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import Outcomes
from riskmodel.errors import InputError, ModelError
from riskmodel.io.bundle import (
    ALLOWED,
    CARD,
    GOLDEN,
    PARTS,
    REQUIRED,
    _reach_entries,
    check_target,
    load_bundle,
    load_grades,
    save_bundle,
)
from riskmodel.io.sealed_folder import MANIFEST, encode_json, write_sealed_folder
from riskmodel.io.tables import read_cases
from riskmodel.model.encoding import encode_fields
from riskmodel.training.fit import TrainingSettings, fit_risk_model

FIGURES = ("score", "contributions", "risk", "risk_low", "risk_high", "margin", "expected_weeks")

# Loads a model and scores a file, and prints what happened meanwhile.
LOAD_AND_SCORE = """
import json, sys
from pathlib import Path
events = []
WATCHED = ("pickle.", "marshal.", "subprocess.", "socket.", "os.exec", "os.system", "os.posix")
def watch(event, arguments):
    if watching and (event.startswith(WATCHED) or event in {"exec", "compile"}):
        events.append(event)
watching = False
sys.addaudithook(watch)
from riskmodel.io.bundle import load_bundle
from riskmodel.io.tables import read_cases
from riskmodel.model.scoring import score_cases
def load_and_score():
    model = load_bundle(sys.argv[1])
    return score_cases(model, read_cases(sys.argv[2], model.codebook))
load_and_score()  # modules that are imported late are code too
watching = True
cases = load_and_score()
watching = False
figures = {name: getattr(cases.scores, name).tobytes().hex() for name in json.loads(sys.argv[3])}
print(json.dumps({"events": events, "modules": sorted(sys.modules), "figures": figures}))
"""


@pytest.fixture
def copied(bundle, tmp_path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "model"))


def reseal(folder: Path, name: str, change: Callable[[Any], None]) -> Path:
    """Change one document and write the folder anew, with a manifest that fits."""
    documents = {path.name: path.read_bytes() for path in folder.iterdir()}
    del documents[MANIFEST]
    document = json.loads(documents[name])
    change(document)
    documents[name] = encode_json(document)
    shutil.rmtree(folder)
    write_sealed_folder(folder, documents, allowed=ALLOWED)
    return folder


def walk_numbers(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the container and the key of every number in a document."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from walk_numbers(value)
        elif type(value) in {int, float}:
            yield document, key


def run_in_new_process(bundle: Path, cases: Path, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", LOAD_AND_SCORE, str(bundle), str(cases), json.dumps(FIGURES)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def elsewhere(bundle, open_file) -> dict[str, Any]:
    return run_in_new_process(bundle, open_file)


@pytest.mark.slow
def test_a_new_process_scores_bit_for_bit_and_runs_no_code(elsewhere, fitted, open_file):
    found = elsewhere
    table = read_cases(open_file, fitted.model.codebook)
    expected = fitted.model.score(encode_fields(table), table.assessed_week)
    for name in FIGURES:
        assert found["figures"][name] == getattr(expected, name).tobytes().hex(), name
    assert found["events"] == []
    heavy = {"sklearn", "scipy", "lightgbm", "shap", "mlflow", "matplotlib", "joblib"}
    assert heavy & {name.split(".")[0] for name in found["modules"]} == set()


@pytest.mark.slow
def test_the_watch_sees_code_that_runs(bundle, open_file, monkeypatch):
    script = LOAD_AND_SCORE.replace("model = load", "eval('1')\n    model = load")
    monkeypatch.setitem(globals(), "LOAD_AND_SCORE", script)
    assert "exec" in run_in_new_process(bundle, open_file)["events"]


@pytest.mark.slow
def test_a_model_saved_on_another_processor_loads(bundle, open_file, elsewhere):
    """numpy's exponential differs in the last digit where AVX-512 is missing."""
    with_warning = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL", "PYTHONWARNINGS": "ignore"}
    here = elsewhere["figures"]
    there = run_in_new_process(bundle, open_file, **with_warning)["figures"]
    assert here["score"] == there["score"]
    assert here["contributions"] == there["contributions"]
    before, after = (np.frombuffer(bytes.fromhex(one["risk"])) for one in (here, there))
    np.testing.assert_allclose(before, after, rtol=1e-13)


def test_the_round_trip_is_exact(bundle, fitted, tmp_path):
    loaded = load_bundle(bundle)
    again = save_bundle(loaded, tmp_path / "again")
    assert again.version == loaded.version != "unsaved"
    for path in bundle.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    assert loaded.codebook == fitted.model.codebook
    assert loaded.provenance == fitted.model.provenance


def test_a_bundle_holds_the_agreed_files_only(bundle):
    assert {path.name for path in bundle.iterdir()} == REQUIRED | {MANIFEST}
    assert {f"{name}.json" for name in PARTS} | {GOLDEN} == REQUIRED


@pytest.mark.parametrize("name", ["tables.json", "spread.json", "curve.json", "provenance.json"])
def test_one_altered_number_is_caught(copied, bundle, name):
    """Any number, under a manifest that fits: a dozen places drawn evenly."""
    places = sum(1 for _ in walk_numbers(json.loads((bundle / name).read_bytes())))
    for place in np.unique(np.linspace(0, places - 1, 12).astype(int)):

        def alter(document, place=place):
            container, key = list(walk_numbers(document))[place]
            container[key] += 1 if type(container[key]) is int else 1e-9

        shutil.rmtree(copied)
        shutil.copytree(bundle, copied)
        with pytest.raises(ModelError) as refused:
            load_bundle(reseal(copied, name, alter))
        assert refused.value.exit_code == 4
        assert "model" in str(refused.value)


def test_every_entry_of_the_tables_is_reached_by_a_golden_row(copied):
    """Without the digest of the parts, the rows alone catch any changed entry."""
    golden = json.loads((copied / GOLDEN).read_bytes())
    tables = json.loads((copied / "tables.json").read_bytes())
    fields = load_bundle(copied).tables
    n_rows = len(golden["score"])
    for column, one in enumerate(fields.bins):
        entries = one.assign(_reach_entries(one, column, n_rows))
        assert set(entries) == set(range(one.n_entries)), one.name
    assert len(tables["fields"]) == len(fields.bins)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda document: document.pop("fields"), "tables.json"),
        (lambda document: document["fields"][0]["steps"].pop(), "tables.json"),
        (lambda document: document["fields"][0].update(kind="text"), "tables.json"),
        (lambda document: document["fields"].pop(), "tables.json"),
        (lambda document: document["landmarks"].clear(), "curve.json"),
        (lambda document: document["landmarks"][0]["weeks"].reverse(), "curve.json"),
        (lambda document: document.update(levels=[0.1, 0.9]), "curve.json"),
        (lambda document: document["steps"].pop(), "spread.json"),
        (lambda document: document.update(more=1), "provenance.json"),
        (lambda document: document.update(seed="x" * 10), "provenance.json"),
        (lambda document: document.pop("key"), "codebook.json"),
        (lambda document: document.clear(), GOLDEN),
        (lambda document: document["risk"].pop(), GOLDEN),
        (lambda document: document.update(risk="0x1p-1"), GOLDEN),
        (lambda document: document.update(outside=None), GOLDEN),
    ],
)
def test_a_document_that_describes_no_model_is_refused(copied, change, name):
    with pytest.raises(ModelError) as refused:
        load_bundle(reseal(copied, name, change))
    assert refused.value.exit_code == 4


@pytest.mark.parametrize("name", ["tables.json", "codebook.json", GOLDEN])
def test_a_list_in_place_of_a_document_is_refused(copied, name):
    documents = {path.name: path.read_bytes() for path in copied.iterdir()}
    del documents[MANIFEST]
    shutil.rmtree(copied)
    write_sealed_folder(copied, {**documents, name: b"[1]\n"}, allowed=ALLOWED)
    with pytest.raises(ModelError):
        load_bundle(copied)


@pytest.mark.parametrize("name", sorted(REQUIRED | {MANIFEST}))
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_bundle(copied)


def test_a_missing_or_empty_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no_such_model: there is no such folder"):
        load_bundle(tmp_path / "no_such_model")
    with pytest.raises(ModelError):
        load_bundle(tmp_path)


def test_a_pinned_digest(bundle):
    digest = load_bundle(bundle).version
    with pytest.raises(ModelError, match="digest"):
        load_bundle(bundle, expected_sha256=digest + "0" * 52)


def test_extra_documents_go_along(fitted, tmp_path):
    extra = {CARD: b"# Card\n", "evaluation.json": b"{}\n"}
    plain = save_bundle(fitted.model, tmp_path / "plain")
    described = save_bundle(fitted.model, tmp_path / "described", extra=extra)
    assert described.version != plain.version
    assert load_bundle(tmp_path / "described").version == described.version
    with pytest.raises(ValueError, match="closed list"):
        save_bundle(fitted.model, tmp_path / "odd", extra={"rows.csv": b"x"})
    assert not (tmp_path / "odd").exists()


def test_another_model_is_replaced_only_when_asked(fitted, tmp_path):
    path = tmp_path / "model"
    save_bundle(fitted.model, path)
    save_bundle(fitted.model, path)
    other = replace(fitted.model, provenance=replace(fitted.model.provenance, seed=99))
    with pytest.raises(InputError, match="holds another model"):
        save_bundle(other, path)
    assert load_bundle(path).provenance.seed == 0
    save_bundle(other, path, overwrite=True)
    assert load_bundle(path).provenance.seed == 99


@pytest.mark.parametrize("extreme", [False, True])
def test_no_personal_figure_is_in_a_saved_model(history, tmp_path, extreme):
    """Unique values in every number, id and duration: none of them in any byte."""
    table = history.take(np.arange(120))
    n = len(table)
    fields, markers = table.fields.copy(), set()
    for place, one in enumerate(table.codebook.indicators):
        if one.type != "number" or one.name not in fields:
            continue
        low, high = one.range
        drawn = np.random.default_rng(place).uniform(low, high, n)
        marked = np.round(drawn, 3) + 0.000_123_4 * (1 + np.arange(n) / 1000)
        if extreme:  # one person stands far from all others
            marked = np.where(np.arange(n) == 7, marked, np.round(drawn / 20))
        marked = np.clip(marked, low, high)
        fields[one.name] = marked
        markers |= {repr(float(value)) for value in (marked[7:8] if extreme else marked)}
    duration = np.round(table.outcomes.duration_weeks + 0.1, 1) + 0.004_321 + np.arange(n) * 1e-6
    markers |= {repr(float(value)) for value in duration}
    ids = np.array([f"MARK-{row:04d}-ZQX" for row in range(n)])
    planted = replace(
        table,
        case_id=ids,
        group=np.char.add("P", ids),
        fields=fields,
        outcomes=Outcomes(duration, table.outcomes.ended, table.outcomes.recovered),
    )
    settings = TrainingSettings(n_refits=2, n_folds=2, pair_terms=False)
    save_bundle(fit_risk_model(planted, settings).model, tmp_path / "model")
    content = b"".join(path.read_bytes() for path in sorted((tmp_path / "model").iterdir()))
    assert b"ZQX" not in content
    numbers = {float(value) for value in markers if not float(value).is_integer()}
    assert len(numbers) > 100
    found = set(pd.to_numeric(list(find_numbers(content.decode()))))
    assert found & numbers == set()


def find_numbers(text: str) -> Iterator[str]:
    return iter(set(re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])", text)))


def test_a_target_in_use_is_refused_before_training(tmp_path: Path) -> None:
    check_target(tmp_path / "new", overwrite=False)
    (tmp_path / "old").mkdir()
    check_target(tmp_path / "old", overwrite=True)
    with pytest.raises(InputError, match="add --overwrite"):
        check_target(tmp_path / "old", overwrite=False)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        check_target(tmp_path / "file" / "model", overwrite=False)


def test_the_grades_of_the_evaluation_come_back(bundle: Path, tmp_path: Path) -> None:
    assert load_grades(bundle) == {}
    model = load_bundle(bundle)
    verdicts = b'{"verdicts": [{"question": "auc", "grade": "poor", "figure": "x"}]}'
    save_bundle(model, tmp_path / "judged", extra={"evaluation.json": verdicts})
    assert load_grades(tmp_path / "judged") == {"auc": "poor"}
    save_bundle(model, tmp_path / "odd", extra={"evaluation.json": b"{}"})
    with pytest.raises(ModelError, match="holds no verdicts"):
        load_grades(tmp_path / "odd")
