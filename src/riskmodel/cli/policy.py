"""Commands that read and check visitation policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.language import get_language, say
from riskmodel.cli.options import (
    CODEBOOK,
    CodebookOption,
    JsonOption,
    SeedOption,
    SpokenLangOption,
    make_example,
)

__all__ = ["policy_check", "policy_show"]

app = typer.Typer(help="Read and check visitation policies.", no_args_is_help=True)
Policy = Annotated[Path, typer.Argument(help="Visitation policy (YAML).", show_default=False)]


@app.command("show", epilog=make_example("riskmodel policy show configs/visitation/vejle.yaml"))
def policy_show(
    policy: Policy,
    *,
    codebook: CodebookOption = CODEBOOK,
    lang: SpokenLangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a policy as plain sentences."""
    from riskmodel.pipelines.policy import show_policy

    shown = show_policy(policy, codebook, lang or get_language(), as_json=as_json)
    typer.echo(shown.rstrip("\n"))


@app.command("check", epilog=make_example("riskmodel policy check configs/visitation/vejle.yaml"))
def policy_check(
    policy: Policy,
    *,
    codebook: CodebookOption = CODEBOOK,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Try a policy on made-up cases: gaps, overlaps, idle rules, what is not decided yet."""
    from riskmodel.pipelines.policy import check_policy_file

    report = check_policy_file(policy, codebook, seed=seed)
    typer.echo(report.to_json() if as_json else say(report.to_text()))
    if report.has_errors:
        raise typer.Exit(2)
