"""No message repeats a cell of text, whatever column it stands in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.domain.codebook import Codebook
from riskmodel.errors import InputError
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.tables import read_cases_with_notes

pytestmark = pytest.mark.slow  # whole commands, or many tables

Rows = list[dict[str, str]]

# Two rare letters at either end, so that no word of a message is found in it by chance.
WORDS = st.builds(
    lambda middle, digits: f"Xq{middle}{digits}qX",
    st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=12),
    st.sampled_from(["", "7", "1987", "12,5", " ", "-3"]),
)


N_COLUMNS = 15


def write_rows(rows: Rows, path: Path) -> Path:
    """Write rows as a Danish spreadsheet program does."""
    pd.DataFrame(rows).to_csv(path, sep=";", index=False)
    return path


def find_echo(word: str, texts: list[str]) -> str | None:
    return next(
        (text for text in texts if word in text or word.casefold() in text.casefold()), None
    )


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=WORDS, place=st.tuples(st.integers(0, 5), st.integers(0, N_COLUMNS - 1)))
def test_cells_of_text(
    word: str,
    place: tuple[int, int],
    codebook: Codebook,
    rows: Rows,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    changed = [dict(one) for one in rows]
    row, column = place
    changed[row][list(rows[0])[column]] = word
    path = write_rows(changed, tmp_path / "cases.csv")
    told: list[str] = []
    readers: list[Callable[[], object]] = [
        lambda: told.extend(read_cases_with_notes(path, codebook).notes),
        lambda: read_frame(pd.DataFrame(changed), codebook),
    ]
    with caplog.at_level(logging.DEBUG):
        for read in readers:
            try:
                read()
            except InputError as error:
                told += [str(error), *map(repr, error.faults)]
    assert find_echo(word, [*told, caplog.text]) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(WORDS, min_size=N_COLUMNS, max_size=N_COLUMNS, unique=True),
    known=st.integers(0, 3),
)
def test_a_first_row_of_cells_is_not_repeated_as_headings(
    words: list[str], known: int, codebook: Codebook, rows: Rows, tmp_path: Path
) -> None:
    headings = [*list(rows[0])[:known], *words[known:]]
    renamed = [dict(zip(headings, one.values(), strict=True)) for one in rows]
    path = write_rows(renamed, tmp_path / "cases.csv")
    for read in (
        lambda: read_cases_with_notes(path, codebook),
        lambda: read_frame(pd.DataFrame(renamed), codebook),
    ):
        with pytest.raises(InputError) as caught:
            read()
        assert all(word not in str(caught.value) for word in words)
