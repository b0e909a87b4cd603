"""Counts on the terminal: one, none and many, in both languages."""

from __future__ import annotations

import pytest

from riskmodel.cli.message_catalogue import translate
from riskmodel.domain.counting import tell_count
from riskmodel.errors import SHOWN_FAULTS, Fault, InputError
from riskmodel.pipelines.review_gaps import ReviewGaps

MERGED = (
    ", 0 of them by two reviewers: 3 answers agreed, 0 adjudicated, 0 by one reviewer, 0 unanswered"
)


@pytest.mark.parametrize(
    ("count", "english", "danish"),
    [
        (0, "scoring 0 assessments", "beregner 0 vurderinger"),
        (1, "scoring 1 assessment", "beregner 1 vurdering"),
        (2, "scoring 2 assessments", "beregner 2 vurderinger"),
    ],
)
def test_progress_counts(count: int, english: str, danish: str) -> None:
    told = f"scoring {tell_count(count, 'assessment', 'assessments')}"
    assert told == english
    assert translate(told) == danish


@pytest.mark.parametrize(
    ("one", "many", "danish_one", "danish_many"),
    [
        ("0 of {n} assessment scored, written to a.csv",
         "0 of {n} assessments scored, written to a.csv",
         "0 af {n} vurdering er beregnet og skrevet til a.csv",
         "0 af {n} vurderinger er beregnet og skrevet til a.csv"),
        ("{n} explanation written to out; open out/index.html",
         "{n} explanations written to out; open out/index.html",
         "{n} forklaring skrevet til out; åbn out/index.html",
         "{n} forklaringer skrevet til out; åbn out/index.html"),
        ("working out a year from {n} case, 200 times",
         "working out a year from {n} cases, 200 times",
         "regner et år ud fra {n} sag, 200 gange",
         "regner et år ud fra {n} sager, 200 gange"),
        ("model ab12 saved in out: 9 assessments of 8 persons, {n} of a long course",
         "model ab12 saved in out: 9 assessments of 8 persons, {n} of long courses",
         "model ab12 gemt i out: 9 vurderinger af 8 personer, {n} af et langt forløb",
         "model ab12 gemt i out: 9 vurderinger af 8 personer, {n} af lange forløb"),
        ("{n} disagreement without a decision so far",
         "{n} disagreements without a decision so far",
         "{n} uenighed er ikke afgjort endnu",
         "{n} uenigheder er ikke afgjort endnu"),
        (f"{{n}} case{MERGED}", f"{{n}} cases{MERGED}",
         "{n} sag, 0 af dem læst af to: 3 svar enige, 0 afgjort, 0 fra én læser, 0 uden svar",
         "{n} sager, 0 af dem læst af to: 3 svar enige, 0 afgjort, 0 fra én læser, 0 uden svar"),
    ],
)  # fmt: skip
def test_results_are_told_for_one_and_for_many(
    one: str, many: str, danish_one: str, danish_many: str
) -> None:
    for count in (0, 1, 2):
        english, danish = (one, danish_one) if count == 1 else (many, danish_many)
        assert translate(english.format(n=count)) == danish.format(n=count)


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (1, ["a.xlsx: 1 row of the form is gone", "1 disagreement without a decision so far",
             "1 disagreement has no row among the decisions"]),
        (2, ["a.xlsx: 2 rows of the form are gone", "2 disagreements without a decision so far",
             "2 disagreements have no row among the decisions"]),
    ],
)  # fmt: skip
def test_gaps_of_a_review_are_counted(count: int, lines: list[str]) -> None:
    gaps = ReviewGaps(
        n_workbooks=2, single=(), unread=(), rows_gone={"a.xlsx": count}, n_undecided=count,
        n_decisions=3, n_without_row=count,
    )  # fmt: skip
    assert gaps.to_text().split("\n") == lines
    assert "0 af 1 uenighed er afgjort" in translate(
        ReviewGaps(2, (), (), {}, n_undecided=1, n_decisions=0, n_without_row=0).to_text()
    )


@pytest.mark.parametrize(("more", "words"), [(1, "1 more fault"), (2, "2 more faults")])
def test_faults_left_out_are_counted(more: int, words: str) -> None:
    faults = [Fault("a.csv", f"fault {n}.", "Mend it.") for n in range(SHOWN_FAULTS + more)]
    assert str(InputError(faults)).endswith(f"... and {words}")
    assert translate(f"... and {words}") == f"... og {more} fejl mere"


@pytest.mark.parametrize("change", ["+7.87", "-1.56", "0.00"])
def test_a_change_has_a_decimal_comma_whatever_its_sign(change: str) -> None:
    told = translate(f"weight of history changed by {change}")
    assert told == f"vægten af history ændret med {change.replace('.', ',')}"
