"""The threshold: the one place where a risk is compared with a policy's figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from riskmodel.domain.labels import Label

__all__ = ["Threshold", "ThresholdStatus"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
ThresholdStatus = Literal["proposal", "decided"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A risk from which a policy offers more.

    Parameters
    ----------
    value : float
        Probability strictly between 0 and 1.
    status : {"proposal", "decided"}
        Whether somebody with the authority has decided it.
    basis : Label or None
        Where the figure comes from.

    Raises
    ------
    ValueError
        If the value is not a probability between 0 and 1.

    Examples
    --------
    >>> Threshold(0.2).is_reached(np.array([0.19, 0.2, np.nan]))
    array([False,  True, False])
    """

    value: float
    status: ThresholdStatus = "proposal"
    basis: Label | None = None

    def __post_init__(self) -> None:
        if not 0 < self.value < 1:
            msg = (
                f"a threshold must lie between 0 and 1 (0.25 for 25 %), got {self.value}; "
                "percentages are written as fractions."
            )
            raise ValueError(msg)
        if self.status not in {"proposal", "decided"}:
            msg = f"status must be proposal or decided, got {self.status!r}."
            raise ValueError(msg)

    def is_reached(self, risk: FloatArray) -> BoolArray:
        """Return which risks are at or above the threshold; a missing risk is not."""
        return np.asarray(risk >= self.value, dtype=np.bool_)

    def measure_distance(self, risk: FloatArray) -> FloatArray:
        """Return risk minus threshold, as a fraction; not negative where it is reached."""
        return np.asarray(risk - self.value, dtype=np.float64)
