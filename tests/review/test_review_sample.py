"""Cases are drawn by lot within strata, blind, and with their chances on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.review_sampling import correct_intercept, draw_sample
from riskmodel.errors import InputError
from riskmodel.io.tables import write_table
from riskmodel.pipelines.review_form import make_review_forms
from riskmodel.pipelines.review_sample import sample_cases
from riskmodel.stats.logistic import fit_logistic

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def frame(draw_cases: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return draw_cases("history", 400, 2).drop_duplicates("case_id")


@pytest.fixture
def frame_file(tmp_path: Path, frame: pd.DataFrame) -> Path:
    path = tmp_path / "closed.csv"
    write_table(frame, path)
    return path


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=60),
    st.integers(1, 60),
    st.integers(0, 5),
)
def test_a_draw_is_whole_and_even(names: list[str], wanted: int, seed: int) -> None:
    wanted = min(wanted, len(names))
    drawn = draw_sample(pd.Series(names), wanted, seed=seed)
    assert len(set(drawn.rows)) == len(drawn.rows) == wanted
    assert ((drawn.fraction > 0) & (drawn.fraction <= 1)).all() if wanted >= 3 else True
    given_most = max(one.n_drawn for one in drawn.strata)
    for one in drawn.strata:
        assert one.n_drawn >= min(one.n_frame, given_most - 1)
    # Weighted by one over its fraction, the sample counts the frame of every stratum drawn from.
    total = sum(one.n_frame for one in drawn.strata if one.n_drawn)
    assert (1 / drawn.fraction).sum() == pytest.approx(total)


def test_every_case_of_a_stratum_has_the_same_chance() -> None:
    names = pd.Series(["long"] * 8 + ["short"] * 12)
    hits = np.zeros(20)
    for seed in range(1500):
        hits[draw_sample(names, 8, seed=seed).rows] += 1
    assert hits[:8] / 1500 == pytest.approx(4 / 8, abs=0.06)
    assert hits[8:] / 1500 == pytest.approx(4 / 12, abs=0.06)


def test_shares_may_be_chosen() -> None:
    names = pd.Series(["long"] * 50 + ["short"] * 50)
    drawn = draw_sample(names, 30, share={"long": 2, "short": 1})
    assert {one.name: one.n_drawn for one in drawn.strata} == {"long": 20, "short": 10}
    with pytest.raises(InputError, match="each stratum"):
        draw_sample(names, 30, share={"long": 2})


def test_the_list_for_the_forms_is_blind(tmp_path: Path, frame_file: Path, frame) -> None:
    summary = sample_cases(
        frame_file, codebook_path=CONFIGS / "codebook.yaml", out=tmp_path / "drawn", n_cases=40
    )
    assert summary.n_frame + summary.n_too_short == len(frame)
    listed = pd.read_csv(tmp_path / "drawn" / "cases.csv")
    assert list(listed) == ["case_id", "person_id", "municipality"]
    assert len(listed) == 40
    assert listed["case_id"].is_monotonic_increasing
    fractions = pd.read_csv(tmp_path / "drawn" / "sampling.csv").set_index("case_id")
    long_course = frame.set_index("case_id")["duration_weeks"] > 26
    named = fractions["stratum"].str.startswith("long")
    assert (named == long_course.loc[fractions.index]).all()
    log = json.loads((tmp_path / "drawn" / "sampling.json").read_text())
    assert log["n_drawn"] == 40
    assert sum(of for of, _ in log["strata"].values()) == summary.n_frame
    forms = make_review_forms(
        tmp_path / "drawn" / "cases.csv",
        codebook_path=CONFIGS / "codebook.yaml",
        out=tmp_path / "forms",
        reviewers=("L1",),
    )
    assert forms.n_cases == 40
    with pytest.raises(InputError, match="may hold answers"):
        make_review_forms(
            tmp_path / "drawn" / "cases.csv",
            codebook_path=CONFIGS / "codebook.yaml",
            out=tmp_path / "forms",
            reviewers=("L1",),
        )


def test_a_missing_duration_is_named(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "closed.csv"
    some = frame.head(20).copy()
    some.loc[some.index[3], "duration_weeks"] = np.nan
    write_table(some, path)
    with pytest.raises(InputError, match=r"closed\.csv, row 5, column duration_weeks"):
        sample_cases(
            path, codebook_path=CONFIGS / "codebook.yaml", out=tmp_path / "drawn", n_cases=5
        )


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(InputError, match="60 cases are to be drawn from a frame of 3"):
        draw_sample(pd.Series(["a", "a", "b"]), 60)


def test_corrected_intercepts_and_weights_give_the_frame_back() -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal(60_000)
    y = (rng.random(60_000) < 1 / (1 + np.exp(1.5 - 0.8 * x))).astype(float)
    drawn = draw_sample(pd.Series(np.where(y == 1, "long", "short")), 12_000, seed=1)
    design = np.column_stack([np.ones(len(drawn.rows)), x[drawn.rows]])
    plain = fit_logistic(design, y[drawn.rows]).coefficients
    weighted = fit_logistic(design, y[drawn.rows], weights=1 / drawn.fraction).coefficients
    chance = {one.name: one.fraction for one in drawn.strata}
    corrected = correct_intercept(plain[0], chance["long"], chance["short"])
    assert plain[0] > -0.6
    assert corrected == pytest.approx(-1.5, abs=0.07)
    assert weighted[0] == pytest.approx(-1.5, abs=0.07)
    assert plain[1] == pytest.approx(0.8, abs=0.07)


def list_courses(durations: dict[str, list[float]]) -> pd.DataFrame:
    rows = [(place, weeks) for place, listed in durations.items() for weeks in listed]
    frame = pd.DataFrame(rows, columns=["municipality", "duration_weeks"])
    frame.insert(0, "case_id", [f"SYN-{number:04d}" for number in range(len(frame))])
    return frame


def test_cases_that_ended_before_packet_1_are_counted_and_not_drawn(tmp_path: Path) -> None:
    courses = [4.0, 4.86, 5.0, *range(6, 20), *range(30, 50)]
    frame = list_courses({"greve": courses, "lejre": courses})
    write_table(frame, tmp_path / "closed.csv")
    summary = sample_cases(
        tmp_path / "closed.csv",
        codebook_path=CONFIGS / "codebook.yaml",
        settings_path=CONFIGS / "review.yaml",
        out=tmp_path / "drawn",
        n_cases=60,
    )
    assert (summary.n_too_short, summary.n_frame) == (4, len(frame) - 4)
    assert "4 cases ended before week 5" in summary.to_text()
    drawn = pd.read_csv(tmp_path / "drawn" / "cases.csv")["case_id"]
    assert frame.set_index("case_id").loc[drawn, "duration_weeks"].min() >= 5
    log = json.loads((tmp_path / "drawn" / "sampling.json").read_text())
    assert log["n_too_short"] == 4
    with pytest.raises(InputError, match=r"4 cases ended before week 5.*70 are left"):
        sample_cases(
            tmp_path / "closed.csv",
            codebook_path=CONFIGS / "codebook.yaml",
            out=tmp_path / "drawn",
            n_cases=72,
        )


def test_many_municipalities_still_give_as_many_long_as_short(tmp_path: Path) -> None:
    courses = [*range(10, 20), *range(30, 40)]
    frame = list_courses({f"place{number:02d}": courses for number in range(12)})
    write_table(frame, tmp_path / "closed.csv")
    draw = {"codebook_path": CONFIGS / "codebook.yaml", "n_cases": 60}
    summary = sample_cases(tmp_path / "closed.csv", out=tmp_path / "drawn", **draw)
    assert (summary.n_long, summary.n_short) == (30, 30)
    assert "not even" not in summary.to_text()
    few = list_courses({"greve": [*range(30, 40), *range(8, 26)] * 3, "lejre": [9.0] * 20})
    write_table(few, tmp_path / "few.csv")
    summary = sample_cases(tmp_path / "few.csv", out=tmp_path / "other", **{**draw, "n_cases": 80})
    assert (summary.n_long, summary.n_short) == (30, 50)
    assert "not even: 30 long and 50 short" in summary.to_text()


def test_a_list_of_assessments_is_told_in_one_message(tmp_path: Path) -> None:
    frame = list_courses({"lejre": [float(weeks) for weeks in range(6, 56)]})
    write_table(pd.concat([frame] * 3), tmp_path / "closed.csv")
    draw = {"codebook_path": CONFIGS / "codebook.yaml", "out": tmp_path / "drawn"}
    with pytest.raises(InputError, match="100 rows repeat a case") as raised:
        sample_cases(tmp_path / "closed.csv", **draw)
    assert len(raised.value.faults) == 1
    assert "not one per assessment" in str(raised.value)
    write_table(frame, tmp_path / "one.csv")
    with pytest.raises(InputError, match=r"no column diagnose.* Correct the name"):
        sample_cases(tmp_path / "one.csv", strata=["diagnose"], n_cases=5, **draw)
