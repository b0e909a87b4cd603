"""The decision record: it comes back as it was written, and refuses what it must not hold."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import InputError
from riskmodel.visitation.decision_record import (
    DEPARTURE_REASONS,
    OWN_REASONS,
    DecisionRecord,
    parse_decision_record,
)

RECORD = DecisionRecord(
    "SYN-0142", 8.0, "b3f9c1d27a54", "demo@1+00000000", dt.date(2026, 8, 3),
    own_judgement_first=True, own_risk=0.3, own_offer=True, own_reason="employer",
    seen_tier="light", decided_tier="adviser_band", departure_reason="knows_more", team="team-2",
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> DecisionRecord:
    first = draw(st.booleans())
    given_risk = st.floats(0, 1) if first else st.none() | st.floats(0, 1)
    tiers = st.none() | st.sampled_from(["light", "adviser_band", "at_risk"])
    seen, decided = draw(tiers), draw(tiers)
    departs = seen is not None and decided is not None and seen != decided
    return DecisionRecord(
        case_id=draw(st.sampled_from(["SYN-1", "a b", "ø/=1"])),
        assessed_week=draw(st.floats(0, 200)),
        model_version=draw(st.sampled_from(["b3f9", "unsaved"])),
        policy_version=draw(st.sampled_from(["", "demo@1+00000000"])),
        decided_on=draw(st.dates()),
        own_judgement_first=first,
        own_risk=draw(given_risk),
        own_offer=draw(st.booleans() if first else st.none() | st.booleans()),
        own_reason=draw(st.none() | st.sampled_from(sorted(OWN_REASONS))),
        seen_tier=seen,
        decided_tier=decided,
        departure_reason=draw(st.sampled_from(sorted(DEPARTURE_REASONS))) if departs else None,
        team=draw(st.none() | st.sampled_from(["A", "team_2"])),
    )


@given(record=records())
def test_a_record_survives_its_file(record):
    text = json.dumps(record.to_mapping(), ensure_ascii=False, allow_nan=False)
    assert parse_decision_record(json.loads(text), "d.json") == record


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"case_id": " "}, "case_id must not be empty"),
        ({"case_id": "0101700000"}, "case_id must be a code"),
        ({"team": "0101700000"}, "team must be a code; it looks"),
        ({"decided_tier": "010170-0000", "departure_reason": "other"}, "decided_tier must be a"),
        ({"assessed_week": -1.0}, "assessed_week must not be negative"),
        ({"assessed_week": float("nan")}, "assessed_week must not be negative"),
        ({"own_risk": 1.01}, "own_risk must lie from 0 to 1"),
        ({"own_risk": None}, "needs own_risk and own_offer"),
        ({"own_offer": None}, "needs own_risk and own_offer"),
        ({"own_reason": "because"}, "own_reason must be one of"),
        ({"departure_reason": None}, "departure_reason must stand"),
        ({"departure_reason": "because"}, "departure_reason must be one of"),
        ({"decided_tier": "light"}, "departure_reason must stand"),
        ({"seen_tier": None}, "departure_reason must stand"),
        ({"team": "Anders Andersen"}, "team must be a code"),
    ],
)
def test_a_record_refuses_what_contradicts_itself(changes, rule):
    with pytest.raises(ValueError, match=rule):
        replace(RECORD, **changes)
    with pytest.raises(InputError):
        parse_decision_record({**RECORD.to_mapping(), **changes}, "d.json")


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"format": "riskmodel.decision/2"}, "format"),
        ({"remark": "text"}, "remark"),
        ({"own_risk": "0.3"}, "own_risk"),
        ({"own_offer": "yes"}, "own_offer"),
        ({"own_judgement_first": 1}, "own_judgement_first"),
        ({"decided_on": "3 August 2026"}, "decided_on"),
        ({"decided_on": None}, "decided_on"),
        ({"model_version": ""}, "model_version"),
        ({"case_id": "x" * 300}, "case_id"),
        ({"seen_tier": ["light"]}, "seen_tier"),
    ],
)
def test_a_wrong_value_is_named_by_its_key_and_not_repeated(changes, column):
    with pytest.raises(InputError) as caught:
        parse_decision_record({**RECORD.to_mapping(), **changes}, "d.json")
    assert column in {fault.column for fault in caught.value.faults}
    assert "text" not in str(caught.value).replace("must be text", "")
    assert "3 August" not in str(caught.value)


@pytest.mark.parametrize("other", [None, [], "text", {"format": None}])
def test_something_else_is_no_record(other):
    with pytest.raises(InputError, match="no decision record"):
        parse_decision_record(other, "d.json")


def test_it_departs_only_where_two_tiers_differ():
    assert RECORD.departs
    assert not replace(RECORD, decided_tier="light", departure_reason=None).departs
    assert not replace(RECORD, decided_tier=None, departure_reason=None).departs


def test_a_key_that_is_not_known_is_named_where_it_can_be_no_name() -> None:
    mapping = {"format": "riskmodel.decision/1", "remark": "x", "Anne Hansen": "y"}
    with pytest.raises(InputError) as caught:
        parse_decision_record(mapping, "one.json")
    assert "one.json, key remark: a decision record has only the keys format" in str(caught.value)
    assert "Anne" not in str(caught.value)
