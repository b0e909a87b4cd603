"""Answers about purpose, data and method in the evaluation report."""

from __future__ import annotations

from importlib.metadata import version

from riskmodel.report.evaluation_blocks import Block, Picture, format_estimate, format_figure
from riskmodel.report.evaluation_report import Teller
from riskmodel.report.evaluation_tables import (
    make_learning_table,
    make_metric_tables,
    make_sample_size_table,
)
from riskmodel.report.number_format import format_limit, format_week
from riskmodel.report.phrase_catalogue import DATA_KINDS
from riskmodel.report.phrases import one_line
from riskmodel.report.plots import plot_learning_curve

__all__ = ["answer_methods"]

DESIGNS = {
    "cross-validation": "use_cv",
    "transfer between sites": "use_transfer",
    "new cases": "use_new",
}


def answer_methods(teller: Teller) -> dict[str, list[Block]]:
    """Return the answers to the items of introduction, methods and openness.

    Parameters
    ----------
    teller : Teller
        Report and language.
    """
    record, say = teller.record, teller.say
    new = record.design == "new cases"
    return {
        "1": [say("title", horizon=teller.horizon)],
        "3a": [say("background")],
        "3b": [say("use")],
        "4": [say("objective_new" if new else "objective_cv")],
        "5a": [_tell_source(teller)],
        "5b": _tell_period(teller),
        "6a": [
            say(
                "setting",
                n_sites=teller.count(record.n_sites),
                n_persons=teller.count(record.n_persons),
            )
        ],
        "6b": [say("eligible")],
        "7": [say("prepared")],
        "8a": [say("outcome", horizon=teller.horizon, others=_tell_horizons(teller))],
        "9a": [say("choice")],
        "9b": [_tell_predictors(teller)],
        "10": _tell_sample_size(teller),
        "11": [say("missing_values")],
        "12a": [say(DESIGNS[record.design])],
        "12b": [say("handling")],
        "12c": [say("model_kind")],
        "12d": _tell_transfer(teller),
        "12e": _tell_measures(teller),
        "12f": _tell_update(teller),
        "12g": [say("computed")],
        "13": [say("imbalance")],
        "14": [say("fairness", min_cell=record.min_cell)],
        "15": _tell_output(teller),
        "16": _tell_difference(teller),
        "17": [say(f"legal_{teller.report.data_kind}")],
        "18e": [say("sharing")],
        "18f": [say("code", version=version("riskmodel"))],
    }


def _tell_source(teller: Teller) -> str:
    codebook = teller.report.codebook
    return teller.say(
        "source",
        kind=DATA_KINDS[codebook.data_kind].text(teller.lang).capitalize(),
        codebook=one_line(codebook.name),
        version=one_line(codebook.version),
    )


def _tell_period(teller: Teller) -> list[Block]:
    profile = teller.report.profile
    if profile is None or not profile.years:
        return []
    return [teller.say("period", first=profile.years[0], last=profile.years[-1])]


def _tell_horizons(teller: Teller) -> str:
    primary = teller.record.primary_horizon
    others = [week for week in teller.report.codebook.horizons if week != primary]
    return ", ".join(format_week(week, teller.lang) for week in others) or "-"


def _tell_predictors(teller: Teller) -> str:
    fields = teller.report.codebook.indicators
    names = ", ".join(one_line(one.label.text(teller.lang)).lower() for one in fields)
    return teller.say("predictors", n=len(fields), names=names)


def _tell_sample_size(teller: Teller) -> list[Block]:
    one, lang = teller.report.sample_size, teller.lang
    if one is None:
        return _tell_learning(teller)
    text = teller.say(
        "sample",
        auc=format_figure(one.foreseen_auc, lang, 2),
        n=teller.count(one.n_persons),
        needed=teller.count(one.needed),
        verdict=teller.say("enough" if one.enough else "not_enough"),
    )
    table = make_sample_size_table(one, teller.say("c_sample"), lang)
    return [text, table, *_tell_learning(teller)]


def _tell_learning(teller: Teller) -> list[Block]:
    curve, lang = teller.report.learning, teller.lang
    if curve is None:
        return []
    caption = teller.say("c_learning", horizon=teller.horizon)
    found: list[Block] = []
    if {"50", "200", "500"} <= set(curve.gain):
        gains = {
            f"gain{extra}": format_estimate(curve.gain[extra], lang, 4)
            for extra in ("50", "200", "500")
        }
        found.append(teller.say("learning", **gains))
    picture = Picture(plot_learning_curve(curve, lang), caption)
    return [*found, picture, make_learning_table(curve, caption, lang)]


def _tell_transfer(teller: Teller) -> list[Block]:
    other = teller.report.transfer
    if other is None:
        return []
    caption = teller.say("c_transfer", horizon=teller.horizon)
    blocks = other.find_blocks("site") or other.find_blocks("all")
    return [
        teller.say("use_transfer"),
        *make_metric_tables(blocks, caption, "site", teller.lang, {}),
    ]


def _tell_measures(teller: Teller) -> list[Block]:
    found: list[Block] = [
        teller.say("measures"),
        teller.say("intervals", draws=teller.record.n_bootstrap),
        teller.say("no_refit"),
    ]
    spread = teller.report.spread
    if spread is not None and spread.n_refits:
        found.append(
            teller.say(
                "spread",
                refits=spread.n_refits,
                auc=format_estimate(spread.auc, teller.lang, 3),
                brier=format_estimate(spread.brier, teller.lang, 4),
                horizon=teller.horizon,
                optimism=format_figure(spread.auc_optimism, teller.lang, 3),
            )
        )
    return found


def _tell_update(teller: Teller) -> list[Block]:
    model = teller.report.model
    if model is None:
        return []
    persons = model.provenance.recipe.get("update_persons", 0.0)
    if not persons:
        return [teller.say("not_updated")]
    return [teller.say("updated", persons=teller.count(int(persons)))]


def _tell_output(teller: Teller) -> list[Block]:
    model, lang = teller.report.model, teller.lang
    if model is None:
        return [teller.say("output")]
    spread = model.spread
    parts = {
        name: format_figure(getattr(spread, name), lang, 2)
        for name in ("scale", "unlearned", "hidden")
    }
    return [teller.say("output"), teller.say("interval_parts", **parts)]


def _tell_difference(teller: Teller) -> list[Block]:
    model, record = teller.report.model, teller.record
    if record.design != "new cases":
        return [teller.say("same_cases")]
    if model is None or record.headline.span.hidden:
        return []
    shares = (model.provenance.event_share, record.headline.span.event_share)
    trained, own = (format_limit(round(one, 2), teller.lang) for one in shares)
    return [
        teller.say(
            "other_cases",
            n=teller.count(model.provenance.n_persons),
            share=trained,
            own_n=teller.count(record.n_persons),
            own_share=own,
        )
    ]
