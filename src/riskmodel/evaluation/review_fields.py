"""What a review found in each field: how often it is missing, and how it goes with the outcome.

Nothing is selected here: every field is shown, each alone, with its interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
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
from riskmodel.stats.intervals import clopper_pearson
from riskmodel.stats.weighted_draws import auc_of_draws, draw_weights, interval_of_draws

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
Group = tuple[tuple[str, ...], npt.NDArray[np.bool_]]
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
        still disagreed on. Hidden counts are None.
    median, low_quartile, high_quartile : float
        Of the numbers; NaN for other fields.
    levels : mapping of str to int or None
        Cases by level; hidden counts are None. Empty for other fields.
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
    levels: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class LevelShare:
    """Long courses among the cases of a level, of levels pooled, or of a range of numbers.

    Attributes
    ----------
    values : tuple of str
        The levels; for numbers one text such as ``13-26``, the lower end not included.
    n, n_long : int or None
        Cases; None where small numbers are hidden.
    share : Estimate
        Share of long courses with its exact interval.
    """

    values: tuple[str, ...]
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
    n, n_long : int or None
        Cases with a value, and long courses among them; None where hidden.
    superiority : Estimate
        Probability that a long course has the higher value than a short one (the AUC of the
        indicator alone); 0.5 tells nothing. None for unordered categories.
    found : {"increasing", "decreasing", "none"}
        Sign found; none where the interval holds 0.5.
    levels : tuple of LevelShare
    """

    field: str
    prior: Sign
    n: int | None
    n_long: int | None
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
    n, n_other : int or None
        Cases with a value; None where hidden.
    superiority : Estimate
        Probability that a case of `site` has the higher value; 0.5 means no difference.
    """

    field: str
    site: str
    other: str
    n: int | None
    n_other: int | None
    superiority: Estimate


def compute_field_use(merged: MergedReview) -> tuple[FieldUse, ...]:
    """Count the answers of every question, in the order of the packets.

    All counts are given; `riskmodel.evaluation.review_disclosure.hide_counts` hides those that
    must not be shown.
    """
    settings, found = merged.plan.settings, []
    for packet in merged.plan.packets:
        inside = merged.codings[merged.codings["packet"] == packet.name]
        for one in packet.facts:
            rows = inside[inside["field"] == one.name]
            kinds = _count_kinds(rows, one)
            numbers = _numbers(rows, one)
            enough = len(numbers) >= 2 * settings.min_cell
            quartiles = np.quantile(numbers, [0.5, 0.25, 0.75]) if enough else [math.nan] * 3
            found.append(
                FieldUse(
                    packet=packet.name,
                    field=one.name,
                    n=len(rows),
                    n_value=kinds["value"],
                    n_not_stated=kinds["not_stated"],
                    n_not_applicable=kinds["not_applicable"],
                    n_unanswered=kinds["unanswered"],
                    n_open=kinds["open"],
                    median=float(quartiles[0]),
                    low_quartile=float(quartiles[1]),
                    high_quartile=float(quartiles[2]),
                    levels=_count_levels(rows, one),
                )
            )
    return tuple(found)


def _count_levels(rows: pd.DataFrame, one: Field) -> dict[str, int | None]:
    return {value: int((rows["final"] == value).sum()) for value in one.level_values}


def _count_kinds(rows: pd.DataFrame, one: Field) -> dict[str, int]:
    final = rows["final"]
    stated = final.notna() & ~final.isin([*one.missing_codes])
    return {
        "value": int(stated.sum()),
        "not_stated": int((final == "998").sum()),
        "not_applicable": int((final.isin([*one.missing_codes]) & (final != "998")).sum()),
        "unanswered": int((rows["status"] == "unanswered").sum()),
        "open": int((rows["status"] == "open").sum()),
    }


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
                levels=_level_shares(one, x, y, _count_absent(long_course, known), min_cell),
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
    weights = draw_weights(len(y), n_draws, random_state=random_state)
    return Estimate(*interval_of_draws(auc_of_draws(y, x, weights)))


def _sign(figure: Estimate) -> Sign:
    if not figure.known or figure.low <= 0.5 <= figure.high:
        return "none"
    return "increasing" if figure.value > 0.5 else "decreasing"


def _count_absent(long_course: FloatArray, known: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Short and long courses without a value: readers know how many there are in all."""
    absent = long_course[~known]
    return int(np.sum(absent == 0)), int(np.sum(absent == 1))


def _level_shares(
    one: Field, x: FloatArray, y: FloatArray, absent: tuple[int, int], min_cell: int
) -> tuple[LevelShare, ...]:
    groups = _group_number(x, y, min_cell) if one.type == "number" else _pool(one, x, y, min_cell)
    rows = {names: (int(np.sum(y[inside] == 0)), int(y[inside].sum())) for names, inside in groups}
    # All in one group tells no more than the share of long courses does.
    if len(rows) < 2:
        return ()
    cells = [*rows.values(), absent]
    counts = pd.DataFrame(cells, columns=["short", "long"], dtype="int64")
    hidden = suppress_small_cells(counts, min_cell=min_cell).isna().any(axis=1).to_numpy()[:-1]
    return tuple(
        LevelShare(names, None, None, NOTHING) if hide else _share(names, n_short, n_long)
        for (names, (n_short, n_long)), hide in zip(rows.items(), hidden, strict=True)
    )


def _share(names: tuple[str, ...], n_short: int, n_long: int) -> LevelShare:
    n = n_short + n_long
    low, high = clopper_pearson(n_long, n)
    return LevelShare(names, n, n_long, Estimate(n_long / n, float(low), float(high)))


def _is_safe(y: FloatArray, inside: npt.NDArray[np.bool_], min_cell: int) -> bool:
    n_long = int(y[inside].sum())
    return min(n_long, int(inside.sum()) - n_long) >= min_cell


def _pool(one: Field, x: FloatArray, y: FloatArray, min_cell: int) -> list[Group]:
    """Pool levels until none has a small cell: neighbours if ordered, else the rare ones."""
    groups: list[Group] = [
        ((value,), x == place) for place, value in enumerate(one.level_values) if np.any(x == place)
    ]
    while len(groups) > 1:
        sizes = [int(inside.sum()) for _, inside in groups]
        small = [i for i, (_, inside) in enumerate(groups) if not _is_safe(y, inside, min_cell)]
        if not small:
            break
        first = min(small, key=sizes.__getitem__)
        others = [i for i in range(len(groups)) if i != first]
        if one.type != "category":
            others = [i for i in others if abs(i - first) == 1]
        second = min(others, key=sizes.__getitem__)
        low, high = sorted((first, second))
        joined = (groups[low][0] + groups[high][0], groups[low][1] | groups[high][1])
        groups = [*groups[:low], joined, *groups[low + 1 : high], *groups[high + 1 :]]
    return groups


def _group_number(x: FloatArray, y: FloatArray, min_cell: int) -> list[Group]:
    """Split numbers at quantiles into as many groups, up to four, as have no small cell."""
    groups: list[Group] = []
    for parts in (4, 3, 2) if len(x) else ():
        cuts = np.unique(np.quantile(x, np.arange(1, parts) / parts))
        cuts = cuts[cuts < x.max()]
        place = np.searchsorted(cuts, x, side="left")
        edges = [f"{cut:g}" for cut in cuts]
        if not edges:
            return []
        middle = [f"{low}-{high}" for low, high in pairwise(edges)]
        names = [f"<={edges[0]}", *middle, f">{edges[-1]}"]
        groups = [((name,), place == number) for number, name in enumerate(names)]
        if all(_is_safe(y, inside, min_cell) for _, inside in groups):
            break
    return groups


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
