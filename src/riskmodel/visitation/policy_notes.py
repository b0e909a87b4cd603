"""What an author should know of a policy that breaks no rule."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from riskmodel.visitation.conditions import TRUE, Facts, answer, fields_named
from riskmodel.visitation.policy import OwnTrack, Policy
from riskmodel.visitation.policy_check import PolicyFinding, make_combinations

__all__ = ["find_policy_notes"]


# Tables of combinations are cut off above this; nothing is concluded from such a table.
_MOST_ROWS = 100_000


def find_policy_notes(policy: Policy) -> tuple[PolicyFinding, ...]:
    """Return what is undecided, ends or changes soon, is settled by order, or is idle.

    Parameters
    ----------
    policy : Policy
        The policy.

    Returns
    -------
    tuple of PolicyFinding
        Of severity ``warning`` where an exception can never decide or the ladder seems upside
        down, else ``note``.
    """
    idle = tuple(_find_idle_exceptions(policy))
    named = {key for key, _, _ in idle}
    warnings = (*idle, *_find_upside_down(policy))
    notes = (
        *_find_undecided(policy),
        *_find_empty_band(policy),
        *_find_changes_of_law(policy),
        *(one for one in _find_overlaps(policy) if one[0] not in named),
    )
    return (
        *(PolicyFinding("warning", *one) for one in warnings),
        *(PolicyFinding("note", *one) for one in notes),
    )


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


def _find_empty_band(policy: Policy) -> Iterator[Note]:
    if policy.lower.value == policy.upper.value:
        yield (
            "thresholds",
            f"lower and upper are both {policy.lower.value:g}, so no risk lies between them.",
            (
                "The adviser still gets cases whose interval holds the threshold or whose facts "
                "decide so; move one if the adviser is to have a band."
            ),
        )


def _find_upside_down(policy: Policy) -> Iterator[Note]:
    lightest, heaviest = (policy.find_tier(policy.ladder.rungs[place]) for place in (0, 2))
    if lightest.adds_contact_to(heaviest) and not heaviest.adds_contact_to(lightest):
        yield (
            "ladder",
            f"{lightest.id}, the lightest tier, has more contact than {heaviest.id}, the heaviest.",
            "Look whether the two have changed places.",
        )


def _find_idle_exceptions(policy: Policy) -> Iterator[Note]:
    for place, track in enumerate(policy.own_tracks):
        earlier = policy.own_tracks[:place]
        if earlier and not _can_decide(policy, track, earlier):
            names = ", ".join(one.id for one in earlier)
            yield (
                f"exceptions.{track.id}",
                f"can never decide: wherever it holds, one before it does ({names}).",
                "Correct its condition, move it up, or remove it.",
            )


def _can_decide(policy: Policy, track: OwnTrack, earlier: Sequence[OwnTrack]) -> bool:
    """Return whether some combination of facts meets an exception and none before it."""
    fields = dict.fromkeys(fields_named(track.condition))
    for one in earlier:
        fields |= dict.fromkeys(fields_named(one.condition))
    table = make_combinations(policy, tuple(fields))
    if len(table) > _MOST_ROWS:
        return len(earlier) == 1 or all(_can_decide(policy, track, (one,)) for one in earlier)
    facts = Facts(table, np.zeros(len(table)), policy.week_name)
    met = answer(track.condition, facts) == TRUE
    if not met.any():
        return True  # Its condition never holds, which is told as a fault of its own.
    for one in earlier:
        met &= answer(one.condition, facts) != TRUE
    return bool(met.any())


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
