"""Puts the answers of an evaluation report in the order of TRIPOD+AI."""

from __future__ import annotations

from riskmodel.domain.labels import Language
from riskmodel.report.evaluation_blocks import Block, Item
from riskmodel.report.evaluation_methods import answer_methods
from riskmodel.report.evaluation_report import EvaluationReport, Teller, say_sentence
from riskmodel.report.evaluation_results import answer_results
from riskmodel.report.evaluation_words import ITEM_PARTS, ITEM_TITLES, PARTS
from riskmodel.report.phrases import one_line

__all__ = ["EvaluationReport", "make_items", "say_sentence"]


def make_items(report: EvaluationReport, lang: Language) -> tuple[Item, ...]:
    """Return every item of TRIPOD+AI in order, those without an answer empty.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    lang : {"da", "en"}
        Language.
    """
    teller = Teller(report, lang)
    answers = answer_methods(teller) | answer_results(teller)
    items = []
    for number, title in ITEM_TITLES.items():
        note = report.notes.get(number)
        written: tuple[Block, ...] = () if note is None else (one_line(note.text(lang)),)
        items.append(
            Item(
                number,
                PARTS[ITEM_PARTS[number]].text(lang),
                title.text(lang),
                (*written, *answers.get(number, ())),
            )
        )
    return tuple(items)
