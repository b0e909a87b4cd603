"""Where outputs may go, and which folders they may replace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from riskmodel.domain.privacy import find_cpr, mask_cpr
from riskmodel.errors import Fault, InputError

__all__ = [
    "MANIFEST",
    "MODEL_FORMAT",
    "check_folder_target",
    "check_output_place",
    "is_empty_folder",
]

MANIFEST = "manifest.json"
MODEL_FORMAT = "riskmodel-bundle"


def is_empty_folder(path: Path) -> bool:
    """Whether there is a real folder (no link) with nothing in it."""
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def check_output_place(target: Path) -> None:
    """Refuse a name that holds a personal number, and a place inside a saved model.

    Parameters
    ----------
    target : Path
        The file or folder to write.

    Raises
    ------
    InputError
        Without the number. A file more in a saved model would break its seal, so that it
        could not be read again.
    """
    if find_cpr(target.stem) is not None or find_cpr(target.name) is not None:
        problem = "the name of the output holds what looks like a CPR number."
        raise InputError(Fault(mask_cpr(target.name), problem, "Choose another name."))
    for folder in target.absolute().parents:
        if _is_saved_model(folder):
            problem = f"its place is inside the saved model {mask_cpr(folder.name)}."
            remedy = "Choose a place beside the model: a file more would make it unreadable."
            raise InputError(Fault(target.name, problem, remedy))


def check_folder_target(
    target: Path, *, overwrite: bool = False, replaces_models: bool = False
) -> None:
    """Refuse a folder that may not be replaced; call it before long work too.

    Parameters
    ----------
    target : Path
        The folder to publish.
    overwrite : bool
        Whether one that riskmodel made may be replaced although its files were changed.
    replaces_models : bool
        Whether it may be a saved model: only where another model is saved.

    Raises
    ------
    InputError
        If the place is not allowed, or the target is a file, a link, the current folder or
        one above it, a folder that riskmodel did not make, one with foreign files in it, a
        saved model, or changed since.
    """
    check_output_place(target)
    shown = target.name or str(target)
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        problem = "the target must be a folder, and a file or a link has that name."
        raise InputError(Fault(shown, problem, "Give another name with --out."))
    if not target.is_dir():
        return
    here = Path.cwd()
    resolved = target.resolve()
    if resolved in {here, *here.parents, Path.home()}:
        problem = "the target is the current folder, one above it, or the home folder."
        raise InputError(Fault(shown, problem, "Give the name of a new folder."))
    if is_empty_folder(target):
        return
    if not replaces_models and _is_saved_model(target):
        problem = "a saved model stands here, and only another model may take its place."
        raise InputError(Fault(shown, problem, "Choose another name for the output."))
    listed = _read_manifest(target).get("files")
    if not isinstance(listed, dict):
        problem = "the folder was not made by this command, so it is left alone."
        raise InputError(Fault(shown, problem, "Choose another name for --out."))
    _check_contents(target, listed, overwrite=overwrite)


def _read_manifest(folder: Path) -> Mapping[str, object]:
    """Return what the manifest says; nothing where there is none that can be read."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_saved_model(folder: Path) -> bool:
    return _read_manifest(folder).get("format") == MODEL_FORMAT


def _check_contents(target: Path, listed: Mapping[str, object], *, overwrite: bool) -> None:
    entries = [one for one in target.rglob("*") if one.is_symlink() or not one.is_dir()]
    there = {one.relative_to(target).as_posix() for one in entries} - {MANIFEST}
    foreign = there - set(listed)
    if foreign:
        problem = f"the folder holds {len(foreign)} files that riskmodel did not put there."
        remedy = "Move them elsewhere, or choose another name for --out; nothing was replaced."
        raise InputError(Fault(target.name, problem, remedy))
    changed = sum(_is_changed(target / name, listed[name]) for name in there)
    if changed and not overwrite:
        problem = f"{changed} of the files in the folder were changed since riskmodel made them."
        remedy = "Choose another name for --out, or give --overwrite to replace them."
        raise InputError(Fault(target.name, problem, remedy))


def _is_changed(path: Path, entry: object) -> bool:
    digest = entry.get("sha256") if isinstance(entry, dict) else entry
    return hashlib.sha256(path.read_bytes()).hexdigest() != digest
