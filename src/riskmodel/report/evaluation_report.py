"""Everything that one evaluation report shows, and what its parts say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from riskmodel.domain.codebook import Codebook, DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.characteristics import CaseProfile
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.key_indicators import KeyIndicators
from riskmodel.evaluation.leak_guards import LeakWarning
from riskmodel.evaluation.learning_curve import LearningCurve
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.refit_spread import RefitSpread
from riskmodel.evaluation.sample_size import SampleSizeJudgement
from riskmodel.evaluation.table_doubts import TableDoubts
from riskmodel.evaluation.verdicts import Verdict, judge_record
from riskmodel.model.risk_model import RiskModel
from riskmodel.report.evaluation_words import CAPTIONS, ITEM_TITLES, SENTENCES
from riskmodel.report.number_format import format_count, format_week

__all__ = ["EvaluationReport", "Teller", "say_sentence"]


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything that one evaluation report shows.

    Parameters
    ----------
    record : EvaluationRecord
        The figures.
    codebook : Codebook
        Labels of fields and levels.
    model : RiskModel or None
        The model; its recipe and version are shown.
    transfer : EvaluationRecord or None
        Sites judged by models of the other sites.
    key : KeyIndicators or None
        What carries the prediction.
    instability : InstabilityRecord or None
        How far predictions move on refitting.
    spread : RefitSpread or None
        How far the figures move when the training persons change too.
    learning : LearningCurve or None
        What more cases would give.
    sample_size : SampleSizeJudgement or None
        Cases there are against cases needed.
    profile : CaseProfile or None
        Who the cases are about.
    leaks : tuple of LeakWarning
        Suspected leaks.
    doubts : TableDoubts or None
        What the cases cannot teach, or teach twice.
    n_left_out : int
        Assessments whose fold could not be learned without.
    notes : mapping of str to Label
        Answers that people wrote, by number of the item; they come first in it.
    """

    record: EvaluationRecord
    codebook: Codebook
    model: RiskModel | None = None
    transfer: EvaluationRecord | None = None
    key: KeyIndicators | None = None
    instability: InstabilityRecord | None = None
    spread: RefitSpread | None = None
    learning: LearningCurve | None = None
    sample_size: SampleSizeJudgement | None = None
    profile: CaseProfile | None = None
    leaks: tuple[LeakWarning, ...] = ()
    doubts: TableDoubts | None = None
    n_left_out: int = 0
    notes: Mapping[str, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.notes) - set(ITEM_TITLES))
        if unknown:
            msg = f"notes must name items of TRIPOD+AI such as 3a, got {unknown}."
            raise ValueError(msg)

    @property
    def data_kind(self) -> DataKind:
        """Kind of the data judged on."""
        return self.codebook.data_kind

    @property
    def model_version(self) -> str:
        """Digest of the saved model."""
        return "unsaved" if self.model is None else self.model.version

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The figures held against their bars."""
        return judge_record(
            self.record,
            instability=self.instability,
            sample_size=self.sample_size,
            transfer=self.transfer,
        )


def say_sentence(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the catalogues with its values filled in."""
    found = SENTENCES[key] if key in SENTENCES else CAPTIONS[key]
    return found.text(lang).format(**values)


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things about one report in one language.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    lang : {"da", "en"}
        Language.
    """

    report: EvaluationReport
    lang: Language

    @property
    def record(self) -> EvaluationRecord:
        """The figures."""
        return self.report.record

    @property
    def horizon(self) -> str:
        """The primary horizon in weeks."""
        return format_week(self.record.primary_horizon, self.lang)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogues."""
        return say_sentence(key, self.lang, **values)

    def count(self, number: int) -> str:
        """Return a count."""
        return format_count(number, self.lang)

    def count_safely(self, number: int) -> str:
        """Return a count, few of them, or a hidden one, as fewer than the smallest shown."""
        least = self.record.min_cell
        if number < 0 or 0 < number < least:
            return f"færre end {least}" if self.lang == "da" else f"fewer than {least}"
        return self.count(number)
