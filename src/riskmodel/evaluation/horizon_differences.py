"""Keeps the horizons of one table far enough apart that subtracting them shows no few persons.

A level with 30 courses beyond week 8 and 28 beyond week 26 says that two of its people ended in
between, though each count alone is large.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskmodel.evaluation.groups import Grouping
from riskmodel.evaluation.judged_rows import JudgedRows
from riskmodel.stats.arrays import BoolArray, IntArray

__all__ = ["find_few_between_horizons"]

KINDS = ("long", "short")


def find_few_between_horizons(
    judged: JudgedRows, shown: Sequence[JudgedRows], split: Grouping | None, min_cell: int
) -> BoolArray:
    """Tell which levels differ by few persons from an earlier table of the same levels.

    Parameters
    ----------
    judged : JudgedRows
        Rows of this table's horizon.
    shown : sequence of JudgedRows
        Rows of the tables taken before, at other horizons.
    split : Grouping or None
        The levels; None for all rows together.
    min_cell : int
        Fewest persons that a difference may show.

    Returns
    -------
    ndarray of bool, shape (n_levels,)
        Levels to hide: those that differ by few, and as many more as it takes for the hidden
        ones together not to differ by few.
    """
    n_levels = 1 if split is None else len(split.levels)
    few = np.zeros(n_levels, dtype=np.bool_)
    for other in shown:
        for kind in KINDS:
            few |= _mark_few(_count_between(judged, other, kind, split, n_levels), min_cell)
    return few


def _count_between(
    judged: JudgedRows, other: JudgedRows, kind: str, split: Grouping | None, n_levels: int
) -> IntArray:
    """Persons by level with a row that counts as this kind in one of the tables only."""
    own, earlier = (_rows_of(one, kind) for one in (judged, other))
    rows = np.setxor1d(own, earlier)
    person_of = dict(zip(judged.rows.tolist(), judged.person.tolist(), strict=True))
    person_of |= dict(zip(other.rows.tolist(), other.person.tolist(), strict=True))
    persons = np.array([person_of[row] for row in rows.tolist()], dtype=np.intp)
    level = np.zeros(len(rows), dtype=np.intp) if split is None else split.level_of[rows]
    pairs = np.unique(np.column_stack([level, persons]), axis=0)
    return np.bincount(pairs[:, 0], minlength=n_levels)


def _rows_of(judged: JudgedRows, kind: str) -> IntArray:
    return np.asarray(judged.rows[judged.y == (1.0 if kind == "long" else 0.0)])


def _mark_few(between: IntArray, min_cell: int) -> BoolArray:
    marked = (between > 0) & (between < min_cell)
    while marked.any() and between[marked].sum() < min_cell:
        free = ~marked & (between > 0)
        if not free.any():
            return np.ones(len(between), dtype=np.bool_)
        marked[np.argmin(np.where(free, between, np.iinfo(np.intp).max))] = True
    return np.asarray(marked)
