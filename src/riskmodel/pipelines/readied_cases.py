"""Cases scored and held against a policy, ready to be explained one at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from riskmodel.domain.labels import Label, Language
from riskmodel.errors import InputError
from riskmodel.evaluation.doubts import Doubt, find_doubts
from riskmodel.evaluation.outcome_bands import OutcomeBand
from riskmodel.explanation.change import AssessmentChange, describe_change, find_previous_rows
from riskmodel.explanation.contributions import explain_case
from riskmodel.explanation.record import CaseExplanation
from riskmodel.io.bundle import load_bundle, load_grades, load_outcome_bands
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.policy_files import read_policy
from riskmodel.io.tables import read_cases
from riskmodel.model.scoring import NOT_SCORED_EARLY, NOT_SCORED_LATE, ScoredCases, score_cases
from riskmodel.pipelines.follow_up import HIDDEN_BY_LOT, hide_drawn
from riskmodel.report.case_json import case_document
from riskmodel.report.case_papers import Paper, PaperKind, describe_letter, describe_note
from riskmodel.report.case_text import render_case_text
from riskmodel.report.paper_pages import render_paper_text
from riskmodel.report.phrase_catalogue import UNSCORED
from riskmodel.report.phrases import one_line
from riskmodel.visitation.explain import explain_recommendation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["NOT_SCORED", "ReadiedCases", "TellFormat", "ready_cases"]

TellFormat = Literal["text", "json", "letter", "note"]

NOT_SCORED: Final = {
    HIDDEN_BY_LOT: UNSCORED["by_lot"],
    NOT_SCORED_LATE: UNSCORED["late"],
    NOT_SCORED_EARLY: UNSCORED["early"],
}


@dataclass(frozen=True, slots=True)
class ReadiedCases:
    """Scored cases with the policy, ready to be explained one at a time.

    Parameters
    ----------
    cases : ScoredCases
        All cases of the files.
    policy : Policy or None
        The rules.
    rows : tuple of int
        Positions that were asked for.
    bands : tuple of OutcomeBand
        How closed cases ended by bands of risk.
    previous : ndarray of int, shape (n,)
        Position of the same case's assessment before each row, or -1.
    doubts : tuple of {"few_cases", "held_out", "not_judged"}
        Why the evidence behind the model is uncertain.
    """

    cases: ScoredCases
    policy: Policy | None
    rows: tuple[int, ...]
    bands: tuple[OutcomeBand, ...]
    previous: npt.NDArray[np.intp]
    doubts: tuple[Doubt, ...] = ()
    _recommended: dict[int, Recommendation | None] = field(default_factory=dict, repr=False)

    @property
    def labels(self) -> dict[str, Label]:
        """Labels of all fields, for facts that the policy names."""
        return {one.name: one.label for one in self.cases.model.codebook.fields}

    def explain(self, row: int) -> tuple[CaseExplanation, Recommendation | None]:
        """Explain one row."""
        return explain_case(self.cases, row, self.bands, self.doubts), self.recommend(row)

    def compare(self, row: int) -> AssessmentChange | None:
        """Compare one row with the case's assessment before it; None where there is none."""
        earlier = int(self.previous[row])
        return None if earlier < 0 else describe_change(self.cases, row, earlier)

    def write_paper(self, row: int, kind: PaperKind, lang: Language) -> Paper:
        """Return the letter or the note of one row."""
        explanation, recommendation = self.explain(row)
        if kind == "letter":
            return describe_letter(explanation, recommendation, lang)
        return describe_note(
            explanation, recommendation, lang, labels=self.labels, change=self.compare(row)
        )

    def recommend(self, row: int) -> Recommendation | None:
        """Apply the policy to one row; what was recommended once is remembered."""
        if row not in self._recommended:
            self._recommended[row] = self._recommend(row)
        return self._recommended[row]

    def _recommend(self, row: int) -> Recommendation | None:
        if self.policy is None:
            return None
        one = self.cases.take(np.array([row]))
        horizon = self.policy.horizon_weeks or one.model.codebook.primary_horizon
        risk, low, high = one.risk_at(horizon)
        return explain_recommendation(
            self.policy,
            one.table.fields,
            assessed_week=float(one.table.assessed_week[0]),
            risk=float(risk[0]),
            risk_low=float(low[0]),
            risk_high=float(high[0]),
            outside_training=bool(one.outside_training[0]),
            case_id=str(one.table.case_id[0]),
        )

    def tell(self, row: int, form: TellFormat, lang: Language, *, indent: int | None) -> str:
        """Return one row as text or JSON; a row without a score with the reason."""
        if self.cases.not_scored[row]:
            reason = NOT_SCORED[str(self.cases.not_scored[row])].text(lang)
            case = str(self.cases.table.case_id[row])
            document: object = {"case_id": case, "not_scored_reason": reason}
            if form != "json":
                return f"{one_line(case)}. {reason}."
        elif form in {"letter", "note"}:
            return render_paper_text(self.write_paper(row, form, lang))
        else:
            explanation, recommendation = self.explain(row)
            labels, change = self.labels, self.compare(row)
            if form == "text":
                return render_case_text(
                    explanation, recommendation, lang, labels=labels, change=change
                )
            document = case_document(
                explanation, recommendation, lang, labels=labels, change=change
            )
        return json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)


def ready_cases(
    paths: Sequence[Path],
    model_path: Path,
    policy_path: Path | None,
    case_id: str | None,
    legal_basis: Path | None,
    sheet: str | None = None,
) -> ReadiedCases:
    """Read cases, score them, and hold them against a policy.

    Parameters
    ----------
    paths : sequence of Path
        Files of cases.
    model_path : Path
        Folder of the saved model.
    policy_path : Path or None
        Visitation policy.
    case_id : str or None
        Ready this case only; comparisons still look at its other assessments.
    legal_basis : Path or None
        Record of the legal basis for case records.
    sheet : str or None
        Sheet of xlsx files, by name or number.

    Raises
    ------
    InputError
        If no row has the case identifier.
    """
    model = load_bundle(model_path)
    check_legal_basis(model.codebook.data_kind, "scoring", legal_basis)
    policy = None if policy_path is None else read_policy(policy_path, model.codebook)
    cases = hide_drawn(score_cases(model, read_cases(paths, model.codebook, sheet=sheet)), policy)
    if case_id is None:
        rows = tuple(range(len(cases.table)))
    else:
        rows = tuple(int(row) for row in np.flatnonzero(cases.table.case_id == case_id))
        if not rows:
            msg = "No row has the case_id that was asked for; check the spelling."
            raise InputError(msg)
    bands = load_outcome_bands(model_path)
    doubts = find_doubts(load_grades(model_path), updated=model.provenance.is_updated)
    return ReadiedCases(cases, policy, rows, bands, find_previous_rows(cases), doubts)
