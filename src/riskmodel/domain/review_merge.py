"""Two reviewers' answers put side by side: both kept, what they agree on, what is still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from riskmodel.domain.review import (
    LOCKED_ON,
    STILL_SICK_LISTED,
    WOULD_OFFER_CONTACT,
    Packet,
    ReviewCase,
    ReviewerAnswers,
    ReviewPlan,
    estimate_name,
)
from riskmodel.errors import InputError

__all__ = [
    "CODING_COLUMNS",
    "DECISION_COLUMNS",
    "ESTIMATE_COLUMNS",
    "MergedReview",
    "merge_answers",
]

CODING_COLUMNS: Final = (
    "case_id",
    "site",
    "packet",
    "field",
    "first_reviewer",
    "first",
    "second_reviewer",
    "second",
    "final",
    "status",
)
DECISION_COLUMNS: Final = ("case_id", "packet", "field", "first", "second", "decision")
ESTIMATE_COLUMNS: Final = (
    "case_id",
    "site",
    "reviewer",
    "packet",
    "p_long",
    "would_offer_contact",
    "locked_on",
)
Key = tuple[str, str, str]
Answers = Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class MergedReview:
    """All answers of a review.

    Parameters
    ----------
    plan : ReviewPlan
        The packets.
    cases : tuple of ReviewCase
        Every case that somebody reviewed, in the order of the first workbook.
    codings : DataFrame
        One row per case and question, columns `CODING_COLUMNS`. ``status`` is ``agreed``,
        ``adjudicated``, ``open`` (the two differ and nobody has settled it), ``single`` (one
        reviewer only) or ``unanswered``; ``final`` is empty where it is open or unanswered.
    estimates : DataFrame
        One row per case, reviewer and packet, columns `ESTIMATE_COLUMNS`; ``p_long`` is a
        probability.
    """

    plan: ReviewPlan
    cases: tuple[ReviewCase, ...]
    codings: pd.DataFrame
    estimates: pd.DataFrame

    def count(self, status: str) -> int:
        """Return the number of questions with a status."""
        return int((self.codings["status"] == status).sum())

    @property
    def disagreements(self) -> pd.DataFrame:
        """Questions that the two reviewers answered differently and nobody has settled."""
        chosen = self.codings[self.codings["status"] == "open"]
        return chosen.reset_index(drop=True)

    def finals(self, packet: str) -> pd.DataFrame:
        """Return the final answers of a packet: a row per case, a column per question.

        Cases and questions without a final answer are None.
        """
        chosen = self.codings[self.codings["packet"] == packet]
        wide = chosen.pivot_table(
            index="case_id", columns="field", values="final", aggfunc="first", dropna=False
        )
        names = [one.name for one in self.plan.packet(packet).facts]
        ids = [case.case_id for case in self.cases]
        found = wide.reindex(index=ids, columns=names).astype(object)
        return found.where(found.notna(), None)

    def assessments(self) -> pd.DataFrame:
        """Return the final answers as a case table: one row per assessment, all texts.

        A case has a row at intake, and one at the later week where it was still running. What
        was not asked again then keeps its first answer. Empty texts where there is no answer.
        """
        book = self.plan.codebook
        first, again, outcome = (self.finals(one.name) for one in self.plan.packets)
        columns = [one.name for one in book.fields]
        columns += [name for name in book.outcome.columns if name not in columns]
        parts = []
        for packet, week in ((None, self.plan.settings.intake_week), (again, self._later)):
            known = pd.concat([first, outcome], axis=1)
            if packet is not None:
                known = known[(packet[STILL_SICK_LISTED] == "yes").to_numpy()]
                asked = [name for name in packet.columns if name in known.columns]
                known[asked] = packet.loc[known.index, asked]
            part = known.reindex(columns=columns)
            part.insert(0, str(book.assessed_week), f"{week:g}")
            parts.append(part)
        table = pd.concat(parts)
        heads = pd.DataFrame(
            {
                book.key: [case.case_id for case in self.cases],
                book.group: [case.group for case in self.cases],
                **({book.site: [case.site for case in self.cases]} if book.site else {}),
            },
            index=[case.case_id for case in self.cases],
        )
        place = {case.case_id: number for number, case in enumerate(self.cases)}
        order = sorted(range(len(table)), key=lambda row: (place[str(table.index[row])], row))
        full = pd.concat([heads.loc[table.index], table], axis=1).iloc[order]
        return full.astype(object).where(full.notna(), "").reset_index(drop=True)

    @property
    def _later(self) -> float:
        return self.plan.settings.later_week


@dataclass(frozen=True, slots=True)
class _Pair:
    """One case and who reviewed it."""

    case: ReviewCase
    reviewers: tuple[str, ...]
    answers: tuple[Answers, ...]

    def both(self, packet: str, field: str) -> tuple[str | None, str | None]:
        key = (self.case.case_id, packet, field)
        found = [answers.get(key) for answers in self.answers]
        return found[0], found[1] if len(found) > 1 else None


def merge_answers(
    plan: ReviewPlan,
    reviews: Sequence[ReviewerAnswers],
    decisions: pd.DataFrame | None = None,
) -> MergedReview:
    """Put the answers of all reviewers side by side.

    Parameters
    ----------
    plan : ReviewPlan
    reviews : sequence of ReviewerAnswers
        Each case by one or two of them.
    decisions : DataFrame or None
        What a third person decided, columns `DECISION_COLUMNS`.

    Returns
    -------
    MergedReview

    Raises
    ------
    InputError
        If a case has more than two reviewers or one twice, workbooks disagree on a case's
        municipality, or a decision is about answers that have changed since.

    Notes
    -----
    Where the two differ on whether the person was still sick-listed, the other questions of
    that packet wait until it is settled.
    """
    pairs = _pair_up(reviews)
    settled = _index_decisions(decisions)
    rows = [
        row for pair in pairs for packet in plan.packets for row in _code(pair, packet, settled)
    ]
    codings = pd.DataFrame(rows, columns=list(CODING_COLUMNS), dtype=object)
    _refuse_stale(settled, codings)
    cases = tuple(pair.case for pair in pairs)
    return MergedReview(plan, cases, codings, _list_estimates(plan, pairs))


def _pair_up(reviews: Sequence[ReviewerAnswers]) -> list[_Pair]:
    if not reviews:
        msg = "give at least one filled workbook."
        raise InputError(msg)
    found: dict[str, list[tuple[str, Answers, ReviewCase]]] = {}
    _refuse_same_reviewer(reviews)
    for review in reviews:
        frame = review.answers
        keys = zip(frame["case_id"], frame["packet"], frame["field"], strict=True)
        answers = dict(zip(keys, frame["value"], strict=True))
        touched = set(frame["case_id"])
        for case in review.cases:
            if case.case_id in touched:
                found.setdefault(case.case_id, []).append((review.reviewer, answers, case))
    pairs = []
    for case_id, listed in found.items():
        listed.sort(key=lambda one: one[0])
        codes = tuple(code for code, _, _ in listed)
        if len(codes) > 2 or len(set(codes)) < len(codes):
            msg = (
                f"Case {case_id} was reviewed by {', '.join(codes)}; a case has one or two "
                "different reviewers. Leave a workbook out, or correct the reviewer's code."
            )
            raise InputError(msg)
        if len({case.site for _, _, case in listed}) > 1:
            msg = f"Case {case_id} has two municipalities; restore the column of the form."
            raise InputError(msg)
        pairs.append(_Pair(listed[0][2], codes, tuple(answers for _, answers, _ in listed)))
    return pairs


def _refuse_same_reviewer(reviews: Sequence[ReviewerAnswers]) -> None:
    sources: dict[str, list[str]] = {}
    for review in reviews:
        sources.setdefault(review.reviewer, []).append(review.source)
    for code, names in sources.items():
        cases = [{case.case_id for case in one.cases} for one in reviews if one.reviewer == code]
        if len(names) > 1 and len(set().union(*cases)) < sum(map(len, cases)):
            msg = (
                f"{', '.join(names)}: the same cases by reviewer {code} twice; a case has one or "
                "two different reviewers. Leave a workbook out, or correct the reviewer's code."
            )
            raise InputError(msg)


def _index_decisions(decisions: pd.DataFrame | None) -> dict[Key, tuple[str, str, str]]:
    if decisions is None:
        return {}
    rows = decisions[list(DECISION_COLUMNS)].itertuples(index=False)
    found: dict[Key, tuple[str, str, str]] = {}
    for case_id, packet, field, first, second, decision in rows:
        if decision:
            found[case_id, packet, field] = (first or "", second or "", decision)
    return found


def _code(
    pair: _Pair, packet: Packet, settled: Mapping[Key, tuple[str, str, str]]
) -> list[tuple[str | None, ...]]:
    rows: list[tuple[str | None, ...]] = []
    waits = False
    for one in packet.facts:
        first, second = pair.both(packet.name, one.name)
        key = (pair.case.case_id, packet.name, one.name)
        final, status = _settle((first, second), len(pair.reviewers), settled.get(key))
        if waits:
            continue
        codes = (*pair.reviewers, None)[:2]
        rows.append(
            (pair.case.case_id, pair.case.site, packet.name, one.name,
             codes[0], first, codes[1], second, final, status)
        )  # fmt: skip
        # Without a second packet there is nothing more to ask; with doubt about it, it waits.
        waits = one.name == STILL_SICK_LISTED and final != "yes"
    return rows


def _settle(
    both: tuple[str | None, str | None], n_reviewers: int, decided: tuple[str, str, str] | None
) -> tuple[str | None, str]:
    first, second = both
    if first is None and second is None:
        return None, "unanswered"
    if n_reviewers == 1:
        return first, "single"
    if first == second:
        return first, "agreed"
    if decided is not None:
        return decided[2], "adjudicated"
    return None, "open"


def _refuse_stale(settled: Mapping[Key, tuple[str, str, str]], codings: pd.DataFrame) -> None:
    """Refuse decisions that were made about other answers than those that stand now."""
    keys = zip(codings["case_id"], codings["packet"], codings["field"], strict=True)
    values = zip(codings["first"], codings["second"], strict=True)
    now = {
        key: (first or "", second or "") for key, (first, second) in zip(keys, values, strict=True)
    }
    for key, (first, second, _) in settled.items():
        if now.get(key) != (first, second):
            case_id, packet, field = key
            msg = (
                f"The decision on {field} ({packet}) of case {case_id} is about answers that "
                "have changed since; merge again and decide on the new list."
            )
            raise InputError(msg)


def _list_estimates(plan: ReviewPlan, pairs: Sequence[_Pair]) -> pd.DataFrame:
    name = estimate_name(plan.codebook)
    rows = []
    for pair in pairs:
        for code, answers in zip(pair.reviewers, pair.answers, strict=True):
            for packet in plan.packets[:2]:
                got = {
                    field: answers.get((pair.case.case_id, packet.name, field))
                    for field in (name, WOULD_OFFER_CONTACT, LOCKED_ON)
                }
                if got[name] is None and got[WOULD_OFFER_CONTACT] is None:
                    continue
                percent = got[name]
                p_long = float("nan") if percent is None else float(percent) / 100
                rows.append(
                    (pair.case.case_id, pair.case.site, code, packet.name, p_long,
                     got[WOULD_OFFER_CONTACT], got[LOCKED_ON])
                )  # fmt: skip
    return pd.DataFrame(rows, columns=list(ESTIMATE_COLUMNS))
