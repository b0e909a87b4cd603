"""What the thresholds report says of municipalities, groups and assumptions."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label

__all__ = ["GROUP_TEXTS"]

GROUP_TEXTS: Final[dict[str, Label]] = {
    "sites": Label("Kommunerne hver for sig", "Each municipality"),
    "sites_caption": Label(
        da="Politikkens tærskler i hver kommune",
        en="The policy's thresholds in each municipality",
    ),
    "site": Label("Kommune", "Municipality"),
    "cases_a_year": Label("Sager om året", "Cases a year"),
    "borrowed": Label(
        da="{sites}: under 30 egne afsluttede sager, så tallene er regnet på alle sager med "
        "kommunens antal om året. Forskelle i sagerne ses derfor ikke.",
        en="{sites}: fewer than 30 closed cases of their own, so the figures rest on all cases, "
        "with the municipality's number a year. So differences in the cases do not show.",
    ),
    "groups": Label("Grupper", "Groups"),
    "groups_text": Label(
        da='Hvem valget rammer ved tærsklerne {lower} og {upper}. "Vurderes" er sager, som '
        'ikke får den letteste indsats; "tilbydes samtaler" er sager fra den øvre tærskel og '
        'op. "Oversete" er lange forløb, der ikke vælges. "For lav risiko" er andelen af '
        "lange forløb minus den gennemsnitlige risiko: over nul er risikoen sat for lavt for "
        "gruppen.",
        en='Whom the choice falls on at {lower} and {upper}. "Looked at" are cases that do '
        'not get the lightest tier; "offered talks" are cases from the upper threshold up. '
        '"Missed" are long courses that are not chosen. "Risk too low" is the share of long '
        "courses minus the mean risk: above zero the risk is set too low for the group.",
    ),
    "groups_none": Label(
        da="Ingen gruppe skiller sig ud fra de andre, ud over hvad tilfældet kan give.",
        en="No group stands out from the others beyond what chance can give.",
    ),
    "groups_many": Label(
        da="Der er sammenlignet {n} grupper; ved så mange vil nogle skille sig ud ved et tilfælde.",
        en="{n} groups were compared; with so many, some stand out by chance.",
    ),
    "stands_out": Label(
        da="{field}, {level}: {figure} er {gap} procentpoint {direction} end for de andre "
        "({low} til {high}).",
        en="{field}, {level}: {figure} is {gap} percentage points {direction} than for the "
        "others ({low} to {high}).",
    ),
    "higher": Label("højere", "higher"),
    "lower_word": Label("lavere", "lower"),
    "at_lower": Label("Vurderes", "Looked at"),
    "at_upper": Label("Tilbydes samtaler", "Offered talks"),
    "level": Label("Gruppe", "Group"),
    "persons": Label("Personer", "Persons"),
    "selection_rate_lower": Label("Vurderes", "Looked at"),
    "selection_rate_upper": Label("Tilbydes samtaler", "Offered talks"),
    "miss_rate_lower": Label("Oversete, letteste indsats", "Missed, lightest tier"),
    "miss_rate_upper": Label("Oversete, ikke tilbudt samtaler", "Missed, not offered talks"),
    "false_alarm_rate_upper": Label("Korte forløb, der tilbydes", "Short courses offered"),
    "excess": Label("For lav risiko (procentpoint)", "Risk too low (percentage points)"),
    "missing_level": Label("(mangler)", "(missing)"),
    "too_few": Label("for få til at vise", "too few to show"),
    "about": Label("ca. {n}", "about {n}"),
    "equal": Label(
        da="Ens tærskler eller ens chance for at blive set",
        en="Equal thresholds or an equal chance of being seen",
    ),
    "equal_text": Label(
        da="Med én tærskel behandles ens risici ens. Så kan en gruppe få flere lange forløb "
        "overset end en anden. Med hver sin tærskel kan chancen gøres ens, men så behandles ens "
        "risici forskelligt. Begge dele på én gang kan sjældent lade sig gøre. Tabellen viser, "
        "hvad valget koster, med hvor tallene kan ligge; ved samme andel oversete er tærsklen selv "
        "fundet ud fra sagerne, så også den kunne være blevet en anden. Hvad der er lovligt og "
        "rimeligt, er ikke et regnestykke.",
        en="With one threshold like risks are treated alike. Then one group may have more long "
        "courses missed than another. With a threshold each, the chance can be made equal, but "
        "then like risks are treated differently. Both at once is rarely possible. The table "
        "shows what the choice costs, with where the figures may lie; for the same share missed "
        "the threshold itself is found from the cases, so it too could have come out "
        "differently. What is lawful and fair is not a calculation.",
    ),
    "equal_caption": Label(
        da="{field}: samme tærskel, og samme andel oversete",
        en="{field}: same threshold, and same share missed",
    ),
    "equal_same": Label("samme tærskel", "same threshold"),
    "equal_moved": Label("samme andel oversete", "same share missed"),
    "equal_people": Label("Tilbydes samtaler (personer)", "Offered talks (people)"),
    "equal_missed": Label(
        "Af 100 lange forløb: uden tilbud", "Of 100 long courses: without an offer"
    ),
    "equal_none": Label(
        da="Der er ingen grupper med personer nok til at sammenligne.",
        en="No groups have persons enough to compare.",
    ),
    "all_groups": Label("I alt", "In all"),
    "assumptions": Label("Hvad tallene bygger på", "What the figures rest on"),
    "assumptions_cases": Label(
        da="{cases} afsluttede sager ({persons} personer, {long} med et langt forløb), hver ved "
        "sin første vurdering.",
        en="{cases} closed cases ({persons} persons, {long} with a long course), each at its "
        "first assessment.",
    ),
    "assumptions_left_out": Label(
        da="{left_out} sager er ikke med: de havde ingen risiko, eller deres forløb var ikke "
        "fulgt længe nok. Andre som dem tæller mere i stedet.",
        en="{left_out} cases are left out: they had no risk, or were not followed for long "
        "enough. Others like them count for more instead.",
    ),
    "assumptions_courses": Label(
        da="Forløbene varer, som de gjorde under de gamle regler, hvor næsten alle fik "
        "samtaler. Ændrer samtaler varigheden, ændrer tallene sig; det kan kun ses bagefter, og "
        "bedst med en lodtrækning.",
        en="Courses last as they did under the old rules, when nearly everybody had talks. If "
        "talks change how long courses last, the figures change; that can only be seen "
        "afterwards, and best with a lot.",
    ),
    "assumptions_adviser": Label(
        da="Rådgiverne tilbyder samtaler til {share} af dem, der overlades til deres skøn.",
        en="Advisers offer talks to {share} of those left to their discretion.",
    ),
    "assumptions_caption": Label(
        da="Tal, som andre tal regnes af",
        en="Figures that others are worked out from",
    ),
    "assumption": Label("Forudsætning", "Assumption"),
    "figure": Label("Tal", "Figure"),
    "certainty": Label("Sikkerhed", "Certainty"),
    "source": Label("Kilde eller begrundelse", "Source or reason"),
    "own_count": Label("optalt", "counted"),
    "computed": Label("beregnet", "worked out"),
    "assumed": Label("antagelse", "assumption"),
    "inflow_of": Label("Nye sager om året, {site}", "New cases a year, {site}"),
    "minutes": Label(
        da="Minutter pr. samtale, og pr. sag i skønnet",
        en="Minutes a talk, and a case at discretion",
    ),
    "season": Label("Årstider: mindste og største måned", "Seasons: least and greatest month"),
    "adviser_offers": Label("Rådgiverne tilbyder samtaler til", "Advisers offer talks to"),
    "fits_rule": Label(
        da="Kapaciteten rækker: ventetid, andel af år",
        en="Capacity is enough: wait, share of years",
    ),
    "before": Label("Samtaler før 1. juli 2026 (uger)", "Talks before 1 July 2026 (weeks)"),
    "tier_weeks": Label('Samtaler i "{tier}" (uger)', 'Talks of "{tier}" (weeks)'),
    "replace": Label(
        da="Ret tallene i configs/inflow.yaml til kommunens egne, før tærskler vælges.",
        en="Put the municipality's own figures into configs/inflow.yaml before thresholds are "
        "chosen.",
    ),
}
