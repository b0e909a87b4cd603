"""The command that shows what thresholds lead to, and suggests some."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    Cases,
    JsonOption,
    LangOption,
    LegalOption,
    ModelOption,
    OverwriteOption,
    QuietOption,
    SeedOption,
    make_example,
    report_progress,
    show_result,
)

__all__ = ["thresholds"]

app = typer.Typer()
INFLOW = Path("configs/inflow.yaml")


@app.command(
    epilog=make_example(
        "riskmodel thresholds closed_cases.csv --model out/model "
        "--policy configs/visitation/lejre-greve.yaml --capacity-talks 20 --site lejre "
        "--out out/thresholds",
        "riskmodel thresholds closed_cases.csv --model out/model "
        "--policy configs/visitation/vejle.yaml --largest-miss-rate 0.05 --out out/thresholds",
    )
)
def thresholds(
    cases: Cases,
    *,
    model: ModelOption,
    policy: Annotated[
        Path, typer.Option("--policy", help="Visitation policy (YAML).", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the report.")],
    inflow: Annotated[
        Path, typer.Option("--inflow", help="New cases a year, seasons and minutes (YAML).")
    ] = INFLOW,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", help="Municipality of the inflow; repeat for several, or all."),
    ] = None,
    capacity_talks: Annotated[
        float | None, typer.Option("--capacity-talks", help="Talks that can be held in a week.")
    ] = None,
    capacity_hours: Annotated[
        float | None, typer.Option("--capacity-hours", help="Hours of advisers in a week.")
    ] = None,
    largest_miss_rate: Annotated[
        float | None,
        typer.Option(
            "--largest-miss-rate",
            help="Largest share of long courses that may get the lightest tier, e.g. 0.05.",
        ),
    ] = None,
    lang: LangOption = "da",
    legal_basis: LegalOption = None,
    seed: SeedOption = 0,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what thresholds lead to in a year, and suggest some for a capacity or a miss rate."""
    from riskmodel.pipelines.thresholds import thresholds as run

    summary = run(
        cases,
        model_path=model,
        policy_path=policy,
        out=out,
        inflow_path=inflow,
        sites=tuple(site or ()),
        capacity_talks=capacity_talks,
        capacity_hours=capacity_hours,
        largest_miss_rate=largest_miss_rate,
        lang=lang,
        legal_basis=legal_basis,
        seed=seed,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    )
    show_result(summary, summary.to_text(), as_json=as_json)
