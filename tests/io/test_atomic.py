"""Outputs are there whole or not at all, and replace only what riskmodel made."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riskmodel.errors import BusyError, InputError
from riskmodel.io import atomic
from riskmodel.io.atomic import (
    open_atomically,
    publish_documents,
    publish_folder,
    write_atomically,
)
from riskmodel.io.sealed_folder import write_sealed_folder

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
        (partial / "made.json").write_text("{}")
        assert not target.exists()
    assert (target / "inner" / "page.html").read_text() == "x"
    with publish_folder(target) as partial:
        (partial / "made.json").write_text("{}")
    assert {one.name for one in target.iterdir()} == {"made.json", "manifest.json"}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("content", [{"page.html": "as made"}, {}])
def test_what_people_put_into_a_folder_stays(tmp_path: Path, content: dict[str, str]) -> None:
    target = tmp_path / "pages"
    with publish_folder(target) as partial:
        for name, text in content.items():
            (partial / name).write_text(text)
    (target / "filled.xlsx").write_text("an hour's work")
    for overwrite in (False, True):
        with (
            pytest.raises(InputError, match="1 files that riskmodel did not put there"),
            publish_folder(target, overwrite=overwrite),
        ):
            pass
    assert (target / "filled.xlsx").read_text() == "an hour's work"


def test_a_file_that_people_changed_is_replaced_on_request_only(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    for _ in range(2):
        with publish_folder(target) as partial:
            (partial / "page.html").write_text("as made")
    (target / "page.html").write_text("changed by hand")
    with pytest.raises(InputError, match="1 of the files in the folder were changed"):
        publish_documents(target, {"page.html": b"new"})
    assert (target / "page.html").read_text() == "changed by hand"
    publish_documents(target, {"page.html": b"new"}, overwrite=True)
    assert (target / "page.html").read_text() == "new"


def write_then_raise(path: Path, error: Exception) -> None:
    path.write_text("new")
    raise error


def test_error_in_the_block_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    publish_documents(target, {"page.html": b"old"})
    stop = ValueError("stop")
    with pytest.raises(ValueError, match="stop"), publish_folder(target) as partial:
        write_then_raise(partial / "page.html", stop)
    with pytest.raises(InputError, match="No space left"), publish_folder(target):
        raise FULL
    with pytest.raises(FileNotFoundError), publish_folder(target) as partial:
        (partial / "absent").read_text()
    assert (target / "page.html").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_error_in_the_last_step_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pages"
    publish_documents(target, {"page.html": b"old"})
    rename = Path.rename

    def fail_for_partial(self: Path, other: Path) -> Path:
        if ".partial-" in self.name:
            raise FULL
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", fail_for_partial)
    with pytest.raises(InputError, match="No space left"), publish_folder(target):
        pass
    assert (target / "page.html").read_text() == "old"
    with pytest.raises(InputError), publish_folder(tmp_path / "other"):
        pass
    assert list(tmp_path.iterdir()) == [target]


def test_folders_of_others_are_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "page.html").write_text("theirs")
    for overwrite in (False, True):
        with (
            pytest.raises(InputError, match="not made by this command"),
            publish_folder(target, overwrite=overwrite),
        ):
            pass
    (target / "manifest.json").write_text('{"name": "an extension of a browser"}')
    with pytest.raises(InputError, match="not made"), publish_folder(target, overwrite=True):
        pass
    assert (target / "page.html").read_text() == "theirs"
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
    with pytest.raises(BusyError, match="another run"), publish_folder(target):
        write_atomically(target / "theirs", b"x")
    assert (target / "theirs").exists()
    assert list(tmp_path.iterdir()) == [target]


def test_the_loser_of_a_race_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pages"
    publish_documents(target, {"page.html": b"old"})
    publish_documents(tmp_path / "faster", {"page.html": b"first"})

    def be_overtaken() -> None:
        shutil.rmtree(target)
        (tmp_path / "faster").rename(target)

    with pytest.raises(BusyError) as caught, publish_folder(target):
        be_overtaken()
    assert caught.value.exit_code == 5
    assert (target / "page.html").read_text() == "first"
    rename = Path.rename

    def lose_at_the_last_moment(self: Path, other: Path) -> Path:
        if ".partial-" in self.name:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", lose_at_the_last_moment)
    with pytest.raises(BusyError):
        publish_documents(target, {"page.html": b"late"})
    assert (target / "page.html").read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_only_what_we_made_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    publish_documents(target, {"index.html": b"1", "cases/a.html": b"a"})
    publish_documents(target, {"index.html": b"2", "cases/b.html": b"b"})
    assert sorted(one.name for one in target.rglob("*.html")) == ["b.html", "index.html"]
    (target / "index.html").write_text("noted by hand")
    with pytest.raises(InputError, match=r"1 of the files.*--overwrite"):
        publish_documents(target, {"index.html": b"3"})
    assert (target / "index.html").read_text() == "noted by hand"
    publish_documents(target, {"index.html": b"3"}, overwrite=True)
    (target / "cases").mkdir()
    (target / "cases" / "minutes.docx").write_text("theirs")
    (target / "link").symlink_to(tmp_path)
    for overwrite in (False, True):
        with pytest.raises(InputError, match="2 files that riskmodel did not put there"):
            publish_documents(target, {"index.html": b"4"}, overwrite=overwrite)
    assert (target / "cases" / "minutes.docx").read_text() == "theirs"


def test_a_file_is_replaced_only_where_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_atomically(path, b"one", overwrite=False)
    write_atomically(path, b"one", overwrite=False)
    with pytest.raises(InputError, match=r"out\.csv: there is a file.*--overwrite"):
        write_atomically(path, b"two", overwrite=False)
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"


@pytest.mark.parametrize("name", ["010165-0000.csv", "0101650000", "list 010165 0000.parquet"])
def test_no_output_is_named_after_a_person(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CPR") as caught:
        write_atomically(tmp_path / name, b"x")
    with pytest.raises(InputError, match="CPR"):
        publish_documents(tmp_path / name, {})
    assert "0165" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


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
    publish_documents(target, {})
    assert list(tmp_path.iterdir()) == [target]


def seal_a_model(path: Path) -> bytes:
    """Write a sealed folder like a saved model; return its manifest."""
    write_sealed_folder(path, {"tables.json": b"{}\n"}, allowed=frozenset({"tables.json"}))
    return (path / "manifest.json").read_bytes()


@pytest.mark.parametrize("overwrite", [False, True])
def test_pages_never_take_the_place_of_a_saved_model(tmp_path: Path, overwrite: bool) -> None:
    model = tmp_path / "model"
    sealed = seal_a_model(model)
    with pytest.raises(InputError, match="a saved model stands here"):
        publish_documents(model, {"index.html": b"page"}, overwrite=overwrite)
    assert sorted(one.name for one in model.iterdir()) == ["manifest.json", "tables.json"]
    assert (model / "manifest.json").read_bytes() == sealed


def test_a_model_still_replaces_a_model(tmp_path: Path) -> None:
    model = tmp_path / "model"
    seal_a_model(model)
    allowed = frozenset({"tables.json"})
    write_sealed_folder(model, {"tables.json": b"[1]\n"}, allowed=allowed, overwrite=True)
    assert (model / "tables.json").read_bytes() == b"[1]\n"


def test_nothing_is_written_inside_a_saved_model(tmp_path: Path) -> None:
    model = tmp_path / "model"
    seal_a_model(model)
    with pytest.raises(InputError, match=r"scores\.csv: its place is inside the saved model model"):
        write_atomically(model / "scores.csv", b"x")
    with pytest.raises(InputError, match="inside the saved model"):
        publish_documents(model / "deep" / "pages", {"index.html": b"page"})
    assert sorted(one.name for one in model.iterdir()) == ["manifest.json", "tables.json"]
