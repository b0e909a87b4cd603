"""Scoring: cases, a saved model and a policy in; one row per assessment out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.errors import InputError
from riskmodel.io.atomic import publish_files
from riskmodel.io.bundle import load_bundle
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.table_writing import encode_table
from riskmodel.io.tables import read_cases_with_notes
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import ScoredCases, score_cases
from riskmodel.pipelines.follow_up import build_change_frame, build_follow_up, hide_drawn
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.visitation.circumstances import find_circumstances
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import RecommendedCases, recommend_cases

__all__ = ["ScoreSummary", "build_score_frame", "recommend_scored", "score", "score_frame"]


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
        How the files were read.
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
    progress: Progress = silent,
) -> ScoreSummary:
    """Score files of cases with a saved model and write one row per assessment.

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
    progress : callable
        Told about each step.
    """
    _check_targets(paths, out, changes)
    model = load_bundle(model_path)
    check_legal_basis(model.codebook.data_kind, "scoring", legal_basis)
    policy = None if policy_path is None else read_policy(policy_path, model.codebook)
    progress("reading cases")
    read = read_cases_with_notes(paths, model.codebook, sheet=sheet)
    progress(f"scoring {len(read.cases)} assessments")
    cases = score_cases(model, read.cases)
    frame = build_score_frame(cases, policy, contributions=contributions)
    written = {out: frame}
    if changes is not None:
        progress("comparing assessments of the same case")
        written[changes] = build_change_frame(hide_drawn(cases, policy))
    publish_files(
        {path: encode_table(one, path.suffix.lower()) for path, one in written.items()},
        overwrite=overwrite,
    )
    tiers = {} if policy is None else frame["tier"].value_counts().to_dict()
    scored = int(frame["scored"].sum())
    return ScoreSummary(
        rows=len(frame),
        scored=scored,
        not_scored=len(frame) - scored,
        tiers={str(tier): int(count) for tier, count in sorted(tiers.items())},
        model_version=model.version,
        policy_version="" if policy is None else policy.policy_version,
        out=out.name,
        notes=(*read.notes, *_note_dates(cases, policy)),
    )


def _note_dates(cases: ScoredCases, policy: Policy | None) -> tuple[str, ...]:
    """Return how many assessments lie outside the policy's dates, where some do."""
    if policy is None:
        return ()
    table = cases.table
    found = find_circumstances(policy, table.fields, table.assessed_week, table.case_id)
    n = int((~found.in_force).sum())
    period = " - ".join((str(policy.valid_from), str(policy.valid_to or "...")))
    return (f"assessments outside the policy's dates ({period}): {n}.",) if n else ()


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
