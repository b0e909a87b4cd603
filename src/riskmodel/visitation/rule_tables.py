"""A policy's rules for one case, cut down to the facts that may still change.

Every test of another fact is answered beforehand, so that what is left can be worked out
outside Python, in the same three-valued logic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.visitation.conditions import (
    AllOf,
    AnyOf,
    AtMostOf,
    Condition,
    Facts,
    InLevels,
    InRange,
    IsMissing,
    Not,
    answer,
    fields_named,
)
from riskmodel.visitation.policy import Policy

__all__ = ["rule_tables"]

Document = dict[str, Any]


def rule_tables(
    policy: Policy,
    facts: pd.DataFrame,
    assessed_week: float,
    changeable: Sequence[str],
    *,
    in_force: bool = True,
    drawn_for_contact: bool = False,
) -> Document:
    """Return a policy as plain JSON values, for one case.

    Parameters
    ----------
    policy : Policy
        The rules.
    facts : DataFrame, shape (1, n_fields)
        The case's facts, as in `CaseTable.fields`.
    assessed_week : float
        Weeks from the first absence day.
    changeable : sequence of str
        Facts that may change; a condition refers to them by their place in this order.
    in_force : bool
        Whether the policy is in force on the day of the assessment.
    drawn_for_contact : bool
        Whether the case was drawn by lot to leave the lightest tier.

    Returns
    -------
    dict
        ``lower`` and ``upper`` thresholds, ``ladder`` (tiers from the lightest up), ``tracks``
        with ``tier`` and ``when``, ``requirements`` with ``requires`` and ``at_least`` (a rung
        of the ladder), ``needed`` conditions, ``in_force``, and ``lot`` (the tier of a case
        drawn by lot, or None). A condition is 0, 1 or 2 for false, unknown and true, or a list:
        ``["all", ...]``, ``["any", ...]``, ``["not", c]``, ``["most", n, ...]``,
        ``["missing", fact, wanted]``,
        ``["levels", fact, codes]``, ``["range", fact, at_least, at_most]``.
    """
    named = [field.name for field in policy.fields_named if field.name in facts.columns]
    known = Facts(facts[named], np.array([assessed_week]), policy.week_name)
    places = {name: place for place, name in enumerate(changeable)}
    rungs = policy.ladder.rungs

    def cut(condition: Condition) -> Any:
        return _cut(condition, known, places)

    audit = getattr(policy, "audit", None)
    return {
        "lower": policy.lower.value,
        "upper": policy.upper.value,
        "ladder": list(rungs),
        "tracks": [{"tier": one.tier, "when": cut(one.condition)} for one in policy.own_tracks],
        "requirements": [
            {"requires": cut(one.condition), "at_least": rungs.index(one.at_least)}
            for one in policy.requirements
        ],
        "needed": [cut(IsMissing(field, missing=False)) for field in policy.needed_facts],
        "in_force": in_force,
        "lot": audit.contact_tier if drawn_for_contact and audit is not None else None,
    }


def _cut(condition: Condition, known: Facts, places: dict[str, int]) -> Any:
    if not any(field.name in places for field in fields_named(condition)):
        return int(answer(condition, known)[0])
    match condition:
        case AllOf(parts) | AnyOf(parts):
            kind = "all" if isinstance(condition, AllOf) else "any"
            return [kind, *(_cut(part, known, places) for part in parts)]
        case Not(part):
            return ["not", _cut(part, known, places)]
        case AtMostOf(parts, at_most):
            return ["most", at_most, *(_cut(part, known, places) for part in parts)]
        case _:
            return _cut_test(condition, places[condition.field.name])


def _cut_test(test: IsMissing | InLevels | InRange, place: int) -> list[object]:
    if isinstance(test, IsMissing):
        return ["missing", place, test.missing]
    if isinstance(test, InLevels):
        return ["levels", place, [test.field.level_values.index(one) for one in test.allowed]]
    return ["range", place, test.at_least, test.at_most]
