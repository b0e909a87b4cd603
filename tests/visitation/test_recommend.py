from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.visitation.conditions import FALSE, TRUE, UNKNOWN, Facts, answer
from riskmodel.visitation.explain import describe_rule, explain_recommendation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_check import list_trial_values
from riskmodel.visitation.recommend import RecommendedCases, recommend_cases
from riskmodel.visitation.recommendation import Recommendation

Figures = dict[str, Any]
Draw = tuple[pd.DataFrame, Figures]

READY = {"age": 40.0, "status": "employed", "strain": "low", "conflict": "no"}


def draw_cases(policy: Policy, n: int, seed: int, missing: float = 0.1) -> Draw:
    rng = np.random.default_rng(seed)
    columns = {}
    for field in policy.fields_named:
        values = list_trial_values(field, frozenset({0.0, 26.0, 60.0}))[:-1]
        drawn = [values[place] for place in rng.integers(0, len(values), n)]
        kept = [
            None if gone else one for one, gone in zip(drawn, rng.random(n) < missing, strict=True)
        ]
        columns[field.name] = (
            pd.Series(pd.Categorical(kept, categories=list(field.level_values)))
            if field.levels
            else pd.Series(kept, dtype=float)
        )
    facts = pd.DataFrame(columns, index=range(n))
    risk = rng.choice([0.0, 0.1, 0.2, 0.3, 0.4, 0.9, 1.0, np.nan], n)
    width = rng.choice([0.0, 0.05, 0.3], n)
    return facts, {
        "assessed_week": rng.integers(0, 27, n).astype(float),
        "risk": risk,
        "risk_low": np.clip(risk - width, 0, 1),
        "risk_high": np.clip(risk + width, 0, 1),
        "outside_training": rng.random(n) < 0.1,
    }


def recommend_one(
    policy: Policy, risk: float, *, spread: float = 0.01, changed: dict[str, object] | None = None
) -> Recommendation:
    table = pd.DataFrame([READY | (changed or {})]).dropna(axis="columns")
    return explain_recommendation(
        policy,
        table,
        assessed_week=4,
        risk=risk,
        risk_low=max(0.0, risk - spread),
        risk_high=min(1.0, risk + spread),
        outside_training=False,
    )


def judge_slowly(
    policy: Policy, facts: pd.DataFrame, figures: Figures, row: int
) -> tuple[str, set[str]]:
    """Return the tier and the reasons of one row, written out as the rules read."""
    one = Facts(facts.iloc[[row]], figures["assessed_week"][[row]], policy.week_name)
    for track in policy.own_tracks:
        if answer(track.condition, one)[0] == TRUE:
            return track.tier, {track.id}
    adviser = policy.ladder.between
    unsure = {"outside_training"} if figures["outside_training"][row] else set()
    if any(one.find_missing(field)[0] for field in policy.needed_facts) or any(
        answer(track.condition, one)[0] == UNKNOWN for track in policy.own_tracks
    ):
        unsure.add("missing")
    risk, low, high = (figures[name][row] for name in ("risk", "risk_low", "risk_high"))
    asked = [
        *((adviser, rule) for rule in unsure),
        *ask_for_risk(policy, risk, low, high, unsure=bool(unsure)),
        *ask_for_facts(policy, one),
    ]
    heaviest = max(policy.ladder.rungs.index(tier) for tier, _ in asked)
    tier = policy.ladder.rungs[heaviest]
    return tier, {rule for asking, rule in asked if asking == tier}


def ask_for_risk(
    policy: Policy, risk: float, low: float, high: float, *, unsure: bool
) -> list[tuple[str, str]]:
    light, adviser, at_risk = policy.ladder.rungs
    if np.isnan(risk):
        return [(adviser, "not_scored")]
    if risk >= policy.upper.value:
        below = ["interval_straddles_upper"] if low < policy.upper.value else []
        return [] if unsure else [(at_risk, rule) for rule in ("risk_high", *below)]
    if risk >= policy.lower.value:
        return [(adviser, "risk_between")]
    straddles = [(adviser, "interval_straddles")] if high >= policy.lower.value else []
    return [(light, "risk_low"), *straddles]


def ask_for_facts(policy: Policy, one: Facts) -> list[tuple[str, str]]:
    answers = {rule.id: answer(rule.condition, one)[0] for rule in policy.rules}
    asked = [(rule.at_least, rule.id) for rule in policy.requirements if answers[rule.id] == FALSE]
    lacking = any(one.find_missing(field)[0] for field in policy.needed_facts)
    if lacking or UNKNOWN in answers.values():
        asked.append((policy.ladder.between, "missing"))
    return asked


def shorten(reasons: str) -> set[str]:
    return {reason.partition(":")[0] for reason in reasons.split("; ")}


@pytest.mark.parametrize("seed", range(3))
def test_every_row_agrees_with_the_rules_written_out(shipped_policy: Policy, seed: int) -> None:
    facts, figures = draw_cases(shipped_policy, 150, seed, missing=0.02 * seed)
    cases = recommend_cases(shipped_policy, facts, **figures)
    for row in range(len(cases)):
        tier, reasons = judge_slowly(shipped_policy, facts, figures, row)
        assert cases.tiers[row] == tier
        assert shorten(str(cases.reasons[row])) == reasons


@pytest.mark.slow
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_one_case_and_many_agree(small_policy: Policy, seed: int) -> None:
    facts, figures = draw_cases(small_policy, 12, seed)
    cases = recommend_cases(small_policy, facts, **figures)
    for row in range(len(cases)):
        alone = explain_recommendation(
            small_policy,
            facts.iloc[[row]],
            **{name: values[row].item() for name, values in figures.items()},
        )
        assert alone.tier == cases.tiers[row]
        assert "; ".join(reason.rule for reason in alone.reasons) == cases.reasons[row]
        assert alone.missing_facts == cases.name_missing_facts(row)


def test_one_case_and_many_agree_in_the_shipped_policies(shipped_policy: Policy) -> None:
    facts, figures = draw_cases(shipped_policy, 60, 7)
    cases = recommend_cases(shipped_policy, facts, **figures)
    for row in range(len(cases)):
        alone = explain_recommendation(
            shipped_policy,
            facts.iloc[[row]],
            **{name: values[row].item() for name, values in figures.items()},
        )
        assert alone.tier == cases.tiers[row]
        assert "; ".join(reason.rule for reason in alone.reasons) == cases.reasons[row]


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    risks=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    spread=st.floats(0, 0.5),
)
def test_a_higher_risk_never_gives_a_lighter_tier(
    small_policy: Policy, seed: int, risks: list[float], spread: float
) -> None:
    facts, figures = draw_cases(small_policy, 20, seed)
    weights = []
    for risk in risks:
        figures |= {
            "risk": np.full(20, risk),
            "risk_low": np.full(20, max(0.0, risk - spread)),
            "risk_high": np.full(20, min(1.0, risk + spread)),
        }
        weights.append(weigh(recommend_cases(small_policy, facts, **figures)))
    assert np.all(weights[0] <= weights[1])


def weigh(cases: RecommendedCases) -> npt.NDArray[np.int_]:
    order = {"light": 0, "adviser": 1, "at_risk": 2, "ordinary": -1}
    return np.array([order[tier] for tier in cases.tiers])


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), gone=st.sampled_from(["status", "strain", "conflict"]))
def test_without_a_needed_fact_never_the_lightest_tier(
    small_policy: Policy, seed: int, gone: str
) -> None:
    facts, figures = draw_cases(small_policy, 20, seed, missing=0.0)
    cases = recommend_cases(small_policy, facts.drop(columns=gone), **figures)
    assert "light" not in set(cases.tiers)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_learning_a_missing_fact_is_what_it_takes_to_become_lighter(
    small_policy: Policy, seed: int
) -> None:
    facts, figures = draw_cases(small_policy, 30, seed)
    cases = recommend_cases(small_policy, facts, **figures)
    light = cases.tiers == "light"
    assert not facts.loc[light, ["status", "strain", "conflict"]].isna().any(axis=None)
    assert not figures["outside_training"][light].any()
    assert (figures["risk_high"][light] < small_policy.lower.value).all()


def test_the_thresholds_themselves_belong_to_the_heavier_tier(small_policy: Policy) -> None:
    below = float(np.nextafter(0.2, 0))
    assert recommend_one(small_policy, below, spread=0).tier == "light"
    assert recommend_one(small_policy, 0.2, spread=0).tier == "adviser"
    assert recommend_one(small_policy, float(np.nextafter(0.4, 0)), spread=0).tier == "adviser"
    assert recommend_one(small_policy, 0.4, spread=0).tier == "at_risk"


@pytest.mark.parametrize(
    ("risk", "facts", "tier", "rules"),
    [
        (0.1, {}, "light", ["risk_low"]),
        (0.195, {}, "adviser", ["interval_straddles"]),
        (0.3, {}, "adviser", ["risk_between"]),
        (0.5, {}, "at_risk", ["risk_high"]),
        (0.1, {"conflict": None}, "adviser", ["missing:conflict"]),
        (0.1, {"status": "other"}, "adviser", ["not_employed"]),
        (0.1, {"status": None}, "adviser", ["missing:status"]),
        (0.9, {"status": "unemployed"}, "ordinary", ["not_in_job"]),
        (0.1, {"strain": "high"}, "at_risk", ["strained"]),
        (0.5, {"strain": "high"}, "at_risk", ["risk_high", "strained"]),
        (0.1, {"age": 61.0}, "at_risk", ["strained"]),
        (0.1, {"age": None}, "light", ["risk_low"]),
        (0.405, {}, "at_risk", ["risk_high", "interval_straddles_upper"]),
        (0.5, {"conflict": None}, "adviser", ["missing:conflict"]),
        # Who is unemployed goes by other rules, so without the status the adviser chooses.
        (0.5, {"status": None}, "adviser", ["missing:status"]),
        # A high risk needs no answer of a requirement.
        (0.5, {"strain": None}, "at_risk", ["risk_high"]),
        (float("nan"), {}, "adviser", ["not_scored"]),
    ],
)
def test_rules_lead_to_their_tiers(
    small_policy: Policy, risk: float, facts: dict[str, object], tier: str, rules: list[str]
) -> None:
    found = recommend_one(small_policy, risk, changed=facts)
    assert found.tier == tier
    assert [reason.rule for reason in found.reasons] == rules


def test_a_missing_fact_is_listed_even_where_the_risk_decides(small_policy: Policy) -> None:
    found = recommend_one(small_policy, 0.5, changed={"conflict": None, "status": None})
    assert found.missing_facts == ("conflict", "status")
    assert recommend_one(small_policy, 0.5, changed={"status": "unemployed"}).missing_facts == ()


def test_without_an_interval_never_the_lightest_tier(small_policy: Policy) -> None:
    found = explain_recommendation(
        small_policy,
        pd.DataFrame([READY]),
        assessed_week=4,
        risk=0.1,
        risk_low=float("nan"),
        risk_high=float("nan"),
        outside_training=False,
    )
    assert [reason.rule for reason in found.reasons] == ["interval_missing"]


def test_reasons_are_sentences_with_the_cases_figures(small_policy: Policy) -> None:
    strained = recommend_one(small_policy, 0.1, changed={"strain": "high"})
    assert strained.reasons[0].text.en == "Strain. (Strain: high-en)"
    low = recommend_one(small_policy, 0.1996, spread=0)
    assert "19.96%" in low.reasons[0].text.en
    assert "20.00%" in low.reasons[0].text.en
    assert "19,96\N{NO-BREAK SPACE}%" in low.reasons[0].text.da
    missing = recommend_one(small_policy, 0.1, changed={"conflict": None})
    assert missing.reasons[0].text.da == "Oplysningen »Konflikt« mangler."


def test_every_rule_can_be_described(shipped_policy: Policy) -> None:
    for rule in shipped_policy.rule_ids:
        assert "{" not in describe_rule(shipped_policy, rule).da
    with pytest.raises(KeyError):
        describe_rule(shipped_policy, "no_such_rule")


def test_the_result_does_not_depend_on_how_rows_are_grouped(vejle: Policy) -> None:
    facts, figures = draw_cases(vejle, 70_000, 1)
    whole = recommend_cases(vejle, facts, **figures)
    first = recommend_cases(
        vejle, facts.iloc[:100], **{name: one[:100] for name, one in figures.items()}
    )
    assert np.array_equal(whole.tier_code[:100], first.tier_code)
    assert list(whole.reasons[:100]) == list(first.reasons)
    assert len(whole) == 70_000


def test_no_rows_give_no_recommendations(vejle: Policy) -> None:
    facts, figures = draw_cases(vejle, 0, 1)
    cases = recommend_cases(vejle, facts, **figures)
    assert len(cases.tiers) == len(cases.reasons) == 0


def test_distances_are_measured_from_the_thresholds(small_policy: Policy) -> None:
    facts, figures = draw_cases(small_policy, 50, 3)
    cases = recommend_cases(small_policy, facts, **figures)
    reached = cases.distance_to_lower >= 0
    assert np.array_equal(reached, figures["risk"] >= 0.2)
    apart = (cases.distance_to_lower - cases.distance_to_upper)[~np.isnan(figures["risk"])]
    assert np.allclose(apart, 0.2)


def test_the_worklist_order_does_not_depend_on_the_order_of_the_rows(
    small_policy: Policy,
) -> None:
    n = 300
    facts, figures = draw_cases(small_policy, n, 5)
    names = np.array([f"case-{place:04d}" for place in range(n)])
    cases = recommend_cases(small_policy, facts, **figures)
    order = cases.order_worklist(figures["assessed_week"], names)
    mixed = np.random.default_rng(0).permutation(n)
    again = recommend_cases(
        small_policy, facts.iloc[mixed], **{name: one[mixed] for name, one in figures.items()}
    )
    reordered = again.order_worklist(figures["assessed_week"][mixed], names[mixed])
    assert list(names[order]) == list(names[mixed][reordered])
    tiers = [small_policy.worklist_tiers.index(tier) for tier in np.asarray(cases.tiers)[order]]
    assert tiers == sorted(tiers)
    risks = figures["risk"][order][np.array(tiers) == 0]
    known = risks[~np.isnan(risks)]
    assert np.all(np.diff(known) <= 0)
    assert np.all(np.isnan(risks[: len(risks) - len(known)]))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"risk": np.array([0.1, 1.2])}, "probabilities"),
        ({"risk": np.array([0.1])}, "same length"),
        ({"assessed_week": np.array([0.0])}, "same length"),
    ],
)
def test_wrong_figures_are_refused(small_policy: Policy, changed: Figures, words: str) -> None:
    facts, figures = draw_cases(small_policy, 2, 0)
    with pytest.raises(ValueError, match=words):
        recommend_cases(small_policy, facts, **(figures | changed))


def test_explaining_takes_one_row(small_policy: Policy) -> None:
    with pytest.raises(ValueError, match="exactly one row"):
        explain_recommendation(
            small_policy,
            pd.DataFrame([READY, READY]),
            assessed_week=0,
            risk=0.1,
            risk_low=0.1,
            risk_high=0.1,
            outside_training=False,
        )
