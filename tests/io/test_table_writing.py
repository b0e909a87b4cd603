"""Tables are written safe for spreadsheets, whole, and with the same bytes every time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.codebook import Codebook, Outcome
from riskmodel.errors import InputError
from riskmodel.io import table_writing
from riskmodel.io.table_writing import encode_table, open_table, write_table
from riskmodel.io.tables import read_cases

STARTS = ["=", "+", "-", "@", "\t", "\r", "\0", "\n"]
ENDINGS = [".csv", ".xlsx", ".parquet"]


def reparse(data: bytes, ending: str, *, danish: bool = False) -> list[list[object]]:
    """Return the cells as a spreadsheet program finds them."""
    if ending == ".xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        assert all(cell.data_type != "f" for row in sheet for cell in row)
        return [[cell.value for cell in row] for row in sheet]
    text = data.decode("utf-8-sig" if danish else "utf-8")
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""),
                                            delimiter=";" if danish else ",")]  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("start", STARTS)
def test_no_text_becomes_a_formula(ending: str, start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    frame = pd.DataFrame({text: [text, "plain"], "kind": pd.Categorical([text, "plain"])})
    for row in reparse(encode_table(frame, ending), ending):
        for cell in row:
            assert str(cell)[:1] not in STARTS


def test_numbers_stay_numbers() -> None:
    frame = pd.DataFrame({"a": [-1.5, 0.1], "b": [-3, 4], "c": [True, False], "d": ["-3", "x"]})
    assert reparse(encode_table(frame, ".csv"), ".csv")[1:] == [
        ["-1.5", "-3", "true", "'-3"], ["0.1", "4", "false", "x"],
    ]  # fmt: skip
    assert reparse(encode_table(frame, ".xlsx"), ".xlsx")[1] == [-1.5, -3, True, "'-3"]


def test_danish_files_have_commas_and_a_mark() -> None:
    data = encode_table(pd.DataFrame({"a": [-1.5], "b": ["x;y"]}), ".csv", danish=True)
    assert data == b'\xef\xbb\xbfa;b\r\n-1,5;"x;y"\r\n'


def test_every_kind_of_column() -> None:
    day = dt.datetime(2025, 2, 3)  # noqa: DTZ001
    frame = pd.DataFrame(
        {
            "float": [0.1, np.nan],
            "int": pd.array([3, None], dtype="Int64"),
            "bool": pd.array([True, None], dtype="boolean"),
            "category": pd.Categorical(["x", None]),
            "coded": pd.Categorical([1.5, None]),
            "day": [day, pd.NaT],
            "moment": [day.replace(hour=10), pd.NaT],
            "mixed": [0.5, None],
            "whole": pd.Series([np.int64(7), True], dtype=object),
            "object": pd.Series([np.float64(0.5), dt.date(2025, 2, 3)], dtype=object),
            "wide": pd.Series([np.inf, -np.inf]),
        }
    )
    frame["mixed"] = frame["mixed"].astype(object)
    text = reparse(encode_table(frame, ".csv"), ".csv")
    assert text[1] == ["0.1", "3", "true", "x", "1.5", "2025-02-03", "2025-02-03 10:00:00",
                       "0.5", "7", "0.5", "inf"]  # fmt: skip
    assert text[2] == ["", "", "", "", "", "", "", "", "true", "2025-02-03", "-inf"]
    cells = reparse(encode_table(frame, ".xlsx"), ".xlsx")
    assert cells[1] == [0.1, 3, True, "x", 1.5, day, "2025-02-03 10:00:00", 0.5, 7, 0.5, "inf"]
    assert cells[2][:8] == [None] * 8
    assert cells[2][9] == day
    danish = reparse(encode_table(frame, ".csv", danish=True), ".csv", danish=True)
    assert danish[1][0] == "0,1"
    assert danish[1][9] == "0,5"


@pytest.mark.parametrize("ending", ENDINGS)
def test_same_frame_same_bytes(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"a": [0.1, np.nan], "b": ["æ", "=x"]})
    first = encode_table(frame, ending)
    later = time.time() + 100_000
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda _=None: time.gmtime(later))
    time.sleep(1.1 if ending == ".xlsx" else 0)
    assert encode_table(frame.copy(), ending) == first


def test_unknown_ending_and_long_sheet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(InputError, match=r"got the ending '\.txt'"):
        write_table(frame, tmp_path / "out.txt")
    monkeypatch.setattr(table_writing, "XLSX_ROWS", 1)
    with pytest.raises(InputError, match=r"write \.csv or \.parquet"):
        write_table(frame, tmp_path / "out.xlsx")
    assert not list(tmp_path.iterdir())


def test_frame_without_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series([], dtype=float), "b": pd.Series([], dtype=str)})
    for ending in ENDINGS:
        write_table(frame, tmp_path / f"out{ending}")
    assert (tmp_path / "out.csv").read_bytes() == b"a,b\r\n"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("danish", [False, True])
def test_frames_one_after_the_other(ending: str, *, danish: bool, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [0.5, 1.25, np.nan], "b": ["=x", None, "æ"]})
    whole, parts = tmp_path / f"whole{ending}", tmp_path / f"parts{ending}"
    write_table(frame, whole, danish=danish)
    with open_table(parts, danish=danish) as write:
        for row in range(3):
            write(frame.iloc[row : row + 1])
        assert not parts.exists()
    if ending == ".parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(parts), pd.read_parquet(whole))
    else:
        assert parts.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_frame_gives_no_file(ending: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to write"), open_table(tmp_path / f"o{ending}"):
        pass
    with pytest.raises(InputError, match="got the ending"), open_table(tmp_path / "o.txt"):
        pass
    with pytest.raises(ZeroDivisionError), open_table(tmp_path / f"o{ending}") as write:
        write(pd.DataFrame({"a": [1 // len("")]}))
    assert not list(tmp_path.iterdir())


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Nd", "Zs", "Zl", "Zp"]),
    min_size=1, max_size=6,
)  # fmt: skip
IDS = st.builds(
    lambda start, word: start + word, st.sampled_from(["", *STARTS[:4], "'", "_x0041_"]), WORDS
)


@st.composite
def make_frames(draw: st.DrawFn) -> pd.DataFrame:
    """Return cases with any ids, numbers to the last digit, and any missing cells."""
    n = draw(st.integers(1, 6))
    ids = draw(st.lists(IDS, min_size=n, max_size=n, unique=True))

    def column(values: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(st.none() | values, min_size=n, max_size=n))

    return pd.DataFrame(
        {
            "case_id": [f"{one}{place}" for place, one in enumerate(ids)],
            "person_id": draw(st.lists(IDS, min_size=n, max_size=n)),
            "municipality": pd.Series(column(WORDS), dtype="str"),
            "assessed_week": np.zeros(n),
            "expected_weeks": pd.Series(column(st.floats(0, 104)), dtype=float),
            "age": pd.Series(column(st.integers(16, 70)), dtype=float),
            "function": pd.Categorical(column(st.sampled_from(["0", "1", "2"]))),
            "diagnosis": pd.Series(column(st.sampled_from(["back", "breath"])), dtype="str"),
            "employer_talk": pd.Series(column(st.booleans()), dtype="boolean"),
            "first_day": pd.to_datetime(
                pd.Series(column(st.dates(dt.date(1990, 1, 1), dt.date(2026, 1, 1))),
                          dtype="datetime64[s]")
            ),
        }
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "danish", "xlsx", "parquet"])
@given(frame=make_frames())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_is_read(
    ending: str, frame: pd.DataFrame, codebook: Codebook, tmp_path: Path
) -> None:
    bare = replace(codebook, outcome=Outcome())
    danish = ending == "danish"
    path = tmp_path / f"cases.{'csv' if danish else ending}"
    write_table(frame, path, danish=danish)
    try:
        cases = read_cases(path, bare)
    except InputError as error:
        # Numbers such as 1,234 alone in a file are refused, as they may be thousands.
        assert "thousands or as decimals" in str(error)  # noqa: PT017
        return
    import unicodedata  # noqa: PLC0415

    for array, name in ((cases.case_id, "case_id"), (cases.group, "person_id")):
        expected = [unicodedata.normalize("NFC", one) for one in frame[name]]
        assert array.tolist() == expected
    np.testing.assert_array_equal(cases.fields["expected_weeks"], frame["expected_weeks"])
    np.testing.assert_array_equal(cases.fields["age"], frame["age"])
    for name in ("function", "diagnosis"):
        assert cases.fields[name].astype(object).where(
            cases.fields[name].notna(), None
        ).tolist() == (frame[name].astype(object).where(frame[name].notna(), None).tolist())
    assert (cases.fields["employer_talk"] == "yes").tolist() == [
        one is not pd.NA and bool(one) for one in frame["employer_talk"]
    ]
    pd.testing.assert_series_equal(
        cases.fields["first_day"], frame["first_day"].astype("datetime64[s]"), check_names=False
    )
