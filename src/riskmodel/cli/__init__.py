"""The command line: parses, calls the pipelines, prints, and maps errors to exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from riskmodel.cli import (
    cases,
    demo,
    monitor,
    policy,
    review,
    scorecard,
    scoring,
    thresholds,
    training,
)
from riskmodel.errors import RiskModelError

__all__ = ["app", "main"]

app = typer.Typer(
    name="riskmodel",
    help=(
        "Risk of long sick-leave courses: train, score and explain, with readable tables and "
        "Danish texts. The figures support an adviser; they decide nothing.\n\n"
        "Start with: riskmodel demo"
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# In the order in which the work is done.
app.add_typer(demo.app)
app.add_typer(cases.app)
app.add_typer(review.app, name="review")
app.add_typer(training.app)
app.add_typer(scoring.app)
app.add_typer(scorecard.app)
app.add_typer(thresholds.app)
app.add_typer(policy.app, name="policy")
app.add_typer(monitor.app, name="monitor")


@app.callback()
def take_common_options(
    *,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            help="With any command: show where an error arose. The text can hold cells of the "
            "input, so do not pass it on.",
        ),
    ] = False,
) -> None:
    """Show the options that `main` takes, wherever they stand."""


def main() -> None:
    """Run a command; errors raised on purpose become one message and an exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    debug = "--debug" in sys.argv
    arguments = [one for one in sys.argv[1:] if one != "--debug"]
    try:
        app(args=arguments, prog_name="riskmodel")
    except RiskModelError as error:
        if debug:
            raise
        from riskmodel.domain.privacy import mask_cpr_in_message

        typer.echo(f"riskmodel: {mask_cpr_in_message(str(error))}", err=True)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        if debug:
            raise
        # The text of an unforeseen error may hold a cell of the input, so only its kind is shown.
        typer.echo(
            f"riskmodel: an unforeseen error ({type(error).__name__}). This is a fault of the "
            "program; run again with --debug to see where.",
            err=True,
        )
        raise SystemExit(1) from None
