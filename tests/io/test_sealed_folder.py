"""Sealed folders: what was written comes back, and nothing else is ever accepted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import InputError, ModelError
from riskmodel.io.sealed_folder import (
    MANIFEST,
    SCHEMA_VERSION,
    encode_json,
    is_older_folder,
    parse_json_strict,
    read_sealed_folder,
    write_sealed_folder,
)

ALLOWED = frozenset({"model.json", "codebook.json", "golden.csv", "card.md"})
REQUIRED = frozenset({"model.json", "card.md"})


def make_documents() -> dict[str, bytes]:
    weights = [1 / 3, -0.0, 1e-300, 12345.678901234567, 5e-324]
    return {
        "model.json": encode_json({"terms": {"age": {"log_odds": weights}}, "label": "Ålder"}),
        "codebook.json": encode_json({"fields": ["age"], "levels": [None, True, "ja"]}),
        "golden.csv": b"case_id,risk\nS-1,0.25\n",
        "card.md": b"# Modelkort\nSyntetisk.\n",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "bundle"
    write_sealed_folder(path, make_documents(), allowed=ALLOWED)
    return path


def read(path: Path, **more: str) -> dict[str, bytes]:
    return dict(read_sealed_folder(path, allowed=ALLOWED, required=REQUIRED, **more).documents)


def seal(content: dict[str, object]) -> bytes:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    version = hashlib.sha256(canonical.encode()).hexdigest()[:12]
    return encode_json({**content, "bundle_version": version})


def reseal(path: Path, **changes: object) -> None:
    """Write a manifest with correct digests for whatever the folder now holds."""
    files = {
        one.name: {
            "bytes": one.stat().st_size,
            "sha256": hashlib.sha256(one.read_bytes()).hexdigest(),
        }
        for one in sorted(path.iterdir())
        if one.name != MANIFEST and one.is_file()
    }
    content = {"format": "riskmodel-bundle", "schema": SCHEMA_VERSION, "files": files, **changes}
    (path / MANIFEST).write_bytes(seal(content))


def test_what_was_written_comes_back(folder: Path) -> None:
    sealed = read_sealed_folder(folder, allowed=ALLOWED, required=REQUIRED)
    assert dict(sealed.documents) == make_documents()
    assert sealed.version == sealed.sha256[:12]
    assert json.loads((folder / MANIFEST).read_text())["bundle_version"] == sealed.version
    model = sealed.parse("model.json")
    weights = model["terms"]["age"]["log_odds"]  # type: ignore[index,call-overload]
    assert [w.hex() for w in weights] == [
        w.hex() for w in (1 / 3, -0.0, 1e-300, 12345.678901234567, 5e-324)
    ]


def test_the_version_depends_on_content_alone(folder: Path, tmp_path: Path) -> None:
    backwards = dict(reversed(make_documents().items()))
    same = write_sealed_folder(tmp_path / "other", backwards, allowed=ALLOWED)
    assert (tmp_path / "other" / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes()
    changed = {**make_documents(), "card.md": b"# Another\n"}
    assert write_sealed_folder(tmp_path / "third", changed, allowed=ALLOWED) != same


def test_resealing_agrees_with_the_writer(folder: Path) -> None:
    before = (folder / MANIFEST).read_bytes()
    reseal(folder)
    assert (folder / MANIFEST).read_bytes() == before


def test_nothing_is_left_beside_the_folder(folder: Path) -> None:
    assert [one.name for one in folder.parent.iterdir()] == ["bundle"]


def test_writing_again(folder: Path) -> None:
    stamp = folder.stat().st_ino
    write_sealed_folder(folder, make_documents(), allowed=ALLOWED)
    assert folder.stat().st_ino == stamp
    changed = {**make_documents(), "card.md": b"# Another\n"}
    with pytest.raises(InputError, match="holds another model"):
        write_sealed_folder(folder, changed, allowed=ALLOWED)
    write_sealed_folder(folder, changed, allowed=ALLOWED, overwrite=True)
    assert read(folder) == changed
    assert [one.name for one in folder.parent.iterdir()] == ["bundle"]


def test_overwriting_never_removes_what_is_not_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "cases.csv").write_text("case_id\n")
    with pytest.raises(InputError, match="left alone"):
        write_sealed_folder(
            tmp_path / "precious", make_documents(), allowed=ALLOWED, overwrite=True
        )
    assert (tmp_path / "precious" / "cases.csv").exists()


def test_a_failed_write_leaves_the_old_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    changed = {**make_documents(), "card.md": b"# Another\n"}
    with pytest.raises(InputError, match="No space left"):
        write_sealed_folder(folder, changed, allowed=ALLOWED, overwrite=True)
    assert read(folder) == make_documents()
    assert [one.name for one in folder.parent.iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("model.pkl", b"x"),
        ("../model.json", b"{}"),
        (MANIFEST, b"{}"),
        ("model.json", b'{"a": NaN}'),
        ("card.md", b"\xff\xfe"),
    ],
)
def test_the_writer_refuses_what_the_reader_would(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"closed list|not allowed|UTF-8"):
        write_sealed_folder(tmp_path / "bundle", {name: data}, allowed=ALLOWED | {MANIFEST})
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_thousand_flipped_bytes_are_refused(folder: Path) -> None:
    rng = random.Random(20261122)
    originals = {one.name: one.read_bytes() for one in folder.iterdir()}
    places = [(name, at) for name, data in originals.items() for at in range(len(data))]
    refused = 0
    for _ in range(1000):
        name, at = rng.choice(places)
        data = bytearray(originals[name])
        data[at] ^= rng.randrange(1, 256)
        (folder / name).write_bytes(data)
        with pytest.raises(ModelError) as caught:
            read(folder)
        assert str(caught.value).startswith(f"{name}: ")
        assert caught.value.exit_code == 4
        (folder / name).write_bytes(originals[name])
        refused += 1
    assert refused == 1000
    read(folder)


def put(name: str, data: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        (path / name).write_bytes(data)
        reseal(path)

    return change


def replace_manifest(data: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        (path / MANIFEST).write_bytes(data)

    return change


def drop(name: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        (path / name).unlink()
        reseal(path)

    return change


def link_file(path: Path) -> None:
    outside = path.parent / "outside.md"
    (path / "card.md").rename(outside)
    reseal(path)
    (path / "card.md").symlink_to(outside)


def link_folder(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


def fifo(path: Path) -> None:
    (path / "golden.csv").unlink()
    os.mkfifo(path / "golden.csv")


def subfolder(path: Path) -> None:
    (path / "golden.csv").unlink()
    (path / "golden.csv").mkdir()


def sparse_giant(path: Path) -> None:
    with (path / "model.json").open("r+b") as file:
        file.truncate(2 * 2**30)


def alter_manifest(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        manifest = json.loads((path / MANIFEST).read_text())
        del manifest["bundle_version"]
        change(manifest)
        (path / MANIFEST).write_bytes(seal(manifest))

    return apply


def claim_size(size: object) -> Callable[[Path], None]:
    def change(manifest: dict[str, object]) -> None:
        manifest["files"]["model.json"]["bytes"] = size  # type: ignore[index]

    return alter_manifest(change)


def list_also(name: str) -> Callable[[Path], None]:
    def change(manifest: dict[str, object]) -> None:
        manifest["files"][name] = {"bytes": 0, "sha256": "0" * 64}  # type: ignore[index]

    return alter_manifest(change)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("/tmp/riskmodel-was-here",)


HOSTILE: dict[str, Callable[[Path], None]] = {
    "extra file": put("notes.md", b"hello"),
    "extra pickle": put("model.pkl", pickle.dumps(Bomb())),
    "pickle under an allowed name": put("model.json", pickle.dumps(Bomb())),
    "pickle in the card": put("card.md", pickle.dumps(Bomb())),
    "hidden file": put(".hidden", b""),
    "name with control characters": put("a\nb\x1b[2J.md", b""),
    "missing file": drop("model.json"),
    "missing manifest": lambda path: (path / MANIFEST).unlink(),
    "linked file": link_file,
    "linked folder": link_folder,
    "fifo": fifo,
    "folder in the place of a file": subfolder,
    "two gigabytes on disk": sparse_giant,
    "two gigabytes claimed": claim_size(2 * 2**30),
    "negative size": claim_size(-1),
    "size as text": claim_size("12"),
    "size as float": claim_size(1.0),
    "lists a parent path": list_also("../../etc/passwd"),
    "lists an absolute path": list_also("/etc/passwd"),
    "duplicate key": put("model.json", b'{"terms": {}, "terms": {"age": 1}}'),
    "duplicate key, escaped": put("model.json", b'{"a": 1, "\\u0061": 2}'),
    "NaN": put("model.json", b'{"a": NaN}'),
    "minus infinity": put("model.json", b'{"a": -Infinity}'),
    "overflow": put("model.json", b'{"a": 1e999}'),
    "ten thousand digits": put("model.json", b'{"a": ' + b"9" * 10_000 + b"}"),
    "deep nesting": put("model.json", b"[" * 100_000 + b"]" * 100_000),
    "deep nesting, unclosed": put("model.json", b'{"a":' * 5_000_000),
    "unclosed string of quotes": put("model.json", b'"' + b'\\"' * 2_000_000),
    "byte order mark": put("model.json", b"\xef\xbb\xbf{}"),
    "utf-16": put("model.json", '{"a": 1}'.encode("utf-16")),
    "lone surrogate": put("model.json", b'{"a": "\\ud800"}'),
    "control character": put("model.json", b'{"a": "\x00"}'),
    "comment": put("model.json", b'{"a": 1} // fine'),
    "two documents": put("model.json", b"{}{}"),
    "empty document": put("model.json", b""),
    "latin-1 card": put("card.md", "Æ".encode("latin-1")),
    "unknown manifest key": lambda path: reseal(path, pickle="model.pkl"),
    "downgraded schema": lambda path: reseal(path, schema=SCHEMA_VERSION - 1),
    "later schema": lambda path: reseal(path, schema=SCHEMA_VERSION + 1),
    "schema true": lambda path: reseal(path, schema=True),
    "schema as float": lambda path: reseal(path, schema=float(SCHEMA_VERSION)),
    "other format": lambda path: reseal(path, format="mlflow"),
    "files a list": lambda path: reseal(path, files=[]),
    "manifest a list": replace_manifest(b"[]"),
    "manifest empty": replace_manifest(b""),
    "manifest huge": replace_manifest(b'{"a": "' + b"x" * 2**20 + b'"}'),
    "manifest deep": replace_manifest(b'{"files": {"a": {"b": {"c": 1}}}}'),
    "manifest reordered": lambda path: (path / MANIFEST).write_text(
        json.dumps(json.loads((path / MANIFEST).read_text()))
    ),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_folders_are_refused(folder: Path, kind: str) -> None:
    HOSTILE[kind](folder)
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"\. [A-Z]") as caught:
        read(folder)
    assert time.monotonic() - started < 2
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not Path("/tmp/riskmodel-was-here").exists()


def test_no_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        read(tmp_path / "nothing")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelError, match="not a real folder"):
        read(tmp_path / "file")


def test_a_pinned_digest(folder: Path) -> None:
    digest = read_sealed_folder(folder, allowed=ALLOWED, required=REQUIRED).sha256
    read(folder, expected_sha256=digest)
    read(folder, expected_sha256=f" {digest.upper()}\n")
    for wrong in ("0" * 64, digest[:12], ""):
        with pytest.raises(ModelError, match="not the expected"):
            read(folder, expected_sha256=wrong)


AUDITED = """
import sys
from pathlib import Path
import numpy
seen = []
FORBIDDEN = ("pickle.", "subprocess", "os.system", "os.exec", "os.fork", "os.posix_spawn",
             "socket.", "marshal.", "urllib", "ctypes.dlopen")
import riskmodel.io.sealed_folder as sealed
watching = False
def hook(event, arguments):
    if watching and (event.startswith(FORBIDDEN) or event in ("exec", "compile", "import")):
        seen.append(event)
sys.addaudithook(hook)
import collections.abc, json.decoder
watching = True
folder = sealed.read_sealed_folder(Path(sys.argv[1]), allowed=frozenset({allowed}),
                                   required=frozenset())
folder.parse("model.json")
watching = False
assert seen == [], seen
heavy = {{"pickle", "joblib", "sklearn", "mlflow", "lightgbm", "pandas"}} & set(sys.modules)
print(sorted(heavy))
"""


def test_loading_runs_no_code_and_opens_no_socket(folder: Path) -> None:
    script = AUDITED.format(allowed=sorted(ALLOWED))
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pandas" not in done.stdout


def test_the_module_names_no_unsafe_loader() -> None:
    import riskmodel.io.sealed_folder as sealed  # noqa: PLC0415
    import riskmodel.io.strict_json as strict  # noqa: PLC0415

    for module in (sealed, strict):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        for word in ("import pickle", "joblib", "yaml", "eval(", "exec(", "allow_pickle"):
            assert word not in text


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e99, max_value=1e99)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('abæ"\\{[', max_size=4), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_json_round_trip_is_exact(value: object) -> None:
    back = parse_json_strict(encode_json(value), "x.json", max_depth=1000)
    assert repr(back) == repr(value)


@given(st.binary(max_size=200))
def test_random_bytes_never_raise_anything_but_model_error(data: bytes) -> None:
    with contextlib.suppress(ModelError):
        parse_json_strict(data, "x.json")


def test_limits_are_included() -> None:
    assert parse_json_strict(b"[[1]]", "x", max_depth=2, max_bytes=5) == [[1]]
    with pytest.raises(ModelError, match="nested deeper than 1 "):
        parse_json_strict(b"[[1]]", "x", max_depth=1)
    with pytest.raises(ModelError, match="more than the 4 allowed"):
        parse_json_strict(b"[[1]]", "x", max_bytes=4)


def make_older(path: Path) -> None:
    """Turn the folder into one of an earlier version, with a file that is no longer known."""
    (path / "points.json").write_bytes(b"{}")
    reseal(path, schema=SCHEMA_VERSION - 1)


def test_a_whole_folder_of_an_earlier_version_is_replaced_where_that_is_asked_for(
    folder: Path,
) -> None:
    make_older(folder)
    assert is_older_folder(folder)
    before = sorted(one.name for one in folder.iterdir())
    with pytest.raises(InputError, match=r"earlier version of riskmodel.*--overwrite"):
        write_sealed_folder(folder, make_documents(), allowed=ALLOWED)
    assert sorted(one.name for one in folder.iterdir()) == before
    write_sealed_folder(folder, make_documents(), allowed=ALLOWED, overwrite=True)
    assert read(folder) == make_documents()
    assert not is_older_folder(folder)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: (path / "card.md").write_bytes(b"edited by hand"),
        lambda path: (path / "card.md").unlink(),
        lambda path: (path / "notes.txt").write_bytes(b"mine"),
        lambda path: reseal(path, schema=SCHEMA_VERSION + 1),
        lambda path: reseal(path, schema=0),
        lambda path: reseal(path, schema=SCHEMA_VERSION - 1, format="mlflow"),
        lambda path: (path / "deeper").mkdir(),
    ],
)
def test_an_older_folder_that_is_not_whole_is_left_alone(
    folder: Path, spoil: Callable[[Path], None]
) -> None:
    make_older(folder)
    spoil(folder)
    before = sorted(one.name for one in folder.iterdir())
    assert not is_older_folder(folder)
    with pytest.raises(InputError, match="left alone"):
        write_sealed_folder(folder, make_documents(), allowed=ALLOWED, overwrite=True)
    assert sorted(one.name for one in folder.iterdir()) == before
