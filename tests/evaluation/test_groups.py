"""Nothing about few persons can be read off, nor worked out from the totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.small_cells import protect_small_groups
from riskmodel.evaluation.groups import MISSING, OTHER_SITES, find_groupings, name_sites

cells = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=8)


@given(cells, st.integers(2, 10))
def test_small_levels_are_never_shown_nor_the_only_ones_kept_back(
    counts: list[tuple[int, int]], min_cell: int
) -> None:
    events, others = np.array(counts).T
    found = np.array(protect_small_groups(events, others, min_cell))
    few = (events < min_cell) | (others < min_cell)
    assert np.all(found[few] == "hidden")
    assert np.all(np.minimum(events, others)[found == "rounded"] >= 10 * min_cell)
    back = (found != "shown") & (events + others > 0)
    if back.any() and (found == "shown").any():
        assert back.sum() > 1
        assert min(events[back].sum(), others[back].sum()) >= min_cell


@given(cells)
def test_large_levels_alone_are_all_shown(counts: list[tuple[int, int]]) -> None:
    events, others = np.array(counts).T + 5
    assert set(protect_small_groups(events, others, 5)) == {"shown"}


def test_splits_are_by_landmark_site_and_group(make_table: Callable[..., CaseTable]) -> None:
    table = make_table(120)
    found = {(one.family, one.field): one for one in find_groupings(table)}
    assert set(found) == {
        ("landmark", "assessed_week"),
        ("site", "municipality"),
        ("group", "sex"),
        ("group", "diagnosis_group"),
    }
    sex = found["group", "sex"]
    assert [sex.levels[one] for one in sex.level_of] == table.fields["sex"].tolist()


def test_a_small_site_that_the_codebook_does_not_list_is_not_named(
    make_table: Callable[..., CaseTable],
) -> None:
    table = make_table(60)
    site = table.site.astype("U20").copy()
    site[:8], site[8:10] = "Cby", "Somebody Else"  # four persons and one
    small = replace(table, site=site)
    assert set(name_sites(small)) == {"Aby", "Bby", OTHER_SITES}
    assert np.all(name_sites(small)[:10] == OTHER_SITES)
    split = next(one for one in find_groupings(small) if one.family == "site")
    assert set(split.levels) == {"Aby", "Bby", OTHER_SITES}
    larger = replace(small, site=np.where(np.arange(60) < 10, "Cby", site))
    assert set(name_sites(larger)) == {"Aby", "Bby", "Cby"}
    listed = replace(small, codebook=replace(table.codebook, site="sex"))
    assert OTHER_SITES in name_sites(replace(listed, site=site))
    levels = np.where(np.arange(60) < 2, "f", "m")
    assert set(name_sites(replace(listed, site=levels))) == {"f", "m"}


def test_a_number_is_split_at_rounded_quartiles(make_table: Callable[..., CaseTable]) -> None:
    table = make_table(200)
    split = next(one for one in find_groupings(table, ["expected_weeks"]) if one.family == "group")
    assert len(split.levels) == 5
    values = table.fields["expected_weeks"].to_numpy()
    names = np.array(split.levels)[split.level_of]
    edges = [float(name.split(" to ")[0]) for name in split.levels[1:3]]
    edges.append(float(split.levels[3].removesuffix(" and over")))
    assert split.levels[0] == f"under {edges[0]:g}"
    assert split.levels[1:3] == (f"{edges[0]:g} to {edges[1]:g}", f"{edges[1]:g} to {edges[2]:g}")
    assert edges == [float(f"{one:.2g}") for one in np.nanquantile(values, [0.25, 0.5, 0.75])]
    assert np.all(names[values < edges[0]] == split.levels[0])
    assert np.all(names[(values >= edges[1]) & (values < edges[2])] == split.levels[2])
    assert np.all(names[values >= edges[2]] == split.levels[3])
    sizes = np.bincount(split.level_of, minlength=5)
    assert sizes[:4].min() > 30
    assert sizes[4] == table.fields["expected_weeks"].isna().sum()


def test_a_landmark_holds_the_assessments_from_its_week_to_the_next(
    make_table: Callable[..., CaseTable],
) -> None:
    table = make_table(120)
    split = next(one for one in find_groupings(table) if one.family == "landmark")
    weeks = np.array([float(one) for one in split.levels])
    assert len(weeks) > 1
    shown = weeks[split.level_of]
    after = np.append(weeks[1:], np.inf)[split.level_of]
    assert np.all((shown <= table.assessed_week) & (table.assessed_week < after))
    one_day_on = replace(table, assessed_week=table.assessed_week + 1 / 7)
    later = next(one for one in find_groupings(one_day_on) if one.family == "landmark")
    assert np.array_equal(later.level_of, split.level_of)


def test_a_number_that_nobody_has_is_missing_for_all(make_table: Callable[..., CaseTable]) -> None:
    table = make_table(60)
    fields = table.fields.assign(expected_weeks=np.nan)
    found = find_groupings(replace(table, fields=fields), ["expected_weeks"])
    (split,) = (one for one in found if one.family == "group")
    assert split.levels == ("all", MISSING)
    assert np.all(split.level_of == 1)
