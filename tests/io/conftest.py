"""A small codebook, and case files to read with it; all cases are made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook, Field, Level, Outcome
from riskmodel.domain.labels import Label
from riskmodel.io.tables import read_cases

HEADINGS = (
    "case_id", "person_id", "municipality", "assessed_week", "expected_weeks", "age",
    "function", "diagnosis", "employer_talk", "sex", "first_day", "end_date",
    "duration_weeks", "ended", "end_reason",
)  # fmt: skip


def make_field(name: str, da: str, en: str, kind: str, **more: object) -> Field:
    """Return a field that is known at intake."""
    return Field(name=name, label=Label(da, en), type=kind, **{"known_at": "intake", **more})


def make_levels(*texts: tuple[str, str, str]) -> tuple[Level, ...]:
    """Return levels from value, Danish and English label."""
    return tuple(Level(value, Label(da, en)) for value, da, en in texts)


FIELDS = (
    make_field("expected_weeks", "Borgerens forventede varighed", "Citizen's expected duration",
               "number", range=(0.0, 104.0), unit="weeks", missing_codes=("998", "uoplyst")),
    make_field("age", "Alder", "Age", "number", range=(16.0, 70.0), unit="years"),
    make_field("function", "Funktionsniveau", "Function level", "ordinal",
               levels=make_levels(("0", "Ingen", "None"), ("1", "Let", "Mild"),
                                  ("2", "Svær", "Severe"))),
    make_field("diagnosis", "Diagnosegruppe", "Diagnosis group", "category",
               levels=make_levels(("back", "Ryg", "Back"), ("stress", "Stress", "Stress"),
                                  ("breath", "Åndenød", "Breathlessness")),
               missing_codes=("999",)),
    make_field("employer_talk", "Sygefraværssamtale", "Talk with the employer", "yes_no"),
    make_field("sex", "Køn", "Sex", "category", use="audit",
               levels=make_levels(("f", "Kvinde", "Woman"), ("m", "Mand", "Man"))),
    make_field("first_day", "Første fraværsdag", "First absence day", "date", use="context"),
    make_field("end_date", "Ophørsdato", "Date of ending", "date", use="context",
               known_at="closure"),
)  # fmt: skip


@pytest.fixture(name="codebook", scope="session")
def _codebook() -> Codebook:
    return Codebook(
        name="small",
        version="1",
        data_kind="case_records",
        key="case_id",
        group="person_id",
        site="municipality",
        assessed_week="assessed_week",
        fields=FIELDS,
        outcome=Outcome(
            end_reason="end_reason",
            reasons=make_levels(("fit", "Rask", "Fit"), ("flex", "Fleksjob", "Flex job")),
            recovery=("fit",),
            max_weeks=520,
        ),
        horizons=(8.0, 26.0),
    )


@pytest.fixture(name="rows")
def _rows() -> list[dict[str, str]]:
    """Six assessments of five cases, in Danish writing."""
    listed = [
        "S1 P1 Lejre 0 12,5 40 0 back ja f 03-02-2025 01-06-2025 16,9 ja fit",
        "S1 P1 Lejre 8 20 40 1 back ja f 03-02-2025 01-06-2025 16,9 ja fit",
        "S2 P2 Greve 0 26 55 2 stress nej m 10-03-2025 - 40 nej -",
        "S3 P3 Greve 0 4 31 0 breath ja f 14-04-2025 30-04-2025 2,3 ja fit",
        "S4 P4 Lejre 0 - 62 - - - m 21-04-2025 30-11-2025 31,9 ja flex",
        "S5 P5 Lejre 0 8,25 28 1 stress ja f 28-04-2025 09-06-2025 6 ja fit",
    ]
    return [
        dict(zip(HEADINGS, ["" if one == "-" else one for one in row.split()], strict=True))
        for row in listed
    ]


def join_csv(rows: list[dict[str, str]], delimiter: str = ";", end: str = "\r\n") -> str:
    """Return rows as delimited text, without quotes."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(delimiter.join(line) + end for line in lines)


@pytest.fixture(name="today")
def _today() -> dt.date:
    return dt.date(2026, 7, 1)


@pytest.fixture(name="write_cases")
def _write_cases(tmp_path: Path, rows: list[dict[str, str]]) -> Callable[..., Path]:
    """Write the rows, changed by a function or replaced by bytes, as a file."""

    def write(
        change: Callable[[list[dict[str, str]]], object] | None = None,
        *,
        name: str = "cases.csv",
        edit: Callable[[str], str] = str,
        encoding: str = "utf-8",
        data: bytes | None = None,
        **how: str,
    ) -> Path:
        if change is not None:
            change(rows)
        path = tmp_path / name
        path.write_bytes(edit(join_csv(rows, **how)).encode(encoding) if data is None else data)
        return path

    return write


def _compare_cases(one: CaseTable, other: CaseTable) -> None:
    """Compare everything that two tables hold."""
    for name in ("case_id", "group", "site"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    np.testing.assert_array_equal(one.assessed_week, other.assessed_week)
    pd.testing.assert_frame_equal(one.fields, other.fields)
    assert (one.outcomes is None) == (other.outcomes is None)
    if one.outcomes is not None and other.outcomes is not None:
        for name in ("duration_weeks", "ended", "recovered"):
            np.testing.assert_array_equal(
                getattr(one.outcomes, name), getattr(other.outcomes, name)
            )


@pytest.fixture(name="assert_same_cases", scope="session")
def _assert_same_cases() -> Callable[[CaseTable, CaseTable], None]:
    return _compare_cases


@pytest.fixture(name="cases")
def _cases(write_cases: Callable[..., Path], codebook: Codebook) -> CaseTable:
    return read_cases(write_cases(), codebook)


def _as_typed(column: str, text: str) -> object:
    """Return a cell as a spreadsheet program types it."""
    if not text:
        return None
    if column in {"expected_weeks", "age", "assessed_week", "duration_weeks", "function"}:
        return float(text.replace(",", "."))
    if column in {"first_day", "end_date"}:
        return dt.datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=None)  # noqa: DTZ007
    if column in {"employer_talk", "ended"}:
        return text == "ja"
    return text


@pytest.fixture(name="as_typed", scope="session")
def _fixture_as_typed() -> Callable[[str, str], object]:
    return _as_typed
