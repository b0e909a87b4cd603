"""Explaining files: a page per assessment, links that lead somewhere, the figures of `score`."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

from riskmodel.errors import InputError, ModelError
from riskmodel.evaluation.outcome_bands import OutcomeBand, bands_to_mapping, find_band
from riskmodel.io.bundle import OUTCOME_BANDS, load_bundle, load_outcome_bands, save_bundle
from riskmodel.io.output_targets import MANIFEST
from riskmodel.io.strict_json import encode_json
from riskmodel.pipelines.explain import explain, explain_to_text
from riskmodel.pipelines.score import score

POLICY = Path(__file__).parents[2] / "configs" / "visitation" / "lejre-greve.yaml"
LATE = {2: "26", 5: "40"}
ODD_IDS = [
    "../../etc/passwd", "a/b", "A/B", "a b", "con", "SYN-1", "syn-1", ".hidden", "æøå", "ÆØÅ",
    "<script>", "x" * 100, "-rf", "a%2fb", "100.5",
]  # fmt: skip


class Links(HTMLParser):
    """Collects where a page leads and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src"} and value]


def list_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def mixed_file(open_file, tmp_path_factory) -> Path:
    """The open cases, two of them assessed after the horizon."""
    rows = pd.read_csv(open_file, dtype=str)
    for row, week in LATE.items():
        rows.loc[row, ["assessed_week", "duration_weeks"]] = [week, "50"]
    path = tmp_path_factory.mktemp("mixed") / "mixed.csv"
    rows.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def few_file(mixed_file) -> Path:
    """The first eight of them."""
    path = mixed_file.with_name("few.csv")
    path.write_text("".join(mixed_file.read_text().splitlines(keepends=True)[:9]))
    return path


@pytest.fixture(scope="module")
def scores(mixed_file, bundle, tmp_path_factory) -> pd.DataFrame:
    out = tmp_path_factory.mktemp("scores") / "scores.parquet"
    score([mixed_file], model_path=bundle, out=out, policy_path=POLICY, contributions=True)
    return pd.read_parquet(out)


@pytest.fixture(scope="module")
def pages(mixed_file, bundle, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("explained") / "pages"
    summary = explain([mixed_file], model_path=bundle, out=out, policy_path=POLICY)
    assert (summary.pages, summary.not_scored, summary.index) == (28, 2, "index.html")
    assert (out / summary.first_page).is_file()
    assert summary.first_case in (out / summary.first_page).read_text()
    return out


def test_a_page_for_each_scored_assessment(pages, scores):
    cases = {name for name in list_files(pages) if name.startswith("cases/")}
    assert len(cases) == 28
    assert list_files(pages) == cases | {"index.html", MANIFEST}
    told = "".join((pages / name).read_text() for name in sorted(cases))
    for case_id, scored in zip(scores["case_id"], scores["scored"], strict=True):
        assert (case_id in told) == scored


def test_the_manifest_lists_every_page(pages):
    listed = json.loads((pages / MANIFEST).read_text())["files"]
    found = {
        name: hashlib.sha256((pages / name).read_bytes()).hexdigest()
        for name in list_files(pages) - {MANIFEST}
    }
    assert listed == found


def test_links_lead_to_pages_of_the_folder_and_nowhere_else(pages):
    reached = set()
    for path in pages.rglob("*.html"):
        links = Links()
        links.feed(path.read_text())
        written = re.sub(
            r"<script.*?</script>|sha256-[\w+/=]+", "", path.read_text(), flags=re.DOTALL
        )
        assert not re.search(r"(?:https?:)?//\w", written.replace("http://www.w3.org", ""))
        assert not re.search(r"https?://", path.read_text().replace("http://www.w3.org", ""))
        for link in links.found:
            target, _, mark = link.partition("#")
            if link.startswith("data:"):
                continue
            reached_path = (path.parent / unquote(target)).resolve() if target else path
            assert reached_path.is_file(), link
            assert reached_path.is_relative_to(pages.resolve())
            if mark:
                assert f'id="{mark}"' in reached_path.read_text(), link
            reached.add(reached_path)
    assert reached >= set(pages.resolve().rglob("cases/*.html"))


def test_who_was_not_scored_stands_on_the_worklist_with_the_reason(pages, scores):
    index = (pages / "index.html").read_text()
    for row in LATE:
        assert scores["case_id"][row] in index
    shown = index.split('id="list"')[1]
    assert shown.count("vurderingen ligger efter den uge, som risikoen gælder") == len(LATE)
    assert list(scores["case_id"]) != []


def test_the_worklist_counts_the_facts_that_the_page_calls_missing(few_file, bundle, tmp_path):
    rows = pd.read_csv(few_file, dtype=str)
    rows.loc[0, ["employment_status", "employer_talk_by_w4"]] = ["self_employed", None]
    few_file = tmp_path / "self_employed.csv"
    rows.to_csv(few_file, index=False)
    explain([few_file], model_path=bundle, out=tmp_path / "pages", policy_path=POLICY)
    index = (tmp_path / "pages" / "index.html").read_text()
    written = re.search(r'id="worklist-data"[^>]*>(.*?)</script>', index, re.DOTALL)
    values = json.loads(written[1])["values"]
    listed = dict(zip(values["case_id"], values["missing"], strict=True))
    told = explain_to_text(
        [few_file], model_path=bundle, policy_path=POLICY, form="json", lang="da"
    )
    cases = [one for one in map(json.loads, told) if "contributions" in one]
    for one in cases:
        missing = [fact for fact in one["contributions"] if fact["missing"]]
        assert listed[one["case_id"]] == sum(fact["applies"] for fact in missing)
    assert not all(fact["applies"] for one in cases for fact in one["contributions"])


def test_pages_are_watermarked(pages):
    for path in pages.rglob("*.html"):
        assert "yntetisk" in path.read_text()


@pytest.mark.parametrize("form", ["html", "text", "json", "letter", "note"])
def test_the_same_run_gives_the_same_bytes(few_file, bundle, tmp_path, form):
    contents = []
    for name in ("a", "b"):
        out = tmp_path / name
        explain([few_file], model_path=bundle, out=out, policy_path=POLICY, form=form)
        contents.append({one: (out / one).read_bytes() for one in list_files(out)})
    assert contents[0] == contents[1]


def test_json_holds_the_figures_of_score(mixed_file, bundle, scores):
    told = [
        json.loads(line)
        for line in explain_to_text(
            [mixed_file], model_path=bundle, policy_path=POLICY, form="json"
        )
    ]
    assert len(told) == len(scores)
    for document, row in zip(told, scores.to_dict("records"), strict=True):
        assert document["case_id"] == row["case_id"]
        if not row["scored"]:
            assert "risk" not in document
            continue
        risk, weeks = document["risk"], document["expected_weeks"]
        assert [risk["value"], risk["low"], risk["high"]] == [
            row["risk"], row["risk_low"], row["risk_high"],
        ]  # fmt: skip
        assert [weeks["value"], weeks["low"], weeks["high"]] == [
            row["expected_weeks"], row["expected_weeks_low"], row["expected_weeks_high"],
        ]  # fmt: skip
        assert document["recommendation"]["tier"] == row["tier"]
        rules = [one["rule"] for one in document["recommendation"]["reasons"]]
        assert rules == re.split(r"[;,] ?", row["reasons"])
        for one in document["contributions"]:
            assert one["points"] == pytest.approx(row[f"contribution.{one['field']}"], abs=1e-9)


def test_files_of_text_and_json_hold_what_is_printed(few_file, bundle, tmp_path):
    for form, ending in (("text", "txt"), ("json", "json")):
        out = tmp_path / form
        summary = explain([few_file], model_path=bundle, out=out, policy_path=POLICY, form=form)
        assert (summary.pages, summary.not_scored, summary.index) == (6, 2, "")
        written = [path.read_text() for path in out.glob(f"*_*.{ending}")]
        printed = list(
            explain_to_text([few_file], model_path=bundle, policy_path=POLICY, form=form)
        )
        if form == "json":
            told, written = printed, [json.dumps(json.loads(one)) for one in written]
            printed = [json.dumps(json.loads(one)) for one in told]
        assert sorted(one.strip() for one in written) == sorted(one.strip() for one in printed)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("da", "vurderingen ligger efter den uge"), ("en", "the assessment is past the week")],
)
def test_a_case_without_a_score_is_told_in_words(few_file, bundle, scores, lang, words):
    told = list(explain_to_text([few_file], model_path=bundle, lang=lang))
    assert len(told) == 8
    for row in LATE:
        assert told[row].startswith(f"{scores['case_id'][row]}. ")
        assert words in told[row]
    as_json = list(explain_to_text([few_file], model_path=bundle, lang=lang, form="json"))
    assert words in json.loads(as_json[2])["not_scored_reason"]


def test_one_case_only(mixed_file, bundle, scores, tmp_path):
    chosen = scores["case_id"][7]
    told = list(explain_to_text([mixed_file], model_path=bundle, case_id=chosen))
    assert len(told) == (scores["case_id"] == chosen).sum()
    assert chosen in told[0]
    summary = explain([mixed_file], model_path=bundle, out=tmp_path / "one", case_id=chosen)
    assert summary.pages == len(told)
    assert summary.first_case == chosen


def test_an_unknown_case_is_refused(mixed_file, bundle, tmp_path):
    with pytest.raises(InputError, match="case_id") as refused:
        explain([mixed_file], model_path=bundle, out=tmp_path / "none", case_id="SYN-none")
    assert refused.value.exit_code == 2
    assert not (tmp_path / "none").exists()
    with pytest.raises(InputError):
        list(explain_to_text([mixed_file], model_path=bundle, case_id="SYN-none"))


def test_a_case_that_is_not_scored_alone(mixed_file, bundle, scores, tmp_path):
    chosen = scores["case_id"][2]
    summary = explain([mixed_file], model_path=bundle, out=tmp_path / "one", case_id=chosen)
    assert (summary.pages, summary.not_scored) == (0, 1)
    assert (summary.first_case, summary.first_page) == ("", "")
    assert chosen in (tmp_path / "one" / "index.html").read_text()


def test_odd_case_ids_give_safe_and_different_names(open_file, bundle, tmp_path):
    rows = pd.read_csv(open_file, dtype=str).head(len(ODD_IDS))
    rows["case_id"] = ODD_IDS
    rows["person_id"] = [f"SYN-P{row}" for row in range(len(rows))]
    odd, out = tmp_path / "odd.csv", tmp_path / "folder" / "pages"
    rows.to_csv(odd, index=False)
    assert explain([odd], model_path=bundle, out=out).pages == len(ODD_IDS)
    names = sorted(path.name for path in (out / "cases").iterdir())
    assert len({name.casefold() for name in names}) == len(ODD_IDS)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.html", name) for name in names)
    assert max(map(len, names)) <= 120
    assert {path.name for path in tmp_path.iterdir()} == {"odd.csv", "folder"}
    index = (out / "index.html").read_text()
    assert (
        index.count("<script")
        == index.count("</script>")
        == index.count('<script>"use strict"') + index.count('<script type="application/json"')
    )


def test_assessments_of_one_case_have_pages_of_their_own(open_file, bundle, tmp_path):
    rows = pd.read_csv(open_file, dtype=str).head(4)
    rows["case_id"], rows["person_id"] = "SYN-1", "SYN-P1"
    rows["assessed_week"] = ["8", "8.0000001", "8.0000002", "12.5"]
    rows["duration_weeks"] = "20"
    path, out = tmp_path / "many.csv", tmp_path / "pages"
    rows.to_csv(path, index=False)
    assert explain([path], model_path=bundle, out=out).pages == 4
    assert len(list((out / "cases").iterdir())) == 4


def test_a_second_run_replaces_its_own_folder_only(few_file, bundle, tmp_path):
    out, foreign = tmp_path / "pages", tmp_path / "foreign"
    explain([few_file], model_path=bundle, out=out)
    first = list_files(out)
    chosen = pd.read_csv(few_file, dtype=str)["case_id"][0]
    explain([few_file], model_path=bundle, out=out, case_id=chosen)
    assert list_files(out) < first
    foreign.mkdir()
    (foreign / "mine.txt").write_text("kept")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="foreign"):
            explain([few_file], model_path=bundle, out=foreign, overwrite=overwrite)
    assert list_files(foreign) == {"mine.txt"}
    (out / "minutes.txt").write_text("theirs")
    with pytest.raises(InputError, match="1 files that riskmodel did not put there"):
        explain([few_file], model_path=bundle, out=out, overwrite=True)
    assert (out / "minutes.txt").read_text() == "theirs"


def test_a_missing_model_is_refused(open_file, tmp_path):
    with pytest.raises(ModelError, match="no_model"):
        explain([open_file], model_path=tmp_path / "no_model", out=tmp_path / "pages")


@pytest.mark.parametrize("form", ["letter", "note"])
def test_papers_come_as_a_page_to_print_and_a_text_to_edit(few_file, bundle, tmp_path, form):
    out = tmp_path / form
    summary = explain([few_file], model_path=bundle, out=out, policy_path=POLICY, form=form)
    assert (summary.pages, summary.not_scored, summary.index) == (6, 2, "")
    pages, texts = sorted(out.glob("*.html")), sorted(out.glob("*.txt"))
    assert [one.stem for one in pages] == [one.stem for one in texts]
    assert len(pages) == 6
    assert list_files(out) == {one.name for one in (*pages, *texts)} | {MANIFEST}
    told = list(explain_to_text([few_file], model_path=bundle, policy_path=POLICY, form=form))
    assert len(told) == 8
    assert {one for one in told if "vurderingen ligger efter" not in one} == {
        one.read_text() for one in texts
    }


@pytest.fixture
def two_weeks_file(open_file, tmp_path) -> Path:
    """One case assessed in week 5 and in week 9, with a longer expected duration."""
    rows = pd.read_csv(open_file, dtype=str).head(2)
    rows["case_id"], rows["person_id"], rows["duration_weeks"] = "SYN-1", "SYN-P1", "20"
    rows["assessed_week"] = ["9", "5"]
    rows.iloc[1] = rows.iloc[0].where(rows.columns != "assessed_week", "5")
    rows["expected_duration_citizen_weeks"] = ["40", "4"]
    path = tmp_path / "two.csv"
    rows.to_csv(path, index=False)
    return path


def test_a_second_assessment_tells_what_changed(two_weeks_file, bundle):
    later, first = (
        json.loads(one)
        for one in explain_to_text(
            [two_weeks_file], model_path=bundle, policy_path=POLICY, form="json", lang="da"
        )
    )
    assert first["change"] is None
    change = later["change"]
    assert (change["earlier_week"], change["later_week"]) == (5, 9)
    assert change["earlier_risk"] == first["risk"]["value"]
    assert change["later_risk"] == later["risk"]["value"]
    moved = change["time_points"] + sum(one["points"] for one in change["facts"])
    assert moved == pytest.approx(100 * (change["later_risk"] - change["earlier_risk"]), abs=1e-6)
    facts = {one["field"]: (one["before"], one["after"]) for one in change["facts"]}
    assert facts["expected_duration_citizen_weeks"] == (4.0, 40.0)
    assert "Fra uge 5 til uge 9" in later["words"]["change"][0]
    assert "ingen tidligere vurdering" in first["words"]["change"][0]


def test_like_cases_are_told_from_the_saved_model(few_file, bundle, tmp_path):
    bands = (
        OutcomeBand(0.0, 0.3, 40, 60, None, "long"),
        OutcomeBand(0.3, 1.0, 90, 120, 66),
    )
    path = tmp_path / "with_bands"
    extra = {OUTCOME_BANDS: encode_json(bands_to_mapping(bands))}
    save_bundle(load_bundle(bundle), path, extra=extra)
    assert load_outcome_bands(path) == bands
    assert load_outcome_bands(bundle) == ()
    for one in explain_to_text([few_file], model_path=path, form="json", lang="da"):
        document = json.loads(one)
        if "risk" in document:
            expected = find_band(bands, document["risk"]["value"])
            assert document["similar"]["persons"] == expected.persons
            assert document["similar"]["long_assessments"] == expected.long_assessments


@pytest.mark.parametrize("document", [{"bands": 1}, {}, {"bands": [{"low": 0.0}]}])
def test_bands_that_are_none_are_refused(bundle, tmp_path, document):
    path = tmp_path / "broken"
    save_bundle(load_bundle(bundle), path, extra={OUTCOME_BANDS: encode_json(document)})
    with pytest.raises(ModelError, match="does not describe bands"):
        load_outcome_bands(path)


def test_without_a_policy_no_tier_is_told(open_file, bundle):
    told = json.loads(next(explain_to_text([open_file], model_path=bundle, form="json")))
    assert told["recommendation"] is None
