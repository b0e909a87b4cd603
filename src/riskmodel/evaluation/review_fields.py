"""What a review found in each field: how often it is missing, and how it goes with the outcome.

Nothing is selected here: every field is shown, each alone, with its interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Field
from riskmodel.domain.review_merge import MergedReview
from riskmodel.domain.small_cells import suppress_small_cells
from riskmodel.evaluation.review_agreement import NOTHING, Estimate
from riskmodel.stats.discrimination import auc
from riskmodel.stats.intervals import clopper_pearson
from riskmodel.stats.resampling import bootstrap_interval

__all__ = [
    "Association",
    "FieldUse",
    "LevelShare",
    "SiteContrast",
    "compute_associations",
    "compute_field_use",
    "compute_site_contrasts",
]

FloatArray = npt.NDArray[np.float64]
Sign = Literal["increasing", "decreasing", "none"]
FEWEST_PER_SIDE = 5


@dataclass(frozen=True, slots=True)
class FieldUse:
    """How often a question could be answered.

    Attributes
    ----------
    packet, field : str
        The question.
    n : int
        Cases that were asked.
    n_value, n_not_stated, n_not_applicable, n_unanswered, n_open : int or None
        Final answers by kind: a value; the file does not say; makes no sense here; left empty;
        still disagreed on. Small counts are None.
    median, low_quartile, high_quartile : float
        Of the numbers; NaN for other fields.
    """

    packet: str
    field: str
    n: int
    n_value: int | None
    n_not_stated: int | None
    n_not_applicable: int | None
    n_unanswered: int | None
    n_open: int | None
    median: float
    low_quartile: float
    high_quartile: float


@dataclass(frozen=True, slots=True)
class LevelShare:
    """Long courses among the cases of one level, or of a range of numbers.

    Attributes
    ----------
    value : str
        The level; for numbers ``low-high``.
    n, n_long : int or None
        Cases; None where small numbers are hidden.
    share : Estimate
        Share of long courses with its exact interval.
    """

    value: str
    n: int | None
    n_long: int | None
    share: Estimate


@dataclass(frozen=True, slots=True)
class Association:
    """How an indicator goes with a long course in the reviewed cases.

    Attributes
    ----------
    field : str
    prior : {"increasing", "decreasing", "none"}
        Sign that the literature gives, from the codebook.
    n, n_long : int
        Cases with a value, and long courses among them.
    superiority : Estimate
        Probability that a long course has the higher value than a short one (the AUC of the
        indicator alone); 0.5 tells nothing. None for unordered categories.
    found : {"increasing", "decreasing", "none"}
        Sign found; none where the interval holds 0.5.
    levels : tuple of LevelShare
    """

    field: str
    prior: Sign
    n: int
    n_long: int
    superiority: Estimate
    found: Sign
    levels: tuple[LevelShare, ...]


@dataclass(frozen=True, slots=True)
class SiteContrast:
    """How the cases of two sites differ in one indicator.

    Attributes
    ----------
    field : str
    site, other : str
        The two sites.
    n, n_other : int
        Cases with a value.
    superiority : Estimate
        Probability that a case of `site` has the higher value; 0.5 means no difference.
    """

    field: str
    site: str
    other: str
    n: int
    n_other: int
    superiority: Estimate


def compute_field_use(merged: MergedReview) -> tuple[FieldUse, ...]:
    """Count the answers of every question, in the order of the packets."""
    settings, found = merged.plan.settings, []
    for packet in merged.plan.packets:
        inside = merged.codings[merged.codings["packet"] == packet.name]
        for one in packet.facts:
            rows = inside[inside["field"] == one.name]
            counts = _count_kinds(rows, one)
            shown = suppress_small_cells(counts, min_cell=settings.min_cell)
            numbers = _numbers(rows, one)
            enough = len(numbers) >= 2 * settings.min_cell
            quartiles = np.quantile(numbers, [0.5, 0.25, 0.75]) if enough else [math.nan] * 3
            kinds = [None if pd.isna(one) else int(one) for one in shown]
            found.append(FieldUse(packet.name, one.name, len(rows), *kinds, *map(float, quartiles)))
    return tuple(found)


def _count_kinds(rows: pd.DataFrame, one: Field) -> pd.Series:
    final = rows["final"]
    stated = final.notna() & ~final.isin([*one.missing_codes])
    return pd.Series(
        {
            "value": int(stated.sum()),
            "not_stated": int((final == "998").sum()),
            "not_applicable": int((final.isin([*one.missing_codes]) & (final != "998")).sum()),
            "unanswered": int((rows["status"] == "unanswered").sum()),
            "open": int((rows["status"] == "open").sum()),
        }
    )


def _numbers(rows: pd.DataFrame, one: Field) -> FloatArray:
    if one.type != "number":
        return np.empty(0)
    final = rows["final"]
    stated = final.notna() & ~final.isin([*one.missing_codes])
    return final[stated].to_numpy().astype(np.float64)


def compute_associations(
    table: CaseTable,
    long_course: FloatArray,
    *,
    min_cell: int,
    n_draws: int,
    random_state: int = 0,
) -> tuple[Association, ...]:
    """Set every indicator against the outcome, each alone.

    Parameters
    ----------
    table : CaseTable
        One row per case, as known at intake.
    long_course : ndarray of float, shape (n,)
        1 or 0; NaN where the outcome is not known.
    min_cell : int
        Smaller counts are hidden.
    n_draws : int
        Draws of the bootstrap over cases.
    random_state : int
        Seed of the bootstrap.

    Returns
    -------
    tuple of Association
        In codebook order, so that the order tells nothing of the result.
    """
    found = []
    for one in table.codebook.indicators:
        if one.name not in table.fields.columns:
            continue
        values = _as_numbers(table, one)
        known = ~np.isnan(values) & ~np.isnan(long_course)
        y, x = long_course[known], values[known]
        figure = NOTHING
        if one.type != "category" and min(y.sum(), len(y) - y.sum()) >= FEWEST_PER_SIDE:
            figure = _superiority(y, x, n_draws, random_state)
        found.append(
            Association(
                field=one.name,
                prior=one.direction,
                n=len(y),
                n_long=int(y.sum()),
                superiority=figure,
                found=_sign(figure),
                levels=_level_shares(one, x, y, min_cell),
            )
        )
    return tuple(found)


def _as_numbers(table: CaseTable, one: Field) -> FloatArray:
    column = table.fields[one.name]
    if one.type == "number":
        return column.to_numpy(dtype=np.float64)
    codes = column.cat.codes.to_numpy().astype(np.float64)
    return np.where(codes < 0, np.nan, codes)


def _superiority(y: FloatArray, x: FloatArray, n_draws: int, random_state: int) -> Estimate:
    found = bootstrap_interval(
        lambda rows: auc(y[rows], x[rows]), len(y), n_draws=n_draws, random_state=random_state
    )
    return Estimate(found.estimate, found.low, found.high)


def _sign(figure: Estimate) -> Sign:
    if not figure.known or figure.low <= 0.5 <= figure.high:
        return "none"
    return "increasing" if figure.value > 0.5 else "decreasing"


def _level_shares(
    one: Field, x: FloatArray, y: FloatArray, min_cell: int
) -> tuple[LevelShare, ...]:
    if one.type == "number":
        names, group = _split_number(x, min_cell)
    else:
        names, group = list(one.level_values), x.astype(np.intp)
    counts = pd.DataFrame(
        {
            "short": np.bincount(group[y == 0], minlength=len(names)),
            "long": np.bincount(group[y == 1], minlength=len(names)),
        },
        index=names,
    )
    shown = suppress_small_cells(counts, min_cell=min_cell)
    shares = []
    for name, cells, plain in zip(names, shown.to_numpy(), counts.to_numpy(), strict=True):
        if plain.sum() == 0:
            continue
        if any(pd.isna(cell) for cell in cells):
            shares.append(LevelShare(name, None, None, NOTHING))
            continue
        n, n_long = int(plain.sum()), int(plain[1])
        low, high = clopper_pearson(n_long, n)
        shares.append(LevelShare(name, n, n_long, Estimate(n_long / n, float(low), float(high))))
    return tuple(shares)


def _split_number(x: FloatArray, min_cell: int) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Split numbers at their tertiles, or their median where there are few."""
    parts = 3 if len(x) >= 6 * min_cell else 2
    cuts = np.unique(np.quantile(x, np.arange(1, parts) / parts)) if len(x) else np.empty(0)
    cuts = cuts[(cuts > x.min()) & (cuts < x.max())] if len(x) else cuts
    group = np.searchsorted(cuts, x, side="left")
    edges = [f"{cut:g}" for cut in cuts]
    if not edges:
        return ["all"], group
    middle = [f"{low}-{high}" for low, high in pairwise(edges)]
    return [f"<={edges[0]}", *middle, f">{edges[-1]}"], group


def compute_site_contrasts(
    table: CaseTable, *, n_draws: int, fewest: int = 10, random_state: int = 0
) -> tuple[SiteContrast, ...]:
    """Compare the first site with each other one, indicator by indicator.

    Parameters
    ----------
    table : CaseTable
        One row per case, as known at intake.
    n_draws, random_state : int
        Of the bootstrap over cases.
    fewest : int
        Indicators with fewer values at one of the sites are left out.
    """
    sites = sorted(set(table.site.tolist()) - {""})
    found = []
    for other in sites[1:]:
        for one in table.codebook.indicators:
            if one.type == "category" or one.name not in table.fields.columns:
                continue
            values = _as_numbers(table, one)
            known = ~np.isnan(values) & np.isin(table.site, [sites[0], other])
            y = (table.site[known] == sites[0]).astype(np.float64)
            n, n_other = int(y.sum()), int(len(y) - y.sum())
            if min(n, n_other) < fewest:
                continue
            figure = _superiority(y, values[known], n_draws, random_state)
            found.append(SiteContrast(one.name, sites[0], other, n, n_other, figure))
    return tuple(found)
