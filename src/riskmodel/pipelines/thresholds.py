"""Thresholds: closed cases, a model and a policy in; consequences and suggestions out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.labels import Language
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.errors import CodebookError, Fault, InputError
from riskmodel.evaluation.fairness import GroupFairness, JudgedChoice, compare_groups
from riskmodel.evaluation.groups import Grouping, find_groupings
from riskmodel.evaluation.judged_rows import find_judged_rows, require_outcomes
from riskmodel.evaluation.simplest_rule import find_simplest_field
from riskmodel.io.atomic import MANIFEST, publish_folder
from riskmodel.io.bundle import load_bundle
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.policy_files import read_policy
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.yaml_files import read_yaml
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.synthesize import synthesize
from riskmodel.report.thresholds_page import (
    ThresholdsReport,
    describe_thresholds,
    render_thresholds,
)
from riskmodel.training.fit import fingerprint_cases
from riskmodel.visitation.consequence_figures import Capacity
from riskmodel.visitation.consequences import Consequences
from riskmodel.visitation.equal_treatment import compare_equal_treatment
from riskmodel.visitation.inflow import Inflow, parse_inflow
from riskmodel.visitation.judged_cases import JudgedCases, YearlyScale
from riskmodel.visitation.offers import AT_RISK, LIGHT, OWN_TRACK, Visitation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.threshold_record import ThresholdRecord, Wishes, work_out_thresholds

__all__ = [
    "INFLOW",
    "ThresholdsSummary",
    "check_wishes",
    "judge_thresholds",
    "run_threshold_example",
    "thresholds",
]

INFLOW: Final = Path("configs/inflow.yaml")
DRAWS: Final = 200
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
        Replace a folder that riskmodel did not make.
    progress : callable
        Told about each step.

    Raises
    ------
    InputError
        If a wish is out of range, a municipality is unknown, the cases are the training
        table, or there are too few of them.
    """
    wishes = check_wishes(capacity_talks, capacity_hours, largest_miss_rate)
    inflow = _read_inflow(inflow_path)
    if sites:
        inflow = inflow.take_sites(tuple(sites))
    model = load_bundle(model_path)
    check_legal_basis(model.codebook.data_kind, "training", legal_basis)
    policy = read_policy(policy_path, model.codebook)
    progress("reading cases")
    cases = read_cases(paths, model.codebook, require_outcomes=True)
    if fingerprint_cases(cases) == model.provenance.data_fingerprint:
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


def judge_thresholds(
    model: RiskModel,
    table: CaseTable,
    policy: Policy,
    *,
    inflow: Inflow,
    wishes: Wishes,
    n_draws: int = DRAWS,
    seed: int = 0,
    progress: Progress = silent,
) -> ThresholdsReport:
    """Work out consequences, suggestions and fairness of cases in memory.

    Parameters
    ----------
    model : RiskModel
        The model.
    table : CaseTable
        Closed cases that it was not trained on; each counts at its first assessment.
    policy : Policy
        The rules.
    inflow : Inflow
        What a year brings.
    wishes : Wishes
        Capacity and largest miss rate.
    n_draws, seed : int
        Simulated years, and the seed.
    progress : callable
        Told about each step.
    """
    if not wishes.capacity.known and policy.talks_a_week is not None:
        wishes = Wishes(Capacity(policy.talks_a_week), wishes.largest_miss_rate)
    horizon = policy.horizon_weeks or model.codebook.primary_horizon
    visitation, judged, n_left_out = _judge_cases(model, table, policy, horizon)
    progress(f"working out a year from {len(judged)} cases, {n_draws} times")
    citizen = find_simplest_field(model.codebook)
    record = work_out_thresholds(
        visitation,
        inflow,
        wishes,
        horizon_weeks=horizon,
        citizen_field=citizen,
        n_left_out=n_left_out,
        n_draws=n_draws,
        seed=seed,
    )
    progress("comparing groups")
    return _compare_groups(model, judged, visitation, record)


def _judge_cases(
    model: RiskModel, table: CaseTable, policy: Policy, horizon: float
) -> tuple[Visitation, CaseTable, int]:
    """Return the cases at their first assessment whose state at the horizon was seen."""
    order = np.lexsort((table.assessed_week, table.case_id))
    _, heads = np.unique(table.case_id[order], return_index=True)
    first = table.take(np.sort(order[heads]))
    scored = score_cases(model, first)
    risk, low, high = scored.risk_at(horizon)
    rows = find_judged_rows(first, horizon, risk)
    at = rows.rows
    judged = first.take(at)
    cases = JudgedCases(
        risk=risk[at],
        risk_low=low[at],
        risk_high=high[at],
        outside_training=scored.outside_training[at],
        long_course=rows.y,
        duration_weeks=require_outcomes(judged).duration_weeks,
        assessed_week=judged.assessed_week,
        weight=rows.weight,
        person=rows.person,
        site=judged.site,
    )
    return Visitation.of(policy, cases, judged.fields), judged, len(first) - len(judged)


def _compare_groups(
    model: RiskModel, judged: CaseTable, visitation: Visitation, record: ThresholdRecord
) -> ThresholdsReport:
    cases, chosen = visitation.cases, record.chosen
    offer = visitation.offer(chosen.lower, chosen.upper)
    groupings = [one for one in find_groupings(judged) if one.family in {"site", "group"}]
    decided = offer.rung != OWN_TRACK
    compared: dict[str, tuple[GroupFairness, ...]] = {}
    for name, picked in (("lower", offer.rung != LIGHT), ("upper", offer.rung == AT_RISK)):
        choice = JudgedChoice(
            picked[decided],
            cases.long_course[decided],
            cases.risk[decided],
            cases.weight[decided],
            cases.person[decided],
        )
        compared[name] = compare_groups(
            choice,
            [_take(one, decided) for one in groupings],
            min_cell=MIN_CELL,
            n_draws=record.n_draws,
            seed=record.seed,
        )
    scale = YearlyScale.of(cases, record.inflow, 1, record.seed)
    consequences = Consequences(scale, visitation.policy, Capacity(), record.seed)
    audited = {one.name for one in model.codebook.audit_fields}
    equal = [
        compare_equal_treatment(
            consequences, visitation, offer, one.field, one.levels, one.level_of
        )
        for one in groupings
        if one.field in audited and one.family == "group"
    ]
    return ThresholdsReport(
        record=record,
        codebook=model.codebook,
        policy=visitation.policy,
        model_version=model.version,
        at_lower=compared["lower"],
        at_upper=compared["upper"],
        equal_treatment=tuple(one for one in equal if one is not None),
    )


def _take(grouping: Grouping, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> Grouping:
    return Grouping(grouping.family, grouping.field, grouping.levels, grouping.level_of[rows])


def _read_inflow(path: Path) -> Inflow:
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
    with publish_folder(out, overwrite=overwrite) as folder:
        for name, data in documents.items():
            (folder / name).write_bytes(data)
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in documents.items()}
        (folder / MANIFEST).write_bytes(encode_json({"files": digests}))


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
