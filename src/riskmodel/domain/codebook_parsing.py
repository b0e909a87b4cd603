"""From the mapping found in a YAML or JSON file to a codebook, and back.

The dataclasses in `riskmodel.domain.codebook` hold the rules. Here the shape of the file
is checked, every fault is given its place and a remedy, and all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from riskmodel.domain.asking import FactTest
from riskmodel.domain.barred_concepts import find_barred_field
from riskmodel.domain.codebook import Codebook, DataKind, Field, Level, Outcome
from riskmodel.domain.field_parsing import (
    keep_rules,
    read_field,
    read_levels,
    read_missing_codes,
)
from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList, MappingReader, shown

__all__ = ["codebook_to_mapping", "parse_codebook"]

_DEFAULT_HORIZON = 26.0
_OUTCOME_KEYS = ("duration_weeks", "ended", "end_reason", "reasons", "recovery", "max_weeks")
_HEAD_KEYS = (
    "codebook",
    "version",
    "title",
    "data_kind",
    "key",
    "group",
    "site",
    "assessed_week",
    "outcome",
    *_OUTCOME_KEYS,
    "horizons",
    "primary_horizon",
    "missing_codes",
    "fields",
)
_HEAD_HINTS = {"name": "codebook", "id": "key", "label": "title", "columns": "fields"}


def parse_codebook(mapping: Mapping[str, object], source: str) -> Codebook:
    """Build a codebook from a mapping.

    Parameters
    ----------
    mapping : mapping of str to object
        What the YAML or JSON file holds.
    source : str
        Name of the file without its folders, for messages.

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError
        With every fault found; its column is the key path, with list entries counted
        from 1, such as ``fields[3] age.range``.

    Examples
    --------
    >>> codebook = parse_codebook({
    ...     "codebook": "tiny", "version": 1, "data_kind": "synthetic", "key": "case_id",
    ...     "fields": [{"name": "age", "type": "number", "range": [16, 70], "known_at": "intake"}],
    ... }, "tiny.yaml")
    >>> codebook.primary_horizon, codebook.find_field("age").label.en
    (26.0, 'age')
    """
    faults = FaultList(source)
    head = MappingReader(mapping, "", faults, _HEAD_KEYS, _HEAD_HINTS)
    parts = _read_head(head)
    parts["outcome"] = _read_outcome(head)
    codes = read_missing_codes(head) or ()
    fields = _read_fields(head, codes)
    codebook = _assemble(head, parts, fields)
    faults.raise_if_any()
    if codebook is None:  # pragma: no cover (a part can be absent only with a fault noted)
        msg = "a codebook without faults was not built"
        raise AssertionError(msg)
    return codebook


def _read_head(head: MappingReader) -> dict[str, Any]:
    head.require("codebook", "Give it a name; it identifies the codebook in every output.")
    head.require("version", "Write version: 1, and raise it when a field changes.")
    head.require(
        "data_kind",
        "Say what the tables hold: synthetic, public (research data already published) or "
        "case_records; the last need a recorded legal basis.",
    )
    head.require("key", "Name the column that identifies the case, such as case_id.")
    horizons = head.numbers("horizons")
    if horizons is None:
        horizons = (_DEFAULT_HORIZON,)
    primary = head.number("primary_horizon")
    if primary is None:
        listed = _DEFAULT_HORIZON in horizons or not horizons
        primary = _DEFAULT_HORIZON if listed else horizons[0]
    week = head.get("assessed_week")
    is_column = isinstance(week, str)
    assessed = head.text("assessed_week") if is_column else head.number("assessed_week")
    return {
        "name": head.text("codebook"),
        "version": head.text("version"),
        "title": head.label("title"),
        "data_kind": head.choice("data_kind", get_args(DataKind)),
        "key": head.text("key"),
        "group": head.text("group") or "",
        "site": head.text("site"),
        "assessed_week": 0.0 if assessed is None else assessed,
        "horizons": horizons,
        "primary_horizon": primary,
    }


def _read_outcome(head: MappingReader) -> Outcome | None:
    """Read the outcome columns from the key outcome, or straight from the head."""
    at_head = [key for key in _OUTCOME_KEYS if key in head.mapping]
    reader = head
    if head.has("outcome"):
        if at_head:
            problem = f"outcome is given, and {', '.join(at_head)} beside it."
            head.note("outcome", problem, "Move them all under outcome.")
        reader = MappingReader(head.get("outcome"), "outcome", head.faults, _OUTCOME_KEYS)
    given: dict[str, Any] = {}
    if "duration_weeks" in reader.mapping and reader.require(
        "duration_weeks", "Name the column with the weeks from the first absence day."
    ):
        given["duration_weeks"] = reader.text("duration_weeks")
    for key in ("ended", "end_reason"):
        if key in reader.mapping:
            given[key] = reader.text(key)
    given["reasons"] = read_levels(reader, "reasons")
    given["recovery"] = reader.texts("recovery", "Write recovery: [recovered].")
    if reader.has("max_weeks"):
        given["max_weeks"] = reader.number("max_weeks")
    if given.get("duration_weeks", "") is None or given.get("max_weeks", 0) is None:
        return None
    return keep_rules(reader, lambda: Outcome(**given))


def _read_fields(head: MappingReader, codes: tuple[str, ...]) -> list[Field | None]:
    if not head.require("fields", "List the columns of the table under fields."):
        return []
    items = head.items("fields", "Start each field with a dash: - name: age.")
    if not items:
        head.note("fields", "fields is empty.", "List the columns of the table under fields.")
    return [
        read_field(item, f"fields[{number}]", head.faults, codes)
        for number, item in enumerate(items, start=1)
    ]


def _assemble(
    head: MappingReader, parts: dict[str, Any], fields: list[Field | None]
) -> Codebook | None:
    faults = head.faults
    first: dict[str, int] = {}
    for number, one in enumerate(fields, start=1):
        if one is not None and first.setdefault(one.name, number) != number:
            problem = f"The name {one.name} is also that of fields[{first[one.name]}]."
            faults.add(f"fields[{number}] {one.name}.name", problem, "Rename or remove one.")
        if one is not None and (barred := find_barred_field(one)) is not None:
            faults.add(f"fields[{number}] {one.name}", "This field is not allowed here.", barred)
    needed = ("name", "version", "data_kind", "key", "outcome")
    if any(parts[name] is None for name in needed) or not _check_columns(head, parts):
        return None
    unlike = "x" * (1 + max(len(parts["key"]), *(len(c) for c in parts["outcome"].columns)))
    stand_in = Field(unlike, Label("x", "x"), "yes_no", "intake")
    plain = keep_rules(head, lambda: Codebook(**parts, fields=(stand_in,)))
    read = [one for one in fields if one is not None]
    distinct = tuple({one.name: one for one in read}.values())
    if plain is None or not distinct:
        return None
    if any(one is None for one in fields):
        # A field that could not be read may be the only indicator: do not complain twice.
        distinct = (*distinct, stand_in)
    return keep_rules(head, lambda: replace(plain, fields=distinct))


def _check_columns(head: MappingReader, parts: Mapping[str, Any]) -> bool:
    """Return whether no column plays two parts that must differ."""
    outcome, week = parts["outcome"], parts["assessed_week"]
    prefix = "outcome." if head.has("outcome") else ""
    columns = {
        "key": parts["key"],
        f"{prefix}duration_weeks": outcome.duration_weeks,
        f"{prefix}ended": outcome.ended,
        f"{prefix}end_reason": outcome.end_reason,
        "assessed_week": week if isinstance(week, str) else None,
        # Rows may be grouped by case or by site, but never by what the model is to foretell.
        "group": parts["group"] if parts["group"] != parts["key"] else None,
        "site": parts["site"] if parts["site"] != parts["group"] else None,
    }
    played: dict[str, str] = {}
    before = len(head.faults.faults)
    for part, column in columns.items():
        if column is not None and column != "" and played.setdefault(column, part) != part:
            problem = f"The column {shown(column)} is already {played[column]}."
            head.note(part, problem, "Name a different column for each.")
    return len(head.faults.faults) == before


def codebook_to_mapping(codebook: Codebook) -> dict[str, object]:
    """Return a codebook as plain JSON values; `parse_codebook` reads it back as it was.

    Examples
    --------
    >>> age = Field("age", Label("Alder", "Age"), "number", "intake", range=(16, 70))
    >>> codebook = Codebook("tiny", "1", "synthetic", "case_id", (age,))
    >>> parse_codebook(codebook_to_mapping(codebook), "tiny") == codebook
    True
    """
    outcome = codebook.outcome
    mapping: dict[str, object] = {
        "codebook": codebook.name,
        "version": codebook.version,
        "title": _label_to_mapping(codebook.title),
        "data_kind": codebook.data_kind,
        "key": codebook.key,
        "group": codebook.group,
        "site": codebook.site,
        "assessed_week": codebook.assessed_week,
        "outcome": {
            "duration_weeks": outcome.duration_weeks,
            "ended": outcome.ended,
            "end_reason": outcome.end_reason,
            "reasons": _levels_to_list(outcome.reasons),
            "recovery": list(outcome.recovery),
            "max_weeks": outcome.max_weeks,
        },
        "horizons": list(codebook.horizons),
        "primary_horizon": codebook.primary_horizon,
    }
    mapping["fields"] = [_field_to_mapping(one) for one in codebook.fields]
    return mapping


def _field_to_mapping(one: Field) -> dict[str, object]:
    mapping: dict[str, object] = {
        "name": one.name,
        "label": _label_to_mapping(one.label),
        "theme": one.theme,
        "type": one.type,
        "unit": one.unit,
        "range": None if one.range is None else list(one.range),
        "levels": _levels_to_list(one.levels),
        "known_at": one.known_at,
        "use": one.use,
        "direction": one.direction,
        "actionable": one.actionable,
        "ask": _label_to_mapping(one.ask),
        "missing_codes": list(one.missing_codes),
    }
    # Only where they are given, so that models saved before these keys keep their bytes.
    if one.ask_when:
        mapping["ask_when"] = [_test_to_mapping(test) for test in one.ask_when]
    if one.missing_label is not None:
        mapping["missing_label"] = _label_to_mapping(one.missing_label)
    if one.citizen_label is not None:
        mapping["citizen_label"] = _label_to_mapping(one.citizen_label)
    return mapping


def _test_to_mapping(test: FactTest) -> dict[str, object]:
    if test.levels:
        return {"field": test.field, "in": list(test.levels)}
    if test.missing:
        return {"field": test.field, "missing": True}
    limits = {"at_least": test.at_least, "at_most": test.at_most}
    return {
        "field": test.field,
        **{key: value for key, value in limits.items() if value is not None},
    }


def _levels_to_list(levels: tuple[Level, ...]) -> list[dict[str, object]]:
    return [_level_to_mapping(one) for one in levels]


def _level_to_mapping(one: Level) -> dict[str, object]:
    mapping: dict[str, object] = {"value": one.value, "label": _label_to_mapping(one.label)}
    if one.citizen_label is not None:
        mapping["citizen_label"] = _label_to_mapping(one.citizen_label)
    return mapping


def _label_to_mapping(label: Label | None) -> dict[str, str] | None:
    return None if label is None else {"da": label.da, "en": label.en}
