"""Settings of how long synthetic courses last and what changes on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from riskmodel.domain.parameter_rules import (
    Shares,
    check_number,
    check_positive,
    check_probability_pair,
    check_rising,
    check_shares,
)

__all__ = ["CourseParameters", "PairEffect", "ReviewParameters"]


@dataclass(frozen=True, slots=True)
class PairEffect:
    """Extra log-odds of slow recovery where two facts meet, before `interactions` scales it."""

    first: str
    first_levels: tuple[str, ...]
    second: str
    second_levels: tuple[str, ...]
    effect: float

    def __post_init__(self) -> None:
        if not self.first_levels or not self.second_levels:
            msg = "first_levels and second_levels must each name at least one level."
            raise ValueError(msg)
        check_number("effect", self.effect)


@dataclass(frozen=True, slots=True)
class CourseParameters:
    """How long courses last, given the facts.

    Recovery follows one of two Weibull laws; the log-odds of the slow one are
    ``slow_log_odds`` plus the effects of the facts. Other endings compete with it.

    Parameters
    ----------
    slow_log_odds : float
        Log-odds of slow recovery at intake where all effects are zero.
    fast_scale_weeks, fast_shape, slow_scale_weeks, slow_shape : float
        The two Weibull laws, weeks from the first absence day.
    hazard_slope : float
        Fall of the log-hazard of recovery for one unit of the effects' sum; >= 0.
    competing_from_weeks, competing_weekly_hazard : tuple of float
        The hazard of other endings is constant from each week to the next; starts at 0.
    competing_slope : float
        Rise of the log-hazard of other endings for one unit of the effects' sum.
    reassessment_weeks : tuple of float
        First and last week of the reassessment, where endings bunch.
    reasons_at_reassessment, reasons_otherwise : Shares
        Reasons of the competing endings in and outside those weeks.
    regime_reasons : mapping of str to mapping of str to str
        Regime to the reasons that are named otherwise in it.
    regime_starts : mapping of str to str
        Regime to the first day it holds from (ISO), earliest first.
    effects : mapping of str to mapping of str to float
        Field to level to log-odds of slow recovery.
    outlook_effect : float
        Effect of one unit of the person's own outlook.
    outlook_loading : float
        How much of the other effects' sum the person's outlook reflects.
    self_efficacy_loading : float
        How much of the outlook goes into the belief in one's own coping; in [0, 1].
    self_efficacy_cuts : tuple of float
        Cut points between low, medium and high.
    interactions : float
        Strength of the pair effects: 0 leaves the facts additive in the log-odds.
    pair_effects : tuple of PairEffect
        The pair effects at strength 1.
    """

    slow_log_odds: float
    fast_scale_weeks: float
    fast_shape: float
    slow_scale_weeks: float
    slow_shape: float
    hazard_slope: float
    competing_from_weeks: tuple[float, ...]
    competing_weekly_hazard: tuple[float, ...]
    competing_slope: float
    reassessment_weeks: tuple[float, float]
    reasons_at_reassessment: Shares
    reasons_otherwise: Shares
    regime_reasons: Mapping[str, Mapping[str, str]]
    regime_starts: Mapping[str, str]
    effects: Mapping[str, Mapping[str, float]]
    outlook_effect: float
    outlook_loading: float
    self_efficacy_loading: float
    self_efficacy_cuts: tuple[float, ...]
    interactions: float
    pair_effects: tuple[PairEffect, ...]

    def __post_init__(self) -> None:
        for name in ("fast_scale_weeks", "fast_shape", "slow_scale_weeks", "slow_shape"):
            check_positive(name, getattr(self, name))
        for name in ("slow_log_odds", "competing_slope", "outlook_effect", "outlook_loading"):
            check_number(name, getattr(self, name))
        check_number("hazard_slope", self.hazard_slope, 0.0)
        check_number("interactions", self.interactions, 0.0)
        check_number("self_efficacy_loading", self.self_efficacy_loading, 0.0, 1.0)
        check_rising("self_efficacy_cuts", self.self_efficacy_cuts)
        self._check_competing()
        starts = [date.fromisoformat(day) for day in self.regime_starts.values()]
        if not starts or starts != sorted(set(starts)):
            msg = "regime_starts must be different ISO dates, earliest first."
            raise ValueError(msg)
        for field, levels in self.effects.items():
            for level, effect in levels.items():
                check_number(f"effects.{field}.{level}", effect)

    def _check_competing(self) -> None:
        check_rising("competing_from_weeks", self.competing_from_weeks)
        if self.competing_from_weeks[0] != 0:
            msg = f"competing_from_weeks must start at 0, got {self.competing_from_weeks[0]}."
            raise ValueError(msg)
        if len(self.competing_weekly_hazard) != len(self.competing_from_weeks):
            msg = "competing_weekly_hazard must have one hazard for each of competing_from_weeks."
            raise ValueError(msg)
        for hazard in self.competing_weekly_hazard:
            check_positive("competing_weekly_hazard", hazard)
        check_rising("reassessment_weeks", self.reassessment_weeks, at_least=2)
        check_shares("reasons_at_reassessment", self.reasons_at_reassessment)
        check_shares("reasons_otherwise", self.reasons_otherwise)


@dataclass(frozen=True, slots=True)
class ReviewParameters:
    """What changes between two assessments, by recovery group.

    Parameters
    ----------
    events : mapping of str to tuple of float
        Event to its chances from one assessment to the next, [fast group, slow group].
    capability_statement_share : float
        Chance that a fit-for-work statement arrives between two assessments.
    contacts_per_week, light_contacts_per_week : float
        Conversations a week; the light rate holds for the regimes in `light_regimes`, for
        employed persons who expect to be back within `light_up_to_weeks`.
    light_regimes : tuple of str
        Regimes without a contact course for that group.
    light_up_to_weeks : float
        Longest expected duration of that group.
    waiting_mean_weeks : float
        Mean waiting time behind those who wait for treatment at intake.
    """

    events: Mapping[str, tuple[float, float]]
    capability_statement_share: float
    contacts_per_week: float
    light_contacts_per_week: float
    light_regimes: tuple[str, ...]
    light_up_to_weeks: float
    waiting_mean_weeks: float

    def __post_init__(self) -> None:
        for name, pair in self.events.items():
            check_probability_pair(f"events.{name}", pair)
        check_number("capability_statement_share", self.capability_statement_share, 0.0, 1.0)
        for name in ("contacts_per_week", "light_contacts_per_week", "light_up_to_weeks"):
            check_number(name, getattr(self, name), 0.0)
        check_positive("waiting_mean_weeks", self.waiting_mean_weeks)
