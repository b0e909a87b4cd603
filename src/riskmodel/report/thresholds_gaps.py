"""Groups that stand out from the others under a choice, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.labels import Language
from riskmodel.evaluation.fairness import GroupFairness
from riskmodel.report.phrases import one_line
from riskmodel.report.thresholds_tables import name_level, show_number
from riskmodel.report.thresholds_words import say_threshold

__all__ = ["list_gaps", "name_field"]


def list_gaps(
    codebook: Codebook,
    at_lower: Sequence[GroupFairness],
    at_upper: Sequence[GroupFairness],
    lang: Language,
) -> Iterator[tuple[float, str]]:
    """Yield the gaps whose interval leaves out zero, each with its size and a sentence.

    Parameters
    ----------
    codebook : Codebook
        Labels of fields and levels.
    at_lower, at_upper : sequence of GroupFairness
        How both choices fall on groups.
    lang : {"da", "en"}
        Language.
    """
    figures = (
        (at_lower, "miss_rate", "miss_rate_lower"),
        (at_upper, "miss_rate", "miss_rate_upper"),
        (at_upper, "excess", "excess"),
    )
    for compared, name, key in figures:
        for one in compared:
            for level in one.levels:
                gap = level.gaps.get(name)
                if gap is None or not (gap.low > 0 or gap.high < 0):
                    continue
                if gap.value < 0 and sum(bool(each.gaps) for each in one.levels) == 2:
                    continue  # the other of two says the same
                ends = sorted(abs(100 * each) for each in (gap.low, gap.high))
                direction = "higher" if gap.value > 0 else "lower_word"
                label = say_threshold(key, lang)
                yield (
                    abs(gap.value),
                    say_threshold(
                        "stands_out",
                        lang,
                        field=name_field(codebook, one.field, lang),
                        level=name_level(codebook, one.field, level.level, lang),
                        figure=f'"{label}"',
                        gap=show_number(abs(100 * gap.value), lang),
                        direction=say_threshold(direction, lang),
                        low=show_number(ends[0], lang),
                        high=show_number(ends[1], lang),
                    ),
                )


def name_field(codebook: Codebook, field: str, lang: Language) -> str:
    """Return what a field, or the column of the municipality, is called."""
    try:
        return one_line(codebook.find_field(field).label.text(lang))
    except KeyError:
        return say_threshold("site", lang) if field == codebook.site else field
