"""Consequences of thresholds against sums by hand, and against the policy itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError, InputError
from riskmodel.io.policy_files import read_policy
from riskmodel.io.yaml_files import read_yaml
from riskmodel.stats.decision import compute_decision_curve, net_benefit_of_all
from riskmodel.visitation.consequence_figures import Capacity
from riskmodel.visitation.consequences import Consequences
from riskmodel.visitation.equal_treatment import compare_equal_treatment
from riskmodel.visitation.inflow import Inflow, Origin, SiteInflow, TalkWeeks, parse_inflow
from riskmodel.visitation.judged_cases import JudgedCases, YearlyScale
from riskmodel.visitation.offers import ADVISER, AT_RISK, LIGHT, OWN_TRACK, Visitation
from riskmodel.visitation.recommend import recommend_cases
from riskmodel.visitation.talk_plans import Care, plan_talks
from riskmodel.visitation.threshold_choice import (
    find_decision_curve,
    suggest_lower,
    suggest_upper,
)
from riskmodel.visitation.thresholds import Threshold
from riskmodel.visitation.tiers import FixedContact, RepeatedContact

CONFIGS = Path(__file__).parents[2] / "configs"
COUNTED = Origin("own_count", Label("Optalt", "Counted"))
TALK = Label("Samtale", "Talk")


def make_inflow(**more):
    sites = more.pop("sites", {"a": 1000.0})
    listed = tuple(SiteInflow(name, cases, COUNTED) for name, cases in sites.items())
    return Inflow(listed, **more)


def make_cases(n=400, seed=0, **more):
    rng = np.random.default_rng(seed)
    risk = rng.uniform(0.02, 0.98, n)
    long = (rng.random(n) < risk).astype(float)
    given = {
        "risk": risk,
        "risk_low": np.maximum(risk - 0.05, 0.0),
        "risk_high": np.minimum(risk + 0.05, 1.0),
        "outside_training": np.zeros(n, dtype=bool),
        "long_course": long,
        "duration_weeks": np.where(long == 1, 40.0, rng.uniform(6, 26, n)),
        "assessed_week": np.full(n, 5.0),
        "weight": np.ones(n),
        "person": np.arange(n),
        "site": np.full(n, "a"),
    }
    return JudgedCases(**(given | more))


@pytest.fixture(scope="module")
def plain_policy(review_codebook):
    """Two thresholds, and a talk in week 8 and 12 from the upper one."""
    policy = read_policy(CONFIGS / "visitation" / "risk-only.yaml", review_codebook)
    talks = (FixedContact(8, TALK), FixedContact(12, TALK))
    tiers = tuple(
        replace(tier, contacts=talks) if tier.id == "at_risk" else tier for tier in policy.tiers
    )
    return replace(policy, tiers=tiers)


@pytest.fixture(scope="module")
def full_policy(review_codebook):
    return read_policy(CONFIGS / "visitation" / "lejre-greve.yaml", review_codebook)


def set_up(policy, cases, *, inflow=None, facts=None, capacity=None, n_draws=60):
    inflow = inflow or make_inflow(adviser_share=0.5)
    facts = pd.DataFrame(index=range(len(cases))) if facts is None else facts
    scale = YearlyScale.of(cases, inflow, n_draws, 0)
    visitation = Visitation.of(policy, cases, facts)
    return Consequences(scale, policy, capacity or Capacity(), 0), visitation


# --- What is offered ------------------------------------------------------------------------------


@given(
    lower=st.floats(0.01, 0.98),
    width=st.floats(0, 0.9),
    seed=st.integers(0, 20),
)
def test_any_thresholds_are_those_of_the_policy_with_them(lower, width, seed, full_policy, history):
    upper = min(lower + width, 0.99)
    rows = np.random.default_rng(seed).integers(0, len(history), 80)
    table = history.take(rows)
    cases = make_cases(80, seed, assessed_week=table.assessed_week)
    cases.risk[:3] = np.nan
    cases.risk_high[3:6] = np.nan
    cases.outside_training[6:12] = True
    found = Visitation.of(full_policy, cases, table.fields).offer(lower, upper)
    policy = replace(full_policy, lower=Threshold(lower), upper=Threshold(upper))
    said = recommend_cases(
        policy,
        table.fields,
        assessed_week=table.assessed_week,
        risk=cases.risk,
        risk_low=cases.risk_low,
        risk_high=cases.risk_high,
        outside_training=cases.outside_training,
    )
    assert np.array_equal(found.tier, said.tier_code)


def test_thresholds_in_the_wrong_order_are_refused(plain_policy):
    _, visitation = set_up(plain_policy, make_cases())
    with pytest.raises(ValueError, match="must not be above"):
        visitation.offer(0.5, 0.4)


def test_the_law_and_the_citizen_decide_by_facts_alone(full_policy, history):
    cases = make_cases(len(history), assessed_week=history.assessed_week)
    visitation = Visitation.of(full_policy, cases, history.fields)
    weeks = history.fields["expected_duration_citizen_weeks"].to_numpy()
    own = visitation.floor == OWN_TRACK
    field = next(one for one in full_policy.facts_asked if one.name.endswith("citizen_weeks"))
    citizen = visitation.offer_by_citizen(field, 26.0)
    assert np.all(citizen.rung[(weeks > 26) & ~own] == AT_RISK)
    assert np.all(citizen.rung[(weeks <= 26) & ~own] == LIGHT)
    assert np.all(citizen.rung[np.isnan(weeks) & ~own] == ADVISER)
    gate = visitation.offer_by_gate()
    employed = (history.fields["employment_status"] == "employed").to_numpy()
    assert np.all(gate.rung[~employed & ~own & ~np.isnan(weeks)] >= ADVISER)
    assert np.all(gate.rung[(weeks > 26) & ~own] == AT_RISK)
    assert np.any(gate.rung[employed & (weeks <= 26)] == LIGHT)
    everybody = visitation.offer_everybody()
    assert np.all(everybody.rung[~own] == AT_RISK)
    for one in (citizen, gate, everybody):
        assert np.array_equal(one.rung == OWN_TRACK, own)


def test_a_policy_without_a_gate_has_no_rule_of_law(plain_policy):
    _, visitation = set_up(plain_policy, make_cases())
    assert visitation.offer_by_gate() is None
    assert visitation.offer_by_citizen(None, 26.0) is None


# --- Talks ----------------------------------------------------------------------------------------


def test_talks_fall_due_while_the_course_runs():
    care = Care("x", (FixedContact(8, TALK), RepeatedContact((4, 8), 8, TALK)))
    assert care.list_weeks(5, 33) == (8, 16, 24, 32)
    assert care.list_weeks(12, 33) == (16, 24, 32)
    late = Care("x", (FixedContact(8, TALK, if_late=TALK),))
    assert late.list_weeks(12, 52) == (12,)
    plans = plan_talks([care], np.array([5.0, 5.0, 5.0]), np.array([7.0, 17.0, 60.0]), 33)
    assert plans.n_talks.tolist() == [[0, 2, 4]]
    due = plans.due[plans.pattern[0]]
    assert due.sum(axis=1).tolist() == [0, 2, 4]
    assert np.flatnonzero(due[1]).tolist() == [3, 11]


# --- Sums -----------------------------------------------------------------------------------------


def test_the_figures_are_sums_over_the_cases(plain_policy):
    cases = make_cases(weight=np.linspace(1, 2, 400))
    consequences, visitation = set_up(plain_policy, cases)
    offer = visitation.offer(0.3, 0.6)
    found = consequences.find(offer)
    per_case = 1000 * cases.weight / cases.weight.sum()
    over, light = cases.risk >= 0.6, cases.risk_high < 0.3
    band = ~over & ~light
    long = cases.long_course == 1
    held = (cases.duration_weeks > 8) * 1.0 + (cases.duration_weeks > 12)
    chance = over + 0.5 * band
    assert found.at_risk.value == pytest.approx(per_case[over].sum())
    assert found.light.value == pytest.approx(per_case[light].sum())
    assert found.offered.value == pytest.approx((per_case * chance).sum())
    assert found.offered.value == pytest.approx(found.at_risk.value + 0.5 * found.adviser.value)
    # The share of long courses that are found counts the same people.
    long_offered = found.long_at_risk.value + 0.5 * found.long_adviser.value
    all_long = found.long_light.value + found.long_adviser.value + found.long_at_risk.value
    assert found.found_rate.value == pytest.approx(long_offered / all_long, abs=0.006)
    assert found.adviser.value == pytest.approx(per_case[band].sum())
    assert found.long_at_risk.value == pytest.approx(per_case[over & long].sum())
    assert found.talks_a_week.value == pytest.approx((per_case * chance * held).sum() / 52)
    minutes = (per_case * (chance * held * 60 + band * 20)).sum()
    assert found.hours_a_week.value == pytest.approx(minutes / 60 / 52)
    share = (per_case * chance * long).sum() / per_case[long].sum()
    assert found.found_rate.value == pytest.approx(share, abs=0.006)
    assert sum(one.people.value for one in found.tiers) == pytest.approx(1000)
    short = (per_case * chance * held * ~long).sum()
    assert found.talks_in_short_courses.value == pytest.approx(short, abs=6)


def test_the_simulated_year_brings_as_many_talks_as_the_sums_say(plain_policy):
    consequences, visitation = set_up(plain_policy, make_cases(), n_draws=300)
    offer = visitation.offer(0.3, 0.6)
    found = consequences.find(offer)
    weekly = consequences.simulate(offer)
    assert weekly.mean() == pytest.approx(found.talks_a_week.value, rel=0.02)
    hours = consequences.simulate(offer, in_minutes=True).mean() / 60
    assert hours == pytest.approx(found.hours_a_week.value, rel=0.02)
    assert found.talks_a_week.low < weekly.mean() < found.talks_a_week.high


def test_the_interval_of_people_holds_the_cases_and_the_year(plain_policy):
    # With N cases a year seen through n closed cases: variance p N + N^2 p (1 - p) / n.
    cases = make_cases(n=500)
    consequences, visitation = set_up(plain_policy, cases, n_draws=1500)
    found = consequences.find(visitation.offer(0.3, 0.6)).at_risk
    share = np.mean(cases.risk >= 0.6)
    spread = np.sqrt(1000 * share + 1000**2 * share * (1 - share) / 500)
    assert (found.high - found.low) / 3.92 == pytest.approx(spread, rel=0.08)


def test_municipalities_with_cases_of_their_own_are_judged_on_them(plain_policy):
    site = np.repeat(["a", "b"], [300, 100])
    risk = np.where(site == "a", 0.2, 0.8)
    long = np.tile([0.0, 1.0], 200)
    cases = make_cases(
        site=site, risk=risk, risk_low=risk, risk_high=risk, long_course=long,
    )  # fmt: skip
    inflow = make_inflow(sites={"a": 500.0, "b": 300.0, "c": 200.0})
    consequences, visitation = set_up(plain_policy, cases, inflow=inflow)
    assert consequences.scale.borrowed == ("c",)
    by_site = consequences.find_by_site(visitation.offer(0.5, 0.5))
    assert [one.at_risk.value for one in by_site] == pytest.approx([0, 300, 50])
    assert consequences.find(visitation.offer(0.5, 0.5)).at_risk.value == pytest.approx(350)


def test_few_persons_are_hidden_and_do_not_follow_from_the_rest(plain_policy):
    risk = np.concatenate([np.full(3, 0.05), np.full(150, 0.4), np.full(247, 0.8)])
    long = np.tile([0.0, 1.0], 200)
    cases = make_cases(risk=risk, risk_low=risk, risk_high=risk, long_course=long)
    consequences, visitation = set_up(plain_policy, cases)
    found = consequences.find(visitation.offer(0.2, 0.6))
    hidden = [one.tier for one in found.tiers if one.hidden]
    assert "light" in hidden
    assert len(hidden) == 2
    assert np.isnan(found.light.value)
    assert np.isnan(found.miss_rate.value)
    assert np.isnan(found.long_light.value)
    assert found.found_rate.value == round(found.found_rate.value, 2)
    assert np.isfinite(found.talks_a_week.value)


def test_a_table_without_long_courses_is_refused():
    with pytest.raises(InputError, match="at least 5 persons with a long course"):
        make_cases(long_course=np.zeros(400))


# --- Suggestions ----------------------------------------------------------------------------------


def test_the_upper_threshold_is_the_lowest_that_the_capacity_can_hold(plain_policy):
    capacity = Capacity(talks_a_week=22.0)
    consequences, visitation = set_up(plain_policy, make_cases(), capacity=capacity)
    found = suggest_upper(consequences, visitation, 0.2)
    assert found.value is not None
    assert found.holds_share >= 0.8
    assert found.low <= found.value <= found.high

    def fits(upper):
        return consequences.find(visitation.offer(min(0.2, upper), upper)).queue.fits_share

    assert fits(found.value) == pytest.approx(found.holds_share)
    assert fits(round(found.value - 0.01, 2)) < 0.8
    more = Capacity(talks_a_week=26.0)
    consequences, visitation = set_up(plain_policy, make_cases(), capacity=more)
    assert suggest_upper(consequences, visitation, 0.2).value < found.value


def test_too_small_a_capacity_gives_no_threshold_and_too_large_no_limit(plain_policy):
    for talks, value, at_the_end in ((0.5, None, False), (500.0, 0.01, True)):
        capacity = Capacity(talks_a_week=talks)
        consequences, visitation = set_up(plain_policy, make_cases(), capacity=capacity)
        found = suggest_upper(consequences, visitation, 0.2)
        assert (found.value, found.at_the_end) == (value, at_the_end)


def test_hours_and_talks_say_the_same_where_nothing_is_looked_at(plain_policy):
    inflow = make_inflow(look_minutes=0.0, talk_minutes=30.0)
    found = []
    for capacity in (Capacity(talks_a_week=12.0), Capacity(hours_a_week=6.0)):
        consequences, visitation = set_up(
            plain_policy, make_cases(), inflow=inflow, capacity=capacity
        )
        found.append(suggest_upper(consequences, visitation, 0.2).value)
    assert found[0] == found[1]


def test_the_lower_threshold_keeps_to_the_largest_miss_rate(plain_policy):
    policy = replace(plain_policy, upper=Threshold(0.7))
    consequences, visitation = set_up(policy, make_cases(3000))
    found = suggest_lower(consequences, visitation, 0.1)
    offer = visitation.offer(found.value, 0.7)
    missed = consequences.find(offer).miss_rate
    assert missed.value <= 0.1
    assert found.holds_share >= 0.8
    looser = suggest_lower(consequences, visitation, 0.3)
    assert looser.value > found.value
    assert suggest_lower(consequences, visitation, 0.99).at_the_end
    with pytest.raises(ValueError, match="miss rate"):
        suggest_lower(consequences, visitation, 1.0)


def test_the_net_benefit_is_that_of_the_statistics(plain_policy):
    cases = make_cases(weight=np.linspace(1, 2, 400))
    cases = replace(cases, risk_low=cases.risk, risk_high=cases.risk)
    inflow = make_inflow(adviser_share=0.0)
    consequences, visitation = set_up(plain_policy, cases, inflow=inflow)
    cuts = (0.2, 0.4, 0.6)
    points = find_decision_curve(consequences, visitation, cuts, None)
    curve = compute_decision_curve(cases.long_course, cases.risk, cuts, sample_weight=cases.weight)
    everybody = net_benefit_of_all(cases.long_course, cuts, sample_weight=cases.weight)
    assert [one.policy.value for one in points] == pytest.approx(list(curve.model))
    assert [one.risk.value for one in points] == pytest.approx(list(curve.model))
    assert [one.everybody.value for one in points] == pytest.approx(list(everybody))
    assert all(np.isnan(one.citizen.value) for one in points)


def test_equal_miss_rates_move_thresholds_of_groups_apart(plain_policy):
    # The second group's risks are set too low, so at one threshold more of its courses are missed.
    rng = np.random.default_rng(5)
    true = rng.uniform(0.05, 0.95, 1000)
    group = np.tile([0, 1], 500)
    risk = np.where(group == 1, 0.7 * true, true)
    cases = make_cases(
        1000, risk=risk, risk_low=risk, risk_high=risk,
        long_course=(rng.random(1000) < true) * 1.0,
    )  # fmt: skip
    inflow = make_inflow(adviser_share=0.0)
    consequences, visitation = set_up(plain_policy, cases, inflow=inflow)
    offer = visitation.offer(0.4, 0.5)
    found = compare_equal_treatment(consequences, visitation, offer, "sex", ("f", "m"), group)
    first, second = found.same_thresholds
    assert first.upper.value == second.upper.value == 0.5
    assert first.unreached_rate.high < second.unreached_rate.low
    first, second = found.same_miss_rates
    assert first.upper.value > second.upper.value
    assert first.unreached_rate.value == pytest.approx(second.unreached_rate.value, abs=0.03)
    people = sum(one.people.value for one in found.same_thresholds)
    assert found.total_people[0].value == pytest.approx(people)
    for one in (*found.same_thresholds, *found.same_miss_rates):
        for figure in (one.people, one.talks_a_week, one.unreached_rate):
            assert figure.low < figure.value < figure.high
    assert all(one.upper.low <= one.upper.value <= one.upper.high for one in found.same_miss_rates)
    one_group = np.zeros(1000, dtype=int)
    assert (
        compare_equal_treatment(consequences, visitation, offer, "sex", ("f",), one_group) is None
    )


def test_figures_of_equal_treatment_are_those_of_the_rules_on_the_same_draws(plain_policy):
    # Two groups that are everybody: their totals must be the figures of everybody.
    consequences, visitation = set_up(plain_policy, make_cases(600))
    offer = visitation.offer(0.4, 0.5)
    group = np.arange(600) % 2
    found = compare_equal_treatment(consequences, visitation, offer, "sex", ("f", "m"), group)
    whole = consequences.find(offer)
    assert found.total_talks[0].value == pytest.approx(whole.talks_a_week.value)
    people, talks = found.total_people[0], found.total_talks[0]
    assert people.value == pytest.approx(whole.offered.value)
    # The chance of the year is drawn anew for each figure.
    for ours, theirs in ((people, whole.offered), (talks, whole.talks_a_week)):
        width = theirs.high - theirs.low
        assert ours.low == pytest.approx(theirs.low, abs=0.2 * width)
        assert ours.high == pytest.approx(theirs.high, abs=0.2 * width)


def test_groups_of_few_stay_hidden_by_what_is_shown_of_the_others(plain_policy):
    # Everybody's figures stand beside the table: less the shown groups they would be the few.
    long = np.tile([0.0, 1.0], 400)
    group = np.repeat([0, 1, 2], [720, 74, 6])
    consequences, visitation = set_up(plain_policy, make_cases(800, long_course=long))
    offer = visitation.offer(0.4, 0.5)
    levels = ("f", "m", "x")
    # With "x" hidden "m" is too, and one group alone compares with none.
    assert compare_equal_treatment(consequences, visitation, offer, "sex", levels, group) is None
    # Nor does a large group help: rounded to tens of a year it would still tell.
    group = np.repeat([0, 1, 2], [494, 300, 6])
    assert compare_equal_treatment(consequences, visitation, offer, "sex", levels, group) is None
    group = np.repeat([0, 1, 2, 3], [344, 150, 300, 6])
    levels = ("f", "m", "o", "x")
    found = compare_equal_treatment(consequences, visitation, offer, "sex", levels, group)
    assert [one.level for one in found.same_thresholds] == ["f", "o"]


@settings(max_examples=30)
@given(
    seed=st.integers(0, 500),
    scale=st.sampled_from([1.0, 10.0, 25.0]),
    sizes=st.tuples(st.integers(1, 20), st.integers(20, 120), st.integers(100, 200)),
)
def test_no_row_of_equal_treatment_and_no_rest_shows_few_persons(plain_policy, seed, scale, sizes):
    """People offered are worked back to persons, shown or as everybody less those shown."""
    n = 500
    cases = replace(make_cases(n, seed), floor=5)
    inflow = make_inflow(adviser_share=0.0, sites={"a": n * scale})
    consequences, visitation = set_up(plain_policy, cases, inflow=inflow, n_draws=10)
    offer = visitation.offer(0.4, 0.5)
    group = np.repeat(np.arange(4), [*sizes, n - sum(sizes)])
    found = compare_equal_treatment(
        consequences, visitation, offer, "sex", ("a", "b", "c", "d"), group
    )
    if found is None:
        return
    people = [one.people.value / scale for one in found.same_thresholds]
    people += [one.people.value / scale for one in found.same_miss_rates]
    people.append(consequences.find(offer).offered.value / scale - sum(people[: len(people) // 2]))
    for one in people:
        assert one == pytest.approx(0, abs=1e-6) or one > 4.5
    missed = [one.unreached_rate.value for one in found.same_thresholds]
    for level, rate in zip(found.same_thresholds, missed, strict=True):
        rows = (group == "abcd".index(level.level)) & (cases.long_course == 1)
        reached = (1 - rate) * rows.sum()
        assert reached == pytest.approx(0, abs=1e-6) or reached > 4.5


@settings(max_examples=12)
@given(seed=st.integers(0, 500))
def test_the_two_ways_of_being_equal_never_show_few_persons_by_subtraction(plain_policy, seed):
    cases = replace(make_cases(120, seed), floor=5)
    consequences, visitation = set_up(plain_policy, cases)
    offer = visitation.offer(0.4, 0.5)
    group = np.arange(120) % 2
    found = compare_equal_treatment(consequences, visitation, offer, "sex", ("f", "m"), group)
    for number, one in enumerate(() if found is None else found.same_miss_rates):
        moved = visitation.offer(min(0.4, one.upper.value), one.upper.value)
        for rung in (LIGHT, ADVISER, AT_RISK):
            for kind in (0, 1):
                rows = (group == number) & (cases.long_course == kind)
                change = abs(int(((moved.rung == rung) & rows).sum())
                             - int(((offer.rung == rung) & rows).sum()))  # fmt: skip
                assert change == 0 or change >= 5


# --- The file -------------------------------------------------------------------------------------


def test_the_inflow_that_comes_along_is_marked_by_how_sure_it_is():
    inflow = parse_inflow(read_yaml(CONFIGS / "inflow.yaml"), "inflow.yaml")
    assert [one.site for one in inflow.sites] == ["lejre", "greve", "vejle"]
    assert [one.cases_a_year for one in inflow.sites] == [490, 870, 2040]
    kinds = {one.site: one.origin.certainty for one in inflow.sites}
    assert kinds == {"lejre": "computed", "greve": "assumption", "vejle": "assumption"}
    assert inflow.season.sum() == pytest.approx(1)
    assert inflow.take_sites(("vejle",)).cases_a_year == 2040
    with pytest.raises(InputError, match="no municipality roskilde; it holds lejre, greve, vejle"):
        inflow.take_sites(("roskilde",))


@pytest.mark.parametrize(
    ("change", "place", "problem"),
    [
        ({"sites": []}, None, "sites must be at least one"),
        ({"talks_until_week": 0}, "talks_until_week", "must lie from 1"),
        ({"unknown": 1}, "unknown", "not a key"),
        ({"adviser_offers": {"share": 1.5, "certainty": "assumption"}}, "adviser_offers", ""),
        ({"season": {"months": [1, 2], "certainty": "guess"}}, "season", "twelve"),
    ],
)
def test_a_wrong_inflow_is_refused_with_its_place(change, place, problem):
    mapping = {**read_yaml(CONFIGS / "inflow.yaml"), **change}
    with pytest.raises(CodebookError) as caught:
        parse_inflow(mapping, "inflow.yaml")
    assert problem in str(caught.value)
    if place is not None:
        assert any((one.column or "").startswith(place) for one in caught.value.faults)


def test_weeks_out_of_order_are_refused():
    with pytest.raises(ValueError, match="must rise"):
        TalkWeeks((8.0, 8.0), COUNTED)


@pytest.mark.parametrize("wrong", [{"talks_a_week": 0.0}, {"hours_a_week": -3.0}])
def test_a_capacity_of_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="more than 0"):
        Capacity(**wrong)
