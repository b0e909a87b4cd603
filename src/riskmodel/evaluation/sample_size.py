"""Whether there are cases enough, against the criteria of Riley and colleagues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.errors import InputError
from riskmodel.evaluation.figures import read_float, to_mapping
from riskmodel.evaluation.judged_rows import require_outcomes
from riskmodel.stats.sample_size import (
    auc_half_width,
    expected_shrinkage,
    minimum_sample_size,
    share_half_width,
    supported_parameters,
)

__all__ = ["SampleSizeJudgement", "count_parameters", "judge_sample_size"]

FORESEEN_AUC = 0.75
FEWEST_PERSONS = 50
FEWEST_RARER = 15
COUNTS = (
    "n_persons",
    "n_events",
    "n_parameters",
    "needed",
    "for_shrinkage",
    "for_optimism",
    "for_mean_risk",
)


@dataclass(frozen=True, slots=True)
class SampleSizeJudgement:
    """Cases there are, and cases that are needed.

    Parameters
    ----------
    n_persons, n_events : int
        Persons whose state at the primary horizon is known, and those of them with a long
        course; each counts once, at the first such assessment. -1 where fewer than five are
        of one kind; the needs are then those of five, so that they do not tell the number.
    n_parameters : int
        Candidate parameters: one per number, ordered or yes/no field, one less than its
        levels per category.
    foreseen_auc : float
        AUC that the needs are worked out for; an assumption, never the AUC found.
    needed : int
        Persons needed by the strictest criterion.
    for_shrinkage, for_optimism, for_mean_risk : int
        Persons needed by each.
    expected_shrinkage : float
        Factor that effects would have to be multiplied by without any penalty.
    supported_parameters : float
        Parameters that the persons can carry at a shrinkage of 0.9.
    share_half_width, auc_half_width : float
        Half-widths of 95 % intervals to expect; NaN where a class is empty.
    """

    n_persons: int
    n_events: int
    n_parameters: int
    foreseen_auc: float
    needed: int
    for_shrinkage: int
    for_optimism: int
    for_mean_risk: int
    expected_shrinkage: float
    supported_parameters: float
    share_half_width: float
    auc_half_width: float

    @property
    def enough(self) -> bool:
        """Whether every criterion is met."""
        return self.n_persons >= self.needed

    @property
    def far_too_few(self) -> bool:
        """Whether no figure of a model of these cases can show that it is any good."""
        rarer = min(self.n_events, self.n_persons - self.n_events)
        return self.n_persons < FEWEST_PERSONS or rarer < FEWEST_RARER

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as a JSON-able mapping; NaN becomes None."""
        found: dict[str, Any] = to_mapping(self)
        return {**found, "enough": self.enough}

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> SampleSizeJudgement:
        """Return the record that `to_mapping` wrote."""
        values = {name: read_float(value) for name, value in given.items() if name != "enough"}
        for name in COUNTS:
            values[name] = int(values[name])
        return cls(**values)  # type: ignore[arg-type]


def count_parameters(table: CaseTable) -> int:
    """Return the number of candidate parameters of a codebook's indicators."""
    return sum(
        len(one.levels) - 1 if one.type == "category" else 1 for one in table.codebook.indicators
    )


def judge_sample_size(
    table: CaseTable, *, foreseen_auc: float = FORESEEN_AUC
) -> SampleSizeJudgement:
    """Hold the number of cases against what a model of these indicators needs.

    Parameters
    ----------
    table : CaseTable
        Cases with outcomes.
    foreseen_auc : float
        AUC foreseen, default 0.75: what questionnaire-type fields reach in published work.

    Raises
    ------
    InputError
        If all persons have long courses at their first assessment, or none has.

    References
    ----------
    Riley et al. (2020), BMJ 368:m441. https://doi.org/10.1136/bmj.m441
    """
    horizon = table.codebook.primary_horizon
    status = require_outcomes(table).status_at(horizon)
    asked = status.known & (table.assessed_week < horizon)
    rows = np.flatnonzero(asked)
    rows = rows[np.lexsort((table.case_id[rows], table.assessed_week[rows]))]
    _, first = np.unique(table.group[rows], return_index=True)
    n = len(first)
    long = int(np.sum(status.long_course[rows[first]] == 1))
    if not 0 < long < n:
        msg = (
            "Sample size needs persons with long and persons with short courses, got "
            f"{long} long of {n} at their first assessments; add cases."
        )
        raise InputError(msg)
    counted = min(max(long, MIN_CELL), max(n - MIN_CELL, (n + 1) // 2))
    rate, parameters = counted / n, count_parameters(table)
    needed = minimum_sample_size(rate, parameters, auc=foreseen_auc)
    return SampleSizeJudgement(
        n_persons=n,
        n_events=long if counted == long else -1,
        n_parameters=parameters,
        foreseen_auc=foreseen_auc,
        needed=needed.n,
        for_shrinkage=needed.for_shrinkage,
        for_optimism=needed.for_optimism,
        for_mean_risk=needed.for_mean_risk,
        expected_shrinkage=expected_shrinkage(n, parameters, rate, auc=foreseen_auc),
        supported_parameters=supported_parameters(n, rate, auc=foreseen_auc),
        share_half_width=share_half_width(n, rate),
        auc_half_width=auc_half_width(foreseen_auc, counted, n - counted),
    )
