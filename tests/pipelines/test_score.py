"""Scoring files: the agreed columns, input order, the same bytes, and gates that hold."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import CodebookError, GateError, InputError, ModelError
from riskmodel.io.bundle import load_bundle, save_bundle
from riskmodel.io.policy_files import read_policy
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.score import FITNESS, score, score_frame

POLICY = Path(__file__).parents[2] / "configs" / "visitation" / "lejre-greve.yaml"
COLUMNS = [
    "case_id", "assessed_week", "risk", "risk_low", "risk_high", "expected_weeks",
    "expected_weeks_low", "expected_weeks_high", "tier", "reasons", "scored",
    "not_scored_reason", "model_version", "policy_version",
]  # fmt: skip
TEXT = [
    "tier", "reasons", "not_scored_reason", "policy_version", "model_version", "audit_arm",
    "next_assessment_on",
]  # fmt: skip
BASIS = """scoring:
  basis: a made-up act, section 1
  recorded_by_role: data protection officer
  recorded_on: 2026-12-01
"""


def read_scores(path: Path) -> pd.DataFrame:
    """Return a written table; blank cells of text columns as empty text."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    types = dict.fromkeys(TEXT, "str")
    reader = pd.read_csv if path.suffix == ".csv" else pd.read_excel
    return reader(path, dtype=types).fillna(dict.fromkeys(TEXT, ""))


@pytest.fixture(scope="module")
def case_records(bundle, tmp_path_factory) -> Path:
    """The model, as if it had been trained on case records."""
    model = load_bundle(bundle)
    path = tmp_path_factory.mktemp("records") / "model"
    save_bundle(replace(model, codebook=replace(model.codebook, data_kind="case_records")), path)
    return path


def test_columns_and_order_without_a_policy(bundle, open_file, tmp_path):
    out = tmp_path / "scores.csv"
    summary = score([open_file], model_path=bundle, out=out)
    frame = read_scores(out)
    assert list(frame.columns) == COLUMNS
    assert list(frame["case_id"]) == list(pd.read_csv(open_file)["case_id"])
    assert (frame[["tier", "reasons", "policy_version", "not_scored_reason"]] == "").all(axis=None)
    assert set(frame["model_version"]) == {summary.model_version} == {load_bundle(bundle).version}
    assert (summary.rows, summary.scored, summary.not_scored) == (30, 30, 0)
    assert (summary.tiers, summary.policy_version, summary.out) == ({}, "", "scores.csv")


def test_a_folder_without_a_model_is_called_so(open_file, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("x")
    with pytest.raises(ModelError, match="the folder holds no saved model"):
        score([open_file], model_path=tmp_path / "other", out=tmp_path / "scores.csv")


def test_assessments_outside_the_policys_dates_are_noted(bundle, open_file, tmp_path):
    out = tmp_path / "scores.csv"
    held = score([open_file], model_path=bundle, out=out, policy_path=POLICY)
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "regimes.yaml").write_bytes((POLICY.parent / "regimes.yaml").read_bytes())
    text = POLICY.read_text(encoding="utf-8")
    short = re.sub(r"(?m)^valid_to: [^#\n]*", "valid_to: 2026-07-02 ", text)
    assert short != text
    (folder / POLICY.name).write_text(short, encoding="utf-8")
    ended = score(
        [open_file], model_path=bundle, out=out, policy_path=folder / POLICY.name, overwrite=True
    )
    cases = pd.read_csv(open_file)
    day = pd.to_datetime(cases["first_absence_date"])
    day += pd.to_timedelta(np.floor(7 * cases["assessed_week"]), "D")
    outside = int((~day.between("2026-07-01", "2026-07-02")).sum())
    assert outside > 0
    note = f"assessments outside the policy's dates (2026-07-01 - 2026-07-02): {outside}."
    assert note in ended.notes
    within = (~day.between("2026-07-01", "2027-05-31")).sum() == 0
    assert within == (not any("outside the policy's dates" in one for one in held.notes))


def test_a_policy_fills_tier_and_reasons(bundle, open_file, tmp_path, codebook):
    out = tmp_path / "scores.csv"
    summary = score([open_file], model_path=bundle, out=out, policy_path=POLICY)
    frame = read_scores(out)
    policy = read_policy(POLICY, codebook)
    assert set(frame["tier"]) <= set(policy.tier_ids)
    assert (frame["reasons"] != "").all()
    assert set(frame["policy_version"].astype(str)) == {policy.policy_version}
    assert sum(summary.tiers.values()) == 30
    assert summary.tiers == frame["tier"].value_counts().sort_index().to_dict()


def test_contributions_add_up_in_the_file(bundle, open_file, tmp_path):
    out = tmp_path / "scores.parquet"
    score([open_file], model_path=bundle, out=out, contributions=True)
    frame, model = read_scores(out), load_bundle(bundle)
    added = [f"contribution.{one.name}" for one in model.codebook.indicators]
    assert list(frame.columns) == COLUMNS + added
    difference = 100 * (frame["risk"] - model.reference_risk)
    np.testing.assert_allclose(frame[added].sum(axis=1), difference, atol=1e-7)


def test_every_format_says_the_same(bundle, open_file, tmp_path):
    frames = {}
    for ending in ("csv", "xlsx", "parquet"):
        out = tmp_path / f"scores.{ending}"
        score([open_file], model_path=bundle, out=out, policy_path=POLICY, contributions=True)
        frames[ending] = read_scores(out)
    for ending in ("csv", "xlsx"):
        pd.testing.assert_frame_equal(
            frames[ending].astype(frames["parquet"].dtypes.to_dict()), frames["parquet"]
        )


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_the_same_run_gives_the_same_bytes(bundle, open_file, tmp_path, ending):
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    for out in (first, second):
        score([open_file], model_path=bundle, out=out, policy_path=POLICY, contributions=True)
    assert first.read_bytes() == second.read_bytes()


def test_a_case_scores_the_same_alone_and_in_any_company(bundle, open_file, tmp_path):
    rows = pd.read_csv(open_file, dtype=str)
    turned = tmp_path / "turned.csv"
    order = np.random.default_rng(3).permutation(len(rows))
    rows.iloc[order, ::-1].to_csv(turned, index=False)
    alone = tmp_path / "alone.csv"
    rows.iloc[[4]].to_csv(alone, index=False)
    outs = []
    for path in (open_file, turned, alone):
        out = tmp_path / f"scores_{path.stem}.csv"
        score([path], model_path=bundle, out=out, policy_path=POLICY, contributions=True)
        outs.append(out.read_text().splitlines())
    assert outs[1][0] == outs[0][0]
    assert [outs[0][1 + row] for row in order] == outs[1][1:]
    assert outs[2] == [outs[0][0], outs[0][5]]


def test_late_assessments_are_listed_and_go_to_an_adviser(bundle, open_file, tmp_path, codebook):
    rows = pd.read_csv(open_file, dtype=str)
    rows.loc[[2, 5], "assessed_week"] = ["26", "40"]
    rows.loc[[2, 5], "duration_weeks"] = "50"
    late, out = tmp_path / "late.csv", tmp_path / "scores.csv"
    rows.to_csv(late, index=False)
    summary = score([late], model_path=bundle, out=out, policy_path=POLICY)
    frame = read_scores(out)
    assert (summary.rows, summary.scored, summary.not_scored) == (30, 28, 2)
    assert list(frame.index[~frame["scored"]]) == [2, 5]
    told = frame.loc[[2, 5]]
    assert set(told["not_scored_reason"]) == {"assessed at or after the horizon"}
    assert told[COLUMNS[2:8]].isna().all(axis=None)
    policy = read_policy(POLICY, codebook)
    assert not set(told["tier"]) & {policy.ladder.below_lower, policy.ladder.from_upper, ""}


def test_a_frame_in_memory_scores_as_the_file_does(bundle, open_file, tmp_path, codebook):
    out = tmp_path / "scores.parquet"
    score([open_file], model_path=bundle, out=out, policy_path=POLICY)
    found = score_frame(
        load_bundle(bundle), read_cases(open_file, codebook), read_policy(POLICY, codebook)
    )
    written = pd.read_parquet(out)
    pd.testing.assert_frame_equal(found.astype(written.dtypes.to_dict()), written)


def test_several_files_follow_each_other(bundle, open_file, tmp_path):
    rows = pd.read_csv(open_file, dtype=str)
    parts = [tmp_path / "a.csv", tmp_path / "b.csv"]
    rows.iloc[:10].to_csv(parts[0], index=False)
    rows.iloc[10:].to_csv(parts[1], index=False)
    whole, joined = tmp_path / "whole.csv", tmp_path / "joined.csv"
    score([open_file], model_path=bundle, out=whole)
    score(parts, model_path=bundle, out=joined)
    assert whole.read_bytes() == joined.read_bytes()


def test_case_records_are_scored_only_with_a_basis(case_records, open_file, tmp_path):
    rows = pd.read_csv(open_file, dtype=str)
    real = tmp_path / "cases.csv"
    rows.assign(first_absence_date="").to_csv(real, index=False)  # synthetic dates lie ahead
    out, basis = tmp_path / "scores.csv", tmp_path / "legal_basis.yaml"
    with pytest.raises(GateError, match="scoring"):
        score([real], model_path=case_records, out=out, legal_basis=basis)
    basis.write_text(BASIS.replace("scoring", "training"))
    with pytest.raises(GateError, match="scoring"):
        score([real], model_path=case_records, out=out, legal_basis=basis)
    basis.write_text(BASIS.replace("2026-12-01", "12/1"))
    with pytest.raises(CodebookError, match=r"key scoring\.recorded_on"):
        score([real], model_path=case_records, out=out, legal_basis=basis)
    assert not out.exists()
    basis.write_text(BASIS)
    assert score([real], model_path=case_records, out=out, legal_basis=basis).scored == 30


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("expected_duration_citizen_weeks", "105"),
        ("expected_duration_citizen_weeks", "1e300"),
        ("expected_duration_citizen_weeks", "inf"),
        ("rtw_expectation", "perhaps"),
        ("assessed_week", ""),
    ],
)
def test_a_value_beyond_the_codebook_is_never_scored(bundle, open_file, tmp_path, column, value):
    rows = pd.read_csv(open_file, dtype=str)
    rows.loc[3, column] = value
    bad, out = tmp_path / "bad.csv", tmp_path / "scores.csv"
    rows.to_csv(bad, index=False)
    with pytest.raises(InputError, match=rf"bad\.csv, row 5, column {column}"):
        score([bad], model_path=bundle, out=out)
    assert not out.exists()


@pytest.mark.parametrize("change", ["rename", "extra", "missing"])
def test_other_columns_than_the_codebooks_are_refused(bundle, open_file, tmp_path, change):
    rows = pd.read_csv(open_file, dtype=str)
    name = "rtw_expectation"
    changed = {
        "rename": rows.rename(columns={name: "rtw_expectations"}),
        "extra": rows.assign(note="text"),
        "missing": rows.drop(columns=name),
    }[change]
    bad, out = tmp_path / "bad.csv", tmp_path / "scores.csv"
    changed.to_csv(bad, index=False)
    with pytest.raises(InputError, match=r"bad\.csv"):
        score([bad], model_path=bundle, out=out)
    assert not out.exists()


def test_a_missing_model_is_told_before_cases_are_read(open_file, tmp_path):
    with pytest.raises(ModelError, match="no_model"):
        score([tmp_path / "none.csv"], model_path=tmp_path / "no_model", out=tmp_path / "s.csv")


def test_an_old_result_stays_where_a_run_fails(bundle, open_file, tmp_path):
    out = tmp_path / "scores.csv"
    score([open_file], model_path=bundle, out=out)
    before = out.read_bytes()
    with pytest.raises(InputError):
        score([tmp_path / "none.csv"], model_path=bundle, out=out)
    assert out.read_bytes() == before


def test_progress_is_told(bundle, open_file, tmp_path):
    told: list[str] = []
    score([open_file], model_path=bundle, out=tmp_path / "s.csv", progress=told.append)
    assert told == ["reading cases", "scoring 30 assessments"]


def test_scores_never_replace_the_cases_they_are_made_from(
    bundle: Path, open_file: Path, tmp_path: Path
) -> None:
    before = open_file.read_bytes()
    with pytest.raises(InputError, match="would replace the cases"):
        score([open_file], model_path=bundle, out=open_file)
    assert open_file.read_bytes() == before


@pytest.mark.parametrize(
    ("grades", "told"),
    [
        ({"sample_size": "poor", "auc": "good"}, ["few_cases"]),
        ({"sample_size": "poor", "calibration_slope": "doubtful"}, ["few_cases", "held_out"]),
        ({"sample_size": "good", "auc": "good"}, []),
    ],
)
def test_what_the_model_is_fit_for_is_told(bundle, open_file, tmp_path, monkeypatch, grades, told):
    monkeypatch.setattr("riskmodel.pipelines.score.load_grades", lambda _: grades)
    summary = score([open_file], model_path=bundle, out=tmp_path / "scores.csv")
    assert [one for one in summary.notes if one in FITNESS.values()] == [
        FITNESS[one] for one in told
    ]
