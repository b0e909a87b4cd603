"""Whether the evidence behind a model is uncertain, by the saved grades of its verdicts.

Explanations read it, so nothing that learns or judges is loaded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["Doubt", "find_doubts"]

Doubt = Literal["few_cases", "held_out", "not_judged"]
_HELD_OUT = ("auc", "base_rate", "observed_expected", "calibration_slope")


def find_doubts(grades: Mapping[str, str], *, updated: bool = False) -> tuple[Doubt, ...]:
    """Return why the evidence behind every figure of a model is uncertain; empty where it is not.

    Parameters
    ----------
    grades : mapping of str to str
        Grade of each verdict, by its key.
    updated : bool
        Whether the model was fitted to local cases after it was judged.

    Returns
    -------
    tuple of {"few_cases", "held_out", "not_judged"}
        Too few persons by Riley's criteria, less than half of what it takes; and held-out
        figures that do not surely show that risks are better than the share, or fit. Of an
        updated model without figures of its own, that it has none.

    Examples
    --------
    >>> find_doubts({"sample_size": "poor", "auc": "good", "calibration_slope": "doubtful"})
    ('few_cases', 'held_out')
    >>> find_doubts({"sample_size": "doubtful", "auc": "good"})
    ()
    >>> find_doubts({}, updated=True)
    ('not_judged',)
    """
    if updated and not grades:
        return ("not_judged",)
    found: list[Doubt] = []
    if grades.get("sample_size") == "poor":
        found.append("few_cases")
    if any(grades.get(key, "good") != "good" for key in _HELD_OUT):
        found.append("held_out")
    return tuple(found)
