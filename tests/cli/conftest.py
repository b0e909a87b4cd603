"""The messages of the sources and of the commands, and how a command is run."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from riskmodel import cli

ROOT = Path(__file__).parents[2]

ENGLISH = re.compile(
    r"(?<![\w./:'`\"=_-])(?:the|of|and|is|are|be|been|must|this|that|these|those|with|without|"
    r"which|it|its|not|no|has|had|was|were|cannot|can|only|an|as|than|when|where|"
    r"write|choose|correct|check|remove|empty|file|row|column|case|cases|more|other|"
    r"another|there|they|them|every|each|one|two|new|by|on|or|if|so)(?![\w./:'`\"=_-])"
)
# What is typed stays as it is typed: keys, values, options, names of files, quoted words.
TYPED = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^{}]*\}|--[\w-]+|[\w/]+\.(?:yaml|json|csv|xlsx|md|html)"
    r"|\b\w+_\w+\b|\b[a-z]+: [\w{]+|\b(?:use|all|any|in): ?"
)


def load_message_templates() -> ModuleType:
    """Load the module that finds the messages in the sources, anew."""
    path = Path(__file__).parent / "message_templates.py"
    spec = importlib.util.spec_from_file_location("message_templates", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def message_templates() -> ModuleType:
    """Return the module that finds the messages in the sources."""
    return load_message_templates()


@pytest.fixture
def templates_of(monkeypatch) -> Callable[[Path], dict[str, str]]:
    """Return a function that finds the messages of sources in another folder."""

    def collect(folder: Path) -> dict[str, str]:
        module = load_message_templates()
        monkeypatch.setattr(module, "SOURCE", folder)
        return module.collect(required=True)

    return collect


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


@pytest.fixture(scope="session")
def strip_typed() -> Callable[[str], str]:
    """Return a function that leaves the words that are language, without what is typed."""

    def strip(text: str) -> str:
        text = text.replace("{{", "{").replace("}}", "}")
        while (shorter := TYPED.sub(" ", text)) != text:
            text = shorter
        return text

    return strip


@pytest.fixture(scope="session")
def find_english(strip_typed) -> Callable[[str], list[str]]:
    """Return a function that finds English words among the Danish ones."""
    return lambda text: ENGLISH.findall(strip_typed(text))
