"""Workbooks go out and come back without loss, and say where they are wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from riskmodel.domain.review import (
    LOCKED_ON,
    STILL_SICK_LISTED,
    ReviewCase,
    ReviewerAnswers,
    ReviewPlan,
    plan_review,
)
from riskmodel.domain.review_settings import ReviewSettings, parse_review_settings
from riskmodel.domain.synthetic import SyntheticCases
from riskmodel.errors import CodebookError, InputError
from riskmodel.io.review_workbook import (
    FIRST_ROW,
    NAME_ROW,
    allowed_text,
    write_review_workbook,
)
from riskmodel.io.review_workbook_reading import read_review_workbook

SHEETS = ["Vejledning", "P1 Opstart", "P2 Senere uger", "P3 Udfald", "Lister"]
Edit = Callable[[Workbook], object]


def find_cell(book: Workbook, sheet: str, name: str, row: int = FIRST_ROW):
    columns = {cell.value: cell.column for cell in book[sheet][NAME_ROW]}
    return book[sheet].cell(row, columns[name])


@pytest.fixture
def filled(tmp_path: Path, plan: ReviewPlan, review_cases, simulate) -> Path:
    path = tmp_path / "review-L1.xlsx"
    few = review_cases.frame["case_id"].isin(review_cases.frame["case_id"].unique()[:12])
    rows = few.to_numpy()
    answers = simulate(SyntheticCases(review_cases.frame[rows], review_cases.truth[rows]), "L1", 11)
    write_review_workbook(path, plan, answers.cases, "L1", answers=answers)
    return path


@pytest.fixture
def faults_after(filled: Path, plan: ReviewPlan) -> Callable[[Edit], str]:
    """Return a function that changes the filled workbook and gives what reading it says."""

    def change(edit: Edit) -> str:
        book = openpyxl.load_workbook(filled)
        edit(book)
        book.save(filled)
        with pytest.raises(InputError) as raised:
            read_review_workbook(filled, plan)
        return str(raised.value)

    return change


def test_packets_ask_what_is_known_then(plan: ReviewPlan) -> None:
    names = {packet.name: [one.name for one in packet.questions] for packet in plan.packets}
    assert names["intake"][-3:] == ["p_long_26w", "would_offer_contact", LOCKED_ON]
    assert names["later"][0] == STILL_SICK_LISTED
    assert names["later"][-3:] == names["intake"][-3:]
    assert names["outcome"][:3] == ["duration_weeks", "ended", "end_reason"]
    closure = {one.name for one in plan.codebook.fields if one.known_at == "closure"}
    assert not closure & {*names["intake"], *names["later"]}
    assert "expected_duration_citizen_weeks" in names["intake"]
    assert "age_band" not in names["later"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["da", "en"])
def test_answers_come_back_without_loss(
    tmp_path: Path, plan: ReviewPlan, two_reviewers: tuple[ReviewerAnswers, ...], lang: str
) -> None:
    for answers in two_reviewers:
        path = tmp_path / f"{answers.reviewer}.xlsx"
        write_review_workbook(
            path, plan, answers.cases, answers.reviewer, answers=answers, lang=lang
        )
        found = read_review_workbook(path, plan)
        assert found.reviewer == answers.reviewer
        assert [case.case_id for case in found.cases] == [case.case_id for case in answers.cases]
        assert [case.site for case in found.cases] == [case.site for case in answers.cases]
        pd.testing.assert_frame_equal(found.answers, answers.answers)


def test_the_same_form_gives_the_same_bytes(tmp_path: Path, plan: ReviewPlan) -> None:
    cases = (ReviewCase("SYN-1", "lejre"),)
    for name in ("a", "b"):
        write_review_workbook(tmp_path / f"{name}.xlsx", plan, cases, "L1")
    first, second = (openpyxl.load_workbook(tmp_path / f"{name}.xlsx") for name in ("a", "b"))
    assert first.sheetnames == SHEETS
    assert [[cell.value for cell in row] for row in first[SHEETS[1]]] == [
        [cell.value for cell in row] for row in second[SHEETS[1]]
    ]


def test_excel_itself_checks_lists_and_ranges(filled: Path) -> None:
    book = openpyxl.load_workbook(filled)
    sheet = book["P1 Opstart"]
    checks = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    by_name = {
        cell.value: checks.get(
            f"{cell.column_letter}{FIRST_ROW}:{cell.column_letter}{sheet.max_row}"
        )
        for cell in sheet[NAME_ROW]
    }
    weeks = by_name["expected_duration_citizen_weeks"]
    assert weeks.type == "custom"
    cell = weeks.formula1.split("ISNUMBER(")[1].split(")")[0]
    assert weeks.formula1 == (
        f"OR(AND(ISNUMBER({cell}),{cell}>=0,{cell}<=104),{cell}=998,{cell}=999)"
    )
    assert weeks.prompt.startswith("Se efter i sagens dokumenter. Rådgiverens vejledning: Spørg,")
    assert by_name["p_long_26w"].prompt.startswith("Skriv dit eget skøn")
    estimate = by_name["p_long_26w"]
    assert "<=100" in estimate.formula1
    listed = by_name["modified_tasks_offered"]
    assert listed.type == "list"
    area = listed.formula1.split("!")[1].replace("$", "")
    texts = [row[0].value for row in book["Lister"][area]]
    assert texts == ["ja, bruges", "ja, afslået", "nej", "ikke muligt", "ikke oplyst",
                     "ikke relevant"]  # fmt: skip
    assert all(one.showErrorMessage for one in checks.values())
    assert len(checks) == len(sheet[NAME_ROW]) - 2
    assert book["Lister"].sheet_state == "hidden"
    assert sheet.row_dimensions[NAME_ROW].hidden
    assert sheet.protection.sheet
    assert not find_cell(book, "P1 Opstart", "gp_picture").protection.locked


def test_faults_name_workbook_sheet_and_cell(faults_after: Callable[[Edit], str]) -> None:
    def edit(book: Workbook) -> None:
        find_cell(book, "P1 Opstart", "expected_duration_citizen_weeks", 7).value = 400
        find_cell(book, "P1 Opstart", "gp_picture", 8).value = "Maaske ret uklart"
        find_cell(book, "P3 Udfald", "duration_weeks", 9).value = "=1+1"

    told = faults_after(edit)
    assert "review-L1.xlsx [P1 Opstart], row 7" in told
    assert "(expected_duration_citizen_weeks): the number must lie from 0 to 104 weeks." in told
    assert "(gp_picture)" in told
    assert "Maaske" not in told
    assert "review-L1.xlsx [P3 Udfald], row 9" in told
    assert "formula" in told


def test_personal_numbers_are_refused_before_anything_else(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        find_cell(book, "P1 Opstart", "gp_picture", 8).value = "010165-0000"
        find_cell(book, "P1 Opstart", "gp_picture", 9).value = "nonsense"

    told = faults_after(edit)
    assert "CPR" in told
    assert "010165" not in told
    assert "row 9" not in told


def test_personal_numbers_in_comments_and_ids_are_refused(
    faults_after: Callable[[Edit], str],
) -> None:
    def comment(book: Workbook) -> None:
        cell = find_cell(book, "P1 Opstart", "gp_picture", 8)
        cell.comment = Comment("see 010165-0000", "somebody")

    assert "CPR" in faults_after(comment)


def test_ids_that_are_personal_numbers_are_refused(faults_after: Callable[[Edit], str]) -> None:
    def ids(book: Workbook) -> None:
        for row in range(FIRST_ROW, FIRST_ROW + 12):
            book["P2 Senere uger"].cell(row, 1).value = f"0101650{row:03d}"

    told = faults_after(ids)
    assert "[P2 Senere uger]" in told
    assert "CPR" in told


@pytest.mark.parametrize("where", ["beside", "below", "comment"])
def test_notes_and_free_text_are_refused(faults_after: Callable[[Edit], str], where: str) -> None:
    def edit(book: Workbook) -> None:
        sheet = book["P1 Opstart"]
        if where == "beside":
            sheet.cell(FIRST_ROW, sheet.max_column + 1).value = "borgeren er meget ked af det"
        elif where == "below":
            sheet.cell(sheet.max_row + 2, 4).value = "husk at ringe"
        else:
            sheet["D6"].comment = Comment("husk at ringe", "somebody")

    told = faults_after(edit)
    assert "free text" in told
    assert "ringe" not in told
    assert "ked af det" not in told


def test_a_later_packet_without_an_own_estimate_is_refused(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        find_cell(book, "P1 Opstart", "p_long_26w", FIRST_ROW).value = None

    assert "without an own estimate in packet 1" in faults_after(edit)


def test_packets_are_locked_in_order(faults_after: Callable[[Edit], str]) -> None:
    def edit(book: Workbook) -> None:
        find_cell(book, "P1 Opstart", LOCKED_ON, FIRST_ROW).value = dt.date(2027, 1, 1)

    assert "locked before the packet in front of it" in faults_after(edit)


def test_another_form_is_refused(filled: Path, codebook, settings: ReviewSettings) -> None:
    other = plan_review(codebook, ReviewSettings(later_week=8.0))
    with pytest.raises(InputError, match="another codebook or other settings"):
        read_review_workbook(filled, other)


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, plan: ReviewPlan) -> None:
    path = tmp_path / "notes.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(InputError, match="cannot be read as an Excel workbook"):
        read_review_workbook(path, plan)


def test_reviewers_are_codes_not_names(tmp_path: Path, plan: ReviewPlan) -> None:
    with pytest.raises(InputError, match="short code"):
        write_review_workbook(tmp_path / "a.xlsx", plan, (ReviewCase("S"),), "Anden Person")


def test_settings_tell_all_faults_at_once(codebook) -> None:
    with pytest.raises(CodebookError) as raised:
        parse_review_settings(
            {
                "kappa": 1,
                "later_week": "twelve",
                "sensitive": ["nothing_like_it"],
                "fixed_score": [
                    {"field": "gp_picture", "points": [{"levels": ["odd"], "give": 1}]}
                ],
            },
            codebook,
            "review.yaml",
        )
    told = str(raised.value)
    for part in ("kappa", "later_week", "nothing_like_it", "source", "levels must exist"):
        assert part in told


@pytest.mark.parametrize("where", ["sheet", "heading", "title", "guide", "list"])
def test_texts_outside_the_form_are_refused_wherever_they_stand(
    faults_after: Callable[[Edit], str], where: str
) -> None:
    note = "Anders Andersen er meget ked af det"
    cells = {
        "heading": ("P1 Opstart", "C2"),
        "guide": ("Vejledning", "A30"),
        "list": ("Lister", "A9"),
    }

    def edit(book: Workbook) -> None:
        if where == "sheet":
            book.create_sheet("Noter")["A1"] = note
        elif where == "title":
            book.properties.title = note
        else:
            sheet, cell = cells[where]
            book[sheet][cell] = note

    told = faults_after(edit)
    assert "Anders" not in told
    assert {"sheet": "[sheet 6], row 1", "title": "properties"}.get(where, "row") in told
    assert where not in cells or cells[where][1] in told


def test_a_personal_number_in_another_sheet_is_named_by_its_cell(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        book.create_sheet("Noter")["A1"] = "010165-0000"

    told = faults_after(edit)
    assert "[sheet 6], row 1, column A1: the cell holds what looks like a CPR number" in told
    assert "column of cases" not in told


def test_a_personal_number_as_an_answer_names_the_question(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        find_cell(book, "P1 Opstart", "gp_picture", 8).value = "010165-0000"

    told = faults_after(edit)
    assert "(gp_picture)" in told
    assert "answer the question" in told
    assert "pseudonym" not in told


def test_a_wrong_case_in_packet_1_is_not_blamed_on_the_others(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        book["P1 Opstart"]["A7"] = "SYN-9999999"

    told = faults_after(edit)
    assert "[P1 Opstart], row 7, column A7" in told
    assert "P2" not in told
    assert "P3" not in told


def test_a_case_that_stands_twice_is_told_once_and_by_its_cell(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        for sheet in SHEETS[1:4]:
            book[sheet]["A8"] = book[sheet]["A7"].value
        find_cell(book, "P1 Opstart", LOCKED_ON, 7).value = dt.date(2027, 1, 1)

    told = faults_after(edit)
    assert told.count("stands twice in the sheet") == 3
    assert "[P1 Opstart], row 8, column A8" in told
    assert "locked before" not in told


def test_an_estimate_out_of_range_is_one_fault(faults_after: Callable[[Edit], str]) -> None:
    def edit(book: Workbook) -> None:
        find_cell(book, "P1 Opstart", "p_long_26w", FIRST_ROW).value = 150

    told = faults_after(edit)
    assert "the number must lie from 0 to 100" in told
    assert "without an own estimate" not in told


def test_a_changed_name_of_a_column_is_named_by_its_cell(
    faults_after: Callable[[Edit], str],
) -> None:
    def edit(book: Workbook) -> None:
        book["P1 Opstart"].cell(NAME_ROW, 4).value = "something"

    assert "[P1 Opstart], row 4, column D4: the columns are not" in faults_after(edit)


def test_counts_are_asked_for_without_a_unit(plan: ReviewPlan) -> None:
    counted = [one for one in plan.packet("intake").questions if one.unit == "count"]
    assert counted
    for one in counted:
        assert "antal" not in allowed_text(one, "da")
        assert "count" not in allowed_text(one, "en")
