"""Commands that read and check visitation policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    CODEBOOK,
    CodebookOption,
    LangOption,
    make_example,
)

__all__ = ["policy_show"]

app = typer.Typer(help="Read and check visitation policies.", no_args_is_help=True)


@app.command("show", epilog=make_example("riskmodel policy show configs/visitation/vejle.yaml"))
def policy_show(
    policy: Annotated[Path, typer.Argument(help="Visitation policy (YAML).", show_default=False)],
    *,
    codebook: CodebookOption = CODEBOOK,
    lang: LangOption = "da",
) -> None:
    """Print a policy as plain sentences."""
    from riskmodel.io.config import read_codebook
    from riskmodel.io.policy_files import read_policy
    from riskmodel.visitation.policy_text import describe_policy

    typer.echo(describe_policy(read_policy(policy, read_codebook(codebook)), lang))
