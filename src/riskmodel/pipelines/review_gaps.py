"""What a merged review lacks, though nothing in it is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from riskmodel.domain.counting import tell_count
from riskmodel.domain.review import ReviewerAnswers
from riskmodel.domain.review_merge import MergedReview

__all__ = ["ReviewGaps", "find_gaps"]

SHOWN_CASES = 10


@dataclass(frozen=True, slots=True)
class ReviewGaps:
    """What is not there.

    Attributes
    ----------
    n_workbooks : int
        Workbooks given.
    single : tuple of str
        Cases answered by one reviewer only, where there is more than one workbook.
    unread : tuple of str
        Cases of the workbooks, or of the draw, that nobody answered.
    rows_gone : mapping of str to int
        Workbook to the rows of its form that are not there any more.
    n_undecided : int
        Rows of the workbook of decisions without a decision.
    n_decisions : int or None
        Decisions made; None where no such workbook was given.
    n_without_row : int
        Disagreements that have no row in the workbook of decisions.
    """

    n_workbooks: int
    single: tuple[str, ...]
    unread: tuple[str, ...]
    rows_gone: Mapping[str, int]
    n_undecided: int
    n_decisions: int | None
    n_without_row: int

    def to_text(self) -> str:
        """Return a line for each gap; nothing where there is none."""
        lines = []
        if self.n_workbooks == 1:
            lines.append("only one workbook was given, so no answers were compared")
        if self.single:
            lines.append(f"answered by one reviewer only: {_list_cases(self.single)}")
        if self.unread:
            lines.append(f"answered by nobody, so left out: {_list_cases(self.unread)}")
        for name, count in self.rows_gone.items():
            rows = tell_count(count, "row of the form is", "rows of the form are")
            lines.append(f"{name}: {rows} gone")
        undecided = tell_count(self.n_undecided, "disagreement", "disagreements")
        if self.n_decisions == 0:
            lines.append(f"0 of {undecided} decided")
        elif self.n_undecided:
            lines.append(f"{undecided} without a decision so far")
        if self.n_without_row:
            unlisted = tell_count(self.n_without_row, "disagreement has", "disagreements have")
            lines.append(f"{unlisted} no row among the decisions")
        return "\n".join(lines)


def _list_cases(cases: Sequence[str]) -> str:
    shown = ", ".join(cases[:SHOWN_CASES])
    more = len(cases) - SHOWN_CASES
    return f"{shown} (+{more})" if more > 0 else shown


def find_gaps(
    merged: MergedReview,
    reviews: Sequence[ReviewerAnswers],
    decisions: pd.DataFrame | None,
    drawn: Collection[str] = (),
) -> ReviewGaps:
    """Look for cases, rows and decisions that are missing.

    Parameters
    ----------
    merged : MergedReview
    reviews : sequence of ReviewerAnswers
        What each workbook holds.
    decisions : DataFrame or None
        Rows of the workbook of decisions, columns
        `riskmodel.domain.review_merge.DECISION_COLUMNS`.
    drawn : collection of str
        Cases of the draw.
    """
    listed = [case.case_id for review in reviews for case in review.cases]
    read = {case.case_id for case in merged.cases}
    readers = merged.codings.groupby("case_id", sort=False)["second_reviewer"].count()
    single = [str(case) for case, n in readers.items() if n == 0] if len(reviews) > 1 else []
    gone = {
        review.source: review.n_made - len(review.cases)
        for review in reviews
        if review.n_made is not None and review.n_made > len(review.cases)
    }
    n_undecided, n_decisions, n_without_row = 0, None, 0
    if decisions is not None:
        key = ["case_id", "packet", "field"]
        made = decisions["decision"] != ""
        n_undecided, n_decisions = int((~made).sum()), int(made.sum())
        rows = set(decisions[key].itertuples(index=False, name=None))
        waiting = set(merged.disagreements[key].itertuples(index=False, name=None))
        n_without_row = len(waiting - rows)
    return ReviewGaps(
        n_workbooks=len(reviews),
        single=tuple(single),
        unread=tuple(dict.fromkeys(one for one in (*listed, *drawn) if one not in read)),
        rows_gone=gone,
        n_undecided=n_undecided,
        n_decisions=n_decisions,
        n_without_row=n_without_row,
    )
