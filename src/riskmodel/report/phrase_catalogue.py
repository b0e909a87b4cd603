"""The reviewed catalogue: every sentence, heading and threshold that caseworkers meet.

Nothing else in riskmodel writes prose for caseworkers. A sentence never names a cause,
never gives advice on a fixed fact and never uses a word from `BANNED_WORDS`.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = [
    "BANNED_WORDS",
    "DATA_KINDS",
    "DIRECTIONS",
    "GAP_STEPS",
    "NOT_FOR",
    "SIZES",
    "SIZE_STEPS",
    "SMALLEST_POINTS",
    "SPREADS",
    "SPREAD_STEPS",
    "WORDS",
]

# Shown percentage points from which each size word is used; below the last one, "hardly".
SIZE_STEPS: Final[tuple[tuple[int, str], ...]] = ((8, "much"), (3, "some"), (1, "little"))
SMALLEST_POINTS: Final[int] = 1

SIZES: Final[dict[str, Label]] = {
    "much": Label(da="meget", en="a lot"),
    "some": Label(da="en del", en="somewhat"),
    "little": Label(da="lidt", en="a little"),
}

DIRECTIONS: Final[dict[str, Label]] = {
    "up": Label(da="op", en="up"),
    "down": Label(da="ned", en="down"),
    "none": Label(da="\N{EN DASH}", en="\N{EN DASH}"),
}

# Shown gap to a typical case, in percentage points, from which each size word is used.
GAP_STEPS: Final[tuple[tuple[int, str], ...]] = ((15, "much"), (5, "some"), (2, "little"))

# Shown width of the interval of a risk, in percentage points, from which each word is used.
SPREAD_STEPS: Final[tuple[tuple[int, str], ...]] = ((25, "large"), (10, "medium"), (0, "small"))

SPREADS: Final[dict[str, Label]] = {
    "large": Label(da="stor", en="large"),
    "medium": Label(da="middelstor", en="moderate"),
    "small": Label(da="lille", en="small"),
}

DATA_KINDS: Final[dict[str, Label]] = {
    "synthetic": Label(da="opdigtede (syntetiske) sager", en="invented (synthetic) cases"),
    "public": Label(da="offentliggjorte forskningsdata", en="published research data"),
    "case_records": Label(da="afsluttede sager", en="closed cases"),
}

# Stems: a word that starts with one is banned too. A phrase is banned as it stands.
BANNED_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "da": (
        "fordi", "skyldes", "årsag", "forårsag", "på grund af", "pga", "grundet", "medfør",
        "bevirk", "som følge af", "fører til", "resulter", "udløs", "derfor",
        "shap", "feature", "log-odds", "logit", "baseline", "response", "score", "koefficient",
        "variabel", "prædiktor", "median", "algoritme", "lightgbm", "auc", "e[f(x)]",
    ),
    "en": (
        "because", "due to", "cause", "leads to", "results in", "as a result", "owing to",
        "thanks to", "therefore", "effect of the",
        "shap", "feature", "log-odds", "logit", "baseline", "response", "score", "coefficient",
        "variable", "predictor", "median", "algorithm", "lightgbm", "auc", "e[f(x)]",
    ),
}  # fmt: skip

WORDS: Final[dict[str, Label]] = {
    # The first three lines
    "tier": Label(da="Anbefaling i sag {case}: {tier}.", en="Recommendation, case {case}: {tier}."),
    "no_tier": Label(
        da="Ingen anbefaling i sag {case}. Der er ikke valgt visitationsregler.",
        en="No recommendation in case {case}. No visitation rules were chosen.",
    ),
    "risk": Label(
        da="Risiko for stadig at være sygemeldt efter {weeks} (fra første fraværsdag): {risk}.",
        en="Risk of still being sick-listed after {weeks} (from the first day of absence): {risk}.",
    ),
    "spread": Label(
        da="Usikkerheden er {spread}: tallet kan ligge mellem {low} og {high}.",
        en="The uncertainty is {spread}: the figure may lie between {low} and {high}.",
    ),
    "spread_none": Label(
        da="Usikkerheden er {spread}: tallet er {low}, også med usikkerheden talt med.",
        en="The uncertainty is {spread}: the figure is {low} even when it is counted in.",
    ),
    "first_reason": Label(
        da="Vejer mest: {label} ({value}). Det trækker risikoen {size} {direction} ({points}).",
        en="Weighs most: {label} ({value}). It pulls the risk {direction} {size} ({points}).",
    ),
    "second_reason": Label(
        da="Dernæst: {label} ({value}). Det trækker risikoen {size} {direction} ({points}).",
        en="Next: {label} ({value}). It pulls the risk {direction} {size} ({points}).",
    ),
    "no_reason": Label(
        da="Ingen enkelt oplysning flytter risikoen så meget som 1 procentpoint.",
        en="No single fact moves the risk by as much as 1 percentage point.",
    ),
    "only_reason": Label(
        da="Ingen anden oplysning flytter risikoen så meget som 1 procentpoint.",
        en="No other fact moves the risk by as much as 1 percentage point.",
    ),
    # Warnings
    "synthetic": Label(
        da="Syntetisk: modellen har kun set opdigtede sager. Brug ikke tallet i en rigtig sag.",
        en="Synthetic: the model has only seen invented cases. Do not use it in a real case.",
    ),
    "synthetic_mark": Label(da="syntetisk", en="synthetic"),
    "outside": Label(
        da="Sagen ligger uden for det, modellen kender. Se nærmere på: {labels}.",
        en="The case lies outside what the model knows. Look closely at: {labels}.",
    ),
    "outside_advice": Label(
        da="Læs tallet med stort forbehold, og stol på din egen vurdering.",
        en="Read the figure with great care, and trust your own judgement.",
    ),
    "assessed": Label(da="vurderet i uge {week}", en="assessed in week {week}"),
    # Risk
    "of_hundred": Label(
        da="Ud af 100 borgere med samme oplysninger vil "
        "omkring {count} stadig være sygemeldt efter {weeks}.",
        en="Out of 100 people with the same facts, "
        "about {count} will still be sick-listed after {weeks}.",
    ),
    "of_hundred_few": Label(
        da="Ud af 100 borgere med samme oplysninger vil "
        "færre end 1 stadig være sygemeldt efter {weeks}.",
        en="Out of 100 people with the same facts, "
        "fewer than 1 will still be sick-listed after {weeks}.",
    ),
    "of_hundred_most": Label(
        da="Ud af 100 borgere med samme oplysninger vil "
        "flere end 99 stadig være sygemeldt efter {weeks}.",
        en="Out of 100 people with the same facts, "
        "more than 99 will still be sick-listed after {weeks}.",
    ),
    "above": Label(
        da="Risikoen er {size} højere end i en typisk sag ({reference}).",
        en="The risk is {size} higher than in a typical case ({reference}).",
    ),
    "below": Label(
        da="Risikoen er {size} lavere end i en typisk sag ({reference}).",
        en="The risk is {size} lower than in a typical case ({reference}).",
    ),
    "level": Label(
        da="Risikoen er omtrent som i en typisk sag ({reference}).",
        en="The risk is about the same as in a typical case ({reference}).",
    ),
    "given_week": Label(
        da="Tallet gælder en borger, der stadig er sygemeldt i uge {week}.",
        en="The figure holds for a person who is still sick-listed in week {week}.",
    ),
    # Duration
    "expected": Label(
        da="Forventet varighed: omkring {weeks} fra første fraværsdag.",
        en="Expected duration: about {weeks} from the first day of absence.",
    ),
    "expected_over": Label(
        da="Forventet varighed: {weeks} fra første fraværsdag.",
        en="Expected duration: {weeks} from the first day of absence.",
    ),
    "expected_half": Label(
        da="Halvdelen af sager som denne er slut inden da.",
        en="Half of the cases like this one have ended by then.",
    ),
    "expected_range": Label(
        da="I 8 ud af 10 sager som denne varer forløbet mellem {low} og {high}.",
        en="In 8 out of 10 cases like this one, the course lasts between {low} and {high}.",
    ),
    "expected_care": Label(
        da="Varighed er svær at forudse. Se mest på spændet.",
        en="Duration is hard to foretell. Look mostly at the range.",
    ),
    "mark": Label(
        da="Stadig sygemeldt efter uge {week}: {chance}.",
        en="Still sick-listed after week {week}: {chance}.",
    ),
    # Contributions
    "weights": Label(
        da="Beregningen starter i en typisk sag ({reference}). "
        "Hver oplysning trækker op eller ned, og summen er {risk}.",
        en="The figure starts from a typical case ({reference}). "
        "Each fact pulls up or down, and they add up to {risk}.",
    ),
    "weights_rounded": Label(
        da="Tallene er afrundet hver for sig.",
        en="The figures are rounded one by one.",
    ),
    "pulls": Label(
        da="Trækker risikoen {size} {direction} ({points}).",
        en="Pulls the risk {direction} {size} ({points}).",
    ),
    "hardly_pulls": Label(
        da="Flytter næsten ikke noget ({points}).",
        en="Hardly moves anything ({points}).",
    ),
    "others": Label(da="{count} andre oplysninger", en="{count} other facts"),
    # Missing facts
    "nothing_missing": Label(
        da="Modellen mangler ingen oplysninger i sagen.",
        en="No fact that the model uses is missing.",
    ),
    "missing_count": Label(
        da="Modellen bruger {total} oplysninger. Her mangler {count}.",
        en="The model uses {total} facts. Missing here: {count}.",
    ),
    "missing_move": Label(
        da="Når den er kendt, ligger risikoen et sted mellem {low} og {high}.",
        en="Once it is known, the risk will lie somewhere between {low} and {high}.",
    ),
    "missing_still": Label(
        da="Når den er kendt, er risikoen omkring {low}.",
        en="Once it is known, the risk is about {low}.",
    ),
    "missing_unknown": Label(
        da="Det er ikke beregnet, hvor meget den kan flytte.",
        en="How far it could move the risk was not worked out.",
    ),
    "missing": Label(da="mangler", en="missing"),
    # What could be asked
    "asks": Label(
        da="Her kan der være noget at aftale eller afklare. Det er forslag, ikke krav.",
        en="Here there may be something to arrange or clear up. These are suggestions only.",
    ),
    "no_asks": Label(
        da="Ingen forslag ud fra oplysningerne i sagen.",
        en="No suggestions from the facts in the case.",
    ),
    # Recommendation
    "rules": Label(da="Regler, der peger på anbefalingen", en="Rules behind the recommendation"),
    "contacts": Label(da="Planlagt kontakt", en="Planned contact"),
    "no_contacts": Label(
        da="Disse regler fastsætter ingen bestemt kontakt.",
        en="These rules set no particular contact.",
    ),
    "contact": Label(da="Senest uge {week}: {label}.", en="By week {week}: {label}."),
    "needed": Label(
        da="Reglerne skal bruge oplysninger, der mangler: {labels}.",
        en="The rules need facts that are missing: {labels}.",
    ),
    "band": Label(
        da="Mellem {low} og {high} er det altid rådgiveren, der vurderer.",
        en="Between {low} and {high} it is always the adviser who judges.",
    ),
    "no_policy": Label(
        da="Der er ikke valgt visitationsregler. Siden viser kun risiko og varighed.",
        en="No visitation rules were chosen. Only risk and duration are shown.",
    ),
    "decide": Label(
        da="Anbefalingen er vejledende. Du afgør sagen, og du kan altid vælge noget andet.",
        en="The recommendation is advice. You decide, and you may always choose otherwise.",
    ),
    # About
    "trained": Label(
        da="Modellen er trænet på {kind} fra {count}.",
        en="The model is trained on {kind} from {count}.",
    ),
    "person": Label(da="1 person", en="1 person"),
    "persons": Label(da="{count} personer", en="{count} persons"),
    "only_these": Label(
        da="Modellen kender kun oplysningerne på denne side. Du kan vide mere.",
        en="The model knows only the facts on this page. You may know more.",
    ),
    "range_meaning": Label(
        da="Usikkerheden er beregnet, så den holder i 9 ud af 10 sager. Den dækker ikke tastefejl.",
        en="The uncertainty is set to hold in 9 cases out of 10. It leaves out typing errors.",
    ),
    "model_version": Label(da="Model: {version}.", en="Model: {version}."),
    "policy_version": Label(
        da="Regler: {name}, version {version}.", en="Rules: {name}, version {version}."
    ),
    "made_on": Label(da="Lavet {date}.", en="Made on {date}."),
    # Headings
    "title": Label(da="Sag {case}", en="Case {case}"),
    "h_recommendation": Label(da="Anbefaling", en="Recommendation"),
    "h_own": Label(da="Din egen vurdering", en="Your own judgement"),
    "h_risk": Label(da="Risiko", en="Risk"),
    "h_duration": Label(da="Varighed", en="Duration"),
    "h_weights": Label(da="Det lægger beregningen vægt på", en="What the figure rests on"),
    "h_missing": Label(da="Oplysninger, der mangler", en="Facts that are missing"),
    "h_asks": Label(da="Det kan du spørge om eller undersøge", en="What you could ask or check"),
    "h_facts": Label(da="Oplysninger i sagen", en="Facts in the case"),
    "h_not_for": Label(da="Det kan tallet ikke bruges til", en="What the figure is not for"),
    "h_about": Label(da="Om modellen og reglerne", en="About the model and the rules"),
    # Words on the pages
    "skip": Label(da="Gå til indholdet", en="Skip to the content"),
    "back": Label(da="Til arbejdslisten", en="To the worklist"),
    "in_short": Label(da="Kort fortalt", en="In short"),
    "this_case": Label(da="Denne sag", en="This case"),
    "typical_case": Label(da="Typisk sag", en="Typical case"),
    "uncertainty": Label(da="Usikkerhed", en="Uncertainty"),
    "advisers_band": Label(da="Rådgiverens bånd", en="The adviser's band"),
    "from_to": Label(da="{low} til {high}", en="{low} to {high}"),
    "risk_table": Label(da="Risiko i tal", en="The risk in figures"),
    "duration_table": Label(da="Varighed i tal", en="The duration in figures"),
    "expected_row": Label(da="Forventet varighed", en="Expected duration"),
    "range_row": Label(da="I 8 ud af 10 sager", en="In 8 out of 10 cases"),
    "mark_row": Label(
        da="Stadig sygemeldt efter uge {week}", en="Still sick-listed after week {week}"
    ),
    "weights_table": Label(
        da="Alle oplysninger, de største først", en="All facts, the largest first"
    ),
    "c_latest": Label(da="Senest uge", en="By week"),
    "c_contact": Label(da="Kontakt", en="Contact"),
    "c_fact": Label(da="Oplysning", en="Fact"),
    "c_value": Label(da="I denne sag", en="In this case"),
    "c_pulls": Label(da="Trækker", en="Pulls"),
    "c_points": Label(da="Procentpoint", en="Percentage points"),
    "axis_weeks": Label(da="Uger fra første fraværsdag", en="Weeks from the first day of absence"),
    "expected_mark": Label(da="Forventet {weeks}", en="Expected {weeks}"),
    "own_same": Label(da="Som anbefalet", en="As recommended"),
    "own_other": Label(da="Anden vurdering", en="Another judgement"),
    "own_why": Label(da="Begrundelse", en="Reasons"),
    "own_sign": Label(da="Dato og initialer", en="Date and initials"),
    # The worklist
    "worklist": Label(da="Arbejdsliste", en="Worklist"),
    "worklist_intro": Label(
        da="Risiko for stadig at være sygemeldt efter {weeks} (fra første fraværsdag).",
        en="Risk of still being sick-listed after {weeks} (from the first day of absence).",
    ),
    "worklist_decide": Label(
        da="Listen er vejledende. Det er rådgiveren, der afgør hver sag.",
        en="The list is advice. The adviser decides each case.",
    ),
    "counts": Label(da="Sager i hver gruppe", en="Cases in each group"),
    "case_one": Label(da="1 sag", en="1 case"),
    "case_many": Label(da="{count} sager", en="{count} cases"),
    "no_cases": Label(da="Der er ingen sager på listen.", en="There are no cases on the list."),
    "no_tier_group": Label(da="Uden anbefaling", en="Without a recommendation"),
    "not_scored": Label(da="ikke beregnet", en="not worked out"),
    "w_group": Label(da="Gruppe", en="Group"),
    "w_cases": Label(da="Sager", en="Cases"),
    "w_case": Label(da="Sag", en="Case"),
    "w_week": Label(da="Uge", en="Week"),
    "w_risk": Label(da="Risiko", en="Risk"),
    "w_range": Label(da="Usikkerhed", en="Uncertainty"),
    "w_expected": Label(da="Forventet varighed", en="Expected duration"),
    "w_reason": Label(da="Vigtigste regel", en="Deciding rule"),
    "w_missing": Label(da="Mangler", en="Missing"),
    "w_total": Label(da="I alt", en="In all"),
    # Figures
    "under": Label(da="under {figure}", en="under {figure}"),
    "over": Label(da="over {figure}", en="over {figure}"),
    "week": Label(da="{count} uge", en="{count} week"),
    "weeks": Label(da="{count} uger", en="{count} weeks"),
    "point": Label(da="{count} procentpoint", en="{count} percentage point"),
    "points": Label(da="{count} procentpoint", en="{count} percentage points"),
}

NOT_FOR: Final[tuple[Label, ...]] = (
    Label(
        da="Tallet må ikke bruges til at standse eller nedsætte sygedagpenge.",
        en="The figure must not be used to stop or cut sickness benefit.",
    ),
    Label(
        da="Tallet siger ikke, om borgeren er uarbejdsdygtig (sygedagpengelovens § 7).",
        en="The figure does not say whether the person is unable to work "
        "(§ 7 of the Sickness Benefit Act).",
    ),
    Label(
        da="Tallet viser sammenhænge i tidligere sager. Det siger ikke, hvorfor borgeren er syg.",
        en="The figure shows patterns in earlier cases. It does not say why the person is ill.",
    ),
    Label(
        da="Tallet siger ikke, om en samtale vil hjælpe.",
        en="The figure does not say whether a conversation would help.",
    ),
    Label(
        da="Tallet afgør ikke sagen. Beslutningen er rådgiverens.",
        en="The figure does not decide the case. The decision is the adviser's.",
    ),
)
