"""One run holds a lock, a dead one does not; of two runs on one target one ends with 5."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskmodel.errors import BusyError, InputError
from riskmodel.io import locks
from riskmodel.io.atomic import is_running
from riskmodel.io.locks import hold_lock, one_run_per_target


def end_of_a_process() -> int:
    """Return the number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_lock_is_held_once(tmp_path: Path) -> None:
    lock = tmp_path / "new" / "out.lock"
    with hold_lock(lock):
        record = json.loads(lock.read_text())
        assert record["pid"] == os.getpid()
        with pytest.raises(BusyError, match=f"process {os.getpid()}") as caught, hold_lock(lock):
            pass
        assert caught.value.exit_code == 5
    assert not lock.exists()
    with hold_lock(lock):
        pass


def test_lock_of_a_dead_run_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "out.lock"
    host = os.uname().nodename
    for record in (
        {"pid": end_of_a_process(), "host": host, "process_start": ""},
        {"pid": os.getppid(), "host": host, "process_start": "another"},
    ):
        lock.write_text(json.dumps(record) + " " * 500)
        with hold_lock(lock):
            assert json.loads(lock.read_text())["pid"] == os.getpid()
        assert not lock.exists()


def test_lock_of_a_live_run_or_another_host_is_left(tmp_path: Path) -> None:
    lock = tmp_path / "out.lock"
    start = locks._process_start(os.getppid())
    for record in (
        {"pid": os.getppid(), "host": os.uname().nodename, "process_start": start},
        {"pid": end_of_a_process(), "host": "elsewhere", "process_start": ""},
    ):
        lock.write_text(json.dumps(record))
        with pytest.raises(BusyError, match="holds the target"), hold_lock(lock):
            pass
        assert json.loads(lock.read_text()) == record


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_lock_cut_off_while_written(text: str, tmp_path: Path) -> None:
    lock = tmp_path / "out.lock"
    lock.write_text(text)
    with pytest.raises(BusyError), hold_lock(lock):
        pass
    long_ago = time.time() - 60
    os.utime(lock, (long_ago, long_ago))
    with hold_lock(lock):
        pass
    assert not lock.exists()


def test_lock_that_goes_away_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "out.lock"
    take_over = locks._take_over
    seen = []

    def release_first(target: Path) -> object:
        seen.append(1)
        if len(seen) == 1:
            target.unlink()
        elif len(seen) == 2:
            target.unlink()
            target.write_text("{}")
        return take_over(target)

    lock.write_text("{}")
    monkeypatch.setattr(locks, "_take_over", release_first)
    with hold_lock(lock):
        assert json.loads(lock.read_text())["pid"] == os.getpid()


def test_lock_replaced_between_opening_and_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "out.lock"
    lock.write_text("{}")
    samestat = os.path.samestat
    calls = []

    def replaced_once(one: os.stat_result, other: os.stat_result) -> bool:
        calls.append(1)
        if len(calls) == 1:
            lock.unlink()
            return False
        return samestat(one, other)

    monkeypatch.setattr(os.path, "samestat", replaced_once)
    with hold_lock(lock):
        assert len(calls) == 1


def test_lock_in_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(InputError, match="cannot be written"),
        hold_lock(tmp_path / "file" / "lock"),
    ):
        pass


HOLD = """
import sys, time
from riskmodel.errors import BusyError
from riskmodel.io.locks import hold_lock
try:
    with hold_lock(sys.argv[1]):
        print("held", flush=True)
        time.sleep(1.0)
except BusyError:
    print("busy", flush=True)
"""


def test_one_of_many_runs_takes_a_stale_lock(tmp_path: Path) -> None:
    lock = tmp_path / "out.lock"
    record = {"pid": end_of_a_process(), "host": os.uname().nodename, "process_start": ""}
    lock.write_text(json.dumps(record))
    runs = [
        subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    first = [run.communicate()[0].strip() for run in runs]
    assert set(first) <= {"held", "busy"}
    assert "held" in first


def test_process_that_may_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert is_running(1)
    assert locks._process_start(2**22 + 1) == ""


@one_run_per_target
def write_slowly(text: str, *, out: Path | None, more: object = None) -> str:
    """Write a file; `more` is called while the lock is held."""
    if out is None:
        return text
    if callable(more):
        more()
    if text == "wrong":
        raise InputError(text)
    out.write_text(text)
    return text


def test_the_second_run_on_a_target_ends_with_5(tmp_path: Path) -> None:
    out = tmp_path / "new" / "worklist.csv"

    def run_too() -> None:
        with pytest.raises(BusyError, match="another run holds the target") as caught:
            write_slowly("second", out=out)
        assert caught.value.exit_code == 5
        write_slowly("other target", out=tmp_path / "other.csv")

    write_slowly("first", out=out, more=run_too)
    assert out.read_text() == "first"
    assert [one.name for one in out.parent.iterdir()] == ["worklist.csv"]
    assert write_slowly("none", out=None) == "none"


def test_a_run_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_slowly("wrong", out=tmp_path / "new" / "deep" / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_target_is_not_named_after_a_person(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CPR") as caught:
        write_slowly("x", out=tmp_path / "010165-0000.csv")
    assert "0165" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_target_in_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"^x\.csv: cannot be written"):
        write_slowly("x", out=tmp_path / "file" / "x.csv")
