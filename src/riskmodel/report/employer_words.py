"""What the page about employers says, in both languages."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = ["EMPLOYER_TEXTS", "say_employers"]

EMPLOYER_TEXTS: Final[dict[str, Label]] = {
    "title": Label(
        da="Virksomheder, der kan have gavn af et besøg", en="Employers a visit may help"
    ),
    "context_letters": Label(
        da="Ingen af forløbene har en kendt længde, så virksomhederne er ikke sammenlignet.",
        en="No course has a known length, so the employers are not compared.",
    ),
    "context": Label(
        da="{courses} forløb fra {employers} virksomheder",
        en="{courses} courses from {employers} employers",
    ),
    "h_short": Label(da="Kort fortalt", en="In short"),
    "offer": Label(
        da="{n} virksomheder har flere forløb eller flere lange forløb, end deres størrelse og "
        "deres sager lader vente: {names}.",
        en="{n} employers have more courses, or more long ones, than their size and their cases "
        "lead one to expect: {names}.",
    ),
    "offer_one": Label(
        da="Én virksomhed har flere forløb eller flere lange forløb, end dens størrelse og dens "
        "sager lader vente: {names}.",
        en="One employer has more courses, or more long ones, than its size and its cases lead one "
        "to expect: {names}.",
    ),
    "offer_none": Label(
        da="Ingen virksomhed skiller sig ud fra det, man kunne vente.",
        en="No employer stands out from what was to be expected.",
    ),
    "care": Label(
        da="Et højt tal er ikke en fejl hos virksomheden. Arbejdets art, de ansattes alder og "
        "tilfældigheder kan ligge bag. Det siger, hvor et besøg med stor sandsynlighed kan hjælpe: "
        "spørg, hvad virksomheden har brug for.",
        en="A high figure is no fault of the employer. The kind of work, the age of the staff and "
        "chance may be behind it. It says where a visit is likely to help: ask what the employer "
        "needs.",
    ),
    "looks": Label(
        da="Der er set på {n} tal. En virksomhed nævnes kun, hvis den også skiller sig ud, når der "
        "tages højde for, at der er set efter mange gange: højst {rate} af de nævnte ventes at "
        "være tilfældige.",
        en="{n} figures were looked at. An employer is named only if it stands out even when the "
        "number of looks is allowed for: at most {rate} of those named are expected to be chance.",
    ),
    "small": Label(
        da="{n} virksomheder med færre end {cell} sygemeldte er ikke vist.",
        en="{n} employers with fewer than {cell} people sick-listed are not shown.",
    ),
    "small_one": Label(
        da="Én virksomhed med færre end {cell} sygemeldte er ikke vist.",
        en="One employer with fewer than {cell} people sick-listed is not shown.",
    ),
    "one_sided": Label(
        da="Kun virksomheder med flere forløb end ventet kan skille sig ud, for det er der, et "
        "besøg kan hjælpe. Færre end ventet er ikke et tegn på noget, der skal følges op.",
        en="Only employers with more courses than expected can stand out, as that is where a "
        "visit may help. Fewer than expected is no sign of anything to follow up.",
    ),
    "cut": Label(
        da="En trekant ved øverste kant ligger over skalaen; forholdet står i parentes.",
        en="A triangle at the upper edge lies beyond the scale; its ratio stands in brackets.",
    ),
    "h_many": Label(da="Antal forløb", en="Number of courses"),
    "many_intro": Label(
        da="Antal forløb sat i forhold til antal ansatte: {rate} forløb pr. 100 ansatte i alt. Det "
        "bygger på {n} forløb.",
        en="Courses beside staff: {rate} courses per 100 staff in all. That rests on {n} courses.",
    ),
    "many_intro_few": Label(
        da="Antal forløb sat i forhold til antal ansatte: {rate} forløb pr. 100 ansatte i alt. "
        "Hvor mange forløb det bygger på, er skjult.",
        en="Courses beside staff: {rate} courses per 100 staff in all. How many courses that rests "
        "on is hidden.",
    ),
    "few_heads": Label(
        da="Tallene er skjult, fordi færre end {cell} sygemeldte, eller en enkelt virksomheds, "
        "ville kunne ses.",
        en="The figures are hidden, since fewer than {cell} people sick-listed, or those of a "
        "single employer, would show.",
    ),
    "no_heads": Label(
        da="Antal ansatte er ikke oplyst, så det kan ikke siges, om nogen har mange forløb.",
        en="No headcount is given, so nothing can be said of many courses.",
    ),
    "h_long": Label(da="Lange forløb", en="Long courses"),
    "long_intro": Label(
        da="Forløb på mere end {weeks} uger sat i forhold til det, man kunne vente; i alt er "
        "{share} af {n} forløb så lange.",
        en="Courses of more than {weeks} weeks beside what was to be expected; {share} of {n} "
        "courses are that long.",
    ),
    "long_intro_few": Label(
        da="Forløb på mere end {weeks} uger sat i forhold til det, man kunne vente. Hvor mange det "
        "er i alt, er skjult, fordi færre end {cell} mennesker, eller en enkelt virksomheds, "
        "ville kunne ses.",
        en="Courses of more than {weeks} weeks beside what was to be expected. How many there are "
        "in all is hidden, since fewer than {cell} people, or those of a single employer, would "
        "show.",
    ),
    "by_case": Label(
        da="Det ventede tal følger den enkelte sags risiko.",
        en="The expected number follows each case's own risk.",
    ),
    "by_share": Label(
        da="Det ventede tal er den fælles andel; sagernes art er der ikke taget højde for "
        "(--scores gør det).",
        en="The expected number is the common share; the kind of cases is not allowed for "
        "(--scores does that).",
    ),
    "employer": Label(da="Virksomhed", en="Employer"),
    "observed": Label(da="Set", en="Seen"),
    "expected": Label(da="Ventet", en="Expected"),
    "ratio": Label(da="Forhold", en="Ratio"),
    "limits": Label(da="95 %-interval", en="95% interval"),
    "stands_out": Label(da="Skiller sig ud", en="Stands out"),
    "yes": Label(da="ja", en="yes"),
    "no": Label(da="nej", en="no"),
    "hidden": Label(da="skjult", en="hidden"),
    "hidden_note": Label(
        da="Tal, hvor færre end {cell} mennesker ville kunne ses, er skjult, og det samme er tal, "
        "de kunne regnes ud fra. Virksomheden kan godt være nævnt.",
        en="Figures in which fewer than {cell} people would show are hidden, and so are figures "
        "that these could be worked out from. The employer may still be named.",
    ),
    "across": Label(da="Hen ad: ventet antal", en="Across: expected number"),
    "up": Label(
        da="Op ad: set i forhold til ventet (1 er som ventet)",
        en="Up: seen beside expected (1 is as expected)",
    ),
    "inner": Label(da="19 af 20 ligger herimellem", en="19 of 20 lie within"),
    "outer": Label(da="998 af 1.000 ligger herimellem", en="998 of 1,000 lie within"),
    "picture": Label(
        da="{n} virksomheder efter ventet antal og forhold; {named} skiller sig ud.",
        en="{n} employers by expected number and ratio; {named} stand out.",
    ),
    "h_letters": Label(da="Servicebrev", en="Service letter"),
    "letters": Label(
        da="{letters} servicebreve til {employers} virksomheder; se letters.csv.",
        en="{letters} service letters to {employers} employers; see letters.csv.",
    ),
    "letters_none": Label(
        da="Politikken sender ikke brev til virksomheden.",
        en="The policy sends no letter to the employer.",
    ),
}


def say_employers(key: str, lang: Language, **values: object) -> str:
    """Return a text with its values filled in.

    Examples
    --------
    >>> say_employers("small", "en", n=3, cell=5)
    '3 employers with fewer than 5 people sick-listed are not shown.'
    """
    return EMPLOYER_TEXTS[key].text(lang).format(**values)
