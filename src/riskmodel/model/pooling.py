"""Entries that too few persons stand behind: they share a step, or have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskmodel.model.binning import FEWEST_PERSONS, FieldBins
from riskmodel.model.tables import AdditiveTables, TableValues

__all__ = ["SharedSteps", "count_persons", "find_shared_steps", "share_steps", "silence"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SharedSteps:
    """Which entries of a field's table have a step of their own.

    Parameters
    ----------
    entry : ndarray of int, shape (n_entries,)
        Entry that each entry is fitted as, and takes its step from. Silent levels are
        fitted as missing.
    silent : ndarray of bool, shape (n_entries,)
        Entries that say nothing: they get the field's mean.
    """

    entry: IntArray
    silent: npt.NDArray[np.bool_]


def count_persons(entries: IntArray, n_entries: int, persons: IntArray) -> IntArray:
    """Return how many persons have a row in each entry, shape (n_entries,).

    Examples
    --------
    >>> count_persons(np.array([0, 0, 0, 2]), 3, np.array([4, 4, 5, 4]))
    array([2, 0, 1])
    """
    pairs = np.unique(np.column_stack([entries, persons]), axis=0)
    return np.bincount(pairs[:, 0], minlength=n_entries)


def find_shared_steps(entries: IntArray, one: FieldBins, persons: IntArray) -> SharedSteps:
    """Give a step of its own only to what five persons or more stand behind.

    Rarer levels of a category share one step; of a scale, with their neighbours. Categories
    that are too rare even together, and missing values of fewer persons, are silent. Bins
    of numbers hold five persons from the start.

    Parameters
    ----------
    entries : ndarray of int, shape (n,)
        Table entries of the training rows.
    one : FieldBins
        Bins of the field.
    persons : ndarray of int, shape (n,)
        Rows of one person share a number.

    Examples
    --------
    >>> one = FieldBins("trade", "category", np.empty(0), 4, np.ones(5, dtype=bool), (0, 3))
    >>> entries = np.repeat([0, 1, 2, 3], [9, 3, 2, 8])
    >>> find_shared_steps(entries, one, np.arange(22)).entry
    array([0, 1, 1, 3, 4])
    """
    counts = count_persons(entries, one.n_entries, persons)
    own = np.arange(one.n_entries)
    silent = np.zeros(one.n_entries, dtype=np.bool_)
    silent[-1] = 0 < counts[-1] < FEWEST_PERSONS
    if one.kind == "category":
        rare = np.flatnonzero((counts[:-1] > 0) & (counts[:-1] < FEWEST_PERSONS))
        together = len(np.unique(persons[np.isin(entries, rare)]))
        if len(rare) and together >= FEWEST_PERSONS:
            own[rare] = rare[np.argmax(counts[rare])]
        else:
            own[rare] = one.n_values
            silent[rare] = True
    elif one.kind == "ordinal":
        own[:-1] = _join_neighbours(counts[:-1])
    return SharedSteps(own, silent)


def _join_neighbours(counts: IntArray) -> IntArray:
    """Join a scale's levels from the bottom up until enough persons stand behind each part."""
    part = np.zeros(len(counts), dtype=np.intp)
    held = 0
    for level, count in enumerate(counts):
        if level:
            part[level] = part[level - 1] + (held >= FEWEST_PERSONS)
            held = 0 if part[level] > part[level - 1] else held
        held += int(count)
    if held < FEWEST_PERSONS:
        part[part == part[-1]] = max(part[-1] - 1, 0)
    most = [int(np.argmax(np.where(part == one, counts, -1))) for one in range(part[-1] + 1)]
    return np.asarray(most, dtype=np.intp)[part]


def share_steps(values: TableValues, shared: Sequence[SharedSteps]) -> TableValues:
    """Copy each step, and each row and column of a pair term, to the entries that share it."""
    return replace(
        values,
        steps=tuple(step[one.entry] for step, one in zip(values.steps, shared, strict=True)),
        pairs={
            (i, j): table[np.ix_(shared[i].entry, shared[j].entry)]
            for (i, j), table in values.pairs.items()
        },
    )


def silence(
    tables: AdditiveTables, X: FloatArray, weight: FloatArray, shared: Sequence[SharedSteps]
) -> AdditiveTables:
    """Give silent entries the mean of the others, so that they neither raise nor lower.

    Parameters
    ----------
    tables : AdditiveTables
        Before they are purified.
    X : ndarray of float, shape (n, n_fields)
        Rows that means are taken over.
    weight : ndarray of float, shape (n,)
        Row weights.
    shared : sequence of SharedSteps
        One per field.
    """
    entries = tables.assign(X)
    steps = [step.copy() for step in tables.values.steps]
    shares = []
    for index, one in enumerate(shared):
        heard = ~one.silent[entries[index]]
        share = np.bincount(
            entries[index][heard], weights=weight[heard], minlength=len(one.entry)
        ).astype(np.float64)
        shares.append(share / max(float(share.sum()), 1e-300))
        if one.silent.any():
            line = tables.values.slopes[index] * tables.lines[index].values(X[heard, index])
            total = max(float(weight[heard].sum()), 1e-300)
            steps[index][one.silent] = shares[-1] @ steps[index] + weight[heard] @ line / total
    pairs = {}
    for (i, j), table in tables.values.pairs.items():
        quiet = table.copy()
        quiet[shared[i].silent, :] = shares[i] @ quiet
        quiet[:, shared[j].silent] = (quiet @ shares[j])[:, None]
        pairs[i, j] = quiet
    return replace(tables, values=replace(tables.values, steps=tuple(steps), pairs=pairs))
