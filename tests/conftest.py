"""What holds in every test: nothing reports home, nothing is drawn on a screen, no chance.

And one small model, trained once on synthetic cases, with open cases to score.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.domain.cases import CaseTable
    from riskmodel.domain.codebook import Codebook
    from riskmodel.training.fit import FittedModel

CONFIGS = Path(__file__).parents[1] / "configs"

# Set before anything imports mlflow, matplotlib or LightGBM.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MPLBACKEND"] = "Agg"
os.environ["OMP_WAIT_POLICY"] = "passive"
# Commands speak English here; tests/cli asks for Danish, which is what they speak by default.
os.environ["RISKMODEL_LANG"] = "en"
# A tracking server of whoever runs the tests must not receive their runs.
for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_NAME"):
    os.environ.pop(name, None)

# The same examples in every run, however slow the machine; `--hypothesis-profile=search` looks on.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=50, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("suite")


# Imports stand inside the fixtures: a test that needs no model loads no learning library.
# ruff: noqa: PLC0415


@pytest.fixture(scope="session")
def review_codebook() -> Codebook:
    """Return the codebook of the case review."""
    from riskmodel.io.config import read_codebook

    return read_codebook(CONFIGS / "codebook.yaml")


@pytest.fixture(scope="session")
def codebook(review_codebook: Codebook) -> Codebook:
    """Return the codebook of the case review; some folders have a smaller one."""
    return review_codebook


@pytest.fixture(scope="session")
def draw_cases(review_codebook: Codebook) -> Callable[..., pd.DataFrame]:
    """Return a function that draws synthetic cases: preset, number, seed."""
    from riskmodel.domain.synthetic import make_cases
    from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
    from riskmodel.io.yaml_files import read_yaml

    settings_read = read_yaml(CONFIGS / "synthetic.yaml")

    def draw(preset: str, n_cases: int, seed: int) -> pd.DataFrame:
        parameters = parse_synthetic_parameters(settings_read, preset)
        return make_cases(parameters, review_codebook, n_cases=n_cases, random_state=seed).frame

    return draw


@pytest.fixture(scope="session")
def history(review_codebook: Codebook, draw_cases: Callable[..., pd.DataFrame]) -> CaseTable:
    """Return 250 closed synthetic cases."""
    from riskmodel.io.frame_cases import read_frame

    return read_frame(draw_cases("history", 250, 5), review_codebook, require_outcomes=True)


@pytest.fixture(scope="session")
def fitted(history: CaseTable) -> FittedModel:
    """Return a small model, fitted on `history`."""
    from riskmodel.training.fit import TrainingSettings, fit_risk_model

    return fit_risk_model(history, TrainingSettings(n_refits=4, n_folds=3))


@pytest.fixture(autouse=True)
def spoken_language() -> Iterator[None]:
    """Let no test choose the language of the next one."""
    from riskmodel.cli import language

    language._chosen.clear()
    yield
    language._chosen.clear()


@pytest.fixture(scope="session")
def bundle(fitted: FittedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the saved model; tests must not change it."""
    from riskmodel.io.bundle import save_bundle

    folder = tmp_path_factory.mktemp("saved") / "model"
    save_bundle(fitted.model, folder)
    return folder


@pytest.fixture(scope="session")
def open_file(
    draw_cases: Callable[..., pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a CSV file of 30 open synthetic assessments; tests must not change it."""
    from riskmodel.io.tables import write_table

    path = tmp_path_factory.mktemp("cases") / "open_cases.csv"
    write_table(draw_cases("open_cases", 30, 6).head(30), path)
    return path
