"""Thresholds: closed cases, a model and a policy in; consequences and suggestions out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from riskmodel.domain.labels import Language
from riskmodel.errors import CodebookError, Fault, InputError
from riskmodel.io.atomic import publish_documents
from riskmodel.io.bundle import load_bundle
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.yaml_files import read_yaml
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.synthesize import synthesize
from riskmodel.pipelines.threshold_judgement import DRAWS, judge_thresholds
from riskmodel.report.thresholds_page import (
    ThresholdsReport,
    describe_thresholds,
    render_thresholds,
)
from riskmodel.training.fit import fingerprint_cases
from riskmodel.visitation.consequence_figures import Capacity
from riskmodel.visitation.inflow import Inflow, parse_inflow
from riskmodel.visitation.threshold_record import Wishes

__all__ = [
    "INFLOW",
    "ThresholdsSummary",
    "check_wishes",
    "read_inflow",
    "run_threshold_example",
    "thresholds",
]

INFLOW: Final = Path("configs/inflow.yaml")
SYNTHETIC: Final = Path("configs/synthetic.yaml")
EXAMPLE_CASES: Final = 800
EXAMPLE_SEED: Final = 3
EXAMPLE_TALKS: Final = 45.0
EXAMPLE_MISS_RATE: Final = 0.05


@dataclass(frozen=True, slots=True)
class ThresholdsSummary:
    """What was worked out, in a few figures.

    Parameters
    ----------
    model_version, policy_version : str
        Which model and policy.
    n_cases : int
        Closed cases judged.
    talks_a_week : tuple of float
        Talks a week at the policy's thresholds, with the limits of the interval.
    lower, upper : float or None
        Suggested thresholds; None where nothing was asked for or nothing fits.
    suggestion : str
        The suggestion, or that nothing fits, in a sentence.
    out : str
        Folder of the report.
    record : dict
        Every figure, as written to thresholds.json.
    """

    model_version: str
    policy_version: str
    n_cases: int
    talks_a_week: tuple[float, float, float]
    lower: float | None
    upper: float | None
    suggestion: str
    out: str
    record: dict[str, Any]

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        value, low, high = self.talks_a_week
        return "\n".join(
            [
                f"{self.n_cases} closed cases judged by model {self.model_version}",
                f"policy {self.policy_version}: {value:.0f} talks a week ({low:.0f} to {high:.0f})",
                self.suggestion,
                f"written to {self.out}; open {Path(self.out) / 'index.html'}",
            ]
        )


@one_run_per_target
def thresholds(
    paths: Sequence[Path],
    *,
    model_path: Path,
    policy_path: Path,
    out: Path,
    inflow_path: Path = INFLOW,
    sites: Sequence[str] = (),
    capacity_talks: float | None = None,
    capacity_hours: float | None = None,
    largest_miss_rate: float | None = None,
    lang: Language = "da",
    legal_basis: Path | None = None,
    n_draws: int = DRAWS,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress = silent,
) -> ThresholdsSummary:
    """Work out what thresholds lead to in a year, suggest some, and write a report.

    Parameters
    ----------
    paths : sequence of Path
        Files of closed cases that the model was not trained on.
    model_path, policy_path : Path
        Folder of the saved model, and the visitation policy.
    out : Path
        Folder for the report.
    inflow_path : Path
        What a year brings.
    sites : sequence of str
        Municipalities of the inflow to work out; all of them where none is named.
    capacity_talks, capacity_hours : float, optional
        What the staff can hold in a week; the policy's own figure where none is given.
    largest_miss_rate : float, optional
        Largest share of long courses that may get the lightest tier.
    lang : {"da", "en"}
        Language of the report.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    n_draws, seed : int
        Simulated years, and the seed.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.
    progress : callable
        Told about each step.

    Raises
    ------
    InputError
        If a wish is out of range, a municipality is unknown, the cases are the training
        table, or there are too few of them.
    """
    wishes = check_wishes(capacity_talks, capacity_hours, largest_miss_rate)
    inflow = read_inflow(inflow_path)
    if sites:
        inflow = inflow.take_sites(tuple(sites))
    model = load_bundle(model_path)
    check_legal_basis(model.codebook.data_kind, "training", legal_basis)
    policy = read_policy(policy_path, model.codebook)
    progress("reading cases")
    cases = read_cases(paths, model.codebook, require_outcomes=True)
    if model.provenance.has_learned_from(fingerprint_cases(cases)):
        msg = (
            "Thresholds must be chosen on cases that the model was not trained on, and this is "
            "its training table. Give closed cases that took no part in the training; only the "
            "identical table is recognised here."
        )
        raise InputError(msg)
    report = judge_thresholds(
        model,
        cases,
        policy,
        inflow=inflow,
        wishes=wishes,
        n_draws=n_draws,
        seed=seed,
        progress=progress,
    )
    progress("writing the report")
    _publish(out, report, lang, overwrite=overwrite)
    return _summarise(report, out, lang)


def run_threshold_example(
    out: Path,
    *,
    model_path: Path,
    policy_path: Path,
    codebook_path: Path,
    lang: Language = "da",
    progress: Progress = silent,
) -> ThresholdsSummary:
    """Make synthetic closed cases and work out thresholds for them, for the demo.

    Parameters
    ----------
    out : Path
        Folder of the report; the cases lie beside it.
    model_path, policy_path, codebook_path : Path
        The model, the rules and the codebook.
    lang : {"da", "en"}
        Language of the report.
    progress : callable
        Told about each step.
    """
    closed = out.with_name(f"{out.name}_cases.parquet")
    synthesize(
        preset="history",
        codebook_path=codebook_path,
        config_path=SYNTHETIC,
        out=closed,
        n_cases=EXAMPLE_CASES,
        seed=EXAMPLE_SEED,
        overwrite=True,
    )
    return thresholds(
        [closed],
        model_path=model_path,
        policy_path=policy_path,
        out=out,
        capacity_talks=EXAMPLE_TALKS,
        largest_miss_rate=EXAMPLE_MISS_RATE,
        lang=lang,
        overwrite=True,
        progress=progress,
    )


def check_wishes(
    talks: float | None, hours: float | None, largest_miss_rate: float | None
) -> Wishes:
    """Return the wishes, or say what is wrong with them.

    Raises
    ------
    InputError
        If a capacity is not above zero, two are given, or the miss rate is no share.
    """
    if talks is not None and hours is not None:
        msg = "Give --capacity-talks or --capacity-hours, not both."
        raise InputError(msg)
    for name, value in (("--capacity-talks", talks), ("--capacity-hours", hours)):
        if value is not None and not 0 < value < np.inf:
            msg = (
                f"{name} must be more than 0, got {value:g}. With nobody to hold talks there is "
                "no threshold to choose; leave the option out to see what each threshold asks for."
            )
            raise InputError(msg)
    if largest_miss_rate is not None and not 0 <= largest_miss_rate < 1:
        msg = (
            f"--largest-miss-rate must be a share from 0 to below 1, got {largest_miss_rate:g}; "
            "write 0.1 for 10 %."
        )
        raise InputError(msg)
    return Wishes(Capacity(talks, hours), largest_miss_rate)


def read_inflow(path: Path) -> Inflow:
    """Read what a year brings.

    Raises
    ------
    CodebookError
        If there is no such file, or it does not describe an inflow.
    """
    if not path.is_file():
        fault = Fault(
            path.name,
            "The file with the yearly inflow is not there.",
            "Copy configs/inflow.yaml, put your own counts in, and name it with --inflow.",
        )
        raise CodebookError(fault)
    return parse_inflow(read_yaml(path), path.name)


def _publish(out: Path, report: ThresholdsReport, lang: Language, *, overwrite: bool) -> None:
    documents = {
        "thresholds.json": encode_json(describe_thresholds(report)),
        "index.html": render_thresholds(report, lang).encode(),
    }
    publish_documents(out, documents, overwrite=overwrite)


def _summarise(report: ThresholdsReport, out: Path, lang: Language) -> ThresholdsSummary:
    record, talks = report.record, report.record.proposal.talks_a_week
    found = record.suggested
    return ThresholdsSummary(
        model_version=report.model_version,
        policy_version=record.policy_version,
        n_cases=record.n_cases,
        talks_a_week=(talks.value, talks.low, talks.high),
        lower=None if found is None else found.lower,
        upper=None if found is None else found.upper,
        suggestion=" ".join(report.say_suggestion(lang)),
        out=str(out),
        record=describe_thresholds(report),
    )
