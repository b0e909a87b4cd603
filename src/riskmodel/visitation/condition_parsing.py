"""Builds conditions from a mapping and checks them against the codebook."""

from __future__ import annotations

import math

from riskmodel.domain.codebook import ASSESSED_WEEK, Codebook, Field
from riskmodel.visitation.conditions import (
    AllOf,
    AnyOf,
    AtMostOf,
    Condition,
    InLevels,
    InRange,
    IsMissing,
    Not,
)
from riskmodel.visitation.policy_reader import PolicyReader

__all__ = ["parse_condition", "read_fact"]

_JOINTS = ("all", "any", "not", "of")
_LEVEL_TESTS = ("in", "not_in")
_BOUNDS = ("at_least", "at_most")
_TESTS = (*_LEVEL_TESTS, *_BOUNDS, "missing")


def parse_condition(reader: PolicyReader, codebook: Codebook) -> Condition | None:
    """Build one condition; None where a fault was noted.

    Parameters
    ----------
    reader : PolicyReader
        With ``all``, ``any`` or ``not``, with ``at_most`` and ``of``, or with ``field`` and one
        test: ``in``, ``not_in``, ``at_least`` and/or ``at_most``, or ``missing``.
    codebook : Codebook
        Says which fields and levels there are.
    """
    joints = [key for key in _JOINTS if reader.has(key)]
    found = _read_joint(reader, joints[0], codebook) if joints else _read_test(reader, codebook)
    reader.finish()
    return found if reader.is_clean else None


def read_fact(name: object, path: str, reader: PolicyReader, codebook: Codebook) -> Field | None:
    """Return the codebook field that a policy may ask for, or None with a fault noted."""
    if name == ASSESSED_WEEK:
        return codebook.assessed_week_field
    try:
        field = codebook.find_field(str(name))
    except KeyError:
        known = ", ".join(
            one.name for one in codebook.fields if one.known_at != "closure" and one.use != "audit"
        )
        reader.faults.add(
            path, f"names no field of codebook {codebook.name}: {name!r}.", f"Use one of {known}."
        )
        return None
    if field.known_at == "closure":
        problem = f"{field.name} is known only when the case has ended."
        reader.faults.add(path, problem, "Use a fact that is known at the assessment.")
        return None
    if field.use == "audit":
        problem = f"{field.name} is kept for fairness tables only."
        reader.faults.add(path, problem, "A policy must not decide by it; remove the rule.")
        return None
    return field


def _read_joint(reader: PolicyReader, key: str, codebook: Codebook) -> Condition | None:
    if key == "not":
        part = parse_condition(reader.child("not"), codebook)
        return None if part is None else Not(part)
    readers = reader.list_readers(key)
    if not readers:
        reader.faults.add(reader.locate(key), "is empty.", "List at least one condition.")
    parts = [parse_condition(one, codebook) for one in readers]
    found = tuple(part for part in parts if part is not None)
    if key == "of":
        most = reader.number("at_most", 0, len(readers) - 1)
        if reader.is_clean and most != int(most):
            reader.faults.add(reader.locate("at_most"), "must be a whole number.", "Correct it.")
        return reader.build(lambda: AtMostOf(found, int(most)))
    return AllOf(found) if key == "all" else AnyOf(found)


def _read_test(reader: PolicyReader, codebook: Codebook) -> Condition | None:
    name = reader.text("field")
    tests = [key for key in _TESTS if reader.has(key)]
    if not tests or (len(tests) > 1 and tests != list(_BOUNDS)):
        reader.faults.add(
            reader.path,
            f"must make one test, got {', '.join(tests) or 'none'}.",
            f"Use one of {', '.join(_TESTS)}, or all: and any: with several.",
        )
    if not reader.is_clean:
        return None
    field = read_fact(name, reader.locate("field"), reader, codebook)
    if field is None:
        return None
    if tests == ["missing"]:
        return IsMissing(field, missing=reader.flag("missing"))
    if tests[0] in _LEVEL_TESTS:
        return _read_levels(reader, field, tests[0])
    return _read_bounds(reader, field, tests)


def _read_levels(reader: PolicyReader, field: Field, key: str) -> Condition | None:
    named = [_write_level(value) for value in reader.list_values(key)]
    for value in named:
        if value not in field.level_values:
            listed = ", ".join(field.level_values) or "none, it is compared with at_least, at_most"
            reader.faults.add(
                reader.locate(key),
                f"{field.name} has no level {value!r}.",
                f"Its levels: {listed}.",
            )
    wanted = key == "in"
    allowed = tuple(value for value in field.level_values if (value in named) == wanted)
    if not named or not allowed:
        reader.faults.add(
            reader.locate(key), "must name some but not every level.", "Correct the list."
        )
    return reader.build(lambda: InLevels(field, allowed))


def _read_bounds(reader: PolicyReader, field: Field, keys: list[str]) -> Condition | None:
    if field.type == "number":
        low, high = field.range or (-math.inf, math.inf)
        bounds = {key: reader.number(key, low, high) for key in keys}
        return reader.build(lambda: InRange(field, bounds.get("at_least"), bounds.get("at_most")))
    if field.type != "ordinal":
        reader.faults.add(
            reader.locate(keys[0]), f"{field.name} has no order.", "Use in: with its levels."
        )
        return None
    levels = field.level_values
    first, last = 0, len(levels) - 1
    for key in keys:
        value = _write_level(reader.value(key))
        if value not in levels:
            problem = f"{field.name} has no level {value!r}."
            reader.faults.add(reader.locate(key), problem, f"Its levels: {', '.join(levels)}.")
        elif key == "at_least":
            first = levels.index(value)
        else:
            last = levels.index(value)
    return reader.build(lambda: InLevels(field, levels[first : last + 1]))


def _write_level(value: object) -> str:
    # Unquoted yes and no arrive as booleans from a reader of YAML 1.1.
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
