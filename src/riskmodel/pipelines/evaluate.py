"""Evaluation: a saved model judged on cases that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from riskmodel.domain.labels import Language
from riskmodel.evaluation.characteristics import describe_cases
from riskmodel.evaluation.leak_guards import find_suspected_leaks
from riskmodel.evaluation.new_cases import judge_new_cases
from riskmodel.evaluation.record import evaluate as evaluate_scores
from riskmodel.evaluation.table_doubts import find_table_doubts
from riskmodel.io.atomic import publish_documents
from riskmodel.io.bundle import load_bundle
from riskmodel.io.evaluation_notes import read_notes
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.findings import try_sample_size
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.unseen_cases import UNSEEN, refuse_seen
from riskmodel.report.evaluation_page import describe_evaluation, render_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_summary import list_warnings, make_summary
from riskmodel.report.evaluation_words import ITEM_TITLES

__all__ = ["EvaluateSummary", "evaluate", "publish_report"]

BOOTSTRAP_DRAWS = 200


@dataclass(frozen=True, slots=True)
class EvaluateSummary:
    """What an evaluation found.

    Parameters
    ----------
    model_version : str
        The model judged.
    auc_text : str
        AUC with horizon, landmark and share of long courses.
    figures : dict of str to tuple of float
        Value and 95 % interval by metric.
    verdicts : tuple of str
        Each figure against its bar, in a line.
    unseen : str
        How it was made sure that the model had not seen the cases.
    out : str
        Folder of the report; empty where none was written.
    warnings : tuple of str
        What a reader should know before trusting the figures.
    """

    model_version: str
    auc_text: str
    figures: dict[str, tuple[float, float, float]]
    verdicts: tuple[str, ...]
    unseen: str
    out: str = ""
    warnings: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        lines = [f"model {self.model_version} on new cases: {self.auc_text}"]
        lines += [
            f"  {name}: {value:.4f} ({low:.4f} to {high:.4f})"
            for name, (value, low, high) in self.figures.items()
        ]
        lines += [f"  {one}" for one in self.verdicts]
        lines += [*(f"warning: {one}" for one in self.warnings), self.unseen]
        return "\n".join([*lines, *([f"written to {self.out}"] if self.out else [])])


@one_run_per_target
def evaluate(
    model_path: Path,
    paths: Sequence[Path],
    *,
    trained_on: Sequence[Path] = (),
    out: Path | None = None,
    notes_path: Path | None = None,
    lang: Language = "da",
    legal_basis: Path | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress = silent,
) -> EvaluateSummary:
    """Judge a saved model on cases that it was not trained on.

    Parameters
    ----------
    model_path : Path
        Folder of the saved model.
    paths : sequence of Path
        Files of closed cases.
    trained_on : sequence of Path, optional
        Files that the model was trained on, and for an updated model those that it was updated
        with, to make sure that no case or person of theirs is judged. They are read and
        compared, and nothing of them is kept.
    out : Path, optional
        Folder for the report; nothing is written without.
    notes_path : Path, optional
        Texts for the items of the report that a program cannot know.
    lang : {"da", "en"}
        Language of the report.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    seed : int
        Seed of the bootstrap.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.
    progress : callable
        Told about each step.

    Raises
    ------
    InputError
        If this is the very table that the model was trained on or updated with, or shares a
        case or person with the files given.

    Notes
    -----
    A model keeps no cases, and no fingerprint of a case or person either, for such a
    fingerprint would tell who was trained on. So only the identical table is recognised
    without ``trained_on``; see docs/decisions/0012-no-fingerprint-of-a-person.md.
    """
    model = load_bundle(model_path)
    check_legal_basis(model.codebook.data_kind, "training", legal_basis)
    progress("reading cases")
    cases = read_cases(paths, model.codebook, require_outcomes=True)
    unseen = refuse_seen(cases, trained_on, model)
    notes = {} if notes_path is None else read_notes(notes_path, ITEM_TITLES)
    progress(f"judging {len(cases)} assessments with {BOOTSTRAP_DRAWS} bootstrap draws")
    record = evaluate_scores(
        judge_new_cases(model, cases),
        cases,
        n_bootstrap=BOOTSTRAP_DRAWS,
        seed=seed,
        design="new cases",
    )
    # What these cases lack says nothing of what the model has learned.
    doubts = replace(find_table_doubts(cases), no_value=(), one_value=())
    report = EvaluationReport(
        record,
        cases.codebook,
        model=model,
        sample_size=try_sample_size(cases),
        profile=describe_cases(cases),
        leaks=find_suspected_leaks(record, cases, alone=doubts.auc_alone),
        doubts=doubts,
        notes=notes,
    )
    if out is not None:
        publish_report(out, report, lang, overwrite=overwrite, unseen=unseen)
    block = record.headline
    return EvaluateSummary(
        model_version=model.version,
        auc_text=block.auc_text,
        figures={name: (one.value, one.low, one.high) for name, one in block.figures.items()},
        verdicts=tuple(
            " ".join((one.question, f"{one.figure} (bar: {one.bar}): {one.word}"))
            for one in make_summary(report, "en")
        ),
        unseen=UNSEEN[unseen],
        out="" if out is None else str(out),
        warnings=tuple(one.en for one in list_warnings(report)),
    )


def publish_report(
    out: Path,
    report: EvaluationReport,
    lang: Language,
    *,
    overwrite: bool = False,
    unseen: str = "",
) -> None:
    """Write an evaluation report as HTML and JSON into a folder of its own.

    Parameters
    ----------
    out : Path
        The folder.
    report : EvaluationReport
        What was computed.
    lang : {"da", "en"}
        Language of the page.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.
    unseen : str
        How it was made sure that the model had not seen the cases; empty where they are its own.
    """
    figures = describe_evaluation(report)
    documents = {
        "evaluation.json": encode_json(figures | {"unseen": unseen} if unseen else figures),
        "index.html": render_evaluation(report, lang).encode(),
    }
    publish_documents(out, documents, overwrite=overwrite)
