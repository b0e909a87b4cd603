"""Scores that a lot hides, the days of coming assessments, and the table of changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.labels import Label
from riskmodel.errors import InputError
from riskmodel.io.bundle import load_bundle
from riskmodel.io.config import read_codebook
from riskmodel.io.policy_files import read_policy
from riskmodel.io.tables import read_cases
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.follow_up import HIDDEN_BY_LOT, build_change_frame, hide_drawn
from riskmodel.pipelines.score import build_score_frame, score
from riskmodel.visitation.audit import AuditLot, draw_audit_arm
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.schedule import list_days_off

CONFIGS = Path(__file__).parents[2] / "configs"
TEXT = Label(da="Trukket ud.", en="Drawn.")
POLICY = CONFIGS / "visitation" / "lejre-greve.yaml"


@pytest.fixture(scope="module")
def hiding() -> Policy:
    policy = read_policy(POLICY, read_codebook(CONFIGS / "codebook.yaml"))
    assert policy.audit is not None
    rules = replace(policy.audit, without_score=AuditLot(0.4, TEXT), contact=AuditLot(0.4, TEXT))
    return replace(policy, audit=rules)


@pytest.fixture(scope="module")
def scored(bundle, open_file):
    model = load_bundle(bundle)
    return score_cases(model, read_cases([open_file], model.codebook))


def test_hidden_scores_stand_nowhere_in_the_output(scored, hiding: Policy) -> None:
    frame = build_score_frame(scored, hiding, contributions=True)
    hidden = draw_audit_arm(scored.table.case_id, hiding).without_score
    assert 0 < hidden.sum() < len(frame)
    figures = [
        one for one in map(str, frame) if one.startswith(("risk", "expected", "contribution."))
    ]
    assert frame.loc[hidden, figures].isna().all(axis=None)
    assert set(frame.loc[hidden, "not_scored_reason"]) == {HIDDEN_BY_LOT}
    assert not frame.loc[hidden, "scored"].any()
    assert set(frame.loc[hidden, "audit_arm"]) == {"without_score"}
    open_again = build_score_frame(scored, None)
    kept = ~hidden & scored.scored
    pd.testing.assert_series_equal(frame.loc[kept, "risk"], open_again.loc[kept, "risk"])
    assert open_again.loc[scored.scored, "risk"].notna().all()


def test_a_policy_without_lots_hides_nothing(scored, hiding: Policy) -> None:
    assert hide_drawn(scored, replace(hiding, audit=None)) is scored
    assert hide_drawn(scored, None) is scored


def test_the_next_assessment_stands_beside_the_score(scored, hiding: Policy) -> None:
    frame = build_score_frame(scored, hiding)
    due = {4.0: 8.0, 5.0: 8.0, 8.0: 12.0, 12.0: 16.0}
    wanted = frame["assessed_week"].map(due)
    known = wanted.notna()
    assert known.any()
    assert (frame.loc[known, "next_assessment_week"] == wanted[known]).all()
    first = scored.table.fields["first_absence_date"]
    last = first + pd.to_timedelta(frame["next_assessment_week"] * 7 - 1, "D")
    due_on: pd.Series = pd.to_datetime(frame["next_assessment_on"])
    # The last day of the week, or the working day before it.
    off = [pd.Timestamp(day) for year in range(2015, 2035) for day in list_days_off(year)]
    works = (last.dt.day_of_week < 5) & ~last.isin(off)
    assert (due_on[known & works] == last[known & works]).all()
    moved = due_on[known & ~works]
    assert len(moved)
    assert ((moved.dt.day_of_week < 5) & ~moved.isin(off)).all()
    assert ((last[known & ~works] - moved).dt.days).between(1, 6).all()


@pytest.fixture(scope="module")
def twice(open_file, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the open cases with a second assessment each, four weeks later."""
    rows = pd.read_csv(open_file)
    later = rows.assign(assessed_week=rows["assessed_week"] + 4, psychosocial_strain=3)
    later["duration_weeks"] = rows["duration_weeks"] + 8
    path = tmp_path_factory.mktemp("twice") / "twice.csv"
    pd.concat([rows, later]).to_csv(path, index=False)
    return path


def test_the_table_of_changes_adds_up(bundle, twice: Path, tmp_path: Path) -> None:
    out, changes = tmp_path / "scores.csv", tmp_path / "changes.csv"
    score([twice], model_path=bundle, out=out, changes=changes)
    found, scores = pd.read_csv(changes), pd.read_csv(out)
    assert len(found) == scores["case_id"].nunique()
    parts = [one for one in map(str, found) if one.startswith("change.")]
    np.testing.assert_allclose(found[parts].sum(axis=1), found["change"], atol=1e-7)
    np.testing.assert_allclose(found["change"], 100 * (found["risk"] - found["earlier_risk"]))
    still = [one for one in parts if one not in {"change.time", "change.psychosocial_strain"}]
    pairs = {one for one in still if found[one].abs().max() > 1e-9}
    # Only a pair term with the fact that changed may move another one.
    assert len(pairs) <= 2


def test_changes_may_not_replace_the_cases_or_the_scores(bundle, twice, tmp_path) -> None:
    for target in (twice, tmp_path / "scores.csv"):
        with pytest.raises(InputError, match="--changes"):
            score([twice], model_path=bundle, out=tmp_path / "scores.csv", changes=target)


@pytest.mark.parametrize("name", ["changes.csv", "changes.txt"])
def test_where_the_changes_are_refused_no_score_is_written(bundle, twice, tmp_path, name) -> None:
    changes = tmp_path / name
    changes.write_text("an older one")
    with pytest.raises(InputError):
        score([twice], model_path=bundle, out=tmp_path / "scores.csv", changes=changes)
    assert not (tmp_path / "scores.csv").exists()
    assert changes.read_text() == "an older one"


def test_one_assessment_a_case_has_no_changes(scored) -> None:
    found = build_change_frame(scored)
    assert len(found) == 0
    assert "change.time" in found.columns
