"""What a training run leaves in MLflow: figures and pictures, never a case."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.evaluation.figures import Estimate, MetricBlock
from riskmodel.io.run_record import ParameterValue, RunRecord, interval_metrics
from riskmodel.io.strict_json import encode_json
from riskmodel.io.training_config import TrainingConfig
from riskmodel.pipelines.findings import picture_report
from riskmodel.pipelines.serving import describe_served_model
from riskmodel.report.comparison_page import (
    ComparisonReport,
    describe_comparison,
    render_comparison,
)
from riskmodel.report.evaluation_page import describe_evaluation, render_evaluation
from riskmodel.report.evaluation_report import EvaluationReport
from riskmodel.report.model_card import render_model_card
from riskmodel.training.fit import FittedModel

if TYPE_CHECKING:
    from riskmodel.model.risk_model import Provenance, RiskModel

__all__ = ["describe_run"]

DURATIONS = ("concordance", "mean_absolute_error", "median_absolute_error", "interval_coverage")


def describe_run(
    fitted: FittedModel,
    model: RiskModel,
    report: EvaluationReport,
    config: TrainingConfig,
    *,
    bundle: Path,
    policy: Path | None,
    comparison: ComparisonReport | None = None,
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
    comparison : ComparisonReport, optional
        The new model beside the current one.
    """
    origin, codebook = model.provenance, model.codebook
    return RunRecord(
        experiment=config.experiment,
        run_name=f"{codebook.name}-{model.version}",
        parameters=_parameters(model, config),
        metrics=_metrics(report) | _comparison_metrics(comparison),
        tags=_tags(fitted, model, report),
        data_name=codebook.name,
        data_fingerprint=origin.data_fingerprint,
        data_counts=_data_counts(origin),
        documents=_documents(model, report) | _comparison_documents(comparison),
        model=describe_served_model(
            bundle,
            codebook,
            policy=policy,
            registered_name=config.registered_name or f"riskmodel-{codebook.name}",
            alias=config.alias,
        ),
    )


def _data_counts(origin: Provenance) -> dict[str, int]:
    """Return counts of the training data; those of few persons are left out."""
    counts = {
        "rows": origin.n_rows,
        "persons": origin.n_persons,
        "sites": origin.n_sites,
        "long_courses": origin.n_events,
    }
    return {name: count for name, count in counts.items() if count >= 0}


def _parameters(model: RiskModel, config: TrainingConfig) -> dict[str, ParameterValue]:
    codebook, settings = model.codebook, config.training
    return {
        "codebook": f"{codebook.name} {codebook.version}",
        "primary_horizon_weeks": codebook.primary_horizon,
        "n_indicators": len(codebook.indicators),
        "refits": settings.n_refits,
        "folds": settings.n_folds,
        "seed": settings.seed,
        "bootstrap_draws": config.bootstrap_draws,
        "key_indicators": config.key_indicators,
        **{f"recipe.{name}": value for name, value in model.provenance.recipe.items()},
    }


def _tags(fitted: FittedModel, model: RiskModel, report: EvaluationReport) -> dict[str, str]:
    origin, names = model.provenance, [one.name for one in model.codebook.indicators]
    pairs = [f"{names[i]} x {names[j]}" for i, j in fitted.estimator.choice_.pairs]
    size = report.sample_size
    return {
        "data_kind": origin.data_kind,
        "model_version": model.version,
        "riskmodel_version": origin.package_version,
        "recipe_version": origin.recipe_version,
        "pair_terms": ", ".join(pairs) or "none",
        "far_too_few_cases": "yes" if size is None or size.far_too_few else "no",
    }


def _documents(model: RiskModel, report: EvaluationReport) -> dict[str, bytes | str]:
    pictures = picture_report(report)
    return {
        "evaluation.json": encode_json(describe_evaluation(report)),
        "evaluation.html": render_evaluation(report, "da"),
        "model_card.md": render_model_card(model, report),
        **{f"pictures/{name}": data for name, data in pictures.items()},
    }


def _comparison_documents(comparison: ComparisonReport | None) -> dict[str, bytes | str]:
    if comparison is None:
        return {}
    return {
        "comparison.json": encode_json(describe_comparison(comparison)),
        "comparison.html": render_comparison(comparison, "da"),
    }


def _comparison_metrics(comparison: ComparisonReport | None) -> dict[str, float]:
    if comparison is None:
        return {}
    found: dict[str, float] = {}
    for one in comparison.change.metrics:
        found |= _interval(f"against_current.{one.name}", one.difference)
    if comparison.tiers is not None:
        found |= _interval("against_current.changed_share", comparison.tiers.changed_share)
        found |= _interval("against_current.talks_a_week", comparison.tiers.talks.difference)
        found |= _interval("against_current.hours_a_week", comparison.tiers.hours.difference)
    return found


def _metrics(report: EvaluationReport) -> dict[str, float]:
    record = report.record
    found: dict[str, float] = {}
    for block in record.blocks:
        if block.span.family in {"all", "landmark"} and not block.span.hidden:
            found |= _block_metrics(block, headline=block is record.headline)
    price = record.price_of_transparency
    if price is not None:
        found |= _interval("price_of_transparency.brier", price.brier)
    if not record.duration.span.hidden:
        for name in DURATIONS:
            found |= _interval(f"duration.{name}", getattr(record.duration, name))
    if report.spread is not None:
        found |= _interval("refit_spread.auc", report.spread.auc)
        found |= _interval("refit_spread.brier", report.spread.brier)
    if report.instability is not None:
        found["instability.mape"] = report.instability.mape
    return found


def _block_metrics(block: MetricBlock, *, headline: bool) -> dict[str, float]:
    place = f"{block.predictor}.{block.span.horizon_weeks:g}w"
    if block.span.family == "landmark":
        place += f".from_week_{block.span.level}"
    found: dict[str, float] = {}
    for name, one in block.figures.items():
        found |= _interval(f"{place}.{name}", one)
        if headline:
            found |= _interval(name, one)
    return found


def _interval(name: str, one: Estimate) -> dict[str, float]:
    """Return a figure with its interval; nothing where it is not known."""
    if math.isnan(one.value):
        return {}
    return interval_metrics(name, one.value, one.low, one.high)
