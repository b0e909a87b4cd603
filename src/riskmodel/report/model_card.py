"""The card that travels with a saved model: what it is, how good, and what it is not for."""

from __future__ import annotations

import math

from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.model.risk_model import RiskModel

__all__ = ["render_model_card"]

FIGURES = {
    "auc": "AUC (0.5 tells nothing, 1 is perfect)",
    "brier": "Brier score (0 is perfect)",
    "base_rate_brier": "Brier score of the event share for everybody",
    "calibration_in_the_large": "calibration in the large (0 is perfect)",
    "calibration_slope": "calibration slope (1 is perfect)",
    "ici": "mean calibration error (0 is perfect)",
}


def render_model_card(model: RiskModel, record: EvaluationRecord | None) -> str:
    """Return the model card as Markdown.

    Parameters
    ----------
    model : RiskModel
        The model.
    record : EvaluationRecord or None
        Its evaluation.
    """
    origin, codebook = model.provenance, model.codebook
    lines = [
        "# Model card",
        "",
        (
            f"Risk of being sick-listed after {codebook.primary_horizon:g} weeks from the first "
            f"absence day; codebook {codebook.name} {codebook.version}."
        ),
        "",
        "## Intended use",
        "",
        (
            "Support for an adviser who decides which courses get contact. Not for stopping or "
            "cutting benefit, not for judging incapacity for work, and silent on causes and on "
            "the effect of contact."
        ),
        "",
        "## Training data",
        "",
        f"- kind: {origin.data_kind}",
        f"- {origin.n_rows} assessments of {origin.n_persons} persons, {origin.n_sites} sites",
        (
            f"- state at the horizon seen for {origin.n_known}, long courses among them: "
            f"{origin.n_events}"
        ),
        "- courses still open are censored; endings of every kind end the course",
        "",
        "## Recipe",
        "",
        *(f"- {name}: {value:g}" for name, value in origin.recipe.items()),
        f"- seed: {origin.seed}; riskmodel {origin.package_version}",
        "",
        "## Held-out figures",
        "",
    ]
    lines += _figures(record)
    return "\n".join(lines) + "\n"


def _figures(record: EvaluationRecord | None) -> list[str]:
    if record is None:
        return ["Not evaluated."]
    block = record.headline
    if block.span.hidden:
        return ["Too few cases to show any figure."]
    lines = [
        f"{record.design}; {block.span.describe()}; intervals of 95 % by person.",
        "",
        "| figure | value | 95 % interval |",
        "|---|---|---|",
    ]
    for name, label in FIGURES.items():
        one = block.figures[name]
        interval = "not known" if math.isnan(one.low) else f"{one.low:.4f} to {one.high:.4f}"
        lines.append(f"| {label} | {one.value:.4f} | {interval} |")
    return lines
