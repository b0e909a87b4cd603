"""The wheel holds what the program reads beside its modules: catalogues and templates."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
READ_BESIDE = {".po", ".j2", ".css", ".js", ".typed"}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of what a wheel holds; built as pip builds it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as wheel:
        return set(wheel.namelist())


def test_the_wheel_holds_every_file_of_the_package(packed: set[str]) -> None:
    files = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "riskmodel").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {Path(one).suffix for one in files} <= READ_BESIDE | {".py"}
    assert files == {one for one in packed if one.startswith("riskmodel/")}


def test_the_wheel_holds_the_catalogues(packed: set[str]) -> None:
    assert {one for one in packed if one.endswith(".po")} == {
        "riskmodel/cli/locale/da/LC_MESSAGES/messages.po",
        "riskmodel/domain/locale/da/LC_MESSAGES/facts.po",
        *(
            f"riskmodel/report/locale/da/LC_MESSAGES/{name}.po"
            for name in (
                "comparison",
                "employers",
                "evaluation",
                "monitor",
                "promotion",
                "review",
                "riskmodel",
                "scorecard",
                "thresholds",
            )
        ),
        "riskmodel/visitation/locale/da/LC_MESSAGES/rules.po",
    }
