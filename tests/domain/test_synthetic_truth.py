"""The true risk is what the simulated courses do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.domain.synthetic import make_cases
from riskmodel.domain.synthetic_courses import CourseLaw
from riskmodel.domain.synthetic_people import Facts
from riskmodel.domain.synthetic_reviews import advance_reviews, start_reviews

HORIZONS = (8, 12, 26, 52)
MANY = 60_000


def make_law(course, *, effect=0.0, site=0.0, start=5.0, n=1):
    facts = Facts(
        codes={},
        outlook=np.zeros(n),
        effect=np.full(n, effect),
        site_log_hazard=np.full(n, site),
        first_absence=np.full(n, np.datetime64("2025-01-01")),
        days_to_form=np.zeros(n, dtype=np.int64),
    )
    return CourseLaw.from_facts(course, facts, np.full(n, start))


@pytest.mark.parametrize(("effect", "site"), [(-2.0, 0.0), (0.0, 0.3), (2.5, -0.3)])
def test_true_risk_equals_the_frequency_for_fixed_facts(preset, effect, site):
    law = make_law(preset("history").course, effect=effect, site=site, n=MANY)
    weeks = law.draw(np.random.default_rng(3)).weeks
    start, nothing = law.intake_week, np.zeros(MANY)
    for horizon in HORIZONS:
        risk = law.compute_risk(float(horizon), start, nothing)[0]
        error = np.sqrt(risk * (1 - risk) / MANY)
        assert abs((weeks > horizon).mean() - risk) < 4 * error
    median = law.compute_median(start, nothing)[0]
    assert abs((weeks <= median).mean() - 0.5) < 4 * 0.5 / np.sqrt(MANY)


def test_true_risk_equals_a_numerical_integral_of_the_written_hazards(preset):
    course = preset("history").course
    law = make_law(course, effect=0.7, site=0.2)
    step = 1e-3
    middles = np.arange(5.0, 40.0, step) + step / 2
    lift, drop = np.exp(course.competing_slope * 0.7), np.exp(0.2 - 0.7 * course.hazard_slope)
    position = np.searchsorted(course.competing_from_weeks, middles, side="right") - 1
    other = np.array(course.competing_weekly_hazard)[position] * lift
    alive = 0.0
    odds = np.exp(course.slow_log_odds + 0.7)
    for share, scale, shape in (
        (odds / (1 + odds), course.slow_scale_weeks, course.slow_shape),
        (1 / (1 + odds), course.fast_scale_weeks, course.fast_shape),
    ):
        hazard = shape / scale * (middles / scale) ** (shape - 1) * drop
        alive += share * np.exp(-np.sum((hazard + other) * step))
    assert law.compute_risk(40.0, law.intake_week, np.zeros(1))[0] == pytest.approx(alive, rel=1e-5)


def test_findings_of_a_review_move_the_true_risk_as_often_as_they_come_true(
    preset, review_codebook
):
    """One person, many times: for each set of findings at week 8, frequency equals true risk."""
    parameters = preset("history")
    law = make_law(parameters.course, effect=0.4, n=4 * MANY)
    courses = law.draw(np.random.default_rng(5))
    rows = np.flatnonzero(courses.weeks > 8)
    law = law.take(rows)
    weeks, slow, n = courses.weeks[rows], courses.slow[rows], len(rows)
    fields = {
        "employer_contact_quality": 0,
        "treatment_status": 2,
        "triage_regime": 0,
        "function_bodily": 0,
        "function_mental": 0,
        "function_work": 2,
        "rtw_self_efficacy": 2,
        "modified_tasks_offered": 2,
        "capability_statement": 0,
    }
    facts = Facts(
        codes={field: np.full(n, code) for field, code in fields.items()},
        outlook=np.zeros(n),
        effect=np.zeros(n),
        site_log_hazard=np.zeros(n),
        first_absence=np.full(n, np.datetime64("2025-01-01")),
        days_to_form=np.zeros(n, dtype=np.int64),
    )
    rng = np.random.default_rng(6)
    state = start_reviews(parameters, facts, law.intake_week, np.full(n, 10.0), rng)
    state = advance_reviews(parameters, state, slow=slow, week=8.0, rng=rng)
    risk = law.compute_risk(26.0, state.week, state.log_ratio)
    seen = 0
    for value in np.unique(risk.round(12)):
        same = risk.round(12) == value
        if same.sum() < 500:
            continue
        seen += 1
        error = np.sqrt(value * (1 - value) / same.sum())
        assert abs((weeks[same] > 26).mean() - value) < 4.5 * error
    assert seen >= 10
    assert risk.max() - risk.min() > 0.2


@given(
    effect=st.floats(-4, 4),
    ratio=st.floats(-3, 3),
    start=st.floats(1, 12),
    gaps=st.tuples(st.floats(0, 40), st.floats(0, 40)),
)
@settings(max_examples=60, deadline=None)
def test_risk_is_a_survival_curve(preset, effect, ratio, start, gaps):
    law = make_law(preset("history").course, effect=effect, start=start)
    log_ratio, week = np.array([ratio]), np.array([start])
    middle, end = start + gaps[0], start + gaps[0] + gaps[1]
    first = law.compute_risk(middle, week, log_ratio)
    both = law.compute_risk(end, week, log_ratio)
    rest = law.compute_risk(end, np.array([middle]), log_ratio)
    assert 0 <= both[0] <= first[0] <= 1
    assert law.compute_risk(start, week, log_ratio)[0] == pytest.approx(1)
    assert both[0] == pytest.approx(first[0] * rest[0], rel=1e-9, abs=1e-12)


def test_truth_is_calibrated_at_every_landmark_and_horizon(history):
    truth = history.truth
    for week, rows in truth.groupby("assessed_week"):
        for horizon in HORIZONS:
            risk = rows[f"true_risk_{horizon}w"]
            if horizon <= week:
                assert risk.isna().all()
                continue
            fifth = (risk.rank(pct=True) * 4.999).astype(int)
            for _, part in rows.groupby(fifth):
                p = part[f"true_risk_{horizon}w"]
                error = np.sqrt((p * (1 - p)).sum()) / len(p)
                observed = (part["true_duration_weeks"] > horizon).mean()
                assert abs(observed - p.mean()) < 4.5 * error, (week, horizon)
        below = (rows["true_duration_weeks"] <= rows["true_median_weeks"]).mean()
        assert abs(below - 0.5) < 4.5 * 0.5 / np.sqrt(len(rows))


def test_mean_true_risk_equals_the_recorded_share(history):
    """The table's own outcome, with its rounding and register errors, tells the same share."""
    for _, rows in history.truth.groupby("assessed_week"):
        recorded = (history.frame.loc[rows.index, "duration_weeks"] > 26).mean()
        error = 0.5 / np.sqrt(len(rows))
        assert abs(recorded - rows["true_risk_26w"].mean()) < 4 * error + 0.003


def test_median_passes_a_horizon_where_its_risk_passes_one_half(history):
    truth = history.truth
    later = truth["true_median_weeks"] > 26
    assert (later == (truth["true_risk_26w"] > 0.5)).all()


def test_without_interactions_the_facts_are_additive(preset, review_codebook):
    """With interactions off the slow group's log-odds have no pair terms left."""
    parameters = preset("history")
    course = replace(parameters.course, interactions=0.0)
    off = make_cases(
        replace(parameters, course=course), review_codebook, n_cases=4000, random_state=2
    )
    pairs_gone = replace(course, interactions=1.0, pair_effects=())
    same = make_cases(
        replace(parameters, course=pairs_gone), review_codebook, n_cases=4000, random_state=2
    )
    on = make_cases(
        replace(parameters, course=replace(course, interactions=2.0)),
        review_codebook,
        n_cases=4000,
        random_state=2,
    )
    assert off.truth.equals(same.truth)
    first = off.truth.drop_duplicates("case_id")["true_risk_26w"].to_numpy()
    other = on.truth.drop_duplicates("case_id")["true_risk_26w"].to_numpy()
    assert np.abs(first - other).max() > 0.05
