"""Encoding: codebook levels become codes, numbers stay, missing is NaN."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.codebook import Codebook, Field, Level
from riskmodel.domain.labels import Label
from riskmodel.io.frame_cases import read_frame
from riskmodel.model.binning import InputSpec
from riskmodel.model.encoding import encode_fields, find_input_specs


def make_field(name: str, kind: str, **more: object) -> Field:
    return Field(name=name, label=Label(name, name), type=kind, known_at="intake", **more)


LEVELS = tuple(Level(value, Label(value, value)) for value in ("low", "mid", "high"))


@pytest.fixture
def small() -> Codebook:
    return Codebook(
        name="small",
        version="1",
        data_kind="synthetic",
        key="case_id",
        assessed_week="week",
        fields=(
            make_field("age", "number", range=(0.0, 99.0), direction="decreasing"),
            make_field("grade", "ordinal", levels=LEVELS, direction="increasing"),
            make_field("kind", "category", levels=LEVELS),
            make_field("sex", "category", levels=LEVELS, use="audit"),
            make_field("helped", "yes_no"),
        ),
    )


def read(small, **columns):
    n = len(next(iter(columns.values())))
    blank = {one.name: [None] * n for one in small.fields}
    rows = {"case_id": [f"SYN-{row}" for row in range(n)], "week": [0.0] * n}
    return read_frame(pd.DataFrame({**rows, **blank, **columns}), small)


def test_levels_become_their_place_in_the_codebook(small):
    table = read(
        small,
        age=[30.5, None],
        grade=["high", "low"],
        kind=["mid", None],
        sex=["low", "low"],
        helped=["yes", "no"],
        week=[8.0, 12.5],
    )
    expected = [[30.5, 2, 1, 1, 8], [np.nan, 0, np.nan, 0, 12.5]]
    np.testing.assert_array_equal(encode_fields(table), expected)


def test_specs_follow_the_indicators(small):
    assert find_input_specs(small) == (
        InputSpec("age", "number", 0, -1),
        InputSpec("grade", "ordinal", 3, 1),
        InputSpec("kind", "category", 3, 0),
        InputSpec("helped", "ordinal", 2, 0),
        InputSpec("week", "number", 0, 0),
    )
    assert find_input_specs(replace(small, assessed_week=0.0))[-1].name == "helped"


def test_no_rows_keep_their_columns(small):
    table = read(small, age=[1.0]).take(np.array([], dtype=int))
    assert encode_fields(table).shape == (0, 5)
