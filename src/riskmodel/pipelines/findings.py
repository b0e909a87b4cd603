"""Everything that a training run finds out about its model, and the pictures of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.instability import InstabilityRecord, measure_instability
from riskmodel.evaluation.key_indicators import KeyIndicators, find_key_indicators
from riskmodel.evaluation.leak_guards import LeakWarning, find_suspected_leaks
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.sample_size import SampleSizeJudgement, judge_sample_size
from riskmodel.io.training_config import TrainingConfig
from riskmodel.report.plots import (
    plot_calibration,
    plot_importance,
    plot_instability,
    plot_net_benefit,
)
from riskmodel.training.fit import FittedModel

__all__ = ["Findings", "find_out", "picture_findings"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a training run found out.

    Parameters
    ----------
    record : EvaluationRecord
        Held-out figures.
    key : KeyIndicators
        Which indicators carry the prediction.
    instability : InstabilityRecord
        How far risks move under refitting.
    sample_size : SampleSizeJudgement
        Cases there are against cases needed.
    leaks : tuple of LeakWarning
        What is too good to be believed.
    """

    record: EvaluationRecord
    key: KeyIndicators
    instability: InstabilityRecord
    sample_size: SampleSizeJudgement
    leaks: tuple[LeakWarning, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return all records as JSON-able mappings."""
        return {
            "held_out": self.record.to_mapping(),
            "key_indicators": self.key.to_mapping(),
            "instability": self.instability.to_mapping(),
            "sample_size": self.sample_size.to_mapping(),
            "suspected_leaks": [
                {"subject": one.subject, "text": one.text.en} for one in self.leaks
            ],
        }


def find_out(
    fitted: FittedModel, record: EvaluationRecord, cases: CaseTable, config: TrainingConfig
) -> Findings:
    """Compute what the refits and the counts tell beside the held-out figures."""
    ceiling = config.suspected_leak_auc
    return Findings(
        record=record,
        key=find_key_indicators(fitted, cases.group, seed=config.training.seed),
        instability=measure_instability(fitted, cases.group, min_cell=config.min_cell),
        sample_size=judge_sample_size(cases),
        leaks=find_suspected_leaks(record, cases, ceiling=ceiling),
    )


def picture_findings(
    findings: Findings, labels: dict[str, Label], lang: Language = "da"
) -> dict[str, bytes]:
    """Return the pictures of a run as PNG by file name; hidden figures have none."""
    record = findings.record
    found = {
        "importance.png": plot_importance(findings.key, labels, lang),
        "instability.png": plot_instability(findings.instability, lang),
    }
    if record.calibration is not None:
        found["calibration.png"] = plot_calibration(record.calibration, lang)
    if record.net_benefit is not None:
        found["net_benefit.png"] = plot_net_benefit(record.net_benefit, lang)
    return found
