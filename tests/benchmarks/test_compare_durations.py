"""The benchmark of durations: persons never split, gains counted the right way round."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.synthetic import make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.io.config import read_codebook
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "compare_durations.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_durations", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["compare_durations"] = module
    spec.loader.exec_module(module)
    return module


def test_gains_are_the_plain_error_less_ours(script: ModuleType) -> None:
    names = ("coverage", "coverage_all", "before", "beyond", "width", "mean_ours", "concordance")
    table = pd.DataFrame(
        {
            "size": [60, 60],
            "ours": [5.0, 7.0],
            "one": [6.0, 6.0],
            "still": [8.0, 8.0],
            "mean_still": [1.0, 1.0],
            **{name: [0.5, 0.7] for name in names},
        }
    )
    (row,) = script.summarise(table).to_dict("records")
    assert row["gain_one"] == pytest.approx(0.0)
    assert row["gain_one_se"] == pytest.approx(1.0)
    assert row["worse_one"] == 1
    assert row["gain_still"] == pytest.approx(2.0)
    assert row["worse_still"] == 0
    assert row["coverage_range"] == "0.50-0.70"


@pytest.mark.slow
def test_a_draw_is_judged_on_other_persons(script: ModuleType) -> None:
    codebook = read_codebook(ROOT / "configs" / "codebook.yaml")
    given = read_yaml(ROOT / "configs" / "synthetic.yaml")
    parameters = parse_synthetic_parameters(given, "history")
    made = make_cases(parameters, codebook, n_cases=150, random_state=0)
    table = read_frame(made.frame, codebook, require_outcomes=True)
    split = script.draw_cases(table, 120, 3)
    assert split is not None
    fitted, judged = split
    assert not set(fitted.group) & set(judged.group)
    assert len(fitted) + len(judged) == len(table)
    assert script.draw_cases(table, len(table), 3) is None
    found = script.judge_draw(table, 120, 3)
    assert found is not None
    assert found["coverage"] == pytest.approx(1 - found["before"] - found["beyond"])
    assert found["coverage"] == pytest.approx(found["coverage_all"])  # nobody is open here
    first = np.unique(fitted.case_id, return_index=True)[1]
    assert fitted.outcomes is not None
    durations = np.sort(fitted.outcomes.duration_weeks[first])
    assert script.find_one_median(fitted) == pytest.approx(durations[(len(first) - 1) // 2])
