from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskmodel.domain.labels import Label
from riskmodel.visitation.audit import AuditLot, AuditRules, draw_audit_arm, draw_lots
from riskmodel.visitation.circumstances import Circumstances, find_circumstances
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import recommend_cases

TEXT = Label(da="Trukket ud.", en="Drawn.")
MASK = (1 << 64) - 1


def with_lots(policy: Policy, contact: float, without: float, salt: str = "made-up salt") -> Policy:
    rules = AuditRules(salt, AuditLot(contact, TEXT), "at_risk", AuditLot(without, TEXT))
    return replace(policy, audit=rules)


def siphash_2_4(key: bytes, data: bytes) -> int:
    """Return SipHash-2-4 as its paper writes it down."""
    k0, k1 = (int.from_bytes(key[at : at + 8], "little") for at in (0, 8))
    v = [
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    ]

    def turn(value: int, by: int) -> int:
        return ((value << by) | (value >> (64 - by))) & MASK

    def mix() -> None:
        v[0] = (v[0] + v[1]) & MASK
        v[1] = turn(v[1], 13) ^ v[0]
        v[0] = turn(v[0], 32)
        v[2] = (v[2] + v[3]) & MASK
        v[3] = turn(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & MASK
        v[3] = turn(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & MASK
        v[1] = turn(v[1], 17) ^ v[2]
        v[2] = turn(v[2], 32)

    padded = data + bytes((-len(data) - 1) % 8) + bytes([len(data) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        mix()
        mix()
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(4):
        mix()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def spread(value: int) -> int:
    """Return SplitMix64's finaliser of a number."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def test_the_reference_of_siphash_is_right() -> None:
    key, data = bytes(range(16)), bytes(range(15))
    assert siphash_2_4(key, data) == 0xA129CA6149BE45E5


@given(key=st.text(max_size=40), salt=st.text(min_size=8, max_size=20))
def test_the_lot_is_siphash_of_the_case_key(key: str, salt: str) -> None:
    try:
        data = key.encode()
        secret = sha256(f"contact\n{salt}".encode()).hexdigest()[:16].encode()
    except UnicodeEncodeError:
        return
    # NumPy texts cannot end in a null character.
    if key.endswith("\0"):
        return
    wanted = (spread(siphash_2_4(secret, data)) >> 11) / 2**53
    assert draw_lots([key], salt, "contact")[0] == wanted


def test_lots_are_even_and_those_of_two_purposes_independent() -> None:
    keys = [f"SYN-{one:07d}" for one in range(20_000)]
    first, second = (draw_lots(keys, "made-up salt", one) for one in ("contact", "without_score"))
    assert stats.kstest(first, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.03


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5])
def test_about_the_share_is_drawn(small_policy: Policy, share: float) -> None:
    keys = [f"SYN-{one:07d}" for one in range(10_000)]
    arm = draw_audit_arm(keys, with_lots(small_policy, share, share))
    for drawn in (arm.contact, arm.without_score):
        assert stats.binomtest(int(drawn.sum()), 10_000, share or 1e-12).pvalue > 1e-4


def test_the_order_of_rows_and_other_rows_play_no_part(small_policy: Policy) -> None:
    policy = with_lots(small_policy, 0.3, 0.3)
    keys = np.array([f"SYN-{one}" for one in range(500)])
    order = np.random.default_rng(0).permutation(500)
    whole, mixed = draw_audit_arm(keys, policy), draw_audit_arm(keys[order], policy)
    np.testing.assert_array_equal(whole.contact[order], mixed.contact)
    np.testing.assert_array_equal(whole.without_score[order], mixed.without_score)
    np.testing.assert_array_equal(draw_audit_arm(keys[:7], policy).contact, whole.contact[:7])


def test_a_larger_share_keeps_who_was_drawn_and_a_new_salt_does_not(small_policy: Policy) -> None:
    keys = [f"SYN-{one}" for one in range(2000)]
    few, more = (draw_audit_arm(keys, with_lots(small_policy, s, 0)).contact for s in (0.1, 0.3))
    assert np.all(more[few])
    other = draw_audit_arm(keys, with_lots(small_policy, 0.1, 0, salt="another salt")).contact
    assert 0 < np.sum(other & few) < few.sum()


def test_stated_lots_never_change() -> None:
    lots = draw_lots(["SYN-0000001", "sag-æøå"], "made-up salt", "contact")
    np.testing.assert_array_equal(lots, [0.7833832121567132, 0.05498074915730822])


def draw_many(policy: Policy, n: int = 4000):
    rng = np.random.default_rng(1)
    facts = pd.DataFrame(
        {
            "age": np.full(n, 40.0),
            "status": rng.choice(["employed", "unemployed"], n, p=[0.9, 0.1]),
            "strain": "low",
            "conflict": "no",
        }
    )
    risk = rng.random(n)
    keys = np.array([f"SYN-{one}" for one in range(n)])
    week = np.full(n, 4.0)
    figures = {
        "assessed_week": week, "risk": risk, "risk_low": risk, "risk_high": risk,
        "outside_training": np.zeros(n, dtype=bool),
    }  # fmt: skip
    held = find_circumstances(policy, facts, week, keys)
    plain = recommend_cases(policy, facts, **figures)
    return plain, recommend_cases(policy, facts, **figures, circumstances=held), held


def test_only_the_lightest_tier_gets_contact_by_lot(small_policy: Policy) -> None:
    policy = with_lots(small_policy, 0.25, 0)
    plain, drawn, held = draw_many(policy)
    light = np.asarray(plain.tiers) == "light"
    moved = light & held.audit.contact
    assert moved.sum() > 100
    assert set(np.asarray(drawn.tiers)[moved]) == {"at_risk"}
    assert set(np.asarray(drawn.reasons)[moved]) == {"audit_contact"}
    np.testing.assert_array_equal(drawn.tier_code[~moved], plain.tier_code[~moved])
    np.testing.assert_array_equal(np.asarray(drawn.audit_arm) == "contact", moved)


def test_a_case_judged_without_a_score_shows_nothing_of_it(small_policy: Policy) -> None:
    policy = with_lots(small_policy, 0.25, 0.25)
    plain, drawn, held = draw_many(policy)
    hidden = held.audit.without_score
    assert np.all(np.isnan(drawn.risk[hidden]))
    own_track = np.asarray(plain.tiers) == "ordinary"
    assert set(np.asarray(drawn.tiers)[hidden & ~own_track]) == {"adviser"}
    assert set(np.asarray(drawn.tiers)[hidden & own_track]) == {"ordinary"}
    assert set(np.asarray(drawn.audit_arm)[hidden]) == {"without_score"}
    # Whatever the risk is, a hidden case looks the same.
    reasons = set(np.asarray(drawn.reasons)[hidden & ~own_track])
    assert reasons == {"audit_without_score"}


def test_a_share_or_salt_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0 and 0\.5"):
        AuditLot(0.6, TEXT)
    with pytest.raises(ValueError, match="8 characters"):
        AuditRules("short", AuditLot(0.1, TEXT), "at_risk", AuditLot(0.1, TEXT))


def test_circumstances_of_another_length_are_refused(small_policy: Policy) -> None:
    _, _, held = draw_many(small_policy, 30)
    with pytest.raises(ValueError, match="same length"):
        Circumstances(np.ones(2, dtype=bool), held.audit)
