from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.monitoring.audit_sample import AUDIT_SIGNALS, AuditPoints, draw_audit_sample

LADDER = ("light", "adviser", "at_risk")


def make_frame(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    seen = rng.choice(LADDER, n).astype(object)
    chosen = np.where(rng.random(n) < 0.7, seen, rng.choice(LADDER, n)).astype(object)
    chosen[rng.random(n) < 0.1] = None
    return pd.DataFrame(
        {
            "case_id": [f"SYN-{one:04d}" for one in range(n)],
            "seen_tier": seen,
            "decided_tier": chosen,
            "own_judgement_first": rng.random(n) < 0.5,
            "tier": seen,
            "reasons": np.where(rng.random(n) < 0.2, "missing:age", "risk_low"),
            "scored": rng.random(n) < 0.95,
            "risk_high": rng.random(n),
        }
    )


@given(n=st.integers(1, 60), share=st.floats(0.01, 1), seed=st.integers(0, 500))
@settings(max_examples=60)
def test_the_number_is_fixed_and_the_chances_sum_to_it(n: int, share: float, seed: int) -> None:
    frame, wanted = make_frame(n, seed), max(1, int(share * n))
    lots = np.random.default_rng(seed).random(n + 1)
    draw = draw_audit_sample(frame, lots, wanted, ladder=LADDER, lower_threshold=0.2)
    assert len(draw.rows) == wanted == len(set(draw.rows))
    assert draw.probability.sum() == pytest.approx(wanted)
    assert np.all((draw.probability > 0) & (draw.probability <= 1))


def test_chances_are_what_they_say() -> None:
    frame = make_frame(40, 3)
    rng, hits, rounds = np.random.default_rng(1), np.zeros(40), 400
    for _ in range(rounds):
        draw = draw_audit_sample(frame, rng.random(41), 10, ladder=LADDER)
        hits[draw.rows] += 1
    error = np.sqrt(draw.probability * (1 - draw.probability) / rounds)
    assert np.all(np.abs(hits / rounds - draw.probability) < 4.5 * error + 1e-9)


def test_weights_give_unbiased_totals() -> None:
    frame = make_frame(60, 5)
    rng, value = np.random.default_rng(2), np.arange(60.0)
    totals = []
    for _ in range(300):
        draw = draw_audit_sample(frame, rng.random(61), 12, ladder=LADDER)
        totals.append(float((value[draw.rows] * draw.weight).sum()))
    spread = np.std(totals) / np.sqrt(len(totals))
    assert np.mean(totals) == pytest.approx(value.sum(), abs=4 * spread)


def test_the_order_of_rows_plays_no_part() -> None:
    frame, rng = make_frame(50, 7), np.random.default_rng(4)
    lots, order = rng.random(51), rng.permutation(50)
    first = draw_audit_sample(frame, lots, 9, ladder=LADDER)
    mixed = frame.iloc[order].reset_index(drop=True)
    second = draw_audit_sample(mixed, np.append(lots[order], lots[-1]), 9, ladder=LADDER)
    assert list(frame["case_id"][first.rows]) == list(mixed["case_id"][second.rows])


@pytest.mark.parametrize(
    ("changed", "signal"),
    [
        ({"seen_tier": "at_risk", "decided_tier": "light"}, "lighter_than_recommended"),
        ({"seen_tier": "light", "decided_tier": "at_risk"}, "other_departure"),
        ({"decided_tier": None}, "no_decision"),
        ({"own_judgement_first": False}, "own_judgement_not_first"),
        ({"risk_high": 0.3}, "uncertain_and_light"),
        ({"reasons": "missing:age; risk_low"}, "missing_fact"),
        ({"scored": False}, "not_scored"),
    ],
)
def test_each_signal_raises_the_chance(changed: dict[str, object], signal: str) -> None:
    plain = {
        "seen_tier": "light", "decided_tier": "light", "own_judgement_first": True,
        "tier": "light", "reasons": "risk_low", "scored": True, "risk_high": 0.1,
    }  # fmt: skip
    rows = [plain] * 9 + [plain | changed]
    frame = pd.DataFrame(rows).assign(case_id=[f"S-{one}" for one in range(10)])
    lots = np.linspace(0, 0.9, 11)
    draw = draw_audit_sample(frame, lots, 3, ladder=LADDER, lower_threshold=0.2)
    shown = draw.signals.iloc[-1]
    assert [name for name in AUDIT_SIGNALS if shown[name]] == [signal]
    size = 1 + getattr(AuditPoints(), signal)
    assert draw.probability[-1] == pytest.approx(min(1.0, 3 * size / (9 + size)))


@pytest.mark.parametrize("wanted", [0, 11])
def test_numbers_out_of_reach_are_refused(wanted: int) -> None:
    with pytest.raises(ValueError, match="cases can be drawn"):
        draw_audit_sample(make_frame(10), np.zeros(11), wanted)


def test_a_case_may_stand_once_only() -> None:
    frame = make_frame(3).assign(case_id="S-1")
    with pytest.raises(ValueError, match="once"):
        draw_audit_sample(frame, np.zeros(4), 1)
