"""Options that several commands share, and how commands speak."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from riskmodel.cli.language import say
from riskmodel.domain.labels import Language
from riskmodel.pipelines.progress import Progress

__all__ = [
    "CODEBOOK",
    "Cases",
    "CodebookOption",
    "JsonOption",
    "LangOption",
    "LegalOption",
    "ModelOption",
    "OverwriteOption",
    "PolicyOption",
    "QuietOption",
    "SeedOption",
    "SheetOption",
    "SpokenLangOption",
    "TrackingRootOption",
    "make_example",
    "report_progress",
    "show_result",
]

CODEBOOK = Path("configs/codebook.yaml")

Cases = Annotated[
    list[Path], typer.Argument(help="CSV, xlsx or Parquet files of cases.", show_default=False)
]
CodebookOption = Annotated[
    Path, typer.Option("--codebook", help="Codebook that describes the files.")
]
ModelOption = Annotated[
    Path, typer.Option("--model", help="Folder of the saved model.", show_default=False)
]
PolicyOption = Annotated[Path | None, typer.Option("--policy", help="Visitation policy (YAML).")]
LegalOption = Annotated[
    Path | None,
    typer.Option("--legal-basis", help="Record of the legal basis for real case records."),
]
LangOption = Annotated[Language, typer.Option("--lang", help="Language of texts and pages.")]
SpokenLangOption = Annotated[
    Language | None, typer.Option("--lang", help="Language of what is printed.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace an existing result.")]
TrackingRootOption = Annotated[
    Path | None,
    typer.Option("--tracking-root", help="Folder that holds mlruns/; default: this folder."),
]
SheetOption = Annotated[
    str | None,
    typer.Option("--sheet", help="Sheet of xlsx files: its name, or its number from 1."),
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]


def report_progress(*, quiet: bool) -> Progress:
    """Return what writes progress on stderr, with the seconds since it began."""
    started = time.monotonic()

    def tell(message: str) -> None:
        if not quiet:
            typer.echo(f"[{time.monotonic() - started:6.1f} s] {say(message)}", err=True)

    return tell


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def show_result(result: object, text: str, *, as_json: bool) -> None:
    """Print a result in words of the chosen language, or as JSON, which is the same in each."""
    typer.echo(json.dumps(_plain(result), ensure_ascii=False) if as_json else say(text))


def make_example(*lines: str) -> str:
    """Return the examples under a command's help."""
    return "Example:\n\n" + "\n\n".join(lines)
