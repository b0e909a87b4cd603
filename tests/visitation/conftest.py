"""A small codebook and a small policy that tests can bend, and the policies in configs/."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from riskmodel.domain.codebook import Codebook, Field, Level
from riskmodel.domain.labels import Label
from riskmodel.io.config import read_codebook
from riskmodel.io.policy_files import read_policy
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_parsing import parse_policy

CONFIGS = Path(__file__).parents[2] / "configs"


def _level(value: str) -> Level:
    return Level(value, Label(da=f"{value}-da", en=f"{value}-en"))


SMALL_CODEBOOK = Codebook(
    name="small",
    version="1",
    data_kind="synthetic",
    key="case_id",
    assessed_week="assessed_week",
    fields=(
        Field(
            "age",
            Label("Alder", "Age"),
            "number",
            "intake",
            range=(16, 70),
            unit="years",
        ),
        Field(
            "status",
            Label("Status", "Status"),
            "category",
            "intake",
            levels=(_level("employed"), _level("unemployed"), _level("other")),
        ),
        Field(
            "strain",
            Label("Belastning", "Strain"),
            "ordinal",
            "review",
            levels=(_level("low"), _level("medium"), _level("high")),
        ),
        Field("conflict", Label("Konflikt", "Conflict"), "yes_no", "review"),
        Field(
            "sex",
            Label("Køn", "Sex"),
            "category",
            "intake",
            use="audit",
            levels=(_level("f"), _level("m")),
        ),
        Field("fit_date", Label("Raskmeldt", "Fit"), "date", "closure", use="context"),
    ),
)


def _text(words: str) -> dict[str, str]:
    return {"da": f"{words} (da)", "en": words}


SMALL_POLICY: dict[str, object] = {
    "name": "small",
    "version": "1.0",
    "title": _text("Small policy"),
    "valid_from": "2026-07-01",
    "horizon_weeks": 26,
    "thresholds": {
        "lower": {"value": 0.2, "status": "proposal"},
        "upper": {"value": 0.4, "status": "decided"},
    },
    "tiers": [
        {"id": "light", "label": _text("Light"), "description": _text("Nothing")},
        {"id": "adviser", "label": _text("Adviser"), "description": _text("Looks")},
        {
            "id": "at_risk",
            "label": _text("At risk"),
            "description": _text("Talks"),
            "contacts": [
                {"week": 8, "label": _text("First talk"), "if_late": _text("Talk now")},
                {"every_weeks": [4, 8], "after_week": 8, "label": _text("Talk")},
            ],
        },
        {"id": "ordinary", "label": _text("Ordinary"), "description": _text("The law")},
    ],
    "ladder": {"below_lower": "light", "between": "adviser", "from_upper": "at_risk"},
    "gate": {
        "rules": [
            {
                "id": "not_employed",
                "requires": {"field": "status", "in": ["employed"]},
                "text": _text("Employed."),
                "not_met": _text("Not employed."),
            }
        ]
    },
    "uncomplicated": {
        "rules": [
            {
                "id": "strained",
                "requires": {
                    "all": [
                        {"field": "strain", "at_most": "medium"},
                        {
                            "any": [
                                {"field": "age", "missing": True},
                                {"field": "age", "at_most": 60},
                            ]
                        },
                    ]
                },
                "text": _text("No strain."),
                "not_met": _text("Strain."),
                "at_least": "at_risk",
            }
        ]
    },
    "needed_facts": ["conflict"],
    "exceptions": [
        {
            "id": "not_in_job",
            "when": {"field": "status", "in": ["unemployed"]},
            "tier": "ordinary",
            "text": _text("Unemployed."),
        }
    ],
    "worklist": {
        "tiers": ["at_risk", "adviser", "ordinary", "light"],
        "then": ["risk_falling"],
    },
}


@pytest.fixture
def small_mapping() -> dict[str, object]:
    return copy.deepcopy(SMALL_POLICY)


@pytest.fixture(scope="session")
def small_codebook() -> Codebook:
    return SMALL_CODEBOOK


@pytest.fixture(scope="session")
def small_policy() -> Policy:
    return parse_policy(SMALL_POLICY, "small.yaml", SMALL_CODEBOOK)


@pytest.fixture(scope="session")
def review_codebook() -> Codebook:
    return read_codebook(CONFIGS / "codebook.yaml")


@pytest.fixture(scope="session", params=["risk-only", "lejre-greve", "vejle"])
def shipped_policy(request: pytest.FixtureRequest, review_codebook: Codebook) -> Policy:
    return read_policy(CONFIGS / "visitation" / f"{request.param}.yaml", review_codebook)


@pytest.fixture(scope="session")
def vejle(review_codebook: Codebook) -> Policy:
    return read_policy(CONFIGS / "visitation" / "vejle.yaml", review_codebook)


@pytest.fixture(scope="session")
def read_shipped(review_codebook: Codebook) -> Callable[[str], Policy]:
    """Return a function that reads a policy of configs/visitation by its name."""

    def read(name: str) -> Policy:
        return read_policy(CONFIGS / "visitation" / f"{name}.yaml", review_codebook)

    return read
