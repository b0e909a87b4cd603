"""Training settings: defaults, and what a value may be."""

from pathlib import Path

import pytest

from riskmodel.errors import CodebookError
from riskmodel.io.training_config import TrainingConfig, read_training_config

SHIPPED = Path(__file__).parents[2] / "configs" / "train.yaml"


def test_the_shipped_settings_are_the_defaults():
    assert read_training_config(SHIPPED) == TrainingConfig()


@pytest.mark.parametrize(("text", "ceiling"), [("0.9", 0.9), ("1", 1.0), ("null", None)])
def test_a_ceiling_of_ones_own_or_that_of_the_data(tmp_path, text, ceiling):
    path = tmp_path / "train.yaml"
    path.write_text(f"suspected_leak_auc: {text}\n")
    assert read_training_config(path).suspected_leak_auc == ceiling
    assert TrainingConfig().suspected_leak_auc is None


@pytest.mark.parametrize(
    "line", ["suspected_leak_auc: 0.4", "suspected_leak_auc: high", "refits: null", "folds: 2.0"]
)
def test_a_wrong_value_is_named_with_its_key(tmp_path, line):
    path = tmp_path / "train.yaml"
    path.write_text(f"{line}\n")
    with pytest.raises(CodebookError, match=line.split(":")[0]):
        read_training_config(path)
