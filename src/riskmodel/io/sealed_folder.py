"""A folder of plain documents, sealed by a manifest of sizes and digests.

Nothing in the folder is parsed before its name, its size and its digest have been checked
against the manifest, and nothing that could run as code is ever read. The seal proves that
the folder is whole; who made it is proved by pinning its digest (`expected_sha256`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, cast

from riskmodel.errors import InputError, ModelError
from riskmodel.io.atomic import publish_folder
from riskmodel.io.output_targets import MANIFEST, MODEL_FORMAT, is_empty_folder
from riskmodel.io.strict_json import encode_json, parse_json_strict

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "SealedFolder",
    "encode_json",
    "is_older_folder",
    "parse_json_strict",
    "read_sealed_folder",
    "write_sealed_folder",
]

SCHEMA_VERSION = 2
VERSION_LENGTH = 12
MAX_FOLDER_BYTES = 64 * 2**20
MAX_MANIFEST_BYTES = 64 * 2**10

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.(json|md|csv)\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_MANIFEST_KEYS = {"format", "schema", "files", "bundle_version"}
_REMEDY = "Fetch the folder again from where it was made; do not edit it by hand."


@dataclass(frozen=True, slots=True)
class SealedFolder:
    """The checked documents of a sealed folder.

    Parameters
    ----------
    documents : Mapping of str to bytes
        Content by file name, without the manifest; JSON has been parsed once and obeys
        `parse_json_strict`, the rest is UTF-8 text.
    sha256 : str
        Digest of the seal, 64 hexadecimal digits: pin this one.
    """

    documents: Mapping[str, bytes]
    sha256: str

    @property
    def version(self) -> str:
        """First twelve digits of the digest: the bundle version."""
        return self.sha256[:VERSION_LENGTH]

    def parse(self, name: str) -> object:
        """Return a JSON document as dicts, lists, strings and numbers.

        Raises
        ------
        KeyError
            If the folder holds no such document.
        """
        return parse_json_strict(self.documents[name], name)


def write_sealed_folder(
    path: Path | str,
    documents: Mapping[str, bytes],
    *,
    allowed: frozenset[str],
    overwrite: bool = False,
) -> str:
    """Write documents and their manifest beside the target, then rename them into place.

    Parameters
    ----------
    path : Path or str
        The folder to make. A link is refused.
    documents : Mapping of str to bytes
        Content by file name: lower-case names ending in .json, .md or .csv.
    allowed : frozenset of str
        The closed list of names.
    overwrite : bool
        Whether another sealed folder may be replaced. Writing the same content again is
        always allowed and changes nothing.

    Returns
    -------
    str
        The bundle version, twelve hexadecimal digits: a function of the content alone.

    Raises
    ------
    ValueError
        If a name is not in the closed list or a document could not be read back.
    InputError
        If the target exists and is something else, or cannot be written.
    """
    target = Path(path)
    for name, data in documents.items():
        if name not in allowed or not _NAME.match(name) or name == MANIFEST:
            msg = f"{name!r} is not in the closed list of files: {sorted(allowed)}."
            raise ValueError(msg)
        try:
            _check_content(name, data)
        except ModelError as error:
            raise ValueError(str(error)) from error
    if sum(map(len, documents.values())) > MAX_FOLDER_BYTES - MAX_MANIFEST_BYTES:
        msg = f"The documents hold more than the {MAX_FOLDER_BYTES} bytes that a reader accepts."
        raise ValueError(msg)
    digest = _seal_digest(_describe(documents))
    if _is_in_place(target, digest, allowed, overwrite=overwrite):
        return digest[:VERSION_LENGTH]
    with publish_folder(target, replaces_models=True) as partial:
        for name, data in {**documents, MANIFEST: _manifest_bytes(_describe(documents))}.items():
            (partial / name).write_bytes(data)
    return digest[:VERSION_LENGTH]


def read_sealed_folder(
    path: Path | str,
    *,
    allowed: frozenset[str],
    required: frozenset[str],
    expected_sha256: str | None = None,
) -> SealedFolder:
    """Read a sealed folder, after checking that it is whole and holds nothing else.

    The checks run in this order: a real folder; plain files only, few and small; the closed
    list of names; the manifest; sizes; digests; the pinned digest; and only then JSON.

    Parameters
    ----------
    path : Path or str
        The folder.
    allowed, required : frozenset of str
        Names that may and that must be there, without the manifest.
    expected_sha256 : str or None
        All 64 digits of the digest that the folder must have.

    Returns
    -------
    SealedFolder
        The documents, read once: what was checked is what is returned.

    Raises
    ------
    ModelError
        If any check fails. The message names the file and the remedy.
    """
    folder = Path(path)
    contents = _read_plain_files(folder, allowed | {MANIFEST})
    missing = sorted((required | {MANIFEST}) - set(contents))
    if missing:
        _refuse(missing[0], f"the file is missing from the folder {folder.name}.")
    manifest = contents.pop(MANIFEST)
    listed, _ = _parse_manifest(manifest)
    # First, so that damage to the manifest is never blamed on another file.
    if _manifest_bytes(listed) != manifest:
        _refuse(MANIFEST, "it is not written as riskmodel writes it, or its version is wrong.")
    _check_seal(listed, contents)
    digest = _seal_digest(listed)
    if expected_sha256 is not None and digest != expected_sha256.strip().lower():
        _refuse(
            MANIFEST,
            f"the folder has the digest {digest}, not the expected {expected_sha256[:64]}.",
            "Check which model you mean to use, then correct the path or the digest.",
        )
    for name, data in contents.items():
        _check_content(name, data)
    return SealedFolder(documents=MappingProxyType(contents), sha256=digest)


def is_older_folder(path: Path | str) -> bool:
    """Whether this is a whole sealed folder that an earlier version of riskmodel made.

    Its documents cannot be read any more, but its seal can: every file is there and as it
    was, and nothing else lies beside them. Such a folder may be replaced by a new model
    where replacing is asked for.

    Parameters
    ----------
    path : Path or str
        The folder.
    """
    folder = Path(path)
    try:
        manifest = (folder / MANIFEST).read_bytes()
        listed, schema = _parse_manifest(manifest, older=True)
        if _manifest_bytes(listed, schema) != manifest:
            return False
        contents = _read_plain_files(folder, {*listed, MANIFEST})
        del contents[MANIFEST]
        _check_seal(listed, contents)
    except (ModelError, OSError):
        return False
    return True


def _describe(documents: Mapping[str, bytes]) -> dict[str, dict[str, int | str]]:
    return {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(documents.items())
    }


def _sealed_content(
    listed: Mapping[str, Mapping[str, int | str]], schema: int = SCHEMA_VERSION
) -> dict[str, object]:
    return {"format": MODEL_FORMAT, "schema": schema, "files": listed}


def _seal_digest(
    listed: Mapping[str, Mapping[str, int | str]], schema: int = SCHEMA_VERSION
) -> str:
    content = _sealed_content(listed, schema)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _manifest_bytes(
    listed: Mapping[str, Mapping[str, int | str]], schema: int = SCHEMA_VERSION
) -> bytes:
    version = _seal_digest(listed, schema)[:VERSION_LENGTH]
    return encode_json({**_sealed_content(listed, schema), "bundle_version": version})


def _parse_manifest(
    data: bytes, *, older: bool = False
) -> tuple[dict[str, dict[str, int | str]], int]:
    """Return the listed files and the schema; one of an earlier version only if asked for."""
    manifest = parse_json_strict(data, MANIFEST, max_bytes=MAX_MANIFEST_BYTES, max_depth=3)
    if not isinstance(manifest, dict) or set(manifest) != _MANIFEST_KEYS:
        _refuse(MANIFEST, f"it must hold exactly the keys {sorted(_MANIFEST_KEYS)}.")
    if manifest["format"] != MODEL_FORMAT:
        _refuse(MANIFEST, f"the format is not {MODEL_FORMAT}.", "Give the folder of a saved model.")
    # type() and not isinstance: JSON's true would pass as 1.
    schema = manifest["schema"]
    wanted = range(1, SCHEMA_VERSION) if older else (SCHEMA_VERSION,)
    if type(schema) is not int or schema not in wanted:
        _refuse(
            MANIFEST,
            f"this version of riskmodel reads schema {SCHEMA_VERSION} and no other.",
            "Use the version of riskmodel that made the folder, or train again.",
        )
    files = manifest["files"]
    if not isinstance(files, dict):
        _refuse(MANIFEST, "files must be an object of names.")
    for entry in files.values():
        if (
            not isinstance(entry, dict)
            or set(entry) != {"bytes", "sha256"}
            or type(entry["bytes"]) is not int
            or not isinstance(entry["sha256"], str)
            or not _DIGEST.match(entry["sha256"])
        ):
            _refuse(MANIFEST, "each file needs its size in bytes and a sha256 of 64 digits.")
    return cast("dict[str, dict[str, int | str]]", files), schema


def _check_seal(
    listed: Mapping[str, Mapping[str, int | str]], contents: Mapping[str, bytes]
) -> None:
    for name in sorted(set(listed) ^ set(contents)):
        if name in contents:
            _refuse(name, "the manifest does not list this file.")
        _refuse(MANIFEST, "it lists a file that the folder does not hold.")
    for name, data in contents.items():
        if listed[name]["bytes"] != len(data):
            _refuse(name, f"it holds {len(data)} bytes, not the number in the manifest.")
        if listed[name]["sha256"] != hashlib.sha256(data).hexdigest():
            _refuse(name, "its content is not what the manifest says (sha256 differs).")


def _check_content(name: str, data: bytes) -> None:
    if name.endswith(".json"):
        parse_json_strict(data, name)
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        _refuse(name, "it is not UTF-8 text.")


def _read_plain_files(folder: Path, names: frozenset[str] | set[str]) -> dict[str, bytes]:
    try:
        # Files are opened relative to this handle: the folder cannot be swapped in between.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        problem = (
            "it is not a real folder." if os.path.lexists(folder) else "there is no such folder."
        )
        _refuse(folder.name or str(folder), problem, "Give the path of a saved model's folder.")
    try:
        with os.scandir(handle) as entries:
            is_other = names.isdisjoint(entry.name for entry in entries)
        if is_other:
            problem = "the folder holds no saved model."
            _refuse(_shown(folder.name), problem, "Give the path of a saved model's folder.")
        sizes = _check_entries(handle, names)
        return {name: _read_one(handle, name, sizes[name]) for name in sorted(sizes)}
    except OSError as error:
        _refuse(folder.name, f"the folder could not be read ({error.strerror}).")
    finally:
        os.close(handle)


def _check_entries(handle: int, names: frozenset[str] | set[str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    with os.scandir(handle) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if entry.name not in names:
                _refuse(_shown(entry.name), "this file does not belong in the folder.")
            if not stat.S_ISREG(status.st_mode):
                _refuse(entry.name, "it is a link, a folder or a device, not a plain file.")
            sizes[entry.name] = status.st_size
    if sum(sizes.values()) > MAX_FOLDER_BYTES:
        largest = max(sizes, key=lambda name: sizes[name])
        _refuse(largest, f"the folder holds more than the {MAX_FOLDER_BYTES} bytes allowed.")
    return sizes


def _read_one(handle: int, name: str, size: int) -> bytes:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, dir_fd=handle), "rb") as file:
        data = file.read(size + 1)
    if len(data) != size:
        _refuse(name, "it changed while it was read.", "Wait until it has been copied whole.")
    return data


def _is_in_place(target: Path, digest: str, allowed: frozenset[str], *, overwrite: bool) -> bool:
    if not os.path.lexists(target) or is_empty_folder(target):
        return False
    try:
        found = read_sealed_folder(target, allowed=allowed, required=frozenset())
    except ModelError as error:
        if is_older_folder(target):
            if overwrite:
                return False
            msg = (
                f"{target.name} exists and holds a model of an earlier version of riskmodel. "
                "Choose another name, or give --overwrite."
            )
            raise InputError(msg) from error
        msg = (
            f"{target.name} exists and is not a whole saved model, so it is left alone ({error}) "
            "Choose another name, or remove it yourself."
        )
        raise InputError(msg) from error
    if found.sha256 == digest:
        return True
    if not overwrite:
        msg = (
            f"{target.name} exists and holds another model ({found.version}). "
            "Choose another name, or give --overwrite."
        )
        raise InputError(msg)
    return False


def _shown(name: str) -> str:
    """Return a foreign file name that is safe to print."""
    return ascii(name)[1:-1][:60]


def _refuse(name: str, problem: str, remedy: str = _REMEDY) -> NoReturn:
    msg = f"{name}: {problem} {remedy}"
    raise ModelError(msg) from None
