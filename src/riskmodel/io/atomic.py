"""Outputs that are there whole or not at all, and a lock against two runs on one target."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from riskmodel.errors import BusyError, Fault, InputError

__all__ = ["MANIFEST", "hold_lock", "open_atomically", "publish_folder", "write_atomically"]

MANIFEST = "manifest.json"
LOCK_WRITING_SECONDS = 10.0
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole: beside its place first, then renamed over it.

    Parameters
    ----------
    path : path
        The file; its folder is made where missing. An older file stays as it was until
        the new one is safely on the disk.
    data : bytes

    Raises
    ------
    InputError
        If the folder cannot be written, or the disk is full.
    """
    with open_atomically(path) as file:
        file.write(data)


@contextmanager
def open_atomically(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Give a file to write into that takes its place when the block ends without an error.

    Parameters
    ----------
    path : path
        The file; its folder is made where missing.

    Yields
    ------
    binary file

    Raises
    ------
    InputError
        If the folder cannot be written, or the disk is full.
    """
    target = Path(path)
    with _explain_os_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        partial = _partial_path(target)
        partial.unlink(missing_ok=True)
        file = partial.open("xb")
    try:
        with file, _explain_os_errors(target, only=DISK_FULL):
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _explain_os_errors(target):
            partial.replace(target)
            _sync_folder(target.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def publish_folder(
    path: str | os.PathLike[str], *, overwrite: bool = False, marker: str = MANIFEST
) -> Iterator[Path]:
    """Give a folder to fill, and put it in its place when the block ends without an error.

    Parameters
    ----------
    path : path
        The folder to publish. An empty folder, and one that holds `marker`, is replaced.
    overwrite : bool
        Replace any other folder too.
    marker : str
        File that shows that a folder was made by riskmodel.

    Yields
    ------
    Path
        The folder to write into, ``<name>.partial-<host>-<pid>`` beside the target.

    Raises
    ------
    InputError
        If the target is a file, a folder that riskmodel did not make, or cannot be written.
    """
    target = Path(path)
    with _explain_os_errors(target):
        _check_replaceable(target, marker, overwrite=overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        partial = _partial_path(target)
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir()
    try:
        with _explain_os_errors(target, only=DISK_FULL):
            yield partial
        with _explain_os_errors(target):
            _sync_tree(partial)
            _check_replaceable(target, marker, overwrite=overwrite)
            _swap(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _check_replaceable(target: Path, marker: str, *, overwrite: bool) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        problem = "the target must be a folder, and a file or a link has that name."
        raise InputError(Fault(target.name, problem, "Give another name with --out."))
    if not target.is_dir():
        return
    here = Path.cwd()
    resolved = target.resolve()
    if resolved in {here, *here.parents, Path.home()}:
        problem = "the target is the current folder, one above it, or the home folder."
        raise InputError(Fault(target.name, problem, "Give the name of a new folder."))
    is_ours = (target / marker).is_file() or not any(target.iterdir())
    if not (is_ours or overwrite):
        problem = f"the folder exists and holds no {marker}, so riskmodel did not make it."
        remedy = "Give another name, or --overwrite to replace everything in it."
        raise InputError(Fault(target.name, problem, remedy))


def _swap(partial: Path, target: Path) -> None:
    old = target.with_name(f"{target.name}.old-{_owner()}")
    replaced = target.exists()
    if replaced:
        target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        if replaced:
            old.rename(target)
        raise
    _sync_folder(target.parent)
    if replaced:
        shutil.rmtree(old)


def _owner() -> str:
    host = "".join(one if one.isalnum() else "_" for one in socket.gethostname())
    return f"{host}-{os.getpid()}"


def _partial_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.partial-{_owner()}")


def _remove_abandoned(target: Path) -> None:
    """Remove what runs on this host left behind when they were killed."""
    host, _, _ = _owner().rpartition("-")
    start = f"{target.name}.partial-{host}-"
    for sibling in target.parent.iterdir():
        pid = sibling.name.removeprefix(start)
        if sibling.name.startswith(start) and pid.isdigit() and not _is_running(int(pid)):
            if sibling.is_dir():
                shutil.rmtree(sibling, ignore_errors=True)
            else:
                sibling.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        elif path.is_dir():
            _sync_folder(path)
    _sync_folder(folder)


@contextmanager
def _explain_os_errors(target: Path, only: frozenset[int] | None = None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        problem = f"cannot be written: {error.strerror or 'the disk reports an error'}."
        remedy = "Free some space, or choose a folder that you may write to; nothing was replaced."
        raise InputError(Fault(target.name, problem, remedy)) from error


@contextmanager
def hold_lock(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a lock file while the block runs.

    The file names the process, the host and the start. A lock whose process no longer runs
    on this host is taken over.

    Parameters
    ----------
    path : path
        The lock file; it is removed at the end.

    Raises
    ------
    BusyError
        If another run holds the lock.
    InputError
        If the lock file cannot be written.
    """
    target = Path(path)
    with _explain_os_errors(target):
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
    return not _is_running(pid) or record.get("process_start") != _process_start(pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


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
