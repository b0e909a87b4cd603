"""Settings of the synthetic generator, as frozen objects that check themselves.

`riskmodel.domain.synthetic_settings` builds them from a mapping in which every value
stands beside its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from riskmodel.domain.parameter_rules import (
    Shares,
    check_number,
    check_positive,
    check_rising,
    check_shares,
    check_whole,
)
from riskmodel.domain.synthetic_course_parameters import CourseParameters, ReviewParameters

__all__ = [
    "DocumentParameters",
    "Keep",
    "LandmarkRows",
    "PeopleParameters",
    "SelectionParameters",
    "SyntheticParameters",
]

Keep = Literal["all", "closed", "open"]
LandmarkRows = Literal["all", "intake", "latest"]

EMPLOYER_PERIOD_WEEKS = 30 / 7


@dataclass(frozen=True, slots=True)
class PeopleParameters:
    """Who becomes sick-listed, where, and with which facts at intake.

    Parameters
    ----------
    sites : tuple of str
        Names of the municipalities; made up unless a preset says otherwise.
    site_log_hazard_sd : float
        Standard deviation between sites of the log-hazard of recovery.
    site_seed : int
        Fixes the effect of each site, whatever the seed of the cases.
    repeat_share : float
        Chance that a person's spell is followed by one more, in [0, 1).
    max_spells : int
        Most spells of one person.
    repeat_gap_weeks : tuple of int
        Shortest and longest time from the end of a spell to the next one.
    first_absence_from, first_absence_to : date
        First spells begin in this window, both days included.
    shares : mapping of str to Shares
        Field to level to share, independent of the diagnosis.
    kind_of_diagnosis : mapping of str to str
        Diagnosis group to the kind that `shares_by_kind` is tabulated by.
    shares_by_kind : mapping
        Field to kind to level to share.
    shift_shares : Shares
        Chances of -1, 0 and 1 step from a person's worst limitation to that at work.
    days_to_form : tuple of float
        Mean and standard deviation of the days until the intake form is answered.
    """

    sites: tuple[str, ...]
    site_log_hazard_sd: float
    site_seed: int
    repeat_share: float
    max_spells: int
    repeat_gap_weeks: tuple[int, int]
    first_absence_from: date
    first_absence_to: date
    shares: Mapping[str, Shares]
    kind_of_diagnosis: Mapping[str, str]
    shares_by_kind: Mapping[str, Mapping[str, Shares]]
    shift_shares: Shares
    days_to_form: tuple[float, float]

    def __post_init__(self) -> None:
        if not self.sites or len(set(self.sites)) != len(self.sites):
            msg = f"sites must be different names, at least one, got {list(self.sites)}."
            raise ValueError(msg)
        check_number("site_log_hazard_sd", self.site_log_hazard_sd, 0.0, 2.0)
        check_whole("site_seed", self.site_seed, 0)
        check_number("repeat_share", self.repeat_share, 0.0, 0.9)
        check_whole("max_spells", self.max_spells, 1)
        check_rising("repeat_gap_weeks", self.repeat_gap_weeks, at_least=2)
        if self.first_absence_from > self.first_absence_to:
            msg = "first_absence_from must not lie after first_absence_to."
            raise ValueError(msg)
        for field, shares in self.shares.items():
            check_shares(f"shares.{field}", shares)
        kinds = set(self.kind_of_diagnosis.values())
        for field, by_kind in self.shares_by_kind.items():
            if set(by_kind) != kinds:
                msg = f"shares_by_kind.{field} must cover the kinds {sorted(kinds)}."
                raise ValueError(msg)
            for kind, shares in by_kind.items():
                check_shares(f"shares_by_kind.{field}.{kind}", shares)
            if len({tuple(shares) for shares in by_kind.values()}) > 1:
                msg = f"shares_by_kind.{field} must list the same levels for every kind."
                raise ValueError(msg)
        if set(self.shares.get("diagnosis_group", {})) != set(self.kind_of_diagnosis):
            msg = "kind_of_diagnosis must name exactly the levels of shares.diagnosis_group."
            raise ValueError(msg)
        check_shares("shift_shares", self.shift_shares)
        for value in self.days_to_form:
            check_positive("days_to_form", value)


@dataclass(frozen=True, slots=True)
class DocumentParameters:
    """How facts turn into what the documents say: rounding, optimism, gaps, rater noise.

    Parameters
    ----------
    citizen_centre_weeks, gp_centre_weeks : float
        Expected duration where the outlook is neutral, before optimism.
    citizen_slope, gp_slope : float
        Rise of the log expected duration for one unit of outlook.
    citizen_noise_sd, gp_noise_sd : float
        Noise on the log expected duration.
    citizen_optimism, gp_optimism : float
        Factor on the expected duration; below 1 is optimistic.
    preferred_weeks : tuple of float
        Round answers, rising.
    preferred_share : float
        Share of the answers that are rounded to one of them.
    revision_weeks : float
        At a review, a citizen whose expected week has passed moves it to the first round
        answer at least so many weeks ahead.
    citizen_unknown_log_odds, citizen_unknown_slope : float
        Log-odds that the citizen cannot say, and their rise with the outlook.
    expectation_noise_sd : float
        Noise on the outlook behind the four-step expectation of returning.
    expectation_cuts : tuple of float
        Cut points between certain, probable, doubtful and not expected.
    certificate_from_weeks : float
        A certificate is mostly requested where the citizen expects at least so long.
    certificate_share_long, certificate_share_short : float
        Chance of a request from there on, and below.
    certificate_by_intake_share : float
        Chance that a requested certificate is there at intake; the rest comes by review.
    rater_error_share : float
        Chance that a rated field is one step off.
    rated_fields : tuple of str
        Fields coded by a rater.
    not_stated : mapping of str to float
        Field to the chance that the documents do not state it.
    register_share, register_bias_weeks, register_sd_weeks : float
        Share of the durations that come from weekly register codes, and their error.
    hindsight_share_long, hindsight_share_short : float
        Chance that a case is called complicated once its end is known.
    relapse_share : float
        Chance of a relapse within 12 weeks of recovery.
    """

    citizen_centre_weeks: float
    citizen_slope: float
    citizen_noise_sd: float
    citizen_optimism: float
    gp_centre_weeks: float
    gp_slope: float
    gp_noise_sd: float
    gp_optimism: float
    preferred_weeks: tuple[float, ...]
    preferred_share: float
    revision_weeks: float
    citizen_unknown_log_odds: float
    citizen_unknown_slope: float
    expectation_noise_sd: float
    expectation_cuts: tuple[float, ...]
    certificate_from_weeks: float
    certificate_share_long: float
    certificate_share_short: float
    certificate_by_intake_share: float
    rater_error_share: float
    rated_fields: tuple[str, ...]
    not_stated: Mapping[str, float]
    register_share: float
    register_bias_weeks: float
    register_sd_weeks: float
    hindsight_share_long: float
    hindsight_share_short: float
    relapse_share: float

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name.endswith(("_share", "_share_long", "_share_short")):
                check_number(name, value, 0.0, 1.0)
            elif name.endswith(("_centre_weeks", "_optimism")):
                check_positive(name, value)
            elif name.endswith(("_sd", "_sd_weeks")) or name == "revision_weeks":
                check_number(name, value, 0.0)
            elif name.endswith(("_slope", "_log_odds", "_from_weeks", "_bias_weeks")):
                check_number(name, value)
        check_rising("preferred_weeks", self.preferred_weeks)
        check_rising("expectation_cuts", self.expectation_cuts)
        for field, share in self.not_stated.items():
            check_number(f"not_stated.{field}", share, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class SelectionParameters:
    """Which cases and assessments end up in the table.

    Parameters
    ----------
    default_cases : int
        Number of cases where none is asked for.
    intake_week_employed, intake_week_not_employed : float
        Week of the first assessment. Employed persons are seen only after the employer
        period of 30 days.
    review_weeks : tuple of float
        Weeks of the later assessments of those still sick-listed.
    rows : {"all", "intake", "latest"}
        All assessments of a case, its first, or its last.
    keep : {"all", "closed", "open"}
        Which cases, seen at the extraction date.
    extraction_date : date or None
        Last day seen; None follows every course to its end.
    only_employed, exclude_standby : bool
        Leave out other persons, and cases under the stand-by scheme.
    long_share : float or None
        Share of courses beyond the primary horizon in each site; None takes them as they come.
    """

    default_cases: int
    intake_week_employed: float
    intake_week_not_employed: float
    review_weeks: tuple[float, ...]
    rows: LandmarkRows
    keep: Keep
    extraction_date: date | None
    only_employed: bool
    exclude_standby: bool
    long_share: float | None

    def __post_init__(self) -> None:
        check_whole("default_cases", self.default_cases, 1)
        check_number("intake_week_employed", self.intake_week_employed, EMPLOYER_PERIOD_WEEKS)
        check_number("intake_week_not_employed", self.intake_week_not_employed, 0.0)
        intake = max(self.intake_week_employed, self.intake_week_not_employed)
        check_rising("review_weeks", (intake, *self.review_weeks))
        if self.rows not in get_args(LandmarkRows):
            msg = f"rows must be one of {', '.join(get_args(LandmarkRows))}, got {self.rows!r}."
            raise ValueError(msg)
        if self.keep not in get_args(Keep):
            msg = f"keep must be one of {', '.join(get_args(Keep))}, got {self.keep!r}."
            raise ValueError(msg)
        if self.keep == "open" and self.extraction_date is None:
            msg = "keep: open needs an extraction_date; without one every course is closed."
            raise ValueError(msg)
        for name in ("only_employed", "exclude_standby"):
            if not isinstance(getattr(self, name), bool):
                msg = f"{name} must be true or false, got {getattr(self, name)!r}."
                raise TypeError(msg)
        if self.long_share is not None:
            check_number("long_share", self.long_share, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class SyntheticParameters:
    """Everything the generator needs, with the source of each value.

    Parameters
    ----------
    preset : str
        Name of the preset.
    sources : mapping of str to str
        Key path to the source of its value: an address, or the word ``assumption``.
    """

    preset: str
    people: PeopleParameters
    course: CourseParameters
    review: ReviewParameters
    documents: DocumentParameters
    selection: SelectionParameters
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        levels = {**self.people.shares}
        for field, by_kind in self.people.shares_by_kind.items():
            levels[field] = next(iter(by_kind.values()))
        for field, effects in self.course.effects.items():
            unknown = set(effects) - set(levels.get(field, effects))
            if unknown:
                msg = f"course.effects.{field} names levels without a share: {sorted(unknown)}."
                raise ValueError(msg)
