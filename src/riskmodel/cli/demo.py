"""The command that runs the main job end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.language import say
from riskmodel.cli.options import (
    LangOption,
    QuietOption,
    make_example,
    report_progress,
)

__all__ = ["demo"]

app = typer.Typer()


@app.command(epilog=make_example("riskmodel demo", "riskmodel demo --example injury"))
def demo(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; default: out/demo, or out/demo-injury.")
    ] = None,
    example: Annotated[
        str, typer.Option("--example", help="synthetic, or injury (real, public data).")
    ] = "synthetic",
    lang: LangOption = "da",
    quiet: QuietOption = False,
) -> None:
    """Run the main job end to end: data, training, scoring, explanation."""
    from riskmodel.pipelines.demo import run_demo

    out = out or Path("out/demo" if example == "synthetic" else f"out/demo-{example}")
    run = run_demo(out=out, example=example, lang=lang, progress=report_progress(quiet=quiet))
    typer.echo(say(run.to_text()))
