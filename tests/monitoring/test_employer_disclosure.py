"""What readers can subtract from all that is told of employers never is about few people."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.monitoring.employers import (
    EMPLOYER_COLUMNS,
    EmployerFigures,
    compute_employer_figures,
)
from riskmodel.report.employers_page import render_employers

MIN_CELL = 5

employers = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 4), st.integers(0, 70)),  # long courses
        st.one_of(st.integers(0, 4), st.integers(0, 70)),  # short courses
        st.booleans(),  # headcount known
    ).filter(lambda one: one[0] + one[1] > 0),
    min_size=1,
    max_size=7,
)


def make_courses(sizes: list[tuple[int, int, bool]]) -> pd.DataFrame:
    rows = [
        (f"V{place}", float(kind), 10.0 * (n_long + n_short) + place if heads else np.nan)
        for place, (n_long, n_short, heads) in enumerate(sizes)
        for kind in [1] * n_long + [0] * n_short
    ]
    frame = pd.DataFrame(rows, columns=["employer", "long_course", "headcount"])
    ids = [f"SYN-{one:05d}" for one in range(len(frame))]
    return frame.assign(case_id=ids, person=ids, risk=np.nan)[list(EMPLOYER_COLUMNS)]


def tells_of_few(left: pd.Series) -> bool:
    """Whether a remainder, told exactly, is one of few people."""
    return bool(0 < left.sum() < MIN_CELL)


def shown(looks: tuple, values: str = "observed") -> set[str]:
    return {one.employer for one in looks if getattr(one, values) is not None}


@settings(max_examples=150, deadline=None)
@given(employers)
def test_no_employer_follows_by_subtraction(sizes):
    courses = make_courses(sizes)
    found = compute_employer_figures(courses)
    by = courses.groupby("employer")
    n_long, n_all = by["long_course"].sum(), by.size()
    # The expected number and its limits tell how many courses of known length there are.
    in_long = shown(found.long)
    open_sizes = in_long | shown(found.many)
    for one in (*found.many, *found.long):
        hidden = one.observed is None
        assert {value is None for value in (one.expected, one.ratio, one.low, one.high)} == {hidden}
        assert (one.adjusted_p is None) == hidden
    if found.long_share is None:
        assert in_long == set()
    else:
        left = [name for name in n_all.index if name not in in_long]
        assert len(left) != 1
        if left:
            assert min(n_long[left].sum(), (n_all - n_long)[left].sum()) >= MIN_CELL
    # All courses are told; where it is told how many are counted, both parts are.
    has_heads = by["headcount"].first().notna()
    totals = [n_all]
    if found.n_counted is not None:
        totals += [n_all[has_heads], n_all[~has_heads]]
    if open_sizes:
        for total in totals:
            assert not tells_of_few(total[[name not in open_sizes for name in total.index]])


def test_one_hidden_employer_takes_the_smallest_other_with_it():
    sizes = [(2, 30, True), (30, 40, True), (12, 20, True), (60, 90, True)]
    found = compute_employer_figures(make_courses(sizes))
    assert shown(found.long) == {"V1", "V3"}
    assert shown(found.many) == {"V0", "V1", "V2", "V3"}
    assert found.long_share is not None


def test_one_employer_of_few_people_takes_the_smallest_other_with_it():
    found = compute_employer_figures(
        make_courses([(2, 2, True), (30, 40, True), (12, 20, True), (60, 90, True)])
    )
    assert found.n_too_small == 1
    assert shown(found.many) == {"V1", "V3"}
    assert shown(found.long) == {"V1", "V3"}


def test_a_total_of_few_people_is_not_told():
    found = compute_employer_figures(make_courses([(2, 60, True), (1, 70, False)]))
    assert (found.long_share, shown(found.long)) == (None, set())
    few_counted = compute_employer_figures(
        make_courses([(2, 2, False), (30, 40, True), (60, 90, True)])
    )
    assert few_counted.n_counted is None
    assert shown(few_counted.many) == {"V2"}


def test_the_page_says_what_it_hides():
    cases: list[tuple[list[tuple[int, int, bool]], str]] = [
        ([(2, 60, True), (1, 70, True)], "Hvor mange det er i alt, er skjult"),
        ([(2, 2, False), (30, 40, True), (60, 90, True)], "det bygger på, er skjult"),
        ([(2, 2, True), (30, 40, False), (60, 90, False)], "Tallene er skjult"),
    ]
    for sizes, told in cases:
        found: EmployerFigures = compute_employer_figures(make_courses(sizes))
        for lang in ("da", "en"):
            page = render_employers(found, lang, horizon_weeks=26.0)
            assert (told in page) == (lang == "da")
            assert "None" not in page
