"""Check case files against a codebook, and describe what they hold without showing people."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.domain.small_cells import MIN_CELL, suppress_small_cells
from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases_with_notes

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
    "notes": Label("Bemærk", "Notes"),
    "hidden": Label("under {least}, eller skjult af den grund", "under {least}, or hidden for it"),
}


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
    missing_share : dict of str to float
        Share of rows without a value, per field that the files have.
    absent_fields : tuple of str
        Fields of the codebook that the files do not have.
    horizons : tuple of HorizonCount
        Outcomes at each horizon; empty where the files have no outcomes.
    censored : int or None
        Assessments of cases that have not ended; None where hidden or without outcomes.
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
    missing_share: dict[str, float]
    absent_fields: tuple[str, ...]
    horizons: tuple[HorizonCount, ...]
    censored: int | None
    notes: tuple[str, ...]
    min_cell: int = MIN_CELL

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
            lines.append(f"{words['sites']}: {'; '.join(listed)}")
        lacking = {name: share for name, share in self.missing_share.items() if share}
        lines.append(f"{words['missing']}: " + ("" if lacking else words["complete"]))
        lines += [f"  {name}: {share:.0%}" for name, share in lacking.items()]
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
        if self.notes:
            lines.append(f"{words['notes']}:")
            lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def check_cases(
    paths: PathLike | Sequence[PathLike], codebook_path: PathLike, *, min_cell: int = MIN_CELL
) -> CheckReport:
    """Read case files, check every cell and describe what they hold.

    Parameters
    ----------
    paths : path or sequence of path
        The case files.
    codebook_path : path
        The codebook.
    min_cell : int
        Counts below it are hidden, from 3 to 20.

    Raises
    ------
    InputError
        If a file or the codebook breaks a rule; all faults are named.
    """
    read = read_cases_with_notes(paths, read_codebook(Path(codebook_path)))
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
    people = pd.DataFrame({"person": cases.group, "site": cases.site})
    missing = cases.fields.isna().mean()
    horizons, censored = _count_outcomes(cases, min_cell)
    return CheckReport(
        source=cases.source,
        codebook=codebook.name,
        codebook_version=codebook.version,
        data_kind=codebook.data_kind,
        rows=len(cases),
        cases=len(set(cases.case_id.tolist())),
        persons=int(people["person"].nunique()),
        sites=_hide_small(people.groupby("site")["person"].nunique(), min_cell)
        if codebook.site is not None
        else {},
        missing_share={str(name): float(share) for name, share in missing.items()},
        absent_fields=tuple(
            one.name for one in codebook.fields if one.name not in cases.fields.columns
        ),
        horizons=horizons,
        censored=censored,
        notes=notes,
        min_cell=min_cell,
    )


def _hide_small(counts: pd.Series, min_cell: int) -> dict[str, int | None]:
    hidden = suppress_small_cells(counts, min_cell=min_cell)
    return {
        str(name): None if count is pd.NA else int(count)
        for name, count in zip(hidden.index, hidden.tolist(), strict=True)
    }


def _count_outcomes(cases: CaseTable, min_cell: int) -> tuple[tuple[HorizonCount, ...], int | None]:
    outcomes = cases.outcomes
    if outcomes is None:
        return (), None
    horizons = []
    for horizon in cases.codebook.horizons:
        long_course = outcomes.status_at(horizon).long_course
        state = np.where(np.isnan(long_course), "unknown", np.where(long_course, "longer", "ended"))
        counts = _count_rows(cases, state, ("longer", "ended", "unknown"), min_cell)
        horizons.append(HorizonCount(horizon, **counts))
    state = np.where(outcomes.ended, "ended", "open")
    return tuple(horizons), _count_rows(cases, state, ("open", "ended"), min_cell)["open"]


def _count_rows(
    cases: CaseTable, state: npt.NDArray[np.str_], states: tuple[str, ...], min_cell: int
) -> dict[str, int | None]:
    """Count assessments by state; those of few persons are hidden."""
    people = pd.DataFrame({"person": cases.group, "state": state}).groupby("state")["person"]
    persons = people.nunique().reindex(list(states), fill_value=0)
    rows = people.size().reindex(list(states), fill_value=0)
    hidden = suppress_small_cells(persons, min_cell=min_cell).isna()
    return {one: None if hidden[one] else int(rows[one]) for one in states}
