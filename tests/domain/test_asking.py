"""Where a question makes sense, and facts in words."""

from __future__ import annotations

import pytest

from riskmodel.domain.asking import FactTest
from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.codebook_parsing import codebook_to_mapping, parse_codebook
from riskmodel.domain.fact_words import word_quantity, word_value
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError

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


def test_a_codebook_without_them_is_written_as_before():
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
