"""Draw the cases of a review from a list of closed cases."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.review_sampling import DrawnSample, draw_sample
from riskmodel.errors import Fault, InputError
from riskmodel.io.atomic import publish_folder
from riskmodel.io.cell_values import parse_number
from riskmodel.io.config import read_codebook
from riskmodel.io.locks import one_run_per_target
from riskmodel.io.review_cases import SAMPLED_FILE, read_case_list, read_review_settings
from riskmodel.io.strict_json import encode_json
from riskmodel.io.tables import write_table

__all__ = ["SAMPLING_FILE", "SampleSummary", "sample_cases"]

FloatArray = npt.NDArray[np.float64]
SAMPLING_FILE = "sampling.json"
LONG, SHORT = "long", "short"


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was drawn.

    Attributes
    ----------
    n_frame, n_drawn : int
        Cases that could be drawn, and cases drawn.
    n_too_short : int
        Cases of the list that ended before the week of packet 1, and so could not be drawn.
    intake_week : float
        The week of packet 1.
    n_long, n_short : int
        Long and short courses drawn.
    strata : dict of str to list of int
        Stratum to its cases in the frame and in the sample.
    files : tuple of str
    """

    n_frame: int
    n_drawn: int
    n_too_short: int
    intake_week: float
    n_long: int
    n_short: int
    strata: dict[str, list[int]]
    files: tuple[str, ...]

    def to_text(self) -> str:
        """Return the summary in words."""
        lines = [f"{self.n_drawn} of {self.n_frame} cases drawn"]
        lines += [f"  {name}: {n} of {of}" for name, (of, n) in self.strata.items()]
        if self.n_too_short:
            lines.append(
                f"{self.n_too_short} cases ended before week {self.intake_week:g}, the week of "
                "packet 1, and could not be drawn"
            )
        if abs(self.n_long - self.n_short) > 1:
            lines.append(
                f"not even: {self.n_long} long and {self.n_short} short; there are no more of "
                "the fewer ones"
            )
        return "\n".join(lines)


@one_run_per_target
def sample_cases(
    cases: str | os.PathLike[str],
    *,
    codebook_path: Path,
    out: Path,
    n_cases: int = 60,
    strata: Sequence[str] = (),
    settings_path: Path | None = None,
    seed: int = 0,
    overwrite: bool = False,
) -> SampleSummary:
    """Draw cases by lot, as many long as short ones, and evenly from the strata of each.

    A case's stratum is its outcome (longer than the primary horizon or not) together with
    its municipality, where the codebook names one, and the columns of `strata`.

    Cases that ended before the week of packet 1 have no assessment to review. They are counted
    and left out.

    ``cases.csv`` goes on to the review forms and tells nothing of the outcome;
    ``sampling.csv`` holds each case's stratum and sampling fraction and is kept from the
    reviewers; ``sampling.json`` counts the strata.

    Parameters
    ----------
    cases : path
        Every closed case that could be drawn, one row each, with its duration.
    codebook_path : Path
    out : Path
        Folder to write.
    n_cases : int
        Cases to draw, default=60.
    strata : sequence of str
        Further columns, such as ``diagnosis_group``.
    settings_path : Path or None
        Settings of the review, such as ``configs/review.yaml``; they name the week of packet 1.
    seed : int
        The same list and seed draw the same cases.
    overwrite : bool
        Replace a folder that riskmodel made even where its files were changed.

    Returns
    -------
    SampleSummary

    Raises
    ------
    InputError
        If a column or a duration is missing, or there are too few cases.
    """
    codebook = read_codebook(codebook_path)
    settings = read_review_settings(settings_path, codebook)
    file = Path(cases).name
    duration = codebook.outcome.duration_weeks
    listed = read_case_list(cases, codebook, extra=(duration, *strata))
    weeks = _read_durations(listed, duration, file)
    reached = weeks >= settings.intake_week
    frame = listed[reached].reset_index(drop=True)
    n_too_short = len(listed) - len(frame)
    if len(frame) < n_cases and n_too_short:
        problem = (
            f"{n_too_short} cases ended before week {settings.intake_week:g}, the week of packet "
            f"1; {len(frame)} are left."
        )
        raise InputError(Fault(file, problem, "Give more cases, or draw fewer."))
    long_course = weeks[reached] > codebook.primary_horizon
    stratum = _name_strata(frame, codebook, strata, long_course)
    sides = {name: LONG if name.split(" / ")[0] == LONG else SHORT for name in set(stratum)}
    drawn = draw_sample(stratum, n_cases, sides=sides, seed=seed)
    counts = {one.name: [one.n_frame, one.n_drawn] for one in drawn.strata}
    n_long = int(long_course[drawn.rows].sum())
    n_drawn = len(drawn.rows)
    files = ("cases.csv", SAMPLED_FILE, SAMPLING_FILE)
    summary = SampleSummary(
        len(frame), n_drawn, n_too_short, settings.intake_week,
        n_long, n_drawn - n_long, counts, files,
    )  # fmt: skip
    log = {"n_frame": summary.n_frame, "n_drawn": n_drawn, "n_too_short": n_too_short,
           "intake_week": settings.intake_week, "seed": seed, "strata": counts}  # fmt: skip
    with publish_folder(out, overwrite=overwrite) as folder:
        write_table(_blind_list(frame, codebook, drawn), folder / "cases.csv")
        write_table(_log_fractions(frame, codebook, stratum, drawn), folder / SAMPLED_FILE)
        (folder / SAMPLING_FILE).write_bytes(encode_json(log))
    return summary


def _read_durations(frame: pd.DataFrame, duration: str, file: str) -> FloatArray:
    weeks = []
    for row, text in enumerate(frame[duration]):
        parsed = parse_number(str(text).strip())
        if parsed is None:
            problem = "the duration in weeks is missing or no number."
            remedy = "Give every closed case its duration, or leave the case out."
            raise InputError(Fault(file, problem, remedy, row + 2, duration))
        weeks.append(parsed[0])
    return np.array(weeks, dtype=np.float64)


def _name_strata(
    frame: pd.DataFrame,
    codebook: Codebook,
    strata: Sequence[str],
    long_course: npt.NDArray[np.bool_],
) -> pd.Series:
    parts = [pd.Series(np.where(long_course, LONG, SHORT), dtype=object)]
    if codebook.site is not None:
        parts.append(frame["site"])
    parts += [frame[name] for name in strata]
    joined = pd.concat(parts, axis=1)
    return joined.apply(
        lambda row: "" if any(not str(one).strip() for one in row) else " / ".join(row), axis=1
    )


def _blind_list(frame: pd.DataFrame, codebook: Codebook, drawn: DrawnSample) -> pd.DataFrame:
    chosen = frame.iloc[drawn.rows]
    columns = {codebook.key: chosen["case_id"], codebook.group: chosen["group"]}
    if codebook.site is not None:
        columns[codebook.site] = chosen["site"]
    listed = pd.DataFrame(columns)
    # Sorted by id: the order of the frame may follow the outcome.
    return listed.sort_values(codebook.key).reset_index(drop=True)


def _log_fractions(
    frame: pd.DataFrame, codebook: Codebook, stratum: pd.Series, drawn: DrawnSample
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            codebook.key: frame["case_id"].iloc[drawn.rows].to_numpy(),
            "stratum": stratum.iloc[drawn.rows].to_numpy(),
            "sampling_fraction": drawn.fraction,
        }
    )
