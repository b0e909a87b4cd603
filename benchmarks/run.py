"""Measure speed and size as ratios against plain tools, paired and interleaved.

    python benchmarks/run.py --rows 200000 --rounds 5

Every figure is a ratio of two times taken one right after the other, in turns, so that a busy
machine slows both; the table shows the median ratio with its smallest and largest, and the
target. The noise of the machine is measured beside it: the same work timed against itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.synthetic import make_cases
from riskmodel.domain.synthetic_settings import parse_synthetic_parameters
from riskmodel.io.bundle import save_bundle
from riskmodel.io.config import read_codebook
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.tables import write_table
from riskmodel.io.yaml_files import read_yaml
from riskmodel.model.challenger import fit_challenger
from riskmodel.model.encoding import find_input_specs
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import contributions_in_points, score_cases
from riskmodel.pipelines.score import score
from riskmodel.pipelines.train import train
from riskmodel.training.fit import TrainingSettings, find_training_rows, fit_risk_model

__all__ = ["Comparison", "compare", "main", "repeat_rows"]

CONFIGS = Path(__file__).parents[1] / "configs"
TRAINING_CASES = 1500
DRAWN_CASES = 4000
FEW = 60
EXPLAINED_BY_SHAP = 2000

MEMORY_GROWTH = 4
# Not the memory of a child as its parent is told it: that starts from the parent's own.
SCORE_AND_TELL_PEAK = """
import sys
from pathlib import Path
from riskmodel.pipelines.score import score
cases, model, out = map(Path, sys.argv[1:])
score([cases], model_path=model, out=out, contributions=True, overwrite=True)
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM:")))
"""

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one piece of work took beside another.

    Parameters
    ----------
    name, against : str
        The two.
    ours, theirs : tuple of float
        Seconds, in the order measured: one pair a round.
    target : str
        What the ratio is to be.
    """

    name: str
    against: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    target: str = ""

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours over theirs, a round each."""
        return tuple(one / other for one, other in zip(self.ours, self.theirs, strict=True))

    def to_row(self) -> str:
        """Return the comparison as a row of a table."""
        low, middle, high = (float(np.quantile(self.ratios, at)) for at in (0, 0.5, 1))
        seconds = f"{np.median(self.ours):9.3f} {np.median(self.theirs):9.3f}"
        return (
            f"{self.name:<34} {self.against:<34} {seconds}  {middle:8.3g} ({low:.3g}-{high:.3g})"
            f"  {self.target}"
        )


def compare(
    name: str, ours: Work, against: str, theirs: Work, *, rounds: int, target: str = ""
) -> Comparison:
    """Time two pieces of work in turns; which goes first changes with each round."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for place in (0, 1) if number % 2 == 0 else (1, 0):
            started = time.perf_counter()
            (ours, theirs)[place]()
            taken[place].append(time.perf_counter() - started)
    return Comparison(name, against, tuple(taken[0]), tuple(taken[1]), target)


def draw_cases(preset: str, n_cases: int, seed: int) -> pd.DataFrame:
    """Draw synthetic cases with the settings of the repository."""
    codebook = read_codebook(CONFIGS / "codebook.yaml")
    parameters = parse_synthetic_parameters(read_yaml(CONFIGS / "synthetic.yaml"), preset)
    return make_cases(parameters, codebook, n_cases=n_cases, random_state=seed).frame


def repeat_rows(frame: pd.DataFrame, n_rows: int) -> pd.DataFrame:
    """Return as many rows as asked for, repeated under ids of their own."""
    repeats = -(-n_rows // len(frame))
    parts = [
        frame.assign(
            case_id=frame["case_id"].astype(str) + f"r{number}",
            person_id=frame["person_id"].astype(str) + f"r{number}",
        )
        for number in range(repeats)
    ]
    return pd.concat(parts, ignore_index=True).head(n_rows)


def measure_scoring(folder: Path, model: RiskModel, n_rows: int, rounds: int) -> Comparison:
    """Parquet in, every figure and contribution out, against reading and writing both files."""
    cases, out = folder / "open.parquet", folder / "scores.parquet"
    write_table(repeat_rows(draw_cases("open_cases", DRAWN_CASES, 2), n_rows), cases)
    save_bundle(model, folder / "model")

    def ours() -> None:
        score([cases], model_path=folder / "model", out=out, contributions=True, overwrite=True)

    ours()
    scores = parquet.read_table(out)

    def theirs() -> None:
        parquet.read_table(cases)
        parquet.write_table(scores, folder / "copy.parquet", compression="zstd")

    return compare(
        f"score {n_rows:,} rows, Parquet",
        ours,
        "pyarrow: read and write the files",
        theirs,
        rounds=rounds,
        target="<= 4 (with intervals)",
    )


def measure_contributions(model: RiskModel, history: CaseTable, rounds: int) -> Comparison:
    """Contributions of rows by our tables and by LightGBM's, as the time for one row each."""
    rows = find_training_rows(history)
    challenger = fit_challenger(
        rows.X, rows.long_course, rows.weight, find_input_specs(model.codebook)
    )
    few = rows.X[:EXPLAINED_BY_SHAP]
    many = history.take(np.arange(100_000) % len(history))
    times = compare(
        "contributions of one row",
        lambda: contributions_in_points(score_cases(model, many)),
        "LightGBM pred_contrib",
        lambda: challenger.booster.predict(few, pred_contrib=True, num_threads=1),
        rounds=rounds,
        target="<= 0.01",
    )
    return Comparison(
        times.name,
        times.against,
        tuple(one / len(many) for one in times.ours),
        tuple(one / len(few) for one in times.theirs),
        times.target,
    )


def measure_memory(folder: Path, n_rows: int) -> int:
    """Return the peak memory in bytes of a process that scores a Parquet file, and no more."""
    cases = folder / f"memory{n_rows}.parquet"
    write_table(repeat_rows(draw_cases("open_cases", DRAWN_CASES, 2), n_rows), cases)
    places = [cases, folder / "model", folder / "memory_scores.parquet"]
    command = [sys.executable, "-c", SCORE_AND_TELL_PEAK, *map(str, places)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return 1024 * int(run.stdout)


def run_quietly(command: Sequence[str | Path]) -> None:
    """Run a command and fail if it does."""
    subprocess.run([str(one) for one in command], check=True, capture_output=True)


def measure_commands(folder: Path, rounds: int) -> Iterator[Comparison]:
    """Start of the command line, and a small file scored, as a shell sees them."""
    python, run = sys.executable, [sys.executable, "-m", "riskmodel"]
    few = folder / "few.csv"
    write_table(draw_cases("open_cases", FEW, 3).head(FEW), few)
    imports = [python, "-c", "import pandas, pyarrow"]
    yield compare(
        "riskmodel --help",
        lambda: run_quietly([*run, "--help"]),
        "import pandas, pyarrow",
        lambda: run_quietly(imports),
        rounds=rounds,
        target="help under 0.5 s",
    )
    model, out = str(folder / "model"), str(folder / "few_scores.csv")
    command = [*run, "score", str(few), "--model", model, "--out", out]
    yield compare(
        f"score {FEW} cases to CSV",
        lambda: run_quietly([*command, "--overwrite", "--quiet"]),
        "import pandas, pyarrow",
        lambda: run_quietly(imports),
        rounds=rounds,
        target="<= 1.5",
    )
    yield compare(
        "the same work against itself",
        lambda: run_quietly(imports),
        "import pandas, pyarrow",
        lambda: run_quietly(imports),
        rounds=rounds,
        target="1: the noise",
    )


def measure_training(folder: Path) -> float:
    """Return the seconds of a training with full evaluation on a review of 60 cases."""
    cases = folder / "review60.csv"
    write_table(draw_cases("review60", FEW, 4), cases)
    started = time.perf_counter()
    train([cases], codebook_path=CONFIGS / "codebook.yaml", out=folder / "m60", track=False)
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all comparisons and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=200_000, help="rows to score")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of each comparison")
    asked = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    codebook = read_codebook(CONFIGS / "codebook.yaml")
    history = read_frame(draw_cases("history", TRAINING_CASES, 1), codebook, require_outcomes=True)
    print(f"fitting a model on {len(history)} assessments", file=sys.stderr)
    model = fit_risk_model(history, TrainingSettings()).model
    heading = f"{'what':<34} {'against':<34} {'seconds':>9} {'seconds':>9}  ratio (range)  target"
    print(heading, flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(measure_scoring(folder, model, asked.rows, asked.rounds).to_row(), flush=True)
        sizes = (asked.rows, MEMORY_GROWTH * asked.rows)
        peaks = [measure_memory(folder, n_rows) for n_rows in sizes]
        print(measure_contributions(model, history, asked.rounds).to_row(), flush=True)
        for one in measure_commands(folder, asked.rounds):
            print(one.to_row(), flush=True)
        print(f"training and evaluating {FEW} cases: {measure_training(folder):.1f} s (target 60)")
    for n_rows, peak in zip(sizes, peaks, strict=True):
        print(f"peak memory of scoring {n_rows:,} rows: {peak / 1e9:.2f} GB")
    growth = (peaks[1] - peaks[0]) / (sizes[1] - sizes[0])
    print(f"growth: {growth:.0f} bytes a row (target: 10 million rows under 1 GB)")
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
