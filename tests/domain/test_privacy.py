"""Personal numbers in every writing, ids that only resemble them, formulas, small cells."""

from __future__ import annotations

import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.id_columns import count_id_column
from riskmodel.domain.privacy import (
    cpr_like,
    escape_formula,
    find_cpr,
    find_cpr_number,
    looks_like_free_text,
    looks_like_name,
    mask_cpr,
    mask_cpr_in_message,
    shown,
    unescape_formula,
)
from riskmodel.domain.small_cells import suppress_small_cells

NONE = np.array([], dtype=np.int64)

# Made-up numbers whose dates no living person's number has to share: the digits after the
# date are 0000 or fail the check, and 1 January 1965 is the example of the code.
WRITINGS = [
    "0101650000", "010165-0000", "010165\N{EN DASH}0000", "010165\N{EM DASH}0000",
    "010165\N{MINUS SIGN}0000", "010165\N{NON-BREAKING HYPHEN}0000", "010165 0000",
    "010165\N{NO-BREAK SPACE}0000", "010165 - 0000", "01 01 65 0000", "01-01-65-0000",
    "01.01.65-0000", "01/01/65-0000", "010165/0000", "101650000", "101650000.0", "101650000,00",
    "0101650000.0", "010165.0000", "1.0165E+8", "1,0165e8", "see 010165-0000 today",
    "cpr:0101650000", "(010165-0000)", "010165\N{ZERO WIDTH SPACE}-0000",
    "\N{FULLWIDTH DIGIT ZERO}101650000",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITINGS)
def test_every_writing_is_found_and_masked(text: str) -> None:
    hit = find_cpr(text)
    assert hit is not None
    assert hit.masked == "******-****"
    assert not set("156") & set(mask_cpr(text))


@pytest.mark.parametrize(
    "text",
    [
        "", "S1", "0", "3001", "12,5", "0.1012651234", "12.01126512", "2025-01-02", "02-01-2025",
        "2025-01-02 10:30", "12-01-2025 1015", "4501650000", "0113650000", "3002650000",
        "3104650000", "2902650000", "0001650000", "20251122-1030", "20251122103000", "1e300",
        "45 12 34 56 78", "99999999999", "101650000.5", "1.5E-3", "2E10", "9000.0000",
        "550e8400-e29b-41d4-a716-446655440000", "12ab010199-1234-4abc-8def-1234567890ab"[2:],
        "d41d8cd98f00b204e9800998ecf8427e", "abc0101650000def0",
    ],
)  # fmt: skip
def test_what_is_no_personal_number(text: str) -> None:
    assert find_cpr(text) is None


def test_leap_days_and_administrative_days() -> None:
    assert find_cpr("2902640000") is not None
    assert find_cpr("2902000000") is not None
    hit = find_cpr("610165-0000")
    assert hit is not None
    assert hit.administrative
    assert hit.masked == "******-****"
    assert find_cpr("910265-0000") is None
    plain = find_cpr("310165-0000")
    assert plain is not None
    assert not plain.administrative


def test_check_digit_is_told() -> None:
    # 4*0+3*1+2*0+7*1+6*6+5*5 = 71; 71 + 4*1 + 3*0 + 2*1 = 77 = 7 * 11 with 1 0 1 0.
    checked, unchecked = find_cpr("010165-1010"), find_cpr("010165-1011")
    assert checked is not None
    assert unchecked is not None
    assert checked.mod11
    assert not unchecked.mod11


@given(st.integers(0, 9_999_999_999))
def test_numbers_and_texts_agree(number: int) -> None:
    digits = f"{number:010d}"
    from_text = find_cpr(digits)
    assert (from_text is not None) == bool(
        cpr_like(np.array([number]))[0] or (from_text and number < 100_000_000)
    )
    from_number = find_cpr_number(number)
    if from_number is not None and from_text is not None:
        assert from_number == from_text
    assert find_cpr_number(number + 10**11) is None


@given(st.text(max_size=60))
def test_masking_leaves_no_personal_number(text: str) -> None:
    assert find_cpr(mask_cpr(text)) is None


@given(st.text(max_size=12), st.sampled_from(WRITINGS), st.text(max_size=12))
def test_masking_inside_any_text(before: str, number: str, after: str) -> None:
    masked = mask_cpr(f"{before} {number} {after}")
    assert find_cpr(masked) is None


def test_messages_lose_personal_numbers_and_keep_digests() -> None:
    digest = "abc0101650000def0" * 2
    assert mask_cpr_in_message(f"digest {digest}, 1011652222333 bytes") == (
        f"digest {digest}, 1011652222333 bytes"
    )
    uuid4 = "550e8400-e29b-41d4-a716-446655440000"
    assert mask_cpr_in_message(uuid4) == uuid4
    masked = mask_cpr_in_message("no file 010165-0000.csv\nnor ab0101650000")
    assert masked == "no file ******-****.csv\nnor ab******-****"


def random_ids(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return ten random digits, zeros in front included."""
    return rng.integers(0, 10**10, n)


@pytest.mark.parametrize("n", [20, 60, 200, 2000])
def test_random_ten_digit_ids_are_let_through(n: int) -> None:
    rng = np.random.default_rng(20260701)
    refused = 0
    for _ in range(200):
        ids = random_ids(rng, n)
        bare = ids[ids >= 100_000_000]
        refused += count_id_column(bare, [], cells=n).refused
    assert refused <= 1


@pytest.mark.parametrize("n", [20, 200])
def test_random_nine_digit_ids_are_let_through(n: int) -> None:
    rng = np.random.default_rng(1)
    tables = [rng.integers(10**8, 10**9, n) for _ in range(200)]
    assert sum(count_id_column(ids, [], cells=n).refused for ids in tables) <= 1


def make_cprs(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return valid dates with random digits behind."""
    day, month = rng.integers(1, 29, n), rng.integers(1, 13, n)
    date = day * 10_000 + month * 100 + rng.integers(0, 100, n)
    return np.asarray(date * 10_000 + rng.integers(0, 10_000, n))


@pytest.mark.parametrize("n", [1, 2, 3, 10, 60, 1000])
def test_columns_of_personal_numbers_are_refused(n: int) -> None:
    numbers = make_cprs(np.random.default_rng(n), n)
    numbers = np.where(numbers < 10**9, numbers + 10**9, numbers)
    assert count_id_column(numbers, [], cells=n).refused


@pytest.mark.parametrize(("hits", "cells"), [(1, 3), (1, 20), (1, 100_000), (3, 20)])
def test_one_among_ids_of_another_form_is_refused(hits: int, cells: int) -> None:
    numbers = make_cprs(np.random.default_rng(3), hits)
    assert count_id_column(numbers, [], cells=cells).refused


@pytest.mark.parametrize("n", [3, 20, 60])
def test_one_among_ten_digit_ids_without_dates_is_chance(n: int) -> None:
    ids = np.append(random_ids(np.random.default_rng(6), n - 1) % 10**9 + 9_500_000_000, 101651011)
    assert not count_id_column(ids[ids >= 10**9], ["S0101651011"], cells=n).refused
    assert count_id_column(ids[ids >= 10**9][: n // 2], ["S0101651011"], cells=n).refused


def test_a_pair_of_ids_says_too_little() -> None:
    assert count_id_column(np.array([4_501_650_000, 1_101_651_011]), [], cells=2).refused
    assert not count_id_column(np.array([4_501_650_000, 4_601_651_011]), [], cells=2).refused


def test_hexadecimal_ids_hold_ten_digits_by_chance() -> None:
    rng = np.random.default_rng(8)
    refused = 0
    for _ in range(40):
        ids = [rng.bytes(6).hex() for _ in range(4000)]
        coded = [one for one in ids if not one.isdigit()]
        texts = [one for one in coded if sum(letter.isdigit() for letter in one) >= 9]
        refused += count_id_column(NONE, texts, cells=len(coded), coded=len(coded)).refused
    assert refused == 0
    assert count_id_column(NONE, ["ab0101650000"], cells=40, coded=1).refused
    prefixed = [f"A{number:010d}" for number in make_cprs(rng, 40)]
    assert count_id_column(NONE, prefixed, cells=40, coded=40).refused


def test_a_third_of_ten_digit_ids_is_too_much() -> None:
    rng = np.random.default_rng(4)
    mixed = np.concatenate([random_ids(rng, 40) % 10**9 + 9 * 10**9, make_cprs(rng, 20)])
    assert count_id_column(mixed, [], cells=60).refused


def test_random_uuids_are_let_through() -> None:
    rng = np.random.default_rng(5)
    ids = [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(5000)]
    assert not any(find_cpr(one) for one in ids)
    assert not count_id_column(NONE, ids, cells=5000).refused


def test_one_hyphen_is_enough_to_refuse() -> None:
    assert count_id_column(NONE, ["010165-0000"], cells=1000).refused
    assert not count_id_column(NONE, [], cells=0).refused


def test_one_nine_digit_id_needs_its_check_digit() -> None:
    assert not count_id_column(np.array([101651011]), [], cells=1).refused
    assert count_id_column(np.array([101651010]), [], cells=1).refused


def test_free_text_and_names() -> None:
    assert not looks_like_free_text([])
    assert looks_like_free_text([str(number) for number in range(21)])
    assert not looks_like_free_text(["x" * 25])
    assert looks_like_free_text(["x" * 26])
    assert looks_like_name("Person, Anden")
    assert not looks_like_name("Person")
    assert not looks_like_name("A B")


@given(st.text(max_size=30))
def test_only_short_plain_numbers_are_shown(text: str) -> None:
    found = shown(text)
    if found is not None:
        assert not any(letter.isalpha() and letter not in "eE" for letter in found)
        assert sum(letter.isdigit() for letter in found) <= 6


@pytest.mark.parametrize("text", ["Jensen", "1234567", "12-01-65", "e1", "1e5Jensen", "a\x07", ""])
def test_names_dates_and_long_numbers_are_not_shown(text: str) -> None:
    assert shown(text) is None


def test_plain_numbers_are_shown_trimmed() -> None:
    assert shown(" 12,5 ") == "12,5"


STARTS = ["=", "+", "-", "@", "\t", "\r", "\0", "\n", "＝", "'"]


@pytest.mark.parametrize("start", STARTS)
def test_formulas_are_protected(start: str) -> None:
    text = f"{start}1+1"
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(escape_formula(text)) == text


@given(st.text() | st.builds(lambda start, rest: start + rest, st.sampled_from(STARTS), st.text()))
def test_protection_gives_every_text_back(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text
    assert escape_formula(text)[:1] not in set(STARTS[:-1])


# --- Small cells ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "shown_counts"),
    [
        ([30, 27, 12], [30, 27, 12]),
        ([30, 27, 3], [30, None, None]),
        ([30, 3, 3], [30, None, None]),
        # Hidden counts are one at least, so a total of five says that both are under five.
        ([30, 2, 3], [None, None, None]),
        ([30, 9, 1, 1, 1, 1, 1], [30, None, None, None, None, None, None]),
        ([30, 1, 2], [None, None, None]),
        ([30, 0, 4], [None, 0, None]),
        ([4], [None]),
        ([0, 0], [0, 0]),
        ([], []),
    ],
)
def test_small_counts_of_a_series(counts: list[int], shown_counts: list[int | None]) -> None:
    result = suppress_small_cells(pd.Series(counts, dtype="int64"))
    assert [None if value is pd.NA else value for value in result.tolist()] == shown_counts


@pytest.mark.parametrize("min_cell", [2, 21])
def test_smallest_count_has_limits(min_cell: int) -> None:
    with pytest.raises(ValueError, match="min_cell must lie"):
        suppress_small_cells(pd.Series([30]), min_cell=min_cell)


@pytest.mark.parametrize("count", [-1, 2.5, float("nan"), float("inf")])
def test_counts_are_whole_numbers(count: float) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        suppress_small_cells(pd.Series([30.0, count]))


def find_spread(table: np.ndarray, hidden: np.ndarray, place: tuple[int, int]) -> float:
    """Return how far a hidden count can move, given totals and the counts that are shown."""
    from scipy.optimize import linprog  # noqa: PLC0415

    rows, columns = np.nonzero(hidden)
    sums = np.zeros((sum(table.shape), len(rows)))
    sums[rows, np.arange(len(rows))] = 1
    sums[table.shape[0] + columns, np.arange(len(rows))] = 1
    totals = sums @ table[hidden]
    aim = ((rows == place[0]) & (columns == place[1])).astype(float)
    ends = [linprog(sign * aim, A_eq=sums, b_eq=totals).fun for sign in (1, -1)]
    return float(-ends[1] - ends[0])


@pytest.mark.slow
def test_a_solver_finds_no_hidden_count_from_the_totals() -> None:
    rng = np.random.default_rng(6)
    tried = 0
    for _ in range(25):
        table = rng.poisson(rng.choice([2, 6, 15]), (4, 5)) + rng.integers(0, 2)
        result = suppress_small_cells(pd.DataFrame(table))
        hidden = result.isna().to_numpy()
        assert not np.any((table > 0) & (table < 5) & ~hidden)
        np.testing.assert_array_equal(result.to_numpy()[~hidden].astype(int), table[~hidden])
        if hidden.any() and (~hidden & (table > 0)).any():
            places = [tuple(place) for place in np.argwhere(hidden).tolist()]
            assert all(find_spread(table, hidden, place) > 0.5 for place in places)
            tried += len(places)
    assert tried > 100
