"""The card that travels with a saved model: what it is, how good, and what it is not for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskmodel.model.risk_model import RiskModel
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.evaluation_summary import list_warnings, make_summary

__all__ = ["render_model_card", "render_updated_card"]

FIGURES = {
    "auc": "AUC (0.5 tells nothing, 1 is perfect)",
    "brier": "Brier score (0 is perfect)",
    "base_rate_brier": "Brier score of the event share by assessed week",
    "calibration_in_the_large": "calibration in the large (0 is perfect)",
    "calibration_slope": "calibration slope (1 is perfect)",
    "ici": "mean calibration error (0 is perfect)",
}


def render_model_card(model: RiskModel, report: EvaluationReport | None) -> str:
    """Return the model card as Markdown.

    Parameters
    ----------
    model : RiskModel
        The model.
    report : EvaluationReport or None
        Its evaluation.
    """
    return _render(model, warnings=_warnings(report), update=(), figures=_figures(report))


def _render(
    model: RiskModel, *, warnings: Sequence[str], update: Sequence[str], figures: Sequence[str]
) -> str:
    origin, codebook = model.provenance, model.codebook
    lines = [
        "# Model card",
        "",
        (
            f"Risk of being sick-listed after {codebook.primary_horizon:g} weeks from the first "
            f"absence day; codebook {codebook.name} {codebook.version}."
        ),
        "",
        *warnings,
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
            f"- state at the horizon seen for {_tell(origin.n_known)}, long courses among them: "
            f"{_tell(origin.n_events)}"
        ),
        "- courses still open are censored; endings of every kind end the course",
        "",
        *_recipe(model),
        *update,
        "## Held-out figures",
        "",
        *figures,
    ]
    return "\n".join(lines) + "\n"


def render_updated_card(
    model: RiskModel,
    parent: RiskModel,
    reasons: Sequence[str],
    *,
    not_judged: str,
    warnings: Sequence[str] = (),
) -> str:
    """Return the card of a model that was updated with local cases, as Markdown.

    Parameters
    ----------
    model, parent : RiskModel
        After and before the update.
    reasons : sequence of str
        What was decided, and why, a sentence each.
    not_judged : str
        That its figures are not known; it comes first of all.
    warnings : sequence of str
        What was warned of before the update: it has learned no more of that since.
    """
    first = [
        "## Warnings",
        "",
        f"- **{not_judged}**",
        *(f"- **Before the update: {one.removesuffix('.')}.**" for one in warnings),
        "",
    ]
    update = [
        "## Update",
        "",
        (
            f"An update of model {parent.version}, whose training data are those above and of the "
            f"kind {parent.provenance.data_kind}. Its figures are not those of this model."
        ),
        "",
        *(f"- {one}" for one in reasons),
        "",
    ]
    return _render(model, warnings=first, update=update, figures=_figures(None))


def _tell(count: int) -> str:
    return "not shown (few persons could be counted)" if count < 0 else str(count)


def _warnings(report: EvaluationReport | None) -> list[str]:
    """Return the warnings first of all, so that nobody reads past them."""
    found = [] if report is None else list_warnings(report)
    if not found:
        return []
    return [
        "## Warnings",
        "",
        *(f"- **{one.en[:1].upper()}{one.en[1:].removesuffix('.')}.**" for one in found),
        "",
    ]


def _recipe(model: RiskModel) -> list[str]:
    origin = model.provenance
    return [
        "## Recipe",
        "",
        f"- version: {origin.recipe_version}",
        *(f"- {name}: {value:g}" for name, value in origin.recipe.items()),
        (
            f"- interval of a case: spread of the refits times {model.spread.scale:g}, plus "
            f"{model.spread.unlearned:.2f} log-odds for few cases, plus {model.spread.hidden:g} "
            "log-odds for what no indicator shows (a setting, hidden_deviation)"
        ),
        f"- seed: {origin.seed}; riskmodel {origin.package_version}",
        "",
    ]


def _figures(report: EvaluationReport | None) -> list[str]:
    if report is None:
        return ["Not evaluated."]
    record = report.record
    block = record.headline
    if block.span.hidden:
        return ["Too few cases to show any figure."]
    lines = [
        (
            f"{record.design}; {block.span.describe()}; intervals of 95 % by person, the models "
            "not refitted in them."
        ),
        "",
        "| figure | value | 95 % interval |",
        "|---|---|---|",
    ]
    for name, label in FIGURES.items():
        one = block.figures[name]
        interval = "not known" if math.isnan(one.low) else f"{one.low:.4f} to {one.high:.4f}"
        lines.append(f"| {label} | {one.value:.4f} | {interval} |")
    lines += ["", "| question | figure | bar | verdict |", "|---|---|---|---|"]
    lines += [
        f"| {one.question} | {one.figure} | {one.bar} | {one.word} |"
        for one in make_summary(report, "en")
    ]
    return lines
