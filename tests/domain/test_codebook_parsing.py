"""Parsing a codebook: every refusal at its key, all at once, and nothing lost on the way back."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskmodel.domain.barred_concepts import find_barred_field
from riskmodel.domain.codebook import Codebook, Field, Level, Outcome
from riskmodel.domain.codebook_parsing import codebook_to_mapping, parse_codebook
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError, Fault

AGE = {"name": "age", "type": "number", "range": [16, 70], "known_at": "intake"}
PAIN = {"name": "pain", "type": "ordinal", "levels": ["low", "high"], "known_at": "review"}
HEAD = {"codebook": "tiny", "version": 1, "data_kind": "synthetic", "key": "case_id"}


def parse(*fields: object, **head: object) -> Codebook:
    mapping = {**HEAD, "fields": [*(fields or (AGE,))], **head}
    return parse_codebook(copy.deepcopy(mapping), "book.yaml")


def faults_of(*fields: object, **head: object) -> list[Fault]:
    with pytest.raises(CodebookError) as caught:
        parse(*fields, **head)
    assert all(fault.file == "book.yaml" and fault.remedy for fault in caught.value.faults)
    return list(caught.value.faults)


def fault_of(*fields: object, **head: object) -> Fault:
    (fault,) = faults_of(*fields, **head)
    return fault


def field_with(**changes: object) -> dict[str, object]:
    return {key: value for key, value in {**AGE, **changes}.items() if value != "left out"}


def test_the_defaults_of_a_minimal_codebook() -> None:
    codebook = parse()
    assert (codebook.name, codebook.version, codebook.group) == ("tiny", "1", "case_id")
    assert (codebook.horizons, codebook.primary_horizon) == ((26.0,), 26.0)
    assert (codebook.assessed_week, codebook.site, codebook.title) == (0.0, None, None)
    assert codebook.outcome == Outcome()
    assert codebook.fields == (
        Field("age", Label("age", "age"), "number", "intake", range=(16, 70), theme="other"),
    )


def test_plain_and_half_labels_serve_both_languages() -> None:
    codebook = parse(field_with(label="Alder", ask={"da": "Spørg"}), title={"en": "Small"})
    assert codebook.fields[0].label == Label("Alder", "Alder")
    assert codebook.fields[0].ask == Label("Spørg", "Spørg")
    assert codebook.title == Label("Small", "Small")


def test_levels_keep_the_text_of_yaml_values() -> None:
    levels = [1, True, {"value": 2.5, "label": "To en halv"}, {"value": "x", "label": {"en": "X"}}]
    (field,) = parse({**PAIN, "levels": levels}).fields
    assert field.level_values == ("1", "true", "2.5", "x")
    assert field.levels[2].label == Label("To en halv", "To en halv")


@pytest.mark.parametrize("horizons", [8, [8, 12]])
def test_the_first_horizon_is_primary_where_26_is_not_listed(horizons: object) -> None:
    assert parse(horizons=horizons).primary_horizon == 8
    assert parse(horizons=[8, 26, 52]).primary_horizon == 26
    assert parse(horizons=[8, 26, 52], primary_horizon=52).primary_horizon == 52


def test_the_assessed_week_is_a_column_or_a_number() -> None:
    assert parse(assessed_week="week").assessed_week == "week"
    assert parse(assessed_week=8).assessed_week == 8.0


def test_outcome_columns_are_read_from_either_place() -> None:
    columns: dict[str, Any] = {
        "duration_weeks": "durat",
        "ended": None,
        "end_reason": "why",
        "reasons": ["fit", {"value": "other", "label": "Andet"}],
        "recovery": "fit",
        "max_weeks": 200,
    }
    assert parse(outcome=columns).outcome == parse(**columns).outcome
    outcome = parse(outcome=columns).outcome
    assert (outcome.columns, outcome.recovery) == (("durat", "why"), ("fit",))
    assert outcome.max_weeks == 200


def test_missing_codes_of_the_head_hold_unless_a_field_has_its_own() -> None:
    own = {**PAIN, "missing_codes": []}
    codebook = parse(AGE, own, missing_codes={"not_stated": 998, "not_applicable": "n/a"})
    assert [one.missing_codes for one in codebook.fields] == [("998", "n/a"), ()]
    assert parse(missing_codes=[999]).fields[0].missing_codes == ("999",)


@pytest.mark.parametrize("key", ["codebook", "version", "data_kind", "key", "fields"])
def test_required_keys_of_the_head(key: str) -> None:
    fault = fault_of(**{key: None})
    assert (fault.column, fault.problem) == (key, f"The key {key} is required.")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("name", "as it stands in the table"),
        ("type", "number, ordinal, category, yes_no, date"),
        ("known_at", "nothing from after the assessment reaches the model"),
    ],
)
def test_required_keys_of_a_field_say_why(key: str, reason: str) -> None:
    fault = fault_of(AGE, {name: value for name, value in PAIN.items() if name != key})
    place = "fields[2]" if key == "name" else "fields[2] pain"
    assert fault.column == f"{place}.{key}"
    assert fault.problem == f"The key {key} is required."
    assert reason in fault.remedy


@pytest.mark.parametrize(
    ("changes", "key", "problem", "remedy"),
    [
        ({"range": None}, "range", "range is required for a number", "Write range: [smallest"),
        ({"range": [70, 16]}, "range", "smallest first", "[smallest, largest]"),
        ({"range": [1, 2, 3]}, "range", "two numbers, got 3", "[smallest, largest]"),
        ({"range": ["16", 70]}, "range", "must hold numbers only", "without quotes"),
        ({"range": {"min": 1}}, "range", "must be a list, got keys with values", "Write range"),
        ({"type": "integer"}, "type", "got 'integer'", "Did you mean number?"),
        ({"type": "bool"}, "type", "got 'bool'", "Did you mean yes_no?"),
        ({"type": "shape"}, "type", "got 'shape'", "Choose one of number, ordinal"),
        ({"type": ["number"]}, "type", "one word or text, got a list", "Write type:"),
        ({"known_at": "intak"}, "known_at", "got 'intak'", "Did you mean intake?"),
        ({"use": "indicater"}, "use", "got 'indicater'", "Did you mean indicator?"),
        ({"direction": "+"}, "direction", "got '+'", "Did you mean increasing?"),
        ({"actionable": "yes"}, "actionable", "true or false, got 'yes'", "Write true or false"),
        ({"levels": ["a", "b"]}, "levels", "levels belong to", "Leave them out for numbers"),
        ({"known_at": "closure"}, "use", "let the model see the outcome", "Set use: context"),
        ({"missing_codes": [20]}, "missing_codes", "'20' lies inside", "Choose a code outside"),
        ({"missing_codes": {"x": None}}, "missing_codes", "one code for each", "not_stated: 998"),
        ({"missing_codes": [""]}, "missing_codes", "none of them empty", "[998, 999]"),
        ({"name": "køn"}, "name", "letters, digits and underscores", "under label"),
        ({"label": {"dk": "Alder"}}, "label", "The key 'dk' is not known", "Did you mean da?"),
        ({"label": ["Alder"]}, "label", "one word or text, got a list", "Write label:"),
        ({"unit": {}}, "unit", "one word or text, got keys with values", "Write unit:"),
    ],
)
def test_field_refusals(changes: dict[str, object], key: str, problem: str, remedy: str) -> None:
    fault = faults_of(field_with(**changes))[0]
    name = changes.get("name", "age")
    assert fault.column == f"fields[1] {name}.{key}"
    assert problem in fault.problem
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("changes", "key", "problem", "remedy"),
    [
        ({"levels": None}, "levels", "at least two different values", "List the values"),
        ({"levels": ["a", "a"]}, "levels", "at least two different values", "List the values"),
        ({"levels": "low"}, "levels", "at least two", "List the values"),
        ({"levels": {"a": 1}}, "levels", "must be a list", "[{value: 1, label: Low}]"),
        ({"levels": ["a", None]}, "levels[2]", "one value, not empty", "List the values"),
        ({"levels": ["a", ["b"]]}, "levels[2]", "one value, not empty", "List the values"),
        ({"levels": ["a", {"label": "B"}]}, "levels[2].value", "is required", "as it stands"),
        ({"levels": ["a", {"valeu": 1}]}, "levels[2]", "'valeu' is not known", "mean value?"),
        ({"type": "date", "levels": None}, "use", "date cannot be an indicator", "Use a number"),
        (
            {"type": "category", "direction": "increasing"},
            "direction",
            "direction needs ordered values",
            "make the field ordinal",
        ),
        ({"missing_codes": ["low"]}, "missing_codes", "one of the levels", "another code"),
    ],
)
def test_level_refusals(changes: dict[str, object], key: str, problem: str, remedy: str) -> None:
    fault = faults_of(AGE, {**PAIN, **changes})[0]
    assert fault.column == f"fields[2] pain.{key}"
    assert problem in fault.problem
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("head", "key", "problem", "remedy"),
    [
        ({"data_kind": "real"}, "data_kind", "got 'real'", "Choose one of synthetic"),
        ({"horizon": [26]}, None, "The key 'horizon' is not known", "Did you mean horizons?"),
        ({"name": "x"}, None, "The key 'name' is not known", "Did you mean codebook?"),
        ({"zzz": 1}, None, "The key 'zzz' is not known", "Valid keys are codebook, version"),
        ({"horizons": [26, 8]}, "horizons", "must rise", "[8, 12, 26, 52]"),
        ({"horizons": []}, "horizons", "must be positive weeks", "[8, 12, 26, 52]"),
        ({"horizons": ["8 weeks"]}, "horizons", "numbers only", "without quotes"),
        ({"primary_horizon": 12}, "primary_horizon", "got 12.0", "Choose one of the horizons"),
        ({"primary_horizon": "26"}, "primary_horizon", "must be a number", "without quotes"),
        ({"assessed_week": 26}, "assessed_week", "must lie in [0, 26.0)", "Name a column"),
        ({"assessed_week": [8]}, "assessed_week", "must be a number, got a list", "a point"),
        ({"assessed_week": True}, "assessed_week", "must be a number, got True", "a point"),
        ({"key": ["a"]}, "key", "one word or text, got a list", "Write key:"),
        ({"key": "age"}, "fields", "age is the key column", "Set use: context"),
        ({"outcome": "durat"}, "outcome", "Keys with values are needed", "duration_weeks, ended"),
        ({"outcome": {"duration": "x"}}, "outcome", "not known", "Did you mean duration_weeks?"),
        (
            {"outcome": {"ended": None}, "max_weeks": 9},
            "outcome",
            "max_weeks beside it",
            "Move them all under outcome",
        ),
        (
            {"outcome": {"duration_weeks": None}},
            "outcome.duration_weeks",
            "is required",
            "weeks from the first absence day",
        ),
        ({"duration_weeks": "case_id"}, "duration_weeks", "is already key", "a different column"),
        ({"outcome": {"ended": "case_id"}}, "outcome.ended", "is already key", "different column"),
        ({"ended": "duration_weeks"}, "ended", "already duration_weeks", "different column"),
        ({"assessed_week": "ended"}, "assessed_week", "is already ended", "different column"),
        ({"group": "duration_weeks"}, "group", "is already duration_weeks", "different column"),
        ({"site": "ended"}, "site", "is already ended", "different column"),
        ({"recovery": ["fit"]}, "recovery", "must name listed reasons", "under reasons"),
        ({"end_reason": "why"}, "end_reason", "needs its reasons", "recovery: [recovered]"),
        ({"max_weeks": -1}, "max_weeks", "positive number", "such as 520"),
        ({"max_weeks": "long"}, "max_weeks", "must be a number", "without quotes"),
        ({"missing_codes": [20]}, "fields[1] age.missing_codes", "'20' lies", "its own"),
        ({"fields": {"age": AGE}}, "fields", "must be a list", "with a dash"),
        ({"fields": []}, "fields", "fields is empty", "List the columns"),
        ({"fields": ["age"]}, "fields[1]", "Keys with values are needed, got", "Valid keys"),
        ({"fields": [{**AGE, "use": "audit"}]}, "fields", "At least one field", "use: indicator"),
    ],
)
def test_head_refusals(head: dict[str, object], key: str | None, problem: str, remedy: str) -> None:
    fault = faults_of(**head)[0]
    assert fault.column == key
    assert problem.replace(" needed, got", " needed here, got") in fault.problem
    assert remedy in fault.remedy


def test_a_head_that_is_no_mapping_is_refused_once() -> None:
    with pytest.raises(CodebookError, match="Keys with values are needed here") as caught:
        parse_codebook(["a"], "book.yaml")  # type: ignore[arg-type]
    assert len(caught.value.faults) == 1


def test_all_faults_are_told_at_once() -> None:
    fields = [
        {**AGE, "rang": [1, 2], "known_at": "closure", "direction": "up"},
        {**PAIN, "levels": None},
        {"name": "pain", "type": "yes_no", "known_at": "intake", "missing_codes": ["yes"]},
        {"type": "date", "known_at": "intake"},
        {**PAIN, "type": "category", "direction": "decreasing", "known_at": "closure"},
    ]
    columns = [fault.column for fault in faults_of(*fields, version=None, horizons=[9, 1])]
    assert columns == [
        "version",
        "fields[1] age",
        "fields[1] age.direction",
        "fields[1] age.use",
        "fields[2] pain.levels",
        "fields[3] pain.missing_codes",
        "fields[4].name",
        "fields[5] pain.use",
        "fields[5] pain.direction",
    ]


def test_names_given_twice_are_told_with_both_places() -> None:
    fault = fault_of(AGE, PAIN, {**AGE, "use": "audit"})
    assert fault.column == "fields[3] age.name"
    assert "also that of fields[1]" in fault.problem


def test_long_values_are_cut_in_messages() -> None:
    fault = fault_of(field_with(type="x" * 500))
    assert len(fault.problem) < 200


def test_what_is_parsed_is_not_changed() -> None:
    mapping = {**HEAD, "fields": [AGE, PAIN], "missing_codes": {"a": 999}}
    before = json.dumps(mapping)
    parse_codebook(mapping, "book.yaml")
    assert json.dumps(mapping) == before


# --- Round trip ---------------------------------------------------------------------------------

WORDS = st.text(min_size=1, max_size=8).filter(lambda text: bool(text.strip()))
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
LABELS = st.builds(Label, WORDS, WORDS)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def draw_levels(at_least: int) -> st.SearchStrategy[tuple[Level, ...]]:
    return st.lists(
        st.builds(Level, WORDS, LABELS),
        min_size=at_least,
        max_size=4,
        unique_by=lambda one: one.value,
    ).map(tuple)


@st.composite
def draw_field(draw: st.DrawFn, name: str) -> Field:
    kind = draw(st.sampled_from(["number", "ordinal", "category", "yes_no", "date"]))
    known_at = draw(st.sampled_from(["intake", "review", "closure"]))
    barred = known_at == "closure" or kind == "date"
    shape: dict[str, Any] = {"range": None, "levels": ()}
    if kind == "number":
        low = draw(NUMBERS)
        shape["range"] = (low, low + draw(st.floats(0.5, 1e3)))
    elif kind in {"ordinal", "category"} or (kind == "yes_no" and draw(st.booleans())):
        shape["levels"] = draw(draw_levels(2))
    directions = ["none"] if kind in {"category", "date"} else ["none", "increasing", "decreasing"]
    plain = Field(
        name=name,
        label=draw(LABELS),
        type=kind,  # type: ignore[arg-type]
        known_at=known_at,  # type: ignore[arg-type]
        use=draw(st.sampled_from(["audit", "context"] + ([] if barred else ["indicator"]))),
        theme=draw(WORDS),
        unit=draw(st.none() | WORDS),
        direction=draw(st.sampled_from(directions)),
        actionable=draw(st.booleans()),
        ask=draw(st.none() | LABELS),
        missing_codes=(),
        **shape,
    )
    codes = draw(st.lists(st.sampled_from(["missing!", "n/a?", "-9e9", "9e9"]), unique=True))
    taken = set(plain.level_values)
    kept = tuple(code for code in codes if code not in taken)
    return Field(
        **{slot: getattr(plain, slot) for slot in plain.__slots__} | {"missing_codes": kept}
    )


@st.composite
def draw_codebook(draw: st.DrawFn) -> Codebook:
    roles = draw(st.lists(WORDS.map(lambda text: f"§{text}"), min_size=6, max_size=6, unique=True))
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    fields = [draw(draw_field(name)) for name in names]
    sure = Field("sure_", draw(LABELS), "yes_no", "intake")
    reasons = draw(draw_levels(1))
    horizons = sorted(draw(st.sets(st.floats(0.5, 500), min_size=1, max_size=4)))
    outcome = Outcome(
        duration_weeks=roles[1],
        ended=draw(st.sampled_from([None, roles[2]])),
        end_reason=draw(st.sampled_from([None, roles[3]])),
        reasons=reasons,
        recovery=tuple(one.value for one in reasons[: draw(st.integers(1, len(reasons)))]),
        max_weeks=draw(st.floats(0.5, 2000)),
    )
    return Codebook(
        name=draw(WORDS),
        version=draw(WORDS),
        data_kind=draw(st.sampled_from(["synthetic", "public", "case_records"])),
        key=roles[0],
        fields=(*fields, sure),
        outcome=outcome,
        group=draw(st.sampled_from(["", roles[4]])),
        site=draw(st.sampled_from([None, roles[5]])),
        assessed_week=draw(st.just(0.0) | st.just(0.25) | st.just("week")),
        horizons=tuple(horizons),
        primary_horizon=draw(st.sampled_from(horizons)),
        title=draw(st.none() | LABELS),
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(codebook=draw_codebook())
def test_a_codebook_comes_back_from_its_json(codebook: Codebook) -> None:
    # Words like "race" are drawn too, and such a field is refused.
    assume(not any(map(find_barred_field, codebook.fields)))
    mapping = json.loads(json.dumps(codebook_to_mapping(codebook), allow_nan=False))
    assert parse_codebook(mapping, "saved") == codebook


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_any_value_at_any_key_is_read_or_refused(data: st.DataObject) -> None:
    mapping = codebook_to_mapping(parse(AGE, PAIN))
    target: Any = data.draw(st.sampled_from(["head", "outcome", "field"]))
    place = {"head": mapping, "outcome": mapping["outcome"], "field": mapping["fields"][0]}[target]  # type: ignore[index]
    key = data.draw(st.sampled_from(sorted(place)))
    place[key] = data.draw(JUNK)
    try:
        outcome = parse_codebook(mapping, "junk").fields
    except CodebookError as error:
        outcome = error.faults  # type: ignore[assignment]
    assert outcome
