"""What the review report says, in both languages."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = ["REVIEW_TEXTS", "say_review"]

REVIEW_TEXTS: Final[dict[str, Label]] = {
    "title": Label(da="Gennemgang af afsluttede sager", en="Review of closed cases"),
    "intro": Label(
        da="Rapporten beskriver {n} sager og de to læseres svar. Den vælger ingen kriterier: hvert "
        "spørgsmål står for sig, med usikkerhed, og rækkefølgen er kodebogens.",
        en="The report describes {n} cases and the two reviewers' answers. It selects no criteria: "
        "each question stands alone, with its uncertainty, in the order of the codebook.",
    ),
    "open": Label(
        da="{n} svar er ikke afgjort endnu og tæller som manglende.",
        en="{n} answers have not been settled yet and count as missing.",
    ),
    "h_flow": Label(da="Sagernes vej", en="Flow of cases"),
    "frame": Label(da="Sager, der kunne udtrækkes", en="Cases that could be drawn"),
    "drawn": Label(da="Udtrukket", en="Drawn"),
    "listed": Label(da="Læst af mindst én", en="Read by at least one reviewer"),
    "double": Label(da="Læst af to", en="Read by two reviewers"),
    "estimated": Label(da="Med eget skøn efter pakke 1", en="With an own estimate after packet 1"),
    "later": Label(da="Fortsat sygemeldt i uge {week}", en="Still sick-listed in week {week}"),
    "outcome_known": Label(da="Kendt udfald", en="Outcome known"),
    "long_course": Label(da="Længere end {weeks}", en="Longer than {weeks}"),
    "steps": Label(da="Sager ved hvert trin", en="Cases at each step"),
    "at_most": Label(da="højst {value}", en="at most {value}"),
    "more_than": Label(da="over {value}", en="over {value}"),
    "over_up_to": Label(da="over {low} til {high}", en="over {low} to {high}"),
    "higher_in": Label(da="Højest i {site}", en="Higher in {site}"),
    "step": Label(da="Trin", en="Step"),
    "site": Label(da="Kommune", en="Municipality"),
    "sites": Label(da="Sager pr. kommune", en="Cases per municipality"),
    "hidden": Label(da="skjult", en="hidden"),
    "hidden_note": Label(
        da="Antal under {n} er skjult, og det samme er tal, som de kunne regnes ud af.",
        en="Counts under {n}, and those from which they would follow, are hidden.",
    ),
    "h_agreement": Label(da="Er læserne enige?", en="Do the reviewers agree?"),
    "agreement_intro": Label(
        da="Kappa for kategorier, vægtet kappa for trin, ICC for tal: 1 er fuld enighed, 0 er det, "
        "man får ved ren tilfældighed. Brugbart fra {usable}, omformuleres fra {reword}, ellers "
        "udgår spørgsmålet eller erstattes af noget, der kan ses. For usikkert betyder, at "
        "intervallet går ned til 0, så enigheden kan være tilfældig. AC1 er høj, også når ét "
        "svar er sjældent.",
        en="Kappa for categories, weighted kappa for ordered levels, ICC for numbers: 1 is full "
        "agreement, 0 is chance. Usable from {usable}, to be reworded from {reword}, otherwise "
        "dropped or replaced by something observable. Too uncertain: the interval reaches down to "
        "0, so that the agreement may be chance. AC1 stays high where one answer is rare.",
    ),
    "usable": Label(da="Brugbart", en="Usable"),
    "usable_not_in": Label(da="Brugbart, men ikke i {sites}", en="Usable, but not in {sites}"),
    "uncertain": Label(da="For usikkert", en="Too uncertain"),
    "at_least": Label(da="mindst {value}", en="at least {value}"),
    "reword": Label(da="Omformuleres", en="Reword"),
    "drop": Label(da="Udgår", en="Drop"),
    "one_value": Label(da="Kun ét svar", en="One answer only"),
    "too_few": Label(da="For få sager", en="Too few cases"),
    "question": Label(da="Spørgsmål", en="Question"),
    "pairs": Label(da="Sager", en="Cases"),
    "figure": Label(da="Enighed", en="Agreement"),
    "ac1": Label(da="AC1", en="AC1"),
    "verdict": Label(da="Vurdering", en="Verdict"),
    "by_site": Label(da="Pr. kommune", en="By municipality"),
    "h_fields": Label(da="Hvad kunne besvares?", en="What could be answered?"),
    "value": Label(da="Svar", en="Answered"),
    "not_stated": Label(da="Ikke oplyst", en="Not stated"),
    "not_applicable": Label(da="Ikke relevant", en="Not applicable"),
    "unanswered": Label(da="Tomt", en="Left empty"),
    "unsettled": Label(da="Uafgjort", en="Unsettled"),
    "spread": Label(da="Fordeling", en="Distribution"),
    "quartiles": Label(
        da="midterste værdi {median}; halvdelen ligger fra {low} til {high}",
        en="middle value {median}; half of them from {low} to {high}",
    ),
    "h_indicators": Label(da="Kendetegn og lange forløb", en="Indicators and long courses"),
    "indicators_intro": Label(
        da="Hvert kendetegn for sig, som det var kendt ved opstart. Tallet er sandsynligheden for, "
        "at et langt forløb har den højeste værdi af to: 50 % siger intet. Ved siden af står "
        "retningen fra forskningen. Et kendetegn er ikke bedre, fordi tallet her er højere: med "
        "så mange spørgsmål og så få sager er nogle høje ved ren tilfældighed.",
        en="Each indicator alone, as known at intake. The figure is the probability that the long "
        "one of two courses has the higher value: 50% tells nothing. The sign from research "
        "stands beside it. An indicator is no better because its figure is higher here: with so "
        "many questions and so few cases some are high by chance.",
    ),
    "expected_by_chance": Label(
        da="Af {n} kendetegn med et interval vil omkring {chance} ved ren tilfældighed ligge "
        "helt på den ene side af 50 %.",
        en="Of {n} indicators with an interval, about {chance} will lie wholly on one side of 50% "
        "by chance.",
    ),
    "superiority": Label(da="Højest ved langt forløb", en="Higher in the long course"),
    "prior": Label(da="Forskning", en="Research"),
    "found": Label(da="Her", en="Here"),
    "increasing": Label(da="op", en="up"),
    "decreasing": Label(da="ned", en="down"),
    "none": Label(da="uklart", en="unclear"),
    "levels": Label(da="Lange forløb pr. svar", en="Long courses by answer"),
    "of": Label(da="{share} af {n} ({low} til {high})", en="{share} of {n} ({low} to {high})"),
    "h_judges": Label(da="Hvad kunne man forudse?", en="What could be foreseen?"),
    "judges_intro": Label(
        da="Læsernes egne skøn, skrevet før udfaldet var kendt, sammenlignet med to enkle "
        "regler på de samme sager. AUC: 0,5 siger intet, 1 er perfekt. Brier: 0 er perfekt; "
        "sammenlign med andelen til alle. Skøn minus andel: det gennemsnitlige skøn minus andelen "
        "af lange forløb. Over 0 er skønnet for højt, under 0 er det for lavt.",
        en="The reviewers' own estimates, written before the outcome was known, against two simple "
        "rules on the same cases. AUC: 0.5 tells nothing, 1 is perfect. Brier: 0 is perfect; "
        "compare with the share for everybody. Estimate minus share: the mean estimate minus the "
        "share of long courses. Above 0 the estimates are too high, below 0 too low.",
    ),
    "judge": Label(da="Hvem", en="Who"),
    "reviewer": Label(da="Læser {code}", en="Reviewer {code}"),
    "both": Label(da="Gennemsnit af de to", en="Mean of the two"),
    "citizen": Label(da="Borgerens egen forventning", en="The citizen's own expectation"),
    "fixed_score": Label(da="Faste point", en="Points given in advance"),
    "share": Label(da="Andelen til alle", en="The share for everybody"),
    "auc": Label(da="AUC", en="AUC"),
    "brier": Label(da="Brier", en="Brier"),
    "too_high": Label(da="Skøn minus andel", en="Estimate minus share"),
    "bins_hidden": Label(
        da="Grupper med færre end {n} lange eller {n} korte forløb står ikke i tabellen.",
        en="Groups with fewer than {n} long or {n} short courses are not in the table.",
    ),
    "needed_floor": Label(
        da="Med få parametre er det samme antal, fordi alene andelen af lange forløb kræver så "
        "mange sager for at være kendt på ±5 procentpoint.",
        en="With few parameters the number is the same, since the share of long courses alone "
        "takes so many cases to be known to ±5 percentage points.",
    ),
    "offered": Label(da="Ville tilbyde kontakt", en="Would offer contact"),
    "calibration": Label(da="Skøn og udfald", en="Estimate and outcome"),
    "foreseen": Label(da="Skøn i gennemsnit", en="Mean estimate"),
    "observed": Label(da="Lange forløb", en="Long courses"),
    "h_sites": Label(da="Forskelle mellem kommunerne", en="Differences between the sites"),
    "sites_intro": Label(
        da="Sandsynligheden for, at en sag fra {site} har en højere værdi end en sag fra {other}. "
        "50 % er ingen forskel. Forskelle kan komme af sagerne, af journalerne eller af læserne.",
        en="The probability that a case from {site} has a higher value than one from {other}. 50% "
        "is no difference. Differences may come from the cases, the files or the reviewers.",
    ),
    "h_limits": Label(da="Hvad {n} sager ikke kan vise", en="What {n} cases cannot show"),
    "limits_model": Label(
        da="Med {n} sager, heraf {long} lange, kan en model bære {parameters} parametre. Den er "
        "derfor ikke lavet her, og kendetegn er ikke valgt ud fra deres tal.",
        en="{n} cases, {long} of them long, carry a model with {parameters} parameters. So none is "
        "made here, and no indicator is chosen by its figure.",
    ),
    "limits_width": Label(
        da="Usikkerheden er ±{share} procentpoint på andelen af lange forløb, ±{auc} på en AUC på "
        "{foreseen} og ±{kappa} på en kappa på {usable}.",
        en="The uncertainty is ±{share} percentage points on the share of long courses, ±{auc} on "
        "an AUC of {foreseen} and ±{kappa} on a kappa of {usable}.",
    ),
    "limits_need": Label(
        da="For ±0,10 skal der {auc} sager til AUC og {kappa} til kappa.",
        en="For ±0.10 it takes {auc} cases for the AUC and {kappa} for kappa.",
    ),
    "parameters": Label(da="Parametre", en="Parameters"),
    "needed": Label(da="Sager, der skal til", en="Cases it takes"),
    "shrinkage": Label(da="Krympning ved {n} sager", en="Shrinkage with {n} cases"),
    "balanced": Label(
        da="Sagerne er udtrukket efter udfald. Andelen af lange forløb er derfor ikke kommunens, "
        "men AUC og enighed påvirkes ikke af det. Brier og skøn minus andel gælder de "
        "udtrukne sager, ikke alle.",
        en="The cases were drawn by outcome. The share of long courses is therefore not that of "
        "the municipality; AUC and agreement are not affected. Brier and estimate minus share "
        "hold for the cases drawn, not for all.",
    ),
    "not_for": Label(
        da="Tallene beskriver sager, ikke mennesker, og siger intet om årsager eller om, hvem der "
        "har gavn af kontakt.",
        en="The figures describe cases, not people, and say nothing of causes or of who gains "
        "from contact.",
    ),
    "made_from": Label(
        da="Kodebog {codebook}. Intervallerne er på 95 %.",
        en="Codebook {codebook}. Intervals are 95%.",
    ),
    "to": Label(da="{value} ({low} til {high})", en="{value} ({low} to {high})"),
    "synthetic": Label(
        da="Opdigtede sager: tallene siger intet om virkelige borgere.",
        en="Invented cases: the figures say nothing of real citizens.",
    ),
    "mark": Label(da="Syntetisk", en="Synthetic"),
}


def say_review(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the review report with its values filled in.

    Examples
    --------
    >>> say_review("reviewer", "en", code="L1")
    'Reviewer L1'
    """
    return REVIEW_TEXTS[key].text(lang).format(**values)
