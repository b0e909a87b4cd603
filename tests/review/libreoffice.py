"""The review form in LibreOffice: `make libreoffice`. Not among the tests of every change."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from riskmodel.domain.review import ReviewerAnswers, ReviewPlan
from riskmodel.domain.review_merge import merge_answers
from riskmodel.io.review_workbook import FIRST_ROW, write_review_workbook
from riskmodel.io.review_workbook_disagreements import read_decisions, write_disagreements
from riskmodel.io.review_workbook_filling import fill_decisions
from riskmodel.io.review_workbook_reading import read_review_workbook

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice")
Convert = Callable[[Path, str], Path]


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Return a function that converts a file without a screen."""
    folder = tmp_path_factory.mktemp("office")

    def run(path: Path, ending: str) -> Path:
        out = folder / ending / path.stem
        subprocess.run(
            [
                *("soffice", "--headless", f"-env:UserInstallation={(folder / 'user').as_uri()}"),
                *("--convert-to", ending, "--outdir", str(out), str(path)),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        return out / f"{path.stem}.{ending}"

    return run


@pytest.fixture(scope="module")
def form(
    plan: ReviewPlan,
    two_reviewers: tuple[ReviewerAnswers, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    path = tmp_path_factory.mktemp("form") / "review-L1.xlsx"
    answers = two_reviewers[0]
    write_review_workbook(path, plan, answers.cases, answers.reviewer, answers=answers)
    return path


def test_every_answer_survives_ods_and_back(
    form: Path, convert: Convert, plan: ReviewPlan, two_reviewers: tuple[ReviewerAnswers, ...]
) -> None:
    back = convert(convert(form, "ods"), "xlsx")
    found = read_review_workbook(back, plan)
    before = read_review_workbook(form, plan)
    assert found.reviewer == before.reviewer == "L1"
    assert found.cases == before.cases
    pd.testing.assert_frame_equal(found.answers, before.answers)
    key = ["case_id", "packet", "field"]
    pd.testing.assert_frame_equal(
        found.answers.sort_values(key, ignore_index=True),
        two_reviewers[0].answers.sort_values(key, ignore_index=True),
    )


def test_the_checks_of_the_spreadsheet_survive_too(form: Path, convert: Convert) -> None:
    back = openpyxl.load_workbook(convert(convert(form, "ods"), "xlsx"))
    first = openpyxl.load_workbook(form)
    assert back.sheetnames == first.sheetnames
    for sheet in first.worksheets:
        other = back[sheet.title]
        assert other.sheet_state == sheet.sheet_state
        assert other.protection.sheet == sheet.protection.sheet
        if sheet.title.startswith("P"):
            for kind in ("list", "custom", "date"):
                old, new = (
                    [one for one in book.data_validations.dataValidation if one.type == kind]
                    for book in (sheet, other)
                )
                cells = [
                    sum(len(span.bottom) for one in some for span in one.sqref.ranges)
                    for some in (old, new)
                ]
                assert cells[0] == cells[1], (sheet.title, kind)
            answer = other.cell(FIRST_ROW, 3)
            assert not answer.protection.locked
            assert other.cell(FIRST_ROW, 1).protection.locked


def test_the_third_persons_decisions_survive(
    convert: Convert,
    plan: ReviewPlan,
    two_reviewers: tuple[ReviewerAnswers, ...],
    tmp_path: Path,
) -> None:
    merged = merge_answers(plan, two_reviewers)
    path = tmp_path / "disagreements.xlsx"
    write_disagreements(path, merged, "T1")
    rows = merged.disagreements.to_dict("records")
    wanted = {
        (row["case_id"], row["packet"], row["field"]): row["first"]
        for row in rows
        if row["first"] is not None
    }
    assert fill_decisions(path, plan, wanted) == len(wanted)
    back = convert(convert(path, "ods"), "xlsx")
    pd.testing.assert_frame_equal(read_decisions(back, plan), read_decisions(path, plan))


def test_the_form_opens_and_prints(form: Path, convert: Convert) -> None:
    page = convert(form, "pdf")
    assert page.read_bytes().startswith(b"%PDF")
    assert page.stat().st_size > 20_000
