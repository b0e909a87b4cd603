from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.monitoring.decision_figures import (
    DECISION_COLUMNS,
    LadderNames,
    compute_decision_figures,
)
from riskmodel.monitoring.shares import OTHER, estimate_share, estimate_shares_by
from riskmodel.stats.comparison import newcombe_difference
from riskmodel.stats.intervals import wilson

LADDER = LadderNames(
    "light", "adviser", "at_risk",
    others=frozenset({"standby", "fast_track"}), offering=frozenset({"at_risk", "fast_track"}),
)  # fmt: skip
TIERS = np.array(["light", "adviser", "at_risk"])


def make_decisions(
    n: int, *, seed: int = 0, follow: float = 0.8, first: float = 0.6
) -> pd.DataFrame:
    """Return decisions in which the own judgement is drawn apart from the recommendation."""
    rng = np.random.default_rng(seed)
    seen = rng.choice(TIERS, n)
    chosen = np.where(rng.random(n) < follow, seen, rng.choice(TIERS, n))
    own = rng.random(n)
    is_first = rng.random(n) < first
    return pd.DataFrame(
        {
            "case_id": [f"SYN-{one:05d}" for one in range(n)],
            "assessed_week": 8.0,
            "decided_on": "2026-08-03",
            "own_judgement_first": is_first,
            "own_risk": np.where(is_first, own, np.nan),
            "own_offer": pd.Series(own > 0.5, dtype=object).where(is_first),
            "seen_tier": seen.astype(object),
            "decided_tier": chosen.astype(object),
            "departure_reason": pd.Series("other", index=range(n)).where(seen != chosen),
            "team": rng.choice(["a", "b"], n).astype(object),
            "risk": rng.random(n),
            "tier": seen.astype(object),
            "audit_arm": None,
        }
    )


def test_shares_are_counts_over_decisions_with_wilsons_limits() -> None:
    decisions = make_decisions(400)
    found = compute_decision_figures(decisions, LADDER)
    agrees = (decisions["seen_tier"] == decisions["decided_tier"]).sum()
    assert (found.agreement.count, found.agreement.n) == (agrees, 400)
    low, high = wilson(agrees, 400)
    # One decision a case: the linearised variance is the binomial one but for n / (n - 1).
    assert found.agreement.low == pytest.approx(float(low), abs=2e-4)
    assert found.agreement.high == pytest.approx(float(high), abs=2e-4)
    assert found.heavier.count + found.lighter.count + agrees == 400


def test_several_decisions_of_a_case_widen_the_interval() -> None:
    yes = np.repeat(np.arange(40) % 2 == 0, 5)
    apart = estimate_share(yes, np.array([f"S{one}" for one in range(200)]), min_cell=5)
    together = estimate_share(yes, np.repeat([f"S{one}" for one in range(40)], 5), min_cell=5)
    assert together.value == apart.value == 0.5
    low, high = wilson(20, 40)
    assert together.low == pytest.approx(float(low), abs=0.003)
    assert together.high == pytest.approx(float(high), abs=0.003)
    assert together.high - together.low > 2 * (apart.high - apart.low)


@pytest.mark.parametrize(("follow", "expected"), [(1.0, 1.0), (0.0, None)])
def test_switching_tells_whether_the_score_decides(follow: float, expected: float | None) -> None:
    decisions = make_decisions(900, follow=follow, first=1.0)
    if expected is None:
        # Everybody decides as they judged, whatever was recommended.
        offers = decisions["own_offer"].astype(bool)
        decisions["decided_tier"] = np.where(offers, "at_risk", "light")
        expected = 0.0
    found = compute_decision_figures(decisions, LADDER).influence
    assert found.switched.value == pytest.approx(expected)
    assert found.kept.value == pytest.approx(1.0)


def test_only_the_very_tier_recommended_counts_as_ending_with_it() -> None:
    decisions = make_decisions(600, first=1.0, follow=1.0)
    decisions["own_offer"] = np.arange(600) % 2 == 0
    decisions["seen_tier"] = "at_risk"
    decisions.loc[decisions.index % 5 == 0, "decided_tier"] = "adviser"
    decisions.loc[decisions.index % 5 == 1, "decided_tier"] = "fast_track"
    decisions.loc[decisions.index % 5 > 1, "decided_tier"] = "at_risk"
    found = compute_decision_figures(decisions, LADDER)
    assert found.influence is not None
    assert (found.influence.switched.count, found.influence.switched.n) == (180, 300)
    assert (found.influence.kept.count, found.influence.kept.n) == (180, 300)
    assert found.agreement.count == 360
    assert (found.lighter.count, found.beside.count, found.heavier.count) == (120, 120, 0)


def test_contact_is_offered_by_the_tiers_that_have_one_on_the_ladder_or_off_it() -> None:
    decisions = make_decisions(100, follow=1.0)
    chosen = ["adviser", "at_risk", "fast_track", "standby", "light"]
    decisions["decided_tier"] = np.repeat(chosen, 20)
    decisions["audit_arm"] = ["without_score" if one % 4 == 0 else None for one in range(100)]
    influence = compute_decision_figures(decisions, LADDER).influence
    assert influence is not None
    without, with_score = influence.offered_without_score, influence.offered_with_score
    assert (without.count, without.n) == (10, 25)
    assert (with_score.count, with_score.n) == (30, 75)


def test_tiers_that_the_policy_lacks_are_counted_and_left_out() -> None:
    decisions = make_decisions(200)
    decisions.loc[:2, "decided_tier"] = "xx"
    decisions.loc[100:101, "seen_tier"] = "yy"
    found = compute_decision_figures(decisions, LADDER)
    assert (found.n_records, found.n_unknown_tier, found.agreement.n) == (200, 5, 195)
    rest = compute_decision_figures(decisions.drop([0, 1, 2, 100, 101]), LADDER)
    assert found.agreement == rest.agreement
    assert compute_decision_figures(decisions, None).n_unknown_tier == 0


def test_the_gap_between_own_judgement_and_risk_is_found() -> None:
    decisions = make_decisions(300, first=1.0)
    decisions["own_risk"] = np.clip(decisions["risk"] * 0.5 + 0.1, 0, 1)
    gap = compute_decision_figures(decisions, LADDER).influence.gap
    wanted = 100 * (decisions["own_risk"] - decisions["risk"])
    assert gap.mean == pytest.approx(wanted.mean())
    assert gap.low < gap.mean < gap.high
    error = wanted.std() / np.sqrt(300)
    assert gap.high - gap.low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_without_a_ladder_nothing_points_up_or_down() -> None:
    found = compute_decision_figures(make_decisions(200), None)
    assert found.influence is None
    assert found.heavier.value is None
    assert found.agreement.value is not None


def test_records_without_scores_and_with_other_tiers_are_counted() -> None:
    decisions = make_decisions(60)
    decisions.loc[:6, "tier"] = None
    decisions.loc[10:12, "tier"] = "standby"
    found = compute_decision_figures(decisions, LADDER)
    assert (found.n_unmatched, found.n_other_tier) == (7, 3)


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=8), seed=st.integers(0, 200))
@settings(max_examples=80)
def test_groups_that_are_told_have_no_small_cell(sizes: list[int], seed: int) -> None:
    group = pd.Series(np.repeat([f"t{one}" for one in range(len(sizes))], sizes), dtype=object)
    yes = np.random.default_rng(seed).random(len(group)) < 0.7
    cases = np.array([f"S{one}" for one in range(len(group))])
    found = estimate_shares_by(group, yes, cases, min_cell=5)
    for one in found:
        counts = (one.share.n, one.share.count, one.share.n - one.share.count)
        assert all(count == 0 or count >= 5 for count in counts)
    if found:
        assert sum(one.share.n for one in found) == len(group)
        assert sum(one.share.count for one in found) == yes.sum()
    names = [one.name for one in found]
    assert OTHER not in names[:-1]


def test_few_departures_one_way_do_not_follow_from_the_rest() -> None:
    decisions = make_decisions(200, follow=1.0)
    decisions["seen_tier"] = "adviser"
    decisions["decided_tier"] = ["at_risk"] * 23 + ["light"] * 2 + ["adviser"] * 175
    found = compute_decision_figures(decisions, LADDER)
    assert found.agreement.count == 175
    assert found.heavier.count is None
    assert found.lighter.count is None
    few_beside = ["at_risk"] * 23 + ["light"] * 12 + ["standby"] * 2 + ["adviser"] * 163
    found = compute_decision_figures(decisions.assign(decided_tier=few_beside), LADDER)
    assert found.beside.count is None
    assert None in {found.heavier.count, found.lighter.count}
    decisions["decided_tier"] = ["at_risk"] * 23 + ["light"] * 12 + ["adviser"] * 165
    found = compute_decision_figures(decisions, LADDER)
    assert (found.heavier.count, found.lighter.count) == (23, 12)


def test_few_departures_after_the_score_do_not_follow_from_those_before() -> None:
    decisions = make_decisions(200, follow=1.0, first=1.0)
    decisions["own_judgement_first"] = np.arange(200) < 150
    decisions["seen_tier"] = "adviser"
    decisions["decided_tier"] = np.where(
        (np.arange(200) < 30) | (np.arange(200) >= 198), "light", "adviser"
    )
    found = compute_decision_figures(decisions, LADDER)
    assert found.agreement.count == 168
    assert found.influence is not None
    assert found.influence.agreed_first.count is None
    assert found.influence.agreed_after.count is None
    assert found.influence.difference.value is None


def test_the_difference_allows_for_cases_decided_several_times() -> None:
    once = make_decisions(400, follow=0.5)
    again = pd.concat([once] * 4, ignore_index=True)
    narrow, wide = (compute_decision_figures(one, LADDER).influence for one in (once, again))
    assert narrow is not None
    assert wide is not None
    first, after = narrow.agreed_first, narrow.agreed_after
    expected = newcombe_difference(first.count, first.n, after.count, after.n)
    found = narrow.difference
    assert (found.value, found.low, found.high) == pytest.approx(expected, abs=1e-3)
    # Decisions told four times are no more than told once.
    again_found = (wide.difference.value, wide.difference.low, wide.difference.high)
    assert again_found == pytest.approx(expected, abs=2e-3)


def test_reasons_of_few_are_hidden_with_enough_others() -> None:
    decisions = make_decisions(200, follow=0.0)
    away = decisions["seen_tier"] != decisions["decided_tier"]
    decisions.loc[away, "departure_reason"] = "knows_more"
    few = decisions.index[away]
    decisions.loc[few[:2], "departure_reason"] = "facts_wrong"
    decisions.loc[few[2:9], "departure_reason"] = "capacity"
    found = compute_decision_figures(decisions, LADDER).reasons
    assert found["facts_wrong"] is None
    assert found["capacity"] is None
    assert found["knows_more"] == away.sum() - 9


def test_a_missing_column_is_named() -> None:
    decisions = make_decisions(10).drop(columns="team")
    with pytest.raises(ValueError, match="team"):
        compute_decision_figures(decisions, LADDER)
    assert "team" in DECISION_COLUMNS


def test_no_decision_gives_no_figure() -> None:
    decisions = make_decisions(8).assign(decided_tier=None)
    found = compute_decision_figures(decisions, LADDER)
    assert (found.n_decided, found.agreement.value, found.by_team) == (0, None, ())
