"""The command line: parses, calls the pipelines, prints, and maps errors to exit codes."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from riskmodel.domain.labels import Language
from riskmodel.errors import RiskModelError
from riskmodel.pipelines.progress import Progress

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
policy_app = typer.Typer(help="Read and check visitation policies.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")


Cases = Annotated[
    list[Path], typer.Argument(help="CSV, xlsx or Parquet files of cases.", show_default=False)
]
CodebookOption = Annotated[
    Path, typer.Option("--codebook", help="Codebook that describes the files.")
]
ModelOption = Annotated[
    Path, typer.Option("--model", help="Folder of the saved model.", show_default=False)
]
PolicyOption = Annotated[Path | None, typer.Option("--policy", help="Visitation policy (YAML).")]
LegalOption = Annotated[
    Path | None,
    typer.Option("--legal-basis", help="Record of the legal basis for real case records."),
]
LangOption = Annotated[Language, typer.Option("--lang", help="Language of texts and pages.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace an existing result.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]

ExplainFormat = Literal["html", "text", "json"]
CODEBOOK = Path("configs/codebook.yaml")
SYNTHETIC = Path("configs/synthetic.yaml")


def _progress(*, quiet: bool) -> Progress:
    started = time.monotonic()

    def say(message: str) -> None:
        if not quiet:
            typer.echo(f"[{time.monotonic() - started:6.1f} s] {message}", err=True)

    return say


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _show(result: object, text: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(_plain(result), ensure_ascii=False) if as_json else text)


def _example(*lines: str) -> str:
    return "Example:\n\n" + "\n\n".join(lines)


@app.command(epilog=_example("riskmodel synthesize --preset history --out out/history.parquet"))
def synthesize(
    *,
    out: Annotated[Path, typer.Option("--out", help="CSV, xlsx or Parquet file to write.")],
    preset: Annotated[
        str, typer.Option("--preset", help="history, review60 or open_cases.")
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
    as_json: JsonOption = False,
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
    )
    _show(
        summary,
        f"{summary.n_cases} synthetic cases, {summary.n_assessments} assessments, written to {out}",
        as_json=as_json,
    )


@app.command(epilog=_example("riskmodel check out/history.parquet"))
def check(
    cases: Cases,
    *,
    codebook: CodebookOption = CODEBOOK,
    as_json: JsonOption = False,
) -> None:
    """Check files of cases against the codebook, and describe what they hold."""
    from riskmodel.pipelines.check import check_cases

    report = check_cases(cases, codebook)
    typer.echo(json.dumps(report.to_mapping(), ensure_ascii=False) if as_json else report.to_text())


@app.command(
    epilog=_example(
        "riskmodel train out/history.parquet --out out/model",
        "riskmodel train cases.csv --codebook my_codebook.yaml --out out/model --no-track",
    )
)
def train(
    cases: Cases,
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder to save the model in.")],
    codebook: CodebookOption = CODEBOOK,
    config: Annotated[
        Path | None, typer.Option("--config", help="Training settings, e.g. configs/train.yaml.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed; overrides the settings.")
    ] = None,
    policy: PolicyOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder for the evaluation report.")
    ] = None,
    lang: LangOption = "da",
    track: Annotated[
        bool, typer.Option("--track/--no-track", help="Log the run to MLflow.")
    ] = True,
    tracking_root: Annotated[
        Path | None,
        typer.Option("--tracking-root", help="Folder that holds mlruns/; default: this folder."),
    ] = None,
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
        lang=lang,
        track=track,
        tracking_root=tracking_root,
        legal_basis=legal_basis,
        overwrite=overwrite,
        progress=_progress(quiet=quiet),
    ).summary
    _show(summary, summary.to_text(), as_json=as_json)


@app.command(epilog=_example("riskmodel evaluate out/model cases.parquet --out out/evaluation"))
def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of the saved model.", show_default=False)],
    cases: Cases,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the report (HTML and JSON).")
    ] = None,
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
        out=out,
        lang=lang,
        legal_basis=legal_basis,
        seed=seed,
        overwrite=overwrite,
        progress=_progress(quiet=quiet),
    )
    _show(summary, summary.to_text(), as_json=as_json)


@app.command(
    epilog=_example(
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
    legal_basis: LegalOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Score cases and write one row per assessment, in input order."""
    from riskmodel.pipelines.score import score as run

    summary = run(
        cases,
        model_path=model,
        out=out,
        policy_path=policy,
        contributions=contributions,
        legal_basis=legal_basis,
        progress=_progress(quiet=quiet),
    )
    tiers = "".join(f"\n  {tier}: {count}" for tier, count in summary.tiers.items())
    notes = "".join(f"\nnote: {note}" for note in summary.notes)
    text = f"{summary.scored} of {summary.rows} assessments scored, written to {out}{tiers}{notes}"
    _show(summary, text, as_json=as_json)


@app.command(
    epilog=_example(
        "riskmodel explain open_cases.csv --model out/model "
        "--policy configs/visitation/lejre-greve.yaml --out out/pages",
        "riskmodel explain open_cases.csv --model out/model --case-id SYN-0000007 --format text",
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
        ExplainFormat, typer.Option("--format", help="Form of the explanation.")
    ] = "html",
    lang: LangOption = "da",
    legal_basis: LegalOption = None,
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
        legal_basis=legal_basis,
        overwrite=overwrite,
        progress=_progress(quiet=quiet),
    )
    text = f"{summary.pages} explanations written to {out}"
    if summary.index:
        text += f"; open {out / summary.index}"
    _show(summary, text, as_json=as_json)


@app.command(epilog=_example("riskmodel demo", "riskmodel demo --example injury"))
def demo(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; default: out/demo, or out/demo-injury.")
    ] = None,
    example: Annotated[
        str, typer.Option("--example", help="synthetic, or injury (real, public data).")
    ] = "synthetic",
    lang: LangOption = "da",
    quiet: QuietOption = False,
) -> None:
    """Run the main job end to end: data, training, scoring, explanation."""
    from riskmodel.pipelines.demo import run_demo

    out = out or Path("out/demo" if example == "synthetic" else f"out/demo-{example}")
    run = run_demo(out=out, example=example, lang=lang, progress=_progress(quiet=quiet))
    typer.echo(run.to_text())


@policy_app.command("show", epilog=_example("riskmodel policy show configs/visitation/vejle.yaml"))
def policy_show(
    policy: Annotated[Path, typer.Argument(help="Visitation policy (YAML).", show_default=False)],
    *,
    codebook: CodebookOption = CODEBOOK,
    lang: LangOption = "da",
) -> None:
    """Print a policy as plain sentences."""
    from riskmodel.io.config import read_codebook
    from riskmodel.io.policy_files import read_policy
    from riskmodel.visitation.policy_text import describe_policy

    typer.echo(describe_policy(read_policy(policy, read_codebook(codebook)), lang))


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
        typer.echo(f"riskmodel: {error}", err=True)
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
