"""A policy as plain sentences, for reading before it is approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from riskmodel.domain.labels import Label, Language
from riskmodel.visitation.policy import OwnTrack, Policy, Requirement
from riskmodel.visitation.regimes import Certainty, Regime
from riskmodel.visitation.thresholds import Threshold
from riskmodel.visitation.tiers import FixedContact, RepeatedContact, Tier
from riskmodel.visitation.wording import (
    describe_condition,
    join_words,
    quote,
    word_number,
    word_percent,
    word_percent_against,
)

__all__ = ["describe_policy", "describe_worklist_order"]

_HEADINGS: dict[str, Label] = {
    "validity": Label(da="Gyldighed", en="Validity"),
    "law": Label(da="Lovens regler", en="The law"),
    "thresholds": Label(da="Grænser", en="Thresholds"),
    "tiers": Label(da="Indsatser", en="Tiers"),
    "exceptions": Label(
        da="Undtagelser, der går forud for risikoen", en="Exceptions that go before the risk"
    ),
    "gate": Label(da="Lovens betingelser", en="Conditions of the law"),
    "uncomplicated": Label(da="Ukompliceret forløb", en="Uncomplicated course"),
    "caution": Label(
        da="Hvornår rådgiveren vælger, fordi noget er usikkert",
        en="When the adviser chooses because something is not sure",
    ),
    "assessments": Label(da="Løbende vurdering", en="Ongoing assessment"),
    "audit": Label(da="Lodtrækning", en="Drawn by lot"),
    "worklist": Label(da="Arbejdslistens rækkefølge", en="Order of the worklist"),
}
_CERTAINTY: dict[Certainty, Label] = {
    "minutes": Label(da="referat", en="minutes"),
    "public_source": Label(da="offentlig kilde", en="public source"),
    "unverified": Label(da="IKKE EFTERPRØVET", en="NOT VERIFIED"),
}
_STATUS = {
    "proposal": Label(da="forslag", en="proposal"),
    "decided": Label(da="besluttet", en="decided"),
}
_KEYS = {
    "risk_falling": Label(da="højeste risiko først", en="highest risk first"),
    "risk_rising": Label(da="laveste risiko først", en="lowest risk first"),
    "assessed_week_falling": Label(da="seneste uge først", en="latest week first"),
    "assessed_week_rising": Label(da="tidligste uge først", en="earliest week first"),
}


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
    listed = list(lines)
    return (
        ["", _HEADINGS[heading].text(lang), *(_set_off(line) for line in listed)] if listed else []
    )


def _set_off(line: str) -> str:
    return f"  - {line.lstrip()}" if line.startswith(" ") else f"- {line}"


def _describe_validity(policy: Policy, lang: Language) -> Iterator[str]:
    danish = lang == "da"
    first, last = _word_date(policy.valid_from, lang), policy.valid_to
    until = "" if last is None else f" {'til' if danish else 'to'} {_word_date(last, lang)}"
    yield f"{'Gælder fra' if danish else 'Holds from'} {first}{until}."
    if policy.approved_by is None:
        yield "Ikke godkendt; kun til test." if danish else "Not approved; for test only."
    else:
        yield f"{'Godkendt af' if danish else 'Approved by'}: {policy.approved_by}."
    if policy.basis is not None:
        yield policy.basis.text(lang)
    if policy.talks_a_week is not None:
        talks = word_number(policy.talks_a_week, lang)
        yield (
            f"Plads til {talks} samtaler om ugen." if danish else f"Room for {talks} talks a week."
        )
    if policy.own_judgement_first:
        yield (
            "Rådgiveren giver sit eget skøn, før beregningen vises."
            if danish
            else "The adviser gives an own judgement before the calculation is shown."
        )
    else:
        yield (
            "Beregningen vises uden først at bede om rådgiverens eget skøn."
            if danish
            else "The calculation is shown without asking for the adviser's own judgement first."
        )


def _describe_law(policy: Policy, lang: Language) -> Iterator[str]:
    if policy.regime is None:
        return
    yield policy.regime.title.text(lang) + "."
    yield from _describe_statements(policy.regime, lang)
    for regime in policy.later_regimes:
        if regime.valid_from is None:
            continue
        day = _word_date(regime.valid_from, lang)
        yield (
            f"Reglerne ventes ændret {day}, mens politikken gælder; den skal ses efter inden da."
            if lang == "da"
            else f"The rules are expected to change on {day}, while the policy holds; "
            "look it over before then."
        )
        yield from _describe_statements(regime, lang)


def _describe_statements(regime: Regime, lang: Language) -> Iterator[str]:
    for one in regime.statements:
        source = f": {one.source}" if one.source else ""
        yield f"{one.text.text(lang)} [{_CERTAINTY[one.certainty].text(lang)}{source}]"


def _describe_thresholds(policy: Policy, lang: Language) -> Iterator[str]:
    lower, upper = (
        _word_threshold(policy.lower, policy.upper, lang),
        _word_threshold(policy.upper, policy.lower, lang),
    )
    light, adviser, heavy = (_name_tier(policy, rung, lang) for rung in policy.ladder.rungs)
    weeks = "" if policy.horizon_weeks is None else word_number(policy.horizon_weeks, lang)
    if lang == "da":
        of_what = f" for fortsat at være sygemeldt efter {weeks} uger" if weeks else ""
        yield f"Risikoen{of_what} er mindst {upper}: {heavy}."
        yield (
            f"Hele usikkerheden om risikoen ligger under {lower}, og alle krav nedenfor er "
            f"opfyldt: {light}."
        )
        yield f"Ellers: {adviser}. Risikoen afgør ikke noget; rådgiveren vælger selv."
    else:
        of_what = f" of still being sick-listed after {weeks} weeks" if weeks else ""
        yield f"The risk{of_what} is {upper} or more: {heavy}."
        yield (
            f"The whole uncertainty of the risk lies below {lower} and all requirements below are "
            f"met: {light}."
        )
        yield f"Otherwise: {adviser}. The risk settles nothing; the adviser chooses."
    yield from _describe_basis(policy, lang)


def _describe_basis(policy: Policy, lang: Language) -> Iterator[str]:
    names = {
        "lower": Label(da="Nedre grænse", en="Lower threshold"),
        "upper": Label(da="Øvre grænse", en="Upper threshold"),
    }
    for name, threshold in (("lower", policy.lower), ("upper", policy.upper)):
        basis = "" if threshold.basis is None else f" {threshold.basis.text(lang)}"
        yield f"{names[name].text(lang)}: {_STATUS[threshold.status].text(lang)}.{basis}"


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
        tier = _name_tier(policy, rule.at_least, lang)
        otherwise = "Ellers mindst" if lang == "da" else "Otherwise at least"
        yield f"{rule.text.text(lang)} {otherwise} {tier}. {_word_check(rule, lang)}"


def _name_tier(policy: Policy, tier: str, lang: Language) -> str:
    return quote(policy.find_tier(tier).label.text(lang), lang)


def _word_check(rule: OwnTrack | Requirement, lang: Language) -> str:
    check = "tjek" if lang == "da" else "check"
    return f"[{rule.id}; {check}: {describe_condition(rule.condition, lang)}]"


def _describe_caution(policy: Policy, lang: Language) -> Iterator[str]:
    adviser = _name_tier(policy, policy.ladder.between, lang)
    facts = "; ".join(field.label.text(lang) for field in policy.facts_asked)
    needed = "; ".join(field.label.text(lang) for field in policy.needed_facts)
    if lang == "da":
        yield (
            "I disse tilfælde giver risikoen hverken den letteste eller den tungeste indsats, "
            f"men {adviser}:"
        )
        yield "Usikkerheden om risikoen er ikke beregnet."
        yield "Sagen ligger uden for de sager, modellen er trænet på."
        yield "Sagen har ingen beregnet risiko."
        yield "Sagen vurderes på en dag, hvor reglerne her ikke gælder."
        if needed:
            yield f"En af disse oplysninger mangler: {needed}."
        yield (
            "Den letteste indsats anbefales heller aldrig, når usikkerheden om risikoen går op "
            "over den nedre grænse."
        )
        if facts:
            yield (
                "Den letteste indsats anbefales heller aldrig, hvis et krav ikke kan besvares, "
                f"fordi en af disse oplysninger mangler: {facts}."
            )
    else:
        yield (
            "In these cases the risk gives neither the lightest nor the heaviest tier, "
            f"but {adviser}:"
        )
        yield "The uncertainty of the risk is not estimated."
        yield "The case lies outside the cases that the model was trained on."
        yield "The case has no estimated risk."
        yield "The case is assessed on a day on which the rules here are not in force."
        if needed:
            yield f"One of these facts is missing: {needed}."
        yield (
            "Nor is the lightest tier recommended where the uncertainty of the risk reaches over "
            "the lower threshold."
        )
        if facts:
            yield (
                "Nor is the lightest tier recommended where a requirement cannot be answered "
                f"because one of these facts is missing: {facts}."
            )


def _describe_tiers(policy: Policy, lang: Language) -> Iterator[str]:
    for tier in policy.tiers:
        yield f"{quote(tier.label.text(lang), lang)} [{tier.id}]: {tier.description.text(lang)}"
        yield from _describe_contacts(tier, lang)


def _describe_contacts(tier: Tier, lang: Language) -> Iterator[str]:
    week_word, from_word = ("uge", "fra uge") if lang == "da" else ("week", "from week")
    for contact in sorted(tier.contacts, key=_find_first_week):
        week = word_number(_find_first_week(contact), lang)
        word = from_word if isinstance(contact, RepeatedContact) else week_word
        yield f"  {word} {week}: {contact.label.text(lang)}"


def _find_first_week(contact: FixedContact | RepeatedContact) -> float:
    return contact.after_week if isinstance(contact, RepeatedContact) else contact.week


def _describe_assessments(policy: Policy, lang: Language) -> Iterator[str]:
    danish = lang == "da"
    if policy.reassessment is not None:
        weeks = [word_number(week, lang) for week in policy.reassessment.weeks]
        listed = join_words(weeks, lang)
        yield (
            f"Et forløb, der stadig løber, vurderes igen i uge {listed} fra første fraværsdag."
            if danish
            else f"A course that still runs is assessed again in weeks {listed} from the first "
            "absence day."
        )
        if policy.reassessment.basis is not None:
            yield policy.reassessment.basis.text(lang)
    if policy.first_absence_day is not None:
        name = quote(policy.first_absence_day.label.text(lang), lang)
        yield (
            f"Datoer regnes fra {name}. Uden den dag vises kun uger."
            if danish
            else f"Dates are counted from {name}. Without that day only weeks are shown."
        )
    if policy.reassessment is not None:
        yield (
            "Vurderingen handler alene om risikoen for et langt forløb. Uarbejdsdygtighed efter "
            "sygedagpengelovens § 7 vurderes ikke her."
            if danish
            else "The assessment is about the risk of a long course only. Incapacity for work "
            "under section 7 of the Sickness Benefit Act is not judged here."
        )


def _describe_audit(policy: Policy, lang: Language) -> Iterator[str]:
    rules = policy.audit
    if rules is None:
        return
    light = _name_tier(policy, policy.ladder.below_lower, lang)
    tier = _name_tier(policy, rules.contact_tier, lang)
    contact, hidden = (
        word_percent(one.share, lang, 0 if round(100 * one.share, 6) % 1 == 0 else 1)
        for one in (rules.contact, rules.without_score)
    )
    danish = lang == "da"
    if rules.contact.share > 0:
        yield (
            f"{contact} af sagerne under {light} får i stedet {tier}."
            if danish
            else f"{contact} of the cases under {light} get {tier} instead."
        )
    if rules.without_score.share > 0:
        yield (
            f"{hidden} af alle sager vurderes af en rådgiver uden beregning."
            if danish
            else f"{hidden} of all cases are judged by an adviser without a score."
        )
    else:
        yield (
            "Ingen sager vurderes uden beregning."
            if danish
            else "No case is judged without a score."
        )
    yield (
        "Lodtrækningen følger sagens løbenummer, så en sag altid får det samme udfald."
        if danish
        else "The lot follows the case identifier, so a case always draws the same."
    )
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
    within = [_KEYS[key].text(lang) for key in policy.worklist_keys]
    if lang == "da":
        yield f"Inden for hver indsats: {', '.join(within)}; sager uden risiko står forrest."
        yield "Står to sager lige, går den tidligste vurdering forud, derefter løbenummeret."
    else:
        yield f"Within each tier: {', '.join(within)}; cases without a risk come first."
        yield "Where two cases tie, the earliest assessment goes first, then the case identifier."


def _word_date(day: dt.date, lang: Language) -> str:
    from babel.dates import format_date  # noqa: PLC0415

    return str(format_date(day, format="long", locale="da" if lang == "da" else "en_GB"))
