"""A sample of cases for the management audit: by risk, by lot, with known chances.

What an audit should look at more closely gets a larger chance, never the only one: every case
may be drawn, and the chances are stated, so that findings can be weighted back to all cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.mapping_reader import FaultList, MappingReader

__all__ = [
    "AUDIT_COLUMNS",
    "AUDIT_SIGNALS",
    "AuditDraw",
    "AuditPoints",
    "draw_audit_sample",
    "parse_audit_points",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

AUDIT_SIGNALS = (
    "lighter_than_recommended",
    "other_departure",
    "no_decision",
    "own_judgement_not_first",
    "uncertain_and_light",
    "missing_fact",
    "not_scored",
)
AUDIT_COLUMNS = (
    "case_id", "seen_tier", "decided_tier", "own_judgement_first", "tier", "reasons", "scored",
    "risk_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditPoints:
    """How much each signal adds to the size of a case, which starts at one.

    Parameters
    ----------
    lighter_than_recommended : float
        A lighter tier of the ladder was chosen than recommended.
    other_departure : float
        Another tier was chosen, but not a lighter one.
    no_decision : float
        No decision is recorded.
    own_judgement_not_first : float
        The score was shown before the own judgement.
    uncertain_and_light : float
        The lightest tier was chosen although the risk's interval reaches the lower threshold.
    missing_fact : float
        A missing fact led to the tier.
    not_scored : float
        The case had no score.

    Raises
    ------
    ValueError
        If a number is negative or above 20.
    """

    lighter_than_recommended: float = 3.0
    other_departure: float = 1.0
    no_decision: float = 2.0
    own_judgement_not_first: float = 0.5
    uncertain_and_light: float = 2.0
    missing_fact: float = 1.0
    not_scored: float = 1.0

    def __post_init__(self) -> None:
        for name in AUDIT_SIGNALS:
            if not 0 <= getattr(self, name) <= 20:
                msg = f"{name} must lie between 0 and 20, got {getattr(self, name)}."
                raise ValueError(msg)


def parse_audit_points(mapping: Mapping[str, object], source: str) -> AuditPoints:
    """Build the points from the mapping in a YAML file; every signal must stand in it.

    Parameters
    ----------
    mapping : mapping
        One number from 0 to 20 for each of `AUDIT_SIGNALS`.
    source : str
        Name of the file, for messages.

    Raises
    ------
    CodebookError
        With every fault found.

    Examples
    --------
    >>> listed = dict.fromkeys(AUDIT_SIGNALS, 1)
    >>> parse_audit_points(listed | {"not_scored": 0.5}, "audit.yaml").not_scored
    0.5
    """
    faults = FaultList(source)
    head = MappingReader(mapping, "", faults, AUDIT_SIGNALS)
    points: dict[str, float] = {}
    for name in AUDIT_SIGNALS:
        if not head.has(name):
            faults.add(name, "is missing.", f"Write {name}: and a number from 0 to 20.")
            continue
        number = head.number(name)
        if number is not None and not 0 <= number <= 20:
            faults.add(name, f"must lie between 0 and 20, got {number:g}.", "Correct it.")
        points[name] = 0.0 if number is None else number
    faults.raise_if_any()
    return AuditPoints(**points)


@dataclass(frozen=True, slots=True, eq=False)
class AuditDraw:
    """The cases drawn.

    Parameters
    ----------
    rows : ndarray of int, shape (n_drawn,)
        Positions in the frame, in the order of the case identifiers.
    probability : ndarray of float, shape (n,)
        Chance of each case of the frame to be drawn, in (0, 1]; they sum to `n_drawn`.
    signals : DataFrame of bool, shape (n, n_signals)
        Which signals each case of the frame shows.
    """

    rows: npt.NDArray[np.intp]
    probability: FloatArray
    signals: pd.DataFrame

    @property
    def weight(self) -> FloatArray:
        """How many cases of the frame each drawn case stands for."""
        return np.asarray(1.0 / self.probability[self.rows])


def draw_audit_sample(
    frame: pd.DataFrame,
    lots: FloatArray,
    n_cases: int,
    *,
    points: AuditPoints | None = None,
    ladder: tuple[str, str, str] | None = None,
    lower_threshold: float | None = None,
) -> AuditDraw:
    """Draw cases with chances in proportion to their size.

    Cases are put in the order of their lots and drawn systematically, so that the number
    drawn is fixed and every chance is exact; a case whose share would exceed one is taken.

    Parameters
    ----------
    frame : DataFrame, shape (n, n_columns)
        One row per case with the columns `AUDIT_COLUMNS`; missing where nothing is recorded.
    lots : ndarray of float, shape (n + 1,)
        Numbers in [0, 1): one for each case and the last for the start.
    n_cases : int
        Cases to draw, from 1 to n.
    points : AuditPoints, optional
        What adds to the size.
    ladder : tuple of str, optional
        The policy's tiers, lightest first; without it no departure counts as lighter.
    lower_threshold : float, optional
        The policy's lower threshold.

    Returns
    -------
    AuditDraw

    Raises
    ------
    ValueError
        If a column is missing, a case stands twice, or the number is out of reach.

    References
    ----------
    Madow (1949), Ann Math Stat 20:333-354. https://doi.org/10.1214/aoms/1177729988
    """
    _check_frame(frame, lots, n_cases)
    signals = _find_signals(frame, ladder, lower_threshold)
    worth = np.array([getattr(points or AuditPoints(), name) for name in AUDIT_SIGNALS])
    size = 1.0 + signals.to_numpy(dtype=np.float64) @ worth
    probability = _find_chances(size, n_cases)
    order = np.lexsort((frame["case_id"].to_numpy(dtype=np.str_), lots[:-1]))
    reached = np.concatenate([[0.0], np.cumsum(probability[order])])
    reached[-1] = n_cases
    steps = np.ceil(reached - lots[-1])
    drawn = order[np.diff(steps) > 0]
    by_name = np.argsort(frame["case_id"].to_numpy(dtype=np.str_)[drawn], kind="stable")
    return AuditDraw(drawn[by_name], probability, signals)


def _check_frame(frame: pd.DataFrame, lots: FloatArray, n_cases: int) -> None:
    absent = [name for name in AUDIT_COLUMNS if name not in frame.columns]
    if absent:
        msg = f"the frame lacks the columns {', '.join(absent)}."
        raise ValueError(msg)
    if frame["case_id"].duplicated().any():
        msg = "the frame must hold each case once."
        raise ValueError(msg)
    if len(lots) != len(frame) + 1:
        msg = "lots must hold one number per case and one for the start."
        raise ValueError(msg)
    if not 1 <= n_cases <= len(frame):
        msg = f"from 1 to {len(frame)} cases can be drawn, got {n_cases}."
        raise ValueError(msg)


def _find_signals(
    frame: pd.DataFrame, ladder: tuple[str, str, str] | None, lower_threshold: float | None
) -> pd.DataFrame:
    places = {tier: float(place) for place, tier in enumerate(ladder or ())}
    seen, chosen = frame["seen_tier"], frame["decided_tier"]
    lighter = chosen.map(places).astype(float) < seen.map(places).astype(float)
    departs = seen.notna() & chosen.notna() & (seen != chosen)
    undecided = chosen.isna()
    straddles = frame["risk_high"].astype(float) >= (
        np.inf if lower_threshold is None else lower_threshold
    )
    reasons = frame["reasons"].fillna("").astype(str)
    light = chosen == (ladder[0] if ladder else "")
    found = {
        "lighter_than_recommended": lighter,
        "other_departure": departs & ~lighter,
        "no_decision": undecided,
        "own_judgement_not_first": ~undecided & ~frame["own_judgement_first"].eq(other=True),
        "uncertain_and_light": light & straddles,
        "missing_fact": reasons.str.contains("missing:", regex=False),
        "not_scored": ~frame["scored"].astype(bool),
    }
    return pd.DataFrame({name: found[name].to_numpy(dtype=np.bool_) for name in AUDIT_SIGNALS})


def _find_chances(size: FloatArray, n_cases: int) -> FloatArray:
    """Share the number of draws in proportion to size; nobody's chance exceeds one."""
    certain = np.zeros(len(size), dtype=np.bool_)
    while True:
        left = n_cases - int(certain.sum())
        chance = np.where(certain, 1.0, 0.0)
        if left > 0:
            chance[~certain] = left * size[~certain] / size[~certain].sum()
        above = (chance >= 1.0) & ~certain
        if not above.any():
            return chance
        certain |= above
