"""The codebook: every field described once, as frozen objects that check themselves.

Import checks, the generator, the feature matrix, constraints, explanation wording and
the model card all read it. `riskmodel.domain.codebook_parsing` builds these objects from
the mapping found in a YAML file.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from riskmodel.domain.asking import FactTest, check_fact_tests
from riskmodel.domain.labels import Label
from riskmodel.domain.outcome import YES_NO_LEVELS, Level, Outcome

__all__ = [
    "ASSESSED_WEEK",
    "YES_NO_LEVELS",
    "Codebook",
    "DataKind",
    "Direction",
    "Field",
    "FieldType",
    "KnownAt",
    "Level",
    "Outcome",
    "Use",
]

FieldType = Literal["number", "ordinal", "category", "yes_no", "date"]
KnownAt = Literal["intake", "review", "closure"]
Use = Literal["indicator", "audit", "context"]
Direction = Literal["increasing", "decreasing", "none"]
DataKind = Literal["synthetic", "public", "case_records"]

ASSESSED_WEEK = "assessed_week"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def _check_member(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        msg = f"{what} must be one of {', '.join(allowed)}, got {value!r}."
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a case table.

    Parameters
    ----------
    name : str
        Column name: letters, digits and underscores.
    label : Label
        What people call it, in both languages. Accepted as a heading.
    type : {"number", "ordinal", "category", "yes_no", "date"}
        How it is read. The levels of an ordinal field run from low to high.
    known_at : {"intake", "review", "closure"}
        When it becomes known. A review field may change at each assessment; a closure
        field is known only when the case has ended and can never be an indicator.
    use : {"indicator", "audit", "context"}
        Used by the model, for fairness tables only, or carried along.
    theme : str
        Group of fields it belongs to, such as ``expected_duration``.
    unit : str or None
        Unit of a number: ``weeks`` for how long, ``week`` for which one.
    range : tuple of float or None
        Smallest and largest allowed number, both included. Required for numbers.
    levels : tuple of Level
        Allowed values of an ordinal or category field.
    direction : {"increasing", "decreasing", "none"}
        Expected sign: the risk never falls (rises) as the value rises.
    actionable : bool
        Whether the course can be influenced through it.
    ask : Label or None
        What the adviser could ask or check.
    ask_when : tuple of FactTest
        Asking makes sense only where all of them hold. A test of another field also says
        where this fact applies at all; one of the field itself, which answers leave
        something to ask.
    missing_label : Label or None
        What a missing value is called, where that is a state of its own.
    missing_codes : tuple of str
        Codes that stand for a missing value in this field.
    citizen_label : Label or None
        What it is called to the citizen whom it is about ("your ..."); None where that is
        the label. Never accepted as a heading.

    Raises
    ------
    ValueError
        If a rule is broken; the text names the rule, the value and the remedy.

    Examples
    --------
    >>> age = Field(name="age", label=Label("Alder", "Age"), type="number",
    ...             known_at="intake", range=(16, 70), unit="years")
    >>> age.is_indicator
    True
    """

    name: str
    label: Label
    type: FieldType
    known_at: KnownAt
    use: Use = "indicator"
    theme: str = "other"
    unit: str | None = None
    range: tuple[float, float] | None = None
    levels: tuple[Level, ...] = ()
    direction: Direction = "none"
    actionable: bool = False
    ask: Label | None = None
    ask_when: tuple[FactTest, ...] = ()
    missing_label: Label | None = None
    missing_codes: tuple[str, ...] = ()
    citizen_label: Label | None = None

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            msg = f"name must be letters, digits and underscores, got {self.name!r}."
            raise ValueError(msg)
        _check_member(self.type, get_args(FieldType), "type")
        _check_member(self.known_at, get_args(KnownAt), "known_at")
        _check_member(self.use, get_args(Use), "use")
        _check_member(self.direction, get_args(Direction), "direction")
        self._check_values()
        self._check_use()
        self._check_missing_codes()

    def _check_values(self) -> None:
        if self.type == "yes_no" and not self.levels:
            object.__setattr__(self, "levels", YES_NO_LEVELS)
        if self.type in {"ordinal", "category", "yes_no"}:
            values = [level.value for level in self.levels]
            if len(values) < 2 or len(set(values)) != len(values):
                msg = f"levels must list at least two different values, got {values}."
                raise ValueError(msg)
        elif self.levels:
            msg = f"levels belong to ordinal and category fields, not to type {self.type}."
            raise ValueError(msg)
        if self.type == "number":
            if self.range is None:
                msg = "range is required for a number: give [smallest, largest]."
                raise ValueError(msg)
            low, high = self.range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                msg = f"range must be two finite numbers, smallest first, got [{low}, {high}]."
                raise ValueError(msg)
        elif self.range is not None:
            msg = f"range belongs to numbers, not to type {self.type}."
            raise ValueError(msg)

    def _check_use(self) -> None:
        if self.use == "indicator" and self.known_at == "closure":
            msg = (
                "use: indicator with known_at: closure would let the model see the outcome; "
                "set use: context, or correct known_at if it is known at the assessment."
            )
            raise ValueError(msg)
        if self.use == "indicator" and self.type == "date":
            msg = (
                "a date cannot be an indicator: it identifies people and does not carry over "
                "to new cases; use a number of days or weeks, or set use: context."
            )
            raise ValueError(msg)
        if self.direction != "none" and self.type in {"category", "date"}:
            msg = f"direction needs ordered values, so type {self.type} must have direction: none."
            raise ValueError(msg)

    def _check_missing_codes(self) -> None:
        for code in self.missing_codes:
            if code in {level.value for level in self.levels}:
                msg = f"missing code {code!r} is also one of the levels; choose another code."
                raise ValueError(msg)
            if self.range is not None and _is_inside(code, self.range):
                msg = (
                    f"missing code {code!r} lies inside the range {list(self.range)}; "
                    "choose a code outside it, or set missing_codes for this field."
                )
                raise ValueError(msg)

    @property
    def is_indicator(self) -> bool:
        """Whether the model uses the field."""
        return self.use == "indicator"

    @property
    def level_values(self) -> tuple[str, ...]:
        """Values of the levels, in order."""
        return tuple(level.value for level in self.levels)

    def level_label(self, value: str) -> Label:
        """Return the label of a level.

        Raises
        ------
        KeyError
            If the field has no such level.
        """
        return self._find_level(value).label

    def citizen_level_label(self, value: str) -> Label | None:
        """Return what a level is called to the citizen, or None where that is its label.

        Raises
        ------
        KeyError
            If the field has no such level.
        """
        return self._find_level(value).citizen_label

    def _find_level(self, value: str) -> Level:
        for level in self.levels:
            if level.value == value:
                return level
        raise KeyError(value)


def _is_inside(code: str, limits: tuple[float, float]) -> bool:
    try:
        value = float(code)
    except ValueError:
        return False
    return limits[0] <= value <= limits[1]


@dataclass(frozen=True, slots=True)
class Codebook:
    """All fields of a case table, and which columns play which part.

    Parameters
    ----------
    name, version : str
        Identify the codebook in every output.
    data_kind : {"synthetic", "public", "case_records"}
        What kind of data the tables hold. ``case_records`` are trained on or scored only
        with a recorded legal basis.
    key : str
        Column that identifies the case.
    group : str
        Column whose rows are never split between training and testing (one person).
    site : str or None
        Column with the municipality.
    assessed_week : str or float
        Column with the week of the assessment, or one week for all rows.
    outcome : Outcome
        Outcome columns; they may be absent from a table that is scored.
    horizons : tuple of float
        Weeks from the first absence day that risks are given for, rising.
    primary_horizon : float
        The horizon that the score is fitted at; one of `horizons`.
    fields : tuple of Field
        The fields, in reading order.

    Raises
    ------
    ValueError
        If a rule is broken.
    """

    name: str
    version: str
    data_kind: DataKind
    key: str
    fields: tuple[Field, ...]
    outcome: Outcome = field(default_factory=Outcome)
    group: str = ""
    site: str | None = None
    assessed_week: str | float = 0.0
    horizons: tuple[float, ...] = (26.0,)
    primary_horizon: float = 26.0
    title: Label | None = None

    def __post_init__(self) -> None:
        _check_member(self.data_kind, get_args(DataKind), "data_kind")
        if not self.group:
            object.__setattr__(self, "group", self.key)
        names = [one.name for one in self.fields]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            msg = f"fields must have different names, repeated: {repeated}."
            raise ValueError(msg)
        self._check_horizons()
        self._check_roles()
        check_fact_tests(self.fields)
        if not self.indicators:
            msg = "at least one field must have use: indicator."
            raise ValueError(msg)

    def _check_horizons(self) -> None:
        if not self.horizons or any(not 0 < week < math.inf for week in self.horizons):
            msg = f"horizons must be positive weeks, got {list(self.horizons)}."
            raise ValueError(msg)
        if list(self.horizons) != sorted(set(self.horizons)):
            msg = f"horizons must rise without repeats, got {list(self.horizons)}."
            raise ValueError(msg)
        if self.primary_horizon not in self.horizons:
            known = list(self.horizons)
            msg = f"primary_horizon must be one of {known}, got {self.primary_horizon}."
            raise ValueError(msg)
        week = self.assessed_week
        if not isinstance(week, str) and not 0 <= week < self.primary_horizon:
            msg = f"assessed_week must lie in [0, {self.primary_horizon}), got {week}."
            raise ValueError(msg)

    def _check_roles(self) -> None:
        parts = [("key", self.key), *(("outcome", name) for name in self.outcome.columns)]
        if isinstance(self.assessed_week, str):
            parts.append(("assessed_week", self.assessed_week))
        columns = [column for _, column in parts]
        if len(set(columns)) != len(columns):
            msg = f"key, assessed_week and outcome must be different columns, got {columns}."
            raise ValueError(msg)
        barred = {column: part for part, column in [("group", self.group), *parts]}
        for one in self.fields:
            part = barred.get(one.name, "assessed_week")
            if one.is_indicator and part != "assessed_week":
                msg = (
                    f"field {one.name} is the {part} column and cannot be an indicator; "
                    "set use: context."
                )
                raise ValueError(msg)

    @property
    def indicators(self) -> tuple[Field, ...]:
        """Fields the model uses, in codebook order; the assessed week last where it varies."""
        chosen = tuple(one for one in self.fields if one.is_indicator)
        week = self.assessed_week
        if isinstance(week, str) and week not in {one.name for one in self.fields}:
            return (*chosen, self.assessed_week_field)
        return chosen

    @property
    def assessed_week_field(self) -> Field:
        """The assessed week as an indicator."""
        name = self.assessed_week if isinstance(self.assessed_week, str) else ASSESSED_WEEK
        return Field(
            name=name,
            label=Label(da="Uge for vurderingen", en="Week of the assessment"),
            type="number",
            known_at="intake",
            theme="assessment",
            unit="week",
            range=(0.0, 1040.0),
        )

    def find_field(self, name: str) -> Field:
        """Return the field of that name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in (*self.fields, *self.indicators):
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def audit_fields(self) -> tuple[Field, ...]:
        """Fields kept for fairness tables only."""
        return tuple(one for one in self.fields if one.use == "audit")
