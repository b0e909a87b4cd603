"""What a year brings and what a talk costs: figures that a municipality puts in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList
from riskmodel.errors import InputError
from riskmodel.visitation.policy_reader import PolicyReader

__all__ = ["WEEKS_A_YEAR", "Inflow", "Origin", "SiteInflow", "TalkWeeks", "parse_inflow"]

FloatArray = npt.NDArray[np.float64]
OriginCertainty = Literal["own_count", "computed", "assumption"]

WEEKS_A_YEAR: Final = 52
MONTHS: Final = 12
MOST_CASES: Final = 1_000_000.0
MOST_MINUTES: Final = 600.0
LAST_WEEK: Final = 520.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from.

    Parameters
    ----------
    certainty : {"own_count", "computed", "assumption"}
        Counted by the municipality, worked out from public figures, or assumed.
    source : Label
        Where it was found, or why it was chosen.
    """

    certainty: OriginCertainty
    source: Label


@dataclass(frozen=True, slots=True)
class SiteInflow:
    """New cases of one municipality in a year.

    Parameters
    ----------
    site : str
        The municipality, named as in the cases.
    cases_a_year : float
        Cases that reach the first assessment, > 0.
    origin : Origin
        Where the figure comes from.
    """

    site: str
    cases_a_year: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class TalkWeeks:
    """Weeks from the first absence day in which a talk is due."""

    weeks: tuple[float, ...]
    origin: Origin

    def __post_init__(self) -> None:
        if list(self.weeks) != sorted(set(self.weeks)) or not self.weeks:
            msg = f"weeks must rise without repeats, got {list(self.weeks)}."
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Inflow:
    """Cases a year, their seasons, and what they cost an adviser.

    Parameters
    ----------
    sites : tuple of SiteInflow
        Municipalities.
    months : tuple of float
        Twelve relative numbers of new cases, January first.
    talk_minutes, look_minutes : float
        Time of a talk with preparation and notes, and of looking at one case in the band.
    adviser_share : float
        Share of the adviser's band that is offered the talks of the at-risk tier.
    until_week : float
        Last week from the first absence day that repeated talks are planned for.
    longest_wait_weeks : int
        Weeks within which nine talks in ten are to be held.
    share_of_years : float
        Share of simulated years in which a threshold must hold to be suggested.
    tier_talk_weeks : mapping of str to TalkWeeks
        Talks of tiers whose contacts the policy leaves out.
    before_reform : TalkWeeks or None
        Talks with everybody under the rules before 1 July 2026.
    origins : mapping of str to Origin
        Where the other figures come from, by section of the file.
    """

    sites: tuple[SiteInflow, ...]
    months: tuple[float, ...] = (1.0,) * MONTHS
    talk_minutes: float = 60.0
    look_minutes: float = 20.0
    adviser_share: float = 0.5
    until_week: float = 52.0
    longest_wait_weeks: int = 2
    share_of_years: float = 0.8
    tier_talk_weeks: Mapping[str, TalkWeeks] = field(default_factory=dict)
    before_reform: TalkWeeks | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [one.site for one in self.sites]
        if not names or len(set(names)) != len(names):
            msg = f"sites must be at least one, with different names, got {names}."
            raise ValueError(msg)
        if any(not one.cases_a_year > 0 for one in self.sites):
            msg = "cases_a_year must be more than 0 for every site."
            raise ValueError(msg)
        if len(self.months) != MONTHS or min(self.months) < 0 or sum(self.months) <= 0:
            msg = "months must be twelve numbers, none negative, January first."
            raise ValueError(msg)
        if not 0 <= self.adviser_share <= 1 or not 0 < self.share_of_years < 1:
            msg = "adviser_share must lie in [0, 1] and share_of_years in (0, 1)."
            raise ValueError(msg)

    @property
    def cases_a_year(self) -> float:
        """New cases a year over all sites."""
        return sum(one.cases_a_year for one in self.sites)

    @property
    def season(self) -> FloatArray:
        """Share of a year's cases in each of its 52 weeks, shape (52,).

        Examples
        --------
        >>> counted = Origin("own_count", Label("Optalt", "Counted"))
        >>> even = Inflow((SiteInflow("a", 520.0, counted),))
        >>> bool(np.allclose(even.season * even.cases_a_year, 10))
        True
        """
        middle = (np.arange(WEEKS_A_YEAR) + 0.5) / WEEKS_A_YEAR * MONTHS
        weights = np.asarray(self.months)[middle.astype(np.intp)]
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def take_sites(self, names: tuple[str, ...]) -> Inflow:
        """Return the inflow of some municipalities only.

        Raises
        ------
        InputError
            If one of them has no inflow.
        """
        known = {one.site: one for one in self.sites}
        unknown = sorted(set(names) - set(known))
        if unknown:
            msg = (
                f"The inflow holds no municipality {', '.join(unknown)}; it holds "
                f"{', '.join(known)}. Add it under sites, or choose one of these."
            )
            raise InputError(msg)
        return replace(self, sites=tuple(known[name] for name in dict.fromkeys(names)))


def parse_inflow(mapping: object, source: str) -> Inflow:
    """Build the inflow from the mapping in its file.

    Parameters
    ----------
    mapping : mapping
        What the YAML file holds.
    source : str
        Name of the file, for messages.

    Raises
    ------
    CodebookError
        With every fault found.
    """
    faults = FaultList(source)
    reader = PolicyReader(mapping, "", faults)
    origins: dict[str, Origin] = {}
    sites = [_read_site(one) for one in reader.list_readers("sites")]
    season = reader.child("season")
    months = tuple(
        season.check_number(f"months[{place}]", value, 0.0, 100.0)
        for place, value in enumerate(season.list_values("months"))
    )
    if len(months) != MONTHS:
        problem = f"must hold twelve numbers, got {len(months)}."
        faults.add("season.months", problem, "Write one number for each month, January first.")
    origins["season"] = _end(season)
    minutes = reader.child("minutes")
    talk, look = (minutes.number(key, 0.0, MOST_MINUTES) for key in ("talk", "look"))
    origins["minutes"] = _end(minutes)
    offers = reader.child("adviser_offers")
    share = offers.number("share", 0.0, 1.0)
    origins["adviser_offers"] = _end(offers)
    fits = reader.child("fits")
    wait = fits.number("longest_wait_weeks", 0.0, 51.0)
    years = fits.number("share_of_years", 0.5, 0.99)
    origins["fits"] = _end(fits)
    until = reader.number("talks_until_week", 1.0, LAST_WEEK)
    before = (
        _read_weeks(reader.child("before_july_2026")) if reader.has("before_july_2026") else None
    )
    tiers = [(one.text("tier"), _read_weeks(one)) for one in reader.list_readers("tier_talk_weeks")]
    reader.finish()
    built = reader.build(
        lambda: Inflow(
            sites=tuple(sites),
            months=months,
            talk_minutes=talk,
            look_minutes=look,
            adviser_share=share,
            until_week=until,
            longest_wait_weeks=round(wait),
            share_of_years=years,
            tier_talk_weeks={name: weeks for name, weeks in tiers if weeks is not None},
            before_reform=before,
            origins=origins,
        )
    )
    faults.raise_if_any()
    if built is None:  # pragma: no cover (nothing is left out without a fault)
        msg = "an inflow without faults was not built"
        raise AssertionError(msg)
    return built


def _end(reader: PolicyReader) -> Origin:
    """Read where the figures of a section come from, and refuse what is left."""
    certainty = reader.choice("certainty", get_args(OriginCertainty))
    source = reader.label("source")
    reader.finish()
    return Origin(_as_certainty(certainty), source)


def _as_certainty(text: str) -> OriginCertainty:
    known: tuple[OriginCertainty, ...] = get_args(OriginCertainty)
    return next((one for one in known if one == text), "assumption")


def _read_site(reader: PolicyReader) -> SiteInflow:
    name = reader.text("site")
    cases = reader.number("cases_a_year", 1.0, MOST_CASES)
    return SiteInflow(name, cases, _end(reader))


def _read_weeks(reader: PolicyReader) -> TalkWeeks | None:
    listed = reader.list_values("weeks")
    weeks = tuple(
        reader.check_number(f"weeks[{place}]", value, 0.0, LAST_WEEK)
        for place, value in enumerate(listed)
    )
    origin = _end(reader)
    return reader.build(lambda: TalkWeeks(weeks, origin))
