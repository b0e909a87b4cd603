"""Shares with limits, which show nothing of few people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.stats.intervals import wilson

__all__ = ["HIDDEN", "OTHER", "GroupShare", "Share", "estimate_share", "estimate_shares_by"]

BoolArray = npt.NDArray[np.bool_]
OTHER = "(other)"


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


HIDDEN = Share(None, None, None, None, None)


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
        return HIDDEN
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
    """Return the share within each group; small groups are told together, under `OTHER`.

    Together go the groups in which few, but some, have the property or lack it, and as many
    of the smallest others as it takes. So nothing is left to be hidden, and the totals
    reveal nothing of few people.

    Parameters
    ----------
    group : Series of str, shape (n,)
        Team, month or tier; missing values are left out.
    yes, case_id, min_cell
        As in `estimate_share`.

    Returns
    -------
    tuple of GroupShare
        Sorted by name, `OTHER` last; empty where all groups together are too small.
    """
    known = group.notna().to_numpy()
    kept = group[known].astype(str).to_numpy(dtype=object)
    if not len(kept):
        return ()
    chosen, cases = yes[known], case_id[known]
    pooled = _choose_pooled(kept, chosen, min_cell)
    if pooled is None:
        return ()
    names = np.where(np.isin(kept, list(pooled)), OTHER, kept)
    listed = sorted({str(one) for one in names}, key=lambda name: (name == OTHER, name))
    return tuple(
        GroupShare(name, _make_share(chosen[names == name], cases[names == name]))
        for name in listed
    )


def _choose_pooled(
    names: npt.NDArray[np.object_], yes: BoolArray, min_cell: int
) -> set[str] | None:
    """Return the groups to be told together, or None where even all together are too small."""

    def is_small(group: set[str]) -> bool:
        rows = np.isin(names, list(group))
        count = int(np.sum(yes[rows]))
        return any(0 < one < min_cell for one in (count, int(rows.sum()) - count, int(rows.sum())))

    listed, sizes = np.unique(names.astype(np.str_), return_counts=True)
    by_size = [str(one) for one in listed[np.argsort(sizes, kind="stable")]]
    pooled = {one for one in by_size if is_small({one})}
    if not pooled:
        return pooled
    for one in by_size:
        if len(pooled) > 1 and not is_small(pooled):
            break
        pooled.add(one)
    return None if is_small(pooled) else pooled
