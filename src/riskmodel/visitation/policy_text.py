"""A policy as plain sentences, for reading before it is approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from riskmodel.domain.codebook import Field
from riskmodel.domain.labels import Language
from riskmodel.visitation.policy import OwnTrack, Policy, Requirement
from riskmodel.visitation.regimes import Regime
from riskmodel.visitation.rule_phrases import PHRASES
from riskmodel.visitation.thresholds import Threshold
from riskmodel.visitation.tiers import FixedContact, RepeatedContact, Tier
from riskmodel.visitation.wording import (
    describe_condition,
    join_words,
    quote,
    word_horizon,
    word_number,
    word_percent,
    word_percent_against,
)

__all__ = ["describe_policy", "describe_worklist_order"]


def describe_policy(policy: Policy, lang: Language) -> str:
    """Return a policy as text that can be read aloud in a meeting.

    Every rule stands with its own sentence and with what is actually checked, word for
    word from the codebook's labels, so that the two can be compared.

    Parameters
    ----------
    policy : Policy
        The policy.
    lang : {"da", "en"}
        Language of the text.

    Returns
    -------
    str
        Lines of plain text, ending with a line break.
    """
    lines = [policy.title.text(lang), policy.policy_version]
    lines += _section("validity", _describe_validity(policy, lang), lang)
    lines += _section("law", _describe_law(policy, lang), lang)
    lines += _section("thresholds", _describe_thresholds(policy, lang), lang)
    lines += _section("exceptions", _describe_tracks(policy, lang), lang)
    for kind, text in (("gate", policy.gate_text), ("uncomplicated", policy.uncomplicated_text)):
        rules = [rule for rule in policy.requirements if rule.kind == kind]
        intro = [text.text(lang)] if text is not None and rules else []
        lines += _section(kind, [*intro, *_describe_requirements(rules, policy, lang)], lang)
    lines += _section("caution", _describe_caution(policy, lang), lang)
    lines += _section("tiers", _describe_tiers(policy, lang), lang)
    lines += _section("assessments", _describe_assessments(policy, lang), lang)
    lines += _section("audit", _describe_audit(policy, lang), lang)
    lines += _section("worklist", _describe_worklist(policy, lang), lang)
    return "\n".join(lines) + "\n"


def _section(heading: str, lines: Iterator[str] | list[str], lang: Language) -> list[str]:
    listed = [_set_off(line) for line in lines]
    return ["", PHRASES.say(f"heading_{heading}", lang), *listed] if listed else []


def _set_off(line: str) -> str:
    return f"  - {line.lstrip()}" if line.startswith(" ") else f"- {line}"


def _describe_validity(policy: Policy, lang: Language) -> Iterator[str]:
    first = _word_date(policy.valid_from, lang)
    if policy.valid_to is None:
        yield PHRASES.say("holds_from", lang, first=first)
    else:
        last = _word_date(policy.valid_to, lang)
        yield PHRASES.say("holds_from_to", lang, first=first, last=last)
    if policy.approved_by is None:
        yield PHRASES.say("not_approved", lang)
    else:
        yield PHRASES.say("approved", lang, body=policy.approved_by)
    if policy.basis is not None:
        yield policy.basis.text(lang)
    if policy.talks_a_week is not None:
        talks = word_number(policy.talks_a_week, lang)
        yield PHRASES.say_count("room", lang, policy.talks_a_week, count=talks)
    yield PHRASES.say(
        "own_judgement_first" if policy.own_judgement_first else "calculation_first", lang
    )


def _describe_law(policy: Policy, lang: Language) -> Iterator[str]:
    if policy.regime is None:
        return
    yield policy.regime.title.text(lang) + "."
    yield from _describe_statements(policy.regime, lang)
    for regime in policy.later_regimes:
        if regime.valid_from is None:
            continue
        yield PHRASES.say("law_changes", lang, day=_word_date(regime.valid_from, lang))
        yield from _describe_statements(regime, lang)


def _describe_statements(regime: Regime, lang: Language) -> Iterator[str]:
    for one in regime.statements:
        source = f": {one.source}" if one.source else ""
        certainty = PHRASES.say(f"certainty_{one.certainty}", lang)
        yield f"{one.text.text(lang)} [{certainty}{source}]"


def _describe_thresholds(policy: Policy, lang: Language) -> Iterator[str]:
    lower, upper = (
        _word_threshold(policy.lower, policy.upper, lang),
        _word_threshold(policy.upper, policy.lower, lang),
    )
    light, adviser, heavy = (_name_tier(policy, rung, lang) for rung in policy.ladder.rungs)
    horizon = word_horizon(policy.horizon_weeks, lang)
    yield PHRASES.say("reaches_upper", lang, horizon=horizon, upper=upper, tier=heavy)
    yield PHRASES.say("stays_below_lower", lang, lower=lower, tier=light)
    yield PHRASES.say("lies_between", lang, tier=adviser)
    yield from _describe_basis(policy, lang)


def _describe_basis(policy: Policy, lang: Language) -> Iterator[str]:
    for name, threshold in (("lower", policy.lower), ("upper", policy.upper)):
        basis = "" if threshold.basis is None else f" {threshold.basis.text(lang)}"
        status = PHRASES.say(f"status_{threshold.status}", lang)
        yield PHRASES.say(f"threshold_{name}", lang, status=status) + basis


def _word_threshold(threshold: Threshold, other: Threshold, lang: Language) -> str:
    return word_percent_against(threshold.value, [other.value], lang)


def _describe_tracks(policy: Policy, lang: Language) -> Iterator[str]:
    for track in policy.own_tracks:
        tier = _name_tier(policy, track.tier, lang)
        yield f"{track.text.text(lang)} → {tier} {_word_check(track, lang)}"


def _describe_requirements(
    rules: list[Requirement], policy: Policy, lang: Language
) -> Iterator[str]:
    for rule in rules:
        otherwise = PHRASES.say("otherwise", lang, tier=_name_tier(policy, rule.at_least, lang))
        yield f"{rule.text.text(lang)} {otherwise} {_word_check(rule, lang)}"


def _name_tier(policy: Policy, tier: str, lang: Language) -> str:
    return quote(policy.find_tier(tier).label.text(lang), lang)


def _word_check(rule: OwnTrack | Requirement, lang: Language) -> str:
    condition = describe_condition(rule.condition, lang)
    return PHRASES.say("check", lang, rule=rule.id, condition=condition)


def _describe_caution(policy: Policy, lang: Language) -> Iterator[str]:
    yield PHRASES.say("caution", lang, tier=_name_tier(policy, policy.ladder.between, lang))
    yield PHRASES.say("caution_interval", lang)
    yield PHRASES.say("caution_outside", lang)
    yield PHRASES.say("caution_not_scored", lang)
    yield PHRASES.say("caution_not_in_force", lang)
    if policy.needed_facts:
        yield _say_facts("caution_needed", policy.needed_facts, lang)
    yield PHRASES.say("caution_straddles", lang)
    if policy.facts_asked:
        yield _say_facts("caution_asked", policy.facts_asked, lang)


def _say_facts(key: str, fields: Sequence[Field], lang: Language) -> str:
    facts = "; ".join(field.label.text(lang) for field in fields)
    return PHRASES.say_count(key, lang, len(fields), facts=facts)


def _describe_tiers(policy: Policy, lang: Language) -> Iterator[str]:
    for tier in policy.tiers:
        yield f"{quote(tier.label.text(lang), lang)} [{tier.id}]: {tier.description.text(lang)}"
        yield from _describe_contacts(tier, lang)


def _describe_contacts(tier: Tier, lang: Language) -> Iterator[str]:
    for contact in sorted(tier.contacts, key=_find_first_week):
        week = word_number(_find_first_week(contact), lang)
        key = "contact_from_week" if isinstance(contact, RepeatedContact) else "contact_week"
        yield "  " + PHRASES.say(key, lang, week=week, contact=contact.label.text(lang))


def _find_first_week(contact: FixedContact | RepeatedContact) -> float:
    return contact.after_week if isinstance(contact, RepeatedContact) else contact.week


def _describe_assessments(policy: Policy, lang: Language) -> Iterator[str]:
    if policy.reassessment is not None:
        weeks = [word_number(week, lang) for week in policy.reassessment.weeks]
        listed = join_words(weeks, lang)
        yield PHRASES.say_count("assessed_again", lang, len(weeks), weeks=listed)
        if policy.reassessment.basis is not None:
            yield policy.reassessment.basis.text(lang)
    if policy.first_absence_day is not None:
        name = quote(policy.first_absence_day.label.text(lang), lang)
        yield PHRASES.say("dates_from", lang, fact=name)
    if policy.reassessment is not None:
        yield PHRASES.say("not_incapacity", lang)


def _describe_audit(policy: Policy, lang: Language) -> Iterator[str]:
    rules = policy.audit
    if rules is None:
        return
    contact, hidden = (
        word_percent(one.share, lang, 0 if round(100 * one.share, 6) % 1 == 0 else 1)
        for one in (rules.contact, rules.without_score)
    )
    if rules.contact.share > 0:
        yield PHRASES.say(
            "lot_contact",
            lang,
            share=contact,
            light=_name_tier(policy, policy.ladder.below_lower, lang),
            tier=_name_tier(policy, rules.contact_tier, lang),
        )
    if rules.without_score.share > 0:
        yield PHRASES.say("lot_without_figure", lang, share=hidden)
    else:
        yield PHRASES.say("no_lot_without_figure", lang)
    yield PHRASES.say("lot_is_fixed", lang)
    if rules.basis is not None:
        yield rules.basis.text(lang)


def describe_worklist_order(policy: Policy, lang: Language) -> str:
    """Return the order of the worklist as sentences, down to what settles a tie.

    Parameters
    ----------
    policy : Policy
        The policy.
    lang : {"da", "en"}
        Language.
    """
    tiers, *rules = _describe_worklist(policy, lang)
    return " ".join([f"{tiers}.", *rules])


def _describe_worklist(policy: Policy, lang: Language) -> Iterator[str]:
    yield " → ".join(policy.find_tier(tier).label.text(lang) for tier in policy.worklist_tiers)
    within = [PHRASES.say(f"order_{key}", lang) for key in policy.worklist_keys]
    yield PHRASES.say("order_within", lang, order=", ".join(within))
    yield PHRASES.say("order_ties", lang)


def _word_date(day: dt.date, lang: Language) -> str:
    from babel.dates import format_date  # noqa: PLC0415

    return str(format_date(day, format="long", locale="da" if lang == "da" else "en_GB"))
