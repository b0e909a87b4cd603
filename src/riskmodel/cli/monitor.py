"""Commands that watch practice after the start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    CODEBOOK,
    Cases,
    CodebookOption,
    JsonOption,
    LegalOption,
    OverwriteOption,
    PolicyOption,
    SeedOption,
    make_example,
    show_result,
)

__all__ = ["audit_sample", "employers", "monitor_decisions"]

app = typer.Typer(help="Watch practice after the start.", no_args_is_help=True)

Decisions = Annotated[
    list[Path],
    typer.Argument(
        help="Decision records: JSON files, folders of them, or CSV tables.", show_default=False
    ),
]
Scores = Annotated[
    Path,
    typer.Option("--scores", help="Scores of the same cases, with tiers.", show_default=False),
]
MinCell = Annotated[
    int, typer.Option("--min-cell", min=3, max=20, help="Smallest count that is shown.")
]


@app.command(
    "decisions",
    epilog=make_example(
        "riskmodel monitor decisions out/decisions --scores out/worklist.csv "
        "--policy configs/visitation/vejle.yaml --out out/practice"
    ),
)
def monitor_decisions(
    decisions: Decisions,
    *,
    scores: Scores,
    out: Annotated[Path, typer.Option("--out", help="Folder for the pages and JSON.")],
    policy: PolicyOption = None,
    codebook: CodebookOption = CODEBOOK,
    min_cell: MinCell = 5,
    seed: SeedOption = 0,
    legal_basis: LegalOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare recommendations with recorded decisions: agreement, departures, influence."""
    from riskmodel.pipelines.monitor_decisions import monitor_decisions as run

    summary = run(
        decisions,
        scores_path=scores,
        codebook_path=codebook,
        out=out,
        policy_path=policy,
        min_cell=min_cell,
        seed=seed,
        legal_basis=legal_basis,
        overwrite=overwrite,
    )
    text = f"{summary.to_text()}\nwritten to {out}; open {out / 'decisions.da.html'}"
    show_result(summary, text, as_json=as_json)


@app.command(
    "audit-sample",
    epilog=make_example(
        "riskmodel monitor audit-sample out/decisions --scores out/worklist.csv "
        "--policy configs/visitation/vejle.yaml --salt 2026-Q4 --n-cases 20 --out out/audit"
    ),
)
def audit_sample(
    decisions: Decisions,
    *,
    scores: Scores,
    out: Annotated[Path, typer.Option("--out", help="Folder for the list and the pages.")],
    salt: Annotated[
        str,
        typer.Option(
            "--salt", help="Key of the lot, such as the quarter; the same draws the same cases."
        ),
    ],
    n_cases: Annotated[int, typer.Option("--n-cases", min=1, help="Cases to draw.")] = 20,
    policy: PolicyOption = None,
    points: Annotated[
        Path | None,
        typer.Option(
            "--points", help="What each signal adds to a case's chance, e.g. configs/audit.yaml."
        ),
    ] = None,
    codebook: CodebookOption = CODEBOOK,
    legal_basis: LegalOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw cases for the management audit: by risk, by lot, with known chances."""
    from riskmodel.pipelines.audit_sample import draw_audit

    summary = draw_audit(
        decisions,
        scores_path=scores,
        codebook_path=codebook,
        out=out,
        n_cases=n_cases,
        salt=salt,
        policy_path=policy,
        points=points,
        legal_basis=legal_basis,
        overwrite=overwrite,
    )
    text = f"{summary.to_text()}\nwritten to {out}; open {out / 'audit.da.html'}"
    show_result(summary, text, as_json=as_json)


@app.command(
    "employers",
    epilog=make_example(
        "riskmodel monitor employers out/history.parquet --links out/employers.csv "
        "--scores out/scores.csv --policy configs/visitation/vejle.yaml --out out/employers"
    ),
)
def employers(
    cases: Cases,
    *,
    links: Annotated[
        Path,
        typer.Option(
            "--links", help="Table with case_id, employer (a pseudonym) and perhaps headcount."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the pages, JSON and letters.")],
    scores: Annotated[
        Path | None,
        typer.Option("--scores", help="Scores with tiers: allow for each case's own risk."),
    ] = None,
    policy: PolicyOption = None,
    codebook: CodebookOption = CODEBOOK,
    min_cell: MinCell = 5,
    legal_basis: LegalOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find employers a visit may help, and who gets the service letter."""
    from riskmodel.pipelines.employers import monitor_employers

    summary = monitor_employers(
        cases,
        links_path=links,
        codebook_path=codebook,
        out=out,
        scores_path=scores,
        policy_path=policy,
        min_cell=min_cell,
        legal_basis=legal_basis,
        overwrite=overwrite,
    )
    text = f"{summary.to_text()}\nwritten to {out}; open {out / 'employers.da.html'}"
    show_result(summary, text, as_json=as_json)
