"""Columns of ids: when numbers that resemble personal numbers are ids after all.

A Danish personal number (CPR) starts with a date. So do 3.7 % of random ten-digit numbers,
so a column whose ids are such numbers has some of them by chance; in a column of any other
ids even one is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.privacy import MOD11_WEIGHTS, cpr_like, find_cpr

__all__ = ["CODED_ID", "IdColumnCount", "count_id_column"]

CHANCE = 1e-3

# Shares of random digits that have a valid date: ten digits, ten digits when administrative
# numbers (day + 60) count too, and nine digits, where the lost first digit was a zero.
CHANCE_TEN = 0.0366
CHANCE_TEN_ADMINISTRATIVE = 0.0731
CHANCE_NINE = 0.12
# Hexadecimal words of 11-15 signs: up to six places for ten digits in a row, each with the
# chance (10/16)^10, and a valid date among them.
CHANCE_CODED = 0.005

CODED_ID = r"^[0-9]*[a-fA-F][0-9a-fA-F]*$"
_CODED = re.compile(r"(?=[0-9]*[a-fA-F])[0-9a-fA-F]{11,15}")
_TEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")


@dataclass(frozen=True, slots=True)
class IdColumnCount:
    """How many cells of a column of ids can be personal numbers.

    Attributes
    ----------
    cells : int
        Cells that hold something.
    ten, nine : int
        Cells of ten, and of nine, bare digits.
    hits, plain_hits, mod11_hits : int
        Bare cells with a valid date; those without day + 60; those whose check digit holds.
    separated : int
        Cells with a personal number that is written with a separator.
    coded, coded_hits : int
        Cells that are hexadecimal words with a letter; the hits among them.
    """

    cells: int
    ten: int
    nine: int
    hits: int
    plain_hits: int
    mod11_hits: int
    separated: int = 0
    coded: int = 0
    coded_hits: int = 0

    @property
    def refused(self) -> bool:
        """Whether the column holds personal numbers rather than ids that resemble some.

        Any separated form is refused. Bare digits are tolerated only where most of the
        cells are bare digits that start with no valid date, and no more of them do than
        chance gives; or where the ids are hexadecimal words, which hold ten such digits in
        a row now and then.
        """
        if self.separated or not self.hits:
            return self.separated > 0
        if self.hits == self.cells < 3:
            return self.nine == 0 or self.mod11_hits == self.cells
        if self.hits == self.coded_hits and 2 * self.coded > self.cells >= 2 * self.ten:
            return _chance_of(self.hits, self.coded, CHANCE_CODED) < CHANCE
        bare = self.ten + self.nine
        if 2 * (bare - self.hits) <= self.cells:
            return True
        by_chance = (
            (self.plain_hits, CHANCE_TEN, 1.0),
            (self.hits, CHANCE_TEN_ADMINISTRATIVE, 1.0),
            (self.mod11_hits, CHANCE_TEN_ADMINISTRATIVE, 1 / 11),
        )
        return any(
            _chance_of(hits, bare, factor * (self.ten * share + self.nine * CHANCE_NINE) / bare)
            < CHANCE
            for hits, share, factor in by_chance
        )


def _chance_of(hits: int, trials: int, share: float) -> float:
    """Bound the chance of at least so many hits (Chernoff)."""
    seen = hits / trials
    if seen <= share:
        return 1.0
    distance = seen * math.log(seen / share)
    if seen < 1:
        distance += (1 - seen) * math.log((1 - seen) / (1 - share))
    return math.exp(-trials * distance)


def count_id_column(
    numbers: npt.NDArray[np.int64], others: Iterable[str], cells: int, coded: int = 0
) -> IdColumnCount:
    """Count what a column of ids holds.

    Parameters
    ----------
    numbers : ndarray of int64
        The cells that are bare digits, nine or ten of them, one entry a cell.
    others : iterable of str
        The other cells that hold nine digits or more.
    cells : int
        Cells that hold something.
    coded : int
        Cells that match `CODED_ID`.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.array([], dtype=np.int64)
    >>> count_id_column(none, ["S0101650000"], cells=40).refused
    True
    >>> count_id_column(none, ["S0101650000", "S4501650000", "S9901650000"], cells=3).refused
    False
    """
    like = cpr_like(numbers)
    hits = numbers[like]
    remainder = np.zeros(len(hits), dtype=np.int64)
    for place, weight in enumerate(MOD11_WEIGHTS):
        remainder += hits // 10 ** (9 - place) % 10 * weight
    texts = list(others)
    found = [(hit, text) for text in texts if (hit := find_cpr(text)) is not None]
    bare = [(hit, text) for hit, text in found if not hit.separated]
    tens = sum(_TEN_DIGITS.search(text) is not None for text in texts)
    return IdColumnCount(
        cells=cells,
        ten=max(int(np.sum(numbers >= 1_000_000_000)) + tens, len(bare)),
        nine=int(np.sum(numbers < 1_000_000_000)),
        hits=len(hits) + len(bare),
        plain_hits=int(np.sum(hits // 100_000_000 <= 31))
        + sum(not hit.administrative for hit, _ in bare),
        mod11_hits=int(np.sum(remainder % 11 == 0)) + sum(hit.mod11 for hit, _ in bare),
        separated=len(found) - len(bare),
        coded=coded,
        coded_hits=sum(_CODED.fullmatch(text) is not None for _, text in bare),
    )
