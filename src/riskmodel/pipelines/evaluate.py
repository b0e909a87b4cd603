"""Evaluation: a saved model judged on cases that it was not trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riskmodel.domain.labels import Language
from riskmodel.errors import InputError
from riskmodel.evaluation.leak_guards import find_suspected_leaks
from riskmodel.evaluation.new_cases import judge_new_cases
from riskmodel.evaluation.record import evaluate as evaluate_scores
from riskmodel.io.atomic import MANIFEST, publish_folder
from riskmodel.io.bundle import load_bundle
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.findings import try_sample_size
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.report.evaluation_items import EvaluationReport
from riskmodel.report.evaluation_page import describe_evaluation, render_evaluation
from riskmodel.training.fit import fingerprint_cases

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
    out : str
        Folder of the report; empty where none was written.
    """

    model_version: str
    auc_text: str
    figures: dict[str, tuple[float, float, float]]
    out: str = ""

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        lines = [f"model {self.model_version} on new cases: {self.auc_text}"]
        lines += [
            f"  {name}: {value:.4f} ({low:.4f} to {high:.4f})"
            for name, (value, low, high) in self.figures.items()
        ]
        return "\n".join([*lines, *([f"written to {self.out}"] if self.out else [])])


@one_run_per_target
def evaluate(
    model_path: Path,
    paths: Sequence[Path],
    *,
    out: Path | None = None,
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
    out : Path, optional
        Folder for the report; nothing is written without.
    lang : {"da", "en"}
        Language of the report.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    seed : int
        Seed of the bootstrap.
    overwrite : bool
        Replace a folder that riskmodel did not make.
    progress : callable
        Told about each step.

    Raises
    ------
    InputError
        If this is the very table that the model was trained on.

    Notes
    -----
    A model keeps no cases, only a fingerprint of its training table. A part of that table,
    the same rows in another order, or with one value changed, is not recognised; nor is any
    table after a local update.
    """
    model = load_bundle(model_path)
    check_legal_basis(model.codebook.data_kind, "training", legal_basis)
    progress("reading cases")
    cases = read_cases(paths, model.codebook, require_outcomes=True)
    if fingerprint_cases(cases) == model.provenance.data_fingerprint:
        msg = (
            "A model must be judged on cases that it was not trained on, and this is its training "
            "table; its held-out figures are in the model's evaluation.json. Only the identical "
            "table is recognised: that no single case of another table was trained on is for you "
            "to make sure."
        )
        raise InputError(msg)
    progress(f"judging {len(cases)} assessments with {BOOTSTRAP_DRAWS} bootstrap draws")
    record = evaluate_scores(
        judge_new_cases(model, cases),
        cases,
        n_bootstrap=BOOTSTRAP_DRAWS,
        seed=seed,
        design="new cases",
    )
    if out is not None:
        report = EvaluationReport(
            record,
            cases.codebook,
            model_version=model.version,
            sample_size=try_sample_size(cases),
            leaks=find_suspected_leaks(record, cases),
        )
        publish_report(out, report, lang, overwrite=overwrite)
    block = record.headline
    return EvaluateSummary(
        model_version=model.version,
        auc_text=block.auc_text,
        figures={name: (one.value, one.low, one.high) for name, one in block.figures.items()},
        out="" if out is None else str(out),
    )


def publish_report(
    out: Path, report: EvaluationReport, lang: Language, *, overwrite: bool = False
) -> None:
    """Write an evaluation report as HTML and JSON into a folder of its own."""
    documents = {
        "evaluation.json": encode_json(describe_evaluation(report)),
        "index.html": render_evaluation(report, lang).encode(),
    }
    with publish_folder(out, overwrite=overwrite) as folder:
        for name, data in documents.items():
            (folder / name).write_bytes(data)
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in documents.items()}
        (folder / MANIFEST).write_bytes(encode_json({"files": digests}))
