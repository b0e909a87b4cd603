"""The evidence gate: what a model is fit for, by rules that are written down.

Levels of use are nested: a level is reached where every requirement of it, and of every level
before it, is met. A figure that is not known, or has no interval where one is needed, is never
met. So better evidence never lowers the level. A figure is judged as it is shown, its interval
rounded outward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

from riskmodel.domain.labels import Label
from riskmodel.evaluation.evidence import (
    DIGITS,
    FIGURES,
    NEW_CASES,
    WORDS,
    Attestation,
    Evidence,
    round_outward,
)
from riskmodel.evaluation.figures import Estimate

__all__ = [
    "LEVELS",
    "Breach",
    "Finding",
    "Grounds",
    "Level",
    "LevelRules",
    "PromotionRecord",
    "PromotionRules",
    "Requirement",
    "State",
    "find_breaches",
    "judge_evidence",
]

Level = Literal["demonstration", "exploration", "shadow_use", "pilot", "operation"]
Grounds = Literal["published", "law", "convention", "judgement"]
State = Literal["met", "not_met", "not_known"]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)

DATA_KINDS: Final[dict[Level, frozenset[str]]] = {
    "exploration": frozenset({"public", "case_records"}),
    "shadow_use": frozenset({"case_records"}),
}
"""Data that a level may rest on, whatever the rules say."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a level asks for.

    Parameters
    ----------
    name : str
        Its name in the file.
    ask : Label
        What is asked, in a few words.
    why : Label
        Why the bar stands where it does.
    grounds : {"published", "law", "convention", "judgement"}
        What the bar rests on.
    source : str
        Where to read it; empty without one.
    figure : str
        Name in `riskmodel.evaluation.evidence.FIGURES`; empty where a person attests it.
    at_least, above : float
        Bar of the interval's lower end, which may touch it or not; NaN without.
    at_most : float
        Bar of the interval's upper end; NaN without.
    one_of : tuple of str
        Words that meet it.

    Raises
    ------
    ValueError
        If the bars do not fit the figure.
    """

    name: str
    ask: Label
    why: Label
    grounds: Grounds
    source: str = ""
    figure: str = ""
    at_least: float = math.nan
    above: float = math.nan
    at_most: float = math.nan
    one_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        bars = (self.at_least, self.above, self.at_most)
        numbers = [one for one in bars if not math.isnan(one)]
        if self.attested:
            fits = not numbers and not self.one_of
        elif FIGURES.get(self.figure) == "word":
            fits = not numbers and 0 < len(self.one_of) <= len(WORDS[self.figure])
            fits = fits and set(self.one_of) <= set(WORDS[self.figure])
        else:
            lower = [one for one in bars[:2] if not math.isnan(one)]
            fits = self.figure in FIGURES and bool(numbers) and not self.one_of
            fits = fits and len(lower) < 2 and all(map(math.isfinite, numbers))
            fits = fits and not (lower and lower[0] > self.at_most)
        if not fits or (self.grounds in {"published", "law"} and not self.source):
            msg = f"{self.name}: the bars must fit the figure, and what is published has a source."
            raise ValueError(msg)

    @property
    def attested(self) -> bool:
        """Whether a person answers for it."""
        return not self.figure

    def judge(self, evidence: Evidence) -> State:
        """Return whether the evidence meets it."""
        if self.attested:
            said = evidence.attestations.get(self.name)
            return "not_known" if said is None else "met" if said.answer else "not_met"
        found = evidence.find(self.figure)
        if isinstance(found, str):
            return "met" if found in self.one_of else "not_met"
        if self.figure in WORDS:
            return "not_known"
        return self._judge_shown(round_outward(found, DIGITS[FIGURES[self.figure]]))

    def _judge_shown(self, found: Estimate) -> State:
        lower = not math.isnan(self.at_least) or not math.isnan(self.above)
        needed = [found.value, *([found.low] if lower else [])]
        needed += [] if math.isnan(self.at_most) else [found.high]
        if any(map(math.isnan, needed)):
            return "not_known"
        fails = found.low < self.at_least or found.low <= self.above or found.high > self.at_most
        return "not_met" if fails else "met"


@dataclass(frozen=True, slots=True)
class LevelRules:
    """One level of use.

    Parameters
    ----------
    level : str
        Its name.
    means : Label
        What may be done at it.
    requires : tuple of Requirement
        What it asks for beyond the level before it.
    """

    level: Level
    means: Label
    requires: tuple[Requirement, ...]


Breach = Literal["order", "name", "data_kind", "new_cases"]


def find_breaches(levels: tuple[LevelRules, ...]) -> tuple[tuple[Breach, str], ...]:
    """Return what is wrong with levels taken together, each with where it is.

    Parameters
    ----------
    levels : tuple of LevelRules
        They must be `LEVELS` in order, with requirements of different names; synthetic data
        must end at demonstration and public data at exploration, and a pilot must ask for a
        figure on new cases.
    """
    if tuple(one.level for one in levels) != LEVELS:
        return (("order", ""),)
    found: list[tuple[Breach, str]] = []
    seen: set[str] = set()
    for one in levels:
        for each in one.requires:
            if each.name in seen:
                found.append(("name", each.name))
            seen.add(each.name)
        allowed = DATA_KINDS.get(one.level)
        asked = [set(each.one_of) for each in one.requires if each.figure == "data_kind"]
        if allowed is not None and not any(kinds <= allowed for kinds in asked):
            found.append(("data_kind", one.level))
        new = any(each.figure.startswith(NEW_CASES) for each in one.requires)
        if one.level == "pilot" and not new:
            found.append(("new_cases", one.level))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PromotionRules:
    """What each level of use asks for.

    Parameters
    ----------
    version : str
        Version and digest of the file.
    enough_persons : int
        Persons from which a group or a site counts in the furthest one.
    levels : tuple of LevelRules
        All levels, in order.

    Raises
    ------
    ValueError
        If `find_breaches` finds any.
    """

    version: str
    enough_persons: int
    levels: tuple[LevelRules, ...]

    def __post_init__(self) -> None:
        breaches = find_breaches(self.levels)
        if breaches or self.enough_persons < 1:
            msg = f"the levels break a rule: {', '.join(kind for kind, _ in breaches)}."
            raise ValueError(msg)

    @property
    def attested(self) -> tuple[str, ...]:
        """Names of the requirements that a person answers for."""
        return tuple(each.name for one in self.levels for each in one.requires if each.attested)


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement held against the evidence.

    Parameters
    ----------
    level : str
        The level that asks.
    requirement : Requirement
        What it asks, its bar and the reason.
    state : {"met", "not_met", "not_known"}
        Whether it is met.
    found : Estimate, str, Attestation or None
        The figure, the word or the answer; None where nobody answered.
    """

    level: Level
    requirement: Requirement
    state: State
    found: Estimate | str | Attestation | None


@dataclass(frozen=True, slots=True)
class PromotionRecord:
    """What a model is fit for, as far as the evidence goes.

    Parameters
    ----------
    model_version : str
        The model.
    rules : PromotionRules
        What was asked.
    findings : tuple of Finding
        One per requirement, in the order of the rules.
    """

    model_version: str
    rules: PromotionRules
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        """The highest level whose requirements, and those before it, are all met."""
        reached = LEVELS[0]
        for level in LEVELS:
            if self.find_lacking(level):
                break
            reached = level
        return reached

    @property
    def next_level(self) -> Level | None:
        """The level after the one reached; None at the last."""
        place = LEVELS.index(self.level) + 1
        return LEVELS[place] if place < len(LEVELS) else None

    def find_asked(self, level: Level) -> tuple[Finding, ...]:
        """Return what a level and those before it ask for."""
        upto = LEVELS[: LEVELS.index(level) + 1]
        return tuple(one for one in self.findings if one.level in upto)

    def find_lacking(self, level: Level) -> tuple[Finding, ...]:
        """Return what a level and those before it ask for, and is not met or not known."""
        return tuple(one for one in self.find_asked(level) if one.state != "met")

    def reaches(self, level: Level) -> bool:
        """Whether the evidence reaches a level."""
        return LEVELS.index(level) <= LEVELS.index(self.level)


def judge_evidence(
    evidence: Evidence, rules: PromotionRules, model_version: str
) -> PromotionRecord:
    """Hold the evidence of a model against what each level of use asks for.

    Parameters
    ----------
    evidence : Evidence
        What is known.
    rules : PromotionRules
        What is asked.
    model_version : str
        The model.
    """
    findings = tuple(
        Finding(
            one.level,
            each,
            each.judge(evidence),
            evidence.attestations.get(each.name) if each.attested else evidence.find(each.figure),
        )
        for one in rules.levels
        for each in one.requires
    )
    return PromotionRecord(model_version, rules, findings)
