"""The command line: parses, calls the pipelines, prints, and maps errors to exit codes."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from riskmodel.cli import (
    cases,
    demo,
    monitor,
    policy,
    promotion,
    review,
    scorecard,
    scoring,
    thresholds,
    training,
)
from riskmodel.cli.language import (
    choose_language,
    say,
    take_language,
    tell_error,
    tell_usage_error,
)
from riskmodel.domain.labels import Language
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
app.add_typer(promotion.app)
app.add_typer(scoring.app)
app.add_typer(scorecard.app)
app.add_typer(thresholds.app)
app.add_typer(policy.app, name="policy")
app.add_typer(monitor.app, name="monitor")


# The base of what the library raises on a wrong command line; it has moved between versions.
_CommandLineError: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def _show_version(asked: bool) -> None:
    if asked:
        from riskmodel import __version__

        typer.echo(f"riskmodel {__version__}")
        raise typer.Exit


@app.callback()
def take_common_options(
    *,
    lang: Annotated[
        Language | None,
        typer.Option(
            "--lang",
            help="With any command: language of help, messages and results, and of the pages "
            "where a command makes some. Without it RISKMODEL_LANG decides for what is printed; "
            "all else is Danish.",
        ),
    ] = None,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            help="With any command: show where an error arose. The text can hold cells of the "
            "input, so do not pass it on.",
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
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
    arguments, lang = take_language([one for one in sys.argv[1:] if one != "--debug"])
    try:
        code = _run(arguments, lang)
    except _CommandLineError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
        else:
            typer.echo(tell_usage_error(error), err=True)
        raise SystemExit(error.exit_code) from None
    except typer.Abort:
        typer.echo(say("Aborted!"), err=True)
        raise SystemExit(1) from None
    except RiskModelError as error:
        if debug:
            raise
        from riskmodel.domain.privacy import mask_cpr_in_message

        typer.echo(f"riskmodel: {mask_cpr_in_message(tell_error(error))}", err=True)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        if debug:
            raise
        # The text of an unforeseen error may hold a cell of the input, so only its kind is shown.
        told = say(
            f"an unforeseen error ({type(error).__name__}). This is a fault of the program; "
            "run again with --debug to see where."
        )
        typer.echo(f"riskmodel: {told}", err=True)
        raise SystemExit(1) from None
    raise SystemExit(code)


def _run(arguments: Sequence[str], lang: str | None) -> int:
    """Run a command in the chosen language, and return its exit code."""
    chosen = choose_language(lang)
    command = typer.main.get_command(app)
    if chosen == "da":
        from riskmodel.cli.help_words import translate_help

        translate_help(command)
    given = _pass_language(command, arguments, lang)
    with warnings.catch_warnings():
        _tell_warnings()
        ended = command(args=given, prog_name="riskmodel", standalone_mode=False)
    return ended if isinstance(ended, int) else 0


def _tell_warnings() -> None:
    """Have riskmodel's own warnings told as its messages are, without a line of the program."""
    usual = warnings.showwarning

    def tell(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
        if category.__module__.partition(".")[0] == "riskmodel":
            typer.echo(f"riskmodel: {say(str(message))}", err=True)
        else:
            usual(message, category, *place, **options)

    warnings.showwarning = tell


def _pass_language(command: Any, arguments: Sequence[str], lang: str | None) -> list[str]:
    """Return the arguments with ``--lang`` behind a command that has pages of its own to write."""
    for place, word in enumerate(arguments if lang is not None else ()):
        if word.startswith("-"):
            continue
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        if any(one.name == "lang" for one in command.params):
            return [*arguments[: place + 1], "--lang", str(lang), *arguments[place + 1 :]]
    return list(arguments)
