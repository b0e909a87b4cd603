"""The registered model answers a real HTTP request as `score` does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from riskmodel.io.bundle import load_bundle
from riskmodel.io.policy_files import read_policy
from riskmodel.io.run_record import RunRecord
from riskmodel.io.tables import read_cases
from riskmodel.io.tracking import log_run
from riskmodel.io.tracking_store import find_store
from riskmodel.pipelines.score import score_frame
from riskmodel.pipelines.serving import describe_served_model

pytestmark = pytest.mark.slow

POLICY = Path("configs/visitation/lejre-greve.yaml")
START_SECONDS = 180


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _post(port: int, body: dict[str, object]) -> tuple[int, dict]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invocations",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def served(bundle, codebook, tmp_path_factory):
    """Log and register the model, serve it, and stop the server in the end."""
    root = tmp_path_factory.mktemp("served")
    store = find_store(root)
    model = describe_served_model(
        bundle, codebook, policy=POLICY, registered_name="riskmodel", alias="candidate"
    )
    assert log_run(RunRecord("test", "served", model=model), store) is not None
    port = _free_port()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [
        str(Path(sys.executable).with_name("mlflow")), "models", "serve",
        "-m", "models:/riskmodel@candidate", "--env-manager", "local",
        "-h", "127.0.0.1", "-p", str(port), "-w", "1",
    ]  # fmt: skip
    with (root / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env={**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": store.uri},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_up(port, server, root / "server.log")
            yield port
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def _wait_until_up(port: int, server: subprocess.Popen, log: Path) -> None:
    for _ in range(2 * START_SECONDS):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.5)
    pytest.fail(f"the server did not start:\n{log.read_text()[-2000:]}")


def test_a_request_gets_what_score_gives(served, bundle, codebook, open_file):
    table = read_cases(open_file, codebook)
    model = load_bundle(bundle)
    wanted = score_frame(model, table, read_policy(POLICY, codebook), contributions=True)
    facts = table.fields.drop(columns=[one for one in table.fields if "date" in one])
    frame = facts.astype(object).where(facts.notna(), None)
    frame.insert(0, "assessed_week", table.assessed_week)
    frame.insert(0, "case_id", table.case_id)
    status, answer = _post(served, {"dataframe_records": frame.to_dict(orient="records")})
    assert status == 200, answer
    rows = answer["predictions"]
    assert [row["case_id"] for row in rows] == list(wanted["case_id"])
    for name in ("risk", "risk_low", "risk_high", "expected_weeks"):
        assert np.allclose([row[name] for row in rows], wanted[name], rtol=0, atol=1e-12)
    assert [row["tier"] for row in rows] == list(wanted["tier"])
    assert [row["reasons"] for row in rows] == list(wanted["reasons"])
    shown = [name for name in rows[0] if name.startswith("contribution.")]
    assert len(shown) == len(codebook.indicators)
    points = np.array([[row[name] for name in shown] for row in rows]).sum(axis=1) / 100
    assert np.allclose(points, wanted["risk"] - model.reference_risk, atol=1e-9)


def test_another_horizon_and_no_policy_can_be_asked_for(served, codebook, open_file):
    table = read_cases(open_file, codebook)
    facts = table.fields.drop(columns=[one for one in table.fields if "date" in one])
    frame = facts.astype(object).where(facts.notna(), None).head(3)
    frame.insert(0, "assessed_week", table.assessed_week[:3])
    body = {"dataframe_records": frame.to_dict(orient="records")}
    _, primary = _post(served, body)
    status, later = _post(served, {**body, "params": {"horizon": 52.0, "policy": "none"}})
    assert status == 200
    pairs = list(zip(primary["predictions"], later["predictions"], strict=True))
    assert all(after["risk"] < before["risk"] for before, after in pairs)
    assert {after["tier"] for _, after in pairs} == {""}


def _make_record(codebook, open_file) -> dict[str, object]:
    table = read_cases(open_file, codebook)
    facts = table.fields.drop(columns=[one for one in table.fields if "date" in one])
    frame = facts.astype(object).where(facts.notna(), None).head(1)
    frame.insert(0, "assessed_week", 5.0)
    return {"case_id": "S-SECRET", **frame.to_dict(orient="records")[0]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rtw_expectation": "Xqjensen"}, "column rtw_expectation: the cell is not one of"),
        ({"assessed_week": "Xqjensen"}, "column assessed_week: a number is needed"),
        ({"agee": "Xqjensen"}, "the codebook has no such column"),
        ({"age": {"years": "Xqjensen"}}, "could not be read"),
        ({"age": ["Xqjensen"]}, "could not be read"),
        ({"case_id": "010165-0000"}, "CPR"),
    ],
)
def test_a_wrong_request_is_told_of_and_none_of_its_cells_repeated(
    change, told, served, codebook, open_file
):
    record = {**_make_record(codebook, open_file), **change}
    status, answer = _post(served, {"dataframe_records": [record]})
    assert status == 400
    assert told in answer["message"]
    for secret in ("Xqjensen", "S-SECRET", "65-0000"):
        assert secret not in json.dumps(answer)


def test_a_missing_column_and_another_form_are_told_of(served, codebook, open_file):
    record = _make_record(codebook, open_file)
    del record["rtw_expectation"]
    for body, told in (
        ({"dataframe_records": [record]}, "column rtw_expectation: the column is missing"),
        ({"inputs": record}, "dataframe_records"),
        ({"dataframe_records": [record], "params": {"horizon": 7.0}}, "horizon must be one of"),
        ({"dataframe_records": [record], "params": {"policy": "none of mine"}}, "policy must be"),
    ):
        status, answer = _post(served, body)
        assert status == 400
        assert told in answer["message"]
        assert "S-SECRET" not in json.dumps(answer)
