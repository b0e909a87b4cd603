"""Each mechanism of real case data is visible in the synthetic cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.synthetic import make_cases
from riskmodel.errors import CodebookError, InputError
from riskmodel.stats.logistic import fit_logistic


def rank_auc(outcome, score) -> float:
    """Share of pairs ranked rightly, ties counting half."""
    positive = np.asarray(outcome, dtype=bool)
    ranks = pd.Series(np.asarray(score, dtype=float)).rank().to_numpy()
    n_positive, n_negative = positive.sum(), (~positive).sum()
    wins = ranks[positive].sum() - n_positive * (n_positive + 1) / 2
    return float(wins / (n_positive * n_negative))


@pytest.fixture(scope="module")
def intake(history):
    rows = history.frame["assessed_week"] == 5
    return history.frame[rows].assign(
        long=history.frame["duration_weeks"] > 26,
        true_weeks=history.truth["true_duration_weeks"],
        true_risk=history.truth["true_risk_26w"],
    )


# --- Shape of the table ------------------------------------------------------------------


def test_columns_and_levels_are_those_of_the_codebook(history, review_codebook):
    frame = history.frame
    for field in review_codebook.fields:
        assert field.name in frame
        values = frame[field.name].dropna()
        if field.type == "number":
            assert values.between(*field.range).all(), field.name
        elif field.level_values and field.name != review_codebook.site:
            assert set(values.unique()) <= set(field.level_values), field.name
            assert values.nunique() > 1, field.name
    assert frame["case_id"].str.startswith("SYN-").all()
    assert not frame.duplicated(["case_id", "assessed_week"]).any()
    assert (frame["duration_weeks"] > frame["assessed_week"]).all()
    assert frame["duration_weeks"].max() <= review_codebook.outcome.max_weeks
    reasons = {reason.value for reason in review_codebook.outcome.reasons}
    assert set(frame["end_reason"].dropna()) <= reasons
    assert history.truth["case_id"].equals(frame["case_id"])


def test_same_seed_same_cases_and_another_seed_others(preset, review_codebook):
    parameters = preset("history")
    once = make_cases(parameters, review_codebook, n_cases=300, random_state=4)
    again = make_cases(parameters, review_codebook, n_cases=300, random_state=4)
    other = make_cases(parameters, review_codebook, n_cases=300, random_state=5)
    pd.testing.assert_frame_equal(once.frame, again.frame, check_exact=True)
    pd.testing.assert_frame_equal(once.truth, again.truth, check_exact=True)
    assert not np.array_equal(
        once.truth["true_duration_weeks"][:200], other.truth["true_duration_weeks"][:200]
    )


@pytest.mark.parametrize("n_cases", [1, 2, 57])
def test_exactly_as_many_cases_as_asked_for(preset, review_codebook, n_cases):
    for name in ("history", "review60", "open_cases"):
        cases = make_cases(preset(name), review_codebook, n_cases=n_cases, random_state=1)
        assert cases.frame["case_id"].nunique() == n_cases


def test_no_cases_and_foreign_codebooks_are_refused(preset, review_codebook):
    with pytest.raises(InputError, match="n_cases must be at least 1, got 0"):
        make_cases(preset("history"), review_codebook, n_cases=0)
    renamed = tuple(
        replace(field, name="pain") if field.name == "days_to_form" else field
        for field in review_codebook.fields
    )
    foreign = replace(review_codebook, fields=renamed)
    with pytest.raises(CodebookError, match="column pain: The synthetic generator cannot make"):
        make_cases(preset("history"), foreign, n_cases=5)


def test_unknown_levels_are_refused(preset, review_codebook):
    fields = tuple(
        replace(field, levels=field.levels[1:]) if field.name == "sex" else field
        for field in review_codebook.fields
    )
    with pytest.raises(CodebookError, match=r"column sex: .*\['f'\]"):
        make_cases(preset("history"), replace(review_codebook, fields=fields), n_cases=5)


# --- Level of risk and how well it can be told -------------------------------------------


def test_risk_rises_from_intake_to_week_12_as_assumed(history):
    employed = history.frame["employment_status"] == "employed"
    means = history.truth[employed].groupby("assessed_week")["true_risk_26w"].mean()
    assert 0.25 <= means[5] <= 0.30
    assert 0.38 <= means[8] <= 0.42
    assert 0.50 <= means[12] <= 0.55


def test_citizens_expectation_alone_ranks_as_published(intake):
    stated = intake.dropna(subset="expected_duration_citizen_weeks")
    auc = rank_auc(stated["long"], stated["expected_duration_citizen_weeks"])
    assert 0.70 <= auc <= 0.80


@pytest.mark.slow
def test_all_indicators_together_rank_realistically(intake, review_codebook):
    columns = []
    for field in review_codebook.indicators:
        if field.name not in intake:
            continue
        if field.type == "number":
            values = np.log1p(intake[field.name].to_numpy(dtype=float))
            gone = np.isnan(values)
            mean = 0.0 if gone.all() else values[~gone].mean()
            columns += [np.where(gone, mean, values), gone]
        else:
            codes = intake[field.name].cat.codes.to_numpy()
            columns += [codes == code for code in range(-1, len(field.level_values))]
    design = np.column_stack(columns).astype(float)
    design = design[:, np.ptp(design, axis=0) > 0]
    design = (design - design.mean(axis=0)) / design.std(axis=0)
    outcome, half = intake["long"].to_numpy(dtype=float), len(intake) // 2
    train = np.column_stack([np.ones(half), design[:half]])
    fitted = fit_logistic(train, outcome[:half], prior_precision=10.0)
    auc = rank_auc(outcome[half:], design[half:] @ fitted.coefficients[1:])
    truth = rank_auc(outcome, intake["true_risk"])
    assert 0.75 <= auc <= 0.80
    assert auc < truth < 0.85


# --- Mechanisms --------------------------------------------------------------------------


def test_employed_are_seen_only_after_the_employer_period(history):
    frame = history.frame
    employed = frame["employment_status"] == "employed"
    assert frame.loc[employed, "duration_weeks"].min() > 30 / 7
    assert frame.loc[employed, "assessed_week"].min() == 5
    assert frame.loc[~employed, "duration_weeks"].min() < 30 / 7


def test_answers_heap_on_round_weeks(intake):
    weeks = intake["expected_duration_citizen_weeks"].dropna()
    counts = weeks.value_counts()
    for preferred, beside in ((8, 9), (12, 11), (12, 13), (26, 25), (26, 27)):
        assert counts[preferred] > 4 * counts.get(beside, 0)


@pytest.mark.parametrize(
    "column", ["expected_duration_citizen_weeks", "expected_duration_gp_weeks"]
)
def test_expected_durations_are_optimistic(intake, column):
    stated = intake.dropna(subset=column)
    assert (stated[column] < stated["true_weeks"]).mean() > 0.55
    too_short = ((stated[column] <= 26) & stated["long"]).mean()
    too_long = ((stated[column] > 26) & ~stated["long"]).mean()
    assert too_short > 2 * too_long


def test_certificate_is_missing_mostly_where_a_short_course_is_expected(intake):
    missing = intake["expected_duration_gp_weeks"].isna()
    assert missing.equals(intake["gp_picture"].isna())
    expected = intake["expected_duration_citizen_weeks"]
    assert missing[expected < 8].mean() > 0.85
    assert missing[expected > 9].mean() < 0.55
    assert intake.loc[~missing, "long"].mean() > intake.loc[missing, "long"].mean() + 0.05


def test_certificates_arrive_by_the_first_review(history):
    frame = history.frame[history.frame["employment_status"] == "employed"]
    missing = frame.set_index(["case_id", "assessed_week"])["expected_duration_gp_weeks"].isna()
    wide = missing.unstack("assessed_week")
    reviewed = wide.dropna(subset=[8.0])
    assert reviewed[8.0].mean() < reviewed[5.0].mean() - 0.1
    assert not (reviewed[8.0].astype(bool) & ~reviewed[5.0].astype(bool)).any()


def test_endings_bunch_at_the_reassessment_and_are_no_recoveries(history):
    cases = history.frame.drop_duplicates("case_id")
    week = np.floor(cases["duration_weeks"])
    counts = week.value_counts()
    inside = counts[[27, 28, 29]].mean()
    assert inside > 2 * counts[[24, 25]].mean()
    assert inside > 2 * counts[[31, 32]].mean()
    recovered = cases["end_reason"] == "full_rtw"
    assert recovered[week.between(27, 29)].mean() < 0.5
    assert recovered[week < 26].mean() > 0.9
    assert (cases.loc[week.between(27, 29), "end_reason"] == "job_clarification").mean() > 0.4


def test_reduced_rate_replaces_job_clarification_in_the_new_regime(preset, review_codebook):
    parameters = preset("history")
    people = replace(
        parameters.people,
        first_absence_from=pd.Timestamp("2026-07-01").date(),
        first_absence_to=pd.Timestamp("2026-12-31").date(),
    )
    cases = make_cases(replace(parameters, people=people), review_codebook, n_cases=3000)
    reasons = set(cases.frame["end_reason"])
    assert "reduced_rate" in reasons
    assert "job_clarification" not in reasons
    assert set(cases.frame["triage_regime"]) == {"from_2026_07"}
    week_12 = cases.frame[cases.frame["assessed_week"] == 12]
    light = week_12["expected_duration_citizen_weeks"] <= 20
    light &= week_12["employer_contact_quality"].isin(["good", "neutral", "strained"])
    heavy = week_12["employment_status"] == "unemployed"
    contacts = week_12["n_contacts_by_t"]
    assert contacts[light].mean() < contacts[heavy].mean() / 2


def test_sites_differ_and_only_through_their_effect(preset, review_codebook):
    parameters = preset("history")
    even = replace(parameters, people=replace(parameters.people, site_log_hazard_sd=0.0))
    spread = {}
    for name, one in (("uneven", parameters), ("even", even)):
        cases = make_cases(one, review_codebook, n_cases=30_000, random_state=9)
        first = cases.truth.groupby("case_id", sort=False).head(1)
        site = cases.frame.loc[first.index, "municipality"]
        spread[name] = first["true_risk_26w"].groupby(site, observed=True).mean().std()
    assert spread["uneven"] > 0.02
    assert spread["even"] < 0.01


@pytest.mark.slow
def test_persons_come_back_and_their_earlier_weeks_are_counted(history):
    cases = history.frame.drop_duplicates("case_id")
    spells = cases.groupby("person_id").size()
    assert 0.08 < (spells > 1).mean() < 0.16
    assert spells.max() == 3
    later = cases[cases.duplicated("person_id")]
    assert (later["prior_sick_weeks_24m"] != "0").all()
    assert cases.groupby("person_id")["sex"].nunique().max() == 1
    starts = cases.groupby("person_id")["first_absence_date"]
    assert starts.apply(lambda dates: dates.is_monotonic_increasing).all()


def test_rater_noise_blurs_a_rated_field_and_no_other(preset, review_codebook):
    parameters = preset("history")
    exact = replace(parameters, documents=replace(parameters.documents, rater_error_share=0.0))
    noisy, clean = (
        make_cases(one, review_codebook, n_cases=5000, random_state=7).frame
        for one in (parameters, exact)
    )
    both = noisy["function_work"].notna() & clean["function_work"].notna()
    differ = noisy.loc[both, "function_work"] != clean.loc[both, "function_work"]
    assert 0.08 < differ.mean() < 0.15
    assert noisy["diagnosis_group"].equals(clean["diagnosis_group"])


@pytest.mark.parametrize(
    "trap", ["complicated_in_hindsight", "triage_category_old_at_end", "total_contacts"]
)
def test_closure_fields_betray_the_outcome(intake, trap):
    values = intake[trap]
    score = values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values
    assert rank_auc(intake["long"], score) > 0.9


def test_reviews_bring_news(history):
    frame = history.frame
    at_intake, at_12 = (frame[frame["assessed_week"] == week] for week in (5, 12))
    assert at_intake["partial_rtw_started_week"].isna().all()
    assert at_intake["waiting_weeks"].isna().all()
    started = at_12["partial_rtw_started_week"].dropna()
    assert 0.1 < len(started) / len(at_12) < 0.5
    assert started.max() <= 12
    long = at_12["duration_weeks"] > 26
    partial = at_12["partial_rtw_started_week"].notna()
    assert long[partial].mean() < long[~partial].mean() - 0.1
    contacts = frame.groupby("assessed_week")["n_contacts_by_t"].mean()
    assert contacts[5] < contacts[8] < contacts[12]
    frame = frame.sort_values(["case_id", "assessed_week"])
    assert (frame.groupby("case_id")["n_contacts_by_t"].diff().dropna() >= 0).all()


# --- Presets -----------------------------------------------------------------------------


def test_review60_holds_thirty_closed_cases_of_each_municipality(preset, review_codebook):
    frame = make_cases(preset("review60"), review_codebook, random_state=0).frame
    assert len(frame) == 60
    assert frame["municipality"].value_counts().to_dict() == {"lejre": 30, "greve": 30}
    long = frame["duration_weeks"] > 26
    assert long.groupby(frame["municipality"], observed=True).sum().to_dict() == {
        "lejre": 15,
        "greve": 15,
    }
    assert (frame["ended"] == "yes").all()
    assert (frame["employment_status"] == "employed").all()
    assert (frame["standby"] == "no").all()
    assert (frame["assessed_week"] == 5).all()
    assert frame["end_date"].max() <= pd.Timestamp("2026-06-30")


def test_open_cases_are_censored_at_the_extraction_date(preset, review_codebook):
    parameters = preset("open_cases")
    cases = make_cases(parameters, review_codebook, random_state=0)
    frame = cases.frame
    assert (frame["ended"] == "no").all()
    assert not frame["case_id"].duplicated().any()
    closure = [field.name for field in review_codebook.fields if field.known_at == "closure"]
    assert frame[[*closure, "end_reason"]].isna().all().all()
    extraction = pd.Timestamp(parameters.selection.extraction_date)
    seen = (extraction - frame["first_absence_date"]).dt.days / 7
    np.testing.assert_allclose(frame["duration_weeks"], seen, atol=0.01)
    assert (cases.truth["true_duration_weeks"] > frame["duration_weeks"] - 0.01).all()
    assert (frame["assessed_week"] < frame["duration_weeks"]).all()


def test_a_selection_that_hardly_anyone_passes_says_so(preset, review_codebook):
    parameters = preset("open_cases")
    early = replace(parameters.selection, extraction_date=pd.Timestamp("2026-07-03").date())
    with pytest.raises(InputError, match="pass the selection of preset open_cases"):
        make_cases(replace(parameters, selection=early), review_codebook, n_cases=5)
