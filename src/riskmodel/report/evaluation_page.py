"""The evaluation as one HTML page, in the order of TRIPOD+AI, and its twin for machines."""

from __future__ import annotations

from typing import Any

from riskmodel.domain.labels import Language
from riskmodel.report.evaluation_blocks import Block, Item, Picture, Table
from riskmodel.report.evaluation_items import make_items
from riskmodel.report.evaluation_report import EvaluationReport, say_sentence
from riskmodel.report.evaluation_summary import list_warnings, make_summary
from riskmodel.report.html_pages import render_page
from riskmodel.report.phrases import one_line, say

__all__ = ["EvaluationReport", "describe_evaluation", "render_evaluation"]


def render_evaluation(report: EvaluationReport, lang: Language) -> str:
    """Return the evaluation report as an HTML page that needs no network.

    Every item of TRIPOD+AI is there, filled in or marked as missing. Every picture has a
    table that says the same. Nothing is about one person.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    lang : {"da", "en"}
        Language.

    Returns
    -------
    str
        The whole document.
    """
    items = make_items(report, lang)
    synthetic = report.data_kind == "synthetic"
    parts: dict[str, list[dict[str, object]]] = {}
    for item in items:
        parts.setdefault(item.part, []).append(_show_item(item))
    values = {
        "mark": say("synthetic_mark", lang) if synthetic else "",
        "title": say_sentence("page", lang),
        "context": say("model_version", lang, version=one_line(report.model_version)),
        "short": say_sentence("short", lang),
        "warnings": [_capitalise(one.text(lang)) for one in list_warnings(report)],
        "summary": make_summary(report, lang),
        "headline": next(one for one in items if one.number == "2").blocks,
        "question": say_sentence("question", lang),
        "figure": say_sentence("figure", lang),
        "bar": say_sentence("bar", lang),
        "verdict": say_sentence("verdict", lang),
        "rule": say_sentence("rule", lang),
        "contents": say_sentence("contents", lang),
        "coverage": _say_coverage(items, lang),
        "parts": [{"name": name, "items": shown} for name, shown in parts.items()],
        "missing": say_sentence("missing", lang),
        "behind": say_sentence("data", lang),
    }
    return render_page("evaluation.html.j2", lang, values)


def describe_evaluation(report: EvaluationReport) -> dict[str, Any]:
    """Return all figures of the report as JSON-able mappings, pictures left out.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    """
    items = make_items(report, "en")
    parts = {
        "transfer": report.transfer,
        "key_indicators": report.key,
        "instability": report.instability,
        "refit_spread": report.spread,
        "learning_curve": report.learning,
        "sample_size": report.sample_size,
        "cases": report.profile,
    }
    return {
        "model_version": report.model_version,
        "data_kind": report.data_kind,
        "codebook": {"name": report.codebook.name, "version": report.codebook.version},
        "evaluation": report.record.to_mapping(),
        **{name: None if one is None else one.to_mapping() for name, one in parts.items()},
        "warnings": [one.en for one in list_warnings(report)],
        "verdicts": [
            {"question": one.key, "grade": one.grade, "figure": words.figure, "bar": words.bar}
            for one, words in zip(report.verdicts, make_summary(report, "en"), strict=True)
        ],
        "suspected_leaks": [
            {"subject": one.subject, "auc": one.auc, "ceiling": one.ceiling, "text": one.text.en}
            for one in report.leaks
        ],
        "tripod_ai": [
            {
                "item": one.number,
                "title": one.title,
                "filled": one.filled,
                "text": [block for block in one.blocks if isinstance(block, str)],
            }
            for one in items
        ],
    }


def _say_coverage(items: tuple[Item, ...], lang: Language) -> str:
    missing = [item.number for item in items if not item.filled]
    if not missing:
        return say_sentence("filled_all", lang, total=len(items))
    return say_sentence(
        "filled_of",
        lang,
        filled=len(items) - len(missing),
        total=len(items),
        missing=", ".join(missing),
    )


def _capitalise(text: str) -> str:
    """First letter large, the others as they are, and one full stop."""
    return text[:1].upper() + text[1:].removesuffix(".") + "."


def _show_item(item: Item) -> dict[str, object]:
    return {
        "number": item.number,
        "title": item.title,
        "filled": item.filled,
        "blocks": [_show_block(block, item) for block in item.blocks],
    }


def _show_block(block: Block, item: Item) -> dict[str, object]:
    if isinstance(block, Table):
        twin = any(isinstance(one, Picture) and one.text == block.caption for one in item.blocks)
        return {"kind": "folded" if block.folded else "table", "table": block, "twin": twin}
    if isinstance(block, Picture):
        return {"kind": "picture", "picture": block}
    return {"kind": "text", "text": block}
