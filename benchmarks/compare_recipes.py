"""Compare the model with its peers on the same rows of any table of cases.

Prints AUC, Brier score and calibration slope, with means and standard errors over draws:

    python benchmarks/compare_recipes.py --codebook configs/codebook.yaml CASES... \
        --sizes 60 200 1000 all --draws 20

Rows of one person are drawn together. Each draw fits on `size` rows and judges on the rest;
`all` fits on four fifths. The penalty of the logistic regression is chosen on folds that
keep persons together. Peers need the extra `bench`.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases
from riskmodel.model.binning import InputSpec
from riskmodel.model.encoding import find_input_specs
from riskmodel.model.estimator import AdditiveRiskClassifier
from riskmodel.training.fit import find_training_rows

__all__ = ["Rows", "compare_recipes", "draw_rows", "fit_peer", "load_rows", "main"]

FloatArray = npt.NDArray[np.float64]
Predict = Callable[[FloatArray], FloatArray]

MOST_JUDGED = 6000
FEWEST_EVENTS = 2
PENALTIES = np.logspace(-3.5, 1, 7)
PEERS = ("share", "l2_logistic", "small_lightgbm", "default_lightgbm", "ebm", "ours")


@dataclass(frozen=True, slots=True)
class Rows:
    """Cases with a known state at the horizon, as numbers.

    Parameters
    ----------
    X : ndarray of float, shape (n, n_fields)
    y, weight : ndarray of float, shape (n,)
        Long course or not; inverse probability of the state being seen.
    group : ndarray, shape (n,)
        Persons.
    specs : tuple of InputSpec
        What the columns hold.
    """

    X: FloatArray
    y: FloatArray
    weight: FloatArray
    group: npt.NDArray[np.object_]
    specs: tuple[InputSpec, ...]

    def take(self, rows: npt.NDArray[np.intp]) -> Rows:
        """Return some rows."""
        return Rows(self.X[rows], self.y[rows], self.weight[rows], self.group[rows], self.specs)


def load_rows(codebook_path: Path, cases: Sequence[Path]) -> Rows:
    """Read case tables and keep the rows whose state at the horizon is known."""
    codebook = read_codebook(codebook_path)
    table = read_cases(list(cases), codebook, require_outcomes=True)
    rows = find_training_rows(table)
    known = np.flatnonzero(rows.weight > 0)
    return Rows(
        rows.X,
        rows.long_course,
        rows.weight,
        np.asarray(table.group, dtype=object),
        find_input_specs(codebook),
    ).take(known)


def draw_rows(rows: Rows, size: int | None, seed: int) -> tuple[Rows, Rows] | None:
    """Split into rows to fit on and rows to judge on; persons are never split.

    Returns
    -------
    tuple of Rows, or None
        None where the draw holds too few rows of either outcome to fit or judge.
    """
    persons, code = np.unique(rows.group.astype(str), return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(persons))[code]
    order = np.argsort(place, kind="stable")
    last = (len(order) * 4 // 5 if size is None else size) - 1
    if last >= len(order) - 1:
        return None
    n_fitted = int(np.searchsorted(place[order], place[order[last]], side="right"))
    fitted, judged = rows.take(order[:n_fitted]), rows.take(order[n_fitted:][:MOST_JUDGED])
    for part in (fitted, judged):
        if not FEWEST_EVENTS <= part.y.sum() <= len(part.y) - FEWEST_EVENTS:
            return None
    return fitted, judged


def _l2_logistic(rows: Rows, seed: int) -> Predict:
    category = [index for index, spec in enumerate(rows.specs) if spec.kind == "category"]
    number = [index for index in range(len(rows.specs)) if index not in category]
    columns = ColumnTransformer(
        [
            ("number", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), number),
            (
                "category",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value=-1.0),
                    OneHotEncoder(handle_unknown="ignore"),
                ),
                category,
            ),
        ]
    )
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    search = GridSearchCV(
        make_pipeline(columns, LogisticRegression(max_iter=1000)),
        {"logisticregression__C": PENALTIES},
        scoring="neg_log_loss",
        cv=list(folds.split(rows.X, rows.y, rows.group.astype(str))),
    ).fit(rows.X, rows.y, logisticregression__sample_weight=rows.weight)
    return lambda X: np.asarray(search.predict_proba(X)[:, 1])


def _lightgbm(rows: Rows, n_rounds: int, **settings: float) -> Predict:
    category = [index for index, spec in enumerate(rows.specs) if spec.kind == "category"]
    data = lgb.Dataset(rows.X, rows.y, weight=rows.weight, categorical_feature=category)
    fixed = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    booster = lgb.train({**fixed, **settings}, data, n_rounds)
    return lambda X: np.asarray(booster.predict(X))


def _ebm(rows: Rows, seed: int) -> Predict:
    glassbox = import_module("interpret.glassbox")  # only where it is asked for

    kinds = ["nominal" if spec.kind == "category" else "continuous" for spec in rows.specs]
    model = glassbox.ExplainableBoostingClassifier(n_jobs=1, feature_types=kinds, random_state=seed)
    model.fit(rows.X, rows.y.astype(int), sample_weight=rows.weight)
    return lambda X: np.asarray(model.predict_proba(X)[:, 1])


def _ours(rows: Rows, seed: int) -> Predict:
    model = AdditiveRiskClassifier(rows.specs, random_state=seed)
    model.fit(rows.X, rows.y, sample_weight=rows.weight, groups=rows.group.astype(str))
    return lambda X: np.asarray(model.predict_proba(X)[:, 1])


def fit_peer(name: str, rows: Rows, seed: int) -> Predict:
    """Fit one of `PEERS` and return how it predicts risk."""
    if name == "share":
        share = float(np.average(rows.y, weights=rows.weight))
        return lambda X: np.full(len(X), share)
    if name == "l2_logistic":
        return _l2_logistic(rows, seed)
    if name == "small_lightgbm":
        leaf = int(np.clip(len(rows.y) // 10, 5, 20))
        return _lightgbm(
            rows, 100, learning_rate=0.05, num_leaves=4, min_data_in_leaf=leaf, lambda_l2=10.0
        )
    if name == "default_lightgbm":
        return _lightgbm(rows, 100)
    return _ebm(rows, seed) if name == "ebm" else _ours(rows, seed)


def _slope(y: FloatArray, risk: FloatArray, weight: FloatArray) -> float:
    """Slope of the outcome's log-odds on the predicted log-odds; NaN for a constant risk."""
    clipped = np.clip(risk, 1e-6, 1 - 1e-6)
    score = np.log(clipped / (1 - clipped))[:, None]
    if np.ptp(score) < 1e-9:
        return float("nan")
    fit = LogisticRegression(C=np.inf, max_iter=1000).fit(score, y, sample_weight=weight)
    return float(fit.coef_[0, 0])


def _judge_draw(
    rows: Rows, size: int | None, draw: int, peers: Sequence[str]
) -> list[dict[str, object]]:
    warnings.filterwarnings("ignore")
    split = draw_rows(rows, size, draw)
    if split is None:
        return []
    fitted, judged = split
    found: list[dict[str, object]] = []
    for name in peers:
        try:
            with threadpool_limits(1):
                risk = fit_peer(name, fitted, draw)(judged.X)
        except ValueError as error:
            print(f"{name}, draw {draw}: {error}", file=sys.stderr)
            continue
        found.append(
            {
                "size": "all" if size is None else size,
                "draw": draw,
                "peer": name,
                "auc": float(roc_auc_score(judged.y, risk, sample_weight=judged.weight)),
                "brier": float(np.average((risk - judged.y) ** 2, weights=judged.weight)),
                "slope": _slope(judged.y, risk, judged.weight),
            }
        )
    return found


def compare_recipes(
    rows: Rows,
    sizes: Sequence[int | None],
    n_draws: int,
    *,
    peers: Sequence[str] = PEERS,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Fit and judge every peer on the same draws.

    Parameters
    ----------
    rows : Rows
        What to draw from.
    sizes : sequence of int or None
        Rows to fit on; None for four fifths of all.
    n_draws : int
        Draws for each size.
    peers : sequence of str
        Names out of `PEERS`.
    n_jobs : int
        Processes.

    Returns
    -------
    DataFrame
        One row per size, draw and peer: ``size, draw, peer, auc, brier, slope``.
    """
    found = Parallel(n_jobs=n_jobs)(
        delayed(_judge_draw)(rows, size, draw, peers) for size in sizes for draw in range(n_draws)
    )
    columns = ["size", "draw", "peer", "auc", "brier", "slope"]
    return pd.DataFrame([row for part in found for row in part], columns=columns)


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return means and standard errors over draws.

    Slopes are given as medians, which draws of few events cannot upset; `ours_minus` is
    the mean difference of Brier scores on the same draws.
    """
    wide = table.pivot_table(index=["size", "draw"], columns="peer", values="brier")
    rows = []
    for (size, peer), part in table.groupby(["size", "peer"], sort=False):
        row = {"size": size, "peer": peer, "draws": len(part)}
        for figure in ("auc", "brier"):
            row[figure] = part[figure].mean()
            row[f"{figure}_se"] = part[figure].std(ddof=1) / np.sqrt(len(part))
        row["slope"] = part["slope"].median()
        if "ours" in wide and peer in wide:
            gap = (wide["ours"] - wide[peer]).xs(size, level="size").dropna()
            row["ours_minus"] = gap.mean()
            row["ours_minus_se"] = gap.std(ddof=1) / np.sqrt(len(gap))
        rows.append(row)
    return pd.DataFrame(rows)


def _size(text: str) -> int | None:
    return None if text == "all" else int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="+", type=Path, help="tables of closed cases")
    parser.add_argument("--codebook", required=True, type=Path)
    parser.add_argument("--sizes", nargs="+", type=_size, default=[60, 200, 1000, None])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, help="CSV file for the figures of every draw")
    chosen = parser.parse_args(arguments)
    rows = load_rows(chosen.codebook, chosen.cases)
    print(
        f"{len(rows.y)} rows, {len(np.unique(rows.group.astype(str)))} persons, "
        f"share of long courses {rows.y.mean():.4f}"
    )
    table = compare_recipes(
        rows, chosen.sizes, chosen.draws, peers=chosen.peers, n_jobs=chosen.jobs
    )
    if chosen.out is not None:
        table.to_csv(chosen.out, index=False)
    with pd.option_context("display.width", 160, "display.float_format", "{:.4f}".format):
        print(summarise(table).to_string(index=False))


if __name__ == "__main__":
    main()
