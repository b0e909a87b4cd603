"""How often the interval of a contribution holds the truth, on seeds that settled nothing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from riskmodel.explanation.uncertainty import refit_sways
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import score_cases

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cover_contributions.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cover_contributions", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["cover_contributions"] = module
    spec.loader.exec_module(module)
    return module


def test_the_true_functions_are_centred_and_make_the_outcomes(script: ModuleType) -> None:
    world = script.additive_world()
    table = world.draw(40_000, 7)
    truth = world.truth(table)
    names = [one.name for one in table.codebook.indicators]
    assert truth.shape == (40_000, len(names))
    np.testing.assert_allclose(truth.mean(axis=0), 0.0, atol=0.02)
    assert not truth[:, names.index("nothing")].any()
    chance = 1 / (1 + np.exp(-script.ADDITIVE_START - truth.sum(axis=1)))
    assert table.outcomes is not None
    long = table.outcomes.status_at(26.0).long_course
    for low in np.arange(0.1, 0.9, 0.2):
        rows = (chance >= low) & (chance < low + 0.2)
        assert long[rows].mean() == pytest.approx(chance[rows].mean(), abs=0.02)


def test_persons_are_drawn_whole(script: ModuleType) -> None:
    world = script.synthetic_world()
    small, large = world.draw(200, 3), world.draw(200, 3)
    assert 200 <= len(small) < 230
    assert (small.case_id == large.case_id).all()


def test_coverage_counts_figures_within_their_interval(script: ModuleType) -> None:
    found = np.array([[1.0, 5.0, -2.0, 0.0]])
    width = np.array([[0.5, 1.0, 3.0, 0.0]])
    target = np.array([[1.4, 7.0, 0.5, 0.0]])
    shares = script._cover_one(found, width, target, np.abs(target))
    assert shares["all"] == 0.75
    assert shares["clear"] == 0.5
    # By the target the three largest are the first three; so they are by the figures.
    assert shares["strong"] == shares["shown"] == pytest.approx(2 / 3)


@pytest.mark.slow
def test_nine_in_ten_intervals_hold_the_true_contribution(script: ModuleType) -> None:
    """The rule was settled on seeds below 30; refits alone say too little with few cases."""
    world = script.additive_world()
    judged = world.draw(200, 700_001)
    truth = world.truth(judged)
    inside: dict[str, list[float]] = {"whole": [], "refits": []}
    for seed in range(500, 508):
        model = script.fit(world.draw(200, seed), seed, n_refits=12)
        figures = script.explain(model, judged)
        error = np.abs(figures.log_odds - truth)
        X = encode_fields(judged)
        alone = np.linalg.norm(refit_sways(model, X, judged.assessed_week), axis=2)
        inside["whole"].append(float((error <= figures.log_odds_width).mean()))
        inside["refits"].append(float((error <= alone).mean()))
        assert score_cases(model, judged).scored.all()
    assert 0.85 <= np.mean(inside["whole"]) <= 0.95
    assert np.mean(inside["refits"]) < 0.85


@pytest.mark.slow
def test_the_table_is_printed(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    choices = ["--worlds", "additive", "--sizes", "60", "--draws", "1", "--reference", "300"]
    script.main(choices)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["world", "target", "scale", "size"]
    assert len(lines) == 4
    with pytest.raises(SystemExit):
        script.main(["--sizes", "5"])
