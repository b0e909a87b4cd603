"""Keeps published rows far enough apart that subtracting them never shows few persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.visitation.judged_cases import JudgedCases
from riskmodel.visitation.offers import Offer

__all__ = ["PublishedRows", "count_offer", "count_reached"]

KINDS: Final = (("long", 1), ("short", 0))


def count_offer(cases: JudgedCases, offer: Offer) -> dict[str, int]:
    """Return the persons in each tier, and on each rung by the length of their course.

    Parameters
    ----------
    cases : JudgedCases
        The cases.
    offer : Offer
        What each of them is offered.
    """
    by_tier = {
        f"tier {place}": cases.count_persons(offer.tier == place) for place in np.unique(offer.tier)
    }
    by_rung = {
        f"{name} {rung}": cases.count_persons((offer.rung == rung) & (cases.long_course == kind))
        for rung in np.unique(offer.rung)
        for name, kind in KINDS
    }
    return by_tier | by_rung


def count_reached(cases: JudgedCases, reached: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Return the persons that a threshold on the risk alone reaches, by length of course."""
    return {
        name: cases.count_persons(reached & (cases.long_course == kind)) for name, kind in KINDS
    }


@dataclass(slots=True)
class PublishedRows:
    """Rows of one table whose counts may be subtracted from each other by any reader.

    Parameters
    ----------
    floor : int
        Fewest persons that a difference may show; 0 lets every row pass.

    Examples
    --------
    >>> rows = PublishedRows(floor=5)
    >>> [rows.admit({"light": count}) for count in (20, 22, 25, 20, 29)]
    [True, False, True, True, False]
    """

    floor: int = MIN_CELL
    _admitted: list[Mapping[str, int]] = field(default_factory=list)

    def admit(self, counts: Mapping[str, int]) -> bool:
        """Take a row in, unless some count differs by few, but some, from a row taken before.

        Parameters
        ----------
        counts : mapping of str to int
            Persons behind each figure of the row; one that is not there counts none.
        """
        fits = all(self._is_apart(counts, other) for other in self._admitted)
        if fits:
            self._admitted.append(dict(counts))
        return fits

    def _is_apart(self, counts: Mapping[str, int], other: Mapping[str, int]) -> bool:
        differences = (abs(counts.get(name, 0) - other.get(name, 0)) for name in {*counts, *other})
        return all(one == 0 or one >= self.floor for one in differences)
