"""Explaining: one page per case and a worklist that links them, or text and JSON."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from riskmodel.domain.counting import tell_count
from riskmodel.domain.fact_words import name_site
from riskmodel.domain.labels import Language
from riskmodel.explanation.contributions import count_missing
from riskmodel.io.atomic import publish_documents
from riskmodel.io.locks import one_run_per_target
from riskmodel.model.scoring import ScoredCases
from riskmodel.pipelines.page_parts import PagePartsMaker
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.readied_cases import NOT_SCORED, ReadiedCases, TellFormat, ready_cases
from riskmodel.pipelines.score import recommend_scored
from riskmodel.report.case_page import render_case_page
from riskmodel.report.case_papers import PaperKind
from riskmodel.report.paper_pages import render_paper_page, render_paper_text
from riskmodel.report.worklist_page import WorklistFrame, WorklistRow, render_worklist
from riskmodel.visitation.decision_record import check_team
from riskmodel.visitation.explain import describe_rule
from riskmodel.visitation.policy_text import describe_worklist_order
from riskmodel.visitation.wording import in_both

__all__ = ["ExplainFormat", "ExplainSummary", "TellFormat", "explain", "explain_to_text"]

TELL_EVERY = 5.0
"""Seconds between two lines of progress."""

ExplainFormat = Literal["html", "text", "json", "letter", "note"]


@dataclass(frozen=True, slots=True)
class ExplainSummary:
    """What an explanation run wrote.

    Parameters
    ----------
    pages : int
        Assessments explained.
    not_scored : int
        Assessments without a score: listed on the worklist, or told in a file of their own.
    index : str
        Name of the worklist page inside the folder; empty for text and JSON.
    first_case, first_page : str
        The scored case that stands first on the worklist, and its page inside the folder.
    """

    pages: int
    not_scored: int
    index: str
    first_case: str = ""
    first_page: str = ""


@one_run_per_target
def explain(
    paths: Sequence[Path],
    *,
    model_path: Path,
    out: Path,
    policy_path: Path | None = None,
    case_id: str | None = None,
    form: ExplainFormat = "html",
    lang: Language = "da",
    made_on: dt.date | None = None,
    team: str | None = None,
    legal_basis: Path | None = None,
    sheet: str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> ExplainSummary:
    """Write the explanations of cases into a folder.

    Parameters
    ----------
    paths : sequence of Path
        Files of cases.
    model_path : Path
        Folder of the saved model.
    out : Path
        Folder to make; it appears whole or not at all.
    policy_path : Path, optional
        Visitation policy.
    case_id : str, optional
        Explain this case only.
    form : {"html", "text", "json", "letter", "note"}
        Pages with a worklist; one text or JSON file per assessment; or the citizen's letter
        or the argument note, each as a page to print and a text to edit.
    lang : {"da", "en"}
        Language of the pages.
    made_on : date, optional
        Date shown on the pages; none by default, so that the same input gives the same bytes.
    team : str, optional
        Code of the team that works with the pages, written into each decision record.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    sheet : str, optional
        Sheet of xlsx files, by name or number.
    overwrite : bool
        Replace pages that were changed since riskmodel made them.
    progress : callable
        Told about each step.
    """
    if team is not None:
        check_team(team)
    readied = ready_cases(paths, model_path, policy_path, case_id, legal_basis, sheet)
    progress(f"explaining {tell_count(len(readied.rows), 'assessment', 'assessments')}")
    names = _name_files(readied)
    scored = sum(not readied.cases.not_scored[row] for row in readied.rows)
    summary = ExplainSummary(scored, len(readied.rows) - scored, "")
    if form == "html":
        listed = _list_rows(readied, names)
        written = _render_pages(readied, names, lang, made_on, team, progress)
        written["index.html"] = render_worklist(listed, _frame(readied, lang, made_on), lang)
        summary = replace(summary, index="index.html")
        first = next((row for row in listed if row.risk is not None), None)
        if first is not None:
            summary = replace(summary, first_case=first.case_id, first_page=first.href)
    elif form in {"letter", "note"}:
        written = _render_papers(readied, names, form, lang, made_on, progress)
    else:
        ending = "txt" if form == "text" else "json"
        written = {
            f"{names[row]}.{ending}": readied.tell(row, form, lang, indent=2).rstrip("\n") + "\n"
            for row in _each_row(readied, progress)
        }
    documents = {name: text.encode() for name, text in written.items()}
    publish_documents(out, documents, overwrite=overwrite)
    return summary


def _render_pages(
    readied: ReadiedCases,
    names: dict[int, str],
    lang: Language,
    made_on: dt.date | None,
    team: str | None,
    progress: Progress,
) -> dict[str, str]:
    """Render the page of every scored row, by its name in the folder."""
    maker = PagePartsMaker(readied.cases, readied.policy, lang, team=team)
    pages = {}
    for row in _each_row(readied, progress):
        if not readied.cases.not_scored[row]:
            explanation, recommendation = readied.explain(row)
            pages[f"cases/{names[row]}.html"] = render_case_page(
                explanation,
                recommendation,
                lang,
                labels=readied.labels,
                home="../index.html",
                made_on=made_on,
                parts=maker.make(row, explanation, recommendation),
                change=readied.compare(row),
            )
    return pages


def _render_papers(
    readied: ReadiedCases,
    names: dict[int, str],
    kind: PaperKind,
    lang: Language,
    made_on: dt.date | None,
    progress: Progress,
) -> dict[str, str]:
    """Render the letter or note of every scored row: a page to print and a text to edit."""
    written = {}
    for row in _each_row(readied, progress):
        if not readied.cases.not_scored[row]:
            paper = readied.write_paper(row, kind, lang)
            written[f"{names[row]}.html"] = render_paper_page(paper, made_on=made_on)
            written[f"{names[row]}.txt"] = render_paper_text(paper)
    return written


def explain_to_text(
    paths: Sequence[Path],
    *,
    model_path: Path,
    policy_path: Path | None = None,
    case_id: str | None = None,
    form: TellFormat = "text",
    lang: Language = "da",
    legal_basis: Path | None = None,
    sheet: str | None = None,
) -> Iterator[str]:
    """Yield the explanation of each assessment as text or as a line of JSON.

    Parameters
    ----------
    paths, model_path, policy_path, case_id, lang, legal_basis, sheet
        As in `explain`.
    form : {"text", "json", "letter", "note"}
        What to yield; letters and notes as text to edit.
    """
    readied = ready_cases(paths, model_path, policy_path, case_id, legal_basis, sheet)
    for row in readied.rows:
        yield readied.tell(row, form, lang, indent=None)


def _name_files(readied: ReadiedCases) -> dict[int, str]:
    """File names from case and week: safe on every file system, and never two alike."""
    table = readied.cases.table
    found: dict[int, str] = {}
    taken: set[str] = set()
    for row in readied.rows:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", str(table.case_id[row]))[:80]
        name = f"{plain}_{table.assessed_week[row]:g}".replace(".", "-")
        if name.casefold() in taken or plain != table.case_id[row]:
            name += "_" + hashlib.sha256(str(table.case_id[row]).encode()).hexdigest()[:8]
        count, found[row] = 1, name
        while found[row].casefold() in taken:
            count += 1
            found[row] = f"{name}_{count}"
        taken.add(found[row].casefold())
    return found


def _list_rows(readied: ReadiedCases, names: dict[int, str]) -> list[WorklistRow]:
    cases, policy = readied.cases, readied.policy
    table, rows = cases.table, np.array(readied.rows, dtype=np.intp)
    order = np.argsort(-np.where(cases.scored, cases.scores.risk, np.inf)[rows], kind="stable")
    if policy is not None:
        chosen = ScoredCases(
            cases.model, table.take(rows), cases.scores.take(rows), cases.not_scored[rows]
        )
        recommended = recommend_scored(chosen, policy)
        order = recommended.order_worklist(chosen.table.assessed_week, chosen.table.case_id)
    return [_worklist_row(readied, int(row), names) for row in rows[order]]


def _frame(readied: ReadiedCases, lang: Language, made_on: dt.date | None) -> WorklistFrame:
    cases, policy = readied.cases, readied.policy
    return WorklistFrame(
        horizon_weeks=cases.model.codebook.primary_horizon,
        model_version=cases.model.version,
        data_kind=cases.model.provenance.data_kind,
        policy_name="" if policy is None else policy.title.text(lang),
        policy_version="" if policy is None else policy.policy_version,
        site=_common_site(readied, lang),
        made_on=made_on,
        order=None if policy is None else in_both(partial(describe_worklist_order, policy)),
        own_judgement_first=policy is not None and policy.own_judgement_first,
    )


def _common_site(readied: ReadiedCases, lang: Language) -> str:
    sites = {str(readied.cases.table.site[row]) for row in readied.rows}
    if len(sites) != 1:
        return ""
    label = name_site(readied.cases.model.codebook, sites.pop())
    return "" if label is None else label.text(lang)


def _each_row(readied: ReadiedCases, progress: Progress) -> Iterator[int]:
    """Yield the rows, and say every few seconds how many are done."""
    told = time.monotonic()
    for done, row in enumerate(readied.rows):
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            progress(f"  {done} of {len(readied.rows)} explained")
        yield row


def _worklist_row(readied: ReadiedCases, row: int, names: dict[int, str]) -> WorklistRow:
    cases = readied.cases
    recommendation = readied.recommend(row)
    tier = None if recommendation is None else recommendation.tier_label
    reason = None
    if recommendation is not None and readied.policy is not None and recommendation.reasons:
        reason = describe_rule(readied.policy, recommendation.reasons[0].rule)
    scored = not cases.not_scored[row]
    scores = cases.scores
    due = next(iter(recommendation.contacts), None) if recommendation is not None else None
    return WorklistRow(
        case_id=str(cases.table.case_id[row]),
        href=f"cases/{names[row]}.html" if scored else "index.html",
        assessed_week=float(cases.table.assessed_week[row]),
        risk=float(scores.risk[row]) if scored else None,
        risk_low=float(scores.risk_low[row]) if scored else None,
        risk_high=float(scores.risk_high[row]) if scored else None,
        expected_weeks=float(scores.expected_weeks[row]) if scored else None,
        expected_range=(
            float(scores.expected_weeks_low[row]),
            float(scores.expected_weeks_high[row]),
        )
        if scored
        else None,
        tier_label=tier,
        deciding_reason=reason if scored else NOT_SCORED[str(cases.not_scored[row])],
        missing_count=count_missing(cases.table, row),
        due_week=None if due is None else due.week,
        due_day=None if due is None else due.day,
        due_label=None if due is None else due.label,
    )
