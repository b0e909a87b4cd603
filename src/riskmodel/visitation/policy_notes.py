"""What an author should know of a policy that breaks no rule."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from riskmodel.visitation.conditions import TRUE, Facts, answer, fields_named
from riskmodel.visitation.policy import OwnTrack, Policy
from riskmodel.visitation.policy_check import PolicyFinding, make_combinations

__all__ = ["find_policy_notes"]


def find_policy_notes(policy: Policy) -> tuple[PolicyFinding, ...]:
    """Return what is not decided yet, ends or changes soon, or is settled by order alone.

    Parameters
    ----------
    policy : Policy
        The policy.

    Returns
    -------
    tuple of PolicyFinding
        Each of severity ``note``.
    """
    found = (
        *_find_undecided(policy),
        *_find_changes_of_law(policy),
        *_find_overlaps(policy),
    )
    return tuple(PolicyFinding("note", *one) for one in found)


Note = tuple[str, str, str]


def _find_undecided(policy: Policy) -> Iterator[Note]:
    if not policy.is_approved:
        yield (
            "approved_by",
            "nobody has approved the policy; it is for test only.",
            "Write the role or the body that approved it, never a person.",
        )
    for name, threshold in (("lower", policy.lower), ("upper", policy.upper)):
        if threshold.status == "proposal":
            yield (
                f"thresholds.{name}",
                f"{threshold.value:g} is a proposal.",
                "Choose it with riskmodel thresholds, then write status: decided.",
            )
    if policy.talks_a_week is None:
        yield "capacity", "no capacity is stated.", "Write talks_a_week before thresholds are set."
    if policy.audit is None or policy.audit.contact.share == 0:
        yield (
            "audit",
            "no low-risk case is contacted by lot, so its effect cannot be measured afterwards.",
            "Add audit with a share for contact.",
        )


def _find_changes_of_law(policy: Policy) -> Iterator[Note]:
    if policy.regime is None:
        yield (
            "rule_regime",
            "the policy names no period of the law, so it can exempt nobody.",
            "Name a period in regimes.yaml, or use it for examples only.",
        )
    for regime in policy.later_regimes:
        yield (
            "valid_to",
            f"the rules {regime.id} begin on {regime.valid_from}, while the policy holds.",
            "Look it over before then, or let it end the day before.",
        )


def _find_overlaps(policy: Policy) -> Iterator[Note]:
    for first, second in itertools.combinations(policy.own_tracks, 2):
        if first.tier != second.tier and _can_both_hold(policy, first, second):
            yield (
                f"exceptions.{second.id}",
                f"can hold together with {first.id}, which stands before it and then decides.",
                "Check that the order is meant.",
            )


def _can_both_hold(policy: Policy, first: OwnTrack, second: OwnTrack) -> bool:
    fields = dict.fromkeys((*fields_named(first.condition), *fields_named(second.condition)))
    table = make_combinations(policy, tuple(fields))
    facts = Facts(table, np.zeros(len(table)), policy.week_name)
    both = (answer(first.condition, facts) == TRUE) & (answer(second.condition, facts) == TRUE)
    return bool(both.any())
