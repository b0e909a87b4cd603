"""Checked files are described by counts, and counts of few people are hidden."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.codebook import Codebook, Field, Level, Outcome
from riskmodel.domain.labels import Label
from riskmodel.errors import InputError
from riskmodel.pipelines.check import HorizonCount, check_cases, describe_cases


def make_cases(n: int = 60, *, rare: int = 3) -> CaseTable:
    """Return cases of three sites, one of them with few persons."""
    age = Field(name="age", label=Label("Alder", "Age"), type="number", known_at="intake",
                range=(16, 70))  # fmt: skip
    sex = Field(name="sex", label=Label("Køn", "Sex"), type="yes_no", known_at="intake",
                use="audit")  # fmt: skip
    codebook = Codebook(
        name="small", version="2", data_kind="synthetic", key="case_id", group="person_id",
        site="municipality", fields=(age, sex), horizons=(8.0, 26.0), outcome=Outcome(),
    )  # fmt: skip
    ages = np.where(np.arange(n) < 6, np.nan, 40.0)
    sites = ["Lejre" if row < rare else ["Greve", "Vejle"][row % 2] for row in range(n)]
    weeks = np.arange(n, dtype=float)
    return CaseTable(
        codebook=codebook,
        case_id=np.array([f"S{row}" for row in range(n)]),
        group=np.array([f"P{row}" for row in range(n)]),
        site=np.array(sites),
        assessed_week=np.zeros(n),
        fields=pd.DataFrame({"age": ages}),
        outcomes=Outcomes(weeks, weeks != 20.0, weeks != 20.0),
        source="cases.csv",
    )


def test_counts_and_what_is_hidden() -> None:
    report = describe_cases(make_cases(), ("read as cp1252",))
    assert (report.rows, report.cases, report.persons) == (60, 60, 60)
    assert report.sites == {"Vejle": 29}
    assert report.other_sites == 2
    assert report.missing_share == {"age": 0.1}
    assert report.absent_fields == ("sex",)
    assert report.horizons[0] == HorizonCount(8.0, 51, 9, 0)
    assert report.horizons[1].unknown is None
    assert report.horizons[1].longer == 33
    assert report.horizons[1].ended is None
    assert report.censored is None


def test_rows_of_few_persons_are_hidden_however_many() -> None:
    cases = make_cases()
    group = cases.group.copy()
    group[:9] = "P1"
    report = describe_cases(replace(cases, group=group))
    assert report.horizons[0] == HorizonCount(8.0, None, None, 0)


def test_text_in_both_languages() -> None:
    report = describe_cases(make_cases(), ("read as cp1252",))
    english, danish = report.to_text(), report.to_text("da")
    assert "Vejle 29; 2 other sites (names not shown)" in english
    assert "Lejre" not in english
    assert "longer than 8 weeks 51, ended by then 9" in english
    assert "age: 10%" in english
    assert "read as cp1252" in english
    assert "længere end 8 uger 51" in danish
    assert "Filerne følger kodebogen small (2): cases.csv" in danish


def test_text_of_what_is_not_there() -> None:
    cases = make_cases(rare=0)
    fields = pd.DataFrame({"age": np.full(60, 40.0)})
    codebook = replace(cases.codebook, site=None)
    bare = replace(cases, fields=fields, outcomes=None, codebook=codebook)
    report = describe_cases(bare)
    assert report.sites == {}
    assert report.censored is None
    text = report.to_text()
    assert "no field lacks a value" in text
    assert "not in the files" in text
    assert "Notes" not in text
    nowhere = replace(cases, site=np.array([""] * 60))
    assert "no municipality 60" in describe_cases(nowhere).to_text()


def test_no_open_case_is_said() -> None:
    cases = make_cases()
    assert cases.outcomes is not None
    closed = replace(cases.outcomes, ended=np.ones(60, dtype=bool))
    report = describe_cases(replace(cases, outcomes=closed))
    assert report.censored == 0
    assert "Assessments of open cases: 0" in report.to_text()


def test_a_site_that_the_codebook_lists_is_named() -> None:
    cases = make_cases()
    levels = tuple(Level(name, Label(name, name)) for name in ("Greve", "Lejre", "Vejle"))
    site = Field(name="municipality", label=Label("Kommune", "Site"), type="category",
                 known_at="intake", use="context", levels=levels)  # fmt: skip
    listed = replace(cases.codebook, fields=(*cases.codebook.fields, site))
    report = describe_cases(replace(cases, codebook=listed))
    assert report.sites == {"Greve": None, "Lejre": None, "Vejle": 29}
    assert report.other_sites == 0


@pytest.mark.parametrize(("missing", "share"), [(0, 0.0), (4, None), (5, 1 / 12), (56, None),
                                                (55, 11 / 12), (60, 1.0)])  # fmt: skip
def test_a_share_that_would_tell_of_few_persons_is_hidden(missing: int, share: float) -> None:
    ages = np.where(np.arange(60) < missing, np.nan, 40.0)
    report = describe_cases(replace(make_cases(), fields=pd.DataFrame({"age": ages})))
    assert report.missing_share["age"] == (None if share is None else pytest.approx(share))
    if share is None:
        assert "age: under 5, or hidden" in report.to_text()


@given(
    weeks=st.lists(st.integers(0, 60), min_size=30, max_size=60),
    ended=st.lists(st.booleans(), min_size=60, max_size=60),
    persons=st.integers(10, 60),
)
def test_no_difference_of_shown_counts_tells_of_few_persons(
    weeks: list[int], ended: list[bool], persons: int
) -> None:
    n = len(weeks)
    cases = make_cases(n)
    horizons = (8.0, 12.0, 26.0, 52.0)
    lasted, done = np.array(weeks, dtype=float), np.array(ended[:n])
    group = np.array([f"P{row % persons}" for row in range(n)])
    codebook = replace(cases.codebook, horizons=horizons)
    outcomes = Outcomes(lasted, done, done)
    report = describe_cases(replace(cases, codebook=codebook, outcomes=outcomes, group=group))
    states = {
        "longer": [outcomes.status_at(week).long_course == 1 for week in horizons],
        "ended": [outcomes.status_at(week).long_course == 0 for week in horizons],
        "unknown": [np.isnan(outcomes.status_at(week).long_course) for week in horizons],
    }
    for name, rows in states.items():
        known = [
            chosen for chosen, one in zip(rows, report.horizons, strict=True)
            if getattr(one, name) is not None
        ]  # fmt: skip
        if name == "unknown" and report.censored is not None:
            known.append(~done)
        for one, other in itertools.combinations(known, 2):
            assert len(set(group[one != other])) not in range(1, 5)


@pytest.mark.parametrize(
    ("weeks", "ended", "told"),
    [
        (30.0, True, "is longer than 26 weeks"),
        (10.0, True, "ended by 26 weeks"),
        (10.0, False, "No course was followed for long enough"),
    ],
)
def test_outcomes_of_one_kind_are_noted(weeks: float, ended: bool, told: str) -> None:
    done = np.full(60, ended)
    cases = replace(make_cases(), outcomes=Outcomes(np.full(60, weeks), done, done))
    report = describe_cases(cases)
    assert told in report.to_text()
    assert len(report.to_text("da").splitlines()) == len(report.to_text().splitlines())
    assert describe_cases(make_cases()).warnings == ()


def test_mapping_is_plain() -> None:
    mapping = describe_cases(make_cases()).to_mapping()
    assert json.loads(json.dumps(mapping))["horizons"][0]["longer"] == 51


CODEBOOK = """
codebook: tiny
version: "1"
data_kind: synthetic
key: case_id
assessed_week: 0
outcome: {duration_weeks: weeks, ended: null, max_weeks: 100}
horizons: [26]
primary_horizon: 26
fields:
  - name: age
    label: {da: Alder, en: Age}
    theme: person
    type: number
    range: [16, 70]
    known_at: intake
"""


def test_files_are_read_with_the_codebook(tmp_path: Path) -> None:
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    path = tmp_path / "cases.csv"
    path.write_text("case_id;Alder;weeks\nSYN-1;40,5;30\nSYN-2;;12\n", encoding="utf-8")
    report = check_cases([path], tmp_path / "codebook.yaml", min_cell=3)
    assert report.notes == ("cases.csv: numbers have a decimal comma",)
    assert report.horizons == (HorizonCount(26.0, None, None, 0),)
    assert report.missing_share == {"age": None}
    path.write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="no heading"):
        check_cases(path, tmp_path / "codebook.yaml")


def test_cases_that_teach_nothing_or_twice_are_noted() -> None:
    cases = make_cases(rare=0)
    constant = replace(cases, fields=pd.DataFrame({"age": np.full(60, 40.0)}))
    notes = [one.en for one in describe_cases(constant).warnings]
    assert [one for one in notes if "one and the same value in every row: age;" in one]
    empty = replace(cases, fields=pd.DataFrame({"age": np.full(60, np.nan)}))
    assert "indikatorer uden værdi i nogen række: age;" in describe_cases(empty).to_text("da")
    assert not [one for one in notes if "equal in every column" in one]
    twice = cases.take(np.tile(np.arange(60), 2))
    copied = np.repeat(["", "again-"], 60)
    twice = replace(
        twice,
        case_id=np.char.add(copied, twice.case_id),
        group=np.char.add(copied, twice.group),
    )
    told = "120 of 120 rows are equal in every column to a row of another person"
    assert told in describe_cases(twice).to_text("en")


def test_open_cases_are_not_asked_what_they_teach() -> None:
    cases = replace(make_cases(), fields=pd.DataFrame({"age": np.full(60, 40.0)}), outcomes=None)
    assert describe_cases(cases).warnings == ()
