"""Whether two raters, or one rater twice, say the same of the same subjects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import FloatArray, check_columns, check_weights
from riskmodel.stats.resampling import BootstrapInterval, bootstrap_interval

__all__ = [
    "cohen_kappa",
    "gwet_ac1",
    "icc_2_1",
    "interval_of_agreement",
    "observed_agreement",
]

Disagreement = Literal["nominal", "linear", "quadratic"]


def observed_agreement(
    first: npt.ArrayLike, second: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    """Return the share of subjects that both raters put in the same category.

    In [0, 1]; the larger the better, but raters who guess agree now and then too.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Categories by the two raters; no missing values.
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0.

    Returns
    -------
    float

    Examples
    --------
    >>> observed_agreement(["yes", "no", "no"], ["yes", "yes", "no"])
    0.6666666666666666
    """
    return float(np.trace(_table(first, second, None, sample_weight)))


def cohen_kappa(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    levels: Sequence[object] | None = None,
    disagreement: Disagreement = "nominal",
    sample_weight: npt.ArrayLike | None = None,
) -> float:
    r"""Return Cohen's kappa: agreement beyond what the raters' own habits would give.

    :math:`\kappa = 1 - \sum v_{jk} p_{jk} / \sum v_{jk} p_{j\cdot} p_{\cdot k}`, with v the
    weight of each disagreement. At most 1; 0 is chance, below 0 is worse than chance.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Categories by the two raters; no missing values.
    levels : sequence, optional
        All categories in order, also those nobody used; needed for linear and quadratic
        disagreement. Default: the categories seen.
    disagreement : {"nominal", "linear", "quadratic"}
        Whether levels further apart disagree more: not at all, by distance, or by its
        square.
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0.

    Returns
    -------
    float
        NaN where both raters used one and the same category only.

    Raises
    ------
    ValueError
        If lengths differ, a category is not among the levels, or levels are needed.

    Notes
    -----
    Low when one category dominates, however well the raters agree; see `gwet_ac1`.

    References
    ----------
    Cohen (1960), Educ Psychol Meas 20:37-46. https://doi.org/10.1177/001316446002000104
    Cohen (1968), Psychol Bull 70:213-220. https://doi.org/10.1037/h0026256

    Examples
    --------
    >>> first = ["yes"] * 25 + ["no"] * 25
    >>> second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    >>> round(cohen_kappa(first, second), 3)
    0.4
    """
    if disagreement != "nominal" and levels is None:
        msg = f"{disagreement} disagreement needs the levels in their order."
        raise ValueError(msg)
    table = _table(first, second, levels, sample_weight)
    distance = np.abs(np.subtract.outer(np.arange(len(table)), np.arange(len(table))))
    power = {"nominal": 0, "linear": 1, "quadratic": 2}[disagreement]
    cost = np.where(distance > 0, distance.astype(np.float64) ** power, 0.0)
    by_chance = float(np.sum(cost * np.outer(table.sum(axis=1), table.sum(axis=0))))
    return 1.0 - float(np.sum(cost * table)) / by_chance if by_chance > 0 else float("nan")


def gwet_ac1(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    levels: Sequence[object] | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> float:
    r"""Return Gwet's AC1: agreement beyond chance that stays high where one category is rare.

    :math:`(p_a - p_e) / (1 - p_e)` with :math:`p_e = \sum_k \pi_k (1 - \pi_k) / (K - 1)`
    and :math:`\pi_k` the mean use of category k. At most 1; 0 is chance.

    Parameters
    ----------
    first, second, sample_weight
        As in `cohen_kappa`.
    levels : sequence, optional
        All categories, also those nobody used. Default: the categories seen.

    Returns
    -------
    float
        1 where only one category exists.

    References
    ----------
    Gwet (2008), Br J Math Stat Psychol 61:29-48.
    https://doi.org/10.1348/000711006X126600

    Examples
    --------
    Of 125 subjects the raters agree on 118 and 2, and disagree on 5:

    >>> first = ["no"] * 118 + ["yes"] * 2 + ["no"] * 5
    >>> second = ["no"] * 118 + ["yes"] * 2 + ["yes"] * 5
    >>> round(gwet_ac1(first, second), 3), round(cohen_kappa(first, second), 3)
    (0.957, 0.43)
    """
    table = _table(first, second, levels, sample_weight)
    n_levels = len(table)
    if n_levels == 1:
        return 1.0
    use = (table.sum(axis=0) + table.sum(axis=1)) / 2.0
    by_chance = float(np.sum(use * (1.0 - use))) / (n_levels - 1)
    return (float(np.trace(table)) - by_chance) / (1.0 - by_chance)


def icc_2_1(ratings: npt.ArrayLike) -> float:
    r"""Return the intraclass correlation ICC(2,1): agreement of single ratings of a number.

    Two-way random effects, absolute agreement:
    :math:`(MS_R - MS_E) / (MS_R + (k-1) MS_E + k (MS_C - MS_E) / n)`. At most 1; near 0
    the raters, not the subjects, make the numbers.

    Parameters
    ----------
    ratings : array_like, shape (n_subjects, n_raters)
        Numbers by each rater; no missing values, at least two of each.

    Returns
    -------
    float
        NaN where all ratings are equal.

    Raises
    ------
    ValueError
        If there are fewer than two subjects or raters, or a rating is missing.

    References
    ----------
    Shrout & Fleiss (1979), Psychol Bull 86:420-428.
    https://doi.org/10.1037/0033-2909.86.2.420

    Examples
    --------
    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...            [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(icc_2_1(ratings), 2)
    0.29
    """
    values = np.asarray(ratings, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.all(np.isfinite(values)):
        msg = "ratings need at least two subjects and two raters, and no missing values."
        raise ValueError(msg)
    n, k = values.shape
    centred = values - values.mean()
    of_subjects = k * float(np.sum(centred.mean(axis=1) ** 2))
    of_raters = n * float(np.sum(centred.mean(axis=0) ** 2))
    total = float(np.sum(centred**2))
    if total == 0:
        return float("nan")
    rows = of_subjects / (n - 1)
    columns = of_raters / (k - 1)
    error = max(0.0, total - of_subjects - of_raters) / ((n - 1) * (k - 1))
    return float((rows - error) / (rows + (k - 1) * error + k * (columns - error) / n))


def interval_of_agreement(
    statistic: Callable[..., float],
    *columns: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    n_draws: int = 1000,
    random_state: int = 0,
    level: float = 0.95,
) -> BootstrapInterval:
    """Return an agreement figure with a bootstrap interval over subjects.

    Parameters
    ----------
    statistic : callable
        One of this module's figures, with its options bound; called with the columns.
    *columns : array_like, shape (n, ...)
        Ratings: one column per rater, or one table for `icc_2_1`. Where categories may
        be missing from a draw, bind `levels`.
    groups, n_draws, random_state, level
        As in `riskmodel.stats.resampling.bootstrap_interval`.

    Returns
    -------
    BootstrapInterval

    Examples
    --------
    >>> first, second = [0, 1] * 20, [0, 1] * 18 + [1, 0] * 2
    >>> found = interval_of_agreement(cohen_kappa, first, second, n_draws=200)
    >>> found.estimate, found.low < 0.8 < found.high
    (0.8, True)
    """
    arrays = [np.asarray(column) for column in columns]
    if not arrays or any(len(column) != len(arrays[0]) for column in arrays):
        msg = "give columns of one length."
        raise ValueError(msg)

    def of_rows(rows: npt.NDArray[np.intp]) -> float:
        return statistic(*(column[rows] for column in arrays))

    return bootstrap_interval(
        of_rows, len(arrays[0]), groups, n_draws=n_draws, random_state=random_state, level=level
    )


def _table(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    levels: Sequence[object] | None,
    sample_weight: npt.ArrayLike | None,
) -> FloatArray:
    """Share of the subjects in each pair of categories."""
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or a.ndim != 1 or len(a) == 0:
        msg = f"both raters must rate the same subjects, got shapes {a.shape} and {b.shape}."
        raise ValueError(msg)
    names = np.unique(np.concatenate([a, b])) if levels is None else np.asarray(levels)
    if names.dtype.kind == "f":
        check_columns(levels=names)
    codes = []
    for ratings in (a, b):
        matches = ratings[:, None] == names
        if not np.all(matches.any(axis=1)):
            msg = "every rating must be one of the levels, and none may be missing."
            raise ValueError(msg)
        codes.append(matches.argmax(axis=1))
    w = check_weights(sample_weight, len(a))
    table = np.zeros((len(names), len(names)))
    np.add.at(table, (codes[0], codes[1]), w)
    return np.asarray(table / w.sum(), dtype=np.float64)
