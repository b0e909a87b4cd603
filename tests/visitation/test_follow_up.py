from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError
from riskmodel.visitation.circumstances import find_circumstances
from riskmodel.visitation.conditions import AnyOf
from riskmodel.visitation.explain import explain_recommendation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_notes import find_policy_notes
from riskmodel.visitation.policy_parsing import parse_policy
from riskmodel.visitation.policy_text import describe_policy
from riskmodel.visitation.recommendation import Recommendation
from riskmodel.visitation.schedule import (
    Reassessment,
    find_easter,
    find_last_day,
    find_last_days,
    list_days_off,
)
from riskmodel.visitation.tiers import FixedContact, Ladder, RepeatedContact, Tier

FIRST_DAY = Field("first_day", Label("Første dag", "First day"), "date", "intake", use="context")
READY = {
    "employment_status": "employed", "standby": "no", "fast_track": "no",
    "expected_duration_citizen_weeks": 6.0, "diagnosis_certainty": "confirmed_gp",
    "diagnosis_group": "back", "treatment_status": "ongoing", "function_work": "1",
    "employer_exists_to_return": "yes", "employer_contact_quality": "good",
    "conflict_or_insecurity_at_work": "no", "psychosocial_strain": 0.0, "comorbidity_count": "0",
}  # fmt: skip


def recommend(
    policy: Policy,
    *,
    week: float = 4,
    risk: float = 0.05,
    day: str | None = None,
    **changed: object,
) -> Recommendation:
    facts = pd.DataFrame([READY | changed])
    if day is not None:
        facts["first_absence_date"] = pd.to_datetime([day])
    return explain_recommendation(
        policy,
        facts,
        assessed_week=week,
        risk=risk,
        risk_low=risk,
        risk_high=risk,
        outside_training=False,
    )


def test_vejles_contacts_fall_on_the_days_of_the_service_level(vejle: Policy) -> None:
    found = recommend(vejle, risk=0.6, day="2026-07-01")
    days = {one.label.da: one.day for one in found.contacts}
    # The last day of the 8th week of absence is the 56th, of the 12th the 84th.
    assert days["Kontakt i uge 12"] == dt.date(2026, 9, 22)
    first = next(day for label, day in days.items() if label.startswith("Førstegangssamtale"))
    assert first == dt.date(2026, 8, 25)
    assert found.assessed_on == dt.date(2026, 7, 29)
    assert (found.next_assessment.week, found.next_assessment.day) == (8, dt.date(2026, 8, 25))


def test_a_contact_soon_after_the_assessment_is_not_put_off(vejle: Policy) -> None:
    found = recommend(vejle, week=7.5, risk=0.6, day="2026-07-01")
    assert found.assessed_on == dt.date(2026, 8, 22)
    assert found.contacts[0].day == dt.date(2026, 8, 25)


@given(week=st.floats(0, 25.9), start=st.dates(dt.date(2026, 7, 1), dt.date(2026, 8, 1)))
def test_no_contact_falls_before_the_assessment(vejle: Policy, week: float, start: dt.date) -> None:
    found = recommend(vejle, week=week, risk=0.6, day=start.isoformat())
    assert all(one.day >= found.assessed_on for one in found.contacts)
    assert all(one.week >= week for one in found.contacts)
    if found.next_assessment is not None:
        assert found.next_assessment.week > week


def test_without_a_first_day_there_are_weeks_and_no_dates(vejle: Policy) -> None:
    found = recommend(vejle)
    assert found.tier == "light"
    assert [one.day for one in found.contacts] == [None] * len(found.contacts)
    assert (found.assessed_on, found.next_assessment.day) == (None, None)
    assert found.regime == vejle.regime.title


@pytest.mark.parametrize(
    ("day", "week", "tier", "regime"),
    [
        ("2026-07-01", 4, "light", "from_2026_07"),
        ("2026-06-29", 0, "adviser_band", "y2025_mid26"),  # assessed before the policy holds
        ("2026-06-29", 4, "light", "from_2026_07"),  # begun before, assessed after
        ("2026-12-30", 4, "adviser_band", "expected_2027_01"),  # after Vejle's policy ends
        ("2024-03-01", 4, "adviser_band", "to_2024"),
    ],
)
def test_the_day_of_the_assessment_chooses_the_rules(
    vejle: Policy, day: str, week: float, tier: str, regime: str
) -> None:
    found = recommend(vejle, day=day, week=week)
    assert found.tier == tier
    assert found.regime == next(one.title for one in vejle.regimes if one.id == regime)
    assert (tier == "light") == ([one.rule for one in found.reasons] == ["risk_low"])
    if tier != "light":
        assert [one.rule for one in found.reasons] == ["not_in_force"]


@given(
    day=st.dates(dt.date(2024, 1, 1), dt.date(2028, 1, 1)),
    week=st.integers(0, 25),
)
def test_the_lightest_tier_is_never_given_out_of_force(
    vejle: Policy, day: dt.date, week: int
) -> None:
    found = recommend(vejle, day=day.isoformat(), week=week)
    today = day + dt.timedelta(weeks=week)
    assert (found.tier == "light") == vejle.holds_on(today)


@pytest.mark.parametrize(
    ("day", "tier"), [("2026-07-01", "at_risk"), ("2026-12-30", "adviser_band")]
)
def test_rules_that_have_ended_settle_no_high_risk_either(
    vejle: Policy, day: str, tier: str
) -> None:
    found = recommend(vejle, day=day, week=4, risk=0.9)
    assert found.tier == tier
    assert found.in_force == (tier == "at_risk")


def test_distances_to_the_thresholds_are_told(vejle: Policy) -> None:
    found = recommend(vejle, risk=0.05)
    assert found.distance_to_lower == pytest.approx(0.05 - vejle.lower.value)
    assert found.distance_to_upper == pytest.approx(0.05 - vejle.upper.value)
    unscored = recommend(vejle, risk=np.nan)
    assert (unscored.distance_to_lower, unscored.distance_to_upper) == (None, None)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=6, unique=True), st.floats(0, 60))
def test_the_next_assessment_is_the_first_week_after(weeks: list[float], week: float) -> None:
    plan = Reassessment(tuple(sorted(weeks)))
    later = [one for one in weeks if one > week]
    found = plan.find_next(np.array([week, np.nan]))
    assert np.isnan(found[1])
    assert found[0] == min(later) if later else np.isnan(found[0])


DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2035, 1, 1))


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in list_days_off(day.year)


@given(start=DAYS, week=st.integers(0, 60), late=st.none() | st.integers(0, 70))
def test_what_is_due_falls_on_the_last_working_day_of_the_time(
    start: dt.date, week: int, late: int | None
) -> None:
    today = start if late is None else start + dt.timedelta(weeks=late)
    # The first absence day is day 1 of week 1, and is week 0.
    end = start + dt.timedelta(days=max(0, 7 * week - 1))
    due = find_last_day(start, week, not_before=None if late is None else today)
    assert is_working_day(due)
    assert due >= today
    day, step = (due, dt.timedelta(days=1))
    if due <= end:  # no later working day in the time
        while (day := day + step) <= end:
            assert not is_working_day(day)
    else:  # no working day from today on within the time
        while (day := day - step) >= today:
            assert not is_working_day(day)


@pytest.mark.parametrize("year", range(1970, 2101))
def test_easter_is_what_another_package_says(year: int) -> None:
    assert pd.Timestamp(find_easter(year)) == pd.Timestamp(year, 1, 1) + pd.offsets.Easter()


def test_the_days_off_of_two_years_are_those_of_the_danish_calendar() -> None:
    assert [f"{day:%d-%m}" for day in list_days_off(2026)] == [
        "01-01", "02-04", "03-04", "06-04", "14-05", "25-05", "05-06", "24-12", "25-12", "26-12",
        "31-12",
    ]  # fmt: skip
    # General Prayer Day, the fourth Friday after Easter, was one for the last time in 2023.
    assert dt.date(2023, 5, 5) in list_days_off(2023)
    assert dt.date(2024, 4, 26) not in list_days_off(2024)


@pytest.mark.parametrize(
    ("first", "week", "due"),
    [
        ("2026-07-01", 8, "2026-08-25"),  # a Tuesday
        ("2026-07-05", 8, "2026-08-28"),  # a Saturday: the Friday before
        ("2026-11-01", 8, "2026-12-23"),  # Boxing Day
        ("2026-02-10", 8, "2026-04-01"),  # Easter Monday: the Wednesday before Maundy Thursday
        ("2026-08-01", 0, "2026-08-03"),  # reported sick on a Saturday: the Monday after
    ],
)
def test_days_that_are_no_working_days_are_left(first: str, week: float, due: str) -> None:
    assert find_last_day(dt.date.fromisoformat(first), week).isoformat() == due


def test_contacts_and_assessments_keep_to_working_days_alike(vejle: Policy) -> None:
    found = recommend(vejle, risk=0.6, day="2026-11-01")
    first = next(one for one in found.contacts if one.label.da.startswith("Førstegangssamtale"))
    assert first.day == found.next_assessment.day == dt.date(2026, 12, 23)


def test_cases_without_a_date_count_as_in_force(small_policy: Policy) -> None:
    policy = replace(small_policy, first_absence_day=FIRST_DAY)
    days = pd.to_datetime(pd.Series([None, "2026-01-01", "2026-07-01"]))
    facts = pd.DataFrame({"first_day": days})
    held = find_circumstances(policy, facts, np.zeros(3), None)
    assert held.in_force.tolist() == [True, False, True]
    assert not held.audit.contact.any()


AUDIT = {
    "salt": "made-up salt",
    "contact": {"share": 0.1, "tier": "at_risk", "text": {"da": "Trukket.", "en": "Drawn."}},
    "without_score": {"share": 0.1, "text": {"da": "Uden.", "en": "Without."}},
}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("first_absence_day", "status", "is no date"),
        ("first_absence_day", "fit_date", "only when the case has ended"),
        ("assessments", {"weeks": [8, 8]}, "must rise"),
        ("assessments", {"weeks": []}, "must rise"),
        ("assessments", {"weeks": [8], "until": 26}, "not a key"),
        ("audit", AUDIT | {"salt": "short"}, "8 characters"),
        ("audit", AUDIT | {"contact": AUDIT["contact"] | {"share": 0.7}}, "0 to 0.5"),
        ("audit", AUDIT | {"contact": AUDIT["contact"] | {"tier": "light"}}, "above the ladder"),
        ("audit", {"salt": "made-up salt"}, "contact"),
    ],
)
def test_what_is_wrong_about_follow_up_is_named(
    small_mapping: dict[str, object],
    small_codebook: Codebook,
    key: str,
    value: object,
    message: str,
) -> None:
    small_mapping[key] = value
    with pytest.raises(CodebookError, match=message):
        parse_policy(small_mapping, "small.yaml", small_codebook)


def test_contacts_go_to_the_employer_only_where_the_policy_says_so(vejle: Policy) -> None:
    for tier in vejle.tiers:
        letters = [one.label.da for one in tier.employer_contacts]
        assert all("Servicebrev" in label for label in letters)
        assert bool(letters) == (tier.id != "ordinary")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_text_names_lots_assessments_and_section_7(vejle: Policy, lang: str) -> None:
    text = describe_policy(vejle, lang)
    assert ("8, 12, 16, 20 og 24" if lang == "da" else "8, 12, 16, 20 and 24") in text
    assert ("§ 7" if lang == "da" else "section 7") in text
    assert ("Lodtrækning" if lang == "da" else "Drawn by lot") in text


def test_notes_name_what_is_not_decided_and_what_only_order_settles(vejle: Policy) -> None:
    notes = {one.key: one for one in find_policy_notes(vejle)}
    assert {"approved_by", "thresholds.lower", "capacity"} <= set(notes)
    assert "on_standby" in notes["exceptions.not_in_job"].problem
    assert all(one.severity == "note" for one in notes.values())
    decided = replace(
        vejle,
        approved_by="a made-up committee",
        talks_a_week=40.0,
        lower=replace(vejle.lower, status="decided"),
        upper=replace(vejle.upper, status="decided"),
        own_tracks=vejle.own_tracks[:1],
    )
    assert find_policy_notes(decided) == ()


def test_an_exception_that_those_before_it_always_settle_is_warned_of(vejle: Policy) -> None:
    standby, jobless, fast = vejle.own_tracks
    # Another exception still leads to the tier, so that no tier is left without cases.
    dead = replace(fast, id="again", condition=standby.condition)
    for tracks in ((standby, jobless, fast, dead), (standby, dead, jobless, fast)):
        found = {one.key: one for one in find_policy_notes(replace(vejle, own_tracks=tracks))}
        assert found["exceptions.again"].severity == "warning"
        assert "can never decide" in found["exceptions.again"].problem
        assert "on_standby" in found["exceptions.again"].problem
        assert not any(
            one.severity == "warning" for key, one in found.items() if key != "exceptions.again"
        )


def test_an_exception_that_two_before_it_settle_together_is_warned_of(vejle: Policy) -> None:
    standby, jobless, fast = vejle.own_tracks
    either = replace(fast, id="either", condition=AnyOf((standby.condition, jobless.condition)))
    tracks = (standby, jobless, either)
    found = {one.key: one for one in find_policy_notes(replace(vejle, own_tracks=tracks))}
    assert found["exceptions.either"].severity == "warning"
    tracks = (standby, either, jobless)
    found = {one.key: one for one in find_policy_notes(replace(vejle, own_tracks=tracks))}
    assert found["exceptions.either"].severity == "note"
    assert found["exceptions.not_in_job"].severity == "warning"


def test_equal_thresholds_and_a_ladder_upside_down_are_told(vejle: Policy) -> None:
    level = replace(vejle, upper=replace(vejle.upper, value=vejle.lower.value))
    assert any("no risk lies between" in one.problem for one in find_policy_notes(level))
    assert not any("no risk lies between" in one.problem for one in find_policy_notes(vejle))
    turned = Ladder(vejle.ladder.from_upper, vejle.ladder.between, vejle.ladder.below_lower)
    assert vejle.audit is not None
    audit = replace(vejle.audit, contact_tier=vejle.ladder.between)
    found = find_policy_notes(replace(vejle, ladder=turned, audit=audit))
    assert [one.key for one in found if one.severity == "warning"] == ["ladder"]


@given(
    st.lists(
        st.tuples(
            st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
            st.just(np.nan) | st.floats(0, 60),
            st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_many_days_are_what_one_day_is(
    rows: list[tuple[dt.date | None, float, dt.date | None]],
) -> None:
    first = np.array([day for day, _, _ in rows], dtype="datetime64[D]")
    weeks = np.array([week for _, week, _ in rows])
    today = np.array([day for _, _, day in rows], dtype="datetime64[D]")
    found = find_last_days(first, weeks, not_before=today)
    for (day, week, least), one in zip(rows, found, strict=True):
        if day is None or np.isnan(week):
            assert np.isnat(one)
        else:
            assert one.item() == find_last_day(day, week, not_before=least)


def test_letters_to_employers_are_no_contact_with_the_citizen() -> None:
    label = Label("x", "x")
    talk, letter = FixedContact(8, label), FixedContact(4, label, to="employer")
    often = RepeatedContact((4, 6), 8, label)

    def tier(*contacts: FixedContact | RepeatedContact) -> Tier:
        return Tier("t", label, label, contacts)

    assert not tier(talk, letter).adds_contact_to(tier(talk))
    assert tier(talk).adds_contact_to(tier(letter))
    assert tier(talk, often).adds_contact_to(tier(talk))
    assert tier(RepeatedContact((4, 8), 8, label)).adds_contact_to(tier(often))
    assert tier(talk, letter).employer_contacts == (letter,)


@pytest.mark.parametrize("weeks", [(0.0, 4.0), (6.0, 4.0), (4.0, np.inf)])
def test_weeks_between_talks_rise_from_above_zero(weeks: tuple[float, float]) -> None:
    RepeatedContact((0.5, 0.5), 8, Label("x", "x"))
    with pytest.raises(ValueError, match=r"every_weeks must be \[shortest, longest\]"):
        RepeatedContact(weeks, 8, Label("x", "x"))
