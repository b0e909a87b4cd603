"""The evidence gate: each requirement, nested levels, and better evidence never lowers."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.labels import Label
from riskmodel.evaluation.evidence import (
    DIGITS,
    FIGURES,
    WORDS,
    Attestation,
    Evidence,
    round_outward,
)
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.promotion import (
    LEVELS,
    LevelRules,
    PromotionRules,
    Requirement,
    find_breaches,
    judge_evidence,
)
from riskmodel.io.promotion_rules import read_rules

RULES = read_rules(Path(__file__).parents[2] / "configs" / "promotion.yaml")
ASKED = [(one.level, each) for one in RULES.levels for each in one.requires]
TEXT = Label("a", "a")
DAY = dt.date(2026, 11, 2)
YES, NO = (Attestation(answer, DAY, "management") for answer in (True, False))


def make(figure: str, **bars: object) -> Requirement:
    return Requirement("asked", TEXT, TEXT, "judgement", figure=figure, **bars)


def find_perfect() -> Evidence:
    """Return evidence that meets everything: the strictest word, and a point between all bars."""
    figures: dict[str, Estimate | str] = {}
    for _, one in ASKED:
        if one.figure in WORDS:
            figures[one.figure] = one.one_of[-1]
        elif not one.attested:
            bars = [each for _, each in ASKED if each.figure == one.figure]
            most = min((each.at_most for each in bars if not math.isnan(each.at_most)), default=1e3)
            least = [bar for each in bars for bar in (each.at_least, each.above)]
            floor = max((bar for bar in least if not math.isnan(bar)), default=most)
            middle = math.sqrt(floor * most) if 0 < floor < most else (floor + most) / 2
            middle = middle if floor > 0 or most < 1e3 else 1.0
            figures[one.figure] = Estimate(middle, middle, middle)
    return Evidence(figures, dict.fromkeys(RULES.attested, YES))


PERFECT = find_perfect()


def judge(evidence: Evidence) -> str:
    return judge_evidence(evidence, RULES, "made-up").level


def put(name: str, value: Estimate | str) -> Evidence:
    return replace(PERFECT, figures={**PERFECT.figures, name: value})


def find_level_before(level: str) -> str:
    return LEVELS[LEVELS.index(level) - 1]


def test_evidence_that_meets_everything_reaches_the_last_level():
    record = judge_evidence(PERFECT, RULES, "made-up")
    assert (record.level, record.next_level) == ("operation", None)
    assert record.find_lacking("operation") == ()
    assert {one.state for one in record.findings} == {"met"}


def test_no_evidence_reaches_the_first_level_only():
    record = judge_evidence(Evidence(), RULES, "made-up")
    assert (record.level, record.next_level) == ("demonstration", "exploration")
    assert {one.state for one in record.findings} == {"not_known"}


@pytest.mark.parametrize(("level", "asked"), ASKED, ids=[one.name for _, one in ASKED])
def test_what_is_not_known_or_not_met_holds_a_model_back(level, asked):
    if asked.attested:
        without = {name: one for name, one in PERFECT.attestations.items() if name != asked.name}
        unknown = replace(PERFECT, attestations=without)
        failing = replace(PERFECT, attestations={**without, asked.name: NO})
    else:
        figures = {name: one for name, one in PERFECT.figures.items() if name != asked.figure}
        unknown = replace(PERFECT, figures=figures)
        failing = put(asked.figure, find_bad(asked))
    for evidence, state in ((unknown, "not_known"), (failing, "not_met")):
        record = judge_evidence(evidence, RULES, "made-up")
        found = next(one for one in record.findings if one.requirement == asked)
        assert found.state == state
        assert LEVELS.index(record.level) < LEVELS.index(level)
        assert not record.reaches(level)
        assert found in record.find_lacking(level)


def find_bad(asked: Requirement) -> Estimate | str:
    """Return a figure just on the wrong side of the bar, at one end only."""
    if asked.figure in WORDS:
        return next(one for one in WORDS[asked.figure] if one not in asked.one_of)
    step = 10.0 ** -DIGITS[FIGURES[asked.figure]]
    if not math.isnan(asked.at_most):
        return Estimate(asked.at_most, asked.at_most, asked.at_most + step)
    bar = asked.above if math.isnan(asked.at_least) else asked.at_least - step
    return Estimate(bar + step, bar, bar + step)


@pytest.mark.parametrize(
    ("kind", "level"),
    [("synthetic", "demonstration"), ("public", "exploration"), ("case_records", "operation")],
)
def test_the_kind_of_data_is_a_ceiling(kind, level):
    assert judge(put("data_kind", kind)) == level


def test_a_training_run_alone_is_no_pilot():
    figures = {name: one for name, one in PERFECT.figures.items() if not name.startswith("new_")}
    assert judge(replace(PERFECT, figures=figures)) == "shadow_use"


@pytest.mark.parametrize(
    ("bars", "found", "state"),
    [
        ({"at_least": 0.6}, Estimate(0.9, 0.6, 1.0), "met"),
        ({"at_least": 0.6}, Estimate(0.9, 0.599, 1.0), "not_met"),
        ({"at_least": 0.6}, Estimate(0.9), "not_known"),
        ({"at_least": 0.6}, Estimate(math.nan), "not_known"),
        ({"above": 0.6}, Estimate(0.9, 0.6, 1.0), "not_met"),
        ({"above": 0.6}, Estimate(0.9, 0.61, 1.0), "met"),
        ({"at_most": 0.6}, Estimate(0.5, 0.1, 0.6), "met"),
        ({"at_most": 0.6}, Estimate(0.5, 0.1, 0.601), "not_met"),
        ({"at_most": 0.6}, Estimate(0.5, 0.1, math.nan), "not_known"),
        ({"at_least": 0.6, "at_most": 0.9}, Estimate(0.7, 0.6, 0.9), "met"),
        ({"at_least": 0.6, "at_most": 0.9}, Estimate(0.7, 0.5, 0.9), "not_met"),
        ({"at_least": 0.6, "at_most": 0.9}, Estimate(0.7, 0.6, 1.0), "not_met"),
    ],
)
def test_a_bar_is_held_against_the_end_of_the_interval(bars, found, state):
    assert make("auc", **bars).judge(Evidence({"auc": found})) == state


@pytest.mark.parametrize(
    ("figure", "bars"),
    [
        ("auc", {}),
        ("auc", {"one_of": ("case_records",)}),
        ("auc", {"at_least": 0.5, "above": 0.5}),
        ("auc", {"at_least": 0.7, "at_most": 0.5}),
        ("auc", {"at_least": math.inf}),
        ("unknown", {"at_least": 0.5}),
        ("data_kind", {"at_least": 0.5}),
        ("data_kind", {"one_of": ("others",)}),
        ("data_kind", {}),
        ("", {"at_least": 0.5}),
    ],
)
def test_bars_that_do_not_fit_are_refused(figure, bars):
    with pytest.raises(ValueError, match="must fit"):
        make(figure, **bars)


def test_what_is_published_needs_a_source():
    with pytest.raises(ValueError, match="source"):
        Requirement("asked", TEXT, TEXT, "published", figure="auc", at_least=0.5)


@pytest.mark.parametrize("figures", [{"unknown": Estimate(1.0)}, {"data_kind": "others"},
                                     {"data_kind": Estimate(1.0)}, {"auc": "high"}])  # fmt: skip
def test_evidence_holds_known_figures_only(figures):
    with pytest.raises(ValueError, match="FIGURES"):
        Evidence(figures)


def change(level: str, **changes: object) -> tuple[LevelRules, ...]:
    return tuple(replace(one, **changes) if one.level == level else one for one in RULES.levels)


def keep(level: str, *, without: str) -> tuple[LevelRules, ...]:
    asked = next(one.requires for one in RULES.levels if one.level == level)
    return change(level, requires=tuple(one for one in asked if not one.figure.startswith(without)))


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        (RULES.levels[1:], "order"),
        (RULES.levels[::-1], "order"),
        (change("operation", requires=RULES.levels[1].requires), "name"),
        (keep("exploration", without="data_kind"), "data_kind"),
        (keep("shadow_use", without="data_kind"), "data_kind"),
        (keep("pilot", without="new_"), "new_cases"),
    ],
)
def test_what_holds_whatever_the_rules_say(levels, kind):
    assert kind in {found for found, _ in find_breaches(levels)}
    with pytest.raises(ValueError, match=kind):
        PromotionRules("1", 100, levels)


def test_exploration_cannot_be_opened_to_synthetic_data():
    asked = replace(RULES.levels[1].requires[0], one_of=("synthetic", "public", "case_records"))
    levels = change("exploration", requires=(asked, *RULES.levels[1].requires[1:]))
    assert find_breaches(levels) == (("data_kind", "exploration"),)


ENDS = st.floats(-3, 300, allow_nan=False)


@st.composite
def pairs_of_evidence(draw: st.DrawFn) -> tuple[Evidence, Evidence]:
    """Draw evidence near the bars, and the same with some of it better."""
    worse: dict[str, Estimate | str] = {}
    better: dict[str, Estimate | str] = {}
    for name, best in PERFECT.figures.items():
        known, improved = draw(st.booleans()) or draw(st.booleans()), draw(st.booleans())
        if isinstance(best, str):
            if known:
                worse[name] = draw(st.sampled_from((best, *WORDS[name])))
            if improved or known:
                better[name] = best if improved else worse[name]
            continue
        off = draw(st.sampled_from((0.0, 0.0, 0.0, 0.01, 0.5)))
        found = Estimate(best.value, best.low - off * draw(ENDS), best.high + off * draw(ENDS))
        if known:
            worse[name] = found
        if known or improved:
            # Between the interval found and the point that meets every bar.
            share = draw(st.floats(0, 1)) if improved else 0.0
            low = found.low + share * (best.low - found.low)
            high = found.high + share * (best.high - found.high)
            better[name] = Estimate(best.value, low, high)
    answers = {name: draw(st.sampled_from((YES, YES, NO, None))) for name in PERFECT.attestations}
    mended = {name: YES if draw(st.booleans()) else one for name, one in answers.items()}
    return Evidence(worse, keep_given(answers)), Evidence(better, keep_given(mended))


def keep_given(answers: dict[str, Attestation | None]) -> dict[str, Attestation]:
    return {name: one for name, one in answers.items() if one is not None}


@given(pairs_of_evidence())
def test_better_evidence_never_lowers_the_level(pair):
    before, after = (judge_evidence(one, RULES, "made-up") for one in pair)
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)
    for old, new in zip(before.findings, after.findings, strict=True):
        assert new.state == "met" or old.state != "met"


@given(pairs_of_evidence())
def test_levels_are_nested(pair):
    record = judge_evidence(pair[0], RULES, "made-up")
    lacking = [len(record.find_lacking(level)) for level in LEVELS]
    asked = [len(record.find_asked(level)) for level in LEVELS]
    assert lacking == sorted(lacking)
    assert asked == sorted(asked)
    assert [record.reaches(level) for level in LEVELS] == [not one for one in lacking]


@given(ENDS, ENDS, st.integers(0, 4))
def test_a_rounded_interval_never_looks_narrower(one, other, digits):
    found = Estimate((one + other) / 2, min(one, other), max(one, other))
    shown = round_outward(found, digits)
    assert shown.low <= found.low + 1e-6 * 10.0**-digits
    assert shown.high >= found.high - 1e-6 * 10.0**-digits
    assert shown.high - shown.low < found.high - found.low + 2.1 * 10.0**-digits
    assert round_outward(shown, digits) == shown


def test_rounding_keeps_what_is_not_known():
    shown = round_outward(Estimate(0.5), 2)
    assert math.isnan(shown.low)
    assert math.isnan(shown.high)
