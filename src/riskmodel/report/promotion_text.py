"""What the evidence for a model reaches, as text for a terminal and as figures for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from riskmodel.domain.labels import Language
from riskmodel.domain.text_catalogue import PhraseBook
from riskmodel.evaluation.evidence import DIGITS, FIGURES, NEW_CASES, Attestation, round_outward
from riskmodel.evaluation.figures import Estimate, to_mapping
from riskmodel.evaluation.promotion import (
    LEVELS,
    Finding,
    Level,
    PromotionRecord,
    Requirement,
)
from riskmodel.report.evaluation_blocks import format_estimate, format_figure
from riskmodel.report.number_format import format_count

__all__ = ["PROMOTION_PHRASES", "describe_finding", "describe_promotion", "tell_promotion"]

PROMOTION_PHRASES: Final = PhraseBook("riskmodel.report", "locale/da/LC_MESSAGES/promotion.po")
_GAP: Final = "  "
# Where one of these is not known, the model holds no evaluation.
_OF_TRAINING: Final = ("persons", "suspected_leaks")
_NEVER_SUFFICIENT: Final = "never_sufficient"


def tell_promotion(record: PromotionRecord, lang: Language, target: Level | None = None) -> str:
    """Return what a model is fit for, and what the next level lacks, as lines of text.

    Parameters
    ----------
    record : PromotionRecord
        What was found.
    lang : {"da", "en"}
        Language.
    target : str, optional
        Level to tell the lacks of; the one after that reached by default.
    """
    say = PROMOTION_PHRASES.say
    means = next(one.means for one in record.rules.levels if one.level == record.level)
    fit = say("fit_for", lang, model=record.model_version, level=_say_level(record.level, lang))
    parts = [[fit, means.text(lang)]]
    wanted = target or record.next_level or record.level
    lacking = record.find_lacking(wanted)
    if lacking:
        parts += [_tell_lacking(lacking, wanted, lang)]
    else:
        parts += [[say("reached", lang, level=_say_level(wanted, lang))]]
    parts += [_tell_levels(record, lang)]
    parts += [[*_tell_hints(lacking, lang), say(_NEVER_SUFFICIENT, lang)]]
    return "\n\n".join("\n".join(lines) for lines in parts)


def describe_promotion(record: PromotionRecord) -> dict[str, Any]:
    """Return what was found as JSON-able mappings.

    Parameters
    ----------
    record : PromotionRecord
        What was found.
    """
    upcoming = record.next_level
    return {
        "model_version": record.model_version,
        "rules": record.rules.version,
        "level": record.level,
        "next_level": upcoming,
        "lacking": [] if upcoming is None else _name(record.find_lacking(upcoming)),
        "findings": [describe_finding(one) for one in record.findings],
        "note": PROMOTION_PHRASES.say(_NEVER_SUFFICIENT, "en"),
    }


def describe_finding(one: Finding) -> dict[str, Any]:
    """Return one finding as a JSON-able mapping: the figure, the bar, the state and the reason."""
    asked = one.requirement
    bars = {"at_least": asked.at_least, "above": asked.above, "at_most": asked.at_most}
    found: Any = one.found
    if isinstance(found, Estimate):
        found = None if math.isnan(found.value) else to_mapping(found)
    elif isinstance(found, Attestation):
        found = {"answer": found.answer, "on": found.on.isoformat(), "role": found.role}
    return {
        "level": one.level,
        "requirement": asked.name,
        "state": one.state,
        "figure": asked.figure or None,
        "found": found,
        **{name: bar for name, bar in bars.items() if not math.isnan(bar)},
        **({"one_of": list(asked.one_of)} if asked.one_of else {}),
        "ask": asked.ask.en,
        "why": asked.why.en,
        "grounds": asked.grounds,
        "source": asked.source or None,
    }


def _name(findings: Sequence[Finding]) -> list[str]:
    return [one.requirement.name for one in findings]


def _say_level(level: Level, lang: Language) -> str:
    return PROMOTION_PHRASES.say(f"level_{level}", lang)


def _tell_lacking(lacking: Sequence[Finding], wanted: Level, lang: Language) -> list[str]:
    say = PROMOTION_PHRASES.say
    head = (
        say("lacks", lang, level=_say_level(wanted, lang)),
        say("h_found", lang),
        say("h_bar", lang),
    )
    levels = {one.level for one in lacking}
    rows: list[Sequence[str]] = [head]
    for level in LEVELS:
        if level in levels and len(levels) > 1:
            rows.append((f"{_say_level(level, lang)}:", "", ""))
        rows += [_tell_finding(one, lang) for one in lacking if one.level == level]
    lines = _align(rows)
    if any(_has_interval(one) for one in lacking):
        lines.append(say("whole_interval", lang))
    return lines


def _tell_finding(one: Finding, lang: Language) -> tuple[str, str, str]:
    asked = one.requirement
    return asked.ask.text(lang), _tell_found(one, lang), _tell_bar(asked, lang)


def _tell_levels(record: PromotionRecord, lang: Language) -> list[str]:
    say = PROMOTION_PHRASES.say
    rows = [(say("h_level", lang), say("h_met", lang))]
    for level in LEVELS:
        asked = len(record.find_asked(level))
        met = asked - len(record.find_lacking(level))
        rows.append((_say_level(level, lang), say("met_of", lang, met=met, asked=asked)))
    return _align(rows)


def _tell_hints(lacking: Sequence[Finding], lang: Language) -> list[str]:
    """Say where to find what is not known yet."""
    unknown = [one.requirement for one in lacking if one.state == "not_known"]
    hints = {
        "hint_training": any(one.figure in _OF_TRAINING for one in unknown),
        "hint_evaluation": any(one.figure.startswith(NEW_CASES) for one in unknown),
        "hint_attested": any(one.attested for one in unknown),
        "hint_legal": any(one.requirement.figure.startswith("legal_basis") for one in lacking),
        "hint_why": bool(lacking),
    }
    return [PROMOTION_PHRASES.say(key, lang) for key, shown in hints.items() if shown]


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _has_interval(one: Finding) -> bool:
    found = one.found
    return isinstance(found, Estimate) and found.low < found.high


def _tell_found(one: Finding, lang: Language) -> str:
    say, found = PROMOTION_PHRASES.say, one.found
    if found is None:
        return say("no_answer", lang)
    if isinstance(found, Attestation):
        key = "answer_yes" if found.answer else "answer_no"
        return say(key, lang, day=found.on.isoformat())
    if isinstance(found, str):
        return say(f"word_{found}", lang)
    if math.isnan(found.value):
        return say("not_known", lang)
    digits = DIGITS[FIGURES[one.requirement.figure]]
    shown = round_outward(found, digits)
    if found.low < found.high or math.isnan(found.low):
        return format_estimate(shown, lang, digits)
    end = shown.low if math.isnan(one.requirement.at_most) else shown.high
    return _format(end, lang, digits)


def _tell_bar(asked: Requirement, lang: Language) -> str:
    say = PROMOTION_PHRASES.say
    if asked.attested:
        return say("bar_yes", lang)
    if asked.one_of:
        return f" {say('or', lang)} ".join(say(f"word_{one}", lang) for one in asked.one_of)
    digits = DIGITS[FIGURES[asked.figure]]
    bars = (asked.at_least, asked.above, asked.at_most)
    least, above, most = (_format_bar(one, lang, digits) for one in bars)
    if most:
        if above:
            return say("bar_above_to", lang, low=above, high=most)
        key = "bar_between" if least else "bar_at_most"
        return say(key, lang, low=least, high=most)
    return say("bar_at_least", lang, low=least) if least else say("bar_above", lang, low=above)


def _format_bar(bar: float, lang: Language, digits: int) -> str:
    """Return a bar; a whole one of many decimals is shown without them."""
    if math.isnan(bar):
        return ""
    return _format(bar, lang, 0 if bar == 0 else digits)


def _format(value: float, lang: Language, digits: int) -> str:
    if digits == 0 and value >= 0:
        return format_count(int(value), lang)
    return format_figure(value, lang, digits)
