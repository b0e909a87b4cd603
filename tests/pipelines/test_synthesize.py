"""Synthetic cases reach a file, and come back through the ordinary reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from riskmodel.domain.codebook import Level
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError, InputError
from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.synthesize import synthesize

CONFIGS = Path(__file__).parents[2] / "configs"


def run(out: Path, **changes):
    settings = {
        "preset": "history",
        "codebook_path": CONFIGS / "codebook.yaml",
        "config_path": CONFIGS / "synthetic.yaml",
        "out": out,
        "n_cases": 40,
        "seed": 3,
    }
    return synthesize(**{**settings, **changes})


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_the_summary_tells_what_the_files_hold(tmp_path, ending):
    out, truth = tmp_path / f"cases.{ending}", tmp_path / "truth.csv"
    summary = run(out, with_truth=truth)
    assert summary.n_cases == 40
    assert summary.n_persons <= 40 <= summary.n_assessments
    assert set(summary.mean_true_risk) <= {3.0, 5.0, 8.0, 12.0}
    assert out.exists()
    assert summary.truth_out == truth
    assert truth.exists()


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    first, second, other = (tmp_path / f"{name}.csv" for name in "abc")
    run(first)
    run(second)
    run(other, seed=4)
    assert first.read_bytes() == second.read_bytes() != other.read_bytes()


@pytest.fixture
def codebook():
    """The codebook of the review, with the made-up municipalities among its levels."""
    plain = read_codebook(CONFIGS / "codebook.yaml")
    made_up = [f"kommune_{number:02d}" for number in range(1, 13)]
    fields = []
    for field in plain.fields:
        extra = [name for name in made_up if name not in field.level_values]
        levels = (*field.levels, *(Level(name, Label(name, name)) for name in extra))
        fields.append(replace(field, levels=levels) if field.name == plain.site else field)
    return replace(plain, fields=tuple(fields))


def test_the_ordinary_reader_accepts_the_review(tmp_path):
    out = tmp_path / "cases.csv"
    run(out, preset="review60", n_cases=60)
    table = read_cases([out], read_codebook(CONFIGS / "codebook.yaml"))
    assert len(table) == 60
    assert table.outcomes is not None
    assert table.outcomes.status_at(26).long_course.mean() == 0.5


@pytest.mark.parametrize(("preset", "ended"), [("history", True), ("open_cases", False)])
@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_the_ordinary_reader_accepts_every_format(tmp_path, codebook, preset, ended, ending):
    out = tmp_path / f"cases.{ending}"
    summary = run(out, preset=preset)
    table = read_cases([out], codebook)
    assert len(table) == summary.n_assessments
    assert (table.outcomes.ended == ended).all()
    assert set(table.fields.columns) == {field.name for field in codebook.fields}


def test_wrong_requests_are_refused_and_nothing_is_written(tmp_path):
    out = tmp_path / "cases.csv"
    with pytest.raises(CodebookError, match="no usable preset 'none'"):
        run(out, preset="none")
    with pytest.raises(InputError, match="need two files"):
        run(out, with_truth=out)
    with pytest.raises(InputError, match="n_cases must be at least 1"):
        run(out, n_cases=0)
    assert list(tmp_path.iterdir()) == []


def test_where_one_of_two_files_is_refused_neither_is_written(tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("an older one")
    with pytest.raises(InputError, match=r"truth\.csv.*another content"):
        run(tmp_path / "cases.csv", with_truth=truth)
    assert list(tmp_path.glob("[!.]*")) == [truth]
    assert truth.read_text() == "an older one"


def test_truth_rows_match_the_cases(tmp_path):
    out, truth = tmp_path / "cases.parquet", tmp_path / "truth.parquet"
    run(out, with_truth=truth)
    cases, known = pd.read_parquet(out), pd.read_parquet(truth)
    assert cases["case_id"].astype(str).tolist() == known["case_id"].astype(str).tolist()
    assert known["true_risk_26w"].between(0, 1).all()
