"""The commands that watch practice, as a user runs them, with good and bad input."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from riskmodel.cli import app
from riskmodel.cli.language import get_language, set_language
from riskmodel.errors import GateError
from riskmodel.io.decision_files import keep_latest, read_decisions
from riskmodel.io.policy_files import read_policy
from riskmodel.io.table_writing import write_table
from riskmodel.io.yaml_files import read_yaml
from riskmodel.monitoring.audit_sample import AUDIT_SIGNALS, AuditPoints, parse_audit_points
from riskmodel.pipelines.audit_sample import AUDIT_FILE
from riskmodel.pipelines.employers import EMPLOYERS_FILE
from riskmodel.pipelines.monitor_decisions import DECISIONS_FILE

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[2] / "configs"
POLICY = CONFIGS / "visitation" / "vejle.yaml"
CODEBOOK = ["--codebook", str(CONFIGS / "codebook.yaml")]
TIERS = ["light", "adviser_band", "at_risk"]


@pytest.fixture(autouse=True)
def speak_english() -> Iterator[None]:
    before = get_language()
    set_language("en")
    yield
    set_language(before)


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 120
    risk = rng.random(n).round(3)
    tier = np.array(TIERS)[np.digitize(risk, [0.2, 0.4])]
    return pd.DataFrame(
        {
            "case_id": [f"SYN-{one:07d}" for one in range(n)],
            "assessed_week": rng.choice([4.0, 8.0], n),
            "risk": risk,
            "risk_low": np.clip(risk - 0.1, 0, 1),
            "risk_high": np.clip(risk + 0.1, 0, 1),
            "tier": tier,
            "reasons": np.where(rng.random(n) < 0.1, "missing:sector", "risk_low"),
            "policy_version": "vejle@0.1+00000000",
        }
    )


@pytest.fixture(scope="module")
def decisions(scores: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    made = scores.head(110)
    days = pd.to_timedelta(rng.integers(0, 60, 110), "D")
    chosen = np.where(rng.random(110) < 0.75, made["tier"], rng.choice(TIERS, 110))
    first = rng.random(110) < 0.6
    return pd.DataFrame(
        {
            "case_id": made["case_id"],
            "assessed_week": made["assessed_week"],
            "model_version": "3f2a",
            "policy_version": "vejle@0.1+00000000",
            "decided_on": pd.Timestamp("2026-08-03") + days,
            "own_judgement_first": first,
            "own_risk": np.where(first, rng.random(110).round(2), np.nan),
            "own_offer": pd.Series(rng.random(110) < 0.5, dtype=object).where(first),
            "seen_tier": made["tier"],
            "decided_tier": chosen,
            "departure_reason": pd.Series("knows_more", index=made.index).where(
                chosen != made["tier"]
            ),
            "team": rng.choice(["nord", "syd"], 110),
        }
    )


@pytest.fixture
def files(tmp_path: Path, scores: pd.DataFrame, decisions: pd.DataFrame) -> Path:
    write_table(scores, tmp_path / "scores.csv")
    write_table(decisions, tmp_path / "decisions.csv")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def monitor(files: Path, *extra: object, policy: bool = True) -> Result:
    given = ["--policy", POLICY] if policy else []
    return run(
        "monitor", "decisions", files / "decisions.csv", "--scores", files / "scores.csv",
        "--out", files / "out", *given, *CODEBOOK, *extra,
    )  # fmt: skip


def test_decisions_give_two_pages_and_figures(files: Path, decisions: pd.DataFrame) -> None:
    result = monitor(files)
    assert result.exit_code == 0, result.output
    content = json.loads((files / "out" / DECISIONS_FILE).read_text())
    followed = (decisions["seen_tier"] == decisions["decided_tier"]).sum()
    assert content["figures"]["agreement"]["count"] == followed
    assert content["figures"]["n_unmatched"] == 0
    danish = (files / "out" / "decisions.da.html").read_text()
    english = (files / "out" / "decisions.en.html").read_text()
    assert "Blev anbefalingen fulgt?" in danish
    assert "Was the recommendation followed?" in english
    share = f"{round(100 * followed / 110)}"
    assert f"{share}\N{NO-BREAK SPACE}%" in danish
    assert f"{share}%" in english
    assert "Jeg kender forhold, som ikke indgår i beregningen" in danish
    assert "SYN-0" not in danish


def test_the_page_tells_how_many_of_how_many(files: Path) -> None:
    assert monitor(files).exit_code == 0
    found = json.loads((files / "out" / DECISIONS_FILE).read_text())["figures"]
    assert sum(found[one]["count"] for one in ("agreement", "heavier", "lighter", "beside")) == 110
    page = (files / "out" / "decisions.en.html").read_text()
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", page)
    place = cells.index("Followed the recommendation")
    assert cells[place + 1 : place + 3] == [str(found["agreement"]["count"]), "110"]
    # Each table of the influence says which decisions it counts.
    captions = re.findall(r"<caption[^>]*>([^<]*)</caption>", page)
    assert [one.startswith("All decisions, by") for one in captions[-2:]] == [True, True]
    assert captions[-3].startswith("Decisions before which the adviser gave an own judgement")


def test_a_contact_counts_where_the_lightest_tier_has_none(review_codebook) -> None:
    policy = read_policy(POLICY, review_codebook)
    light = policy.find_tier(policy.ladder.below_lower)
    adding = {one.id for one in policy.tiers if one.adds_contact_to(light)}
    assert adding == {"at_risk", "fast_track"}


def test_a_tier_that_the_policy_lacks_is_told(files: Path, decisions: pd.DataFrame) -> None:
    odd = decisions.copy()
    odd.loc[0, ["decided_tier", "departure_reason"]] = ["xx", "other"]
    write_table(odd, files / "decisions.csv")
    result = monitor(files)
    assert result.exit_code == 0
    assert "left out, as the policy does not have their tier: 1" in result.output
    assert "the policy does not have: 1." in (files / "out" / "decisions.en.html").read_text()


def test_scores_of_other_cases_are_refused_and_a_few_missing_told(
    files: Path, scores: pd.DataFrame
) -> None:
    write_table(scores.drop(index=0), files / "scores.csv")
    result = monitor(files)
    assert "note: records that are not among the scores: 1" in result.output
    assert "among the scored cases: 1." in (files / "out" / "decisions.en.html").read_text()
    write_table(scores.assign(assessed_week=20.0), files / "scores.csv")
    result = monitor(files, "--out", files / "other")
    assert result.exit_code != 0
    assert "holds no case and week of the decision records" in str(result.exception)
    assert not (files / "other").exists()


def test_json_files_say_the_same_as_their_table(files: Path, review_codebook) -> None:
    records = read_decisions([files / "decisions.csv"], review_codebook)
    folder = files / "records"
    folder.mkdir()
    for place, one in enumerate(records):
        text = json.dumps(one.to_mapping(), ensure_ascii=False)
        (folder / f"{place:04d}.json").write_text(text, encoding="utf-8")
    assert read_decisions([folder], review_codebook) == records


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_every_format_of_the_table_says_the_same(
    files: Path, decisions: pd.DataFrame, review_codebook, ending: str
) -> None:
    other = files / f"decisions.{ending}"
    write_table(decisions, other)
    assert read_decisions([other], review_codebook) == read_decisions(
        [files / "decisions.csv"], review_codebook
    )


def test_the_last_record_of_a_case_and_week_counts(files: Path, review_codebook) -> None:
    first = read_decisions([files / "decisions.csv"], review_codebook)
    again = [one for one in first if one.seen_tier == one.decided_tier][:3]
    later = [replace(one, decided_on=one.decided_on.replace(year=2027)) for one in again]
    kept = keep_latest([*later, *first])
    assert len(kept) == len(first)
    assert set(later) <= set(kept)


def test_without_a_policy_the_influence_is_left_open(files: Path) -> None:
    assert monitor(files, policy=False).exit_code == 0
    content = json.loads((files / "out" / DECISIONS_FILE).read_text())
    assert content["figures"]["influence"] is None
    assert "--policy" in (files / "out" / "decisions.da.html").read_text()


def test_json_goes_to_stdout(files: Path) -> None:
    found = json.loads(monitor(files, "--json").stdout)
    assert found["figures"]["n_records"] == 110


def test_the_same_input_gives_the_same_bytes(files: Path) -> None:
    assert monitor(files).exit_code == 0
    first = {one.name: one.read_bytes() for one in (files / "out").iterdir()}
    assert monitor(files).exit_code == 0
    assert {one.name: one.read_bytes() for one in (files / "out").iterdir()} == first


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("case_id", "010190-1234", "CPR"),
        ("decided_on", "i går", "must be a date"),
        ("own_judgement_first", "måske", "true or false"),
        ("own_risk", "30 %", "percent"),
        ("own_risk", 1.5, "own_risk"),
        ("departure_reason", "because", "departure_reason must be one of"),
        ("team", "Anne Hansen, team nord", "team must be a code"),
    ],
)
def test_a_wrong_cell_is_named_and_never_repeated(
    files: Path, decisions: pd.DataFrame, column: str, value: object, message: str
) -> None:
    rows = list(csv.reader((files / "decisions.csv").read_text("utf-8").splitlines()))
    rows[3][rows[0].index(column)] = str(value)
    with (files / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    result = monitor(files)
    text = result.output + str(result.exception)
    assert result.exit_code != 0
    assert message in text
    assert "row 4" in text or column == "case_id"
    assert "Fill in the page" not in text
    assert "0101" not in text
    assert not (files / "out").exists()
    if column in {"case_id", "team"}:
        assert str(value) not in text


@pytest.mark.parametrize("content", ["", "[1, 2]", "{", '{"format": "other"}', '{"a": 1, "a": 2}'])
def test_a_file_that_is_no_record_is_refused(files: Path, content: str) -> None:
    (files / "one.json").write_text(content)
    result = run(
        "monitor", "decisions", files / "one.json", "--scores", files / "scores.csv",
        "--out", files / "out", *CODEBOOK,
    )  # fmt: skip
    assert result.exit_code != 0
    assert "one.json" in str(result.exception)


def test_scores_without_tiers_are_refused(files: Path, scores: pd.DataFrame) -> None:
    write_table(scores.assign(tier=""), files / "bare.csv")
    result = run(
        "monitor", "decisions", files / "decisions.csv", "--scores", files / "bare.csv",
        "--out", files / "out", *CODEBOOK,
    )  # fmt: skip
    assert "--policy" in str(result.exception)


def sample(files: Path, out: str, *extra: object) -> Result:
    return run(
        "monitor", "audit-sample", files / "decisions.csv", "--scores", files / "scores.csv",
        "--policy", POLICY, "--out", files / out, *CODEBOOK, *extra,
    )  # fmt: skip


def test_the_audit_list_holds_cases_with_their_chances(files: Path) -> None:
    result = sample(files, "audit", "--salt", "2026-Q3", "--n-cases", 15)
    assert result.exit_code == 0, result.output
    content = json.loads((files / "audit" / AUDIT_FILE).read_text())
    listed = pd.read_csv(files / "audit" / "audit_sample.csv")
    assert content["n_frame"] == 120
    assert list(listed["case_id"]) == [one["case_id"] for one in content["cases"]]
    assert len(listed) == 15
    np.testing.assert_allclose(listed["weight"] * listed["probability"], 1)
    page = (files / "audit" / "audit.da.html").read_text()
    assert all(case in page for case in listed["case_id"])


def test_another_quarter_draws_other_cases_and_the_same_one_the_same(files: Path) -> None:
    for out, salt in (("a", "2026-Q3"), ("b", "2026-Q3"), ("c", "2026-Q4")):
        assert sample(files, out, "--salt", salt).exit_code == 0
    lists = [pd.read_csv(files / out / "audit_sample.csv") for out in "abc"]
    assert list(lists[0]["case_id"]) == list(lists[1]["case_id"])
    assert list(lists[0]["case_id"]) != list(lists[2]["case_id"])


def test_more_cases_than_there_are_cannot_be_drawn(files: Path) -> None:
    result = sample(files, "audit", "--salt", "2026-Q3", "--n-cases", 121)
    assert "between 1 and the 120" in str(result.exception)


def test_a_personal_number_is_no_salt(files: Path) -> None:
    result = sample(files, "audit", "--salt", "0101701234")
    assert "--salt" in str(result.exception)
    assert "0101701234" not in str(result.exception)
    assert not (files / "audit").exists()


@pytest.fixture(scope="module")
def courses(draw_cases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("courses")
    frame = draw_cases("history", 300, 3)
    write_table(frame, folder / "history.csv")
    case = frame["case_id"].drop_duplicates()
    rng = np.random.default_rng(0)
    employer = rng.choice([f"V{one:02d}" for one in range(8)], len(case))
    links = pd.DataFrame({"case_id": case, "employer": employer, "headcount": 400})
    links.loc[links["employer"] == "V05", "headcount"] = 60
    write_table(links, folder / "links.csv")
    scores = frame[["case_id", "assessed_week"]].assign(
        risk=0.3, risk_low=0.2, risk_high=0.4, tier="light", reasons="risk_low"
    )
    scores["tier"] = np.where(frame["employment_status"] == "unemployed", "ordinary", "light")
    write_table(scores, folder / "scores.csv")
    return folder


def employers(courses: Path, out: Path, *extra: object) -> Result:
    return run(
        "monitor", "employers", courses / "history.csv", "--links", courses / "links.csv",
        "--out", out, *CODEBOOK, *extra,
    )  # fmt: skip


def test_employers_stand_out_and_letters_are_listed(courses: Path, tmp_path: Path) -> None:
    scored = ["--scores", courses / "scores.csv", "--policy", POLICY]
    result = employers(courses, tmp_path / "out", *scored)
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / EMPLOYERS_FILE).read_text())
    unusual = [one["employer"] for one in content["figures"]["many"] if one["unusual"]]
    assert unusual == ["V05"]
    page = (tmp_path / "out" / "employers.da.html").read_text()
    assert "V05" in page
    assert "<svg" in page
    letters = pd.read_csv(tmp_path / "out" / "letters.csv")
    tiers = pd.read_csv(courses / "scores.csv").drop_duplicates("case_id").set_index("case_id")
    wanted = set(tiers.index[tiers["tier"] == "light"])
    assert set(letters["case_id"]) == wanted
    assert len(letters) == len(wanted)
    cases = pd.read_csv(courses / "history.csv").drop_duplicates("case_id").set_index("case_id")
    weeks = pd.to_timedelta(7 * tiers.loc[letters["case_id"], "assessed_week"].to_numpy(), "D")
    start = pd.to_datetime(cases.loc[letters["case_id"], "first_absence_date"].to_numpy())
    assert (pd.to_datetime(letters["day"]).to_numpy() >= (start + weeks).floor("D")).all()


def test_a_later_score_is_not_taken_for_the_one_at_the_start(courses: Path, tmp_path: Path) -> None:
    scores = pd.read_csv(courses / "scores.csv").drop_duplicates("case_id")
    unscored = scores.assign(risk=np.nan, risk_low=np.nan, risk_high=np.nan)
    later = scores.assign(assessed_week=scores["assessed_week"] + 4, risk=0.9)
    write_table(pd.concat([unscored, later]), tmp_path / "scores.csv")
    result = employers(courses, tmp_path / "out", "--scores", tmp_path / "scores.csv")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / EMPLOYERS_FILE).read_text())
    assert content["figures"]["adjusted_for_cases"] is False


def test_without_scores_there_are_no_letters(courses: Path, tmp_path: Path) -> None:
    assert employers(courses, tmp_path / "out", "--policy", POLICY).exit_code == 0
    assert not (tmp_path / "out" / "letters.csv").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one.drop(columns="employer"), "no column employer"),
        (lambda one: pd.concat([one, one.head(1)]), "stands twice"),
        (lambda one: one.assign(headcount=range(1, len(one) + 1)), "two headcounts"),
        (lambda one: one.assign(headcount=0), "headcount"),
        (lambda one: one.assign(employer="010190-1234"), "CPR"),
        (lambda one: one.assign(case_id=[f"X-{n}" for n in range(len(one))]), "no linked case"),
    ],
)
def test_wrong_links_are_named(courses: Path, tmp_path: Path, change, message: str) -> None:
    links = change(pd.read_csv(courses / "links.csv"))
    links.to_csv(tmp_path / "links.csv", index=False)
    result = run(
        "monitor", "employers", courses / "history.csv", "--links", tmp_path / "links.csv",
        "--out", tmp_path / "out", *CODEBOOK,
    )  # fmt: skip
    assert result.exit_code != 0
    assert message in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_letters_need_no_outcomes_and_are_those_of_the_whole_file(
    courses: Path, tmp_path: Path
) -> None:
    scored = ["--scores", courses / "scores.csv", "--policy", POLICY]
    assert employers(courses, tmp_path / "whole", *scored).exit_code == 0
    closure = {"fit_date", "end_date", "end_reason", "duration_weeks", "ended", "long_course_26w"}
    bare = pd.read_csv(courses / "history.csv", dtype=str)
    bare = bare.drop(columns=closure & set(bare.columns))
    bare.to_csv(tmp_path / "open.csv", index=False)
    given = ["monitor", "employers", tmp_path / "open.csv", "--links", courses / "links.csv"]
    result = run(*given, "--out", tmp_path / "out", *CODEBOOK, *scored)
    assert result.exit_code == 0, result.output + str(result.exception)
    assert "no course has a known length" in result.output
    content = json.loads((tmp_path / "out" / EMPLOYERS_FILE).read_text())
    assert content["figures"] is None
    whole, alone = (pd.read_csv(tmp_path / one / "letters.csv") for one in ("whole", "out"))
    pd.testing.assert_frame_equal(whole, alone)
    page = (tmp_path / "out" / "employers.da.html").read_text()
    assert "letters.csv" in page
    assert "<svg" not in page
    # Without the letters there is nothing to tell of such cases.
    assert run(*given, "--out", tmp_path / "none", *CODEBOOK).exit_code != 0
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["decisions", "audit-sample", "employers"])
def test_case_records_are_monitored_only_with_a_basis(
    files: Path, courses: Path, command: str
) -> None:
    codebook = files / "codebook.yaml"
    text = (CONFIGS / "codebook.yaml").read_text()
    codebook.write_text(text.replace("data_kind: synthetic", "data_kind: case_records"))
    basis = files / "legal_basis.yaml"
    entry = "  basis: a section\n  recorded_by_role: a role\n  recorded_on: '2026-12-01'\n"
    given: dict[str, list[object]] = {
        "decisions": [files / "decisions.csv", "--scores", files / "scores.csv"],
        "audit-sample": [
            files / "decisions.csv", "--scores", files / "scores.csv", "--salt", "2026-Q3",
        ],
        "employers": [courses / "history.csv", "--links", courses / "links.csv"],
    }  # fmt: skip
    arguments = [
        "monitor", command, *given[command], "--codebook", codebook, "--out", files / "out",
        "--legal-basis", basis,
    ]  # fmt: skip
    for recorded in ("training", "scoring"):
        basis.write_text(f"{recorded}:\n{entry}")
        refused = run(*arguments)
        assert isinstance(refused.exception, GateError)
        assert "for monitoring" in str(refused.exception)
        assert not (files / "out").exists()
    basis.write_text(f"monitoring:\n{entry}")
    assert not isinstance(run(*arguments).exception, GateError)


def test_the_points_of_the_audit_can_be_set(files: Path) -> None:
    shipped = CONFIGS / "audit.yaml"
    assert parse_audit_points(read_yaml(shipped), "audit.yaml") == AuditPoints()
    draw = ["--salt", "2026-Q3", "--n-cases", 15]
    assert sample(files, "plain", *draw).exit_code == 0
    assert sample(files, "same", *draw, "--points", shipped).exit_code == 0
    flat = files / "flat.yaml"
    flat.write_text("".join(f"{name}: 0\n" for name in AUDIT_SIGNALS))
    assert sample(files, "flat", *draw, "--points", flat).exit_code == 0
    plain, same, even = (
        json.loads((files / out / AUDIT_FILE).read_text()) for out in ("plain", "same", "flat")
    )
    assert plain == same
    assert {one["probability"] for one in even["cases"]} == {15 / 120}
    assert {one["adds"] for one in even["signals"]} == {0.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one.replace("not_scored: 1", "not_scored: -1"), "between 0 and 20"),
        (lambda one: one.replace("not_scored: 1 ", "# "), "not_scored"),
        (lambda one: one + "gut_feeling: 3\n", "gut_feeling"),
        (lambda one: one.replace("missing_fact: 1", "missing_fact: much"), "missing_fact"),
    ],
)
def test_wrong_points_are_named(files: Path, change, message: str) -> None:
    points = files / "points.yaml"
    points.write_text(change((CONFIGS / "audit.yaml").read_text()))
    result = sample(files, "audit", "--salt", "2026-Q3", "--points", points)
    assert message in str(result.exception)
    assert not (files / "audit").exists()


def test_policy_check_and_show_speak_json() -> None:
    checked = json.loads(run("policy", "check", POLICY, "--json", *CODEBOOK).stdout)
    assert checked["passed"] is True
    assert {one["severity"] for one in checked["findings"]} == {"note"}
    shown = json.loads(run("policy", "show", POLICY, "--json", "--lang", "en", *CODEBOOK).stdout)
    assert shown["ladder"] == TIERS
    assert shown["policy_version"] == checked["policy_version"]
    assert "Conditions of the law" in shown["text"]
    text = run("policy", "check", POLICY, *CODEBOOK).stdout
    assert "exactly one tier" in text
