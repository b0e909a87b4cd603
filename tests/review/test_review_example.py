"""The example review of the demo: the agreement that was put in is found again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskmodel.domain.review import plan_review
from riskmodel.io.config import read_codebook
from riskmodel.io.review_cases import read_review_settings
from riskmodel.io.review_workbook_filling import fill_review_workbook
from riskmodel.pipelines.review_example import (
    EXAMPLE_KAPPA,
    WEAK_QUESTIONS,
    ReviewExample,
    draw_review_cases,
    run_review_example,
)
from riskmodel.pipelines.review_form import make_review_forms

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ReviewExample, list[str]]:
    out = tmp_path_factory.mktemp("example") / "review"
    steps: list[str] = []
    example = run_review_example(
        out,
        codebook_path=CONFIGS / "codebook.yaml",
        settings_path=CONFIGS / "review.yaml",
        config_path=CONFIGS / "synthetic.yaml",
        progress=steps.append,
    )
    return out, example, steps


@pytest.mark.slow
def test_the_example_finds_the_agreement_that_was_put_in(made) -> None:
    _, example, _ = made
    assert example.kappa == EXAMPLE_KAPPA
    # The median of some thirty figures, each with a standard error near 0.08.
    assert example.median_agreement == pytest.approx(EXAMPLE_KAPPA, abs=0.07)
    for name, kappa in WEAK_QUESTIONS.items():
        assert example.report.agreement[name] == pytest.approx(kappa, abs=0.25)
        assert name in {*example.report.drop, *example.report.reword}
    assert f"put in {EXAMPLE_KAPPA:g}" in example.to_text()


@pytest.mark.slow
def test_the_example_goes_from_form_to_report(made) -> None:
    out, example, steps = made
    assert (example.merge.n_cases, example.merge.n_double, example.merge.open) == (60, 60, 0)
    assert example.merge.adjudicated > 100
    assert example.merge.n_assessments > 60
    assert example.first_page.is_file()
    assert (out / "merged" / "data_sheet.md").is_file()
    assert len(steps) == 3
    listed = pd.read_csv(out / "cases.csv")
    assert listed["municipality"].value_counts().to_dict() == {"lejre": 30, "greve": 30}


def test_the_cases_have_later_assessments() -> None:
    codebook = read_codebook(CONFIGS / "codebook.yaml")
    plan = plan_review(codebook, read_review_settings(CONFIGS / "review.yaml", codebook))
    cases = draw_review_cases(plan, CONFIGS / "synthetic.yaml")
    assert cases.frame["case_id"].nunique() == 60
    assert (cases.frame["assessed_week"] == plan.settings.later_week).sum() > 20


def test_filling_leaves_out_cases_that_the_form_has_not(
    tmp_path, plan, two_reviewers, review_cases
) -> None:
    few = review_cases.frame.drop_duplicates("case_id").head(3)
    listed = tmp_path / "cases.csv"
    few[["case_id", "person_id", "municipality"]].to_csv(listed, index=False)
    [form] = make_review_forms(
        listed,
        codebook_path=CONFIGS / "codebook.yaml",
        out=tmp_path / "forms",
        reviewers=("L1",),
        settings_path=CONFIGS / "review.yaml",
    ).forms
    answers = two_reviewers[0].answers
    expected = answers["case_id"].isin(few["case_id"]).sum()
    assert fill_review_workbook(form, plan, two_reviewers[0]) == expected
