"""What is known of a model: the figures that the rules of promotion may ask for, by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal

from riskmodel.domain.codebook import DataKind
from riskmodel.evaluation.figures import Estimate, MetricBlock
from riskmodel.evaluation.leak_guards import CEILINGS
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.sample_size import SampleSizeJudgement

__all__ = [
    "DIGITS",
    "FIGURES",
    "NEW_CASES",
    "WORDS",
    "Attestation",
    "Evidence",
    "FigureKind",
    "read_new_case_figures",
    "read_training_figures",
    "round_outward",
]

FigureKind = Literal["count", "number", "points", "estimate", "gain", "word"]
Found = dict[str, Estimate | str]

DIGITS: Final[Mapping[FigureKind, int]] = MappingProxyType(
    {"count": 0, "number": 2, "points": 1, "estimate": 2, "gain": 4}
)
"""Decimals that a figure is shown with, and judged by."""

NEW_CASES: Final = "new_"
"""How the names of figures on new cases begin."""

WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "data_kind": ("synthetic", "public", "case_records"),
        "legal_basis_scoring": ("on_record", "none"),
        "legal_basis_monitoring": ("on_record", "none"),
        "new_unseen": ("compared", "other_files", "not_compared"),
    }
)
"""Figures that are words, and the words that they can be."""

# A model keeps no simplest rule, so it is not known on new cases.
_SIMPLEST: Final = "gain_on_simplest_rule"
_JUDGED: Final[Mapping[str, FigureKind]] = {
    "auc": "estimate",
    "observed_expected": "estimate",
    "calibration_in_the_large": "estimate",
    "calibration_slope": "estimate",
    "gain_on_base_rate": "gain",
    _SIMPLEST: "gain",
    "furthest_group": "estimate",
    "suspected_leaks": "count",
    "persons": "count",
    "persons_rarer": "count",
}
FIGURES: Final[Mapping[str, FigureKind]] = MappingProxyType(
    {
        **dict.fromkeys(WORDS, "word"),
        **_JUDGED,
        "persons_for_mean_risk": "number",
        "persons_for_riley": "number",
        "instability": "points",
        "transfer_auc": "estimate",
        "transfer_calibration_slope": "estimate",
        "transfer_observed_expected": "estimate",
        "transfer_gain_on_base_rate": "gain",
        "transfer_furthest_site": "estimate",
        "transfer_sites_not_judged": "count",
        **{f"{NEW_CASES}{name}": kind for name, kind in _JUDGED.items() if name != _SIMPLEST},
        "new_years_later": "count",
    }
)
"""Every figure that a rule may ask for.

Those of kind "count", "number" and "points" (percentage points) have no interval.
"""

_METRICS: Final = ("auc", "observed_expected", "calibration_in_the_large", "calibration_slope")
_GAINS: Final = {"base_rate": "gain_on_base_rate", "simplest": _SIMPLEST}


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's answer to what no program can know.

    Parameters
    ----------
    answer : bool
        Whether it is so.
    on : datetime.date
        When it was answered.
    role : str
        Role of whoever answered; never a name.
    """

    answer: bool
    on: date
    role: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one model.

    Parameters
    ----------
    figures : mapping of str to Estimate or str
        By a name in `FIGURES`; one that is not there is not known. Counts are estimates
        whose interval is the count itself.
    attestations : mapping of str to Attestation
        By the name of the requirement.

    Raises
    ------
    ValueError
        If a figure is none of `FIGURES`, or a word none of `WORDS`.
    """

    figures: Mapping[str, Estimate | str] = field(default_factory=dict)
    attestations: Mapping[str, Attestation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.figures.items():
            kind = FIGURES.get(name)
            known = value in WORDS.get(name, ()) if isinstance(value, str) else kind != "word"
            if kind is None or not known:
                msg = f"a figure must be one of FIGURES, a word one of WORDS; got {name}."
                raise ValueError(msg)

    def find(self, name: str) -> Estimate | str:
        """Return a figure; an estimate of NaN where it is not known."""
        return self.figures.get(name, Estimate(math.nan))


def round_outward(one: Estimate, digits: int) -> Estimate:
    """Return a figure as it is shown: its interval never looks narrower than it is.

    Examples
    --------
    >>> round_outward(Estimate(0.612, 0.5996, 0.6404), 2)
    Estimate(value=0.61, low=0.59, high=0.65)
    """
    scale = 10.0**digits
    # Rounded first, so that 0.57 is not taken for a number just below it.
    low, high = (round(part * scale, 6) for part in (one.low, one.high))
    return Estimate(
        round(one.value, digits),
        low if math.isnan(low) else math.floor(low) / scale,
        high if math.isnan(high) else math.ceil(high) / scale,
    )


def read_training_figures(document: Mapping[str, Any], *, enough_persons: int) -> Found:
    """Return the figures of a training run's evaluation.

    Parameters
    ----------
    document : mapping
        The ``evaluation.json`` of a saved model, parsed.
    enough_persons : int
        Persons from which a group or a site counts.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If the document is none.
    """
    found = _read_judged(document, enough_persons)
    if document["sample_size"] is not None:
        size = SampleSizeJudgement.from_mapping(document["sample_size"])
        found["persons_for_mean_risk"] = _exact(size.n_persons / size.for_mean_risk)
        found["persons_for_riley"] = _exact(size.n_persons / size.needed)
    if document["instability"] is not None:
        found["instability"] = _exact(100 * document["instability"]["mape"])
    if document["transfer"] is not None:
        found |= _read_transfer(EvaluationRecord.from_mapping(document["transfer"]), enough_persons)
    return found


def read_new_case_figures(
    document: Mapping[str, Any], trained: Mapping[str, Any] | None, *, enough_persons: int
) -> Found:
    """Return the figures of an evaluation on new cases.

    Parameters
    ----------
    document : mapping
        The ``evaluation.json`` that `riskmodel evaluate` wrote, parsed.
    trained : mapping or None
        That of the saved model, where it has one: the years of its cases are compared.
    enough_persons : int
        Persons from which a group or a site counts.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If a document is none.
    """
    judged = _read_judged(document, enough_persons)
    judged.pop(_SIMPLEST, None)
    found: Found = {f"{NEW_CASES}{name}": value for name, value in judged.items()}
    if document.get("unseen") is not None:
        found["new_unseen"] = str(document["unseen"])
    first, last = _read_years(document), _read_years(trained)
    if first and last:
        found["new_years_later"] = _exact(first[0] - last[-1])
    return found


def _read_judged(document: Mapping[str, Any], enough_persons: int) -> Found:
    record = EvaluationRecord.from_mapping(document["evaluation"])
    whole = record.find_blocks("all")
    figures = whole[0].figures if whole else {}
    found: Found = {"suspected_leaks": _exact(_count_leaks(document, figures.get("auc")))}
    found |= {name: figures[name] for name in _METRICS if name in figures}
    for gap in record.comparisons:
        if gap.other in _GAINS:
            found[_GAINS[gap.other]] = gap.brier
    groups = record.find_blocks("group")
    found["furthest_group"] = _find_furthest(groups, enough_persons)
    if document["sample_size"] is not None:
        size = SampleSizeJudgement.from_mapping(document["sample_size"])
        found["persons"] = _exact(size.n_persons)
        if size.n_events >= 0:
            found["persons_rarer"] = _exact(min(size.n_events, size.n_persons - size.n_events))
    return found


def _count_leaks(document: Mapping[str, Any], auc: Estimate | None) -> int:
    """Count suspected leaks; a ceiling that the training settings raised does not hide one."""
    subjects = {one["subject"] for one in document["suspected_leaks"]}
    kind: DataKind = document["data_kind"]
    if auc is not None and auc.value > CEILINGS[kind]:
        subjects.add("model")
    return len(subjects)


def _read_transfer(record: EvaluationRecord, enough_persons: int) -> Found:
    whole = record.find_blocks("all")
    figures = whole[0].figures if whole else {}
    found: Found = {f"transfer_{name}": figures[name] for name in _METRICS if name in figures}
    found.pop("transfer_calibration_in_the_large", None)
    for gap in record.comparisons:
        if gap.other == "base_rate":
            found["transfer_gain_on_base_rate"] = gap.brier
    sites = record.find_blocks("site")
    found["transfer_furthest_site"] = _find_furthest(sites, enough_persons)
    if sites:
        judged = sum(_is_judged(one, enough_persons) for one in sites)
        found["transfer_sites_not_judged"] = _exact(len(sites) - judged)
    return found


def _find_furthest(blocks: Iterable[MetricBlock], enough_persons: int) -> Estimate:
    """Return observed/expected of the level furthest from one, with the ends of all intervals.

    The lowest lower end and the highest upper end may belong to different levels, so that a
    bar that holds them holds every level. One level alone is no comparison.
    """
    ratios = [one.figures["observed_expected"] for one in blocks if _is_judged(one, enough_persons)]
    if len(ratios) < 2 or any(_is_open(one) for one in ratios):
        return Estimate(math.nan)
    furthest = max(ratios, key=lambda one: abs(math.log(one.value)) if one.value > 0 else math.inf)
    low, high = min(one.low for one in ratios), max(one.high for one in ratios)
    return Estimate(furthest.value, low, high)


def _is_judged(one: MetricBlock, enough_persons: int) -> bool:
    return not one.span.hidden and one.span.n_persons >= enough_persons


def _is_open(one: Estimate) -> bool:
    return any(math.isnan(part) for part in (one.value, one.low, one.high))


def _read_years(document: Mapping[str, Any] | None) -> Sequence[int]:
    if document is None or document["cases"] is None:
        return ()
    return [int(one) for one in document["cases"]["years"]]


def _exact(value: float) -> Estimate:
    return Estimate(float(value), float(value), float(value))
