"""Shares with limits, which show nothing of few people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.small_cells import suppress_small_cells
from riskmodel.stats.intervals import wilson

__all__ = ["GroupShare", "Share", "estimate_share", "estimate_shares_by"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of decisions with its 95 % limits.

    Parameters
    ----------
    count, n : int or None
        Decisions with the property, and decisions; None where hidden.
    value, low, high : float or None
        In [0, 1]; None where hidden, or there is no decision.
    """

    count: int | None
    n: int | None
    value: float | None
    low: float | None
    high: float | None

    @property
    def shown(self) -> bool:
        """Whether there is a figure to show."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A share within one team or month."""

    name: str
    share: Share


_HIDDEN = Share(None, None, None, None, None)


def estimate_share(yes: BoolArray, case_id: npt.NDArray[np.str_], *, min_cell: int) -> Share:
    """Return a share with Wilson's limits, wider where cases were decided several times.

    Decisions of one case resemble each other; the limits are those of as many independent
    decisions as carry the same information (linearised variance over cases).

    Parameters
    ----------
    yes : ndarray of bool, shape (n,)
        Which decisions have the property.
    case_id : ndarray of str, shape (n,)
        The case of each.
    min_cell : int
        The share is hidden where fewer than this, but some, have the property or lack it.

    References
    ----------
    Korn & Graubard (1998), Surv Methodol 24:193-201, effective sample size.

    Examples
    --------
    >>> cases = np.array([f"S-{one}" for one in range(40)])
    >>> estimate_share(np.arange(40) < 30, cases, min_cell=5).count
    30
    """
    n, count = len(yes), int(np.sum(yes))
    if n == 0:
        return Share(0, 0, None, None, None)
    if any(0 < one < min_cell for one in (n, count, n - count)):
        return _HIDDEN
    return _make_share(yes, case_id)


def _make_share(yes: BoolArray, case_id: npt.NDArray[np.str_]) -> Share:
    n, count = len(yes), int(np.sum(yes))
    value = count / n
    names, codes = np.unique(case_id, return_inverse=True)
    m = len(names)
    if 0 < count < n and m > 1:
        sums = np.bincount(codes, weights=yes - value, minlength=m)
        design = (float(np.sum(sums**2)) * m / (m - 1)) / (n * value * (1 - value))
    else:
        design = n / m
    size = n / max(1.0, design)
    low, high = wilson(value * size, size)
    return Share(count, n, value, float(low), float(high))


def estimate_shares_by(
    group: pd.Series, yes: BoolArray, case_id: npt.NDArray[np.str_], *, min_cell: int
) -> tuple[GroupShare, ...]:
    """Return the share within each group, with enough hidden that totals reveal nothing.

    Parameters
    ----------
    group : Series of str, shape (n,)
        Team or month; missing values are left out.
    yes, case_id, min_cell
        As in `estimate_share`.

    Returns
    -------
    tuple of GroupShare
        Sorted by name.
    """
    known = group.notna().to_numpy()
    kept = group[known].astype(str).to_numpy()
    if not len(kept):
        return ()
    chosen, cases = yes[known], case_id[known]
    counts = pd.crosstab(pd.Series(kept, name="group"), pd.Series(chosen, name="yes"))
    counts = counts.reindex(columns=[False, True], fill_value=0).astype("int64")
    shown = suppress_small_cells(counts, min_cell=min_cell)
    found = []
    for name in counts.index:
        rows = kept == name
        whole = not bool(shown.loc[name].isna().any()) and int(rows.sum()) >= min_cell
        share = _make_share(chosen[rows], cases[rows]) if whole else _HIDDEN
        found.append(GroupShare(str(name), share))
    return tuple(found)
