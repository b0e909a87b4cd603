"""Checks of arrays, and what the numpy-only modules may load."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from riskmodel.stats.arrays import (
    check_binary,
    check_columns,
    check_probabilities,
    check_weights,
    weighted_mean,
)
from riskmodel.stats.scoring_rules import brier_score


def test_columns_are_named_in_refusals():
    with pytest.raises(ValueError, match="risk must have one dimension, got 2"):
        check_columns(risk=[[0.1]])
    with pytest.raises(ValueError, match="second must have 2 entries like the other columns"):
        check_columns(first=[1, 2], second=[1])
    with pytest.raises(ValueError, match="risk must be finite, got 2 missing or infinite"):
        check_columns(risk=[np.nan, np.inf, 0.0])


def test_values_outside_their_range_are_refused():
    with pytest.raises(ValueError, match="0 and 1 only; give unknown outcomes a weight"):
        check_binary([0, 0.5])
    with pytest.raises(ValueError, match=r"y_prob must lie in \[0, 1\], got -0.1 to 0.4"):
        check_probabilities([-0.1, 0.4])
    with pytest.raises(ValueError, match="sample_weight must not be negative"):
        check_weights([1, -1], 2)


def test_means_of_nothing_are_undefined():
    assert math.isnan(weighted_mean(np.empty(0), np.empty(0)))
    assert math.isnan(brier_score([], []))


@pytest.mark.parametrize(
    "module", ["logistic", "durations", "censoring", "discrimination", "decision", "resampling"]
)
def test_numpy_only_modules_load_nothing_heavy(module):
    code = (
        f"import sys, riskmodel.stats.{module}\n"
        "heavy = {'scipy', 'sklearn', 'pandas', 'lightgbm', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
