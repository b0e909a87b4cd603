"""Figures are rounded for people and never claim certainty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.labels import LANGUAGES
from riskmodel.report.number_format import (
    format_limit,
    format_percent,
    format_points,
    format_weeks,
    shown_percent,
)


@given(risk=st.floats(0, 1), lang=st.sampled_from(LANGUAGES))
def test_a_risk_is_never_shown_as_certain(risk, lang):
    text = format_percent(risk, lang)
    shown = int("".join(one for one in text if one.isdigit()))
    assert 1 <= shown <= 99
    assert text.startswith("under") == (risk < 0.01)
    assert text.startswith("over") == (risk > 0.99)
    assert abs(shown - risk * 100) <= 1


@given(one=st.floats(0, 1), other=st.floats(0, 1))
def test_shown_percentages_keep_the_order(one, other):
    low, high = sorted((one, other))
    assert shown_percent(low) <= shown_percent(high)


@pytest.mark.parametrize("risk", [-0.01, 1.01, float("nan")])
def test_a_risk_outside_its_range_is_refused(risk):
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        shown_percent(risk)


def test_danish_figures_have_comma_and_fixed_space():
    assert format_limit(0.125, "da") == "12,5\N{NO-BREAK SPACE}%"
    assert format_percent(0.125, "da") == "12\N{NO-BREAK SPACE}%"
    assert format_weeks(4.5, "da") == "4,5 uger"
    assert format_points(-0.4, "da") == "under 1 procentpoint"
