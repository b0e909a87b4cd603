from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodel.monitoring.employers import compute_employer_figures
from riskmodel.stats.intervals import clopper_pearson, poisson_limits


def make_courses(
    sizes: dict[str, int], *, share: float = 0.3, seed: int = 0, per_head: float = 0.1
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    employer = np.repeat(list(sizes), list(sizes.values()))
    n = len(employer)
    heads = {name: max(1.0, round(size / per_head)) for name, size in sizes.items()}
    return pd.DataFrame(
        {
            "employer": employer.astype(object),
            "case_id": [f"SYN-{one:05d}" for one in range(n)],
            "person": [f"P-{one:05d}" for one in range(n)],
            "long_course": (rng.random(n) < share).astype(float),
            "risk": np.nan,
            "headcount": [heads[name] for name in employer],
        }
    )


def test_figures_are_what_they_say() -> None:
    courses = make_courses({"A": 40, "B": 60, "C": 100})
    found = compute_employer_figures(courses)
    long = {one.employer: one for one in found.long}
    share = courses["long_course"].mean()
    for name, rows in courses.groupby("employer"):
        observed, n = int(rows["long_course"].sum()), len(rows)
        low, high = clopper_pearson(observed, n)
        assert long[name].observed == observed
        assert long[name].expected == pytest.approx(share * n)
        assert long[name].ratio == pytest.approx(observed / (share * n))
        assert long[name].low == pytest.approx(float(low) / share)
        assert long[name].high == pytest.approx(float(high) / share)
    many = {one.employer: one for one in found.many}
    rate = 200 / courses.groupby("employer")["headcount"].first().sum()
    low, high = poisson_limits(40, 400 * rate)
    assert many["A"].expected == pytest.approx(400 * rate)
    assert (many["A"].low, many["A"].high) == pytest.approx((float(low), float(high)))


def test_one_employer_with_many_courses_stands_out() -> None:
    courses = make_courses({f"V{one:02d}": 30 for one in range(20)})
    heads = courses["headcount"].where(courses["employer"] != "V07", 75.0)
    found = compute_employer_figures(courses.assign(headcount=heads))
    assert [one.employer for one in found.many if one.unusual] == ["V07"]
    assert found.many[0].employer == "V07"


def test_one_employer_with_long_courses_stands_out() -> None:
    courses = make_courses({f"V{one:02d}": 30 for one in range(20)}, seed=4)
    courses.loc[courses["employer"] == "V03", "long_course"] = [1.0] * 24 + [0.0] * 6
    found = compute_employer_figures(courses)
    assert [one.employer for one in found.long if one.unusual] == ["V03"]


def test_the_cases_own_risk_can_explain_many_long_courses() -> None:
    courses = make_courses({f"V{one:02d}": 60 for one in range(20)}, seed=4)
    hard = courses["employer"] == "V03"
    courses.loc[hard, "long_course"] = [1.0] * 48 + [0.0] * 12
    courses["risk"] = np.where(hard, 0.8, 0.3)
    found = compute_employer_figures(courses)
    assert found.adjusted_for_cases
    assert not any(one.unusual for one in found.long)
    total = sum(one.expected for one in found.long)
    assert total == pytest.approx(courses["long_course"].sum(), rel=1e-6)


def test_chance_alone_rarely_makes_anybody_stand_out() -> None:
    flagged = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        sizes = {f"V{one:02d}": int(rng.poisson(20)) + 1 for one in range(15)}
        courses = make_courses(sizes, seed=seed)
        courses["headcount"] = 200.0
        found = compute_employer_figures(courses)
        flagged += any(one.unusual for one in (*found.many, *found.long))
    assert flagged <= 5  # 5 % of 40 are 2; above 5 with a chance of 1 % only


def test_few_people_are_shown_nowhere() -> None:
    courses = make_courses({"A": 4, "B": 60, "C": 30}, share=0.5)
    courses.loc[courses["employer"] == "C", "long_course"] = [1.0] * 3 + [0.0] * 27
    found = compute_employer_figures(courses)
    assert found.n_too_small == 1
    assert "A" not in {one.employer for one in (*found.many, *found.long)}
    told = {one.employer: one for one in found.long}
    assert (told["C"].observed, told["C"].ratio, told["C"].adjusted_p) == (None, None, None)
    assert told["B"].observed is not None


def test_many_courses_of_few_people_are_few_people() -> None:
    courses = make_courses({"A": 12, "B": 60})
    courses.loc[courses["employer"] == "A", "person"] = "P-same"
    assert compute_employer_figures(courses).n_too_small == 1


def test_without_headcounts_nothing_is_said_of_many() -> None:
    courses = make_courses({"A": 20, "B": 60}).assign(headcount=np.nan)
    found = compute_employer_figures(courses)
    assert (found.many, found.courses_per_head) == ((), None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.drop(columns="risk"), "risk"),
        (lambda c: c.assign(case_id="S"), "once"),
        (lambda c: c.assign(long_course=np.nan), "known length"),
        (lambda c: c.assign(headcount=np.arange(len(c)) + 1.0), "one headcount"),
    ],
)
def test_what_cannot_be_judged_is_refused(change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compute_employer_figures(change(make_courses({"A": 20, "B": 60})))
