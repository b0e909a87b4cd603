"""Tracking: runs are logged whole or kept in the journal, and MLflow is left as it was."""

from __future__ import annotations

import fcntl
import json
import logging
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import InputError, ModelError
from riskmodel.io import tracking, tracking_store
from riskmodel.io.run_record import RunRecord, ServedModel, interval_metrics
from riskmodel.io.sealed_folder import encode_json, read_sealed_folder, write_sealed_folder
from riskmodel.io.tracking import (
    TrackingWarning,
    list_runs,
    load_registered,
    log_run,
    replay_journal,
    set_alias,
)
from riskmodel.io.tracking_journal import JournalEntry, decode_entry, encode_entry
from riskmodel.io.tracking_store import StoreError, TrackingStore, find_store, hold_store

DOCUMENTS = frozenset({"model.json"})

# MLflow alone takes seconds to import, and its stores to be made.
pytestmark = pytest.mark.slow

STANDIN = """
import pandas as pd
from pathlib import Path
import mlflow

class Standin(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.names = sorted(one.name for one in Path(context.artifacts["bundle"]).iterdir())

    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        return pd.DataFrame({"risk": [len(self.names) / 10] * len(model_input)})

mlflow.models.set_model(Standin())
"""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database once: it takes seconds."""
    store = find_store(tmp_path_factory.mktemp("template"))
    with hold_store(store, tracking._create_database):
        pass
    assert store.database is not None
    return store.database


@pytest.fixture
def store(template: Path, tmp_path: Path) -> TrackingStore:
    made = find_store(tmp_path / "project")
    made.folder.mkdir(parents=True)
    shutil.copy(template, made.folder / template.name)
    return made


def make_record(**changes: object) -> RunRecord:
    settings: dict[str, object] = {
        "experiment": "sick-leave",
        "run_name": "synthetic, 60 cases",
        "parameters": {"seed": 7, "shrinkage": 0.5, "bagged": True, "policy": None},
        "metrics": {**interval_metrics("auc", 0.66, 0.61, 0.71), "slope": math.nan},
        "tags": {"data_kind": "synthetic"},
        "data_fingerprint": "ab" * 32,
        "data_counts": {"rows": 60, "persons": 58},
        "documents": {"report/card.md": "# Kort æøå", "figures/roc.png": b"\x89PNG\r\n"},
        **changes,
    }
    return RunRecord(**settings)  # type: ignore[arg-type]


@pytest.fixture
def served(tmp_path: Path) -> ServedModel:
    bundle = tmp_path / "private folder" / "bundle-2026"
    write_sealed_folder(bundle, {"model.json": encode_json({"a": 0.1})}, allowed=DOCUMENTS)
    code = tmp_path / "private folder" / "standin.py"
    code.write_text(STANDIN)
    policy = tmp_path / "private folder" / "lejre_greve.yaml"
    policy.write_text("name: lejre-greve\n")
    return ServedModel(
        bundle=bundle,
        code=code,
        columns={"age": "double", "sector": "string"},
        required=frozenset({"age"}),
        parameters={"policy": "string", "horizon": "double"},
        requirements=("pandas",),
        policy=(policy,),
        registered_name="sick-leave",
        alias="candidate",
    )


def test_a_run_is_logged_with_figures_and_documents(store: TrackingStore) -> None:
    logged = log_run(make_record(), store)
    assert logged is not None
    (found,) = list_runs(store)
    assert found.run_id == logged.run_id
    assert (found.experiment, found.run_name) == ("sick-leave", "synthetic, 60 cases")
    assert found.status == "FINISHED"
    assert found.metrics == {"auc": 0.66, "auc_low": 0.61, "auc_high": 0.71}
    assert found.tags["riskmodel.undefined_metrics"] == "slope"
    assert found.tags["data_kind"] == "synthetic"
    assert found.parameters == {
        "seed": "7",
        "shrinkage": "0.5",
        "bagged": "True",
        "policy": "None",
        "data_rows": "60",
        "data_persons": "58",
        "data_fingerprint": "ab" * 32,
    }
    (card,) = store.artifacts.rglob("card.md")
    assert card.read_text(encoding="utf-8") == "# Kort æøå"
    assert card.parent.name == "report"
    assert not store.journal.exists()


def test_long_runs_are_logged_in_batches(store: TrackingStore) -> None:
    parameters = {f"p{number}": number for number in range(230)}
    metrics = {f"m{number}": float(number) for number in range(1_230)}
    record = make_record(parameters=parameters, metrics=metrics, data_counts={})
    assert log_run(record, store) is not None
    (found,) = list_runs(store)
    assert len(found.parameters) == 231
    assert found.metrics == metrics


def test_the_bundle_is_logged_registered_and_fetched_back(
    store: TrackingStore, served: ServedModel, tmp_path: Path
) -> None:
    logged = log_run(make_record(model=served), store)
    assert logged is not None
    assert logged.registered_version == "1"
    again = log_run(make_record(model=served, run_name="second"), store)
    assert again is not None
    assert again.registered_version == "2"
    set_alias("sick-leave", "champion", "1", store)
    fetched = load_registered("sick-leave", "champion", store, tmp_path / "fetched")
    original = read_sealed_folder(served.bundle, allowed=DOCUMENTS, required=DOCUMENTS)
    copy = read_sealed_folder(
        fetched, allowed=DOCUMENTS, required=DOCUMENTS, expected_sha256=original.sha256
    )
    assert copy.documents == original.documents
    suffixes = {one.suffix for one in store.artifacts.rglob("*") if one.is_file()}
    assert not suffixes & {".pkl", ".joblib", ".skops", ".cloudpickle"}
    for file in (one for one in store.folder.rglob("*") if one.is_file()):
        assert b"private folder" not in file.read_bytes(), file.name
        assert b"lejre_greve" not in file.read_bytes(), file.name
    assert len(list(store.artifacts.rglob("policy.yaml"))) == 2


def test_fetching_what_is_not_registered(store: TrackingStore, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nobody@champion could not be fetched"):
        load_registered("nobody", "champion", store, tmp_path / "fetched")
    with pytest.raises(ModelError, match="nobody version 3"):
        set_alias("nobody", "champion", "3", store)
    fresh = find_store(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="no model is registered"):
        load_registered("nobody", "champion", fresh, tmp_path / "fetched")
    assert list_runs(fresh) == ()
    assert not fresh.folder.exists()


def test_runs_are_listed_newest_first_and_by_experiment(store: TrackingStore) -> None:
    for number in range(3):
        log_run(make_record(run_name=f"run {number}", documents={}), store)
    log_run(make_record(experiment="other", documents={}), store)
    names = [one.run_name for one in list_runs(store, "sick-leave")]
    assert sorted(names) == ["run 0", "run 1", "run 2"]
    starts = [one.started_ms for one in list_runs(store)]
    assert starts == sorted(starts, reverse=True)
    assert len(list_runs(store, limit=2)) == 2
    assert list_runs(store, "unheard of") == ()


def test_mlflow_is_left_as_it_was_and_nothing_is_printed(
    store: TrackingStore, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)
    before = dict(os.environ)
    level = logging.getLogger("mlflow").level
    filters = list(warnings.filters)
    assert log_run(make_record(), store) is not None
    import mlflow  # noqa: PLC0415

    assert mlflow.get_tracking_uri() == "http://127.0.0.1:1"
    assert mlflow.active_run() is None
    telemetry = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    assert dict(os.environ) == {**before, **telemetry}
    assert logging.getLogger("mlflow").level == level
    assert list(warnings.filters) == filters
    assert capfd.readouterr() == ("", "")


def test_a_callers_own_run_stays_active(store: TrackingStore, served: ServedModel) -> None:
    import mlflow  # noqa: PLC0415

    with tracking_store.quiet_mlflow():
        mlflow.set_tracking_uri(store.uri)
        mlflow.set_experiment("own work")
        mine = mlflow.start_run()
    try:
        assert log_run(make_record(model=served), store) is not None
        active = mlflow.active_run()
        assert active is not None
        assert active.info.run_id == mine.info.run_id
    finally:
        with tracking_store.quiet_mlflow():
            mlflow.end_run()
            mlflow.set_tracking_uri(None)  # type: ignore[arg-type]


def damage(store: TrackingStore) -> Path:
    assert store.database is not None
    store.database.write_bytes(b"this is no database at all" * 1000)
    return store.database


def test_a_damaged_store_costs_the_entry_and_the_journal_replays_it(
    store: TrackingStore, served: ServedModel, template: Path
) -> None:
    database = damage(store)
    with pytest.warns(TrackingWarning, match=r"mlflow\.db is damaged .* waits in the journal"):
        assert log_run(make_record(model=served), store) is None
    (file,) = store.journal.glob("*.json")
    kept = decode_entry(file.read_bytes(), file.name)
    with pytest.raises(StoreError, match="restore a backup"):
        list_runs(store)
    with pytest.warns(TrackingWarning, match="was not logged"):
        assert replay_journal(store) == ()
    assert file.exists()
    shutil.copy(template, database)
    (logged,) = replay_journal(store)
    assert not file.exists()
    (found,) = list_runs(store)
    assert found.run_id == logged.run_id
    assert found.started_ms == kept.started_ms
    assert found.metrics == {"auc": 0.66, "auc_low": 0.61, "auc_high": 0.71}
    assert found.tags["riskmodel.undefined_metrics"] == "slope"
    assert logged.registered_version == "1"
    assert replay_journal(store) == ()


def test_an_entry_already_logged_is_not_logged_twice(store: TrackingStore) -> None:
    entry = JournalEntry("e" * 32, 1_795_000_000_000, make_record())
    store.journal.mkdir()
    tracking._log(entry, store)
    (store.journal / "1-again.json").write_bytes(encode_entry(entry))
    assert len(replay_journal(store)) == 1
    assert len(list_runs(store)) == 1


def test_a_run_cut_off_half_way_is_logged_anew(
    store: TrackingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        msg = "disk full\nage=forty-seven"
        raise RuntimeError(msg)

    with monkeypatch.context() as patch:
        patch.setattr(tracking, "_fill_run", fail)
        with pytest.warns(TrackingWarning, match="disk full") as caught:
            assert log_run(make_record(), store) is None
    assert caught[0].filename == __file__
    assert "forty" not in str(caught[0].message)
    (half,) = list_runs(store)
    assert half.status == "FAILED"
    assert len(replay_journal(store)) == 1
    (found,) = list_runs(store)
    assert found.status == "FINISHED"


def test_a_bundle_changed_since_is_not_replayed(
    store: TrackingStore, served: ServedModel, template: Path
) -> None:
    database = damage(store)
    with pytest.warns(TrackingWarning):
        log_run(make_record(model=served), store)
    shutil.copy(template, database)
    (served.bundle / "model.json").write_bytes(b"{}")
    with pytest.warns(TrackingWarning, match="gone or has changed"):
        assert replay_journal(store) == ()
    assert len(list(store.journal.glob("*.json"))) == 1


def test_a_damaged_entry_does_not_hold_up_the_others(store: TrackingStore) -> None:
    store.journal.mkdir()
    (store.journal / "0-bad.json").write_bytes(b"{")
    good = JournalEntry("f" * 32, 1_795_000_000_000, make_record())
    (store.journal / "1-good.json").write_bytes(encode_entry(good))
    with pytest.warns(TrackingWarning, match=r"0-bad\.json was not logged"):
        assert len(replay_journal(store)) == 1
    assert [one.name for one in store.journal.iterdir()] == ["0-bad.json"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    held = hold_store

    def hold(store: TrackingStore, create: object) -> object:
        return held(store, create, wait_seconds=0.2)  # type: ignore[arg-type]

    monkeypatch.setattr(tracking, "hold_store", hold)


@pytest.mark.usefixtures("impatient")
def test_a_database_locked_by_another_program(store: TrackingStore) -> None:
    connection = sqlite3.connect(str(store.database))
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.warns(TrackingWarning, match="is locked by another program"):
        assert log_run(make_record(), store) is None
    connection.rollback()
    connection.close()
    assert len(replay_journal(store)) == 1


@pytest.mark.usefixtures("impatient")
def test_a_store_held_by_another_run(store: TrackingStore) -> None:
    with (store.folder / ".lock").open("ab") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
        with pytest.warns(TrackingWarning, match="in use by another run"):
            assert log_run(make_record(), store) is None
    assert len(replay_journal(store)) == 1


def test_a_store_deleted_between_runs_is_made_anew(
    store: TrackingStore, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.database is not None
    log_run(make_record(run_name="before"), store)
    store.database.unlink()
    monkeypatch.setattr(tracking, "_create_database", lambda path: shutil.copy(template, path))
    assert log_run(make_record(run_name="after"), store) is not None
    assert [one.run_name for one in list_runs(store)] == ["after"]


def test_a_store_deleted_during_a_run_is_noticed(
    store: TrackingStore, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = tracking._fill_run

    def fill_and_delete(*arguments: object) -> object:
        logged = original(*arguments)  # type: ignore[arg-type]
        assert store.database is not None
        shutil.copy(template, store.database.with_name("new"))
        store.database.with_name("new").rename(store.database)
        return logged

    monkeypatch.setattr(tracking, "_fill_run", fill_and_delete)
    with pytest.warns(TrackingWarning, match="waits in the journal"):
        assert log_run(make_record(), store) is None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "mlruns").write_text("a file in the way")
    with pytest.warns(TrackingWarning, match="not kept in the journal"):
        assert log_run(make_record(), find_store(tmp_path)) is None


def test_another_database_is_not_taken_for_a_store(tmp_path: Path) -> None:
    store = find_store(tmp_path)
    store.folder.mkdir()
    connection = sqlite3.connect(str(store.database))
    connection.execute("CREATE TABLE precious (a)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="is no MLflow store"):
        list_runs(store)


def test_an_unreachable_server_costs_the_entry(tmp_path: Path) -> None:
    store = find_store(tmp_path, uri="http://127.0.0.1:9")
    with pytest.warns(TrackingWarning, match="waits in the journal"):
        assert log_run(make_record(documents={}), store) is None
    assert len(list((tmp_path / "mlruns" / "journal").iterdir())) == 1


def test_leftovers_of_a_creation_cut_off_are_replaced(template: Path, tmp_path: Path) -> None:
    store = find_store(tmp_path)
    store.folder.mkdir()
    (store.folder / ".mlflow.db.partial").write_bytes(b"half")

    def create(path: Path) -> None:
        assert not path.exists()
        shutil.copy(template, path)

    with hold_store(store, create):
        pass
    assert sorted(one.name for one in store.folder.iterdir()) == [".lock", "mlflow.db"]


def test_where_the_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    here = find_store()
    assert here == find_store(tmp_path) == find_store(uri="sqlite:///mlruns/mlflow.db")
    assert here.database == tmp_path / "mlruns" / "mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.example:5000")
    assert find_store().uri == "http://tracking.example:5000"
    assert find_store().database is None
    assert find_store(tmp_path) == here
    with (
        pytest.raises(StoreError, match="question mark"),
        hold_store(find_store(tmp_path / "a?b"), tracking._create_database),
    ):
        pass


CHILD = """
import sys, warnings
warnings.simplefilter("error")
connections = []
sys.addaudithook(lambda event, args: connections.append(args[1])
                 if event in ("socket.connect", "socket.getaddrinfo") else None)
from riskmodel.io.run_record import RunRecord
from riskmodel.io.tracking import log_run
from riskmodel.io.tracking_store import find_store
logged = log_run(RunRecord("fresh", sys.argv[2], metrics={"auc": 0.6},
                           documents={"card.md": "x"}), find_store(sys.argv[1]))
assert logged is not None
assert connections == [], connections
"""


def test_four_processes_at_once_on_a_fresh_store(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path)]
    children = [
        subprocess.Popen(
            [*command, f"run {number}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for number in range(4)
    ]
    for child in children:
        output, _ = child.communicate(timeout=300)
        assert child.returncode == 0, output
        assert output == ""
    runs = list_runs(find_store(tmp_path))
    assert sorted(one.run_name for one in runs) == [f"run {number}" for number in range(4)]
    assert {one.status for one in runs} == {"FINISHED"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"run_name": " "}, "must not be empty"),
        ({"parameters": {"cases": "/home/ada/cases.csv"}}, "must not name a folder"),
        ({"parameters": {"cases": "~/cases.csv"}}, "must not name a folder"),
        ({"parameters": {"cases": "C:\\data\\cases.csv"}}, "must not name a folder"),
        ({"tags": {"source": "file:///srv/cases.csv"}}, "must not name a folder"),
        ({"parameters": {"text": "x" * 501}}, "at most 500"),
        ({"metrics": {"auc:1": 0.5}}, "Names hold"),
        ({"documents": {"../card.md": ""}}, "plain relative path"),
        ({"documents": {"/card.md": ""}}, "plain relative path"),
        ({"documents": {"model.pkl": b""}}, "plain relative path"),
        ({"documents": {".hidden/card.md": b""}}, "plain relative path"),
    ],
)
def test_a_record_checks_itself(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_record(**changes)


def test_ratios_and_units_are_no_paths() -> None:
    make_record(parameters={"range": "1/3", "unit": "talks/week", "url": "a: b", "eq": "x=/"})


def test_a_served_model_checks_itself(served: ServedModel) -> None:
    with pytest.raises(ValueError, match="needs a registered_name"):
        ServedModel(served.bundle, served.code, {"age": "double"}, alias="champion")
    with pytest.raises(ValueError, match="must name columns"):
        ServedModel(served.bundle, served.code, {"age": "double"}, frozenset({"agee"}))
    with pytest.raises(ValueError, match="at least one column"):
        ServedModel(served.bundle, served.code, {})


names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
values = st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-1e9, 1e9) | names


@given(
    st.dictionaries(names, values),
    st.dictionaries(names, st.floats(-1e9, 1e9) | st.just(math.nan)),
    st.dictionaries(names.map("{}.png".format), st.binary(max_size=50)),
)
def test_a_journal_entry_reads_back(
    parameters: dict[str, object], metrics: dict[str, float], documents: dict[str, bytes]
) -> None:
    record = make_record(parameters=parameters, metrics=metrics, documents=documents)
    entry = JournalEntry("a" * 32, 5, record)
    back = decode_entry(encode_entry(entry), "entry.json")
    assert encode_entry(back) == encode_entry(entry)
    assert repr(dict(back.record.parameters)) == repr(parameters)
    assert back.record.documents == documents


def test_a_damaged_journal_entry_is_named(served: ServedModel) -> None:
    entry = JournalEntry("a" * 32, 5, make_record(model=served), "seal")
    back = decode_entry(encode_entry(entry), "entry.json")
    assert back.record.model == served
    assert back.bundle_seal == "seal"
    content = json.loads(encode_entry(entry))
    for broken in (b"", b"[]", b"{}", json.dumps({**content, "documents": {"a.md": "%"}}).encode()):
        with pytest.raises(InputError, match=r"entry\.json: the journal entry is damaged"):
            decode_entry(broken, "entry.json")
