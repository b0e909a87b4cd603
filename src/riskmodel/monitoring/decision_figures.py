"""Recommendations beside the decisions that were taken: agreement, departures, influence.

Every figure tells of practice, none of a person: teams are codes, and what few decisions
would reveal is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.small_cells import MIN_CELL, suppress_small_cells
from riskmodel.monitoring.shares import (
    HIDDEN,
    GroupShare,
    Share,
    estimate_share,
    estimate_shares_by,
)
from riskmodel.stats.comparison import difference_from_limits

__all__ = [
    "DECISION_COLUMNS",
    "DecisionFigures",
    "Difference",
    "Gap",
    "Influence",
    "LadderNames",
    "compute_decision_figures",
]

BoolArray = npt.NDArray[np.bool_]

DECISION_COLUMNS = (
    "case_id", "assessed_week", "decided_on", "own_judgement_first", "own_risk", "own_offer",
    "seen_tier", "decided_tier", "departure_reason", "team", "risk", "tier", "audit_arm",
)  # fmt: skip
_DRAWS = 1000
_Way = Literal["heavier", "lighter", "beside"]


@dataclass(frozen=True, slots=True)
class LadderNames:
    """The tiers of a policy, by identifier.

    Parameters
    ----------
    light, adviser, at_risk : str
        The tiers that the risk leads to, lightest first.
    others : frozenset of str
        The policy's other tiers.
    offering : frozenset of str
        Tiers, of the ladder or not, with a contact that the lightest one lacks.
    """

    light: str
    adviser: str
    at_risk: str
    others: frozenset[str] = frozenset()
    offering: frozenset[str] = frozenset()

    @property
    def all_tiers(self) -> frozenset[str]:
        """Every tier of the policy."""
        return self.others | {self.light, self.adviser, self.at_risk}

    def weigh(self, tier: pd.Series) -> npt.NDArray[np.float64]:
        """Return 0, 1 or 2 for a tier of the ladder, NaN for any other."""
        places = {self.light: 0.0, self.adviser: 1.0, self.at_risk: 2.0}
        return np.asarray(tier.map(places).to_numpy(dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Difference:
    """One share minus another, with its 95 % limits; all None where either is hidden."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """How far own judgements lie from the model's risk, in percentage points.

    Parameters
    ----------
    n : int or None
        Own judgements given before the figures were shown; None where hidden.
    mean, low, high : float or None
        Mean of own judgement minus risk, with a 95 % bootstrap interval over cases.
    size : float or None
        Mean distance, whichever way.
    """

    n: int | None
    mean: float | None
    low: float | None
    high: float | None
    size: float | None


@dataclass(frozen=True, slots=True)
class Influence:
    """Whether the recommendation in fact decides.

    Parameters
    ----------
    switched : Share
        Of decisions in which the own judgement, given first, and the recommendation pointed
        different ways: those whose tier is the recommended one.
    kept : Share
        Of decisions in which they pointed the same way: those whose tier is the recommended
        one.
    agreed_first, agreed_after : Share
        Agreement with the recommendation where the own judgement came first, and where not.
    difference : Difference
        The first of the two minus the second.
    gap : Gap
        Own judgement beside the model's risk.
    offered_without_score, offered_with_score : Share
        Decisions for a tier with a contact that the lightest one lacks, where the lot hid
        the score, and where it was shown.
    """

    switched: Share
    kept: Share
    agreed_first: Share
    agreed_after: Share
    difference: Difference
    gap: Gap
    offered_without_score: Share
    offered_with_score: Share


@dataclass(frozen=True, slots=True)
class DecisionFigures:
    """Everything that the monitoring of decisions tells.

    Parameters
    ----------
    n_records, n_cases : int
        Records read, and cases behind them.
    n_decided : int
        Records with a decision, without those of an unknown tier.
    n_unmatched : int
        Records whose case and week the scores do not hold.
    n_other_tier : int
        Records that were shown another tier than the scores hold.
    n_unknown_tier : int
        Records whose recommended or decided tier the policy does not have; they are left out
        of all shares.
    agreement : Share
        Decisions whose tier is the recommended one.
    heavier, lighter : Share
        Decisions of a heavier and of a lighter tier of the ladder than recommended.
    beside : Share
        Departures from or to a tier off the ladder.
    by_tier : tuple of GroupShare
        Agreement by recommended tier.
    reasons : dict of str to int or None
        Departures by reason.
    by_team, by_month : tuple of GroupShare
        Agreement.
    own_first : Share
        Decisions before which the own judgement was given.
    own_first_by_month : tuple of GroupShare
        The same over time.
    influence : Influence or None
        None without the names of the ladder.
    min_cell : int
        Smallest count that is shown.
    """

    n_records: int
    n_cases: int
    n_decided: int
    n_unmatched: int
    n_other_tier: int
    n_unknown_tier: int
    agreement: Share
    heavier: Share
    lighter: Share
    beside: Share
    by_tier: tuple[GroupShare, ...]
    reasons: dict[str, int | None]
    by_team: tuple[GroupShare, ...]
    by_month: tuple[GroupShare, ...]
    own_first: Share
    own_first_by_month: tuple[GroupShare, ...]
    influence: Influence | None
    min_cell: int


def compute_decision_figures(
    decisions: pd.DataFrame,
    ladder: LadderNames | None,
    *,
    min_cell: int = MIN_CELL,
    random_state: int = 0,
) -> DecisionFigures:
    """Compute what recorded decisions tell of practice.

    Parameters
    ----------
    decisions : DataFrame
        One row per record with the columns `DECISION_COLUMNS`: those of a decision record,
        and ``risk``, ``tier`` and ``audit_arm`` of the scores, missing where unmatched.
    ladder : LadderNames or None
        The policy's tiers; without them no tier is unknown, and heavier, lighter, beside and
        influence stay empty.
    min_cell : int
        Smallest count that is shown, from 3 to 20.
    random_state : int
        Seed of the bootstrap.

    Returns
    -------
    DecisionFigures

    Raises
    ------
    ValueError
        If a column is missing.
    """
    absent = [name for name in DECISION_COLUMNS if name not in decisions.columns]
    if absent:
        msg = f"the decisions lack the columns {', '.join(absent)}."
        raise ValueError(msg)
    unknown = _find_unknown_tiers(decisions, ladder)
    decided = decisions[decisions["decided_tier"].notna() & ~unknown]
    judged = decided[decided["seen_tier"].notna()]
    counter = _Counter(judged, min_cell)
    agrees = (judged["seen_tier"] == judged["decided_tier"]).to_numpy(dtype=np.bool_)
    matched = decisions["tier"].notna()
    shown_other = matched & decisions["seen_tier"].notna()
    shown_other &= decisions["seen_tier"] != decisions["tier"]
    month = pd.Series(pd.to_datetime(judged["decided_on"]).dt.strftime("%Y-%m"))
    own_first = judged["own_judgement_first"].to_numpy(dtype=np.bool_)
    departures = _divide_departures(judged, agrees, ladder)
    told = _find_told(departures, min_cell)
    return DecisionFigures(
        n_records=len(decisions),
        n_cases=int(decisions["case_id"].nunique()),
        n_decided=len(decided),
        n_unmatched=int((~matched).sum()),
        n_other_tier=int(shown_other.sum()),
        n_unknown_tier=int(unknown.sum()),
        agreement=counter.share(agrees),
        **{way: counter.share(rows) if way in told else HIDDEN for way, rows in departures.items()},
        by_tier=counter.shares_by(judged["seen_tier"], agrees),
        reasons=_count_reasons(judged[~agrees], min_cell),
        by_team=counter.shares_by(judged["team"], agrees),
        by_month=counter.shares_by(month, agrees),
        own_first=counter.share(own_first),
        own_first_by_month=counter.shares_by(month, own_first),
        influence=None
        if ladder is None
        else _measure_influence(decided, judged, ladder, min_cell, random_state),
        min_cell=min_cell,
    )


class _Counter:
    """Counts within some decisions."""

    def __init__(self, rows: pd.DataFrame, min_cell: int) -> None:
        self._cases = rows["case_id"].to_numpy(dtype=np.str_)
        self._min_cell = min_cell

    def share(self, yes: BoolArray, among: BoolArray | None = None) -> Share:
        """Return the share with a property, of all or among some."""
        kept = np.ones(len(yes), dtype=np.bool_) if among is None else among
        return estimate_share(yes[kept], self._cases[kept], min_cell=self._min_cell)

    def shares_by(self, group: pd.Series, yes: BoolArray) -> tuple[GroupShare, ...]:
        """Return the share within each group."""
        return estimate_shares_by(group, yes, self._cases, min_cell=self._min_cell)


def _find_unknown_tiers(decisions: pd.DataFrame, ladder: LadderNames | None) -> pd.Series:
    named = decisions[["seen_tier", "decided_tier"]]
    known = named if ladder is None else named.where(named.isin(ladder.all_tiers))
    return (named.notna() & known.isna()).any(axis=1)


def _divide_departures(
    judged: pd.DataFrame, agrees: BoolArray, ladder: LadderNames | None
) -> dict[_Way, BoolArray]:
    """Return which decisions depart in each way; together they are all departures."""
    if ladder is None:
        nobody = np.zeros(0, dtype=np.bool_)
        return {"heavier": nobody, "lighter": nobody, "beside": nobody}
    seen, chosen = ladder.weigh(judged["seen_tier"]), ladder.weigh(judged["decided_tier"])
    heavier, lighter = np.asarray(chosen > seen), np.asarray(chosen < seen)
    return {"heavier": heavier, "lighter": lighter, "beside": ~agrees & ~heavier & ~lighter}


def _find_told(departures: dict[_Way, BoolArray], min_cell: int) -> set[str]:
    """Return the ways of departing that may be told beside the number of all departures."""
    counts = pd.Series({name: int(rows.sum()) for name, rows in departures.items()})
    shown = suppress_small_cells(counts, min_cell=min_cell)
    return set(shown.index[shown.notna()])


def _count_reasons(departures: pd.DataFrame, min_cell: int) -> dict[str, int | None]:
    counts = departures["departure_reason"].dropna().astype(str).value_counts().sort_index()
    if not len(counts):
        return {}
    shown = suppress_small_cells(counts.astype("int64"), min_cell=min_cell)
    return {str(name): _as_count(value) for name, value in shown.items()}


def _as_count(value: object) -> int | None:
    return None if value is pd.NA else int(str(value))


def _measure_influence(
    decided: pd.DataFrame,
    judged: pd.DataFrame,
    ladder: LadderNames,
    min_cell: int,
    random_state: int,
) -> Influence:
    counter = _Counter(judged, min_cell)
    first = judged["own_judgement_first"].to_numpy(dtype=np.bool_)
    agrees = (judged["seen_tier"] == judged["decided_tier"]).to_numpy(dtype=np.bool_)
    advised = ladder.weigh(judged["seen_tier"])
    own = judged["own_offer"].map({True: 1.0, False: 0.0}).to_numpy(dtype=np.float64)
    # The adviser's band leaves the offer open, so only the two other tiers point a way.
    clear = first & np.isin(advised, (0.0, 2.0)) & ~np.isnan(own)
    differ = (own > 0) != (advised > 0)
    agreed_first, agreed_after = counter.share(agrees, first), counter.share(agrees, ~first)
    if HIDDEN in (agreed_first, agreed_after):
        # Either would follow from the other and from the agreement of all.
        agreed_first, agreed_after = HIDDEN, HIDDEN
    every = _Counter(decided, min_cell)
    offered = decided["decided_tier"].isin(ladder.offering).to_numpy(dtype=np.bool_)
    hidden = (decided["audit_arm"] == "without_score").to_numpy(dtype=np.bool_)
    scored = decided["risk"].notna().to_numpy(dtype=np.bool_)
    return Influence(
        switched=counter.share(agrees, clear & differ),
        kept=counter.share(agrees, clear & ~differ),
        agreed_first=agreed_first,
        agreed_after=agreed_after,
        difference=_subtract(agreed_first, agreed_after),
        gap=_measure_gap(judged[first], min_cell, random_state),
        offered_without_score=every.share(offered, hidden),
        offered_with_score=every.share(offered, scored & ~hidden),
    )


def _subtract(first: Share, other: Share) -> Difference:
    both = (_list_limits(first), _list_limits(other))
    if both[0] is None or both[1] is None:
        return Difference(None, None, None)
    # Of the limits, and not of the counts: these allow for cases decided several times.
    return Difference(*difference_from_limits(both[0], both[1]))


def _list_limits(one: Share) -> tuple[float, float, float] | None:
    if one.value is None or one.low is None or one.high is None:
        return None
    return one.value, one.low, one.high


def _measure_gap(rows: pd.DataFrame, min_cell: int, random_state: int) -> Gap:
    known = rows[rows["own_risk"].notna() & rows["risk"].notna()]
    if len(known) < min_cell:
        return Gap(0 if not len(known) else None, None, None, None, None)
    gap = 100.0 * (known["own_risk"] - known["risk"]).to_numpy(dtype=np.float64)
    _, codes = np.unique(known["case_id"].to_numpy(dtype=np.str_), return_inverse=True)
    sums, sizes = np.bincount(codes, weights=gap), np.bincount(codes)
    rng = np.random.default_rng(random_state)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=_DRAWS)
    means = drawn @ sums / (drawn @ sizes)
    low, high = np.quantile(means, [0.025, 0.975])
    return Gap(len(known), float(gap.mean()), float(low), float(high), float(np.abs(gap).mean()))
