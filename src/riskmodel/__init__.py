"""riskmodel: risk of long sick-leave courses, with honest intervals and Danish explanations.

Everything that a notebook needs is here; heavy packages load only when they are used.

Examples
--------
>>> import riskmodel
>>> codebook = riskmodel.read_codebook("configs/codebook.yaml")  # doctest: +SKIP
>>> cases = riskmodel.read_cases("cases.csv", codebook)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmodel.explanation.contributions import explain_case
    from riskmodel.io.bundle import load_bundle, save_bundle
    from riskmodel.io.config import read_codebook
    from riskmodel.io.policy_files import read_policy
    from riskmodel.io.tables import read_cases
    from riskmodel.model.scoring import score_cases
    from riskmodel.pipelines.explain import explain
    from riskmodel.pipelines.score import score, score_frame
    from riskmodel.pipelines.synthesize import synthesize
    from riskmodel.pipelines.train import train
    from riskmodel.pipelines.update import update
    from riskmodel.training.fit import TrainingSettings, fit_risk_model

__all__ = [
    "TrainingSettings",
    "explain",
    "explain_case",
    "fit_risk_model",
    "load_bundle",
    "read_cases",
    "read_codebook",
    "read_policy",
    "save_bundle",
    "score",
    "score_cases",
    "score_frame",
    "synthesize",
    "train",
    "update",
]

__version__ = "0.1.0"

_HOMES = {
    "TrainingSettings": "riskmodel.training.fit",
    "explain": "riskmodel.pipelines.explain",
    "explain_case": "riskmodel.explanation.contributions",
    "fit_risk_model": "riskmodel.training.fit",
    "load_bundle": "riskmodel.io.bundle",
    "read_cases": "riskmodel.io.tables",
    "read_codebook": "riskmodel.io.config",
    "read_policy": "riskmodel.io.policy_files",
    "save_bundle": "riskmodel.io.bundle",
    "score": "riskmodel.pipelines.score",
    "score_cases": "riskmodel.model.scoring",
    "score_frame": "riskmodel.pipelines.score",
    "synthesize": "riskmodel.pipelines.synthesize",
    "train": "riskmodel.pipelines.train",
    "update": "riskmodel.pipelines.update",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name not in _HOMES:
        msg = f"module 'riskmodel' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names, for completion."""
    return sorted([*__all__, "__version__"])
