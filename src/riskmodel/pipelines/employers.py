"""Employers: courses and their employers in; a page, figures and a list of letters out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.errors import Fault, InputError
from riskmodel.io.atomic import publish_folder
from riskmodel.io.config import read_codebook
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.plain_tables import read_named_columns
from riskmodel.io.policy_files import read_policy
from riskmodel.io.table_writing import encode_table
from riskmodel.io.tables import read_cases
from riskmodel.monitoring.employers import EmployerFigures, compute_employer_figures
from riskmodel.pipelines.monitor_decisions import read_scores
from riskmodel.report.employers_page import render_employers
from riskmodel.visitation.circumstances import find_first_days, find_weeks_later, read_day
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.schedule import find_last_days

__all__ = ["EMPLOYERS_FILE", "EmployerSummary", "monitor_employers"]

EMPLOYERS_FILE = "employers.json"
LETTERS_FILE = "letters.csv"
_LETTER_COLUMNS = ["employer", "case_id", "letter", "week", "day"]


@dataclass(frozen=True, slots=True)
class EmployerSummary:
    """What was found.

    Parameters
    ----------
    figures : EmployerFigures or None
        The figures; None where no course has a known length.
    n_unlinked : int
        Cases without an employer in the links; they are left out.
    n_letters : int or None
        Service letters; None without policy and scores.
    files : tuple of str
        What was written.
    """

    figures: EmployerFigures | None
    n_unlinked: int
    n_letters: int | None
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the summary in words."""
        lines, found = [], self.figures
        if found is None:
            lines.append("no course has a known length, so employers are not compared")
        else:
            unusual = {one.employer for one in (*found.many, *found.long) if one.unusual}
            counts = f"{found.n_courses} courses from {found.n_employers} employers"
            lines.append(
                f"{counts}; {len(unusual)} stand out, {found.n_too_small} too small to show"
            )
        if self.n_letters is not None:
            lines.append(f"{self.n_letters} service letters")
        if self.n_unlinked:
            lines.append(f"note: {self.n_unlinked} cases have no employer in the links")
        return "\n".join(lines)


@one_run_per_target
def monitor_employers(
    paths: Sequence[Path],
    *,
    links_path: Path,
    codebook_path: Path,
    out: Path,
    scores_path: Path | None = None,
    policy_path: Path | None = None,
    min_cell: int = MIN_CELL,
    legal_basis: Path | None = None,
    overwrite: bool = False,
) -> EmployerSummary:
    """Compare employers with what is expected of them, and list the service letters.

    Parameters
    ----------
    paths : sequence of Path
        Files of cases. Employers are compared on those whose length is known; the service
        letters need no outcomes.
    links_path : Path
        Table with ``case_id``, ``employer`` (a pseudonym) and, where known, ``headcount``.
    codebook_path : Path
        Codebook of the cases.
    out : Path
        Folder to write.
    scores_path : Path, optional
        Scores of the same cases: the expected long courses then follow each case's risk.
    policy_path : Path, optional
        With the scores' tiers it says who gets a service letter.
    min_cell : int
        Smallest number of people that is shown, from 3 to 20.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.

    Returns
    -------
    EmployerSummary

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
    wants_letters = policy is not None and scores_path is not None
    cases = read_cases(paths, codebook, require_outcomes=not wants_letters)
    links = _read_links(links_path, codebook)
    scores = None if scores_path is None else read_scores(scores_path, codebook)
    courses = _make_courses(cases, links, scores)
    n_cases = len(np.unique(cases.case_id))
    letters = (
        None if policy is None or scores is None else _list_letters(cases, links, scores, policy)
    )
    is_known = bool(courses["long_course"].notna().any())
    if not len(courses) or not (is_known or letters is not None):
        msg = (
            "no linked case has a known length; give closed cases and links of the same cases, "
            "or --scores and --policy for the service letters alone."
        )
        raise InputError(msg)
    figures = compute_employer_figures(courses, min_cell=min_cell) if is_known else None
    files = (EMPLOYERS_FILE, "employers.da.html", "employers.en.html")
    summary = EmployerSummary(
        figures=figures,
        n_unlinked=n_cases - len(courses),
        n_letters=None if letters is None else len(letters),
        files=files if letters is None else (*files, LETTERS_FILE),
    )
    with publish_folder(out, overwrite=overwrite) as folder:
        _write(summary, letters, codebook, folder)
    return summary


def _read_links(path: Path, codebook: Codebook) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(Fault(path.name, "there is no such file.", "Check the name."))
    links = read_named_columns(
        path,
        codebook,
        texts=("case_id", "employer"),
        numbers={"headcount": (1.0, 1e6)},
        optional=("headcount",),
    )
    faults = []
    for problem, wrong in (
        ("the id is missing.", links["case_id"].isna()),
        ("the case stands twice.", links["case_id"].duplicated()),
    ):
        rows = np.flatnonzero(wrong.to_numpy())
        remedy = "Give each case one row."
        faults += [Fault(path.name, problem, remedy, int(row) + 2, "case_id") for row in rows]
    counts = links.dropna(subset=["headcount"]).groupby("employer")["headcount"].nunique()
    if (counts > 1).any():
        problem = "an employer has two headcounts."
        faults.append(Fault(path.name, problem, "Give one, such as the mean.", None, "headcount"))
    if faults:
        raise InputError(faults)
    heads = links.groupby("employer")["headcount"].transform("first")
    return links.assign(headcount=heads).dropna(subset=["employer"])


def _make_courses(
    cases: CaseTable, links: pd.DataFrame, scores: pd.DataFrame | None
) -> pd.DataFrame:
    """Return one row per linked case: its employer, person, length and risk at the start."""
    outcomes, horizon = cases.outcomes, cases.codebook.primary_horizon
    unknown = np.full(len(cases), np.nan)
    frame = pd.DataFrame(
        {
            "case_id": cases.case_id,
            "person": cases.group,
            "long_course": unknown if outcomes is None else outcomes.status_at(horizon).long_course,
            "week": cases.assessed_week,
        }
    )
    frame = frame.sort_values(["case_id", "week"]).drop_duplicates("case_id")
    frame["risk"] = np.nan
    if scores is not None:
        frame["risk"] = frame["case_id"].map(_take_first(scores)["risk"])
    merged = frame.merge(links, on="case_id", how="inner", validate="one_to_one")
    return merged.reset_index(drop=True)


def _take_first(scores: pd.DataFrame) -> pd.DataFrame:
    """Return each case's scores at its first assessment, what is missing there included."""
    ordered = scores.sort_values(["case_id", "assessed_week"])
    return ordered.drop_duplicates("case_id").set_index("case_id")


def _list_letters(
    cases: CaseTable, links: pd.DataFrame, scores: pd.DataFrame, policy: Policy
) -> pd.DataFrame:
    """Return one row per letter: the employers of all cases whose tier sends one."""
    first_rows = pd.Series(np.arange(len(cases))).groupby(cases.case_id).first()
    first_days = find_first_days(policy, cases.fields)
    first = _take_first(scores)
    rows = []
    for case_id, employer in zip(links["case_id"], links["employer"], strict=True):
        if case_id not in first.index or case_id not in first_rows.index:
            continue
        tier = first.loc[case_id, "tier"]
        if tier not in policy.tier_ids:
            continue
        day = first_days[[int(first_rows[case_id])]]
        assessed = find_weeks_later(
            day, np.array([first.loc[case_id, "assessed_week"]], dtype=float)
        )
        for contact in policy.find_tier(str(tier)).employer_contacts:
            due = find_last_days(day, np.array([float(contact.week)]), not_before=assessed)
            on = read_day(due[0])
            told = "" if on is None else on.isoformat()
            rows.append((employer, case_id, contact.label.da, contact.week, told))
    found = pd.DataFrame(rows, columns=_LETTER_COLUMNS)
    return found.sort_values(["employer", "case_id", "week"]).reset_index(drop=True)


def _write(
    summary: EmployerSummary, letters: pd.DataFrame | None, codebook: Codebook, folder: Path
) -> None:
    content = {
        "data_kind": codebook.data_kind,
        "horizon_weeks": codebook.primary_horizon,
        "n_unlinked": summary.n_unlinked,
        "n_letters": summary.n_letters,
        "figures": None if summary.figures is None else _finite(asdict(summary.figures)),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / EMPLOYERS_FILE).write_text(text, encoding="utf-8")
    counts = None if letters is None else (len(letters), int(letters["employer"].nunique()))
    if letters is not None:
        (folder / LETTERS_FILE).write_bytes(encode_table(letters, ".csv"))
    for lang in ("da", "en"):
        page = render_employers(
            summary.figures,
            lang,
            horizon_weeks=codebook.primary_horizon,
            letters=counts,
            synthetic=codebook.data_kind == "synthetic",
        )
        (folder / f"employers.{lang}.html").write_text(page, encoding="utf-8")


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
