"""The points form as a command: one printed page in both languages, a JSON twin, plain refusals."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel import cli
from riskmodel.domain.points_form import FormSettings, PointsForm
from riskmodel.domain.scorecard import PointBand, PointItem
from riskmodel.io.table_writing import write_table
from riskmodel.report.scorecard_page import Scorecard, render_scorecard

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
POLICY = "configs/visitation/lejre-greve.yaml"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def new_file(draw_cases, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("new") / "closed.csv"
    write_table(draw_cases("history", 200, 77), path)
    return path


def run(*arguments: object):
    """Run the command; errors that end with a code of their own are raised."""
    return CliRunner().invoke(cli.app, ["scorecard", *map(str, arguments)])


@pytest.fixture(scope="module")
def made(bundle, new_file, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("card") / "card"
    given = (bundle, "--cases", new_file, "--policy", ROOT / POLICY, "--out", out)
    done = run(*given, "--settings", ROOT / "configs/scorecard.yaml")
    assert done.exit_code == 0, done.exception
    assert "new cases" in done.stdout
    assert "reading cases" in done.stderr
    return out


def count_pages(path: Path, folder: Path) -> int:
    """Print a page to PDF in a browser, and count its pages."""
    target = folder / f"{path.stem}.pdf"
    subprocess.run(
        [
            *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking", "--disable-sync"),
            *("--disable-component-update", "--no-pdf-header-footer"),
            f"--user-data-dir={folder / 'profile'}",
            *(f"--print-to-pdf={target}", path.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    # The root of the tree of pages says how many there are.
    found = re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)", target.read_bytes())
    assert found
    return max(map(int, found))


def test_the_form_is_written_in_both_languages_with_a_twin(made):
    names = {one.name for one in made.iterdir()}
    made_names = {"scorecard.json", "scorecard.da.html", "scorecard.en.html"}
    assert names == {*made_names, "manifest.json"}
    twin = json.loads((made / "scorecard.json").read_text(encoding="utf-8"))
    assert twin["kind"] == "points form"
    assert twin["made_from"]["model"]
    assert twin["horizon_weeks"] == 26
    assert twin["sums"][0]["low"] == 0
    most = sum(max(one["points"] for one in line["answers"]) for line in twin["lines"])
    assert twin["sums"][-1]["high"] == most
    for name in ("form", "model", "lost"):
        figure = twin["figures"][name]["auc"]
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_the_pages_say_what_the_twin_says(made):
    twin = json.loads((made / "scorecard.json").read_text(encoding="utf-8"))
    page = (made / "scorecard.da.html").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]+>", " ", page[page.index("<body>") :])
    assert "Bruges, når modellen ikke er tilgængelig" in words
    assert "Lavet ud fra opdigtede sager" in words
    for line in twin["lines"]:
        assert line["label"]["da"] in words
    boxes = [int(one) for one in re.findall(r"tick-box\">[^<]*<b>(\d+)</b>", page)]
    told = [one["points"] for line in twin["lines"] for one in line["answers"]]
    assert sorted(one for one in boxes if one) == sorted(one for one in told if one)
    # The thresholds of the policy, as the smallest sum whose risk reaches them.
    for key, threshold in (("lower", 0.30), ("upper", 0.45)):
        reached = [one["low"] for one in twin["sums"] if one["risk"] >= threshold]
        first = twin["first_sums"][key]
        assert first is None or abs(first - reached[0]) <= 1
    assert "Grænserne er 30\N{NO-BREAK SPACE}% og 45\N{NO-BREAK SPACE}%" in words
    assert "nan" not in words.casefold().split()
    assert not re.search(r"SYN-\d", page)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_form_prints_on_one_page(made, tmp_path, lang):
    assert count_pages(made / f"scorecard.{lang}.html", tmp_path) == 1


@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
def test_the_longest_form_prints_on_one_page_too(bundle, new_file, tmp_path):
    """Ten lines of up to five answers, 30 points, policy and figures."""
    settings = tmp_path / "scorecard.yaml"
    settings.write_text(
        "most_indicators: 10\nmost_bands: 5\nmost_points: 30\nsmallest_gain: 0\n", encoding="utf-8"
    )
    given = (bundle, "--cases", new_file, "--policy", POLICY, "--settings", settings)
    done = run(*given, "--out", tmp_path / "card", "--quiet")
    assert done.exit_code == 0, done.exception
    assert count_pages(tmp_path / "card" / "scorecard.da.html", tmp_path) == 1


def test_given_points_need_no_model(new_file, tmp_path):
    given = ("--weights", "configs/review.yaml", "--cases", new_file, "--out", tmp_path / "card")
    done = run(*given, "--json", "--quiet")
    assert done.exit_code == 0, done.exception
    told = json.loads(done.stdout)
    assert told["figures"]["design"] == "cross-validated"
    assert told["figures"]["model"] == {}
    page = (tmp_path / "card" / "scorecard.da.html").read_text(encoding="utf-8")
    assert "Pointene er fastsat på forhånd i review.yaml" in page
    assert "Forskel er skemaet" not in page


def test_given_points_without_cases_promise_nothing(tmp_path):
    done = run("--weights", "configs/review.yaml", "--out", tmp_path / "card", "--policy", POLICY)
    assert done.exit_code == 0, done.exception
    assert "accuracy: not measured" in done.stdout
    page = (tmp_path / "card" / "scorecard.da.html").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]+>", " ", page[page.index("<body>") :])
    assert "Der er ingen sager at regne risikoen ud fra" in words
    assert "Skemaets præcision er ikke målt" in words
    assert "Grænser efter" not in words
    assert "opdigtede" not in words
    twin = json.loads((tmp_path / "card" / "scorecard.json").read_text(encoding="utf-8"))
    assert twin["sums"] == []
    assert twin["figures"] is None


def test_a_model_needs_cases_and_only_one_source_is_taken(bundle, tmp_path):
    out = tmp_path / "card"
    for given, told in (
        ((bundle,), "needs --cases"),
        ((), "Give either a saved model or --weights"),
        ((bundle, "--weights", "configs/review.yaml"), "Give either"),
        (("--weights", "configs/train.yaml"), "train.yaml"),
    ):
        done = run(*given, "--out", out)
        assert done.exception.exit_code == 2
        assert told in str(done.exception)
        assert not out.exists()


def test_case_records_need_a_legal_basis(tmp_path, new_file, monkeypatch):
    text = (ROOT / "configs/codebook.yaml").read_text(encoding="utf-8")
    real = tmp_path / "codebook.yaml"
    real.write_text(text.replace("data_kind: synthetic", "data_kind: case_records"), "utf-8")
    given = ("--weights", "configs/review.yaml", "--codebook", real, "--cases", new_file)
    done = run(*given, "--out", tmp_path / "card", "--legal-basis", tmp_path / "none.yaml")
    assert done.exception.exit_code == 3
    assert not (tmp_path / "card").exists()


def test_answers_stand_in_their_natural_order(review_codebook):
    weeks = review_codebook.find_field("expected_duration_citizen_weeks")
    view = review_codebook.find_field("rtw_expectation")
    form = PointsForm(
        (
            PointItem(weeks, (PointBand(3, 26), PointBand(1, 13, 20))),
            PointItem(view, (PointBand(2, levels=("not_expected",)),)),
        ),
        most_missing=FormSettings().most_missing,
    )
    page = render_scorecard(Scorecard(form, review_codebook, "x", from_model=False), "en")
    boxes = re.findall(r"tick-box\">([^<]*)<b>(\d+)</b>", page)
    assert [(text.strip(), int(points)) for text, points in boxes] == [
        ("under 13", 0),
        ("13 to under 20", 1),
        ("20 to under 26", 0),
        ("26 or more", 3),
        ("not known", 0),
        ("certain, probable, doubtful", 0),
        ("not expected", 2),
        ("not known", 0),
    ]


def test_words_of_a_codebook_are_escaped(review_codebook):
    weeks = review_codebook.find_field("expected_duration_citizen_weeks")
    form = PointsForm((PointItem(weeks, (PointBand(3, 26),)),))
    page = render_scorecard(Scorecard(form, review_codebook, "<script>", from_model=True), "da")
    assert "<script>" not in page
