"""How far people could be recognised in a table, and the least coarsening that hides them.

Quasi-identifiers are columns by which somebody who knows a person could find that person's
row. A table without names is pseudonymised; these figures do not make it anonymous.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Field

__all__ = [
    "AnonymityFigures",
    "Coarsening",
    "SinglingOut",
    "compute_anonymity",
    "find_singling_out",
    "make_ladder",
    "suggest_coarsening",
]

Ladder = tuple[Mapping[str, str], ...]
ANY: Final = "*"
MISSING: Final = "(missing)"
MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class AnonymityFigures:
    """How alike the rows are in their quasi-identifiers.

    Attributes
    ----------
    n, n_groups, n_alone : int
        Rows, different combinations, and rows whose combination nobody else has.
    k : int
        Rows in the smallest combination.
    l : mapping of str to int
        Fewest different values of each sensitive column within a combination.
    t : mapping of str to float
        Largest distance, in [0, 1], between a combination's values of a sensitive column and
        everybody's: half the sum of the differences of the shares.

    References
    ----------
    Sweeney (2002), Int J Uncertain Fuzz 10:557-570. https://doi.org/10.1142/S0218488502001648
    Machanavajjhala et al. (2007), ACM TKDD 1:3. https://doi.org/10.1145/1217299.1217302
    Li, Li & Venkatasubramanian (2007), ICDE. https://doi.org/10.1109/ICDE.2007.367856
    """

    n: int
    n_groups: int
    n_alone: int
    k: int
    l: Mapping[str, int]  # noqa: E741 (l-diversity is called so)
    t: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SinglingOut:
    """Columns that together single rows out, though no fewer of them do.

    Attributes
    ----------
    columns : tuple of str
    n_alone : int
        Rows that these columns single out.
    """

    columns: tuple[str, ...]
    n_alone: int


@dataclass(frozen=True, slots=True)
class Coarsening:
    """How coarse each column must be for every combination to have at least k rows.

    Attributes
    ----------
    steps : mapping of str to int
        Step of each column's ladder; 0 keeps it as it is.
    recoding : mapping of str to (mapping of str to str)
        Old value to new value, for the columns that change.
    loss : float
        Share of the information (entropy) of the columns that is lost, their mean, in [0, 1].
    k : int
        The k that is reached.
    """

    steps: Mapping[str, int]
    recoding: Mapping[str, Mapping[str, str]]
    loss: float
    k: int


def compute_anonymity(
    frame: pd.DataFrame, quasi_identifiers: Sequence[str], sensitive: Sequence[str] = ()
) -> AnonymityFigures:
    """Compute k-anonymity, l-diversity and t-closeness.

    Parameters
    ----------
    frame : DataFrame
        One row per person; a missing value counts as a value of its own.
    quasi_identifiers, sensitive : sequence of str
        Columns.

    Raises
    ------
    ValueError
        If there are no rows or no quasi-identifiers.

    Examples
    --------
    >>> people = pd.DataFrame({"age": ["30-39"] * 2 + ["60+"], "ill": ["a", "b", "a"]})
    >>> found = compute_anonymity(people, ["age"], ["ill"])
    >>> found.k, found.n_alone, found.l["ill"], round(found.t["ill"], 3)
    (1, 1, 1, 0.333)
    """
    group = _number_groups(frame, quasi_identifiers)
    sizes = np.bincount(group)
    diversity: dict[str, int] = {}
    closeness: dict[str, float] = {}
    for name in sensitive:
        value = _codes(frame, name)
        table = np.zeros((len(sizes), int(value.max()) + 1))
        np.add.at(table, (group, value), 1.0)
        shares = table / sizes[:, None]
        everybody = table.sum(axis=0) / len(frame)
        diversity[name] = int((table > 0).sum(axis=1).min())
        closeness[name] = float(np.abs(shares - everybody).sum(axis=1).max() / 2)
    return AnonymityFigures(
        n=len(frame),
        n_groups=len(sizes),
        n_alone=int((sizes == 1).sum()),
        k=int(sizes.min()),
        l=diversity,
        t=closeness,
    )


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    texts = frame[name].astype(object)
    return texts.where(texts.notna() & (texts != ""), MISSING).astype(str)


def _codes(frame: pd.DataFrame, name: str) -> npt.NDArray[np.intp]:
    return np.unique(_texts(frame, name).to_numpy(), return_inverse=True)[1].astype(np.intp)


def _number_groups(frame: pd.DataFrame, columns: Sequence[str]) -> npt.NDArray[np.intp]:
    if not len(frame) or not len(columns):
        msg = "anonymity needs at least one row and one quasi-identifier."
        raise ValueError(msg)
    return _combine([_codes(frame, name) for name in columns])


def _combine(codes: Sequence[npt.NDArray[np.intp]]) -> npt.NDArray[np.intp]:
    table = np.column_stack(codes)
    return np.unique(table, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)


def find_singling_out(
    frame: pd.DataFrame, quasi_identifiers: Sequence[str], *, most_columns: int = 3
) -> tuple[SinglingOut, ...]:
    """Find the smallest sets of columns that single rows out, those with most rows first.

    Parameters
    ----------
    frame : DataFrame
    quasi_identifiers : sequence of str
    most_columns : int
        Larger sets are not looked at.

    Examples
    --------
    >>> people = pd.DataFrame({"age": ["young", "young", "old", "old"],
    ...                        "sex": ["f", "f", "f", "m"]})
    >>> [(one.columns, one.n_alone) for one in find_singling_out(people, ["age", "sex"])]
    [(('sex',), 1)]
    """
    found: list[SinglingOut] = []
    for size in range(1, min(most_columns, len(quasi_identifiers)) + 1):
        smaller = [set(one.columns) for one in found]
        for columns in itertools.combinations(quasi_identifiers, size):
            if any(one <= set(columns) for one in smaller):
                continue
            alone = int((np.bincount(_number_groups(frame, columns)) == 1).sum())
            if alone:
                found.append(SinglingOut(columns, alone))
    return tuple(sorted(found, key=lambda one: (-one.n_alone, one.columns)))


def make_ladder(field: Field | None, values: Sequence[str]) -> Ladder:
    """Return ever coarser ways of writing a column: from as it is to left out.

    Ordered levels are joined with their neighbours, two and two at each step; other columns
    are kept or left out.

    Parameters
    ----------
    field : Field or None
        The column's field; None for a column that is no field, such as the municipality.
    values : sequence of str
        Values that the column holds.

    Examples
    --------
    >>> from riskmodel.domain.codebook import Level
    >>> from riskmodel.domain.labels import Label
    >>> ages = [Level(one, Label(one, one)) for one in ("18-29", "30-39", "40-49", "50-59")]
    >>> age = Field("age", Label("Alder", "Age"), "ordinal", "intake", levels=tuple(ages))
    >>> [sorted(set(step.values())) for step in make_ladder(age, age.level_values)]
    [['18-29', '30-39', '40-49', '50-59'], ['18-29 to 30-39', '40-49 to 50-59'], ['*']]
    """
    every = list(dict.fromkeys([*values, MISSING]))
    ladder: list[dict[str, str]] = [{value: value for value in every}]
    if field is not None and field.type == "ordinal":
        groups: list[tuple[str, ...]] = [(value,) for value in field.level_values]
        while len(groups) > 2:
            groups = [sum(groups[i : i + 2], ()) for i in range(0, len(groups), 2)]
            names = {value: _name_group(group) for group in groups for value in group}
            ladder.append({value: names.get(value, value) for value in every})
    ladder.append(dict.fromkeys(every, ANY))
    kept = set(values)
    return tuple(
        {old: new for old, new in step.items() if old in kept or new == ANY} for step in ladder
    )


def _name_group(group: tuple[str, ...]) -> str:
    return group[0] if len(group) == 1 else f"{group[0]} to {group[-1]}"


def suggest_coarsening(
    frame: pd.DataFrame, ladders: Mapping[str, Ladder], k: int
) -> Coarsening | None:
    """Find the coarsening that reaches k and loses least; every combination is tried.

    Parameters
    ----------
    frame : DataFrame
    ladders : mapping of str to ladder
        From `make_ladder`, for each quasi-identifier.
    k : int
        Fewest rows that a combination must have.

    Returns
    -------
    Coarsening or None
        None where the table has fewer than k rows.

    Raises
    ------
    ValueError
        If there are too many combinations of steps to try them all.
    """
    names = list(ladders)
    if math.prod(len(ladders[name]) for name in names) > MOST_STEPS:
        msg = f"there are more than {MOST_STEPS} ways to coarsen; name fewer quasi-identifiers."
        raise ValueError(msg)
    if len(frame) < k:
        return None
    codes, losses = _prepare(frame, ladders)
    ranked = sorted(
        itertools.product(*(range(len(ladders[name])) for name in names)),
        key=lambda steps: (
            round(sum(losses[name][step] for name, step in zip(names, steps, strict=True)), 12),
            steps,
        ),
    )
    for steps in ranked:
        chosen = [codes[name][step] for name, step in zip(names, steps, strict=True)]
        reached = int(np.bincount(_combine(chosen)).min())
        if reached >= k:
            loss = sum(losses[name][step] for name, step in zip(names, steps, strict=True))
            taken = dict(zip(names, steps, strict=True))
            recoding = {name: ladders[name][step] for name, step in taken.items() if step}
            return Coarsening(taken, recoding, loss / len(names), reached)
    return None


def _prepare(
    frame: pd.DataFrame, ladders: Mapping[str, Ladder]
) -> tuple[dict[str, list[npt.NDArray[np.intp]]], dict[str, list[float]]]:
    codes: dict[str, list[npt.NDArray[np.intp]]] = {}
    losses: dict[str, list[float]] = {}
    for name, ladder in ladders.items():
        texts = _texts(frame, name)
        codes[name] = []
        for step in ladder:
            written = texts.map(lambda value, step=step: step.get(value, value)).to_numpy()
            codes[name].append(np.unique(written, return_inverse=True)[1].astype(np.intp))
        whole = _entropy(codes[name][0])
        losses[name] = [1 - _entropy(one) / whole if whole > 0 else 0.0 for one in codes[name]]
    return codes, losses


def _entropy(codes: npt.NDArray[np.intp]) -> float:
    share = np.bincount(codes) / len(codes)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())
