"""What the documents of a synthetic case say: rounded, optimistic, incomplete, rated by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.synthetic_parameters import DocumentParameters, SyntheticParameters
from riskmodel.domain.synthetic_people import Facts, list_levels
from riskmodel.domain.synthetic_reviews import ReviewState

__all__ = ["Column", "Documents", "describe_assessment", "draw_documents"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Column = FloatArray | IntArray

LONGEST_ANSWER = 104.0
STATE_ONLY = ("partial_rtw",)


@dataclass(frozen=True, slots=True)
class Documents:
    """What the documents of n cases say, whatever the assessment.

    Attributes
    ----------
    citizen_intended_weeks : ndarray of float, shape (n,)
        What the citizen has in mind, before rounding.
    citizen_weeks, gp_weeks : ndarray of float, shape (n,)
        The answers; NaN where the citizen cannot say, or no certificate is requested.
    certificate_by_intake : ndarray of bool, shape (n,)
        The certificate is there at the first assessment.
    rtw_expectation : ndarray of int, shape (n,)
        Position of the level of the four-step answer.
    rater_errors : mapping of str to ndarray of int, shape (n,)
        Rated field to the steps that the rater is off.
    not_stated : mapping of str to ndarray of bool, shape (n,)
        Field to whether the documents leave it out.
    """

    citizen_intended_weeks: FloatArray
    citizen_weeks: FloatArray
    gp_weeks: FloatArray
    certificate_by_intake: BoolArray
    rtw_expectation: IntArray
    rater_errors: Mapping[str, IntArray]
    not_stated: Mapping[str, BoolArray]


def draw_documents(
    parameters: SyntheticParameters, facts: Facts, rng: np.random.Generator
) -> Documents:
    """Draw what the documents of each case say."""
    own, n = parameters.documents, len(facts.outlook)
    log_citizen = np.log(own.citizen_centre_weeks * own.citizen_optimism)
    log_citizen = log_citizen + own.citizen_slope * facts.outlook
    intended = np.exp(log_citizen + own.citizen_noise_sd * rng.standard_normal(n))
    unknown_odds = own.citizen_unknown_log_odds + own.citizen_unknown_slope * facts.outlook
    unknown = rng.random(n) < 1 / (1 + np.exp(-unknown_odds))
    citizen = np.where(unknown, np.nan, round_answers(intended, own, rng))
    requested = rng.random(n) < np.where(
        intended >= own.certificate_from_weeks,
        own.certificate_share_long,
        own.certificate_share_short,
    )
    log_gp = np.log(own.gp_centre_weeks * own.gp_optimism) + own.gp_slope * facts.outlook
    gp_intended = np.exp(log_gp + own.gp_noise_sd * rng.standard_normal(n))
    gp_weeks = np.where(requested, round_answers(gp_intended, own, rng), np.nan)
    answer = facts.outlook + own.expectation_noise_sd * rng.standard_normal(n)
    return Documents(
        citizen_intended_weeks=intended,
        citizen_weeks=citizen,
        gp_weeks=gp_weeks,
        certificate_by_intake=requested & (rng.random(n) < own.certificate_by_intake_share),
        rtw_expectation=np.searchsorted(own.expectation_cuts, answer),
        rater_errors={field: _draw_rater_errors(own, n, rng) for field in own.rated_fields},
        not_stated={field: rng.random(n) < share for field, share in own.not_stated.items()},
    )


def round_answers(
    weeks: FloatArray, parameters: DocumentParameters, rng: np.random.Generator
) -> FloatArray:
    """Return durations as people state them: mostly a round answer, else whole weeks.

    Parameters
    ----------
    weeks : ndarray of float, shape (n,)
        What they have in mind; greater than 0.
    """
    preferred = np.array(parameters.preferred_weeks, dtype=np.float64)
    # Nearest on the log scale: 3 months and 4 months are as far apart as 6 and 8.
    cuts = np.sqrt(preferred[:-1] * preferred[1:])
    rounded = preferred[np.searchsorted(cuts, weeks)]
    whole = np.clip(np.rint(weeks), 1.0, LONGEST_ANSWER)
    return np.where(rng.random(len(weeks)) < parameters.preferred_share, rounded, whole)


def describe_assessment(
    parameters: SyntheticParameters, facts: Facts, documents: Documents, state: ReviewState
) -> dict[str, Column]:
    """Return the observed fields of n cases at one assessment.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        Positions of levels (int, -1 where missing) or numbers (float, NaN where missing).
    """
    levels = list_levels(parameters)
    observed: dict[str, Column] = {}
    for field, codes in state.codes.items():
        if field in STATE_ONLY:
            continue
        error = documents.rater_errors.get(field)
        observed[field] = codes if error is None else _rate(codes, error, len(levels[field]))
    observed["rtw_expectation"] = documents.rtw_expectation
    at_intake = bool(np.isnan(state.waited_weeks).all())
    arrived = ~np.isnan(documents.gp_weeks)
    if at_intake:
        arrived = documents.certificate_by_intake
    observed["gp_picture"] = np.where(arrived, observed["gp_picture"], -1)
    observed["expected_duration_gp_weeks"] = np.where(arrived, documents.gp_weeks, np.nan)
    observed["expected_duration_citizen_weeks"] = _revise(
        documents.citizen_weeks, state.week, at_intake=at_intake, parameters=parameters.documents
    )
    observed["waiting_weeks"] = np.minimum(state.waited_weeks, LONGEST_ANSWER)
    observed["partial_rtw_started_week"] = state.partial_rtw_week
    observed["n_contacts_by_t"] = state.contacts.astype(np.float64)
    observed["days_to_form"] = facts.days_to_form.astype(np.float64)
    for field, gone in documents.not_stated.items():
        values = observed[field]
        missing = np.nan if values.dtype.kind == "f" else -1
        observed[field] = np.where(gone, missing, values)
    return observed


def _revise(
    answers: FloatArray, week: FloatArray, *, at_intake: bool, parameters: DocumentParameters
) -> FloatArray:
    if at_intake:
        return answers
    preferred = np.array(parameters.preferred_weeks, dtype=np.float64)
    later = np.searchsorted(preferred, week + parameters.revision_weeks)
    moved = preferred[np.minimum(later, len(preferred) - 1)]
    return np.where(answers <= week, moved, answers)


def _draw_rater_errors(
    parameters: DocumentParameters, n: int, rng: np.random.Generator
) -> IntArray:
    direction = 2 * rng.integers(0, 2, n) - 1
    return np.where(rng.random(n) < parameters.rater_error_share, direction, 0)


def _rate(codes: IntArray, error: IntArray, n_levels: int) -> IntArray:
    rated = np.clip(codes + error, 0, n_levels - 1)
    return np.where(codes < 0, codes, rated)
