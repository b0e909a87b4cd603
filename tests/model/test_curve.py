"""The duration curve: one curve from which risk, median and interval come."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import Outcomes
from riskmodel.model.curve import DurationCurve, LandmarkCurve
from riskmodel.model.curve_fitting import find_landmarks, fit_curve
from riskmodel.stats.logistic import sigmoid


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
    return DurationCurve((make_landmark(), later), 8.0, (0.9, 0.1), 520.0)


scores = st.floats(-8, 8)


@given(score=scores, week=st.floats(0, 300), later=st.floats(0, 100))
def test_lasting_never_rises_with_the_week(score, week, later):
    curve = DurationCurve((make_landmark(),), 0.0, (0.9, 0.1), 520.0)
    one, start = np.array([score]), np.zeros(1)
    assert curve.survival(one, start, week + later)[0] <= curve.survival(one, start, week)[0]


@given(low=scores, more=st.floats(0, 8), week=st.floats(0, 300))
def test_lasting_never_falls_with_the_score(low, more, week):
    curve = DurationCurve((make_landmark(),), 0.0, (0.9, 0.1), 520.0)
    pair, start = np.array([low, low + more]), np.zeros(2)
    found = curve.survival(pair, start, week)
    assert found[1] >= found[0] - 1e-12


@given(score=scores, start=st.floats(8, 80), waited=st.one_of(st.just(0.0), st.floats(0, 60)))
def test_what_was_reached_is_the_survival_until_now_to_the_last_bit(score, start, waited):
    one, begun = np.array([score]), np.array([start])
    now = begun + waited
    landmark = make_landmark(8.0, weeks=np.array([12.0, 26.0, 52.0]))
    found = landmark.reached(one, begun, now)
    assert found.tobytes() == landmark.survival(one, begun, now).tobytes()


@given(score=scores, share=st.floats(0.02, 0.98), start=st.floats(0, 20))
def test_the_quantile_is_where_that_share_is_left(score, share, start):
    later = make_landmark(8.0, weeks=np.array([12.0, 26.0, 52.0]))
    curve = DurationCurve((make_landmark(), later), 12.0, (0.9, 0.1), 1e9)
    one, week = np.array([score]), np.array([start])
    found = curve.quantile(one, week, share)
    assert curve.survival(one, week, found)[0] == pytest.approx(share, abs=1e-7)


def test_the_median_passes_the_horizon_where_the_risk_passes_one_half():
    anchors = {"at_low": np.array([0.5, -2.0, -3.5]), "at_high": np.array([3.0, 1.0, -0.5])}
    curve = DurationCurve((make_landmark(**anchors),), 0.0, (0.9, 0.1), 520.0)
    score = np.linspace(-6, 6, 401)
    start = np.zeros(401)
    risk = curve.survival(score, start, 26.0)
    median = curve.quantile(score, start, 0.5)
    assert np.array_equal(risk > 0.5, median > 26.0)


def test_expected_weeks_are_the_median_and_the_shares_of_the_levels(curve):
    score, week = np.linspace(-3, 3, 7), np.array([0.0, 2.0, 8.0, 8.0, 10.0, 4.0, 0.0])
    found = curve.expected_weeks(score, week)
    for weeks, share in zip(found, (0.5, 0.9, 0.1), strict=True):
        inside = weeks < curve.longest
        assert inside.sum() >= 5
        lasting = curve.survival(score, week, weeks)
        assert lasting[inside] == pytest.approx(np.full(inside.sum(), share), abs=1e-7)


def test_at_the_pinned_week_the_curve_is_the_score():
    weeks = np.array([26.0])
    one = make_landmark(weeks=weeks, at_low=np.array([-2.0]), at_high=np.array([1.0]))
    score = np.linspace(-6, 6, 50)
    assert np.allclose(one.grid(score)[:, 0], sigmoid(score), atol=1e-15)


def test_an_assessment_after_training_goes_on_along_the_curve(curve):
    one = np.array([0.3, 0.3])
    at_ten, at_last = curve.survival(one, np.array([10.0, 8.0]), 26.0)
    reached = curve.survival(one, np.array([8.0, 8.0]), np.array([10.0, 10.0]))[0]
    assert at_ten == pytest.approx(at_last / reached)


def test_between_landmarks_the_score_alone_gives_the_risk_at_the_pinned_week():
    one = make_landmark(weeks=np.array([26.0]), at_low=np.array([-2.0]), at_high=np.array([1.0]))
    curve = DurationCurve((one,), 20.0, (0.9, 0.1), 520.0)
    score = np.linspace(-4, 4, 9)
    assert np.allclose(curve.survival(score, np.full(9, 7.3), 26.0), sigmoid(score))


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


@pytest.mark.parametrize("landmarks", [(), (8.0, 0.0), (0.0, 0.0)])
def test_landmarks_must_rise(landmarks):
    given_ = tuple(make_landmark(one, weeks=np.array([12.0, 26.0, 52.0])) for one in landmarks)
    with pytest.raises(ValueError, match="landmarks must rise"):
        DurationCurve(given_, 8.0, (0.9, 0.1), 520.0)


def test_the_last_week_does_not_lie_before_the_last_landmark(curve):
    assert replace(curve, last_week=8.0) == curve
    with pytest.raises(ValueError, match="not lie before the last landmark"):
        replace(curve, last_week=7.9)


def test_levels_must_lie_around_one_half():
    with pytest.raises(ValueError, match="both sides of one half"):
        DurationCurve((make_landmark(),), 0.0, (0.4, 0.1), 520.0)


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
    assert found[0] == np.floor(many.min())
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


def test_a_horizon_beyond_all_that_was_seen_is_not_taken_for_nobody():
    """Everybody is lost to sight at 30 weeks; a year is answered by the rate of ending."""
    rng = np.random.default_rng(4)
    n = 4000
    duration = rng.exponential(20, size=n)
    seen, ended = np.minimum(duration, 30.0), duration <= 30.0
    chance = np.exp(-26 / 20)
    score = np.log(chance / (1 - chance)) + rng.normal(0, 0.01, size=n)
    curve = fit_curve(score, np.zeros(n), Outcomes(seen, ended, ended), 26.0, (26.0, 52.0), 520.0)
    assert curve.survival(score, np.zeros(n), 52.0).mean() == pytest.approx(0.074, abs=0.03)
    _, low, high = curve.expected_weeks(score, np.zeros(n))
    assert np.mean((duration >= low) & (duration <= high)) == pytest.approx(0.8, abs=0.04)


def test_an_upper_end_cut_off_at_the_longest_course_does_not_pull_the_lower_one_down():
    """Six in ten last beyond all that may be said: one in ten still ends before the lower end."""
    rng = np.random.default_rng(6)
    n = 1500
    duration = rng.exponential(160, size=n)
    seen, ended = np.minimum(duration, 80.0), duration <= 80.0
    chance = np.exp(-26 / 160)
    score = np.log(chance / (1 - chance)) + rng.normal(0, 0.01, size=n)
    curve = fit_curve(score, np.zeros(n), Outcomes(seen, ended, ended), 26.0, (26.0, 52.0), 81.0)
    _, low, high = curve.expected_weeks(score, np.zeros(n))
    assert np.all(high == 81.0)
    assert np.mean(duration < low) == pytest.approx(0.1, abs=0.03)


def test_scattered_assessments_are_right_at_every_distance_from_a_landmark():
    """Exponential durations forget the past: P(>26 | >a) depends on 26 - a alone."""
    rng = np.random.default_rng(5)
    n = 12_000
    week = np.round(rng.uniform(0, 16, size=n), 1)
    duration = week + rng.exponential(18, size=n)
    truth = np.exp(-(26 - week) / 18)
    ended = np.ones(n, dtype=bool)
    score = np.log(truth / (1 - truth))
    curve = fit_curve(score, week, Outcomes(duration, ended, ended), 26.0, (20.0, 26.0), 520.0)
    found = curve.survival(score, week, 26.0)
    assert np.allclose(found, truth, atol=1e-6)
    at_twenty = curve.survival(score, week, 20.0)
    for low in (0, 4, 8, 12):
        rows = (week >= low) & (week < low + 4)
        wanted = np.exp(-(20 - week[rows]) / 18).mean()
        assert at_twenty[rows].mean() == pytest.approx(wanted, abs=0.04)


def test_no_day_of_ending_is_kept():
    rng = np.random.default_rng(6)
    duration = rng.uniform(1, 100, size=60)
    ended = np.ones(60, dtype=bool)
    score = rng.normal(size=60)
    curve = fit_curve(score, np.zeros(60), Outcomes(duration, ended, ended), 26.0, (26.0,), 520.0)
    assert all(week == round(week) for week in curve.landmarks[0].weeks)


@pytest.mark.slow
def test_few_persons_still_get_an_interval_that_covers_new_courses(monkeypatch):
    """Settled on the rows that drew the curve, the interval would be too narrow."""
    coverage = {"others": [], "own": []}
    for seed in range(15):
        rng = np.random.default_rng(seed)
        person = np.repeat(np.arange(30), 2)
        rate = np.exp(rng.normal(-3.2, 0.7, size=30))[person]
        duration = rng.exponential(1 / rate[::2])[person] + 8.0
        score = 26 / rng.exponential(1 / rate) - 0.5  # says next to nothing
        score = np.clip(score, -3, 3)
        week = np.tile([0.0, 8.0], 30)
        outcomes = Outcomes(duration, np.ones(60, dtype=bool), np.ones(60, dtype=bool))
        fresh = np.exp(rng.normal(-3.2, 0.7, size=1000))
        true = rng.exponential(1 / fresh) + 8.0
        fresh_score = np.clip(26 / rng.exponential(1 / fresh) - 0.5, -3, 3)
        for name, most in (("others", 5000), ("own", 0)):
            monkeypatch.setattr("riskmodel.model.curve_fitting.MOST_FOLDED_PERSONS", most)
            curve = fit_curve(score, week, outcomes, 26.0, (12.0, 26.0, 52.0), 520.0, groups=person)
            _, low, high = curve.expected_weeks(fresh_score, np.full(1000, 8.0))
            coverage[name].append(np.mean((true >= low) & (true <= high)))
    assert 0.77 < np.mean(coverage["others"]) < 0.84
    assert np.mean(coverage["own"]) < np.mean(coverage["others"]) - 0.02
