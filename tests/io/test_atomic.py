"""Outputs are there whole or not at all; one run holds a lock, a dead one does not."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskmodel.errors import BusyError, InputError
from riskmodel.io import atomic
from riskmodel.io.atomic import hold_lock, open_atomically, publish_folder, write_atomically

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fail_with(error: OSError) -> object:
    """Return a function that always fails."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_write_replaces_and_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.csv"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.csv"
    write_atomically(path, b"old")
    monkeypatch.setattr(os, "fsync", fail_with(FULL))
    with pytest.raises(InputError, match=r"out\.csv: cannot be written: No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_is_given_to_write_into(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with open_atomically(path) as file:
        file.write(b"some ")
        assert not path.exists()
        file.write(b"more")
    assert path.read_bytes() == b"some more"
    with pytest.raises(InputError, match="No space left"), open_atomically(path) as file:
        raise FULL
    with pytest.raises(ZeroDivisionError), open_atomically(path) as file:
        file.write(bytes(1 // len(b"")))
    assert path.read_bytes() == b"some more"
    assert list(tmp_path.iterdir()) == [path]


def test_target_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / "out", b"new")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "out", b"new")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "out"]


def test_folder_is_published_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    with publish_folder(target) as partial:
        (partial / "inner").mkdir()
        (partial / "inner" / "page.html").write_text("x")
        (partial / "manifest.json").write_text("{}")
        (partial / "link").symlink_to("nowhere")
        assert not target.exists()
    assert (target / "inner" / "page.html").read_text() == "x"
    with publish_folder(target) as partial:
        (partial / "manifest.json").write_text("{}")
    assert [one.name for one in target.iterdir()] == ["manifest.json"]
    assert list(tmp_path.iterdir()) == [target]


def write_then_raise(path: Path, error: Exception) -> None:
    path.write_text("new")
    raise error


def test_error_in_the_block_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    with publish_folder(target) as partial:
        (partial / "manifest.json").write_text("old")
    stop = ValueError("stop")
    with pytest.raises(ValueError, match="stop"), publish_folder(target) as partial:
        write_then_raise(partial / "manifest.json", stop)
    with pytest.raises(InputError, match="No space left"), publish_folder(target):
        raise FULL
    with pytest.raises(FileNotFoundError), publish_folder(target) as partial:
        (partial / "absent").read_text()
    assert (target / "manifest.json").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_error_in_the_last_step_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pages"
    with publish_folder(target) as partial:
        (partial / "manifest.json").write_text("old")
    rename = Path.rename

    def fail_for_partial(self: Path, other: Path) -> Path:
        if ".partial-" in self.name:
            raise FULL
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", fail_for_partial)
    with pytest.raises(InputError, match="No space left"), publish_folder(target):
        pass
    assert (target / "manifest.json").read_text() == "old"
    with pytest.raises(InputError), publish_folder(tmp_path / "other"):
        pass
    assert list(tmp_path.iterdir()) == [target]


def test_folders_of_others_are_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    with publish_folder(target) as partial:
        (partial / "page.html").write_text("ours")
    with pytest.raises(InputError, match="did not make it"), publish_folder(target):
        pass
    assert (target / "page.html").exists()
    with publish_folder(target, marker="page.html") as partial:
        (partial / "page.html").write_text("marked")
    with publish_folder(target, overwrite=True):
        pass
    assert list(target.iterdir()) == []
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(target)
    for name in ("file", "link"):
        with pytest.raises(InputError, match="must be a folder"), publish_folder(tmp_path / name):
            pass
    monkeypatch.chdir(target)
    for place in (target, tmp_path, Path.home(), Path("/")):
        with (
            pytest.raises(InputError, match="current folder"),
            publish_folder(place, overwrite=True),
        ):
            pass


def test_folder_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    with pytest.raises(InputError, match="did not make it"), publish_folder(target):
        write_atomically(target / "theirs", b"x")
    assert (target / "theirs").exists()
    assert list(tmp_path.iterdir()) == [target]


def end_of_a_process() -> int:
    """Return the number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    host = atomic._owner().rpartition("-")[0]
    dead = end_of_a_process()
    (tmp_path / f"out.partial-{host}-{dead}").write_text("x")
    folder = tmp_path / f"pages.partial-{host}-{dead}"
    folder.mkdir()
    (folder / "page").write_text("x")
    kept = [
        tmp_path / f"out.partial-{host}-{os.getppid()}",
        tmp_path / f"out.partial-elsewhere-{dead}",
        tmp_path / f"out.partial-{host}-x",
    ]
    for one in kept:
        one.write_text("x")
    own = tmp_path / f"pages.partial-{host}-{os.getpid()}"
    own.mkdir()
    write_atomically(tmp_path / "out", b"new")
    with publish_folder(tmp_path / "pages"):
        pass
    assert set(tmp_path.iterdir()) == {*kept, tmp_path / "out", tmp_path / "pages"}


KILLED = """
import sys, time
from pathlib import Path
from riskmodel.io.atomic import publish_folder
with publish_folder(sys.argv[1]) as partial:
    for place in range(10_000):
        (partial / f"{place}.html").write_text("page")
        print(place, flush=True)
    (partial / "manifest.json").write_text("{}")
"""


def test_killed_run_publishes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(target)], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    run.stdout.readline()
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert not target.exists()
    with publish_folder(target) as partial:
        (partial / "manifest.json").write_text("{}")
    assert list(tmp_path.iterdir()) == [target]


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
    start = atomic._process_start(os.getppid())
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
    take_over = atomic._take_over
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
    monkeypatch.setattr(atomic, "_take_over", release_first)
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
from riskmodel.io.atomic import hold_lock
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
    monkeypatch.setattr(os, "kill", fail_with(PermissionError()))
    assert atomic._is_running(1)
    assert atomic._process_start(2**22 + 1) == ""
