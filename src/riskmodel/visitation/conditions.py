"""Conditions on a case's facts, answered true, false or unknown.

A missing fact makes a comparison unknown rather than false (Kleene's three-valued logic):
``all`` takes the lowest answer, ``any`` the highest, ``not`` the opposite, and ``at_most`` of
several is unknown only where the missing facts could tip the count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Field

__all__ = [
    "FALSE",
    "TRUE",
    "UNKNOWN",
    "AllOf",
    "Answers",
    "AnyOf",
    "AtMostOf",
    "Condition",
    "Facts",
    "InLevels",
    "InRange",
    "IsMissing",
    "Not",
    "answer",
    "fields_behind",
    "fields_compared",
    "fields_named",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Answers = npt.NDArray[np.int8]

FALSE, UNKNOWN, TRUE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class IsMissing:
    """The fact is missing (or, with ``missing=False``, is stated). Never unknown."""

    field: Field
    missing: bool = True


@dataclass(frozen=True, slots=True)
class InLevels:
    """The fact is one of some levels of an ordinal, category or yes/no field."""

    field: Field
    allowed: tuple[str, ...]

    def __post_init__(self) -> None:
        unknown = [value for value in self.allowed if value not in self.field.level_values]
        if unknown or not self.allowed:
            msg = (
                f"{self.field.name} has no level {unknown}; "
                f"use one of {', '.join(self.field.level_values)}."
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class InRange:
    """The number lies between two bounds, both included; None leaves a side open."""

    field: Field
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.field.type != "number":
            msg = f"{self.field.name} is not a number, so it has no range; compare levels."
            raise ValueError(msg)
        if self.at_least is None and self.at_most is None:
            msg = "give at_least, at_most or both."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtMostOf:
    """At most so many of the parts are true.

    Raises
    ------
    ValueError
        If every number of true parts, or none, would do.
    """

    parts: tuple[Condition, ...]
    at_most: int

    def __post_init__(self) -> None:
        if not 0 <= self.at_most < len(self.parts):
            msg = f"at_most must lie from 0 to {len(self.parts) - 1}, got {self.at_most}."
            raise ValueError(msg)


Condition = IsMissing | InLevels | InRange | AllOf | AnyOf | Not | AtMostOf


class Facts:
    """What is known of each row, by field name.

    Parameters
    ----------
    table : DataFrame, shape (n, n_fields)
        Columns as in `CaseTable.fields`. A field without a column is missing everywhere.
    assessed_week : ndarray of float, shape (n,)
        Week of the assessment; stands in for a column of that name.
    week_name : str
        Name under which a condition asks for the week of the assessment.
    """

    def __init__(
        self, table: pd.DataFrame, assessed_week: FloatArray, week_name: str = "assessed_week"
    ) -> None:
        if len(table) != len(assessed_week):
            msg = "facts and assessed_week must have the same length."
            raise ValueError(msg)
        self._table = table
        self._assessed_week = assessed_week
        self._week_name = week_name

    def __len__(self) -> int:
        return len(self._assessed_week)

    def take(self, rows: slice | npt.NDArray[np.intp]) -> Facts:
        """Return the facts of some rows."""
        return Facts(self._table.iloc[rows], self._assessed_week[rows], self._week_name)

    def find_missing(self, field: Field) -> BoolArray:
        """Return which rows lack the fact.

        Examples
        --------
        >>> from riskmodel.domain.labels import Label
        >>> age = Field("age", Label("Alder", "Age"), "number", "intake", range=(16, 70))
        >>> Facts(pd.DataFrame({"age": [20.0, None]}), np.zeros(2)).find_missing(age)
        array([False,  True])
        """
        if field.name not in self._table.columns:
            if field.name == self._week_name:
                return np.isnan(self._assessed_week)
            return np.ones(len(self), dtype=np.bool_)
        if field.levels:
            return self._read_levels(field).codes < 0
        return self._table[field.name].isna().to_numpy()

    def read_numbers(self, field: Field) -> FloatArray:
        """Return a number field as float64, NaN where missing."""
        if field.name in self._table.columns:
            return self._table[field.name].to_numpy(dtype=np.float64, na_value=np.nan)
        if field.name == self._week_name:
            return self._assessed_week
        return np.full(len(self), np.nan)

    def compare_levels(self, field: Field, allowed: tuple[str, ...]) -> Answers:
        """Return whether each row's level is among the allowed ones."""
        if field.name not in self._table.columns:
            return np.full(len(self), UNKNOWN, dtype=np.int8)
        levels = self._read_levels(field)
        answers = [TRUE if value in allowed else FALSE for value in levels.categories]
        # Code -1 (missing) picks the last entry.
        return np.asarray(np.array([*answers, UNKNOWN], dtype=np.int8)[levels.codes])

    def compare_numbers(
        self, field: Field, at_least: float | None, at_most: float | None
    ) -> Answers:
        """Return whether each row's number lies between two bounds."""
        numbers = self.read_numbers(field)
        inside = np.ones(len(self), dtype=np.bool_)
        if at_least is not None:
            inside &= numbers >= at_least
        if at_most is not None:
            inside &= numbers <= at_most
        answers = np.where(inside, TRUE, FALSE).astype(np.int8)
        answers[np.isnan(numbers)] = UNKNOWN
        return answers

    def read_value(self, field: Field, row: int) -> float | str | None:
        """Return one fact as entered: a number, a level's value, or None where missing."""
        if self.find_missing(field)[row]:
            return None
        if field.levels:
            levels = self._read_levels(field)
            return str(levels.categories[levels.codes[row]])
        if field.type == "number":
            return float(self.read_numbers(field)[row])
        return str(self._table[field.name].iloc[row])

    def _read_levels(self, field: Field) -> pd.Categorical:
        column = self._table[field.name]
        values = column.array
        if isinstance(values, pd.Categorical):
            return values
        return pd.Categorical(column, categories=list(field.level_values))


def answer(condition: Condition, facts: Facts) -> Answers:
    """Return TRUE, FALSE or UNKNOWN for each row.

    Examples
    --------
    >>> from riskmodel.domain.labels import Label
    >>> age = Field("age", Label("Alder", "Age"), "number", "intake", range=(16, 70))
    >>> facts = Facts(pd.DataFrame({"age": [20.0, 60.0, None]}), np.zeros(3))
    >>> answer(InRange(age, at_least=50), facts)
    array([0, 2, 1], dtype=int8)
    >>> answer(AnyOf((InRange(age, at_least=50), IsMissing(age))), facts)
    array([0, 2, 2], dtype=int8)
    """
    match condition:
        case IsMissing(field, missing):
            return np.where(facts.find_missing(field) == missing, TRUE, FALSE).astype(np.int8)
        case InLevels(field, allowed):
            return facts.compare_levels(field, allowed)
        case InRange(field, at_least, at_most):
            return facts.compare_numbers(field, at_least, at_most)
        case Not(part):
            return TRUE - answer(part, facts)
        case AllOf(parts) | AnyOf(parts) | AtMostOf(parts):
            return _join(condition, np.stack([answer(part, facts) for part in parts]))


def _join(joint: AllOf | AnyOf | AtMostOf, answers: Answers) -> Answers:
    if isinstance(joint, AllOf):
        return np.asarray(answers.min(axis=0))
    if isinstance(joint, AnyOf):
        return np.asarray(answers.max(axis=0))
    too_many = np.sum(answers == TRUE, axis=0) > joint.at_most
    few_at_worst = np.sum(answers != FALSE, axis=0) <= joint.at_most
    return np.select([too_many, few_at_worst], [FALSE, TRUE], UNKNOWN).astype(np.int8)


def _list_leaves(condition: Condition) -> Iterator[IsMissing | InLevels | InRange]:
    match condition:
        case AllOf(parts) | AnyOf(parts) | AtMostOf(parts):
            for part in parts:
                yield from _list_leaves(part)
        case Not(part):
            yield from _list_leaves(part)
        case _:
            yield condition


def fields_named(condition: Condition) -> tuple[Field, ...]:
    """Return every field that the condition names, in reading order."""
    return tuple(dict.fromkeys(leaf.field for leaf in _list_leaves(condition)))


def fields_compared(condition: Condition) -> tuple[Field, ...]:
    """Return the fields whose absence can make the condition unknown, in reading order.

    A field with "is missing" beside its comparison in ``any`` is not among them.
    """
    return tuple(dict.fromkeys(_list_compared(condition)))


def _list_compared(condition: Condition) -> Iterator[Field]:
    match condition:
        case AnyOf(parts):
            excused = {part.field for part in parts if isinstance(part, IsMissing) and part.missing}
            for part in parts:
                yield from (field for field in _list_compared(part) if field not in excused)
        case AllOf(parts) | AtMostOf(parts):
            for part in parts:
                yield from _list_compared(part)
        case Not(part):
            yield from _list_compared(part)
        case InLevels(field) | InRange(field):
            yield field


def fields_behind(condition: Condition, facts: Facts, value: int) -> dict[str, BoolArray]:
    """Return which fields make the condition come out at one answer, row by row.

    Parameters
    ----------
    condition : Condition
        What is asked.
    facts : Facts
        The rows.
    value : int
        TRUE, FALSE or UNKNOWN.

    Returns
    -------
    dict of str to ndarray of bool
        For each field named in the condition, the rows where the whole condition has that
        answer and the field's part in it has it too.
    """
    found: dict[str, BoolArray] = {}
    _collect(condition, facts, value, np.ones(len(facts), dtype=np.bool_), found)
    return found


def _collect(
    condition: Condition, facts: Facts, value: int, rows: BoolArray, found: dict[str, BoolArray]
) -> None:
    rows = rows & (answer(condition, facts) == value)
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                _collect(part, facts, value, rows, found)
        case Not(part):
            _collect(part, facts, TRUE - value, rows, found)
        case AtMostOf(parts):
            for part in parts:
                _collect(part, facts, TRUE - value, rows, found)
        case _:
            name = condition.field.name
            found[name] = found[name] | rows if name in found else rows
