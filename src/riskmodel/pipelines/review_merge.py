"""Merge the workbooks of a review into one table, with what is still open for a third person."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from riskmodel.domain.cases import CASE_WEIGHT, CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.domain.counting import tell_count
from riskmodel.domain.labels import Language
from riskmodel.domain.review import ReviewCase, ReviewerAnswers, ReviewPlan, plan_review
from riskmodel.domain.review_merge import MergedReview, merge_answers
from riskmodel.errors import Fault, InputError
from riskmodel.io.atomic import publish_folder
from riskmodel.io.config import read_codebook
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.review_cases import (
    SAMPLED_FILE,
    read_case_list,
    read_review_settings,
    read_sampling_fractions,
)
from riskmodel.io.review_workbook_disagreements import read_decisions, write_disagreements
from riskmodel.io.review_workbook_reading import read_review_workbook
from riskmodel.io.tables import write_table
from riskmodel.pipelines.review_data_sheet import DATA_SHEET_FILE, make_data_sheet
from riskmodel.pipelines.review_gaps import ReviewGaps, find_gaps
from riskmodel.pipelines.review_places import place_faults, refuse_short_courses

__all__ = ["MERGE_FILE", "MergeSummary", "ReviewRead", "merge_reviews", "read_reviews"]

PathLike = str | os.PathLike[str]
MERGE_FILE = "review.json"
DRAWN_FILE = "cases.csv"


@dataclass(frozen=True, slots=True)
class ReviewRead:
    """A review that has been read and checked.

    Attributes
    ----------
    merged : MergedReview
        All answers.
    reviews : tuple of ReviewerAnswers
        What each workbook holds.
    decisions : DataFrame or None
        Rows of the workbook of decisions.
    table : CaseTable
        The final answers, checked against the codebook; one row per assessment.
    workbooks : dict of str to int
        Reviewer's code to the number of cases answered.
    """

    merged: MergedReview
    reviews: tuple[ReviewerAnswers, ...]
    decisions: pd.DataFrame | None
    table: CaseTable
    workbooks: dict[str, int]


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What was merged.

    Attributes
    ----------
    n_cases, n_double : int
        Cases reviewed, and those by two reviewers.
    n_assessments : int
        Rows of the table.
    agreed, adjudicated, open, single, unanswered : int
        Questions by what became of them.
    codebook, form : str
        Codebook and version, and the fingerprint of the form.
    workbooks : dict of str to int
        Reviewer's code to the number of cases answered.
    files : tuple of str
        What was written.
    gaps : ReviewGaps
        What is not complete, where nothing is wrong.
    """

    n_cases: int
    n_double: int
    n_assessments: int
    agreed: int
    adjudicated: int
    open: int
    single: int
    unanswered: int
    codebook: str
    form: str
    workbooks: dict[str, int]
    files: tuple[str, ...]
    gaps: ReviewGaps

    def to_text(self) -> str:
        """Return the summary in words."""
        waiting = f"; {self.open} for a third person in disagreements.xlsx" if self.open else ""
        told = (
            f"{tell_count(self.n_cases, 'case', 'cases')}, {self.n_double} of them by two "
            f"reviewers: {self.agreed} answers agreed, {self.adjudicated} adjudicated, "
            f"{self.single} by one reviewer, {self.unanswered} unanswered{waiting}"
        )
        return "\n".join(filter(None, (told, self.gaps.to_text())))


def read_reviews(
    workbooks: Sequence[PathLike],
    *,
    codebook_path: Path,
    settings_path: Path | None = None,
    decisions: PathLike | None = None,
    case_list: PathLike | None = None,
    sample: Path | None = None,
) -> ReviewRead:
    """Read all workbooks of a review and check what they add up to.

    Parameters
    ----------
    workbooks : sequence of path
        The filled workbooks, one per reviewer.
    codebook_path : Path
    settings_path : Path or None
    decisions : path or None
        The workbook of disagreements with the third person's decisions.
    case_list : path or None
        The list that the forms were made from; gives each case its person.
    sample : Path or None
        Folder of `riskmodel.pipelines.review_sample.sample_cases`; its list is used where
        `case_list` is None.

    Raises
    ------
    InputError
        If a workbook breaks a rule or the answers contradict each other.
    """
    codebook = read_codebook(codebook_path)
    plan = plan_review(codebook, read_review_settings(settings_path, codebook))
    reviews = [read_review_workbook(path, plan) for path in workbooks]
    if case_list is None and sample is not None:
        case_list = sample / DRAWN_FILE
    if case_list is not None:
        listed = read_case_list(case_list, codebook)
        reviews = _name_persons(reviews, listed, Path(case_list).name)
    settled = None if decisions is None else read_decisions(decisions, plan)
    merged = merge_answers(plan, reviews, settled)
    table = check_merged(merged, reviews)
    return ReviewRead(merged, tuple(reviews), settled, table, _count_answered(reviews))


def check_merged(merged: MergedReview, reviews: Sequence[ReviewerAnswers] = ()) -> CaseTable:
    """Check the final answers as a case table is checked.

    Parameters
    ----------
    merged : MergedReview
    reviews : sequence of ReviewerAnswers
        Where the answers stand, for messages.

    Raises
    ------
    InputError
        If two answers contradict each other, such as an end before the first absence day;
        named by workbook, sheet and cell, or by case where nobody wrote the answer.
    """
    frame = merged.assessments()
    refuse_short_courses(frame, merged.plan, reviews)
    try:
        return read_frame(frame.replace("", None), merged.plan.codebook, source="merged cases")
    except InputError as error:
        raise InputError(place_faults(error.faults, frame, merged.plan, reviews)) from error


def _count_answered(reviews: Sequence[ReviewerAnswers]) -> dict[str, int]:
    return {one.reviewer: int(one.answers["case_id"].nunique()) for one in reviews}


def _name_persons(
    reviews: Sequence[ReviewerAnswers], listed: pd.DataFrame, file: str
) -> list[ReviewerAnswers]:
    persons = dict(zip(listed["case_id"], listed["group"], strict=True))
    found = []
    for one in reviews:
        unknown = [case.case_id for case in one.cases if case.case_id not in persons]
        if unknown:
            msg = f"{one.source}: {len(unknown)} cases are not on the list {file}."
            raise InputError(msg)
        cases = tuple(
            ReviewCase(case.case_id, case.site, persons[case.case_id]) for case in one.cases
        )
        found.append(replace(one, cases=cases))
    return found


@one_run_per_target
def merge_reviews(
    workbooks: Sequence[PathLike],
    *,
    codebook_path: Path,
    out: Path,
    settings_path: Path | None = None,
    decisions: PathLike | None = None,
    case_list: PathLike | None = None,
    sample: Path | None = None,
    adjudicator: str = "T1",
    lang: Language = "da",
    overwrite: bool = False,
) -> MergeSummary:
    """Merge the workbooks of a review into a folder.

    ``cases.csv`` holds the final answers, one row per assessment, ready for training;
    ``codings.csv`` both reviewers' answers to every question; ``estimates.csv`` the
    reviewers' own estimates; ``disagreements.xlsx`` what a third person has to settle;
    ``data_sheet.md`` how far people could be recognised in it all.

    Parameters
    ----------
    workbooks, codebook_path, settings_path, decisions, case_list
        As in `read_reviews`.
    out : Path
        Folder to write.
    sample : Path or None
        Folder of `riskmodel.pipelines.review_sample.sample_cases`. ``cases.csv`` then has the
        column ``case_weight``, one over each case's sampling fraction, which training uses.
    adjudicator : str
        Short code of the third person.
    lang : {"da", "en"}
        Language of the workbook of disagreements.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.

    Returns
    -------
    MergeSummary

    Raises
    ------
    InputError
        As `read_reviews`; nothing is written then.
    GateError
        If the table is to be called anonymous and is not; nothing is written then.
    """
    found = read_reviews(
        workbooks,
        codebook_path=codebook_path,
        settings_path=settings_path,
        decisions=decisions,
        case_list=case_list,
        sample=sample,
    )
    merged = found.merged
    sheet = make_data_sheet(found.table, merged.plan)
    table = merged.assessments()
    if sample is not None:
        table[CASE_WEIGHT] = _weigh(table, sample, merged.plan.codebook)
    files = ["cases.csv", "codings.csv", "estimates.csv", DATA_SHEET_FILE]
    files += ["disagreements.xlsx"] if merged.count("open") else []
    summary = _summarize(
        found, merged.plan, tuple(files), _list_drawn(sample, merged.plan.codebook)
    )
    with publish_folder(out, overwrite=overwrite) as folder:
        write_table(table, folder / "cases.csv")
        write_table(merged.codings.fillna(""), folder / "codings.csv")
        write_table(merged.estimates.fillna({"would_offer_contact": "", "locked_on": ""}),
                    folder / "estimates.csv")  # fmt: skip
        (folder / DATA_SHEET_FILE).write_text(sheet, encoding="utf-8")
        if merged.count("open"):
            write_disagreements(folder / "disagreements.xlsx", merged, adjudicator, lang=lang)
        text = json.dumps(asdict(summary), ensure_ascii=False, indent=2) + "\n"
        (folder / MERGE_FILE).write_text(text, encoding="utf-8")
    return summary


def _weigh(table: pd.DataFrame, sample: Path, codebook: Codebook) -> list[float]:
    fractions = read_sampling_fractions(sample / SAMPLED_FILE, codebook)
    missing = sorted(set(table[codebook.key]) - set(fractions))
    if missing:
        problem = f"{len(missing)} of the reviewed cases are not in it."
        raise InputError(Fault(SAMPLED_FILE, problem, "Give the folder of this review's draw."))
    # As many digits as tell the weight, without the noise of binary fractions.
    return [float(f"{1.0 / fractions[case_id]:.12g}") for case_id in table[codebook.key]]


def _list_drawn(sample: Path | None, codebook: Codebook) -> tuple[str, ...]:
    return () if sample is None else tuple(read_sampling_fractions(sample / SAMPLED_FILE, codebook))


def _summarize(
    found: ReviewRead, plan: ReviewPlan, files: tuple[str, ...], drawn: tuple[str, ...]
) -> MergeSummary:
    merged = found.merged
    double = merged.codings.loc[merged.codings["second_reviewer"].notna(), "case_id"].nunique()
    return MergeSummary(
        n_cases=len(merged.cases),
        n_double=int(double),
        n_assessments=len(found.table),
        agreed=merged.count("agreed"),
        adjudicated=merged.count("adjudicated"),
        open=merged.count("open"),
        single=merged.count("single"),
        unanswered=merged.count("unanswered"),
        codebook=f"{plan.codebook.name} {plan.codebook.version}",
        form=plan.fingerprint,
        workbooks=found.workbooks,
        files=(*files, MERGE_FILE),
        gaps=find_gaps(merged, found.reviews, found.decisions, drawn),
    )
