"""Frames in memory obey the same rules as files, and give the same cases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.errors import InputError
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.tables import case_frame, read_cases, write_table

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case_id": ["S-1", "S-2", "S-3"],
            "person_id": ["P-1", "P-1", "P-3"],
            "municipality": ["Lejre", "Greve", "Lejre"],
            "assessed_week": [0, 8, 0],
            "expected_weeks": [12.5, np.nan, 30.0],
            "age": [33, 47, 58],
            "function": ["0", None, "2"],
            "diagnosis": ["back", "stress", None],
            "employer_talk": [True, None, False],
            "sex": ["f", "m", "f"],
        }
    )


def same(first: CaseTable, second: CaseTable) -> bool:
    pd.testing.assert_frame_equal(first.fields, second.fields)
    parts = ("case_id", "group", "site", "assessed_week")
    return all(np.array_equal(getattr(first, part), getattr(second, part)) for part in parts)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_a_frame_and_its_file_give_the_same_cases(
    frame: pd.DataFrame, codebook: Codebook, tmp_path: Path, ending: str
) -> None:
    frame["employer_talk"] = ["yes", None, "no"]
    path = tmp_path / f"cases{ending}"
    write_table(frame, path)
    assert same(read_frame(frame, codebook, today=TODAY), read_cases(path, codebook, today=TODAY))


def test_the_type_of_a_column_does_not_matter(frame: pd.DataFrame, codebook: Codebook) -> None:
    expected = read_frame(frame, codebook, today=TODAY)
    assert expected.fields["employer_talk"].isna().tolist() == [False, True, False]
    for variant in (
        frame.astype({"age": float, "diagnosis": object}),
        frame.astype({"age": "Int64", "diagnosis": "string", "sex": "category"}),
        frame.astype({"age": str}),
        frame.astype({"age": np.int8, "expected_weeks": object}),
        frame.set_index("case_id", drop=False),
        frame[frame.columns[::-1]],
        frame.rename(columns={"age": "Alder", "diagnosis": "Diagnosis group"}),
    ):
        assert same(read_frame(variant, codebook, today=TODAY), expected)


def test_a_case_table_reads_back_from_its_frame(frame: pd.DataFrame, codebook: Codebook) -> None:
    cases = read_frame(frame, codebook, today=TODAY)
    assert same(read_frame(case_frame(cases), codebook, today=TODAY), cases)


def test_columns_that_are_blank_all_the_way_down(frame: pd.DataFrame, codebook: Codebook) -> None:
    blank = frame.assign(age=None, diagnosis=np.nan, function=None, expected_weeks=pd.NA)
    cases = read_frame(blank, codebook, today=TODAY)
    columns = ["age", "diagnosis", "function", "expected_weeks"]
    assert cases.fields[columns].isna().all().all()


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("age", [33, 47, 200], r"request, row 3, column age"),
        ("age", [33, "old", 58], r"request, row 2, column age"),
        ("age", [33, np.inf, 58], r"request, row 2, column age"),
        ("diagnosis", ["back", "flu", None], r"request, row 2, column diagnosis"),
        ("case_id", ["S-1", "S-1", "S-1"], r"request, row 3, column"),
        ("case_id", ["010190-1234", "S-2", "S-3"], r"CPR"),
        ("agee", [1, 2, 3], r"no such column"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(
    frame: pd.DataFrame, codebook: Codebook, column: str, values: list[object], message: str
) -> None:
    wrong = frame.assign(**{column: pd.Series(values, dtype=object)})
    with pytest.raises(InputError, match=message) as caught:
        read_frame(wrong, codebook, today=TODAY, source="request")
    assert "1234" not in str(caught.value)


def test_missing_columns_rows_and_outcomes(frame: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(InputError, match="column age: the column is missing"):
        read_frame(frame.drop(columns="age"), codebook, today=TODAY)
    with pytest.raises(InputError, match="there are no rows"):
        read_frame(frame.iloc[:0], codebook, today=TODAY)
    with pytest.raises(InputError, match="duration_weeks: the column is missing"):
        read_frame(frame, codebook, require_outcomes=True, today=TODAY)
    assert read_frame(frame, codebook, today=TODAY).outcomes is None


def test_repeated_headings_are_refused(frame: pd.DataFrame, codebook: Codebook) -> None:
    twice = pd.concat([frame, frame[["age"]]], axis=1)
    with pytest.raises(InputError, match="are both age"):
        read_frame(twice, codebook, today=TODAY)
