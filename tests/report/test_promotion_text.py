"""What the evidence gate prints, and the page that explains it."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest

from riskmodel.evaluation.evidence import WORDS, Attestation, Evidence
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.promotion import LEVELS, Finding, judge_evidence
from riskmodel.io.promotion_rules import read_rules
from riskmodel.report.promotion_text import (
    PROMOTION_PHRASES,
    describe_finding,
    describe_promotion,
    tell_promotion,
)

ROOT = Path(__file__).parents[2]
RULES = read_rules(ROOT / "configs" / "promotion.yaml")
PAGE = (ROOT / "docs" / "promotion.md").read_text(encoding="utf-8")
EVIDENCE = Evidence(
    {
        "data_kind": "case_records",
        "persons": Estimate(1234.0, 1234.0, 1234.0),
        "persons_rarer": Estimate(14.0, 14.0, 14.0),
        "persons_for_mean_risk": Estimate(0.9961, 0.9961, 0.9961),
        "suspected_leaks": Estimate(0.0, 0.0, 0.0),
        "auc": Estimate(0.65, 0.5996, 0.7012),
        "calibration_slope": Estimate(1.02),
        "gain_on_base_rate": Estimate(0.0021, -0.0002, 0.005),
        "legal_basis_scoring": "none",
    },
    {"owner_appointed": Attestation(False, dt.date(2026, 11, 2), "management")},
)
RECORD = judge_evidence(EVIDENCE, RULES, "0a1b2c3d4e5f")


def find_line(text: str, start: str) -> str:
    return next(one for one in text.splitlines() if one.startswith(start))


@pytest.mark.parametrize(
    ("lang", "start", "told"),
    [
        ("en", "Persons of the rarer", ("14", "at least 15")),
        ("da", "Borgere af den sj", ("14", "mindst 15")),
        # Shown as it is judged: rounded outward, never up to the bar.
        ("en", "Persons against Riley", ("0.99", "at least 1.00")),
        ("en", "AUC on held-out", ("0.65 (0.59 to 0.71)", "at least 0.60")),
        ("da", "AUC på sager", ("0,65 (0,59 til 0,71)", "mindst 0,60")),
        ("en", "Calibration slope", ("1.02 (interval not known)", "0.70 to 1.40")),
        ("en", "Brier score ahead of the week", ("0.0021 (−0.0002 to 0.0050)", "above 0")),
        ("da", "Retsgrundlag for beregning", ("ikke noteret", "noteret")),
        ("da", "Modellen har en ansvarlig", ("nej, 2026-11-02", "et ja fra en person")),
        ("en", "Data protection impact", ("no answer", "a person's yes")),
        ("en", "Calibration in the large", ("not known", "−0.40 to 0.40")),
    ],
)
def test_a_lack_is_told_with_what_was_found_and_asked(lang, start, told):
    line = find_line(tell_promotion(RECORD, lang, "shadow_use"), start)
    assert tuple(one.strip() for one in line.split("  ") if one.strip())[1:] == told


def test_only_the_next_level_is_told_unless_another_is_asked_for():
    text = tell_promotion(RECORD, "en")
    assert text.startswith("Model 0a1b2c3d4e5f is fit for: demonstration\nShown on made-up cases")
    assert "What it lacks for exploration" in text
    assert "AUC" not in text
    assert "shadow use:" in tell_promotion(RECORD, "en", "pilot")


def test_levels_are_told_with_how_much_is_met():
    lines = tell_promotion(RECORD, "da").splitlines()
    for level in LEVELS:
        asked, lacking = RECORD.find_asked(level), RECORD.find_lacking(level)
        name = PROMOTION_PHRASES.say(f"level_{level}", "da")
        row = next(one for one in lines if one.startswith(f"{name} ") and " af " in one)
        assert row.split()[-3:] == [f"{len(asked) - len(lacking)}", "af", f"{len(asked)}"]


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("target", [None, *LEVELS])
def test_it_always_says_that_evidence_is_not_enough(lang, target):
    last = tell_promotion(RECORD, lang, target).splitlines()[-1]
    assert last == PROMOTION_PHRASES.say("never_sufficient", lang)


def test_hints_stand_only_where_they_help():
    text = tell_promotion(judge_evidence(Evidence(), RULES, "x"), "en", "operation")
    for hint in ("hint_training", "hint_evaluation", "hint_attested", "hint_legal"):
        assert PROMOTION_PHRASES.say(hint, "en") in text
    text = tell_promotion(RECORD, "en")
    for hint in ("hint_training", "hint_evaluation", "hint_attested"):
        assert PROMOTION_PHRASES.say(hint, "en") not in text


def test_every_word_has_a_text():
    for words in WORDS.values():
        for one in words:
            assert PROMOTION_PHRASES.say(f"word_{one}", "da")


def test_what_was_found_goes_to_machines_whole():
    told = describe_promotion(RECORD)
    assert (told["level"], told["next_level"]) == ("demonstration", "exploration")
    assert told["lacking"] == ["some_of_each"]
    found = {one["requirement"]: one for one in told["findings"]}
    assert len(found) == len(RECORD.findings)
    assert found["tells_apart"]["found"] == {"value": 0.65, "low": 0.5996, "high": 0.7012}
    assert found["tells_apart"]["at_least"] == 0.6
    assert found["neither_bold_nor_shy"]["found"] == {"value": 1.02, "low": None, "high": None}
    assert found["no_shift"]["found"] is None
    assert found["owner_appointed"]["found"] == {
        "answer": False, "on": "2026-11-02", "role": "management"}  # fmt: skip
    assert found["not_synthetic"]["one_of"] == ["public", "case_records"]
    assert all(one["why"] for one in found.values())


ASKED = [one for one in RECORD.findings if not one.requirement.attested]


@pytest.mark.parametrize("one", ASKED, ids=[one.requirement.name for one in ASKED])
def test_the_page_holds_every_bar(one: Finding):
    asked = one.requirement
    row = find_line(PAGE, f"| {asked.ask.en} |").split("|")[1:-1]
    cells = [cell.strip() for cell in row]
    bar = cells[LEVELS.index(one.level)]
    told = describe_finding(one)
    numbers = [told[key] for key in ("at_least", "above", "at_most") if key in told]
    shown = [float(word) for word in bar.replace("\N{MINUS SIGN}", "-").split()
             if word.strip("-.0123456789") == ""]  # fmt: skip
    assert shown == pytest.approx(numbers)
    assert all(math.isfinite(number) for number in numbers)
    for word in asked.one_of:
        assert PROMOTION_PHRASES.say(f"word_{word}", "en") in bar
    assert cells[-1].startswith(asked.grounds)
    if asked.source:
        assert asked.source in PAGE


def test_the_page_names_what_people_answer():
    for name in RULES.attested:
        assert f"`{name}`" in PAGE
