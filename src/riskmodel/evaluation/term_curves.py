"""The term of each indicator as a curve with its refits and how many cases lie where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from riskmodel.domain.codebook import Field
from riskmodel.domain.small_cells import protect_small_groups
from riskmodel.evaluation.refits import refit_tables
from riskmodel.model.tables import AdditiveTables
from riskmodel.stats.arrays import FloatArray
from riskmodel.stats.resampling import percentile_interval
from riskmodel.training.fit import FittedModel

__all__ = ["TermCurve", "compute_term", "compute_terms"]

N_POINTS = 41
N_BINS = 12
LEVEL = 0.9
ENDS = (0.02, 0.98)


@dataclass(frozen=True, slots=True)
class TermCurve:
    """What one indicator adds to the log-odds, at values of which there are cases enough.

    Parameters
    ----------
    name : str
        Field of the codebook.
    numeric : bool
        Whether `places` are numbers; else the values of `levels` are meant.
    levels : tuple of str
        Values of the levels; empty for numbers.
    places : tuple of float
        Points on a rounded grid, or positions of the levels.
    value, low, high : tuple of float
        The term without pair terms, its mean over the cases taken as zero, and the 90 %
        range of the refits.
    edges : tuple of float
        Edges of the histogram of a number; empty for levels.
    counts : tuple of int
        Assessments per bin or level; -1 where too few persons are in it.
    missing_count : int
        Assessments where it is missing; -1 where that is too few persons.
    """

    name: str
    numeric: bool
    levels: tuple[str, ...]
    places: tuple[float, ...]
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing_count: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per point."""
        shown = self.places if self.numeric else self.levels
        return pd.DataFrame(
            {"at": shown, "log_odds": self.value, "low": self.low, "high": self.high}
        )


def compute_terms(
    fitted: FittedModel, group: np.ndarray[tuple[int], np.dtype[np.str_]], *, min_cell: int = 5
) -> tuple[TermCurve, ...]:
    """Return the term of every indicator, in codebook order.

    Parameters
    ----------
    fitted : FittedModel
        From `fit_risk_model`.
    group : ndarray of str, shape (n,)
        Person of each training row.
    min_cell : int
        Bins and levels with fewer persons are hidden.
    """
    refits = [_without_pairs(one.tables) for one in refit_tables(fitted, group)]
    own = _without_pairs(fitted.model.tables)
    X = fitted.rows.X
    return tuple(
        compute_term(column, one, own, refits, X, group, min_cell)
        for column, one in enumerate(fitted.model.codebook.indicators)
    )


def _without_pairs(tables: AdditiveTables) -> AdditiveTables:
    return replace(tables, values=replace(tables.values, pairs={}))


def compute_term(  # noqa: PLR0917
    column: int,
    field: Field,
    own: AdditiveTables,
    refits: Sequence[AdditiveTables],
    X: FloatArray,
    group: np.ndarray[tuple[int], np.dtype[np.str_]],
    min_cell: int = 5,
) -> TermCurve:
    """Return the term of one indicator with its range and the density of the cases.

    Parameters
    ----------
    column : int
        Position of the indicator.
    field : Field
        The indicator.
    own : AdditiveTables
        The score, without pair terms.
    refits : sequence of AdditiveTables
        Scores whose 90 % range is shown, without pair terms.
    X : ndarray of float, shape (n, n_indicators)
        Encoded cases.
    group : ndarray of str, shape (n,)
        Person of each row.
    min_cell : int
        Bins and levels with fewer persons are hidden.
    """
    values = X[:, column]
    missing = np.isnan(values)
    numeric = field.type == "number"
    if numeric:
        places, edges = _grid(values[~missing])
        place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        n_cells = len(edges) - 1
    else:
        places = np.arange(len(field.levels), dtype=np.float64)
        edges, n_cells = np.empty(0), len(field.levels)
        place = np.where(missing, 0, values).astype(np.intp)
    place = np.where(missing, n_cells, place)
    rows = np.bincount(place, minlength=n_cells + 1)
    persons = np.array([len(np.unique(group[place == one])) for one in range(n_cells + 1)])
    hidden = np.array(protect_small_groups(persons, persons, min_cell)) != "shown"
    counts = np.where(hidden & (rows > 0), -1, rows)

    def term(tables: AdditiveTables) -> FloatArray:
        asked = np.full((len(places), X.shape[1]), np.nan)
        asked[:, column] = places
        mean = float(tables.contributions(X)[:, column].mean())
        return tables.contributions(asked)[:, column] - mean

    low, high = percentile_interval(np.array([term(one) for one in refits]), LEVEL)
    curves = [np.asarray(one, dtype=np.float64) for one in (term(own), low, high)]
    if not numeric:
        few = hidden[:-1]
        curves = [np.where(few, np.nan, one) for one in curves]
    return TermCurve(
        name=field.name,
        numeric=numeric,
        levels=() if numeric else field.level_values,
        places=tuple(places.tolist()),
        value=tuple(curves[0].tolist()),
        low=tuple(curves[1].tolist()),
        high=tuple(curves[2].tolist()),
        edges=tuple(edges.tolist()),
        counts=tuple(counts[:-1].tolist()),
        missing_count=int(counts[-1]),
    )


def _grid(known: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points and bin edges between rounded percentiles, so that no exact value shows."""
    if not len(known):
        return np.array([0.0]), np.array([0.0, 1.0])
    low, high = np.quantile(known, ENDS)
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-9) / 4))
    low, high = np.floor(low / step) * step, np.ceil(high / step) * step
    if high <= low:
        high = low + step
    start, stop = float(low), float(high)
    edges = np.round(np.linspace(start, stop, N_BINS + 1), 6)
    return np.round(np.linspace(start, stop, N_POINTS), 6), edges
