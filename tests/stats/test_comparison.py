from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from riskmodel.stats.comparison import (
    benjamini_hochberg,
    newcombe_difference,
    poisson_binomial,
    poisson_funnel,
    poisson_p_value,
    tail_p_value,
)


@given(n=st.integers(1, 200), m=st.integers(1, 200), a=st.floats(0, 1), b=st.floats(0, 1))
@settings(max_examples=40)
def test_newcombe_agrees_with_statsmodels(n: int, m: int, a: float, b: float) -> None:
    first, other = round(a * n), round(b * m)
    gap, low, high = newcombe_difference(first, n, other, m)
    wanted = confint_proportions_2indep(first, n, other, m, method="newcomb", compare="diff")
    assert gap == pytest.approx(first / n - other / m)
    np.testing.assert_allclose((low, high), wanted, atol=1e-7)


@given(count=st.integers(0, 60), mean=st.floats(0.05, 60))
def test_poisson_tails_agree_with_scipy(count: int, mean: float) -> None:
    at_most, at_least = stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean)
    wanted = min(1.0, 2 * min(at_most, at_least))
    assert float(poisson_p_value(count, mean)) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("mean", [0.4, 3.0, 17.5, 240.0])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_the_funnel_lies_within_one_count_of_the_quantiles(mean: float, level: float) -> None:
    low, high = poisson_funnel([mean], level=level)
    tail = (1 - level) / 2
    for limit, probability in ((low, tail), (high, 1 - tail)):
        quantile = stats.poisson.ppf(probability, mean)
        assert quantile - 1 <= limit[0] * mean <= quantile + 1e-9


@given(st.lists(st.floats(0, 1), max_size=25))
def test_poisson_binomial_has_the_right_mean_and_variance(chances: list[float]) -> None:
    found, p = poisson_binomial(chances), np.array(chances)
    counts = np.arange(len(found))
    assert found.sum() == pytest.approx(1)
    mean = (counts * found).sum()
    assert mean == pytest.approx(p.sum(), abs=1e-9)
    assert ((counts - mean) ** 2 * found).sum() == pytest.approx((p * (1 - p)).sum(), abs=1e-9)


def test_equal_chances_give_the_binomial() -> None:
    found = poisson_binomial(np.full(12, 0.3))
    np.testing.assert_allclose(found, stats.binom.pmf(np.arange(13), 12, 0.3), atol=1e-12)
    wanted = min(1.0, 2 * min(stats.binom.cdf(7, 12, 0.3), stats.binom.sf(6, 12, 0.3)))
    assert tail_p_value(7, found) == pytest.approx(wanted)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_agree_with_statsmodels(p: list[float]) -> None:
    np.testing.assert_allclose(
        benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], atol=1e-12
    )


def test_figures_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="expected > 0"):
        poisson_p_value(1, 0)
    with pytest.raises(ValueError, match="expected > 0"):
        poisson_funnel([0.0])
    with pytest.raises(ValueError, match="chances"):
        poisson_binomial([1.2])
    with pytest.raises(ValueError, match="p-values"):
        benjamini_hochberg([-0.1])


@pytest.mark.parametrize("count", range(6))
def test_twice_the_smaller_tail_counts_what_was_seen_in_both_tails(count):
    binomial = stats.binom(5, 0.3)
    expected = 2 * min(binomial.cdf(count), binomial.sf(count - 1))
    assert tail_p_value(count, poisson_binomial([0.3] * 5)) == pytest.approx(min(1.0, expected))
