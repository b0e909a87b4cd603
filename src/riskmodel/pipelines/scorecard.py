"""A points form on paper: from a saved model, or from points given in advance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import LANGUAGES
from riskmodel.domain.points_form import FormSettings, PointsForm, parse_form_settings
from riskmodel.errors import InputError
from riskmodel.evaluation.points_figures import (
    FormFigures,
    FormRisks,
    fit_fixed_form,
    hold_out_folds,
    judge_points_form,
    read_form,
)
from riskmodel.io.atomic import publish_folder
from riskmodel.io.bundle import load_bundle
from riskmodel.io.config import read_codebook
from riskmodel.io.legal_basis import check_legal_basis
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.policy_files import read_policy
from riskmodel.io.review_cases import read_review_settings
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import read_cases
from riskmodel.io.yaml_files import read_yaml
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.report.scorecard_page import Scorecard, render_scorecard
from riskmodel.training.fit import TrainingSettings, fingerprint_cases
from riskmodel.training.points_fitting import compile_points_form
from riskmodel.visitation.policy import Policy

__all__ = ["SCORECARD_FILE", "ScorecardSummary", "make_scorecard"]

SCORECARD_FILE = "scorecard.json"


@dataclass(frozen=True, slots=True)
class ScorecardSummary:
    """What stands on the form.

    Attributes
    ----------
    lines : tuple of str
        Indicators on the form.
    most_points : int
        Largest sum.
    sums : tuple of (int, int, float)
        Ranges of sums with their risk; empty where no cases were given.
    first_sums : dict of str to int or None
        Smallest sum at each threshold of the policy.
    figures : FormFigures or None
        Accuracy of the form, and what it loses against the model.
    files : tuple of str
        What was written.
    """

    lines: tuple[str, ...]
    most_points: int
    sums: tuple[tuple[int, int, float], ...]
    first_sums: dict[str, int | None]
    figures: FormFigures | None
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the summary in words."""
        lines = [f"{len(self.lines)} lines, at most {self.most_points} points"]
        if self.figures is None:
            return "\n".join([*lines, "accuracy: not measured"])
        found = self.figures
        lines.append(
            f"on {found.n_rows} assessments of {found.n_persons} persons ({found.design}), "
            f"{found.n_unusable} left out for missing answers:"
        )
        for name in ("auc", "brier"):
            text = f"{name}: form {found.form[name]}"
            if found.model:
                text = (
                    f"{name}: form {found.form[name]}, model {found.model[name]}, "
                    f"difference {found.lost[name]}"
                )
            lines.append(f"  {text}")
        return "\n".join(lines)


@one_run_per_target
def make_scorecard(
    *,
    out: Path,
    model_path: Path | None = None,
    weights_path: Path | None = None,
    cases: Sequence[Path] = (),
    codebook_path: Path = Path("configs/codebook.yaml"),
    settings_path: Path | None = None,
    policy_path: Path | None = None,
    legal_basis: Path | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress = silent,
) -> ScorecardSummary:
    """Make a one-page points form, in Danish and English, with a JSON twin.

    Parameters
    ----------
    out : Path
        Folder to write.
    model_path : Path, optional
        A saved model, whose tables become points.
    weights_path : Path, optional
        A YAML file with ``fixed_score``, such as ``configs/review.yaml``: points given in
        advance. Exactly one of the two is given.
    cases : sequence of Path
        Closed cases. From a model they are needed: they say how common each answer is, and
        with outcomes what the form loses. Given points need them only for risks.
    codebook_path : Path
        Codebook of given points; a model has its own.
    settings_path : Path, optional
        Settings of the form, such as ``configs/scorecard.yaml``.
    policy_path : Path, optional
        Policy whose thresholds are shown as sums.
    legal_basis : Path, optional
        Record of the legal basis for case records.
    seed : int
        Seed of folds and bootstrap.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.
    progress : callable
        Told about each step.

    Raises
    ------
    InputError
        If not exactly one of model and points is given, or there are too few cases.
    GateError
        If the cases are case records and no legal basis is recorded.

    Notes
    -----
    Where the cases are the table that the model was trained on, form and model are judged
    by cross-validation, both made anew in each fold. Any other table is taken for new cases:
    that no case of it was trained on is for you to make sure.
    """
    if (model_path is None) == (weights_path is None):
        msg = "Give either a saved model or --weights with points given in advance."
        raise InputError(msg)
    model = None if model_path is None else load_bundle(model_path)
    codebook = read_codebook(codebook_path) if model is None else model.codebook
    settings = FormSettings()
    if settings_path is not None:
        settings = parse_form_settings(read_yaml(settings_path), codebook, settings_path.name)
    policy = None if policy_path is None else read_policy(policy_path, codebook)
    table = _read_table(cases, codebook, legal_basis, progress)
    if model is not None:
        form, figures = _from_model(model, table, settings, seed, progress)
        source = model.version
    else:
        form, figures = _from_points(weights_path, codebook, table, settings, seed)
        source = Path(str(weights_path)).name
    card = Scorecard(
        form=form,
        codebook=codebook,
        source=source,
        from_model=model is not None,
        figures=figures,
        policy=policy,
    )
    return _publish(card, out, policy, overwrite=overwrite)


def _read_table(
    cases: Sequence[Path], codebook: Codebook, legal_basis: Path | None, progress: Progress
) -> CaseTable | None:
    if not cases:
        return None
    check_legal_basis(codebook.data_kind, "training", legal_basis)
    progress("reading cases")
    return read_cases(list(cases), codebook)


def _from_model(
    model: RiskModel,
    table: CaseTable | None,
    settings: FormSettings,
    seed: int,
    progress: Progress,
) -> tuple[PointsForm, FormFigures | None]:
    if table is None:
        msg = (
            "A form made from a model needs --cases: a saved model holds no cases, and the points "
            "are chosen by how common each answer is. The training table will do."
        )
        raise InputError(msg)
    progress("choosing lines and points")
    form = compile_points_form(model, table, settings)
    if table.outcomes is None:
        return form, None
    learned = model.provenance.has_learned_from(fingerprint_cases(table))
    if learned and model.provenance.is_updated:
        return form, None  # Trained anew it would be without the update: nothing can be held out.
    if not learned:
        scored = score_cases(model, table)
        risks = FormRisks(
            form=read_form(form, table),
            model=np.where(scored.scored, scored.scores.risk, np.nan),
            share=np.full(len(table), model.provenance.event_share),
        )
        draws = settings.bootstrap_draws
        return form, judge_points_form(table, risks, design="new cases", n_draws=draws, seed=seed)
    progress("these are the training cases: model and form are made anew in five folds")
    training = TrainingSettings(
        n_refits=int(model.provenance.recipe.get("refits", 24.0)), seed=model.provenance.seed
    )
    risks = hold_out_folds(table, settings, training=training, seed=seed)
    return form, judge_points_form(
        table, risks, design="cross-validated", n_draws=settings.bootstrap_draws, seed=seed
    )


def _from_points(
    path: Path | None,
    codebook: Codebook,
    table: CaseTable | None,
    settings: FormSettings,
    seed: int,
) -> tuple[PointsForm, FormFigures | None]:
    items = read_review_settings(path, codebook).fixed_score
    if not items:
        msg = f"{Path(str(path)).name} has no fixed_score; list the points there."
        raise InputError(msg)
    form = PointsForm(items, most_missing=settings.most_missing)
    if table is None:
        return form, None
    if table.outcomes is None:
        msg = f"{table.source}: the risk of each sum needs the outcome columns; add them."
        raise InputError(msg)
    risks = hold_out_folds(table, settings, fixed=form, seed=seed)
    return fit_fixed_form(form, table, settings), judge_points_form(
        table, risks, design="cross-validated", n_draws=settings.bootstrap_draws, seed=seed
    )


def _publish(
    card: Scorecard, out: Path, policy: Policy | None, *, overwrite: bool
) -> ScorecardSummary:
    form = card.form
    first_sums: dict[str, int | None] = {}
    if policy is not None and form.sums:
        first_sums = {
            "lower": form.first_sum(policy.lower.value),
            "upper": form.first_sum(policy.upper.value),
        }
    files = (SCORECARD_FILE, *(f"scorecard.{lang}.html" for lang in LANGUAGES))
    summary = ScorecardSummary(
        lines=tuple(item.field.name for item in form.items),
        most_points=form.most,
        sums=tuple((one.low, one.high, round(one.risk, 2)) for one in form.sums),
        first_sums=first_sums,
        figures=card.figures,
        files=files,
    )
    document = _describe(card, summary)
    with publish_folder(out, overwrite=overwrite) as folder:
        (folder / SCORECARD_FILE).write_bytes(encode_json(document))
        for lang in LANGUAGES:
            page = render_scorecard(card, lang)
            (folder / f"scorecard.{lang}.html").write_text(page, encoding="utf-8")
    return summary


def _describe(card: Scorecard, summary: ScorecardSummary) -> dict[str, Any]:
    """Return the form as plain data."""
    form = card.form
    items = [
        {
            "field": item.field.name,
            "label": {"da": item.field.label.da, "en": item.field.label.en},
            "answers": [
                {
                    "points": band.points,
                    **({"missing": True} if band.missing else {}),
                    **({"levels": list(band.levels)} if band.levels else {}),
                    **({"from": band.low} if math.isfinite(band.low) else {}),
                    **({"below": band.high} if math.isfinite(band.high) else {}),
                }
                for band in item.bands
            ],
        }
        for item in form.items
    ]
    policy = card.policy
    return {
        "kind": "points form",
        "codebook": f"{card.codebook.name} {card.codebook.version}",
        "data_kind": card.codebook.data_kind,
        "made_from": {"model": card.source} if card.from_model else {"points": card.source},
        "horizon_weeks": card.codebook.primary_horizon,
        "lines": items,
        "most_missing": form.most_missing,
        "sums": [{"low": low, "high": high, "risk": risk} for low, high, risk in summary.sums],
        "policy": "" if policy is None else f"{policy.name} {policy.version}",
        "first_sums": summary.first_sums,
        "figures": None if card.figures is None else _plain(asdict(card.figures)),
    }


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
