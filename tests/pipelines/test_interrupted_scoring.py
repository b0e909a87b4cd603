"""Scoring that is killed, runs out of room, is repeated, or meets another run: all or nothing."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from riskmodel.errors import BusyError, RiskModelError
from riskmodel.io.locks import hold_lock
from riskmodel.io.tables import write_table
from riskmodel.pipelines.score import score

N_CASES = 5000
KILLS = 6


@pytest.fixture(scope="module")
def batch(draw_cases, tmp_path_factory) -> Path:
    """Some 5,000 assessments: few cases, written out again under other names."""
    few = draw_cases("open_cases", 250, 12)
    copies = []
    for number in range(-(-N_CASES // len(few))):
        copy = few.copy()
        for name in ("case_id", "person_id"):
            copy[name] = copy[name] + f"-{number}"
        copies.append(copy)
    path = tmp_path_factory.mktemp("batch") / "open.csv"
    write_table(pd.concat(copies, ignore_index=True), path)
    return path


@pytest.fixture(scope="module")
def undisturbed(bundle, batch, tmp_path_factory) -> tuple[bytes, float]:
    """What a run writes that nobody disturbs, and how long it takes in a process of its own."""
    out = tmp_path_factory.mktemp("whole") / "scores.csv"
    start = time.monotonic()
    run = subprocess.run(command(bundle, batch, out), check=True, capture_output=True)
    assert run.returncode == 0
    return out.read_bytes(), time.monotonic() - start


def command(bundle: Path, batch: Path, out: Path) -> list[str]:
    arguments = ["score", str(batch), "--model", str(bundle), "--out", str(out), "--quiet"]
    return [sys.executable, "-m", "riskmodel", *arguments]


@pytest.mark.slow
def test_a_killed_batch_leaves_nothing_and_its_rerun_the_same_bytes(
    bundle, batch, undisturbed, tmp_path
):
    expected, seconds = undisturbed
    killed = 0
    for number in range(KILLS):
        out = tmp_path / f"scores{number}.csv"
        run = subprocess.Popen(
            command(bundle, batch, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds * (number + 1) / (KILLS + 1))
        run.send_signal(signal.SIGKILL)
        killed += run.wait() == -signal.SIGKILL
        assert not out.exists() or out.read_bytes() == expected
        score([batch], model_path=bundle, out=out)
        assert out.read_bytes() == expected
        assert not list(tmp_path.glob(f"*scores{number}*.partial*"))
    assert killed


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_no_room_ends_with_a_clear_word_and_the_old_result(
    bundle, batch, undisturbed, tmp_path, share
):
    expected, _ = undisturbed
    out = tmp_path / "scores.csv"
    write_table(pd.DataFrame({"old": ["1"]}), out)
    before = out.read_bytes()
    room = int(share * len(expected))
    run = subprocess.run(
        [*command(bundle, batch, out), "--overwrite"],
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        check=False,
        text=True,
    )
    assert run.returncode == 2
    assert "scores.csv" in run.stderr
    assert "Traceback" not in run.stderr
    assert out.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if not one.name.startswith(".")] == [out.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_may_not_be_written_to_is_named(bundle, open_file, tmp_path):
    folder = tmp_path / "shut"
    folder.mkdir(mode=0o500)
    with pytest.raises(RiskModelError, match="shut") as caught:
        score([open_file], model_path=bundle, out=folder / "scores.csv")
    assert caught.value.exit_code == 2


def test_the_same_batch_twice_gives_the_same_bytes(bundle, open_file, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    score([open_file], model_path=bundle, out=first)
    score([open_file], model_path=bundle, out=second)
    assert first.read_bytes() == second.read_bytes()
    score([open_file], model_path=bundle, out=first)
    assert first.read_bytes() == second.read_bytes()


def test_the_second_of_two_runs_on_one_target_ends_with_five(bundle, open_file, tmp_path):
    out = tmp_path / "scores.csv"
    with hold_lock(tmp_path / ".scores.csv.lock", out.name), pytest.raises(BusyError) as caught:
        score([open_file], model_path=bundle, out=out)
    assert caught.value.exit_code == 5
    assert not out.exists()
    score([open_file], model_path=bundle, out=out)
    assert out.exists()
