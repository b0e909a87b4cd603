"""What a points form says, in both languages."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = ["SCORECARD_TEXTS", "say_scorecard"]

SCORECARD_TEXTS: Final[dict[str, Label]] = {
    "title": Label(
        da="Pointskema: risiko for et forløb på mere end {weeks}",
        en="Points form: risk of a course of more than {weeks}",
    ),
    "from_model": Label(
        da="Bruges, når modellen ikke er tilgængelig. Lavet ud fra model {source}, kodebog "
        "{codebook}.",
        en="For use when the model is not available. Made from model {source}, codebook "
        "{codebook}.",
    ),
    "from_points": Label(
        da="Pointene er fastsat på forhånd i {source} og ikke tilpasset sagerne. Kodebog "
        "{codebook}.",
        en="The points were set in advance in {source} and not fitted to cases. Codebook "
        "{codebook}.",
    ),
    "synthetic": Label(
        da="Lavet ud fra opdigtede sager: må ikke bruges på virkelige borgere.",
        en="Made from invented cases: not for use on real citizens.",
    ),
    "mark": Label(da="Syntetisk", en="Synthetic"),
    "how": Label(
        da="Sæt ét kryds i hver række ud fra det, der vides om sagen nu. Skriv krydsets point til "
        "højre, og læg pointene sammen.",
        en="Tick one box in each row, by what is known of the case now. Write its points to the "
        "right, and add them up.",
    ),
    "lines": Label(da="Spørgsmål og svar", en="Questions and answers"),
    "question": Label(da="Spørgsmål", en="Question"),
    "answer": Label(da="Svar og point", en="Answer and points"),
    "points": Label(da="Point", en="Points"),
    "total": Label(da="Point i alt (højst {most})", en="Points in all (at most {most})"),
    "missing": Label(da="ved ikke", en="not known"),
    "below": Label(da="under {high}", en="under {high}"),
    "from": Label(da="{low} eller mere", en="{low} or more"),
    "between": Label(da="{low} til under {high}", en="{low} to under {high}"),
    "too_many_missing": Label(
        da="Mangler svaret i mere end {n} rækker, bruges summen ikke. Så vurderer rådgiveren sagen "
        "uden point.",
        en="With answers missing in more than {n} rows the sum is not used. The adviser then "
        "judges the case without points.",
    ),
    "none_missing": Label(
        da="Mangler svaret i en række, bruges summen ikke. Så vurderer rådgiveren sagen uden "
        "point.",
        en="With an answer missing the sum is not used. The adviser then judges the case without "
        "points.",
    ),
    "h_sums": Label(da="Hvad summen svarer til", en="What the sum stands for"),
    "sum": Label(da="Sum", en="Sum"),
    "risk": Label(da="Risiko", en="Risk"),
    "sums_mean": Label(
        da="Risikoen er sandsynligheden for stadig at være sygemeldt efter {weeks}, regnet fra "
        "første fraværsdag. Tallene bygger på {n} vurderinger og er udjævnet over summerne.",
        en="The risk is the probability of still being sick-listed after {weeks}, counted from "
        "the first day of absence. The figures rest on {n} assessments, smoothed over the sums.",
    ),
    "no_sums": Label(
        da="Der er ingen sager at regne risikoen ud fra, så summen siger kun, hvilke sager der har "
        "flest point.",
        en="There were no cases to reckon risks from, so the sum only says which cases have most "
        "points.",
    ),
    "thresholds": Label(da="Grænser efter {policy}", en="Thresholds of {policy}"),
    "up_to": Label(da="Til og med {high} point", en="Up to {high} points"),
    "from_sum": Label(da="Fra {low} point", en="From {low} points"),
    "from_to_sum": Label(da="{low} til {high} point", en="{low} to {high} points"),
    "threshold_note": Label(
        da="Grænserne er {lower} og {upper}. Politikkens øvrige betingelser gælder stadig.",
        en="The thresholds are {lower} and {upper}. The policy's other conditions still hold.",
    ),
    "proposal": Label(
        da="Politikken er et forslag, der ikke er godkendt.",
        en="The policy is a proposal that nobody has approved.",
    ),
    "h_figures": Label(da="Hvor godt skemaet er", en="How good the form is"),
    "new cases": Label(
        da="Målt på {n} vurderinger af {persons} personer, som modellen ikke er lært op på; "
        "{long} af vurderingerne gælder lange forløb.",
        en="Measured on {n} assessments of {persons} persons that the model did not learn from; "
        "{long} of the assessments are of long courses.",
    ),
    "cross-validated": Label(
        da="Målt på {n} vurderinger af {persons} personer, holdt ude efter tur; {long} af "
        "vurderingerne gælder lange forløb.",
        en="Measured on {n} assessments of {persons} persons, held out in turn; {long} of the "
        "assessments are of long courses.",
    ),
    "unusable": Label(
        da="{n} vurderinger manglede for mange svar og er ikke med.",
        en="{n} assessments lacked too many answers and are left out.",
    ),
    "figure": Label(da="Mål", en="Figure"),
    "form": Label(da="Skemaet", en="The form"),
    "model": Label(da="Modellen", en="The model"),
    "lost": Label(da="Forskel", en="Difference"),
    "auc": Label(da="AUC (1 er perfekt, 0,5 er gæt)", en="AUC (1 is perfect, 0.5 is guessing)"),
    "brier": Label(
        da="Brier (0 er perfekt; andelen til alle giver {share})",
        en="Brier (0 is perfect; the share for everybody gives {share})",
    ),
    "calibration_in_the_large": Label(
        da="Kalibrering i gennemsnit (0 er perfekt)", en="Calibration in the large (0 is perfect)"
    ),
    "calibration_slope": Label(
        da="Kalibreringens hældning (1 er perfekt)", en="Calibration slope (1 is perfect)"
    ),
    "intervals": Label(
        da="I parentes 95 %-intervaller; en persons vurderinger følges ad.",
        en="In brackets 95% intervals; the assessments of a person are drawn together.",
    ),
    "difference": Label(
        da="Forskel er skemaet minus modellen.", en="Difference is the form minus the model."
    ),
    "not_measured": Label(
        da="Skemaets præcision er ikke målt: der var ingen sager med kendt udfald, eller for få.",
        en="The form's accuracy has not been measured: there were no cases with a known outcome, "
        "or too few.",
    ),
    "limits": Label(
        da="Pointene viser mønstre i tidligere sager og siger intet om årsager eller om, hvem der "
        "har gavn af kontakt. De afgør intet: rådgiveren vurderer sagen og begrunder sit valg.",
        en="The points show patterns in earlier cases and say nothing of causes or of who gains "
        "from contact. They decide nothing: the adviser judges the case and notes the reasons.",
    ),
    "case": Label(da="Sag", en="Case"),
    "date": Label(da="Dato", en="Date"),
    "by": Label(da="Udfyldt af", en="Filled in by"),
    "to": Label(da="{value} ({low} til {high})", en="{value} ({low} to {high})"),
    "weeks": Label(da="uger", en="weeks"),
    "days": Label(da="dage", en="days"),
    "years": Label(da="år", en="years"),
}


def say_scorecard(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the points form with its values filled in.

    Examples
    --------
    >>> say_scorecard("total", "en", most=20)
    'Points in all (at most 20)'
    """
    return SCORECARD_TEXTS[key].text(lang).format(**values)
