"""The command line: help with examples, exit codes, no traceback, no network, JSON on stdout."""

from __future__ import annotations

import json
import shlex
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from riskmodel import cli
from riskmodel.errors import InputError
from riskmodel.io.locks import hold_lock

ROOT = Path(__file__).parents[1]
POLICY = "configs/visitation/lejre-greve.yaml"

Run = Callable[..., tuple[int, str, str]]


def walk_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, one in getattr(command, "commands", {}).items():
        yield from walk_commands(one, (*path, name))


def find_command(path: tuple[str, ...]) -> Any:
    command: Any = typer.main.get_command(cli.app)
    for name in path:
        command = command.commands[name]
    return command


COMMANDS = sorted(walk_commands(typer.main.get_command(cli.app)))
LEAVES = [path for path in COMMANDS if not hasattr(find_command(path), "commands")]


@pytest.fixture
def run(monkeypatch, capsys) -> Run:
    """Return a function that runs a command as the shell does: exit code, stdout, stderr."""
    monkeypatch.chdir(ROOT)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["riskmodel", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def no_network(monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        msg = "a command opened a socket"
        raise AssertionError(msg)

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(path):
    done = CliRunner().invoke(cli.app, [*path, "--help"])
    assert done.exit_code == 0
    assert done.stderr == ""
    assert find_command(path).help.strip()
    assert CliRunner().invoke(cli.app, [*path, "-h"]).stdout == done.stdout


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_shows_an_example_that_exists(path):
    shown = CliRunner().invoke(cli.app, [*path, "--help"]).stdout
    assert "Example" in shown
    examples = [one for one in find_command(path).epilog.split("\n\n") if one.startswith("risk")]
    assert examples
    for one in examples:
        check_command_line(one)
        assert tuple(shlex.split(one)[1 : 1 + len(path)]) == path


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_option_says_what_it_is_for(path):
    for one in find_command(path).params:
        if one.name != "help":
            assert one.help, one.name


def check_command_line(line: str) -> None:
    """Check that a command line names a command and options that exist, and files that do."""
    words = shlex.split(line, comments=True)[1:]
    path: list[str] = []
    command: Any = typer.main.get_command(cli.app)
    while words and words[0] in getattr(command, "commands", {}):
        path.append(words.pop(0))
        command = command.commands[path[-1]]
    assert path or words in (["--help"], ["-h"]), line
    known = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
    known |= dict.fromkeys(("--help", "-h", "--debug"))
    for word in words:
        if word.startswith("-"):
            assert word.split("=")[0] in known, f"{word} in {line}"
        if word.startswith(("configs/", "notebooks/")):
            assert (ROOT / word).exists(), f"{word} in {line}"
    given = {word.split("=")[0] for word in words}
    if not given & {"--help", "-h"}:
        for one in command.params:
            if one.required and one.opts[0].startswith("-"):
                assert given & set(one.opts), f"{one.opts[0]} lacks in {line}"


def find_code_lines(path: Path) -> Iterator[str]:
    """Yield the commands in the code blocks of a page, continued lines joined."""
    inside = False
    text = path.read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif inside and (start := line.find("riskmodel ")) >= 0:
            before = line[:start].strip()
            if before in {"", "$"} or before.endswith((".venv/bin/", "&&", ";")):
                yield line[start:]


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINES = [(page.name, line) for page in PAGES for line in find_code_lines(page)]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_documents_name_commands_that_exist(page, line):
    check_command_line(line)


def test_documents_hold_commands():
    assert len(LINES) > 5
    assert {"README.md", "operation.md"} <= {page for page, _ in LINES}


@pytest.mark.parametrize(
    "line",
    ["riskmodel scores a.csv", "riskmodel score a.csv --modle m --out x", "riskmodel score a.csv"],
)
def test_the_check_of_documents_sees_mistakes(line):
    with pytest.raises(AssertionError):
        check_command_line(line)


def test_no_command_shows_help(run):
    code, out, err = run()
    assert code in {0, 2}
    assert "Usage: riskmodel" in out + err


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "no_such.csv"),
        ("train", "no_such.csv", "--out", "{tmp}/model", "--no-track"),
        ("score", "no_such.csv", "--model", "{bundle}", "--out", "{tmp}/s.csv"),
        ("explain", "no_such.csv", "--model", "{bundle}", "--out", "{tmp}/pages"),
        ("explain", "no_such.csv", "--model", "{bundle}", "--format", "text"),
        ("policy", "show", "no_such.yaml"),
        ("check", "{cases}", "--codebook", "no_such.yaml"),
        ("synthesize", "--config", "no_such.yaml", "--out", "{tmp}/s.csv"),
        ("evaluate", "{bundle}", "no_such.csv", "--out", "{tmp}/evaluation"),
        *(
            tuple(line.split())
            for line in (
                "score {cases} --model {bundle} --out {tmp}/s.csv --policy no_such.yaml",
                f"thresholds no_such.csv --model {{bundle}} --policy {POLICY} --out {{tmp}}/t",
                "thresholds {cases} --model {bundle} --policy p.yaml --inflow no_such.yaml --out t",
                "scorecard --weights no_such.yaml --out {tmp}/card",
                "review sample no_such.csv --out {tmp}/sample",
                "review form no_such.csv --reviewer L1 --out {tmp}/forms",
                "review merge no_such.xlsx --out {tmp}/merged",
                "review report no_such.xlsx --out {tmp}/report",
                "policy check no_such.yaml",
                "monitor decisions no_such.csv --scores {cases} --out {tmp}/d",
                "monitor audit-sample no_such.csv --scores no_such.csv --salt Q1 --out {tmp}/a",
                "monitor employers no_such.csv --links no_such.csv --out {tmp}/e",
            )
        ),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_an_unknown_file_ends_with_2_and_its_name(run, bundle, open_file, tmp_path, arguments):
    given = [one.format(tmp=tmp_path, bundle=bundle, cases=open_file) for one in arguments]
    code, out, err = run(*given)
    assert code == 2
    assert out == ""
    assert "no_such." in err
    assert "Traceback" not in err
    assert "unforeseen" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["score", "explain"])
@pytest.mark.parametrize("kind", ["missing", "empty", "damaged"])
def test_a_model_that_is_not_there_ends_with_4(run, bundle, open_file, tmp_path, command, kind):
    model = tmp_path / "a_model"
    if kind != "missing":
        model.mkdir()
    if kind == "damaged":
        for path in bundle.iterdir():
            (model / path.name).write_bytes(path.read_bytes())
        (model / "tables.json").write_text("{}")
    code, out, err = run(command, open_file, "--model", model, "--out", tmp_path / "out.csv")
    assert code == 4
    assert out == ""
    assert "tables.json" in err if kind == "damaged" else "a_model" in err or "missing" in err
    assert "Traceback" not in err


def test_case_records_without_a_basis_end_with_3(run, open_file, tmp_path):
    text = (ROOT / "configs" / "codebook.yaml").read_text()
    codebook = tmp_path / "codebook.yaml"
    codebook.write_text(text.replace("data_kind: synthetic", "data_kind: case_records"))
    none = tmp_path / "none.yaml"
    code, _, err = run(
        "train", open_file, "--codebook", codebook, "--out", tmp_path / "model",
        "--legal-basis", none, "--no-track",
    )  # fmt: skip
    assert code == 3
    assert "legal basis" in err
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("arguments", [("fly",), ("score",), ("score", "--wings"), ("policy", "x")])
def test_a_wrong_command_line_ends_with_2(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err


def test_debug_lets_the_error_through(run, monkeypatch):
    code, _, err = run("check", "no_such.csv")
    assert code == 2
    assert "Traceback" not in err
    monkeypatch.setattr(sys, "argv", ["riskmodel", "check", "no_such.csv", "--debug"])
    with pytest.raises(InputError, match=r"no_such\.csv"):
        cli.main()


def test_debug_stands_in_the_help():
    assert "--debug" in CliRunner().invoke(cli.app, ["--help"]).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "{tmp}/list 010165-0000.csv"),
        ("check", "{cases}", "--codebook", "{tmp}/010165-0000.yaml"),
        ("score", "{cases}", "--model", "{bundle}", "--out", "{tmp}/010165-0000.csv"),
        ("score", "{cases}", "--model", "{tmp}/010165-0000", "--out", "{tmp}/s.csv"),
        ("explain", "{cases}", "--model", "{bundle}", "--out", "{tmp}/0101650000"),
        ("synthesize", "--n-cases", "20", "--out", "{tmp}/010165 0000.csv"),
        ("train", "{cases}", "--no-track", "--out", "{tmp}/0101650000"),
        ("train", "{cases}", "--legal-basis", "{tmp}/010165-0000.yaml", "--codebook",
         "{tmp}/records.yaml", "--no-track", "--out", "{tmp}/model"),
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_no_name_with_a_personal_number_is_repeated(run, bundle, open_file, tmp_path, arguments):
    text = (ROOT / "configs" / "codebook.yaml").read_text()
    codebook = tmp_path / "records.yaml"
    codebook.write_text(text.replace("data_kind: synthetic", "data_kind: case_records"))
    given = [one.format(tmp=tmp_path, bundle=bundle, cases=open_file) for one in arguments]
    code, out, err = run(*given)
    assert code in {2, 3, 4}
    assert "0165" not in out + err
    assert [one.name for one in tmp_path.iterdir()] == ["records.yaml"]


def test_a_file_is_replaced_only_when_asked(run, bundle, open_file, tmp_path):
    out_file = tmp_path / "s.csv"
    arguments = ("score", open_file, "--model", bundle, "--out", out_file, "--quiet")
    assert run(*arguments)[0] == 0
    first = out_file.read_bytes()
    assert run(*arguments)[0] == 0
    out_file.write_text("minutes of a meeting")
    code, _, err = run(*arguments)
    assert code == 2
    assert "s.csv" in err
    assert "--overwrite" in err
    assert out_file.read_text() == "minutes of a meeting"
    assert run(*arguments, "--overwrite")[0] == 0
    assert out_file.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == ["s.csv"]


@pytest.mark.parametrize("command", ["score", "explain"])
def test_another_run_on_the_target_ends_with_5(run, bundle, open_file, tmp_path, command):
    with hold_lock(tmp_path / ".out.csv.lock"):
        code, out, err = run(command, open_file, "--model", bundle, "--out", tmp_path / "out.csv")
    assert (code, out) == (5, "")
    assert "another run holds the target" in err
    assert list(tmp_path.iterdir()) == []


def test_a_forgotten_codebook_is_hinted_at(run, tmp_path):
    path = tmp_path / "injury.csv"
    path.write_text("case_id,durat,afchnge,highearn,male,married\nA,1,0,1,1,0\n")
    code, _, err = run("check", path)
    assert code == 2
    assert "--codebook" in err
    assert len(err.splitlines()) == 1


def test_an_unforeseen_error_shows_no_cell(run, bundle, open_file, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        msg = "a cell: forty-two"
        raise RuntimeError(msg)

    monkeypatch.setattr("riskmodel.pipelines.score.score", fail)
    code, _, err = run("score", open_file, "--model", bundle, "--out", tmp_path / "s.csv")
    assert code == 1
    assert "RuntimeError" in err
    assert "forty" not in err


@pytest.mark.usefixtures("no_network")
class TestOffline:
    """Every command that ends within seconds, with no network."""

    def test_score_prints_json_and_tells_progress_apart(self, run, bundle, open_file, tmp_path):
        out_file = tmp_path / "s.csv"
        arguments = ("score", open_file, "--model", bundle, "--policy", POLICY, "--out", out_file)
        code, out, err = run(*arguments, "--json")
        assert code == 0
        told = json.loads(out)
        assert (told["rows"], told["scored"]) == (30, 30)
        assert sum(told["tiers"].values()) == 30
        assert "scoring 30 assessments" in err
        code, out, err = run(*arguments, "--quiet")
        assert (code, err) == (0, "")
        assert out.startswith("30 of 30 assessments scored")
        assert len(pd.read_csv(out_file)) == 30

    def test_explain_to_stdout(self, run, bundle, open_file):
        chosen = pd.read_csv(open_file)["case_id"][0]
        arguments = ("explain", open_file, "--model", bundle, "--case-id", chosen)
        code, out, err = run(*arguments, "--format", "json")
        assert (code, err) == (0, "")
        assert json.loads(out.splitlines()[0])["case_id"] == chosen
        code, out, err = run(*arguments, "--format", "text", "--lang", "en")
        assert (code, err) == (0, "")
        assert chosen in out
        code, _, err = run(*arguments)
        assert code == 2
        assert "--out" in err

    def test_explain_to_a_folder(self, run, bundle, open_file, tmp_path):
        pages = tmp_path / "pages"
        code, out, _ = run(
            "explain", open_file, "--model", bundle, "--policy", POLICY, "--out", pages, "--json"
        )
        assert code == 0
        assert json.loads(out)["pages"] == 30
        assert (pages / "index.html").is_file()

    def test_an_unknown_case_ends_with_2(self, run, bundle, open_file):
        code, out, err = run(
            "explain", open_file, "--model", bundle, "--case-id", "SYN-none", "--format", "text"
        )
        assert (code, out) == (2, "")
        assert "case_id" in err

    def test_synthesize_and_check(self, run, tmp_path):
        cases, truth = tmp_path / "cases.csv", tmp_path / "truth.csv"
        code, out, _ = run(
            "synthesize", "--n-cases", 20, "--out", cases, "--truth", truth, "--json"
        )
        assert code == 0
        told = json.loads(out)
        assert told["n_cases"] == 20
        assert told["n_assessments"] == len(pd.read_csv(cases))
        assert len(pd.read_csv(truth)) == told["n_assessments"]
        code, out, _ = run("synthesize", "--n-cases", 20, "--out", cases)
        assert code == 0
        assert out.startswith("20 synthetic cases")
        code, out, _ = run("check", cases, "--json")
        assert code == 0
        assert json.loads(out)["cases"] == 20
        code, out, err = run("check", cases)
        assert (code, err) == (0, "")
        assert "cases.csv" in out

    def test_check_names_every_fault(self, run, open_file, tmp_path):
        rows = pd.read_csv(open_file, dtype=str)
        rows.loc[1, "rtw_expectation"] = "perhaps"
        rows.loc[4, "expected_duration_gp_weeks"] = "300"
        bad = tmp_path / "bad.csv"
        rows.to_csv(bad, index=False)
        code, out, err = run("check", bad)
        assert (code, out) == (2, "")
        assert "bad.csv, row 3, column rtw_expectation" in err
        assert "bad.csv, row 6, column expected_duration_gp_weeks" in err

    @pytest.mark.parametrize("lang", ["da", "en"])
    def test_policy_show(self, run, lang):
        code, out, err = run("policy", "show", POLICY, "--lang", lang)
        assert (code, err) == (0, "")
        assert len(out.splitlines()) > 5


def test_the_block_of_the_network_works(no_network):
    with pytest.raises(AssertionError, match="socket"):
        socket.socket()
