"""The command that says what a model is fit for."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.language import get_language, say
from riskmodel.cli.options import (
    JsonOption,
    LegalOption,
    SpokenLangOption,
    TrackingRootOption,
    make_example,
)
from riskmodel.errors import InputError

__all__ = ["promote"]

app = typer.Typer()


class LevelOfUse(StrEnum):
    """The levels of use, lowest first."""

    DEMONSTRATION = "demonstration"
    EXPLORATION = "exploration"
    SHADOW_USE = "shadow_use"
    PILOT = "pilot"
    OPERATION = "operation"


@app.command(
    epilog=make_example(
        "riskmodel promote out/model",
        "riskmodel promote out/model --evaluation out/evaluation --attestations answers.yaml "
        "--to pilot",
    )
)
def promote(
    model: Annotated[Path, typer.Argument(help="Folder of the saved model.", show_default=False)],
    *,
    evaluation: Annotated[
        Path | None,
        typer.Option(
            "--evaluation", help="Folder that riskmodel evaluate wrote of it on new cases."
        ),
    ] = None,
    attestations: Annotated[
        Path | None,
        typer.Option("--attestations", help="What only people can answer (YAML)."),
    ] = None,
    rules: Annotated[
        Path, typer.Option("--rules", help="What each level of use asks for (YAML).")
    ] = Path("configs/promotion.yaml"),
    to: Annotated[
        LevelOfUse | None,
        typer.Option(
            "--to",
            help="Promote to this level and record it; exit code 3 where the evidence does not "
            "reach it.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder of the records of promotions; default: beside the model."
        ),
    ] = None,
    alias: Annotated[
        bool,
        typer.Option("--alias", help="Let MLflow's alias of that level point to the model."),
    ] = False,
    tracking_root: TrackingRootOption = None,
    legal_basis: LegalOption = None,
    lang: SpokenLangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a model is fit for, and what it lacks for more."""
    from riskmodel.evaluation.promotion import Level
    from riskmodel.pipelines.promote import judge_promotion
    from riskmodel.pipelines.promote import promote as run

    if to is None and (alias or out is not None):
        msg = "--alias and --out are for a promotion, and --to names none; add --to LEVEL."
        raise InputError(msg)
    report = judge_promotion(
        model,
        evaluation=evaluation,
        attestations=attestations,
        rules=rules,
        legal_basis=legal_basis,
    )
    level: Level | None = None if to is None else to.value
    done = None
    if level is not None and report.record.reaches(level):
        done = run(report, level, out=out, alias=alias, tracking_root=tracking_root)
    if as_json:
        recorded = {} if level is None else {"record": None if done is None else str(done.record)}
        typer.echo(json.dumps(report.to_mapping() | recorded, ensure_ascii=False))
    else:
        typer.echo(report.to_text(lang or get_language(), level))
        if done is not None:
            typer.echo(f"\n{say(done.to_text())}")
    if level is not None:
        report.require(level)
