"""The duration curve: one curve from which risk, median and interval come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import Outcomes
from riskmodel.model.curve import DurationCurve, LandmarkCurve
from riskmodel.model.curve_fitting import find_landmarks, fit_curve
from riskmodel.model.tables import logistic


def make_landmark(landmark=0.0, **changes):
    given_ = {
        "landmark": landmark,
        "weeks": np.array([8.0, 26.0, 52.0]),
        "at_low": np.array([0.5, -2.0, -3.5]),
        "at_high": np.array([3.0, 1.0, -0.5]),
        "anchors": (-2.0, 1.0),
        "tail_rate": 0.02,
    }
    return LandmarkCurve(**{**given_, **changes})


@pytest.fixture
def curve():
    later = make_landmark(
        8.0, weeks=np.array([12.0, 26.0, 52.0]), at_low=np.array([1.0, -2.0, -3.0])
    )
    return DurationCurve((make_landmark(), later), (0.9, 0.1), 520.0)


scores = st.floats(-8, 8)


@given(score=scores, week=st.floats(0, 300), later=st.floats(0, 100))
def test_lasting_never_rises_with_the_week(score, week, later):
    curve = DurationCurve((make_landmark(),), (0.9, 0.1), 520.0)
    one, start = np.array([score]), np.zeros(1)
    assert curve.survival(one, start, week + later)[0] <= curve.survival(one, start, week)[0]


@given(low=scores, more=st.floats(0, 8), week=st.floats(0, 300))
def test_lasting_never_falls_with_the_score(low, more, week):
    curve = DurationCurve((make_landmark(),), (0.9, 0.1), 520.0)
    pair, start = np.array([low, low + more]), np.zeros(2)
    found = curve.survival(pair, start, week)
    assert found[1] >= found[0] - 1e-12


@given(score=scores, share=st.floats(0.02, 0.98), start=st.floats(0, 20))
def test_the_quantile_is_where_that_share_is_left(score, share, start):
    later = make_landmark(8.0, weeks=np.array([12.0, 26.0, 52.0]))
    curve = DurationCurve((make_landmark(), later), (0.9, 0.1), 1e9)
    one, week = np.array([score]), np.array([start])
    found = curve.quantile(one, week, share)
    assert curve.survival(one, week, found)[0] == pytest.approx(share, abs=1e-7)


def test_the_median_passes_the_horizon_where_the_risk_passes_one_half():
    anchors = {"at_low": np.array([0.5, -2.0, -3.5]), "at_high": np.array([3.0, 1.0, -0.5])}
    curve = DurationCurve((make_landmark(**anchors),), (0.9, 0.1), 520.0)
    score = np.linspace(-6, 6, 401)
    start = np.zeros(401)
    risk = curve.survival(score, start, 26.0)
    median = curve.quantile(score, start, 0.5)
    assert np.array_equal(risk > 0.5, median > 26.0)


def test_at_the_pinned_week_the_curve_is_the_score():
    weeks = np.array([26.0])
    one = make_landmark(weeks=weeks, at_low=np.array([-2.0]), at_high=np.array([1.0]))
    score = np.linspace(-6, 6, 50)
    assert np.allclose(one.grid(score)[:, 0], logistic(score), atol=1e-15)


def test_between_landmarks_the_earlier_curve_goes_on(curve):
    one = np.array([0.3, 0.3])
    week = np.array([5.0, 0.0])
    at_five, at_zero = curve.survival(one, week, 26.0)
    reached = curve.survival(one, np.zeros(2), np.array([5.0, 5.0]))[0]
    assert at_five == pytest.approx(at_zero / reached)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weeks": np.array([8.0, 26.0])}, "same positive length"),
        ({"weeks": np.array([8.0, 8.0, 52.0])}, "weeks must rise"),
        ({"at_low": np.array([0.5, 0.6, -3.0])}, "must not rise with the week"),
        ({"at_high": np.array([0.4, -2.0, -3.5])}, "must not fall with the score"),
        ({"anchors": (1.0, 1.0)}, "anchors must rise"),
    ],
)
def test_a_curve_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_landmark(**changes)


def test_levels_must_lie_around_one_half():
    with pytest.raises(ValueError, match="both sides of one half"):
        DurationCurve((make_landmark(),), (0.4, 0.1), 520.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_fitted_curve_recovers_the_truth(seed):
    """Exponential durations with the rate's logarithm in the score, half of them censored."""
    rng = np.random.default_rng(seed)
    n = 6000
    rate = np.exp(rng.normal(-3.2, 0.5, size=n))
    duration = rng.exponential(1 / rate)
    seen = rng.uniform(10, 200, size=n)
    ended = duration <= seen
    truth = np.exp(-26 * rate)
    score = np.log(truth / (1 - truth))
    outcomes = Outcomes(np.minimum(duration, seen), ended, ended)
    curve = fit_curve(score, np.zeros(n), outcomes, 26.0, (8.0, 26.0, 52.0), 520.0)
    for week in (8.0, 26.0, 52.0):
        found = curve.survival(score, np.zeros(n), week)
        assert np.mean(np.abs(found - np.exp(-week * rate))) < 0.02
    _, low, high = curve.expected_weeks(score, np.zeros(n))
    assert np.mean((duration >= low) & (duration <= high)) == pytest.approx(0.8, abs=0.04)


def test_landmarks_are_the_weeks_with_assessments_enough():
    weeks = np.repeat([5.0, 8.0, 9.0, 12.0], [50, 30, 3, 25])
    assert find_landmarks(weeks).tolist() == [5.0, 8.0, 12.0]
    many = np.random.default_rng(0).uniform(2, 20, 500)
    found = find_landmarks(many)
    assert found[0] == many.min()
    assert len(found) <= 9


def test_courses_lost_early_do_not_make_the_first_weeks_look_short():
    """Half are lost to sight at 10 weeks; they must count as lasting until then."""
    rng = np.random.default_rng(3)
    n = 4000
    duration = rng.exponential(30, size=n)
    lost = rng.random(n) < 0.5
    seen = np.where(lost, np.minimum(duration, 10.0), duration)
    ended = ~lost | (duration <= 10.0)
    outcomes = Outcomes(seen, ended, ended)
    chance = np.exp(-26 / 30)
    score = np.log(chance / (1 - chance)) + rng.normal(0, 0.01, size=n)
    curve = fit_curve(score, np.zeros(n), outcomes, 26.0, (8.0, 26.0), 520.0)
    found = curve.survival(score, np.zeros(n), 8.0).mean()
    assert found == pytest.approx(np.exp(-8 / 30), abs=0.03)
