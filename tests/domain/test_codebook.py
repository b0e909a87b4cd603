"""Rules that a codebook and its fields hold for themselves."""

from __future__ import annotations

from typing import Any

import pytest

from riskmodel.domain.codebook import Codebook, Field, Level, Outcome
from riskmodel.domain.labels import Label

LABEL = Label(da="Felt", en="Field")


def make_field(**changes: Any) -> Field:
    base: dict[str, Any] = {"name": "age", "label": LABEL, "type": "number", "known_at": "intake"}
    base |= {"range": (16.0, 70.0)} if changes.get("type", "number") == "number" else {}
    return Field(**(base | changes))


def make_levels(*values: str) -> tuple[Level, ...]:
    return tuple(Level(value, LABEL) for value in values)


def make_codebook(**changes: Any) -> Codebook:
    base: dict[str, Any] = {"name": "tiny", "version": "1", "data_kind": "synthetic"}
    return Codebook(**(base | {"key": "case_id", "fields": (make_field(),)} | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "køn"}, "letters, digits and underscores, got 'køn'"),
        ({"name": "1st"}, "letters, digits and underscores"),
        ({"name": "age\n"}, "letters, digits and underscores"),
        ({"type": "integer"}, "type must be one of number, ordinal"),
        ({"known_at": "later"}, "known_at must be one of intake, review, closure"),
        ({"use": "target"}, "use must be one of indicator, audit, context"),
        ({"direction": "up"}, "direction must be one of increasing"),
        ({"range": None}, "range is required for a number"),
        ({"range": (5.0, 5.0)}, "smallest first"),
        ({"range": (0.0, float("inf"))}, "two finite numbers"),
        ({"range": (float("nan"), 1.0)}, "two finite numbers"),
        ({"levels": make_levels("a", "b")}, "levels belong to ordinal and category"),
        ({"type": "category", "range": (0, 1), "levels": make_levels("a", "b")}, "range belongs"),
        ({"type": "ordinal"}, "at least two different values"),
        ({"type": "category", "levels": make_levels("a", "a")}, "at least two different values"),
        ({"known_at": "closure"}, "would let the model see the outcome"),
        ({"type": "date"}, "a date cannot be an indicator"),
        (
            {"type": "category", "levels": make_levels("a", "b"), "direction": "increasing"},
            "direction needs ordered values",
        ),
        ({"missing_codes": ("70",)}, "missing code '70' lies inside the range"),
        ({"missing_codes": ("16.0",)}, "missing code '16.0' lies inside the range"),
        (
            {"type": "ordinal", "levels": make_levels("1", "9"), "missing_codes": ("9",)},
            "missing code '9' is also one of the levels",
        ),
    ],
)
def test_a_field_refuses(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_field(**changes)


@pytest.mark.parametrize("use", ["audit", "context"])
def test_closure_fields_may_be_kept_but_never_used(use: str) -> None:
    assert not make_field(known_at="closure", use=use).is_indicator


def test_yes_no_fields_get_their_levels_in_order() -> None:
    assert make_field(type="yes_no", direction="increasing").level_values == ("no", "yes")


def test_level_labels_are_found_by_value() -> None:
    field = make_field(type="yes_no")
    assert field.level_label("yes").da == "ja"
    with pytest.raises(KeyError):
        field.level_label("maybe")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recovery": ("fit",)}, r"recovery must name listed reasons, got \['fit'\]"),
        ({"end_reason": "reason"}, "end_reason needs its reasons"),
        ({"end_reason": "reason", "reasons": make_levels("fit")}, "which of them are recovery"),
        ({"max_weeks": 0.0}, "max_weeks must be a positive number"),
        ({"max_weeks": float("nan")}, "max_weeks must be a positive number"),
    ],
)
def test_an_outcome_refuses(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Outcome(**changes)


def test_outcome_columns_are_those_declared() -> None:
    assert Outcome(ended=None).columns == ("duration_weeks",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data_kind": "real"}, "data_kind must be one of synthetic, public, case_records"),
        ({"fields": (make_field(), make_field())}, r"different names, repeated: \['age'\]"),
        ({"fields": ()}, "at least one field must have use: indicator"),
        ({"fields": (make_field(use="audit"),)}, "at least one field"),
        ({"horizons": ()}, "horizons must be positive weeks"),
        ({"horizons": (0.0, 26.0)}, "horizons must be positive weeks"),
        ({"horizons": (26.0, 8.0)}, "horizons must rise"),
        ({"horizons": (26.0, 26.0)}, "horizons must rise"),
        ({"primary_horizon": 12.0}, r"primary_horizon must be one of \[26.0\], got 12.0"),
        ({"assessed_week": 26.0}, r"assessed_week must lie in \[0, 26.0\)"),
        ({"assessed_week": -1.0}, "assessed_week must lie in"),
        ({"key": "age"}, "field age is the key column and cannot be an indicator"),
        ({"group": "age"}, "field age is the group column"),
        ({"outcome": Outcome("age")}, "field age is the outcome column"),
        ({"outcome": Outcome("case_id")}, "key, assessed_week and outcome must be different"),
    ],
)
def test_a_codebook_refuses(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_codebook(**changes)


def test_the_group_is_the_case_unless_named() -> None:
    assert make_codebook().group == "case_id"
    assert make_codebook(group="person_id").group == "person_id"


def test_the_assessed_week_is_an_indicator_only_where_it_varies() -> None:
    assert [one.name for one in make_codebook(assessed_week=8.0).indicators] == ["age"]
    varying = make_codebook(assessed_week="week")
    assert [one.name for one in varying.indicators] == ["age", "week"]
    assert varying.find_field("week").unit == "week"
    described = make_codebook(
        assessed_week="week", fields=(make_field(), make_field(name="week", range=(0.0, 52.0)))
    )
    assert [one.name for one in described.indicators] == ["age", "week"]
    assert described.find_field("week").range == (0.0, 52.0)


def test_fields_are_found_by_name_and_use() -> None:
    sex = make_field(name="sex", type="yes_no", use="audit")
    codebook = make_codebook(fields=(make_field(), sex))
    assert codebook.find_field("sex") is sex
    assert codebook.audit_fields == (sex,)
    with pytest.raises(KeyError):
        codebook.find_field("nobody")


def test_a_label_needs_both_languages() -> None:
    with pytest.raises(ValueError, match="text in both languages"):
        Label(da="Alder", en=" ")
