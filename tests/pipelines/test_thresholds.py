"""The command thresholds from files to a report, and what it refuses."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from riskmodel.errors import InputError
from riskmodel.io.bundle import load_bundle
from riskmodel.io.policy_files import read_policy
from riskmodel.io.tables import read_cases, write_table
from riskmodel.io.yaml_files import read_yaml
from riskmodel.pipelines.threshold_judgement import judge_thresholds
from riskmodel.pipelines.thresholds import check_wishes, thresholds
from riskmodel.report.thresholds_page import describe_thresholds, render_thresholds
from riskmodel.visitation.inflow import parse_inflow

CONFIGS = Path(__file__).parents[2] / "configs"
POLICY = CONFIGS / "visitation" / "lejre-greve.yaml"
INFLOW = CONFIGS / "inflow.yaml"


@pytest.fixture(scope="module")
def closed_file(draw_cases, tmp_path_factory):
    path = tmp_path_factory.mktemp("closed") / "closed.csv"
    write_table(draw_cases("history", 300, 11), path)
    return path


@pytest.fixture(scope="module")
def report(bundle, closed_file):
    model = load_bundle(bundle)
    return judge_thresholds(
        model,
        read_cases([closed_file], model.codebook, require_outcomes=True),
        read_policy(POLICY, model.codebook),
        inflow=parse_inflow(read_yaml(INFLOW), "inflow.yaml"),
        wishes=check_wishes(45.0, None, 0.2),
        n_draws=40,
    )


@pytest.fixture(scope="module")
def pages(report):
    return {lang: render_thresholds(report, lang) for lang in ("da", "en")}


def read_page(html):
    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.texts, self.headings, self.images, self.tables = [], [], [], 0
            self._tag = ""

        def handle_starttag(self, tag, attrs):
            self._tag = tag
            self.headings += [""] if tag == "h2" else []
            if tag == "img":
                self.images.append(dict(attrs))
            self.tables += tag == "table"

        def handle_data(self, data):
            if self._tag == "h2":
                self.headings[-1] += data.strip()
            if self._tag != "style" and data.strip():
                self.texts.append(data.strip())

    reader = Reader()
    reader.feed(html)
    return reader


def test_every_case_counts_once_at_its_first_assessment(report, closed_file, bundle):
    model = load_bundle(bundle)
    table = read_cases([closed_file], model.codebook, require_outcomes=True)
    assert report.record.n_cases == len(set(table.case_id)) == 300
    assert len(table) > 300
    assert report.record.n_left_out == 0


def test_the_rules_before_the_reform_talk_with_everybody(report):
    rules = {one.rule: one for one in report.record.rules}
    assert set(rules) == {"before_july_2026", "gate", "citizen"}
    before = rules["before_july_2026"]
    assert before.found_rate.value == 1
    assert before.light.value == before.adviser.value == 0
    assert before.talks_a_week.value > max(
        one.talks_a_week.value for one in (rules["gate"], report.record.proposal)
    )


def test_moving_a_threshold_moves_the_figures_one_way(report):
    talks = [one.talks_a_week.value for one in report.record.by_upper]
    assert talks == sorted(talks, reverse=True)
    waits = [one.queue.fits_share for one in report.record.by_upper]
    assert waits[-1] >= waits[0]
    assert report.record.proposal.upper in [one.upper for one in report.record.by_upper]


def test_the_page_and_the_figures_come_from_one_record(report, pages):
    mapping = describe_thresholds(report)
    json.dumps(mapping, allow_nan=False)
    own = mapping["thresholds"]["proposal"]
    html = pages["en"]
    assert f"{own['talks_a_week']['value']:.0f} (" in html
    assert len(mapping["thresholds"]["weeks"]) == 52


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_page_is_whole_in_both_languages(pages, lang):
    page = read_page(pages[lang])
    assert len(page.headings) == 11
    assert len(page.images) == 4
    assert all(one["src"].startswith("data:image/png;base64,") for one in page.images)
    assert all(len(one["alt"]) > 20 for one in page.images)
    # A table for every picture, the rules, municipalities, groups and assumptions.
    assert page.tables >= 4 + 3 + 3
    text = " ".join(page.texts)
    assert "{" not in text
    assert "nan" not in re.findall(r"[a-z]+", text)
    other = "risk alone" if lang == "da" else "tærskel"
    assert other not in text


def test_no_case_can_be_found_in_what_is_written(report, pages):
    written = pages["da"] + json.dumps(describe_thresholds(report))
    assert "SYN-" not in written


# --- The command ----------------------------------------------------------------------------------


def test_the_command_writes_a_report_and_says_where(bundle, closed_file, tmp_path):
    out = tmp_path / "report"
    arguments = [
        "thresholds",
        closed_file,
        "--model",
        bundle,
        "--policy",
        POLICY,
        "--inflow",
        INFLOW,
    ]
    arguments += ["--site", "lejre", "--capacity-talks", "7", "--out", out, "--json", "--quiet"]
    arguments += ["--lang", "en"]
    ran = CliRunner().invoke(app, [str(one) for one in arguments])
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    stored = json.loads((out / "thresholds.json").read_text())
    assert said["record"] == stored
    assert [one["site"] for one in stored["thresholds"]["sites"]] == ["lejre"]
    assert {one.name for one in out.iterdir()} == {"index.html", "thresholds.json", "manifest.json"}


def run(bundle, closed_file, out, **more):
    given = {
        "model_path": bundle,
        "policy_path": POLICY,
        "inflow_path": INFLOW,
        "out": out,
        "n_draws": 40,
    }
    return thresholds([closed_file], **(given | more))


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"capacity_talks": 0.0}, "--capacity-talks must be more than 0"),
        ({"capacity_hours": -1.0}, "--capacity-hours must be more than 0"),
        ({"capacity_talks": 5.0, "capacity_hours": 5.0}, "not both"),
        ({"largest_miss_rate": 10.0}, "write 0.1 for 10 %"),
        ({"sites": ["roskilde"]}, "no municipality roskilde"),
        ({"inflow_path": Path("nowhere.yaml")}, "nowhere.yaml"),
    ],
)
def test_a_wish_out_of_range_is_refused_before_anything_is_read(wish, told, tmp_path):
    with pytest.raises(InputError, match=re.escape(told)):
        run(tmp_path / "no-model", tmp_path / "no-cases.csv", tmp_path / "out", **wish)
    assert not (tmp_path / "out").exists()


def test_the_training_table_is_refused(bundle, draw_cases, tmp_path):
    path = tmp_path / "history.csv"
    write_table(draw_cases("history", 250, 5), path)
    with pytest.raises(InputError, match="not trained on"):
        run(bundle, path, tmp_path / "out")


def test_too_few_long_courses_are_refused(bundle, draw_cases, tmp_path):
    frame = draw_cases("history", 200, 12)
    path = tmp_path / "short.csv"
    write_table(frame[frame["duration_weeks"] < 20], path)
    with pytest.raises(InputError, match="at least 5 persons with a long course"):
        run(bundle, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_open_cases_are_refused(bundle, open_file, tmp_path):
    with pytest.raises(InputError):
        run(bundle, open_file, tmp_path / "out")


@pytest.mark.slow
def test_thirty_cases_give_a_report_that_says_how_little_they_tell(bundle, draw_cases, tmp_path):
    frame = draw_cases("review60", 30, 13)
    path = tmp_path / "thirty.csv"
    write_table(frame, path)
    found = run(bundle, path, tmp_path / "out", capacity_talks=1.0, lang="en")
    assert found.upper is None
    assert "No upper threshold fits" in found.suggestion
    text = (tmp_path / "out" / "index.html").read_text()
    assert "too few" in text
    talks = found.talks_a_week
    assert talks[2] - talks[1] > 0.2 * talks[0]
