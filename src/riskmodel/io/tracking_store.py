"""Where runs are logged: an MLflow address, and for a database file its safe creation.

MLflow lets several processes create one database at once and then fails in most of them.
Here the database is made under a lock, beside its place, and renamed when it is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import logging
import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from riskmodel.errors import BusyError, InputError

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = [
    "StoreError",
    "TrackingStore",
    "check_database",
    "find_store",
    "hold_store",
    "holds_run",
    "quiet_mlflow",
    "reach_mlflow",
]

FOLDER = "mlruns"
DATABASE = "mlflow.db"
# Other runs of ours are waited for longer than foreign programs: making a store takes a while.
WAIT_SECONDS = 120.0
LOCKED_SECONDS = 20.0
_SQLITE = "sqlite:///"
_POLL_SECONDS = 0.05
_LOGGERS = ("mlflow", "alembic", "sqlalchemy")
_SETTINGS = {
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_UV_AUTO_DETECT": "false",
}
# A server that does not answer is given up soon; a user's own settings go first.
_DEFAULTS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


class StoreError(InputError):
    """The tracking store is damaged, or is not one that this version can use."""


@dataclass(frozen=True, slots=True)
class TrackingStore:
    """An MLflow tracking store.

    Parameters
    ----------
    uri : str
        Address as MLflow takes it.
    folder : Path
        Folder of the journal, and of the database and the artifacts where they are local.
    """

    uri: str
    folder: Path

    @property
    def database(self) -> Path | None:
        """The database file; None where the store is a server or another database."""
        if not self.uri.startswith(_SQLITE):
            return None
        return Path(self.uri.removeprefix(_SQLITE)).absolute()

    @property
    def artifacts(self) -> Path:
        """Folder of the artifacts of a local store."""
        return self.folder / "artifacts"

    @property
    def journal(self) -> Path:
        """Folder of the runs that could not be logged yet."""
        return self.folder / "journal"


def find_store(root: Path | str | None = None, uri: str | None = None) -> TrackingStore:
    """Return the store to use, without touching it.

    Parameters
    ----------
    root : Path or str or None
        Folder that holds ``mlruns``; the current folder if None.
    uri : str or None
        Any MLflow tracking address. If None, the environment's MLFLOW_TRACKING_URI, and
        without that the database ``mlruns/mlflow.db`` under `root`. A `root` given without a
        `uri` is always used.

    Examples
    --------
    >>> find_store("/srv/riskmodel").uri
    'sqlite:////srv/riskmodel/mlruns/mlflow.db'
    >>> find_store(uri="http://127.0.0.1:5000").database is None
    True
    """
    if uri is None and root is None:
        uri = os.environ.get("MLFLOW_TRACKING_URI") or None
    folder = Path(root or Path.cwd()).absolute() / FOLDER
    if uri is None:
        return TrackingStore(uri=f"{_SQLITE}{folder / DATABASE}", folder=folder)
    if uri.startswith(_SQLITE):
        database = Path(uri.removeprefix(_SQLITE)).absolute()
        return TrackingStore(uri=f"{_SQLITE}{database}", folder=database.parent)
    return TrackingStore(uri=uri, folder=folder)


@contextlib.contextmanager
def hold_store(
    store: TrackingStore, create: Callable[[Path], None], *, wait_seconds: float = WAIT_SECONDS
) -> Iterator[None]:
    """Hold the store for writing; a missing database is created first.

    Parameters
    ----------
    store : TrackingStore
        Only database files are held; anything else minds its own concurrency.
    create : callable
        Makes a new database at the path it is given.
    wait_seconds : float
        How long to wait for another run.

    Raises
    ------
    BusyError
        If another process holds the store for longer.
    StoreError
        If the database is damaged or is no MLflow store.
    """
    database = store.database
    if database is None:
        yield
        return
    if "?" in str(database):
        msg = "The path of a tracking store must not hold a question mark. Rename the folder."
        raise StoreError(msg)
    database.parent.mkdir(parents=True, exist_ok=True)
    # The kernel drops this lock when its process ends, however it ends.
    with (database.parent / ".lock").open("ab") as lock:
        _wait_for(lock.fileno(), database.name, wait_seconds)
        if not database.exists():
            _create_beside(database, create)
        check_database(database, wait_seconds=min(wait_seconds, LOCKED_SECONDS))
        yield


def check_database(database: Path, *, wait_seconds: float = LOCKED_SECONDS) -> None:
    """Check that a database file is a readable MLflow store that can be written now.

    Raises
    ------
    BusyError
        If another program has locked it.
    StoreError
        If it is damaged or is no MLflow store.
    """
    address = f"file:{quote(str(database))}?mode=rw"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=wait_seconds)
        with contextlib.closing(connection):
            connection.execute("SELECT version_num FROM alembic_version").fetchall()
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            msg = f"{database.name} is locked by another program. Close it, then log again."
            raise BusyError(msg) from error
        msg = f"{database.name} is no MLflow store or cannot be written ({error}). {_REMEDY}"
        raise StoreError(msg) from error
    except sqlite3.DatabaseError as error:
        msg = f"{database.name} is damaged ({error}). {_REMEDY}"
        raise StoreError(msg) from error


_REMEDY = (
    "Move the file aside or restore a backup; the next run makes a new one. "
    "Saved models are not affected."
)


def holds_run(database: Path, run_id: str) -> bool:
    """Return whether the database file itself holds a run.

    A pool of connections can keep writing to a database that was removed; the file on disk
    is what counts.
    """
    address = f"file:{quote(str(database))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            query = "SELECT 1 FROM runs WHERE run_uuid = ?"
            return connection.execute(query, (run_id,)).fetchone() is not None
    except sqlite3.Error:
        return False


def _create_beside(database: Path, create: Callable[[Path], None]) -> None:
    partial = database.with_name(f".{database.name}.partial")
    for leftover in (partial, partial.with_name(f"{partial.name}-journal")):
        leftover.unlink(missing_ok=True)
    create(partial)
    partial.rename(database)


def _wait_for(handle: int, name: str, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                msg = f"{name} is in use by another run. Wait for it, then log again."
                raise BusyError(msg) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


@contextlib.contextmanager
def quiet_mlflow() -> Iterator[None]:
    """Keep MLflow silent and off the network while the block runs; telemetry stays off."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    settings = {key: value for key, value in _DEFAULTS.items() if key not in os.environ}
    settings |= _SETTINGS
    before = {key: os.environ.get(key) for key in settings}
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    os.environ.update(settings)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            for name in _LOGGERS:
                logging.getLogger(name).setLevel(logging.ERROR)
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


@contextlib.contextmanager
def reach_mlflow(store: TrackingStore) -> Iterator[MlflowClient]:
    """Point MLflow to the store, quietly, and put everything back afterwards."""
    with quiet_mlflow():
        import mlflow  # noqa: PLC0415

        tracking = os.environ.get("MLFLOW_TRACKING_URI")
        registry = os.environ.get("MLFLOW_REGISTRY_URI")
        mlflow.set_tracking_uri(store.uri)
        mlflow.set_registry_uri(store.uri)
        try:
            yield mlflow.MlflowClient(store.uri, store.uri)
        finally:
            # MLflow keeps both in the environment, and None is how it is told to forget.
            mlflow.set_tracking_uri(tracking)  # type: ignore[arg-type]
            mlflow.set_registry_uri(registry or "")
            if registry is None:
                os.environ.pop("MLFLOW_REGISTRY_URI", None)
