"""A lock against two runs on one target."""

from __future__ import annotations

import fcntl
import functools
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from riskmodel.errors import BusyError, RiskModelError
from riskmodel.io.atomic import explain_os_errors, is_running
from riskmodel.io.output_targets import check_output_place

__all__ = ["hold_lock", "one_run_per_target"]

LOCK_WRITING_SECONDS = 10.0

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def one_run_per_target(run: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let a function with a keyword argument ``out`` run only once at a time for each target.

    The second of two runs ends at once with a BusyError; a run without ``out`` is not held
    up. The lock file ``.<name>.lock`` stands beside the target while the run lasts.
    """

    @functools.wraps(run)
    def held(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        out = kwargs.get("out")
        if not isinstance(out, str | os.PathLike):
            return run(*args, **kwargs)
        with _hold_target(Path(out)):
            return run(*args, **kwargs)

    return held


@contextmanager
def _hold_target(target: Path) -> Iterator[None]:
    """Hold the target; folders made for the lock go again where the run fails."""
    check_output_place(target)
    target = target.absolute()
    made = [one for one in target.parents if not one.exists()]
    try:
        with hold_lock(target.with_name(f".{target.name}.lock"), target.name):
            yield
    except RiskModelError:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def hold_lock(path: str | os.PathLike[str], name: str = "") -> Iterator[None]:
    """Hold a lock file while the block runs.

    The file names the process, the host and the start. A lock whose process no longer runs
    on this host is taken over.

    Parameters
    ----------
    path : path
        The lock file; it is removed at the end.
    name : str
        What messages call what is locked; by default the lock file.

    Raises
    ------
    BusyError
        If another run holds the lock.
    InputError
        If the lock file cannot be written.
    """
    target = Path(path)
    with explain_os_errors(target.with_name(name) if name else target):
        target.parent.mkdir(parents=True, exist_ok=True)
        file = _take(target)
    try:
        yield
    finally:
        target.unlink(missing_ok=True)
        file.close()


def _take(target: Path) -> IO[str]:
    while True:
        try:
            handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
        except FileExistsError:
            taken = _take_over(target)
            if taken is not None:
                return taken
        else:
            file = os.fdopen(handle, "r+", encoding="utf-8")
            fcntl.flock(file, fcntl.LOCK_EX)
            _write_record(file)
            return file


def _take_over(target: Path) -> IO[str] | None:
    """Take a stale lock over; None where it went away meanwhile, so that one tries again."""
    try:
        file = target.open("r+", encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        record = _read_record(file)
        file.close()
        raise BusyError(_describe(target, record)) from None
    with suppress(FileNotFoundError):
        same = os.path.samestat(os.fstat(file.fileno()), target.stat())
        record = _read_record(file)
        if same and not _is_stale(record, target):
            file.close()
            raise BusyError(_describe(target, record))
        if same:
            file.seek(0)
            file.truncate()
            _write_record(file)
            return file
    file.close()
    return None


def _write_record(file: IO[str]) -> None:
    record = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "process_start": _process_start(os.getpid()),
        "since": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    json.dump(record, file)
    file.flush()
    os.fsync(file.fileno())


def _read_record(file: IO[str]) -> dict[str, object]:
    try:
        record = json.load(file)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _is_stale(record: dict[str, object], target: Path) -> bool:
    """Whether the run that wrote the lock is over.

    A lock without a readable record is one that is just being written, or was cut off.
    """
    pid = record.get("pid")
    if not isinstance(pid, int):
        return time.time() - target.stat().st_mtime > LOCK_WRITING_SECONDS
    if record.get("host") != socket.gethostname():
        return False
    return not is_running(pid) or record.get("process_start") != _process_start(pid)


def _process_start(pid: int) -> str:
    """Start of a process in clock ticks since boot: tells a reused process number apart."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return status.rpartition(")")[2].split()[19]


def _describe(target: Path, record: dict[str, object]) -> str:
    holder = f"process {record.get('pid', '?')} on {record.get('host', '?')}"
    return (
        f"{target.name}: another run holds the target ({holder}, since "
        f"{record.get('since', '?')}). Wait for it to end; if it is gone, delete {target.name}."
    )
