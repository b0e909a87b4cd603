"""Case ids that a spreadsheet or a browser could run: harmless in every output, and kept whole."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from riskmodel.domain.privacy import unescape_formula
from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.explain import explain
from riskmodel.pipelines.score import score

pytestmark = pytest.mark.slow  # whole commands, or many tables

CONFIGS = Path(__file__).parents[2] / "configs"
POLICY = CONFIGS / "visitation" / "lejre-greve.yaml"
IDS = (
    '=HYPERLINK("http://example.invalid";"x")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\uff1dA1",
    "'quoted",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "../../escape",
    "a;b,c",
    "C:\\x",
)
RUNS = set("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+\.(html|txt|json)")


@pytest.fixture(scope="module")
def hostile_file(open_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of cases whose ids are as hostile as a person can type them."""
    rows = (
        pd.read_csv(open_file)
        .query("assessed_week < 20")
        .head(len(IDS))
        .assign(case_id=IDS, person_id=IDS)
    )
    path = tmp_path_factory.mktemp("hostile") / "cases.csv"
    rows.to_csv(path, index=False)
    return path


def test_they_are_read_as_they_stand(hostile_file: Path) -> None:
    table = read_cases([hostile_file], read_codebook(CONFIGS / "codebook.yaml"))
    assert tuple(table.case_id) == IDS


def test_no_cell_of_a_csv_is_a_formula(bundle: Path, hostile_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "worklist.csv"
    score([hostile_file], model_path=bundle, out=out, policy_path=POLICY, contributions=True)
    text = out.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if "case_id" not in rows[0]:  # a table in the Danish form
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    assert [unescape_formula(row["case_id"]) for row in rows] == list(IDS)
    for row in rows:
        number = re.compile(r"-?\d+([.,]\d+)?(e-?\d+)?")
        cells = [cell for cell in row.values() if not number.fullmatch(cell)]
        assert not [cell for cell in cells if cell[:1] in RUNS]


def test_no_cell_of_a_workbook_is_a_formula(
    bundle: Path, hostile_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "worklist.xlsx"
    score([hostile_file], model_path=bundle, out=out, policy_path=POLICY)
    sheet = openpyxl.load_workbook(out).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    names = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    column = names.index("case_id") + 1
    found = [str(sheet.cell(row, column).value) for row in range(2, len(IDS) + 2)]
    assert [unescape_formula(one) for one in found] == list(IDS)
    assert not [one for one in found if one[:1] in RUNS]


@dataclass(eq=False)
class Page(HTMLParser):
    """What a browser finds in a page: elements, texts and scripts."""

    html: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    scripts: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts.append((self.elements[-1][1].get("type", ""), data))
        else:
            self.texts.append(data)

    def read_data(self) -> list[dict[str, Any]]:
        """Return the data that the page's scripts read."""
        return [json.loads(text) for kind, text in self.scripts if kind == "application/json"]


def list_files(folder: Path, ending: str) -> list[Path]:
    """Return what was made for the reader: not the list that riskmodel keeps of it."""
    return sorted(one for one in folder.rglob(f"*.{ending}") if one.name != "manifest.json")


def test_pages_letters_and_notes_hold_them_as_text(
    bundle: Path, hostile_file: Path, tmp_path: Path
) -> None:
    for form in ("html", "letter", "note"):
        out = tmp_path / form
        explain([hostile_file], model_path=bundle, out=out, policy_path=POLICY, form=form)
        written = [*list_files(out, "html"), *list_files(out, "txt")]
        assert all(PLAIN_NAME.fullmatch(one.name) for one in written)
        assert {one.parent for one in written} <= {out, out / "cases"}
        shown = set()
        for path in list_files(out, "html"):
            page = Page(path.read_text(encoding="utf-8"))
            text = "".join(page.texts)
            shown |= {one for one in IDS if one in text}
            for tag, attributes in page.elements:
                assert tag != "img"
                assert not [name for name in attributes if name.startswith("on")]
                link = attributes.get("href", "")
                assert re.fullmatch(r"|#[\w-]+|(\.\./)?index\.html|cases/[\w-]+\.html", link)
            # A script that an id had opened would end the page's own, or be one of its own.
            assert not [text for kind, text in page.scripts if not kind and "alert(1)" in text]
        assert shown == set(IDS)


def test_a_decision_record_is_saved_under_a_plain_name(
    bundle: Path, hostile_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pages"
    explain([hostile_file], model_path=bundle, out=out, policy_path=POLICY)
    found = [
        held
        for path in list_files(out / "cases", "html")
        for held in Page(path.read_text(encoding="utf-8")).read_data()
        if "record" in held
    ]
    assert {one["record"]["case_id"] for one in found} == set(IDS)
    assert all(PLAIN_NAME.fullmatch(str(one["file"])) for one in found)


def test_json_and_text_hold_them_as_they_stand(
    bundle: Path, hostile_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "json"
    explain([hostile_file], model_path=bundle, out=out, policy_path=POLICY, form="json")
    documents = [json.loads(one.read_text(encoding="utf-8")) for one in list_files(out, "json")]
    assert {one["case_id"] for one in documents} == set(IDS)
    out = tmp_path / "text"
    explain([hostile_file], model_path=bundle, out=out, policy_path=POLICY, form="text")
    text = "\n".join(one.read_text(encoding="utf-8") for one in list_files(out, "txt"))
    assert all(one in text for one in IDS)
