"""Simulated reviewers with a known agreement, to try a review before people do it.

A simulated reviewer writes what the case says with probability a, and otherwise a value drawn
from how common each value is. Two such reviewers agree beyond chance by exactly a squared, in
every figure: Cohen's kappa with any weights, and the intraclass correlation of numbers. So a
simulated review shows whether the report finds the agreement that was put in.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Field
from riskmodel.domain.review import (
    ANSWER_COLUMNS,
    LOCKED_ON,
    STILL_SICK_LISTED,
    WOULD_OFFER_CONTACT,
    Packet,
    ReviewCase,
    ReviewerAnswers,
    ReviewPlan,
    estimate_name,
)

__all__ = ["ReviewerHabits", "list_simulated_cases", "simulate_reviewer"]

FIRST_DAY = dt.date(2026, 8, 3)
ESTIMATE_STEP = 5
_Answer = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class ReviewerHabits:
    """How a simulated reviewer reads cases.

    Parameters
    ----------
    kappa : float
        Agreement beyond chance that two such reviewers have, default=0.65.
    kappa_by_field : mapping of str to float
        Fields with another agreement.
    skill : float
        How much of the true log-odds of the risk the own estimate follows, default=0.5.
    noise : float
        Standard deviation of the own estimate's error in log-odds, default=1.0.
    bias : float
        What is added to the log-odds of the own estimate, default=0.0.
    offer_at : float
        Own estimate from which contact would be offered, default=0.4.
    """

    kappa: float = 0.65
    kappa_by_field: Mapping[str, float] = field(default_factory=dict)
    skill: float = 0.5
    noise: float = 1.0
    bias: float = 0.0
    offer_at: float = 0.4

    def __post_init__(self) -> None:
        for name, value in {"kappa": self.kappa, **self.kappa_by_field}.items():
            if not 0 <= value <= 1:
                msg = f"kappa must lie in [0, 1], got {value} for {name}."
                raise ValueError(msg)
        if self.noise < 0 or not 0 <= self.offer_at <= 1:
            msg = "noise must not be negative, and offer_at must lie in [0, 1]."
            raise ValueError(msg)

    def truthfulness(self, name: str) -> float:
        """Return the probability that a fact is written as it is."""
        return math.sqrt(self.kappa_by_field.get(name, self.kappa))


@dataclass(frozen=True, slots=True)
class _Draw:
    """What one simulated reviewer works with."""

    plan: ReviewPlan
    habits: ReviewerHabits
    rng: np.random.Generator
    rows: pd.DataFrame
    order: Mapping[str, int]

    def shown(self, one: Field) -> list[str]:
        """Return what a field says in every row; its first missing code where nothing."""
        code = one.missing_codes[0] if one.missing_codes else ""
        if one.name not in self.rows.columns:
            return [code] * len(self.rows)
        return [_as_answer(value, one) or code for value in self.rows[one.name]]

    def misread(self, one: Field) -> list[str]:
        """Return a field as this reviewer reads it."""
        true = np.array(self.shown(one), dtype=object)
        stated = np.array([value not in {"", *one.missing_codes} for value in true])
        if not stated.any():
            return list(true)
        drawn = self.rng.choice(true[stated], size=len(true))
        keeps = self.rng.random(len(true)) < self.habits.truthfulness(one.name)
        return list(np.where(stated & ~keeps, drawn, true))


def list_simulated_cases(frame: pd.DataFrame, plan: ReviewPlan) -> tuple[ReviewCase, ...]:
    """Return the cases of a synthetic table, one each, in its order.

    Parameters
    ----------
    frame : DataFrame
        One row per assessment, columns as in the codebook.
    plan : ReviewPlan
    """
    book = plan.codebook
    first = frame.drop_duplicates(book.key)
    site = first[book.site] if book.site else pd.Series([""] * len(first))
    rows = zip(first[book.key], site, first[book.group], strict=True)
    return tuple(ReviewCase(str(case), str(place), str(person)) for case, place, person in rows)


def simulate_reviewer(
    frame: pd.DataFrame,
    true_risk: npt.NDArray[np.float64],
    plan: ReviewPlan,
    *,
    reviewer: str,
    habits: ReviewerHabits | None = None,
    random_state: int = 0,
) -> ReviewerAnswers:
    """Return what a simulated reviewer answers about synthetic cases.

    Parameters
    ----------
    frame : DataFrame
        Synthetic assessments, columns as in the codebook; the first row of a case is read as
        its intake packet, the row at the later week as its second.
    true_risk : ndarray of float, shape (n,)
        True risk of each row at the primary horizon.
    plan : ReviewPlan
    reviewer : str
        Short code.
    habits : ReviewerHabits or None
        How the reviewer reads; the defaults where None.
    random_state : int
        Give each reviewer a seed of its own.

    Returns
    -------
    ReviewerAnswers
    """
    habits = habits or ReviewerHabits()
    rng = np.random.default_rng(random_state)
    book = plan.codebook
    cases = list_simulated_cases(frame, plan)
    ids = frame[book.key].astype(str)
    first = ~ids.duplicated().to_numpy()
    week = frame[str(book.assessed_week)].to_numpy(dtype=np.float64)
    later = (week == plan.settings.later_week) & ~first
    order = {case.case_id: place for place, case in enumerate(cases)}
    answers: list[_Answer] = []
    for packet, chosen in zip(plan.packets, (first, later, first), strict=True):
        draw = _Draw(plan, habits, rng, frame[chosen], order)
        risk = true_risk[chosen]
        answers += _answer_packet(draw, packet, list(ids[chosen]), risk)
    running = set(ids[later])
    answers += [
        (case.case_id, "later", STILL_SICK_LISTED, "no")
        for case in cases
        if case.case_id not in running
    ]
    listed = pd.DataFrame(answers, columns=list(ANSWER_COLUMNS), dtype=object)
    return ReviewerAnswers(reviewer, cases, _sort(listed, cases, plan), source=reviewer)


def _sort(frame: pd.DataFrame, cases: tuple[ReviewCase, ...], plan: ReviewPlan) -> pd.DataFrame:
    """Order answers by packet, case and question, as a workbook is read."""
    places = {case.case_id: place for place, case in enumerate(cases)}
    order = {
        (packet.name, one.name): place
        for packet in plan.packets
        for place, one in enumerate(packet.questions)
    }
    names = [packet.name for packet in plan.packets]
    key = [
        (names.index(packet), places[case], order[packet, name])
        for case, packet, name in zip(
            frame["case_id"], frame["packet"], frame["field"], strict=True
        )
    ]
    rows = sorted(range(len(key)), key=key.__getitem__)
    return frame.iloc[rows].reset_index(drop=True)


def _answer_packet(
    draw: _Draw, packet: Packet, ids: list[str], risk: npt.NDArray[np.float64]
) -> list[_Answer]:
    columns: dict[str, list[str]] = {}
    for one in packet.facts:
        exact = packet.name == "outcome" and one.name not in draw.habits.kappa_by_field
        columns[one.name] = draw.shown(one) if exact else draw.misread(one)
    if packet.name == "later":
        columns[STILL_SICK_LISTED] = ["yes"] * len(ids)
    if packet.name != "outcome":
        estimate = _estimate(draw, risk)
        offers = ["yes" if value >= 100 * draw.habits.offer_at else "no" for value in estimate]
        columns[estimate_name(draw.plan.codebook)] = [f"{value:g}" for value in estimate]
        columns[WOULD_OFFER_CONTACT] = offers
    start = {"intake": 0, "later": 1, "outcome": 2}[packet.name]
    columns[LOCKED_ON] = [
        (FIRST_DAY + dt.timedelta(days=draw.order[case_id] // 4 + start)).isoformat()
        for case_id in ids
    ]
    return [
        (case_id, packet.name, name, value)
        for name, values in columns.items()
        for case_id, value in zip(ids, values, strict=True)
        if value != ""
    ]


def _estimate(draw: _Draw, risk: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return own estimates in percent, rounded as people round."""
    habits = draw.habits
    inside = np.clip(risk, 0.01, 0.99)
    score = habits.skill * np.log(inside / (1 - inside)) + habits.bias
    score = score + habits.noise * draw.rng.standard_normal(len(risk))
    percent = 100 / (1 + np.exp(-score))
    rounded: npt.NDArray[np.float64] = ESTIMATE_STEP * np.rint(percent / ESTIMATE_STEP)
    return rounded


def _as_answer(value: object, one: Field) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if one.type == "number":
        return f"{float(str(value)):.10g}"
    if one.type == "date":
        return str(pd.Timestamp(str(value)).date())
    return str(value)
