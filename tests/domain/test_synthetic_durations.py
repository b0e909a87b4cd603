"""Synthetic durations lie near published ones, within the stated tolerance."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[1] / "data" / "published_durations.csv"
with TABLE.open(encoding="utf-8", newline="") as stream:
    PUBLISHED = list(csv.DictReader(stream, delimiter=";"))


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['population']}-{row['to_days']}")
def test_share_still_off_work_is_near_the_published_one(history, row):
    frame, truth = history.frame, history.truth
    rows = (frame["employment_status"] == "employed") & (frame["assessed_week"] == 5)
    if row["kind"] != "all":
        rows &= frame["age_band"] == row["kind"]
    days = 7 * truth.loc[rows, "true_duration_weeks"]
    passed, still = days > float(row["from_days"]), days > float(row["to_days"])
    assert passed.sum() > 3000
    share = still.sum() / passed.sum()
    assert share == pytest.approx(float(row["share_still_off"]), abs=float(row["tolerance"]))


def test_every_published_figure_has_a_source_and_a_reason():
    assert len(PUBLISHED) >= 10
    for row in PUBLISHED:
        assert row["source"]
        assert row["why_tolerance"]
