"""Scoring: cases, a saved model and a policy in; one row per assessment out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.counting import tell_count
from riskmodel.errors import InputError
from riskmodel.evaluation.doubts import Doubt, find_doubts
from riskmodel.io.atomic import publish_files
from riskmodel.io.bundle import load_bundle, load_grades
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.table_writing import encode_table, open_table
from riskmodel.io.tables import BATCH_ROWS, CaseBatches, read_cases_with_notes
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.pipelines.follow_up import build_change_frame, build_follow_up, hide_drawn
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.read_ahead import read_ahead
from riskmodel.visitation.circumstances import find_circumstances
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import RecommendedCases, recommend_cases

__all__ = ["ScoreSummary", "build_score_frame", "recommend_scored", "score", "score_frame"]

FITNESS: Final[dict[Doubt, str]] = {
    "few_cases": (
        "the model rests on less than half of the persons that it takes: fit to try out forms "
        "and procedures, but no single risk is sure enough to lean on."
    ),
    "held_out": (
        "the model's figures on cases it had not seen are not all in order: see its model card "
        "before relying on any risk."
    ),
    "not_judged": (
        "the model was fitted to local cases, and no figures of how well it does since come with "
        "it: judge it on later cases with riskmodel evaluate before relying on any risk."
    ),
}

MADE_UP: Final = (
    "the model was trained on synthetic cases: for trying out only, never for a real case"
)


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What a scoring run did.

    Parameters
    ----------
    rows, scored, not_scored : int
        Assessments in, with a score, and without.
    tiers : dict of str to int
        Assessments per tier; empty without a policy.
    model_version, policy_version : str
        Which model and policy.
    out : str
        Name of the file written.
    notes : tuple of str
        How the files were read, and what stands against relying on the model.
    """

    rows: int
    scored: int
    not_scored: int
    tiers: dict[str, int]
    model_version: str
    policy_version: str
    out: str
    notes: tuple[str, ...] = ()


def recommend_scored(cases: ScoredCases, policy: Policy) -> RecommendedCases:
    """Apply a policy to scored cases; those without a score are the adviser's.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    policy : Policy
        The rules; compared with the risk at the policy's horizon.
    """
    horizon = policy.horizon_weeks or cases.model.codebook.primary_horizon
    risk, low, high = cases.risk_at(horizon)
    return recommend_cases(
        policy,
        cases.table.fields,
        assessed_week=cases.table.assessed_week,
        risk=risk,
        risk_low=low,
        risk_high=high,
        outside_training=cases.outside_training,
        circumstances=find_circumstances(
            policy, cases.table.fields, cases.table.assessed_week, cases.table.case_id
        ),
    )


def build_score_frame(
    cases: ScoredCases, policy: Policy | None, *, contributions: bool = False
) -> pd.DataFrame:
    """Return the output table of scored cases, with tier and reasons where there is a policy.

    Scores that the policy's lot hides from the adviser stay out of it.
    """
    cases = hide_drawn(cases, policy)
    frame = cases.to_frame(contributions=contributions)
    if policy is not None:
        recommended = recommend_scored(cases, policy)
        frame["tier"] = np.asarray(recommended.tiers)
        frame["reasons"] = np.asarray(recommended.reasons)
        frame["policy_version"] = policy.policy_version
        for name, values in build_follow_up(cases, policy, recommended).items():
            frame[name] = values
    return frame


def score_frame(
    model: RiskModel,
    table: CaseTable,
    policy: Policy | None = None,
    *,
    contributions: bool = False,
) -> pd.DataFrame:
    """Score a table in memory.

    Parameters
    ----------
    model : RiskModel
        From `riskmodel.load_model` or a training.
    table : CaseTable
        Cases read with the model's codebook.
    policy : Policy, optional
        Visitation policy; without one tier and reasons are empty.
    contributions : bool
        Add one column per indicator, in percentage points.

    Returns
    -------
    DataFrame, shape (n, n_columns)
        One row per assessment, in input order.
    """
    return build_score_frame(score_cases(model, table), policy, contributions=contributions)


@one_run_per_target
def score(
    paths: Sequence[Path],
    *,
    model_path: Path,
    out: Path,
    policy_path: Path | None = None,
    contributions: bool = False,
    changes: Path | None = None,
    legal_basis: Path | None = None,
    sheet: str | None = None,
    overwrite: bool = False,
    batch_rows: int = BATCH_ROWS,
    progress: Progress = silent,
) -> ScoreSummary:
    """Score files of cases with a saved model and write one row per assessment.

    Parquet files are read, scored and written a batch of rows at a time, so that memory does
    not grow with them; CSV files are read whole, workbooks are kept whole in both directions,
    and with `changes` all cases are.

    Parameters
    ----------
    paths : sequence of Path
        Files of cases; outcome columns may be absent.
    model_path : Path
        Folder of the saved model.
    out : Path
        CSV, xlsx or Parquet file to write.
    policy_path : Path, optional
        Visitation policy.
    contributions : bool
        Add one column per indicator, in percentage points.
    changes : Path, optional
        Also write what changed since each case's assessment before, where the files hold
        several assessments of a case.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    sheet : str, optional
        Sheet of xlsx files, by name or number.
    overwrite : bool
        Replace files of these names that hold something else.
    batch_rows : int
        Rows scored at a time; what is written does not depend on it.
    progress : callable
        Told about each step.
    """
    _check_targets(paths, out, changes)
    model = load_bundle(model_path)
    doubts = find_doubts(load_grades(model_path), updated=model.provenance.is_updated)
    fitness = tuple(FITNESS[one] for one in doubts)
    if model.provenance.data_kind == "synthetic":
        fitness = (MADE_UP, *fitness)
    check_legal_basis(model.codebook.data_kind, "scoring", legal_basis)
    policy = None if policy_path is None else read_policy(policy_path, model.codebook)
    scorer = _Scorer(model, policy, contributions=contributions, progress=progress)
    progress("reading cases")
    if changes is None:
        batches = CaseBatches(paths, model.codebook, sheet=sheet, batch_rows=batch_rows)
        with open_table(out, overwrite=overwrite) as write:
            for cases in read_ahead(batches):
                write(scorer.build_frame(scorer.score(cases)))
        return scorer.summarise(out, (*batches.notes, *fitness))
    read = read_cases_with_notes(paths, model.codebook, sheet=sheet)
    scored = scorer.score(read.cases)
    written = {out: scorer.build_frame(scored)}
    progress("comparing assessments of the same case")
    written[changes] = build_change_frame(hide_drawn(scored, policy))
    publish_files(
        {path: encode_table(one, path.suffix.lower()) for path, one in written.items()},
        overwrite=overwrite,
    )
    return scorer.summarise(out, (*read.notes, *fitness))


class _Scorer:
    """Scores batches of cases and counts what came of them."""

    def __init__(
        self, model: RiskModel, policy: Policy | None, *, contributions: bool, progress: Progress
    ) -> None:
        self._model = model
        self._policy = policy
        self._contributions = contributions
        self._progress = progress
        self._rows = self._scored = self._outside_dates = self._outside_training = 0
        self._tiers: Counter[str] = Counter()

    def score(self, table: CaseTable) -> ScoredCases:
        """Score the cases of a batch."""
        done = f", {self._rows} are done" if self._rows else ""
        self._progress(f"scoring {tell_count(len(table), 'assessment', 'assessments')}{done}")
        cases = score_cases(self._model, table)
        self._rows += len(table)
        if self._policy is not None:
            held = find_circumstances(
                self._policy, table.fields, table.assessed_week, table.case_id
            )
            self._outside_dates += int((~held.in_force).sum())
        return cases

    def build_frame(self, cases: ScoredCases) -> pd.DataFrame:
        """Return the output table of a batch."""
        frame = build_score_frame(cases, self._policy, contributions=self._contributions)
        self._scored += int(frame["scored"].sum())
        self._outside_training += int((cases.outside_training & cases.scored).sum())
        if self._policy is not None:
            self._tiers.update(frame["tier"].tolist())
        return frame

    def summarise(self, out: Path, notes: tuple[str, ...]) -> ScoreSummary:
        """Return what the run did."""
        policy = self._policy
        if self._outside_training:
            told = f"assessments with facts outside the training data: {self._outside_training}."
            notes = (*notes, told)
        if policy is not None and self._outside_dates:
            period = " - ".join((str(policy.valid_from), str(policy.valid_to or "...")))
            told = f"assessments outside the policy's dates ({period}): {self._outside_dates}."
            notes = (*notes, told)
        return ScoreSummary(
            rows=self._rows,
            scored=self._scored,
            not_scored=self._rows - self._scored,
            tiers={str(tier): int(self._tiers[tier]) for tier in sorted(self._tiers)},
            model_version=self._model.version,
            policy_version="" if policy is None else policy.policy_version,
            out=out.name,
            notes=notes,
        )


def _check_targets(paths: Sequence[Path], out: Path, changes: Path | None) -> None:
    given = {path.resolve() for path in paths}
    for option, target in (("--out", out), ("--changes", changes)):
        if target is not None and target.resolve() in given:
            msg = (
                f"{target.name}: the scores would replace the cases they are made from; "
                f"choose another {option}."
            )
            raise InputError(msg)
    if changes is not None and changes.resolve() == out.resolve():
        msg = f"{out.name}: --out and --changes need two names; choose another --changes."
        raise InputError(msg)
