"""Report on a review of closed cases: HTML in both languages, and JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riskmodel.errors import Fault, InputError
from riskmodel.evaluation.review_record import ReviewRecord, compute_review
from riskmodel.io.atomic import publish_folder
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.strict_json import parse_json_strict
from riskmodel.pipelines.review_merge import ReviewRead, read_reviews
from riskmodel.pipelines.review_sample import SAMPLING_FILE
from riskmodel.report.review_page import render_review

__all__ = ["REPORT_FILE", "ReviewReportSummary", "report_review"]

PathLike = str | os.PathLike[str]
REPORT_FILE = "review-report.json"


@dataclass(frozen=True, slots=True)
class ReviewReportSummary:
    """What the report says in short.

    Attributes
    ----------
    n_cases, n_long : int
        Cases, and long courses among those whose outcome is known.
    usable, reword, drop, uncertain : tuple of str
        Questions of the intake packet by verdict.
    weak_at_a_site : tuple of str
        Those of the usable ones that would be dropped at one of the sites.
    agreement : dict of str to float
        Agreement on each question of the intake packet, where there is a figure.
    files : tuple of str
        What was written.
    """

    n_cases: int
    n_long: int
    usable: tuple[str, ...]
    reword: tuple[str, ...]
    drop: tuple[str, ...]
    uncertain: tuple[str, ...]
    weak_at_a_site: tuple[str, ...]
    agreement: dict[str, float]
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the summary in words."""
        everywhere = tuple(one for one in self.usable if one not in self.weak_at_a_site)
        verdicts = ", ".join(
            f"{len(names)} {verdict}"
            for verdict, names in (
                ("usable", everywhere),
                ("usable but not at every site", self.weak_at_a_site),
                ("too uncertain to tell", self.uncertain),
                ("to be reworded", self.reword),
                ("to be dropped", self.drop),
            )
        )
        return f"{self.n_cases} cases, {self.n_long} long; questions at intake: {verdicts}"


@one_run_per_target
def report_review(
    workbooks: Sequence[PathLike],
    *,
    codebook_path: Path,
    out: Path,
    settings_path: Path | None = None,
    decisions: PathLike | None = None,
    case_list: PathLike | None = None,
    sample: Path | None = None,
    seed: int = 0,
    overwrite: bool = False,
) -> ReviewReportSummary:
    """Write the report of a review into a folder: one page a language, and the figures.

    Parameters
    ----------
    workbooks, codebook_path, settings_path, decisions, case_list
        As in `riskmodel.pipelines.review_merge.read_reviews`.
    out : Path
        Folder to write.
    sample : Path or None
        Folder of `riskmodel.pipelines.review_sample.sample_cases`, for the flow of cases.
    seed : int
        Seed of every bootstrap.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.

    Returns
    -------
    ReviewReportSummary

    Raises
    ------
    InputError
        If a workbook breaks a rule; nothing is written then.
    """
    found = read_reviews(
        workbooks,
        codebook_path=codebook_path,
        settings_path=settings_path,
        decisions=decisions,
        case_list=case_list,
        sample=sample,
    )
    record = compute_review(
        found.merged, found.table, sampling=_read_sampling(sample), random_state=seed
    )
    with publish_folder(out, overwrite=overwrite) as folder:
        _write(record, found, folder)
    return _summarize(record)


def _read_sampling(sample: Path | None) -> dict[str, int]:
    if sample is None:
        return {}
    path = sample / SAMPLING_FILE
    if not path.is_file():
        problem = "there is no such file in the folder of the draw."
        raise InputError(Fault(path.name, problem, "Give the folder of `riskmodel review sample`."))
    found = parse_json_strict(path.read_bytes(), path.name)
    counts = [found.get(key) if isinstance(found, dict) else None for key in ("n_frame", "n_drawn")]
    frame, drawn = counts
    if not isinstance(frame, int) or not isinstance(drawn, int):
        problem = "the sampling log needs n_frame and n_drawn, two whole numbers."
        raise InputError(Fault(path.name, problem, "Give the sampling.json of the draw."))
    return {"frame": frame, "drawn": drawn}


def _write(record: ReviewRecord, found: ReviewRead, folder: Path) -> None:
    text = json.dumps(record.to_mapping(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / REPORT_FILE).write_text(text, encoding="utf-8")
    page = render_review(record, found.merged.plan, "da")
    (folder / "review.da.html").write_text(page, encoding="utf-8")
    page = render_review(record, found.merged.plan, "en")
    (folder / "review.en.html").write_text(page, encoding="utf-8")


def _summarize(record: ReviewRecord) -> ReviewReportSummary:
    verdicts: dict[str, list[str]] = {"usable": [], "reword": [], "drop": [], "uncertain": []}
    asked = [one for one in record.agreement if one.packet == "intake" and not one.site]
    for one in asked:
        verdicts.get(one.verdict, []).append(one.field)
    return ReviewReportSummary(
        n_cases=record.flow.listed,
        n_long=record.flow.long_course,
        usable=tuple(verdicts["usable"]),
        reword=tuple(verdicts["reword"]),
        drop=tuple(verdicts["drop"]),
        uncertain=tuple(verdicts["uncertain"]),
        weak_at_a_site=tuple(one.field for one in asked if one.weak_sites),
        agreement={one.field: one.figure.value for one in asked if one.figure.known},
        files=(REPORT_FILE, "review.da.html", "review.en.html"),
    )
