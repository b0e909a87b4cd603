"""How well a score ranks: who has the outcome, and who lasts longer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    check_binary,
    check_columns,
    check_weights,
)
from riskmodel.stats.censoring import censoring_curve
from riskmodel.stats.durations import FollowUp

__all__ = ["Selection", "auc", "concordance", "select_share"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What becomes of choosing the rows with the highest scores.

    Shares are in [0, 1]; NaN where nobody is in the denominator.

    Attributes
    ----------
    share : float
        Share of the rows chosen.
    threshold : float
        Score of the last row chosen; some rows that tie with it may be left out.
    sensitivity : float
        Share of the rows with the outcome that are chosen.
    specificity : float
        Share of the rows without the outcome that are not chosen.
    ppv : float
        Share of the chosen rows that have the outcome.
    npv : float
        Share of the rows not chosen that do not have the outcome.
    number_needed_to_evaluate : float
        Rows chosen for each one with the outcome, `1 / ppv`; infinite where none has it.
    """

    share: float
    threshold: float
    sensitivity: float
    specificity: float
    ppv: float
    npv: float
    number_needed_to_evaluate: float


def auc(
    y_true: npt.ArrayLike, score: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    r"""Return the probability that a row with the outcome scores above one without it.

    :math:`P(s_1 > s_0) + \frac12 P(s_1 = s_0)`. The larger the better: 0.5 is chance, 1 is
    perfect. Any rising transformation of the score leaves it unchanged.

    Parameters
    ----------
    y_true : array_like, shape (n,)
        Outcomes, 0 or 1.
    score : array_like, shape (n,)
        Risks or scores; higher means more likely.
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0.

    Returns
    -------
    float
        NaN where all rows have the same outcome.

    References
    ----------
    Hanley & McNeil (1982), Radiology 143:29-36.
    https://doi.org/10.1148/radiology.143.1.7063747

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    y, s, w = _checked(y_true, score, sample_weight)
    events, others = w * y, w * (1.0 - y)
    pairs = float(events.sum() * others.sum())
    if pairs == 0:
        return float("nan")
    return float(np.sum(events * _weight_below(s, others)) / pairs)


def concordance(
    duration: npt.ArrayLike,
    ended: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    tau: float = math.inf,
    method: Literal["harrell", "uno"] = "harrell",
) -> float:
    r"""Return the share of pairs in which the row that lasts longer scores higher.

    A pair counts if the shorter duration was seen to its end while the other row was at
    risk; equal scores count half. The larger the better: 0.5 is chance, 1 is perfect.

    Parameters
    ----------
    duration, ended, entry, sample_weight
        As in `riskmodel.stats.durations.survival_curve`.
    score : array_like, shape (n,)
        Higher means a longer duration is expected.
    tau : float
        Only endings before this time count.
    method : {"harrell", "uno"}
        Harrell's estimate depends on how many were censored; Uno's weighs each pair by
        :math:`1 / G(t^-)^2`, G the curve of censoring, and does not. Uno's allows no late
        entry.

    Returns
    -------
    float
        NaN where no pair can be compared.

    Raises
    ------
    ValueError
        If Uno's estimate is asked with late entry.

    References
    ----------
    Harrell et al. (1982), JAMA 247:2543-2546.
    https://doi.org/10.1001/jama.1982.03320430047030
    Uno et al. (2011), Stat Med 30:1105-1117. https://doi.org/10.1002/sim.4154

    Examples
    --------
    >>> concordance([5, 10, 20, 30], [True, True, False, True], [1, 3, 2, 4])
    0.8
    """
    rows = FollowUp.checked(duration, ended, entry, sample_weight)
    (s,) = check_columns(len(rows.duration), score=score)
    counted = rows.ended & (rows.duration < tau) & (rows.duration > rows.entry)
    when, own = rows.duration[counted], rows.weight[counted]
    if method == "uno":
        if np.any(np.isfinite(rows.entry)):
            msg = "Uno's concordance allows no late entry; use method='harrell'."
            raise ValueError(msg)
        curve = censoring_curve(rows.duration, rows.ended, sample_weight=rows.weight)
        own = own / curve.before(when) ** 2
    # At one time, endings (0) come before the question (1), and censorings (2) after it.
    phase = np.where(rows.ended, 0, 2)
    below, total = _weight_later(
        when,
        s[counted],
        item_time=rows.duration,
        item_phase=phase,
        item_score=s,
        item_weight=rows.weight,
    )
    late = np.isfinite(rows.entry)
    not_yet_below, not_yet = _weight_later(
        when,
        s[counted],
        item_time=rows.entry[late],
        item_phase=np.full(int(late.sum()), 2),
        item_score=s[late],
        item_weight=rows.weight[late],
    )
    comparable = float(np.sum(own * (total - not_yet)))
    # The row that ended scores lower in a good pair, so the others' share above it counts.
    above = (total - not_yet) - (below - not_yet_below)
    return float(np.sum(own * above) / comparable) if comparable > 0 else float("nan")


def select_share(
    y_true: npt.ArrayLike,
    score: npt.ArrayLike,
    share: float,
    *,
    sample_weight: npt.ArrayLike | None = None,
) -> Selection:
    """Choose a share of the rows, highest scores first, and say what comes of it.

    Where the last place falls among equal scores, these are taken in part, which is what
    a random choice among them gives on average; so the order of rows does not matter.

    Parameters
    ----------
    y_true, score, sample_weight
        As in `auc`.
    share : float
        Share of the weight to choose, in (0, 1].

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        If share does not lie in (0, 1].

    Examples
    --------
    >>> chosen = select_share([1, 0, 1, 0], [0.9, 0.7, 0.6, 0.1], 0.5)
    >>> chosen.sensitivity, chosen.ppv, chosen.number_needed_to_evaluate
    (0.5, 0.5, 2.0)
    """
    if not 0 < share <= 1:
        msg = f"share must lie in (0, 1], got {share}."
        raise ValueError(msg)
    y, s, w = _checked(y_true, score, sample_weight)
    places = share * float(w.sum())
    order = np.argsort(-s, kind="stable")
    first, last = _runs(s[order])
    filled = np.concatenate([[0.0], np.cumsum(w[order])])
    block = filled[last] - filled[first]
    taken = np.clip((places - filled[first]) / np.where(block > 0, block, 1.0), 0.0, 1.0)
    chosen = w[order] * taken
    outcome = y[order]
    true_positives = float(np.sum(chosen * outcome))
    false_positives = float(np.sum(chosen * (1 - outcome)))
    positives = float(np.sum(w * y))
    negatives = float(np.sum(w * (1 - y)))
    rest = positives + negatives - places
    return Selection(
        share=share,
        threshold=float(s[order][chosen > 0][-1]),
        sensitivity=_ratio(true_positives, positives),
        specificity=_ratio(negatives - false_positives, negatives),
        ppv=_ratio(true_positives, places),
        npv=_ratio(negatives - false_positives, rest) if share < 1 else float("nan"),
        number_needed_to_evaluate=places / true_positives if true_positives else math.inf,
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def _checked(
    y_true: npt.ArrayLike, score: npt.ArrayLike, sample_weight: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    y = check_binary(y_true)
    (s,) = check_columns(len(y), score=score)
    return y, s, check_weights(sample_weight, len(y))


def _runs(*keys: npt.NDArray[np.generic]) -> tuple[IntArray, IntArray]:
    """Position of the first entry of each entry's run of equal keys, and one past its last."""
    n = len(keys[0])
    starts: BoolArray = np.zeros(n, dtype=bool)
    starts[:1] = True
    for key in keys:
        starts[1:] |= key[1:] != key[:-1]
    heads = np.flatnonzero(starts)
    run = np.cumsum(starts) - 1
    return heads[run], np.append(heads[1:], n)[run]


def _weight_below(score: FloatArray, weight: FloatArray) -> FloatArray:
    """Weight of the rows that score below each row, plus half of those that tie with it."""
    order = np.argsort(score, kind="stable")
    first, last = _runs(score[order])
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    below = np.empty(len(score))
    below[order] = (total[first] + total[last]) / 2.0
    return below


def _weight_later(
    when: FloatArray,
    score: FloatArray,
    *,
    item_time: FloatArray,
    item_phase: IntArray,
    item_score: FloatArray,
    item_weight: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Weight of the items after each query's time: those that score lower, and all.

    Queries come in phase 1 of their time. Equal scores count half as lower. Items and
    queries are put in order of time, latest first; then blocks of 2, 4, 8, ... of them
    are merged, and the queries of a right half see the items of its left half.
    """
    n_queries = len(when)
    times = np.concatenate([when, item_time])
    phases = np.concatenate([np.ones(n_queries), item_phase])
    order = np.lexsort((-phases, -times))
    weight = np.concatenate([np.zeros(n_queries), item_weight])[order]
    scores = np.concatenate([score, item_score])[order]
    is_query = order < n_queries
    below = np.zeros(len(order))
    by_score = np.argsort(scores, kind="stable")
    place = np.arange(len(order))
    for level in range(max(len(order) - 1, 0).bit_length()):
        block = place >> (level + 1)
        merged = by_score[np.argsort(block[by_score], kind="stable")]
        right = ((merged >> level) & 1).astype(bool)
        total = np.concatenate([[0.0], np.cumsum(np.where(right, 0.0, weight[merged]))])
        block_start, _ = _runs(block[merged])
        first, last = _runs(block[merged], scores[merged])
        seen = (total[first] + total[last]) / 2.0 - total[block_start]
        asked = right & is_query[merged]
        below[merged[asked]] += seen[asked]
    everything = np.cumsum(weight)
    answer, answer_total = np.empty(n_queries), np.empty(n_queries)
    answer[order[is_query]] = below[is_query]
    answer_total[order[is_query]] = everything[is_query]
    return answer, answer_total
