"""Reading visitation policies and the periods of the law from their files."""

from __future__ import annotations

from pathlib import Path

from riskmodel.domain.codebook import Codebook
from riskmodel.io.yaml_files import read_yaml
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_parsing import parse_policy
from riskmodel.visitation.regimes import Regime, parse_regimes

__all__ = ["REGIMES_FILE", "read_policy", "read_regimes"]

REGIMES_FILE = "regimes.yaml"


def read_policy(path: Path, codebook: Codebook, regimes_path: Path | None = None) -> Policy:
    """Read a policy and check it against a codebook.

    Parameters
    ----------
    path : Path
        Policy file.
    codebook : Codebook
        Fields and levels that the policy may name.
    regimes_path : Path or None
        File with the periods of the law; by default ``regimes.yaml`` in the policy's
        folder, which need not exist for a policy without ``rule_regime``.

    Returns
    -------
    Policy

    Raises
    ------
    CodebookError
        If a file cannot be read or breaks a rule; nothing else was done.
    """
    beside = path.parent / REGIMES_FILE if regimes_path is None else regimes_path
    regimes = read_regimes(beside) if regimes_path or beside.is_file() else ()
    return parse_policy(read_yaml(path), path.name, codebook, regimes)


def read_regimes(path: Path) -> tuple[Regime, ...]:
    """Read the periods of the law, in order of time.

    Raises
    ------
    CodebookError
        If the file cannot be read or breaks a rule.
    """
    return parse_regimes(read_yaml(path), path.name)
