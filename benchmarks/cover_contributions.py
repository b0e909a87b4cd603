"""Measure how often the 90 % interval of a contribution holds what unlimited data would show.

The contributions of a case page are worked out as the page does, in percentage points and in
log-odds, by models of `size` rows each. The target of a figure is

- *recipe*: the contribution that the same recipe gives the same case when it is fitted on
  `--reference` other rows of the same world, centred on those rows;
- *truth* (additive world only): the true function's value minus its mean.

Two worlds: the synthetic cases, and one whose log-odds are a sum of known functions. Run:

    python benchmarks/cover_contributions.py --sizes 200 --draws 3

A share over all figures hides those that matter, so it is given for the three strongest
contributions of each case too, and for figures of at least one percentage point: "strong" is by
the target, "shown" by what the page lists first.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.domain.codebook_parsing import parse_codebook
from riskmodel.domain.synthetic import make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.explanation.uncertainty import contribution_sways
from riskmodel.io.config import read_codebook
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.yaml_files import read_yaml
from riskmodel.model.encoding import encode_fields
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import contributions_in_points, points_per_log_odds, score_cases
from riskmodel.stats.logistic import sigmoid
from riskmodel.training.fit import TrainingSettings, fit_risk_model

__all__ = ["Figures", "World", "additive_world", "cover", "explain", "main", "synthetic_world"]

FloatArray = npt.NDArray[np.float64]
Draw = Callable[[int, int], CaseTable]
Truth = Callable[[CaseTable], FloatArray]

CONFIGS = Path(__file__).parents[1] / "configs"
FEWEST = 20
JUDGED_ROWS = 400
JUDGED_SEED = 900_001
REFERENCE_SEED = 900_002
STRONGEST = 3
HORIZON = 26.0
ADDITIVE_START = -0.9
LEVELS = {"a": 0.6, "b": 0.0, "c": -0.5, "d": 0.2}


@dataclass(frozen=True, slots=True)
class World:
    """A source of cases.

    Parameters
    ----------
    name : str
        What the table calls it.
    draw : callable
        Takes a number of rows and a seed; persons are drawn whole, so the number is rough.
    truth : callable or None
        True centred contributions in log-odds, shape (n, n_indicators), where they are known.
    """

    name: str
    draw: Draw
    truth: Truth | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Contributions of some cases by one model, all of shape (n, n_indicators).

    Parameters
    ----------
    log_odds, points : ndarray of float
        The figures.
    log_odds_width, points_width : ndarray of float
        Half the width of their 90 % intervals.
    """

    log_odds: FloatArray
    points: FloatArray
    log_odds_width: FloatArray
    points_width: FloatArray


def synthetic_world() -> World:
    """Return the synthetic cases of the preset `history`: correlated fields, pairs, gaps."""
    codebook = read_codebook(CONFIGS / "codebook.yaml")
    parameters = parse_synthetic_parameters(read_yaml(CONFIGS / "synthetic.yaml"), "history")

    def draw(n_rows: int, seed: int) -> CaseTable:
        frame = make_cases(parameters, codebook, n_cases=n_rows, random_state=seed).frame
        person = pd.factorize(frame[codebook.group])[0]
        last = int(np.searchsorted(np.cumsum(np.bincount(person)), n_rows))
        kept = frame[person <= last].reset_index(drop=True)
        return read_frame(kept, codebook, require_outcomes=True)

    return World("synthetic", draw)


def _additive_codebook() -> Codebook:
    numbers = ("line", "bend", "step", "weak", "nothing")
    fields: list[dict[str, object]] = [
        {"name": one, "type": "number", "range": [-4, 4], "known_at": "intake"} for one in numbers
    ]
    fields += [
        {"name": "yes", "type": "yes_no", "known_at": "intake"},
        {
            "name": "level",
            "type": "category",
            "known_at": "intake",
            "levels": [{"value": one, "label": {"da": one, "en": one}} for one in LEVELS],
        },
    ]
    mapping = {
        "codebook": "additive",
        "version": "1",
        "data_kind": "synthetic",
        "key": "case_id",
        "outcome": {"duration_weeks": "weeks", "ended": "ended"},
        "horizons": [HORIZON],
        "primary_horizon": HORIZON,
        "fields": fields,
    }
    return parse_codebook(mapping, "additive.yaml")


def _true_functions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each field's true part of the log-odds, less its mean over the world.

    The numbers are standard normal, cut at 4; `yes` holds for three in ten; levels are equally
    frequent. The means are E|Z| and P(Z > 0.5).
    """
    return pd.DataFrame(
        {
            "line": 0.7 * frame["line"],
            "bend": 0.6 * (frame["bend"].abs() - 0.7978845608),
            "step": 0.9 * ((frame["step"] > 0.5) - 0.3085375387),
            "weak": 0.2 * frame["weak"],
            "nothing": 0.0 * frame["nothing"],
            "yes": 0.8 * ((frame["yes"] == "yes") - 0.3),
            "level": frame["level"].map(LEVELS).astype(float) - np.mean(list(LEVELS.values())),
        }
    )


def additive_world() -> World:
    """Return a world whose log-odds are a known sum: line, bend, step, levels, and nothing."""
    codebook = _additive_codebook()

    def draw(n_rows: int, seed: int) -> CaseTable:
        rng = np.random.default_rng(seed)
        numbers = ("line", "bend", "step", "weak", "nothing")
        frame = pd.DataFrame({one: rng.standard_normal(n_rows).clip(-4, 4) for one in numbers})
        frame["yes"] = np.where(rng.random(n_rows) < 0.3, "yes", "no")
        frame["level"] = rng.choice(list(LEVELS), n_rows)
        score = ADDITIVE_START + _true_functions(frame).sum(axis=1)
        long = rng.random(n_rows) < sigmoid(score.to_numpy())
        frame["weeks"] = np.where(long, rng.uniform(27, 60, n_rows), rng.uniform(1, 26, n_rows))
        frame["ended"] = "yes"
        frame.insert(0, "case_id", [f"A-{seed}-{number}" for number in range(n_rows)])
        return read_frame(frame, codebook, require_outcomes=True)

    def truth(table: CaseTable) -> FloatArray:
        names = [one.name for one in table.codebook.indicators]
        return _true_functions(table.fields)[names].to_numpy()

    return World("additive", draw, truth)


def fit(table: CaseTable, seed: int, n_refits: int = 24) -> RiskModel:
    """Fit as `riskmodel train` does, less its guards."""
    settings = TrainingSettings(n_refits=n_refits, seed=seed)
    return fit_risk_model(table, settings, guard_leaks=False).model


def explain(model: RiskModel, table: CaseTable) -> Figures:
    """Return contributions and their intervals, worked out as the case page does."""
    cases = score_cases(model, table)
    slope = np.abs(points_per_log_odds(cases)[0])[:, None]
    width = np.linalg.norm(
        contribution_sways(model, encode_fields(table), table.assessed_week), axis=2
    )
    points = contributions_in_points(cases)
    return Figures(cases.scores.contributions, points, width, slope * width)


def _cover_one(
    found: FloatArray, width: FloatArray, target: FloatArray, strong: FloatArray
) -> dict[str, float]:
    inside = np.abs(found - target) <= width + 1e-12

    def first(size: FloatArray) -> float:
        order = np.argsort(-np.abs(size), axis=1)[:, :STRONGEST]
        return float(np.take_along_axis(inside, order, axis=1).mean())

    clear = strong >= 1.0
    return {
        "all": float(inside.mean()),
        "clear": float(inside[clear].mean()) if clear.any() else np.nan,
        "strong": first(target),
        "shown": first(found),
        "width": float(width.mean()),
    }


def cover(
    world: World,
    sizes: Sequence[int],
    n_draws: int,
    *,
    n_reference: int = 40_000,
    n_refits: int = 24,
    first_seed: int = 0,
) -> pd.DataFrame:
    """Return one row per size, draw, scale and target.

    Parameters
    ----------
    world : World
        Where cases come from.
    sizes : sequence of int
        Rows to fit on.
    n_draws : int
        Models of each size up to 1,000 rows; a tenth as many, and at least two, above.
    n_reference : int
        Rows that the recipe's own target is fitted on.
    n_refits : int
        Bootstrap refits of each model of `sizes`.
    first_seed : int
        Seed of the first draw; the others follow.

    Returns
    -------
    DataFrame
        ``world, size, draw, scale, target`` and the shares of figures inside the interval:
        ``all``; ``clear``, those whose target is at least one percentage point from zero;
        ``strong`` and ``shown``, the three largest of each case by the target, and by the
        model itself. ``width`` is the mean half width.
    """
    judged = world.draw(JUDGED_ROWS, JUDGED_SEED)
    limit = explain(fit(world.draw(n_reference, REFERENCE_SEED), 0), judged)
    rows = []
    for size in sizes:
        for number in range(n_draws if size <= 1000 else max(n_draws // 10, 2)):
            seed = first_seed + number
            own = explain(fit(world.draw(size, seed), seed, n_refits), judged)
            targets = [
                ("points", "recipe", own.points, own.points_width, limit.points),
                ("log-odds", "recipe", own.log_odds, own.log_odds_width, limit.log_odds),
            ]
            if world.truth is not None:
                true = world.truth(judged)
                targets.append(("log-odds", "truth", own.log_odds, own.log_odds_width, true))
            for scale, name, found, width, target in targets:
                shares = _cover_one(found, width, target, np.abs(limit.points))
                place = {"world": world.name, "size": size, "draw": seed}
                rows.append({**place, "scale": scale, "target": name, **shares})
    return pd.DataFrame(rows)


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over draws and the standard error of the share of all figures."""
    keys = ["world", "target", "scale", "size"]
    grouped = table.groupby(keys, sort=False)
    out = grouped[["all", "clear", "strong", "shown", "width"]].mean()
    out.insert(0, "draws", grouped.size())
    out["se"] = grouped["all"].std(ddof=1) / np.sqrt(grouped.size())
    return out.reset_index()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    worlds = {"synthetic": synthetic_world, "additive": additive_world}
    parser.add_argument("--worlds", nargs="+", choices=worlds, default=list(worlds))
    parser.add_argument("--sizes", nargs="+", type=int, default=[200, 1000, 10_000])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--reference", type=int, default=40_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="CSV file for the figures of every draw")
    chosen = parser.parse_args(arguments)
    if chosen.reference < FEWEST or min(chosen.sizes) < FEWEST:
        parser.error(f"sizes and reference must be at least {FEWEST} rows.")
    table = pd.concat(
        cover(
            worlds[name](),
            chosen.sizes,
            chosen.draws,
            n_reference=chosen.reference,
            first_seed=chosen.first_seed,
        )
        for name in chosen.worlds
    )
    if chosen.out is not None:
        table.to_csv(chosen.out, index=False)
    with pd.option_context("display.width", 160, "display.float_format", "{:.3f}".format):
        print(summarise(table).to_string(index=False))


if __name__ == "__main__":
    main()
