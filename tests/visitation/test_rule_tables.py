"""A policy cut down to one case keeps the answers that its conditions give."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.visitation.conditions import (
    AllOf,
    AnyOf,
    AtMostOf,
    Facts,
    InLevels,
    InRange,
    IsMissing,
    Not,
    answer,
)
from riskmodel.visitation.rule_tables import _cut, rule_tables


def work_out(condition: Any, facts: list[float | None]) -> int:
    """Answer a cut condition, as a page does."""
    if isinstance(condition, int):
        return condition
    kind, *rest = condition
    if kind == "not":
        return 2 - work_out(rest[0], facts)
    if kind in {"all", "any"}:
        return (min if kind == "all" else max)(work_out(one, facts) for one in rest)
    if kind == "most":
        answers = [work_out(one, facts) for one in rest[1:]]
        too_many = answers.count(2) > rest[0]
        return 0 if too_many else 1 if answers.count(2) + answers.count(1) > rest[0] else 2
    return work_out_test(kind, facts[rest[0]], rest[1:])


def work_out_test(kind: str, fact: float | None, wanted: list) -> int:
    if kind == "missing":
        return 2 if (fact is None) == wanted[0] else 0
    if fact is None:
        return 1
    if kind == "levels":
        return 2 if fact in wanted[0] else 0
    low, high = wanted
    return 2 if (low is None or fact >= low) and (high is None or fact <= high) else 0


def conditions(codebook) -> st.SearchStrategy:
    by_name = {one.name: one for one in codebook.fields}
    age, strain, conflict = by_name["age"], by_name["strain"], by_name["conflict"]
    leaves = st.one_of(
        st.builds(InRange, st.just(age), st.integers(20, 40), st.integers(40, 60)),
        st.builds(InRange, st.just(age), at_least=st.integers(20, 60)),
        st.sampled_from([InLevels(strain, ("low", "high")), InLevels(conflict, ("yes",))]),
        st.builds(IsMissing, st.sampled_from([age, strain, conflict]), st.booleans()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(
                AtMostOf, st.lists(inner, min_size=2, max_size=3).map(tuple), st.integers(0, 1)
            ),
        ),
        max_leaves=6,
    )


@given(data=st.data())
def test_a_cut_condition_answers_as_the_whole_one(small_codebook, data):
    condition = data.draw(conditions(small_codebook))
    by_name = {one.name: one for one in small_codebook.fields}
    values = {
        "age": data.draw(st.none() | st.integers(16, 70)),
        "strain": data.draw(st.none() | st.sampled_from(by_name["strain"].level_values)),
        "conflict": data.draw(st.none() | st.sampled_from(by_name["conflict"].level_values)),
    }
    frame = pd.DataFrame(
        {
            name: [np.nan if value is None else float(value)]
            if name == "age"
            else pd.Categorical([value], categories=list(by_name[name].level_values))
            for name, value in values.items()
        }
    )
    known = Facts(frame, np.zeros(1))
    changeable = data.draw(st.sets(st.sampled_from(sorted(values))).map(sorted))
    cut = json.loads(json.dumps(_cut(condition, known, {n: i for i, n in enumerate(changeable)})))
    facts = [
        None
        if values[name] is None
        else values[name]
        if name == "age"
        else by_name[name].level_values.index(values[name])
        for name in changeable
    ]
    assert work_out(cut, facts) == answer(condition, known)[0]


@pytest.mark.parametrize("changeable", [[], ["strain"]])
def test_a_whole_policy_is_plain_json(small_policy, changeable):
    tables = rule_tables(small_policy, pd.DataFrame({"age": [40.0]}), 4.0, changeable)
    assert json.loads(json.dumps(tables, allow_nan=False)) == tables
    assert tables["ladder"] == list(small_policy.ladder.rungs)
    assert len(tables["requirements"]) == len(small_policy.requirements)
    if not changeable:
        assert all(isinstance(one["requires"], int) for one in tables["requirements"])
