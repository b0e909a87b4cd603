"""Good case files are read alike from every format; what is read is what was written."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook, DataKind, Level, Outcome
from riskmodel.domain.labels import Label
from riskmodel.domain.synthetic import CASE_PREFIX
from riskmodel.errors import Fault, InputError
from riskmodel.io import csv_files, tables
from riskmodel.io.case_reading import check_outcomes_complete
from riskmodel.io.raw_tables import FaultLog
from riskmodel.io.tables import (
    CaseBatches,
    case_frame,
    read_cases,
    read_cases_with_notes,
    write_table,
)

Rows = list[dict[str, str]]
Write = Callable[..., Path]
Compare = Callable[[CaseTable, CaseTable], None]

DANISH = {
    "expected_weeks": "Borgerens forventede varighed",
    "age": "ALDER",
    "function": " funktionsniveau ",
    "first_day": unicodedata.normalize("NFD", "Første  fraværsdag"),
    "case_id": "Løbenummer",
    "municipality": "Kommune",
    "duration_weeks": "Varighed i uger",
    "end_reason": "Ophørsårsag",
    "assessed_week": "Uge for vurderingen",
}


def test_values_of_a_danish_file(cases: CaseTable) -> None:
    assert cases.case_id.tolist() == ["S1", "S1", "S2", "S3", "S4", "S5"]
    assert cases.group.tolist()[:2] == ["P1", "P1"]
    assert cases.site.tolist()[2] == "Greve"
    assert cases.assessed_week.tolist() == [0, 8, 0, 0, 0, 0]
    np.testing.assert_array_equal(cases.fields["expected_weeks"], [12.5, 20, 26, 4, np.nan, 8.25])
    assert cases.fields["function"].cat.ordered
    assert not cases.fields["diagnosis"].cat.ordered
    assert cases.fields["function"].cat.categories.tolist() == ["0", "1", "2"]
    assert cases.fields["employer_talk"].isna().tolist() == [False] * 4 + [True, False]
    assert cases.fields["first_day"].iloc[0] == pd.Timestamp(2025, 2, 3)
    assert pd.isna(cases.fields["end_date"].iloc[2])
    assert cases.source == "cases.csv"
    assert list(cases.fields) == [one.name for one in cases.codebook.fields]


def test_outcomes_of_a_file(cases: CaseTable) -> None:
    outcomes = cases.outcomes
    assert outcomes is not None
    assert outcomes.ended.tolist() == [True, True, False, True, True, True]
    assert outcomes.recovered.tolist() == [True, True, False, True, False, True]
    assert outcomes.duration_weeks.tolist() == [16.9, 16.9, 40, 2.3, 31.9, 6]


@pytest.mark.parametrize("blank", ["duration_weeks", "ended", "end_reason"])
def test_outcomes_are_all_there_or_none(blank: str, write_cases: Write, codebook: Codebook) -> None:
    path = write_cases(lambda rows: rows[0].update({blank: ""}))
    assert read_cases(path, codebook).outcomes is None
    path = write_cases(lambda rows: [row.pop(blank) for row in rows], name="without.csv")
    outcomes = read_cases(path, codebook).outcomes
    if blank == "end_reason":
        assert outcomes is not None
        assert outcomes.recovered.tolist() == outcomes.ended.tolist()
    else:
        assert outcomes is None


def test_rows_of_closed_cases_need_no_ended_column(write_cases: Write, codebook: Codebook) -> None:
    closed = replace(codebook, outcome=replace(codebook.outcome, ended=None))

    def drop(rows: Rows) -> None:
        for row in rows:
            del row["ended"]
            row["end_reason"] = row["end_reason"] or "flex"

    table = read_cases(write_cases(drop), closed, require_outcomes=True)
    assert table.outcomes is not None
    assert table.outcomes.ended.all()
    path = write_cases(lambda rows: rows[0].update({"end_reason": ""}), name="blank.csv")
    with pytest.raises(InputError, match="reason is missing"):
        read_cases(path, closed, require_outcomes=True)


def test_columns_in_any_order_give_the_same_cases(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    def shuffle(rows: Rows) -> None:
        for row in rows:
            turned = dict(reversed(row.items()))
            row.clear()
            row.update(turned)

    assert_same_cases(read_cases(write_cases(shuffle), codebook), cases)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_danish_headings_and_labels(
    encoding: str,
    delimiter: str,
    end: str,
    *,
    write_cases: Write,
    codebook: Codebook,
    cases: CaseTable,
    assert_same_cases: Compare,
) -> None:
    words = {"breath": "  åndenød ", "back": "RYG", "stress": "Stress"}

    def translate(rows: Rows) -> None:
        for row in rows:
            row["diagnosis"] = words.get(row["diagnosis"], "")
            row["function"] = {"2": "svær", "1": "Mild", "0": "0,0"}.get(row["function"], "")
            row["end_reason"] = {"fit": "Rask", "flex": "Flex  job"}.get(row["end_reason"], "")
            if encoding == "cp1252":
                row["sex"] = "Kvinde" if row["sex"] == "f" else "mand"
            turned = {DANISH.get(name, name): text for name, text in row.items()}
            row.clear()
            row.update(turned)

    def compose(text: str) -> str:
        return unicodedata.normalize("NFC", text) if encoding == "cp1252" else text

    path = write_cases(translate, encoding=encoding, delimiter=delimiter, end=end, edit=compose)
    result = read_cases_with_notes(path, codebook)
    assert_same_cases(result.cases, cases)
    assert any("cp1252" in note for note in result.notes) == (encoding == "cp1252")
    assert any("decimal comma" in note for note in result.notes)


def test_letters_of_either_composition_are_the_same_level(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    path = write_cases(
        lambda rows: rows[3].update(diagnosis=unicodedata.normalize("NFD", "Åndenød"))
    )
    assert_same_cases(read_cases(path, codebook), cases)


@pytest.mark.parametrize("yes", ["yes", "JA", "1", "true", "Sandt", "SAND", "1,0"])
@pytest.mark.parametrize("no", ["no", "Nej", "0", "FALSE", "falsk"])
def test_words_for_yes_and_no(yes: str, no: str, write_cases: Write, codebook: Codebook) -> None:
    def change(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["employer_talk"] = yes if place % 2 else no

    fields = read_cases(write_cases(change), codebook).fields
    assert fields["employer_talk"].tolist() == ["no", "yes"] * 3


def test_missing_codes_are_missing(write_cases: Write, codebook: Codebook) -> None:
    def change(rows: Rows) -> None:
        for row, code in zip(rows, ["998", "Uoplyst", "998,0", "", " ", "7"], strict=True):
            row["expected_weeks"] = code
        for row, code in zip(rows, ["999", "999.0", "back", "", " ", "back"], strict=True):
            row["diagnosis"] = code

    fields = read_cases(write_cases(change), codebook).fields
    assert fields["expected_weeks"].isna().tolist() == [True] * 5 + [False]
    assert fields["diagnosis"].isna().tolist() == [True, True, False, True, True, False]


def test_missing_codes_of_dates_and_outcomes(write_cases: Write, codebook: Codebook) -> None:
    fields = tuple(
        replace(one, missing_codes=("998", "ukendt")) if one.name == "end_date" else one
        for one in codebook.fields
    )
    path = write_cases(lambda rows: rows[3].update(end_date="Ukendt"))
    assert pd.isna(read_cases(path, replace(codebook, fields=fields)).fields["end_date"].iloc[3])


def test_iso_dates_and_decimal_points_in_a_comma_file(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            for column in ("first_day", "end_date"):
                day, _, rest = row[column].partition("-")
                month, _, year = rest.partition("-")
                row[column] = f"{year}-{month}-{day}" if day else ""
            for column in ("expected_weeks", "duration_weeks"):
                row[column] = row[column].replace(",", ".")

    assert_same_cases(read_cases(write_cases(change, delimiter=","), codebook), cases)


def test_quoted_decimal_commas_in_a_comma_file(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            for column in ("expected_weeks", "duration_weeks"):
                row[column] = f'"{row[column]}"'

    assert_same_cases(read_cases(write_cases(change, delimiter=","), codebook), cases)


@pytest.mark.parametrize(
    ("delimiter", "text", "refused"),
    [
        (";", "1.234", True),
        (";", "1.2345", False),
        (";", "0.125", False),
        (",", "1.234", False),
        (",", '"1,234"', True),
        ("\t", "1.234", True),
    ],
)
def test_numbers_that_can_be_thousands(
    delimiter: str, text: str, *, refused: bool, write_cases: Write, codebook: Codebook
) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            row["expected_weeks"] = text
            row["duration_weeks"] = "40"

    path = write_cases(change, delimiter=delimiter)
    if not refused:
        expected = float(text.strip('"'))
        assert read_cases(path, codebook).fields["expected_weeks"].tolist() == [expected] * 6
        return
    with pytest.raises(InputError, match="thousands or as decimals") as caught:
        read_cases(path, codebook)
    assert [fault.row for fault in caught.value.faults] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("many", [".", ","])
def test_the_rarer_decimal_mark_is_the_fault(
    many: str, write_cases: Write, codebook: Codebook
) -> None:
    few = "," if many == "." else "."

    def change(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["duration_weeks"] = "40"
            row["expected_weeks"] = f"1{place}{few if place == 4 else many}5"

    with pytest.raises(InputError) as caught:
        read_cases(write_cases(change), codebook)
    assert [fault.row for fault in caught.value.faults] == [6]


def test_blank_rows_at_the_end_are_left_out(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    path = write_cases(edit=lambda text: text + ";" * 14 + "\r\n" + "\r\n\r\n")
    assert_same_cases(read_cases(path, codebook), cases)


def test_protected_text_loses_its_apostrophe(write_cases: Write, codebook: Codebook) -> None:
    path = write_cases(lambda rows: rows[0].update(case_id="'=S1", person_id="'s-Person"))
    table = read_cases(path, codebook)
    assert (table.case_id[0], table.group[0]) == ("=S1", "'s-Person")


def test_several_files_follow_each_other(
    write_cases: Write, codebook: Codebook, cases: CaseTable, rows: Rows, assert_same_cases: Compare
) -> None:
    first = write_cases()
    for row in rows:
        row["case_id"] += "b"
    second = write_cases(name="more.csv", delimiter="\t")
    both = read_cases([first, second], codebook)
    assert len(both) == 12
    assert both.source == "cases.csv and 1 more"
    assert_same_cases(both.take(np.arange(6)), cases)
    assert both.outcomes is not None
    with pytest.raises(InputError, match=r"row 2 of cases\.csv too"):
        read_cases([first, second, first], codebook)
    for row in rows:
        row["case_id"] += "c"
        del row["sex"]
    with pytest.raises(InputError, match="not in both") as caught:
        read_cases([first, write_cases(name="less.csv")], codebook)
    assert (caught.value.faults[0].file, caught.value.faults[0].column) == ("less.csv", "sex")


def test_outcomes_of_files_are_all_there_or_none(
    write_cases: Write, codebook: Codebook, rows: Rows
) -> None:
    first = write_cases()
    for row in rows:
        row.update(case_id=row["case_id"] + "b", ended="", end_reason="")
    assert read_cases([first, write_cases(name="open.csv")], codebook).outcomes is None


def test_fast_and_slow_text_reading_agree(
    write_cases: Write,
    codebook: Codebook,
    cases: CaseTable,
    monkeypatch: pytest.MonkeyPatch,
    assert_same_cases: Compare,
) -> None:
    monkeypatch.setattr(csv_files, "WHOLE_FILE_BYTES", 0)
    assert_same_cases(read_cases(write_cases(), codebook), cases)
    trailing = write_cases(edit=lambda text: text + ";" * 14 + "\r\n", encoding="utf-8-sig")
    assert_same_cases(read_cases(trailing, codebook), cases)
    short = write_cases(edit=lambda text: text.replace(";ja;fit", ";fit", 1))
    with pytest.raises(InputError, match="row 2: the row has 14 cells"):
        read_cases(short, codebook)


def test_slow_reading_in_chunks(
    write_cases: Write,
    codebook: Codebook,
    cases: CaseTable,
    monkeypatch: pytest.MonkeyPatch,
    assert_same_cases: Compare,
) -> None:
    monkeypatch.setattr(csv_files, "CHUNK_ROWS", 2)
    assert_same_cases(read_cases(write_cases(), codebook), cases)


def test_small_pieces_of_bytes_give_the_same(
    write_cases: Write,
    codebook: Codebook,
    cases: CaseTable,
    monkeypatch: pytest.MonkeyPatch,
    assert_same_cases: Compare,
) -> None:
    monkeypatch.setattr(csv_files, "_read_chunks", lambda path: _in_pieces(path, 300))
    assert_same_cases(read_cases(write_cases(), codebook), cases)


def _in_pieces(path: Path, size: int) -> list[bytes]:
    data = path.read_bytes()
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_codebook_without_site_and_with_one_week(write_cases: Write, codebook: Codebook) -> None:
    bare = replace(codebook, site=None, assessed_week=0.0, group="case_id")

    def change(rows: Rows) -> None:
        del rows[1]
        for row in rows:
            for column in ("municipality", "person_id", "assessed_week"):
                del row[column]

    table = read_cases(write_cases(change), bare)
    assert table.site.tolist() == [""] * 5
    assert table.group.tolist() == table.case_id.tolist()
    assert table.assessed_week.tolist() == [0.0] * 5
    path = write_cases(lambda rows: rows.append(dict(rows[0])), name="twice.csv")
    with pytest.raises(InputError, match="the case stands in row 2 too"):
        read_cases(path, bare)


def test_site_that_is_a_field_has_the_values_of_its_levels(
    write_cases: Write, codebook: Codebook
) -> None:
    levels = (Level("lejre", Label("Lejre", "Lejre")), Level("greve", Label("Greve", "Greve")))
    sited = replace(codebook.fields[3], name="municipality", levels=levels, missing_codes=(),
                    label=Label("Hjemkommune", "Home municipality"))  # fmt: skip
    with_site = replace(codebook, fields=(*codebook.fields, sited))
    path = write_cases(lambda rows: rows[5].update(municipality=""))
    table = read_cases(path, with_site)
    assert table.site.tolist() == ["lejre", "lejre", "greve", "greve", "lejre", ""]
    assert table.fields["municipality"].isna().tolist() == [False] * 5 + [True]


def test_optional_columns_may_be_absent(write_cases: Write, codebook: Codebook) -> None:
    def drop(rows: Rows) -> None:
        for row in rows:
            for column in ("municipality", "sex", "first_day", "end_date", "end_reason",
                           "duration_weeks", "ended"):  # fmt: skip
                del row[column]

    table = read_cases(write_cases(drop), codebook)
    assert table.outcomes is None
    assert "sex" not in table.fields
    assert table.site.tolist() == [""] * 6


def test_label_of_two_columns_is_refused(write_cases: Write, codebook: Codebook) -> None:
    twin = replace(codebook.fields[1], name="age_now")
    path = write_cases(lambda rows: [row.update(Alder="40") for row in rows])
    with pytest.raises(InputError, match="the label belongs to age and age_now"):
        read_cases(path, replace(codebook, fields=(*codebook.fields, twin)))


def test_week_and_duration_that_are_fields_keep_the_rules_of_both(
    write_cases: Write, codebook: Codebook
) -> None:
    week = replace(codebook.fields[1], name="assessed_week", range=(0.0, 26.0),
                   label=Label("Uge", "Week"), unit="weeks")  # fmt: skip
    duration = replace(week, name="duration_weeks", use="context", range=(0.0, 2000.0),
                       known_at="closure", label=Label("Forløb", "Course"))  # fmt: skip
    wide = replace(codebook, fields=(*codebook.fields, week, duration))
    table = read_cases(write_cases(), wide)
    assert table.fields["assessed_week"].tolist() == table.assessed_week.tolist()
    path = write_cases(lambda rows: rows[0].update(duration_weeks="521"))
    with pytest.raises(InputError, match="longer than 520 weeks"):
        read_cases(path, wide)


def test_dates_ahead_are_allowed_in_synthetic_data(
    write_cases: Write, codebook: Codebook, today: dt.date
) -> None:
    path = write_cases(lambda rows: rows[2].update(first_day="01-01-2027"))
    with pytest.raises(InputError, match="lies after 2026-07-01"):
        read_cases(path, codebook, today=today)
    synthetic = replace(codebook, data_kind="synthetic")
    assert len(read_cases(path, synthetic, today=today)) == 6


@pytest.mark.parametrize("kind", ["synthetic", "public", "case_records"])
@pytest.mark.parametrize("strangers", [0, 1, 6])
def test_ids_that_do_not_go_with_the_kind_of_data_are_told(
    write_cases: Write, codebook: Codebook, kind: DataKind, strangers: int
) -> None:
    def name(rows: Rows) -> None:
        for number, row in enumerate(rows):
            row["case_id"] = f"{'K-' if number < strangers else CASE_PREFIX}{number:07d}"

    read = read_cases_with_notes(write_cases(name), replace(codebook, data_kind=kind))
    unasked = [one for one in read.notes if "legal basis" in one]
    assert len(unasked) == (kind == "synthetic" and strangers > 0)
    made_up = [one for one in read.notes if "evidence of nothing" in one]
    assert len(made_up) == (kind != "synthetic" and strangers == 0)


def test_one_reason_is_enough(write_cases: Write, codebook: Codebook) -> None:
    reasons = (Level("fit", Label("Rask", "Fit")),)
    one = replace(codebook, outcome=Outcome(end_reason="end_reason", reasons=reasons,
                                            recovery=("fit",)))  # fmt: skip
    path = write_cases(lambda rows: rows[4].update(end_reason="fit"))
    assert len(read_cases(path, one, require_outcomes=True)) == 6


def test_text_files_are_read_whole_and_cut(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    path = write_cases()
    (batch,) = CaseBatches(path, codebook, batch_rows=6)
    assert_same_cases(batch, cases)
    batches = list(CaseBatches(path, codebook, batch_rows=4))
    assert [len(batch) for batch in batches] == [4, 2]
    assert_same_cases(batches[1], cases.take(np.arange(4, 6)))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("danish", [False, True])
def test_written_cases_are_read_back(
    ending: str,
    *,
    danish: bool,
    cases: CaseTable,
    tmp_path: Path,
    codebook: Codebook,
    assert_same_cases: Compare,
) -> None:
    bare = replace(codebook, outcome=Outcome(max_weeks=520))
    path = tmp_path / f"out.{ending}"
    write_table(case_frame(replace(cases, codebook=bare)), path, danish=danish)
    back = read_cases(path, bare, require_outcomes=True)
    assert back.outcomes is not None
    assert cases.outcomes is not None
    np.testing.assert_array_equal(back.outcomes.ended, cases.outcomes.ended)
    assert_same_cases(replace(back, outcomes=None), replace(cases, outcomes=None))


def test_repeats_name_the_heading_of_the_file(write_cases: Write, codebook: Codebook) -> None:
    path = write_cases(edit=lambda text: text.replace("case_id", "Løbenummer").replace("S5", "S4"))
    with pytest.raises(InputError, match="column Løbenummer: the case and week stand in row 6"):
        read_cases(path, codebook)


def test_second_byte_order_mark_is_left_out(
    write_cases: Write, codebook: Codebook, cases: CaseTable, assert_same_cases: Compare
) -> None:
    path = write_cases(edit=lambda text: "\ufeff" + text, encoding="utf-8-sig")
    assert_same_cases(read_cases(path, codebook), cases)


def test_heading_that_does_not_show_is_named_by_its_place(
    write_cases: Write, codebook: Codebook
) -> None:
    path = write_cases(edit=lambda text: text.replace("case_id", "\x07"))
    with pytest.raises(InputError) as caught:
        read_cases(path, codebook)
    assert {(one.row, one.column) for one in caught.value.faults} == {
        (1, "number 1"),
        (1, "case_id"),
    }


def test_long_heading_is_named_by_its_place(write_cases: Write, codebook: Codebook) -> None:
    path = write_cases(lambda rows: [row.update({"h" * 61: "1"}) for row in rows])
    with pytest.raises(InputError, match="column number 16"):
        read_cases(path, codebook)


def test_as_many_points_as_commas(write_cases: Write, codebook: Codebook) -> None:
    def change(rows: Rows) -> None:
        for place, row in enumerate(rows):
            row["duration_weeks"] = "40"
            row["expected_weeks"] = ["12,5", "1.25"][place % 2]

    with pytest.raises(InputError) as caught:
        read_cases(write_cases(change), codebook)
    assert [fault.row for fault in caught.value.faults] == [3, 5, 7]


def test_very_many_wrong_levels_and_faults(write_cases: Write, codebook: Codebook) -> None:
    def spoil(rows: Rows) -> None:
        listed = [
            {**rows[2], "case_id": f"T{place}", "diagnosis": f"x{place}", "end_reason": "fit"}
            for place in range(1500)
        ]
        for row in listed:
            row.update(dict.fromkeys(("age", "expected_weeks", "first_day", "end_date"), "x"))
            row.update(dict.fromkeys(("sex", "function", "employer_talk", "ended"), "x"))
            row.update(dict.fromkeys(("duration_weeks", "assessed_week"), "x"))
        rows[:] = listed

    with pytest.raises(InputError, match="and 980 more faults") as caught:
        read_cases(write_cases(spoil), codebook)
    assert len(caught.value.faults) <= 1000


def test_fault_log_is_limited(write_cases: Write, codebook: Codebook) -> None:
    log = FaultLog()
    for file in range(20):
        for row in range(150):
            log.add(Fault(f"{file}.csv", "wrong.", "Mend it.", row, "age"))
    with pytest.raises(InputError) as caught:
        log.raise_if_any()
    assert len(caught.value.faults) == 1000


def test_outcomes_that_are_not_there_are_not_reported(
    write_cases: Write, codebook: Codebook
) -> None:
    reader = tables._Reader(codebook, require_outcomes=False, encoding=None, today=None)
    checked = reader.read(write_cases())
    (part,) = reader.convert([checked])
    bare = replace(part, duration_weeks=None, end_reason=None)
    check_outcomes_complete(bare, checked.columns, codebook, reader.log)
    reader.log.raise_if_any()


def test_frame_of_cases_without_outcomes_or_site(cases: CaseTable) -> None:
    bare = replace(
        cases, outcomes=None, codebook=replace(cases.codebook, site=None, assessed_week=0.0)
    )
    frame = case_frame(bare)
    assert list(frame) == ["case_id", "person_id", *cases.fields]
    closed = replace(cases.codebook, outcome=Outcome(ended=None))
    assert "ended" not in case_frame(replace(cases, codebook=closed))
