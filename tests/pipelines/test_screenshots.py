"""The pictures of the documentation come out of the program itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from riskmodel.errors import InputError
from riskmodel.io.chromium import take_picture
from riskmodel.pipelines import screenshots
from riskmodel.pipelines.screenshots import draw_pictures
from riskmodel.training.fit import TrainingSettings

NEEDS_BROWSER = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="Chromium is not installed; see .ci/chromium",
)


@NEEDS_BROWSER
def test_a_picture_shows_the_page(tmp_path):
    page, out = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text("<!DOCTYPE html><body style='background:#f00'></body>", encoding="utf-8")
    take_picture(page, out, width=300, height=200)
    picture = imread(out)
    assert picture.shape[:2] == (200, 300)
    assert np.allclose(picture[..., :3], [1.0, 0.0, 0.0], atol=0.01)


def test_without_a_browser_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="make chromium"):
        take_picture(tmp_path / "page.html", tmp_path / "page.png", width=100, height=100)


@pytest.mark.slow
@NEEDS_BROWSER
def test_every_picture_of_the_docs_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(screenshots, "CONFIGS", Path(__file__).parents[2] / "configs")
    settings = TrainingSettings(n_refits=4, n_folds=2, pair_terms=False)
    drawn = draw_pictures(tmp_path, n_cases=120, settings=settings)
    docs = Path(__file__).parents[2] / "docs" / "pictures"
    assert {one.name for one in drawn} <= {one.name for one in docs.iterdir()}
    for one in drawn:
        picture = imread(one)[..., :3]
        assert picture.shape[0] == 1150
        assert len(np.unique(picture[::7, ::7].reshape(-1, 3), axis=0)) > 20
