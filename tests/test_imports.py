"""What importing a module loads, seen in a new process."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

import riskmodel

LEARNING = {"lightgbm", "sklearn", "scipy", "joblib", "numba"}
HEAVY = LEARNING | {"matplotlib", "mlflow", "shap"}
SCORING = (
    "riskmodel.domain.cases",
    "riskmodel.domain.codebook_parsing",
    "riskmodel.explanation.contributions",
    "riskmodel.io.bundle",
    "riskmodel.io.policy_files",
    "riskmodel.io.tables",
    "riskmodel.model.curve",
    "riskmodel.model.documents",
    "riskmodel.model.risk_model",
    "riskmodel.model.scoring",
    "riskmodel.model.tables",
    "riskmodel.pipelines.score",
    "riskmodel.visitation.recommend",
)


def load(statement: str, *options: str) -> set[str]:
    """Return the top-level packages that are loaded after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_importing_riskmodel_loads_nothing_else() -> None:
    before = load("")
    added = load("import riskmodel") - before - set(sys.stdlib_module_names)
    assert added == {"riskmodel"}


def test_scoring_loads_no_learning_tracking_or_drawing() -> None:
    # One process for all: the first module that loads one of them is named.
    statement = f"""
import importlib, sys
for module in {SCORING!r}:
    importlib.import_module(module)
    loaded = {HEAVY!r} & set(sys.modules)
    assert not loaded, f"{{module}} loads {{sorted(loaded)}}"
"""
    assert "riskmodel" in load(statement)


@pytest.mark.parametrize("module", ["riskmodel.cli", "riskmodel.__main__"])
def test_commands_load_their_libraries_late(module: str) -> None:
    assert load(f"import {module}") & (HEAVY | {"numpy", "pandas", "pyarrow"}) == set()


def test_the_check_sees_what_is_loaded() -> None:
    assert "scipy" in load("import scipy.stats")


@pytest.mark.slow
def test_every_module_imports_without_a_warning() -> None:
    statement = """
import importlib, pkgutil, riskmodel, warnings
# MLflow warns of its own type hints.
warnings.filterwarnings("ignore", message=".*Any type hint is inferred", category=UserWarning)
for module in pkgutil.walk_packages(riskmodel.__path__, "riskmodel."):
    importlib.import_module(module.name)
"""
    assert "riskmodel" in load(statement, "-W", "error")


@pytest.mark.parametrize("name", riskmodel.__all__)
def test_public_names_are_there(name: str) -> None:
    public = getattr(riskmodel, name)
    assert name in dir(riskmodel)
    assert public.__doc__
    assert getattr(importlib.import_module(public.__module__), name) is public


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        riskmodel.no_such_name  # noqa: B018
