"""Synthetic cases shared by the tests of the generator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.synthetic import SyntheticCases, make_cases
from riskmodel.domain.synthetic_parameters import SyntheticParameters
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.io.config import read_codebook
from riskmodel.io.yaml_files import read_yaml

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="session")
def review_codebook() -> Codebook:
    return read_codebook(CONFIGS / "codebook.yaml")


@pytest.fixture(scope="session")
def preset() -> Callable[[str], SyntheticParameters]:
    settings = read_yaml(CONFIGS / "synthetic.yaml")
    return lambda name: parse_synthetic_parameters(settings, name)


@pytest.fixture(scope="session")
def history(
    preset: Callable[[str], SyntheticParameters], review_codebook: Codebook
) -> SyntheticCases:
    return make_cases(preset("history"), review_codebook, n_cases=60_000, random_state=11)
