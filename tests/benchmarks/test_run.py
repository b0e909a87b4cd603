"""The timings are taken in pairs and in turns, and the rows measured are rows of their own."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "run.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["run"] = module
    spec.loader.exec_module(module)
    return module


def test_work_is_timed_in_turns(script: ModuleType) -> None:
    order: list[str] = []

    def slow() -> None:
        order.append("slow")
        time.sleep(0.02)

    found = script.compare("slow", slow, "fast", lambda: order.append("fast"), rounds=4)
    assert order == ["slow", "fast", "fast", "slow", "slow", "fast", "fast", "slow"]
    assert len(found.ours) == len(found.theirs) == 4
    assert all(one >= 0.02 for one in found.ours)
    assert all(one > 1 for one in found.ratios)
    assert "slow" in found.to_row()


def test_repeated_rows_are_cases_of_their_own(script: ModuleType) -> None:
    frame = pd.DataFrame({"case_id": ["a", "b"], "person_id": ["p", "p"], "age": [1, 2]})
    many = script.repeat_rows(frame, 5)
    assert len(many) == 5
    assert many["case_id"].is_unique
    assert many["person_id"].nunique() == 3
    assert many["age"].tolist() == [1, 2, 1, 2, 1]


@pytest.mark.slow
def test_scoring_is_measured(script: ModuleType, fitted, tmp_path: Path) -> None:
    found = script.measure_scoring(tmp_path, fitted.model, 300, 1)
    assert len(pd.read_parquet(tmp_path / "scores.parquet")) == 300
    assert found.ours[0] > 0


@pytest.mark.slow
def test_the_peak_is_that_of_the_scoring_process(
    script: ModuleType, fitted, tmp_path: Path
) -> None:
    script.save_bundle(fitted.model, tmp_path / "model")
    held = bytearray(600_000_000)
    peak = script.measure_memory(tmp_path, 300)
    assert len(held) == 600_000_000
    assert len(pd.read_parquet(tmp_path / "memory_scores.parquet")) == 300
    assert 20e6 < peak < 500e6
