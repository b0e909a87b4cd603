"""No hidden count of few people can be worked out from the counts that are shown."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.review_cells import choose_hidden_counts

MIN_CELL = 5
KINDS = ("not_stated", "not_applicable", "open")


@st.composite
def draw_tables(draw):
    n_levels = draw(st.integers(1, 6))
    levels = [f"level{number}" for number in range(n_levels)]
    sizes = st.one_of(st.integers(0, 6), st.integers(0, 40))
    counts = {name: draw(sizes) for name in (*levels, *KINDS)}
    cut = draw(st.integers(0, n_levels))
    groups = {"answered": levels, "pool1": levels[:cut], "pool2": levels[cut:]}
    hidden = draw(st.sets(st.sampled_from(["pool1", "pool2"])))
    return counts, {name: group for name, group in groups.items() if group}, hidden


def list_derivable_sums(counts, groups, hidden) -> list[frozenset[str]]:
    """Every set of answers whose sum follows from the shown counts by adding and subtracting."""
    names = list(counts)
    shown = [names] + [[name] for name in names if name not in hidden]
    shown += [list(group) for name, group in groups.items() if name not in hidden]
    rows = np.array([[float(name in group) for name in names] for group in shown])
    _, size, directions = np.linalg.svd(rows, full_matrices=True)
    free = directions[int(np.sum(size > 1e-9)) :]
    found = []
    for length in range(1, len(names) + 1):
        for chosen in combinations(range(len(names)), length):
            wanted = np.zeros(len(names))
            wanted[list(chosen)] = 1.0
            if np.all(np.abs(free @ wanted) < 1e-9):
                found.append(frozenset(names[place] for place in chosen))
    return found


@given(draw_tables())
def test_no_small_count_follows_from_what_is_shown(table) -> None:
    counts, groups, given_hidden = table
    hidden = choose_hidden_counts(counts, groups, min_cell=MIN_CELL, hidden=given_hidden)
    if hidden == frozenset((*counts, *groups)):
        return  # nothing at all is told but the total
    for group in list_derivable_sums(counts, groups, hidden):
        total = sum(counts[name] for name in group)
        present = [name for name in group if counts[name]]
        # The largest that one of them may be, when each of the others is at least one.
        assert total == 0 or total - len(present) + 1 >= MIN_CELL, group


@given(draw_tables())
def test_counts_without_small_cells_are_all_shown(table) -> None:
    counts, groups, _ = table
    plenty = {name: value + MIN_CELL for name, value in counts.items()}
    assert choose_hidden_counts(plenty, groups, min_cell=MIN_CELL) == frozenset()


def test_what_follows_from_the_spread_and_the_total_is_hidden() -> None:
    """Spread 5 + 18 + 17 + 19 of 60 told that one case was not stated."""
    counts = {"a": 5, "b": 18, "c": 17, "d": 19, "not_stated": 1}
    hidden = choose_hidden_counts(counts, {"answered": "abcd"}, min_cell=MIN_CELL)
    assert hidden == {"a", "answered", "not_stated"}
    two = {"a": 1, "b": 29, "c": 29, "d": 1}
    hidden = choose_hidden_counts(two, {"answered": "abcd"}, min_cell=MIN_CELL)
    assert len(hidden) == 3
    assert {"a", "d"} < hidden


def test_groups_must_be_nested() -> None:
    with pytest.raises(ValueError, match="overlap"):
        choose_hidden_counts({"a": 9, "b": 9, "c": 9}, {"x": "ab", "y": "bc"}, min_cell=5)


def test_a_count_shown_under_another_name_is_not_hidden_in_vain() -> None:
    counts = {"low": 23, "middle": 14, "high": 16, "not_stated": 7}
    groups = {"answered": ("low", "middle", "high"), "pool": ("low",)}
    hidden = choose_hidden_counts(counts, groups, min_cell=MIN_CELL, hidden=["pool"])
    assert hidden == frozenset()
