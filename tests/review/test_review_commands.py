"""The review from end to end: drawn, filled in, merged, settled, reported, trained on."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml
from openpyxl.comments import Comment

from riskmodel import cli
from riskmodel.domain.review import ReviewerAnswers, ReviewPlan, plan_review
from riskmodel.domain.review_raters import ReviewerHabits
from riskmodel.domain.synthetic import SyntheticCases
from riskmodel.io.config import read_codebook
from riskmodel.io.review_cases import read_review_settings
from riskmodel.io.review_workbook_filling import fill_decisions, fill_review_workbook
from riskmodel.io.tables import read_cases

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]


@dataclass(frozen=True)
class Reviewed:
    """A review up to the filled workbooks."""

    folder: Path
    frame: Path
    sample: Path
    forms: tuple[Path, Path]
    truth: SyntheticCases


@pytest.fixture(scope="module")
def call() -> Run:
    """Return a function that runs a command as the shell does."""
    patch = pytest.MonkeyPatch()

    def run(*arguments: object) -> tuple[int, str, str]:
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", ["riskmodel", *map(str, arguments)])
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            cli.main()
        return int(ended.value.code or 0), out.getvalue(), err.getvalue()

    yield run
    patch.undo()


@pytest.fixture(scope="module")
def reviewed(
    tmp_path_factory: pytest.TempPathFactory,
    call: Run,
    draw_review: Callable[..., SyntheticCases],
    plan: ReviewPlan,
    simulate: Callable[..., ReviewerAnswers],
) -> Reviewed:
    folder = tmp_path_factory.mktemp("review")
    truth = draw_review(160, 8)
    first = truth.frame.drop_duplicates("case_id")
    # A frame as a municipality has it: far fewer long courses than short ones.
    long = first[first["duration_weeks"] > 26].head(40)
    frame = pd.concat([long, first[first["duration_weeks"] <= 26]])
    frame = frame[["case_id", "person_id", "municipality", "duration_weeks"]]
    listed = folder / "closed.csv"
    frame.to_csv(listed, index=False)
    sample = folder / "sample"
    code, out, err = call("review", "sample", listed, "--out", sample, "--n-cases", 60)
    assert (code, err) == (0, "")
    assert "60 of 120 cases drawn" in out
    forms = folder / "forms"
    code, _, err = call(
        *("review", "form", sample / "cases.csv", "--out", forms),
        *("--reviewer", "L1", "--reviewer", "G1"),
    )
    assert (code, err) == (0, "")
    paths = (forms / "review-L1.xlsx", forms / "review-G1.xlsx")
    for path, name, seed in zip(paths, ("L1", "G1"), (21, 22), strict=True):
        fill_review_workbook(path, plan, simulate(truth, name, seed))
    return Reviewed(folder, listed, sample, paths, truth)


@pytest.fixture
def one_form(reviewed: Reviewed, tmp_path: Path) -> Path:
    """Return a filled workbook to spoil."""
    return Path(shutil.copy(reviewed.forms[0], tmp_path / "review-L1.xlsx"))


def change(path: Path, edit: Callable[[openpyxl.Workbook], None]) -> None:
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


def test_the_drawn_list_is_blind(reviewed: Reviewed) -> None:
    listed = pd.read_csv(reviewed.sample / "cases.csv")
    assert list(listed.columns) == ["case_id", "person_id", "municipality"]
    assert listed["case_id"].is_monotonic_increasing


@pytest.fixture(scope="module")
def settled(
    reviewed: Reviewed, call: Run, plan: ReviewPlan, simulate: Callable[..., ReviewerAnswers]
) -> tuple[object, ...]:
    """Return what merge and report are given once a third person has decided."""
    merged = reviewed.folder / "merged"
    code, out, err = call("review", "merge", *reviewed.forms, "--out", merged)
    assert code == 0
    assert "reading the workbooks" in err
    assert "for a third person in disagreements.xlsx" in out
    decisions = reviewed.folder / "decisions.xlsx"
    shutil.copy(merged / "disagreements.xlsx", decisions)
    answers = simulate(reviewed.truth, "T1", 3, ReviewerHabits(kappa=1.0)).answers
    keys = zip(answers["case_id"], answers["packet"], answers["field"], strict=True)
    fill_decisions(decisions, plan, dict(zip(keys, answers["value"], strict=True)))
    return (*reviewed.forms, "--decisions", decisions, "--sample", reviewed.sample)


@pytest.fixture(scope="module")
def merged(reviewed: Reviewed, call: Run, settled: tuple[object, ...]) -> Path:
    out = reviewed.folder / "merged"
    code, said, _ = call("review", "merge", *settled, "--out", out, "--quiet", "--json")
    assert code == 0
    told = json.loads(said)
    assert (told["n_cases"], told["n_double"], told["open"]) == (60, 60, 0)
    assert told["adjudicated"] > 100
    return out


def test_both_codes_are_kept_and_decisions_are_final(merged: Path) -> None:
    coded = pd.read_csv(merged / "codings.csv", dtype=str, keep_default_na=False)
    adjudicated = coded[coded["status"] == "adjudicated"]
    assert (adjudicated["first"] != adjudicated["second"]).all()
    assert (adjudicated["final"] != "").all()


def test_training_weighs_the_cases_by_the_draw(
    reviewed: Reviewed, call: Run, plan: ReviewPlan, merged: Path
) -> None:
    table = read_cases([merged / "cases.csv"], plan.codebook, require_outcomes=True)
    fractions = pd.read_csv(reviewed.sample / "sampling.csv", index_col="case_id")
    expected = 1 / fractions.loc[list(table.case_id), "sampling_fraction"]
    assert table.case_weight == pytest.approx(expected.to_numpy())
    frame = pd.read_csv(reviewed.frame)
    intake = table.assessed_week == plan.settings.intake_week
    y = table.outcomes.status_at(26).long_course[intake]
    weight = table.case_weight[intake]
    share = float((y * weight).sum() / weight.sum())
    assert y.mean() == pytest.approx(0.5)
    assert share == pytest.approx((frame["duration_weeks"] > 26).mean())

    quick = reviewed.folder / "train.yaml"
    quick.write_text("refits: 2\nfolds: 2\nbootstrap_draws: 50\njobs: 1\ntransfer: false\n")
    code, out, err = call(
        *("train", merged / "cases.csv", "--config", quick, "--no-track", "--json", "--quiet"),
        *("--out", reviewed.folder / "model"),
    )
    assert code == 0, err
    assert json.loads(out)["rows"] == len(table)
    origin = json.loads((reviewed.folder / "model" / "provenance.json").read_text())
    assert origin["event_share"] < 0.45


def test_the_report_tells_of_the_draw(
    reviewed: Reviewed, call: Run, settled: tuple[object, ...]
) -> None:
    code, out, _ = call(
        *("review", "report", *settled, "--out", reviewed.folder / "report", "--json", "--quiet")
    )
    assert code == 0
    assert json.loads(out)["n_cases"] == 60
    page = (reviewed.folder / "report" / "review.da.html").read_text(encoding="utf-8")
    assert "Sager, der kunne udtrækkes" in page
    assert "Sagerne er udtrukket efter udfald" in page
    assert not re.search(r"SYN-\d", page)


def test_a_merge_without_its_own_draw_is_refused(
    reviewed: Reviewed, call: Run, tmp_path: Path
) -> None:
    other = tmp_path / "sample"
    call("review", "sample", reviewed.frame, "--out", other, "--n-cases", 40, "--seed", 5)
    given = ("review", "merge", *reviewed.forms, "--out", tmp_path / "merged", "--sample", other)
    code, _, err = call(*given)
    assert code == 2
    assert "review-L1.xlsx" in err
    assert "cases are not on the list cases.csv" in err
    assert not (tmp_path / "merged").exists()


def spoil_value(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"]["E5"] = "Måske"


def spoil_number(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"]["C6"] = 400


def spoil_cpr(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"]["F7"] = "010190-1234"


def spoil_cpr_in_a_note(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"]["F7"].comment = Comment("se 0101901234", "x")


def spoil_note(book: openpyxl.Workbook) -> None:
    book["P2 Senere uger"]["D5"].comment = Comment("Ringet til hende i går", "x")


def spoil_free_text(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"]["BB3"] = "Borgeren var ked af det"


def spoil_sheet(book: openpyxl.Workbook) -> None:
    del book["P2 Senere uger"]


def spoil_name(book: openpyxl.Workbook) -> None:
    book["P3 Udfald"].title = "Udfald"


def spoil_merged_cells(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"].merge_cells("D5:D8")


def spoil_order(book: openpyxl.Workbook) -> None:
    sheet = book["P2 Senere uger"]
    sheet["A5"], sheet["A6"] = sheet["A6"].value, sheet["A5"].value


def spoil_formula(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"]["C5"] = "=1+1"


def spoil_columns(book: openpyxl.Workbook) -> None:
    book["P1 Opstart"].delete_cols(4)


@pytest.mark.parametrize(
    ("spoil", "told", "hidden"),
    [
        (spoil_value, ["[P1 Opstart]", "E5 (rtw_expectation)", "levels"], "Måske"),
        (spoil_number, ["C6 (expected_duration_citizen_weeks)", "0 to 104"], ""),
        (spoil_cpr, ["[P1 Opstart]", "F7", "CPR number", "answer the question"], "010190"),
        (spoil_cpr_in_a_note, ["F7", "CPR number"], "0101901234"),
        (spoil_note, ["[P2 Senere uger]", "D5", "comment"], "Ringet"),
        (spoil_free_text, ["BB3", "outside the form"], "ked af"),
        (spoil_sheet, ["no sheet named P2 Senere uger"], ""),
        (spoil_name, ["no sheet named P3 Udfald"], ""),
        (spoil_merged_cells, ["[P1 Opstart]", "D5:D8", "merged"], ""),
        (spoil_order, ["[P2 Senere uger]", "same order"], ""),
        (spoil_formula, ["C5", "formula"], "1+1"),
        (spoil_columns, ["[P1 Opstart]", "columns are not those"], ""),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)
def test_faults_are_named_by_workbook_sheet_and_cell(
    call: Run, one_form: Path, tmp_path: Path, spoil, told, hidden
) -> None:
    change(one_form, spoil)
    out = tmp_path / "merged"
    code, said, err = call("review", "merge", one_form, "--out", out, "--quiet")
    assert code == 2
    assert said == ""
    assert "review-L1.xlsx" in err
    for word in told:
        assert word in err
    assert not hidden or hidden not in err
    assert "Traceback" not in err
    assert not out.exists()


def test_two_workbooks_of_one_reviewer_are_refused(
    reviewed: Reviewed, call: Run, one_form: Path, tmp_path: Path
) -> None:
    given = ("review", "merge", reviewed.forms[0], one_form, "--out", tmp_path / "merged")
    code, _, err = call(*given)
    assert code == 2
    assert "review-L1.xlsx, review-L1.xlsx: the same cases by reviewer L1 twice" in err
    assert "reviewer" in err


def test_a_form_of_another_codebook_is_refused(
    reviewed: Reviewed, call: Run, tmp_path: Path
) -> None:
    text = (ROOT / "configs/codebook.yaml").read_text(encoding="utf-8")
    other = tmp_path / "codebook.yaml"
    other.write_text(text.replace('version: "1"', 'version: "2"', 1), encoding="utf-8")
    given = ("review", "merge", *reviewed.forms, "--out", tmp_path / "m", "--codebook", other)
    code, _, err = call(*given)
    assert code == 2
    assert "another codebook or other settings" in err


@pytest.mark.parametrize("command", ["merge", "report"])
def test_a_file_that_is_no_workbook_is_refused(
    reviewed: Reviewed, call: Run, tmp_path: Path, command: str
) -> None:
    broken = tmp_path / "review-G1.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    for path in (broken, tmp_path / "none.xlsx", reviewed.frame):
        code, _, err = call(
            "review", command, reviewed.forms[0], path, "--out", tmp_path / "m", "--quiet"
        )
        assert code == 2
        assert path.name in err
        assert "unforeseen" not in err


def test_forms_are_never_overwritten(reviewed: Reviewed, call: Run) -> None:
    before = reviewed.forms[0].read_bytes()
    given = ("--reviewer", "L1", "--out", reviewed.forms[0].parent)
    code, _, err = call("review", "form", reviewed.sample / "cases.csv", *given)
    assert code == 2
    assert "there already" in err
    assert reviewed.forms[0].read_bytes() == before


def test_a_name_is_no_code(reviewed: Reviewed, call: Run, tmp_path: Path) -> None:
    given = ("--reviewer", "Hanne Jensen", "--out", tmp_path / "forms")
    code, _, err = call("review", "form", reviewed.sample / "cases.csv", *given)
    assert code == 2
    assert "short code" in err
    assert "Hanne" not in err
    assert not (tmp_path / "forms").exists()


def test_calling_the_table_anonymous_takes_more_than_a_word(
    reviewed: Reviewed, call: Run, tmp_path: Path
) -> None:
    settings = yaml.safe_load((ROOT / "configs/review.yaml").read_text(encoding="utf-8"))
    settings["anonymous_by_decision"] = "Styregruppen 1. september 2026"
    path = tmp_path / "review.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    out = tmp_path / "merged"
    given = ("review", "merge", *reviewed.forms, "--out", out, "--settings", path)
    code, _, err = call(*given)
    assert code == 3
    assert "does not reach k = 5" in err
    assert not out.exists()


def test_the_data_sheet_says_what_the_table_is(
    reviewed: Reviewed, call: Run, tmp_path: Path
) -> None:
    out = tmp_path / "merged"
    assert call("review", "merge", *reviewed.forms, "--out", out, "--quiet")[0] == 0
    sheet = (out / "data_sheet.md").read_text(encoding="utf-8")
    assert "**pseudonymised**" in sheet
    assert "anonymous**" not in sheet
    for figure in ("k: cases in the smallest combination", "l: fewest values of", "t: largest"):
        assert figure in sheet
    assert "Coarsening that reaches k = 5" in sheet


def test_a_merge_does_not_replace_a_strange_folder(
    reviewed: Reviewed, call: Run, tmp_path: Path
) -> None:
    (tmp_path / "letters.txt").write_text("keep me")
    given = ("review", "merge", *reviewed.forms, "--out", tmp_path, "--quiet")
    code, _, err = call(*given)
    assert code == 2
    assert "left alone" in err
    assert (tmp_path / "letters.txt").read_text() == "keep me"


def test_decisions_filled_in_where_they_were_written_are_not_lost(
    reviewed: Reviewed, call: Run, tmp_path: Path
) -> None:
    out = tmp_path / "merged"
    given = ("review", "merge", *reviewed.forms, "--out", out, "--quiet")
    assert call(*given)[0] == 0
    filled = out / "disagreements.xlsx"
    change(filled, lambda book: book.create_sheet("notes"))
    kept = filled.read_bytes()
    code, _, err = call(*given, "--decisions", filled)
    assert code == 2
    assert "were changed since riskmodel made them" in err
    assert filled.read_bytes() == kept


def test_an_english_form_is_read_as_well(
    reviewed: Reviewed, call: Run, tmp_path: Path, simulate: Callable[..., ReviewerAnswers]
) -> None:
    codebook = read_codebook(ROOT / "configs/codebook.yaml")
    plan = plan_review(codebook, read_review_settings(ROOT / "configs/review.yaml", codebook))
    given = ("--reviewer", "X1", "--out", tmp_path / "forms", "--lang", "en", "--json")
    code, out, _ = call("review", "form", reviewed.sample / "cases.csv", *given)
    assert code == 0
    [form] = json.loads(out)["forms"]
    fill_review_workbook(form, plan, simulate(reviewed.truth, "X1", 4))
    code, out, _ = call("review", "merge", form, "--out", tmp_path / "m", "--json", "--quiet")
    assert code == 0
    told = json.loads(out)
    assert (told["n_cases"], told["n_double"], told["agreed"]) == (60, 0, 0)
    assert told["single"] > 1500
