"""Answers about results and what they mean in the evaluation report."""

from __future__ import annotations

import math
from collections import Counter

from riskmodel.evaluation.figures import EndingCurve, MetricBlock
from riskmodel.evaluation.verdicts import OPEN_ENDED
from riskmodel.report.evaluation_blocks import (
    Block,
    Picture,
    format_estimate,
    format_figure,
)
from riskmodel.report.evaluation_course_tables import (
    make_duration_table,
    make_ending_table,
    make_profile_table,
    make_recipe_table,
)
from riskmodel.report.evaluation_report import Teller
from riskmodel.report.evaluation_tables import (
    make_calibration_table,
    make_comparison_table,
    make_indicator_table,
    make_instability_table,
    make_metric_tables,
    make_net_benefit_table,
)
from riskmodel.report.number_format import format_limit, format_week
from riskmodel.report.phrases import one_line
from riskmodel.report.plots import (
    plot_calibration,
    plot_endings,
    plot_importance,
    plot_instability,
    plot_net_benefit,
)

__all__ = ["answer_results"]

FEW_EVENTS = 100
STABLE_ORDER = 0.8


def answer_results(teller: Teller) -> dict[str, list[Block]]:
    """Return the answers to the items of abstract, results and discussion.

    Parameters
    ----------
    teller : Teller
        Report and language.
    """
    say = teller.say
    return {
        "2": list(_tell_headline(teller)),
        "20a": [_tell_flow(teller)],
        "20b": _tell_profile(teller),
        "20c": [say("same_cases")] if teller.record.design != "new cases" else [],
        "21": _tell_horizons(teller),
        "22": _tell_model(teller),
        "23a": _tell_performance(teller),
        "23b": _tell_groups(teller),
        "24": _tell_update(teller),
        "25": _tell_meaning(teller),
        "26": _tell_limits(teller),
        "27a": [say("poor_input")],
        "27b": [say("user")],
        "27c": _tell_next(teller),
    }


def _tell_headline(teller: Teller) -> list[str]:
    head, lang = teller.record.headline, teller.lang
    span, figures = head.span, head.figures
    if span.hidden:
        return [teller.say("hidden_all")]
    return [
        teller.say(
            "auc_weighted" if span.weighted else "auc",
            auc=format_estimate(figures["auc"], lang),
            horizon=teller.horizon,
            share=format_limit(round(span.event_share, 2), lang),
            n=teller.count(span.n_rows),
            events=teller.count(span.n_events),
            persons=teller.count(span.n_persons),
        ),
        teller.say(
            "brier",
            brier=format_estimate(figures["brier"], lang, 4),
            base=format_figure(figures["base_rate_brier"].value, lang, 4),
        ),
    ]


def _tell_flow(teller: Teller) -> str:
    record = teller.record
    return teller.say(
        "flow",
        n=teller.count(record.n_rows),
        persons=teller.count(record.n_persons),
        not_scored=teller.count_safely(record.n_not_scored),
        unknown=teller.count_safely(record.n_unknown),
        horizon=teller.horizon,
    )


def _tell_profile(teller: Teller) -> list[Block]:
    profile = teller.report.profile
    if profile is None:
        return []
    caption = teller.say(
        "c_cases", n=teller.count(profile.n_rows), persons=teller.count(profile.n_persons)
    )
    return [make_profile_table(profile, teller.report.codebook, caption, teller.lang)]


def _tell_horizons(teller: Teller) -> list[Block]:
    blocks = [
        one for one in teller.record.blocks if one.predictor == "model" and one.span.family == "all"
    ]
    found = [*make_metric_tables(blocks, teller.say("c_overall"), "horizon", teller.lang, {})]
    told = [teller.say("weighted")] if any(one.span.weighted for one in blocks) else []
    return [*told, *found]


def _tell_model(teller: Teller) -> list[Block]:
    report, lang = teller.report, teller.lang
    found: list[Block] = [teller.say("full_model", version=report.model_version)]
    if report.model is not None:
        found.append(make_recipe_table(report.model, teller.say("c_recipe"), lang))
    key = report.key
    if key is None:
        return found
    labels = {one.name: one.label for one in report.codebook.indicators}
    caption = teller.say("c_indicators", n=teller.count(key.n_rows), refits=key.n_refits)
    found.append(Picture(plot_importance(key, labels, lang), caption))
    refitted = any(one.price_method == "refitted without it" for one in key.roles)
    found.append(teller.say("permuted", some=teller.say("permuted_some") if refitted else ""))
    found.append(make_indicator_table(key, labels, caption, lang))
    for one in key.few:
        names = ", ".join(one_line(labels[name].text(lang)).lower() for name in one.names)
        found.append(
            teller.say(
                "few_fields",
                names=names,
                auc=format_estimate(one.auc, lang),
                brier=format_estimate(one.brier, lang, 4),
                share=_percent(one.share_of_gain, teller),
            )
        )
    return found


def _tell_performance(teller: Teller) -> list[Block]:
    record, lang = teller.record, teller.lang
    found: list[Block] = list(_tell_headline(teller))
    found += [f"{teller.say('leak')} {one.text.text(lang)}" for one in teller.report.leaks]
    n = teller.count(record.headline.span.n_rows)
    if record.calibration is not None:
        caption = teller.say("c_calibration", horizon=teller.horizon, n=n)
        found.append(Picture(plot_calibration(record.calibration, lang), caption))
        found.append(make_calibration_table(record, caption, lang))
    if record.net_benefit is not None:
        caption = teller.say("c_net_benefit", horizon=teller.horizon, n=n)
        found.append(Picture(plot_net_benefit(record.net_benefit, lang), caption))
        found.append(make_net_benefit_table(record, caption, lang))
    if record.comparisons:
        caption = teller.say("c_comparison", horizon=teller.horizon, n=n)
        found.append(make_comparison_table(record, caption, lang))
    price = record.price_of_transparency
    if price is not None:
        found.append(teller.say("price", brier=format_estimate(price.brier, lang, 4)))
    return found + _tell_duration(teller) + _tell_endings(teller) + _tell_instability(teller)


def _tell_duration(teller: Teller) -> list[Block]:
    one, lang = teller.record.duration, teller.lang
    if one.span.hidden:
        return []
    found: list[Block] = [teller.say("duration")]
    if not math.isnan(one.until_weeks):
        found.append(teller.say("duration_cut", until=format_week(one.until_weeks, lang)))
    if one.open_ended.value >= OPEN_ENDED:
        found.append(teller.say("open_ended", share=_percent(one.open_ended.value, teller)))
    return [*found, make_duration_table(teller.record, teller.say("c_duration"), lang)]


def _tell_endings(teller: Teller) -> list[Block]:
    shown = [one for one in teller.record.endings if one.points]
    if not shown:
        return []
    first = max(shown, key=lambda one: one.span.n_rows)
    caption = teller.say(
        "c_endings", n=teller.count(first.span.n_rows), landmark=_name_landmark(first, teller)
    )
    found: list[Block] = [
        teller.say(
            "endings",
            landmark=_name_landmark(first, teller),
            weeks=format_week(one.weeks, teller.lang),
            recovered=_percent(one.recovered.value, teller),
            other=_percent(one.other.value, teller),
            still=_percent(one.still.value, teller),
        )
        for one in first.points
        if one.weeks == teller.record.primary_horizon
    ]
    found.append(_tell_kinds(teller))
    found.append(Picture(plot_endings(first, teller.lang), caption))
    found.append(make_ending_table(teller.record, teller.say("c_all_endings"), teller.lang))
    return found


def _tell_kinds(teller: Teller) -> str:
    outcome = teller.report.codebook.outcome
    names: dict[bool, list[str]] = {True: [], False: []}
    for one in outcome.reasons:
        text = one_line(one.label.text(teller.lang)).lower()
        names[one.value in outcome.recovery].append(text)
    return teller.say(
        "ending_kinds", recovery=", ".join(names[True]), others=", ".join(names[False]) or "-"
    )


def _name_landmark(curve: EndingCurve, teller: Teller) -> str:
    if not curve.span.level:
        return teller.say("at_start")
    return teller.say("from_week", week=format_week(float(curve.span.level), teller.lang))


def _percent(share: float, teller: Teller) -> str:
    return format_limit(round(share, 2), teller.lang)


def _tell_instability(teller: Teller) -> list[Block]:
    one, lang = teller.report.instability, teller.lang
    if one is None:
        return []
    caption = teller.say("c_instability", n=teller.count(one.n_rows))
    text = teller.say(
        "instability",
        mape=format_figure(100 * one.mape, lang, 1),
        mape_90=format_figure(100 * one.mape_90, lang, 1),
        n=teller.count(one.n_rows),
        refits=one.n_refits,
    )
    order = teller.say("strongest", share=_percent(one.same_strongest, teller))
    if one.same_strongest < STABLE_ORDER:
        order += " " + teller.say("strongest_unsure")
    picture = Picture(plot_instability(one, lang), caption)
    return [text, order, picture, make_instability_table(one, caption, lang)]


def _tell_groups(teller: Teller) -> list[Block]:
    found: list[Block] = []
    for family in ("landmark", "site"):
        blocks = teller.record.find_blocks(family)
        if blocks:
            caption = teller.say(f"c_{family}", horizon=teller.horizon)
            found += make_metric_tables(blocks, caption, family, teller.lang, {})
    by_field: dict[str, list[MetricBlock]] = {}
    for one in teller.record.find_blocks("group"):
        by_field.setdefault(one.span.field, []).append(one)
    for name, blocks in by_field.items():
        asked = teller.report.codebook.find_field(name)
        levels = {level.value: level.label for level in asked.levels}
        label = one_line(asked.label.text(teller.lang))
        caption = teller.say("c_group", field=label, horizon=teller.horizon)
        found += make_metric_tables(blocks, caption, "group", teller.lang, levels)
    return found


def _tell_update(teller: Teller) -> list[Block]:
    model = teller.report.model
    return [] if model is None or "updated" in model.provenance.recipe else [
        teller.say("not_updated")
    ]  # fmt: skip


def _tell_meaning(teller: Teller) -> list[Block]:
    verdicts = teller.report.verdicts
    if not verdicts:
        return []
    tally = Counter(one.grade for one in verdicts)
    return [
        teller.say(
            "interpretation",
            n=len(verdicts),
            good=tally["good"],
            doubtful=tally["doubtful"],
            poor=tally["poor"],
        )
    ]


def _tell_limits(teller: Teller) -> list[Block]:
    span = teller.record.headline.span
    keys = ["limits_synthetic"] if teller.report.data_kind == "synthetic" else []
    if min(span.n_events, span.n_rows - span.n_events) < FEW_EVENTS:
        keys.append("limits_few")
    if teller.record.n_unknown:
        keys.append("limits_censoring")
    return [teller.say(key) for key in (*keys, "limits_new", "no_refit")]


def _tell_next(teller: Teller) -> list[Block]:
    size = teller.report.sample_size
    if size is None or size.enough:
        return [teller.say("next_new")]
    return [teller.say("next_more", lacking=teller.count(size.needed - size.n_persons))]
