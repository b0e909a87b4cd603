"""Commands of the review of closed cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    CODEBOOK,
    CodebookOption,
    JsonOption,
    LangOption,
    QuietOption,
    SeedOption,
    make_example,
    report_progress,
    show_result,
)

__all__ = ["form", "merge", "report", "sample"]

app = typer.Typer(
    help="Read closed cases twice and blind: draw them, make the forms, merge, report.",
    no_args_is_help=True,
)
SETTINGS = Path("configs/review.yaml")

Workbooks = Annotated[
    list[Path], typer.Argument(help="Filled workbooks, one per reviewer.", show_default=False)
]
SettingsOption = Annotated[Path, typer.Option("--settings", help="Settings of the review (YAML).")]
FolderOption = Annotated[Path, typer.Option("--out", help="Folder to write.", show_default=False)]
DecisionsOption = Annotated[
    Path | None,
    typer.Option("--decisions", help="disagreements.xlsx, filled in by the third person."),
]
CaseListOption = Annotated[
    Path | None,
    typer.Option("--cases", help="List that the forms were made from; says who is one person."),
]
OverwriteOption = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace an earlier result even where files were changed."),
]
SampleOption = Annotated[
    Path | None, typer.Option("--sample", help="Folder that `riskmodel review sample` wrote.")
]


@app.command(
    epilog=make_example(
        "riskmodel review sample closed_cases.csv --out out/sample",
        "riskmodel review sample closed_cases.csv --out out/sample --n-cases 60 "
        "--stratum diagnosis_group",
    )
)
def sample(
    cases: Annotated[
        Path,
        typer.Argument(
            help="Every closed case that could be drawn, one row each.", show_default=False
        ),
    ],
    *,
    out: FolderOption,
    n_cases: Annotated[int, typer.Option("--n-cases", min=1, help="Cases to draw.")] = 60,
    stratum: Annotated[
        list[str] | None,
        typer.Option(
            "--stratum", help="Further column to draw evenly by, beside outcome and municipality."
        ),
    ] = None,
    codebook: CodebookOption = CODEBOOK,
    settings: SettingsOption = SETTINGS,
    seed: SeedOption = 0,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw cases by lot, as many long as short ones, and keep each one's chance of being drawn."""
    from riskmodel.pipelines.review_sample import sample_cases

    summary = sample_cases(
        cases,
        codebook_path=codebook,
        out=out,
        n_cases=n_cases,
        strata=stratum or (),
        settings_path=settings,
        seed=seed,
        overwrite=overwrite,
    )
    text = (
        f"{summary.to_text()}\n{out / 'cases.csv'} goes on to the forms; "
        f"keep {out / 'sampling.csv'} from the reviewers"
    )
    show_result(summary, text, as_json=as_json)


@app.command(
    epilog=make_example(
        "riskmodel review form out/sample/cases.csv --reviewer L1 --reviewer G1 --out out/forms"
    )
)
def form(
    cases: Annotated[
        Path, typer.Argument(help="List of the cases, one row each.", show_default=False)
    ],
    *,
    reviewer: Annotated[
        list[str],
        typer.Option("--reviewer", help="Short code, never a name; once for each reviewer."),
    ],
    out: FolderOption,
    codebook: CodebookOption = CODEBOOK,
    settings: SettingsOption = SETTINGS,
    lang: LangOption = "da",
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Make one workbook per reviewer; answers are never overwritten."""
    from riskmodel.pipelines.review_form import make_review_forms

    summary = make_review_forms(
        cases,
        codebook_path=codebook,
        out=out,
        reviewers=tuple(reviewer),
        settings_path=settings,
        seed=seed,
        lang=lang,
    )
    show_result(summary, summary.to_text(), as_json=as_json)


@app.command(
    epilog=make_example(
        "riskmodel review merge out/forms/review-L1.xlsx out/forms/review-G1.xlsx --out out/review",
        "riskmodel review merge out/forms/review-L1.xlsx out/forms/review-G1.xlsx "
        "--decisions disagreements.xlsx --sample out/sample --out out/review",
    )
)
def merge(
    workbooks: Workbooks,
    *,
    out: FolderOption,
    decisions: DecisionsOption = None,
    cases: CaseListOption = None,
    sample: SampleOption = None,
    adjudicator: Annotated[
        str, typer.Option("--adjudicator", help="Short code of the third person.")
    ] = "T1",
    codebook: CodebookOption = CODEBOOK,
    settings: SettingsOption = SETTINGS,
    lang: LangOption = "da",
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Merge the workbooks into one table; what differs goes to a third person."""
    from riskmodel.pipelines.review_merge import merge_reviews

    report_progress(quiet=quiet)("reading the workbooks")
    summary = merge_reviews(
        workbooks,
        codebook_path=codebook,
        out=out,
        settings_path=settings,
        decisions=decisions,
        case_list=cases,
        sample=sample,
        adjudicator=adjudicator,
        lang=lang,
        overwrite=overwrite,
    )
    text = f"{summary.to_text()}\nwritten to {out}: {', '.join(summary.files)}"
    show_result(summary, text, as_json=as_json)


@app.command(
    epilog=make_example(
        "riskmodel review report out/forms/review-L1.xlsx out/forms/review-G1.xlsx "
        "--out out/review-report",
        "riskmodel review report out/forms/review-L1.xlsx out/forms/review-G1.xlsx "
        "--decisions disagreements.xlsx --sample out/sample --out out/review-report",
    )
)
def report(
    workbooks: Workbooks,
    *,
    out: FolderOption,
    decisions: DecisionsOption = None,
    cases: CaseListOption = None,
    sample: SampleOption = None,
    codebook: CodebookOption = CODEBOOK,
    settings: SettingsOption = SETTINGS,
    seed: SeedOption = 0,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Report agreement, indicators and foresight: a Danish and an English page, and JSON."""
    from riskmodel.pipelines.review_report import report_review

    report_progress(quiet=quiet)("reading the workbooks, computing intervals")
    summary = report_review(
        workbooks,
        codebook_path=codebook,
        out=out,
        settings_path=settings,
        decisions=decisions,
        case_list=cases,
        sample=sample,
        seed=seed,
        overwrite=overwrite,
    )
    text = f"{summary.to_text()}\nopen {out / 'review.da.html'} (or review.en.html)"
    show_result(summary, text, as_json=as_json)
