"""Everything a review of closed cases found, and what so few cases cannot tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.review import STILL_SICK_LISTED
from riskmodel.domain.review_cells import choose_hidden_counts
from riskmodel.domain.review_merge import MergedReview
from riskmodel.evaluation.review_agreement import Agreement, compute_agreement
from riskmodel.evaluation.review_baseline import Judge, compute_judges
from riskmodel.evaluation.review_disclosure import ReviewCounts, hide_counts
from riskmodel.evaluation.review_fields import (
    Association,
    FieldUse,
    SiteContrast,
    compute_associations,
    compute_field_use,
    compute_site_contrasts,
)
from riskmodel.stats.sample_size import (
    auc_half_width,
    expected_shrinkage,
    minimum_sample_size,
    share_half_width,
    supported_parameters,
)

__all__ = ["CaseNeed", "Limits", "ReviewFlow", "ReviewRecord", "compute_review"]

FloatArray = npt.NDArray[np.float64]
PARAMETERS = (1, 5, 10, 20)
AIMED_HALF_WIDTH = 0.1
CHANCE_AGREEMENT = 0.5


@dataclass(frozen=True, slots=True)
class ReviewFlow:
    """How many cases there were at each step.

    Attributes
    ----------
    frame, drawn : int or None
        Cases that could be drawn, and those drawn; None where no sampling log was given.
    listed, double : int
        Cases reviewed, and those by two reviewers.
    estimated : int
        Cases with an own estimate after packet 1.
    later : int
        Cases still running at the later week.
    outcome_known, long_course : int
        Cases whose state at the horizon is known, and long courses among them.
    by_site : mapping of str to int or None
        Cases by municipality; None where hidden.
    open_answers : int
        Answers that a third person has yet to settle.
    """

    frame: int | None
    drawn: int | None
    listed: int
    double: int
    estimated: int
    later: int
    outcome_known: int
    long_course: int
    by_site: Mapping[str, int | None]
    open_answers: int


@dataclass(frozen=True, slots=True)
class CaseNeed:
    """Cases that a model with so many parameters needs.

    Attributes
    ----------
    n_parameters, n : int
        Parameters, and cases by the criteria of Riley et al.
    shrinkage : float
        By what effects fitted to the cases at hand would have to be multiplied.
    """

    n_parameters: int
    n: int
    shrinkage: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the number of cases allows.

    Attributes
    ----------
    n, n_long : int
        Cases with a known outcome.
    foreseen_auc : float
        AUC that the reckoning takes for granted.
    share_half_width, auc_half_width, kappa_half_width : float
        Half-widths of 95 % intervals to expect of the share of long courses, of an AUC of
        `foreseen_auc`, and of a kappa at the limit for usable fields.
    supported_parameters : float
        Parameters that a model could have.
    needs : tuple of CaseNeed
    kappa_cases, auc_cases : int
        Cases for a half-width of 0.10.
    """

    n: int
    n_long: int
    foreseen_auc: float
    share_half_width: float
    auc_half_width: float
    kappa_half_width: float
    supported_parameters: float
    needs: tuple[CaseNeed, ...]
    kappa_cases: int
    auc_cases: int


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """All figures of a review.

    Attributes
    ----------
    codebook, data_kind : str
        Codebook with version, and kind of data.
    horizon_weeks, intake_week, later_week : float
        The horizon, and the weeks of packets 1 and 2.
    usable_kappa, reword_kappa : float
        Limits of the verdicts.
    min_cell : int
        Smallest count shown.
    flow, fields, agreement, associations, judges, contrasts
        The figures.
    limits : Limits or None
        None where all known outcomes are alike.
    """

    codebook: str
    data_kind: str
    horizon_weeks: float
    intake_week: float
    later_week: float
    usable_kappa: float
    reword_kappa: float
    min_cell: int
    flow: ReviewFlow
    fields: tuple[FieldUse, ...]
    agreement: tuple[Agreement, ...]
    associations: tuple[Association, ...]
    judges: tuple[Judge, ...]
    contrasts: tuple[SiteContrast, ...]
    limits: Limits | None
    sampling: Mapping[str, int] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Return the record as plain values; figures that are not known are None."""
        return _plain(asdict(self))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def compute_review(
    merged: MergedReview,
    table: CaseTable,
    *,
    sampling: Mapping[str, int] | None = None,
    random_state: int = 0,
) -> ReviewRecord:
    """Compute every figure of a review.

    Parameters
    ----------
    merged : MergedReview
        All answers.
    table : CaseTable
        The final answers, one row per assessment.
    sampling : mapping of str to int or None
        ``frame`` and ``drawn``, the numbers of cases, where the cases were drawn by lot.
    random_state : int
        Seed of every bootstrap.
    """
    settings, book = merged.plan.settings, merged.plan.codebook
    intake = table.take(table.assessed_week == settings.intake_week)
    long_course = _find_long_courses(intake)
    draws = {"n_draws": settings.bootstrap_draws, "random_state": random_state}
    counts = hide_counts(
        ReviewCounts(
            fields=compute_field_use(merged),
            associations=compute_associations(
                intake, long_course, min_cell=settings.min_cell, **draws
            ),
            agreement=compute_agreement(merged, random_state=random_state),
            contrasts=compute_site_contrasts(intake, **draws),
        ),
        Counter(case.site for case in merged.cases),
        min_cell=settings.min_cell,
    )
    return ReviewRecord(
        codebook=f"{book.name} {book.version}",
        data_kind=book.data_kind,
        horizon_weeks=book.primary_horizon,
        intake_week=settings.intake_week,
        later_week=settings.later_week,
        usable_kappa=settings.usable_kappa,
        reword_kappa=settings.reword_kappa,
        min_cell=settings.min_cell,
        flow=_count_flow(merged, long_course, sampling or {}),
        fields=counts.fields,
        agreement=counts.agreement,
        associations=counts.associations,
        judges=compute_judges(
            intake,
            long_course,
            merged.estimates,
            settings.fixed_score,
            min_cell=settings.min_cell,
            **draws,
        ),
        contrasts=counts.contrasts,
        limits=_reckon_limits(long_course, settings.foreseen_auc, settings.usable_kappa),
        sampling=dict(sampling or {}),
    )


def _find_long_courses(intake: CaseTable) -> FloatArray:
    if intake.outcomes is None:
        return np.full(len(intake), np.nan)
    return intake.outcomes.status_at(intake.codebook.primary_horizon).long_course


def _count_flow(
    merged: MergedReview, long_course: FloatArray, sampling: Mapping[str, int]
) -> ReviewFlow:
    coded = merged.codings
    double = coded.loc[coded["second_reviewer"].notna(), "case_id"].nunique()
    estimated = merged.estimates.loc[merged.estimates["packet"] == "intake", "case_id"].nunique()
    running = (coded["field"] == STILL_SICK_LISTED) & (coded["final"] == "yes")
    sites = Counter(case.site for case in merged.cases)
    known = ~np.isnan(long_course)
    return ReviewFlow(
        frame=sampling.get("frame"),
        drawn=sampling.get("drawn"),
        listed=len(merged.cases),
        double=int(double),
        estimated=int(estimated),
        later=int(running.sum()),
        outcome_known=int(known.sum()),
        long_course=int(long_course[known].sum()),
        by_site=_hide_sites(sites, merged.plan.settings.min_cell),
        open_answers=merged.count("open"),
    )


def _hide_sites(sites: Mapping[str, int], min_cell: int) -> dict[str, int | None]:
    hidden = choose_hidden_counts(sites, {}, min_cell=min_cell)
    return {name: None if name in hidden else n for name, n in sorted(sites.items())}


def _reckon_limits(
    long_course: FloatArray, foreseen_auc: float, usable_kappa: float
) -> Limits | None:
    known = ~np.isnan(long_course)
    n, n_long = int(known.sum()), int(long_course[known].sum())
    if not 0 < n_long < n:
        return None
    rate = n_long / n
    needs = tuple(
        CaseNeed(
            n_parameters=count,
            n=minimum_sample_size(rate, count, auc=foreseen_auc).n,
            shrinkage=expected_shrinkage(n, count, rate, auc=foreseen_auc),
        )
        for count in PARAMETERS
    )
    spread = _kappa_spread(usable_kappa)
    wide = auc_half_width(foreseen_auc, n_long, n - n_long)
    return Limits(
        n=n,
        n_long=n_long,
        foreseen_auc=foreseen_auc,
        share_half_width=share_half_width(n, rate),
        auc_half_width=wide,
        kappa_half_width=spread / math.sqrt(n),
        supported_parameters=supported_parameters(n, rate, auc=foreseen_auc),
        needs=needs,
        kappa_cases=math.ceil((spread / AIMED_HALF_WIDTH) ** 2),
        # The variance of an AUC falls with the number of cases at a fixed share of long courses.
        auc_cases=math.ceil(n * (wide / AIMED_HALF_WIDTH) ** 2),
    )


def _kappa_spread(kappa: float) -> float:
    """Half-width of kappa's interval times the root of n, for two equally common values."""
    agree = kappa + (1 - kappa) * CHANCE_AGREEMENT
    return 1.96 * math.sqrt(agree * (1 - agree)) / (1 - CHANCE_AGREEMENT)
