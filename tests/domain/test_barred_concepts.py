"""No origin in any codebook, and sex never an indicator."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from riskmodel.domain.barred_concepts import (
    ORIGIN_REMEDY,
    SEX_REMEDY,
    find_barred_field,
)
from riskmodel.domain.codebook import Field, Level
from riskmodel.domain.codebook_parsing import parse_codebook
from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError
from riskmodel.io.yaml_files import read_yaml

CONFIGS = Path(__file__).parents[2] / "configs"


def make_field(name="x1", da="Felt", en="Field", use="indicator", levels=()):
    kind = "category" if levels else "yes_no"
    listed = tuple(Level(str(n), Label(*texts)) for n, texts in enumerate(levels))
    return Field(name, Label(da, en), kind, "intake", use=use, levels=listed)


@pytest.mark.parametrize("use", ["indicator", "audit", "context"])
@pytest.mark.parametrize(
    "words",
    [
        {"name": "nationality"},
        {"name": "NationalityCode"},
        {"name": "country_of_birth"},
        {"name": "person_origin"},
        {"da": "Statsborgerskab"},
        {"da": "Fødeland"},
        {"da": "Oprindelsesland"},
        {"da": "Har anden etnisk baggrund"},
        {"da": "Modersmål"},
        {"en": "Mother tongue"},
        {"en": "Religious affiliation"},
        {"levels": (("Dansk", "Danish"), ("Ikke-vestlig", "Non-Western"))},
        {"levels": (("Dansk", "Danish"), ("Indvandrer", "Immigrant"))},
    ],
)
def test_origin_is_refused_for_every_use(words, use):
    assert find_barred_field(make_field(use=use, **words)) == ORIGIN_REMEDY


@pytest.mark.parametrize(
    "words",
    [
        {"name": "sex"},
        {"name": "gender_code"},
        {"name": "male"},
        {"da": "Køn"},
        {"da": "Biologisk køn"},
        {"en": "Sex"},
        {"levels": (("Kvinde", "Woman"), ("Mand", "Man"))},
    ],
)
def test_sex_is_for_fairness_tables_only(words):
    assert find_barred_field(make_field(use="indicator", **words)) == SEX_REMEDY
    assert find_barred_field(make_field(use="audit", **words)) is None


@pytest.mark.parametrize(
    "words",
    [
        {"name": "original_week"},
        {"name": "rtw_self_efficacy", "da": "Tro på egen mestring"},
        {"da": "Migræne", "en": "Migraine"},
        {"da": "Koncentration", "en": "Concentration"},
        {"en": "Management of the workplace", "da": "Ledelse"},
        {"en": "Sixteen or more weeks"},
        {"name": "tracer", "en": "Foreign key"},
    ],
)
def test_other_words_are_left_alone(words):
    assert find_barred_field(make_field(**words)) is None


@pytest.mark.parametrize("file", [CONFIGS / "codebook.yaml", CONFIGS / "examples" / "injury.yaml"])
def test_the_codebooks_that_come_along_hold_to_it(file):
    codebook = parse_codebook(read_yaml(file), file.name)
    assert not [one.name for one in codebook.fields if find_barred_field(one)]
    assert not [one.name for one in codebook.indicators if one.name in {"sex", "male"}]


def test_a_codebook_with_such_fields_is_not_built():
    mapping = dict(read_yaml(CONFIGS / "codebook.yaml"))
    fields: Any = copy.deepcopy(mapping["fields"])
    for one in fields:
        if one["name"] == "sex":
            one["use"] = "indicator"
    fields.append({"name": "nationality", "type": "yes_no", "known_at": "intake", "use": "context"})
    mapping["fields"] = fields
    with pytest.raises(CodebookError) as caught:
        parse_codebook(mapping, "mine.yaml")
    told = {(fault.column, fault.remedy) for fault in caught.value.faults}
    assert {remedy for _, remedy in told} == {ORIGIN_REMEDY, SEX_REMEDY}
    assert any(column.endswith("nationality") for column, _ in told)
