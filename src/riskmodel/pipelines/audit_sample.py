"""A sample of cases for the management audit: scores and decisions in, a list with chances out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.privacy import find_cpr
from riskmodel.errors import InputError
from riskmodel.io.atomic import publish_folder
from riskmodel.io.config import read_codebook
from riskmodel.io.decision_files import decision_frame, keep_latest, read_decisions
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.table_writing import encode_table
from riskmodel.io.yaml_files import read_yaml
from riskmodel.monitoring.audit_sample import (
    AUDIT_SIGNALS,
    AuditDraw,
    AuditPoints,
    draw_audit_sample,
    parse_audit_points,
)
from riskmodel.pipelines.monitor_decisions import read_scores
from riskmodel.report.audit_page import AuditCase, AuditList, AuditSignal, render_audit
from riskmodel.visitation.audit import draw_lots
from riskmodel.visitation.policy import Policy

__all__ = ["AUDIT_FILE", "AuditSummary", "draw_audit"]

AUDIT_FILE = "audit_sample.json"
_PURPOSE = "management audit"
_START = "start of the systematic draw"


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What was drawn.

    Parameters
    ----------
    n_frame, n_drawn : int
        Cases that could be drawn, and cases drawn.
    n_decided : int
        Cases of the frame with a recorded decision.
    smallest_chance, largest_chance : float
        Range of the chances of being drawn.
    files : tuple of str
        What was written.
    """

    n_frame: int
    n_drawn: int
    n_decided: int
    smallest_chance: float
    largest_chance: float
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the summary in words."""
        low, high = 100 * self.smallest_chance, 100 * self.largest_chance
        return (
            f"{self.n_drawn} of {self.n_frame} cases drawn ({self.n_decided} with a decision); "
            f"chances from {low:.1f} % to {high:.1f} %"
        )


@one_run_per_target
def draw_audit(
    paths: Sequence[Path],
    *,
    scores_path: Path,
    codebook_path: Path,
    out: Path,
    n_cases: int,
    salt: str,
    policy_path: Path | None = None,
    points: AuditPoints | Path | None = None,
    legal_basis: Path | None = None,
    overwrite: bool = False,
) -> AuditSummary:
    """Draw cases for the management audit and write them into a folder.

    The frame is every case of the scores at its last assessment, with or without a decision.

    Parameters
    ----------
    paths : sequence of Path
        Decision records: JSON files, folders of them, or tables.
    scores_path, codebook_path : Path
        Scores with tiers, and the codebook of the cases.
    out : Path
        Folder to write.
    n_cases : int
        Cases to draw.
    salt : str
        Key of the lot, such as the quarter; the same files and salt draw the same cases.
    policy_path : Path, optional
        The policy; with it a lighter decision than recommended is told from a heavier one.
    points : AuditPoints or Path, optional
        What each signal adds, or a YAML file that says so; `configs/audit.yaml` holds the
        defaults.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.

    Returns
    -------
    AuditSummary

    Raises
    ------
    GateError
        If they are case records and no legal basis for monitoring is recorded.
    InputError
        If a file breaks a rule, the salt looks like a personal number, or more cases are
        asked for than there are.
    """
    if find_cpr(salt) is not None:
        msg = "--salt is shown on the page and looks like a CPR number; name the quarter instead."
        raise InputError(msg)
    codebook = read_codebook(codebook_path)
    check_legal_basis(codebook.data_kind, "monitoring", legal_basis)
    if isinstance(points, Path):
        points = parse_audit_points(read_yaml(points), points.name)
    policy = None if policy_path is None else read_policy(policy_path, codebook)
    frame = _make_frame(paths, scores_path, codebook)
    if not 1 <= n_cases <= len(frame):
        msg = (
            f"--n-cases must lie between 1 and the {len(frame)} cases of the scores, got {n_cases}."
        )
        raise InputError(msg)
    keys = frame["case_id"].to_numpy(dtype=np.str_)
    lots = np.append(draw_lots(keys, salt, _PURPOSE), draw_lots([_START], salt, _PURPOSE))
    draw = draw_audit_sample(
        frame,
        lots,
        n_cases,
        points=points,
        ladder=None if policy is None else policy.ladder.rungs,
        lower_threshold=None if policy is None else policy.lower.value,
    )
    drawn = _list_drawn(frame, draw, points or AuditPoints(), salt, policy)
    files = (AUDIT_FILE, "audit_sample.csv", "audit.da.html", "audit.en.html")
    with publish_folder(out, overwrite=overwrite) as folder:
        _write(drawn, policy, codebook, folder)
    return AuditSummary(
        n_frame=len(frame),
        n_drawn=len(draw.rows),
        n_decided=int(frame["decided_tier"].notna().sum()),
        smallest_chance=float(draw.probability.min()),
        largest_chance=float(draw.probability.max()),
        files=files,
    )


def _make_frame(paths: Sequence[Path], scores_path: Path, codebook: Codebook) -> pd.DataFrame:
    scores = read_scores(scores_path, codebook)
    decisions = decision_frame(keep_latest(read_decisions(paths, codebook)))
    last = scores.sort_values(["case_id", "assessed_week"]).groupby("case_id").tail(1)
    kept = decisions[
        ["case_id", "assessed_week", "seen_tier", "decided_tier", "own_judgement_first"]
    ]
    frame = last.merge(kept, on=["case_id", "assessed_week"], how="left", validate="one_to_one")
    return frame.assign(scored=frame["risk"].notna()).reset_index(drop=True)


def _list_drawn(
    frame: pd.DataFrame, draw: AuditDraw, points: AuditPoints, salt: str, policy: Policy | None
) -> AuditList:
    cases = []
    for row in draw.rows.tolist():
        values = frame.iloc[row]
        shown = draw.signals.iloc[row]
        seen = values["seen_tier"] if pd.notna(values["seen_tier"]) else values["tier"]
        cases.append(
            AuditCase(
                case_id=str(values["case_id"]),
                assessed_week=float(values["assessed_week"]),
                seen_tier=str(seen) if pd.notna(seen) else None,
                decided_tier=str(values["decided_tier"])
                if pd.notna(values["decided_tier"])
                else None,
                signals=tuple(name for name in AUDIT_SIGNALS if shown[name]),
                probability=float(draw.probability[row]),
            )
        )
    signals = tuple(
        AuditSignal(
            name,
            float(getattr(points, name)),
            int(draw.signals[name].sum()),
            int(draw.signals[name].iloc[draw.rows].sum()),
        )
        for name in AUDIT_SIGNALS
    )
    version = "" if policy is None else policy.policy_version
    return AuditList(len(frame), tuple(cases), signals, salt, version)


def _write(drawn: AuditList, policy: Policy | None, codebook: Codebook, folder: Path) -> None:
    content = asdict(drawn) | {"data_kind": codebook.data_kind}
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / AUDIT_FILE).write_text(text, encoding="utf-8")
    table = pd.DataFrame(
        [
            asdict(one) | {"signals": "; ".join(one.signals), "weight": one.weight}
            for one in drawn.cases
        ]
    )
    (folder / "audit_sample.csv").write_bytes(encode_table(table, ".csv"))
    tiers = {} if policy is None else {one.id: one.label for one in policy.tiers}
    for lang in ("da", "en"):
        page = render_audit(drawn, lang, tiers=tiers, synthetic=codebook.data_kind == "synthetic")
        (folder / f"audit.{lang}.html").write_text(page, encoding="utf-8")
