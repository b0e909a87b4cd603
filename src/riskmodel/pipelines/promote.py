"""The evidence gate: what a model is fit for, and a record of each promotion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from riskmodel.domain.labels import Language
from riskmodel.errors import Fault, GateError, InputError, ModelError
from riskmodel.evaluation.evidence import (
    WORDS,
    Attestation,
    Evidence,
    read_new_case_figures,
    read_training_figures,
)
from riskmodel.evaluation.figures import Estimate
from riskmodel.evaluation.promotion import Level, PromotionRecord, judge_evidence
from riskmodel.io.atomic import write_atomically
from riskmodel.io.bundle import load_bundle
from riskmodel.io.legal_basis import LegalUse, check_legal_basis
from riskmodel.io.model_registry import find_registered
from riskmodel.io.output_targets import check_output_place
from riskmodel.io.promotion_evidence import (
    Document,
    SavedEvaluation,
    read_attestations,
    read_new_evaluation,
    read_saved_evaluation,
)
from riskmodel.io.promotion_rules import PROMOTION_FILE, read_rules
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tracking import set_alias
from riskmodel.io.tracking_store import find_store
from riskmodel.model.risk_model import RiskModel
from riskmodel.report.promotion_text import describe_promotion, tell_promotion

__all__ = ["Promotion", "PromotionReport", "judge_promotion", "promote"]

RECORD_FORMAT = "riskmodel-promotion"
RECORD_SCHEMA = 1
NOT_FIGURES = (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError)


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """What a model is fit for, and what that was judged from.

    Parameters
    ----------
    record : PromotionRecord
        What was found.
    model : RiskModel
        The model.
    model_path : Path
        Its folder.
    digests : mapping of str to str
        Digests of all that was read: the model, its evaluation, that on new cases and the
        attestations; empty texts where there was none.
    """

    record: PromotionRecord
    model: RiskModel
    model_path: Path
    digests: Mapping[str, str]

    def to_text(self, lang: Language, target: Level | None = None) -> str:
        """Return the report for a terminal.

        Parameters
        ----------
        lang : {"da", "en"}
            Language.
        target : str, optional
            Level to tell the lacks of; the one after that reached by default.
        """
        return tell_promotion(self.record, lang, target)

    def to_mapping(self) -> dict[str, Any]:
        """Return the report as JSON-able mappings."""
        return describe_promotion(self.record)

    def require(self, level: Level) -> None:
        """Refuse a level that the evidence does not reach.

        Raises
        ------
        GateError
            With how much of what is asked lacks.
        """
        if not self.record.reaches(level):
            lacking, asked = self.record.find_lacking(level), self.record.find_asked(level)
            msg = (
                f"The evidence does not reach {level.replace('_', ' ')}; requirements lacking: "
                f"{len(lacking)} of {len(asked)}. Nothing was changed."
            )
            raise GateError(msg)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion that was recorded.

    Parameters
    ----------
    level : str
        The level.
    record : Path
        The file.
    registered_name, registered_version : str
        What the alias in MLflow points to; empty without an alias.
    """

    level: Level
    record: Path
    registered_name: str = ""
    registered_version: str = ""

    def to_text(self) -> str:
        """Return what was done for a terminal."""
        lines = [f"The promotion is recorded in {self.record}"]
        if self.registered_name:
            lines.append(
                f"The alias {self.level} points to {self.registered_name} version "
                f"{self.registered_version}"
            )
        return "\n".join(lines)


def judge_promotion(
    model_path: Path,
    *,
    evaluation: Path | None = None,
    attestations: Path | None = None,
    rules: Path = PROMOTION_FILE,
    legal_basis: Path | None = None,
    today: dt.date | None = None,
) -> PromotionReport:
    """Hold what is known of a saved model against what each level of use asks for.

    Parameters
    ----------
    model_path : Path
        Folder of the saved model.
    evaluation : Path, optional
        Folder that `evaluate` wrote of this model on new cases.
    attestations : Path, optional
        What people answer of this model.
    rules : Path
        What each level asks for.
    legal_basis : Path, optional
        Record of the legal basis; ``configs/legal_basis.yaml`` by default.
    today : datetime.date, optional
        No answer may be later; by default today.

    Raises
    ------
    InputError
        If a file breaks a rule; nothing is written in any case.
    ModelError
        If the model is not as it was when it was saved.
    """
    asked = read_rules(rules)
    model = load_bundle(model_path)
    saved = read_saved_evaluation(model_path)
    new = None if evaluation is None else read_new_evaluation(evaluation, model.version)
    answers: dict[str, Attestation] = {}
    answers_sha256 = ""
    if attestations is not None:
        day = today or dt.datetime.now().astimezone().date()
        found = read_attestations(attestations, asked.attested, model.version, day)
        answers, answers_sha256 = found
    figures = _gather(model, saved, new, asked.enough_persons)
    figures |= _find_bases(legal_basis)
    record = judge_evidence(Evidence(figures, answers), asked, model.version)
    digests = {
        "model": saved.model_sha256,
        "evaluation": "" if saved.document is None else saved.document.sha256,
        "new_evaluation": "" if new is None else new.sha256,
        "attestations": answers_sha256,
    }
    return PromotionReport(record, model, model_path, digests)


def promote(
    report: PromotionReport,
    level: Level,
    *,
    out: Path | None = None,
    alias: bool = False,
    tracking_root: Path | None = None,
    today: dt.date | None = None,
) -> Promotion:
    """Record that a model is promoted to a level that its evidence reaches.

    The record holds every figure, bar and digest, so that the decision can be audited. Records
    are numbered and never replaced; the same promotion on the same day finds its own.

    Parameters
    ----------
    report : PromotionReport
        From `judge_promotion`.
    level : str
        The level.
    out : Path, optional
        Folder of the records; by default beside the model, ``<model>_promotions``.
    alias : bool
        Let the alias of that name in MLflow's registry point to the model.
    tracking_root : Path, optional
        Folder that holds ``mlruns/``.
    today : datetime.date, optional
        Day of the promotion; by default today.

    Raises
    ------
    GateError
        If the evidence does not reach the level; nothing was changed.
    ModelError
        If an alias is asked for and the model is not registered; nothing was changed.
    """
    report.require(level)
    store = find_store(tracking_root)
    name, number = find_registered(report.model.version, store) if alias else ("", "")
    content = {
        "format": RECORD_FORMAT,
        "schema": RECORD_SCHEMA,
        "promoted_to": level,
        "promoted_on": (today or dt.datetime.now().astimezone().date()).isoformat(),
        "codebook": f"{report.model.codebook.name} {report.model.codebook.version}",
        "riskmodel_version": version("riskmodel"),
        "registered": {"name": name, "version": number} if alias else None,
        "sha256": dict(report.digests),
        **report.to_mapping(),
    }
    beside = report.model_path if report.model_path.name else report.model_path.absolute()
    folder = out or beside.with_name(f"{beside.name}_promotions")
    check_output_place(folder)
    file = _write_record(folder, level, encode_json(content))
    if alias:
        set_alias(name, level, number, store)
    return Promotion(level, file, name, number)


def _write_record(folder: Path, level: Level, data: bytes) -> Path:
    """Write a record under the next free number; one with the same content stands for it."""
    number = 1
    while True:
        file = folder / f"{level}-{number}.json"
        if not file.exists() or file.read_bytes() == data:
            write_atomically(file, data, overwrite=False)
            return file
        number += 1


def _gather(
    model: RiskModel, saved: SavedEvaluation, new: Document | None, enough_persons: int
) -> dict[str, Estimate | str]:
    figures: dict[str, Estimate | str] = {"data_kind": model.provenance.data_kind}
    own = None if saved.document is None else saved.document.content
    if own is not None:
        try:
            figures |= read_training_figures(own, enough_persons=enough_persons)
        except NOT_FIGURES as error:
            msg = (
                "evaluation.json: the file does not hold the figures of this version of riskmodel "
                f"({type(error).__name__}). Train again or take a fresh copy."
            )
            raise ModelError(msg) from error
    if new is not None:
        try:
            figures |= read_new_case_figures(new.content, own, enough_persons=enough_persons)
        except NOT_FIGURES as error:
            problem = "the file does not hold the figures of this version of riskmodel."
            remedy = "Run riskmodel evaluate again."
            raise InputError(Fault("evaluation.json", problem, remedy)) from error
    return figures


def _find_bases(path: Path | None) -> dict[str, Estimate | str]:
    """Tell for which uses of case records a legal basis is on record."""
    uses: tuple[LegalUse, ...] = ("scoring", "monitoring")
    found: dict[str, Estimate | str] = {}
    for use in uses:
        on_record, none = WORDS[f"legal_basis_{use}"]
        try:
            check_legal_basis("case_records", use, path)
        except GateError:
            found[f"legal_basis_{use}"] = none
        else:
            found[f"legal_basis_{use}"] = on_record
    return found
