"""Builds the record of one case's explanation from its scored row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Field
from riskmodel.domain.fact_words import FACT_PHRASES, name_site, word_value
from riskmodel.domain.labels import Label
from riskmodel.evaluation.doubts import Doubt
from riskmodel.evaluation.outcome_bands import OutcomeBand, find_band
from riskmodel.explanation.record import CaseExplanation, Contribution, CurvePoint
from riskmodel.explanation.uncertainty import contribution_sways, find_reference_interval
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import NORMAL_90, RiskModel
from riskmodel.model.scoring import (
    ScoredCases,
    contributions_in_points,
    points_per_log_odds,
)

__all__ = ["count_missing", "explain_case", "word_facts"]

FloatArray = npt.NDArray[np.float64]
Value = float | str | None

CURVE_SHARE = 0.03
CURVE_POINTS = 60


def explain_case(
    cases: ScoredCases,
    row: int,
    bands: Sequence[OutcomeBand] = (),
    doubts: tuple[Doubt, ...] = (),
) -> CaseExplanation:
    """Explain one scored row.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    row : int
        Position of the row.
    bands : sequence of OutcomeBand, optional
        How closed cases ended by bands of risk; the case is set beside those in its own.
    doubts : tuple of {"few_cases", "held_out", "not_judged"}, optional
        Why the evidence behind the model is uncertain.

    Raises
    ------
    ValueError
        If the row was not scored.
    """
    if cases.not_scored[row]:
        msg = f"a case without a score cannot be explained: {cases.not_scored[row]}."
        raise ValueError(msg)
    taken = cases.take(np.array([row]))
    model, one, scores = cases.model, taken.table, cases.scores
    contributions, fields = _explain_facts(taken)
    return CaseExplanation(
        case_id=str(one.case_id[0]),
        site=str(one.site[0]),
        assessed_week=float(one.assessed_week[0]),
        horizon_weeks=model.codebook.primary_horizon,
        risk=float(scores.risk[row]),
        risk_low=float(scores.risk_low[row]),
        risk_high=float(scores.risk_high[row]),
        reference_risk=model.reference_risk,
        reference_interval=find_reference_interval(model),
        score=float(scores.score[row]),
        base_value=model.base_value,
        contributions=contributions,
        expected_weeks=float(scores.expected_weeks[row]),
        expected_weeks_low=float(scores.expected_weeks_low[row]),
        expected_weeks_high=float(scores.expected_weeks_high[row]),
        curve=_curve(model, float(scores.score[row]), float(scores.margin[row]), one),
        outside_training=tuple(
            field.name
            for field, outside in zip(fields, scores.outside[row], strict=True)
            if outside
        ),
        model_version=model.version,
        data_kind=model.provenance.data_kind,
        n_training_persons=model.provenance.n_persons,
        hidden_range=_hidden_range(model, scores.score[[row]], one.assessed_week),
        similar=find_band(bands, float(scores.risk[row])),
        doubts=doubts,
        site_label=name_site(model.codebook, str(one.site[0])),
    )


def _explain_facts(taken: ScoredCases) -> tuple[tuple[Contribution, ...], tuple[Field, ...]]:
    """Return the contribution of each indicator to one row, and the indicators."""
    model, one, scores = taken.model, taken.table, taken.scores
    X, week = encode_fields(one), one.assessed_week
    points = contributions_in_points(taken)[0]
    sways = points_per_log_odds(taken)[0][0] * contribution_sways(model, X, week)[0]
    values, fields = _read_values(one)
    found = []
    for index, field in enumerate(fields):
        each = _contribution(
            field,
            values,
            float(scores.contributions[0, index]),
            float(points[index]),
            tuple(sways[index].tolist()),
        )
        if each.missing:
            reach = _reach(model, X, week, index, float(scores.risk[0]))
            each = replace(each, points_range=reach)
        found.append(each)
    return tuple(found), fields


def word_facts(cases: ScoredCases, row: int) -> tuple[tuple[Field, Value, Label], ...]:
    """Return each indicator of one row with its value, and the value in words.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases.
    row : int
        Position of the row.
    """
    values, fields = _read_values(cases.table.take(np.array([row])))
    return tuple((field, values[field.name], _word(field, values)) for field in fields)


def _word(field: Field, values: Mapping[str, Value]) -> Label:
    value = values[field.name]
    if value is None and not _applies(field, values):
        return FACT_PHRASES.label("not_relevant")
    return word_value(field, value)


def count_missing(table: CaseTable, row: int) -> int:
    """Count the facts that one row lacks and that apply to it, as its explanation lists them.

    Parameters
    ----------
    table : CaseTable
        The cases.
    row : int
        Position of the row; it need not have a score.
    """
    values, fields = _read_values(table.take(np.array([row])))
    return sum(values[field.name] is None and _applies(field, values) for field in fields)


def _read_values(one: CaseTable) -> tuple[dict[str, Value], tuple[Field, ...]]:
    """Return the values of one row by name, and the fields that the model uses."""
    fields = tuple(one.codebook.indicators)
    # One look at the row: a look at each cell takes fifty times as long.
    cells = dict(zip(one.fields.columns, one.fields.iloc[0], strict=True))
    week = float(one.assessed_week[0])
    values = {
        field.name: week
        if field.name == one.codebook.assessed_week
        else _value(field, cells.get(field.name))
        for field in (*one.codebook.fields, *fields)
    }
    return values, fields


def _hidden_range(
    model: RiskModel, score: FloatArray, week: FloatArray
) -> tuple[float, float] | None:
    """Return the 90 % interval that differences between like cases would make alone."""
    if model.spread.hidden == 0:
        return None
    margin = np.full(1, NORMAL_90 * model.spread.hidden)
    _, low, high = model.risk_between(score, margin, week, model.codebook.primary_horizon)
    return float(low[0]), float(high[0])


def _contribution(
    field: Field,
    values: Mapping[str, Value],
    log_odds: float,
    points: float,
    sway: tuple[float, ...],
) -> Contribution:
    value, applies = values[field.name], _applies(field, values)
    return Contribution(
        field=field.name,
        label=field.label,
        theme=field.theme,
        value=value,
        value_label=_word(field, values),
        log_odds=log_odds,
        points=points,
        sway=sway,
        missing=value is None,
        actionable=field.actionable,
        ask=field.ask if _is_worth_asking(field, values, points) else None,
        applies=applies,
        citizen_label=field.citizen_label,
        citizen_value_label=field.citizen_level_label(value)
        if isinstance(value, str) and field.levels
        else None,
    )


def _applies(field: Field, values: Mapping[str, Value]) -> bool:
    """Whether the tests of other fields leave room for this fact."""
    return all(
        test.holds(values.get(test.field)) for test in field.ask_when if test.field != field.name
    )


def _is_worth_asking(field: Field, values: Mapping[str, Value], points: float) -> bool:
    """Whether there is something to ask: as the codebook says, else where it pulls up."""
    if not all(test.holds(values.get(test.field)) for test in field.ask_when):
        return False
    named = any(test.field == field.name for test in field.ask_when)
    return values[field.name] is None or named or points > 0


def _value(field: Field, cell: object) -> Value:
    if field.type == "date":
        return None
    if field.type == "number":
        return float(cell) if isinstance(cell, float) and not np.isnan(cell) else None
    return str(cell) if isinstance(cell, str) else None


def _reach(
    model: RiskModel, X: FloatArray, week: FloatArray, index: int, risk: float
) -> tuple[float, float]:
    """Lowest and highest change of the risk, in points, over the values training saw.

    What is counted in weeks of the case cannot lie after the assessment.
    """
    bins = model.tables.bins[index]
    latest = float(week[0]) if model.codebook.indicators[index].unit == "week" else np.inf
    if bins.kind == "number":
        line = model.tables.lines[index]
        low, high = bins.limits
        candidates = np.concatenate([bins.edges, [low, high, line.low, line.high, line.center]])
        candidates = np.clip(candidates, low, min(high, latest))
    else:
        candidates = np.flatnonzero(bins.seen[:-1]).astype(np.float64)
    tried = np.repeat(X, len(candidates), axis=0)
    tried[:, index] = candidates
    found = model.score(tried, np.repeat(week, len(candidates))).risk
    return 100.0 * (float(found.min()) - risk), 100.0 * (float(found.max()) - risk)


def _curve(model: RiskModel, score: float, margin: float, one: CaseTable) -> tuple[CurvePoint, ...]:
    assessed_week = float(one.assessed_week[0])
    horizons = [week for week in model.codebook.horizons if week > assessed_week]
    start = one.assessed_week[:1]
    tail = float(model.curve.quantile(np.array([score]), start, CURVE_SHARE)[0])
    last = max([tail, *horizons, assessed_week + 1.0])
    weeks = np.union1d(np.linspace(assessed_week, last, CURVE_POINTS), horizons)
    chance, low, high = (
        np.minimum.accumulate(
            model.curve.survival(np.full(len(weeks), each), np.repeat(start, len(weeks)), weeks)
        )
        for each in (score, score - margin, score + margin)
    )
    return tuple(
        CurvePoint(float(week), float(value), min(float(least), float(value)),
                   max(float(most), float(value)))
        for week, value, least, most in zip(weeks, chance, low, high, strict=True)
    )  # fmt: skip
