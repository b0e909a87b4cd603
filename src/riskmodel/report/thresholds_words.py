"""What the thresholds report says, in both languages.

Words of groups and assumptions stand in `thresholds_group_words`.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language
from riskmodel.report.thresholds_group_words import GROUP_TEXTS

__all__ = ["THRESHOLD_TEXTS", "say_threshold"]

THRESHOLD_TEXTS: Final[dict[str, Label]] = {
    "title": Label(
        da="Tærskler: hvad de fører til på et år",
        en="Thresholds: what they lead to in a year",
    ),
    "context": Label(
        da="Politik: {policy}. Model {model}. Langt forløb: stadig sygemeldt efter {weeks}.",
        en="Policy: {policy}. Model {model}. Long course: still sick-listed after {weeks}.",
    ),
    "short": Label("Kort fortalt", "In short"),
    "behind": Label("Tallene som tabel", "The figures as a table"),
    "proposal": Label(
        da="Med tærsklerne {lower} og {upper} tilbydes {offered} personer om året samtaler: "
        "{at_risk} fra den øvre tærskel og {share} af rådgiverens bånd. I alt overlades {adviser} "
        "til rådgiverens skøn, og {light} får den letteste indsats.",
        en="At the thresholds {lower} and {upper}, {offered} people a year are offered talks: "
        "{at_risk} from the upper threshold up, and {share} of the adviser's band. In all, "
        "{adviser} are left to the adviser's discretion, and {light} get the lightest tier.",
    ),
    "proposal_own": Label(
        da="{own} følger et eget spor uden for tærsklerne, for eksempel ledige og sager på "
        "standby.",
        en="{own} follow a track of their own outside the thresholds, such as unemployed people "
        "and cases on standby.",
    ),
    "number_hidden": Label("et antal, der ikke kan vises,", "a number that cannot be shown"),
    "proposal_talks": Label(
        da="Det bliver til {talks} samtaler om ugen og {hours} timer for rådgiverne. I de "
        "travleste uger er der {busy} samtaler.",
        en="That makes {talks} talks a week and {hours} hours for the advisers. In the busiest "
        "weeks there are {busy} talks.",
    ),
    "proposal_found": Label(
        da="Af 100 lange forløb tilbydes {found} samtaler, og {missed} får den letteste indsats.",
        en="Of 100 long courses, {found} are offered talks, and {missed} get the lightest tier.",
    ),
    "proposal_found_hidden": Label(
        da="Af 100 lange forløb tilbydes {found} samtaler. Hvor mange der får den letteste "
        "indsats, kan ikke vises: der er for få personer bag.",
        en="Of 100 long courses, {found} are offered talks. How many get the lightest tier "
        "cannot be shown: too few persons stand behind it.",
    ),
    "found_hidden": Label(
        da="Hvor mange lange forløb der findes, kan ikke vises: der er for få personer bag.",
        en="How many long courses are found cannot be shown: too few persons stand behind it.",
    ),
    "intervals": Label(
        da="I parentes står, hvor tallet kan ligge: det rummer både, hvilke {n} afsluttede "
        "sager der tilfældigvis indgår, og at et år kan bringe flere eller færre sager end "
        "ventet.",
        en="In brackets stands where the figure may lie: it holds both which {n} closed cases "
        "happen to be among them, and that a year may bring more or fewer cases than expected.",
    ),
    "little_light": Label(
        da="Næsten ingen får den letteste indsats. Det skyldes mest politikkens andre krav end "
        "risikoen, så tærsklerne alene ændrer ikke meget ved det.",
        en="Hardly anybody gets the lightest tier. That is mostly due to the policy's "
        "requirements other than the risk, so thresholds alone change little about it.",
    ),
    "decide": Label(
        da="Tallene siger, hvad der sker, hvis forløbene bliver som før. De siger ikke, hvad en "
        "samtale fører til, og de vælger ikke tærsklerne; det gør ledelsen.",
        en="The figures say what happens if courses go as they did. They do not say what a talk "
        "leads to, and they do not choose the thresholds; the management does.",
    ),
    "suggestion": Label("Forslag til tærskler", "Suggested thresholds"),
    "no_wish": Label(
        da="Der er ikke angivet, hvor mange samtaler der kan holdes, eller hvor stor en andel "
        "lange forløb der højst må få den letteste indsats. Derfor foreslås ingen tærskler.",
        en="Neither the talks that can be held nor the largest share of long courses that may "
        "get the lightest tier was given. So no thresholds are suggested.",
    ),
    "upper_fits": Label(
        da="Øvre tærskel: {value}. Det er den laveste, hvor {wish} rækker: ni ud af ti samtaler "
        "holdes senest {wait} efter, at de skulle, i {holds} af de simulerede år. Alt efter "
        "sager og år kunne svaret være blevet mellem {low} og {high}.",
        en="Upper threshold: {value}. It is the lowest at which {wish} are enough: nine in ten "
        "talks are held at most {wait} after they are due, in {holds} of the simulated years. By "
        "the cases and the year the answer could have come out between {low} and {high}.",
    ),
    "upper_all": Label(
        da="Øvre tærskel: {wish} rækker ved alle tærskler, selv hvis alle tilbydes samtaler. "
        "Kapaciteten sætter ingen grænse.",
        en="Upper threshold: {wish} are enough at every threshold, even if talks are offered to "
        "all. The capacity sets no limit.",
    ),
    "upper_none": Label(
        da="Ingen øvre tærskel passer: {wish} rækker ikke. Selv ved 99\N{NO-BREAK SPACE}%, hvor "
        "næsten ingen tilbydes samtaler på grund af risikoen, kræver politikken {least} om ugen: "
        "samtaler, som den planlægger uanset risikoen, og dem, som rådgiverne tilbyder efter "
        "eget skøn. Der skal flere timer til, eller politikken skal planlægge færre samtaler.",
        en="No upper threshold fits: {wish} are not enough. Even at 99%, where hardly anybody "
        "is offered talks because of the risk, the policy asks for {least} a week: talks that it "
        "plans whatever the risk, and those that advisers offer at their discretion. It takes "
        "more hours, or a policy that plans fewer talks.",
    ),
    "lower_fits": Label(
        da="Nedre tærskel: {value}. Det er den højeste, hvor højst {wish} af de lange forløb "
        "får den letteste indsats, i {holds} af genberegningerne. Alt efter hvilke sager der "
        "indgår, kunne svaret være blevet mellem {low} og {high}.",
        en="Lower threshold: {value}. It is the highest at which at most {wish} of the long "
        "courses get the lightest tier, in {holds} of the recalculations. By which cases are "
        "among them the answer could have come out between {low} and {high}.",
    ),
    "lower_all": Label(
        da="Nedre tærskel: Ønsket er opfyldt ved enhver nedre tærskel op til den øvre: aldrig mere "
        "end {wish} af de lange forløb får den letteste indsats, fordi politikkens andre krav "
        "holder de fleste ude. Derfor beholdes politikkens nuværende nedre tærskel.",
        en="Lower threshold: the wish is met at every lower threshold up to the upper one: never "
        "more than {wish} of the long courses get the lightest tier, as the policy's other "
        "requirements keep most out. So the policy's present lower threshold is kept.",
    ),
    "lower_none": Label(
        da="Ingen nedre tærskel passer: Selv ved 1\N{NO-BREAK SPACE}% får mere end {wish} af de "
        "lange forløb den letteste indsats, eller der er for få sager til at være sikker nok.",
        en="No lower threshold fits: even at 1% more than {wish} of the long courses get the "
        "lightest tier, or there are too few cases to be sure enough.",
    ),
    "together": Label(
        da="Med tærsklerne {lower} og {upper} bliver det {talks} samtaler om ugen, og af 100 "
        "lange forløb tilbydes {found} samtaler.",
        en="With the thresholds {lower} and {upper} it makes {talks} talks a week, and of 100 "
        "long courses {found} are offered talks.",
    ),
    "lower_follows": Label(
        da="Den nedre tærskel følger den øvre ned, for den kan ikke ligge over den.",
        en="The lower threshold follows the upper one down, for it cannot lie above it.",
    ),
    "together_hidden": Label(
        da="Med tærsklerne {lower} og {upper} bliver det {talks} samtaler om ugen. Hvor mange "
        "lange forløb der nås, kan ikke vises: der er for få personer bag.",
        en="With the thresholds {lower} and {upper} it makes {talks} talks a week. How many "
        "long courses are reached cannot be shown: too few persons stand behind it.",
    ),
    "short_suggested": Label(
        da="Forslag: {lower} og {upper}. Det giver {talks} samtaler om ugen, og af 100 lange "
        "forløb tilbydes {found} samtaler.",
        en="Suggested: {lower} and {upper}. That gives {talks} talks a week, and of 100 long "
        "courses {found} are offered talks.",
    ),
    "wish_talks": Label("{n} samtaler om ugen", "{n} talks a week"),
    "wish_hours": Label("{n} timer om ugen", "{n} hours a week"),
    "of_hundred": Label("{n} ud af 100", "{n} in 100"),
    "rules": Label("Reglerne side om side", "The rules side by side"),
    "rules_text": Label(
        da="De andre regler giver de samme samtaler til dem, de vælger: samtalerne i "
        '"{tier}". Kun reglerne før 1. juli 2026 har deres egen række samtaler, med alle.',
        en='The other rules give the same talks to those they choose: the talks of "{tier}". '
        "Only the rules before 1 July 2026 have a row of talks of their own, with everybody.",
    ),
    "rule_policy": Label("Politikken ({lower} og {upper})", "The policy ({lower} and {upper})"),
    "rule_suggested": Label("Forslaget ({lower} og {upper})", "Suggested ({lower} and {upper})"),
    "rule_before_july_2026": Label("Før 1. juli 2026: alle", "Before 1 July 2026: everybody"),
    "rule_gate": Label("Lovens betingelser alene", "The law's conditions alone"),
    "rule_citizen": Label("Borgerens egen forventning", "The citizen's own expectation"),
    "rules_caption": Label("Et år under hver regel", "A year under each rule"),
    "rule": Label("Regel", "Rule"),
    "lower": Label("Nedre tærskel", "Lower threshold"),
    "upper": Label("Øvre tærskel", "Upper threshold"),
    "light": Label("Letteste indsats (personer)", "Lightest tier (people)"),
    "adviser": Label("Rådgiverens skøn (personer)", "Adviser's discretion (people)"),
    "offered": Label("Tilbydes samtaler (personer)", "Offered talks (people)"),
    "offered_note": Label(
        da='"Tilbydes samtaler" er i alle tal de samme: alle fra den øvre tærskel og {share} af '
        "dem, der overlades til rådgiverens skøn. Den andel er en antagelse; ret den i filen "
        "om tilgangen. Samtaler og timer om ugen tæller desuden det, politikken planlægger i sine "
        "øvrige indsatser.",
        en='"Offered talks" means the same people in all figures: everybody from the upper '
        "threshold up, and {share} of those left to the adviser's discretion. That share is an "
        "assumption; change it in the file of the inflow. Talks and hours a week also count what "
        "the policy plans in its other tiers.",
    ),
    "without_discretion": Label(
        da="Tilbydes uden skøn (personer)", en="Offered without discretion (people)"
    ),
    "without_discretion_note": Label(
        da='"Tilbydes uden skøn" er i politikken dem fra den øvre tærskel; hos regler uden '
        "tærskler er det dem, reglen selv vælger.",
        en='"Offered without discretion" are in the policy those from the upper threshold up; '
        "under rules without thresholds they are those that the rule itself chooses.",
    ),
    "at_risk": Label("Fra den øvre tærskel (personer)", "From the upper threshold up (people)"),
    "talks": Label("Samtaler om ugen", "Talks a week"),
    "hours": Label("Timer om ugen", "Hours a week"),
    "busy": Label("Samtaler i de travleste uger", "Talks in the busiest weeks"),
    "found": Label("Af 100 lange forløb: tilbydes samtaler", "Of 100 long courses: offered talks"),
    "missed": Label("Af 100 lange forløb: letteste indsats", "Of 100 long courses: lightest tier"),
    "long_at_risk": Label(
        "Lange forløb: fra den øvre tærskel", "Long courses: from the upper threshold up"
    ),
    "long_adviser": Label("Lange forløb: rådgiverens skøn", "Long courses: adviser's discretion"),
    "long_light": Label("Lange forløb: letteste indsats", "Long courses: lightest tier"),
    "short_talks": Label(
        da="Samtaler om året i forløb, der viste sig korte",
        en="Talks a year in courses that proved short",
    ),
    "wait": Label("Ni ud af ti samtaler holdes inden for", "Nine in ten talks are held within"),
    "fits": Label("År, hvor kapaciteten rækker", "Years in which the capacity is enough"),
    "hidden": Label("skjult", "hidden"),
    "unknown": Label("\N{EN DASH}", "\N{EN DASH}"),
    "over_year": Label("over et år", "over a year"),
    "same_week": Label("samme uge", "the same week"),
    "interval": Label("{value} ({low} til {high})", "{value} ({low} to {high})"),
    "steps_left_out": Label(
        "{n} grænser er udeladt: trukket fra rækkerne ved siden af ville de vise færre end fem "
        "personer.",
        "{n} thresholds are left out: subtracted from the rows beside them they would show fewer "
        "than five persons.",
    ),
    "hidden_note": Label(
        da='"skjult": under fem personer står bag tallet, eller det ville røbe et sådant tal.',
        en='"hidden": fewer than five persons stand behind the figure, or it would give such '
        "a figure away.",
    ),
    "needless_note": Label(
        da="Samtaler i forløb, der viste sig korte, er ikke nødvendigvis spildt: Ingen ved, "
        "hvad der var sket uden dem.",
        en="Talks in courses that proved short are not necessarily wasted: nobody knows what "
        "would have happened without them.",
    ),
    "by_upper": Label(
        da="Den øvre tærskel: hvem tilbydes samtaler",
        en="The upper threshold: who is offered talks",
    ),
    "by_upper_text": Label(
        da="Fra den øvre tærskel tilbydes samtaler. Jo lavere den er, jo flere samtaler og jo "
        "flere lange forløb nås. Den nedre tærskel er {lower}, eller den øvre, hvor den er "
        "lavere.",
        en="From the upper threshold up, talks are offered. The lower it is, the more talks, "
        "and the more long courses are reached. The lower threshold is {lower}, or the upper one "
        "where that is lower.",
    ),
    "by_upper_picture": Label(
        da="Samtaler om ugen (øverst) og lange forløb, der tilbydes samtaler (nederst), ved "
        "hver øvre tærskel. Prikkede linjer: politikkens tærskel, og forslaget, hvis der er et.",
        en="Talks a week (above) and long courses that are offered talks (below), at each upper "
        "threshold. Dotted lines: the policy's threshold, and the suggested one if any.",
    ),
    "by_lower": Label(
        da="Den nedre tærskel: hvem får den letteste indsats",
        en="The lower threshold: who gets the lightest tier",
    ),
    "by_lower_text": Label(
        da="Under den nedre tærskel får sagen den letteste indsats, hvis politikkens andre krav "
        "også er opfyldt. Jo højere den er, jo færre sager skal rådgiveren se på, og jo flere "
        "lange forløb overses. Den øvre tærskel er {upper}, eller den nedre, hvor den er højere.",
        en="Below the lower threshold a case gets the lightest tier if the policy's other "
        "requirements are met too. The higher it is, the fewer cases the adviser has to look at, "
        "and the more long courses are missed. The upper threshold is {upper}, or the lower one "
        "where that is higher.",
    ),
    "by_lower_picture": Label(
        da="Personer med den letteste indsats (øverst) og lange forløb blandt dem (nederst), "
        "ved hver nedre tærskel. Prikkede linjer: politikkens tærskel, og forslaget, hvis der er "
        "et. Huller: for få personer til at vise.",
        en="People with the lightest tier (above) and long courses among them (below), at each "
        "lower threshold. Dotted lines: the policy's threshold, and the suggested one if any. "
        "Gaps: too few persons to show.",
    ),
    "queue": Label("Hen over året", "Over the year"),
    "queue_text": Label(
        da="Simuleret uge for uge: sagerne kommer tilfældigt og med årstidens udsving, og hver "
        "samtale skal holdes i sin uge. Det, der ikke kan nås, venter i kø. Året begynder uden "
        "kø.",
        en="Simulated week by week: cases come by chance and with the seasons, and each talk is "
        "due in its week. What cannot be managed waits in line. The year begins without a line.",
    ),
    "queue_figures": Label(
        da="Med tærsklerne {lower} og {upper} holdes halvdelen af samtalerne inden for {median} "
        "og ni ud af ti inden for {long}. Når året er gået, venter {backlog}.",
        en="With the thresholds {lower} and {upper} half of the talks are held within {median} "
        "and nine in ten within {long}. When the year is over, {backlog} are waiting.",
    ),
    "waiting_talks": Label("{n} samtaler", "{n} talks"),
    "waiting_hours": Label("{n} timers arbejde", "{n} hours of work"),
    "queue_unknown": Label(
        da="Uden en kapacitet er der ingen kø at regne på; her ses kun, hvornår samtalerne falder.",
        en="Without a capacity there is no line to work out; this shows only when the talks fall.",
    ),
    "queue_picture": Label(
        da="Samtaler, der falder i hver uge, og samtaler, der venter.",
        en="Talks due in each week, and talks waiting.",
    ),
    "queue_picture_hours": Label(
        da="Timer, der falder i hver uge, og timer, der venter.",
        en="Hours due in each week, and hours waiting.",
    ),
    "queue_caption": Label(
        da="Uge for uge (midterste år, 95\N{NO-BREAK SPACE}% af årene)",
        en="Week by week (median year, 95% of years)",
    ),
    "week": Label("Uge", "Week"),
    "due": Label("Falder i ugen", "Due in the week"),
    "waiting": Label("Venter ved ugens slutning", "Waiting at the end of the week"),
    "curve": Label("Er det umagen værd?", "Is it worth the trouble?"),
    "curve_text": Label(
        da="Ved en tærskel på 20\N{NO-BREAK SPACE}% siger man, at fire forgæves samtaleforløb "
        "er prisen værd for at nå ét langt forløb; ved 50\N{NO-BREAK SPACE}% kun ét. "
        "Nettogevinsten tæller de lange forløb, der nås, og trækker de forgæves fra efter den "
        "pris. Højere er bedre, og nul er det samme som ingen samtaler.",
        en="A threshold of 20% says that four courses of talks in vain are worth it to reach "
        "one long course; at 50% only one. Net benefit counts the long courses reached and takes "
        "off those in vain at that price. Higher is better, and zero is the same as no talks.",
    ),
    "curve_low": Label(
        da="Politikken ligger lavere end risikoen alene, hvor den sender mange til rådgiverens "
        "skøn: her er regnet med, at rådgiveren tilbyder samtaler til {share} af dem, valgt uden "
        "hensyn til risikoen. Vælger rådgiverne bedre end det, er politikken bedre end vist.",
        en="The policy lies below the risk alone where it sends many to the adviser's "
        "discretion: here the adviser offers talks to {share} of them, chosen without regard to "
        "the risk. If advisers choose better than that, the policy is better than shown.",
    ),
    "curve_picture": Label(
        da="Nettogevinst ved hver øvre tærskel.",
        en="Net benefit at each upper threshold.",
    ),
    "net_policy": Label("politikken", "the policy"),
    "net_risk": Label("risikoen alene", "the risk alone"),
    "net_everybody": Label("alle tilbydes", "offered to all"),
    "net_citizen": Label("borgerens forventning", "citizen's expectation"),
    "net_none": Label("ingen tilbydes", "offered to none"),
    "net_axis": Label("Nettogevinst", "Net benefit"),
    **GROUP_TEXTS,
}


def say_threshold(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the thresholds report with its values filled in.

    Examples
    --------
    >>> say_threshold("of_hundred", "en", n=5)
    '5 in 100'
    """
    return THRESHOLD_TEXTS[key].text(lang).format(**values)
