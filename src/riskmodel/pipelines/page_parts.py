"""The parts of a case page that an adviser works with: own judgement, decision and what-if."""

from __future__ import annotations

from riskmodel.domain.labels import Language
from riskmodel.explanation.record import CaseExplanation
from riskmodel.model.scoring import ScoredCases
from riskmodel.report.html_pages import PagePart
from riskmodel.report.judgement import render_judgement
from riskmodel.report.what_if import WhatIfTables, build_what_if, what_if_tables
from riskmodel.report.what_if_form import render_what_if
from riskmodel.visitation.circumstances import find_circumstances
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["PagePartsMaker"]


class PagePartsMaker:
    """Makes the parts of many pages; what cases of one week share is made once.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    policy : Policy or None
        The rules.
    lang : {"da", "en"}
        Language of the pages.
    team : str, optional
        Code of the team that works with the pages, written into each decision record.
    """

    def __init__(
        self,
        cases: ScoredCases,
        policy: Policy | None,
        lang: Language,
        *,
        team: str | None = None,
    ) -> None:
        self._cases = cases
        self._policy = policy
        self._lang = lang
        self._team = team
        self._tables: dict[float, WhatIfTables] = {}

    def make(
        self, row: int, explanation: CaseExplanation, recommendation: Recommendation | None
    ) -> tuple[PagePart, ...]:
        """Return the parts of one page.

        Parameters
        ----------
        row : int
            Position of the case; it must have a score.
        explanation : CaseExplanation
            The case.
        recommendation : Recommendation or None
            What the policy says.
        """
        parts = list(
            render_judgement(explanation, recommendation, self._policy, self._lang, team=self._team)
        )
        week = explanation.assessed_week
        if week not in self._tables:
            self._tables[week] = what_if_tables(self._cases.model, week, self._policy)
        tables = self._tables[week]
        in_force, drawn = self._find_circumstances(row)
        own = build_what_if(
            tables, self._cases, row, self._policy, in_force=in_force, drawn_for_contact=drawn
        )
        form = render_what_if(tables, own, explanation, recommendation, self._policy, self._lang)
        return (*parts, form) if form is not None else tuple(parts)

    def _find_circumstances(self, row: int) -> tuple[bool, bool]:
        """Return whether the policy is in force for a case, and whether the lot drew it."""
        if self._policy is None:
            return True, False
        table = self._cases.table
        rows = slice(row, row + 1)
        found = find_circumstances(
            self._policy, table.fields.iloc[rows], table.assessed_week[rows], table.case_id[rows]
        )
        return bool(found.in_force[0]), bool(found.audit.contact[0])
