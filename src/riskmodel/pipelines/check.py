"""Check case files against a codebook, and describe what they hold without showing people."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.codebook import DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.domain.small_cells import MIN_CELL, suppress_small_cells
from riskmodel.evaluation.table_doubts import find_table_doubts
from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases_with_notes
from riskmodel.report.evaluation_summary import tell_doubts

__all__ = ["CheckReport", "HorizonCount", "check_cases", "describe_cases"]

PathLike = str | os.PathLike[str]

WORDS = {
    "good": Label("Filerne følger kodebogen", "The files obey the codebook"),
    "rows": Label("Vurderinger", "Assessments"),
    "cases": Label("Sager", "Cases"),
    "persons": Label("Personer", "Persons"),
    "sites": Label("Personer pr. kommune", "Persons per municipality"),
    "no_site": Label("uden kommune", "no municipality"),
    "missing": Label("Andel uden værdi", "Share without a value"),
    "complete": Label("ingen felter mangler værdier", "no field lacks a value"),
    "outcomes": Label("Udfald", "Outcomes"),
    "no_outcomes": Label("ikke med i filerne", "not in the files"),
    "longer": Label("længere end {week:g} uger", "longer than {week:g} weeks"),
    "over": Label("afsluttet inden da", "ended by then"),
    "unknown": Label("ikke set så længe", "not seen for so long"),
    "censored": Label("Stadig åbne vurderinger", "Assessments of open cases"),
    "other_sites": Label(
        "{count} andre kommuner (navne ikke vist)", "{count} other sites (names not shown)"
    ),
    "notes": Label("Bemærk", "Notes"),
    "hidden": Label("under {least}, eller skjult af den grund", "under {least}, or hidden for it"),
}
ONE_SIDED = {
    "longer": Label(
        "Alle sager med kendt udfald er længere end {week:g} uger: der er intet at lære forskel af",
        "Every course with a known outcome is longer than {week:g} weeks: no difference to learn",
    ),
    "ended": Label(
        "Alle sager med kendt udfald er afsluttet inden {week:g} uger: der er intet at lære "
        "forskel af",
        "Every course with a known outcome ended by {week:g} weeks: no difference to learn",
    ),
    "unknown": Label(
        "Ingen sag er fulgt længe nok til at vide, om den varede {week:g} uger",
        "No course was followed for long enough to know whether it lasted {week:g} weeks",
    ),
}
STATES = ("longer", "ended", "unknown")

StateArray = npt.NDArray[np.str_]
Counts = dict[str, int | None]


@dataclass(frozen=True, slots=True)
class HorizonCount:
    """Assessments by what is known of them at one horizon; None where a count is hidden."""

    horizon_weeks: float
    longer: int | None
    ended: int | None
    unknown: int | None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What checked case files hold; counts of few people are hidden.

    Attributes
    ----------
    source : str
        Name of the files.
    codebook, codebook_version : str
        The codebook that they obey.
    data_kind : {"synthetic", "public", "case_records"}
        What kind of data the codebook says they are.
    rows, cases, persons : int
        Numbers of assessments, cases and persons.
    sites : dict of str to int or None
        Persons per municipality, None where hidden; empty text stands for none.
    other_sites : int
        Sites of few persons that the codebook does not list: their names are not shown.
    missing_share : dict of str to float or None
        Share of rows without a value, per field that the files have; None where few persons
        have none, or few have one.
    absent_fields : tuple of str
        Fields of the codebook that the files do not have.
    horizons : tuple of HorizonCount
        Outcomes at each horizon; empty where the files have no outcomes.
    censored : int or None
        Assessments of cases that have not ended; None where hidden or without outcomes.
    warnings : tuple of Label
        What the cases cannot be used for, or should be looked into first.
    notes : tuple of str
        What the reader had to find out, such as "read as cp1252".
    min_cell : int
        Smallest count that is shown.
    """

    source: str
    codebook: str
    codebook_version: str
    data_kind: DataKind
    rows: int
    cases: int
    persons: int
    sites: dict[str, int | None]
    missing_share: dict[str, float | None]
    absent_fields: tuple[str, ...]
    horizons: tuple[HorizonCount, ...]
    censored: int | None
    notes: tuple[str, ...]
    min_cell: int = MIN_CELL
    other_sites: int = 0
    warnings: tuple[Label, ...] = ()

    def to_mapping(self) -> dict[str, object]:
        """Return the report as plain objects, ready for JSON."""
        return asdict(self)

    def to_text(self, lang: Language = "en") -> str:
        """Return the report as lines for people."""
        words = {name: label.text(lang) for name, label in WORDS.items()}
        hidden = words["hidden"].format(least=self.min_cell)
        lines = [
            f"{words['good']} {self.codebook} ({self.codebook_version}): {self.source}",
            f"{words['rows']}: {self.rows}",
            f"{words['cases']}: {self.cases}",
            f"{words['persons']}: {self.persons}",
        ]
        if self.sites:
            listed = [
                f"{site or words['no_site']} {hidden if count is None else count}"
                for site, count in self.sites.items()
            ]
            if self.other_sites:
                listed.append(words["other_sites"].format(count=self.other_sites))
            lines.append(f"{words['sites']}: {'; '.join(listed)}")
        lacking = {name: share for name, share in self.missing_share.items() if share != 0}
        lines.append(f"{words['missing']}: " + ("" if lacking else words["complete"]))
        lines += [
            f"  {name}: {hidden if share is None else f'{share:.0%}'}"
            for name, share in lacking.items()
        ]
        lines.append(f"{words['outcomes']}: " + ("" if self.horizons else words["no_outcomes"]))
        for one in self.horizons:
            parts = (
                (words["longer"].format(week=one.horizon_weeks), one.longer),
                (words["over"], one.ended),
                (words["unknown"], one.unknown),
            )
            shown = (f"{what} {hidden if count is None else count}" for what, count in parts)
            lines.append(f"  {', '.join(shown)}")
        if self.horizons:
            open_cases = hidden if self.censored is None else self.censored
            lines.append(f"  {words['censored']}: {open_cases}")
        notes = [*(one.text(lang) for one in self.warnings), *self.notes]
        if notes:
            lines.append(f"{words['notes']}:")
            lines += [f"  {note}" for note in notes]
        return "\n".join(lines)


def check_cases(
    paths: PathLike | Sequence[PathLike],
    codebook_path: PathLike,
    *,
    sheet: str | None = None,
    min_cell: int = MIN_CELL,
) -> CheckReport:
    """Read case files, check every cell and describe what they hold.

    Parameters
    ----------
    paths : path or sequence of path
        The case files.
    codebook_path : path
        The codebook.
    sheet : str or None
        Sheet of xlsx files, by name or number.
    min_cell : int
        Counts below it are hidden, from 3 to 20.

    Raises
    ------
    InputError
        If a file or the codebook breaks a rule; all faults are named.
    """
    read = read_cases_with_notes(paths, read_codebook(Path(codebook_path)), sheet=sheet)
    return describe_cases(read.cases, read.notes, min_cell=min_cell)


def describe_cases(
    cases: CaseTable, notes: tuple[str, ...] = (), *, min_cell: int = MIN_CELL
) -> CheckReport:
    """Describe checked cases without showing people.

    Parameters
    ----------
    cases : CaseTable
    notes : tuple of str
        Notes of the reader, passed on.
    min_cell : int
        Counts below it are hidden, from 3 to 20.
    """
    codebook = cases.codebook
    horizons, censored = _count_outcomes(cases, min_cell)
    sites, other_sites = _count_sites(cases, min_cell)
    return CheckReport(
        source=cases.source,
        codebook=codebook.name,
        codebook_version=codebook.version,
        data_kind=codebook.data_kind,
        rows=len(cases),
        cases=len(set(cases.case_id.tolist())),
        persons=len(set(cases.group.tolist())),
        sites=sites,
        other_sites=other_sites,
        missing_share={
            str(name): _share_missing(cases, cases.fields[name].isna().to_numpy(), min_cell)
            for name in cases.fields
        },
        absent_fields=tuple(
            one.name for one in codebook.fields if one.name not in cases.fields.columns
        ),
        horizons=horizons,
        censored=censored,
        warnings=_find_warnings(cases),
        notes=notes,
        min_cell=min_cell,
    )


def _count_persons(cases: CaseTable, chosen: npt.NDArray[np.bool_]) -> int:
    return len(set(cases.group[chosen].tolist()))


def _share_missing(cases: CaseTable, missing: npt.NDArray[np.bool_], min_cell: int) -> float | None:
    """Return the share, unless it would tell how few persons have, or lack, the value."""
    for chosen in (missing, ~missing):
        if 0 < _count_persons(cases, chosen) < min_cell:
            return None
    return float(missing.mean())


def _count_sites(cases: CaseTable, min_cell: int) -> tuple[dict[str, int | None], int]:
    """Count persons by site; a small site is named only where the codebook lists it."""
    site = cases.codebook.site
    if site is None:
        return {}, 0
    people = pd.DataFrame({"person": cases.group, "site": cases.site})
    counts = people.groupby("site")["person"].nunique()
    hidden = suppress_small_cells(counts, min_cell=min_cell)
    listed = {
        level for one in cases.codebook.fields if one.name == site for level in one.level_values
    }
    named = {
        str(name): None if count is pd.NA else int(count)
        for name, count in zip(hidden.index, hidden.tolist(), strict=True)
        if count is not pd.NA or name in listed or not name
    }
    return named, len(hidden) - len(named)


def _find_states(outcomes: Outcomes, horizon: float) -> StateArray:
    long_course = outcomes.status_at(horizon).long_course
    return np.where(np.isnan(long_course), "unknown", np.where(long_course, "longer", "ended"))


def _find_warnings(cases: CaseTable) -> tuple[Label, ...]:
    """Say what cases with outcomes cannot teach a model, or should be looked into first."""
    if cases.outcomes is None:
        return ()
    return (*_find_one_sided(cases, cases.outcomes), *tell_doubts(find_table_doubts(cases)))


def _find_one_sided(cases: CaseTable, outcomes: Outcomes) -> tuple[Label, ...]:
    """Say where there is only one kind of outcome at the primary horizon."""
    week = cases.codebook.primary_horizon
    seen = set(_find_states(outcomes, week).tolist())
    kinds = seen - {"unknown"} or seen
    if len(kinds) > 1:
        return ()
    words = ONE_SIDED[kinds.pop()]
    return (Label(words.da.format(week=week), words.en.format(week=week)),)


def _count_outcomes(cases: CaseTable, min_cell: int) -> tuple[tuple[HorizonCount, ...], int | None]:
    """Count assessments by state at each horizon; the primary horizon is told first of all.

    A horizon is hidden where its counts differ from those of another one by few persons: the
    difference would tell who ended in between.
    """
    if cases.outcomes is None:
        return (), None
    primary = cases.codebook.primary_horizon
    told: list[tuple[StateArray, Counts]] = []
    found: dict[float, HorizonCount] = {}
    for horizon in sorted(cases.codebook.horizons, key=lambda week: abs(week - primary)):
        states = _find_states(cases.outcomes, horizon)
        counts = _count_rows(cases, states, STATES, min_cell)
        if any(_differ_by_few(cases, states, counts, other, min_cell) for other in told):
            counts = dict.fromkeys(STATES)
        told.append((states, counts))
        found[horizon] = HorizonCount(horizon, **counts)
    open_now = np.where(cases.outcomes.ended, "ended", "open")
    counted = _count_rows(cases, open_now, ("open", "ended"), min_cell)["open"]
    # An open course is unknown at a horizon unless it was seen beyond it.
    as_unknown = np.where(cases.outcomes.ended, "", "unknown")
    for other in told:
        if _differ_by_few(cases, as_unknown, {"unknown": counted}, other, min_cell):
            counted = None
    return tuple(found[horizon] for horizon in cases.codebook.horizons), counted


def _differ_by_few(
    cases: CaseTable,
    states: StateArray,
    counts: Counts,
    told: tuple[StateArray, Counts],
    min_cell: int,
) -> bool:
    """Whether a count, taken from one that is shown of the same state, leaves few persons."""
    others, shown = told
    both = [one for one, count in counts.items() if count is not None and shown[one] is not None]
    between = [_count_persons(cases, (states == one) != (others == one)) for one in both]
    return any(0 < count < min_cell for count in between)


def _count_rows(
    cases: CaseTable, state: StateArray, states: tuple[str, ...], min_cell: int
) -> Counts:
    """Count assessments by state; those of few persons are hidden."""
    people = pd.DataFrame({"person": cases.group, "state": state}).groupby("state")["person"]
    persons = people.nunique().reindex(list(states), fill_value=0)
    rows = people.size().reindex(list(states), fill_value=0)
    hidden = suppress_small_cells(persons, min_cell=min_cell).isna()
    return {one: None if hidden[one] else int(rows[one]) for one in states}
