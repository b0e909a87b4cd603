"""The comparison with peers: the same draws for all, persons never split."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from riskmodel.model.binning import InputSpec

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "compare_recipes.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_recipes", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["compare_recipes"] = module
    spec.loader.exec_module(module)
    return module


def make_rows(script: ModuleType, n: int = 300):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=n), rng.integers(0, 3, n).astype(float)])
    y = (rng.random(n) < 1 / (1 + np.exp(-2 * X[:, 0]))).astype(float)
    X[:20, 0] = np.nan
    specs = (InputSpec("x"), InputSpec("g", "category", 3))
    return script.Rows(X, y, np.ones(n), np.repeat(np.arange(n // 3), 3).astype(object), specs)


def test_persons_are_never_split(script: ModuleType) -> None:
    rows = make_rows(script)
    for seed in range(5):
        fitted, judged = script.draw_rows(rows, 61, seed)
        assert len(fitted.y) in (61, 62, 63)
        assert not set(fitted.group) & set(judged.group)
        assert len(fitted.y) + len(judged.y) == 300


def test_sizes_beyond_the_table_give_no_draw(script: ModuleType) -> None:
    assert script.draw_rows(make_rows(script), 300, 0) is None


@pytest.mark.slow
def test_peers_are_judged_on_the_same_draws(script: ModuleType) -> None:
    peers = ("share", "l2_logistic", "small_lightgbm", "default_lightgbm", "ours")
    table = script.compare_recipes(make_rows(script), [60, None], 2, peers=peers)
    assert len(table) == 2 * 2 * len(peers)
    summary = script.summarise(table).set_index(["size", "peer"])
    assert summary.loc[("all", "ours"), "auc"] > 0.8
    assert summary.loc[("all", "share"), "auc"] == pytest.approx(0.5)
    assert summary.loc[("all", "ours"), "ours_minus"] == pytest.approx(0.0)
    assert summary.loc[("all", "share"), "ours_minus"] < 0


def test_command_line_prints_the_table(
    script: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "load_rows", lambda *_: make_rows(script))
    script.main(
        [
            "c.csv",
            "--codebook",
            "c.yaml",
            "--sizes",
            "60",
            "--draws",
            "1",
            "--peers",
            "share",
            "l2_logistic",
        ]
    )
    printed = capsys.readouterr().out
    assert "300 rows, 100 persons" in printed
    assert "l2_logistic" in printed
