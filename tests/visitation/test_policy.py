from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Language
from riskmodel.errors import CodebookError
from riskmodel.io.config import read_codebook
from riskmodel.io.policy_files import read_policy, read_regimes
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_check import check_policy
from riskmodel.visitation.policy_parsing import digest_content, parse_policy
from riskmodel.visitation.policy_text import describe_policy
from riskmodel.visitation.regimes import find_regime
from riskmodel.visitation.thresholds import Threshold

CONFIGS = Path(__file__).parents[2] / "configs"
Mapping = dict[str, Any]


def set_at(mapping: Mapping, path: str, value: object) -> None:
    *steps, last = path.split(".")
    place: Any = mapping
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    if value is REMOVE:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value


REMOVE = object()

FAULTS: list[tuple[str, object, str, str]] = [
    ("name", REMOVE, "name", "required"),
    ("name", "Small Policy", "name", "small letters"),
    ("version", 1.0, "version", "must be text"),
    ("title", {"da": "Kun dansk"}, "title.en", "required"),
    ("titel", "x", "titel", "not a key"),
    ("valid_from", "1 July", "valid_from", "no date"),
    ("valid_to", "2026-01-01", "valid_to", "before valid_from"),
    ("horizon_weeks", 30, "horizon_weeks", "no horizon"),
    ("rule_regime", "from_2026_07", "rule_regime", "no value"),
    ("thresholds.lower.value", 20, "thresholds.lower", "between 0 and 1"),
    ("thresholds.lower.value", "0,2", "thresholds.lower.value", "must be a number"),
    ("thresholds.lower.value", 0.5, "thresholds", "above upper"),
    ("thresholds.lower.status", "sure", "thresholds.lower.status", "no value"),
    ("tiers.2.contacts.0.week", -1, "tiers[2].contacts[0].week", "must lie"),
    ("tiers.2.contacts.1.every_weeks", [8], "tiers[2].contacts[1].every_weeks", "two numbers"),
    ("tiers.2.contacts.1.every_weeks", [8, 4], "tiers[2].contacts[1]", "shortest, longest"),
    ("tiers.1.id", "light", "tiers", "different ids"),
    ("ladder.between", "nobody", "ladder.between", "names no tier"),
    ("ladder.between", "light", "ladder", "three different"),
    ("gate.rules.0.requires.field", "job", "gate.rules[0].requires.field", "names no field"),
    ("gate.rules.0.requires.in", ["retired"], "gate.rules[0].requires.in", "has no level"),
    ("gate.rules.0.requires", {"field": "status"}, "gate.rules[0].requires", "one test"),
    ("gate.rules.0.requires", {"all": []}, "gate.rules[0].requires.all", "is empty"),
    (
        "gate.rules.0.requires",
        {"field": "sex", "in": ["f"]},
        "gate.rules[0].requires.field",
        "fairness",
    ),
    (
        "gate.rules.0.requires",
        {"field": "fit_date", "missing": True},
        "gate.rules[0].requires.field",
        "when the case has ended",
    ),
    (
        "gate.rules.0.requires",
        {"field": "status", "at_least": "employed"},
        "gate.rules[0].requires.at_least",
        "no order",
    ),
    (
        "gate.rules.0.requires",
        {"field": "age", "at_least": 700},
        "gate.rules[0].requires.at_least",
        "must lie from 16 to 70",
    ),
    (
        "gate.rules.0.requires",
        {"field": "status", "in": ["employed", "unemployed", "other"], "extra": 1},
        "gate.rules[0].requires.extra",
        "not a key",
    ),
    ("gate.rules.0.id", "risk_low", "rules", "reserved"),
    ("gate.rules.0.id", "strained", "rules", "several rules"),
    ("uncomplicated.rules.0.at_least", "light", "uncomplicated.strained.at_least", "heavier"),
    ("uncomplicated.rules.0.at_least", "ordinary", "uncomplicated.strained.at_least", "heavier"),
    ("exceptions.0.tier", "light", "exceptions.not_in_job", "lightest tier"),
    ("exceptions.0.tier", "nobody", "exceptions.not_in_job", "names no tier"),
    ("needed_facts.0", "shoe_size", "needed_facts[0]", "names no field"),
    ("worklist.tiers", ["light"], "worklist.tiers", "every tier once"),
    ("worklist.then", ["alphabet"], "worklist.then", "no order"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{one[0]}-{one[3]}" for one in FAULTS])
def test_a_fault_names_file_key_rule_and_remedy(
    small_mapping: Mapping,
    small_codebook: Codebook,
    fault: tuple[str, object, str, str],
) -> None:
    path, value, key, words = fault
    set_at(small_mapping, path, value)
    with pytest.raises(CodebookError) as caught:
        parse_policy(small_mapping, "small.yaml", small_codebook)
    found = next(one for one in caught.value.faults if one.column == key)
    assert words in found.problem
    assert found.file == "small.yaml"


def test_all_faults_come_at_once(small_mapping: Mapping, small_codebook: Codebook) -> None:
    set_at(small_mapping, "name", REMOVE)
    set_at(small_mapping, "thresholds.lower.value", "x")
    set_at(small_mapping, "gate.rules.0.requires.field", "job")
    with pytest.raises(CodebookError) as caught:
        parse_policy(small_mapping, "small.yaml", small_codebook)
    assert {fault.column for fault in caught.value.faults} == {
        "name",
        "thresholds.lower.value",
        "gate.rules[0].requires.field",
    }


def test_a_policy_without_the_periods_of_the_law_still_tells_its_other_faults(
    small_mapping: Mapping, small_codebook: Codebook
) -> None:
    small_mapping |= {"rule_regime": "from_2026_07", "valid_to": "2026-01-01"}
    set_at(small_mapping, "thresholds.lower.value", 0.5)
    set_at(small_mapping, "tiers.1.id", "light")
    with pytest.raises(CodebookError) as caught:
        parse_policy(small_mapping, "small.yaml", small_codebook)
    named = [fault.column for fault in caught.value.faults]
    assert named[0] == "rule_regime"
    assert {"valid_to", "thresholds", "tiers", "ladder.between"} <= set(named)
    assert "regimes.yaml" in caught.value.faults[0].remedy
    small_mapping |= {"valid_to": None}
    set_at(small_mapping, "thresholds.lower.value", 0.2)
    set_at(small_mapping, "tiers.1.id", "adviser_band")
    with pytest.raises(CodebookError, match=r"regimes\.yaml"):
        parse_policy(small_mapping, "small.yaml", small_codebook)


def test_only_fields_that_a_policy_may_use_are_offered(
    small_mapping: Mapping, review_codebook: Codebook
) -> None:
    set_at(small_mapping, "needed_facts.0", "shoe_size")
    with pytest.raises(CodebookError) as caught:
        parse_policy(small_mapping, "small.yaml", review_codebook)
    remedy = next(one.remedy for one in caught.value.faults if one.column == "needed_facts[0]")
    offered = remedy.removeprefix("Use one of ").removesuffix(".").split(", ")
    assert "function_work" in offered
    for name in offered:
        field = review_codebook.find_field(name)
        assert field.known_at != "closure"
        assert field.use != "audit"


@pytest.mark.parametrize("content", [None, [], "policy", {1: 2}])
def test_anything_but_keys_with_values_is_refused(
    content: object, small_codebook: Codebook
) -> None:
    with pytest.raises(CodebookError, match="keys with values"):
        parse_policy(content, "small.yaml", small_codebook)


def test_too_many_rules_are_refused(small_mapping: Mapping, small_codebook: Codebook) -> None:
    rule = small_mapping["gate"]["rules"][0]
    small_mapping["gate"]["rules"] = [rule | {"id": f"rule_{n}"} for n in range(70)]
    with pytest.raises(CodebookError, match="at most 64"):
        parse_policy(small_mapping, "small.yaml", small_codebook)


def test_the_version_changes_with_the_content_only(
    small_mapping: Mapping, small_codebook: Codebook, small_policy: Policy
) -> None:
    backwards = dict(reversed(small_mapping.items()))
    same = parse_policy(backwards, "moved.yaml", small_codebook)
    assert same.policy_version == small_policy.policy_version
    assert small_policy.policy_version == f"small@1.0+{digest_content(small_mapping)}"
    set_at(small_mapping, "thresholds.upper.value", 0.41)
    other = parse_policy(small_mapping, "small.yaml", small_codebook)
    assert other.policy_version != small_policy.policy_version


def test_dates_read_as_text_or_as_dates_give_the_same_version(small_mapping: Mapping) -> None:
    dated = small_mapping | {"valid_from": dt.date(2026, 7, 1)}
    assert digest_content(dated) == digest_content(small_mapping)


def test_shipped_policies_keep_their_promises(shipped_policy: Policy) -> None:
    assert check_policy(shipped_policy) == ()


def test_shipped_policies_are_marked_as_proposals(shipped_policy: Policy) -> None:
    assert not shipped_policy.is_approved
    assert shipped_policy.lower.status == shipped_policy.upper.status == "proposal"
    assert "Ikke godkendt" in describe_policy(shipped_policy, "da")


def test_the_policy_without_facts_fits_any_codebook() -> None:
    codebook = read_codebook(CONFIGS / "examples" / "injury.yaml")
    policy = read_policy(CONFIGS / "visitation" / "risk-only.yaml", codebook)
    assert policy.facts_asked == ()
    assert check_policy(policy) == ()


def test_idle_rules_and_unreached_tiers_are_found(
    small_mapping: Mapping, small_codebook: Codebook
) -> None:
    condition = {"all": [{"field": "age", "at_most": 20}, {"field": "age", "at_least": 60}]}
    set_at(small_mapping, "exceptions.0.when", condition)
    findings = check_policy(parse_policy(small_mapping, "small.yaml", small_codebook))
    assert {(one.severity, one.key) for one in findings} == {
        ("warning", "not_in_job"),
        ("warning", "tiers.ordinary"),
    }


def test_the_check_notices_a_broken_promise(
    small_policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A threshold that says "not reached" above 0.9 breaks every promise about the risk.
    monkeypatch.setattr(
        Threshold, "is_reached", lambda self, risk: (risk >= self.value) & (risk < 0.9)
    )
    problems = {one.problem for one in check_policy(small_policy) if one.severity == "error"}
    assert "a higher risk gives a lighter tier." in problems


def test_vejle_offers_what_the_committee_decided(vejle: Policy) -> None:
    def plan(tier: str, week: float) -> list[tuple[float, str]]:
        return [(one.week, one.label.da) for one in vejle.find_tier(tier).plan_contacts(week)]

    for tier in vejle.tier_ids:
        weeks = {week for week, _ in plan(tier, 0)}
        assert {0.0, 12.0} <= weeks
    assert any("Servicebrev" in words for _, words in plan("light", 0))
    at_risk = plan("at_risk", 0)
    assert any(week == 8 and "inden udgangen af uge 8" in words for week, words in at_risk)
    assert any(week == 16 and "4.-8. uge" in words for week, words in at_risk)
    assert [week for week, _ in plan("light", 13)] == []
    late = plan("at_risk", 12)
    overdue = "Førstegangssamtale nu, hvis den ikke er holdt, med individuel opfølgningsplan"
    assert (12, overdue) in late
    assert [week for week, _ in late] == [12, 12, 16]


def test_a_policy_holds_between_its_dates(vejle: Policy) -> None:
    assert not vejle.holds_on(dt.date(2026, 6, 30))
    assert vejle.holds_on(dt.date(2026, 7, 1))
    assert vejle.holds_on(dt.date(2026, 12, 31))
    assert not vejle.holds_on(dt.date(2027, 1, 1))


def test_periods_of_the_law_follow_each_other_without_gaps() -> None:
    regimes = read_regimes(CONFIGS / "visitation" / "regimes.yaml")
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=7 * n) for n in range(500)]
    for day in days:
        assert sum(regime.covers(day) for regime in regimes) == 1
    changed = find_regime(regimes, dt.date(2026, 7, 1))
    assert changed is not None
    assert changed.id == "from_2026_07"
    assert changed.allows_exemption
    before = find_regime(regimes, dt.date(2026, 6, 30))
    assert before is not None
    assert not before.allows_exemption


def test_no_exemption_under_a_law_that_knows_none(
    small_mapping: Mapping, small_codebook: Codebook
) -> None:
    regimes = read_regimes(CONFIGS / "visitation" / "regimes.yaml")
    small_mapping |= {"rule_regime": "y2025_mid26", "valid_from": "2026-01-01"}
    with pytest.raises(CodebookError, match="no course without conversations"):
        parse_policy(small_mapping, "small.yaml", small_codebook, regimes)
    small_mapping["rule_regime"] = "from_2026_07"
    with pytest.raises(CodebookError, match="does not hold on 2026-01-01"):
        parse_policy(small_mapping, "small.yaml", small_codebook, regimes)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_text_names_every_rule_tier_and_doubt(shipped_policy: Policy, lang: Language) -> None:
    text = describe_policy(shipped_policy, lang)
    for rule in shipped_policy.rules:
        assert f"[{rule.id};" in text
    for tier in shipped_policy.tiers:
        assert f"[{tier.id}]" in text
    assert shipped_policy.policy_version in text
    if shipped_policy.regime is not None:
        assert ("IKKE EFTERPRØVET" if lang == "da" else "NOT VERIFIED") in text


def test_a_change_of_law_within_the_period_is_announced(review_codebook: Codebook) -> None:
    policy = read_policy(CONFIGS / "visitation" / "lejre-greve.yaml", review_codebook)
    assert [regime.id for regime in policy.later_regimes] == ["expected_2027_01"]
    assert "Reglerne ventes ændret 1. januar 2027" in describe_policy(policy, "da")


def test_reading_a_policy_in_a_folder_without_periods(
    tmp_path: Path, review_codebook: Codebook
) -> None:
    text = (CONFIGS / "visitation" / "lejre-greve.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match="rule_regime"):
        read_policy(tmp_path / "own.yaml", review_codebook)
    regimes = CONFIGS / "visitation" / "regimes.yaml"
    assert read_policy(tmp_path / "own.yaml", review_codebook, regimes).regime is not None


@pytest.mark.slow
def test_scoring_with_a_policy_loads_no_heavy_library() -> None:
    program = (
        "import sys, riskmodel.visitation.explain, riskmodel.io.policy_files;"
        "heavy = {'sklearn', 'scipy', 'lightgbm', 'shap', 'mlflow', 'matplotlib', 'babel'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_requirement_about_the_week_of_the_assessment(
    small_mapping: Mapping, small_codebook: Codebook
) -> None:
    set_at(small_mapping, "gate.rules.0.requires", {"field": "assessed_week", "at_most": 12})
    policy = parse_policy(small_mapping, "small.yaml", small_codebook)
    assert check_policy(policy) == ()


def test_the_guide_names_every_key_and_rule(small_mapping: Mapping) -> None:
    guide = (CONFIGS.parent / "docs" / "visitation.md").read_text(encoding="utf-8")
    for key in small_mapping:
        assert f"`{key}`" in guide or f"`{key}." in guide
    for rule in ("risk_low", "risk_between", "risk_high", "interval_straddles", "not_scored"):
        assert f"`{rule}" in guide
