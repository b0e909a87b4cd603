"""Reading the rules of promotion: what each level of use asks for."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Final, cast, get_args

from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList, MappingReader
from riskmodel.evaluation.evidence import FIGURES, WORDS
from riskmodel.evaluation.promotion import (
    LEVELS,
    Breach,
    Grounds,
    Level,
    LevelRules,
    PromotionRules,
    Requirement,
    find_breaches,
)
from riskmodel.io.yaml_files import read_yaml

__all__ = ["PROMOTION_FILE", "parse_rules", "read_rules"]

PROMOTION_FILE = Path("configs/promotion.yaml")

_HEAD: Final = ("version", "enough_persons", "levels")
_LEVEL: Final = ("level", "means", "requires")
_LOWER: Final = ("at_least", "above")
_BARS: Final = (*_LOWER, "at_most")
_REQUIREMENT: Final = (
    "name", "ask", "figure", "attested", *_BARS, "one_of", "why", "grounds", "source",
)  # fmt: skip
_MOST_PERSONS: Final = 1_000_000
_HASH_DIGITS: Final = 8


def read_rules(path: Path) -> PromotionRules:
    """Read what each level of use asks for.

    Parameters
    ----------
    path : Path
        For example ``configs/promotion.yaml``.

    Raises
    ------
    CodebookError
        If the file cannot be read or breaks a rule; all faults are named, each with its key.
    """
    return parse_rules(read_yaml(path), path.name)


def parse_rules(content: object, source: str) -> PromotionRules:
    """Return the rules that a mapping holds.

    Parameters
    ----------
    content : object
        What the file holds.
    source : str
        Name of the file, for messages.

    Raises
    ------
    CodebookError
        If it breaks a rule.
    """
    faults = FaultList(source)
    head = MappingReader(content, "", faults, _HEAD)
    for key in _HEAD:
        head.require(key, "See configs/promotion.yaml.")
    version = head.text("version") or ""
    persons = _read_persons(head)
    parts = head.items("levels", "List the five levels.")
    levels = tuple(_read_level(part, f"levels[{n}]", faults) for n, part in enumerate(parts, 1))
    faults.raise_if_any()
    whole = cast("tuple[LevelRules, ...]", levels)
    for kind, place in find_breaches(whole):
        faults.add("levels", *_tell_breach(kind, place))
    faults.raise_if_any()
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]
    return PromotionRules(f"promotion@{version}+{digest}", persons, whole)


def _read_persons(head: MappingReader) -> int:
    found = head.number("enough_persons")
    if found is None:
        return 1
    if not 1 <= found <= _MOST_PERSONS or found != int(found):
        problem = "enough_persons must be a whole number of at least 1."
        head.note("enough_persons", problem, "Write for example 100.")
        return 1
    return int(found)


def _read_level(value: object, path: str, faults: FaultList) -> LevelRules | None:
    reader = MappingReader(value, path, faults, _LEVEL)
    for key in _LEVEL:
        if not reader.has(key):
            reader.require(key, "Write an empty list, [], where a level asks for nothing.")
    level = reader.choice("level", LEVELS)
    means = _read_texts(reader, "means")
    parts = reader.items("requires", "List the requirements.")
    found = [
        _read_requirement(part, f"{path}.requires[{n}]", faults) for n, part in enumerate(parts, 1)
    ]
    kept = tuple(one for one in found if one is not None)
    if level is None or means is None or len(kept) != len(found):
        return None
    return LevelRules(cast("Level", level), means, kept)


def _read_texts(reader: MappingReader, key: str) -> Label | None:
    """Return a text that must stand in both languages: both are shown to people."""
    value = reader.get(key)
    if not isinstance(value, dict) or set(value) != {"da", "en"}:
        problem = f"{key} must have a text in both languages."
        reader.note(key, problem, f"Write {key}: {{da: ..., en: ...}}.")
        return None
    return reader.label(key)


def _read_requirement(value: object, path: str, faults: FaultList) -> Requirement | None:
    reader = MappingReader(value, path, faults, _REQUIREMENT)
    before = len(faults.faults)
    for key in ("name", "ask", "why", "grounds"):
        reader.require(key, "Every requirement says what it asks, why, and on what grounds.")
    name = reader.text("name") or ""
    ask, why = (_read_texts(reader, key) for key in ("ask", "why"))
    grounds = reader.choice("grounds", get_args(Grounds))
    source = reader.text("source") or ""
    if grounds in {"published", "law"} and not source:
        problem = "what is published, or law, must have a source."
        reader.note("source", problem, "Write the source, or give convention or judgement.")
    figure = "" if reader.flag("attested", default=False) else _read_figure(reader)
    bars = {key: reader.number(key) for key in _BARS}
    words = reader.texts("one_of", "List the words that meet it.")
    _check_bars(reader, figure, {key: one for key, one in bars.items() if one is not None}, words)
    if len(faults.faults) > before or ask is None or why is None:
        return None
    given = {key: math.nan if one is None else one for key, one in bars.items()}
    return Requirement(
        name, ask, why, cast("Grounds", grounds), source, figure, **given, one_of=words
    )


def _read_figure(reader: MappingReader) -> str:
    if not reader.require("figure", "Name a figure, or write attested: true."):
        return ""
    return reader.choice("figure", tuple(FIGURES)) or ""


def _check_bars(
    reader: MappingReader, figure: str, bars: dict[str, float], words: tuple[str, ...]
) -> None:
    """Note bars that the figure cannot be held against."""
    if not figure:
        if reader.has("attested") and (bars or words or reader.has("figure")):
            problem = "what a person attests has no figure and no bar."
            reader.note("attested", problem, "Remove the figure and the bars, or attested.")
        return
    if figure in WORDS:
        if bars or not words or not set(words) <= set(WORDS[figure]):
            known = ", ".join(WORDS[figure])
            problem = f"{figure} is a word, and one_of must list some of {known}."
            reader.note("one_of", problem, "Write the words that meet the requirement.")
        return
    lower = [bars[key] for key in _LOWER if key in bars]
    if words or not bars or len(lower) > 1:
        problem = f"{figure} needs at_least or above, or at_most, or one of each."
        reader.note("figure", problem, "Write the bar as a number.")
        return
    crossed = bool(lower) and lower[0] > bars.get("at_most", math.inf)
    if crossed or not all(map(math.isfinite, bars.values())):
        problem = "a bar must be a finite number, and the lower one not above the upper one."
        reader.note("figure", problem, "Correct the bars.")


def _tell_breach(kind: Breach, place: str) -> tuple[str, str]:
    if kind == "order":
        problem = "the levels must be the five levels of use, each once and in their order."
        return problem, f"They are {', '.join(LEVELS)}."
    if kind == "name":
        return f"two requirements are named {place}.", "Give each a name of its own."
    if kind == "data_kind":
        problem = f"{place} must ask for data_kind, and not let other data through."
        remedy = "Synthetic data end at demonstration, and public data at exploration."
        return problem, remedy
    problem = "a pilot must ask for at least one figure on new cases."
    return problem, "Figures on new cases have names that begin with new_."
