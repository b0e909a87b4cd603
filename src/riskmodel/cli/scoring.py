"""Commands that score and explain cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from riskmodel.cli.options import (
    Cases,
    JsonOption,
    LangOption,
    LegalOption,
    ModelOption,
    OverwriteOption,
    PolicyOption,
    QuietOption,
    SheetOption,
    make_example,
    report_progress,
    show_result,
)
from riskmodel.domain.counting import tell_count

__all__ = ["explain", "score"]

app = typer.Typer()
ExplainFormat = Literal["html", "text", "json", "letter", "note"]


@app.command(
    epilog=make_example(
        "riskmodel score open_cases.csv --model out/model "
        "--policy configs/visitation/lejre-greve.yaml --out out/worklist.csv"
    )
)
def score(
    cases: Cases,
    *,
    model: ModelOption,
    out: Annotated[Path, typer.Option("--out", help="CSV, xlsx or Parquet file to write.")],
    policy: PolicyOption = None,
    contributions: Annotated[
        bool, typer.Option("--contributions", help="Add one column per indicator.")
    ] = False,
    changes: Annotated[
        Path | None,
        typer.Option(
            "--changes",
            help="Also write what changed since each case's assessment before to this file.",
        ),
    ] = None,
    legal_basis: LegalOption = None,
    sheet: SheetOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Score cases and write one row per assessment, in input order.

    Parquet is scored a batch at a time; CSV, xlsx, Parquet with numbers or dates as text, and
    all cases with --changes, are held whole in memory.
    """
    from riskmodel.pipelines.score import score as run

    summary = run(
        cases,
        model_path=model,
        out=out,
        policy_path=policy,
        contributions=contributions,
        changes=changes,
        legal_basis=legal_basis,
        sheet=sheet,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    )
    tiers = "".join(f"\n  {tier}: {count}" for tier, count in summary.tiers.items())
    notes = "".join(f"\nnote: {note}" for note in summary.notes)
    rows = tell_count(summary.rows, "assessment", "assessments")
    text = f"{summary.scored} of {rows} scored, written to {out}{tiers}{notes}"
    show_result(summary, text, as_json=as_json)


@app.command(
    epilog=make_example(
        "riskmodel explain open_cases.csv --model out/model "
        "--policy configs/visitation/lejre-greve.yaml --out out/pages",
        "riskmodel explain open_cases.csv --model out/model --case-id SYN-0000007 --format text",
        "riskmodel explain open_cases.csv --model out/model --case-id SYN-0000007 --format letter",
    )
)
def explain(
    cases: Cases,
    *,
    model: ModelOption,
    policy: PolicyOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the pages; text and JSON go to stdout without it."),
    ] = None,
    case_id: Annotated[
        str | None, typer.Option("--case-id", help="Explain this case only.")
    ] = None,
    form: Annotated[
        ExplainFormat,
        typer.Option(
            "--format",
            help="Pages; text or JSON; the citizen's letter; or a note that argues for the case.",
        ),
    ] = "html",
    lang: LangOption = "da",
    team: Annotated[
        str | None,
        typer.Option(
            "--team", help="Code of the team, such as nord-2, for its decision records; no person."
        ),
    ] = None,
    legal_basis: LegalOption = None,
    sheet: SheetOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Explain cases: a page each and a worklist that links them, or text and JSON."""
    from riskmodel.pipelines import explain as pipeline

    if out is None:
        if form == "html":
            msg = "--format html needs --out FOLDER; or choose --format text."
            raise typer.BadParameter(msg)
        for one in pipeline.explain_to_text(
            cases,
            model_path=model,
            policy_path=policy,
            case_id=case_id,
            form=form,
            lang=lang,
            legal_basis=legal_basis,
            sheet=sheet,
        ):
            typer.echo(one)
        return
    summary = pipeline.explain(
        cases,
        model_path=model,
        out=out,
        policy_path=policy,
        case_id=case_id,
        form=form,
        lang=lang,
        team=team,
        legal_basis=legal_basis,
        sheet=sheet,
        overwrite=overwrite,
        progress=report_progress(quiet=quiet),
    )
    pages = tell_count(summary.pages, "explanation", "explanations")
    text = f"{pages} written to {out}"
    if summary.index:
        text = f"{pages} written to {out}; open {out / summary.index}"
    show_result(summary, text, as_json=as_json)
