"""Limits of shares and rates against statsmodels, tables and their definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from riskmodel.stats.intervals import clopper_pearson, effective_size, poisson_limits, wilson


@settings(deadline=None)
@given(n=st.integers(1, 500), data=st.data(), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_shares_agree_with_statsmodels(n, data, level):
    count = data.draw(st.integers(0, n))
    for ours, theirs in ((clopper_pearson, "beta"), (wilson, "wilson")):
        expected = proportion_confint(count, n, alpha=1 - level, method=theirs)
        np.testing.assert_allclose(ours(count, n, level=level), expected, atol=1e-9)


def test_published_values():
    # Newcombe (1998), Stat Med 17:857-872, table I: 81 of 263 and 1 of 29.
    np.testing.assert_allclose(
        wilson([81, 1], [263, 29]), [[0.2553, 0.0061], [0.3662, 0.1718]], atol=5e-5
    )
    np.testing.assert_allclose(
        clopper_pearson([81, 1], [263, 29]), [[0.2527, 0.0009], [0.3676, 0.1776]], atol=5e-5
    )
    # Garwood limits of 0, 1 and 5 events.
    low, high = poisson_limits([0, 1, 5])
    np.testing.assert_allclose(low, [0, 0.0253, 1.6235], atol=5e-5)
    np.testing.assert_allclose(high, [3.6889, 5.5716, 11.6683], atol=5e-5)


@settings(deadline=None)
@given(count=st.integers(0, 300), exposure=st.floats(0.1, 100))
def test_poisson_limits_leave_the_tails_they_promise(count, exposure):
    low, high = poisson_limits(count, exposure)
    assert stats.poisson.cdf(count, high * exposure) == pytest.approx(0.025, rel=1e-6)
    if count:
        assert stats.poisson.sf(count - 1, low * exposure) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.35, 0.5])
def test_exact_limits_cover_at_least_at_their_level(share):
    count = np.arange(61)
    low, high = clopper_pearson(count, 60)
    covered = stats.binom.pmf(count, 60, share)[(low <= share) & (share <= high)].sum()
    assert covered >= 0.95
    low, high = wilson(count, 60)
    assert stats.binom.pmf(count, 60, share)[(low <= share) & (share <= high)].sum() > 0.85


def test_effective_size():
    assert effective_size([2, 2, 2]) == pytest.approx(3)
    assert effective_size([1, 0, 0]) == 1
    assert effective_size([1, 2]) == pytest.approx(9 / 5)


@pytest.mark.parametrize("arguments", [(3, 2), (-1, 2), (0, 0)])
def test_impossible_shares_are_refused(arguments):
    for limits in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="0 <= count <= n"):
            limits(*arguments)


def test_impossible_rates_are_refused():
    for arguments in ((-1, 1), (1, 0)):
        with pytest.raises(ValueError, match="exposure > 0"):
            poisson_limits(*arguments)
