"""Outputs that are there whole or not at all, and that replace only what riskmodel made."""

from __future__ import annotations

import errno
import filecmp
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

from riskmodel.errors import BusyError, Fault, InputError
from riskmodel.io.output_targets import MANIFEST, check_folder_target, check_output_place

__all__ = [
    "explain_os_errors",
    "is_running",
    "open_atomically",
    "publish_documents",
    "publish_files",
    "publish_folder",
    "write_atomically",
]

LOST_RACE = frozenset({errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST})
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def write_atomically(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = True) -> None:
    """Write a file whole: beside its place first, then renamed over it.

    Parameters
    ----------
    path : path
        The file; its folder is made where missing. An older file stays as it was until
        the new one is safely on the disk.
    data : bytes
    overwrite : bool
        Whether a file with another content may be replaced.

    Raises
    ------
    InputError
        If the folder cannot be written, or the disk is full; if there is another file and
        `overwrite` is False.
    """
    with open_atomically(path, overwrite=overwrite) as file:
        file.write(data)


@contextmanager
def open_atomically(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write into that takes its place when the block ends without an error.

    Parameters
    ----------
    path : path
        The file; its folder is made where missing.
    overwrite : bool
        Whether a file with another content may be replaced. The same content again is
        always accepted.

    Yields
    ------
    binary file

    Raises
    ------
    InputError
        If the name holds a personal number, the folder cannot be written, or the disk is
        full; if there is another file and `overwrite` is False.
    """
    target = Path(path)
    check_output_place(target)
    with explain_os_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        partial = _partial_path(target)
        partial.unlink(missing_ok=True)
        file = partial.open("xb")
    try:
        with file, explain_os_errors(target, only=DISK_FULL):
            yield file
            file.flush()
            os.fsync(file.fileno())
        with explain_os_errors(target):
            if not overwrite and target.exists():
                _check_same(partial, target)
            partial.replace(target)
            _sync_folder(target.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _check_same(partial: Path, target: Path) -> None:
    if not filecmp.cmp(partial, target, shallow=False):
        _refuse_other_content(target)


def _refuse_other_content(target: Path) -> NoReturn:
    problem = "there is a file of this name with another content."
    remedy = "Choose another name, or give --overwrite to replace it."
    raise InputError(Fault(target.name, problem, remedy))


def publish_files(files: Mapping[Path, bytes], *, overwrite: bool = False) -> None:
    """Write several files that belong together; where one may not be replaced, none is.

    Parameters
    ----------
    files : mapping of Path to bytes
        Content by name.
    overwrite : bool
        Whether files with another content may be replaced.

    Raises
    ------
    InputError
        As `write_atomically` does.
    """
    for target, data in files.items():
        check_output_place(target)
        with explain_os_errors(target):
            if not overwrite and target.exists() and target.read_bytes() != data:
                _refuse_other_content(target)
    for target, data in files.items():
        write_atomically(target, data, overwrite=overwrite)


def publish_documents(
    path: str | os.PathLike[str], documents: Mapping[str, bytes], *, overwrite: bool = False
) -> None:
    """Publish a folder of documents.

    Parameters
    ----------
    path : path
        The folder; see `publish_folder`.
    documents : mapping of str to bytes
        Content by name; names may have a folder in front.
    overwrite : bool
        As for `publish_folder`.
    """
    with publish_folder(path, overwrite=overwrite) as folder:
        for name, data in documents.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


@contextmanager
def publish_folder(
    path: str | os.PathLike[str], *, overwrite: bool = False, replaces_models: bool = False
) -> Iterator[Path]:
    """Give a folder to fill, and put it in its place when the block ends without an error.

    A manifest with the digest of each file is added, unless the block wrote its own: by it a
    folder is known again, and what people changed or put there since.

    Parameters
    ----------
    path : path
        The folder to publish. An empty folder is replaced, and so is one that riskmodel
        made, as long as it is as it was made.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed; one with
        other files in it is never replaced.
    replaces_models : bool
        Whether the folder may be a saved model, which nothing but a model replaces.

    Yields
    ------
    Path
        The folder to write into, ``<name>.partial-<host>-<pid>`` beside the target.

    Raises
    ------
    InputError
        As `check_folder_target` does, or if the target cannot be written.
    BusyError
        If another run published the folder meanwhile.
    """
    target = Path(path)
    with explain_os_errors(target):
        found = _mark(target)
        check_folder_target(target, overwrite=overwrite, replaces_models=replaces_models)
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        partial = _partial_path(target)
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir()
    try:
        with explain_os_errors(target, only=DISK_FULL):
            yield partial
            _seal(partial)
        with explain_os_errors(target):
            _sync_tree(partial)
            if _mark(target) != found:
                _tell_of_the_other(target)
            check_folder_target(target, overwrite=overwrite, replaces_models=replaces_models)
            _swap(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _seal(folder: Path) -> None:
    if (folder / MANIFEST).exists():
        return
    files = sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    digests = {one.relative_to(folder).as_posix(): _digest(one) for one in files}
    (folder / MANIFEST).write_text(json.dumps({"files": digests}, indent=1) + "\n")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _mark(target: Path) -> tuple[int, int] | None:
    """Tell one publication of a folder from the next; None where there is none."""
    for one in (target / MANIFEST, target):
        if one.exists():
            status = one.stat()
            return status.st_ino, 0 if one == target else status.st_mtime_ns
    return None


def _tell_of_the_other(target: Path) -> NoReturn:
    msg = f"{target.name}: another run published it meanwhile. Look at its result, or run again."
    raise BusyError(msg)


def _swap(partial: Path, target: Path) -> None:
    old = target.with_name(f"{target.name}.old-{_owner()}")
    replaced = target.exists()
    try:
        if replaced:
            target.rename(old)
        partial.rename(target)
    except OSError as error:
        if old.exists() and not target.exists():
            old.rename(target)
        if error.errno in LOST_RACE:
            _tell_of_the_other(target)
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
        if sibling.name.startswith(start) and pid.isdigit() and not is_running(int(pid)):
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
def explain_os_errors(target: Path, only: frozenset[int] | None = None) -> Iterator[None]:
    """Turn errors of the operating system into an InputError that names the target."""
    try:
        yield
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        problem = f"cannot be written: {error.strerror or 'the disk reports an error'}."
        remedy = (
            "Free some space; nothing was replaced."
            if error.errno in DISK_FULL
            else "Choose a folder that you may write to; nothing was replaced."
        )
        raise InputError(Fault(target.name, problem, remedy)) from error


def is_running(pid: int) -> bool:
    """Whether a process of this host runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
