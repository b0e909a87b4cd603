"""A points form keeps the model's order, the codebook's signs, and what can be told of both."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook, Field, Level
from riskmodel.domain.labels import Label
from riskmodel.domain.points_form import (
    FormSettings,
    PointsForm,
    group_sums,
    list_form_columns,
    parse_form_settings,
)
from riskmodel.domain.scorecard import PointBand, PointItem, SumRisk
from riskmodel.errors import CodebookError, InputError
from riskmodel.evaluation.points_figures import (
    FormRisks,
    fit_fixed_form,
    hold_out_folds,
    judge_points_form,
    read_form,
)
from riskmodel.io.frame_cases import read_frame
from riskmodel.model.scoring import score_cases
from riskmodel.stats.discrimination import auc
from riskmodel.training.fit import TrainingSettings
from riskmodel.training.points_bands import CandidateLine, _cut
from riskmodel.training.points_fitting import (
    _add,
    _move_points,
    _round_points,
    _Target,
    compile_points_form,
)

WEEKS = Field("weeks", Label("Uger", "Weeks"), "number", "intake", range=(0, 104))
WORRY = Field(
    "worry",
    Label("Uro", "Worry"),
    "ordinal",
    "intake",
    levels=tuple(Level(one, Label(one, one)) for one in ("none", "some", "much")),
)


@pytest.fixture(scope="module")
def model(fitted):
    return fitted.model


@pytest.fixture(scope="module")
def new_cases(draw_cases, review_codebook) -> CaseTable:
    return read_frame(draw_cases("history", 200, 77), review_codebook, require_outcomes=True)


@pytest.fixture(scope="module")
def form(model, new_cases) -> PointsForm:
    return compile_points_form(model, new_cases, FormSettings())


def sums_of(form: PointsForm, table: CaseTable):
    return form.add_up(list_form_columns(table.fields, table.assessed_week, table.codebook))


def make_bands(form: PointsForm) -> list[tuple[Field, list[int]]]:
    """Return the points of each line in the order of its values, without the missing answer."""
    found = []
    for item in form.items:
        bands = [band for band in item.bands if not band.missing]
        if item.field.levels:
            by_level = {level: band.points for band in bands for level in band.levels}
            found.append((item.field, [by_level[one] for one in item.field.level_values]))
        else:
            ordered = sorted(bands, key=lambda band: band.low)
            found.append((item.field, [band.points for band in ordered]))
    return found


def test_points_keep_the_signs_of_the_codebook(form):
    signs = {"increasing": 1, "decreasing": -1}
    asked = [one for one in make_bands(form) if one[0].direction in signs]
    assert asked
    for field, points in asked:
        assert np.all(signs[field.direction] * np.diff(points) >= 0), field.name


def test_the_form_keeps_its_limits(form):
    settings = FormSettings()
    assert 1 <= len(form.items) <= settings.most_indicators
    assert form.least == 0
    assert form.most <= settings.most_points
    for item in form.items:
        assert len([one for one in item.bands if not one.missing]) <= settings.most_bands
        points = [one.points for one in item.bands]
        assert min(points) == 0
        assert max(points) > 0


@pytest.mark.parametrize(("most_points", "most_indicators"), [(6, 3), (12, 5), (30, 10)])
def test_other_limits_are_kept_too(model, new_cases, most_points, most_indicators):
    settings = FormSettings(most_points=most_points, most_indicators=most_indicators)
    small = compile_points_form(model, new_cases, settings)
    assert small.most <= most_points
    assert len(small.items) <= most_indicators


def test_more_points_and_lines_come_closer_to_the_model(model, new_cases):
    risk = score_cases(model, new_cases).scores.risk

    def distance(settings: FormSettings) -> float:
        made = compile_points_form(model, new_cases, replace(settings, most_missing=10))
        read = read_form(made, new_cases)
        kept = ~np.isnan(read)
        return float(np.mean((read[kept] - risk[kept]) ** 2))

    coarse = distance(FormSettings(most_points=4, most_indicators=2))
    fine = distance(FormSettings(most_points=30, most_indicators=10, smallest_gain=0.0))
    assert fine < 0.7 * coarse


@pytest.mark.parametrize("seed", range(4))
def test_no_single_point_more_or_less_brings_the_form_closer(seed):
    rng = np.random.default_rng(seed)
    lines, score = [], np.zeros(400)
    for place, direction in enumerate((1, -1, 0)):
        n_bands = 3 + place
        effects = np.append(direction * np.sort(rng.normal(0, 0.8, n_bands)), rng.normal(0, 0.3))
        effects = effects if direction else np.append(rng.normal(0, 0.8, n_bands), 0.2)
        codes = rng.integers(0, n_bands + 1, 400)
        score += effects[codes]
        lines.append(
            CandidateLine(WEEKS, (PointBand(0),) * (n_bands + 1), codes, effects, direction)
        )
    target = _Target(1 / (1 + np.exp(-score)), rng.uniform(0.5, 2, 400))

    def loss(points) -> float:
        return target.fit(_add(lines, points))[2]

    rounded = _round_points(lines, target, 9)
    found = _move_points(lines, [one.copy() for one in rounded], target, 9)
    assert loss(found) <= loss(rounded)
    assert sum(int(one.max()) for one in found) <= 9
    for number, line in enumerate(lines):
        assert found[number].min() >= 0
        assert np.all(line.direction * np.diff(found[number][:-1]) >= 0)
        for band, step in itertools.product(range(len(line.bands)), (1, -1)):
            tried = [one.copy() for one in found]
            tried[number][band] += step
            room = 9 - sum(int(one.max()) for one in tried)
            falls = np.any(line.direction * np.diff(tried[number][:-1]) < 0)
            if tried[number].min() >= 0 and room >= 0 and not falls:
                assert loss(tried) >= loss(found) - 1e-8


def test_the_risk_of_a_sum_is_the_models_mean_at_that_sum(form, model, new_cases):
    """Over all cases exactly (a logistic curve has that property), at each sum nearly."""
    asked = new_cases.take(new_cases.assessed_week < 26)
    risk = score_cases(model, asked).scores.risk
    total, usable = sums_of(form, asked)
    read = form.read_risk(total[usable])
    assert read.mean() == pytest.approx(risk[usable].mean(), abs=1e-6)
    for one in form.sums:
        inside = (total[usable] >= one.low) & (total[usable] <= one.high)
        if inside.sum() >= 20:
            assert one.risk == pytest.approx(risk[usable][inside].mean(), abs=0.06)


def test_risks_rise_with_the_sum_and_rest_on_enough_cases(form, new_cases):
    risks = [one.risk for one in form.sums]
    assert risks == sorted(risks)
    total, usable = sums_of(form, new_cases.take(new_cases.assessed_week < 26))
    for one in form.sums:
        inside = usable & (total >= one.low) & (total <= one.high)
        assert inside.sum() >= FormSettings().min_cell


def test_outcomes_are_not_looked_at(form, model, new_cases):
    assert compile_points_form(model, replace(new_cases, outcomes=None), FormSettings()) == form


def test_cases_count_for_as_many_as_they_stand_for(model, new_cases):
    """A row with weight 3 does what three such rows do."""
    rng = np.random.default_rng(0)
    times = rng.integers(1, 4, len(new_cases))
    weighted = replace(new_cases, case_weight=times.astype(float))
    repeated = new_cases.take(np.repeat(np.arange(len(new_cases)), times))
    one = compile_points_form(model, weighted, FormSettings(min_cell=3))
    other = compile_points_form(model, repeated, FormSettings(min_cell=3))
    assert one.items == other.items
    assert one.intercept == pytest.approx(other.intercept, abs=1e-8)
    assert one.per_point == pytest.approx(other.per_point, abs=1e-8)


def test_indicators_that_are_left_out_stay_out(form, model, new_cases):
    first = form.items[0].field.name
    other = compile_points_form(model, new_cases, FormSettings(leave_out=(first,)))
    assert first not in {item.field.name for item in other.items}


def test_too_few_cases_are_refused(model, new_cases):
    with pytest.raises(InputError, match="at least 50 assessments before week 26"):
        compile_points_form(model, new_cases.take(np.arange(20)), FormSettings())


def test_too_many_missing_answers_give_no_risk():
    form = PointsForm(
        (
            PointItem(WEEKS, (PointBand(2, low=26), PointBand(1, missing=True))),
            PointItem(WORRY, (PointBand(1, levels=("much",)),)),
        ),
        most_missing=1,
    )
    columns = pd.DataFrame(
        {
            "weeks": [30.0, np.nan, np.nan],
            "worry": pd.Categorical(["much", "none", None], categories=list(WORRY.level_values)),
        }
    )
    total, usable = form.add_up(columns)
    assert total.tolist() == [3, 1, 1]
    assert usable.tolist() == [True, True, False]


def test_sums_without_risks_cannot_be_read():
    form = PointsForm((PointItem(WEEKS, (PointBand(2, low=26),)),))
    with pytest.raises(ValueError, match="no risks"):
        form.read_risk(np.array([0]))


@pytest.mark.parametrize(
    "sums",
    [
        (SumRisk(0, 1, 0.1, 0.5),),
        (SumRisk(0, 0, 0.1, 0.5), SumRisk(2, 2, 0.2, 0.5)),
        (SumRisk(0, 1, 0.3, 0.5), SumRisk(2, 2, 0.2, 0.5)),
    ],
    ids=["short", "gap", "falling"],
)
def test_a_form_refuses_sums_that_leave_gaps_or_fall(sums):
    with pytest.raises(ValueError, match=r"without gaps|must not fall"):
        PointsForm((PointItem(WEEKS, (PointBand(2, low=26),)),), sums=sums)


@given(
    counts=st.lists(st.integers(0, 12), min_size=1, max_size=25),
    least=st.integers(0, 3),
    min_cell=st.integers(3, 9),
)
def test_grouped_sums_leave_no_gap_and_no_small_group(counts, least, min_cell):
    n = len(counts)
    risks = np.linspace(0.05, 0.9, n)
    found = group_sums(
        list(range(least, least + n)), risks, np.array(counts, float), np.array(counts), min_cell
    )
    assert found[0].low == least
    assert found[-1].high == least + n - 1
    assert all(a.high + 1 == b.low for a, b in itertools.pairwise(found))
    assert all(a.risk <= b.risk for a, b in itertools.pairwise(found))
    if sum(counts) >= min_cell:
        for one in found:
            assert sum(counts[one.low - least : one.high - least + 1]) >= min_cell


@given(
    means=st.lists(st.floats(-2, 2), min_size=2, max_size=8),
    most=st.integers(2, 4),
    data=st.data(),
)
def test_cuts_are_the_best_of_all_cuts(means, most, data):
    n = len(means)
    mass = np.array(data.draw(st.lists(st.floats(0.5, 5), min_size=n, max_size=n)))
    mean = np.array(means)

    def loss(edges: tuple[int, ...]) -> float:
        total = 0.0
        for low, high in itertools.pairwise(edges):
            middle = np.average(mean[low:high], weights=mass[low:high])
            total += float(np.sum(mass[low:high] * (mean[low:high] - middle) ** 2))
        return total

    found = _cut(mass, mean, most, 0.0)
    edges = (found[0][0], *(high for _, high in found))
    assert edges[0] == 0
    assert edges[-1] == n
    same_number = [(0, *inner, n) for inner in itertools.combinations(range(1, n), len(found) - 1)]
    assert loss(edges) <= min(map(loss, same_number)) + 1e-9


def test_figures_are_those_of_the_rows_read_off_the_form(form, model, new_cases):
    scored = score_cases(model, new_cases)
    risks = FormRisks(
        read_form(form, new_cases),
        np.where(scored.scored, scored.scores.risk, np.nan),
        np.full(len(new_cases), 0.3),
    )
    found = judge_points_form(new_cases, risks, design="new cases", n_draws=60)
    assert found is not None
    y = new_cases.outcomes.status_at(26).long_course
    kept = ~np.isnan(risks.form + risks.model) & ~np.isnan(y)
    assert found.n_rows == kept.sum()
    assert found.form["auc"].value == pytest.approx(auc(y[kept], risks.form[kept]))
    assert found.model["brier"].value == pytest.approx(((risks.model - y)[kept] ** 2).mean())
    assert found.share_brier == pytest.approx(((0.3 - y[kept]) ** 2).mean())
    gap = found.form["brier"].value - found.model["brier"].value
    assert found.lost["brier"].value == pytest.approx(gap)
    assert found.lost["brier"].low <= gap <= found.lost["brier"].high
    # The same rows are drawn for both, so the difference is known better than either.
    wide = found.form["auc"].high - found.form["auc"].low
    assert found.lost["auc"].high - found.lost["auc"].low < wide
    asked = new_cases.assessed_week < 26
    assert found.n_unusable == (asked & np.isnan(risks.form)).sum()


def test_few_outcomes_give_no_figures(form, new_cases):
    few = new_cases.take(np.arange(12))
    risks = FormRisks(read_form(form, few), np.full(12, np.nan), np.full(12, np.nan))
    assert judge_points_form(few, risks, design="new cases", n_draws=60) is None


def fixed_form(codebook: Codebook) -> PointsForm:
    weeks = codebook.find_field("expected_duration_citizen_weeks")
    work = codebook.find_field("function_work")
    return PointsForm(
        (
            PointItem(weeks, (PointBand(1, 13, 26), PointBand(3, 26))),
            PointItem(work, (PointBand(1, levels=("2",)), PointBand(2, levels=("3",)))),
        )
    )


def test_given_points_get_their_risks_from_outcomes(review_codebook, new_cases):
    made = fit_fixed_form(fixed_form(review_codebook), new_cases, FormSettings())
    read = read_form(made, new_cases)
    y = new_cases.outcomes.status_at(26).long_course
    kept = ~np.isnan(read) & ~np.isnan(y)
    # No course is open here, so the mean risk is the share of long courses.
    assert new_cases.outcomes.ended.all()
    assert read[kept].mean() == pytest.approx(y[kept].mean(), abs=1e-6)
    assert made.per_point > 0


def test_given_points_are_judged_on_folds_that_their_risks_did_not_see(review_codebook, new_cases):
    risks = hold_out_folds(new_cases, FormSettings(), fixed=fixed_form(review_codebook))
    whole = read_form(fit_fixed_form(fixed_form(review_codebook), new_cases, FormSettings()),
                      new_cases)  # fmt: skip
    kept = ~np.isnan(whole)
    assert np.isnan(risks.model).all()
    assert np.array_equal(np.isnan(risks.form), ~kept)
    assert 0 < np.abs(risks.form[kept] - whole[kept]).max() < 0.15
    assert len(np.unique(risks.share)) > 1


@pytest.mark.slow
def test_on_its_training_table_model_and_form_are_both_made_anew(history):
    settings = TrainingSettings(n_refits=2, n_folds=2)
    risks = hold_out_folds(history, FormSettings(), training=settings)
    found = judge_points_form(history, risks, design="cross-validated", n_draws=60)
    assert found is not None
    assert found.model
    assert 0.5 < found.form["auc"].value < 0.95
    # Held out, the form is no better than a form that saw its own cases, beyond noise.
    assert found.form["brier"].value > 0.1


def test_settings_are_checked_and_all_faults_told(review_codebook):
    given = {"most_points": 2, "leave_out": ["no_such"], "smallest_gains": 0.1}
    with pytest.raises(CodebookError) as told:
        parse_form_settings(given, review_codebook, "scorecard.yaml")
    text = str(told.value)
    for words in ("most_points must lie from 3 to 30", "no_such is no indicator", "smallest_gain"):
        assert words in text
    with pytest.raises(CodebookError, match="whole number"):
        parse_form_settings({"most_points": 10.5}, review_codebook, "scorecard.yaml")


def test_settings_left_out_keep_their_defaults(review_codebook):
    found = parse_form_settings({"most_points": 12}, review_codebook, "scorecard.yaml")
    assert found == FormSettings(most_points=12)
    assert not math.isnan(found.smallest_gain)
