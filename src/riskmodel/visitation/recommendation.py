"""What a policy says about one assessment."""

from __future__ import annotations

from dataclasses import dataclass

from riskmodel.domain.labels import Label

__all__ = ["PlannedContact", "Reason", "Recommendation"]


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
    """

    week: float
    label: Label


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
