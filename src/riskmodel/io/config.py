"""Configuration files of the program."""

from __future__ import annotations

from pathlib import Path

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.codebook_parsing import parse_codebook
from riskmodel.io.yaml_files import read_yaml

__all__ = ["read_codebook"]


def read_codebook(path: Path | str) -> Codebook:
    """Read a codebook from a YAML file.

    Parameters
    ----------
    path : Path or str
        The file, such as ``configs/codebook.yaml``.

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError
        If the file is not strict YAML or breaks a rule; all faults are told at once.
    """
    return parse_codebook(read_yaml(Path(path)), Path(path).name)
