"""Small cells: counts of few people are hidden, with enough others to keep them hidden."""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["MIN_CELL", "Protection", "protect_small_groups", "suppress_small_cells"]

MIN_CELL = 5
ROUNDED_FROM = 10
LOWEST_MIN_CELL, HIGHEST_MIN_CELL = 3, 20

Counts = TypeVar("Counts", pd.Series, pd.DataFrame)
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Protection = Literal["shown", "rounded", "hidden"]


def suppress_small_cells(counts: Counts, *, min_cell: int = MIN_CELL) -> Counts:
    """Hide counts of few people, and as many more as it takes to keep them hidden.

    A count from 1 to `min_cell` - 1 becomes missing. Since totals are usually known too,
    the smallest other counts are hidden until none of the hidden ones follows from the
    totals (of a series; of the rows and of the columns of a frame) and each could be
    `min_cell` or more by the total of its line. Zeros stay, so a hidden count is one or more.

    Parameters
    ----------
    counts : Series or DataFrame of int
        Numbers of people; a frame's rows and columns are both summed by readers.
    min_cell : int
        Smallest count that is shown, from 3 to 20.

    Returns
    -------
    Series or DataFrame of Int64
        The same labels, hidden counts missing.

    Raises
    ------
    ValueError
        If `min_cell` is out of reach, or a count is negative or no whole number.

    Examples
    --------
    >>> import pandas as pd
    >>> suppress_small_cells(pd.Series({"A": 30, "B": 27, "C": 3})).tolist()
    [30, <NA>, <NA>]
    """
    if not LOWEST_MIN_CELL <= min_cell <= HIGHEST_MIN_CELL:
        msg = f"min_cell must lie in [{LOWEST_MIN_CELL}, {HIGHEST_MIN_CELL}], got {min_cell}."
        raise ValueError(msg)
    given = counts.to_numpy(dtype=float, na_value=np.nan)
    if not np.all(np.isfinite(given) & (given >= 0) & (given == np.floor(given))):
        msg = "counts must be whole numbers that are not negative, without missing values."
        raise ValueError(msg)
    cells = np.atleast_2d(given.astype(np.int64))
    hidden = _choose_hidden(cells, min_cell, sums_down=given.ndim == 2)
    return counts.astype("Int64").mask(hidden.reshape(given.shape))


def _choose_hidden(cells: IntArray, min_cell: int, *, sums_down: bool) -> BoolArray:
    hidden = (cells > 0) & (cells < min_cell)
    while hidden.any():
        exposed = _find_exposed_lines(cells, hidden, min_cell, sums_down=sums_down)
        free = (cells > 0) & ~hidden
        if not exposed.any() or not free.any():
            break
        nearby = free & exposed if (free & exposed).any() else free
        smallest = np.where(nearby, cells, np.iinfo(np.int64).max).argmin()
        hidden.flat[smallest] = True
    return hidden


def _find_exposed_lines(
    cells: IntArray, hidden: BoolArray, min_cell: int, *, sums_down: bool
) -> BoolArray:
    """Cells in a line from which a hidden count, or a small sum of hidden counts, follows."""
    exposed = np.zeros(cells.shape, dtype=bool)
    for row, column in zip(*_find_determined(hidden, sums_down=sums_down), strict=True):
        exposed[row] = True
        if sums_down:
            exposed[:, column] = True
    sums = np.where(hidden, cells, 0)
    exposed[_tells_too_much(hidden, sums, min_cell, axis=1)] = True
    if sums_down:
        exposed[:, _tells_too_much(hidden, sums, min_cell, axis=0)] = True
    return exposed


def _tells_too_much(hidden: BoolArray, sums: IntArray, min_cell: int, *, axis: int) -> BoolArray:
    """Lines whose total bars a hidden count from being `min_cell`, as each other is one or more."""
    n_hidden = hidden.sum(axis=axis)
    found: BoolArray = (n_hidden > 0) & (sums.sum(axis=axis) - (n_hidden - 1) < min_cell)
    return found


def _find_determined(
    hidden: BoolArray, *, sums_down: bool
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of hidden counts that the totals fix: no change of the others moves them."""
    rows, columns = np.nonzero(hidden)
    n = len(rows)
    sums = np.zeros((sum(hidden.shape), n))
    sums[rows, np.arange(n)] = 1.0
    if sums_down:
        sums[hidden.shape[0] + columns, np.arange(n)] = 1.0
    _, size, directions = np.linalg.svd(sums, full_matrices=True)
    rank = int(np.sum(size > 1e-9))
    fixed = np.all(np.abs(directions[rank:]) < 1e-9, axis=0)
    return rows[fixed], columns[fixed]


def protect_small_groups(
    events: IntArray, others: IntArray, min_cell: int, *, near: BoolArray | None = None
) -> tuple[Protection, ...]:
    """Tell how each level may be shown so that no count of few persons can be worked out.

    A level with fewer than `min_cell` persons with, or without, the event is hidden. Since
    totals are shown too, the smallest other levels are protected with it until at least two
    levels are, and until together they hold `min_cell` persons of each kind. Those with
    ten times `min_cell` persons of each kind keep their figures, rounded; smaller ones are
    hidden.

    Parameters
    ----------
    events, others : ndarray of int, shape (n_levels,)
        Persons with and without the event.
    min_cell : int
        Smallest number of persons that may be shown.
    near : ndarray of bool, shape (n_levels,), optional
        Levels that are hidden for another reason; those hidden with them must hold enough
        persons on their own.

    Returns
    -------
    tuple of {"shown", "rounded", "hidden"}

    Examples
    --------
    >>> protect_small_groups(np.array([30, 12, 2]), np.array([40, 50, 9]), 5)
    ('shown', 'hidden', 'hidden')
    >>> protect_small_groups(np.array([300, 120, 2]), np.array([400, 500, 9]), 5)
    ('shown', 'rounded', 'hidden')
    """
    events, others = np.asarray(events), np.asarray(others)
    empty = events + others == 0
    few = ((events < min_cell) | (others < min_cell)) & ~empty
    if near is not None:
        few, empty = few | near, empty & ~near
    kept_back = few.copy()
    while kept_back.any():
        short = min(events[kept_back].sum(), others[kept_back].sum()) < min_cell
        shown = ~kept_back & ~empty
        if not shown.any() or (kept_back.sum() > 1 and not short):
            break
        size = np.where(shown, events + others, np.iinfo(np.int64).max)
        kept_back[int(np.argmin(size))] = True
    large = np.minimum(events, others) >= ROUNDED_FROM * min_cell
    found: list[Protection] = []
    for hidden, back, many in zip(few | empty, kept_back, large, strict=True):
        if hidden or (back and not many):
            found.append("hidden")
        else:
            found.append("rounded" if back else "shown")
    return tuple(found)
