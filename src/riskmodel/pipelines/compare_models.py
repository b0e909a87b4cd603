"""A new model beside the current one: read early, compared when the training is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.labels import Language
from riskmodel.errors import Fault, InputError
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.evaluation.judged_rows import find_judged_rows, require_outcomes
from riskmodel.evaluation.model_change import ModelFigures, SeenBefore, compare_models
from riskmodel.io.atomic import publish_documents
from riskmodel.io.bundle import load_bundle
from riskmodel.io.output_targets import check_folder_target
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import ScoredCases, contributions_in_points, score_cases
from riskmodel.report.comparison_page import (
    ComparisonReport,
    describe_comparison,
    render_comparison,
)
from riskmodel.stats.arrays import FloatArray
from riskmodel.training.fit import fingerprint_cases
from riskmodel.visitation.inflow import Inflow
from riskmodel.visitation.judged_cases import JudgedCases
from riskmodel.visitation.offers import Visitation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.tier_change import compare_tiers

__all__ = [
    "CurrentModel",
    "compare_with_current",
    "comparison_documents",
    "comparison_folder",
    "publish_comparison",
    "ready_current",
]

DRAWS = 200


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """The model in use, with the training cases as its own codebook reads them.

    Parameters
    ----------
    model : RiskModel
        The model.
    cases : ScoredCases
        The rows of the training, in the same order, scored by it.
    seen_before : {"all", "not_known"}
        Whether it was trained on this very table.
    policy : Policy or None
        Rules that both models are held against.
    inflow : Inflow or None
        What a year brings.
    """

    model: RiskModel
    cases: ScoredCases
    seen_before: SeenBefore
    policy: Policy | None
    inflow: Inflow | None


def comparison_folder(out: Path) -> Path:
    """Return the folder of the comparison: beside the new model, since a model holds no more."""
    return out.with_name(f"{out.name}_comparison")


def ready_current(
    path: Path,
    files: Sequence[Path],
    cases: CaseTable,
    *,
    policy: Policy | None,
    inflow: Inflow | None,
    out: Path,
    overwrite: bool,
) -> CurrentModel:
    """Load the current model and score the training cases with it, before the long work.

    Parameters
    ----------
    path : Path
        Folder of the current model.
    files : sequence of Path
        Files of the training cases.
    cases : CaseTable
        The same as the new codebook reads them.
    policy, inflow : optional
        Rules, and what a year brings.
    out : Path
        Where the new model will be saved.
    overwrite : bool
        Whether a comparison may be replaced.

    Raises
    ------
    InputError
        If the two models speak of different horizons, the current one's codebook does not
        read the files, or the comparison cannot be written.
    """
    check_folder_target(comparison_folder(out), overwrite=overwrite)
    model = load_bundle(path)
    ours, theirs = cases.codebook.primary_horizon, model.codebook.primary_horizon
    if ours != theirs:
        problem = (
            "the two models must speak of the same horizon, and the current one is about "
            f"{theirs:g} weeks, the new one about {ours:g}."
        )
        raise InputError(Fault(path.name, problem, "Compare with a model of the same horizon."))
    table = cases if model.codebook == cases.codebook else read_cases(files, model.codebook)
    if not np.array_equal(table.case_id, cases.case_id) or not np.array_equal(
        table.assessed_week, cases.assessed_week
    ):
        problem = "its codebook reads other rows of the files than the new codebook does."
        raise InputError(Fault(path.name, problem, "Compare with a model of the same key fields."))
    same = model.provenance.has_learned_from(fingerprint_cases(table))
    return CurrentModel(
        model=model,
        cases=score_cases(model, table),
        seen_before="all" if same else "not_known",
        policy=policy,
        inflow=inflow,
    )


def compare_with_current(
    current: CurrentModel, new: RiskModel, held_out: HeldOutScores, cases: CaseTable, *, seed: int
) -> ComparisonReport:
    """Compare a trained model with the current one on the training rows.

    The new model's risks are held out: each is by a model that had not seen the person.
    Its contributions, and the width of its intervals, are those of the saved model.

    Parameters
    ----------
    current : CurrentModel
        From `ready_current`.
    new : RiskModel
        The new model.
    held_out : HeldOutScores
        Held-out scores of the rows.
    cases : CaseTable
        The rows.
    seed : int
        Seed of the draws.
    """
    scored = score_cases(new, cases)
    change = compare_models(
        cases,
        _describe(current.cases, current.cases.risk_at(cases.codebook.primary_horizon)[0]),
        _describe(scored, held_out.risk),
        seen_by_current=current.seen_before,
        n_draws=DRAWS,
        seed=seed,
    )
    policy, tiers = current.policy, None
    if policy is not None and current.inflow is not None:
        horizon = policy.horizon_weeks or cases.codebook.primary_horizon
        risks = new.risk_between(held_out.score, scored.scores.margin, cases.assessed_week, horizon)
        before, after = _hold_against(
            policy,
            cases,
            horizon,
            _RisksOfModel(current.cases.risk_at(horizon), current.cases.outside_training),
            _RisksOfModel(risks, scored.outside_training),
        )
        tiers = compare_tiers(
            before, after, current.inflow, horizon_weeks=horizon, n_draws=DRAWS, seed=seed
        )
    return ComparisonReport(
        change=change,
        tiers=tiers,
        labels=ComparisonReport.label(new.codebook, current.model.codebook),
        tier_labels={} if policy is None else {one.id: one.label for one in policy.tiers},
        data_kind=cases.codebook.data_kind,
    )


def comparison_documents(report: ComparisonReport, lang: Language) -> dict[str, bytes]:
    """Return a comparison as the files that are published."""
    return {
        "comparison.json": encode_json(describe_comparison(report)),
        "index.html": render_comparison(report, lang).encode(),
    }


def publish_comparison(
    out: Path, report: ComparisonReport, lang: Language, *, overwrite: bool
) -> Path:
    """Write a comparison beside the new model, and return its folder."""
    folder = comparison_folder(out)
    publish_documents(folder, comparison_documents(report, lang), overwrite=overwrite)
    return folder


def _describe(cases: ScoredCases, risk: FloatArray) -> ModelFigures:
    points = contributions_in_points(cases)
    names = [one.name for one in cases.model.codebook.indicators]
    return ModelFigures(
        cases.model.version, risk, {name: points[:, place] for place, name in enumerate(names)}
    )


@dataclass(frozen=True, slots=True, eq=False)
class _RisksOfModel:
    """Risk with its interval at the policy's horizon, and rows unlike all training."""

    risks: tuple[FloatArray, FloatArray, FloatArray]
    outside: npt.NDArray[np.bool_]


def _hold_against(
    policy: Policy,
    cases: CaseTable,
    horizon: float,
    current: _RisksOfModel,
    new: _RisksOfModel,
) -> tuple[Visitation, Visitation]:
    """Hold both models' risks of the same first assessments against a policy."""
    order = np.lexsort((cases.assessed_week, cases.case_id))
    _, heads = np.unique(cases.case_id[order], return_index=True)
    first = np.zeros(len(cases), dtype=np.bool_)
    first[order[heads]] = True
    both = np.where(first & ~np.isnan(current.risks[0]), new.risks[0], np.nan)
    rows = find_judged_rows(cases, horizon, both)
    at = rows.rows
    judged = cases.take(at)

    def hold(model: _RisksOfModel) -> Visitation:
        risk, low, high = (one[at] for one in model.risks)
        found = JudgedCases(
            risk=risk,
            risk_low=low,
            risk_high=high,
            outside_training=model.outside[at],
            long_course=rows.y,
            duration_weeks=require_outcomes(judged).duration_weeks,
            assessed_week=judged.assessed_week,
            weight=rows.weight,
            person=rows.person,
            site=judged.site,
        )
        return Visitation.of(policy, found, judged.fields)

    return hold(current), hold(new)
