"""The data sheet of a merged review: what it holds, and how far people could be recognised."""

from __future__ import annotations

from typing import Final

import pandas as pd

from riskmodel.domain.anonymity import (
    AnonymityFigures,
    Coarsening,
    SinglingOut,
    compute_anonymity,
    find_singling_out,
    make_ladder,
    suggest_coarsening,
)
from riskmodel.domain.cases import CaseTable
from riskmodel.domain.review import ReviewPlan
from riskmodel.domain.review_settings import ReviewSettings
from riskmodel.errors import GateError, InputError

__all__ = ["DATA_SHEET_FILE", "make_data_sheet"]

DATA_SHEET_FILE: Final = "data_sheet.md"
SHOWN_SETS = 10


def make_data_sheet(table: CaseTable, plan: ReviewPlan) -> str:
    """Return the data sheet of a merged table as Markdown.

    Parameters
    ----------
    table : CaseTable
        The final answers; each case counts once, as known at intake.
    plan : ReviewPlan
        Names the quasi-identifiers and the limits in its settings.

    Raises
    ------
    GateError
        If the settings name a decision by which the table is anonymous, and it does not reach
        the k, l and t that they ask for.
    InputError
        If a quasi-identifier or a sensitive column was not asked for.
    """
    settings = plan.settings
    lines = [
        "# Data sheet",
        "",
        (
            f"Review of {len(set(table.case_id.tolist()))} closed cases; codebook "
            f"{plan.codebook.name} {plan.codebook.version}; kind of data: "
            f"{plan.codebook.data_kind}."
        ),
        "",
        (
            "Two reviewers' answers are kept in `codings.csv`; what they agreed on, or a third "
            "person settled, is in `cases.csv`."
        ),
        "",
        "## Can people be recognised?",
        "",
    ]
    if not settings.quasi_identifiers:
        lines += ["No quasi-identifiers are named, so nothing was computed.", ""]
        figures = None
    else:
        frame = _one_row_a_case(table, settings)
        figures = compute_anonymity(frame, settings.quasi_identifiers, settings.sensitive)
        lines += _describe(figures, settings)
        lines += _describe_sets(find_singling_out(frame, settings.quasi_identifiers))
        lines += _describe_coarsening(_coarsen(frame, plan), settings)
    lines += _describe_status(figures, settings)
    return "\n".join(lines) + "\n"


def _one_row_a_case(table: CaseTable, settings: ReviewSettings) -> pd.DataFrame:
    first = ~pd.Series(table.case_id).duplicated().to_numpy()
    columns: dict[str, object] = {}
    for name in (*settings.quasi_identifiers, *settings.sensitive):
        if name == table.codebook.site:
            columns[name] = table.site[first]
        elif name in table.fields.columns:
            columns[name] = table.fields[name][first].astype(object).to_numpy()
        else:
            msg = f"{name} was not asked for in the review; take it out of quasi_identifiers."
            raise InputError(msg)
    return pd.DataFrame(columns)


def _coarsen(frame: pd.DataFrame, plan: ReviewPlan) -> Coarsening | None:
    fields = {one.name: one for one in plan.codebook.fields}
    ladders = {
        name: make_ladder(fields.get(name), sorted(frame[name].dropna().astype(str).unique()))
        for name in plan.settings.quasi_identifiers
    }
    return suggest_coarsening(frame, ladders, plan.settings.k)


def _describe(figures: AnonymityFigures, settings: ReviewSettings) -> list[str]:
    lines = [
        (
            f"Quasi-identifiers: {', '.join(settings.quasi_identifiers)}. A missing value "
            "counts as a value of its own."
        ),
        "",
        "| figure | found | wanted |",
        "|---|---|---|",
        f"| k: cases in the smallest combination | {figures.k} | at least {settings.k} |",
        f"| cases that nobody shares a combination with | {figures.n_alone} of {figures.n} | 0 |",
        f"| different combinations | {figures.n_groups} | |",
    ]
    for name in settings.sensitive:
        lines += [
            (
                f"| l: fewest values of {name} in a combination | {figures.l[name]} | "
                f"at least {settings.l} |"
            ),
            (
                f"| t: largest distance of {name} from everybody's | {figures.t[name]:.2f} | "
                f"at most {settings.t:g} |"
            ),
        ]
    return [*lines, ""]


def _describe_sets(found: tuple[SinglingOut, ...]) -> list[str]:
    if not found:
        return ["No three quasi-identifiers or fewer single a case out.", ""]
    lines = ["Smallest sets of columns that single cases out:", ""]
    lines += [f"- {' + '.join(one.columns)}: {one.n_alone}" for one in found[:SHOWN_SETS]]
    if len(found) > SHOWN_SETS:
        lines.append(f"- and {len(found) - SHOWN_SETS} more sets")
    return [*lines, ""]


def _describe_coarsening(found: Coarsening | None, settings: ReviewSettings) -> list[str]:
    title = [f"## Coarsening that reaches k = {settings.k} with the least loss", ""]
    if found is None:
        return [*title, f"There are fewer than {settings.k} cases: none reaches it.", ""]
    if not found.recoding:
        return [*title, "None is needed.", ""]
    lines = []
    for name, names in found.recoding.items():
        if set(names.values()) == {"*"}:
            lines.append(f"- {name}: leave out")
        else:
            lines.append(f"- {name}: {', '.join(dict.fromkeys(names.values()))}")
    loss = f"Information lost: {100 * found.loss:.0f} % of these columns; k is then {found.k}."
    return [*title, *lines, "", loss, ""]


def _describe_status(figures: AnonymityFigures | None, settings: ReviewSettings) -> list[str]:
    decision = settings.anonymous_by_decision
    if not decision:
        text = (
            "This table is **pseudonymised**: who keeps the list of ids can find the people, and "
            "others may recognise them. The rules on personal data apply to it in full."
        )
        return ["## Status", "", text]
    reached = figures is not None and (
        figures.k >= settings.k
        and all(found >= settings.l for found in figures.l.values())
        and all(found <= settings.t for found in figures.t.values())
    )
    if not reached:
        msg = (
            f"The table is to be called anonymous by the decision {decision!r}, but does not "
            f"reach k = {settings.k}, l = {settings.l} and t = {settings.t:g}; coarsen it, or "
            "remove anonymous_by_decision."
        )
        raise GateError(msg)
    return ["## Status", "", f"Called **anonymous** by the decision: {decision}."]
