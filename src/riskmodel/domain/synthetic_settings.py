"""Reading the settings of the synthetic generator, each value with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from riskmodel.domain.mapping_reader import FaultList, as_text, shown
from riskmodel.domain.synthetic_course_parameters import (
    CourseParameters,
    PairEffect,
    ReviewParameters,
)
from riskmodel.domain.synthetic_parameters import (
    DocumentParameters,
    PeopleParameters,
    SelectionParameters,
    SyntheticParameters,
)

__all__ = ["list_presets", "parse_synthetic_parameters"]

_GROUPS = {
    "people": PeopleParameters,
    "course": CourseParameters,
    "review": ReviewParameters,
    "documents": DocumentParameters,
    "selection": SelectionParameters,
}
_DATES = frozenset({"first_absence_from", "first_absence_to", "extraction_date"})
_LEAF = frozenset({"value", "source"})
_T = TypeVar("_T")


def list_presets(mapping: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of the presets in a settings file, in file order."""
    presets = mapping.get("presets")
    return tuple(str(name) for name in presets) if isinstance(presets, Mapping) else ()


def parse_synthetic_parameters(
    mapping: Mapping[str, object], preset: str, source: str = "synthetic.yaml"
) -> SyntheticParameters:
    """Build the parameters of one preset.

    Parameters
    ----------
    mapping : mapping of str to object
        ``presets``: preset to its groups of settings. A setting is a mapping with exactly
        ``value`` and ``source``; ``based_on`` names the preset whose settings fill the gaps.
    preset : str
        Name of the preset.
    source : str
        Name of the file, for messages.

    Raises
    ------
    CodebookError
        If a setting has no source, is missing, unknown or out of its range; the fault
        names the key path.
    """
    faults = FaultList(source)
    leaves, sources = _collect(mapping, preset, faults, ())
    faults.raise_if_any()
    groups = {
        name: _build(kind, leaves.get(name, {}), name, faults) for name, kind in _GROUPS.items()
    }
    for name in leaves:
        if name not in _GROUPS:
            remedy = f"Valid groups are {', '.join(_GROUPS)}."
            faults.add(name, f"The group {shown(name)} is not known.", remedy)
    faults.raise_if_any()
    try:
        return SyntheticParameters(preset=preset, sources=sources, **groups)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        faults.add(f"presets.{preset}", str(error), "Correct the setting.")
    faults.raise_if_any()
    raise AssertionError


def _collect(
    mapping: Mapping[str, object], preset: str, faults: FaultList, seen: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, str]]:
    presets = mapping.get("presets")
    one = presets.get(preset) if isinstance(presets, Mapping) else None
    if not isinstance(one, Mapping) or preset in seen:
        names = ", ".join(list_presets(mapping)) or "none"
        problem = f"There is no usable preset {shown(preset)}."
        faults.add("presets", problem, f"Choose one of: {names}.")
        return {}, {}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    parent = one.get("based_on")
    if parent is not None:
        values, sources = _collect(mapping, str(parent), faults, (*seen, preset))
    own = {key: value for key, value in one.items() if key != "based_on"}
    _read_node(own, f"presets.{preset}", "", (values, sources), faults)
    return values, sources


def _read_node(
    node: Mapping[object, object],
    where: str,
    path: str,
    into: tuple[dict[str, Any], dict[str, str]],
    faults: FaultList,
) -> None:
    values, sources = into
    for raw_key, child in node.items():
        key = as_text(raw_key) or ""
        place, inner = f"{where}.{key}", f"{path}.{key}" if path else key
        if not isinstance(child, Mapping):
            problem = f"A setting needs value and source, got {shown(child)}."
            faults.add(place, problem, "Write {value: ..., source: ...}.")
        elif _LEAF & set(child):
            if set(child) != _LEAF or not (as_text(child["source"]) or "").strip():
                problem = "A setting must have exactly a value and a source."
                remedy = "Give the address of the source, or write source: assumption."
                faults.add(place, problem, remedy)
                continue
            values[key] = _freeze(child["value"])
            sources[inner] = as_text(child["source"]) or ""
        else:
            below = values.get(key)
            deeper = dict(below) if isinstance(below, dict) else {}
            values[key] = deeper
            _read_node(child, place, inner, (deeper, sources), faults)


def _freeze(value: object) -> object:
    if isinstance(value, Mapping):
        return MappingProxyType({as_text(key) or "": _freeze(one) for key, one in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_freeze(one) for one in value)
    if isinstance(value, float):
        return float(value)
    return value


def _build(kind: type[_T], values: object, path: str, faults: FaultList) -> _T | None:
    given = dict(values) if isinstance(values, Mapping) else {}
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    for name in sorted(set(names) - set(given)):
        faults.add(f"{path}.{name}", "The setting is missing.", "Add it, with its source.")
    for name in sorted(set(given) - set(names)):
        faults.add(f"{path}.{name}", "The setting is not known.", f"Known: {', '.join(names)}.")
    if set(names) != set(given):
        return None
    given = {name: _freeze(value) for name, value in given.items()}
    try:
        for name in set(names) & _DATES:
            if given[name] is not None:
                given[name] = date.fromisoformat(str(given[name]))
        if "pair_effects" in given:
            given["pair_effects"] = tuple(PairEffect(**one) for one in given["pair_effects"])
        return kind(**given)
    except (TypeError, ValueError, AttributeError) as error:
        faults.add(path, str(error), "Correct the setting.")
    return None
