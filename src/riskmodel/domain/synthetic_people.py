"""Synthetic people and the true facts of their cases at intake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.parameter_rules import Shares
from riskmodel.domain.synthetic_parameters import PeopleParameters, SyntheticParameters

__all__ = ["Facts", "add_facts", "draw_facts", "draw_people", "draw_shares", "list_levels"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
DayArray = npt.NDArray[np.datetime64]

NOT_APPLICABLE = -1
PERSON_FIELDS = (
    "sex",
    "age_band",
    "employment_status",
    "sector",
    "workplace_size",
    "job_type",
    "comorbidity_count",
    "prior_benefit_other_24m",
    "psychosocial_strain",
)
CASE_FIELDS = (
    "diagnosis_group",
    "employer_exists_to_return",
    "sick_report_extent",
    "prior_sick_weeks_24m",
    "employer_talk_by_w4",
    "employer_contact_quality",
    "modified_tasks_offered",
    "capability_statement",
    "conflict_or_insecurity_at_work",
    "fast_track",
)
# What an absent employer means for the fields that ask about one.
_WITHOUT_EMPLOYER: Mapping[str, str | int] = {
    "sector": NOT_APPLICABLE,
    "workplace_size": NOT_APPLICABLE,
    "job_type": NOT_APPLICABLE,
    "employer_talk_by_w4": NOT_APPLICABLE,
    "employer_exists_to_return": "no",
    "employer_contact_quality": "none",
    "modified_tasks_offered": "impossible",
}
_SELF_EMPLOYED: Mapping[str, str | int] = {
    "sector": "private",
    "workplace_size": "<10",
    "employer_talk_by_w4": NOT_APPLICABLE,
    "employer_exists_to_return": "yes",
    "employer_contact_quality": "none",
}
_PRIOR_WEEKS = (0.5, 4.5, 12.5, 26.5)
_DERIVED = {
    "accommodation_needs": ("none", "some", "extensive"),
    "rtw_self_efficacy": ("low", "medium", "high"),
    "rtw_expectation": ("certain", "probable", "doubtful", "not_expected"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The true facts of n cases at intake; every one of them drives the course.

    Attributes
    ----------
    codes : mapping of str to ndarray of int, shape (n,)
        Field to the position of the level, -1 where the field does not apply.
    outlook : ndarray of float, shape (n,)
        The person's own outlook; higher means slower.
    effect : ndarray of float, shape (n,)
        Sum of all effects, log-odds of slow recovery.
    site_log_hazard : ndarray of float, shape (n,)
        Effect of the site on the log-hazard of recovery.
    first_absence : ndarray of datetime64[D], shape (n,)
        First day of absence.
    days_to_form : ndarray of int, shape (n,)
        Days until the intake form is answered.
    """

    codes: Mapping[str, IntArray]
    outlook: FloatArray
    effect: FloatArray
    site_log_hazard: FloatArray
    first_absence: DayArray
    days_to_form: IntArray


def list_levels(parameters: SyntheticParameters) -> dict[str, tuple[str, ...]]:
    """Return the levels of every field that the generator draws, in their order."""
    people = parameters.people
    levels = {field: tuple(shares) for field, shares in people.shares.items()}
    for field, by_kind in people.shares_by_kind.items():
        levels[field] = tuple(next(iter(by_kind.values())))
    levels["function_work"] = levels["function_mental"]
    levels["triage_regime"] = tuple(parameters.course.regime_starts)
    levels["municipality"] = people.sites
    return {**levels, **_DERIVED}


def draw_shares(shares: Shares, n: int, rng: np.random.Generator) -> IntArray:
    """Draw n positions of levels with the given shares.

    Examples
    --------
    >>> draw_shares({"no": 0.0, "yes": 1.0}, 3, np.random.default_rng(0))
    array([1, 1, 1])
    """
    edges = np.cumsum(list(shares.values()))
    drawn = np.searchsorted(edges, rng.random(n) * edges[-1], side="right")
    return np.asarray(np.minimum(drawn, len(edges) - 1), dtype=np.int64)


def draw_people(
    parameters: SyntheticParameters, n: int, rng: np.random.Generator
) -> dict[str, IntArray]:
    """Draw what belongs to a person rather than to a spell.

    Returns
    -------
    dict of str to ndarray of int, shape (n,)
        Field to the position of the level.
    """
    people = parameters.people
    codes = {field: draw_shares(people.shares[field], n, rng) for field in PERSON_FIELDS}
    codes["municipality"] = rng.integers(0, len(people.sites), n)
    if parameters.selection.only_employed:
        employed = list(people.shares["employment_status"]).index("employed")
        codes["employment_status"] = np.full(n, employed, dtype=np.int64)
    return codes


def draw_facts(
    parameters: SyntheticParameters,
    person: Mapping[str, IntArray],
    first_absence: DayArray,
    prior_weeks: FloatArray,
    rng: np.random.Generator,
) -> Facts:
    """Draw the facts of one case for each person.

    Parameters
    ----------
    person : mapping of str to ndarray of int, shape (n,)
        What `draw_people` returned for these persons.
    first_absence : ndarray of datetime64[D], shape (n,)
        First day of absence.
    prior_weeks : ndarray of float, shape (n,)
        Length of the person's earlier spell in the table; 0 where there is none.
    """
    people, n = parameters.people, len(first_absence)
    levels = list_levels(parameters)
    codes = dict(person)
    codes.update({field: draw_shares(people.shares[field], n, rng) for field in CASE_FIELDS})
    _draw_by_kind(people, codes, rng)
    _draw_function(people, codes, levels, rng)
    earlier = np.searchsorted(_PRIOR_WEEKS, prior_weeks)
    codes["prior_sick_weeks_24m"] = np.maximum(codes["prior_sick_weeks_24m"], earlier)
    starts = np.array(list(parameters.course.regime_starts.values()), dtype="datetime64[D]")
    regime = np.searchsorted(starts, first_absence, side="right") - 1
    codes["triage_regime"] = np.maximum(regime, 0)
    if parameters.selection.exclude_standby:
        codes["standby"] = np.full(n, levels["standby"].index("no"))
    _apply_employment(codes, levels)
    mean, sd = people.days_to_form
    shape = (mean / sd) ** 2
    days = np.clip(np.rint(rng.gamma(shape, mean / shape, n)), 0, 90).astype(np.int64)
    return add_facts(parameters, codes, first_absence, days, rng)


def add_facts(
    parameters: SyntheticParameters,
    codes: dict[str, IntArray],
    first_absence: DayArray,
    days_to_form: IntArray,
    rng: np.random.Generator,
) -> Facts:
    """Draw the outlook and the belief in own coping, and add up all effects."""
    course, n = parameters.course, len(first_absence)
    levels = list_levels(parameters)
    facts_effect = np.zeros(n)
    for field in course.effects:
        if field != "rtw_self_efficacy":
            facts_effect += _effect_of(parameters, field, codes, levels)
    outlook = course.outlook_loading * facts_effect + rng.standard_normal(n)
    loading = course.self_efficacy_loading
    belief = -loading * outlook + np.sqrt(1 - loading**2) * rng.standard_normal(n)
    codes["rtw_self_efficacy"] = np.searchsorted(course.self_efficacy_cuts, belief)
    effect = facts_effect + course.outlook_effect * outlook
    effect += _effect_of(parameters, "rtw_self_efficacy", codes, levels)
    effect += course.interactions * _pair_effect(parameters, codes, levels)
    people = parameters.people
    site_rng = np.random.default_rng(people.site_seed)
    site_effects = people.site_log_hazard_sd * site_rng.standard_normal(len(people.sites))
    return Facts(
        codes=codes,
        outlook=outlook,
        effect=effect,
        site_log_hazard=site_effects[codes["municipality"]],
        first_absence=first_absence,
        days_to_form=days_to_form,
    )


def _draw_by_kind(
    people: PeopleParameters, codes: dict[str, IntArray], rng: np.random.Generator
) -> None:
    kinds = sorted(set(people.kind_of_diagnosis.values()))
    diagnoses = list(people.shares["diagnosis_group"])
    kind_codes = np.array([kinds.index(people.kind_of_diagnosis[one]) for one in diagnoses])
    kind = kind_codes[codes["diagnosis_group"]]
    for field, by_kind in people.shares_by_kind.items():
        edges = np.array([np.cumsum(list(by_kind[one].values())) for one in kinds])
        uniform = rng.random(len(kind))[:, np.newaxis]
        drawn = (uniform >= edges[kind]).sum(axis=1)
        codes[field] = np.minimum(drawn, edges.shape[1] - 1)


def _draw_function(
    people: PeopleParameters,
    codes: dict[str, IntArray],
    levels: Mapping[str, tuple[str, ...]],
    rng: np.random.Generator,
) -> None:
    worst = np.maximum(codes["function_bodily"], codes["function_mental"])
    n, top = len(worst), len(levels["function_work"]) - 1
    shift = draw_shares(people.shift_shares, n, rng) - 1
    codes["function_work"] = np.clip(worst + shift, 0, top)
    shift = draw_shares(people.shift_shares, n, rng) - 1
    codes["accommodation_needs"] = np.clip(codes["function_work"] - 1 + shift, 0, 2)


def _apply_employment(codes: dict[str, IntArray], levels: Mapping[str, tuple[str, ...]]) -> None:
    status = np.array(levels["employment_status"])[codes["employment_status"]]
    consequences = (
        (np.isin(status, ("unemployed", "other")), _WITHOUT_EMPLOYER),
        (status == "self_employed", _SELF_EMPLOYED),
    )
    for rows, changes in consequences:
        for field, level in changes.items():
            code = levels[field].index(level) if isinstance(level, str) else level
            codes[field] = np.where(rows, np.int64(code), codes[field])


def _effect_of(
    parameters: SyntheticParameters,
    field: str,
    codes: Mapping[str, IntArray],
    levels: Mapping[str, tuple[str, ...]],
) -> FloatArray:
    effects = parameters.course.effects.get(field, {})
    table = np.array([float(effects.get(level, 0.0)) for level in levels[field]] + [0.0])
    return np.asarray(table[codes[field]], dtype=np.float64)


def _pair_effect(
    parameters: SyntheticParameters,
    codes: Mapping[str, IntArray],
    levels: Mapping[str, tuple[str, ...]],
) -> FloatArray:
    total = np.zeros(len(codes["municipality"]))
    for pair in parameters.course.pair_effects:
        met = np.ones(len(total), dtype=bool)
        for field, chosen in ((pair.first, pair.first_levels), (pair.second, pair.second_levels)):
            wanted = np.array([level in chosen for level in levels[field]] + [False])
            met &= wanted[codes[field]]
        total += pair.effect * met
    return total
