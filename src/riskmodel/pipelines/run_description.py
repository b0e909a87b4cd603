"""What a training run leaves in MLflow: figures and pictures, never a case."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.io.run_record import RunRecord, interval_metrics
from riskmodel.io.strict_json import encode_json
from riskmodel.io.training_config import TrainingConfig
from riskmodel.pipelines.findings import picture_report
from riskmodel.pipelines.serving import describe_served_model
from riskmodel.report.evaluation_items import EvaluationReport
from riskmodel.report.evaluation_page import describe_evaluation, render_evaluation
from riskmodel.report.model_card import render_model_card
from riskmodel.training.fit import FittedModel

if TYPE_CHECKING:
    from riskmodel.model.risk_model import RiskModel

__all__ = ["describe_run"]


def describe_run(
    fitted: FittedModel,
    model: RiskModel,
    report: EvaluationReport,
    config: TrainingConfig,
    *,
    bundle: Path,
    policy: Path | None,
) -> RunRecord:
    """Return the run as it is logged.

    Parameters
    ----------
    fitted : FittedModel
        What was fitted.
    model : RiskModel
        The saved model.
    report : EvaluationReport
        What the run found out.
    config : TrainingConfig
        Settings of the run.
    bundle : Path
        Folder of the saved model.
    policy : Path or None
        Policy logged with the model.
    """
    origin, codebook = model.provenance, model.codebook
    settings = config.training
    return RunRecord(
        experiment=config.experiment,
        run_name=f"{codebook.name}-{model.version}",
        parameters={
            "codebook": f"{codebook.name} {codebook.version}",
            "primary_horizon_weeks": codebook.primary_horizon,
            "n_indicators": len(codebook.indicators),
            "refits": settings.n_refits,
            "folds": settings.n_folds,
            "seed": settings.seed,
            "bootstrap_draws": config.bootstrap_draws,
            **{f"recipe.{name}": value for name, value in origin.recipe.items()},
        },
        metrics=_metrics(report.record),
        tags={
            "data_kind": origin.data_kind,
            "model_version": model.version,
            "riskmodel_version": origin.package_version,
            "pair_terms": ", ".join(
                f"{codebook.indicators[i].name} x {codebook.indicators[j].name}"
                for i, j in fitted.estimator.choice_.pairs
            )
            or "none",
        },
        data_name=codebook.name,
        data_fingerprint=origin.data_fingerprint,
        data_counts={
            "rows": origin.n_rows,
            "persons": origin.n_persons,
            "sites": origin.n_sites,
            "long_courses": origin.n_events,
        },
        documents=_documents(model, report),
        model=describe_served_model(
            bundle,
            codebook,
            policy=policy,
            registered_name=config.registered_name or f"riskmodel-{codebook.name}",
            alias=config.alias,
        ),
    )


def _documents(model: RiskModel, report: EvaluationReport) -> dict[str, bytes | str]:
    pictures = picture_report(report)
    return {
        "evaluation.json": encode_json(describe_evaluation(report)),
        "evaluation.html": render_evaluation(report, "da"),
        "model_card.md": render_model_card(model, report.record),
        **{f"pictures/{name}": data for name, data in pictures.items()},
    }


def _metrics(record: EvaluationRecord) -> dict[str, float]:
    found: dict[str, float] = {}
    for block in record.blocks:
        if block.span.family not in {"all", "landmark"} or block.span.hidden:
            continue
        horizon = f"{block.span.horizon_weeks:g}w"
        place = f"{block.predictor}.{horizon}"
        if block.span.family == "landmark":
            place += f".from_week_{block.span.level}"
        headline = block is record.headline
        for name, one in block.figures.items():
            if math.isnan(one.value):
                continue
            found |= interval_metrics(f"{place}.{name}", one.value, one.low, one.high)
            if headline:
                found |= interval_metrics(name, one.value, one.low, one.high)
    price = record.price_of_transparency
    if price is not None:
        found |= interval_metrics(
            "price_of_transparency.brier", price.brier.value, price.brier.low, price.brier.high
        )
    return found
