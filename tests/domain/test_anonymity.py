"""Anonymity figures against pycanon, and coarsening against trying everything."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodel.domain.anonymity import (
    compute_anonymity,
    find_singling_out,
    make_ladder,
    suggest_coarsening,
)
from riskmodel.domain.codebook import Codebook

QUASI = ["age_band", "sex", "site"]

# Seed, rows, quasi-identifiers, then k, l and t by pycanon 1.3.6. pycanon wants numpy and pandas
# older than ours, so its figures stand here; where it is installed it is asked again.
PYCANON = (
    (1, 60, ("age_band", "sex"), 3, 2, 0.4666666667),
    (2, 200, ("age_band", "sex", "site"), 4, 3, 0.3633333333),
    (3, 400, ("age_band", "sex", "site"), 11, 4, 0.2725),
    (4, 60, ("age_band", "sex", "site"), 1, 1, 0.8),
)


def make_people(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ages = np.array(["18-29", "30-39", "40-49", "50-59", "60+"])
    return pd.DataFrame(
        {
            "age_band": ages[rng.integers(0, 5, n)],
            "sex": np.array(["f", "m"])[rng.integers(0, 2, n)],
            "site": np.array(["greve", "lejre"])[rng.integers(0, 2, n)],
            "ill": np.array(["back", "stress", "cancer", "other"])[rng.integers(0, 4, n)],
        }
    )


@pytest.mark.parametrize(("seed", "n", "quasi", "k", "diversity", "closeness"), PYCANON)
def test_figures_are_those_of_pycanon(seed, n, quasi, k, diversity, closeness) -> None:
    found = compute_anonymity(make_people(seed, n), quasi, ["ill"])
    assert (found.k, found.l["ill"]) == (k, diversity)
    assert found.t["ill"] == pytest.approx(closeness, abs=1e-9)


@pytest.mark.parametrize(("seed", "n"), [(5, 80), (6, 300)])
def test_figures_are_those_of_pycanon_where_it_is_installed(seed: int, n: int) -> None:
    anonymity = pytest.importorskip("pycanon.anonymity")
    people = make_people(seed, n)
    found = compute_anonymity(people, QUASI, ["ill"])
    assert found.k == anonymity.k_anonymity(people, QUASI)
    assert found.l["ill"] == anonymity.l_diversity(people, QUASI, ["ill"])
    assert found.t["ill"] == pytest.approx(anonymity.t_closeness(people, QUASI, ["ill"]))


def test_a_missing_value_is_a_value_of_its_own() -> None:
    people = pd.DataFrame({"sex": ["f", "f", None], "ill": ["a", "b", "a"]})
    assert compute_anonymity(people, ["sex"]).n_alone == 1


def test_singling_out_lists_the_smallest_sets_only() -> None:
    people = pd.DataFrame({"a": list("xxyyy"), "b": list("uvuuv"), "c": list("ppppq")})
    found = {one.columns: one.n_alone for one in find_singling_out(people, ["a", "b", "c"])}
    assert found == {("c",): 1, ("a", "b"): 3}


def test_ladders_join_neighbours_and_end_with_nothing(codebook: Codebook) -> None:
    age = codebook.find_field("age_band")
    ladder = make_ladder(age, age.level_values)
    assert [len(set(step.values())) for step in ladder] == [5, 3, 2, 1]
    assert ladder[1]["18-29"] == ladder[1]["30-39"] == "18-29 to 30-39"
    sex = codebook.find_field("sex")
    assert len(make_ladder(sex, sex.level_values)) == 2


@pytest.mark.parametrize("k", [2, 5, 8])
@pytest.mark.parametrize("seed", [1, 4])
def test_the_suggested_coarsening_reaches_k(codebook: Codebook, seed: int, k: int) -> None:
    people = make_people(seed, 60)
    fields = {one.name: one for one in codebook.fields}
    ladders = {name: make_ladder(fields.get(name), sorted(set(people[name]))) for name in QUASI}
    found = suggest_coarsening(people, ladders, k)
    assert found is not None
    coarse = people.copy()
    for name, names in found.recoding.items():
        coarse[name] = coarse[name].map(lambda value, names=names: names[value])
    assert compute_anonymity(coarse, QUASI).k == found.k >= k
    # One step back in any column would not do, for the same or a smaller loss.
    for name, step in found.steps.items():
        if step == 0:
            continue
        finer = coarse.copy()
        finer[name] = people[name].map(lambda value, n=name, s=step: ladders[n][s - 1][value])
        assert compute_anonymity(finer, QUASI).k < k


def test_more_privacy_never_costs_less(codebook: Codebook) -> None:
    people = make_people(4, 60)
    fields = {one.name: one for one in codebook.fields}
    ladders = {name: make_ladder(fields.get(name), sorted(set(people[name]))) for name in QUASI}
    losses = [suggest_coarsening(people, ladders, k).loss for k in (1, 2, 3, 5, 10, 20, 60)]
    assert losses[0] == 0
    assert losses == sorted(losses)
    assert losses[-1] == pytest.approx(1)
    assert suggest_coarsening(people, ladders, 61) is None


def test_a_few_missing_values_leave_a_way_to_reach_k(codebook: Codebook) -> None:
    people = make_people(4, 60)
    people.loc[:2, "age_band"] = None
    fields = {one.name: one for one in codebook.fields}
    ladders = {
        name: make_ladder(fields.get(name), sorted(people[name].dropna().unique()))
        for name in QUASI
    }
    found = suggest_coarsening(people, ladders, 5)
    assert found is not None
    assert found.k >= 5
    assert set(found.recoding["age_band"].values()) == {"*"}
    coarse = people.assign(age_band="*")
    for name in set(found.recoding) - {"age_band"}:
        coarse[name] = coarse[name].map(dict(found.recoding[name]))
    assert compute_anonymity(coarse, QUASI).k == found.k
