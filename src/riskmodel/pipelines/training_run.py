"""What a training run hands back: a few figures for a terminal, everything for a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.counting import tell_count
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.figures import METRICS
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.model.risk_model import RiskModel
from riskmodel.report.comparison_page import ComparisonReport
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_summary import list_warnings, make_summary
from riskmodel.training.fit import FittedModel

__all__ = ["TrainSummary", "TrainingRun", "summarise"]


@dataclass(frozen=True, slots=True)
class TrainSummary:
    """What a training run did, in a few figures.

    Parameters
    ----------
    rows, persons, events : int
        Assessments, persons, and long courses at the primary horizon; -1 where they, or the
        short ones, are too few to show.
    auc_text : str
        AUC with horizon, landmark and share of long courses.
    figures : dict of str to tuple of float
        Held-out value and 95 % interval by metric.
    warnings : tuple of str
        What a reader should know before trusting the model.
    model_version, out : str
        The saved model.
    run_id, registered_version : str
        In MLflow; empty where the run was not logged.
    comparison : str
        Folder of the comparison with the current model; empty where there is none.
    comparison_lines : tuple of str
        What it found, in a few lines.
    """

    rows: int
    persons: int
    events: int
    auc_text: str
    figures: dict[str, tuple[float, float, float]]
    warnings: tuple[str, ...]
    model_version: str
    out: str
    run_id: str = ""
    registered_version: str = ""
    comparison: str = ""
    comparison_lines: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        saved = (
            f"model {self.model_version} saved in {self.out}: {self.rows} assessments of "
            f"{self.persons} persons, "
            f"{tell_count(self.events, 'of a long course', 'of long courses')}"
        )
        if self.events < 0:
            saved = (
                f"model {self.model_version} saved in {self.out}: {self.rows} assessments of "
                f"{self.persons} persons, few of them with a long course, or few with a short one"
            )
        lines = [
            saved,
            f"held out: {self.auc_text}",
        ]
        for name, label in (
            ("brier", "Brier score"),
            ("base_rate_brier", "Brier score of the share by assessed week"),
            ("calibration_slope", "calibration slope"),
        ):
            if name in self.figures:
                value, low, high = self.figures[name]
                lines.append(f"  {label}: {value:.4f} ({low:.4f} to {high:.4f})")
        if self.comparison:
            lines.append(f"compared with the current model in {self.comparison}:")
            lines += [f"  {one}" for one in self.comparison_lines]
        if self.run_id:
            registered = f", registered as version {self.registered_version}"
            lines.append(f"MLflow run {self.run_id}{registered if self.registered_version else ''}")
        return "\n".join([*lines, *(f"warning: {one}" for one in self.warnings)])


@dataclass(frozen=True, slots=True, repr=False)
class TrainingRun:
    """Everything that a training made, for notebooks.

    Parameters
    ----------
    summary : TrainSummary
        A few figures.
    fitted : FittedModel
        The estimator behind the model.
    model : RiskModel
        The saved model.
    report : EvaluationReport
        Everything found out: held-out figures with intervals, key indicators, instability.
    held_out : HeldOutScores
        Scores of the training rows by models that did not see them.
    cases : CaseTable
        The training cases.
    comparison : ComparisonReport or None
        The model beside the current one, where that was asked for.
    """

    summary: TrainSummary
    fitted: FittedModel
    model: RiskModel
    report: EvaluationReport
    held_out: HeldOutScores
    cases: CaseTable
    comparison: ComparisonReport | None = None

    @property
    def record(self) -> EvaluationRecord:
        """Held-out figures with intervals."""
        return self.report.record

    def __repr__(self) -> str:
        return self.summary.to_text()

    def _repr_html_(self) -> str:
        """Show the verdicts as a table in a notebook."""
        say = html.escape
        rows = "".join(
            f"<tr><th style='text-align:left'>{say(one.question)}</th><td>{say(one.figure)}</td>"
            f"<td>{say(one.bar)}</td><td>{say(one.word)}</td></tr>"
            for one in make_summary(self.report, "en")
        )
        warnings = "".join(f"<p><strong>{say(one)}</strong></p>" for one in self.summary.warnings)
        return (
            f"<p>Model {say(self.summary.model_version)}: {self.summary.rows} assessments of "
            f"{self.summary.persons} persons. {say(self.summary.auc_text)}.</p>{warnings}"
            "<table><thead><tr><th>Question</th><th>Figure</th><th>Bar</th><th>Verdict</th></tr>"
            f"</thead><tbody>{rows}</tbody></table>"
        )


def summarise(model: RiskModel, report: EvaluationReport, out: str) -> TrainSummary:
    """Return a run in a few figures.

    Parameters
    ----------
    model : RiskModel
        The saved model.
    report : EvaluationReport
        What was found out.
    out : str
        Where the model was saved.
    """
    block, origin = report.record.headline, model.provenance
    return TrainSummary(
        rows=origin.n_rows,
        persons=origin.n_persons,
        events=origin.n_events,
        auc_text=block.auc_text,
        figures={
            name: (one.value, one.low, one.high)
            for name, one in block.figures.items()
            if name in METRICS
        },
        warnings=tuple(one.en for one in list_warnings(report)),
        model_version=model.version,
        out=out,
    )
