"""Every command that writes holds its target: the second of two runs ends with exit code 5."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from riskmodel import cli
from riskmodel.io.locks import hold_lock

SCORED = ("decisions.csv", "--scores", "scores.csv")
COMMANDS = {
    "monitor decisions": SCORED,
    "monitor audit-sample": (*SCORED, "--salt", "2026-Q4"),
    "monitor employers": ("cases.csv", "--links", "links.csv"),
    "review form": ("cases.csv", "--reviewer", "L1"),
    "review merge": ("one.xlsx", "two.xlsx"),
    "review report": ("one.xlsx", "two.xlsx"),
    "review sample": ("closed.csv",),
    "scorecard": ("model", "--cases", "closed.csv"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_held_target_ends_the_second_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"

    def run() -> tuple[object, str]:
        arguments = [*command.split(), *COMMANDS[command], "--out", str(out)]
        monkeypatch.setattr(sys, "argv", ["riskmodel", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, capsys.readouterr().err

    with hold_lock(tmp_path / ".out.lock"):
        code, said = run()
    assert code == 5
    assert "another run holds the target" in said
    # Free again, the command gets as far as the files that are not there.
    code, said = run()
    assert code == (4 if command == "scorecard" else 2)
    assert "another run" not in said
    assert list(tmp_path.iterdir()) == []
