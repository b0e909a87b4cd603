"""A fitted model: the codebook it reads, its tables, its curve and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import numpy.typing as npt

from riskmodel.domain.codebook import Codebook, DataKind
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.model.curve import DurationCurve
from riskmodel.model.encoding import find_input_specs
from riskmodel.model.recipe_version import RECIPE_VERSION
from riskmodel.model.spread import Spread
from riskmodel.model.tables import AdditiveTables
from riskmodel.stats.logistic import sigmoid

__all__ = ["Provenance", "RiskModel", "Scores"]

FloatArray = npt.NDArray[np.float64]
NORMAL_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a model was trained on and how.

    Parameters
    ----------
    data_kind : {"synthetic", "public", "case_records"}
        Kind of training data.
    data_fingerprint : str
        sha256 over the training table.
    n_rows, n_persons, n_sites : int
        Size of the training data.
    n_known, n_events : int
        Rows whose state at the primary horizon was seen, and long courses among them; -1
        where a count of few would show.
    event_share : float
        Share of long courses, weighted for those not seen.
    seed : int
        Seed of the training.
    package_version : str
        Version of riskmodel.
    recipe : dict of str to float
        Strengths and weights that the training chose.
    recipe_version : str
        Version of the recipe that they were chosen by.
    fingerprints : tuple of str
        sha256 of each table that an updated model learned from, that of its training first;
        empty where there was no update.
    """

    data_kind: DataKind
    data_fingerprint: str
    n_rows: int
    n_persons: int
    n_sites: int
    n_known: int
    n_events: int
    event_share: float
    seed: int
    package_version: str
    recipe: dict[str, float] = field(default_factory=dict)
    recipe_version: str = RECIPE_VERSION
    fingerprints: tuple[str, ...] = ()

    @property
    def is_updated(self) -> bool:
        """Whether the model was fitted to local cases after its training."""
        return "updated" in self.recipe

    def has_learned_from(self, fingerprint: str) -> bool:
        """Tell whether a table is the one trained on, or one that the model was updated with.

        Parameters
        ----------
        fingerprint : str
            sha256 over the table.
        """
        return fingerprint == self.data_fingerprint or fingerprint in self.fingerprints

    def without_small_cells(self, *, min_cell: int = MIN_CELL) -> Provenance:
        """Hide counts of few long, few short or few open courses, and what they follow from.

        Parameters
        ----------
        min_cell : int
            Smallest count that is kept.

        Returns
        -------
        Provenance
            With -1 for a hidden count. Where the long (or short) courses are hidden, the
            share is that of half of `min_cell` such courses, which is near and tells nothing.
            Where the open courses are, it is rounded so far that any number of them fits it.
        """
        n_long, n_short = self.n_events, self.n_known - self.n_events
        rarer = self.recipe.get("effective_events", min_cell)
        few = 0 <= min(n_long, n_short) < min_cell or rarer < min_cell
        few_open = 0 < self.n_rows - self.n_known < min_cell
        if self.n_events < 0 or not (few or few_open):
            return self
        recipe = {name: one for name, one in self.recipe.items() if name != "effective_events"}
        if few:
            rare = min(min_cell / 2 / max(self.n_rows, 1), 0.5)
            share = rare if n_long <= n_short else 1 - rare
        else:
            step = max(0.01, (min_cell - 1) / self.n_rows)
            share = min(round(round(self.event_share / step) * step, 6), 1.0)
        return replace(
            self,
            n_known=-1 if few_open else self.n_known,
            n_events=-1,
            event_share=share,
            recipe=recipe,
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures of each row; shape (n,) unless said otherwise.

    Attributes
    ----------
    score : ndarray of float
        Log-odds of the risk.
    risk, risk_low, risk_high : ndarray of float
        Probability of lasting beyond the primary horizon, with its 90 % interval.
    margin : ndarray of float
        Half the width of the 90 % interval, in log-odds.
    expected_weeks, expected_weeks_low, expected_weeks_high : ndarray of float
        Median duration with the 80 % interval, weeks from the first absence day.
    contributions : ndarray of float, shape (n, n_indicators)
        In log-odds; with the base value they add up to the score.
    outside : ndarray of bool, shape (n, n_indicators)
        Values that training never saw.
    """

    score: FloatArray
    risk: FloatArray
    risk_low: FloatArray
    risk_high: FloatArray
    margin: FloatArray
    expected_weeks: FloatArray
    expected_weeks_low: FloatArray
    expected_weeks_high: FloatArray
    contributions: FloatArray
    outside: npt.NDArray[np.bool_]

    def take(self, rows: npt.NDArray[np.intp]) -> Scores:
        """Return the figures of chosen rows."""
        return Scores(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model, ready to score.

    Parameters
    ----------
    codebook : Codebook
        The codebook that it was trained with.
    tables : AdditiveTables
        The score; one column per indicator of the codebook.
    curve : DurationCurve
        From score to durations.
    spread : Spread
        Standard deviation of each score under refitting.
    provenance : Provenance
        What it was trained on.
    version : str
        Digest of the saved bundle; ``unsaved`` before saving.
    """

    codebook: Codebook
    tables: AdditiveTables
    curve: DurationCurve
    spread: Spread
    provenance: Provenance
    version: str = "unsaved"

    def __post_init__(self) -> None:
        names = [spec.name for spec in find_input_specs(self.codebook)]
        found = [one.name for one in self.tables.bins]
        if names != found:
            msg = f"tables must be those of the codebook's indicators, got {found}."
            raise ValueError(msg)

    @property
    def base_value(self) -> float:
        """Mean score of the training rows, in log-odds."""
        return self.tables.values.intercept

    @property
    def reference_risk(self) -> float:
        """Risk at the base value; contributions start from it."""
        return float(sigmoid(np.array([self.base_value]))[0])

    def __repr__(self) -> str:
        rows, indicators = self.provenance.n_rows, len(self.codebook.indicators)
        return f"RiskModel({self.version}: {indicators} indicators, {rows} training rows)"

    def within_training_weeks(self, X: FloatArray, assessed_week: FloatArray) -> FloatArray:
        """Return the rows as of the last assessed week in training, where they are later.

        The score is known up to that week; from there the curve leads on.
        """
        names = [one.name for one in self.tables.bins]
        if self.codebook.assessed_week not in names:
            return X
        X = X.copy()
        X[:, names.index(str(self.codebook.assessed_week))] = self.curve.training_week(
            assessed_week
        )
        return X

    def risk_between(
        self, score: FloatArray, margin: FloatArray, assessed_week: FloatArray, horizon: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the risk at a horizon with the ends of its interval, shape (n,) each."""
        risk, low, high = (
            self.curve.survival(each, assessed_week, horizon)
            for each in (score, score - margin, score + margin)
        )
        return risk, np.minimum(low, risk), np.maximum(high, risk)

    def score(self, X: FloatArray, assessed_week: FloatArray) -> Scores:
        """Score encoded rows.

        Parameters
        ----------
        X : ndarray of float, shape (n, n_indicators)
            From `riskmodel.model.encoding.encode_fields`.
        assessed_week : ndarray of float, shape (n,)
            Weeks from the first absence day.
        """
        X = self.within_training_weeks(X, assessed_week)
        entries = self.tables.assign(X)
        contributions = self.tables.contributions(X, entries)
        score = np.full(len(X), self.base_value)
        for column in range(contributions.shape[1]):
            score += contributions[:, column]
        margin = NORMAL_90 * self.spread.standard_deviation(self.tables, X, entries)
        horizon = self.codebook.primary_horizon
        risk, low, high = self.risk_between(score, margin, assessed_week, horizon)
        median, early, late = self.curve.expected_weeks(score, assessed_week)
        return Scores(
            score=score,
            risk=risk,
            risk_low=low,
            risk_high=high,
            margin=margin,
            expected_weeks=median,
            expected_weeks_low=np.minimum(early, median),
            expected_weeks_high=np.maximum(late, median),
            contributions=contributions,
            outside=self.tables.is_outside(X, entries),
        )
