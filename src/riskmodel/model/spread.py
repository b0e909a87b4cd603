"""How far the score would move under refitting: the interval of each case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.model.tables import AdditiveTables, Pair, TableValues

__all__ = ["HIDDEN_DEVIATION", "REFIT_SCALE", "Spread", "find_spread", "unlearned_deviation"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

KEPT_VARIANCE = 0.995
REFIT_SCALE = 1.3
SIGNAL_VARIANCE = 0.75
HALFWAY_EVENTS = 20.0
HIDDEN_DEVIATION = 0.6
"""Standard deviation of the true log-odds between cases with the same facts, by default.

It is that of the synthetic cases and cannot be learned from outcomes: docs/recipe.md.
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """Deviations of the refits from the score, along their main directions.

    Parameters
    ----------
    intercept : ndarray of float, shape (n_directions,)
    steps : tuple of ndarray, shape (n_entries, n_directions) each
    slopes : ndarray of float, shape (n_fields, n_directions)
    pairs : tuple of ((int, int), ndarray of shape (n_entries_i, n_entries_j, n_directions))
        Laid out as the tables are; the standard deviation of a score is the length of the
        summed vector.
    scale : float
        Factor on the standard deviation of the refits: they share the shrinkage and the
        form of the score, so on their own they would say too little.
    unlearned : float
        Standard deviation, in log-odds, of what no refit has learned; it falls with the
        number of events.
    hidden : float
        Standard deviation, in log-odds, between cases with the same facts: what no
        indicator shows. A setting of the training, not an estimate.
    """

    intercept: FloatArray
    steps: tuple[FloatArray, ...]
    slopes: FloatArray
    pairs: tuple[tuple[Pair, FloatArray], ...]
    scale: float
    unlearned: float = 0.0
    hidden: float = 0.0

    def __post_init__(self) -> None:
        for name in ("scale", "unlearned", "hidden"):
            if not 0 <= getattr(self, name) < np.inf:
                msg = f"{name} must be finite and not negative, got {getattr(self, name)}."
                raise ValueError(msg)

    def standard_deviation(
        self, tables: AdditiveTables, X: FloatArray, entries: IntArray
    ) -> FloatArray:
        """Return the standard deviation of each row's true log-odds about its score, shape (n,)."""
        total = np.tile(self.intercept, (len(X), 1))
        # Where most of the time of scoring goes: one array serves all fields, and entries are
        # inside their tables, so that they are clipped only to be written there at once.
        moved = np.empty_like(total)
        for index in range(tables.n_fields):
            total += np.take(self.steps[index], entries[index], axis=0, out=moved, mode="clip")
            if self.slopes[index].any():
                line = tables.lines[index].values(X[:, index])
                total += np.multiply(line[:, None], self.slopes[index], out=moved)
        for (i, j), table in self.pairs:
            flat, places = table.reshape(-1, table.shape[-1]), entries[i] * table.shape[1]
            total += np.take(flat, places + entries[j], axis=0, out=moved, mode="clip")
        square: FloatArray = self.scale**2 * np.einsum("ij,ij->i", total, total)
        return np.sqrt(square + self.unlearned**2 + self.hidden**2)

    def unlearned_of_one(self, n_fields: int) -> float:
        """Return the standard deviation of one contribution for what no refit has learned.

        Nothing says in which indicators it lies, so each gets the same part of the variance.

        Parameters
        ----------
        n_fields : int
            Number of indicators, at least 1.
        """
        return float(self.unlearned / np.sqrt(n_fields))

    def contribution_loadings(
        self, tables: AdditiveTables, X: FloatArray, entries: IntArray
    ) -> FloatArray:
        """Return how each contribution moves over refits, shape (n, n_fields, n_directions).

        Pair terms are split in half, as the contributions are. The length of a vector is the
        standard deviation of that contribution in log-odds, the factor `scale` included;
        vectors of several contributions add up to that of their sum, so what moves together
        is neither counted twice nor lost. What no refit has learned is left out here (see
        `unlearned_of_one`), and so is what no indicator shows, which belongs to no single
        contribution. For a few rows at a time: the array is large.
        """
        out = np.empty((len(X), tables.n_fields, len(self.intercept)))
        for index in range(tables.n_fields):
            out[:, index] = self.steps[index][entries[index]]
            line = tables.lines[index].values(X[:, index])
            out[:, index] += np.outer(line, self.slopes[index])
        for (i, j), table in self.pairs:
            half = 0.5 * table[entries[i], entries[j]]
            out[:, i] += half
            out[:, j] += half
        return self.scale * out


def _flatten(values: TableValues, pairs: Sequence[Pair], shapes: dict[Pair, int]) -> FloatArray:
    tables = [values.pairs.get(pair, np.zeros(shapes[pair])).ravel() for pair in pairs]
    return np.concatenate([[values.intercept], *values.steps, values.slopes, *tables])


def unlearned_deviation(effective_events: float) -> float:
    """Return how much of the true log-odds the score has not learned, whatever the refits say.

    Refits share the shrinkage of the score, so they agree on what none of them has found:
    with ten long courses they all stay near the base rate, and true risks do not. As the
    weights of the score do, the variance left over starts at that of a strong signal and
    is halved by twenty events.

    Parameters
    ----------
    effective_events : float
        The smaller of the numbers of events and non-events.

    Returns
    -------
    float
        Standard deviation in log-odds.

    Examples
    --------
    >>> [round(unlearned_deviation(n), 2) for n in (15, 50, 250, 2500)]
    [0.65, 0.46, 0.24, 0.08]
    """
    # Under five count as none: this figure is kept with the model, and would tell how many.
    counted = 0.0 if effective_events < MIN_CELL else effective_events
    left_over = HALFWAY_EVENTS / (counted + HALFWAY_EVENTS)
    return float(np.sqrt(SIGNAL_VARIANCE * left_over))


def find_spread(
    tables: AdditiveTables,
    refits: Sequence[TableValues],
    *,
    scale: float = REFIT_SCALE,
    unlearned: float = 0.0,
    hidden: float = 0.0,
) -> Spread:
    """Compress the deviations of the refits into a few directions.

    Parameters
    ----------
    tables : AdditiveTables
        The score.
    refits : sequence of TableValues
        The same tables from each refit.
    scale : float
        Factor on the standard deviation of the refits; see docs/recipe.md for its measure.
    unlearned : float
        Standard deviation that every score has besides, from `unlearned_deviation`.
    hidden : float
        Standard deviation between cases with the same facts.
    """
    pairs = sorted({pair for one in (tables.values, *refits) for pair in one.pairs})
    shapes = {(i, j): tables.bins[i].n_entries * tables.bins[j].n_entries for i, j in pairs}
    flat = np.array([_flatten(one, pairs, shapes) for one in refits])
    deviations = (flat - flat.mean(axis=0)) / np.sqrt(max(len(flat) - 1, 1))
    _, sizes, directions = np.linalg.svd(deviations, full_matrices=False)
    explained = np.cumsum(sizes**2) / max(float(np.sum(sizes**2)), 1e-300)
    kept = int(np.searchsorted(explained, KEPT_VARIANCE)) + 1
    loadings = (sizes[:kept, None] * directions[:kept]).T
    counts = [1, *(one.n_entries for one in tables.bins), tables.n_fields]
    counts += [shapes[pair] for pair in pairs]
    blocks = np.split(loadings, np.cumsum(counts)[:-1])
    n = tables.n_fields
    return Spread(
        intercept=blocks[0][0],
        steps=tuple(blocks[1 : n + 1]),
        slopes=blocks[n + 1],
        pairs=tuple(
            (
                (i, j),
                block.reshape(tables.bins[i].n_entries, tables.bins[j].n_entries, -1),
            )
            for (i, j), block in zip(pairs, blocks[n + 2 :], strict=True)
        ),
        scale=scale,
        unlearned=unlearned,
        hidden=hidden,
    )
