"""Figures and labels of a review in words, for its page."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from babel.numbers import format_decimal
from babel.numbers import format_percent as format_percent_of

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Language
from riskmodel.domain.review import ReviewPlan
from riskmodel.evaluation.review_agreement import Estimate
from riskmodel.evaluation.review_record import ReviewRecord
from riskmodel.report.number_format import format_count, format_percent
from riskmodel.report.phrases import one_line
from riskmodel.report.review_words import REVIEW_PHRASES, say_review
from riskmodel.report.table_page import NOTHING_SHOWN, Heading

__all__ = ["ReviewWriter"]

_LOCALES = {"da": "da_DK", "en": "en_GB"}


@dataclass(frozen=True, slots=True)
class ReviewWriter:
    """Turns the figures of one review into words in one language.

    Parameters
    ----------
    record : ReviewRecord
    plan : ReviewPlan
        Gives the questions and answers their labels.
    lang : {"da", "en"}
    """

    record: ReviewRecord
    plan: ReviewPlan
    lang: Language

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the report."""
        return say_review(key, self.lang, **values)

    def number(self, value: float, form: str = "0.00") -> str:
        """Return a figure with as many decimals as the form has."""
        if math.isnan(value):
            return NOTHING_SHOWN
        # No figure is shown as minus zero.
        shown = round(value, 2) + 0.0
        text = str(format_decimal(shown, format=form, locale=_LOCALES[self.lang]))
        return text.replace("-", "\N{MINUS SIGN}")

    def share(self, value: float) -> str:
        """Return a chance in whole percent, never 0 or 100."""
        return NOTHING_SHOWN if math.isnan(value) else format_percent(value, self.lang)

    def counted_share(self, value: float) -> str:
        """Return a share of cases that were counted, which may be none or all of them."""
        if value not in {0.0, 1.0}:
            return self.share(value)
        return str(format_percent_of(value, format="0 %", locale=_LOCALES[self.lang]))

    def interval(self, one: Estimate, *, percent: bool = False, counted: bool = False) -> str:
        """Return a figure with its interval."""
        if not one.known:
            return NOTHING_SHOWN
        show = self.share if percent else self.number
        show = self.counted_share if counted else show
        return self.say("to", value=show(one.value), low=show(one.low), high=show(one.high))

    def count(self, value: int | None) -> str:
        """Return a number of cases, or that it is hidden."""
        return self.say("hidden") if value is None else format_count(value, self.lang)

    def label(self, name: str, packet: str = "intake") -> str:
        """Return a question as it is asked in a packet."""
        for one in self.plan.packet(packet).questions:
            if one.name == name:
                return one_line(one.label.text(self.lang))
        return self._book_label(name)

    def _book_label(self, name: str) -> str:
        try:
            return one_line(self.book.find_field(name).label.text(self.lang))
        except KeyError:
            return name

    @property
    def book(self) -> Codebook:
        """The codebook of the review."""
        return self.plan.codebook

    def level(self, name: str, value: str, packet: str = "intake") -> str:
        """Return an answer in words."""
        for one in self.plan.packet(packet).questions:
            if one.name == name and value in one.level_values:
                return one_line(one.level_label(value).text(self.lang))
        return self._part_of_numbers(value)

    def _part_of_numbers(self, value: str) -> str:
        for sign, key in (("<=", "at_most"), (">", "more_than")):
            if value.startswith(sign):
                shown = self.number(float(value.removeprefix(sign)), "0.#")
                return self.say(key, value=shown)
        between = re.fullmatch(r"([0-9.]+)-([0-9.]+)", value)
        if between is None:
            return value
        low, high = (self.number(float(one), "0.#") for one in between.groups())
        return self.say("over_up_to", low=low, high=high)

    def heads(self, *keys: str, numbers: tuple[int, ...] = ()) -> tuple[Heading, ...]:
        """Return the headings of a table; some columns hold numbers."""
        return tuple(
            Heading(self.say(key) if key in REVIEW_PHRASES.phrases else key, place in numbers)
            for place, key in enumerate(keys)
        )
