"""Reading one field of a codebook, its levels and its missing codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, get_args

from riskmodel.domain.asking import FactTest
from riskmodel.domain.codebook import (
    YES_NO_LEVELS,
    Direction,
    Field,
    FieldType,
    KnownAt,
    Level,
    Use,
)
from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList, MappingReader, as_text

__all__ = ["keep_rules", "read_field", "read_levels", "read_missing_codes"]

T = TypeVar("T")

_FIELD_KEYS = (
    "name",
    "label",
    "theme",
    "type",
    "unit",
    "range",
    "levels",
    "known_at",
    "use",
    "direction",
    "actionable",
    "ask",
    "ask_when",
    "missing_label",
    "missing_codes",
    "citizen_label",
)
_FIELD_HINTS = {
    "id": "name",
    "description": "label",
    "title": "label",
    "values": "levels",
    "categories": "levels",
    "sign": "direction",
    "question": "ask",
    "label_citizen": "citizen_label",
    "letter_label": "citizen_label",
    "min": "range",
    "max": "range",
}
_TYPE_HINTS = {
    **dict.fromkeys(("int", "integer", "float", "numeric", "decimal", "count"), "number"),
    **dict.fromkeys(("bool", "boolean", "binary", "flag", "yes/no", "true"), "yes_no"),
    **dict.fromkeys(("string", "text", "nominal", "categorical", "enum"), "category"),
    **dict.fromkeys(("ordered", "rank", "scale"), "ordinal"),
    "datetime": "date",
}
_KNOWN_AT_HINTS = {"start": "intake", "outcome": "closure", "end": "closure", "follow_up": "review"}
_DIRECTION_HINTS = {"+": "increasing", "-": "decreasing", "up": "increasing", "down": "decreasing"}

_KNOWN_AT_REASON = (
    "Say when it becomes known, so that nothing from after the assessment reaches the model: "
    "intake, review (may change at each assessment) or closure."
)
_TYPE_REASON = f"Say how it is read: {', '.join(get_args(FieldType))}."
_LEVELS_REMEDY = "List the values, such as levels: [low, high] or [{value: 1, label: Low}]."
_LEVEL_KEYS = ("value", "label", "citizen_label")
_LEVEL_HINTS = {"label_citizen": "citizen_label"}
_TEST_KEYS = ("field", "in", "at_least", "at_most", "missing")
_TESTS_REMEDY = "Write ask_when: [{field: job, in: [yes]}] or [{field: weeks, at_least: 1}]."
_CODES_REMEDY = "Write missing_codes: [998, 999]."
_GLOBAL_CODE_REMEDY = (
    "The head's missing_codes hold for every field: change them, or give this field its own, "
    "such as missing_codes: []."
)
# Which key a rule of the dataclasses speaks of, by the first words of its message.
_RULE_KEYS = {
    "use:": "use",
    "a date": "use",
    "missing code": "missing_codes",
    "field ": "fields",
    "fields ": "fields",
    "at least one field": "fields",
    "end_reason needs": "end_reason",
}
_RULE_REMEDIES = {
    "name": (
        "Start with a letter a-z; put any other heading under label, where it is accepted as "
        "the column's heading too."
    ),
    "range": "Write range: [smallest, largest] for a number, and leave it out otherwise.",
    "levels": f"{_LEVELS_REMEDY} Leave them out for numbers and dates.",
    "direction": "Set direction: none, or make the field ordinal, with levels from low to high.",
    "horizons": "Write rising weeks, such as horizons: [8, 12, 26, 52].",
    "primary_horizon": "Choose one of the horizons.",
    "assessed_week": "Name a column, or give one week before the primary horizon.",
    "recovery": "Name values that stand under reasons.",
    "end_reason": "Write reasons: [recovered, other] and recovery: [recovered].",
    "fields": "Set use: indicator for the fields that the model may use.",
    "max_weeks": "Write a number of weeks, such as 520.",
}


def read_missing_codes(reader: MappingReader) -> tuple[str, ...] | None:
    """Read missing codes: a list, or a mapping from what they mean to the code."""
    value = reader.get("missing_codes")
    if value is None:
        return None
    if isinstance(value, Mapping):
        codes = tuple(as_text(code) for code in value.values())
        if None in codes:
            problem = "missing_codes must give one code for each meaning."
            reader.note("missing_codes", problem, "Write missing_codes: {not_stated: 998}.")
        return tuple(code for code in codes if code is not None)
    return reader.texts("missing_codes", _CODES_REMEDY)


def read_levels(reader: MappingReader, key: str) -> tuple[Level, ...]:
    """Read levels: plain values, or mappings with a value and its label."""
    levels: list[Level] = []
    keys = _LEVEL_KEYS if key == "levels" else _LEVEL_KEYS[:2]
    for number, item in enumerate(reader.items(key, _LEVELS_REMEDY), start=1):
        path = f"{reader.at(key)}[{number}]"
        if not isinstance(item, Mapping):
            text = as_text(item)
            if text is None:
                reader.faults.add(path, "A level must be one value, not empty.", _LEVELS_REMEDY)
            else:
                levels.append(Level(text, Label(da=text, en=text)))
            continue
        one = MappingReader(item, path, reader.faults, keys, _LEVEL_HINTS)
        one.require("value", "Write the value as it stands in the table.")
        value, label = one.text("value"), one.label("label")
        if value is not None:
            told = one.label("citizen_label") if "citizen_label" in keys else None
            levels.append(Level(value, label or Label(da=value, en=value), told))
    return tuple(levels)


def read_field(item: object, path: str, faults: FaultList, codes: tuple[str, ...]) -> Field | None:
    """Read one field; None, with the faults noted, where it breaks a rule.

    Parameters
    ----------
    item : object
        The mapping that describes the field.
    path : str
        Where it stands, such as ``fields[3]``; its name is added.
    faults : FaultList
        Where faults are noted.
    codes : tuple of str
        Missing codes that hold unless the field gives its own.
    """
    before = len(faults.faults)
    name = as_text(item.get("name")) if isinstance(item, Mapping) else None
    path = f"{path} {name}" if name else path
    reader = MappingReader(item, path, faults, _FIELD_KEYS, _FIELD_HINTS)
    shape = _read_shape(reader)
    use: Any = reader.choice("use", get_args(Use)) or "indicator"
    direction: Any = reader.choice("direction", get_args(Direction), _DIRECTION_HINTS) or "none"
    values: dict[str, Any] = {"range": _read_range(reader), "levels": read_levels(reader, "levels")}
    own_codes = read_missing_codes(reader)
    whole = len(faults.faults) == before
    # The rules are tried one by one, each beside values that obey the others.
    stand_in = None if shape is None else keep_rules(reader, lambda: _stand_in(shape))
    if shape is None or stand_in is None:
        return None
    plain = keep_rules(reader, lambda: Field(**shape, **values, use="context")) if whole else None
    probe = plain or stand_in
    keep_rules(reader, lambda: replace(probe, use=use))
    keep_rules(reader, lambda: replace(probe, direction=direction))
    if plain is None:
        return None
    remedy = _GLOBAL_CODE_REMEDY if own_codes is None else None
    field_codes = codes if own_codes is None else own_codes
    keep_rules(reader, lambda: replace(plain, missing_codes=field_codes), remedy)
    if len(faults.faults) > before:
        return None
    return replace(plain, use=use, direction=direction, missing_codes=field_codes)


def _read_shape(reader: MappingReader) -> dict[str, Any] | None:
    """Read what names and types the field; None where that is not known."""
    reader.require("name", "Write the column's name as it stands in the table.")
    reader.require("type", _TYPE_REASON)
    reader.require("known_at", _KNOWN_AT_REASON)
    shape: dict[str, Any] = {
        "name": reader.text("name"),
        "type": reader.choice("type", get_args(FieldType), _TYPE_HINTS),
        "known_at": reader.choice("known_at", get_args(KnownAt), _KNOWN_AT_HINTS),
    }
    name, label = shape["name"], reader.label("label")
    details = {
        "theme": reader.text("theme") or "other",
        "unit": reader.text("unit"),
        "actionable": reader.flag("actionable", default=False),
        "ask": reader.label("ask"),
        "ask_when": _read_tests(reader),
        "missing_label": reader.label("missing_label"),
        "citizen_label": reader.label("citizen_label"),
    }
    if any(value is None for value in shape.values()):
        return None
    return {**shape, **details, "label": label or Label(da=name, en=name)}


def _read_tests(reader: MappingReader) -> tuple[FactTest, ...]:
    tests: list[FactTest] = []
    for number, item in enumerate(reader.items("ask_when", _TESTS_REMEDY), start=1):
        one = MappingReader(item, f"{reader.at('ask_when')}[{number}]", reader.faults, _TEST_KEYS)
        named = one.require("field", "Name the field that is looked at.")
        levels = one.texts("in", _TESTS_REMEDY)
        at_least, at_most = one.number("at_least"), one.number("at_most")
        name = one.text("field")
        if named and name is not None:
            missing = one.flag("missing", default=False)
            built = keep_rules(one, partial(FactTest, name, levels, at_least, at_most, missing))
            tests += [] if built is None else [built]
    return tuple(tests)


def _read_range(reader: MappingReader) -> tuple[float, float] | None:
    numbers = reader.numbers("range")
    if numbers is None:
        return None
    match numbers:
        case (low, high):
            return (low, high)
    problem = f"range must be two numbers, got {len(numbers)}."
    reader.note("range", problem, "Write range: [smallest, largest].")
    return None


def _stand_in(shape: Mapping[str, Any]) -> Field:
    """Return the field with harmless values; only its name can break a rule."""
    levelled = shape["type"] in {"ordinal", "category", "yes_no"}
    limits = (0.0, 1.0) if shape["type"] == "number" else None
    return Field(**shape, range=limits, levels=YES_NO_LEVELS if levelled else (), use="context")


def keep_rules(
    reader: MappingReader, build: Callable[[], T], remedy: str | None = None
) -> T | None:
    """Build an object; turn a broken rule into a fault at the key that it speaks of.

    Parameters
    ----------
    reader : MappingReader
        Where the fault is noted.
    build : callable
        Builds the object, raising ValueError where it breaks a rule.
    remedy : str or None
        What to do instead of what the rule's own text advises.

    Returns
    -------
    object or None
        None where a rule is broken.
    """
    try:
        return build()
    except ValueError as error:
        message = str(error)
        key = next((key for start, key in _RULE_KEYS.items() if message.startswith(start)), None)
        key = key or message.split(" ", 1)[0].rstrip(":,")
        problem, _, advice = message.partition("; ")
        advice = remedy or advice[:1].upper() + advice[1:] or _RULE_REMEDIES.get(key, "")
        problem = problem[:1].upper() + problem[1:] if key != problem.split(" ", 1)[0] else problem
        reader.note(key, problem if problem.endswith(".") else f"{problem}.", advice)
        return None
