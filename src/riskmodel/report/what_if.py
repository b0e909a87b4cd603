"""What a page needs to work out a case anew in the browser, and the form that asks for it.

The model is tables, so a page carries those of the facts that can change and one figure for
all the rest. ``templates/what_if.js`` looks up and adds exactly as `RiskModel.score`,
`contributions_in_points` and `recommend_cases` do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import ScoredCases
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.rule_tables import rule_tables

__all__ = ["WhatIfTables", "build_what_if", "changeable_fields", "what_if_tables"]

FloatArray = npt.NDArray[np.float64]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIfTables:
    """What is the same for all cases at one week of assessment.

    Parameters
    ----------
    model : RiskModel
        The model.
    assessed_week : float
        Weeks from the first absence day.
    document : dict
        Plain JSON values: the tables of the facts that can change, the duration curve of that
        week, and the horizons.
    """

    model: RiskModel
    assessed_week: float
    document: Document


def changeable_fields(codebook: Codebook) -> tuple[Field, ...]:
    """Return the indicators that a course can be influenced through, in codebook order."""
    return tuple(
        one for one in codebook.indicators if one.actionable and one.name != codebook.assessed_week
    )


def _places(codebook: Codebook) -> list[int]:
    names = [one.name for one in codebook.indicators]
    return [names.index(one.name) for one in changeable_fields(codebook)]


def what_if_tables(
    model: RiskModel, assessed_week: float, policy: Policy | None = None
) -> WhatIfTables:
    """Return what the pages of all cases of one week share.

    Parameters
    ----------
    model : RiskModel
        The model.
    assessed_week : float
        Weeks from the first absence day.
    policy : Policy, optional
        Its horizon is asked beside the model's own.
    """
    places = _places(model.codebook)
    primary = model.codebook.primary_horizon
    horizon = primary if policy is None else policy.horizon_weeks or primary
    names = [one.name for one in model.codebook.indicators]
    week_name = model.codebook.assessed_week
    return WhatIfTables(
        model,
        assessed_week,
        {
            "week": assessed_week,
            "horizon": primary,
            "policy_horizon": horizon,
            "base": model.base_value,
            "reference": model.reference_risk,
            "n_indicators": len(names),
            "week_place": names.index(str(week_name)) if week_name in names else None,
            "fields": [_field_tables(model, place) for place in places],
            "pairs": _pairs_between(model, places),
            "spread": {
                "scale": model.spread.scale,
                "beside": model.spread.unlearned**2 + model.spread.hidden**2,
                "of_one": model.spread.unlearned_of_one(len(names)) ** 2,
                "pairs": _spread_pairs_between(model, places),
            },
            "curve": _curve(model, assessed_week),
        },
    )


def _field_tables(model: RiskModel, place: int) -> Document:
    bins, line = model.tables.bins[place], model.tables.lines[place]
    return {
        "place": place,
        "edges": bins.edges.tolist(),
        "number": bins.kind == "number",
        "n_values": bins.n_values,
        "seen": bins.seen.tolist(),
        "limits": list(bins.limits),
        "steps": model.tables.values.steps[place].tolist(),
        "slope": float(model.tables.values.slopes[place]),
        "line": [line.center, line.low, line.high],
        "spread_steps": model.spread.steps[place].tolist(),
        "spread_slope": model.spread.slopes[place].tolist(),
    }


def _pairs_between(model: RiskModel, places: list[int]) -> list[Document]:
    return [
        {"fields": [places.index(i), places.index(j)], "steps": table.tolist()}
        for (i, j), table in sorted(model.tables.values.pairs.items())
        if i in places and j in places
    ]


def _spread_pairs_between(model: RiskModel, places: list[int]) -> list[Document]:
    return [
        {"fields": [places.index(i), places.index(j)], "steps": table.tolist()}
        for (i, j), table in model.spread.pairs
        if i in places and j in places
    ]


def _curve(model: RiskModel, assessed_week: float) -> Document:
    """Return the curve of the landmark that speaks for a week."""
    curve = model.curve
    earlier = [one for one in curve.landmarks if one.landmark <= assessed_week]
    chosen = earlier[-1] if earlier else curve.landmarks[0]
    return {
        "landmark": chosen.landmark,
        "weeks": chosen.weeks.tolist(),
        "at_low": chosen.at_low.tolist(),
        "at_high": chosen.at_high.tolist(),
        "anchors": list(chosen.anchors),
        "tail_rate": chosen.tail_rate,
        "last_week": curve.last_week,
        "levels": list(curve.levels),
        "longest": curve.longest,
    }


def build_what_if(
    tables: WhatIfTables,
    cases: ScoredCases,
    row: int,
    policy: Policy | None = None,
    *,
    in_force: bool = True,
    drawn_for_contact: bool = False,
) -> Document:
    """Return what one case adds to the tables of its week, as plain JSON values.

    Parameters
    ----------
    tables : WhatIfTables
        Those of the case's week.
    cases : ScoredCases
        Scored cases.
    row : int
        Position of the case.
    policy : Policy, optional
        The rules.
    in_force : bool
        Whether the policy is in force on the day of the assessment.
    drawn_for_contact : bool
        Whether the case was drawn by lot to be contacted whatever its risk.

    Raises
    ------
    ValueError
        If the case has no score, or is assessed in another week than the tables are for.
    """
    taken = cases.take(np.array([row]))
    week = float(taken.table.assessed_week[0])
    if cases.not_scored[row] or week != tables.assessed_week:
        msg = "what-if needs a case with a score, and the tables of its week."
        raise ValueError(msg)
    model = cases.model
    X = model.within_training_weeks(encode_fields(taken.table), taken.table.assessed_week)
    places = _places(model.codebook)
    fixed, crossed = _fixed_terms(model, X, places)
    outside = [
        bool(one) for place, one in enumerate(taken.scores.outside[0]) if place not in places
    ]
    return {
        "facts": [None if np.isnan(X[0, place]) else float(X[0, place]) for place in places],
        "fixed": fixed,
        "crossed": crossed,
        "spread": _fixed_spread(model, X, places),
        "outside": any(outside),
        "rules": None
        if policy is None
        else rule_tables(
            policy,
            taken.table.fields,
            week,
            [one.name for one in changeable_fields(model.codebook)],
            in_force=in_force,
            drawn_for_contact=drawn_for_contact,
        ),
    }


def _fixed_terms(
    model: RiskModel, X: FloatArray, places: list[int]
) -> tuple[list[float], list[Document]]:
    """Return each fixed fact's own term, and the pair terms that a changed fact would move."""
    tables, entries = model.tables, model.tables.assign(X)
    terms = tables.contributions(X, entries)[0]
    crossed: list[Document] = []
    for (i, j), table in sorted(tables.values.pairs.items()):
        changed = [place for place in (i, j) if place in places]
        half = 0.5 * float(table[entries[i, 0], entries[j, 0]])
        if changed:
            terms[[i, j]] -= half
        if len(changed) == 1:
            along = table[:, entries[j, 0]] if changed[0] == i else table[entries[i, 0]]
            other = j if changed[0] == i else i
            crossed.append(
                {"field": places.index(changed[0]), "place": other, "steps": along.tolist()}
            )
    terms[places] = 0.0
    return terms.tolist(), crossed


def _fixed_spread(model: RiskModel, X: FloatArray, places: list[int]) -> Document:
    """Return the deviations that no changeable fact has a part in, and the crossed ones."""
    tables, spread, entries = model.tables, model.spread, model.tables.assign(X)
    total = spread.intercept.copy()
    for place in range(tables.n_fields):
        if place not in places:
            total += spread.steps[place][entries[place, 0]]
            total += tables.lines[place].values(X[:, place])[0] * spread.slopes[place]
    crossed: list[Document] = []
    for (i, j), table in spread.pairs:
        changed = [place for place in (i, j) if place in places]
        if not changed:
            total += table[entries[i, 0], entries[j, 0]]
        elif len(changed) == 1:
            along = table[:, entries[j, 0]] if changed[0] == i else table[entries[i, 0]]
            crossed.append({"field": places.index(changed[0]), "steps": along.tolist()})
    return {"total": total.tolist(), "crossed": crossed}
