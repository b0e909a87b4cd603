r"""Whether acting on a risk pays: decision curves.

At a threshold t, acting on t in a hundred who turn out to have the outcome is judged worth
it, so one wasted action weighs :math:`t / (1 - t)` of one useful action.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.stats.arrays import (
    FloatArray,
    check_binary,
    check_columns,
    check_probabilities,
    check_weights,
    weighted_mean,
)

__all__ = [
    "DecisionCurve",
    "compute_decision_curve",
    "net_benefit",
    "net_benefit_of_all",
    "net_interventions_avoided",
]


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """Net benefit over thresholds, in true positives per row.

    Attributes
    ----------
    thresholds : ndarray of float, shape (n_thresholds,)
        Rising, in (0, 1).
    model, everybody : ndarray of float, shape (n_thresholds,)
        Net benefit of acting at `risk >= threshold`, and of acting on everybody; acting
        on nobody has zero.
    selected_share : ndarray of float, shape (n_thresholds,)
        Share of the rows at or above the threshold.
    true_positive_share : ndarray of float, shape (n_thresholds,)
        Share of all rows that are at or above the threshold and have the outcome.
    interventions_avoided : ndarray of float, shape (n_thresholds,)
        Useless actions saved per row, compared with acting on everybody.
    """

    thresholds: FloatArray
    model: FloatArray
    everybody: FloatArray
    selected_share: FloatArray
    true_positive_share: FloatArray
    interventions_avoided: FloatArray

    @property
    def best_alternative(self) -> FloatArray:
        """Net benefit of the better of acting on everybody and on nobody."""
        return np.maximum(self.everybody, 0.0)


def net_benefit(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
) -> FloatArray:
    r"""Return the net benefit of acting where the risk reaches each threshold.

    :math:`\mathrm{TP}/n - \mathrm{FP}/n \cdot t / (1 - t)`, in true positives per row. The
    larger the better; at most the share with the outcome; zero for acting on nobody.

    Parameters
    ----------
    y_true : array_like, shape (n,)
        Outcomes, 0 or 1.
    y_prob : array_like, shape (n,)
        Risks in [0, 1].
    thresholds : array_like, shape (n_thresholds,)
        In (0, 1); a risk equal to the threshold reaches it.
    sample_weight : array_like, shape (n,), optional
        Row weights >= 0.

    Returns
    -------
    ndarray of float, shape (n_thresholds,)

    Raises
    ------
    ValueError
        If a threshold does not lie in (0, 1).

    References
    ----------
    Vickers & Elkin (2006), Med Decis Making 26:565-574.
    https://doi.org/10.1177/0272989X06295361

    Examples
    --------
    >>> net_benefit([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], [0.5])
    array([0.])
    >>> net_benefit([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], [0.2])
    array([0.4375])
    """
    return compute_decision_curve(y_true, y_prob, thresholds, sample_weight=sample_weight).model


def net_benefit_of_all(
    y_true: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the net benefit of acting on everybody, shape (n_thresholds,).

    Examples
    --------
    >>> net_benefit_of_all([1, 0, 1, 0], [0.2])
    array([0.375])
    """
    y = check_binary(y_true)
    odds = _odds(thresholds)
    share = weighted_mean(y, check_weights(sample_weight, len(y)))
    return share - (1.0 - share) * odds


def net_interventions_avoided(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
) -> FloatArray:
    r"""Return the useless actions saved per row, compared with acting on everybody.

    :math:`(\mathrm{NB} - \mathrm{NB}_{all}) (1 - t) / t`. The larger the better; negative
    where acting on everybody is the better plan. Times 100 it is "per 100 rows".

    Parameters
    ----------
    y_true, y_prob, thresholds, sample_weight
        As in `net_benefit`.

    Returns
    -------
    ndarray of float, shape (n_thresholds,)

    References
    ----------
    Vickers et al. (2008), BMC Med Inform Decis Mak 8:53.
    https://doi.org/10.1186/1472-6947-8-53

    Examples
    --------
    One row in four is left alone rightly, and none wrongly:

    >>> net_interventions_avoided([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], [0.2])
    array([0.25])
    """
    curve = compute_decision_curve(y_true, y_prob, thresholds, sample_weight=sample_weight)
    return curve.interventions_avoided


def compute_decision_curve(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
) -> DecisionCurve:
    """Return the net benefit of a risk, of everybody, and what goes into them.

    Parameters
    ----------
    y_true, y_prob, thresholds, sample_weight
        As in `net_benefit`.

    Returns
    -------
    DecisionCurve

    Examples
    --------
    >>> curve = compute_decision_curve([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], [0.2, 0.5])
    >>> curve.selected_share, curve.true_positive_share
    (array([0.75, 0.5 ]), array([0.5 , 0.25]))
    """
    y = check_binary(y_true)
    p = check_probabilities(y_prob, len(y))
    w = check_weights(sample_weight, len(y))
    odds = _odds(thresholds)
    cuts = np.asarray(thresholds, dtype=np.float64)
    order = np.argsort(-p, kind="stable")
    reached = np.searchsorted(-p[order], -cuts, side="right")
    true_positive = _heads(w[order] * y[order], reached) / w.sum()
    false_positive = _heads(w[order] * (1.0 - y[order]), reached) / w.sum()
    model = true_positive - false_positive * odds
    everybody = net_benefit_of_all(y, cuts, sample_weight=w)
    return DecisionCurve(
        thresholds=cuts,
        model=model,
        everybody=everybody,
        selected_share=true_positive + false_positive,
        true_positive_share=true_positive,
        interventions_avoided=(model - everybody) / odds,
    )


def _heads(values: FloatArray, lengths: npt.NDArray[np.intp]) -> FloatArray:
    heads: FloatArray = np.concatenate([[0.0], np.cumsum(values)])[lengths]
    return heads


def _odds(thresholds: npt.ArrayLike) -> FloatArray:
    (cuts,) = check_columns(thresholds=thresholds)
    if np.any((cuts <= 0) | (cuts >= 1)):
        msg = f"thresholds must lie in (0, 1), got {cuts.min():g} to {cuts.max():g}."
        raise ValueError(msg)
    return cuts / (1.0 - cuts)
