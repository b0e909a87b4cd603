"""Help in Danish, whole; help in English, as before; and the choice between them."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from riskmodel import __version__, cli
from riskmodel.cli.help_words import translate_help
from riskmodel.cli.message_catalogue import read_entries

ROOT = Path(__file__).parents[2]
DANISH = {one.english: one.danish for one in read_entries() if not one.context}


def walk_commands(
    command: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from walk_commands(one, (*path, name))


COMMANDS = dict(walk_commands(typer.main.get_command(cli.app)))


def squeeze(text: str) -> str:
    return " ".join(text.split())


def list_texts(command: Any) -> list[str]:
    """Return the help of a command and its options, without the lines to type."""
    texts = [command.help, command.epilog, *(getattr(one, "help", "") for one in command.params)]
    paragraphs = [one for text in filter(None, texts) for one in text.split("\n\n")]
    return [squeeze(one) for one in paragraphs if not one.startswith("riskmodel ")]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_is_danish(run, find_english, path):
    code, out, err = run(*path, "--help")
    assert (code, err) == (0, "")
    told = squeeze(out)
    for text in list_texts(COMMANDS[path]):
        assert DANISH[text] in told
        assert text == DANISH[text] or text not in told
    assert told.startswith("Brug: ")
    assert "Vis denne hjælp." in told
    assert "\x1b" not in out
    # The lines to type and the names in the left column are the same in each language.
    words = re.sub(
        r"(?m)^  (?:-|\w+(?:\.\.\.)? <)[^ ]*.*?(?:  |$)|^  riskmodel .*(?:\n  .+)*", " ", out
    )
    words = re.sub(r"(?ms)\ABrug: .*?\n\n|^Kommandoer:.*", "", words)
    assert find_english(words) == []
    for word in ("Usage", "Options", "Commands", "Arguments", "required", "default", "OPTIONS"):
        assert word not in out


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_in_english_is_as_it_was_written(run, path):
    code, out, _ = run(*path, "--help", "--lang", "en")
    assert code == 0
    told = squeeze(out)
    for text in list_texts(COMMANDS[path]):
        assert text in told
    assert told.startswith("Usage: riskmodel")
    assert "Show this message and exit." in told
    assert not re.search(r"[æøåÆØÅ]", out)


def test_a_list_of_commands_is_cut_at_no_abbreviation(run):
    _, out, _ = run("--help")
    assert not re.search(r"\b(?:pr|f\.eks|bl\.a|inkl)\.$", out, re.M)


def test_translating_help_leaves_the_commands_of_other_languages_alone():
    command = typer.main.get_command(cli.app)
    translate_help(command)
    again = typer.main.get_command(cli.app)
    assert command.help != again.help
    with again.make_context("riskmodel", ["score", "--help"], resilient_parsing=True) as context:
        assert again.get_help(context).startswith("Usage:")


def test_no_command_shows_danish_help(run):
    code, out, err = run()
    assert code in {0, 2}
    assert "Brug: riskmodel [VALG]" in out + err


@pytest.mark.parametrize(
    ("given", "variable", "wanted"),
    [
        ((), None, "da"),
        ((), "", "da"),
        ((), "en", "en"),
        ((), "da", "da"),
        (("--lang", "en"), None, "en"),
        (("--lang=en",), None, "en"),
        (("--lang", "da"), "en", "da"),
        (("--lang", "en"), "sv", "en"),
    ],
)
@pytest.mark.parametrize("command", [("score",), ("explain",), ("monitor", "employers")])
def test_the_language_is_the_option_then_the_variable_then_danish(
    run, monkeypatch, given, variable, wanted, command
):
    if variable is not None:
        monkeypatch.setenv("RISKMODEL_LANG", variable)
    for words in ((*given, *command, "--help"), (*command, "--help", *given)):
        code, out, _ = run(*words)
        assert code == 0
        assert out.startswith("Usage: " if wanted == "en" else "Brug: ")


@pytest.mark.parametrize("given", [("--lang", "sv"), ("--lang=",), ("--lang",)])
def test_another_language_is_refused(run, given):
    code, out, err = run("check", "x.csv", *given)
    assert (code, out) == (2, "")
    assert "--lang skal være da eller en." in err


def test_another_language_in_the_environment_is_refused(run, monkeypatch):
    monkeypatch.setenv("RISKMODEL_LANG", "sv")
    code, out, err = run("check", "x.csv")
    assert (code, out) == (2, "")
    assert "RISKMODEL_LANG skal være da eller en." in err


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_command_with_pages_gets_the_language_for_them(run, monkeypatch, lang, open_file):
    seen = []

    def take(*_: object, **options: object) -> list[str]:
        seen.append(options["lang"])
        return []

    monkeypatch.setattr("riskmodel.pipelines.explain.explain_to_text", take)
    words = ("explain", open_file, "--model", "model", "--format", "text")
    run(*words, "--lang", lang)
    run(f"--lang={lang}", *words)
    run(words[0], "--lang", lang, *words[1:])
    assert seen == [lang] * 3


def test_the_environment_does_not_change_pages(run, monkeypatch, open_file):
    seen = []
    monkeypatch.setenv("RISKMODEL_LANG", "en")

    def explain(*_: object, lang: str, **__: object) -> list[str]:
        seen.append(lang)
        return []

    monkeypatch.setattr("riskmodel.pipelines.explain.explain_to_text", explain)
    run("explain", open_file, "--model", "model", "--format", "text")
    assert seen == ["da"]


def test_what_is_printed_follows_the_language(run, open_file):
    _, danish, _ = run("check", open_file)
    _, english, _ = run("check", open_file, "--lang", "en")
    assert danish.startswith("Filerne følger kodebogen")
    assert english.startswith("The files obey the codebook")
    policy = "configs/visitation/vejle.yaml"
    assert "Lovens betingelser" in run("policy", "show", policy)[1]
    assert "Conditions of the law" in run("policy", "show", policy, "--lang", "en")[1]


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_version(run, lang):
    assert run("--version", "--lang", lang) == (0, f"riskmodel {__version__}\n", "")


def read_terminal(arguments: list[str], **environment: str) -> str:
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    kept = {one: os.environ[one] for one in ("PATH", "HOME") if one in os.environ}
    with subprocess.Popen(
        [sys.executable, "-m", "riskmodel", *arguments],
        cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        found = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the terminal is closed
                break
            if not piece:
                break
            found += piece
        process.wait()
    os.close(ours)
    return found.decode()


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}, {}], ids="".join)
def test_a_terminal_gets_no_colours(environment):
    assert "\x1b" not in (told := read_terminal(["scor"], **environment))
    assert "Kommandoen 'scor' findes ikke." in told


def test_help_loads_no_tables():
    """Nor Babel, which the catalogue could be read by: help is to come at once."""
    code = (
        "import sys\nsys.argv = ['riskmodel', 'score', '--help']\n"
        "from riskmodel.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'babel', 'pyarrow', 'rich.console'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
