"""An example review of synthetic cases, from form to report, by readers of known agreement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from riskmodel.domain.labels import Language
from riskmodel.domain.review import ReviewerAnswers, ReviewPlan, plan_review
from riskmodel.domain.review_raters import ReviewerHabits, simulate_reviewer
from riskmodel.domain.synthetic import SyntheticCases, make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.io.config import read_codebook
from riskmodel.io.review_cases import read_review_settings
from riskmodel.io.review_workbook_filling import fill_decisions, fill_review_workbook
from riskmodel.io.table_writing import write_table
from riskmodel.io.yaml_files import read_yaml
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.review_form import make_review_forms
from riskmodel.pipelines.review_merge import MergeSummary, merge_reviews
from riskmodel.pipelines.review_report import ReviewReportSummary, report_review

__all__ = ["EXAMPLE_KAPPA", "ReviewExample", "draw_review_cases", "run_review_example"]

EXAMPLE_KAPPA = 0.7
WEAK_QUESTIONS = {"employer_contact_quality": 0.2, "rtw_self_efficacy": 0.3}
REVIEWERS = {"L1": 11, "G1": 12}
PRESET = "review60"


@dataclass(frozen=True, slots=True)
class ReviewExample:
    """What the example made.

    Attributes
    ----------
    forms : tuple of Path
        The filled workbooks.
    merge : MergeSummary
        After the third person's decisions.
    report : ReviewReportSummary
    kappa : float
        Agreement that the simulated reviewers were given, on most questions.
    median_agreement : float
        Median agreement that the report found on those questions at intake.
    first_page : Path
        The report in the language asked for.
    """

    forms: tuple[Path, ...]
    merge: MergeSummary
    report: ReviewReportSummary
    kappa: float
    median_agreement: float
    first_page: Path

    def to_text(self) -> str:
        """Return the example in a line."""
        return (
            f"example review: {self.merge.n_cases} cases read twice; agreement put in "
            f"{self.kappa:g}, found {self.median_agreement:.2f} (median of the questions)"
        )


def draw_review_cases(plan: ReviewPlan, config_path: Path, *, seed: int = 3) -> SyntheticCases:
    """Draw the synthetic cases of a review, with their later assessments.

    Parameters
    ----------
    plan : ReviewPlan
    config_path : Path
        Settings of the generator, such as ``configs/synthetic.yaml``.
    seed : int
        The same seed draws the same cases.
    """
    parameters = parse_synthetic_parameters(read_yaml(config_path), PRESET, config_path.name)
    # A review reads the later weeks too; the preset alone keeps the first assessment only.
    parameters = replace(parameters, selection=replace(parameters.selection, rows="all"))
    return make_cases(parameters, plan.codebook, random_state=seed)


def run_review_example(
    out: Path,
    *,
    codebook_path: Path = Path("configs/codebook.yaml"),
    settings_path: Path = Path("configs/review.yaml"),
    config_path: Path = Path("configs/synthetic.yaml"),
    lang: Language = "da",
    seed: int = 3,
    progress: Progress = silent,
) -> ReviewExample:
    """Make forms, let two simulated reviewers fill them, merge, settle and report.

    ``forms/`` holds the filled workbooks, ``merged/`` the table before and after a third
    person's decisions, ``report/`` the pages.

    Parameters
    ----------
    out : Path
        Folder to write; an earlier example in it is replaced.
    codebook_path, settings_path, config_path : Path
        Codebook, settings of the review, and settings of the generator.
    lang : {"da", "en"}
        Language of the workbooks.
    seed : int
        Seed of the cases.
    progress : callable
        Told about each step.
    """
    progress("making an example review of 60 synthetic cases")
    codebook = read_codebook(codebook_path)
    plan = plan_review(codebook, read_review_settings(settings_path, codebook))
    cases = draw_review_cases(plan, config_path, seed=seed)
    case_list, decisions, merged = out / "cases.csv", out / "decisions.xlsx", out / "merged"
    _write_case_list(cases, plan, case_list)
    for code in REVIEWERS:
        (out / "forms" / f"review-{code}.xlsx").unlink(missing_ok=True)
    forms = make_review_forms(
        case_list,
        codebook_path=codebook_path,
        out=out / "forms",
        reviewers=tuple(REVIEWERS),
        settings_path=settings_path,
        lang=lang,
    ).forms
    progress("two simulated reviewers fill them in")
    habits = ReviewerHabits(kappa=EXAMPLE_KAPPA, kappa_by_field=WEAK_QUESTIONS)
    for path, (code, number) in zip(forms, REVIEWERS.items(), strict=True):
        fill_review_workbook(path, plan, _read_cases(cases, plan, code, habits, number))
    merge = partial(
        merge_reviews,
        forms,
        codebook_path=codebook_path,
        settings_path=settings_path,
        case_list=case_list,
        out=merged,
        lang=lang,
    )
    merge()
    progress("a third person settles what they disagree on")
    decisions.write_bytes((merged / "disagreements.xlsx").read_bytes())
    fill_decisions(decisions, plan, _settle(cases, plan))
    summary = merge(decisions=decisions)
    report = report_review(
        forms,
        codebook_path=codebook_path,
        settings_path=settings_path,
        case_list=case_list,
        decisions=decisions,
        out=out / "report",
    )
    found = [value for name, value in report.agreement.items() if name not in WEAK_QUESTIONS]
    page = out / "report" / f"review.{lang}.html"
    return ReviewExample(forms, summary, report, EXAMPLE_KAPPA, median(found), page)


def _write_case_list(cases: SyntheticCases, plan: ReviewPlan, path: Path) -> None:
    book = plan.codebook
    heads = [book.key, book.group, *([book.site] if book.site else [])]
    write_table(cases.frame[heads].drop_duplicates(book.key), path)


def _settle(cases: SyntheticCases, plan: ReviewPlan) -> dict[tuple[str, str, str], str]:
    """Return what a third person who reads without error would answer."""
    perfect = _read_cases(cases, plan, "T1", ReviewerHabits(kappa=1.0), 0).answers
    keys = zip(perfect["case_id"], perfect["packet"], perfect["field"], strict=True)
    return dict(zip(keys, perfect["value"], strict=True))


def _read_cases(
    cases: SyntheticCases, plan: ReviewPlan, code: str, habits: ReviewerHabits, number: int
) -> ReviewerAnswers:
    risk = cases.truth[f"true_risk_{plan.codebook.primary_horizon:g}w"].to_numpy(dtype=np.float64)
    return simulate_reviewer(
        cases.frame, risk, plan, reviewer=code, habits=habits, random_state=number
    )
