"""The audit arm: a lot that decides by the case key who is followed in spite of the rules.

Contact given because of a score changes the course that the score spoke of. A small share of
low-risk cases that is contacted all the same, and a small share that is shown without a score,
are drawn by lot, so that effect and calibration can still be measured afterwards.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.labels import Label

if TYPE_CHECKING:
    from riskmodel.visitation.policy import Policy

__all__ = ["AuditArm", "AuditLot", "AuditRules", "draw_audit_arm", "draw_lots"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
LARGEST_SHARE = 0.5
_SHORTEST_SALT = 8
_FRACTION_BITS = 53


@dataclass(frozen=True, slots=True)
class AuditLot:
    """One of the two lots.

    Parameters
    ----------
    share : float
        Probability of being drawn, from 0 (nobody) to 0.5.
    text : Label
        What the adviser is told about a case that was drawn.

    Raises
    ------
    ValueError
        If the share is out of range.
    """

    share: float
    text: Label

    def __post_init__(self) -> None:
        if not 0 <= self.share <= LARGEST_SHARE:
            msg = (
                f"a share drawn by lot must lie between 0 and {LARGEST_SHARE:g}, "
                f"got {self.share:g}."
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class AuditRules:
    """How a policy draws its audit arm.

    Parameters
    ----------
    salt : str
        Key of the lot, at least 8 characters. As long as it stays, a case keeps its lot
        whatever else changes in the policy.
    contact : AuditLot
        Cases of the lightest tier that get contact all the same.
    contact_tier : str
        Heavier tier of the ladder that they get.
    without_score : AuditLot
        Cases that the adviser sees without a score.
    basis : Label or None
        Who decided it, and why these shares.

    Raises
    ------
    ValueError
        If the salt is too short.
    """

    salt: str
    contact: AuditLot
    contact_tier: str
    without_score: AuditLot
    basis: Label | None = None

    def __post_init__(self) -> None:
        if len(self.salt) < _SHORTEST_SALT:
            msg = f"salt must have at least {_SHORTEST_SALT} characters."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class AuditArm:
    """Who was drawn.

    Parameters
    ----------
    contact : ndarray of bool, shape (n,)
        Drawn for contact; takes effect only where the policy recommends the lightest tier.
    without_score : ndarray of bool, shape (n,)
        Drawn to be shown without a score.
    contact_share, without_score_share : float
        Probability of each lot. The two are independent of each other.
    """

    contact: BoolArray
    without_score: BoolArray
    contact_share: float
    without_score_share: float

    def __len__(self) -> int:
        return len(self.contact)

    def take(self, rows: slice) -> AuditArm:
        """Return the lots of some rows."""
        return replace(self, contact=self.contact[rows], without_score=self.without_score[rows])


def draw_lots(keys: npt.ArrayLike, salt: str, purpose: str) -> FloatArray:
    """Return a number in [0, 1) for each key, always the same for the same key and salt.

    The lot is SipHash-2-4 of the key's UTF-8 bytes under a key made from salt and purpose,
    spread by SplitMix64's finaliser (`pandas.util.hash_array`): without the salt nobody can
    foresee it, and neither the order of the rows nor the other rows play a part.

    Parameters
    ----------
    keys : array_like of str, shape (n,)
        Case identifiers.
    salt : str
        Secret of the lot.
    purpose : str
        Lots for different purposes are independent.

    References
    ----------
    Aumasson & Bernstein (2012), SipHash. https://doi.org/10.1007/978-3-642-34931-7_28

    Examples
    --------
    >>> first = draw_lots(["SYN-1", "SYN-2"], "a made-up salt", "contact")
    >>> second = draw_lots(["SYN-2", "SYN-1"], "a made-up salt", "contact")
    >>> bool((first == second[::-1]).all())
    True
    """
    key = hashlib.sha256(f"{purpose}\n{salt}".encode()).hexdigest()[:16]
    texts = np.asarray(keys, dtype=np.str_).astype(object)
    hashed = pd.util.hash_array(texts, hash_key=key, categorize=False)
    top = hashed >> np.uint64(64 - _FRACTION_BITS)
    return top.astype(np.float64) / 2.0**_FRACTION_BITS


def draw_audit_arm(case_ids: npt.ArrayLike, policy: Policy) -> AuditArm:
    """Draw the audit arm of a policy.

    Parameters
    ----------
    case_ids : array_like of str, shape (n,)
        Case identifiers; every assessment of a case has the same lot.
    policy : Policy
        Its ``audit`` holds the shares and the salt; without it nobody is drawn.

    Returns
    -------
    AuditArm
    """
    rules = policy.audit
    if rules is None:
        nobody = np.zeros(len(np.asarray(case_ids)), dtype=np.bool_)
        return AuditArm(nobody, nobody.copy(), 0.0, 0.0)
    contact = _draw(case_ids, rules, "contact", rules.contact.share)
    without = _draw(case_ids, rules, "without_score", rules.without_score.share)
    return AuditArm(contact, without, rules.contact.share, rules.without_score.share)


def _draw(
    case_ids: npt.ArrayLike,
    rules: AuditRules,
    purpose: Literal["contact", "without_score"],
    share: float,
) -> BoolArray:
    if share == 0:
        return np.zeros(len(np.asarray(case_ids)), dtype=np.bool_)
    return np.asarray(draw_lots(case_ids, rules.salt, purpose) < share, dtype=np.bool_)
