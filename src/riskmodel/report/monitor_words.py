"""What the pages about decisions and audits say, in both languages."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = ["MONITOR_TEXTS", "say_monitor"]

MONITOR_TEXTS: Final[dict[str, Label]] = {
    "title": Label(da="Anbefalinger og beslutninger", en="Recommendations and decisions"),
    "made_from": Label(
        da="Registreringer: {n} · sager: {cases} · politik: {policy}",
        en="Records: {n} · cases: {cases} · policy: {policy}",
    ),
    "no_policy": Label(da="ikke angivet", en="not given"),
    "synthetic": Label(
        da="Syntetiske eksempler: tallene handler ikke om rigtige mennesker.",
        en="Synthetic examples: the figures are not about real people.",
    ),
    "mark": Label(da="syntetisk", en="synthetic"),
    "h_overview": Label(da="Kort fortalt", en="In short"),
    "followed_line": Label(
        da="I {share} af {n} beslutninger blev anbefalingen fulgt (mellem {low} og {high}).",
        en="In {share} of {n} decisions the recommendation was followed (between {low} and "
        "{high}).",
    ),
    "followed_hidden": Label(
        da="Hvor ofte anbefalingen blev fulgt, kan ikke vises: tallene er for små.",
        en="How often the recommendation was followed cannot be shown: the counts are too small.",
    ),
    "first_line": Label(
        da="I {share} af {n} beslutninger gav rådgiveren sit eget skøn, før beregningen blev vist "
        "(mellem {low} og {high}).",
        en="In {share} of {n} decisions the adviser gave an own judgement before the score was "
        "shown (between {low} and {high}).",
    ),
    "care": Label(
        da="Beslutningen er rådgiverens. At fravige en anbefaling er ikke en fejl: rådgiveren ved "
        "ofte noget, som beregningen ikke ved. Tallene siger noget om praksis og kan ikke bruges "
        "til at bedømme den enkelte rådgiver.",
        en="The decision is the adviser's. To depart from a recommendation is no error: the "
        "adviser often knows what the calculation does not. The figures tell of practice and "
        "cannot be used to judge a single adviser.",
    ),
    "unmatched": Label(
        da="Registreringer, der ikke fandtes blandt de beregnede sager: {n}.",
        en="Records that were not found among the scored cases: {n}.",
    ),
    "other_tier": Label(
        da="Registreringer, der viser en anden anbefaling end den beregnede: {n}. Modellen eller "
        "politikken kan være skiftet imens.",
        en="Records that show another recommendation than the scores: {n}. The model or the "
        "policy may have changed in between.",
    ),
    "unknown_tier": Label(
        da="Registreringer, der nævner en indsats, som politikken ikke har: {n}. De indgår ikke i "
        "andelene nedenfor.",
        en="Records that name a tier the policy does not have: {n}. They are left out of the "
        "shares below.",
    ),
    "h_agreement": Label(da="Blev anbefalingen fulgt?", en="Was the recommendation followed?"),
    "measure": Label(da="Beslutninger", en="Decisions"),
    "count": Label(da="Antal", en="Number"),
    "of": Label(da="Ud af", en="Out of"),
    "share": Label(da="Andel", en="Share"),
    "limits": Label(da="95 %-interval", en="95% interval"),
    "followed": Label(da="Fulgte anbefalingen", en="Followed the recommendation"),
    "heavier": Label(da="Gav mere end anbefalet", en="Gave more than recommended"),
    "lighter": Label(da="Gav mindre end anbefalet", en="Gave less than recommended"),
    "beside": Label(
        da="Fraveg på anden måde (fra eller til en indsats, som risikoen ikke fører til)",
        en="Departed in another way (from or to a tier that the risk does not lead to)",
    ),
    "own_first": Label(da="Eget skøn kom først", en="Own judgement came first"),
    "recommended": Label(da="Anbefalet", en="Recommended"),
    "all_decisions": Label(da="Alle beslutninger", en="All decisions"),
    "by_tier": Label(
        da="Andelen, der fulgte anbefalingen, efter hvad der blev anbefalet",
        en="The share that followed the recommendation, by what was recommended",
    ),
    "by_reason": Label(da="Fravigelser efter begrundelse", en="Departures by reason"),
    "other": Label(da="Øvrige", en="Others"),
    "h_reasons": Label(da="Hvorfor blev den fraveget?", en="Why was it departed from?"),
    "reason": Label(da="Begrundelse", en="Reason"),
    "no_reasons": Label(
        da="Der er ingen fravigelser med en begrundelse.",
        en="There are no departures with a reason.",
    ),
    "h_practice": Label(da="Er praksis ens?", en="Is practice uniform?"),
    "practice_intro": Label(
        da="Andelen, der fulgte anbefalingen. Overlapper intervallerne, kan forskellen skyldes "
        "tilfældigheder eller forskellige sager.",
        en="The share that followed the recommendation. Where intervals overlap, the difference "
        "may be due to chance or to different cases.",
    ),
    "team": Label(da="Team", en="Team"),
    "month": Label(da="Måned", en="Month"),
    "by_team": Label(da="Pr. team", en="By team"),
    "by_month": Label(da="Over tid", en="Over time"),
    "first_by_month": Label(da="Eget skøn først, over tid", en="Own judgement first, over time"),
    "no_groups": Label(da="Ingen registreringer at dele op.", en="No records to divide."),
    "h_influence": Label(
        da="Er det i virkeligheden beregningen, der afgør?", en="Is the score in fact deciding?"
    ),
    "clear_decisions": Label(
        da="Beslutninger, hvor rådgiveren gav sit eget skøn først, og hvor anbefalingen var enten "
        "den letteste indsats eller den ved risiko",
        en="Decisions before which the adviser gave an own judgement, and where the recommendation "
        "was either the lightest tier or the one at risk",
    ),
    "switched": Label(
        da="Skøn og anbefaling var uenige: endte med netop den anbefalede indsats",
        en="Judgement and recommendation differed: ended with the very tier recommended",
    ),
    "kept": Label(
        da="Skøn og anbefaling var enige: endte med netop den anbefalede indsats",
        en="Judgement and recommendation agreed: ended with the very tier recommended",
    ),
    "by_order": Label(
        da="Alle beslutninger, efter hvad der kom først",
        en="All decisions, by what came first",
    ),
    "by_lot": Label(
        da="Alle beslutninger, efter om beregningen var vist",
        en="All decisions, by whether the score was shown",
    ),
    "agreed_first": Label(
        da="Fulgte anbefalingen, når eget skøn kom først",
        en="Followed the recommendation where the own judgement came first",
    ),
    "agreed_after": Label(
        da="Fulgte anbefalingen, når beregningen blev vist først",
        en="Followed the recommendation where the score was shown first",
    ),
    "offered_hidden": Label(
        da="Tilbød mere kontakt end den letteste indsats, når beregningen var skjult ved "
        "lodtrækning",
        en="Offered more contact than the lightest tier where the lot hid the score",
    ),
    "offered_shown": Label(
        da="Tilbød mere kontakt end den letteste indsats, når beregningen var vist",
        en="Offered more contact than the lightest tier where the score was shown",
    ),
    "difference": Label(
        da="Når eget skøn kom først, blev anbefalingen fulgt {points} procentpoint {way} (mellem "
        "{low} og {high} procentpoint).",
        en="Where the own judgement came first, the recommendation was followed {points} "
        "percentage points {way} (between {low} and {high} percentage points).",
    ),
    "no_difference": Label(
        da="Anbefalingen blev fulgt lige så ofte, når eget skøn kom først, som når beregningen "
        "kom først (forskellen ligger mellem {low} og {high} procentpoint).",
        en="The recommendation was followed as often where the own judgement came first as where "
        "the score did (the difference lies between {low} and {high} percentage points).",
    ),
    "more": Label(da="oftere", en="more often"),
    "less": Label(da="sjældnere", en="less often"),
    "gap": Label(
        da="Rådgivernes eget skøn lå i gennemsnit {points} procentpoint {way} beregningen (mellem "
        "{low} og {high}); den typiske afstand var {size} procentpoint. Det bygger på {n} skøn.",
        en="The advisers' own judgement lay {points} percentage points {way} the score on average "
        "(between {low} and {high}); the usual distance was {size} percentage points. That rests "
        "on {n} judgements.",
    ),
    "above": Label(da="over", en="above"),
    "below": Label(da="under", en="below"),
    "influence_read": Label(
        da="Ligger andelen i den øverste række, hvor skøn og anbefaling var uenige, tæt på 100 %, "
        "er det i praksis beregningen, der afgør sagerne, og så er den ikke længere kun en støtte. "
        "Ligger den tæt på 0 %, bruges den ikke.",
        en="Where the share in the topmost row, in which judgement and recommendation differed, "
        "lies close to 100%, the score in practice decides the cases and is no longer mere "
        "support. Where it lies close to 0%, it is not used.",
    ),
    "needs_policy": Label(
        da="Angiv politikken (--policy), så regnes dette afsnit ud.",
        en="Give the policy (--policy) and this section is worked out.",
    ),
    "hidden": Label(da="skjult", en="hidden"),
    "hidden_note": Label(
        da="Antal under {n} er skjult eller slået sammen under »Øvrige«. Er en sag afgjort flere "
        "gange, er intervallet gjort bredere.",
        en='Counts under {n} are hidden or told together under "Others". Where a case was decided '
        "several times, the interval is made wider.",
    ),
    "audit_title": Label(da="Sager til ledelsestilsyn", en="Cases for the management audit"),
    "audit_context": Label(
        da="{drawn} af {frame} sager · lodtrækning {salt} · politik {policy}",
        en="{drawn} of {frame} cases · lot {salt} · policy {policy}",
    ),
    "h_how": Label(da="Sådan er sagerne udtrukket", en="How the cases were drawn"),
    "how": Label(
        da="Alle sager kunne blive trukket ud. Hver sag har en størrelse på 1, og tegnene nedenfor "
        "lægger til. Chancen for at blive trukket ud følger størrelsen og er skrevet ved hver sag, "
        "så fundene kan regnes om til alle sager: en sag med vægten 4 står for fire.",
        en="Every case could be drawn. Each has a size of 1, to which the signals below add. The "
        "chance of being drawn follows the size and stands beside each case, so that findings can "
        "be weighted back to all cases: a case of weight 4 stands for four.",
    ),
    "how_again": Label(
        da="Lodtrækningen følger sagens løbenummer og lodtrækningens navn. De samme filer giver de "
        "samme sager.",
        en="The lot follows the case identifier and the name of the lot. The same files give the "
        "same cases.",
    ),
    "signal": Label(da="Tegn", en="Signal"),
    "adds": Label(da="Lægger til", en="Adds"),
    "in_frame": Label(da="Blandt alle", en="Among all"),
    "in_sample": Label(da="Udtrukket", en="Drawn"),
    "h_cases": Label(da="Sagerne", en="The cases"),
    "drawn_cases": Label(da="Udtrukne sager", en="Cases drawn"),
    "case": Label(da="Sag", en="Case"),
    "week": Label(da="Uge", en="Week"),
    "decided": Label(da="Besluttet", en="Decided"),
    "signals": Label(da="Tegn", en="Signals"),
    "chance": Label(da="Chance", en="Chance"),
    "weight": Label(da="Vægt", en="Weight"),
    "audit_care": Label(
        da="Et tegn siger kun, hvorfor en sag havde større chance for at blive trukket ud. Det er "
        "ikke en fejl ved sagen.",
        en="A signal only says why a case had a larger chance of being drawn. It is no fault of "
        "the case.",
    ),
    "lighter_than_recommended": Label(
        da="Der er givet mindre end anbefalet", en="Less was given than recommended"
    ),
    "other_departure": Label(
        da="Anbefalingen er fraveget på anden måde", en="The recommendation was departed from"
    ),
    "no_decision": Label(da="Ingen beslutning er noteret", en="No decision is recorded"),
    "own_judgement_not_first": Label(
        da="Beregningen blev vist før eget skøn", en="The score was shown before the own judgement"
    ),
    "uncertain_and_light": Label(
        da="Letteste indsats, selv om usikkerheden når den nedre grænse",
        en="Lightest tier although the interval reaches the lower threshold",
    ),
    "missing_fact": Label(
        da="En manglende oplysning var med til at afgøre anbefalingen",
        en="A missing fact helped to decide the recommendation",
    ),
    "not_scored": Label(da="Sagen har ingen beregning", en="The case has no score"),
}


def say_monitor(key: str, lang: Language, **values: object) -> str:
    """Return a text with its values filled in.

    Examples
    --------
    >>> say_monitor("unmatched", "en", n=7)
    'Records that were not found among the scored cases: 7.'
    """
    return MONITOR_TEXTS[key].text(lang).format(**values)
