"""Make the workbooks that reviewers fill in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from riskmodel.domain.counting import tell_count
from riskmodel.domain.labels import Language
from riskmodel.domain.review import check_reviewer, plan_review
from riskmodel.errors import InputError
from riskmodel.io.config import read_codebook
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.review_cases import list_review_cases, read_case_list, read_review_settings
from riskmodel.io.review_workbook import write_review_workbook

__all__ = ["FormSummary", "make_review_forms"]


@dataclass(frozen=True, slots=True)
class FormSummary:
    """What was written.

    Attributes
    ----------
    forms : tuple of Path
        One workbook per reviewer.
    n_cases : int
        Cases in each of them.
    n_questions : dict of str to int
        Questions by packet.
    """

    forms: tuple[Path, ...]
    n_cases: int
    n_questions: dict[str, int]

    def to_text(self) -> str:
        """Return the summary in words."""
        questions = ", ".join(f"{name} {count}" for name, count in self.n_questions.items())
        files = "\n".join(f"  {path}" for path in self.forms)
        cases = tell_count(self.n_cases, "case", "cases")
        return f"{cases}; questions: {questions}; written:\n{files}"


@one_run_per_target
def make_review_forms(
    cases: str | os.PathLike[str],
    *,
    codebook_path: Path,
    out: Path,
    reviewers: tuple[str, ...],
    settings_path: Path | None = None,
    seed: int = 0,
    lang: Language = "da",
) -> FormSummary:
    """Write one empty workbook per reviewer.

    Parameters
    ----------
    cases : path
        List of the cases: at least their ids, one row per case.
    codebook_path : Path
        Codebook that the questions come from.
    out : Path
        Folder of the workbooks; each is named after its reviewer.
    reviewers : tuple of str
        Short codes, such as L1 and G1.
    settings_path : Path or None
        Settings of the review, such as ``configs/review.yaml``.
    seed : int
        Cases stand in an order drawn with this seed, the same for all reviewers, so that the
        order of the list tells nothing about how the cases ended.
    lang : {"da", "en"}
        Language of the workbooks.

    Returns
    -------
    FormSummary

    Raises
    ------
    InputError
        If the list or a setting is wrong, or a workbook is there already: answers are never
        overwritten.
    """
    codebook = read_codebook(codebook_path)
    plan = plan_review(codebook, read_review_settings(settings_path, codebook))
    listed = list_review_cases(read_case_list(cases, codebook))
    if not reviewers or len(set(reviewers)) < len(reviewers):
        msg = "Name each reviewer once, by a short code such as L1."
        raise InputError(msg)
    for code in reviewers:
        check_reviewer(code)
    order = np.random.default_rng(seed).permutation(len(listed))
    shuffled = tuple(listed[place] for place in order)
    paths = tuple(out / f"review-{code}.xlsx" for code in reviewers)
    for path in paths:
        if path.exists():
            msg = f"{path.name} is there already and may hold answers; choose another folder."
            raise InputError(msg)
    for path, code in zip(paths, reviewers, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_review_workbook(path, plan, shuffled, code, lang=lang)
    questions: dict[str, int] = {packet.name: len(packet.questions) for packet in plan.packets}
    return FormSummary(paths, len(shuffled), questions)
