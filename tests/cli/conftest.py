"""The messages of the sources and of the commands, and how a command is run."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from riskmodel import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def message_templates() -> ModuleType:
    """Return the module that finds the messages in the sources."""
    path = Path(__file__).parent / "message_templates.py"
    spec = importlib.util.spec_from_file_location("message_templates", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command as the shell does: exit code, stdout, stderr."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("RISKMODEL_LANG")

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["riskmodel", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call
