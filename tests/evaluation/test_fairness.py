"""Fairness figures by hand, against fairlearn itself, and with a person drawn whole."""

from __future__ import annotations

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate

from riskmodel.evaluation.fairness import FIGURES, JudgedChoice, compare_groups
from riskmodel.evaluation.groups import Grouping


def make_choice(n=600, seed=0, **more):
    rng = np.random.default_rng(seed)
    risk = rng.uniform(0.05, 0.95, n)
    given = {
        "chosen": risk >= 0.5,
        "long_course": (rng.random(n) < risk) * 1.0,
        "risk": risk,
        "weight": np.ones(n),
        "person": np.arange(n),
    }
    return JudgedChoice(**(given | more))


def split(level_of, levels=("a", "b")):
    return Grouping("group", "field", levels, np.asarray(level_of, dtype=np.intp))


def test_the_figures_are_shares_of_weights():
    choice = make_choice(weight=np.linspace(1, 3, 600))
    level = np.tile([0, 1], 300)
    [found] = compare_groups(choice, [split(level)], min_cell=5)
    assert found.field == "field"
    for number, one in enumerate(found.levels):
        rows = level == number
        w, y = choice.weight[rows], choice.long_course[rows]
        chosen, risk = choice.chosen[rows] * 1.0, choice.risk[rows]
        assert one.figures["selection_rate"].value == pytest.approx(np.average(chosen, weights=w))
        missed = np.average(1 - chosen, weights=w * y)
        assert one.figures["miss_rate"].value == pytest.approx(missed)
        alarm = np.average(chosen, weights=w * (1 - y))
        assert one.figures["false_alarm_rate"].value == pytest.approx(alarm)
        excess = np.average(y - risk, weights=w)
        assert one.figures["excess"].value == pytest.approx(excess)
        assert one.n_persons == 300
    first, second = found.levels
    for name in FIGURES:
        gap = first.figures[name].value - second.figures[name].value
        assert first.gaps[name].value == pytest.approx(gap)
        assert second.gaps[name].value == pytest.approx(-gap)
        assert first.gaps[name].low < gap < first.gaps[name].high


def test_where_every_person_has_one_case_the_interval_is_fairlearns():
    choice = make_choice(2000)
    level = np.tile([0, 1], 1000)
    [found] = compare_groups(choice, [split(level)], min_cell=5, n_draws=800)
    frame = MetricFrame(
        metrics={"miss_rate": false_negative_rate},
        y_true=choice.long_course.astype(int),
        y_pred=choice.chosen.astype(int),
        sensitive_features=level,
        n_boot=100,
        ci_quantiles=[0.025, 0.975],
        random_state=0,
    )
    low, high = frame.by_group_ci
    for number in (0, 1):
        ours = found.levels[number].figures["miss_rate"]
        theirs = high.loc[number, "miss_rate"] - low.loc[number, "miss_rate"]
        assert ours.high - ours.low == pytest.approx(theirs, rel=0.3)


def test_cases_of_one_person_are_drawn_together():
    # Each person four times over: the interval is that of 150 cases, not of 600.
    one = make_choice(150, seed=2)
    columns = ("chosen", "long_course", "risk", "weight", "person")
    four = JudgedChoice(*(np.repeat(getattr(one, name), 4) for name in columns))
    widths = []
    for choice in (one, four):
        grouping = split(np.zeros(len(choice)), ("a", "b"))
        [found] = compare_groups(choice, [grouping], min_cell=5, n_draws=600)
        figure = found.levels[0].figures["selection_rate"]
        widths.append(figure.high - figure.low)
    assert widths[1] == pytest.approx(widths[0], rel=0.15)


def test_small_groups_are_hidden_with_another():
    level = np.zeros(600, dtype=int)
    level[:8] = 1
    level[8:60] = 2
    [found] = compare_groups(make_choice(), [split(level, ("a", "b", "c"))], min_cell=5)
    shown = {one.level: one for one in found.levels}
    assert shown["b"].hidden
    assert shown["c"].hidden
    assert not shown["a"].hidden
    assert shown["b"].figures == {}
    assert shown["b"].gaps == {}
    assert shown["b"].n_persons == shown["b"].n_long == 0


@pytest.mark.parametrize(("n_chosen", "hidden"), [(2, True), (40, False)])
def test_a_level_with_few_chosen_persons_is_hidden(n_chosen, hidden):
    """Its selection rate times its persons would tell how many: two."""
    level = np.repeat([0, 1, 2], [400, 100, 100])
    chosen = np.arange(600) % 2 == 0
    chosen[400:500] = np.arange(100) < n_chosen
    choice = make_choice(chosen=chosen, long_course=(np.arange(600) % 3 == 0) * 1.0)
    [found] = compare_groups(choice, [split(level, ("a", "b", "c"))], min_cell=5)
    assert found.levels[1].hidden == hidden
    assert bool(found.levels[1].figures) != hidden


def test_a_group_judged_too_low_stands_out():
    rng = np.random.default_rng(7)
    true = rng.uniform(0.05, 0.95, 3000)
    level = np.tile([0, 1], 1500)
    risk = np.where(level == 1, 0.6 * true, true)
    choice = make_choice(
        3000, chosen=risk >= 0.5, risk=risk, long_course=(rng.random(3000) < true) * 1.0
    )
    [found] = compare_groups(choice, [split(level)], min_cell=5)
    assert found.levels[1].gaps["excess"].low > 0.1
    assert found.levels[1].gaps["miss_rate"].low > 0.1
    assert abs(found.levels[0].figures["excess"].value) < 0.04


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="same length"):
        make_choice(weight=np.ones(3))
