from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.codebook import Field, Level
from riskmodel.domain.labels import Label
from riskmodel.visitation.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    AllOf,
    AnyOf,
    AtMostOf,
    Condition,
    Facts,
    InLevels,
    InRange,
    IsMissing,
    Not,
    answer,
    fields_behind,
    fields_compared,
    fields_named,
)

WEEKS = Field("weeks", Label("Uger", "Weeks"), "number", "intake", range=(0, 100))
LEVELS = tuple(Level(one, Label(one, one)) for one in ("a", "b", "c"))
KIND = Field("kind", Label("Slags", "Kind"), "category", "intake", levels=LEVELS)
FLAG = Field("flag", Label("Flag", "Flag"), "yes_no", "intake")
FIELDS = {field.name: field for field in (WEEKS, KIND, FLAG)}

Row = dict[str, float | str | None]

leaves = st.one_of(
    st.builds(IsMissing, st.sampled_from([WEEKS, KIND, FLAG]), st.booleans()),
    st.builds(InRange, st.just(WEEKS), st.sampled_from([10.0, 20.0])),
    st.builds(lambda high: InRange(WEEKS, at_most=high), st.sampled_from([10.0, 20.0])),
    st.builds(
        lambda allowed: InLevels(KIND, tuple(allowed)),
        st.sets(st.sampled_from("abc"), min_size=1),
    ),
    st.builds(lambda one: InLevels(FLAG, (one,)), st.sampled_from(["yes", "no"])),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda parts, at_most: AtMostOf(tuple(parts), at_most),
            st.lists(inner, min_size=2, max_size=4),
            st.integers(0, 1),
        ),
    ),
    max_leaves=8,
)
rows = st.fixed_dictionaries(
    {
        "weeks": st.sampled_from([None, 0.0, 10.0, 15.0, 20.0, 21.0]),
        "kind": st.sampled_from([None, "a", "b", "c"]),
        "flag": st.sampled_from([None, "yes", "no"]),
    }
)


def make_facts(listed: list[Row]) -> Facts:
    frame = pd.DataFrame(
        {
            "weeks": pd.Series([row["weeks"] for row in listed], dtype=float),
            "kind": pd.Categorical([row["kind"] for row in listed], categories=list("abc")),
            "flag": pd.Categorical([row["flag"] for row in listed], categories=["no", "yes"]),
        }
    )
    return Facts(frame, np.zeros(len(listed)))


def judge(condition: Condition, row: Row) -> bool | None:
    """Answer in plain Python, one row at a time; None is unknown."""
    if isinstance(condition, AllOf):
        answers = [judge(part, row) for part in condition.parts]
        return False if False in answers else None if None in answers else True
    if isinstance(condition, AnyOf):
        answers = [judge(part, row) for part in condition.parts]
        return True if True in answers else None if None in answers else False
    if isinstance(condition, Not):
        inner = judge(condition.part, row)
        return None if inner is None else not inner
    if isinstance(condition, AtMostOf):
        return judge_count([judge(part, row) for part in condition.parts], condition.at_most)
    return judge_test(condition, row[condition.field.name])


def judge_count(answers: list[bool | None], at_most: int) -> bool | None:
    """Try every way in which the unknown parts could turn out."""
    ways = itertools.product(*([True, False] if one is None else [one] for one in answers))
    outcomes = {sum(way) <= at_most for way in ways}
    return outcomes.pop() if len(outcomes) == 1 else None


def judge_test(test: IsMissing | InLevels | InRange, value: float | str | None) -> bool | None:
    if isinstance(test, IsMissing):
        return (value is None) == test.missing
    if value is None:
        return None
    if isinstance(test, InLevels):
        return value in test.allowed
    assert isinstance(value, float)
    above = test.at_least is None or value >= test.at_least
    return above and (test.at_most is None or value <= test.at_most)


@given(condition=conditions, listed=st.lists(rows, min_size=1, max_size=6))
def test_answers_agree_with_plain_three_valued_logic(
    condition: Condition, listed: list[Row]
) -> None:
    words = {FALSE: False, UNKNOWN: None, TRUE: True}
    found = [words[value] for value in answer(condition, make_facts(listed)).tolist()]
    assert found == [judge(condition, row) for row in listed]


@given(condition=conditions, row=rows)
def test_unknown_is_always_blamed_on_a_missing_fact_that_was_declared(
    condition: Condition, row: Row
) -> None:
    facts = make_facts([row])
    blamed = {name for name, hit in fields_behind(condition, facts, UNKNOWN).items() if hit.any()}
    if answer(condition, facts)[0] == UNKNOWN:
        assert blamed
        assert blamed <= {field.name for field in fields_compared(condition)}
        assert all(row[name] is None for name in blamed)
    else:
        assert not blamed


@given(condition=conditions, row=rows)
def test_complete_facts_are_never_unknown(condition: Condition, row: Row) -> None:
    defaults: Row = {"weeks": 5.0, "kind": "a", "flag": "no"}
    full = {name: defaults[name] if value is None else value for name, value in row.items()}
    assert answer(condition, make_facts([full]))[0] != UNKNOWN


@given(condition=conditions, row=rows)
def test_a_field_that_is_not_named_never_matters(condition: Condition, row: Row) -> None:
    named = {field.name for field in fields_named(condition)}
    kept: Row = {name: value if name in named else None for name, value in row.items()}
    assert answer(condition, make_facts([row]))[0] == answer(condition, make_facts([kept]))[0]


def test_an_absent_column_is_missing_everywhere() -> None:
    facts = Facts(pd.DataFrame(index=range(2)), np.zeros(2))
    assert answer(InRange(WEEKS, at_least=1), facts).tolist() == [UNKNOWN, UNKNOWN]
    assert answer(InLevels(KIND, ("a",)), facts).tolist() == [UNKNOWN, UNKNOWN]
    assert answer(IsMissing(KIND), facts).tolist() == [TRUE, TRUE]


def test_the_week_of_the_assessment_is_a_fact() -> None:
    week = Field("assessed_week", Label("Uge", "Week"), "number", "intake", range=(0, 1040))
    facts = Facts(pd.DataFrame(index=range(2)), np.array([4.0, 12.0]))
    assert answer(InRange(week, at_least=8), facts).tolist() == [FALSE, TRUE]


def test_both_bounds_belong_to_the_range() -> None:
    facts = make_facts(
        [{"weeks": one, "kind": None, "flag": None} for one in (9.9, 10.0, 20.0, 20.1)]
    )
    found = answer(InRange(WEEKS, at_least=10, at_most=20), facts).tolist()
    assert found == [FALSE, TRUE, TRUE, FALSE]


def test_levels_stored_in_another_order_are_compared_by_name() -> None:
    frame = pd.DataFrame({"kind": pd.Categorical(["c", "a"], categories=["c", "b", "a"])})
    facts = Facts(frame, np.zeros(2))
    assert answer(InLevels(KIND, ("c",)), facts).tolist() == [TRUE, FALSE]
    assert facts.read_value(KIND, 0) == "c"


def test_plain_text_columns_are_read_as_levels() -> None:
    facts = Facts(pd.DataFrame({"kind": ["b", None]}), np.zeros(2))
    assert answer(InLevels(KIND, ("b",)), facts).tolist() == [TRUE, UNKNOWN]


def test_a_missing_option_beside_the_comparison_excuses_the_field() -> None:
    excused = AnyOf((IsMissing(WEEKS), InRange(WEEKS, at_most=26)))
    assert fields_compared(excused) == ()
    assert fields_compared(AllOf((excused, InRange(WEEKS, at_least=1)))) == (WEEKS,)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: InLevels(KIND, ("z",)), "has no level"),
        (lambda: InLevels(KIND, ()), "has no level"),
        (lambda: InRange(KIND, at_least=1), "is not a number"),
        (lambda: InRange(WEEKS), "at_least, at_most"),
    ],
)
def test_conditions_check_themselves(make: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()  # type: ignore[operator]
