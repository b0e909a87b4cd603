"""The team that case pages are made for, from the option to the records that are watched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from riskmodel.errors import InputError
from riskmodel.io.decision_files import decision_frame, read_decisions
from riskmodel.pipelines.explain import explain

pytestmark = pytest.mark.slow  # whole commands, or many tables

POLICY = Path(__file__).parents[2] / "configs" / "visitation" / "lejre-greve.yaml"


def test_the_team_stands_in_each_decision_record(open_file, bundle, tmp_path, review_codebook):
    out = tmp_path / "pages"
    explain([open_file], model_path=bundle, out=out, policy_path=POLICY, team="nord-2")
    for number, page in enumerate(sorted((out / "cases").glob("*.html"))):
        found = re.search(r'id="judgement-data"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
        record = json.loads(found[1])["record"]
        assert record["team"] == "nord-2"
        # What the page adds when the adviser saves.
        record |= {"decided_on": "2026-08-03", "own_judgement_first": False}
        record |= {"decided_tier": record["seen_tier"]}
        (tmp_path / f"{number}.json").write_text(json.dumps(record))
    records = read_decisions(sorted(tmp_path.glob("*.json")), review_codebook)
    assert len(records) > 3
    assert set(decision_frame(records)["team"]) == {"nord-2"}


@pytest.mark.parametrize("team", ["Anne Hansen", "", "0101701234", "x" * 17, "nord/2"])
def test_a_team_that_is_no_code_is_refused_and_not_repeated(open_file, bundle, tmp_path, team):
    with pytest.raises(InputError, match="--team must be a code") as caught:
        explain([open_file], model_path=bundle, out=tmp_path / "pages", team=team)
    assert not team or team not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
