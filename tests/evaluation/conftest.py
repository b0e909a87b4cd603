"""Small synthetic case tables, and scores that need no model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from riskmodel.domain.cases import CaseTable, Outcomes
from riskmodel.domain.codebook import Codebook, Field, Level
from riskmodel.domain.labels import Label
from riskmodel.evaluation.cross_validation import HeldOutScores
from riskmodel.training.fit import TrainingSettings

FloatArray = npt.NDArray[np.float64]
LEVELS = {"sex": ("f", "m"), "diagnosis_group": ("back", "stress", "other")}


def _label(text: str) -> Label:
    return Label(da=text, en=text)


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    def levels(name: str) -> tuple[Level, ...]:
        return tuple(Level(value, _label(value)) for value in LEVELS[name])

    number = {"type": "number", "known_at": "intake"}
    return Codebook(
        name="tiny",
        version="1",
        data_kind="synthetic",
        key="case_id",
        group="person_id",
        site="municipality",
        assessed_week="assessed_week",
        horizons=(12.0, 26.0, 52.0),
        primary_horizon=26.0,
        fields=(
            Field(
                name="expected_weeks",
                label=_label("Expected"),
                theme="expected_duration",
                range=(0.0, 104.0),
                **number,
            ),
            Field(name="noise", label=_label("Noise"), range=(-10.0, 10.0), **number),
            Field(
                name="diagnosis_group",
                label=_label("Diagnosis"),
                type="category",
                known_at="intake",
                levels=levels("diagnosis_group"),
            ),
            Field(
                name="sex",
                label=_label("Sex"),
                type="category",
                known_at="intake",
                use="audit",
                levels=levels("sex"),
            ),
        ),
    )


@pytest.fixture(scope="session")
def make_table(codebook: Codebook) -> Callable[..., CaseTable]:
    def make(
        n: int = 200,
        seed: int = 0,
        *,
        censored: float = 0.0,
        rows_per_person: int = 2,
        sites: tuple[str, ...] = ("Aby", "Bby"),
        landmarks: tuple[float, ...] = (4.0, 8.0),
    ) -> CaseTable:
        rng = np.random.default_rng(seed)
        week = rng.choice(landmarks, n)
        strength = rng.normal(size=n)
        duration = week + 0.1 + rng.exponential(18 * np.exp(0.8 * strength))
        ended = np.ones(n, dtype=bool)
        if censored:
            until = week + 0.05 + rng.exponential(26 / censored, n)
            ended = duration <= until
            duration = np.minimum(duration, until)
        fields = pd.DataFrame(
            {
                "expected_weeks": np.clip(20 + 10 * strength + rng.normal(0, 6, n), 0, 104),
                "noise": rng.normal(size=n).clip(-10, 10),
            }
        )
        fields.loc[rng.random(n) < 0.1, "expected_weeks"] = np.nan
        for name, values in LEVELS.items():
            fields[name] = pd.Categorical(rng.choice(values, n), categories=list(values))
        return CaseTable(
            codebook=codebook,
            case_id=np.array([f"S-{row}" for row in range(n)]),
            group=np.array([f"P-{row // rows_per_person}" for row in range(n)]),
            site=rng.choice(sites, n),
            assessed_week=week,
            fields=fields,
            outcomes=Outcomes(duration, ended, ended.copy()),
        )

    return make


@pytest.fixture(scope="session")
def score_by() -> Callable[[CaseTable, FloatArray], HeldOutScores]:
    """Scores that give every horizon the same risk."""

    def score(table: CaseTable, risk: FloatArray) -> HeldOutScores:
        week, horizons = table.assessed_week, table.codebook.horizons
        risks = np.column_stack([np.where(week < one, risk, np.nan) for one in horizons])
        n = len(table)
        return HeldOutScores(
            horizons=horizons,
            primary_horizon=table.codebook.primary_horizon,
            fold_labels=("1",),
            simplest_field="expected_weeks",
            fold=np.zeros(n, dtype=np.intp),
            score=np.log(risk / (1 - risk)),
            risk=risk,
            risks=risks,
            expected_weeks=week + 60 * risk,
            expected_weeks_low=week + 5.0,
            expected_weeks_high=week + 100.0,
            plain_weeks=week + 20.0,
            base_risks=np.where(np.isnan(risks), np.nan, 0.4),
            challenger_risk=np.clip(risk * 0.9 + 0.05, 0, 1),
            simplest_risk=np.full(n, 0.4),
        )

    return score


@pytest.fixture(scope="session")
def quick() -> TrainingSettings:
    return TrainingSettings(n_refits=2, n_folds=2, pair_terms=False)
