"""Scoring a batch of rows at a time: what is written, told and refused is as for all at once."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from riskmodel.errors import InputError
from riskmodel.io import table_writing
from riskmodel.io.bundle import load_bundle
from riskmodel.io.tables import CaseBatches, read_cases, read_cases_with_notes, write_table
from riskmodel.pipelines.score import ScoreSummary, score

pytestmark = pytest.mark.slow

POLICY = Path(__file__).parents[2] / "configs" / "visitation" / "lejre-greve.yaml"
WHOLE = 1000


@pytest.fixture(scope="module")
def open_frame(draw_cases) -> pd.DataFrame:
    """Thirty open assessments and one that comes too late for a score."""
    frame = draw_cases("open_cases", 40, 7).head(31).reset_index(drop=True)
    frame.loc[30, ["assessed_week", "duration_weeks"]] = 30.0
    return frame


@pytest.fixture(scope="module")
def open_parquet(open_frame, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("streamed") / "open.parquet"
    write_table(open_frame, path)
    return path


def write_changed(frame: pd.DataFrame, path: Path, **columns: pa.Array) -> Path:
    """Write a frame as Parquet with some columns replaced."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for name, cells in columns.items():
        table = table.set_column(table.column_names.index(name), name, cells)
    parquet.write_table(table, path)
    return path


def list_cells(frame: pd.DataFrame, column: str) -> list[object]:
    """Return the cells of a column, None where one is missing."""
    return [None if pd.isna(cell) else cell for cell in frame[column]]


def told_of(path: Path, codebook, batch_rows: int) -> str:
    """Return what is said about a file that is read in batches."""
    with pytest.raises(InputError) as told:
        list(CaseBatches(path, codebook, batch_rows=batch_rows))
    return str(told.value)


def told_of_whole(path: Path, codebook) -> str:
    """Return what is said about a file that is read at once."""
    with pytest.raises(InputError) as told:
        read_cases(path, codebook)
    return str(told.value)


@pytest.mark.parametrize("ending", ["parquet", "csv", "xlsx"])
def test_the_size_of_a_batch_changes_no_byte(bundle, open_parquet, tmp_path, monkeypatch, ending):
    monkeypatch.setattr(table_writing, "PARQUET_GROUP_ROWS", 11)

    def run(name: str, batch_rows: int) -> tuple[bytes, ScoreSummary]:
        out = tmp_path / f"{name}.{ending}"
        summary = score(
            [open_parquet],
            model_path=bundle,
            out=out,
            policy_path=POLICY,
            contributions=True,
            batch_rows=batch_rows,
            overwrite=True,
        )
        return out.read_bytes(), summary

    data, summary = run("whole", WHOLE)
    assert (summary.rows, summary.not_scored) == (31, 1)
    for batch_rows in (1, 4, 11, 12, 30):
        parts, told = run("parts", batch_rows)
        assert parts == data
        assert replace(told, out=summary.out) == summary


def test_all_sorts_of_files_give_the_same_scores_in_batches(
    bundle, open_frame, open_parquet, tmp_path
):
    outs = []
    for ending in ("parquet", "csv", "xlsx"):
        cases, out = tmp_path / f"cases.{ending}", tmp_path / f"scores_{ending}.csv"
        write_table(open_frame, cases)
        score([cases], model_path=bundle, out=out, batch_rows=7)
        outs.append(out.read_bytes())
    assert outs[0] == outs[1] == outs[2]


def test_several_files_in_batches(bundle, open_frame, open_parquet, tmp_path):
    parts = [tmp_path / "a.parquet", tmp_path / "b.csv"]
    write_table(open_frame.iloc[:10], parts[0])
    write_table(open_frame.iloc[10:], parts[1])
    whole, joined = tmp_path / "whole.csv", tmp_path / "joined.csv"
    score([open_parquet], model_path=bundle, out=whole)
    score(parts, model_path=bundle, out=joined, batch_rows=4)
    assert whole.read_bytes() == joined.read_bytes()


def test_a_progress_of_batches_is_told(bundle, open_parquet, tmp_path):
    told: list[str] = []
    out = tmp_path / "s.csv"
    score([open_parquet], model_path=bundle, out=out, batch_rows=20, progress=told.append)
    assert told == [
        "reading cases", "scoring 20 assessments", "scoring 11 assessments, 20 are done",
    ]  # fmt: skip


@pytest.mark.parametrize("row", [0, 12, 30])
@pytest.mark.parametrize("change", [("waiting_weeks", 1e9), ("rtw_expectation", "perhaps")])
def test_a_bad_row_anywhere_is_named_and_nothing_is_written(
    bundle, open_frame, codebook, tmp_path, row, change
):
    column, value = change
    cells = list_cells(open_frame, column)
    cells[row] = value
    bad = write_changed(open_frame, tmp_path / "bad.parquet", **{column: pa.array(cells)})
    out = tmp_path / "out"
    with pytest.raises(InputError, match=rf"bad\.parquet, row {row + 2}, column {column}"):
        score([bad], model_path=bundle, out=out / "scores.parquet", batch_rows=10)
    assert not out.exists()
    assert told_of(bad, codebook, 10) == told_of_whole(bad, codebook)


def test_all_bad_rows_are_told_at_once(open_frame, codebook, tmp_path):
    levels, weeks = (list_cells(open_frame, one) for one in ("rtw_expectation", "assessed_week"))
    levels[3], levels[25], weeks[17] = "perhaps", "who knows", None
    ids = open_frame["case_id"].tolist()
    ids[29], weeks[29] = ids[4], weeks[4]
    bad = write_changed(
        open_frame,
        tmp_path / "bad.parquet",
        rtw_expectation=pa.array(levels),
        assessed_week=pa.array(weeks),
        case_id=pa.array(ids),
    )
    expected = told_of_whole(bad, codebook)
    assert [f"row {row}," in expected for row in (5, 19, 27, 31)] == [True] * 4
    for rows in (1, 4, 13):
        assert told_of(bad, codebook, rows) == expected


def test_blank_ids_are_told_as_blank_and_not_as_repeated(open_frame, codebook, tmp_path):
    ids = list_cells(open_frame, "case_id")
    ids[2], ids[28] = "", None
    weeks = [2.0] * len(ids)
    bad = write_changed(
        open_frame, tmp_path / "b.parquet", case_id=pa.array(ids), assessed_week=pa.array(weeks)
    )
    told = told_of(bad, codebook, 5)
    assert told == told_of_whole(bad, codebook)
    assert "too" not in told


def test_personal_numbers_are_told_before_anything_else(open_frame, codebook, tmp_path):
    levels, ids = (list_cells(open_frame, one) for one in ("rtw_expectation", "case_id"))
    levels[3], ids[28], ids[30] = "perhaps", "010165-0000", "020265-0000"
    bad = write_changed(
        open_frame,
        tmp_path / "bad.parquet",
        rtw_expectation=pa.array(levels),
        case_id=pa.array(ids),
    )
    told = told_of(bad, codebook, 6)
    assert told == told_of_whole(bad, codebook)
    assert "CPR" in told
    assert "perhaps" not in told


def test_ids_that_resemble_personal_numbers_are_judged_by_the_whole_column(
    draw_cases, codebook, tmp_path
):
    frame = draw_cases("open_cases", 400, 7)
    frame = frame.drop_duplicates("case_id").head(300).reset_index(drop=True)
    ids = np.random.default_rng(5).permutation(np.arange(1_000_000_000, 9_999_999_999, 27_000_017))
    path = write_changed(
        frame, tmp_path / "c.parquet", case_id=pa.array(ids[: len(frame)].astype(str))
    )
    whole = read_cases_with_notes(path, codebook)
    assert any("random ids do" in note for note in whole.notes)
    for rows in (7, 100):
        batches = CaseBatches(path, codebook, batch_rows=rows)
        assert sum(len(one) for one in batches) == len(frame)
        assert sorted(batches.notes) == sorted(whole.notes)


def test_numbers_written_as_text_have_one_decimal_mark_for_the_file(open_frame, codebook, tmp_path):
    weeks = [str(week) for week in range(len(open_frame))]
    weeks[30] = "3,5"
    path = write_changed(open_frame, tmp_path / "c.parquet", waiting_weeks=pa.array(weeks))
    whole = read_cases_with_notes(path, codebook)
    batches = CaseBatches(path, codebook, batch_rows=10)
    found = [batch.fields["waiting_weeks"].to_numpy() for batch in batches]
    assert [len(one) for one in found] == [10, 10, 10, 1]
    assert np.array_equal(np.concatenate(found), whole.cases.fields["waiting_weeks"])
    assert batches.notes == whole.notes == ("c.parquet: numbers have a decimal comma",)
    weeks[2] = "4.5"
    write_changed(open_frame, path, waiting_weeks=pa.array(weeks))
    assert told_of(path, codebook, 10) == told_of_whole(path, codebook)


def test_memory_does_not_grow_with_the_file(bundle, open_frame, tmp_path):
    copies = [
        open_frame.assign(
            case_id=open_frame["case_id"] + f"-{number}",
            person_id=open_frame["person_id"] + f"-{number}",
        )
        for number in range(600)
    ]
    peaks = []
    for count in (100, 600):
        path = tmp_path / f"cases{count}.parquet"
        write_table(pd.concat(copies[:count], ignore_index=True), path)
        tracemalloc.start()
        pa.default_memory_pool().release_unused()
        score([path], model_path=bundle, out=tmp_path / f"s{count}.csv", batch_rows=1000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    grown = (peaks[1] - peaks[0]) / (500 * len(open_frame))
    assert grown < 100  # bytes a row; the whole table takes thousands
    assert load_bundle(bundle).version
