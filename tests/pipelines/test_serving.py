"""What a served model accepts: the codebook decides, and a misspelt column is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskmodel.domain.codebook import Codebook, Field, Level
from riskmodel.domain.labels import Label
from riskmodel.errors import InputError
from riskmodel.pipelines.serving import describe_served_model, read_request

LEVELS = (Level("a", Label("A", "A")), Level("b", Label("B", "B")))


def make_field(name: str, kind: str, **more: object) -> Field:
    settings = {"known_at": "intake", "range": (0.0, 100.0) if kind == "number" else None, **more}
    if kind == "category":
        settings["levels"] = LEVELS
    return Field(name=name, label=Label(name, name), type=kind, **settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return Codebook(
        name="served",
        version="1",
        data_kind="synthetic",
        key="case_id",
        group="person_id",
        site="municipality",
        assessed_week="assessed_week",
        fields=(
            make_field("age", "number"),
            make_field("sector", "category"),
            make_field("sex", "category", use="audit"),
            make_field("first_day", "date", use="context"),
            make_field("hours_left", "number", use="context"),
            make_field("end_date", "date", use="context", known_at="closure"),
        ),
    )


def test_the_signature_follows_the_codebook(codebook: Codebook) -> None:
    served = describe_served_model(Path("bundle"), codebook)
    assert served.columns == {
        "case_id": "string",
        "person_id": "string",
        "municipality": "string",
        "age": "double",
        "sector": "string",
        "sex": "string",
        "first_day": "string",
        "hours_left": "double",
        "assessed_week": "double",
    }
    assert served.required == {"age", "sector", "assessed_week"}
    assert served.parameters == {"policy": "string", "horizon": "double"}
    assert served.requirements[0].startswith("riskmodel==")
    assert served.policy == ()


def test_the_periods_of_the_law_go_with_the_policy(codebook: Codebook, tmp_path: Path) -> None:
    policy = tmp_path / "risk-only.yaml"
    policy.touch()
    assert describe_served_model(tmp_path, codebook, policy=policy).policy == (policy,)
    (tmp_path / "regimes.yaml").touch()
    served = describe_served_model(tmp_path, codebook, policy=policy)
    assert [one.name for one in served.policy] == ["risk-only.yaml", "regimes.yaml"]


def test_a_request_without_ids_is_numbered(codebook: Codebook) -> None:
    rows = {"age": [30.0, None], "sector": ["a", None], "assessed_week": [0.0, 8.0]}
    cases = read_request(pd.DataFrame(rows), codebook)
    assert cases.case_id.tolist() == ["1", "2"]
    assert cases.group.tolist() == ["1", "2"]
    named = read_request(pd.DataFrame({**rows, "case_id": ["S-7", "S-8"]}), codebook)
    assert named.case_id.tolist() == named.group.tolist() == ["S-7", "S-8"]


def test_a_request_that_breaks_a_rule(codebook: Codebook) -> None:
    rows = {"age": [30.0, 200.0], "sector": ["a", "b"], "assessed_week": [0.0, 8.0]}
    with pytest.raises(InputError, match="request, row 2, column age"):
        read_request(pd.DataFrame(rows), codebook)
