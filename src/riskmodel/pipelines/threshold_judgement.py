"""Consequences, suggestions and fairness of thresholds, worked out from cases in memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.counting import tell_count
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.fairness import GroupFairness, JudgedChoice, compare_groups
from riskmodel.evaluation.groups import Grouping, find_groupings
from riskmodel.evaluation.judged_rows import find_judged_rows, require_outcomes
from riskmodel.evaluation.simplest_rule import find_simplest_field
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.report.thresholds_page import ThresholdsReport
from riskmodel.visitation.consequence_figures import Capacity
from riskmodel.visitation.consequences import Consequences
from riskmodel.visitation.equal_treatment import compare_equal_treatment
from riskmodel.visitation.inflow import Inflow
from riskmodel.visitation.judged_cases import JudgedCases, YearlyScale
from riskmodel.visitation.offers import AT_RISK, LIGHT, OWN_TRACK, Visitation
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.threshold_record import ThresholdRecord, Wishes, work_out_thresholds

__all__ = ["DRAWS", "judge_thresholds"]

DRAWS: Final = 200


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
    progress(f"working out a year from {tell_count(len(judged), 'case', 'cases')}, {n_draws} times")
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
        floor=MIN_CELL if model.codebook.data_kind == "case_records" else 0,
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
    scale = YearlyScale.of(cases, record.inflow, record.n_draws, record.seed)
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
