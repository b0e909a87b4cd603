"""Faults of a merged review told where their answers stand: workbook, sheet and cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from riskmodel.domain.review import STILL_SICK_LISTED, ReviewerAnswers, ReviewPlan
from riskmodel.errors import Fault, InputError

__all__ = ["place_faults", "refuse_short_courses"]


def refuse_short_courses(
    frame: pd.DataFrame, plan: ReviewPlan, reviews: Sequence[ReviewerAnswers]
) -> None:
    """Refuse cases that ended before an assessment that the reviewers answered.

    Parameters
    ----------
    frame : DataFrame
        Of `riskmodel.domain.review_merge.MergedReview.assessments`.
    plan : ReviewPlan
    reviews : sequence of ReviewerAnswers
        Where the answers stand.

    Raises
    ------
    InputError
        With the cell of every such duration.
    """
    book, week = plan.codebook, str(plan.codebook.assessed_week)
    duration = book.outcome.duration_weeks
    faults: list[Fault] = []
    told: set[str] = set()
    for case_id, landmark, text in zip(frame[book.key], frame[week], frame[duration], strict=True):
        if not text or float(text) >= float(landmark) or case_id in told:
            continue
        told.add(case_id)
        if float(landmark) == plan.settings.intake_week:
            problem = f"the course ended before week {landmark}, the week of packet 1."
            remedy = (
                "Correct the duration. If it is right, the case has no place in the review: "
                "empty its answers in every workbook."
            )
            fields = [duration]
        else:
            problem = f"the course ended before week {landmark}, but packet 2 is answered."
            remedy = "Correct the duration, or the first answer of packet 2."
            fields = [duration, STILL_SICK_LISTED]
        faults += _tell((case_id, fields, None), Fault("", problem, remedy), reviews)
    if faults:
        raise InputError(faults)


def place_faults(
    faults: Iterable[Fault],
    frame: pd.DataFrame,
    plan: ReviewPlan,
    reviews: Sequence[ReviewerAnswers],
) -> list[Fault]:
    """Return faults of merged rows with the places of the answers that they are about.

    Parameters
    ----------
    faults : iterable of Fault
        Of the merged table; rows are counted from 1.
    frame : DataFrame
        The merged table.
    plan : ReviewPlan
    reviews : sequence of ReviewerAnswers

    Returns
    -------
    list of Fault
        Faults that are about no single answer are kept as they are.
    """
    book = plan.codebook
    found: list[Fault] = []
    for fault in faults:
        if fault.row is None or fault.column is None or not 1 <= fault.row <= len(frame):
            found.append(fault)
            continue
        row = frame.iloc[fault.row - 1]
        later = float(row[str(book.assessed_week)]) == plan.settings.later_week
        about = (str(row[book.key]), [fault.column], later)
        found += [one for one in _tell(about, fault, reviews) if one not in found]
    return found


def _tell(
    about: tuple[str, list[str], bool | None],
    fault: Fault,
    reviews: Sequence[ReviewerAnswers],
) -> list[Fault]:
    """Return a fault once for each cell that holds one of the answers."""
    case_id, fields, later = about
    packets = ["intake", "outcome"] if later is False else ["later", "intake", "outcome"]
    found = []
    for review in reviews:
        for name in fields:
            keys = [(case_id, packet, name) for packet in packets]
            place = next((review.places[key] for key in keys if key in review.places), None)
            if place is not None:
                found.append(Fault(place[0], fault.problem, fault.remedy, place[1], place[2]))
    return found or [Fault(f"case {case_id}", fault.problem, fault.remedy, None, fields[0])]
