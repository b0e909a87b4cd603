"""The browser works a case out as Python does, to 1e-9, whatever facts are changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable
from riskmodel.explanation.uncertainty import contribution_sways
from riskmodel.io.policy_files import read_policy
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import (
    ScoredCases,
    contributions_in_points,
    points_per_log_odds,
    score_cases,
)
from riskmodel.report.html_pages import render_page
from riskmodel.report.what_if import build_what_if, changeable_fields, what_if_tables
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommend import recommend_cases

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[2] / "configs"
FIGURES = ["score", "risk", "risk_low", "risk_high", "expected_weeks", "expected_weeks_low",
           "expected_weeks_high"]  # fmt: skip
N_CASES = 1000
WEEKS = [4.0, 8.0, 12.0, 26.0, 52.0, 150.0]


def with_pair_terms(model: RiskModel, rng: np.random.Generator) -> RiskModel:
    """Return the model with pair terms between two changeable, two fixed, and mixed fields."""
    names = [one.name for one in model.codebook.indicators]
    changeable = [names.index(one.name) for one in changeable_fields(model.codebook)]
    fixed = [place for place in range(len(names)) if place not in changeable]
    chosen = {
        tuple(sorted(pair))
        for pair in [
            (changeable[0], changeable[2]), (changeable[1], fixed[3]),
            (fixed[0], changeable[3]), (fixed[1], fixed[2]), (changeable[4], len(names) - 1),
        ]
    }  # fmt: skip
    shapes = {
        (i, j): (model.tables.bins[i].n_entries, model.tables.bins[j].n_entries) for i, j in chosen
    }
    width = len(model.spread.intercept)
    values = replace(
        model.tables.values,
        pairs={pair: rng.normal(0, 0.3, shape) for pair, shape in shapes.items()},
        slopes=model.tables.values.slopes + 0.01,
    )
    spread = replace(
        model.spread,
        pairs=tuple((pair, rng.normal(0, 0.1, (*shape, width))) for pair, shape in shapes.items()),
        slopes=model.spread.slopes + 0.003,
        unlearned=0.2,
        hidden=0.5,
    )
    return replace(model, tables=replace(model.tables, values=values), spread=spread)


def change_facts(
    table: CaseTable, rng: np.random.Generator
) -> tuple[CaseTable, list[list[float | None]]]:
    """Return the table with about half of the changeable facts drawn anew, and their codes."""
    columns, codes = dict(table.fields), []
    for one in changeable_fields(table.codebook):
        column = table.fields[one.name]
        moved = rng.random(len(table)) < 0.5
        missing = rng.random(len(table)) < 0.15
        if one.type == "number":
            low, high = one.range or (0.0, 1.0)
            drawn = np.where(missing, np.nan, rng.uniform(low, high, len(table)).round(1))
            new = np.where(moved, drawn, column.to_numpy(dtype=np.float64))
            columns[one.name] = pd.Series(new)
            codes.append(new)
        else:
            drawn_codes = np.where(missing, -1, rng.integers(0, len(one.levels), len(table)))
            new = np.where(moved, drawn_codes, column.cat.codes.to_numpy())
            values = [None if code < 0 else one.level_values[code] for code in new]
            columns[one.name] = pd.Series(values, dtype=column.dtype)
            codes.append(np.where(new < 0, np.nan, new.astype(np.float64)))
    facts = [[None if np.isnan(one) else float(one) for one in row] for row in np.array(codes).T]
    return replace(table, fields=pd.DataFrame(columns)), facts


def recommend(cases: ScoredCases, policy: Policy) -> list[str]:
    risk, low, high = cases.risk_at(policy.horizon_weeks or 26.0)
    found = recommend_cases(
        policy, cases.table.fields, assessed_week=cases.table.assessed_week,
        risk=risk, risk_low=low, risk_high=high, outside_training=cases.outside_training,
    )  # fmt: skip
    return list(found.tiers)


def find_margins(cases: ScoredCases) -> np.ndarray:
    """Return half the interval's width of each changeable fact's points, as Python has it."""
    names = [one.name for one in cases.model.codebook.indicators]
    places = [names.index(one.name) for one in changeable_fields(cases.model.codebook)]
    X = encode_fields(cases.table)
    sways = contribution_sways(cases.model, X, cases.table.assessed_week)[:, places]
    slope, _ = points_per_log_odds(cases)
    return np.abs(slope)[:, None] * np.linalg.norm(sways, axis=2)


def compute_in_browser(page, cases: ScoredCases, policy: Policy, facts: list) -> list[dict]:
    """Return what the browser makes of the changed facts, in one call."""
    tables = {
        str(week): what_if_tables(cases.model, week, policy).document
        for week in sorted(set(cases.table.assessed_week.tolist()))
    }
    shared = {week: what_if_tables(cases.model, float(week), policy) for week in tables}
    own = []
    for row in range(len(cases.table)):
        week = str(float(cases.table.assessed_week[row]))
        own.append([week, build_what_if(shared[week], cases, row, policy), facts[row]])
    return page.evaluate(
        """([tables, own, weeks]) => own.map(
            ([week, one, facts]) => riskmodel.compute(tables[week], one, facts, weeks))""",
        [tables, own, WEEKS],
    )


@pytest.mark.parametrize("policy_name", ["lejre-greve", "vejle"])
@pytest.mark.parametrize("pairs", [False, True])
def test_browser_and_python_agree(open_page, fitted, history, codebook, policy_name, pairs):
    rng = np.random.default_rng(20260701 + pairs)
    model = with_pair_terms(fitted.model, rng) if pairs else fitted.model
    policy = read_policy(CONFIGS / "visitation" / f"{policy_name}.yaml", codebook)
    before = history.take(rng.integers(0, len(history), N_CASES // 4))
    late = np.where(rng.random(len(before)) < 0.1, 18.0, before.assessed_week)
    before = replace(before, assessed_week=late, outcomes=None)
    cases = score_cases(model, before)
    kept = np.flatnonzero(cases.scored)
    before, cases = before.take(kept), cases.take(kept)
    after_table, facts = change_facts(before, rng)
    after = score_cases(model, after_table)
    document = render_page("layout.html.j2", "da", {}, scripts=("what_if.js",))
    found = compute_in_browser(open_page(document), cases, policy, facts)

    for name in FIGURES:
        np.testing.assert_allclose(
            [one[name] for one in found],
            getattr(after.scores, name),
            rtol=0,
            atol=1e-9,
            err_msg=name,
        )
    chances = {
        week: model.risk_between(
            after.scores.score, after.scores.margin, after.table.assessed_week, week
        )
        for week in WEEKS
    }
    for name, expected in {
        "contributions": after.scores.contributions,
        "points": contributions_in_points(after),
        "point_margins": find_margins(after),
        "curve": np.column_stack([chances[week][0] for week in WEEKS]),
        "curve_low": np.column_stack([chances[week][1] for week in WEEKS]),
        "curve_high": np.column_stack([chances[week][2] for week in WEEKS]),
    }.items():
        got = np.array([one[name] for one in found])
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9, err_msg=name)
    assert [one["outside"] for one in found] == after.outside_training.tolist()
    assert [one["tier"] for one in found] == recommend(after, policy)
    assert len(set(recommend(after, policy))) >= 4
