"""What a policy says about one assessment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from riskmodel.domain.labels import Label
from riskmodel.visitation.schedule import DueAssessment

__all__ = ["ContactTo", "PlannedContact", "Reason", "Recommendation"]

ContactTo = Literal["citizen", "employer"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that led to the tier.

    Parameters
    ----------
    rule : str
        Identifier of the rule in the policy file; printed in the column ``reasons``.
    text : Label
        The rule as a sentence with this case's figures.
    """

    rule: str
    text: Label


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A contact that the tier offers.

    Parameters
    ----------
    week : float
        Latest week from the first absence day.
    label : Label
        What the contact is.
    day : date or None
        Last day of that week, never before the assessment; None where the first absence day
        is unknown.
    to : {"citizen", "employer"}
        Who is contacted.
    """

    week: float
    label: Label
    day: dt.date | None = None
    to: ContactTo = "citizen"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the policy recommends; the decision is the adviser's.

    Parameters
    ----------
    tier : str
        Identifier of the tier.
    tier_label, tier_description : Label
        What the tier is called and what it offers.
    reasons : tuple of Reason
        Rules that led to the tier, the deciding one first.
    missing_facts : tuple of str
        Fields that the policy needed and that were missing.
    contacts : tuple of PlannedContact
        Contacts still ahead at the assessment, earliest first.
    lower_threshold, upper_threshold : float
        Thresholds of the policy; the adviser's band lies between them.
    policy_name, policy_version : str
        Which policy spoke.
    distance_to_lower, distance_to_upper : float or None
        Risk minus each threshold, as a fraction; None without a risk.
    regime : Label or None
        The rules of law on the day of the assessment; of the policy's own period where the
        day is unknown; None where the policy names no period.
    assessed_on : date or None
        Day of the assessment; None where the first absence day is unknown.
    next_assessment : DueAssessment or None
        When the case is to be assessed again.
    audit_text : Label or None
        What the adviser is told about a case drawn by lot; None for all others.
    in_force : bool
        Whether the policy holds on the day of the assessment; True where the day is unknown.
    adviser_chooses : bool
        Whether the tier is the adviser's, so that nothing is settled by the risk.
    """

    tier: str
    tier_label: Label
    tier_description: Label
    reasons: tuple[Reason, ...]
    missing_facts: tuple[str, ...]
    contacts: tuple[PlannedContact, ...]
    lower_threshold: float
    upper_threshold: float
    policy_name: str
    policy_version: str
    distance_to_lower: float | None = None
    distance_to_upper: float | None = None
    regime: Label | None = None
    assessed_on: dt.date | None = None
    next_assessment: DueAssessment | None = None
    audit_text: Label | None = None
    in_force: bool = True
    adviser_chooses: bool = False
