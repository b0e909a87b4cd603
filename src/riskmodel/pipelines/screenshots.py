"""Draws the pictures of the documentation anew, from synthetic cases.

``make screenshots`` runs it. The pages are those that `riskmodel explain` writes; the model is a
small one, fitted here.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riskmodel.io.bundle import save_bundle
from riskmodel.io.chromium import take_picture
from riskmodel.io.config import read_codebook
from riskmodel.io.tables import read_cases
from riskmodel.pipelines.explain import explain
from riskmodel.pipelines.synthesize import synthesize
from riskmodel.training.fit import TrainingSettings, fit_risk_model

__all__ = ["draw_pictures", "make_pages"]

CONFIGS = Path("configs")
HISTORY_CASES, OPEN_CASES = 800, 60
WIDTH, HEIGHT, GAP = 1000, 1150, 20
_ASKS = "own_judgement_first: true"
_CLOSED = '<details id="what-if-box" hidden="hidden">'


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages that are pictured, with and without the own judgement first."""

    asking: Path
    open: Path
    first_page: str


def make_pages(
    folder: Path, *, n_cases: int = HISTORY_CASES, settings: TrainingSettings | None = None
) -> _Pages:
    """Write pages of synthetic open cases into a folder.

    Parameters
    ----------
    folder : Path
        Empty folder.
    n_cases : int
        Closed cases that the model is fitted on.
    settings : TrainingSettings, optional
        How it is fitted.
    """
    codebook_path = CONFIGS / "codebook.yaml"
    codebook = read_codebook(codebook_path)
    history, running = folder / "history.parquet", folder / "open_cases.csv"
    for preset, out, n_drawn, seed in (
        ("history", history, n_cases, 1),
        ("open_cases", running, OPEN_CASES, 2),
    ):
        synthesize(
            preset=preset,
            codebook_path=codebook_path,
            config_path=CONFIGS / "synthetic.yaml",
            out=out,
            n_cases=n_drawn,
            seed=seed,
        )
    closed = read_cases(history, codebook, require_outcomes=True)
    save_bundle(fit_risk_model(closed, settings or TrainingSettings()).model, folder / "model")
    asking = CONFIGS / "visitation" / "lejre-greve.yaml"
    showing = folder / "lejre-greve.yaml"
    showing.write_text(
        asking.read_text(encoding="utf-8").replace(_ASKS, _ASKS.replace("true", "false")),
        encoding="utf-8",
    )
    regimes = CONFIGS / "visitation" / "regimes.yaml"
    (folder / regimes.name).write_bytes(regimes.read_bytes())
    for policy, name in ((asking, "asking"), (showing, "open")):
        summary = explain(
            [running], model_path=folder / "model", policy_path=policy, out=folder / name
        )
    return _Pages(folder / "asking", folder / "open", summary.first_page)


def draw_pictures(
    out: Path, *, n_cases: int = HISTORY_CASES, settings: TrainingSettings | None = None
) -> tuple[Path, ...]:
    """Write the pictures of the documentation.

    Parameters
    ----------
    out : Path
        Existing folder, such as ``docs/pictures``.
    n_cases, settings
        As in `make_pages`.

    Returns
    -------
    tuple of Path
        The files: worklist and case page, own judgement, and what-if.

    Raises
    ------
    InputError
        If there is no browser.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pages = make_pages(folder, n_cases=n_cases, settings=settings)
        case = pages.open / pages.first_page
        opened = case.with_name("what-if.html")
        opened.write_text(_open_what_if(case.read_text(encoding="utf-8")), encoding="utf-8")
        left, right = folder / "left.png", folder / "right.png"
        take_picture(pages.open / "index.html", left, width=WIDTH, height=HEIGHT)
        take_picture(case, right, width=WIDTH, height=HEIGHT)
        drawn = (out / "pages.png", out / "own-judgement.png", out / "what-if.png")
        _put_side_by_side([left, right], drawn[0])
        take_picture(pages.asking / pages.first_page, drawn[1], width=WIDTH, height=HEIGHT)
        take_picture(opened, drawn[2], width=WIDTH, height=HEIGHT)
    return drawn


def _open_what_if(page: str) -> str:
    """Return a case page that begins with its what-if, opened."""
    head, main, rest = page.partition('<main id="content">')
    _, section, after = rest.partition('<section id="what-if"')
    opened = after.replace(_CLOSED, '<details id="what-if-box" open="open">')
    return "".join([head, main, section, opened])


def _put_side_by_side(pictures: Sequence[Path], out: Path) -> None:
    import numpy as np  # noqa: PLC0415
    from matplotlib.image import imread, imsave  # noqa: PLC0415

    loaded = [imread(path)[..., :3] for path in pictures]
    gap = np.ones((loaded[0].shape[0], GAP, 3), dtype=loaded[0].dtype)
    joined = np.hstack([loaded[0], *(part for one in loaded[1:] for part in (gap, one))])
    imsave(out, joined)


if __name__ == "__main__":
    for written in draw_pictures(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
