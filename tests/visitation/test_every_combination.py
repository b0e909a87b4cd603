"""Every combination of facts and risk leads to exactly one tier; the lightest only with all met."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.labels import Label
from riskmodel.visitation.audit import AuditArm
from riskmodel.visitation.circumstances import Circumstances
from riskmodel.visitation.conditions import FALSE, TRUE, UNKNOWN, Facts, answer
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_check import list_trial_values
from riskmodel.visitation.recommend import RecommendedCases, recommend_cases
from riskmodel.visitation.thresholds import Threshold

UNDER_LOWER, UNDER_UPPER = (float(np.nextafter(one, 0)) for one in (0.2, 0.4))
RISKS = [0.0, 0.1, UNDER_LOWER, 0.2, 0.3, UNDER_UPPER, 0.4, 1.0, np.nan]


def recommend(
    policy: Policy, facts: pd.DataFrame, columns: dict[str, np.ndarray]
) -> RecommendedCases:
    risk, width = columns["risk"], columns["width"]
    n = len(risk)
    nobody = np.zeros(n, dtype=bool)
    return recommend_cases(
        policy,
        facts,
        assessed_week=np.full(n, 8.0),
        risk=risk,
        risk_low=np.clip(risk - width, 0, 1),
        risk_high=np.clip(risk + width, 0, 1),
        outside_training=columns["outside"].astype(bool),
        circumstances=Circumstances(
            columns["in_force"].astype(bool), AuditArm(nobody, nobody, 0.0, 0.0)
        ),
    )


def check_promises(
    policy: Policy, facts: pd.DataFrame, columns: dict[str, np.ndarray]
) -> RecommendedCases:
    cases = recommend(policy, facts, columns)
    assert np.all((cases.tier_code >= 0) & (cases.tier_code < len(policy.tiers)))
    assert np.all(cases.led > 0)
    known = Facts(facts, np.full(len(facts), 8.0), policy.week_name)
    on_track = np.zeros(len(facts), dtype=bool)
    for track in policy.own_tracks:
        on_track |= answer(track.condition, known) == TRUE
    doubtful = np.zeros(len(facts), dtype=bool)
    for rule in policy.requirements:
        doubtful |= answer(rule.condition, known) != TRUE
    for track in policy.own_tracks:
        doubtful |= answer(track.condition, known) == UNKNOWN
    for field in policy.needed_facts:
        doubtful |= known.find_missing(field)
    high = np.clip(columns["risk"] + columns["width"], 0, 1)
    light_risk = ~np.isnan(columns["risk"]) & (high < policy.lower.value)
    may = light_risk & ~doubtful & ~on_track
    may &= (columns["outside"] == 0) & (columns["in_force"] == 1)
    light = cases.tier_code == policy.tier_ids.index(policy.ladder.below_lower)
    # Both ways: nobody gets the lightest tier who may not, and everybody who may does.
    np.testing.assert_array_equal(light, may)
    return cases


def test_all_combinations_of_the_small_policy(small_policy: Policy) -> None:
    fields = list(small_policy.fields_named)
    values = [list_trial_values(field, frozenset({60.0})) for field in fields]
    rest = {"risk": RISKS, "width": [0.0, 0.15], "outside": [0, 1], "in_force": [0, 1]}
    rows = list(itertools.product(*values, *rest.values()))
    assert len(rows) > 10_000
    table = pd.DataFrame(rows, columns=[*(one.name for one in fields), *rest])
    facts = table[[one.name for one in fields]].copy()
    for field in fields:
        if field.levels:
            facts[field.name] = pd.Categorical(
                facts[field.name], categories=list(field.level_values)
            )
        else:
            facts[field.name] = facts[field.name].astype(float)
    columns = {name: table[name].to_numpy(dtype=float) for name in rest}
    cases = check_promises(small_policy, facts, columns)
    assert set(cases.tier_code) == set(range(len(small_policy.tiers)))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    lower=st.floats(0.01, 0.6),
    gap=st.floats(0, 0.39),
    kept=st.integers(0, 255),
)
def test_combinations_of_bent_policies(
    shipped_policy: Policy, seed: int, lower: float, gap: float, kept: int
) -> None:
    chosen = tuple(
        rule for place, rule in enumerate(shipped_policy.requirements) if kept >> (place % 8) & 1
    )
    policy = replace(
        shipped_policy,
        lower=Threshold(lower),
        upper=Threshold(lower + gap),
        requirements=chosen,
        needed_facts=shipped_policy.needed_facts[: kept % 2],
    )
    rng, n = np.random.default_rng(seed), 600
    facts = {}
    for field in policy.fields_named:
        values = list_trial_values(field, frozenset({1.0, 26.0}))
        # Half the rows share one complete set of facts, so that the lightest tier is reached.
        drawn = np.where(rng.random(n) < 0.5, 0, rng.integers(0, len(values), n))
        cells = [values[place] for place in drawn]
        facts[field.name] = (
            pd.Categorical(cells, categories=list(field.level_values))
            if field.levels
            else pd.Series(cells, dtype=float)
        )
    steps = np.array([0.0, lower, np.nextafter(lower, 0), lower + gap, 1.0, np.nan])
    columns = {
        "risk": rng.choice(steps, n),
        "width": rng.choice([0.0, 0.1], n),
        "outside": (rng.random(n) < 0.1).astype(float),
        "in_force": (rng.random(n) < 0.9).astype(float),
    }
    check_promises(policy, pd.DataFrame(facts, index=range(n)), columns)


def test_the_check_itself_can_fail(small_policy: Policy) -> None:
    """Without the rule on needed facts the promise does not hold, and the check sees it."""
    lax = replace(small_policy, needed_facts=())
    facts = pd.DataFrame({"age": [40.0], "status": ["employed"], "strain": ["low"]})
    columns = {
        "risk": np.array([0.05]), "width": np.zeros(1), "outside": np.zeros(1),
        "in_force": np.ones(1),
    }  # fmt: skip
    assert recommend(lax, facts, columns).tiers[0] == "light"
    assert recommend(small_policy, facts, columns).tiers[0] == "adviser"
    known = Facts(facts, np.full(1, 8.0))
    assert answer(small_policy.requirements[0].condition, known)[0] != FALSE


def test_labels_differ_between_tiers(shipped_policy: Policy) -> None:
    labels: list[Label] = [tier.label for tier in shipped_policy.tiers]
    for lang in ("da", "en"):
        words = [one.text(lang) for one in labels]
        assert len(set(words)) == len(words)
