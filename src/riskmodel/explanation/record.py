"""The one record of a case's explanation; every page, text and JSON is drawn from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape

from riskmodel.domain.codebook import DataKind
from riskmodel.domain.labels import Label
from riskmodel.evaluation.doubts import Doubt
from riskmodel.evaluation.outcome_bands import OutcomeBand
from riskmodel.explanation.uncertainty import length, sum_sways

__all__ = [
    "CaseExplanation",
    "Contribution",
    "CurvePoint",
    "address_citizen",
    "find_points_interval",
]

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Contribution:
    """One indicator's share of the difference between this case's risk and the reference.

    Parameters
    ----------
    field : str
        Name of the codebook field.
    label : Label
        What people call it.
    theme : str
        The field's theme in the codebook.
    value : float or str or None
        The fact as entered: a number, a level's value, or None where it is missing.
    value_label : Label
        The fact in words, with its unit.
    log_odds : float
        Contribution to the score.
    points : float
        Contribution to the risk in percentage points (-100 to 100).
    sway : tuple of float
        How the points move: over refits, along the directions of the model's spread, and with
        this indicator's part of what no refit learned (`riskmodel.explanation.uncertainty`).
        The length is half the width of the 90 % interval.
    missing : bool
        Whether the fact is missing.
    actionable : bool
        Whether the course can be influenced through it.
    ask : Label or None
        What the adviser could ask or check; None where asking makes no sense in this case.
    applies : bool
        Whether the fact applies to this case at all.
    points_range : tuple of float or None
        For a missing fact: the lowest and the highest change of this case's risk, in
        percentage points, that knowing it could bring.
    citizen_label, citizen_value_label : Label or None
        The same as `label` and `value_label`, said to the citizen whom the case is about; None
        where they read the same.
    """

    field: str
    label: Label
    theme: str
    value: float | str | None
    value_label: Label
    log_odds: float
    points: float
    sway: tuple[float, ...]
    missing: bool = False
    actionable: bool = False
    ask: Label | None = None
    points_range: tuple[float, float] | None = None
    applies: bool = True
    citizen_label: Label | None = None
    citizen_value_label: Label | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval of the points: over refits, and for what none of them learned."""
        return find_points_interval([self])


def address_citizen(explanation: CaseExplanation) -> CaseExplanation:
    """Return the same explanation with its facts named as to the citizen it is about.

    Parameters
    ----------
    explanation : CaseExplanation
        Facts without words for the citizen keep those they have.
    """
    facts = (
        replace(
            one,
            label=one.citizen_label or one.label,
            value_label=one.citizen_value_label or one.value_label,
        )
        for one in explanation.contributions
    )
    return replace(explanation, contributions=tuple(facts))


def find_points_interval(facts: Iterable[Contribution]) -> tuple[float, float]:
    """Return the 90 % interval of what some contributions add up to, in percentage points.

    It is worked out for the sum: contributions that refits move against each other leave
    less in doubt together than one by one. What no refit learned of each adds up.

    Parameters
    ----------
    facts : iterable of Contribution
        One or more contributions of one case.
    """
    chosen = tuple(facts)
    points = sum(one.points for one in chosen)
    margin = length(sum_sways(one.sway for one in chosen))
    return points - margin, points + margin


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Chance of still being sick-listed after a week, given still so at the assessment.

    Parameters
    ----------
    week : float
        Weeks from the first absence day.
    probability, low, high : float
        The chance with its 90 % interval.
    """

    week: float
    probability: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.probability <= self.high <= 1:
            msg = (
                "The interval must hold the chance inside [0, 1], got "
                f"{self.low}, {self.probability}, {self.high}."
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class CaseExplanation:
    """Risk, expected duration and contributions of one case at one assessment.

    Parameters
    ----------
    case_id : str
        Pseudonym.
    site : str
        Municipality as it stands in the cases; empty where the codebook names none.
    assessed_week, horizon_weeks : float
        Weeks from the first absence day.
    risk, risk_low, risk_high : float
        Probability of being sick-listed after the horizon, with its 90 % interval.
    reference_risk : float
        Risk of the reference that the contributions start from.
    reference_interval : tuple of float
        Its 90 % interval over refits.
    score, base_value : float
        Log-odds of the risk and of the reference risk.
    contributions : tuple of Contribution
        One per indicator, in codebook order; points add up to risk minus reference_risk.
    expected_weeks, expected_weeks_low, expected_weeks_high : float
        Median duration with the 80 % interval, weeks from the first absence day.
    curve : tuple of CurvePoint
        Rising weeks, never rising probabilities.
    outside_training : tuple of str
        Fields whose value the model has never seen in training.
    model_version : str
        Digest that identifies the bundle.
    data_kind : {"synthetic", "public", "case_records"}
        What the model was trained on.
    n_training_persons : int
        Persons the model was trained on.
    hidden_range : tuple of float or None
        Lowest and highest risk that differences between cases with the same facts leave on
        their own: the part of the interval that is a setting of the training. None where the
        interval leaves it out.
    similar : OutcomeBand or None
        How closed cases of like risk ended, as counts; None where that is not known.
    doubts : tuple of {"few_cases", "held_out", "not_judged"}
        Why the evidence behind every figure of the model is uncertain; empty where it is not.
    site_label : Label or None
        What the municipality is called; the same as `site` where None.

    Raises
    ------
    ValueError
        If the contributions do not add up or a figure is out of range.
    """

    case_id: str
    site: str
    assessed_week: float
    horizon_weeks: float
    risk: float
    risk_low: float
    risk_high: float
    reference_risk: float
    reference_interval: tuple[float, float]
    score: float
    base_value: float
    contributions: tuple[Contribution, ...]
    expected_weeks: float
    expected_weeks_low: float
    expected_weeks_high: float
    curve: tuple[CurvePoint, ...]
    outside_training: tuple[str, ...]
    model_version: str
    data_kind: DataKind
    n_training_persons: int
    hidden_range: tuple[float, float] | None = None
    similar: OutcomeBand | None = None
    doubts: tuple[Doubt, ...] = ()
    site_label: Label | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.risk_low <= self.risk <= self.risk_high <= 1:
            msg = (
                "The interval must hold the risk inside [0, 1], got "
                f"{self.risk_low}, {self.risk}, {self.risk_high}."
            )
            raise ValueError(msg)
        low, high = self.reference_interval
        if not 0 <= low <= self.reference_risk <= high <= 1:
            msg = f"The interval {low} to {high} must hold the reference {self.reference_risk}."
            raise ValueError(msg)
        log_odds = sum(one.log_odds for one in self.contributions)
        if abs(self.base_value + log_odds - self.score) > _TOLERANCE:
            msg = "Contributions in log-odds must add up to the score."
            raise ValueError(msg)
        points = sum(one.points for one in self.contributions) / 100
        if abs(self.reference_risk + points - self.risk) > _TOLERANCE:
            msg = "Contributions in percentage points must add up to the risk."
            raise ValueError(msg)
        band = self.similar
        if band is not None and not band.low <= self.risk <= band.high:
            msg = f"The band {band.low} to {band.high} does not hold the risk {self.risk}."
            raise ValueError(msg)

    @property
    def by_size(self) -> tuple[Contribution, ...]:
        """Contributions, largest first; ties keep codebook order."""
        return tuple(sorted(self.contributions, key=lambda one: -abs(one.points)))

    @property
    def missing(self) -> tuple[Contribution, ...]:
        """Contributions of facts that are missing."""
        return tuple(one for one in self.contributions if one.missing)

    def __repr__(self) -> str:
        return (
            f"CaseExplanation(week {self.assessed_week:g}, risk {self.risk:.3f} "
            f"({self.risk_low:.3f} to {self.risk_high:.3f}) beyond week {self.horizon_weeks:g})"
        )

    def _repr_html_(self) -> str:
        """Return risk, duration and contributions for a notebook, without the case's key.

        A notebook is stored with what it shows.
        """
        rows = "".join(
            f"<tr><th scope='row'>{escape(one.label.en)}</th>"
            f"<td>{escape(one.value_label.en)}</td><td>{one.points:+.1f}</td>"
            f"<td>{one.interval[0]:+.1f} to {one.interval[1]:+.1f}</td>"
            f"<td>{one.log_odds:+.3f}</td></tr>"
            for one in self.by_size
        )
        heads = ("Indicator", "Value", "Percentage points", "90% interval", "Log-odds")
        columns = "".join(f"<th scope='col'>{one}</th>" for one in heads)
        return (
            f"<p>Risk beyond week {self.horizon_weeks:g}, assessed in week "
            f"{self.assessed_week:g}: <b>{self.risk:.1%}</b> ({self.risk_low:.1%} to "
            f"{self.risk_high:.1%}), reference {self.reference_risk:.1%} "
            f"({self.reference_interval[0]:.1%} to {self.reference_interval[1]:.1%}). "
            "Expected duration: "
            f"<b>{self.expected_weeks:.0f} weeks</b> ({self.expected_weeks_low:.0f} to "
            f"{self.expected_weeks_high:.0f}).</p>"
            f"<table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"
        )
