"""Commands that train and judge a model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    CODEBOOK,
    Cases,
    CodebookOption,
    JsonOption,
    LangOption,
    LegalOption,
    OverwriteOption,
    PolicyOption,
    QuietOption,
    SeedOption,
    TrackingRootOption,
    make_example,
    report_progress,
    show_result,
)

__all__ = ["evaluate", "train", "update"]

NotesOption = Annotated[
    Path | None,
    typer.Option("--notes", help="YAML with texts for the items that a program cannot know."),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Training settings, e.g. configs/train.yaml.")
]
TrackOption = Annotated[bool, typer.Option("--track/--no-track", help="Log the run to MLflow.")]

app = typer.Typer()


class KeyIndicators(StrEnum):
    """How the price of doing without an indicator is found."""

    PERMUTE = "permute"
    REFIT = "refit"


@app.command(
    epilog=make_example(
        "riskmodel train out/history.parquet --out out/model",
        "riskmodel train cases.csv --codebook my_codebook.yaml --out out/model --no-track",
        "riskmodel train cases.csv --out out/new --compare-with out/model "
        "--policy configs/visitation/lejre-greve.yaml",
    )
)
def train(
    cases: Cases,
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder to save the model in.")],
    codebook: CodebookOption = CODEBOOK,
    config: ConfigOption = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed; overrides the settings.")
    ] = None,
    policy: PolicyOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder for the evaluation report.")
    ] = None,
    compare_with: Annotated[
        Path | None,
        typer.Option(
            "--compare-with",
            help="Folder of the current model: what is better, who changes tier, why, and at what "
            "workload, in a folder beside --out.",
        ),
    ] = None,
    inflow: Annotated[
        Path | None,
        typer.Option("--inflow", help="New cases a year, seasons and minutes (YAML)."),
    ] = None,
    notes: NotesOption = None,
    key_indicators: Annotated[
        KeyIndicators | None,
        typer.Option(
            "--key-indicators",
            help="refit: what each of the strongest indicators is worth by training without it "
            "(slow). Overrides the settings.",
        ),
    ] = None,
    learning_curve: Annotated[
        bool | None,
        typer.Option(
            "--learning-curve/--no-learning-curve",
            help="What 50, 200 and 500 more cases would give (slow). Overrides the settings.",
        ),
    ] = None,
    lang: LangOption = "da",
    track: TrackOption = True,
    tracking_root: TrackingRootOption = None,
    legal_basis: LegalOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train a model on closed cases, evaluate it, save it and log the run."""
    from riskmodel.pipelines.train import train as run

    summary = run(
        cases,
        codebook_path=codebook,
        out=out,
        config_path=config,
        seed=seed,
        policy_path=policy,
        report_path=report,
        notes_path=notes,
        key_indicators=None if key_indicators is None else key_indicators.value,
        learning_curve=learning_curve,
        lang=lang,
        track=track,
        tracking_root=tracking_root,
        legal_basis=legal_basis,
        compare_with=compare_with,
        inflow_path=inflow,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    ).summary
    show_result(summary, summary.to_text(), as_json=as_json)


@app.command(
    epilog=make_example(
        "riskmodel update out/model local.csv --out out/local_model",
        "riskmodel update out/model local.csv --codebook real_codebook.yaml --out out/local_model",
    )
)
def update(
    model: Annotated[Path, typer.Argument(help="Folder of the saved model.", show_default=False)],
    cases: Cases,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="Folder for the updated model; not made where nothing is changed."
        ),
    ],
    codebook: Annotated[
        Path | None,
        typer.Option(
            "--codebook",
            help="Codebook of the local cases, where their kind of data is not the model's.",
        ),
    ] = None,
    config: ConfigOption = None,
    policy: PolicyOption = None,
    track: TrackOption = True,
    tracking_root: TrackingRootOption = None,
    legal_basis: LegalOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fit a trained model to a few local closed cases: leave it, move it, or weigh it anew."""
    from riskmodel.pipelines.update import update as run

    summary = run(
        model,
        cases,
        out=out,
        codebook_path=codebook,
        config_path=config,
        policy_path=policy,
        track=track,
        tracking_root=tracking_root,
        legal_basis=legal_basis,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    ).summary
    show_result(summary, summary.to_text(), as_json=as_json)


@app.command(
    epilog=make_example(
        "riskmodel evaluate out/model cases.parquet --out out/evaluation",
        "riskmodel evaluate out/model new.csv --trained-on history.csv --out out/evaluation",
    )
)
def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of the saved model.", show_default=False)],
    cases: Cases,
    *,
    trained_on: Annotated[
        list[Path] | None,
        typer.Option(
            "--trained-on",
            help="File that the model was trained on; cases and persons of it are refused. "
            "Nothing of it is kept. May be repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the report (HTML and JSON).")
    ] = None,
    notes: NotesOption = None,
    lang: LangOption = "da",
    legal_basis: LegalOption = None,
    seed: SeedOption = 0,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Judge a saved model on cases that it was not trained on."""
    from riskmodel.pipelines.evaluate import evaluate as run

    summary = run(
        model,
        cases,
        trained_on=trained_on or (),
        out=out,
        notes_path=notes,
        lang=lang,
        legal_basis=legal_basis,
        seed=seed,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    )
    show_result(summary, summary.to_text(), as_json=as_json)
