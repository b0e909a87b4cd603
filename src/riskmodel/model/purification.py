"""Tables in their unique form: pair terms without main effects, everything centered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from riskmodel.model.tables import AdditiveTables, TableValues

__all__ = ["purify_tables"]

FloatArray = npt.NDArray[np.float64]


def purify_tables(
    tables: AdditiveTables,
    X: FloatArray,
    weight: FloatArray,
    directions: Sequence[int] | None = None,
) -> AdditiveTables:
    """Rewrite tables so that each field is credited what is its own; the score is unchanged.

    What a pair term says about one of its fields alone moves into that field's table, by
    the shares of the rows in each entry. Then each field's contribution has mean zero over
    the rows, and the intercept is the mean score. With half of each pair's value credited
    to either field, contributions are the interventional SHAP values with these rows as
    the background. Entries that no row falls into get the field's mean, so an unseen value
    neither raises nor lowers the score - except on scales with a direction, where the mean
    could break the order: there unseen levels keep what the parts made of their neighbours.

    Parameters
    ----------
    tables : AdditiveTables
        Any tables.
    X : ndarray of float, shape (n, n_fields)
        Background rows.
    weight : ndarray of float, shape (n,)
        Row weights.

    References
    ----------
    Lengerich, Tan, Chang, Hooker, Caruana (2020), arXiv 1911.04974: purifying interactions.
    """
    entries = tables.assign(X)
    shares = [
        np.bincount(entries[index], weights=weight, minlength=one.n_entries) / weight.sum()
        for index, one in enumerate(tables.bins)
    ]
    neutral = [share == 0 for share in shares]
    for index, direction in enumerate(directions or ()):
        if direction:
            neutral[index][:-1] = False
    steps = [step.copy() for step in tables.values.steps]
    pairs = {}
    intercept = tables.values.intercept
    for (i, j), table in sorted(tables.values.pairs.items()):
        along_i, along_j = table @ shares[j], shares[i] @ table
        middle = float(shares[i] @ along_i)
        pure = table - along_i[:, None] - along_j[None, :] + middle
        steps[i] += along_i - middle
        steps[j] += along_j - middle
        intercept += middle
        off_center = float(weight @ pure[entries[i], entries[j]] / weight.sum())
        pure[neutral[i], :] = off_center
        pure[:, neutral[j]] = off_center
        pairs[i, j] = pure - off_center
        intercept += off_center
    for index, step in enumerate(steps):
        slope = tables.values.slopes[index]
        linear = slope * tables.lines[index].values(X[:, index]) if slope else np.zeros(len(X))
        mean = float(weight @ (step[entries[index]] + linear) / weight.sum())
        steps[index] = np.where(neutral[index], 0.0, step - mean)
        intercept += mean
    values = TableValues(float(intercept), tuple(steps), tables.values.slopes, pairs)
    return replace(tables, values=values)
