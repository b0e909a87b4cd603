"""The layers: what may import what, and which layers stay clear of the world outside."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "riskmodel"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]

# Files, the clock, the environment and the screen belong to io, pipelines and the commands.
PURE = (
    "domain", "evaluation", "explanation", "model", "monitoring", "report", "stats", "training",
    "visitation",
)  # fmt: skip
OUTSIDE_MODULES = {"mlflow", "os", "socket", "subprocess", "time", "yaml"}
OUTSIDE_CALLS = {"open", "print", "input"}
OUTSIDE_METHODS = {
    "now", "read_bytes", "read_text", "today", "utcnow", "write_bytes",
    "write_text",
}  # fmt: skip


@pytest.mark.parametrize("contract", [contract["id"] for contract in CONTRACTS])
def test_import_contract_is_kept(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(
        config_filename="pyproject.toml", limit_to_contracts=(contract,), no_cache=True
    )
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def find_outside_uses(source: str) -> Iterator[str]:
    """Yield what a module takes from outside, with its line."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name.split(".")[0] for alias in node.names]
            names = [name for name in names if name in OUTSIDE_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [name for name in [node.module.split(".")[0]] if name in OUTSIDE_MODULES]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names = [name for name in [node.func.id] if name in OUTSIDE_CALLS]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names = [name for name in [node.func.attr] if name in OUTSIDE_METHODS]
        for name in names:
            yield f"line {getattr(node, 'lineno', 0)}: {name}"


def list_pure_modules() -> list[Path]:
    return sorted(path for layer in PURE for path in (SOURCE / layer).rglob("*.py"))


@pytest.mark.parametrize(
    "path", list_pure_modules(), ids=lambda path: str(path.relative_to(SOURCE))
)
def test_pure_layers_touch_nothing_outside(path: Path) -> None:
    assert list(find_outside_uses(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os.path",
        "from yaml import load",
        "print('x')",
        "with open('x') as file: ...",
        "moment = datetime.now(UTC)",
        "Path('x').read_text()",
    ],
)
def test_uses_of_the_outside_are_found(source: str) -> None:
    assert len(list(find_outside_uses(source))) == 1
