"""Where a question makes sense, and facts in words."""

from __future__ import annotations

import pytest

from riskmodel.domain.asking import FactTest
from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.codebook_parsing import codebook_to_mapping, parse_codebook
from riskmodel.domain.fact_words import word_quantity, word_value
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError
from riskmodel.io.config import read_codebook

HEAD = {"codebook": "tiny", "version": 1, "data_kind": "synthetic", "key": "case_id"}
JOB = {"name": "job", "type": "yes_no", "known_at": "intake"}
WAIT = {"name": "wait", "type": "number", "range": [0, 52], "known_at": "review", "unit": "weeks"}


def read(*tests: dict[str, object], **more: object) -> Codebook:
    wait = {**WAIT, "ask": "How long?", "ask_when": list(tests), **more}
    end = {"name": "end", "type": "yes_no", "known_at": "closure", "use": "context"}
    return parse_codebook({**HEAD, "fields": [JOB, wait, end]}, "tiny.yaml")


def number(unit: str | None) -> Field:
    return Field("x", Label("X", "X"), "number", "intake", range=(0, 1e6), unit=unit)


def test_tests_are_read_and_written_back_as_they_were():
    codebook = read(
        {"field": "job", "in": ["yes"]}, {"field": "wait", "at_least": 1, "at_most": 40},
        {"field": "wait", "missing": True}, missing_label={"da": "ingen dato", "en": "no date"},
    )  # fmt: skip
    wait = codebook.find_field("wait")
    assert wait.ask_when == (
        FactTest("job", ("yes",)),
        FactTest("wait", at_least=1.0, at_most=40.0),
        FactTest("wait", missing=True),
    )
    assert wait.missing_label == Label("ingen dato", "no date")
    assert parse_codebook(codebook_to_mapping(codebook), "tiny.yaml") == codebook


def test_what_the_citizen_is_told_is_read_and_written_back():
    job = {
        **JOB, "citizen_label": {"da": "Du har et job", "en": "You have a job"},
        "levels": [{"value": "no", "citizen_label": "ikke endnu"}, {"value": "yes", "label": "ja"}],
    }  # fmt: skip
    codebook = parse_codebook({**HEAD, "fields": [job, WAIT]}, "tiny.yaml")
    field = codebook.find_field("job")
    assert field.citizen_label == Label("Du har et job", "You have a job")
    assert field.citizen_level_label("no") == Label("ikke endnu", "ikke endnu")
    assert field.citizen_level_label("yes") is None
    assert codebook.find_field("wait").citizen_label is None
    assert parse_codebook(codebook_to_mapping(codebook), "tiny.yaml") == codebook


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"citizen_label": {"da": "", "en": ""}}, "citizen_label holds no text"),
        ({"label_citizen": "Du"}, "citizen_label"),
        ({"levels": [{"value": "no", "label_citizen": "nej"}, "yes"]}, "citizen_label"),
    ],
)
def test_what_the_citizen_is_told_is_checked(field, words):
    with pytest.raises(CodebookError, match=words):
        parse_codebook({**HEAD, "fields": [{**JOB, **field}]}, "tiny.yaml")


@pytest.mark.parametrize("path", ["configs/codebook.yaml", "configs/examples/injury.yaml"])
def test_the_shipped_codebooks_speak_to_the_citizen_and_write_levels_in_lower_case(path):
    codebook = read_codebook(path)
    for field in codebook.indicators:
        labels = [field.citizen_label or field.label]
        labels += [one.citizen_label or one.label for one in field.levels]
        told = [text.casefold() for one in labels for text in (one.da, one.en)]
        assert not [text for text in told if "borger" in text or "citizen" in text]
    names = {"Kentucky", "Michigan"}
    for field in codebook.fields:
        for level in field.levels:
            for text in {level.label.da, level.label.en} - names:
                assert text[0] == text[0].lower(), (field.name, text)


def test_a_codebook_without_them_is_written_as_before():
    assert "citizen_label" not in str(codebook_to_mapping(read()))
    assert "ask_when" not in str(codebook_to_mapping(read()))
    assert "missing_label" not in str(codebook_to_mapping(read()))


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ({"field": "jub", "in": ["yes"]}, "no fact known at the assessment"),
        ({"field": "end", "in": ["yes"]}, "no fact known at the assessment"),
        ({"field": "job", "in": ["often"]}, "often"),
        ({"field": "job", "at_least": 1}, "limits that it does not have"),
        ({"field": "wait", "in": ["1"]}, "1"),
        ({"field": "wait"}, "must make one test"),
        ({"field": "wait", "at_least": 1, "missing": True}, "must make one test"),
        ({"in": ["yes"]}, "field is required"),
        ({"field": "job", "among": ["yes"]}, "among"),
    ],
)
def test_a_test_that_cannot_be_made_is_refused(test, words):
    with pytest.raises(CodebookError, match=words):
        read(test)


def test_a_missing_fact_passes_all_tests_but_never_a_wrong_one():
    assert FactTest("job", ("yes",)).holds(None)
    assert FactTest("wait", missing=True).holds(None)
    assert not FactTest("wait", missing=True).holds(3.0)
    assert not FactTest("job", ("yes",)).holds("no")
    assert not FactTest("wait", at_most=4).holds(4.5)
    assert FactTest("wait", at_least=1, at_most=4).holds(4.0)


@pytest.mark.parametrize(
    ("unit", "value", "danish", "english"),
    [
        ("weeks", 1.0, "1 uge", "1 week"),
        ("weeks", 12.5, "12,5 uger", "12.5 weeks"),
        ("weeks", 3.4285714, "3,43 uger", "3.43 weeks"),
        ("week", 12.0, "uge 12", "week 12"),
        ("days", 1.0, "1 dag", "1 day"),
        ("dollars", 12400.5, "12.400,5 dollar", "12,400.5 dollars"),
        ("count", 0.0, "ingen", "none"),
        ("count", 2.0, "2", "2"),
        (None, 12400.0, "12.400", "12,400"),
        ("kg", 70.0, "70 kg", "70 kg"),
    ],
)
def test_numbers_are_worded_as_people_write_them(unit, value, danish, english):
    words = word_value(number(unit), value)
    assert (words.da, words.en) == (danish, english)


def test_a_limit_of_nothing_stays_a_number():
    assert word_quantity(number("count"), 0, "da") == "0"


def test_a_missing_fact_is_worded_by_the_codebook():
    named = Field("x", Label("X", "X"), "yes_no", "intake", missing_label=Label("nej", "no"))
    assert word_value(named, None).da == "nej"
    assert word_value(number(None), None).da == "ikke oplyst"
