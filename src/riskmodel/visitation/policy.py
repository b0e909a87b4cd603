"""A visitation policy: dated, versioned rules that turn a risk into a recommendation.

The policy lies outside the model: another policy needs no retraining.
`riskmodel.visitation.policy_parsing` builds it from the mapping in a YAML file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError, Fault
from riskmodel.visitation.audit import AuditRules
from riskmodel.visitation.conditions import Condition, fields_compared, fields_named
from riskmodel.visitation.regimes import Regime, find_regime
from riskmodel.visitation.schedule import Reassessment
from riskmodel.visitation.thresholds import Threshold
from riskmodel.visitation.tiers import Ladder, Tier

__all__ = [
    "AUDIT_RULES",
    "BUILT_IN_RULES",
    "MISSING",
    "OwnTrack",
    "Policy",
    "Requirement",
    "WorklistKey",
]

MISSING = "missing:"
BUILT_IN_RULES = (
    "not_scored",
    "risk_high",
    "risk_between",
    "risk_low",
    "interval_straddles",
    "interval_straddles_upper",
    "interval_missing",
    "outside_training",
    "not_in_force",
)
AUDIT_RULES = ("audit_without_score", "audit_contact")
MAX_RULES = 64
_NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")

RequirementKind = Literal["gate", "uncomplicated"]
WorklistKey = Literal[
    "risk_falling", "risk_rising", "assessed_week_falling", "assessed_week_rising"
]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that must be known and true before the lightest tier is recommended.

    Parameters
    ----------
    id : str
        Names what is wrong where it is not met; printed in the column ``reasons``.
    kind : {"gate", "uncomplicated"}
        Part of the law's exemption, or a test of an uncomplicated course.
    condition : Condition
        What must be true.
    text : Label
        The rule as a sentence.
    not_met : Label
        The sentence for a case that does not meet it.
    at_least : str
        The lightest tier still recommended where it is not met.
    """

    id: str
    kind: RequirementKind
    condition: Condition
    text: Label
    not_met: Label
    at_least: str


@dataclass(frozen=True, slots=True)
class OwnTrack:
    """An exception that goes to a tier of its own before the risk is looked at."""

    id: str
    condition: Condition
    text: Label
    tier: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Dated, versioned visitation rules.

    Parameters
    ----------
    name, version : str
        Identify the policy.
    digest : str
        First eight hexadecimal digits of the sha256 of the file's content.
    title : Label
        What people call it.
    valid_from : date
        First day it holds.
    lower, upper : Threshold
        Between them lies the adviser's band.
    tiers : tuple of Tier
        Everything that can be recommended.
    ladder : Ladder
        The tiers that the risk leads to.
    own_tracks : tuple of OwnTrack
        Exceptions, tried in order before the risk is looked at.
    requirements : tuple of Requirement
        The law's gate first, then the tests of an uncomplicated course.
    needed_facts : tuple of Field
        Facts without which the lightest tier is never recommended.
    valid_to : date or None
        Last day it holds; None where open.
    approved_by : str or None
        The role or body that approved it; None means not approved, for test.
    basis : Label or None
        Where the service level and the rules come from.
    gate_text, uncomplicated_text : Label or None
        Introductions to the two groups of requirements.
    regime : Regime or None
        The rules of law it is written for.
    regimes : tuple of Regime
        Every period of the law that is known, in order of time.
    horizon_weeks : float or None
        Horizon of the risk it reads; None for whatever the model's primary horizon is.
    worklist_tiers : tuple of str
        Tiers in the order of the worklist.
    worklist_keys : tuple of str
        Order within a tier; the case identifier settles what is left.
    talks_a_week : float or None
        Conversations that the staff can hold a week, where known.
    first_absence_day : Field or None
        The date from which weeks count; without it nothing gets a day.
    reassessment : Reassessment or None
        When a running course is assessed again.
    audit : AuditRules or None
        Cases drawn by lot; None draws nobody.
    own_judgement_first : bool
        Whether the case page asks for the adviser's own judgement before it shows the model's.
    source : str
        Name of the file, for messages.

    Raises
    ------
    CodebookError
        With every broken rule.
    """

    name: str
    version: str
    digest: str
    title: Label
    valid_from: dt.date
    lower: Threshold
    upper: Threshold
    tiers: tuple[Tier, ...]
    ladder: Ladder
    own_tracks: tuple[OwnTrack, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    needed_facts: tuple[Field, ...] = ()
    valid_to: dt.date | None = None
    approved_by: str | None = None
    basis: Label | None = None
    gate_text: Label | None = None
    uncomplicated_text: Label | None = None
    regime: Regime | None = None
    regimes: tuple[Regime, ...] = ()
    horizon_weeks: float | None = None
    worklist_tiers: tuple[str, ...] = ()
    worklist_keys: tuple[WorklistKey, ...] = ("risk_falling",)
    talks_a_week: float | None = None
    week_name: str = "assessed_week"
    first_absence_day: Field | None = None
    reassessment: Reassessment | None = None
    audit: AuditRules | None = None
    own_judgement_first: bool = False
    source: str = "policy"

    def __post_init__(self) -> None:
        if not self.worklist_tiers:
            rungs = tuple(reversed(self.ladder.rungs))
            others = tuple(one.id for one in self.tiers if one.id not in rungs)
            object.__setattr__(self, "worklist_tiers", (*rungs[:2], *others, rungs[2]))
        faults = [
            Fault(self.source, problem, remedy, column=key)
            for key, problem, remedy in _find_problems(self)
        ]
        if faults:
            raise CodebookError(faults)

    @property
    def policy_version(self) -> str:
        """Name, version and digest, as written in every output."""
        return f"{self.name}@{self.version}+{self.digest}"

    @property
    def is_approved(self) -> bool:
        """Whether somebody with the authority has approved the policy."""
        return self.approved_by is not None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the policy is valid on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def later_regimes(self) -> tuple[Regime, ...]:
        """Rules of law that begin while the policy holds."""
        last = self.valid_to or dt.date.max
        return tuple(
            one
            for one in self.regimes
            if one.valid_from is not None and self.valid_from < one.valid_from <= last
        )

    def find_regime(self, day: dt.date | None) -> Regime | None:
        """Return the rules of law on a day; of the policy's own period where it is unknown."""
        if day is None:
            return self.regime
        return find_regime(self.regimes, day)

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """Identifiers of the tiers, in the order of the file."""
        return tuple(tier.id for tier in self.tiers)

    def find_tier(self, tier_id: str) -> Tier:
        """Return the tier of that identifier.

        Raises
        ------
        KeyError
            If there is none.
        """
        for tier in self.tiers:
            if tier.id == tier_id:
                return tier
        raise KeyError(tier_id)

    @property
    def rules(self) -> tuple[OwnTrack | Requirement, ...]:
        """Exceptions and requirements, in the order they are looked at."""
        return (*self.own_tracks, *self.requirements)

    @property
    def facts_asked(self) -> tuple[Field, ...]:
        """Fields whose absence keeps a case from the lightest tier, without repeats."""
        asked = list(self.needed_facts)
        for rule in self.rules:
            asked.extend(fields_compared(rule.condition))
        return tuple({field.name: field for field in asked}.values())

    @property
    def fields_named(self) -> tuple[Field, ...]:
        """Every field that a rule looks at, without repeats."""
        named = list(self.needed_facts)
        for rule in self.rules:
            named.extend(fields_named(rule.condition))
        return tuple({field.name: field for field in named}.values())

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule that can lead to a tier, in the order that reasons are named."""
        return (
            *(one.id for one in self.own_tracks),
            *BUILT_IN_RULES[:4],
            *(one.id for one in self.requirements),
            *BUILT_IN_RULES[4:],
            *(AUDIT_RULES if self.audit is not None else ()),
            *(MISSING + field.name for field in self.facts_asked),
        )


Problem = tuple[str, str, str]


def _find_problems(policy: Policy) -> Iterator[Problem]:
    for key, name in (("name", policy.name), *(("tiers", one) for one in policy.tier_ids)):
        if not _NAME.match(name):
            yield key, f"must be small letters, digits, _ and -, got {name!r}.", "Rename it."
    if policy.valid_to is not None and policy.valid_to < policy.valid_from:
        yield "valid_to", f"lies before valid_from {policy.valid_from}.", "Correct one of them."
    if policy.lower.value > policy.upper.value:
        yield (
            "thresholds",
            f"lower {policy.lower.value:g} is above upper {policy.upper.value:g}.",
            "Swap them, or make them equal for no adviser's band.",
        )
    yield from _find_tier_problems(policy)
    yield from _find_track_problems(policy)
    yield from _find_rule_problems(policy)
    yield from _find_regime_problems(policy)


def _find_tier_problems(policy: Policy) -> Iterator[Problem]:
    known, rungs = set(policy.tier_ids), policy.ladder.rungs
    remedy = f"Use one of {', '.join(policy.tier_ids)}."
    if len(known) != len(policy.tiers):
        yield "tiers", f"must have different ids, got {list(policy.tier_ids)}.", "Rename one."
    for key, tier in zip(("below_lower", "between", "from_upper"), rungs, strict=True):
        if tier not in known:
            yield f"ladder.{key}", f"names no tier: {tier!r}.", remedy
    if len(set(rungs)) != len(rungs):
        yield "ladder", f"must name three different tiers, got {list(rungs)}.", remedy
    for rule in policy.requirements:
        if rule.at_least not in rungs[1:]:
            yield (
                f"{rule.kind}.{rule.id}.at_least",
                f"must be a heavier tier of the ladder, got {rule.at_least!r}.",
                f"Use {rungs[1]} or {rungs[2]}.",
            )
    if policy.audit is not None and policy.audit.contact_tier not in rungs[1:]:
        yield (
            "audit.contact.tier",
            (
                f"must be a tier above the ladder's lightest, {rungs[0]}, got "
                f"{policy.audit.contact_tier!r}."
            ),
            f"Use {rungs[1]} or {rungs[2]}, or correct the order of the ladder.",
        )
    if sorted(policy.worklist_tiers) != sorted(policy.tier_ids):
        yield (
            "worklist.tiers",
            "must name every tier once.",
            f"Put {', '.join(policy.tier_ids)} in order.",
        )


def _find_track_problems(policy: Policy) -> Iterator[Problem]:
    lightest = policy.ladder.below_lower
    remedy = f"Use one of {', '.join(policy.tier_ids)}."
    for one in policy.own_tracks:
        if one.tier not in policy.tier_ids:
            yield f"exceptions.{one.id}", f"names no tier: {one.tier!r}.", remedy
        if one.tier == lightest:
            yield (
                f"exceptions.{one.id}",
                f"leads to the lightest tier {lightest} without looking at the risk.",
                "Give the exception a tier of its own.",
            )


def _find_rule_problems(policy: Policy) -> Iterator[Problem]:
    names = [rule.id for rule in policy.rules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "rules", f"id {name} stands on several rules.", "Rename all but one."
    for name in names:
        if name in (*BUILT_IN_RULES, *AUDIT_RULES) or not _NAME.match(name):
            yield "rules", f"id {name!r} is reserved or not small letters.", "Rename it."
    if len(policy.rule_ids) > MAX_RULES:
        yield (
            "rules",
            f"at most {MAX_RULES} rules and needed facts fit, got {len(policy.rule_ids)}.",
            "Join conditions with all or any.",
        )


def _find_regime_problems(policy: Policy) -> Iterator[Problem]:
    regime = policy.regime
    if regime is None:
        return
    if not regime.covers(policy.valid_from):
        yield (
            "rule_regime",
            f"{regime.id} does not hold on {policy.valid_from}.",
            "Correct valid_from or rule_regime.",
        )
    if not regime.allows_exemption:
        yield (
            "rule_regime",
            f"{regime.id} knows no course without conversations, so no tier may be lighter.",
            "Name a regime with allows_exemption: true.",
        )
