"""The report finds the agreement that was put in, hides small cells and selects nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riskmodel.domain.review import ReviewerAnswers, ReviewPlan
from riskmodel.domain.review_merge import MergedReview, merge_answers
from riskmodel.domain.review_raters import ReviewerHabits
from riskmodel.domain.scorecard import sum_points
from riskmodel.domain.synthetic import SyntheticCases
from riskmodel.evaluation.review_agreement import (
    Estimate,
    compute_agreement,
    judge_agreement,
)
from riskmodel.evaluation.review_fields import compute_field_use
from riskmodel.evaluation.review_record import ReviewRecord, compute_review
from riskmodel.io.output_targets import MANIFEST
from riskmodel.io.review_workbook import write_review_workbook
from riskmodel.pipelines.review_merge import check_merged
from riskmodel.pipelines.review_report import report_review
from riskmodel.report.review_page import render_review
from riskmodel.stats.discrimination import auc

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[2] / "configs"
KAPPA, WEAK = 0.7, {"employer_contact_quality": 0.2}


@pytest.fixture(scope="module")
def merged(plan: ReviewPlan, two_reviewers: tuple[ReviewerAnswers, ...]) -> MergedReview:
    return merge_answers(plan, two_reviewers)


@pytest.fixture(scope="module")
def record(merged: MergedReview) -> ReviewRecord:
    return compute_review(merged, check_merged(merged))


@pytest.fixture(scope="module")
def large(
    plan: ReviewPlan,
    draw_review: Callable[..., SyntheticCases],
    simulate: Callable[..., ReviewerAnswers],
) -> MergedReview:
    """A review of 1,500 cases, in which chance hardly counts."""
    cases = draw_review(1500, 4)
    pair = [simulate(cases, "L1", 1), simulate(cases, "G1", 2)]
    quick = replace(plan, settings=replace(plan.settings, bootstrap_draws=50))
    return merge_answers(quick, pair)


def test_the_agreement_put_in_is_found(large: MergedReview) -> None:
    found = {
        one.field: one
        for one in compute_agreement(large)
        if one.packet == "intake" and not one.site and one.n >= 900 and one.figure.known
    }
    assert {one.measure for one in found.values()} == {"kappa", "weighted_kappa", "icc"}
    weak = found.pop("employer_contact_quality")
    assert weak.figure.value == pytest.approx(0.2, abs=0.07)
    assert weak.verdict == "drop"
    for one in found.values():
        assert one.figure.value == pytest.approx(KAPPA, abs=0.12), one.field
    assert np.mean([one.figure.value for one in found.values()]) == pytest.approx(KAPPA, abs=0.02)
    alike = [one for one in compute_agreement(large) if one.field == "employment_status"]
    assert {one.verdict for one in alike} == {"one_value"}


def test_with_60_cases_the_intervals_hold_it(record: ReviewRecord) -> None:
    found = [
        one
        for one in record.agreement
        if not one.site
        and one.packet == "intake"
        and (one.n or one.n_at_least or 0) >= 50
        and one.field not in WEAK
        and one.figure.known
    ]
    held = [one.figure.low <= KAPPA <= one.figure.high for one in found]
    assert len(held) > 15
    assert np.mean(held) >= 0.8
    assert all(one.figure.low <= one.figure.value <= one.figure.high for one in found)


def test_agreement_is_given_by_site(merged: MergedReview) -> None:
    agreement = compute_agreement(merged)
    assert {one.site for one in agreement} == {"", "greve", "lejre"}
    whole = {(one.packet, one.field): one.n for one in agreement if not one.site}
    for key, n in whole.items():
        parts = [one.n for one in agreement if one.site and (one.packet, one.field) == key]
        assert sum(parts) == n


def test_people_and_rules_are_judged_on_the_same_cases(
    record: ReviewRecord, review_cases: SyntheticCases, two_reviewers
) -> None:
    judges = {(one.name, one.packet): one for one in record.judges}
    assert {name for name, packet in judges if packet == "intake"} == {
        "G1", "L1", "both", "citizen", "fixed_score", "share",
    }  # fmt: skip
    first = review_cases.frame.drop_duplicates("case_id").set_index("case_id")
    answers = two_reviewers[0].answers
    own = answers[(answers["packet"] == "intake") & (answers["field"] == "p_long_26w")]
    p = own.set_index("case_id")["value"].astype(float) / 100
    y = (first.loc[p.index, "duration_weeks"] > 26).astype(float)
    judge = judges["L1", "intake"]
    assert judge.auc.value == pytest.approx(auc(y, p))
    assert judge.brier.value == pytest.approx(((y - p) ** 2).mean())
    assert judge.too_high.value == pytest.approx(p.mean() - y.mean())
    assert judge.n_long == 30


def test_rules_that_know_nothing_do_not_beat_the_share(record: ReviewRecord) -> None:
    share = next(one for one in record.judges if one.name == "share")
    # Each case is judged by the share of the others, so an even split scores above a quarter.
    assert share.brier.value == pytest.approx((30 / 59) ** 2)
    assert math.isnan(share.auc.value)


def test_every_indicator_is_shown_in_codebook_order(record: ReviewRecord, plan: ReviewPlan) -> None:
    asked = [one.name for one in plan.codebook.indicators if one.name != "assessed_week"]
    assert [one.field for one in record.associations] == asked
    for one in record.associations:
        assert one.prior == plan.codebook.find_field(one.field).direction
        if one.superiority.known:
            inside = one.superiority.low <= 0.5 <= one.superiority.high
            assert (one.found == "none") == inside


def test_small_cells_are_hidden(record: ReviewRecord) -> None:
    for one in record.associations:
        for level in one.levels:
            if level.n is not None:
                assert level.n_long == 0 or level.n_long >= 5
                assert level.n == level.n_long or level.n - level.n_long >= 5
    for use in record.fields:
        counts = [use.n_value, use.n_not_stated, use.n_not_applicable, use.n_open]
        counts += list(use.levels.values())
        assert all(count is None or count == 0 or count >= 5 for count in counts)


def test_what_60_cases_cannot_show(record: ReviewRecord) -> None:
    limits = record.limits
    assert limits is not None
    assert limits.supported_parameters < 1.5
    assert limits.kappa_half_width == pytest.approx(0.2, abs=0.03)
    assert [need.n for need in limits.needs] == sorted(need.n for need in limits.needs)
    assert all(need.n > 60 for need in limits.needs)


def test_the_fixed_score_counts_as_written(plan: ReviewPlan, merged: MergedReview) -> None:
    table = check_merged(merged)
    total = sum_points(plan.settings.fixed_score, table.fields)
    weeks = table.fields["expected_duration_citizen_weeks"]
    assert total.min() >= 0
    assert (total[(weeks >= 26).to_numpy()] >= 3).all()


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_page_is_whole_and_says_what_it_is(
    record: ReviewRecord, plan: ReviewPlan, lang: str
) -> None:
    page = render_review(record, plan, lang)
    assert page.startswith("<!DOCTYPE html>")
    assert f'<html lang="{lang}">' in page
    assert ("Opdigtede sager" if lang == "da" else "Invented cases") in page
    words = re.sub(r"<[^>]+>", " ", page)
    assert "nan" not in words.split()
    assert lang == "en" or "None" not in words.split()
    assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    assert "SYN-" not in page


def test_the_page_escapes_what_a_codebook_says(record: ReviewRecord, plan: ReviewPlan) -> None:
    bad = replace(record, codebook="<script>alert(1)</script>")
    assert "<script>" not in render_review(bad, plan, "da")


def test_the_report_is_written_as_pages_and_json(
    tmp_path: Path, plan: ReviewPlan, two_reviewers: tuple[ReviewerAnswers, ...]
) -> None:
    paths = []
    for answers in two_reviewers:
        paths.append(tmp_path / f"{answers.reviewer}.xlsx")
        write_review_workbook(paths[-1], plan, answers.cases, answers.reviewer, answers=answers)
    out = tmp_path / "report"
    summary = report_review(
        paths,
        codebook_path=CONFIGS / "codebook.yaml",
        settings_path=CONFIGS / "review.yaml",
        out=out,
    )
    assert {path.name for path in out.iterdir()} == {*summary.files, MANIFEST}
    figures = json.loads((out / "review-report.json").read_text(encoding="utf-8"))
    assert figures["flow"]["listed"] == summary.n_cases == 60
    assert "employer_contact_quality" in summary.drop
    assert "60 cases, 30 long" in summary.to_text()


def test_one_reviewer_gives_no_agreement_but_a_report(
    plan: ReviewPlan, review_cases: SyntheticCases, simulate: Callable[..., ReviewerAnswers]
) -> None:
    merged = merge_answers(plan, [simulate(review_cases, "L1", 1, ReviewerHabits(kappa=1.0))])
    found = compute_review(merged, check_merged(merged))
    assert {one.verdict for one in found.agreement} == {"too_few"}
    assert found.flow.double == 0
    assert render_review(found, plan, "da")


def test_no_table_of_the_report_gives_a_hidden_count_away(
    record: ReviewRecord, merged: MergedReview
) -> None:
    """Each count that is shown is taken from each other one of the same question."""
    true = {(one.packet, one.field): one for one in compute_field_use(merged)}
    against = {one.field: one for one in record.associations}
    some_hidden = 0
    for use in record.fields:
        missing = (use.n_not_stated, use.n_not_applicable, use.n_unanswered, use.n_open)
        if use.n_value is not None:
            parts = {use.n - use.n_value, use.n_value}
        else:
            some_hidden += 1
            parts = {use.n - sum(n or 0 for n in (*missing, *use.levels.values()))}
        if use.levels and use.n_value is not None:
            parts.add(use.n_value - sum(n or 0 for n in use.levels.values()))
        if use.packet == "intake" and use.field in against:
            one = against[use.field]
            assert (one.n is None) == (use.n_value is None)
            groups = [level for level in one.levels if level.n is not None]
            parts.add(use.n - sum(level.n for level in groups))
            for level in groups:
                inside = [use.levels.get(value) for value in level.values]
                parts.add(level.n - sum(n or 0 for n in inside) if use.levels else 0)
        assert all(part == 0 or part >= 5 for part in parts), use
        known = true[use.packet, use.field]
        assert use.n_value in {None, known.n_value}
    assert some_hidden > 3
    for one in record.contrasts:
        assert one.n is None or one.n in {30, *range(5, 26)}
    for field in record.agreement:
        assert field.n in {None, 0, field.n_asked} or 5 <= field.n <= field.n_asked - 5


def test_a_field_that_may_be_chance_is_not_usable(merged: MergedReview) -> None:
    def judge(value: float, low: float) -> str:
        return judge_agreement(Estimate(value, low, 0.96), merged)

    assert judge(0.81, -0.08) == "uncertain"
    assert judge(0.81, 0.0) == "uncertain"
    assert judge(0.45, -0.2) == "uncertain"
    assert judge(0.81, 0.3) == "usable"
    assert judge(0.2, -0.2) == "drop"


def test_a_site_far_below_is_named_beside_usable(
    plan: ReviewPlan, review_cases: SyntheticCases, simulate: Callable[..., ReviewerAnswers]
) -> None:
    first = simulate(review_cases, "L1", 1, ReviewerHabits(kappa=1.0))
    second = simulate(review_cases, "G1", 2, ReviewerHabits(kappa=1.0))
    lejre = {case.case_id for case in first.cases if case.site == "lejre"}
    answers = second.answers.copy()
    field = plan.packet("intake").find("sector")
    rows = (answers["field"] == "sector") & answers["case_id"].isin(lejre)
    chosen = answers.index[rows & answers["value"].isin(field.level_values)]
    for row in chosen[:9]:
        values = [one for one in field.level_values if one != answers.loc[row, "value"]]
        answers.loc[row, "value"] = values[0]
    weak = merge_answers(plan, [first, replace(second, answers=answers)])
    found = compute_review(weak, check_merged(weak))
    sector = {one.site: one for one in found.agreement if one.field == "sector"}
    assert sector["lejre"].figure.value < 0.4
    assert sector[""].weak_sites == ("lejre",)
    assert sector[""].verdict == "usable"
    page = render_review(found, plan, "da")
    assert "Brugbart, men ikke i lejre" in page


def test_answers_about_the_outcome_are_shown_with_their_labels(
    record: ReviewRecord, plan: ReviewPlan
) -> None:
    words = re.sub(r"<[^>]+>", " ", render_review(record, plan, "da"))
    assert "full_rtw" not in words
    assert not re.search(r"\byes: ", words)
    assert re.search(r"\bja: \d+", words)


def test_one_group_with_everybody_is_no_finding(record: ReviewRecord) -> None:
    assert all(len(one.levels) != 1 for one in record.associations)
