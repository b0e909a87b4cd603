"""The command that makes a points form on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    CODEBOOK,
    CodebookOption,
    JsonOption,
    LegalOption,
    OverwriteOption,
    PolicyOption,
    QuietOption,
    SeedOption,
    make_example,
    report_progress,
    show_result,
)

__all__ = ["scorecard"]

app = typer.Typer()
SETTINGS = Path("configs/scorecard.yaml")


@app.command(
    epilog=make_example(
        "riskmodel scorecard out/model --cases new_closed_cases.csv "
        "--policy configs/visitation/lejre-greve.yaml --out out/scorecard",
        "riskmodel scorecard --weights configs/review.yaml --cases closed_cases.csv "
        "--out out/scorecard",
    )
)
def scorecard(
    model: Annotated[
        Path | None,
        typer.Argument(help="Folder of the saved model.", show_default=False),
    ] = None,
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder to write.", show_default=False)],
    weights: Annotated[
        Path | None,
        typer.Option("--weights", help="YAML file with fixed_score: points given in advance."),
    ] = None,
    cases: Annotated[
        list[Path] | None,
        typer.Option(
            "--cases",
            help=(
                "Closed cases: how common each answer is, and what the form loses. Best those "
                "that the model was not trained on; on its training table both are made anew "
                "in five folds, which takes a while."
            ),
        ),
    ] = None,
    policy: PolicyOption = None,
    settings: Annotated[
        Path, typer.Option("--settings", help="Settings of the form (YAML).")
    ] = SETTINGS,
    codebook: CodebookOption = CODEBOOK,
    seed: SeedOption = 0,
    legal_basis: LegalOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a one-page points form, for when the model is not available."""
    from riskmodel.pipelines.scorecard import make_scorecard

    summary = make_scorecard(
        out=out,
        model_path=model,
        weights_path=weights,
        cases=tuple(cases or ()),
        codebook_path=codebook,
        settings_path=settings,
        policy_path=policy,
        legal_basis=legal_basis,
        seed=seed,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    )
    text = f"{summary.to_text()}\nprint {out / 'scorecard.da.html'} (or scorecard.en.html)"
    show_result(summary, text, as_json=as_json)
