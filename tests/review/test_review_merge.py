"""Both codes are kept, disagreements go to a third person, decisions come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from riskmodel.domain.review import ReviewerAnswers, ReviewPlan
from riskmodel.domain.review_merge import MergedReview, merge_answers
from riskmodel.domain.review_raters import ReviewerHabits
from riskmodel.domain.synthetic import SyntheticCases
from riskmodel.errors import GateError, InputError
from riskmodel.io.review_workbook import write_review_workbook
from riskmodel.io.review_workbook_disagreements import read_decisions, write_disagreements
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.review_data_sheet import make_data_sheet
from riskmodel.pipelines.review_merge import check_merged, merge_reviews

CONFIGS = Path(__file__).parents[2] / "configs"
PAIR = ["case_id", "packet", "field"]


@pytest.fixture(scope="module")
def merged(plan: ReviewPlan, two_reviewers: tuple[ReviewerAnswers, ...]) -> MergedReview:
    return merge_answers(plan, two_reviewers)


@pytest.fixture(scope="module")
def few(review_cases: SyntheticCases) -> SyntheticCases:
    ids = review_cases.frame["case_id"].unique()[:10]
    rows = review_cases.frame["case_id"].isin(ids).to_numpy()
    return SyntheticCases(
        review_cases.frame[rows].reset_index(drop=True),
        review_cases.truth[rows].reset_index(drop=True),
    )


def test_both_answers_are_kept(
    merged: MergedReview, two_reviewers: tuple[ReviewerAnswers, ...]
) -> None:
    coded = merged.codings
    for column, answers in (("second", two_reviewers[0]), ("first", two_reviewers[1])):
        code = "L1" if column == "second" else "G1"
        assert set(coded[f"{column}_reviewer"]) == {code}
        kept = coded.loc[coded[column].notna(), [*PAIR, column]]
        both = kept.merge(answers.answers, on=PAIR, how="left")
        assert (both[column] == both["value"]).all()
    assert set(coded["status"]) == {"agreed", "open"}


def test_what_differs_is_open_and_has_no_final_answer(merged: MergedReview) -> None:
    coded = merged.codings
    differ = coded["first"] != coded["second"]
    assert set(coded.loc[differ, "status"]) == {"open"}
    assert coded.loc[differ, "final"].isna().all()
    assert (coded.loc[~differ, "final"] == coded.loc[~differ, "first"]).all()


def test_reviewers_who_read_perfectly_give_the_table_back(
    plan: ReviewPlan, review_cases: SyntheticCases, simulate: Callable[..., ReviewerAnswers]
) -> None:
    perfect = ReviewerHabits(kappa=1.0)
    pair = [simulate(review_cases, code, seed, perfect) for code, seed in (("L1", 1), ("G1", 2))]
    merged = merge_answers(plan, pair)
    assert merged.count("open") == 0
    table = check_merged(merged)
    frame = review_cases.frame
    first = frame.drop_duplicates("case_id").set_index("case_id")
    intake = table.assessed_week == plan.settings.intake_week
    assert list(table.case_id[intake]) == list(first.index)
    assert len(table) == len(first) + (frame["assessed_week"] == 12).sum()
    for one in plan.codebook.indicators:
        if one.name in {"assessed_week"}:
            continue
        found = table.fields[one.name][intake].astype(object).where(
            table.fields[one.name][intake].notna(), None
        )  # fmt: skip
        true = first[one.name].astype(object).where(first[one.name].notna(), None)
        assert list(found) == list(true), one.name
    assert table.outcomes is not None
    assert list(table.outcomes.duration_weeks[intake]) == pytest.approx(
        list(first["duration_weeks"])
    )


def test_estimates_of_both_packets_are_listed(merged: MergedReview) -> None:
    found = merged.estimates
    assert found["p_long"].between(0, 1).all()
    per_case = found[found["packet"] == "intake"].groupby("case_id")["reviewer"].agg(set)
    assert all(codes == {"L1", "G1"} for codes in per_case)


def test_decisions_come_back(tmp_path: Path, plan: ReviewPlan, few, simulate) -> None:
    pair = [simulate(few, "L1", 11), simulate(few, "G1", 12)]
    merged = merge_answers(plan, pair)
    path = tmp_path / "disagreements.xlsx"
    write_disagreements(path, merged, "T1")
    book = openpyxl.load_workbook(path)
    sheet = book["Uenigheder"]
    assert sheet.max_row == merged.count("open") + 1
    first_stands_first = []
    open_now = merged.disagreements.set_index(["case_id", "packet", "field"])
    for row in range(2, sheet.max_row + 1):
        key = tuple(sheet.cell(row, column).value for column in (8, 9, 10))
        turned = (sheet.cell(row, 11).value or "") != (open_now.loc[key, "first"] or "")
        first_stands_first.append(not turned)
        own, other = (6, 5) if turned else (5, 6)
        sheet.cell(row, 7).value = sheet.cell(row, own).value
        if sheet.cell(row, 7).value == "(intet svar)":
            sheet.cell(row, 7).value = sheet.cell(row, other).value
    # No reviewer is told by a column: each stands first in about half of the rows.
    assert 0.35 < sum(first_stands_first) / len(first_stands_first) < 0.65
    book.save(path)
    decisions = read_decisions(path, plan)
    again = merge_answers(plan, pair, decisions)
    settled = again.codings[again.codings["status"] == "adjudicated"]
    assert len(settled) == merged.count("open")
    both = settled[settled["first"].notna()]
    assert (both["final"] == both["first"]).all()


def test_decisions_on_answers_that_changed_since_are_refused(plan, few, simulate) -> None:
    pair = [simulate(few, "L1", 11), simulate(few, "G1", 12)]
    merged = merge_answers(plan, pair)
    old = merged.disagreements[["case_id", "packet", "field", "first", "second"]].copy()
    old["decision"] = old["second"]
    other = [pair[0], simulate(few, "G1", 99)]
    with pytest.raises(InputError, match="changed since"):
        merge_answers(plan, other, old)


def test_while_it_is_open_whether_a_case_still_ran_the_rest_waits(plan, few, simulate) -> None:
    first, second = simulate(few, "L1", 1), simulate(few, "G1", 2)
    later = second.answers["packet"] == "later"
    changed = second.answers[~later | (second.answers["field"] == "still_sick_listed")].copy()
    changed.loc[changed["field"] == "still_sick_listed", "value"] = "no"
    merged = merge_answers(plan, [first, replace(second, answers=changed)])
    asked = merged.codings[merged.codings["packet"] == "later"]
    assert set(asked["field"]) == {"still_sick_listed"}


def test_a_case_has_at_most_two_different_reviewers(plan, few, simulate) -> None:
    three = [simulate(few, code, 1) for code in ("L1", "G1", "G2")]
    with pytest.raises(InputError, match="one or two"):
        merge_answers(plan, three)
    with pytest.raises(InputError, match="L1, L1: the same cases by reviewer L1 twice"):
        merge_answers(plan, [three[0], three[0]])


def test_one_reviewer_is_enough_and_said(plan, few, simulate) -> None:
    merged = merge_answers(plan, [simulate(few, "L1", 1)])
    assert set(merged.codings["status"]) <= {"single", "unanswered"}


def test_merged_folder_can_be_trained_on(tmp_path: Path, plan, codebook, few, simulate) -> None:
    paths = []
    for code, seed in (("L1", 11), ("G1", 12)):
        answers = simulate(few, code, seed)
        paths.append(tmp_path / f"{code}.xlsx")
        write_review_workbook(paths[-1], plan, answers.cases, code, answers=answers)
    out = tmp_path / "merged"
    summary = merge_reviews(
        paths,
        codebook_path=CONFIGS / "codebook.yaml",
        settings_path=CONFIGS / "review.yaml",
        out=out,
    )
    assert summary.n_cases == summary.n_double == 10
    assert {path.name for path in out.iterdir()} >= {*summary.files}
    assert len(read_cases(out / "cases.csv", codebook)) == summary.n_assessments
    coded = pd.read_csv(out / "codings.csv", dtype=str, keep_default_na=False)
    assert (coded["status"] == "open").sum() == summary.open > 0
    text = summary.to_text()
    assert "10 cases, 10 of them by two reviewers" in text


def test_the_data_sheet_calls_the_table_pseudonymised(merged: MergedReview) -> None:
    sheet = make_data_sheet(check_merged(merged), merged.plan)
    assert "**pseudonymised**" in sheet
    assert "anonymous" not in sheet
    assert "| k: cases in the smallest combination | 1 | at least 5 |" in sheet
    assert "SYN-" not in sheet
    assert "Coarsening that reaches k = 5" in sheet


def test_calling_it_anonymous_takes_a_decision_and_the_figures(merged: MergedReview) -> None:
    table, settings = check_merged(merged), merged.plan.settings
    named = replace(settings, anonymous_by_decision="board 2026-09-01")
    with pytest.raises(GateError, match="does not reach k = 5"):
        make_data_sheet(table, replace(merged.plan, settings=named))
    lenient = replace(named, quasi_identifiers=("municipality",), sensitive=(), k=2)
    sheet = make_data_sheet(table, replace(merged.plan, settings=lenient))
    assert "**anonymous** by the decision: board 2026-09-01" in sheet


def write_pair(folder: Path, plan, pair) -> list[Path]:
    paths = []
    for answers in pair:
        paths.append(folder / f"review-{answers.reviewer}.xlsx")
        write_review_workbook(paths[-1], plan, answers.cases, answers.reviewer, answers=answers)
    return paths


def change_answer(answers: ReviewerAnswers, case_id: str, field: str, value: str):
    frame = answers.answers.copy()
    rows = (frame["case_id"] == case_id) & (frame["field"] == field)
    frame.loc[rows, "value"] = value
    return replace(answers, answers=frame)


SETTINGS = {"codebook_path": CONFIGS / "codebook.yaml", "settings_path": CONFIGS / "review.yaml"}


def test_a_course_shorter_than_packet_1_is_named_by_its_cells(
    tmp_path: Path, plan, few, simulate
) -> None:
    pair = [simulate(few, "L1", 11), simulate(few, "G1", 12)]
    case_id = pair[0].cases[3].case_id
    short = [change_answer(one, case_id, "duration_weeks", "4.86") for one in pair]
    paths = write_pair(tmp_path, plan, short)
    with pytest.raises(InputError) as raised:
        merge_reviews(paths, out=tmp_path / "merged", **SETTINGS)
    told = str(raised.value)
    for name in ("review-L1.xlsx", "review-G1.xlsx"):
        assert f"{name} [P3 Udfald], row 8, column C8 (duration_weeks): the course ended" in told
    assert "before week 5, the week of packet 1" in told
    assert "empty its answers in every workbook" in told
    assert "merged cases" not in told


def test_a_course_that_ended_before_packet_2_was_answered_is_named(
    tmp_path: Path, plan, few, simulate
) -> None:
    pair = [simulate(few, "L1", 11), simulate(few, "G1", 12)]
    later = pair[0].answers
    running = later.loc[(later["field"] == "still_sick_listed") & (later["value"] == "yes")]
    case_id = running["case_id"].iloc[0]
    short = [change_answer(one, case_id, "duration_weeks", "8") for one in pair]
    paths = write_pair(tmp_path, plan, short)
    with pytest.raises(InputError, match="packet 2 is answered") as raised:
        merge_reviews(paths, out=tmp_path / "merged", **SETTINGS)
    assert "(duration_weeks)" in str(raised.value)
    assert "(still_sick_listed)" in str(raised.value)


def test_what_is_not_complete_is_told(tmp_path: Path, plan, few, simulate) -> None:
    first, second = simulate(few, "L1", 11), simulate(few, "G1", 12)
    lone, unread = (case.case_id for case in first.cases[:2])
    left = [
        replace(first, answers=first.answers[first.answers["case_id"] != unread]),
        replace(second, answers=second.answers[~second.answers["case_id"].isin([lone, unread])]),
    ]
    paths = write_pair(tmp_path, plan, left)
    book = openpyxl.load_workbook(paths[1])
    for sheet in book.sheetnames[1:4]:
        book[sheet].delete_rows(14)
    book.save(paths[1])
    summary = merge_reviews(paths, out=tmp_path / "merged", **SETTINGS)
    told = summary.to_text()
    gone = first.cases[9].case_id
    assert f"answered by one reviewer only: {lone}, {gone}" in told
    assert f"answered by nobody, so left out: {unread}" in told
    assert "review-G1.xlsx: 1 row of the form is gone" in told
    decisions = tmp_path / "decisions.xlsx"
    decisions.write_bytes((tmp_path / "merged" / "disagreements.xlsx").read_bytes())
    book = openpyxl.load_workbook(decisions)
    book["Uenigheder"].delete_rows(5)
    book.save(decisions)
    summary = merge_reviews(paths, decisions=decisions, out=tmp_path / "again", **SETTINGS)
    told = summary.to_text()
    assert f"0 of {summary.open - 1} disagreements decided" in told
    assert "1 disagreement has no row among the decisions" in told
    alone = merge_reviews(paths[:1], out=tmp_path / "alone", **SETTINGS)
    assert "only one workbook was given" in alone.to_text()


def test_a_whole_review_has_nothing_to_tell_of(tmp_path: Path, plan, few, simulate) -> None:
    pair = [simulate(few, "L1", 11), simulate(few, "G1", 12)]
    summary = merge_reviews(write_pair(tmp_path, plan, pair), out=tmp_path / "m", **SETTINGS)
    assert summary.gaps.to_text() == ""


def test_persons_come_from_the_draw(tmp_path: Path, plan, few, simulate) -> None:
    pair = [simulate(few, "L1", 11), simulate(few, "G1", 12)]
    ids = [case.case_id for case in pair[0].cases]
    sample = tmp_path / "sample"
    sample.mkdir()
    persons = [f"SYN-P{number // 2}" for number in range(len(ids))]
    pd.DataFrame({"case_id": ids, "person_id": persons, "municipality": "lejre"}).to_csv(
        sample / "cases.csv", index=False
    )
    pd.DataFrame({"case_id": ids, "sampling_fraction": 0.21739130434782608}).to_csv(
        sample / "sampling.csv", index=False
    )
    paths = write_pair(tmp_path, plan, pair)
    merge_reviews(paths, sample=sample, out=tmp_path / "merged", **SETTINGS)
    table = pd.read_csv(tmp_path / "merged" / "cases.csv", dtype=str)
    found = table.drop_duplicates("case_id").set_index("case_id")["person_id"]
    assert found.to_dict() == dict(zip(ids, persons, strict=True))
    assert set(table["case_weight"]) == {"4.6"}
