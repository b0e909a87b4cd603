"""Monitoring of decisions: records and scores in; a page in both languages and JSON out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.errors import Fault, InputError
from riskmodel.io.atomic import publish_folder
from riskmodel.io.config import read_codebook
from riskmodel.io.decision_files import decision_frame, keep_latest, read_decisions
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.plain_tables import read_named_columns
from riskmodel.io.policy_files import read_policy
from riskmodel.monitoring.decision_figures import (
    DecisionFigures,
    LadderNames,
    compute_decision_figures,
)
from riskmodel.report.decisions_page import render_decisions
from riskmodel.visitation.decision_record import DEPARTURE_REASONS
from riskmodel.visitation.policy import Policy

__all__ = ["DECISIONS_FILE", "DecisionSummary", "join_scores", "monitor_decisions", "read_scores"]

DECISIONS_FILE = "decisions.json"
_SCORE_TEXTS = ("case_id", "tier", "reasons", "policy_version", "audit_arm")
_SCORE_NUMBERS = {
    "assessed_week": (0.0, 1040.0),
    "risk": (0.0, 1.0),
    "risk_low": (0.0, 1.0),
    "risk_high": (0.0, 1.0),
}
_KEY = ["case_id", "assessed_week"]


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """What the monitoring found, in short.

    Parameters
    ----------
    figures : DecisionFigures
        The figures.
    n_superseded : int
        Records replaced by a later one of the same case and week.
    files : tuple of str
        What was written.
    """

    figures: DecisionFigures
    n_superseded: int
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the summary in words."""
        found = self.figures
        if found.agreement.value is None:
            agreed = "agreement hidden or none"
        else:
            agreed = f"recommendation followed in {100 * found.agreement.value:.0f} %"
        counts = f"records: {found.n_records}, cases: {found.n_cases}, decided: {found.n_decided}"
        lines = [f"{counts}; {agreed}"]
        if self.n_superseded:
            lines.append(f"note: records replaced by later ones: {self.n_superseded}")
        if found.n_unmatched:
            lines.append(f"note: records that are not among the scores: {found.n_unmatched}")
        if found.n_other_tier:
            lines.append(f"note: records shown another tier than scored: {found.n_other_tier}")
        if found.n_unknown_tier:
            lines.append(
                "note: records left out, as the policy does not have their tier: "
                f"{found.n_unknown_tier}"
            )
        return "\n".join(lines)


def read_scores(path: Path, codebook: Codebook) -> pd.DataFrame:
    """Read what monitoring needs of a file that ``riskmodel score`` wrote with a policy.

    Raises
    ------
    InputError
        If a column is missing, no row has a tier, or an assessment stands twice.
    """
    if not path.is_file():
        raise InputError(Fault(path.name, "there is no such file.", "Check the name."))
    frame = read_named_columns(
        path,
        codebook,
        texts=_SCORE_TEXTS,
        numbers=_SCORE_NUMBERS,
        optional=("audit_arm", "policy_version"),
    )
    if not frame["tier"].notna().any():
        problem = "no row has a tier."
        raise InputError(Fault(path.name, problem, "Score with --policy first.", column="tier"))
    if frame.duplicated(_KEY).any():
        row = int(frame.duplicated(_KEY).to_numpy().argmax()) + 2
        problem = "the same case and week stands twice."
        raise InputError(Fault(path.name, problem, "Keep one row of it.", row, "case_id"))
    return frame


def join_scores(decisions: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions with the score of the same case and week; missing where none is."""
    kept = ["tier", "reasons", "risk", "risk_low", "risk_high", "audit_arm"]
    return decisions.merge(scores[[*_KEY, *kept]], on=_KEY, how="left", validate="one_to_one")


@one_run_per_target
def monitor_decisions(
    paths: Sequence[Path],
    *,
    scores_path: Path,
    codebook_path: Path,
    out: Path,
    policy_path: Path | None = None,
    min_cell: int = MIN_CELL,
    seed: int = 0,
    legal_basis: Path | None = None,
    overwrite: bool = False,
) -> DecisionSummary:
    """Write what recorded decisions tell of practice into a folder.

    Parameters
    ----------
    paths : sequence of Path
        Decision records: JSON files, folders of them, or tables.
    scores_path : Path
        Scores of the same cases, with tiers.
    codebook_path : Path
        Codebook of the cases.
    out : Path
        Folder to write.
    policy_path : Path, optional
        The policy; with it departures get a direction, and the influence of the score is told.
    min_cell : int
        Smallest count that is shown, from 3 to 20.
    seed : int
        Seed of the bootstrap.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.

    Returns
    -------
    DecisionSummary

    Raises
    ------
    GateError
        If they are case records and no legal basis for monitoring is recorded.
    InputError
        If a file breaks a rule; nothing is written then.
    """
    codebook = read_codebook(codebook_path)
    check_legal_basis(codebook.data_kind, "monitoring", legal_basis)
    policy = None if policy_path is None else read_policy(policy_path, codebook)
    records = read_decisions(paths, codebook)
    latest = keep_latest(records)
    joined = join_scores(decision_frame(latest), read_scores(scores_path, codebook))
    if joined["tier"].isna().all():
        problem = "holds no case and week of the decision records."
        raise InputError(Fault(scores_path.name, problem, "Give the scores of the same cases."))
    figures = compute_decision_figures(
        joined, _name_ladder(policy), min_cell=min_cell, random_state=seed
    )
    summary = DecisionSummary(
        figures,
        len(records) - len(latest),
        (DECISIONS_FILE, "decisions.da.html", "decisions.en.html"),
    )
    with publish_folder(out, overwrite=overwrite) as folder:
        _write(summary, policy, codebook, folder)
    return summary


def _name_ladder(policy: Policy | None) -> LadderNames | None:
    if policy is None:
        return None
    rungs = policy.ladder.rungs
    light = policy.find_tier(rungs[0])
    return LadderNames(
        *rungs,
        others=frozenset(policy.tier_ids).difference(rungs),
        offering=frozenset(one.id for one in policy.tiers if one.adds_contact_to(light)),
    )


def _write(
    summary: DecisionSummary, policy: Policy | None, codebook: Codebook, folder: Path
) -> None:
    content = {
        "policy_version": None if policy is None else policy.policy_version,
        "data_kind": codebook.data_kind,
        "n_superseded": summary.n_superseded,
        "figures": asdict(summary.figures),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / DECISIONS_FILE).write_text(text, encoding="utf-8")
    tiers = {} if policy is None else {one.id: one.label for one in policy.tiers}
    for lang in ("da", "en"):
        page = render_decisions(
            summary.figures,
            lang,
            policy="" if policy is None else policy.policy_version,
            tiers=tiers,
            reasons=DEPARTURE_REASONS,
            synthetic=codebook.data_kind == "synthetic",
        )
        (folder / f"decisions.{lang}.html").write_text(page, encoding="utf-8")
