"""The case page in a browser: judgement first, a record that can be read, and what-if."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from pathlib import Path

import pytest

from riskmodel.report.number_format import format_percent
from riskmodel.report.what_if import changeable_fields
from riskmodel.visitation.decision_record import parse_decision_record

pytestmark = pytest.mark.slow

HIDDEN = ("summary", "risk", "picture", "duration", "ask", "what-if", "rules", "own")


def visible(page) -> list[str]:
    return [one for one in HIDDEN if page.locator(f"#{one}").is_visible()]


def judge(page, *, risk: str = "40", offer: str = "yes", reason: str = "employer") -> None:
    page.fill("#own-risk", risk)
    page.check(f"input[name=own-offer][value={offer}]")
    page.select_option("#own-reason", reason)
    page.click("#own-form button")


def save(page, path: Path) -> dict:
    with page.expect_download() as started:
        page.click("#decision-form button[type=submit]")
    started.value.save_as(path)
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_calculation_shows_only_after_the_own_judgement(open_page, render, open_cases):
    page = open_page(render())
    assert visible(page) == []
    assert page.locator("#facts").is_visible()
    shown = page.inner_text("body")
    chance = format_percent(float(open_cases.scores.risk[0]), "da")
    assert chance not in shown
    assert "Anbefaling" not in shown
    judge(page)
    assert visible(page) == list(HIDDEN)
    assert page.evaluate("document.activeElement.id") == "summary-heading"
    assert "40\N{NO-BREAK SPACE}%" in page.inner_text("#own-given")
    assert not page.locator("#own-form").is_visible()


def test_before_the_judgement_a_print_is_covered_too(open_page, render):
    page = open_page(render())
    page.emulate_media(media="print")
    assert visible(page) == []


@pytest.mark.parametrize("risk", ["", "abc", "101", "-1", "4,5"])
def test_nothing_is_shown_for_half_a_judgement(open_page, render, risk):
    page = open_page(render())
    page.fill("#own-risk", risk)
    page.click("#own-form button")
    assert visible(page) == []
    assert page.locator(".error:visible").count() == 3
    assert page.evaluate("document.activeElement.id") == "own-risk"
    assert page.get_attribute("#own-risk", "aria-invalid") == "true"


def test_the_record_is_one_that_monitoring_reads(open_page, render, open_cases, policy, tmp_path):
    page = open_page(render())
    judge(page, risk="35 %", offer="no", reason="own_belief")
    seen = json.loads(page.text_content("#judgement-data"))["record"]["seen_tier"]
    other = next(one for one in policy.tier_ids if one != seen)
    page.check(f"input[name=decision][value={other}]")
    page.click("#decision-form button[type=submit]")
    assert page.locator("#departure-error").is_visible()
    page.select_option("#departure-reason", "knows_more")
    record = parse_decision_record(save(page, tmp_path / "d.json"), "d.json")
    assert record.case_id == open_cases.table.case_id[0]
    assert record.assessed_week == open_cases.table.assessed_week[0]
    assert (record.own_risk, record.own_offer, record.own_reason) == (0.35, False, "own_belief")
    assert (record.seen_tier, record.decided_tier) == (seen, other)
    assert record.departs
    assert record.departure_reason == "knows_more"
    assert record.own_judgement_first
    assert record.model_version == open_cases.model.version
    assert record.policy_version == policy.policy_version
    assert abs(record.decided_on - dt.datetime.now(tz=dt.UTC).date()) <= dt.timedelta(days=1)

    page.check(f"input[name=decision][value={seen}]")
    assert not page.locator("#departure").is_visible()
    again = parse_decision_record(save(page, tmp_path / "e.json"), "e.json")
    assert not again.departs


def test_who_saw_the_calculations_on_the_list_judged_afterwards(open_page, render, tmp_path):
    page = open_page(render(), fragment="#seen")
    assert visible(page) == []
    assert page.locator("#own-seen").is_visible()
    judge(page)
    page.check("input[name=decision] >> nth=0")
    if page.locator("#departure").is_visible():
        page.select_option("#departure-reason", "other")
    assert save(page, tmp_path / "d.json")["own_judgement_first"] is False


def test_a_policy_that_does_not_ask_first_shows_all_at_once(open_page, render, policy, tmp_path):
    page = open_page(render(first=False))
    assert visible(page) == list(HIDDEN)
    assert page.locator("#own-judgement").count() == 0
    page.check(f"input[name=decision][value={policy.tier_ids[0]}]")
    if page.locator("#departure").is_visible():
        page.select_option("#departure-reason", "capacity")
    record = parse_decision_record(save(page, tmp_path / "d.json"), "d.json")
    assert not record.own_judgement_first
    assert record.own_risk is None


def test_without_a_policy_only_the_case_is_recorded(open_page, render, tmp_path):
    page = open_page(render(without_policy=True))
    record = parse_decision_record(save(page, tmp_path / "d.json"), "d.json")
    assert (record.seen_tier, record.decided_tier, record.policy_version) == (None, None, "")
    assert page.locator("[data-result=tier]").count() == 0


def test_without_scripts_the_page_shows_everything_and_says_so(open_page, render):
    page = open_page(render(), java_script_enabled=False)
    assert visible(page) == list(HIDDEN)
    assert "uden først at bede om dit eget skøn" in page.inner_text("#own-judgement")
    assert "kræver scripts" in page.inner_text("#what-if")
    assert page.locator(".paper").is_visible()


def test_what_if_changes_and_goes_back(open_page, render):
    page = open_page(render(first=False))
    page.click("#what-if summary")
    before = page.inner_text("[data-result=risk]")
    assert page.inner_text("[data-result=risk] >> xpath=preceding-sibling::td") == before
    numbers = page.locator("#what-if-form input")
    changed = 0
    for control in page.locator("#what-if-form select").all():
        values = [one.get_attribute("value") for one in control.locator("option").all()]
        control.select_option(values[-1] if control.input_value() != values[-1] else values[1])
        changed += page.text_content("#what-if-status") != "Intet er ændret."
    assert changed == page.locator("#what-if-form select").count()
    kept = page.inner_text("[data-result=risk]")
    numbers.nth(0).fill("104,5")
    assert page.inner_text("[data-result=risk]") == kept
    assert numbers.nth(0).get_attribute("aria-invalid") == "true"
    assert page.locator("#what-if-form .error:visible").count() == 1
    numbers.nth(0).fill("3,5")
    assert numbers.nth(0).get_attribute("aria-invalid") == "false"
    page.click("#what-if-form button")
    page.wait_for_function("document.getElementById('what-if-status').textContent"
                           " === 'Intet er ændret.'")  # fmt: skip
    assert page.inner_text("[data-result=risk]") == before


def test_the_browser_writes_figures_as_python_does(open_page, render):
    for row in range(4):
        page = open_page(render(row=row, first=False))
        page.click("#what-if summary")
        rows = page.eval_on_selector_all(
            "[data-result], [data-points], [data-mark]",
            "all => all.map(one => [one.previousElementSibling.textContent, one.textContent])",
        )
        assert len(rows) > 14
        assert [now for now, _ in rows] == [after for _, after in rows]


@pytest.mark.parametrize("width", [400, 640, 1000])
def test_no_width_makes_the_page_scroll_sideways(open_page, render, width):
    page = open_page(render(first=False), viewport={"width": width, "height": 800})
    page.click("#what-if summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_is_small_and_names_every_script_by_its_digest(render):
    page = render()
    assert len(page.encode()) < 300_000
    assert "content=\"default-src 'none'; style-src 'sha256-" in page
    assert "unsafe" not in page
    assert "://" not in page
    rules = re.search(r"script-src ([^;]+);", html.unescape(page)).group(1)
    assert page.count("<script>") == rules.count("sha256-") == 4


def test_a_script_that_slips_in_is_not_run(browser, render, tmp_path):
    path = tmp_path / "hostile.html"
    slipped = "<script>document.title = 'taken'</script><p onclick='1'></p></main>"
    path.write_text(render().replace("</main>", slipped), encoding="utf-8")
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(path.as_uri())
    assert page.title() != "taken"
    assert len([one for one in told if "Content Security Policy" in one]) >= 1
    page.close()


BROKEN_WORDS = """() => {
  const broken = [], range = document.createRange();
  for (const cell of document.querySelectorAll("#picture table :is(th, td)")) {
    for (const part of cell.childNodes) {
      if (part.nodeType !== Node.TEXT_NODE) continue;
      for (const word of part.data.matchAll(/[\\p{L}\\d]+/gu)) {
        range.setStart(part, word.index);
        range.setEnd(part, word.index + word[0].length);
        if (range.getClientRects().length > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("width", [320, 400])
def test_no_word_is_broken_on_a_narrow_screen(open_page, render, width):
    page = open_page(render(first=False), viewport={"width": width, "height": 900})
    page.evaluate("document.querySelector('#picture details').open = true")
    assert page.evaluate(BROKEN_WORDS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_if_takes_no_week_after_the_assessment(open_page, render, open_cases):
    page = open_page(render(first=False))
    page.click("#what-if summary")
    week = open_cases.table.assessed_week[0]
    place = [one.name for one in changeable_fields(open_cases.model.codebook)].index(
        "partial_rtw_started_week"
    )
    box = page.locator(f"#what-if-{place}")
    for tried, faults in ((week, 0), (week + 1, 1)):
        box.fill(f"{tried:g}".replace(".", ","))
        assert page.locator("#what-if-form .error:visible").count() == faults
