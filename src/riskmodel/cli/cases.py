"""Commands that make and check tables of cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.language import get_language, say
from riskmodel.cli.options import (
    CODEBOOK,
    Cases,
    CodebookOption,
    JsonOption,
    OverwriteOption,
    QuietOption,
    SeedOption,
    SheetOption,
    SpokenLangOption,
    make_example,
    report_progress,
    show_result,
)
from riskmodel.domain.counting import tell_count

__all__ = ["check", "synthesize"]

app = typer.Typer()
SYNTHETIC = Path("configs/synthetic.yaml")


@app.command(epilog=make_example("riskmodel synthesize --preset history --out out/history.parquet"))
def synthesize(
    *,
    out: Annotated[Path, typer.Option("--out", help="CSV, xlsx or Parquet file to write.")],
    preset: Annotated[
        str, typer.Option("--preset", help="history, review60, open_cases or local.")
    ] = "history",
    n_cases: Annotated[
        int | None,
        typer.Option("--n-cases", min=1, help="Number of cases; the preset's if left out."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Also write the true risks to this file.")
    ] = None,
    codebook: CodebookOption = CODEBOOK,
    config: Annotated[
        Path, typer.Option("--config", help="Parameters of the generator.")
    ] = SYNTHETIC,
    seed: SeedOption = 0,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make synthetic cases with a known true risk."""
    from riskmodel.pipelines.synthesize import synthesize as run

    summary = run(
        preset=preset,
        codebook_path=codebook,
        config_path=config,
        out=out,
        n_cases=n_cases,
        seed=seed,
        with_truth=truth,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    )
    show_result(
        summary,
        f"{tell_count(summary.n_cases, 'synthetic case', 'synthetic cases')}, "
        f"{tell_count(summary.n_assessments, 'assessment', 'assessments')}, written to {out}",
        as_json=as_json,
    )


@app.command(epilog=make_example("riskmodel check out/history.parquet"))
def check(
    cases: Cases,
    *,
    codebook: CodebookOption = CODEBOOK,
    sheet: SheetOption = None,
    lang: SpokenLangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check files of cases against the codebook, and describe what they hold."""
    from riskmodel.pipelines.check import check_cases

    report = check_cases(cases, codebook, sheet=sheet)
    if as_json:
        typer.echo(json.dumps(report.to_mapping(), ensure_ascii=False))
    else:
        typer.echo(say(report.to_text(lang or get_language())))
