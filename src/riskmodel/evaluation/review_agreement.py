"""Whether two reviewers read the same out of the same cases, field by field and site by site."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Field
from riskmodel.domain.review_merge import MergedReview
from riskmodel.stats.agreement import observed_agreement
from riskmodel.stats.weighted_draws import (
    draw_weights,
    icc_of_draws,
    interval_of_draws,
    kappas_of_draws,
)

__all__ = ["Agreement", "Estimate", "Verdict", "compute_agreement", "judge_agreement"]

FloatArray = npt.NDArray[np.float64]
Measure = Literal["kappa", "weighted_kappa", "icc"]
Verdict = Literal["usable", "reword", "drop", "uncertain", "one_value", "too_few"]
FEWEST_PAIRS = 10
ALL_SITES = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return not math.isnan(self.value)


NOTHING = Estimate(math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two reviewers agree on one question.

    Parameters
    ----------
    packet, field : str
        The question.
    site : str
        Municipality of the cases; empty for all.
    measure : {"kappa", "weighted_kappa", "icc"}
        Cohen's kappa for categories, with linear weights for ordered levels; the intraclass
        correlation ICC(2,1) for numbers.
    n_asked : int
        Cases in which both reviewers were asked.
    n : int or None
        Cases in which both reviewers found a value; None where hidden.
    n_stated_differently : int or None
        Cases in which one found a value and the other none; None where hidden.
    figure : Estimate
        The measure.
    ac1 : Estimate
        Gwet's AC1, which stays high where one value is rare; none for numbers.
    observed : float
        Share of equal answers.
    verdict : {"usable", "reword", "drop", "uncertain", "one_value", "too_few"}
        By the measure; ``uncertain`` where its interval holds no agreement beyond chance, and
        ``one_value`` where both reviewers gave every case the same answer.
    weak_sites : tuple of str
        Where it is usable for all: the sites where it is so low that it would be dropped.
    n_at_least : int or None
        A lower limit of `n` where `n` is hidden for being near `n_asked`.
    """

    packet: str
    field: str
    site: str
    measure: Measure
    n_asked: int
    n: int | None
    n_stated_differently: int | None
    figure: Estimate
    ac1: Estimate
    observed: float
    verdict: Verdict
    weak_sites: tuple[str, ...] = ()
    n_at_least: int | None = None


def compute_agreement(
    merged: MergedReview, *, random_state: int = 0, fewest_pairs: int = FEWEST_PAIRS
) -> tuple[Agreement, ...]:
    """Compare the two reviewers of every case, question by question.

    Parameters
    ----------
    merged : MergedReview
    random_state : int
        Seed of the bootstrap over cases.
    fewest_pairs : int
        With fewer cases no figure is given.

    Returns
    -------
    tuple of Agreement
        For each question all sites first, then each site, in the order of the packets.
    """
    coded = merged.codings[merged.codings["second_reviewer"].notna()]
    sites = [ALL_SITES, *sorted(set(coded["site"]) - {""})]
    found: list[Agreement] = []
    for packet in merged.plan.packets:
        inside = coded[coded["packet"] == packet.name]
        for one in packet.facts:
            if one.type == "date":
                continue
            asked = inside[inside["field"] == one.name]
            judged = []
            for site in sites if len(sites) > 2 else sites[:1]:
                rows = asked if site == ALL_SITES else asked[asked["site"] == site]
                compare = _Comparison(merged, packet.name, one, site)
                judged.append(compare.compute(rows, random_state, fewest_pairs))
            found += _name_weak_sites(judged, merged.plan.settings.reword_kappa)
    return tuple(found)


def _name_weak_sites(judged: list[Agreement], reword_kappa: float) -> list[Agreement]:
    whole, sites = judged[0], judged[1:]
    if whole.verdict != "usable":
        return judged
    weak = tuple(
        one.site for one in sites if one.figure.known and round(one.figure.value, 2) < reword_kappa
    )
    return [replace(whole, weak_sites=weak), *sites]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One question of one site."""

    merged: MergedReview
    packet: str
    field: Field
    site: str

    def compute(self, rows: pd.DataFrame, random_state: int, fewest_pairs: int) -> Agreement:
        stated = [self._stated(rows[column]) for column in ("first", "second")]
        both = stated[0] & stated[1]
        pair = (self._encode(rows.loc[both, "first"]), self._encode(rows.loc[both, "second"]))
        figure, ac1, observed = NOTHING, NOTHING, math.nan
        if int(both.sum()) >= fewest_pairs:
            observed = observed_agreement(*pair)
            figure, ac1 = self._measure(pair, random_state)
        return Agreement(
            packet=self.packet,
            field=self.field.name,
            site=self.site,
            measure=self._kind(),
            n_asked=len(rows),
            n=int(both.sum()),
            n_stated_differently=int((stated[0] ^ stated[1]).sum()),
            figure=figure,
            ac1=ac1,
            observed=observed,
            verdict=self._judge(figure, int(both.sum()), fewest_pairs),
        )

    def _judge(self, figure: Estimate, n: int, fewest_pairs: int) -> Verdict:
        if n >= fewest_pairs and not figure.known:
            return "one_value"
        return judge_agreement(figure, self.merged)

    def _kind(self) -> Measure:
        if self.field.type == "number":
            return "icc"
        return "weighted_kappa" if self.field.type == "ordinal" else "kappa"

    def _stated(self, values: pd.Series) -> npt.NDArray[np.bool_]:
        absent = values.isna() | values.isin([*self.field.missing_codes])
        return ~absent.to_numpy(dtype=np.bool_)

    def _encode(self, values: pd.Series) -> FloatArray:
        if self.field.type == "number":
            return values.to_numpy().astype(np.float64)
        levels = list(self.field.level_values)
        return np.array([levels.index(str(value)) for value in values], dtype=np.float64)

    def _measure(
        self, pair: tuple[FloatArray, FloatArray], random_state: int
    ) -> tuple[Estimate, Estimate]:
        n_draws = self.merged.plan.settings.bootstrap_draws
        weights = draw_weights(len(pair[0]), n_draws, random_state=random_state)
        if self.field.type == "number":
            return Estimate(*interval_of_draws(icc_of_draws(*pair, weights))), NOTHING
        linear = self.field.type == "ordinal"
        figures = kappas_of_draws(*pair, len(self.field.levels), weights, linear=linear)
        kappa, ac1 = (Estimate(*interval_of_draws(one)) for one in figures)
        return kappa, ac1


def judge_agreement(figure: Estimate, merged: MergedReview) -> Verdict:
    """Return what an agreement means for a field, by the limits of the settings.

    A figure whose interval reaches down to zero may be chance, so it makes no field usable, nor
    one that rewording would save.
    """
    settings = merged.plan.settings
    if not figure.known:
        return "too_few"
    # A figure that is shown as the limit counts as reaching it; two decimals are shown.
    shown = round(figure.value, 2)
    if shown < settings.reword_kappa:
        return "drop"
    if math.isnan(figure.low) or round(figure.low, 2) <= 0:
        return "uncertain"
    return "usable" if shown >= settings.usable_kappa else "reword"
