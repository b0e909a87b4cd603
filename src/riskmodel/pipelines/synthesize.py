"""Write synthetic cases to a file, and the truth behind them if asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from riskmodel.domain.codebook import ASSESSED_WEEK
from riskmodel.domain.counting import tell_count
from riskmodel.domain.synthetic import SyntheticCases, make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.errors import InputError
from riskmodel.io.atomic import publish_files
from riskmodel.io.config import read_codebook
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.table_writing import encode_table
from riskmodel.io.yaml_files import read_yaml
from riskmodel.pipelines.progress import Progress, silent

__all__ = ["SynthesisSummary", "synthesize"]


@dataclass(frozen=True, slots=True)
class SynthesisSummary:
    """What was written.

    Attributes
    ----------
    preset : str
        Preset of the generator.
    seed : int
        Seed of the cases.
    n_cases, n_assessments, n_persons : int
        Numbers of cases, rows and persons.
    mean_true_risk : dict of float to float
        Assessed week to the mean true risk at the primary horizon; weeks at or after the
        horizon are left out.
    out : Path
        The case table.
    truth_out : Path or None
        The truth, where it was asked for.
    """

    preset: str
    seed: int
    n_cases: int
    n_assessments: int
    n_persons: int
    mean_true_risk: dict[float, float]
    out: Path
    truth_out: Path | None


@one_run_per_target
def synthesize(
    *,
    preset: str,
    codebook_path: Path,
    config_path: Path,
    out: Path,
    n_cases: int | None = None,
    seed: int = 0,
    with_truth: Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> SynthesisSummary:
    """Draw synthetic cases and write them.

    Parameters
    ----------
    preset : str
        Preset in the settings file.
    codebook_path : Path
        Codebook that names the columns.
    config_path : Path
        Settings of the generator, such as ``configs/synthetic.yaml``.
    out : Path
        Case table to write: CSV, Parquet or xlsx by its ending.
    n_cases : int, optional
        Number of cases; by default as the preset says.
    seed : int
        The same seed gives the same file.
    with_truth : Path, optional
        Where the true risk of each row is written. Keep it away from training.
    overwrite : bool
        Replace files of these names that hold something else.
    progress : callable
        Told about each step.

    Returns
    -------
    SynthesisSummary

    Raises
    ------
    CodebookError
        If the codebook or the settings break a rule.
    InputError
        If the number of cases is wrong, both files would be the same, or there is another
        file and `overwrite` is False.
    """
    if with_truth is not None and with_truth.resolve() == out.resolve():
        msg = f"The cases and the truth need two files, got {out.name} for both."
        raise InputError(msg)
    codebook = read_codebook(codebook_path)
    parameters = parse_synthetic_parameters(read_yaml(config_path), preset, config_path.name)
    progress(f"drawing cases of the preset {preset}")
    cases = make_cases(parameters, codebook, n_cases=n_cases, random_state=seed)
    progress(f"writing {tell_count(len(cases.frame), 'assessment', 'assessments')}")
    written = {out: cases.frame}
    if with_truth is not None:
        written[with_truth] = cases.truth
    publish_files(
        {path: encode_table(one, path.suffix.lower()) for path, one in written.items()},
        overwrite=overwrite,
    )
    risk = cases.truth.groupby(ASSESSED_WEEK)[f"true_risk_{codebook.primary_horizon:g}w"].mean()
    return SynthesisSummary(
        preset=preset,
        seed=seed,
        n_cases=_count(cases, codebook.key),
        n_assessments=len(cases.frame),
        n_persons=_count(cases, codebook.group),
        mean_true_risk={float(str(week)): float(mean) for week, mean in risk.dropna().items()},
        out=out,
        truth_out=with_truth,
    )


def _count(cases: SyntheticCases, column: str) -> int:
    return int(pd.Series(cases.frame[column]).nunique())
