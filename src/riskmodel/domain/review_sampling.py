"""Draw the cases of a review by lot within strata, and keep with what chance each was drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import InputError

__all__ = ["DrawnSample", "Stratum", "correct_intercept", "draw_sample"]


@dataclass(frozen=True, slots=True)
class Stratum:
    """How many cases a stratum held and gave.

    Attributes
    ----------
    name : str
    n_frame, n_drawn : int
    fraction : float
        Chance of a case of the stratum to be drawn.
    """

    name: str
    n_frame: int
    n_drawn: int

    @property
    def fraction(self) -> float:
        """Chance of a case of the stratum to be drawn."""
        return self.n_drawn / self.n_frame


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """The cases drawn.

    Attributes
    ----------
    rows : ndarray of int, shape (n_drawn,)
        Their places in the frame, in the frame's order.
    fraction : ndarray of float, shape (n_drawn,)
        Chance with which each was drawn; its inverse is the case's weight.
    strata : tuple of Stratum
        Sorted by name.
    """

    rows: npt.NDArray[np.intp]
    fraction: npt.NDArray[np.float64]
    strata: tuple[Stratum, ...]


def draw_sample(
    stratum: pd.Series,
    n_cases: int,
    *,
    share: Mapping[str, float] | None = None,
    sides: Mapping[str, str] | None = None,
    seed: int = 0,
) -> DrawnSample:
    """Draw cases by lot within strata.

    Parameters
    ----------
    stratum : Series of str, shape (n,)
        Stratum of each case of the frame.
    n_cases : int
        Cases to draw in all.
    share : mapping of str to float or None
        Share of the sample that each stratum gets; equal shares where None. What a small
        stratum cannot give goes to the others in the same proportion.
    sides : mapping of str to str or None
        Side of each stratum, such as long or short. The sides get the same number of cases as
        far as they have them, before strata share what their side gets.
    seed : int
        The same frame, numbers and seed draw the same cases.

    Returns
    -------
    DrawnSample

    Raises
    ------
    InputError
        If there are fewer cases than are to be drawn, a stratum has no name, or `share` does
        not name exactly the strata with positive numbers.

    Examples
    --------
    >>> frame = pd.Series(["long"] * 10 + ["short"] * 90)
    >>> drawn = draw_sample(frame, 20)
    >>> [(one.name, one.n_drawn, round(one.fraction, 3)) for one in drawn.strata]
    [('long', 10, 1.0), ('short', 10, 0.111)]
    """
    names = sorted(set(stratum))
    if any(not str(name).strip() for name in names):
        msg = "a case of the frame has no stratum; fill the columns that strata are made from."
        raise InputError(msg)
    if not 1 <= n_cases <= len(stratum):
        msg = f"{n_cases} cases are to be drawn from a frame of {len(stratum)}."
        raise InputError(msg)
    wanted = dict.fromkeys(names, 1.0) if share is None else dict(share)
    if set(wanted) != set(names) or any(not 0 < one < math.inf for one in wanted.values()):
        msg = f"share must give a positive number for each stratum: {', '.join(names)}."
        raise InputError(msg)
    places = {name: np.flatnonzero((stratum == name).to_numpy()) for name in names}
    numbers = _allot({name: len(places[name]) for name in names}, wanted, sides or {}, n_cases)
    rng = np.random.default_rng(seed)
    drawn = {name: rng.choice(places[name], numbers[name], replace=False) for name in names}
    strata = tuple(Stratum(name, len(places[name]), numbers[name]) for name in names)
    rows = np.concatenate([drawn[name] for name in names])
    fraction = np.concatenate([np.full(one.n_drawn, one.fraction) for one in strata])
    order = np.argsort(rows, kind="stable")
    return DrawnSample(rows[order].astype(np.intp), fraction[order], strata)


def _allot(
    available: dict[str, int], share: Mapping[str, float], sides: Mapping[str, str], total: int
) -> dict[str, int]:
    """Allot cases one by one: the side with fewest, then its stratum furthest behind its share."""
    given = dict.fromkeys(available, 0)
    by_side = dict.fromkeys((sides.get(name, "") for name in available), 0)
    for _ in range(total):
        free = [name for name in available if given[name] < available[name]]
        chosen = min(
            free,
            key=lambda name: (
                by_side[sides.get(name, "")],
                (given[name] + 1) / share[name],
                name,
            ),
        )
        given[chosen] += 1
        by_side[sides.get(chosen, "")] += 1
    return given


def correct_intercept(intercept: float, fraction_long: float, fraction_short: float) -> float:
    r"""Return the intercept of a logistic score for everybody, from one fitted to a sample.

    Where long and short courses are drawn with different chances and nothing else decides
    the draw, all other coefficients are right and the intercept is too high by
    :math:`\log(f_1 / f_0)`. Weights of one over the fraction correct it too, also where more
    than the outcome decided.

    Parameters
    ----------
    intercept : float
        Log-odds, fitted without weights.
    fraction_long, fraction_short : float
        Chances of long and short courses to be drawn, in (0, 1].

    Raises
    ------
    ValueError
        If a fraction is not in (0, 1].

    References
    ----------
    Prentice & Pyke (1979), Biometrika 66:403-411. https://doi.org/10.1093/biomet/66.3.403

    Examples
    --------
    Half of the sample were long, but one in five of the frame:

    >>> frame_share = 1 / (1 + math.exp(-correct_intercept(0.0, 0.4, 0.1)))
    >>> round(frame_share, 6)
    0.2
    """
    for value in (fraction_long, fraction_short):
        if not 0 < value <= 1:
            msg = f"a sampling fraction must lie in (0, 1], got {value}."
            raise ValueError(msg)
    return intercept - math.log(fraction_long / fraction_short)
