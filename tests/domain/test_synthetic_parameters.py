"""The settings of the generator check themselves and name their sources."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from riskmodel.domain.synthetic_settings import list_presets, parse_synthetic_parameters
from riskmodel.errors import CodebookError
from riskmodel.io.yaml_files import read_yaml

CONFIG = Path(__file__).parents[2] / "configs" / "synthetic.yaml"


@pytest.fixture
def settings():
    return copy.deepcopy(read_yaml(CONFIG))


def change(settings, path, **leaf):
    node = settings["presets"]["history"]
    *groups, last = path.split(".")
    for group in groups:
        node = node[group]
    node[last] = {**node[last], **leaf}


def test_every_preset_parses_and_every_value_has_a_source(settings):
    assert list_presets(settings) == ("history", "review60", "local", "open_cases")
    for name in list_presets(settings):
        parameters = parse_synthetic_parameters(settings, name)
        assert parameters.preset == name
        assert len(parameters.sources) > 100
        for path, source in parameters.sources.items():
            assert source.strip(), path
    with pytest.raises(FrozenInstanceError):
        parameters.preset = "other"


def test_a_preset_keeps_what_it_does_not_change(settings):
    history = parse_synthetic_parameters(settings, "history")
    review = parse_synthetic_parameters(settings, "review60")
    assert review.people.sites == ("lejre", "greve")
    assert len(history.people.sites) == 12
    assert review.people.shares == history.people.shares
    assert review.course.effects == history.course.effects


@pytest.mark.parametrize(
    ("path", "leaf", "message"),
    [
        ("course.slow_shape", {"source": " "}, r"presets.history.course.slow_shape.*a source"),
        ("course.slow_shape", {"value": -1}, "slow_shape must be greater than 0, got -1"),
        ("course.slow_shape", {"value": "long"}, "slow_shape must be a number, got 'long'"),
        ("course.slow_shape", {"note": "?"}, "exactly a value and a source"),
        ("people.shares.sex", {"value": {"f": 0.5, "m": 0.6}}, "add up to 1, they add up to 1.1"),
        ("people.sites", {"value": ["a", "a"]}, "sites must be different names"),
        ("people.first_absence_from", {"value": "tomorrow"}, "Invalid isoformat"),
        ("people.first_absence_from", {"value": "2031-01-01"}, "must not lie after"),
        ("review.events.partial_rtw_starts", {"value": [0.0, 0.1]}, "strictly between 0 and 1"),
        ("selection.intake_week_employed", {"value": 3}, "intake_week_employed must be a number"),
        ("selection.review_weeks", {"value": [4, 8]}, "review_weeks must hold"),
        ("selection.keep", {"value": "open"}, "keep: open needs an extraction_date"),
        ("selection.rows", {"value": "first"}, "rows must be one of all, intake, latest"),
        ("documents.rater_error_share", {"value": 1.2}, r"rater_error_share must be a number in"),
        ("course.competing_weekly_hazard", {"value": [0.1]}, "one hazard for each"),
        ("course.effects.sector", {"value": {"secret": 1}}, r"without a share: \['secret'\]"),
    ],
)
def test_wrong_settings_are_refused_with_their_path(settings, path, leaf, message):
    change(settings, path, **leaf)
    with pytest.raises(CodebookError, match=message):
        parse_synthetic_parameters(settings, "history")


def test_missing_and_unknown_settings_and_presets_are_named(settings):
    course = settings["presets"]["history"]["course"]
    course["slow_shapes"] = course.pop("slow_shape")
    with pytest.raises(CodebookError) as caught:
        parse_synthetic_parameters(settings, "history", "mine.yaml")
    assert {fault.column for fault in caught.value.faults} == {
        "course.slow_shape",
        "course.slow_shapes",
    }
    assert "mine.yaml" in str(caught.value)
    with pytest.raises(CodebookError, match="Choose one of: history, review60, local, open_cases"):
        parse_synthetic_parameters(settings, "1960")


def test_a_bare_value_without_a_source_is_refused(settings):
    settings["presets"]["history"]["course"]["slow_shape"] = 0.9
    with pytest.raises(CodebookError, match=r"needs value and source, got 0\.9"):
        parse_synthetic_parameters(settings, "history")
